//! Where in the sound is each written word, if nothing is recognised?
//!
//! The text is spoken by a synthesiser, of which only the sounds, their order and their lengths are kept
//! ([`Text`]); the recording is turned into frames ([`Recording`]). [`warp`] leads one along the other: a coarse
//! path first, with what is not written and what is not read left out; then the sounds are learnt again in the
//! recording's own voice, and a fine path inside the coarse one's neighbourhood says when each begins. Memory and time
//! grow with the length, not with its square. Pure: this room never knows who speaks, and no file.

mod chain;
mod chance;
mod judge;
mod mfcc;
mod model;
mod path;
mod place;
mod sound;
mod text;

#[cfg(test)]
mod tests;

pub use sound::Recording;
pub use text::{Sound, Text};

use crate::align::{Alignment, Verdict};
use crate::article::Article;
use crate::speech;
use chain::Chain;
use judge::Places;
use model::{Level, Model, Stats};
use path::{Costs, Search, What};
use place::Path;
use std::ops::Range;
use text::{PARTS, PAUSE, part};

/// How closely it is looked.
struct Grain {
    /// Frames of 10 ms for each step of the path.
    every: usize,
    /// Milliseconds of the synthesiser's sound for each state.
    state_ms: f32,
    /// What a step's fit counts: neighbouring frames say much the same.
    scale: f32,
    costs: Costs,
}

const COSTS: Costs = Costs { stay: 0.2, hurry: 1.0, skip: 6.0, stray: 5.0, stray_inside: 20.0, stray_frame: 0.02, cut: 15.0 };
const COARSE: Grain = Grain { every: 4, state_ms: 80.0, scale: 0.8, costs: Costs { stray_frame: 0.2, ..COSTS } };
const FINE: Grain = Grain { every: 1, state_ms: 30.0, scale: 0.3, costs: COSTS };

/// The fine path stays as near as this to the coarse one, in frames, and in words beyond that.
const NEAR: usize = 500;
const NEAR_WORDS: usize = 10;
/// Texts of up to so many states are looked at whole by the coarse path; of longer ones, what lies so near to the best
/// hypothesis, in milliseconds of the synthesiser's speech.
const WHOLE: usize = 50_000;
const BEHIND_MS: u64 = 240_000;
const AHEAD_MS: u64 = 1_200_000;
/// Every so many steps of the path, where it is and whether to go on is asked.
const ASKED: usize = 50;

/// What came of it.
#[derive(Clone, Debug, PartialEq)]
pub struct Warped {
    /// When each word is spoken.
    pub alignment: Alignment,
    /// Whether the text belongs to the sound at all.
    pub verdict: Verdict,
}

/// Ties `text`, which is `article` spoken sentence by sentence, to `recording`, of which `frames` tell where somebody
/// speaks ([`speech::Scorer`]'s, from its start on). `watch` hears which share of the work is done, and says whether to
/// go on; `None` once it says no.
pub fn warp(
    article: &Article,
    text: &Text,
    recording: &Recording,
    frames: &[speech::Frame],
    watch: &mut dyn FnMut(f32) -> bool,
) -> Option<Warped> {
    let level = Level::of(recording, frames);
    if !level.has_speech() || text.phones.is_empty() {
        return Some(judge::nothing(article));
    }
    let candidates = text.stats.iter().map(|stats| Model::from_synth(stats, &level));
    let likely = candidates.map(|model| (model.likelihood(recording, &level), model)).max_by(|a, b| a.0.total_cmp(&b.0));
    let (_, mut model) = likely?;
    let (coarse, fine) = (Chain::of_text(text, article, COARSE.state_ms), Chain::of_text(text, article, FINE.state_ms));
    let mut path: Option<Path> = None;
    for (n, (grain, chain)) in [(&COARSE, &coarse), (&COARSE, &coarse), (&FINE, &fine), (&FINE, &fine)].into_iter().enumerate() {
        let is_coarse = n < 2;
        let guide = path.as_ref().filter(|_| !is_coarse);
        let found = search(recording, chain, &model, grain, guide, &mut |share| watch((n as f32 + share) / 4.0))?;
        model = model.adapted(&learn(text, recording, &found));
        path = Some(found);
    }
    let path = path?;
    let places = Places { text, recording, path: &path, model: &model };
    Some(places.judge(article, &level, frames))
}

/// A path through the whole recording; in the neighbourhood of `guide`, where there is one.
fn search(
    recording: &Recording,
    chain: &Chain,
    model: &Model,
    grain: &Grain,
    guide: Option<&Path>,
    watch: &mut dyn FnMut(f32) -> bool,
) -> Option<Path> {
    let n = recording.len();
    let mut search = Search::new(chain, grain.costs);
    let mut fits = Vec::new();
    let mut window = 0..chain.len();
    for (step, at) in (0..n).step_by(grain.every).enumerate() {
        if step.is_multiple_of(ASKED) && !watch(at as f32 / n as f32) {
            return None;
        }
        if let Some(guide) = guide {
            let (from, to) = (guide.word_at(at.saturating_sub(NEAR)), guide.word_at(at + NEAR));
            window = from.saturating_sub(NEAR_WORDS)..to + NEAR_WORDS;
        } else if chain.kinds.len() > WHOLE && step > 0 && step.is_multiple_of(ASKED) {
            window = around(chain, search.at());
        }
        model.fits(&recording.mean(at, grain.every), &mut fits);
        fits.iter_mut().for_each(|fit| *fit *= grain.scale);
        search.step(&fits, window.clone());
    }
    Some(Path::new(search.finish().0, grain.every, n, chain))
}

/// The words near to `word`.
fn around(chain: &Chain, word: usize) -> Range<usize> {
    let now = word.checked_sub(1).and_then(|last| chain.ends_ms.get(last)).copied().unwrap_or(0);
    let place = |ms: u64| chain.ends_ms.partition_point(|end| *end < ms);
    place(now.saturating_sub(BEHIND_MS))..place(now + AHEAD_MS) + 1
}

/// How each kind sounds in the recording, if the path is right.
fn learn(text: &Text, recording: &Recording, path: &Path) -> Vec<Stats> {
    let mut stats = vec![Stats::default(); text.stats[0].len()];
    for (what, frames) in path.stretches() {
        for at in frames.clone() {
            let kind = match what {
                What::Phone(phone) => usize::from(text.phones[phone as usize].kind) + part(at - frames.start, frames.len()).min(PARTS - 1),
                What::Pause(_) => usize::from(PAUSE),
                What::Stray(_) => break,
            };
            stats[kind].add(&recording.point(at));
        }
    }
    stats
}
