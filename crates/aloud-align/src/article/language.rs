//! Which language is a text written in?
//!
//! Scripts decide where they can; languages that share one are told apart by their letters
//! (whatlang), and only where that is sure.

use crate::transcript::characters::{is_han, is_kana};
use whatlang::{Detector, Lang};

/// Characters that are looked at; more would not make the guess surer.
const ENOUGH: usize = 20_000;
/// Kana among Han and kana from which a text is Japanese; a Chinese text may quote some.
const KANA_SHARE: f64 = 0.1;
/// No language is told from fewer letters.
const FEWEST: usize = 8;
/// Letters from which an unsure guess counts where the source declares nothing.
const FEW: usize = 40;

/// The language of `text` as an ISO 639-1 code; `declared` is what its source says (a BCP 47 tag),
/// which counts only where the text does not tell. `None` where nobody knows.
pub(super) fn guess(text: &str, declared: Option<&str>) -> Option<String> {
    let end = text.char_indices().nth(ENOUGH).map_or(text.len(), |(at, _)| at);
    let text = &text[..end];
    by_script(text).map(str::to_owned).or_else(|| by_letters(text, declared.and_then(primary)))
}

/// Which of two languages, by their codes, `text` is nearer to; `None` where it has no letters.
pub(super) fn nearer(text: &str, codes: [&str; 2]) -> Option<usize> {
    let side = |code: &str| codes.iter().position(|known| *known == code);
    if let Some(side) = by_script(text).and_then(side) {
        return Some(side);
    }
    if !text.chars().any(char::is_alphabetic) {
        return None;
    }
    if differ_in_script(codes) {
        // Two headings of nothing but kanji are Japanese as well as Chinese.
        return codes.iter().position(|code| WIDE.contains(code) == is_wide(text));
    }
    let candidates: Vec<Lang> = Lang::all()
        .iter()
        .copied()
        .filter(|lang| code(*lang).is_some_and(|code| codes.contains(&code)))
        .collect();
    Detector::with_allowlist(candidates).detect_lang(text).and_then(code).and_then(side)
}

/// Whether [`nearer`] is sure of it: by the letters, or of so many of them.
pub(super) fn is_sure(text: &str, codes: [&str; 2]) -> bool {
    differ_in_script(codes) || text.chars().filter(|c| c.is_alphabetic()).count() >= FEW
}

/// Whether one of two languages is written as Chinese is, and the other is not.
pub(super) fn differ_in_script(codes: [&str; 2]) -> bool {
    WIDE.contains(&codes[0]) != WIDE.contains(&codes[1])
}

/// Whether `text` is Chinese, Japanese or Korean, if only by its end mark: a sentence may name more
/// firms in Latin letters than it has words besides.
pub(super) fn is_wide(text: &str) -> bool {
    by_script(text).is_some()
        || text.trim_end_matches(['」', '』', '”', '）']).ends_with(['。', '！', '？'])
}

/// Whether [`by_script`] counts a character for one of its languages.
pub(super) fn is_wide_letter(c: char) -> bool {
    is_han(c) || is_kana(c) || is_hangul(c)
}

/// Languages that [`by_script`] tells.
const WIDE: [&str; 3] = ["zh", "ja", "ko"];

/// Chinese, Japanese and Korean: whichever most words are written in. A character is a word in
/// Chinese and Japanese, a syllable most of one in Korean.
fn by_script(text: &str) -> Option<&'static str> {
    let (mut han, mut kana, mut hangul, mut other) = (0, 0, 0, 0);
    let mut is_inside = false;
    for c in text.chars() {
        let is_other = c.is_alphabetic() && !is_han(c) && !is_kana(c) && !is_hangul(c);
        other += usize::from(is_other && !is_inside);
        is_inside = is_other;
        han += usize::from(is_han(c));
        kana += usize::from(is_kana(c));
        hangul += usize::from(is_hangul(c));
    }
    if han + kana + hangul <= other {
        return None;
    }
    match () {
        () if hangul > han + kana => Some("ko"),
        () if kana as f64 >= KANA_SHARE * (han + kana) as f64 => Some("ja"),
        () => Some("zh"),
    }
}

fn is_hangul(c: char) -> bool {
    matches!(c, '\u{ac00}'..='\u{d7a3}' | '\u{1100}'..='\u{11ff}' | '\u{3131}'..='\u{318e}')
}

fn by_letters(text: &str, declared: Option<String>) -> Option<String> {
    let Some(found) = whatlang::detect(text) else { return declared };
    let n_letters = text.chars().filter(|c| c.is_alphabetic()).count();
    if (found.is_reliable() && n_letters >= FEWEST) || (declared.is_none() && n_letters >= FEW) {
        return code(found.lang()).map(str::to_owned).or(declared);
    }
    declared
}

/// The language of a tag such as "en-US" or "zh_Hant", where it is of two letters.
fn primary(tag: &str) -> Option<String> {
    let language = tag.trim().split(['-', '_']).next()?.to_lowercase();
    (language.len() == 2 && language.bytes().all(|b| b.is_ascii_lowercase())).then_some(language)
}

/// The ISO 639-1 code, where the language has one (Norwegian Bokmål is called Norwegian, as Whisper
/// does).
fn code(lang: Lang) -> Option<&'static str> {
    aloud_units::language::short(lang.code())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn guesses() {
        for (text, declared, want) in [
            ("今天天氣很好，我們去海邊。", None, Some("zh")),
            ("今天天气很好，用 DeepSeek 和 Gemini 2.5 Pro 写。", Some("en"), Some("zh")),
            ("今日はとても天気がいいですね。", None, Some("ja")),
            ("오늘은 날씨가 아주 좋습니다.", None, Some("ko")),
            (
                "The river came over the road, and the lights went out in the courthouse.",
                None,
                Some("en"),
            ),
            (
                "The river came over the road, said 林美華, and the lights went out in the courthouse.",
                None,
                Some("en"),
            ),
            (
                "Der Fluss kam über die Straße, und im Gericht gingen die Lichter aus.",
                None,
                Some("de"),
            ),
            (
                "La rivière est passée sur la route et les lumières se sont éteintes au tribunal.",
                None,
                Some("fr"),
            ),
            (
                "Река вышла на дорогу, и в здании суда погас свет, а через час замолчали телефоны.",
                None,
                Some("ru"),
            ),
            ("Ok", Some("nl-BE"), Some("nl")),
            ("Ok", None, None),
            ("12:30", Some("x-klingon"), None),
            ("", None, None),
        ] {
            assert_eq!(guess(text, declared).as_deref(), want, "{text}");
        }
    }

    #[test]
    fn every_language_has_a_code() {
        for lang in Lang::all() {
            assert!(code(*lang).is_some_and(|code| code.len() == 2), "{lang:?}");
        }
    }
}
