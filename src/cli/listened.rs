//! What a listener made of an episode: where he stopped, bookmarks and notes, as the store keeps it.

use super::args::{ChannelArg, SoundArgs};
use crate::episode::EpisodeId;
use crate::store::{Key, Store};
use serde::{Deserialize, Serialize};
use std::path::PathBuf;

/// The stage of what a listener made: places, bookmarks and notes.
pub const LISTENED: &str = "listened";

/// Between two notes on one place.
const PARTED: &str = " · ";

/// What the store remembers of listening to an episode.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Listened {
    /// Where the listener stopped, in milliseconds.
    pub at: u64,
    /// Place in milliseconds, note, and the sentence spoken there.
    pub bookmarks: Vec<(u64, String, String)>,
    /// The show that it is of, by the recording's tags.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub show: Option<String>,
    /// How long it is, in milliseconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub length: Option<u64>,
    /// What was opened to listen to it: a file, a folder, a book, a pattern.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub opened: Option<PathBuf>,
    /// Which of its sound tracks was heard, by its number from 1, where that is not the file's own choice.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub track: Option<String>,
    /// Which of its two channels was heard alone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub channel: Option<String>,
}

impl Listened {
    /// Which sound of what was opened was heard.
    pub fn which(&self) -> SoundArgs {
        let channel = [ChannelArg::Left, ChannelArg::Right].into_iter().find(|channel| channel.name() == self.channel.as_deref());
        SoundArgs { track: self.track.clone(), channel: channel.unwrap_or_default() }
    }
}

/// What the store has of `id` from earlier.
pub fn listened(store: &Store, id: EpisodeId) -> Listened {
    store.get(&Key::new(LISTENED, id)).and_then(|bytes| serde_json::from_slice(&bytes).ok()).unwrap_or_default()
}

/// The record with everything of both, where the place of the `newer` one counts; `None` where either cannot be read.
///
/// Two notes on one place are both kept. A bookmark that was removed in one of them comes back, since nobody can tell.
pub fn join(older: &[u8], newer: &[u8]) -> Option<Vec<u8>> {
    let older: Listened = serde_json::from_slice(older).ok()?;
    let mut all: Listened = serde_json::from_slice(newer).ok()?;
    for (at, note, text) in older.bookmarks {
        match all.bookmarks.iter_mut().find(|(known, ..)| *known == at) {
            None => all.bookmarks.push((at, note, text)),
            Some((_, known, _)) if known.is_empty() => *known = note,
            Some((_, known, _)) if known.split(PARTED).any(|part| part == note) || note.is_empty() => {}
            Some((_, known, _)) => *known = format!("{note}{PARTED}{known}"),
        }
    }
    all.bookmarks.sort();
    all.show = all.show.or(older.show);
    all.length = all.length.or(older.length);
    // What was heard of it is said of what was opened.
    if all.opened.is_none() {
        (all.opened, all.track, all.channel) = (older.opened, older.track, older.channel);
    }
    serde_json::to_vec(&all).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_two_records_nothing_is_lost() {
        let of = |at: u64, bookmarks: &[(u64, &str)]| {
            let bookmarks = bookmarks.iter().map(|(at, note)| (*at, (*note).to_owned(), String::new())).collect();
            serde_json::to_vec(&Listened { at, bookmarks, ..Listened::default() }).unwrap()
        };
        let older = of(9, &[(1, "a"), (3, "c"), (5, "e"), (7, "")]);
        let newer = of(4, &[(5, "f"), (2, "b"), (3, ""), (7, "g")]);
        let both = join(&older, &newer).unwrap();
        assert_eq!(both, of(4, &[(1, "a"), (2, "b"), (3, "c"), (5, "e · f"), (7, "g")]));
        // A kill in the middle has it done again.
        assert_eq!(join(&older, &both).unwrap(), both);
        assert_eq!((join(b"{", &newer), join(&older, b"[]")), (None, None));
    }
}
