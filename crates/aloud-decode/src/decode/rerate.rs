//! The frames of one file at the rate of the recording that it is a part of.

use super::error::DecodeError;
use super::frames::{Block, Frames};
use super::single::Single;
use crate::pcm::{RateError, Resampler};

/// How many frames at `to` a second take as long as `frames` at `from`: as many as
/// [`Resampler`] makes of them.
pub(super) fn counted(frames: u64, from: u32, to: u32) -> u64 {
    let (from, to) = (u128::from(from.max(1)), u128::from(to));
    ((u128::from(frames) * to + from / 2) / from) as u64
}

/// Changes the rate of a file's frames.
pub(super) struct Rerate {
    /// One for each channel that the file begins with.
    lanes: Vec<Lane>,
    /// The place of the next frame, at the new rate.
    at: u64,
    is_over: bool,
    block: Block,
}

struct Lane {
    resampler: Resampler,
    input: Vec<f32>,
    out: Vec<f32>,
}

impl Rerate {
    /// Of `file`, which was just opened, to `rate`; `None` where that is its own.
    ///
    /// # Errors
    /// For a rate that no recording of speech has.
    pub(super) fn of(file: &Single, rate: u32) -> Result<Option<Self>, RateError> {
        if file.rate() == rate {
            return Ok(None);
        }
        let lane = |_| {
            let resampler = Resampler::between(file.rate(), rate)?;
            Ok(Lane { resampler, input: Vec::new(), out: Vec::new() })
        };
        let lanes = (0..file.channels().max(1)).map(lane).collect::<Result<Vec<_>, RateError>>()?;
        Ok(Some(Self { lanes, at: 0, is_over: false, block: Block::default() }))
    }

    /// Channels per frame.
    pub(super) fn channels(&self) -> usize {
        self.lanes.len()
    }

    /// The place of the next frame.
    pub(super) fn position(&self) -> u64 {
        self.at
    }

    /// Makes the next frames of `file`, as many as are at hand; answers how many, 0 at the end.
    ///
    /// # Errors
    /// As [`Single::next_frames`].
    pub(super) fn next(&mut self, file: &mut Single) -> Result<u64, DecodeError> {
        self.lanes.iter_mut().for_each(|lane| lane.out.clear());
        while self.lanes[0].out.is_empty() && !self.is_over {
            match file.next_frames()? {
                Some(frames) => self.push(frames),
                None => {
                    self.is_over = true;
                    self.lanes.iter_mut().for_each(|lane| lane.resampler.finish(&mut lane.out));
                }
            }
        }
        self.block.samples.clear();
        self.block.channels = self.lanes.len();
        let n = self.lanes[0].out.len();
        for frame in 0..n {
            self.block.samples.extend(self.lanes.iter().map(|lane| lane.out[frame]));
        }
        self.at += n as u64;
        Ok(n as u64)
    }

    /// Takes frames of the file. Where those have other channels than it began with, the last one
    /// stands for what is missing.
    fn push(&mut self, frames: Frames<'_>) {
        self.block.lfe = if frames.channels == self.lanes.len() { frames.lfe } else { 0 };
        for (index, lane) in self.lanes.iter_mut().enumerate() {
            let channel = index.min(frames.channels - 1);
            lane.input.clear();
            lane.input.extend(frames.samples.iter().skip(channel).step_by(frames.channels));
            lane.resampler.push(&lane.input, &mut lane.out);
        }
    }

    /// The frames that were made last.
    pub(super) fn last_frames(&self) -> Frames<'_> {
        self.block.as_frames()
    }

    /// Takes the frames up to `frame` as handed out, though `file` ended before.
    pub(super) fn pass(&mut self, frame: u64) {
        self.at = frame;
    }

    /// Makes `frame` the next one: it and all that follow are those of a run from the start.
    ///
    /// # Errors
    /// As [`Single::seek`].
    pub(super) fn seek(&mut self, file: &mut Single, frame: u64) -> Result<(), DecodeError> {
        let mut from = frame;
        for lane in &mut self.lanes {
            from = lane.resampler.restart_at(frame);
        }
        self.at = frame;
        self.is_over = false;
        file.seek(from)
    }
}
