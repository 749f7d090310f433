//! The verbose JSON of OpenAI's transcription API and of the `whisper` program, with or without
//! words.
//!
//! The API lists its words beside the segments and without punctuation; the program inside them and
//! with.

use super::assemble::{Piece, Rough, Words};
use super::gather::{self, Said};
use super::json;
use super::notes::{Notes, Place};
use super::value::Value;
use crate::transcript::characters::is_spoken;

/// The segments of `value`.
pub(super) fn read(value: &mut Value<'_>, notes: &mut Notes) -> Vec<Rough> {
    let loose: Vec<Piece> = (1..)
        .zip(value.take_list("words"))
        .map(|(n, word)| json::piece(&word, Place::Segment(n), notes))
        .collect();
    let mut segments: Vec<Rough> = (1..)
        .zip(value.take_list("segments"))
        .map(|(n, segment)| json::segment(&segment, Place::Segment(n), notes))
        .collect();
    if segments.is_empty() {
        return gather::segments(
            loose.into_iter().map(|piece| Said { piece, speaker: None }).collect(),
        );
    }
    if !loose.is_empty() && segments.iter().all(|segment| matches!(segment.words, Words::Unknown)) {
        hand_out(loose, &mut segments);
    }
    segments
}

/// Gives each segment the loose words that make up its text. Where they do not, words go by their
/// times until the texts agree again.
fn hand_out(loose: Vec<Piece>, segments: &mut [Rough]) {
    let mut loose = loose.into_iter().peekable();
    for segment in segments {
        let mut rest = segment.text.as_str();
        let mut taken = Vec::new();
        while let Some(piece) = loose.peek() {
            rest = rest.trim_start_matches(|c| !is_spoken(c) && !piece.text.trim().starts_with(c));
            let is_next = rest.strip_prefix(piece.text.trim()).filter(|_| !rest.is_empty());
            let is_within = piece.start.zip(segment.end).is_some_and(|(start, end)| start < end);
            match is_next {
                Some(after) => rest = after,
                None if is_within && rest.contains(is_spoken) => {}
                None => break,
            }
            taken.extend(loose.next());
        }
        if !taken.is_empty() {
            segment.words = Words::Pieces(taken);
        }
    }
}
