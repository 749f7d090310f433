//! A job that is killed goes on where it stopped, and comes to the same end.

#[cfg(target_os = "linux")]
use crate::util::children;
use crate::util::{Desk, demo_sound, wav};
use std::fs;
use std::process::{Command, Stdio};
use std::thread;
use std::time::Duration;

const TRANSCRIBE: [&str; 9] = ["transcribe", "a.wav", "--model", "micro", "-l", "en", "--format", "json", "--beam"];

/// A small generator (Numerical Recipes' constants), so that a failure can be repeated.
struct Dice(u32);

impl Dice {
    fn below(&mut self, n: u64) -> u64 {
        self.0 = self.0.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        u64::from(self.0 >> 8) % n
    }
}

#[test]
fn twenty_kills_change_nothing() {
    let sound = wav(&demo_sound(0.0, 300.0));
    let calm = Desk::new();
    calm.put("a.wav", &sound);
    let want = calm.aloud(&[&TRANSCRIBE[..], &["1"]].concat()).code(0).out();
    assert!(want.contains("\"words\""), "{want}");

    let mut dice = Dice(2026);
    // One that is finished cannot be killed any more, so there are several: each dies five times.
    for desk in [Desk::new(), Desk::new(), Desk::new(), Desk::new()] {
        desk.put("a.wav", &sound);
        for round in 0..5 {
            let log = format!("log{round}");
            let mut command = desk.command(&TRANSCRIBE);
            command.args(["1", "--jobs", if round % 2 == 0 { "1" } else { "2" }, "--log", &log]);
            let mut child = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
            // At a moment of its own, at the latest when a window was finished: some are left for the next round.
            let has_window = || fs::read_to_string(desk.path().join(&log)).is_ok_and(|log| log.contains("ms finished"));
            for _ in 0..1 + dice.below(100) {
                if has_window() {
                    break;
                }
                thread::sleep(Duration::from_millis(10));
            }
            thread::sleep(Duration::from_millis(dice.below(20)));
            assert!(child.try_wait().unwrap().is_none(), "round {round} ended before it could be killed");
            child.kill().unwrap();
            let ended = child.wait().unwrap();
            #[cfg(unix)]
            assert_eq!(std::os::unix::process::ExitStatusExt::signal(&ended), Some(9), "round {round} was not killed: {ended}");
            assert!(!ended.success(), "round {round} ended by itself");
        }
        let got = desk.aloud(&[&TRANSCRIBE[..], &["1"]].concat()).code(0).out();
        assert!(got == want, "after five kills the transcript differs:\n{got}\n--- undisturbed ---\n{want}");
    }
}

#[cfg(unix)]
#[test]
fn ctrl_c_keeps_what_is_done() {
    let desk = Desk::new();
    desk.put("a.wav", wav(&demo_sound(0.0, 100.0)));
    let child = desk
        .command(&[&TRANSCRIBE[..], &["1", "--jobs", "1", "--log", "log"]].concat())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    // Once the journal has a window, something is there to be kept.
    let has_journal = || fs::read_to_string(desk.path().join("log")).is_ok_and(|log| log.contains("window") && log.contains("finished"));
    for _ in 0..6000 {
        if has_journal() {
            break;
        }
        thread::sleep(Duration::from_millis(50));
    }
    assert!(has_journal(), "no window was ever finished: there is nothing to keep");
    assert!(Command::new("kill").args(["-INT", &child.id().to_string()]).status().unwrap().success());
    let output = child.wait_with_output().unwrap();
    let err = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(130), "{err}");
    assert!(err.contains("what is done is kept"), "{err}");
    desk.aloud(&["cache", "list"]).code(0);
    let listed = desk.aloud(&["cache", "list"]).out();
    assert!(listed.contains("unfinished"), "{listed}");
    desk.aloud(&[&TRANSCRIBE[..], &["1"]].concat()).code(0);
}

#[cfg(target_os = "linux")]
#[test]
fn a_killed_recogniser_costs_nothing_but_time() {
    let desk = Desk::new();
    desk.put("a.wav", wav(&demo_sound(0.0, 60.0)));
    let want = desk.aloud(&[&TRANSCRIBE[..], &["1", "--cache", "other"]].concat()).code(0).out();
    let child =
        desk.command(&[&TRANSCRIBE[..], &["1", "--jobs", "1"]].concat()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let is_killed = (0..12_000).any(|_| {
        thread::sleep(Duration::from_millis(5));
        let pid = children(child.id()).into_iter().next();
        pid.is_some_and(|pid| Command::new("kill").args(["-9", &pid.to_string()]).status().unwrap().success())
    });
    assert!(is_killed, "there was no recogniser to kill");
    let output = child.wait_with_output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let got = String::from_utf8_lossy(&output.stdout);
    // The window in hand is done again, with more care and the same result.
    assert_eq!(got, want);
}

#[test]
fn two_at_once_share_the_work() {
    let desk = Desk::new();
    desk.put("a.wav", wav(&demo_sound(0.0, 60.0)));
    let run = || desk.command(&[&TRANSCRIBE[..], &["1"]].concat()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let (first, second) = (run(), run());
    let (first, second) = (first.wait_with_output().unwrap(), second.wait_with_output().unwrap());
    assert!(first.status.success() && second.status.success());
    assert_eq!(first.stdout, second.stdout);
    let said = format!("{}{}", String::from_utf8_lossy(&first.stderr), String::from_utf8_lossy(&second.stderr));
    assert!(said.contains("another aloud is transcribing `a.wav`"), "{said}");
}
