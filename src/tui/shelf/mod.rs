//! The shelf as a program: what is on it, what was typed, which episode is chosen.
//!
//! As the reading screen it is changed by `Shelf::take` alone, and drawn by shared reference. Episodes come while it is
//! already looked at; it never knows who finds them, or what is done with the one that is chosen.

mod matching;
mod run;
#[cfg(test)]
mod tests;

pub use matching::{folded, matches, of_items};
pub use run::choose;

use super::event::{Event, Mouse, MouseKind};
use super::input::Input;
use super::keys::{Code, Key};
use crate::episode::EpisodeId;
use crate::view::{self, Foot, Item, Prompt, Theme, Where};
use ratatui_core::buffer::Buffer;
use ratatui_core::layout::Rect;

/// A longer search is nobody's title.
const MOST_TYPED: usize = 200;
/// Rows that a notch of the wheel moves.
const NOTCH: i64 = 3;

const HINT: &str = "type to search   ↑ ↓ choose   Enter plays   Tab queues   Esc leaves";
const LOW_HINT: &str = "type, Enter plays, Tab queues, Esc leaves";

/// What the shelf begins with.
#[derive(Clone, Debug)]
pub struct Setup {
    /// What is searched for from the start.
    pub search: String,
    /// What there is to say at the start: why the last episode could not be opened.
    pub note: Option<String>,
    /// How it looks.
    pub theme: &'static Theme,
}

/// What is found out while the shelf is looked at.
#[derive(Clone, Debug, PartialEq)]
pub enum News {
    /// These are the episodes, in their order, in place of those known before.
    Items(Vec<Item>),
    /// This is being done meanwhile.
    Doing(String),
    /// Something to tell.
    Note(String),
}

/// What is to be done in the world.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Effect {
    /// Leave the terminal until the program is brought back.
    Suspend,
    /// Put this into the queue, or take it out.
    Queue(Box<Item>),
}

/// How the listener left.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum End {
    /// With this episode.
    Opened(Box<Item>),
    /// Without one.
    Left,
}

/// The state of the shelf.
#[derive(Debug)]
pub(super) struct Shelf {
    items: Vec<Item>,
    /// What is searched of each, once something is.
    folded: Option<Vec<String>>,
    /// The numbers of those that are shown.
    shown: Vec<usize>,
    chosen: usize,
    top: usize,
    input: Input,
    theme: &'static Theme,
    size: (u16, u16),
    note: Option<String>,
    /// What is still being done; `None` once all is known.
    doing: Option<String>,
    /// Whether the listener has moved, so that what comes later leaves the choice alone.
    has_moved: bool,
    /// Whether Enter was pressed before there was anything to open.
    is_wanted: bool,
    is_stale: bool,
    pub(super) end: Option<End>,
}

impl Shelf {
    /// An empty one, on a screen of `size` columns and rows.
    pub(super) fn new(setup: Setup, size: (u16, u16)) -> Self {
        let mut input = Input::new(MOST_TYPED);
        input.insert(&setup.search);
        Self {
            items: Vec::new(),
            folded: None,
            shown: Vec::new(),
            chosen: 0,
            top: 0,
            input,
            theme: setup.theme,
            size,
            note: setup.note,
            doing: Some("looking".to_owned()),
            has_moved: false,
            is_wanted: false,
            is_stale: true,
            end: None,
        }
    }

    /// Takes in what happened.
    pub(super) fn take(&mut self, event: Event) -> Option<Effect> {
        match event {
            Event::Key(key) => {
                self.note = None;
                self.is_wanted = false;
                self.is_stale = true;
                return self.pressed(key);
            }
            Event::Paste(text) => {
                self.note = None;
                self.input.insert(&text);
                self.search();
            }
            Event::Mouse(mouse) => self.mouse(mouse),
            Event::Resize(width, height) => {
                self.size = (width, height);
                self.keep_in_sight();
            }
            Event::Suspend => return Some(Effect::Suspend),
            Event::Quit => self.end = Some(End::Left),
            Event::Resume | Event::Repaint => self.is_stale = true,
            // The rest is of an episode.
            _ => {}
        }
        None
    }

    /// Takes in what was found out.
    pub(super) fn learn(&mut self, news: News) {
        self.is_stale = true;
        match news {
            News::Doing(what) => self.doing = Some(what),
            // What was said before is not read yet.
            News::Note(note) => self.note = Some(self.note.take().map_or(note.clone(), |before| format!("{before} · {note}"))),
            News::Items(items) => {
                let before = self.item().filter(|_| self.has_moved).map(|item| item.id);
                self.folded = None;
                self.items = items;
                self.filter();
                self.choose_again(before);
                if std::mem::take(&mut self.is_wanted) {
                    self.open();
                }
            }
        }
    }

    /// Tells what came of what was asked.
    pub(super) fn tell(&mut self, note: String) {
        self.note = Some(note);
        self.is_stale = true;
    }

    /// Nothing more will be found out.
    pub(super) fn know_all(&mut self) {
        self.is_stale |= self.doing.take().is_some();
    }

    /// Whether more is to come.
    pub(super) fn is_waiting(&self) -> bool {
        self.doing.is_some()
    }

    /// Whether it looks different from when this was asked last.
    pub(super) fn take_stale(&mut self) -> bool {
        std::mem::take(&mut self.is_stale)
    }

    pub(super) fn area(&self) -> Rect {
        Rect::new(0, 0, self.size.0, self.size.1)
    }

    fn item(&self) -> Option<&Item> {
        self.items.get(*self.shown.get(self.chosen)?)
    }

    fn pressed(&mut self, key: Key) -> Option<Effect> {
        let page = view::shelf_rows(self.area()).saturating_sub(1).max(1) as i64;
        match (key.code, key.ctrl) {
            (Code::Char('c'), true) => self.end = Some(End::Left),
            (Code::Char('z'), true) => return Some(Effect::Suspend),
            (Code::Esc, _) if self.input.text().is_empty() => self.end = Some(End::Left),
            (Code::Esc, _) => {
                self.input = Input::new(MOST_TYPED);
                self.search();
            }
            (Code::Enter, _) => self.open(),
            (Code::Tab, _) => return self.item().cloned().map(|item| Effect::Queue(Box::new(item))),
            (Code::Up, _) | (Code::Char('p'), true) => self.step(-1),
            (Code::Down, _) | (Code::Char('n'), true) => self.step(1),
            (Code::PageUp, _) => self.step(-page),
            (Code::PageDown, _) => self.step(page),
            (Code::Home, _) => self.step(i64::MIN / 2),
            (Code::End, _) => self.step(i64::MAX / 2),
            _ => {
                let before = self.input.text().to_owned();
                self.input.take(key);
                if self.input.text() != before {
                    self.search();
                }
            }
        }
        None
    }

    fn mouse(&mut self, mouse: Mouse) {
        match mouse.kind {
            MouseKind::WheelUp => self.step(-NOTCH),
            MouseKind::WheelDown => self.step(NOTCH),
            MouseKind::Press => {
                let at = self.picture("", "", Foot::Hint("")).at(self.area(), mouse.x, mouse.y);
                match at {
                    // The second click on an episode opens it.
                    Some(index) if index == self.chosen && self.has_moved => self.open(),
                    Some(index) => self.choose(index),
                    None => {}
                }
            }
            MouseKind::Drag | MouseKind::Release | MouseKind::Move => {}
        }
    }

    fn step(&mut self, by: i64) {
        let last = self.shown.len().saturating_sub(1) as i64;
        self.choose(usize::try_from((self.chosen as i64).saturating_add(by).clamp(0, last)).unwrap_or(0));
    }

    fn choose(&mut self, index: usize) {
        self.chosen = index;
        self.has_moved = true;
        self.is_stale = true;
        self.keep_in_sight();
    }

    fn keep_in_sight(&mut self) {
        let rows = view::shelf_rows(self.area()).max(1);
        let most = self.shown.len().saturating_sub(rows);
        self.top = self.top.clamp((self.chosen + 1).saturating_sub(rows), self.chosen).min(most);
        self.is_stale = true;
    }

    /// Shows what fits what was typed; the first of it is chosen.
    fn search(&mut self) {
        self.filter();
        self.has_moved = false;
        self.choose_again(None);
    }

    fn filter(&mut self) {
        let wanted = folded(self.input.text());
        if wanted.trim().is_empty() {
            self.shown = (0..self.items.len()).collect();
            return;
        }
        let folded = self.folded.get_or_insert_with(|| of_items(&self.items));
        self.shown = folded.iter().enumerate().filter(|(_, text)| matches(text, &wanted)).map(|(index, _)| index).collect();
    }

    fn choose_again(&mut self, before: Option<EpisodeId>) {
        let same = before.and_then(|id| self.shown.iter().position(|index| self.items[*index].id == id));
        self.chosen = same.unwrap_or(0);
        self.keep_in_sight();
    }

    fn open(&mut self) {
        let Some(item) = self.item() else {
            self.is_wanted = self.is_waiting();
            return;
        };
        if item.place.is_there() {
            self.end = Some(End::Opened(Box::new(item.clone())));
            return;
        }
        self.note = Some(match &item.place {
            Where::Missing(path) => {
                format!("`{}` is not there any more; `aloud library relink FOLDER` finds it where it lies now", path.display())
            }
            _ => "nobody knows where its file lies; `aloud library relink FOLDER` finds it".to_owned(),
        });
        self.is_stale = true;
    }

    fn picture<'a>(&'a self, state: &'a str, empty: &'a str, foot: Foot<'a>) -> view::Shelf<'a> {
        let (items, shown) = (&self.items, &self.shown);
        view::Shelf { theme: self.theme, items, shown, chosen: self.chosen, top: self.top, state, empty, foot }
    }

    /// Draws it into `buffer`. Returns where the cursor belongs while something is typed.
    pub(super) fn draw(&self, buffer: &mut Buffer) -> Option<(u16, u16)> {
        let n = self.items.len();
        let count = if n == 1 { "1 episode".to_owned() } else { format!("{n} episodes") };
        let is_searched = !self.input.text().trim().is_empty();
        let count = if is_searched { format!("{} of {count}", self.shown.len()) } else { count };
        let state = self.doing.as_ref().map_or_else(|| count.clone(), |doing| format!("{count} · {doing} …"));
        let empty = match (is_searched, self.is_waiting()) {
            (_, true) => "looking for episodes …",
            (true, false) => "no episode has this in its title, show or name",
            (false, false) => "nothing here yet",
        };
        let (before, after) = self.input.halves();
        let foot = match &self.note {
            Some(note) => Foot::Note(note),
            None if self.input.text().is_empty() => Foot::Hint(if self.size.0 < 60 { LOW_HINT } else { HINT }),
            None => Foot::Prompt(Prompt { label: "search:", before, after, answer: "Enter plays, Esc clears" }),
        };
        self.picture(&state, empty, foot).draw(buffer)
    }
}
