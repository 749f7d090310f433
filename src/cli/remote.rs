//! A recording at an address: fetched once, kept for next time, and asked whether it is still the same.

use super::Context;
use super::exit::Exit;
use super::listened::listened;
use super::report::{Failure, bytes, plain};
use super::transfer::{sound, waited};
use crate::decode;
use crate::episode::EpisodeId;
use crate::feeds::kept::{self, Kept};
use crate::store::Store;
use crate::web::download::{Fetched, Version};
use crate::web::{self, Proxies, Request};
use std::fs;
use std::path::{Path, PathBuf};
use std::str::FromStr;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// What all of them take together, unless the user says otherwise.
const MOST: Room = Room(20_000_000_000);
/// Silence after which nobody waits to learn whether a recording has changed that is here.
const STALL: Duration = Duration::from_secs(10);
/// Who stopped so close to the end, in milliseconds, has heard it all.
const HEARD_MS: u64 = 5_000;

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
        let number: f64 = number.parse().map_err(|_| "it is no number of bytes, such as 20 GB".to_owned())?;
        // Saturates.
        Ok(Self((number * scale) as u64))
    }
}

/// The files of recordings of which some may be addresses.
///
/// # Errors
/// As [`here`].
pub fn all(audio: &[PathBuf], context: &Context) -> Result<Vec<PathBuf>, Failure> {
    audio.iter().map(|path| here(path, context)).collect()
}

/// The file of a recording that may be an address: then it is fetched, unless it is here and still the same.
///
/// # Errors
/// With exit code 3 when it cannot be fetched, 1 when it cannot be kept, 130 when the user would not wait for it.
pub fn here(audio: &Path, context: &Context) -> Result<PathBuf, Failure> {
    let Some(url) = audio.to_str().filter(|text| web::is_address(text)) else { return Ok(audio.to_owned()) };
    let url = crate::address::resolve("", url).ok_or_else(|| Failure::new(Exit::Usage, format!("`{url}` is not a web address")))?;
    let store = context.store()?;
    if let Some(why) = store.problem() {
        return Err(Failure::new(Exit::Failed, why));
    }
    let nowhere = || Failure::new(Exit::Failed, "there is no folder to keep a recording in; `--cache DIR` names one");
    let path = kept::path(&store, &url).ok_or_else(nowhere)?;
    let known = kept::recall(&store, &url);
    let is_same = known.as_ref().map(|known| is_same(known, context)).transpose()?.unwrap_or(false);
    let version = match known.filter(|_| is_same) {
        Some(known) => known.version(),
        None => fetched(&url, &path, &store, context)?,
    };
    let hash = decode::episode_id(&path).map_err(|e| Failure::new(Exit::Input, format!("cannot read `{}`: {e}", path.display())))?;
    let used = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |now| now.as_secs());
    let own = Kept { url: url.clone(), etag: version.etag, modified: version.modified, hash: hash.to_string(), used };
    kept::remember(&store, &own).map_err(|why| Failure::new(Exit::Failed, why))?;
    make_room(&url, &store, context)?;
    Ok(path)
}

/// Fetches it anew; which version it is.
fn fetched(url: &str, path: &Path, store: &Store, context: &Context) -> Result<Version, Failure> {
    // One that is no longer what the address gives, or that no record tells of.
    match fs::remove_file(path) {
        Err(e) if e.kind() != std::io::ErrorKind::NotFound => {
            return Err(Failure::new(Exit::Failed, format!("cannot remove `{}`: {e}", path.display())));
        }
        _ => {}
    }
    match sound(url, url, path, context) {
        Ok(Fetched::Done(version)) => Ok(version),
        Ok(Fetched::AlreadyThere) => Ok(kept::recall(store, url).map(|kept| kept.version()).unwrap_or_default()),
        Err(failure) => Err(failure),
    }
}

/// Whether the address still gives what is here. Where it cannot be asked, that is said, and what is here will do.
fn is_same(known: &Kept, context: &Context) -> Result<bool, Failure> {
    let (url, version) = (known.url.clone(), known.version());
    let answer = waited(
        move || {
            let mut headers = vec![("Range", "bytes=0-0".to_owned())];
            headers.extend(version.etag.clone().map(|etag| ("If-None-Match", etag)));
            headers.extend(version.modified.clone().map(|date| ("If-Modified-Since", date)));
            let response = web::open(&Request { url: &url, headers, stall: STALL, proxies: &Proxies::of_environment() });
            response.map(|response| {
                let own = |name: &str| response.header(name).map(str::to_owned);
                (response.status, Version { etag: own("etag"), modified: own("last-modified") })
            })
        },
        context,
    )?;
    let unknown = |why: &str| {
        context.voice.note(format!("whether `{}` has changed cannot be asked ({why}); it is here from before", plain(&known.url)));
        Ok(true)
    };
    match answer {
        Ok((304, _)) | Err(web::Failure::NotBuilt) => Ok(true),
        // Some answer with the version instead of comparing it; one that says nothing of versions is believed to have one only.
        Ok((200 | 206, now)) => {
            let is_same = if now.etag.is_some() { now.etag == known.etag } else { now.modified == known.modified };
            if !is_same {
                context.voice.note(format!("`{}` has changed since; fetching it again", plain(&known.url)));
            }
            Ok(is_same)
        }
        Ok((status, _)) => unknown(&format!("the server answers {status}")),
        Err(web::Failure::Failed(why) | web::Failure::Hopeless(why)) => unknown(&why),
    }
}

/// How many bytes all of them may take together.
///
/// # Errors
/// With exit code 2 when the user set what is no number of bytes.
pub fn room(context: &Context) -> Result<u64, Failure> {
    Ok(context.settings.get::<Room>("fetched", None)?.unwrap_or(MOST).0)
}

/// Takes those away that were heard to their end longest ago, where all together are too many.
fn make_room(url: &str, store: &Store, context: &Context) -> Result<(), Failure> {
    let most = room(context)?;
    let folder = kept::folder(store).unwrap_or_default();
    let is_heard = |id: EpisodeId| {
        let at = listened(store, id).at;
        let own = kept::all(store).into_iter().find(|(kept, _)| kept.id() == Some(id)).and_then(|(kept, _)| kept::path(store, &kept.url));
        let length = own.and_then(|path| decode::open(&path).ok()?.length()).map(|length| length.at.millis());
        at > 0 && length.is_some_and(|length| at + HEARD_MS >= length)
    };
    for gone in kept::make_room(store, most, url, &is_heard) {
        let of = format!("all together may take {} (setting `fetched`)", bytes(most));
        context.voice.note(format!("removed `{}` from `{}`: it was heard, and {of}", plain(&gone), folder.display()));
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
