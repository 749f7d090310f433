//! Recordings at an address that are heard while they load, in a real pseudo-terminal, from a
//! server on the loopback interface.

use crate::util::site::{Site, without_tags};
use crate::util::terminal::Terminal;
use crate::util::{Desk, root};
use aloud::web::server::Reply;
use std::fs;

/// The recording, so slowly that it takes seconds, in a version.
fn slowly(version: &str) -> Reply {
    Reply {
        headers: vec![format!("ETag: \"{version}\"")],
        pace: Some(4_000),
        ..Reply::file(&sound())
    }
}

fn sound() -> Vec<u8> {
    fs::read(root().join("audio/old-radio.zh.mp3")).unwrap()
}

fn listen(desk: &Desk, url: &str, more: &[&str]) -> Option<Terminal> {
    let transcript = root().join("transcripts/old-radio.zh.transcript.json").display().to_string();
    Terminal::aloud(
        desk,
        &[&["listen", url, "--no-audio", "--transcript", &transcript], more].concat(),
        (100, 24),
    )
}

/// Where it is and how long it is, in seconds, as the screen says: `0:05 / 2:10`.
fn clock(terminal: &Terminal) -> Option<(u64, u64)> {
    let seconds = |text: &str| {
        let (minutes, seconds) = text.split_once(':')?;
        Some(minutes.parse::<u64>().ok()? * 60 + seconds.parse::<u64>().ok()?)
    };
    terminal.rows().iter().find_map(|row| {
        let (before, after) = row.split_once(" / ")?;
        Some((
            seconds(before.split_whitespace().last()?)?,
            seconds(after.split_whitespace().next()?)?,
        ))
    })
}

/// The files that fetching by address has left, hidden ones too.
fn files(desk: &Desk) -> Vec<String> {
    let folders = fs::read_dir(desk.path().join("home/.local/share/aloud/fetched"))
        .into_iter()
        .flatten()
        .flatten();
    let files =
        folders.flat_map(|folder| fs::read_dir(folder.path()).into_iter().flatten().flatten());
    let mut names: Vec<String> =
        files.map(|file| file.file_name().to_string_lossy().into_owned()).collect();
    names.retain(|name| !name.ends_with(".lock") && !name.ends_with(".tag"));
    names.sort();
    names
}

/// The end of it is heard where there is no terminal.
fn to_a_pipe(desk: &Desk, site: &Site, more: &[&str]) {
    let url = site.url("radio.mp3");
    let heard = ["listen", &url, "--no-audio", "--at", "99%", "--method", "estimate"];
    desk.aloud(&[&heard, more].concat()).code(0);
}

#[test]
fn it_is_heard_marked_and_known_when_it_is_whole() {
    let (desk, site) = (Desk::new(), Site::new());
    site.put("radio.mp3", vec![slowly("a")]);
    let Some(mut terminal) = listen(&desk, &site.url("radio.mp3"), &[]) else { return };
    terminal.until("a part of it", |terminal| {
        terminal.find("loading ").is_some() && terminal.find("/ 2:10").is_some()
    });
    terminal.shows("heard while it loads");
    assert_eq!(files(&desk), [".radio.mp3.part"]);
    terminal.type_in("bmine\r");
    terminal.shows("◆");
    // What needs all of it says so, and what is not here is waited for.
    terminal.type_in("e\r");
    terminal.shows("when the recording is loaded whole");
    terminal.type_in("g2:00\r");
    terminal.shows("2:00 is not loaded yet");
    terminal.type_in("g0:01\r");
    terminal.until("what is here", |terminal| {
        terminal.find("not loaded yet").is_none() && terminal.find("0:02 / 2:10").is_some()
    });
    terminal.type_in("g2:05\r");
    terminal.shows("2:05 is not loaded yet");
    // It goes on there with its text when all of it has come.
    terminal.until("the whole", |terminal| {
        terminal.find("loading ").is_none() && terminal.find("2:0").is_some()
    });
    terminal.shows("奶奶");
    terminal.shows("◆");
    assert_eq!(files(&desk), ["radio.mp3"]);
    terminal.type_in("q");
    assert_eq!(terminal.end(), 0);
    desk.aloud(&["cache", "list"]).code(0).says("1 fetched recording");
    assert!(desk.aloud(&["notes"]).code(0).out().contains("mine"));
    // One episode, by its own name.
    let list = desk.aloud(&[]).code(0).out();
    assert!(
        list.lines().count() == 2 && list.contains("radio.mp3") && !list.contains("http"),
        "{list}"
    );
    // The next time it is here.
    let n = site.n_asked("radio.mp3");
    let mut terminal = listen(&desk, &site.url("radio.mp3"), &["--paused"]).unwrap();
    terminal.shows("奶奶");
    terminal.type_in("q");
    assert_eq!(
        (terminal.end(), site.n_asked("radio.mp3")),
        (0, n + 1),
        "it is asked whether it has changed, and no more"
    );
}

/// Nobody says how long it is: it gets longer as it comes, and is heard beyond what was there.
#[test]
fn a_length_that_nobody_knows_grows() {
    let (desk, site) = (Desk::new(), Site::new());
    // Without the frame that says how long all of it is, and so much that it is not loaded whole
    // before the end of the test.
    let bytes = without_tags(&sound())[100..].repeat(6);
    let endless = Reply { is_chunked: true, pace: Some(1_000), ..Reply::file(&bytes) };
    site.put("radio.mp3", vec![endless]);
    let Some(mut terminal) = listen(&desk, &site.url("radio.mp3"), &["--rate", "3"]) else {
        return;
    };
    let mut first = None;
    terminal.until("a part of it", |terminal| {
        first = clock(terminal).filter(|_| terminal.find("loading ").is_some());
        first.is_some()
    });
    let (_, length) = first.unwrap();
    terminal.until("what came later", |terminal| {
        clock(terminal).is_some_and(|(at, now)| at > length && now > at)
            && terminal.find("loading ").is_some()
    });
    terminal.type_in("q");
    assert_eq!(terminal.end(), 0);
}

#[test]
fn what_is_left_in_the_middle_goes_on() {
    let (desk, site) = (Desk::new(), Site::new());
    site.put("radio.mp3", vec![slowly("a")]);
    let Some(mut terminal) = listen(&desk, &site.url("radio.mp3"), &["--at", "0:03"]) else {
        return;
    };
    terminal.shows("loading ");
    terminal.shows("0:05 / 2:10");
    terminal.type_in("bmine\r");
    terminal.shows("◆");
    terminal.type_in("q");
    assert_eq!(terminal.end(), 0);
    terminal.shows("the same address goes on from there");
    assert_eq!(files(&desk), [".radio.mp3.part"]);
    // It stands on the shelf as what it is, with what was marked.
    let list = desk.aloud(&[]).code(0).out();
    assert!(
        list.lines().count() == 2 && list.contains(&site.url("radio.mp3")) && list.contains(" %"),
        "{list}"
    );
    assert!(desk.aloud(&["notes"]).code(0).out().contains("mine"));
    // From there it goes on, at its place and with the rest alone.
    let mut terminal =
        Terminal::aloud(&desk, &["listen", "--no-audio", "--paused"], (100, 24)).unwrap();
    terminal.shows("1 episode");
    terminal.type_in("\r");
    terminal.until("its place", |terminal| {
        terminal.find("0:05 / 2:10").or_else(|| terminal.find("0:06 / 2:10")).is_some()
    });
    terminal.shows("◆");
    assert!(site.server.asked().last().unwrap().contains("range: bytes="));
    terminal.type_in("q");
    assert_eq!(terminal.end(), 0);
    // A pipe gets it whole.
    site.put("radio.mp3", vec![Reply { pace: None, ..slowly("a") }]);
    to_a_pipe(&desk, &site, &[]);
    assert_eq!(files(&desk), ["radio.mp3"]);
}

#[test]
fn nothing_is_kept_of_what_is_streamed() {
    let (desk, site) = (Desk::new(), Site::new());
    site.put("radio.mp3", vec![slowly("a")]);
    for is_whole in [false, true] {
        let Some(mut terminal) = listen(&desk, &site.url("radio.mp3"), &["--stream"]) else {
            return;
        };
        terminal.shows("loading ");
        if is_whole {
            terminal.shows("奶奶");
        }
        terminal.type_in("q");
        assert_eq!(terminal.end(), 0);
        assert_eq!(files(&desk), [""; 0], "{is_whole}");
    }
    site.put("radio.mp3", vec![Reply { pace: None, ..slowly("a") }]);
    to_a_pipe(&desk, &site, &["--stream"]);
    assert_eq!(files(&desk), [""; 0]);
    // What was here before stays.
    desk.aloud(&["find", "x", &site.url("radio.mp3")]);
    to_a_pipe(&desk, &site, &["--stream"]);
    assert_eq!(files(&desk), ["radio.mp3"]);
}

#[test]
fn a_way_that_breaks_is_told_and_gone_on_with() {
    let (desk, site) = (Desk::new(), Site::new());
    let third = sound().len() / 3;
    // It breaks, and the rest is gone: what is here can be heard.
    let broken = |version| Reply { breaks_after: Some(third), ..slowly(version) };
    site.put("radio.mp3", vec![broken("a"), Reply::status(404, "")]);
    let Some(mut terminal) = listen(&desk, &site.url("radio.mp3"), &[]) else { return };
    terminal.shows("loading ");
    terminal.shows("no more of it comes");
    terminal.type_in("g0:10\r");
    terminal.shows("0:11 / 2:10");
    // What is not here never comes: it says so, and goes to the end of what is.
    terminal.type_in("g2:00\r");
    terminal.shows("2:00 was not loaded");
    terminal.until("the end of what is here", |terminal| {
        clock(terminal).is_some_and(|(at, _)| (30..60).contains(&at))
    });
    terminal.type_in("g0:10\r");
    terminal.until("what is here", |terminal| {
        clock(terminal).is_some_and(|(at, _)| (10..30).contains(&at))
    });
    terminal.type_in("q");
    assert_eq!(terminal.end(), 0);
    terminal.shows("404");
    // It breaks, and is another one then: it begins anew.
    let other = [sound(), vec![1]].concat();
    site.put(
        "radio.mp3",
        vec![broken("a"), Reply { headers: vec!["ETag: \"b\"".into()], ..Reply::file(&other) }],
    );
    let mut terminal = listen(&desk, &site.url("radio.mp3"), &["--paused"]).unwrap();
    terminal.shows("奶奶");
    terminal.type_in("q");
    assert_eq!(terminal.end(), 0);
    let folder = fs::read_dir(desk.path().join("home/.local/share/aloud/fetched"))
        .unwrap()
        .flatten()
        .next()
        .unwrap();
    assert_eq!(fs::read(folder.path().join("radio.mp3")).unwrap(), other);
}

/// What needs its end to be opened loads first; everything else begins in the middle.
#[test]
fn every_format_begins_or_says_why_not() {
    let (desk, site) = (Desk::new(), Site::new());
    let from = root().join("audio/old-radio.zh.mp3").display().to_string();
    let make = |name: &str, how: &[&str]| {
        let arguments = [&["-v", "error", "-i", &from, "-vn"], how, &[name]].concat();
        std::process::Command::new("ffmpeg")
            .args(arguments)
            .current_dir(desk.path())
            .status()
            .is_ok_and(|status| status.success())
    };
    for (name, how, begins) in [
        ("a.flac", &["-c:a", "flac"][..], true),
        ("a.wav", &["-c:a", "pcm_s16le"], true),
        ("a.aac", &["-c:a", "aac"], true),
        ("a.ogg", &["-c:a", "flac"], true),
        ("fast.m4a", &["-c:a", "aac", "-movflags", "+faststart"], true),
        ("slow.m4a", &["-c:a", "aac"], false),
    ] {
        if !make(name, how) {
            crate::util::skip("there is no ffmpeg here");
            return;
        }
        let bytes = fs::read(desk.path().join(name)).unwrap();
        site.put(name, vec![Reply { pace: Some(bytes.len() / 100), ..Reply::file(&bytes) }]);
        let Some(mut terminal) = listen(&desk, &site.url(name), &[]) else { return };
        if begins {
            terminal.until(name, |terminal| {
                terminal.find("loading ").is_some() && terminal.find("/ 2:").is_some()
            });
        }
        terminal.until(name, |terminal| {
            terminal.find("loading ").is_none() && terminal.find("奶奶").is_some()
        });
        terminal.type_in("q");
        assert_eq!(terminal.end(), 0);
        let written = String::from_utf8_lossy(&terminal.written()).into_owned();
        assert_eq!(written.contains("heard while it loads"), begins, "{name}");
    }
}
