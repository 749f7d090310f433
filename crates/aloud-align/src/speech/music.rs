//! Speech or music? Judged from how the sound changes over two seconds.
//!
//! Features of the kind that E. Scheirer and M. Slaney compared ("Construction and evaluation of a
//! robust multifeature speech/music discriminator", 1997), and lasting tones as K. Seyerlehner and
//! others find music on television by ("Automatic music detection in television productions",
//! 2007), joined by a logistic regression. This file never knows whether anything is heard at all:
//! that is `floor`.

use std::collections::VecDeque;

use super::spectrum::{BANDS, NOTHING_DB, Shape};

/// Frames to a tick, the step in which this is judged: 100 ms.
pub(super) const TICK: usize = 10;
/// Ticks seen before and after the one that is judged.
pub(super) const SIDE: usize = 10;

/// Neighbouring bands are taken together four by four.
const GROUPS: usize = BANDS / 4;
/// Frames of the past that the changes of a frame look back to: 200 ms.
const PAST: usize = 20;
/// How far below the loudest recent sound a level is lost, in dB, and how fast that sound is
/// forgotten (3 dB per second): a change between two inaudible levels is none.
const REACH_DB: f32 = 50.0;
const FORGET_DB: f32 = 0.03;
/// From this periodicity on a frame has a pitch.
const VOICED: f32 = 0.6;
/// Over 60 ms a note keeps its pitch within a tenth of a semitone; a voice glides further, but not
/// by more than a semitone and a half (which is another note, or a mistaken octave).
const STEADY: f32 = 0.006;
const GLIDE: f32 = 0.08;

/// How many features there are.
pub(super) const FEATURES: usize = 11;

/// Per feature: its weight, mean and deviation over the material of the fit. The material was
/// synthetic speech of 15 voices in six languages (also whispered and on one pitch) and two human
/// readers, each clean, band-limited, reverberant, clipped, in noise down to 5 dB and over music as
/// loud as the voice, against 67 pieces of synthetic music (General MIDI instruments, drums,
/// chords, arpeggios) and steady noises.
const FIT: [(f32, f32, f32); FEATURES] = [
    // Change of the second group (about 500 to 1050 Hz, where first formants move) from frame to
    // frame, in dB.
    (2.276, 2.0460, 0.8988),
    // Whether rises within 40 ms are greater (1) or smaller (-1) than falls.
    (-1.870, 0.0996, 0.2266),
    // Change within 30 ms over change within 80 ms: noise is rough.
    (-2.835, 0.5740, 0.0833),
    // Share of pitched frames whose pitch glides.
    (0.883, 0.6235, 0.2578),
    // Change of the spectrum's shape within 30 ms, in dB.
    (3.814, 3.5068, 1.2027),
    // Change of all bands within 100 ms, in dB.
    (-2.522, 7.8276, 2.9137),
    // Share of tones that were there 200 ms ago.
    (-1.710, 0.1576, 0.1492),
    // Share of frames that rose by more than 3 dB in 40 ms.
    (3.108, 0.2249, 0.1050),
    // Correlation of low and high bands' changes.
    (-1.165, 0.4193, 0.2713),
    // Share of frames with less than half the mean power (after Scheirer and Slaney, who take one
    // second).
    (1.201, 0.4943, 0.1774),
    // Share of frames that fell by more than 3 dB in 40 ms.
    (-1.741, 0.2229, 0.1069),
];
const BIAS: f32 = 7.337;
/// No feature counts for more than this many deviations.
const OUTLIER: f32 = 4.0;

/// The log odds of speech against music: above zero speech is likelier.
pub(super) fn odds(features: &[f32; FEATURES]) -> f32 {
    let terms = features.iter().zip(&FIT).map(|(x, &(weight, mean, deviation))| {
        // Not-a-number, which broken sound could bring, counts as the mean.
        let x = if x.is_finite() { (x - mean) / deviation } else { 0.0 };
        weight * x.clamp(-OUTLIER, OUTLIER)
    });
    BIAS + terms.sum::<f32>()
}

/// What is kept of a past frame.
#[derive(Clone, Copy)]
struct Past {
    bands: [f32; BANDS],
    groups: [f32; GROUPS],
    tones: u128,
    period: Option<f32>,
}

impl Past {
    /// The mean level of all groups.
    fn level(&self) -> f32 {
        self.groups.iter().sum::<f32>() / GROUPS as f32
    }
}

/// Sums over the frames of one tick, or of several.
#[derive(Clone, Copy, Default)]
struct Sums {
    frames: f32,
    power: f32,
    jump: f32,
    change_30: f32,
    change_80: f32,
    rises: f32,
    falls: f32,
    up: f32,
    down: f32,
    low_high: f32,
    low_low: f32,
    high_high: f32,
    steady: f32,
    gliding: f32,
    tones: f32,
    lasting: f32,
    reshaping: f32,
    flux: f32,
}

impl Sums {
    fn add(&mut self, other: &Sums) {
        self.frames += other.frames;
        self.power += other.power;
        self.jump += other.jump;
        self.change_30 += other.change_30;
        self.change_80 += other.change_80;
        self.rises += other.rises;
        self.falls += other.falls;
        self.up += other.up;
        self.down += other.down;
        self.low_high += other.low_high;
        self.low_low += other.low_low;
        self.high_high += other.high_high;
        self.steady += other.steady;
        self.gliding += other.gliding;
        self.tones += other.tones;
        self.lasting += other.lasting;
        self.reshaping += other.reshaping;
        self.flux += other.flux;
    }
}

/// One tick: its sums, and each frame's power.
#[derive(Clone, Copy, Default)]
struct Tick {
    sums: Sums,
    powers: [f32; TICK],
}

/// Judges tick after tick whether somebody speaks.
pub(super) struct Discriminator {
    loudest_db: f32,
    past: VecDeque<Past>,
    current: Tick,
    ticks: VecDeque<Tick>,
    /// How many of the ticks in view come before the one to be judged next.
    before: usize,
}

impl Discriminator {
    pub(super) fn new() -> Self {
        Self {
            loudest_db: NOTHING_DB,
            past: VecDeque::with_capacity(PAST + 1),
            current: Tick::default(),
            ticks: VecDeque::with_capacity(2 * SIDE + 2),
            before: 0,
        }
    }

    /// Takes the next frame; answers with the features of the tick [`SIDE`] ticks ago once enough
    /// has been seen.
    pub(super) fn push(&mut self, shape: &Shape) -> Option<[f32; FEATURES]> {
        self.observe(shape);
        if self.current.sums.frames < TICK as f32 {
            return None;
        }
        self.close_tick();
        (self.ticks.len() > self.before + SIDE).then(|| self.advance())
    }

    /// At the end of the sound: the features of the ticks that are left, with less and less to come
    /// after them.
    pub(super) fn finish(&mut self) -> Vec<[f32; FEATURES]> {
        if self.current.sums.frames > 0.0 {
            self.close_tick();
        }
        let mut answers = Vec::with_capacity(SIDE + 1);
        while self.ticks.len() > self.before {
            answers.push(self.advance());
        }
        answers
    }

    fn close_tick(&mut self) {
        self.ticks.push_back(std::mem::take(&mut self.current));
    }

    /// The features of the tick with `before` ticks before it; moves on to the next.
    fn advance(&mut self) -> [f32; FEATURES] {
        let features = self.features();
        if self.before == SIDE {
            self.ticks.pop_front();
        } else {
            self.before += 1;
        }
        features
    }

    /// The features of all that is in view.
    fn features(&self) -> [f32; FEATURES] {
        let mut all = Sums::default();
        for tick in &self.ticks {
            all.add(&tick.sums);
        }
        let n = all.frames.max(1.0);
        let half = 0.5 * all.power / n;
        let quiet: usize = self
            .ticks
            .iter()
            .map(|tick| {
                tick.powers[..tick.sums.frames as usize]
                    .iter()
                    .filter(|&&power| power < half)
                    .count()
            })
            .sum();
        [
            all.jump / n,
            (all.up - all.down) / (all.up + all.down + n),
            all.change_30 / (all.change_80 + 0.1 * n),
            all.gliding / (all.steady + all.gliding + 0.02 * n),
            all.reshaping / n,
            all.flux / n,
            all.lasting / (all.tones + 0.3 * n),
            all.rises / n,
            all.low_high / (all.low_low * all.high_high + n * n).sqrt(),
            quiet as f32 / n,
            all.falls / n,
        ]
    }

    /// Adds what changed with this frame to the current tick.
    fn observe(&mut self, shape: &Shape) {
        self.loudest_db = (self.loudest_db - FORGET_DB).max(shape.energy_db);
        let now = self.audible(shape);
        let sums = &mut self.current.sums;
        let power = 10f32.powf(shape.energy_db / 10.0);
        self.current.powers[sums.frames as usize] = power;
        sums.frames += 1.0;
        sums.power += power;
        let ago =
            |frames: usize| self.past.len().checked_sub(frames).and_then(|i| self.past.get(i));
        if let Some(then) = ago(1) {
            sums.jump += (now.groups[1] - then.groups[1]).abs();
        }
        if let Some(then) = ago(3) {
            sums.change_30 += change(&now.groups, &then.groups);
            sums.reshaping += reshaping(&now.bands, &then.bands);
        }
        if let Some(then) = ago(4) {
            sums.follow_level(&now, then);
        }
        if let (Some(then), Some(period)) = (ago(6).and_then(|then| then.period), now.period) {
            let moved = (period / then).ln().abs();
            sums.steady += f32::from(moved < STEADY);
            sums.gliding += f32::from((STEADY..GLIDE).contains(&moved));
        }
        if let Some(then) = ago(8) {
            sums.change_80 += change(&now.groups, &then.groups);
        }
        if let Some(then) = ago(10) {
            sums.flux += change(&now.bands, &then.bands);
        }
        sums.tones += now.tones.count_ones() as f32;
        if let Some(then) = ago(PAST) {
            sums.lasting += (now.tones & then.tones).count_ones() as f32;
            self.past.pop_front();
        }
        self.past.push_back(now);
    }

    /// The frame with all that is too soft to hear brought to one level.
    fn audible(&self, shape: &Shape) -> Past {
        let least = self.loudest_db - REACH_DB;
        let power = |db: f32| 10f32.powf(db / 10.0);
        let groups = std::array::from_fn(|g| {
            let sum: f32 = shape.bands[g * 4..g * 4 + 4].iter().map(|&db| power(db)).sum();
            10.0 * (sum + power(least)).log10()
        });
        let period = (shape.voicing > VOICED).then_some(shape.period);
        Past { bands: shape.bands.map(|db| db.max(least)), groups, tones: shape.tones, period }
    }
}

impl Sums {
    /// Rises and falls within 40 ms: a struck note rises fast and falls slowly, a voice does both;
    /// and whether low and high bands go together, as in a drum, or in turn, as in vowels and
    /// sibilants.
    fn follow_level(&mut self, now: &Past, then: &Past) {
        let step = now.level() - then.level();
        self.rises += f32::from(step > 3.0);
        self.falls += f32::from(step < -3.0);
        if step > 0.0 {
            self.up += step * step;
        } else {
            self.down += step * step;
        }
        let pair = |past: &Past, g: usize| past.groups[g] + past.groups[g + 1];
        let low = pair(now, 0) - pair(then, 0);
        let high = pair(now, GROUPS - 2) - pair(then, GROUPS - 2);
        self.low_high += low * high;
        self.low_low += low * low;
        self.high_high += high * high;
    }
}

/// The mean change of a level.
fn change<const N: usize>(now: &[f32; N], then: &[f32; N]) -> f32 {
    now.iter().zip(then).map(|(a, b)| (a - b).abs()).sum::<f32>() / N as f32
}

/// The mean change of a level apart from the change of all: a formant moves, a note only fades.
fn reshaping(now: &[f32; BANDS], then: &[f32; BANDS]) -> f32 {
    let mean = now.iter().zip(then).map(|(a, b)| a - b).sum::<f32>() / BANDS as f32;
    now.iter().zip(then).map(|(a, b)| (a - b - mean).abs()).sum::<f32>() / BANDS as f32
}
