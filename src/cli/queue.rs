//! `aloud queue`: what is heard next, kept between runs beside places and bookmarks.
//!
//! What was heard stays before what is heard, so that one can go back. Several players and shells
//! may change it at once: each change is made to the file as it is then, and an episode is meant by
//! its number, which it keeps wherever it moves.

use super::args::{QueueArgs, QueueCommand, SoundArgs};
use super::exit::Exit;
use super::listened::listened;
use super::own::Own;
use super::report::{Failure, Outcome, counted, plain};
use super::{Context, inputs, output, shelf};
use crate::decode::{self, Source};
use crate::episode::{EpisodeId, file_name};
use crate::feeds::TitlesByFile;
use crate::printable;
use crate::reason::Reason;
use crate::store::Store;
use crate::time::Timestamp;
use crate::tui::{Change, Queued};
use crate::view::{Item, is_heard};
use crate::web;
use serde::{Deserialize, Serialize};
use serde_json::json;
use std::path::{Path, PathBuf};

const OWN: Own = Own { file: "queue.json", what: "the queue", anew: "aloud queue clear" };
/// So many episodes that were heard stay before the one that is.
const KEPT: usize = 20;

/// The queue.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Queue {
    entries: Vec<Entry>,
    /// The number of the episode that is heard, or was last.
    here: Option<u32>,
    /// The last number that was given.
    last: u32,
}

/// An episode in it.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Entry {
    /// Which it keeps for as long as it is here.
    #[serde(default)]
    number: u32,
    /// What is opened: a file, a book, an address.
    pub path: PathBuf,
    /// As [`SoundArgs`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    track: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    channel: Option<String>,
    /// What it is called.
    title: String,
    /// In milliseconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    length: Option<u64>,
    /// What is remembered of it, once it was opened.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    id: Option<String>,
}

impl Entry {
    /// The recording at `path`, called as its own tags say, else as its entry of `titles`.
    ///
    /// # Errors
    /// With exit code 3 where there is none.
    fn of(path: &Path, titles: &TitlesByFile) -> Result<Self, Failure> {
        if web::is_address(&path.to_string_lossy()) {
            let title = path.to_string_lossy().into_owned();
            return Ok(Self { path: path.to_owned(), title, ..Self::default() });
        }
        output::input(path)?;
        let decoder = decode::open(path).map_err(|e| Failure::new(Exit::Input, e))?;
        let own = decoder.tags().title.clone();
        let title = own.or_else(|| Some(titles.of(path)?.entry)).unwrap_or_else(|| file_name(path));
        let length = decoder.length().map(|length| length.at.millis());
        Ok(Self {
            path: std::path::absolute(path)?,
            title: printable::line(&title).into_owned(),
            length,
            ..Self::default()
        })
    }

    /// An episode of the shelf; `None` where nobody knows where it lies.
    fn of_item(item: &Item, which: SoundArgs) -> Option<Self> {
        let path = item.place.path().filter(|_| item.place.is_there())?;
        let (title, length) = (item.title.clone(), item.length.map(Timestamp::millis));
        Some(Self {
            path: path.to_owned(),
            track: which.track,
            channel: which.channel.name().map(str::to_owned),
            title,
            length,
            ..Self::default()
        })
    }

    /// Which sound of it is heard.
    pub fn which(&self) -> SoundArgs {
        SoundArgs::kept(self.track.as_deref(), self.channel.as_deref())
    }

    /// Whether it is the sound `which` of what was opened as `path`; where it says nothing of that,
    /// any is.
    fn is_of(&self, path: &Path, which: &SoundArgs) -> bool {
        let is_or_any =
            |own: &Option<String>, other: Option<&str>| own.is_none() || own.as_deref() == other;
        self.path == path
            && is_or_any(&self.track, which.track.as_deref())
            && is_or_any(&self.channel, which.channel.name())
    }

    /// Whether it was heard to its end.
    fn is_over(&self, store: &Store) -> bool {
        let listened = self.id.as_deref().and_then(EpisodeId::parse).map(|id| listened(store, id));
        let at = Timestamp::from_millis;
        listened.is_some_and(|listened| {
            listened.length.is_some_and(|length| is_heard(at(listened.at), at(length)))
        })
    }

    /// Whether both are the same recording.
    fn is_same(&self, other: &Self) -> bool {
        (&self.path, &self.track, &self.channel) == (&other.path, &other.track, &other.channel)
    }
}

impl Queue {
    fn place(&self, number: u32) -> Option<usize> {
        self.entries.iter().position(|entry| entry.number == number)
    }

    /// How many were heard or are.
    fn n_begun(&self) -> usize {
        self.here.and_then(|here| self.place(here)).map_or(0, |here| here + 1)
    }

    /// Has `entries` heard at the end, or next. One that waits already is moved, not doubled.
    fn add(&mut self, entries: Vec<Entry>, is_next: bool) {
        let begun = self.n_begun();
        let (heard, mut waiting) = (self.entries[..begun].to_vec(), self.entries.split_off(begun));
        waiting.retain(|own| !entries.iter().any(|entry| entry.is_same(own)));
        let added: Vec<Entry> = entries
            .into_iter()
            .map(|entry| {
                self.last += 1;
                Entry { number: self.last, ..entry }
            })
            .collect();
        self.entries = heard;
        let (first, then) = if is_next { (added, waiting) } else { (waiting, added) };
        self.entries.extend(first.into_iter().chain(then));
    }

    fn arrange(&mut self, change: Change) {
        match change {
            Change::Move(number, by) => {
                let Some(from) = self.place(number) else { return };
                let to =
                    (from as i64 + i64::from(by)).clamp(0, self.entries.len() as i64 - 1) as usize;
                let entry = self.entries.remove(from);
                self.entries.insert(to, entry);
            }
            Change::Remove(number) => {
                let Some(place) = self.place(number) else { return };
                self.entries.remove(place);
                // What came before it was heard last.
                if self.here == Some(number) {
                    self.here = place.checked_sub(1).map(|before| self.entries[before].number);
                }
            }
        }
    }

    /// The episode of this number is heard now.
    fn turn_to(&mut self, number: u32) {
        if let Some(place) = self.place(number) {
            self.here = Some(number);
            self.entries.drain(..place.saturating_sub(KEPT));
        }
    }

    /// What is heard after what is heard now.
    fn next(&self) -> Option<&Entry> {
        self.entries.get(self.n_begun())
    }

    fn shown(&self) -> Vec<Queued> {
        let shown = |entry: &Entry| Queued {
            number: entry.number,
            title: printable::line(&entry.title).into_owned(),
            length: entry.length.map(Timestamp::from_millis),
            is_here: self.here == Some(entry.number),
        };
        self.entries.iter().map(shown).collect()
    }
}

/// What a player that opens `path` and hears `which` of it, an episode of this `id`, knows of the
/// queue: its number where it is an episode of it (that `number`, where it came from there), from
/// which the queue then goes on; and the queue.
///
/// # Errors
/// Where it cannot be read or kept.
pub fn heard_now(
    number: Option<u32>,
    (path, which): (&Path, &SoundArgs),
    id: EpisodeId,
    store: &Store,
) -> Result<(Option<u32>, Vec<Queued>), Reason> {
    let opened = std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
    let find = |queue: &Queue| {
        let is_it = |entry: &&Entry| entry.is_of(&opened, which);
        // The one that was turned to stays the one where it stands twice.
        let here = queue.here.and_then(|here| queue.entries.get(queue.place(here)?)).filter(is_it);
        number
            .or_else(|| here.or_else(|| queue.entries.iter().find(is_it)).map(|entry| entry.number))
    };
    let kept = read(store)?;
    if find(&kept).is_none() {
        return Ok((None, kept.shown()));
    }
    OWN.change(store, |queue: &mut Queue| {
        let number = find(queue);
        if let Some(place) = number.and_then(|number| queue.place(number)) {
            queue.entries[place].id = Some(id.to_string());
            queue.turn_to(queue.entries[place].number);
        }
        (number, queue.shown())
    })
}

/// The queue as the player shows it, as it is now.
pub fn shown(store: &Store) -> Vec<Queued> {
    OWN.read_or_default::<Queue>(store).shown()
}

/// The queue as it is kept.
///
/// # Errors
/// Where it cannot be read.
pub fn read(store: &Store) -> Result<Queue, Reason> {
    OWN.read(store)
}

/// Turns to the episode of this number; `None` where it is no longer there.
///
/// # Errors
/// Where it cannot be kept.
pub fn turn_to(number: u32, store: &Store) -> Result<Option<Entry>, Reason> {
    OWN.change(store, |queue: &mut Queue| {
        queue.turn_to(number);
        queue.place(number).map(|place| queue.entries[place].clone())
    })
}

/// The number of what the queue goes on with: what was heard last and not to its end, else what
/// comes then.
///
/// # Errors
/// Where it cannot be read.
pub fn go_on(store: &Store) -> Result<Option<u32>, Reason> {
    let kept = read(store)?;
    let begun = kept
        .here
        .and_then(|here| kept.entries.get(kept.place(here)?))
        .filter(|entry| !entry.is_over(store));
    Ok(begun.or(kept.next()).map(|entry| entry.number))
}

/// The number of what is heard after what is heard now.
///
/// # Errors
/// Where it cannot be read.
pub fn next(store: &Store) -> Result<Option<u32>, Reason> {
    Ok(read(store)?.next().map(|entry| entry.number))
}

/// Changes it as the player asks, and tells how it is then.
///
/// # Errors
/// Where it cannot be kept.
pub fn arrange(change: Change, store: &Store) -> Result<Vec<Queued>, Reason> {
    OWN.change(store, |queue: &mut Queue| {
        queue.arrange(change);
        queue.shown()
    })
}

/// Hears `paths` one after the other, right after what is heard now, and turns to the first of
/// them.
///
/// # Errors
/// With exit code 3 for one that is no recording, 1 where the queue cannot be kept.
pub fn hear(paths: &[PathBuf], store: &Store) -> Result<(), Failure> {
    let titles = TitlesByFile::new(store);
    let entries =
        paths.iter().map(|path| Entry::of(path, &titles)).collect::<Result<Vec<_>, _>>()?;
    changed(store, |queue| {
        queue.add(entries, true);
        if let Some(number) = queue.next().map(|entry| entry.number) {
            queue.turn_to(number);
        }
    })
}

/// Changes it where there is a folder to keep it in.
fn changed(store: &Store, change: impl FnOnce(&mut Queue)) -> Result<(), Failure> {
    if store.home().is_none() {
        let why = Reason::new("this user has no folder to keep a queue in");
        return Err(unkept(why.hint("set HOME or XDG_DATA_HOME, or name one with `--cache`")));
    }
    OWN.change(store, change).map_err(unkept)
}

/// Puts an episode of the shelf at the end, or takes it away where it waits already; answers what
/// was done.
///
/// # Errors
/// Where it has no file, or the queue cannot be kept.
pub fn toggle(item: &Item, which: SoundArgs, store: &Store) -> Result<String, Reason> {
    if item.is_away() {
        let why = format!("“{}” has to be fetched before it can wait in the queue", item.title);
        return Err(Reason::new(why).hint("Enter does that"));
    }
    let entry = Entry::of_item(item, which).ok_or("nobody knows where its file lies")?;
    OWN.change(store, |queue: &mut Queue| {
        let begun = queue.n_begun();
        let waiting =
            queue.entries[begun..].iter().find(|own| own.is_same(&entry)).map(|own| own.number);
        match waiting {
            Some(number) => {
                queue.arrange(Change::Remove(number));
                format!("“{}” is no longer in the queue", item.title)
            }
            None => {
                queue.add(vec![entry], false);
                let n = queue.entries.len() - queue.n_begun();
                format!(
                    "“{}” is in the queue: {}",
                    item.title,
                    if n == 1 { "next".to_owned() } else { format!("number {n}") }
                )
            }
        }
    })
}

fn unkept(why: Reason) -> Failure {
    Failure::new(Exit::Failed, why)
}

/// Lists or changes it.
pub fn run(args: &QueueArgs, context: &Context) -> Outcome {
    let store = context.store()?;
    match &args.command {
        None => list(args.json, &store, context),
        Some(QueueCommand::Add { audio, next }) => {
            let entries = meant(audio, context)?;
            let n = entries.len();
            changed(&store, |queue| queue.add(entries, *next))?;
            context.voice.note(format!(
                "{} in the queue; `aloud listen --queue` goes on with it",
                counted(n, "episode more is", "episodes more are")
            ));
            Ok(Exit::Done)
        }
        Some(QueueCommand::Rm { places }) => {
            let queue = read(&store).map_err(unkept)?;
            let numbers = places
                .iter()
                .map(|place| numbered(&queue, *place))
                .collect::<Result<Vec<_>, _>>()?;
            let remove = |queue: &mut Queue| {
                numbers.iter().for_each(|number| queue.arrange(Change::Remove(*number)));
            };
            changed(&store, remove)?;
            Ok(Exit::Done)
        }
        Some(QueueCommand::Move { from, to }) => {
            let queue = read(&store).map_err(unkept)?;
            let number = numbered(&queue, *from)?;
            numbered(&queue, *to)?;
            let by = i32::try_from(*to as i64 - *from as i64).unwrap_or(0);
            changed(&store, |queue| queue.arrange(Change::Move(number, by)))?;
            Ok(Exit::Done)
        }
        Some(QueueCommand::Clear) => {
            // Numbers go on from where they were: a player may still have some of them.
            let clear = |queue: &mut Queue| *queue = Queue { last: queue.last, ..Queue::default() };
            if OWN.change(&store, clear).is_err() {
                OWN.forget(&store)?;
            }
            context.voice.note("the queue is empty");
            Ok(Exit::Done)
        }
    }
}

/// The number of the episode that is listed at `place`.
fn numbered(queue: &Queue, place: usize) -> Result<u32, Failure> {
    let entry = place.checked_sub(1).and_then(|index| queue.entries.get(index));
    let none = || {
        Failure::new(Exit::Usage, format!("nothing stands at place {place}"))
            .hint(format!("`aloud queue` lists {}", queue.entries.len()))
    };
    entry.map(|entry| entry.number).ok_or_else(none)
}

/// The episodes that `named` means, in order.
fn meant(named: &[PathBuf], context: &Context) -> Result<Vec<Entry>, Failure> {
    let mut entries = Vec::new();
    let store = context.store()?;
    let titles = TitlesByFile::new(&store);
    for path in named {
        if decode::is_list(path) && path.exists() {
            let list = Source::open(path).map_err(|e| Failure::new(Exit::Input, e))?;
            for part in list.parts() {
                entries.push(Entry::of(&part.path, &titles)?);
            }
        } else if path.exists()
            || inputs::is_pattern(path)
            || web::is_address(&path.to_string_lossy())
        {
            let files = inputs::meant(std::slice::from_ref(path));
            if files.is_empty() {
                return Err(Failure::new(
                    Exit::Input,
                    format!("`{}`: there is no recording", path.display()),
                ));
            }
            for file in files {
                entries.push(Entry::of(&file, &titles)?);
            }
        } else {
            entries.extend(of_shelf(path, context)?);
        }
    }
    Ok(entries)
}

/// What is not heard yet of the show, or the one episode, that `name` means; the oldest that is
/// known first.
fn of_shelf(name: &Path, context: &Context) -> Result<Vec<Entry>, Failure> {
    let items = shelf::all(context)?;
    let fitting = shelf::fitting(&items, &name.to_string_lossy());
    let wanted = crate::tui::shelf::folded(&name.to_string_lossy());
    let is_of_show = |item: &&Item| {
        item.show.as_ref().is_some_and(|show| crate::tui::shelf::folded(show).contains(&wanted))
    };
    let chosen: Vec<&Item> = match fitting.as_slice() {
        [one] => vec![one],
        several => {
            several.iter().copied().rev().filter(is_of_show).filter(|item| !is_over(item)).collect()
        }
    };
    let store = context.store()?;
    let entry = |item: &Item| Entry::of_item(item, listened(&store, item.id).which());
    let entries: Vec<Entry> = chosen.into_iter().filter_map(entry).collect();
    if entries.is_empty() {
        let unfetched = shelf::unfetched(&name.to_string_lossy(), context)?;
        let shown = plain(&name.to_string_lossy());
        let why = match fitting.as_slice() {
            [] if !unfetched.is_empty() => shelf::not_here(&name.to_string_lossy(), &unfetched),
            [] => Reason::new(format!(
                "cannot open `{shown}`, and no episode or show on the shelf is called so"
            ))
            .hint("`aloud` shows them"),
            [one] => Reason::new(format!("“{}” is not there any more", plain(&one.title)))
                .hint(shelf::RELINK),
            several => Reason::new(format!("`{shown}` may be {} episodes", several.len()))
                .hint("name one of them, or a show"),
        };
        return Err(Failure::new(Exit::Input, why));
    }
    Ok(entries)
}

fn is_over(item: &Item) -> bool {
    item.at
        .zip(item.length)
        .is_some_and(|(at, length)| length > Timestamp::ZERO && is_heard(at, length))
}

fn list(is_json: bool, store: &Store, context: &Context) -> Outcome {
    let queue = read(store).map_err(unkept)?;
    if is_json {
        let entry = |entry: &Entry| {
            let length = entry.length.map(|ms| ms as f64 / 1000.0);
            json!({ "title": entry.title, "path": entry.path.to_string_lossy(), "length": length, "here": queue.here == Some(entry.number) })
        };
        let entries: Vec<_> = queue.entries.iter().map(entry).collect();
        let page = format!("{:#}\n", json!({ "format": "aloud-queue/1", "episodes": entries }));
        return output::to_stdout(printable::json(&page).as_bytes());
    }
    if queue.entries.is_empty() {
        context.voice.note("the queue is empty; `aloud queue add AUDIO` or Tab on the shelf puts something into it");
        return Ok(Exit::Done);
    }
    let row = |(index, entry): (usize, &Entry)| {
        let mark = if queue.here == Some(entry.number) { "▸ " } else { "" };
        let length = entry
            .length
            .map_or_else(|| "-".to_owned(), |length| Timestamp::from_millis(length).to_string());
        [
            format!("{mark}{}", index + 1),
            length,
            entry.title.clone(),
            entry.path.display().to_string(),
        ]
    };
    let heading = ["N", "LENGTH", "TITLE", "PATH"].map(str::to_owned);
    let rows = std::iter::once(heading).chain(queue.entries.iter().enumerate().map(row)).collect();
    output::say(&output::table(rows, &[true, true, false]))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::listened::{LISTENED, Listened};
    use crate::episode::Episode;
    use crate::store::{About, Key, Outcome};

    fn queue(titles: &str) -> Queue {
        let mut queue = Queue::default();
        queue.add(entries(titles), false);
        queue
    }

    fn entries(titles: &str) -> Vec<Entry> {
        titles
            .chars()
            .map(|c| Entry { title: c.to_string(), path: c.to_string().into(), ..Entry::default() })
            .collect()
    }

    /// The titles, that which is heard in brackets.
    fn titles(queue: &Queue) -> String {
        let title = |entry: &Entry| {
            if queue.here == Some(entry.number) {
                format!("[{}]", entry.title)
            } else {
                entry.title.clone()
            }
        };
        queue.entries.iter().map(title).collect()
    }

    #[test]
    fn what_is_heard_next() {
        let at = |queue: &Queue, title: &str| {
            queue
                .entries
                .iter()
                .find(|entry| entry.title == title)
                .map(|entry| entry.number)
                .unwrap()
        };
        let mut queue = queue("abc");
        assert_eq!(
            (titles(&queue).as_str(), queue.next().map(|entry| entry.title.as_str())),
            ("abc", Some("a"))
        );
        let b = at(&queue, "b");
        queue.turn_to(b);
        assert_eq!(
            (titles(&queue).as_str(), queue.next().map(|entry| entry.title.as_str())),
            ("a[b]c", Some("c"))
        );
        queue.add(entries("de"), true);
        assert_eq!(titles(&queue), "a[b]dec");
        // What waits already is not doubled; what was heard may be heard again.
        queue.add(entries("da"), false);
        assert_eq!(titles(&queue), "a[b]ecda");
        queue.arrange(Change::Move(at(&queue, "e"), 2));
        assert_eq!(titles(&queue), "a[b]cdea");
        queue.arrange(Change::Move(at(&queue, "e"), -99));
        assert_eq!(titles(&queue), "ea[b]cda");
        queue.arrange(Change::Move(at(&queue, "e"), 99));
        queue.arrange(Change::Remove(b));
        assert_eq!(titles(&queue), "[a]cdae");
        queue.arrange(Change::Remove(b));
        queue.arrange(Change::Remove(at(&queue, "a")));
        assert_eq!(
            (titles(&queue).as_str(), queue.next().map(|entry| entry.title.as_str())),
            ("cdae", Some("c"))
        );
    }

    #[test]
    fn what_was_heard_long_ago_goes() {
        let mut queue = Queue::default();
        (0..100).for_each(|n| {
            queue.add(vec![Entry { path: n.to_string().into(), ..Entry::default() }], false);
        });
        queue.turn_to(90);
        assert_eq!((queue.n_begun(), queue.entries.len()), (KEPT + 1, KEPT + 11));
    }

    #[test]
    fn it_is_kept() {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(folder.path());
        OWN.change(&store, |kept: &mut Queue| *kept = queue("abc")).unwrap();
        let next = || {
            let number = go_on(&store).unwrap()?;
            Some(turn_to(number, &store).unwrap().unwrap().title)
        };
        assert_eq!(next().as_deref(), Some("a"));
        assert_eq!(next().as_deref(), Some("a"), "was not heard to the end");
        // What it is is remembered when it is opened, and so is where it was left.
        let id = EpisodeId([7; 32]);
        let any = SoundArgs::default();
        let opened =
            |number, path: &str| heard_now(number, (Path::new(path), &any), id, &store).unwrap();
        assert_eq!(opened(Some(1), "fetched").0, Some(1), "whatever it was opened as");
        assert_eq!(opened(None, "/elsewhere").0, None);
        let heard = Listened { at: 9_000, length: Some(10_000), ..Listened::default() };
        let about = About::new(&Episode { file: "a".into(), id, tags: <_>::default() }, None);
        assert_eq!(
            store.put(&Key::new(LISTENED, id), &about, &serde_json::to_vec(&heard).unwrap()),
            Outcome::Kept
        );
        assert_eq!(next().as_deref(), Some("b"));
        let here = || shown(&store).iter().position(|queued| queued.is_here);
        assert_eq!(here(), Some(1));
        assert_eq!(arrange(Change::Remove(2), &store).unwrap().len(), 2);
        assert_eq!((super::next(&store), next().as_deref()), (Ok(Some(3)), Some("c")));
        assert_eq!(super::next(&store), Ok(None));
    }

    #[test]
    fn which_entry_a_recording_is() {
        let which = |track: Option<&str>, channel: Option<&str>| SoundArgs::kept(track, channel);
        let entry = |track: Option<&str>, channel: Option<&str>| Entry {
            path: "/a".into(),
            track: track.map(str::to_owned),
            channel: channel.map(str::to_owned),
            ..Entry::default()
        };
        for (own, other, want) in [
            (entry(None, None), which(None, None), true),
            (entry(None, None), which(Some("2"), Some("left")), true),
            (entry(Some("2"), None), which(Some("2"), None), true),
            (entry(Some("2"), None), which(None, None), false),
            (entry(None, Some("left")), which(None, Some("right")), false),
        ] {
            assert_eq!(own.is_of(Path::new("/a"), &other), want, "{own:?} {other:?}");
        }
        assert!(!entry(None, None).is_of(Path::new("/b"), &which(None, None)));
    }
}
