//! How long should each written word take to say?
//!
//! A line through the words that were heard exactly: so much for any word, and so much for each
//! third of a syllable. It fits the narrator and the language by itself.

use super::path::Link;
use super::texts::{Stretch, Texts};
use crate::article::Article;
use crate::transcript::characters::{ends_clause, ends_sentence};
use crate::words::TokenId;

/// What any word takes, in milliseconds, and what a third of a syllable takes, before anything is
/// known.
const USUAL: (f32, f32) = (50.0, 60.0);
/// So many words must have been heard to know better.
const ENOUGH: usize = 12;

/// A word that was heard often is expected to take what it took, this many times against the line's
/// one guess.
const LEARNT: f32 = 1.0;

/// What is known of the written words before they have times.
pub(super) struct Pace {
    /// The milliseconds that each written word probably takes; 0 for one that says nothing.
    pub expected: Vec<f32>,
    /// The same for each token of the written side.
    pub tokens: Vec<f32>,
    /// How much of a pause is likely before each word: 0 none, 1 a comma's, 3 a sentence's; one
    /// more entry for the end.
    pub pauses: Vec<f32>,
    /// The sentence of each word.
    pub sentence: Vec<usize>,
}

impl Pace {
    pub fn new(article: &Article, texts: &Texts, links: &[Link], times: &[Stretch]) -> Self {
        let heard = exact(texts, links, times);
        let (any, per_third) = fit(texts, &heard);
        let mut sums = vec![(0.0, 0.0); texts.lexicon.len()];
        for (id, ms) in &heard {
            let sum: &mut (f32, f32) = &mut sums[id.index()];
            *sum = (sum.0 + LEARNT, sum.1 + LEARNT * ms);
        }
        let token = |id: TokenId| {
            (any + per_third * texts.length(id) + sums[id.index()].1) / (1.0 + sums[id.index()].0)
        };
        let tokens: Vec<f32> = texts.written.iter().map(|written| token(written.id)).collect();
        let mut expected = vec![0.0; article.words.len()];
        for (written, ms) in texts.written.iter().zip(&tokens) {
            expected[written.word as usize] += ms;
        }
        let mut sentence = vec![0; article.words.len()];
        for (index, range) in
            article.sentences.iter().map(|sentence| sentence.words.clone()).enumerate()
        {
            sentence[range].fill(index);
        }
        let n = article.words.len();
        let pauses = (0..=n).map(|index| pause(article, index)).collect();
        Self { expected, tokens, pauses, sentence }
    }

    /// The likely pause before a token: that of its word before its first, none inside a word.
    pub fn pause_before(&self, texts: &Texts, token: usize) -> f32 {
        let word =
            texts.written.get(token).map_or(self.expected.len(), |token| token.word as usize);
        let is_first =
            token.checked_sub(1).is_none_or(|before| texts.written[before].word as usize != word);
        if is_first { self.pauses[word] } else { 0.0 }
    }

    /// What a run of words probably takes, in milliseconds.
    pub fn of(&self, words: std::ops::Range<usize>) -> f32 {
        self.expected[words].iter().sum()
    }
}

/// The tokens that were heard exactly, and how long each took, in milliseconds.
fn exact(texts: &Texts, links: &[Link], times: &[Stretch]) -> Vec<(TokenId, f32)> {
    let exact = links
        .iter()
        .filter(|link| link.similarity >= 1.0 && link.n_written == 1 && link.n_spoken == 1);
    let heard = exact.map(|link| {
        (texts.written[link.written].id, times[link.spoken].end - times[link.spoken].start)
    });
    heard.filter(|(_, ms)| (20.0..3000.0).contains(ms)).collect()
}

/// Least squares of the durations of exactly heard tokens over their lengths.
fn fit(texts: &Texts, heard: &[(TokenId, f32)]) -> (f32, f32) {
    let heard: Vec<(f32, f32)> = heard.iter().map(|(id, ms)| (texts.length(*id), *ms)).collect();
    if heard.len() < ENOUGH {
        return USUAL;
    }
    let n = heard.len() as f32;
    let (mean_length, mean_ms) =
        (heard.iter().map(|h| h.0).sum::<f32>() / n, heard.iter().map(|h| h.1).sum::<f32>() / n);
    let spread: f32 = heard.iter().map(|h| (h.0 - mean_length).powi(2)).sum::<f32>() / n;
    let together: f32 =
        heard.iter().map(|h| (h.0 - mean_length) * (h.1 - mean_ms)).sum::<f32>() / n;
    // Where all tokens are of one length, as in Chinese, the line has no slope of its own.
    let slope = if spread > 0.5 {
        (together / spread).clamp(0.0, mean_ms / mean_length)
    } else {
        mean_ms / mean_length
    };
    (mean_ms - slope * mean_length, slope)
}

/// The pause before the word at `index`, by what stands between it and the word before.
fn pause(article: &Article, index: usize) -> f32 {
    let from = index.checked_sub(1).map_or(0, |before| article.words[before].bytes.end);
    let until = article.words.get(index).map_or(article.text.len(), |word| word.bytes.start);
    let between = article.text.get(from..until).unwrap_or_default();
    if index == 0
        || index == article.words.len()
        || between.contains(['\n', '。', '！', '？'])
        || between.contains(ends_sentence) && between.contains(' ')
    {
        3.0
    } else if between.contains(|c| ends_clause(c) || "()（）“”「」—…".contains(c)) {
        1.0
    } else {
        0.0
    }
}
