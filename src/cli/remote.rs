//! A recording at an address: fetched once, kept for next time, and asked whether it is still the
//! same.

use super::Context;
use super::exit::Exit;
use super::listened::listened;
use super::report::{Failure, bytes, plain};
use super::since::now;
use super::threads::waited;
use super::transfer::sound;
use crate::decode;
use crate::feeds::kept::{self, Kept};
use crate::store::Store;
use crate::time::Timestamp;
use crate::view::is_heard;
use crate::web::download::{self, Fetched, Version};
use crate::web::{self, Proxies, Request};
use std::path::{Path, PathBuf};
use std::str::FromStr;
use std::time::Duration;

/// What all of them take together, unless the user says otherwise.
const MOST: Room = Room(20_000_000_000);
/// Silence after which nobody waits to learn whether a recording has changed that is here.
const STALL: Duration = Duration::from_secs(10);
/// The time for all of that question.
const WHOLE: Duration = Duration::from_secs(30);

/// A number of bytes as people write it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Room(u64);

impl FromStr for Room {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let text = text.trim().to_lowercase();
        let at = text.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(text.len());
        let (number, unit) = text.split_at(at);
        let scale = match unit.trim() {
            "" | "b" => 1.0,
            "kb" | "k" => 1e3,
            "mb" | "m" => 1e6,
            "gb" | "g" => 1e9,
            "tb" | "t" => 1e12,
            _ => return Err("it is no number of bytes, such as 20 GB".to_owned()),
        };
        let number: f64 =
            number.parse().map_err(|_| "it is no number of bytes, such as 20 GB".to_owned())?;
        // Saturates.
        Ok(Self((number * scale) as u64))
    }
}

/// The files of recordings of which some may be addresses: these are fetched, unless they are here
/// and still the same.
///
/// # Errors
/// With exit code 2 for what is no address of a recording, 3 when one cannot be fetched, 1 when it
/// cannot be kept, 130 when the user would not wait for it.
pub fn all(audio: &[PathBuf], context: &Context) -> Result<Vec<PathBuf>, Failure> {
    let mut urls = Vec::new();
    let mut file = |audio: &PathBuf| match audio.to_str().filter(|text| web::is_address(text)) {
        Some(typed) => {
            let url = address(typed)?;
            let path = brought(&url, &context.store()?, context)?;
            urls.push(url);
            Ok(path)
        }
        None => Ok(audio.clone()),
    };
    let paths = audio.iter().map(&mut file).collect::<Result<_, Failure>>()?;
    // Only now: the next one must not take away what came just before.
    if !urls.is_empty() {
        make_room(&urls, &context.store()?, context)?;
    }
    Ok(paths)
}

/// The file of a recording that may be an address.
///
/// # Errors
/// As [`all`].
pub fn here(audio: &Path, context: &Context) -> Result<PathBuf, Failure> {
    Ok(all(&[audio.to_owned()], context)?.into_iter().next().unwrap_or_default())
}

/// The address that was `typed`, as it is asked.
fn address(typed: &str) -> Result<String, Failure> {
    crate::address::resolve("", typed)
        .ok_or_else(|| Failure::new(Exit::Usage, format!("`{typed}` is not a web address")))
}

/// The file of the recording at `url`, fetched where that has to be.
fn brought(url: &str, store: &Store, context: &Context) -> Result<PathBuf, Failure> {
    if let Some(why) = store.problem() {
        return Err(Failure::new(Exit::Failed, why.clone()));
    }
    let nowhere = || {
        Failure::new(Exit::Failed, "there is no folder to keep a recording in")
            .hint("`--cache DIR` names one")
    };
    let path = kept::path(store, url).ok_or_else(nowhere)?;
    // What it names would be looked for on this machine, as of any playlist.
    if decode::is_list(&path) {
        let why = format!("`{url}` is the address of a playlist, and aloud fetches recordings");
        return Err(
            Failure::new(Exit::Usage, why).hint("give the addresses of those that it names")
        );
    }
    let known = kept::recall(store, url);
    let is_same = known.as_ref().map(|known| is_same(known, context)).transpose()?.unwrap_or(false);
    let known = known.unwrap_or_default();
    let version =
        if is_same { Some(known.version()) } else { fetched(url, &path, &known, store, context)? };
    settle(url, &path, version, &known, store)?;
    Ok(path)
}

/// Remembers which version of `url` is at `path`, where something else may have been `known`
/// before; `None` for one that another process brought.
fn settle(
    url: &str,
    path: &Path,
    version: Option<Version>,
    known: &Kept,
    store: &Store,
) -> Result<(), Failure> {
    let hash = match known.hash_of(path) {
        Some(hash) => hash.to_owned(),
        None => {
            let hash = decode::episode_id(path);
            hash.map_err(|e| {
                Failure::new(Exit::Input, format!("cannot read `{}`: {e}", path.display()))
            })?
            .to_string()
        }
    };
    // Another process that brought it writes down which version it is when it has read it, as this
    // one did now.
    let version = version
        .or_else(|| {
            kept::recall(store, url).filter(|kept| kept.hash == hash).map(|kept| kept.version())
        })
        .unwrap_or_default();
    let used = now();
    let file = kept::file(path).unwrap_or_default();
    let own = Kept {
        url: url.to_owned(),
        etag: version.etag,
        modified: version.modified,
        hash,
        used,
        file,
    };
    kept::remember(store, &own).map_err(|why| Failure::new(Exit::Failed, why))
}

/// The address of a recording that is not here yet, and where it will lie; `None` for what is no
/// address, or is here, or has to be refused.
///
/// # Errors
/// With exit code 2 for what is no address of a recording.
pub fn absent(audio: &Path, store: &Store) -> Result<Option<(String, PathBuf)>, Failure> {
    let Some(typed) = audio.to_str().filter(|text| web::is_address(text)) else { return Ok(None) };
    let url = address(typed)?;
    let path = kept::path(store, &url)
        .filter(|path| store.problem().is_none() && !decode::is_list(path) && !path.exists());
    Ok(path.map(|path| (url, path)))
}

/// Takes over what came whole from `url` to `path`, as a version or by another process.
///
/// # Errors
/// With exit code 1 when it cannot be kept.
pub fn arrived(
    url: &str,
    path: &Path,
    fetched: Fetched,
    store: &Store,
    context: &Context,
) -> Result<(), Failure> {
    let version = match fetched {
        Fetched::Done(version) => Some(version),
        Fetched::AlreadyThere => None,
    };
    settle(url, path, version, &Kept::default(), store)?;
    make_room(&[url.to_owned()], store, context)
}

/// Fetches it anew; which version it is, unless another process brought it. What is here from
/// before stays until the new one is whole, and will do where that does not come.
fn fetched(
    url: &str,
    path: &Path,
    known: &Kept,
    store: &Store,
    context: &Context,
) -> Result<Option<Version>, Failure> {
    match sound(url, url, path, true, context) {
        Ok(Fetched::Done(version)) => Ok(Some(version)),
        Ok(Fetched::AlreadyThere) => Ok(None),
        Err(failure) if path.is_file() && failure.exit != Exit::Cancelled => {
            let before = "; the recording is taken that is here from before";
            context.voice.warn(format!("{}{before}", failure.why.one_line()));
            Ok(Some(known.version()))
        }
        Err(failure) => {
            // Nothing came that the next time could go on from.
            if !path.is_file() && download::kept(path).is_none() {
                kept::remove(store, url);
            }
            Err(failure)
        }
    }
}

/// Whether the address still gives what is here. Where it cannot be asked, that is said, and what
/// is here will do.
fn is_same(known: &Kept, context: &Context) -> Result<bool, Failure> {
    let (url, version) = (known.url.clone(), known.version());
    let answer = waited(
        "server",
        move || {
            let mut headers = vec![("Range", "bytes=0-0".to_owned())];
            headers.extend(version.etag.clone().map(|etag| ("If-None-Match", etag)));
            headers.extend(version.modified.clone().map(|date| ("If-Modified-Since", date)));
            let proxies = Proxies::of_environment();
            let request = Request {
                url: &url,
                headers,
                named_by: None,
                stall: STALL,
                whole: Some(WHOLE),
                proxies: &proxies,
            };
            web::open(&request).map(|response| (response.status, response.version()))
        },
        &|| context.is_cancelled(),
    )?;
    let unknown = |why: &str| {
        context.voice.note(format!(
            "whether `{}` has changed cannot be asked ({why}); it is here from before",
            plain(&known.url)
        ));
        Ok(true)
    };
    match answer {
        Ok((304, _)) | Err(web::Failure::NotBuilt) => Ok(true),
        // Some answer with the version instead of comparing it; one that says nothing of versions
        // is believed to have one only.
        Ok((200 | 206, now)) => {
            let is_same = known.version().is_same(&now).unwrap_or(now == Version::default());
            if !is_same {
                context
                    .voice
                    .note(format!("`{}` has changed since; fetching it again", plain(&known.url)));
            }
            Ok(is_same)
        }
        Ok((status, _)) => unknown(&format!("the server answers {status}")),
        Err(web::Failure::Failed(why) | web::Failure::Hopeless(why)) => unknown(&why.one_line()),
    }
}

/// How many bytes all of them may take together.
///
/// # Errors
/// With exit code 2 when the user set what is no number of bytes.
pub fn room(context: &Context) -> Result<u64, Failure> {
    Ok(context.settings.get::<Room>("fetched", None)?.unwrap_or(MOST).0)
}

/// Takes those away that were heard to their end longest ago, where all together are too many; none
/// at an address of `spared`.
fn make_room(spared: &[String], store: &Store, context: &Context) -> Result<(), Failure> {
    let most = room(context)?;
    let folder = kept::folder(store).unwrap_or_default();
    let is_over = |kept: &Kept| {
        let Some(heard) = kept.id().map(|id| listened(store, id)).filter(|heard| heard.at > 0)
        else {
            return false;
        };
        let opened = || Some(decode::open(&kept::path(store, &kept.url)?).ok()?.length()?.at);
        let length = heard.length.map(Timestamp::from_millis).or_else(opened);
        length.is_some_and(|length| is_heard(Timestamp::from_millis(heard.at), length))
    };
    for gone in kept::make_room(store, most, spared, &is_over) {
        let of = format!("all together may take {} (setting `fetched`)", bytes(most));
        context.voice.note(format!(
            "removed `{}` from `{}`: it was heard, and {of}",
            plain(&gone),
            folder.display()
        ));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::Room;

    #[test]
    fn numbers_of_bytes() {
        for (text, want) in [
            ("20 GB", Some(20_000_000_000)),
            ("1.5g", Some(1_500_000_000)),
            ("0", Some(0)),
            ("700 kB", Some(700_000)),
            ("99999999999 TB", Some(u64::MAX)),
            ("", None),
            ("GB", None),
            ("-1", None),
            ("1.2.3", None),
            ("5 parsecs", None),
        ] {
            assert_eq!(text.parse::<Room>().ok().map(|room| room.0), want, "{text}");
        }
    }
}
