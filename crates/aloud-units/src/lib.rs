//! The units that the crates of `aloud` share: whole milliseconds on the time line of a recording,
//! which recording it is, what of a stranger's text may be printed, what an address of the web
//! means, which day it is, what is said where the system refuses a thread, and what helps where
//! something does not work.
#![doc = include_str!("../README.md")]

pub mod address;
pub mod calendar;
pub mod episode;
pub mod language;
pub mod printable;
pub mod reason;
pub mod refusal;
pub mod time;

/// Samples per second of everything after decoding: what speech models are trained on.
pub const SAMPLE_RATE: u32 = 16_000;
