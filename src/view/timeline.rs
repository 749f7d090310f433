//! What is spoken at a given time, and what comes before and after it.

use crate::reading::Reading;
use crate::time::{Span, Timestamp};
use std::ops::Range;

/// A word stays lit this long after its end where the next one is not spoken yet, in milliseconds.
const AFTERGLOW_MS: u64 = 250;

/// Unwritten passages shorter than this are slips of the tongue and not shown, in milliseconds.
const INSERT_MS: u64 = 1200;

/// Something that is spoken as a whole.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Passage {
    /// The article's sentence of this index.
    Sentence(usize),
    /// The passage of this index among those said but not written.
    Insert(usize),
}

/// What is spoken at a moment.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Place {
    /// The sentence or insert that was begun last; `None` before the first.
    pub passage: Option<Passage>,
    /// The written word that was begun last within that sentence.
    pub word: Option<usize>,
    /// Whether that word is still being heard.
    pub is_sounding: bool,
}

/// A reading by time instead of by place.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Timeline {
    words: Vec<(Span, usize)>,
    passages: Vec<(Span, Passage)>,
    paragraphs: Vec<Timestamp>,
}

/// What a listener steps by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unit {
    /// A word.
    Word,
    /// A sentence, or something said that is not written.
    Sentence,
    /// A block of the article.
    Paragraph,
}

impl Timeline {
    /// Of `reading`. Linear in its words, but for sorting.
    pub fn new(reading: &Reading) -> Self {
        let alignment = &reading.alignment;
        let mut words: Vec<_> =
            alignment.words.iter().enumerate().filter_map(|(i, t)| Some((t.span?, i))).collect();
        words.sort_by_key(|(span, _)| span.start());
        let sentences = alignment
            .sentences
            .iter()
            .enumerate()
            .filter_map(|(i, t)| Some((t.span?, Passage::Sentence(i))));
        let inserts =
            shown_inserts(reading).map(|i| (alignment.unwritten[i].span, Passage::Insert(i)));
        let mut passages: Vec<_> = sentences.chain(inserts).collect();
        passages.sort_by_key(|(span, _)| span.start());
        let first_of = |sentences: Range<usize>| {
            alignment.sentences.get(sentences)?.iter().find_map(|t| Some(t.span?.start()))
        };
        let mut paragraphs: Vec<_> = reading
            .article
            .blocks
            .iter()
            .filter_map(|block| first_of(block.sentences.clone()))
            .collect();
        paragraphs.sort_unstable();
        Self { words, passages, paragraphs }
    }

    /// What is spoken at `at`.
    pub fn place(&self, reading: &Reading, at: Timestamp) -> Place {
        let n_begun = self.passages.partition_point(|(span, _)| span.start() <= at);
        let Some((_, passage)) = n_begun.checked_sub(1).map(|i| self.passages[i]) else {
            return Place::default();
        };
        let mut place = Place { passage: Some(passage), ..Place::default() };
        let n_words = self.words.partition_point(|(span, _)| span.start() <= at);
        if let (Passage::Sentence(sentence), Some((span, word))) =
            (passage, n_words.checked_sub(1).map(|i| self.words[i]))
        {
            let is_inside =
                reading.article.sentences.get(sentence).is_some_and(|s| s.words.contains(&word));
            place.word = is_inside.then_some(word);
            place.is_sounding = place.word.is_some() && at < span.end().plus(AFTERGLOW_MS);
        }
        place
    }

    /// The written word that was begun last, at `at`, whatever has been said since; where words
    /// have no times, the last one of the sentence before the one that was begun last.
    pub fn last_word(&self, reading: &Reading, at: Timestamp) -> Option<usize> {
        if self.words.is_empty() {
            let begun =
                &self.passages[..self.passages.partition_point(|(span, _)| span.start() <= at)];
            let sentence = begun
                .iter()
                .rev()
                .find_map(|(_, p)| if let Passage::Sentence(s) = p { Some(*s) } else { None })?;
            return reading.article.sentences.get(sentence)?.words.start.checked_sub(1);
        }
        self.words
            .partition_point(|(span, _)| span.start() <= at)
            .checked_sub(1)
            .map(|i| self.words[i].1)
    }

    /// The first moment after `at` at which [`place`](Self::place) may answer differently.
    pub fn next_change(&self, at: Timestamp) -> Option<Timestamp> {
        let n_words = self.words.partition_point(|(span, _)| span.start() <= at);
        let fades = n_words
            .checked_sub(1)
            .map(|i| self.words[i].0.end().plus(AFTERGLOW_MS))
            .filter(|end| *end > at);
        let word = self.words.get(n_words).map(|(span, _)| span.start());
        let passage = self
            .passages
            .get(self.passages.partition_point(|(span, _)| span.start() <= at))
            .map(|(span, _)| span.start());
        [fades, word, passage].into_iter().flatten().min()
    }

    /// The start of the `unit` that is `steps` after the one at `at`, or before it where negative.
    /// One step back from more than `grace` milliseconds inside a unit goes to its own start.
    pub fn step(&self, unit: Unit, at: Timestamp, steps: i32, grace: u64) -> Option<Timestamp> {
        let starts: Vec<Timestamp> = match unit {
            Unit::Word => self.words.iter().map(|(span, _)| span.start()).collect(),
            Unit::Sentence => self.passages.iter().map(|(span, _)| span.start()).collect(),
            Unit::Paragraph => self.paragraphs.clone(),
        };
        Self::step_among(&starts, at, steps, grace)
    }

    /// The same among `starts`, which are in order.
    pub fn step_among(
        starts: &[Timestamp],
        at: Timestamp,
        steps: i32,
        grace: u64,
    ) -> Option<Timestamp> {
        let mark = if steps < 0 { at.minus(grace) } else { at };
        let here = starts.partition_point(|start| *start <= mark) as i64 - 1;
        // Going back, the unit that `mark` lies in is the first step already.
        let target = here + i64::from(steps) + i64::from(steps < 0);
        starts.get(usize::try_from(target).unwrap_or(0)).copied()
    }

    /// The first and the last written word of which something is spoken within `span`.
    pub fn words_in(&self, span: Span) -> Option<(usize, usize)> {
        let from = self.words.partition_point(|(word, _)| word.end() <= span.start());
        let to = self.words.partition_point(|(word, _)| word.start() < span.end());
        let words = self.words.get(from..to)?;
        Some((words.first()?.1, words.last()?.1))
    }

    /// When the passage `which` is spoken.
    pub fn span_of(&self, which: Passage) -> Option<Span> {
        self.passages.iter().find(|(_, passage)| *passage == which).map(|(span, _)| *span)
    }

    /// When the written word is spoken, or else its sentence; `None` where neither is.
    pub fn time_of_word(reading: &Reading, word: usize) -> Option<Timestamp> {
        if let Some(span) = reading.alignment.words.get(word).and_then(|t| t.span) {
            return Some(span.start());
        }
        let sentences = &reading.article.sentences;
        let sentence = sentences.partition_point(|s| s.words.end <= word);
        reading.alignment.sentences.get(sentence)?.span.map(Span::start)
    }
}

/// The passages said but not written that are long enough to be shown.
pub fn shown_inserts(reading: &Reading) -> impl Iterator<Item = usize> + '_ {
    let is_shown = |text: &str, span: Span| span.millis() >= INSERT_MS && !text.trim().is_empty();
    reading
        .alignment
        .unwritten
        .iter()
        .enumerate()
        .filter(move |(_, u)| is_shown(&u.text, u.span))
        .map(|(i, _)| i)
}
