//! A window over the text: a list of keys, bookmarks or formats.

use super::cells;
use super::marks::{Meaning, Meanings};
use super::page::Kind;
use super::theme::Theme;
use ratatui_core::buffer::Buffer;
use ratatui_core::layout::{Position, Rect};

/// A line of a window.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Line {
    /// What stands in the first column: a key, a time. Empty for a heading.
    pub key: String,
    /// What stands in the second.
    pub text: String,
    /// What the first column is an example of; `None` where it is none.
    pub look: Option<Meaning>,
}

/// A window with a list.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Popup<'a> {
    /// What it is.
    pub title: &'a str,
    /// Its lines.
    pub lines: Vec<Line>,
    /// The line that is chosen, where one can be.
    pub selected: Option<usize>,
    /// The first line that is visible where none can be chosen.
    pub scroll: usize,
    /// What can be done here.
    pub footer: &'a str,
}

/// Where the parts of a window stand.
struct Frame {
    outside: Rect,
    inside: Rect,
    n_columns: usize,
    key_width: usize,
    first: usize,
}

impl Popup<'_> {
    fn frame(&self, area: Rect) -> Frame {
        let most = area.height.saturating_sub(2);
        let key_width = self.lines.iter().map(|line| cells::width(&line.key)).max().unwrap_or(0);
        let text_width = self.lines.iter().map(|line| cells::width(&line.text)).max().unwrap_or(0);
        let column = key_width + 2 + text_width;
        let n_lines = self.lines.len();
        let is_long = n_lines > usize::from(most.saturating_sub(2));
        let n_columns =
            if self.selected.is_none() && is_long && column * 2 + 8 <= usize::from(area.width) {
                2
            } else {
                1
            };
        let wanted = column * n_columns + 3 * (n_columns - 1);
        let wanted = wanted.max(cells::width(self.footer)).max(cells::width(self.title) + 4) + 4;
        let width = u16::try_from(wanted).unwrap_or(u16::MAX).min(area.width);
        let n_rows = n_lines.div_ceil(n_columns).max(1) + 2;
        let height = u16::try_from(n_rows).unwrap_or(u16::MAX).min(most.max(3)).min(area.height);
        let outside = Rect::new(
            area.x + (area.width - width) / 2,
            area.y + (area.height - height) / 2,
            width,
            height,
        );
        let inside = Rect::new(
            outside.x + 2,
            outside.y + 1,
            width.saturating_sub(4),
            height.saturating_sub(2),
        );
        let rows = usize::from(inside.height);
        let last_first = n_lines.div_ceil(n_columns).saturating_sub(rows);
        let first = self
            .selected
            .map_or(self.scroll, |selected| selected.saturating_sub(rows / 2))
            .min(last_first);
        Frame { outside, inside, n_columns, key_width, first }
    }

    /// The furthest that scrolling makes sense on a screen of `area`.
    pub fn last_scroll(&self, area: Rect) -> usize {
        let frame = Popup { scroll: usize::MAX, ..self.clone() }.frame(area);
        frame.first
    }

    /// How many rows of it are seen at once on a screen of `area`.
    pub fn rows(&self, area: Rect) -> usize {
        usize::from(self.frame(area).inside.height)
    }

    /// The line under a column and row of the screen; `None` outside the list.
    pub fn line_at(&self, area: Rect, x: u16, y: u16) -> Option<usize> {
        let frame = self.frame(area);
        let index = frame.first + usize::from(y.checked_sub(frame.inside.y)?);
        (frame.inside.contains(Position::new(x, y)) && index < self.lines.len()).then_some(index)
    }

    /// Whether a column and row of the screen lie on the window.
    pub fn covers(&self, area: Rect, x: u16, y: u16) -> bool {
        self.frame(area).outside.contains(Position::new(x, y))
    }

    /// Draws it in the middle of `area`.
    pub fn draw(&self, area: Rect, theme: &Theme, buffer: &mut Buffer) {
        let frame = self.frame(area);
        self.draw_border(frame.outside, theme, buffer);
        let n_rows = self.lines.len().div_ceil(frame.n_columns);
        let column_width = (usize::from(frame.inside.width) + 3) / frame.n_columns;
        for column in 0..frame.n_columns {
            let x = frame.inside.x + (column * column_width) as u16;
            let width =
                if frame.n_columns == 1 { frame.inside.width } else { (column_width - 3) as u16 };
            for (row, y) in (frame.inside.top()..frame.inside.bottom()).enumerate() {
                let within = frame.first + row;
                let index = column * n_rows + within;
                if let Some(line) = self.lines.get(index).filter(|_| within < n_rows) {
                    self.draw_line(
                        index,
                        line,
                        frame.key_width,
                        Rect::new(x, y, width, 1),
                        theme,
                        buffer,
                    );
                }
            }
        }
    }

    fn draw_line(
        &self,
        index: usize,
        line: &Line,
        key_width: usize,
        at: Rect,
        theme: &Theme,
        buffer: &mut Buffer,
    ) {
        let is_selected = self.selected == Some(index);
        let look = |style| theme.page.patch(if is_selected { theme.chosen } else { style });
        if is_selected {
            buffer.set_style(at, look(theme.chosen));
        }
        if line.key.is_empty() && !is_selected {
            cells::write(
                buffer,
                at.x,
                at.y,
                at.right(),
                &cells::clip(&line.text, usize::from(at.width)),
                look(theme.heading),
            );
            return;
        }
        let text_x = at.x + (key_width + 2) as u16;
        let key = line.look.map_or(theme.accent, |meaning| {
            theme.text(Kind::Text, Meanings::default().with(meaning))
        });
        cells::write(buffer, at.x, at.y, at.right(), &line.key, look(key));
        let text = cells::clip(&line.text, usize::from(at.right().saturating_sub(text_x)));
        cells::write(buffer, text_x, at.y, at.right(), &text, look(theme.plain));
    }

    fn draw_border(&self, at: Rect, theme: &Theme, buffer: &mut Buffer) {
        let (faint, ground) = (theme.page.patch(theme.faint), theme.page);
        let across = "─".repeat(usize::from(at.width.saturating_sub(2)));
        for y in at.top()..at.bottom() {
            let line = match y {
                y if y == at.top() => format!("╭{across}╮"),
                y if y + 1 == at.bottom() => format!("╰{across}╯"),
                _ => format!("│{}│", " ".repeat(usize::from(at.width.saturating_sub(2)))),
            };
            // Half of a wide character cannot be drawn, and a whole one would hide the border.
            for x in at.left().saturating_sub(cells::WIDEST - 1).max(buffer.area.left())..at.left()
            {
                if x + cells::symbol_width(buffer[(x, y)].symbol()) > at.left() {
                    buffer[(x, y)].set_symbol(" ");
                }
            }
            for x in at.left()..at.right() {
                buffer[(x, y)].reset();
                buffer[(x, y)].set_style(ground);
            }
            cells::write(buffer, at.x, y, at.right(), &line, faint);
        }
        let room = usize::from(at.width.saturating_sub(6));
        let title = format!(" {} ", cells::clip(self.title, room));
        cells::write(buffer, at.x + 2, at.y, at.right(), &title, theme.page.patch(theme.title));
        if !self.footer.is_empty() && at.height > 2 {
            let footer = format!(" {} ", cells::clip(self.footer, room));
            cells::write(buffer, at.x + 2, at.bottom() - 1, at.right(), &footer, faint);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wide_characters_end_before_the_border() {
        let popup = Popup {
            title: "Keys",
            lines: vec![Line { key: "q".into(), text: "quit".into(), ..Line::default() }; 3],
            ..Popup::default()
        };
        let theme = Theme::ALL[0];
        for offset in 0..2 {
            let area = Rect::new(0, 0, 40, 9);
            let mut buffer = Buffer::empty(area);
            for y in 0..9 {
                cells::write(&mut buffer, offset, y, 40, &"的".repeat(19), theme.plain);
            }
            popup.draw(area, theme, &mut buffer);
            let frame = popup.frame(area).outside;
            for y in frame.top()..frame.bottom() {
                let row: String = (0..40).map(|x| buffer[(x, y)].symbol().to_owned()).collect();
                let before = buffer[(frame.left() - 1, y)].symbol();
                let behind = buffer[(frame.left() - 2, y)].symbol();
                assert!(
                    cells::symbol_width(before) == 1
                        && "╭│╰".contains(buffer[(frame.left(), y)].symbol()),
                    "{row}"
                );
                assert!(before == " " || cells::symbol_width(behind) == 2, "{row}");
            }
        }
    }
}
