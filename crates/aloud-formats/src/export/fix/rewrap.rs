//! Lines of a cue that break a rule, broken anew; a cue that cannot hold its text, divided.

use super::super::lines::{self, Wrap};
use super::super::passage::{self, Piece};
use super::super::size::Size;
use super::super::{check, cut};
use super::markup::{Lines, joined};
use super::{Changes, Rules, is_dialogue};
use crate::import::{RawCue, is_times};
use crate::time::{Span, Timestamp};
use std::ops::Range;

/// The time that a cue may be divided in.
#[derive(Clone, Copy)]
pub enum Room {
    None,
    /// Before the next one begins.
    Until(Timestamp),
    Endless,
}

/// The words of `text`, which share `span` by length.
pub fn pieces(text: &str, span: Span, rules: &Rules<'_>) -> Vec<Piece> {
    let mut pieces = passage::pieces(text, rules.habits.tongue);
    let weights: Vec<u64> = pieces.iter().map(|piece| passage::weight(&piece.text)).collect();
    for (piece, span) in pieces.iter_mut().zip(span.shares(&weights)) {
        piece.span = span;
    }
    pieces
}

/// The cue with other lines, or several in its place, where its lines break a rule. Those that its
/// time is too short for may use what is free behind it.
pub fn rewrap(cue: RawCue, room: Room, rules: &Rules<'_>, changes: &mut Changes) -> Vec<RawCue> {
    let text = joined(&cue, rules.is_vtt);
    // A time before a word is a mark that a word may not lose, which it does not: marks stay with
    // their words.
    let mut pieces = pieces(&text.plain, cue.span, rules);
    let stays = is_dialogue(&cue, rules.is_vtt) || pieces.is_empty() || rules.is_mixed(&cue.lines);
    if stays || check::is_wrapped_well(&rules.plain(&cue), rules.profile, rules.habits) {
        return vec![cue];
    }
    let fits = lines::wrap(&pieces, rules.profile).is_some();
    let parts = if fits { None } else { divided(&text.plain, &mut pieces, cue.span, room, rules) };
    // What its time is too short to divide has at least as many lines as it may have.
    let parts = parts.unwrap_or_else(|| vec![(0..pieces.len(), cue.span)]);
    let is_divided = parts.len() > 1;
    let mut lines = Lines::of(&text);
    let cue_of = |(part, span): (Range<usize>, Span)| {
        let line = |line: Range<usize>| {
            let line = part.start + line.start..part.start + line.end;
            let (begins, ends) = (line.start == part.start, line.end == part.end);
            lines.line(line, begins && is_divided, ends && is_divided)
        };
        RawCue {
            id: cue.id.clone().filter(|_| part.start == 0),
            span,
            lines: broken(&pieces[part.clone()], rules)
                .ranges(part.len())
                .into_iter()
                .map(line)
                .collect(),
            ..cue.clone()
        }
    };
    let cues: Vec<RawCue> = parts.into_iter().map(cue_of).collect();
    if cues.iter().flat_map(|cue| &cue.lines).any(|line| is_times(line)) {
        return vec![cue];
    }
    changes.divided += cues.len() - 1;
    changes.wrapped += usize::from(cues.len() == 1 && cues[0].lines != cue.lines);
    cues
}

/// The lines of `pieces`, which may be longer than they should be.
fn broken(pieces: &[Piece], rules: &Rules<'_>) -> Wrap {
    lines::wrap(pieces, rules.profile).unwrap_or_else(|| lines::wrap_over(pieces, rules.profile))
}

/// How `pieces` of `text` are divided among cues, and the time of each; these share by their length
/// what they need and what is free. `None` where one of them would be gone before anybody looks.
fn divided(
    text: &str,
    pieces: &mut Vec<Piece>,
    own: Span,
    room: Room,
    rules: &Rules<'_>,
) -> Option<Vec<(Range<usize>, Span)>> {
    let profile = rules.profile;
    let limit = match room {
        Room::None => return None,
        Room::Until(next) => {
            Some(next.minus(profile.gap_ms)).filter(|limit| *limit > own.start()).or(Some(next))
        }
        Room::Endless => None,
    };
    let wide = |ms: u64| {
        let end = own.end().max(own.start().plus(ms));
        Span::new(own.start(), limit.map_or(end, |limit| end.min(limit)))
    };
    let whole = Size::of(text);
    let n_likely = u64::from(whole.line_share(profile)) / (1000 * profile.lines.max(1) as u64) + 1;
    let span = wide(whole.reading_ms(profile) + n_likely * profile.gap_ms + profile.shortest_ms);
    *pieces = self::pieces(text, span, rules);
    let cuts = cut::cuts(pieces, None, profile);
    // What each has to have, with the gap behind it.
    let need = |cut: &Range<usize>| {
        let reading =
            lines::size(&pieces[cut.clone()]).reading_ms(profile).max(profile.shortest_ms);
        reading + if cut.end == pieces.len() { 0 } else { profile.gap_ms }
    };
    let needs: Vec<u64> = cuts.iter().map(need).collect();
    let span = wide(needs.iter().sum::<u64>().max(1));
    *pieces = self::pieces(text, span, rules);
    let by_words: Vec<Span> =
        cuts.iter().map(|cut| passage::speech(&pieces[cut.clone()])).collect();
    if by_words.iter().zip(&needs).all(|(span, need)| span.millis() >= *need) {
        return Some(cuts.into_iter().zip(by_words).collect());
    }
    let by_need = span.shares(&needs);
    let is_a_blink = |span: &Span| span.millis() * 2 < profile.shortest_ms;
    (cuts.len() == 1 || !by_need.iter().any(is_a_blink))
        .then(|| cuts.into_iter().zip(by_need).collect())
}
