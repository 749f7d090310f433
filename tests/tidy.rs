//! The borders that ARCHITECTURE.md draws, held by reading the source.

use crate::util::root;
use std::fs;
use std::path::{Path, PathBuf};

/// Rooms without files, network, threads, clocks or printing.
const PURE: &[&str] = &[
    "time",
    "episode",
    "pcm",
    "speech",
    "warp",
    "transcript",
    "import",
    "export",
    "script",
    "words",
    "article",
    "align",
    "reading",
    "report",
    "search",
    "view",
];

/// Outside engines, and the place that may name each: a room, or a part of one. Two share the screen's buffer.
const ENGINES: &[(&str, &str)] = &[
    ("symphonia", "decode"),
    ("whisper_rs", "transcribe"),
    ("cpal", "player"),
    ("rtrb", "player"),
    ("rustix", "player"),
    ("rubato", "pcm"),
    ("realfft", "speech"),
    ("realfft", "warp"),
    ("libloading", "synth"),
    ("ferrous_opencc", "script"),
    ("ureq", "web"),
    ("tantivy", "index"),
    ("dom_smoothie", "article"),
    ("dom_query", "article"),
    ("rbook", "article"),
    ("pulldown_cmark", "article"),
    ("encoding_rs", "article"),
    ("chardetng", "article"),
    ("chardetng", "import"),
    ("whatlang", "article"),
    ("unicode_normalization", "words"),
    ("icu_segmenter", "export"),
    ("lzma_rust2", "models"),
    ("png", "report"),
    ("regex", "search"),
    // Patterns of file names.
    ("regex", "cli/inputs.rs"),
    ("pinyin", "words"),
    ("clap", "cli"),
    ("flacenc", "cli"),
    ("anyhow", "cli"),
    ("ctrlc", "cli"),
    ("crossterm", "tui/terminal"),
    ("signal_hook", "tui/terminal"),
    ("ratatui_core", "view"),
    ("ratatui_core", "tui"),
    ("ratatui_crossterm", "tui/terminal"),
    ("unicode_linebreak", "view"),
];

/// What no pure room says.
const EFFECTS: [&str; 8] =
    ["std::fs", "std::net", "std::thread", "std::process", "std::env", "Instant::now", "SystemTime::now", "println!"];

struct Source {
    room: String,
    path: PathBuf,
    text: String,
}

impl Source {
    /// The code without its tests and comments.
    fn code(&self) -> String {
        let code = self.text.split("#[cfg(test)]\nmod tests").next().unwrap_or_default();
        code.lines().filter(|line| !line.trim_start().starts_with("//")).collect::<Vec<_>>().join("\n")
    }
}

fn sources() -> Vec<Source> {
    let src = root().join("src");
    let mut found = Vec::new();
    collect(&src, &mut |path| {
        let inside = path.strip_prefix(&src).unwrap();
        let room = inside.components().next().unwrap().as_os_str().to_string_lossy();
        let room = room.trim_end_matches(".rs").to_owned();
        found.push(Source { room, path: inside.to_owned(), text: fs::read_to_string(path).unwrap() });
    });
    assert!(found.len() > 30);
    found
}

fn collect(folder: &Path, take: &mut dyn FnMut(&Path)) {
    let mut entries: Vec<_> = fs::read_dir(folder).unwrap().flatten().map(|e| e.path()).collect();
    entries.sort();
    for path in entries {
        if path.is_dir() {
            collect(&path, take);
        } else if path.extension().is_some_and(|e| e == "rs") {
            take(&path);
        }
    }
}

/// Whether `code` names the crate or module `name` as a path.
fn names(code: &str, name: &str) -> bool {
    code.match_indices(name).any(|(at, _)| {
        let before = code[..at].chars().next_back().unwrap_or(' ');
        let after = &code[at + name.len()..];
        !before.is_alphanumeric() && !"_-\":".contains(before) && after.starts_with("::")
    })
}

#[test]
fn every_file_says_what_it_is_for() {
    for source in sources() {
        assert!(source.text.starts_with("//! "), "{} does not open with `//!`", source.path.display());
    }
}

#[test]
fn each_engine_has_one_room() {
    for source in sources() {
        for (engine, _) in ENGINES {
            let is_its_place = ENGINES.iter().any(|(other, place)| other == engine && source.path.starts_with(place));
            assert!(is_its_place || !names(&source.code(), engine), "{} names {engine}", source.path.display());
        }
    }
}

#[test]
fn pure_rooms_are_pure() {
    for source in sources().iter().filter(|s| PURE.contains(&s.room.as_str())) {
        let code = source.code();
        for effect in EFFECTS {
            assert!(!code.contains(effect), "{} uses {effect}", source.path.display());
        }
        for room in ["decode", "synth", "transcribe", "models", "store", "web", "pipeline", "player", "tui", "cli"] {
            assert!(!names(&code, &format!("crate::{room}")), "{} knows {room}", source.path.display());
        }
    }
}

#[test]
fn every_room_is_on_the_map() {
    let map = fs::read_to_string(root().join("ARCHITECTURE.md")).unwrap();
    let mut rooms: Vec<String> = sources().into_iter().map(|s| s.room).filter(|r| r != "lib" && r != "main").collect();
    rooms.dedup();
    for room in rooms {
        assert!(map.contains(&format!("`{room}`")), "ARCHITECTURE.md does not speak of `{room}`");
    }
}

#[test]
fn nothing_is_left_open() {
    for source in sources() {
        for word in ["TODO", "FIXME", "XXX", "todo!(", "unimplemented!(", "dbg!("] {
            assert!(!source.text.contains(word), "{} holds {word}", source.path.display());
        }
    }
}
