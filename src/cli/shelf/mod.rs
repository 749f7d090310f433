//! The shelf: every episode in hand, the one heard last first. Without a terminal it is printed.
//!
//! There is no second store behind it: it is what the library knows of episodes with a text, and what listening left of others.

use super::args::SoundArgs;
use super::exit::Exit;
use super::listened::{LISTENED, Listened, listened};
use super::report::{Failure, Outcome, plain};
use super::{Context, args, demo, inputs, output, queue, read};
use crate::episode::{EpisodeId, file_name};
use crate::index::{Card, Event, Library, Place};
use crate::refusal;
use crate::store::{Key, Stamp, Store};
use crate::time::Timestamp;
use crate::tui::shelf::{self, News, Setup};
use crate::view::{Item, Text, Theme, Where};
use clap::CommandFactory;
use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::channel;
use std::time::SystemTime;

/// So many digits of a hash name an episode.
const DIGITS: usize = 4;
/// Of several episodes that may be meant, so many are named.
const NAMED: usize = 8;

/// What is said where there is nothing to show.
const NOTHING: &str =
    "nothing is on the shelf yet: `aloud listen RECORDING [ARTICLE]` puts an episode there, `aloud demo` shows how it goes";

/// What the shelf is opened with.
#[derive(Default)]
pub struct Opening {
    /// What is searched for.
    pub search: String,
    /// What there is to say first.
    pub note: Option<String>,
}

/// What was meant by the name of a recording.
pub enum Meant {
    /// This one, and which sound of it was heard before.
    Recording(PathBuf, SoundArgs),
    /// The episode that is a part of the program.
    Demo,
    /// The one of this number in the queue.
    Queued(u32),
    /// One that has to be chosen.
    Shelf(Opening),
}

/// What was chosen.
pub enum Choice {
    /// A recording, and which sound of it.
    Recording(PathBuf, SoundArgs),
    /// The episode that is a part of the program.
    Demo,
    /// Nothing.
    None,
}

/// Lets the listener choose.
///
/// # Errors
/// When the terminal cannot be used, or there is no thread to look for episodes.
pub fn choose(opening: Opening, theme: &'static Theme, context: &Context) -> Result<Choice, Failure> {
    let store = context.store()?;
    if store.is_empty() {
        return welcome(context);
    }
    let (sender, news) = channel();
    let is_over = AtomicBool::new(false);
    let (store, is_over) = (&store, &is_over);
    let chosen = std::thread::scope(|threads| {
        // It ends with its sender, by which the screen knows that it knows all.
        let gather = move || {
            let mut tell = |news| drop(sender.send(news));
            gather(store, &mut tell, &|| is_over.load(Ordering::Relaxed) || context.is_cancelled());
        };
        let thread = std::thread::Builder::new().name("shelf".into()).spawn_scoped(threads, gather);
        thread.map_err(|e| Failure::new(Exit::Failed, refusal::no_thread(&e)))?;
        let setup = Setup { search: opening.search, note: opening.note, theme };
        let queue = |item: &Item| {
            let (Ok(told) | Err(told)) = queue::toggle(item, listened(store, item.id).which(), store);
            told
        };
        let chosen = shelf::choose(setup, &news, &queue);
        is_over.store(true, Ordering::Relaxed);
        chosen.map_err(|e| Failure::new(Exit::Failed, format!("the terminal cannot be used: {e}")))
    })?;
    let Some(item) = chosen else { return Ok(Choice::None) };
    Ok(match item.place {
        Where::File(path) => Choice::Recording(path, listened(store, item.id).which()),
        Where::BuiltIn => Choice::Demo,
        Where::Missing(_) | Where::Unknown => Choice::None,
    })
}

/// What somebody sees who has listened to nothing yet.
fn welcome(context: &Context) -> Result<Choice, Failure> {
    output::say(&format!("{}\n", args::Args::command().render_help()))?;
    context.voice.note(NOTHING);
    Ok(Choice::None)
}

/// Prints the episodes that `search` means, as a list.
///
/// # Errors
/// When standard output cannot be written.
pub fn print(search: &str, context: &Context) -> Outcome {
    let items = all(context)?;
    if items.is_empty() {
        welcome(context)?;
        return Ok(Exit::Done);
    }
    output::say(&table(searched(&items, &shelf::folded(search)).into_iter()))
}

/// A row per episode; what can be long and wide comes last.
fn table<'a>(items: impl Iterator<Item = &'a Item>) -> String {
    let row = |item: &Item| {
        let show = item.show.as_ref().map_or_else(String::new, |show| format!(" · {show}"));
        let path = match &item.place {
            Where::File(path) => path.display().to_string(),
            Where::Missing(path) => format!("{} (missing: `aloud library relink FOLDER` finds it)", path.display()),
            Where::Unknown => "(file not known)".to_owned(),
            Where::BuiltIn => "(built in: `aloud demo`)".to_owned(),
        };
        let or_dash = |text: String| if text.is_empty() { "-".to_owned() } else { text };
        [
            or_dash(item.length.map_or_else(String::new, |length| length.to_string())),
            or_dash(item.heard()),
            or_dash(item.text_word().to_owned()),
            format!("{}{show}", item.title),
            path,
        ]
    };
    let heading = ["LENGTH", "HEARD", "TEXT", "TITLE", "PATH"].map(str::to_owned);
    output::table(std::iter::once(heading).chain(items.map(row)).collect(), &[true, true, false, false])
}

/// The recording that `audio` names: a file, a folder, a pattern, or else an episode of which it is a part of the title, the show or
/// the file's name, or the beginning of the hash.
///
/// # Errors
/// With exit code 3 for what names nothing, or a recording that is missing; with 2 where several may be meant and nobody can choose.
pub fn meant(audio: &Path, context: &Context) -> Result<Meant, Failure> {
    let is_named = audio.exists() || inputs::is_pattern(audio) || std::fs::symlink_metadata(audio).is_ok();
    let name = audio.to_string_lossy();
    if name == "-" {
        // Which says why it cannot be.
        output::input(audio)?;
    }
    if is_named || name.contains("://") || name.trim().is_empty() {
        return Ok(Meant::Recording(audio.to_owned(), SoundArgs::default()));
    }
    let items = all(context)?;
    let fitting = fitting(&items, &name);
    match fitting.as_slice() {
        [] => {
            let failed = output::input(audio).err().map_or_else(|| format!("cannot open `{name}`"), |failure| failure.why);
            let hint = "and no episode on the shelf has it in its title or name (`aloud` shows them)";
            Err(Failure::new(Exit::Input, format!("{failed}, {hint}")))
        }
        [item] => match &item.place {
            Where::File(path) => {
                context.voice.note(format!("“{}”: {}", plain(&item.title), path.display()));
                Ok(Meant::Recording(path.clone(), listened(&context.store()?, item.id).which()))
            }
            Where::BuiltIn => Ok(Meant::Demo),
            place => {
                let lay = place.path().map_or_else(String::new, |path| format!(": `{}` is missing", path.display()));
                let why = format!("`{name}` is “{}”{lay}; `aloud library relink FOLDER` finds it where it lies now", plain(&item.title));
                Err(Failure::new(Exit::Input, why))
            }
        },
        // By a path or a hash they cannot be searched.
        _ if super::listen::has_screen() && !searched(&items, &shelf::folded(&name)).is_empty() => {
            Ok(Meant::Shelf(Opening { search: name.into_owned(), note: None }))
        }
        several => {
            let names: Vec<String> = several.iter().take(NAMED).map(|item| format!("\n  {}", plain(&item.title))).collect();
            let more = several.len().saturating_sub(NAMED);
            let more = if more > 0 { format!("\n  and {more} more") } else { String::new() };
            let why = format!("`{name}` may be {} episodes; give more of one's title, or its path:{}{more}", several.len(), names.concat());
            Err(Failure::new(Exit::Usage, why))
        }
    }
}

/// The episodes that `name` may mean; one alone where one is called exactly so.
pub fn fitting<'a>(items: &'a [Item], name: &str) -> Vec<&'a Item> {
    let is_hash = name.len() >= DIGITS && name.bytes().all(|byte| byte.is_ascii_hexdigit());
    if is_hash {
        let by_hash: Vec<&Item> = items.iter().filter(|item| item.id.to_string().starts_with(&name.to_ascii_lowercase())).collect();
        if !by_hash.is_empty() {
            return by_hash;
        }
    }
    if name.contains(std::path::MAIN_SEPARATOR) {
        let path = std::path::absolute(name).unwrap_or_default();
        let by_path: Vec<&Item> = items.iter().filter(|item| item.place.path() == Some(&path)).collect();
        if !by_path.is_empty() {
            return by_path;
        }
    }
    let wanted = shelf::folded(name);
    let is_whole = |text: &str| shelf::folded(text) == wanted;
    let whole: Vec<&Item> =
        items.iter().filter(|item| is_whole(&item.title) || item.place.path().is_some_and(|path| is_whole(&file_name(path)))).collect();
    if !whole.is_empty() {
        return whole;
    }
    searched(items, &wanted)
}

fn searched<'a>(items: &'a [Item], wanted: &str) -> Vec<&'a Item> {
    if wanted.trim().is_empty() {
        return items.iter().collect();
    }
    items.iter().zip(shelf::of_items(items)).filter(|(_, text)| shelf::matches(text, wanted)).map(|(item, _)| item).collect()
}

/// Every episode, once all is known.
pub fn all(context: &Context) -> Result<Vec<Item>, Failure> {
    let store = context.store()?;
    let mut items = Vec::new();
    let mut tell = |news| match news {
        News::Items(all) => items = all,
        News::Note(note) => context.voice.warn(note),
        News::Doing(_) => {}
    };
    gather(&store, &mut tell, &|| context.is_cancelled());
    Ok(items)
}

/// Tells first the episodes that were listened to, and then all of them.
fn gather(store: &Store, tell: &mut dyn FnMut(News), cancelled: &dyn Fn() -> bool) {
    let mut heard: Vec<Stamp> = store.stamps();
    heard.retain(|stamp| stamp.is_of(&Key::new(LISTENED, stamp.episode)));
    let mut hearings: HashMap<EpisodeId, Hearing> =
        heard.iter().filter_map(|stamp| Some((stamp.episode, Hearing::read(store, stamp)?))).collect();
    if !hearings.is_empty() {
        tell(News::Items(arranged(hearings.iter().map(|(id, hearing)| entry(*id, None, Some(hearing), store)))));
    }
    tell(News::Doing("reading the library".to_owned()));
    let mut watch = |event: Event| match event {
        Event::Waiting => tell(News::Doing("another aloud is building the index".to_owned())),
        Event::Indexed(n, of) if n % 20 == 0 || n == of => tell(News::Doing(format!("{n} of {of} are new in the library"))),
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
    tell(News::Items(arranged(entries.into_iter())));
    library.notes.iter().for_each(|note| tell(News::Note(note.clone())));
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
        Some(Self { listened, when: stamp.modified, file: record.about.file, title: record.about.title })
    }
}

/// An episode, and when it was listened to, or else recognised: what comes first was last in somebody's hand.
struct Entry {
    item: Item,
    listened: Option<SystemTime>,
    known: u64,
}

fn entry(id: EpisodeId, card: Option<&Card>, hearing: Option<&Hearing>, store: &Store) -> Entry {
    let listened = hearing.map(|hearing| &hearing.listened);
    let named = card.and_then(|card| card.title.clone()).or_else(|| hearing.and_then(|hearing| hearing.title.clone()));
    let file = || card.map(|card| card.file.clone()).or_else(|| hearing.map(|hearing| hearing.file.clone())).unwrap_or_default();
    let place = match card {
        Some(card) => card.place.clone(),
        None => Place::recall(store, id),
    };
    // A player has asked the file itself.
    let length = listened.and_then(|listened| listened.length).or_else(|| card.and_then(|card| card.length));
    let item = Item {
        id,
        title: crate::printable::line(&named.unwrap_or_else(file)).into_owned(),
        show: listened.and_then(|listened| listened.show.clone()).map(|show| crate::printable::line(&show).into_owned()),
        length: length.map(Timestamp::from_millis),
        at: listened.map(|listened| Timestamp::from_millis(listened.at)),
        text: match card {
            None => Text::None,
            Some(card) => card.coverage.map_or(Text::Said, Text::Tied),
        },
        place: lies(id, place.map(|place| place.path), listened.and_then(|listened| listened.opened.clone())),
    };
    Entry { item, listened: hearing.map(|hearing| hearing.when), known: card.map_or(0, |card| card.heard) }
}

/// Where a recording lies: where it was seen last, else what was opened to hear it.
fn lies(id: EpisodeId, place: Option<PathBuf>, opened: Option<PathBuf>) -> Where {
    // What is opened as a folder, a book or a pattern is a recording in several files, whose playlist is of no use to anybody; nor is
    // the sound of a text that was read aloud.
    let is_one = |path: &Path| inputs::is_book_name(path) && path.is_file() || read::is_text(path);
    let is_made = opened.as_ref().is_some_and(|path| path.is_dir() || inputs::is_pattern(path) || is_one(path));
    if let Some(path) = opened.clone().filter(|_| is_made) {
        return Where::File(path);
    }
    if let Some(path) = place.iter().chain(&opened).find(|path| path.is_file()) {
        return Where::File(path.clone());
    }
    if demo::is_episode(id) {
        return Where::BuiltIn;
    }
    place.or(opened).map_or(Where::Unknown, Where::Missing)
}

/// Last heard first; what nobody listened to after that, the newest first.
fn arranged(entries: impl Iterator<Item = Entry>) -> Vec<Item> {
    let mut entries: Vec<Entry> = entries.collect();
    entries.sort_by(|a, b| (b.listened, b.known).cmp(&(a.listened, a.known)).then_with(|| a.item.title.cmp(&b.item.title)));
    let mut items: Vec<Item> = entries.into_iter().map(|entry| entry.item).collect();
    let mut n_called: HashMap<String, usize> = HashMap::new();
    items.iter().for_each(|item| *n_called.entry(item.title.clone()).or_default() += 1);
    // Of several that are called the same, the file tells which is which.
    for item in items.iter_mut().filter(|item| n_called[&item.title] > 1) {
        let file = item.place.path().map(file_name).filter(|file| !item.title.contains(file));
        if let Some(file) = file {
            item.title = format!("{} ({})", item.title, crate::printable::line(&file));
        }
    }
    items
}
