//! Moving in the sound and in the text.

use super::app::{App, Loop};
use super::event::Effect;
use super::jumps;
use crate::time::{self, Span, Timestamp};
use crate::view::{Passage, Unit};

/// Going back from further inside a unit than this goes to its own start, in milliseconds of the
/// recording.
const GRACE_MS: u64 = 1500;
/// The same for words, which are short.
const WORD_GRACE_MS: u64 = 150;
/// A loop is at least this long, in milliseconds.
pub(super) const SHORTEST_LOOP_MS: u64 = 200;

/// Goes to `to` in the sound; the text follows.
pub(super) fn seek(app: &mut App, to: Timestamp) -> Vec<Effect> {
    let to = if app.length > Timestamp::ZERO { to.min(app.length) } else { to };
    app.position.at = to;
    app.position.is_ended = false;
    app.cursor = None;
    app.is_stale = true;
    vec![Effect::Seek(to)]
}

/// Goes to `to` and lets it sound.
pub(super) fn play_from(app: &mut App, to: Timestamp) -> Vec<Effect> {
    let mut effects = seek(app, to);
    app.position.is_playing = true;
    effects.push(Effect::Play);
    effects
}

/// Plays or holds; from the start where it has ended.
pub(super) fn toggle(app: &mut App) -> Vec<Effect> {
    if app.position.is_ended {
        return play_from(app, Timestamp::ZERO);
    }
    app.position.is_playing = !app.position.is_playing;
    vec![if app.position.is_playing { Effect::Play } else { Effect::Pause }]
}

/// Goes `seconds` on, or back.
pub(super) fn seconds(app: &mut App, seconds: i32) -> Vec<Effect> {
    let (at, by) = (app.position.at, u64::from(seconds.unsigned_abs()) * 1000);
    seek(app, if seconds < 0 { at.minus(by) } else { at.plus(by) })
}

/// Goes to the unit before or after; stays where there is none.
pub(super) fn step(app: &mut App, unit: Unit, steps: i32) -> Vec<Effect> {
    let grace = if unit == Unit::Word { WORD_GRACE_MS } else { GRACE_MS };
    let target = app.text.timeline.step(unit, app.position.at, steps, grace);
    target.map_or_else(Vec::new, |to| seek(app, to))
}

/// What is being said, and when.
pub(super) fn current(app: &App) -> Option<(Passage, Span)> {
    let passage = app.text.place(app.position.at).passage?;
    Some((passage, app.text.timeline.span_of(passage)?))
}

/// Says the current sentence again.
pub(super) fn repeat(app: &mut App) -> Vec<Effect> {
    current(app).map_or_else(Vec::new, |(_, span)| play_from(app, span.start()))
}

/// Begins a loop here, ends it here, or leaves it.
pub(super) fn next_loop(app: &mut App) -> Vec<Effect> {
    let at = app.position.at;
    app.looped = match app.looped {
        Loop::Off => Loop::From(at),
        Loop::From(from) if Span::new(from, at).millis() >= SHORTEST_LOOP_MS => {
            Loop::Over(Span::new(from, at))
        }
        Loop::From(_) | Loop::Over(_) => Loop::Off,
    };
    let key = app.keys.shown("loop");
    match app.looped {
        Loop::Off => {
            app.say("loop off");
            Vec::new()
        }
        Loop::From(_) => {
            app.say(format!("loop begins at {at}; {key} again where it ends"));
            Vec::new()
        }
        Loop::Over(span) => {
            app.say(format!("loop over {} – {}; {key} again leaves it", span.start(), span.end()));
            seek(app, span.start())
        }
    }
}

/// Plays from the first word on the row under the hand, or the current sentence where the text
/// follows.
pub(super) fn play_here(app: &mut App) -> Vec<Effect> {
    let Some(row) = app.cursor else { return repeat(app) };
    match app.text.time_of_row(row) {
        Some(at) => jumps::jump_and_play(app, at),
        None => {
            app.say("nothing here is spoken");
            Vec::new()
        }
    }
}

/// Moves the hand by `rows`; the text no longer follows.
pub(super) fn rows(app: &mut App, rows: i64) {
    let last = app.text.page.rows.len().saturating_sub(1) as i64;
    let here = app.focus() as i64;
    to_row(app, usize::try_from((here + rows).clamp(0, last)).unwrap_or(0));
}

/// Rows of one screen that are seen on the next one too.
const KEPT: usize = 2;

/// Moves the hand by whole screens, but for what is kept of each.
pub(super) fn screens(app: &mut App, screens: i64) {
    rows(app, screens * app.rows().saturating_sub(KEPT).max(1) as i64);
}

/// Moves the hand to `row`.
pub(super) fn to_row(app: &mut App, row: usize) {
    let was_near = app.cursor.is_some() && app.top == app.wanted_top();
    let before = app.wanted_top();
    app.cursor = Some(row.min(app.text.page.rows.len().saturating_sub(1)));
    app.is_stale = true;
    // A row at a time needs no smoothing.
    if was_near && app.wanted_top().abs_diff(before) <= 3 {
        app.top = app.wanted_top();
    }
}

/// Lets the text follow the sound again.
pub(super) fn follow(app: &mut App) {
    app.cursor = None;
    app.is_stale = true;
}

/// Moves the text a little nearer to where it should stand. Far jumps come close first.
pub(super) fn glide(app: &mut App) {
    let wanted = app.wanted_top();
    let far = 2 * app.rows();
    if app.top.abs_diff(wanted) > far {
        app.top = if app.top < wanted { wanted - far / 2 } else { wanted + far / 2 };
    }
    let step = (app.top.abs_diff(wanted) / 3).max(1).min(app.top.abs_diff(wanted));
    app.top = if app.top < wanted { app.top + step } else { app.top - step };
}

/// Finds the hand's row, and the row at the steady height, again after `change` has laid the text
/// out anew: what was there stays there.
pub(super) fn anchored(app: &mut App, change: impl FnOnce(&mut App)) {
    let focus = app.focus();
    let above = focus as i64 - app.top as i64;
    let (byte, time) =
        (app.text.page.rows.get(focus).map_or(0, |row| row.at), app.text.time_of_row(focus));
    let text = std::sync::Arc::clone(&app.text.shown);
    let is_insert = app.cursor.is_none()
        && matches!(app.text.place(app.position.at).passage, Some(Passage::Insert(_)));
    change(app);
    let is_same = text.article.text == app.text.shown.article.text;
    let row = match time {
        _ if is_insert => app.focus(),
        Some(at) if !is_same => app.text.row_of(app.text.place(at)),
        _ => app.text.page.row_of(byte),
    };
    if app.cursor.is_some() {
        app.cursor = Some(row);
    }
    app.top = usize::try_from(row as i64 - above).unwrap_or(0);
    app.mark_bookmarks();
    app.is_stale = true;
}

/// The moment of a recording of `length` that a listener means; `None` where it has none such.
pub(super) fn moment(text: &str, length: Timestamp) -> Option<Timestamp> {
    time::moment(text, length).filter(|at| *at <= length)
}
