//! What a transcript, a text and an alignment come to, in numbers and in words of our own.

use crate::align::{Alignment, Status};
use crate::article::Article;
use crate::pipeline::{kind, reason};
use crate::time::{Span, Timestamp};
use crate::transcript::{GapReason, Transcript};
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// A silence so long between two words that have times is told, in milliseconds …
const LONG_MS: u64 = 3_000;
/// … and so are so many words in a row without times.
const MANY: usize = 5;
/// Of either so many are told at most, the first ones.
const MOST: usize = 50;

/// How many of `shares` (0 to 1) lie in each tenth, the least first.
fn tenths(shares: impl Iterator<Item = f32>) -> [usize; 10] {
    let mut counts = [0; 10];
    shares.for_each(|share| counts[((share * 10.0) as usize).min(9)] += 1);
    counts
}

fn counted(names: impl Iterator<Item = &'static str>) -> BTreeMap<&'static str, usize> {
    let mut counts = BTreeMap::new();
    names.for_each(|name| *counts.entry(name).or_default() += 1);
    counts
}

fn span(span: Span) -> Value {
    json!([span.start().secs(), span.end().secs()])
}

/// A transcript's.
pub(super) fn transcript(transcript: &Transcript, code: &dyn Fn(&str) -> String) -> Value {
    let known = || transcript.words().filter_map(|word| word.probability);
    let gap = |reason: GapReason| match reason {
        GapReason::Silence => "silence",
        GapReason::Music => "music",
        GapReason::Failed => "failed",
        GapReason::Unclear => "unclear",
        GapReason::Damaged => "damaged",
    };
    let gaps = transcript
        .gaps
        .iter()
        .take(MOST)
        .map(|found| json!({ "at": span(found.span), "why": gap(found.reason) }));
    json!({
        "language": transcript.language.as_deref().map(code),
        "length": transcript.audio.duration.map(Timestamp::secs),
        "segments": transcript.segments.len(),
        "doubtful": transcript.segments.iter().filter(|segment| segment.is_doubtful).count(),
        "words": transcript.words().count(),
        "confidence": tenths(known()),
        "gaps": gaps.collect::<Vec<_>>(),
        "n_gaps": transcript.gaps.len(),
        "voices": transcript.speakers.len(),
    })
}

/// A text's.
pub(super) fn article(article: &Article, code: &dyn Fn(&str) -> String) -> Value {
    json!({
        "language": article.language.as_deref().map(code),
        "blocks": counted(article.blocks.iter().map(|block| kind(block.kind))),
        "sentences": article.sentences.len(),
        "words": article.words.len(),
        "not_read": counted(article.sentences.iter().filter_map(|sentence| sentence.skip.map(reason))),
        "speeches": article.speakers.len(),
        "cues": article.cues.len(),
    })
}

/// An alignment's.
pub(super) fn alignment(alignment: &Alignment) -> Value {
    let tied = || alignment.words.iter().filter(|word| word.span.is_some());
    let status = |status: Status| match status {
        Status::Spoken => "spoken",
        Status::Partly => "partly",
        Status::Unspoken => "unspoken",
    };
    let holes = holes(alignment);
    json!({
        "method": format!("{:?}", alignment.method).to_lowercase(),
        "belongs": alignment.belongs.name(),
        "coverage": (alignment.coverage * 1000.0).round() / 1000.0,
        "words": alignment.words.len(),
        "tied": tied().count(),
        "confidence": tenths(tied().map(|word| word.confidence)),
        "sentences": counted(alignment.sentences.iter().map(|sentence| status(sentence.status))),
        "holes": holes.iter().take(MOST).map(|hole| json!({ "at": span(hole.0), "words_without_time": hole.1 })).collect::<Vec<_>>(),
        "n_holes": holes.len(),
        "unwritten": alignment.unwritten.len(),
        "unwritten_s": alignment.unwritten.iter().map(|found| found.span.millis()).sum::<u64>() as f64 / 1000.0,
    })
}

/// Where between words with times nothing has any: from the word before to the word after, and how
/// many words stand between.
fn holes(alignment: &Alignment) -> Vec<(Span, usize)> {
    let (mut found, mut last, mut n_without) = (Vec::new(), Timestamp::ZERO, 0);
    for word in &alignment.words {
        let Some(here) = word.span else {
            n_without += 1;
            continue;
        };
        let between = Span::new(last, here.start().max(last));
        if between.millis() >= LONG_MS || n_without >= MANY {
            found.push((between, n_without));
        }
        (last, n_without) = (here.end(), 0);
    }
    if n_without >= MANY {
        found.push((Span::new(last, last), n_without));
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::align::Timing;

    #[test]
    fn shares_by_tenths() {
        assert_eq!(
            tenths([0.0, 0.05, 0.1, 0.95, 1.0, 7.0, -1.0, f32::NAN].into_iter()),
            [4, 1, 0, 0, 0, 0, 0, 0, 0, 3]
        );
    }

    #[test]
    fn holes_are_where_nothing_has_a_time() {
        let word =
            |at: u64| Timing { span: Some(Span::from_millis(at, at + 500)), ..Timing::default() };
        let none = Timing::default();
        for (words, want) in [
            (vec![], vec![]),
            (vec![word(0), word(600)], vec![]),
            (vec![word(4_000)], vec![(0, 4_000, 0)]),
            (vec![word(0), none.clone(), word(3_600)], vec![(500, 3_600, 1)]),
            (vec![word(0), none.clone(), word(600)], vec![]),
            ([vec![word(0)], vec![none.clone(); 5], vec![word(600)]].concat(), vec![(500, 600, 5)]),
            ([vec![word(0)], vec![none; 6]].concat(), vec![(500, 500, 6)]),
        ] {
            let found = holes(&Alignment { words, ..Alignment::default() });
            let found: Vec<_> =
                found.iter().map(|(at, n)| (at.start().millis(), at.end().millis(), *n)).collect();
            assert_eq!(found, want);
        }
    }
}
