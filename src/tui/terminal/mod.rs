//! The terminal: the only place that knows crossterm.
//!
//! It is entered by [`Terminal::enter`] and put back whole however the program ends: by dropping
//! it, by [`restore`] after a panic, or by a signal, which arrives as an event. A frame is made in
//! memory and written at once.

mod abilities;
#[cfg(unix)]
mod bytes;
mod clipboard;
mod inputs;
#[cfg(unix)]
mod signals;

pub use abilities::{Abilities, Clipboard, Colours};

use super::app::App;
use super::event::Event;
use super::playback::Display;
use crate::view::symbol_width;
use crossterm::cursor::{Hide, MoveTo, Show};
use crossterm::event::{
    DisableBracketedPaste, DisableFocusChange, DisableMouseCapture, EnableBracketedPaste,
    EnableFocusChange, EnableMouseCapture, KeyboardEnhancementFlags, PopKeyboardEnhancementFlags,
    PushKeyboardEnhancementFlags,
};
use crossterm::terminal::{
    self, BeginSynchronizedUpdate, Clear, ClearType, EndSynchronizedUpdate, EnterAlternateScreen,
    LeaveAlternateScreen,
};
use crossterm::{execute, queue};
use ratatui_core::backend::Backend;
use ratatui_core::buffer::{Buffer, Cell};
use ratatui_core::layout::Rect;
use ratatui_crossterm::CrosstermBackend;
use std::io::{self, Write};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::Sender;
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::{self, ThreadId};
use unicode_width::UnicodeWidthStr;

/// Whether the terminal is ours. Changed only by who holds standard output.
static IS_ENTERED: AtomicBool = AtomicBool::new(false);
/// Whether it was asked for unambiguous keys.
static IS_ENHANCED: AtomicBool = AtomicBool::new(false);

/// Which thread took it last.
static SCREEN: Mutex<Option<ThreadId>> = Mutex::new(None);

/// The terminal on standard output while the reading screen is on it.
pub struct Terminal {
    /// What it shows.
    shown: Buffer,
    next: Buffer,
    /// The frame being made.
    frame: Vec<u8>,
    is_left: Arc<AtomicBool>,
    #[cfg(unix)]
    signals: Option<signal_hook::iterator::Handle>,
}

impl Terminal {
    /// Takes the terminal. Fails where standard output is none.
    pub fn enter() -> io::Result<Self> {
        *SCREEN.lock().unwrap_or_else(PoisonError::into_inner) = Some(thread::current().id());
        let terminal = Self {
            shown: Buffer::empty(Rect::ZERO),
            next: Buffer::empty(Rect::ZERO),
            frame: Vec::new(),
            is_left: Arc::new(AtomicBool::new(false)),
            #[cfg(unix)]
            signals: None,
        };
        take_over()?;
        Ok(terminal)
    }

    /// Sends what keys, mouse and signals do to `sender`, until this is dropped.
    ///
    /// # Errors
    /// When the terminal cannot be read, or the system gives no threads for it.
    pub fn watch(&mut self, sender: &Sender<Event>) -> io::Result<()> {
        #[cfg(unix)]
        self.signals.replace(signals::watch(sender.clone())?);
        inputs::watch(sender.clone(), Arc::clone(&self.is_left))
    }
}

impl Drop for Terminal {
    fn drop(&mut self) {
        self.is_left.store(true, Ordering::Relaxed);
        #[cfg(unix)]
        self.signals.iter().for_each(signal_hook::iterator::Handle::close);
        restore();
    }
}

impl Display for Terminal {
    fn size(&self) -> io::Result<(u16, u16)> {
        terminal::size()
    }

    fn draw(&mut self, app: &App) -> io::Result<()> {
        self.show(app.area(), |buffer| app.draw(buffer))
    }

    fn repaint(&mut self) {
        self.shown = Buffer::empty(Rect::ZERO);
    }

    fn resume(&mut self) -> io::Result<()> {
        self.repaint();
        // The shell may have put the terminal into another mode.
        terminal::disable_raw_mode()?;
        take_over()
    }

    fn copy(&mut self, text: &str) -> io::Result<String> {
        clipboard::copy(text)
    }

    fn suspend(&mut self) -> io::Result<()> {
        restore();
        #[cfg(unix)]
        signals::stop()?;
        self.resume()
    }
}

impl Terminal {
    /// Shows what `draw` makes of a buffer of `area`; it answers where the cursor belongs.
    pub(super) fn show(
        &mut self,
        area: Rect,
        draw: impl FnOnce(&mut Buffer) -> Option<(u16, u16)>,
    ) -> io::Result<()> {
        self.frame.clear();
        queue!(self.frame, BeginSynchronizedUpdate, Hide)?;
        if self.shown.area != area {
            queue!(self.frame, Clear(ClearType::All))?;
            self.shown = Buffer::empty(area);
            self.next = Buffer::empty(area);
        }
        let cursor = draw(&mut self.next);
        // Where terminals disagree about the width of a character the cursor is set anew after it.
        for run in
            changes(&self.shown, &self.next).chunk_by(|(_, _, cell), _| is_of_sure_width(cell))
        {
            CrosstermBackend::new(&mut self.frame).draw(run.iter().copied())?;
        }
        if let Some((x, y)) = cursor {
            queue!(self.frame, MoveTo(x, y), Show)?;
        }
        queue!(self.frame, EndSynchronizedUpdate)?;
        std::mem::swap(&mut self.shown, &mut self.next);
        let mut out = io::stdout().lock();
        if !IS_ENTERED.load(Ordering::Relaxed) {
            return Err(io::Error::other("the terminal was given back"));
        }
        out.write_all(&self.frame)?;
        out.flush()
    }
}

/// Makes the terminal ours, if it is not yet.
fn take_over() -> io::Result<()> {
    terminal::enable_raw_mode()?;
    let mut out = io::stdout().lock();
    if IS_ENTERED.swap(true, Ordering::Relaxed) {
        return Ok(());
    }
    execute!(
        out,
        EnterAlternateScreen,
        Hide,
        EnableMouseCapture,
        EnableFocusChange,
        EnableBracketedPaste
    )?;
    if IS_ENHANCED.load(Ordering::Relaxed) {
        execute!(
            out,
            PushKeyboardEnhancementFlags(KeyboardEnhancementFlags::DISAMBIGUATE_ESCAPE_CODES)
        )?;
    }
    Ok(())
}

/// Asks whether the terminal can tell keys apart that others cannot; one that cannot says nothing
/// (kitty's keyboard protocol).
#[cfg(unix)]
fn ask_for_enhancement() {
    let mut out = io::stdout().lock();
    if IS_ENTERED.load(Ordering::Relaxed) {
        let _ = out.write_all(b"\x1b[?u").and_then(|()| out.flush());
    }
}

/// Asks for unambiguous keys, from a terminal that can tell them apart.
#[cfg(unix)]
fn enhance() {
    let mut out = io::stdout().lock();
    if IS_ENTERED.load(Ordering::Relaxed) && !IS_ENHANCED.swap(true, Ordering::Relaxed) {
        let _ = execute!(
            out,
            PushKeyboardEnhancementFlags(KeyboardEnhancementFlags::DISAMBIGUATE_ESCAPE_CODES)
        );
    }
}

/// Puts the terminal back as it was. Does nothing where it is not ours, so that it may be called at
/// any time, from any thread.
pub fn restore() {
    let mut out = io::stdout().lock();
    if !IS_ENTERED.swap(false, Ordering::Relaxed) {
        return;
    }
    // It is left whatever fails: there is nobody to tell.
    if IS_ENHANCED.load(Ordering::Relaxed) {
        let _ = queue!(out, PopKeyboardEnhancementFlags);
    }
    // Where there is no page to go back to, none of ours stays.
    if !Abilities::of_process().has_two_pages {
        let _ = queue!(out, Clear(ClearType::All), MoveTo(0, 0));
    }
    let _ = execute!(
        out,
        EndSynchronizedUpdate,
        DisableBracketedPaste,
        DisableFocusChange,
        DisableMouseCapture,
        LeaveAlternateScreen,
        Show
    );
    let _ = terminal::disable_raw_mode();
}

/// The thread that has the screen, while one has.
pub fn screen_thread() -> Option<ThreadId> {
    // A panic may come while this is locked; it must not wait for itself.
    let screen = SCREEN.try_lock().ok().and_then(|screen| *screen);
    screen.filter(|_| IS_ENTERED.load(Ordering::Relaxed))
}

/// Whether a screen has had the terminal at some time: its reader goes on taking in all that is
/// typed, for the next screen.
pub fn has_keys() -> bool {
    SCREEN.lock().is_ok_and(|screen| screen.is_some())
}

/// The cells to write so that `shown` becomes `next`, from left to right and top to bottom. A row
/// that has changed is written whole if there is anything but ASCII on it: half of a wide character
/// written over leaves its other half in a state that terminals do not agree about.
fn changes<'a>(shown: &Buffer, next: &'a Buffer) -> Vec<(u16, u16, &'a Cell)> {
    let width = usize::from(next.area.width).max(1);
    let mut changes = Vec::new();
    for ((y, old), new) in (0..).zip(shown.content.chunks(width)).zip(next.content.chunks(width)) {
        if old == new {
            continue;
        }
        let is_plain = old.iter().chain(new).all(|cell| cell.symbol().is_ascii());
        let mut covered = 0;
        for ((x, old), new) in (0..).zip(old).zip(new) {
            if covered > 0 {
                covered -= 1;
                continue;
            }
            covered = symbol_width(new.symbol()).saturating_sub(1);
            if !is_plain || old != new {
                changes.push((x, y, new));
            }
        }
    }
    changes
}

/// Whether every terminal moves by as many cells after this one as we think: not so for what is
/// wide in East Asian settings only, nor for clusters of several characters.
fn is_of_sure_width(cell: &Cell) -> bool {
    let symbol = cell.symbol();
    symbol.is_ascii() || (symbol.chars().nth(1).is_none() && symbol.width() == symbol.width_cjk())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_changed_row_leaves_no_half_characters() {
        let text = |before: &str, after: &str| {
            let (before, after) =
                (Buffer::with_lines(["same", before]), Buffer::with_lines(["same", after]));
            changes(&before, &after)
                .iter()
                .map(|(x, y, cell)| format!("{x},{y}{}", cell.symbol()))
                .collect::<Vec<_>>()
                .join(" ")
        };
        assert_eq!(text("abcd", "abxd"), "2,1x");
        assert_eq!(text("ab個", "a。 "), "0,1a 1,1。 3,1 ");
        assert_eq!(text("你好", "你好"), "");
    }

    #[test]
    fn sure_widths() {
        for (symbol, want) in [
            ("a", true),
            ("中", true),
            ("。", true),
            ("…", false),
            ("“", false),
            ("▁", false),
            ("👩‍👩‍👧", false),
        ] {
            let mut cell = Cell::default();
            cell.set_symbol(symbol);
            assert_eq!(is_of_sure_width(&cell), want, "{symbol}");
        }
    }
}
