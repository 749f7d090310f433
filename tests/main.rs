//! Everything that is checked from outside, in one binary.

// A helper of a test is a test too, which the lint does not see.
#![allow(clippy::unwrap_used)]

mod licences;
mod sound;
mod tidy;
mod util;

#[cfg(feature = "whisper")]
mod resume;
#[cfg(feature = "whisper")]
mod transcribe;
