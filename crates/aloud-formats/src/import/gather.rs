//! Words without segments are gathered into sentences.
//!
//! Some files hold nothing but words with times. This room decides where a segment ends; it never
//! knows the format.

use super::assemble::{Piece, Rough, Words};
use super::notes::Place;
use crate::time::Timestamp;
use crate::transcript::characters::{ends_sentence, is_closing, is_spoken};

/// A pause that ends a segment, in milliseconds.
const PAUSE_MS: u64 = 1000;

/// A segment that lasts this long ends at the next pause between clauses or, at twice that,
/// anywhere.
const LONG_MS: u64 = 15_000;

/// A word and who says it.
pub(super) struct Said {
    pub(super) piece: Piece,
    pub(super) speaker: Option<String>,
}

/// Segments of `said`, each with the words of one speaker up to the end of a sentence or a pause.
/// Words that carry their own white space are joined as they are.
pub(super) fn segments(said: Vec<Said>) -> Vec<Rough> {
    let carry_spaces = said.iter().any(|said| {
        said.piece.text.starts_with(char::is_whitespace)
            || said.piece.text.ends_with(char::is_whitespace)
    });
    let mut roughs: Vec<Rough> = Vec::new();
    let mut open: Vec<Said> = Vec::new();
    for next in said {
        if open.last().is_some_and(|last| {
            is_end(last, &next, open.first().and_then(|first| first.piece.start))
        }) {
            roughs.push(rough(std::mem::take(&mut open), roughs.len() + 1, carry_spaces));
        }
        open.push(next);
    }
    if !open.is_empty() {
        roughs.push(rough(open, roughs.len() + 1, carry_spaces));
    }
    roughs
}

/// Whether a segment that began at `first` ends between two words.
fn is_end(last: &Said, next: &Said, first: Option<Timestamp>) -> bool {
    let text = last.piece.text.trim_end();
    let marks = || text.chars().rev().take_while(|&c| !is_spoken(c));
    let between = |a: Option<Timestamp>, b: Option<Timestamp>| {
        a.zip(b).map_or(0, |(a, b)| b.millis().saturating_sub(a.millis()))
    };
    let length = between(first, last.piece.end.or(last.piece.start));
    // "3.5" and "U.S." carry their stops inside or are told apart by nobody; a stop at the end
    // counts.
    marks().any(ends_sentence)
        || last.speaker != next.speaker
        || between(last.piece.end, next.piece.start) >= PAUSE_MS
        || (length >= LONG_MS && marks().any(is_closing))
        || length >= 2 * LONG_MS
}

fn rough(said: Vec<Said>, number: usize, carry_spaces: bool) -> Rough {
    let text = if carry_spaces {
        said.iter().map(|said| said.piece.text.as_str()).collect()
    } else {
        String::new()
    };
    let speaker = said.first().and_then(|said| said.speaker.clone());
    let pieces: Vec<Piece> = said.into_iter().map(|said| said.piece).collect();
    Rough {
        words: Words::Pieces(pieces),
        speaker,
        ..Rough::new(Place::Segment(number), None, None, text)
    }
}
