//! Have we done this before? Results on disk, found by the hash of what they were made from.
//!
//! Built for a bad day: a process killed at any moment, a power cut, a full or read-only disk, two
//! processes on one episode, a damaged file. Each of them costs work that is done again, and never
//! a wrong result, a stuck job or an error that ends it. What took long or cannot be made again
//! lies in the user's data folder, what can be in the cache. Three kinds of file lie side by side:
//! records (results, whole or absent), journals (the finished windows of a running or killed job)
//! and locks (with claims beside them, for machines that share a folder). This room never knows
//! what the stages do, and payloads are bytes to it.

mod claim;
mod files;
mod folders;
mod journal;
mod key;
mod listing;
mod lock;
mod moving;
mod record;
mod records;
mod rules;
#[cfg(test)]
mod tests;

pub use journal::Journal;
pub use key::Key;
pub use listing::{Entry, Removed, State};
pub use record::listing_json;
pub use records::{Record, Stamp};
pub use rules::Rules;

use crate::episode::Episode;
use crate::reason::Reason;
use claim::{Claim, PACE, Watch};
use folders::Folders;
use lock::Lock;
use std::fs;
use std::io::ErrorKind;
use std::path::Path;
use std::time::Duration;

/// How often a waiting process asks whether it is its turn, and whether it was cancelled.
const POLL: Duration = Duration::from_millis(200);

/// Results in one folder or two, or a store that remembers nothing.
#[derive(Clone, Debug)]
pub struct Store {
    /// `None` when there is nothing to read either.
    folders: Option<Folders>,
    /// Why nothing can be written.
    problem: Option<Reason>,
}

/// What `aloud cache list` shows of a result besides its key.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct About {
    /// The recording's file name without its folder.
    pub file: String,
    /// The recording's title, where its tags have one.
    pub title: Option<String>,
    /// The model's name, where one was used.
    pub model: Option<String>,
}

impl About {
    /// A result about `episode` made with `model`.
    pub fn new(episode: &Episode, model: Option<&str>) -> Self {
        Self {
            file: episode.file.clone(),
            title: episode.tags.title.clone(),
            model: model.map(str::to_owned),
        }
    }
}

/// What became of a result that was to be kept.
#[must_use]
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// The next run finds it.
    Kept,
    /// The store remembers nothing, as was asked or as [`Store::problem`] said.
    Forgotten,
    /// It could not be written, though the store seemed usable; says why.
    Failed(String),
}

/// The right to be the only process that works on a job; ends when dropped, and when the process
/// dies.
#[derive(Debug)]
pub struct Lease {
    store: Store,
    key: Key,
    /// Goes before the lock does. `None` for what is short, and where the folder cannot be written.
    _claim: Option<Claim>,
    /// `None` where the folder or its file system cannot lock.
    _lock: Option<Lock>,
}

impl Lease {
    /// Opens the job's journal, with the windows that an earlier run finished. The lease lasts as
    /// long as the journal.
    pub fn journal(self, about: About) -> Journal {
        Journal::open(self, about)
    }
}

impl Store {
    /// The store in `dir`, which is made where it is missing and holds everything. Never fails: see
    /// [`Self::problem`].
    pub fn open(dir: &Path) -> Self {
        let problem = files::try_writing(dir).err().map(|error| problem(dir, &error));
        Self { folders: Some(Folders::one(dir)), problem }
    }

    /// The user's store: `$XDG_DATA_HOME/aloud` and `$XDG_CACHE_HOME/aloud`, or what the system has
    /// instead.
    pub fn open_default(rules: &Rules) -> Self {
        match folders::of_user() {
            Some((data, cache)) => Self::open_two(&data, &cache, rules),
            None => Self {
                folders: None,
                problem: Some(
                    Reason::new("nothing will be kept: this user has no home folder")
                        .hint("`--cache DIR` names a folder"),
                ),
            },
        }
    }

    /// The store below `data`, with what can be made again in a moment below `cache`. What earlier
    /// versions kept in `cache` is brought over, without loss whatever happens meanwhile. Never
    /// fails: see [`Self::problem`].
    pub fn open_two(data: &Path, cache: &Path, rules: &Rules) -> Self {
        let (folders, failed) = Folders::two(data, cache, rules);
        Self { folders: Some(folders), problem: failed.map(|(dir, error)| problem(&dir, &error)) }
    }

    /// A store that remembers nothing, on purpose.
    pub fn forgetful() -> Self {
        Self { folders: None, problem: None }
    }

    /// Why nothing is kept, for the caller to say once; `None` when all is well or the store is
    /// forgetful on purpose. What was kept earlier may still be read.
    pub fn problem(&self) -> Option<&Reason> {
        self.problem.as_ref()
    }

    /// The folder of what took long; `None` for a store without one.
    pub fn dir(&self) -> Option<&Path> {
        self.folders.as_ref().map(|folders| folders.lasting.as_path())
    }

    /// The folder for files of the listener's own, such as recordings that were fetched; `None` for
    /// a store without one.
    pub fn home(&self) -> Option<&Path> {
        self.folders.as_ref().map(|folders| folders.home.as_path())
    }

    /// The folder for files that are made from the records, and can be again; `None` for a store
    /// without one.
    pub fn cache_dir(&self) -> Option<&Path> {
        self.folders.as_ref().map(|folders| folders.beside.as_path())
    }

    /// Every folder with records.
    fn dirs(&self) -> Vec<&Path> {
        self.folders.as_ref().map(Folders::all).unwrap_or_default()
    }

    /// The folders that `key` is looked for in, the one it is written in first.
    fn places(&self, key: &Key) -> impl Iterator<Item = &Path> {
        self.folders.iter().flat_map(|folders| folders.places(key))
    }

    fn writable_dir(&self, key: &Key) -> Option<&Path> {
        self.folders.as_ref().filter(|_| self.problem.is_none()).map(|folders| folders.of(key))
    }

    /// The result kept under `key`. A damaged record is set aside with a note in the log, and
    /// counts as none.
    pub fn get(&self, key: &Key) -> Option<Vec<u8>> {
        self.places(key).find_map(|dir| Self::get_from(dir, key))
    }

    fn get_from(dir: &Path, key: &Key) -> Option<Vec<u8>> {
        let path = files::path(dir, key, files::RECORD);
        let found = match files::is_plausible(&path) {
            Ok(false) => return None,
            Ok(true) => match fs::read(&path) {
                Ok(bytes) => record::decode(&bytes, key),
                Err(error) => {
                    if error.kind() != ErrorKind::NotFound {
                        log::warn!(
                            "cannot read `{}`: {error}; it will be made again",
                            path.display()
                        );
                    }
                    return None;
                }
            },
            Err(damage) => Err(damage),
        };
        match found {
            Ok(payload) => {
                // Left behind by a process that died between its last two steps.
                let _ = fs::remove_file(files::path(dir, key, files::JOURNAL));
                Some(payload)
            }
            Err(damage) => {
                files::set_aside(&path, damage);
                None
            }
        }
    }

    /// Keeps `payload` under `key`, in place of what was there.
    pub fn put(&self, key: &Key, about: &About, payload: &[u8]) -> Outcome {
        let Some(dir) = self.writable_dir(key) else { return Outcome::Forgotten };
        let record = record::encode(key, about, payload);
        if record.len() as u64 > files::MAX_BYTES {
            return Outcome::Failed(format!(
                "the result was not kept: it is too large ({} bytes)",
                record.len()
            ));
        }
        match files::write_whole(dir, &files::path(dir, key, files::RECORD), &record) {
            Ok(()) => Outcome::Kept,
            Err(error) => Outcome::Failed(format!(
                "the result was not kept: cannot write in `{}`: {error}",
                dir.display()
            )),
        }
    }

    /// Waits for the right to work on `key` for a moment; `None` when cancelled while waiting.
    ///
    /// `waiting` is called once if another process is at it. Whoever waited asks [`Self::get`]
    /// again: the other may have finished. Where locks do not work the lease is given at once, with
    /// a note in the log: then two processes may do the same work, but each record is still whole.
    pub fn work_on(
        &self,
        key: &Key,
        waiting: &mut dyn FnMut(),
        cancelled: &dyn Fn() -> bool,
    ) -> Option<Lease> {
        self.lease(key, None, waiting, cancelled)
    }

    /// As [`Self::work_on`], of what takes long: the right is kept from other machines too that
    /// share the folder, whether or not locks reach them. A machine that dies at it keeps others
    /// waiting for two minutes.
    pub fn work_long_on(
        &self,
        key: &Key,
        waiting: &mut dyn FnMut(),
        cancelled: &dyn Fn() -> bool,
    ) -> Option<Lease> {
        self.lease(key, Some(Watch::new(PACE, &claim::machine())), waiting, cancelled)
    }

    fn lease(
        &self,
        key: &Key,
        mut watch: Option<Watch>,
        waiting: &mut dyn FnMut(),
        cancelled: &dyn Fn() -> bool,
    ) -> Option<Lease> {
        let lease = |_lock, _claim| Lease { store: self.clone(), key: key.clone(), _claim, _lock };
        let Some(dir) = self.writable_dir(key) else { return Some(lease(None, None)) };
        // Somebody may have emptied the cache since it was opened.
        let _ = fs::create_dir_all(dir);
        files::sweep(dir);
        let [path, claimed] =
            [files::LOCK, files::CLAIM].map(|ending| files::path(dir, key, ending));
        let (mut has_said, mut has_locks) = (false, true);
        loop {
            let lock = match Lock::take(&path) {
                Ok(lock) => lock,
                Err(error) => {
                    if has_locks {
                        log::warn!(
                            "working without a lock, `{}` cannot be locked: {error}",
                            path.display()
                        );
                    }
                    has_locks = false;
                    None
                }
            };
            if lock.is_some() || !has_locks {
                let Some(watch) = &mut watch else { return Some(lease(lock, None)) };
                match watch.take(&claimed, lock.is_some()) {
                    // Its holder may have locked the same file, where locks reach no other machine.
                    Ok(None) => lock.into_iter().for_each(Lock::leave),
                    Ok(claim) => return Some(lease(lock, claim)),
                    Err(error) => {
                        log::warn!(
                            "working without a claim, `{}` cannot be written: {error}",
                            claimed.display()
                        );
                        return Some(lease(lock, None));
                    }
                }
            }
            if cancelled() {
                return None;
            }
            if has_said {
                std::thread::sleep(POLL);
            } else {
                waiting();
                has_said = true;
            }
        }
    }
}

/// Why nothing can be kept in `dir`.
fn problem(dir: &Path, error: &std::io::Error) -> Reason {
    Reason::new(format!("nothing will be kept: cannot write in `{}`: {error}", dir.display()))
        .hint("`--cache DIR` names another folder")
}
