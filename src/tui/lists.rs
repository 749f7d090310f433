//! Windows: the keys, the bookmarks, what can be written.

use super::app::{App, List, Mode};
use super::event::Effect;
use super::keys::{Action, Code, Key};
use super::screen::ExportItem;
use super::{contents, jumps, moves, queue, writing};

/// Opens a window, if there is anything in it.
pub(super) fn open(app: &mut App, list: List) {
    if list == List::Messages && app.messages.past().is_empty() {
        app.say("nothing was told so far");
        return;
    }
    if list == List::Bookmarks && app.bookmarks.is_empty() {
        let key = app.keys.shown("bookmark");
        app.say(format!("no bookmarks yet; {key} sets one"));
        return;
    }
    if list == List::Queue && app.queue.is_empty() {
        app.say(queue::EMPTY);
        return;
    }
    // Of the bookmarks the one that was passed last.
    let chosen = match list {
        List::Bookmarks => app
            .bookmarks
            .partition_point(|bookmark| bookmark.at <= app.position.at)
            .saturating_sub(1),
        List::Contents => contents::here(&app.text.contents, app.position.at).unwrap_or(0),
        List::Help | List::Export => 0,
        List::Queue => app.queue.iter().position(|queued| queued.is_here).unwrap_or(0),
        // The newest stand at the end.
        List::Messages => usize::MAX,
    };
    app.mode = Mode::List(list, 0);
    choose(app, list, chosen);
}

/// A key while a window is open.
pub(super) fn pressed(app: &mut App, key: Key) -> Vec<Effect> {
    let Mode::List(list, chosen) = app.mode else { return Vec::new() };
    let page = app.popup().map_or(1, |popup| popup.rows(app.area()).saturating_sub(1).max(1));
    match (key.code, key.ctrl) {
        (Code::Char('j') | Code::Down, false) => choose(app, list, chosen + 1),
        (Code::Char('k') | Code::Up, false) => choose(app, list, chosen.saturating_sub(1)),
        (Code::PageDown, _) => choose(app, list, chosen + page),
        (Code::PageUp, _) => choose(app, list, chosen.saturating_sub(page)),
        (Code::Char('d'), true) => choose(app, list, chosen + page.div_ceil(2)),
        (Code::Char('u'), true) => choose(app, list, chosen.saturating_sub(page.div_ceil(2))),
        (Code::Home, _) => choose(app, list, 0),
        (Code::End | Code::Char('G'), false) => choose(app, list, usize::MAX),
        (Code::Enter, _) => return take(app, list, chosen),
        (Code::Char('d') | Code::Delete, false) if list == List::Bookmarks => {
            return delete(app, chosen);
        }
        (Code::Char('e'), false) if list == List::Bookmarks => {
            return writing::write(app, ExportItem::Bookmarks);
        }
        (Code::Char('d') | Code::Delete, false) if list == List::Queue => {
            return queue::remove(app, chosen);
        }
        (Code::Char('J'), false) if list == List::Queue => return queue::shift(app, chosen, 1),
        (Code::Char('K'), false) if list == List::Queue => return queue::shift(app, chosen, -1),
        (Code::Esc | Code::Char('q'), false) | (Code::Char('c'), true) => app.mode = Mode::Reading,
        // What opened the window closes it, and sound can be held and heard meanwhile.
        _ => match (app.keys.action(key), list) {
            (Some(Action::Help), List::Help)
            | (Some(Action::Bookmarks), List::Bookmarks)
            | (Some(Action::Export), List::Export)
            | (Some(Action::Contents), List::Contents)
            | (Some(Action::Queue), List::Queue)
            | (Some(Action::Messages), List::Messages) => {
                app.mode = Mode::Reading;
            }
            (Some(Action::Toggle), _) => return moves::toggle(app),
            _ => {}
        },
    }
    Vec::new()
}

/// Chooses a line, as far as there are any.
pub(super) fn choose(app: &mut App, list: List, line: usize) {
    let last = app.popup().map_or(0, |popup| match popup.selected {
        Some(_) => popup.lines.len().saturating_sub(1),
        None => popup.last_scroll(app.area()),
    });
    app.mode = Mode::List(list, line.min(last));
}

/// Does what the chosen line stands for.
pub(super) fn take(app: &mut App, list: List, chosen: usize) -> Vec<Effect> {
    app.mode = Mode::Reading;
    match list {
        List::Help | List::Messages => Vec::new(),
        List::Bookmarks => match app.bookmarks.get(chosen).map(|bookmark| bookmark.at) {
            Some(at) => jumps::jump(app, at),
            None => Vec::new(),
        },
        List::Contents => match app.text.contents.get(chosen).map(|chapter| chapter.start) {
            Some(at) => jumps::jump(app, at),
            None => Vec::new(),
        },
        List::Queue => {
            match app.queue.get(chosen).filter(|queued| !queued.is_here).map(|queued| queued.number)
            {
                Some(number) => queue::leave_for(app, number),
                None => Vec::new(),
            }
        }
        List::Export => {
            ExportItem::all().get(chosen).map_or_else(Vec::new, |item| writing::write(app, *item))
        }
    }
}

fn delete(app: &mut App, chosen: usize) -> Vec<Effect> {
    if chosen >= app.bookmarks.len() {
        return Vec::new();
    }
    app.bookmarks.remove(chosen);
    app.mark_bookmarks();
    if app.bookmarks.is_empty() {
        app.mode = Mode::Reading;
    } else {
        choose(app, List::Bookmarks, chosen);
    }
    vec![Effect::Keep(app.bookmarks.clone())]
}
