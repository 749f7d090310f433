//! A sentence as it is to be said: numbers in words, Chinese as pinyin, Japanese in kana,
//! punctuation as pauses.

use super::mecab::{Dictionary, Morpheme, is_kana, katakana};
use crate::article::Article;
use crate::transcript::characters::is_han;
use crate::words::pinyin::plain;
use crate::words::{Lexicon, Numerals, Token};

/// A sentence for the synthesiser.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Line {
    /// What it is given.
    pub text: String,
    /// Where each piece of it begins, in characters, and which word of the article it says. In
    /// order of place; a word may be said in two ("$8 trillion").
    pub words: Vec<(u32, usize)>,
    pub(super) n_chars: u32,
    /// Whether the last word was said as pinyin, which must not run into the next.
    pub(super) is_spelled: bool,
}

/// Writes out the sentences of one article.
pub struct Script<'a> {
    article: &'a Article,
    lexicon: Lexicon,
    /// How numbers are read; `None` in languages of which only the synthesiser knows it.
    numerals: Option<Numerals>,
    /// Whether Han characters are said as pinyin.
    is_pinyin: bool,
    dictionary: Option<&'a Dictionary>,
}

/// A number and what belongs to it are at most so many words.
const TOGETHER: usize = 4;

/// Whether a text in `language` can be read aloud with a dictionary only: Japanese with kanji.
pub fn needs_dictionary(text: &str, language: &str) -> bool {
    language == "ja" && text.chars().any(is_han)
}

impl<'a> Script<'a> {
    /// Of `article`, in the language that it is in.
    pub fn new(article: &'a Article) -> Self {
        let numerals = match article.language.as_deref() {
            Some("zh" | "yue") => Some(Numerals::Chinese),
            Some("en") => Some(Numerals::English),
            _ => None,
        };
        // Whose language is not known is spoken to by its letters.
        let is_pinyin = !matches!(article.language.as_deref(), Some("ja" | "yue" | "ko"));
        Self { article, lexicon: Lexicon::default(), numerals, is_pinyin, dictionary: None }
    }

    /// Kanji are read by `dictionary`.
    #[must_use]
    pub fn with_dictionary(mut self, dictionary: Option<&'a Dictionary>) -> Self {
        self.dictionary = dictionary.filter(|_| self.article.language.as_deref() == Some("ja"));
        self
    }

    /// The sentence at `index`.
    pub fn line(&mut self, index: usize) -> Line {
        let sentence = &self.article.sentences[index];
        let mut line = Line::default();
        let readings =
            self.dictionary.map(|dictionary| self.readings(index, dictionary)).unwrap_or_default();
        let mut at = sentence.words.start;
        while at < sentence.words.end {
            let n = match readings.get(at - sentence.words.start) {
                Some(Some(reading)) => {
                    line.read(reading, at);
                    1
                }
                _ => self.say(at, sentence.words.end, &mut line),
            };
            let from = self.article.words[at + n - 1].bytes.end;
            at += n;
            let is_last = at >= sentence.words.end;
            let to = if is_last { sentence.bytes.end } else { self.article.words[at].bytes.start };
            let between = self.article.text.get(from..to).unwrap_or_default();
            // The point of an abbreviation ends nothing.
            line.pause(if is_last { between } else { between.trim_start_matches('.') });
        }
        line
    }

    /// How each word of a sentence is read, as far as the dictionary knows.
    fn readings(&self, index: usize, dictionary: &Dictionary) -> Vec<Option<Reading>> {
        let sentence = &self.article.sentences[index];
        let text = self.article.sentence(index);
        let words = &self.article.words[sentence.words.clone()];
        let mut readings = vec![None; words.len()];
        for Morpheme { bytes, reading, leans } in dictionary.read(text) {
            let place = sentence.bytes.start + bytes.start..sentence.bytes.start + bytes.end;
            let first = words.partition_point(|word| word.bytes.start < place.start);
            let last = words.partition_point(|word| word.bytes.end <= place.end);
            // Words are single characters, or what the dictionary shall not read: numbers, and
            // Latin letters.
            let surface: Vec<char> = text[bytes].chars().collect();
            // A kanji that it does not know is passed over: the synthesiser would call it a Chinese
            // letter.
            let reading = reading.or_else(|| surface.iter().any(|c| is_han(*c)).then(String::new));
            let Some(reading) = reading.filter(|_| last >= first && last - first == surface.len())
            else {
                continue;
            };
            for (nth, (text, readings)) in
                shared(&surface, &reading).into_iter().zip(&mut readings[first..last]).enumerate()
            {
                *readings = Some(Reading { text, begins: nth == 0 && !leans });
            }
        }
        readings
    }

    /// Says the word at `at`, with those behind it that belong to it; returns how many it took.
    fn say(&mut self, at: usize, end: usize, line: &mut Line) -> usize {
        let word = self.article.word(at);
        let is_short =
            at + 1 < end && self.article.text[self.article.words[at].bytes.end..].starts_with('.');
        let is_plain = !is_short
            && word.chars().all(|c| c.is_alphabetic() || matches!(c, '\'' | '’' | '-' | '‑' | '.'));
        let Some(numerals) = self.numerals.filter(|_| !is_plain) else {
            self.say_word(at, line);
            return 1;
        };
        let words = (at..end.min(at + TOGETHER)).map(|word| self.article.word(word));
        let phrase = self.lexicon.fold(words, numerals);
        let length = |reading: &&[Token]| {
            reading.iter().map(|token| self.lexicon.text(token.id).len()).sum::<usize>()
        };
        let reading = phrase.slots().next().and_then(|mut readings| {
            // An abbreviation is said in full.
            if is_short { readings.max_by_key(length) } else { readings.next() }
        });
        let usual = reading.unwrap_or_default();
        // Nothing to say, or nothing of this word.
        if usual.first().is_none_or(|token| token.word != 0) {
            self.say_word(at, line);
            return 1;
        }
        for token in usual {
            line.say(self.lexicon.text(token.id), at + token.word as usize, self.is_pinyin);
        }
        usual.iter().map(|token| token.word as usize + 1).max().unwrap_or(1)
    }

    /// A word as it stands; where words are not parted in writing, neither are they for the
    /// synthesiser.
    fn say_word(&self, at: usize, line: &mut Line) {
        let here = self.article.words[at].bytes.start;
        let is_parted =
            at.checked_sub(1).is_none_or(|last| self.article.words[last].bytes.end != here);
        let word = self.article.word(at);
        if is_parted || (self.is_pinyin && word.chars().any(is_han)) || line.is_spelled {
            line.say(word, at, self.is_pinyin);
        } else {
            line.words.push((line.n_chars, at));
            line.add(word);
        }
    }
}

/// How a word is read, and whether one for the synthesiser begins with it.
#[derive(Clone, Debug, PartialEq)]
struct Reading {
    text: String,
    begins: bool,
}

/// The part of `reading` that is each character's of `surface`. Kana at either end of a word are
/// read as they stand; what is left is shared among the kanji, and no small kana is parted from the
/// one before.
fn shared(surface: &[char], reading: &str) -> Vec<String> {
    let reading: Vec<char> = reading.chars().collect();
    let is_itself = |written: char, read: char| {
        is_kana(written)
            && (katakana(written) == read || read == 'ー' || KANA_AS.contains(&(written, read)))
    };
    let pairs = surface.iter().zip(&reading);
    let n_first = pairs.take_while(|(written, read)| is_itself(**written, **read)).count();
    let pairs = surface[n_first..].iter().rev().zip(reading[n_first..].iter().rev());
    let n_last = pairs.take_while(|(written, read)| is_itself(**written, **read)).count();
    let (middle, left) = (surface.len() - n_first - n_last, reading.len() - n_first - n_last);
    // Where in the reading each character of the middle begins: where a share would end, or a kana
    // before or after.
    let begins = |nth: usize| {
        let at = n_first + (nth * left).div_ceil(middle.max(1));
        let is_whole = |at: &usize| {
            (n_first + nth..=n_first + left).contains(at)
                && reading.get(*at).is_none_or(|c| !SMALL.contains(*c))
        };
        [at, at.saturating_sub(1), at + 1].into_iter().find(is_whole).unwrap_or(at)
    };
    let place = |index: usize| match index {
        _ if index < n_first => index,
        _ if index < n_first + middle => begins(index - n_first),
        _ => reading.len() - (surface.len() - index),
    };
    (0..surface.len())
        .map(|index| reading[place(index)..place(index + 1).max(place(index))].iter().collect())
        .collect()
}

/// What is never said without what stands before it.
const SMALL: &str = "ァィゥェォャュョヮッンー";
/// Particles are not said as they are written.
const KANA_AS: [(char, char); 3] = [('は', 'ワ'), ('へ', 'エ'), ('を', 'オ')];

impl Line {
    /// The sentence at `index` as it is written, for somebody who listens rather than compares.
    pub fn written(article: &Article, index: usize) -> Self {
        let sentence = &article.sentences[index];
        let text = article.sentence(index);
        let place = |word: usize| {
            text[..article.words[word].bytes.start - sentence.bytes.start].chars().count() as u32
        };
        let words = sentence.words.clone().map(|word| (place(word), word)).collect();
        Self {
            text: text.replace(['\n', '\r'], " "),
            words,
            n_chars: text.chars().count() as u32,
            is_spelled: false,
        }
    }

    fn say(&mut self, text: &str, word: usize, is_pinyin: bool) {
        self.gap();
        self.words.push((self.n_chars, word));
        self.is_spelled = is_pinyin && text.chars().any(is_han);
        if !self.is_spelled {
            return self.add(text);
        }
        for c in text.chars() {
            self.gap();
            match plain(c) {
                // Tones are pitch, which no frame shows.
                Some(syllable) => self.add(&syllable.replace('ü', "v")),
                None => self.add(c.encode_utf8(&mut [0; 4])),
            }
        }
    }

    fn read(&mut self, reading: &Reading, word: usize) {
        if reading.begins {
            self.gap();
        }
        self.is_spelled = false;
        if !reading.text.is_empty() {
            self.words.push((self.n_chars, word));
            self.add(&reading.text);
        }
    }

    fn gap(&mut self) {
        if !self.text.is_empty() && !self.text.ends_with(' ') {
            self.add(" ");
        }
    }

    fn add(&mut self, text: &str) {
        self.text.push_str(text);
        self.n_chars += text.chars().count() as u32;
    }

    fn pause(&mut self, between: &str) {
        let mark = |c: char| match c {
            ',' | '，' | '、' => Some(","),
            '.' | '。' | '…' => Some("."),
            '?' | '？' => Some("?"),
            '!' | '！' => Some("!"),
            ';' | '；' | ':' | '：' | '—' | '–' => Some(";"),
            _ => None,
        };
        if let Some(mark) = between.chars().find_map(mark) {
            self.add(mark);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::article::from_text;

    #[test]
    fn as_it_is_said() {
        for (language, text, want) in [
            (
                "en",
                "On Jan. 20, 2025, we didn’t pay $8 trillion — or 40%.",
                "On january twenty, twenty twenty five, we didn’t pay eight trillion dollars; or forty percent.",
            ),
            (
                "zh",
                "我奶奶今年82歲，用DeepSeek，省了40%。",
                "wo nai nai jin nian ba shi er sui, yong DeepSeek, sheng le bai fen zhi si shi.",
            ),
            ("de", "Das kostet 8,5 Euro.", "Das kostet 8,5 Euro."),
            // Not as pinyin, and parted only where the text or a number is.
            ("yue", "今日有8個。", "今日有 八個."),
            ("ja", "これは、テストです。", "これは, テストです."),
            ("th", "สวัสดี ครับ", "สวัสดี ครับ"),
        ] {
            let mut article = from_text(text);
            article.language = Some(language.to_owned());
            let line = Script::new(&article).line(0);
            assert_eq!(line.text, want);
            // Each piece begins where it says.
            let begins = |at: u32| at == 0 || line.text.chars().nth(at as usize - 1) == Some(' ');
            let is_unspaced = matches!(language, "yue" | "ja" | "th");
            assert!(is_unspaced || line.words.iter().all(|(at, _)| begins(*at)), "{line:?}");
            assert!(line.words.windows(2).all(|pair| pair[0].0 < pair[1].0), "{line:?}");
            assert!(
                line.words.iter().map(|(_, word)| *word).max().unwrap() == article.words.len() - 1
            );
        }
    }

    #[test]
    fn as_it_is_written() {
        for (text, want) in [
            ("We didn’t pay $8 trillion.", "0 3 10 14 17"),
            ("我奶奶82歲。", "0 1 2 3 5"),
            ("— «Öl», sagt er.", "3 8 13"),
        ] {
            let article = from_text(text);
            let line = Line::written(&article, 0);
            let places: Vec<String> = line.words.iter().map(|(at, _)| at.to_string()).collect();
            assert_eq!(places.join(" "), want, "{text}");
            assert_eq!(line.text.chars().count() as u32, line.n_chars);
        }
    }

    #[test]
    fn characters_have_their_share_of_a_reading() {
        for (surface, reading, want) in [
            ("客観的", "キャッカンテキ", "キャッ|カン|テキ"),
            ("申し込み", "モウシコミ", "モウ|シ|コ|ミ"),
            ("行き", "イキ", "イ|キ"),
            ("お母さん", "オカアサン", "オ|カア|サ|ン"),
            ("は", "ワ", "ワ"),
            ("今日", "キョー", "キョー|"),
            ("日本", "ニッポン", "ニッ|ポン"),
            ("大きい", "オーキイ", "オー|キ|イ"),
            ("東京", "トーキョー", "トー|キョー"),
            ("一昨日", "オト", "オ|ト|"),
            ("々", "", ""),
        ] {
            let chars: Vec<char> = surface.chars().collect();
            assert_eq!(shared(&chars, reading).join("|"), want, "{surface}");
        }
    }
}
