//! The bar and the line below it: where in the recording, how fast, how loud.

use super::cells;
use super::theme::Theme;
use crate::episode::Chapter;
use crate::time::{Span, Timestamp};
use crate::transcript::Gap;
use ratatui_core::buffer::Buffer;
use ratatui_core::layout::Rect;
use ratatui_core::style::Style;

/// From silence to loud.
const LEVELS: [&str; 8] = ["▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"];

/// What is known of the sound.
#[derive(Clone, Debug, Default)]
pub struct Transport<'a> {
    /// What is heard.
    pub at: Timestamp,
    /// How long the recording is.
    pub length: Timestamp,
    /// Whether it goes on by itself.
    pub is_playing: bool,
    /// Whether its end was reached.
    pub is_ended: bool,
    /// How fast, 1 being as recorded.
    pub rate: f32,
    /// How loud, 1 being as recorded.
    pub volume: f32,
    /// Whether it is silent for now.
    pub is_muted: bool,
    /// How loud it is along its length, in equal parts; may be empty.
    pub energy: &'a [u8],
    /// What was recognised, in order; `None` where all of it was.
    pub recognised: Option<&'a [Span]>,
    /// Its chapters in order.
    pub chapters: &'a [Chapter],
    /// What was not transcribed, in order.
    pub gaps: &'a [Gap],
    /// Where the phrase searched for is spoken.
    pub hits: &'a [Timestamp],
    /// Where bookmarks are.
    pub bookmarks: &'a [Timestamp],
    /// The part being repeated; it has no length while only its start is chosen.
    pub looped: Option<Span>,
    /// What else there is to say, right of it all.
    pub status: &'a str,
}

/// The moment under column `x` of a bar that fills `bar`.
pub fn time_at(bar: Rect, length: Timestamp, x: u16) -> Timestamp {
    let column = u64::from(x.saturating_sub(bar.x).min(bar.width.saturating_sub(1)));
    Timestamp::from_millis(length.millis().saturating_mul(column) / u64::from(bar.width.max(1)))
}

/// The column of the moment `at` in a bar that fills `bar`.
pub fn column_of(bar: Rect, length: Timestamp, at: Timestamp) -> u16 {
    let column =
        u128::from(at.millis()) * u128::from(bar.width) / u128::from(length.millis().max(1));
    bar.x + u16::try_from(column).unwrap_or(u16::MAX).min(bar.width.saturating_sub(1))
}

impl Transport<'_> {
    /// Draws the bar into `bar`, and what is marked on it into `marks`, or over the bar where there
    /// is no such row.
    pub fn draw_bar(&self, bar: Rect, marks: Option<Rect>, theme: &Theme, buffer: &mut Buffer) {
        let head = column_of(bar, self.length, self.at);
        for x in bar.left()..bar.right() {
            let span = Span::new(time_at(bar, self.length, x), time_at(bar, self.length, x + 1));
            let style = match x {
                x if x == head => theme.chosen,
                x if x < head => theme.played,
                _ if self.is_recognised(span) => theme.coming,
                _ => theme.unknown,
            };
            cells::write(
                buffer,
                x,
                bar.y,
                bar.right(),
                self.symbol(bar, x, span),
                theme.page.patch(style),
            );
        }
        self.draw_marks(marks.unwrap_or(bar), bar, theme, buffer);
    }

    fn draw_marks(&self, row: Rect, bar: Rect, theme: &Theme, buffer: &mut Buffer) {
        let mut mark = |at: Timestamp, sign: &str, style: Style| {
            cells::write(
                buffer,
                column_of(bar, self.length, at),
                row.y,
                row.right(),
                sign,
                theme.page.patch(style),
            );
        };
        for chapter in self.chapters.iter().filter(|chapter| chapter.start > Timestamp::ZERO) {
            mark(chapter.start, "╷", theme.faint);
        }
        for at in self.hits {
            mark(*at, "▾", theme.hit_sign);
        }
        for at in self.bookmarks {
            mark(*at, "◆", theme.bookmark);
        }
        if let Some(span) = self.looped {
            mark(span.start(), "[", theme.accent);
            if !span.is_empty() {
                mark(span.end(), "]", theme.accent);
            }
        }
    }

    fn is_recognised(&self, cell: Span) -> bool {
        self.recognised.is_none_or(|spans| {
            spans.iter().any(|span| span.start() <= cell.start() && cell.start() < span.end())
        })
    }

    fn symbol(&self, bar: Rect, x: u16, cell: Span) -> &'static str {
        if self
            .gaps
            .iter()
            .any(|gap| gap.span.contains(cell.start()) && gap.span.end() >= cell.end())
        {
            return "╌";
        }
        if self.energy.is_empty() {
            return if self.is_recognised(cell) { "─" } else { "╌" };
        }
        let part =
            |x: u16| usize::from(x - bar.x) * self.energy.len() / usize::from(bar.width.max(1));
        let (from, to) = (part(x), part(x + 1).max(part(x) + 1).min(self.energy.len()));
        let loudest =
            self.energy[from.min(to.saturating_sub(1))..to].iter().copied().max().unwrap_or(0);
        LEVELS[usize::from(loudest) * LEVELS.len() / 256]
    }

    /// Draws times, rate, volume and status into one row.
    pub fn draw_line(&self, row: Rect, theme: &Theme, buffer: &mut Buffer) {
        let (plain, faint) = (theme.page.patch(theme.plain), theme.page.patch(theme.faint));
        let state = if self.is_playing {
            "►"
        } else if self.is_ended {
            "■"
        } else {
            "‖"
        };
        let mut x =
            cells::write(buffer, row.x, row.y, row.right(), state, theme.page.patch(theme.accent));
        let mut say =
            |text: &str, style: Style| x = cells::write(buffer, x, row.y, row.right(), text, style);
        say(&format!(" {}", self.at), plain);
        say(&format!(" / {}", self.length), faint);
        say(&format!("  {}×", rate(self.rate)), if self.rate == 1.0 { faint } else { plain });
        let volume = format!("{} %", (self.volume * 100.0).round());
        say("  ", faint);
        say(
            if self.is_muted { "muted" } else { &volume },
            if self.is_muted || self.volume != 1.0 { plain } else { faint },
        );
        let room = usize::from(row.right().saturating_sub(x)).saturating_sub(2);
        let status = cells::clip(self.status, room);
        let status_x = row.right() - cells::width(&status) as u16;
        cells::write(buffer, status_x, row.y, row.right(), &status, faint);
        let chapter = self
            .chapters
            .iter()
            .rfind(|chapter| chapter.start <= self.at)
            .map_or("", |chapter| &chapter.title);
        let room = usize::from(status_x.saturating_sub(x)).saturating_sub(6);
        if !chapter.is_empty() && room >= 8 {
            cells::write(buffer, x + 3, row.y, status_x, &cells::clip(chapter, room), faint);
        }
    }
}

/// A rate without needless digits.
pub fn rate(rate: f32) -> String {
    let text = format!("{rate:.2}");
    let text = text.strip_suffix('0').unwrap_or(&text);
    text.to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_and_times() {
        let bar = Rect::new(2, 0, 50, 1);
        let length = Timestamp::from_millis(100_000);
        for (ms, column) in
            [(0, 2), (1_999, 2), (2_000, 3), (99_999, 51), (100_000, 51), (u64::MAX, 51)]
        {
            assert_eq!(column_of(bar, length, Timestamp::from_millis(ms)), column);
        }
        for (x, ms) in [(0, 0), (2, 0), (3, 2_000), (51, 98_000), (60, 98_000)] {
            assert_eq!(time_at(bar, length, x).millis(), ms);
        }
        assert_eq!(column_of(bar, Timestamp::ZERO, Timestamp::ZERO), 2);
    }

    #[test]
    fn rates() {
        for (value, want) in [(1.0, "1.0"), (1.25, "1.25"), (0.5, "0.5"), (2.999, "3.0")] {
            assert_eq!(rate(value), want);
        }
    }
}
