//! A file that fails once: whatever is written behind an error is taken and forgotten.
//!
//! The archive's writer ends what was begun when it is dropped, and prints what goes wrong with that
//! to standard error; but whoever asked was told already.

use std::io::{self, Seek, SeekFrom, Write};

/// Writes to `W` up to the first error.
pub(super) struct Once<W> {
    inner: W,
    has_failed: bool,
}

impl<W> Once<W> {
    pub(super) fn new(inner: W) -> Self {
        Self { inner, has_failed: false }
    }

    fn tried<T>(&mut self, then: T, act: impl FnOnce(&mut W) -> io::Result<T>) -> io::Result<T> {
        if self.has_failed {
            return Ok(then);
        }
        let done = act(&mut self.inner);
        self.has_failed = done.as_ref().is_err_and(|e| e.kind() != io::ErrorKind::Interrupted);
        done
    }
}

impl<W: Write> Write for Once<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.tried(bytes.len(), |inner| inner.write(bytes))
    }

    fn flush(&mut self) -> io::Result<()> {
        self.tried((), Write::flush)
    }
}

impl<W: Seek> Seek for Once<W> {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        self.tried(0, |inner| inner.seek(to))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A disk with room for so many bytes.
    struct Disk(usize);

    impl Write for Disk {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0 = self.0.checked_sub(bytes.len()).ok_or(io::ErrorKind::StorageFull)?;
            Ok(bytes.len())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn only_the_first_error_is_one() {
        let mut once = Once::new(Disk(4));
        assert!(once.write_all(b"four").is_ok());
        assert!(once.write_all(b"more").is_err());
        assert!(once.write_all(b"more").is_ok() && once.flush().is_ok());
    }
}
