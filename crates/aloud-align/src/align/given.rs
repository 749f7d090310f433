//! Times that came with a text, as an alignment: nothing was compared with any sound.

use super::{Alignment, Belongs, Method, SentenceTiming, Status, Timing};
use crate::article::{Article, Sentence};
use crate::time::Span;

/// The alignment of `article` whose words are spoken at the times of `words`, one for each.
///
/// # Panics
/// Where there are fewer times than words.
pub fn given(article: &Article, words: Vec<Timing>) -> Alignment {
    let sentence = |sentence: &Sentence| {
        let spans: Vec<Span> =
            words[sentence.words.clone()].iter().filter_map(|word| word.span).collect();
        let span = spans
            .first()
            .zip(spans.last())
            .map(|(first, last)| Span::new(first.start(), last.end()));
        let status = match spans.len() {
            0 => Status::Unspoken,
            n if n < sentence.words.len() => Status::Partly,
            _ => Status::Spoken,
        };
        SentenceTiming { status, span, confidence: if span.is_some() { 1.0 } else { 0.0 } }
    };
    let sentences: Vec<SentenceTiming> = article.sentences.iter().map(sentence).collect();
    let read = article
        .sentences
        .iter()
        .filter(|sentence| sentence.skip.is_none())
        .flat_map(|sentence| sentence.words.clone());
    let (n, n_timed) = read.fold((0usize, 0usize), |(n, timed), word| {
        (n + 1, timed + usize::from(words[word].span.is_some()))
    });
    let coverage = n_timed as f64 / n.max(1) as f64;
    Alignment {
        method: Method::Given,
        belongs: Belongs::Yes,
        coverage,
        words,
        sentences,
        unwritten: Vec::new(),
    }
}
