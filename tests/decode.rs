//! Every kind of recording against the signal it was made from, and everything that can be wrong
//! with one.

use crate::util::{Desk, root, wav};
use aloud::decode::{self, DecodeError, Decoder};
use aloud::reason::Reason;
use aloud::time::Timestamp;
use std::fs;
use std::io::Cursor;

const RATE: usize = 16_000;

fn bytes(name: &str) -> Vec<u8> {
    fs::read(root().join("tests/data/audio").join(name)).unwrap()
}

fn opened(bytes: Vec<u8>, name: &str) -> Result<Decoder, DecodeError> {
    Decoder::from_reader(Cursor::new(bytes), name)
}

/// All of its sound from where it stands.
fn rest(decoder: &mut Decoder) -> Vec<f32> {
    let mut samples = Vec::new();
    while let Some(block) = decoder.next_block().unwrap() {
        samples.extend_from_slice(block);
    }
    samples
}

fn sound(name: &str) -> Vec<f32> {
    rest(&mut opened(bytes(name), name).unwrap())
}

/// The correlation of two signals where `b` is `lag` samples late.
fn correlation(a: &[f32], b: &[f32], lag: isize) -> f64 {
    let (a, b) = if lag < 0 {
        (&a[lag.unsigned_abs()..], b)
    } else {
        (a, &b[lag.unsigned_abs().min(b.len())..])
    };
    let (mut ab, mut aa, mut bb) = (0.0, 0.0, 0.0);
    for (x, y) in a.iter().zip(b) {
        let (x, y) = (f64::from(*x), f64::from(*y));
        ab += x * y;
        aa += x * x;
        bb += y * y;
    }
    ab / (aa * bb).sqrt().max(1e-12)
}

/// Each row: the file, its codec's name, how long it is in milliseconds, whether it says itself
/// where its sound begins (if not, the encoder's delay of at most 50 ms may precede it), and the
/// least correlation.
#[test]
fn every_kind_of_recording() {
    const FULL: u64 = 1493;
    let source = sound("source.flac");
    let mut failures = String::new();
    for (file, millis, is_exact, least) in [
        ("mp3-cbr.mp3", FULL, false, 0.99),
        ("mp3-lame.mp3", FULL, true, 0.99),
        ("mp3-vbr-xing.mp3", FULL, true, 0.99),
        ("mp3-vbr.mp3", FULL, false, 0.99),
        ("mp3-vbr-crc.mp3", FULL, false, 0.99),
        ("mpeg.mp2", FULL, false, 0.99),
        ("aac.m4a", FULL, true, 0.99),
        ("aac.aac", FULL, false, 0.99),
        ("aac-fragmented.mp4", FULL, true, 0.99),
        ("aac.mkv", FULL, true, 0.99),
        // Its upper bands are made up from the lower ones; ffmpeg's sound is no nearer.
        ("he-aac.m4a", FULL, true, 0.97),
        ("he-aac-hidden.m4a", FULL, true, 0.97),
        ("he-aac-v2.m4a", FULL, true, 0.97),
        ("he-aac.aac", FULL, false, 0.97),
        ("aac-surround.m4a", 500, true, 0.99),
        ("alac.m4a", 500, true, 0.999),
        ("alac.caf", 500, true, 0.999),
        ("video.mp4", FULL, true, 0.99),
        ("video.mkv", 600, true, 0.999),
        ("vorbis.ogg", FULL, true, 0.99),
        ("vorbis.webm", FULL, true, 0.99),
        ("opus.opus", FULL, true, 0.99),
        ("opus.webm", FULL, true, 0.99),
        ("flac.ogg", 500, true, 0.999),
        ("wav-8.wav", 250, true, 0.99),
        ("wav-16.wav", 250, true, 0.999),
        ("wav-24.wav", 250, true, 0.999),
        ("wav-32.wav", 250, true, 0.999),
        ("wav-float.wav", 250, true, 0.999),
        ("wav-extensible.wav", 250, true, 0.999),
        ("wav-alaw.wav", 250, true, 0.99),
        ("wav-adpcm.wav", 250, true, 0.99),
        ("aiff.aiff", 250, true, 0.999),
        ("caf.caf", 250, true, 0.999),
    ] {
        if file.starts_with("opus") && cfg!(not(feature = "opus")) {
            let refused = opened(bytes(file), file).err().map(Reason::from).unwrap();
            assert!(refused.why.contains("Opus"), "{refused}");
            assert!(refused.hint.is_some_and(|hint| hint.contains("ffmpeg")));
            continue;
        }
        let mut decoder = opened(bytes(file), file).unwrap_or_else(|e| panic!("{file}: {e}"));
        let got = rest(&mut decoder);
        assert!(decoder.losses().is_empty(), "{file}: {:?}", decoder.losses());
        let length = (got.len() * 1000 / RATE) as u64;
        let slack = if is_exact { 10 } else { 60 };
        let lags = if is_exact { -16..=16 } else { -16..=50 * 16isize };
        let (best, lag) = lags
            .map(|lag| (correlation(&source, &got, lag), lag))
            .max_by(|a, b| a.0.total_cmp(&b.0))
            .unwrap();
        if best < least || length.abs_diff(millis) > slack {
            let far = (-3200..=3200isize)
                .map(|lag| (correlation(&source, &got, lag), lag))
                .max_by(|a, b| a.0.total_cmp(&b.0))
                .unwrap();
            failures += &format!(
                "{file}: {length} ms, correlation {best:.4} at lag {lag}, {:.4} at {}\n",
                far.0, far.1
            );
        }
    }
    assert!(failures.is_empty(), "\n{failures}");
}

#[test]
fn a_jump_lands_on_the_sample() {
    for file in [
        "mp3-lame.mp3",
        "mp3-vbr.mp3",
        "aac.m4a",
        "vorbis.ogg",
        "source.flac",
        "wav-24.wav",
        "alac.m4a",
        "aac.mkv",
        "aac.aac",
        "he-aac.m4a",
        "he-aac-hidden.m4a",
        "he-aac-v2.m4a",
        "he-aac.aac",
    ] {
        let whole = sound(file);
        let mut decoder = opened(bytes(file), file).unwrap();
        let length = (whole.len() * 1000 / RATE) as u64;
        // Ogg says only on its last page how much of it is padding, and a jump into that page
        // passes over it.
        let last = if file == "vorbis.ogg" { length - 60 } else { length - 1 };
        for at in [length / 2, 0, length * 9 / 10, 7, length / 3, last] {
            decoder.seek(Timestamp::from_millis(at)).unwrap();
            let from = (at * 16) as usize;
            assert_eq!(decoder.position(), from as u64, "{file} at {at}");
            let got = rest(&mut decoder);
            // Matroska counts in milliseconds.
            let slack = match file {
                "vorbis.ogg" => 160,
                "aac.mkv" => 16,
                _ => 0,
            };
            let excess = got.len() - (whole.len() - from).min(got.len());
            assert!(got.len() >= whole.len() - from && excess <= slack, "{file} at {at}: {excess}");
            // What follows the end is heard through the resampler's filter a little before it.
            let same = whole.len() - from - slack.min(whole.len() - from);
            let (got, want) = (&got[..same.min(got.len())], &whole[from..from + same]);
            if file.contains("aac") && got.len() > 160 {
                // The decoder fills bands with noise of its own, so two visits differ a little.
                let near = (-16..=16).map(|lag| correlation(want, got, lag)).fold(0.0, f64::max);
                assert!(near > 0.95, "{file} at {at}: correlation {near}");
            } else if !file.contains("aac") {
                let worst = got.iter().zip(want).map(|(a, b)| (a - b).abs()).fold(0.0, f32::max);
                assert!(worst < 2e-3, "{file} at {at}: differs by {worst}");
            }
        }
        // A jump back from the end is no loss.
        assert!(decoder.losses().is_empty(), "{file}: {:?}", decoder.losses());
    }
}

#[test]
fn tags_and_chapters() {
    for (file, title, chapters) in [
        ("mp3-lame.mp3", "Gapless voice", 0),
        ("aac.m4a", "A synthetic voice", 2),
        ("vorbis.ogg", "A synthetic voice", 2),
        ("source.flac", "A synthetic voice", 0),
    ] {
        let decoder = opened(bytes(file), file).unwrap();
        let tags = decoder.tags();
        assert_eq!(
            (tags.title.as_deref(), tags.chapters.len()),
            (Some(title), chapters),
            "{file}: {tags:?}"
        );
        assert_eq!(
            (tags.artist.as_deref(), tags.show.as_deref()),
            (Some("aloud"), Some("Fixtures")),
            "{file}"
        );
        if let [first, second] = &tags.chapters[..] {
            assert_eq!((first.start.millis(), first.title.as_str()), (0, "First"), "{file}");
            assert_eq!((second.start.millis(), second.title.as_str()), (700, "Second"), "{file}");
        }
    }
    let demo = decode::open(&root().join("audio/open-models.en.mp3")).unwrap();
    assert_eq!(demo.tags().title.as_deref(), Some("The Machine in the Closet"));
    assert!(demo.tags().chapters.len() >= 4, "{:?}", demo.tags().chapters);
    assert_eq!(demo.length().unwrap().at.millis(), 561_000);
}

/// What a damaged recording still gives, and what is said about it.
#[test]
fn what_can_be_decoded_is_used() {
    let mp3 = bytes("mp3-lame.mp3");
    let plain = wav(&sound("wav-16.wav"));
    let patched = |at: usize, with: &[u8]| {
        let mut lying = plain.clone();
        lying[at..at + with.len()].copy_from_slice(with);
        lying
    };
    let junk: Vec<u8> =
        (0..3000u32).map(|i| (i.wrapping_mul(2_654_435_761) >> 24) as u8 & 0x7F).collect();
    // An ID3 tag that claims 256 MB (as much as its 28 bits can say, the "3 GB" of a careless
    // reader) before real sound.
    let huge_tag = [b"ID3\x04\0\0\x7f\x7f\x7f\x7f".as_slice(), &mp3].concat();
    let mut live = bytes("aac-fragmented.mp4");
    let length = live.windows(4).position(|w| w == b"mdhd").unwrap() + 20;
    live[length..length + 4].fill(0xff);
    let full = sound("mp3-lame.mp3").len();
    let short = sound("wav-16.wav").len();
    for (what, bytes, least, says) in [
        ("sizes of zero", patched(40, &[0; 4]), short, ""),
        ("sizes of 4 GB", patched(40, &[0xff; 4]), short, ""),
        ("cut off", mp3[..mp3.len() / 2].to_vec(), full * 2 / 5, "breaks off"),
        ("junk before", [junk.as_slice(), &mp3].concat(), full - 2000, ""),
        ("a hole", holed(mp3.clone()), full - 2000, "left out (at 0:0"),
        (
            "junk between two recordings",
            [mp3.as_slice(), &junk, &mp3].concat(),
            full * 2 - 4000,
            "(at 0:01)",
        ),
        ("a huge tag", huge_tag, full - 2000, ""),
        ("a length that nobody knew", live, sound("aac-fragmented.mp4").len(), ""),
        ("a hole in FLAC", holed(bytes("source.flac")), full * 8 / 10, "damaged"),
    ] {
        let mut decoder = opened(bytes, "a.bin").unwrap_or_else(|e| panic!("{what}: {e}"));
        let got = rest(&mut decoder);
        let said = decode::describe(decoder.losses()).unwrap_or_default();
        assert!(got.len() >= least, "{what}: {} of {least} samples; {said}", got.len());
        assert!(got.iter().all(|s| s.is_finite() && s.abs() <= 4.0), "{what}");
        assert!(said.contains(says) && said.is_empty() == says.is_empty(), "{what}: {said}");
    }
}

/// Overwritten in the middle.
fn holed(mut bytes: Vec<u8>) -> Vec<u8> {
    let middle = bytes.len() / 2;
    bytes[middle..middle + 700].fill(0x55);
    bytes
}

/// A container that breaks off gives the sound up to there, and one with a hole all but that.
#[test]
fn containers_that_are_cut_off() {
    let names = ["opus.webm", "vorbis.webm", "aac.mkv", "video.mkv", "aac-fragmented.mp4"];
    for name in names.into_iter().filter(|name| !name.starts_with("opus") || cfg!(feature = "opus"))
    {
        let whole = bytes(name);
        let full = sound(name).len();
        if matches!(name, "opus.webm" | "aac.mkv") {
            let mut decoder = opened(holed(whole.clone()), name).unwrap();
            assert!(rest(&mut decoder).len() + 2000 >= full, "{name} with a hole");
            assert!(
                decode::describe(decoder.losses()).unwrap_or_default().contains("damaged"),
                "{name} with a hole"
            );
        }
        for (nth, of) in [(3, 4), (9, 10)] {
            let cut = whole[..whole.len() * nth / of].to_vec();
            let mut decoder =
                opened(cut, name).unwrap_or_else(|e| panic!("{name}, {nth}/{of}: {e}"));
            let got = rest(&mut decoder).len();
            let said = decode::describe(decoder.losses()).unwrap_or_default();
            assert!(
                got * of * 2 >= full * nth,
                "{name}, {nth}/{of}: {got} of {full} samples; {said}"
            );
            assert!(said.contains("breaks off"), "{name}, {nth}/{of}: {said}");
        }
    }
}

#[test]
fn impossible_samples_are_silence_and_said_so() {
    let mut float = bytes("wav-float.wav");
    let data = float.windows(4).position(|w| w == b"data").unwrap() + 8;
    for (i, bad) in [f32::NAN, f32::INFINITY, f32::NEG_INFINITY, 1e30].iter().enumerate() {
        float[data + 4 * (1000 + i)..][..4].copy_from_slice(&bad.to_le_bytes());
    }
    let mut decoder = opened(float, "a.wav").unwrap();
    assert!(rest(&mut decoder).iter().all(|s| s.is_finite() && s.abs() < 10.0));
    assert!(decode::describe(decoder.losses()).unwrap().contains("sample"));
    // One sample is a recording.
    assert_eq!(rest(&mut opened(wav(&[0.5]), "one.wav").unwrap()).len(), 1);
}

/// What cannot be used ends with exit code 3 and a message that names the file, the reason and a
/// way out.
#[test]
fn refusals() {
    let desk = Desk::new();
    desk.put("empty.mp3", "");
    desk.put("text.mp3", "Once upon a time there was no sound at all.\n".repeat(50));
    desk.put("tag.mp3", [b"ID3\x04\0\0\0\0\0\x40".as_slice(), &[0; 64]].concat());
    desk.put("ac3.mp4", bytes("ac3.mp4"));
    // The header that encoders of xHE-AAC write.
    let mut xhe_aac = bytes("aac.m4a");
    let at = xhe_aac
        .windows(3)
        .position(|three| three == [0x56, 0xe5, 0])
        .expect("the mark of an extension")
        - 2;
    xhe_aac[at..at + 5].copy_from_slice(&[0xf9, 0x46, 0x42, 0, 0]);
    desk.put("xhe-aac.m4a", xhe_aac);
    // A telephone that was switched off: sound, and no word on where it is.
    let whole = bytes("aac.m4a");
    let mut no_header = whole.clone();
    let at = whole.windows(4).position(|four| four == b"moov").expect("a header");
    no_header[at..at + 4].copy_from_slice(b"free");
    desk.put("no-header.m4a", no_header);
    desk.put("folder.mp3/inside.txt", "");
    desk.put("nothing.wav", wav(&[]));
    let esc = "e\x1b[2Jvil.mp3";
    desk.put(esc, "x");
    for (arguments, says) in [
        (vec!["empty.mp3"], "empty"),
        (vec!["text.mp3"], "it is text"),
        (vec!["tag.mp3"], "tag.mp3"),
        (vec!["ac3.mp4"], "ffmpeg -i"),
        (
            vec!["xhe-aac.m4a"],
            "xHE-AAC (USAC), which aloud cannot decode\nhint: convert it: ffmpeg -i",
        ),
        (
            vec!["no-header.m4a"],
            "breaks off before the part that says where its sound is (`moov`), so nobody can read it\nhint: get the whole file",
        ),
        (vec!["folder.mp3"], "no recordings"),
        (vec!["nothing.wav"], "no sound"),
        (vec!["none.mp3"], "none.mp3"),
        (vec![esc], "vil.mp3"),
    ] {
        let ran =
            desk.aloud(&[&["transcribe", "--model", "micro", "-l", "en"][..], &arguments].concat());
        if cfg!(feature = "whisper") {
            let ran = ran.code(3).says(says);
            assert!(!ran.err().contains('\x1b'), "{:?}", ran.err());
        }
    }
}

#[cfg(all(unix, feature = "whisper"))]
#[test]
fn a_pipe_that_nobody_writes_to_is_refused_at_once() {
    let desk = Desk::new();
    assert!(
        std::process::Command::new("mkfifo")
            .arg(desk.path().join("pipe.mp3"))
            .status()
            .unwrap()
            .success()
    );
    desk.aloud(&["transcribe", "pipe.mp3", "--model", "micro", "-l", "en"])
        .code(3)
        .says("pipe.mp3");
}
