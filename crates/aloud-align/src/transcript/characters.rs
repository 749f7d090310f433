//! What kind of character is this: heard, written only, or unfit to print?
//!
//! One table for everybody who cuts text into words or lines, so that they agree. This room looks
//! at single characters; it never knows the text around them (`split` does).

/// Whether a character is a word of its own: Han, kana and Bopomofo, and the scripts of South-East
/// Asia that are written without spaces (Thai, Lao, Burmese, Khmer).
///
/// Ranges are blocks of the Unicode Character Database (Blocks.txt); code points without a meaning
/// are included where a block is to be filled later.
pub fn stands_alone(c: char) -> bool {
    is_han(c)
        || is_kana(c)
        || matches!(c,
            '\u{3105}'..='\u{312F}' | '\u{31A0}'..='\u{31BF}' // Bopomofo
            | '\u{0E01}'..='\u{0E30}' | '\u{0E32}'..='\u{0E33}' | '\u{0E40}'..='\u{0E46}' | '\u{0E50}'..='\u{0E59}' // Thai
            | '\u{0E81}'..='\u{0EB0}' | '\u{0EB2}'..='\u{0EB3}' | '\u{0EC0}'..='\u{0EC6}' | '\u{0ED0}'..='\u{0EDF}' // Lao
            | '\u{1000}'..='\u{1049}' | '\u{1050}'..='\u{109D}' | '\u{AA60}'..='\u{AA7F}' // Burmese
            | '\u{1780}'..='\u{17B3}' | '\u{17E0}'..='\u{17E9}' // Khmer
        )
}

/// Whether a character is a Han character, as Chinese and Japanese write them.
pub fn is_han(c: char) -> bool {
    matches!(c,
        '\u{4E00}'..='\u{9FFF}' | '\u{3400}'..='\u{4DBF}' | '\u{F900}'..='\u{FAFF}'
        | '\u{3005}'..='\u{3007}' | '\u{3021}'..='\u{3029}' | '\u{2E80}'..='\u{2FD5}'
        | '\u{20000}'..='\u{3FFFD}')
}

/// Whether a character is Hiragana or Katakana, of full or half width.
pub fn is_kana(c: char) -> bool {
    matches!(c,
        '\u{3041}'..='\u{3096}' | '\u{309D}'..='\u{309F}' | '\u{30A1}'..='\u{30FA}' | '\u{30FC}'..='\u{30FF}'
        | '\u{31F0}'..='\u{31FF}' | '\u{FF66}'..='\u{FF9D}' | '\u{1B000}'..='\u{1B16F}')
}

/// Whether text is written without a space beside this character: what stands alone, and the
/// punctuation that goes with it.
pub fn is_unspaced(c: char) -> bool {
    stands_alone(c)
        || matches!(c,
            '\u{3000}'..='\u{3004}' | '\u{3008}'..='\u{3020}' | '\u{3030}' | '\u{30FB}' | '\u{FE30}'..='\u{FE4F}'
            | '\u{FF01}'..='\u{FF0F}' | '\u{FF1A}'..='\u{FF20}' | '\u{FF3B}'..='\u{FF40}' | '\u{FF5B}'..='\u{FF65}')
}

/// Whether a narrator says this character: letters, digits, and the signs that have a name in
/// speech ("$8", "50%", "R&D"). All others are punctuation, which takes no time of its own.
pub fn is_spoken(c: char) -> bool {
    c.is_alphanumeric() || stands_alone(c) || "$€£¥₩₹¢%‰°&+=#@×÷±≤≥≈＄￥￡％＆＋＝＃＠".contains(c)
}

/// How long a character takes to say, in thirds of a syllable: punctuation nothing, a letter one,
/// and three a character that is a word or a digit, which stands for one. Mandarin has some 4 to 5
/// syllables a second where English has some 15 letters.
pub fn thirds(c: char) -> u8 {
    match c {
        c if !is_spoken(c) => 0,
        c if stands_alone(c) || c.is_numeric() => 3,
        _ => 1,
    }
}

/// Whether punctuation belongs to the word before it, wherever it stands.
pub fn is_closing(c: char) -> bool {
    ",.;:!?)]}，。、；：！？．」』）】》〉〕〗］｝”»›…‥؛،؟।॥។។၊။｡､｣".contains(c)
}

/// Whether punctuation belongs to the word after it, wherever it stands.
pub fn is_opening(c: char) -> bool {
    "([{「『（【《〈〔〖［｛“‘„‚«‹¿¡｢".contains(c)
}

/// Whether a sentence ends with this character.
pub fn ends_sentence(c: char) -> bool {
    ".!?。！？．…‥؟۔।॥။។։።፧｡".contains(c)
}

/// Whether a sentence ends with `text`, whatever quotes and brackets close after it.
pub fn ends_with_sentence(text: &str) -> bool {
    text.chars().rev().take_while(|c| !is_spoken(*c)).any(ends_sentence)
}

/// Whether a clause ends with this character.
pub fn ends_clause(c: char) -> bool {
    ",;:，、；：،؛—–၊፣､".contains(c)
}

/// Whether a character must not reach a screen or a file: control characters (and with them every
/// terminal escape), overrides of the writing direction, the byte order mark, the replacement
/// character, and code points that are no characters. White space is not meant here.
pub fn is_unprintable(c: char) -> bool {
    (crate::printable::is_harmful(c) && !c.is_whitespace())
        || matches!(c, '\u{FFFC}' | '\u{FFFD}' | '\u{FDD0}'..='\u{FDEF}')
        || (c as u32) & 0xFFFE == 0xFFFE
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kinds() {
        for c in "中々〇あアーｱㄅก한".chars() {
            assert_eq!(stands_alone(c), c != '한', "{c}");
        }
        for c in "，。「」　".chars() {
            assert!(is_unspaced(c) && !is_spoken(c), "{c}");
        }
        for c in "a9９Ａ한é%$ß".chars() {
            assert!(is_spoken(c) && !is_unspaced(c), "{c}");
        }
    }

    #[test]
    fn no_mark_both_opens_and_closes() {
        for c in (0..=0xFFFF).filter_map(char::from_u32) {
            assert!(!(is_opening(c) && is_closing(c)), "{c}");
            assert!(!(is_spoken(c) && (is_opening(c) || is_closing(c))), "{c}");
        }
    }

    #[test]
    fn unprintable() {
        for c in
            ['\0', '\u{1b}', '\u{7f}', '\u{9b}', '\u{202e}', '\u{feff}', '\u{fffd}', '\u{1fffe}']
        {
            assert!(is_unprintable(c), "{c:?}");
        }
        for c in ['\n', '\t', ' ', 'a', '\u{200f}', '\u{200d}', '😀', '\u{85}'] {
            assert!(!is_unprintable(c), "{c:?}");
        }
    }
}
