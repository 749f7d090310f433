//! `aloud transcribe` with real recognition by the very small model.

use crate::util::{Desk, demo_sound, root, skip, wav};
use std::fs;

const MICRO: [&str; 4] = ["--model", "micro", "-l", "en"];

fn with_micro<'a>(arguments: &[&'a str]) -> Vec<&'a str> {
    [arguments, &MICRO].concat()
}

/// Words as recognised and as they truly are, lower case and without marks, with their starts in
/// seconds.
fn truth(from: f64, to: f64) -> Vec<(String, f64)> {
    let text = fs::read_to_string(root().join("transcripts/open-models.en.truth.json")).unwrap();
    let json: serde_json::Value = serde_json::from_str(&text).unwrap();
    let word =
        |w: &serde_json::Value| (fold(w["text"].as_str().unwrap()), w["start"].as_f64().unwrap());
    let words = json["words"].as_array().unwrap().iter().map(word);
    words.filter(|(_, start)| (from..to).contains(start)).collect()
}

fn fold(word: &str) -> String {
    word.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}

/// The longest common subsequence of two word lists, as pairs of places.
fn common(a: &[(String, f64)], b: &[(String, f64)]) -> Vec<(usize, usize)> {
    let mut length = vec![vec![0u32; b.len() + 1]; a.len() + 1];
    for i in (0..a.len()).rev() {
        for j in (0..b.len()).rev() {
            length[i][j] = if a[i].0 == b[j].0 {
                length[i + 1][j + 1] + 1
            } else {
                length[i + 1][j].max(length[i][j + 1])
            };
        }
    }
    let (mut i, mut j, mut pairs) = (0, 0, Vec::new());
    while i < a.len() && j < b.len() {
        if a[i].0 == b[j].0 {
            pairs.push((i, j));
            (i, j) = (i + 1, j + 1);
        } else if length[i + 1][j] >= length[i][j + 1] {
            i += 1;
        } else {
            j += 1;
        }
    }
    pairs
}

#[test]
fn words_come_with_exact_times() {
    let desk = Desk::new();
    desk.put("a.wav", wav(&demo_sound(0.0, 75.0)));
    let json = desk.aloud(&with_micro(&["transcribe", "a.wav", "--format", "json"])).code(0).out();
    let (transcript, problems) = aloud::import::read(json.as_bytes(), None).unwrap();
    assert!(problems.is_empty(), "{problems:?}");
    assert_eq!(transcript.language.as_deref(), Some("en"));
    assert_eq!(transcript.audio.duration.unwrap().millis(), 75_000);
    let heard: Vec<_> =
        transcript.words().map(|w| (fold(&w.text), w.span.start().secs())).collect();
    let truth = truth(0.0, 74.0);
    let pairs = common(&truth, &heard);
    // The model's card says 24.5 % wrong for such a column; a quarter more is left for this short
    // piece.
    assert!(
        pairs.len() * 100 >= truth.len() * 70,
        "{} of {} words\n{json}",
        pairs.len(),
        truth.len()
    );
    let mut errors: Vec<f64> =
        pairs.iter().map(|&(t, h)| (truth[t].1 - heard[h].1).abs()).collect();
    errors.sort_by(f64::total_cmp);
    assert!(errors[errors.len() / 2] <= 0.020, "median {}", errors[errors.len() / 2]);
    let near = errors.iter().filter(|e| **e <= 0.1).count();
    assert!(near * 100 >= errors.len() * 93, "{near} of {} within 0.1 s", errors.len());
}

#[test]
fn formats_and_files() {
    let desk = Desk::new();
    desk.put("talk.wav", wav(&demo_sound(0.0, 20.0)));
    desk.aloud(&with_micro(&["transcribe", "talk.wav", "-o", "talk.srt"])).code(0);
    assert!(desk.read("talk.srt").starts_with("1\n00:00:0"), "{}", desk.read("talk.srt"));
    desk.aloud(&with_micro(&["transcribe", "talk.wav", "-o", "talk.vtt"])).code(0);
    assert!(desk.read("talk.vtt").starts_with("WEBVTT\n"));
    desk.aloud(&with_micro(&["transcribe", "talk.wav", "-o", "talk.srt"])).code(2).says("--force");
    desk.aloud(&with_micro(&["transcribe", "talk.wav", "-o", "talk.srt", "--force"])).code(0);
    desk.aloud(&with_micro(&["transcribe", "talk.wav", "-o", "no/where.srt"]))
        .code(2)
        .says("no folder `no`");
    // What was written can be used in place of recognising.
    let text = desk.aloud(&["transcribe", "talk.wav", "--transcript", "talk.vtt"]).code(0).out();
    assert!(text.contains("technology"), "{text}");
}

#[test]
fn many_recordings_and_a_bad_one() {
    let desk = Desk::new();
    desk.put("shows/a.wav", wav(&demo_sound(0.0, 12.0)));
    desk.put("shows/b.mp3", "this is no sound at all\n".repeat(200));
    desk.put("shows/c.wav", wav(&demo_sound(12.0, 24.0)));
    desk.aloud(&with_micro(&["transcribe", "shows", "-o", "all.srt"]))
        .code(2)
        .says("`all.srt/` makes one");
    let ran =
        desk.aloud(&with_micro(&["transcribe", "shows", "-o", "out/", "--format", "json"])).code(3);
    assert!(
        ran.err().contains("b.mp3") && ran.err().contains("2 of 3 recordings"),
        "{}",
        ran.err()
    );
    assert!(desk.path().join("out/a.json").exists() && desk.path().join("out/c.json").exists());
    // Two of a name do not write over each other, and damage is told also when the work is done
    // already.
    desk.put("more/a.wav", wav(&demo_sound(24.0, 30.0)));
    let cut = wav(&demo_sound(30.0, 40.0));
    desk.put("more/cut.wav", &cut[..cut.len() / 2]);
    for _ in 0..2 {
        let both =
            ["transcribe", "shows/a.wav", "more", "-o", "both", "--force", "--format", "txt"];
        desk.aloud(&with_micro(&both)).code(0).says("header promises");
        for name in ["both/shows a.wav.txt", "both/more a.wav.txt", "both/cut.txt"] {
            assert!(desk.path().join(name).exists(), "{name}");
        }
    }
}

#[test]
fn nothing_is_invented() {
    let desk = Desk::new();
    let chord = |i: usize| {
        let t = i as f32 / 16_000.0;
        [220.0f32, 277.2, 329.6]
            .iter()
            .map(|f| (t * f * std::f32::consts::TAU).sin() * 0.1)
            .sum::<f32>()
    };
    for (name, sound) in [
        ("silence", vec![0.0; 16_000 * 20]),
        (
            "hiss",
            (0..16_000 * 20u32)
                .map(|i| ((i.wrapping_mul(2_654_435_761) >> 16) as f32 / 32_768.0 - 1.0) * 0.01)
                .collect(),
        ),
        ("chord", (0..16_000 * 20).map(chord).collect()),
    ] {
        desk.put("a.wav", wav(&sound));
        let json =
            desk.aloud(&with_micro(&["transcribe", "a.wav", "--format", "json"])).code(0).out();
        let (transcript, _) = aloud::import::read(json.as_bytes(), None).unwrap();
        assert_eq!(transcript.words().count(), 0, "{name}: {json}");
        assert!(!transcript.gaps.is_empty(), "{name}: {json}");
    }
}

#[test]
fn bad_inputs_and_settings() {
    let desk = Desk::new();
    desk.put("a.wav", wav(&demo_sound(0.0, 3.0)));
    desk.put("empty.wav", "");
    let micro = fs::read(root().join("models/ggml-micro.bin")).unwrap();
    desk.put("short.bin", &micro[..100_000]);
    // Everything else of it is whole; what is made of the sound with these is no number, and a
    // search among those never ends.
    desk.put("filters.bin", [&micro[..60_000], &[0xff; 400], &micro[60_400..]].concat());
    for (arguments, code, says) in [
        (&["transcribe", "missing.mp3", "--model", "micro"][..], 3, "missing.mp3"),
        (&["transcribe", "empty.wav", "--model", "micro"], 3, "empty"),
        (&["transcribe", "a.wav"], 4, "aloud models pull base"),
        (&["transcribe", "a.wav", "--model", "bse"], 4, "base"),
        (&["transcribe", "a.wav", "--model", "./short.bin"], 4, "short.bin"),
        (&["transcribe", "a.wav", "--model", "./filters.bin"], 4, "mel filter"),
        (&["transcribe", "a.wav", "--model", "micro", "-l", "tlh"], 2, "yue"),
        (&["transcribe", "a.wav", "--model", "micro", "-l", "zh"], 2, "English only"),
        (&["transcribe", "a.wav", "--model", "micro", "--script", "latin"], 2, "hant"),
        (&["transcribe"], 2, "AUDIO"),
        (&["transcribe", "home"], 3, "no recordings in `home`"),
        (&["subs", "a.wav", "--method", "synth"], 2, "name the article"),
    ] {
        desk.aloud(arguments).code(code).says(says);
    }
}

#[test]
fn a_store_that_cannot_be_written_stops_nothing() {
    let desk = Desk::new();
    desk.put("a.wav", wav(&demo_sound(0.0, 12.0)));
    desk.put("blocked", "a file where a folder should be");
    let ran = desk.aloud(&with_micro(&["transcribe", "a.wav", "--cache", "blocked/cache"])).code(0);
    assert!(ran.out().contains("technology"), "{}", ran.out());
    assert_eq!(ran.err().matches("kept").count(), 1, "said once: {}", ran.err());
}

#[test]
fn a_second_run_asks_nobody() {
    let desk = Desk::new();
    desk.put("a.wav", wav(&demo_sound(0.0, 12.0)));
    let first = desk.aloud(&with_micro(&["transcribe", "a.wav", "--format", "json"])).code(0).out();
    // Under another name, and with another share of the machine, it is still the same recording.
    fs::rename(desk.path().join("a.wav"), desk.path().join("b.wav")).unwrap();
    let second = desk
        .aloud(&with_micro(&[
            "transcribe",
            "b.wav",
            "--format",
            "json",
            "--jobs",
            "2",
            "--log",
            "log",
        ]))
        .code(0)
        .out();
    assert_eq!(first.replace("a.wav", "b.wav"), second);
    assert!(!desk.read("log").contains("recogniser"), "{}", desk.read("log"));
}

/// Silero finds the same speech on real recognition, and music is left out with it too.
#[test]
fn silero_in_place_of_our_own_detector() {
    let shared = root().join("../shared/models/ggml-silero-v6.2.0.bin");
    let Ok(weights) = fs::read(&shared) else {
        return skip(&format!("Silero's weights are not at `{}`", shared.display()));
    };
    let desk = Desk::new();
    desk.put("models/ggml-silero-v6.2.0.bin", weights);
    // Silero is asked for some 30 s at a time; more than two such pieces show whether they join.
    let quiet = vec![0.0; 16_000 * 8];
    desk.put("a.wav", wav(&[demo_sound(0.0, 46.8), quiet, demo_sound(46.8, 97.5)].concat()));
    let run = |models: &str, log: &str| {
        let mut command = desk.command(&with_micro(&[
            "transcribe",
            "a.wav",
            "--format",
            "json",
            "--beam",
            "1",
            "--log",
            log,
        ]));
        let output = command.env("ALOUD_MODELS", desk.path().join(models)).output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        aloud::import::read(&output.stdout, None).unwrap().0
    };
    let (own, silero) = (run("none", "own.log"), run("models", "silero.log"));
    assert!(desk.read("silero.log").contains("whisper_vad"), "{}", desk.read("silero.log"));
    assert!(!desk.read("own.log").contains("whisper_vad"));
    let words = |transcript: &aloud::transcript::Transcript| -> Vec<(String, f64)> {
        transcript.words().map(|w| (fold(&w.text), w.span.start().secs())).collect()
    };
    let (own, theirs) = (words(&own), words(&silero));
    let same = common(&own, &theirs);
    assert!(same.len() * 10 >= own.len() * 8, "{} of {} words are the same", same.len(), own.len());
    let near = same.iter().filter(|&&(a, b)| (own[a].1 - theirs[b].1).abs() <= 0.1).count();
    assert!(near * 10 >= same.len() * 9, "{near} of {} within 0.1 s", same.len());
    let is_quiet = |gap: &aloud::transcript::Gap| {
        gap.span.start().secs() > 45.0 && gap.span.end().secs() < 56.0 && gap.span.millis() > 5_000
    };
    assert!(silero.gaps.iter().any(is_quiet), "{:?}", silero.gaps);
}

#[test]
fn doctor_names_what_is_set_wrong() {
    let desk = Desk::new();
    for (file, variable, says) in [
        ("beam = ", None, "line 1"),
        ("colour = 3", None, "unknown setting `colour`"),
        ("script = \"runes\"", None, "`script`"),
        ("theme = \"pink\"", None, "no theme `pink`"),
        ("[keys]\nquit = \"x\"\nmute = \"x\"", None, "`x`"),
        ("beam = 99", None, "is 99 and can be 1 to 8"),
        ("jobs = 0", None, "is 0 and can be 1 to 64"),
        ("model = \"nosuch\"", None, "nosuch"),
        ("fetched = \"much\"", None, "no number of bytes"),
        ("", Some(("ALOUD_BEAM", "abc")), "`ALOUD_BEAM` is `abc`"),
        ("", Some(("ALOUD_LANGUAGE", "klingon")), "klingon"),
    ] {
        desk.put("home/.config/aloud/config.toml", file);
        let mut command = desk.command(&["doctor"]);
        command.envs(variable);
        let output = command.output().unwrap();
        let said = String::from_utf8_lossy(&output.stdout).into_owned();
        assert_eq!(output.status.code(), Some(1), "{said}");
        let settings =
            said.split("problem settings").nth(1).unwrap_or_else(|| panic!("{file}: {said}"));
        assert!(settings.contains(says), "{file}: {settings}");
    }
}

#[test]
fn manual_pages() {
    let desk = Desk::new();
    assert!(desk.aloud(&["man"]).code(0).out().contains("aloud\\-subs(1)"));
    let page = desk.aloud(&["man", "subs"]).code(0).out();
    assert!(page.contains(".TH aloud-subs 1") && page.contains("ARTICLE"), "{page}");
    desk.aloud(&["man", "dance"]).code(2).says("no command `dance`");
    desk.aloud(&["man", "--dir", "man1"]).code(0);
    let pages = fs::read_dir(desk.path().join("man1")).unwrap().count();
    assert!(pages > 10 && desk.read("man1/aloud-listen.1").contains("AUDIO"), "{pages}");
    assert!(!desk.path().join("man1/aloud-recogniser-child.1").exists());
}
