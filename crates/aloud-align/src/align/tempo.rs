//! Words against time: who stands for whom, when both the writing and the clock have a say.
//!
//! Comparing texts alone cannot tell which of two equal words close by was misheard; the time of
//! each can.

use super::pace::Pace;
use super::path::{Link, STRONG};
use super::texts::{Stretch, Texts};
use std::ops::Range;

/// So many exact links in a row are beyond doubt.
const SOLID: usize = 3;
/// Runs with more words than this, on either side, are not compared with time.
pub(super) const MANY: usize = 64;
/// A new choice must agree with the text in so much of what the old one did: time decides between
/// equals, not which passage was read.
const KEPT: f32 = 0.85;
/// The time between doubtless words must be within these multiples of what the words there take, or
/// more than them is there.
const PLAUSIBLE: std::ops::Range<f32> = 0.6..1.7;
/// What it costs to leave a word without a partner, on either side.
const ALONE: f32 = 1.0;

/// Chooses the links between doubtless runs anew, by likeness and time together.
pub(super) fn settle(texts: &Texts, links: &[Link], times: &[Stretch], pace: &Pace) -> Vec<Link> {
    let mut settled = Vec::with_capacity(links.len());
    let mut at = 0;
    while at < links.len() {
        let solid = solid(&links[at..]);
        if solid > 0 {
            settled.extend(&links[at..at + solid]);
            at += solid;
            continue;
        }
        let n = (1..=links.len() - at)
            .find(|n| self::solid(&links[at + n..]) > 0)
            .unwrap_or(links.len() - at);
        let doubtful = &links[at..at + n];
        let next = links.get(at + n);
        match (settled.last(), next) {
            (Some(before), Some(next)) => {
                let worth = |links: &[Link]| {
                    links
                        .iter()
                        .map(|link| link.similarity)
                        .filter(|similarity| *similarity >= STRONG)
                        .sum::<f32>()
                };
                let anew = between(texts, before, next, times, pace)
                    .filter(|anew| worth(anew) >= KEPT * worth(doubtful));
                settled.extend(anew.unwrap_or_else(|| doubtful.to_vec()));
            }
            _ => settled.extend(doubtful),
        }
        at += n;
    }
    settled
}

/// How many links at the beginning of `links` are exact and without a gap between them, if enough
/// are.
fn solid(links: &[Link]) -> usize {
    let is_exact =
        |link: &Link| link.similarity >= 1.0 && (link.n_written, link.n_spoken) == (1, 1);
    let follows = |pair: &[Link]| {
        pair[1].written == pair[0].written + 1
            && pair[1].spoken == pair[0].spoken + 1
            && is_exact(&pair[1])
    };
    if !links.first().is_some_and(is_exact) {
        return 0;
    }
    let n = 1 + links.windows(2).take_while(|pair| follows(pair)).count();
    if n >= SOLID { n } else { 0 }
}

/// New links for the tokens between two others; `None` where more is going on there than misheard
/// words.
fn between(
    texts: &Texts,
    before: &Link,
    next: &Link,
    times: &[Stretch],
    pace: &Pace,
) -> Option<Vec<Link>> {
    let (first_written, first_spoken) =
        (before.written + before.n_written, before.spoken + before.n_spoken);
    let (written, spoken) = (first_written..next.written, first_spoken..next.spoken);
    let window = (times[first_spoken - 1].end, times[next.spoken].start);
    let expected = &pace.tokens[written.clone()];
    let pauses: Vec<f32> =
        (written.start..=written.end).map(|token| pace.pause_before(texts, token)).collect();
    // Half a second for a clause, more for a sentence.
    let pause_ms = 400.0 * pauses.iter().sum::<f32>();
    let least = expected.iter().sum::<f32>();
    let room = window.1 - window.0;
    let is_plausible = room >= PLAUSIBLE.start * least && room <= PLAUSIBLE.end * least + pause_ms;
    if written.len() > MANY || spoken.len() > MANY || !is_plausible {
        return None;
    }
    let laid = lay(expected, &pauses, window);
    let likeness = |i: usize, j: usize| {
        texts
            .lexicon
            .similarity(texts.written[written.start + i].id, texts.spoken[spoken.start + j].id)
    };
    let pairs = pair(&laid, &times[spoken.clone()], likeness).into_iter();
    let links = pairs.map(|(i, j)| Link {
        written: written.start + i,
        n_written: 1,
        spoken: spoken.start + j,
        n_spoken: 1,
        similarity: likeness(i, j),
    });
    Some(links.filter(|link| link.similarity >= STRONG).collect())
}

/// Shares a time among words by their expected lengths; what is to spare goes where the writing has
/// a pause. `pauses` has one entry more, for the end.
pub(super) fn lay(expected: &[f32], pauses: &[f32], (start, end): (f32, f32)) -> Vec<Stretch> {
    let (room, least) = ((end - start).max(0.0), expected.iter().sum::<f32>());
    let all_pauses: f32 = pauses.iter().sum();
    let spare = if all_pauses > 0.0 { (room - 1.1 * least).max(0.0) } else { 0.0 };
    let scale = if least > 0.0 { (room - spare) / least } else { 0.0 };
    let mut at = start;
    let place = |(ms, pause): (&f32, &f32)| {
        let from = at + if all_pauses > 0.0 { spare * pause / all_pauses } else { 0.0 };
        at = (from + scale * ms).min(end);
        Stretch { start: from.min(end), end: at }
    };
    expected.iter().zip(pauses).map(place).collect()
}

/// Which of the laid words stands for which of the real stretches, in order, by `likeness` (0 to
/// 1), time and length.
pub(super) fn pair(
    laid: &[Stretch],
    real: &[Stretch],
    likeness: impl Fn(usize, usize) -> f32,
) -> Vec<(usize, usize)> {
    let width = real.len() + 1;
    let mut costs = vec![0.0f32; (laid.len() + 1) * width];
    let mut ways = vec![0u8; costs.len()];
    for i in 0..=laid.len() {
        for j in 0..width {
            let at = i * width + j;
            let mut best = if i == 0 && j == 0 { (0.0, 0) } else { (f32::MAX, 0) };
            if i > 0 {
                best = least(best, (costs[at - width] + ALONE, 1));
            }
            if j > 0 {
                best = least(best, (costs[at - 1] + ALONE, 2));
            }
            if i > 0 && j > 0 {
                let cost = misfit(laid[i - 1], real[j - 1], likeness(i - 1, j - 1));
                best = least(best, (costs[at - width - 1] + cost, 3));
            }
            (costs[at], ways[at]) = best;
        }
    }
    let (mut i, mut j) = (laid.len(), real.len());
    let mut pairs = Vec::new();
    while i > 0 || j > 0 {
        match ways[i * width + j] {
            1 => i -= 1,
            2 => j -= 1,
            _ => {
                (i, j) = (i - 1, j - 1);
                pairs.push((i, j));
            }
        }
    }
    pairs.reverse();
    pairs
}

fn least(a: (f32, u8), b: (f32, u8)) -> (f32, u8) {
    if b.0 < a.0 { b } else { a }
}

/// How badly a word and a stretch go together: 0 for the same sound at the same time, 2 for what
/// costs as much as leaving both alone.
fn misfit(laid: Stretch, real: Stretch, likeness: f32) -> f32 {
    let (expected, taken) = ((laid.end - laid.start).max(20.0), (real.end - real.start).max(20.0));
    let length = (expected / taken).ln().abs().min(2.0);
    let distance = ((laid.start + laid.end - real.start - real.end) / 2.0).abs() / 400.0;
    (1.0 - likeness) * 0.9 + 0.25 * length + 0.5 * distance.min(2.0)
}

/// The runs of `pairs` that have no partner.
pub(super) fn alone<T>(pairs: &[Option<T>]) -> Vec<Range<usize>> {
    let mut runs = Vec::new();
    let mut at = 0;
    while at < pairs.len() {
        let n = pairs[at..].iter().take_while(|pair| pair.is_none()).count();
        if n > 0 {
            runs.push(at..at + n);
        }
        at += n.max(1);
    }
    runs
}

#[cfg(test)]
mod tests {
    use super::*;

    fn stretches(times: &[(f32, f32)]) -> Vec<Stretch> {
        times.iter().map(|(start, end)| Stretch { start: *start, end: *end }).collect()
    }

    #[test]
    fn spare_time_goes_to_pauses() {
        let laid = |expected: &[f32], pauses: &[f32], end| {
            lay(expected, pauses, (0.0, end)).iter().map(|s| (s.start, s.end)).collect::<Vec<_>>()
        };
        assert_eq!(laid(&[100.0, 300.0], &[0.0, 0.0, 0.0], 800.0), [(0.0, 200.0), (200.0, 800.0)]);
        assert_eq!(laid(&[100.0, 100.0], &[0.0, 1.0, 0.0], 520.0), [(0.0, 110.0), (410.0, 520.0)]);
        assert_eq!(laid(&[100.0, 100.0], &[3.0, 0.0, 1.0], 100.0), [(0.0, 50.0), (50.0, 100.0)]);
        assert_eq!(laid(&[], &[1.0], 100.0), []);
        assert_eq!(laid(&[0.0], &[0.0, 0.0], 100.0), [(0.0, 0.0)]);
    }

    #[test]
    fn time_tells_equal_words_apart() {
        let laid = stretches(&[(0.0, 200.0), (200.0, 400.0), (400.0, 600.0)]);
        // Only one of three equal words was heard: which, its time says.
        for (time, want) in [((0.0, 200.0), 0), ((210.0, 390.0), 1), ((420.0, 610.0), 2)] {
            assert_eq!(pair(&laid, &stretches(&[time]), |_, _| 1.0), [(want, 0)]);
        }
        // Likeness outweighs some time.
        assert_eq!(
            pair(&laid, &stretches(&[(150.0, 350.0)]), |i, _| if i == 0 { 1.0 } else { 0.0 }),
            [(0, 0)]
        );
    }
}
