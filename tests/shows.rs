//! What shows that are followed have, on the shelf: in a pipe, in the queue, and fetched in a real
//! pseudo-terminal from a server on the loopback interface.

use crate::util::shelf;
use crate::util::site::{Site, item, without_tags};
use crate::util::{Desk, root};
use aloud::web::server::Reply;
use std::fs;

/// A show is followed whose third entry is new.
fn followed() -> (Desk, Site) {
    let (desk, site) = (Desk::new(), Site::new());
    site.feed(&[item(2, "Two rivers", ""), item(1, "One road", "")].concat(), "a");
    desk.aloud(&["feed", "add", &site.url("feed.xml")]).code(0);
    site.feed(
        &[item(3, "Three lakes", ""), item(2, "Two rivers", ""), item(1, "One road", "")].concat(),
        "b",
    );
    desk.aloud(&["feed", "update"]).code(0).says("1 new entry");
    (desk, site)
}

/// A recording that is this one and no other.
fn sound(n: u8) -> Vec<u8> {
    [without_tags(&fs::read(root().join("audio/old-radio.zh.mp3")).unwrap()), vec![n]].concat()
}

#[test]
fn a_pipe_gets_what_is_new() {
    let (desk, site) = followed();
    let list = desk.aloud(&[]).code(0).says("`aloud feed get SHOW TITLE` does that").out();
    assert_eq!(list.lines().count(), 2, "{list}");
    assert!(list.contains("2026-11-03  new  Three lakes · Plain Terms"), "{list}");
    // What was fetched is in hand, whether anybody has heard it or not; it is no longer new.
    site.put("3.mp3", vec![Reply::file(&sound(3))]);
    desk.aloud(&["feed", "get", "plain", "lakes", "--sound-only"]).code(0);
    let list = desk.aloud(&[]).code(0).out();
    assert_eq!(list.lines().count(), 2, "{list}");
    assert!(
        list.contains("2:10")
            && list.contains("Three lakes · Plain Terms")
            && list.contains("2026-11-03 Three lakes.mp3"),
        "{list}"
    );
    // Heard, it keeps its entry's title and the name of its show.
    desk.aloud(&["listen", "lakes", "--no-audio", "--at", "99%", "--transcript", &transcript()])
        .code(0);
    let list = desk.aloud(&[]).code(0).out();
    assert!(
        list.lines().count() == 2
            && list.contains("heard")
            && list.contains("Three lakes · Plain Terms"),
        "{list}"
    );
    // So it does in the queue and in the library, where it lies without tags.
    let name = "2026-11-03 Three lakes.mp3";
    let data = desk.path().join("home/.local/share/aloud");
    let path = data.join("shows/Plain Terms").join(name);
    desk.aloud(&["queue", "add", path.to_str().unwrap()]).code(0);
    let queue = desk.aloud(&["queue", "--json"]).code(0).out();
    assert!(queue.contains("\"Three lakes\""), "{queue}");
    desk.aloud(&["queue", "clear"]).code(0);
    let store = aloud::store::Store::open(&data.join("episodes"));
    let id = aloud::decode::episode_id(&path).unwrap();
    shelf::keep(&store, &shelf::said(name, "zh", "早安。"), id, "base");
    let library = desk.aloud(&["library"]).code(0).out();
    assert!(library.contains(&format!("Three lakes · Plain Terms · {name}")), "{library}");
    // Of many no more than a few are told.
    let many: String = (4..=28).map(|n| item(n, &format!("Lake {n}"), "")).collect();
    site.feed(&many, "c");
    desk.aloud(&["feed", "update"]).code(0);
    let list = desk.aloud(&["listen"]).code(0).says("15 more are new").out();
    assert_eq!(list.lines().count(), 2 + 1 + 11, "{list}");
    assert!(list.contains("Lake 28") && !list.contains("Lake 4 "), "{list}");
}

fn transcript() -> String {
    root().join("transcripts/old-radio.zh.transcript.json").display().to_string()
}

#[test]
fn what_is_not_fetched_is_named_as_such() {
    let (desk, _site) = followed();
    for arguments in [&["listen", "lakes"][..], &["queue", "add", "lakes"]] {
        desk.aloud(arguments)
            .code(3)
            .says("“Three lakes” of “Plain Terms” has to be fetched first");
    }
    desk.aloud(&["listen", "e"]).code(3).says("may be 3 entries of shows");
    desk.aloud(&["queue", "add", "nothing-of-the-sort"])
        .code(3)
        .says("no episode or show on the shelf");
    desk.put("home/.config/aloud/config.toml", "feed-auto = \"always\"\n");
    desk.aloud(&["config"]).code(2).says("it can be off or update");
}

#[cfg(unix)]
mod in_a_terminal {
    use super::*;
    use crate::util::terminal::Terminal;

    fn shelf(desk: &Desk, arguments: &[&str], size: (u16, u16)) -> Option<Terminal> {
        let transcript = transcript();
        Terminal::aloud(
            desk,
            &[&["listen", "--no-audio", "--paused", "--transcript", &transcript], arguments]
                .concat(),
            size,
        )
    }

    #[test]
    fn an_episode_is_fetched_and_heard() {
        let (desk, site) = followed();
        site.put("3.mp3", vec![Reply { pace: Some(10_000), ..Reply::file(&sound(3)) }]);
        // Nothing is in hand, so that what is new stands there.
        let Some(mut terminal) = shelf(&desk, &[], (80, 24)) else { return };
        terminal.shows("[new 1]");
        terminal.shows("▸ Three lakes");
        terminal.shows("not fetched yet");
        terminal.type_in("\t");
        terminal.shows("has to be fetched before it can wait in the queue");
        // It is stopped on the way, by either key, and goes on from there.
        for stop in ["\x1b", "\x03"] {
            terminal.type_in("\r");
            terminal.until("how far it is", |terminal| {
                terminal.find(" % of 0.7 MB").is_some() && terminal.find("Esc stops").is_some()
            });
            terminal.type_in(stop);
            terminal.shows("kept, and Enter goes on from there");
            terminal.shows("are here");
        }
        assert!(site.server.asked().last().unwrap().contains("range: bytes="));
        site.put("3.mp3", vec![Reply::file(&sound(3))]);
        terminal.type_in("\r");
        terminal.shows("0:00 / 2:10");
        let last = site
            .server
            .asked()
            .into_iter()
            .rfind(|request| request.starts_with("get /3.mp3"))
            .unwrap();
        assert!(last.contains("range: bytes=") && last.contains("if-range"), "{last}");
        // It is in hand from now on.
        terminal.type_in("o");
        terminal.shows("[in hand 1]");
        terminal.until("one new less", |terminal| {
            terminal.find(" new 0 ").is_some() && terminal.find(" all 3 ").is_some()
        });
        terminal.type_in("\x14");
        terminal.shows("nothing is new");
        terminal.type_in("\x14rivers");
        terminal.until("what was typed", |terminal| {
            terminal.find("▸ Two rivers").is_some() && terminal.find("[all 1]").is_some()
        });
        terminal.type_in("\x1b");
        terminal.shows("[all 3]");
        terminal.type_in("\x03");
        assert_eq!(terminal.end(), 0);
    }

    #[test]
    fn what_does_not_come_is_told_and_nothing_is_lost() {
        let (desk, site) = followed();
        let Some(mut terminal) = shelf(&desk, &[], (60, 18)) else { return };
        terminal.shows("▸ Three lakes");
        // The server has no such file; it sends a page instead.
        terminal.type_in("\r");
        terminal.shows("404");
        site.put(
            "3.mp3",
            vec![Reply {
                headers: vec!["Content-Type: text/html".into()],
                ..Reply::file(b"<html>log in")
            }],
        );
        terminal.type_in("\r");
        terminal.shows("a web page");
        // The feed is asked, answers, and is broken.
        terminal.type_in("\x12");
        terminal.shows("“Plain Terms”: nothing new");
        site.feed(&item(4, "Four seas", ""), "c");
        terminal.type_in("\x12");
        terminal.shows("“Plain Terms”: 1 new entry");
        terminal.shows("[new 2]");
        site.put("feed.xml", vec![Reply::status(410, "")]);
        terminal.type_in("\x12");
        terminal.shows("gone for good");
        terminal.type_in("?");
        terminal.shows("asks the feeds of shows");
        terminal.type_in("?");
        terminal.until("the list of keys is gone", |terminal| {
            terminal.find("asks the feeds of shows").is_none()
        });
        assert!(
            terminal.find("[new 2]").is_some() && terminal.find("Three lakes").is_some(),
            "{:?}",
            terminal.rows()
        );
        terminal.type_in("\x03");
        assert_eq!(terminal.end(), 0);
    }

    #[test]
    fn feeds_are_asked_by_themselves_where_that_is_wanted() {
        let (desk, site) = followed();
        site.feed(&[item(4, "Four seas", ""), item(3, "Three lakes", "")].concat(), "c");
        let asked = |desk: &Desk, shown: &str| {
            let n = site.n_asked("feed.xml");
            let mut terminal = Terminal::aloud(desk, &[], (100, 24))?;
            terminal.shows(shown);
            terminal.until("the shelf at rest", |terminal| terminal.find("…").is_none());
            terminal.type_in("\x1b");
            assert_eq!(terminal.end(), 0);
            Some(site.n_asked("feed.xml") - n)
        };
        let Some(n) = asked(&desk, "[new 1]") else { return };
        assert_eq!(n, 0, "nothing is asked without being asked for");
        desk.put("home/.config/aloud/config.toml", "feed-auto = \"update\"\n");
        // Just asked by hand.
        assert_eq!(asked(&desk, "[new 1]"), Some(0));
        age(&desk);
        assert_eq!(asked(&desk, "1 new entry"), Some(1));
        assert_eq!(asked(&desk, "[new 2]"), Some(0));
        // Also where it could not be asked.
        age(&desk);
        assert_eq!(asked(&desk, "[new 2]"), Some(0));
        assert_eq!(site.n_asked("4.mp3"), 0, "no episode is fetched by itself");
    }

    /// As if the feeds had been asked long ago.
    fn age(desk: &Desk) {
        let store =
            aloud::store::Store::open(&desk.path().join("home/.local/share/aloud/episodes"));
        let (shows, _) = aloud::feeds::all(&store);
        assert!(!shows.is_empty());
        shows.iter().for_each(|show| {
            drop(
                aloud::feeds::change(&store, show, &|| false, |show| show.asked = Some(1)).unwrap(),
            );
        });
    }

    #[test]
    fn a_part_of_an_entry_s_title_opens_the_shelf() {
        let (desk, _site) = followed();
        let Some(mut terminal) = Terminal::aloud(&desk, &["listen", "rivers"], (120, 24)) else {
            return;
        };
        terminal.shows("[all 1]");
        terminal.shows("▸ Two rivers");
        terminal.shows("search: rivers");
        terminal.type_in("\x03");
        assert_eq!(terminal.end(), 0);
    }
}
