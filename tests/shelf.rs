//! `aloud` without arguments: the shelf, in a pipe and in a real pseudo-terminal.

use crate::util::{Desk, demo_sound, root, shelf, wav};
use std::fs;

/// Two recordings, one of them with its text, neither heard so far.
fn desk() -> Desk {
    let desk = Desk::new();
    desk.put("talks/deep.wav", wav(&demo_sound(0.0, 20.0)));
    desk.put("talks/river.wav", wav(&demo_sound(20.0, 30.0)));
    fs::copy(root().join("transcripts/open-models.en.txt"), desk.path().join("en.txt")).unwrap();
    // Of this recording, and not of the whole one that it was made of.
    let said =
        fs::read_to_string(root().join("transcripts/open-models.en.transcript.json")).unwrap();
    let (before, after) = said.split_once(", \"blake3\": \"").unwrap();
    desk.put("en.json", format!("{before}{}", after.split_once('"').unwrap().1));
    desk.put("said.srt", "1\n00:00:01,000 --> 00:00:09,000\nnothing but a river\n");
    desk.aloud(&[
        "align",
        "talks/deep.wav",
        "en.txt",
        "--method",
        "whisper",
        "--transcript",
        "en.json",
    ])
    .code(0);
    desk
}

fn heard(desk: &Desk, audio: &str, at: &str, transcript: &str) {
    let arguments =
        ["listen", audio, "--no-audio", "--rate", "3", "--transcript", transcript, "--at", at];
    desk.aloud(&arguments).code(0);
}

#[test]
fn a_pipe_gets_a_list() {
    let desk = Desk::new();
    // Who has listened to nothing is told how to begin.
    for arguments in [&[][..], &["listen"]] {
        let ran = desk.aloud(arguments).code(0).says("`aloud demo` shows how it goes");
        assert!(ran.out().contains("Usage: aloud"), "{}", ran.out());
    }
    let desk = self::desk();
    let list = desk.aloud(&[]).code(0).out();
    let lines: Vec<&str> = list.lines().collect();
    assert_eq!(lines.len(), 2, "{list}");
    for part in ["9:21", "text", "The Machine in the Closet", "talks/deep.wav"] {
        assert!(lines[1].contains(part), "no {part} in {list}");
    }
    fs::remove_file(desk.path().join("talks/deep.wav")).unwrap();
    assert!(
        desk.aloud(&["listen"]).code(0).out().contains("missing: `aloud library relink FOLDER`")
    );
    // Not the program's own folders, nor what was never on the shelf.
    desk.aloud(&["listen", "machine"]).code(3).says("deep.wav` is missing");
    desk.aloud(&["listen", "no-such"]).code(3).says("no-such").says("no episode on the shelf");
}

#[test]
fn a_part_of_the_title_is_enough() {
    let desk = desk();
    let sentence = "On Jan. 20, 2025, the river came over the road";
    for name in ["machine", "CLOSET mach", "deep.wav", "deep"] {
        let arguments = [
            "listen",
            name,
            "--no-audio",
            "--rate",
            "3",
            "--transcript",
            "en.json",
            "--at",
            "0:11",
        ];
        let ran = desk.aloud(&arguments).code(0).says("deep.wav");
        assert!(ran.out().contains(sentence), "{name}: {}", ran.out());
    }
    // By the hash that `library` shows, too.
    let list = desk.aloud(&["library"]).code(0).out();
    let hash =
        list.lines().nth(1).and_then(|line| line.split_whitespace().next()).unwrap().to_owned();
    desk.aloud(&[
        "listen",
        &hash,
        "--no-audio",
        "--rate",
        "3",
        "--transcript",
        "en.json",
        "--at",
        "0:19",
    ])
    .code(0)
    .says("deep.wav");
    // Two that may be meant are named, and none is taken for the other.
    let store = shelf::store(&desk);
    for (n, file) in [(1, "river-one.mp3"), (2, "river-two.mp3")] {
        shelf::keep(&store, &shelf::said(file, "en", "a river"), shelf::id(n), "truth");
    }
    let cache = ["--cache", shelf::CACHE];
    let ran =
        desk.aloud(&[&["listen", "river"][..], &cache].concat()).code(2).says("may be 2 episodes");
    assert!(
        ran.err().contains("river-one.mp3") && ran.err().contains("river-two.mp3"),
        "{}",
        ran.err()
    );
    desk.aloud(&[&["listen", "river-one.mp3"][..], &cache].concat()).code(3).says("relink");
}

#[cfg(unix)]
mod in_a_terminal {
    use super::*;
    use crate::util::terminal::Terminal;

    #[test]
    fn a_session() {
        let desk = desk();
        heard(&desk, "talks/river.wav", "0:09", "said.srt");
        // Nobody's key is lost between the shelf and the player.
        let Some(mut terminal) = Terminal::aloud(
            &desk,
            &["listen", "--no-audio", "--paused", "--transcript", "en.json"],
            (100, 30),
        ) else {
            return;
        };
        terminal.shows("2 episodes");
        terminal
            .until("the one heard last first", |terminal| terminal.find("▸ river.wav").is_some());
        terminal.type_in("closet");
        terminal.until("the other one", |terminal| {
            terminal.find("1 of 2 episodes").is_some() && terminal.find("▸ The Machine").is_some()
        });
        terminal.type_in("\r");
        // It comes with its text, though no file of it was named.
        terminal.shows("the river came over the road");
        terminal.type_in("g");
        terminal.type_in("0:12\r");
        terminal.until("the time", |terminal| terminal.find("0:12 / 0:20").is_some());
        terminal.type_in("o");
        terminal.until("the shelf", |terminal| {
            terminal.find("60 %").is_some() && terminal.find("Esc goes back").is_some()
        });
        terminal.type_in("\x1b");
        terminal.until("where it was left", |terminal| terminal.find("0:12 / 0:20").is_some());
        terminal.type_in("o");
        // On the shelf it is the one heard last.
        terminal.until("the shelf", |terminal| {
            terminal.find("▸ The Machine").is_some() && terminal.find("60 %").is_some()
        });
        terminal.type_in("\r");
        terminal.until("the time where it was", |terminal| terminal.find("0:12 / 0:20").is_some());
        terminal.type_in("q");
        assert_eq!(terminal.end(), 0);
    }

    #[test]
    fn what_cannot_be_opened_is_told_on_the_shelf() {
        let desk = desk();
        desk.put("talks/deep.wav", "no sound any more");
        let Some(mut terminal) = Terminal::aloud(&desk, &[], (80, 24)) else { return };
        terminal.shows("▸ The Machine");
        terminal.type_in("\r");
        terminal.shows("deep.wav`");
        fs::remove_file(desk.path().join("talks/deep.wav")).unwrap();
        terminal.type_in("\x1b");
        assert_eq!(terminal.end(), 0);
        let Some(mut terminal) = Terminal::aloud(&desk, &[], (80, 24)) else { return };
        terminal.shows("missing");
        terminal.type_in("\r");
        terminal.shows("is not there any more");
        terminal.type_in("\x03");
        assert_eq!(terminal.end(), 0);
    }
}
