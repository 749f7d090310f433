//! How much better than chance does a sentence fit where it was put?
//!
//! Any text can be stretched over any speech. What chance can do is shown by the same sounds in the
//! wrong order: the sentence read backwards over the same sound, by the same rules. This file never
//! knows how a place was found.

use super::chain::Chain;
use super::model::Model;
use super::path::{Costs, Search};
use super::sound::Recording;
use super::text::Phone;
use super::{COARSE, Grain};
use std::ops::Range;

/// Nothing may be left out, and nothing added but pauses.
const FORCED: Costs = Costs {
    skip: NEVER,
    jump: NEVER,
    filler: NEVER,
    filler_inside: NEVER,
    cut: NEVER,
    beam: 200.0,
    ..COARSE.costs
};
/// What must not be costs this.
pub(super) const NEVER: f32 = 1e9;
/// What a step's fit counts here: margins are told in such nats.
const SCALE: f32 = 0.8;
/// A fit worse than this, in nats a step, is as bad as any.
pub(super) const WORST: f32 = -5.0;

/// By how much the phones of a sentence fit `frames` better than the same phones backwards do, in
/// nats for each of the coarse grain's steps. Around 0.5 for a text that is not read there, around
/// 3 for one that is.
pub(super) fn margin(
    phones: &[Phone],
    recording: &Recording,
    frames: &Range<usize>,
    model: &Model,
) -> f32 {
    let fits = fits(recording, frames, model);
    let backwards: Vec<Phone> = phones.iter().rev().copied().collect();
    score(phones, &fits) - score(&backwards, &fits)
}

/// How well each kind fits each of the coarse grain's steps.
pub(super) fn fits(recording: &Recording, frames: &Range<usize>, model: &Model) -> Vec<Vec<f32>> {
    let fit = |at: usize| {
        let mut fits = Vec::new();
        model.fits(&recording.mean(at, COARSE.every), &mut fits);
        fits.iter_mut().for_each(|fit| *fit *= SCALE);
        fits
    };
    frames.clone().step_by(COARSE.every).map(fit).collect()
}

/// How well phones fit, in nats a step, [`WORST`] at least.
pub(super) fn score(phones: &[Phone], fits: &[Vec<f32>]) -> f32 {
    let Grain { state_ms, .. } = COARSE;
    let chain = Chain::of_phones(phones, state_ms);
    let mut search = Search::new(&chain, FORCED);
    fits.iter().for_each(|fits| search.step(fits, 0.0, 0..chain.len()));
    (search.finish().1 / fits.len().max(1) as f32).max(WORST)
}
