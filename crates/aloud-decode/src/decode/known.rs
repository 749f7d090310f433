//! What was found out about a file: a command opens its recording several times, and finding it out
//! may mean reading it through.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};
use std::time::SystemTime;

/// What is asked about of a file: one of its sound tracks, from which byte on.
pub(super) type Which = (Option<usize>, u64);

/// A file as it was, and what of it.
type Key = (PathBuf, u64, SystemTime, Which);

/// An answer for each that was asked about, for as long as the process lives.
pub(super) struct Known<T>(Mutex<BTreeMap<Key, T>>);

impl<T: Copy> Known<T> {
    pub(super) const fn new() -> Self {
        Self(Mutex::new(BTreeMap::new()))
    }

    /// The answer for `which` of the file at `path`, by `find` unless it is known.
    ///
    /// # Errors
    /// As `find`.
    pub(super) fn get<E>(
        &self,
        path: &Path,
        which: Which,
        find: impl FnOnce() -> Result<T, E>,
    ) -> Result<T, E> {
        let lock = || self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let key = fs::metadata(path)
            .ok()
            .and_then(|about| Some((path.to_owned(), about.len(), about.modified().ok()?, which)));
        if let Some(known) = key.as_ref().and_then(|key| lock().get(key).copied()) {
            return Ok(known);
        }
        let found = find()?;
        if let Some(key) = key {
            lock().insert(key, found);
        }
        Ok(found)
    }
}
