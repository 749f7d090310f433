//! What is heard next: the window, the keys, and what happens at the end of an episode.

use super::*;
use crate::tui::{Change, Queued, Wants};
use insta::assert_snapshot;

fn queued(number: u32, title: &str, is_here: bool) -> Queued {
    Queued {
        number,
        title: title.into(),
        length: Some(Timestamp::from_millis(u64::from(number) * 61_000)),
        is_here,
    }
}

/// Playing the second of four.
fn second() -> App {
    let queue = vec![
        queued(3, "The first", false),
        queued(9, "An episode", true),
        queued(5, "老收音機：一個週末的故事，長得放不下", false),
        queued(70, "The last", false),
    ];
    let reading = sample::english();
    let length = reading.transcript.audio.duration.unwrap_or_default();
    let mut app = App::new(
        Setup { reading, has_article: true, is_checked: true, length, queue, ..Setup::default() },
        (80, 20),
    );
    at(&mut app, 6_000);
    app
}

#[test]
fn the_window() {
    let mut app = second();
    let status =
        |app: &App| picture(app).lines().rev().nth(1).unwrap_or_default().trim().to_owned();
    assert!(status(&app).contains("next: 老收音機：一個週末"), "{}", status(&app));
    press(&mut app, "Q");
    let window: Vec<String> = picture(&app)
        .lines()
        .filter(|line| line.contains('│'))
        .map(|line| line.trim().to_owned())
        .collect();
    assert_snapshot!(window.join("\n"), @r"
    1,400 peop│   3:03     The first                            │de the
    county cou│ ▸ 9:09     An episode                           │
    │   5:05     老收音機：一個週末的故事，長得放不下 │
    + This sho│   1:11:10  The last                             │
    ");
    // The line keeps its episode while that moves, and what is taken away leaves the next one
    // chosen.
    assert_eq!(press(&mut app, "j J"), [Effect::Arrange(Change::Move(5, 1))]);
    let moved = vec![
        queued(3, "The first", false),
        queued(9, "An episode", true),
        queued(70, "The last", false),
        queued(5, "It", false),
    ];
    settled(&mut app, Event::Queue(moved));
    assert_eq!(press(&mut app, "d"), [Effect::Arrange(Change::Remove(5))]);
    settled(
        &mut app,
        Event::Queue(vec![
            queued(3, "The first", false),
            queued(9, "An episode", true),
            queued(70, "The last", false),
        ]),
    );
    assert!(status(&app).is_empty() || picture(&app).contains("The last"));
    press(&mut app, "enter");
    assert_eq!((app.is_over(), app.wants()), (true, Some(Wants::Queued(70))));
}

#[test]
fn next_and_previous() {
    for (keys, want) in
        [("ctrl-n", Some(5)), ("ctrl-p", Some(3)), ("Q k enter", Some(3)), ("Q enter", None)]
    {
        let mut app = second();
        press(&mut app, keys);
        assert_eq!(app.wants(), want.map(Wants::Queued), "{keys}");
        assert_eq!(app.is_over(), want.is_some(), "{keys}");
    }
    // Where nothing is queued that is said, and nothing happens.
    for keys in ["ctrl-n", "ctrl-p", "Q"] {
        let mut app = english(6_000);
        press(&mut app, keys);
        assert!(!app.is_over() && picture(&app).contains("the queue is empty"), "{keys}");
    }
}

#[test]
fn the_end_of_an_episode() {
    let end = |app: &mut App| {
        let position =
            Position { is_playing: false, is_ended: true, at: app.length, ..app.position() };
        settled(app, Event::Tick { position, now: app.now + Duration::from_millis(1) })
    };
    let mut app = second();
    let effects = end(&mut app);
    // Where it was is kept, so that it counts as heard.
    assert!(effects.iter().any(|effect| matches!(effect, Effect::Remember(_))), "{effects:?}");
    assert_eq!((app.is_over(), app.wants()), (true, Some(Wants::Queued(5))));
    // Whoever jumped to the end of what was held is not taken elsewhere.
    let mut app = second();
    let held = Position { is_playing: false, ..app.position() };
    let now = app.now + Duration::from_millis(1);
    settled(&mut app, Event::Tick { position: held, now });
    end(&mut app);
    assert!(!app.is_over());
    // A loop goes round, also where it ends with the sound.
    let mut app = second();
    press(&mut app, "A");
    tick(&mut app, 9_000);
    press(&mut app, "A");
    let effects = end(&mut app);
    assert!(!app.is_over() && effects.contains(&Effect::Play), "{effects:?}");
    // What is none of the queue's leads to its first.
    let mut app = second();
    settled(&mut app, Event::Queue(vec![queued(3, "The first", false)]));
    end(&mut app);
    assert_eq!(app.wants(), Some(Wants::Queued(3)));
}
