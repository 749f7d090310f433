//! Cues: which text stands on the screen, on which lines, and when.
//!
//! Made once for all formats, which only print them. This room never knows how a file writes its cues.

use super::passage::{self, Passage, Piece};
use super::profile::Profile;
use super::{Options, cut, kept, lines, second};
use crate::reading::Reading;
use crate::time::Span;
use std::ops::Range;

/// Lines of text that are shown for a while.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Cue {
    /// From when to when; of a cue made here never empty, never into the next one.
    pub span: Span,
    /// Its text.
    pub lines: Vec<Line>,
    /// The same in a second language, line by line; empty where there is none.
    pub second: Vec<String>,
    /// Whether nothing before it can belong to its text: a paragraph or heading begins.
    pub begins_block: bool,
}

/// A line of a cue.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Line {
    /// Its text, without white space at its ends.
    pub text: String,
    /// Its words; empty where their times are not known.
    pub words: Vec<Word>,
    /// Who says it, where that is known.
    pub speaker: Option<String>,
}

/// A word of a line.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Word {
    /// Where it stands in the line, with its punctuation.
    pub bytes: Range<usize>,
    /// When it is said, within the cue's time.
    pub span: Span,
}

impl Cue {
    /// A cue of which only the text is known.
    pub fn plain<S: Into<String>>(span: Span, lines: impl IntoIterator<Item = S>) -> Self {
        let lines = lines.into_iter().map(|text| Line { text: text.into(), ..Line::default() }).collect();
        Self { span, lines, ..Self::default() }
    }

    /// The one who says all of it; `None` where nobody or more than one is known.
    pub fn speaker(&self) -> Option<&str> {
        let first = self.lines.first()?.speaker.as_deref();
        first.filter(|first| self.lines.iter().all(|line| line.speaker.as_deref() == Some(first)))
    }

    /// Everything that is shown, line by line.
    pub fn texts(&self) -> impl Iterator<Item = &str> {
        self.lines.iter().map(|line| line.text.as_str()).chain(self.second.iter().map(String::as_str))
    }
}

/// The cues of `reading`, in order of time and apart. Everything that is shown stands in exactly one.
///
/// Where the profile cannot be met, as few of its rules are broken as can be; `check` lists them.
pub fn cues(reading: &Reading, options: &Options) -> Vec<Cue> {
    if options.keep_lines && !reading.article.cues.is_empty() {
        return kept::cues(reading, &options.profile);
    }
    let passages = passage::passages(reading, options.unwritten);
    let duration = reading.transcript.audio.duration;
    let pieces: Vec<Piece> = passages.iter().flat_map(|passage| passage.pieces.iter().cloned()).collect();
    let is_bilingual = options.second.iter().any(Option::is_some);
    let profile = if is_bilingual { options.profile.halved() } else { options.profile.clone() };
    let shares = if is_bilingual { second::shares(&passages, &options.second, &profile) } else { Vec::new() };
    let cuts = cut::cuts(&pieces, &shares, duration, &profile);
    let mut cues: Vec<Cue> = Vec::with_capacity(cuts.len());
    for cut in &cuts {
        let shown = &pieces[cut.clone()];
        let speech = Span::new(shown[0].span.start(), shown[shown.len() - 1].span.end());
        let next = pieces.get(cut.end).map(|piece| piece.span.start());
        let span = cut::shown(speech, lines::size(shown).reading_ms(&profile), next, duration, &profile);
        cues.push(Cue { span, lines: lines_of(shown, span, &profile), ..Cue::default() });
    }
    name_speakers(&mut cues, &cuts, &passages);
    mark_blocks(&mut cues, &cuts, &passages);
    if is_bilingual {
        second::add(&mut cues, &cuts, &passages, &options.second, &profile);
    }
    cues
}

/// The lines of a cue shown for `span`.
fn lines_of(pieces: &[Piece], span: Span, profile: &Profile) -> Vec<Line> {
    let begins = lines::wrap(pieces, profile).unwrap_or_default().begins;
    let edges: Vec<usize> = std::iter::once(0).chain(begins).chain([pieces.len()]).collect();
    let lead = if pieces.iter().skip(1).any(|piece| piece.is_turn) { lines::DASH } else { "" };
    edges.windows(2).map(|edge| line_of(&pieces[edge[0]..edge[1]], span, lead)).collect()
}

/// Says of each line who says it: the speaker of its first word.
fn name_speakers(cues: &mut [Cue], cuts: &[Range<usize>], passages: &[Passage]) {
    let of_pieces: Vec<Option<&str>> =
        passages.iter().flat_map(|passage| std::iter::repeat_n(passage.speaker.as_deref(), passage.pieces.len())).collect();
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
    Line { words: pieces.iter().map(word).collect(), text: format!("{lead}{}", passage::line(pieces)), speaker: None }
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
