//! What was said, and when: the recogniser's words with their times.
//!
//! Plain data. This room never knows how the words were found (that is `transcribe`), in which file
//! they are written (`import`, `export`), or what the article says.

pub mod characters;
pub mod join;
pub mod marks;
pub mod paragraphs;
pub mod split;
pub mod tidy;

use crate::episode::EpisodeId;
use crate::time::{Span, Timestamp};

/// One word as it was heard. Of Chinese and Japanese each character is a word; a run of Latin
/// letters or digits is one.
#[derive(Clone, Debug, PartialEq)]
pub struct SpokenWord {
    /// Its text, with the punctuation that belongs to it, without white space at either end.
    pub text: String,
    /// When it is said.
    pub span: Span,
    /// How sure the recogniser was, 0 to 1; `None` where an imported file does not say.
    pub probability: Option<f32>,
}

/// A run of words that the recogniser wrote as one line.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Segment {
    /// From its first word's start to its last word's end.
    pub span: Span,
    /// Its text as written, with spaces and punctuation.
    pub text: String,
    /// Its words in order; empty where an imported file has none.
    pub words: Vec<SpokenWord>,
    /// Whether the recogniser stayed unsure of it after every retry.
    pub is_doubtful: bool,
}

/// Why a stretch of sound has no words.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum GapReason {
    /// Nothing is heard.
    Silence,
    /// Something is heard, but nobody speaks.
    Music,
    /// The recogniser failed here twice.
    Failed,
    /// The recogniser found only loops or noise here.
    Unclear,
    /// The recording is damaged here.
    Damaged,
}

/// A stretch that was not transcribed.
#[derive(Clone, Debug, PartialEq)]
pub struct Gap {
    /// Where.
    pub span: Span,
    /// Why.
    pub reason: GapReason,
}

/// The recording that a transcript is of.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct AudioRef {
    /// The file's name without its folder.
    pub file: String,
    /// The hash of its bytes, where known.
    pub id: Option<EpisodeId>,
    /// Its length, where known.
    pub duration: Option<Timestamp>,
}

/// The model that wrote a transcript.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ModelRef {
    /// Its catalogue name, or its file's name.
    pub name: String,
    /// The SHA-1 of its file in hexadecimal, where known.
    pub sha1: Option<String>,
}

/// What one speaker says at a stretch.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Voice {
    /// When.
    pub span: Span,
    /// The speaker's name.
    pub name: String,
}

/// All that was said in a recording.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Transcript {
    /// Of which recording.
    pub audio: AudioRef,
    /// By which model; `None` for a transcript made by another program.
    pub model: Option<ModelRef>,
    /// The language spoken, as an ISO 639-1 code ("en", "zh", "yue"); `None` where unknown.
    pub language: Option<String>,
    /// What was said, in order of time; spans do not overlap.
    pub segments: Vec<Segment>,
    /// Where nothing was transcribed, in order of time.
    pub gaps: Vec<Gap>,
    /// Who speaks, in order of time and apart, as far as a transcript made elsewhere says so.
    pub speakers: Vec<Voice>,
}

impl Transcript {
    /// What the words at `range`, as indices into [`words`](Self::words), say, with the punctuation
    /// that their segments have around them.
    pub fn text_of(&self, range: std::ops::Range<usize>) -> String {
        let mut pieces = Vec::new();
        let mut first = 0;
        for segment in &self.segments {
            let n = segment.words.len();
            let (from, to) = (
                range.start.clamp(first, first + n) - first,
                range.end.clamp(first, first + n) - first,
            );
            first += n;
            if from >= to {
                continue;
            }
            let words = segment.words.iter().map(|word| word.text.as_str());
            match split::locate(&segment.text, words.clone()) {
                Some(places) => {
                    let begin = if from == 0 { 0 } else { places[from].start };
                    // Up to the next word or white space: marks that touch the last word belong to
                    // it.
                    let last = places[to - 1].end;
                    let next = places.get(to).map_or(segment.text.len(), |next| next.start);
                    let marks =
                        segment.text[last..next].find(char::is_whitespace).unwrap_or(next - last);
                    pieces.push(segment.text[begin..last + marks].trim().to_owned());
                }
                None => pieces.push(split::spell(words.skip(from).take(to - from))),
            }
        }
        split::spell(pieces.iter().map(String::as_str))
    }

    /// Who speaks at `at`; `None` where nobody says.
    pub fn speaker(&self, at: Timestamp) -> Option<&str> {
        let index = self.speakers.partition_point(|voice| voice.span.end() <= at);
        self.speakers
            .get(index)
            .filter(|voice| voice.span.start() <= at)
            .map(|voice| voice.name.as_str())
    }

    /// Every word in order of time.
    pub fn words(&self) -> impl Iterator<Item = &SpokenWord> {
        self.segments.iter().flat_map(|segment| &segment.words)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_with_the_punctuation_around_them() {
        let word = |text: &str, at| SpokenWord {
            text: text.into(),
            span: Span::from_millis(at, at + 100),
            probability: None,
        };
        let segment = |text: &str, words: Vec<SpokenWord>| Segment {
            text: text.into(),
            words,
            ..Segment::default()
        };
        let segments = vec![
            segment(
                "Well, \u{201c}here\u{201d} we are.",
                vec![word("well", 0), word("here", 100), word("we", 200), word("are", 300)],
            ),
            segment(
                "慢慢聽，今天。",
                vec![
                    word("慢", 400),
                    word("慢", 500),
                    word("聽", 600),
                    word("今", 700),
                    word("天", 800),
                ],
            ),
        ];
        let transcript = Transcript { segments, ..Transcript::default() };
        // Words that are not spelled as in their segment are put together from themselves.
        for (range, want) in [
            (0..4, "well here we are"),
            (5..7, "慢聽，"),
            (3..6, "are慢慢"),
            (4..9, "慢慢聽，今天。"),
            (9..20, ""),
        ] {
            assert_eq!(transcript.text_of(range.clone()), want, "{range:?}");
        }
    }
}
