//! What of a stranger's text may stay: no control characters, no terminal escapes, nothing
//! invisible.

use crate::transcript::characters::{is_han, is_unprintable};
use std::borrow::Cow;

/// `text` with `\n` as its only control character, every other white space as a plain space, and
/// without terminal escapes, marks of writing direction, zero-width junk and the marks of
/// footnotes. Runs of spaces and empty lines stay. Linear in the length of `text`.
pub fn clean(text: &str) -> String {
    let text = without_escapes(text);
    let mut kept = String::with_capacity(text.len());
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        match c {
            '\r' => {
                chars.next_if_eq(&'\n');
                kept.push('\n');
            }
            '\n' | '\u{b}' | '\u{c}' | '\u{85}' | '\u{2028}' | '\u{2029}' => kept.push('\n'),
            c if c.is_whitespace() => kept.push(' '),
            c if is_unprintable(c) || is_invisible(c) => {}
            c if is_joining(c) => {
                let before = kept.chars().next_back();
                if joins(c, before, chars.peek().copied()) {
                    kept.push(c);
                }
            }
            c => kept.push(c),
        }
    }
    without_marks(kept)
}

/// One line of it: [`clean`], with each run of white space as one space and none at either end.
pub fn clean_line(text: &str) -> String {
    let mut line = String::with_capacity(text.len());
    for word in clean(text).split_whitespace() {
        if !line.is_empty() {
            line.push(' ');
        }
        line.push_str(word);
    }
    line
}

/// Takes out escape sequences whole (ECMA-48: CSI, the string commands, and two-character escapes),
/// so that no "[31m" is left where the escape itself goes. A string command without an end ends
/// with its line.
fn without_escapes(text: &str) -> Cow<'_, str> {
    if !text.contains(['\u{1b}', '\u{9b}', '\u{90}', '\u{98}', '\u{9d}', '\u{9e}', '\u{9f}']) {
        return Cow::Borrowed(text);
    }
    let mut kept = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) =
        rest.find(['\u{1b}', '\u{9b}', '\u{90}', '\u{98}', '\u{9d}', '\u{9e}', '\u{9f}'])
    {
        kept.push_str(&rest[..at]);
        rest = after_escape(&rest[at..]);
    }
    kept.push_str(rest);
    Cow::Owned(kept)
}

/// What follows the escape sequence that `text` begins with.
fn after_escape(text: &str) -> &str {
    let mut chars = text.chars();
    let command = match chars.next() {
        Some('\u{1b}') => match chars.as_str().chars().next() {
            Some(c) if !c.is_control() && c.is_ascii() => {
                chars.next();
                c
            }
            _ => return chars.as_str(),
        },
        Some('\u{9b}') => '[',
        _ => ']',
    };
    let body = chars.as_str();
    match command {
        '[' => {
            let end = body.find(|c: char| !matches!(c, '\u{20}'..='\u{3f}')).unwrap_or(body.len());
            let last = body[end..].chars().next().filter(|c| matches!(c, '\u{40}'..='\u{7e}'));
            &body[end + last.map_or(0, char::len_utf8)..]
        }
        ']' | 'P' | 'X' | '^' | '_' => {
            let end = body.find(['\u{7}', '\u{9c}', '\u{1b}', '\n', '\r']).unwrap_or(body.len());
            let last = body[end..].chars().next().filter(|c| matches!(c, '\u{7}' | '\u{9c}'));
            let rest = &body[end + last.map_or(0, char::len_utf8)..];
            rest.strip_prefix("\u{1b}\\").unwrap_or(rest)
        }
        // Escapes with an intermediate byte, as those that choose a character set, have one more.
        ' '..='/' => body.strip_prefix(|c: char| c.is_ascii_graphic()).unwrap_or(body),
        _ => body,
    }
}

/// Characters that show nothing and would only get in the way of finding and counting words.
fn is_invisible(c: char) -> bool {
    matches!(c,
        '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}' | '\u{1160}' | '\u{180b}'..='\u{180f}' | '\u{200b}' | '\u{200e}' | '\u{200f}'
        | '\u{2060}'..='\u{2065}' | '\u{206a}'..='\u{206f}' | '\u{3164}' | '\u{ffa0}' | '\u{fff0}'..='\u{fff8}'
        | '\u{1d173}'..='\u{1d17a}' | '\u{e0020}'..='\u{e00ff}' | '\u{e01f0}'..='\u{e0fff}')
}

/// Characters without a width that change the one before or after them.
fn is_joining(c: char) -> bool {
    matches!(c, '\u{200c}' | '\u{200d}' | '\u{fe00}'..='\u{fe0f}' | '\u{e0100}'..='\u{e01ef}')
}

/// Whether a joining character does anything between these two: joiners in scripts that need them
/// and in emoji, selectors after what has variants.
fn joins(c: char, before: Option<char>, after: Option<char>) -> bool {
    let is_plain = |c: char| {
        c.is_ascii() || c.is_whitespace() || is_unprintable(c) || is_invisible(c) || is_joining(c)
    };
    match c {
        '\u{200c}' | '\u{200d}' => {
            before.is_some_and(|b| {
                !b.is_ascii() && !b.is_whitespace() && b != '\u{200c}' && b != '\u{200d}'
            }) && after.is_some_and(|a| !is_plain(a))
        }
        '\u{fe0e}' | '\u{fe0f}' => {
            before.is_some_and(|b| !is_plain(b) || b.is_ascii_digit() || matches!(b, '#' | '*'))
        }
        _ => before.is_some_and(is_han),
    }
}

/// Takes out the marks of footnotes and references that stick to a word or its punctuation: `[12]`,
/// `[^1]`, and a raised number after the end of a sentence ("true.³", but not "10³").
fn without_marks(text: String) -> String {
    if !text.contains(['[', '¹', '²', '³', '⁴', '⁵', '⁶', '⁷', '⁸', '⁹']) {
        return text;
    }
    let mut kept = String::with_capacity(text.len());
    let mut rest = text.as_str();
    while let Some(c) = rest.chars().next() {
        let mark = mark_len(rest, kept.chars().next_back());
        if mark == 0 {
            kept.push(c);
        }
        rest = &rest[mark.max(if mark == 0 { c.len_utf8() } else { 0 })..];
    }
    kept
}

/// The length of the mark that `rest` begins with, after this character.
fn mark_len(rest: &str, before: Option<char>) -> usize {
    let Some(before) = before.filter(|c| !c.is_whitespace() && !"([{（「『《\"“‘".contains(*c))
    else {
        return 0;
    };
    if let Some(inner) = rest.strip_prefix("[^") {
        // As Markdown writes them; not the definition, which begins a line.
        let name = inner
            .split(']')
            .next()
            .filter(|name| name.len() < inner.len() && (1..=24).contains(&name.len()));
        let is_mark = name.is_some_and(|name| {
            name.chars().all(|c| c.is_alphanumeric() || matches!(c, '-' | '_' | ':' | '.'))
        });
        return name.filter(|_| is_mark).map_or(0, |name| name.len() + 3);
    }
    if let Some(inner) = rest.strip_prefix('[') {
        let digits = inner.bytes().take_while(u8::is_ascii_digit).count();
        let is_mark = (1..=3).contains(&digits)
            && inner[digits..].starts_with(']')
            && !inner[digits + 1..].starts_with('(');
        return if is_mark { digits + 2 } else { 0 };
    }
    if before.is_alphanumeric() {
        return 0;
    }
    rest.chars().take_while(|c| "⁰¹²³⁴⁵⁶⁷⁸⁹".contains(*c)).map(char::len_utf8).sum()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn what_goes_and_what_stays() {
        for (text, want) in [
            ("a\r\nb\rc\u{2028}d\u{85}e\u{c}f", "a\nb\nc\nd\ne\nf"),
            ("a\tb\u{a0}c\u{3000}d", "a b c d"),
            ("a\0b\u{7}c\u{8}d\u{fffd}e\u{feff}", "abcde"),
            ("\u{1b}[1;31mred\u{1b}[0m", "red"),
            ("\u{9b}2Jx", "x"),
            ("\u{1b}]0;title\u{7}x\u{1b}]8;;http://a\u{1b}\\y", "xy"),
            ("\u{1b}]no end\nnext line", "\nnext line"),
            ("\u{1b}(Bx\u{1b}Mx\u{1b}", "xx"),
            ("\u{1b}", ""),
            ("ab\u{202e}cd\u{2067}e\u{200f}", "abcde"),
            ("co\u{ad}op\u{200b}er\u{2060}ate", "cooperate"),
            ("a\u{200d}b", "ab"),
            (
                "👨\u{200d}👩\u{200d}👧 ☀\u{fe0f} 1\u{fe0f}\u{20e3}",
                "👨\u{200d}👩\u{200d}👧 ☀\u{fe0f} 1\u{fe0f}\u{20e3}",
            ),
            ("می\u{200c}خواهم", "می\u{200c}خواهم"),
            ("葛\u{e0100}城", "葛\u{e0100}城"),
            ("so it is.[12] And[3], here", "so it is. And, here"),
            ("m[1][2]", "m"),
            ("true.[^a-1] Then[^2] [^3]: note a^b[^ ]", "true. Then [^3]: note a^b[^ ]"),
            ("is true.³ Ten is 10³ m²", "is true. Ten is 10³ m²"),
            ("see [1] and a[i], x[1](y), [2024]", "see [1] and a[i], x[1](y), [2024]"),
        ] {
            assert_eq!(clean(text), want, "{text:?}");
        }
        assert_eq!(clean_line("  a \n\n b\u{3000}\u{3000}c "), "a b c");
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(400))]
        #[test]
        fn cleaning_is_clean(text in "([\u{0}-\u{24f}]|[\u{200b}-\u{206f}]|[\u{fe00}-\u{ffff}]|[中あ한م👨☀]|\\[1\\]|\u{1b}\\[|\u{1b}\\]|[\u{e0000}-\u{e01ff}]){0,40}") {
            let once = clean(&text);
            prop_assert!(!once.chars().any(is_unprintable));
            let is_clean = once.chars().all(|c| c == '\n' || !c.is_control());
            prop_assert!(is_clean);
            let has_override = once.chars().any(|c| matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}'));
            prop_assert!(!has_override);
            let line = clean_line(&text);
            let is_line = !line.contains(['\n', '\t']) && !line.contains("  ");
            prop_assert!(is_line);
        }
    }
}
