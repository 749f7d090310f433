//! How a server is spoken to: a question over a connection of its own, asked again while
//! that makes sense.
//!
//! Never knows what is asked. Passwords and tokens are in no message and in nothing that tells one
//! server from another.

use super::super::exit::Exit;
use super::super::report::{Failure, plain};
use super::super::settings::{SERVER_CA, Settings};
use super::super::threads::{Gone, waited};
use crate::address::percent_decoded;
use crate::index::wire;
use crate::reason::Reason;
use crate::web::{self, Authorities, Entry, Proxies, Request};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use std::collections::hash_map::RandomState;
use std::hash::{BuildHasher, Hasher};
use std::io::Read;
use std::net::Ipv4Addr;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// Silence after which a connection is given up: a server says nothing while it works, 30 s for a
/// search and 35 s for what it is fed.
const STALL: Duration = Duration::from_secs(60);
/// The longest answer that is read, in bytes: a question's pages take some hundred kilobytes, and
/// what is in an answer takes twenty times its length in memory.
const MOST_ANSWER: u64 = 16 << 20;
/// What is longer is packed, where a server unpacks it.
const WORTH_PACKING: usize = 4 << 10;

/// How long a server is given.
#[derive(Clone, Copy)]
pub struct Patience {
    /// How often something is tried after which nobody knows whether it was done.
    pub tries: u32,
    /// The time for one of them, to the last byte of the answer.
    pub whole: Duration,
    /// For so long what it has no time for is tried again.
    pub busy: Duration,
}

/// Of somebody who waits for an answer.
pub const PERSON: Patience =
    Patience { tries: 2, whole: Duration::from_secs(90), busy: Duration::from_secs(120) };
/// Of a long job.
pub const JOB: Patience =
    Patience { tries: 6, whole: Duration::from_secs(300), busy: Duration::from_secs(600) };
/// Of what must not be done twice.
pub const ONCE: Patience = Patience { tries: 1, ..JOB };

// A server's own limits: nothing is given up before it gives up itself.
const _: () =
    assert!(STALL.as_secs() > 35 && PERSON.whole.as_secs() > 30 && JOB.whole.as_secs() > 35);

/// The wait after the first failure; it doubles with each, up to [`LONGEST`].
const PAUSE: Duration = Duration::from_millis(500);
/// The longest wait that nobody asked for.
const LONGEST: Duration = Duration::from_secs(30);

/// Why there is no answer.
#[derive(Clone, Debug)]
pub enum Trouble {
    /// The user would not wait.
    Cancelled,
    /// Nobody knows whether it was done: the way broke (status 0), or the server's time was up, or
    /// it failed.
    Unsure(u16, Reason),
    /// It was not done, and the status says why; 0 where no server said anything.
    Refused(u16, Reason),
}

impl From<Gone> for Trouble {
    fn from(gone: Gone) -> Self {
        match gone {
            Gone::Cancelled => Self::Cancelled,
            Gone::Broken | Gone::NoThread(_) => Self::Refused(0, gone.into()),
        }
    }
}

/// What whoever waits for an answer has to say, and is told.
pub struct Hooks<'a> {
    /// Whether nobody waits any longer.
    pub is_over: &'a dyn Fn() -> bool,
    /// A word about what takes long.
    pub tell: &'a dyn Fn(String),
}

/// A server and the way to it.
#[derive(Clone)]
pub struct Client {
    base: String,
    entry: Entry,
    proxies: Proxies,
}

impl Client {
    /// The server at `url`, with or without a path before its own ones, and with or without a name
    /// and a password.
    ///
    /// # Errors
    /// With exit code 2 where a setting of servers is none, or `url` is no address.
    pub fn new(url: &str, settings: &Settings) -> Result<Self, Failure> {
        Self::with(url, settings.header()?, settings)
    }

    /// As [`Self::new`], of a server that the user did not name: the settings' header is perhaps
    /// another one's, and is not sent.
    ///
    /// # Errors
    /// As there.
    pub fn unnamed(url: &str, settings: &Settings) -> Result<Self, Failure> {
        Self::with(url, None, settings)
    }

    fn with(
        url: &str,
        header: Option<(String, String)>,
        settings: &Settings,
    ) -> Result<Self, Failure> {
        let (base, credentials) =
            parted(url.trim_end_matches('/')).map_err(|why| Failure::new(Exit::Usage, why))?;
        let header = header.or_else(|| {
            credentials.map(|text| {
                ("Authorization".to_owned(), format!("Basic {}", STANDARD.encode(text)))
            })
        });
        Ok(Self {
            base,
            entry: Entry { header, authorities: authorities(settings)? },
            proxies: Proxies::of_environment(),
        })
    }

    /// Its address, without name and password.
    pub fn base(&self) -> &str {
        &self.base
    }

    /// Whether who asks is told where others on the way can read it.
    pub fn tells_openly(&self) -> bool {
        let host = self
            .base
            .strip_prefix("http://")
            .map(|rest| rest.split(['/', '?']).next().unwrap_or_default());
        self.entry.header.is_some() && host.is_some_and(|host| !is_here(host))
    }

    /// The body of a good answer to what is asked of `path` below its address: with POST where
    /// there is a `body`, else with GET.
    pub fn ask(
        &self,
        path: &str,
        body: Option<&Body>,
        patience: Patience,
        hooks: &Hooks<'_>,
    ) -> Result<Vec<u8>, Trouble> {
        self.ask_judged(path, body, patience, hooks, &|_| None)
    }

    /// As [`Self::ask`], where `busy` says of a good answer why the server had no time all the same.
    pub fn ask_judged(
        &self,
        path: &str,
        body: Option<&Body>,
        patience: Patience,
        hooks: &Hooks<'_>,
        busy: &dyn Fn(&[u8]) -> Option<String>,
    ) -> Result<Vec<u8>, Trouble> {
        let begin = Instant::now();
        let (mut pause, mut n_broken) = (PAUSE, 0);
        loop {
            let (client, url) = (self.clone(), format!("{}/{path}", self.base));
            let body = body.cloned();
            let ask = move || client.once(&url, body.as_ref(), patience.whole);
            let told = match waited("server", ask, hooks.is_over)? {
                Ok(answer) => match busy(&answer) {
                    Some(why) => Refusal::Busy(429, why.into(), None),
                    None => return Ok(answer),
                },
                Err(refusal) => refusal,
            };
            let (why, wanted) = match told {
                // Where the server says when, that is when; a little later, since others were told
                // the same.
                Refusal::Busy(status, mut why, wanted) => {
                    let wait = wanted.unwrap_or(pause);
                    if begin.elapsed() + wait > patience.busy {
                        let after = match wanted {
                            Some(wanted) => format!(
                                "; it asks to be left alone for {} seconds",
                                wanted.as_secs()
                            ),
                            None => format!(", for {} seconds", begin.elapsed().as_secs()),
                        };
                        why.why += &after;
                        return Err(Trouble::Refused(status, why));
                    }
                    (why, wanted)
                }
                Refusal::Final(status, why) => return Err(Trouble::Refused(status, why)),
                Refusal::Passing(status, mut why) => {
                    n_broken += 1;
                    if n_broken >= patience.tries {
                        let times = if n_broken > 1 {
                            format!(", {n_broken} times")
                        } else {
                            String::new()
                        };
                        why.why += &times;
                        return Err(Trouble::Unsure(status, why));
                    }
                    (why, None)
                }
            };
            let wait = wanted.unwrap_or(pause);
            log::debug!("`{}/{path}`: {why}; trying again in {wait:?}", self.base);
            if pause == PAUSE && (patience.tries > PERSON.tries || wait > PAUSE) {
                (hooks.tell)(format!(
                    "the server `{}`: {why}; trying again for a while",
                    plain(&self.base)
                ));
            }
            sleep(wait + wait.mul_f64(chance() / 4.0), hooks)?;
            pause = (2 * pause).min(LONGEST);
        }
    }

    /// The body of a good answer, if it is there within `whole`.
    fn once(&self, url: &str, body: Option<&Body>, whole: Duration) -> Result<Vec<u8>, Refusal> {
        let begin = Instant::now();
        let late = |why: Reason| {
            if begin.elapsed() < whole {
                why
            } else {
                format!("no answer was there after {} seconds", whole.as_secs()).into()
            }
        };
        let mut headers = Vec::new();
        if body.is_some() {
            headers.push(("Content-Type", "application/json".to_owned()));
        }
        if body.is_some_and(|body| body.is_packed) {
            headers.push(("Content-Encoding", "gzip".to_owned()));
        }
        let request = Request {
            url,
            headers,
            named_by: None,
            stall: STALL,
            whole: Some(whole),
            proxies: &self.proxies,
        };
        let response = web::exchange(&request, body.map(|body| &body.bytes[..]), &self.entry)
            .map_err(|failure| match failure {
                web::Failure::Failed(why) => Refusal::Passing(0, late(why)),
                web::Failure::Hopeless(why) => Refusal::Final(0, why),
                web::Failure::NotBuilt => Refusal::Final(
                    0,
                    "this `aloud` was built without the net (the feature `download`)".into(),
                ),
            })?;
        let status = response.status;
        // The other form is a date, which clocks disagree about.
        let wanted = response
            .header("retry-after")
            .and_then(|text| text.trim().parse().ok())
            .map(Duration::from_secs);
        let mut answer = Vec::new();
        let read = response.body.take(MOST_ANSWER + 1).read_to_end(&mut answer);
        let broke = |error| format!("the connection broke: {error}").into();
        read.map_err(|error| Refusal::Passing(0, late(broke(error))))?;
        if answer.len() as u64 > MOST_ANSWER {
            let why = Reason::new(format!("its answer is longer than {} MiB", MOST_ANSWER >> 20));
            return Err(Refusal::Final(status, why.hint("does a search server stand there?")));
        }
        match status {
            200..=299 => Ok(answer),
            // Too many requests, and a node that starts, stops or has no room.
            429 | 503 => Err(Refusal::Busy(status, said(status, &answer), wanted)),
            408 | 500 | 502 | 504 => Err(Refusal::Passing(status, said(status, &answer))),
            _ => Err(Refusal::Final(status, said(status, &answer))),
        }
    }
}

/// What is posted.
#[derive(Clone)]
pub struct Body {
    bytes: Arc<[u8]>,
    is_packed: bool,
}

impl Body {
    /// A question, which no server unpacks.
    pub fn of_question(question: &serde_json::Value) -> Self {
        Self { bytes: question.to_string().into_bytes().into(), is_packed: false }
    }

    /// Lines of documents, packed where that is worth it.
    pub fn of_lines(lines: &[u8]) -> Self {
        let is_packed = lines.len() > WORTH_PACKING;
        Self { bytes: if is_packed { web::packed(lines).into() } else { lines.into() }, is_packed }
    }
}

/// Why a server does not do what it was asked.
enum Refusal {
    /// It has no time, and may say when it has.
    Busy(u16, Reason, Option<Duration>),
    /// The next time it may.
    Passing(u16, Reason),
    /// It never will.
    Final(u16, Reason),
}

/// The status, and the reason in the answer.
fn said(status: u16, answer: &[u8]) -> Reason {
    let line = |text: String| {
        text.split_whitespace().collect::<Vec<_>>().join(" ").chars().take(300).collect::<String>()
    };
    let answers = format!("it answers {status}");
    match wire::reason(answer).map(line) {
        Some(reason) => Reason::new(reason).of(answers),
        None => answers.into(),
    }
}

/// Whether a host, with or without a port, is this machine.
fn is_here(host: &str) -> bool {
    let name = match host.rsplit_once(':') {
        Some((name, port)) if port.bytes().all(|byte| byte.is_ascii_digit()) => name,
        _ => host,
    };
    name.eq_ignore_ascii_case("localhost")
        || name == "[::1]"
        || name.parse::<Ipv4Addr>().is_ok_and(|address| address.is_loopback())
}

/// An address without name and password, and these as `NAME:PASSWORD`. There is no `@` in the
/// address, so nothing in it is a password, wherever it is shown.
///
/// # Errors
/// What is wrong with it, for people, without what may be a password.
fn parted(url: &str) -> Result<(String, Option<String>), String> {
    let wrong = |why: &str| {
        let shown = url.rsplit('@').next().unwrap_or_default();
        format!("the server `{}`: {why}", plain(shown))
    };
    let (scheme, rest) = url
        .split_once("://")
        .map(|(scheme, rest)| (scheme.to_ascii_lowercase(), rest))
        .filter(|(scheme, _)| matches!(scheme.as_str(), "http" | "https"))
        .ok_or_else(|| wrong("an address begins with `http://` or `https://`"))?;
    let (authority, path) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
    // A password with a `/` as it stands: its beginning would be taken for the host.
    if path.contains('@') {
        return Err(wrong(
            "a `/` in a name or a password is written `%2F`, and an `@` in a path `%40`",
        ));
    }
    let (credentials, host) = match authority.rsplit_once('@') {
        Some((credentials, host)) => (Some(percent_decoded(credentials)), host),
        None => (None, authority),
    };
    Ok((format!("{scheme}://{host}{path}"), credentials))
}

/// Those whose signature under a server's certificate is believed; `None` for the public ones.
///
/// # Errors
/// With exit code 2 for a file that cannot be read or holds no certificate.
pub fn authorities(settings: &Settings) -> Result<Option<Authorities>, Failure> {
    let Some((path, source)) = settings.pick::<String>(SERVER_CA, None)? else { return Ok(None) };
    let wrong = |why: String| {
        Failure::new(
            Exit::Usage,
            format!("{} is `{path}`: {why}", settings.place(SERVER_CA, source)),
        )
    };
    let pem = std::fs::read(&path).map_err(|error| wrong(error.to_string()))?;
    Authorities::of_pem(&pem).map(Some).map_err(wrong)
}

/// Waits, but not for somebody who has lost patience.
pub fn sleep(time: Duration, hooks: &Hooks<'_>) -> Result<(), Trouble> {
    let begin = Instant::now();
    while begin.elapsed() < time {
        if (hooks.is_over)() {
            return Err(Trouble::Cancelled);
        }
        std::thread::sleep(Duration::from_millis(20));
    }
    Ok(())
}

/// A number from 0 to 1 that differs between machines and times, so that not all come back at once.
fn chance() -> f64 {
    f64::from(RandomState::new().build_hasher().finish() as u32) / f64::from(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_asks_is_told_openly_to_nobody_without_a_word() {
        for (url, is_open) in [
            ("http://me:x@host:7280/quick", true),
            ("http://host:7280", false),
            ("https://me:x@host", false),
            ("http://me:x@127.0.0.1:7280", false),
            ("http://me:x@localhost", false),
            ("http://me:x@LOCALHOST:7280/quick", false),
            ("http://me:x@[::1]", false),
            ("http://me:x@[::1]:7280", false),
            ("HTTP://me:x@host", true),
            ("http://me:x@localhost.evil.org", true),
            ("http://me:x@127.evil.org:7280", true),
            ("http://me:x@[::1].evil.org", true),
        ] {
            assert_eq!(
                Client::new(url, &Settings::default()).unwrap().tells_openly(),
                is_open,
                "{url}"
            );
        }
    }

    #[test]
    fn credentials_are_no_part_of_an_address() {
        for (url, base, credentials) in [
            ("http://host:7280", "http://host:7280", None),
            ("https://me:se%40cret@host/quick", "https://host/quick", Some("me:se@cret")),
            ("https://me@there:x@host/a%40b", "https://host/a%40b", Some("me@there:x")),
            ("https://100%:5%zz@host", "https://host", Some("100%:5%zz")),
            ("HTTPS://me:x@host", "https://host", Some("me:x")),
        ] {
            let want = (base.to_owned(), credentials.map(str::to_owned));
            assert_eq!(parted(url), Ok(want), "{url}");
        }
        for (url, shown) in [
            ("host", "`host`"),
            ("me:secret@localhost:1", "`localhost:1`"),
            ("me:secret://x@host", "`host`"),
            ("ftp://me:secret@host", "`host`"),
            ("http://me:se/cret@host", "`host`"),
            ("http://me:1/cret@a@host/b", "`host/b`"),
        ] {
            let why = parted(url).unwrap_err();
            assert!(why.contains(shown) && !why.contains("cret"), "{url}: {why}");
        }
    }
}
