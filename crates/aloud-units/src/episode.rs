//! Which recording is this?
//!
//! An episode is known by the hash of its bytes, so that moving or renaming a file loses nothing.
//! This room never opens a file: `decode` reads one and says what it found.

use crate::time::Timestamp;
use std::fmt;
use std::path::Path;

/// What messages and records call the recording at `path`: its name without its folder.
pub fn file_name(path: &Path) -> String {
    path.file_name().unwrap_or(path.as_os_str()).to_string_lossy().into_owned()
}

/// So many digits of a hash are a folder's name.
const FOLDER_DIGITS: usize = 16;

/// The BLAKE3 hash of a recording's bytes.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct EpisodeId(pub [u8; 32]);

impl EpisodeId {
    /// Reads the 64 hexadecimal digits that `Display` prints; `None` for anything else.
    pub fn parse(text: &str) -> Option<Self> {
        blake3::Hash::from_hex(text).ok().map(|hash| Self(*hash.as_bytes()))
    }

    /// A name for a folder of what belongs to it: the first digits.
    pub fn folder(&self) -> String {
        let mut name = self.to_string();
        name.truncate(FOLDER_DIGITS);
        name
    }

    /// Whether the folder at `path` may have its name from [`Self::folder`].
    pub fn names_folder(path: &Path) -> bool {
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        name.len() == FOLDER_DIGITS && name.bytes().all(|byte| byte.is_ascii_hexdigit())
    }
}

impl fmt::Display for EpisodeId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&blake3::Hash::from_bytes(self.0).to_hex())
    }
}

impl fmt::Debug for EpisodeId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "EpisodeId({self})")
    }
}

/// A named place in a recording, as its container lists them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Chapter {
    /// Where it begins.
    pub start: Timestamp,
    /// Its title, without control characters; may be empty.
    pub title: String,
}

/// What a recording's own tags say of it. Texts hold no control characters.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Tags {
    /// The episode's title.
    pub title: Option<String>,
    /// The show, or the album it stands in.
    pub show: Option<String>,
    /// Who speaks or publishes.
    pub artist: Option<String>,
    /// Chapters by their start.
    pub chapters: Vec<Chapter>,
}

/// A recording that was opened.
#[derive(Clone, Debug, PartialEq)]
pub struct Episode {
    /// The file's name without its folder.
    pub file: String,
    /// The hash of its bytes.
    pub id: EpisodeId,
    /// What its tags say.
    pub tags: Tags,
}
