//! Where does a paragraph of speech begin? Nobody wrote any: pauses, speakers and sentences tell.
//!
//! Each answer depends on what was said before alone, so that a transcript that grows keeps the
//! paragraphs that somebody is reading. This file never knows how they are shown.

use super::characters::{ends_with_sentence, thirds};
use super::{Gap, GapReason, Segment, Transcript};

/// A silence this long begins a paragraph, in milliseconds.
const PAUSE_MS: u64 = 1500;
/// And this long also where no sentence ends before it, as far as the recogniser wrote marks.
const BREAK_MS: u64 = 5000;
/// Behind so much text, in letters (a Chinese character counts three), a breath of so many
/// milliseconds is enough, and behind so much more the end of any sentence.
const LONG: u32 = 450;
const BREATH_MS: u64 = 500;
const TOO_LONG: u32 = 1000;

/// For each segment of `transcript` whether a paragraph begins with it.
///
/// That is behind a sentence where a silence of 1.5 s or a gap follows, or somebody else speaks, or
/// the paragraph is long; within a sentence only at 5 s, or where words were lost. A text without
/// any mark that ends a sentence has its paragraphs at all pauses. Segments without text begin none.
pub fn beginnings(transcript: &Transcript) -> Vec<bool> {
    let has_sentences = transcript.segments.iter().any(|segment| ends_with_sentence(&segment.text));
    let mut gaps = transcript.gaps.iter().peekable();
    // The end of the last segment with text, whether a sentence ends with it, and who said it.
    let mut before: Option<(u64, bool, Option<&str>)> = None;
    let mut length = 0;
    let begins = |segment: &Segment| {
        if segment.text.trim().is_empty() {
            return false;
        }
        let start = segment.span.start();
        let mut between: Vec<&Gap> = Vec::new();
        while let Some(gap) = gaps.next_if(|gap| gap.span.start() <= start) {
            between.push(gap);
        }
        let speaker = transcript.speaker(start);
        let begins = before.is_none_or(|(end, is_end, last)| {
            let silence = start.millis().saturating_sub(end);
            let is_pause = silence >= PAUSE_MS || !between.is_empty() || speaker != last;
            let is_long =
                has_sentences && (length >= LONG && silence >= BREATH_MS || length >= TOO_LONG);
            (is_end || !has_sentences) && (is_pause || is_long)
                || silence >= BREAK_MS
                || between.iter().any(|gap| is_loss(gap))
        });
        let size: u32 = segment.text.chars().map(|c| u32::from(thirds(c))).sum();
        length = if begins { size } else { length + size };
        before = Some((segment.span.end().millis(), ends_with_sentence(&segment.text), speaker));
        begins
    };
    transcript.segments.iter().map(begins).collect()
}

/// Whether words may have been lost in a gap.
fn is_loss(gap: &Gap) -> bool {
    matches!(gap.reason, GapReason::Failed | GapReason::Unclear | GapReason::Damaged)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::time::Span;
    use crate::transcript::Voice;

    /// What is said, from when to when in milliseconds.
    type Said<'a> = (&'a str, u64, u64);

    fn transcript(said: &[Said<'_>]) -> Transcript {
        let segment = |(text, from, to): &Said<'_>| Segment {
            span: Span::from_millis(*from, *to),
            text: (*text).to_owned(),
            ..Segment::default()
        };
        Transcript { segments: said.iter().map(segment).collect(), ..Transcript::default() }
    }

    #[test]
    fn a_paragraph_begins() {
        let long = format!("{}.", "word ".repeat(120));
        let chinese = format!("{}。", "聽".repeat(160));
        for (what, said, want) in [
            (
                "behind a pause",
                vec![("One.", 0, 900), ("Two.", 1000, 1900), ("Three.", 3500, 4000)],
                "^.^",
            ),
            ("not within a sentence", vec![("One", 0, 900), ("two.", 3000, 4000)], "^."),
            ("within one at a long silence", vec![("One", 0, 900), ("two.", 6000, 7000)], "^^"),
            ("whatever closes", vec![("“One.”)", 0, 900), ("Two", 3000, 4000)], "^^"),
            ("at any pause without marks", vec![("one", 0, 900), ("two", 2500, 4000)], "^^"),
            ("not with nothing", vec![("", 0, 900), ("One.", 900, 1000), (" ", 5000, 6000)], ".^."),
            ("behind a long one at a breath", vec![(&long, 0, 900), ("Two.", 1400, 2000)], "^^"),
            ("and not sooner", vec![(&long, 0, 900), ("Two.", 1300, 2000)], "^."),
            ("by its characters", vec![(&chinese, 0, 900), ("二。", 1400, 2000)], "^^"),
            (
                "behind a very long one at any sentence",
                vec![(&long, 0, 900), (&long, 900, 1800), (&long, 1800, 2700), (&long, 2700, 3600)],
                "^..^",
            ),
        ] {
            let begins: String = beginnings(&transcript(&said))
                .into_iter()
                .map(|b| if b { '^' } else { '.' })
                .collect();
            assert_eq!(begins, want, "{what}");
        }
    }

    #[test]
    fn gaps_and_speakers_part() {
        let said = [("One.", 0, 900), ("Two", 1000, 1900), ("three.", 2000, 2900)];
        for (reason, want) in
            [(GapReason::Music, [true, true, false]), (GapReason::Failed, [true, true, true])]
        {
            let gap = |from, to| Gap { span: Span::from_millis(from, to), reason };
            let gaps = vec![gap(900, 1000), gap(1900, 2000)];
            assert_eq!(beginnings(&Transcript { gaps, ..transcript(&said) }), want, "{reason:?}");
        }
        let turn =
            |name: &str, from, to| Voice { span: Span::from_millis(from, to), name: name.into() };
        let speakers = vec![turn("Anna", 0, 950), turn("Ben", 950, 2900)];
        assert_eq!(beginnings(&Transcript { speakers, ..transcript(&said) }), [true, true, false]);
    }

    #[test]
    fn what_was_read_keeps_its_paragraphs() {
        let said: Vec<Said<'_>> = (0..400)
            .map(|at| {
                (
                    if at % 3 == 0 { "This goes on and on," } else { "and then ends." },
                    at * 1000,
                    at * 1000 + 300 + at % 7 * 100,
                )
            })
            .collect();
        let whole = beginnings(&transcript(&said));
        // Before a mark was ever heard all pauses count.
        for n in 2..said.len() {
            assert_eq!(beginnings(&transcript(&said[..n])), whole[..n], "{n}");
        }
    }
}
