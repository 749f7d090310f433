//! The borders that ARCHITECTURE.md draws and no compiler holds: which room names which engine,
//! what pure code never does, and that arrows between rooms lead one way. Read from the paths that
//! the code names, grouped imports and macros included.

use crate::util::root;
use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

/// Rooms of each crate, lowest first: a room names only rooms before it.
const FLOORS: &[(&str, &[&str])] = &[
    (
        "crates/aloud-units",
        &["printable", "address", "reason", "refusal", "time", "calendar", "language", "episode"],
    ),
    ("crates/aloud-decode", &["pcm", "decode"]),
    (
        "crates/aloud-align",
        &[
            "transcript",
            "script",
            "words",
            "article",
            "speech",
            "align",
            "warp",
            "reading",
            "search",
        ],
    ),
    ("crates/aloud-formats", &["import", "documents", "feed", "book", "export", "report"]),
    ("crates/aloud-recognise", &["web", "models", "transcribe", "synth"]),
    (".", &["store", "feeds", "index", "player", "media", "pipeline", "view", "tui", "cli"]),
];

/// Code without files, network, threads, clocks or printing.
const PURE: &[&str] = &[
    "crates/aloud-units",
    "crates/aloud-align",
    "crates/aloud-formats",
    "crates/aloud-decode/src/pcm",
    "src/view",
];

/// What pure code never names, by the beginning of its path.
const EFFECTS: &[&str] = &[
    "std::fs",
    "std::net",
    "std::thread",
    "std::process",
    "std::env",
    "std::time::Instant",
    "std::time::SystemTime",
    "Instant::now",
    "SystemTime::now",
    "println",
    "eprintln",
];

/// Outside engines, and the place that may name each.
const ENGINES: &[(&str, &str)] = &[
    ("symphonia", "crates/aloud-decode/src/decode"),
    ("syom", "crates/aloud-decode/src/decode"),
    ("rubato", "crates/aloud-decode/src/pcm"),
    ("realfft", "crates/aloud-align/src/speech"),
    ("realfft", "crates/aloud-align/src/warp"),
    ("ferrous_opencc", "crates/aloud-align/src/script"),
    ("whatlang", "crates/aloud-align/src/article"),
    ("unicode_normalization", "crates/aloud-align/src/words"),
    ("pinyin", "crates/aloud-align/src/words"),
    ("regex", "crates/aloud-align/src/search"),
    // Patterns of file names.
    ("regex", "src/cli/inputs.rs"),
    ("dom_smoothie", "crates/aloud-formats/src/documents"),
    ("dom_query", "crates/aloud-formats/src/documents"),
    ("rbook", "crates/aloud-formats/src/documents"),
    ("zip", "crates/aloud-formats/src/documents"),
    ("quick_xml", "crates/aloud-formats/src/documents"),
    // Books are written by what they are read with.
    ("zip", "crates/aloud-formats/src/book"),
    ("quick_xml", "crates/aloud-formats/src/book"),
    ("quick_xml", "crates/aloud-formats/src/feed"),
    // The names that HTML has for characters.
    ("quick_xml", "crates/aloud-formats/src/import/text.rs"),
    ("pulldown_cmark", "crates/aloud-formats/src/documents"),
    ("encoding_rs", "crates/aloud-formats/src/documents"),
    ("chardetng", "crates/aloud-formats/src/documents"),
    ("chardetng", "crates/aloud-formats/src/import"),
    ("icu_segmenter", "crates/aloud-formats/src/export"),
    ("jieba_rs", "crates/aloud-formats/src/export"),
    ("png", "crates/aloud-formats/src/report"),
    ("whisper_rs", "crates/aloud-recognise/src/transcribe"),
    ("rten_gemm", "crates/aloud-recognise/src/transcribe/whisper"),
    ("rten_tensor", "crates/aloud-recognise/src/transcribe/whisper"),
    ("rten_simd", "crates/aloud-recognise/src/transcribe/whisper"),
    ("rten_vecmath", "crates/aloud-recognise/src/transcribe/whisper"),
    // Memory that is given back.
    ("rustix", "crates/aloud-recognise/src/transcribe/whisper"),
    ("libc", "crates/aloud-recognise/src/transcribe/whisper"),
    ("libloading", "crates/aloud-recognise/src/synth"),
    ("lzma_rust2", "crates/aloud-recognise/src/models"),
    ("ureq", "crates/aloud-recognise/src/web"),
    ("flate2", "crates/aloud-recognise/src/web"),
    ("cpal", "src/player"),
    ("rtrb", "src/player"),
    ("rustix", "src/player"),
    ("zbus", "src/media"),
    // Whether a folder can be written.
    ("rustix", "src/store/files.rs"),
    ("tantivy", "src/index"),
    ("clap", "src/cli"),
    ("flacenc", "src/cli"),
    ("anyhow", "src/cli"),
    ("ctrlc", "src/cli"),
    ("crossterm", "src/tui/terminal"),
    ("signal_hook", "src/tui/terminal"),
    // A limit of the process, before there is any screen.
    ("signal_hook", "src/cli/mod.rs"),
    ("ratatui_crossterm", "src/tui/terminal"),
    // Two rooms share the screen's buffer.
    ("ratatui_core", "src/view"),
    ("ratatui_core", "src/tui"),
    ("unicode_linebreak", "src/view"),
];

/// A file of the source.
struct Source {
    /// From the root of the tree.
    path: PathBuf,
    text: String,
    /// Every path that its code names outside tests, its parts joined by `::`.
    named: BTreeSet<String>,
}

impl Source {
    /// Its crate's folder, and its room there; `None` for what is no part of a room.
    fn place(&self) -> Option<(&'static str, String)> {
        let is_inside =
            |krate: &str| self.path.starts_with(if krate == "." { "src" } else { krate });
        let krate = FLOORS.iter().map(|(krate, _)| *krate).find(|krate| is_inside(krate))?;
        let inside =
            self.path.strip_prefix(krate).unwrap_or(&self.path).strip_prefix("src").ok()?;
        let room = inside
            .components()
            .next()?
            .as_os_str()
            .to_string_lossy()
            .trim_end_matches(".rs")
            .to_owned();
        (!["lib", "main"].contains(&room.as_str())).then_some((krate, room))
    }

    fn names(&self, path: &str) -> bool {
        self.named.iter().any(|named| is_or_within(named, path))
    }
}

/// Whether `named` is `path` or begins with it.
fn is_or_within(named: &str, path: &str) -> bool {
    named.strip_prefix(path).is_some_and(|rest| rest.is_empty() || rest.starts_with("::"))
}

/// The words and marks of Rust code: names, `::`, and every other character by itself; no comments,
/// strings or spaces.
fn tokens(code: &str) -> Vec<&str> {
    let mut found = Vec::new();
    let mut rest = code;
    while let Some(c) = rest.chars().next() {
        let n_name = rest.find(|c: char| !c.is_alphanumeric() && c != '_').unwrap_or(rest.len());
        let n = match c {
            '/' if rest.starts_with("//") => rest.find('\n').unwrap_or(rest.len()),
            '/' if rest.starts_with("/*") => rest.find("*/").map_or(rest.len(), |end| end + 2),
            'r' | 'b'
                if rest[n_name..].starts_with(['"', '#'])
                    && matches!(&rest[..n_name], "r" | "b" | "br") =>
            {
                n_name + string(&rest[n_name..])
            }
            '"' => string(rest),
            // A character, or else a lifetime.
            '\'' if rest.starts_with("'\\") => {
                rest[2..].find('\'').map_or(rest.len(), |end| end + 3)
            }
            '\'' if rest.chars().nth(2) == Some('\'') => {
                rest.chars().take(3).map(char::len_utf8).sum()
            }
            ':' if rest.starts_with("::") => 2,
            _ if n_name > 0 => n_name,
            _ => c.len_utf8(),
        };
        let token = &rest[..n];
        let is_name = n_name > 0 && n == n_name;
        let is_silent = c.is_whitespace()
            || n > 1 && (token.starts_with(['/', '"']) || token.ends_with(['"', '#']));
        if is_name || !is_silent {
            found.push(token);
        }
        rest = &rest[n..];
    }
    found
}

/// How long the string is that `code` begins with, with as many `#` around it as it has.
fn string(code: &str) -> usize {
    let n_marks = code.find('"').unwrap_or(0);
    let inside = &code[n_marks + 1..];
    if n_marks > 0 {
        let end = format!("\"{}", "#".repeat(n_marks));
        return inside.find(&end).map_or(code.len(), |at| n_marks + 1 + at + end.len());
    }
    let mut is_escaped = false;
    let end = inside.find(|c| {
        let is_end = c == '"' && !is_escaped;
        is_escaped = c == '\\' && !is_escaped;
        is_end
    });
    end.map_or(code.len(), |at| n_marks + 2 + at)
}

/// Every path that `code` names, its tests left out; what a group imports is a path each.
fn paths(code: &str) -> BTreeSet<String> {
    let code = code.split("#[cfg(test)]\nmod tests").next().unwrap_or_default();
    let tokens = tokens(code);
    let mut found = BTreeSet::new();
    let mut at = 0;
    while at < tokens.len() {
        // A name by itself may be anything, but not behind `use`.
        if let ["use", name, ";" | "as", ..] = &tokens[at..] {
            found.insert(format!("{name}::self"));
        }
        let next = gather(&tokens, at, "", &mut found);
        at = next.max(at + 1);
    }
    found
}

/// Adds the path that begins at `at`, or all of them where it branches; gives what comes after.
fn gather(tokens: &[&str], mut at: usize, before: &str, found: &mut BTreeSet<String>) -> usize {
    let is_name = |token: &&str| token.starts_with(|c: char| c.is_alphabetic() || c == '_');
    let mut path = before.to_owned();
    while let Some(name) = tokens.get(at).filter(|token| is_name(token)) {
        if *name != "self" || path.is_empty() {
            path = if path.is_empty() { (*name).to_owned() } else { format!("{path}::{name}") };
        }
        at += 1;
        if tokens.get(at) != Some(&"::") {
            break;
        }
        at += 1;
        if tokens.get(at) == Some(&"{") {
            at += 1;
            while tokens.get(at).is_some_and(|token| *token != "}") {
                at = gather(tokens, at, &path, found).max(at + 1);
            }
            break;
        }
    }
    if !path.is_empty() {
        found.insert(path);
    }
    at
}

/// All sources but test files.
fn sources() -> Vec<Source> {
    let mut found = Vec::new();
    for (krate, _) in FLOORS {
        collect(&root().join(krate).join("src"), &mut |path| {
            let text = fs::read_to_string(path).unwrap();
            let path = path.strip_prefix(root()).unwrap_or(path);
            let path = path.strip_prefix(".").unwrap_or(path).to_owned();
            let is_test = path.file_stem().is_some_and(|stem| stem == "tests")
                || path.components().any(|part| part.as_os_str() == "tests");
            let named = if is_test { BTreeSet::new() } else { paths(&text) };
            found.push(Source { path, text, named });
        });
    }
    assert!(found.len() > 300, "only {} files were found", found.len());
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

#[test]
fn paths_are_seen_however_they_are_written() {
    for code in [
        "use crate::decode;",
        "use crate::{decode, time};",
        "use crate::decode::{self, open};",
        "fn f() { crate::decode::open(); }",
        "fn f() -> crate::decode::Length { 1 }",
        "fn f() { println!(\"{}\", crate::decode::open()); }",
        "use crate::{time::Span, decode as sound};",
        "fn f(c: char) { if c == '\'' { g(\"//\", r#\"\"\"#); } crate::decode::open() }",
    ] {
        assert!(
            paths(code).iter().any(|path| is_or_within(path, "crate::decode")),
            "{code}: {:?}",
            paths(code)
        );
    }
    for code in [
        "// crate::decode",
        "/* crate::decode */",
        "f(\"crate::decode\")",
        "f(r#\"crate::decode\"#)",
    ] {
        assert!(
            !paths(code).iter().any(|path| is_or_within(path, "crate::decode")),
            "{code}: {:?}",
            paths(code)
        );
    }
    assert!(
        paths("use regex;").contains("regex::self")
            && !paths("let regex = 1;").contains("regex::self")
    );
    assert!(paths("use std::{fs, io};").contains("std::fs"));
    assert!(
        !paths("#[cfg(test)]\nmod tests { use crate::decode; }")
            .iter()
            .any(|path| is_or_within(path, "crate::decode"))
    );
}

#[test]
fn every_file_says_what_it_is_for() {
    for source in sources() {
        assert!(
            source.text.starts_with("//! "),
            "{} does not open with `//!`",
            source.path.display()
        );
    }
}

#[test]
fn each_engine_has_one_room() {
    for source in sources() {
        for (engine, _) in ENGINES {
            let is_its_place = ENGINES
                .iter()
                .any(|(other, place)| other == engine && source.path.starts_with(place));
            // A module of our own may have the same name.
            let is_ours = source.named.iter().any(|path| {
                path.ends_with(&format!("::{engine}"))
                    && ["crate", "super", "self"]
                        .contains(&path.split("::").next().unwrap_or_default())
            });
            let is_named = source.named.iter().any(|path| path.starts_with(&format!("{engine}::")));
            assert!(
                is_its_place || is_ours || !is_named,
                "{} names {engine}",
                source.path.display()
            );
        }
    }
}

#[test]
fn pure_code_is_pure() {
    for source in
        sources().iter().filter(|source| PURE.iter().any(|place| source.path.starts_with(place)))
    {
        for effect in EFFECTS {
            assert!(!source.names(effect), "{} uses {effect}", source.path.display());
        }
    }
}

#[test]
fn arrows_between_rooms_lead_down() {
    for source in sources() {
        let Some((krate, room)) = source.place() else { continue };
        let floors =
            FLOORS.iter().find(|(name, _)| *name == krate).map_or(&[][..], |(_, floors)| floors);
        let floor = floors.iter().position(|name| *name == room);
        let floor = floor.unwrap_or_else(|| {
            panic!("{}: `{room}` has no floor in this test", source.path.display())
        });
        for above in &floors[floor + 1..] {
            assert!(
                !source.names(&format!("crate::{above}")),
                "{} names {above}, which stands above it",
                source.path.display()
            );
        }
    }
}

#[test]
fn every_room_is_on_the_map() {
    let map = fs::read_to_string(root().join("ARCHITECTURE.md")).unwrap();
    let rooms = FLOORS.iter().flat_map(|(_, rooms)| rooms.iter());
    for name in
        rooms.copied().chain(FLOORS.iter().filter_map(|(krate, _)| krate.strip_prefix("crates/")))
    {
        assert!(map.contains(&format!("`{name}`")), "ARCHITECTURE.md does not speak of `{name}`");
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
