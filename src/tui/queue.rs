//! What is heard after this episode, as the screen shows it. Whoever keeps the queue changes it;
//! here is only asked for that.

use super::app::{App, List, Mode};
use super::event::Effect;
use super::lists;
use super::update::quit;
use crate::time::Timestamp;

/// What is said where there is none.
pub(super) const EMPTY: &str = "the queue is empty: `aloud queue add`, or Tab on the shelf";

/// An episode in the queue.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Queued {
    /// Its number for as long as it is in the queue, whatever moves.
    pub number: u32,
    /// What it is called.
    pub title: String,
    /// How long it is.
    pub length: Option<Timestamp>,
    /// Whether it is the one that is played, or was last.
    pub is_here: bool,
}

/// A change of the queue.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Change {
    /// The episode of this number so many places on, or back.
    Move(u32, i32),
    /// Without the episode of this number.
    Remove(u32),
}

/// The place of the episode that is played, in a queue where it has one.
fn here(queue: &[Queued]) -> Option<usize> {
    queue.iter().position(|queued| queued.is_here)
}

/// What is played after this: what stands behind it, or the first where it is none of the queue.
pub(super) fn next(queue: &[Queued]) -> Option<&Queued> {
    queue.get(here(queue).map_or(0, |here| here + 1))
}

fn previous(queue: &[Queued]) -> Option<&Queued> {
    queue.get(here(queue)?.checked_sub(1)?)
}

/// Leaves for the next episode of the queue, or the one before.
pub(super) fn step(app: &mut App, is_on: bool) -> Vec<Effect> {
    match if is_on { next(&app.queue) } else { previous(&app.queue) }.map(|queued| queued.number) {
        Some(number) => leave_for(app, number),
        None => {
            app.say(if app.queue.is_empty() { EMPTY } else { "the queue has no more that way" });
            Vec::new()
        }
    }
}

/// Leaves for an episode of the queue.
pub(super) fn leave_for(app: &mut App, number: u32) -> Vec<Effect> {
    app.wants = Some(super::Wants::Queued(number));
    quit(app)
}

/// All was heard: on to the next episode, where there is one.
pub(super) fn over(app: &mut App, queue: Vec<Queued>) -> Vec<Effect> {
    replace(app, queue);
    match next(&app.queue).map(|queued| queued.number) {
        Some(number) => leave_for(app, number),
        None => {
            say_end(app);
            Vec::new()
        }
    }
}

/// Says that all was heard.
pub(super) fn say_end(app: &mut App) {
    let key = app.keys.shown("toggle");
    app.say(format!("the end; {key} begins again"));
}

/// Asks to move the episode of the chosen line.
pub(super) fn shift(app: &App, chosen: usize, by: i32) -> Vec<Effect> {
    app.queue
        .get(chosen)
        .map(|queued| Effect::Arrange(Change::Move(queued.number, by)))
        .into_iter()
        .collect()
}

/// Asks to take the episode of the chosen line away.
pub(super) fn remove(app: &App, chosen: usize) -> Vec<Effect> {
    app.queue
        .get(chosen)
        .map(|queued| Effect::Arrange(Change::Remove(queued.number)))
        .into_iter()
        .collect()
}

/// Takes in how the queue is now. The chosen line keeps its episode, wherever that is.
pub(super) fn replace(app: &mut App, queue: Vec<Queued>) {
    let before = std::mem::replace(&mut app.queue, queue);
    let Mode::List(List::Queue, chosen) = app.mode else { return };
    if app.queue.is_empty() {
        app.mode = Mode::Reading;
        return;
    }
    let number = before.get(chosen).map(|queued| queued.number);
    let place = app.queue.iter().position(|queued| Some(queued.number) == number);
    lists::choose(app, List::Queue, place.unwrap_or(chosen));
}
