//! Nothing that a stranger named reaches a terminal as a command: every argument, file name and
//! field, with every such character.

use crate::util::{Desk, Ran, root};
#[cfg(unix)]
use crate::util::{demo_sound, matroska, skip};
use aloud::printable::is_harmful;
use std::fs;

/// All harmful characters but those that no argument can hold, in one name.
fn evil() -> String {
    let harmful =
        (1..=0x10_FFFF).filter_map(char::from_u32).filter(|c| is_harmful(*c) && !matches!(c, '\n'));
    format!("a{}[2Jz", harmful.collect::<String>())
}

#[track_caller]
fn check(ran: &Ran, what: &str) {
    for (stream, text) in [("out", ran.out()), ("err", ran.err())] {
        let found: Vec<char> = text.chars().filter(|c| is_harmful(*c) && *c != '\n').collect();
        assert!(found.is_empty(), "{what}: {found:?} on std{stream}:\n{text:?}");
        assert!(!text.contains("\u{fffd}\u{fffd}"), "{what}: {text:?}");
    }
}

#[test]
fn arguments_are_shown_without_their_control_characters() {
    let desk = Desk::new();
    desk.put("a.txt", "Some words of an article, which is not long.");
    let evil = evil();
    let audio = root().join("audio/open-models.en.mp3");
    let audio = audio.to_str().unwrap();
    for line in [
        &["models", "pull", &evil][..],
        &["models", "rm", &evil],
        &["models", "verify", &evil],
        &["models", "pull", "tiny", "--from", &evil],
        &["models", "list", "--dir", &evil],
        &["models", "list", "--json", "--dir", &evil],
        &["cache", "rm", &evil],
        &["cache", "list", "--cache", &evil],
        &["cache", "list", "--json", "--cache", &evil],
        &["transcribe", &evil],
        &["transcribe", audio, "--model", &evil],
        &["transcribe", audio, "--language", &evil],
        &["transcribe", audio, "-o", &format!("{evil}/{evil}.srt")],
        &["align", audio, &evil],
        &["align", &evil, "a.txt"],
        &["subs", "--check", &evil],
        &["listen", &evil],
        &["listen", audio, "--theme", &evil],
        &["find", &evil, "a.txt"],
        &["find", "word", &evil],
        &["library", "add", &evil],
        &[&evil],
        &["find", &format!("--{evil}")],
        &["man", &evil],
    ] {
        check(&desk.aloud(line), &line.join(" ").escape_debug().to_string());
    }
}

#[test]
fn names_of_files_are_harmless_where_they_are_printed() {
    let desk = Desk::with_episodes();
    // A file's name ends before 255 bytes.
    let short: String =
        evil().chars().filter(|c| !c.is_ascii() || *c == '\u{1b}').take(60).collect();
    let name = format!("a{short}.mp3");
    fs::rename(desk.path().join("en.mp3"), desk.path().join(&name)).unwrap();
    desk.aloud(&["subs", &name, "en.txt", "--transcript", "en.json", "-o", "page.html"]);
    for line in [
        &["align", &name, "en.txt", "--transcript", "en.json"][..],
        &["find", "open", &name, "--transcript", "en.json"],
        &["find", "open", &name, "--transcript", "en.json", "--json"],
        &["find", "open"],
        &["cache", "list"],
        &["cache", "list", "--json"],
        &["library"],
        &["library", "export"],
        &["library", "export", "--ndjson"],
        &["align", &name, "en.txt", "--transcript", "en.json", "--json"],
        &["transcribe", &name, "--transcript", "en.json", "--format", "json"],
        &["listen", &name, "--no-audio", "--at", "9:19", "--rate", "3"],
        &["notes", "--json"],
        &["config"],
        &["config", "--json"],
        &["feed", "list", "--json"],
        &["doctor", "--json"],
        &["listen"],
        &["subs", &name, "--transcript", "en.json", "-o", "a.srt"],
    ] {
        check(&desk.aloud(line), &line.join(" ").escape_debug().to_string());
    }
    if let Ok(page) = fs::read_to_string(desk.path().join("page.html")) {
        let found: Vec<char> = page.chars().filter(|c| is_harmful(*c) && *c != '\n').collect();
        assert!(found.is_empty(), "{found:?} in the page");
    } else {
        panic!(
            "there is no page: {}",
            desk.aloud(&["subs", &name, "en.txt", "--transcript", "en.json", "-o", "page.html"])
                .err()
        );
    }
}

/// A title that would set the window's title, colour and clear the screen, turn the writing around
/// and ring, were it printed.
#[cfg(unix)]
const HOSTILE: &str =
    "Zebra\u{1b}]0;pwned\u{7}\u{1b}[41;1337m\u{9b}2J\u{202e}\u{2066}\r\u{8}\u{7f}crossing";

/// What no terminal may be sent on behalf of a file.
#[cfg(unix)]
#[track_caller]
fn check_written(written: &[u8], what: &str) {
    let text = String::from_utf8_lossy(written);
    for bad in
        ["\u{1b}]0;pwned", "1337m", "\u{9b}", "\u{202e}", "\u{2066}", "\u{7}", "\u{8}", "\u{7f}"]
    {
        let at = text.find(bad);
        assert!(
            at.is_none(),
            "{what}: {bad:?} in {:?}",
            at.map(|at| text[at..].chars().take(80).collect::<String>())
        );
    }
}

/// Makes the recording `name` with hostile titles and chapters, by hand where no codec is named;
/// `false` where ffmpeg cannot make it.
#[cfg(unix)]
fn hostile(desk: &Desk, name: &str, codec: &[&str]) -> bool {
    if codec.is_empty() {
        desk.put(name, matroska::named(HOSTILE, &demo_sound(0.0, 30.0)));
        return true;
    }
    let escaped: String = HOSTILE
        .chars()
        .flat_map(|c| {
            matches!(c, '=' | ';' | '#' | '\\' | '\n').then_some('\\').into_iter().chain([c])
        })
        .collect();
    let chapter = |start: u32, end: u32| {
        format!("[CHAPTER]\nTIMEBASE=1/1000\nSTART={start}\nEND={end}\ntitle={escaped}\n")
    };
    let tags = format!(
        ";FFMETADATA1\ntitle={escaped}\nartist={escaped}\nalbum={escaped}\ncomment={escaped}\n{}{}",
        chapter(0, 10_000),
        chapter(10_000, 30_000)
    );
    desk.put("tags.txt", tags);
    let mut command = std::process::Command::new("ffmpeg");
    command.args([
        "-v",
        "error",
        "-y",
        "-t",
        "30",
        "-i",
        "en.mp3",
        "-i",
        "tags.txt",
        "-map",
        "0:a",
        "-map_metadata",
        "1",
        "-map_chapters",
        "1",
    ]);
    let made = command.args(codec).arg(name).current_dir(desk.path()).output();
    made.is_ok_and(|made| made.status.success())
}

#[cfg(unix)]
#[test]
fn titles_and_chapters_of_recordings_are_harmless_on_the_screen() {
    use crate::util::terminal::Terminal;
    if std::process::Command::new("ffmpeg").arg("-version").output().is_err() {
        return skip("there is no ffmpeg here");
    }
    for (name, codec) in [
        ("a.mp3", &["-c:a", "copy", "-id3v2_version", "4"][..]),
        ("a.m4a", &["-c:a", "aac"]),
        ("a.ogg", &["-c:a", "libvorbis"]),
        ("a.opus", &["-c:a", "libopus"]),
        ("a.mkv", &["-c:a", "copy"]),
        ("a.webm", &["-c:a", "libopus"]),
        ("a.flac", &["-c:a", "flac"]),
        // What other programs write has tags and chapters that ffmpeg leaves out.
        ("tagged.mkv", &[]),
    ] {
        if codec.contains(&"libopus") && !cfg!(feature = "opus") {
            continue;
        }
        let desk = Desk::with_episodes();
        if !hostile(&desk, name, codec) {
            skip(&format!("there is no ffmpeg here that makes {name}"));
            continue;
        }
        let bytes = fs::read(desk.path().join(name)).unwrap();
        assert!(bytes.windows(5).any(|part| part == b"pwned"), "{name} is harmless");
        let decoder = aloud::decode::open(&desk.path().join(name)).unwrap();
        // Symphonia does not tell the title of a Matroska file where it is no tag, nor chapters
        // without numbers.
        let title = decoder.tags().title.clone().filter(|_| !matches!(name, "a.mkv" | "a.webm"));
        assert!(
            title.as_deref().is_none_or(|title| title.starts_with("Zebra")),
            "{name}: {:?}",
            decoder.tags()
        );
        assert!(
            title.is_some() || matches!(name, "a.mkv" | "a.webm"),
            "{name}: {:?}",
            decoder.tags()
        );
        let n_chapters = decoder.tags().chapters.len();
        assert!(
            n_chapters > 0 || !matches!(name, "a.mp3" | "a.m4a" | "tagged.mkv"),
            "{name}: {:?}",
            decoder.tags()
        );
        let Some(mut terminal) = Terminal::aloud(
            &desk,
            &["listen", name, "--transcript", "en.json", "--no-audio"],
            (160, 30),
        ) else {
            return;
        };
        terminal.shows(if title.is_some() { "Zebra" } else { name });
        // A bookmark, the list of bookmarks, help, files written: everything that shows or keeps a
        // title.
        for keys in ["b\r", "B", "\u{1b}", "?", "\u{1b}", "e\r"] {
            terminal.type_in(keys);
            std::thread::sleep(std::time::Duration::from_millis(250));
        }
        terminal.type_in("\u{3}");
        std::thread::sleep(std::time::Duration::from_millis(250));
        terminal.type_in("q");
        terminal.end();
        check_written(&terminal.written(), name);
        for line in [
            &["subs", name, "--transcript", "en.json", "-o", "page.html", "--force"][..],
            &["align", name, "en.txt", "--transcript", "en.json", "--anyway"],
            &["transcribe", name, "--transcript", "en.json", "--format", "txt"],
            &["find", "open", name, "--transcript", "en.json"],
            &["find", "open"],
            &["cache", "list"],
            &["cache", "list", "--json"],
            &["library"],
            &["library", "--json"],
        ] {
            check(&desk.aloud(line), &format!("{name}: {line:?}"));
        }
        check_written(&fs::read(desk.path().join("page.html")).unwrap(), "the page");
    }
}
