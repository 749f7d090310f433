//! Which words share a cue, and what of a second text stands below them?
//!
//! The division with the least sum of faults and bad taste, found by dynamic programming over the
//! places where a cue may end. What a cue breaks (too fast to read, too short, a gap that flickers,
//! a name parted) is known from its words and the start of the next one, so that neighbours are
//! merged or parted until as little as possible is broken. Where nothing keeps the speed, cues stay
//! whole and are a little too fast. Of two languages both are divided at once, pair by pair of what
//! says the same.

use super::breaks::Break;
use super::lines::{self, FAULT, HELD};
use super::passage::Piece;
use super::profile::{Holds, Profile};
use super::second::{self, Second};
use super::size::Size;
use crate::time::{Span, Timestamp};
use std::ops::Range;

/// What one cue shows.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Cut {
    /// Its pieces of the first text.
    pub first: Range<usize>,
    /// Its pieces of the second text; empty where there is none.
    pub second: Range<usize>,
}

/// The cues of `pieces` as ranges. Time is linear in the number of pieces.
pub fn cuts(pieces: &[Piece], duration: Option<Timestamp>, profile: &Profile) -> Vec<Range<usize>> {
    let whole = Group { first: 0..pieces.len(), second: 0..0, targets: Vec::new() };
    Cutter::new(pieces, &[], duration, profile)
        .divide(&whole)
        .into_iter()
        .map(|cut| cut.first)
        .collect()
}

/// The cues of `pieces` with what of `second` stands below each; no cue reaches from one pair into
/// the next, unless one of them is gone before anybody looks. Time is linear but within a pair.
pub fn cuts_of_two(
    pieces: &[Piece],
    second: &Second,
    duration: Option<Timestamp>,
    profile: &Profile,
) -> Vec<Cut> {
    let cutter = Cutter::new(pieces, &second.pieces, duration, profile);
    second::groups(pieces, second, profile).iter().flat_map(|group| cutter.divide(group)).collect()
}

/// What is divided by itself.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Group {
    /// Pieces of the first text.
    pub first: Range<usize>,
    /// The pieces of the second text that say the same.
    pub second: Range<usize>,
    /// For each place between pieces of the first text, both ends included, how much of the second
    /// text is due by then, in thousandths of a line; empty where there is no second text.
    pub targets: Vec<u64>,
}

/// The sizes of all beginnings of `pieces`, each with the space after it.
fn sizes(pieces: &[Piece]) -> Vec<Size> {
    let mut sum = Size::default();
    let mut sizes = vec![sum];
    for piece in pieces {
        sum = sum + piece.spaced();
        sizes.push(sum);
    }
    sizes
}

/// The size of `range` on one line, by the `sizes` of all beginnings.
fn size(pieces: &[Piece], sizes: &[Size], range: &Range<usize>) -> Size {
    let all = sizes[range.end] - sizes[range.start];
    if range.end > range.start && pieces[range.end - 1].is_spaced { all - Size::SPACE } else { all }
}

/// When a cue is shown that is said during `speech`, before another begins at `next`: as long as it
/// is said and takes to read, within the limits; a gap that would flicker is closed.
pub fn shown(
    speech: Span,
    reading_ms: u64,
    next: Option<Timestamp>,
    duration: Option<Timestamp>,
    profile: &Profile,
) -> Span {
    let start = speech.start();
    let longest = start.plus(profile.longest_ms.max(1));
    let wanted = speech.end().max(start.plus(profile.shortest_ms.max(reading_ms))).min(longest);
    let Some(next) = next else {
        let limit = duration.map_or(wanted, |duration| duration.max(speech.end()));
        return Span::new(start, wanted.min(limit).max(start.plus(1)));
    };
    let before_gap = next.minus(profile.gap_ms);
    let limit = if before_gap > start { before_gap } else { next };
    let end = wanted.min(limit);
    let flickers = next.millis().saturating_sub(end.millis()) < profile.close_ms;
    let end = if flickers { limit.min(longest) } else { end };
    Span::new(start, end.max(start.plus(1)))
}

/// What it costs to be too fast to read.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Haste {
    /// As much as to break any rule.
    Fault,
    /// So much for each cue that is too fast, and more by how much it is and how long, so that
    /// sentences are not torn for nothing.
    Degree(u64),
}

/// Where nothing keeps the speed it is worth nothing to tear a sentence so that one cue fewer
/// breaks the rule.
const WHOLE: Haste = Haste::Degree(40);
/// Two texts are cut in many places anyway, of which one that keeps the speed is the better one.
const IN_STEP: Haste = Haste::Degree(400);
/// What each second at twice the speed costs: where all is equally fast nothing is won by cutting
/// it elsewhere, and between much too fast and slow enough a sentence is torn.
const TWICE: u64 = 800;

struct Cutter<'a> {
    pieces: &'a [Piece],
    sizes: Vec<Size>,
    second: &'a [Piece],
    second_sizes: Vec<Size>,
    duration: Option<Timestamp>,
    profile: &'a Profile,
}

/// What the best division up to a place costs, and where its last cue begins in both texts.
#[derive(Clone, Copy)]
struct Cell {
    badness: u64,
    start: usize,
    second: usize,
}

/// The places of the second text that may go with one of the first, from `low` on.
struct Row {
    low: usize,
    cells: Vec<Cell>,
}

/// What is known of a cue before its second text is.
struct First {
    badness: u64,
    speech: Span,
    next: Option<Timestamp>,
    reading_ms: u64,
    span: Span,
}

impl<'a> Cutter<'a> {
    fn new(
        pieces: &'a [Piece],
        second: &'a [Piece],
        duration: Option<Timestamp>,
        profile: &'a Profile,
    ) -> Self {
        Self {
            pieces,
            sizes: sizes(pieces),
            second,
            second_sizes: sizes(second),
            duration,
            profile,
        }
    }

    /// The best cues of `group`. Of one text, what breaks no rule of speed goes before all; where
    /// something does anyway, the sentences around it are divided anew, by taste. Two texts keep
    /// step, which leaves no such choice.
    fn divide(&self, group: &Group) -> Vec<Cut> {
        if !group.second.is_empty() {
            return self.best(group, IN_STEP);
        }
        let strict = self.best(group, Haste::Fault);
        let mut cuts = Vec::with_capacity(strict.len());
        let ends_whole = |cut: &Cut| self.pieces[cut.first.end - 1].end <= Break::Sentence;
        let mut from = 0;
        for to in 0..strict.len() {
            if to + 1 < strict.len() && !ends_whole(&strict[to]) {
                continue;
            }
            let region = &strict[from..=to];
            from = to + 1;
            if region.iter().any(|cut| self.is_fast(&cut.first)) {
                let part = Group {
                    first: region[0].first.start..region[region.len() - 1].first.end,
                    ..group.clone()
                };
                cuts.extend(self.best(&part, WHOLE));
            } else {
                cuts.extend_from_slice(region);
            }
        }
        cuts
    }

    /// Whether there is no time to read a cue.
    fn is_fast(&self, cue: &Range<usize>) -> bool {
        let Some((speech, next)) = self.speech(cue) else { return false };
        let reading_ms = size(self.pieces, &self.sizes, cue).reading_ms(self.profile);
        shown(speech, reading_ms, next, self.duration, self.profile).millis() < reading_ms
    }

    /// The division of `group` that costs least.
    fn best(&self, group: &Group, haste: Haste) -> Vec<Cut> {
        let (n, m) = (group.first.len(), group.second.len());
        let below = Below::new(self, group);
        let mut rows = vec![Row { low: 0, cells: vec![Cell { badness: 0, start: 0, second: 0 }] }];
        for end in 1..=n {
            let places = below.places(end);
            let mut cells =
                vec![Cell { badness: u64::MAX, start: end - 1, second: 0 }; places.len()];
            for start in (0..end).rev() {
                let Some(first) =
                    self.first(group.first.start + start..group.first.start + end, haste)
                else {
                    break;
                };
                for (cell, upto) in cells.iter_mut().zip(places.clone()) {
                    let there = below.at(end, upto);
                    for (from, so_far) in rows[start]
                        .cells
                        .iter()
                        .enumerate()
                        .map(|(index, cell)| (rows[start].low + index, cell.badness))
                    {
                        let least = so_far.saturating_add(first.badness).saturating_add(there);
                        if from > upto {
                            break;
                        }
                        if least >= cell.badness {
                            continue;
                        }
                        let total = least.saturating_add(self.below(
                            group.second.start + from..group.second.start + upto,
                            m,
                            &first,
                            haste,
                        ));
                        if total < cell.badness {
                            *cell = Cell { badness: total, start, second: from };
                        }
                    }
                }
            }
            rows.push(Row { low: places.start, cells });
        }
        let mut cuts = Vec::new();
        let (mut end, mut upto) = (n, m);
        while end > 0 {
            let cell = rows[end].cells[upto - rows[end].low];
            cuts.push(Cut {
                first: group.first.start + cell.start..group.first.start + end,
                second: group.second.start + cell.second..group.second.start + upto,
            });
            (end, upto) = (cell.start, cell.second);
        }
        cuts.reverse();
        cuts
    }

    /// When the pieces of `cue` are said, and when the next one is.
    fn speech(&self, cue: &Range<usize>) -> Option<(Span, Option<Timestamp>)> {
        let (first, last) =
            (self.pieces.get(cue.start)?, self.pieces.get(cue.end.checked_sub(1)?)?);
        Some((
            Span::new(first.span.start(), last.span.end()),
            self.pieces.get(cue.end).map(|piece| piece.span.start()),
        ))
    }

    /// How bad a cue of these pieces is; `None` if it, and so any longer one, is not allowed. A
    /// single piece is always allowed.
    fn first(&self, cue: Range<usize>, haste: Haste) -> Option<First> {
        let pieces = &self.pieces[cue.clone()];
        let (speech, next) = self.speech(&cue)?;
        let size = size(self.pieces, &self.sizes, &cue);
        let has_room = u64::from(size.line_share(self.profile)) <= 1000 * self.profile.lines as u64;
        let wrap = if has_room { lines::wrap(pieces, self.profile) } else { None };
        let is_too_much = wrap.is_none() || speech.millis() > self.profile.longest_ms;
        if is_too_much && pieces.len() > 1 {
            return None;
        }
        let reading_ms = size.reading_ms(self.profile);
        let span = shown(speech, reading_ms, next, self.duration, self.profile);
        let faults =
            self.time_faults(span, reading_ms, next, haste) + u64::from(wrap.is_none()) * FAULT;
        let badness = faults + wrap.map_or(0, |wrap| wrap.badness) + self.taste(&cue, span, size);
        Some(First { badness, speech, next, reading_ms, span })
    }

    /// What the pieces `cue` of the second text add below `first`, of `all` that there are beside
    /// its group.
    fn below(&self, cue: Range<usize>, all: usize, first: &First, haste: Haste) -> u64 {
        if all == 0 {
            return 0;
        }
        if cue.is_empty() {
            return NOTHING_BELOW;
        }
        let size = size(self.second, &self.second_sizes, &cue);
        let over = u64::from(size.line_share(self.profile))
            .saturating_sub(1000 * self.profile.lines as u64);
        let too_wide = if over > 0 { FAULT + over * 100 } else { 0 };
        let reading = size.reading_ms(self.profile);
        if reading <= first.span.millis() {
            return too_wide;
        }
        // It stays for the slower of two readers, whose time may break other rules than it did.
        let span = shown(
            first.speech,
            reading.max(first.reading_ms),
            first.next,
            self.duration,
            self.profile,
        );
        let before = self.time_faults(first.span, first.reading_ms, first.next, haste);
        let after = self.time_faults(span, first.reading_ms, first.next, haste);
        too_wide + after.saturating_sub(before) + missing(span.millis(), reading, haste)
    }

    /// What rules of time a cue shown for `span` breaks, and by how much.
    fn time_faults(
        &self,
        span: Span,
        reading_ms: u64,
        next: Option<Timestamp>,
        haste: Haste,
    ) -> u64 {
        let ms = span.millis();
        let gap = next.map(|next| next.millis().saturating_sub(span.end().millis()));
        let is_gap_bad = gap.is_some_and(|gap| {
            gap < self.profile.gap_ms || (gap > self.profile.gap_ms && gap < self.profile.close_ms)
        });
        missing(ms, reading_ms, haste)
            + missing(ms, self.profile.shortest_ms, Haste::Fault)
            + u64::from(is_gap_bad) * FAULT
    }

    /// What is no fault but unpleasant.
    fn taste(&self, cue: &Range<usize>, span: Span, size: Size) -> u64 {
        let pieces = &self.pieces[cue.clone()];
        let is_whole = |end: Option<&Piece>| end.is_none_or(|piece| piece.end <= Break::Sentence);
        let before = cue.start.checked_sub(1).map(|at| &self.pieces[at]);
        let is_partial = !(is_whole(before) && is_whole(pieces.last()));
        // Empty room counts by its square, so that two cues share a sentence evenly.
        let room = 1000 * self.profile.lines as u64;
        let empty = room.saturating_sub(u64::from(size.line_share(self.profile))) * 20 / room;
        let emptiness = if is_partial { empty * empty / 10 } else { 0 };
        let hurry = 1500u64.saturating_sub(span.millis()) / 50;
        let inside = &pieces[..pieces.len() - 1];
        let begins_block = before.is_none_or(|piece| piece.end == Break::Block);
        let crossed: u64 =
            inside.iter().map(|piece| self.crossing(piece.end, !is_partial, begins_block)).sum();
        let end = pieces.last().map_or(0, |piece| self.end_badness(piece.end));
        10 + end + emptiness + hurry + crossed + 60 * long_silences(pieces)
    }

    /// How bad it is to go on past this break in the same cue. Short paragraphs may share one that
    /// holds nothing torn.
    fn crossing(&self, end: Break, holds_whole: bool, begins_block: bool) -> u64 {
        match (end, self.profile.holds) {
            (Break::Block, _) if holds_whole && begins_block => 500,
            (Break::Block, _) => ACROSS,
            (Break::Sentence, Holds::Text) if holds_whole => 30,
            (Break::Sentence, Holds::Text) => 90,
            (Break::Sentence, _) => 150,
            (Break::Clause | Break::Pause, Holds::Clause) => 60,
            _ => 0,
        }
    }

    fn end_badness(&self, end: Break) -> u64 {
        match end {
            Break::Block | Break::Sentence => 0,
            Break::Pause | Break::Clause if self.profile.holds == Holds::Clause => 0,
            Break::Pause => 15,
            Break::Clause => 20,
            Break::Phrase => 45,
            Break::Modifier | Break::Space => 60,
            Break::Character => 65,
            Break::Clinging => 110,
            Break::Held(_) => HELD,
        }
    }
}

/// How many silences of a second and a half or more lie between pieces: text shown through them
/// runs ahead.
fn long_silences(pieces: &[Piece]) -> u64 {
    let silence =
        |pair: &[Piece]| pair[1].span.start().millis().saturating_sub(pair[0].span.end().millis());
    pieces.windows(2).filter(|pair| silence(pair) >= 1500).count() as u64
}

/// To go on from one paragraph into the next, when one of them is torn, is worse than one broken
/// rule, and better than two.
const ACROSS: u64 = 3 * FAULT / 2;

/// A cue with nothing below it, where others of its sentence have something.
const NOTHING_BELOW: u64 = 150;

/// What it costs that a cue is shown for `ms` where `wanted` are due: up to a tenth of a fault by
/// how far off it is, so that of several evils the least is chosen; of haste by degree the square
/// of how much too fast it is, for as long as it is.
fn missing(ms: u64, wanted: u64, haste: Haste) -> u64 {
    match haste {
        _ if ms >= wanted => 0,
        Haste::Fault => FAULT + (wanted - ms) * (FAULT / 10) / wanted,
        Haste::Degree(least) => {
            let over = ((wanted - ms) * 1000 / ms.max(1)).min(20_000);
            least + (TWICE * over * over / 1_000_000).saturating_mul(ms) / 1000
        }
    }
}

/// What of the second text may be shown by when.
struct Below {
    /// How much of it there is up to each place, in thousandths of a line.
    reached: Vec<u64>,
    targets: Vec<u64>,
    /// How far it may be off what is due, in thousandths of a line.
    most_off: u64,
    /// What an end behind each of its pieces costs.
    ends: Vec<u64>,
}

impl Below {
    fn new(cutter: &Cutter<'_>, group: &Group) -> Self {
        let pieces = &cutter.second[group.second.clone()];
        let base = cutter.second_sizes[group.second.start];
        let whole = cutter.second_sizes[group.second.end] - base;
        let share = |at: usize| {
            u64::from((cutter.second_sizes[at] - base).counted_as(whole).line_share(cutter.profile))
        };
        let reached: Vec<u64> = (group.second.start..=group.second.end).map(share).collect();
        // Of a piece that is long beside all others a long part is due at once.
        let longest = group.targets.windows(2).map(|pair| pair[1] - pair[0]).max().unwrap_or(0);
        let most_off = longest + 1000 * (cutter.profile.lines as u64 + 1) / 2;
        Self {
            reached,
            targets: group.targets.clone(),
            most_off,
            ends: pieces.iter().map(|piece| second::end_badness(piece.end)).collect(),
        }
    }

    /// The places of the second text where a cue may end that ends in the first one before the
    /// piece `end`.
    fn places(&self, end: usize) -> Range<usize> {
        let last = self.reached.len() - 1;
        let Some(&target) = self.targets.get(end).filter(|_| end + 1 < self.targets.len()) else {
            return last..last + 1;
        };
        let low =
            self.reached.partition_point(|reached| reached + self.most_off < target).min(last);
        low..self.reached.partition_point(|reached| *reached <= target + self.most_off).max(low + 1)
    }

    /// What it costs that both texts end there.
    fn at(&self, end: usize, upto: usize) -> u64 {
        let Some(target) = self.targets.get(end) else { return 0 };
        let off = self.reached[upto].abs_diff(*target) / 10;
        let is_inside = upto > 0 && upto < self.ends.len();
        off * off / 25 + if is_inside { self.ends[upto - 1] } else { 0 }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times() {
        let profile = Profile::NETFLIX;
        for (speech, reading, next, want) in [
            // As long as it is said; at least as long as it takes to read, and 5/6 s.
            ((0, 2000), 1500, Some(5000), (0, 2000)),
            ((0, 2000), 2600, Some(5000), (0, 2600)),
            ((0, 300), 100, Some(5000), (0, 834)),
            // Not into the next cue, with two frames between; short gaps are closed.
            ((0, 2000), 2600, Some(2300), (0, 2216)),
            ((0, 2000), 100, Some(2499), (0, 2415)),
            ((0, 2000), 100, Some(2500), (0, 2000)),
            // At most 7 s, also where that leaves a gap.
            ((0, 9000), 100, Some(9000), (0, 7000)),
            ((0, 6900), 100, Some(7300), (0, 7000)),
            // No room at all.
            ((0, 10), 900, Some(50), (0, 50)),
            // At the end of the recording.
            ((0, 300), 900, None, (0, 600)),
        ] {
            let speech = Span::from_millis(speech.0, speech.1);
            let got = shown(
                speech,
                reading,
                next.map(Timestamp::from_millis),
                Some(Timestamp::from_millis(600)),
                &profile,
            );
            assert_eq!((got.start().millis(), got.end().millis()), want);
        }
    }
}
