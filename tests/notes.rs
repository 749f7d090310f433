//! Notes on places and stretches, and all of them in one place.

use crate::util::{Desk, demo_sound, root, wav};
use serde_json::Value;
use std::fs;

#[cfg(unix)]
#[test]
fn notes_of_all_episodes() {
    use crate::util::terminal::Terminal;
    let desk = Desk::new();
    desk.aloud(&["notes"]).code(5).says("`b` in the player sets one");
    desk.put("deep.wav", wav(&demo_sound(0.0, 20.0)));
    desk.put("other.wav", wav(&demo_sound(20.0, 30.0)));
    desk.put("said.srt", "1\n00:00:01,000 --> 00:00:04,000\nnothing but a river\n\n2\n00:00:04,000 --> 00:00:09,000\nand a road\n");
    fs::copy(root().join("transcripts/open-models.en.txt"), desk.path().join("en.txt")).unwrap();
    let listen = |audio: &str, keys: &[(&str, &str)]| {
        let arguments = ["listen", audio, "--no-audio", "--paused", "--transcript", "said.srt"];
        let Some(mut screen) = Terminal::aloud(&desk, &arguments, (100, 24)) else { return false };
        screen.shows("nothing but a river");
        for (key, shown) in keys {
            screen.type_in(key);
            screen.shows(shown);
        }
        screen.type_in("q");
        assert_eq!(screen.end(), 0);
        true
    };
    // A note on a place, and one from here to there.
    let keys = [
        ("g0:02\r", "0:02 /"),
        ("b", "at 0:02, Enter keeps it"),
        ("ask about *this*\r", "bookmark at 0:02"),
        ("A", "0:02"),
        ("g0:07\r", "0:07 /"),
        ("b", "0:02–0:07, Enter keeps it"),
        ("all of it\r", "0:02 – 0:07"),
    ];
    if !listen("deep.wav", &keys) {
        return;
    }
    assert!(listen("other.wav", &[("b", "Enter keeps it"), ("second\r", "bookmark at")]));
    let all = desk.aloud(&["notes"]).code(0).out();
    let parts = [
        "# Notes\n",
        "## other.wav\n\n- **0:00** second",
        "## deep.wav\n\n- **0:02** ask about \\*this\\*\n  > nothing but a river",
        "- **0:02 – 0:07** all of it\n  > nothing but a river and a road",
    ];
    for part in parts {
        assert!(all.contains(part), "no {part:?} in {all}");
    }
    for (arguments, want) in [
        (&["notes", "second"][..], 1),
        (&["notes", "road"], 1),
        (&["notes", "deep"], 2),
        (&["notes", "--since", "1d"], 3),
        (&["notes", "river", "--since", "1d"], 2),
    ] {
        let json: Value =
            serde_json::from_str(&desk.aloud(&[arguments, &["--json"]].concat()).code(0).out())
                .unwrap();
        let n = json["episodes"]
            .as_array()
            .unwrap()
            .iter()
            .map(|episode| episode["notes"].as_array().unwrap().len())
            .sum::<usize>();
        assert_eq!(n, want, "{arguments:?}: {json:#}");
    }
    desk.aloud(&["notes", "--since", "2090-01-01"]).code(5);
    desk.aloud(&["notes", "--show", "News"]).code(5);
    desk.aloud(&["notes", "--since", "soon"]).code(2).says("give a day");
    desk.aloud(&["notes", "-o", "notes.md"]).code(0);
    assert_eq!(desk.read("notes.md"), all);
    desk.aloud(&["notes", "-o", "notes.md"]).code(2);
}
