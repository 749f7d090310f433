//! A block's text before it is cut into sentences, as parsers make it.

use super::{BlockKind, Skip};
use std::ops::Range;

/// A block's text before it is cut into sentences.
#[derive(Clone, Debug, PartialEq)]
pub struct Piece {
    /// What it is for.
    pub kind: BlockKind,
    /// One clean line, never empty.
    pub text: String,
    /// Why a narrator would not read it, where the source says so.
    pub skip: Option<Skip>,
    /// Who says it, where the source says so.
    pub speaker: Option<String>,
    /// The cues that it was put together from, with the bytes of each of their lines.
    pub cues: Vec<Vec<Range<usize>>>,
    /// Bytes of its text, in order, before which a sentence ends whatever marks say.
    pub breaks: Vec<usize>,
}

impl Piece {
    /// A piece of which nothing but its text is known.
    pub fn new(kind: BlockKind, text: String) -> Self {
        Self { kind, text, skip: None, speaker: None, cues: Vec::new(), breaks: Vec::new() }
    }
}
