//! The shelf from outside: news and events in, pictures and the chosen episode out.

use super::*;
use crate::time::Timestamp;
use crate::tui::tests::rows;
use crate::view::Text;
use insta::assert_snapshot;

fn item(n: u8, title: &str, show: &str, (at, length): (Option<u64>, Option<u64>), text: Text, place: Where) -> Item {
    Item {
        id: EpisodeId([n; 32]),
        title: title.into(),
        show: (!show.is_empty()).then(|| show.to_owned()),
        length: length.map(Timestamp::from_millis),
        at: at.map(Timestamp::from_millis),
        text,
        place,
    }
}

fn items() -> Vec<Item> {
    let file = |path: &str| Where::File(path.into());
    vec![
        item(1, "The Machine in the Closet", "Plain Terms", (Some(200_000), Some(561_000)), Text::Tied(0.98), file("/talks/column.mp3")),
        item(2, "老收音機：一個週末", "書房夜話", (Some(420_000), Some(422_000)), Text::Said, file("/talks/radio.mp3")),
        item(
            3,
            "A lecture whose title goes on and on, over more than anybody's screen is wide, about rivers and roads",
            "",
            (None, Some(36_000_000)),
            Text::None,
            file("/talks/lecture.opus"),
        ),
        item(4, "Gone\u{1b}[2J", "", (Some(9_000), None), Text::Said, Where::Missing("/old/gone.mp3".into())),
        item(5, "Nowhere", "", (None, None), Text::Tied(1.0), Where::Unknown),
        item(6, "Built in", "", (None, Some(1_000)), Text::None, Where::BuiltIn),
    ]
}

fn shelf(size: (u16, u16)) -> Shelf {
    let mut shelf = Shelf::new(Setup { search: String::new(), note: None, theme: Theme::choose(None, false) }, size);
    shelf.learn(News::Items(items()));
    shelf.know_all();
    shelf
}

/// Presses keys, given by their names; `'abc` types three characters.
fn press(shelf: &mut Shelf, keys: &str) {
    for name in keys.split(' ').filter(|name| !name.is_empty()) {
        match name.strip_prefix('\'') {
            Some(text) => text.chars().for_each(|c| {
                shelf.take(Event::Key(Key::from(Code::Char(c))));
            }),
            None => {
                shelf.take(Event::Key(name.parse().expect("a key")));
            }
        }
    }
}

fn picture(shelf: &Shelf) -> String {
    let mut buffer = Buffer::empty(shelf.area());
    shelf.draw(&mut buffer);
    rows(&buffer).join("\n")
}

fn chosen(shelf: &Shelf) -> u8 {
    shelf.item().map_or(0, |item| item.id.0[0])
}

fn click(shelf: &mut Shelf, row: u16) {
    shelf.take(Event::Mouse(Mouse { kind: MouseKind::Press, x: 5, y: row }));
}

#[test]
fn at_120_columns() {
    assert_snapshot!(picture(&shelf((120, 18))), @r"
    The shelf                                                                                                 6 episodes

    ▸ The Machine in the Closet                                    Plain Terms                     9:21      35 %  text
      老收音機：一個週末                                           書房夜話                        7:02     heard  said
      A lecture whose title goes on and on, over more than anybo…                              10:00:00
      Gone[2J                                                                                             missing  said
      Nowhere                                                                                             no file  text
      Built in                                                                                     0:01





    The Machine in the Closet
    Plain Terms · stopped at 3:20 of 9:21 · text tied, 98 % read
    /talks/column.mp3

    type to search   ↑ ↓ choose   Enter plays   Tab queues   Esc leaves
    ");
}

#[test]
fn at_80_columns() {
    let mut shelf = shelf((80, 18));
    press(&mut shelf, "down down down");
    assert_snapshot!(picture(&shelf), @r"
    The shelf                                                         6 episodes

      The Machine in the Closet                            9:21      35 %  text
      老收音機：一個週末                                   7:02     heard  said
      A lecture whose title goes on and on, over mor…  10:00:00
    ▸ Gone[2J                                                     missing  said
      Nowhere                                                     no file  text
      Built in                                             0:01





    Gone[2J
    stopped at 0:09 · transcript
    missing: /old/gone.mp3

    type to search   ↑ ↓ choose   Enter plays   Tab queues   Esc leaves
    ");
}

#[test]
fn at_40_columns() {
    let mut shelf = shelf((40, 10));
    press(&mut shelf, "'e down");
    assert_snapshot!(picture(&shelf), @r"
      The Machine in the Closet       35 %
    ▸ 老收音機：一個週末             heard
      A lecture whose title goe…
      Gone[2J                      missing
      Nowhere                      no file



    書房夜話 · stopped at 7:00 of 7:02 · …
    search: e          Enter plays, Esc c…
    ");
    assert!(picture(&Shelf { size: (39, 10), ..shelf }).contains("too small"));
}

#[test]
fn while_it_is_filled() {
    let mut shelf = Shelf::new(Setup { search: "machine".into(), note: None, theme: Theme::choose(None, false) }, (60, 16));
    assert!(picture(&shelf).contains("looking for episodes"));
    // Who pressed Enter already gets the first that fits.
    press(&mut shelf, "enter");
    shelf.learn(News::Doing("3 of 9 are new".into()));
    shelf.learn(News::Items(items()));
    assert!(matches!(&shelf.end, Some(End::Opened(item)) if item.id.0[0] == 1));
    shelf.end = None;
    assert!(picture(&shelf).contains("1 of 6 episodes · 3 of 9 are new …"), "{}", picture(&shelf));
    // The choice stays with the episode, wherever that stands by now.
    press(&mut shelf, "esc down");
    assert_eq!(chosen(&shelf), 2);
    shelf.learn(News::Items(items().into_iter().rev().collect()));
    assert_eq!((chosen(&shelf), shelf.chosen), (2, 4));
    // Who has not moved stays at the top.
    press(&mut shelf, "'z backspace");
    shelf.learn(News::Items(items()));
    assert_eq!(chosen(&shelf), 1);
}

#[test]
fn choosing() {
    for (keys, want) in [
        ("down", 2),
        ("ctrl-n ctrl-n ctrl-p", 2),
        ("up", 1),
        ("end", 6),
        ("pagedown up", 5),
        ("end home", 1),
        ("'shouyin", 2),
        ("'收音机", 2),
        ("'plain", 1),
        ("'zzz", 0),
        ("'zzz esc down down", 3),
        ("'zzz enter", 0),
        ("'old", 0),
        ("'gone", 4),
    ] {
        let mut shelf = shelf((80, 24));
        press(&mut shelf, keys);
        assert_eq!(chosen(&shelf), want, "{keys}");
    }
}

#[test]
fn leaving() {
    let end = |keys: &str| {
        let mut shelf = shelf((80, 24));
        press(&mut shelf, keys);
        shelf.end.map(|end| if let End::Opened(item) = end { item.id.0[0] } else { 0 })
    };
    for (keys, want) in [
        ("enter", Some(1)),
        ("down enter", Some(2)),
        ("'lecture enter", Some(3)),
        ("end enter", Some(6)),
        ("esc", Some(0)),
        ("'x esc", None),
        ("'x esc esc", Some(0)),
        ("'x ctrl-c", Some(0)),
        ("'gone enter", None),
        ("'nowhere enter", None),
        ("'q", None),
    ] {
        assert_eq!(end(keys), want, "{keys}");
    }
    let mut shelf = shelf((80, 24));
    press(&mut shelf, "'gone enter");
    assert!(picture(&shelf).contains("`/old/gone.mp3` is not there any more"), "{}", picture(&shelf));
    press(&mut shelf, "up");
    assert!(!picture(&shelf).contains("any more"));
    assert_eq!(shelf.take(Event::Key("ctrl-z".parse().expect("a key"))), Some(Effect::Suspend));
}

#[test]
fn the_mouse() {
    let mut shelf = shelf((80, 24));
    // Two clicks, as far as the first one only chooses.
    click(&mut shelf, 3);
    assert_eq!((chosen(&shelf), &shelf.end), (2, &None));
    click(&mut shelf, 20);
    assert_eq!(chosen(&shelf), 2);
    click(&mut shelf, 3);
    assert!(shelf.end.is_some());
    let mut shelf = self::shelf((80, 24));
    shelf.take(Event::Mouse(Mouse { kind: MouseKind::WheelDown, x: 0, y: 0 }));
    assert_eq!(chosen(&shelf), 4);
}

/// However small the screen and wherever the choice, it is in sight; and nothing that may come is too much.
#[test]
fn the_choice_is_in_sight() {
    let mut shelf = shelf((40, 10));
    shelf.learn(News::Items((0..300).map(|n| Item { title: format!("number {n}"), ..items()[0].clone() }).collect()));
    for keys in ["end", "up up up", "pageup pageup", "home", "pagedown", "'29", "'z", "backspace"] {
        press(&mut shelf, keys);
        for (width, height) in [(40, 10), (200, 50), (1, 1), (60, 16), (40, 10)] {
            shelf.take(Event::Resize(width, height));
            let picture = picture(&shelf);
            assert!(width < 40 || shelf.shown.is_empty() || picture.contains('▸'), "{keys} at {width}×{height}:\n{picture}");
        }
    }
}
