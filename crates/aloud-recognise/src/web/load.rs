//! A text whole: from an address, a file, or standard input.

use super::download::megabytes;
use super::{GetError, Help, Limits, Proxies, Wanted, no_password};
use crate::reason::{Hinted, Reason};
use std::ffi::OsStr;
use std::fs::File;
use std::io::{self, Read};
use std::path::Path;
use std::time::Duration;

/// Most bytes that are taken from a file or standard input; books with pictures are large.
const MOST_FROM_DISK: u64 = 512 << 20;
/// What suits a person who waits for a page.
const OF_USER: Limits =
    Limits { most: 32 << 20, stall: Duration::from_secs(20), patience: Duration::from_secs(120) };
/// What a program that reads articles would rather have.
const ACCEPT: &str =
    "text/html, application/xhtml+xml, text/markdown, text/plain, application/epub+zip, */*;q=0.5";

/// The bytes of a text and what is known of them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Loaded {
    /// All of them.
    pub bytes: Vec<u8>,
    /// The file's name or the address; `None` for standard input.
    pub name: Option<String>,
    /// What the server says they are.
    pub content_type: Option<String>,
}

/// Why a text was not loaded.
#[derive(Debug, thiserror::Error)]
pub enum LoadError {
    /// A file that cannot be read.
    #[error("cannot read `{name}`: {source}")]
    Io {
        /// The file, or "standard input".
        name: String,
        /// Why.
        source: io::Error,
    },
    /// It is a folder.
    #[error("`{name}` is a folder, and an article is a file")]
    Folder {
        /// The folder.
        name: String,
    },
    /// More bytes than any text has.
    #[error("`{name}` is longer than {}, too long for a text", megabytes(*.most))]
    TooLong {
        /// The file.
        name: String,
        /// Most bytes that would have been taken.
        most: u64,
    },
    /// An address that gives nothing.
    #[error(transparent)]
    Web(#[from] GetError),
}

impl Hinted for LoadError {
    fn hint(&self) -> Option<String> {
        match self {
            Self::Folder { .. } => Some("name a file in it".into()),
            Self::Web(error) => error.hint(),
            Self::Io { .. } | Self::TooLong { .. } => None,
        }
    }
}

/// What is said where a page does not come.
const HELP: Help = Help { meaning, instead: Some(INSTEAD) };
const INSTEAD: &str = "save it with a browser and name the file";

fn meaning(status: u16) -> Option<Reason> {
    Some(match status {
        401 | 402 | 403 | 406 | 429 | 451 => {
            Reason::new("it does not give this page to a program").hint(INSTEAD)
        }
        404 | 410 => Reason::new("it has no such page").hint("check the address"),
        407 => no_password(),
        500..=599 => Reason::new("it has a problem of its own").hint("try later"),
        _ => return None,
    })
}

/// The bytes of the text at `source`: an `http` or `https` address, `-` for standard input, or a
/// file's path. Of an address 32 MiB are taken at most, through the environment's proxies.
///
/// # Errors
/// [`LoadError`], whose hint says what to do.
pub fn load(source: impl AsRef<OsStr>) -> Result<Loaded, LoadError> {
    let source = source.as_ref();
    // A name that is not UTF-8 is a file's.
    let name = source.to_string_lossy();
    match &*name {
        "-" => read(io::stdin().lock(), "standard input")
            .map(|bytes| Loaded { bytes, ..Loaded::default() }),
        url if is_address(url) => fetch(url, &Proxies::of_environment(), OF_USER),
        path => {
            if Path::new(source).is_dir() {
                return Err(LoadError::Folder { name: path.to_owned() });
            }
            let file = File::open(Path::new(source))
                .map_err(|source| LoadError::Io { name: path.to_owned(), source })?;
            Ok(Loaded { bytes: read(file, path)?, name: Some(path.to_owned()), content_type: None })
        }
    }
}

/// Whether `source` is an address rather than a file's name.
pub fn is_address(source: &str) -> bool {
    ["http://", "https://"].iter().any(|scheme| {
        source.get(..scheme.len()).is_some_and(|head| head.eq_ignore_ascii_case(scheme))
    })
}

fn read(source: impl Read, name: &str) -> Result<Vec<u8>, LoadError> {
    let mut bytes = Vec::new();
    source
        .take(MOST_FROM_DISK + 1)
        .read_to_end(&mut bytes)
        .map_err(|source| LoadError::Io { name: name.to_owned(), source })?;
    if bytes.len() as u64 > MOST_FROM_DISK {
        return Err(LoadError::TooLong { name: name.to_owned(), most: MOST_FROM_DISK });
    }
    Ok(bytes)
}

fn fetch(source: &str, proxies: &Proxies, limits: Limits) -> Result<Loaded, LoadError> {
    let page = super::page(&Wanted {
        url: source,
        named_by: None,
        accept: ACCEPT,
        known: None,
        limits,
        proxies,
        help: HELP,
    })?;
    Ok(Loaded { bytes: page.bytes, name: Some(source.to_owned()), content_type: page.content_type })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("http.txt");
        std::fs::write(&path, "短文").unwrap();
        let name = path.to_str().unwrap();
        assert_eq!(
            load(name).unwrap(),
            Loaded { bytes: "短文".into(), name: Some(name.into()), content_type: None }
        );
        for name in [folder.path().join("none.txt"), folder.path().to_owned()] {
            let error = load(name.to_str().unwrap()).unwrap_err().to_string();
            assert!(error.contains(name.to_str().unwrap()), "{error}");
        }
    }

    #[test]
    fn addresses() {
        for (source, want) in [
            ("https://a", true),
            ("HTTP://a", true),
            ("http:/a", false),
            ("a.txt", false),
            ("短文短文短文", false),
            ("", false),
        ] {
            assert_eq!(is_address(source), want, "{source}");
        }
    }

    #[cfg(not(feature = "download"))]
    #[test]
    fn says_that_it_cannot() {
        let error = Reason::from(load("https://example.org/x").unwrap_err());
        assert!(error.why.contains("https://example.org/x"), "{error}");
        assert_eq!(error.hint.as_deref(), Some(INSTEAD));
    }
}

// Two attributes, since clippy takes only a plain `test` for a test.
#[cfg(feature = "download")]
#[cfg(test)]
mod fetching {
    use super::super::server::{Reply, Server};
    use super::*;

    fn limits() -> Limits {
        Limits { most: 1 << 20, ..OF_USER }
    }

    fn get(replies: Vec<Reply>, limits: Limits) -> (Result<Loaded, LoadError>, Vec<String>) {
        let server = Server::start(replies);
        let loaded = fetch(&server.url("a%20b/c.html?x=1#part"), &Proxies::default(), limits);
        (loaded, server.asked())
    }

    #[test]
    fn a_page_comes_whole() {
        let page = |body: &[u8]| Reply {
            headers: vec!["Content-Type: text/html; charset=big5".into()],
            ..Reply::file(body)
        };
        let (loaded, asked) =
            get(vec![Reply::status(302, "Location: /there"), page(b"<p>x")], limits());
        let loaded = loaded.unwrap();
        assert_eq!(
            (loaded.bytes.as_slice(), loaded.content_type.as_deref()),
            (&b"<p>x"[..], Some("text/html; charset=big5"))
        );
        assert!(loaded.name.unwrap().ends_with("/a%20b/c.html?x=1#part"));
        assert!(
            asked[0].starts_with("get /a%20b/c.html?x=1 http/1.1")
                && asked[1].starts_with("get /there"),
            "{asked:?}"
        );
        assert!(
            asked[0].contains("user-agent: aloud/") && asked[0].contains("accept: text/html"),
            "{}",
            asked[0]
        );
        let (loaded, _) = get(vec![Reply { is_chunked: true, ..page(b"<p>in chunks") }], limits());
        assert_eq!(loaded.unwrap().bytes, b"<p>in chunks");
    }

    #[test]
    fn what_goes_wrong_is_said() {
        let long = vec![b'x'; (1 << 20) + 10];
        for (reply, says) in [
            (Reply::status(404, ""), "no such page"),
            (Reply::status(403, ""), "browser"),
            (Reply::status(503, ""), "try later"),
            (Reply::status(302, "Location: /again"), "on and on"),
            (Reply { claims: Some(1 << 40), ..Reply::file(b"x") }, "longer than 1.0 MB"),
            (Reply { is_chunked: true, ..Reply::file(&long) }, "longer than 1.0 MB"),
            (Reply { breaks_after: Some(3), ..Reply::file(b"<p>text") }, "cannot fetch"),
        ] {
            let error = Reason::from(get(vec![reply], limits()).0.unwrap_err()).one_line();
            assert!(error.contains(says) && error.contains("http://127.0.0.1"), "{says}: {error}");
        }
        let silent = Reply { breaks_after: Some(3), stalls: true, ..Reply::file(b"<p>text") };
        let error = get(vec![silent], Limits { stall: Duration::from_millis(100), ..limits() })
            .0
            .unwrap_err()
            .to_string();
        assert!(error.contains("cannot fetch"), "{error}");
        let dripping = Reply { drips: true, ..Reply::file(b"<p>text") };
        let error = get(vec![dripping], Limits { stall: Duration::from_millis(200), ..limits() })
            .0
            .unwrap_err()
            .to_string();
        assert!(error.contains("cannot fetch") && error.contains("time"), "{error}");
        let error = fetch("https://", &Proxies::default(), limits()).unwrap_err().to_string();
        assert!(error.contains("https://"), "{error}");
    }
}
