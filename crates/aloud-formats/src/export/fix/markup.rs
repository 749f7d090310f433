//! Text that is broken anew, and its markup, which stays with its words.

use crate::import::{Marked, RawCue, marked};
use crate::transcript::split;
use std::ops::Range;

/// Tags that are open at once.
const DEEPEST: usize = 16;

/// The text of a cue on one line, and its markup.
pub fn joined(cue: &RawCue, is_vtt: bool) -> Marked {
    let mut all = Marked::default();
    for line in &cue.lines {
        let line = marked(line.trim(), is_vtt);
        if split::needs_space(&all.plain, &line.plain) {
            all.plain.push(' ');
        }
        let start = all.plain.len();
        all.plain.push_str(&line.plain);
        all.marks.extend(line.marks.into_iter().map(|(at, mark)| (start + at, mark)));
    }
    all
}

/// Writes a text in lines, in order.
pub struct Lines<'a> {
    text: &'a Marked,
    /// Where each word begins.
    starts: Vec<usize>,
    /// Tags that are open.
    open: Vec<String>,
}

impl<'a> Lines<'a> {
    /// Of `text`.
    pub fn of(text: &'a Marked) -> Self {
        let starts = split::words(&text.plain).into_iter().map(|word| word.start).collect();
        Self { text, starts, open: Vec::new() }
    }

    /// The byte where the line of this word begins. Markup may stand before the first one's space.
    fn byte(&self, word: usize) -> usize {
        if word == 0 { 0 } else { self.starts.get(word).copied().unwrap_or(self.text.plain.len()) }
    }

    /// The line of `words` with its markup. Tags that are open where a new cue begins are opened
    /// there again, and closed where it ends.
    pub fn line(&mut self, words: Range<usize>, begins_cue: bool, ends_cue: bool) -> String {
        let (text, bytes) = (self.text, self.byte(words.start)..self.byte(words.end));
        let mut line = String::new();
        if begins_cue {
            line.extend(self.open.iter().map(String::as_str));
        }
        let mut from = bytes.start;
        let is_end = bytes.end == text.plain.len();
        let near = text.marks.partition_point(|(at, _)| *at < bytes.start)
            ..text.marks.partition_point(|(at, _)| *at <= bytes.end);
        for (at, mark) in text.marks[near].iter().filter(|(at, mark)| {
            // A closing tag between two lines belongs to the first of them, an opening one to the
            // second.
            let closes = mark.starts_with("</");
            (bytes.start < *at && *at < bytes.end)
                || (*at == bytes.start && (!closes || *at == 0))
                || (*at == bytes.end && (closes || is_end))
        }) {
            line.push_str(&text.plain[from..*at]);
            from = *at;
            line.push_str(mark);
            self.pass(mark);
        }
        line.push_str(&text.plain[from..bytes.end]);
        let mut line = line.trim().to_owned();
        if ends_cue {
            for tag in self.open.iter().rev() {
                let name: String =
                    tag[1..].chars().take_while(char::is_ascii_alphanumeric).collect();
                line.push_str(&format!("</{name}>"));
            }
        }
        line
    }

    /// Notes what `mark` opens or closes.
    fn pass(&mut self, mark: &str) {
        let is_tag = |mark: &str| mark.starts_with(|c: char| c.is_ascii_alphabetic());
        if mark.starts_with("</") {
            self.open.pop();
        } else if mark.strip_prefix('<').is_some_and(is_tag)
            && !mark.starts_with("<br")
            // Deeper nesting means nothing, and would be written again in every line.
            && self.open.len() < DEEPEST
        {
            self.open.push(mark.to_owned());
        }
    }
}
