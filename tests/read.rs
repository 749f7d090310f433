//! A text without a recording, read aloud by espeak-ng.

use crate::synth::can_speak;
use crate::util::Desk;
use std::fs;

const TEXT: &str = "# The river\n\nBy Helen Marsh\n\nThe river came over the roads in the night. Nobody was awake.\n\nIn the morning 82 boats were gone.\n";

#[test]
fn a_text_becomes_a_recording_with_its_words() {
    let desk = Desk::new();
    desk.put("river.md", TEXT);
    if !can_speak(&desk) {
        return;
    }
    desk.aloud(&["read", "river.md", "-o", "river.mp3"]).code(2).says(".wav");
    let ran = desk.aloud(&["read", "river.md", "-o", "river.wav"]).code(0);
    ran.says("aloud listen river.wav").says("not read").says("“By Helen Marsh”");
    desk.aloud(&["read", "river.md", "-o", "river.wav"]).code(2).says("--force");
    desk.aloud(&["read", "river.md", "-o", "river.flac"]).code(0);
    for sound in ["river.wav", "river.flac"] {
        // It opens with its text, which knows its times, and is found in it.
        let ran = desk.aloud(&["find", "boats were gone", sound]).code(0);
        assert!(ran.out().contains("boats were gone"), "{sound}: {}", ran.out());
        let srt = desk.aloud(&["subs", sound, "river.md", "--method", "synth"]).code(0).out();
        assert!(
            srt.contains("The river came over the roads") && srt.contains("82 boats"),
            "{sound}: {srt}"
        );
    }
    // In a pipe it is printed in time, the title too.
    let ran = desk.aloud(&["read", "river.md", "--no-audio", "--rate", "3"]).code(0);
    for sentence in ["The river", "Nobody was awake.", "In the morning 82 boats were gone."] {
        assert!(ran.out().contains(sentence), "no {sentence} in {}", ran.out());
    }
    // Words are where they sound: the aligner, which does not know the times, finds the same within
    // some frames.
    let json = |method: &str, store: &str| {
        let ran = desk
            .aloud(&[
                "--cache",
                store,
                "align",
                "river.wav",
                "river.md",
                "--method",
                method,
                "--json",
            ])
            .code(0);
        serde_json::from_str::<serde_json::Value>(&ran.out()).unwrap()
    };
    let own = desk
        .aloud(&["align", "river.wav", "river.md", "--method", "synth", "--json"])
        .code(0)
        .out();
    let own: serde_json::Value = serde_json::from_str(&own).unwrap();
    let found = json("synth", "elsewhere");
    let starts = |all: &serde_json::Value| -> Vec<f64> {
        let sentences = all["sentences"].as_array().unwrap().iter();
        let words = sentences.filter_map(|sentence| sentence["words"].as_array()).flatten();
        words.filter_map(|word| word["start"].as_f64()).collect()
    };
    let (own, found) = (starts(&own), starts(&found));
    assert_eq!(own.len(), found.len());
    let off: Vec<f64> = own.iter().zip(&found).map(|(a, b)| (a - b).abs()).collect();
    let near = off.iter().filter(|off| **off <= 0.06).count();
    assert!(near * 10 >= off.len() * 8, "{own:?} {found:?}");
}

#[test]
fn chinese_and_what_cannot_be_read() {
    let desk = Desk::new();
    desk.put("zh.txt", "奶奶打開收音機，說早安。\n\n她今年82歲。\n");
    desk.put("nothing.txt", "— … —\n");
    if !can_speak(&desk) {
        return;
    }
    let ran = desk.aloud(&["read", "zh.txt", "--no-audio", "--rate", "3"]).code(0);
    assert!(
        ran.out().contains("奶奶打開收音機") && ran.out().contains("她今年82歲"),
        "{}",
        ran.out()
    );
    desk.aloud(&["read", "nothing.txt", "-l", "en", "-o", "nothing.wav"])
        .code(3)
        .says("there is no text in it");
    desk.aloud(&["read", "zh.txt", "-l", "qq", "-o", "no.wav"]).code(4);
    desk.aloud(&["read", "gone.txt"]).code(3).says("gone.txt");
    assert!(fs::metadata(desk.path().join("no.wav")).is_err());
    // Whoever listens to a text without a terminal is told how.
    desk.aloud(&["listen", "zh.txt"]).code(3).says("`aloud read zh.txt`");
}

#[cfg(unix)]
#[test]
fn listening_to_a_text_asks() {
    use crate::util::terminal::Terminal;
    let desk = Desk::new();
    desk.put("river.md", TEXT);
    if !can_speak(&desk) {
        return;
    }
    let Some(mut screen) =
        Terminal::aloud(&desk, &["listen", "river.md", "--no-audio", "--paused"], (80, 24))
    else {
        return;
    };
    screen.shows("Have it read aloud by espeak-ng? [Y/n]");
    screen.type_in("\n");
    screen.shows("came over the roads");
    screen.until("its own times", |screen| {
        screen.find("not checked").is_none() && screen.find("estimates").is_none()
    });
    screen.type_in("q");
    assert_eq!(screen.end(), 0);
}
