//! Does anything stand out of the background right now?
//!
//! The background of each band is a low percentile of its level over some seconds around the
//! frame, so hiss, hum and rumble are background however loud they are, and so is a held chord.
//! This file never knows whether what stands out is speech.

use std::collections::VecDeque;

use super::spectrum::{BANDS, NOTHING_DB, Shape};

/// Frames over which the background is looked for: 8 s, since minimum statistics need a pause in
/// every band (R. Martin, "Noise power spectral density estimation", 2001, takes 1.5 s; speech over
/// noise in a narrator's slow style pauses less often than that).
const WINDOW: usize = 800;
/// The share of frames taken to be background.
const SHARE: f32 = 0.1;
/// How far below the loudest recent sound nothing counts any more, in dB.
const REACH_DB: f32 = 55.0;
/// How fast that loudest sound is forgotten, in dB per frame: 1 dB per second.
const FORGET_DB: f32 = 0.01;
/// A band standing out further than this, in dB, counts no more than this.
const CEILING_DB: f32 = 20.0;
/// 1 dB steps from [`NOTHING_DB`] up to +7 dB.
const STEPS: usize = 128;

/// How many of the recent frames had each level, and where the wanted share lies.
#[derive(Clone)]
struct Levels {
    counts: [u16; STEPS],
    /// Step of the percentile, and how many frames lie below that step.
    step: usize,
    below: u16,
}

impl Levels {
    fn add(&mut self, step: u8) {
        self.counts[usize::from(step)] += 1;
        self.below += u16::from(usize::from(step) < self.step);
    }

    fn remove(&mut self, step: u8) {
        self.counts[usize::from(step)] -= 1;
        self.below -= u16::from(usize::from(step) < self.step);
    }

    /// The level that `rank` frames do not reach.
    fn settle(&mut self, rank: u16) -> f32 {
        while self.below > rank {
            self.step -= 1;
            self.below -= self.counts[self.step];
        }
        while self.step + 1 < STEPS && self.below + self.counts[self.step] <= rank {
            self.below += self.counts[self.step];
            self.step += 1;
        }
        NOTHING_DB + self.step as f32 + 0.5
    }
}

/// Watches the background of every band.
pub(super) struct Floor {
    levels: Vec<Levels>,
    recent: VecDeque<[u8; BANDS]>,
    loudest_db: f32,
}

impl Floor {
    pub(super) fn new() -> Self {
        let empty = Levels { counts: [0; STEPS], step: 0, below: 0 };
        Self {
            levels: vec![empty; BANDS],
            recent: VecDeque::with_capacity(WINDOW + 1),
            loudest_db: NOTHING_DB,
        }
    }

    /// Takes the next frame into the background.
    pub(super) fn learn(&mut self, shape: &Shape) {
        let steps = shape.bands.map(|db| (db - NOTHING_DB).clamp(0.0, (STEPS - 1) as f32) as u8);
        for (levels, &step) in self.levels.iter_mut().zip(&steps) {
            levels.add(step);
        }
        self.recent.push_back(steps);
        if self.recent.len() > WINDOW
            && let Some(old) = self.recent.pop_front()
        {
            for (levels, step) in self.levels.iter_mut().zip(old) {
                levels.remove(step);
            }
        }
    }

    /// By how many dB `shape` stands out of the background, on average over the bands.
    pub(super) fn prominence(&mut self, shape: &Shape) -> f32 {
        self.loudest_db = (self.loudest_db - FORGET_DB).max(shape.energy_db);
        let least = self.loudest_db - REACH_DB - 10.0 * (BANDS as f32).log10();
        let rank = (self.recent.len() as f32 * SHARE) as u16;
        let out = shape.bands.iter().zip(&mut self.levels).map(|(db, levels)| {
            let background = levels.settle(rank).max(least);
            (db - background).clamp(0.0, CEILING_DB)
        });
        out.sum::<f32>() / BANDS as f32
    }
}
