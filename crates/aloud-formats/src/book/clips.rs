//! From spans of speech to clips of the sound, so that a reader plays on from one to the next.

use crate::time::{Span, Timestamp};

/// Sound before what is said that is played too, in milliseconds: a reader that begins exactly
/// there cuts the first sound off.
const LEAD_MS: u64 = 200;
/// The same behind it, where nothing follows.
const TAIL_MS: u64 = 300;
/// Pauses up to so long, in milliseconds, are played; what is longer is music, or nothing.
const LONGEST_PAUSE_MS: u64 = 5_000;

/// For each of `spans`, in order, the clip that is played. Two that follow each other are parted
/// within the pause between them, unless something is said there that is not written (`others`, in
/// order), which no clip holds; nor does any cross one of `borders`.
pub(super) fn clips(
    spans: &[Span],
    others: &[Span],
    borders: &[Timestamp],
    end: Timestamp,
) -> Vec<Span> {
    let parted = |from: Timestamp, to: Timestamp| {
        let is_said = others[others.partition_point(|other| other.end() <= from)..]
            .first()
            .is_some_and(|other| other.start() < to);
        let is_border = borders[borders.partition_point(|border| *border <= from)..]
            .first()
            .is_some_and(|border| *border <= to);
        is_said || is_border || to.millis().saturating_sub(from.millis()) > LONGEST_PAUSE_MS
    };
    let floor = |from: Timestamp, at: Timestamp| {
        let said = others[..others.partition_point(|other| other.start() < at)]
            .last()
            .map_or(Timestamp::ZERO, |other| other.end().min(at));
        let border = borders[..borders.partition_point(|border| *border <= at)]
            .last()
            .copied()
            .unwrap_or_default();
        said.max(border).max(from)
    };
    let ceiling = |at: Timestamp, to: Timestamp| {
        let said = others[others.partition_point(|other| other.end() <= at)..]
            .first()
            .map_or(to, |other| other.start().max(at));
        let border = borders[borders.partition_point(|border| *border < at)..]
            .first()
            .copied()
            .unwrap_or(to);
        said.min(border).min(to)
    };
    let mut clips: Vec<Span> = Vec::with_capacity(spans.len());
    for (index, span) in spans.iter().enumerate() {
        let before = index.checked_sub(1).map(|before| spans[before].end());
        let next = spans.get(index + 1).map(|next| next.start());
        let start = match before {
            // Not where a border cut the sound before: what is left of it there is not this one's.
            Some(before) if !parted(before, span.start()) && clips[index - 1].end() >= before => {
                clips[index - 1].end()
            }
            _ => {
                let from = clips.last().map_or(Timestamp::ZERO, |clip| clip.end());
                back(span.start(), LEAD_MS).max(floor(from, span.start()))
            }
        };
        let end = match next {
            Some(next) if !parted(span.end(), next) => {
                let lead =
                    next.millis().saturating_sub(span.end().millis()).div_ceil(2).min(LEAD_MS);
                back(next, lead)
            }
            next => span
                .end()
                .plus(TAIL_MS)
                .min(ceiling(span.end(), next.unwrap_or(end).max(span.end()))),
        };
        // What is said across a border is played up to it.
        let border = borders[borders.partition_point(|border| *border <= start)..]
            .first()
            .copied()
            .unwrap_or(end);
        clips.push(Span::new(start, end.min(border).max(start)));
    }
    clips
}

fn back(at: Timestamp, ms: u64) -> Timestamp {
    Timestamp::from_millis(at.millis().saturating_sub(ms))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn spans(times: &[(u64, u64)]) -> Vec<Span> {
        times.iter().map(|&(from, to)| Span::from_millis(from, to)).collect()
    }

    #[test]
    fn clips_follow_each_other() {
        for (given, others, borders, want) in [
            (
                &[(1000, 2000), (2100, 3000), (4000, 5000)][..],
                &[][..],
                &[][..],
                &[(800, 2050), (2050, 3800), (3800, 5300)][..],
            ),
            (&[(1000, 2000), (4000, 5000)], &[(2200, 3900)], &[], &[(800, 2200), (3900, 5300)]),
            (&[(1000, 2000), (9000, 9900)], &[], &[], &[(800, 2300), (8800, 10_000)]),
            (&[(100, 2000), (2100, 2500)], &[], &[2050], &[(0, 2050), (2050, 2800)]),
            (&[(1000, 3000), (3200, 4000)], &[], &[2000], &[(800, 2000), (3000, 4300)]),
            (&[(1000, 2000), (2300, 3000)], &[], &[2000], &[(800, 2000), (2000, 3300)]),
        ] {
            let borders: Vec<Timestamp> =
                borders.iter().map(|&at| Timestamp::from_millis(at)).collect();
            assert_eq!(
                clips(&spans(given), &spans(others), &borders, Timestamp::from_millis(10_000)),
                spans(want),
                "{given:?}"
            );
        }
    }

    proptest! {
        #[test]
        fn clips_hold_their_spans_and_nothing_else(steps in prop::collection::vec((0u64..7000, 1u64..3000, 0u64..3), 1..30)) {
            let (mut at, mut said, mut others) = (0, Vec::new(), Vec::new());
            for (gap, length, kind) in steps {
                let span = Span::from_millis(at + gap, at + gap + length);
                at += gap + length;
                if kind == 0 { others.push(span) } else { said.push(span) }
            }
            let found = clips(&said, &others, &[], Timestamp::from_millis(at));
            for (clip, span) in found.iter().zip(&said) {
                prop_assert!(clip.start() <= span.start() && clip.end() >= span.end(), "{clip:?} {span:?}");
                prop_assert!(others.iter().all(|other| other.end() <= clip.start() || other.start() >= clip.end()), "{clip:?}");
            }
            prop_assert!(found.windows(2).all(|pair| pair[0].end() <= pair[1].start()));
        }
    }
}
