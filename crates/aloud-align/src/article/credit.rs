//! Where does a credit end that is glued to the text behind it?
//!
//! Pages lose the border between a picture's credit and the paragraph below it:
//! 攝影師:安德烈·魯達科夫/彭博社市場動態…, "Photo: Jane Doe/ReutersThe market …". The label says
//! that there is one, and its last word where it ends: an agency, a bracket that closes, a capital
//! in the middle of a word. Where none of these is seen the sound may still tell (`asides`).

use super::Skip;
use super::furniture::{AGENCIES, CREDIT_BEGINS, labelled};
use crate::transcript::characters::{is_han, is_spoken};
use std::ops::Range;

/// A credit has so many bytes at most.
const LONGEST: usize = 160;
/// The text behind it has so many characters at least; less would be a part of the credit.
const TEXT: usize = 12;

/// The length of the credit that `text` begins with, if more text is glued to it.
pub(super) fn leading(text: &str) -> Option<usize> {
    let label = label(text)?;
    let head = head(text);
    let ends = [agency(head, label), camel(head, label), bracket(head)];
    let end = ends.into_iter().flatten().min()?;
    let rest = text[end..].trim_start();
    let is_text = rest.chars().filter(|c| is_spoken(*c)).count() >= TEXT
        && !rest.starts_with(['/', '／', '、', '·', ',']);
    is_text.then_some(end)
}

/// Where a credit of unknown end may end: behind each of a few characters after its slash.
pub(super) fn guesses(text: &str) -> Vec<Range<usize>> {
    let Some(label) = label(text).filter(|_| leading(text).is_none()) else { return Vec::new() };
    let head = head(text);
    let Some(slash) = head[label..].find(['/', '／']).map(|at| label + at) else {
        return Vec::new();
    };
    let is_open = text[slash..].chars().filter(|c| is_spoken(*c)).count() >= TEXT;
    let after = text[slash..].char_indices().skip(1).filter(|(_, c)| is_han(*c)).skip(1).take(6);
    after.map(|(at, c)| 0..slash + at + c.len_utf8()).filter(|_| is_open).collect()
}

/// Its beginning, which no credit is longer than.
fn head(text: &str) -> &str {
    let end = text
        .char_indices()
        .map(|(at, c)| at + c.len_utf8())
        .take_while(|end| *end <= LONGEST)
        .last()
        .unwrap_or(0);
    &text[..end]
}

/// The length of the label, if `text` begins with that of a credit or of a picture.
fn label(text: &str) -> Option<usize> {
    let lower: String = text.chars().take(40).collect::<String>().to_lowercase();
    let bare = lower.trim_start_matches(['(', '（', '[']);
    if let Some(words) = CREDIT_BEGINS.iter().find(|words| bare.starts_with(**words)) {
        return Some(lower.len() - bare.len() + words.len())
            .filter(|at| text.is_char_boundary(*at));
    }
    let is_credit = labelled(text).is_some_and(|skip| matches!(skip, Skip::Credit | Skip::Caption));
    let mark = text.char_indices().take(24).find(|(_, c)| matches!(c, ':' | '：' | '／' | '/'))?;
    is_credit.then_some(mark.0 + mark.1.len_utf8())
}

/// Behind the last agency that is named in the credit's own clause.
fn agency(head: &str, label: usize) -> Option<usize> {
    let clause =
        head[label..].find(['。', '，', '；', '！', '？']).map_or(head.len(), |at| label + at);
    let inside = &head[..clause];
    let found = AGENCIES.iter().filter_map(|name| {
        inside[label..].find(name).map(|at| (label + at, label + at + name.len()))
    });
    // "Getty Images" rather than "Getty", and the first of several that are not joined.
    let (start, end) = found.min_by_key(|(start, end)| (*start, usize::MAX - end))?;
    let has_name = inside[label..start].contains(is_spoken) || start == label;
    let rest = &inside[end..];
    // "Reuters reported" goes on with a space: no credit's end but in front of a capital.
    let is_glued = rest
        .starts_with(|c: char| is_han(c) || c.is_uppercase() || matches!(c, ')' | '）'))
        || rest.trim_start().starts_with(char::is_uppercase);
    let closing: usize =
        rest.chars().take_while(|c| matches!(c, ')' | '）' | '.' | ' ')).map(char::len_utf8).sum();
    (has_name && is_glued).then_some(end + closing)
}

/// Where a small letter meets a capital in a word of Latin letters ("NewsThe").
fn camel(head: &str, label: usize) -> Option<usize> {
    let slash = head[label..].find('/').map(|at| label + at)?;
    let chars: Vec<(usize, char)> =
        head[slash..].char_indices().map(|(at, c)| (slash + at, c)).collect();
    let border = chars.windows(3).find(|three| {
        three[0].1.is_lowercase()
            && three[1].1.is_uppercase()
            && (three[2].1.is_lowercase() || three[2].1 == ' ')
    });
    border.map(|three| three[1].0).filter(|at| {
        head[slash..*at].split_whitespace().last().is_some_and(|word| word.chars().count() >= 4)
    })
}

/// Behind the bracket that the credit stands in.
fn bracket(head: &str) -> Option<usize> {
    let close = match head.chars().next()? {
        '(' => ')',
        '（' => '）',
        '[' => ']',
        _ => return None,
    };
    let at = head.find(close)?;
    (!head[..at].contains(['。', '！', '？'])).then_some(at + close.len_utf8())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn where_credits_end() {
        for (text, want) in [
            (
                "攝影師:安德烈·魯達科夫/彭博社市場動態顯示，今年的價格漲了很多。",
                "攝影師:安德烈·魯達科夫/彭博社",
            ),
            ("摄影：王小明／新华社昨天下午，河水漫过了道路和桥梁。", "摄影：王小明／新华社"),
            ("圖／美聯社今天清晨，河水漫過了道路和橋梁。", "圖／美聯社"),
            ("Photo: Jane Doe/ReutersThe market fell on Monday.", "Photo: Jane Doe/Reuters"),
            (
                "Photograph by Jane Doe/Getty ImagesThe market fell on Monday.",
                "Photograph by Jane Doe/Getty Images",
            ),
            (
                "Photo: Jane Doe/Mill County NewsThe market fell on Monday.",
                "Photo: Jane Doe/Mill County News",
            ),
            ("(Photo by Jane Doe) The market fell on Monday.", "(Photo by Jane Doe)"),
            ("照片：1月22日的米爾郡法院，消防車仍停在門口。", ""),
            ("Photo: The courthouse in Mill County, where it rained.", ""),
            ("By Jane Doe, who wrote it down for Reuters", ""),
            ("彭博社今天報導，河水漫過了道路和橋梁。", ""),
            ("Photo: Reuters reported that the market fell.", ""),
        ] {
            assert_eq!(leading(text).map_or("", |end| text[..end].trim_end()), want, "{text}");
        }
    }

    #[test]
    fn guessed_ends_lie_behind_the_slash() {
        let text = "攝影師:安德烈/不知名的圖片商市場動態顯示，今年漲了。";
        let ends: Vec<&str> = guesses(text).into_iter().map(|range| &text[range]).collect();
        assert_eq!((ends.len(), ends[0]), (6, "攝影師:安德烈/不知"));
        assert!(guesses("市場動態顯示，今年漲了。").is_empty());
    }
}
