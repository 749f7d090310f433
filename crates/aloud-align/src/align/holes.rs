//! Written words that were not heard: were they spoken, and when?
//!
//! Between two heard words lies real time. If it is about as long as the words between them take to
//! say, they were said and misheard; if there is none, they were left out. What the recogniser
//! wrote there instead, and when, helps to place them.

use super::pace::Pace;
use super::tempo::{self, MANY};
use super::texts::Stretch;
use std::ops::Range;

/// A word of the transcript that no written word was matched with.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Insertion {
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
    /// The insertions in that time.
    pub insertions: &'a [Insertion],
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
/// More room than this many times what words take, and then [`PAUSE_MS`], means that something else
/// is said there as well.
const TOO_MUCH: f32 = 1.8;
const PAUSE_MS: f32 = 1200.0;
/// Sentences without a single heard word are believed to be spoken only if they have so few words
/// together.
const FEW: usize = 4;
/// And only if there is so much of the time that they take.
const ROOM_FOR_SENTENCES: f32 = 0.75;
/// Words at the end of a sentence that nothing was heard of are believed to be spoken if they are
/// so few.
const UNHEARD: usize = 2;

/// Places those words of a hole that were probably spoken.
pub(super) fn fill(
    hole: &Hole,
    pace: &Pace,
    likeness: &dyn Fn(usize, usize) -> f32,
) -> Vec<Placed> {
    let mut placed: Vec<Placed> = Vec::new();
    for (words, window) in pieces(hole, pace) {
        // What reaches into the times of both ends of a hole stands in one of them.
        let taken = placed.iter().filter_map(|placed| placed.spoken).max();
        let insertions: Vec<Insertion> = hole
            .insertions
            .iter()
            .copied()
            .filter(|insertion| insertion.start < window.1 && insertion.end > window.0)
            .filter(|insertion| taken.is_none_or(|taken| insertion.index > taken))
            .collect();
        placed.extend(place(&words, window, &insertions, pace, likeness));
    }
    placed
}

type Piece = (Range<usize>, (f32, f32));

/// The runs of words that were probably spoken, and the time of each: all of a hole, or its ends.
fn pieces(hole: &Hole, pace: &Pace) -> Vec<Piece> {
    let ends = Ends::of(hole, pace);
    let room = hole.window.1 - hole.window.0 - hole.silent;
    if is_all_said(hole, &ends, room, pace) {
        return vec![(hole.words.clone(), hole.window)];
    }
    let limit = |words: &Range<usize>| (1.5 * pace.of(words.clone()) + 300.0).min(room.max(0.0));
    let is_possible = |words: &Range<usize>, window: (f32, f32)| {
        let is_said = hole
            .insertions
            .iter()
            .any(|insertion| insertion.start < window.1 && insertion.end > window.0);
        !words.is_empty()
            && (is_said || words.len() <= UNHEARD)
            && window.1 - window.0 >= ROOM * pace.of(words.clone())
    };
    let Ends { head, tail, .. } = ends;
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

/// The words of a hole that end the sentence heard before it, and those that begin the sentence
/// heard after it; between them stand sentences of which nothing was heard.
struct Ends {
    head: Range<usize>,
    tail: Range<usize>,
    /// Whether all of it is the middle of one sentence.
    is_one_sentence: bool,
}

impl Ends {
    fn of(hole: &Hole, pace: &Pace) -> Self {
        let Range { start, end } = hole.words;
        let sentence =
            |index: Option<usize>| index.and_then(|index| pace.sentence.get(index)).copied();
        let before = sentence(start.checked_sub(1)).filter(|_| hole.has_before);
        let after = sentence(Some(end)).filter(|_| hole.has_after);
        let mut words = hole.words.clone();
        let head = start..words.find(|word| Some(pace.sentence[*word]) != before).unwrap_or(end);
        let mut words = hole.words.clone().rev();
        let tail = words
            .find(|word| Some(pace.sentence[*word]) != after)
            .map_or(start, |word| word + 1)
            .max(head.end)..end;
        let is_one_sentence = head.len() == hole.words.len() && before == after;
        Self { head, tail, is_one_sentence }
    }

    /// The sentences between.
    fn middle(&self) -> Range<usize> {
        self.head.end..self.tail.start
    }
}

/// Whether `room` is about what all words of a hole take to say.
fn is_all_said(hole: &Hole, ends: &Ends, room: f32, pace: &Pace) -> bool {
    let (expected, middle) = (pace.of(hole.words.clone()), ends.middle());
    let n_breaks = hole.words.clone().filter(|word| pace.pauses[*word] >= 3.0).count() as f32
        + f32::from(u8::from(pace.pauses[hole.words.end] >= 3.0));
    let is_too_much = room > TOO_MUCH * expected + PAUSE_MS * (n_breaks + 0.5);
    let is_bounded = hole.has_before && hole.has_after;
    is_bounded
        && room >= ROOM * expected
        && (!is_too_much || ends.is_one_sentence)
        && (middle.is_empty()
            || room >= ROOM_FOR_SENTENCES * expected && is_credible(hole, &middle, room))
}

/// Whether whole sentences of which nothing was heard can have been spoken: few words that were
/// misheard, or nothing at all was heard in that time.
fn is_credible(hole: &Hole, middle: &Range<usize>, room: f32) -> bool {
    let heard: f32 = hole.insertions.iter().map(|insertion| insertion.end - insertion.start).sum();
    heard < 0.15 * room || middle.len() <= FEW
}

/// Gives each of `words` its part of `window`.
fn place(
    words: &Range<usize>,
    window: (f32, f32),
    insertions: &[Insertion],
    pace: &Pace,
    likeness: &dyn Fn(usize, usize) -> f32,
) -> Vec<Placed> {
    let laid =
        tempo::lay(&pace.expected[words.clone()], &pace.pauses[words.start..=words.end], window);
    let mut pairs: Vec<Option<Insertion>> = vec![None; words.len()];
    if !insertions.is_empty() && insertions.len() <= MANY && words.len() <= MANY {
        let times: Vec<Stretch> = insertions
            .iter()
            .map(|insertion| Stretch { start: insertion.start, end: insertion.end })
            .collect();
        for (i, j) in
            tempo::pair(&laid, &times, |i, j| likeness(words.start + i, insertions[j].index))
        {
            pairs[i] = Some(insertions[j]);
        }
        unpair_crowded(words, window, &mut pairs, pace);
    }
    let mut placed = Vec::with_capacity(words.len());
    let (mut at, mut from) = (0, window.0);
    while at < pairs.len() {
        if let Some(insertion) = pairs[at] {
            let (start, end) = (insertion.start.max(from), insertion.end.min(window.1));
            placed.push(Placed {
                word: words.start + at,
                start,
                end: end.max(start),
                spoken: Some(insertion.index),
            });
            from = end.max(start);
            at += 1;
        } else {
            let n = pairs[at..].iter().take_while(|pair| pair.is_none()).count();
            let until = pairs
                .get(at + n)
                .copied()
                .flatten()
                .map_or(window.1, |insertion| insertion.start)
                .max(from);
            placed.extend(lay(words.start + at..words.start + at + n, (from, until), pace));
            from = until;
            at += n;
        }
    }
    placed
}

fn lay(words: Range<usize>, window: (f32, f32), pace: &Pace) -> Vec<Placed> {
    let stretches =
        tempo::lay(&pace.expected[words.clone()], &pace.pauses[words.start..=words.end], window);
    words
        .zip(stretches)
        .map(|(word, stretch)| Placed {
            word,
            start: stretch.start,
            end: stretch.end,
            spoken: None,
        })
        .collect()
}

/// Takes back pairs beside words that would be left without room: one insertion often stands for
/// several words.
fn unpair_crowded(
    words: &Range<usize>,
    window: (f32, f32),
    pairs: &mut [Option<Insertion>],
    pace: &Pace,
) {
    let mut at = 0;
    while at < pairs.len() {
        if pairs[at].is_some() {
            at += 1;
            continue;
        }
        let n = pairs[at..].iter().take_while(|pair| pair.is_none()).count();
        let before = at.checked_sub(1).and_then(|before| pairs[before]);
        let after = pairs.get(at + n).copied().flatten();
        let room = after.map_or(window.1, |insertion| insertion.start)
            - before.map_or(window.0, |insertion| insertion.end);
        if room >= 0.4 * pace.of(words.start + at..words.start + at + n) {
            at += n;
            continue;
        }
        let surplus = |insertion: Option<Insertion>, index: usize| {
            insertion.map_or(f32::MIN, |insertion| {
                insertion.end - insertion.start - pace.expected[words.start + index]
            })
        };
        let (left, right) =
            (surplus(before, at.saturating_sub(1)), surplus(after, (at + n).min(pairs.len() - 1)));
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
