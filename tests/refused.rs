//! What the system refuses: threads, processes, files beyond their limit. Each is an error that
//! names the limit, with exit code 1, and never a panic.

#[cfg(all(unix, feature = "whisper"))]
use crate::util::skip;
use crate::util::{Desk, Ran, demo_sound, root, wav};
use std::fs;
#[cfg(all(unix, feature = "whisper"))]
use std::process::Command;

/// No address space has room for a stack of this size, so that no thread can be started but those
/// that ask for a size of their own.
const NO_THREADS: (&str, &str) = ("RUST_MIN_STACK", "140737488355328");

/// Twenty seconds of the English demo.
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

#[track_caller]
fn no_panic(ran: &Ran) {
    assert!(!ran.err().contains("panicked"), "{}", ran.err());
}

#[cfg(target_pointer_width = "64")]
#[test]
fn where_no_thread_can_be_started() {
    let desk = desk();
    let run = |line: &[&str]| {
        Ran::of(line, desk.command(line).env(NO_THREADS.0, NO_THREADS.1).output().unwrap())
    };
    let mut lines = vec![&["listen", "a.wav", "--no-audio", "--transcript", "en.json"][..]];
    if cfg!(feature = "download") {
        lines.push(&["models", "pull", "tiny", "--from", "http://127.0.0.1:9/", "--dir", "models"]);
    }
    if cfg!(feature = "whisper") {
        lines.extend([
            &["transcribe", "a.wav", "--model", "micro"][..],
            &["subs", "a.wav", "--model", "micro", "-l", "en"],
        ]);
    }
    for line in lines {
        let ran = run(line);
        no_panic(&ran);
        ran.code(1).says("ulimit -u");
    }
    // Synthesised speech: where it is not installed, that is said instead.
    let ran = run(&["align", "a.wav", "en.txt", "--method", "synth"]);
    no_panic(&ran);
    assert!(ran.err().contains("ulimit -u") || ran.err().contains("espeak-ng"), "{}", ran.err());
    // What needs none does its work.
    for line in [
        &["models", "list"][..],
        &["subs", "a.wav", "en.txt", "--transcript", "en.json"],
        &["library"],
    ] {
        let ran = run(line);
        no_panic(&ran);
        ran.code(0);
    }
}

/// The real limit, as far as this machine lets a test set it.
#[cfg(all(target_os = "linux", feature = "whisper"))]
#[test]
fn where_there_may_be_few_processes() {
    let desk = desk();
    let is_root = Command::new("id").arg("-u").output().is_ok_and(|output| output.stdout == b"0\n");
    // Nobody's limit binds root; another user has to write here.
    let user: &[&str] = if is_root { &["setpriv", "--reuid=61234", "--clear-groups"] } else { &[] };
    if is_root {
        assert!(
            Command::new("chmod")
                .args(["-R", "a+rwX"])
                .arg(desk.path())
                .status()
                .unwrap()
                .success()
        );
    }
    for n in [1, 2, 3, 4, 6] {
        let limit = format!("--nproc={n}");
        let line: Vec<&str> = user
            .iter()
            .copied()
            .chain([
                "prlimit",
                &limit,
                env!("CARGO_BIN_EXE_aloud"),
                "transcribe",
                "a.wav",
                "--model",
                "micro",
            ])
            .collect();
        let output = Command::new(line[0])
            .args(&line[1..])
            .current_dir(desk.path())
            .env_clear()
            .envs(desk.variables())
            .output();
        let Ok(output) = output else { return skip("there is no prlimit or setpriv here") };
        let ran = Ran::of(&line, output);
        if ran.err().starts_with("setpriv")
            || ran.err().starts_with("prlimit")
            || ran.err().contains("Permission denied")
        {
            return skip(&format!("no limit can be set here: {}", ran.err().trim()));
        }
        no_panic(&ran);
        assert!(
            ran.out().to_lowercase().contains("river") || ran.err().contains("ulimit -u"),
            "{n}: {}\n{}",
            ran.out(),
            ran.err()
        );
    }
}

/// As a full disk: what cannot be kept is told, and what was asked for is done.
#[cfg(all(unix, feature = "whisper"))]
#[test]
fn where_files_may_not_grow() {
    let desk = desk();
    let limited = |blocks: u32, line: &[&str]| {
        let script = format!("ulimit -f {blocks}; exec \"$@\"");
        let mut command = Command::new("sh");
        command.args(["-c", &script, "sh", env!("CARGO_BIN_EXE_aloud")]).args(line);
        Ran::of(
            line,
            command.current_dir(desk.path()).env_clear().envs(desk.variables()).output().unwrap(),
        )
    };
    // The model is unpacked once.
    desk.aloud(&["models", "verify", "micro"]);
    let ran = limited(0, &["transcribe", "a.wav", "--model", "micro", "-l", "en"]).code(0);
    assert!(ran.out().to_lowercase().contains("river"), "{}", ran.out());
    assert!(ran.err().contains("kept"), "nothing is said of what is not kept: {}", ran.err());
    limited(1, &["subs", "a.wav", "en.txt", "--transcript", "en.json", "-o", "a.html"])
        .code(1)
        .says("a.html");
    assert!(!desk.path().join("a.html").exists(), "half a file was left");
}
