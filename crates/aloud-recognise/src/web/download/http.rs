//! One request for a file, answered piece by piece from a thread of its own.
//!
//! The thread is what makes cancelling immediate: a name that does not resolve or a server that
//! falls silent blocks the thread, not the one who asked, and the thread ends by its own timeouts.

use super::ask::{Answer, Ask, Head};
use crate::refusal;
use crate::web::{self, Failure, Headers, Request, Response};
use std::io::Read;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread;

/// Pieces that wait while the disk is slow.
const PIECES_AHEAD: usize = 8;

/// Asks; the answers come through the channel. Dropping it ends the transfer.
pub(super) fn start(ask: Ask) -> Receiver<Answer> {
    let (sender, receiver) = sync_channel(PIECES_AHEAD);
    let failed = sender.clone();
    let thread = thread::Builder::new().name("download".into()).spawn(move || {
        if let Some(last) = transfer(&ask, &sender) {
            // Nobody listens any more after cancelling.
            let _ = sender.send(last);
        }
    });
    if let Err(error) = thread {
        let _ = failed.try_send(Answer::Hopeless(refusal::no_thread(&error).into()));
    }
    receiver
}

/// Sends head and pieces; gives what to say last, or `None` when nobody listens.
fn transfer(ask: &Ask, sender: &SyncSender<Answer>) -> Option<Answer> {
    let response = match open(ask) {
        Ok(response) => response,
        Err(Failure::Failed(reason)) => return Some(Answer::Failed(reason)),
        Err(Failure::Hopeless(reason)) => return Some(Answer::Hopeless(reason)),
        Err(Failure::NotBuilt) => {
            return Some(Answer::Hopeless("this build cannot download".into()));
        }
    };
    let has_file = matches!(response.status, 200 | 206);
    sender.send(Answer::Head(head(&response))).ok()?;
    if !has_file {
        return Some(Answer::End);
    }
    let mut reader = response.body;
    loop {
        let mut piece = vec![0; 64 * 1024];
        match reader.read(&mut piece) {
            Ok(0) => return Some(Answer::End),
            Ok(n) => {
                piece.truncate(n);
                sender.send(Answer::Piece(piece)).ok()?;
            }
            Err(error) if error.kind() == std::io::ErrorKind::Interrupted => {}
            Err(error) => {
                return Some(Answer::Failed(format!("the connection broke: {error}").into()));
            }
        }
    }
}

fn open(ask: &Ask) -> Result<Response, Failure> {
    let mut headers = Vec::new();
    if ask.from > 0 {
        headers.push(("Range", format!("bytes={}-", ask.from)));
        headers.extend(ask.version.clone().map(|version| ("If-Range", version)));
    }
    web::open(&Request {
        url: &ask.url,
        headers,
        named_by: ask.named_by.as_deref(),
        stall: ask.stall,
        whole: None,
        proxies: &ask.proxies,
    })
}

fn head(response: &Response) -> Head {
    let number = |name: &str| response.header(name).and_then(|text| text.trim().parse().ok());
    Head {
        status: response.status,
        length: number("content-length"),
        range: response.header("content-range").and_then(range),
        version: response.version(),
        content_type: response.header("content-type").map(str::to_owned),
        sha256: response.hops.iter().find_map(linked_sha256),
        retry_after: number("retry-after"),
    }
}

/// Hugging Face names a large file's SHA-256 in `X-Linked-Etag`, on the answer that redirects; a
/// small one's Git hash is shorter.
fn linked_sha256(headers: &Headers) -> Option<String> {
    let etag = headers.get("x-linked-etag")?;
    let sum = etag.trim_start_matches("W/").trim_matches('"').to_lowercase();
    (sum.len() == 64 && sum.bytes().all(|byte| byte.is_ascii_hexdigit())).then_some(sum)
}

/// Reads `bytes FIRST-LAST/TOTAL`, of which TOTAL may be `*`.
fn range(text: &str) -> Option<(u64, Option<u64>)> {
    let (span, total) = text.trim().strip_prefix("bytes")?.trim().split_once('/')?;
    let first = span.split_once('-')?.0.trim().parse().ok()?;
    Some((first, total.trim().parse().ok()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges() {
        for (text, meant) in [
            ("bytes 5-9/10", Some((5, Some(10)))),
            (" bytes 0-0/*", Some((0, None))),
            ("bytes */10", None),
            ("items 5-9/10", None),
            ("bytes 99999999999999999999-1/2", None),
            ("", None),
        ] {
            assert_eq!(range(text), meant, "{text}");
        }
    }
}
