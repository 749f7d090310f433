//! What does a feed say? RSS, Atom and their podcast tags to a show and its entries; lists of feeds
//! (OPML), and chapters.
//!
//! What can be read of a damaged feed is read, and what is wrong is told. Pure: bytes in, values
//! out; this room never opens an address, and never knows what was fetched or heard.

mod chapters;
mod date;
mod draft;
mod opml;
mod page;
mod read;
#[cfg(test)]
mod tests;

pub use chapters::chapters;
pub use date::{day, seconds};
pub use opml::{Outline, read_opml, write_opml};
pub use read::{FeedError, read};

use crate::time::Timestamp;

/// A show and its entries, in the order of the feed. Texts are clean, addresses whole.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Feed {
    /// What it is called; empty where the feed does not say.
    pub title: String,
    /// Its page.
    pub link: Option<String>,
    /// The language spoken, as the feed writes it.
    pub language: Option<String>,
    /// Each once.
    pub entries: Vec<Entry>,
}

/// An entry of a feed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Entry {
    /// What tells it from all others of its feed, also tomorrow.
    pub id: String,
    /// Empty where the feed does not say.
    pub title: String,
    /// When it was published, in seconds since 1970.
    pub date: Option<i64>,
    /// How long it sounds, by the feed's word.
    pub length: Option<Timestamp>,
    /// Its recording; `None` for news and the like.
    pub sound: Option<Enclosure>,
    /// Its page.
    pub link: Option<String>,
    /// Where its chapters are (Podcasting 2.0's JSON).
    pub chapters: Option<String>,
    /// Where its transcripts are.
    pub transcripts: Vec<TranscriptLink>,
    /// What the feed itself has of its text, as HTML.
    pub text: Option<String>,
}

/// A recording that an entry comes with.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Enclosure {
    /// Its address.
    pub url: String,
    /// Its media type, by the feed's word.
    pub kind: Option<String>,
    /// Its length in bytes, by the feed's word.
    pub bytes: Option<u64>,
}

/// A transcript that an entry comes with.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TranscriptLink {
    /// Its address.
    pub url: String,
    /// Its media type, by the feed's word.
    pub kind: Option<String>,
    /// Its language, as the feed writes it.
    pub language: Option<String>,
}

impl TranscriptLink {
    /// How the names of files with transcripts end, by their ranks.
    pub const ENDINGS: [&str; 5] = ["json", "vtt", "srt", "html", "txt"];

    /// How much can be made of it, 0 the most: JSON may have the time of every word, WebVTT tells
    /// more than SubRip, and a page or a text has no times.
    pub fn rank(&self) -> u8 {
        let kind = self.kind.as_deref().unwrap_or_default().to_lowercase();
        let path = self.url.split(['?', '#']).next().unwrap_or_default().to_lowercase();
        let is = |name: &str, ending: &str| {
            kind.contains(name) || kind.is_empty() && path.ends_with(ending)
        };
        match () {
            () if is("json", ".json") => 0,
            () if is("vtt", ".vtt") => 1,
            () if is("srt", ".srt") || is("subrip", ".srt") => 2,
            () if is("html", ".html") => 3,
            () => 4,
        }
    }

    /// How the name of a file with it ends.
    pub fn ending(&self) -> &'static str {
        Self::ENDINGS[usize::from(self.rank())]
    }
}
