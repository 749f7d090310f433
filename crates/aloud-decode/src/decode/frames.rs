//! Decoded sound in memory: interleaved 32-bit floats that are all numbers.

use super::choice::Side;
use symphonia::core::audio::{Channels, GenericAudioBufferRef, Position};

/// No sample is louder than this, 24 dB over full scale. Damaged packets decode to anything; one
/// such sample would drown the whole window it stands in.
const LOUDEST: f32 = 16.0;

/// Frames that follow each other without a gap.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Frames<'a> {
    /// One sample per channel, then the next frame; finite, full scale at ±1.
    pub samples: &'a [f32],
    /// Channels per frame, at least one. May change from block to block.
    pub channels: usize,
    /// Which channels carry low-frequency effects only, the first one in bit 0.
    pub lfe: u64,
}

/// Room for the frames of one packet.
#[derive(Debug, Default)]
pub(super) struct Block {
    pub(super) samples: Vec<f32>,
    pub(super) channels: usize,
    pub(super) lfe: u64,
}

impl Block {
    pub(super) fn frames(&self) -> u64 {
        self.samples.len().checked_div(self.channels).unwrap_or(0) as u64
    }

    pub(super) fn as_frames(&self) -> Frames<'_> {
        Frames { samples: &self.samples, channels: self.channels, lfe: self.lfe }
    }

    /// Takes over what was decoded. Returns the first and the last frame that had impossible
    /// samples.
    pub(super) fn fill(&mut self, decoded: &GenericAudioBufferRef<'_>) -> Option<(u64, u64)> {
        decoded.copy_to_vec_interleaved(&mut self.samples);
        let channels = decoded.spec().channels();
        self.channels = channels.count().max(1);
        self.lfe = lfe_of(channels);
        self.repair()
    }

    fn repair(&mut self) -> Option<(u64, u64)> {
        // No branch, so that this costs next to nothing for the sound that is right: nearly all.
        let is_right =
            self.samples.iter().fold(true, |is_right, sample| is_right & (sample.abs() <= LOUDEST));
        if is_right {
            return None;
        }
        let mut bad: Option<(u64, u64)> = None;
        for (i, sample) in self
            .samples
            .iter_mut()
            .enumerate()
            .filter(|(_, sample)| sample.is_nan() || sample.abs() > LOUDEST)
        {
            *sample = 0.0;
            let frame = (i / self.channels) as u64;
            bad = Some((bad.map_or(frame, |(first, _)| first), frame));
        }
        bad
    }

    pub(super) fn drop_front(&mut self, frames: u64) {
        let n = self.samples_in(frames);
        self.samples.drain(..n);
    }

    pub(super) fn truncate(&mut self, frames: u64) {
        let n = self.samples_in(frames);
        self.samples.truncate(n);
    }

    /// Makes it hold `frames` of silence, with the channels it had.
    pub(super) fn silence(&mut self, frames: u64) {
        self.channels = self.channels.max(1);
        self.samples.clear();
        self.samples.resize(frames as usize * self.channels, 0.0);
    }

    /// Adds `frames` of silence.
    pub(super) fn lengthen(&mut self, frames: u64) {
        self.samples.resize(self.samples.len() + frames as usize * self.channels, 0.0);
    }

    /// Takes from `other` all but its first `keep` frames, to its own end.
    pub(super) fn take_end_of(&mut self, other: &mut Self, keep: u64) {
        let kept = other.samples_in(keep);
        let samples = other.samples.split_off(kept);
        let mut end = Self { samples, channels: other.channels, lfe: other.lfe };
        end.put_in_front(self);
        *self = end;
    }

    /// Takes all frames of `front`, before its own. Where those have other channels, the last one
    /// stands for what is missing.
    pub(super) fn put_in_front(&mut self, front: &mut Self) {
        let (from, to) = (front.channels.max(1), self.channels.max(1));
        let frames = front.samples.chunks_exact(from);
        let channel = |frame: &[f32], n: usize| frame[n.min(from - 1)];
        let taken = frames.flat_map(|frame| (0..to).map(move |n| channel(frame, n))).collect();
        let own = std::mem::replace(&mut self.samples, taken);
        self.samples.extend(own);
        front.samples.clear();
    }

    /// Makes one channel of two; leaves others as they are.
    pub(super) fn keep(&mut self, side: Side) {
        if self.channels != 2 {
            return;
        }
        let frames = self.samples.len() / 2;
        for frame in 0..frames {
            let (left, right) = (self.samples[2 * frame], self.samples[2 * frame + 1]);
            self.samples[frame] = match side {
                Side::Left => left,
                Side::Right => right,
                Side::Difference => (left - right) * 0.5,
            };
        }
        self.samples.truncate(frames);
        (self.channels, self.lfe) = (1, 0);
    }

    pub(super) fn samples_in(&self, frames: u64) -> usize {
        usize::try_from(frames)
            .unwrap_or(usize::MAX)
            .saturating_mul(self.channels)
            .min(self.samples.len())
    }
}

/// Positioned channels stand in the order of their bits.
fn lfe_of(channels: &Channels) -> u64 {
    let Channels::Positioned(positions) = channels else { return 0 };
    let is_lfe = |one: Position| one == Position::LFE1 || one == Position::LFE2;
    positions
        .iter()
        .enumerate()
        .filter(|&(i, one)| i < 64 && is_lfe(one))
        .fold(0, |bits, (i, _)| bits | 1 << i)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn impossible_samples_become_silence() {
        let mut block = Block {
            samples: vec![0.5, f32::NAN, -1.5, f32::INFINITY, 0.1, 0.2, -1e30, 0.0],
            channels: 2,
            lfe: 0,
        };
        assert_eq!(block.repair(), Some((0, 3)));
        assert_eq!(block.samples, [0.5, 0.0, -1.5, 0.0, 0.1, 0.2, 0.0, 0.0]);
        assert_eq!(block.repair(), None);
    }

    #[test]
    fn one_channel_of_two() {
        for (side, want) in [
            (Side::Left, [0.5, 0.25]),
            (Side::Right, [-0.5, 0.75]),
            (Side::Difference, [0.5, -0.25]),
        ] {
            let mut block = Block { samples: vec![0.5, -0.5, 0.25, 0.75], channels: 2, lfe: 0b10 };
            block.keep(side);
            assert_eq!((block.samples.as_slice(), block.channels, block.lfe), (&want[..], 1, 0));
            block.keep(side);
            assert_eq!(block.samples, want);
        }
    }

    #[test]
    fn effects_are_found() {
        let surround = Position::FRONT_LEFT
            | Position::FRONT_RIGHT
            | Position::FRONT_CENTER
            | Position::LFE1
            | Position::REAR_LEFT;
        assert_eq!(lfe_of(&Channels::Positioned(surround)), 0b1000);
        assert_eq!(lfe_of(&Channels::Positioned(Position::FRONT_LEFT)), 0);
        assert_eq!(lfe_of(&Channels::Discrete(6)), 0);
    }
}
