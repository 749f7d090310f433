//! All that can happen, and all that can be asked of the world.

use super::bookmarks::Bookmark;
use super::choices::Choices;
use super::finder::{Found, Order};
use super::keys::Key;
use super::progress::Progress;
use super::queue::{Change, Queued};
use crate::export::Format;
use crate::media::Request;
use crate::reading::Reading;
use crate::time::{Span, Timestamp};
use std::time::Duration;

/// Something that happened.
#[derive(Clone, Debug, PartialEq)]
pub enum Event {
    /// A key was pressed.
    Key(Key),
    /// Text was pasted.
    Paste(String),
    /// The mouse was used.
    Mouse(Mouse),
    /// The terminal is this many columns and rows now.
    Resize(u16, u16),
    /// Time went on.
    Tick {
        /// What is heard.
        position: Position,
        /// Since the start of the program.
        now: Duration,
    },
    /// More or better is known of the text and its times.
    Reading(Box<Reading>),
    /// The text in another language, by sentence of the article.
    Translation(Vec<Option<String>>),
    /// Recognition went on.
    Progress(Progress),
    /// How loud the recording is along its length, in equal parts.
    Energy(Vec<u8>),
    /// How long the recording is.
    Length(Timestamp),
    /// A phrase was looked for.
    Found(Found),
    /// The queue is this now.
    Queue(Vec<Queued>),
    /// The recording has come whole: it is left for what is known of it then.
    Whole,
    /// All was heard, and the queue is this now.
    Over(Vec<Queued>),
    /// Something to tell.
    Notice(Notice),
    /// A media key was pressed, or the desktop wants something.
    Media(Request),
    /// The terminal asks to be left for a while (SIGTSTP).
    Suspend,
    /// The program was brought back; the terminal has to be taken again.
    Resume,
    /// Somebody else may have written on the terminal; all of it has to be drawn anew.
    Repaint,
    /// The program is asked to end (SIGTERM, SIGHUP).
    Quit,
}

/// What the mouse did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Mouse {
    /// What.
    pub kind: MouseKind,
    /// In which column, from 0.
    pub x: u16,
    /// In which row, from 0.
    pub y: u16,
}

/// What a mouse can do here.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MouseKind {
    /// The left button went down.
    Press,
    /// It was moved with the left button down.
    Drag,
    /// The left button was let go.
    Release,
    /// It was moved with no button down.
    Move,
    /// The wheel was turned away from the hand.
    WheelUp,
    /// The wheel was turned towards it.
    WheelDown,
}

/// Where the sound is.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Position {
    /// What is heard.
    pub at: Timestamp,
    /// Whether it goes on by itself.
    pub is_playing: bool,
    /// Whether its end was reached.
    pub is_ended: bool,
    /// How fast, 1 being as recorded.
    pub rate: f32,
    /// How loud, 1 being as recorded.
    pub volume: f32,
    /// Whether it is silent for now.
    pub is_muted: bool,
}

impl Default for Position {
    fn default() -> Self {
        Self {
            at: Timestamp::ZERO,
            is_playing: false,
            is_ended: false,
            rate: 1.0,
            volume: 1.0,
            is_muted: false,
        }
    }
}

/// Something to tell the listener.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Notice {
    /// It is shown until a key is pressed.
    Note(String),
    /// It answers a key: it is shown for a while.
    Answer(String),
    /// It is shown until it is over.
    Trouble(String),
    /// The text does not seem to be what is said. Shown for a while; that it is so stays to be
    /// seen.
    Misfit(String),
    /// The text is what is said.
    Belongs,
    /// The trouble is over.
    Clear,
}

/// Something to be done in the world.
#[derive(Clone, Debug, PartialEq)]
pub enum Effect {
    /// Let it sound.
    Play,
    /// Hold it.
    Pause,
    /// Go on from there.
    Seek(Timestamp),
    /// Play this fast, 0.5 to 3.
    Rate(f32),
    /// Play this loud, 0 to 1.5.
    Volume(f32),
    /// Be silent, or not.
    Mute(bool),
    /// Make long pauses short, or leave them as they are.
    SkipSilence(bool),
    /// Look for this phrase, and no more for an earlier one.
    Search(Order),
    /// Put this into the clipboard.
    Copy(String),
    /// Write this stretch as a sound file.
    Clip(Span),
    /// Write the episode as this.
    Export(Format),
    /// Write this Markdown text with the bookmarks.
    ExportBookmarks(String),
    /// Keep these bookmarks; they have changed.
    Keep(Vec<Bookmark>),
    /// Keep where the listener is.
    Remember(Timestamp),
    /// Take up how long the recording turned out to be.
    Measured(Timestamp),
    /// Keep what was chosen with keys.
    Choose(Choices),
    /// Say that all was heard, with the queue as it is now.
    GoOn,
    /// Change the queue, and tell how it is then.
    Arrange(Change),
    /// Leave the terminal until the program is brought back.
    Suspend,
    /// End.
    Quit,
}
