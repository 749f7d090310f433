//! What the screen asks of the world: somebody who plays, somebody who keeps, somebody who shows.

use super::app::App;
use super::bookmarks::Bookmark;
use super::choices::Choices;
use super::event::{Notice, Position};
use super::queue::{Change, Queued};
use crate::export::Format;
use crate::time::{Span, Timestamp};
use std::io;

/// Somebody who plays the recording. Nothing here may block.
pub trait Playback {
    /// Lets it sound; from the start where its end was reached.
    fn play(&mut self);
    /// Holds it.
    fn pause(&mut self);
    /// Plays or holds it.
    fn toggle(&mut self) {
        if self.position().is_playing { self.pause() } else { self.play() }
    }
    /// Goes on from `to`, playing or held as before.
    fn seek(&mut self, to: Timestamp);
    /// Plays this fast, 0.5 to 3.
    fn set_rate(&mut self, rate: f32);
    /// Plays this loud, 1 being as recorded.
    fn set_volume(&mut self, volume: f32);
    /// Is silent, or not.
    fn set_muted(&mut self, is_muted: bool);
    /// Makes long pauses short, or leaves them as they are.
    fn set_skip_silence(&mut self, skips: bool);
    /// What is heard now. After [`seek`](Self::seek) it is where was sought.
    fn position(&self) -> Position;
    /// What there is to tell since this was last asked.
    fn events(&mut self) -> Vec<Notice>;
}

/// Somebody who keeps things for the listener. What it answers is shown as a note; an empty answer
/// is not. What takes long it only begins.
pub trait Storage {
    /// Keeps all bookmarks instead of those kept before.
    fn bookmarks(&mut self, bookmarks: &[Bookmark]) -> Result<String, String>;
    /// Keeps where the listener is.
    fn remember(&mut self, at: Timestamp) -> Result<String, String>;
    /// Takes up how long the recording turned out to be, where its header only lets one guess.
    fn measured(&mut self, _length: Timestamp) {}
    /// Keeps what the listener chose with keys, for next time.
    fn choose(&mut self, choices: &Choices) -> Result<String, String>;
    /// Changes the queue; answers how it is then.
    fn arrange(&mut self, change: Change) -> Result<Vec<Queued>, String>;
    /// The queue as it is now.
    fn queue(&mut self) -> Vec<Queued>;
    /// Writes a stretch of the sound.
    fn clip(&mut self, span: Span) -> Result<String, String>;
    /// Writes the episode in a format.
    fn export(&mut self, format: Format) -> Result<String, String>;
    /// Writes bookmarks as Markdown.
    fn markdown(&mut self, page: &str) -> Result<String, String>;
    /// What came meanwhile of what was begun.
    fn done(&mut self) -> Vec<Result<String, String>> {
        Vec::new()
    }
}

/// Somebody who shows the screen.
pub trait Display {
    /// Its columns and rows.
    fn size(&self) -> io::Result<(u16, u16)>;
    /// Shows `app` as it is now.
    fn draw(&mut self, app: &App) -> io::Result<()>;
    /// Forgets what is shown, so that the next drawing writes all of it.
    fn repaint(&mut self);
    /// Puts `text` into the clipboard, and says what came of it.
    fn copy(&mut self, text: &str) -> io::Result<String>;
    /// Takes the terminal again after the program was stopped and brought back.
    fn resume(&mut self) -> io::Result<()>;
    /// Leaves the terminal to the shell until the program is brought back.
    fn suspend(&mut self) -> io::Result<()>;
}
