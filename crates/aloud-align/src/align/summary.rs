//! From word to sentence to the whole: what was read, what was added.

use super::pace::Pace;
use super::{Alignment, SentenceTiming, Status, Timing, Unwritten};
use crate::article::Article;
use crate::time::Span;
use crate::transcript::{SpokenWord, Transcript};
use std::ops::Range;

/// A sentence is spoken if at least this share of it is, by length, and unspoken below the other.
const SPOKEN: f32 = 0.8;
const UNSPOKEN: f32 = 0.15;
/// A stretch that nobody wrote is worth listing from so many words on, or from so many milliseconds
/// on.
const WORDS: usize = 3;
const LONG_MS: u64 = 1000;

/// The share of a sentence that has times, by its expected length.
pub(super) fn share(words: Range<usize>, pace: &Pace, is_timed: impl Fn(usize) -> bool) -> f32 {
    let all = pace.of(words.clone());
    let timed: f32 = words.filter(|word| is_timed(*word)).map(|word| pace.expected[word]).sum();
    if all > 0.0 { timed / all } else { 0.0 }
}

/// The status of each sentence; times of those that are hardly there are taken back.
pub(super) fn sentences(
    article: &Article,
    pace: &Pace,
    timings: &mut [Timing],
) -> Vec<SentenceTiming> {
    let mut sentences = Vec::with_capacity(article.sentences.len());
    for words in article.sentences.iter().map(|sentence| sentence.words.clone()) {
        let share = share(words.clone(), pace, |word| timings[word].span.is_some());
        let timings = &mut timings[words];
        if share < UNSPOKEN {
            timings.fill(Timing::default());
        }
        let timed = || timings.iter().filter(|timing| timing.span.is_some());
        let span =
            timed().filter_map(|timing| timing.span).reduce(|a, b| Span::new(a.start(), b.end()));
        let status = match share {
            _ if span.is_none() => Status::Unspoken,
            share if share >= SPOKEN => Status::Spoken,
            _ => Status::Partly,
        };
        let confidence =
            timed().map(|timing| timing.confidence).sum::<f32>() / timings.len().max(1) as f32;
        sentences.push(SentenceTiming { status, span, confidence });
    }
    sentences
}

/// What was said beside the written words. `is_used` tells of each spoken word whether a written
/// one has it or was placed where it is.
pub(super) fn unwritten(transcript: &Transcript, is_used: &[bool]) -> Vec<Unwritten> {
    let words: Vec<&SpokenWord> = transcript.words().collect();
    let mut found = Vec::new();
    let mut at = 0;
    while at < words.len() {
        let n = is_used[at..].iter().take_while(|used| **used == is_used[at]).count();
        let run = &words[at..at + n];
        if let (Some(first), Some(last), false) = (run.first(), run.last(), is_used[at]) {
            let span = Span::new(first.span.start(), last.span.end());
            if n >= WORDS || span.millis() >= LONG_MS {
                found.push(Unwritten {
                    span,
                    text: transcript.text_of(at..at + n),
                    spoken: at..at + n,
                });
            }
        }
        at += n;
    }
    found
}

/// The share of the words a narrator would read that have times.
pub(super) fn coverage(article: &Article, alignment: &Alignment) -> f64 {
    let (mut n, mut n_timed) = (0usize, 0usize);
    for sentence in article.sentences.iter().filter(|sentence| sentence.skip.is_none()) {
        n += sentence.words.len();
        n_timed += alignment.words[sentence.words.clone()]
            .iter()
            .filter(|timing| timing.span.is_some())
            .count();
    }
    if n == 0 { 0.0 } else { n_timed as f64 / n as f64 }
}
