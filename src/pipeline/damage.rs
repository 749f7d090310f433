//! What is wrong with a recording is told each time that it is used, also where its sound is not
//! looked at again.

use crate::episode::{Episode, EpisodeId};
use crate::store::{About, Key, Store};

fn key(id: EpisodeId) -> Key {
    Key::new("damage", id)
}

/// Remembers what was found wrong with `episode`. It is told now in any case, so that nothing is
/// lost where it can't be kept.
pub(super) fn keep(store: &Store, episode: &Episode, what: &str) {
    let _ = store.put(&key(episode.id), &About::new(episode, None), what.as_bytes());
}

/// What was found wrong with a recording before.
pub(super) fn known(store: &Store, id: EpisodeId) -> Option<String> {
    String::from_utf8(store.get(&key(id))?).ok()
}
