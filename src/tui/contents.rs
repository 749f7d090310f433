//! Moving among what the episode consists of: the recording's chapters and the text's headings.

use super::app::{App, List};
use super::event::Effect;
use super::{jumps, lists};
use crate::episode::Chapter;
use crate::time::Timestamp;
use crate::view::Timeline;

/// Going back from further inside a chapter than this goes to its own start, in milliseconds.
const GRACE_MS: u64 = 3_000;

/// The chapter that `at` lies in, as its number.
pub(super) fn here(contents: &[Chapter], at: Timestamp) -> Option<usize> {
    contents.partition_point(|chapter| chapter.start <= at).checked_sub(1)
}

/// Goes to the chapter or heading before or after.
pub(super) fn step(app: &mut App, steps: i32) -> Vec<Effect> {
    let starts: Vec<Timestamp> = app.text.contents.iter().map(|chapter| chapter.start).collect();
    match Timeline::step_among(&starts, app.position.at, steps, GRACE_MS)
        .and_then(|at| Some((at, here(&app.text.contents, at)?)))
    {
        Some((at, chapter)) => {
            let title = app.text.contents[chapter].title.clone();
            app.say(if title.is_empty() { format!("chapter {}", chapter + 1) } else { title });
            jumps::jump(app, at)
        }
        None => {
            app.say(if starts.is_empty() {
                "there are no chapters, and no headings"
            } else {
                "there is no further chapter or heading"
            });
            Vec::new()
        }
    }
}

/// Lists them, if there are any.
pub(super) fn list(app: &mut App) {
    if app.text.contents.is_empty() {
        app.say("there are no chapters, and no headings");
    } else {
        lists::open(app, List::Contents);
    }
}
