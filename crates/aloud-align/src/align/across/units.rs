//! What was said, cut where a sentence may end.
//!
//! A recogniser's segments are lines, not sentences, and small models write little punctuation. So
//! speech is cut at every pause and mark, and each cut says how likely a sentence ends there; the
//! path through the beads puts pieces together. This file never sees the article.

use crate::align::pauses::{Pauses, odds, probability};
use crate::time::Span;
use crate::transcript::characters::{ends_clause, ends_sentence, is_closing, is_spoken};
use crate::transcript::{Transcript, split};
use std::ops::Range;

/// What is said between two places where a sentence may end.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Unit {
    /// What was heard.
    pub text: String,
    /// From its first word to its last.
    pub span: Span,
    /// Its words, as indices into the transcript's.
    pub words: Range<usize>,
    /// How long somebody spoke in it, in seconds.
    pub seconds: f64,
    /// How likely a sentence ends with it, and how likely a paragraph, 0 to 1.
    pub end: f64,
    pub block: f64,
}

/// A pause this long, in milliseconds, may end a sentence.
const PAUSE_MS: u64 = 140;
/// No piece has more words: without pauses and marks there must be places to cut.
const MOST_WORDS: usize = 14;
/// A text in which so many words go to one mark that ends a sentence is punctuated.
const WORDS_TO_A_MARK: usize = 40;

/// A piece before it is known how long pauses are in this recording.
struct Piece {
    words: Range<usize>,
    span: Span,
    text: String,
    spoken_ms: u64,
    /// Silence after it; `None` at the end.
    pause_ms: u64,
    mark: Mark,
}

/// The mark after a word.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Mark {
    Sentence,
    Clause,
    None,
}

/// Cuts `transcript`, of which a sentence may be expected every `sentence_s` seconds of speech, and
/// a paragraph every `paragraph_s`. That tells the pauses that end one from others in this
/// recording.
pub(super) fn units(transcript: &Transcript, sentence_s: f64, paragraph_s: f64) -> Vec<Unit> {
    let pieces = pieces(transcript);
    let seconds = pieces.iter().map(|piece| piece.spoken_ms).sum::<u64>() as f64 / 1000.0;
    let (n_sentences, n_blocks) =
        ((seconds / sentence_s).round() as usize, (seconds / paragraph_s).round() as usize);
    let n_words: usize = pieces.iter().map(|piece| piece.words.len()).sum();
    let n_marks = pieces.iter().filter(|piece| piece.mark == Mark::Sentence).count();
    let is_punctuated = n_marks * WORDS_TO_A_MARK > n_words;
    let pauses =
        Pauses::of(pieces.iter().map(|piece| piece.pause_ms as f64), n_sentences, n_blocks);
    let prior = odds(n_sentences as f64 / (pieces.len().max(n_sentences + 1)) as f64);
    let unit = |piece: Piece| {
        let pause = pauses.sentence(piece.pause_ms as f64);
        let end = probability(
            prior
                + marked(piece.mark, is_punctuated)
                + if is_punctuated { 0.5 * pause } else { pause },
        );
        let block = pauses.block(piece.pause_ms as f64).min(end);
        Unit {
            text: piece.text,
            span: piece.span,
            words: piece.words,
            seconds: piece.spoken_ms as f64 / 1000.0,
            end,
            block,
        }
    };
    pieces.into_iter().map(unit).collect()
}

/// What a mark says about the end of a sentence, in log odds.
fn marked(mark: Mark, is_punctuated: bool) -> f64 {
    match (mark, is_punctuated) {
        (Mark::Sentence, _) => 4.0,
        (Mark::Clause, _) => -2.0,
        (Mark::None, true) => -2.5,
        (Mark::None, false) => 0.0,
    }
}

/// Cuts at pauses, marks, and the ends of segments without word times.
fn pieces(transcript: &Transcript) -> Vec<Piece> {
    let mut pieces: Vec<Piece> = Vec::new();
    let mut n_words = 0;
    let mut open = false;
    for segment in &transcript.segments {
        if segment.words.is_empty() && !segment.text.trim().is_empty() {
            let mut piece = Piece::begin(n_words, segment.span);
            piece.text = segment.text.trim().to_owned();
            piece.spoken_ms = segment.span.millis();
            piece.mark = mark(&piece.text, None);
            pieces.push(piece);
            open = false;
        }
        for (i, word) in segment.words.iter().enumerate() {
            if !open {
                pieces.push(Piece::begin(n_words, word.span));
            }
            n_words += 1;
            let next = segment.words.get(i + 1);
            if let Some(piece) = pieces.last_mut() {
                piece.take(&word.text, word.span);
                piece.mark = mark(&word.text, next.map(|next| next.text.as_str()));
                let pause = next.map_or(0, |next| {
                    next.span.start().millis().saturating_sub(word.span.end().millis())
                });
                open = piece.mark == Mark::None
                    && pause < PAUSE_MS
                    && piece.words.len() < MOST_WORDS
                    && next.is_some();
            }
        }
    }
    for i in 1..pieces.len() {
        pieces[i - 1].pause_ms =
            pieces[i].span.start().millis().saturating_sub(pieces[i - 1].span.end().millis());
    }
    pieces
}

impl Piece {
    fn begin(word: usize, span: Span) -> Self {
        Self {
            words: word..word,
            span,
            text: String::new(),
            spoken_ms: 0,
            pause_ms: 0,
            mark: Mark::None,
        }
    }

    fn take(&mut self, word: &str, span: Span) {
        if split::needs_space(&self.text, word) {
            self.text.push(' ');
        }
        self.text.push_str(word);
        self.words.end += 1;
        self.spoken_ms += span.millis();
        self.span = Span::new(self.span.start(), span.end());
    }
}

/// The mark that ends `word`. The dot of "Dr." ends nothing, nor does one before a small letter.
fn mark(word: &str, next: Option<&str>) -> Mark {
    let bare = word.trim_end_matches(|c: char| {
        (is_closing(c) && !ends_sentence(c) && !ends_clause(c)) || matches!(c, '"' | '\'')
    });
    let Some(last) = bare.chars().next_back() else { return Mark::None };
    let is_small =
        next.and_then(|next| next.chars().find(|&c| is_spoken(c))).is_some_and(char::is_lowercase);
    match last {
        '.' if is_small || is_abbreviation(bare) => Mark::None,
        last if ends_sentence(last) => Mark::Sentence,
        last if ends_clause(last) => Mark::Clause,
        _ => Mark::None,
    }
}

/// "Dr.", "J.", "e.g.": few letters, with a capital or a dot inside.
fn is_abbreviation(word: &str) -> bool {
    const TITLES: [&str; 12] =
        ["Mr", "Mrs", "Ms", "Dr", "Prof", "St", "Sen", "Gov", "Rep", "Gen", "Jr", "No"];
    let stem = word.trim_end_matches('.').trim_start_matches(|c: char| !c.is_alphanumeric());
    TITLES.contains(&stem)
        || stem.contains('.') && stem.chars().all(|c| c.is_alphabetic() || c == '.')
        || is_initial(stem)
}

fn is_initial(stem: &str) -> bool {
    let mut chars = stem.chars();
    chars.next().is_some_and(char::is_uppercase) && chars.next().is_none() && stem != "I"
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::transcript::{Segment, SpokenWord};

    /// A transcript of one line of words, each 200 ms long; `_` is a pause of 200 ms.
    fn said(line: &str) -> Transcript {
        let (mut at, mut words) = (0, Vec::new());
        for word in line.split(' ') {
            if word != "_" {
                words.push(SpokenWord {
                    text: word.to_owned(),
                    span: Span::from_millis(at, at + 200),
                    probability: None,
                });
            }
            at += 200;
        }
        let segment = Segment {
            span: Span::from_millis(0, at),
            text: line.to_owned(),
            words,
            is_doubtful: false,
        };
        Transcript { segments: vec![segment], ..Transcript::default() }
    }

    #[test]
    fn cut_at_pauses_and_marks() {
        for (line, want) in [
            ("one two. Three", &["one two.", "Three"][..]),
            ("one, two three", &["one,", "two three"]),
            ("one _ two three", &["one", "two three"]),
            ("Dr. Who said \u{201C}no.\u{201D} Then", &["Dr. Who said “no.”", "Then"]),
            ("at 5 p.m. he left", &["at 5 p.m. he left"]),
            ("J. Smith", &["J. Smith"]),
            ("你 好。 再 見", &["你好。", "再見"]),
            ("a b c d e f g h i j k l m n o p", &["a b c d e f g h i j k l m n", "o p"]),
        ] {
            let got: Vec<String> =
                units(&said(line), 2.0, 10.0).into_iter().map(|unit| unit.text).collect();
            assert_eq!(got, want, "{line}");
        }
    }

    #[test]
    fn sentences_end_where_marks_or_long_pauses_are() {
        let bare = "a b c _ d e f _ _ _ g h i _ j k l _ _ _ m n o _ p q r _ _ _ s t u";
        let got = units(&said(bare), 1.4, 20.0);
        let ends: Vec<bool> = got.iter().map(|unit| unit.end > 0.5).collect();
        assert_eq!(ends[..6], [false, true, false, true, false, true], "{got:?}");
        let marked = units(&said("a bb. C d, e ff. G h"), 0.8, 20.0);
        assert!(marked[0].end > 0.9 && marked[1].end < 0.2, "{marked:?}");
    }

    #[test]
    fn lines_without_word_times_are_pieces() {
        let segment = |at: u64, text: &str| Segment {
            span: Span::from_millis(at, at + 900),
            text: text.to_owned(),
            ..Segment::default()
        };
        let transcript = Transcript {
            segments: vec![segment(0, "One."), segment(1000, " "), segment(2000, "Two")],
            ..Transcript::default()
        };
        let got = units(&transcript, 1.0, 5.0);
        assert_eq!(got.iter().map(|unit| unit.text.as_str()).collect::<Vec<_>>(), ["One.", "Two"]);
        assert!(got.iter().all(|unit| unit.words.is_empty() && unit.seconds == 0.9));
    }
}
