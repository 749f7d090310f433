//! A web page in place of a feed: where does it say that its feeds are?

use super::draft::unescaped;
use crate::address::resolve;

/// So many tags are looked at from the beginning.
const MOST_TAGS: usize = 5000;
/// A longer tag names no feed; in bytes.
const LONGEST_TAG: usize = 8 << 10;
/// Nobody chooses among more.
const MOST_FEEDS: usize = 50;

/// Whether `text` is a web page.
pub(super) fn is_one(text: &str) -> bool {
    let head: String = text.trim_start().chars().take(2000).collect::<String>().to_lowercase();
    head.starts_with("<!doctype html") || head.contains("<html")
}

/// The addresses of the feeds that the page `text` from `base` names in its head.
pub(super) fn feeds(text: &str, base: &str) -> Vec<String> {
    let mut found = Vec::new();
    for (at, _) in text.match_indices('<').take(MOST_TAGS) {
        if !text[at..].get(..5).is_some_and(|name| name.eq_ignore_ascii_case("<link")) {
            continue;
        }
        let Some(end) = text[at..].bytes().take(LONGEST_TAG).position(|byte| byte == b'>') else {
            continue;
        };
        let tag = &text[at..at + end];
        let value = |name: &str| attribute(tag, name);
        let is_feed = value("type").is_some_and(|kind| {
            matches!(kind.as_str(), "application/rss+xml" | "application/atom+xml")
        });
        let is_alternate =
            value("rel").is_some_and(|rel| rel.split_whitespace().any(|rel| rel == "alternate"));
        if let (true, true, Some(url)) =
            (is_feed, is_alternate, value("href").and_then(|href| resolve(base, &href)))
            && found.len() < MOST_FEEDS
            && !found.contains(&url)
        {
            found.push(url);
        }
    }
    found
}

/// The value of the attribute `name` of a tag as people write them.
fn attribute(tag: &str, name: &str) -> Option<String> {
    let lower = tag.to_ascii_lowercase();
    let at = lower.match_indices(name).map(|(at, _)| at).find(|at| {
        let before = lower[..*at].chars().next_back();
        before.is_some_and(char::is_whitespace)
            && lower[at + name.len()..].trim_start().starts_with('=')
    })?;
    let value = tag[at + name.len()..].trim_start().strip_prefix('=')?.trim_start();
    let inner = match value.chars().next()? {
        quote @ ('"' | '\'') => value[1..].split(quote).next()?,
        _ => value.split(|c: char| c.is_whitespace() || c == '>').next()?.trim_end_matches('/'),
    };
    Some(unescaped(inner))
}
