//! Fetching a model: whole, verified, or not at all.
//!
//! [`fetch`] holds the flow: lock, room on the disk, transfer with resuming and retries, checksums,
//! the file's structure, and only then its name. `http` asks the server through the room `web`; `part` keeps what has come
//! so far. In a build without the feature `download`, `absent` stands
//! for `fetch`. Nothing here knows the catalogue or prints.

#[cfg(feature = "download")]
mod ask;
// Two attributes, since clippy takes only a plain `test` for a test.
#[cfg(feature = "download")]
#[cfg(test)]
mod check;
#[cfg_attr(not(feature = "download"), path = "absent.rs")]
mod fetch;
#[cfg(feature = "download")]
mod http;
#[cfg(feature = "download")]
mod part;

pub use crate::web::Proxies;
pub use fetch::fetch;

use super::{Fault, megabytes};
use std::path::{Path, PathBuf};
use std::time::Duration;
use std::{fs, io};

/// What to fetch, and where to put it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Order {
    /// Its address, `http` or `https`.
    pub url: String,
    /// The file it becomes; its folder is made where missing.
    pub path: PathBuf,
    /// Its length in bytes, where known.
    pub bytes: Option<u64>,
    /// Its SHA-1 in lower-case hexadecimal, where known. Without it the SHA-256 that Hugging Face
    /// sends is the judge, and without that the file's structure alone.
    pub sha1: Option<String>,
}

/// How patient to be.
#[derive(Clone, Debug)]
pub struct Policy {
    /// Attempts after the first that may fail one after the other without bringing anything.
    pub retries: u32,
    /// The pause before the first of them; each further one doubles it.
    pub first_pause: Duration,
    /// No pause is longer, whatever the server asks for.
    pub longest_pause: Duration,
    /// Silence after which a connection counts as broken.
    pub stall: Duration,
    /// Proxies to go through.
    pub proxies: Proxies,
    /// Bytes that may still be written into a folder.
    pub free_space: fn(&Path) -> io::Result<u64>,
}

impl Policy {
    /// What suits a person who waits: seven attempts over about a minute, 30 s of silence, proxies
    /// from the environment.
    pub fn of_user() -> Self {
        Self {
            retries: 6,
            first_pause: Duration::from_secs(1),
            longest_pause: Duration::from_secs(30),
            stall: Duration::from_secs(30),
            proxies: Proxies::of_environment(),
            free_space: |folder| fs4::available_space(folder),
        }
    }
}

/// What happens during a fetch.
#[derive(Clone, Debug, PartialEq)]
pub enum Event<'a> {
    /// Another process fetches the same file; this one waits for it.
    Waiting,
    /// So many bytes are there.
    Progress {
        /// Bytes that are here, earlier runs' included.
        done: u64,
        /// All of them, once known.
        total: Option<u64>,
        /// Bytes per second since this connection began.
        speed: f64,
    },
    /// A connection failed; the next one follows after a pause.
    Retrying {
        /// What went wrong.
        reason: &'a str,
        /// How long it waits.
        pause: Duration,
    },
    /// What was there is of no use.
    StartingOver {
        /// Why.
        reason: &'a str,
    },
    /// Everything is there and being verified.
    Checking,
}

/// The world as a fetch sees it, so that tests need no time.
pub struct Hooks<'a> {
    /// Told what happens.
    pub on_event: &'a mut dyn FnMut(Event<'_>),
    /// Asked often; yes ends the fetch and keeps what is there.
    pub is_cancelled: &'a dyn Fn() -> bool,
    /// Waits that long.
    pub sleep: &'a dyn Fn(Duration),
}

/// How a fetch ended well.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fetched {
    /// The file came and was verified.
    Done,
    /// The file was there already, or another process fetched it meanwhile.
    AlreadyThere,
}

/// Why a file was not fetched.
#[derive(Debug, thiserror::Error)]
pub enum DownloadError {
    /// The feature is off.
    #[error(
        "this `aloud` was built without downloading (the feature `download`); fetch `{url}` with another program and put it into the models folder"
    )]
    NotBuilt {
        /// The address.
        url: String,
    },
    /// An address that cannot be asked.
    #[error("cannot fetch `{url}`: {reason}")]
    BadUrl {
        /// The address.
        url: String,
        /// What is wrong with it.
        reason: String,
    },
    /// The disk is too full.
    #[error("`{}` has room for {}, and {} are needed; make room, or name another folder with `ALOUD_MODELS`",
        .folder.display(), megabytes(*.free), megabytes(*.needed))]
    NoSpace {
        /// The folder.
        folder: PathBuf,
        /// Bytes that are still to come.
        needed: u64,
        /// Bytes that the disk takes.
        free: u64,
    },
    /// A file that cannot be written.
    #[error("cannot write `{}`: {source}", .path.display())]
    Disk {
        /// The file or folder.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// The server says no.
    #[error("the server answers {status} for `{url}`{}", meaning(*.status))]
    Refused {
        /// The address.
        url: String,
        /// The HTTP status.
        status: u16,
    },
    /// The network failed again and again.
    #[error("gave up on `{url}` after {attempts} attempts: {reason}{}", kept_bytes(*.kept))]
    GaveUp {
        /// The address.
        url: String,
        /// How many attempts.
        attempts: u32,
        /// What went wrong the last time.
        reason: String,
        /// Bytes that are kept for the next run.
        kept: u64,
    },
    /// The server has a file of another length.
    #[error("`{url}` is not the model: it has {found} bytes and the model {expected}; try without the mirror, or update `aloud`")]
    WrongLength {
        /// The address.
        url: String,
        /// Bytes on the server, or at least so many.
        found: u64,
        /// Bytes of the model.
        expected: u64,
    },
    /// The server sends other bytes, twice.
    #[error(
        "`{url}` gives wrong bytes: their {sum} is {found} where {expected} belongs; they were removed; try later, or without the mirror"
    )]
    WrongBytes {
        /// The address.
        url: String,
        /// Which checksum.
        sum: &'static str,
        /// What came.
        found: String,
        /// What should have come.
        expected: String,
    },
    /// The server sends something that is no model.
    #[error("what `{url}` gives is no usable model: {fault}; it was removed")]
    NoModel {
        /// The address.
        url: String,
        /// What is wrong with it.
        fault: Fault,
    },
    /// The person who asked has changed their mind.
    #[error("cancelled{}", kept_bytes(*.kept))]
    Cancelled {
        /// Bytes that are kept for the next run.
        kept: u64,
    },
}

/// How many bytes of the file at `path` an earlier run has kept; `None` when there is nothing of it.
pub fn kept(path: &Path) -> Option<u64> {
    fs::metadata(beside(path, ".part")).ok().filter(fs::Metadata::is_file).map(|part| part.len())
}

/// Removes what earlier runs kept of the file at `path`.
///
/// # Errors
/// [`io::ErrorKind::ResourceBusy`] while it is being fetched, or what the system says; what is not
/// there is no error.
pub fn forget(path: &Path) -> io::Result<()> {
    let lock = fs::File::open(beside(path, ".lock"));
    if lock.as_ref().is_ok_and(|lock| matches!(lock.try_lock(), Err(fs::TryLockError::WouldBlock))) {
        return Err(io::Error::new(io::ErrorKind::ResourceBusy, "another `aloud` is fetching it"));
    }
    [".part", ".part.tag", ".lock"].iter().try_for_each(|ending| match fs::remove_file(beside(path, ending)) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    })
}

/// A companion of the file at `path`: its name, hidden, with an ending.
fn beside(path: &Path, ending: &str) -> PathBuf {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    path.with_file_name(format!(".{name}{ending}"))
}

fn meaning(status: u16) -> &'static str {
    match status {
        401 | 403 => ": it does not give this file to everybody; check the mirror's address",
        404 | 410 => ": it has no such file; check the mirror's address, or update `aloud`",
        407 => ": the proxy wants a name and a password, as in `http://NAME:PASSWORD@HOST:PORT`",
        _ => "",
    }
}

fn kept_bytes(kept: u64) -> String {
    match kept {
        0 => String::new(),
        kept => format!("; {} are kept, and the same command continues there", megabytes(kept)),
    }
}
