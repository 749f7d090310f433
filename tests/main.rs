//! Everything that is checked from outside, in one binary.

mod decode;
mod licences;
mod page;
mod subtitles;
mod subs;
mod tidy;
mod util;

#[cfg(feature = "whisper")]
mod resume;
#[cfg(feature = "whisper")]
mod transcribe;
