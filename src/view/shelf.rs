//! The shelf: lists of episodes, the line in which one is searched for, and what is known of the
//! chosen one.

use super::cells;
use super::theme::Theme;
use super::{Foot, Popup, ROOMY, SMALLEST, draw_header, draw_too_small};
use crate::episode::EpisodeId;
use crate::time::Timestamp;
use ratatui_core::buffer::Buffer;
use ratatui_core::layout::{Position, Rect};
use ratatui_core::style::Style;
use std::path::{Path, PathBuf};

/// Whether who stopped at `at` has heard all of a recording of this length, but for the last
/// seconds. Behind the end the length was a false guess, and nobody knows.
pub fn is_heard(at: Timestamp, length: Timestamp) -> bool {
    const REST_MS: u64 = 5_000;
    at.millis().abs_diff(length.millis()) <= REST_MS
}

/// From this width on the show has a column of its own, which text there is, and the length; what
/// has none is told below the list.
const WIDE: u16 = 100;
const WITH_TEXT: u16 = 60;
const WITH_LENGTH: u16 = 48;
/// The widths of the columns behind the title.
const SHOW: u16 = 26;
const LENGTH: u16 = 8;
const HEARD: u16 = 10;
const TEXT: u16 = 5;
/// Between two columns.
const AIR: u16 = 2;
/// Between the names of two lists, which have room for a bracket on both sides.
const TABS_AIR: u16 = 1;

/// An episode as the shelf shows it.
#[derive(Clone, Debug, PartialEq)]
pub struct Item {
    /// Which one.
    pub id: EpisodeId,
    /// What it is called.
    pub title: String,
    /// The show that it is of.
    pub show: Option<String>,
    /// How long it is.
    pub length: Option<Timestamp>,
    /// Where listening stopped; `None` where nobody listened.
    pub at: Option<Timestamp>,
    /// Which text there is.
    pub text: Text,
    /// Where its recording lies.
    pub place: Where,
    /// The entry of a show that brings it; `None` for what is here with all that the show has of
    /// it, and what is of no show.
    pub entry: Option<Box<Entry>>,
}

/// An entry of a show that is followed, of which something is still to be fetched.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// What the show is known by.
    pub show: EpisodeId,
    /// What the entry is known by in it.
    pub id: String,
    /// The day on which it was published; empty where nobody knows.
    pub day: String,
    /// Whether it came lately.
    pub is_new: bool,
    /// How much there is to fetch, in words; empty where nobody knows.
    pub size: String,
}

/// Which text an episode has.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub enum Text {
    /// None so far.
    #[default]
    None,
    /// What was said.
    Said,
    /// An article, of which this share is read.
    Tied(f64),
}

/// Where a recording lies.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Where {
    /// Nobody knows.
    #[default]
    Unknown,
    /// There.
    File(PathBuf),
    /// It lay there, and does no more.
    Missing(PathBuf),
    /// In the program itself.
    BuiltIn,
}

impl Where {
    /// Its path, where it has or had one.
    pub fn path(&self) -> Option<&Path> {
        match self {
            Self::File(path) | Self::Missing(path) => Some(path),
            Self::Unknown | Self::BuiltIn => None,
        }
    }

    /// Whether it can be opened.
    pub fn is_there(&self) -> bool {
        matches!(self, Self::File(_) | Self::BuiltIn)
    }
}

impl Item {
    /// Whether it has to be fetched first.
    pub fn is_away(&self) -> bool {
        self.entry.is_some() && !self.place.is_there()
    }

    /// Whether it came lately and has to be fetched first.
    pub fn is_new(&self) -> bool {
        self.is_away() && self.entry.as_ref().is_some_and(|entry| entry.is_new)
    }

    /// How far it was heard, in few letters: a share, `heard`, or nothing.
    pub fn heard(&self) -> String {
        let at = self.at.filter(|at| *at > Timestamp::ZERO);
        match (at, self.length.filter(|length| *length > Timestamp::ZERO)) {
            (None, _) => String::new(),
            (Some(at), Some(length)) if is_heard(at, length) => "heard".to_owned(),
            (Some(at), Some(length)) if at > length => at.to_string(),
            (Some(at), Some(length)) => {
                format!("{} %", ((at.secs() * 100.0 / length.secs()) as u64).max(1))
            }
            (Some(at), None) => at.to_string(),
        }
    }

    /// Which text there is, in one word.
    pub fn text_word(&self) -> &'static str {
        match self.text {
            Text::None => "",
            Text::Said => "said",
            Text::Tied(_) => "text",
        }
    }

    /// How much of it was heard, and what there is to read.
    fn facts(&self) -> String {
        let mut parts: Vec<String> = self.show.iter().cloned().collect();
        parts.extend(
            self.entry.as_ref().map(|entry| entry.day.clone()).filter(|day| !day.is_empty()),
        );
        let length = self.length.map(|length| length.to_string());
        match (self.at.filter(|at| *at > Timestamp::ZERO), length) {
            (Some(at), Some(length)) => parts.push(format!("stopped at {at} of {length}")),
            (Some(at), None) => parts.push(format!("stopped at {at}")),
            (None, length) => parts.extend(length),
        }
        match self.text {
            Text::None => {}
            Text::Said => parts.push("transcript".to_owned()),
            Text::Tied(share) => parts.push(format!("text tied, {:.0} % read", share * 100.0)),
        }
        parts.join(" · ")
    }

    /// Where it lies, in words.
    fn place_words(&self) -> String {
        let size =
            self.entry.as_ref().map(|entry| entry.size.as_str()).filter(|size| !size.is_empty());
        match &self.place {
            _ if self.is_away() => size.map_or_else(
                || "not fetched yet".to_owned(),
                |size| format!("not fetched yet: {size}"),
            ),
            Where::Unknown => "nobody knows where its file lies".to_owned(),
            Where::BuiltIn => "built in".to_owned(),
            Where::File(path) => path.display().to_string(),
            Where::Missing(path) => format!("missing: {}", path.display()),
        }
    }
}

/// Everything that is on the shelf's screen.
#[derive(Clone, Debug)]
pub struct Shelf<'a> {
    /// How it looks.
    pub theme: &'a Theme,
    /// Every episode.
    pub items: &'a [Item],
    /// Those that are shown, by their numbers.
    pub shown: &'a [usize],
    /// Which of these is chosen.
    pub chosen: usize,
    /// Which of these stands on the first row.
    pub top: usize,
    /// How many there are, and what is still being done.
    pub state: &'a str,
    /// The names of the lists, where there are several.
    pub tabs: &'a [String],
    /// Which of them is shown.
    pub tab: usize,
    /// What is said where there is nothing to show.
    pub empty: &'a str,
    /// The last row.
    pub foot: Foot<'a>,
    /// A window over all of it.
    pub popup: Option<Popup<'a>>,
}

/// Where the parts stand.
struct Parts {
    header: Option<Rect>,
    list: Rect,
    details: Rect,
    foot: Rect,
}

impl Parts {
    fn of(area: Rect) -> Option<Self> {
        if area.width < SMALLEST.0 || area.height < SMALLEST.1 {
            return None;
        }
        let margin = if area.width >= WITH_TEXT { 2 } else { 1 };
        let (x, width) = (area.x + margin, area.width - 2 * margin);
        let rows = |from: u16, height: u16| Rect::new(x, area.y + from, width, height);
        let foot = rows(area.height - 1, 1);
        Some(if area.height >= ROOMY {
            let (header, list) = (Some(rows(0, 1)), rows(2, area.height - 8));
            Self { header, list, details: rows(area.height - 5, 3), foot }
        } else {
            Self {
                header: None,
                list: rows(0, area.height - 3),
                details: rows(area.height - 2, 1),
                foot,
            }
        })
    }
}

/// How many episodes a screen of `area` has rows for.
pub fn rows(area: Rect) -> usize {
    Parts::of(area).map_or(1, |parts| usize::from(parts.list.height))
}

impl Shelf<'_> {
    /// Which of the shown episodes stands under a column and row of a screen of `area`.
    pub fn at(&self, area: Rect, x: u16, y: u16) -> Option<usize> {
        let list = Parts::of(area)?.list;
        let index = self.top + usize::from(y.checked_sub(list.y)?);
        (list.contains(Position::new(x.clamp(list.left(), list.right() - 1), y))
            && index < self.shown.len())
        .then_some(index)
    }

    /// Which of the lists has its name under a column and row of a screen of `area`.
    pub fn tab_at(&self, area: Rect, x: u16, y: u16) -> Option<usize> {
        let header = Parts::of(area)?.header?;
        let mut names = self.tabs_in(header).enumerate();
        names.find_map(|(tab, (at, name))| {
            (y == header.y && (at..at + cells::width(name) as u16 + 2).contains(&x)).then_some(tab)
        })
    }

    /// The names of the lists, each with its column in `header`.
    fn tabs_in(&self, header: Rect) -> impl Iterator<Item = (u16, &str)> {
        let mut x = header.x;
        self.tabs.iter().map(move |name| {
            let at = x;
            x += cells::width(name) as u16 + 2 + TABS_AIR;
            (at, name.as_str())
        })
    }

    fn draw_tabs(&self, header: Rect, buffer: &mut Buffer) {
        let (faint, title) =
            (self.theme.page.patch(self.theme.faint), self.theme.page.patch(self.theme.title));
        let mut end = header.x;
        for (tab, (x, name)) in self.tabs_in(header).enumerate() {
            let (name, style) = if tab == self.tab {
                (format!("[{name}]"), title)
            } else {
                (format!(" {name} "), faint)
            };
            end = cells::write(buffer, x, header.y, header.right(), &name, style);
        }
        let room = usize::from(header.right().saturating_sub(end + TABS_AIR));
        let state = cells::clip(self.state, room);
        let x = header.right() - cells::width(&state) as u16;
        cells::write(buffer, x, header.y, header.right(), &state, faint);
    }

    /// Draws all of `buffer`. Returns where the cursor belongs while something is typed.
    pub fn draw(&self, buffer: &mut Buffer) -> Option<(u16, u16)> {
        let area = buffer.area;
        buffer.reset();
        buffer.set_style(area, self.theme.page);
        let Some(parts) = Parts::of(area) else {
            draw_too_small(self.theme, buffer);
            return None;
        };
        match parts.header {
            Some(header) if self.tabs.is_empty() => {
                draw_header(header, "The shelf", self.state, self.theme, buffer);
            }
            Some(header) => self.draw_tabs(header, buffer),
            None => {}
        }
        for (row, index) in (parts.list.top()..parts.list.bottom()).zip(self.top..self.shown.len())
        {
            if let Some(item) = self.item(index) {
                self.draw_row(
                    item,
                    index == self.chosen,
                    Rect::new(parts.list.x, row, parts.list.width, 1),
                    buffer,
                );
            }
        }
        if self.shown.is_empty() {
            let look = self.theme.page.patch(self.theme.plain);
            for (row, line) in (parts.list.top()..parts.list.bottom()).zip(self.empty.lines()) {
                cells::write(
                    buffer,
                    parts.list.x,
                    row,
                    parts.list.right(),
                    &cells::clip(line, usize::from(parts.list.width)),
                    look,
                );
            }
        }
        self.draw_details(parts.details, buffer);
        let cursor = self.foot.draw(parts.foot, parts.foot.y, false, self.theme, buffer);
        if let Some(popup) = &self.popup {
            popup.draw(area, self.theme, buffer);
        }
        cursor
    }

    fn item(&self, index: usize) -> Option<&Item> {
        self.items.get(*self.shown.get(index)?)
    }

    fn draw_row(&self, item: &Item, is_chosen: bool, at: Rect, buffer: &mut Buffer) {
        let theme = self.theme;
        let look = |style: Style| theme.page.patch(if is_chosen { theme.chosen } else { style });
        if is_chosen {
            buffer.set_style(at, look(theme.chosen));
        }
        let mut end = at.right();
        let mut column = |width: u16, text: &str, style: Style, is_number: bool| {
            let text = cells::clip(text, usize::from(width));
            let from = end - width;
            let x = if is_number { end - cells::width(&text) as u16 } else { from };
            cells::write(buffer, x, at.y, end, &text, look(style));
            end = from - AIR;
        };
        let has_text = at.width >= WITH_TEXT - 4;
        if has_text {
            let (word, style) =
                if item.is_new() { ("new", theme.accent) } else { (item.text_word(), theme.faint) };
            column(TEXT, word, style, false);
        }
        let day = item.entry.as_ref().map_or("", |entry| entry.day.as_str());
        let heard = item.heard();
        match item.place {
            _ if item.is_new() && !has_text => column(HEARD, "new", theme.accent, true),
            _ if item.is_away() => {
                column(HEARD, if heard.is_empty() { day } else { &heard }, theme.faint, true);
            }
            Where::Missing(_) => column(HEARD, "missing", theme.trouble, true),
            Where::Unknown => column(HEARD, "no file", theme.trouble, true),
            Where::File(_) | Where::BuiltIn => column(HEARD, &heard, theme.plain, true),
        }
        if at.width >= WITH_LENGTH {
            column(
                LENGTH,
                &item.length.map_or_else(String::new, |length| length.to_string()),
                theme.faint,
                true,
            );
        }
        if at.width >= WIDE {
            column(SHOW, item.show.as_deref().unwrap_or_default(), theme.faint, false);
        }
        cells::write(
            buffer,
            at.x,
            at.y,
            end,
            if is_chosen { "▸" } else { " " },
            look(theme.accent),
        );
        let style = if item.place.is_there() || item.is_new() { Style::new() } else { theme.faint };
        let title = cells::clip(&item.title, usize::from(end.saturating_sub(at.x + 2)));
        cells::write(buffer, at.x + 2, at.y, end, &title, look(style));
    }

    fn draw_details(&self, at: Rect, buffer: &mut Buffer) {
        let Some(item) = self.item(self.chosen) else { return };
        let (plain, faint) =
            (self.theme.page.patch(self.theme.plain), self.theme.page.patch(self.theme.faint));
        let (facts, place) = (item.facts(), item.place_words());
        let lines = match at.height {
            1 => vec![([facts, place].join(" · ").trim_start_matches(" · ").to_owned(), faint)],
            _ => vec![(item.title.clone(), plain), (facts, faint), (place, faint)],
        };
        for (row, (line, look)) in (at.top()..at.bottom()).zip(lines) {
            cells::write(
                buffer,
                at.x,
                row,
                at.right(),
                &cells::clip(&line, usize::from(at.width)),
                look,
            );
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn how_far() {
        let item = |at: Option<u64>, length: Option<u64>| Item {
            id: EpisodeId([0; 32]),
            title: String::new(),
            show: None,
            length: length.map(Timestamp::from_millis),
            at: at.map(Timestamp::from_millis),
            text: Text::None,
            place: Where::Unknown,
            entry: None,
        };
        for (at, length, want) in [
            (None, Some(561_000), ""),
            (Some(0), Some(561_000), ""),
            (Some(10), Some(561_000), "1 %"),
            (Some(280_500), Some(561_000), "50 %"),
            (Some(555_999), Some(561_000), "99 %"),
            (Some(556_000), Some(561_000), "heard"),
            (Some(562_000), Some(561_000), "heard"),
            // A place behind the end tells that the length was guessed.
            (Some(362_000), Some(314_000), "6:02"),
            (Some(83_000), None, "1:23"),
            (Some(83_000), Some(0), "1:23"),
        ] {
            assert_eq!(item(at, length).heard(), want, "{at:?} of {length:?}");
        }
    }
}
