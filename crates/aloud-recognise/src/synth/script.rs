//! A sentence as it is to be said: numbers in words, Chinese as pinyin, punctuation as pauses.

use crate::article::Article;
use crate::transcript::letters::is_han;
use crate::words::pinyin::plain;
use crate::words::{Lexicon, Numerals, Token};

/// A sentence for the synthesiser.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Line {
    /// What it is given.
    pub text: String,
    /// Where each piece of it begins, in characters, and which word of the article it says. In order of place; a word may
    /// be said in two ("$8 trillion").
    pub words: Vec<(u32, usize)>,
    pub(super) n_chars: u32,
}

/// Writes out the sentences of one article.
pub struct Script<'a> {
    article: &'a Article,
    lexicon: Lexicon,
    /// How numbers are read; `None` in languages of which only the synthesiser knows it.
    numerals: Option<Numerals>,
}

/// A number and what belongs to it are at most so many words.
const TOGETHER: usize = 4;

impl<'a> Script<'a> {
    /// Of `article`, in the language that it is in.
    pub fn new(article: &'a Article) -> Self {
        let numerals = match article.language.as_deref() {
            Some("zh") => Some(Numerals::Chinese),
            Some("en") => Some(Numerals::English),
            _ => None,
        };
        Self { article, lexicon: Lexicon::default(), numerals }
    }

    /// The sentence at `index`.
    pub fn line(&mut self, index: usize) -> Line {
        let sentence = &self.article.sentences[index];
        let mut line = Line::default();
        let mut at = sentence.words.start;
        while at < sentence.words.end {
            let n = self.say(at, sentence.words.end, &mut line);
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

    /// Says the word at `at`, with those behind it that belong to it; returns how many it took.
    fn say(&mut self, at: usize, end: usize, line: &mut Line) -> usize {
        let word = self.article.word(at);
        let is_short = at + 1 < end && self.article.text[self.article.words[at].bytes.end..].starts_with('.');
        let is_plain = !is_short && word.chars().all(|c| c.is_alphabetic() || matches!(c, '\'' | '’' | '-' | '‑' | '.'));
        let Some(numerals) = self.numerals.filter(|_| !is_plain) else {
            line.say(word, at);
            return 1;
        };
        let words = (at..end.min(at + TOGETHER)).map(|word| self.article.word(word));
        let phrase = self.lexicon.fold(words, numerals);
        let length = |reading: &&[Token]| reading.iter().map(|token| self.lexicon.text(token.id).len()).sum::<usize>();
        let reading = phrase.slots().next().and_then(|mut readings| {
            // An abbreviation is said in full.
            if is_short { readings.max_by_key(length) } else { readings.next() }
        });
        let usual = reading.unwrap_or_default();
        // Nothing to say, or nothing of this word.
        if usual.first().is_none_or(|token| token.word != 0) {
            line.say(word, at);
            return 1;
        }
        for token in usual {
            line.say(self.lexicon.text(token.id), at + token.word as usize);
        }
        usual.iter().map(|token| token.word as usize + 1).max().unwrap_or(1)
    }
}

impl Line {
    fn say(&mut self, text: &str, word: usize) {
        self.gap();
        self.words.push((self.n_chars, word));
        if !text.chars().any(is_han) {
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
        ] {
            let mut article = from_text(text);
            article.language = Some(language.to_owned());
            let line = Script::new(&article).line(0);
            assert_eq!(line.text, want);
            // Each piece begins where it says.
            let begins = |at: u32| at == 0 || line.text.chars().nth(at as usize - 1) == Some(' ');
            assert!(line.words.iter().all(|(at, _)| begins(*at)), "{line:?}");
            assert!(line.words.iter().map(|(_, word)| *word).max().unwrap() == article.words.len() - 1);
        }
    }
}
