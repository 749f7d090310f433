//! Which recordings are meant: files as named, everything that sounds in named folders, and which
//! share of them.

use regex::Regex;
use std::fmt;
use std::fs;
use std::path::{Path, PathBuf};

/// Extensions that are looked at in a folder. A file that is named itself is opened whatever it is
/// called.
const EXTENSIONS: [&str; 20] = [
    "mp3", "m4a", "m4b", "mp4", "aac", "ogg", "oga", "opus", "flac", "wav", "wave", "aif", "aiff",
    "aifc", "caf", "mka", "mkv", "webm", "mp2", "mov",
];

/// The recordings that `named` means, in order, each once; folders are searched to the bottom,
/// their files sorted by name.
pub fn recordings(named: &[PathBuf]) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for path in named {
        if path.is_dir() { search(path, &mut found) } else { found.push(path.clone()) }
    }
    let mut seen = std::collections::HashSet::new();
    found.retain(|path| seen.insert(path.clone()));
    found
}

/// As [`recordings`], and for a name that is no file but a pattern (`*` and `?` within a name, `**`
/// across folders) the recordings that it fits: for shells that leave patterns as they are.
pub fn meant(named: &[PathBuf]) -> Vec<PathBuf> {
    let expand = |path: &PathBuf| match pattern(path).filter(|_| !path.exists()) {
        Some((folder, pattern)) => {
            let mut found = Vec::new();
            search(&folder, &mut found);
            found.retain(|path| pattern.is_match(&path.to_string_lossy()));
            found
        }
        None => vec![path.clone()],
    };
    recordings(&named.iter().flat_map(expand).collect::<Vec<_>>())
}

/// Whether `path` is a file that is called as recordings are.
pub fn is_recording(path: &Path) -> bool {
    sound_ending(path).is_some() && path.is_file()
}

/// Whether `path` is no file but a pattern.
pub fn is_pattern(path: &Path) -> bool {
    !path.exists() && pattern(path).is_some()
}

/// Whether a file's name asks for a book.
pub fn is_book_name(path: &Path) -> bool {
    path.extension().is_some_and(|extension| extension.eq_ignore_ascii_case("epub"))
}

/// The folder that a pattern begins with, and the pattern; `None` for a plain name.
fn pattern(path: &Path) -> Option<(PathBuf, Regex)> {
    let text = path.to_str().filter(|text| text.contains(['*', '?']))?;
    let folder: PathBuf = path
        .components()
        .take_while(|part| !part.as_os_str().to_string_lossy().contains(['*', '?']))
        .collect();
    let folder = if folder.as_os_str().is_empty() { PathBuf::from(".") } else { folder };
    let escaped = regex::escape(text);
    let pattern = escaped
        .replace(r"\*\*/", "(?:.*/)?")
        .replace(r"\*\*", ".*")
        .replace(r"\*", "[^/]*")
        .replace(r"\?", "[^/]");
    // What is found in the current folder is spelled with it.
    let begin = if folder == Path::new(".") && !text.starts_with("./") { r"^\./" } else { "^" };
    Some((folder, Regex::new(&format!("{begin}{pattern}$")).ok()?))
}

/// One of several shares of a list of recordings, so that machines divide the work without speaking
/// to each other.
///
/// Whose a recording is follows from its file's name and length: no file is read for it, and each
/// machine may see the files under another path.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Shard {
    /// Which share, from 1.
    n: u64,
    /// Of how many.
    of: u64,
}

impl Shard {
    /// Reads `3/16`.
    ///
    /// # Errors
    /// Says what is wrong.
    pub fn parse(text: &str) -> Result<Self, String> {
        let parts =
            text.split_once('/').and_then(|(n, of)| Some((n.parse().ok()?, of.parse().ok()?)));
        match parts {
            Some((n, of)) if (1..=of).contains(&n) => Ok(Self { n, of }),
            _ => Err("give a share such as 3/16: the third of sixteen".to_owned()),
        }
    }

    /// Whether the recording at `path` is in this share.
    pub fn has(self, path: &Path) -> bool {
        let name = path.file_name().unwrap_or(path.as_os_str()).to_string_lossy();
        let length = fs::metadata(path).map_or(0, |about| about.len());
        let hash =
            blake3::Hasher::new().update(&length.to_le_bytes()).update(name.as_bytes()).finalize();
        let number =
            hash.as_bytes()[..8].iter().fold(0u64, |number, byte| number << 8 | u64::from(*byte));
        number % self.of == self.n - 1
    }
}

impl fmt::Display for Shard {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.n, self.of)
    }
}

/// Links to folders are not followed, so that a circle of them has an end.
fn search(folder: &Path, found: &mut Vec<PathBuf>) {
    let Ok(entries) = fs::read_dir(folder) else { return };
    let mut entries: Vec<_> = entries.flatten().collect();
    entries.sort_by_key(fs::DirEntry::file_name);
    for entry in entries {
        let path = entry.path();
        let is_hidden = entry.file_name().to_string_lossy().starts_with('.');
        if is_hidden {
            continue;
        }
        if entry.file_type().is_ok_and(|t| t.is_dir()) {
            search(&path, found);
        } else if is_recording(&path) {
            found.push(path);
        }
    }
}

/// The extension of a name that is one of a sound's, in small letters.
pub fn sound_ending(path: &Path) -> Option<&'static str> {
    let own = path.extension()?;
    EXTENSIONS.into_iter().find(|extension| own.eq_ignore_ascii_case(extension))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_are_expanded() {
        let folder = tempfile::tempdir().unwrap();
        for name in ["a1.mp3", "a2.mp3", "b.mp3", "sub/a3.mp3", "sub/deep/a4.mp3", "a5.txt"] {
            let path = folder.path().join(name);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, "").unwrap();
        }
        for (pattern, want) in [
            ("a?.mp3", "a1.mp3 a2.mp3"),
            ("*.mp3", "a1.mp3 a2.mp3 b.mp3"),
            ("*/a*.mp3", "sub/a3.mp3"),
            ("**/a*.mp3", "a1.mp3 a2.mp3 sub/a3.mp3 sub/deep/a4.mp3"),
            ("x*", ""),
            ("b.mp3", "b.mp3"),
        ] {
            let found = meant(&[folder.path().join(pattern)]);
            let names: Vec<String> = found
                .iter()
                .map(|p| p.strip_prefix(folder.path()).unwrap().display().to_string())
                .collect();
            assert_eq!(names.join(" "), want, "{pattern}");
        }
    }

    #[test]
    fn each_recording_is_in_one_share() {
        let shards: Vec<Shard> =
            (1..=5).map(|n| Shard::parse(&format!("{n}/5")).unwrap()).collect();
        let mut counts = [0; 5];
        for n in 0..500 {
            let path = PathBuf::from(format!("/here/{n}.mp3"));
            let of: Vec<usize> = (0..5).filter(|shard| shards[*shard].has(&path)).collect();
            assert_eq!(of.len(), 1);
            assert!(shards[of[0]].has(Path::new(&format!("/there/{n}.mp3"))));
            counts[of[0]] += 1;
        }
        assert!(counts.iter().all(|n| (60..140).contains(n)), "{counts:?}");
        for text in ["", "0/5", "6/5", "1", "1/", "a/b", "-1/5", "1/0"] {
            assert!(Shard::parse(text).is_err(), "{text}");
        }
    }

    #[test]
    fn folders_are_searched() {
        let folder = tempfile::tempdir().unwrap();
        for name in ["b.MP3", "a.txt", "sub/c.opus", ".hidden/d.mp3", "z.flac"] {
            let path = folder.path().join(name);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, "").unwrap();
        }
        let named =
            [folder.path().to_owned(), PathBuf::from("a.txt"), folder.path().join("z.flac")];
        let found: Vec<_> = recordings(&named)
            .iter()
            .map(|p| p.file_name().unwrap().to_string_lossy().into_owned())
            .collect();
        assert_eq!(found, ["b.MP3", "c.opus", "z.flac", "a.txt"]);
    }
}
