//! Signals that ask for the terminal, or for the end.

use crate::refusal;
use crate::tui::event::Event;
use signal_hook::consts::{SIGCONT, SIGHUP, SIGINT, SIGTERM, SIGTSTP, SIGWINCH};
use signal_hook::iterator::{Handle, Signals};
use signal_hook::low_level::emulate_default_handler;
use std::io;
use std::sync::mpsc::Sender;
use std::thread;

/// Sends them on until nobody listens, or what is returned is closed.
///
/// # Errors
/// When signals cannot be watched, or there is no thread to do so.
pub(super) fn watch(sender: Sender<Event>) -> io::Result<Handle> {
    let mut signals = Signals::new([SIGTERM, SIGHUP, SIGINT, SIGTSTP, SIGCONT, SIGWINCH])?;
    let handle = signals.handle();
    let watching = move || {
        for signal in signals.forever() {
            let event = match signal {
                SIGTSTP => Event::Suspend,
                SIGCONT => Event::Resume,
                SIGWINCH => match crossterm::terminal::size() {
                    Ok((width, height)) => Event::Resize(width, height),
                    Err(_) => continue,
                },
                _ => Event::Quit,
            };
            if sender.send(event).is_err() {
                break;
            }
        }
    };
    let thread = thread::Builder::new().name("signals".into()).spawn(watching);
    thread.map(|_| handle).map_err(|error| io::Error::other(refusal::no_thread(&error)))
}

/// Stops this process; returns when it is brought back.
pub(super) fn stop() -> io::Result<()> {
    emulate_default_handler(SIGTSTP)
}
