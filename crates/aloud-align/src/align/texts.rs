//! Both texts as they are spoken, over one lexicon.

use crate::article::Article;
use crate::transcript::Transcript;
use crate::transcript::characters::{is_spoken, thirds};
use crate::words::{Lexicon, Numerals, Phrase, Token, TokenId};

/// Milliseconds that a token takes within a spoken word.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Stretch {
    pub start: f32,
    pub end: f32,
}

/// The tokens of both texts, and what they weigh.
pub(super) struct Texts {
    pub lexicon: Lexicon,
    pub written: Vec<Token>,
    pub spoken: Vec<Token>,
    /// How much a match of a token tells, by its number: 0.4 for the commonest, 1 for one that
    /// stands once.
    pub weights: Vec<f32>,
}

impl Texts {
    pub fn new(article: &Article, transcript: &Transcript) -> Self {
        let mut lexicon = Lexicon::default();
        let numerals = Numerals::of((0..article.words.len()).map(|index| article.word(index)));
        let written =
            lexicon.fold((0..article.words.len()).map(|index| article.word(index)), numerals);
        let spoken = lexicon.fold(transcript.words().map(|word| word.text.as_str()), numerals);
        let (written, spoken) = Phrase::settle_both(&written, &spoken);
        let weights = weights(&lexicon, &written, &spoken);
        Self { lexicon, written, spoken, weights }
    }

    pub fn weight(&self, id: TokenId) -> f32 {
        self.weights[id.index()]
    }

    /// When each spoken token is said: those of one word share its time by their length.
    pub fn times(&self, transcript: &Transcript) -> Vec<Stretch> {
        let words: Vec<_> = transcript.words().collect();
        let mut times = Vec::with_capacity(self.spoken.len());
        for tokens in self.spoken.chunk_by(|a, b| a.word == b.word) {
            let span = words[tokens[0].word as usize].span;
            let lengths: Vec<f32> = tokens.iter().map(|token| self.length(token.id)).collect();
            let per_third = span.millis() as f32 / lengths.iter().sum::<f32>();
            let mut at = span.start().millis() as f32;
            for length in lengths {
                times.push(Stretch { start: at, end: at + length * per_third });
                at += length * per_third;
            }
        }
        times
    }

    /// The spoken length of a token, in thirds of a syllable; at least 1.
    pub fn length(&self, id: TokenId) -> f32 {
        let thirds: u32 = self
            .lexicon
            .text(id)
            .chars()
            .filter(|c| is_spoken(*c))
            .map(|c| u32::from(thirds(c)))
            .sum();
        thirds.max(1) as f32
    }
}

/// 0.4, plus 0.6 times the token's information as a share of the greatest there is.
fn weights(lexicon: &Lexicon, written: &[Token], spoken: &[Token]) -> Vec<f32> {
    let mut counts = vec![0u32; lexicon.len()];
    for token in written.iter().chain(spoken) {
        counts[token.id.index()] += 1;
    }
    let n = (written.len() + spoken.len()).max(4) as f32;
    // A word of both texts stands twice at least.
    let most = (n / 2.0).ln();
    let weight =
        |count: &u32| 0.4 + 0.6 * ((n / (*count).max(2) as f32).ln() / most).clamp(0.0, 1.0);
    counts.iter().map(weight).collect()
}
