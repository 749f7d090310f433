//! The hits of two texts of one episode, what was written and what was said, as one list.

use super::Hit;
use crate::align::Method;
use crate::reading::Reading;
use crate::time::Span;

/// In which text of an episode a hit stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Side {
    /// What was written.
    Written,
    /// What was said.
    Said,
}

/// What is heard of the hits in both texts of `reading`, in order of time: the written ones that are read, and of the said
/// ones those that are not in the article. Where the two texts are in different languages all that are heard.
pub fn spoken(reading: &Reading, written: Vec<Hit>, said: Vec<Hit>) -> Vec<(Side, Hit)> {
    let is_heard = |hit: &Hit| hit.span.is_some();
    let mut hits: Vec<(Side, Hit)> = written.into_iter().filter(is_heard).map(|hit| (Side::Written, hit)).collect();
    let taken: Vec<Span> = hits.iter().filter_map(|(_, hit)| hit.span).collect();
    let unwritten: Vec<Span> = reading.alignment.unwritten.iter().map(|stretch| stretch.span).collect();
    let is_own = |hit: &Hit| match hit.span {
        Some(span) if reading.alignment.method == Method::Words => meets(&unwritten, span) && !meets(&taken, span),
        Some(_) => true,
        None => false,
    };
    hits.extend(said.into_iter().filter(is_own).map(|hit| (Side::Said, hit)));
    hits.sort_by_key(|(side, hit)| (hit.span, hit.kind, *side));
    hits
}

/// Whether `span` has a part in common with one of `spans`.
fn meets(spans: &[Span], span: Span) -> bool {
    spans.iter().any(|other| other.start() < span.end() && span.start() < other.end())
}
