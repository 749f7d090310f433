//! Files that are whole or not there: write beside, sync, rename.
//!
//! Knows the names that the room's files have, so that nothing else in the folder is ever touched.
//! Never knows what is written in them.

use super::Key;
use super::record::Damage;
use crate::episode::EpisodeId;
use std::fs::{self, File};
use std::io::{self, ErrorKind, Write};
use std::path::{Path, PathBuf};
use std::time::Duration;

/// A longer file is no record of ours: a hundred hours of words are a tenth of it.
pub(super) const MAX_BYTES: u64 = 1 << 30;

/// How many damaged files are kept of one record; the newest replaces the last.
const MAX_ASIDE: usize = 3;

/// How the names of a key's files end.
pub(super) const RECORD: &str = "record";
pub(super) const JOURNAL: &str = "journal";
pub(super) const LOCK: &str = "lock";
pub(super) const CLAIM: &str = "claim";

/// Where half-written files begin and end.
const TEMPORARY: (&str, &str) = ("aloud-", ".part");

/// Nobody writes a file for so long.
const LEFT_BEHIND: Duration = Duration::from_secs(24 * 60 * 60);

/// What a file in the folder is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// A result.
    Record,
    /// The finished windows of a job.
    Journal,
    /// A lock, held or left behind.
    Lock,
    /// A claim among machines, alive or left behind.
    Claim,
    /// A record or journal that was set aside.
    Damaged,
    /// A record being written, or one whose writer died.
    Temporary,
}

impl Kind {
    /// The kind of the file `name`, and the recording it is about; `None` for a file that is not
    /// ours.
    pub(super) fn of(name: &str) -> Option<(Kind, Option<EpisodeId>)> {
        if name.starts_with(TEMPORARY.0) && name.ends_with(TEMPORARY.1) {
            return Some((Kind::Temporary, None));
        }
        let (stem, ending) = name.split_once('.')?;
        let (episode, own) = stem.split_once('-')?;
        let episode = EpisodeId::parse(episode)?;
        if own.len() != 32 || !own.bytes().all(|byte| byte.is_ascii_hexdigit()) {
            return None;
        }
        let kind = match ending.split_once('.') {
            None if ending == RECORD => Kind::Record,
            None if ending == JOURNAL => Kind::Journal,
            None if ending == LOCK => Kind::Lock,
            None if ending == CLAIM => Kind::Claim,
            Some((RECORD | JOURNAL, aside)) if aside.starts_with("damaged-") => Kind::Damaged,
            _ => return None,
        };
        Some((kind, Some(episode)))
    }
}

/// Our files in `dir`; none where it cannot be read.
pub(super) fn ours(dir: &Path) -> Vec<(PathBuf, Kind, Option<EpisodeId>)> {
    let Ok(dir) = fs::read_dir(dir) else { return Vec::new() };
    let ours = |file: fs::DirEntry| {
        let (kind, episode) = Kind::of(file.file_name().to_str()?)?;
        Some((file.path(), kind, episode))
    };
    dir.flatten().filter_map(ours).collect()
}

/// Where in `dir` the file of `key` with this ending is.
pub(super) fn path(dir: &Path, key: &Key, ending: &str) -> PathBuf {
    dir.join(format!("{}.{ending}", key.stem()))
}

/// Whether files can be made in `dir`, which is made where it is missing.
///
/// The file that is tried has no name where the system knows such files, and else the same name
/// each time, so that the folder's time keeps telling when a record came or went last.
pub(super) fn try_writing(dir: &Path) -> io::Result<()> {
    // The system would take it for the current folder.
    if dir.as_os_str().is_empty() {
        return Err(io::Error::new(ErrorKind::InvalidInput, "the folder's name is empty"));
    }
    fs::create_dir_all(dir)?;
    if fs::metadata(dir)?.permissions().readonly() {
        beside(dir)?;
    }
    let words = b"aloud tries whether it can write here\n";
    if let Some(mut file) = unnamed(dir) {
        return file.write_all(words);
    }
    let probe = dir.join(format!("{}probe{}", TEMPORARY.0, TEMPORARY.1));
    make_way(&probe);
    fs::write(probe, words)
}

/// A file in `dir` without a name.
#[cfg(target_os = "linux")]
fn unnamed(dir: &Path) -> Option<fs::File> {
    use rustix::fs::{Mode, OFlags, open};
    open(dir, OFlags::WRONLY | OFlags::TMPFILE | OFlags::CLOEXEC, Mode::RUSR | Mode::WUSR)
        .ok()
        .map(fs::File::from)
}

#[cfg(not(target_os = "linux"))]
fn unnamed(_: &Path) -> Option<fs::File> {
    None
}

/// Takes what is no file from where a file of ours is to be: opening a named pipe would wait for
/// ever.
pub(super) fn make_way(path: &Path) {
    match fs::symlink_metadata(path) {
        Ok(about) if about.is_dir() => set_aside(path, Damage::Misshapen),
        Ok(about) if !about.is_file() => {
            log::warn!("removing `{}`, which is no file", path.display());
            let _ = fs::remove_file(path);
        }
        _ => {}
    }
}

/// Removes half-written files and claims in `dir` whose writers died long ago. A time in the future
/// is no sign of age.
pub(super) fn sweep(dir: &Path) {
    let is_old = |about: fs::Metadata| {
        about.modified().ok().and_then(|at| at.elapsed().ok()).is_some_and(|age| age > LEFT_BEHIND)
    };
    for file in fs::read_dir(dir).into_iter().flatten().flatten() {
        let is_part = file
            .file_name()
            .to_str()
            .and_then(Kind::of)
            .is_some_and(|(kind, _)| matches!(kind, Kind::Temporary | Kind::Claim));
        if is_part
            && file.metadata().is_ok_and(|about| about.is_file() && is_old(about))
            && fs::remove_file(file.path()).is_ok()
        {
            log::info!("removed `{}`, which was never finished", file.path().display());
        }
    }
}

/// Puts `bytes` at `path`, in `dir`, so that after a crash the file is either the old or the new
/// one, whole.
pub(super) fn write_whole(dir: &Path, path: &Path, bytes: &[u8]) -> io::Result<()> {
    // Somebody may have emptied the cache since it was opened.
    fs::create_dir_all(dir)?;
    let file = beside(dir)?;
    file.as_file().write_all(bytes)?;
    file.as_file().sync_all()?;
    file.persist(path).map_err(|failed| failed.error)?;
    sync_dir(dir);
    Ok(())
}

/// A new file in `dir` that vanishes unless it is given its name.
pub(super) fn beside(dir: &Path) -> io::Result<tempfile::NamedTempFile> {
    let file = tempfile::Builder::new().prefix(TEMPORARY.0).suffix(TEMPORARY.1).tempfile_in(dir);
    // The library's own message names a path that nobody knows.
    file.map_err(|error| error.kind().into())
}

/// Makes names in `dir` survive a power cut, where the system offers that.
pub(super) fn sync_dir(dir: &Path) {
    if cfg!(unix)
        && let Err(error) = File::open(dir).and_then(|dir| dir.sync_all())
    {
        log::debug!("cannot sync `{}`: {error}", dir.display());
    }
}

/// Whether a file at `path` can be a record or a journal at all; `Ok(false)` where there is none.
pub(super) fn is_plausible(path: &Path) -> Result<bool, Damage> {
    match fs::metadata(path) {
        Ok(about) if about.is_file() && about.len() <= MAX_BYTES => Ok(true),
        Ok(_) => Err(Damage::Misshapen),
        // Whatever else is wrong, reading it will say.
        Err(error) => Ok(error.kind() != ErrorKind::NotFound),
    }
}

/// The names that the file at `path` may have once it was set aside.
pub(super) fn aside(path: &Path) -> impl Iterator<Item = PathBuf> {
    let name = path.as_os_str().to_owned();
    (1..=MAX_ASIDE).map(move |n| {
        let mut name = name.clone();
        name.push(format!(".damaged-{n}"));
        PathBuf::from(name)
    })
}

/// Renames a damaged file out of the way.
pub(super) fn set_aside(path: &Path, damage: Damage) {
    let free =
        aside(path).find(|path| !path.exists()).or_else(|| aside(path).last()).unwrap_or_default();
    // A folder, unlike a file, is not renamed over a file.
    let _ = fs::remove_file(&free);
    match fs::rename(path, &free) {
        Ok(()) => log::warn!("set `{}` aside: {damage}; it will be made again", free.display()),
        Err(error) => log::warn!(
            "not using `{}`: {damage} (and it cannot be renamed: {error})",
            path.display()
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_left_half_written_goes() {
        let dir = tempfile::tempdir().expect("a folder");
        let put = |name: &str, age: u64| {
            let file = File::create(dir.path().join(name)).expect("a file");
            file.set_modified(std::time::SystemTime::now() - Duration::from_secs(age))
                .expect("a time");
        };
        put("aloud-old.part", 90_000);
        put("aloud-new.part", 10);
        put("other.part", 90_000);
        put("aloud-notes.txt", 90_000);
        sweep(dir.path());
        let left = |name: &str| dir.path().join(name).exists();
        assert_eq!(
            ["aloud-old.part", "aloud-new.part", "other.part", "aloud-notes.txt"].map(left),
            [false, true, true, true]
        );
    }

    #[test]
    fn only_our_files_are_ours() {
        let stem = format!("{}-{}", "ab".repeat(32), "0".repeat(32));
        for (ending, kind) in [
            ("record", Some(Kind::Record)),
            ("journal", Some(Kind::Journal)),
            ("lock", Some(Kind::Lock)),
            ("claim", Some(Kind::Claim)),
            ("record.damaged-1", Some(Kind::Damaged)),
            ("journal.damaged-3", Some(Kind::Damaged)),
            ("record.bak", None),
            ("lock.damaged-1", None),
            ("", None),
        ] {
            assert_eq!(
                Kind::of(&format!("{stem}.{ending}")).map(|(kind, _)| kind),
                kind,
                "{ending}"
            );
        }
        for name in [
            "",
            "notes.record",
            "a-b.record",
            ".record",
            "aloud-notes.txt",
            "課-.record",
            &stem,
            &format!("{stem}0.record"),
        ] {
            assert_eq!(Kind::of(name), None, "{name}");
        }
        assert_eq!(Kind::of("aloud-x1.part"), Some((Kind::Temporary, None)));
    }
}
