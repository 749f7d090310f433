//! What comes from elsewhere while somebody waits: a line that shows how far it is, drawn again and
//! again on a terminal, written at every tenth elsewhere; and Ctrl-C, which is obeyed at once.

use super::Context;
use super::exit::Exit;
use super::report::{Clean, Failure, plain};
use crate::episode::file_name;
use crate::feeds;
use crate::time::Timestamp;
use crate::web::download::{DownloadError, Event, Fetched, Hooks, Policy, megabytes};
use std::io::{self, Write};
use std::path::Path;
use std::time::{Duration, Instant};

/// A terminal is drawn no more often than this.
const REDRAW: Duration = Duration::from_millis(100);
/// Cells of the bar.
const CELLS: u64 = 20;

/// The line and where it goes.
pub struct Progress<'a> {
    name: &'a str,
    err: Clean<'a>,
    is_terminal: bool,
    drawn: Option<Instant>,
    /// Width of the line that stands on the terminal.
    width: usize,
    /// The last tenth that was written.
    tenth: Option<u64>,
    /// The first failure to write; later steps are silent, and `finish` gives it.
    failure: io::Result<()>,
}

impl<'a> Progress<'a> {
    /// Of the file `name`, on `err`.
    pub fn new(name: &'a str, err: Clean<'a>, is_terminal: bool) -> Self {
        Self { name, err, is_terminal, drawn: None, width: 0, tenth: None, failure: Ok(()) }
    }

    /// Words what happens.
    pub fn tell(&mut self, event: &Event<'_>) {
        match event {
            Event::Progress { done, total, speed } => self.step(*done, *total, *speed),
            _ => self.say(&in_short(event)),
        }
    }

    /// So many bytes of so many have come, at so many in a second.
    pub fn step(&mut self, done: u64, total: Option<u64>, speed: f64) {
        let name = self.name;
        let rate = format!("{}/s", megabytes(speed as u64));
        let Some(total) = total.filter(|total| *total > 0) else {
            return self.draw(&format!("{name}  {}  {rate}", megabytes(done)), done == 0);
        };
        let left = Timestamp::from_secs((total - done.min(total)) as f64 / speed.max(1.0));
        let percent = done * 100 / total;
        if self.is_terminal {
            let full = (done * CELLS / total) as usize;
            let bar = format!(
                "{}{}",
                "#".repeat(full),
                "-".repeat((CELLS as usize).saturating_sub(full))
            );
            let line = format!(
                "{name}  [{bar}] {percent:>3} %  {} of {}  {rate}  {left} left",
                megabytes(done),
                megabytes(total)
            );
            self.draw(&line, done >= total);
        } else if self.is_next_tenth(percent) {
            self.say(&format!("{percent} % of {}, {rate}", megabytes(total)));
        }
    }

    /// So many bytes of so many are read for a check; only a terminal shows it.
    pub fn read(&mut self, done: u64, total: u64) {
        if self.is_terminal && total > 0 {
            self.draw(&format!("{}  verifying {:>3} %", self.name, done * 100 / total), false);
        }
    }

    /// A line that stays.
    pub fn say(&mut self, text: &str) {
        self.clear();
        let name = self.name;
        self.write("", &format!("{name}: {text}\n"), "");
    }

    /// Clears the line; gives the first failure to write.
    ///
    /// # Errors
    /// That of the console.
    pub fn finish(mut self) -> io::Result<()> {
        self.clear();
        self.failure
    }

    fn is_next_tenth(&mut self, percent: u64) -> bool {
        let tenth = percent / 10;
        let is_next = tenth > 0 && self.tenth != Some(tenth);
        if is_next {
            self.tenth = Some(tenth);
        }
        is_next
    }

    fn draw(&mut self, line: &str, is_last: bool) {
        let is_due = self.drawn.is_none_or(|drawn| drawn.elapsed() >= REDRAW);
        if !self.is_terminal || !(is_due || is_last) {
            return;
        }
        self.drawn = Some(Instant::now());
        // Spaces wipe what a longer line left; every character here is one cell wide.
        let width = self.width;
        self.write("\r", &format!("{line:<width$}"), "");
        self.width = line.chars().count();
    }

    fn clear(&mut self) {
        if self.width > 0 {
            let width = std::mem::take(&mut self.width);
            self.write("\r", &" ".repeat(width), "\r");
        }
    }

    /// Writes `text` between two moves of the cursor.
    fn write(&mut self, before: &str, text: &str, after: &str) {
        if self.failure.is_ok() {
            let written = self.err.raw(before).and_then(|()| self.err.write_all(text.as_bytes()));
            self.failure =
                written.and_then(|()| self.err.raw(after)).and_then(|()| self.err.flush());
        }
    }
}

/// The recording at `url`, which `from` names, comes to `path`; what has come of it stays for next
/// time. A file that is there is fetched anew only where the call `replaces` it.
///
/// # Errors
/// With exit code 3 when it cannot be had, 1 when it cannot be written, 130 when cancelled.
pub fn sound(
    from: &str,
    url: &str,
    path: &Path,
    replaces: bool,
    context: &Context,
) -> Result<Fetched, Failure> {
    let (name, mut stderr) = (plain(&file_name(path)), io::stderr());
    let mut progress = Progress::new(&name, Clean::new(&mut stderr), context.voice.is_terminal);
    let is_quiet = context.voice.is_quiet;
    let mut told = None;
    let mut on_event = |event: Event<'_>| {
        // A recording is judged in a moment.
        if is_quiet || event == Event::Checking {
            return;
        }
        if !context.voice.is_heard() {
            return progress.tell(&event);
        }
        if told.is_none_or(|at: Instant| at.elapsed() >= REDRAW)
            || !matches!(event, Event::Progress { .. })
        {
            told = Some(Instant::now());
            context.voice.doing(in_short(&event));
        }
    };
    let (cancelled, sleep) = (|| context.is_cancelled(), |pause| std::thread::sleep(pause));
    let mut hooks = Hooks { on_event: &mut on_event, is_cancelled: &cancelled, sleep: &sleep };
    let fetched = feeds::sound(from, url, path, replaces, &Policy::of_user(), &mut hooks);
    progress.finish()?;
    fetched.map_err(failure)
}

/// What is said where a recording does not come.
pub fn failure(error: DownloadError) -> Failure {
    let exit = match error {
        DownloadError::Cancelled { .. } => Exit::Cancelled,
        DownloadError::Disk { .. }
        | DownloadError::NoSpace { .. }
        | DownloadError::NotBuilt { .. } => Exit::Failed,
        _ => Exit::Input,
    };
    Failure::new(exit, error)
}

/// What happens, in so few words that a part of a screen holds them.
pub fn in_short(event: &Event<'_>) -> String {
    match event {
        Event::Progress { done, total, speed } => match total.filter(|total| *total > 0) {
            Some(total) => {
                let left =
                    Timestamp::from_secs((total - *done.min(&total)) as f64 / speed.max(1.0));
                format!("{} % of {}, {left} left", done * 100 / total, megabytes(total))
            }
            None => format!("{}, {}/s", megabytes(*done), megabytes(*speed as u64)),
        },
        Event::Waiting => "another `aloud` is fetching it; waiting".to_owned(),
        Event::Checking => "verifying".to_owned(),
        Event::StartingOver { reason } => format!("{reason}; starting over"),
        Event::Retrying { reason, pause } => {
            format!("{reason}; trying again in {} s", pause.as_secs())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn drawn(is_terminal: bool, steps: &[u64]) -> String {
        let mut err = Vec::new();
        let mut progress = Progress::new("base", Clean::new(&mut err), is_terminal);
        steps.iter().for_each(|done| progress.step(*done, Some(200_000_000), 5e6));
        progress.finish().unwrap();
        String::from_utf8(err).unwrap()
    }

    #[test]
    fn elsewhere_a_line_for_each_tenth() {
        let steps: Vec<u64> = (0..=200).map(|mb| mb * 1_000_000).collect();
        let text = drawn(false, &steps);
        assert_eq!(text.lines().count(), 10, "{text}");
        assert!(
            text.starts_with("base: 10 % of 200 MB, 5.0 MB/s\n")
                && text.ends_with("base: 100 % of 200 MB, 5.0 MB/s\n"),
            "{text}"
        );
        assert!(!text.contains('\r'));
    }

    #[test]
    fn on_a_terminal_one_line() {
        let text = drawn(true, &[50_000_000, 50_000_001, 200_000_000]);
        assert!(
            text.contains(
                "\rbase  [#####---------------]  25 %  50 MB of 200 MB  5.0 MB/s  0:30 left"
            ),
            "{text:?}"
        );
        assert!(
            text.contains("[####################] 100 %"),
            "the last step is drawn at once: {text:?}"
        );
        assert!(!text.contains('\n') && text.ends_with('\r'), "{text:?}");
        assert!(text.split('\r').all(|line| line.len() < 80), "{text:?}");
    }

    #[test]
    fn in_few_words() {
        for (done, total, speed, want) in [
            (50_000_000, Some(200_000_000), 5e6, "25 % of 200 MB, 0:30 left"),
            (50_000_000, None, 5e6, "50 MB, 5.0 MB/s"),
            (9, Some(3), f64::NAN, "300 % of 0.0 kB, 0:00 left"),
            (0, Some(0), 0.0, "0.0 kB, 0.0 kB/s"),
        ] {
            assert_eq!(in_short(&Event::Progress { done, total, speed }), want);
        }
    }

    #[test]
    fn odd_numbers() {
        let mut err = Vec::new();
        let mut progress = Progress::new("x", Clean::new(&mut err), true);
        for (done, total, speed) in [
            (0, Some(0), 0.0),
            (5, None, f64::INFINITY),
            (9, Some(3), f64::NAN),
            (u64::MAX / 200, Some(u64::MAX / 200), -1.0),
        ] {
            progress.step(done, total, speed);
        }
        progress.read(0, 0);
        progress.say("done");
        progress.finish().unwrap();
    }
}
