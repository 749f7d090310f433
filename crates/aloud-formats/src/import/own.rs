//! `aloud-transcript/1`, as `export` writes it.
//!
//! What is in order is taken exactly as it stands; what somebody edited into disorder is mended and
//! said so.

use super::json;
use super::notes::{Notes, Place};
use super::value::Value;
use crate::episode::EpisodeId;
use crate::time::{Span, Timestamp};
use crate::transcript::{
    AudioRef, Gap, GapReason, ModelRef, Segment, SpokenWord, Transcript, Voice, join, split, tidy,
};

/// The name that the format gives itself.
pub(super) const FORMAT: &str = "aloud-transcript/1";

/// The transcript in `value`.
pub(super) fn read(mut value: Value<'_>, notes: &mut Notes) -> Transcript {
    let segments = (1..).map(Place::Segment).zip(value.take_list("segments"));
    let mut segments: Vec<Segment> =
        segments.filter_map(|(place, value)| segment(&value, place, notes)).collect();
    let value = &value;
    mend_order(&mut segments, notes);
    for segment in segments.iter_mut().filter(|segment| segment.words.is_empty()) {
        // Somebody took the words out; what is said in a segment shares its time, as in formats
        // that have none.
        segment.words =
            join::share(&segment.text, segment.span).map_or_else(Vec::new, |shared| shared.words);
    }
    Transcript {
        audio: value.get("audio").map(audio).unwrap_or_default(),
        model: value.get("model").filter(|model| model.is_object()).map(model),
        language: text_in(value, "language"),
        segments,
        gaps: (1..)
            .map(Place::Segment)
            .zip(json::list(value, "gaps"))
            .filter_map(|(place, value)| gap(value, place, notes))
            .collect(),
        speakers: voices(value, notes),
    }
}

/// Who speaks; what is out of order is left out.
fn voices(value: &Value<'_>, notes: &mut Notes) -> Vec<Voice> {
    let mut voices: Vec<Voice> = Vec::new();
    for (place, value) in (1..).map(Place::Segment).zip(json::list(value, "speakers")) {
        // A name with line breaks would be a line of its own in some formats.
        let Some(name) = text_in(value, "name")
            .map(|name| name.split_whitespace().collect::<Vec<_>>().join(" "))
        else {
            continue;
        };
        let Some(span) = span(value, place, notes) else { continue };
        if voices.last().is_none_or(|last| last.span.end() <= span.start()) {
            voices.push(Voice { span, name });
        }
    }
    voices
}

fn text_in(value: &Value<'_>, key: &str) -> Option<String> {
    Some(json::string(value, &[key])).filter(|text| !text.is_empty())
}

fn audio(value: &Value<'_>) -> AudioRef {
    AudioRef {
        file: json::string(value, &["file"]),
        id: value.get("blake3").and_then(Value::as_str).and_then(EpisodeId::parse),
        duration: json::duration(value),
    }
}

fn model(value: &Value<'_>) -> ModelRef {
    ModelRef { name: json::string(value, &["name"]), sha1: text_in(value, "sha1") }
}

/// The span of a segment, word or gap; `None`, with a note, if it lacks an end.
fn span(value: &Value<'_>, place: Place, notes: &mut Notes) -> Option<Span> {
    let (start, end) = (
        json::instant(value, &["start"], place, notes),
        json::instant(value, &["end"], place, notes),
    );
    if start.is_none() || end.is_none() {
        notes.at(place, "a part without `start` or `end` was left out");
    }
    Some(Span::new(start?, end?))
}

fn segment(value: &Value<'_>, place: Place, notes: &mut Notes) -> Option<Segment> {
    let span = span(value, place, notes)?;
    let mut words: Vec<SpokenWord> = json::list(value, "words")
        .iter()
        .filter_map(|value| word(value, place, notes))
        .filter(|word| !word.text.is_empty())
        .collect();
    let in_order = words.windows(2).all(|pair| pair[0].span.end() <= pair[1].span.start());
    let inside =
        words.iter().all(|word| span.start() <= word.span.start() && word.span.end() <= span.end());
    if !(in_order && inside) {
        notes.at(place, "its words were out of order or outside it; their times were mended");
        tidy::words(&mut words, span);
    }
    let is_doubtful = value.get("doubtful").and_then(Value::as_bool).unwrap_or(false);
    let mut text = json::string(value, &["text"]);
    if text.trim().is_empty() && !words.is_empty() {
        text = split::spell(words.iter().map(|word| word.text.as_str()));
    }
    Some(Segment { span, text, words, is_doubtful })
}

fn word(value: &Value<'_>, place: Place, notes: &mut Notes) -> Option<SpokenWord> {
    let text = json::string(value, &["text"]).trim().to_owned();
    Some(SpokenWord {
        text,
        span: span(value, place, notes)?,
        probability: json::probability(value, &["probability"]),
    })
}

/// Sorts segments and cuts those that overlap the next one.
fn mend_order(segments: &mut [Segment], notes: &mut Notes) {
    if segments.windows(2).all(|pair| pair[0].span.end() <= pair[1].span.start()) {
        return;
    }
    notes.of_file("segments were out of order or overlapped; they were sorted and cut");
    segments.sort_by_key(|segment| segment.span);
    let mut spans: Vec<Span> = segments.iter().map(|segment| segment.span).collect();
    let end = spans.iter().map(|span| span.end()).max().unwrap_or_default();
    tidy::spans(&mut spans, Span::new(Timestamp::ZERO, end));
    for (segment, span) in segments.iter_mut().zip(spans) {
        segment.span = span;
        if segment.words.iter().any(|word| word.span != word.span.clamp_to(span)) {
            tidy::words(&mut segment.words, span);
        }
    }
}

fn gap(value: &Value<'_>, place: Place, notes: &mut Notes) -> Option<Gap> {
    let reason = match value.get("reason").and_then(Value::as_str) {
        Some("silence") => GapReason::Silence,
        Some("music") => GapReason::Music,
        Some("failed") => GapReason::Failed,
        Some("unclear") => GapReason::Unclear,
        Some("damaged") => GapReason::Damaged,
        _ => {
            notes.of_file("a gap without a known reason was left out");
            return None;
        }
    };
    Some(Gap { span: span(value, place, notes)?, reason })
}
