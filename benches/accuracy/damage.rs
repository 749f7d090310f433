//! Recognition errors made on purpose: the same ones for the same seed.
//!
//! Of a hundred errors 65 change a word, half of those to one that sounds alike, 20 leave one out
//! and 15 add one; about the proportions in which Whisper's small models err.

use aloud::time::{Span, Timestamp};
use aloud::transcript::SpokenWord;
use aloud::words::{Lexicon, Numerals};

/// SplitMix64 (Steele et al. 2014).
pub struct Random(pub u64);

impl Random {
    pub fn draw(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let z = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        let z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }

    pub fn below(&mut self, n: usize) -> usize {
        (self.draw() % n.max(1) as u64) as usize
    }

    pub fn chance(&mut self, share: f64) -> bool {
        (self.draw() >> 11) as f64 / (1u64 << 53) as f64 <= share
    }
}

/// `words` with `rate` of them wrong.
pub fn damage(words: &[SpokenWord], rate: f64, seed: u64) -> Vec<SpokenWord> {
    let mut random = Random(seed);
    let homophones = Homophones::of(words);
    let mut heard: Vec<SpokenWord> = Vec::with_capacity(words.len());
    for word in words {
        if rate == 0.0 || !random.chance(rate) {
            heard.push(word.clone());
            continue;
        }
        match random.below(100) {
            0..65 => {
                let is_alike = random.chance(0.5);
                let text = if is_alike {
                    alike(word, &homophones, &mut random)
                } else {
                    words[random.below(words.len())].text.clone()
                };
                heard.push(SpokenWord { text, ..word.clone() });
            }
            65..85 => {}
            _ => {
                // An added word takes a part of its neighbour's time.
                let (start, end) = (word.span.start(), word.span.end());
                let middle = Timestamp::from_millis((start.millis() + 2 * end.millis()) / 3);
                heard.push(SpokenWord { span: Span::new(start, middle), ..word.clone() });
                heard.push(SpokenWord {
                    text: words[random.below(words.len())].text.clone(),
                    span: Span::new(middle, end),
                    probability: word.probability,
                });
            }
        }
    }
    heard
}

/// Characters of the same syllable, for Chinese.
struct Homophones(Vec<(String, Vec<String>)>);

impl Homophones {
    fn of(words: &[SpokenWord]) -> Self {
        let mut lexicon = Lexicon::default();
        let mut texts: Vec<&str> =
            words.iter().map(|word| word.text.as_str()).filter(|text| !text.is_ascii()).collect();
        texts.extend([
            "机", "鸡", "基", "急", "及", "几", "是", "事", "市", "时", "十", "式", "一", "以",
            "医", "意", "他", "地", "弟", "的", "得", "话", "画", "花",
        ]);
        texts.sort_unstable();
        texts.dedup();
        let ids: Vec<_> = texts
            .iter()
            .filter_map(|text| {
                Some((*text, lexicon.fold([*text], Numerals::Chinese).usual().first()?.id))
            })
            .collect();
        let alike = |id| {
            ids.iter()
                .filter(|(_, other)| *other != id && lexicon.sound(*other) == lexicon.sound(id))
                .map(|(text, _)| (*text).to_owned())
                .collect()
        };
        Self(ids.iter().map(|(text, id)| ((*text).to_owned(), alike(*id))).collect())
    }
}

/// A word that sounds like `word`: a homophone in Chinese, a misspelling by ear in English.
fn alike(word: &SpokenWord, homophones: &Homophones, random: &mut Random) -> String {
    if !word.text.is_ascii() {
        let found = homophones
            .0
            .iter()
            .find(|(text, _)| *text == word.text)
            .map(|(_, alike)| alike.as_slice())
            .unwrap_or_default();
        return if found.is_empty() {
            "嗯".to_owned()
        } else {
            found[random.below(found.len())].clone()
        };
    }
    const SWAPS: [(&str, &str); 14] = [
        ("ea", "ee"),
        ("ee", "i"),
        ("ou", "ow"),
        ("c", "k"),
        ("k", "c"),
        ("s", "z"),
        ("t", "d"),
        ("d", "t"),
        ("b", "p"),
        ("p", "b"),
        ("a", "u"),
        ("e", "i"),
        ("i", "e"),
        ("o", "a"),
    ];
    let mut text = word.text.clone();
    let first = random.below(SWAPS.len());
    for n in 0..1 + text.len() / 5 {
        for k in 0..SWAPS.len() {
            let (from, to) = SWAPS[(first + 5 * n + k) % SWAPS.len()];
            if let Some(at) = text.find(from) {
                text.replace_range(at..at + from.len(), to);
                break;
            }
        }
    }
    text
}
