//! What is in the folder, and clearing it.
//!
//! Trusts file names for what a file is and its heading only for what is shown. Files that are not
//! ours are neither listed nor removed, whatever folder the user named.

use super::claim::{is_held_elsewhere, machine};
use super::files::{CLAIM, Kind, LOCK, ours, sweep};
use super::lock::Lock;
use super::{About, Store, record};
use crate::episode::EpisodeId;
use std::fs::{self, File};
use std::io::Read;
use std::path::PathBuf;
use std::time::SystemTime;

/// Headings beyond this length are not shown.
const MAX_HEAD: u64 = 64 << 10;

/// Whether a file can be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum State {
    /// A result.
    Whole,
    /// The finished part of a job that runs or was killed.
    Unfinished,
    /// Set aside because it was not what was written.
    Damaged,
}

impl State {
    /// Its name for people and programs.
    pub fn name(self) -> &'static str {
        match self {
            State::Whole => "whole",
            State::Unfinished => "unfinished",
            State::Damaged => "damaged",
        }
    }
}

/// A file of the store.
#[derive(Clone, Debug)]
pub struct Entry {
    /// The recording it is about.
    pub episode: EpisodeId,
    /// What was made; empty where the file cannot be read.
    pub stage: String,
    /// What the result said of itself, unchecked; empty where the file cannot be read.
    pub about: About,
    /// Whether it can be used.
    pub state: State,
    /// Its length on disk.
    pub bytes: u64,
    /// When it was written.
    pub modified: SystemTime,
    path: PathBuf,
}

/// What was removed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Removed {
    /// Bytes freed.
    pub bytes: u64,
    /// Entries removed.
    pub n_entries: usize,
    /// Entries left because a process works on them.
    pub n_busy: usize,
    /// Why entries were left that nobody works on: the last reason.
    pub problem: Option<String>,
}

impl Store {
    /// Everything kept, by file name of the recording, then recording, stage and model.
    pub fn list(&self) -> Vec<Entry> {
        let mut entries: Vec<Entry> = self
            .files()
            .into_iter()
            .filter_map(|(path, kind, episode)| entry(path, kind, episode?))
            .collect();
        entries.sort_by(|a, b| {
            let order = |entry: &Entry| {
                (
                    entry.about.file.clone(),
                    entry.episode,
                    entry.stage.clone(),
                    entry.about.model.clone(),
                    entry.state,
                )
            };
            order(a).cmp(&order(b)).then_with(|| a.path.cmp(&b.path))
        });
        entries
    }

    /// How many bytes the store takes, and in how many entries.
    pub fn size(&self) -> (u64, usize) {
        let shown = self.files().into_iter().filter(|(_, kind, _)| state(*kind).is_some());
        shown.fold((0, 0), |(bytes, n), (path, ..)| {
            (bytes + fs::metadata(path).map_or(0, |about| about.len()), n + 1)
        })
    }

    /// Removes the entries that `is_meant` says yes to, except those being worked on. Also sweeps
    /// up what dead processes left behind.
    pub fn remove(&self, is_meant: impl Fn(&Entry) -> bool) -> Removed {
        let (mut removed, here) = (Removed::default(), machine());
        for entry in self.list().into_iter().filter(|entry| is_meant(entry)) {
            // Held while removing, so that nobody begins on a journal that vanishes.
            let lock = match entry.state {
                State::Unfinished => Lock::take(&entry.path.with_extension(LOCK)),
                State::Whole | State::Damaged => Ok(None),
            };
            let is_elsewhere = entry.state == State::Unfinished
                && is_held_elsewhere(&entry.path.with_extension(CLAIM), &here);
            if entry.state == State::Unfinished && matches!(lock, Ok(None)) || is_elsewhere {
                removed.n_busy += 1;
                continue;
            }
            match fs::remove_file(&entry.path) {
                Ok(()) => {
                    removed.bytes += entry.bytes;
                    removed.n_entries += 1;
                }
                Err(error) => {
                    removed.problem =
                        Some(format!("cannot remove `{}`: {error}", entry.path.display()));
                }
            }
        }
        self.sweep();
        removed
    }

    /// Removes old half-written files and locks nobody holds.
    fn sweep(&self) {
        for (path, kind, _) in self.files() {
            if kind == Kind::Lock {
                drop(Lock::take(&path));
            }
        }
        self.dirs().into_iter().for_each(sweep);
    }

    /// Our files in all of the folders.
    pub(super) fn files(&self) -> Vec<(PathBuf, Kind, Option<EpisodeId>)> {
        self.dirs().into_iter().flat_map(ours).collect()
    }
}

fn state(kind: Kind) -> Option<State> {
    match kind {
        Kind::Record => Some(State::Whole),
        Kind::Journal => Some(State::Unfinished),
        Kind::Damaged => Some(State::Damaged),
        Kind::Lock | Kind::Claim | Kind::Temporary => None,
    }
}

/// `None` for a file that is no entry, or is gone already.
fn entry(path: PathBuf, kind: Kind, episode: EpisodeId) -> Option<Entry> {
    let (state, about) = (state(kind)?, fs::metadata(&path).ok()?);
    let mut beginning = Vec::new();
    if about.is_file() {
        // What cannot be read has no heading to show, but is still listed.
        let _ = File::open(&path).and_then(|file| file.take(MAX_HEAD).read_to_end(&mut beginning));
    }
    let (bytes, modified) = (about.len(), about.modified().unwrap_or(SystemTime::UNIX_EPOCH));
    let (stage, about) = record::describe(&beginning).unwrap_or_default();
    Some(Entry { episode, stage, about, state, bytes, modified, path })
}
