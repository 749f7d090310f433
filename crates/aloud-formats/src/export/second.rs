//! A second language under the first, tied by sentence.
//!
//! Says which pieces of the first text have which pieces of the second one beside them, and how
//! much of those is due by when; `cut` divides both. This room never knows which languages they
//! are.

use super::breaks::Break;
use super::cut::Group;
use super::glue::Glue;
use super::lines::HELD;
use super::passage::{self, Passage, Piece};
use super::profile::Profile;
use super::size::Size;
use super::tongue::Tongue;
use std::ops::Range;

/// A second text beside the first.
#[derive(Clone, Debug, Default)]
pub struct Second {
    /// What is shown of it, in order.
    pub pieces: Vec<Piece>,
    /// All pieces of the first text, in order, with what says the same as each stretch of them.
    pub pairs: Vec<Pair>,
}

/// A stretch of the first text and what says the same.
#[derive(Clone, Debug, Default)]
pub struct Pair {
    /// Pieces of the first text.
    pub first: Range<usize>,
    /// Pieces of the second text; empty where there is none.
    pub second: Range<usize>,
    /// For each piece of the first text, how much of the second one it stands for.
    weights: Vec<u64>,
}

/// What stands beside `passages`: for each sentence its text among `texts`, which those after it
/// that are `shared` go with.
pub fn beside(passages: &[Passage], texts: &[Option<String>], shared: &[bool]) -> Second {
    let slots = slots(passages, texts, shared);
    let glue = Glue::of(texts.iter().flatten().map(String::as_str));
    let tongue = Tongue::of(texts.iter().flatten().map(String::as_str));
    let mut second = Second::default();
    let mut at = 0;
    let mut before = None;
    for (passage, slot) in passages.iter().zip(slots) {
        let end = at + passage.pieces.len();
        if before != Some(slot) {
            let text = slot.and_then(|slot| texts.get(slot)?.as_deref()).unwrap_or_default();
            let from = second.pieces.len();
            second.pieces.extend(pieces_of(text, &glue, tongue));
            second.pairs.push(Pair {
                first: at..at,
                second: from..second.pieces.len(),
                weights: Vec::new(),
            });
        }
        if let Some(pair) = second.pairs.last_mut() {
            pair.first.end = end;
            // What is not written says nothing of the second text.
            let is_written = passage.sentence.is_some();
            pair.weights.extend(
                passage.pieces.iter().map(|piece| if is_written { weight(piece) } else { 0 }),
            );
        }
        (at, before) = (end, Some(slot));
    }
    second
}

/// For each passage the sentence whose text stands beside it. What is not written goes with the
/// sentence that it divides.
fn slots(passages: &[Passage], texts: &[Option<String>], shared: &[bool]) -> Vec<Option<usize>> {
    let has_text = |sentence: usize| {
        texts
            .get(sentence)
            .is_some_and(|text| text.as_ref().is_some_and(|text| !text.trim().is_empty()))
    };
    let slot_of = |sentence: usize| {
        let own = (0..=sentence)
            .rev()
            .find(|&at| has_text(at) || !shared.get(at).copied().unwrap_or(false));
        own.filter(|&own| has_text(own))
    };
    let mut slots: Vec<Option<usize>> =
        passages.iter().map(|passage| passage.sentence.and_then(slot_of)).collect();
    let mut from = 0;
    for run in passages.chunk_by(|a, b| a.sentence.is_some() == b.sentence.is_some()) {
        let to = from + run.len();
        let around = from.checked_sub(1).map(|before| slots[before]).zip(slots.get(to).copied());
        if let Some((before, _)) =
            around.filter(|(before, after)| run[0].sentence.is_none() && before == after)
        {
            slots[from..to].fill(before);
        }
        from = to;
    }
    slots
}

fn weight(piece: &Piece) -> u64 {
    u64::from(piece.size.line_share(&Profile::NETFLIX))
}

/// The pairs, each by itself; one that would be gone before anybody looks stands with a neighbour
/// of its paragraph.
pub fn groups(first: &[Piece], second: &Second, profile: &Profile) -> Vec<Group> {
    let is_short = |pair: &Range<usize>| {
        let start = first[pair.start].span.start();
        first.get(pair.end).is_some_and(|next| {
            next.span.start().millis().saturating_sub(start.millis()) < profile.shortest_ms
        })
    };
    let mut joined: Vec<Vec<&Pair>> = Vec::new();
    for pair in second.pairs.iter().filter(|pair| !pair.first.is_empty()) {
        let stands_with = joined.last().is_some_and(|group| {
            let (start, end) = (group[0].first.start, pair.first.start);
            first[end - 1].end != Break::Block && (is_short(&(start..end)) || is_short(&pair.first))
        });
        match joined.last_mut().filter(|_| stands_with) {
            Some(group) => group.push(pair),
            None => joined.push(vec![pair]),
        }
    }
    joined.iter().map(|pairs| group(pairs, second, profile)).collect()
}

/// One group of `pairs` in a row.
fn group(pairs: &[&Pair], second: &Second, profile: &Profile) -> Group {
    let (from, to) = (pairs[0], pairs[pairs.len() - 1]);
    let (first, all) = (from.first.start..to.first.end, from.second.start..to.second.end);
    if all.is_empty() {
        return Group { first, second: all, targets: Vec::new() };
    }
    let mut targets = vec![0];
    let mut shown = Size::default();
    let whole = line_size(&second.pieces[all.clone()]);
    for pair in pairs {
        let size = line_size(&second.pieces[pair.second.clone()]);
        let before = u64::from(shown.counted_as(whole).line_share(profile));
        shown = shown + size;
        let share = u64::from(shown.counted_as(whole).line_share(profile)) - before;
        let total: u64 = pair.weights.iter().sum::<u64>().max(1);
        let mut done = 0;
        for weight in &pair.weights {
            done += weight;
            targets.push(before + share * done / total);
        }
    }
    Group { first, second: all, targets }
}

/// The size of `pieces` with the space after each.
fn line_size(pieces: &[Piece]) -> Size {
    pieces.iter().map(Piece::spaced).sum()
}

fn pieces_of(text: &str, glue: &Glue, tongue: Tongue) -> Vec<Piece> {
    let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
    let mut pieces = passage::pieces(&text, tongue);
    glue.cling(&mut pieces.iter_mut().collect::<Vec<_>>());
    pieces
}

/// What it costs to end a cue's part of the second text there.
pub fn end_badness(end: Break) -> u64 {
    match end {
        Break::Block | Break::Sentence => 0,
        Break::Pause | Break::Clause => 5,
        Break::Phrase => 40,
        Break::Modifier => 50,
        Break::Space => 60,
        Break::Character => 70,
        Break::Clinging => 160,
        Break::Held(_) => HELD,
    }
}
