//! Looking into JSON that another program wrote, whatever it put there.
//!
//! A value of the wrong kind counts as absent. This room never knows which format it looks at.

use super::assemble::{Piece, Rough, Words};
use super::notes::{LATEST_SECS, Notes, Place};
use super::value::Value;
use super::{stamp, text};
use crate::time::Timestamp;

/// The first of `keys` that `value` has.
pub(super) fn any<'a, 'b>(value: &'b Value<'a>, keys: &[&str]) -> Option<&'b Value<'a>> {
    keys.iter().find_map(|key| value.get(key)).filter(|value| !value.is_null())
}

/// Clean text under the first of `keys`; empty if there is none.
pub(super) fn string(value: &Value<'_>, keys: &[&str]) -> String {
    text::clean(any(value, keys).and_then(Value::as_str).unwrap_or_default())
}

/// A list under `key`; empty if there is none.
pub(super) fn list<'a, 'b>(value: &'b Value<'a>, key: &str) -> &'b [Value<'a>] {
    value.get(key).and_then(Value::as_list).unwrap_or_default()
}

/// A number, or a string that holds one.
pub(super) fn number(value: &Value<'_>) -> Option<f64> {
    value
        .as_f64()
        .or_else(|| value.as_str()?.trim().parse().ok())
        .filter(|number| number.is_finite())
}

/// An instant given in seconds, or like `00:01:02.5`, under the first of `keys`.
pub(super) fn instant(
    value: &Value<'_>,
    keys: &[&str],
    place: Place,
    notes: &mut Notes,
) -> Option<Timestamp> {
    let value = any(value, keys)?;
    let seconds = number(value).or_else(|| stamp::seconds(value.as_str()?));
    if seconds.is_none() {
        notes
            .at(place, &format!("the time `{}` cannot be read", text::excerpt(&value.to_string())));
    }
    notes.instant(seconds?, place)
}

/// The length of the recording under `duration`, if it is a sane one.
pub(super) fn duration(value: &Value<'_>) -> Option<Timestamp> {
    let seconds = value.get("duration").and_then(number)?;
    (0.0..=LATEST_SECS).contains(&seconds).then(|| Timestamp::from_secs(seconds))
}

/// A probability under the first of `keys`.
pub(super) fn probability(value: &Value<'_>, keys: &[&str]) -> Option<f32> {
    any(value, keys).and_then(number).map(|p| p.clamp(0.0, 1.0) as f32)
}

/// A segment as Whisper's Python relatives write it: `start`, `end`, `text`, and perhaps `words`.
pub(super) fn segment(value: &Value<'_>, place: Place, notes: &mut Notes) -> Rough {
    let pieces: Vec<Piece> =
        list(value, "words").iter().map(|value| piece(value, place, notes)).collect();
    let (start, end) =
        (instant(value, &["start"], place, notes), instant(value, &["end"], place, notes));
    let words = if pieces.is_empty() { Words::Unknown } else { Words::Pieces(pieces) };
    Rough {
        words,
        speaker: speaker(value),
        ..Rough::new(place, start, end, string(value, &["text"]))
    }
}

/// Who says a segment.
pub(super) fn speaker(value: &Value<'_>) -> Option<String> {
    let name = value.get("speaker").and_then(Value::as_str).map(text::clean)?;
    Some(name.split_whitespace().collect::<Vec<_>>().join(" ")).filter(|name| !name.is_empty())
}

/// A word as Whisper's Python relatives write it.
pub(super) fn piece(value: &Value<'_>, place: Place, notes: &mut Notes) -> Piece {
    Piece {
        text: string(value, &["word", "text"]),
        start: instant(value, &["start"], place, notes),
        end: instant(value, &["end"], place, notes),
        probability: probability(value, &["probability", "score", "confidence"]),
    }
}

#[cfg(test)]
mod tests {
    use super::super::value;
    use super::*;

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
            let (source, mut mended) = (format!("{{\"start\": {json}}}"), None);
            let value = value::parse(&source, &mut mended, 1).expect("JSON");
            let got =
                instant(&value, &["start"], Place::Segment(1), &mut notes).map(Timestamp::millis);
            assert_eq!(got, want, "{json}");
        }
        assert_eq!(notes.into_problems().len(), 3);
    }
}
