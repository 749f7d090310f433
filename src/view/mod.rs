//! What should the screen show?
//!
//! A [`Screen`] and a buffer go in, a drawn buffer comes out. Drawing changes nothing else, takes
//! no lock and reads no clock. This room never knows which key was pressed, what a terminal is, or
//! where the sound comes from.

mod beside;
mod cells;
pub mod marks;
mod page;
mod popup;
mod reader;
mod shelf;
mod theme;
mod timeline;
mod transport;
mod wrap;

#[cfg(test)]
pub(crate) mod sample;
#[cfg(test)]
mod tests;

pub use beside::Beside;
pub use cells::{clip, symbol_width, width};
pub use page::{COLUMN, Kind, Page, Row, Run, Source, Texts};
pub use popup::{Line, Popup};
pub use reader::Reader;
pub use shelf::{Entry, Item, Shelf, Text, Where, is_heard, rows as shelf_rows};
pub use theme::Theme;
pub use timeline::{Passage, Place, Timeline, Unit};
pub use transport::{Transport, column_of, rate, time_at};
pub use wrap::wrap;

use ratatui_core::buffer::Buffer;
use ratatui_core::layout::Rect;

/// The smallest screen that makes sense, in cells.
pub const SMALLEST: (u16, u16) = (40, 10);

/// A message takes no more rows than this.
const MOST_ROWS: u16 = 5;

/// From this height on there is room for a title, for hints, and for air.
const ROOMY: u16 = 16;

/// Where the parts of the screen stand.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Regions {
    /// The title and how far recognition is; absent on a low screen.
    pub header: Option<Rect>,
    /// The text.
    pub text: Rect,
    /// What is marked on the bar; absent on a low screen, where it is marked on the bar itself.
    pub marks: Option<Rect>,
    /// The bar.
    pub bar: Rect,
    /// Times, rate, volume.
    pub line: Rect,
    /// Prompts, notes and hints; on a low screen the same row as `line`.
    pub foot: Rect,
}

impl Regions {
    /// Of a screen of `area`; `None` where it is smaller than [`SMALLEST`].
    pub fn of(area: Rect) -> Option<Self> {
        if area.width < SMALLEST.0 || area.height < SMALLEST.1 {
            return None;
        }
        let margin = if area.width >= 60 { 2 } else { 1 };
        let row = |from_bottom: u16| {
            Rect::new(area.x + margin, area.bottom() - 1 - from_bottom, area.width - 2 * margin, 1)
        };
        let text = |above: u16, below: u16| {
            Rect::new(area.x, area.y + above, area.width, area.height - above - below)
        };
        Some(if area.height >= ROOMY {
            let header = Rect::new(area.x + margin, area.y, area.width - 2 * margin, 1);
            Self {
                header: Some(header),
                text: text(2, 5),
                marks: Some(row(3)),
                bar: row(2),
                line: row(1),
                foot: row(0),
            }
        } else {
            Self {
                header: None,
                text: text(0, 2),
                marks: None,
                bar: row(1),
                line: row(0),
                foot: row(0),
            }
        })
    }
}

/// A line in which something is typed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Prompt<'a> {
    /// What is asked for.
    pub label: &'a str,
    /// What was typed before the cursor.
    pub before: &'a str,
    /// What was typed after it.
    pub after: &'a str,
    /// What comes of it so far.
    pub answer: &'a str,
}

/// What the last row says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Foot<'a> {
    /// What one could do.
    Hint(&'a str),
    /// What just happened.
    Note(&'a str),
    /// What is wrong.
    Trouble(&'a str),
    /// What is being typed.
    Prompt(Prompt<'a>),
}

/// Everything that is on the screen.
#[derive(Clone, Debug)]
pub struct Screen<'a> {
    /// How it looks.
    pub theme: &'a Theme,
    /// Whose text it is.
    pub title: &'a str,
    /// How far recognition is, and which view this is.
    pub progress: &'a str,
    /// The text.
    pub reader: Reader<'a>,
    /// The sound.
    pub transport: Transport<'a>,
    /// The last row.
    pub foot: Foot<'a>,
    /// A window over all of it.
    pub popup: Option<Popup<'a>>,
}

impl Screen<'_> {
    /// Draws all of `buffer`. Returns where the cursor belongs while something is typed.
    pub fn draw(&self, buffer: &mut Buffer) -> Option<(u16, u16)> {
        let area = buffer.area;
        buffer.reset();
        buffer.set_style(area, self.theme.page);
        let Some(regions) = Regions::of(area) else {
            draw_too_small(self.theme, buffer);
            return None;
        };
        if let Some(header) = regions.header {
            draw_header(header, self.title, self.progress, self.theme, buffer);
        }
        self.reader.draw(regions.text, self.theme, buffer);
        self.transport.draw_bar(regions.bar, regions.marks, self.theme, buffer);
        self.transport.draw_line(regions.line, self.theme, buffer);
        let is_shared = regions.foot == regions.line;
        // Where the sound is stays in sight beside what takes several rows.
        let last = regions.text.bottom().saturating_sub(u16::from(is_shared));
        let cursor = self.foot.draw(regions.foot, last, is_shared, self.theme, buffer);
        if let Some(popup) = &self.popup {
            popup.draw(area, self.theme, buffer);
        }
        cursor
    }
}

/// What is shown in place of everything where there is no room for it.
fn draw_too_small(theme: &Theme, buffer: &mut Buffer) {
    let area = buffer.area;
    let size = format!("{} × {}", SMALLEST.0, SMALLEST.1);
    let parts = ["too small:", &size, "is needed"];
    let line = parts.join(" ");
    let lines = if cells::width(&line) <= usize::from(area.width) {
        vec![line.as_str()]
    } else {
        parts.to_vec()
    };
    for (row, line) in (area.y..area.bottom()).zip(lines) {
        cells::write(buffer, area.x, row, area.right(), line, theme.page);
    }
}

/// The first row: what this is, and to the right how it is.
fn draw_header(row: Rect, title: &str, state: &str, theme: &Theme, buffer: &mut Buffer) {
    let faint = theme.page.patch(theme.faint);
    // Half of the row, or what the title leaves.
    let room = usize::from(row.width)
        .saturating_sub(cells::width(title) + 2)
        .max(usize::from(row.width) / 2);
    let state = cells::clip(state, room);
    let state_x = row.right() - cells::width(&state) as u16;
    cells::write(buffer, state_x, row.y, row.right(), &state, faint);
    let title = cells::clip(title, usize::from(state_x - row.x).saturating_sub(2));
    cells::write(buffer, row.x, row.y, state_x, &title, faint);
}

impl Foot<'_> {
    /// Draws it into `row`, which on a low screen it may share with what matters more than a hint
    /// does, or what takes several rows so that it ends in the row at `last`. Returns where the
    /// cursor belongs while something is typed.
    fn draw(
        &self,
        row: Rect,
        last: u16,
        is_shared: bool,
        theme: &Theme,
        buffer: &mut Buffer,
    ) -> Option<(u16, u16)> {
        let (text, style) = match self {
            Self::Hint(_) | Self::Trouble(_) if is_shared => return None,
            Self::Hint(hint) => (*hint, theme.faint),
            Self::Note(note) => (*note, theme.plain),
            Self::Trouble(trouble) => (*trouble, theme.trouble),
            Self::Prompt(prompt) => return Some(prompt.draw(row, theme, buffer)),
        };
        // Half a hint helps too; a message takes as many rows as it needs, as long as there is
        // still some text above.
        let most = if matches!(self, Self::Hint(_)) {
            1
        } else {
            usize::from(MOST_ROWS.min(buffer.area.height / 2).max(1))
        };
        let lines = wrap(text, usize::from(row.width));
        let (n_lines, end) = (lines.len().min(most), lines.last().map_or(0, |line| line.end));
        for (index, line) in lines.into_iter().take(most).enumerate() {
            let above = n_lines - 1 - index;
            let bottom = if n_lines > 1 { last } else { row.y };
            let at = Rect::new(row.x, bottom - above as u16, row.width, 1);
            if is_shared || n_lines > 1 {
                clear(at, theme, buffer);
            }
            // What does not fit at all ends with a sign that says so.
            let line = if above == 0 { &text[line.start..end] } else { &text[line] };
            cells::write(
                buffer,
                at.x,
                at.y,
                at.right(),
                &cells::clip(line, usize::from(row.width)),
                theme.page.patch(style),
            );
        }
        None
    }
}

impl Prompt<'_> {
    /// Draws it into `row`; returns where the cursor belongs.
    fn draw(&self, row: Rect, theme: &Theme, buffer: &mut Buffer) -> (u16, u16) {
        let (plain, accent) = (theme.page.patch(theme.plain), theme.page.patch(theme.accent));
        clear(row, theme, buffer);
        let answer = cells::clip(self.answer, usize::from(row.width) / 2);
        let end = row.right() - cells::width(&answer) as u16;
        cells::write(buffer, end, row.y, row.right(), &answer, theme.page.patch(theme.faint));
        let end = end.saturating_sub(1);
        let x = cells::write(buffer, row.x, row.y, end, self.label, accent) + 1;
        // The end of what was typed stays in sight.
        let room = usize::from(end.saturating_sub(x)).saturating_sub(1);
        let mut excess = cells::width(self.before).saturating_sub(room);
        let shown = cells::glyphs(self.before).find(|glyph| {
            let is_shown = excess == 0;
            excess = excess.saturating_sub(usize::from(glyph.width));
            is_shown
        });
        let shown = shown.map_or("", |glyph| &self.before[glyph.at..]);
        let x = cells::write(buffer, x, row.y, end, shown, plain);
        cells::write(buffer, x, row.y, end, self.after, plain);
        let under = cells::glyphs(self.after).next().map_or(" ", |glyph| glyph.symbol);
        cells::write(buffer, x, row.y, end + 1, under, theme.page.patch(theme.chosen));
        (x.min(row.right() - 1), row.y)
    }
}

fn clear(row: Rect, theme: &Theme, buffer: &mut Buffer) {
    for x in row.left()..row.right() {
        buffer[(x, row.y)].reset();
        buffer[(x, row.y)].set_style(theme.page);
    }
}
