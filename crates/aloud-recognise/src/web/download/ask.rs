//! What is asked of a server and what it answers: the values between `fetch` and `http`.

use super::Version;
use crate::reason::Reason;
use crate::web::Proxies;
use std::time::Duration;

/// A request for a file from a byte onwards.
pub(super) struct Ask {
    /// Its address.
    pub(super) url: String,
    /// Who names it, where it is not the user.
    pub(super) named_by: Option<String>,
    /// The first byte that is wanted.
    pub(super) from: u64,
    /// The version that the earlier bytes belong to, as its tag or its date; another one is sent
    /// whole.
    pub(super) version: Option<String>,
    /// Silence after which the connection is broken.
    pub(super) stall: Duration,
    /// Proxies to go through.
    pub(super) proxies: Proxies,
}

/// What comes back, in this order: a head, pieces, and an end or a failure.
pub(super) enum Answer {
    /// The server has answered.
    Head(Head),
    /// The next bytes.
    Piece(Vec<u8>),
    /// There are no more.
    End,
    /// The connection failed; another attempt may succeed.
    Failed(Reason),
    /// No attempt can succeed.
    Hopeless(Reason),
}

/// The head of the last answer, after redirects.
#[derive(Debug, Default)]
pub(super) struct Head {
    /// The HTTP status.
    pub(super) status: u16,
    /// The length of what follows.
    pub(super) length: Option<u64>,
    /// The first byte of what follows and the length of the whole file, of a partial answer.
    pub(super) range: Option<(u64, Option<u64>)>,
    /// The file's version.
    pub(super) version: Version,
    /// What the server says it is.
    pub(super) content_type: Option<String>,
    /// The file's SHA-256, where Hugging Face states it.
    pub(super) sha256: Option<String>,
    /// Seconds that the server wants to be left alone.
    pub(super) retry_after: Option<u64>,
}
