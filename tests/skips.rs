//! `scripts/tests.sh` names what was skipped, and fails in CI for what `scripts/may-skip.txt` does
//! not allow.

use crate::util::{Desk, Ran, root};
use std::process::Command;

/// Runs the script with a `cargo` that prints `said` and ends with `code`.
fn run(said: &str, code: i32, in_ci: bool) -> Ran {
    use std::os::unix::fs::PermissionsExt;
    let desk = Desk::new();
    desk.put("said", said);
    // Standard error has them too, as tests write them.
    let cargo = desk.put(
        "bin/cargo",
        format!(
            "#!/bin/sh\necho \"cargo $*\"\ncat '{}' >&2\nexit {code}\n",
            desk.path().join("said").display()
        ),
    );
    std::fs::set_permissions(&cargo, PermissionsExt::from_mode(0o755)).unwrap();
    let mut command = Command::new("sh");
    command
        .arg(root().join("scripts/tests.sh"))
        .args(["--workspace", "a b"])
        .current_dir(desk.path())
        .env_clear();
    command
        .env("PATH", format!("{}:/usr/local/bin:/usr/bin:/bin", desk.path().join("bin").display()));
    if in_ci {
        command.env("CI", "true");
    }
    Ran::of(&["scripts/tests.sh"], command.output().unwrap())
}

#[test]
fn ci_fails_for_a_skip_that_nobody_allowed() {
    let (allowed, other) =
        ("skipped: tests::a: there is no ffmpeg here", "skipped: tests::b: nobody felt like it");
    let passed = "test tests::a ... ok\n";
    for (said, code, in_ci, want, prints, warns) in [
        (String::new(), 0, true, 0, "no test was skipped", ""),
        (
            format!("{passed}\n{allowed}\n"),
            0,
            true,
            0,
            "1 tests were skipped:\ntests::a: there is no ffmpeg here\n",
            "",
        ),
        (format!("{passed}{allowed}\n{other}\n"), 0, false, 0, "2 tests were skipped:", ""),
        (
            format!("{allowed}\n{other}\n{other}\n"),
            0,
            true,
            1,
            "2 tests were skipped:",
            "tests::b: nobody felt like it\n",
        ),
        // The line breaks that a test's own output leaves open are none of its skip's.
        (format!("test tests::b ... {other}\n"), 0, true, 0, "no test was skipped", ""),
        (format!("\n{other}\r\n"), 0, true, 1, "1 tests were skipped:", "nobody felt like it"),
        // Tests that fail do so whatever was skipped.
        (String::new(), 101, true, 1, "no test was skipped", ""),
        (allowed.to_owned(), 101, false, 1, "1 tests were skipped:", ""),
    ] {
        let ran = run(&said, code, in_ci).code(want);
        assert!(
            ran.out().starts_with("cargo test --workspace a b\n") && ran.out().contains(prints),
            "{said:?}: {}",
            ran.out()
        );
        assert!(ran.err().contains(warns), "{said:?}: {}", ran.err());
        assert_eq!(ran.err().is_empty(), warns.is_empty(), "{said:?}: {}", ran.err());
    }
}

#[test]
fn every_reason_on_the_list_is_somebodys() {
    let root = root();
    let list = std::fs::read_to_string(root.join("scripts/may-skip.txt")).unwrap();
    let folders = ["tests", "src", "crates", "benches"].map(|folder| root.join(folder));
    let code: String = folders.iter().map(|folder| sources(folder)).collect();
    for reason in list.lines() {
        assert!(!reason.trim().is_empty(), "an empty line allows every reason");
        // What is told behind it is made while it runs.
        assert!(
            code.contains(reason.trim_end_matches(':')),
            "no test skips because of this: {reason}"
        );
    }
}

/// All Rust in a folder.
fn sources(folder: &std::path::Path) -> String {
    let inside = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let text = |path: std::path::PathBuf| match path.extension() {
        _ if path.is_dir() => sources(&path),
        Some(ending) if ending == "rs" => std::fs::read_to_string(path).unwrap(),
        _ => String::new(),
    };
    inside.map(text).collect()
}
