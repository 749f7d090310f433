//! Which words share a cue?
//!
//! The division with the least sum of faults and bad taste, found by dynamic programming over the
//! places where a cue may end. What a cue breaks (too fast to read, too short, a gap that flickers, a name
//! parted) is known from its words and the start of the next one, so that neighbours are merged or
//! parted until as little as possible is broken.

use super::breaks::Break;
use super::lines::{self, FAULT, HELD};
use super::passage::Piece;
use super::profile::{Holds, Profile};
use super::size::Size;
use crate::time::{Span, Timestamp};
use std::ops::Range;

/// The cues of `pieces` as ranges. `second` holds, for each piece, the thousandths of a line that the
/// other language needs for it; empty where there is none. Time is linear in the number of pieces.
pub fn cuts(pieces: &[Piece], second: &[u32], duration: Option<Timestamp>, profile: &Profile) -> Vec<Range<usize>> {
    let cutter = Cutter { pieces, sizes: sizes(pieces), second: sums(second), duration, profile };
    // For each place, the least badness of the cues up to it and where the last of them begins.
    let mut best: Vec<(u64, usize)> = vec![(0, 0)];
    for end in 1..=pieces.len() {
        let mut found = (u64::MAX, end - 1);
        for start in (0..end).rev() {
            let Some(badness) = cutter.badness(start..end) else { break };
            let total = best[start].0.saturating_add(badness);
            if total < found.0 {
                found = (total, start);
            }
        }
        best.push(found);
    }
    let mut cuts = Vec::new();
    let mut end = pieces.len();
    while end > 0 {
        let start = best[end].1;
        cuts.push(start..end);
        end = start;
    }
    cuts.reverse();
    cuts
}

/// Running sums, so that any range is two look-ups.
fn sums(shares: &[u32]) -> Vec<u64> {
    std::iter::once(0)
        .chain(shares.iter().scan(0, |sum, &share| {
            *sum += u64::from(share);
            Some(*sum)
        }))
        .collect()
}

/// The sizes of all beginnings of `pieces`, each with the space after it.
fn sizes(pieces: &[Piece]) -> Vec<Size> {
    let mut sum = Size::default();
    let mut sizes = vec![sum];
    for piece in pieces {
        sum = if piece.is_spaced { sum + piece.size + Size::SPACE } else { sum + piece.size };
        sizes.push(sum);
    }
    sizes
}

/// When a cue is shown that is said during `speech`, before another begins at `next`: as long as it is
/// said and takes to read, within the limits; a gap that would flicker is closed.
pub fn shown(speech: Span, reading_ms: u64, next: Option<Timestamp>, duration: Option<Timestamp>, profile: &Profile) -> Span {
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

struct Cutter<'a> {
    pieces: &'a [Piece],
    sizes: Vec<Size>,
    second: Vec<u64>,
    duration: Option<Timestamp>,
    profile: &'a Profile,
}

impl Cutter<'_> {
    /// How bad a cue of these pieces is; `None` if it, and so any longer one, is not allowed. A single
    /// piece is always allowed.
    fn badness(&self, cue: Range<usize>) -> Option<u64> {
        let pieces = &self.pieces[cue.clone()];
        let (first, last) = (pieces.first()?, pieces.last()?);
        let speech = Span::new(first.span.start(), last.span.end());
        let size = self.size(&cue);
        let has_room = u64::from(size.line_share(self.profile)) <= 1000 * self.profile.lines as u64;
        let wrap = if has_room { lines::wrap(pieces, self.profile) } else { None };
        let is_too_much = wrap.is_none() || speech.millis() > self.profile.longest_ms;
        if is_too_much && pieces.len() > 1 {
            return None;
        }
        let next = self.pieces.get(cue.end).map(|piece| piece.span.start());
        let span = shown(speech, size.reading_ms(self.profile), next, self.duration, self.profile);
        let faults = self.time_faults(span, size, next) + self.second_fault(&cue) + u64::from(wrap.is_none()) * FAULT;
        Some(faults + wrap.map_or(0, |wrap| wrap.badness) + self.taste(&cue, span, size))
    }

    fn size(&self, cue: &Range<usize>) -> Size {
        let all = self.sizes[cue.end] - self.sizes[cue.start];
        if self.pieces[cue.end - 1].is_spaced { all - Size::SPACE } else { all }
    }

    /// What rules of time a cue shown for `span` breaks, and by how much.
    fn time_faults(&self, span: Span, size: Size, next: Option<Timestamp>) -> u64 {
        let ms = span.millis();
        // Up to a tenth of a fault by how far off it is, so that of several evils the least is chosen.
        let missing = |wanted: u64| {
            if ms >= wanted { 0 } else { FAULT + (wanted - ms) * (FAULT / 10) / wanted }
        };
        let gap = next.map(|next| next.millis().saturating_sub(span.end().millis()));
        let is_gap_bad = gap.is_some_and(|gap| gap < self.profile.gap_ms || (gap > self.profile.gap_ms && gap < self.profile.close_ms));
        missing(size.reading_ms(self.profile)) + missing(self.profile.shortest_ms) + u64::from(is_gap_bad) * FAULT
    }

    /// Whether the other language would not fit, by its length alone.
    fn second_fault(&self, cue: &Range<usize>) -> u64 {
        let share = |at: usize| self.second.get(at).copied().unwrap_or(0);
        let room = 950 * self.profile.lines as u64;
        let over = (share(cue.end) - share(cue.start)).saturating_sub(room);
        if over == 0 { 0 } else { FAULT / 2 + over * 100 }
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
        let crossed: u64 = inside.iter().map(|piece| self.crossing(piece.end)).sum();
        let end = pieces.last().map_or(0, |piece| self.end_badness(piece.end));
        10 + end + emptiness + hurry + crossed + 60 * long_silences(pieces)
    }

    /// How bad it is to go on past this break in the same cue.
    fn crossing(&self, end: Break) -> u64 {
        match (end, self.profile.holds) {
            (Break::Block, _) => 500,
            (Break::Sentence, Holds::Text) => 30,
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

/// How many silences of a second and a half or more lie between pieces: text shown through them runs ahead.
fn long_silences(pieces: &[Piece]) -> u64 {
    let silence = |pair: &[Piece]| pair[1].span.start().millis().saturating_sub(pair[0].span.end().millis());
    pieces.windows(2).filter(|pair| silence(pair) >= 1500).count() as u64
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
            let got = shown(speech, reading, next.map(Timestamp::from_millis), Some(Timestamp::from_millis(600)), &profile);
            assert_eq!((got.start().millis(), got.end().millis()), want);
        }
    }
}
