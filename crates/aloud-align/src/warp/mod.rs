//! Where in the sound is each written word, if nothing is recognised?
//!
//! The text is spoken by a synthesiser, of which only the sounds, their order and their lengths are
//! kept ([`Text`]); the recording is turned into frames ([`Recording`]). [`warp`] leads one along
//! the other: a coarse path first, with what is not written and what is not read left out; then the
//! sounds are learnt again in the recording's own voice, and a fine path inside the coarse one's
//! neighbourhood says when each begins. Memory and time grow with the length, not with its square.
//! Pure: this room never knows who speaks, and no file.

mod chain;
mod chance;
mod evidence;
mod held;
mod join;
mod judge;
mod kind;
mod lay;
mod mfcc;
mod model;
mod pace;
mod path;
mod place;
mod sound;
mod text;

#[cfg(test)]
mod tests;

pub use lay::lay;
pub use sound::Recording;
pub use text::{Sound, Text};

use crate::align::{self, Alignment, Fit, Verdict};
use crate::article::Article;
use crate::speech;
use chain::Chain;
use held::Held;
use judge::Places;
use kind::{PARTS, PAUSE};
use model::{Level, Model, Stats};
use pace::Pace;
use path::{Costs, Search, What};
use place::Path;

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

const COSTS: Costs = Costs {
    stay: 0.2,
    pass_state: 1.0,
    skip: 6.0,
    jump: 4.0,
    filler: 5.0,
    filler_inside: 20.0,
    filler_frame: 0.02,
    cut: 15.0,
    longest: 100,
    beam: 200.0,
    most: usize::MAX,
};
// A low scale, so that what departing from the text costs weighs more than frames that fit badly:
// under noise most do.
const COARSE: Grain = Grain {
    every: 4,
    state_ms: 80.0,
    scale: 0.25,
    costs: Costs { filler_frame: 0.15, longest: 25, beam: 80.0, most: 10_000, ..COSTS },
};
const FINE: Grain = Grain {
    every: 1,
    state_ms: 30.0,
    scale: 0.25,
    costs: Costs { stay: 0.15, pass_state: 0.5, filler_inside: 8.0, ..COSTS },
};
/// Under noise the right way is for long far behind the best. In recordings of more frames than an
/// hour's, where that took as long again as all the rest, hypotheses are given up sooner.
const LONG: usize = 360_000;
const NARROW: f32 = 40.0;

/// The fine path stays as near as this to the coarse one, in frames, and in words beyond that.
const NEAR: usize = 500;
const NEAR_WORDS: usize = 10;
/// The coarse path looks at all of the text that a hypothesis is in, and at so much beyond the best
/// of them, in milliseconds of the synthesiser's speech.
const AHEAD_MS: u64 = 1_200_000;
/// So many paths are sought, and twice as many coarse ones while less than this share of the speech
/// belongs to the text.
const COARSE_PASSES: usize = 2;
const FINE_PASSES: usize = 2;
const FOUND: f32 = 0.8;
/// So many frames are enough to learn a voice from: the first path of each kind leads no further.
const LEARNT: usize = 120_000;
/// A second start is worth its time in recordings of so many frames (two minutes), with texts that
/// take the synthesiser no more than so many times as long.
const SOON: usize = 12_000;
const MOST_MORE: u64 = 2;
/// Where somebody speaks with less than this probability, any sound of the text fits worse by so
/// many nats a frame.
const NO_SPEECH: f32 = 3.0;
const SILENT: f32 = 0.2;
/// Every so many steps of the path, where it is and whether to go on is asked.
const ASKED: usize = 50;

/// What came of it.
#[derive(Clone, Debug, PartialEq)]
pub struct Warped {
    /// When each word is spoken.
    pub alignment: Alignment,
    /// Whether the text belongs to the sound at all.
    pub verdict: Verdict,
    /// When each word is spoken if a recogniser is asked as well ([`warp_beside`]).
    pub joined: Option<Alignment>,
}

/// Ties `text`, which is `article` spoken sentence by sentence, to `recording`, of which `frames`
/// tell where somebody speaks ([`speech::Scorer`]'s, from its start on). `watch` hears which share
/// of the work is done, and says whether to go on; `None` once it says no.
pub fn warp(
    article: &Article,
    text: &Text,
    recording: &Recording,
    frames: &[speech::Frame],
    watch: &mut dyn FnMut(f32) -> bool,
) -> Option<Warped> {
    warp_beside(article, text, recording, frames, None, watch)
}

/// As [`warp`], and joined with where the words were `heard` by a recogniser: each sentence where
/// it fits the sound best.
pub fn warp_beside(
    article: &Article,
    text: &Text,
    recording: &Recording,
    frames: &[speech::Frame],
    heard: Option<&Alignment>,
    watch: &mut dyn FnMut(f32) -> bool,
) -> Option<Warped> {
    let level = Level::of(recording, frames);
    if !level.has_speech() {
        return Some(judge::nothing(article, Fit::Silent));
    }
    if text.phones.is_empty() {
        return Some(judge::nothing(article, Fit::Short));
    }
    let candidates = text.stats.iter().map(|stats| Model::from_synth(stats, &level)).collect();
    let base = Model::best_of(candidates, recording, &level)?;
    let seeker =
        Seeker { article, text, heard: Heard { recording, frames }, level: &level, base: &base };
    let mut settled = seeker.settle(Guess::Nothing, watch)?;
    // Whether the text belongs is told by the path that supposes nothing: a text that is laid over
    // all of the sound by force fits better than it deserves (of 143 wrong texts over 20 and 40 s
    // two were taken so).
    let evidence = evidence::evidence(text, recording, &settled.path, &base, &level);
    if seeker.may_be_whole(&settled.path) {
        let whole = seeker.settle(Guess::Whole, &mut |_| watch(1.0))?;
        if whole.score > settled.score {
            settled = whole;
        }
    }
    let Settled { path, model, .. } = settled;
    let places = Places { text, recording, path: &path, model: &model, evidence };
    let mut warped = places.judge(article, &level, frames);
    warped.joined = heard.map(|heard| {
        let join = join::Join { article, text, recording, frames, heard, synth: &warped.alignment };
        align::joined(article, heard, join.words(&path, &base))
    });
    Some(warped)
}

/// What a path is sought with.
struct Seeker<'a> {
    article: &'a Article,
    text: &'a Text,
    heard: Heard<'a>,
    level: &'a Level,
    /// The synthesiser's voice.
    base: &'a Model,
}

/// What the first, coarse path supposes: the voice is learnt from it, so a wrong one may stand by
/// itself for good.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Guess {
    /// It may leave out any sentence.
    Nothing,
    /// No sentence that a narrator would read is left out on the way.
    Whole,
}

/// A path, the voice that was learnt from it, and how much better than chance it is with the voice
/// by which it was found, in nats.
struct Settled {
    path: Path,
    model: Model,
    score: f32,
}

/// Which paths were sought so far: coarse ones until the text is found, then fine ones.
#[derive(Default)]
struct Passes {
    n_coarse: usize,
    n_fine: usize,
}

/// One path to be sought.
struct Pass {
    is_coarse: bool,
    /// Whether none of its kind was sought before.
    is_first: bool,
}

impl Passes {
    /// The next one, where the last may have found the text; `None` after the last.
    fn next(&mut self, is_found: impl FnOnce() -> bool) -> Option<Pass> {
        if self.n_fine == FINE_PASSES {
            return None;
        }
        // A voice unlike the synthesiser's, or one in noise, takes longer to be known.
        let is_coarse = self.n_fine == 0
            && (self.n_coarse < COARSE_PASSES
                || (self.n_coarse < 2 * COARSE_PASSES && !is_found()));
        let n = if is_coarse { &mut self.n_coarse } else { &mut self.n_fine };
        *n += 1;
        Some(Pass { is_coarse, is_first: *n == 1 })
    }

    /// How much of all the work is done, with this `share` of the last one.
    fn share(&self, share: f32) -> f32 {
        let done = (self.n_coarse.min(COARSE_PASSES) + self.n_fine - 1) as f32;
        (done + share) / (COARSE_PASSES + FINE_PASSES) as f32
    }
}

impl Seeker<'_> {
    /// A path, and the voice learnt on it, each from the other until both stand.
    fn settle(&self, guess: Guess, watch: &mut dyn FnMut(f32) -> bool) -> Option<Settled> {
        let recording = self.heard.recording;
        let mut model = self.base.clone();
        let mut guide: Option<Path> = None;
        let mut score = 0.0;
        let mut pace = Pace::even();
        let beam = if recording.len() > LONG { NARROW } else { COARSE.costs.beam };
        let skip = if guess == Guess::Whole { chance::NEVER } else { COARSE.costs.skip };
        let coarse = Grain { costs: Costs { beam, skip, ..COARSE.costs }, ..COARSE };
        let coarse_chain = Chain::of_text(self.text, self.article, COARSE.state_ms, |_| 1.0);
        let mut passes = Passes::default();
        let is_found = |guide: &Option<Path>| {
            guide
                .as_ref()
                .is_some_and(|path| path.n_phones() as f32 >= FOUND * self.level.n_speech() as f32)
        };
        while let Some(Pass { is_coarse, is_first }) = passes.next(|| is_found(&guide)) {
            let grain = if is_coarse { &coarse } else { &FINE };
            let fine_chain = (!is_coarse).then(|| {
                Chain::of_text(self.text, self.article, FINE.state_ms, |phone| pace.at(phone))
            });
            let chain = fine_chain.as_ref().unwrap_or(&coarse_chain);
            let end = if is_first { recording.len().min(LEARNT) } else { recording.len() };
            let near = guide.as_ref().filter(|_| !is_coarse);
            let (found, gain) =
                search(&self.heard, end, chain, &model, grain, near, &mut |share| {
                    watch(passes.share(share))
                })?;
            model = model.adapted(&learn(self.text, recording, &found));
            if !is_coarse {
                // Steps of 40 ms tell a pace badly, and under noise wrongly.
                pace = Pace::of(self.text, &found);
            }
            if end == recording.len() {
                (guide, score) = (Some(found), gain);
            }
        }
        Some(Settled { path: guide?, model, score })
    }

    /// Whether a path that leaves out what a narrator would read is worth a second start: little
    /// sound says little of the voice, and the text could be read in it.
    fn may_be_whole(&self, path: &Path) -> bool {
        let text_ms: u64 = self.text.phones.iter().map(|phone| u64::from(phone.ms)).sum();
        let n_frames = self.heard.recording.len();
        if n_frames > SOON || text_ms > MOST_MORE * n_frames as u64 * mfcc::STEP_MS {
            return false;
        }
        let words = path.words(self.text, self.article.words.len());
        let is_out = |words: &[Option<std::ops::Range<usize>>]| words.iter().all(Option::is_none);
        // What nobody can speak is in no path.
        let sentences = self.article.sentences.iter().zip(&self.text.sentences);
        let mut read =
            sentences.filter(|(sentence, phones)| sentence.skip.is_none() && !phones.is_empty());
        read.any(|(sentence, _)| is_out(&words[sentence.words.clone()]))
    }
}

/// What a path leads through.
struct Heard<'a> {
    recording: &'a Recording,
    frames: &'a [speech::Frame],
}

impl Heard<'_> {
    /// How well each kind fits the step at a frame.
    fn fits(&self, at: usize, model: &Model, grain: &Grain) -> Vec<f32> {
        let mut fits = Vec::new();
        model.fits(&self.recording.mean(at, grain.every), &mut fits);
        fits.iter_mut().for_each(|fit| *fit *= grain.scale);
        if self.frames.get(at).is_some_and(|frame| frame.speech < SILENT) {
            fits[PARTS..].iter_mut().for_each(|fit| *fit -= NO_SPEECH * grain.scale);
        }
        fits
    }
}

/// A path through the recording up to the frame `end`, and how much better than chance it is, in
/// nats; in the neighbourhood of `guide`, where there is one.
fn search(
    heard: &Heard<'_>,
    end: usize,
    chain: &Chain,
    model: &Model,
    grain: &Grain,
    guide: Option<&Path>,
    watch: &mut dyn FnMut(f32) -> bool,
) -> Option<(Path, f32)> {
    let mut search = Search::new(chain, grain.costs);
    let mut held = Held::new(grain.every);
    let mut window = 0..chain.len();
    for (step, at) in (0..end).step_by(grain.every).enumerate() {
        let is_asked = step.is_multiple_of(ASKED);
        if is_asked && !watch(at as f32 / end as f32) {
            return None;
        }
        if let Some(guide) = guide {
            let (from, to) = (guide.word_at(at.saturating_sub(NEAR)), guide.word_at(at + NEAR));
            window = from.saturating_sub(NEAR_WORDS)..to + NEAR_WORDS;
        } else if is_asked && step > 0 {
            let (best, alive) = search.at();
            // Where in a long text the recording begins is known after a while, or never.
            let end = chain.ahead(best, AHEAD_MS);
            window = alive.start..if at < LEARNT { end.max(alive.end) } else { end };
        }
        held.move_to(at, end, |at| heard.fits(at, model, grain));
        search.step(held.fits(), (held.fit() - grain.costs.stay).max(0.0), window.clone());
    }
    let (steps, gain) = search.finish();
    Some((Path::new(steps, grain.every, end, chain), gain))
}

/// How each kind sounds in the recording, if the path is right.
fn learn(text: &Text, recording: &Recording, path: &Path) -> Vec<Stats> {
    let mut stats = vec![Stats::default(); text.stats[0].len()];
    for (what, frames) in path.stretches() {
        for at in frames.clone() {
            let kind = match what {
                What::Phone(phone) => text.phones[phone as usize].kind_at(at, &frames),
                What::Pause(_) => usize::from(PAUSE),
                What::Filler(_) => break,
            };
            stats[kind].add(&recording.point(at));
        }
    }
    stats
}
