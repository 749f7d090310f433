//! Which passages of a reading are worth a word?
//!
//! Neighbours that share a fate are one passage. Pure findings; this file never knows how they are
//! shown.

use crate::align::quantities::{Quantity, quantities, same};
use crate::align::{Method, SentenceTiming, Status};
use crate::article::Skip;
use crate::reading::Reading;
use crate::time::{Span, Timestamp};
use crate::transcript::split::{self, spell};
use crate::words::{Lexicon, Numerals, Phrase, Token};
use std::ops::Range;

/// Sentences that follow each other.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Passage {
    /// Which, as indices into the article's.
    pub sentences: Range<usize>,
    /// When they are read; for what is not read, the moment at which it is passed over.
    pub span: Span,
    /// The confidence of the least sure.
    pub confidence: f32,
}

/// A number that the text and the speech name differently.
#[derive(Clone, Debug, PartialEq)]
pub struct Difference {
    /// When it is said.
    pub at: Timestamp,
    /// As it is written.
    pub written: String,
    /// As it was heard.
    pub heard: String,
}

/// Below this a passage is not sure.
const UNSURE: f32 = 0.6;

/// Runs of sentences that are not read.
pub(super) fn unread(reading: &Reading) -> Vec<Passage> {
    let timings = &reading.alignment.sentences;
    let mut at = Timestamp::ZERO;
    let mut found: Vec<Passage> = Vec::new();
    for (i, timing) in timings.iter().enumerate() {
        if let Some(span) = timing.span {
            at = span.end();
        }
        if timing.status != Status::Unspoken
            || reading.article.sentences.get(i).is_none_or(|sentence| sentence.words.is_empty())
        {
            continue;
        }
        let here =
            Passage { sentences: i..i + 1, span: Span::new(at, at), confidence: timing.confidence };
        match found.last_mut() {
            // Only what is not read for the same reason is told together.
            Some(last)
                if last.sentences.end == i && same_fate(reading, last.sentences.start, i) =>
            {
                last.sentences.end = i + 1;
            }
            _ => found.push(here),
        }
    }
    found
}

fn same_fate(reading: &Reading, a: usize, b: usize) -> bool {
    skip(reading, a).is_some() == skip(reading, b).is_some()
}

pub(super) fn skip(reading: &Reading, sentence: usize) -> Option<Skip> {
    reading.article.sentences.get(sentence).and_then(|sentence| sentence.skip)
}

/// At most `n` runs of sentences whose times are least sure, in order of time.
pub(super) fn unsure(reading: &Reading, n: usize) -> Vec<Passage> {
    let mut found: Vec<Passage> = Vec::new();
    for (i, timing) in reading.alignment.sentences.iter().enumerate() {
        let Some(span) = timing.span.filter(|_| is_unsure(timing)) else { continue };
        match found.last_mut() {
            Some(last) if last.sentences.end == i => {
                last.sentences.end = i + 1;
                last.span = Span::new(last.span.start(), span.end());
                last.confidence = last.confidence.min(timing.confidence);
            }
            _ => found.push(Passage { sentences: i..i + 1, span, confidence: timing.confidence }),
        }
    }
    found.sort_by(|a, b| a.confidence.total_cmp(&b.confidence));
    found.truncate(n);
    found.sort_by_key(|passage| passage.sentences.start);
    found
}

pub(super) fn is_unsure(timing: &SentenceTiming) -> bool {
    timing.confidence < UNSURE || timing.status == Status::Partly
}

/// The numbers whose words were matched but name another number, in order. Only where words were
/// compared with words.
pub fn differences(reading: &Reading) -> Vec<Difference> {
    if !matches!(reading.alignment.method, Method::Words | Method::Together) {
        return Vec::new();
    }
    let heard: Vec<_> = reading.transcript.words().collect();
    let mut found = Vec::new();
    for i in 0..reading.article.sentences.len() {
        let bytes = &reading.article.sentences[i].bytes;
        for quantity in quantities(reading.article.sentence(i)) {
            let at = bytes.start + quantity.bytes.start..bytes.start + quantity.bytes.end;
            let Some(said) = matched(reading, &at) else { continue };
            let words = &heard[said.start.min(heard.len())..said.end.min(heard.len())];
            let text = spell(words.iter().map(|word| word.text.as_str()));
            let numbers = quantities(&text);
            let is_same = numbers.is_empty()
                || names(&numbers, &quantity)
                || is_read_so(&reading.article.text[at.clone()], &text);
            if let (false, Some(first)) = (is_same, words.first()) {
                let heard = text
                    .trim_matches(|c: char| !c.is_alphanumeric() && c != '$' && c != '%')
                    .to_owned();
                found.push(Difference {
                    at: first.span.start(),
                    written: reading.article.text[at].to_owned(),
                    heard,
                });
            }
        }
    }
    found
}

/// Whether `written` may be read as `heard`, which recognisers write in a mixture of digits and
/// words ("70 one" for 71).
fn is_read_so(written: &str, heard: &str) -> bool {
    let mut lexicon = Lexicon::default();
    let mut agree = |numerals| {
        let mut fold = |text: &str| {
            lexicon.fold(split::words(text).into_iter().map(|range| &text[range]), numerals)
        };
        let (written, heard) = (fold(written), fold(heard));
        let (written, heard) = Phrase::settle_both(&written, &heard);
        let ids = |tokens: &[Token]| tokens.iter().map(|token| token.id).collect::<Vec<_>>();
        ids(&written) == ids(&heard)
    };
    agree(Numerals::English) || agree(Numerals::Chinese)
}

/// Whether the heard numbers hold the written one, or it is all of them written together ("9:21",
/// "1986").
fn names(heard: &[Quantity], written: &Quantity) -> bool {
    let joined: String = heard.iter().map(|number| number.value.to_string()).collect();
    heard.iter().any(|number| same(number.value, written.value))
        || joined.parse().is_ok_and(|joined| same(joined, written.value))
}

/// The spoken words that were matched with the written ones at `bytes`, and neighbours that were
/// matched with nothing.
fn matched(reading: &Reading, bytes: &Range<usize>) -> Option<Range<usize>> {
    /// Numbers are said in several words; so many on either side may belong to one that was matched
    /// in part.
    const NEIGHBOURS: usize = 2;
    let words = &reading.article.words;
    let first = words.partition_point(|word| word.bytes.end <= bytes.start);
    let last = words.partition_point(|word| word.bytes.start < bytes.end);
    let timings = reading.alignment.words.get(first..last)?;
    let spoken = timings
        .iter()
        .filter(|timing| !timing.spoken.is_empty())
        .map(|timing| timing.spoken.clone());
    let hull = spoken.reduce(|a, b| a.start.min(b.start)..a.end.max(b.end))?;
    let before = reading.alignment.words[..first]
        .iter()
        .rev()
        .map(|timing| &timing.spoken)
        .find(|spoken| !spoken.is_empty());
    let after = reading.alignment.words[last..]
        .iter()
        .map(|timing| &timing.spoken)
        .find(|spoken| !spoken.is_empty());
    let free_from =
        before.map_or(0, |spoken| spoken.end).max(hull.start.saturating_sub(NEIGHBOURS));
    let free_to = after.map_or(usize::MAX, |spoken| spoken.start).min(hull.end + NEIGHBOURS);
    Some(free_from.min(hull.start)..free_to.max(hull.end))
}

#[cfg(test)]
mod tests {
    use super::is_read_so;

    #[test]
    fn numbers_in_a_mixture_of_digits_and_words() {
        for (written, heard, want) in [
            ("71", "70 one", true),
            ("24.3 million", "24 point three million", true),
            ("31", "301", false),
            ("4,000", "10", false),
            ("8萬", "八萬", true),
            ("2.5", "二點五", true),
        ] {
            assert_eq!(is_read_so(written, heard), want, "{written} as {heard}");
        }
    }
}
