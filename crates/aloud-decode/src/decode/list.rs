//! Playlists: which files, one after the other, are a recording.

use super::choice::Choice;
use super::error::{DecodeError, Name};
use super::media;
use crate::episode::EpisodeId;
use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

/// A playlist is shorter than this, in bytes.
const MOST_BYTES: u64 = 1 << 20;

/// Whether `path` names a playlist (`.m3u`, `.m3u8`), which stands for the recordings that it
/// lists.
pub fn is_list(path: &Path) -> bool {
    path.extension().is_some_and(|extension| {
        ["m3u", "m3u8"].iter().any(|own| extension.eq_ignore_ascii_case(own))
    })
}

/// The files that the playlist at `path` names, in its order, and what is to be heard of each;
/// relative paths begin in its own folder.
///
/// # Errors
/// When it cannot be read, names nothing, or names something that is no file here.
pub(super) fn files(path: &Path) -> Result<Vec<(PathBuf, Choice)>, DecodeError> {
    let name = || Name::new(path.to_string_lossy());
    let cannot_open = |source| DecodeError::Open { name: name(), source };
    let bad = |why: String| cannot_open(io::Error::new(io::ErrorKind::InvalidData, why));
    let mut bytes = Vec::new();
    let no_entry = || DecodeError::NoEntry(Name::new(path.to_string_lossy()));
    let file: File = media::open_file(path)
        .map_err(|error| if matches!(error, DecodeError::Empty(_)) { no_entry() } else { error })?;
    file.take(MOST_BYTES).read_to_end(&mut bytes).map_err(cannot_open)?;
    let text = String::from_utf8_lossy(&bytes);
    let folder = path.parent().unwrap_or(Path::new(""));
    let mut files = Vec::new();
    let mut choice = Choice::default();
    for line in
        text.trim_start_matches('\u{feff}').lines().map(str::trim).filter(|line| !line.is_empty())
    {
        if line.starts_with('#') {
            choice.read(line);
            continue;
        }
        if line.contains("://") {
            return Err(bad(format!(
                "it names an address ({line}); aloud plays files: fetch them first"
            )));
        }
        let file = folder.join(line);
        if is_list(&file) {
            return Err(bad(format!("it names another playlist ({line})")));
        }
        files.push((file, std::mem::take(&mut choice)));
    }
    if files.is_empty() { Err(no_entry()) } else { Ok(files) }
}

/// The hash by which the recording at `path` is known; of a playlist that of its files, whatever
/// they are called, and of what is to be heard of each.
///
/// # Errors
/// As the system words them: when it cannot be opened or read, or is no file.
pub fn episode_id(path: &Path) -> io::Result<EpisodeId> {
    if !is_list(path) {
        return media::hash(path);
    }
    let mut hasher = blake3::Hasher::new();
    for (file, choice) in files(path)
        .map_err(|error| io::Error::new(io::ErrorKind::InvalidData, error.to_string()))?
    {
        hasher.update(&media::hash(&file)?.0);
        hasher.update(choice.lines().as_bytes());
    }
    Ok(EpisodeId(*hasher.finalize().as_bytes()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_playlist_names() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.M3U8");
        for (text, want) in [
            (
                "\u{feff}#EXTM3U\r\n#EXTINF:1,x\r\nb c.mp3\r\n\r\n/d/e.mp3\n",
                Ok(vec![
                    (folder.path().join("b c.mp3"), Choice::default()),
                    (PathBuf::from("/d/e.mp3"), Choice::default()),
                ]),
            ),
            (
                "#EXTVLCOPT:audio-track=2\n/a.mkv\n/b.mkv\n",
                Ok(vec![
                    (PathBuf::from("/a.mkv"), Choice { track: Some(2), side: None }),
                    (PathBuf::from("/b.mkv"), Choice::default()),
                ]),
            ),
            ("#EXTM3U\n", Err("without an entry")),
            ("", Err("without an entry")),
            ("http://a/b.mp3\n", Err("names an address")),
            ("x.m3u\n", Err("another playlist")),
        ] {
            std::fs::write(&path, text).unwrap();
            match (files(&path), want) {
                (Ok(found), Ok(want)) => assert_eq!(found, want),
                (Err(error), Err(want)) => assert!(error.to_string().contains(want), "{error}"),
                (found, want) => panic!("{found:?} {want:?}"),
            }
        }
    }
}
