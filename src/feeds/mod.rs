//! Which shows does the listener follow, and what of them is in hand? A show is a record of the
//! store, its entries with it.
//!
//! [`Show`] is what is remembered; `merge` adds what a feed says now, and loses nothing that is
//! known; `names` finds a readable name for a file; `fetch` brings feeds, sounds and what belongs
//! to them; `kept` knows recordings that were fetched by their address alone. This room never ties
//! a text to a sound, never prints, and fetches nothing that it is not asked for.

mod fetch;
pub mod kept;
mod merge;
mod names;
#[cfg(test)]
mod tests;

pub use fetch::{FetchError, Fresh, Small, feed, small, sound};
use merge::merge;

use crate::episode::{Chapter, Episode, EpisodeId};
use crate::feed::TranscriptLink;
use crate::reason::Reason;
use crate::store::{About, Key, Lease, Outcome, Store};
use crate::time::Timestamp;
use crate::web::download::{self, Version};
use serde::{Deserialize, Serialize};
use std::cell::OnceCell;
use std::collections::{BTreeMap, HashMap, HashSet};
use std::path::{Path, PathBuf};
use std::{fs, io};

/// The stage of a show that is followed.
pub const FEED: &str = "feed";
/// The stage of the texts that a feed has of its entries.
pub const TEXTS: &str = "feed-texts";
/// The stage of the chapters that came beside a recording.
pub const CHAPTERS: &str = "chapters";
/// An entry is new for so many seconds at least: shows come once a week at the most seldom, as a
/// rule, and where feeds are asked often another show's entry, or the next one, must not take the
/// mark from what nobody has seen.
const YOUNG: u64 = 7 * 86_400;
/// The folder of what was fetched, in the folder of the user's own files.
const FOLDER: &str = "shows";

/// A show that is followed.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Show {
    /// The address that it was added by, which it is known by for good.
    pub first: String,
    /// Where its feed is now.
    pub url: String,
    /// What it is called; its address where nobody knows.
    pub title: String,
    /// Its page.
    pub link: Option<String>,
    /// The language spoken.
    pub language: Option<String>,
    /// The name of its folder.
    pub folder: String,
    /// Which version of the feed is known.
    pub etag: Option<String>,
    /// The same, by its date.
    pub modified: Option<String>,
    /// When the feed was asked last, in seconds since 1970.
    pub asked: Option<u64>,
    /// How many updates brought anything.
    pub n_updates: u32,
    /// In the order of the feed, those that it no longer has behind.
    pub items: Vec<Item>,
}

/// An entry of a show.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Item {
    /// What tells it from others of its show.
    pub id: String,
    /// What it is called.
    pub title: String,
    /// When it was published, in seconds since 1970.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub date: Option<i64>,
    /// How long it sounds, in milliseconds.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub length: Option<u64>,
    /// The address of its recording.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sound: Option<String>,
    /// The recording's media type.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub kind: Option<String>,
    /// The recording's length in bytes, by the feed's word.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub bytes: Option<u64>,
    /// Its page.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub link: Option<String>,
    /// The address of its chapters.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub chapters: Option<String>,
    /// Addresses, types and languages of its transcripts.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub transcripts: Vec<(String, Option<String>, Option<String>)>,
    /// The update that it came with, from 1.
    pub came: u32,
    /// When it came, in seconds since 1970, unless with the first update.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub since: Option<u64>,
    /// Whether the feed no longer has it.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub is_gone: bool,
    /// The name of its file in the show's folder, from when it is first fetched.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub file: Option<String>,
    /// The recording's hash, once it is there.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub hash: Option<String>,
    /// Whether its chapters, its transcript and its text were asked for since the recording is
    /// there.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub is_complete: bool,
}

impl Item {
    /// Its transcripts, those first of which most can be made; of equals those in `language`.
    pub fn transcripts(&self, language: Option<&str>) -> Vec<TranscriptLink> {
        let link = |(url, kind, language): &(String, Option<String>, Option<String>)| {
            TranscriptLink { url: url.clone(), kind: kind.clone(), language: language.clone() }
        };
        let main = |code: &str| code.split(['-', '_']).next().unwrap_or_default().to_lowercase();
        let is_foreign = |link: &TranscriptLink| match (&link.language, language) {
            (Some(own), Some(spoken)) => main(own) != main(spoken),
            _ => false,
        };
        let mut links: Vec<TranscriptLink> = self.transcripts.iter().map(link).collect();
        links.sort_by_key(|link| (is_foreign(link), link.rank()));
        links
    }

    /// The recording's hash, once it is there.
    pub fn id(&self) -> Option<EpisodeId> {
        EpisodeId::parse(self.hash.as_deref()?)
    }

    /// How long it sounds.
    pub fn length(&self) -> Option<Timestamp> {
        self.length.map(Timestamp::from_millis)
    }
}

impl Show {
    /// A show at `url` of which nothing is known yet, called `title`.
    pub fn new(url: &str, title: &str) -> Self {
        let title = if title.is_empty() { url } else { title }.to_owned();
        Self { first: url.to_owned(), url: url.to_owned(), title, ..Self::default() }
    }

    /// What it is known by in the store.
    pub fn id(&self) -> EpisodeId {
        id(&self.first)
    }

    /// What an entry is told by from all others as long as nobody knows its recording.
    pub fn entry_id(&self, item: &Item) -> EpisodeId {
        EpisodeId(
            *blake3::hash(format!("aloud-entry\n{}\n{}", self.first, item.id).as_bytes())
                .as_bytes(),
        )
    }

    /// Which version of the feed is known; `None` where there is none to ask for.
    pub fn version(&self) -> Option<Version> {
        let version = Version { etag: self.etag.clone(), modified: self.modified.clone() };
        (version != Version::default()).then_some(version)
    }

    /// The entries, the newest first; those without a date stay in the order of the feed, behind
    /// the others.
    pub fn newest_first(&self) -> Vec<&Item> {
        let mut items: Vec<&Item> = self.items.iter().collect();
        items.sort_by_key(|item| std::cmp::Reverse(item.date.unwrap_or(i64::MIN)));
        items
    }

    /// The file of an entry, whether it is there or not; `None` where nobody asked for it yet.
    pub fn path(&self, item: &Item, store: &Store) -> Option<PathBuf> {
        Some(self.folder(store)?.join(item.file.as_deref()?))
    }

    /// The file of an entry that is in hand.
    pub fn in_hand(&self, item: &Item, store: &Store) -> Option<PathBuf> {
        self.path(item, store).filter(|path| path.is_file())
    }

    /// The folder of what was fetched of it; `None` for a store without one.
    pub fn folder(&self, store: &Store) -> Option<PathBuf> {
        Some(store.home()?.join(FOLDER).join(&self.folder))
    }

    /// Whether an entry came with the last update that brought anything, or not long before `now`,
    /// in seconds since 1970; the first update aside.
    pub fn is_new(&self, item: &Item, now: u64) -> bool {
        let is_young = || item.since.is_some_and(|since| now.saturating_sub(since) < YOUNG);
        item.came > 1 && (item.came == self.n_updates || is_young())
    }
}

/// What the show that was added by `address` is known by.
fn id(address: &str) -> EpisodeId {
    EpisodeId(*blake3::hash(format!("aloud-feed\n{address}").as_bytes()).as_bytes())
}

/// Every show, by its title; beside it why any could not be read.
pub fn all(store: &Store) -> (Vec<Show>, Vec<String>) {
    let (mut shows, mut problems) = (Vec::new(), Vec::new());
    for stamp in store.stamps() {
        let key = Key::new(FEED, stamp.episode);
        if !stamp.is_of(&key) {
            continue;
        }
        match store.get(&key).and_then(|bytes| serde_json::from_slice::<Show>(&bytes).ok()) {
            Some(show) => shows.push(show),
            None => problems.push(
                "the record of a feed is damaged and was set aside; add its address again"
                    .to_owned(),
            ),
        }
    }
    shows.sort_by_cached_key(|show| (show.title.to_lowercase(), show.first.clone()));
    (shows, problems)
}

/// What an entry and its show are called.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Titles {
    /// The entry.
    pub entry: String,
    /// Its show.
    pub show: String,
}

impl Titles {
    fn of(item: &Item, show: &Show) -> Option<Self> {
        let titles = Self { entry: item.title.clone(), show: show.title.clone() };
        Some(titles).filter(|titles| !titles.entry.is_empty())
    }
}

/// What every entry is called whose recording was fetched, by that.
pub fn titles(store: &Store) -> HashMap<EpisodeId, Titles> {
    let of = |show: &Show| -> Vec<(EpisodeId, Titles)> {
        show.items.iter().filter_map(|item| Some((item.id()?, Titles::of(item, show)?))).collect()
    };
    all(store).0.iter().flat_map(of).collect()
}

/// What entries are called whose recordings were fetched, by file. Records of shows are long, and
/// most files are of none: they are read when the first file is asked for that lies where theirs
/// do, and once for all that follow.
pub struct TitlesByFile<'a> {
    store: &'a Store,
    /// The folder that holds those of the shows; `None` where there is none.
    folder: Option<PathBuf>,
    /// By folder and file within it.
    titles: OnceCell<HashMap<PathBuf, Titles>>,
}

impl<'a> TitlesByFile<'a> {
    /// Those of `store`.
    pub fn new(store: &'a Store) -> Self {
        let folder = store.home().and_then(|home| fs::canonicalize(home.join(FOLDER)).ok());
        Self { store, folder, titles: OnceCell::new() }
    }

    /// What the entry is called whose recording was fetched to `path`; `None` for any other file.
    pub fn of(&self, path: &Path) -> Option<Titles> {
        let folder = self.folder.as_deref()?;
        let path = fs::canonicalize(path).ok()?;
        let place = path.strip_prefix(folder).ok()?;
        self.titles.get_or_init(|| self.read()).get(place).cloned()
    }

    fn read(&self) -> HashMap<PathBuf, Titles> {
        let of = |show: &Show| -> Vec<(PathBuf, Titles)> {
            let place = |item: &Item| Some(Path::new(&show.folder).join(item.file.as_deref()?));
            show.items
                .iter()
                .filter_map(|item| Some((place(item)?, Titles::of(item, show)?)))
                .collect()
        };
        all(self.store).0.iter().flat_map(of).collect()
    }
}

/// The show that is known by `id`, if it is followed.
pub fn recall(store: &Store, id: EpisodeId) -> Option<Show> {
    serde_json::from_slice(&store.get(&Key::new(FEED, id))?).ok()
}

/// What came of looking for something by a name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Sought<T> {
    /// It.
    One(T),
    /// Any of these is meant.
    Many(Vec<T>),
    /// Nothing of the sort.
    None,
}

/// The place of what `wanted` means among `names`: its number, its whole name, or a part of it. Of
/// several `lines` each has, any will do.
fn sought(wanted: &str, names: &[Vec<&str>]) -> Sought<usize> {
    let wanted = wanted.trim().to_lowercase();
    let places = |is_it: &dyn Fn(&str) -> bool| -> Vec<usize> {
        let of = |(place, lines): (usize, &Vec<&str>)| {
            lines.iter().any(|line| is_it(&line.to_lowercase())).then_some(place)
        };
        names.iter().enumerate().filter_map(of).collect()
    };
    let whole = places(&|line| line == wanted);
    let number = wanted.parse::<usize>().ok().filter(|n| (1..=names.len()).contains(n));
    let found = match (whole.is_empty(), number) {
        (false, _) => whole,
        (true, Some(n)) => vec![n - 1],
        (true, None) if wanted.is_empty() => Vec::new(),
        (true, None) => places(&|line| line.contains(&wanted)),
    };
    match found.as_slice() {
        [] => Sought::None,
        [one] => Sought::One(*one),
        _ => Sought::Many(found),
    }
}

/// The show that `wanted` means: its number in the list, its title or a part of it, or its address.
pub fn find<'a>(wanted: &str, shows: &'a [Show]) -> Sought<&'a Show> {
    let names: Vec<Vec<&str>> = shows
        .iter()
        .map(|show| vec![show.title.as_str(), show.url.as_str(), show.first.as_str()])
        .collect();
    match sought(wanted, &names) {
        Sought::One(place) => Sought::One(&shows[place]),
        Sought::Many(places) => {
            Sought::Many(places.into_iter().map(|place| &shows[place]).collect())
        }
        Sought::None => Sought::None,
    }
}

/// The entry of `show` that `wanted` means: its number, the newest being 1, or its title or a part
/// of it.
pub fn find_item<'a>(wanted: &str, show: &'a Show) -> Sought<&'a Item> {
    let items = show.newest_first();
    let names: Vec<Vec<&str>> = items.iter().map(|item| vec![item.title.as_str()]).collect();
    match sought(wanted, &names) {
        Sought::One(place) => Sought::One(items[place]),
        Sought::Many(places) => {
            Sought::Many(places.into_iter().map(|place| items[place]).collect())
        }
        Sought::None => Sought::None,
    }
}

/// Changes what is remembered of `show` as no other process does at the same time: `change` gets
/// what is there by now. What came of it.
///
/// # Errors
/// Why nothing could be kept; also where the show is no longer followed.
pub fn change(
    store: &Store,
    show: &Show,
    cancelled: &dyn Fn() -> bool,
    change: impl FnOnce(&mut Show),
) -> Result<Show, Reason> {
    edit(store, show, false, cancelled, |now| {
        change(now);
        Ok(())
    })
    .map(|(show, ())| show)
}

/// As [`change`], by what may fail. Where nothing is remembered, `show` is what there is if it
/// `begins`, and else an error: somebody has stopped following it meanwhile.
fn edit<T>(
    store: &Store,
    show: &Show,
    begins: bool,
    cancelled: &dyn Fn() -> bool,
    edit: impl FnOnce(&mut Show) -> Result<T, Reason>,
) -> Result<(Show, T), Reason> {
    let key = Key::new(FEED, show.id());
    let lease = store.work_on(&key, &mut || {}, cancelled).ok_or("cancelled")?;
    let known = store.get(&key);
    let mut now = match known.as_deref().and_then(|bytes| serde_json::from_slice(bytes).ok()) {
        Some(now) => now,
        None if begins => show.clone(),
        None => {
            return Err(Reason::new(format!("“{}” is no longer followed", show.title))
                .hint("`aloud feed add` with its address follows it again"));
        }
    };
    let given = edit(&mut now)?;
    let naming = if now.folder.is_empty() { Some(naming(store, cancelled)?) } else { None };
    if naming.is_some() {
        let others = all(store).0.into_iter().filter(|other| other.first != now.first);
        now.folder = names::folder(
            &now.title,
            &others.map(|other| other.folder.to_ascii_lowercase()).collect(),
            &now.id(),
        );
    }
    // Numbers and texts always have a JSON form.
    let bytes = serde_json::to_vec(&now).unwrap_or_default();
    if known.as_deref() != Some(bytes.as_slice()) {
        done(store.put(&key, &about(&now), &bytes))?;
    }
    drop((naming, lease));
    Ok((now, given))
}

/// The right to be the only process that names a show's folder. Who has it waits for no other
/// right.
fn naming(store: &Store, cancelled: &dyn Fn() -> bool) -> Result<Lease, Reason> {
    Ok(store.work_on(&Key::new(FEED, id("")), &mut || {}, cancelled).ok_or("cancelled")?)
}

/// Follows those of `shows`, of which nothing is known but address and title, that are not followed
/// yet. How many these are, and why any that is followed could not be read.
///
/// # Errors
/// Why nothing more could be kept.
pub fn follow(
    store: &Store,
    shows: Vec<Show>,
    cancelled: &dyn Fn() -> bool,
) -> Result<(usize, Vec<String>), Reason> {
    let naming = naming(store, cancelled)?;
    let (known, problems) = all(store);
    let mut folders: HashSet<String> =
        known.iter().map(|show| show.folder.to_ascii_lowercase()).collect();
    let mut addresses: HashSet<String> =
        known.into_iter().flat_map(|show| [show.first, show.url]).collect();
    let mut n = 0;
    for mut show in shows {
        if !addresses.insert(show.url.clone()) {
            continue;
        }
        if cancelled() {
            return Err("cancelled".into());
        }
        show.folder = names::folder(&show.title, &folders, &show.id());
        folders.insert(show.folder.to_ascii_lowercase());
        done(store.put(
            &Key::new(FEED, show.id()),
            &about(&show),
            &serde_json::to_vec(&show).unwrap_or_default(),
        ))?;
        n += 1;
    }
    drop(naming);
    Ok((n, problems))
}

/// Takes what the feed of `show` gave, at the time `now`, into what is remembered of it; a show
/// that is not followed yet `begins` so. The show then, and how many entries are new. The texts of
/// entries are kept before the version that they came with: a feed whose version is known does not
/// come again.
///
/// # Errors
/// As [`change`].
pub fn take(
    store: &Store,
    show: &Show,
    begins: bool,
    fresh: Fresh,
    now: u64,
    cancelled: &dyn Fn() -> bool,
) -> Result<(Show, usize), Reason> {
    edit(store, show, begins, cancelled, |show| {
        let mut n_new = 0;
        if let Some((feed, problems)) = fresh.feed {
            // A damaged feed is asked for whole next time: it may only have come so.
            let is_whole = problems.is_empty();
            let merged = merge(show, feed, is_whole);
            n_new = merged.n_new;
            if n_new > 0 && show.n_updates > 1 {
                let last = show.n_updates;
                show.items
                    .iter_mut()
                    .filter(|item| item.came == last)
                    .for_each(|item| item.since = Some(now));
            }
            keep_texts(store, show, merged.texts)?;
            (show.etag, show.modified) = (
                fresh.version.etag.filter(|_| is_whole),
                fresh.version.modified.filter(|_| is_whole),
            );
        }
        show.url = fresh.moved.unwrap_or_else(|| std::mem::take(&mut show.url));
        show.asked = Some(now);
        Ok(n_new)
    })
}

fn done(outcome: Outcome) -> Result<(), Reason> {
    match outcome {
        Outcome::Kept => Ok(()),
        Outcome::Forgotten => Err(Reason::new("nothing is kept here")
            .hint("`--cache DIR` names a folder that can be written")),
        Outcome::Failed(why) => Err(why.into()),
    }
}

fn about(show: &Show) -> About {
    About { file: show.url.clone(), title: Some(show.title.clone()), model: None }
}

/// Adds to the texts that are known of a show's entries. Only for who is at work on the show.
fn keep_texts(store: &Store, show: &Show, new: BTreeMap<String, String>) -> Result<(), Reason> {
    let key = Key::new(TEXTS, show.id());
    let mut all = texts(store, show);
    let mut is_news = false;
    for (id, text) in new {
        if all.get(&id) != Some(&text) {
            all.insert(id, text);
            is_news = true;
        }
    }
    if !is_news {
        return Ok(());
    }
    done(store.put(&key, &about(show), &serde_json::to_vec(&all).unwrap_or_default()))
}

/// The texts that a show's feed had of its entries, by their identifiers.
pub fn texts(store: &Store, show: &Show) -> BTreeMap<String, String> {
    store
        .get(&Key::new(TEXTS, show.id()))
        .and_then(|bytes| serde_json::from_slice(&bytes).ok())
        .unwrap_or_default()
}

/// Forgets a show; what was fetched of it stays.
///
/// # Errors
/// Why something of it is left.
pub fn forget(store: &Store, show: &Show, cancelled: &dyn Fn() -> bool) -> Result<(), Reason> {
    let id = show.id();
    let lease = store.work_on(&Key::new(FEED, id), &mut || {}, cancelled).ok_or("cancelled")?;
    let removed = store.remove(|entry| entry.episode == id);
    drop(lease);
    removed.problem.map_or(Ok(()), |why| Err(why.into()))
}

/// Removes what was fetched of a show, and its folder where nothing else is in that.
///
/// # Errors
/// The first file that could not be removed, and why; nothing after it was.
pub fn remove_files(store: &Store, show: &Show) -> Result<(), (PathBuf, io::Error)> {
    let Some(folder) = show.folder(store).filter(|_| !show.folder.is_empty()) else {
        return Ok(());
    };
    let there = fs::read_dir(&folder).into_iter().flatten().flatten().map(|file| file.path());
    let known = show.items.iter().filter_map(|item| show.path(item, store));
    for path in
        there.filter_map(|file| download::fetched_by(&file)).chain(known).collect::<HashSet<_>>()
    {
        discard(&path).map_err(|error| (path.clone(), error))?;
        for ending in TranscriptLink::ENDINGS {
            let beside = transcript_path(&path, ending);
            gone(fs::remove_file(&beside)).map_err(|error| (beside, error))?;
        }
    }
    // Not where somebody laid something of his own into it.
    let _ = fs::remove_dir(folder);
    Ok(())
}

/// Where the transcript lies that came with the recording at `sound`.
pub fn transcript_path(sound: &Path, ending: &str) -> PathBuf {
    sound.with_extension(format!("transcript.{ending}"))
}

/// Removes a recording that was fetched, and what fetching it left beside it, unless it is being
/// fetched.
fn discard(path: &Path) -> io::Result<()> {
    download::forget(path)?;
    gone(fs::remove_file(path))
}

/// What is not there is removed.
fn gone(removed: io::Result<()>) -> io::Result<()> {
    removed
        .or_else(|error| if error.kind() == io::ErrorKind::NotFound { Ok(()) } else { Err(error) })
}

/// Reserves a name for the file of the entry `id` of `show`, the same one each time; the show as it
/// is then.
///
/// # Errors
/// As [`change`].
pub fn reserve(
    store: &Store,
    show: &Show,
    id: &str,
    cancelled: &dyn Fn() -> bool,
) -> Result<Show, Reason> {
    change(store, show, cancelled, |show| {
        let taken: Vec<String> = show.items.iter().filter_map(|item| item.file.clone()).collect();
        let folder = show.folder(store);
        let is_free = |name: &str| {
            let is_there = folder.as_ref().is_some_and(|folder| folder.join(name).exists());
            !is_there
                && !taken
                    .iter()
                    .any(|other| names::stem(other).eq_ignore_ascii_case(names::stem(name)))
        };
        if let Some(item) = show.items.iter_mut().find(|item| item.id == id && item.file.is_none())
        {
            item.file = Some(names::file(item, &is_free));
        }
    })
}

/// Remembers the chapters that came beside the recording of `episode`.
///
/// # Errors
/// Why they could not be kept.
pub fn keep_chapters(store: &Store, episode: &Episode, chapters: &[Chapter]) -> Result<(), Reason> {
    let plain: Vec<(u64, &str)> =
        chapters.iter().map(|chapter| (chapter.start.millis(), chapter.title.as_str())).collect();
    let bytes = serde_json::to_vec(&plain).unwrap_or_default();
    done(store.put(&Key::new(CHAPTERS, episode.id), &About::new(episode, None), &bytes))
}

/// The chapters that came beside the recording `id`.
pub fn chapters(store: &Store, id: EpisodeId) -> Vec<Chapter> {
    let plain: Option<Vec<(u64, String)>> =
        store.get(&Key::new(CHAPTERS, id)).and_then(|bytes| serde_json::from_slice(&bytes).ok());
    let chapter =
        |(start, title): (u64, String)| Chapter { start: Timestamp::from_millis(start), title };
    plain.unwrap_or_default().into_iter().map(chapter).collect()
}
