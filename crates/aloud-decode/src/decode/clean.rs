//! Texts of strangers made safe to show: whatever could move a terminal's cursor, change its
//! colours or turn its text around is taken out.

use crate::printable;

/// No title is longer, in characters; what follows is cut off.
const MAX_CHARS: usize = 500;

/// `text` on one line, without escape sequences, control characters and marks that turn the
/// direction of writing, and of a sensible length.
pub fn clean(text: &str) -> String {
    let mut out = String::new();
    let mut chars = text.chars().peekable();
    let mut n_chars = 0;
    while let Some(c) = chars.next() {
        let c = match c {
            '\x1b' | '\u{9b}' | '\u{9d}' | '\u{90}' => {
                skip_escape(c, &mut chars);
                continue;
            }
            '\t' | '\n' | '\r' | '\u{2028}' | '\u{2029}' => ' ',
            c if printable::is_harmful(c) || is_invisible(c) => continue,
            c => c,
        };
        if n_chars == MAX_CHARS {
            out.push('…');
            break;
        }
        if c != ' ' || !(out.is_empty() || out.ends_with(' ')) {
            out.push(c);
            n_chars += 1;
        }
    }
    out.truncate(out.trim_end().len());
    out
}

/// What is harmless, but of no use in a title: marks of direction and language tags.
fn is_invisible(c: char) -> bool {
    matches!(c, '\u{200e}' | '\u{200f}' | '\u{61c}' | '\u{e0000}'..='\u{e007f}')
}

/// Skips the rest of an escape sequence (ECMA-48, 5.4 and 5.6), of which `first` was read.
fn skip_escape(first: char, chars: &mut std::iter::Peekable<std::str::Chars<'_>>) {
    let kind = match first {
        '\x1b' => match chars.next_if(|c| ('\x20'..='\x7e').contains(c)) {
            Some(c) => c,
            None => return,
        },
        '\u{9b}' => '[',
        _ => ']',
    };
    match kind {
        // A control sequence: parameters, then one final character.
        '[' => {
            while chars.next_if(|c| ('\x20'..='\x3f').contains(c)).is_some() {}
            chars.next_if(|c| ('\x40'..='\x7e').contains(c));
        }
        // A control string, up to its terminator; without one it is only its opening.
        ']' | 'P' | 'X' | '^' | '_' => {
            let is_end = |c: char| matches!(c, '\x07' | '\x1b' | '\u{9c}');
            if let Some(n) = chars.clone().position(is_end) {
                let end = chars.nth(n);
                if end == Some('\x1b') {
                    chars.next_if_eq(&'\\');
                }
            }
        }
        // Intermediate characters, then one final character.
        '\x20'..='\x2f' => {
            while chars.next_if(|c| ('\x20'..='\x2f').contains(c)).is_some() {}
            chars.next();
        }
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn text_becomes_harmless() {
        for (text, want) in [
            ("An ordinary title", "An ordinary title"),
            ("人工智慧 — № 9:21", "人工智慧 — № 9:21"),
            ("\x1b[31mred\x1b[0m", "red"),
            ("\x1b]0;owned\x07title", "title"),
            ("\x1b]8;;http://x\x1b\\link\x1b]8;;\x1b\\", "link"),
            ("\x1b]no end", "no end"),
            ("\u{9b}2Jcleared", "cleared"),
            ("\x1bPq#0\u{9c}sixel", "sixel"),
            ("\x1b(Bset", "set"),
            ("a\x1b", "a"),
            ("abc\u{202e}gpj.exe", "abcgpj.exe"),
            ("two\r\nlines\tand  spaces ", "two lines and spaces"),
            ("\0\x07\x08nul\u{feff}", "nul"),
            ("", ""),
        ] {
            assert_eq!(clean(text), want, "{text:?}");
        }
        assert_eq!(clean(&"字".repeat(2_000)).chars().count(), MAX_CHARS + 1);
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 256, ..ProptestConfig::default() })]

        #[test]
        fn nothing_dangerous_is_left(text in "(\\PC|\\x1b|\\[|\\]|\u{9b}|\u{202e}|\\n|[0-9;m])*") {
            let text = clean(&text);
            prop_assert!(!text.chars().any(|c| printable::is_harmful(c) || is_invisible(c)));
            prop_assert_eq!(clean(&text), text);
        }
    }
}
