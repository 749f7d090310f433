//! Terminals that can little, and tmux in between.

use crate::util::terminal::Terminal;
use crate::util::{Desk, demo_sound, root, skip, wav};
use std::fs;
use std::process::{Command, Output, Stdio};
use std::thread;
use std::time::{Duration, Instant};

const LISTEN: [&str; 8] =
    ["listen", "a.wav", "en.txt", "--transcript", "en.json", "--no-audio", "--at", "0:12"];

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

/// `aloud listen` in a terminal that says that it is `term`.
fn listen(desk: &Desk, term: &str, extra: &[&str]) -> Option<Terminal> {
    let term = format!("TERM={term}");
    let program = [&[term.as_str(), env!("CARGO_BIN_EXE_aloud")], &LISTEN[..], extra].concat();
    Terminal::run(desk, "env", &program, (80, 24))
}

#[test]
fn a_terminal_that_goes_on_line_by_line_gets_lines() {
    let desk = desk();
    let Some(mut terminal) = listen(&desk, "dumb", &["--rate", "3"]) else { return };
    terminal.shows("the river came over the road");
    assert_eq!(terminal.end(), 0);
    assert!(
        !terminal.written().contains(&0x1b),
        "nothing is asked of it: {:?}",
        String::from_utf8_lossy(&terminal.written())
    );
}

/// The numbers of all colours of the table that were asked for, of text and ground.
fn colours(written: &[u8]) -> Vec<u8> {
    let text = String::from_utf8_lossy(written).into_owned();
    let numbers = text.split(";5;").skip(1).map(|rest| {
        rest.split(|c: char| !c.is_ascii_digit()).next().unwrap_or_default().to_owned()
    });
    numbers.map(|number| number.parse().unwrap()).collect()
}

#[test]
fn colours_are_those_that_the_terminal_has() {
    for (term, extra, most) in [
        ("vt100", &[][..], None),
        ("linux", &[], Some(15)),
        ("xterm-256color", &[], Some(255)),
        ("vt100", &["--theme", "dark"], Some(255)),
    ] {
        let desk = desk();
        let Some(mut terminal) = listen(&desk, term, &[&["--paused"], extra].concat()) else {
            return;
        };
        terminal.shows("The Machine in the Closet");
        terminal.type_in("q");
        assert_eq!(terminal.end(), 0);
        let found = colours(&terminal.written());
        let is_of_table = found.iter().any(|colour| *colour > 15);
        assert_eq!(
            found.iter().max().map(|most| if *most > 15 { 255 } else { 15 }),
            most,
            "{term} {extra:?}: {found:?}"
        );
        assert_eq!(is_of_table, most == Some(255), "{term} {extra:?}");
    }
}

/// A tmux of its own, as it is without settings.
struct Tmux<'a>(&'a Desk);

impl Tmux<'_> {
    fn run(&self, arguments: &[&str]) -> Output {
        let mut command = Command::new("tmux");
        command
            .args(["-L", "own", "-f", "/dev/null"])
            .args(arguments)
            .env_clear()
            .envs(self.0.variables())
            .env("TMUX_TMPDIR", self.0.path());
        command
            .env("TERM", "xterm-256color")
            .stdin(Stdio::null())
            .current_dir(self.0.path())
            .output()
            .unwrap()
    }

    /// Waits until what `arguments` ask for holds `text`.
    #[track_caller]
    fn until(&self, arguments: &[&str], text: &str) {
        let start = Instant::now();
        loop {
            let output = self.run(arguments);
            let said = String::from_utf8_lossy(&output.stdout).into_owned();
            if said.contains(text) {
                return;
            }
            let err = String::from_utf8_lossy(&output.stderr).into_owned();
            assert!(
                start.elapsed() < Duration::from_secs(60),
                "{arguments:?} shows no {text:?}:\n{said}\n{err}"
            );
            thread::sleep(Duration::from_millis(50));
        }
    }
}

impl Drop for Tmux<'_> {
    fn drop(&mut self) {
        self.run(&["kill-server"]);
    }
}

#[test]
fn copying_works_inside_tmux() {
    if !Command::new("tmux").arg("-V").output().is_ok_and(|output| output.status.success()) {
        skip("there is no tmux here");
        return;
    }
    let desk = desk();
    let tmux = Tmux(&desk);
    let program = [
        &["new-session", "-d", "-x", "80", "-y", "24", env!("CARGO_BIN_EXE_aloud")],
        &LISTEN[..],
        &["--paused"],
    ]
    .concat();
    let started = tmux.run(&program);
    assert!(started.status.success(), "{}", String::from_utf8_lossy(&started.stderr));
    // Until the transcript is read nothing may be spoken here.
    tmux.until(&["capture-pane", "-p"], "+ You are listening");
    tmux.run(&["send-keys", "y"]);
    tmux.until(&["capture-pane", "-p"], "copied into tmux's buffer");
    tmux.until(&["show-buffer"], "the river came over the road");
}
