//! `aloud feed`: shows that are followed, their feeds, and episodes that are fetched.

mod auto;
mod get;
mod list;
mod text;
mod update;

pub use auto::{due, is_auto};
pub use get::get;
pub use update::ask_all;

use super::Context;
use super::args::{FeedArgs, FeedCommand};
use super::exit::Exit;
use super::output;
use super::report::{Failure, Outcome, counted, plain};
use crate::address::resolve;
use crate::feed::{Outline, read_opml, write_opml};
use crate::feeds::{self, FetchError, Show, Sought};
use crate::reason::Reason;
use crate::store::Store;
use crate::web::GetError;
use std::path::{Path, PathBuf};
use std::{fs, io};

/// An OPML file that is longer holds something else.
const MOST_OPML: u64 = 32 << 20;

/// Does what was asked.
pub fn run(args: &FeedArgs, context: &Context) -> Outcome {
    let store = context.store()?;
    if let Some(why) = store.problem() {
        return Err(Failure::new(Exit::Failed, why.clone()));
    }
    match &args.command {
        FeedCommand::Add { urls } => update::add(urls, &store, context),
        FeedCommand::List { show, new, json } => {
            list::run(show.as_deref(), *new, *json, &store, context)
        }
        FeedCommand::Update { show } => update::run(show.as_deref(), &store, context),
        FeedCommand::Get { show, items, last, sound_only } => get::run(
            &get::Asked { show, items, last: *last, sound_only: *sound_only },
            &store,
            context,
        ),
        FeedCommand::Rm { show, files } => remove(show, *files, &store, context),
        FeedCommand::Import { file } => import(file, &store, context),
        FeedCommand::Export { output, force } => export(output.as_deref(), *force, &store, context),
    }
}

/// All shows; what is wrong with any of them is said.
pub fn shows(store: &Store, context: &Context) -> Vec<Show> {
    let (shows, problems) = feeds::all(store);
    problems.iter().for_each(|why| context.voice.warn(why));
    shows
}

/// The show that `wanted` means.
fn meant<'a>(wanted: &str, shows: &'a [Show]) -> Result<&'a Show, Failure> {
    match feeds::find(wanted, shows) {
        Sought::One(show) => Ok(show),
        Sought::Many(found) => {
            let titles: Vec<String> =
                found.iter().take(5).map(|show| format!("“{}”", show.title)).collect();
            let why = format!("`{wanted}` may mean {}", titles.join(" or "));
            Err(Failure::new(Exit::Usage, why).hint("name one of them"))
        }
        Sought::None if shows.is_empty() => Err(Failure::new(Exit::Nothing, "no show is followed")
            .hint("`aloud feed add URL` does that")),
        Sought::None => {
            let why = format!("no show is called `{wanted}`");
            Err(Failure::new(Exit::Nothing, why).hint("`aloud feed list` shows them"))
        }
    }
}

/// What `store` could not do.
fn unkept(why: Reason, context: &Context) -> Failure {
    if context.is_cancelled() {
        Failure::new(Exit::Cancelled, "cancelled")
    } else {
        Failure::new(Exit::Failed, why)
    }
}

fn unfetched(error: FetchError) -> Failure {
    let exit = if matches!(error, FetchError::Web(GetError::NotBuilt { .. })) {
        Exit::Failed
    } else {
        Exit::Input
    };
    Failure::new(exit, error)
}

/// The address that a person means: those of podcast programs are web addresses, and so is a bare
/// name.
fn address(typed: &str) -> Option<String> {
    let typed = typed.trim();
    let schemes = [
        ("feed:https://", "https://"),
        ("feed:http://", "http://"),
        ("feed://", "https://"),
        ("itpc://", "https://"),
        ("pcast://", "https://"),
    ];
    let found = schemes.iter().find_map(|(begin, web)| {
        let head = typed.get(..begin.len())?;
        head.eq_ignore_ascii_case(begin).then(|| format!("{web}{}", &typed[begin.len()..]))
    });
    let whole = found.unwrap_or_else(|| {
        if typed.contains("://") { typed.to_owned() } else { format!("https://{typed}") }
    });
    resolve("", &whole)
}

fn remove(wanted: &str, files: bool, store: &Store, context: &Context) -> Outcome {
    let shows = shows(store, context);
    let show = meant(wanted, &shows)?;
    let folder = show.folder(store).filter(|folder| folder.is_dir() && !show.folder.is_empty());
    let n = show.items.iter().filter(|item| show.in_hand(item, store).is_some()).count();
    if files {
        let left = |(path, e): (PathBuf, io::Error)| {
            Failure::new(Exit::Failed, format!("cannot remove `{}`: {e}", path.display()))
        };
        feeds::remove_files(store, show).map_err(left)?;
    }
    feeds::forget(store, show, &|| context.is_cancelled()).map_err(|why| unkept(why, context))?;
    let rest = match folder {
        Some(folder) if !files && n > 0 => format!(
            "; {} in `{}`",
            counted(n, "recording stays", "recordings stay"),
            folder.display()
        ),
        Some(folder) if files && folder.is_dir() => {
            format!("; what was not fetched stays in `{}`", folder.display())
        }
        _ => String::new(),
    };
    context.voice.note(format!("“{}” is no longer followed{rest}", show.title));
    Ok(Exit::Done)
}

fn import(file: &Path, store: &Store, context: &Context) -> Outcome {
    let name = file.display();
    let wrong = |why: &dyn std::fmt::Display| {
        Failure::new(Exit::Input, format!("cannot use `{name}`: {why}"))
    };
    if fs::metadata(file).map_err(|e| wrong(&e))?.len() > MOST_OPML {
        return Err(wrong(&"it is too long for a list of feeds"));
    }
    let bytes = fs::read(file).map_err(|e| wrong(&e))?;
    let (outlines, n_bad) = read_opml(&bytes)
        .ok_or_else(|| wrong(&"it is no OPML file, as podcast programs write them"))?;
    let n = outlines.len();
    let new = outlines.iter().map(|outline| Show::new(&outline.url, &outline.title)).collect();
    let (n_new, problems) = feeds::follow(store, new, &|| context.is_cancelled())
        .map_err(|why| unkept(why, context))?;
    problems.iter().for_each(|why| context.voice.warn(why));
    if n_bad > 0 {
        context.voice.warn(format!(
            "{} in `{name}` had no web address and was left out",
            counted(n_bad, "feed", "feeds")
        ));
    }
    let there = if n > n_new { format!(", {} followed already", n - n_new) } else { String::new() };
    let next = if n_new > 0 { "; `aloud feed update` asks for their entries" } else { "" };
    context.voice.note(format!("{} new{there}{next}", counted(n_new, "show is", "shows are")));
    Ok(Exit::Done)
}

fn export(path: Option<&Path>, force: bool, store: &Store, context: &Context) -> Outcome {
    let shows = shows(store, context);
    let outlines: Vec<Outline> = shows
        .iter()
        .map(|show| Outline { title: show.title.clone(), url: show.url.clone() })
        .collect();
    let file = write_opml(&outlines);
    match path {
        Some(path) => output::to_file(path, file.as_bytes(), force),
        None => output::to_stdout(file.as_bytes()),
    }
}

/// What a show says of itself in a line of its own, for a message.
fn shown(show: &Show) -> String {
    format!("“{}”", plain(&show.title))
}

#[cfg(test)]
mod tests {
    use super::address;

    #[test]
    fn addresses_as_people_type_them() {
        for (typed, want) in [
            ("https://a.net/feed", Some("https://a.net/feed")),
            (" a.net/feed ", Some("https://a.net/feed")),
            ("feed://a.net/feed", Some("https://a.net/feed")),
            ("FEED:http://a.net/feed", Some("http://a.net/feed")),
            ("itpc://a.net/feed", Some("https://a.net/feed")),
            ("ftp://a.net/feed", None),
            ("file:///etc/passwd", None),
            ("", None),
        ] {
            assert_eq!(address(typed).as_deref(), want, "{typed}");
        }
    }
}
