//! Feeds, sounds, and what belongs to them, from where a feed says that they are.

use crate::feed::{self, Feed, FeedError};
use crate::reason::{Hinted, Reason};
use crate::web::download::{
    self, Advice, Arrived, DownloadError, Fetched, Hooks, Order, Policy, Verdict, Version,
};
use crate::web::{self, GetError, Got, Help, Limits, Page, Proxies, Wanted};
use std::fs::File;
use std::io::Read;
use std::path::Path;
use std::time::Duration;

/// The longest feed that is read: one of 5,000 episodes with their texts has some 50 MB.
const MOST_FEED: u64 = 128 << 20;
/// The longest recording that is fetched: a day of it in high quality.
pub const MOST_SOUND: u64 = 4 << 30;
/// Silence that breaks a connection, and the time for all of a feed or a page.
const STALL: Duration = Duration::from_secs(20);
const PATIENCE: Duration = Duration::from_secs(180);

const ACCEPT_FEED: &str =
    "application/rss+xml, application/atom+xml, application/xml;q=0.9, text/xml;q=0.9, */*;q=0.5";

/// What servers call playlists.
const PLAYLISTS: [&str; 5] = [
    "audio/mpegurl",
    "audio/x-mpegurl",
    "application/x-mpegurl",
    "application/vnd.apple.mpegurl",
    "application/mpegurl",
];

/// What is said where a recording does not come.
const ADVICE: Advice = Advice {
    folder: "`--cache DIR`",
    address: "the address (`aloud feed update` asks a feed for another one)",
};

/// Why something that a feed names, or the feed itself, is not there.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum FetchError {
    /// An address that gives nothing.
    #[error(transparent)]
    Web(#[from] GetError),
    /// Something else than a feed.
    #[error("cannot use `{url}`: {error}")]
    NoFeed {
        /// The address.
        url: String,
        /// What it is.
        #[source]
        error: FeedError,
    },
    /// A public feed or page that names what only this network can reach.
    #[error("`{from}` names `{url}`, which is in a private network")]
    Inside {
        /// The feed or page.
        from: String,
        /// The address.
        url: String,
    },
}

impl Hinted for FetchError {
    fn hint(&self) -> Option<String> {
        match self {
            Self::Web(error) => error.hint(),
            Self::NoFeed { error, .. } => error.hint(),
            Self::Inside { .. } => Some("fetch that yourself if it is meant".into()),
        }
    }
}

fn meaning(status: u16) -> Option<Reason> {
    Some(match status {
        401 | 402 | 403 | 451 => Reason::new("it does not give this to everybody"),
        404 => Reason::new("there is no such thing").hint("check the address"),
        407 => web::no_password(),
        410 => Reason::new("it is gone for good").hint("`aloud feed rm` forgets it"),
        429 => Reason::new("it was asked too often").hint("try later"),
        500..=599 => Reason::new("it has a problem of its own").hint("try later"),
        _ => return None,
    })
}

/// What a feed's address gives.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fresh {
    /// What the feed says, and what of it is damaged; `None` where nothing has changed.
    pub feed: Option<(Feed, Vec<String>)>,
    /// Which version it is.
    pub version: Version,
    /// Where it has moved for good.
    pub moved: Option<String>,
}

/// Asks `url`, which somebody typed or the page at `from` names, for its feed, unless the version
/// `known` is still what there is.
///
/// # Errors
/// [`FetchError`].
pub fn feed(
    url: &str,
    from: Option<&str>,
    known: Option<&Version>,
    proxies: &Proxies,
) -> Result<Fresh, FetchError> {
    from.map_or(Ok(()), |from| not_inside(from, url))?;
    let page = match web::get(&wanted(url, from, ACCEPT_FEED, MOST_FEED, known, proxies))? {
        Got::Same { moved } => {
            return Ok(Fresh { feed: None, version: known.cloned().unwrap_or_default(), moved });
        }
        Got::Page(page) => page,
    };
    match feed::read(&page.bytes, &page.url, page.content_type.as_deref()) {
        Ok(read) => Ok(Fresh { feed: Some(read), version: page.version, moved: page.moved }),
        Err(error) => Err(FetchError::NoFeed { url: url.to_owned(), error }),
    }
}

/// What is asked for besides a recording.
#[derive(Clone, Copy, Debug)]
pub struct Small {
    /// The kinds that are liked.
    pub accept: &'static str,
    /// Most bytes.
    pub most: u64,
}

/// What the feed at `from` names besides recordings: a page, a transcript, chapters.
///
/// # Errors
/// [`FetchError`].
pub fn small(from: &str, url: &str, what: Small, proxies: &Proxies) -> Result<Page, FetchError> {
    not_inside(from, url)?;
    Ok(web::page(&wanted(url, Some(from), what.accept, what.most, None, proxies))?)
}

/// What a public address names must be no one's own.
fn not_inside(from: &str, url: &str) -> Result<(), FetchError> {
    let inside = || FetchError::Inside { from: from.to_owned(), url: url.to_owned() };
    if web::is_led_inside(from, url) { Err(inside()) } else { Ok(()) }
}

fn wanted<'a>(
    url: &'a str,
    named_by: Option<&'a str>,
    accept: &'static str,
    most: u64,
    known: Option<&'a Version>,
    proxies: &'a Proxies,
) -> Wanted<'a> {
    let limits = Limits { most, stall: STALL, patience: PATIENCE };
    Wanted { url, named_by, accept, known, limits, proxies, help: Help { meaning, instead: None } }
}

/// Fetches the recording at `url`, which the feed at `from` names, to `path`. What has come stays
/// when this fails or is cancelled, and the next call goes on from there. A file that is there is
/// fetched anew only where the call `replaces` it, and stays until the new one is whole.
///
/// # Errors
/// [`DownloadError`], whose hint says what to do.
pub fn sound(
    from: &str,
    url: &str,
    path: &Path,
    replaces: bool,
    policy: &Policy,
    hooks: &mut Hooks<'_>,
) -> Result<Fetched, DownloadError> {
    if web::is_led_inside(from, url) {
        let reason = Reason::new(format!("`{from}` names it, and it is in a private network"))
            .hint("fetch it yourself if it is meant");
        return Err(DownloadError::BadUrl { url: url.to_owned(), reason });
    }
    let (url, path) = (url.to_owned(), path.to_owned());
    let order = Order {
        url,
        named_by: Some(from),
        path,
        replaces,
        bytes: None,
        most: Some(MOST_SOUND),
        advice: ADVICE,
        refuse: other_kind,
        judge: &judge,
    };
    download::fetch(&order, policy, hooks)
}

/// Why what has this media type is no recording. Servers call recordings all sorts of names, but
/// not these.
fn other_kind(content_type: &str) -> Option<String> {
    let kind = content_type.split(';').next().unwrap_or_default().trim().to_lowercase();
    match kind.as_str() {
        _ if PLAYLISTS.contains(&kind.as_str()) => {
            Some(format!("the server sends a playlist ({kind}) in place of the recording"))
        }
        "text/html" | "application/xhtml+xml" => {
            Some(format!("the server sends a web page ({kind}) in place of the recording"))
        }
        "application/json" | "application/xml" | "text/xml" => {
            Some(format!("the server sends {kind} in place of the recording"))
        }
        _ => None,
    }
}

/// Whether what came can be a recording at all.
fn judge(arrived: &Arrived<'_>) -> Result<(), Verdict> {
    let mut head = Vec::new();
    let read = File::open(arrived.path).and_then(|file| file.take(1024).read_to_end(&mut head));
    read.map_err(Verdict::Unread)?;
    let text =
        String::from_utf8_lossy(&head).trim_start_matches('\u{feff}').trim_start().to_lowercase();
    let unfit = |what: &str| {
        let url = arrived.url;
        let why = format!("what `{url}` gives is {what}, not a recording; it was removed");
        Err(Verdict::Unfit(why.into()))
    };
    match () {
        () if head.is_empty() => unfit("an empty file"),
        () if text.starts_with("<!doctype html") || text.starts_with("<html") => {
            unfit("a web page")
        }
        () if text.starts_with("<?xml") => unfit("an XML file"),
        // What it names would be opened, and a stranger must not say what of this machine that is.
        () if text.starts_with("#extm3u") => unfit("a playlist"),
        () => Ok(()),
    }
}
