//! `aloud-transcript/1`: everything that a transcript knows.
//!
//! One word per line, so that two transcripts can be compared with `diff`. Fields keep their order
//! and are left out where nothing is known.

use crate::printable;
use crate::time::{Span, Timestamp};
use crate::transcript::{Gap, GapReason, Segment, SpokenWord, Transcript, Voice};
use std::io::{self, Write};

/// Writes `transcript`. Times are seconds to the millisecond, probabilities have three decimals,
/// both in the shortest form that reads back the same.
pub fn write(transcript: &Transcript, out: &mut dyn Write) -> io::Result<()> {
    write!(out, "{{\n  \"format\": \"aloud-transcript/1\",\n  \"audio\": {}", audio(transcript))?;
    if let Some(model) = &transcript.model {
        let mut fields = vec![format!("\"name\": {}", string(&model.name))];
        fields.extend(model.sha1.as_ref().map(|sha1| format!("\"sha1\": {}", string(sha1))));
        write!(out, ",\n  \"model\": {{{}}}", fields.join(", "))?;
    }
    if let Some(language) = &transcript.language {
        write!(out, ",\n  \"language\": {}", string(language))?;
    }
    list(out, "segments", &transcript.segments, &segment)?;
    list(out, "gaps", &transcript.gaps, &gap)?;
    if !transcript.speakers.is_empty() {
        list(out, "speakers", &transcript.speakers, &voice)?;
    }
    out.write_all(b"\n}\n")
}

/// Writes a field of the top level that is a list, one element per line.
pub(super) fn list<T>(
    out: &mut dyn Write,
    name: &str,
    items: &[T],
    item: &dyn Fn(&mut dyn Write, &T) -> io::Result<()>,
) -> io::Result<()> {
    write!(out, ",\n  \"{name}\": [")?;
    for (index, value) in items.iter().enumerate() {
        out.write_all(if index == 0 { b"\n    " } else { b",\n    " })?;
        item(out, value)?;
    }
    out.write_all(if items.is_empty() { b"]" } else { b"\n  ]" })
}

/// The recording as an object.
pub(super) fn audio(transcript: &Transcript) -> String {
    let audio = &transcript.audio;
    let mut fields = Vec::new();
    if !audio.file.is_empty() {
        fields.push(format!("\"file\": {}", string(&audio.file)));
    }
    fields.extend(audio.id.map(|id| format!("\"blake3\": \"{id}\"")));
    fields.extend(audio.duration.map(|duration| format!("\"duration\": {}", secs(duration))));
    format!("{{{}}}", fields.join(", "))
}

fn segment(out: &mut dyn Write, segment: &Segment) -> io::Result<()> {
    write!(out, "{{{}, \"text\": {}", span(segment.span), string(&segment.text))?;
    if segment.is_doubtful {
        out.write_all(b", \"doubtful\": true")?;
    }
    for (index, word) in segment.words.iter().enumerate() {
        out.write_all(if index == 0 { b", \"words\": [\n      " } else { b",\n      " })?;
        out.write_all(self::word(word).as_bytes())?;
    }
    out.write_all(if segment.words.is_empty() { b"}" } else { b"\n    ]}" })
}

fn word(word: &SpokenWord) -> String {
    // Infinity and not-a-number have no form in JSON.
    let known = word.probability.filter(|p| p.is_finite());
    let probability = known.map_or_else(String::new, |p| {
        format!(", \"probability\": {:?}", (f64::from(p) * 1000.0).round() / 1000.0)
    });
    format!("{{\"text\": {}, {}{probability}}}", string(&word.text), span(word.span))
}

fn gap(out: &mut dyn Write, gap: &Gap) -> io::Result<()> {
    write!(out, "{{{}, \"reason\": \"{}\"}}", span(gap.span), reason(gap.reason))
}

fn voice(out: &mut dyn Write, voice: &Voice) -> io::Result<()> {
    write!(out, "{{{}, \"name\": {}}}", span(voice.span), string(&voice.name))
}

fn reason(reason: GapReason) -> &'static str {
    match reason {
        GapReason::Silence => "silence",
        GapReason::Music => "music",
        GapReason::Failed => "failed",
        GapReason::Unclear => "unclear",
        GapReason::Damaged => "damaged",
    }
}

/// Start and end as two fields.
pub(super) fn span(span: Span) -> String {
    format!("\"start\": {}, \"end\": {}", secs(span.start()), secs(span.end()))
}

/// Seconds in the shortest form that reads back as the same millisecond, always with a decimal
/// point.
pub(super) fn secs(at: Timestamp) -> String {
    format!("{:?}", at.secs())
}

/// `text` as a JSON string, in which what turns writing round or steers a terminal is an escape.
pub(super) fn string(text: &str) -> String {
    printable::json(&serde_json::Value::from(text).to_string()).into_owned()
}
