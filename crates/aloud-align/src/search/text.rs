//! A text that can be searched: its words as tokens, with their times.

use super::{Hit, Match};
use crate::reading::Reading;
use crate::time::Span;
use crate::transcript::Transcript;
use crate::words::{Lexicon, Numerals, Phrase};
use regex::Regex;
use std::collections::HashMap;
use std::fmt;
use std::ops::Range;
use std::sync::Arc;

/// Words further apart than this do not follow each other at once.
const PAUSE_MS: u64 = 120;

/// A text prepared for any number of queries. Takes some 10 ms for a thousand words.
pub struct Text {
    text: String,
    words: Vec<Range<u32>>,
    spans: Vec<Option<Span>>,
    /// The bytes of each sentence.
    sentences: Vec<Range<u32>>,
    numerals: Numerals,
    lexicon: Lexicon,
    phrase: Phrase,
    /// How often each token stands in the usual reading.
    counts: Vec<u32>,
    body: Option<Arc<Body>>,
}

/// A large body of texts that a text is a part of: what is common there is common, and what chance
/// brings is more.
#[derive(Clone, Debug, Default)]
pub struct Body {
    /// How many tokens it has, about.
    pub n_tokens: usize,
    /// How often each of the phrase's tokens stands in it.
    pub counts: HashMap<String, u32>,
}

impl fmt::Debug for Text {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Text").field("words", &self.words.len()).finish_non_exhaustive()
    }
}

impl Text {
    /// Of `text`, the bytes of its words (without the punctuation around them, in order and apart),
    /// the time of each word where it is known, and the bytes of its sentences (in order and
    /// apart). Words that have no time in `spans` have none.
    pub fn new(
        text: impl Into<String>,
        words: impl IntoIterator<Item = Range<usize>>,
        spans: impl IntoIterator<Item = Option<Span>>,
        sentences: impl IntoIterator<Item = Range<usize>>,
    ) -> Self {
        Self::prepared(
            text.into(),
            words.into_iter().collect(),
            spans.into_iter().collect(),
            sentences.into_iter().collect(),
            [],
        )
    }

    /// As [`new`](Self::new), with words that are passed over.
    fn prepared(
        text: String,
        words: Vec<Range<usize>>,
        mut spans: Vec<Option<Span>>,
        sentences: Vec<Range<usize>>,
        silent: impl IntoIterator<Item = Range<usize>>,
    ) -> Self {
        let small = |range: Range<usize>| range.start as u32..range.end as u32;
        let is_in = |range: &Range<usize>| text.get(range.clone()).is_some();
        let words: Vec<Range<u32>> = words.into_iter().filter(is_in).map(small).collect();
        let sentences = sentences.into_iter().filter(is_in).map(small).collect();
        spans.resize(words.len(), None);
        let mut texts: Vec<&str> =
            words.iter().map(|word| &text[word.start as usize..word.end as usize]).collect();
        let numerals = Numerals::of(texts.iter().copied());
        for words in silent {
            texts.get_mut(words).into_iter().for_each(|texts| texts.fill(""));
        }
        let mut lexicon = Lexicon::default();
        let phrase = lexicon.fold(texts, numerals);
        let mut counts = vec![0; lexicon.len()];
        for token in phrase.usual() {
            counts[token.id.index()] += 1;
        }
        Self { words, spans, sentences, numerals, lexicon, phrase, counts, text, body: None }
    }

    /// What was written. Words that are not read have no time; where only sentences have times
    /// their words have those.
    pub fn written(reading: &Reading) -> Self {
        Self::with_silent(reading, [])
    }

    fn with_silent(reading: &Reading, silent: impl IntoIterator<Item = Range<usize>>) -> Self {
        let article = &reading.article;
        let mut spans: Vec<Option<Span>> =
            reading.alignment.words.iter().map(|timing| timing.span).collect();
        spans.resize(article.words.len(), None);
        if reading.alignment.method == crate::align::Method::Sentences {
            for (sentence, timing) in article.sentences.iter().zip(&reading.alignment.sentences) {
                spans[sentence.words.clone()].fill(timing.span);
            }
        }
        let words = article.words.iter().map(|word| word.bytes.clone());
        let sentences = article.sentences.iter().map(|sentence| sentence.bytes.clone());
        Self::prepared(article.text.clone(), words.collect(), spans, sentences.collect(), silent)
    }

    /// What was written and read: as [`written`](Self::written), but what is not read is passed
    /// over, also in the middle of a phrase.
    pub fn heard(reading: &Reading) -> Self {
        let article = &reading.article;
        let sentences = article.sentences.iter().zip(&reading.alignment.sentences);
        let unread = sentences
            .filter(|(_, timing)| timing.span.is_none())
            .map(|(sentence, _)| sentence.words.clone());
        Self::with_silent(reading, unread)
    }

    /// What was said, with the recogniser's segments as sentences.
    pub fn said(transcript: &Transcript) -> Self {
        Self::written(&Reading::of_transcript(transcript.clone()))
    }

    /// As a part of `body`, which tells how much a likeness says.
    #[must_use]
    pub fn amid(self, body: &Arc<Body>) -> Self {
        Self { body: Some(Arc::clone(body)), ..self }
    }

    /// How many tokens chance has to choose from.
    pub(super) fn n_tokens(&self) -> usize {
        self.body.as_ref().map_or(0, |body| body.n_tokens).max(self.phrase.len())
    }

    /// How often a token stands in the body that this text is a part of, where that is known.
    pub(super) fn n_in_body(&self, token: &str) -> Option<u32> {
        self.body.as_ref()?.counts.get(token).copied()
    }

    /// The whole text.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// How many words it has.
    pub fn len(&self) -> usize {
        self.words.len()
    }

    /// Whether it has no words.
    pub fn is_empty(&self) -> bool {
        self.words.is_empty()
    }

    /// The bytes from the first to the last of `words`; empty where there is none of them.
    pub fn bytes(&self, words: &Range<usize>) -> Range<usize> {
        match self.words.get(words.clone()) {
            Some([first, .., last]) => first.start as usize..last.end as usize,
            Some([only]) => only.start as usize..only.end as usize,
            _ => 0..0,
        }
    }

    /// The text from the first to the last of `words`.
    pub fn of(&self, words: &Range<usize>) -> &str {
        &self.text[self.bytes(words)]
    }

    /// When `words` are spoken, from the first to the last of them that are.
    pub fn span(&self, words: &Range<usize>) -> Option<Span> {
        let mut spans = self.spans.get(words.clone())?.iter().flatten();
        let first = spans.next()?;
        Some(Span::new(first.start(), spans.next_back().unwrap_or(first).end().max(first.end())))
    }

    /// `words` with up to `before` and `after` more on either side, as far as they follow without a
    /// pause: what was heard in the place of something else.
    pub(super) fn widened(
        &self,
        words: &Range<usize>,
        before: usize,
        after: usize,
    ) -> Range<usize> {
        let follows =
            |index: &usize| match (self.spans.get(index.wrapping_sub(1)), self.spans.get(*index)) {
                (Some(Some(a)), Some(Some(b))) => {
                    b.start().millis().saturating_sub(a.end().millis()) < PAUSE_MS
                }
                _ => false,
            };
        let n_before = (0..before)
            .take_while(|n| words.start.checked_sub(*n).is_some_and(|index| follows(&index)))
            .count();
        let n_after = (0..after).take_while(|n| follows(&(words.end + n))).count();
        words.start - n_before..words.end + n_after
    }

    /// The sentences that `words` touch, as indices; empty where they stand in none.
    pub fn sentences_of(&self, words: &Range<usize>) -> Range<usize> {
        let bytes = self.bytes(words);
        let first = self.sentences.partition_point(|sentence| sentence.end as usize <= bytes.start);
        first
            ..self
                .sentences
                .partition_point(|sentence| (sentence.start as usize) < bytes.end)
                .max(first)
    }

    /// The bytes of the sentence at `index`, with its punctuation.
    pub fn sentence(&self, index: usize) -> Range<usize> {
        self.sentences
            .get(index)
            .map_or(0..0, |sentence| sentence.start as usize..sentence.end as usize)
    }

    /// How many sentences it has.
    pub fn n_sentences(&self) -> usize {
        self.sentences.len()
    }

    /// All words of the sentences that `words` touch.
    pub(super) fn words_around(&self, words: &Range<usize>) -> Range<usize> {
        let sentences = self.sentences_of(words);
        if sentences.is_empty() {
            return words.clone();
        }
        self.words_in(&(self.sentence(sentences.start).start..self.sentence(sentences.end - 1).end))
    }

    /// The words that `bytes` touch.
    pub fn words_in(&self, bytes: &Range<usize>) -> Range<usize> {
        let first = self.words.partition_point(|word| word.end as usize <= bytes.start);
        first..self.words.partition_point(|word| (word.start as usize) < bytes.end).max(first)
    }

    /// Places of a pattern that touch a word.
    pub(super) fn matches(&self, pattern: &Regex) -> Vec<Hit> {
        let words = pattern
            .find_iter(&self.text)
            .filter(|found| !found.is_empty())
            .map(|found| self.words_in(&found.range()));
        words
            .filter(|words| !words.is_empty())
            .map(|words| Hit { span: self.span(&words), words, kind: Match::Exact, score: 1.0 })
            .collect()
    }

    /// In which language its numbers are read.
    pub(super) fn numerals(&self) -> Numerals {
        self.numerals
    }

    /// Its tokens.
    pub fn lexicon(&self) -> &Lexicon {
        &self.lexicon
    }

    /// Its words as tokens, in all their readings.
    pub fn phrase(&self) -> &Phrase {
        &self.phrase
    }

    pub(super) fn counts(&self) -> &[u32] {
        &self.counts
    }
}
