//! A store with episodes in it that nobody had to transcribe.

use super::{Desk, truth};
use aloud::episode::EpisodeId;
use aloud::export;
use aloud::store::{About, Key, Outcome, Store};
use aloud::time::Span;
use aloud::transcript::{AudioRef, Segment, SpokenWord, Transcript};
use std::path::PathBuf;

/// The folder that `--cache` names in these tests.
pub const CACHE: &str = "cache";

/// The store of a desk.
pub fn store(desk: &Desk) -> Store {
    Store::open(&folder(desk))
}

/// Its folder.
pub fn folder(desk: &Desk) -> PathBuf {
    desk.path().join(CACHE)
}

/// Keeps `transcript` as the pipeline does.
pub fn keep(store: &Store, transcript: &Transcript, id: EpisodeId, model: &str) {
    let transcript = Transcript {
        audio: AudioRef { id: Some(id), ..transcript.audio.clone() },
        ..transcript.clone()
    };
    let mut bytes = Vec::new();
    export::json::write(&transcript, &mut bytes).unwrap();
    let about =
        About { file: transcript.audio.file.clone(), title: None, model: Some(model.to_owned()) };
    assert_eq!(
        store.put(&Key::new("transcript", id).with("model", model), &about, &bytes),
        Outcome::Kept
    );
}

/// Keeps both demo episodes, as a perfect recogniser hears them.
pub fn demos(store: &Store) -> [Transcript; 2] {
    truth::EPISODES.map(|(stem, _)| {
        let transcript = truth::transcript(stem);
        keep(store, &transcript, transcript.audio.id.unwrap(), "truth");
        transcript
    })
}

/// A short transcript of `text`: a segment for each line, three words a second.
pub fn said(file: &str, language: &str, text: &str) -> Transcript {
    let mut at = 0;
    let segment = |line: &str| {
        let start = at;
        let words: Vec<SpokenWord> = aloud::transcript::split::words(line)
            .into_iter()
            .map(|range| {
                at += 333;
                SpokenWord {
                    text: line[range].trim().to_owned(),
                    span: Span::from_millis(at - 333, at - 20),
                    probability: Some(0.9),
                }
            })
            .collect();
        Segment {
            span: Span::from_millis(start, at),
            text: line.to_owned(),
            words,
            is_doubtful: false,
        }
    };
    let segments = text.lines().map(segment).collect();
    Transcript {
        audio: AudioRef { file: file.to_owned(), ..AudioRef::default() },
        language: Some(language.to_owned()),
        segments,
        ..Transcript::default()
    }
}

/// An episode's hash from its number.
pub fn id(n: u64) -> EpisodeId {
    EpisodeId(*blake3::hash(&n.to_le_bytes()).as_bytes())
}
