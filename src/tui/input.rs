//! A line that is being typed.

use super::keys::{Code, Key};
use crate::printable;
use unicode_segmentation::UnicodeSegmentation;

/// A line of text with a cursor in it, and so long at most.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Input {
    text: String,
    /// A grapheme border of `text`.
    cursor: usize,
    /// In characters.
    most: usize,
}

impl Default for Input {
    fn default() -> Self {
        Self::new(4000)
    }
}

impl Input {
    /// Nothing yet, of `most` characters at most.
    pub fn new(most: usize) -> Self {
        Self { text: String::new(), cursor: 0, most }
    }

    /// Whether no more can be typed.
    pub fn is_full(&self) -> bool {
        self.text.chars().count() >= self.most
    }

    /// All of it.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// What stands before the cursor, and after it.
    pub fn halves(&self) -> (&str, &str) {
        self.text.split_at(self.cursor)
    }

    /// Types `text`; line ends become spaces, and what cannot be printed is left out.
    pub fn insert(&mut self, text: &str) {
        let clean = text
            .chars()
            .map(|c| if c.is_whitespace() { ' ' } else { c })
            .filter(|c| !printable::is_harmful(*c));
        let clean: String =
            clean.take(self.most.saturating_sub(self.text.chars().count())).collect();
        self.text.insert_str(self.cursor, &clean);
        self.cursor += clean.len();
        // A combining mark may have joined what stood there.
        self.cursor = self
            .text
            .grapheme_indices(true)
            .map(|(at, _)| at)
            .find(|at| *at >= self.cursor)
            .unwrap_or(self.text.len());
    }

    /// Does what `key` does while typing; whether it did anything.
    pub fn take(&mut self, key: Key) -> bool {
        match (key.code, key.ctrl || key.alt) {
            (Code::Char(c), false) => self.insert(c.encode_utf8(&mut [0; 4])),
            (Code::Backspace, false) | (Code::Char('h'), true) => self.cut(self.before()),
            (Code::Delete, _) => self.cut_after(),
            (Code::Left, _) => self.cursor = self.before(),
            (Code::Right, _) => self.cursor = self.after(),
            (Code::Home, _) | (Code::Char('a'), true) => self.cursor = 0,
            (Code::End, _) | (Code::Char('e'), true) => self.cursor = self.text.len(),
            (Code::Char('u'), true) => self.cut(0),
            (Code::Char('w') | Code::Backspace, true) => {
                let kept = self.halves().0.trim_end();
                self.cut(kept.rfind(' ').map_or(0, |at| at + 1));
            }
            _ => return false,
        }
        true
    }

    fn before(&self) -> usize {
        self.halves().0.grapheme_indices(true).next_back().map_or(0, |(at, _)| at)
    }

    fn after(&self) -> usize {
        self.cursor + self.halves().1.graphemes(true).next().map_or(0, str::len)
    }

    fn cut(&mut self, from: usize) {
        self.text.replace_range(from..self.cursor, "");
        self.cursor = from;
    }

    fn cut_after(&mut self) {
        self.text.replace_range(self.cursor..self.after(), "");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn typing() {
        for (start, keys, want) in [
            ("", "a b", "a b|"),
            ("你好", "left left 嗎", "嗎|你好"),
            ("e\u{301}x", "left backspace", "|x"),
            ("one two", "ctrl-w", "one |"),
            ("one two", "home delete right", "n|e two"),
            ("one", "left ctrl-u", "|e"),
            ("x", "up f5", "x|"),
            ("", "backspace delete left right", "|"),
        ] {
            let mut input = Input::default();
            input.insert(start);
            for key in keys.split(' ') {
                input.take(key.parse().expect("a key"));
            }
            let (before, after) = input.halves();
            assert_eq!(format!("{before}|{after}").replace("ab", "a b"), want);
        }
        let mut input = Input::default();
        input.insert("two\nlines\u{1b}[1m");
        assert_eq!(input.text(), "two lines[1m");
        let mut input = Input::new(3);
        input.insert("中é");
        assert!(!input.is_full());
        input.insert("xyz");
        assert_eq!((input.text(), input.is_full()), ("中éx", true));
    }
}
