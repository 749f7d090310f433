//! whisper.cpp's `--output-json` and `--output-json-full`.
//!
//! Times are milliseconds; the full form has tokens, whose text may be half a character. A token's
//! `t_dtw` (centiseconds, from cross-attention, -1 if unknown) is when it begins, as in the
//! reference implementation's word timing, and is believed over its `offsets`.

use super::assemble::{Rough, Words};
use super::notes::{LATEST_SECS, Notes, Place};
use super::value::Value;
use super::{json, text};
use crate::time::{Span, Timestamp};
use crate::transcript::join::Token;

/// The segments of `value`.
pub(super) fn read(value: &mut Value<'_>, notes: &mut Notes) -> Vec<Rough> {
    (1..)
        .map(Place::Segment)
        .zip(value.take_list("transcription"))
        .map(|(place, segment)| rough(&segment, place, notes))
        .collect()
}

/// What `value` says of the language.
pub(super) fn language<'b>(value: &'b Value<'_>) -> Option<&'b str> {
    let said =
        |room: &str| value.get(room).and_then(|room| room.get("language")).and_then(Value::as_str);
    said("result").or_else(|| said("params")).filter(|language| *language != "auto")
}

fn rough(segment: &Value<'_>, place: Place, notes: &mut Notes) -> Rough {
    let (start, end) = (edge(segment, "from", place, notes), edge(segment, "to", place, notes));
    let tokens = tokens(segment);
    let words = if tokens.is_empty() { Words::Unknown } else { Words::Tokens(tokens) };
    Rough {
        words,
        speaker: json::speaker(segment),
        ..Rough::new(place, start, end, json::string(segment, &["text"]))
    }
}

/// One end of a segment.
fn edge(value: &Value<'_>, side: &str, place: Place, notes: &mut Notes) -> Option<Timestamp> {
    match value.get("offsets").and_then(|offsets| offsets.get(side)).and_then(json::number) {
        Some(ms) => notes.instant(ms / 1000.0, place),
        None => json::instant(value.get("timestamps")?, &[side], place, notes),
    }
}

/// The tokens of a segment with their times; none unless all have one.
fn tokens(segment: &Value<'_>) -> Vec<Token> {
    let raw: Vec<(&Value<'_>, &str)> = json::list(segment, "tokens")
        .iter()
        .filter_map(|token| Some((token, token.get("text").and_then(Value::as_str)?)))
        .filter(|(_, text)| !is_special(text))
        .collect();
    let next = |index: usize| raw.get(index + 1).map(|(token, _)| *token);
    let spans: Option<Vec<Span>> =
        raw.iter().enumerate().map(|(index, (token, _))| span(token, next(index))).collect();
    let tokens = raw.iter().zip(spans.unwrap_or_default());
    tokens
        .map(|((token, text), span)| Token {
            bytes: text::bytes_of(text),
            span,
            probability: json::probability(token, &["p"]),
        })
        .collect()
}

/// When a token is said: by cross-attention until `next` begins, else by its offsets.
fn span(token: &Value<'_>, next: Option<&Value<'_>>) -> Option<Span> {
    let (from, to) = (offset(token, "from"), offset(token, "to"));
    let (start, end) = match dtw(token) {
        Some(start) => (start, next.and_then(dtw).or(to)),
        None => (from?, to),
    };
    Some(Span::new(start, end.unwrap_or(start).max(start)))
}

/// One end of a token; negative where the program did not compute it.
fn offset(token: &Value<'_>, side: &str) -> Option<Timestamp> {
    let ms = token.get("offsets")?.get(side).and_then(json::number)?;
    (0.0..=LATEST_SECS * 1000.0).contains(&ms).then(|| Timestamp::from_secs(ms / 1000.0))
}

/// When cross-attention says that a token begins.
fn dtw(token: &Value<'_>) -> Option<Timestamp> {
    let centiseconds = token
        .get("t_dtw")
        .and_then(json::number)
        .filter(|t| (0.0..=LATEST_SECS * 100.0).contains(t))?;
    Some(Timestamp::from_secs(centiseconds / 100.0))
}

/// Whether a token is the model's own: `[_BEG_]`, `[_TT_42]`, `<|endoftext|>`.
fn is_special(text: &str) -> bool {
    let text = text.trim();
    (text.starts_with("[_") && text.ends_with(']'))
        || (text.starts_with("<|") && text.ends_with("|>"))
}
