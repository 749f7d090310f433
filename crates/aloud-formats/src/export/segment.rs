//! Which places in a text lie inside a word of Chinese or Japanese?
//!
//! Chinese by jieba: the likeliest division by a list of counted words, and by an HMM where the
//! list knows none. The list is of simplified characters, so that text is looked up in those,
//! character for character. Japanese by the dictionary of ICU4X. This room never knows lines or
//! cues.

use crate::script::{Converter, Script};
use crate::transcript::characters::{is_han, is_kana, is_unspaced};
use icu_segmenter::WordSegmenter;
use icu_segmenter::options::WordBreakInvariantOptions;
use jieba_rs::Jieba;
use std::collections::HashMap;
use std::sync::LazyLock;

/// Words with their counts (`data/README.md`).
const WORDS: &[u8] = include_bytes!("../../data/words.zlib");
/// The list takes so many bytes at most.
const MOST: usize = 16 << 20;
/// From this share of kana among Han and kana on, a text is Japanese.
const KANA_SHARE: usize = 10;
/// What the HMM puts together is sure where one character is hardly a word of its own, and none is
/// a usual one, by how often the list counts them: 安卓 (410) and 親民 (6,640), but not 誰付, whose
/// 誰 is counted 25,842 times.
const RARE: usize = 8_000;
const USUAL: usize = 20_000;

static JIEBA: LazyLock<Jieba> = LazyLock::new(|| {
    // The bytes are our own; a list that does not unpack is an empty one, and every character a
    // word.
    let list =
        miniz_oxide::inflate::decompress_to_vec_zlib_with_limit(WORDS, MOST).unwrap_or_default();
    Jieba::with_dict(&mut list.as_slice()).unwrap_or_else(|error| {
        log::warn!("the list of Chinese words cannot be read: {error}");
        Jieba::empty()
    })
});

static SIMPLIFIED: Converter = Converter::new(Script::Hans);

/// How sure it is that a place lies inside a word.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Inside {
    /// The list has the word, or its characters stand for nothing apart.
    Word,
    /// By likelihood alone.
    Perhaps,
}

/// The words of one text.
#[derive(Clone, Debug, Default)]
pub struct Words {
    inside: HashMap<usize, Inside>,
    /// Whether `inside` tells words of one character from parts of longer ones.
    is_chinese: bool,
}

impl Words {
    /// Finds them. Linear.
    pub fn of(text: &str) -> Self {
        let n_kana = text.chars().filter(|c| is_kana(*c)).count();
        let n_han = text.chars().filter(|c| is_han(*c)).count();
        match () {
            () if n_kana * 100 >= (n_han + n_kana) * KANA_SHARE && n_kana > 0 => {
                Self::japanese(text)
            }
            () if n_han > 0 => Self::chinese(text),
            () if text.chars().any(is_unspaced) => Self::japanese(text),
            () => Self::default(),
        }
    }

    /// How sure it is that the byte `at` lies inside a word; `None` where one begins.
    pub fn at(&self, at: usize) -> Option<Inside> {
        self.inside.get(&at).copied()
    }

    /// Whether it is a Chinese text, whose words the list knows.
    pub fn is_chinese(&self) -> bool {
        self.is_chinese
    }

    /// Whether the character at `at`, `len` bytes long, is a whole word of Chinese, as far as is
    /// sure.
    pub fn is_alone(&self, at: usize, len: usize) -> bool {
        self.is_chinese && !self.inside.contains_key(&at) && self.at(at + len) != Some(Inside::Word)
    }

    fn japanese(text: &str) -> Self {
        let borders = WordSegmenter::new_dictionary(WordBreakInvariantOptions::default());
        let mut borders = borders.segment_str(text).peekable();
        let mut inside = HashMap::new();
        for (at, _) in text.char_indices() {
            while borders.next_if(|border| *border < at).is_some() {}
            if borders.peek() != Some(&at) {
                inside.insert(at, Inside::Perhaps);
            }
        }
        Self { inside, is_chinese: false }
    }

    fn chinese(text: &str) -> Self {
        let simplified = SIMPLIFIED.convert(text);
        let has_same_length = simplified.chars().count() == text.chars().count();
        let known = if has_same_length { simplified.as_str() } else { text };
        let mut places = text.char_indices().map(|(at, _)| at);
        let mut inside = HashMap::new();
        for token in JIEBA.cut(known, true) {
            let is_han = token.word.chars().all(is_han);
            let how = if is_han { how_sure(token.word) } else { None };
            for (index, at) in token.word.chars().zip(places.by_ref()).map(|(_, at)| at).enumerate()
            {
                if let Some(how) = how.filter(|_| index > 0) {
                    inside.insert(at, how);
                }
            }
        }
        Self { inside, is_chinese: true }
    }
}

/// How sure `word`, in simplified characters, is one; `None` for a single character.
fn how_sure(word: &str) -> Option<Inside> {
    word.chars().nth(1)?;
    if JIEBA.has_word(word) {
        return Some(Inside::Word);
    }
    let count = |c: char| JIEBA.suggest_freq(c.encode_utf8(&mut [0; 4]));
    let (fewest, most) = word
        .chars()
        .map(count)
        .fold((usize::MAX, 0), |(fewest, most), n| (fewest.min(n), most.max(n)));
    Some(if fewest < RARE && most < USUAL { Inside::Word } else { Inside::Perhaps })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `text` with `|` where a word begins, and `'` inside what is one by likelihood alone.
    fn cut(text: &str) -> String {
        let words = Words::of(text);
        let mut shown = String::new();
        for (at, c) in text.char_indices() {
            match words.at(at) {
                _ if at == 0 => {}
                None => shown.push('|'),
                Some(Inside::Perhaps) => shown.push('\''),
                Some(Inside::Word) => {}
            }
            shown.push(c);
        }
        shown
    }

    #[test]
    fn both_scripts_alike() {
        for (hant, want) in [
            ("安卓統治世界", "安卓|統治|世界"),
            ("價格更親民", "價格|更|親民"),
            ("開箱即用的模型", "開箱即用|的|模型"),
            ("電費誰付", "電費|誰'付"),
            ("我捨不得丟", "我|捨不得|丟"),
            ("收音機裡", "收音機|裡"),
            ("它的確目的很好", "它|的確|目的|很|好"),
        ] {
            assert_eq!(cut(hant), want);
            let hans = Converter::new(Script::Hans).convert(hant);
            assert_eq!(cut(&hans), Converter::new(Script::Hans).convert(want));
        }
    }

    #[test]
    fn other_texts() {
        for (text, want) in [("カメラは高い", "カ'メ'ラ|は|高'い"), ("", ""), ("ภ", "ภ")]
        {
            assert_eq!(cut(text), want);
        }
        assert!(Words::of("好").is_alone(0, 3) && !Words::of("模型").is_alone(0, 3));
    }
}
