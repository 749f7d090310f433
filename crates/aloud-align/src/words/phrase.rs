//! A run of words as it is spoken, with every way to read it.
//!
//! Flat lists instead of a list for each word, because a book has a hundred thousand of them.

use super::TokenId;
use std::collections::HashSet;
use std::ops::Range;

/// A word as it sounds, and the written word it comes from. One written word can be several tokens
/// ("29" is "twenty nine").
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Token {
    /// Which word it is; equal tokens are the same word.
    pub id: TokenId,
    /// The number of the written word it comes from.
    pub word: u32,
}

/// Two tokens that stand side by side in some reading of a text.
pub type Pairs = HashSet<(TokenId, TokenId)>;

/// The tokens of a run of words. Words without anything to say (a dash) have none.
#[derive(Clone, Debug, Default)]
pub struct Phrase {
    tokens: Vec<Token>,
    /// Each reading's tokens.
    readings: Vec<Range<u32>>,
    /// For each word, or group of words whose order changes in speech ("$8 trillion"), its
    /// readings, the usual one first.
    slots: Vec<Range<u32>>,
}

impl Phrase {
    /// Adds what stands next, with all its readings, the usual one first. Readings without tokens
    /// are no readings.
    pub(super) fn push(&mut self, readings: impl IntoIterator<Item = Vec<Token>>) {
        let first = self.readings.len() as u32;
        for reading in readings {
            let known =
                (first..self.readings.len() as u32).any(|known| self.reading(known) == reading);
            if !reading.is_empty() && !known {
                let start = self.tokens.len() as u32;
                self.tokens.extend(reading);
                self.readings.push(start..self.tokens.len() as u32);
            }
        }
        if self.readings.len() as u32 > first {
            self.slots.push(first..self.readings.len() as u32);
        }
    }

    /// Adds a word that can be read in one way only.
    pub(super) fn push_single(&mut self, token: Token) {
        let (reading, at) = (self.readings.len() as u32, self.tokens.len() as u32);
        self.tokens.push(token);
        self.readings.push(at..at + 1);
        self.slots.push(reading..reading + 1);
    }

    fn reading(&self, index: u32) -> &[Token] {
        let range = self.readings[index as usize].clone();
        &self.tokens[range.start as usize..range.end as usize]
    }

    /// For each slot (a word, or words that only together can be read) its readings, the usual one
    /// first.
    pub fn slots(&self) -> impl Iterator<Item = impl Iterator<Item = &[Token]> + Clone + use<'_>> {
        self.slots.iter().map(|slot| slot.clone().map(|index| self.reading(index)))
    }

    /// How many slots there are.
    pub fn len(&self) -> usize {
        self.slots.len()
    }

    /// Whether there is nothing to say.
    pub fn is_empty(&self) -> bool {
        self.slots.is_empty()
    }

    /// The tokens of the usual readings.
    pub fn usual(&self) -> Vec<Token> {
        self.slots.iter().flat_map(|slot| self.reading(slot.start)).copied().collect()
    }

    /// Every pair of neighbours in any reading.
    pub fn pairs(&self) -> Pairs {
        let mut pairs = Pairs::with_capacity(self.tokens.len());
        let mut before: Option<&Range<u32>> = None;
        for slot in &self.slots {
            for reading in slot.clone().map(|index| self.reading(index)) {
                pairs.extend(reading.windows(2).map(|pair| (pair[0].id, pair[1].id)));
                let ends = before
                    .into_iter()
                    .cloned()
                    .flatten()
                    .filter_map(|index| self.reading(index).last());
                pairs.extend(ends.map(|end| (end.id, reading[0].id)));
            }
            before = Some(slot);
        }
        pairs
    }

    /// Every three neighbours in any reading.
    pub fn triples(&self) -> HashSet<[TokenId; 3]> {
        let mut triples = HashSet::with_capacity(self.tokens.len());
        // The last tokens of every way so far, two at most.
        let mut ends: Vec<Vec<TokenId>> = vec![Vec::new()];
        for slot in &self.slots {
            let mut next: Vec<Vec<TokenId>> = Vec::with_capacity(slot.len());
            for reading in slot.clone().map(|index| self.reading(index)) {
                for end in &ends {
                    let way: Vec<TokenId> =
                        end.iter().copied().chain(reading.iter().map(|token| token.id)).collect();
                    triples.extend(way.windows(3).map(|three| [three[0], three[1], three[2]]));
                    let end = way[way.len().saturating_sub(2)..].to_vec();
                    if !next.contains(&end) {
                        next.push(end);
                    }
                }
            }
            ends = next;
        }
        triples
    }

    /// The readings of two texts, held against each other, in which they agree best.
    pub fn settle_both(a: &Self, b: &Self) -> (Vec<Token>, Vec<Token>) {
        let a = a.settle(&b.pairs());
        let pairs = a.windows(2).map(|pair| (pair[0].id, pair[1].id)).collect();
        let b = b.settle(&pairs);
        (a, b)
    }

    /// The tokens of the readings whose neighbours are found best in `said`, the
    /// [`pairs`](Self::pairs) of the text that this one is held against; the usual reading where
    /// none is better.
    pub fn settle(&self, said: &Pairs) -> Vec<Token> {
        let mut settled: Vec<Token> = Vec::with_capacity(self.tokens.len());
        for (index, slot) in self.slots.iter().enumerate() {
            let mut best = slot.start;
            if slot.len() > 1 {
                let before = settled.last().map(|token| token.id);
                let after = self.slots.get(index + 1);
                let mut best_share = -1.0;
                for reading in slot.clone() {
                    let share = self.share(before, self.reading(reading), after, said);
                    if share > best_share {
                        (best, best_share) = (reading, share);
                    }
                }
            }
            settled.extend(self.reading(best));
        }
        settled
    }

    /// Which share of the pairs that `reading` makes, with its neighbours, is in `said`.
    fn share(
        &self,
        before: Option<TokenId>,
        reading: &[Token],
        after: Option<&Range<u32>>,
        said: &Pairs,
    ) -> f32 {
        let (mut n_found, mut n) = (0, 0);
        let mut count = |is_found: bool| {
            n += 1;
            n_found += i32::from(is_found);
        };
        if let Some(before) = before {
            count(said.contains(&(before, reading[0].id)));
        }
        for pair in reading.windows(2) {
            count(said.contains(&(pair[0].id, pair[1].id)));
        }
        if let (Some(after), Some(last)) = (after, reading.last()) {
            count(after.clone().any(|index| said.contains(&(last.id, self.reading(index)[0].id))));
        }
        if n == 0 { 0.0 } else { n_found as f32 / n as f32 }
    }
}
