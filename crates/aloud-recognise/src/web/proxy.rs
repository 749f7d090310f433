//! Which proxy leads to a host, by the variables that other programs read too.
//!
//! Pure but for [`Proxies::of_environment`].

use std::env;

/// Proxy settings, as curl and most others understand them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Proxies {
    /// For `http` addresses (`HTTP_PROXY`).
    pub http: Option<String>,
    /// For `https` addresses (`HTTPS_PROXY`).
    pub https: Option<String>,
    /// For either, where the other is not set (`ALL_PROXY`).
    pub all: Option<String>,
    /// Hosts that are reached directly (`NO_PROXY`): names, which include their subdomains, or `*`.
    pub none: Option<String>,
}

impl Proxies {
    /// The user's settings; small letters go before capitals, and an empty variable is none.
    pub fn of_environment() -> Self {
        let get = |name: &str| {
            let value = |name: String| env::var(name).ok().filter(|value| !value.trim().is_empty());
            value(name.to_lowercase()).or_else(|| value(name.to_owned()))
        };
        Self {
            http: get("HTTP_PROXY"),
            https: get("HTTPS_PROXY"),
            all: get("ALL_PROXY"),
            none: get("NO_PROXY"),
        }
    }

    /// The proxy for an address with this scheme, host and port; `None` for the direct way.
    pub fn choose(&self, scheme: &str, host: &str, port: Option<u16>) -> Option<&str> {
        if self
            .none
            .as_deref()
            .is_some_and(|list| list.split(',').any(|rule| is_meant(rule.trim(), host, port)))
        {
            return None;
        }
        let own = if scheme.eq_ignore_ascii_case("https") { &self.https } else { &self.http };
        own.as_deref().or(self.all.as_deref()).map(str::trim)
    }
}

/// Whether a rule of `NO_PROXY` means this host.
fn is_meant(rule: &str, host: &str, port: Option<u16>) -> bool {
    if rule == "*" {
        return true;
    }
    let (name, rule_port) = match rule.rsplit_once(':') {
        // An address of the newer kind has colons of its own, and no port without brackets.
        Some((name, digits)) if !name.contains(':') || name.ends_with(']') => {
            match digits.parse::<u16>() {
                Ok(port) => (name, Some(port)),
                Err(_) => (rule, None),
            }
        }
        _ => (rule, None),
    };
    let bare = |text: &str| text.trim_start_matches('[').trim_end_matches(']').to_lowercase();
    let (name, host) = (bare(name.trim_start_matches("*.").trim_start_matches('.')), bare(host));
    let is_port = rule_port.is_none_or(|wanted| port == Some(wanted));
    !name.is_empty()
        && is_port
        && (host == name || host.strip_suffix(&name).is_some_and(|rest| rest.ends_with('.')))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn which_way() {
        let proxies = Proxies {
            http: Some("http://h:1".into()),
            https: Some("http://s:2".into()),
            all: Some("http://a:3".into()),
            none: Some("localhost, .example.org,mirror.net:8080,*.cn,[::1]".into()),
        };
        for (scheme, host, port, way) in [
            ("http", "huggingface.co", None, Some("http://h:1")),
            ("HTTPS", "huggingface.co", None, Some("http://s:2")),
            ("https", "LOCALHOST", None, None),
            ("https", "notlocalhost", None, Some("http://s:2")),
            ("https", "example.org", None, None),
            ("https", "a.b.example.org", None, None),
            ("https", "badexample.org", None, Some("http://s:2")),
            ("http", "mirror.net", Some(8080), None),
            ("http", "mirror.net", Some(80), Some("http://h:1")),
            ("http", "mirror.net", None, Some("http://h:1")),
            ("http", "x.cn", None, None),
            ("http", "[::1]", Some(80), None),
        ] {
            assert_eq!(proxies.choose(scheme, host, port), way, "{scheme} {host} {port:?}");
        }
        let only_all = Proxies { http: None, https: None, none: None, ..proxies.clone() };
        assert_eq!(only_all.choose("https", "x", None), Some("http://a:3"));
        assert_eq!(Proxies { none: Some("*".into()), ..proxies }.choose("https", "x", None), None);
        assert_eq!(Proxies::default().choose("https", "x", None), None);
    }
}
