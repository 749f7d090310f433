//! Everything that is checked from outside, in one binary.

// A helper of a test is a test too, which the lint does not see.
#![allow(clippy::unwrap_used)]

mod across;
#[allow(dead_code, reason = "shared with the accuracy bench")]
#[path = "../benches/accuracy/aims.rs"]
mod aims;
mod article;
mod book;
mod captions;
#[allow(dead_code, reason = "shared with the accuracy bench")]
#[path = "../benches/accuracy/column.rs"]
mod column;
mod config;
mod daisy;
#[allow(dead_code, reason = "shared with the accuracy bench")]
#[path = "../benches/accuracy/damage.rs"]
mod damage;
mod decode;
mod doctor;
#[cfg(feature = "download")]
mod feeds;
mod find;
mod fuzzed;
mod harmless;
mod hints;
mod kept;
mod library;
mod licences;
mod listen;
#[cfg(all(feature = "download", unix))]
mod loading;
#[cfg(all(feature = "media-keys", target_os = "linux"))]
mod media;
mod notes;
#[cfg(feature = "download")]
mod opensearch;
mod page;
#[allow(dead_code, reason = "shared with the accuracy bench")]
#[path = "../benches/accuracy/phrases.rs"]
mod phrases;
mod queue;
mod read;
mod refused;
#[cfg(feature = "download")]
mod server;
mod shelf;
#[cfg(feature = "download")]
mod shows;
#[cfg(unix)]
mod skips;
#[cfg(target_os = "linux")]
mod soak;
mod subs;
mod subtitles;
mod synth;
#[cfg(unix)]
mod terminals;
mod tidy;
mod tracks;
mod util;
mod voices;

#[cfg(feature = "whisper")]
mod compute;
#[cfg(feature = "whisper")]
mod repeat;
#[cfg(feature = "whisper")]
mod resume;
#[cfg(all(feature = "whisper", target_os = "linux"))]
mod slurm;
#[cfg(feature = "whisper")]
mod times;
#[cfg(feature = "whisper")]
mod transcribe;
