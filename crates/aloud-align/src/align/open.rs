//! What synthesised speech leaves open, so that a recogniser needs to hear no more than that; and
//! its answer, put in.
//!
//! Synthesised speech tells where each written word is, but not what is said besides, and of a
//! sentence that it hardly finds it cannot tell whether it is read at all. This file never knows
//! who recognises.

use super::{Alignment, SentenceTiming, Status, Timing, Unwritten};
use crate::article::{Article, Sentence};
use crate::time::{Span, Timestamp};
use crate::transcript::{SpokenWord, Transcript};

/// A sentence that is less sure is worth hearing.
const DOUBTFUL: f32 = 0.5;
/// A hole between what is read that is long enough for a sentence which was not found, in
/// milliseconds.
const HOLE_MS: u64 = 1_500;
/// A doubtful sentence may begin so much earlier and end so much later, in milliseconds.
const MARGIN_MS: u64 = 1_000;
/// Two starts within so many milliseconds mean the same place.
const SAME_MS: u64 = 350;

/// Where `alignment` does not know what is said: passages that nobody wrote, doubtful sentences,
/// and holes where sentences are missing that a narrator would read. In order and apart.
pub fn open(article: &Article, alignment: &Alignment) -> Vec<Span> {
    let mut open: Vec<Span> = alignment
        .unwritten
        .iter()
        .filter(|unwritten| unwritten.text.is_empty())
        .map(|u| u.span)
        .collect();
    let mut is_missing = false;
    let mut end = Timestamp::ZERO;
    for (sentence, timing) in article.sentences.iter().zip(&alignment.sentences) {
        let Some(span) = timing.span else {
            is_missing |= sentence.skip.is_none();
            continue;
        };
        if is_missing && span.start().millis().saturating_sub(end.millis()) >= HOLE_MS {
            open.push(Span::new(end, span.start()));
        }
        if is_doubtful(sentence, timing) {
            open.push(Span::new(
                Timestamp::from_millis(span.start().millis().saturating_sub(MARGIN_MS)),
                span.end().plus(MARGIN_MS),
            ));
        }
        (end, is_missing) = (span.end(), false);
    }
    open.sort_by_key(|span| span.start());
    let mut apart: Vec<Span> = Vec::with_capacity(open.len());
    for span in open {
        match apart.last_mut().filter(|last| span.start() <= last.end()) {
            Some(last) => *last = Span::new(last.start(), last.end().max(span.end())),
            None => apart.push(span),
        }
    }
    apart
}

/// Whether it is worth asking for a sentence: not for a title or a credit that has no sound.
fn is_doubtful(sentence: &Sentence, timing: &SentenceTiming) -> bool {
    match timing.status {
        Status::Spoken => timing.confidence < DOUBTFUL,
        Status::Partly => true,
        Status::Unspoken => sentence.skip.is_none(),
    }
}

/// `alignment` with the words that `transcript` has for its unwritten passages. One in which a
/// recogniser hears no words, though it was asked, is music or noise and goes.
pub fn told(alignment: &Alignment, transcript: &Transcript) -> Alignment {
    let words: Vec<&SpokenWord> = transcript.words().collect();
    let middle = |word: &&SpokenWord| {
        Timestamp::from_millis(word.span.start().millis().midpoint(word.span.end().millis()))
    };
    let mut told = alignment.clone();
    told.unwritten.retain_mut(|passage| {
        let Unwritten { span, text, spoken } = passage;
        let from = words.partition_point(|word| middle(word) < span.start());
        let to = words.partition_point(|word| middle(word) < span.end());
        *spoken = from..to;
        *text = transcript.text_of(from..to);
        !text.is_empty()
    });
    told
}

/// `heard`, made of a transcript of what was open alone, as far as it says anything: of doubtful
/// sentences, and of others where `alignment` has their words too. `None` where no doubtful one was
/// heard.
pub fn heard_of(
    article: &Article,
    mut heard: Alignment,
    alignment: &Alignment,
) -> Option<Alignment> {
    let mut is_any = false;
    for (sentence, timing) in article.sentences.iter().zip(&alignment.sentences) {
        let words = sentence.words.clone();
        for (heard, own) in heard.words[words.clone()].iter_mut().zip(&alignment.words[words]) {
            let Some(span) = heard.span else { continue };
            let is_same = own
                .span
                .is_some_and(|own| own.start().millis().abs_diff(span.start().millis()) <= SAME_MS);
            match is_doubtful(sentence, timing) {
                true => is_any = true,
                false if !is_same => *heard = Timing::default(),
                false => {}
            }
        }
    }
    is_any.then(|| Alignment { words: heard.words, ..alignment.clone() })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::article::from_text;
    use crate::transcript::Segment;

    /// An alignment of sentences of three words each, by the start (0 for none) and confidence of
    /// each.
    fn alignment(article: &Article, sentences: &[(u64, f32)]) -> Alignment {
        let word = |start: u64, n: u64, confidence| match start {
            0 => Timing::default(),
            start => Timing {
                span: Some(Span::from_millis(start + 300 * n, start + 300 * n + 250)),
                confidence,
                spoken: 0..0,
            },
        };
        let words = sentences
            .iter()
            .flat_map(|&(start, confidence)| (0..3).map(move |n| word(start, n, confidence)))
            .collect();
        let sentence = |&(start, confidence): &(u64, f32)| SentenceTiming {
            status: if start == 0 { Status::Unspoken } else { Status::Spoken },
            span: (start > 0).then(|| Span::from_millis(start, start + 850)),
            confidence,
        };
        assert_eq!(article.sentences.len(), sentences.len());
        Alignment {
            words,
            sentences: sentences.iter().map(sentence).collect(),
            ..Alignment::default()
        }
    }

    fn passage(from: u64, to: u64) -> Unwritten {
        Unwritten { span: Span::from_millis(from, to), text: String::new(), spoken: 0..0 }
    }

    #[test]
    fn what_is_open() {
        let article = from_text("One two three. Four five six. Seven eight nine.");
        for (name, sentences, unwritten, want) in [
            ("nothing", [(1000, 0.9), (2000, 0.9), (3000, 0.9)], vec![], vec![]),
            (
                "an introduction",
                [(9000, 0.9), (10_000, 0.9), (11_000, 0.9)],
                vec![passage(0, 8000)],
                vec![(0, 8000)],
            ),
            (
                "a doubtful sentence",
                [(1000, 0.9), (3000, 0.3), (5000, 0.9)],
                vec![],
                vec![(2000, 4850)],
            ),
            (
                "one that is missing, with room",
                [(1000, 0.9), (0, 0.0), (5000, 0.9)],
                vec![],
                vec![(1850, 5000)],
            ),
            ("and without", [(1000, 0.9), (0, 0.0), (2500, 0.9)], vec![], vec![]),
            (
                "what touches is one",
                [(1000, 0.9), (3000, 0.3), (5000, 0.9)],
                vec![passage(4500, 4900)],
                vec![(2000, 4900)],
            ),
        ] {
            let alignment = Alignment { unwritten, ..alignment(&article, &sentences) };
            let open: Vec<(u64, u64)> = open(&article, &alignment)
                .iter()
                .map(|span| (span.start().millis(), span.end().millis()))
                .collect();
            assert_eq!(open, want, "{name}");
        }
    }

    #[test]
    fn passages_get_their_words() {
        let article = from_text("One two three.");
        let synth = Alignment {
            unwritten: vec![passage(0, 900), passage(4000, 5000)],
            ..alignment(&article, &[(1000, 0.9)])
        };
        let word = |text: &str, from, to| SpokenWord {
            text: text.to_owned(),
            span: Span::from_millis(from, to),
            probability: None,
        };
        let words = vec![word(" You", 100, 300), word(" hear", 400, 800), word(" one", 850, 1200)];
        let segment = Segment {
            span: Span::from_millis(100, 1200),
            text: " You hear one".to_owned(),
            words,
            is_doubtful: false,
        };
        let told = told(&synth, &Transcript { segments: vec![segment], ..Transcript::default() });
        let passages: Vec<(&str, std::ops::Range<usize>)> =
            told.unwritten.iter().map(|u| (u.text.trim(), u.spoken.clone())).collect();
        assert_eq!(passages, [("You hear", 0..2)]);
    }

    #[test]
    fn only_doubtful_sentences_are_heard() {
        let article = from_text("One two three. Four five six.");
        let starts = |alignment: &Alignment| {
            alignment
                .words
                .iter()
                .map(|w| w.span.map_or(0, |s| s.start().millis()))
                .collect::<Vec<_>>()
        };
        let heard = alignment(&article, &[(1100, 0.8), (7000, 0.8)]);
        for (name, synth, want) in [
            ("nothing is doubtful", [(1000, 0.9), (3000, 0.9)], None),
            ("one is", [(1000, 0.9), (3000, 0.2)], Some(vec![1100, 1400, 1700, 7000, 7300, 7600])),
            (
                "and another elsewhere for sure",
                [(4000, 0.9), (6000, 0.2)],
                Some(vec![0, 0, 0, 7000, 7300, 7600]),
            ),
        ] {
            let got = heard_of(&article, heard.clone(), &alignment(&article, &synth));
            assert_eq!(got.as_ref().map(starts), want, "{name}");
        }
    }
}
