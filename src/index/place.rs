//! Where the recording of an episode lies, as far as is known: the store's record of it.

use crate::decode;
use crate::episode::{Episode, EpisodeId};
use crate::store::{About, Key, Store};
use serde::{Deserialize, Serialize};
use std::path::{Path, PathBuf};
use std::time::SystemTime;

/// A file, and what tells without reading it that it is still the same.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Place {
    /// Its path, absolute.
    pub path: PathBuf,
    /// Its length in bytes.
    pub bytes: u64,
    /// When it was written, in milliseconds since 1970.
    pub modified: u64,
}

impl Place {
    /// The file at `path` as it is now; `None` where there is none, and for a playlist, which says
    /// nothing of the files that it names.
    pub fn of(path: &Path) -> Option<Self> {
        if decode::is_list(path) {
            return None;
        }
        let about = std::fs::metadata(path).ok().filter(std::fs::Metadata::is_file)?;
        let path = std::path::absolute(path).ok()?;
        Some(Self { path, bytes: about.len(), modified: millis(about.modified().ok()?) })
    }

    /// Whether the file is still there, as it was.
    pub fn is_there(&self) -> bool {
        Self::of(&self.path).as_ref() == Some(self)
    }

    /// Where the store last saw the recording of `id`.
    pub fn recall(store: &Store, id: EpisodeId) -> Option<Self> {
        serde_json::from_slice(&store.get(&key(id))?).ok()
    }

    /// Whether the store last saw the recording of `id` here, as it is now.
    pub fn is_of(&self, store: &Store, id: EpisodeId) -> bool {
        Self::recall(store, id).as_ref() == Some(self)
    }

    /// Remembers it, where that is news. What cannot be kept is found out again the next time.
    pub fn keep(&self, store: &Store, episode: &Episode) {
        if !self.is_of(store, episode.id) {
            // Paths that are no text are not remembered.
            if let Ok(bytes) = serde_json::to_vec(self) {
                let _ = store.put(&key(episode.id), &About::new(episode, None), &bytes);
            }
        }
    }
}

/// The key of an episode's place.
pub(super) fn key(id: EpisodeId) -> Key {
    Key::new("place", id)
}

/// Milliseconds since 1970; 0 for times before.
pub(super) fn millis(time: SystemTime) -> u64 {
    time.duration_since(SystemTime::UNIX_EPOCH).map_or(0, |age| age.as_millis() as u64)
}
