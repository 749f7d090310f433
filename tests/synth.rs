//! `--method synth` and `estimate` on the demo episodes: text tied to sound without any model.
//! Where espeak-ng is not installed, what needs it is skipped, saying so.

use crate::util::{Desk, Ran, root, skip};
use serde_json::Value;
use std::collections::HashMap;
use std::fs;

/// A desk with both episodes; `None` where nobody can speak.
pub fn desk() -> Option<Desk> {
    let desk = Desk::with_episodes();
    can_speak(&desk).then_some(desk)
}

/// Whether somebody can speak; else what is asked of him is skipped, and counted.
pub fn can_speak(desk: &Desk) -> bool {
    let doctor: Value = serde_json::from_str(&desk.aloud(&["doctor", "--json"]).out()).unwrap();
    let can_speak = doctor["findings"]
        .as_array()
        .unwrap()
        .iter()
        .any(|finding| finding["what"] == "espeak-ng" && finding["health"] == "ok");
    if !can_speak {
        skip("espeak-ng is not installed");
    }
    can_speak
}

/// Runs the program where there is no espeak-ng.
fn without(desk: &Desk, arguments: &[&str]) -> Ran {
    let output =
        desk.command(arguments).env("ALOUD_ESPEAK", "/nowhere/libespeak-ng.so.1").output().unwrap();
    Ran::of(arguments, output)
}

/// The starts of words by where they stand.
fn starts(words: &Value) -> HashMap<u64, f64> {
    let place = |word: &Value| Some((word["bytes"][0].as_u64()?, word["start"].as_f64()?));
    words.as_array().into_iter().flatten().filter_map(place).collect()
}

/// Twelve seconds of talk in Mandarin: the first path leaves the first sentence out, and spreads
/// the second over its sound.
#[test]
fn a_first_path_that_is_wrong_does_not_stand() {
    let folder = root().join("../shared/samples/people/zh_01_fireredtts2_s1");
    if !folder.is_dir() {
        return skip("no shared files at ../shared/samples/people");
    }
    let Some(desk) = desk() else { return };
    let (audio, text) = (folder.join("S1.flac"), folder.join("text.txt"));
    // Twelve seconds do not tell whether a text belongs.
    let arguments = [
        "align",
        audio.to_str().unwrap(),
        text.to_str().unwrap(),
        "--method",
        "synth",
        "--json",
        "--anyway",
    ];
    let json = desk.aloud(&arguments).code(0).out();
    let got: Value = serde_json::from_str(&json).unwrap();
    let starts: Vec<f64> = got["sentences"]
        .as_array()
        .unwrap()
        .iter()
        .filter_map(|sentence| sentence["start"].as_f64())
        .collect();
    // As a recogniser hears it, too.
    assert!(starts.len() == 2 && starts[0] < 0.8 && (starts[1] - 3.77).abs() < 0.2, "{starts:?}");
}

#[test]
fn every_word_within_a_tenth_of_a_second() {
    let Some(desk) = desk() else { return };
    for (audio, text, truth) in [
        ("en.mp3", "en.txt", "open-models.en.truth.json"),
        ("radio.mp3", "radio.txt", "old-radio.zh.truth.json"),
    ] {
        let json = desk.aloud(&["align", audio, text, "--method", "synth", "--json"]).code(0).out();
        let got: Value = serde_json::from_str(&json).unwrap();
        assert_eq!(got["method"], "synth");
        let words: HashMap<u64, f64> =
            got["sentences"].as_array().unwrap().iter().flat_map(|s| starts(&s["words"])).collect();
        let truth: Value = serde_json::from_str(
            &fs::read_to_string(root().join("transcripts").join(truth)).unwrap(),
        )
        .unwrap();
        // The first of the spoken words that read a written one.
        let mut wanted: HashMap<u64, f64> = HashMap::new();
        for (place, start) in truth["words"]
            .as_array()
            .unwrap()
            .iter()
            .filter_map(|w| Some((w["bytes"][0].as_u64()?, w["start"].as_f64()?)))
        {
            wanted.entry(place).or_insert(start);
        }
        let near = wanted
            .iter()
            .filter(|(place, start)| {
                words.get(place).is_some_and(|got| (got - **start).abs() <= 0.1)
            })
            .count();
        assert!(near * 100 >= wanted.len() * 97, "{audio}: {near} of {} words", wanted.len());
        let n_unread = words.keys().filter(|place| !wanted.contains_key(place)).count();
        assert_eq!(n_unread, 0, "{audio}: unread words have times");
        // The second time it is remembered.
        assert_eq!(
            desk.aloud(&["align", audio, text, "--method", "synth", "--json"]).code(0).out(),
            json
        );
    }
}

#[cfg(feature = "whisper")]
#[test]
fn only_what_synthesis_leaves_open_is_recognised() {
    let (Some(desk), Some(model)) = (desk(), crate::util::real_model()) else { return };
    let bytes = fs::read(desk.path().join("en.mp3")).unwrap();
    desk.put("part.mp3", &bytes[..bytes.len() / 6]);
    let with = |arguments: &[&str]| {
        let how = ["--model", &model, "--beam", "1", "--log", "log"];
        desk.aloud(&[arguments, &how[..]].concat()).code(0).out()
    };
    let align = |more: &[&str]| {
        with(&[&["align", "part.mp3", "en.txt", "--method", "auto", "--json"], more].concat())
    };
    let n_heard = || desk.read("log").matches(" ms finished").count();
    let first = align(&[]);
    let got: Value = serde_json::from_str(&first).unwrap();
    assert!(got["method"].as_str().unwrap().contains("synth"), "{}", got["method"]);
    let unwritten: Vec<String> = got["unwritten"]
        .as_array()
        .unwrap()
        .iter()
        .map(|u| u["text"].as_str().unwrap().to_lowercase())
        .collect();
    assert!(
        unwritten.len() == 1 && unwritten[0].contains("column about technology"),
        "{unwritten:?}"
    );
    let n = n_heard();
    // What was heard is remembered, and never taken for all that is said.
    assert_eq!(align(&[]), first);
    assert_eq!(n_heard(), n);
    let said = with(&["transcribe", "part.mp3", "-l", "en"]);
    assert!(
        said.contains("fire truck") && n > 0 && n_heard() > 2 * n,
        "{n} of {}: {said}",
        n_heard() - n
    );
    let whole: Value = serde_json::from_str(&align(&["-l", "en"])).unwrap();
    assert_eq!(whole["method"], "whisper+synth");
}

#[test]
fn damage_and_what_was_never_heard_are_told() {
    let Some(desk) = desk() else { return };
    // A third of the file, whose header promises all of it.
    let whole = fs::read(desk.path().join("en.mp3")).unwrap();
    desk.put("cut.mp3", &whole[..whole.len() / 3]);
    for method in ["synth", "estimate"] {
        let ran = desk
            .aloud(&["align", "cut.mp3", "en.txt", "--method", method, "--json"])
            .code(0)
            .says("although its header promises 9:21");
        let json: Value = serde_json::from_str(&ran.out()).unwrap();
        let end = json["audio"]["duration"].as_f64().unwrap();
        assert!((170.0..200.0).contains(&end), "{method}: {end}");
    }
    desk.aloud(&["align", "en.mp3", "zh.txt", "--method", "synth"])
        .code(5)
        .says("if it is a translation");
    desk.aloud(&["align", "radio.mp3", "radio.txt", "--method", "synth"]).code(0);
    desk.aloud(&["find", "no such words", "radio.mp3"]).code(5).says("nothing was recognised yet");
    desk.put("notes.mp3", "This is no sound.");
    desk.aloud(&["subs", "notes.mp3"]).code(3);
    desk.aloud(&["transcribe", "notes.mp3"]).code(3);
    desk.put("theirs.srt", "1\n00:00:01,000 --> 00:00:02,000\nWords.\n");
    desk.aloud(&["subs", "theirs.srt"]).code(2).says("--check");
}

#[test]
fn without_a_model_text_is_spoken() {
    let Some(desk) = desk() else { return };
    let ran = desk
        .aloud(&["subs", "radio.mp3", "radio.txt", "--method", "auto"])
        .code(0)
        .says("by synthesised speech");
    assert!(ran.out().contains("奶奶"), "{}", ran.out());
    // From then on its words are found, by the file's name and without one.
    for arguments in [&["find", "收音机", "radio.mp3"][..], &["find", "shouyinji"]] {
        let out = desk.aloud(arguments).code(0).out();
        assert!(out.contains("radio.mp3:00:14.") && out.contains("收音機"), "{out}");
    }
}

#[test]
fn what_does_not_belong_is_refused() {
    let Some(desk) = desk() else { return };
    for text in ["zh.txt", "en.txt"] {
        desk.aloud(&["align", "radio.mp3", text, "--method", "synth"])
            .code(5)
            .says("does not belong");
    }
    // A text of two minutes has thousands of places to choose from in nine.
    desk.aloud(&["align", "en.mp3", "radio.txt", "--method", "synth"])
        .code(5)
        .says("does not belong");
    desk.aloud(&["align", "radio.mp3", "zh.txt", "--method", "synth", "--anyway"])
        .code(0)
        .says("does not seem to belong");
}

#[test]
fn without_a_synthesiser_it_says_so_and_guesses() {
    let desk = Desk::new();
    for (from, to) in [
        ("audio/old-radio.zh.mp3", "radio.mp3"),
        ("transcripts/old-radio.zh-Hant.txt", "radio.txt"),
    ] {
        fs::copy(root().join(from), desk.path().join(to)).unwrap();
    }
    without(&desk, &["align", "radio.mp3", "radio.txt", "--method", "synth"])
        .code(4)
        .says("/nowhere/libespeak-ng.so.1");
    let ran = without(&desk, &["align", "radio.mp3", "radio.txt", "--method", "auto", "--json"])
        .code(0)
        .says("guessed by length alone");
    assert!(ran.out().contains("\"method\": \"estimate\""));
    without(&desk, &["align", "radio.mp3", "radio.txt", "--method", "estimate"]).code(0);
    without(&desk, &["align", "radio.mp3", "radio.txt", "--method", "whisper"]).code(4);
    without(&desk, &["align", "radio.mp3", "radio.txt", "--method", "guess"]).code(2);
    without(&desk, &["align", "none.mp3", "radio.txt", "--method", "synth"]).code(3);
}
