//! A recording as frames, held small: ten hours fit into 100 MB.

use super::mfcc::{COEFFICIENTS, Frame, Mfcc};
use aloud_units::SAMPLE_RATE;

/// Numbers of a point: a frame's coefficients, and their slopes.
pub(super) const N: usize = 2 * COEFFICIENTS;
/// A frame with its slopes.
pub(super) type Point = [f32; N];

/// Coefficients are kept as whole numbers of this part: they lie within 256, and no ear hears this.
const STEP: f32 = 1.0 / 128.0;

/// What a recording sounds like, every 10 ms.
pub struct Recording {
    mfcc: Mfcc,
    fresh: [Vec<Frame>; 1],
    frames: Vec<[i16; COEFFICIENTS]>,
}

impl Default for Recording {
    fn default() -> Self {
        Self {
            mfcc: Mfcc::new(SAMPLE_RATE, &[(1.0, 0.0)]),
            fresh: [Vec::new()],
            frames: Vec::new(),
        }
    }
}

impl Recording {
    /// Takes the next samples: 16 kHz, mono.
    pub fn push(&mut self, samples: &[f32]) {
        self.mfcc.push(samples.iter().copied(), &mut self.fresh);
        self.keep();
    }

    /// Ends the recording.
    pub fn finish(&mut self) {
        self.mfcc.finish(&mut self.fresh);
        self.keep();
    }

    fn keep(&mut self) {
        self.frames.extend(
            self.fresh[0].drain(..).map(|frame| frame.map(|number| (number / STEP).round() as i16)),
        );
    }

    /// How many frames there are.
    pub(super) fn len(&self) -> usize {
        self.frames.len()
    }

    /// The frame at `at`, with its slopes.
    pub(super) fn point(&self, at: usize) -> Point {
        point(self.frames.len(), at, |at| self.frames[at].map(|number| f32::from(number) * STEP))
    }

    /// The mean of `n` points from `at` on, or of as many as there are.
    pub(super) fn mean(&self, at: usize, n: usize) -> Point {
        let mut sum = [0.0; N];
        let n = n.min(self.frames.len() - at).max(1);
        for at in at..at + n {
            for (sum, number) in sum.iter_mut().zip(self.point(at)) {
                *sum += number;
            }
        }
        sum.map(|sum| sum / n as f32)
    }
}

/// A frame out of `n` with its slopes, which are a regression over two frames on either side (S.
/// Furui, "Speaker-independent isolated word recognition using dynamic features of speech
/// spectrum", 1986).
pub(super) fn point(n: usize, at: usize, frame: impl Fn(usize) -> Frame) -> Point {
    let [a, b, here, d, e] =
        [-2isize, -1, 0, 1, 2].map(|by| frame(at.saturating_add_signed(by).min(n - 1)));
    std::array::from_fn(|i| match i.checked_sub(COEFFICIENTS) {
        None => here[i],
        Some(k) => (d[k] - b[k] + 2.0 * (e[k] - a[k])) / 10.0,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_kept_is_what_was_measured() {
        let sound: Vec<f32> = (0..4800).map(|i| (i as f32 * i as f32 * 1e-4).sin() * 0.3).collect();
        let (mut recording, mut exact) = (Recording::default(), [Vec::new()]);
        let mut mfcc = Mfcc::new(SAMPLE_RATE, &[(1.0, 0.0)]);
        recording.push(&sound);
        recording.finish();
        mfcc.push(sound, &mut exact);
        mfcc.finish(&mut exact);
        assert_eq!(recording.len(), exact[0].len());
        for at in 0..recording.len() {
            let want = point(exact[0].len(), at, |at| exact[0][at]);
            assert!(recording.point(at).iter().zip(want).all(|(a, b)| (a - b).abs() <= STEP));
        }
        assert_eq!(recording.mean(29, 4), recording.point(29));
    }

    #[test]
    fn slopes_are_slopes() {
        let rising = point(9, 4, |at| [at as f32 * 3.0; COEFFICIENTS]);
        assert_eq!((rising[0], rising[COEFFICIENTS]), (12.0, 3.0));
    }
}
