//! Text to read: paragraphs without times.

use crate::transcript::letters::{is_unspaced, stands_alone};
use crate::transcript::{Segment, Transcript};
use std::io::{self, Write};

/// A silence this long begins a paragraph, in milliseconds.
const PARAGRAPH_MS: u64 = 1500;

/// Writes the text of `transcript`, one paragraph per line with an empty line between; a paragraph
/// ends at a pause of 1.5 s or at a gap.
pub fn write(transcript: &Transcript, out: &mut dyn Write) -> io::Result<()> {
    let mut last: Option<(&Segment, String)> = None;
    let mut gaps = transcript.gaps.iter().map(|gap| gap.span.start()).peekable();
    for segment in &transcript.segments {
        let text = segment.text.split_whitespace().collect::<Vec<_>>().join(" ");
        if text.is_empty() {
            continue;
        }
        let start = segment.span.start();
        let mut is_after_gap = false;
        while gaps.next_if(|gap| *gap <= start).is_some() {
            is_after_gap = true;
        }
        if let Some((before, line)) = &last {
            let silence = start.millis().saturating_sub(before.span.end().millis());
            let separator = match () {
                () if is_after_gap || silence >= PARAGRAPH_MS => "\n\n",
                () if is_tight(line, &text) => "",
                () => " ",
            };
            out.write_all(separator.as_bytes())?;
        }
        out.write_all(text.as_bytes())?;
        last = Some((segment, text));
    }
    if last.is_some() {
        out.write_all(b"\n")?;
    }
    Ok(())
}

/// Whether two segments follow each other without a space: where both sides have none in their script,
/// or the mark between them is as wide as one.
fn is_tight(before: &str, after: &str) -> bool {
    let (Some(a), Some(b)) = (before.chars().next_back(), after.chars().next()) else { return true };
    let is_wide_mark = |c: char| is_unspaced(c) && !stands_alone(c);
    (is_unspaced(a) && is_unspaced(b)) || is_wide_mark(a) || is_wide_mark(b)
}
