//! Syllables that somebody typed in Zhuyin (ㄅㄆㄇㄈ), as Taiwan learns to read, in pinyin.
//!
//! The correspondence is that of ISO 7098, annex A. This file never knows which characters are
//! read so.

use std::borrow::Cow;

const INITIALS: [(char, &str); 21] = [
    ('ㄅ', "b"),
    ('ㄆ', "p"),
    ('ㄇ', "m"),
    ('ㄈ', "f"),
    ('ㄉ', "d"),
    ('ㄊ', "t"),
    ('ㄋ', "n"),
    ('ㄌ', "l"),
    ('ㄍ', "g"),
    ('ㄎ', "k"),
    ('ㄏ', "h"),
    ('ㄐ', "j"),
    ('ㄑ', "q"),
    ('ㄒ', "x"),
    ('ㄓ', "zh"),
    ('ㄔ', "ch"),
    ('ㄕ', "sh"),
    ('ㄖ', "r"),
    ('ㄗ', "z"),
    ('ㄘ', "c"),
    ('ㄙ', "s"),
];
/// The initials that are syllables by themselves.
const HISSED: [&str; 7] = ["zh", "ch", "sh", "r", "z", "c", "s"];
/// Each rhyme behind an initial, and as a syllable of its own.
const RHYMES: [(&str, &str, &str); 39] = [
    ("", "i", ""),
    ("ㄚ", "a", "a"),
    ("ㄛ", "o", "o"),
    ("ㄜ", "e", "e"),
    ("ㄝ", "e", "e"),
    ("ㄞ", "ai", "ai"),
    ("ㄟ", "ei", "ei"),
    ("ㄠ", "ao", "ao"),
    ("ㄡ", "ou", "ou"),
    ("ㄢ", "an", "an"),
    ("ㄣ", "en", "en"),
    ("ㄤ", "ang", "ang"),
    ("ㄥ", "eng", "eng"),
    ("ㄦ", "er", "er"),
    ("ㄧ", "i", "yi"),
    ("ㄧㄚ", "ia", "ya"),
    ("ㄧㄛ", "io", "yo"),
    ("ㄧㄝ", "ie", "ye"),
    ("ㄧㄞ", "iai", "yai"),
    ("ㄧㄠ", "iao", "yao"),
    ("ㄧㄡ", "iu", "you"),
    ("ㄧㄢ", "ian", "yan"),
    ("ㄧㄣ", "in", "yin"),
    ("ㄧㄤ", "iang", "yang"),
    ("ㄧㄥ", "ing", "ying"),
    ("ㄨ", "u", "wu"),
    ("ㄨㄚ", "ua", "wa"),
    ("ㄨㄛ", "uo", "wo"),
    ("ㄨㄞ", "uai", "wai"),
    ("ㄨㄟ", "ui", "wei"),
    ("ㄨㄢ", "uan", "wan"),
    ("ㄨㄣ", "un", "wen"),
    ("ㄨㄤ", "uang", "wang"),
    ("ㄨㄥ", "ong", "weng"),
    ("ㄩ", "ü", "yu"),
    ("ㄩㄝ", "üe", "yue"),
    ("ㄩㄢ", "üan", "yuan"),
    ("ㄩㄣ", "ün", "yun"),
    ("ㄩㄥ", "iong", "yong"),
];

/// `text` with each run of Zhuyin as its syllables in pinyin without tones, parted by spaces; what
/// is no syllable stays as it is.
pub(crate) fn to_pinyin(text: &str) -> Cow<'_, str> {
    if !text.contains(is_letter) {
        return Cow::Borrowed(text);
    }
    let mut spelled = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        match syllable(rest) {
            Some((syllable, len)) => {
                if spelled.ends_with(|c: char| !c.is_whitespace() && !"-\"“".contains(c)) {
                    spelled.push(' ');
                }
                spelled.push_str(&syllable);
                rest = &rest[len..];
                if rest.starts_with(|c: char| c.is_alphanumeric()) {
                    spelled.push(' ');
                }
            }
            None => {
                spelled.push(first);
                rest = &rest[first.len_utf8()..];
            }
        }
    }
    Cow::Owned(spelled)
}

fn is_letter(c: char) -> bool {
    matches!(c, '\u{3105}'..='\u{3129}')
}

/// The syllable in front of `text`, and how many bytes it takes with its tone.
fn syllable(text: &str) -> Option<(String, usize)> {
    let mut rest = text;
    let initial =
        rest.chars().next().and_then(|c| INITIALS.iter().find(|(letter, _)| *letter == c));
    if let Some((letter, _)) = initial {
        rest = &rest[letter.len_utf8()..];
    }
    // The longest that is there.
    let (letters, behind, alone) = RHYMES
        .iter()
        .filter(|(letters, ..)| rest.starts_with(letters))
        .max_by_key(|(letters, ..)| letters.len())?;
    rest = &rest[letters.len()..];
    let syllable = match initial {
        // Half a syllable, which is being typed.
        Some((_, initial)) if letters.is_empty() && !HISSED.contains(initial) => {
            (*initial).to_owned()
        }
        Some((_, initial @ ("j" | "q" | "x"))) => format!("{initial}{}", behind.replace('ü', "u")),
        Some((_, initial)) => format!("{initial}{behind}"),
        None if alone.is_empty() => return None,
        None => (*alone).to_owned(),
    };
    rest = rest.strip_prefix(['ˉ', 'ˊ', 'ˇ', 'ˋ', '˙']).unwrap_or(rest);
    Some((syllable, text.len() - rest.len()))
}

#[cfg(test)]
mod tests {
    use super::to_pinyin;

    #[test]
    fn zhuyin_is_spelled() {
        for (typed, want) in [
            ("ㄋㄞˋㄒㄧㄣ", "nai xin"),
            ("ㄋㄞㄒㄧㄣ", "nai xin"),
            ("ㄊㄞˊ ㄐㄧ ㄉㄧㄢˋ", "tai ji dian"),
            ("ㄓㄨㄥ ㄍㄨㄛˊ", "zhong guo"),
            ("ㄕˋㄦˋㄩㄝˋ", "shi er yue"),
            ("ㄒㄩㄝˊㄒㄧˋ", "xue xi"),
            ("ㄌㄩˇㄒㄧㄥˊ", "lü xing"),
            ("ㄐㄩㄣㄒㄩㄥˊ", "jun xiong"),
            ("ㄨㄣˋㄊㄧˊ", "wen ti"),
            ("ㄧㄡˇ", "you"),
            ("ㄋㄞㄒ", "nai x"),
            ("台ㄐㄧ電", "台 ji 電"),
            ("ㄉㄜ˙", "de"),
            ("電費 -ㄓㄤˋㄉㄢ", "電費 -zhang dan"),
            ("plain words", "plain words"),
            ("", ""),
        ] {
            assert_eq!(to_pinyin(typed), want, "{typed}");
        }
    }
}
