//! Text laid over speech by its length alone, before anything is recognised.
//!
//! Where somebody speaks and for how long is known within moments of opening a file; so is how long
//! each sentence takes to say (`length`). The path through the beads that ties sentences across
//! languages ties them to stretches between pauses too: a sentence ends at a pause, a paragraph at
//! a long one, what a narrator would skip may have no time, and an introduction no text. A first
//! guess to follow the sound by until words are recognised; it knows no word of either.

use super::across::{INSIDE, coverage, written};
use super::beads::{Bead, Line, Nothing, Path, Shape, likely_rate, tie, weigh};
use super::length::syllables;
use super::pauses::{Pauses, odds, probability};
use super::{Alignment, Method, SentenceTiming, Status, Timing, Unwritten};
use crate::article::{Article, Sentence};
use crate::speech::Frame;
use crate::time::{Span, Timestamp};
use std::ops::Range;

/// Milliseconds for each frame.
const FRAME_MS: u64 = 10;
/// How far up from the quietest to the loud frames a frame still counts as quiet.
const QUIET_SHARE: f32 = 0.3;
/// Less quiet than this, in frames, parts nothing: stops inside words last up to 150 ms.
const LEAST_PAUSE: usize = 14;
/// Less speech than this, in frames, is a click.
const LEAST_SPEECH: usize = 6;

/// How likely a sentence is not read, and how likely if a narrator would probably skip it.
const SKIPPED: f64 = 0.004;
const SKIPPED_IF_LIKELY: f64 = 0.9;
/// How likely a pause follows a sentence.
const PAUSED: f64 = 0.97;
/// What leaving out speech costs, in nats for each second.
const UNWRITTEN_A_SECOND: f64 = 0.4;
/// The time of a sentence differs by this much (standard deviation of its logarithm) from what its
/// syllables call for.
const SPREAD: f64 = 0.13;
/// Speaking rates that are tried, as shares of the one at which all text fills all speech.
const RATES: [f64; 3] = [0.86, 0.97, 1.1];
/// A guess by length is never surer than this; and a word's place in its sentence, as a share of
/// the sentence's.
const SUREST: f32 = 0.6;
const WORD_SHARE: f32 = 0.5;

/// The stretches of speech between pauses, in order.
pub fn stretches(frames: &[Frame]) -> Vec<Span> {
    let quiet = quiet_below(frames);
    let speaks = |frame: &Frame| frame.speech >= 0.5 && frame.energy_db >= quiet;
    let mut runs: Vec<Range<usize>> = Vec::new();
    for (i, _) in frames.iter().enumerate().filter(|(_, frame)| speaks(frame)) {
        match runs.last_mut() {
            Some(last) if i - last.end < LEAST_PAUSE => last.end = i + 1,
            _ => runs.push(i..i + 1),
        }
    }
    runs.retain(|run| run.len() >= LEAST_SPEECH);
    runs.iter()
        .map(|run| Span::from_millis(run.start as u64 * FRAME_MS, run.end as u64 * FRAME_MS))
        .collect()
}

/// The level, in dB, below which speech pauses.
fn quiet_below(frames: &[Frame]) -> f32 {
    let mut sorted: Vec<f32> = frames.iter().map(|frame| frame.energy_db).collect();
    sorted.sort_unstable_by(f32::total_cmp);
    let at = |share: usize| sorted.get(sorted.len() * share / 100).copied().unwrap_or_default();
    at(5) + QUIET_SHARE * (at(90) - at(5))
}

/// About when each word of `article` is spoken, from the [`stretches`] in which somebody speaks.
/// Everything is
/// [`Method::Estimate`] at low confidence. What seems not to be written has no text and no words.
pub fn estimate(article: &Article, speech: &[Span]) -> Alignment {
    let chance = |sentence: &Sentence| {
        (if sentence.skip.is_some() { SKIPPED_IF_LIKELY } else { SKIPPED }, PAUSED)
    };
    let a = written(article, chance);
    let b = lines(speech, article);
    let Some(all) = likely_rate(&a, &b) else {
        return place(article, &a, speech, &Path::default());
    };
    let shape = |rate| Shape {
        most_a: 2,
        most_b: 24,
        rate,
        spread: SPREAD,
        short: 3.0,
        most_off: 2.2,
        inside: INSIDE,
    };
    let paths = RATES.map(|share| {
        let rate = share * all;
        (rate, tie(&a, &b, shape(rate), &Nothing, None))
    });
    let Some((rate, best)) = paths.into_iter().max_by(|p, q| p.1.score.total_cmp(&q.1.score))
    else {
        return Alignment::default();
    };
    let rate = super::beads::rate(&a, &b, &best).unwrap_or(rate);
    let mut path = tie(&a, &b, shape(rate), &Nothing, None);
    weigh(&a, &b, shape(rate), &Nothing, &mut path);
    place(article, &a, speech, &path)
}

/// `article` laid over `time` by its length alone, for when nothing at all is known of the sound.
pub fn spread(article: &Article, time: Span) -> Alignment {
    let a = written(article, |_| (SKIPPED, PAUSED));
    let read = || (0..article.sentences.len()).filter(|&i| article.sentences[i].skip.is_none());
    let total: f64 = read().map(|i| a[i].length).sum::<f64>().max(0.1);
    let mut alignment = nothing(article);
    let mut said = 0.0;
    for i in read() {
        let at = |said: f64| {
            time.start().plus((time.millis() as f64 * (said / total).min(1.0)).round() as u64)
        };
        let here = Span::new(at(said), at(said + a[i].length));
        said += a[i].length;
        share(
            article,
            &a,
            &[here],
            &Bead { a: i..i + 1, b: 0..1, confidence: 0.1 },
            &mut alignment,
        );
    }
    alignment.coverage = coverage(article, &alignment.sentences);
    alignment
}

/// The stretches as lines, in seconds.
fn lines(speech: &[Span], article: &Article) -> Vec<Line> {
    let pause = |i: usize| {
        speech
            .get(i + 1)
            .map_or(0, |next| next.start().millis().saturating_sub(speech[i].end().millis()))
            as f64
    };
    let n_sentences = article.sentences.iter().filter(|sentence| sentence.skip.is_none()).count();
    let pauses = Pauses::of((0..speech.len()).map(pause), n_sentences, article.blocks.len());
    let prior = odds(n_sentences as f64 / speech.len().max(n_sentences + 1) as f64);
    let line = |i: usize| {
        let length = speech[i].millis() as f64 / 1000.0;
        let end = if i + 1 == speech.len() {
            0.99
        } else {
            probability(prior + pauses.sentence(pause(i)))
        };
        Line {
            length,
            end,
            block: pauses.block(pause(i)).min(end),
            alone: -UNWRITTEN_A_SECOND * length,
            tied: 0.0,
        }
    };
    (0..speech.len()).map(line).collect()
}

/// Times from the path.
fn place(article: &Article, a: &[Line], speech: &[Span], path: &Path) -> Alignment {
    let mut alignment = nothing(article);
    let mut was_unwritten = false;
    for bead in &path.beads {
        let is_unwritten = bead.a.is_empty();
        if is_unwritten {
            let span = Span::new(speech[bead.b.start].start(), speech[bead.b.end - 1].end());
            match alignment.unwritten.last_mut().filter(|_| was_unwritten) {
                Some(last) => last.span = Span::new(last.span.start(), span.end()),
                None => {
                    alignment.unwritten.push(Unwritten { span, text: String::new(), spoken: 0..0 });
                }
            }
        } else if !bead.b.is_empty() {
            share(article, a, &speech[bead.b.clone()], bead, &mut alignment);
        }
        // Text that is not read does not part what is said around it.
        was_unwritten = is_unwritten || (bead.b.is_empty() && was_unwritten);
    }
    alignment.coverage = coverage(article, &alignment.sentences);
    alignment
}

/// An estimate in which nothing is read.
fn nothing(article: &Article) -> Alignment {
    let unspoken = SentenceTiming { status: Status::Unspoken, span: None, confidence: 0.0 };
    Alignment {
        method: Method::Estimate,
        words: vec![Timing::default(); article.words.len()],
        sentences: vec![unspoken; article.sentences.len()],
        ..Alignment::default()
    }
}

/// Gives the words of a bead their share of its time, pauses left out.
fn share(article: &Article, a: &[Line], speech: &[Span], bead: &Bead, alignment: &mut Alignment) {
    let clock = Clock::of(speech);
    let total: f64 = a[bead.a.clone()].iter().map(|line| line.length).sum();
    let mut said = 0.0;
    for i in bead.a.clone() {
        let words = article.sentences[i].words.clone();
        let lengths: Vec<f64> =
            words.clone().map(|word| syllables(article.word(word)).max(0.1)).collect();
        let scale = a[i].length / lengths.iter().sum::<f64>().max(0.1) / total;
        let (start, confidence) = (said, SUREST * bead.confidence);
        for (word, length) in words.zip(lengths) {
            let span = Span::new(clock.at(said, true), clock.at(said + length * scale, false));
            alignment.words[word] =
                Timing { span: Some(span), confidence: WORD_SHARE * confidence, spoken: 0..0 };
            said += length * scale;
        }
        let span = Span::new(clock.at(start, true), clock.at(said, false));
        alignment.sentences[i] =
            SentenceTiming { status: Status::Spoken, span: Some(span), confidence };
    }
}

/// Time in which somebody speaks.
struct Clock<'a> {
    speech: &'a [Span],
    total: f64,
}

impl<'a> Clock<'a> {
    fn of(speech: &'a [Span]) -> Self {
        Self { speech, total: speech.iter().map(|span| span.millis() as f64).sum() }
    }

    /// When this share of the speech is over; at a pause, its end where something begins, its start
    /// where it ends.
    fn at(&self, share: f64, begins: bool) -> Timestamp {
        let mut left = (share * self.total).round().max(0.0) as u64;
        for (i, span) in self.speech.iter().enumerate() {
            let is_here = if begins { left < span.millis() } else { left <= span.millis() };
            if is_here || i + 1 == self.speech.len() {
                return span.start().plus(left.min(span.millis()));
            }
            left -= span.millis();
        }
        Timestamp::ZERO
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::article::{Block, BlockKind, Skip, WrittenWord};
    use crate::transcript::split;

    /// An article of one paragraph; a sentence after `*` is one that a narrator would skip.
    fn article(sentences: &[&str]) -> Article {
        let mut article = Article::default();
        for sentence in sentences {
            let text = sentence.trim_start_matches('*');
            let (start, first) = (article.text.len(), article.words.len());
            article.text.push_str(text);
            let words = split::words(text)
                .into_iter()
                .map(|word| WrittenWord { bytes: start + word.start..start + word.end });
            article.words.extend(words);
            let skip = sentence.starts_with('*').then_some(Skip::Title);
            article.sentences.push(Sentence {
                bytes: start..article.text.len(),
                words: first..article.words.len(),
                skip,
            });
        }
        article.blocks.push(Block {
            kind: BlockKind::Paragraph,
            bytes: 0..article.text.len(),
            sentences: 0..sentences.len(),
        });
        article
    }

    fn spans(ms: &[(u64, u64)]) -> Vec<Span> {
        ms.iter().map(|&(from, to)| Span::from_millis(from, to)).collect()
    }

    #[test]
    fn frames_become_stretches() {
        let frames = |picture: &str| -> Vec<Frame> {
            let frame = |c| match c {
                '#' => Frame { energy_db: -20.0, speech: 0.9 },
                '~' => Frame { energy_db: -20.0, speech: 0.1 },
                _ => Frame { energy_db: -60.0, speech: 0.0 },
            };
            picture.chars().flat_map(|c| [frame(c); 10]).collect()
        };
        for (picture, want) in [
            ("..####..##..", &[(200, 600), (800, 1000)][..]),
            ("..##.##~~~..", &[(200, 700)]),
            ("......", &[]),
            ("", &[]),
        ] {
            assert_eq!(stretches(&frames(picture)), spans(want), "{picture}");
        }
    }

    #[test]
    fn sentences_take_the_stretches_they_fit() {
        let article = article(&[
            "*題目",
            "我奶奶今年八十二歲。",
            "她笑了。",
            "收音機不但會說話，還會回答你問的每一件事。",
        ]);
        let speech = spans(&[(1000, 2800), (3300, 3900), (4400, 5800), (6000, 8200)]);
        let got = estimate(&article, &speech);
        let starts: Vec<Option<u64>> = got
            .sentences
            .iter()
            .map(|timing| timing.span.map(|span| span.start().millis()))
            .collect();
        assert_eq!(starts, [None, Some(1000), Some(3300), Some(4400)]);
        assert_eq!((got.coverage, got.unwritten.len()), (1.0, 0));
        assert!(got.sentences.iter().all(|timing| timing.confidence <= SUREST));
        let words: Vec<Span> = got.words.iter().filter_map(|timing| timing.span).collect();
        assert!(words.windows(2).all(|pair| pair[0].end() <= pair[1].start()), "{words:?}");
        // No word lasts over a pause.
        assert!(words.iter().all(|word| word.millis() < 450), "{words:?}");
    }

    #[test]
    fn nothing_to_lay_over_nothing() {
        for (article, speech) in [
            (article(&[]), spans(&[(0, 1000)])),
            (article(&["有字。"]), spans(&[])),
            (article(&["* * *"]), spans(&[(0, 1000)])),
            (article(&[]), spans(&[])),
        ] {
            let got = estimate(&article, &speech);
            assert_eq!(
                (got.method, got.words.len(), got.sentences.len()),
                (Method::Estimate, article.words.len(), article.sentences.len())
            );
        }
    }

    proptest::proptest! {
        #[test]
        fn words_are_in_order(lengths in proptest::collection::vec(1usize..30, 0..12), pauses in proptest::collection::vec((1u64..3000, 1u64..900), 0..20)) {
            let sentences: Vec<String> = lengths.iter().map(|&n| "字".repeat(n) + "。").collect();
            let article = article(&sentences.iter().map(String::as_str).collect::<Vec<_>>());
            let mut at = 0;
            let speech: Vec<Span> = pauses.iter().map(|&(speech, pause)| {
                at += speech + pause;
                Span::from_millis(at - speech, at)
            }).collect();
            let got = estimate(&article, &speech);
            let words: Vec<Span> = got.words.iter().filter_map(|timing| timing.span).collect();
            proptest::prop_assert!(words.windows(2).all(|pair| pair[0].end() <= pair[1].start()), "{words:?}");
            let sentences: Vec<Span> = got.sentences.iter().filter_map(|timing| timing.span).collect();
            proptest::prop_assert!(sentences.windows(2).all(|pair| pair[0].end() <= pair[1].start()), "{sentences:?}");
        }
    }
}
