//! Everything that is checked from outside, in one binary.

mod article;
mod licences;
mod tidy;
mod util;

#[cfg(feature = "whisper")]
mod resume;
#[cfg(feature = "whisper")]
mod transcribe;
