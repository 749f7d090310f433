//! Prompts: a phrase to search for, a time to go to, a note for a bookmark.

use super::app::{App, Loop, Mode, Prompt, Search, Then};
use super::bookmarks::Bookmark;
use super::event::Effect;
use super::finder::Found;
use super::input::Input;
use super::keys::{Code, Key};
use super::{jumps, moves};
use crate::search::Options;
use crate::time::{Span, Timestamp};

/// A longer phrase, in characters, is no better found, and takes as much longer.
pub(super) const MOST_SEARCHED: usize = 200;
/// A note on a stretch quotes so many characters of it.
const MOST_QUOTED: usize = 2_000;

/// A key while something is typed.
pub(super) fn pressed(app: &mut App, key: Key) -> Vec<Effect> {
    let Mode::Prompt(prompt, mut input) = std::mem::take(&mut app.mode) else { return Vec::new() };
    match (key.code, key.ctrl) {
        (Code::Esc, _) | (Code::Char('c' | 'g'), true) => leave(app, prompt),
        (Code::Enter, _) => return enter(app, prompt, &input),
        // The second g of gg.
        (Code::Char('g'), false) if prompt == Prompt::GoTo && input.text().is_empty() => {
            moves::to_row(app, 0);
        }
        (Code::Up | Code::Down | Code::Tab, _) if prompt == Prompt::Search => {
            step(app, if key.code == Code::Up { -1 } else { 1 });
            app.mode = Mode::Prompt(prompt, input);
        }
        _ => {
            let has_changed = input.take(key);
            typed(app, prompt, input, has_changed);
        }
    }
    Vec::new()
}

/// Text that was pasted; outside a prompt it is not for us.
pub(super) fn paste(app: &mut App, text: &str) -> Vec<Effect> {
    match std::mem::take(&mut app.mode) {
        Mode::Prompt(prompt, mut input) => {
            input.insert(text);
            typed(app, prompt, input, true);
        }
        mode => app.mode = mode,
    }
    Vec::new()
}

fn typed(app: &mut App, prompt: Prompt, input: Input, has_changed: bool) {
    if prompt == Prompt::Search && has_changed && app.search.phrase != input.text() {
        search(app, input.text());
    }
    app.mode = Mode::Prompt(prompt, input);
}

fn leave(app: &mut App, prompt: Prompt) {
    if prompt == Prompt::Search {
        forget_hits(app);
        moves::follow(app);
    }
}

fn enter(app: &mut App, prompt: Prompt, input: &Input) -> Vec<Effect> {
    match prompt {
        Prompt::Search if input.text().trim().is_empty() => {
            leave(app, prompt);
            Vec::new()
        }
        Prompt::Search if app.search.awaited.is_some() => {
            app.search.is_wanted = true;
            Vec::new()
        }
        Prompt::Search => go_to_hit(app),
        Prompt::GoTo => match moves::moment(input.text(), app.length) {
            Some(at) => jumps::jump(app, at),
            None if input.text().trim().is_empty() => Vec::new(),
            None => {
                app.say(format!(
                    "`{}` is no time in this recording; write 3:20, 200 (seconds) or 50%",
                    input.text().trim()
                ));
                Vec::new()
            }
        },
        Prompt::Note(at) => keep(app, at, input.text().trim()),
        Prompt::NoteOver(span) => keep_over(app, span, input.text().trim()),
    }
}

/// Asks for a note: on the stretch that is repeated or was begun, or on what is heard now.
pub(super) fn ask_for_note(app: &mut App) {
    let at = app.position.at;
    let stretch = match app.looped {
        // Who went elsewhere has left the loop.
        Loop::Over(span) => Some(span).filter(|span| (span.start()..=span.end()).contains(&at)),
        Loop::From(from) => Some(Span::new(from.min(at), from.max(at)))
            .filter(|span| span.millis() >= moves::SHORTEST_LOOP_MS),
        Loop::Off => None,
    };
    let prompt = stretch.map_or(Prompt::Note(at), Prompt::NoteOver);
    app.mode = Mode::Prompt(prompt, Input::default());
}

/// Keeps a note on a stretch, with what is read in it.
fn keep_over(app: &mut App, span: Span, note: &str) -> Vec<Effect> {
    let words =
        app.text.timeline.words_in(span).map(|(first, last)| app.text.bytes_of(&(first..last + 1)));
    let text = words.and_then(|bytes| app.text.shown.article.text.get(bytes)).unwrap_or_default();
    let mut text = text.split_whitespace().collect::<Vec<_>>().join(" ");
    if let Some((end, _)) = text.char_indices().nth(MOST_QUOTED) {
        text.truncate(end);
        text.push('…');
    }
    // A stretch that was only begun was begun for the note.
    if matches!(app.looped, Loop::From(_)) {
        app.looped = Loop::Off;
    }
    insert(app, Bookmark { at: span.start(), end: Some(span.end()), note: note.to_owned(), text })
}

fn insert(app: &mut App, bookmark: Bookmark) -> Vec<Effect> {
    let place = app.bookmarks.partition_point(|other| other.at <= bookmark.at);
    app.say(format!("bookmark at {}", bookmark.when()));
    app.bookmarks.insert(place, bookmark);
    app.mark_bookmarks();
    vec![Effect::Keep(app.bookmarks.clone())]
}

/// Keeps a bookmark at `at`.
fn keep(app: &mut App, at: Timestamp, note: &str) -> Vec<Effect> {
    let passage = app.text.place(at).passage.and_then(|passage| app.text.passage(passage));
    let text = passage
        .map_or(String::new(), |(text, _)| text.split_whitespace().collect::<Vec<_>>().join(" "));
    insert(app, Bookmark { at, note: note.to_owned(), text, ..Bookmark::default() })
}

/// Finds `phrase`, and shows the first place from where the listener is.
fn search(app: &mut App, phrase: &str) {
    app.look_for(phrase, Options { is_typing: true, ..Options::default() }, Then::Show);
}

/// The hit that is heard now or next.
fn from_here(app: &App) -> Option<usize> {
    let at = app.position.at;
    app.search.hits.iter().position(|hit| hit.span.is_some_and(|span| span.end() > at))
}

/// The hit to show first: the next one that is what was typed, else the first such, else what is
/// nearest to it.
fn best(app: &App) -> Option<usize> {
    let (hits, at) = (&app.search.hits, app.position.at);
    let exact =
        hits.iter().position(|hit| !hit.is_near && hit.span.is_some_and(|span| span.end() > at));
    exact
        .or_else(|| hits.iter().position(|hit| !hit.is_near))
        .or_else(|| from_here(app))
        .or((!hits.is_empty()).then_some(0))
}

/// Finds the phrase again, in another text.
pub(super) fn search_again(app: &mut App) {
    if !app.search.phrase.is_empty() {
        let Search { phrase, options, here, awaited, is_wanted, .. } =
            std::mem::take(&mut app.search);
        app.look_for(&phrase, options, awaited.map_or(Then::Stay(here), |(_, then)| then));
        app.search.is_wanted = is_wanted;
    }
}

/// Marks where the phrase is, unless another one was typed since.
pub(super) fn found(app: &mut App, found: Found) -> Vec<Effect> {
    let Some((_, then)) = app.search.awaited.take_if(|(serial, _)| *serial == found.serial) else {
        return Vec::new();
    };
    let hits = found.hits;
    let ranges = |is_near| {
        hits.iter().filter(|hit| hit.is_near == is_near).map(|hit| hit.bytes.clone()).collect()
    };
    (app.search.ranges, app.search.near) = (ranges(false), ranges(true));
    app.search.times = hits.iter().filter_map(|hit| Some(hit.span?.start())).collect();
    app.search.hits = hits;
    match then {
        Then::Stay(here) => app.search.here = here.filter(|here| *here < app.search.hits.len()),
        Then::Show => {
            app.search.here = best(app);
            match app.search.here {
                Some(_) => show_hit(app),
                None => moves::follow(app),
            }
        }
    }
    if std::mem::take(&mut app.search.is_wanted) { go_to_hit(app) } else { Vec::new() }
}

pub(super) fn forget_hits(app: &mut App) {
    app.search = Search::default();
}

fn show_hit(app: &mut App) {
    if let Some(hit) = app.search.here.and_then(|here| app.search.hits.get(here)) {
        let row = app.text.row_of_hit(hit);
        moves::to_row(app, row);
    }
}

fn step(app: &mut App, steps: i32) {
    let n = app.search.hits.len() as i64;
    if n > 0 {
        // Before the first step it is the hit that is heard next which is stepped to.
        let next = from_here(app).map_or(0, |next| next as i64 - i64::from(steps > 0));
        let here = app.search.here.map_or(next, |here| here as i64);
        app.search.here = usize::try_from((here + i64::from(steps)).rem_euclid(n)).ok();
        show_hit(app);
    }
}

/// Goes to the hit before or after.
pub(super) fn next_hit(app: &mut App, steps: i32) -> Vec<Effect> {
    if app.search.awaited.is_some() {
        app.say("still searching");
        return Vec::new();
    }
    if app.search.hits.is_empty() {
        app.say(if app.search.phrase.is_empty() {
            format!("nothing was searched for yet; {} does", app.keys.shown("search"))
        } else {
            format!("`{}` was not found", app.search.phrase)
        });
        return Vec::new();
    }
    step(app, steps);
    go_to_hit(app)
}

/// Goes on from the hit that is shown; one that is not spoken is only shown.
fn go_to_hit(app: &mut App) -> Vec<Effect> {
    let Some(hit) = app.search.here.and_then(|here| app.search.hits.get(here)) else {
        app.say(format!("`{}` was not found", app.search.phrase));
        return Vec::new();
    };
    match hit.span {
        Some(span) => jumps::jump(app, span.start()),
        None => {
            app.say("this is written but not spoken");
            Vec::new()
        }
    }
}
