//! The records as they lie, for whoever goes through all of them.
//!
//! A stamp costs no more than a look at the folder; only [`Store::read`] opens a file.

use super::files::{self, Kind};
use super::{About, Key, Store, record};
use crate::episode::EpisodeId;
use std::collections::{BTreeSet, HashSet};
use std::fs;
use std::path::PathBuf;
use std::time::SystemTime;

/// A record as the folder shows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stamp {
    /// The recording it is about.
    pub episode: EpisodeId,
    /// When it was written.
    pub modified: SystemTime,
    /// Its length.
    pub bytes: u64,
    /// The file's name without its ending.
    pub stem: String,
    path: PathBuf,
}

impl Stamp {
    /// Whether it is the record of `key`.
    pub fn is_of(&self, key: &Key) -> bool {
        self.stem == key.stem()
    }
}

/// A record that was read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Record {
    /// What it was made from.
    pub key: Key,
    /// What it says of itself.
    pub about: About,
    /// The result.
    pub payload: Vec<u8>,
}

impl Store {
    /// Every whole record, in no order, and none twice.
    pub fn stamps(&self) -> Vec<Stamp> {
        let mut known = HashSet::new();
        let stamp = |(path, kind, episode): (PathBuf, Kind, Option<EpisodeId>)| {
            let about =
                fs::metadata(&path).ok().filter(|about| kind == Kind::Record && about.is_file())?;
            let stem = path.file_stem()?.to_str()?.to_owned();
            Some(Stamp {
                episode: episode?,
                modified: about.modified().ok()?,
                bytes: about.len(),
                stem,
                path,
            })
        };
        // Of one that lies in two folders the first is the one that is read.
        self.files()
            .into_iter()
            .filter_map(stamp)
            .filter(|stamp| known.insert(stamp.stem.clone()))
            .collect()
    }

    /// Whether there is no record at all. Looks no further than to the first one.
    pub fn is_empty(&self) -> bool {
        let is_record = |file: fs::DirEntry| {
            file.file_name()
                .to_str()
                .and_then(Kind::of)
                .is_some_and(|(kind, _)| kind == Kind::Record)
        };
        !self
            .dirs()
            .into_iter()
            .any(|dir| fs::read_dir(dir).is_ok_and(|files| files.flatten().any(is_record)))
    }

    /// The episodes whose record of `key` was found damaged, and was not made again since.
    pub fn damaged(&self, key: impl Fn(EpisodeId) -> Key) -> BTreeSet<EpisodeId> {
        let damaged = |(path, kind, episode): (PathBuf, Kind, Option<EpisodeId>)| {
            let key = key(episode.filter(|_| kind == Kind::Damaged)?);
            let is_of_it = path.file_name()?.to_str()?.split('.').next()? == key.stem();
            (is_of_it
                && !self.places(&key).any(|dir| files::path(dir, &key, files::RECORD).exists()))
            .then(|| key.episode())
        };
        self.files().into_iter().filter_map(damaged).collect()
    }

    /// When a record was added or removed last, of those that took long; `None` where nobody can
    /// tell.
    pub fn modified(&self) -> Option<SystemTime> {
        fs::metadata(self.dir()?).and_then(|about| about.modified()).ok()
    }

    /// The record behind `stamp`; `None` where it is damaged, or is gone.
    pub fn read(&self, stamp: &Stamp) -> Option<Record> {
        if !files::is_plausible(&stamp.path).ok()? {
            return None;
        }
        let record = record::open(&fs::read(&stamp.path).ok()?)?;
        stamp.is_of(&record.key).then_some(record)
    }
}
