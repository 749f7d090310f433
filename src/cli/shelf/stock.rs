//! What stands on the shelf, and in which order: what is in hand, the one heard last first, and
//! behind it what shows have besides.

use crate::cli::listened::{LISTENED, Listened};
use crate::cli::{demo, inputs, parts, read};
use crate::episode::{EpisodeId, file_name};
use crate::feed::day;
use crate::feeds::{self, Show};
use crate::index::{Card, Event, Library, Place};
use crate::printable;
use crate::store::{Key, Stamp, Store};
use crate::time::Timestamp;
use crate::view::{self, Item, Text, Where};
use crate::web;
use crate::web::download::{kept, megabytes};
use std::cmp::Reverse;
use std::collections::{HashMap, HashSet};
use std::path::{Path, PathBuf};
use std::time::SystemTime;

/// What is found out on the way.
pub enum Found {
    /// These are in hand, in place of those known before.
    Items(Vec<Item>),
    /// This is being done.
    Doing(String),
    /// Something to tell.
    Note(String),
}

/// Tells first the episodes that were listened to, and then all that are in hand.
pub fn gather(store: &Store, tell: &mut dyn FnMut(Found), cancelled: &dyn Fn() -> bool) {
    let mut heard: Vec<Stamp> = store.stamps();
    heard.retain(|stamp| stamp.is_of(&Key::new(LISTENED, stamp.episode)));
    let mut hearings: HashMap<EpisodeId, Hearing> = heard
        .iter()
        .filter_map(|stamp| Some((stamp.episode, Hearing::read(store, stamp)?)))
        .collect();
    tell(Found::Items(arranged(
        hearings.iter().map(|(id, hearing)| entry(*id, None, Some(hearing), store)),
    )));
    tell(Found::Doing("reading the library".to_owned()));
    let mut watch = |event: Event| match event {
        Event::Waiting => tell(Found::Doing("another aloud is building the index".to_owned())),
        Event::Indexed(n, of) if n % 20 == 0 || n == of => {
            tell(Found::Doing(format!("{n} of {of} are new in the library")));
        }
        Event::Indexed(..) => {}
    };
    let library = Library::open(store, &mut watch, cancelled);
    let mut entries: Vec<Entry> = Vec::new();
    if cancelled() {
        return;
    }
    for (id, card) in library.cards() {
        let hearing = hearings.remove(&id);
        entries.push(entry(id, Some(&card), hearing.as_ref(), store));
    }
    entries.extend(hearings.iter().map(|(id, hearing)| entry(*id, None, Some(hearing), store)));
    tell(Found::Items(arranged(entries.into_iter())));
    library.notes.iter().for_each(|note| tell(Found::Note(note.clone())));
}

/// What is in hand, what was fetched of `shows` among it, and behind it the newest first what is
/// not fetched; `now` in seconds since 1970 says what is new.
pub fn with_shows(in_hand: Vec<Item>, shows: &[Show], store: &Store, now: u64) -> Vec<Item> {
    let places: HashMap<EpisodeId, usize> =
        in_hand.iter().enumerate().map(|(place, item)| (item.id, place)).collect();
    let mut here = in_hand;
    let (mut fetched, mut away, mut seen) = (Vec::new(), Vec::new(), HashSet::new());
    for show in shows {
        let (id, title) = (show.id(), printable::line(&show.title).into_owned());
        for item in show.items.iter().filter(|item| item.sound.is_some()) {
            let path = show.in_hand(item, store);
            let entry = || {
                let day = item.date.map(day).unwrap_or_default();
                let size = if path.is_some() { String::new() } else { size(show, item, store) };
                Box::new(view::Entry {
                    show: id,
                    id: item.id.clone(),
                    day,
                    is_new: show.is_new(item, now),
                    size,
                })
            };
            let mut own = item.id().and_then(|id| places.get(&id)).map(|place| &mut here[*place]);
            if let Some(own) = &mut own {
                own.show.get_or_insert_with(|| title.clone());
                // A recording without a title of its own goes by its file's name.
                if item.file.as_deref() == Some(own.title.as_str()) && !item.title.is_empty() {
                    own.title = printable::line(&item.title).into_owned();
                }
            }
            match (own, &path) {
                (Some(own), _) if own.place.is_there() => {}
                (Some(own), Some(path)) => own.place = Where::File(path.clone()),
                (Some(own), None) => {
                    // Whoever has heard it knows it.
                    own.entry = Some(Box::new(view::Entry { is_new: false, ..*entry() }));
                    away.push((item.date, own.clone()));
                }
                (None, path) => {
                    let place = path.clone().map_or(Where::Unknown, Where::File);
                    let id =
                        item.id().filter(|_| path.is_some()).unwrap_or_else(|| show.entry_id(item));
                    let entry = (path.is_none() || !item.is_complete).then(entry);
                    let name = if item.title.is_empty() {
                        "(no title)".into()
                    } else {
                        printable::line(&item.title)
                    };
                    let (title, show) = (name.into_owned(), Some(title.clone()));
                    let own = Item {
                        id,
                        title,
                        show,
                        length: item.length(),
                        at: None,
                        text: Text::None,
                        place,
                        entry,
                    };
                    if seen.insert(id) {
                        (if path.is_some() { &mut fetched } else { &mut away })
                            .push((item.date, own));
                    }
                }
            }
        }
    }
    let newest_first = |mut items: Vec<(Option<i64>, Item)>| {
        items.sort_by_key(|(date, _)| Reverse(date.unwrap_or(i64::MIN)));
        items.into_iter().map(|(_, item)| item)
    };
    here.retain(|item| !item.is_away());
    // What was fetched and not heard comes right behind what was.
    let unheard = here.iter().position(|item| item.at.is_none()).unwrap_or(here.len());
    here.splice(unheard..unheard, newest_first(fetched));
    here.extend(newest_first(away));
    here
}

/// How much of a recording there is to fetch, in words.
fn size(show: &Show, item: &feeds::Item, store: &Store) -> String {
    // Feeds that do not know it say 0, or something small.
    const LEAST: u64 = 1000;
    let all = item.bytes.filter(|bytes| *bytes >= LEAST).map(megabytes);
    let begun = show
        .path(item, store)
        .and_then(|path| kept(&path))
        .filter(|bytes| *bytes > 0)
        .map(megabytes);
    match (begun, all) {
        (Some(begun), Some(all)) => format!("{begun} of {all} are here"),
        (Some(begun), None) => format!("{begun} are here"),
        (None, all) => all.unwrap_or_default(),
    }
}

/// What listening left of an episode.
struct Hearing {
    listened: Listened,
    when: SystemTime,
    file: String,
    title: Option<String>,
}

impl Hearing {
    fn read(store: &Store, stamp: &Stamp) -> Option<Self> {
        let record = store.read(stamp)?;
        let listened = serde_json::from_slice(&record.payload).ok()?;
        Some(Self {
            listened,
            when: stamp.modified,
            file: record.about.file,
            title: record.about.title,
        })
    }
}

/// An episode, and when it was listened to, or else recognised: what comes first was last in
/// somebody's hand.
struct Entry {
    item: Item,
    listened: Option<SystemTime>,
    known: u64,
}

fn entry(id: EpisodeId, card: Option<&Card>, hearing: Option<&Hearing>, store: &Store) -> Entry {
    let listened = hearing.map(|hearing| &hearing.listened);
    let named = card
        .and_then(|card| card.title.clone())
        .or_else(|| hearing.and_then(|hearing| hearing.title.clone()));
    let file = || {
        card.map(|card| card.file.clone())
            .or_else(|| hearing.map(|hearing| hearing.file.clone()))
            .unwrap_or_default()
    };
    let place = match card {
        Some(card) => card.place.clone(),
        None => Place::recall(store, id),
    };
    // A player has asked the file itself.
    let length =
        listened.and_then(|listened| listened.length).or_else(|| card.and_then(|card| card.length));
    let item = Item {
        id,
        title: printable::line(&named.unwrap_or_else(file)).into_owned(),
        show: listened
            .and_then(|listened| listened.show.clone())
            .map(|show| printable::line(&show).into_owned()),
        length: length.map(Timestamp::from_millis),
        at: listened.map(|listened| Timestamp::from_millis(listened.at)),
        text: match card {
            None => Text::None,
            Some(card) => card.coverage.map_or(Text::Said, Text::Tied),
        },
        entry: None,
        place: lies(
            id,
            place.map(|place| place.path),
            listened.and_then(|listened| listened.opened.clone()),
        ),
    };
    Entry {
        item,
        listened: hearing.map(|hearing| hearing.when),
        known: card.map_or(0, |card| card.heard),
    }
}

/// Where a recording lies: where it was seen last, else what was opened to hear it.
fn lies(id: EpisodeId, place: Option<PathBuf>, opened: Option<PathBuf>) -> Where {
    // What is opened as a folder, a book or a pattern is a recording in several files, whose
    // playlist is of no use to anybody; nor is the sound of a text that was read aloud.
    let is_one = |path: &Path| parts::is_book(path) || read::is_text(path);
    let is_made = opened
        .as_ref()
        .is_some_and(|path| path.is_dir() || inputs::is_pattern(path) || is_one(path));
    if let Some(path) = opened.clone().filter(|_| is_made) {
        return Where::File(path);
    }
    if let Some(path) = place.iter().chain(&opened).find(|path| path.is_file()) {
        return Where::File(path.clone());
    }
    // What did not come whole goes on by its address.
    if let Some(url) = opened.clone().filter(|opened| web::is_address(&opened.to_string_lossy())) {
        return Where::File(url);
    }
    if demo::is_episode(id) {
        return Where::BuiltIn;
    }
    place.or(opened).map_or(Where::Unknown, Where::Missing)
}

/// Last heard first; what nobody listened to after that, the newest first.
fn arranged(entries: impl Iterator<Item = Entry>) -> Vec<Item> {
    let mut entries: Vec<Entry> = entries.collect();
    entries.sort_by(|a, b| {
        (b.listened, b.known)
            .cmp(&(a.listened, a.known))
            .then_with(|| a.item.title.cmp(&b.item.title))
    });
    let mut items: Vec<Item> = entries.into_iter().map(|entry| entry.item).collect();
    let mut n_called: HashMap<String, usize> = HashMap::new();
    items.iter().for_each(|item| *n_called.entry(item.title.clone()).or_default() += 1);
    // Of several that are called the same, the file tells which is which.
    for item in items.iter_mut().filter(|item| n_called[&item.title] > 1) {
        let file = item.place.path().map(file_name).filter(|file| !item.title.contains(file));
        if let Some(file) = file {
            item.title = format!("{} ({})", item.title, printable::line(&file));
        }
    }
    items
}
