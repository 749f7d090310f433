//! What was recognised, with the times that its own sounds have.
//!
//! The recogniser knows what is said and about when; laid over the sound by synthesised speech the
//! words know it exactly. No word is lost, changed or moved past another.

use super::Timing;
use crate::time::{Span, Timestamp};
use crate::transcript::{Transcript, tidy};

/// A recogniser knows best when a word ends: what is found to begin behind more than so many
/// milliseconds of sound after that has been drawn over something of which nothing was written
/// down, such as a filler.
const LATE_MS: u64 = 200;
/// But which side of a pause a short word is on it does not know: "the" behind a full stop is often
/// told before the pause. No pause that a word is moved over is longer than this.
const PAUSE_MS: u64 = 3_000;
/// Nothing is found to begin so much earlier than it was recognised.
const EARLY_MS: u64 = 1_000;

/// `transcript` with its words where `placed` has them, which knows them as `words`: the
/// transcript's own text as an article (see [`crate::reading::Reading::of_transcript`]); `pauses`
/// are the recording's, in order and apart. Words that were placed nowhere, or far away, keep the
/// time at which they were recognised.
pub fn laid(
    mut transcript: Transcript,
    words: &[Timing],
    placed: &[Option<Span>],
    pauses: &[Span],
) -> Transcript {
    let mut spans: Vec<Span> = transcript.words().map(|word| word.span).collect();
    for (timing, placed) in words.iter().zip(placed) {
        let heard = spans.get_mut(timing.spoken.start).filter(|_| timing.spoken.len() == 1);
        let (Some(placed), Some(heard)) = (placed, heard) else { continue };
        let is_early = heard.start().millis().saturating_sub(placed.start().millis()) > EARLY_MS;
        if !is_early && !is_late(heard.end(), placed.start(), pauses) {
            *heard = *placed;
        }
    }
    let end = spans.iter().map(|span| span.end()).max().unwrap_or_default();
    tidy::spans(&mut spans, Span::new(Timestamp::ZERO, end));
    let mut spans = spans.into_iter();
    for segment in &mut transcript.segments {
        for word in &mut segment.words {
            word.span = spans.next().unwrap_or(word.span);
        }
        if let (Some(first), Some(last)) = (segment.words.first(), segment.words.last()) {
            segment.span = Span::new(first.span.start(), last.span.end());
        }
    }
    transcript
}

/// Whether a word that was heard until `end` cannot begin at `start`.
fn is_late(end: Timestamp, start: Timestamp, pauses: &[Span]) -> bool {
    let late_ms = start.millis().saturating_sub(end.millis());
    if late_ms <= LATE_MS || late_ms > PAUSE_MS {
        return late_ms > LATE_MS;
    }
    let between = Span::new(end, start);
    let from = pauses.partition_point(|pause| pause.end() <= end);
    let silent_ms: u64 = pauses[from..]
        .iter()
        .take_while(|pause| pause.start() < start)
        .map(|pause| pause.clamp_to(between).millis())
        .sum();
    late_ms - silent_ms > LATE_MS
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::reading::Reading;
    use crate::transcript::{Segment, SpokenWord};
    use proptest::prelude::*;

    fn transcript(segments: &[&[(&str, u64, u64)]]) -> Transcript {
        let word = |&(text, from, to): &(&str, u64, u64)| SpokenWord {
            text: text.into(),
            span: Span::from_millis(from, to),
            probability: None,
        };
        let segment = |words: &&[(&str, u64, u64)]| {
            let words: Vec<SpokenWord> = words.iter().map(word).collect();
            let text = words.iter().map(|word| word.text.as_str()).collect::<Vec<_>>().join(" ");
            Segment {
                span: Span::new(words[0].span.start(), words[words.len() - 1].span.end()),
                text,
                words,
                is_doubtful: false,
            }
        };
        Transcript { segments: segments.iter().map(segment).collect(), ..Transcript::default() }
    }

    fn lay(
        transcript: Transcript,
        placed: &[Option<(u64, u64)>],
        pauses: &[(u64, u64)],
    ) -> Transcript {
        let reading = Reading::of_transcript(transcript);
        let placed: Vec<Option<Span>> = placed
            .iter()
            .map(|placed| placed.map(|(from, to)| Span::from_millis(from, to)))
            .collect();
        let pauses: Vec<Span> =
            pauses.iter().map(|&(from, to)| Span::from_millis(from, to)).collect();
        laid(reading.transcript, &reading.alignment.words, &placed, &pauses)
    }

    #[test]
    fn words_are_where_they_were_placed() {
        let said = || {
            transcript(&[
                &[("Ask", 3140, 4200), ("not", 4200, 4210)],
                &[("what", 4210, 5600), ("your", 5600, 5900)],
            ])
        };
        for (name, placed, want) in [
            (
                "all",
                [Some((3290, 3740)), Some((3980, 4300)), Some((5390, 5600)), Some((5600, 5880))],
                "3290-3740 3980-4300 | 5390-5600 5600-5880",
            ),
            (
                "some",
                [None, Some((3980, 4300)), Some((5390, 5600)), None],
                "3140-3980 3980-4300 | 5390-5600 5600-5900",
            ),
            ("none", [None; 4], "3140-4200 4200-4210 | 4210-5600 5600-5900"),
            (
                "one far too late",
                [None, Some((4600, 4700)), None, None],
                "3140-4200 4200-4210 | 4210-5600 5600-5900",
            ),
            (
                "one behind the pause",
                [None, None, None, Some((6900, 7100))],
                "3140-4200 4200-4210 | 4210-5600 6900-7100",
            ),
            (
                "one behind too long a pause",
                [None, None, None, Some((13_000, 13_200))],
                "3140-4200 4200-4210 | 4210-5600 5600-5900",
            ),
            (
                "one far too early",
                [None, None, Some((3100, 3200)), None],
                "3140-4200 4200-4210 | 4210-5600 5600-5900",
            ),
        ] {
            let laid = lay(said(), &placed, &[(6010, 6890), (9400, 12_990)]);
            let told = |segment: &Segment| {
                let word = |word: &SpokenWord| {
                    format!("{}-{}", word.span.start().millis(), word.span.end().millis())
                };
                segment.words.iter().map(word).collect::<Vec<_>>().join(" ")
            };
            assert_eq!(
                laid.segments.iter().map(told).collect::<Vec<_>>().join(" | "),
                want,
                "{name}"
            );
            assert!(
                laid.segments.iter().all(|s| s.span.start() == s.words[0].span.start()),
                "{name}"
            );
        }
    }

    proptest! {
        #[test]
        fn no_word_is_lost_or_moved_past_another(places in prop::collection::vec(prop::option::of((0u64..4000, 1u64..500)), 12)) {
            let words: Vec<(&str, u64, u64)> = (0..12).map(|at| ("word", at * 300, at * 300 + 200)).collect();
            let said = transcript(&[&words[..5], &words[5..]]);
            let placed: Vec<Option<(u64, u64)>> = places.iter().map(|place| place.map(|(from, length)| (from, from + length))).collect();
            let laid = lay(said.clone(), &placed, &[(700, 1200)]);
            prop_assert!(laid.words().map(|word| &word.text).eq(said.words().map(|word| &word.text)));
            let spans: Vec<Span> = laid.words().map(|word| word.span).collect();
            prop_assert!(spans.windows(2).all(|pair| pair[0].end() <= pair[1].start()));
            prop_assert!(spans.iter().all(|span| !span.is_empty()));
        }
    }
}
