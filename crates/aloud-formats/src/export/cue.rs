//! What a cue is: which text stands on the screen, on which lines, and when. Made in `cues.rs` once
//! for all formats, which only print them.

use crate::time::Span;
use std::ops::Range;

/// Lines of text that are shown for a while.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Cue {
    /// Its number or name in the file that it was read from; `None` of one made here.
    pub id: Option<String>,
    /// From when to when; of a cue made here never empty, never into the next one.
    pub span: Span,
    /// Its text.
    pub lines: Vec<Line>,
    /// The same in a second language, line by line; empty where there is none.
    pub second: Vec<String>,
    /// Whether nothing before it can belong to its text: a paragraph or heading begins.
    pub begins_block: bool,
}

/// A line of a cue.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Line {
    /// Its text, without white space at its ends.
    pub text: String,
    /// Its words; empty where their times are not known.
    pub words: Vec<Word>,
    /// Who says it, where that is known.
    pub speaker: Option<String>,
}

/// A word of a line.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Word {
    /// Where it stands in the line, with its punctuation.
    pub bytes: Range<usize>,
    /// When it is said, within the cue's time.
    pub span: Span,
}

impl Cue {
    /// A cue of which only the text is known.
    pub fn plain<S: Into<String>>(span: Span, lines: impl IntoIterator<Item = S>) -> Self {
        let lines =
            lines.into_iter().map(|text| Line { text: text.into(), ..Line::default() }).collect();
        Self { span, lines, ..Self::default() }
    }

    /// The one who says all of it; `None` where nobody or more than one is known.
    pub fn speaker(&self) -> Option<&str> {
        let first = self.lines.first()?.speaker.as_deref();
        first.filter(|first| self.lines.iter().all(|line| line.speaker.as_deref() == Some(first)))
    }

    /// Everything that is shown, line by line.
    pub fn texts(&self) -> impl Iterator<Item = &str> {
        self.lines
            .iter()
            .map(|line| line.text.as_str())
            .chain(self.second.iter().map(String::as_str))
    }
}
