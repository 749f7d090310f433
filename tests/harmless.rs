//! Nothing that a stranger named reaches a terminal as a command: every argument, file name and field, with every such character.

use crate::util::{Desk, Ran, root};
use aloud::printable::is_harmful;
use std::fs;

/// All harmful characters but those that no argument can hold, in one name.
fn evil() -> String {
    let harmful = (1..=0x10_FFFF).filter_map(char::from_u32).filter(|c| is_harmful(*c) && !matches!(c, '\n'));
    format!("a{}[2Jz", harmful.collect::<String>())
}

#[track_caller]
fn check(ran: &Ran, what: &str) {
    for (stream, text) in [("out", ran.out()), ("err", ran.err())] {
        let found: Vec<char> = text.chars().filter(|c| is_harmful(*c) && *c != '\n').collect();
        assert!(found.is_empty(), "{what}: {found:?} on std{stream}:\n{text:?}");
        assert!(!text.contains("\u{fffd}\u{fffd}"), "{what}: {text:?}");
    }
}

#[test]
fn arguments_are_shown_without_their_control_characters() {
    let desk = Desk::new();
    desk.put("a.txt", "Some words of an article, which is not long.");
    let evil = evil();
    let audio = root().join("audio/open-models.en.mp3");
    let audio = audio.to_str().unwrap();
    for line in [
        &["models", "pull", &evil][..],
        &["models", "rm", &evil],
        &["models", "verify", &evil],
        &["models", "pull", "tiny", "--from", &evil],
        &["models", "list", "--dir", &evil],
        &["models", "list", "--json", "--dir", &evil],
        &["cache", "rm", &evil],
        &["cache", "list", "--cache", &evil],
        &["cache", "list", "--json", "--cache", &evil],
        &["transcribe", &evil],
        &["transcribe", audio, "--model", &evil],
        &["transcribe", audio, "--language", &evil],
        &["transcribe", audio, "-o", &format!("{evil}/{evil}.srt")],
        &["align", audio, &evil],
        &["align", &evil, "a.txt"],
        &["subs", "--check", &evil],
        &["listen", &evil],
        &["listen", audio, "--theme", &evil],
        &["find", &evil, "a.txt"],
        &["find", "word", &evil],
        &["library", "add", &evil],
        &[&evil],
        &["find", &format!("--{evil}")],
        &["man", &evil],
    ] {
        check(&desk.aloud(line), &line.join(" ").escape_debug().to_string());
    }
}

#[test]
fn names_of_files_are_harmless_where_they_are_printed() {
    let desk = Desk::with_episodes();
    // A file's name ends before 255 bytes.
    let short: String = evil().chars().filter(|c| !c.is_ascii() || *c == '\u{1b}').take(60).collect();
    let name = format!("a{short}.mp3");
    fs::rename(desk.path().join("en.mp3"), desk.path().join(&name)).unwrap();
    desk.aloud(&["subs", &name, "en.txt", "--transcript", "en.json", "-o", "page.html"]);
    for line in [
        &["align", &name, "en.txt", "--transcript", "en.json"][..],
        &["find", "open", &name, "--transcript", "en.json"],
        &["find", "open", &name, "--transcript", "en.json", "--json"],
        &["find", "open"],
        &["cache", "list"],
        &["cache", "list", "--json"],
        &["library"],
        &["subs", &name, "--transcript", "en.json", "-o", "a.srt"],
    ] {
        check(&desk.aloud(line), &line.join(" ").escape_debug().to_string());
    }
    if let Ok(page) = fs::read_to_string(desk.path().join("page.html")) {
        let found: Vec<char> = page.chars().filter(|c| is_harmful(*c) && *c != '\n').collect();
        assert!(found.is_empty(), "{found:?} in the page");
    } else {
        panic!("there is no page: {}", desk.aloud(&["subs", &name, "en.txt", "--transcript", "en.json", "-o", "page.html"]).err());
    }
}
