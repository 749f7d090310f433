//! Which links are chance?
//!
//! In two stretches that have nothing to do with each other, an advertisement and a passage that
//! was left out, some words agree all the same. What stands alone between two long gaps must agree
//! in more than that.

use super::path::{Link, STRONG};
use super::texts::Texts;

/// A gap between links that is longer than this on either side, in tokens, sets them apart.
const APART: usize = 8;
/// The worth of links that a group apart needs at least, and more between longer gaps: three rare
/// words.
const NEEDED: f32 = 5.0;
/// What it needs if the gaps around it are as long in both texts, as where a passage was misheard:
/// more than one.
const NEEDED_WITHIN: f32 = 2.6;
/// A misheard passage is not longer than this, in tokens.
const MISHEARD: usize = 24;

/// Leaves those links that chance does not explain. Links below [`STRONG`] are left as they are
/// within a group.
pub(super) fn keep(texts: &Texts, links: Vec<Link>) -> Vec<Link> {
    let strong: Vec<Link> =
        links.iter().copied().filter(|link| link.similarity >= STRONG).collect();
    let groups: Vec<&[Link]> = strong.chunk_by(|a, b| !is_apart(a, b)).collect();
    let end = (texts.written.len(), texts.spoken.len());
    let mut kept = Vec::new();
    for (index, group) in groups.iter().enumerate() {
        let before = index.checked_sub(1).map_or((0, 0), |before| after(groups[before].last()));
        let next = groups.get(index + 1).map_or(end, |next| (next[0].written, next[0].spoken));
        let (first, last) = ((group[0].written, group[0].spoken), after(group.last()));
        let room = |from: (usize, usize), until: (usize, usize)| {
            until.0.saturating_sub(from.0).min(until.1.saturating_sub(from.1)) as f32
        };
        let worth: f32 = group.iter().map(|link| worth(texts, link)).sum();
        let is_within =
            index > 0 && index + 1 < groups.len() && is_even(before, first) && is_even(last, next);
        let needed = if is_within {
            NEEDED_WITHIN
        } else {
            NEEDED + 0.5 * (1.0 + room(before, first) * room(last, next) / 100.0).ln()
        };
        // A short text, all of which agrees, has no more to offer.
        let most = 0.6 * 2.0 * texts.written.len().min(texts.spoken.len()) as f32;
        if worth >= needed.min(most) {
            kept.push(first.0..last.0);
        }
    }
    let mut kept = kept.into_iter().peekable();
    let is_kept = |link: &Link| {
        while kept.next_if(|range| range.end <= link.written).is_some() {}
        kept.peek().is_some_and(|range| range.contains(&link.written))
    };
    links.into_iter().filter(is_kept).collect()
}

fn is_apart(a: &Link, b: &Link) -> bool {
    let (written, spoken) = after(Some(a));
    (b.written - written).max(b.spoken - spoken) > APART
}

/// Whether a gap may be a misheard passage: not long, and about as long in both texts.
fn is_even(from: (usize, usize), until: (usize, usize)) -> bool {
    let (a, b) = (until.0 - from.0, until.1 - from.1);
    a.max(b) <= MISHEARD && 3 * a.min(b) >= 2 * a.max(b)
}

fn after(link: Option<&Link>) -> (usize, usize) {
    link.map_or((0, 0), |link| (link.written + link.n_written, link.spoken + link.n_spoken))
}

/// What a link tells: twice the weight of its words, less where they only sound alike.
fn worth(texts: &Texts, link: &Link) -> f32 {
    let similarity = if link.similarity < 1.0 { 0.8 * link.similarity } else { 1.0 };
    2.0 * similarity * texts.weight(texts.written[link.written].id)
}
