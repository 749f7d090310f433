//! When recognised words are said, by a Whisper model that people use. Where none is at hand,
//! skipped with a word.

use crate::util::{Desk, demo_sound, real_model, root, skip, wav};
use aloud::transcript::Transcript;
use std::fs;

/// The model, and a desk with the first `seconds` of the demo.
fn desk(seconds: f64) -> Option<(Desk, String)> {
    let model = real_model()?;
    let desk = Desk::new();
    desk.put("a.wav", wav(&demo_sound(0.0, seconds)));
    Some((desk, model))
}

/// Until when the demo's announcer speaks, in seconds.
const ANNOUNCED: f64 = 6.2;

/// What is recognised, spoken by the espeak-ng that `library` names.
fn heard(desk: &Desk, model: &str, more: &[&str], library: Option<&str>) -> Transcript {
    let arguments = [
        &["transcribe", "a.wav", "--model", model, "-l", "en", "--beam", "1", "--format", "json"],
        more,
    ]
    .concat();
    let mut command = desk.command(&arguments);
    command.envs(library.map(|library| ("ALOUD_ESPEAK", library)));
    let output = command.output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    aloud::import::read(&output.stdout, None).unwrap().0
}

/// What is said in the first `seconds` of the demo: words without marks in small letters, and when.
fn truth(seconds: f64) -> Vec<(String, f64, f64)> {
    let text = fs::read_to_string(root().join("transcripts/open-models.en.truth.json")).unwrap();
    let json: serde_json::Value = serde_json::from_str(&text).unwrap();
    let word = |w: &serde_json::Value| {
        (
            fold(w["text"].as_str().unwrap()),
            w["start"].as_f64().unwrap(),
            w["end"].as_f64().unwrap(),
        )
    };
    json["words"]
        .as_array()
        .unwrap()
        .iter()
        .map(word)
        .filter(|(_, _, end)| *end < seconds)
        .collect()
}

fn fold(word: &str) -> String {
    word.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}

/// Start of each word that was recognised as it is said, and its true start and end.
fn told(transcript: &Transcript, truth: &[(String, f64, f64)]) -> Vec<(f64, f64, f64)> {
    let mut left = truth.iter();
    let mut found = Vec::new();
    for word in transcript.words() {
        // What was heard wrongly costs a few words of the truth at most.
        let mut ahead = left.clone().take(6);
        if let Some(skipped) = ahead.position(|(text, ..)| *text == fold(&word.text))
            && let Some((_, start, end)) = left.nth(skipped)
        {
            found.push((word.span.start().secs(), *start, *end));
        }
    }
    found
}

/// The share of `errors` in percent that are at most `most` seconds.
fn within(errors: &[f64], most: f64) -> usize {
    errors.iter().filter(|error| **error <= most).count() * 100 / errors.len().max(1)
}

#[test]
fn no_word_begins_in_silence_or_late() {
    let Some((desk, model)) = desk(40.0) else { return };
    let truth = truth(40.0);
    let nobody = heard(&desk, &model, &[], Some("/nowhere/libespeak-ng.so.1"));
    let told = told(&nobody, &truth);
    assert!(
        told.len() * 10 >= truth.len() * 9,
        "{} of {} words were understood",
        told.len(),
        truth.len()
    );
    let late: Vec<_> =
        told.iter().filter(|(got, start, end)| *got > (start + 0.2).max(*end)).collect();
    assert!(late.is_empty(), "{late:?}");
    let frames =
        aloud::pipeline::frames(&desk.path().join("a.wav"), &|| false).unwrap().unwrap().frames;
    for word in nobody.words() {
        let at = (word.span.start().millis() / 10) as usize;
        let is_heard = frames[at..].iter().take(20).any(|frame| frame.speech >= 0.5);
        assert!(is_heard, "`{}` begins in silence at {}", word.text, word.span.start());
    }
}

/// Whether espeak-ng is there.
fn can_speak(desk: &Desk) -> bool {
    let doctor: serde_json::Value =
        serde_json::from_str(&desk.aloud(&["doctor", "--json"]).out()).unwrap();
    let is_there =
        |finding: &serde_json::Value| finding["what"] == "espeak-ng" && finding["health"] == "ok";
    let can_speak = doctor["findings"].as_array().unwrap().iter().any(is_there);
    if !can_speak {
        skip("espeak-ng is not installed");
    }
    can_speak
}

#[test]
fn words_are_laid_over_the_sound() {
    let Some((desk, model)) = desk(40.0).filter(|(desk, _)| can_speak(desk)) else { return };
    let truth = truth(40.0);
    let laid = heard(&desk, &model, &["--jobs", "1"], None);
    // The first sentence has a voice of its own, an announcer's, and six seconds are too few to
    // learn it from.
    let column = told(&laid, &truth).into_iter().filter(|(_, start, _)| *start > ANNOUNCED);
    let errors: Vec<f64> = column.map(|(got, start, _)| (got - start).abs()).collect();
    assert!(
        within(&errors, 0.025) >= 50 && within(&errors, 0.1) >= 90 && within(&errors, 0.2) >= 95,
        "{errors:?}"
    );
    // Nothing but times is other than what was recognised; and it is the same however it was made,
    // and remembered.
    let raw = heard(&desk, &model, &["--cache", "other"], Some("/nowhere/libespeak-ng.so.1"));
    assert!(raw.words().map(|word| &word.text).eq(laid.words().map(|word| &word.text)));
    assert_ne!(raw, laid);
    assert_eq!(heard(&desk, &model, &["--jobs", "2", "--cache", "other"], None), laid);
    assert_eq!(heard(&desk, &model, &[], None), laid);
}
