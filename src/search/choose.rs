//! Which places are hits: those that are more than chance, apart from each other.

use super::bind::Binding;
use super::net::Net;
use super::trace::{self, Place};
use super::{Hit, Match, Text};

/// Of what a phrase tells this share has to be there.
pub(super) const SHARE: f32 = 0.5;
/// How much more than chance a place has to tell, in nats: one in twenty texts has a place by chance.
const MARGIN: f32 = 3.0;
/// What sounds the same is at least so alike: see [`Lexicon::similarity`](crate::words::Lexicon::similarity).
const SAME_SOUND: f32 = 0.9;
/// A suggestion may be as little of the phrase as this.
const SUGGESTED: f32 = 0.25;

/// The places of `net` in `text`; they may overlap.
pub(super) fn hits(text: &Text, net: &Net) -> Vec<Hit> {
    let binding = Binding::new(text, net, SHARE);
    let places = trace::places(text, &binding).into_iter().filter(|place| is_telling(place, &binding));
    places.map(|place| hit(text, place, net)).collect()
}

/// What is least unlike `net`, be it chance or not.
pub(super) fn nearest(text: &Text, net: &Net) -> Vec<Hit> {
    let binding = Binding::new(text, net, SUGGESTED);
    trace::places(text, &binding).into_iter().map(|place| hit(text, place, net)).collect()
}

/// Whether more is there than chance would bring.
fn is_telling(place: &Place, binding: &Binding) -> bool {
    place.worst >= 1.0 || place.total - place.loss >= binding.n_nats + MARGIN
}

fn hit(text: &Text, place: Place, net: &Net) -> Hit {
    let kind = match place.worst {
        1.0 if !net.is_pinyin => Match::Exact,
        SAME_SOUND.. => Match::Sound,
        _ => Match::Near,
    };
    let score = if place.total > 0.0 { (1.0 - place.loss / place.total).clamp(0.0, 1.0) } else { 1.0 };
    Hit { span: text.span(&place.words), words: place.words, kind, score }
}

/// The best of those that overlap, in the order of the text.
pub(super) fn apart(text: &Text, mut hits: Vec<Hit>) -> Vec<Hit> {
    hits.sort_by(|a, b| {
        (b.score.total_cmp(&a.score))
            .then(a.kind.cmp(&b.kind))
            .then(a.words.len().cmp(&b.words.len()))
            .then(a.words.start.cmp(&b.words.start))
    });
    let mut is_taken = vec![false; text.len()];
    hits.retain(|hit| {
        let is_free = !is_taken[hit.words.clone()].contains(&true);
        if is_free {
            is_taken[hit.words.clone()].fill(true);
        }
        is_free
    });
    hits.sort_by_key(|hit| hit.words.start);
    hits
}
