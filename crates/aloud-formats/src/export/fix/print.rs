//! A file of subtitles in its own format.

use super::super::stamp::clock;
use crate::import::Document;

/// Writes `document` in its own format.
pub fn print(document: &Document) -> String {
    let mut text = String::new();
    let mut others = document.others.iter().peekable();
    let comma = if document.is_vtt { '.' } else { ',' };
    if document.is_vtt
        && !document.others.first().is_some_and(|(_, text)| text.starts_with("WEBVTT"))
    {
        text.push_str("WEBVTT\n\n");
    }
    for (index, cue) in document.cues.iter().enumerate() {
        while let Some((_, other)) = others.next_if(|(place, _)| *place <= index) {
            text.push_str(&format!("{other}\n\n"));
        }
        let id = if document.is_vtt { cue.id.clone() } else { Some((index + 1).to_string()) };
        text.push_str(&id.map_or_else(String::new, |id| format!("{id}\n")));
        let settings =
            if cue.settings.is_empty() { String::new() } else { format!(" {}", cue.settings) };
        text.push_str(&format!(
            "{} --> {}{settings}\n",
            clock(cue.span.start(), comma),
            clock(cue.span.end(), comma)
        ));
        for line in &cue.lines {
            // Words that look like the times of a cue would begin one, once they stand on a line of
            // their own.
            let looks_timed =
                document.is_vtt && line.trim_start().starts_with(|c: char| c.is_ascii_digit());
            text.push_str(&if looks_timed { line.replace("->", "-&gt;") } else { line.clone() });
            text.push('\n');
        }
        text.push('\n');
    }
    for (_, other) in others {
        text.push_str(&format!("{other}\n\n"));
    }
    text
}

/// `text` with the mark in front and the ends of lines that the `original` file has: players that
/// want them want them afterwards, too.
pub fn written_like(original: &[u8], text: String) -> String {
    let first = original.split_inclusive(|byte| *byte == b'\n').next();
    let text = match first.is_some_and(|line| line.ends_with(b"\r\n")) {
        true => text.replace('\n', "\r\n"),
        false => text,
    };
    if original.starts_with("\u{feff}".as_bytes()) { format!("\u{feff}{text}") } else { text }
}
