//! How much better than chance does a sentence fit where it was put?
//!
//! Any text can be stretched over any speech. What chance can do is shown by the same sounds in the wrong order: the
//! sentence read backwards over the same sound, by the same rules. This file never knows how a place was found.

use super::chain::Chain;
use super::model::Model;
use super::path::{Costs, Search};
use super::sound::Recording;
use super::text::Text;
use super::{COARSE, Grain};
use std::ops::Range;

/// Nothing may be left out, and nothing added but pauses.
const FORCED: Costs = Costs { skip: NEVER, jump: NEVER, stray: NEVER, stray_inside: NEVER, cut: NEVER, beam: 200.0, ..COARSE.costs };
const NEVER: f32 = 1e9;
/// What a step's fit counts here: margins are told in such nats.
const SCALE: f32 = 0.8;
/// A fit worse than this, in nats a step, is as bad as any.
const WORST: f32 = -5.0;

/// By how much the phones of a sentence fit `frames` better than the same phones backwards do, in nats for each of the
/// coarse grain's steps. Around 0.5 for a text that is not read there, around 3 for one that is.
pub(super) fn margin(text: &Text, phones: &Range<usize>, recording: &Recording, frames: &Range<usize>, model: &Model) -> f32 {
    let Grain { every, state_ms, .. } = COARSE;
    let chains = [false, true].map(|is_backwards| {
        let mut phones = text.phones[phones.clone()].to_vec();
        if is_backwards {
            phones.reverse();
        }
        Chain::of_phones(&phones, state_ms)
    });
    let mut searches = chains.each_ref().map(|chain| Search::new(chain, FORCED));
    let mut fits = Vec::new();
    for at in frames.clone().step_by(every) {
        model.fits(&recording.mean(at, every), &mut fits);
        fits.iter_mut().for_each(|fit| *fit *= SCALE);
        for (search, chain) in searches.iter_mut().zip(&chains) {
            search.step(&fits, 0.0, 0..chain.len());
        }
    }
    let n = frames.len().div_ceil(every).max(1) as f32;
    let [right, chance] = searches.map(|search| (search.finish().1 / n).max(WORST));
    right - chance
}
