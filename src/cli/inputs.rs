//! Which recordings are meant: files as named, and everything that sounds in named folders.

use std::fs;
use std::path::{Path, PathBuf};

/// Extensions that are looked at in a folder. A file that is named itself is opened whatever it is called.
const EXTENSIONS: [&str; 20] = [
    "mp3", "m4a", "m4b", "mp4", "aac", "ogg", "oga", "opus", "flac", "wav", "wave", "aif", "aiff", "aifc", "caf", "mka", "mkv", "webm",
    "mp2", "mov",
];

/// The recordings that `named` means, in order, each once; folders are searched to the bottom, their files sorted by name.
pub fn recordings(named: &[PathBuf]) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for path in named {
        if path.is_dir() { search(path, &mut found) } else { found.push(path.clone()) }
    }
    let mut seen = std::collections::HashSet::new();
    found.retain(|path| seen.insert(path.clone()));
    found
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
        } else if is_recording(&path) && path.is_file() {
            found.push(path);
        }
    }
}

fn is_recording(path: &Path) -> bool {
    let extension = path.extension().map(|e| e.to_string_lossy().to_lowercase());
    extension.is_some_and(|e| EXTENSIONS.contains(&e.as_str()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn folders_are_searched() {
        let folder = tempfile::tempdir().unwrap();
        for name in ["b.MP3", "a.txt", "sub/c.opus", ".hidden/d.mp3", "z.flac"] {
            let path = folder.path().join(name);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, "").unwrap();
        }
        let named = [folder.path().to_owned(), PathBuf::from("a.txt"), folder.path().join("z.flac")];
        let found: Vec<_> = recordings(&named).iter().map(|p| p.file_name().unwrap().to_string_lossy().into_owned()).collect();
        assert_eq!(found, ["b.MP3", "c.opus", "z.flac", "a.txt"]);
    }
}
