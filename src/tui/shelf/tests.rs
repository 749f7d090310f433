//! The shelf from outside: news and events in, pictures and the chosen episode out.

use super::*;
use crate::time::Timestamp;
use crate::tui::tests::rows;
use crate::view::{Entry, Text};
use insta::assert_snapshot;

fn item(
    n: u8,
    title: &str,
    show: &str,
    (at, length): (Option<u64>, Option<u64>),
    text: Text,
    place: Where,
) -> Item {
    Item {
        id: EpisodeId([n; 32]),
        title: title.into(),
        show: (!show.is_empty()).then(|| show.to_owned()),
        length: length.map(Timestamp::from_millis),
        at: at.map(Timestamp::from_millis),
        text,
        place,
        entry: None,
    }
}

fn items() -> Vec<Item> {
    let file = |path: &str| Where::File(path.into());
    vec![
        item(
            1,
            "The Machine in the Closet",
            "Plain Terms",
            (Some(200_000), Some(561_000)),
            Text::Tied(0.98),
            file("/talks/column.mp3"),
        ),
        item(
            2,
            "老收音機：一個週末",
            "書房夜話",
            (Some(420_000), Some(422_000)),
            Text::Said,
            file("/talks/radio.mp3"),
        ),
        item(
            3,
            "A lecture whose title goes on and on, over more than anybody's screen is wide, about rivers and roads",
            "",
            (None, Some(36_000_000)),
            Text::None,
            file("/talks/lecture.opus"),
        ),
        item(
            4,
            "Gone\u{1b}[2J",
            "",
            (Some(9_000), None),
            Text::Said,
            Where::Missing("/old/gone.mp3".into()),
        ),
        item(5, "Nowhere", "", (None, None), Text::Tied(1.0), Where::Unknown),
        item(6, "Built in", "", (None, Some(1_000)), Text::None, Where::BuiltIn),
    ]
}

fn of_show(
    n: u8,
    title: &str,
    length: Option<u64>,
    (day, is_new): (&str, bool),
    size: &str,
) -> Item {
    let entry = Entry {
        show: EpisodeId([200; 32]),
        id: n.to_string(),
        day: day.into(),
        is_new,
        size: size.into(),
    };
    Item {
        entry: Some(Box::new(entry)),
        ..item(n, title, "Plain Terms", (None, length), Text::None, Where::Unknown)
    }
}

/// Entries of shows: two that are new, one that is not, one that is here without what belongs to
/// it, and one that was heard.
fn entries() -> Vec<Item> {
    vec![
        Item {
            place: Where::File("/shows/lakes.mp3".into()),
            ..of_show(11, "Three lakes", Some(130_000), ("2026-11-03", true), "")
        },
        of_show(12, "Two rivers", Some(5_000_000), ("2026-11-02", true), "48 MB"),
        of_show(
            13,
            "Where is the road, and where does it go when nobody looks at it for years?",
            None,
            ("2026-11-01", true),
            "",
        ),
        of_show(14, "一條路", Some(422_000), ("2026-10-31", false), "12 MB of 48 MB are here"),
        Item {
            at: Some(Timestamp::from_millis(100_000)),
            ..of_show(15, "Old, and gone", Some(422_000), ("", false), "0.7 MB")
        },
    ]
}

fn shelf(size: (u16, u16)) -> Shelf {
    with(size, items())
}

fn with(size: (u16, u16), items: Vec<Item>) -> Shelf {
    let mut shelf = Shelf::new(
        Setup {
            search: String::new(),
            list: List::InHand,
            note: None,
            goes_back: false,
            theme: Theme::choose(None, false),
        },
        size,
    );
    shelf.learn(News::Items(items));
    shelf.learn(News::Known);
    shelf
}

/// With what shows have behind what is in hand.
fn with_shows(size: (u16, u16)) -> Shelf {
    let (here, away): (Vec<Item>, Vec<Item>) =
        entries().into_iter().partition(|item| !item.is_away());
    with(size, [items(), here, away].concat())
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

    ▸ The Machine in the Closet                                  Plain Terms                     9:21        35 %  text
      老收音機：一個週末                                         書房夜話                        7:02       heard  said
      A lecture whose title goes on and on, over more than any…                              10:00:00
      Gone[2J                                                                                             missing  said
      Nowhere                                                                                             no file  text
      Built in                                                                                   0:01





    The Machine in the Closet
    Plain Terms · stopped at 3:20 of 9:21 · text tied, 98 % read
    /talks/column.mp3

    type to search   ↑ ↓ choose   Enter plays   Tab queues   ? help   Esc leaves
    ");
}

#[test]
fn at_80_columns() {
    let mut shelf = shelf((80, 18));
    press(&mut shelf, "down down down");
    assert_snapshot!(picture(&shelf), @r"
    The shelf                                                         6 episodes

      The Machine in the Closet                          9:21        35 %  text
      老收音機：一個週末                                 7:02       heard  said
      A lecture whose title goes on and on, over m…  10:00:00
    ▸ Gone[2J                                                     missing  said
      Nowhere                                                     no file  text
      Built in                                           0:01





    Gone[2J
    stopped at 0:09 · transcript
    missing: /old/gone.mp3

    type to search   ↑ ↓ choose   Enter plays   Tab queues   ? help   Esc leaves
    ");
}

#[test]
fn at_40_columns() {
    let mut shelf = shelf((40, 10));
    press(&mut shelf, "'e down");
    assert_snapshot!(picture(&shelf), @r"
      The Machine in the Clos…        35 %
    ▸ 老收音機：一個週末             heard
      A lecture whose title g…
      Gone[2J                      missing
      Nowhere                      no file



    書房夜話 · stopped at 7:00 of 7:02 · …
    search: e          Enter plays, Esc c…
    ");
    assert!(picture(&Shelf { size: (39, 10), ..shelf }).contains("too small"));
}

#[test]
fn lists_at_120_columns() {
    let mut shelf = with_shows((120, 22));
    press(&mut shelf, "ctrl-t ctrl-t end up");
    assert_snapshot!(picture(&shelf), @r"
     in hand 7   new 2  [all 11]

      The Machine in the Closet                                  Plain Terms                     9:21        35 %  text
      老收音機：一個週末                                         書房夜話                        7:02       heard  said
      A lecture whose title goes on and on, over more than any…                              10:00:00
      Gone[2J                                                                                             missing  said
      Nowhere                                                                                             no file  text
      Built in                                                                                   0:01
      Three lakes                                                Plain Terms                     2:10
      Two rivers                                                 Plain Terms                  1:23:20  2026-11-02  new
      Where is the road, and where does it go when nobody look…  Plain Terms                           2026-11-01  new
    ▸ 一條路                                                     Plain Terms                     7:02  2026-10-31
      Old, and gone                                              Plain Terms                     7:02        23 %




    一條路
    Plain Terms · 2026-10-31 · 7:02
    not fetched yet: 12 MB of 48 MB are here

    type to search   Enter fetches   Tab queues   Ctrl-T shows in hand   Ctrl-R asks feeds   ? help   Esc leaves
    ");
}

#[test]
fn lists_at_80_columns() {
    let mut shelf = with_shows((80, 18));
    press(&mut shelf, "ctrl-t");
    assert_snapshot!(picture(&shelf), @r"
     in hand 7  [new 2]  all 11

    ▸ Two rivers                                      1:23:20  2026-11-02  new
      Where is the road, and where does it go when…            2026-11-01  new









    Two rivers
    Plain Terms · 2026-11-02 · 1:23:20
    not fetched yet: 48 MB

    type to search   Enter fetches   Tab queues   Ctrl-T shows all   ? help
    ");
    press(&mut shelf, "enter");
    shelf.learn(News::Step("25 % of 48 MB, 0:30 left".into()));
    assert_snapshot!(picture(&shelf).lines().last().unwrap(), @"  fetching “Two rivers”: 25 % of 48 MB, 0:30 left · Esc stops");
    press(&mut shelf, "'riv");
    assert_snapshot!(picture(&shelf).lines().last().unwrap(), @"  search: riv                             25 % of 48 MB, 0:30 left · Esc stops");
    press(&mut shelf, "ctrl-t ctrl-t backspace backspace backspace 'zz");
    assert_snapshot!(picture(&shelf).lines().take(4).collect::<Vec<_>>().join("\n"), @r"
    [in hand 0]  new 0   all 0

    no episode has this in its title, show or name
    ");
    press(&mut shelf, "backspace backspace 'looks");
    assert_snapshot!(picture(&shelf).lines().take(4).collect::<Vec<_>>().join("\n"), @r"
    [in hand 0]  new 1   all 1

    nothing in hand has this in its title, show or name
    1 new: Ctrl-T shows them
    ");
}

#[test]
fn lists_at_40_columns() {
    let mut shelf = with_shows((40, 18));
    press(&mut shelf, "ctrl-t ctrl-t end");
    assert_snapshot!(picture(&shelf), @r"
     in hand 7   new 2  [all 11]

      老收音機：一個週末             heard
      A lecture whose title g…
      Gone[2J                      missing
      Nowhere                      no file
      Built in
      Three lakes
      Two rivers                       new
      Where is the road, and …         new
      一條路                    2026-10-31
    ▸ Old, and gone                   23 %

    Old, and gone
    Plain Terms · stopped at 1:40 of 7:02
    not fetched yet: 0.7 MB

    Enter fetches  Ctrl-T shows in hand
    ");
    let mut low = with_shows((40, 10));
    press(&mut low, "ctrl-t enter");
    low.learn(News::Step("25 % of 48 MB, 0:30 left".into()));
    assert_snapshot!(picture(&low), @r"
    ▸ Two rivers                       new
      Where is the road, and …         new






    fetching “Two rivers”: 25 % of 48 MB,
    0:30 left · Esc stops
    ");
}

#[test]
fn every_key_is_told() {
    let mut shelf = with_shows((80, 24));
    press(&mut shelf, "'?");
    assert_snapshot!(picture(&shelf), @r"
    [in hand 7]  new 2   all 11

    ▸ The Machine in the Closet                          9:21        35 %  text
      老收音機：一個週末                                 7:02       heard  said
      A lecture whose title goes on and on, over m…  10:00:00
      Gon╭─ The shelf ────────────────────────────────────────────────────╮said
      Now│ a b c …    searches titles, shows and file names               │text
      Bui│ ↑ ↓        choose; also Ctrl-P, Ctrl-N, the wheel              │
      Thr│ PgUp PgDn  choose a screen further                             │
         │ Home End   choose the first, the last                          │
         │ Enter      plays; fetches first what is not here               │
         │ Tab        into the queue, or out of it                        │
         │ Ctrl-T     shows what is in hand, new, or all                  │
         │ Ctrl-R     asks the feeds of shows for new entries             │
         │ Esc        stops what is fetched, clears the search, goes back │
         │ Ctrl-C     stops what is fetched, or leaves                    │
         │ ? F1       this list                                           │
         ╰─ any key closes ───────────────────────────────────────────────╯

    The Machine in the Closet
    Plain Terms · stopped at 3:20 of 9:21 · text tied, 98 % read
    /talks/column.mp3

    type to search   Enter plays   Tab queues   Ctrl-T shows new   ? help
    ");
    // However low the screen, each of them comes in sight.
    let mut low = with_shows((40, 10));
    press(&mut low, "f1");
    let mut seen = picture(&low);
    for _ in 0..KEYS.len() {
        press(&mut low, "down");
        seen += &picture(&low);
    }
    assert!(KEYS.iter().all(|(key, _)| seen.contains(key)), "{seen}");
    press(&mut low, "x");
    assert!(!picture(&low).contains("The shelf") && low.input.text().is_empty());
    // Within a search it is a character as any other.
    press(&mut low, "'where?");
    assert_eq!((low.input.text(), low.help), ("where?", None));
}

#[test]
fn which_list_is_shown() {
    let titles = |shelf: &Shelf| {
        shelf.shown.iter().map(|index| shelf.items[*index].id.0[0]).collect::<Vec<u8>>()
    };
    for (keys, want) in [
        ("", vec![1, 2, 3, 4, 5, 6, 11]),
        ("ctrl-t", vec![12, 13]),
        ("ctrl-t ctrl-t", vec![1, 2, 3, 4, 5, 6, 11, 12, 13, 14, 15]),
        ("ctrl-t ctrl-t ctrl-t", vec![1, 2, 3, 4, 5, 6, 11]),
        // What is typed is searched for in the list that is shown.
        ("'lakes", vec![11]),
        ("'rivers", vec![3]),
        ("'rivers ctrl-t", vec![12]),
        ("'rivers ctrl-t ctrl-t", vec![3, 12]),
        ("ctrl-t ctrl-t 'yitiaolu", vec![14]),
    ] {
        let mut shelf = with_shows((80, 24));
        press(&mut shelf, keys);
        assert_eq!(titles(&shelf), want, "{keys}");
    }
    // A click on its name.
    let mut shelf = with_shows((80, 24));
    for (x, want) in
        [(2, List::InHand), (10, List::InHand), (15, List::New), (24, List::All), (60, List::All)]
    {
        shelf.take(Event::Mouse(Mouse { kind: MouseKind::Press, x, y: 0 }));
        assert_eq!(shelf.list, want, "{x}");
    }
    // Where nothing is in hand, what is new; where nothing is new, all; unless the listener has
    // chosen.
    for (from, keys, want) in [
        (1, "", List::New),
        (3, "", List::All),
        (1, "ctrl-t ctrl-t", List::InHand),
        (0, "", List::InHand),
    ] {
        let mut shelf = with((80, 24), entries().split_off(from));
        press(&mut shelf, keys);
        shelf.learn(News::Items(entries().split_off(from)));
        assert_eq!(shelf.list, want, "{from} {keys}");
    }
    // What comes in hand while it is looked at is shown, as long as nothing was chosen.
    let mut shelf = with((80, 24), entries().split_off(1));
    shelf.learn(News::Items(items()));
    assert_eq!((shelf.list, chosen(&shelf)), (List::InHand, 1));
    let mut shelf = with((80, 24), entries().split_off(1));
    press(&mut shelf, "down");
    shelf.learn(News::Items([items(), entries().split_off(1)].concat()));
    assert_eq!((shelf.list, chosen(&shelf)), (List::New, 13));
    // Without shows there are no lists.
    let mut shelf = self::shelf((80, 24));
    press(&mut shelf, "ctrl-t");
    assert_eq!(shelf.list, List::InHand);
    assert!(picture(&shelf).contains("aloud feed add URL"));
}

/// What was asked for: begun, stopped, done, failed.
#[test]
fn fetching() {
    let key = |shelf: &mut Shelf, name: &str| shelf.take(Event::Key(name.parse().expect("a key")));
    let begun = || {
        let mut shelf = with_shows((80, 24));
        press(&mut shelf, "ctrl-t");
        let effect = key(&mut shelf, "enter");
        assert!(matches!(effect, Some(Effect::Fetch(item)) if item.id.0[0] == 12));
        shelf
    };
    let here = || {
        News::Here(Box::new(Item {
            entry: None,
            place: Where::File("/shows/rivers.mp3".into()),
            ..entries()[1].clone()
        }))
    };
    // It comes, and is heard.
    let mut shelf = begun();
    shelf.learn(here());
    assert!(matches!(&shelf.end, Some(End::Opened(item)) if item.place.path().is_some()));
    // It does not, and the listener stays.
    let mut shelf = begun();
    shelf.learn(News::Over(Some("the server answers 404".into())));
    assert!(shelf.end.is_none() && picture(&shelf).contains("the server answers 404"));
    assert!(matches!(key(&mut shelf, "enter"), Some(Effect::Fetch(_))), "asked again");
    for stop in ["esc", "ctrl-c"] {
        // It is stopped once; then the key means what it always does.
        let mut shelf = begun();
        assert_eq!(key(&mut shelf, stop), Some(Effect::Cancel), "{stop}");
        assert!(picture(&shelf).contains("stopping") && shelf.end.is_none());
        // What comes too late is not heard.
        shelf.learn(here());
        assert!(shelf.end.is_none());
        assert_eq!((key(&mut shelf, stop), &shelf.end), (None, &Some(End::Left)), "{stop}");
    }
    // One thing is fetched at a time; the same one is not begun twice, and nothing else is opened
    // meanwhile by mistake.
    let mut shelf = begun();
    assert_eq!(key(&mut shelf, "enter"), None);
    press(&mut shelf, "down");
    assert_eq!(key(&mut shelf, "enter"), None);
    assert!(picture(&shelf).contains("Esc stops that"));
    assert_eq!(key(&mut shelf, "ctrl-r"), None);
    // What is in hand is opened at once, and then nothing else is waited for.
    press(&mut shelf, "ctrl-t ctrl-t enter");
    assert!(matches!(&shelf.end, Some(End::Opened(item)) if item.id.0[0] == 1));
    // What is here without its text comes whole first.
    let mut shelf = with_shows((80, 24));
    press(&mut shelf, "end");
    assert!(matches!(key(&mut shelf, "enter"), Some(Effect::Fetch(item)) if item.id.0[0] == 11));
    // Feeds are asked; what is fetched takes the place of that.
    let mut shelf = with_shows((80, 24));
    assert_eq!(key(&mut shelf, "ctrl-r"), Some(Effect::Update));
    shelf.learn(News::Step("1 of 3".into()));
    assert!(picture(&shelf).contains("asking the feeds: 1 of 3 · Esc stops"));
    press(&mut shelf, "ctrl-t");
    assert!(matches!(key(&mut shelf, "enter"), Some(Effect::Fetch(_))));
    assert_eq!(key(&mut shelf, "tab"), Some(Effect::Queue(Box::new(entries()[1].clone()))));
}

#[test]
fn while_it_is_filled() {
    let mut shelf = Shelf::new(
        Setup {
            search: "machine".into(),
            list: List::InHand,
            note: None,
            goes_back: false,
            theme: Theme::choose(None, false),
        },
        (60, 16),
    );
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
    assert!(
        picture(&shelf).contains("`/old/gone.mp3` is not there any more"),
        "{}",
        picture(&shelf)
    );
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

/// However small the screen and wherever the choice, it is in sight; and nothing that may come is
/// too much.
#[test]
fn the_choice_is_in_sight() {
    let mut shelf = shelf((40, 10));
    shelf.learn(News::Items(
        (0..300).map(|n| Item { title: format!("number {n}"), ..items()[0].clone() }).collect(),
    ));
    for keys in ["end", "up up up", "pageup pageup", "home", "pagedown", "'29", "'z", "backspace"] {
        press(&mut shelf, keys);
        for (width, height) in [(40, 10), (200, 50), (1, 1), (60, 16), (40, 10)] {
            shelf.take(Event::Resize(width, height));
            let picture = picture(&shelf);
            assert!(
                width < 40 || shelf.shown.is_empty() || picture.contains('▸'),
                "{keys} at {width}×{height}:\n{picture}"
            );
        }
    }
}

/// Esc goes back where something was heard before, and says so; Ctrl-C always leaves.
#[test]
fn back_to_what_was_heard() {
    for (goes_back, key_name, want, says) in [
        (false, "esc", End::Left, "Esc leaves"),
        (true, "esc", End::Back, "Esc goes back"),
        (true, "ctrl-c", End::Left, "Esc goes back"),
    ] {
        let setup = Setup {
            search: String::new(),
            list: List::InHand,
            note: None,
            goes_back,
            theme: Theme::choose(None, false),
        };
        let mut shelf = Shelf::new(setup, (100, 12));
        assert!(picture(&shelf).contains(says), "{}", picture(&shelf));
        press(&mut shelf, key_name);
        assert_eq!(shelf.end, Some(want), "{goes_back}, {key_name}");
    }
}
