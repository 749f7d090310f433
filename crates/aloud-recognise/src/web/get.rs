//! What is small comes whole, and only where it is news: conditional requests, limits of size and
//! time.

use super::download::{Version, megabytes};
use super::{Failure, Proxies, Request, Response};
use crate::address::encoded;
use crate::reason::{Hinted, Reason};
use std::io::{self, Read};
use std::time::{Duration, Instant};

/// How much is taken, and how long it may last.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Most bytes, unpacked where the server packs them.
    pub most: u64,
    /// Silence after which the connection is broken.
    pub stall: Duration,
    /// The time for all of it.
    pub patience: Duration,
}

/// What is asked for.
#[derive(Clone, Debug)]
pub struct Wanted<'a> {
    /// The address as somebody wrote it, `http` or `https`.
    pub url: &'a str,
    /// Who names it, where it is not the user: what is public names nothing in a private network.
    pub named_by: Option<&'a str>,
    /// The kinds that are liked (`Accept`).
    pub accept: &'static str,
    /// The version that is known; the same one does not come again.
    pub known: Option<&'a Version>,
    /// How much, and how long.
    pub limits: Limits,
    /// Proxies to go through.
    pub proxies: &'a Proxies,
    /// What is said where it does not come.
    pub help: Help,
}

/// What an address gives.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Got {
    /// All of it.
    Page(Page),
    /// What is known is still what there is.
    Same {
        /// Where it has moved for good.
        moved: Option<String>,
    },
}

/// The bytes behind an address.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Page {
    /// All of them.
    pub bytes: Vec<u8>,
    /// What the server says they are.
    pub content_type: Option<String>,
    /// Which version they are.
    pub version: Version,
    /// The address that gave them, after redirects.
    pub url: String,
    /// Where the address has moved for good.
    pub moved: Option<String>,
}

/// What is said where nothing comes.
#[derive(Clone, Copy, Debug)]
pub struct Help {
    /// What a status means: `there is no such page`.
    pub meaning: fn(u16) -> Option<Reason>,
    /// What to do in a build without an HTTP client: `save it with a browser`.
    pub instead: Option<&'static str>,
}

/// Why there is nothing.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum GetError {
    /// No answer, or one that breaks off.
    #[error("cannot fetch `{url}`: {reason}")]
    Web {
        /// The address.
        url: String,
        /// Why.
        reason: Reason,
    },
    /// The server says no.
    #[error("the server answers {status} for `{url}`{}", behind(.meaning.as_ref()))]
    Refused {
        /// The address.
        url: String,
        /// The HTTP status.
        status: u16,
        /// What that means.
        meaning: Option<Reason>,
    },
    /// More than is taken.
    #[error("`{url}` is longer than {}, which is more than is taken", megabytes(*.most))]
    TooLong {
        /// The address.
        url: String,
        /// Most bytes that would have been taken.
        most: u64,
    },
    /// This build has no HTTP client.
    #[error(
        "this `aloud` was built without fetching (the feature `download`), so it cannot ask `{url}`"
    )]
    NotBuilt {
        /// The address.
        url: String,
        /// What to do.
        instead: Option<&'static str>,
    },
}

impl Hinted for GetError {
    fn hint(&self) -> Option<String> {
        match self {
            Self::Web { reason, .. } => reason.hint.clone(),
            Self::Refused { meaning, .. } => meaning.as_ref()?.hint.clone(),
            Self::NotBuilt { instead, .. } => instead.map(str::to_owned),
            Self::TooLong { .. } => None,
        }
    }
}

/// What a status means, as it stands behind it.
pub(super) fn behind(meaning: Option<&Reason>) -> String {
    meaning.map_or_else(String::new, |meaning| format!(": {meaning}"))
}

impl Wanted<'_> {
    fn broken(&self, reason: impl Into<Reason>) -> GetError {
        GetError::Web { url: self.url.to_owned(), reason: reason.into() }
    }

    fn refused(&self, status: u16) -> GetError {
        GetError::Refused { url: self.url.to_owned(), status, meaning: (self.help.meaning)(status) }
    }

    fn too_long(&self) -> GetError {
        GetError::TooLong { url: self.url.to_owned(), most: self.limits.most }
    }
}

/// What `wanted` names, all of it.
///
/// # Errors
/// [`GetError`].
pub fn page(wanted: &Wanted<'_>) -> Result<Page, GetError> {
    match get(&Wanted { known: None, ..wanted.clone() })? {
        Got::Page(page) => Ok(page),
        // Nobody asked whether it is the same.
        Got::Same { .. } => Err(wanted.refused(304)),
    }
}

/// What `wanted` names, if it is news. Asked once.
///
/// # Errors
/// [`GetError`].
pub fn get(wanted: &Wanted<'_>) -> Result<Got, GetError> {
    let url = encoded(wanted.url.split('#').next().unwrap_or_default());
    let mut headers =
        vec![("Accept", wanted.accept.to_owned()), ("Accept-Encoding", "gzip".to_owned())];
    if let Some(known) = wanted.known {
        headers.extend(known.etag.clone().map(|etag| ("If-None-Match", etag)));
        headers.extend(known.modified.clone().map(|date| ("If-Modified-Since", date)));
    }
    let begin = Instant::now();
    let Limits { stall, patience, .. } = wanted.limits;
    let request = Request {
        url: &url,
        headers,
        named_by: wanted.named_by,
        stall,
        whole: Some(patience),
        proxies: wanted.proxies,
    };
    let response = super::open(&request);
    let response = response.map_err(|failure| match failure {
        Failure::Failed(reason) | Failure::Hopeless(reason) => wanted.broken(reason),
        Failure::NotBuilt => {
            GetError::NotBuilt { url: wanted.url.to_owned(), instead: wanted.help.instead }
        }
    })?;
    match response.status {
        200 => {}
        304 if wanted.known.is_some() => return Ok(Got::Same { moved: response.moved }),
        status => return Err(wanted.refused(status)),
    }
    let header = |name: &str| response.header(name).map(str::to_owned);
    let (content_type, version) = (header("content-type"), response.version());
    let (from, moved) = (response.url.clone(), response.moved.clone());
    let bytes = body(response, wanted, begin)?;
    Ok(Got::Page(Page { bytes, content_type, version, url: from, moved }))
}

/// All that the server sends, within the limits of size and of time since `begin`.
fn body(mut response: Response, wanted: &Wanted<'_>, begin: Instant) -> Result<Vec<u8>, GetError> {
    // Of a packed answer the length is another, and one that is unpacked on the way no longer says
    // that it was packed.
    let is_plain = response
        .header("content-encoding")
        .is_none_or(|encoding| encoding.eq_ignore_ascii_case("identity"));
    let stated: Option<u64> = response
        .header("content-length")
        .and_then(|length| length.trim().parse().ok())
        .filter(|_| is_plain);
    let (limits, mut bytes, mut piece) = (wanted.limits, Vec::new(), vec![0; 64 * 1024]);
    if stated.is_some_and(|length| length > limits.most) {
        return Err(wanted.too_long());
    }
    let is_late = || begin.elapsed() > limits.patience;
    let late =
        || wanted.broken(format!("it was not there after {} seconds", limits.patience.as_secs()));
    loop {
        match response.body.read(&mut piece) {
            Ok(0) => break,
            Ok(n) => bytes.extend_from_slice(&piece[..n]),
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(_) if is_late() => return Err(late()),
            Err(error) => return Err(wanted.broken(format!("the connection broke: {error}"))),
        }
        if bytes.len() as u64 > limits.most {
            return Err(wanted.too_long());
        }
        if is_late() {
            return Err(late());
        }
    }
    match stated {
        Some(length) if (bytes.len() as u64) < length => {
            Err(wanted.broken("the connection ended early"))
        }
        _ => Ok(bytes),
    }
}

// Two attributes, since clippy takes only a plain `test` for a test.
#[cfg(feature = "download")]
#[cfg(test)]
mod getting {
    use super::super::server::{Reply, Server};
    use super::*;

    const LIMITS: Limits =
        Limits { most: 100_000, stall: Duration::from_secs(2), patience: Duration::from_secs(20) };

    const HELP: Help = Help { meaning: |_| None, instead: None };

    fn ask(server: &Server, known: Option<&Version>) -> Result<Got, GetError> {
        let proxies = Proxies::default();
        let url = &server.url("feed.xml");
        get(&Wanted {
            url,
            named_by: None,
            accept: "text/xml",
            known,
            limits: LIMITS,
            proxies: &proxies,
            help: HELP,
        })
    }

    /// What is said of a server's address.
    fn said(server: &Server, known: Option<&Version>) -> String {
        ask(server, known).unwrap_err().to_string().replace(&server.url("feed.xml"), "URL")
    }

    fn page(got: Result<Got, GetError>) -> Page {
        match got {
            Ok(Got::Page(page)) => page,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn what_is_known_does_not_come_again() {
        let whole = Reply {
            headers: vec!["ETag: \"a\"".into(), "Last-Modified: then".into()],
            ..Reply::file(b"<rss/>")
        };
        let server = Server::start(vec![whole, Reply::status(304, "")]);
        let first = page(ask(&server, None));
        assert_eq!(
            first.version,
            Version { etag: Some("\"a\"".into()), modified: Some("then".into()) }
        );
        assert_eq!(ask(&server, Some(&first.version)), Ok(Got::Same { moved: None }));
        let asked = server.asked();
        assert!(
            asked[1].contains("if-none-match: \"a\"")
                && asked[1].contains("if-modified-since: then"),
            "{}",
            asked[1]
        );
        assert!(asked[0].contains("accept-encoding: gzip"), "{}", asked[0]);
        // Nobody asked whether it is the same.
        assert_eq!(said(&server, None), "the server answers 304 for `URL`");
    }

    #[test]
    fn what_moves_for_good_is_told() {
        let to = |status: u16, place: &str| Reply::status(status, &format!("Location: /{place}"));
        for (replies, path) in [
            (vec![to(301, "b"), to(308, "c")], Some("c")),
            (vec![to(301, "b"), to(302, "c")], Some("b")),
            (vec![to(302, "b"), to(301, "c")], None),
            (vec![], None),
        ] {
            let n = replies.len();
            let server = Server::start(replies.into_iter().chain([Reply::file(b"x")]).collect());
            let page = page(ask(&server, None));
            assert_eq!(page.moved, path.map(|path| server.url(path)));
            assert_eq!(page.url, server.url(if n == 0 { "feed.xml" } else { "c" }));
        }
    }

    #[test]
    fn packed_bytes_are_unpacked_within_the_limit() {
        // Made by `gzip -n`: "abc", and a million zeros.
        let packed = |bytes: &[u8]| Reply {
            headers: vec!["Content-Encoding: gzip".into()],
            ..Reply::file(bytes)
        };
        let abc = [31, 139, 8, 0, 0, 0, 0, 0, 0, 3, 75, 76, 74, 6, 0, 194, 65, 36, 53, 3, 0, 0, 0];
        assert_eq!(page(ask(&Server::start(vec![packed(&abc)]), None)).bytes, b"abc");
        assert!(
            said(&Server::start(vec![packed(&zeros())]), None).contains("is longer than 0.1 MB")
        );
        assert!(
            said(&Server::start(vec![packed(b"no gzip")]), None).contains("cannot fetch `URL`")
        );
    }

    /// A gzip file of a million zeros: one block of fixed codes, a zero and then matches of 258
    /// bytes one back.
    fn zeros() -> Vec<u8> {
        let (mut bits, n) = (Vec::new(), 1_000_000 / 258);
        bits.extend([1, 1, 0]);
        // The literal 0 is 00110000; length 258 is 11000101, distance 1 is 00000; the end is
        // 0000000.
        bits.extend([0, 0, 1, 1, 0, 0, 0, 0]);
        (0..n).for_each(|_| bits.extend([1, 1, 0, 0, 0, 1, 0, 1, 0, 0, 0, 0, 0]));
        bits.extend([0; 7]);
        let packed = bits
            .chunks(8)
            .map(|byte| byte.iter().enumerate().fold(0u8, |sum, (place, bit)| sum | bit << place));
        // What the sum at its end says no longer matters: the limit comes first.
        [31, 139, 8, 0, 0, 0, 0, 0, 0, 3].into_iter().chain(packed).chain([0; 8]).collect()
    }

    #[test]
    fn endless_and_broken_answers_end() {
        for (reply, want) in [
            (
                Reply { is_endless: true, ..Reply::file(b"<rss>") },
                "`URL` is longer than 0.1 MB, which is more than is taken",
            ),
            (Reply { claims: Some(1 << 40), ..Reply::file(b"x") }, "`URL` is longer than 0.1 MB"),
            (Reply::status(410, ""), "the server answers 410 for `URL`"),
            (
                Reply { breaks_after: Some(3), ..Reply::file(b"<rss></rss>") },
                "cannot fetch `URL`: ",
            ),
        ] {
            let said = said(&Server::start(vec![reply]), None);
            assert!(said.starts_with(want), "{said}");
        }
    }
}
