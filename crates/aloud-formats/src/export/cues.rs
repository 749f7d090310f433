//! From a reading to cues: where they are cut, when each is shown, who speaks and what a second
//! language says.
//!
//! This file never knows how a format writes them.

use super::cue::{Cue, Line, Word};
use super::cut::{self, Cut};
use super::passage::{self, Passage, Piece};
use super::profile::Profile;
use super::second::{self, Second};
use super::{Options, kept, lines};
use crate::reading::Reading;
use crate::time::Span;
use std::ops::Range;

/// The cues of `reading`, in order of time and apart. Everything that is shown stands in exactly
/// one.
///
/// Where the profile cannot be met, as few of its rules are broken as can be; `check` lists them.
pub fn cues(reading: &Reading, options: &Options) -> Vec<Cue> {
    if options.keep_lines && !reading.article.cues.is_empty() {
        return kept::cues(reading, &options.profile);
    }
    let passages = passage::passages(reading, options.unwritten);
    let duration = reading.transcript.audio.duration;
    let pieces: Vec<Piece> =
        passages.iter().flat_map(|passage| passage.pieces.iter().cloned()).collect();
    let is_bilingual = options.second.iter().any(Option::is_some);
    let profile = if is_bilingual { options.profile.halved() } else { options.profile.clone() };
    let second = if is_bilingual {
        second::beside(&passages, &options.second, &options.shared)
    } else {
        Second::default()
    };
    let cuts = match is_bilingual {
        true => cut::cuts_of_two(&pieces, &second, duration, &profile),
        false => cut::cuts(&pieces, duration, &profile)
            .into_iter()
            .map(|first| Cut { first, second: 0..0 })
            .collect(),
    };
    let mut cues: Vec<Cue> = Vec::with_capacity(cuts.len());
    for cut in &cuts {
        let (shown, below) = (&pieces[cut.first.clone()], &second.pieces[cut.second.clone()]);
        let next = pieces.get(cut.first.end).map(|piece| piece.span.start());
        let reading_ms =
            lines::size(shown).reading_ms(&profile).max(lines::size(below).reading_ms(&profile));
        let span = cut::shown(passage::speech(shown), reading_ms, next, duration, &profile);
        cues.push(Cue {
            span,
            lines: lines_of(shown, span, &profile),
            second: lines_below(below, &profile),
            ..Cue::default()
        });
    }
    let firsts: Vec<Range<usize>> = cuts.into_iter().map(|cut| cut.first).collect();
    name_speakers(&mut cues, &firsts, &passages);
    mark_blocks(&mut cues, &firsts, &passages);
    cues
}

/// The lines of a second text.
fn lines_below(pieces: &[Piece], profile: &Profile) -> Vec<String> {
    let wrap = lines::wrap(pieces, profile).unwrap_or_default();
    wrap.ranges(pieces.len())
        .into_iter()
        .map(|line| passage::line(&pieces[line]))
        .filter(|line| !line.is_empty())
        .collect()
}

/// The lines of a cue shown for `span`.
fn lines_of(pieces: &[Piece], span: Span, profile: &Profile) -> Vec<Line> {
    let wrap = lines::wrap(pieces, profile).unwrap_or_default();
    let lead = if pieces.iter().skip(1).any(|piece| piece.is_turn) { lines::DASH } else { "" };
    let line = |line: Range<usize>| line_of(&pieces[line], span, lead);
    wrap.ranges(pieces.len()).into_iter().map(line).collect()
}

/// Says of each line who says it: the speaker of its first word.
fn name_speakers(cues: &mut [Cue], cuts: &[Range<usize>], passages: &[Passage]) {
    let of_pieces: Vec<Option<&str>> = passages
        .iter()
        .flat_map(|passage| std::iter::repeat_n(passage.speaker.as_deref(), passage.pieces.len()))
        .collect();
    for (cue, cut) in cues.iter_mut().zip(cuts) {
        let mut at = cut.start;
        for line in &mut cue.lines {
            line.speaker = of_pieces.get(at).copied().flatten().map(str::to_owned);
            at += line.words.len();
        }
    }
}

fn line_of(pieces: &[Piece], span: Span, lead: &str) -> Line {
    let mut at = lead.len();
    let word = |piece: &Piece| {
        let bytes = at..at + piece.text.len();
        at = bytes.end + usize::from(piece.is_spaced);
        Word { bytes, span: piece.span.clamp_to(span) }
    };
    Line {
        words: pieces.iter().map(word).collect(),
        text: format!("{lead}{}", passage::line(pieces)),
        speaker: None,
    }
}

/// Says which cues begin a paragraph.
fn mark_blocks(cues: &mut [Cue], cuts: &[Range<usize>], passages: &[Passage]) {
    let mut at = 0;
    let mut begins = Vec::new();
    for (index, passage) in passages.iter().enumerate() {
        if index == 0 || passages[index - 1].block != passage.block {
            begins.push(at);
        }
        at += passage.pieces.len();
    }
    for (cue, cut) in cues.iter_mut().zip(cuts) {
        cue.begins_block = begins.binary_search(&cut.start).is_ok();
    }
}
