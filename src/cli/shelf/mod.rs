//! The shelf: every episode in hand, the one heard last first, and what shows that are followed
//! have besides. Without a terminal it is printed.
//!
//! There is no second store behind it: it is what the library knows of episodes with a text, what
//! listening left of others, and what feeds say. `stock` puts that in order, `supply` brings it to
//! the screen, and what is fetched from there.

mod stock;
mod supply;

use super::args::SoundArgs;
use super::exit::Exit;
use super::listened::listened;
use super::report::{Failure, Outcome, counted, plain};
use super::since::now;
use super::threads::beside;
use super::{Context, args, feed, inputs, output};
use crate::episode::{EpisodeId, file_name};
use crate::reason::Reason;
use crate::tui::shelf::{self, List, Setup};
use crate::view::{Item, Theme, Where};
use clap::CommandFactory;
use std::collections::HashSet;
use std::path::{Path, PathBuf};
use std::sync::mpsc::channel;
use stock::Found;
use supply::{Desk, Supply};

/// So many digits of a hash name an episode.
const DIGITS: usize = 4;
/// Of several episodes that may be meant, so many are named.
const NAMED: usize = 8;
/// So many new entries are printed: a list of episodes in hand is still that.
const NEW: usize = 10;

/// What helps where a recording was moved.
pub const RELINK: &str = "`aloud library relink FOLDER` finds it where it lies now";

/// What is said where there is nothing to show.
const NOTHING: &str = "nothing is on the shelf yet: `aloud listen RECORDING [ARTICLE]` puts an episode there, `aloud demo` shows how it goes";

/// What the shelf is opened with.
#[derive(Clone, Default)]
pub struct Opening {
    /// What is searched for.
    pub search: String,
    /// Among what.
    pub list: List,
    /// What there is to say first.
    pub note: Option<String>,
    /// Whether something was heard before.
    pub goes_back: bool,
}

/// What was meant by the name of a recording.
#[derive(Clone)]
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
    /// What was heard before.
    Back,
    /// Nothing.
    None,
}

/// Lets the listener choose.
///
/// # Errors
/// When the terminal cannot be used, or there is no thread to look for episodes.
pub fn choose(
    opening: Opening,
    theme: &'static Theme,
    context: &Context,
) -> Result<Choice, Failure> {
    let store = context.store()?;
    if store.is_empty() {
        return welcome(context);
    }
    let asks_feeds = feed::is_auto(context)?;
    let (sender, news) = channel();
    let supply = Supply::new(&store, context, sender);
    let chosen = std::thread::scope(|threads| {
        let gather = || supply.gather(asks_feeds);
        beside("shelf", threads, gather)?;
        let setup = Setup {
            search: opening.search,
            list: opening.list,
            note: opening.note,
            goes_back: opening.goes_back,
            theme,
        };
        let chosen = shelf::choose(setup, &news, &Desk { supply: &supply, threads });
        supply.end();
        chosen.map_err(|e| Failure::new(Exit::Failed, format!("the terminal cannot be used: {e}")))
    })?;
    let item = match chosen {
        shelf::End::Opened(item) => item,
        shelf::End::Back => return Ok(Choice::Back),
        shelf::End::Left => return Ok(Choice::None),
    };
    for (said, text) in supply.said() {
        context.voice.repeat(said, &text);
    }
    Ok(match item.place {
        Where::File(path) => Choice::Recording(path, listened(&store, item.id).which()),
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

/// Prints the episodes in hand that `search` means, as a list, and behind them what is new and not
/// fetched.
///
/// # Errors
/// When standard output cannot be written.
pub fn print(search: &str, context: &Context) -> Outcome {
    let items = with_shows(in_hand(context)?, context)?;
    if items.is_empty() {
        welcome(context)?;
        return Ok(Exit::Done);
    }
    let found = searched(&items, &shelf::folded(search));
    let in_hand: Vec<&Item> = found.iter().copied().filter(|item| !item.is_away()).collect();
    let new: Vec<&Item> = found.iter().copied().filter(|item| item.is_new()).collect();
    if !in_hand.is_empty() {
        output::say(&table(in_hand.iter().copied()))?;
    }
    if !new.is_empty() {
        let air = if in_hand.is_empty() { "" } else { "\n" };
        output::say(&format!("{air}{}", table_of_new(new.iter().copied().take(NEW))))?;
    }
    let more = new.len().saturating_sub(NEW);
    if more > 0 {
        context.voice.note(format!("{more} more are new; `aloud feed list --new SHOW` lists them"));
    }
    if !new.is_empty() {
        context
            .voice
            .note("new entries are not fetched yet; `aloud feed get SHOW TITLE` does that");
    } else if in_hand.is_empty() {
        let n = counted(found.len(), "entry of a show is", "entries of shows are");
        context.voice.note(format!("nothing is in hand; {n} not fetched yet: `aloud feed list` shows them, `aloud feed get` fetches them"));
    }
    Ok(Exit::Done)
}

/// A row per new entry.
fn table_of_new<'a>(items: impl Iterator<Item = &'a Item>) -> String {
    let row = |item: &Item| {
        let day = item.entry.as_ref().map_or("", |entry| &entry.day);
        let length = item.length.map_or_else(|| "-".to_owned(), |length| length.to_string());
        [length, if day.is_empty() { "-" } else { day }.to_owned(), "new".to_owned(), titled(item)]
    };
    let heading = ["LENGTH", "DATE", "", "TITLE"].map(str::to_owned);
    output::table(std::iter::once(heading).chain(items.map(row)).collect(), &[true, false, false])
}

fn titled(item: &Item) -> String {
    item.show.as_ref().map_or_else(|| item.title.clone(), |show| format!("{} · {show}", item.title))
}

/// A row per episode; what can be long and wide comes last.
fn table<'a>(items: impl Iterator<Item = &'a Item>) -> String {
    let row = |item: &Item| {
        let path = match &item.place {
            Where::File(path) => path.display().to_string(),
            Where::Missing(path) => {
                format!("{} (missing: `aloud library relink FOLDER` finds it)", path.display())
            }
            Where::Unknown => "(file not known)".to_owned(),
            Where::BuiltIn => "(built in: `aloud demo`)".to_owned(),
        };
        let or_dash = |text: String| if text.is_empty() { "-".to_owned() } else { text };
        [
            or_dash(item.length.map_or_else(String::new, |length| length.to_string())),
            or_dash(item.heard()),
            or_dash(item.text_word().to_owned()),
            titled(item),
            path,
        ]
    };
    let heading = ["LENGTH", "HEARD", "TEXT", "TITLE", "PATH"].map(str::to_owned);
    output::table(
        std::iter::once(heading).chain(items.map(row)).collect(),
        &[true, true, false, false],
    )
}

/// The recording that `audio` names: a file, a folder, a pattern, or else an episode of which it is
/// a part of the title, the show or the file's name, or the beginning of the hash.
///
/// # Errors
/// With exit code 3 for what names nothing, or a recording that is missing; with 2 where several
/// may be meant and nobody can choose.
pub fn meant(audio: &Path, context: &Context) -> Result<Meant, Failure> {
    let is_named =
        audio.exists() || inputs::is_pattern(audio) || std::fs::symlink_metadata(audio).is_ok();
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
            let away = unfetched(&name, context)?;
            if !away.is_empty() && super::listen::has_screen() {
                return Ok(Meant::Shelf(Opening {
                    search: name.into_owned(),
                    list: List::All,
                    ..Opening::default()
                }));
            }
            if !away.is_empty() {
                return Err(Failure::new(Exit::Input, not_here(&name, &away)));
            }
            let failed = output::input(audio)
                .err()
                .map_or_else(|| format!("cannot open `{name}`"), |failure| failure.why.why);
            let why = format!("{failed}, and no episode on the shelf has it in its title or name");
            Err(Failure::new(Exit::Input, why).hint("`aloud` shows them"))
        }
        [item] => match &item.place {
            Where::File(path) => {
                context.voice.note(format!("“{}”: {}", plain(&item.title), path.display()));
                Ok(Meant::Recording(path.clone(), listened(&context.store()?, item.id).which()))
            }
            Where::BuiltIn => Ok(Meant::Demo),
            place => {
                let lay = place
                    .path()
                    .map_or_else(String::new, |path| format!(": `{}` is missing", path.display()));
                let why = format!("`{name}` is “{}”{lay}", plain(&item.title));
                Err(Failure::new(Exit::Input, why).hint(RELINK))
            }
        },
        // By a path or a hash they cannot be searched.
        _ if super::listen::has_screen() && !searched(&items, &shelf::folded(&name)).is_empty() => {
            Ok(Meant::Shelf(Opening { search: name.into_owned(), ..Opening::default() }))
        }
        several => {
            let names: Vec<String> = several
                .iter()
                .take(NAMED)
                .map(|item| format!("\n  {}", plain(&item.title)))
                .collect();
            let more = several.len().saturating_sub(NAMED);
            let more = if more > 0 { format!("\n  and {more} more") } else { String::new() };
            let why =
                format!("`{name}` may be {} episodes:{}{more}", several.len(), names.concat());
            Err(Failure::new(Exit::Usage, why).hint("give more of one's title, or its path"))
        }
    }
}

/// The episodes that `name` may mean; one alone where one is called exactly so.
pub fn fitting<'a>(items: &'a [Item], name: &str) -> Vec<&'a Item> {
    let is_hash = name.len() >= DIGITS && name.bytes().all(|byte| byte.is_ascii_hexdigit());
    if is_hash {
        let by_hash: Vec<&Item> = items
            .iter()
            .filter(|item| item.id.to_string().starts_with(&name.to_ascii_lowercase()))
            .collect();
        if !by_hash.is_empty() {
            return by_hash;
        }
    }
    if name.contains(std::path::MAIN_SEPARATOR) {
        let path = std::path::absolute(name).unwrap_or_default();
        let by_path: Vec<&Item> =
            items.iter().filter(|item| item.place.path() == Some(&path)).collect();
        if !by_path.is_empty() {
            return by_path;
        }
    }
    let wanted = shelf::folded(name);
    let is_whole = |text: &str| shelf::folded(text) == wanted;
    let whole: Vec<&Item> = items
        .iter()
        .filter(|item| {
            is_whole(&item.title)
                || item.place.path().is_some_and(|path| is_whole(&file_name(path)))
        })
        .collect();
    if !whole.is_empty() {
        return whole;
    }
    searched(items, &wanted)
}

fn searched<'a>(items: &'a [Item], wanted: &str) -> Vec<&'a Item> {
    if wanted.trim().is_empty() {
        return items.iter().collect();
    }
    items
        .iter()
        .zip(shelf::of_items(items))
        .filter(|(_, text)| shelf::matches(text, wanted))
        .map(|(item, _)| item)
        .collect()
}

/// The entries of shows that are not fetched and that `name` may mean.
///
/// # Errors
/// Where the store cannot be named.
pub fn unfetched(name: &str, context: &Context) -> Result<Vec<Item>, Failure> {
    let entries = with_shows(Vec::new(), context)?;
    let fitting = searched(&entries, &shelf::folded(name)).into_iter();
    Ok(fitting.filter(|item| item.is_away()).cloned().collect())
}

/// Why what `name` means, which are `entries` of shows, cannot be used yet.
pub fn not_here(name: &str, entries: &[Item]) -> Reason {
    let why = match entries {
        [one] => {
            let show =
                one.show.as_ref().map_or_else(String::new, |show| format!(" of “{}”", plain(show)));
            format!("“{}”{show} has to be fetched first", plain(&one.title))
        }
        several => {
            let (name, n) = (plain(name), several.len());
            format!("`{name}` may be {n} entries of shows, which have to be fetched first")
        }
    };
    Reason::new(why).hint("`aloud feed get SHOW TITLE` does that, or Enter on the shelf (`aloud`)")
}

/// Every episode in hand or heard before, once all is known.
///
/// # Errors
/// Where the store cannot be named.
pub fn all(context: &Context) -> Result<Vec<Item>, Failure> {
    let in_hand = in_hand(context)?;
    let known: HashSet<EpisodeId> = in_hand.iter().map(|item| item.id).collect();
    let mut items = with_shows(in_hand, context)?;
    items.retain(|item| !item.is_away() || known.contains(&item.id));
    Ok(items)
}

/// What is known of shows aside.
fn in_hand(context: &Context) -> Result<Vec<Item>, Failure> {
    let mut items = Vec::new();
    let mut tell = |found| match found {
        Found::Items(all) => items = all,
        Found::Note(note) => context.voice.warn(note),
        Found::Doing(_) => {}
    };
    stock::gather(&context.store()?, &mut tell, &|| context.is_cancelled());
    Ok(items)
}

/// As the shelf shows it.
fn with_shows(in_hand: Vec<Item>, context: &Context) -> Result<Vec<Item>, Failure> {
    let store = context.store()?;
    Ok(stock::with_shows(in_hand, &feed::shows(&store, context), &store, now()))
}
