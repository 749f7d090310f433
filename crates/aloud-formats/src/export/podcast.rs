//! Podcasting 2.0's transcript JSON: segments with `startTime`, `endTime` and `body`.

use super::cue::{Cue, Line};
use super::json;
use super::stamp::{one_line, second_line};
use crate::time::Span;
use crate::transcript::split;
use std::io::{self, Write};

/// Writes `cues`, each as a segment; with `words`, each word as one.
pub fn write(cues: &[Cue], words: bool, out: &mut dyn Write) -> io::Result<()> {
    let segments: Vec<String> =
        cues.iter().flat_map(|cue| if words { of_words(cue) } else { of_cue(cue) }).collect();
    out.write_all(b"{\n  \"version\": \"1.0.0\",\n  \"segments\": [")?;
    for (index, segment) in segments.iter().enumerate() {
        write!(out, "{}\n    {segment}", if index == 0 { "" } else { "," })?;
    }
    out.write_all(if segments.is_empty() { b"]\n}\n" } else { b"\n  ]\n}\n" })
}

/// A segment for all of a cue, or for each of its speakers.
fn of_cue(cue: &Cue) -> Vec<String> {
    let is_shared = cue.lines.windows(2).any(|pair| pair[0].speaker != pair[1].speaker);
    if is_shared && cue.lines.iter().all(|line| !line.words.is_empty()) {
        let of_line = |line: &Line| {
            let (first, last) = (&line.words[0], &line.words[line.words.len() - 1]);
            segment(
                Span::new(first.span.start(), last.span.end()),
                line.speaker.as_deref(),
                &line.text[first.bytes.start..],
            )
        };
        return cue.lines.iter().map(of_line).collect();
    }
    let second = second_line(cue);
    let body =
        if second.is_empty() { one_line(cue) } else { format!("{}\n{second}", one_line(cue)) };
    vec![segment(cue.span, cue.speaker(), &body)]
}

/// The words of a cue, each with the space after it; all of it where their times are not known.
fn of_words(cue: &Cue) -> Vec<String> {
    let mut segments = Vec::new();
    for (index, line) in cue.lines.iter().enumerate() {
        let next = cue.lines.get(index + 1).map_or("", |next| next.text.as_str());
        let line_end = if split::needs_space(&line.text, next) { " " } else { "" };
        for (word, following) in
            line.words.iter().zip(line.words.iter().skip(1).map(Some).chain([None]))
        {
            let end = following.map_or(line.text.len(), |following| following.bytes.start);
            let space = if following.is_none() { line_end } else { "" };
            segments.push(segment(
                word.span,
                line.speaker.as_deref(),
                &format!("{}{space}", &line.text[word.bytes.start..end]),
            ));
        }
    }
    if segments.is_empty() { of_cue(cue) } else { segments }
}

fn segment(span: Span, speaker: Option<&str>, body: &str) -> String {
    let speaker =
        speaker.map_or_else(String::new, |name| format!("\"speaker\": {}, ", json::string(name)));
    format!(
        "{{{speaker}\"startTime\": {}, \"endTime\": {}, \"body\": {}}}",
        json::secs(span.start()),
        json::secs(span.end()),
        json::string(body)
    )
}
