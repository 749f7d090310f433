//! Any recording as exact samples and tags, with damage tolerated and told.
#![doc = include_str!("../README.md")]

use aloud_units::{episode, printable, reason, time};

pub mod decode;
pub mod pcm;
