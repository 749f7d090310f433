//! What was said, and when: the recogniser's words with their times.
//!
//! Plain data. This room never knows how the words were found (that is `transcribe`), in which file
//! they are written (`import`, `export`), or what the article says.

pub mod join;
pub mod letters;
pub mod split;
pub mod tidy;

use crate::episode::EpisodeId;
use crate::time::{Span, Timestamp};

/// One word as it was heard. Of Chinese and Japanese each character is a word; a run of Latin
/// letters or digits is one.
#[derive(Clone, Debug, PartialEq)]
pub struct SpokenWord {
    /// Its text, with the punctuation that belongs to it, without white space at either end.
    pub text: String,
    /// When it is said.
    pub span: Span,
    /// How sure the recogniser was, 0 to 1; `None` where an imported file does not say.
    pub probability: Option<f32>,
}

/// A run of words that the recogniser wrote as one line.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Segment {
    /// From its first word's start to its last word's end.
    pub span: Span,
    /// Its text as written, with spaces and punctuation.
    pub text: String,
    /// Its words in order; empty where an imported file has none.
    pub words: Vec<SpokenWord>,
    /// Whether the recogniser stayed unsure of it after every retry.
    pub is_doubtful: bool,
}

/// Why a stretch of sound has no words.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum GapReason {
    /// Nothing is heard.
    Silence,
    /// Something is heard, but nobody speaks.
    Music,
    /// The recogniser failed here twice.
    Failed,
    /// The recogniser found only loops or noise here.
    Unclear,
    /// The recording is damaged here.
    Damaged,
}

/// A stretch that was not transcribed.
#[derive(Clone, Debug, PartialEq)]
pub struct Gap {
    /// Where.
    pub span: Span,
    /// Why.
    pub reason: GapReason,
}

/// The recording that a transcript is of.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct AudioRef {
    /// The file's name without its folder.
    pub file: String,
    /// The hash of its bytes, where known.
    pub id: Option<EpisodeId>,
    /// Its length, where known.
    pub duration: Option<Timestamp>,
}

/// The model that wrote a transcript.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ModelRef {
    /// Its catalogue name, or its file's name.
    pub name: String,
    /// The SHA-1 of its file in hexadecimal, where known.
    pub sha1: Option<String>,
}

/// All that was said in a recording.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Transcript {
    /// Of which recording.
    pub audio: AudioRef,
    /// By which model; `None` for a transcript made by another program.
    pub model: Option<ModelRef>,
    /// The language spoken, as an ISO 639-1 code ("en", "zh", "yue"); `None` where unknown.
    pub language: Option<String>,
    /// What was said, in order of time; spans do not overlap.
    pub segments: Vec<Segment>,
    /// Where nothing was transcribed, in order of time.
    pub gaps: Vec<Gap>,
}

impl Transcript {
    /// Every word in order of time.
    pub fn words(&self) -> impl Iterator<Item = &SpokenWord> {
        self.segments.iter().flat_map(|segment| &segment.words)
    }
}
