//! Over from the one folder that earlier versions kept everything in.
//!
//! Each file is first in its new place, whole and synced, and only then gone from the old one: a
//! kill at any moment leaves it in one of them or in both, and the next run finishes. Where both
//! have a record the newer one counts, joined with the older where it may hold more; of two
//! journals both count. What cannot be moved stays and is read where it is.

use super::files::{self, Kind, LOCK};
use super::lock::Lock;
use super::record::Damage;
use super::rules::Rules;
use super::{journal, record};
use std::fs::{self, File};
use std::io::{self, ErrorKind, Read};
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

/// Held by the process that moves.
const TURN: &str = "aloud-moving.lock";
/// How long, and how often, another process that moves is waited for.
const PATIENCE: Duration = Duration::from_secs(5);
const POLL: Duration = Duration::from_millis(20);
/// A head is shorter than this.
const MAX_HEAD: u64 = 64 << 10;

/// Where files go.
pub(super) struct Homes<'a> {
    pub(super) lasting: &'a Path,
    pub(super) passing: &'a Path,
    pub(super) rules: &'a Rules,
}

/// What became of a file.
enum Moved {
    /// It is in its new place. The old one goes once that is certain, and with it what was held
    /// meanwhile.
    Over(Vec<Lock>),
    /// Somebody works on it, or it lies where it belongs.
    Stays,
}

/// Moves what lies in `from`; gives whether something of ours is left there.
pub(super) fn bring_over(from: &Path, homes: &Homes) -> bool {
    let is_ours = |(path, kind): &(PathBuf, Kind)| {
        matches!(kind, Kind::Record | Kind::Journal | Kind::Damaged)
            && fs::symlink_metadata(path).is_ok_and(|about| about.is_file())
    };
    let ours = || files::ours(from).into_iter().map(|(path, kind, _)| (path, kind)).filter(is_ours);
    if ours().next().is_none() {
        return false;
    }
    // Two names of one folder: what is moved would be removed.
    if [homes.lasting, homes.passing].iter().any(|home| is_same(from, home)) {
        return true;
    }
    let Some(turn) = take_lock(from) else { return true };
    // What cannot be removed would be moved again by every run.
    if files::try_writing(from).is_err() {
        return true;
    }
    let mut is_left = false;
    let mut over = Vec::new();
    for (path, kind) in ours() {
        let was = state(&path);
        match homes.take(&path, kind) {
            Ok(Moved::Over(locks)) => over.push((path, was, locks)),
            Ok(Moved::Stays) => is_left = true,
            // Another process of an earlier version may have finished it meanwhile.
            Err(error) if error.kind() == ErrorKind::NotFound && !path.exists() => {}
            Err(error) => {
                log::warn!("`{}` stays where it is: {error}", path.display());
                is_left = true;
            }
        }
    }
    files::sync_dir(homes.lasting);
    files::sync_dir(homes.passing);
    let n_over = over.len();
    for (path, was, locks) in over {
        // An earlier version that still runs may have written a newer one in its place.
        if state(&path) != was {
            is_left = true;
        } else if let Err(error) = fs::remove_file(&path) {
            log::warn!("`{}` was copied and cannot be removed: {error}", path.display());
            is_left = true;
        }
        drop(locks);
    }
    files::sync_dir(from);
    files::sweep(from);
    log::info!(
        "{n_over} files were moved from `{}` to `{}`",
        from.display(),
        homes.lasting.display()
    );
    drop(turn);
    is_left
}

/// The right to move; `None` where somebody else has it for too long. Where locks do not work
/// nobody is kept out: each step is safe beside another process that does the same.
fn take_lock(from: &Path) -> Option<Option<Lock>> {
    for _ in 0..PATIENCE.as_millis() / POLL.as_millis() {
        match Lock::take(&from.join(TURN)) {
            Ok(Some(lock)) => return Some(Some(lock)),
            Ok(None) => std::thread::sleep(POLL),
            Err(_) => return Some(None),
        }
    }
    None
}

impl Homes<'_> {
    fn take(&self, path: &Path, kind: Kind) -> io::Result<Moved> {
        let stage = stage(path)?;
        let dir = if (self.rules.is_passing)(&stage) { self.passing } else { self.lasting };
        let target = dir.join(path.file_name().unwrap_or_default());
        match kind {
            Kind::Journal => return take_journal(path, dir, &target),
            Kind::Damaged => take_damaged(path, dir)?,
            _ => self.take_record(path, dir, &target)?,
        }
        Ok(Moved::Over(Vec::new()))
    }

    fn take_record(&self, path: &Path, dir: &Path, target: &Path) -> io::Result<()> {
        if is_placed(path, dir, target)? {
            return Ok(());
        }
        if files::is_plausible(path).is_err() {
            return take_damaged(path, dir);
        }
        if files::is_plausible(target).is_err() {
            files::set_aside(target, Damage::Misshapen);
            return link(path, dir, target);
        }
        let (old, new) = (fs::read(path)?, fs::read(target)?);
        match (record::open(&old), record::open(&new)) {
            _ if old == new => Ok(()),
            (None, _) => take_damaged(path, dir),
            (Some(_), None) => {
                files::set_aside(target, Damage::Changed);
                link(path, dir, target)
            }
            (Some(here), Some(there)) => {
                let is_later = modified(path) > modified(target);
                let (older, newer) = if is_later { (there, here) } else { (here, there) };
                match (self.rules.join)(&newer.key.stage, &older.payload, &newer.payload) {
                    Some(both) => files::write_whole(
                        dir,
                        target,
                        &record::encode(&newer.key, &newer.about, &both),
                    ),
                    None if is_later => files::write_whole(dir, target, &old),
                    None => Ok(()),
                }
            }
        }
    }
}

/// Windows that either has are finished. Nobody may work on them meanwhile, here or there.
fn take_journal(path: &Path, dir: &Path, target: &Path) -> io::Result<Moved> {
    fs::create_dir_all(dir)?;
    let Some(here) = Lock::take(&path.with_extension(LOCK))? else { return Ok(Moved::Stays) };
    let Some(there) = Lock::take(&target.with_extension(LOCK))? else { return Ok(Moved::Stays) };
    if files::is_plausible(path).is_err() {
        take_damaged(path, dir)?;
    } else if files::is_plausible(target).is_err() {
        files::set_aside(target, Damage::Misshapen);
        link(path, dir, target)?;
    } else if !is_placed(path, dir, target)? {
        files::write_whole(dir, target, &journal::joined(&fs::read(target)?, &fs::read(path)?))?;
    }
    Ok(Moved::Over(vec![here, there]))
}

/// What was set aside stays aside, under a name that is free.
fn take_damaged(path: &Path, dir: &Path) -> io::Result<()> {
    let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
    let stem = name.split_once(".damaged-").map_or(name, |(stem, _)| stem);
    for target in files::aside(&dir.join(stem)) {
        if is_placed(path, dir, &target)?
            || fs::read(&target).ok().zip(fs::read(path).ok()).is_some_and(|(a, b)| a == b)
        {
            return Ok(());
        }
    }
    // As many as are kept there are there.
    Ok(())
}

/// Puts the file of `path` at `target` as well, unless something else is there already: then
/// `false`.
fn is_placed(path: &Path, dir: &Path, target: &Path) -> io::Result<bool> {
    match link(path, dir, target) {
        Ok(()) => Ok(true),
        // A run that was killed between its two steps.
        Err(error) if error.kind() == ErrorKind::AlreadyExists => Ok(is_same(path, target)),
        Err(error) => Err(error),
    }
}

/// Gives the file of `path` a second name, or a copy in another file system.
fn link(path: &Path, dir: &Path, target: &Path) -> io::Result<()> {
    fs::create_dir_all(dir)?;
    match fs::hard_link(path, target) {
        Err(error) if error.kind() != ErrorKind::AlreadyExists => copy(path, dir, target),
        done => done,
    }
}

fn copy(path: &Path, dir: &Path, target: &Path) -> io::Result<()> {
    let mut from = File::open(path)?;
    let mut to = files::beside(dir)?;
    io::copy(&mut from, to.as_file_mut())?;
    // An index knows records by their times.
    to.as_file().set_modified(from.metadata()?.modified()?)?;
    to.as_file().sync_all()?;
    to.persist_noclobber(target).map(drop).map_err(|failed| failed.error)
}

/// What a file says that it holds; empty where it says nothing.
fn stage(path: &Path) -> io::Result<String> {
    let mut beginning = Vec::new();
    File::open(path)?.take(MAX_HEAD).read_to_end(&mut beginning)?;
    Ok(record::describe(&beginning).map(|(stage, _)| stage).unwrap_or_default())
}

/// What tells without reading it whether a file is still the one that it was.
fn state(path: &Path) -> Option<(SystemTime, u64)> {
    let about = fs::metadata(path).ok()?;
    Some((about.modified().ok()?, about.len()))
}

fn modified(path: &Path) -> SystemTime {
    fs::metadata(path).and_then(|about| about.modified()).unwrap_or(SystemTime::UNIX_EPOCH)
}

/// Whether two paths lead to one file or folder.
#[cfg(unix)]
fn is_same(a: &Path, b: &Path) -> bool {
    use std::os::unix::fs::MetadataExt;
    matches!((fs::metadata(a), fs::metadata(b)), (Ok(a), Ok(b)) if (a.dev(), a.ino()) == (b.dev(), b.ino()))
}

#[cfg(not(unix))]
fn is_same(a: &Path, b: &Path) -> bool {
    matches!((fs::canonicalize(a), fs::canonicalize(b)), (Ok(a), Ok(b)) if a == b)
}

#[cfg(test)]
mod tests;
