//! Text in terminal cells: cut, padded, coloured.
//!
//! A Chinese character takes two cells and is never cut in half. This file never knows what a text
//! means.

use crate::printable;
use unicode_segmentation::UnicodeSegmentation;
use unicode_width::UnicodeWidthStr;

/// What a piece of text is, for those who see colours.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Tone {
    Strong,
    Faint,
    Good,
    Fair,
    Bad,
    Accent,
}

/// Prints with colours or without.
#[derive(Clone, Copy, Debug)]
pub(super) struct Ink {
    pub has_colour: bool,
}

impl Ink {
    /// `text` in a tone (SGR, ECMA-48).
    pub(super) fn dip(self, tone: Tone, text: &str) -> String {
        if !self.has_colour || text.is_empty() {
            return text.to_owned();
        }
        let code = match tone {
            Tone::Strong => "1",
            Tone::Faint => "2",
            Tone::Good => "32",
            Tone::Fair => "33",
            Tone::Bad => "31",
            Tone::Accent => "36",
        };
        format!("\x1b[{code}m{text}\x1b[0m")
    }
}

/// How many cells `text` takes.
pub(super) fn width(text: &str) -> usize {
    text.width()
}

/// As much of `text` on one line as goes into `cells`; what is cut off becomes "…". White space is
/// one space, and control characters are left out.
pub(super) fn fit(text: &str, cells: usize) -> String {
    let line = printable::line(&text.split_whitespace().collect::<Vec<_>>().join(" ")).into_owned();
    if line.width() <= cells {
        return line;
    }
    let mut kept = String::new();
    let mut used = 0;
    for grapheme in line.graphemes(true) {
        if used + grapheme.width() + 1 > cells {
            break;
        }
        used += grapheme.width();
        kept.push_str(grapheme);
    }
    if cells > 0 { format!("{}…", kept.trim_end()) } else { String::new() }
}

/// `text` filled up with spaces to `cells`.
pub(super) fn pad(text: &str, cells: usize) -> String {
    format!("{text}{}", " ".repeat(cells.saturating_sub(text.width())))
}

/// `text` with spaces before it.
pub(super) fn pad_left(text: &str, cells: usize) -> String {
    format!("{}{text}", " ".repeat(cells.saturating_sub(text.width())))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cut_at_a_cell() {
        for (text, cells, want) in [
            ("short", 10, "short"),
            ("just fits!", 10, "just fits!"),
            ("cut at a space", 7, "cut at…"),
            ("儲藏室裡的那臺機器", 10, "儲藏室裡…"),
            ("儲藏室裡的那臺機器", 9, "儲藏室裡…"),
            ("儲藏室裡的那臺機器", 18, "儲藏室裡的那臺機器"),
            ("a\n b\t\u{1b}[2Jc", 10, "a b [2Jc"),
            ("ab", 1, "…"),
            ("ab", 0, ""),
        ] {
            assert_eq!(fit(text, cells), want, "{text} in {cells}");
        }
    }

    proptest::proptest! {
        #[test]
        fn never_wider(text in ".{0,60}", cells in 0usize..40) {
            proptest::prop_assert!(width(&fit(&text, cells)) <= cells);
        }
    }
}
