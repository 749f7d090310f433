//! Punctuation as wide as the characters it stands among.
//!
//! Recognisers write Chinese and Japanese with the commas of English now and then. Pure: this room
//! looks at characters, and is told the language by whoever calls it.

use super::characters::{is_han, is_kana, is_unspaced};
use super::{Segment, split};

/// Whether texts of this language have full-width marks.
pub fn are_wide(language: &str) -> bool {
    matches!(language.split(['-', '_']).next(), Some("zh" | "yue" | "ja"))
}

/// Makes marks of `segment` that stand beside Han characters or kana full-width, in its text and in
/// its words; a space beside such a mark goes. Marks within numbers, Latin text and between them
/// stay. `language` settles which comma it is.
pub fn widen(segment: &mut Segment, language: &str) {
    let wide = widened(&segment.text, language);
    if wide == segment.text {
        return;
    }
    // The same number of characters, so that each word's part is found by counting.
    let places = split::locate(&segment.text, segment.words.iter().map(|word| word.text.as_str()));
    let mut marks = segment.text.char_indices().zip(wide.chars()).peekable();
    for (word, place) in segment.words.iter_mut().zip(places.unwrap_or_default()) {
        while marks.next_if(|((at, _), _)| *at < place.start).is_some() {}
        word.text = std::iter::from_fn(|| marks.next_if(|((at, _), _)| *at < place.end))
            .map(|(_, c)| c)
            .collect();
    }
    segment.text = without_spaces(&wide);
}

/// `text` with full-width marks, character by character.
fn widened(text: &str, language: &str) -> String {
    let chars: Vec<char> = text.chars().collect();
    let is_cjk = |c: Option<&char>| c.is_some_and(|c| is_han(*c) || is_kana(*c));
    let mut wide = chars.clone();
    for (at, &c) in chars.iter().enumerate() {
        let Some(mark) = wide_form(c, language) else { continue };
        let before = chars[..at].iter().rev().find(|c| !c.is_whitespace());
        let after = chars[at + 1..].iter().find(|c| !c.is_whitespace());
        let next = chars.get(at + 1);
        let is_apart = next.is_none_or(|c| c.is_whitespace());
        let fits = match c {
            '(' => is_cjk(before) || is_cjk(after),
            // It goes with the bracket that it closes.
            ')' => wide[..at].iter().rev().find(|c| matches!(c, '(' | '（')) == Some(&'（'),
            // It may belong to a number or a name: .5, llama.cpp
            '.' => {
                is_cjk(before) && !next.is_some_and(char::is_ascii_alphanumeric)
                    || is_cjk(after) && is_apart
                    || is_wide_before(&wide, at)
            }
            _ => is_cjk(before) || is_cjk(after) || is_wide_before(&wide, at),
        };
        // Three points are one sign.
        let is_ellipsis = c == '.' && (next == Some(&'.') || at > 0 && chars[at - 1] == '.');
        if fits && !is_ellipsis {
            wide[at] = mark;
        }
    }
    wide.into_iter().collect()
}

/// Whether the mark before `at` was made wide, as in "？!".
fn is_wide_before(wide: &[char], at: usize) -> bool {
    at > 0 && "，。？！：；、）".contains(wide[at - 1])
}

fn wide_form(c: char, language: &str) -> Option<char> {
    Some(match c {
        ',' if language.starts_with("ja") => '、',
        ',' => '，',
        '.' => '。',
        '?' => '？',
        '!' => '！',
        ':' => '：',
        ';' => '；',
        '(' => '（',
        ')' => '）',
        _ => return None,
    })
}

/// `text` without the spaces beside full-width marks.
fn without_spaces(text: &str) -> String {
    let is_mark = |c: Option<char>| c.is_some_and(|c| is_unspaced(c) && !is_han(c) && !is_kana(c));
    let mut tight = String::with_capacity(text.len());
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        if !(c == ' ' && (is_mark(tight.chars().next_back()) || is_mark(chars.peek().copied()))) {
            tight.push(c);
        }
    }
    tight
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::time::Span;
    use crate::transcript::join;

    #[test]
    fn marks_beside_wide_characters() {
        for (language, text, want) in [
            ("zh", "你好, 世界. 好嗎?", "你好，世界。好嗎？"),
            ("zh", "你好,世界", "你好，世界"),
            ("zh", "這是 GPT-4, 它有 3.5 億", "這是 GPT-4，它有 3.5 億"),
            ("zh", "用 Claude, GPT 和 Gemini.", "用 Claude, GPT 和 Gemini."),
            ("zh", "共 1,000 元(約 10:30).", "共 1,000 元（約 10:30）。"),
            ("zh", "他說: 好!", "他說：好！"),
            ("zh", "真的嗎?! 嗯...", "真的嗎？！嗯..."),
            ("zh", "版本3.5", "版本3.5"),
            ("zh", "第10.5版", "第10.5版"),
            ("zh", "今天,2024年", "今天，2024年"),
            ("ja", "はい,そうです.", "はい、そうです。"),
            ("zh", "All English, no change.", "All English, no change."),
            ("zh", "已經，好了。", "已經，好了。"),
            ("zh", "", ""),
        ] {
            let Some(mut segment) = join::share(text, Span::from_millis(0, 1000)) else {
                assert_eq!(text, "");
                continue;
            };
            let n_words = segment.words.len();
            widen(&mut segment, language);
            assert_eq!(segment.text, want);
            assert_eq!(segment.words.len(), n_words);
            assert!(
                split::locate(&segment.text, segment.words.iter().map(|w| w.text.as_str()))
                    .is_some(),
                "{segment:?}"
            );
            let mut again = segment.clone();
            widen(&mut again, language);
            assert_eq!(again, segment, "twice is once");
        }
        for (language, want) in
            [("zh", true), ("yue-HK", true), ("ja", true), ("ko", false), ("en", false)]
        {
            assert_eq!(are_wide(language), want);
        }
    }
}
