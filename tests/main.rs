//! Everything that is checked from outside, in one binary.

mod decode;
mod across;
#[allow(dead_code, reason = "shared with the accuracy bench")]
#[path = "../benches/accuracy/column.rs"]
mod column;
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
