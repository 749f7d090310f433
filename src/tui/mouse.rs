//! The mouse: a word plays from there, the bar goes there, the wheel moves the text.

use super::app::{App, Mode};
use super::event::{Effect, Mouse, MouseKind};
use super::{jumps, lists, moves};
use crate::time::Timestamp;
use crate::view::time_at;
use ratatui_core::layout::{Position, Rect};

/// Rows that a notch of the wheel moves.
const NOTCH: i64 = 3;

/// Takes in what the mouse did.
pub(super) fn used(app: &mut App, mouse: Mouse) -> Vec<Effect> {
    if let Mode::List(list, chosen) = app.mode {
        return match mouse.kind {
            MouseKind::WheelDown => over(|| lists::choose(app, list, chosen + 1)),
            MouseKind::WheelUp => over(|| lists::choose(app, list, chosen.saturating_sub(1))),
            MouseKind::Press => press_on_list(app, mouse),
            MouseKind::Drag | MouseKind::Release | MouseKind::Move => Vec::new(),
        };
    }
    let Some(regions) = app.regions() else { return Vec::new() };
    let at = Position::new(mouse.x, mouse.y);
    // The row of marks above the bar is as good as the bar.
    let bar = regions.marks.map_or(regions.bar, |marks| marks.union(regions.bar));
    point(app, bar.contains(at).then(|| time_at(regions.bar, app.length, mouse.x)));
    match mouse.kind {
        MouseKind::WheelDown if bar.contains(at) => moves::seconds(app, 5),
        MouseKind::WheelUp if bar.contains(at) => moves::seconds(app, -5),
        MouseKind::WheelDown => over(|| moves::rows(app, NOTCH)),
        MouseKind::WheelUp => over(|| moves::rows(app, -NOTCH)),
        MouseKind::Press if bar.contains(at) => {
            app.is_dragging = true;
            jumps::jump(app, time_at(regions.bar, app.length, mouse.x))
        }
        MouseKind::Press if regions.text.contains(at) => press_on_text(app, regions.text, mouse),
        MouseKind::Drag if app.is_dragging => {
            moves::seek(app, time_at(regions.bar, app.length, mouse.x))
        }
        MouseKind::Release => over(|| app.is_dragging = false),
        MouseKind::Press | MouseKind::Drag | MouseKind::Move => Vec::new(),
    }
}

/// The mouse points at this moment of the bar, or at none.
fn point(app: &mut App, at: Option<Timestamp>) {
    if app.pointed != at {
        app.pointed = at;
        app.is_stale = true;
    }
}

fn over(change: impl FnOnce()) -> Vec<Effect> {
    change();
    Vec::new()
}

fn press_on_text(app: &mut App, text: Rect, mouse: Mouse) -> Vec<Effect> {
    let row = app.top + usize::from(mouse.y - text.y);
    let Some((source, byte)) = app.text.page.byte_at(app.text.texts(), row, mouse.x - text.x)
    else {
        return Vec::new();
    };
    match app.text.time_at(source, byte) {
        Some(at) => jumps::jump_and_play(app, at),
        None => over(|| app.say("this is written but not spoken")),
    }
}

fn press_on_list(app: &mut App, mouse: Mouse) -> Vec<Effect> {
    let (area, Mode::List(list, _)) = (app.area(), &app.mode) else { return Vec::new() };
    let list = *list;
    let Some(popup) = app.popup() else { return Vec::new() };
    match popup.line_at(area, mouse.x, mouse.y) {
        Some(line) if popup.selected.is_some() => lists::take(app, list, line),
        _ if popup.covers(area, mouse.x, mouse.y) => Vec::new(),
        _ => over(|| app.mode = Mode::Reading),
    }
}
