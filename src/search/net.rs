//! A phrase as a net of tokens: each way from the first to the last place reads it whole.

use crate::words::pinyin::{self, Syllable};
use crate::words::{Lexicon, Numerals, Token, TokenId};

/// With more places than this, numbers are read in the usual way only.
const MAX_PLACES: usize = 4000;

/// A word that is looked for.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Wish {
    pub text: String,
    /// Whether only the same word will do.
    pub is_strict: bool,
}

/// One step of a way.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Step {
    pub from: u16,
    pub to: u16,
    pub token: TokenId,
    pub is_strict: bool,
    pub kind: Kind,
}

/// What a step's token is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Kind {
    /// A word.
    Word,
    /// The beginning of one.
    Begun,
    /// Two neighbours written as one.
    Joined,
}

/// A phrase in all its readings. Steps into a place stand before those out of it.
#[derive(Default)]
pub(super) struct Net {
    pub lexicon: Lexicon,
    pub steps: Vec<Step>,
    /// How many places there are; the first is 0.
    pub n_places: usize,
    /// The place where every way ends.
    pub end: u16,
    /// Whether its words are spelled by their sound.
    pub is_pinyin: bool,
}

impl Net {
    fn place(&mut self) -> u16 {
        self.n_places += 1;
        (self.n_places - 1) as u16
    }

    fn step(&mut self, from: u16, to: u16, token: TokenId, is_strict: bool) {
        let is_known = self.steps.iter().rev().take(64).any(|step| (step.from, step.to, step.token) == (from, to, token));
        if !is_known {
            self.steps.push(Step { from, to, token, is_strict, kind: Kind::Word });
        }
    }

    /// Steps over the words that two neighbours make when they are written as one ("open source" and "opensource").
    fn join(&mut self) {
        let mut joined = Vec::new();
        for (index, first) in self.steps.iter().enumerate() {
            for second in self.steps[index + 1..].iter().take(64).filter(|second| second.from == first.to) {
                if self.lexicon.is_letters(first.token) && self.lexicon.is_letters(second.token) {
                    let text = format!("{}{}", self.lexicon.text(first.token), self.lexicon.text(second.token));
                    joined.push((index, first.from, second.to, text, first.is_strict || second.is_strict));
                }
            }
        }
        // From the last, so that the indices stay true.
        for (index, from, to, text, is_strict) in joined.into_iter().rev() {
            let token = self.lexicon.whole(&text);
            self.steps.insert(index, Step { from, to, token, is_strict, kind: Kind::Joined });
        }
    }

    /// Lets the last word be the beginning of one.
    fn begin(&mut self, text: &str) {
        let token = self.lexicon.whole(text);
        let last =
            self.steps.iter().filter(|step| step.to == self.end && step.token == token).map(|step| (step.from, step.is_strict)).next();
        if let Some((from, is_strict)) = last {
            self.steps.push(Step { from, to: self.end, token, is_strict, kind: Kind::Begun });
        }
    }
}

/// The net of `words` as they are written.
pub(super) fn words(words: &[Wish], numerals: Numerals, is_typing: bool) -> Net {
    let mut net = Net { n_places: 1, ..Net::default() };
    let phrase = net.lexicon.fold(words.iter().map(|word| word.text.as_str()), numerals);
    let mut at = 0;
    for slot in phrase.slots() {
        let n_readings = if net.n_places < MAX_PLACES { usize::MAX } else { 1 };
        let readings: Vec<&[Token]> = slot.take(n_readings).collect();
        let inner: Vec<Vec<u16>> = readings.iter().map(|reading| (1..reading.len()).map(|_| net.place()).collect()).collect();
        let end = net.place();
        for (reading, inner) in readings.iter().zip(inner) {
            let mut from = at;
            for (token, to) in reading.iter().zip(inner.into_iter().chain([end])) {
                net.step(from, to, token.id, words[token.word as usize].is_strict);
                from = to;
            }
        }
        at = end;
    }
    net.end = at;
    net.join();
    if let Some(last) = words.last().filter(|last| is_typing && (words.len() > 1 || last.text.chars().nth(1).is_some())) {
        net.begin(&last.text);
    }
    net
}

/// The net of `words` with those in Latin letters taken as pinyin; `None` where one of them is none, where there is none, or
/// where all is one syllable, which says too little.
pub(super) fn pinyin(words: &[Wish], is_typing: bool) -> Option<Net> {
    let mut net = Net { n_places: 1, is_pinyin: true, ..Net::default() };
    let (mut at, mut n_syllables) = (0, 0);
    let mut is_spelled = false;
    for (index, word) in words.iter().enumerate() {
        let is_last = is_typing && index + 1 == words.len();
        let whole = pinyin::syllables(&word.text);
        let begun = pinyin::begun(&word.text).filter(|_| is_last && whole.is_empty());
        is_spelled |= !whole.is_empty() || begun.is_some();
        if let Some((syllables, rest)) = begun {
            n_syllables += fewest(&syllables) + 1;
            let from = net.spell(&syllables, at, word.is_strict);
            let token = net.lexicon.whole(&rest);
            at = net.place();
            net.steps.push(Step { from, to: at, token, is_strict: word.is_strict, kind: Kind::Begun });
        } else if whole.is_empty() {
            n_syllables += 1;
            at = net.characters(&word.text, at, word.is_strict)?;
        } else {
            n_syllables += fewest(&whole);
            at = net.spell(&whole, at, word.is_strict);
        }
    }
    net.end = at;
    (is_spelled && n_syllables > 1).then_some(net)
}

/// How many syllables the shortest way through a spelling has.
fn fewest(syllables: &[Syllable]) -> usize {
    let n_letters = syllables.iter().map(|syllable| syllable.letters.end).max().unwrap_or(0);
    let mut fewest = vec![usize::MAX; n_letters + 1];
    fewest[0] = 0;
    for syllable in syllables {
        let end = &syllable.letters.end;
        fewest[*end] = fewest[*end].min(fewest[syllable.letters.start].saturating_add(1));
    }
    fewest[n_letters]
}

impl Net {
    /// Adds the ways through a spelling from the place `at`; answers where they end.
    fn spell(&mut self, syllables: &[Syllable], at: u16, is_strict: bool) -> u16 {
        let n_letters = syllables.iter().map(|syllable| syllable.letters.end).max().unwrap_or(0);
        let places: Vec<u16> = (0..n_letters).map(|_| self.place()).collect();
        for syllable in syllables {
            let from = if syllable.letters.start == 0 { at } else { places[syllable.letters.start - 1] };
            let token = self.lexicon.syllable(syllable.plain);
            self.step(from, places[syllable.letters.end - 1], token, is_strict);
        }
        places.last().copied().unwrap_or(at)
    }

    /// Adds characters as they are; `None` for anything else.
    fn characters(&mut self, text: &str, at: u16, is_strict: bool) -> Option<u16> {
        let phrase = self.lexicon.fold([text], Numerals::Chinese);
        let [token] = phrase.usual()[..] else { return None };
        if self.lexicon.is_letters(token.id) {
            return None;
        }
        let to = self.place();
        self.step(at, to, token.id, is_strict);
        Some(to)
    }
}
