//! The text as a chain of states, word by word, that a recording passes through.

use super::kind::{PARTS, part};
use super::text::{Phone, Text};
use crate::article::{Article, asides};
use std::ops::Range;

/// No unit begins with this state.
pub(super) const NONE: u32 = u32::MAX;
/// More states than this no sound has: who drawls stays in one.
const MOST_STATES: usize = 12;

/// Of longer states few sounds have three.
const LONG_STATE_MS: f32 = 50.0;

/// How a sentence may be left out.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Start {
    /// What that costs, in nats.
    pub cost: f32,
    /// Whether it may be without the cost of beginning to leave text out: a narrator would probably
    /// skip it.
    pub is_optional: bool,
}

/// Words of states. A word's states are those from its first to the first of the next.
#[derive(Clone, Debug, Default)]
pub(super) struct Chain {
    /// Where each word begins among the states, and how many states there are.
    pub firsts: Vec<usize>,
    /// Each state's kind of sound.
    pub kinds: Vec<u16>,
    /// The phone that begins with each state, or [`NONE`].
    pub begins: Vec<u32>,
    /// For each word: how the sentence that begins there may be left out.
    pub starts: Vec<Option<Start>>,
    /// For each word, and behind the last: from which word on the sound may pass over all up to
    /// here.
    pub jumps: Vec<Vec<u32>>,
    /// When each word would end if the whole text were read at the synthesiser's pace, in
    /// milliseconds.
    pub ends_ms: Vec<u64>,
}

impl Chain {
    /// All sentences of `text`, with a state for each `state_ms` of sound where a phone takes
    /// `pace` times as long as the synthesiser's.
    pub fn of_text(
        text: &Text,
        article: &Article,
        state_ms: f32,
        pace: impl Fn(usize) -> f32,
    ) -> Self {
        let mut chain = Self { firsts: vec![0], ..Self::default() };
        // The article's word that each of the chain's is.
        let mut said: Vec<usize> = Vec::new();
        for (index, phones) in text.sentences.iter().enumerate() {
            let is_optional =
                article.sentences.get(index).is_some_and(|sentence| sentence.skip.is_some());
            let start = Start { cost: if is_optional { OPTIONAL } else { SKIP_EACH }, is_optional };
            let first = chain.starts.len();
            chain.say(&text.phones, phones.clone(), state_ms, &pace);
            said.extend(
                text.phones[phones.clone()]
                    .chunk_by(|a, b| a.word == b.word)
                    .map(|phones| phones[0].word as usize),
            );
            if let Some(place) = chain.starts.get_mut(first) {
                *place = Some(start);
            }
        }
        chain.jumps = vec![Vec::new(); said.len() + 1];
        // Words stand in order, those that are said in two places too.
        for words in asides(article) {
            let (from, to) = (
                said.partition_point(|word| *word < words.start),
                said.partition_point(|word| *word < words.end),
            );
            if from < to {
                chain.jumps[to].push(from as u32);
            }
        }
        chain
    }

    /// Phones as they follow each other.
    pub fn of_phones(phones: &[Phone], state_ms: f32) -> Self {
        let mut chain = Self { firsts: vec![0], ..Self::default() };
        chain.say(phones, 0..phones.len(), state_ms, &|_| 1.0);
        chain
    }

    /// After the last word that ends within `ms` after the one at `word` begins.
    pub fn ahead(&self, word: usize, ms: u64) -> usize {
        let now = word.checked_sub(1).and_then(|last| self.ends_ms.get(last)).copied().unwrap_or(0);
        self.ends_ms.partition_point(|end| *end < now + ms) + 1
    }

    /// How many words there are.
    pub fn len(&self) -> usize {
        self.starts.len()
    }

    fn say(
        &mut self,
        phones: &[Phone],
        range: Range<usize>,
        state_ms: f32,
        pace: &impl Fn(usize) -> f32,
    ) {
        let mut ms = self.ends_ms.last().copied().unwrap_or(0);
        let mut at = range.start;
        while at < range.end {
            let word = phones[at].word;
            let n = phones[at..range.end].iter().take_while(|phone| phone.word == word).count();
            for (index, phone) in (at..).zip(&phones[at..at + n]) {
                let n_states = ((f32::from(phone.ms) * pace(index) / state_ms).round() as usize)
                    .clamp(1, MOST_STATES);
                // Two states would leave its middle out, which is what of a sound is most its own;
                // quick ones pass over one of three.
                let n_states =
                    if n_states == 2 && state_ms < LONG_STATE_MS { PARTS } else { n_states };
                self.kinds.extend(
                    (0..n_states)
                        .map(|state| phone.kind + part(state, n_states).min(PARTS - 1) as u16),
                );
                self.begins.extend(
                    (0..n_states).map(|state| if state == 0 { index as u32 } else { NONE }),
                );
                ms += u64::from(phone.ms);
            }
            self.firsts.push(self.kinds.len());
            self.starts.push(None);
            self.ends_ms.push(ms);
            at += n;
        }
    }
}

/// What leaving out a sentence costs, in nats: one that narrators skip, and any other once leaving
/// out has begun.
const OPTIONAL: f32 = 0.3;
const SKIP_EACH: f32 = 0.3;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::article::from_text;
    use crate::warp::Sound;

    #[test]
    fn a_word_is_a_run_of_states() {
        let mut text = Text::default();
        let sound = |name: &'static str, word, ms: u32| Sound {
            name: Some(name),
            word,
            samples: 0..16 * ms,
        };
        text.push(&[], 16_000, [sound("a", 0, 60), sound("b", 0, 20), sound("c", 1, 90)]);
        text.push(&[], 16_000, []);
        text.push(&[], 16_000, [sound("a", 2, 30)]);
        let article = from_text("One two.\n\n* * *\n\nThree.");
        let chain = Chain::of_text(&text, &article, 30.0, |_| 1.0);
        assert_eq!((chain.len(), chain.firsts.as_slice()), (3, [0, 4, 7, 8].as_slice()));
        assert_eq!(chain.kinds, [3, 4, 5, 7, 9, 10, 11, 4]);
        assert_eq!(chain.begins, [0, NONE, NONE, 1, 2, NONE, NONE, 3]);
        assert_eq!(
            chain.starts.iter().map(Option::is_some).collect::<Vec<_>>(),
            [true, false, true]
        );
        assert_eq!(Chain::of_phones(&text.phones[1..3], 30.0).kinds, [7, 9, 10, 11]);
    }
}
