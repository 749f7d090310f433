//! What becomes of a panic: the one hook of the program.
//!
//! A library's panic over a stranger's file is caught and is the log's business; one on a thread
//! behind the screen would only stand across the text. Any other ends its thread, or the program:
//! the terminal and standard error are given back, and it is told.

use super::report::plain;
use crate::{decode, player, tui};
use std::backtrace::{Backtrace, BacktraceStatus};
use std::io::{self, Write};
use std::panic::{self, PanicHookInfo};
use std::thread;

/// Sets the hook.
pub(super) fn watch() {
    panic::set_hook(Box::new(|info| {
        let screen = tui::screen_thread();
        let here = thread::current();
        match fate(decode::is_guarded(), here.name(), screen.map(|screen| screen == here.id())) {
            Fate::Caught => log::warn!("a library gave up: {info}"),
            Fate::Behind => log::error!("a thread gave up: {info}"),
            Fate::Told => tell(info),
        }
    }));
}

/// What is done with one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Fate {
    /// It is caught, and whoever called the library says what is lost.
    Caught,
    /// It ends a thread that nobody sees.
    Behind,
    /// It is for people.
    Told,
}

/// Of a panic on the thread `name`; `is_screen` says whether that is the screen's, where there is
/// one.
fn fate(is_guarded: bool, name: Option<&str>, is_screen: Option<bool>) -> Fate {
    match is_screen {
        _ if is_guarded => Fate::Caught,
        Some(false) => Fate::Behind,
        // A thread of the sound system costs only the sound.
        _ if name.is_some_and(|name| name.starts_with("cpal")) => Fate::Behind,
        _ => Fate::Told,
    }
}

fn tell(info: &PanicHookInfo<'_>) {
    player::hush::lift();
    tui::restore();
    let trace = Backtrace::capture();
    let mut words = format!("{}\n", plain(&info.to_string()));
    match trace.status() {
        BacktraceStatus::Captured => words += &format!("{trace}\n"),
        _ => {
            words +=
                "this is a fault of aloud: please report it, with what RUST_BACKTRACE=1 adds\n";
        }
    }
    // Nobody is left to tell when standard error is closed.
    let _ = io::stderr().write_all(words.as_bytes());
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_hears_of_it() {
        for (is_guarded, name, is_screen, want) in [
            (false, Some("main"), None, Fate::Told),
            (false, None, None, Fate::Told),
            (false, Some("main"), Some(true), Fate::Told),
            (false, Some("reader"), Some(false), Fate::Behind),
            (false, Some("cpal_alsa_out"), None, Fate::Behind),
            // A decoder that gives up during a clip, on whichever thread, leaves the screen alone.
            (true, Some("main"), Some(true), Fate::Caught),
            (true, Some("main"), None, Fate::Caught),
            (true, Some("errand"), Some(false), Fate::Caught),
        ] {
            assert_eq!(
                fate(is_guarded, name, is_screen),
                want,
                "{is_guarded} {name:?} {is_screen:?}"
            );
        }
    }
}
