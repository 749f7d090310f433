//! A library as lines of JSON, to be carried to another machine: what was heard, written and
//! listened to.
//!
//! The first line names the format; each further one is a record of the store with everything that
//! its key is made of, so that there it is found by the same work. What can be made again in a
//! moment stays behind.

use crate::episode::EpisodeId;
use crate::store::{About, Key, Outcome, Record, Store};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::io::{BufRead, Read};

/// What the first line says.
const FORMAT: &str = "aloud-library/1";
/// What travels. Where somebody listened is not written over: whoever is there knows better.
const STAGES: [&str; 10] = [
    "transcript",
    "sharpened",
    "passages",
    "synth",
    "joined",
    "alignment",
    "text",
    "article",
    "listened",
    "place",
];
/// A longer line is no record.
const MOST_LINE: u64 = 1 << 30;

#[derive(Serialize, Deserialize)]
struct Head {
    format: String,
}

/// A record as a line. Its payload is a text where it can be one.
#[derive(Serialize, Deserialize)]
struct Line {
    stage: String,
    episode: String,
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    parts: BTreeMap<String, String>,
    #[serde(default)]
    file: String,
    #[serde(default)]
    title: Option<String>,
    #[serde(default)]
    model: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    text: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    base64: Option<String>,
}

impl Line {
    fn of(record: Record) -> Self {
        let Record { key, about, payload } = record;
        let (text, base64) = match String::from_utf8(payload) {
            Ok(text) => (Some(text), None),
            Err(error) => (None, Some(STANDARD.encode(error.as_bytes()))),
        };
        let parts = key.parts().map(|(name, value)| (name.to_owned(), value.to_owned())).collect();
        let (stage, episode) = (key.stage().to_owned(), key.episode().to_string());
        Self {
            stage,
            episode,
            parts,
            file: about.file,
            title: about.title,
            model: about.model,
            text,
            base64,
        }
    }

    fn record(self) -> Option<Record> {
        let payload = match (self.text, self.base64) {
            (Some(text), None) => text.into_bytes(),
            (None, Some(base64)) => STANDARD.decode(base64).ok()?,
            _ => return None,
        };
        if !STAGES.contains(&self.stage.as_str()) {
            return None;
        }
        let key = Key::new(&self.stage, EpisodeId::parse(&self.episode)?);
        let key = self.parts.iter().fold(key, |key, (name, value)| key.with(name, value));
        Some(Record {
            key,
            about: About { file: self.file, title: self.title, model: self.model },
            payload,
        })
    }
}

/// What is carried.
#[derive(Default)]
pub struct Export {
    /// All lines.
    pub bytes: Vec<u8>,
    /// How many of them are records.
    pub n_records: usize,
}

/// Everything in `store` that is worth carrying, in an order that does not change.
pub fn export(store: &Store) -> Export {
    let mut stamps = store.stamps();
    stamps.sort_by(|a, b| a.stem.cmp(&b.stem));
    let mut export = Export::default();
    let mut add = |line: Result<Vec<u8>, serde_json::Error>| {
        // Numbers and texts always have a JSON form.
        export.bytes.extend(line.unwrap_or_default());
        export.bytes.push(b'\n');
    };
    add(serde_json::to_vec(&Head { format: FORMAT.to_owned() }));
    let mut n_records = 0;
    for record in stamps
        .iter()
        .filter_map(|stamp| store.read(stamp))
        .filter(|record| STAGES.contains(&record.key.stage()))
    {
        add(serde_json::to_vec(&Line::of(record)));
        n_records += 1;
    }
    export.n_records = n_records;
    export
}

/// What came of an import.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Imported {
    /// Records that were not there.
    pub n_new: usize,
    /// Records that were there; they are left as they are.
    pub n_known: usize,
    /// Lines that are no records.
    pub n_bad: usize,
}

/// Puts what `lines` hold into `store`.
///
/// # Errors
/// Where the file is none of ours, cannot be read, or a record cannot be kept.
pub fn import(mut lines: impl BufRead, store: &Store, done: &mut Imported) -> Result<(), String> {
    let mut line = Vec::new();
    let mut next = |line: &mut Vec<u8>| {
        line.clear();
        let n = lines
            .by_ref()
            .take(MOST_LINE)
            .read_until(b'\n', line)
            .map_err(|error| format!("cannot be read: {error}"))?;
        Ok::<bool, String>(n > 0)
    };
    next(&mut line)?;
    if !serde_json::from_slice::<Head>(&line).is_ok_and(|head| head.format == FORMAT) {
        return Err(format!("it is no library: its first line does not say `{FORMAT}`"));
    }
    while next(&mut line)? {
        if line.iter().all(u8::is_ascii_whitespace) {
            continue;
        }
        let Some(record) = serde_json::from_slice::<Line>(&line).ok().and_then(Line::record) else {
            done.n_bad += 1;
            continue;
        };
        if store.get(&record.key).is_some() {
            done.n_known += 1;
            continue;
        }
        match store.put(&record.key, &record.about, &record.payload) {
            Outcome::Kept => done.n_new += 1,
            Outcome::Failed(why) => return Err(why),
            Outcome::Forgotten => return Err("nothing can be kept here".to_owned()),
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn about() -> About {
        About { file: "課.mp3".into(), title: Some("A \"title\"".into()), model: None }
    }

    proptest! {
        #[test]
        fn what_is_carried_arrives(payloads in prop::collection::vec((0usize..5, any::<u8>(), "[a-z]{0,3}", any::<Vec<u8>>()), 0..6)) {
            let (from, to) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
            let (from, to) = (Store::open(from.path()), Store::open(to.path()));
            let mut keys = std::collections::HashMap::new();
            for (stage, id, part, payload) in payloads {
                let key = Key::new(STAGES[stage], EpisodeId([id; 32])).with("part", &part);
                prop_assert_eq!(from.put(&key, &about(), &payload), Outcome::Kept);
                keys.insert(format!("{key:?}"), (key, payload));
            }
            let _ = from.put(&Key::new("seek-index", EpisodeId([1; 32])), &about(), b"stays");
            let export = export(&from);
            prop_assert_eq!(export.n_records, keys.len());
            let mut done = Imported::default();
            for _ in 0..2 {
                prop_assert_eq!(import(export.bytes.as_slice(), &to, &mut done), Ok(()));
            }
            prop_assert_eq!(done, Imported { n_new: keys.len(), n_known: keys.len(), n_bad: 0 });
            for (key, payload) in keys.into_values() {
                prop_assert_eq!(to.get(&key), Some(payload));
            }
            prop_assert_eq!(to.stamps().len(), done.n_new);
        }

        #[test]
        fn nonsense_is_left_out(line: String) {
            let folder = tempfile::tempdir().unwrap();
            let store = Store::open(folder.path());
            let mut done = Imported::default();
            let text = format!("{{\"format\":\"{FORMAT}\"}}\n{}\n\n{{\"stage\":\"log\",\"episode\":\"00\",\"text\":\"\"}}\n", line.replace('\n', ""));
            prop_assert!(import(text.as_bytes(), &store, &mut done).is_ok());
            prop_assert_eq!((done.n_new, done.n_known), (0, 0));
            prop_assert!(import(line.as_bytes(), &store, &mut done).is_err());
        }
    }
}
