//! What the fuzz targets do (`fuzz/bodies.rs`), over samples and their mutations: cuts, changed
//! bytes, parts doubled, moved and strewn in.

use crate::util::root;
use std::fs;
use std::path::PathBuf;
use std::time::Instant;

#[path = "../fuzz/bodies.rs"]
mod bodies;

/// A sample longer than this is cut: parsers are slow in builds for tests.
const MOST: usize = 12_000;
/// What means something to one parser or another.
const WORDS: [&[u8]; 12] = [
    b"\0",
    b"\xff\xff\xff\xff",
    b"\n\n",
    b" --> ",
    b"00:00:01.000",
    b"<",
    b"</b>",
    b"\"",
    b"{\"",
    b"99999999999999999999",
    "\u{202e}模".as_bytes(),
    b"\x80",
];

/// A small generator (Numerical Recipes' constants), so that a failure can be repeated.
struct Dice(u32);

impl Dice {
    fn below(&mut self, n: usize) -> usize {
        self.0 = self.0.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (self.0 >> 8) as usize % n.max(1)
    }
}

fn mutate(bytes: &mut Vec<u8>, dice: &mut Dice) {
    let at = dice.below(bytes.len() + 1);
    let end = (at + 1 + dice.below(64)).min(bytes.len());
    match dice.below(6) {
        0 => bytes.truncate(at),
        1 if at < bytes.len() => bytes[at] ^= 1 << dice.below(8),
        2 if at < bytes.len() => bytes[at] = dice.below(256) as u8,
        3 => drop(bytes.drain(at..end.max(at))),
        4 => {
            let part = bytes[at..end.max(at)].to_vec();
            let to = dice.below(bytes.len() + 1);
            bytes.splice(to..to, part);
        }
        _ => drop(bytes.splice(at..at, WORDS[dice.below(WORDS.len())].iter().copied())),
    }
}

/// Samples for a target, as its bytes begin.
fn samples(target: &str) -> Vec<Vec<u8>> {
    let file = |name: &str| fs::read(root().join(name)).unwrap();
    let chosen = |choices: std::ops::Range<u8>, bytes: &[u8]| {
        choices.map(|choice| [&[choice][..], bytes].concat()).collect::<Vec<_>>()
    };
    let srt = b"1\n00:00:01,000 --> 00:00:03,000\n- The river came over.\n- <i>It left</i> again.\n\n2\n00:00:03,100 --> 00:00:04,000\n\xe6\xa8\xa1\xe5\x9e\x8b\n\n";
    let vtt = b"WEBVTT - x\n\nNOTE a\nb\n\nSTYLE\n::cue {}\n\nid\n00:01.000 --> 00:03.000 align:start\n<v Ann>The <00:02.000><c>river</c> &amp; the sea\n\n00:03.000 --> 00:02.000\nback\n";
    match target {
        "article" => chosen(0..6, &file("transcripts/open-models.en.txt")[..3000])
            .into_iter()
            .chain(chosen(2..3, b"<html><body><article><h1>A</h1><p>One <ruby>a<rt>b</rt></ruby> two.</p><table><td>x</table></article>"))
            .collect(),
        "epub" | "book" => (0..10).flat_map(|choice| chosen(choice..choice + 1, &bodies::book())).collect(),
        "daisy" => bodies::daisy_samples(),
        "feed" => vec![
            b"<rss xmlns:podcast='https://podcastindex.org/namespace/1.0'><channel><title>T</title><item><title>A &amp; B</title><guid>1</guid><pubDate>Sun, 29 Nov 2026 12:00:00 GMT</pubDate><enclosure url='1.mp3' type='audio/mpeg' length='9'/><podcast:transcript url='/1.vtt'/><description><![CDATA[<p>x]]></description></item><item><link>/2</link></item></channel></rss>".to_vec(),
            b"<feed xmlns='http://www.w3.org/2005/Atom' xml:base='https://b.org/'><entry><id>1</id><title type='html'>&lt;b>x</title><updated>2026-11-29T12:00:00+08:00</updated><link rel='enclosure' href='1.ogg'/><content type='xhtml'><div>x</div></content></entry></feed>".to_vec(),
            b"<opml><body><outline text='a&quot;b' xmlUrl='https://a.net/f?a=1&amp;b=2'/></body></opml>".to_vec(),
            b"{\"chapters\": [{\"startTime\": 1.5, \"title\": \"x\"}]}".to_vec(),
            b"Sun, 29 Nov 2026 12:00:00 +0200".to_vec(),
            b"//b.org/../x y?a=b#c".to_vec(),
        ],
        "decode" => ["mp3-cbr.mp3", "aac.m4a", "he-aac-v2.m4a", "he-aac.aac", "vorbis.ogg", "aac.mkv", "source.flac", "wav-16.wav"]
            .iter()
            .map(|name| file(&format!("tests/data/audio/{name}")))
            .collect(),
        "import" => vec![srt.to_vec(), vtt.to_vec(), file("transcripts/old-radio.zh.transcript.json")[..4000].to_vec()],
        "subtitles" => chosen(0..2, srt).into_iter().chain(chosen(0..2, vtt)).collect(),
        "journal" => [0u8, 40, 200].iter().map(|at| [&[*at, 0][..], &bodies::lines()].concat()).collect(),
        "record" => vec![
            b"{\"stage\":\"transcript\",\"episode\":\"0707070707070707070707070707070707070707070707070707070707070707\",\"parts\":{\"model\":\"abc\"},\"file\":\"\",\"title\":null,\"model\":null,\"bytes\":4}\ntext"
                .to_vec(),
        ],
        "model_header" => vec![file("models/ggml-micro.bin")],
        "page" | "server" => {
            let mut bytes = vec![];
            bodies::sample_page().pack(&mut bytes);
            vec![bytes, b"{\"hits\":{\"hits\":[{\"_source\":{\"page\":\"AAAA\"}}]}}".to_vec()]
        }
        "protocol" => bodies::messages(),
        "seek_index" => vec![bodies::true_index(), bodies::true_index()[6..].to_vec()],
        other => panic!("no samples for {other}"),
    }
}

/// Every target has samples to begin with. Where `ALOUD_FUZZ_CORPUS` names a folder they are left
/// there, a folder for each target: `make fuzz` goes on from them.
#[test]
fn every_target_has_samples() {
    let temporary = tempfile::tempdir().unwrap();
    let corpus = std::env::var_os("ALOUD_FUZZ_CORPUS")
        .map_or_else(|| temporary.path().to_path_buf(), PathBuf::from);
    for (target, _) in bodies::ALL {
        let folder = corpus.join(target);
        fs::create_dir_all(&folder).unwrap();
        let samples = samples(target);
        assert!(samples.iter().any(|sample| sample.len() > 1), "{target}");
        for (i, sample) in samples.iter().enumerate() {
            fs::write(folder.join(format!("sample-{i}")), sample).unwrap();
        }
    }
}

/// So many mutations of each sample, or as many as there is time for where `ALOUD_FUZZ_SECONDS`
/// says how long each target is tried (`ALOUD_FUZZ_TARGET` names the only one).
#[test]
fn nothing_gets_the_better_of_a_parser() {
    let number = |name: &str| std::env::var(name).ok().and_then(|text| text.parse::<u64>().ok());
    let only = std::env::var("ALOUD_FUZZ_TARGET").ok();
    let (seconds, seed) = (number("ALOUD_FUZZ_SECONDS"), number("ALOUD_FUZZ_SEED").unwrap_or(2026));
    for (target, run) in
        bodies::ALL.into_iter().filter(|(name, _)| only.as_ref().is_none_or(|only| only == name))
    {
        // Those that decode sound or read whole articles take longer.
        let n = if matches!(target, "decode" | "article" | "epub" | "book" | "daisy") {
            12
        } else {
            60
        };
        let samples: Vec<Vec<u8>> = samples(target)
            .into_iter()
            .map(|sample| sample[..sample.len().min(MOST)].to_vec())
            .collect();
        let mut dice = Dice(seed as u32);
        let begin = Instant::now();
        let goes_on = |round: usize| {
            seconds.map_or(round <= n, |seconds| begin.elapsed().as_secs() < seconds)
        };
        for round in (0..).take_while(|round| goes_on(*round)) {
            for (i, sample) in samples.iter().enumerate() {
                let mut bytes = sample.clone();
                // The first time as it is.
                (0..if round == 0 { 0 } else { 1 + round % 5 })
                    .for_each(|_| mutate(&mut bytes, &mut dice));
                let done = std::panic::catch_unwind(|| run(&bytes));
                assert!(
                    done.is_ok(),
                    "{target}, sample {i}, round {round}, seed {seed}: {:?}",
                    bytes.escape_ascii().to_string()
                );
            }
        }
    }
}

/// Each target of `make fuzz` is one of those that are run here, and the other way round.
#[test]
fn every_target_is_run_here() {
    let files = fs::read_dir(root().join("fuzz/fuzz_targets")).unwrap().flatten();
    let mut names: Vec<String> =
        files.map(|file| file.path().file_stem().unwrap().to_string_lossy().into_owned()).collect();
    names.sort();
    assert_eq!(names, bodies::ALL.map(|(name, _)| name));
    let manifest = fs::read_to_string(root().join("fuzz/Cargo.toml")).unwrap();
    assert!(
        names.iter().all(|name| manifest.contains(&format!("name = \"{name}\""))),
        "{manifest}"
    );
}

/// Texts that are nearly one word, whose readings once took the square of its parts: they are read
/// and tied in a moment.
#[test]
fn endless_words_are_tied_in_no_time() {
    let transcript = crate::util::truth::transcript("open-models.en");
    for pattern in ["&", "1,234.", "a'"] {
        let text = format!("{} The river came over.", pattern.repeat(60_000 / pattern.len()));
        let article =
            aloud::documents::read(text.as_bytes(), &aloud::documents::Hint::default()).unwrap();
        let alignment = aloud::align::align(&article, &transcript);
        assert_eq!(alignment.sentences.len(), article.sentences.len(), "{pattern}");
    }
}

/// What fuzzing found once.
#[test]
fn what_was_found_stays_mended() {
    let wide = |date: &str| {
        format!(
            "<rss><channel><item><guid>1</guid><pubDate>{date}</pubDate></item></channel></rss>"
        )
        .into_bytes()
    };
    let found: [(&str, Vec<u8>); 5] = [
        // A control character within an arrow was taken out only when the file was written.
        ("subtitles", b"\x01WEBVTT\n\nid\n00:01.000 \x1c-> 00:03.000\n<v Ann>The river\n\n00:03.000 --> 00:02.000\nback\n".to_vec()),
        // Words that look like times came to stand on a line of their own.
        ("subtitles", b"\x01WEBVTT\n\n00:01.000 --> 00:03.000\n<v Ann>The <c>river</c> 0:03.000 --> 00:0\xbe.000\nback\n".to_vec()),
        // A space of several bytes between day and time was cut in its middle.
        ("feed", "2026-11-29\u{3000}12:00 GMT".into()),
        ("feed", wide("2026-11-29\u{3000}12:00\u{a0}GMT")),
        ("feed", wide("2026-11-29\u{85}12:00")),
    ];
    for (target, bytes) in found {
        let run = bodies::ALL.into_iter().find(|(name, _)| *name == target).unwrap().1;
        run(&bytes);
    }
}
