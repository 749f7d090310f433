//! `aloud listen` without sound: in a pipe, and in a real pseudo-terminal (by `script` of util-linux).

use crate::util::{Desk, demo_sound, root, wav};
use std::fs;
use std::io::{Read, Write};
use std::process::{Command, Stdio};
use std::thread;
use std::time::Duration;

const LISTEN: [&str; 6] = ["listen", "a.wav", "en.txt", "--transcript", "en.json", "--no-audio"];

/// The first twenty seconds of the English demo with all of its article.
fn desk() -> Desk {
    let desk = Desk::new();
    desk.put("a.wav", wav(&demo_sound(0.0, 20.0)));
    for (from, to) in [("transcripts/open-models.en.txt", "en.txt"), ("transcripts/open-models.en.transcript.json", "en.json")] {
        fs::copy(root().join(from), desk.path().join(to)).unwrap();
    }
    desk
}

#[test]
fn a_pipe_gets_each_sentence_when_it_is_spoken() {
    let desk = desk();
    let out = desk.aloud(&[&LISTEN[..], &["--rate", "3", "--at", "0:11"]].concat()).code(0).out();
    let first = out.lines().next().unwrap_or_default();
    assert!(first.contains("0:11") && first.contains("On Jan. 20, 2025, the river came over the road"), "{out}");
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
    desk.put("home/.config/aloud/config.toml", "[keys]\nrepeat = \"q\"\n");
    desk.aloud(&LISTEN).code(2).says("`q` is bound to both");
}

/// Types `keys`, a pause before each, and gives the exit code and everything the terminal was sent.
fn in_a_terminal(desk: &Desk, arguments: &[&str], keys: &[&str]) -> Option<(Option<i32>, String)> {
    let program = [env!("CARGO_BIN_EXE_aloud")].iter().chain(arguments).map(|a| format!("'{a}'")).collect::<Vec<_>>().join(" ");
    let mut child = Command::new("script")
        .args(["-qefc", &format!("stty cols 80 rows 24; {program}"), "/dev/null"])
        .current_dir(desk.path())
        .env_clear()
        .env("HOME", desk.path().join("home"))
        .env("PATH", std::env::var_os("PATH").unwrap_or_default())
        .env("TERM", "xterm-256color")
        .env("LC_ALL", "C.UTF-8")
        .env("SHELL", "/bin/sh")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .ok()?;
    let mut out = child.stdout.take().unwrap();
    let reader = thread::spawn(move || {
        let mut bytes = Vec::new();
        let _ = out.read_to_end(&mut bytes);
        String::from_utf8_lossy(&bytes).into_owned()
    });
    let mut input = child.stdin.take().unwrap();
    for key in keys {
        thread::sleep(Duration::from_millis(900));
        // The program may have ended, which the exit code tells.
        let _ = input.write_all(key.as_bytes());
    }
    let code = child.wait().unwrap().code();
    drop(input);
    Some((code, reader.join().unwrap()))
}

#[test]
fn a_session_in_a_terminal() {
    let desk = desk();
    let keys = ["", "/courthouse", "\r", "b", "seen\r", "?", "\x1b", "e", "\r", "", "q"];
    let Some((code, shown)) = in_a_terminal(&desk, &LISTEN, &keys) else {
        eprintln!("skipped: there is no `script`");
        return;
    };
    assert_eq!(code, Some(0), "{shown:?}");
    // The other screen is taken and given back, the cursor too.
    let (taken, given) = (shown.find("\x1b[?1049h"), shown.rfind("\x1b[?1049l"));
    assert!(taken.is_some() && given > taken && shown.rfind("\x1b[?25h") > taken, "{shown:?}");
    for text in ["The Machine in the Closet", "courthouse", "1 of", "0:"] {
        assert!(shown.contains(text), "no {text:?} in {shown:?}");
    }
    assert!(desk.read("a.srt").contains("the river came"), "written by `e`");
    // The next time it goes on from there, and the bookmark is still there.
    let Some((code, shown)) = in_a_terminal(&desk, &LISTEN, &["", "B", "", "q", "q"]) else { return };
    assert!(code == Some(0) && shown.contains("seen"), "{shown:?}");
}
