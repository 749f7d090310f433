//! `aloud-alignment/1`: when each written word is spoken, and what was left out and added.
//!
//! One word per line, so that two can be compared with `diff`. Fields keep their order and are left
//! out where nothing is known.

use super::json::{audio, list, span, string};
use crate::align::{Method, SentenceTiming, Status, Unwritten};
use crate::reading::Reading;
use crate::time::Span;
use std::io::{self, Write};
use std::ops::Range;

/// Writes the alignment of `reading`. Times are seconds to the millisecond; `bytes` index the
/// article's text; words have no times where only sentences have.
pub fn write(reading: &Reading, out: &mut dyn Write) -> io::Result<()> {
    let languages =
        [("spoken", &reading.transcript.language), ("written", &reading.article.language)];
    let languages: Vec<String> = languages
        .into_iter()
        .filter_map(|(which, code)| Some(format!("\"{which}\": {}", string(code.as_deref()?))))
        .collect();
    write!(
        out,
        "{{\n  \"format\": \"aloud-alignment/1\",\n  \"audio\": {}",
        audio(&reading.transcript)
    )?;
    write!(out, ",\n  \"language\": {{{}}}", languages.join(", "))?;
    write!(out, ",\n  \"belongs\": \"{}\"", reading.alignment.belongs.name())?;
    write!(out, ",\n  \"coverage\": {}", share(reading.alignment.coverage))?;
    write!(out, ",\n  \"method\": \"{}\"", method(reading.alignment.method))?;
    let sentences: Vec<usize> = (0..reading.article.sentences.len()).collect();
    list(out, "sentences", &sentences, &|out, index| sentence(reading, *index, out))?;
    list(out, "unwritten", &reading.alignment.unwritten, &unwritten)?;
    out.write_all(b"\n}\n")
}

fn sentence(reading: &Reading, index: usize, out: &mut dyn Write) -> io::Result<()> {
    let written = &reading.article.sentences[index];
    let unspoken = SentenceTiming { status: Status::Unspoken, span: None, confidence: 0.0 };
    let timing = reading.alignment.sentences.get(index).unwrap_or(&unspoken);
    let text = string(reading.article.sentence(index));
    write!(
        out,
        "{{\"text\": {text}, {}, \"status\": \"{}\"",
        bytes(&written.bytes),
        status(timing.status)
    )?;
    out.write_all(timed(timing.span, timing.confidence).as_bytes())?;
    let words: Vec<String> = match timing.status {
        Status::Unspoken => Vec::new(),
        Status::Spoken | Status::Partly => {
            written.words.clone().map(|index| word(reading, index)).collect()
        }
    };
    if !words.is_empty() {
        write!(out, ", \"words\": [\n      {}\n    ]", words.join(",\n      "))?;
    }
    out.write_all(b"}")
}

fn word(reading: &Reading, index: usize) -> String {
    let timing = reading.alignment.words.get(index);
    let times = timing.map_or_else(String::new, |timing| timed(timing.span, timing.confidence));
    format!(
        "{{\"text\": {}, {}{times}}}",
        string(reading.article.word(index)),
        bytes(&reading.article.words[index].bytes)
    )
}

fn unwritten(out: &mut dyn Write, stretch: &Unwritten) -> io::Result<()> {
    write!(out, "{{{}, \"text\": {}}}", span(stretch.span), string(&stretch.text))
}

fn bytes(bytes: &Range<usize>) -> String {
    format!("\"bytes\": [{}, {}]", bytes.start, bytes.end)
}

/// Times and confidence as further fields; nothing where there is no time.
fn timed(found: Option<Span>, confidence: f32) -> String {
    found.map_or_else(String::new, |found| {
        format!(", {}, \"confidence\": {}", span(found), share(f64::from(confidence)))
    })
}

/// A share from 0 to 1 with three decimals at most.
fn share(share: f64) -> String {
    let share = if share.is_finite() { share.clamp(0.0, 1.0) } else { 0.0 };
    format!("{:?}", (share * 1000.0).round() / 1000.0)
}

fn status(status: Status) -> &'static str {
    match status {
        Status::Spoken => "spoken",
        Status::Partly => "partly",
        Status::Unspoken => "unspoken",
    }
}

fn method(method: Method) -> &'static str {
    match method {
        Method::Words => "whisper",
        Method::Sentences => "sentences",
        Method::Synth => "synth",
        Method::Together => "whisper+synth",
        Method::Estimate => "estimate",
        Method::Given => "given",
    }
}
