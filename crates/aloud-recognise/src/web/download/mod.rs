//! A file comes whole, or not at all: resumed after a break, asked for again, limited, and judged
//! before it gets its name.
//!
//! [`fetch`] holds the flow: lock, room on the disk, transfer with resuming and retries, the
//! judgement of whoever ordered it, and only then the name. `http` asks the server; `part` keeps
//! what has come so far. In a build without the feature `download`, `absent` stands for `fetch`.
//! Nothing here knows what a file is for, or prints.

#[cfg(feature = "download")]
mod ask;
#[cfg_attr(not(feature = "download"), path = "absent.rs")]
mod fetch;
#[cfg(feature = "download")]
mod http;
#[cfg(feature = "download")]
mod part;
// Two attributes, since clippy takes only a plain `test` for a test.
#[cfg(feature = "download")]
#[cfg(test)]
mod tests;

pub use fetch::fetch;

use super::get::behind;
use super::{Proxies, no_password};
use crate::reason::{Hinted, Reason};
use std::path::{Path, PathBuf};
use std::time::Duration;
use std::{fs, io};

/// What to fetch, and where to put it.
#[derive(Clone)]
pub struct Order<'a> {
    /// Its address, `http` or `https`.
    pub url: String,
    /// Who names it, where it is not the user: what is public names nothing in a private network.
    pub named_by: Option<&'a str>,
    /// The file it becomes; its folder is made where missing.
    pub path: PathBuf,
    /// Whether it is fetched though a file is there, which stays until the new one is whole and
    /// judged.
    pub replaces: bool,
    /// Its length in bytes, where it must have that one.
    pub bytes: Option<u64>,
    /// Most bytes that are taken.
    pub most: Option<u64>,
    /// What is said where it goes wrong.
    pub advice: Advice,
    /// Whether what a server says of its kind (`Content-Type`) is none that is wanted; why.
    pub refuse: fn(&str) -> Option<String>,
    /// Whether what came is the file that was meant.
    pub judge: &'a dyn Fn(&Arrived<'_>) -> Result<(), Verdict>,
}

/// What helps somebody whose file did not come.
#[derive(Clone, Copy, Debug)]
pub struct Advice {
    /// How another folder is named.
    pub folder: &'static str,
    /// What to do about an address that has no such file.
    pub address: &'static str,
}

/// A file that has come, before it has its name.
pub struct Arrived<'a> {
    /// Where it lies.
    pub path: &'a Path,
    /// Its address.
    pub url: &'a str,
    /// Its SHA-256, where the server stated it.
    pub sha256: Option<&'a str>,
    /// Asked often while it is read; yes ends it with [`io::ErrorKind::Interrupted`].
    pub is_cancelled: &'a dyn Fn() -> bool,
}

/// Why a file is not taken.
#[derive(Debug)]
pub enum Verdict {
    /// It is not the one that was meant. It is fetched once more, and then thrown away.
    Unfit(Reason),
    /// It cannot be read back.
    Unread(io::Error),
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
    /// What a connection brings at least, or it counts as broken too: one that sends a byte now and
    /// then is never silent.
    pub least: Pace,
    /// Proxies to go through.
    pub proxies: Proxies,
    /// Bytes that may still be written into a folder.
    pub free_space: fn(&Path) -> io::Result<u64>,
}

/// So many bytes in such a time.
#[derive(Clone, Copy, Debug)]
pub struct Pace {
    /// Bytes.
    pub bytes: u64,
    /// In each such stretch.
    pub time: Duration,
}

impl Policy {
    /// What suits a person who waits: seven attempts over about a minute, 30 s of silence, 16 kB in
    /// every minute (a fifteenth of what a modem brought), proxies from the environment.
    pub fn of_user() -> Self {
        Self {
            retries: 6,
            first_pause: Duration::from_secs(1),
            longest_pause: Duration::from_secs(30),
            stall: Duration::from_secs(30),
            least: Pace { bytes: 16_000, time: Duration::from_secs(60) },
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
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fetched {
    /// The file came and was judged, with what the server said of its version.
    Done(Version),
    /// The file was there already, or another process fetched it meanwhile.
    AlreadyThere,
}

/// What a server says of a file's version, to ask later whether it is still the same.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Version {
    /// Its `ETag`.
    pub etag: Option<String>,
    /// Its `Last-Modified`.
    pub modified: Option<String>,
}

impl Version {
    /// Whether what a server says `now` is of the same version as this; `None` where they have
    /// nothing in common to tell it by. Tags are compared as RFC 9110 compares weakly (8.8.3.2): a
    /// server that packs its answers makes a strong tag a weak one.
    pub fn is_same(&self, now: &Self) -> Option<bool> {
        fn opaque(tag: &str) -> &str {
            tag.trim().trim_start_matches("W/")
        }
        let by_tag = self
            .etag
            .as_deref()
            .zip(now.etag.as_deref())
            .map(|(own, other)| opaque(own) == opaque(other));
        by_tag.or_else(|| {
            self.modified.as_deref().zip(now.modified.as_deref()).map(|(own, other)| own == other)
        })
    }

    /// What tells a range of this version from one of another (`If-Range`): a weak tag does not.
    pub fn strong(&self) -> Option<&str> {
        let tag = self.etag.as_deref().filter(|tag| tag.starts_with('"'));
        tag.or(self.modified.as_deref())
    }
}

/// Why a file was not fetched.
#[derive(Debug, thiserror::Error)]
pub enum DownloadError {
    /// The feature is off.
    #[error(
        "this `aloud` was built without downloading (the feature `download`), so it cannot ask `{url}`"
    )]
    NotBuilt {
        /// The address.
        url: String,
        /// Where it would have gone.
        folder: PathBuf,
    },
    /// An address that cannot be asked.
    #[error("cannot fetch `{url}`: {reason}")]
    BadUrl {
        /// The address.
        url: String,
        /// What is wrong with it.
        reason: Reason,
    },
    /// The disk is too full.
    #[error("`{}` has room for {}, and {} are needed",
        .folder.display(), megabytes(*.free), megabytes(*.needed))]
    NoSpace {
        /// The folder.
        folder: PathBuf,
        /// Bytes that are still to come.
        needed: u64,
        /// Bytes that the disk takes.
        free: u64,
        /// How another folder is named.
        advice: &'static str,
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
    #[error("the server answers {status} for `{url}`{}", behind(meaning(*.status, "").as_ref()))]
    Refused {
        /// The address.
        url: String,
        /// The HTTP status.
        status: u16,
        /// What to do about it.
        advice: &'static str,
    },
    /// Longer than anything that is wanted.
    #[error("`{url}` is longer than {}, which is more than is taken", megabytes(*.most))]
    TooLong {
        /// The address.
        url: String,
        /// Most bytes that would have been taken.
        most: u64,
    },
    /// The network failed again and again.
    #[error("gave up on `{url}` after {attempts} attempts: {reason}")]
    GaveUp {
        /// The address.
        url: String,
        /// How many attempts.
        attempts: u32,
        /// What went wrong the last time.
        reason: Reason,
        /// Bytes that are kept for the next run.
        kept: u64,
    },
    /// The server has a file of another length.
    #[error("`{url}` is another file: it has {found} bytes where {expected} belong")]
    WrongLength {
        /// The address.
        url: String,
        /// Bytes on the server, or at least so many.
        found: u64,
        /// Bytes that it should have.
        expected: u64,
        /// What to do about it.
        advice: &'static str,
    },
    /// Something else than what was meant; names the address.
    #[error("{0}")]
    Unfit(Reason),
    /// The person who asked has changed their mind.
    #[error("cancelled")]
    Cancelled {
        /// Bytes that are kept for the next run.
        kept: u64,
    },
}

/// How many bytes of the file at `path` an earlier run has kept; `None` when there is nothing of
/// it.
pub fn kept(path: &Path) -> Option<u64> {
    fs::metadata(beside(path, ".part")).ok().filter(fs::Metadata::is_file).map(|part| part.len())
}

/// Where what has come so far of the file at `path` lies, for whoever reads it meanwhile: it grows,
/// and becomes the file.
pub fn part(path: &Path) -> PathBuf {
    beside(path, ".part")
}

/// Removes what earlier runs kept of the file at `path`.
///
/// # Errors
/// [`io::ErrorKind::ResourceBusy`] while it is being fetched, or what the system says; what is not
/// there is no error.
pub fn forget(path: &Path) -> io::Result<()> {
    let lock = fs::File::open(beside(path, ".lock"));
    if lock.as_ref().is_ok_and(|lock| matches!(lock.try_lock(), Err(fs::TryLockError::WouldBlock)))
    {
        return Err(io::Error::new(io::ErrorKind::ResourceBusy, "another `aloud` is fetching it"));
    }
    [".part", ".part.tag", ".lock"].iter().try_for_each(|ending| {
        match fs::remove_file(beside(path, ending)) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
            _ => Ok(()),
        }
    })
}

/// The file that was fetched, or is being, where `path` is the lock that fetching leaves beside it.
pub fn fetched_by(path: &Path) -> Option<PathBuf> {
    let name = path.file_name()?.to_str()?.strip_prefix('.')?.strip_suffix(".lock")?;
    (!name.is_empty()).then(|| path.with_file_name(name))
}

/// A companion of the file at `path`: its name, hidden, with an ending.
pub(crate) fn beside(path: &Path, ending: &str) -> PathBuf {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    path.with_file_name(format!(".{name}{ending}"))
}

fn meaning(status: u16, advice: &str) -> Option<Reason> {
    let check = |why: &str| Reason::new(why).hint(format!("check {advice}"));
    Some(match status {
        401 | 403 => check("it does not give this file to everybody"),
        404 | 410 => check("it has no such file"),
        407 => no_password(),
        _ => return None,
    })
}

impl Hinted for DownloadError {
    fn hint(&self) -> Option<String> {
        let kept = |bytes: u64| {
            let kept = megabytes(bytes);
            (bytes > 0).then(|| format!("{kept} are kept, and the same command continues there"))
        };
        match self {
            Self::NotBuilt { url, folder } => {
                Some(format!("fetch `{url}` with another program, into `{}`", folder.display()))
            }
            Self::BadUrl { reason, .. } | Self::Unfit(reason) => reason.hint.clone(),
            Self::NoSpace { advice, .. } => {
                Some(format!("make room, or name another folder with {advice}"))
            }
            Self::Refused { status, advice, .. } => meaning(*status, advice)?.hint,
            Self::WrongLength { advice, .. } => Some(format!("check {advice}")),
            Self::GaveUp { reason, kept: bytes, .. } => {
                let hints: Vec<String> =
                    reason.hint.clone().into_iter().chain(kept(*bytes)).collect();
                (!hints.is_empty()).then(|| hints.join("; "))
            }
            Self::Cancelled { kept: bytes } => kept(*bytes),
            Self::Disk { .. } | Self::TooLong { .. } => None,
        }
    }
}

/// A size for people: `148 MB`, `1.6 GB` (decimal units).
pub fn megabytes(bytes: u64) -> String {
    match bytes {
        1_000_000_000.. => format!("{:.1} GB", bytes as f64 / 1e9),
        10_000_000.. => format!("{:.0} MB", bytes as f64 / 1e6),
        100_000.. => format!("{:.1} MB", bytes as f64 / 1e6),
        _ => format!("{:.1} kB", bytes as f64 / 1e3),
    }
}
