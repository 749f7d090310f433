//! A phrase as a lattice of tokens: each way from the first to the last place reads it whole.

use crate::words::pinyin::{Syllable, begun, syllables};
use crate::words::{Lexicon, Numerals, ONES, TENS, Token, TokenId};

/// With more places than this, numbers are read in the usual way only.
const MAX_PLACES: usize = 4000;

/// A word that is looked for.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct QueryWord {
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
    pub kind: Kind,
    /// The word it belongs to; each is read or missing as a whole.
    pub slot: u16,
    /// Which of its readings it belongs to.
    pub reading: u16,
    pub is_strict: bool,
}

/// What a step is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Kind {
    /// A word, or a part of one.
    Word,
    /// The beginning of a word.
    Begun,
    /// Two neighbours written as one.
    Joined(TokenId, TokenId),
    /// The slot and so many that follow it are missing, or something else stands there.
    Missing(u16),
}

/// A phrase in all its readings. Steps into a place stand before those out of it.
#[derive(Default)]
pub(super) struct Lattice {
    pub lexicon: Lexicon,
    pub steps: Vec<Step>,
    /// How many places there are; the first is 0.
    pub n_places: usize,
    /// The place where every way ends.
    pub end: u16,
    /// Whether its words are spelled by their sound.
    pub is_pinyin: bool,
    n_slots: usize,
}

impl Lattice {
    fn new(is_pinyin: bool) -> Self {
        Self { n_places: 1, is_pinyin, ..Self::default() }
    }

    fn place(&mut self) -> u16 {
        self.n_places += 1;
        (self.n_places - 1) as u16
    }

    fn slot(&mut self) -> u16 {
        self.n_slots += 1;
        (self.n_slots - 1) as u16
    }

    /// A word of one reading and one token, which may be missing unless it has to be there.
    fn single(&mut self, from: u16, to: u16, token: TokenId, is_strict: bool) {
        let slot = self.slot();
        let step = Step { from, to, token, kind: Kind::Word, slot, reading: 0, is_strict };
        self.steps.push(step.clone());
        if !is_strict {
            self.steps.push(Step { kind: Kind::Missing(0), ..step });
        }
    }

    /// A word of several readings after the place `from`; answers where it ends.
    fn readings(
        &mut self,
        from: u16,
        readings: &[&[Token]],
        is_strict: impl Fn(u32) -> bool,
    ) -> u16 {
        let slot = self.slot();
        let inner: Vec<Vec<u16>> = readings
            .iter()
            .map(|reading| (1..reading.len()).map(|_| self.place()).collect())
            .collect();
        let end = self.place();
        for (reading, (tokens, inner)) in readings.iter().zip(inner).enumerate() {
            let mut at = from;
            for (token, to) in tokens.iter().zip(inner.into_iter().chain([end])) {
                let is_strict = is_strict(token.word);
                self.steps.push(Step {
                    from: at,
                    to,
                    token: token.id,
                    kind: Kind::Word,
                    slot,
                    reading: reading as u16,
                    is_strict,
                });
                at = to;
            }
        }
        if let Some(token) = readings
            .iter()
            .find_map(|reading| reading.first())
            .filter(|token| !is_strict(token.word))
        {
            self.steps.push(Step {
                from,
                to: end,
                token: token.id,
                kind: Kind::Missing(0),
                slot,
                reading: 0,
                is_strict: false,
            });
        }
        end
    }

    /// Makes the slots from `first` on, the last of which was just added, one number: it is there or
    /// missing as a whole, since 3萬億 is not nearly 8萬億.
    fn number(&mut self, first: u16) {
        let n_slots = self.n_slots as u16 - first;
        let more = |step: &Step| match step.kind {
            Kind::Missing(more) if step.slot >= first => Some(more),
            _ => None,
        };
        let missing: Vec<&Step> = self.steps.iter().filter(|step| more(step).is_some()).collect();
        let n_missing: u16 = missing.iter().filter_map(|step| Some(more(step)? + 1)).sum();
        // A part of it that has to be there is not missing with the others.
        let whole = missing.first().zip(missing.last()).filter(|_| n_missing == n_slots).map(
            |(from, to)| Step { to: to.to, kind: Kind::Missing(n_slots - 1), ..(*from).clone() },
        );
        self.steps.retain(|step| more(step).is_none());
        self.steps.extend(whole);
    }

    /// The phones of the word that is looked for, where it is one word of letters.
    pub fn single_word(&self) -> Option<f32> {
        let mut words = self.steps.iter().filter(|step| step.kind == Kind::Word);
        let (first, is_only) = (words.next()?, words.next().is_none());
        (is_only && self.lexicon.is_letters(first.token)).then(|| self.lexicon.weight(first.token))
    }

    /// Steps over the words that two neighbours make when they are written as one ("open source"
    /// and "opensource").
    fn join(&mut self) {
        let mut joined = Vec::new();
        let is_word = |step: &&Step| step.kind == Kind::Word && self.lexicon.is_letters(step.token);
        for (index, first) in self.steps.iter().enumerate().filter(|(_, step)| is_word(step)) {
            for second in self.steps[index + 1..]
                .iter()
                .take(64)
                .filter(|second| second.from == first.to)
                .filter(is_word)
            {
                let text = format!(
                    "{}{}",
                    self.lexicon.text(first.token),
                    self.lexicon.text(second.token)
                );
                let kind = Kind::Joined(first.token, second.token);
                joined.push((
                    index,
                    text,
                    Step {
                        to: second.to,
                        kind,
                        is_strict: first.is_strict || second.is_strict,
                        ..first.clone()
                    },
                ));
            }
        }
        // From the last, so that the indices stay true.
        for (index, text, step) in joined.into_iter().rev() {
            let token = self.lexicon.whole(&text);
            self.steps.insert(index, Step { token, ..step });
        }
    }

    /// Lets the last word be the beginning of one.
    fn begin(&mut self, text: &str) {
        let token = self.lexicon.whole(text);
        let is_last =
            |step: &&Step| step.to == self.end && step.token == token && step.kind == Kind::Word;
        if let Some(step) = self.steps.iter().find(is_last).cloned() {
            self.steps.push(Step { kind: Kind::Begun, ..step });
        }
    }
}

/// Whether a word is a number, or a part of one.
fn counts(word: &str) -> bool {
    const NUMERALS: &str = "零〇一二三四五六七八九十百千萬万億亿兆兩两";
    let small = word.to_lowercase();
    !word.is_empty()
        && (word.contains(|c: char| c.is_ascii_digit())
            || word.chars().all(|c| NUMERALS.contains(c))
            || [&ONES[..], &TENS, &SCALES].concat().contains(&small.as_str()))
}

/// Whether what stands behind a number is money: 3兆美元 is no more nearly 8兆美元 than without it.
fn is_money(words: &[QueryWord]) -> bool {
    let is = |at: usize, names: &[&str]| {
        words.get(at).is_some_and(|word| names.contains(&word.text.to_lowercase().as_str()))
    };
    is(0, &["元", "圓", "圆", "塊", "块", "鎊", "镑"])
        || is(0, &["dollar", "dollars", "euro", "euros", "pounds", "percent", "yuan"])
        || (is(0, &["美", "歐", "欧", "日", "台", "臺", "港", "英"])
            && is(1, &["元", "圓", "圆", "幣", "币", "鎊", "镑"]))
}

/// The words of English numbers that stand behind digits.
const SCALES: [&str; 5] = ["hundred", "thousand", "million", "billion", "trillion"];

/// The lattice of `words` as they are written.
pub(super) fn words(words: &[QueryWord], numerals: Numerals, is_typing: bool) -> Lattice {
    let mut lattice = Lattice::new(false);
    let phrase = lattice.lexicon.fold(words.iter().map(|word| word.text.as_str()), numerals);
    let mut at = 0;
    let mut number = None;
    for slot in phrase.slots() {
        let n_readings = if lattice.n_places < MAX_PLACES { usize::MAX } else { 1 };
        let readings: Vec<&[Token]> = slot.take(n_readings).collect();
        let first = lattice.n_slots as u16;
        at = lattice.readings(at, &readings, |word| words[word as usize].is_strict);
        let is_part = |word: usize| {
            counts(&words[word].text)
                || (number.is_some() && is_money(words.get(word..).unwrap_or_default()))
        };
        let usual = readings.first().copied().unwrap_or_default();
        number = (!usual.is_empty() && usual.iter().all(|token| is_part(token.word as usize)))
            .then(|| number.unwrap_or(first));
        if let Some(begin) = number.filter(|begin| *begin < first) {
            lattice.number(begin);
        }
    }
    lattice.end = at;
    lattice.join();
    if let Some(last) = words
        .last()
        .filter(|last| is_typing && (words.len() > 1 || last.text.chars().nth(1).is_some()))
    {
        lattice.begin(&last.text);
    }
    lattice
}

/// The lattice of `words` with those in Latin letters taken as pinyin; `None` where one of them is
/// none, where there is none, or where all is one syllable, which says too little.
pub(super) fn pinyin(words: &[QueryWord], is_typing: bool) -> Option<Lattice> {
    let mut lattice = Lattice::new(true);
    let (mut at, mut n_syllables) = (0, 0);
    let mut is_spelled = false;
    for (index, word) in words.iter().enumerate() {
        let is_last = is_typing && index + 1 == words.len();
        let whole = syllables(&word.text);
        let begun = begun(&word.text).filter(|_| is_last && whole.is_empty());
        is_spelled |= !whole.is_empty() || begun.is_some();
        if let Some((syllables, rest)) = begun {
            n_syllables += fewest(&syllables) + 1;
            let from = lattice.spell(&syllables, at, word.is_strict);
            let token = lattice.lexicon.whole(&rest);
            at = lattice.place();
            let slot = lattice.slot();
            lattice.steps.push(Step {
                from,
                to: at,
                token,
                kind: Kind::Begun,
                slot,
                reading: 0,
                is_strict: word.is_strict,
            });
        } else if whole.is_empty() {
            n_syllables += 1;
            at = lattice.characters(&word.text, at, word.is_strict)?;
        } else {
            n_syllables += fewest(&whole);
            at = lattice.spell(&whole, at, word.is_strict);
        }
    }
    lattice.end = at;
    (is_spelled && n_syllables > 1).then_some(lattice)
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

impl Lattice {
    /// Adds the ways through a spelling from the place `at`; answers where they end.
    fn spell(&mut self, syllables: &[Syllable], at: u16, is_strict: bool) -> u16 {
        let n_letters = syllables.iter().map(|syllable| syllable.letters.end).max().unwrap_or(0);
        let places: Vec<u16> = (0..n_letters).map(|_| self.place()).collect();
        for syllable in syllables {
            let from =
                if syllable.letters.start == 0 { at } else { places[syllable.letters.start - 1] };
            let token = self.lexicon.syllable(syllable.plain);
            self.single(from, places[syllable.letters.end - 1], token, is_strict);
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
        self.single(at, to, token.id, is_strict);
        Some(to)
    }
}
