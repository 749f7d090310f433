//! A recording as the recogniser wants it: one channel at 16 kHz.

use super::error::{Convert, DecodeError, Loss, Name};
use super::length::Length;
use super::source::Source;
use crate::episode::Tags;
use crate::pcm::{self, Resampler, SAMPLE_RATE};
use crate::time::Timestamp;
use std::io::{Read, Seek};
use std::path::Path;

/// Opens the recording at `path`.
///
/// # Errors
/// At once, when it is missing, unreadable, a folder, a pipe, empty, no recording, or of a kind
/// that cannot be decoded; the message says which and what to do.
pub fn open(path: &Path) -> Result<Decoder, DecodeError> {
    Decoder::new(Source::open(path)?, &path.to_string_lossy())
}

/// A recording as a stream of [`SAMPLE_RATE`] samples per second.
pub struct Decoder {
    source: Source,
    resampler: Resampler,
    mono: Vec<f32>,
    block: Vec<f32>,
    /// The place of the first sample of the next block.
    at: u64,
    is_over: bool,
}

impl Decoder {
    /// The same as [`open`] for bytes from anywhere; `name` is what messages call them.
    ///
    /// # Errors
    /// As [`open`], as far as it applies.
    pub fn from_reader(
        bytes: impl Read + Seek + Send + 'static,
        name: &str,
    ) -> Result<Self, DecodeError> {
        Self::new(Source::from_reader(bytes, name)?, name)
    }

    fn new(source: Source, name: &str) -> Result<Self, DecodeError> {
        let resampler = Resampler::new(source.rate()).map_err(|error| {
            let name = Name::new(name);
            DecodeError::Damaged { reason: error.to_string(), convert: Convert::of(&name), name }
        })?;
        Ok(Self { source, resampler, mono: Vec::new(), block: Vec::new(), at: 0, is_over: false })
    }

    /// What its tags say.
    pub fn tags(&self) -> &Tags {
        self.source.tags()
    }

    /// Samples per second in the file.
    pub fn source_rate(&self) -> u32 {
        self.source.rate()
    }

    /// The codec's name in full.
    pub fn codec(&self) -> &'static str {
        self.source.codec()
    }

    /// How long it is, where that can be said without decoding all of it.
    pub fn length(&self) -> Option<Length> {
        self.source.length()
    }

    /// The place of the next block's first sample, from the start.
    pub fn position(&self) -> u64 {
        self.at
    }

    /// What was lost up to here, by time. Complete once the end was reached; for one warning about
    /// all of it see [`describe`](super::describe).
    pub fn losses(&self) -> &[Loss] {
        self.source.losses()
    }

    /// The next samples, at least one; `None` at the end.
    ///
    /// # Errors
    /// When the disk or the network fails. Damage is no error: see [`losses`](Self::losses).
    pub fn next_block(&mut self) -> Result<Option<&[f32]>, DecodeError> {
        self.block.clear();
        while self.block.is_empty() && !self.is_over {
            match self.source.next_frames()? {
                Some(frames) => {
                    self.mono.clear();
                    pcm::mix(frames.samples, frames.channels, frames.lfe, &mut self.mono);
                    self.resampler.push(&self.mono, &mut self.block);
                }
                None => {
                    self.is_over = true;
                    self.resampler.finish(&mut self.block);
                }
            }
        }
        self.at += self.block.len() as u64;
        Ok((!self.block.is_empty()).then_some(&self.block))
    }

    /// Makes the sample at `to` the next one. It and all that follow are those of a run from the
    /// start.
    ///
    /// # Errors
    /// When the disk or the network fails.
    pub fn seek(&mut self, to: Timestamp) -> Result<(), DecodeError> {
        self.at = to.to_frames(SAMPLE_RATE);
        self.is_over = false;
        let frame = self.resampler.restart_at(self.at);
        self.source.seek(frame)
    }
}
