//! One machine at a time, where a file system's locks reach no other machine: a file that its
//! holder keeps alive.
//!
//! Over NFS a lock may be none (`nolock`), or known to its own machine only (`local_lock`), and
//! nothing tells which. So whoever works for long also makes a file that only one can make, and
//! writes to it at every beat. Who waits trusts no clock but his own: a file that did not change
//! for many beats while he looked is a dead one's, and is taken away by a rename, which only one
//! can do. A wrong guess costs work that is done twice; records are whole and the same whoever
//! writes them. This part never knows what is worked on.

use super::files;
use std::fs::{self, File};
use std::io::{self, ErrorKind, Write};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

/// How often a claim is told to live, and when it counts as dead.
#[derive(Clone, Copy, Debug)]
pub(super) struct Pace {
    pub beat: Duration,
    pub dead: Duration,
}

/// Twelve beats, since a server that is restarted answers nobody for a while.
pub(super) const PACE: Pace =
    Pace { beat: Duration::from_secs(10), dead: Duration::from_secs(120) };

/// What a claim's file begins with.
const FORMAT: &str = "aloud-claim/1";
/// How often a claim may vanish under us before it counts as held.
const TRIES: usize = 10;

/// A claim that is held until it is dropped.
#[derive(Debug)]
pub(super) struct Claim {
    path: PathBuf,
    /// The file without its beats.
    head: String,
    is_over: Arc<(Mutex<bool>, Condvar)>,
    beats: Option<JoinHandle<()>>,
}

/// Somebody who wants a claim, and what he has seen of another's.
#[derive(Debug)]
pub(super) struct Watch {
    pace: Pace,
    /// What tells this machine from others, until it is started anew; empty where nothing does.
    machine: String,
    seen: Option<(Vec<u8>, Instant)>,
}

impl Watch {
    pub(super) fn new(pace: Pace, machine: &str) -> Self {
        Self { pace, machine: machine.to_owned(), seen: None }
    }

    /// Takes the claim at `path`; `None` while somebody else has it. Where this process `has_lock`,
    /// whoever else claims it from this machine is dead. An error where the folder cannot be
    /// written.
    pub(super) fn take(&mut self, path: &Path, has_lock: bool) -> io::Result<Option<Claim>> {
        files::make_way(path);
        for _ in 0..TRIES {
            let head = format!("{FORMAT} {} {}", self.machine, token());
            match made(path, &head) {
                Ok(()) => return Ok(Some(Claim::alive(path, head, self.pace.beat))),
                Err(error) if error.kind() == ErrorKind::AlreadyExists => {}
                Err(error) => return Err(error),
            }
            let now = match fs::read(path) {
                Ok(now) => now,
                Err(error) if error.kind() == ErrorKind::NotFound => continue,
                Err(error) => return Err(error),
            };
            let is_ours = has_lock && is_of(&now, &self.machine);
            let since =
                self.seen.as_ref().filter(|(seen, _)| *seen == now).map(|(_, since)| *since);
            if !is_ours && since.is_none_or(|since| since.elapsed() < self.pace.dead) {
                self.seen = Some((now, since.unwrap_or_else(Instant::now)));
                return Ok(None);
            }
            if !Self::bury(path, &now)? {
                return Ok(None);
            }
            self.seen = None;
        }
        Ok(None)
    }

    /// Takes a dead one's claim away; `false` where it was another one's by then, which is put
    /// back.
    fn bury(path: &Path, dead: &[u8]) -> io::Result<bool> {
        let dir = path.parent().unwrap_or(Path::new("."));
        let aside = files::beside(dir)?.into_temp_path();
        match fs::rename(path, &aside) {
            Ok(()) => {}
            // Somebody else was quicker.
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(true),
            Err(error) => return Err(error),
        }
        let is_dead = fs::read(&aside).is_ok_and(|bytes| bytes == dead);
        if !is_dead {
            // Its holder makes it anew where this fails.
            let _ = fs::hard_link(&aside, path);
        }
        Ok(is_dead)
    }
}

/// Whether a claim is of `machine`. One that does not know what it is has none.
fn is_of(claim: &[u8], machine: &str) -> bool {
    !machine.is_empty() && claim.starts_with(format!("{FORMAT} {machine} ").as_bytes())
}

/// Whether the claim at `path` is another machine's, and was told to live not long ago by the clock
/// of the file system.
pub(super) fn is_held_elsewhere(path: &Path, machine: &str) -> bool {
    let is_ours = fs::read(path).is_ok_and(|bytes| is_of(&bytes, machine));
    let age = fs::metadata(path)
        .and_then(|about| about.modified())
        .ok()
        .map(|at| at.elapsed().unwrap_or_default());
    !is_ours && age.is_some_and(|age| age < PACE.dead)
}

/// What tells this machine from others, until it is started anew; empty where the system does not
/// say.
pub(super) fn machine() -> String {
    let id = fs::read_to_string("/proc/sys/kernel/random/boot_id").unwrap_or_default();
    id.chars().filter(|c| c.is_ascii_alphanumeric() || *c == '-').collect()
}

/// Tells one claim from every other.
fn token() -> String {
    use std::hash::{BuildHasher, Hasher};
    let chance = std::collections::hash_map::RandomState::new().build_hasher().finish();
    format!("{}-{chance:016x}", std::process::id())
}

/// Makes the file where there is none.
fn made(path: &Path, head: &str) -> io::Result<()> {
    let mut file = File::options().write(true).create_new(true).open(path)?;
    let written = file.write_all(format!("{head} 0\n").as_bytes()).and_then(|()| file.sync_all());
    if written.is_err() {
        // On a full disk: nobody tells it to live, and everybody would wait for its end.
        drop(file);
        let _ = fs::remove_file(path);
    }
    written
}

impl Claim {
    /// Tells the file at `path` to live until dropped.
    fn alive(path: &Path, head: String, beat: Duration) -> Self {
        let is_over = Arc::new((Mutex::new(false), Condvar::new()));
        let (own_path, own_head, own_over) = (path.to_owned(), head.clone(), is_over.clone());
        let beats = thread::Builder::new().name("claim".into()).spawn(move || {
            let mut n = 0u64;
            loop {
                let over = own_over.0.lock().unwrap_or_else(PoisonError::into_inner);
                let (over, _) = own_over
                    .1
                    .wait_timeout_while(over, beat, |over| !*over)
                    .unwrap_or_else(PoisonError::into_inner);
                if *over {
                    return;
                }
                drop(over);
                n += 1;
                match fs::read_to_string(&own_path) {
                    Ok(text) if !text.starts_with(&own_head) => return,
                    Ok(_) => {
                        let file = File::options().write(true).open(&own_path);
                        let written = file.and_then(|mut file| {
                            file.write_all(format!("{own_head} {n}\n").as_bytes())
                                .and_then(|()| file.sync_all())
                        });
                        written.unwrap_or_else(|error| {
                            log::debug!("`{}`: {error}", own_path.display());
                        });
                    }
                    Err(error) if error.kind() == ErrorKind::NotFound => {
                        drop(made(&own_path, &own_head));
                    }
                    Err(error) => log::debug!("`{}`: {error}", own_path.display()),
                }
            }
        });
        if let Err(error) = &beats {
            log::warn!("the claim `{}` is told to live by nobody: {error}", path.display());
        }
        Self { path: path.to_owned(), head, is_over, beats: beats.ok() }
    }
}

impl Drop for Claim {
    fn drop(&mut self) {
        *self.is_over.0.lock().unwrap_or_else(PoisonError::into_inner) = true;
        self.is_over.1.notify_all();
        if let Some(beats) = self.beats.take() {
            let _ = beats.join();
        }
        if fs::read_to_string(&self.path).is_ok_and(|text| text.starts_with(&self.head)) {
            let _ = fs::remove_file(&self.path);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::atomic::{AtomicUsize, Ordering};

    const QUICK: Pace = Pace { beat: Duration::from_millis(5), dead: Duration::from_millis(400) };
    const NEVER: Pace = Pace { beat: Duration::from_secs(600), dead: Duration::from_millis(50) };

    fn wait(watch: &mut Watch, path: &Path, has_lock: bool) -> Claim {
        loop {
            if let Some(claim) = watch.take(path, has_lock).expect("a folder") {
                return claim;
            }
            thread::sleep(Duration::from_millis(5));
        }
    }

    #[test]
    fn a_living_claim_is_kept_from_other_machines() {
        let dir = tempfile::tempdir().expect("a folder");
        let path = dir.path().join("x.claim");
        let claim =
            Watch::new(QUICK, "here").take(&path, true).expect("a folder").expect("nobody else");
        let mut there = Watch::new(QUICK, "there");
        let begin = Instant::now();
        while begin.elapsed() < 3 * QUICK.dead {
            assert!(there.take(&path, true).expect("a folder").is_none(), "two hold the claim");
            thread::sleep(Duration::from_millis(5));
        }
        drop(claim);
        assert!(!path.exists());
        assert!(there.take(&path, true).expect("a folder").is_some());
    }

    #[test]
    fn a_dead_claim_is_taken_over() {
        // The machine of the dead, whether the lock is held, and whether he is waited for.
        for (machine, has_lock, is_waited_for) in
            [("there", true, true), ("here", false, true), ("here", true, false), ("", true, true)]
        {
            let dir = tempfile::tempdir().expect("a folder");
            let path = dir.path().join("x.claim");
            let mut dead = Watch::new(NEVER, machine)
                .take(&path, true)
                .expect("a folder")
                .expect("nobody else");
            let mut watch = Watch::new(NEVER, if machine.is_empty() { "" } else { "here" });
            let first = watch.take(&path, has_lock).expect("a folder");
            assert_eq!(first.is_none(), is_waited_for, "{machine} {has_lock}");
            let ours = first.unwrap_or_else(|| wait(&mut watch, &path, has_lock));
            // Should he come back after all, he leaves it alone.
            dead.beats = None;
            drop(dead);
            assert!(path.exists());
            drop(ours);
            assert!(!path.exists() && fs::read_dir(dir.path()).expect("a folder").next().is_none());
        }
    }

    #[test]
    fn one_at_a_time() {
        let dir = tempfile::tempdir().expect("a folder");
        let path = dir.path().join("x.claim");
        let n_inside = AtomicUsize::new(0);
        // Longer than a thread may not be run for.
        let pace = Pace { dead: Duration::from_secs(30), ..QUICK };
        thread::scope(|scope| {
            for machine in ["a", "b", "c", "d"] {
                let (path, n_inside) = (&path, &n_inside);
                scope.spawn(move || {
                    for _ in 0..20 {
                        let _claim = wait(&mut Watch::new(pace, machine), path, false);
                        assert_eq!(
                            n_inside.fetch_add(1, Ordering::SeqCst),
                            0,
                            "two hold the claim"
                        );
                        n_inside.fetch_sub(1, Ordering::SeqCst);
                    }
                });
            }
        });
        assert!(Watch::new(QUICK, "a").take(&dir.path().join("no/such/folder"), true).is_err());
    }

    #[test]
    fn a_claim_that_was_taken_away_by_mistake_comes_back() {
        let dir = tempfile::tempdir().expect("a folder");
        let path = dir.path().join("x.claim");
        let claim =
            Watch::new(QUICK, "here").take(&path, true).expect("a folder").expect("nobody else");
        assert!(!Watch::bury(&path, b"another one").expect("a folder"));
        assert!(path.exists());
        fs::remove_file(&path).expect("a claim");
        while !path.exists() {
            thread::sleep(Duration::from_millis(5));
        }
        drop(claim);
        assert!(!path.exists());
    }
}
