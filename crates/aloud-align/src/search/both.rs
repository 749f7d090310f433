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

/// What is heard of the hits in both texts of `reading`, in order of time: the written ones that
/// are read, and of the said ones those that are not in the article. Where the two texts are in
/// different languages all that are heard.
pub fn spoken(reading: &Reading, written: Vec<Hit>, said: Vec<Hit>) -> Vec<(Side, Hit)> {
    let is_heard = |hit: &Hit| hit.span.is_some();
    let mut hits: Vec<(Side, Hit)> =
        written.into_iter().filter(is_heard).map(|hit| (Side::Written, hit)).collect();
    let taken: Vec<Span> = hits.iter().filter_map(|(_, hit)| hit.span).collect();
    let unwritten: Vec<Span> =
        reading.alignment.unwritten.iter().map(|stretch| stretch.span).collect();
    let is_own = |hit: &Hit| match hit.span {
        // Sentences are in another language, so their words are others.
        Some(_) if reading.alignment.method == Method::Sentences => true,
        Some(span) => meets(&unwritten, span) && !meets(&taken, span),
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::align::Unwritten;
    use crate::search::Match;

    fn hit(start: u64) -> Hit {
        Hit {
            words: 0..1,
            span: Some(Span::from_millis(start, start + 300)),
            kind: Match::Exact,
            score: 1.0,
        }
    }

    #[test]
    fn a_place_is_told_once() {
        let mut reading = Reading::default();
        reading.alignment.unwritten = vec![Unwritten {
            span: Span::from_millis(5000, 9000),
            text: String::new(),
            spoken: 0..0,
        }];
        for (method, said) in [
            (Method::Words, &[6000][..]),
            (Method::Together, &[6000]),
            (Method::Synth, &[6000]),
            // What is said in another language is never what is written.
            (Method::Sentences, &[1050, 3000, 6000]),
        ] {
            reading.alignment.method = method;
            let found = spoken(&reading, vec![hit(1000)], vec![hit(1050), hit(3000), hit(6000)]);
            let starts = |side| {
                found
                    .iter()
                    .filter(|(of, _)| *of == side)
                    .filter_map(|(_, hit)| Some(hit.span?.start().millis()))
                    .collect::<Vec<_>>()
            };
            assert_eq!(
                (starts(Side::Written), starts(Side::Said)),
                (vec![1000], said.to_vec()),
                "{method:?}"
            );
        }
    }
}
