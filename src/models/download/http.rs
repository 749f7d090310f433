//! One request for a file, answered piece by piece from a thread of its own.
//!
//! The thread is what makes cancelling immediate: a name that does not resolve or a server that
//! falls silent blocks the thread, not the one who asked, and the thread ends by its own timeouts.
//! Redirects are followed here rather than by the HTTP client, since Hugging Face states a file's
//! SHA-256 only on the answer that redirects.

use super::ask::{Answer, Ask, Head};
use std::io::Read;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread;
use ureq::http::{Response, Uri};
use ureq::{Agent, Body, Error, Proxy};

/// Enough for Hugging Face (two) and for mirrors of mirrors.
const MOST_REDIRECTS: usize = 10;
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
        let _ = failed.try_send(Answer::Failed(error.to_string()));
    }
    receiver
}

/// Sends head and pieces; gives what to say last, or `None` when nobody listens.
fn transfer(ask: &Ask, sender: &SyncSender<Answer>) -> Option<Answer> {
    let (head, body) = match open(ask) {
        Ok(opened) => opened,
        Err(last) => return Some(last),
    };
    let has_file = matches!(head.status, 200 | 206);
    sender.send(Answer::Head(head)).ok()?;
    if !has_file {
        return Some(Answer::End);
    }
    let mut reader = body.into_reader();
    loop {
        let mut piece = vec![0; 64 * 1024];
        match reader.read(&mut piece) {
            Ok(0) => return Some(Answer::End),
            Ok(n) => {
                piece.truncate(n);
                sender.send(Answer::Piece(piece)).ok()?;
            }
            Err(error) if error.kind() == std::io::ErrorKind::Interrupted => {}
            Err(error) => return Some(Answer::Failed(format!("the connection broke: {error}"))),
        }
    }
}

/// Follows redirects to the answer that counts.
fn open(ask: &Ask) -> Result<(Head, Body), Answer> {
    let mut url: Uri = ask.url.parse().map_err(|error| Answer::Hopeless(format!("{error}")))?;
    let mut sha256 = None;
    for _ in 0..=MOST_REDIRECTS {
        let response = request(ask, &url)?;
        sha256 = sha256.or_else(|| linked_sha256(&response));
        if matches!(response.status().as_u16(), 301 | 302 | 303 | 307 | 308) {
            let location = header(&response, "location").unwrap_or_default();
            url = join(&url, &location).map_err(Answer::Hopeless)?;
            continue;
        }
        let head = Head {
            status: response.status().as_u16(),
            length: header(&response, "content-length").and_then(|text| text.trim().parse().ok()),
            range: header(&response, "content-range").as_deref().and_then(range),
            etag: header(&response, "etag").filter(|etag| etag.starts_with('"')),
            sha256,
            retry_after: header(&response, "retry-after").and_then(|text| text.trim().parse().ok()),
        };
        return Ok((head, response.into_body()));
    }
    Err(Answer::Hopeless(format!("it leads on and on, more than {MOST_REDIRECTS} times")))
}

fn request(ask: &Ask, url: &Uri) -> Result<Response<Body>, Answer> {
    let scheme = url.scheme_str().unwrap_or_default();
    let Some(host) = url.host().filter(|_| matches!(scheme, "http" | "https")) else {
        return Err(Answer::Hopeless(format!("`{url}` is not an `http` or `https` address")));
    };
    let proxy = ask.proxies.choose(scheme, host, url.port_u16());
    let proxy = proxy.map(|text| {
        Proxy::new(text).map_err(|_| Answer::Hopeless(format!("the proxy `{}` is of no kind that is known", without_password(text))))
    });
    let agent: Agent = Agent::config_builder()
        .http_status_as_error(false)
        .max_redirects(0)
        .max_redirects_will_error(false)
        .proxy(proxy.transpose()?)
        .user_agent(concat!("aloud/", env!("CARGO_PKG_VERSION")))
        // Ranges count the bytes of the file, not those of a compressed form of it.
        .accept_encoding("identity")
        .timeout_resolve(Some(ask.stall))
        .timeout_connect(Some(ask.stall))
        .timeout_per_read(Some(ask.stall))
        .timeout_per_write(Some(ask.stall))
        .build()
        .into();
    let mut request = agent.get(url);
    if ask.from > 0 {
        request = request.header("Range", format!("bytes={}-", ask.from));
        if let Some(etag) = &ask.etag {
            request = request.header("If-Range", etag);
        }
    }
    request.call().map_err(|error| match error {
        Error::BadUri(reason) => Answer::Hopeless(reason),
        // A certificate that is wrong now is wrong in a minute.
        Error::Tls(reason) => Answer::Hopeless(format!("the encryption fails: {reason}")),
        Error::Rustls(error) => Answer::Hopeless(format!("the encryption fails: {error}")),
        Error::HostNotFound => Answer::Failed(format!("the host `{host}` is not found; is this machine online?")),
        Error::ConnectionFailed => Answer::Failed(format!("no connection to `{host}`")),
        error => Answer::Failed(error.to_string()),
    })
}

/// A proxy's address as it may be shown.
fn without_password(proxy: &str) -> String {
    match proxy.rsplit_once('@') {
        Some((_, host)) => format!("…@{host}"),
        None => proxy.to_owned(),
    }
}

fn header(response: &Response<Body>, name: &str) -> Option<String> {
    response.headers().get(name)?.to_str().ok().map(str::to_owned)
}

/// Hugging Face names a large file's SHA-256 in `X-Linked-Etag`; a small one's Git hash is shorter.
fn linked_sha256(response: &Response<Body>) -> Option<String> {
    let etag = header(response, "x-linked-etag")?;
    let sum = etag.trim_start_matches("W/").trim_matches('"').to_lowercase();
    (sum.len() == 64 && sum.bytes().all(|byte| byte.is_ascii_hexdigit())).then_some(sum)
}

/// Reads `bytes FIRST-LAST/TOTAL`, of which TOTAL may be `*`.
fn range(text: &str) -> Option<(u64, Option<u64>)> {
    let (span, total) = text.trim().strip_prefix("bytes")?.trim().split_once('/')?;
    let first = span.split_once('-')?.0.trim().parse().ok()?;
    Some((first, total.trim().parse().ok()))
}

/// The address that a redirect from `base` to `location` means.
fn join(base: &Uri, location: &str) -> Result<Uri, String> {
    let scheme = base.scheme_str().unwrap_or("https");
    let authority = base.authority().map_or("", |authority| authority.as_str());
    let location = location.split('#').next().unwrap_or_default();
    let whole = match location {
        "" => return Err(format!("`{base}` leads nowhere")),
        _ if location.contains("://") && location.split("://").next().is_some_and(|head| !head.contains(['/', '?'])) => location.to_owned(),
        _ if location.starts_with("//") => format!("{scheme}:{location}"),
        _ if location.starts_with('/') => format!("{scheme}://{authority}{location}"),
        _ => {
            let folder = base.path().rsplit_once('/').map_or("", |(folder, _)| folder);
            format!("{scheme}://{authority}{folder}/{location}")
        }
    };
    let uri: Uri = whole.parse().map_err(|_| format!("`{base}` leads to an address that is none"))?;
    if scheme == "https" && uri.scheme_str() != Some("https") {
        return Err(format!("`{base}` leads out of the encrypted web"));
    }
    Ok(uri)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn redirects() {
        let base: Uri = "https://a.net/x/y?z=1".parse().unwrap();
        for (location, meant) in [
            ("https://b.org/q?u=http://c", Some("https://b.org/q?u=http://c")),
            ("//b.org/q", Some("https://b.org/q")),
            ("/q?u=http://c", Some("https://a.net/q?u=http://c")),
            ("q#part", Some("https://a.net/x/q")),
            ("http://b.org/", None),
            ("ftp://b.org/", None),
            ("", None),
            ("#here", None),
        ] {
            assert_eq!(join(&base, location).ok().map(|uri| uri.to_string()).as_deref(), meant, "{location}");
        }
    }

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
        assert_eq!(without_password("http://me:secret@host:1"), "…@host:1");
    }
}
