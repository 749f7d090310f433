//! Looking into JSON that another program wrote, whatever it put there.
//!
//! A value of the wrong kind counts as absent. This room never knows which format it looks at.

use super::assemble::{Piece, Rough, Words};
use super::notes::{LATEST_SECS, Notes, Place};
use super::{stamp, text};
use crate::time::Timestamp;
use serde_json::Value;

/// Parses `source`. Python writes `NaN` and `Infinity`, which JSON lacks: they become `null`.
pub(super) fn parse(source: &str) -> Result<Value, serde_json::Error> {
    serde_json::from_str(source).or_else(|error| match without_nan(source) {
        Some(mended) => serde_json::from_str(&mended),
        None => Err(error),
    })
}

/// `source` with Python's names for numbers that are none replaced; `None` if it has none.
fn without_nan(source: &str) -> Option<String> {
    let mut mended = String::with_capacity(source.len());
    let mut rest = source;
    let mut is_changed = false;
    while let Some(at) = rest.find(['"', 'N', 'I', '-']) {
        mended.push_str(&rest[..at]);
        rest = &rest[at..];
        let name = ["NaN", "Infinity", "-Infinity"].into_iter().find(|name| rest.starts_with(name));
        let len = match name {
            Some(name) => name.len(),
            None if rest.starts_with('"') => string_len(rest),
            None => 1,
        };
        mended.push_str(if name.is_some() { "null" } else { &rest[..len] });
        is_changed |= name.is_some();
        rest = &rest[len..];
    }
    mended.push_str(rest);
    is_changed.then_some(mended)
}

/// The length of the string literal that `text` begins with.
fn string_len(text: &str) -> usize {
    let mut is_escaped = true; // the opening quote ends nothing
    for (at, byte) in text.bytes().enumerate() {
        match byte {
            _ if is_escaped => is_escaped = false,
            b'\\' => is_escaped = true,
            b'"' => return at + 1,
            _ => {}
        }
    }
    text.len()
}

/// The first of `keys` that `value` has.
pub(super) fn any<'a>(value: &'a Value, keys: &[&str]) -> Option<&'a Value> {
    keys.iter().find_map(|key| value.get(key)).filter(|value| !value.is_null())
}

/// Clean text under the first of `keys`; empty if there is none.
pub(super) fn string(value: &Value, keys: &[&str]) -> String {
    text::clean(any(value, keys).and_then(Value::as_str).unwrap_or_default())
}

/// A list under `key`; empty if there is none.
pub(super) fn list<'a>(value: &'a Value, key: &str) -> &'a [Value] {
    value.get(key).and_then(Value::as_array).map_or(&[], Vec::as_slice)
}

/// A number, or a string that holds one.
pub(super) fn number(value: &Value) -> Option<f64> {
    value.as_f64().or_else(|| value.as_str()?.trim().parse().ok()).filter(|number| number.is_finite())
}

/// An instant given in seconds, or like `00:01:02.5`, under the first of `keys`.
pub(super) fn instant(value: &Value, keys: &[&str], place: Place, notes: &mut Notes) -> Option<Timestamp> {
    let value = any(value, keys)?;
    let seconds = number(value).or_else(|| stamp::seconds(value.as_str()?));
    if seconds.is_none() {
        notes.at(place, &format!("the time `{}` cannot be read", text::excerpt(&value.to_string())));
    }
    notes.instant(seconds?, place)
}

/// The length of the recording under `duration`, if it is a sane one.
pub(super) fn duration(value: &Value) -> Option<Timestamp> {
    let seconds = value.get("duration").and_then(number)?;
    (0.0..=LATEST_SECS).contains(&seconds).then(|| Timestamp::from_secs(seconds))
}

/// A probability under the first of `keys`.
pub(super) fn probability(value: &Value, keys: &[&str]) -> Option<f32> {
    any(value, keys).and_then(number).map(|p| p.clamp(0.0, 1.0) as f32)
}

/// A segment as Whisper's Python relatives write it: `start`, `end`, `text`, and perhaps `words`.
pub(super) fn segment(value: &Value, place: Place, notes: &mut Notes) -> Rough {
    let pieces: Vec<Piece> = list(value, "words").iter().map(|value| piece(value, place, notes)).collect();
    let (start, end) = (instant(value, &["start"], place, notes), instant(value, &["end"], place, notes));
    let words = if pieces.is_empty() { Words::Unknown } else { Words::Pieces(pieces) };
    Rough { words, speaker: speaker(value), ..Rough::new(place, start, end, string(value, &["text"])) }
}

/// Who says a segment.
pub(super) fn speaker(value: &Value) -> Option<String> {
    let name = value.get("speaker").and_then(Value::as_str).map(text::clean)?;
    Some(name.split_whitespace().collect::<Vec<_>>().join(" ")).filter(|name| !name.is_empty())
}

/// A word as Whisper's Python relatives write it.
pub(super) fn piece(value: &Value, place: Place, notes: &mut Notes) -> Piece {
    Piece {
        text: string(value, &["word", "text"]),
        start: instant(value, &["start"], place, notes),
        end: instant(value, &["end"], place, notes),
        probability: probability(value, &["probability", "score", "confidence"]),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn python_numbers() {
        let value = parse(r#"{"a": NaN, "b": [-Infinity, Infinity, -1], "NaN": "NaN \" NaN"}"#).expect("mended");
        assert_eq!(value, serde_json::json!({"a": null, "b": [null, null, -1], "NaN": "NaN \" NaN"}));
        for bad in ["{", "{\"a\": NaN", "\"", "{\"a\\", ""] {
            assert!(parse(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn instants() {
        let mut notes = Notes::default();
        for (json, want) in [
            ("1.5", Some(1500)),
            ("\"1.5\"", Some(1500)),
            ("\"00:01.5\"", Some(1500)),
            ("null", None),
            ("-1", Some(0)),
            ("1e9", None),
            ("{}", None),
        ] {
            let value = parse(&format!("{{\"start\": {json}}}")).expect("JSON");
            let got = instant(&value, &["start"], Place::Segment(1), &mut notes).map(Timestamp::millis);
            assert_eq!(got, want, "{json}");
        }
        assert_eq!(notes.into_problems().len(), 3);
    }
}
