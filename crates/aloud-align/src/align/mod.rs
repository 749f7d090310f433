//! Where in the sound is each written word?
//!
//! Takes an article and what was said, gives each written word its time or says that it was not
//! read. Pure: this room never knows where either came from, nor what is done with the result.

pub mod across;
mod anchors;
mod beads;
pub mod estimate;
mod given;
mod heard;
mod holes;
mod islands;
mod laid;
pub mod length;
mod links;
pub mod open;
mod pace;
mod path;
mod pauses;
pub mod provisional;
pub mod quantities;
mod refine;
mod summary;
mod tempo;
mod texts;
mod together;
mod verdict;
mod words;

#[cfg(test)]
mod tests;

pub use given::given;
pub use laid::laid;
pub use refine::refine;
pub use together::{joined, together};
pub use verdict::{Belongs, Fit, Verdict, verdict};
pub use words::align;

use crate::time::Span;
use std::ops::Range;

/// When each written word is spoken.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Alignment {
    /// How it was found.
    pub method: Method,
    /// Whether the article belongs to the sound at all.
    pub belongs: Belongs,
    /// The share, 0 to 1, of the article's words that a narrator would read and that were found in
    /// the sound.
    pub coverage: f64,
    /// For each word of the article.
    pub words: Vec<Timing>,
    /// For each sentence of the article.
    pub sentences: Vec<SentenceTiming>,
    /// What was said but not written, in order of time.
    pub unwritten: Vec<Unwritten>,
}

/// How times were found.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Method {
    /// The recogniser's words were compared with the article's.
    #[default]
    Words,
    /// The narration is in another language: sentences were tied to sentences, and words have no
    /// times.
    Sentences,
    /// The text was spoken by a synthesiser, and its sounds were found in the recording's.
    Synth,
    /// The recogniser's words were compared with the article's, and the synthesiser's sounds
    /// sharpened and filled them.
    Together,
    /// Text was laid over speech by its length alone.
    Estimate,
    /// The text came with its times, as a book with overlays does.
    Given,
}

/// When a written word is spoken.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Timing {
    /// When; `None` where it is not spoken, or where only sentences have times. Spans are in order
    /// and apart.
    pub span: Option<Span>,
    /// How sure that is, 0 to 1. Low for a word that was not heard and is placed between
    /// neighbours.
    pub confidence: f32,
    /// The words of the transcript (in the order of
    /// [`Transcript::words`](crate::transcript::Transcript::words)) that it was matched with; empty
    /// where it was placed or not spoken.
    pub spoken: Range<usize>,
}

/// Whether a sentence was read aloud.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Status {
    /// Read.
    Spoken,
    /// Read in part.
    Partly,
    /// Not read.
    Unspoken,
}

/// When a sentence is spoken.
#[derive(Clone, Debug, PartialEq)]
pub struct SentenceTiming {
    /// Whether it is.
    pub status: Status,
    /// From its first word to its last; `None` where it is not spoken.
    pub span: Option<Span>,
    /// How sure that is, 0 to 1.
    pub confidence: f32,
}

/// A stretch that was said but is not written.
#[derive(Clone, Debug, PartialEq)]
pub struct Unwritten {
    /// When.
    pub span: Span,
    /// What the recogniser heard.
    pub text: String,
    /// Its words, as indices into the transcript's.
    pub spoken: Range<usize>,
}
