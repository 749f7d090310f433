//! Here is an address, a path or `-`; give me its bytes.
//!
//! The only room that names the HTTP client. [`open`] asks one address and follows where it leads;
//! [`get`] brings what is small whole, if it is news; [`load`] a text, from wherever it is;
//! [`download`] a file, however large, in as many attempts as it takes. In a build without the
//! feature `download`, `absent` stands for `http` and says so. Nothing here knows what the bytes
//! are for, or prints.

pub mod download;
mod get;
#[cfg_attr(not(feature = "download"), path = "absent.rs")]
mod http;
#[cfg(feature = "download")]
mod inside;
mod load;
mod proxy;
#[cfg(all(feature = "download", any(test, feature = "testing")))]
#[allow(clippy::unwrap_used, reason = "only tests use it")]
pub mod server;

pub use get::{GetError, Got, Help, Limits, Page, Wanted, get, page};
pub use http::{Authorities, exchange, is_led_inside, open, packed};
pub use load::{LoadError, Loaded, is_address, load};
pub use proxy::Proxies;
/// What servers of tests answer in.
#[cfg(all(feature = "download", any(test, feature = "testing")))]
pub use rustls;

use crate::reason::Reason;
use download::Version;
use std::fmt;
use std::io::Read;
use std::time::Duration;

/// What is asked of a server.
#[derive(Clone, Debug)]
pub struct Request<'a> {
    /// The address, `http` or `https`.
    pub url: &'a str,
    /// Further header lines, names in any case.
    pub headers: Vec<(&'static str, String)>,
    /// Who names the address, where it is not the user: what is public names nothing in a private
    /// network.
    pub named_by: Option<&'a str>,
    /// Silence after which the connection is broken.
    pub stall: Duration,
    /// The time for everything, from the first name that is looked up to the last byte; `None` for
    /// what may be long.
    pub whole: Option<Duration>,
    /// Proxies to go through.
    pub proxies: &'a Proxies,
}

/// What a server of the user's own wants besides: a header that says who asks, and whose word is
/// taken for who answers.
#[derive(Clone, Default)]
pub struct Entry {
    /// A header line: its name and its value, which is never shown.
    pub header: Option<(String, String)>,
    /// `None` for the public ones.
    pub authorities: Option<Authorities>,
}

impl fmt::Debug for Entry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let header = self.header.as_ref().map(|(name, _)| name);
        f.debug_struct("Entry")
            .field("header", &header)
            .field("authorities", &self.authorities.is_some())
            .finish()
    }
}

/// The answer that counts, after redirects. Its body comes as it is read.
pub struct Response {
    /// The HTTP status.
    pub status: u16,
    /// The headers of every answer on the way; the last ones are this answer's.
    pub hops: Vec<Headers>,
    /// The address that answered.
    pub url: String,
    /// Where the address that was asked has gone for good, by redirects that say so and follow on
    /// each other.
    pub moved: Option<String>,
    /// What follows the head.
    pub body: Box<dyn Read>,
}

impl Response {
    /// The header `name` of the answer that counts, where it is text.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.hops.last().and_then(|headers| headers.get(name))
    }

    /// Which version of what was asked for it is.
    pub fn version(&self) -> Version {
        let own = |name: &str| self.header(name).map(str::to_owned);
        Version { etag: own("etag"), modified: own("last-modified") }
    }
}

/// The header lines of an answer.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Headers(Vec<(String, String)>);

impl Headers {
    /// The first value of `name`, in any case.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.0
            .iter()
            .find(|(own, _)| own.eq_ignore_ascii_case(name))
            .map(|(_, value)| value.as_str())
    }
}

/// What a proxy's 407 means.
pub fn no_password() -> Reason {
    Reason::new("the proxy wants a name and a password")
        .hint("name it as `http://NAME:PASSWORD@HOST:PORT`")
}

/// Why there is no answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Failure {
    /// The connection failed; another attempt may succeed.
    Failed(Reason),
    /// No attempt can succeed.
    Hopeless(Reason),
    /// This build has no HTTP client.
    NotBuilt,
}
