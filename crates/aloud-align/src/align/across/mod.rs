//! A text in one language, speech or text in another: sentence to sentence.
//!
//! No model and no dictionary: sentences of like length in like order are the same, the more so
//! when both name the same numbers and names (`links`), end where a pause is (`units`), and hold
//! words that keep turning up together. Words have no times of their own then. This room never
//! knows which words of two languages mean the same, and guesses no sentence that the evidence
//! leaves open: confidence says how open it is.

mod fit;
mod links;
mod sound;
mod units;

pub use super::beads::Bead;
pub use fit::{Fit, fit, pair_fit};

use super::beads::{Line, Path, Shape, likely_rate, rate, tie, weigh};
use super::length::syllables;
use super::{Alignment, Method, SentenceTiming, Status, Timing, Unwritten};
use crate::article::{Article, Sentence};
use crate::time::{Span, Timestamp};
use crate::transcript::Transcript;
use crate::transcript::split::spell;
use links::{Clues, Links};
use std::ops::Range;
use units::{Unit, units};

/// Whether an article and what is spoken are in different languages, so that words cannot be
/// compared. Codes as in ISO 639; varieties of Chinese share their writing. Unknown languages are
/// taken to be the same.
pub fn is_across(written: Option<&str>, spoken: Option<&str>) -> bool {
    match (written, spoken) {
        (Some(written), Some(spoken)) => family(written) != family(spoken),
        _ => false,
    }
}

/// The written language that a code stands for.
fn family(code: &str) -> String {
    let primary = code.split(['-', '_']).next().unwrap_or_default().to_ascii_lowercase();
    match primary.as_str() {
        "zh" | "zho" | "chi" | "cmn" | "yue" | "wuu" | "nan" | "hak" | "lzh" => "zh".to_owned(),
        "no" | "nb" | "nn" | "nob" | "nno" | "nor" => "no".to_owned(),
        "en" | "eng" => "en".to_owned(),
        "ja" | "jpn" => "ja".to_owned(),
        "ko" | "kor" => "ko".to_owned(),
        "de" | "deu" | "ger" => "de".to_owned(),
        "fr" | "fra" | "fre" => "fr".to_owned(),
        "es" | "spa" => "es".to_owned(),
        _ => primary,
    }
}

/// How likely a sentence of an article is not read, and how likely if a narrator would probably
/// skip it.
const SKIPPED: f64 = 0.02;
const SKIPPED_IF_LIKELY: f64 = 0.9;
/// How likely a sentence has no counterpart in a translation of its text.
const UNTRANSLATED: f64 = 0.01;
/// What it costs to begin or end leaving such sentences out within a paragraph: nothing, since
/// translators leave out single ones.
const LEFT_INSIDE: f64 = 0.0;
/// How likely a sentence is translated by one, and a paragraph ends where its counterpart does.
const ONE: f64 = 0.93;
const BLOCK: f64 = 0.97;
/// What it costs to begin or end leaving out sentences within a paragraph: narrators pass over what
/// stands apart.
pub(super) const INSIDE: f64 = -1.5;
/// What leaving out speech costs, in nats for each second.
const UNWRITTEN_A_SECOND: f64 = 0.4;
/// How often the path is found anew with what the last one taught.
const ROUNDS: usize = 3;
/// A sentence whose counterpart is shorter than this share of what its length calls for is read in
/// part.
const PARTLY: f64 = 0.4;

/// The sentences of `a` and `b` that say the same, in order; every sentence of both is in one bead.
/// For two texts in different languages.
///
/// Lengths are measured by the first side's, so that the likelier path depends on which one is the
/// first: both are tried, and the likelier one stands. (Of the demo's column, with up to six
/// sentences taken out of either text, the one has 95 to 99.6 % of the links right, the other 93 to
/// 97.5 %.)
pub fn pair(a: &Article, b: &Article) -> Vec<Bead> {
    let (there, back) = (Texts::of(a, b).settle().0, Texts::of(b, a).settle().0);
    if there.score >= back.score {
        return there.beads;
    }
    back.beads.into_iter().map(|bead| Bead { a: bead.b, b: bead.a, ..bead }).collect()
}

/// When each sentence of `article` is spoken in `transcript`, which is in another language.
/// Sentences have times, words have none.
pub fn across(article: &Article, transcript: &Transcript) -> Alignment {
    let problem = Problem::of(article, transcript);
    let (path, rate) = problem.solve();
    problem.alignment(&path, rate, transcript)
}

/// Two texts in different languages, ready to be paired.
struct Texts {
    sentences: Vec<String>,
    a: Side,
    b: Side,
}

impl Texts {
    const SHAPE: Shape = Shape {
        most_a: 3,
        most_b: 3,
        rate: 1.0,
        spread: 0.22,
        short: 4.0,
        most_off: 3.0,
        inside: LEFT_INSIDE,
    };

    fn of(a: &Article, b: &Article) -> Self {
        let texts = |article: &Article| {
            (0..article.sentences.len()).map(|i| article.sentence(i).to_owned()).collect::<Vec<_>>()
        };
        let lines = |article: &Article| written(article, |_| (UNTRANSLATED, ONE));
        let sentences = texts(a);
        Self { a: Side::new(lines(a), &sentences), b: Side::new(lines(b), &texts(b)), sentences }
    }

    /// The best path, and how much longer the second text is.
    fn settle(&self) -> (Path, f64) {
        settle(
            &self.a,
            &self.b,
            Self::SHAPE,
            &[likely_rate(&self.a.lines, &self.b.lines).unwrap_or(1.0)],
        )
    }

    /// How likely the best path is with the sentences of the first text in this order.
    fn score(&self, order: &[usize], rate: f64) -> f64 {
        self.a.score(&self.sentences, order, &self.b, Shape { rate, ..Self::SHAPE })
    }
}

/// One side of the task.
struct Side {
    lines: Vec<Line>,
    clues: Clues,
}

impl Side {
    fn new(lines: Vec<Line>, texts: &[String]) -> Self {
        Self { lines, clues: Clues::of(texts.iter().map(String::as_str)) }
    }

    /// How likely the best path to `other` is with these sentences, which are `texts`, in another
    /// order.
    fn score(&self, texts: &[String], order: &[usize], other: &Self, shape: Shape) -> f64 {
        let texts: Vec<String> = order.iter().map(|&i| texts[i].clone()).collect();
        let own = Self::new(order.iter().map(|&i| self.lines[i]).collect(), &texts);
        tie(&own.lines, &other.lines, shape, &Links::of(&own.clues, &other.clues), None).score
    }
}

/// The sentences of an article as lines; `chances` says for each how likely it has no counterpart,
/// and how likely it is one sentence there too.
pub(super) fn written(article: &Article, chances: impl Fn(&Sentence) -> (f64, f64)) -> Vec<Line> {
    let mut lines: Vec<Line> = (0..article.sentences.len())
        .map(|i| {
            let length = syllables(article.sentence(i));
            let (alone, end) = chances(&article.sentences[i]);
            // "* * *" is nothing to say.
            let alone = if length > 0.0 { alone } else { 0.99 };
            Line { length, end, block: 1.0 - BLOCK, alone: alone.ln(), tied: (1.0 - alone).ln() }
        })
        .collect();
    for block in &article.blocks {
        if let Some(last) = block.sentences.end.checked_sub(1).and_then(|last| lines.get_mut(last))
        {
            last.block = BLOCK;
            last.end = last.end.max(0.99);
        }
    }
    lines
}

/// What was said, as lines.
fn spoken(units: &[Unit]) -> Vec<Line> {
    let line = |unit: &Unit| Line {
        length: unit.seconds,
        end: unit.end,
        block: unit.block,
        alone: -UNWRITTEN_A_SECOND * unit.seconds,
        tied: 0.0,
    };
    units.iter().map(line).collect()
}

/// The best path, with the rate and the words that go together learnt from it and used again. Of
/// `rates` to begin with the one with the best path is taken.
fn settle(a: &Side, b: &Side, mut shape: Shape, rates: &[f64]) -> (Path, f64) {
    let mut links = Links::of(&a.clues, &b.clues);
    let (mut path, begun) = begin_with(a, b, shape, rates, &links);
    shape.rate = begun;
    for _ in 1..ROUNDS {
        shape.rate = rate(&a.lines, &b.lines, &path).unwrap_or(shape.rate);
        links = Links::learning(&a.clues, &b.clues, &path.beads);
        path = tie(&a.lines, &b.lines, shape, &links, Some(&path));
    }
    weigh(&a.lines, &b.lines, shape, &links, &mut path);
    (path, shape.rate)
}

/// The best of the paths that begin with each of `rates`, and its rate.
fn begin_with(a: &Side, b: &Side, shape: Shape, rates: &[f64], links: &Links) -> (Path, f64) {
    let paths = rates
        .iter()
        .map(|&rate| (tie(&a.lines, &b.lines, Shape { rate, ..shape }, links, None), rate));
    paths.max_by(|p, q| p.0.score.total_cmp(&q.0.score)).unwrap_or_default()
}

/// What a narrator would probably skip is taken to be read only if this sure.
const BELIEVED: f32 = 0.25;

/// An article and speech, ready to be tied.
struct Problem<'a> {
    article: &'a Article,
    units: Vec<Unit>,
    a: Side,
    b: Side,
}

/// Seconds of speech for each syllable, about; English is somewhat quicker than Chinese characters.
const USUAL_PACE: f64 = 0.19;
/// Paces that are tried, in seconds of speech for each syllable of the written language.
const PACES: [f64; 4] = [0.12, 0.16, 0.21, 0.28];

/// The time of a spoken sentence differs by this much (standard deviation of its logarithm) from
/// what the length of the written one calls for.
const SPREAD: f64 = 0.2;

impl<'a> Problem<'a> {
    fn of(article: &'a Article, transcript: &Transcript) -> Self {
        let syllables: f64 =
            (0..article.sentences.len()).map(|i| syllables(article.sentence(i))).sum();
        let every = |n: usize| (syllables * USUAL_PACE / n.max(1) as f64).max(1.0);
        let units = units(transcript, every(article.sentences.len()), every(article.blocks.len()));
        let texts: Vec<String> =
            (0..article.sentences.len()).map(|i| article.sentence(i).to_owned()).collect();
        let heard: Vec<String> = units.iter().map(|unit| unit.text.clone()).collect();
        let chances = |sentence: &Sentence| {
            (if sentence.skip.is_some() { SKIPPED_IF_LIKELY } else { SKIPPED }, ONE)
        };
        let (a, b) =
            (Side::new(written(article, chances), &texts), Side::new(spoken(&units), &heard));
        Self { article, units, a, b }
    }

    fn shape() -> Shape {
        Shape {
            most_a: 2,
            most_b: 12,
            rate: 1.0,
            spread: SPREAD,
            short: 4.0,
            most_off: 3.0,
            inside: INSIDE,
        }
    }

    fn solve(&self) -> (Path, f64) {
        // All of the text over all of the speech, or a part of one at a usual pace.
        let mut rates = PACES.to_vec();
        rates.extend(
            likely_rate(&self.a.lines, &self.b.lines)
                .filter(|rate| (PACES[0]..=PACES[PACES.len() - 1]).contains(rate)),
        );
        settle(&self.a, &self.b, Self::shape(), &rates)
    }

    /// How likely the best path is with the sentences in this order.
    fn score(&self, order: &[usize], rate: f64) -> f64 {
        let texts: Vec<String> = (0..self.article.sentences.len())
            .map(|i| self.article.sentence(i).to_owned())
            .collect();
        self.a.score(&texts, order, &self.b, Shape { rate, ..Self::shape() })
    }

    /// Times from the path.
    fn alignment(&self, path: &Path, rate: f64, transcript: &Transcript) -> Alignment {
        let words: Vec<Span> = transcript.words().map(|word| word.span).collect();
        let mut sentences = vec![unspoken(1.0); self.article.sentences.len()];
        let mut unwritten: Vec<Unwritten> = Vec::new();
        let mut was_unwritten = false;
        for bead in &path.beads {
            let is_unwritten = bead.a.is_empty() || self.is_unbelievable(bead);
            if bead.b.is_empty() {
                bead.a.clone().for_each(|i| sentences[i] = unspoken(bead.confidence));
            } else if is_unwritten {
                let said = &self.units[bead.b.clone()];
                match unwritten.last_mut().filter(|_| was_unwritten) {
                    Some(last) => extend(last, said),
                    None => unwritten.extend(begin(said)),
                }
            } else {
                self.time(bead, rate, &words, &mut sentences[bead.a.clone()]);
            }
            // Text that is not read does not part what is said around it.
            was_unwritten = is_unwritten || (bead.b.is_empty() && was_unwritten);
        }
        Alignment {
            method: Method::Sentences,
            coverage: coverage(self.article, &sentences),
            words: vec![Timing::default(); self.article.words.len()],
            sentences,
            unwritten,
            ..Alignment::default()
        }
    }

    /// Whether a bead holds only what a narrator would skip, and little speaks for it.
    fn is_unbelievable(&self, bead: &Bead) -> bool {
        bead.confidence < BELIEVED
            && self.article.sentences[bead.a.clone()].iter().all(|sentence| sentence.skip.is_some())
    }

    /// Shares what was said in a bead among its sentences, cut at a pause near where their lengths
    /// ask for it.
    fn time(&self, bead: &Bead, rate: f64, words: &[Span], sentences: &mut [SentenceTiming]) {
        let said = &self.units[bead.b.clone()];
        let lengths: Vec<f64> = bead.a.clone().map(|i| self.a.lines[i].length).collect();
        let found: f64 = said.iter().map(|unit| unit.seconds).sum();
        let wanted = lengths.iter().sum::<f64>() * rate;
        let status = if found < PARTLY * wanted { Status::Partly } else { Status::Spoken };
        let spans = shares(said, words, &lengths);
        // Where a cut inside a spoken sentence was guessed, each part is less sure.
        let confidence = if spans.len() > 1 { 0.7 * bead.confidence } else { bead.confidence };
        for (sentence, span) in sentences.iter_mut().zip(spans) {
            *sentence = SentenceTiming { status, span: Some(span), confidence };
        }
    }
}

fn unspoken(confidence: f32) -> SentenceTiming {
    SentenceTiming { status: Status::Unspoken, span: None, confidence }
}

/// The share of the words that a narrator would read whose sentences were found.
pub(super) fn coverage(article: &Article, sentences: &[SentenceTiming]) -> f64 {
    let (mut found, mut all) = (0, 0);
    for (sentence, timing) in
        article.sentences.iter().zip(sentences).filter(|(sentence, _)| sentence.skip.is_none())
    {
        all += sentence.words.len();
        found += if timing.span.is_some() { sentence.words.len() } else { 0 };
    }
    if all == 0 { 0.0 } else { f64::from(found as u32) / f64::from(all as u32) }
}

fn hull(units: &[Unit]) -> Option<Span> {
    Some(Span::new(units.first()?.span.start(), units.last()?.span.end()))
}

fn begin(said: &[Unit]) -> Option<Unwritten> {
    let (first, last) = (said.first()?, said.last()?);
    let text = said.iter().map(|unit| unit.text.as_str()).collect::<Vec<_>>();
    Some(Unwritten {
        span: hull(said)?,
        text: spell(text),
        spoken: first.words.start..last.words.end,
    })
}

fn extend(unwritten: &mut Unwritten, said: &[Unit]) {
    for unit in said {
        unwritten.span = Span::new(unwritten.span.start(), unit.span.end());
        unwritten.text = spell([unwritten.text.as_str(), unit.text.as_str()]);
        unwritten.spoken.end = unit.words.end;
    }
}

/// Cuts what was said into as many spans as there are lengths.
fn shares(said: &[Unit], words: &[Span], lengths: &[f64]) -> Vec<Span> {
    let Some(whole) = hull(said) else { return Vec::new() };
    let range: Range<usize> = said[0].words.start..said[said.len() - 1].words.end;
    let total: f64 = lengths.iter().sum();
    let mut spans = Vec::new();
    let (mut start, mut from, mut sum) = (whole.start(), range.start, 0.0);
    for length in &lengths[..lengths.len() - 1] {
        sum += length;
        let at = whole.start().plus((whole.millis() as f64 * sum / total.max(1e-9)) as u64);
        let (end, next, word) = cut(words, from..range.end, at).unwrap_or((at, at, from));
        let end = end.max(start);
        spans.push(Span::new(start, end));
        (start, from) = (next.max(end), word);
    }
    spans.push(Span::new(start, whole.end().max(start)));
    spans
}

/// The best place near `at` to cut between two words of `range`: where the one before ends, where
/// the one after begins, and its number. A second of pause is worth going two and a half seconds
/// further.
fn cut(
    words: &[Span],
    range: Range<usize>,
    at: Timestamp,
) -> Option<(Timestamp, Timestamp, usize)> {
    let worth = |i: &usize| {
        let (end, start) = (words[i - 1].end(), words[*i].start());
        2.5 * start.secs().max(end.secs()) - 2.5 * end.secs() - (end.secs() - at.secs()).abs()
    };
    let best = (range.start + 1..range.end).max_by(|a, b| worth(a).total_cmp(&worth(b)))?;
    Some((words[best - 1].end(), words[best].start(), best))
}

#[cfg(test)]
mod tests;
