//! Is a single sound held here, as when somebody says "um"?
//!
//! Nobody writes those down, and each language has its own; but all are one vowel or murmur that
//! goes on for longer than sounds within words do. So of all sounds the one that fits best through
//! a stretch around each frame is asked. This file never knows what is written there.

use super::kind::PARTS;
use std::collections::VecDeque;

/// A sound is held if it fits for so many frames on either side: 0.3 s in all, which a vowel within
/// a word seldom lasts.
const EACH_SIDE: usize = 15;

/// How well each kind of sound fits, of the frame that is looked at and some on either side.
pub(super) struct Held {
    every: usize,
    /// The kinds' fits of each step of the stretch, and their sums.
    rows: VecDeque<Vec<f32>>,
    sums: Vec<f32>,
    /// Which of the rows is the present one's, and the first frame that is not among them.
    now: usize,
    ahead: usize,
}

impl Held {
    /// At the start of a recording, to be looked at in steps of `every` frames.
    pub fn new(every: usize) -> Self {
        Self { every, rows: VecDeque::new(), sums: Vec::new(), now: 0, ahead: 0 }
    }

    /// Goes to the frame `at`, one step behind the last, of a recording that ends at `end`. `fits`
    /// tells of a frame how well each kind fits it.
    pub fn move_to(&mut self, at: usize, end: usize, fits: impl Fn(usize) -> Vec<f32>) {
        let n = self.n_each_side();
        while self.ahead < end && self.ahead <= at + n * self.every {
            let row = fits(self.ahead);
            self.sums.resize(row.len(), 0.0);
            self.sums.iter_mut().zip(&row).for_each(|(sum, fit)| *sum += fit);
            self.rows.push_back(row);
            self.ahead += self.every;
        }
        self.now += usize::from(at > 0);
        if self.now > n
            && let Some(old) = self.rows.pop_front()
        {
            self.sums.iter_mut().zip(&old).for_each(|(sum, fit)| *sum -= fit);
            self.now -= 1;
        }
    }

    /// How well each kind fits the present frame.
    pub fn fits(&self) -> &[f32] {
        self.rows.get(self.now).map_or(&[], Vec::as_slice)
    }

    /// How well the kind that fits the stretch best does, in the mean over its steps; 0 where none
    /// does. Coarse steps are too long to tell.
    pub fn fit(&self) -> f32 {
        if self.every > 1 {
            return 0.0;
        }
        self.sums.iter().skip(PARTS).copied().fold(0.0, f32::max) / self.rows.len().max(1) as f32
    }

    fn n_each_side(&self) -> usize {
        if self.every > 1 { 0 } else { EACH_SIDE }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The fit of what is held at each of `n` frames, of two kinds of which `kind` tells which is
    /// there.
    fn held(n: usize, kind: impl Fn(usize) -> usize) -> Vec<f32> {
        let fits = |at: usize| {
            (0..2 * PARTS + 1)
                .map(|k| if k == PARTS * (1 + kind(at)) { 1.0 } else { -1.0 })
                .collect::<Vec<f32>>()
        };
        let mut held = Held::new(1);
        let at = |at: usize| {
            held.move_to(at, n, fits);
            assert_eq!(held.fits(), fits(at));
            held.fit()
        };
        (0..n).map(at).collect()
    }

    #[test]
    fn a_sound_that_goes_on() {
        let long = held(100, |at| usize::from((30..80).contains(&at)));
        assert_eq!((long[55], long[5]), (1.0, 1.0));
        // Sounds that take turns are not held.
        let short = held(100, |at| at / 8 % 2);
        assert!(short[20..80].iter().all(|fit| *fit < 0.25), "{short:?}");
    }
}
