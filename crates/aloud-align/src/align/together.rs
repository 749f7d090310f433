//! What was recognised and what was synthesised, joined: each vouches for the other.
//!
//! The recogniser knows what is said but not quite when; the synthesiser's sounds lie where the
//! recording's are, if it is they that are said. Where both put a word at the same place the
//! sharper time stays and the word is surer than by either; what only one found is filled in; where
//! they contradict each other, the better of the two wins and the sentence is doubtful.

use super::{Alignment, Method, SentenceTiming, Status, Timing};
use crate::article::Article;
use crate::time::{Span, Timestamp};

/// Both mean the same place if they lie within this, in milliseconds: more than a recogniser is
/// mostly off, less than most words and the next one.
const SAME_MS: u64 = 350;
/// They agree about a sentence if they do about this share of its words.
const AGREED: f32 = 0.5;
/// A sentence about which they do not is at most so sure.
const DOUBTFUL: f32 = 0.4;
/// What only the synthesiser found counts from this confidence on.
const ALONE: f32 = 0.5;

/// Joins `heard`, made by [`align`](super::align), and `synth`, made by
/// [`warp`](crate::warp::warp), both of `article`.
///
/// Spans stay in order and apart. What is not written is told by the recogniser, who heard its
/// words; but where words of the article came to lie it only misheard them.
pub fn together(article: &Article, heard: &Alignment, synth: &Alignment) -> Alignment {
    let mut joined = Alignment { method: Method::Together, ..heard.clone() };
    for (index, sentence) in article.sentences.iter().enumerate() {
        let words = sentence.words.clone();
        let (a, b) = (&heard.words[words.clone()], &synth.words[words.clone()]);
        let (by_ear, by_synth) = (&heard.sentences[index], &synth.sentences[index]);
        let choice = choose(a, b, by_ear, by_synth);
        for ((at, a), b) in words.zip(a).zip(b) {
            joined.words[at] = choice.word(a, b);
        }
    }
    settle(article, joined)
}

/// Gives `words`, found with both, to what is known of `heard`: in order and apart, sentences from
/// their words, and what is not written without what is read after all. Words that have none,
/// between neighbours that do, keep the time they were heard at.
pub fn joined(article: &Article, heard: &Alignment, words: Vec<Timing>) -> Alignment {
    let mut joined = Alignment { method: Method::Together, words, ..heard.clone() };
    fill(&mut joined.words, &heard.words);
    settle(article, joined)
}

/// Lets words without a time have the one that they were heard at, where it lies between their
/// neighbours'.
fn fill(words: &mut [Timing], heard: &[Timing]) {
    let mut nexts = vec![None; words.len()];
    let mut next: Option<Timestamp> = None;
    for (at, timing) in words.iter().enumerate().rev() {
        nexts[at] = next;
        next = timing.span.map(aloud_units::time::Span::start).or(next);
    }
    let mut end = Timestamp::ZERO;
    for ((timing, heard), next) in words.iter_mut().zip(heard).zip(nexts) {
        let fits = |span: &Span| span.start() >= end && next.is_none_or(|next| span.end() <= next);
        if timing.span.is_none() && heard.span.as_ref().is_some_and(fits) {
            *timing = Timing { confidence: heard.confidence.min(DOUBTFUL), ..heard.clone() };
        }
        end = timing.span.map_or(end, aloud_units::time::Span::end);
    }
}

fn settle(article: &Article, mut joined: Alignment) -> Alignment {
    in_order(&mut joined.words);
    for (index, sentence) in article.sentences.iter().enumerate() {
        joined.sentences[index] = summed(&joined.words[sentence.words.clone()]);
    }
    let spans: Vec<Span> = joined.words.iter().filter_map(|timing| timing.span).collect();
    joined.unwritten.retain(|passage| !is_read(&spans, passage.span));
    joined.coverage = super::across::coverage(article, &joined.sentences);
    joined
}

/// Whose times a sentence has.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Choice {
    /// Both agree: the synthesiser's, filled with the recogniser's.
    Both,
    /// One only, and at most this sure.
    Heard(f32),
    Synth(f32),
}

fn choose(
    a: &[Timing],
    b: &[Timing],
    by_ear: &SentenceTiming,
    by_synth: &SentenceTiming,
) -> Choice {
    match (by_ear.span, by_synth.span) {
        (Some(_), Some(_)) => {}
        (None, Some(_)) if by_synth.confidence >= ALONE => return Choice::Synth(1.0),
        _ => return Choice::Heard(1.0),
    }
    let pairs = || a.iter().zip(b).filter_map(|(a, b)| Some((a.span?, b.span?)));
    let n_same = pairs().filter(|(a, b)| is_same(*a, *b)).count();
    let is_agreed = n_same as f32 >= AGREED * pairs().count() as f32;
    match is_agreed {
        true if pairs().count() > 0 => Choice::Both,
        _ if by_ear.confidence > by_synth.confidence => Choice::Heard(DOUBTFUL),
        _ => Choice::Synth(DOUBTFUL),
    }
}

fn is_same(a: Span, b: Span) -> bool {
    a.start().millis().abs_diff(b.start().millis()) <= SAME_MS
}

impl Choice {
    fn word(self, heard: &Timing, synth: &Timing) -> Timing {
        match self {
            Self::Heard(most) => Timing { confidence: heard.confidence.min(most), ..heard.clone() },
            Self::Synth(most) => Timing { confidence: synth.confidence.min(most), ..synth.clone() },
            Self::Both => match (heard.span, synth.span) {
                (Some(a), Some(b)) if is_same(a, b) => {
                    // Wrong only if both are.
                    let confidence = 1.0 - (1.0 - heard.confidence) * (1.0 - synth.confidence);
                    Timing { span: synth.span, confidence, spoken: heard.spoken.clone() }
                }
                (_, Some(_)) => Timing {
                    confidence: synth.confidence.min(DOUBTFUL.max(heard.confidence)),
                    ..synth.clone()
                },
                (_, None) => heard.clone(),
            },
        }
    }
}

/// Cuts off what reaches into the next word, and drops what lies before the one before it.
fn in_order(words: &mut [Timing]) {
    let mut end = Timestamp::ZERO;
    for timing in words {
        let Some(span) = timing.span else { continue };
        if span.end() <= end && !(span.is_empty() && span.start() >= end) {
            *timing = Timing::default();
            continue;
        }
        timing.span = Some(Span::new(span.start().max(end), span.end()));
        end = span.end();
    }
}

/// Whether words, in order and apart, take up at least half of `span`.
fn is_read(words: &[Span], span: Span) -> bool {
    let first = words.partition_point(|word| word.end() <= span.start());
    let inside = words[first..].iter().take_while(|word| word.start() < span.end());
    2 * inside.map(|word| word.clamp_to(span).millis()).sum::<u64>() >= span.millis()
}

fn summed(words: &[Timing]) -> SentenceTiming {
    let timed = || words.iter().filter(|timing| timing.span.is_some());
    let span =
        timed().filter_map(|timing| timing.span).reduce(|a, b| Span::new(a.start(), b.end()));
    let share = timed().count() as f32 / words.len().max(1) as f32;
    let status = match share {
        _ if span.is_none() => Status::Unspoken,
        share if share >= 0.8 => Status::Spoken,
        _ => Status::Partly,
    };
    let confidence =
        timed().map(|timing| timing.confidence).sum::<f32>() / words.len().max(1) as f32;
    SentenceTiming { status, span, confidence }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::align::Unwritten;
    use crate::article::from_text;
    use proptest::prelude::*;

    /// An alignment of as many words as there are times, in milliseconds, each 200 long; 0 is none.
    fn alignment(article: &Article, starts: &[u64], confidence: f32, is_heard: bool) -> Alignment {
        let word = |(at, start): (usize, &u64)| match start {
            0 => Timing::default(),
            start => Timing {
                span: Some(Span::from_millis(*start, start + 200)),
                confidence,
                spoken: if is_heard { at..at + 1 } else { 0..0 },
            },
        };
        let words: Vec<Timing> = starts.iter().enumerate().map(word).collect();
        let sentences = article
            .sentences
            .iter()
            .map(|sentence| summed(&words[sentence.words.clone()]))
            .collect();
        Alignment { words, sentences, ..Alignment::default() }
    }

    fn starts(alignment: &Alignment) -> Vec<u64> {
        alignment
            .words
            .iter()
            .map(|timing| timing.span.map_or(0, |span| span.start().millis()))
            .collect()
    }

    #[test]
    fn each_does_what_it_is_good_at() {
        let article = from_text("One two three. Four five six.");
        for (name, heard, synth, want, sure) in [
            (
                "the sharper time stays",
                [1000, 1300, 1600, 3000, 3300, 3600],
                [1080, 1390, 1700, 3080, 3300, 3500],
                [1080, 1390, 1700, 3080, 3300, 3500],
                [true, true],
            ),
            (
                "what was not heard is filled",
                [1000, 0, 1600, 0, 0, 0],
                [1080, 1390, 1700, 3080, 3300, 3500],
                [1080, 1390, 1700, 3080, 3300, 3500],
                [true, true],
            ),
            (
                "what has no sounds stays as it was heard",
                [1000, 1300, 1600, 3000, 3300, 3600],
                [0, 0, 0, 3080, 0, 3500],
                [1000, 1300, 1600, 3080, 3300, 3500],
                [true, true],
            ),
            (
                "the better one wins a quarrel",
                [1000, 1300, 1600, 3000, 3300, 3600],
                [1000, 1300, 1600, 9000, 9300, 9600],
                [1000, 1300, 1600, 3000, 3300, 3600],
                [true, false],
            ),
        ] {
            let joined = together(
                &article,
                &alignment(&article, &heard, 0.9, true),
                &alignment(&article, &synth, 0.8, false),
            );
            assert_eq!(starts(&joined), want, "{name}");
            assert_eq!(
                joined.sentences.iter().map(|s| s.confidence > 0.5).collect::<Vec<_>>(),
                sure,
                "{name}: {joined:?}"
            );
        }
    }

    #[test]
    fn what_was_misheard_is_not_said_besides() {
        let article = from_text("One two three. Four five six.");
        let mut heard = alignment(&article, &[1000, 1300, 1600, 0, 0, 0], 0.9, true);
        let passage = |from, to| Unwritten {
            span: Span::from_millis(from, to),
            text: "fore fife".to_owned(),
            spoken: 3..5,
        };
        heard.unwritten = vec![passage(100, 900), passage(3000, 3700)];
        let joined = together(
            &article,
            &heard,
            &alignment(&article, &[1080, 1390, 1700, 3080, 3300, 3500], 0.8, false),
        );
        assert_eq!(joined.unwritten, [passage(100, 900)]);
    }

    proptest! {
        #[test]
        fn spans_stay_in_order(a in proptest::collection::vec(0u64..6000, 6), b in proptest::collection::vec(0u64..6000, 6), sure in 0.0f32..1.0) {
            let article = from_text("One two three. Four five six.");
            let sorted = |mut list: Vec<u64>| { list.sort_unstable(); list };
            let joined = together(&article, &alignment(&article, &sorted(a), sure, true), &alignment(&article, &sorted(b), 0.5, false));
            let spans: Vec<Span> = joined.words.iter().filter_map(|timing| timing.span).collect();
            prop_assert!(spans.windows(2).all(|pair| pair[0].end() <= pair[1].start()), "{:?}", spans);
        }
    }
}
