//! Settings: what they are, where they stand, and what keys leave for next time.

use crate::util::{Desk, demo_sound, wav};
use serde_json::Value;
use std::fs;
use std::path::PathBuf;

/// Where this desk's settings stand.
fn file(desk: &Desk) -> PathBuf {
    PathBuf::from(desk.aloud(&["config", "path"]).code(0).out().trim())
}

fn set(desk: &Desk, text: &str) {
    let file = file(desk);
    fs::create_dir_all(file.parent().unwrap()).unwrap();
    fs::write(file, text).unwrap();
}

#[test]
fn every_setting_with_its_value_and_where_it_stands() {
    let desk = Desk::new();
    desk.aloud(&["config"]).code(0).says("no settings were made");
    set(&desk, "rate = 1.5\nskip-silence = true\nwidth = 60\n");
    let list = desk.aloud(&["config"]).code(0).says("the settings stand in").out();
    for line in
        ["rate           1.5", "skip-silence   true", "width          60", "step           5"]
    {
        assert!(list.contains(line), "no {line} in {list}");
    }
    let json: Value =
        serde_json::from_str(&desk.aloud(&["config", "--json"]).code(0).out()).unwrap();
    assert_eq!(
        (&json["format"], &json["settings"]["rate"]["value"]),
        (&"aloud-config/1".into(), &"1.5".into())
    );
    assert_eq!(
        (&json["settings"]["rate"]["source"], &json["settings"]["step"]["default"]),
        (&"config.toml".into(), &"5".into())
    );
    assert_eq!(json["problems"], serde_json::json!([]));
}

#[test]
fn what_cannot_be_is_named_and_used_nowhere() {
    let desk = Desk::new();
    desk.put("a.wav", wav(&demo_sound(0.0, 2.0)));
    for (text, why) in [
        ("rate = 9", "is 9 and can be 0.5 to 3"),
        ("volume = 400", "is 400 and can be 0 to 150"),
        ("width = 3", "is 3 and can be 20 to 400"),
        ("step = 0", "is 0 and can be 1 to 3600"),
        ("leap = \"far\"", "is `far` and can be 1 to 3600"),
        ("skip-silence = \"maybe\"", "`skip-silence` in"),
        ("theme = \"pink\"", "there is no theme `pink`"),
        ("[keys]\nshout = \"x\"", "there is no action `shout`"),
    ] {
        set(&desk, text);
        desk.aloud(&["config"]).code(2).says(why);
        desk.aloud(&["listen", "a.wav", "--no-audio"]).code(2).says(why);
    }
    // Nor does a log that cannot be written, or a choice that cannot be read.
    set(&desk, "log = \"no-such/folder/log\"");
    desk.aloud(&["config"]).code(2).says("cannot be written");
    desk.aloud(&["config", "path"]).code(0);
    desk.aloud(&["listen", "a.wav", "--no-audio"]).code(1).says("cannot write the log");
    // What nobody knows is told, all of it, and stops nothing: it may be another version's.
    set(&desk, "colour = 3\nvolum = 80\n");
    let all = desk
        .aloud(&["config"])
        .code(2)
        .says("unknown setting `colour`")
        .says("did you mean `volume`?");
    assert!(all.out().contains("theme"));
    desk.aloud(&["library"]).says("unknown setting `volum`");
    desk.aloud(&["config", "forget"]).code(0);
    // What cannot be read at all does not keep the list from being shown.
    set(&desk, "colour =");
    assert!(desk.aloud(&["config"]).code(2).says("line 1").out().contains("theme"));
    desk.aloud(&["config", "edit"]).code(2).says("an editor needs a terminal");
}

#[cfg(unix)]
mod in_a_terminal {
    use super::*;
    use crate::util::root;
    use crate::util::terminal::Terminal;

    const LISTEN: [&str; 7] =
        ["listen", "a.wav", "en.txt", "--no-audio", "--paused", "--method", "estimate"];

    #[test]
    fn what_keys_chose_is_found_next_time() {
        let desk = Desk::new();
        desk.put("a.wav", wav(&demo_sound(0.0, 20.0)));
        fs::copy(root().join("transcripts/open-models.en.txt"), desk.path().join("en.txt"))
            .unwrap();
        let open = |more: &[&str]| Terminal::aloud(&desk, &[&LISTEN[..], more].concat(), (100, 24));
        let Some(mut screen) = open(&[]) else { return };
        screen.shows("1.0×");
        screen.type_in(">>");
        screen.shows("1.2×");
        screen.type_in("s");
        screen.shows("long pauses are made short");
        screen.type_in("t");
        screen.shows("theme: light");
        screen.type_in("q");
        assert_eq!(screen.end(), 0);
        desk.aloud(&["config"])
            .code(0)
            .says("rate 1.2 without a show, theme light, long pauses short");
        // The flag counts before the keys, and leaves what they chose.
        for (flags, want) in [(&[][..], "1.2×"), (&["--rate", "2"], "2.0×"), (&[], "1.2×")] {
            let mut screen = open(flags).unwrap();
            screen.shows(want);
            screen.type_in("q");
            assert_eq!(screen.end(), 0);
        }
        // Of two players at once each keeps what was chosen in it, and not what was chosen before.
        let (mut one, mut two) = (open(&[]).unwrap(), open(&[]).unwrap());
        one.shows("1.2×");
        two.shows("1.2×");
        one.type_in(">");
        one.shows("1.3×");
        // While it plays, it is kept every few seconds.
        one.type_in(" ");
        one.until("what was chosen is kept", |_| {
            desk.aloud(&["config"]).err().contains("rate 1.3")
        });
        two.type_in("<");
        two.shows("1.1×");
        two.type_in("q");
        assert_eq!(two.end(), 0);
        one.type_in("tq");
        assert_eq!(one.end(), 0);
        desk.aloud(&["config"]).code(0).says("rate 1.1 without a show");
        desk.aloud(&["config", "forget"]).code(0).says("forgotten");
        let mut screen = open(&[]).unwrap();
        screen.shows("1.0×");
        screen.type_in("q");
        assert_eq!(screen.end(), 0);
    }

    #[test]
    fn steps_and_widths_as_they_were_set() {
        let desk = Desk::new();
        desk.put("a.wav", wav(&demo_sound(0.0, 20.0)));
        fs::copy(root().join("transcripts/open-models.en.txt"), desk.path().join("en.txt"))
            .unwrap();
        set(&desk, "step = 7\nwidth = 30\n");
        let Some(mut screen) = Terminal::aloud(&desk, &LISTEN, (100, 24)) else { return };
        screen.shows("0:00");
        screen.type_in("\x1b[C");
        screen.shows("0:07");
        let widest = screen.rows()[1..18].iter().map(|row| row.trim().chars().count()).max();
        assert!(widest.is_some_and(|widest| widest <= 32), "{:?}", screen.rows());
        screen.type_in("?");
        screen.shows("7 s forward");
        screen.type_in("qq");
        assert_eq!(screen.end(), 0);
    }

    #[test]
    fn an_editor_is_opened_and_what_it_leaves_is_judged() {
        let desk = Desk::new();
        let editor = desk.put(
            "editor.sh",
            "#!/bin/sh\ngrep -q '# rate = 1.0' \"$2\" || exit 9\necho \"$1\" >> \"$2\"\n",
        );
        for (line, code, says) in [("volume=80", 0, ""), ("width=1", 2, "is 1 and can be")] {
            let command = format!("EDITOR='sh {} {line}' \"$0\" config edit", editor.display());
            let program = env!("CARGO_BIN_EXE_aloud");
            let Some(mut screen) =
                Terminal::run(&desk, "sh", &["-c", &command, program], (100, 24))
            else {
                return;
            };
            let ended = screen.end();
            assert_eq!(ended, code, "{:?}", screen.rows());
            screen.shows(says);
        }
        assert!(fs::read_to_string(file(&desk)).unwrap().ends_with("volume=80\nwidth=1\n"));
    }
}
