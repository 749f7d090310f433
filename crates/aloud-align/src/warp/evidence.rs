//! Is it this text that is said, or would any other do as well?
//!
//! Any text can be stretched over any speech, and a voice that was learnt on such a path will swear
//! to it. So the path is cut to pieces of a second or two, and each is judged by a voice that was
//! learnt on the others only (cross-validation; M. Stone, "Cross-validatory choice and assessment
//! of statistical predictions", 1974), against the best of several pieces of the same text's words
//! in another order (a permutation test; E. Pitman, "Significance tests which may be applied to
//! samples from any populations", 1937). A text that is not read there gains nothing by its own
//! order, whoever speaks and however clearly. This file never knows what is done with the answer.

use super::chance::{WORST, fits, score};
use super::kind::PAUSE;
use super::mfcc::STEP_MS;
use super::model::{Level, Model, Stats};
use super::path::What;
use super::place::Path;
use super::sound::Recording;
use super::text::{Phone, Text};
use std::ops::Range;

/// A piece ends with the first word that ends after so many frames, and at pauses of so many; one
/// that is shorter than the last says nothing.
const LONG: usize = 120;
const PAUSED: usize = 40;
const SHORT: usize = 40;
/// So many pieces, spread over all of them, are asked. They are twelve minutes.
const ASKED: usize = 360;
/// Voices that are learnt, each on all pieces but its own.
const FOLDS: usize = 8;
/// Orders that the words are put into besides their own and its reverse. The best of them is what
/// chance can do: a path was chosen among many places, and so are they.
const ORDERS: usize = 6;

/// Gains of pieces do not vary less than this: of few pieces the spread is little known.
const SPREAD: f32 = 0.25;
/// So many pieces in a row are a passage.
const PASSAGE: usize = 25;

/// Words and where the path puts them.
struct Piece {
    phones: Range<usize>,
    frames: Range<usize>,
}

/// How much the text's own order gains.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct Evidence {
    /// By how much the words fit better than the best of other orders, in nats for each of the
    /// coarse grain's steps. Measured on pieces of 15 to 30 s of people: -0.5 to 0.23 for texts
    /// that are not read, 0.6 to 1.3 for texts that are.
    pub gain: f32,
    /// The standard error of that.
    pub error: f32,
    /// The share, 0 to 1, of the speech or of the text, whichever is larger, that has a place on
    /// the path.
    pub share: f32,
    /// The gain of the passage of some forty seconds that gains most, less its standard error; 0
    /// where there is less.
    pub passage: f32,
    /// Frames of speech, or of the text as the synthesiser reads it, whichever are fewer.
    pub n_frames: usize,
}

/// Weighs what `path` says of `text`, beginning with a `voice` that has not heard the recording.
pub(super) fn evidence(
    text: &Text,
    recording: &Recording,
    path: &Path,
    voice: &Model,
    level: &Level,
) -> Evidence {
    let pieces = pieces(text, path);
    let ms = |phones: &[Phone]| phones.iter().map(|phone| u64::from(phone.ms)).sum::<u64>();
    let n_frames = level.n_speech().min((ms(&text.phones) / STEP_MS) as usize);
    if pieces.is_empty() {
        return Evidence { n_frames, ..Evidence::default() };
    }
    let placed: usize = pieces.iter().map(|piece| level.speech_in(&piece.frames)).sum();
    let read: u64 = pieces.iter().map(|piece| ms(&text.phones[piece.phones.clone()])).sum();
    let share = (placed as f32 / level.n_speech().max(1) as f32)
        .max(read as f32 / ms(&text.phones).max(1) as f32)
        .min(1.0);
    let models = folds(text, recording, path, &pieces, voice);
    let orders: Vec<Vec<Phone>> = (1..=ORDERS as u64).map(|seed| shuffled(text, seed)).collect();
    let mut gains: Vec<(f32, f32)> = Vec::new();
    for (index, piece) in pieces.iter().enumerate().step_by(pieces.len().div_ceil(ASKED)) {
        let own = &text.phones[piece.phones.clone()];
        let from = |order: &[Phone]| excerpt(order, order.len() * index / pieces.len(), ms(own));
        let others =
            orders.iter().map(|order| from(order)).chain([own.iter().rev().copied().collect()]);
        let fits = fits(recording, &piece.frames, &models[index % models.len()]);
        let best = others.map(|phones| score(&phones, &fits)).fold(WORST, f32::max);
        gains.push((piece.frames.len() as f32, score(own, &fits) - best));
    }
    let (gain, error) = mean(&gains);
    let passage =
        gains.windows(PASSAGE).map(mean).map(|(gain, error)| gain - error).fold(0.0, f32::max);
    let evidence = Evidence { gain, error, share, passage, n_frames };
    log::debug!("{evidence:?} of {} pieces", pieces.len());
    evidence
}

/// The mean of weighted gains, and its standard error.
fn mean(gains: &[(f32, f32)]) -> (f32, f32) {
    let n: f32 = gains.iter().map(|(weight, _)| weight).sum();
    let mean = gains.iter().map(|(weight, gain)| weight * gain).sum::<f32>() / n;
    let variance =
        gains.iter().map(|(weight, gain)| weight * (gain - mean).powi(2)).sum::<f32>() / n;
    (mean, (variance.max(SPREAD) / gains.len() as f32).sqrt())
}

/// The path's words, in pieces.
fn pieces(text: &Text, path: &Path) -> Vec<Piece> {
    let mut pieces: Vec<Piece> = Vec::new();
    let mut is_open = false;
    for (what, frames) in path.stretches() {
        match what {
            What::Phone(phone) => {
                let phone = phone as usize;
                let goes_on = |piece: &&mut Piece| {
                    let is_same_word = || text.phones[phone].word == text.phones[phone - 1].word;
                    piece.phones.end == phone && (piece.frames.len() < LONG || is_same_word())
                };
                match pieces.last_mut().filter(|_| is_open).filter(goes_on) {
                    Some(piece) => (piece.phones.end, piece.frames.end) = (phone + 1, frames.end),
                    None => pieces.push(Piece { phones: phone..phone + 1, frames }),
                }
                is_open = true;
            }
            What::Pause(_) => is_open = is_open && frames.len() < PAUSED,
            What::Filler(_) => is_open = false,
        }
    }
    pieces.retain(|piece| piece.frames.len() >= SHORT);
    pieces
}

/// Voices, each learnt on the pieces that others are asked about.
fn folds(
    text: &Text,
    recording: &Recording,
    path: &Path,
    pieces: &[Piece],
    voice: &Model,
) -> Vec<Model> {
    let n_folds = pieces.len().clamp(1, FOLDS);
    let nothing = || vec![Stats::default(); text.stats[0].len()];
    let mut own: Vec<Vec<Stats>> = (0..n_folds).map(|_| nothing()).collect();
    let mut at_piece = 0;
    for (what, frames) in path.stretches() {
        while pieces.get(at_piece).is_some_and(|piece| piece.frames.end <= frames.start) {
            at_piece += 1;
        }
        let Some(piece) = pieces.get(at_piece).filter(|piece| piece.frames.start <= frames.start)
        else {
            continue;
        };
        debug_assert!(frames.end <= piece.frames.end);
        for at in frames.clone() {
            let kind = match what {
                What::Phone(phone) => text.phones[phone as usize].kind_at(at, &frames),
                What::Pause(_) => usize::from(PAUSE),
                What::Filler(_) => break,
            };
            own[at_piece % n_folds][kind].add(&recording.point(at));
        }
    }
    let others = |fold: usize| {
        let mut sum = nothing();
        for stats in
            own.iter().enumerate().filter(|(other, _)| *other != fold).map(|(_, stats)| stats)
        {
            sum.iter_mut().zip(stats).for_each(|(sum, stats)| sum.merge(stats));
        }
        sum
    };
    (0..n_folds).map(|fold| voice.adapted(&others(fold))).collect()
}

/// The text's words in another order: Fisher and Yates' shuffle, with a generator (xorshift64) that
/// makes the same numbers each time.
fn shuffled(text: &Text, seed: u64) -> Vec<Phone> {
    let mut words: Vec<Vec<Phone>> =
        text.phones.chunk_by(|a, b| a.word == b.word).map(<[_]>::to_vec).collect();
    let mut state = seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1;
    for last in (1..words.len()).rev() {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        words.swap(last, (state % (last as u64 + 1)) as usize);
    }
    let numbered = |(number, word): (usize, Vec<Phone>)| {
        word.into_iter().map(move |phone| Phone { word: number as u32, ..phone })
    };
    words.into_iter().enumerate().flat_map(numbered).collect()
}

/// Words of `order` from the one at `at` on, until they take so many milliseconds; it begins again
/// at its end.
fn excerpt(order: &[Phone], at: usize, ms: u64) -> Vec<Phone> {
    let at =
        (0..=at).rev().find(|at| *at == 0 || order[*at].word != order[*at - 1].word).unwrap_or(0);
    let mut left = ms as i64;
    let more = |phone: &&Phone| {
        let is_wanted = left > 0;
        left -= i64::from(phone.ms);
        is_wanted
    };
    order[at..].iter().chain(order.iter().cycle()).take_while(more).copied().collect()
}
