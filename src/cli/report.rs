//! Words for people: errors, notes, and where they go.
//!
//! Data goes to standard output, everything else to standard error. Nothing a file or a server says
//! reaches the terminal with its control characters.

use super::exit::Exit;
use crate::player::PlayerError;
use crate::printable;
use crate::reason::Reason;
use crate::tui::Abilities;
use std::fmt;
use std::io::{self, IsTerminal, Write};
use std::sync::Arc;

/// An error with the exit code it leads to.
#[derive(Debug)]
pub struct Failure {
    /// What scripts see.
    pub exit: Exit,
    /// What people read: the thing and the reason and, apart from them, the way out.
    pub why: Reason,
}

impl Failure {
    /// With the given exit code.
    pub fn new(exit: Exit, why: impl Into<Reason>) -> Self {
        Self { exit, why: why.into() }
    }

    /// With this way out.
    #[must_use]
    pub fn hint(self, hint: impl Into<String>) -> Self {
        Self { why: self.why.hint(hint), ..self }
    }
}

/// So many characters of a text are quoted.
const QUOTED: usize = 60;

/// The beginning of `text` in quotation marks, fit to print.
pub fn quoted(text: &str) -> String {
    let text = plain(text);
    let start: String = text.chars().take(QUOTED).collect();
    let cut = if start.len() < text.len() { "…" } else { "" };
    format!("“{start}{cut}”")
}

/// "1 entry", "3 entries".
pub fn counted(n: usize, one: &str, many: &str) -> String {
    format!("{n} {}", if n == 1 { one } else { many })
}

/// For `?` on things that have no better exit code than 1.
impl From<anyhow::Error> for Failure {
    fn from(error: anyhow::Error) -> Self {
        Self::new(Exit::Failed, format!("{error:#}"))
    }
}

impl From<io::Error> for Failure {
    fn from(error: io::Error) -> Self {
        // A reader that has gone away has seen what it wanted to see.
        let exit =
            if error.kind() == io::ErrorKind::BrokenPipe { Exit::Done } else { Exit::Failed };
        Self::new(exit, error)
    }
}

impl From<PlayerError> for Failure {
    fn from(error: PlayerError) -> Self {
        let exit = if matches!(error, PlayerError::Thread(_)) { Exit::Failed } else { Exit::Input };
        Self::new(exit, error)
    }
}

/// What a subcommand comes to.
pub type Outcome = Result<Exit, Failure>;

/// What kind of words somebody hears.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Said {
    /// How far the work is; the next of them takes its place.
    Doing,
    /// A remark.
    Note,
    /// Something is missing.
    Warning,
    /// Something did not work.
    Error,
}

/// Who hears in place of standard error what is said, while a screen is on the terminal.
pub type Listener = Arc<dyn Fn(Said, String) + Send + Sync>;

/// Standard error with its manners.
#[derive(Clone)]
pub struct Voice {
    /// Says only errors.
    pub is_quiet: bool,
    /// Standard error is a terminal that understands cursor movement.
    pub is_terminal: bool,
    /// Colours are welcome.
    pub has_colour: bool,
    /// Who hears it instead.
    listener: Option<Listener>,
}

impl Voice {
    /// As the environment has it (`NO_COLOR`, `TERM=dumb`).
    pub fn new(is_quiet: bool) -> Self {
        let is_terminal = io::stderr().is_terminal() && Abilities::of_process().has_places;
        let has_colour = is_terminal && std::env::var_os("NO_COLOR").is_none_or(|v| v.is_empty());
        Self { is_quiet, is_terminal, has_colour, listener: None }
    }

    /// The same one, heard by `listener` alone, and whole: who repeats what was said may be quiet
    /// then.
    pub fn heard_by(&self, listener: Listener) -> Self {
        Self { is_quiet: false, listener: Some(listener), ..self.clone() }
    }

    /// Tells how far the work is to whoever hears it in place of standard error; whether anybody
    /// does.
    pub fn doing(&self, text: impl fmt::Display) -> bool {
        self.listener
            .as_ref()
            .map(|listener| listener(Said::Doing, plain(&text.to_string())))
            .is_some()
    }

    /// Whether somebody hears it in place of standard error.
    pub fn is_heard(&self) -> bool {
        self.listener.is_some()
    }

    /// A remark that `--quiet` silences.
    pub fn note(&self, text: impl fmt::Display) {
        if !self.is_quiet {
            self.line(Said::Note, "", &text);
        }
    }

    /// Something the user should know: not silenced, because output may be missing something.
    pub fn warn(&self, text: impl fmt::Display) {
        self.line(
            Said::Warning,
            if self.has_colour { "\x1b[33mwarning:\x1b[0m " } else { "warning: " },
            &text,
        );
    }

    /// Why it did not work and, on a line of its own, what helps.
    pub fn error(&self, why: impl Into<Reason>) {
        let why = why.into();
        // Whoever hears it instead has one line for both.
        if self.is_heard() {
            return self.line(Said::Error, "", &why.one_line());
        }
        let mut err = io::stderr().lock();
        let mut err = Clean::new(&mut err);
        // Nobody is left to tell when standard error is closed.
        let _ = err.raw(self.clear()).and_then(|()| err.error(&why, self.has_colour));
    }

    /// What was said to somebody else, said again here.
    pub fn repeat(&self, said: Said, text: &str) {
        match said {
            Said::Doing => {}
            Said::Note => self.note(text),
            Said::Warning => self.warn(text),
            Said::Error => self.error(text),
        }
    }

    fn line(&self, said: Said, start: &str, text: &dyn fmt::Display) {
        if let Some(listener) = &self.listener {
            return listener(said, plain(&text.to_string()));
        }
        // Nobody is left to tell when standard error is closed.
        let _ = writeln!(io::stderr(), "{}{start}{}", self.clear(), plain(&text.to_string()));
    }

    /// What takes a progress line away.
    fn clear(&self) -> &'static str {
        if self.is_terminal { "\r\x1b[K" } else { "" }
    }
}

/// `text` as it may be printed: the answer of [`printable::text`].
pub fn plain(text: &str) -> String {
    printable::text(text).into_owned()
}

/// A writer for words that may hold what a stranger wrote: nothing harmful reaches `inner`, whoever
/// writes. A carriage return and the commands that a progress line needs are for [`Clean::raw`].
pub struct Clean<'a> {
    inner: &'a mut dyn Write,
    /// The beginning of a character whose rest comes with the next write.
    rest: Vec<u8>,
}

impl<'a> Clean<'a> {
    /// Around `inner`.
    pub fn new(inner: &'a mut dyn Write) -> Self {
        Self { inner, rest: Vec::new() }
    }

    /// Another one around the same writer.
    pub fn again(&mut self) -> Clean<'_> {
        Clean { inner: &mut *self.inner, rest: Vec::new() }
    }

    /// Writes what the program itself says to a terminal.
    ///
    /// # Errors
    /// Those of the writer within.
    pub fn raw(&mut self, commands: &str) -> io::Result<()> {
        self.inner.write_all(commands.as_bytes())
    }

    /// Writes why something did not work and, on a line of its own, what helps.
    ///
    /// # Errors
    /// Those of the writer within.
    pub fn error(&mut self, why: &Reason, has_colour: bool) -> io::Result<()> {
        self.raw(if has_colour { "\x1b[31merror:\x1b[0m " } else { "error: " })?;
        writeln!(self, "{why}")?;
        let Some(hint) = &why.hint else { return Ok(()) };
        self.raw(if has_colour { "\x1b[36mhint:\x1b[0m " } else { "hint: " })?;
        writeln!(self, "{hint}")
    }
}

impl Write for Clean<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.rest.extend_from_slice(bytes);
        // At most three bytes at the end wait for the rest of their character.
        let is_begun = |bytes: &&[u8]| {
            std::str::from_utf8(bytes).is_err_and(|error| error.error_len().is_none())
        };
        let n_waiting = self
            .rest
            .utf8_chunks()
            .last()
            .map(|chunk| chunk.invalid())
            .filter(is_begun)
            .map_or(0, <[u8]>::len);
        let shown = String::from_utf8_lossy(&self.rest[..self.rest.len() - n_waiting]);
        self.inner.write_all(printable::text(&shown).as_bytes())?;
        self.rest.drain(..self.rest.len() - n_waiting);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.inner.flush()
    }
}

/// A number of bytes for people: `17.5 MB`.
pub fn bytes(n: u64) -> String {
    const UNITS: [&str; 5] = ["B", "kB", "MB", "GB", "TB"];
    let (mut value, mut unit) = (n as f64, 0);
    while value >= 999.5 && unit + 1 < UNITS.len() {
        value /= 1000.0;
        unit += 1;
    }
    if unit == 0 { format!("{n} B") } else { format!("{value:.1} {}", UNITS[unit]) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes() {
        for (n, want) in [
            (0, "0 B"),
            (999, "999 B"),
            (1000, "1.0 kB"),
            (17_451_053, "17.5 MB"),
            (2_900_000_000, "2.9 GB"),
        ] {
            assert_eq!(bytes(n), want);
        }
    }

    #[test]
    fn escapes_do_not_survive() {
        assert_eq!(plain("a\x1b[2Jb\r\nc\u{9b}d\u{202e}e\u{2066}"), "a[2Jb\ncde");
    }

    #[test]
    fn an_error_and_what_helps() {
        let why = Reason::new("no \x1b[2Jdoor");
        for (why, has_colour, want) in [
            (why.clone(), false, "error: no [2Jdoor\n"),
            (why.clone().hint("knock"), false, "error: no [2Jdoor\nhint: knock\n"),
            (
                why.hint("knock"),
                true,
                "\x1b[31merror:\x1b[0m no [2Jdoor\n\x1b[36mhint:\x1b[0m knock\n",
            ),
        ] {
            let mut out = Vec::new();
            Clean::new(&mut out).error(&why, has_colour).unwrap();
            assert_eq!(String::from_utf8(out).unwrap(), want);
        }
    }

    #[test]
    fn a_clean_writer_passes_nothing_harmful_however_it_is_written() {
        let text = "一\x1b[2J二\u{202e}\r\n\u{9b}三👩\u{2069}\n";
        for n in 1..8 {
            let mut out = Vec::new();
            let mut clean = Clean::new(&mut out);
            text.as_bytes().chunks(n).for_each(|piece| clean.write_all(piece).unwrap());
            assert_eq!(String::from_utf8(out).unwrap(), "一[2J二\n三👩\n", "{n}");
        }
        let mut out = Vec::new();
        Clean::new(&mut out).write_all(b"a\xff\x1bb\xe4").unwrap();
        assert_eq!(String::from_utf8(out).unwrap(), "a\u{fffd}b");
    }
}
