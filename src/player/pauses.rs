//! Long pauses made short: what is quiet for longer than [`LONGEST`] is cut down to that, from its
//! middle.
//!
//! Quiet is what lies far below the loudest of the last seconds, so a recording with noise or music
//! under it loses nothing that can be heard. Each cut is told with its place and length, so that
//! the time of what is heard stays exact.

use std::collections::VecDeque;

/// The longest pause that is left, in seconds; a longer one becomes this long.
pub(super) const LONGEST: f64 = 0.6;
/// Loudness is judged over so many seconds.
const BLOCK: f64 = 0.01;
/// Quiet is this much below the loudest of late: 35 dB.
const BELOW: f32 = 0.0178;
/// And never above this root mean square, −36 dBFS.
const QUIET_AT_MOST: f32 = 0.0158;
/// How loud speech is taken to be before any was heard: −26 dBFS.
const USUAL: f32 = 0.05;
/// What is left of the remembered loudness after one block: it halves in 3.5 s.
const FADES: f32 = 0.998;
/// Over so many seconds the step between both sides of a cut is smoothed out.
const SEAM: f64 = 0.005;

/// Frames left out of the stream.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Cut {
    /// After how many frames of what came out.
    pub(super) at: u64,
    /// How many frames are missing there.
    pub(super) frames: u64,
}

/// Shortens pauses in a stream of interleaved frames.
pub(super) struct Pauses {
    n_channels: usize,
    block: usize,
    seam: usize,
    /// Frames of a pause that are left at either side of a cut.
    side: usize,
    gathered: Vec<f32>,
    loudest: f32,
    /// Quiet frames since the last loud one.
    quiet: usize,
    /// The latest frames of a pause, which may still turn out to be its end.
    held: VecDeque<f32>,
    dropped: u64,
    given: u64,
    /// The last frame that went out.
    last: Vec<f32>,
}

impl Pauses {
    /// For frames of `n_channels` samples at `sample_rate` Hz.
    pub(super) fn new(sample_rate: u32, n_channels: usize) -> Self {
        let frames = |seconds: f64| ((seconds * f64::from(sample_rate)).round() as usize).max(1);
        Self {
            n_channels,
            block: frames(BLOCK),
            seam: frames(SEAM),
            side: frames(LONGEST / 2.0),
            gathered: Vec::new(),
            loudest: USUAL,
            quiet: 0,
            held: VecDeque::new(),
            dropped: 0,
            given: 0,
            last: vec![0.0; n_channels],
        }
    }

    /// Takes whole frames; appends to `out` what is kept, and to `cuts` what was left out of it.
    pub(super) fn push(&mut self, frames: &[f32], out: &mut Vec<f32>, cuts: &mut Vec<Cut>) {
        self.gathered.extend_from_slice(frames);
        let size = self.block * self.n_channels;
        let gathered = std::mem::take(&mut self.gathered);
        let blocks = gathered.chunks_exact(size);
        self.gathered.extend_from_slice(blocks.remainder());
        for block in blocks {
            self.take(block, out, cuts);
        }
    }

    /// Appends what is left.
    pub(super) fn finish(&mut self, out: &mut Vec<f32>, cuts: &mut Vec<Cut>) {
        self.release(out, cuts);
        let rest = std::mem::take(&mut self.gathered);
        self.give(&rest, out);
    }

    fn take(&mut self, block: &[f32], out: &mut Vec<f32>, cuts: &mut Vec<Cut>) {
        let level = (block.iter().map(|x| x * x).sum::<f32>() / block.len() as f32).sqrt();
        self.loudest = (self.loudest * FADES).max(level);
        if level > (self.loudest * BELOW).min(QUIET_AT_MOST) {
            self.release(out, cuts);
            self.quiet = 0;
            return self.give(block, out);
        }
        self.quiet += self.block;
        if self.quiet <= self.side {
            return self.give(block, out);
        }
        self.held.extend(block);
        let too_many = self.held.len().saturating_sub(self.side * self.n_channels);
        self.held.drain(..too_many);
        self.dropped += (too_many / self.n_channels) as u64;
    }

    /// The pause is over: its end goes out.
    fn release(&mut self, out: &mut Vec<f32>, cuts: &mut Vec<Cut>) {
        let mut held: Vec<f32> = std::mem::take(&mut self.held).into();
        let frames = std::mem::take(&mut self.dropped);
        if frames > 0 {
            cuts.push(Cut { at: self.given, frames });
            let steps: Vec<f32> =
                self.last.iter().zip(&held).map(|(last, first)| last - first).collect();
            for (i, frame) in held.chunks_exact_mut(self.n_channels).take(self.seam).enumerate() {
                let left = 1.0 - i as f32 / self.seam as f32;
                frame.iter_mut().zip(&steps).for_each(|(x, step)| *x += step * left);
            }
        }
        self.give(&held, out);
    }

    fn give(&mut self, frames: &[f32], out: &mut Vec<f32>) {
        out.extend_from_slice(frames);
        self.given += (frames.len() / self.n_channels) as u64;
        if let Some(last) = frames.chunks_exact(self.n_channels).next_back() {
            self.last.copy_from_slice(last);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const RATE: u32 = 8_000;

    /// Speech (`#`) and silence (`.`), a tenth of a second each, with a running number in it.
    fn sound(drawn: &str) -> Vec<f32> {
        let noise = |i: usize| ((i * 7_919 % 1_000) as f32 / 1_000.0 - 0.5) * 0.4;
        drawn
            .chars()
            .enumerate()
            .flat_map(|(n, c)| {
                (0..800).map(move |i| if c == '#' { noise(n * 800 + i) } else { 0.0 })
            })
            .collect()
    }

    fn shorten(input: &[f32], cut: usize) -> (Vec<f32>, Vec<Cut>) {
        let mut pauses = Pauses::new(RATE, 1);
        let (mut out, mut cuts) = (Vec::new(), Vec::new());
        input.chunks(cut).for_each(|part| pauses.push(part, &mut out, &mut cuts));
        pauses.finish(&mut out, &mut cuts);
        (out, cuts)
    }

    #[test]
    fn only_long_pauses_are_cut() {
        for (drawn, left, gaps) in [
            ("###..###", 8, &[][..]),
            ("###......###", 12, &[]),
            ("###.......###", 12, &[1]),
            ("##............##..........#", 17, &[6, 4]),
            ("..........##", 8, &[4]),
            ("##..........", 8, &[4]),
            ("", 0, &[]),
        ] {
            for part in [1, 99, 100_000] {
                let (out, cuts) = shorten(&sound(drawn), part);
                assert_eq!(out.len(), left * 800, "{drawn}");
                assert_eq!(
                    cuts.iter().map(|cut| cut.frames).collect::<Vec<_>>(),
                    gaps.iter().map(|n| n * 800).collect::<Vec<u64>>()
                );
            }
        }
    }

    /// What came out, put back at the places that the cuts give, is the sound that went in.
    #[test]
    fn the_cuts_tell_where_everything_was() {
        let input = sound("##............##....####........#..........");
        let (out, cuts) = shorten(&input, 500);
        for (i, sample) in out.iter().enumerate() {
            let missing: u64 =
                cuts.iter().filter(|cut| cut.at <= i as u64).map(|cut| cut.frames).sum();
            assert_eq!(*sample, input[i + missing as usize], "frame {i}");
        }
    }

    #[test]
    fn the_seam_has_no_step() {
        let mut input = sound("##..............##");
        let n = input.len();
        // A slow hum under −36 dBFS: both sides of the cut lie apart.
        input[1_600..n - 1_600]
            .iter_mut()
            .enumerate()
            .for_each(|(i, x)| *x = 0.0008 * (i as f32 * 0.02).sin());
        let (out, cuts) = shorten(&input, 640);
        assert_eq!(cuts.len(), 1);
        let at = cuts[0].at as usize;
        let step = |i: usize| (out[i] - out[i - 1]).abs();
        assert!((at - 50..at + 100).all(|i| step(i) < 0.0001), "{}", step(at));
    }
}
