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
//! Nouns are values that travel, verbs are stages that make them. Each outside engine (Symphonia,
//! whisper-rs, cpal, the HTTP client, clap) is named in exactly one room; `tests/tidy.rs` holds the
//! borders that `ARCHITECTURE.md` explains.

// Values that travel.
pub mod episode;
pub mod pcm;
pub mod time;
pub mod transcript;

// Stages, in the order in which data meets them.
pub mod decode;
pub mod speech;
pub mod synth;
pub mod transcribe;
pub mod warp;

// The written side, and how it belongs to the spoken one.
pub mod align;
pub mod article;
pub mod reading;
pub mod report;
pub mod search;
pub mod words;

// What goes in and out besides sound.
pub mod export;
pub mod import;
pub mod script;

// What the listener sees.
pub mod tui;
pub mod view;

// The world outside.
pub mod index;
pub mod models;
pub mod player;
pub mod store;
pub mod web;

// Glue.
pub mod cli;
pub mod pipeline;
