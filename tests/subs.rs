//! `aloud align` and `aloud subs` on the demo episodes, from perfect transcripts: quick, and
//! without a recogniser.

use crate::util::{Desk, root};
use serde_json::Value;
use std::fs;

const ENGLISH: [&str; 4] = ["en.mp3", "en.txt", "--transcript", "en.json"];
const ACROSS: [&str; 4] = ["en.mp3", "zh.txt", "--transcript", "en.json"];
const MANDARIN: [&str; 4] = ["radio.mp3", "radio.txt", "--transcript", "radio.json"];

fn truth(name: &str) -> Value {
    serde_json::from_str(&fs::read_to_string(root().join("transcripts").join(name)).unwrap())
        .unwrap()
}

/// The sentences of an `aloud-alignment/1` beside those of the truth: the share with the right
/// status.
fn right_statuses(alignment: &Value, truth: &Value) -> f64 {
    let statuses = |json: &Value| -> Vec<(Value, String)> {
        let list = json["sentences"].as_array().unwrap();
        list.iter()
            .map(|s| (s["bytes"].clone(), s["status"].as_str().unwrap().to_owned()))
            .collect()
    };
    let (got, want) = (statuses(alignment), statuses(truth));
    assert_eq!(got.len(), want.len());
    got.iter().zip(&want).filter(|(a, b)| a == b).count() as f64 / want.len() as f64
}

#[test]
fn every_written_word_knows_when_it_is_spoken() {
    let desk = Desk::with_episodes();
    for (arguments, of) in
        [(ENGLISH, "open-models.en.truth.json"), (MANDARIN, "old-radio.zh.truth.json")]
    {
        let json = desk.aloud(&[&["align"][..], &arguments, &["--json"]].concat()).code(0).out();
        let alignment: Value = serde_json::from_str(&json).unwrap();
        assert_eq!(
            (alignment["format"].as_str(), alignment["method"].as_str()),
            (Some("aloud-alignment/1"), Some("whisper"))
        );
        assert!(alignment["coverage"].as_f64().unwrap() > 0.97, "{}", alignment["coverage"]);
        let truth = truth(of);
        assert!(right_statuses(&alignment, &truth) >= 0.98, "{of}");
        // Word starts by the byte where the word stands.
        let starts: std::collections::HashMap<u64, f64> = alignment["sentences"]
            .as_array()
            .unwrap()
            .iter()
            .flat_map(|s| s["words"].as_array().into_iter().flatten())
            .filter_map(|w| Some((w["bytes"][0].as_u64()?, w["start"].as_f64()?)))
            .collect();
        let read: Vec<&Value> =
            truth["words"].as_array().unwrap().iter().filter(|w| !w["bytes"].is_null()).collect();
        let near = read.iter().filter(|w| {
            let want = w["start"].as_f64().unwrap();
            // The first spoken word of several that read one written word has its start.
            starts
                .get(&w["bytes"][0].as_u64().unwrap())
                .is_some_and(|got| *got <= want + 0.2 && *got >= want - 1.5)
        });
        let n_near = near.count();
        assert!(n_near * 1000 >= read.len() * 990, "{of}: {n_near} of {}", read.len());
    }
}

#[test]
fn a_report_says_what_was_left_out_and_added() {
    let desk = Desk::with_episodes();
    let page = desk.aloud(&[&["align"][..], &ENGLISH].concat()).code(0).out();
    for says in ["You are listening to", "Blue Harbor Tea", "credit", "The Machine in the Closet"] {
        assert!(page.contains(says), "{says}:\n{page}");
    }
    assert!(page.lines().all(|line| unicode_width::UnicodeWidthStr::width(line) <= 80), "{page}");
    let ran = desk
        .aloud(&[&["align"][..], &ENGLISH, &["--plot", "p.svg", "-o", "report.txt"]].concat())
        .code(0);
    assert!(
        desk.read("p.svg").starts_with("<svg") || desk.read("p.svg").starts_with("<?xml"),
        "{}",
        ran.err()
    );
    desk.aloud(&[&["align"][..], &ENGLISH, &["--plot", "p.png"]].concat()).code(0);
    assert!(fs::read(desk.path().join("p.png")).unwrap().starts_with(b"\x89PNG"));
    desk.aloud(&[&["align"][..], &ENGLISH, &["--plot", "p.gif"]].concat())
        .code(2)
        .says(".svg and .png");
}

#[test]
fn a_wrong_article_is_refused_and_half_a_match_is_fine() {
    let desk = Desk::with_episodes();
    let prose = fs::read_to_string(root().join("ARCHITECTURE.md")).unwrap();
    desk.put("wrong.txt", &prose);
    for arguments in [
        ["align", "en.mp3", "wrong.txt", "--transcript", "en.json"],
        ["subs", "en.mp3", "wrong.txt", "--transcript", "en.json"],
        ["align", "radio.mp3", "zh.txt", "--transcript", "radio.json"],
    ] {
        desk.aloud(&arguments).code(5).says("does not belong").says("--anyway");
    }
    desk.aloud(&["align", "en.mp3", "wrong.txt", "--transcript", "en.json", "--anyway"])
        .code(0)
        .says("does not seem to belong");
    let article = desk.read("en.txt");
    let half: String = article.split_inclusive("\n\n").take(16).collect();
    desk.put("half.txt", half);
    desk.aloud(&["align", "en.mp3", "half.txt", "--transcript", "en.json"]).code(0);
}

#[test]
fn an_article_in_another_language_goes_by_sentence() {
    let desk = Desk::with_episodes();
    let ran = desk
        .aloud(&[&["align"][..], &ACROSS, &["--json"]].concat())
        .code(0)
        .says("sentence by sentence");
    let alignment: Value = serde_json::from_str(&ran.out()).unwrap();
    assert_eq!(alignment["language"]["spoken"], "en");
    assert_eq!(alignment["language"]["written"], "zh");
    let sentences = alignment["sentences"].as_array().unwrap();
    let spoken = sentences.iter().filter(|s| s["status"] != "unspoken").count();
    assert!(spoken * 100 >= sentences.len() * 85, "{spoken} of {}", sentences.len());
    assert!(
        sentences
            .iter()
            .all(|s| s["words"].as_array().is_none_or(|w| w.iter().all(|w| w["start"].is_null())))
    );
    let srt = desk.aloud(&[&["subs"][..], &ACROSS].concat()).code(0).out();
    assert!(srt.contains("法院大樓"), "{srt}");
}

#[test]
fn subtitles_keep_the_rules() {
    let desk = Desk::with_episodes();
    for arguments in [&ENGLISH[..], &MANDARIN] {
        for profile in ["netflix", "podcast"] {
            desk.aloud(&[&["subs"][..], arguments, &["--profile", profile, "--check"]].concat())
                .code(0);
        }
    }
    desk.aloud(&[&["subs"][..], &ENGLISH, &["-o", "en.srt"]].concat()).code(0);
    let srt = desk.read("en.srt");
    assert!(srt.contains("$8 trillion") && !srt.contains("Illustration by"), "{srt}");
    let judged = desk.aloud(&["subs", "en.srt", "--check"]).code(0).out();
    assert!(judged.contains("keep all rules"), "{judged}");
    desk.put("bad.srt", "1\n00:00:01,000 --> 00:00:01,100\nThis line is far too long to be read in a tenth of a second by anybody.\n\n");
    let judged = desk.aloud(&["subs", "bad.srt", "--check"]).code(1).out();
    assert!(judged.contains("cue 1"), "{judged}");
    // For programs, and nothing that is passed over in silence.
    let judged: Value =
        serde_json::from_str(&desk.aloud(&["subs", "bad.srt", "--check", "--json"]).code(1).out())
            .unwrap();
    let rules: Vec<&str> = judged["broken"]
        .as_array()
        .unwrap()
        .iter()
        .filter_map(|broken| broken["rule"].as_str())
        .collect();
    assert_eq!(
        (judged["rules"].as_str(), judged["cues"].as_u64(), rules),
        (Some("netflix"), Some(1), vec!["short", "line", "fast"])
    );
    assert_eq!(
        (judged["broken"][0]["id"].as_str(), judged["broken"][0]["at"].as_f64()),
        (Some("1"), Some(1.0))
    );
    let judged: Value =
        serde_json::from_str(&desk.aloud(&["subs", "en.srt", "--check", "--json"]).code(0).out())
            .unwrap();
    assert_eq!(judged["broken"].as_array().map(Vec::len), Some(0));
    desk.aloud(&["subs", "en.srt", "--check", "-f", "json"]).code(2).says("--check");
    desk.aloud(&["subs", "en.srt", "--check", "-o", "found.json"]).code(2).says("--check");
    desk.aloud(&["subs", "en.srt", "--json"]).code(2).says("--check");
    // Without an article what was said is the text.
    let said = desk.aloud(&["subs", "en.mp3", "--transcript", "en.json"]).code(0).out();
    assert!(said.contains("eight trillion dollars"), "{said}");
}

#[test]
fn every_format_and_choice() {
    let desk = Desk::with_episodes();
    for (name, holds) in [
        ("a.vtt", "WEBVTT"),
        ("a.lrc", "[00:"),
        ("a.ass", "[Events]"),
        ("a.ttml", "<tt "),
        ("a.json", "\"segments\""),
        ("a.txt", "county"),
        ("a.html", "<audio"),
    ] {
        desk.aloud(&[&["subs"][..], &ENGLISH, &["--words", "-o", name]].concat()).code(0);
        assert!(
            desk.read(name).contains(holds),
            "{name}: {}",
            desk.read(name).chars().take(400).collect::<String>()
        );
        desk.aloud(&[&["subs"][..], &ENGLISH, &["-o", name]].concat()).code(2).says("--force");
    }
    assert!(desk.read("a.html").contains("en.mp3"));
    let with =
        |choice: &[&str]| desk.aloud(&[&["subs"][..], &ENGLISH, choice].concat()).code(0).out();
    assert!(with(&["--unwritten", "keep"]).contains("You are listening to"));
    assert!(!with(&["--unwritten", "drop"]).contains("You are listening to"));
    assert!(with(&["--unwritten", "brackets"]).contains("[You are listening to"));
    desk.aloud(&["subs", "en.mp3", "en.txt", "--transcript", "en.json", "-f", "doc"])
        .code(2)
        .says("srt");
    desk.aloud(&["subs", "en.mp3", "none.txt", "--transcript", "en.json"]).code(3).says("none.txt");
}

/// A case's name, what stands before and behind `--bilingual`, the exit code, and what is said and
/// shown.
type Shown<'a> = (&'a str, &'a [&'a str], &'a [&'a str], i32, &'a str, &'a [&'a str]);

#[test]
fn a_second_language() {
    let desk = Desk::with_episodes();
    let zh = desk.read("zh.txt");
    let few: String = zh.split_inclusive('。').skip(2).take(2).collect();
    for (name, text) in
        [("few.txt", few.as_str()), ("doubled.txt", &format!("{zh}\n\n{}", desk.read("radio.txt")))]
    {
        fs::write(desk.path().join(name), text).unwrap();
    }
    let heard = ["en.mp3", "--transcript", "en.json"];
    let cases: [Shown<'_>; 6] = [
        ("below the article", &ENGLISH, &["zh.txt"], 0, "", &["the river came", "河水漫過"]),
        (
            "below what was heard",
            &heard,
            &["zh.txt"],
            0,
            "",
            &["eight trillion dollars", "河水漫過"],
        ),
        (
            "another text",
            &ENGLISH,
            &["radio.txt"],
            5,
            "`radio.txt` does not seem to say what the first text says",
            &[],
        ),
        (
            "another text, insisted on",
            &ENGLISH,
            &["radio.txt", "--anyway"],
            0,
            "does not seem to say",
            &["the river came", "收音機"],
        ),
        ("two sentences", &ENGLISH, &["few.txt"], 5, "does not seem to say", &[]),
        ("more than is read", &ENGLISH, &["doubled.txt"], 0, "", &["the river came", "河水漫過"]),
    ];
    for (name, before, behind, code, says, shows) in cases {
        let ran =
            desk.aloud(&[&["subs"][..], before, &["--bilingual"], behind].concat()).code(code);
        assert!(ran.err().contains(says), "{name}: {}", ran.err());
        assert!(shows.iter().all(|text| ran.out().contains(text)), "{name}: {}", ran.out());
        // A time or a title is in no cue.
        assert!(!ran.out().contains("9:21"), "{name}");
    }
}

#[test]
fn an_article_from_standard_input() {
    let desk = Desk::with_episodes();
    let mut command =
        desk.command(&["align", "radio.mp3", "-", "--transcript", "radio.json", "--json"]);
    command.stdin(fs::File::open(desk.path().join("radio.txt")).unwrap());
    let output = command.output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    assert!(String::from_utf8_lossy(&output.stdout).contains("aloud-alignment/1"));
}
