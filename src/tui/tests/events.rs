//! What events do: tables of keys and what comes of them.

use super::*;
use crate::media::Request;
use crate::time::Span;
use crate::tui::app::{List, Loop, Mode, Prompt};
use crate::tui::{Mouse, MouseKind, Notice, Order, Progress, View};
use proptest::prelude::*;

/// Effects in short.
fn short(effects: &[Effect]) -> String {
    let one = |effect: &Effect| match effect {
        Effect::Seek(at) => format!("seek {}", at.millis()),
        Effect::Rate(rate) => format!("rate {rate}"),
        Effect::Volume(volume) => format!("volume {volume}"),
        Effect::Clip(span) => format!("clip {}-{}", span.start().millis(), span.end().millis()),
        Effect::Remember(at) => format!("remember {}", at.millis()),
        Effect::Measured(length) => format!("measured {}", length.millis()),
        Effect::Choose(choices) => {
            format!("choose {:?} {:?} {:?}", choices.rate, choices.volume, choices.theme)
        }
        Effect::Keep(bookmarks) => {
            format!(
                "keep {}",
                bookmarks
                    .iter()
                    .map(|b| format!("{}{}", b.at.millis(), b.note))
                    .collect::<Vec<_>>()
                    .join("+")
            )
        }
        Effect::ExportBookmarks(page) => format!("markdown {}", page.lines().count()),
        other => format!("{other:?}"),
    };
    effects.iter().map(one).collect::<Vec<_>>().join(", ")
}

/// In the sample the introduction is said from 0 on, the title is read from 2900, the first
/// paragraph's sentences from 4600, 10200 and 12500, the heading from 21300.
#[test]
fn keys_that_move_in_the_sound() {
    let mut wrong = Vec::new();
    for (ms, keys, want) in [
        (6_000, "space", "Pause"),
        (6_000, "space space", "Pause, Play"),
        (6_000, "right", "seek 11000"),
        (6_000, "right right", "seek 11000, seek 16000"),
        (6_000, "left left", "seek 1000, seek 0"),
        (6_000, "shift-right", "seek 33200"),
        (6_000, "[", "seek 2900"),
        (6_500, "[", "seek 4600"),
        (6_500, "[ [", "seek 4600, seek 2900"),
        (6_000, "]", "seek 10200"),
        (6_000, "{", "seek 2900"),
        (6_000, "}", "seek 21300"),
        (6_000, ",", "seek 5800"),
        (6_000, ".", "seek 6100"),
        (0, "[", "seek 0"),
        (33_100, "]", ""),
        (6_000, "0", "seek 0"),
        (6_000, "5", "seek 16600"),
        (6_000, "r", "seek 4600, Play"),
        (6_000, "enter", "seek 4600, Play"),
        (6_000, "g '0:20 enter", "seek 20000"),
        (6_000, "g '50% enter", "seek 16600"),
        (6_000, "g '9:00 enter", ""),
        (6_000, "g esc", ""),
        (6_000, "G enter", ""),
        (6_000, "G k k enter", "seek 29400, Play"),
    ] {
        let done = short(&press(&mut english(ms), keys));
        if done != want {
            wrong.push(format!("{keys} at {ms}: {done}, not {want}"));
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

/// Media keys do as keys do, and leave alone what is open on the screen.
#[test]
fn media_keys() {
    let to = |ms| Request::To(Timestamp::from_millis(ms));
    for (request, want) in [
        (Request::Toggle, "Pause"),
        (Request::Play, ""),
        (Request::Pause, "Pause"),
        (Request::Step(1), "seek 21300"),
        (Request::Step(-1), "seek 2900"),
        (Request::By(5_000), "seek 11000"),
        (Request::By(-60_000), "seek 0"),
        (Request::By(i64::MIN), "seek 0"),
        (Request::By(i64::MAX), "seek 33200"),
        (to(20_000), "seek 20000"),
        (to(u64::MAX), "seek 33200"),
        (Request::Rate(1.5), "rate 1.5"),
        (Request::Rate(99.0), "rate 3"),
        (Request::Volume(0.52), "volume 0.5"),
        (Request::Quit, "remember 6000, Quit"),
    ] {
        let mut app = english(6_000);
        press(&mut app, "/ 'cou");
        assert_eq!(short(&settled(&mut app, Event::Media(request))), want, "{request:?}");
        assert!(picture(&app).contains("search: cou"), "{request:?}");
    }
    // Who paused is not paused again, and what has no chapters has sentences.
    let mut app = app(Reading::of_transcript(sample::english().transcript), (80, 24), 6_000);
    let requests =
        [Request::Pause, Request::Pause, Request::Play, Request::Step(1), Request::Step(1)];
    let done: Vec<String> = requests
        .into_iter()
        .map(|request| short(&settled(&mut app, Event::Media(request))))
        .collect();
    assert_eq!(done, ["Pause", "", "Play", "seek 10200", "seek 12500"]);
}

#[test]
fn keys_that_change_the_sound_or_keep_something() {
    let mut wrong = Vec::new();
    for (keys, want) in [
        ("<", "rate 0.9"),
        ("> +", "rate 1.1, rate 1.2"),
        (
            "- - - - - - - -",
            "rate 0.9, rate 0.8, rate 0.7, rate 0.6, rate 0.5, rate 0.5, rate 0.5, rate 0.5",
        ),
        ("< =", "rate 0.9, rate 1"),
        ("up", "volume 1.05"),
        ("down", "volume 0.95"),
        ("m", "Mute(true)"),
        ("m up", "Mute(true), volume 1.05, Mute(false)"),
        (
            "y",
            "Copy(\"[0:04] On Jan. 20, 2025, the river came over the roads of Mill County and the courthouse went dark.\")",
        ),
        ("c", "clip 4600-10000"),
        ("b enter", "keep 6000"),
        ("b 'why? enter", "keep 6000why?"),
        ("b esc", ""),
        ("b enter b 'x enter B d", "keep 6000, keep 6000+6000x, keep 6000"),
        ("b enter B enter", "keep 6000, seek 6000"),
        ("b enter B e", "keep 6000, markdown 4"),
        ("B", ""),
        ("e enter", "Export(Srt)"),
        ("e G enter", "clip 4600-10000"),
        ("e q", ""),
        ("/ 'rent enter", "seek 23300"),
        ("/ 'model enter n n N", "seek 22700, seek 27700, seek 22700, seek 27700"),
        ("/ 'callaway enter", ""),
        // What was said but is not written, and what sounds alike.
        ("/ 'nobody space 'at space 'all enter", "seek 20200"),
        ("/ 'corthouse enter", "seek 9100"),
        ("/ 'xyz enter n", ""),
        ("n", ""),
        ("ctrl-z", "remember 6000, Suspend"),
        ("q", "remember 6000, Quit"),
        ("? q", ""),
        ("? space", "Pause"),
        ("/ 'q? esc", ""),
        ("f12", ""),
    ] {
        let done = short(&press(&mut english(6_000), keys));
        if done != want {
            wrong.push(format!("{keys}: {done}, not {want}"));
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn a_phrase_that_the_screen_begins_with() {
    let search = Some(("深度求索".to_owned(), crate::search::Options::default()));
    let setup = Setup { reading: sample::chinese(), has_article: true, search, ..Setup::default() };
    let mut app = App::new(setup, (80, 24));
    settled(&mut app, Event::Repaint);
    let hit = app.search.hits[0].span.expect("a time").start().millis();
    assert_eq!(short(&press(&mut app, "n")), format!("seek {hit}"));
    assert_eq!(short(&press(&mut app, "/ 'shenduqiusuo enter")), format!("seek {hit}"));
}

#[test]
fn the_hand_leaves_the_voice_and_comes_back() {
    let mut app = english(6_000);
    let voice = app.focus();
    press(&mut app, "j j");
    assert_eq!(app.cursor, Some(voice + 2));
    at(&mut app, 20_000);
    assert_eq!(app.cursor, Some(voice + 2), "the sound goes on, the text stays");
    press(&mut app, "k");
    assert_eq!(app.cursor, Some(voice + 1));
    press(&mut app, "g g");
    assert_eq!(app.cursor, Some(0));
    press(&mut app, "G");
    assert_eq!(app.cursor, Some(app.text.page.rows.len() - 1));
    press(&mut app, "f");
    assert_eq!(app.cursor, None);
    at(&mut app, 20_000);
    assert_eq!(app.top, app.wanted_top());
}

#[test]
fn the_spoken_row_keeps_its_height() {
    let mut app = app(sample::english(), (50, 16), 0);
    let height = app.rows() / 3;
    let mut seen = 0;
    for ms in (0..33_000).step_by(100) {
        at(&mut app, ms);
        let row = app.focus();
        assert!(row - app.top == height || app.top == 0, "at {ms}");
        seen += usize::from(app.top > 0);
    }
    assert!(seen > 100);
}

#[test]
fn the_text_glides_instead_of_jumping() {
    let mut app = english(0);
    app.size = (80, 16);
    let mut tops = Vec::new();
    for _ in 0..30 {
        tick(&mut app, 30_000);
        tops.push(app.top);
    }
    assert!(tops.windows(2).all(|pair| pair[1] >= pair[0] && pair[1] - pair[0] <= 6), "{tops:?}");
    assert_eq!(app.top, app.wanted_top());
    assert!(app.top > 10);
}

/// Times are corrected, and something unwritten comes in above: what the eye is on stays where it
/// is.
#[test]
fn better_times_do_not_move_the_text() {
    let mut poor = sample::english();
    poor.alignment.unwritten.clear();
    for keys in ["", "j j j", "G"] {
        let mut app = app(poor.clone(), (50, 16), 26_000);
        press(&mut app, keys);
        at(&mut app, 26_000);
        let (row, before) = (app.focus() - app.top, app.text.page.rows[app.focus()].runs.clone());
        settled(&mut app, Event::Reading(Box::new(sample::english())));
        assert_eq!(app.text.page.rows[app.top + row].runs, before, "{keys}");
    }
}

#[test]
fn a_growing_transcript_does_not_move_the_text() {
    let whole = Reading::of_transcript(sample::english().transcript);
    let mut part = sample::english().transcript;
    part.segments.drain(..2);
    let mut app = app(Reading::of_transcript(part), (50, 16), 26_000);
    let text = |app: &App, row: usize| {
        let run = app.text.page.rows[row].runs[0].clone().expect("text");
        app.text.shown.article.text[run.bytes].to_owned()
    };
    let (row, before) = (app.focus() - app.top, text(&app, app.focus()));
    settled(&mut app, Event::Reading(Box::new(whole)));
    let after = text(&app, app.top + row);
    assert!(before.split(' ').any(|word| after.contains(word)), "{before} | {after}");
}

#[test]
fn looping() {
    let mut app = english(6_000);
    press(&mut app, "A");
    assert_eq!(app.looped, Loop::From(Timestamp::from_millis(6_000)));
    at(&mut app, 8_000);
    assert_eq!(short(&press(&mut app, "A")), "seek 6000");
    assert_eq!(app.looped, Loop::Over(Span::from_millis(6_000, 8_000)));
    assert_eq!(short(&tick(&mut app, 7_990)), "");
    assert_eq!(short(&tick(&mut app, 8_010)), "seek 6000");
    assert_eq!(short(&tick(&mut app, 20_000)), "", "who went further went on purpose");
    press(&mut app, "A");
    assert_eq!((app.looped, short(&tick(&mut app, 8_010)).as_str()), (Loop::Off, ""));
}

#[test]
fn sleeping() {
    let mut app = english(6_000);
    press(&mut app, "z z");
    assert_eq!(app.messages.shown().as_deref(), Some("pauses in 30 minutes"));
    let position = app.position();
    let later = |minutes: u64| Event::Tick { position, now: Duration::from_secs(minutes * 60) };
    assert!(!settled(&mut app, later(29)).contains(&Effect::Pause));
    assert!(settled(&mut app, later(31)).contains(&Effect::Pause));
    assert_eq!(app.sleep, None);
    press(&mut app, "z z z z");
    assert_eq!(app.sleep, None);
}

#[test]
fn the_end_and_the_place_are_kept() {
    let mut app = english(33_000);
    let ended = Position { at: app.length, is_playing: false, is_ended: true, ..app.position() };
    let effects = settled(&mut app, Event::Tick { position: ended, now: Duration::from_secs(1) });
    assert_eq!(short(&effects), format!("remember {}", app.length.millis()));
    assert_eq!(short(&press(&mut app, "space")), "seek 0, Play");
    let playing = Position { is_playing: true, is_ended: false, ..ended };
    let mut kept = 0;
    for second in 2..32 {
        let effects =
            settled(&mut app, Event::Tick { position: playing, now: Duration::from_secs(second) });
        kept += effects.len();
    }
    assert_eq!(kept, 6);
}

#[test]
fn the_mouse() {
    let click = |x, y| Mouse { kind: MouseKind::Press, x, y };
    let mut app = english(6_000);
    let text = app.regions().expect("large enough");
    // The word "river" of the first sentence.
    let row = (0..app.text.page.rows.len())
        .find(|row| {
            app.text.page.rows[*row].runs[0].as_ref().is_some_and(|run| {
                app.text.texts().text(run.source)[run.bytes.clone()].contains("river")
            })
        })
        .expect("a row with it");
    let y = text.text.y + (row - app.top) as u16;
    let x = app.text.page.x() + "On Jan. 20, 2025, the ri".len() as u16;
    for (mouse, want) in [
        (click(x, y), "seek 6100, Play"),
        (click(1, y), ""),
        (click(text.bar.x, text.bar.y), "seek 0"),
        (click(text.bar.x + text.bar.width / 2, text.bar.y), "seek 16600"),
        (click(text.bar.right() - 1, text.bar.y - 1), "seek 32763"),
    ] {
        let mut app = english(6_000);
        assert_eq!(short(&settled(&mut app, Event::Mouse(mouse))), want, "{mouse:?}");
    }
    settled(&mut app, Event::Mouse(click(text.bar.x, text.bar.y)));
    let drag = |app: &mut App, x| {
        short(&settled(app, Event::Mouse(Mouse { kind: MouseKind::Drag, x, y: 0 })))
    };
    assert_eq!(drag(&mut app, text.bar.x + text.bar.width / 2), "seek 16600");
    settled(&mut app, Event::Mouse(Mouse { kind: MouseKind::Release, x: 0, y: 0 }));
    assert_eq!(drag(&mut app, text.bar.x), "");
    settled(&mut app, Event::Mouse(Mouse { kind: MouseKind::WheelDown, x: 30, y: 5 }));
    assert!(app.cursor.is_some());
    // In a list a click takes a line, and beside it closes the list.
    press(&mut app, "e");
    let (column, line) = (40, 7);
    assert_eq!(short(&settled(&mut app, Event::Mouse(click(column, line)))), "Export(Srt)");
    press(&mut app, "e");
    settled(&mut app, Event::Mouse(click(0, 0)));
    assert_eq!(app.mode, Mode::Reading);
}

#[test]
fn views_and_their_absence() {
    let mut app = english(6_000);
    for view in [View::Transcript, View::Both, View::Article] {
        press(&mut app, "v");
        assert_eq!(app.text.view, view);
        at(&mut app, 6_000);
        assert!(app.text.place(Timestamp::from_millis(6_000)).word.is_some());
    }
    let mut alone = App::new(Setup { reading: sample::english(), ..Setup::default() }, (80, 24));
    press(&mut alone, "v");
    assert_eq!(alone.text.view, View::Article);
    assert!(alone.messages.shown().is_some());
    let mut reading = sample::english();
    reading.transcript.segments.clear();
    let mut unheard = App::new(Setup { reading, has_article: true, ..Setup::default() }, (80, 24));
    press(&mut unheard, "v");
    assert_eq!(unheard.text.view, View::Article);
    assert!(unheard.messages.shown().is_some_and(|told| told.contains("nothing was recognised")));
}

#[test]
fn a_translation_may_come_later() {
    let mut app = english(6_000);
    let (row, before) = (app.focus() - app.top, app.text.place(Timestamp::from_millis(6_000)));
    settled(
        &mut app,
        Event::Translation(
            sample::translation().into_iter().map(|text| text.map(str::to_owned)).collect(),
        ),
    );
    assert!(picture(&app).contains("河水漫過米爾郡的道路"));
    assert_eq!(
        (app.focus() - app.top, app.text.place(Timestamp::from_millis(6_000))),
        (row, before)
    );
}

#[test]
fn prompts_take_every_key_and_text_that_is_pasted() {
    let mut app = english(6_000);
    press(&mut app, "/ 'q space 'b?");
    settled(&mut app, Event::Paste("你\n好".into()));
    let Mode::Prompt(Prompt::Search, input) = &app.mode else { panic!("{:?}", app.mode) };
    assert_eq!(input.text(), "q b?你 好");
    press(&mut app, "esc");
    settled(&mut app, Event::Paste("q".into()));
    assert_eq!((app.mode.clone(), app.is_over()), (Mode::Reading, false));
    press(&mut app, "? G");
    let Mode::List(List::Help, scroll) = app.mode else { panic!("{:?}", app.mode) };
    assert!(scroll > 5);
}

#[test]
fn troubles_come_and_go() {
    let mut app = english(6_000);
    settled(&mut app, Event::Notice(Notice::Trouble("no sound card".into())));
    assert!(picture(&app).contains("no sound card"));
    settled(&mut app, Event::Notice(Notice::Note("written".into())));
    assert!(picture(&app).contains("written"));
    let position = app.position();
    settled(&mut app, Event::Tick { position, now: Duration::from_secs(60) });
    assert!(picture(&app).contains("written"), "what matters waits for its reader");
    press(&mut app, "j");
    assert!(picture(&app).contains("no sound card") && !picture(&app).contains("written"));
    settled(&mut app, Event::Notice(Notice::Clear));
    assert!(!picture(&app).contains("no sound card"));
    // A text that does not belong does not begin to belong.
    settled(&mut app, Event::Notice(Notice::Misfit("only 4 % agree".into())));
    assert!(
        picture(&app).contains("only 4 %")
            && picture(&app).contains("the text does not seem to belong")
    );
    settled(&mut app, Event::Tick { position, now: Duration::from_secs(120) });
    settled(&mut app, Event::Mouse(Mouse { kind: MouseKind::Press, x: 5, y: 5 }));
    settled(&mut app, Event::Notice(Notice::Clear));
    assert!(
        !picture(&app).contains("only 4 %")
            && picture(&app).contains("the text does not seem to belong")
    );
    // All that mattered can be read again; what only answered a key is no message.
    press(&mut app, "t M");
    let picture = picture(&app);
    for told in ["0:00  no sound card", "written", "1:00  only 4 % agree"] {
        assert!(picture.contains(told), "no {told:?} in\n{picture}");
    }
    assert!(app.messages.past().iter().all(|(_, told)| !told.contains("theme:")));
    press(&mut app, "M");
    assert_eq!(app.mode, Mode::Reading);
}

/// Nothing of a message is cut off, several stand below each other, and on a small screen there is
/// still some text.
#[test]
fn messages_are_whole() {
    let long = "whether the article belongs to it cannot be told: only 4 % of the text and 2 % of what is said agree";
    for size in [(120, 30), (60, 20), (40, 10)] {
        let mut app = app(sample::english(), size, 6_000);
        settled(&mut app, Event::Notice(Notice::Misfit(long.into())));
        let picture = picture(&app);
        let all = picture.lines().map(str::trim).collect::<Vec<_>>().join(" ");
        assert!(all.contains(long), "\n{picture}");
        // Beside it the clock stays in sight.
        assert!(all.contains("0:06"), "\n{picture}");
    }
    let mut app = app(sample::english(), (60, 20), 6_000);
    for told in ["one", "two", "one"] {
        settled(&mut app, Event::Notice(Notice::Note(told.into())));
    }
    assert!(picture(&app).contains("\n  one\n  two\n"), "{}", picture(&app));
    let endless = "中文 and words ".repeat(500);
    settled(&mut app, Event::Notice(Notice::Note(endless)));
    assert!(picture(&app).contains('…') && picture(&app).contains("river"), "{}", picture(&app));
}

#[test]
fn thousands_of_characters_make_a_phrase_of_two_hundred() {
    let typed = |events: Vec<Event>| {
        let mut app = english(6_000);
        press(&mut app, "/");
        let orders: Vec<Order> = events
            .into_iter()
            .flat_map(|event| update(&mut app, event))
            .filter_map(order_of)
            .collect();
        assert!(picture(&app).contains("200 characters at most"), "{}", picture(&app));
        (orders.len(), orders.last().map(|order| order.phrase.clone()))
    };
    let phrase = Some("模型 a".repeat(50));
    let keys = "模型 a".repeat(750).chars().map(|c| Event::Key(Key::from(Code::Char(c)))).collect();
    assert_eq!(typed(keys), (200, phrase.clone()), "each key once, while there is room for it");
    assert_eq!(typed(vec![Event::Paste("模型 a".repeat(750))]), (1, phrase));
}

fn order_of(effect: Effect) -> Option<Order> {
    match effect {
        Effect::Search(order) => Some(order),
        _ => None,
    }
}

#[test]
fn a_text_is_checked_before_it_is_believed() {
    let setup = Setup { reading: sample::english(), has_article: true, ..Setup::default() };
    let mut app = App::new(setup.clone(), (100, 24));
    assert!(picture(&app).contains("not checked yet"));
    settled(&mut app, Event::Notice(Notice::Belongs));
    assert!(!picture(&app).contains("not checked yet"));
    // What does not belong was checked, and a transcript needs no check.
    let mut app = App::new(setup.clone(), (100, 24));
    settled(&mut app, Event::Notice(Notice::Misfit("no".into())));
    assert!(!picture(&app).contains("not checked yet"));
    assert!(
        !picture(&App::new(Setup { has_article: false, ..setup }, (100, 24)))
            .contains("not checked yet")
    );
}

#[test]
fn there_and_back() {
    for (keys, want) in [
        ("5 ctrl-o", "seek 16600, seek 6000"),
        ("5 ctrl-o tab", "seek 16600, seek 6000, seek 16600"),
        ("g '0:30 enter backspace", "seek 30000, seek 6000"),
        ("/ 'open enter ctrl-o", "seek 21600, seek 6000"),
        ("C down enter ctrl-o", "seek 21300, seek 6000"),
        // Steps are taken back by steps.
        ("] ctrl-o", "seek 10200"),
        ("right right tab", "seek 11000, seek 16000"),
    ] {
        let mut app = english(6_000);
        assert_eq!(short(&press(&mut app, keys)), want, "{keys}");
    }
    // A stray click.
    let mut app = english(6_000);
    let stray = settled(&mut app, Event::Mouse(Mouse { kind: MouseKind::Press, x: 70, y: 21 }));
    assert!(short(&stray).starts_with("seek 29"), "{}", short(&stray));
    assert_eq!(short(&press(&mut app, "ctrl-o")), "seek 6000");
}

#[test]
fn chapters_and_headings() {
    for (ms, keys, want) in [
        (6_000, ")", "seek 21300"),
        (6_000, "(", "seek 2900"),
        (25_000, "(", "seek 21300"),
        (22_000, "(", "seek 2900"),
        (25_000, ")", ""),
        (6_000, "C enter", "seek 2900"),
        (25_000, "C enter", "seek 21300"),
        (25_000, "C home enter", "seek 2900"),
        (6_000, "C C", ""),
    ] {
        let mut app = english(ms);
        assert_eq!(short(&press(&mut app, keys)), want, "{keys} at {ms}");
        assert_eq!(app.mode, Mode::Reading, "{keys} at {ms}");
    }
    let mut bare = app(Reading::default(), (80, 24), 0);
    assert_eq!(short(&press(&mut bare, ") ( C")), "");
    assert!(picture(&bare).contains("there are no chapters"), "{}", picture(&bare));
    // The bar names what the mouse points at, and nothing is drawn for a mouse that passes by.
    let point =
        |app: &mut App, x, y| settled(app, Event::Mouse(Mouse { kind: MouseKind::Move, x, y }));
    let mut app = english(6_000);
    point(&mut app, 59, 21);
    assert!(
        app.is_stale() && picture(&app).contains("0:24  What “open” means"),
        "{}",
        picture(&app)
    );
    point(&mut app, 59, 5);
    assert!(!picture(&app).contains("0:24"));
    app.set_drawn();
    point(&mut app, 20, 6);
    assert!(!app.is_stale());
}

#[test]
fn pages() {
    let mut app = english(6_000);
    let (focus, page) = (app.focus(), app.rows() - 2);
    press(&mut app, "pagedown");
    assert_eq!(app.cursor, Some(focus + page));
    press(&mut app, "pageup");
    assert_eq!(app.cursor, Some(focus));
    press(&mut app, "ctrl-d");
    assert_eq!(app.cursor, Some(focus + app.rows() / 2));
    // The help has an end, where the legend is.
    press(&mut app, "? pagedown pagedown pagedown pagedown pagedown pagedown");
    assert!(picture(&app).contains("the loop begins, and ends"), "{}", picture(&app));
}

#[test]
fn nothing_is_drawn_while_nothing_changes() {
    let mut app = english(6_010);
    app.set_drawn();
    tick(&mut app, 6_020);
    assert!(!app.is_stale());
    assert!(
        app.next_change() >= Duration::from_millis(70)
            && app.next_change() <= Duration::from_millis(90),
        "{:?}",
        app.next_change()
    );
    tick(&mut app, 6_100);
    assert!(app.is_stale(), "the next word");
    app.position.is_playing = false;
    app.messages.see();
    at(&mut app, 6_100);
    app.position.is_playing = false;
    assert_eq!(app.next_change(), Duration::from_secs(1));
}

#[test]
fn a_finished_recognition_is_no_longer_spoken_of() {
    let mut app = english(6_000);
    let length = app.length;
    settled(&mut app, Event::Progress(Progress::up_to(Timestamp::from_millis(5_000), length, 3.0)));
    assert!(picture(&app).contains("listening ahead 15 %, 3.0×"));
    assert!(!app.text.standing.estimate.is_empty());
    settled(&mut app, Event::Progress(Progress::up_to(length, length, 3.0)));
    assert!(app.progress.is_none() && app.text.standing.estimate.is_empty());
}

fn any_event() -> impl Strategy<Value = Event> {
    let key = prop_oneof![
        prop::sample::select(
            "space left right [ ] { } , . r A 5 g enter < > = up down m z / n N b B y c e j k ctrl-d ctrl-u home G f v t l ? esc tab backspace delete ctrl-o ( ) C M pagedown pageup o"
                .split(' ')
                .collect::<Vec<_>>()
        ),
        prop::sample::select(vec!["m", "o", "d", "e", "l", "中", "1", "%", ":"]),
    ];
    let kind = prop::sample::select(vec![
        MouseKind::Press,
        MouseKind::Drag,
        MouseKind::Release,
        MouseKind::WheelUp,
        MouseKind::WheelDown,
        MouseKind::Move,
    ]);
    prop_oneof![
        20 => key.prop_map(|name| Event::Key(name.parse().expect("a key"))),
        5 => (kind, 0u16..130, 0u16..50).prop_map(|(kind, x, y)| Event::Mouse(Mouse { kind, x, y })),
        2 => (1u16..130, 1u16..50).prop_map(|(w, h)| Event::Resize(w, h)),
        5 => (0u64..40_000).prop_map(|ms| Event::Tick {
            position: Position { at: Timestamp::from_millis(ms), is_playing: ms % 3 > 0, ..Position::default() },
            now: Duration::from_millis(ms * 7),
        }),
        1 => prop::sample::select(vec![sample::english(), sample::chinese(), sample::mixed(), Reading::default()]).prop_map(|r| Event::Reading(Box::new(r))),
        1 => (0u64..40_000).prop_map(|ms| Event::Progress(Progress::up_to(Timestamp::from_millis(ms), Timestamp::from_millis(33_200), 1.0))),
        1 => Just(Event::Paste("模型 model".into())),
    ]
}

proptest! {
    /// Whatever happens, in whatever order and on a screen of whatever size: every row is whole.
    #[test]
    fn every_screen_can_be_drawn(events in prop::collection::vec(any_event(), 1..60)) {
        let mut app = english(6_000);
        for event in events {
            settled(&mut app, event);
            picture(&app);
            prop_assert!(app.next_change() <= Duration::from_secs(1));
        }
    }
}
