//! WhisperX's JSON: segments with words dated by an aligner.
//!
//! The aligner knows letters only: a word of digits or symbols has no time and takes its share of
//! the room between its neighbours.

use super::assemble::Rough;
use super::gather::{self, Said};
use super::json;
use super::notes::{Notes, Place};
use super::value::Value;

/// Whether `value` was written by WhisperX and not by one of its relatives.
pub(super) fn is_one(value: &Value<'_>) -> bool {
    let words =
        || json::list(value, "segments").iter().flat_map(|segment| json::list(segment, "words"));
    value.get("word_segments").is_some()
        || words().take(100).any(|word| word.get("score").is_some())
}

/// The segments of `value`; without any, its words gathered into sentences.
pub(super) fn read(value: &mut Value<'_>, notes: &mut Notes) -> Vec<Rough> {
    let segments = value.take_list("segments");
    if segments.is_empty() {
        let words = (1..).zip(value.take_list("word_segments"));
        let said = words.map(|(n, word)| Said {
            piece: json::piece(&word, Place::Segment(n), notes),
            speaker: speaker(&word),
        });
        return gather::segments(said.collect());
    }
    (1..)
        .zip(segments)
        .map(|(n, segment)| json::segment(&segment, Place::Segment(n), notes))
        .collect()
}

fn speaker(value: &Value<'_>) -> Option<String> {
    value.get("speaker").and_then(Value::as_str).map(str::to_owned)
}
