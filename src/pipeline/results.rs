//! All that the store has of a recording, each with what it was made from: for whoever asks how its
//! words came to be where they are.

use super::{kept, read, written};
use crate::align::Alignment;
use crate::article::Article;
use crate::episode::EpisodeId;
use crate::store::Store;
use crate::transcript::Transcript;

/// A result that the store has.
#[derive(Clone, Debug, PartialEq)]
pub struct Kept {
    /// The stage that made it.
    pub stage: String,
    /// What it was made from, by name.
    pub parts: Vec<(String, String)>,
    /// The model that was used, as the record names it.
    pub model: Option<String>,
    /// The length of what it holds, in bytes.
    pub bytes: usize,
    /// What it holds.
    pub content: Content,
}

/// What a result holds.
#[derive(Clone, Debug, PartialEq)]
pub enum Content {
    /// What was recognised.
    Transcript(Box<Transcript>),
    /// The text that belongs to the recording.
    Article(Box<Article>),
    /// Where the words of a text are.
    Alignment(Box<Alignment>),
    /// Anything else, or what this version cannot read.
    Other,
}

/// Every whole result of the recording `id`, the oldest first.
pub fn results(id: EpisodeId, store: &Store) -> Vec<Kept> {
    let mut stamps: Vec<_> =
        store.stamps().into_iter().filter(|stamp| stamp.episode == id).collect();
    stamps.sort_by(|a, b| a.modified.cmp(&b.modified).then_with(|| a.stem.cmp(&b.stem)));
    let kept = |record: crate::store::Record| Kept {
        stage: record.key.stage().to_owned(),
        parts: record
            .key
            .parts()
            .map(|(name, value)| (name.to_owned(), value.to_owned()))
            .collect(),
        model: record.about.model.clone(),
        bytes: record.payload.len(),
        content: content(record.key.stage(), &record.payload).unwrap_or(Content::Other),
    };
    stamps.iter().filter_map(|stamp| store.read(stamp)).map(kept).collect()
}

fn content(stage: &str, bytes: &[u8]) -> Option<Content> {
    match stage {
        "transcript" | "passages" | "sharpened" => {
            Some(Content::Transcript(Box::new(read(bytes)?)))
        }
        "article" => Some(Content::Article(Box::new(written::read(bytes)?))),
        "alignment" | "synth" | "joined" => {
            Some(Content::Alignment(Box::new(kept::open(bytes)?.alignment)))
        }
        _ => None,
    }
}
