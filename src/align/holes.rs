//! Written words that were not heard: were they spoken, and when?
//!
//! Between two heard words lies real time. If it is about as long as the words between them take to say,
//! they were said and misheard; if there is none, they were left out. What the recogniser wrote there
//! instead, and when, helps to place them.

use super::pace::Pace;
use std::ops::Range;

/// A word of the transcript that no written word was matched with.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Stray {
    pub index: usize,
    pub start: f32,
    pub end: f32,
}

/// Written words between two heard ones, or before the first or after the last.
#[derive(Clone, Debug)]
pub(super) struct Hole<'a> {
    pub words: Range<usize>,
    /// The time between the heard words, in milliseconds.
    pub window: (f32, f32),
    /// How much of that time is known to hold no speech.
    pub silent: f32,
    /// Whether a heard word stands before it, and after it.
    pub has_before: bool,
    pub has_after: bool,
    /// The strays in that time.
    pub strays: &'a [Stray],
}

/// Where a word was put that was not heard.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Placed {
    pub word: usize,
    pub start: f32,
    pub end: f32,
    /// The spoken word that stands in its place, as an index.
    pub spoken: Option<usize>,
}

/// Less room than this share of what words take to say means that they were left out.
const ROOM: f32 = 0.3;
/// More room than this many times what words take, and then [`PAUSE_MS`], means that something else is said there as well.
const TOO_MUCH: f32 = 1.8;
const PAUSE_MS: f32 = 1200.0;
/// Sentences without a single heard word are believed to be spoken only if they have so few words together.
const FEW: usize = 4;
/// Holes with more words than this, on either side, are not compared word by word.
const MANY: usize = 64;

/// Places those words of a hole that were probably spoken.
pub(super) fn fill(hole: &Hole, pace: &Pace, likeness: &dyn Fn(usize, usize) -> f32) -> Vec<Placed> {
    let mut placed = Vec::new();
    for (words, window) in pieces(hole, pace) {
        let strays: Vec<Stray> = hole.strays.iter().copied().filter(|stray| stray.start < window.1 && stray.end > window.0).collect();
        placed.extend(place(words, window, &strays, pace, likeness));
    }
    placed
}

type Piece = (Range<usize>, (f32, f32));

/// The runs of words that were probably spoken, and the time of each.
fn pieces(hole: &Hole, pace: &Pace) -> Vec<Piece> {
    let Range { start, end } = hole.words;
    let sentence = |index: Option<usize>| index.and_then(|index| pace.sentence.get(index)).copied();
    let before = sentence(start.checked_sub(1)).filter(|_| hole.has_before);
    let after = sentence(Some(end)).filter(|_| hole.has_after);
    let head = start..hole.words.clone().find(|word| Some(pace.sentence[*word]) != before).unwrap_or(end);
    let tail = hole.words.clone().rev().find(|word| Some(pace.sentence[*word]) != after).map_or(start, |word| word + 1).max(head.end)..end;
    let whole = (hole.words.clone(), hole.window);
    let room = hole.window.1 - hole.window.0 - hole.silent;
    let expected = pace.of(hole.words.clone());
    let middle = head.end..tail.start;
    let n_breaks = hole.words.clone().filter(|word| pace.pauses[*word] >= 3.0).count() as f32 + f32::from(u8::from(pace.pauses[end] >= 3.0));
    let is_too_much = room > TOO_MUCH * expected + PAUSE_MS * (n_breaks + 0.5);
    let is_bounded = hole.has_before && hole.has_after;
    let is_one_sentence = head.len() == hole.words.len() && before == after;
    if is_bounded && room >= ROOM * expected && (!is_too_much || is_one_sentence) && (middle.is_empty() || is_credible(hole, &middle, room)) {
        return vec![whole];
    }
    let limit = |words: &Range<usize>| (1.5 * pace.of(words.clone()) + 300.0).min(room.max(0.0));
    let is_possible = |words: &Range<usize>, window: (f32, f32)| {
        let is_said = hole.strays.iter().any(|stray| stray.start < window.1 && stray.end > window.0);
        !words.is_empty() && is_said && window.1 - window.0 >= ROOM * pace.of(words.clone())
    };
    let head_window = (hole.window.0, hole.window.0 + limit(&head));
    let mut found = Vec::new();
    let mut from = hole.window.0;
    if is_possible(&head, head_window) {
        from = head_window.1;
        found.push((head, head_window));
    }
    let tail_window = ((hole.window.1 - limit(&tail)).max(from), hole.window.1);
    if is_possible(&tail, tail_window) {
        found.push((tail, tail_window));
    }
    found
}

/// Whether whole sentences of which nothing was heard can have been spoken: few words that were misheard, or nothing
/// at all was heard in that time.
fn is_credible(hole: &Hole, middle: &Range<usize>, room: f32) -> bool {
    let heard: f32 = hole.strays.iter().map(|stray| stray.end - stray.start).sum();
    heard < 0.15 * room || middle.len() <= FEW
}

/// Gives each of `words` its part of `window`.
fn place(words: Range<usize>, window: (f32, f32), strays: &[Stray], pace: &Pace, likeness: &dyn Fn(usize, usize) -> f32) -> Vec<Placed> {
    let laid = lay(words.clone(), window, pace);
    let mut pairs: Vec<Option<Stray>> = vec![None; words.len()];
    if !strays.is_empty() && strays.len() <= MANY && words.len() <= MANY {
        for (i, j) in pair(&laid, strays, likeness) {
            pairs[i] = Some(strays[j]);
        }
        unpair_crowded(&words, window, &mut pairs, pace);
    }
    let mut placed = Vec::with_capacity(words.len());
    let (mut at, mut from) = (0, window.0);
    while at < pairs.len() {
        if let Some(stray) = pairs[at] {
            let (start, end) = (stray.start.max(from), stray.end.min(window.1));
            placed.push(Placed { word: words.start + at, start, end: end.max(start), spoken: Some(stray.index) });
            from = end.max(start);
            at += 1;
        } else {
            let n = pairs[at..].iter().take_while(|pair| pair.is_none()).count();
            let until = pairs.get(at + n).copied().flatten().map_or(window.1, |stray| stray.start).max(from);
            placed.extend(lay(words.start + at..words.start + at + n, (from, until), pace));
            from = until;
            at += n;
        }
    }
    placed
}

/// Words by their expected length; time to spare goes where the writing has a pause.
fn lay(words: Range<usize>, (start, end): (f32, f32), pace: &Pace) -> Vec<Placed> {
    let (room, expected) = ((end - start).max(0.0), pace.of(words.clone()));
    let pauses: f32 = pace.pauses[words.start..=words.end].iter().sum();
    let spare = if pauses > 0.0 { (room - 1.1 * expected).max(0.0) } else { 0.0 };
    let scale = if expected > 0.0 { (room - spare) / expected } else { 0.0 };
    let mut at = start;
    let place = |word: usize| {
        let from = at + if pauses > 0.0 { spare * pace.pauses[word] / pauses } else { 0.0 };
        at = (from + scale * pace.expected[word]).min(end);
        Placed { word, start: from.min(end), end: at, spoken: None }
    };
    words.map(place).collect()
}

/// What it costs to leave a word, or a stray, without a partner.
const ALONE: f32 = 1.0;

/// Which of the laid words stands for which stray, by likeness, time and length; in order.
fn pair(laid: &[Placed], strays: &[Stray], likeness: &dyn Fn(usize, usize) -> f32) -> Vec<(usize, usize)> {
    let width = strays.len() + 1;
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
                let cost = misfit(&laid[i - 1], &strays[j - 1], likeness(laid[i - 1].word, strays[j - 1].index));
                best = least(best, (costs[at - width - 1] + cost, 3));
            }
            (costs[at], ways[at]) = best;
        }
    }
    let (mut i, mut j) = (laid.len(), strays.len());
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

/// How badly a word and a stray go together: 0 for the same sound at the same time, 2 for what costs as much
/// as leaving both alone.
fn misfit(laid: &Placed, stray: &Stray, likeness: f32) -> f32 {
    let (expected, real) = ((laid.end - laid.start).max(20.0), (stray.end - stray.start).max(20.0));
    let length = (expected / real).ln().abs().min(2.0);
    let distance = ((laid.start + laid.end - stray.start - stray.end) / 2.0).abs() / 400.0;
    (1.0 - likeness) * 0.9 + 0.25 * length + 0.5 * distance.min(2.0)
}

/// Takes back pairs beside words that would be left without room: one stray often stands for several words.
fn unpair_crowded(words: &Range<usize>, window: (f32, f32), pairs: &mut [Option<Stray>], pace: &Pace) {
    let mut at = 0;
    while at < pairs.len() {
        if pairs[at].is_some() {
            at += 1;
            continue;
        }
        let n = pairs[at..].iter().take_while(|pair| pair.is_none()).count();
        let before = at.checked_sub(1).and_then(|before| pairs[before]);
        let after = pairs.get(at + n).copied().flatten();
        let room = after.map_or(window.1, |stray| stray.start) - before.map_or(window.0, |stray| stray.end);
        if room >= 0.4 * pace.of(words.start + at..words.start + at + n) {
            at += n;
            continue;
        }
        let surplus = |stray: Option<Stray>, index: usize| stray.map_or(f32::MIN, |stray| stray.end - stray.start - pace.expected[words.start + index]);
        let (left, right) = (surplus(before, at.saturating_sub(1)), surplus(after, (at + n).min(pairs.len() - 1)));
        if before.is_none() && after.is_none() {
            break;
        }
        if left >= right {
            at -= 1;
            pairs[at] = None;
            // What stands before may now be crowded as well.
            at -= pairs[..at].iter().rev().take_while(|pair| pair.is_none()).count();
        } else {
            pairs[at + n] = None;
        }
    }
}
