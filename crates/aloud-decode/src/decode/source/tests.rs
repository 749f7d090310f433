//! Recordings in several files and several streams: what is played, and where a jump lands.

use super::*;
use crate::reason::Hinted;
use proptest::prelude::*;
use std::fs;

fn wav(rate: u32, samples: &[i16]) -> Vec<u8> {
    let n = samples.len() as u32 * 2;
    let mut bytes =
        [&b"RIFF"[..], &(36 + n).to_le_bytes(), b"WAVEfmt \x10\0\0\0\x01\0\x01\0"].concat();
    bytes.extend([rate.to_le_bytes(), (rate * 2).to_le_bytes()].concat());
    bytes.extend([&b"\x02\0\x10\0data"[..], &n.to_le_bytes()].concat());
    bytes.extend(samples.iter().flat_map(|sample| sample.to_le_bytes()));
    bytes
}

fn all(source: &mut Source) -> Vec<f32> {
    let mut samples = Vec::new();
    while let Some(frames) = source.next_frames().unwrap() {
        samples.extend_from_slice(frames.samples);
    }
    samples
}

fn data(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/data/audio").join(name)
}

fn sample(name: &str) -> Vec<u8> {
    fs::read(data(name)).unwrap()
}

/// All that follows as one channel.
fn mixed(source: &mut Source) -> Vec<f32> {
    let mut samples = Vec::new();
    while let Some(frames) = source.next_frames().unwrap() {
        samples.extend(frames.samples.chunks_exact(frames.channels).map(|frame| frame[0]));
    }
    samples
}

/// Whether both are the same but for rounding.
fn is_close(a: &[f32], b: &[f32]) -> bool {
    a.len() == b.len() && a.iter().zip(b).all(|(a, b)| (a - b).abs() < 1e-6)
}

#[test]
fn several_files_are_one_recording() {
    let folder = tempfile::tempdir().unwrap();
    let put = |name: &str, bytes: &[u8]| fs::write(folder.path().join(name), bytes).unwrap();
    let ramp = |from: i16, n: i16| (from..from + n).collect::<Vec<i16>>();
    put("a.wav", &wav(8000, &ramp(1, 10_000)));
    put("b.wav", &wav(8000, &ramp(10_001, 5)));
    put("c.wav", &wav(8000, &ramp(10_006, 9_000)));
    put("all.m3u8", b"#EXTM3U\na.wav\nb.wav\nc.wav\n");
    let path = folder.path().join("all.m3u8");
    let mut source = Source::open(&path).unwrap();
    assert_eq!(
        source.length(),
        Some(Length { at: Timestamp::from_frames(19_005, 8000), is_estimate: false })
    );
    assert_eq!(
        source.parts().iter().map(|part| part.start.millis()).collect::<Vec<_>>(),
        [0, 1250, 1251]
    );
    assert_eq!(
        source.tags().chapters.iter().map(|chapter| chapter.title.as_str()).collect::<Vec<_>>(),
        ["a", "b", "c"]
    );
    let whole = all(&mut source);
    let want: Vec<f32> =
        ramp(1, 19_005).iter().map(|sample| f32::from(*sample) / 32768.0).collect();
    assert_eq!(whole, want);
    for from in [0, 9_999, 10_000, 10_003, 10_005, 15_000, 1, 19_004, 19_005, 30_000] {
        source.seek(from).unwrap();
        assert_eq!(all(&mut source), want[(from as usize).min(want.len())..], "{from}");
    }
    // One alone is that file, with its own name, index and length.
    put("one.m3u8", b"#EXTVLCOPT:stereo-mode=3\na.wav\n");
    let one = Source::open(&folder.path().join("one.m3u8")).unwrap();
    let choice = Choice { track: None, side: Some(Side::Left) };
    let part = Part {
        path: folder.path().join("a.wav"),
        start: Timestamp::ZERO,
        codec: one.codec(),
        choice,
    };
    assert_eq!(
        (one.parts(), one.tags().chapters.len(), one.side()),
        (vec![part], 0, Some(Side::Left))
    );
    let one = list::episode_id(&path).unwrap();
    put("again.m3u", b"./a.wav\nb.wav\nc.wav");
    assert_eq!(list::episode_id(&folder.path().join("again.m3u")).unwrap(), one);
}

#[test]
fn a_rate_that_none_can_be_made_of_is_told_at_once() {
    let folder = tempfile::tempdir().unwrap();
    let put = |name: &str, bytes: &[u8]| fs::write(folder.path().join(name), bytes).unwrap();
    put("a.wav", &wav(8000, &[1; 9_000]));
    put("high.wav", &wav(1_000_000, &[1; 9_000]));
    put("low.wav", &wav(500, &[1; 9_000]));
    put("edge.wav", &wav(768_000, &[1; 9_000]));
    for (list, want) in [
        ("a.wav\nhigh.wav\n", Some(("high.wav", 1_000_000, 48_000))),
        ("high.wav\na.wav\n", Some(("high.wav", 1_000_000, 48_000))),
        ("a.wav\na.wav\nlow.wav\n", Some(("low.wav", 500, 16_000))),
        ("low.wav\nhigh.wav\n", Some(("low.wav", 500, 16_000))),
        ("a.wav\nedge.wav\n", None),
    ] {
        put("all.m3u8", list.as_bytes());
        let error = Source::open(&folder.path().join("all.m3u8")).err();
        let (got, hint) = match &error {
            Some(DecodeError::OtherRate { name, rate, wanted }) => {
                (Some((name.to_string(), *rate, *wanted)), error.as_ref().unwrap().hint())
            }
            None => (None, None),
            Some(other) => panic!("{list}: {other}"),
        };
        let path = |name: &str| folder.path().join(name).to_string_lossy().into_owned();
        assert_eq!(got, want.map(|(name, rate, to)| (path(name), rate, to)), "{list}");
        if let Some((_, _, to)) = want {
            assert!(hint.unwrap().contains(&format!(" -ar {to} ")), "{list}");
        }
    }
}

#[test]
fn files_of_other_rates_are_made_the_highest() {
    let folder = tempfile::tempdir().unwrap();
    let put = |name: &str, bytes: &[u8]| fs::write(folder.path().join(name), bytes).unwrap();
    let wave = |n: u32| (0..n).map(|i| (i * i % 997 * 20) as i16).collect::<Vec<i16>>();
    let sound = |wave: &[i16]| wave.iter().map(|s| f32::from(*s) / 32768.0).collect::<Vec<_>>();
    let (low, high) = (wave(10_001), wave(7_000));
    put("a.wav", &wav(8000, &low));
    put("b.wav", &wav(11_025, &high));
    put("c.wav", &wav(8000, &low));
    put("all.m3u8", b"a.wav\nb.wav\nc.wav\n");
    let mut source = Source::open(&folder.path().join("all.m3u8")).unwrap();
    let mut made = Vec::new();
    let mut resampler = crate::pcm::Resampler::between(8000, 11_025).unwrap();
    resampler.push(&sound(&low), &mut made);
    resampler.finish(&mut made);
    let want = [made.clone(), sound(&high), made.clone()].concat();
    assert_eq!((source.rate(), made.len()), (11_025, 13_783));
    let length = Timestamp::from_frames(want.len() as u64, 11_025);
    assert_eq!(source.length(), Some(Length { at: length, is_estimate: false }));
    let starts = source.parts().iter().map(|part| part.start.millis()).collect::<Vec<_>>();
    assert_eq!(starts, [0, 1250, 1885]);
    assert!(all(&mut source) == want);
    for from in [0, 1, 5_000, 13_782, 13_783, 13_790, 20_782, 20_783, 30_000, 40_000] {
        source.seek(from).unwrap();
        assert_eq!(source.position(), from.min(want.len() as u64));
        assert!(all(&mut source) == want[(from as usize).min(want.len())..], "{from}");
    }
}

/// One file that was put together from recordings of several rates is what a playlist of them
/// is: nothing of it is lost, whether it is played, jumped in, or named by a playlist itself.
#[test]
fn streams_of_other_rates_in_one_file() {
    let folder = tempfile::tempdir().unwrap();
    // The first of 44.1 kHz, as what is put together has the rate of its first stream.
    let names = ["mp3-44k.mp3", "mp3-vbr-xing.mp3", "mp3-lame.mp3", "mp3-44k.mp3", "mp3-vbr.mp3"];
    for (index, name) in names.iter().enumerate() {
        fs::write(folder.path().join(format!("{index}.mp3")), sample(name)).unwrap();
    }
    let put = |name: &str, bytes: &[u8]| {
        fs::write(folder.path().join(name), bytes).unwrap();
        folder.path().join(name)
    };
    let joined = put("joined.mp3", &names.map(sample).concat());
    // Two of one rate are one stream there, without what the second's header says of padding.
    put("two.mp3", &[sample(names[1]), sample(names[2])].concat());
    let apart = put("apart.m3u8", b"0.mp3\ntwo.mp3\n3.mp3\n4.mp3\n");
    let mut list = Source::open(&apart).unwrap();
    let want = all(&mut list);
    let from_file = || Source::open(&joined).unwrap();
    let from_bytes = || {
        let bytes = std::io::Cursor::new(names.map(sample).concat());
        Source::from_reader(bytes, "joined.mp3").unwrap()
    };
    for (what, mut source) in [("a file", from_file()), ("bytes", from_bytes())] {
        let told = source.length().unwrap();
        assert!(told.is_estimate, "{what}");
        assert!(all(&mut source) == want, "{what}");
        assert_eq!(source.losses(), list.losses(), "{what}");
        let length = Timestamp::from_frames(want.len() as u64, 44_100);
        assert_eq!(source.length(), Some(Length { at: length, is_estimate: false }), "{what}");
        assert!(source.parts().is_empty(), "{what}");
    }
    let n = want.len() as u64;
    for from in [0, 1, 60_000, 70_000, 66_000, n - 1, n, n + 100_000, 150_000, n / 2, 5] {
        let rest = &want[(from as usize).min(want.len())..];
        // In one that nobody read to its end yet, and in one that somebody did.
        let (mut fresh, mut read) = (from_file(), from_file());
        all(&mut read);
        for (what, source) in [("fresh", &mut fresh), ("read", &mut read), ("list", &mut list)] {
            source.seek(from).unwrap();
            assert_eq!(source.position(), from.min(n), "{what} {from}");
            assert!(is_close(&all(source), rest), "{what} {from}");
        }
    }
    let twice = put("twice.m3u8", b"joined.mp3\njoined.mp3\n");
    let mut source = Source::open(&twice).unwrap();
    assert_eq!((source.parts().len(), source.tags().chapters.len()), (2, 2));
    assert!(all(&mut source) == [&want[..], &want].concat());
}
/// Behind a header that tells of the first alone all is heard, too, and a jump there lands where
/// playing does.
#[test]
fn streams_of_one_rate_in_one_file() {
    let mono = "mp3-vbr-xing.mp3";
    for names in [[mono, "mp3-lame.mp3"], [mono, "mp3-vbr.mp3"], [mono, "mp3-cbr.mp3"]] {
        let bytes = names.map(sample).concat();
        let new = || Source::from_reader(std::io::Cursor::new(bytes.clone()), "x").unwrap();
        let mut source = new();
        let want = mixed(&mut source);
        let second = mixed(&mut Source::open(&data(names[1])).unwrap());
        // The second's beginning stands behind the first's padding, not silence.
        let energy = |samples: &[f32]| samples.iter().map(|x| x * x).sum::<f32>();
        let behind = energy(&want[35_840..][..8_000]);
        assert!(behind > 0.5 * energy(&second[..4_000]), "{names:?}: {behind}");
        let lost: u64 = source.losses().iter().map(|loss| loss.span.millis()).sum();
        assert!(lost <= 1, "{names:?}: {:?}", source.losses());
        assert!(want.len() > 71_680, "{names:?}: {}", want.len());
        for from in (0..want.len()).step_by(3_000) {
            let mut source = new();
            source.seek(from as u64).unwrap();
            let got = mixed(&mut source);
            assert!(is_close(&got, &want[from..]), "{names:?} from {from}");
        }
    }
}

#[test]
fn a_file_of_several_that_breaks_off_is_told() {
    let folder = tempfile::tempdir().unwrap();
    let put = |name: &str, bytes: &[u8]| fs::write(folder.path().join(name), bytes).unwrap();
    let whole = sample("mp3-44k.mp3");
    put("whole.mp3", &whole);
    put("short.mp3", &whole[..whole.len() / 2]);
    put("all.m3u8", b"whole.mp3\nshort.mp3\nwhole.mp3\n");
    let mut source = Source::open(&folder.path().join("all.m3u8")).unwrap();
    all(&mut source);
    let starts: Vec<_> = source.parts().iter().map(|part| part.start).collect();
    let [loss] = source.losses() else { panic!("{:?}", source.losses()) };
    assert_eq!((loss.kind, loss.span.is_empty()), (LossKind::CutShort, true));
    // It breaks off where the next one begins.
    assert!(loss.span.start().millis().abs_diff(starts[2].millis()) <= 1, "{loss:?}");
}

#[test]
fn wave_files_in_one_file() {
    let folder = tempfile::tempdir().unwrap();
    let put = |name: &str, bytes: &[u8]| {
        fs::write(folder.path().join(name), bytes).unwrap();
        folder.path().join(name)
    };
    let wave = |n: i16| (0..n).map(|i| i % 997 * 20).collect::<Vec<i16>>();
    let (high, low) = (wav(11_025, &wave(9_001)), wav(8_000, &wave(5_000)));
    put("high.wav", &high);
    put("low.wav", &low);
    let list = put("list.m3u8", b"high.wav\nlow.wav\nhigh.wav\n");
    let want = all(&mut Source::open(&list).unwrap());
    let odd = wav(500, &wave(3_000));
    let n = (2 * want.len() as u64).min(30_000);
    for (what, bytes, is_whole) in [
        ("three", [&high[..], &low, &high].concat(), true),
        ("junk that looks like one", [&high[..], &low, &high, b"RIFF\0\0\0\0WAVE"].concat(), false),
        ("a rate that none can be made of", [&high[..], &low, &high, &odd].concat(), false),
    ] {
        let path = put("joined.wav", &bytes);
        let mut source = Source::open(&path).unwrap();
        assert!(source.length().unwrap().is_estimate, "{what}");
        assert!(is_close(&all(&mut source), &want), "{what}");
        assert_eq!(source.losses().is_empty(), is_whole, "{what}: {:?}", source.losses());
        for from in (0..n).step_by(1_499) {
            let mut source = Source::open(&path).unwrap();
            source.seek(from).unwrap();
            let rest = &want[(from as usize).min(want.len())..];
            assert!(is_close(&all(&mut source), rest), "{what} {from}");
        }
        put("named.m3u8", b"joined.wav\nhigh.wav\n");
        let named = Source::open(&folder.path().join("named.m3u8"));
        let both = [&want[..], &want[want.len() - 9_001..]].concat();
        match named {
            Ok(mut named) => assert!(is_close(&all(&mut named), &both), "{what}"),
            Err(DecodeError::OtherRate { rate: 500, .. }) => assert!(!is_whole),
            Err(error) => panic!("{what}: {error}"),
        }
    }
}

/// Streams without sound, one behind the other, are passed over without end or a full stack.
/// A damaged header that tells of other channels costs its own packet, not all that follow.
#[test]
fn a_packet_of_other_channels() {
    let mut bytes = sample("mp3-vbr.mp3").repeat(4);
    let is_frame = |n: &usize| bytes[*n..].starts_with(&[0xff, 0xf3]) && bytes[*n + 3] >> 6 == 3;
    let frame = (4_000..bytes.len()).find(is_frame).unwrap();
    bytes[frame + 3] &= 0x3f;
    let mut source = Source::from_reader(std::io::Cursor::new(bytes), "x").unwrap();
    let n = mixed(&mut source).len();
    let lost: u64 = source.losses().iter().map(|loss| loss.span.millis()).sum();
    assert!(n > 140_000 && lost < 150, "{n}: {:?}", source.losses());
}

/// What follows a first packet that is damaged stays where it is.
#[test]
fn a_damaged_beginning() {
    let bytes = sample("source.flac");
    let want = mixed(&mut Source::open(&data("source.flac")).unwrap());
    let is_frame = |n: &usize| bytes[*n..].starts_with(&[0xff, 0xf8]);
    let frame = (8_000..bytes.len()).find(is_frame).unwrap();
    let mut damaged = bytes.clone();
    damaged[frame..frame + 40].fill(0x55);
    let mut source = Source::from_reader(std::io::Cursor::new(damaged), "x").unwrap();
    let got = mixed(&mut source);
    assert!(got.len() == want.len() && is_close(&got[4_608..], &want[4_608..]));
}

/// However many streams follow each other, none needs the stack of the one before.
#[test]
fn many_streams() {
    let frames = |kind: u8| {
        // 8 kbit/s at 24 and 12 kHz.
        let len = if kind == 0xf3 { 24 } else { 48 };
        [&[0xff, kind, 0x14, 0xc0][..], &vec![0xaa; len - 4]].concat().repeat(17)
    };
    let bytes = [frames(0xf3), frames(0xe3)].concat().repeat(300);
    let mut source = Source::from_reader(std::io::Cursor::new(bytes), "x.mp3").unwrap();
    let at_once = all(&mut source);
    assert!(at_once.len() > 300 * 17 * 3 * 500, "{}", at_once.len());
    assert_eq!(source.losses(), []);
    let from = at_once.len() - 100_000;
    source.seek(from as u64).unwrap();
    assert!(is_close(&all(&mut source), &at_once[from..]));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(32))]

    /// Whatever was put together, cut and damaged: it ends, and a jump leaves as much as playing
    /// does.
    #[test]
    fn anything_that_was_put_together(
        parts in prop::collection::vec((0usize..6, 0usize..20_000, prop::collection::vec(any::<u8>(), 0..40)), 1..5),
        from in 0usize..400_000,
    ) {
        let names = ["mp3-44k.mp3", "mp3-vbr-xing.mp3", "mp3-vbr.mp3", "mp3-cbr.mp3", "mpeg.mp2", "wav-16.wav"];
        let bytes: Vec<u8> = parts.iter().flat_map(|(index, len, junk)| {
            let mut part = sample(names[*index]);
            part.truncate(*len);
            part.extend(junk);
            part
        }).collect();
        let new = || Source::from_reader(std::io::Cursor::new(bytes.clone()), "x");
        let Ok(mut source) = new() else { return Ok(()) };
        let whole = mixed(&mut source).len();
        let mut source = new().unwrap();
        source.seek(from as u64).unwrap();
        prop_assert_eq!(mixed(&mut source).len(), whole.saturating_sub(from));
        // And back, once all of it is known.
        source.seek(from as u64 / 2).unwrap();
        prop_assert_eq!(mixed(&mut source).len(), whole.saturating_sub(from / 2));
    }
}
