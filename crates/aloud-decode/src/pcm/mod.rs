//! What is it as numbers? Sound as the recogniser wants it: one channel, 16 kHz, 32-bit floats.
//!
//! [`mix`] folds any number of channels into one, [`Resampler`] changes the rate of a stream of any
//! length, also to what a sound card wants. Neither knows where the samples come from (`decode`) or
//! what is heard in them (`speech`).

mod mix;
mod resample;

pub use mix::mix;
pub use resample::{MAX_RATE, MIN_RATE, RateError, Resampler};

pub use aloud_units::SAMPLE_RATE;
