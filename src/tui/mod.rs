//! What does this event do? The reading screen as a program: events, state, effects, the terminal.
//!
//! [`update`] takes an event in and says what is to be done; nothing else changes the state, and it
//! does nothing by itself. [`run`] joins it with somebody who plays ([`Playback`]), somebody who
//! keeps things ([`Storage`]) and somebody who shows the screen ([`Display`]). This room never
//! opens a file, and never knows how sound is played or recognised.

mod app;
mod backlog;
mod bookmarks;
mod choices;
mod contents;
mod effect;
mod event;
mod finder;
mod input;
mod jumps;
pub mod keys;
mod lists;
mod messages;
mod mouse;
mod moves;
mod playback;
mod progress;
mod queue;
mod run;
mod screen;
pub mod shelf;
mod terminal;
mod text;
mod tick;
mod typing;
mod update;
mod writing;

#[cfg(test)]
mod tests;

pub use app::{App, Setup};
pub use bookmarks::{Bookmark, markdown, section};
pub use choices::Choices;
pub use effect::World;
pub use event::{Effect, Event, Mouse, MouseKind, Notice, Position};
pub use finder::{Finder, Found, Order};
pub use keys::Keys;
pub use playback::{Display, Playback, Storage};
pub use progress::Progress;
pub use queue::{Change, Queued};
pub use run::{Ended, Wants, listen, run};
pub use terminal::{Abilities, Clipboard, Colours, Terminal, has_keys, restore, screen_thread};
pub use text::View;
pub use update::update;
