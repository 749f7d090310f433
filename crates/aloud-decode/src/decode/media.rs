//! The bytes of a recording, as the demuxers see them: from a file or from memory, with a false
//! header skipped, false sizes put right, and an end where the sound ends.
//!
//! Knows bytes and places only; what is false in them is for `inspect` to find.

use super::error::{DecodeError, Name};
use crate::episode::EpisodeId;
use std::fs::{self, File};
use std::io::{self, Read, Seek, SeekFrom};
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};
use symphonia::core::io::MediaSource;

/// Anything that can be read from any place.
pub(super) trait Bytes: Read + Seek + Send {}
impl<T: Read + Seek + Send> Bytes for T {}

/// A handle on the bytes; its clones share one file but each has its own place.
#[derive(Clone)]
pub(super) struct Media {
    shared: Arc<Mutex<Shared>>,
    /// Length as seen.
    len: u64,
    /// Bytes at the beginning that are not shown.
    start: u64,
    /// Bytes that are shown instead of those at a place, by place.
    patches: Vec<(u64, Vec<u8>)>,
    /// Length of the longest patch: none that begins further before a read reaches into it.
    longest_patch: u64,
    at: u64,
}

struct Shared {
    bytes: Box<dyn Bytes>,
    at: u64,
}

impl Media {
    /// # Errors
    /// When the length cannot be found out.
    pub(super) fn new(bytes: impl Bytes + 'static) -> io::Result<Self> {
        let shared = Arc::new(Mutex::new(Shared { bytes: Box::new(bytes), at: u64::MAX }));
        let none = Self { shared, len: 0, start: 0, patches: Vec::new(), longest_patch: 0, at: 0 };
        none.all()
    }

    pub(super) fn len(&self) -> u64 {
        self.len
    }

    /// Hides the first `n` bytes from now on.
    pub(super) fn skip(&mut self, n: u64) {
        let n = n.min(self.len);
        self.start += n;
        self.len -= n;
        self.at = 0;
    }

    /// A handle on the same bytes that begins `n` bytes further on.
    pub(super) fn from(&self, n: u64) -> Self {
        let mut rest = self.clone();
        rest.patches = self
            .patches
            .iter()
            .filter(|(at, _)| *at >= n)
            .map(|(at, bytes)| (at - n, bytes.clone()))
            .collect();
        rest.skip(n);
        rest
    }

    /// Where the byte at `at`, as seen, stands among all of them.
    pub(super) fn place_in_all(&self, at: u64) -> u64 {
        self.start + at
    }

    /// A handle on all of the bytes, as they are.
    pub(super) fn all(&self) -> io::Result<Self> {
        let mut shared = self.shared.lock().unwrap_or_else(PoisonError::into_inner);
        let len = shared.bytes.seek(SeekFrom::End(0))?;
        shared.at = len;
        drop(shared);
        let shared = Arc::clone(&self.shared);
        Ok(Self { shared, len, start: 0, patches: Vec::new(), longest_patch: 0, at: 0 })
    }

    /// Hides what follows the first `len` bytes.
    pub(super) fn truncate(&mut self, len: u64) {
        self.len = self.len.min(len);
    }

    /// Shows `bytes` at `at` instead of what is there.
    pub(super) fn patch(&mut self, at: u64, bytes: &[u8]) {
        let place = self.patches.partition_point(|(other, _)| *other <= at);
        self.patches.insert(place, (at, bytes.to_vec()));
        self.longest_patch = self.longest_patch.max(bytes.len() as u64);
    }

    /// Up to `n` bytes from `at`, as they are, be they hidden or not; fewer at the end.
    pub(super) fn behind(&self, at: u64, n: usize) -> io::Result<Vec<u8>> {
        self.all()?.peek(self.place_in_all(at), n)
    }

    /// Up to `n` bytes from `at`; fewer at the end.
    pub(super) fn peek(&mut self, at: u64, n: usize) -> io::Result<Vec<u8>> {
        self.at = at.min(self.len);
        let mut bytes = Vec::new();
        self.by_ref().take(n as u64).read_to_end(&mut bytes)?;
        Ok(bytes)
    }
}

impl Read for Media {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        let left = usize::try_from(self.len.saturating_sub(self.at)).unwrap_or(usize::MAX);
        let wanted = buf.len().min(left);
        let buf = &mut buf[..wanted];
        let place = self.start + self.at;
        let n = {
            // A reader that panicked has been thrown away; the file under it is still good.
            let mut shared = self.shared.lock().unwrap_or_else(PoisonError::into_inner);
            if shared.at != place {
                shared.at = u64::MAX;
                shared.bytes.seek(SeekFrom::Start(place))?;
                shared.at = place;
            }
            let n = loop {
                match shared.bytes.read(buf) {
                    Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                    result => break result?,
                }
            };
            shared.at += n as u64;
            n
        };
        let end = self.at + n as u64;
        let first = self
            .patches
            .partition_point(|(at, _)| at.saturating_add(self.longest_patch) <= self.at);
        for (at, bytes) in self.patches[first..].iter().take_while(|(at, _)| *at < end) {
            let (from, to) = ((*at).max(self.at), (at + bytes.len() as u64).min(end));
            if from < to {
                // Both are within `buf` and `bytes`, so they fit into a `usize`.
                let shown = &bytes[(from - at) as usize..(to - at) as usize];
                buf[(from - self.at) as usize..(to - self.at) as usize].copy_from_slice(shown);
            }
        }
        self.at += n as u64;
        Ok(n)
    }
}

impl Seek for Media {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        let at = match to {
            SeekFrom::Start(at) => Some(at),
            SeekFrom::End(by) => self.len.checked_add_signed(by),
            SeekFrom::Current(by) => self.at.checked_add_signed(by),
        };
        self.at = at.ok_or_else(|| {
            io::Error::new(io::ErrorKind::InvalidInput, "a place before the start")
        })?;
        Ok(self.at)
    }
}

impl MediaSource for Media {
    fn is_seekable(&self) -> bool {
        true
    }

    fn byte_len(&self) -> Option<u64> {
        Some(self.len)
    }
}

/// Opens a regular file that is not empty; refuses everything else at once, without waiting for a
/// pipe's other end.
pub(super) fn open_file(path: &Path) -> Result<File, DecodeError> {
    let name = || Name::new(path.to_string_lossy());
    let cannot_open = |source| DecodeError::Open { name: name(), source };
    // Opening a pipe that nobody writes to would wait, so look first; then look at what was really
    // opened.
    check_kind(&fs::metadata(path).map_err(cannot_open)?, name)?;
    let file = File::open(path).map_err(cannot_open)?;
    check_kind(&file.metadata().map_err(cannot_open)?, name)?;
    Ok(file)
}

fn check_kind(found: &fs::Metadata, name: impl Fn() -> Name) -> Result<(), DecodeError> {
    if found.is_dir() {
        Err(DecodeError::Folder(name()))
    } else if !found.is_file() {
        Err(DecodeError::NotAFile { name: name(), kind: kind_of(found.file_type()) })
    } else if found.len() == 0 {
        Err(DecodeError::Empty(name()))
    } else {
        Ok(())
    }
}

/// The hash of the bytes of the file at `path`.
///
/// # Errors
/// As the system words them: when it cannot be opened or read, or is no file.
pub(super) fn hash(path: &Path) -> io::Result<EpisodeId> {
    // Opening a pipe could wait for ever.
    if !fs::metadata(path)?.is_file() {
        return Err(io::Error::new(io::ErrorKind::InvalidInput, "not a file"));
    }
    let mut hasher = blake3::Hasher::new();
    hasher.update_reader(File::open(path)?)?;
    Ok(EpisodeId(*hasher.finalize().as_bytes()))
}

#[cfg(unix)]
fn kind_of(kind: fs::FileType) -> &'static str {
    use std::os::unix::fs::FileTypeExt as _;
    match () {
        () if kind.is_fifo() => "a pipe",
        () if kind.is_socket() => "a socket",
        () if kind.is_char_device() || kind.is_block_device() => "a device",
        () => "something else",
    }
}

#[cfg(not(unix))]
fn kind_of(_: fs::FileType) -> &'static str {
    "something else"
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_seen() {
        let mut media = Media::new(io::Cursor::new(b"XXabcdefgh".to_vec())).unwrap();
        media.skip(2);
        media.truncate(6);
        media.patch(1, b"??");
        for (from, n, want) in
            [(0, 9, "a??def"), (1, 2, "??"), (2, 3, "?de"), (3, 1, "d"), (9, 4, "")]
        {
            assert_eq!(media.peek(from, n).unwrap(), want.as_bytes());
        }
        let mut other = media.clone();
        other.seek(SeekFrom::End(-2)).unwrap();
        assert_eq!(media.peek(0, 1).unwrap(), b"a");
        let mut end = String::new();
        other.read_to_string(&mut end).unwrap();
        assert_eq!(end, "ef");
        assert!(other.seek(SeekFrom::Current(-7)).is_err());
    }

    #[test]
    fn patches_cost_no_more_than_what_they_touch() {
        let bytes = vec![b'.'; 600_000];
        let mut media = Media::new(io::Cursor::new(bytes.clone())).unwrap();
        let mut expected = bytes;
        // From the end to the beginning, of several lengths, one over the other.
        for at in (0..299_000).rev() {
            let patch = &b"abcd"[..1 + at % 4];
            media.patch(at as u64 * 2, patch);
        }
        for at in 0..299_000 {
            expected[at * 2..at * 2 + 1 + at % 4].copy_from_slice(&b"abcd"[..1 + at % 4]);
        }
        // Single bytes: with all patches looked at for each, this would take hours.
        for from in (0..600_000u64).step_by(7) {
            assert_eq!(
                media.peek(from, 1).unwrap(),
                &expected[from as usize..=from as usize],
                "{from}"
            );
        }
        assert_eq!(media.peek(0, 600_000).unwrap(), expected);
        // Two for one place: the later one counts.
        media.patch(4, b"XY");
        media.patch(4, b"Z");
        assert_eq!(media.peek(4, 2).unwrap(), b"ZY");
    }
}
