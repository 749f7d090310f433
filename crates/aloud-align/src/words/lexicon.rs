//! Every word met so far, folded, with its number and its sound.

use super::phrase::{Phrase, Token};
use super::sound::{self, SAME_SYLLABLE, Sound};
use super::{atoms, chinese, english, fold, spelling};
use crate::script::{Converter, Script};
use crate::transcript::characters::{is_han, is_spoken, stands_alone};
use std::collections::HashMap;

/// A folded word as a number of its [`Lexicon`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TokenId(u32);

impl TokenId {
    /// Its place in the order in which the lexicon met its words, from 0.
    pub const fn index(self) -> usize {
        self.0 as usize
    }
}

/// In which language numbers in digits are read.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Numerals {
    /// "fourteen hundred"; also where no other language's readings are known.
    #[default]
    English,
    /// 一千四百; beside Latin letters in English as well.
    Chinese,
}

impl Numerals {
    /// Those of a text: Chinese if at least a sixth of its words are Han characters.
    pub fn of<'a>(words: impl IntoIterator<Item = &'a str>) -> Self {
        let (mut n, mut n_han) = (0, 0);
        for word in words {
            n += 1;
            n_han += usize::from(word.chars().next().is_some_and(is_han));
        }
        if n_han > 0 && 6 * n_han >= n { Self::Chinese } else { Self::English }
    }
}

/// A folded word.
struct Form {
    text: Box<str>,
    /// Which letters it holds.
    letters: u32,
    sound: Sound,
    /// The first form that sounds exactly so.
    sound_id: TokenId,
}

/// Folds words to tokens, and compares tokens. Both sides of a comparison are folded by the same
/// lexicon, or compared by [`likeness`](Lexicon::likeness).
#[derive(Default)]
pub struct Lexicon {
    forms: Vec<Form>,
    index: HashMap<Box<str>, TokenId>,
    sounds: HashMap<String, TokenId>,
    simplified: HashMap<char, char>,
}

/// Shared by all lexicons, because its dictionaries take milliseconds to unpack.
static SIMPLIFIED: Converter = Converter::new(Script::Hans);

impl Lexicon {
    /// Words as they are written, with or without punctuation around them, as they are spoken.
    /// Tokens name their word by its place in `words`. Both sides of a comparison need the same
    /// `numerals`. Linear.
    pub fn fold<'a>(
        &mut self,
        words: impl IntoIterator<Item = &'a str>,
        numerals: Numerals,
    ) -> Phrase {
        let words: Vec<&str> =
            words.into_iter().map(|word| word.trim_matches(|c: char| !is_spoken(c))).collect();
        let is_chinese = numerals == Numerals::Chinese;
        let mut phrase = Phrase::default();
        let mut at = 0;
        while at < words.len() {
            let before = at.checked_sub(1).map_or("", |before| words[before]);
            if let Some(id) = self.plain(words[at], before) {
                phrase.push_single(Token { id, word: at as u32 });
                at += 1;
                continue;
            }
            let read = atoms::read(&words, at, is_chinese);
            let readings: Vec<Vec<Token>> =
                read.readings.iter().map(|reading| self.intern_reading(reading, at)).collect();
            phrase.push(readings);
            at += read.n_words;
        }
        phrase
    }

    /// The folded text of a token.
    pub fn text(&self, id: TokenId) -> &str {
        &self.forms[id.index()].text
    }

    /// How many different tokens there are; every [`TokenId::index`] is below it.
    pub fn len(&self) -> usize {
        self.forms.len()
    }

    /// Every token, in the order in which they were met.
    pub fn tokens(&self) -> impl Iterator<Item = TokenId> + use<> {
        (0..self.forms.len() as u32).map(TokenId)
    }

    /// Whether nothing was folded yet.
    pub fn is_empty(&self) -> bool {
        self.forms.is_empty()
    }

    /// How alike two tokens are, 0 to 1: 1 only for the same word, 0.9 and more for the same sound,
    /// around half for a likeness that may be chance.
    pub fn similarity(&self, a: TokenId, b: TokenId) -> f32 {
        if a == b {
            1.0
        } else {
            self.forms[a.index()].sound.similarity(&self.forms[b.index()].sound)
        }
    }

    /// How alike a token is to one of another lexicon, 0 to 1: as [`similarity`](Self::similarity),
    /// and by spelling where that says more ("recieve"), which never makes 0.9. A
    /// [syllable](Self::syllable) is as good as any character that is read so. 0 where it is not
    /// above `least`.
    pub fn likeness(&self, own: TokenId, other: &Self, theirs: TokenId, least: f32) -> f32 {
        let (a, b) = (&self.forms[own.index()], &other.forms[theirs.index()]);
        if a.text == b.text {
            return 1.0;
        }
        let heard = a.sound.similarity_above(&b.sound, least);
        let likeness = match (&a.sound, &b.sound) {
            (Sound::Phones { .. }, Sound::Phones { .. }) => {
                heard.max(spelling::similarity(&a.text, a.letters, &b.text, b.letters))
            }
            _ if a.text.starts_with(SYLLABLE) && heard >= SAME_SYLLABLE => 1.0,
            _ => heard,
        };
        if likeness > least { likeness } else { 0.0 }
    }

    /// The token of a syllable of pinyin without its tone ("qiu", "lü"). No word folds to it.
    pub fn syllable(&mut self, plain: &'static str) -> TokenId {
        let text = format!("{SYLLABLE}{plain}");
        self.index
            .get(text.as_str())
            .copied()
            .unwrap_or_else(|| self.add(&text, sound::syllable(plain)))
    }

    /// Whether the token begins with `characters`, or its pinyin does.
    pub fn begins(&self, id: TokenId, letters: &str) -> bool {
        let form = &self.forms[id.index()];
        form.text.starts_with(letters)
            || matches!(&form.sound, Sound::Syllable { initial, rest } if begins([initial, rest], letters))
    }

    /// The token of a folded text, if it was met.
    pub fn get(&self, text: &str) -> Option<TokenId> {
        self.index.get(text).copied()
    }

    /// Folds `text` as it stands to one token.
    pub fn whole(&mut self, text: &str) -> TokenId {
        self.intern(&fold::fold(text))
    }

    /// Whether the token is a word in letters.
    pub fn is_letters(&self, id: TokenId) -> bool {
        matches!(self.forms[id.index()].sound, Sound::Phones { .. })
    }

    /// How many phones a token has, about, whole consonants counted as one; of a character three.
    pub fn weight(&self, id: TokenId) -> f32 {
        match &self.forms[id.index()].sound {
            Sound::Phones { weight, .. } => *weight,
            Sound::Syllable { .. } => 2.0,
            Sound::Unknown => self.text(id).chars().count() as f32,
        }
    }

    /// What tokens of the same sound share, in any lexicon; `None` where only the writing counts.
    pub fn sound_key(&self, id: TokenId) -> Option<String> {
        self.forms[id.index()].sound.key()
    }

    /// A token that stands for all that sound exactly like `id`.
    pub fn sound(&self, id: TokenId) -> TokenId {
        self.forms[id.index()].sound_id
    }

    /// The token that two make when they are written as one ("deep seek"), if it was ever met. Of
    /// letters only.
    pub fn joined(&self, a: TokenId, b: TokenId) -> Option<TokenId> {
        let is_word = |id: TokenId| matches!(self.forms[id.index()].sound, Sound::Phones { .. });
        let joined = || format!("{}{}", self.text(a), self.text(b));
        if is_word(a) && is_word(b) { self.index.get(joined().as_str()).copied() } else { None }
    }

    /// The token of a word that can be read in one way only, and at once.
    fn plain(&mut self, word: &str, before: &str) -> Option<TokenId> {
        let first = word.chars().next()?;
        // 8兆 is 8萬億 as well.
        if first == '兆' && before.ends_with(chinese::ends_number) {
            return None;
        }
        if word.len() == first.len_utf8() && stands_alone(first) {
            let mut buffer = [0; 4];
            let c = self.simplify(first);
            return Some(self.intern(c.encode_utf8(&mut buffer)));
        }
        let is_unit = before.ends_with(char::is_numeric) && !english::unit(word).is_empty();
        let is_word =
            word.bytes().all(|b| b.is_ascii_lowercase()) && english::is_plain(word) && !is_unit;
        is_word.then(|| self.intern(word))
    }

    fn intern_reading(&mut self, reading: &[(usize, String)], first: usize) -> Vec<Token> {
        let mut tokens = Vec::with_capacity(reading.len());
        for (offset, text) in reading {
            let word = (first + offset) as u32;
            let mut letters = String::new();
            for c in text.chars() {
                if stands_alone(c) {
                    let mut buffer = [0; 4];
                    let c = self.simplify(c);
                    let id = self.intern(c.encode_utf8(&mut buffer));
                    tokens.push(Token { id, word });
                } else {
                    letters.push(c);
                }
            }
            if !letters.is_empty() {
                let id = self.intern(&letters);
                tokens.push(Token { id, word });
            }
        }
        tokens
    }

    /// The one character that is written for `c` here: Simplified, of the usual variant.
    fn simplify(&mut self, c: char) -> char {
        if let Some(known) = self.simplified.get(&c) {
            return *known;
        }
        let mut folded = String::new();
        fold::push(c, &mut folded);
        // To OpenCC 么 is the traditional form of 幺; here it is nearly always the simplified one
        // of 麼.
        let converted = if is_han(c) && c != '么' { SIMPLIFIED.convert(&folded) } else { folded };
        let mut chars = converted.chars();
        let simple = match (chars.next(), chars.next()) {
            (Some(simple), None) => usual(simple),
            _ => c,
        };
        self.simplified.insert(c, simple);
        simple
    }

    fn intern(&mut self, text: &str) -> TokenId {
        if let Some(id) = self.index.get(text) {
            return *id;
        }
        self.add(text, Sound::of(text))
    }

    fn add(&mut self, text: &str, sound: Sound) -> TokenId {
        let id = TokenId(self.forms.len() as u32);
        let sound_id = sound.key().map_or(id, |key| *self.sounds.entry(key).or_insert(id));
        self.forms.push(Form {
            text: text.into(),
            letters: spelling::letters(text),
            sound,
            sound_id,
        });
        self.index.insert(text.into(), id);
        id
    }
}

/// What the texts of syllables begin with; words fold to none of these.
const SYLLABLE: char = '/';

/// Whether the pinyin of these two parts begins with `characters`.
fn begins(parts: [&str; 2], letters: &str) -> bool {
    letters
        .strip_prefix(parts[0])
        .map_or_else(|| parts[0].starts_with(letters), |rest| parts[1].starts_with(rest))
}

/// Characters that are the same word in speech though both scripts keep them apart.
fn usual(c: char) -> char {
    match c {
        '〇' => '零',
        '两' => '二',
        '著' => '着',
        '妳' => '你',
        '祂' | '牠' => '它',
        '甚' => '什',
        '麽' => '么',
        '乾' => '干',
        '藉' => '借',
        _ => c,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::transcript::split;
    use proptest::prelude::*;

    fn readings(text: &str) -> Vec<Vec<String>> {
        let mut lexicon = Lexicon::default();
        let words: Vec<&str> = split::words(text).into_iter().map(|range| &text[range]).collect();
        let phrase = lexicon.fold(words.iter().copied(), Numerals::of(words.iter().copied()));
        let text = |tokens: &[Token]| {
            tokens.iter().map(|token| lexicon.text(token.id)).collect::<Vec<_>>().join(" ")
        };
        phrase.slots().map(|slot| slot.map(text).collect()).collect()
    }

    /// Whether both texts have a way to be read in common.
    fn is_reading(written: &str, said: &str) -> bool {
        let mut lexicon = Lexicon::default();
        let numerals = Numerals::of(split::words(written).into_iter().map(|range| &written[range]));
        let mut fold = |text: &str| {
            lexicon.fold(split::words(text).into_iter().map(|range| &text[range]), numerals)
        };
        let (written, said) = (fold(written), fold(said));
        let ids = |tokens: Vec<Token>| tokens.into_iter().map(|token| token.id).collect::<Vec<_>>();
        let (a, b) = Phrase::settle_both(&written, &said);
        ids(a) == ids(b)
    }

    #[test]
    fn the_same() {
        for (written, said) in [
            ("Café, “Straße”", "cafe strasse"),
            ("It won’t do; we’ll see, it's his.", "it will not do we will see it is his"),
            ("open-source code", "open source code"),
            ("spend $8 trillion on it", "spend eight trillion dollars on it"),
            ("it cost $1.2 billion more", "it cost one point two billion dollars more"),
            ("a $5 note", "a five dollar note"),
            ("paid $2.50 for it", "paid two dollars and fifty cents for it"),
            ("24.3 million times", "twenty four point three million times"),
            ("On Jan. 20, 2025, the", "on january twentieth twenty twenty five the"),
            ("On Jan. 20, 2025, the", "on january twenty two thousand twenty five the"),
            ("1,400 people", "fourteen hundred people"),
            ("1,400 people", "one thousand four hundred people"),
            ("1,400 people", "1400 people"),
            ("by 40%.", "by forty percent"),
            ("the 3rd of March", "the third of march"),
            ("at 9:21 a.m.", "at nine twenty one a m"),
            ("the U.S. and the U.K.", "the u s and the u k"),
            ("the U.S. army", "the united states army"),
            ("GPT-4 and AI", "g p t four and a i"),
            ("GPT-4 and AI", "gpt 4 and ai"),
            ("Gemini 2.5 Pro is", "gemini two point five pro is"),
            ("Dr. Brandt and Mr. Smith", "doctor brandt and mister smith"),
            ("in the 1990s", "in the nineteen nineties"),
            ("World War II ended", "world war two ended"),
            ("from 2010–2015 on", "from twenty ten to twenty fifteen on"),
            ("5km and 10 kg", "five kilometers and ten kilograms"),
            ("1/2 of it", "one half of it"),
            ("AT&T rose", "at and t rose"),
            ("see example.com now", "see example dot com now"),
            ("2024年9月", "二零二四年九月"),
            ("2024年9月", "二〇二四年九月"),
            ("花8萬億美元", "花八万亿美元"),
            ("下載了2430萬次", "下载了两千四百三十万次"),
            ("下載了2,430萬次", "下載了2430万次"),
            ("花8兆美元", "花八万亿美元"),
            ("花8萬億美元", "花8兆美元"),
            ("花$8兆蓋", "花八万亿美元盖"),
            ("有1.5億人", "有一亿五千万人"),
            ("有1.5億人", "有一点五亿人"),
            ("花2.5兆元", "花二万五千亿元"),
            ("少了40%。", "少了百分之四十"),
            ("是24.3公里", "是二十四点三公里"),
            ("用Gemini 2.5 Pro，", "用gemini二點五pro"),
            ("用GPT-4寫", "用gpt four写"),
            ("片長9:21。", "片长九分二十一秒"),
            ("1,400人", "一千四百人"),
            ("他看著她說：沒甚麼", "他看着她说没什么"),
            ("花$8買的", "花八美元買的"),
            ("Ｇｅｍｉｎｉ　２．５", "gemini two point five"),
            ("3月3日", "三月三日"),
        ] {
            assert!(
                is_reading(written, said),
                "{written} | {said}\n{:?}\n{:?}",
                readings(written),
                readings(said)
            );
        }
    }

    #[test]
    fn order_of_tokens_follows_words() {
        let mut lexicon = Lexicon::default();
        let phrase = lexicon.fold(["$8", "trillion", "more"], Numerals::English);
        let words: Vec<u32> = phrase.usual().iter().map(|token| token.word).collect();
        assert_eq!(words, [0, 1, 1, 2]);
    }

    #[test]
    fn joining() {
        let mut lexicon = Lexicon::default();
        let ids: Vec<TokenId> = lexicon
            .fold(["deep", "seek", "DeepSeek", "深"], Numerals::English)
            .usual()
            .iter()
            .map(|token| token.id)
            .collect();
        assert_eq!(lexicon.joined(ids[0], ids[1]), Some(ids[2]));
        assert_eq!(lexicon.joined(ids[1], ids[0]), None);
        assert_eq!(lexicon.joined(ids[0], ids[3]), None);
    }

    #[test]
    fn sounds() {
        let mut lexicon = Lexicon::default();
        let ids: Vec<TokenId> = lexicon
            .fold(["their", "there", "機", "雞", "house"], Numerals::English)
            .usual()
            .iter()
            .map(|token| token.id)
            .collect();
        assert_eq!(lexicon.sound(ids[0]), lexicon.sound(ids[1]));
        assert_eq!(lexicon.sound(ids[2]), lexicon.sound(ids[3]));
        assert!(
            lexicon.similarity(ids[0], ids[1]) >= 0.9 && lexicon.similarity(ids[2], ids[3]) >= 0.9
        );
        assert!(lexicon.similarity(ids[0], ids[4]) < 0.5);
    }

    proptest! {
        #[test]
        fn anything_folds_in_order(is_chinese: bool, words in prop::collection::vec("[\\PC]{0,8}|[$€0-9.,:%/-]{1,9}|[A-Za-z'.]{1,9}|[〇-十百千]", 0..12)) {
            let mut lexicon = Lexicon::default();
            let phrase = lexicon.fold(words.iter().map(String::as_str), if is_chinese { Numerals::Chinese } else { Numerals::English });
            for tokens in [phrase.usual(), phrase.settle(&phrase.pairs())] {
                prop_assert!(tokens.windows(2).all(|pair| pair[0].word <= pair[1].word));
                prop_assert!(tokens.iter().all(|token| (token.word as usize) < words.len()));
            }
            for slot in phrase.slots() {
                prop_assert!(slot.clone().count() >= 1 && slot.clone().count() <= 48);
            }
        }
    }
}
