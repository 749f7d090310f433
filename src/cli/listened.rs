//! What a listener made of an episode: where he stopped, bookmarks and notes, as the store keeps
//! it.

use super::args::SoundArgs;
use crate::episode::EpisodeId;
use crate::store::{Key, Store};
use crate::time::Timestamp;
use crate::tui::Bookmark;
use serde::{Deserialize, Serialize};
use std::path::PathBuf;

/// The stage of what a listener made: places, bookmarks and notes.
pub const LISTENED: &str = "listened";

/// Between two notes on one place.
const PARTED: &str = " · ";

/// A place or a stretch that a listener wants to find again.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(from = "Read")]
pub struct Mark {
    /// Where, in milliseconds.
    pub at: u64,
    /// Up to where, for a stretch.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub end: Option<u64>,
    /// What the listener wrote.
    pub note: String,
    /// What is said there.
    pub text: String,
    /// When it was written, in seconds since 1970.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub made: Option<u64>,
}

/// As it was written once, or is now.
#[derive(Deserialize)]
#[serde(untagged)]
enum Read {
    Once(u64, String, String),
    Now {
        at: u64,
        end: Option<u64>,
        #[serde(default)]
        note: String,
        #[serde(default)]
        text: String,
        made: Option<u64>,
    },
}

impl From<Read> for Mark {
    fn from(read: Read) -> Self {
        match read {
            Read::Once(at, note, text) => Self { at, note, text, ..Self::default() },
            Read::Now { at, end, note, text, made } => Self { at, end, note, text, made },
        }
    }
}

impl From<&Mark> for Bookmark {
    fn from(mark: &Mark) -> Self {
        let at = Timestamp::from_millis;
        Self {
            at: at(mark.at),
            end: mark.end.map(at),
            note: mark.note.clone(),
            text: mark.text.clone(),
        }
    }
}

impl Listened {
    /// Takes over what changed between the bookmarks `before` and `after`; those that are new were
    /// made `now`, in seconds since 1970.
    pub fn mark(&mut self, before: &[Bookmark], after: &[Bookmark], now: u64) {
        self.bookmarks
            .retain(|mark| !before.contains(&mark.into()) || after.contains(&mark.into()));
        for bookmark in after.iter().filter(|bookmark| !before.contains(bookmark)) {
            let (at, end) = (bookmark.at.millis(), bookmark.end.map(Timestamp::millis));
            self.bookmarks.push(Mark {
                at,
                end,
                note: bookmark.note.clone(),
                text: bookmark.text.clone(),
                made: Some(now),
            });
        }
        self.bookmarks.sort();
    }
}

/// What the store remembers of listening to an episode.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Listened {
    /// Where the listener stopped, in milliseconds.
    pub at: u64,
    /// Places and notes.
    pub bookmarks: Vec<Mark>,
    /// The show that it is of, by the recording's tags.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub show: Option<String>,
    /// How long it is, in milliseconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub length: Option<u64>,
    /// What was opened to listen to it: a file, a folder, a book, a pattern.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub opened: Option<PathBuf>,
    /// Which of its sound tracks was heard, by its number from 1, where that is not the file's own
    /// choice.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub track: Option<String>,
    /// Which of its two channels was heard alone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub channel: Option<String>,
}

impl Listened {
    /// Which sound of what was opened was heard.
    pub fn which(&self) -> SoundArgs {
        SoundArgs::kept(self.track.as_deref(), self.channel.as_deref())
    }
}

/// What the store has of `id` from earlier.
pub fn listened(store: &Store, id: EpisodeId) -> Listened {
    store
        .get(&Key::new(LISTENED, id))
        .and_then(|bytes| serde_json::from_slice(&bytes).ok())
        .unwrap_or_default()
}

/// The record with everything of both, where the place of the `newer` one counts; `None` where
/// either cannot be read.
///
/// Two notes on one place are both kept. A bookmark that was removed in one of them comes back,
/// since nobody can tell.
pub fn join(older: &[u8], newer: &[u8]) -> Option<Vec<u8>> {
    let older: Listened = serde_json::from_slice(older).ok()?;
    let mut all: Listened = serde_json::from_slice(newer).ok()?;
    for old in older.bookmarks {
        match all.bookmarks.iter_mut().find(|known| (known.at, known.end) == (old.at, old.end)) {
            None => all.bookmarks.push(old),
            Some(known) if known.note.is_empty() => known.note = old.note,
            Some(known)
                if known.note.split(PARTED).any(|part| part == old.note) || old.note.is_empty() => {
            }
            Some(known) => known.note = format!("{}{PARTED}{}", old.note, known.note),
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
    fn bookmarks_of_earlier_versions_are_read() {
        let read: Listened =
            serde_json::from_str(r#"{"at":4,"bookmarks":[[5,"n","t"],{"at":7,"end":9,"made":3}]}"#)
                .unwrap();
        let old = Mark { at: 5, note: "n".into(), text: "t".into(), ..Mark::default() };
        assert_eq!(
            read.bookmarks,
            [old.clone(), Mark { at: 7, end: Some(9), made: Some(3), ..Mark::default() }]
        );
        let known: Vec<Bookmark> = read.bookmarks.iter().map(Bookmark::from).collect();
        let new = Bookmark { note: "m".into(), ..known[0].clone() };
        for (after, want) in [
            (known.clone(), read.bookmarks.clone()),
            (
                vec![new.clone(), known[1].clone()],
                vec![
                    Mark { note: "m".into(), made: Some(11), ..old.clone() },
                    read.bookmarks[1].clone(),
                ],
            ),
            (vec![known[1].clone()], vec![read.bookmarks[1].clone()]),
        ] {
            let mut again = read.clone();
            again.mark(&known, &after, 11);
            assert_eq!(again.bookmarks, want, "{after:?}");
        }
    }

    #[test]
    fn of_two_records_nothing_is_lost() {
        let of = |at: u64, bookmarks: &[(u64, &str)]| {
            let bookmarks = bookmarks
                .iter()
                .map(|(at, note)| Mark { at: *at, note: (*note).to_owned(), ..Mark::default() })
                .collect();
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
