//! `aloud library`: the episodes that are known, on this machine and on another.

use super::args::{CacheArgs, CacheCommand, Goes};
use super::args::{LibraryArgs, LibraryCommand};
use super::cache;
use super::confirm::{self, Answer};
use super::exit::Exit;
use super::find::many::{self, Known};
use super::listened;
use super::report::{Failure, Outcome, bytes, counted, plain};
use super::{Context, exchange, inputs, output, server};
use crate::episode::EpisodeId;
use crate::feeds;
use crate::index::{self, Card, Place, Source, dialect, wire};
use crate::printable;
use crate::store::Store;
use crate::time::Timestamp;
use serde_json::{Value, json};
use std::io;
use std::path::{Path, PathBuf};

/// How many digits of a hash the table shows.
const DIGITS: usize = 8;

/// Does what was asked.
pub fn run(args: &LibraryArgs, context: &Context) -> Outcome {
    let store = context.store()?;
    match &args.command {
        None => list(&store, args.json, context),
        Some(LibraryCommand::List { json }) => list(&store, *json || args.json, context),
        Some(LibraryCommand::Rm { episode, server, goes }) => {
            remove(&store, episode, server.as_deref(), *goes, context)
        }
        Some(LibraryCommand::Relink { folders }) => relink(&store, folders, context),
        Some(LibraryCommand::Export { output, ndjson: false, force }) => {
            let export = exchange::export(&store);
            context.voice.note(format!(
                "{} records, {}",
                export.n_records,
                bytes(export.bytes.len() as u64)
            ));
            write(output.as_deref(), &export.bytes, *force)
        }
        Some(LibraryCommand::Export { output, ndjson: true, force }) => {
            write(output.as_deref(), &all_documents(&store), *force)
        }
        Some(LibraryCommand::Import { files }) => import(&store, files, context),
        Some(LibraryCommand::Schema { server }) => {
            let index = server::index_name(&context.settings)?;
            let dialect = dialect::named(server).ok_or_else(|| {
                Failure::new(Exit::Usage, format!("no server is called `{server}`"))
            })?;
            server::can_name(&index, dialect)?;
            output::to_stdout(dialect.schema(&index).as_bytes())
        }
        Some(LibraryCommand::Push { url }) => server::push(&store, url, context),
    }
}

/// Writes lines of JSON, in which nothing stands that a terminal would obey.
fn write(path: Option<&Path>, bytes: &[u8], force: bool) -> Outcome {
    let text = String::from_utf8_lossy(bytes);
    let bytes = printable::json(&text);
    let bytes = bytes.as_bytes();
    match path {
        Some(path) => output::to_file(path, bytes, force),
        None => output::to_stdout(bytes),
    }
}

fn list(store: &Store, is_json: bool, context: &Context) -> Outcome {
    let library = many::open(store, context);
    let cards = titled(library.cards(), is_json, store);
    for note in &library.notes {
        context.voice.warn(note);
    }
    if is_json {
        return output::to_stdout(printable::json(&json_of(&cards, store)).as_bytes());
    }
    if cards.is_empty() {
        context.voice.note("nothing was transcribed yet; `aloud transcribe AUDIO` begins");
        return Ok(Exit::Done);
    }
    let length: u64 = cards.iter().filter_map(|(_, card)| card.length).sum();
    output::say(&table(&cards, store))?;
    context.voice.note(format!(
        "{}, {}",
        counted(cards.len(), "episode", "episodes"),
        Timestamp::from_millis(length)
    ));
    Ok(Exit::Done)
}

/// `cards` with the titles that feeds have for recordings without one of their own, for people with
/// the show's.
fn titled(
    mut cards: Vec<(EpisodeId, Card)>,
    is_json: bool,
    store: &Store,
) -> Vec<(EpisodeId, Card)> {
    if cards.iter().all(|(_, card)| card.title.is_some()) {
        return cards;
    }
    let titles = feeds::titles(store);
    for (id, card) in cards.iter_mut().filter(|(_, card)| card.title.is_none()) {
        card.title = titles.get(id).map(|titles| match is_json {
            true => titles.entry.clone(),
            false => format!("{} · {}", titles.entry, titles.show),
        });
    }
    cards
}

/// A row per episode; what can be long and wide comes last.
fn table(cards: &[(EpisodeId, Card)], store: &Store) -> String {
    let heading = ["EPISODE", "LENGTH", "AT", "LANGUAGE", "TEXT", "TITLE"].map(str::to_owned);
    let rows = cards.iter().map(|(id, card)| row(*id, card, store));
    output::table(
        std::iter::once(heading).chain(rows).collect(),
        &[false, true, true, false, false],
    )
}

fn row(id: EpisodeId, card: &Card, store: &Store) -> [String; 6] {
    let at = listened::listened(store, id).at;
    let lost = match &card.place {
        Some(place) if place.is_there() => "",
        Some(_) => " (moved: `aloud library relink FOLDER` finds it)",
        None => " (file not known)",
    };
    let name = if card.title.is_some() {
        format!("{} · {}", card.name(), card.file)
    } else {
        card.file.clone()
    };
    let time = |ms: u64| Timestamp::from_millis(ms).to_string();
    [
        id.to_string()[..DIGITS].to_owned(),
        card.length.map_or_else(|| "-".to_owned(), time),
        if at > 0 { time(at) } else { "-".to_owned() },
        card.language.clone().unwrap_or_else(|| "-".to_owned()),
        card.coverage
            .map_or_else(|| "said".to_owned(), |coverage| format!("{:.0} %", coverage * 100.0)),
        plain(&name).replace('\n', " ") + lost,
    ]
}

/// `aloud-library-list/1`; times in seconds.
fn json_of(cards: &[(EpisodeId, Card)], store: &Store) -> String {
    let secs = |ms: u64| ms as f64 / 1000.0;
    let rows = cards.iter().map(|(id, card)| {
        let listened = listened::listened(store, *id);
        json!({
            "episode": id.to_string(),
            "file": card.file,
            "path": card.place.as_ref().map(|place| place.path.display().to_string()),
            "present": card.place.as_ref().is_some_and(Place::is_there),
            "title": card.title,
            "language": card.language,
            "model": card.model,
            "duration": card.length.map(secs),
            "words": card.n_words,
            "coverage": card.coverage,
            "position": secs(listened.at),
            "bookmarks": listened.bookmarks.len(),
        })
    });
    format!(
        "{:#}\n",
        json!({ "format": "aloud-library-list/1", "episodes": rows.collect::<Vec<Value>>() })
    )
}

fn remove(
    store: &Store,
    episode: &Path,
    server: Option<&str>,
    goes: Goes,
    context: &Context,
) -> Outcome {
    // Of what is removed nothing tells afterwards which episode it was.
    let known = cache::meant(store, episode);
    let named = episode.to_str().and_then(EpisodeId::parse).filter(|_| server.is_some());
    if let (None, Some(id)) = (known, named) {
        return server::forget(store, id, server, context).map(|()| Exit::Done);
    }
    let args = CacheArgs {
        command: CacheCommand::Rm { episode: Some(episode.to_owned()), all: false, goes },
    };
    let mut ask = |question: &str| confirm::ask(question, Answer::No, &|| context.is_cancelled());
    let code =
        cache::run(&args, store, &mut io::stdout().lock(), &mut io::stderr().lock(), &mut ask)?;
    drop(many::open(store, context));
    match code {
        0 => {
            if let Some(id) = known.filter(|id| !index::are_kept(&[*id], store)) {
                server::forget(store, id, server, context)?;
            }
            Ok(Exit::Done)
        }
        2 => Err(Failure::new(Exit::Usage, "nothing was removed")),
        3 => Err(Failure::new(Exit::Input, "nothing was removed")),
        5 => Ok(Exit::Nothing),
        130 => Ok(Exit::Cancelled),
        _ => Ok(Exit::Failed),
    }
}

/// Looks through folders for recordings that are known, and remembers where they lie now.
fn relink(store: &Store, folders: &[PathBuf], context: &Context) -> Outcome {
    let library = many::open(store, context);
    let lost: Vec<EpisodeId> = library
        .cards()
        .into_iter()
        .filter(|(_, card)| !card.place.as_ref().is_some_and(Place::is_there))
        .map(|(id, _)| id)
        .collect();
    if lost.is_empty() {
        context.voice.note("every recording is where it was");
        return Ok(Exit::Done);
    }
    let mut known = Known::of(&library);
    let mut n_found = 0;
    for recording in inputs::recordings(folders) {
        if context.is_cancelled() {
            return Err(
                Failure::new(Exit::Cancelled, "cancelled").hint("what was found is remembered")
            );
        }
        if let Some(id) = known.find(&recording, store).filter(|id| lost.contains(id)) {
            n_found += 1;
            let line = format!("{}  {}\n", &id.to_string()[..DIGITS], recording.display());
            output::say(&line)?;
        }
    }
    drop(many::open(store, context));
    context.voice.note(format!("{n_found} of {} recordings were found again", lost.len()));
    Ok(if n_found == 0 { Exit::Nothing } else { Exit::Done })
}

/// Whether `file` names standard input, as `-` does everywhere.
fn is_piped(file: &Path) -> bool {
    file.as_os_str() == "-"
}

fn import(store: &Store, files: &[PathBuf], context: &Context) -> Outcome {
    if let Some(why) = store.problem() {
        return Err(Failure::new(Exit::Failed, why.clone()));
    }
    let mut done = exchange::Imported::default();
    for file in files {
        let failed = |error: io::Error| {
            Failure::new(Exit::Input, format!("cannot read `{}`: {error}", file.display()))
        };
        let (name, read): (String, Box<dyn io::BufRead>) = match is_piped(file) {
            true => ("standard input".to_owned(), Box::new(io::stdin().lock())),
            false => {
                let read = std::fs::File::open(file).map_err(failed)?;
                (format!("`{}`", file.display()), Box::new(io::BufReader::new(read)))
            }
        };
        exchange::import(read, store, &mut done)
            .map_err(|why| Failure::new(Exit::Input, format!("{name}: {why}")))?;
    }
    if done.n_bad > 0 {
        context.voice.warn(format!("{} lines were no records and were left out", done.n_bad));
    }
    context.voice.note(format!("{} records are new, {} were known", done.n_new, done.n_known));
    drop(many::open(store, context));
    Ok(Exit::Done)
}

/// Every page of every episode as a line of JSON.
fn all_documents(store: &Store) -> Vec<u8> {
    let (mut lines, now) = (Vec::new(), server::now());
    for (id, source) in Source::all(store) {
        let mark = wire::Mark::new(&wire::state(&source), now, []);
        wire::documents(id, &source, &mark).for_each(|document| document.line(&mut lines));
    }
    lines
}
