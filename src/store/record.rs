//! How a kept result is written down: the only file of the room that knows serde.
//!
//! ```text
//! aloud-record/1 <64 hexadecimal digits: BLAKE3 of everything after this line>
//! {"stage":"transcript","episode":"…","parts":{"model":"…"},"file":"…","title":"…","model":"base","bytes":1234}
//! <the payload, as it was given>
//! ```
//!
//! A journal (see `journal`) begins alike, so that one reader can list both. This part never knows
//! files, and never what the payload means.

use super::{About, Entry, Key, Record};
use crate::episode::EpisodeId;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use thiserror::Error;

const FORMAT: &str = "aloud-record/1";

/// The line that says what a record holds, as it is written.
#[derive(Serialize, Deserialize)]
struct Head {
    stage: String,
    episode: String,
    parts: BTreeMap<String, String>,
    file: String,
    title: Option<String>,
    model: Option<String>,
    /// Length of the payload.
    bytes: u64,
}

/// Why a record is not trusted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub(super) enum Damage {
    #[error("it is not a record of this version")]
    Foreign,
    #[error("it is not what was written, or cut short")]
    Changed,
    #[error("it is the record of another job")]
    Misplaced,
    #[error("it is not a file, or too large")]
    Misshapen,
}

/// The head's line for `key`, with its end of line.
pub(super) fn head(key: &Key, about: &About, n_bytes: usize) -> Vec<u8> {
    let head = Head {
        stage: key.stage.clone(),
        episode: key.episode.to_string(),
        parts: key.parts.clone(),
        file: about.file.clone(),
        title: about.title.clone(),
        model: about.model.clone(),
        bytes: n_bytes as u64,
    };
    // Texts and numbers always have a spelling; an empty line would be refused on reading.
    let mut line = serde_json::to_vec(&head).unwrap_or_default();
    line.push(b'\n');
    line
}

/// The whole record.
pub(super) fn encode(key: &Key, about: &About, payload: &[u8]) -> Vec<u8> {
    let head = head(key, about, payload.len());
    let hash = blake3::Hasher::new().update(&head).update(payload).finalize();
    [format!("{FORMAT} {}\n", hash.to_hex()).as_bytes(), &head, payload].concat()
}

/// The payload of a record that is whole and belongs to `key`.
pub(super) fn decode(record: &[u8], key: &Key) -> Result<Vec<u8>, Damage> {
    let record = whole(record)?;
    if record.key == *key { Ok(record.payload) } else { Err(Damage::Misplaced) }
}

/// A record that is whole, whatever it is of; `None` for anything else.
pub(super) fn open(record: &[u8]) -> Option<Record> {
    whole(record).ok()
}

fn whole(record: &[u8]) -> Result<Record, Damage> {
    let (first, rest) = split_line(record).ok_or(Damage::Changed)?;
    let (format, hash) = first.split_at_checked(FORMAT.len() + 1).ok_or(Damage::Foreign)?;
    if format.strip_suffix(b" ") != Some(FORMAT.as_bytes()) {
        return Err(Damage::Foreign);
    }
    if hash != blake3::hash(rest).to_hex().as_bytes() {
        return Err(Damage::Changed);
    }
    let (line, payload) = split_line(rest).ok_or(Damage::Changed)?;
    let head: Head = serde_json::from_slice(line).map_err(|_| Damage::Foreign)?;
    let episode = EpisodeId::parse(&head.episode).ok_or(Damage::Foreign)?;
    if head.bytes != payload.len() as u64 {
        return Err(Damage::Misplaced);
    }
    let key = Key { stage: head.stage, episode, parts: head.parts };
    let about = About { file: head.file, title: head.title, model: head.model };
    Ok(Record { key, about, payload: payload.to_vec() })
}

/// Stage and description from the beginning of a record or a journal, unchecked: for showing only.
pub(super) fn describe(beginning: &[u8]) -> Option<(String, About)> {
    let (_, rest) = split_line(beginning)?;
    let head: Head = serde_json::from_slice(split_line(rest)?.0).ok()?;
    Some((head.stage, About { file: head.file, title: head.title, model: head.model }))
}

/// `entries` for programs: a JSON document (`aloud-cache/1`) whose times are seconds since 1970,
/// UTC. `dir` holds what took long, `cache` what can be made again.
pub fn listing_json(dir: &str, cache: &str, entries: &[Entry]) -> String {
    let rows = entries.iter().map(|entry| {
        serde_json::json!({
            "episode": entry.episode.to_string(),
            "stage": entry.stage,
            "file": entry.about.file,
            "title": entry.about.title,
            "model": entry.about.model,
            "state": entry.state.name(),
            "bytes": entry.bytes,
            "modified": entry.modified.duration_since(std::time::UNIX_EPOCH).map_or(0, |age| age.as_secs()),
        })
    });
    let rows: Vec<_> = rows.collect();
    let document = serde_json::json!({ "format": "aloud-cache/1", "dir": dir, "cache": cache, "entries": rows });
    format!("{document:#}")
}

fn split_line(bytes: &[u8]) -> Option<(&[u8], &[u8])> {
    let end = bytes.iter().position(|byte| *byte == b'\n')?;
    Some((&bytes[..end], &bytes[end + 1..]))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn sample() -> (Key, About) {
        let about =
            About { file: "課\n.mp3".into(), title: Some("A \"title\"".into()), model: None };
        (Key::new("transcript", EpisodeId([3; 32])).with("model", "abc"), about)
    }

    #[test]
    fn any_change_is_noticed() {
        let (key, about) = sample();
        let record = encode(&key, &about, b"line\nand \0 more");
        for len in 0..record.len() {
            assert!(decode(&record[..len], &key).is_err(), "cut to {len} bytes");
        }
        for at in 0..record.len() {
            for change in [1u8, 0x20, 0x80, 0xff] {
                let mut bad = record.clone();
                bad[at] ^= change;
                assert!(decode(&bad, &key).is_err(), "byte {at}");
                let _ = describe(&bad);
            }
        }
    }

    #[test]
    fn reasons() {
        let (key, about) = sample();
        let record = encode(&key, &about, b"x");
        let newer = [b"aloud-record/2", &record[FORMAT.len()..]].concat();
        let cases: [(&[u8], Damage); 5] = [
            (b"", Damage::Changed),
            (b"\n\n", Damage::Foreign),
            (&newer, Damage::Foreign),
            (&record[..record.len() - 1], Damage::Changed),
            (&encode(&key.clone().with("beam", &5), &about, b"x"), Damage::Misplaced),
        ];
        for (record, damage) in cases {
            assert_eq!(decode(record, &key), Err(damage));
        }
        assert_eq!(describe(&record), Some(("transcript".into(), about)));
    }

    proptest! {
        #[test]
        fn what_is_written_is_read(stage: String, parts: BTreeMap<String, String>, file: String, payload: Vec<u8>) {
            let key = Key { stage, episode: EpisodeId([1; 32]), parts };
            let about = About { file, ..About::default() };
            let record = encode(&key, &about, &payload);
            prop_assert_eq!(decode(&record, &key), Ok(payload));
            prop_assert_eq!(describe(&record), Some((key.stage, about)));
        }
    }
}
