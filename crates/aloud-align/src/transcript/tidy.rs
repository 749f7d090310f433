//! Rough times made usable: in order, apart, inside, and long enough to see.
//!
//! Pure arithmetic on spans; this room never knows the words, nor where their times come from.

use crate::time::{Span, Timestamp};
use crate::transcript::SpokenWord;

/// The shortest time a mended word is given where there is room, in milliseconds.
const ROOMY_MS: u64 = 10;

/// Makes the times of `words` usable; see [`spans`].
pub fn words(words: &mut [SpokenWord], outer: Span) {
    let mut times: Vec<Span> = words.iter().map(|word| word.span).collect();
    spans(&mut times, outer);
    for (word, span) in words.iter_mut().zip(times) {
        word.span = span;
    }
}

/// Makes rough `times` ordered, non-overlapping, inside `outer`, and at least 1 ms long (10 ms
/// where `outer` has that much for each). Times that already are so stay exactly as they are, so
/// doing it twice changes nothing. Where `outer` has less than 1 ms for each, some stay empty.
///
/// The longest run of starts that are in order is believed; a start out of order is put between its
/// neighbours. A span that runs into the next one is cut there.
pub fn spans(times: &mut [Span], outer: Span) {
    if are_tidy(times, outer) {
        return;
    }
    for span in times.iter_mut() {
        *span = span.clamp_to(outer);
    }
    place_outliers(times, outer);
    let n = times.len() as u64;
    let least = [ROOMY_MS, 1, 0]
        .into_iter()
        .find(|least| n.saturating_mul(*least) <= outer.millis())
        .unwrap_or(0);
    spread(times, outer, least);
}

/// Whether [`spans`] would leave `times` alone.
fn are_tidy(times: &[Span], outer: Span) -> bool {
    times
        .iter()
        .all(|span| !span.is_empty() && outer.start() <= span.start() && span.end() <= outer.end())
        && times.windows(2).all(|pair| pair[0].end() <= pair[1].start())
}

/// Gives every span whose start is out of order an equal share of the room between its believed
/// neighbours.
fn place_outliers(times: &mut [Span], outer: Span) {
    let mut before: Option<usize> = None;
    for after in longest_run(times).into_iter().map(Some).chain([None]) {
        let (first, last) = (before.map_or(0, |index| index + 1), after.unwrap_or(times.len()));
        if first < last {
            let until = after.map_or(outer.end(), |index| times[index].start());
            let from = before.map_or(outer.start(), |index| times[index].end().min(until));
            let equal = Span::new(from, until).shares(&vec![1; last - first]);
            times[first..last].copy_from_slice(&equal);
        }
        before = after;
    }
}

/// The indices of a longest run of starts that never go back, by patience sorting: O(n log n).
fn longest_run(times: &[Span]) -> Vec<usize> {
    // `piles[k]` ends the best run of k + 1 starts; `previous` links each start to the one before
    // it.
    let mut piles: Vec<usize> = Vec::new();
    let mut previous: Vec<Option<usize>> = Vec::with_capacity(times.len());
    for (index, span) in times.iter().enumerate() {
        let pile = piles.partition_point(|&top| times[top].start() <= span.start());
        previous.push(pile.checked_sub(1).map(|below| piles[below]));
        if pile == piles.len() {
            piles.push(index);
        } else {
            piles[pile] = index;
        }
    }
    let mut run: Vec<usize> =
        std::iter::successors(piles.last().copied(), |&index| previous[index]).collect();
    run.reverse();
    run
}

/// Moves starts apart by at least `least` milliseconds and cuts each end at the next start. Starts
/// are in order and inside `outer`, which has `least` for each.
fn spread(times: &mut [Span], outer: Span, least: u64) {
    let mut starts: Vec<Timestamp> = times.iter().map(|span| span.start()).collect();
    let mut earliest = outer.start();
    for start in &mut starts {
        *start = (*start).max(earliest);
        earliest = start.plus(least);
    }
    let mut latest = outer.end();
    for start in starts.iter_mut().rev() {
        latest = latest.minus(least);
        *start = (*start).min(latest);
        latest = *start;
    }
    for (index, span) in times.iter_mut().enumerate() {
        let limit = starts.get(index + 1).copied().unwrap_or(outer.end());
        let end = span.end().max(starts[index].plus(least)).min(limit);
        *span = Span::new(starts[index], end);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn check(times: &[(u64, u64)], outer: (u64, u64), want: &[(u64, u64)]) {
        let mut got: Vec<Span> = times.iter().map(|&(a, b)| Span::from_millis(a, b)).collect();
        spans(&mut got, Span::from_millis(outer.0, outer.1));
        let got: Vec<_> =
            got.iter().map(|span| (span.start().millis(), span.end().millis())).collect();
        assert_eq!(got, want, "{times:?} in {outer:?}");
    }

    #[test]
    fn cases() {
        check(&[], (0, 10), &[]);
        // What is in order stays, also a span of 1 ms.
        check(&[(0, 1), (1, 50), (80, 100)], (0, 100), &[(0, 1), (1, 50), (80, 100)]);
        // Overlap: cut at the next start.
        check(&[(0, 60), (50, 100)], (0, 100), &[(0, 50), (50, 100)]);
        // Empty: given 10 ms.
        check(&[(0, 0), (50, 50)], (0, 100), &[(0, 10), (50, 60)]);
        // All at one instant, at either end.
        check(&[(100, 100); 3], (0, 100), &[(70, 80), (80, 90), (90, 100)]);
        check(&[(0, 0); 3], (0, 100), &[(0, 10), (10, 20), (20, 30)]);
        // One wild start does not drag its neighbours along.
        check(
            &[(0, 100), (9000, 9100), (300, 400)],
            (0, 1000),
            &[(0, 100), (100, 300), (300, 400)],
        );
        // Outside.
        check(&[(0, 50), (250, 400)], (100, 300), &[(100, 110), (250, 300)]);
        // Little room, and none.
        check(&[(5, 5); 3], (5, 9), &[(5, 6), (6, 7), (7, 8)]);
        check(&[(5, 5); 3], (5, 6), &[(5, 5); 3]);
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(200))]
        #[test]
        fn always_tidy(times in prop::collection::vec((0u64..3000, 0u64..3000), 0..40), a in 0u64..3000, len in 0u64..3000) {
            let outer = Span::from_millis(a, a + len);
            let mut got: Vec<Span> = times.iter().map(|&(a, b)| Span::from_millis(a, b)).collect();
            let n = got.len() as u64;
            spans(&mut got, outer);
            prop_assert!(got.iter().all(|span| outer.start() <= span.start() && span.end() <= outer.end()));
            prop_assert!(got.windows(2).all(|pair| pair[0].end() <= pair[1].start()));
            if n <= len {
                prop_assert!(are_tidy(&got, outer));
                let once = got.clone();
                spans(&mut got, outer);
                prop_assert_eq!(once, got);
            }
        }
    }
}
