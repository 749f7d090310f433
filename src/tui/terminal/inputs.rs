//! What keys and mouse do, as events of ours.

use crate::tui::event::{Event, Mouse, MouseKind};
use crate::tui::keys::{Code, Key};
use crossterm::event::{self, KeyCode, KeyEvent, KeyEventKind, KeyModifiers, MouseButton, MouseEvent, MouseEventKind};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::Sender;
use std::thread;
use std::time::Duration;

/// How often the thread looks whether it is still wanted.
const LOOK: Duration = Duration::from_millis(250);

/// Reads on a thread of its own until `is_left`, or nobody listens, or the terminal is gone.
pub(super) fn watch(sender: Sender<Event>, is_left: Arc<AtomicBool>) {
    thread::spawn(move || {
        // Asked here, because a terminal that does not answer costs two seconds. Keys typed meanwhile are kept.
        if crossterm::terminal::supports_keyboard_enhancement().unwrap_or(false) {
            super::enhance();
        }
        while !is_left.load(Ordering::Relaxed) {
            let event = match event::poll(LOOK) {
                Ok(false) => continue,
                Ok(true) => event::read(),
                Err(error) => Err(error),
            };
            let is_heard = match event {
                Ok(event) => translate(event).is_none_or(|event| sender.send(event).is_ok()),
                Err(error) => {
                    log::warn!("the terminal cannot be read any more: {error}");
                    let _ = sender.send(Event::Quit);
                    false
                }
            };
            if !is_heard {
                break;
            }
        }
    });
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
            let c = if shift && c.is_lowercase() { c.to_uppercase().next().unwrap_or(c) } else { c };
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
        let press = |code, modifiers| translate_key(KeyEvent::new(code, modifiers)).map(|key| key.to_string());
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
        let release = KeyEvent::new_with_kind(KeyCode::Char('q'), KeyModifiers::NONE, KeyEventKind::Release);
        assert_eq!(translate_key(release), None);
    }
}
