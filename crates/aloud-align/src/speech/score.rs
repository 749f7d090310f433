//! How sure is it, every 10 ms, that somebody speaks? Our own detection, as a stream.
//!
//! Two questions are joined: whether anything stands out of the background (`floor`), and whether
//! what does is music (`music`). Losing speech is worse than sending music, so music must be
//! clear for four seconds before it counts; speech over music is speech. This file never knows
//! where the sound will be cut.

use std::collections::VecDeque;

use super::floor::Floor;
use super::music::{Discriminator, TICK, odds};
use super::spectrum::{HOP, SPAN, Shape, Spectrum};

/// What is known of 10 ms of sound.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Frame {
    /// Its RMS in dB relative to full scale, without any constant offset; at least -120.
    pub energy_db: f32,
    /// How sure it is that somebody speaks, 0 to 1.
    pub speech: f32,
}

/// Samples of silence put before the sound, so that the first frame is the middle of a [`SPAN`].
const LEAD: usize = (SPAN - HOP) / 2;
/// Ticks that must all sound like music before any of them is taken for music: 4 s.
const MUSIC_TICKS: usize = 40;
/// So many ticks where music meets something else may still hold a part of a word: each is judged
/// by the two seconds around it.
const MARGIN_TICKS: usize = 3;
/// Log odds below which a tick sounds like music.
const MUSIC_BELOW: f32 = -1.0;
/// A frame standing out of the background by this many dB is as likely heard as not. The frames of
/// steady noise lie about 2.6 dB above their own tenth percentile, one in two hundred above 3.2 dB.
const HEARD_DB: f32 = 3.4;
/// How much more or less, in dB, makes that e times likelier.
const HEARD_SLOPE_DB: f32 = 0.35;
/// Frames on either side whose mean decides whether a frame is heard.
const SMOOTH: usize = 2;

/// Turns 16 kHz mono sound into frames, some five seconds later than it is pushed.
///
/// Memory does not grow with length, and the frames do not depend on how the sound is split into
/// pushes. Samples are meant to lie in -1 to 1; what is not a number counts as silence.
pub struct Scorer {
    spectrum: Spectrum,
    floor: Floor,
    music: Discriminator,
    /// Samples not yet measured, without offset.
    samples: VecDeque<f32>,
    steady: Steady,
    /// Samples pushed, and frames measured.
    pushed: u64,
    measured: u64,
    /// Frames measured whose tick is not settled.
    waiting: VecDeque<Shape>,
    /// Ticks judged but not settled, the first being that of the first waiting frame.
    verdicts: VecDeque<Verdict>,
    /// Ticks judged so far.
    noted: u64,
    /// How many of the latest ticks have sounded like music without a break.
    musical: usize,
    smooth: Smooth,
}

/// What is thought of a tick.
#[derive(Clone, Copy)]
struct Verdict {
    /// Log odds of speech against music.
    odds: f32,
    is_music: bool,
}

impl Default for Scorer {
    fn default() -> Self {
        Self::new()
    }
}

impl Scorer {
    /// A scorer at the start of a recording.
    pub fn new() -> Self {
        Self {
            spectrum: Spectrum::new(),
            floor: Floor::new(),
            music: Discriminator::new(),
            samples: std::iter::repeat_n(0.0, LEAD).collect(),
            steady: Steady::default(),
            pushed: 0,
            measured: 0,
            waiting: VecDeque::new(),
            verdicts: VecDeque::new(),
            noted: 0,
            musical: 0,
            smooth: Smooth::default(),
        }
    }

    /// Takes the next samples (16 kHz, mono) and appends to `out` the frames that are settled by
    /// them.
    pub fn push(&mut self, samples: &[f32], out: &mut Vec<Frame>) {
        // In frames' pieces, so that a whole recording given at once is not copied first.
        for piece in samples.chunks(HOP) {
            self.pushed += piece.len() as u64;
            self.samples.extend(piece.iter().map(|&x| self.steady.next(x)));
            while self.samples.len() >= SPAN {
                self.measure(out);
            }
        }
    }

    /// Ends the recording: appends the frames that are left, so that all together are one for each
    /// 10 ms begun. The scorer is then as good as new.
    pub fn finish(&mut self, out: &mut Vec<Frame>) {
        let frames = self.pushed.div_ceil(HOP as u64);
        while self.measured < frames {
            if self.samples.len() < SPAN {
                self.samples.resize(SPAN, 0.0);
            }
            self.measure(out);
        }
        for features in self.music.finish() {
            self.note(odds(&features));
        }
        while !self.verdicts.is_empty() {
            self.settle(out);
        }
        self.smooth.finish(out);
        *self = Self::new();
    }

    fn measure(&mut self, out: &mut Vec<Frame>) {
        let shape = self.spectrum.measure(&self.samples.make_contiguous()[..SPAN]);
        self.samples.drain(..HOP);
        self.measured += 1;
        self.floor.learn(&shape);
        self.waiting.push_back(shape);
        if let Some(features) = self.music.push(&shape) {
            self.note(odds(&features));
            if self.verdicts.len() > MUSIC_TICKS {
                self.settle(out);
            }
        }
    }

    /// Notes what is thought of the next tick; music once it has lasted is music from its
    /// beginning, but for the margins on the sides where something else is.
    fn note(&mut self, odds: f32) {
        self.verdicts.push_back(Verdict { odds, is_music: false });
        self.noted += 1;
        if odds < MUSIC_BELOW {
            self.musical += 1;
            if self.musical >= MUSIC_TICKS {
                let is_start = self.musical as u64 == self.noted;
                let sure = if is_start { self.musical } else { self.musical - MARGIN_TICKS };
                self.verdicts
                    .iter_mut()
                    .rev()
                    .take(sure)
                    .for_each(|verdict| verdict.is_music = true);
            }
        } else {
            if self.musical >= MUSIC_TICKS {
                self.verdicts
                    .iter_mut()
                    .rev()
                    .take(MARGIN_TICKS + 1)
                    .for_each(|verdict| verdict.is_music = false);
            }
            self.musical = 0;
        }
    }

    /// Gives out the first tick.
    fn settle(&mut self, out: &mut Vec<Frame>) {
        let Some(verdict) = self.verdicts.pop_front() else { return };
        let voice = if verdict.is_music { likelihood(verdict.odds - MUSIC_BELOW) } else { 1.0 };
        for shape in self.waiting.drain(..TICK.min(self.waiting.len())) {
            let prominence = self.floor.prominence(&shape);
            self.smooth.push(Held { energy_db: shape.energy_db, voice, prominence }, out);
        }
    }
}

/// Log odds to a probability.
fn likelihood(odds: f32) -> f32 {
    1.0 / (1.0 + (-odds).exp())
}

/// Takes a constant offset, and rumble below 13 Hz, out of a stream:
/// `y[n] = x[n] - x[n-1] + 0.995 y[n-1]`.
#[derive(Default)]
struct Steady {
    before: Option<f32>,
    level: f32,
}

impl Steady {
    fn next(&mut self, x: f32) -> f32 {
        // Far beyond full scale a square would overflow.
        let x = if x.is_finite() { x.clamp(-16.0, 16.0) } else { 0.0 };
        // The first sample's offset was there before the recording began.
        let before = self.before.replace(x).unwrap_or(x);
        self.level = x - before + 0.995 * self.level;
        if self.level.abs() < 1e-15 {
            // Denormal numbers are slow.
            self.level = 0.0;
        }
        self.level
    }
}

/// A frame all but settled.
#[derive(Clone, Copy)]
struct Held {
    energy_db: f32,
    voice: f32,
    prominence: f32,
}

/// Averages prominence over a few frames around each.
#[derive(Default)]
struct Smooth {
    held: VecDeque<Held>,
    /// How many of those held have been given out.
    given: usize,
}

impl Smooth {
    fn push(&mut self, held: Held, out: &mut Vec<Frame>) {
        self.held.push_back(held);
        if self.held.len() > self.given + SMOOTH {
            self.give(out);
        }
    }

    fn finish(&mut self, out: &mut Vec<Frame>) {
        while self.held.len() > self.given {
            self.give(out);
        }
    }

    fn give(&mut self, out: &mut Vec<Frame>) {
        let Held { energy_db, voice, .. } = self.held[self.given];
        let mean =
            self.held.iter().map(|held| held.prominence).sum::<f32>() / self.held.len() as f32;
        out.push(Frame {
            energy_db,
            speech: voice * likelihood((mean - HEARD_DB) / HEARD_SLOPE_DB),
        });
        if self.given == SMOOTH {
            self.held.pop_front();
        } else {
            self.given += 1;
        }
    }
}
