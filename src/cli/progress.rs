//! The progress line at the bottom of the terminal.

use super::report::{Voice, plain};
use crate::time::Timestamp;
use std::io::{self, Write};
use std::time::{Duration, Instant};
use unicode_width::UnicodeWidthStr;

/// Cells of the bar itself.
const BAR: usize = 24;

/// A line on standard error that is drawn over and over; silent where that is no terminal.
pub struct Progress {
    voice: Voice,
    what: String,
    start: Instant,
    /// Where in the audio the work began: what was kept from earlier does not count for the speed.
    origin: Option<Timestamp>,
    drawn: Option<Instant>,
    is_shown: bool,
}

impl Progress {
    /// About `what`, a few words.
    pub fn new(voice: &Voice, what: &str) -> Self {
        Self {
            voice: voice.clone(),
            what: plain(what).replace('\n', " "),
            start: Instant::now(),
            origin: None,
            drawn: None,
            is_shown: false,
        }
    }

    /// Shows that the work has reached `done` of `length`, where the length is known.
    pub fn show(&mut self, done: Timestamp, length: Option<Timestamp>) {
        let origin = *self.origin.get_or_insert_with(|| {
            self.start = Instant::now();
            done
        });
        let due = self.drawn.is_none_or(|at| at.elapsed() > Duration::from_millis(80));
        if self.is_silent() || !due {
            return;
        }
        let text = line(&self.what, done, length, origin, self.start.elapsed());
        self.drawn = Some(Instant::now());
        if self.voice.doing(share(done, length)) {
            return;
        }
        let _ = write!(io::stderr(), "\r\x1b[K{}", fit(&text, columns()));
        let _ = io::stderr().flush();
        self.is_shown = true;
    }

    /// Shows in place of it what is waited for, so long by now, and when that is given up.
    pub fn wait(&mut self, what: &str, since: Duration, until: Duration) {
        if self.is_silent() {
            return;
        }
        let at = |duration: Duration| Timestamp::from_millis(duration.as_secs() * 1000);
        let text =
            format!("{}  {what}: {} by now, given up after {}", self.what, at(since), at(until));
        if self.voice.doing(&text) {
            return;
        }
        let _ = write!(io::stderr(), "\r\x1b[K{}", fit(&text, columns()));
        let _ = io::stderr().flush();
        self.drawn = None;
        self.is_shown = true;
    }

    fn is_silent(&self) -> bool {
        self.voice.is_quiet || !(self.voice.is_terminal || self.voice.is_heard())
    }

    /// Takes the line away, so that something else can be printed.
    pub fn clear(&mut self) {
        if self.is_shown {
            let _ = write!(io::stderr(), "\r\x1b[K");
            let _ = io::stderr().flush();
            self.is_shown = false;
            self.drawn = None;
        }
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        self.clear();
    }
}

/// The whole line: what, where, the bar, the speed, the time left.
fn line(
    what: &str,
    done: Timestamp,
    length: Option<Timestamp>,
    origin: Timestamp,
    took: Duration,
) -> String {
    let heard = done.minus(origin.millis()).secs();
    let speed = heard / took.as_secs_f64().max(0.001);
    let speed = if heard > 0.0 { format!("  {speed:.1}× realtime") } else { String::new() };
    let Some(length) = length.filter(|l| l.millis() > 0) else {
        return format!("{what}  {done}{speed}");
    };
    let share = (done.secs() / length.secs()).min(1.0);
    let full = (share * BAR as f64) as usize;
    let bar = format!("{}{}", "━".repeat(full), "╌".repeat(BAR - full));
    let left = (length.secs() - done.secs()).max(0.0) * took.as_secs_f64() / heard.max(0.001);
    let left = if heard > 0.0 && took.as_secs() > 1 {
        format!("  {} left", Timestamp::from_secs(left))
    } else {
        String::new()
    };
    format!("{what}  {done} / {length}  {bar} {:3.0} %{speed}{left}", share * 100.0)
}

/// How far the work on a text is, where a screen has no room for the whole line.
fn share(done: Timestamp, length: Option<Timestamp>) -> String {
    match length.filter(|length| length.millis() > 0) {
        Some(length) => {
            format!("its text, {:.0} %", (done.secs() / length.secs()).min(1.0) * 100.0)
        }
        None => format!("its text, to {done}"),
    }
}

/// The terminal's width, as far as the environment tells; 80 otherwise.
fn columns() -> usize {
    clap_width().unwrap_or(80).max(20) - 1
}

fn clap_width() -> Option<usize> {
    terminal_size::terminal_size_of(io::stderr()).map(|(width, _)| usize::from(width.0))
}

/// `text` cut to `cells` cells, never through a wide character.
fn fit(text: &str, cells: usize) -> &str {
    let mut end = text.len();
    while text[..end].width() > cells {
        end = text[..end].char_indices().next_back().map_or(0, |(i, _)| i);
    }
    &text[..end]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines() {
        let at = Timestamp::from_millis;
        for (done, length, origin, seconds, want) in [
            (0, Some(561_000), 0, 0, "x  0:00 / 9:21  ╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌   0 %"),
            (
                280_500,
                Some(561_000),
                0,
                28,
                "x  4:40 / 9:21  ━━━━━━━━━━━━╌╌╌╌╌╌╌╌╌╌╌╌  50 %  10.0× realtime  0:28 left",
            ),
            (
                280_500,
                Some(561_000),
                140_250,
                14,
                "x  4:40 / 9:21  ━━━━━━━━━━━━╌╌╌╌╌╌╌╌╌╌╌╌  50 %  10.0× realtime  0:28 left",
            ),
            (60_000, None, 0, 6, "x  1:00  10.0× realtime"),
            (
                600_000,
                Some(561_000),
                0,
                60,
                "x  10:00 / 9:21  ━━━━━━━━━━━━━━━━━━━━━━━━ 100 %  10.0× realtime  0:00 left",
            ),
        ] {
            assert_eq!(
                line("x", at(done), length.map(at), at(origin), Duration::from_secs(seconds)),
                want
            );
        }
    }

    #[test]
    fn wide_characters_are_not_cut() {
        assert_eq!(fit("深度求索", 5), "深度");
        assert_eq!(fit("abc", 5), "abc");
    }
}
