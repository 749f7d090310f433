//! `aloud listen` without sound: in a pipe, and in a real pseudo-terminal.

use crate::util::{Desk, demo_sound, root, wav};
use std::fs;

const LISTEN: [&str; 6] = ["listen", "a.wav", "en.txt", "--transcript", "en.json", "--no-audio"];

/// The first twenty seconds of the English demo with all of its article.
fn desk() -> Desk {
    let desk = Desk::new();
    desk.put("a.wav", wav(&demo_sound(0.0, 20.0)));
    for (from, to) in [
        ("transcripts/open-models.en.txt", "en.txt"),
        ("transcripts/open-models.en.transcript.json", "en.json"),
    ] {
        fs::copy(root().join(from), desk.path().join(to)).unwrap();
    }
    desk
}

#[test]
fn a_pipe_gets_each_sentence_when_it_is_spoken() {
    let desk = desk();
    let out = desk.aloud(&[&LISTEN[..], &["--rate", "3", "--at", "0:11"]].concat()).code(0).out();
    let first = out.lines().next().unwrap_or_default();
    assert!(
        first.contains("0:11") && first.contains("On Jan. 20, 2025, the river came over the road"),
        "{out}"
    );
    assert!(!out.contains("Illustration"), "what is not read is not printed: {out}");
    // Where listening stopped, or was over, is remembered: over means from the start again.
    let ran = desk.aloud(&[&LISTEN[..], &["--rate", "3", "--at", "99:99:99:99"]].concat()).code(5);
    assert!(ran.err().contains("99:99:99:99"), "{}", ran.err());
    for (arguments, code, says) in [
        (["listen", "a.wav", "--rate", "4"], 2, "0.5 to 3"),
        (["listen", "a.wav", "--theme", "pink"], 2, "contrast"),
        (["listen", "none.wav", "--transcript", "en.json"], 3, "none.wav"),
        (["listen", "a.wav", "none.txt", "--no-audio"], 3, "none.txt"),
    ] {
        desk.aloud(&arguments).code(code).says(says);
    }
    desk.put("home/.config/aloud/config.toml", "[keys]\nrepeat = \"x\"\nmute = \"x\"\n");
    desk.aloud(&LISTEN).code(2).says("`x` is bound to both");
}

#[test]
fn an_episode_is_opened_with_the_text_that_it_was_tied_to() {
    let desk = desk();
    let said = ["--transcript", "en.json"];
    let listen = |extra: &[&str]| {
        desk.aloud(
            &[&["listen", "a.wav", "--no-audio", "--rate", "3", "--at", "0:11"], &said[..], extra]
                .concat(),
        )
    };
    let is_written = |out: &str| out.contains("On Jan. 20, 2025, the river came over the road");
    let heard = listen(&[]).code(0).out();
    assert!(!is_written(&heard), "nothing was tied yet: {heard}");
    desk.aloud(&[&["align", "a.wav", "en.txt", "--method", "whisper"], &said[..]].concat()).code(0);
    // Neither file has to be where it was.
    fs::remove_file(desk.path().join("en.txt")).unwrap();
    fs::rename(desk.path().join("a.wav"), desk.path().join("b.wav")).unwrap();
    fs::copy(desk.path().join("b.wav"), desk.path().join("a.wav")).unwrap();
    let ran = listen(&[]).code(0);
    assert!(is_written(&ran.out()), "{}", ran.out());
    assert!(ran.err().contains("“The Machine in the Closet”"), "{}", ran.err());
    let heard = listen(&["--no-article"]).code(0).out();
    assert!(!is_written(&heard), "{heard}");
}

#[cfg(unix)]
mod in_a_terminal {
    use super::*;
    use crate::util::terminal::Terminal;
    use std::process::Command;

    const TAKEN: (bool, bool) = (true, true);

    fn is_taken(terminal: &Terminal) -> bool {
        let (screen, mouse, _) = terminal.is_taken();
        (screen, mouse) == TAKEN
    }

    /// The time that the transport line shows.
    fn time(terminal: &Terminal) -> String {
        let rows = terminal.rows();
        let line = rows.iter().rev().find(|row| row.contains("× ")).cloned().unwrap_or_default();
        let (before, _) = line.split_once(" / ").unwrap_or_default();
        before.split_whitespace().next_back().unwrap_or_default().to_owned()
    }

    /// Closes what is open with Esc, and waits until `text` is gone: a key typed right behind it
    /// would be another key.
    fn close(terminal: &mut Terminal, text: &str) {
        terminal.type_in("\x1b");
        terminal.until("the text behind it", |terminal| terminal.find(text).is_none());
    }

    fn signal(name: &str, id: u32) {
        assert!(
            Command::new("kill")
                .args([&format!("-{name}"), &id.to_string()])
                .status()
                .unwrap()
                .success()
        );
    }

    #[test]
    fn a_session() {
        let desk = desk();
        let paused = [&LISTEN[..], &["--paused"]].concat();
        let Some(mut terminal) = Terminal::aloud(&desk, &paused, (80, 24)) else { return };
        terminal.shows("The Machine in the Closet");
        assert!(is_taken(&terminal));
        // Until the transcript is read, times are guesses.
        terminal.until("the times", |terminal| terminal.find("~").is_none());
        // Search, and on to the hit.
        terminal.type_in("/courthouse");
        terminal.shows("hit 1/");
        terminal.type_in("\r");
        terminal.until("the time of the hit", |terminal| time(terminal) == "0:19");
        // Another size is laid out anew, down to one that is too small.
        terminal.resize(60, 14);
        terminal.until("the transport at the foot", |terminal| {
            terminal.rows()[12..].iter().any(|row| row.contains(" / 0:20"))
        });
        terminal.resize(30, 8);
        terminal.shows("40");
        terminal.until("no text", |terminal| terminal.find("courthouse").is_none());
        terminal.resize(100, 30);
        terminal.shows("courthouse");
        // A click on a word plays from it.
        let (x, y) = terminal.steady("river");
        terminal.click(x + 1, y);
        terminal.until("the time of the word", |terminal| time(terminal) == "0:15");
        // A bookmark with a note, the help, a file written.
        terminal.type_in("b");
        terminal.type_in("seen\r");
        terminal.type_in("?");
        terminal.shows("Esc closes");
        close(&mut terminal, "Esc closes");
        terminal.type_in("e");
        terminal.shows("srt");
        terminal.type_in("\r");
        terminal.until("the file", |_| desk.path().join("a.srt").exists());
        terminal.type_in("q");
        assert_eq!(terminal.end(), 0);
        assert!(desk.read("a.srt").contains("the river came"));
        // The next time the bookmark is still there.
        let Some(mut terminal) = Terminal::aloud(&desk, &paused, (80, 24)) else { return };
        terminal.shows("The Machine in the Closet");
        terminal.type_in("B");
        terminal.shows("seen");
        close(&mut terminal, "seen");
        terminal.type_in("q");
        assert_eq!(terminal.end(), 0);
    }

    /// What is shown beside each other is written below each other.
    #[test]
    fn both_languages_are_written() {
        let desk = desk();
        let chinese = root().join("transcripts/open-models.zh-Hant.txt");
        fs::copy(chinese, desk.path().join("zh.txt")).unwrap();
        let arguments = [&LISTEN[..], &["--bilingual", "zh.txt", "--paused"]].concat();
        let Some(mut terminal) = Terminal::aloud(&desk, &arguments, (80, 24)) else { return };
        terminal.shows("The Machine in the Closet");
        terminal.until("the times", |terminal| terminal.find("~").is_none());
        terminal.type_in("e");
        terminal.shows("srt");
        terminal.type_in("\r");
        terminal.until("the file", |_| desk.path().join("a.srt").exists());
        terminal.type_in("q");
        assert_eq!(terminal.end(), 0);
        let written = desk.read("a.srt");
        assert!(written.contains("Jan. 20, 2025") && written.contains("2025年"), "{written}");
    }

    /// A text in two languages turns to the one that is spoken, each time that it is opened.
    #[test]
    fn the_language_that_is_spoken_comes_to_the_left() {
        let desk = desk();
        if !crate::synth::can_speak(&desk) {
            return;
        }
        let text = |name: &str| fs::read_to_string(root().join("transcripts").join(name)).unwrap();
        let both = [text("open-models.zh-Hant.txt"), text("open-models.en.txt")].join("\n\n");
        desk.put("both.txt", both);
        desk.put("a.wav", wav(&demo_sound(0.0, 70.0)));
        for (time, at) in [("first", "0:13"), ("second", "0:13"), ("a phrase", "telephones failed")]
        {
            let named = ["listen", "a.wav", "both.txt", "--method", "synth"];
            let arguments = [&named[..], &["--no-audio", "--paused", "--at", at]].concat();
            let Some(mut terminal) = Terminal::aloud(&desk, &arguments, (100, 24)) else { return };
            let column = |terminal: &Terminal, text: &str| Some(terminal.find(text)?.0);
            terminal.until(&format!("English on the left ({time})"), |terminal| {
                let (en, zh) = (column(terminal, "telephones"), column(terminal, "電話也斷了"));
                en.zip(zh).is_some_and(|(en, zh)| en < zh)
            });
            terminal.type_in("q");
            assert_eq!(terminal.end(), 0, "{time}");
        }
    }

    /// As in a shell: Ctrl-Z gives the terminal back, `fg` takes it again.
    #[test]
    fn stopped_and_brought_back() {
        let desk = desk();
        let program = [env!("CARGO_BIN_EXE_aloud")]
            .iter()
            .chain(&LISTEN)
            .map(|a| format!("'{a}'"))
            .collect::<Vec<_>>()
            .join(" ");
        let script = format!(
            "{program} --paused; echo \"left $?\"; read -r _; fg >/dev/null; echo \"ended $?\"; read -r _"
        );
        let Some(mut terminal) = Terminal::run(&desk, "bash", &["-mc", &script], (80, 24)) else {
            return;
        };
        terminal.shows("The Machine in the Closet");
        terminal.type_in("\x1a");
        terminal.shows("left 14");
        assert_eq!(terminal.is_taken(), (false, false, false));
        terminal.type_in("\n");
        terminal.until("the screen", is_taken);
        terminal.shows("The Machine in the Closet");
        terminal.type_in("q");
        terminal.shows("ended 0");
        assert_eq!(terminal.is_taken(), (false, false, false));
        terminal.type_in("\n");
        assert_eq!(terminal.end(), 0);
    }

    /// The article comes through a pipe, the keys from the terminal behind it.
    #[test]
    fn an_article_from_a_pipe() {
        let desk = desk();
        let script = format!(
            "cat en.txt | '{}' listen a.wav - --transcript en.json --no-audio --paused",
            env!("CARGO_BIN_EXE_aloud")
        );
        let Some(mut terminal) = Terminal::run(&desk, "sh", &["-c", &script], (80, 24)) else {
            return;
        };
        terminal.shows("The Machine in the Closet");
        terminal.type_in("?");
        terminal.shows("Esc closes");
        close(&mut terminal, "Esc closes");
        terminal.type_in("q");
        assert_eq!(terminal.end(), 0);
    }

    /// A text of something else is no help to a listener: what is said is shown in its place.
    #[test]
    fn an_article_that_does_not_belong() {
        let desk = desk();
        fs::copy(root().join("benches/accuracy/other.txt"), desk.path().join("other.txt")).unwrap();
        let arguments =
            ["listen", "a.wav", "other.txt", "--transcript", "en.json", "--no-audio", "--paused"];
        let Some(mut terminal) = Terminal::aloud(&desk, &arguments, (80, 24)) else { return };
        terminal.shows("does not belong");
        terminal.shows("lights went out");
        terminal.type_in("q");
        assert_eq!(terminal.end(), 0);
    }

    #[test]
    fn ended_from_outside() {
        let desk = desk();
        for name in ["TERM", "HUP", "INT"] {
            let Some(mut terminal) = Terminal::aloud(&desk, &LISTEN, (80, 24)) else { return };
            terminal.shows("The Machine in the Closet");
            signal(name, terminal.id());
            terminal.end();
        }
        // Where it was is kept all the same.
        let Some(mut terminal) = Terminal::aloud(
            &desk,
            &[&LISTEN[..], &["--at", "0:09", "--paused"]].concat(),
            (80, 24),
        ) else {
            return;
        };
        terminal.until("the time", |terminal| time(terminal) == "0:09");
        signal("HUP", terminal.id());
        terminal.end();
        let Some(mut terminal) =
            Terminal::aloud(&desk, &[&LISTEN[..], &["--paused"]].concat(), (80, 24))
        else {
            return;
        };
        terminal.until("the time where it was", |terminal| time(terminal) == "0:09");
        terminal.type_in("q");
        assert_eq!(terminal.end(), 0);
    }

    #[test]
    fn a_panic_leaves_the_terminal_whole() {
        let desk = desk();
        let Some(mut terminal) =
            Terminal::aloud(&desk, &["screen-probe", "en.json", "--panic-after", "1"], (80, 24))
        else {
            return;
        };
        terminal.until("the screen", is_taken);
        assert_ne!(terminal.end(), 0);
        // Its message stands there to be read.
        terminal.shows("panic");
    }

    /// A sequence that breaks off swallows nothing: what is typed behind it arrives, and Ctrl-C at
    /// once.
    #[test]
    fn broken_sequences() {
        let desk = desk();
        for broken in
            ["\x1b[<", "\x1b[<0;3;", "\x1b[200~", "\x1b[200~pasted", "\x1b[M", "\x1bO", "\x1b[1;"]
        {
            let Some(mut terminal) =
                Terminal::aloud(&desk, &[&LISTEN[..], &["--paused"]].concat(), (80, 24))
            else {
                return;
            };
            terminal.shows("The Machine in the Closet");
            terminal.type_in(broken);
            std::thread::sleep(std::time::Duration::from_millis(100));
            terminal.type_in("\x03");
            assert_eq!(terminal.end(), 0, "{broken:?}");
        }
        // What was begun as a paste is over after a second of silence.
        let Some(mut terminal) =
            Terminal::aloud(&desk, &[&LISTEN[..], &["--paused"]].concat(), (80, 24))
        else {
            return;
        };
        terminal.shows("The Machine in the Closet");
        terminal.type_in("\x1b[200~");
        std::thread::sleep(std::time::Duration::from_secs(4));
        terminal.type_in("?");
        terminal.shows("Esc closes");
        close(&mut terminal, "Esc closes");
        terminal.type_in("q");
        assert_eq!(terminal.end(), 0);
    }

    /// Thousands of keys are searched for by another thread, and whoever wants to end passes them.
    #[test]
    fn thousands_of_keys() {
        let desk = desk();
        let paused = [&LISTEN[..], &["--paused"]].concat();
        let Some(mut terminal) = Terminal::aloud(&desk, &paused, (80, 24)) else { return };
        terminal.shows("The Machine in the Closet");
        terminal.type_in("/");
        terminal.type_in(&"the river came over the roads and ".repeat(100));
        terminal.type_in("\x03");
        // It leaves the prompt; the next one leaves the program.
        terminal.until("no prompt", |terminal| terminal.find("search:").is_none());
        terminal.type_in("\x03");
        assert_eq!(terminal.end(), 0);
    }

    /// A decoder that gives up over a damaged recording while a clip is cut out leaves the screen
    /// alone.
    #[test]
    fn a_caught_panic_leaves_the_screen() {
        let desk = desk();
        let Some(mut terminal) = Terminal::aloud(
            &desk,
            &["screen-probe", "en.json", "--at", "5", "--log", "log"],
            (80, 24),
        ) else {
            return;
        };
        terminal.until("the screen", is_taken);
        terminal.type_in("c");
        terminal.shows("a probe writes nothing");
        assert!(is_taken(&terminal));
        assert!(desk.read("log").contains("a panic that is caught"));
        terminal.type_in("q");
        assert_eq!(terminal.end(), 0);
    }

    /// The recogniser is killed again and again while somebody listens: the screen stays, and says
    /// what happened.
    #[cfg(all(feature = "whisper", target_os = "linux"))]
    #[test]
    fn a_killed_recogniser() {
        let desk = desk();
        let arguments =
            ["listen", "a.wav", "en.txt", "--no-audio", "--model", "micro", "-l", "en", "--paused"];
        let Some(mut terminal) = Terminal::aloud(&desk, &arguments, (80, 24)) else { return };
        terminal.shows("The Machine in the Closet");
        let mut killed = std::collections::BTreeSet::new();
        for _ in 0..40 {
            for id in crate::util::children(terminal.id()) {
                if killed.insert(id) {
                    let _ = Command::new("kill").args(["-9", &id.to_string()]).status();
                }
            }
            std::thread::sleep(std::time::Duration::from_millis(100));
        }
        assert!(!killed.is_empty(), "there was no recogniser to kill");
        terminal.type_in("?");
        terminal.shows("Esc closes");
        close(&mut terminal, "Esc closes");
        terminal.type_in("q");
        assert_eq!(terminal.end(), 0);
    }
}
