//! A model comes whole and verified, or not at all: what the room `web` fetches, judged by
//! checksums and the file's structure.
//!
//! Nothing here knows the catalogue or prints.

// Two attributes, since clippy takes only a plain `test` for a test.
#[cfg(feature = "download")]
#[cfg(test)]
mod check;

pub use crate::web::Proxies;
pub use crate::web::download::{DownloadError, Event, Fetched, Hooks, Policy, forget, kept};

use super::{Fault, header, verify};
use crate::reason::Reason;
use crate::web::download::{self, Advice, Arrived, Verdict};
use std::fs;
use std::path::PathBuf;

/// What is said where a model does not come.
const ADVICE: Advice =
    Advice { folder: "`ALOUD_MODELS`", address: "the mirror's address, or update `aloud`" };

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

/// Fetches the model of `order`. What has come stays when this fails or is cancelled, and the next
/// call goes on from there; the file gets its name only whole and verified.
///
/// # Errors
/// [`DownloadError`], whose hint says what to do.
pub fn fetch(
    order: &Order,
    policy: &Policy,
    hooks: &mut Hooks<'_>,
) -> Result<Fetched, DownloadError> {
    let judge = |arrived: &Arrived<'_>| judge(arrived, order.sha1.as_deref());
    let (url, path, bytes) = (order.url.clone(), order.path.clone(), order.bytes);
    let order = download::Order {
        url,
        named_by: None,
        path,
        replaces: false,
        bytes,
        most: None,
        advice: ADVICE,
        refuse: |_| None,
        judge: &judge,
    };
    download::fetch(&order, policy, hooks)
}

/// Whether what came is the right model: by SHA-1 or else by the server's SHA-256, then by
/// structure.
fn judge(arrived: &Arrived<'_>, sha1: Option<&str>) -> Result<(), Verdict> {
    let url = arrived.url;
    let sums =
        verify::sums(arrived.path, arrived.sha256.is_some(), &mut |_, _| !(arrived.is_cancelled)())
            .map_err(Verdict::Unread)?;
    let judge = match (sha1, arrived.sha256, sums.sha256) {
        (Some(expected), ..) => Some(("SHA-1", sums.sha1, expected)),
        (None, Some(expected), Some(found)) => Some(("SHA-256", found, expected)),
        _ => None,
    };
    if let Some((sum, found, expected)) = judge.filter(|(_, found, expected)| found != expected) {
        let why =
            format!("`{url}` gives wrong bytes: their {sum} is {found} where {expected} belongs");
        return Err(Verdict::Unfit(
            Reason::new(format!("{why}; they were removed"))
                .hint("try later, or without the mirror"),
        ));
    }
    let no_model = |fault: Fault| {
        let why = format!("what `{url}` gives is no usable model: {fault}; it was removed");
        Verdict::Unfit(why.into())
    };
    match fs::File::open(arrived.path).map_err(Fault::Io).and_then(header::check_reader) {
        Ok(info) if info.has_weights => Ok(()),
        Ok(_) => Err(no_model(Fault::NoWeights)),
        Err(Fault::Io(source)) => Err(Verdict::Unread(source)),
        Err(fault) => Err(no_model(fault)),
    }
}
