//! Text to read: paragraphs without times.

use crate::transcript::characters::{ends_sentence, is_spoken, is_unspaced, stands_alone};
use crate::transcript::{Gap, GapReason, Segment, Transcript};
use std::io::{self, Write};

/// A silence this long begins a paragraph, in milliseconds.
const PARAGRAPH_MS: u64 = 1500;
/// And this long also where no sentence ends before it, as far as the recogniser wrote marks.
const BREAK_MS: u64 = 5000;

/// Writes the text of `transcript`, one paragraph per line with an empty line between. A paragraph
/// ends with a sentence before a pause of 1.5 s or a gap; within a sentence only at 5 s, or where
/// words were lost. Text without any mark that ends a sentence has its paragraphs at all pauses.
pub fn write(transcript: &Transcript, out: &mut dyn Write) -> io::Result<()> {
    let mut last: Option<(&Segment, String)> = None;
    let mut gaps = transcript.gaps.iter().peekable();
    let has_sentences = transcript.segments.iter().any(|segment| ends_with_sentence(&segment.text));
    for segment in &transcript.segments {
        let text = segment.text.split_whitespace().collect::<Vec<_>>().join(" ");
        if text.is_empty() {
            continue;
        }
        let start = segment.span.start();
        let mut between: Vec<&Gap> = Vec::new();
        while let Some(gap) = gaps.next_if(|gap| gap.span.start() <= start) {
            between.push(gap);
        }
        if let Some((before, line)) = &last {
            let silence = start.millis().saturating_sub(before.span.end().millis());
            let is_end = !has_sentences || ends_with_sentence(line);
            let is_pause = silence >= PARAGRAPH_MS || !between.is_empty();
            let separator = match () {
                () if is_pause && is_end
                    || silence >= BREAK_MS
                    || between.iter().any(|gap| is_loss(gap)) =>
                {
                    "\n\n"
                }
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

/// Whether words may have been lost in a gap.
fn is_loss(gap: &Gap) -> bool {
    matches!(gap.reason, GapReason::Failed | GapReason::Unclear | GapReason::Damaged)
}

/// Whether a sentence ends with `text`, whatever quotes and brackets close after it.
fn ends_with_sentence(text: &str) -> bool {
    text.chars().rev().take_while(|c| !is_spoken(*c)).any(ends_sentence)
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
