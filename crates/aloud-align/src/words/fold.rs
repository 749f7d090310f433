//! One way of writing a character: small, without marks, of usual width.
//!
//! This file looks at characters; scripts of Chinese are told apart by `script`.

use crate::transcript::characters::{is_han, is_kana};
use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

/// Adds `c` to `folded` in its plain form: compatibility forms resolved (Ａ, ﬁ, ²), small, and
/// without accents. Han and kana keep their marks (が is not か).
pub(super) fn push(c: char, folded: &mut String) {
    if c.is_ascii() {
        folded.push(c.to_ascii_lowercase());
    } else if is_kana(c)
        || is_han(c)
        || matches!(c, '\u{1100}'..='\u{11FF}' | '\u{AC00}'..='\u{D7A3}')
    {
        folded.extend(c.nfkc());
    } else if let Some(plain) = quote(c) {
        folded.push(plain);
    } else {
        for c in c.nfkd().filter(|c| !is_dropped(*c)) {
            for c in c.to_lowercase().filter(|c| !is_dropped(*c)) {
                match letter(c) {
                    Some(plain) => folded.push_str(plain),
                    None => folded.push(c),
                }
            }
        }
    }
}

/// `text` in its plain form.
pub(super) fn fold(text: &str) -> String {
    let mut folded = String::with_capacity(text.len());
    for c in text.chars() {
        push(c, &mut folded);
    }
    folded
}

/// Accents, and the vowel points of Hebrew and Arabic. The vowel signs of Indic scripts are
/// letters.
fn is_dropped(c: char) -> bool {
    is_combining_mark(c)
        && matches!(c, '\u{0300}'..='\u{036F}' | '\u{0591}'..='\u{05C7}' | '\u{064B}'..='\u{0652}' | '\u{0670}')
        || matches!(c, '\u{00AD}' | '\u{200B}'..='\u{200F}' | '\u{0640}')
}

/// Apostrophes and hyphens as ASCII has them.
fn quote(c: char) -> Option<char> {
    match c {
        '’' | '‘' | 'ʼ' | '＇' | '´' | '′' => Some('\''),
        '‐' | '‑' | '‒' | '–' | '−' | '－' => Some('-'),
        '·' | '・' | '．' => Some('.'),
        _ => None,
    }
}

/// Letters that Unicode does not decompose.
fn letter(c: char) -> Option<&'static str> {
    Some(match c {
        'ß' => "ss",
        'æ' => "ae",
        'œ' => "oe",
        'ø' => "o",
        'ł' => "l",
        'đ' | 'ð' => "d",
        'þ' => "th",
        'ı' => "i",
        'ħ' => "h",
        'ς' => "σ",
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn folding() {
        for (text, want) in [
            ("Café", "cafe"),
            ("ＧＰＴ－４", "gpt-4"),
            ("ÅNGSTRÖM", "angstrom"),
            ("Straße", "strasse"),
            ("İstanbul", "istanbul"),
            ("Łódź", "lodz"),
            ("don’t", "don't"),
            ("ガｶﾞ", "ガカ\u{3099}"),
            ("한국", "한국"),
            ("ﬁ²½", "fi21⁄2"),
            ("％＄", "%$"),
            ("चाहिए", "चाहिए"),
            ("soft\u{ad}ware", "software"),
        ] {
            assert_eq!(fold(text), want, "{text}");
        }
    }
}
