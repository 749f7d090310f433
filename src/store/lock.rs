//! One process at a time: a lock file that the system frees when its holder dies.
//!
//! The lock is on the open file, so it also keeps two stores of one process apart. This part never
//! knows what is being worked on.
//!
//! Where locks reach no other machine, several hold one file, each on its own. So whoever does not
//! do the work leaves the file to the others: without it another process of the worker's machine
//! would lock a new one, and think him dead.

use super::files::CLAIM;
use std::fs::{self, File, TryLockError};
use std::io;
use std::path::{Path, PathBuf};

/// How often a lock file may vanish under us before it counts as held: each time, its holder had
/// just finished.
const TRIES: usize = 100;

/// A lock that is held until it is dropped.
#[derive(Debug)]
pub(super) struct Lock {
    file: File,
    path: PathBuf,
    /// Whether the file is left to others that may have locked it too.
    stays: bool,
}

impl Lock {
    /// Takes the lock at `path`; `None` while somebody else has it. An error where the folder or
    /// the file system cannot lock.
    pub(super) fn take(path: &Path) -> io::Result<Option<Lock>> {
        super::files::make_way(path);
        for _ in 0..TRIES {
            let file = File::options().create(true).truncate(false).write(true).open(path)?;
            match file.try_lock() {
                Ok(()) => {}
                Err(TryLockError::WouldBlock) => return Ok(None),
                Err(TryLockError::Error(error)) => return Err(error),
            }
            if let Some(lock) = Self::of_locked(file, path) {
                return Ok(Some(lock));
            }
        }
        Ok(None)
    }

    /// `None` where the last holder removed the file between our opening and our locking it: a lock
    /// on it would keep nobody out.
    fn of_locked(file: File, path: &Path) -> Option<Self> {
        is_at(&file, path).then(|| Lock { file, path: path.to_owned(), stays: false })
    }

    /// Ends it, and leaves its file.
    pub(super) fn leave(mut self) {
        self.stays = true;
    }
}

impl Drop for Lock {
    /// Removes the file before the lock goes, so nothing is left lying about. Whoever opened it
    /// meanwhile sees that it is gone and begins again; where that cannot be seen, the file stays,
    /// and so it does beside a claim, whose holder has locked it too.
    fn drop(&mut self) {
        let stays = self.stays || self.path.with_extension(CLAIM).exists();
        if cfg!(unix) && !stays && is_at(&self.file, &self.path) {
            let _ = fs::remove_file(&self.path);
        }
    }
}

/// Whether `path` still leads to `file`.
#[cfg(unix)]
fn is_at(file: &File, path: &Path) -> bool {
    use std::os::unix::fs::MetadataExt;
    match (file.metadata(), fs::metadata(path)) {
        (Ok(a), Ok(b)) => (a.dev(), a.ino()) == (b.dev(), b.ino()),
        _ => false,
    }
}

/// Elsewhere lock files are never removed, so the question does not arise.
#[cfg(not(unix))]
fn is_at(_: &File, _: &Path) -> bool {
    true
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::atomic::{AtomicUsize, Ordering};

    #[cfg(unix)]
    #[test]
    fn a_removed_file_locks_nothing() {
        let dir = tempfile::tempdir().expect("a folder");
        let path = dir.path().join("x.lock");
        let first = Lock::take(&path).expect("locks work here");
        let opened_meanwhile = File::open(&path).expect("the lock file");
        drop(first);
        assert!(Lock::of_locked(opened_meanwhile, &path).is_none());

        let removed_by_hand = Lock::take(&path).expect("locks work here");
        fs::remove_file(&path).expect("no lock file");
        let second = Lock::take(&path).expect("locks work here");
        drop(removed_by_hand);
        assert!(second.is_some() && Lock::take(&path).expect("locks work here").is_none());
    }

    #[cfg(unix)]
    #[test]
    fn a_file_that_others_may_have_locked_stays() {
        let dir = tempfile::tempdir().expect("a folder");
        let (path, claim) = (dir.path().join("x.lock"), dir.path().join("x.claim"));
        let take = || Lock::take(&path).expect("locks work here").expect("nobody else");
        take().leave();
        assert!(path.exists());
        fs::write(&claim, "another's").expect("a claim");
        drop(take());
        assert!(path.exists());
        fs::remove_file(&claim).expect("a claim");
        drop(take());
        assert!(!path.exists());
    }

    #[test]
    fn one_at_a_time() {
        let dir = tempfile::tempdir().expect("a folder");
        let path = dir.path().join("x.lock");
        let n_inside = AtomicUsize::new(0);
        std::thread::scope(|scope| {
            for _ in 0..4 {
                scope.spawn(|| {
                    let mut n_turns = 0;
                    while n_turns < 50 {
                        let Some(_lock) = Lock::take(&path).expect("locks work here") else {
                            continue;
                        };
                        assert_eq!(n_inside.fetch_add(1, Ordering::SeqCst), 0, "two hold the lock");
                        n_turns += 1;
                        n_inside.fetch_sub(1, Ordering::SeqCst);
                    }
                });
            }
        });
        assert_eq!(path.exists(), cfg!(not(unix)));
        assert!(Lock::take(&dir.path().join("no/such/folder")).is_err());
    }
}
