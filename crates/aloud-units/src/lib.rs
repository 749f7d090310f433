//! The units that the crates of `aloud` share: whole milliseconds on the time line of a recording, which recording it is, and what
//! of a stranger's text may be printed.
#![doc = include_str!("../README.md")]

pub mod episode;
pub mod printable;
pub mod time;

/// Samples per second of everything after decoding: what speech models are trained on.
pub const SAMPLE_RATE: u32 = 16_000;
