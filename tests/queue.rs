//! What is heard next: the queue at the command line, and how the player goes on with it.

use crate::util::{Desk, demo_sound, wav};
use serde_json::Value;
use std::fs;

fn desk() -> Desk {
    let desk = Desk::new();
    for (index, name) in ["one", "two", "three"].into_iter().enumerate() {
        desk.put(
            &format!("talks/{name}.wav"),
            wav(&demo_sound(index as f64 * 10.0, index as f64 * 10.0 + 4.0)),
        );
    }
    desk
}

/// The titles as they are listed, the one that is heard with its mark.
fn listed(desk: &Desk) -> String {
    let list = desk.aloud(&["queue"]).code(0).out();
    let title = |line: &str| {
        let mark = if line.contains('▸') { "▸" } else { "" };
        format!(
            "{mark}{}",
            line.split_whitespace()
                .find(|word| word.ends_with(".wav"))
                .unwrap_or_default()
                .trim_end_matches(".wav")
        )
    };
    list.lines().skip(1).map(title).collect::<Vec<_>>().join(" ")
}

#[test]
fn it_is_changed_and_listed() {
    let desk = desk();
    desk.aloud(&["queue"]).code(0).says("the queue is empty");
    desk.aloud(&["listen", "--queue"]).code(5).says("nothing more is in the queue");
    for (arguments, want) in [
        (&["add", "talks/one.wav"][..], "one"),
        (&["add", "talks"], "one three two"),
        (&["move", "3", "1"], "two one three"),
        (&["rm", "2"], "two three"),
        (&["add", "--next", "talks/three.wav", "talks/one.wav"], "three one two"),
        (&["clear"], ""),
    ] {
        desk.aloud(&[&["queue"], arguments].concat()).code(0);
        assert_eq!(listed(&desk), want, "{arguments:?}");
    }
    desk.put("list.m3u", "talks/two.wav\ntalks/one.wav\n");
    desk.aloud(&["queue", "add", "list.m3u"]).code(0).says("2 episodes more are in the queue");
    let json: Value =
        serde_json::from_str(&desk.aloud(&["queue", "--json"]).code(0).out()).unwrap();
    assert_eq!(
        (&json["format"], &json["episodes"][1]["length"]),
        (&"aloud-queue/1".into(), &4.0.into())
    );
    // What cannot be changes nothing.
    desk.put("text.wav", "This is no sound at all, it is a text.");
    for (arguments, code, why) in [
        (&["rm", "3"][..], 2, "nothing stands at place 3\nhint: `aloud queue` lists 2"),
        (&["rm", "0"], 2, "nothing stands at place 0"),
        (&["move", "1", "9"], 2, "nothing stands at place 9"),
        (&["add", "talks/one.wav", "gone.wav"], 3, "gone.wav"),
        (&["add", "talks/three.wav", "text.wav"], 3, "text.wav"),
        (&["add", "no-*.wav"], 3, "there is no recording"),
    ] {
        desk.aloud(&[&["queue"], arguments].concat()).code(code).says(why);
        assert_eq!(listed(&desk), "two one", "{arguments:?}");
    }
    // A damaged file is not written over.
    let file = fs::read_dir(desk.path())
        .unwrap()
        .flatten()
        .find_map(|entry| find(&entry.path()))
        .expect("a file of the queue");
    fs::write(&file, "{").unwrap();
    desk.aloud(&["queue", "add", "talks"]).code(1).says("`aloud queue clear` begins anew");
    desk.aloud(&["queue", "clear"]).code(0);
    desk.aloud(&["queue", "add", "talks"]).code(0);
}

fn find(path: &std::path::Path) -> Option<std::path::PathBuf> {
    if path.is_dir() {
        return fs::read_dir(path).ok()?.flatten().find_map(|entry| find(&entry.path()));
    }
    path.ends_with("queue.json").then(|| path.to_owned())
}

#[test]
fn a_pipe_hears_all_of_it() {
    let desk = desk();
    let listen = |arguments: &[&str], code| {
        desk.aloud(&[&["listen", "--no-audio", "--rate", "3"], arguments].concat()).code(code)
    };
    listen(&["talks/one.wav", "talks/two.wav", "no-such.txt"], 2).says("is no recording");
    listen(&["talks/one.wav", "talks/three.wav"], 0);
    assert_eq!(listed(&desk), "one ▸three");
    listen(&["--queue"], 5);
    desk.aloud(&["queue", "add", "talks/two.wav"]).code(0);
    // What is named and waits there is what it goes on from.
    listen(&["talks/two.wav", "--no-article"], 0);
    assert_eq!(listed(&desk), "one three ▸two");
}

#[cfg(unix)]
#[test]
fn the_player_goes_on_with_it() {
    use crate::util::terminal::Terminal;
    let desk = desk();
    desk.aloud(&["queue", "add", "talks/two.wav", "talks/three.wav"]).code(0);
    let Some(mut screen) =
        Terminal::aloud(&desk, &["listen", "talks/one.wav", "--no-audio"], (100, 24))
    else {
        return;
    };
    // A build that recognises asks for a model first.
    let is_asked = |screen: &Terminal| screen.find("fetch it now").is_some();
    screen.until("a question or the player", |screen| {
        is_asked(screen) || screen.find("next: two.wav").is_some()
    });
    if is_asked(&screen) {
        screen.type_in("n\n");
    }
    screen.shows("next: two.wav");
    // It ends by itself.
    screen.shows("next: three.wav");
    screen.type_in("Q");
    screen.shows("The queue");
    screen.shows("▸ 0:04");
    screen.type_in("q ");
    screen.until("no window", |screen| screen.find("The queue").is_none());
    screen.type_in("\x0e");
    screen.until("the last one", |screen| {
        screen.find("next:").is_none() && screen.find("three.wav").is_some()
    });
    screen.type_in("q");
    assert_eq!(screen.end(), 0);
    assert_eq!(listed(&desk), "two ▸three");
    // From the shelf.
    let mut screen = Terminal::aloud(&desk, &[], (100, 24)).unwrap();
    screen.shows("one.wav");
    screen.type_in("one.\t");
    screen.shows("is in the queue: next");
    screen.type_in("\t");
    screen.shows("is no longer in the queue");
    screen.type_in("\t\x1b");
    screen.until("the search is gone", |screen| screen.find("search:").is_none());
    screen.type_in("\x03");
    assert_eq!(screen.end(), 0);
    assert_eq!(listed(&desk), "two ▸three one");
}
