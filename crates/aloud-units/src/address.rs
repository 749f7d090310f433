//! Addresses of the web (RFC 3986): what a reference means where it stands, and how it is sent.

use std::fmt::Write;

/// No address is longer, in bytes; servers refuse them from half of it on.
const LONGEST: usize = 16 << 10;

/// The `http` or `https` address that `reference` means in a document from `base`; `None` where it
/// means none, and for what is longer than addresses are.
pub fn resolve(base: &str, reference: &str) -> Option<String> {
    if base.len() > LONGEST || reference.len() > LONGEST {
        return None;
    }
    let reference: String =
        reference.trim().chars().filter(|c| !crate::printable::is_harmful(*c)).collect();
    let reference = reference.split('#').next().unwrap_or_default();
    if reference.is_empty() {
        return None;
    }
    let whole = match scheme(reference) {
        Some(_) => reference.to_owned(),
        None => joined(base, reference)?,
    };
    let (name, rest) = whole.split_once("://")?;
    let name = name.to_ascii_lowercase();
    let has_host = !rest.is_empty() && !rest.starts_with(['/', '?']);
    (matches!(name.as_str(), "http" | "https") && has_host)
        .then(|| format!("{name}://{}", encoded(rest)))
}

/// The scheme that `text` begins with.
fn scheme(text: &str) -> Option<&str> {
    let (name, _) = text.split_once(':')?;
    let is_one = name.starts_with(|c: char| c.is_ascii_alphabetic())
        && name.chars().all(|c| c.is_ascii_alphanumeric() || "+-.".contains(c));
    is_one.then_some(name)
}

/// A reference without a scheme, from where it stands.
fn joined(base: &str, reference: &str) -> Option<String> {
    let base = base.split('#').next()?;
    let (scheme, rest) = base.split_once("://")?;
    if let Some(rest) = reference.strip_prefix("//") {
        return Some(format!("{scheme}://{rest}"));
    }
    let at = rest.find(['/', '?']).unwrap_or(rest.len());
    let (host, path) = rest.split_at(at);
    let (path, _) = path.split_once('?').unwrap_or((path, ""));
    if reference.starts_with('?') {
        return Some(format!("{scheme}://{host}{path}{reference}"));
    }
    let (own, query) = reference.find('?').map_or((reference, ""), |at| reference.split_at(at));
    let folder = if own.starts_with('/') {
        ""
    } else {
        path.rsplit_once('/').map_or("", |(folder, _)| folder)
    };
    let mut parts: Vec<&str> = Vec::new();
    let mut own_parts: Vec<&str> = own.strip_prefix('/').unwrap_or(own).split('/').collect();
    // What ends with a folder ends with a slash.
    let is_folder = matches!(own_parts.last(), Some(&("" | "." | "..")));
    if own_parts.last() == Some(&"") {
        own_parts.pop();
    }
    let folder = folder.strip_prefix('/').into_iter().flat_map(|folder| folder.split('/'));
    for part in folder.chain(own_parts) {
        match part {
            ".." => drop(parts.pop()),
            "." => {}
            part => parts.push(part),
        }
    }
    let end = if is_folder && !parts.is_empty() { "/" } else { "" };
    Some(format!("{scheme}://{host}/{}{end}{query}", parts.join("/")))
}

/// An address as a person copies it, with spaces and letters of all scripts, as it is sent.
pub fn encoded(text: &str) -> String {
    percent(text.trim(), |byte| byte.is_ascii_graphic() && !b"\"<>\\^`{|}".contains(&byte))
}

/// `text` with a percent code (RFC 3986, 2.1) for every byte that is not plain.
pub fn percent(text: &str, is_plain: impl Fn(u8) -> bool) -> String {
    let mut sent = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii() && is_plain(byte) {
            sent.push(char::from(byte));
        } else {
            // Writing to memory does not fail.
            let _ = write!(sent, "%{byte:02X}");
        }
    }
    sent
}

/// The other way round: every percent code as the byte that it means. Text that is no UTF-8 then
/// stays as it is.
pub fn percent_decoded(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    let digit = |byte: u8| char::from(byte).to_digit(16);
    while let [first, after @ ..] = rest {
        let code = match after {
            [high, low, ..] if *first == b'%' => digit(*high).zip(digit(*low)),
            _ => None,
        };
        bytes.push(code.map_or(*first, |(high, low)| (high * 16 + low) as u8));
        rest = if code.is_some() { &after[2..] } else { after };
    }
    String::from_utf8(bytes).unwrap_or_else(|_| text.to_owned())
}

#[cfg(test)]
mod tests {
    use super::{encoded, percent, percent_decoded, resolve};

    #[test]
    fn references() {
        for (reference, want) in [
            ("https://b.org/x.mp3?t=1#part", Some("https://b.org/x.mp3?t=1")),
            ("HTTP://b.org/x", Some("http://b.org/x")),
            ("//b.org/x", Some("https://b.org/x")),
            ("/x.mp3", Some("https://a.net/x.mp3")),
            ("x.mp3", Some("https://a.net/shows/one/x.mp3")),
            ("../two/x.mp3", Some("https://a.net/shows/two/x.mp3")),
            ("../../../../x.mp3?u=http://c/", Some("https://a.net/x.mp3?u=http://c/")),
            ("./", Some("https://a.net/shows/one/")),
            ("/get//2026/x.mp3", Some("https://a.net/get//2026/x.mp3")),
            ("/proxy/https://c.net/x.mp3", Some("https://a.net/proxy/https://c.net/x.mp3")),
            ("a//", Some("https://a.net/shows/one/a//")),
            ("..", Some("https://a.net/shows/")),
            ("?page=2", Some("https://a.net/shows/one/feed.xml?page=2")),
            ("  x y\u{202e}課.mp3\n", Some("https://a.net/shows/one/x%20y%E8%AA%B2.mp3")),
            ("https://b.org", Some("https://b.org")),
            ("ftp://b.org/x", None),
            ("mailto:x@y", None),
            ("javascript:alert(1)", None),
            ("http://", None),
            ("http:///x", None),
            ("#top", None),
            ("", None),
        ] {
            assert_eq!(
                resolve("https://a.net/shows/one/feed.xml?v=1#a", reference).as_deref(),
                want,
                "{reference}"
            );
        }
        assert_eq!(resolve("https://a.net", "x").as_deref(), Some("https://a.net/x"));
        assert_eq!(resolve("nowhere", "x"), None);
        let long = "x".repeat(20_000);
        assert_eq!(
            (resolve("https://a.net", &long), resolve(&format!("https://a.net/{long}"), "x")),
            (None, None)
        );
    }

    #[test]
    fn as_they_are_sent() {
        assert_eq!(
            encoded(" https://a.org/路 徑?q=%41&b={x}"),
            "https://a.org/%E8%B7%AF%20%E5%BE%91?q=%41&b=%7Bx%7D"
        );
        assert_eq!(percent("a/路 b", |byte| byte != b' '), "a/%E8%B7%AF%20b");
    }

    #[test]
    fn as_they_were_meant() {
        for (sent, want) in [
            ("a/%E8%B7%AF%20b", "a/路 b"),
            ("me:se%40cret", "me:se@cret"),
            ("%2f%2F", "//"),
            ("100%:5%zz%+1%4", "100%:5%zz%+1%4"),
            ("%FF%20", "%FF%20"),
            ("", ""),
        ] {
            assert_eq!(percent_decoded(sent), want, "{sent}");
        }
    }
}
