//! Word edges moved to where the sound has them.

use super::{Alignment, Timing};
use crate::article::Article;
use crate::speech::{self, Frame};
use crate::time::{Span, Timestamp};
use std::ops::Range;

/// A frame each so many milliseconds.
const FRAME_MS: u64 = 10;
/// How far an edge between two words that were placed by length alone may move, in milliseconds.
const REACH_MS: u64 = 80;
/// No word becomes shorter than this by moving its edge, in milliseconds.
const LEAST_MS: u64 = 30;
/// How much quieter than the loudest frame on either side within reach the edge must be, in dB: a
/// stop, or the dip between two syllables.
const DIP_DB: f32 = 6.0;
/// Pauses are told by the levels of so much sound around them, in milliseconds: speakers and rooms
/// change.
const CHUNK_MS: u64 = 60_000;
/// Sound beside a chunk's words that is looked at too.
const MARGIN_MS: u64 = 500;

/// Moves word edges to where the sound begins, ends or dips, where that is clear.
///
/// `frames` are those of [`speech::Scorer`] from the start of the recording on. Edges beside a
/// pause move as [`speech::snap`] moves them. Inside running speech only edges move that were
/// placed by length alone; times that the recogniser gave stay. Spans stay in order and apart, and
/// none becomes empty.
pub fn refine(alignment: &mut Alignment, article: &Article, frames: &[Frame]) {
    move_guessed(&mut alignment.words, frames);
    let mut spans: Vec<Span> = alignment.words.iter().filter_map(|timing| timing.span).collect();
    snap(&mut spans, frames);
    let timed = alignment.words.iter_mut().filter(|timing| timing.span.is_some());
    for (timing, span) in timed.zip(spans) {
        timing.span = Some(span);
    }
    for (sentence, timing) in article.sentences.iter().zip(&mut alignment.sentences) {
        let spans =
            || alignment.words[sentence.words.clone()].iter().filter_map(|timing| timing.span);
        if let (Some(first), Some(last)) = (spans().next(), spans().next_back()) {
            timing.span = Some(Span::new(first.start(), last.end()));
        }
    }
}

/// Moves the common edge of two neighbours, both placed by length alone, to the nearest clear dip.
fn move_guessed(words: &mut [Timing], frames: &[Frame]) {
    let is_guessed = |timing: &Timing| timing.spoken.is_empty();
    for at in 1..words.len() {
        let (Some(left), Some(right)) = (words[at - 1].span, words[at].span) else { continue };
        if !(is_guessed(&words[at - 1]) && is_guessed(&words[at]) && left.end() == right.start()) {
            continue;
        }
        let edge = left.end().millis();
        let from = edge.saturating_sub(REACH_MS).max(left.start().millis() + LEAST_MS);
        let until = (edge + REACH_MS).min(right.end().millis().saturating_sub(LEAST_MS));
        if let Some(edge) = dip(frames, from, until) {
            words[at - 1].span = Some(Span::new(left.start(), edge));
            words[at].span = Some(Span::new(edge, right.end()));
        }
    }
}

/// The middle of the quietest frame between two times, if there is louder sound on both sides of
/// it.
fn dip(frames: &[Frame], from: u64, until: u64) -> Option<Timestamp> {
    let range: Range<usize> =
        (from.div_ceil(FRAME_MS) as usize)..((until / FRAME_MS) as usize).min(frames.len());
    let level = |index: &usize| frames[*index].energy_db;
    let quietest = range.clone().min_by(|a, b| level(a).total_cmp(&level(b)))?;
    let loudest = |range: Range<usize>| range.map(|index| level(&index)).fold(f32::MIN, f32::max);
    let is_clear = loudest(range.start..quietest).min(loudest(quietest..range.end))
        >= level(&quietest) + DIP_DB;
    is_clear.then(|| Timestamp::from_millis(quietest as u64 * FRAME_MS + FRAME_MS / 2))
}

/// [`speech::snap`], by the minute.
fn snap(spans: &mut [Span], frames: &[Frame]) {
    let length = frames.len() as u64 * FRAME_MS;
    let mut earliest = 0;
    let mut at = 0;
    while at < spans.len() {
        let start = spans[at].start().millis();
        let n =
            spans[at..].iter().take_while(|span| span.start().millis() < start + CHUNK_MS).count();
        let last = spans[at + n - 1].end().millis();
        let next = spans.get(at + n).map_or(length, |span| span.start().millis());
        let window = Span::from_millis(
            start.saturating_sub(MARGIN_MS).max(earliest) / FRAME_MS * FRAME_MS,
            (last + MARGIN_MS).min(next).min(length).max(last),
        );
        let range = (window.start().millis() / FRAME_MS) as usize
            ..(window.end().millis() / FRAME_MS) as usize;
        if let Some(frames) = frames.get(range) {
            speech::snap(&mut spans[at..at + n], frames, window);
        }
        earliest = spans[at + n - 1].end().millis().div_ceil(FRAME_MS) * FRAME_MS;
        at += n;
    }
}
