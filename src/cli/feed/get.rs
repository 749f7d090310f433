//! An episode is fetched: its recording, its chapters, its transcript, and its text.

use super::{meant, shows, text, unkept};
use crate::cli::Context;
use crate::cli::exit::Exit;
use crate::cli::output;
use crate::cli::report::{Failure, Outcome, plain};
use crate::cli::threads::waited;
use crate::cli::transfer;
use crate::decode;
use crate::episode::{Episode, EpisodeId, file_name};
use crate::feed::chapters;
use crate::feeds::{self, FetchError, Item, Show, Small, Sought};
use crate::index::Place;
use crate::reason::Reason;
use crate::store::Store;
use crate::time::Timestamp;
use crate::web::{Page, Proxies};
use std::path::{Path, PathBuf};

/// Chapters of ten hours have some 100 kB.
const CHAPTERS: Small =
    Small { accept: "application/json+chapters, application/json, */*;q=0.5", most: 4 << 20 };

/// What was asked for.
pub struct Asked<'a> {
    /// The show.
    pub show: &'a str,
    /// Its entries; none for the newest.
    pub items: &'a [String],
    /// So many of the newest.
    pub last: Option<usize>,
    /// The recordings alone.
    pub sound_only: bool,
}

/// Fetches what is asked for, and prints the files.
pub fn run(asked: &Asked<'_>, store: &Store, context: &Context) -> Outcome {
    let all = shows(store, context);
    let mut show = meant(asked.show, &all)?.clone();
    let ids = entries(asked, &show)?;
    let (n, mut worst) = (ids.len(), Exit::Done);
    for (place, id) in ids.iter().enumerate() {
        if n > 1 {
            context.voice.note(format!("{} of {n}", place + 1));
        }
        match get(&mut show, id, asked.sound_only, store, context) {
            Ok(path) => drop(output::to_stdout(format!("{}\n", path.display()).as_bytes())?),
            Err(failure) if n == 1 || matches!(failure.exit, Exit::Cancelled | Exit::Done) => {
                return Err(failure);
            }
            Err(failure) => {
                context.voice.error(failure.why);
                worst = failure.exit;
            }
        }
    }
    Ok(worst)
}

/// The identifiers of the entries that are meant.
fn entries(asked: &Asked<'_>, show: &Show) -> Result<Vec<String>, Failure> {
    let title = plain(&show.title);
    let newest = || show.newest_first().into_iter().filter(|item| item.sound.is_some());
    if asked.items.is_empty() {
        let found: Vec<String> =
            newest().take(asked.last.unwrap_or(1)).map(|item| item.id.clone()).collect();
        let nothing = || {
            Failure::new(Exit::Nothing, format!("“{title}” has no entry with a recording"))
                .hint("`aloud feed update` asks for new ones")
        };
        return if found.is_empty() { Err(nothing()) } else { Ok(found) };
    }
    let mut found = Vec::new();
    for wanted in asked.items {
        let item = match feeds::find_item(wanted, show) {
            Sought::One(item) => item,
            Sought::Many(items) => {
                let titles: Vec<String> =
                    items.iter().take(5).map(|item| format!("“{}”", item.title)).collect();
                let why = format!("`{wanted}` may mean {}", titles.join(" or "));
                return Err(Failure::new(Exit::Usage, why).hint("name one of them"));
            }
            Sought::None => {
                let why = format!("“{title}” has no entry `{wanted}`");
                return Err(Failure::new(Exit::Nothing, why)
                    .hint("`aloud feed list` with its name shows them"));
            }
        };
        if item.sound.is_none() {
            return Err(no_recording(item));
        }
        if !found.contains(&item.id) {
            found.push(item.id.clone());
        }
    }
    Ok(found)
}

fn no_recording(item: &Item) -> Failure {
    let hint = item.link.as_ref().map(|link| format!("its page is `{link}`"));
    let why = Reason { why: format!("“{}” has no recording", item.title), hint };
    Failure::new(Exit::Nothing, why)
}

/// A recording that is in hand.
pub struct InHand {
    pub path: PathBuf,
    pub id: EpisodeId,
    pub length: Option<Timestamp>,
    has_chapters: bool,
}

/// Fetches the entry `id` of `show`, with all that belongs to it unless the recording is wanted
/// alone; its file. What is here already is not fetched again.
///
/// # Errors
/// With exit code 5 for what is no longer known or has no recording, 3 when it cannot be had, 1
/// when it cannot be kept, 130 when cancelled; what came of it stays.
pub fn get(
    show: &mut Show,
    id: &str,
    sound_only: bool,
    store: &Store,
    context: &Context,
) -> Result<PathBuf, Failure> {
    let cancelled = || context.is_cancelled();
    *show = feeds::reserve(store, show, id, &cancelled).map_err(|why| unkept(why, context))?;
    let item = |show: &Show| show.items.iter().find(|item| item.id == id).cloned();
    let gone = || {
        Failure::new(Exit::Nothing, "the entry is no longer known")
            .hint("`aloud feed list` shows those that are")
    };
    let own = item(show).ok_or_else(gone)?;
    let path = show.path(&own, store).ok_or_else(gone)?;
    let changed = |show: &Show, change: &dyn Fn(&mut Item)| {
        let change =
            |show: &mut Show| show.items.iter_mut().filter(|item| item.id == id).for_each(change);
        feeds::change(store, show, &cancelled, change).map_err(|why| unkept(why, context))
    };
    sound(show, &own, &path, context)?;
    let in_hand = opened(&path, own.id(), store, context)?;
    if own.id() != Some(in_hand.id) || own.length() != in_hand.length {
        *show = changed(show, &|item| {
            item.hash = Some(in_hand.id.to_string());
            item.length = in_hand.length.map(Timestamp::millis).or(item.length);
        })?;
    }
    if !sound_only {
        chapters_of(show, &own, &in_hand, store, context)?;
        text::tie(show, &own, &in_hand, store, context)?;
        if !own.is_complete {
            *show = changed(show, &|item| item.is_complete = true)?;
        }
    }
    Ok(path)
}

/// The recording comes to `path`, unless it is there.
fn sound(show: &Show, item: &Item, path: &Path, context: &Context) -> Result<(), Failure> {
    if path.is_file() {
        return Ok(());
    }
    let Some(url) = item.sound.as_deref() else {
        return Err(no_recording(item));
    };
    transfer::sound(&show.url, url, path, false, context).map(|_| ())
}

/// What the file at `path` is, which was `known` for this recording; it is read whole only where it
/// may be another one by now.
fn opened(
    path: &Path,
    known: Option<EpisodeId>,
    store: &Store,
    context: &Context,
) -> Result<InHand, Failure> {
    let place = Place::of(path);
    let id = match known.filter(|id| place.as_ref().is_some_and(|place| place.is_of(store, *id))) {
        Some(id) => id,
        None => decode::episode_id(path).map_err(|e| {
            Failure::new(Exit::Input, format!("cannot read `{}`: {e}", path.display()))
        })?,
    };
    match decode::open(path) {
        Ok(decoder) => {
            let has_chapters = !decoder.tags().chapters.is_empty();
            Ok(InHand {
                path: path.to_owned(),
                id,
                length: decoder.length().map(|length| length.at),
                has_chapters,
            })
        }
        Err(error) => {
            let why = Reason::from(error).one_line();
            context.voice.warn(format!("`{}` is here, but {why}", path.display()));
            Ok(InHand { path: path.to_owned(), id, length: None, has_chapters: true })
        }
    }
}

/// The chapters that the feed names come too, where the recording has none of its own.
fn chapters_of(
    show: &Show,
    item: &Item,
    in_hand: &InHand,
    store: &Store,
    context: &Context,
) -> Result<(), Failure> {
    let Some(url) = item.chapters.as_deref().filter(|_| !in_hand.has_chapters) else {
        return Ok(());
    };
    if !feeds::chapters(store, in_hand.id).is_empty() {
        return Ok(());
    }
    let page = match small(show, url, CHAPTERS, context)? {
        Ok(page) => page,
        Err(error) => {
            let why = Reason::from(error).one_line();
            context.voice.warn(format!("without its chapters: {why}"));
            return Ok(());
        }
    };
    let Some(found) = chapters(&page.bytes) else {
        context.voice.warn(format!("without its chapters: `{url}` gives no list of them"));
        return Ok(());
    };
    let episode = Episode { file: file_name(&in_hand.path), id: in_hand.id, tags: <_>::default() };
    feeds::keep_chapters(store, &episode, &found).map_err(|why| unkept(why, context))?;
    context.voice.note(super::counted(found.len(), "chapter", "chapters"));
    Ok(())
}

/// Something that a show names, unless the user would not wait for it.
pub fn small(
    show: &Show,
    url: &str,
    what: Small,
    context: &Context,
) -> Result<Result<Page, FetchError>, Failure> {
    let (from, url) = (show.url.clone(), url.to_owned());
    let ask = move || feeds::small(&from, &url, what, &Proxies::of_environment());
    Ok(waited("feed", ask, &|| context.is_cancelled())?)
}
