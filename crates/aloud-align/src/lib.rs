//! Forced alignment: when is each written word spoken?
#![doc = include_str!("../README.md")]

use aloud_units::{episode, printable, reason, time};

// Values that travel.
pub mod article;
pub mod reading;
pub mod transcript;

// Are these two words the same, and in which script are they?
pub mod script;
pub mod words;

// The sound, and the text along it.
pub mod align;
pub mod speech;
pub mod warp;

// A phrase in what was tied.
pub mod search;
