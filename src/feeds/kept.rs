//! Recordings that were fetched by their address: where each lies, which version it is, and which
//! go when there are too many.

use super::{discard, done};
use crate::episode::EpisodeId;
use crate::printable;
use crate::reason::Reason;
use crate::store::{About, Key, Store};
use crate::web::download::{self, Version};
use serde::{Deserialize, Serialize};
use std::collections::HashSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::{Duration, UNIX_EPOCH};

/// The stage of a recording that was fetched by its address.
pub const FETCHED: &str = "fetched";
/// Their folder, in the folder of the user's own files.
const FOLDER: &str = "fetched";
/// The longest name that a file gets, in bytes.
const LONGEST: usize = 120;
/// A recording that no record tells of may be about to be remembered for so long.
const FRESH: Duration = Duration::from_secs(86_400);

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
    /// The length and the date of the file that has this hash, in bytes and in nanoseconds since
    /// 1970.
    pub file: (u64, u64),
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

    /// The hash of the file at `path`, where that is the one that was hashed.
    pub fn hash_of(&self, path: &Path) -> Option<&str> {
        (self.id().is_some() && file(path) == Some(self.file)).then_some(self.hash.as_str())
    }
}

/// The length and the date of the file at `path`, which change with it.
pub fn file(path: &Path) -> Option<(u64, u64)> {
    let about = fs::metadata(path).ok()?;
    let since = about.modified().ok()?.duration_since(UNIX_EPOCH).ok()?;
    Some((about.len(), u64::try_from(since.as_nanos()).ok()?))
}

/// What an address is known by in the store.
fn id(url: &str) -> EpisodeId {
    EpisodeId(*blake3::hash(format!("aloud-fetched\n{url}").as_bytes()).as_bytes())
}

/// What the recording at `url` is known by to whoever hears it before it is whole, and has a hash.
pub fn loading_id(url: &str) -> EpisodeId {
    EpisodeId(*blake3::hash(format!("aloud-loading\n{url}").as_bytes()).as_bytes())
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
    Some(folder(store)?.join(id(url).folder()).join(name(url)))
}

/// The last part of an address as a file's name.
fn name(url: &str) -> String {
    let path = url.split(['?', '#']).next().unwrap_or_default();
    let last = path
        .split_once("://")
        .map_or(path, |(_, rest)| rest)
        .rsplit('/')
        .find(|part| !part.is_empty())
        .unwrap_or_default();
    let line = printable::line(last).into_owned();
    let plain: String =
        line.chars().map(|c| if "\\:*?\"<>|%".contains(c) { '_' } else { c }).collect();
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

/// The hash of the file at `path` that came from `url`, where it was read since it was written.
pub fn hash_of(store: &Store, url: &str, path: &Path) -> Option<EpisodeId> {
    EpisodeId::parse(recall(store, url)?.hash_of(path)?)
}

/// Remembers a recording that is here.
///
/// # Errors
/// Why it could not be kept.
pub fn remember(store: &Store, kept: &Kept) -> Result<(), Reason> {
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
        let kept = store
            .read(&stamp)
            .and_then(|record| serde_json::from_slice::<Kept>(&record.payload).ok());
        if let Some(kept) = kept {
            let bytes = path(store, &kept.url)
                .and_then(|path| fs::metadata(path).ok())
                .map_or(0, |about| about.len());
            found.push((kept, bytes));
        }
    }
    found.sort_by_key(|(kept, _)| kept.used);
    found
}

/// Removes recordings until all together have no more than `most` bytes: those first that were
/// asked for longest ago, none that is not heard to its end, and none at an address of `spared`.
/// The addresses of those that went.
pub fn make_room(
    store: &Store,
    most: u64,
    spared: &[String],
    is_heard: &dyn Fn(&Kept) -> bool,
) -> Vec<String> {
    let known = all(store);
    let mut sum: u64 = known.iter().map(|(_, bytes)| bytes).sum();
    let mut gone = Vec::new();
    for (kept, bytes) in known {
        if sum <= most {
            break;
        }
        // Another process may have asked for it since.
        let is_unused = || recall(store, &kept.url).is_none_or(|now| now.used == kept.used);
        if !spared.contains(&kept.url) && is_heard(&kept) && is_unused() && forget(store, &kept.url)
        {
            sum -= bytes;
            gone.push(kept.url);
        }
    }
    gone
}

/// Removes the recording at `url` and what is known of it; whether that could be done.
pub fn forget(store: &Store, url: &str) -> bool {
    // The file first: what a record tells of is found again.
    if !remove(store, url) {
        return false;
    }
    let id = id(url);
    if let Some(problem) = store.remove(|entry| entry.episode == id).problem {
        log::warn!("{problem}");
    }
    true
}

/// Removes the recordings of `before` that no record tells of any more, as after `aloud cache rm`.
pub fn clear(store: &Store, before: &[(Kept, u64)]) {
    for (kept, _) in before.iter().filter(|(kept, _)| store.get(&key(&kept.url)).is_none()) {
        remove(store, &kept.url);
    }
}

/// Removes what was fetched from `url`, or is left of trying; whether it is gone.
pub fn remove(store: &Store, url: &str) -> bool {
    path(store, url).is_none_or(|path| drop_file(&path))
}

/// Removes a recording and what fetching it left beside it, and its folder where nothing else is in
/// that; whether it is gone.
fn drop_file(path: &Path) -> bool {
    if let Err(error) = discard(path) {
        log::warn!("cannot remove `{}`: {error}", path.display());
        return false;
    }
    // Not where somebody laid something of his own into it.
    path.parent().map(fs::remove_dir);
    true
}

/// Removes recordings that a process fetched which died before it could remember them. What is on
/// its way stays, what came not long ago, since another process may be about to remember it, and
/// whatever this program did not fetch.
pub fn sweep(store: &Store) {
    let Some(folder) = folder(store) else { return };
    let known: HashSet<PathBuf> =
        all(store).iter().filter_map(|(kept, _)| path(store, &kept.url)).collect();
    let entries = |folder: &Path| {
        fs::read_dir(folder)
            .into_iter()
            .flatten()
            .flatten()
            .map(|entry| entry.path())
            .collect::<Vec<_>>()
    };
    for own in entries(&folder).iter().filter(|own| EpisodeId::names_folder(own)) {
        for path in entries(own).iter().filter_map(|file| download::fetched_by(file)) {
            let is_old = || {
                fs::metadata(&path)
                    .and_then(|about| about.modified())
                    .is_ok_and(|at| at.elapsed().is_ok_and(|age| age > FRESH))
            };
            if !known.contains(&path) && download::kept(&path).is_none() && is_old() {
                drop_file(&path);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::SystemTime;

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
            remember(
                &store,
                &Kept {
                    url,
                    hash: EpisodeId([n; 32]).to_string(),
                    used: u64::from(n),
                    ..Kept::default()
                },
            )
            .unwrap();
        }
        let is_heard = |kept: &Kept| kept.id().is_some_and(|id| id.0[0] != 2);
        let spared = ["https://a.net/1.mp3".to_owned(), "https://a.net/5.mp3".to_owned()];
        assert_eq!(make_room(&store, 500, &[], &is_heard), Vec::<String>::new());
        let own = path(&store, "https://a.net/4.mp3").unwrap().with_extension("srt");
        fs::write(&own, "my own").unwrap();
        assert_eq!(
            make_room(&store, 250, &spared, &is_heard),
            ["https://a.net/3.mp3", "https://a.net/4.mp3"]
        );
        let left: Vec<String> =
            all(&store).into_iter().map(|(kept, bytes)| format!("{} {bytes}", kept.url)).collect();
        assert_eq!(
            left,
            ["https://a.net/1.mp3 100", "https://a.net/2.mp3 100", "https://a.net/5.mp3 100"]
        );
        assert!(
            recall(&store, "https://a.net/1.mp3").is_some()
                && recall(&store, "https://a.net/3.mp3").is_none()
        );
        assert!(
            own.is_file()
                && !path(&store, "https://a.net/3.mp3").unwrap().parent().unwrap().exists()
        );
    }

    #[test]
    fn only_what_was_fetched_and_nobody_needs_is_swept() {
        let dir = tempfile::tempdir().unwrap();
        let store = Store::open(dir.path());
        let put = |url: &str, name: Option<&str>, days: u64| {
            let path = path(&store, url).unwrap();
            let path = name.map_or(path.clone(), |name| path.with_file_name(name));
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            let file = fs::File::create(&path).unwrap();
            file.set_modified(SystemTime::now() - FRESH * days as u32 - FRESH / 2).unwrap();
            path
        };
        let mut lost = Vec::new();
        for (url, days, rest, stays) in [
            // Remembered; died before it was; just come; on its way again; somebody's own.
            ("https://a.net/1.mp3", 2, &[".1.mp3.lock"][..], true),
            ("https://a.net/2.mp3", 2, &[".2.mp3.lock"], false),
            ("https://a.net/3.mp3", 0, &[".3.mp3.lock"], true),
            ("https://a.net/4.mp3", 2, &[".4.mp3.lock", ".4.mp3.part"], true),
            ("https://a.net/5.mp3", 2, &[], true),
        ] {
            rest.iter().for_each(|name| drop(put(url, Some(name), days)));
            let path = put(url, None, days);
            lost.push((path, stays));
        }
        let notes = put("https://a.net/2.mp3", Some("2.srt"), 2);
        remember(&store, &Kept { url: "https://a.net/1.mp3".into(), ..Kept::default() }).unwrap();
        sweep(&store);
        lost.iter()
            .for_each(|(path, stays)| assert_eq!(path.is_file(), *stays, "{}", path.display()));
        assert!(notes.is_file());
        // Forgotten with its record, and no other with it.
        let before = all(&store);
        store.remove(|_| true);
        clear(&store, &before);
        assert!(
            !lost[0].0.parent().unwrap().exists() && lost[2].0.is_file() && lost[3].0.is_file()
        );
    }

    #[test]
    fn a_hash_is_that_of_the_file() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("a.mp3");
        fs::write(&path, "a").unwrap();
        let kept = Kept {
            hash: EpisodeId([7; 32]).to_string(),
            file: file(&path).unwrap(),
            ..Kept::default()
        };
        assert_eq!(kept.hash_of(&path), Some(kept.hash.as_str()));
        fs::write(&path, "ab").unwrap();
        assert_eq!((kept.hash_of(&path), Kept::default().hash_of(&path)), (None, None));
    }
}
