//! Many episodes: the index, what is found through it, what it survives, and how a library travels.

use crate::util::shelf::{self, CACHE};
use crate::util::{Desk, Ran, root, wav};
use aloud::episode::EpisodeId;
use aloud::index::{Library, Request, Scope};
use aloud::search::{Options, Query};
use aloud::store::Store;
use aloud::transcript::Transcript;
use proptest::prelude::*;
use serde_json::Value;
use std::fs;
use std::path::PathBuf;

/// Opens the library of `store` and looks for `phrase`: episode, start and end in milliseconds, and
/// the words found.
fn find(store: &Store, phrase: &str, is_exact: bool) -> Vec<(EpisodeId, u64, u64, String)> {
    let query =
        Query::new(phrase, Options { is_literal: true, is_exact, ..Options::default() }).unwrap();
    let mut library = Library::open(store, &mut |_| {}, &|| false);
    let answer = library.find(&Request {
        query: &query,
        is_exact,
        scope: Scope::default(),
        limit: usize::MAX / 2,
    });
    let hit = |found: &aloud::index::Found| {
        let span = found.hit.span.unwrap();
        (
            found.episode,
            span.start().millis(),
            span.end().millis(),
            found.text.of(&found.hit.words).to_owned(),
        )
    };
    answer.found.iter().map(hit).collect()
}

/// The words from `first` on, as they are spelled, and when they are said.
fn run_of(transcript: &Transcript, first: usize, n: usize) -> (String, u64, u64) {
    let words: Vec<_> = transcript.words().skip(first).take(n).collect();
    let text = transcript.text_of(first..first + words.len());
    (text, words[0].span.start().millis(), words[words.len() - 1].span.end().millis())
}

#[test]
fn every_run_of_words_is_found_at_its_time() {
    let desk = Desk::new();
    let store = shelf::store(&desk);
    let episodes = shelf::demos(&store);
    // Longer ones, with numbers in them, so that pages have borders everywhere.
    let long = |n: u64| {
        let lines: Vec<String> = (0..90)
            .map(|line| {
                format!(
                    "line {line} of {n} costs ${}.50 or {}%, and in {} it was said twice.",
                    line * 7 % 90,
                    line % 50,
                    1900 + line
                )
            })
            .collect();
        shelf::said(&format!("{n}.mp3"), "en", &lines.join("\n"))
    };
    let numbers = [1, 2].map(|n| {
        let transcript = long(n);
        shelf::keep(&store, &transcript, shelf::id(n), "x");
        (shelf::id(n), transcript)
    });
    let all: Vec<(EpisodeId, &Transcript)> = episodes
        .iter()
        .map(|t| (t.audio.id.unwrap(), t))
        .chain(numbers.iter().map(|(id, t)| (*id, t)))
        .collect();
    drop(Library::open(&store, &mut |_| {}, &|| false));
    let runs = (
        0..all.len(),
        any::<prop::sample::Index>(),
        prop_oneof![1usize..6, 6usize..20, 20usize..60],
    );
    proptest!(ProptestConfig::with_cases(160), |((episode, first, n) in runs)| {
        let (id, transcript) = &all[episode];
        let first = first.index(transcript.words().count());
        let (text, start, end) = run_of(transcript, first, n);
        let found = find(&store, &text, true);
        let is_there = found.iter().any(|hit| hit.0 == *id && hit.1 <= start && end <= hit.2 && hit.2 - hit.1 < end - start + 1500);
        prop_assert!(is_there, "{text:?} at {start} is not among {found:?}");
    });
}

#[test]
fn phrases_as_people_type_them() {
    let desk = Desk::new();
    let store = shelf::store(&desk);
    shelf::demos(&store);
    shelf::keep(
        &store,
        &shelf::said("money.mp3", "zh", "他們花了8萬億美元。\n深度求索的模型很便宜。"),
        shelf::id(1),
        "x",
    );
    shelf::keep(
        &store,
        &shelf::said(
            "talk.mp3",
            "en",
            "We spent eight trillion dollars on open source.\nDeepSeek was received well.",
        ),
        shelf::id(2),
        "x",
    );
    for (phrase, n, words) in [
        ("8 trillion", 1, "eight trillion"),
        ("EIGHT TRILLION", 1, "eight trillion"),
        ("八万亿美元", 1, "8萬億美元"),
        ("8万亿", 1, "8萬億"),
        ("深度求索", 1, "深度求索"),
        ("shenduqiusuo", 1, "深度求索"),
        ("求索", 1, "求索"),
        ("便宜", 1, "便宜"),
        ("opensource", 1, "open source"),
        ("deep seek", 1, "DeepSeek"),
        ("zebra crossing", 0, ""),
        ("斑马", 0, ""),
    ] {
        let found: Vec<_> = find(&store, phrase, false)
            .into_iter()
            .filter(|hit| hit.0 == shelf::id(1) || hit.0 == shelf::id(2))
            .collect();
        assert_eq!(found.len(), n, "{phrase}: {found:?}");
        assert!(found.iter().all(|hit| hit.3.eq_ignore_ascii_case(words)), "{phrase}: {found:?}");
    }
}

#[test]
fn what_comes_and_goes() {
    let desk = Desk::new();
    let store = shelf::store(&desk);
    let n_found = |phrase: &str| find(&store, phrase, true).len();
    assert_eq!(n_found("brown bears"), 0);
    shelf::keep(&store, &shelf::said("a.mp3", "en", "Brown bears sleep."), shelf::id(1), "x");
    assert_eq!((n_found("brown bears"), n_found("white bears")), (1, 0));
    shelf::keep(
        &store,
        &shelf::said("b.mp3", "en", "White bears swim. Brown bears do too."),
        shelf::id(2),
        "x",
    );
    assert_eq!((n_found("brown bears"), n_found("white bears")), (2, 1));
    // Heard again, and otherwise.
    shelf::keep(&store, &shelf::said("a.mp3", "en", "Brown beads sleep."), shelf::id(1), "x");
    assert_eq!((n_found("brown bears"), n_found("brown beads")), (1, 1));
    let _ = store.remove(|entry| entry.episode == shelf::id(2));
    assert_eq!((n_found("brown bears"), n_found("white bears"), n_found("brown beads")), (0, 0, 1));
    // An index of another version, or of nobody.
    fs::write(
        shelf::folder(&desk).join("index-1/seal.json"),
        r#"{"format":"aloud-index/0","files":{}}"#,
    )
    .unwrap();
    assert_eq!(n_found("brown beads"), 1);
}

/// A store of some size, and a phrase for each of a few of its episodes.
fn archive(desk: &Desk, n: u64) -> (Store, Vec<String>) {
    let store = shelf::store(desk);
    let mut phrases = Vec::new();
    for episode in 0..n {
        let lines: Vec<String> = (0..40)
            .map(|line| {
                format!(
                    "In chapter {line} the number {} was named, and 第{line}章也說了{episode}次。",
                    episode * 1000 + line
                )
            })
            .collect();
        shelf::keep(
            &store,
            &shelf::said(&format!("{episode}.mp3"), "en", &lines.join("\n")),
            shelf::id(episode),
            "x",
        );
        phrases.push(format!("the number {} was named", episode * 1000 + 17));
    }
    (store, phrases)
}

#[track_caller]
fn check_all_found(store: &Store, phrases: &[String], what: &str) {
    for (episode, phrase) in phrases.iter().enumerate() {
        let found = find(store, phrase, true);
        assert!(
            found.iter().any(|hit| hit.0 == shelf::id(episode as u64)),
            "{what}: `{phrase}` is lost: {found:?}"
        );
    }
}

fn index_files(desk: &Desk) -> Vec<PathBuf> {
    let mut files: Vec<PathBuf> = fs::read_dir(shelf::folder(desk).join("index-1"))
        .unwrap()
        .flatten()
        .map(|file| file.path())
        .collect();
    files.sort();
    files
}

#[test]
fn a_damaged_index_is_built_anew() {
    let desk = Desk::new();
    let (store, phrases) = archive(&desk, 3);
    check_all_found(&store, &phrases, "whole");
    for index in 0..index_files(&desk).len() {
        let files = index_files(&desk);
        let Some(file) = files.get(index) else { break };
        let bytes = fs::read(file).unwrap();
        let what = format!("{} damaged", file.display());
        let noise: Vec<u8> = (0..bytes.len())
            .map(|at| (at as u32).wrapping_mul(2_654_435_761).to_le_bytes()[3])
            .collect();
        fs::write(file, &noise).unwrap();
        check_all_found(&store, &phrases, &what);
        let files = index_files(&desk);
        fs::write(&files[index.min(files.len() - 1)], &bytes[..bytes.len() / 2]).unwrap();
        check_all_found(&store, &phrases, &format!("{what}, then cut short"));
        let files = index_files(&desk);
        fs::remove_file(&files[index.min(files.len() - 1)]).unwrap();
        check_all_found(&store, &phrases, &format!("{what}, then gone"));
    }
}

/// Opening a named pipe waits for ever, and a file that is all holes takes all memory: neither is
/// opened.
#[cfg(unix)]
#[test]
fn what_is_no_file_is_not_opened() {
    let desk = Desk::new();
    let (store, phrases) = archive(&desk, 2);
    check_all_found(&store, &phrases, "whole");
    let pipe = |path: &std::path::Path| {
        assert!(std::process::Command::new("mkfifo").arg(path).status().unwrap().success());
    };
    let folder = shelf::folder(&desk);
    let index = folder.join("index-1");
    let mut names: Vec<PathBuf> = index_files(&desk);
    names.extend(
        [".managed.json", ".tantivy-writer.lock", ".tantivy-meta.lock", "writer.lock", "new"]
            .map(|name| index.join(name)),
    );
    for path in names {
        for make in [0, 1, 2] {
            let _ = fs::remove_file(&path);
            match make {
                0 => pipe(&path),
                1 => fs::create_dir(&path).unwrap(),
                _ => fs::File::create(&path).unwrap().set_len(200 << 30).unwrap(),
            }
            check_all_found(&store, &phrases, &format!("{} as {make}", path.display()));
            if path.is_dir() {
                fs::remove_dir_all(&path).unwrap();
            }
        }
    }
    // The same where it locks.
    let key = aloud::store::Key::new("transcript", shelf::id(7));
    let lease = store.work_on(&key, &mut || {}, &|| false).unwrap();
    let locks = |folder: &PathBuf| {
        let files = fs::read_dir(folder).unwrap().flatten().map(|file| file.path());
        files
            .filter(|path| path.extension().is_some_and(|ending| ending == "lock"))
            .collect::<Vec<_>>()
    };
    let lock = locks(&folder).pop().unwrap();
    drop(lease);
    for make in [0, 1] {
        if make == 0 {
            pipe(&lock);
        } else {
            fs::create_dir(&lock).unwrap();
        }
        assert!(store.work_on(&key, &mut || {}, &|| false).is_some());
    }
}

#[test]
fn damage_that_does_not_show_is_survived() {
    let desk = Desk::new();
    let (store, phrases) = archive(&desk, 2);
    check_all_found(&store, &phrases, "whole");
    // Bytes that rot change neither length nor time.
    for (n, kind) in ["fast", "fieldnorm", "idx", "pos", "store", "term"].into_iter().enumerate() {
        let files = index_files(&desk);
        let file = files
            .iter()
            .find(|file| file.extension().is_some_and(|extension| extension == kind))
            .unwrap();
        let (mut bytes, about) = (fs::read(file).unwrap(), fs::metadata(file).unwrap());
        let step = 1 + bytes.len() / 50;
        for byte in bytes.iter_mut().skip(n).step_by(step) {
            *byte ^= 0x55;
        }
        fs::write(file, &bytes).unwrap();
        fs::File::options()
            .write(true)
            .open(file)
            .and_then(|open| open.set_modified(about.modified().unwrap()))
            .unwrap();
        // No promise of what is found, but of how it ends.
        for phrase in &phrases {
            let _ = find(&store, phrase, true);
        }
        let _ = fs::remove_dir_all(shelf::folder(&desk).join("index-1"));
        check_all_found(&store, &phrases, "built anew");
    }
}

#[test]
fn without_an_index_everything_is_found_all_the_same() {
    let desk = Desk::new();
    let (store, phrases) = archive(&desk, 2);
    // Where its folder should be there is a file.
    fs::write(shelf::folder(&desk).join("index-1"), "no folder").unwrap();
    let mut library = Library::open(&store, &mut |_| {}, &|| false);
    assert!(library.notes[0].starts_with("the index is not up to date"), "{:?}", library.notes);
    let query = Query::parse(&phrases[1]).unwrap();
    let answer = library.find(&Request {
        query: &query,
        is_exact: true,
        scope: Scope::default(),
        limit: 10,
    });
    assert_eq!(answer.found.len(), 1);
    assert_eq!(library.cards().len(), 2);
}

/// A limit on the size of files stands for a full disk.
#[cfg(unix)]
#[test]
fn a_full_disk_costs_only_time() {
    let desk = Desk::new();
    let (store, phrases) = archive(&desk, 3);
    let found = std::process::Command::new("sh")
        .args([
            "-c",
            "ulimit -f 4; exec \"$0\" \"$@\"",
            env!("CARGO_BIN_EXE_aloud"),
            "--cache",
            CACHE,
            "find",
            "--json",
            &phrases[2],
        ])
        .current_dir(desk.path())
        .output()
        .unwrap();
    let (out, err) =
        (String::from_utf8_lossy(&found.stdout), String::from_utf8_lossy(&found.stderr));
    assert!(
        found.status.success() && err.contains("not up to date") && out.contains("\"2.mp3\""),
        "{out}\n{err}"
    );
    check_all_found(&store, &phrases, "with room again");
}

#[test]
fn killed_while_writing() {
    let desk = Desk::new();
    let (store, phrases) = archive(&desk, 12);
    for ms in [5, 15, 30, 60, 120] {
        let _ = fs::remove_dir_all(shelf::folder(&desk).join("index-1"));
        let mut child = desk
            .command(&["--cache", CACHE, "find", "nothing of the kind"])
            .stderr(std::process::Stdio::null())
            .spawn()
            .unwrap();
        // Whether it is killed before, while or after it writes: all is found.
        let begin = std::time::Instant::now();
        while begin.elapsed().as_millis() < ms && child.try_wait().unwrap().is_none() {
            std::thread::yield_now();
        }
        let _ = child.kill();
        let _ = child.wait();
        check_all_found(&store, &phrases[..3], &format!("killed after {ms} ms"));
    }
}

#[test]
fn two_at_once() {
    let desk = Desk::new();
    let (store, phrases) = archive(&desk, 12);
    let run = |phrase: &str| {
        desk.command(&["--cache", CACHE, "find", "--exact", "--json", phrase])
            .stdout(std::process::Stdio::piped())
            .stderr(std::process::Stdio::null())
            .spawn()
            .unwrap()
    };
    for round in 0..3u64 {
        let _ = fs::remove_dir_all(shelf::folder(&desk).join("index-1"));
        shelf::keep(
            &store,
            &shelf::said("new.mp3", "en", &format!("this is round {round} of them")),
            shelf::id(99),
            "x",
        );
        let children: Vec<_> = phrases[..4].iter().map(|phrase| run(phrase)).collect();
        for (episode, child) in children.into_iter().enumerate() {
            let output = child.wait_with_output().unwrap();
            let out = String::from_utf8_lossy(&output.stdout);
            assert!(
                output.status.success() && out.contains(&format!("\"{episode}.mp3\"")),
                "{out}"
            );
        }
        assert_eq!(find(&store, &format!("round {round} of them"), true).len(), 1);
    }
}

#[test]
fn find_from_the_command_line() {
    let desk = Desk::new();
    let store = shelf::store(&desk);
    shelf::demos(&store);
    desk.aloud(&["--cache", CACHE, "find", "zebra crossing at noon"])
        .code(5)
        .says("`zebra crossing at noon` was not found");
    let ran = desk.aloud(&["--cache", CACHE, "find", "eight trillion dollars", "--all"]).code(0);
    assert!(
        ran.out().starts_with("open-models.en.mp3:") && ran.out().contains("trillion"),
        "{}",
        ran.out()
    );
    let json: Value = serde_json::from_str(
        &desk.aloud(&["--cache", CACHE, "find", "the", "--json", "--limit", "7"]).code(0).out(),
    )
    .unwrap();
    assert_eq!(
        (json["format"].as_str(), json["hits"].as_array().map(Vec::len)),
        (Some("aloud-hits/1"), Some(7))
    );
    let hit = &json["hits"][0];
    let (from, to) = (
        hit["marks"][0][0].as_u64().unwrap() as usize,
        hit["marks"][0][1].as_u64().unwrap() as usize,
    );
    assert_eq!(hit["text"].as_str().unwrap()[from..to].to_lowercase(), "the");
    desk.aloud(&["--cache", CACHE, "find", "the", "--since", "tomorrow"]).code(2).says("--since");
    desk.aloud(&["--cache", CACHE, "find", "the", "--since", "2020-01-01"]).code(0);
    desk.aloud(&["--cache", CACHE, "find", "?!"]).code(2);
    desk.aloud(&["--cache", CACHE, "find", "the", "no-such-folder/x.mp3"]).code(3);
}

/// Ties its text to the one episode.
fn align(desk: &Desk, out: &str) {
    let episode = ["align", "shows/one.mp3", "one.txt", "--transcript", "one.json"];
    desk.aloud(&[&["--cache", CACHE][..], &episode, &["--json", "-o", out]].concat()).code(0);
}

/// A desk with the English demo tied to its article, and the recording itself.
fn tied() -> Desk {
    let desk = Desk::new();
    for (from, to) in [
        ("audio/open-models.en.mp3", "shows/one.mp3"),
        ("transcripts/open-models.en.txt", "one.txt"),
        ("transcripts/open-models.en.transcript.json", "one.json"),
    ] {
        desk.put(to, fs::read(root().join(from)).unwrap());
    }
    align(&desk, "out.json");
    desk
}

#[test]
fn written_and_said_are_found_once() {
    let desk = tied();
    let json = |arguments: &[&str]| -> Value {
        serde_json::from_str(
            &desk.aloud(&[&["--cache", CACHE, "find", "--json"], arguments].concat()).code(0).out(),
        )
        .unwrap()
    };
    let both = json(&["eight trillion dollars"]);
    assert_eq!(both["hits"].as_array().map(Vec::len), Some(1), "{both:#}");
    assert!(
        both["hits"][0]["file"] == "shows/one.mp3"
            && both["hits"][0]["text"].as_str().unwrap().contains("$8 trillion"),
        "{both:#}"
    );
    assert!(
        json(&["--in", "said", "eight trillion dollars"])["hits"][0]["text"]
            .as_str()
            .unwrap()
            .contains("ight trillion")
    );
    // What was said but not written.
    assert_eq!(
        json(&["you are listening to plain terms"])["hits"].as_array().map(Vec::len),
        Some(1)
    );
    desk.aloud(&[
        "--cache",
        CACHE,
        "find",
        "--in",
        "written",
        "--exact",
        "you are listening to plain terms",
    ])
    .code(5);
}

/// An article whose record is damaged is told of, each time, until it is tied again; what was said
/// is searched meanwhile.
#[test]
fn a_damaged_article_is_told_of() {
    let desk = tied();
    shelf::demos(&shelf::store(&desk));
    let find = |line: &[&str]| desk.aloud(&[&["--cache", CACHE, "find"], line].concat());
    find(&["--in", "written", "$8 trillion"]).code(0);
    let records = fs::read_dir(shelf::folder(&desk)).unwrap().flatten().map(|file| file.path());
    let is_text = |bytes: &[u8]| bytes.windows(14).any(|window| window == b"\"stage\":\"text\"");
    let record = records.filter(|path| path.extension().is_some_and(|ending| ending == "record"));
    let record = record
        .into_iter()
        .find(|path| is_text(&fs::read(path).unwrap()))
        .expect("a record of a text");
    let mut bytes = fs::read(&record).unwrap();
    let at = bytes.len() - 20;
    bytes[at] ^= 0x55;
    fs::write(&record, bytes).unwrap();
    for _ in 0..3 {
        find(&["eight trillion dollars"]).code(0).says("1 episode is damaged");
        find(&["--in", "written", "$8 trillion"]).code(5).says("1 episode is damaged");
    }
    align(&desk, "again.json");
    let err = find(&["--in", "written", "$8 trillion"]).code(0).err();
    assert!(!err.contains("damaged"), "{err}");
}

#[test]
fn context_is_whole_sentences() {
    let desk = Desk::new();
    let [english, _] = shelf::demos(&shelf::store(&desk));
    for phrase in ["investor", "closet", "Ohio", "clerk", "savings", "tea", "river", "school"] {
        let ran = desk
            .aloud(&["--cache", CACHE, "find", "--json", "--exact", "--context", "2", phrase])
            .code(0);
        let json: Value = serde_json::from_str(&ran.out()).unwrap();
        for text in json["hits"].as_array().unwrap().iter().map(|hit| hit["text"].as_str().unwrap())
        {
            let begins =
                |segment: &aloud::transcript::Segment| text.starts_with(segment.text.trim());
            assert!(english.segments.iter().any(begins), "{phrase}: {text}");
        }
    }
}

#[test]
fn a_recording_is_searched_with_whatever_transcript_there_is() {
    let desk = Desk::with_episodes();
    shelf::demos(&shelf::store(&desk));
    desk.aloud(&["--cache", CACHE, "find", "--exact", "investor", "en.mp3"]).code(0);
    desk.aloud(&["--cache", CACHE, "find", "investor", "radio.mp3"]).code(5);
}

#[test]
fn a_moved_recording_is_recognised() {
    let desk = tied();
    let sound = wav(&[0.1; 16_000]);
    desk.put("shows/two.wav", &sound);
    let ran = desk
        .aloud(&["--cache", CACHE, "find", "eight trillion dollars", "shows"])
        .code(0)
        .says("shows/two.wav`; `--transcribe` does that first");
    assert!(ran.out().starts_with("shows/one.mp3:"), "{}", ran.out());
    fs::create_dir(desk.path().join("elsewhere")).unwrap();
    fs::rename(desk.path().join("shows/one.mp3"), desk.path().join("elsewhere/uno.mp3")).unwrap();
    assert!(desk.aloud(&["--cache", CACHE, "library"]).code(0).out().contains("moved"));
    desk.aloud(&["--cache", CACHE, "library", "relink", "shows"]).code(5).says("0 of 1 recordings");
    assert!(
        desk.aloud(&["--cache", CACHE, "library", "relink", "."])
            .code(0)
            .out()
            .contains("elsewhere/uno.mp3")
    );
    assert!(!desk.aloud(&["--cache", CACHE, "library"]).code(0).out().contains("moved"));
    let out = desk.aloud(&["--cache", CACHE, "find", "eight trillion dollars"]).code(0).out();
    assert!(out.starts_with("elsewhere/uno.mp3:"), "{out}");
    // Searching where it is now tells as well.
    fs::rename(desk.path().join("elsewhere/uno.mp3"), desk.path().join("shows/tres.mp3")).unwrap();
    let out = desk
        .aloud(&["--cache", CACHE, "find", "eight trillion dollars", "shows/*.mp3"])
        .code(0)
        .out();
    assert!(out.starts_with("shows/tres.mp3:"), "{out}");
}

#[test]
fn a_library_moves_to_another_machine() {
    let desk = tied();
    let library = desk.aloud(&["--cache", CACHE, "library", "--json"]).code(0).out();
    let json: Value = serde_json::from_str(&library).unwrap();
    let episode = &json["episodes"][0];
    assert_eq!(
        (
            episode["title"].as_str().is_some(),
            episode["language"].as_str(),
            episode["duration"].as_f64()
        ),
        (true, Some("en"), Some(561.0))
    );
    assert!(
        episode["coverage"].as_f64().unwrap() > 0.9 && episode["present"] == true,
        "{episode:#}"
    );
    desk.aloud(&["--cache", CACHE, "library", "export", "-o", "library.jsonl"]).code(0);
    desk.aloud(&["--cache", "there", "library", "import", "library.jsonl"])
        .code(0)
        .says("records are new, 0 were known");
    desk.aloud(&["--cache", "there", "library", "import", "library.jsonl"])
        .code(0)
        .says("0 records are new");
    // Through a pipe as well.
    let mut piped = desk.command(&["--cache", "there", "library", "import", "-"]);
    piped.stdin(fs::File::open(desk.path().join("library.jsonl")).unwrap());
    Ran::of(&["import", "-"], piped.output().unwrap()).code(0).says("0 records are new");
    assert_eq!(desk.aloud(&["--cache", "there", "library", "--json"]).code(0).out(), library);
    let found = |cache| {
        desk.aloud(&["--cache", cache, "find", "eight trillion dollars", "--json"]).code(0).out()
    };
    assert_eq!(found(CACHE), found("there"));
    desk.put("other.jsonl", "{\"format\":\"aloud-hits/1\"}\n");
    desk.aloud(&["--cache", "there", "library", "import", "other.jsonl"])
        .code(3)
        .says("aloud-library/1");
    desk.aloud(&["--cache", "there", "library", "rm", "--yes", "shows/one.mp3"])
        .code(0)
        .says("freed");
    desk.aloud(&["--cache", "there", "library"]).code(0).says("nothing was transcribed yet");
    desk.aloud(&["--cache", "there", "find", "eight trillion dollars"]).code(5);
    desk.aloud(&["--cache", "there", "library", "rm", "shows/one.mp3"]).code(5);
}

/// What a build of another day and toolchain exported is found by this one: keys are made of the
/// same bytes, but for the versions of methods, which are meant to change them.
/// `tests/data/library.jsonl` is the export of what the first lines here do.
#[test]
fn a_library_of_another_build_is_found() {
    let desk = Desk::new();
    let sample = fs::read(root().join("tests/data/library.jsonl")).unwrap();
    desk.put("sample.jsonl", &sample);
    desk.put("a.mp3", fs::read(root().join("tests/data/audio/mp3-cbr.mp3")).unwrap());
    desk.put("a.json", fs::read(root().join("tests/data/library.transcript.json")).unwrap());
    desk.put("a.txt", "Tides\n\nThe river came over the road in Mill County. It left 8 houses wet, and 3 dry. 模型說話了。\n");
    desk.aloud(&[
        "align",
        "a.mp3",
        "a.txt",
        "--transcript",
        "a.json",
        "--anyway",
        "--json",
        "-o",
        "out.json",
    ])
    .code(0);
    let keys = |lines: &[u8]| {
        let lines = lines
            .split(|byte| *byte == b'\n')
            .filter_map(|line| serde_json::from_slice::<serde_json::Value>(line).ok());
        let keyed =
            lines.filter(|line| matches!(line["stage"].as_str(), Some("alignment" | "text")));
        let key = |mut line: serde_json::Value| {
            line["parts"].as_object_mut().map(|parts| parts.remove("method"));
            [line["stage"].to_string(), line["episode"].to_string(), line["parts"].to_string()]
        };
        keyed.map(key).collect::<std::collections::BTreeSet<_>>()
    };
    let (stored, made) =
        (keys(&sample), keys(desk.aloud(&["library", "export"]).code(0).out().as_bytes()));
    assert_eq!((stored.len(), &made), (2, &stored));
    desk.aloud(&["--cache", "there", "library", "import", "sample.jsonl"])
        .code(0)
        .says("2 records are new");
    desk.aloud(&["--cache", "there", "find", "the river came over"]).code(0);
}
