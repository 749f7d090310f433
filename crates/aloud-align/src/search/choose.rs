//! Which places are hits: those that are more than chance, apart from each other.

use super::bind::Binding;
use super::lattice::Lattice;
use super::trace::{self, Place};
use super::{Hit, Match, Text};

/// Of what a phrase tells this share has to be there.
pub(super) const SHARE: f32 = 0.47;
/// How much more than chance a place has to tell, in nats.
const MARGIN: f32 = 1.5;
/// A word by itself has so many phones at least, and is so alike, where one in some twenty thousand
/// words is it by chance.
const LONG: f32 = 2.5;
const ALIKE: f32 = 0.8;
/// What sounds the same is at least so alike: see
/// [`Lexicon::similarity`](crate::words::Lexicon::similarity).
const SAME_SOUND: f32 = 0.9;
/// For every so many words of the phrase that are there one other may stand between them: a
/// recogniser makes two words of one, and not a sentence of three.
const THERE: usize = 2;
/// Where the phrase itself stands in a text, what is only like it has to have so much of it: it is
/// no mishearing for want of the right one.
const LIKE: f32 = 0.66;
/// A suggestion may be as little of the phrase as this.
const SUGGESTED: f32 = 0.25;

/// The places of `lattice` in `text`; they may overlap.
pub(super) fn hits(text: &Text, lattice: &Lattice) -> Vec<Hit> {
    let binding = Binding::new(text, lattice, SHARE);
    let places = trace::places(text, &binding)
        .into_iter()
        .filter(|place| is_telling(place, &binding, lattice));
    let mut hits: Vec<Hit> = places.map(|place| hit(text, &place, lattice)).collect();
    if hits.iter().any(|hit| hit.kind != Match::Near && hit.score >= 1.0) {
        hits.retain(|hit| hit.kind != Match::Near || hit.score >= LIKE);
    }
    hits
}

/// What is least unlike `lattice`, be it chance or not.
pub(super) fn nearest(text: &Text, lattice: &Lattice) -> Vec<Hit> {
    let binding = Binding::new(text, lattice, SUGGESTED);
    trace::places(text, &binding).into_iter().map(|place| hit(text, &place, lattice)).collect()
}

/// Whether more is there than chance would bring.
fn is_telling(place: &Place, binding: &Binding, lattice: &Lattice) -> bool {
    if place.worst >= 1.0 {
        return true;
    }
    if place.n_there < THERE * place.n_added {
        return false;
    }
    if let Some(phones) = lattice.single_word() {
        return phones >= LONG && place.worst >= ALIKE;
    }
    place.loss <= (1.0 - SHARE) * place.total && place.told >= binding.n_nats + MARGIN
}

fn hit(text: &Text, place: &Place, lattice: &Lattice) -> Hit {
    let kind = match place.worst {
        1.0 if !lattice.is_pinyin => Match::Exact,
        SAME_SOUND.. => Match::Sound,
        _ => Match::Near,
    };
    let score =
        if place.total > 0.0 { (1.0 - place.loss / place.total).clamp(0.0, 1.0) } else { 1.0 };
    let words = text.widened(&place.words, place.n_before, place.n_after);
    Hit { span: text.span(&words), words, kind, score }
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
