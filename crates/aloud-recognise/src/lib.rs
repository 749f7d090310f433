//! Whisper and espeak-ng in processes of their own, which may crash or hang without taking anything
//! along, and the models they need.
#![doc = include_str!("../README.md")]

use aloud_align::{article, transcript, warp, words};
use aloud_units::{address, reason, refusal, time};

pub mod models;
pub mod synth;
pub mod transcribe;
pub mod web;
