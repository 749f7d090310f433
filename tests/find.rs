//! `aloud find`: a table of phrases over the demo episodes, every run of their words, and the
//! program itself.

use crate::damage::damage;
use crate::phrases::{Tally, by_reading, by_text, rows};
use crate::util::{Desk, Ran, truth};
use aloud::align::align;
use aloud::reading::Reading;
use aloud::search::{Match, Options, Query, Text, find};
use aloud::transcript::{Segment, SpokenWord, Transcript};
use proptest::prelude::*;
use serde_json::Value;

const ENGLISH: [&str; 3] = ["en.mp3", "--transcript", "en.json"];
const MANDARIN: [&str; 3] = ["radio.mp3", "--transcript", "radio.json"];

/// `aloud find` with what comes before and after the recording.
fn ran(desk: &Desk, phrase: &str, of: &[&str], more: &[&str]) -> Ran {
    desk.aloud(&[&["find", phrase], of, more].concat())
}

/// A transcript with so many words wrong.
fn damaged(transcript: &Transcript, rate: f64) -> Transcript {
    let words: Vec<SpokenWord> = transcript.words().cloned().collect();
    let heard = damage(&words, rate, 1000);
    let segment = Segment { words: heard, ..Segment::default() };
    let text = aloud::transcript::split::spell(segment.words.iter().map(|word| word.text.as_str()));
    Transcript { segments: vec![Segment { text, ..segment }], ..transcript.clone() }
}

#[test]
fn phrases_are_found_and_absent_ones_are_not() {
    for (stem, _) in truth::EPISODES {
        let (rows, reading) = (rows(stem), truth::reading(stem));
        let said = &reading.transcript;
        let tally = |finder: &dyn Fn(&str) -> Vec<aloud::time::Timestamp>| {
            let mut all = Tally::default();
            rows.iter().for_each(|row| all.add(&row.tally(said, finder)));
            all
        };
        let check = |what: &str, all: Tally, least: f64| {
            assert!(all.share() >= least, "{stem}, {what}: {:.1} % found", all.share());
            assert_eq!(all.answered, 0, "{stem}, {what}: absent phrases were answered");
        };
        check("perfect transcript", tally(&by_text(&Text::said(said))), 97.0);
        check("perfect transcript and article", tally(&by_reading(&reading)), 97.0);
        check("one word in five wrong", tally(&by_text(&Text::said(&damaged(said, 0.2)))), 75.0);
        let heard = damaged(said, 0.4);
        let alignment = align(&reading.article, &heard);
        let tied = Reading { transcript: heard, article: reading.article.clone(), alignment };
        check("two words in five wrong, and the article", tally(&by_reading(&tied)), 90.0);
    }
}

proptest! {
    #[test]
    fn every_run_of_words_is_found_at_its_time(is_chinese: bool, from in 0usize..2000, n in 1usize..30) {
        let transcript = truth::transcript(truth::EPISODES[usize::from(is_chinese)].0);
        let words: Vec<&SpokenWord> = transcript.words().collect();
        let run = &words[from % words.len()..(from % words.len() + n).min(words.len())];
        let phrase = aloud::transcript::split::spell(run.iter().map(|word| word.text.as_str()));
        let query = Query::new(&phrase, Options { is_literal: true, ..Options::default() }).unwrap();
        let hits = find(&Text::said(&transcript), &query);
        let is_there = |span: aloud::time::Span| span.start() == run[0].span.start() && span.end() == run[run.len() - 1].span.end();
        prop_assert!(hits.iter().any(|hit| hit.kind == Match::Exact && hit.span.is_some_and(is_there)), "{phrase}: {hits:?}");
    }
}

#[test]
fn lines_for_people_and_editors() {
    let desk = Desk::with_episodes();
    let cases: [(&str, &[&str], &[&str], &str); 8] = [
        ("8 trillion", &ENGLISH, &[], "en.mp3:03:07.039: At a conference in London last spring,"),
        ("8 trillion", &ENGLISH, &["--article", "en.txt"], "$8 trillion"),
        ("Blue Harbor", &ENGLISH, &["--article", "en.txt"], "en.mp3:04:"),
        ("shenduqiusuo", &MANDARIN, &[], "radio.mp3:00:23.598: 我捨不得丟"),
        ("walter fynch", &ENGLISH, &[], "en.mp3:01:01.486: ~ On the second night"),
        ("三月三號", &MANDARIN, &["--in", "said"], "radio.mp3:01:"),
        (
            "fire truck",
            &ENGLISH,
            &["--context", "1"],
            "plain English, and it needed no one’s permission to start.",
        ),
        ("m\\w+ county", &ENGLISH, &["--regex", "--limit", "1"], "en.mp3:00:16.531:"),
    ];
    for (phrase, of, more, want) in cases {
        let out = ran(&desk, phrase, of, more).code(0).out();
        assert!(out.contains(want) && !out.contains('\x1b'), "{phrase}: {out}");
    }
    let across = ran(&desk, "消防車", &ENGLISH, &["--article", "zh.txt"]).code(0).out();
    assert!(across.contains("en.mp3:00:3"), "a translation leads to the sound: {across}");
    let all = ran(&desk, "open models", &ENGLISH, &[]).code(0).out();
    assert_eq!(all.lines().count(), 3, "{all}");
    assert_eq!(
        ran(&desk, "open models", &ENGLISH, &["--limit", "2"]).code(0).out().lines().count(),
        2
    );
    assert_eq!(ran(&desk, "open modles", &ENGLISH, &["--exact"]).code(5).out(), "");
}

#[test]
fn answers_for_programs() {
    let desk = Desk::with_episodes();
    let json = |ran: Ran| -> Value { serde_json::from_str(&ran.out()).unwrap() };
    let found =
        json(ran(&desk, "深度求索", &MANDARIN, &["--article", "radio.txt", "--json"]).code(0));
    assert_eq!((&found["format"], &found["phrase"]), (&"aloud-hits/1".into(), &"深度求索".into()));
    let hit = &found["hits"][0];
    assert_eq!(
        (&hit["file"], &hit["start"], &hit["match"], &hit["score"]),
        (&"radio.mp3".into(), &23.598.into(), &"exact".into(), &1.0.into())
    );
    let mark: Vec<usize> =
        hit["marks"][0].as_array().unwrap().iter().map(|n| n.as_u64().unwrap() as usize).collect();
    assert_eq!(&hit["text"].as_str().unwrap()[mark[0]..mark[1]], "深度求索");
    assert_eq!(
        json(ran(&desk, "quantum computer", &ENGLISH, &["--json"]).code(5))["hits"],
        Value::Array(Vec::new())
    );
}

/// What is known of a named file is searched, with a model at hand as without one.
#[test]
fn a_named_file_is_searched_in_what_is_known() {
    let desk = Desk::with_episodes();
    let with_model = |arguments: &[&str]| {
        let output = desk.command(arguments).env("ALOUD_MODEL", "micro").output().unwrap();
        Ran::of(arguments, output)
    };
    with_model(&["align", "en.mp3", "en.txt", "--method", "synth"]).code(0);
    for more in [&[][..], &["--in", "written"]] {
        let asked = [&["find", "Mistral and the Llama family", "en.mp3"], more].concat();
        let found = with_model(&asked).code(0).out();
        assert!(found.contains("Mistral and the Llama family are models"), "{found}");
        assert_eq!(found, desk.aloud(&asked).code(0).out());
    }
}

#[test]
fn what_cannot_be_found() {
    let desk = Desk::with_episodes();
    ran(&desk, "quantum computer", &ENGLISH, &[]).code(5).says("nearest: “computer” (0:31)");
    ran(&desk, "Ruth Calloway", &ENGLISH, &["--article", "en.txt"])
        .code(5)
        .says("written (“By Ruth Calloway”) but not read");
    ran(&desk, "river -river", &ENGLISH, &[]).code(5).says("only in sentences with what a dash");
    let cases: [(&str, &[&str], i32, &str); 10] = [
        ("", &[], 2, "nothing in"),
        ("?!", &[], 2, "nothing in"),
        ("😀", &[], 2, "nothing in"),
        ("(", &["--regex"], 2, "unclosed"),
        ("a*?", &["--regex"], 5, "was not found"),
        ("word", &["--in", "written"], 2, "--article"),
        ("word", &["--clip", "a.mp3"], 2, "ffmpeg -i a.wav a.mp3"),
        ("word", &["--context", "x"], 2, "10s"),
        ("word", &["none.mp3"], 3, "none.mp3"),
        ("word", &["radio.mp3"], 2, "of one recording"),
    ];
    for (phrase, more, code, says) in cases {
        ran(&desk, phrase, &ENGLISH, more).code(code).says(says);
    }
    ran(&desk, &"字".repeat(10_000), &ENGLISH, &[])
        .code(2)
        .says("4000 characters at most; this one has 10000");
    desk.aloud(&["find", "word", "en.mp3", "radio.mp3", "--model", "micro"])
        .code(5)
        .says("en.mp3, radio.mp3")
        .says("--transcribe");
}

/// The samples of a file of 16 bits, and its rate.
fn samples(path: &std::path::Path) -> (Vec<f32>, u32) {
    let mut source = aloud::decode::Source::open(path).unwrap();
    let mut samples = Vec::new();
    while let Some(frames) = source.next_frames().unwrap() {
        samples.extend_from_slice(frames.samples);
    }
    (samples, source.rate())
}

#[test]
fn clips_are_the_recording_to_the_sample() {
    let desk = Desk::with_episodes();
    let (whole, rate) = samples(&desk.path().join("en.mp3"));
    let seconds = |text: &str| {
        text.split(':').fold(0.0, |sum, part| sum * 60.0 + part.parse::<f64>().unwrap())
    };
    for kind in ["wav", "flac"] {
        let out = ran(
            &desk,
            "open models",
            &ENGLISH,
            &["--clip", &format!("hit.{kind}"), "--limit", "2"],
        )
        .code(0)
        .out();
        assert_eq!(out.lines().count(), 2, "{out}");
        for line in out.lines() {
            let (name, rest) = line.split_once(": ").unwrap();
            let (from, rest) = rest.split_once(" to ").unwrap();
            let to = rest.split_once(": ").unwrap().0;
            let frame = |text: &str| (seconds(text) * f64::from(rate)).round() as usize;
            let (clip, own_rate) = samples(&desk.path().join(name));
            let want = &whole[frame(from)..frame(to)];
            assert_eq!((clip.len(), own_rate), (want.len(), rate), "{line}");
            // A decoded MP3 is finer than 16 bits.
            let furthest = clip.iter().zip(want).map(|(a, b)| (a - b).abs()).fold(0.0, f32::max);
            assert!(furthest <= 0.51 / 32_768.0, "{line}: off by {furthest}");
        }
    }
    ran(&desk, "open models", &ENGLISH, &["--clip", "hit.wav"]).code(2).says("--force");
    ran(&desk, "fire truck", &ENGLISH, &["--clip", "en.mp3", "--force"]).code(2);
}

#[test]
fn places_are_played_one_after_another() {
    let desk = Desk::with_episodes();
    let out = ran(&desk, "fire truck", &ENGLISH, &["--play-all", "--no-audio", "--limit", "1"])
        .code(0)
        .out();
    assert!(out.starts_with("en.mp3:00:37.770: It sat"), "{out}");
    let followed =
        ran(&desk, "somebody may need it", &ENGLISH, &["--play", "--no-audio"]).code(0).out();
    assert!(followed.contains("Somebody may need it."), "{followed}");
}
