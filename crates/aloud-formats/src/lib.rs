//! Captions, transcripts and articles: read, judged and written.
#![doc = include_str!("../README.md")]

use aloud_align::{align, article, reading, script, search, transcript, words};
use aloud_units::{address, calendar, episode, printable, reason, time};

pub mod book;
pub mod documents;
pub mod export;
pub mod feed;
pub mod import;
pub mod report;
