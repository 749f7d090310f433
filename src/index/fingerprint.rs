//! Is the index still what was written? Its files, their lengths and times, as they were when the
//! last writer left.
//!
//! Reading all of an index to check it would take longer than any search. A file that was damaged
//! by a program, a crash or a full disk has another length or time; what neither shows is caught
//! where it does harm, as an error.

use super::place::millis;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::fs;
use std::io::{self, Write};
use std::path::Path;
use std::time::SystemTime;

/// The fingerprint's own file.
const NAME: &str = "seal.json";
/// Raised whenever an index would be built otherwise.
pub(super) const FORMAT: &str = "aloud-index/1";
/// A folder whose time is younger than this may change once more without showing it.
const SETTLED_MS: u64 = 2000;

/// What the last writer left.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Fingerprint {
    format: String,
    /// Length, and time in nanoseconds since 1970, of every file.
    files: BTreeMap<String, (u64, u64)>,
    /// The store's time when everything in it was in the index; `None` where that is not sure.
    pub seen: Option<u64>,
}

impl Fingerprint {
    /// The files of `dir` as they are.
    pub fn of(dir: &Path, seen: Option<u64>) -> io::Result<Self> {
        let mut files = BTreeMap::new();
        for entry in fs::read_dir(dir)?.flatten() {
            let name = entry.file_name().to_string_lossy().into_owned();
            // Locks, and the fingerprint itself, change without harm; what begins with a dot is the
            // library's own book-keeping.
            let is_content = name != NAME && !name.ends_with(".lock") && !name.starts_with('.');
            if is_content && let Ok(about) = entry.metadata() {
                files.insert(name, (about.len(), nanos(about.modified()?)));
            }
        }
        Ok(Self { format: FORMAT.to_owned(), files, seen })
    }

    /// The fingerprint in `dir`; `None` where there is none, or one of another version.
    pub fn read(dir: &Path) -> Option<Self> {
        let fingerprint: Self = serde_json::from_slice(&fs::read(dir.join(NAME)).ok()?).ok()?;
        (fingerprint.format == FORMAT).then_some(fingerprint)
    }

    /// Whether every file is as it was. Files that came since are not part of it.
    pub fn holds(&self, dir: &Path) -> bool {
        let is_same = |(name, (bytes, time)): (&String, &(u64, u64))| {
            fs::metadata(dir.join(name)).is_ok_and(|about| {
                about.len() == *bytes
                    && about.modified().is_ok_and(|modified| nanos(modified) == *time)
            })
        };
        !self.files.is_empty() && self.files.iter().all(is_same)
    }

    /// Writes the fingerprint into `dir`, whole or not at all.
    pub fn put(&self, dir: &Path) -> io::Result<()> {
        let mut file =
            tempfile::Builder::new().prefix(".fingerprint-").suffix(".lock").tempfile_in(dir)?;
        file.write_all(&serde_json::to_vec(self)?)?;
        file.persist(dir.join(NAME)).map_err(|failed| failed.error)?;
        Ok(())
    }

    /// Removes the fingerprint, before anything is changed.
    pub fn lift(dir: &Path) -> io::Result<()> {
        match fs::remove_file(dir.join(NAME)) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
            _ => Ok(()),
        }
    }
}

/// A time of the store that can be told from any later one; `None` for one that is too fresh for
/// that.
pub(super) fn settled(modified: Option<SystemTime>) -> Option<u64> {
    let modified = modified?;
    (millis(modified) + SETTLED_MS < millis(SystemTime::now())).then(|| nanos(modified))
}

pub(super) fn nanos(time: SystemTime) -> u64 {
    time.duration_since(SystemTime::UNIX_EPOCH).map_or(0, |age| age.as_nanos() as u64)
}
