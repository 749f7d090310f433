//! One question to one server, and to those it sends us on to.
//!
//! Redirects are followed here rather than by the HTTP client, since Hugging Face states a file's
//! SHA-256 only on the answer that redirects, and so that an encrypted way stays one.

use super::{Failure, Headers, Request, Response};
use crate::address::{encoded, resolve};
use std::net::{IpAddr, ToSocketAddrs};
use std::time::{Duration, Instant};
use ureq::http::Uri;
use ureq::{Agent, Body, Error, Proxy};

/// Enough for Hugging Face (two) and for mirrors of mirrors.
const MOST_REDIRECTS: usize = 10;
/// The heads of all answers on the way together may last so many times the silence after which a connection is broken: who sends
/// a line now and then is never silent.
const HEADS_STALLS: u32 = 3;

/// Asks with GET and follows redirects to the answer that counts, whatever its status.
///
/// # Errors
/// [`Failure`], for no answer at all.
pub fn open(request: &Request<'_>) -> Result<Response, Failure> {
    let first: Uri = request.url.parse().map_err(|error| Failure::Hopeless(format!("{error}")))?;
    let (mut url, mut hops, mut moved, mut is_for_good) = (first.clone(), Vec::new(), None, true);
    let begin = Instant::now();
    for _ in 0..=MOST_REDIRECTS {
        let response = ask(request, &url, left(request, begin)?)?;
        let status = response.status().as_u16();
        hops.push(headers(&response));
        if matches!(status, 301 | 302 | 303 | 307 | 308) {
            let location = hops.last().and_then(|headers| headers.get("location")).unwrap_or_default();
            url = join(&url, location).map_err(Failure::Hopeless)?;
            if leads_inside(&first, &url, &addresses) {
                let why = format!("`{first}` leads to `{url}`, which is in a private network; name that address itself if it is meant");
                return Err(Failure::Hopeless(why));
            }
            is_for_good &= matches!(status, 301 | 308);
            if is_for_good {
                moved = Some(url.to_string());
            }
            continue;
        }
        return Ok(Response { status, hops, url: url.to_string(), moved, body: Box::new(response.into_body().into_reader()) });
    }
    Err(Failure::Hopeless(format!("it leads on and on, more than {MOST_REDIRECTS} times")))
}

/// The time that is left for heads.
fn left(request: &Request<'_>, begin: Instant) -> Result<Duration, Failure> {
    let left = (request.stall * HEADS_STALLS).saturating_sub(begin.elapsed());
    if left.is_zero() { Err(Failure::Failed("no answer came in time".into())) } else { Ok(left) }
}

/// Whether what a public address names lies where only this machine or its network can reach it.
pub fn is_led_inside(from: &str, to: &str) -> bool {
    // As they are sent; where what sends is no address at all, better not there.
    match (encoded(from).parse(), encoded(to).parse()) {
        (Ok(from), Ok(to)) => leads_inside(&from, &to, &addresses),
        // It is refused with its own reason when it is asked.
        (_, Err(_)) => false,
        (Err(_), Ok(_)) => true,
    }
}

/// Whether a public server sends us on to what only this machine or its network can reach. Who asks for a private address is
/// sent on as ever. A name that stands for addresses of both kinds counts as what it is worse to take it for: as a place to go
/// for private, and as one who sends for public, or else anybody could give himself a private address beside the own one.
fn leads_inside(first: &Uri, next: &Uri, addresses: &dyn Fn(&str) -> Vec<IpAddr>) -> bool {
    // Whoever asked for it has said where it lies. Another port of a host is another service.
    let place = |uri: &Uri| (uri.host().map(str::to_lowercase), uri.port_u16().filter(|port| ![80, 443].contains(port)));
    if place(first) == place(next) {
        return false;
    }
    let inside = |uri: &Uri| uri.host().map(|host| inside(host, addresses)).unwrap_or_default();
    if !inside(next).contains(&true) {
        return false;
    }
    let own = inside(first);
    own.is_empty() || own.contains(&false)
}

/// Whether the addresses of a host are private, one by one.
fn inside(host: &str, addresses: &dyn Fn(&str) -> Vec<IpAddr>) -> Vec<bool> {
    let host = host.trim_start_matches('[').trim_end_matches(']').trim_end_matches('.').to_lowercase();
    if ["localhost", "local", "internal"].iter().any(|end| host == *end || host.ends_with(&format!(".{end}"))) {
        return vec![true];
    }
    host.parse().map_or_else(|_| addresses(&host), |address| vec![address]).into_iter().map(is_inside).collect()
}

/// Addresses that are no one's on the public net (RFC 6890): this host, private networks, links, shared ones of providers, groups
/// of hosts, and what is reserved; also where one of the older kind stands within one of the newer.
fn is_inside(address: IpAddr) -> bool {
    match address.to_canonical() {
        IpAddr::V4(v4) => {
            let [a, b, c, _] = v4.octets();
            let is_special = matches!((a, b, c), (0, ..) | (100, 64..128, _) | (192, 0, 0) | (224.., ..));
            v4.is_private() || v4.is_loopback() || v4.is_link_local() || is_special
        }
        IpAddr::V6(v6) => {
            let parts = v6.segments();
            let older = |high: u16, low: u16| is_inside(IpAddr::V4((u32::from(high) << 16 | u32::from(low)).into()));
            match parts {
                // 6to4, what NAT64 translates, and addresses as they were once written.
                [0x2002, high, low, ..] | [0x64, 0xff9b, 0, 0, 0, 0, high, low] => older(high, low),
                [0, 0, 0, 0, 0, 0, high, low] => high == 0 || older(high, low),
                [first, ..] => matches!(first >> 8, 0xfc | 0xfd | 0xff) || matches!(first & 0xffc0, 0xfe80 | 0xfec0),
            }
        }
    }
}

/// What a name stands for; nothing where that cannot be found out, as behind some proxies.
fn addresses(host: &str) -> Vec<IpAddr> {
    (host, 0).to_socket_addrs().map(|found| found.map(|found| found.ip()).collect()).unwrap_or_default()
}

/// Sends `body` with POST to one address. Where it is sent on to another, that is a refusal: what was posted once is not posted
/// elsewhere.
///
/// # Errors
/// [`Failure`], for no answer at all.
pub fn post(request: &Request<'_>, body: &[u8]) -> Result<Response, Failure> {
    let url: Uri = request.url.parse().map_err(|error| Failure::Hopeless(format!("{error}")))?;
    let (agent, host) = agent(request, &url, request.stall * HEADS_STALLS)?;
    let asked = request.headers.iter().fold(agent.post(&url), |asked, (name, value)| asked.header(*name, value));
    let response = asked.send(body).map_err(|error| failure(error, &host))?;
    let (status, hops) = (response.status().as_u16(), vec![headers(&response)]);
    Ok(Response { status, hops, url: url.to_string(), moved: None, body: Box::new(response.into_body().into_reader()) })
}

fn headers(response: &ureq::http::Response<Body>) -> Headers {
    let lines = response.headers().iter();
    Headers(lines.filter_map(|(name, value)| Some((name.as_str().to_owned(), value.to_str().ok()?.to_owned()))).collect())
}

fn ask(request: &Request<'_>, url: &Uri, head: Duration) -> Result<ureq::http::Response<Body>, Failure> {
    let (agent, host) = agent(request, url, head)?;
    let asked = request.headers.iter().fold(agent.get(url), |asked, (name, value)| asked.header(*name, value));
    asked.call().map_err(|error| failure(error, &host))
}

/// A client for one request, whose head may last as long as `head`, and the host that it will speak to.
fn agent(request: &Request<'_>, url: &Uri, head: Duration) -> Result<(Agent, String), Failure> {
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
        .timeout_recv_response(Some(head))
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
    if location.split('#').next().unwrap_or_default().is_empty() {
        return Err(format!("`{base}` leads nowhere"));
    }
    let none = || format!("`{base}` leads to an address that is none");
    let uri: Uri = resolve(&base.to_string(), location).ok_or_else(none)?.parse().map_err(|_| none())?;
    if base.scheme_str() == Some("https") && uri.scheme_str() != Some("https") {
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
    fn nobody_is_sent_into_a_private_network() {
        let known = |host: &str| match host {
            "public.org" => vec!["93.184.216.34".parse().unwrap()],
            "rebound.org" => vec!["93.184.216.34".parse().unwrap(), "10.0.0.7".parse().unwrap()],
            "intra.net" => vec!["192.168.1.5".parse().unwrap()],
            _ => Vec::new(),
        };
        for (first, next, want) in [
            ("https://public.org/", "https://public.org/x", false),
            ("https://public.org/", "https://unknown.org/x", false),
            ("https://public.org/", "https://93.184.216.35/", false),
            ("https://public.org/", "https://172.32.0.1/", false),
            ("https://public.org/", "https://[2606:2800::1]/", false),
            ("https://public.org/", "https://intra.net/", true),
            ("https://public.org/", "https://rebound.org/", true),
            ("https://public.org/", "http://127.0.0.1:8080/", true),
            ("https://public.org/", "http://169.254.169.254/latest/meta-data", true),
            ("https://public.org/", "http://100.64.0.1/", true),
            ("https://public.org/", "http://0.0.0.0/", true),
            ("https://public.org/", "http://LOCALHOST./", true),
            ("https://public.org/", "http://printer.local/", true),
            ("https://public.org/", "http://[::1]/", true),
            ("https://public.org/", "http://[::ffff:10.1.2.3]/", true),
            ("https://public.org/", "http://[fd00::1]/", true),
            ("https://public.org/", "http://[fe80::1]/", true),
            // Who has a private address beside a public one is public when he sends, and private when somebody is sent there.
            ("http://rebound.org/feed", "https://Rebound.org/feed/", false),
            ("https://rebound.org/", "https://rebound.org:8443/", true),
            ("https://rebound.org/", "http://10.0.0.1/", true),
            ("https://unknown.org/", "http://10.0.0.1/", true),
            ("https://public.org/", "http://[64:ff9b::a00:1]/", true),
            ("https://public.org/", "http://[64:ff9b::5db8:d822]/", false),
            ("https://public.org/", "http://[2002:c0a8:1::]/", true),
            ("https://public.org/", "http://[::10.0.0.1]/", true),
            ("https://public.org/", "http://[::]/", true),
            ("https://public.org/", "http://[fec0::1]/", true),
            ("https://public.org/", "http://[ff02::1]/", true),
            ("https://public.org/", "http://239.1.2.3/", true),
            ("https://public.org/", "http://255.255.255.255/", true),
            // Proxies answer with these for names of the public net.
            ("https://public.org/", "http://198.18.0.1/", false),
            ("https://public.org/", "http://192.0.2.1/", false),
            ("https://intra.net/", "http://10.0.0.1/", false),
            ("http://127.0.0.1:1/", "http://127.0.0.1:2/", false),
        ] {
            let (first, next): (Uri, Uri) = (first.parse().unwrap(), next.parse().unwrap());
            assert_eq!(leads_inside(&first, &next, &known), want, "{first} to {next}");
        }
    }

    #[test]
    fn what_is_named_is_judged_as_it_is_sent() {
        for (from, to, want) in [
            ("https://93.184.216.34/feed", "http://127.0.0.1/a b.mp3", true),
            ("https://93.184.216.34/課", "http://10.0.0.1/課.mp3", true),
            ("https://93.184.216.34/", "https://93.184.216.35/a b.mp3", false),
            ("http://127.0.0.1/a b", "http://127.0.0.1/", false),
            ("https://93.184.216.34/", "https://b\u{fc}cher.example/", false),
            ("no address", "http://10.0.0.1/", true),
        ] {
            assert_eq!(is_led_inside(from, to), want, "{from} to {to}");
        }
    }

    #[test]
    fn passwords_are_not_shown() {
        assert_eq!(without_password("http://me:secret@host:1"), "…@host:1");
    }
}
