//! The shelf as a program: what is on it, what was typed, which episode is chosen.
//!
//! As the reading screen it is changed by `Shelf::take` alone, and drawn by shared reference.
//! Episodes come while it is already looked at; it never knows who finds them, or what is done with
//! the one that is chosen.

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
use crate::view::{self, Foot, Item, Line, Popup, Prompt, Theme, Where};
use ratatui_core::buffer::Buffer;
use ratatui_core::layout::Rect;

/// A longer search is nobody's title.
const MOST_TYPED: usize = 200;
/// Rows that a notch of the wheel moves.
const NOTCH: i64 = 3;
/// Cells of a title in a line that says what is done with it.
const MOST_NAMED: usize = 24;

/// Every key, and what it does.
const KEYS: &[(&str, &str)] = &[
    ("a b c …", "searches titles, shows and file names"),
    ("↑ ↓", "choose; also Ctrl-P, Ctrl-N, the wheel"),
    ("PgUp PgDn", "choose a screen further"),
    ("Home End", "choose the first, the last"),
    ("Enter", "plays; fetches first what is not here"),
    ("Tab", "into the queue, or out of it"),
    ("Ctrl-T", "shows what is in hand, new, or all"),
    ("Ctrl-R", "asks the feeds of shows for new entries"),
    ("Esc", "stops what is fetched, clears the search, goes back"),
    ("Ctrl-C", "stops what is fetched, or leaves"),
    ("? F1", "this list"),
];

/// What is shown of the shelf.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum List {
    /// What can be heard at once.
    #[default]
    InHand,
    /// What came lately to shows that are followed, and is not fetched yet.
    New,
    /// What is in hand, and behind it whatever else shows have.
    All,
}

impl List {
    const ALL: [Self; 3] = [Self::InHand, Self::New, Self::All];

    fn name(self) -> &'static str {
        match self {
            Self::InHand => "in hand",
            Self::New => "new",
            Self::All => "all",
        }
    }

    fn has(self, item: &Item) -> bool {
        match self {
            Self::InHand => !item.is_away(),
            Self::New => item.is_new(),
            Self::All => true,
        }
    }

    fn next(self) -> Self {
        match self {
            Self::InHand => Self::New,
            Self::New => Self::All,
            Self::All => Self::InHand,
        }
    }
}

/// What the shelf begins with.
#[derive(Clone, Debug)]
pub struct Setup {
    /// What is searched for from the start.
    pub search: String,
    /// Which list is shown from the start.
    pub list: List,
    /// What there is to say at the start: why the last episode could not be opened.
    pub note: Option<String>,
    /// Whether something was heard before, which Esc goes back to.
    pub goes_back: bool,
    /// How it looks.
    pub theme: &'static Theme,
}

/// What is found out while the shelf is looked at.
#[derive(Clone, Debug, PartialEq)]
pub enum News {
    /// These are the episodes, in their order, in place of those known before: what is in hand
    /// first.
    Items(Vec<Item>),
    /// This is being done meanwhile.
    Doing(String),
    /// Something to tell.
    Note(String),
    /// All is known.
    Known,
    /// What was asked for is so far.
    Step(String),
    /// What was asked for is done, or has failed; what there is to tell of it.
    Over(Option<String>),
    /// What was asked for is here.
    Here(Box<Item>),
}

/// Who does in the world what the shelf asks for, beside it. What comes of it comes as [`News`].
pub trait Supplier {
    /// Puts an episode into the queue, or takes it out; what is told of that.
    fn queue(&self, item: &Item) -> String;
    /// Fetches an episode. It ends with [`News::Here`] or [`News::Over`].
    fn fetch(&self, item: &Item);
    /// Asks all feeds for new entries. It ends with [`News::Over`].
    fn update(&self);
    /// Stops what was asked for last.
    fn cancel(&self);
}

/// What is to be done in the world.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Effect {
    /// Leave the terminal until the program is brought back.
    Suspend,
    /// Put this into the queue, or take it out.
    Queue(Box<Item>),
    /// Fetch this.
    Fetch(Box<Item>),
    /// Ask all feeds for new entries.
    Update,
    /// Stop that.
    Cancel,
}

/// How the listener left.
#[derive(Clone, Debug, PartialEq)]
pub enum End {
    /// With this episode.
    Opened(Box<Item>),
    /// Back to what was heard before.
    Back,
    /// The program.
    Left,
}

/// What was asked for and is being done.
#[derive(Clone, Debug)]
struct Work {
    /// What it is, in words.
    what: String,
    /// How far it is.
    step: String,
    /// What is being fetched; `None` where feeds are asked.
    item: Option<EpisodeId>,
    is_cancelled: bool,
}

/// The state of the shelf.
#[derive(Debug)]
pub(super) struct Shelf {
    items: Vec<Item>,
    goes_back: bool,
    /// What is searched of each, once something is.
    folded: Option<Vec<String>>,
    list: List,
    /// Whether the listener chose the list.
    is_list_chosen: bool,
    /// Whether shows are followed that have more than is in hand.
    has_lists: bool,
    /// How many each list would show.
    counts: [usize; 3],
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
    work: Option<Work>,
    /// The first line of the list of keys that is seen, while that is open.
    help: Option<usize>,
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
            goes_back: setup.goes_back,
            folded: None,
            list: setup.list,
            is_list_chosen: setup.list != List::default(),
            has_lists: false,
            counts: [0; 3],
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
            work: None,
            help: None,
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
            Event::Mouse(mouse) => return self.mouse(mouse),
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
    pub(super) fn learn(&mut self, news: News) -> Option<Effect> {
        self.is_stale = true;
        match news {
            News::Doing(what) => self.doing = Some(what),
            News::Note(note) => self.add_note(&note),
            News::Items(items) => {
                let before = self.item().filter(|_| self.has_moved).map(|item| item.id);
                self.folded = None;
                self.has_lists = items.iter().any(Item::is_away);
                self.items = items;
                self.filter();
                self.begin_somewhere();
                self.choose_again(before);
                if std::mem::take(&mut self.is_wanted) {
                    return self.open();
                }
            }
            News::Known => self.doing = None,
            News::Step(step) => self.work.iter_mut().for_each(|work| work.step.clone_from(&step)),
            News::Over(note) => {
                self.work = None;
                note.iter().for_each(|note| self.add_note(note));
            }
            News::Here(item) => {
                // Whoever has changed his mind meanwhile stays.
                let is_wanted = self.work.take().is_some_and(|work| !work.is_cancelled);
                self.end = is_wanted.then_some(End::Opened(item)).or(self.end.take());
            }
        }
        None
    }

    fn add_note(&mut self, note: &str) {
        // What was said before is not read yet.
        self.note = Some(
            self.note.take().map_or_else(|| note.to_owned(), |before| format!("{before} · {note}")),
        );
    }

    /// Where nothing is in hand, what shows have is shown, unless the listener says otherwise.
    fn begin_somewhere(&mut self) {
        let is_asked = self.is_list_chosen || self.has_moved || !self.input.text().is_empty();
        if is_asked || self.counts[List::InHand as usize] > 0 && self.list == List::InHand {
            return;
        }
        self.list =
            List::ALL.into_iter().find(|list| self.counts[*list as usize] > 0).unwrap_or_default();
        self.filter();
    }

    /// Tells what came of what was asked.
    pub(super) fn tell(&mut self, note: String) {
        self.note = Some(note);
        self.is_stale = true;
    }

    /// Whether more is to come.
    pub(super) fn is_waiting(&self) -> bool {
        self.doing.is_some() || self.work.is_some()
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
        if self.help.is_some() {
            return self.pressed_over_help(key);
        }
        let page = view::shelf_rows(self.area()).saturating_sub(1).max(1) as i64;
        match (key.code, key.ctrl) {
            (Code::Char('z'), true) => return Some(Effect::Suspend),
            (Code::Char('c'), true) | (Code::Esc, _) if self.may_cancel() => return self.cancel(),
            (Code::Char('c'), true) => self.end = Some(End::Left),
            (Code::Esc, _) if self.input.text().is_empty() => {
                self.end = Some(if self.goes_back { End::Back } else { End::Left });
            }
            (Code::Esc, _) => {
                self.input = Input::new(MOST_TYPED);
                self.search();
            }
            (Code::Enter, _) => return self.open(),
            (Code::Tab, _) => {
                return self.item().cloned().map(|item| Effect::Queue(Box::new(item)));
            }
            (Code::Char('t'), true) => self.turn_to(self.list.next()),
            (Code::Char('r'), true) => return self.update(),
            (Code::F(1), _) => self.help = Some(0),
            (Code::Char('?'), _) if self.input.text().is_empty() => self.help = Some(0),
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

    /// The list of keys is scrolled; any other key takes it away.
    fn pressed_over_help(&mut self, key: Key) -> Option<Effect> {
        let last = self.help().last_scroll(self.area());
        self.help = match (key.code, key.ctrl) {
            (Code::Char('z'), true) => return Some(Effect::Suspend),
            (Code::Up, _) => self.help.map(|top| top.saturating_sub(1)),
            (Code::Down, _) => self.help.map(|top| (top + 1).min(last)),
            _ => None,
        };
        None
    }

    /// Whether there is something to stop that was not stopped yet.
    fn may_cancel(&self) -> bool {
        self.work.as_ref().is_some_and(|work| !work.is_cancelled)
    }

    fn cancel(&mut self) -> Option<Effect> {
        self.work.iter_mut().for_each(|work| work.is_cancelled = true);
        Some(Effect::Cancel)
    }

    fn update(&mut self) -> Option<Effect> {
        if let Some(work) = &self.work {
            self.note = Some(format!("{}; Esc stops that", work.what));
            return None;
        }
        self.work = Some(Work {
            what: "asking the feeds".to_owned(),
            step: String::new(),
            item: None,
            is_cancelled: false,
        });
        Some(Effect::Update)
    }

    fn turn_to(&mut self, list: List) {
        if !self.has_lists {
            self.note = Some("shows that are followed have nothing more; `aloud feed add URL` follows one, Ctrl-R asks them".to_owned());
            return;
        }
        self.list = list;
        self.is_list_chosen = true;
        self.search();
    }

    fn mouse(&mut self, mouse: Mouse) -> Option<Effect> {
        match mouse.kind {
            MouseKind::Press if self.help.take().is_some() => self.is_stale = true,
            MouseKind::WheelUp => self.step(-NOTCH),
            MouseKind::WheelDown => self.step(NOTCH),
            MouseKind::Press => {
                let tabs = self.tabs();
                let picture = self.picture(Words { tabs: &tabs, ..Words::default() });
                let (area, x, y) = (self.area(), mouse.x, mouse.y);
                match (picture.tab_at(area, x, y), picture.at(area, x, y)) {
                    (Some(tab), _) => self.turn_to(List::ALL[tab]),
                    // The second click on an episode opens it.
                    (None, Some(index)) if index == self.chosen && self.has_moved => {
                        return self.open();
                    }
                    (None, Some(index)) => self.choose(index),
                    (None, None) => {}
                }
            }
            MouseKind::Drag | MouseKind::Release | MouseKind::Move => {}
        }
        None
    }

    fn step(&mut self, by: i64) {
        let last = self.shown.len().saturating_sub(1) as i64;
        self.choose(
            usize::try_from((self.chosen as i64).saturating_add(by).clamp(0, last)).unwrap_or(0),
        );
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
        let is_all = wanted.trim().is_empty();
        let texts: &[String] =
            if is_all { &[] } else { self.folded.get_or_insert_with(|| of_items(&self.items)) };
        self.counts = [0; 3];
        self.shown.clear();
        for (index, item) in self.items.iter().enumerate() {
            if !is_all && !matches(&texts[index], &wanted) {
                continue;
            }
            for (count, list) in self.counts.iter_mut().zip(List::ALL) {
                *count += usize::from(list.has(item));
            }
            if self.list.has(item) {
                self.shown.push(index);
            }
        }
    }

    fn choose_again(&mut self, before: Option<EpisodeId>) {
        let same =
            before.and_then(|id| self.shown.iter().position(|index| self.items[*index].id == id));
        self.chosen = same.unwrap_or(0);
        self.keep_in_sight();
    }

    fn open(&mut self) -> Option<Effect> {
        self.is_stale = true;
        let Some(item) = self.item() else {
            self.is_wanted = self.doing.is_some();
            return None;
        };
        if item.entry.is_some() {
            let work = self.work.as_ref().filter(|work| work.item.is_some());
            if let Some(work) = work {
                let is_it = work.item == Some(item.id);
                self.note = (!is_it)
                    .then(|| format!("{}; Esc stops that, and what came of it stays", work.what));
                return None;
            }
            let effect = Effect::Fetch(Box::new(item.clone()));
            let what = format!("fetching “{}”", view::clip(&item.title, MOST_NAMED));
            // Feeds that are being asked can be asked another time.
            self.work =
                Some(Work { what, step: String::new(), item: Some(item.id), is_cancelled: false });
            return Some(effect);
        }
        if item.place.is_there() {
            self.end = Some(End::Opened(Box::new(item.clone())));
            return None;
        }
        self.note = Some(match &item.place {
            Where::Missing(path) => {
                format!(
                    "`{}` is not there any more; `aloud library relink FOLDER` finds it where it lies now",
                    path.display()
                )
            }
            _ => "nobody knows where its file lies; `aloud library relink FOLDER` finds it"
                .to_owned(),
        });
        None
    }

    fn tabs(&self) -> Vec<String> {
        if !self.has_lists {
            return Vec::new();
        }
        List::ALL
            .iter()
            .map(|list| format!("{} {}", list.name(), self.counts[*list as usize]))
            .collect()
    }

    fn help(&self) -> Popup<'static> {
        let line = |(key, text): &(&str, &str)| Line {
            key: (*key).to_owned(),
            text: (*text).to_owned(),
            ..Line::default()
        };
        let scroll = self.help.unwrap_or_default();
        Popup {
            title: "The shelf",
            lines: KEYS.iter().map(line).collect(),
            selected: None,
            scroll,
            footer: "any key closes",
        }
    }

    /// What one could do, as much of it as fits.
    fn hint(&self) -> String {
        let enter =
            if self.item().is_some_and(Item::is_away) { "Enter fetches" } else { "Enter plays" };
        let list = format!("Ctrl-T shows {}", self.list.next().name());
        // What goes first where there is no room has the highest number.
        let mut parts =
            vec![(4, "type to search"), (7, "↑ ↓ choose"), (0, enter), (3, "Tab queues")];
        if self.has_lists {
            parts.extend([(1, list.as_str()), (5, "Ctrl-R asks feeds")]);
        }
        parts.extend([
            (2, "? help"),
            (6, if self.goes_back { "Esc goes back" } else { "Esc leaves" }),
        ]);
        let room = usize::from(self.size.0).saturating_sub(4);
        let air = if self.size.0 < 60 { "  " } else { "   " };
        loop {
            let line = parts.iter().map(|(_, part)| *part).collect::<Vec<_>>().join(air);
            let last = parts.iter().map(|(rank, _)| *rank).max().filter(|rank| *rank > 0);
            match last.filter(|_| view::width(&line) > room) {
                Some(last) => parts.retain(|(rank, _)| *rank != last),
                None => return line,
            }
        }
    }

    fn picture<'a>(&'a self, words: Words<'a>) -> view::Shelf<'a> {
        let (items, shown) = (&self.items, &self.shown);
        let Words { state, empty, tabs, foot } = words;
        let popup = self.help.map(|_| self.help());
        let (theme, chosen, top, tab) = (self.theme, self.chosen, self.top, self.list as usize);
        view::Shelf { theme, items, shown, chosen, top, state, tabs, tab, empty, foot, popup }
    }

    /// Draws it into `buffer`. Returns where the cursor belongs while something is typed.
    pub(super) fn draw(&self, buffer: &mut Buffer) -> Option<(u16, u16)> {
        let is_searched = !self.input.text().trim().is_empty();
        let n = self.items.len();
        let count = if n == 1 { "1 episode".to_owned() } else { format!("{n} episodes") };
        let count = if is_searched { format!("{} of {count}", self.shown.len()) } else { count };
        let tabs = self.tabs();
        let count = if tabs.is_empty() { count } else { String::new() };
        let doing = self.doing.as_ref().map(|doing| format!("{doing} …"));
        let state = [Some(count).filter(|count| !count.is_empty()), doing]
            .into_iter()
            .flatten()
            .collect::<Vec<_>>()
            .join(" · ");
        let empty = self.empty(is_searched);
        let (before, after) = self.input.halves();
        let (hint, work) = (self.hint(), self.work.as_ref().map(Work::words).unwrap_or_default());
        let answer = match &self.work {
            Some(work) => work.in_short(),
            None if self.item().is_some_and(Item::is_away) => {
                "Enter fetches, Esc clears".to_owned()
            }
            None => "Enter plays, Esc clears".to_owned(),
        };
        let foot = match &self.note {
            Some(note) => Foot::Note(note),
            None if !self.input.text().is_empty() => {
                Foot::Prompt(Prompt { label: "search:", before, after, answer: &answer })
            }
            None if self.work.is_some() => Foot::Note(&work),
            None => Foot::Hint(&hint),
        };
        self.picture(Words { state: &state, empty: &empty, tabs: &tabs, foot }).draw(buffer)
    }

    /// What is said where nothing is shown.
    fn empty(&self, is_searched: bool) -> String {
        let [in_hand, new, all] = self.counts;
        let nothing = match (is_searched, self.list) {
            _ if self.doing.is_some() && all == 0 => return "looking for episodes …".to_owned(),
            (true, _) if all == 0 => {
                return "no episode has this in its title, show or name".to_owned();
            }
            (false, _) if all == 0 => return "nothing here yet".to_owned(),
            (true, List::InHand) => "nothing in hand has this in its title, show or name",
            (true, List::New | List::All) => "nothing new has this in its title or show",
            (false, List::InHand) => "nothing is in hand yet",
            (false, List::New | List::All) => "nothing is new",
        };
        let elsewhere = if self.list == List::InHand && new > 0 {
            format!("{new} new")
        } else if self.list == List::New && in_hand > 0 {
            format!("{in_hand} in hand, {all} in all")
        } else {
            format!("{all} in all")
        };
        format!("{nothing}\n{elsewhere}: Ctrl-T shows them")
    }
}

impl Work {
    fn words(&self) -> String {
        let step = if self.step.is_empty() { String::new() } else { format!(": {}", self.step) };
        format!("{}{step} · {}", self.what, self.way())
    }

    /// Beside what is typed.
    fn in_short(&self) -> String {
        if self.step.is_empty() {
            self.way().to_owned()
        } else {
            format!("{} · {}", self.step, self.way())
        }
    }

    fn way(&self) -> &'static str {
        if self.is_cancelled { "stopping" } else { "Esc stops" }
    }
}

/// What is written around the list.
struct Words<'a> {
    state: &'a str,
    empty: &'a str,
    tabs: &'a [String],
    foot: Foot<'a>,
}

impl Default for Words<'_> {
    fn default() -> Self {
        Self { state: "", empty: "", tabs: &[], foot: Foot::Hint("") }
    }
}
