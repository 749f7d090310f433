//! Podcasting 2.0's transcript JSON: `startTime`, `endTime`, `speaker`, `body`.
//!
//! A body may be a sentence or a single word; single words are gathered into sentences.

use super::assemble::{Piece, Rough};
use super::gather::{self, Said};
use super::json;
use super::notes::{Notes, Place};
use super::value::Value;
use crate::transcript::split;

/// Whether `value` is one: its segments have bodies.
pub(super) fn is_one(value: &Value<'_>) -> bool {
    json::list(value, "segments").iter().take(10).any(|segment| segment.get("body").is_some())
}

/// The segments of `value`.
pub(super) fn read(value: &mut Value<'_>, notes: &mut Notes) -> Vec<Rough> {
    let segments: Vec<(Place, Said)> = (1..)
        .map(Place::Segment)
        .zip(value.take_list("segments"))
        .map(|(place, segment)| (place, said(&segment, place, notes)))
        .filter(|(_, said)| !said.piece.text.trim().is_empty())
        .collect();
    let n_words: usize =
        segments.iter().map(|(_, said)| split::words(&said.piece.text).len()).sum();
    // Chinese words have two characters, and a few bodies hold a word and a half.
    if segments.len() > 2 && n_words <= 2 * segments.len() {
        return gather::segments(segments.into_iter().map(|(_, said)| said).collect());
    }
    let rough = |(place, said): (Place, Said)| {
        let Piece { text, start, end, .. } = said.piece;
        Rough { speaker: said.speaker, ..Rough::new(place, start, end, text) }
    };
    segments.into_iter().map(rough).collect()
}

fn said(segment: &Value<'_>, place: Place, notes: &mut Notes) -> Said {
    Said {
        piece: Piece {
            text: json::string(segment, &["body"]),
            start: json::instant(segment, &["startTime"], place, notes),
            end: json::instant(segment, &["endTime"], place, notes),
            probability: None,
        },
        speaker: json::speaker(segment),
    }
}
