//! One question to one server, and to those it sends us on to.
//!
//! Redirects are followed here rather than by the HTTP client, since Hugging Face states a file's
//! SHA-256 only on the answer that redirects, and so that an encrypted way stays one.

use super::{Failure, Headers, Request, Response};
use ureq::http::Uri;
use ureq::{Agent, Body, Error, Proxy};

/// Enough for Hugging Face (two) and for mirrors of mirrors.
const MOST_REDIRECTS: usize = 10;

/// Asks with GET and follows redirects to the answer that counts, whatever its status.
///
/// # Errors
/// [`Failure`], for no answer at all.
pub fn open(request: &Request<'_>) -> Result<Response, Failure> {
    let mut url: Uri = request.url.parse().map_err(|error| Failure::Hopeless(format!("{error}")))?;
    let mut hops = Vec::new();
    for _ in 0..=MOST_REDIRECTS {
        let response = ask(request, &url)?;
        let status = response.status().as_u16();
        hops.push(headers(&response));
        if matches!(status, 301 | 302 | 303 | 307 | 308) {
            let location = hops.last().and_then(|headers| headers.get("location")).unwrap_or_default();
            url = join(&url, location).map_err(Failure::Hopeless)?;
            continue;
        }
        return Ok(Response { status, hops, body: Box::new(response.into_body().into_reader()) });
    }
    Err(Failure::Hopeless(format!("it leads on and on, more than {MOST_REDIRECTS} times")))
}

/// Sends `body` with POST to one address. Where it is sent on to another, that is a refusal: what was posted once is not posted
/// elsewhere.
///
/// # Errors
/// [`Failure`], for no answer at all.
pub fn post(request: &Request<'_>, body: &[u8]) -> Result<Response, Failure> {
    let url: Uri = request.url.parse().map_err(|error| Failure::Hopeless(format!("{error}")))?;
    let (agent, host) = agent(request, &url)?;
    let asked = request.headers.iter().fold(agent.post(&url), |asked, (name, value)| asked.header(*name, value));
    let response = asked.send(body).map_err(|error| failure(error, &host))?;
    Ok(Response { status: response.status().as_u16(), hops: vec![headers(&response)], body: Box::new(response.into_body().into_reader()) })
}

fn headers(response: &ureq::http::Response<Body>) -> Headers {
    let lines = response.headers().iter();
    Headers(lines.filter_map(|(name, value)| Some((name.as_str().to_owned(), value.to_str().ok()?.to_owned()))).collect())
}

fn ask(request: &Request<'_>, url: &Uri) -> Result<ureq::http::Response<Body>, Failure> {
    let (agent, host) = agent(request, url)?;
    let asked = request.headers.iter().fold(agent.get(url), |asked, (name, value)| asked.header(*name, value));
    asked.call().map_err(|error| failure(error, &host))
}

/// A client for one request, and the host that it will speak to.
fn agent(request: &Request<'_>, url: &Uri) -> Result<(Agent, String), Failure> {
    let scheme = url.scheme_str().unwrap_or_default();
    let Some(host) = url.host().filter(|_| matches!(scheme, "http" | "https")) else {
        return Err(Failure::Hopeless(format!("`{url}` is not an `http` or `https` address")));
    };
    let proxy = request.proxies.choose(scheme, host, url.port_u16());
    let proxy = proxy.map(|text| {
        Proxy::new(text).map_err(|_| Failure::Hopeless(format!("the proxy `{}` is of no kind that is known", without_password(text))))
    });
    let agent = Agent::config_builder()
        .http_status_as_error(false)
        .max_redirects(0)
        .max_redirects_will_error(false)
        .proxy(proxy.transpose()?)
        .user_agent(concat!("aloud/", env!("CARGO_PKG_VERSION")))
        // Ranges and lengths count the bytes of the file, not those of a compressed form of it.
        .accept_encoding("identity")
        .timeout_resolve(Some(request.stall))
        .timeout_connect(Some(request.stall))
        .timeout_per_read(Some(request.stall))
        .timeout_per_write(Some(request.stall))
        .build()
        .into();
    Ok((agent, host.to_owned()))
}

fn failure(error: Error, host: &str) -> Failure {
    match error {
        Error::BadUri(reason) => Failure::Hopeless(reason),
        // A certificate that is wrong now is wrong in a minute.
        Error::Tls(reason) => Failure::Hopeless(format!("the encryption fails: {reason}")),
        Error::Rustls(error) => Failure::Hopeless(format!("the encryption fails: {error}")),
        Error::HostNotFound => Failure::Failed(format!("the host `{host}` is not found; is this machine online?")),
        Error::ConnectionFailed => Failure::Failed(format!("no connection to `{host}`")),
        error => Failure::Failed(error.to_string()),
    }
}

/// A proxy's address as it may be shown.
fn without_password(proxy: &str) -> String {
    match proxy.rsplit_once('@') {
        Some((_, host)) => format!("…@{host}"),
        None => proxy.to_owned(),
    }
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
    fn passwords_are_not_shown() {
        assert_eq!(without_password("http://me:secret@host:1"), "…@host:1");
    }
}
