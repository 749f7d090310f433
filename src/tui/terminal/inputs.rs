//! What keys and mouse do, as events of ours.

use crate::refusal;
use crate::tui::event::{Event, Mouse, MouseKind};
use crate::tui::keys::{Code, Key};
use crossterm::event::{
    self, KeyCode, KeyEvent, KeyEventKind, KeyModifiers, MouseButton, MouseEvent, MouseEventKind,
};
use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::Sender;
use std::thread;
use std::time::Duration;

/// How often the thread looks whether it is still wanted.
const LOOK: Duration = Duration::from_millis(250);

/// Reads on a thread of its own until `is_left`, or nobody listens, or the terminal is gone.
///
/// # Errors
/// When there is no thread, or no terminal to read.
pub(super) fn watch(sender: Sender<Event>, is_left: Arc<AtomicBool>) -> io::Result<()> {
    source::watch(sender, is_left)
}

fn start(name: &str, work: impl FnOnce() + Send + 'static) -> io::Result<()> {
    let thread = thread::Builder::new().name(name.into()).spawn(work);
    thread.map(drop).map_err(|error| io::Error::other(refusal::no_thread(&error)))
}

fn is_gone(error: &dyn std::fmt::Display, sender: &Sender<Event>) {
    log::warn!("the terminal cannot be read any more: {error}");
    let _ = sender.send(Event::Quit);
}

/// Bytes of the terminal, read by us: crossterm waits without end for the rest of a sequence that
/// broke off.
#[cfg(unix)]
mod source {
    use super::*;
    use crate::tui::terminal::bytes::{Bytes, Sent};
    use std::fs::File;
    use std::io::{IsTerminal, Read};
    use std::os::fd::AsFd;
    use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
    use std::sync::{Mutex, OnceLock, PoisonError};

    /// What is read for all screens, which come one after the other: a read cannot be broken off,
    /// and a thread that was left behind would take a key that is meant for the next one. Who
    /// understands for a screen holds it until that is gone.
    static PIECES: OnceLock<Mutex<Pieces>> = OnceLock::new();

    struct Pieces {
        read: Receiver<io::Result<Vec<u8>>>,
        /// What came when its screen had gone already.
        unread: Option<io::Result<Vec<u8>>>,
    }

    pub(super) fn watch(sender: Sender<Event>, is_left: Arc<AtomicBool>) -> io::Result<()> {
        if PIECES.get().is_none() {
            let stdin = io::stdin();
            // The article may come in there; the keys are those of the terminal behind it.
            let terminal = if stdin.is_terminal() {
                File::from(stdin.as_fd().try_clone_to_owned()?)
            } else {
                File::open("/dev/tty")?
            };
            let (pieces, read) = channel();
            start("terminal", move || read_all(terminal, &pieces))?;
            let _ = PIECES.set(Mutex::new(Pieces { read, unread: None }));
        }
        start("keys", move || {
            let pieces =
                PIECES.get().map(|pieces| pieces.lock().unwrap_or_else(PoisonError::into_inner));
            pieces.into_iter().for_each(|mut pieces| understand(&mut pieces, &sender, &is_left));
        })?;
        super::super::ask_for_enhancement();
        Ok(())
    }

    fn read_all(mut terminal: File, pieces: &Sender<io::Result<Vec<u8>>>) {
        let mut piece = [0; 4096];
        loop {
            let read = match terminal.read(&mut piece) {
                Ok(0) => Err(io::ErrorKind::UnexpectedEof.into()),
                Ok(n) => Ok(piece[..n].to_vec()),
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                // Another program that has the same terminal open may have asked for reads that do
                // not wait.
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {
                    thread::sleep(Duration::from_millis(10));
                    continue;
                }
                Err(error) => Err(error),
            };
            let is_last = read.is_err();
            if pieces.send(read).is_err() || is_last {
                return;
            }
        }
    }

    /// Makes events of what is read.
    fn understand(pieces: &mut Pieces, sender: &Sender<Event>, is_left: &AtomicBool) {
        let mut bytes = Bytes::default();
        while !is_left.load(Ordering::Relaxed) {
            let patience = bytes.patience();
            let read = pieces
                .unread
                .take()
                .map_or_else(|| pieces.read.recv_timeout(patience.unwrap_or(LOOK)), Ok);
            if is_left.load(Ordering::Relaxed) {
                pieces.unread = read.ok();
                return;
            }
            let sent = match read {
                Ok(Ok(piece)) => bytes.take(&piece),
                Ok(Err(error)) => return is_gone(&error, sender),
                Err(RecvTimeoutError::Timeout) if patience.is_some() => bytes.give_up(),
                Err(RecvTimeoutError::Timeout) => continue,
                Err(RecvTimeoutError::Disconnected) => return is_gone(&"nobody reads it", sender),
            };
            for sent in sent {
                let event = match sent {
                    Sent::Event(event) => translate(event),
                    Sent::CanEnhance => {
                        super::super::enhance();
                        None
                    }
                };
                if event.is_some_and(|event| sender.send(event).is_err()) {
                    return;
                }
            }
        }
    }
}

/// The console's own events.
#[cfg(not(unix))]
mod source {
    use super::*;

    pub(super) fn watch(sender: Sender<Event>, is_left: Arc<AtomicBool>) -> io::Result<()> {
        start("keys", move || {
            while !is_left.load(Ordering::Relaxed) {
                let event = match event::poll(LOOK) {
                    Ok(false) => continue,
                    Ok(true) => event::read(),
                    Err(error) => Err(error),
                };
                match event {
                    Ok(event)
                        if translate(event.clone())
                            .is_none_or(|event| sender.send(event).is_ok()) => {}
                    Ok(_) => return,
                    Err(error) => return is_gone(&error, &sender),
                }
            }
        })
    }
}

fn translate(event: event::Event) -> Option<Event> {
    match event {
        event::Event::Key(key) => Some(Event::Key(translate_key(key)?)),
        event::Event::Mouse(mouse) => Some(Event::Mouse(translate_mouse(mouse)?)),
        event::Event::Paste(text) => Some(Event::Paste(text)),
        event::Event::Resize(width, height) => Some(Event::Resize(width, height)),
        // Whoever had the terminal meanwhile may have left something on it.
        event::Event::FocusGained => Some(Event::Repaint),
        event::Event::FocusLost => None,
    }
}

/// Releases come from some terminals too; only presses and repeats count.
fn translate_key(key: KeyEvent) -> Option<Key> {
    if key.kind == KeyEventKind::Release {
        return None;
    }
    let held = |modifier| key.modifiers.contains(modifier);
    let mut shift = held(KeyModifiers::SHIFT);
    let code = match key.code {
        KeyCode::Char(c) => {
            // Some terminals report the key and Shift, others the character that they make.
            let c =
                if shift && c.is_lowercase() { c.to_uppercase().next().unwrap_or(c) } else { c };
            shift = false;
            Code::Char(if held(KeyModifiers::CONTROL) { c.to_ascii_lowercase() } else { c })
        }
        KeyCode::Enter => Code::Enter,
        KeyCode::Esc => Code::Esc,
        KeyCode::Backspace => Code::Backspace,
        KeyCode::Delete => Code::Delete,
        KeyCode::Tab => Code::Tab,
        KeyCode::Left => Code::Left,
        KeyCode::Right => Code::Right,
        KeyCode::Up => Code::Up,
        KeyCode::Down => Code::Down,
        KeyCode::Home => Code::Home,
        KeyCode::End => Code::End,
        KeyCode::PageUp => Code::PageUp,
        KeyCode::PageDown => Code::PageDown,
        KeyCode::F(n) => Code::F(n),
        _ => return None,
    };
    Some(Key { code, ctrl: held(KeyModifiers::CONTROL), alt: held(KeyModifiers::ALT), shift })
}

fn translate_mouse(mouse: MouseEvent) -> Option<Mouse> {
    let kind = match mouse.kind {
        MouseEventKind::Down(MouseButton::Left) => MouseKind::Press,
        MouseEventKind::Drag(MouseButton::Left) => MouseKind::Drag,
        MouseEventKind::Up(MouseButton::Left) => MouseKind::Release,
        MouseEventKind::Moved => MouseKind::Move,
        MouseEventKind::ScrollUp => MouseKind::WheelUp,
        MouseEventKind::ScrollDown => MouseKind::WheelDown,
        _ => return None,
    };
    Some(Mouse { kind, x: mouse.column, y: mouse.row })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys() {
        let press = |code, modifiers| {
            translate_key(KeyEvent::new(code, modifiers)).map(|key| key.to_string())
        };
        for (code, modifiers, want) in [
            (KeyCode::Char('g'), KeyModifiers::SHIFT, Some("G")),
            (KeyCode::Char('G'), KeyModifiers::SHIFT, Some("G")),
            (KeyCode::Char('{'), KeyModifiers::SHIFT, Some("{")),
            (KeyCode::Char('d'), KeyModifiers::CONTROL, Some("ctrl-d")),
            (KeyCode::Left, KeyModifiers::SHIFT, Some("shift-left")),
            (KeyCode::Char(' '), KeyModifiers::NONE, Some("space")),
            (KeyCode::CapsLock, KeyModifiers::NONE, None),
        ] {
            assert_eq!(press(code, modifiers).as_deref(), want);
        }
        let release =
            KeyEvent::new_with_kind(KeyCode::Char('q'), KeyModifiers::NONE, KeyEventKind::Release);
        assert_eq!(translate_key(release), None);
    }
}
