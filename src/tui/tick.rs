//! Time goes on: the place in the text, loops, the sleep timer, notes that fade.

use super::app::{App, Loop};
use super::choices;
use super::event::{Effect, Position};
use super::{moves, queue};
use crate::view::{self, Place};
use std::time::Duration;

/// How often the place is kept while it plays.
const REMEMBER: Duration = Duration::from_secs(5);
/// A loop catches what is at most this far past its end; who went further went there on purpose. In
/// milliseconds.
const CATCH_MS: u64 = 2000;

/// What can change on the screen with time.
#[derive(PartialEq)]
struct Visible {
    place: Place,
    position: (u64, bool, bool, u32, u32, bool),
    column: u16,
    top: usize,
    message: Option<String>,
    sleep: Option<u64>,
}

/// Takes in what is heard, and when it is.
pub(super) fn tick(app: &mut App, position: Position, now: Duration) -> Vec<Effect> {
    let before = visible(app);
    let (was_playing, was_ended) = (app.position.is_playing, app.position.is_ended);
    app.position = position;
    app.now = now;
    let mut effects = Vec::new();
    app.messages.pass(now);
    if let Some(heard) = app.dictation.filter(|_| position.is_playing) {
        app.dictation = Some(heard.max(position.at));
    }
    effects.extend(loop_back(app));
    effects.extend(fall_asleep(app));
    match app.looped {
        Loop::Over(span) if position.is_ended && was_playing => {
            effects.extend([Effect::Seek(span.start()), Effect::Play]);
        }
        _ if position.is_ended && was_playing => effects.push(Effect::GoOn),
        _ if position.is_ended && !was_ended => queue::say_end(app),
        _ => {}
    }
    let has_stopped = was_playing && !position.is_playing;
    if has_stopped || (position.is_playing && now >= app.remembered + REMEMBER) {
        app.remembered = now;
        effects.extend(choices::remember(app));
    }
    moves::glide(app);
    if visible(app) != before {
        app.is_stale = true;
    }
    effects
}

fn visible(app: &App) -> Visible {
    let p = app.position;
    let bar = app.regions().map(|regions| regions.bar).unwrap_or_default();
    Visible {
        place: app.text.place(p.at),
        position: (
            p.at.millis() / 1000,
            p.is_playing,
            p.is_ended,
            p.rate.to_bits(),
            p.volume.to_bits(),
            p.is_muted,
        ),
        column: view::column_of(bar, app.length, p.at),
        top: app.top,
        message: app.messages.shown(),
        sleep: app.sleep.map(|until| until.saturating_sub(app.now).as_secs()),
    }
}

fn loop_back(app: &mut App) -> Option<Effect> {
    let Loop::Over(span) = app.looped else { return None };
    let at = app.position.at;
    let is_past = at >= span.end() && at < span.end().plus(CATCH_MS);
    (app.position.is_playing && is_past).then(|| {
        app.position.at = span.start();
        Effect::Seek(span.start())
    })
}

fn fall_asleep(app: &mut App) -> Option<Effect> {
    app.sleep.filter(|until| *until <= app.now)?;
    app.sleep = None;
    app.say("paused by the sleep timer");
    app.position.is_playing.then(|| {
        app.position.is_playing = false;
        Effect::Pause
    })
}
