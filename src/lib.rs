//! A terminal companion for spoken audio that has a written text.
//!
//! Data flows one way:
//!
//! ```text
//! file ─decode→ pcm ─speech→ windows ─transcribe→ transcript ─┐
//!                                                             ├─align→ alignment ─→ reading ─→ export → srt vtt …
//! text ──────────────────────────────────────────── article ──┘   (the store remembers each stage by hash)
//! ```
//!
//! Nouns are values that travel, verbs are stages that make them. The stages that others can use
//! too are crates of their own (`crates/`); this one joins them to a program. Each outside engine
//! (Symphonia, whisper-rs, cpal, the HTTP client, clap) is named in exactly one room;
//! `tests/tidy.rs` holds the borders that `ARCHITECTURE.md` explains.

// The parts that stand alone.
pub use aloud_align::{align, article, reading, script, search, speech, transcript, warp, words};
pub use aloud_decode::{decode, pcm};
pub use aloud_formats::{book, documents, export, feed, import, report};
pub use aloud_recognise::{models, synth, transcribe, web};
pub use aloud_units::{address, calendar, episode, printable, reason, refusal, time};

// What the listener sees.
pub mod tui;
pub mod view;

// The world outside.
pub mod feeds;
pub mod index;
pub mod media;
pub mod player;
pub mod store;

// Glue.
pub mod cli;
pub mod pipeline;
