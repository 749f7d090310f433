//! Does a text belong to speech in another language at all?
//!
//! A path through the beads can be found for any two texts. What tells is whether the text's own
//! order of sentences gives a better one than chance. This file never knows where either comes
//! from.

use super::{Problem, Texts};
use crate::align::Belongs;
use crate::article::Article;
use crate::transcript::Transcript;
use std::fmt;

/// How well an article and speech, or a text, in another language go together.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Fit {
    /// How much better the sentences go with it in their order than shuffled, in nats for each
    /// sentence that a narrator would read. Of the demo texts it is 0.9 (half of the narration
    /// missing) to 2.4 where they belong together, and 0.3 at most where they do not.
    pub gain: f64,
    /// The same in standard deviations of what shuffling gives.
    pub deviations: f64,
    /// The share of the article that is tied.
    pub coverage: f64,
    /// How many sentences there are to shuffle.
    pub n_sentences: usize,
}

/// From here on the order of the sentences is no accident.
const LEAST_GAIN: f64 = 0.5;
const LEAST_DEVIATIONS: f64 = 3.0;
/// Up to here chance goes.
const CHANCE_GAIN: f64 = 0.3;
/// How often sentences are shuffled, and of how many it says something that this changes nothing:
/// three have six orders.
const SHUFFLES: usize = 6;
const LEAST_SENTENCES: usize = 4;

impl Fit {
    /// Whether the article is what is spoken, or a part or more of it. Few sentences cannot tell:
    /// any order of them is much like another.
    pub fn belongs(&self) -> Belongs {
        match self.gain >= LEAST_GAIN {
            true if self.deviations >= LEAST_DEVIATIONS => Belongs::Yes,
            false if self.gain <= CHANCE_GAIN && self.n_sentences >= LEAST_SENTENCES => Belongs::No,
            _ => Belongs::Unknown,
        }
    }
}

/// Why it belongs, or does not.
impl fmt::Display for Fit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let verb = match self.belongs() {
            Belongs::Unknown if self.n_sentences < LEAST_SENTENCES => {
                return write!(f, "so few sentences do not tell");
            }
            Belongs::Yes => "fit",
            Belongs::No => "fit no",
            Belongs::Unknown => "fit hardly",
        };
        write!(f, "the sentences {verb} better in their order than shuffled")
    }
}

/// Whether `article` belongs to `transcript`, which is in another language: its sentences in any
/// other order would fit about as well if it did not. Deterministic.
pub fn fit(article: &Article, transcript: &Transcript) -> Fit {
    let problem = Problem::of(article, transcript);
    let (path, rate) = problem.solve();
    let coverage = problem.alignment(&path, rate, transcript).coverage;
    against_chance(article, coverage, |order| problem.score(order, rate))
}

/// Whether `a` and `b` say the same in two languages, by the same evidence. The coverage is the
/// share of the sentences of `a` that have a counterpart, of those that a narrator would read.
/// Deterministic.
pub fn pair_fit(a: &Article, b: &Article) -> Fit {
    let texts = Texts::of(a, b);
    let (path, rate) = texts.settle();
    let is_read = |i: &usize| a.sentences[*i].skip.is_none();
    let n = (0..a.sentences.len()).filter(is_read).count();
    let n_paired = path
        .beads
        .iter()
        .filter(|bead| !bead.b.is_empty())
        .flat_map(|bead| bead.a.clone())
        .filter(is_read)
        .count();
    let fit =
        against_chance(a, n_paired as f64 / n.max(1) as f64, |order| texts.score(order, rate));
    // Any order fits a text of one sentence alike.
    if b.sentences.len() == 1 { Fit { n_sentences: 1, ..fit } } else { fit }
}

/// What the sentences of `article` gain by their own order. `score` tells how likely the best path
/// is with them in another.
fn against_chance(article: &Article, coverage: f64, score: impl Fn(&[usize]) -> f64) -> Fit {
    let mut order: Vec<usize> = (0..article.sentences.len()).collect();
    let found = score(&order);
    let mut dice = 0x9E37_79B9_7F4A_7C15_u64;
    let chance: Vec<f64> = (0..SHUFFLES)
        .map(|_| {
            shuffle(&mut order, &mut dice);
            score(&order)
        })
        .collect();
    let mean = chance.iter().sum::<f64>() / SHUFFLES as f64;
    let variance =
        chance.iter().map(|score| (score - mean).powi(2)).sum::<f64>() / (SHUFFLES - 1) as f64;
    let n =
        article.sentences.iter().filter(|sentence| sentence.skip.is_none()).count().max(1) as f64;
    // Few sentences have few orders: a deviation of less than a nat and a half is taken for one.
    Fit {
        gain: (found - mean) / n,
        deviations: (found - mean) / variance.sqrt().max(1.5),
        coverage,
        n_sentences: order.len(),
    }
}

/// Fisher and Yates' shuffle, with a generator (xorshift64) that makes the same numbers each time.
fn shuffle(order: &mut [usize], state: &mut u64) {
    for i in (1..order.len()).rev() {
        *state ^= *state << 13;
        *state ^= *state >> 7;
        *state ^= *state << 17;
        order.swap(i, (*state % (i as u64 + 1)) as usize);
    }
}
