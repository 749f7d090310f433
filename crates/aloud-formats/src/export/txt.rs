//! Text to read: paragraphs without times.

use crate::transcript::characters::{is_unspaced, stands_alone};
use crate::transcript::{Transcript, paragraphs};
use std::io::{self, Write};

/// Writes the text of `transcript`, one paragraph per line with an empty line between; where one
/// begins, [`paragraphs::beginnings`] says.
pub fn write(transcript: &Transcript, out: &mut dyn Write) -> io::Result<()> {
    let mut last: Option<String> = None;
    for (segment, begins) in transcript.segments.iter().zip(paragraphs::beginnings(transcript)) {
        let text = segment.text.split_whitespace().collect::<Vec<_>>().join(" ");
        if text.is_empty() {
            continue;
        }
        let separator = match &last {
            None => "",
            Some(_) if begins => "\n\n",
            Some(line) if is_tight(line, &text) => "",
            Some(_) => " ",
        };
        out.write_all(separator.as_bytes())?;
        out.write_all(text.as_bytes())?;
        last = Some(text);
    }
    if last.is_some() {
        out.write_all(b"\n")?;
    }
    Ok(())
}

/// Whether two segments follow each other without a space: where both sides have none in their
/// script, or the mark between them is as wide as one.
fn is_tight(before: &str, after: &str) -> bool {
    let (Some(a), Some(b)) = (before.chars().next_back(), after.chars().next()) else {
        return true;
    };
    let is_wide_mark = |c: char| is_unspaced(c) && !stands_alone(c);
    (is_unspaced(a) && is_unspaced(b)) || is_wide_mark(a) || is_wide_mark(b)
}
