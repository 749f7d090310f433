//! What stands around a hit, on one line.

use super::Text;
use crate::time::Span;
use crate::transcript::characters::is_unprintable;
use std::ops::Range;

/// How much around a hit is shown besides the sentences that it touches.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Context {
    /// So many sentences on either side.
    Sentences(usize),
    /// What is spoken within so many milliseconds on either side.
    Millis(u64),
}

impl Default for Context {
    fn default() -> Self {
        Self::Sentences(0)
    }
}

/// A line of text in which something is marked.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Passage {
    /// The text with single spaces, fit to print.
    pub text: String,
    /// Bytes of it that are marked.
    pub marks: Vec<Range<usize>>,
}

impl Passage {
    /// The sentences around `words` of `text`, with the words marked.
    pub fn around(text: &Text, words: &Range<usize>, context: Context) -> Self {
        let hit = text.bytes(words);
        let touched = text.sentences_of(words);
        let sentences = match context {
            Context::Sentences(n) => {
                touched.start.saturating_sub(n)
                    ..touched.end.saturating_add(n).min(text.n_sentences())
            }
            Context::Millis(ms) => within(text, touched, words, ms),
        };
        let around = match sentences.is_empty() {
            true => hit.clone(),
            false => {
                text.sentence(sentences.start).start.min(hit.start)
                    ..text.sentence(sentences.end - 1).end.max(hit.end)
            }
        };
        Self::of(text.text(), around, &hit)
    }

    /// `around` of `text` on one line, with `hit` marked.
    fn of(text: &str, around: Range<usize>, hit: &Range<usize>) -> Self {
        let (mut line, mut mark) = (String::with_capacity(around.len()), 0..0);
        for (at, c) in text[around.clone()].char_indices().map(|(at, c)| (around.start + at, c)) {
            if at == hit.start {
                mark = line.len()..line.len();
            }
            match c {
                _ if is_unprintable(c) => {}
                _ if c.is_whitespace() && (line.is_empty() || line.ends_with(' ')) => {}
                _ if c.is_whitespace() => line.push(' '),
                _ => line.push(c),
            }
            if hit.contains(&at) {
                mark.end = line.len();
            }
        }
        line.truncate(line.trim_end().len());
        mark.end = mark.end.min(line.len());
        Self { marks: std::iter::once(mark).collect(), text: line }
    }

    /// The text with each mark between `open` and `close`.
    pub fn marked(&self, open: &str, close: &str) -> String {
        let mut line =
            String::with_capacity(self.text.len() + self.marks.len() * (open.len() + close.len()));
        let mut from = 0;
        for mark in &self.marks {
            line.extend([&self.text[from..mark.start], open, &self.text[mark.clone()], close]);
            from = mark.end;
        }
        line + &self.text[from..]
    }
}

/// The sentences around `touched` of which something is spoken within `ms` of `words`.
fn within(text: &Text, touched: Range<usize>, words: &Range<usize>, ms: u64) -> Range<usize> {
    let Some(span) = text.span(words) else { return touched };
    let wide = Span::new(span.start().minus(ms), span.end().plus(ms));
    let is_in = |index: &usize| {
        let spoken = text.span(&text.words_in(&text.sentence(*index)));
        spoken.is_none_or(|spoken| spoken.start() < wide.end() && wide.start() < spoken.end())
    };
    let n_before = (0..touched.start).rev().take_while(is_in).count();
    let n_after = (touched.end..text.n_sentences()).take_while(is_in).count();
    touched.start - n_before..touched.end + n_after
}
