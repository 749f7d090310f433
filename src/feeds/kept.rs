//! Recordings that were fetched by their address: where each lies, which version it is, and which go when there are too many.

use super::done;
use crate::episode::EpisodeId;
use crate::printable;
use crate::store::{About, Key, Store};
use crate::web::download::Version;
use serde::{Deserialize, Serialize};
use std::collections::HashSet;
use std::fs;
use std::path::{Path, PathBuf};

/// The stage of a recording that was fetched by its address.
pub const FETCHED: &str = "fetched";
/// Their folder, in the folder of the user's own files.
const FOLDER: &str = "fetched";
/// The longest name that a file gets, in bytes.
const LONGEST: usize = 120;

/// A recording that was fetched by its address.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Kept {
    /// Its address.
    pub url: String,
    /// Which version of it is here.
    pub etag: Option<String>,
    /// The same, by its date.
    pub modified: Option<String>,
    /// The hash of its bytes.
    pub hash: String,
    /// When it was asked for last, in seconds since 1970.
    pub used: u64,
}

impl Kept {
    /// Which version is here.
    pub fn version(&self) -> Version {
        Version { etag: self.etag.clone(), modified: self.modified.clone() }
    }

    /// The hash of its bytes.
    pub fn id(&self) -> Option<EpisodeId> {
        EpisodeId::parse(&self.hash)
    }
}

/// What an address is known by in the store.
fn id(url: &str) -> EpisodeId {
    EpisodeId(*blake3::hash(format!("aloud-fetched\n{url}").as_bytes()).as_bytes())
}

fn key(url: &str) -> Key {
    Key::new(FETCHED, id(url))
}

/// The folder of all of them; `None` for a store without one.
pub fn folder(store: &Store) -> Option<PathBuf> {
    Some(store.home()?.join(FOLDER))
}

/// Where the recording at `url` lies, or would; `None` for a store without folders.
pub fn path(store: &Store, url: &str) -> Option<PathBuf> {
    Some(folder(store)?.join(&id(url).to_string()[..16]).join(name(url)))
}

/// The last part of an address as a file's name.
fn name(url: &str) -> String {
    let path = url.split(['?', '#']).next().unwrap_or_default();
    let last = path.split_once("://").map_or(path, |(_, rest)| rest).rsplit('/').find(|part| !part.is_empty()).unwrap_or_default();
    let line = printable::line(last).into_owned();
    let plain: String = line.chars().map(|c| if "\\:*?\"<>|%".contains(c) { '_' } else { c }).collect();
    let plain = plain.trim_matches(['.', ' ']);
    // The ending says what it is.
    let mut from = plain.len().saturating_sub(LONGEST);
    while !plain.is_char_boundary(from) {
        from += 1;
    }
    if plain.is_empty() { "recording".to_owned() } else { plain[from..].to_owned() }
}

/// What is known of the recording at `url`, if it is here.
pub fn recall(store: &Store, url: &str) -> Option<Kept> {
    let kept: Kept = serde_json::from_slice(&store.get(&key(url))?).ok()?;
    (kept.url == url && path(store, url).is_some_and(|path| path.is_file())).then_some(kept)
}

/// Remembers a recording that is here.
///
/// # Errors
/// Why it could not be kept.
pub fn remember(store: &Store, kept: &Kept) -> Result<(), String> {
    let about = About { file: kept.url.clone(), ..About::default() };
    done(store.put(&key(&kept.url), &about, &serde_json::to_vec(kept).unwrap_or_default()))
}

/// All that are known, those that were asked for longest ago first, with their bytes on the disk.
pub fn all(store: &Store) -> Vec<(Kept, u64)> {
    let mut found = Vec::new();
    for stamp in store.stamps() {
        if !stamp.is_of(&Key::new(FETCHED, stamp.episode)) {
            continue;
        }
        let kept = store.read(&stamp).and_then(|record| serde_json::from_slice::<Kept>(&record.payload).ok());
        if let Some(kept) = kept {
            let bytes = path(store, &kept.url).and_then(|path| fs::metadata(path).ok()).map_or(0, |about| about.len());
            found.push((kept, bytes));
        }
    }
    found.sort_by_key(|(kept, _)| kept.used);
    found
}

/// Removes recordings until all together have no more than `most` bytes: those first that were asked for longest ago, none that
/// is not heard to its end, and not the one at `spared`. The addresses of those that went.
pub fn make_room(store: &Store, most: u64, spared: &str, is_heard: &dyn Fn(EpisodeId) -> bool) -> Vec<String> {
    let known = all(store);
    let mut sum: u64 = known.iter().map(|(_, bytes)| bytes).sum();
    let mut gone = Vec::new();
    for (kept, bytes) in known {
        if sum <= most {
            break;
        }
        if kept.url != spared && kept.id().is_none_or(is_heard) {
            forget(store, &kept.url);
            sum -= bytes;
            gone.push(kept.url);
        }
    }
    gone
}

/// Removes the recording at `url` and what is known of it.
pub fn forget(store: &Store, url: &str) {
    let id = id(url);
    if let Some(problem) = store.remove(|entry| entry.episode == id).problem {
        log::warn!("{problem}");
    }
    sweep(store);
}

/// Removes recordings that no record tells of, as after `aloud cache rm`; what is on its way stays.
pub fn sweep(store: &Store) {
    let Some(folder) = folder(store) else { return };
    let known: HashSet<PathBuf> = all(store).iter().filter_map(|(kept, _)| Some(path(store, &kept.url)?.parent()?.to_owned())).collect();
    for own in fs::read_dir(&folder).into_iter().flatten().flatten().map(|entry| entry.path()) {
        let is_ours =
            own.file_name().is_some_and(|name| name.len() == 16 && name.to_string_lossy().bytes().all(|byte| byte.is_ascii_hexdigit()));
        if is_ours
            && !known.contains(&own)
            && !is_on_its_way(&own)
            && let Err(error) = fs::remove_dir_all(&own)
        {
            log::warn!("cannot remove `{}`: {error}", own.display());
        }
    }
}

/// Whether something in `folder` has come in part.
fn is_on_its_way(folder: &Path) -> bool {
    let names = fs::read_dir(folder).into_iter().flatten().flatten().map(|entry| entry.file_name());
    names.into_iter().any(|name| name.to_string_lossy().ends_with(".part"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_files() {
        for (url, want) in [
            ("https://a.net/x/talk.mp3?t=1", "talk.mp3"),
            ("https://a.net/", "a.net"),
            ("https://a.net/a%20b:c.ogg", "a_20b_c.ogg"),
            ("https://a.net/..", "recording"),
            ("", "recording"),
        ] {
            assert_eq!(name(url), want, "{url}");
        }
        assert!(name(&format!("https://a.net/{}.mp3", "x".repeat(500))).ends_with("x.mp3"));
    }

    #[test]
    fn the_oldest_that_was_heard_goes_first() {
        let dir = tempfile::tempdir().unwrap();
        let store = Store::open(dir.path());
        for n in 1..=5u8 {
            let url = format!("https://a.net/{n}.mp3");
            let path = path(&store, &url).unwrap();
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, [0; 100]).unwrap();
            remember(&store, &Kept { url, hash: EpisodeId([n; 32]).to_string(), used: u64::from(n), ..Kept::default() }).unwrap();
        }
        let is_heard = |id: EpisodeId| id.0[0] != 2;
        assert_eq!(make_room(&store, 500, "", &is_heard), Vec::<String>::new());
        let gone = make_room(&store, 250, "https://a.net/1.mp3", &is_heard);
        assert_eq!(gone, ["https://a.net/3.mp3", "https://a.net/4.mp3", "https://a.net/5.mp3"]);
        let left: Vec<String> = all(&store).into_iter().map(|(kept, bytes)| format!("{} {bytes}", kept.url)).collect();
        assert_eq!(left, ["https://a.net/1.mp3 100", "https://a.net/2.mp3 100"]);
        assert!(recall(&store, "https://a.net/1.mp3").is_some() && recall(&store, "https://a.net/3.mp3").is_none());
        // What no record tells of goes, what is on its way does not.
        let half = path(&store, "https://a.net/9.mp3").unwrap();
        fs::create_dir_all(half.parent().unwrap()).unwrap();
        fs::write(half.with_file_name(".9.mp3.part"), "x").unwrap();
        store.remove(|_| true);
        sweep(&store);
        assert_eq!(fs::read_dir(folder(&store).unwrap()).unwrap().count(), 1);
    }
}
