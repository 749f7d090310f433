//! What is written to files when the listener asks: texts, bookmarks, the sentence being spoken as
//! sound.

use super::app::App;
use super::event::Effect;
use super::screen::ExportItem;
use super::{bookmarks, moves};

/// Writes what was chosen.
pub(super) fn write(app: &mut App, item: ExportItem) -> Vec<Effect> {
    match item {
        ExportItem::As(format) => vec![Effect::Export(format)],
        ExportItem::Bookmarks => {
            vec![Effect::ExportBookmarks(bookmarks::markdown(&app.title, &app.bookmarks))]
        }
        ExportItem::Clip => clip(app),
    }
}

/// The sentence being spoken as sound.
pub(super) fn clip(app: &mut App) -> Vec<Effect> {
    match moves::current(app) {
        Some((_, span)) => vec![Effect::Clip(span)],
        None => nothing_said(app),
    }
}

/// Says that there is no sentence to do anything with.
pub(super) fn nothing_said(app: &mut App) -> Vec<Effect> {
    app.say("nothing is spoken here");
    Vec::new()
}
