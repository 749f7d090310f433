//! What took long, and what a listener made, lies where nobody empties it, comes over from where
//! earlier versions had it, and goes only when that was asked and answered.

#[cfg(unix)]
use crate::util::terminal::Terminal;
use crate::util::{Desk, truth};
use aloud::store::{About, Key, Outcome, Store};
use serde_json::Value;
use std::fs;

/// The only folder of earlier versions.
const OLD: &str = "home/.cache/aloud";
const DATA: &str = "home/.local/share/aloud/episodes";

/// A desk on which an episode was tied and listened to by an earlier version.
fn desk() -> Desk {
    let desk = Desk::with_episodes();
    desk.aloud(&[
        "--cache",
        OLD,
        "align",
        "en.mp3",
        "en.txt",
        "--transcript",
        "en.json",
        "-o",
        "report.txt",
    ])
    .code(0);
    let listened = r#"{"at":83000,"bookmarks":[[5000,"a note","a sentence"]]}"#;
    let key = Key::new("listened", truth::transcript("open-models.en").audio.id.unwrap());
    let about = About { file: "en.mp3".into(), ..About::default() };
    assert_eq!(
        Store::open(&desk.path().join(OLD)).put(&key, &about, listened.as_bytes()),
        Outcome::Kept
    );
    desk
}

/// How many records lie in a folder of the desk.
fn n_records(desk: &Desk, folder: &str) -> usize {
    let files = fs::read_dir(desk.path().join(folder)).into_iter().flatten().flatten();
    files.filter(|file| file.path().extension().is_some_and(|ending| ending == "record")).count()
}

#[track_caller]
fn knows_it(desk: &Desk) {
    let library: Value =
        serde_json::from_str(&desk.aloud(&["library", "--json"]).code(0).out()).unwrap();
    let episode = &library["episodes"][0];
    assert_eq!(
        (&episode["position"], &episode["bookmarks"]),
        (&Value::from(83.0), &Value::from(1)),
        "{library}"
    );
    desk.aloud(&["find", "eight trillion dollars"]).code(0);
}

#[test]
fn what_earlier_versions_kept_comes_over_and_outlives_the_cache() {
    let desk = desk();
    let n = n_records(&desk, OLD);
    assert!(n >= 3, "{n}");
    knows_it(&desk);
    assert_eq!((n_records(&desk, OLD), n_records(&desk, DATA)), (0, n));
    fs::remove_dir_all(desk.path().join("home/.cache")).unwrap();
    knows_it(&desk);
    let listed: Value =
        serde_json::from_str(&desk.aloud(&["cache", "list", "--json"]).code(0).out()).unwrap();
    assert_eq!(listed["entries"].as_array().unwrap().len(), n);
    assert!(
        listed["dir"].as_str().unwrap().ends_with(DATA)
            && listed["cache"].as_str().unwrap().ends_with(OLD),
        "{listed}"
    );
    let doctor = desk.aloud(&["doctor"]).out();
    let line =
        doctor.lines().find(|line| line.contains(DATA)).unwrap_or_else(|| panic!("{doctor}"));
    assert!(line.contains(OLD) && line.contains("ok"), "{line}");
}

#[cfg(unix)]
#[test]
fn nothing_dear_goes_unasked() {
    let desk = desk();
    knows_it(&desk);
    let n = n_records(&desk, DATA);
    for line in [
        &["cache", "rm", "--all"][..],
        &["cache", "rm", "--all", "--listened"],
        &["cache", "rm", "en.mp3"],
        &["library", "rm", "en.mp3"],
    ] {
        desk.aloud(line).code(2).says("`--yes` does it without asking");
        assert_eq!(n_records(&desk, DATA), n, "{line:?}");
    }
    for (keys, code, n_left) in [("\r", 1, n), ("no\r", 1, n), ("\x03", 130, n), ("y\r", 0, 1)] {
        let Some(mut terminal) = Terminal::aloud(&desk, &["cache", "rm", "--all"], (100, 10))
        else {
            return;
        };
        terminal.shows("Go on? [y/N]");
        terminal.type_in(keys);
        assert_eq!((terminal.end(), n_records(&desk, DATA)), (code, n_left), "{keys:?}");
    }
    // The listener's own is still there.
    let key = Key::new("listened", truth::transcript("open-models.en").audio.id.unwrap());
    assert!(Store::open(&desk.path().join(DATA)).get(&key).is_some());
    desk.aloud(&["cache", "rm", "--all", "--listened", "--yes"]).code(0).says("freed");
    assert_eq!(n_records(&desk, DATA), 0);
}
