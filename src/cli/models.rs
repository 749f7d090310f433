//! `aloud models`: the Whisper models on this machine.
//!
//! Words what the room `models` finds: data to stdout, everything else to stderr. Never decides
//! whether a file is good.

#[cfg(feature = "download")]
#[cfg(test)]
mod tests;

use super::report::Clean;
use super::transfer::Progress;
use crate::models::catalogue::{self, CATALOGUE};
use crate::models::download::{self, DownloadError, Event, Fetched, Hooks, Order, Policy};
use crate::models::{Entry, Languages, ModelError, Places, megabytes, micro, verify};
use crate::printable;
use crate::reason::Reason;
use serde_json::{Value, json};
use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

/// The arguments of `aloud models`.
#[derive(Debug, clap::Args)]
pub struct ModelsArgs {
    #[command(subcommand)]
    command: Command,
    /// The folder for models, before the user's own [variable: ALOUD_MODELS]
    #[arg(long, global = true, value_name = "DIR")]
    dir: Option<PathBuf>,
}

#[derive(Debug, clap::Subcommand)]
enum Command {
    /// All models, their cost, and which of them are here
    List {
        /// For programs
        #[arg(long)]
        json: bool,
    },
    /// Fetch models; what is broken off continues next time
    Pull {
        /// Names, as `aloud models list` shows them [default: base]
        #[arg(value_name = "NAME")]
        names: Vec<String>,
        /// The address of a mirror: a folder with files named `ggml-NAME.bin`
        #[arg(long, env = "ALOUD_MODELS_URL", value_name = "URL", default_value = catalogue::HOME_URL)]
        from: String,
    },
    /// Check that models are whole: all that are here, or those named
    Verify {
        /// Names, as `aloud models list` shows them
        #[arg(value_name = "NAME")]
        names: Vec<String>,
    },
    /// Remove models
    Rm {
        /// Names, as `aloud models list` shows them
        #[arg(required = true, value_name = "NAME")]
        names: Vec<String>,
    },
}

/// Where the words go, and how to be stopped.
pub struct Console<'a> {
    /// Data.
    out: Clean<'a>,
    /// Messages and progress.
    err: Clean<'a>,
    /// Whether `err` is a terminal, where a line may be drawn again.
    is_terminal: bool,
    /// Asked often; yes ends the work and keeps what is done.
    is_cancelled: &'a dyn Fn() -> bool,
}

impl<'a> Console<'a> {
    /// Data goes to `out`, messages to `err`; `is_terminal` says whether a line of `err` may be
    /// drawn again. `is_cancelled` is asked often; yes ends the work and keeps what is done.
    pub fn new(
        out: &'a mut dyn Write,
        err: &'a mut dyn Write,
        is_terminal: bool,
        is_cancelled: &'a dyn Fn() -> bool,
    ) -> Self {
        Self { out: Clean::new(out), err: Clean::new(err), is_terminal, is_cancelled }
    }
}

/// Does what the arguments say; gives the exit code: 0 done, 1 failed, 2 no such name, 130
/// cancelled.
///
/// # Errors
/// Only that of writing to the console, a closed pipe among them.
pub fn run(args: &ModelsArgs, console: &mut Console<'_>) -> io::Result<u8> {
    match Places::of_user(args.dir.clone()) {
        Ok(places) => run_in(&places, &Policy::of_user(), args, console),
        Err(error) => {
            let code = exit_code(&error);
            report(console, error, code)
        }
    }
}

/// Fetches the model called `name` from where the user fetches models, into the folder of `places`.
///
/// # Errors
/// As [`run`].
pub fn fetch_named(places: &Places, name: &str, console: &mut Console<'_>) -> io::Result<u8> {
    let from = std::env::var("ALOUD_MODELS_URL").unwrap_or_else(|_| catalogue::HOME_URL.to_owned());
    match catalogue::find(name) {
        Some(entry) => pull(places, &Policy::of_user(), &from, entry, console),
        None => report(console, ModelError::UnknownName { name: name.to_owned() }, 2),
    }
}

/// The exit code for want of a model: 2 for a name that does not exist, 130 when cancelled, 4 for
/// all else.
pub fn exit_code(error: &ModelError) -> u8 {
    match error {
        ModelError::UnknownName { .. } => 2,
        ModelError::Cancelled => 130,
        _ => 4,
    }
}

fn run_in(
    places: &Places,
    policy: &Policy,
    args: &ModelsArgs,
    console: &mut Console<'_>,
) -> io::Result<u8> {
    let names = match &args.command {
        Command::List { json: true } => return list_json(places, &mut console.out).map(|()| 0),
        Command::List { json: false } => return list(places, &mut console.out).map(|()| 0),
        Command::Pull { names, .. } | Command::Verify { names } | Command::Rm { names } => names,
    };
    // All names first: a slip in the last one must not show after an hour of fetching.
    let mut entries: Vec<&'static Entry> = Vec::new();
    for name in names {
        match catalogue::find(name) {
            Some(entry) if entries.contains(&entry) => {}
            Some(entry) => entries.push(entry),
            None => return report(console, ModelError::UnknownName { name: name.clone() }, 2),
        }
    }
    if matches!(args.command, Command::Pull { .. }) && entries.is_empty() {
        entries.extend(catalogue::find(catalogue::DEFAULT));
    }
    if let (Command::Verify { .. }, true) = (&args.command, entries.is_empty()) {
        entries = places.installed().map(|(entry, _)| entry).collect();
        if entries.is_empty() {
            writeln!(
                console.err,
                "no models are here; `aloud models pull {}` fetches the default one",
                catalogue::DEFAULT
            )?;
        }
    }
    let mut worst = 0;
    for entry in entries {
        let code = match &args.command {
            Command::Pull { from, .. } => pull(places, policy, from, entry, console)?,
            Command::Verify { .. } => verify(places, entry, console)?,
            Command::Rm { .. } => remove(places, entry, console)?,
            Command::List { .. } => 0,
        };
        if code == 130 {
            return Ok(code);
        }
        worst = worst.max(code);
    }
    Ok(worst)
}

fn report(console: &mut Console<'_>, why: impl Into<Reason>, code: u8) -> io::Result<u8> {
    console.err.error(&why.into(), false)?;
    Ok(code)
}

/// Whether a model is here, in words for a table.
fn presence(places: &Places, entry: &Entry) -> String {
    if entry.is_embedded() {
        return if micro::is_embedded() { "built in" } else { "left out" }.to_owned();
    }
    match places.find(entry) {
        Some(path) if fs::metadata(&path).is_ok_and(|file| file.len() == entry.bytes) => {
            "yes".to_owned()
        }
        // The name is right and the file another: `verify` says what is wrong with it.
        Some(_) => "other file".to_owned(),
        None => match download::kept(&places.home().join(entry.file_name())) {
            Some(bytes) => format!("{} %", (bytes * 100 / entry.bytes).min(99)),
            None => "-".to_owned(),
        },
    }
}

fn note(entry: &Entry) -> &'static str {
    match entry.name {
        catalogue::MICRO => "only for `demo`",
        catalogue::DEFAULT => "the default",
        _ if entry.languages() != Languages::English && !entry.translates() => "does not translate",
        _ => "",
    }
}

fn list(places: &Places, out: &mut dyn Write) -> io::Result<()> {
    writeln!(
        out,
        "{:<20} {:>7} {:>8}  {:<9} {:<10} NOTE",
        "NAME", "SIZE", "MEMORY", "LANGUAGES", "HERE"
    )?;
    let mut class = CATALOGUE[0].class;
    for entry in CATALOGUE {
        if entry.class != class {
            class = entry.class;
            writeln!(out)?;
        }
        let languages = match entry.languages() {
            Languages::English => "English".to_owned(),
            Languages::Many(n) => n.to_string(),
        };
        let memory = format!("~{}", megabytes(entry.memory_mb(1) * 1_000_000));
        let line = format!(
            "{:<20} {:>7} {:>8}  {:<9} {:<10} {}",
            entry.name,
            megabytes(entry.bytes),
            memory,
            languages,
            presence(places, entry),
            note(entry)
        );
        writeln!(out, "{}", line.trim_end())?;
    }
    writeln!(out)?;
    let more = |name: &str| {
        catalogue::find(name).map_or(0, |entry| entry.memory_mb(2) - entry.memory_mb(1))
    };
    let (base, small) = (more("base"), more("small"));
    writeln!(out, "MEMORY is for one window at a time. Each further one (`--jobs`) takes")?;
    writeln!(out, "{base} MB more with base, {small} MB with small.")?;
    writeln!(
        out,
        "`micro` is a part of this program, for `aloud demo` and tests; it does not understand people."
    )?;
    for (i, folder) in places.folders.iter().enumerate() {
        writeln!(
            out,
            "{} {}",
            if i == 0 { "Models are kept in" } else { "and looked for in " },
            folder.display()
        )?;
    }
    Ok(())
}

fn list_json(places: &Places, out: &mut dyn Write) -> io::Result<()> {
    let models: Vec<Value> = CATALOGUE
        .iter()
        .map(|entry| {
            let languages = match entry.languages() {
                Languages::English => 1,
                Languages::Many(n) => n,
            };
            json!({
                "name": entry.name,
                "file": entry.file_name(),
                "bytes": entry.bytes,
                "memory": entry.memory_mb(1) * 1_000_000,
                "memory_of_two_windows": entry.memory_mb(2) * 1_000_000,
                "languages": languages,
                "english_only": entry.languages() == Languages::English,
                "translates": entry.translates(),
                "sha1": entry.sha1,
                "built_in": entry.is_embedded(),
                "for_demo_only": entry.is_embedded(),
                "url": (!entry.is_embedded()).then(|| entry.url(catalogue::HOME_URL)),
                "path": places.find(entry),
            })
        })
        .collect();
    let list = json!({ "format": "aloud-models/1", "folders": places.folders, "models": models });
    writeln!(out, "{}", printable::json(&serde_json::to_string_pretty(&list)?))
}

fn pull(
    places: &Places,
    policy: &Policy,
    from: &str,
    entry: &Entry,
    console: &mut Console<'_>,
) -> io::Result<u8> {
    let name = entry.name;
    if entry.is_embedded() {
        writeln!(console.err, "`{name}` is a part of this program; there is nothing to fetch")?;
        return Ok(0);
    }
    let path = places.home().join(entry.file_name());
    if let Some(found) = places.find(entry) {
        match check(&found, entry, console)? {
            Ok(_) => {
                writeln!(console.err, "`{name}` is here already: {}", found.display())?;
                return Ok(0);
            }
            Err(error @ ModelError::Cancelled) => return report(console, error, 130),
            Err(error) => writeln!(console.err, "{}", Reason::from(error).one_line())?,
        }
        // It may be somebody's own model under this name, so it is not removed.
        if found == path && !set_aside(&path, console)? {
            return Ok(1);
        }
    }
    writeln!(
        console.err,
        "fetching `{name}`, {}, into {}",
        megabytes(entry.bytes),
        places.home().display()
    )?;
    let order = Order {
        url: entry.url(from),
        path: path.clone(),
        bytes: Some(entry.bytes),
        sha1: Some(entry.sha1.to_owned()),
    };
    match fetch(&order, policy, name, console)? {
        Ok(Fetched::Done(_)) => {
            writeln!(console.err, "`{name}` is verified and ready: {}", path.display())?;
        }
        Ok(Fetched::AlreadyThere) => writeln!(
            console.err,
            "another `aloud` has fetched `{name}` meanwhile: {}",
            path.display()
        )?,
        Err(error @ DownloadError::Cancelled { .. }) => return report(console, error, 130),
        Err(error) => return report(console, error, 1),
    }
    Ok(0)
}

/// Moves a file out of the way; says where, or why not.
fn set_aside(path: &Path, console: &mut Console<'_>) -> io::Result<bool> {
    let mut aside = path.as_os_str().to_owned();
    aside.push(".set-aside");
    let aside = PathBuf::from(aside);
    match fs::rename(path, &aside) {
        Ok(()) => writeln!(console.err, "set aside as {}", aside.display()).map(|()| true),
        Err(source) => {
            let error = ModelError::Unwritable { what: "set aside", path: path.to_owned(), source };
            report(console, error, 1).map(|_| false)
        }
    }
}

/// Fetches with its events worded on the console.
fn fetch(
    order: &Order,
    policy: &Policy,
    name: &str,
    console: &mut Console<'_>,
) -> io::Result<Result<Fetched, DownloadError>> {
    let mut progress = Progress::new(name, console.err.again(), console.is_terminal);
    let mut on_event = |event: Event<'_>| progress.tell(&event);
    let sleep = |pause| std::thread::sleep(pause);
    let mut hooks =
        Hooks { on_event: &mut on_event, is_cancelled: console.is_cancelled, sleep: &sleep };
    let result = download::fetch(order, policy, &mut hooks);
    progress.finish()?;
    Ok(result)
}

/// Reads a model whole, with progress on a terminal, since a large one takes a while.
fn check(
    path: &Path,
    entry: &Entry,
    console: &mut Console<'_>,
) -> io::Result<Result<verify::Verified, ModelError>> {
    let mut progress = Progress::new(entry.name, console.err.again(), console.is_terminal);
    let is_cancelled = console.is_cancelled;
    let result = verify::verify(path, Some(entry), &mut |done, total| {
        progress.read(done, total);
        !is_cancelled()
    });
    progress.finish()?;
    Ok(result)
}

fn verify(places: &Places, entry: &Entry, console: &mut Console<'_>) -> io::Result<u8> {
    let path =
        if entry.is_embedded() { micro::unpack(&places.cache) } else { places.locate_file(entry) };
    let result = match path {
        Ok(path) => check(&path, entry, console)?.map(|_| path),
        Err(error) => Err(error),
    };
    match result {
        Ok(path) => {
            writeln!(console.out, "`{}` is whole: {}", entry.name, path.display()).map(|()| 0)
        }
        Err(error @ ModelError::Cancelled) => report(console, error, 130),
        Err(error) => report(console, error, 1),
    }
}

fn remove(places: &Places, entry: &Entry, console: &mut Console<'_>) -> io::Result<u8> {
    if entry.is_embedded() {
        // What `demo` unpacked comes again by itself; only its room is given back.
        let _ = fs::remove_file(micro::path_in(&places.cache));
        writeln!(console.err, "`{}` is a part of this program and stays", entry.name)?;
        return Ok(0);
    }
    let mut has_removed = false;
    for path in places.folders.iter().map(|folder| folder.join(entry.file_name())) {
        has_removed |= download::kept(&path).is_some();
        let removed = download::forget(&path).and_then(|()| {
            if path.is_file() { fs::remove_file(&path).map(|()| true) } else { Ok(false) }
        });
        match removed {
            Ok(true) => {
                has_removed = true;
                writeln!(console.err, "removed {}", path.display())?;
            }
            Ok(false) => {}
            Err(source) => {
                return report(console, ModelError::Unwritable { what: "remove", path, source }, 1);
            }
        }
    }
    if has_removed { Ok(0) } else { report(console, format!("`{}` is not here", entry.name), 1) }
}
