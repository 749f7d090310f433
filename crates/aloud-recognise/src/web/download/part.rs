//! What has come so far of a file: its bytes, and what the server said of them.
//!
//! Beside the file `NAME` lie `.NAME.part` with the bytes, `.NAME.part.tag` with the version that
//! they belong to, and `.NAME.lock`. The lock stays when the work is done: whoever removed it could
//! take it from under the next process, which has it open and waits.

use super::{DownloadError, Version, beside};
use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{self, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

/// What the server said of the file, as far as it said anything.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Tag {
    /// Its version, as the server writes it.
    pub(super) version: Version,
    /// Its length.
    pub(super) total: Option<u64>,
    /// Its SHA-256.
    pub(super) sha256: Option<String>,
}

impl Tag {
    fn write(&self) -> String {
        let total = self.total.map(|total| total.to_string());
        let Version { etag, modified } = &self.version;
        let lines =
            [("etag", etag), ("modified", modified), ("total", &total), ("sha256", &self.sha256)];
        lines
            .iter()
            .filter_map(|(key, value)| value.as_ref().map(|value| format!("{key} {value}\n")))
            .collect()
    }

    fn read(text: &str) -> Self {
        let value = |key: &str| {
            text.lines()
                .find_map(|line| line.strip_prefix(key)?.strip_prefix(' '))
                .map(str::to_owned)
        };
        let total = value("total").and_then(|text| text.parse().ok());
        let version = Version { etag: value("etag"), modified: value("modified") };
        Self { version, total, sha256: value("sha256") }
    }
}

/// A file on its way. The lock is held as long as this lives.
pub(super) struct Part {
    /// The bytes so far.
    pub(super) path: PathBuf,
    /// How many.
    pub(super) len: u64,
    /// What the server said.
    pub(super) tag: Tag,
    file: File,
    tag_path: PathBuf,
    _lock: File,
}

fn disk<'a>(path: &'a Path) -> impl FnOnce(io::Error) -> DownloadError + 'a {
    |source| DownloadError::Disk { path: path.to_owned(), source }
}

impl Part {
    /// Takes the lock of the file at `path` and opens what is there of it; `None` when another
    /// process holds it.
    pub(super) fn open(path: &Path) -> Result<Option<Self>, DownloadError> {
        if let Some(folder) = path.parent() {
            fs::create_dir_all(folder).map_err(disk(folder))?;
        }
        let lock_path = beside(path, ".lock");
        let lock = OpenOptions::new()
            .create(true)
            .truncate(false)
            .write(true)
            .open(&lock_path)
            .map_err(disk(&lock_path))?;
        match lock.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => return Ok(None),
            // A network file system without locks: better to go on than to refuse.
            Err(TryLockError::Error(error)) => {
                log::warn!("cannot lock `{}`: {error}", lock_path.display());
            }
        }
        let (part, tag_path) = (beside(path, ".part"), beside(path, ".part.tag"));
        let mut file = OpenOptions::new()
            .create(true)
            .truncate(false)
            .write(true)
            .open(&part)
            .map_err(disk(&part))?;
        let len = file.seek(SeekFrom::End(0)).map_err(disk(&part))?;
        let tag = if len > 0 {
            Tag::read(&fs::read_to_string(&tag_path).unwrap_or_default())
        } else {
            Tag::default()
        };
        Ok(Some(Self { path: part, len, tag, file, tag_path, _lock: lock }))
    }

    /// Appends bytes.
    pub(super) fn append(&mut self, bytes: &[u8]) -> Result<(), DownloadError> {
        self.file.write_all(bytes).map_err(disk(&self.path))?;
        self.len += bytes.len() as u64;
        Ok(())
    }

    /// Remembers what the server says of the bytes to come. Losing it costs only a fresh start.
    pub(super) fn remember(&mut self, tag: Tag) {
        if tag != self.tag {
            if let Err(error) = fs::write(&self.tag_path, tag.write()) {
                log::warn!("cannot write `{}`: {error}", self.tag_path.display());
            }
            self.tag = tag;
        }
    }

    /// Throws the bytes away.
    pub(super) fn restart(&mut self) -> Result<(), DownloadError> {
        self.file.set_len(0).and_then(|()| self.file.rewind()).map_err(disk(&self.path))?;
        self.len = 0;
        self.tag = Tag::default();
        Ok(())
    }

    /// Removes everything but the lock.
    pub(super) fn discard(self) {
        // Whatever cannot be removed is judged again by the next run.
        let _ = fs::remove_file(&self.tag_path);
        let _ = fs::remove_file(&self.path);
    }

    /// Leaves nothing behind that holds nothing.
    pub(super) fn leave(self) {
        if self.len == 0 {
            self.discard();
        }
    }

    /// Gives the bytes their name, after they have reached the disk.
    pub(super) fn finish(self, path: &Path) -> Result<(), DownloadError> {
        self.file.sync_all().map_err(disk(&self.path))?;
        fs::rename(&self.path, path).map_err(disk(path))?;
        let _ = fs::remove_file(&self.tag_path);
        // The name has reached the disk when its folder has; not every system opens folders.
        if let Some(folder) = path.parent().and_then(|folder| File::open(folder).ok()) {
            let _ = folder.sync_all();
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tags_survive() {
        for tag in [
            Tag::default(),
            Tag {
                version: Version { etag: Some("\"a b\"".into()), modified: None },
                total: Some(7),
                ..Tag::default()
            },
            Tag {
                version: Version {
                    etag: None,
                    modified: Some("Sun, 29 Nov 2026 08:00:00 GMT".into()),
                },
                sha256: Some("ff".into()),
                ..Tag::default()
            },
        ] {
            assert_eq!(Tag::read(&tag.write()), tag);
        }
        assert_eq!(Tag::read("total x\nrubbish\n\0"), Tag::default());
    }

    #[test]
    fn only_one_holds_a_part() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("made/here/file.bin");
        let mut first = Part::open(&path).unwrap().unwrap();
        assert!(Part::open(&path).unwrap().is_none());
        first.append(b"abc").unwrap();
        first.remember(Tag { total: Some(9), ..Tag::default() });
        first.leave();
        let second = Part::open(&path).unwrap().unwrap();
        assert_eq!((second.len, second.tag.total), (3, Some(9)));
        second.finish(&path).unwrap();
        assert_eq!(fs::read(&path).unwrap(), b"abc");
        assert_eq!(
            fs::read_dir(path.parent().unwrap()).unwrap().count(),
            2,
            "the file and its lock"
        );
    }
}
