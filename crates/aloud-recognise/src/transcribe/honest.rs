//! Which of the recogniser's words did somebody say?
//!
//! Whisper invents text on silence and music, and falls into loops. Here a window's lines are
//! judged, a second and a third attempt with other settings is asked for where they are doubtful,
//! and what stays doubtful is marked rather than hidden. Pure decisions over values: this file
//! never runs the recogniser.

use super::protocol::How;
use super::words::{Line, outer};
use crate::time::{Span, Timestamp};
use crate::transcript::{Gap, GapReason, Segment};

/// Below this mean logarithm of token probabilities a line is doubtful (OpenAI's Whisper,
/// `transcribe.py`, `logprob_threshold`).
const LEAST_PLOG: f32 = -1.0;
/// Above this, with a low probability of the text, nobody spoke (same source, `no_speech_threshold`).
const MOST_NO_SPEECH: f32 = 0.6;
/// Nobody says more characters than this in a second: fast English has 25, fast Chinese 8.
const MOST_CHARACTERS_PER_SECOND: f32 = 45.0;
/// The longest phrase, in words, whose repetition is looked for.
const LONGEST_PHRASE: usize = 24;
/// A window is doubtful as a whole when more than this share of its words is. One odd line among good ones is marked, but
/// another search through the whole window for its sake costs five times as much and seldom mends it.
const UNSURE_SHARE: f32 = 0.2;
/// Somebody who is heard so near, in milliseconds, may have said a line.
const SLACK_MS: u64 = 100;
/// Speech from which no word came is missed when it lasts so long, in milliseconds; words may be placed so far from where
/// they are.
const MISSED_MS: u64 = 3_000;
const BESIDE_MS: u64 = 300;
/// What a second of missed speech counts. A loop is worse than half a minute of it: it says what nobody said.
const MISSED: f32 = 0.3;
/// So often a letter may stand in a row: "hmmmm" is heard, "oooooooo" is made up.
const MOST_ALIKE: usize = 5;
/// Attempts at a doubtful window, the first included.
const ATTEMPTS: usize = 3;

/// What a window's text came to.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Settled {
    /// The lines that are kept.
    pub segments: Vec<Segment>,
    /// What was thrown out, as stretches without words.
    pub gaps: Vec<Gap>,
}

/// A window on its way to a settled text: each attempt's lines go in, the next settings or the result come out.
#[derive(Clone, Debug)]
pub struct Attempts {
    window: Span,
    first: How,
    made: Vec<Attempt>,
}

/// What one attempt came to: its lines, and speech without words.
#[derive(Clone, Debug)]
struct Attempt {
    lines: Vec<Line>,
    missed: Vec<(Span, u64)>,
}

/// What to do next with a window.
#[derive(Clone, Debug, PartialEq)]
pub enum Next {
    /// Recognise it again, so.
    Again(How),
    /// This is its text.
    Done(Settled),
}

impl Attempts {
    /// The first attempt at the stretch `window` will be made with `how`.
    pub fn new(window: Span, how: How) -> Self {
        Self { window, first: how, made: Vec::new() }
    }

    /// Takes the lines of one attempt. `spoken_ms` says for how many milliseconds somebody speaks in a span.
    pub fn take(&mut self, lines: Vec<Line>, spoken_ms: impl Fn(Span) -> u64) -> Next {
        let lines = clean(lines, &spoken_ms);
        let missed = missed(&lines, self.window, &spoken_ms);
        self.made.push(Attempt { lines, missed });
        let attempt = self.made.len();
        if attempt < ATTEMPTS && self.made.last().is_some_and(|made| badness(made) > 0.0) {
            let mut how = self.first.clone();
            // First another search, without the prompt that may have caused it; then a little chance.
            how.prompt = String::new();
            how.beam = if self.first.beam > 1 { 1 } else { 5 };
            how.temperature = if attempt == 1 { 0.0 } else { 0.4 };
            return Next::Again(how);
        }
        // The first of equally good attempts.
        let mut best = 0;
        for other in 1..self.made.len() {
            if badness(&self.made[other]) < badness(&self.made[best]) {
                best = other;
            }
        }
        Next::Done(settle(self.made.swap_remove(best), self.window))
    }
}

/// Drops what is no speech at all: lines of notes and brackets, and lines that lie where nobody speaks.
fn clean(lines: Vec<Line>, spoken_ms: impl Fn(Span) -> u64) -> Vec<Line> {
    let is_speech = |span: Span| spoken_ms(Span::new(span.start().minus(SLACK_MS), span.end().plus(SLACK_MS))) > 0;
    let keep = |line: &Line| {
        let nobody = line.no_speech > MOST_NO_SPEECH && line.mean_plog < LEAST_PLOG;
        !nobody && !is_annotation(&line.segment.text) && is_speech(line.segment.span)
    };
    lines.into_iter().filter(keep).collect()
}

/// Stretches without words in which somebody speaks for long, and for how many milliseconds he does.
fn missed(lines: &[Line], window: Span, spoken_ms: impl Fn(Span) -> u64) -> Vec<(Span, u64)> {
    let mut words: Vec<Span> = lines.iter().flat_map(|line| line.segment.words.iter().map(|word| word.span)).collect();
    words.sort_by_key(|span| span.start());
    let mut holes = Vec::new();
    let mut end = window.start();
    for span in words {
        holes.push((end, span.start().minus(BESIDE_MS)));
        end = end.max(span.end().plus(BESIDE_MS));
    }
    holes.push((end, window.end()));
    let holes = holes.into_iter().filter(|(start, end)| start < end).map(|(start, end)| Span::new(start, end));
    holes.map(|hole| (hole, spoken_ms(hole))).filter(|(_, ms)| *ms >= MISSED_MS).collect()
}

/// Whether a text names a sound instead of giving words: `[Music]`, `(applause)`, `♪`, `*sighs*`, or marks alone.
fn is_annotation(text: &str) -> bool {
    let text = text.trim();
    let is_mark = |c: char| !c.is_alphanumeric();
    if text.chars().all(is_mark) {
        return true;
    }
    [('[', ']'), ('(', ')'), ('（', '）'), ('【', '】'), ('♪', '♪'), ('*', '*')].iter().any(|(open, close)| {
        let inner = text.trim_end_matches(['.', '。', ' ']).strip_prefix(*open).and_then(|t| t.strip_suffix(*close));
        inner.is_some_and(|inner| !inner.contains([*open, *close]))
    })
}

/// How doubtful an attempt is: 0 for a good one; a loop is worse than any uncertain text.
fn badness(attempt: &Attempt) -> f32 {
    let lines = &attempt.lines;
    let words: Vec<&str> = words_of(lines);
    let missed = MISSED * attempt.missed.iter().map(|(_, ms)| *ms as f32 / 1000.0).sum::<f32>();
    let looped = missed + find_loop(&words).map_or(0.0, |l| 10.0 + l.repeats as f32);
    let n_unsure: usize = lines.iter().filter(|l| is_unsure(l)).map(|l| l.segment.words.len()).sum();
    if n_unsure as f32 <= words.len() as f32 * UNSURE_SHARE {
        return looped;
    }
    let unsure: f32 = lines.iter().filter(|l| is_unsure(l)).map(|l| LEAST_PLOG - l.mean_plog.min(LEAST_PLOG) + 0.1).sum();
    looped + unsure
}

fn is_unsure(line: &Line) -> bool {
    let seconds = (line.segment.span.millis() as f32 / 1000.0).max(0.3);
    let characters = line.segment.words.iter().map(|w| w.text.chars().count()).sum::<usize>() as f32;
    let stutters = line.segment.words.iter().any(|word| is_stutter(&word.text));
    line.mean_plog < LEAST_PLOG || characters / seconds > MOST_CHARACTERS_PER_SECOND || stutters
}

/// A loop inside a word: one letter again and again.
fn is_stutter(word: &str) -> bool {
    let letters: Vec<char> = word.chars().filter(|c| c.is_alphabetic()).flat_map(char::to_lowercase).collect();
    letters.windows(MOST_ALIKE + 1).any(|run| run.iter().all(|c| *c == run[0]))
}

fn words_of(lines: &[Line]) -> Vec<&str> {
    lines.iter().flat_map(|l| &l.segment.words).map(|w| w.text.as_str()).collect()
}

/// A phrase said again and again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Loop {
    /// The word where it begins.
    start: usize,
    /// Words in the phrase.
    period: usize,
    /// How often it stands there in a row.
    repeats: usize,
}

/// The longest run of one phrase repeated without a break, if it is long enough to be a loop: four
/// times for a phrase of several words, seven for one or two (people do say "no, no, no, no").
fn find_loop(words: &[&str]) -> Option<Loop> {
    let same = |a: &str, b: &str| fold(a) == fold(b);
    let mut best: Option<Loop> = None;
    for period in 1..=LONGEST_PHRASE.min(words.len() / 2) {
        let mut run = 0;
        for at in period..=words.len() {
            if at < words.len() && same(words[at], words[at - period]) {
                run += 1;
                continue;
            }
            let repeats = run / period + 1;
            let enough = if period <= 2 { 7 } else { 4 };
            if repeats >= enough && best.is_none_or(|b| repeats * period > b.repeats * b.period) {
                best = Some(Loop { start: at - run - period, period, repeats });
            }
            run = 0;
        }
    }
    best
}

/// A word as far as repetition is concerned.
fn fold(word: &str) -> String {
    word.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}

/// Marks what is doubtful, and cuts a loop that no attempt got rid of back to its first two turns.
fn settle(Attempt { lines, missed }: Attempt, window: Span) -> Settled {
    let unclear = |span: Span| Gap { span, reason: GapReason::Unclear };
    let mut gaps: Vec<Gap> = missed.into_iter().map(|(span, _)| unclear(span)).collect();
    let cut = find_loop(&words_of(&lines)).map(|l| (l.start + 2 * l.period, l.start + l.repeats * l.period));
    let (mut segments, mut at) = (Vec::new(), 0);
    let mut lost: Option<(Timestamp, Timestamp)> = None;
    for line in lines {
        let unsure = is_unsure(&line);
        let mut segment = line.segment;
        let before = segment.words.len();
        let first = at;
        at += before;
        if let Some((from, to)) = cut {
            let mut index = first;
            segment.words.retain(|word| {
                let is_lost = (from..to).contains(&index);
                index += 1;
                if is_lost {
                    let start = lost.map_or(word.span.start(), |(start, _)| start);
                    lost = Some((start, word.span.end()));
                }
                !is_lost
            });
        }
        let was_cut = segment.words.len() < before;
        if was_cut {
            segment.text = text_of(&segment);
            segment.span = outer(&segment.words);
        }
        segment.is_doubtful = unsure || was_cut;
        if !segment.words.is_empty() {
            segments.push(segment);
        }
    }
    if let Some((start, end)) = lost {
        gaps.push(unclear(Span::new(start, end).clamp_to(window)));
    }
    gaps.sort_by_key(|gap| gap.span.start());
    Settled { segments, gaps }
}

/// The text of a segment as far as its words are still there, spaced as it was.
fn text_of(segment: &Segment) -> String {
    let (mut kept, mut at) = (String::new(), 0);
    for word in &segment.words {
        // Words stand in the text in their order; what lies before one and is no space belongs to a lost one.
        let Some(found) = segment.text[at..].find(&word.text) else { continue };
        let has_space = segment.text[..at + found].ends_with(' ');
        if has_space && !kept.is_empty() {
            kept.push(' ');
        }
        kept.push_str(&word.text);
        at += found + word.text.len();
    }
    kept
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::transcript::SpokenWord;

    fn line(text: &str, start: u64, mean_plog: f32) -> Line {
        let word = |(i, w): (usize, &str)| {
            let at = start + 300 * i as u64;
            SpokenWord { text: w.into(), span: Span::from_millis(at, at + 300), probability: Some(0.9) }
        };
        let words: Vec<_> = text.split(' ').enumerate().map(word).collect();
        Line { segment: Segment { span: outer(&words), text: text.into(), words, is_doubtful: false }, mean_plog, no_speech: 0.1 }
    }

    fn how() -> How {
        How { language: "en".into(), beam: 5, temperature: 0.0, prompt: "Ada".into() }
    }

    fn attempts() -> Attempts {
        Attempts::new(Span::from_millis(0, 28_000), how())
    }

    fn done(next: Next) -> Settled {
        match next {
            Next::Done(settled) => settled,
            Next::Again(how) => panic!("again with {how:?}"),
        }
    }

    #[test]
    fn good_text_is_kept_at_once() {
        let settled = done(attempts().take(vec![line("the cat sat on the mat", 0, -0.3)], |_| 100));
        assert_eq!(settled.segments.len(), 1);
        assert!(!settled.segments[0].is_doubtful && settled.gaps.is_empty());
    }

    #[test]
    fn a_loop_is_tried_again_and_then_cut() {
        let looping = || vec![line("so we begin and on we go and on we go and on we go and on we go and on we go", 0, -0.2)];
        let mut tries = attempts();
        let Next::Again(second) = tries.take(looping(), |_| 100) else { panic!() };
        assert_eq!((second.beam, second.prompt.as_str(), second.temperature), (1, "", 0.0));
        let Next::Again(third) = tries.clone().take(looping(), |_| 100) else { panic!() };
        assert!(third.temperature > 0.0);
        // A retry without the loop wins.
        let good = done(tries.clone().take(vec![line("so we begin", 0, -0.4)], |_| 100));
        assert_eq!(good.segments[0].text, "so we begin");
        // Loops all the way: two turns stay, marked.
        let _ = tries.take(looping(), |_| 100);
        let cut = done(tries.take(looping(), |_| 100));
        assert_eq!(cut.segments[0].text, "so we begin and on we go and on we go");
        assert!(cut.segments[0].is_doubtful);
        assert_eq!(cut.gaps, [Gap { span: Span::from_millis(3300, 6900), reason: GapReason::Unclear }]);
    }

    #[test]
    fn loops() {
        for (text, want) in [
            ("no no no no no", None),
            ("no no no no no no no no", Some((0, 1, 8))),
            ("never again , never again , never again", None),
            ("a b c a b c a b c a b c d", Some((0, 3, 4))),
            ("x A, b c. a b c a b c a B c", Some((1, 3, 4))),
            ("", None),
        ] {
            let words: Vec<_> = text.split_whitespace().collect();
            assert_eq!(find_loop(&words).map(|l| (l.start, l.period, l.repeats)), want, "{text}");
        }
    }

    #[test]
    fn letters_in_a_row() {
        for (word, want) in [("hmmmm", false), ("bodddddddside", true), ("OooOooo", true), ("1000000", false), ("哈哈哈哈", false)] {
            assert_eq!(is_stutter(word), want, "{word}");
        }
    }

    #[test]
    fn no_words_where_nobody_speaks() {
        for (text, spoken) in [
            ("[Music]", false),
            ("(applause)", false),
            ("♪ la la ♪", false),
            ("...", false),
            ("*sighs*", false),
            ("（音樂）", false),
            ("[Bob] said (so)", true),
        ] {
            assert_eq!(!is_annotation(text), spoken, "{text}");
        }
        assert_eq!(done(attempts().take(vec![line("thanks for watching", 0, -0.2)], |_| 0)).segments, []);
        let mut silent = line("you", 0, -1.5);
        silent.no_speech = 0.9;
        assert_eq!(done(attempts().take(vec![silent], |_| 100)).segments, []);
    }

    #[test]
    fn one_doubtful_line_among_good_ones_is_marked_at_once() {
        let lines = || vec![line("the cat sat on the mat", 0, -0.3), line("Tu", 2000, -1.2)];
        let settled = done(attempts().take(lines(), |_| 100));
        assert_eq!(settled.segments.iter().map(|s| s.is_doubtful).collect::<Vec<_>>(), [false, true]);
        let mostly = vec![line("the cat sat on the mat", 0, -1.3), line("Tu", 2000, -0.2)];
        assert!(matches!(attempts().take(mostly, |_| 100), Next::Again(_)));
    }

    #[test]
    fn speech_without_words_is_tried_again_and_then_told() {
        // Somebody speaks from 0 to 18 s.
        let spoken_ms = |span: Span| span.clamp_to(Span::from_millis(0, 18_000)).millis();
        let early = || vec![line("the cat sat on the mat", 0, -0.3)];
        let whole = || {
            vec![
                line("the cat sat", 0, -0.3),
                line("a b c d e f g h i j k l m n o p q r s t u v w x y z a b c d e f g h i j k l m n o p q r s t u v", 2000, -0.3),
            ]
        };
        let mut tries = attempts();
        assert!(matches!(tries.take(early(), spoken_ms), Next::Again(_)));
        let found = done(tries.clone().take(whole(), spoken_ms));
        assert!(found.segments.len() == 2 && found.gaps.is_empty(), "{:?}", found.gaps);
        let _ = tries.take(early(), spoken_ms);
        let lost = done(tries.take(early(), spoken_ms));
        assert_eq!(lost.gaps, [Gap { span: Span::from_millis(2100, 28_000), reason: GapReason::Unclear }]);
        assert!(!lost.segments[0].is_doubtful);
    }

    #[test]
    fn what_stays_doubtful_is_marked() {
        let mut tries = attempts();
        for _ in 0..2 {
            assert!(matches!(tries.take(vec![line("mumble mumble", 0, -2.0)], |_| 100), Next::Again(_)));
        }
        let settled = done(tries.take(vec![line("mumble rumble", 0, -1.5)], |_| 100));
        assert_eq!(settled.segments[0].text, "mumble rumble");
        assert!(settled.segments[0].is_doubtful);
    }
}
