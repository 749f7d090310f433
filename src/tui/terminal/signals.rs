//! Signals that ask for the terminal, or for the end.

use crate::tui::event::Event;
use signal_hook::consts::{SIGCONT, SIGHUP, SIGINT, SIGTERM, SIGTSTP};
use signal_hook::iterator::Signals;
use signal_hook::low_level::emulate_default_handler;
use std::io;
use std::sync::mpsc::Sender;
use std::thread;

/// Sends them on until nobody listens.
pub(super) fn watch(sender: Sender<Event>) {
    let mut signals = match Signals::new([SIGTERM, SIGHUP, SIGINT, SIGTSTP, SIGCONT]) {
        Ok(signals) => signals,
        Err(error) => return log::warn!("signals cannot be watched: {error}"),
    };
    thread::spawn(move || {
        for signal in signals.forever() {
            let event = match signal {
                SIGTSTP => Event::Suspend,
                SIGCONT => Event::Resume,
                _ => Event::Quit,
            };
            if sender.send(event).is_err() {
                break;
            }
        }
    });
}

/// Stops this process; returns when it is brought back.
pub(super) fn stop() -> io::Result<()> {
    emulate_default_handler(SIGTSTP)
}
