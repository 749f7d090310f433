//! Rough cues become segments: in order, apart, every word with a time.
//!
//! Each format only says what stands in its file; what is missing or crossed is settled here, once.
//! This room never knows the format.

use super::notes::{Notes, Place};
use crate::time::{Span, Timestamp};
use crate::transcript::join::{self, Token};
use crate::transcript::{Segment, Voice, characters, split, tidy};

/// A cue or segment as a file gives it.
#[derive(Clone)]
pub(super) struct Rough {
    /// Where it stands, for messages.
    pub(super) place: Place,
    /// Its number or name in the file, if it has one.
    pub(super) id: Option<String>,
    /// When it begins, if the file says so.
    pub(super) start: Option<Timestamp>,
    /// When it ends, if the file says so.
    pub(super) end: Option<Timestamp>,
    /// Its text; may be empty where `words` tell it.
    pub(super) text: String,
    /// What is known of its words.
    pub(super) words: Words,
    /// Who says it, if the file says so.
    pub(super) speaker: Option<String>,
    /// Where more than one speaks: who, and what.
    pub(super) turns: Vec<(String, String)>,
}

/// What a file knows of the words of a segment.
#[derive(Clone)]
pub(super) enum Words {
    /// Nothing.
    Unknown,
    /// Words, or runs of words, some with times.
    Pieces(Vec<Piece>),
    /// A recogniser's tokens.
    Tokens(Vec<Token>),
}

/// A word, or a run of words, with what is known of its time.
#[derive(Clone, Debug, Default)]
pub(super) struct Piece {
    pub(super) text: String,
    pub(super) start: Option<Timestamp>,
    pub(super) end: Option<Timestamp>,
    pub(super) probability: Option<f32>,
}

/// Cues that begin this close together, in milliseconds, are shown together.
const TOGETHER_MS: u64 = 50;

/// How long a third of a syllable lasts where a cue has no end, in milliseconds: unhurried speech.
const THIRD_MS: u64 = 80;

/// The longest time given to a cue without an end, in milliseconds.
const LONGEST_GUESS_MS: u64 = 7000;

/// Settles the times of `roughs` and of their words. Cues without text are left out; cues out of
/// order are sorted; of two that overlap the earlier is cut, and two that begin together share
/// their time.
pub(super) fn segments(mut roughs: Vec<Rough>, notes: &mut Notes) -> (Vec<Segment>, Vec<Voice>) {
    for rough in &mut roughs {
        rough.complete_from_words();
    }
    roughs.retain(Rough::has_text);
    give_starts(&mut roughs, notes);
    if let Some(pair) = roughs.windows(2).find(|pair| pair[1].start < pair[0].start) {
        notes.at(pair[1].place, "it begins before the one above it; all were sorted by time");
        roughs.sort_by_key(|rough| rough.start);
    }
    let mut spans = give_ends(&roughs, notes);
    part(&roughs, &mut spans, notes);
    let nexts: Vec<Option<Timestamp>> =
        (1..=spans.len()).map(|next| spans.get(next).map(|span| span.start())).collect();
    let mut free = Timestamp::ZERO;
    let mut segments = Vec::with_capacity(roughs.len());
    let mut voices: Vec<Voice> = Vec::new();
    let mut was_named = false;
    for ((mut rough, span), next) in roughs.into_iter().zip(spans).zip(nexts) {
        let room =
            Span::new(free, next.unwrap_or(Timestamp::from_millis(u64::MAX)).max(span.end()));
        let speaker = rough.speaker.take();
        if let Some(segment) = rough.into_segment(span, room, notes) {
            free = segment.span.end();
            let follows = std::mem::replace(&mut was_named, speaker.is_some());
            match (speaker, voices.last_mut()) {
                (Some(name), Some(last)) if follows && last.name == name => {
                    last.span = Span::new(last.span.start(), segment.span.end());
                }
                (Some(name), _) => voices.push(Voice { span: segment.span, name }),
                (None, _) => {}
            }
            segments.push(segment);
        }
    }
    (segments, voices)
}

/// Gives cues without a start the end of the cue before.
fn give_starts(roughs: &mut [Rough], notes: &mut Notes) {
    let mut free = Timestamp::ZERO;
    for rough in roughs {
        if rough.start.is_none() {
            notes.at(
                rough.place,
                "it has no start that can be read; it was put after the one above it",
            );
        }
        let start = *rough.start.get_or_insert(free);
        free = rough.end.unwrap_or(start).max(start);
    }
}

/// The spans of cues in order; an end that is missing or before its start is guessed from the text.
fn give_ends(roughs: &[Rough], notes: &mut Notes) -> Vec<Span> {
    let mut spans = Vec::with_capacity(roughs.len());
    for (index, rough) in roughs.iter().enumerate() {
        let start = rough.start.unwrap_or_default();
        let end = rough.end.filter(|end| *end >= start).unwrap_or_else(|| {
            if rough.end.is_some() {
                notes
                    .at(rough.place, "it ends before it begins; its end was guessed from its text");
            }
            let guess = start.plus((rough.thirds() * THIRD_MS).min(LONGEST_GUESS_MS));
            let next =
                roughs.get(index + 1).and_then(|rough| rough.start).filter(|next| *next > start);
            next.map_or(guess, |next| next.min(guess))
        });
        spans.push(Span::new(start, end));
    }
    spans
}

/// Cuts spans that overlap the next one, and divides the time of those that begin together.
fn part(roughs: &[Rough], spans: &mut [Span], notes: &mut Notes) {
    let mut index = 0;
    while index < spans.len() {
        let first = spans[index];
        let mut until = index + 1;
        while until < spans.len()
            && spans[until].start() < first.end()
            && spans[until].start() <= first.start().plus(TOGETHER_MS)
        {
            until += 1;
        }
        let end = spans[index..until].iter().map(|span| span.end()).max().unwrap_or(first.end());
        let limit = spans.get(until).map_or(end, |next| end.min(next.start()));
        if until > index + 1 || limit < end {
            notes.at(roughs[index].place, "it overlaps the next one; its time was cut");
        }
        let texts: Vec<u64> = roughs[index..until].iter().map(Rough::thirds).collect();
        let parts = Span::new(first.start(), limit).shares(&texts);
        spans[index..until].copy_from_slice(&parts);
        index = until;
    }
}

impl Rough {
    /// A cue of which nothing more is known.
    pub(super) fn new(
        place: Place,
        start: Option<Timestamp>,
        end: Option<Timestamp>,
        text: String,
    ) -> Self {
        Self {
            place,
            id: None,
            start,
            end,
            text,
            words: Words::Unknown,
            speaker: None,
            turns: Vec::new(),
        }
    }

    /// Takes the times that the segment itself lacks from its words.
    fn complete_from_words(&mut self) {
        if let Words::Pieces(pieces) = &mut self.words {
            pieces.retain(|piece| !piece.text.trim().is_empty());
        }
        let (first, last) = match &self.words {
            Words::Unknown => return,
            Words::Pieces(pieces) => (
                pieces.iter().filter_map(|piece| piece.start).min(),
                pieces.iter().filter_map(|piece| piece.end).max(),
            ),
            Words::Tokens(tokens) => (
                tokens.iter().map(|token| token.span.start()).min(),
                tokens.iter().map(|token| token.span.end()).max(),
            ),
        };
        self.start = self.start.or(first);
        self.end = self.end.or(last);
    }

    fn has_text(&self) -> bool {
        !self.text.trim().is_empty()
            || match &self.words {
                Words::Unknown => false,
                Words::Pieces(pieces) => !pieces.is_empty(),
                Words::Tokens(tokens) => {
                    tokens.iter().any(|token| !token.bytes.trim_ascii().is_empty())
                }
            }
    }

    /// How long its text takes to say; at least 1.
    fn thirds(&self) -> u64 {
        thirds(&self.text).max(1)
    }

    /// The segment that lasts `span`, and whose words may reach into `room` where their times are
    /// known.
    fn into_segment(self, span: Span, room: Span, notes: &mut Notes) -> Option<Segment> {
        match self.words {
            Words::Tokens(tokens) => timed(&tokens, span, room),
            Words::Pieces(pieces) if pieces.iter().any(|piece| piece.start.is_some()) => {
                if let Some(tokens) = tokens_of(&pieces, &self.text, span) {
                    return timed(&tokens, span, room);
                }
                notes
                    .at(self.place, "its words do not make up its text; their times were not used");
                shared(&self.text, span)
            }
            Words::Pieces(pieces) if self.text.trim().is_empty() => {
                shared(&split::spell(pieces.iter().map(|piece| piece.text.as_str())), span)
            }
            _ => shared(&self.text, span),
        }
    }
}

/// A segment whose words have times of their own.
fn timed(tokens: &[Token], span: Span, room: Span) -> Option<Segment> {
    let mut segment = join::segment(tokens)?;
    let outer =
        Span::new(segment.span.start().min(span.start()), segment.span.end().max(span.end()))
            .clamp_to(room);
    tidy::words(&mut segment.words, outer);
    segment.span = Span::new(segment.words.first()?.span.start(), segment.words.last()?.span.end());
    Some(segment)
}

/// A segment whose words share its time.
fn shared(text: &str, span: Span) -> Option<Segment> {
    join::share(text, span).map(|segment| Segment { span, ..segment })
}

fn thirds(text: &str) -> u64 {
    text.chars().map(|c| u64::from(characters::thirds(c))).sum()
}

/// `pieces` as tokens that make up `text`, punctuation and spaces included. Where they differ from
/// `text` in a few letters they are believed; `None` where they tell less than most of it.
fn tokens_of(pieces: &[Piece], text: &str, span: Span) -> Option<Vec<Token>> {
    let spans = fill(pieces, span);
    let trimmed = || pieces.iter().map(|piece| piece.text.trim());
    let Some(ranges) = split::locate(text, trimmed()) else {
        let told: u64 = trimmed().map(thirds).sum();
        if told * 5 < thirds(text) * 4 {
            return None;
        }
        return Some(spelled(pieces, &spans));
    };
    let mut tokens = Vec::with_capacity(2 * pieces.len() + 1);
    let mut from = 0;
    for ((piece, span), range) in pieces.iter().zip(spans).zip(ranges) {
        // What stands between words has no time of its own.
        let silent = Token {
            bytes: text[from..range.start].into(),
            span: Span::new(span.start(), span.start()),
            probability: None,
        };
        from = range.end;
        tokens.extend([
            silent,
            Token { bytes: text[range].into(), span, probability: piece.probability },
        ]);
    }
    let end = tokens.last().map_or(span.end(), |token| token.span.end());
    tokens.push(Token { bytes: text[from..].into(), span: Span::new(end, end), probability: None });
    Some(tokens)
}

/// `pieces` as tokens with spaces where their script has them.
fn spelled(pieces: &[Piece], spans: &[Span]) -> Vec<Token> {
    let mut before = "";
    pieces
        .iter()
        .zip(spans)
        .map(|(piece, &span)| {
            let space = if split::needs_space(before, piece.text.trim()) { " " } else { "" };
            before = piece.text.trim();
            Token { bytes: format!("{space}{before}").into(), span, probability: piece.probability }
        })
        .collect()
}

/// A time for each piece: its own where it has both ends, else a share of the room up to the next
/// known start, in proportion to its text.
fn fill(pieces: &[Piece], span: Span) -> Vec<Span> {
    let mut spans: Vec<Span> = Vec::with_capacity(pieces.len());
    let mut index = 0;
    while let Some(piece) = pieces.get(index) {
        if let (Some(start), Some(end)) = (piece.start, piece.end) {
            spans.push(Span::new(start, end.max(start)));
            index += 1;
            continue;
        }
        let n_following =
            pieces[index + 1..].iter().take_while(|piece| piece.start.is_none()).count();
        let group = &pieces[index..=index + n_following];
        let start =
            piece.start.unwrap_or_else(|| spans.last().map_or(span.start(), |span| span.end()));
        let next = pieces.get(index + group.len()).and_then(|piece| piece.start);
        let end =
            next.or(group.last().and_then(|piece| piece.end)).unwrap_or(span.end()).max(start);
        let weights: Vec<u64> = group.iter().map(|piece| thirds(&piece.text).max(1)).collect();
        spans.extend(Span::new(start, end).shares(&weights));
        index += group.len();
    }
    spans
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ms(ms: u64) -> Option<Timestamp> {
        Some(Timestamp::from_millis(ms))
    }

    fn rough(line: usize, start: u64, end: u64, text: &str) -> Rough {
        Rough::new(Place::Line(line), ms(start), ms(end), text.to_owned())
    }

    fn check(roughs: Vec<Rough>, want: &[(u64, u64, &str)], n_problems: usize) {
        let mut notes = Notes::default();
        let (got, _) = segments(roughs, &mut notes);
        let got: Vec<_> = got
            .iter()
            .map(|s| (s.span.start().millis(), s.span.end().millis(), s.text.as_str()))
            .collect();
        let problems = notes.into_problems();
        assert_eq!((got.as_slice(), problems.len()), (want, n_problems), "{problems:?}");
    }

    #[test]
    fn order_and_overlap() {
        check(
            vec![rough(1, 0, 10, "a"), rough(2, 10, 20, " "), rough(3, 20, 30, "c")],
            &[(0, 10, "a"), (20, 30, "c")],
            0,
        );
        check(vec![rough(1, 50, 60, "b"), rough(2, 0, 10, "a")], &[(0, 10, "a"), (50, 60, "b")], 1);
        check(
            vec![rough(1, 0, 1000, "a"), rough(2, 500, 900, "b")],
            &[(0, 500, "a"), (500, 900, "b")],
            1,
        );
        check(
            vec![rough(1, 0, 900, "aa"), rough(2, 0, 900, "b")],
            &[(0, 600, "aa"), (600, 900, "b")],
            1,
        );
        check(vec![rough(1, 5, 5, "a"), rough(2, 5, 90, "b")], &[(5, 5, "a"), (5, 90, "b")], 0);
        check(
            vec![rough(1, 500, 100, "abcde"), rough(2, 800, 900, "b")],
            &[(500, 800, "abcde"), (800, 900, "b")],
            1,
        );
        check(
            vec![
                Rough { start: None, ..rough(1, 0, 90, "a") },
                Rough { end: None, ..rough(2, 100, 0, "b") },
            ],
            &[(0, 90, "a"), (100, 180, "b")],
            1,
        );
    }

    fn piece(text: &str, start: Option<u64>, end: Option<u64>) -> Piece {
        Piece {
            text: text.to_owned(),
            start: start.and_then(ms),
            end: end.and_then(ms),
            probability: None,
        }
    }

    fn check_words(text: &str, pieces: Vec<Piece>, want: &[(&str, u64, u64)]) {
        let rough = Rough { words: Words::Pieces(pieces), ..rough(1, 0, 1000, text) };
        let mut notes = Notes::default();
        let (got, _) = segments(vec![rough], &mut notes);
        let got: Vec<_> = got[0]
            .words
            .iter()
            .map(|w| (w.text.as_str(), w.span.start().millis(), w.span.end().millis()))
            .collect();
        assert_eq!(got, want, "{:?}", notes.into_problems());
    }

    #[test]
    fn pieces_find_their_words() {
        // Punctuation comes from the text, times from the pieces.
        check_words(
            "“Hello, world.”",
            vec![piece("Hello", Some(100), Some(200)), piece(" world", Some(300), Some(400))],
            &[("“Hello,", 100, 200), ("world.”", 300, 400)],
        );
        // Several characters in one piece; a word in two pieces.
        check_words(
            "我們看GPT-4",
            vec![
                piece("我們", Some(0), Some(200)),
                piece("看", Some(200), Some(300)),
                piece("GPT", Some(300), Some(500)),
                piece("-4", Some(500), Some(600)),
            ],
            &[("我", 0, 100), ("們", 100, 200), ("看", 200, 300), ("GPT-4", 300, 600)],
        );
        // Words without times share the room between their neighbours.
        check_words(
            "in 2025 or 26 now",
            vec![
                piece("in", Some(100), Some(200)),
                piece("2025", None, None),
                piece("or", Some(500), Some(600)),
                piece("26", None, None),
                piece("now", None, None),
            ],
            &[
                ("in", 100, 200),
                ("2025", 200, 500),
                ("or", 500, 600),
                ("26", 600, 866),
                ("now", 866, 1000),
            ],
        );
        // Starts only, as in a subtitle file.
        check_words(
            "",
            vec![piece("one ", Some(0), None), piece("two", Some(400), None)],
            &[("one", 0, 400), ("two", 400, 1000)],
        );
        // Words that tell another story.
        check_words(
            "one two six ten",
            vec![piece("nine", Some(900), Some(950))],
            &[("one", 0, 250), ("two", 250, 500), ("six", 500, 750), ("ten", 750, 1000)],
        );
        check_words(
            "one twoo three",
            vec![
                piece("one", Some(0), Some(50)),
                piece("two", Some(50), Some(90)),
                piece("three", Some(90), Some(95)),
            ],
            &[("one", 0, 50), ("two", 50, 90), ("three", 90, 95)],
        );
    }

    #[test]
    fn words_may_reach_past_their_segment_but_not_into_the_next() {
        let mut first = rough(1, 100, 200, "a b");
        first.words =
            Words::Pieces(vec![piece("a", Some(90), Some(150)), piece("b", Some(150), Some(280))]);
        check(vec![first, rough(2, 250, 300, "c")], &[(90, 250, "a b"), (250, 300, "c")], 0);
    }
}
