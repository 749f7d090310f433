//! Which Chinese syllables does a word in Latin letters spell?
//!
//! As people type them: with or without tones (`shen1`, `shēn`), with or without spaces, `v` for
//! `ü`. This file knows which syllables there are from the readings of all characters; it never
//! knows which character is meant.

use pinyin::ToPinyin;
use std::collections::BTreeSet;
use std::ops::Range;
use std::sync::LazyLock;
use unicode_normalization::UnicodeNormalization;

/// Every toneless syllable that some character is read with, `ü` written as it is.
static SYLLABLES: LazyLock<BTreeSet<&'static str>> = LazyLock::new(|| {
    ('\u{4E00}'..='\u{9FA5}')
        .filter_map(plain)
        .filter(|s| s.len() > 1 || "aeo".contains(s))
        .collect()
});
/// No syllable is longer ("zhuang").
const LONGEST: usize = 6;
/// A longer word than this is no pinyin.
const MAX_LETTERS: usize = 120;

/// The usual reading of a Chinese character, without its tone; `None` for anything else.
pub fn plain(c: char) -> Option<&'static str> {
    c.to_pinyin().map(pinyin::Pinyin::plain)
}

/// One syllable of a spelling.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Syllable {
    /// The syllable without its tone; of one that is not finished its letters so far.
    pub plain: &'static str,
    /// Which letters of the word it takes, counted without tones and dividers.
    pub letters: Range<usize>,
}

/// All ways to cut a word into syllables, as a net between the places before, between and after its
/// letters: those that lie on a way from the first to the last, by where they begin. Empty where
/// there is no such way.
///
/// ```
/// let net = aloud_align::words::pinyin::syllables("xi'an");
/// assert_eq!(net.iter().map(|s| s.plain).collect::<Vec<_>>(), ["xi", "an"]);
/// ```
pub fn syllables(word: &str) -> Vec<Syllable> {
    let (letters, borders) = spell(word);
    net(&letters, &borders, letters.len())
}

/// As [`syllables`], of all but the letters at the end that only begin one, with those letters: a
/// word that is being typed.
pub fn begun(word: &str) -> Option<(Vec<Syllable>, String)> {
    let (letters, borders) = spell(word);
    let n = letters.len();
    // The longest part that is whole leaves the least to guess.
    (n.saturating_sub(LONGEST)..n).rev().find_map(|end| {
        let rest: String = letters[end..].iter().collect();
        let is_beginning =
            SYLLABLES.iter().any(|s| s.starts_with(&rest)) && !SYLLABLES.contains(rest.as_str());
        let net = net(&letters, &borders, end);
        (is_beginning && (end == 0 || !net.is_empty())).then_some((net, rest))
    })
}

/// The letters of a spelling, and after how many of them a syllable has to end.
fn spell(word: &str) -> (Vec<char>, Vec<usize>) {
    let (mut letters, mut borders) = (Vec::new(), Vec::new());
    for c in word.nfkd().flat_map(char::to_lowercase) {
        match c {
            'v' => letters.push('ü'),
            'a'..='z' => letters.push(c),
            '\u{308}' | ':' if letters.last() == Some(&'u') => {
                *letters.last_mut().unwrap_or(&mut 'ü') = 'ü';
            }
            '\u{304}' | '\u{301}' | '\u{30C}' | '\u{300}' => {}
            '1'..='5' | '\'' | '’' | '-' if !letters.is_empty() => borders.push(letters.len()),
            _ => return (Vec::new(), Vec::new()),
        }
    }
    if letters.len() > MAX_LETTERS { (Vec::new(), Vec::new()) } else { (letters, borders) }
}

fn net(letters: &[char], borders: &[usize], end: usize) -> Vec<Syllable> {
    let mut found: Vec<Syllable> = Vec::new();
    let mut is_reached = vec![false; end + 1];
    is_reached[0] = true;
    for from in 0..end {
        for to in from + 1..=(from + LONGEST).min(end) {
            let crosses = borders.iter().any(|border| from < *border && *border < to);
            let text: String = letters[from..to].iter().collect();
            if let Some(plain) =
                SYLLABLES.get(text.as_str()).filter(|_| is_reached[from] && !crosses)
            {
                found.push(Syllable { plain, letters: from..to });
                is_reached[to] = true;
            }
        }
    }
    let mut leads = vec![false; end + 1];
    leads[end] = true;
    for syllable in found.iter().rev() {
        leads[syllable.letters.start] |= leads[syllable.letters.end];
    }
    found.retain(|syllable| leads[syllable.letters.end]);
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(word: &str, want: &str) {
        let found: Vec<String> =
            syllables(word).iter().map(|s| format!("{}@{}", s.plain, s.letters.start)).collect();
        assert_eq!(found.join(" "), want, "{word}");
    }

    #[test]
    fn spellings() {
        check("shenduqiusuo", "shen@0 du@4 qiu@6 su@9 suo@9 o@11");
        check("Shen1du4", "shen@0 du@4");
        check("shēndù", "shen@0 du@4");
        check("nv", "nü@0");
        check("nǚ", "nü@0");
        check("lu:e", "lü@0 lüe@0 e@2");
        check("xian", "xi@0 xian@0 an@2");
        check("xi'an", "xi@0 an@2");
        check("fangan", "fan@0 fang@0 gan@3 an@4");
        for word in ["hello", "", "4", "shen6", "机", "school", &"a".repeat(121)] {
            check(word, "");
        }
    }

    #[test]
    fn what_is_being_typed() {
        for (word, want) in [
            ("shenduq", Some(("shen du", "q"))),
            ("sh", Some(("", "sh"))),
            ("qiusuo", None),
            ("hello", None),
        ] {
            let found = begun(word).map(|(net, rest)| {
                (net.iter().map(|s| s.plain).collect::<Vec<_>>().join(" "), rest)
            });
            assert_eq!(
                found,
                want.map(|(whole, rest)| (whole.to_owned(), rest.to_owned())),
                "{word}"
            );
        }
    }
}
