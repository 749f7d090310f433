//! Small files of the listener's own, as JSON beside places and bookmarks. Never knows what they
//! are about.

use super::output;
use crate::reason::Reason;
use crate::store::Store;
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::fmt::Display;
use std::fs::{self, File};
use std::io::{self, ErrorKind};
use std::path::PathBuf;

/// Such a file.
pub struct Own {
    /// Its name.
    pub file: &'static str,
    /// What it holds, for messages: "what was chosen with keys".
    pub what: &'static str,
    /// The command by which one begins anew where it is damaged.
    pub anew: &'static str,
}

impl Own {
    fn path(&self, store: &Store) -> Option<PathBuf> {
        Some(store.home()?.join(self.file))
    }

    /// What was kept; nothing where there is no such file.
    ///
    /// # Errors
    /// Where it is there and cannot be read.
    pub fn read<T: DeserializeOwned + Default>(&self, store: &Store) -> Result<T, Reason> {
        let Some(path) = self.path(store) else { return Ok(T::default()) };
        let broken = |why: &dyn Display| {
            let Self { what, anew, .. } = self;
            Reason::new(format!("{what} cannot be read from `{}`: {why}", path.display()))
                .hint(format!("`{anew}` begins anew"))
        };
        match fs::read(&path) {
            Ok(bytes) => serde_json::from_slice(&bytes).map_err(|e| broken(&e)),
            Err(e) if e.kind() == ErrorKind::NotFound => Ok(T::default()),
            Err(e) => Err(broken(&e)),
        }
    }

    /// As [`Self::read`], as far as it can be read.
    pub fn read_or_default<T: DeserializeOwned + Default>(&self, store: &Store) -> T {
        self.read(store).unwrap_or_else(|why| {
            log::warn!("{why}");
            T::default()
        })
    }

    /// Changes what is kept, as it is now: another player may be at it too.
    ///
    /// # Errors
    /// Where it cannot be kept, or would take the place of what cannot be read.
    pub fn change<T, R>(&self, store: &Store, change: impl FnOnce(&mut T) -> R) -> Result<R, Reason>
    where
        T: Serialize + DeserializeOwned + Default,
    {
        let Some(path) = self.path(store) else { return Ok(change(&mut T::default())) };
        let failed = |e: &dyn Display| format!("{} is not kept: {e}", self.what);
        path.parent().map_or(Ok(()), fs::create_dir_all).map_err(|e| failed(&e))?;
        // Where locks do not work, the last one counts.
        let lock = File::options().create(true).append(true).open(path.with_extension("lock"));
        let _held = lock.and_then(|lock| lock.lock().map(|()| lock));
        let mut all: T = self.read(store)?;
        let answer = change(&mut all);
        let bytes = serde_json::to_vec_pretty(&all).map_err(|e| failed(&e))?;
        if fs::read(&path).is_ok_and(|before| before == bytes) {
            return Ok(answer);
        }
        output::to_file(&path, &bytes, true).map_err(|failure| failed(&failure.why.one_line()))?;
        // What somebody listens to is nobody else's business.
        #[cfg(unix)]
        let _ = fs::set_permissions(&path, std::os::unix::fs::PermissionsExt::from_mode(0o600));
        Ok(answer)
    }

    /// Forgets all of it.
    ///
    /// # Errors
    /// When the file cannot be removed.
    pub fn forget(&self, store: &Store) -> io::Result<()> {
        match self.path(store).map(fs::remove_file) {
            Some(Err(e)) if e.kind() != ErrorKind::NotFound => Err(e),
            _ => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const OWN: Own = Own { file: "own.json", what: "what is kept", anew: "aloud anew" };

    #[test]
    fn what_is_kept_is_found_again() {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(&folder.path().join("not yet"));
        assert_eq!(OWN.read::<Vec<u8>>(&store), Ok(vec![]));
        let add = |store: &Store, n| OWN.change(store, |all: &mut Vec<u8>| all.push(n));
        add(&store, 1).and_then(|()| add(&store, 2)).unwrap();
        assert_eq!(OWN.read(&store), Ok(vec![1u8, 2]));
        // What cannot be read is not written over.
        fs::write(OWN.path(&store).unwrap(), "{").unwrap();
        assert!(OWN.read_or_default::<Vec<u8>>(&store).is_empty());
        assert!(
            add(&store, 3)
                .is_err_and(|why| why.hint.is_some_and(|hint| hint.contains("aloud anew")))
        );
        OWN.forget(&store).and_then(|()| OWN.forget(&store)).unwrap();
        assert_eq!(OWN.read::<Vec<u8>>(&store), Ok(vec![]));
        assert_eq!(add(&Store::forgetful(), 1), Ok(()));
    }
}
