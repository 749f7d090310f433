//! One question to one server, and to those it sends us on to.
//!
//! Redirects are followed here rather than by the HTTP client, since Hugging Face states a file's
//! SHA-256 only on the answer that redirects, and so that an encrypted way stays one.

pub use super::inside::is_led_inside;

use super::inside::{Guard, addresses, is_private, is_public, is_same_place};
use super::{Entry, Failure, Headers, Request, Response};
use crate::address::{encoded, resolve};
use crate::reason::Reason;
use flate2::Compression;
use flate2::read::GzEncoder;
use std::fmt::Display;
use std::io::Read;
use std::net::IpAddr;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};
use ureq::http::Uri;
use ureq::tls::{PemItem, RootCerts, TlsConfig, parse_pem};
use ureq::unversioned::resolver::{DefaultResolver, Resolver};
use ureq::unversioned::transport::DefaultConnector;
use ureq::{Agent, Body, Error, Proxy};

/// Enough for Hugging Face (two) and for mirrors of mirrors.
const MOST_REDIRECTS: usize = 10;
/// The heads of all answers on the way together may last so many times the silence after which a
/// connection is broken: who sends a line now and then is never silent.
const HEADS_STALLS: u32 = 3;

/// Who knows what names stand for.
struct Names<'a> {
    /// When it is judged where a name leads.
    judged: &'a dyn Fn(&str) -> Vec<IpAddr>,
    /// When a connection is made.
    connected: Arc<dyn Resolver>,
}

impl Names<'_> {
    fn of_system() -> Self {
        Self { judged: &addresses, connected: Arc::new(DefaultResolver::default()) }
    }
}

/// Asks with GET and follows redirects to the answer that counts, whatever its status.
///
/// # Errors
/// [`Failure`], for no answer at all.
pub fn open(request: &Request<'_>) -> Result<Response, Failure> {
    open_by(request, &Names::of_system())
}

fn open_by(request: &Request<'_>, names: &Names<'_>) -> Result<Response, Failure> {
    let address = |text: &str| text.parse::<Uri>().map_err(hopeless);
    let first = address(request.url)?;
    let sender = request.named_by.map_or(Ok(first.clone()), |by| address(&encoded(by)))?;
    let (mut url, mut hops, mut moved, mut is_for_good) = (first, Vec::new(), None, true);
    // Whether only public addresses were met on the way here.
    let mut was_public = false;
    let begin = Instant::now();
    for _ in 0..=MOST_REDIRECTS {
        let led = || {
            let why = format!("`{sender}` leads to `{url}`, which is in a private network");
            Failure::Hopeless(Reason::new(why).hint("name that address itself if it is meant"))
        };
        // Whoever was met at public addresses only stays public, whatever his name is said to stand
        // for by now.
        let is_same = is_same_place(&sender, &url);
        let is_sender_public = !is_same
            && (request.named_by.is_none() && was_public || is_public(&sender, names.judged));
        if is_sender_public && is_private(&url, names.judged) {
            return Err(led());
        }
        let is_closed = if is_same { was_public } else { is_sender_public };
        // Behind a proxy names are the proxy's to look up, and its own address may well be a
        // private one.
        let has_proxy = proxy(request, &url).is_some();
        let guard = Guard {
            names: names.connected.clone(),
            is_closed: is_closed && !has_proxy,
            met: Arc::default(),
        };
        let asked = ask(request, &url, &guard, begin);
        let has_met = guard.met.load(Ordering::Relaxed);
        if guard.is_closed && has_met {
            return Err(led());
        }
        let response = asked?;
        was_public = !has_proxy && !has_met && (was_public || hops.is_empty());
        let status = response.status().as_u16();
        hops.push(headers(&response));
        if matches!(status, 301 | 302 | 303 | 307 | 308) {
            let location =
                hops.last().and_then(|headers| headers.get("location")).unwrap_or_default();
            url = join(&url, location).map_err(hopeless)?;
            is_for_good &= matches!(status, 301 | 308);
            if is_for_good {
                moved = Some(url.to_string());
            }
            continue;
        }
        return Ok(Response {
            status,
            hops,
            url: url.to_string(),
            moved,
            body: Box::new(response.into_body().into_reader()),
        });
    }
    Err(hopeless(format!("it leads on and on, more than {MOST_REDIRECTS} times")))
}

/// The time that is left of `whole` since `begin`.
fn left(whole: Duration, begin: Instant) -> Result<Duration, Failure> {
    let left = whole.saturating_sub(begin.elapsed());
    if left.is_zero() { Err(failed("no answer came in time")) } else { Ok(left) }
}

/// Those whose signature under a server's certificate is believed, in place of the public ones.
#[derive(Clone, Debug)]
pub struct Authorities(RootCerts);

impl Authorities {
    /// From the certificates in a PEM file.
    ///
    /// # Errors
    /// That there is none, for people.
    pub fn of_pem(pem: &[u8]) -> Result<Self, String> {
        let certificates: Vec<_> = parse_pem(pem)
            .filter_map(|item| match item {
                Ok(PemItem::Certificate(certificate)) => Some(certificate),
                _ => None,
            })
            .collect();
        if certificates.is_empty() {
            return Err("there is no certificate in it (`-----BEGIN CERTIFICATE-----`)".to_owned());
        }
        Ok(Self(RootCerts::new_with_certs(&certificates)))
    }
}

/// Asks one address, with POST where there is a `body`, else with GET. Where it is sent on to
/// another, that is the answer: neither what is posted nor who asks is told elsewhere.
///
/// # Errors
/// [`Failure`], for no answer at all.
pub fn exchange(
    request: &Request<'_>,
    body: Option<&[u8]>,
    entry: &Entry,
) -> Result<Response, Failure> {
    let url: Uri = request.url.parse().map_err(hopeless)?;
    let guard =
        Guard { names: Names::of_system().connected, is_closed: false, met: Arc::default() };
    let (agent, host) = agent(request, &url, &guard, entry.authorities.as_ref(), Instant::now())?;
    let own = entry.header.iter().map(|(name, value)| (name.as_str(), value));
    let lines: Vec<_> =
        request.headers.iter().map(|(name, value)| (*name, value)).chain(own).collect();
    let asked = match body {
        Some(body) => lines
            .into_iter()
            .fold(agent.post(&url), |asked, (name, value)| asked.header(name, value))
            .send(body),
        None => lines
            .into_iter()
            .fold(agent.get(&url), |asked, (name, value)| asked.header(name, value))
            .call(),
    };
    let response = asked.map_err(|error| failure(error, &host))?;
    let (status, hops) = (response.status().as_u16(), vec![headers(&response)]);
    Ok(Response {
        status,
        hops,
        url: url.to_string(),
        moved: None,
        body: Box::new(response.into_body().into_reader()),
    })
}

/// `bytes` as gzip has them, packed quickly rather than small.
pub fn packed(bytes: &[u8]) -> Vec<u8> {
    let mut packed = Vec::new();
    // Reading from memory does not fail.
    let _ = GzEncoder::new(bytes, Compression::fast()).read_to_end(&mut packed);
    packed
}

fn headers(response: &ureq::http::Response<Body>) -> Headers {
    let lines = response.headers().iter();
    Headers(
        lines
            .filter_map(|(name, value)| {
                Some((name.as_str().to_owned(), value.to_str().ok()?.to_owned()))
            })
            .collect(),
    )
}

fn ask(
    request: &Request<'_>,
    url: &Uri,
    guard: &Guard,
    begin: Instant,
) -> Result<ureq::http::Response<Body>, Failure> {
    let (agent, host) = agent(request, url, guard, None, begin)?;
    let asked = request
        .headers
        .iter()
        .fold(agent.get(url), |asked, (name, value)| asked.header(*name, value));
    asked.call().map_err(|error| failure(error, &host))
}

/// A client for one request, of those since `begin`, and the host that it will speak to.
fn agent(
    request: &Request<'_>,
    url: &Uri,
    guard: &Guard,
    authorities: Option<&Authorities>,
    begin: Instant,
) -> Result<(Agent, String), Failure> {
    let head = left(request.stall * HEADS_STALLS, begin)?;
    let whole = request.whole.map(|whole| left(whole, begin)).transpose()?;
    let scheme = url.scheme_str().unwrap_or_default();
    let Some(host) = url.host().filter(|_| matches!(scheme, "http" | "https")) else {
        return Err(hopeless(format!("`{url}` is not an `http` or `https` address")));
    };
    let proxy = proxy(request, url).map(|text| {
        Proxy::new(text).map_err(|_| {
            hopeless(format!("the proxy `{}` is of no kind that is known", without_password(text)))
        })
    });
    let believed = authorities.map_or(RootCerts::WebPki, |authorities| authorities.0.clone());
    let config = Agent::config_builder()
        .tls_config(TlsConfig::builder().root_certs(believed).build())
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
        .timeout_recv_response(Some(head))
        .timeout_per_write(Some(request.stall))
        .timeout_global(whole)
        .build();
    Ok((Agent::with_parts(config, DefaultConnector::default(), guard.clone()), host.to_owned()))
}

/// The proxy that a request for `url` goes through.
fn proxy<'a>(request: &Request<'a>, url: &Uri) -> Option<&'a str> {
    request.proxies.choose(url.scheme_str()?, url.host()?, url.port_u16())
}

fn failed(why: impl Display) -> Failure {
    Failure::Failed(Reason::new(why.to_string()))
}

fn hopeless(why: impl Display) -> Failure {
    Failure::Hopeless(Reason::new(why.to_string()))
}

fn failure(error: Error, host: &str) -> Failure {
    match error {
        Error::BadUri(reason) => hopeless(reason),
        // A certificate that is wrong now is wrong in a minute.
        Error::Tls(reason) => hopeless(format!("the encryption fails: {reason}")),
        // As a certificate that nobody vouches for is told.
        Error::Io(error) if error.kind() == std::io::ErrorKind::InvalidData => {
            hopeless(format!("the encryption fails: {error}"))
        }
        Error::Rustls(error) => hopeless(format!("the encryption fails: {error}")),
        Error::HostNotFound => {
            let why = format!("the host `{host}` is not found");
            Failure::Failed(Reason::new(why).hint("is this machine online?"))
        }
        Error::ConnectionFailed => failed(format!("no connection to `{host}`")),
        Error::Timeout(_) => failed(format!("no answer from `{host}` came in time")),
        error => failed(error),
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
    if location.split('#').next().unwrap_or_default().is_empty() {
        return Err(format!("`{base}` leads nowhere"));
    }
    let none = || format!("`{base}` leads to an address that is none");
    let uri: Uri =
        resolve(&base.to_string(), location).ok_or_else(none)?.parse().map_err(|_| none())?;
    if base.scheme_str() == Some("https") && uri.scheme_str() != Some("https") {
        return Err(format!("`{base}` leads out of the encrypted web"));
    }
    Ok(uri)
}

#[cfg(test)]
mod tests {
    use super::super::Proxies;
    use super::super::server::{Reply, Server};
    use super::*;
    use std::sync::atomic::AtomicU16;
    use ureq::config::Config;
    use ureq::unversioned::resolver::ResolvedSocketAddrs;
    use ureq::unversioned::transport::NextTimeout;

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
            assert_eq!(
                join(&base, location).ok().map(|uri| uri.to_string()).as_deref(),
                meant,
                "{location}"
            );
        }
    }

    #[test]
    fn passwords_are_not_shown() {
        assert_eq!(without_password("http://me:secret@host:1"), "…@host:1");
    }

    /// Says of every name that it is this machine, whatever was said of it when it was judged.
    #[derive(Debug)]
    struct Rebound;

    impl Resolver for Rebound {
        fn resolve(
            &self,
            uri: &Uri,
            _: &Config,
            _: NextTimeout,
        ) -> Result<ResolvedSocketAddrs, Error> {
            let mut found = self.empty();
            found.push(([127, 0, 0, 1], uri.port_u16().unwrap_or(80)).into());
            Ok(found)
        }
    }

    #[test]
    fn a_name_that_is_judged_leads_nowhere_else_when_it_is_asked() {
        let judged = |host: &str| {
            vec![if host == "intra.net" { [10, 0, 0, 1] } else { [93, 184, 216, 34] }.into()]
        };
        let names = Names { judged: &judged, connected: Arc::new(Rebound) };
        let (proxies, stall) = (Proxies::default(), Duration::from_secs(5));
        // Who names an address, its host, the host that it leads to, and how many times the server
        // is asked.
        for (by, host, next, n_asked) in [
            // A user may name what is private, however it is called.
            (None, "public.org", None, 1),
            (None, "public.org", Some("other.org"), 1),
            (None, "public.org", Some("public.org"), 2),
            (None, "intra.net", Some("other.org"), 2),
            (Some("http://feed.org/"), "other.org", None, 0),
            (Some("http://feed.org:81/"), "feed.org", None, 0),
            (Some("http://intra.net/"), "other.org", None, 1),
        ] {
            let port = Arc::new(AtomicU16::new(0));
            let own = Arc::clone(&port);
            let server = Server::by(move |request| {
                match next.filter(|_| request.starts_with("get /first")) {
                    Some(host) => Reply::status(
                        302,
                        &format!("Location: http://{host}:{}/second", own.load(Ordering::SeqCst)),
                    ),
                    None => Reply::file(b"secret"),
                }
            });
            let number = server
                .url("")
                .trim_end_matches('/')
                .rsplit(':')
                .next()
                .and_then(|number| number.parse().ok())
                .unwrap();
            port.store(number, Ordering::SeqCst);
            let url = format!("http://{host}:{number}/first");
            let request = Request {
                url: &url,
                headers: Vec::new(),
                named_by: by,
                stall,
                whole: None,
                proxies: &proxies,
            };
            let opened = open_by(&request, &names).map(|response| response.status);
            let want = if n_asked == 1 + usize::from(next.is_some()) { Ok(200) } else { Err(()) };
            let says = |failure: &Failure| {
                let Failure::Hopeless(reason) = failure else { return false };
                reason.why.contains("private network") && reason.hint.is_some()
            };
            assert!(opened.as_ref().err().is_none_or(says), "{by:?} {host} {next:?}: {opened:?}");
            assert_eq!(
                (opened.map_err(drop), server.asked().len()),
                (want, n_asked),
                "{by:?} {host} {next:?}"
            );
        }
    }

    #[test]
    fn who_asks_is_told_to_nobody_else() {
        let (proxies, stall) = (Proxies::default(), Duration::from_secs(5));
        let entry =
            Entry { header: Some(("X-Token".to_owned(), "secret".to_owned())), ..Entry::default() };
        for body in [None, Some(&b"{}"[..])] {
            let server = Server::by(|_| Reply::status(302, "Location: /second"));
            let url = server.url("first");
            let request = Request {
                url: &url,
                headers: Vec::new(),
                named_by: None,
                stall,
                whole: None,
                proxies: &proxies,
            };
            let status = exchange(&request, body, &entry).map(|response| response.status);
            let asked = server.asked();
            assert_eq!((status, asked.len()), (Ok(302), 1));
            assert!(asked[0].to_lowercase().contains("x-token: secret"), "{asked:?}");
        }
        assert!(!format!("{entry:?}").contains("secret"), "{entry:?}");
    }

    #[test]
    fn authorities_are_certificates() {
        for pem in ["", "no", "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n"] {
            assert!(Authorities::of_pem(pem.as_bytes()).is_err(), "{pem}");
        }
    }

    #[test]
    fn the_whole_request_has_a_deadline() {
        let (proxies, stall) = (Proxies::default(), Duration::from_secs(60));
        for reply in [
            Reply { drips: true, ..Reply::file(b"{}") },
            Reply { drips_body: true, ..Reply::file(&[b' '; 200]) },
            Reply { breaks_after: Some(1), stalls: true, ..Reply::file(b"{}") },
        ] {
            let server = Server::start(vec![reply.clone(), reply]);
            let whole = Some(Duration::from_millis(300));
            let url = server.url("x");
            let request = Request {
                url: &url,
                headers: Vec::new(),
                named_by: None,
                stall,
                whole,
                proxies: &proxies,
            };
            for opened in [exchange(&request, Some(b"{}"), &Entry::default()), open(&request)] {
                let read = opened
                    .map(|mut response| response.body.read_to_end(&mut Vec::new()).map_err(drop));
                let is_late =
                    matches!(&read, Err(Failure::Failed(reason)) if reason.why.contains("in time"));
                assert!(is_late || matches!(read, Ok(Err(()))), "{read:?}");
            }
        }
    }
}
