//! From tokens to timed words.
//!
//! Which of a token's times to believe depends on the attention heads (see [`Heads`]); bytes become
//! words in `transcript::join`. This file never judges whether the words are true: that is
//! `hallucination`.

use super::protocol::{Heads, Heard, Pass};
use crate::time::{Span, Timestamp};
use crate::transcript::join::{self, Token};
use crate::transcript::{Segment, SpokenWord, tidy};

/// A line of the recogniser with what is needed to judge it.
#[derive(Clone, Debug, PartialEq)]
pub struct Line {
    /// Its words and text, in times of the episode.
    pub segment: Segment,
    /// Mean natural logarithm of its tokens' probabilities.
    pub mean_plog: f32,
    /// Whisper's probability that nobody speaks in the pass it belongs to.
    pub no_speech: f32,
}

/// Makes lines of the passes over a window that lies at `window` in the episode.
///
/// The model's own timestamps part the lines. Words are in order, inside the window, and do not
/// overlap.
pub fn lines(passes: &[Pass], heads: Option<&Heads>, window: Span) -> Vec<Line> {
    let mut lines = Vec::new();
    for pass in passes {
        let place = Place { pass, window };
        let times = token_times(pass, heads);
        let mut from = 0;
        for (at, token) in pass.tokens.iter().enumerate() {
            if matches!(token, Heard::Time(_)) {
                lines.extend(line(&pass.tokens[from..at], &times[from..at], &place));
                from = at + 1;
            }
        }
        lines.extend(line(&pass.tokens[from..], &times[from..], &place));
    }
    let mut spans: Vec<Span> =
        lines.iter().flat_map(|l| l.segment.words.iter().map(|w| w.span)).collect();
    tidy::spans(&mut spans, window);
    let mut spans = spans.into_iter();
    for line in &mut lines {
        for word in &mut line.segment.words {
            word.span = spans.next().unwrap_or(word.span);
        }
        line.segment.span = outer(&line.segment.words);
    }
    lines
}

/// From the first word's start to the last one's end.
pub fn outer(words: &[SpokenWord]) -> Span {
    match (words.first(), words.last()) {
        (Some(first), Some(last)) => Span::new(first.span.start(), last.span.end()),
        _ => Span::default(),
    }
}

/// Where a pass lies.
struct Place<'a> {
    pass: &'a Pass,
    window: Span,
}

impl Place<'_> {
    fn at(&self, ms: u32) -> Timestamp {
        self.window.start().plus(u64::from(self.pass.start) + u64::from(ms))
    }
}

fn line(tokens: &[Heard], times: &[(u32, u32)], place: &Place) -> Option<Line> {
    let mut joinable = Vec::with_capacity(tokens.len());
    let mut plogs = 0.0;
    for (token, (start, end)) in tokens.iter().zip(times) {
        if let Heard::Text { bytes, p, plog, .. } = token {
            joinable.push(Token {
                bytes: bytes.clone(),
                span: Span::new(place.at(*start), place.at(*end)),
                probability: Some(*p),
            });
            plogs += plog.max(-20.0);
        }
    }
    let segment = join::segment(&joinable)?;
    Some(Line {
        segment,
        mean_plog: plogs / joinable.len() as f32,
        no_speech: place.pass.no_speech,
    })
}

/// Start and end of each token in milliseconds of its pass; those of timestamps are themselves.
fn token_times(pass: &Pass, heads: Option<&Heads>) -> Vec<(u32, u32)> {
    let length = pass.end.saturating_sub(pass.start);
    let mut times = vec![(0, 0); pass.tokens.len()];
    // What was last known to have been reached, and the next timestamp of the model from each token
    // on.
    let (mut reached, mut read) = (0, 0);
    for (at, time) in times.iter_mut().enumerate() {
        *time = match &pass.tokens[at] {
            Heard::Time(ms) => {
                reached = reached.max(*ms).min(length);
                (reached, reached)
            }
            Heard::Text { warped, rough, .. } => {
                let limit = next_time(&pass.tokens[at + 1..]).unwrap_or(length).max(reached);
                let (start, end) = match (heads, warped, rough) {
                    (Some(Heads::Reading(_)), Some(start), _) => {
                        (*start, next_start(&pass.tokens[at + 1..]).unwrap_or(limit))
                    }
                    (Some(Heads::Preset(_) | Heads::Foreseeing(_)), Some(end), _) => {
                        (reached, *end)
                    }
                    (_, _, Some((start, end))) => (*start, *end),
                    // Nothing is known: an even share of what is left until the next timestamp.
                    _ => (reached, reached + (limit - reached) / text_run(&pass.tokens[at..])),
                };
                // Heads that read are surer of a start than the model's own timestamps are.
                let is_read = matches!((heads, warped), (Some(Heads::Reading(_)), Some(_)));
                let floor = if is_read { read } else { reached };
                // A model may write timestamps behind the end of its window.
                let start = start.clamp(floor, limit.max(start).min(length).max(floor));
                let end = end.clamp(start, limit.max(start));
                read = start;
                reached = if is_read { start } else { end };
                (start, end)
            }
        };
    }
    times
}

/// The next timestamp among `tokens` that says more than "the beginning".
fn next_time(tokens: &[Heard]) -> Option<u32> {
    tokens.iter().find_map(|t| match t {
        Heard::Time(ms) if *ms > 0 => Some(*ms),
        _ => None,
    })
}

/// Where the next text token of the same line begins, for heads that look at the token just read.
fn next_start(tokens: &[Heard]) -> Option<u32> {
    match tokens.first()? {
        Heard::Text { warped, .. } => *warped,
        Heard::Time(_) => None,
    }
}

/// How many text tokens stand at the front of `tokens`, at least 1.
fn text_run(tokens: &[Heard]) -> u32 {
    u32::try_from(tokens.iter().take_while(|t| matches!(t, Heard::Text { .. })).count())
        .unwrap_or(u32::MAX)
        .max(1)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(bytes: &str, warped: Option<u32>, rough: Option<(u32, u32)>) -> Heard {
        Heard::Text { bytes: bytes.into(), p: 0.5, plog: -0.7, warped, rough }
    }

    /// `word@start-end` of each word, lines parted by a bar.
    fn check(passes: &[Pass], heads: Option<&Heads>, want: &str) {
        let got: Vec<String> = lines(passes, heads, Span::from_millis(10_000, 20_000))
            .iter()
            .map(|l| {
                let word = |w: &SpokenWord| {
                    format!("{}@{}-{}", w.text, w.span.start().millis(), w.span.end().millis())
                };
                l.segment.words.iter().map(word).collect::<Vec<_>>().join(" ")
            })
            .collect();
        assert_eq!(got.join(" | "), want);
    }

    fn pass(tokens: Vec<Heard>) -> Pass {
        Pass { start: 0, end: 5000, no_speech: 0.0, tokens }
    }

    #[test]
    fn heads_that_read_tell_starts() {
        let tokens = vec![
            Heard::Time(0),
            text(" Open", Some(300), None),
            text(" mod", Some(700), None),
            text("els", Some(900), None),
            Heard::Time(1200),
            Heard::Time(1500),
            text(" win", Some(1600), None),
            text(".", Some(2500), None),
            Heard::Time(2000),
        ];
        check(
            &[pass(tokens)],
            Some(&Heads::Reading(vec![(0, 0)])),
            "Open@10300-10700 models@10700-11200 | win.@11600-12000",
        );
    }

    #[test]
    fn heads_that_foresee_tell_ends() {
        let tokens = vec![
            Heard::Time(200),
            text(" Open", Some(700), None),
            text(" models", Some(1200), None),
            text(".", Some(1900), None),
            Heard::Time(1400),
        ];
        check(
            &[pass(tokens)],
            Some(&Heads::Preset("base".into())),
            "Open@10200-10700 models.@10700-11200",
        );
    }

    #[test]
    fn without_warping() {
        let rough = vec![
            Heard::Time(0),
            text(" a", None, Some((100, 200))),
            text(" b", None, Some((150, 400))),
            Heard::Time(1000),
        ];
        check(&[pass(rough)], None, "a@10100-10200 b@10200-10400");
        let nothing =
            vec![Heard::Time(0), text(" a", None, None), text(" b", None, None), Heard::Time(1000)];
        check(&[pass(nothing)], None, "a@10000-10500 b@10500-11000");
    }

    #[test]
    fn split_characters_and_odd_times() {
        let (de, xun) = ("深".as_bytes(), "求".as_bytes());
        let piece = |bytes: &[u8], at| Heard::Text {
            bytes: bytes.to_vec(),
            p: 0.5,
            plog: -0.7,
            warped: Some(at),
            rough: None,
        };
        let tokens = vec![
            Heard::Time(0),
            piece(&de[..2], 400),
            piece(&[de[2], xun[0]], 600),
            piece(&xun[1..], 500),
            Heard::Time(900),
        ];
        check(
            &[pass(tokens)],
            Some(&Heads::Reading(vec![(0, 0)])),
            "深@10400-10600 求@10600-10900",
        );
        check(&[pass(vec![]), pass(vec![Heard::Time(0)])], None, "");
    }
}
