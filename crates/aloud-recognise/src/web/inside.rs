//! Who may send us where: what is public leads nowhere that only this machine or its network can
//! reach.
//!
//! A name is judged before it is asked, and once more by the addresses that the connection is made
//! to: somebody's own name server may tell one address to whoever judges, and another to whoever
//! asks (DNS rebinding).

use crate::address::encoded;
use std::net::{IpAddr, ToSocketAddrs};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use ureq::config::Config;
use ureq::http::Uri;
use ureq::unversioned::resolver::{ResolvedSocketAddrs, Resolver};
use ureq::unversioned::transport::NextTimeout;

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

/// Whether a public server sends us on to what only this machine or its network can reach. Who asks
/// for a private address is sent on as ever. A name that stands for addresses of both kinds counts
/// as what it is worse to take it for: as a place to go for private, and as one who sends for
/// public, or else anybody could give himself a private address beside the own one.
fn leads_inside(first: &Uri, next: &Uri, addresses: &dyn Fn(&str) -> Vec<IpAddr>) -> bool {
    // Whoever asked for it has said where it lies.
    !is_same_place(first, next) && is_private(next, addresses) && is_public(first, addresses)
}

/// Whether both are one service of one host: another port is another service.
pub(super) fn is_same_place(one: &Uri, other: &Uri) -> bool {
    let place = |uri: &Uri| {
        (uri.host().map(str::to_lowercase), uri.port_u16().filter(|port| ![80, 443].contains(port)))
    };
    place(one) == place(other)
}

/// Whether somebody who sends us on counts as public.
pub(super) fn is_public(sender: &Uri, addresses: &dyn Fn(&str) -> Vec<IpAddr>) -> bool {
    let own = all_inside(sender, addresses);
    own.is_empty() || own.contains(&false)
}

/// Whether an address is a private one, or its name stands for one.
pub(super) fn is_private(uri: &Uri, addresses: &dyn Fn(&str) -> Vec<IpAddr>) -> bool {
    all_inside(uri, addresses).contains(&true)
}

fn all_inside(uri: &Uri, addresses: &dyn Fn(&str) -> Vec<IpAddr>) -> Vec<bool> {
    uri.host().map(|host| inside(host, addresses)).unwrap_or_default()
}

/// Whether the addresses of a host are private, one by one.
fn inside(host: &str, addresses: &dyn Fn(&str) -> Vec<IpAddr>) -> Vec<bool> {
    let host =
        host.trim_start_matches('[').trim_end_matches(']').trim_end_matches('.').to_lowercase();
    if ["localhost", "local", "internal"]
        .iter()
        .any(|end| host == *end || host.ends_with(&format!(".{end}")))
    {
        return vec![true];
    }
    host.parse()
        .map_or_else(|_| addresses(&host), |address| vec![address])
        .into_iter()
        .map(is_inside)
        .collect()
}

/// Addresses that are no one's on the public net (RFC 6890): this host, private networks, links,
/// shared ones of providers, groups of hosts, and what is reserved; also where one of the older
/// kind stands within one of the newer.
fn is_inside(address: IpAddr) -> bool {
    match address.to_canonical() {
        IpAddr::V4(v4) => {
            let [a, b, c, _] = v4.octets();
            let is_special =
                matches!((a, b, c), (0, ..) | (100, 64..128, _) | (192, 0, 0) | (224.., ..));
            v4.is_private() || v4.is_loopback() || v4.is_link_local() || is_special
        }
        IpAddr::V6(v6) => {
            let parts = v6.segments();
            let older = |high: u16, low: u16| {
                is_inside(IpAddr::V4((u32::from(high) << 16 | u32::from(low)).into()))
            };
            match parts {
                // 6to4, what NAT64 translates, and addresses as they were once written.
                [0x2002, high, low, ..] | [0x64, 0xff9b, 0, 0, 0, 0, high, low] => older(high, low),
                [0, 0, 0, 0, 0, 0, high, low] => high == 0 || older(high, low),
                [first, ..] => {
                    matches!(first >> 8, 0xfc | 0xfd | 0xff)
                        || matches!(first & 0xffc0, 0xfe80 | 0xfec0)
                }
            }
        }
    }
}

/// What a name stands for; nothing where that cannot be found out, as behind some proxies.
pub(super) fn addresses(host: &str) -> Vec<IpAddr> {
    (host, 0)
        .to_socket_addrs()
        .map(|found| found.map(|found| found.ip()).collect())
        .unwrap_or_default()
}

/// Where a name leads when a connection is made.
#[derive(Clone, Debug)]
pub(super) struct Guard {
    /// Who knows the addresses of a name.
    pub(super) names: Arc<dyn Resolver>,
    /// Whether no connection is made to a private address.
    pub(super) is_closed: bool,
    /// Whether a private address was met.
    pub(super) met: Arc<AtomicBool>,
}

impl Resolver for Guard {
    fn resolve(
        &self,
        uri: &Uri,
        config: &Config,
        timeout: NextTimeout,
    ) -> Result<ResolvedSocketAddrs, ureq::Error> {
        let found = self.names.resolve(uri, config, timeout)?;
        let is_private = found.iter().any(|address| is_inside(address.ip()));
        self.met.fetch_or(is_private, Ordering::Relaxed);
        if is_private && self.is_closed { Err(ureq::Error::HostNotFound) } else { Ok(found) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

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
            // Who has a private address beside a public one is public when he sends, and private
            // when somebody is sent there.
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
}
