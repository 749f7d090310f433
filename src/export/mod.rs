//! Give it to me as a file.
//!
//! `cue` chooses readable cues once; each format only prints, to any writer. Pure but for that writer;
//! this room never knows paths, nor how a transcript was made.

pub mod cue;
pub mod json;
pub mod srt;
pub mod txt;
pub mod vtt;

#[cfg(test)]
mod tests;

use crate::transcript::Transcript;
use std::io::{self, Write};
use std::path::Path;
use std::str::FromStr;

/// A file format for transcripts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Format {
    /// `aloud-transcript/1`: everything that is known.
    Json,
    /// Paragraphs without times.
    Txt,
    /// SubRip subtitles.
    Srt,
    /// WebVTT subtitles.
    Vtt,
}

/// A name that is no [`Format`].
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[error("`{0}` is no transcript format; use json, txt, srt or vtt")]
pub struct UnknownFormat(String);

impl Format {
    /// Every format, as they are listed to users.
    pub const ALL: [Format; 4] = [Format::Json, Format::Txt, Format::Srt, Format::Vtt];

    /// The format that a file's extension names, in any case.
    pub fn of_path(path: &Path) -> Option<Self> {
        path.extension()?.to_str()?.parse().ok()
    }

    /// Its name, which is also the extension of its files.
    pub const fn name(self) -> &'static str {
        match self {
            Format::Json => "json",
            Format::Txt => "txt",
            Format::Srt => "srt",
            Format::Vtt => "vtt",
        }
    }
}

impl FromStr for Format {
    type Err = UnknownFormat;

    fn from_str(name: &str) -> Result<Self, UnknownFormat> {
        Self::ALL.into_iter().find(|format| format.name().eq_ignore_ascii_case(name)).ok_or_else(|| UnknownFormat(name.to_owned()))
    }
}

/// Writes `transcript` as `format`. The same transcript gives the same bytes. Fails only if `out` does.
pub fn write(format: Format, transcript: &Transcript, out: &mut dyn Write) -> io::Result<()> {
    match format {
        Format::Json => json::write(transcript, out),
        Format::Txt => txt::write(transcript, out),
        Format::Srt => srt::write(transcript, out),
        Format::Vtt => vtt::write(transcript, out),
    }
}
