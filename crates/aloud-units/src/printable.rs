//! What may a terminal, a log or a page be shown of a stranger's text? The one answer to that.
//!
//! File names, tags, titles, answers of servers and arguments may hold anything. A terminal obeys
//! control characters, and the overrides of writing direction make a line read as something else
//! ("Trojan Source", CVE-2021-42574).

use std::borrow::Cow;

/// Whether a character must not be printed: control characters (and with them every terminal
/// escape), separators of lines and paragraphs, embeddings, overrides and isolates of the writing
/// direction, the deprecated format characters, interlinear annotations, the byte order mark and
/// language tags. Marks of direction without a scope, as Hebrew and Arabic need them, are harmless.
pub fn is_harmful(c: char) -> bool {
    c.is_control()
        || matches!(c,
            '\u{2028}'..='\u{202E}' | '\u{2066}'..='\u{206F}' | '\u{FEFF}' | '\u{FFF9}'..='\u{FFFB}' | '\u{E0000}'..='\u{E001F}')
}

/// `text` without harmful characters; line breaks (`\n`) stay.
///
/// ```
/// assert_eq!(aloud_units::printable::text("a\u{1b}[2Jb\r\n\u{202e}c"), "a[2Jb\nc");
/// ```
pub fn text(text: &str) -> Cow<'_, str> {
    kept(text, |c| c == '\n' || !is_harmful(c))
}

/// `text` on one line: as [`text()`], with a space for each line break and tab.
///
/// ```
/// assert_eq!(aloud_units::printable::line("a\nb\tc\u{9b}d"), "a b cd");
/// ```
pub fn line(text: &str) -> Cow<'_, str> {
    if !text.contains(['\n', '\t', '\u{2028}', '\u{2029}']) {
        return kept(text, |c| !is_harmful(c));
    }
    let spaced = text.replace("\r\n", " ").replace(['\n', '\t', '\u{2028}', '\u{2029}'], " ");
    Cow::Owned(kept(&spaced, |c| !is_harmful(c)).into_owned())
}

/// JSON that means the same, with harmful characters inside its strings as escapes (`\u202e`). Line
/// breaks and tabs between values stay.
///
/// ```
/// assert_eq!(aloud_units::printable::json("{\"a\": \"\u{202e}b\u{9b}\"}\n"), "{\"a\": \"\\u202eb\\u009b\"}\n");
/// ```
pub fn json(json: &str) -> Cow<'_, str> {
    // JSON has no raw line break within a string, and no other harmful character outside of one.
    let is_fine = |c: char| matches!(c, '\n' | '\r' | '\t') || !is_harmful(c);
    if json.chars().all(is_fine) {
        return Cow::Borrowed(json);
    }
    let mut escaped = String::with_capacity(json.len() + 64);
    for c in json.chars() {
        match is_fine(c) {
            true => escaped.push(c),
            false => c
                .encode_utf16(&mut [0; 2])
                .iter()
                .for_each(|unit| escaped.push_str(&format!("\\u{unit:04x}"))),
        }
    }
    Cow::Owned(escaped)
}

fn kept(text: &str, is_kept: impl Fn(char) -> bool) -> Cow<'_, str> {
    if text.chars().all(&is_kept) {
        Cow::Borrowed(text)
    } else {
        Cow::Owned(text.chars().filter(|c| is_kept(*c)).collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Every character that is harmful, by its number.
    fn harmful() -> impl Iterator<Item = char> {
        (0..=0x10_FFFF).filter_map(char::from_u32).filter(|c| is_harmful(*c))
    }

    #[test]
    fn nothing_harmful_is_left() {
        let all: String = harmful().collect();
        assert!(
            all.contains(['\u{1b}', '\u{9b}'])
                && all.contains('\u{202e}')
                && all.contains('\u{2067}')
                && all.len() > 100
        );
        assert_eq!(text(&all), "\n");
        assert_eq!(line(&all).trim(), "");
        assert!(
            json(&format!("\"{all}\""))
                .chars()
                .all(|c| matches!(c, '\n' | '\r' | '\t') || !is_harmful(c))
        );
    }

    #[test]
    fn what_people_write_stays() {
        for kept in [
            "plain",
            "中文，。",
            "שלום\u{200f}",
            "e\u{301}",
            "👩\u{200d}👧🏴\u{e0067}\u{e007f}",
            "a\u{ad}b\u{a0}c",
        ] {
            assert_eq!(text(kept), kept);
            assert_eq!(line(kept), kept);
            assert_eq!(json(kept), kept);
        }
    }
}
