//! The very small model inside this program, unpacked for whisper.cpp to open.
//!
//! `build.rs` embeds `models/ggml-micro.bin` compressed; a build without that file embeds nothing,
//! and [`unpack`] says so. whisper.cpp reads models from files, so it is unpacked once into a
//! folder and found there again.

use super::ModelError;
use super::catalogue::{self, Entry};
use super::verify;
use lzma_rust2::XzReader;
use std::fs;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

static PACKED: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/micro.xz"));

/// Whether this program carries the model.
pub fn is_embedded() -> bool {
    !PACKED.is_empty()
}

/// Unpacks the model into `dir`, or finds it there from an earlier time; gives its path.
///
/// # Errors
/// [`ModelError::NoMicro`] for a build without it, [`ModelError::Unwritable`] when `dir` takes no
/// files, [`ModelError::DamagedMicro`] when what comes out is not what was packed.
pub fn unpack(dir: &Path) -> Result<PathBuf, ModelError> {
    let entry = catalogue::find(catalogue::MICRO).ok_or(ModelError::NoMicro)?;
    unpack_from(PACKED, entry, dir)
}

/// Where [`unpack`] puts the model within `dir`.
pub fn path_in(dir: &Path) -> PathBuf {
    dir.join(format!("ggml-{}.bin", catalogue::MICRO))
}

fn unpack_from(packed: &[u8], entry: &Entry, dir: &Path) -> Result<PathBuf, ModelError> {
    let path = path_in(dir);
    if is_whole(&path, entry) {
        return Ok(path);
    }
    if packed.is_empty() {
        return Err(ModelError::NoMicro);
    }
    let unwritable = |source| ModelError::Unwritable {
        what: "unpack the model `micro` into",
        path: dir.to_owned(),
        source,
    };
    fs::create_dir_all(dir).map_err(unwritable)?;
    let mut file =
        tempfile::Builder::new().prefix(".ggml-micro-").tempfile_in(dir).map_err(unwritable)?;
    // Damage shows as an error of the reader; an error of the writer is the folder's.
    let bytes = read_packed(packed, entry.bytes).map_err(|_| ModelError::DamagedMicro)?;
    io::Write::write_all(&mut file, &bytes)
        .and_then(|()| file.as_file().sync_all())
        .map_err(unwritable)?;
    if !is_whole(file.path(), entry) {
        return Err(ModelError::DamagedMicro);
    }
    match file.persist(&path) {
        Ok(_) => Ok(path),
        // Another process may have put it there first and hold it open.
        Err(_) if is_whole(&path, entry) => Ok(path),
        Err(error) => Err(unwritable(error.error)),
    }
}

/// Unpacks at most one byte more than `len`, so that a wrong packing cannot fill the memory.
fn read_packed(packed: &[u8], len: u64) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    XzReader::new(packed, false).take(len + 1).read_to_end(&mut bytes)?;
    Ok(bytes)
}

fn is_whole(path: &Path, entry: &Entry) -> bool {
    fs::metadata(path).is_ok_and(|file| file.is_file() && file.len() == entry.bytes)
        && verify::sums(path, false, &mut |_, _| true).is_ok_and(|sums| sums.sha1 == entry.sha1)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::models::header;

    #[test]
    fn the_catalogue_describes_what_is_embedded() {
        let dir = tempfile::tempdir().unwrap();
        let inner = dir.path().join("not/yet/there");
        let first = match unpack(&inner) {
            Err(ModelError::NoMicro) => {
                return crate::models::sample::skip("built without `micro`");
            }
            result => result.unwrap(),
        };
        assert!(header::check(&first).unwrap().has_weights);
        // Found again, not made again; made again when damaged.
        let made = fs::metadata(&first).unwrap().modified().unwrap();
        assert_eq!(unpack(&inner).unwrap(), first);
        assert_eq!(fs::metadata(&first).unwrap().modified().unwrap(), made);
        fs::write(&first, "damaged").unwrap();
        unpack(&inner).unwrap();
        assert!(is_whole(&first, catalogue::find(catalogue::MICRO).unwrap()));
        assert_eq!(fs::read_dir(&inner).unwrap().count(), 1, "nothing else is left behind");
    }

    #[test]
    fn what_cannot_be_unpacked_says_so() {
        let dir = tempfile::tempdir().unwrap();
        let entry = catalogue::find(catalogue::MICRO).unwrap();
        assert!(matches!(unpack_from(b"", entry, dir.path()), Err(ModelError::NoMicro)));
        assert!(matches!(
            unpack_from(b"not xz at all", entry, dir.path()),
            Err(ModelError::DamagedMicro)
        ));
        let blocked = dir.path().join("file");
        fs::write(&blocked, "").unwrap();
        let error = unpack_from(b"x", entry, &blocked.join("dir")).unwrap_err().to_string();
        assert!(error.contains("file"), "{error}");
        assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 1);
    }
}
