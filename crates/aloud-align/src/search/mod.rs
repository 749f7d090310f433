//! Where is this phrase?
//!
//! A [`Text`] is prepared once; any number of [`Query`]s are put to it. The same words are found
//! however they are written, as [`words`](crate::words) decides; what is merely alike (misheard,
//! misspelt, a word missing) is found where the likeness is more than chance. Pure: this room never
//! knows where a text comes from, nor what is done with a hit.
//!
//! A query is a lattice of tokens with a way through it for each reading. `bind` holds its tokens
//! against those of a text, `trace` finds the runs of the text that lie nearest to a way through
//! the lattice, `choose` keeps those that are no chance.

mod bind;
mod both;
mod choose;
mod lattice;
mod outline;
mod passage;
mod query;
mod text;
mod trace;

#[cfg(test)]
mod tests;

pub use both::{Side, spoken};
pub use outline::{Outline, Step};
pub use passage::{Context, Passage};
pub use query::{Options, Query, QueryError};
pub use text::{Body, Text};

use crate::time::Span;
use std::ops::Range;

/// How well a place fits a phrase; the best first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Match {
    /// The same words, however they are written.
    Exact,
    /// What sounds the same: homophones, and Chinese typed as pinyin.
    Sound,
    /// Something alike.
    Near,
}

impl Match {
    /// Its name in files and on the command line.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Exact => "exact",
            Self::Sound => "sound",
            Self::Near => "near",
        }
    }
}

/// A place where a phrase stands.
#[derive(Clone, Debug, PartialEq)]
pub struct Hit {
    /// The words of the text that it touches, at least one.
    pub words: Range<usize>,
    /// When they are spoken, from the first to the last of them that are; `None` where none is.
    pub span: Option<Span>,
    /// How well it fits.
    pub kind: Match,
    /// How much of the phrase is there, 0 to 1; 1 for every exact hit.
    pub score: f32,
}

impl Hit {
    /// Whether something else stands there than was looked for; what was typed by its sound is
    /// what was looked for.
    pub fn is_near(&self) -> bool {
        self.score < 1.0
    }
}

/// Every place of `query` in `text`, in the order of the text, apart from each other. An exact
/// place hides a near one that overlaps it.
pub fn find(text: &Text, query: &Query) -> Vec<Hit> {
    allowed(text, query, wanted(text, query))
}

/// Whether what `query` looks for stands in `text`, but only beside what it excludes.
pub fn is_barred(text: &Text, query: &Query) -> bool {
    let hits = wanted(text, query);
    !hits.is_empty() && allowed(text, query, hits).is_empty()
}

/// The places of `query`, whatever it excludes.
fn wanted(text: &Text, query: &Query) -> Vec<Hit> {
    let found = match query.pattern() {
        Some(pattern) => text.matches(pattern),
        None => query
            .lattices(text.numerals())
            .flat_map(|lattice| choose::hits(text, lattice))
            .collect(),
    };
    choose::apart(text, found)
}

/// Those of `hits` in whose sentences nothing stands that `query` excludes.
fn allowed(text: &Text, query: &Query, mut hits: Vec<Hit>) -> Vec<Hit> {
    let excluded = query.excluded(text);
    let is_excluded = |hit: &Hit| {
        let sentence = text.words_around(&hit.words);
        let after = excluded.partition_point(|place| place.start < sentence.start);
        excluded[after..]
            .iter()
            .take_while(|place| place.start < sentence.end)
            .any(|place| place.end <= sentence.end)
    };
    hits.retain(|hit| !is_excluded(hit));
    hits
}

/// What stands in `text` that is least unlike `query`, the best first, at most `n` different ones:
/// for somebody whose phrase was not found.
pub fn nearest(text: &Text, query: &Query, n: usize) -> Vec<Hit> {
    let mut found: Vec<Hit> = query
        .lattices(text.numerals())
        .flat_map(|lattice| choose::nearest(text, lattice))
        .collect();
    if found.iter().all(|hit| hit.score < choose::SHARE) {
        found.extend(
            query.words(text.numerals()).flat_map(|lattice| choose::nearest(text, &lattice)),
        );
    }
    let mut found = allowed(text, query, choose::apart(text, found));
    found.sort_by(|a, b| b.score.total_cmp(&a.score));
    let mut seen = Vec::new();
    found.retain(|hit| {
        let words = text.of(&hit.words).to_lowercase();
        let is_new = seen.len() < n && !seen.contains(&words);
        if is_new {
            seen.push(words);
        }
        is_new
    });
    found
}
