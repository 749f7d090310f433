//! Are these the right bytes? Checksums of whole files.

use super::catalogue::{self, Entry};
use super::header::{self, ModelInfo};
use super::{Fault, ModelError};
use sha1::{Digest, Sha1};
use sha2::Sha256;
use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

/// The checksums of a file, in lower-case hexadecimal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sums {
    /// SHA-1, as whisper.cpp's lists have it.
    pub sha1: String,
    /// SHA-256, as Hugging Face states it for large files; only where it was asked for.
    pub sha256: Option<String>,
}

/// Told how much of a file has been read, of how much; answers whether to go on.
pub type OnRead<'a> = &'a mut dyn FnMut(u64, u64) -> bool;

/// Reads the file at `path` once for its checksums.
///
/// # Errors
/// What reading gives; [`io::ErrorKind::Interrupted`] when `on_read` said no.
pub fn sums(path: &Path, with_sha256: bool, on_read: OnRead<'_>) -> io::Result<Sums> {
    let mut file = File::open(path)?;
    let total = file.metadata()?.len();
    let (mut sha1, mut sha256) = (Sha1::new(), with_sha256.then(Sha256::new));
    let mut buffer = vec![0; 256 * 1024];
    let mut done = 0;
    loop {
        let n = match file.read(&mut buffer) {
            Ok(0) => break,
            Ok(n) => n,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            Err(error) => return Err(error),
        };
        sha1.update(&buffer[..n]);
        if let Some(sha256) = &mut sha256 {
            sha256.update(&buffer[..n]);
        }
        done += n as u64;
        if !on_read(done, total) {
            return Err(io::ErrorKind::Interrupted.into());
        }
    }
    Ok(Sums { sha1: hex(&sha1.finalize()), sha256: sha256.map(|sha256| hex(&sha256.finalize())) })
}

fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write;
    bytes.iter().fold(String::new(), |mut text, byte| {
        // Writing into a String cannot fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}

/// A file that is whole.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Verified {
    /// What it says of itself.
    pub info: ModelInfo,
    /// Its SHA-1.
    pub sha1: String,
    /// The model of the catalogue that it is, under whatever name; `None` for any other.
    pub entry: Option<&'static Entry>,
}

/// Checks a file's structure, then its bytes: against `named` where its name promises a model of
/// the catalogue, else it only says which one it is.
///
/// # Errors
/// [`ModelError`] for a file that is unreadable, malformed, without weights, or not `named`.
pub fn verify(
    path: &Path,
    named: Option<&Entry>,
    on_read: OnRead<'_>,
) -> Result<Verified, ModelError> {
    let info = header::check(path)?;
    if !info.has_weights {
        return Err(ModelError::unusable(path, Fault::NoWeights));
    }
    let sha1 = sums(path, false, on_read).map_err(|source| match source.kind() {
        io::ErrorKind::Interrupted => ModelError::Cancelled,
        _ => ModelError::Unreadable { path: path.to_owned(), source },
    })?;
    let sha1 = sha1.sha1;
    match named {
        Some(entry) if entry.sha1 != sha1 => Err(ModelError::WrongBytes {
            path: path.to_owned(),
            name: entry.name,
            found: sha1,
            expected: entry.sha1,
        }),
        _ => Ok(Verified { info, entry: catalogue::find_sha1(&sha1), sha1 }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::models::sample;
    use crate::models::tensors::Weights;
    use crate::reason::Hinted;

    #[test]
    fn sums_of_known_bytes() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("abc");
        std::fs::write(&path, "abc").unwrap();
        let got = sums(&path, true, &mut |done, total| done <= total).unwrap();
        assert_eq!(got.sha1, "a9993e364706816aba3e25717850c26c9cd0d89d");
        assert_eq!(
            got.sha256.unwrap(),
            "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
        );
        assert_eq!(
            sums(&path, false, &mut |_, _| false).unwrap_err().kind(),
            io::ErrorKind::Interrupted
        );
    }

    #[test]
    fn whole_but_another() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("ggml-base.bin");
        std::fs::write(&path, sample::model(Weights::Q4_0)).unwrap();
        let own = verify(&path, None, &mut |_, _| true).unwrap();
        assert_eq!(own.entry, None);
        let error = verify(&path, catalogue::find("base"), &mut |_, _| true).unwrap_err();
        assert!(error.to_string().contains(&own.sha1), "{error}");
        assert!(error.hint().is_some_and(|hint| hint.contains("models pull base")), "{error}");
        assert!(matches!(verify(&path, None, &mut |_, _| false), Err(ModelError::Cancelled)));
    }
}
