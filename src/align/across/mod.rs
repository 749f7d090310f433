//! A text in one language, speech or text in another: sentence to sentence.
//!
//! No model and no dictionary: sentences of like length in like order are the same, the more so when
//! both name the same numbers and names ([`links`]), end where a pause is ([`units`]), and hold words
//! that keep turning up together. Words have no times of their own then. This room never knows
//! which words of two languages mean the same, and guesses no sentence that the evidence leaves open:
//! confidence says how open it is.

mod links;
mod sound;
mod units;

pub use super::beads::Bead;

use super::beads::{Line, Path, Shape, tie};
use super::length::syllables;
use super::{Alignment, Method, SentenceTiming, Status, Timing, Unwritten};
use crate::article::Article;
use crate::time::Span;
use crate::transcript::Transcript;
use links::{Clues, Links};
use std::ops::Range;
use units::{Unit, units};

/// Whether an article and what is spoken are in different languages, so that words cannot be compared. Codes as in
/// ISO 639; varieties of Chinese share their writing. Unknown languages are taken to be the same.
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

/// How likely a sentence of an article is not read, and how likely if a narrator would probably skip it.
const SKIPPED: f64 = 0.02;
const SKIPPED_IF_LIKELY: f64 = 0.9;
/// How likely a sentence has no counterpart in a translation of its text.
const UNTRANSLATED: f64 = 0.01;
/// How likely a sentence is translated by one, and a paragraph ends where its counterpart does.
const ONE: f64 = 0.93;
const BLOCK: f64 = 0.97;
/// What leaving out speech costs, in nats for each second.
const UNWRITTEN_A_SECOND: f64 = 1.0;
/// How often the path is found anew with what the last one taught.
const ROUNDS: usize = 3;
/// A sentence whose counterpart is shorter than this share of what its length calls for is read in part.
const PARTLY: f64 = 0.4;

/// The sentences of `a` and `b` that say the same, in order; every sentence of both is in one bead. For two texts in
/// different languages.
pub fn pair(a: &Article, b: &Article) -> Vec<Bead> {
    let texts = |article: &Article| (0..article.sentences.len()).map(|i| article.sentence(i).to_owned()).collect::<Vec<_>>();
    let lines = |article: &Article| written(article, |_| (UNTRANSLATED, ONE));
    let shape = Shape { most_a: 3, most_b: 3, rate: 1.0, spread: 0.22, short: 4.0 };
    settle(&Side::new(lines(a), &texts(a)), &Side::new(lines(b), &texts(b)), shape).beads
}

/// When each sentence of `article` is spoken in `transcript`, which is in another language. Sentences have times, words
/// have none.
pub fn across(article: &Article, transcript: &Transcript) -> Alignment {
    let problem = Problem::of(article, transcript);
    let path = problem.solve();
    problem.alignment(&path, transcript)
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
}

/// The sentences of an article as lines; `chances` says for each how likely it has no counterpart, and how likely it is
/// one sentence there too.
fn written(article: &Article, chances: impl Fn(&crate::article::Sentence) -> (f64, f64)) -> Vec<Line> {
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
        if let Some(last) = block.sentences.end.checked_sub(1).and_then(|last| lines.get_mut(last)) {
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

/// The best path, with the rate and the words that go together learnt from it and used again.
fn settle(a: &Side, b: &Side, mut shape: Shape) -> Path {
    let total = |side: &Side| side.lines.iter().filter(|line| line.alone < line.tied).map(|line| line.length).sum::<f64>();
    shape.rate = ratio(total(a), total(b));
    let mut path = tie(&a.lines, &b.lines, shape, &Links::of(&a.clues, &b.clues));
    for _ in 1..ROUNDS {
        shape.rate = rate(a, b, &path).unwrap_or(shape.rate);
        path = tie(&a.lines, &b.lines, shape, &Links::learning(&a.clues, &b.clues, &path.beads));
    }
    path
}

fn ratio(a: f64, b: f64) -> f64 {
    if a > 0.0 && b > 0.0 { b / a } else { 1.0 }
}

/// The length of `b` to one of `a` over all that is tied.
fn rate(a: &Side, b: &Side, path: &Path) -> Option<f64> {
    let length = |lines: &[Line]| lines.iter().map(|line| line.length).sum::<f64>();
    let tied = path.beads.iter().filter(|bead| !bead.a.is_empty() && !bead.b.is_empty());
    let (of_a, of_b) = tied.fold((0.0, 0.0), |(of_a, of_b), bead| {
        (of_a + length(&a.lines[bead.a.clone()]), of_b + length(&b.lines[bead.b.clone()]))
    });
    (of_a > 0.0 && of_b > 0.0).then(|| of_b / of_a)
}

/// An article and speech, ready to be tied.
struct Problem<'a> {
    article: &'a Article,
    units: Vec<Unit>,
    a: Side,
    b: Side,
}

/// The time of a spoken sentence differs by this much (standard deviation of its logarithm) from what the length of the
/// written one calls for.
const SPREAD: f64 = 0.2;

impl<'a> Problem<'a> {
    fn of(article: &'a Article, transcript: &Transcript) -> Self {
        let is_likely = |sentence: &&crate::article::Sentence| sentence.skip.is_none();
        let n_sentences = article.sentences.iter().filter(is_likely).count();
        let units = units(transcript, n_sentences, article.blocks.len());
        let texts: Vec<String> = (0..article.sentences.len()).map(|i| article.sentence(i).to_owned()).collect();
        let heard: Vec<String> = units.iter().map(|unit| unit.text.clone()).collect();
        let chances = |sentence: &crate::article::Sentence| (if sentence.skip.is_some() { SKIPPED_IF_LIKELY } else { SKIPPED }, ONE);
        let (a, b) = (Side::new(written(article, chances), &texts), Side::new(spoken(&units), &heard));
        Self { article, units, a, b }
    }

    fn shape() -> Shape {
        Shape { most_a: 2, most_b: 12, rate: 1.0, spread: SPREAD, short: 4.0 }
    }

    fn solve(&self) -> Path {
        settle(&self.a, &self.b, Self::shape())
    }

    /// Times from the path.
    fn alignment(&self, path: &Path, transcript: &Transcript) -> Alignment {
        let words: Vec<(Span, f64)> = transcript.words().map(|word| (word.span, word.span.millis() as f64)).collect();
        let mut sentences = vec![unspoken(1.0); self.article.sentences.len()];
        let mut unwritten: Vec<Unwritten> = Vec::new();
        let mut was_unwritten = false;
        let rate = rate(&self.a, &self.b, path).unwrap_or(1.0);
        for bead in &path.beads {
            let is_unwritten = bead.a.is_empty();
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
            was_unwritten = is_unwritten;
        }
        Alignment {
            method: Method::Sentences,
            coverage: coverage(self.article, &sentences),
            words: vec![Timing::default(); self.article.words.len()],
            sentences,
            unwritten,
        }
    }

    /// Shares what was said in a bead among its sentences, cut at a pause near where their lengths ask for it.
    fn time(&self, bead: &Bead, rate: f64, words: &[(Span, f64)], sentences: &mut [SentenceTiming]) {
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
fn coverage(article: &Article, sentences: &[SentenceTiming]) -> f64 {
    let (mut found, mut all) = (0, 0);
    for (sentence, timing) in article.sentences.iter().zip(sentences).filter(|(sentence, _)| sentence.skip.is_none()) {
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
    Some(Unwritten { span: hull(said)?, text: crate::transcript::split::spell(text), spoken: first.words.start..last.words.end })
}

fn extend(unwritten: &mut Unwritten, said: &[Unit]) {
    for unit in said {
        unwritten.span = Span::new(unwritten.span.start(), unit.span.end());
        unwritten.text = crate::transcript::split::spell([unwritten.text.as_str(), unit.text.as_str()]);
        unwritten.spoken.end = unit.words.end;
    }
}

/// Cuts what was said into as many spans as there are lengths.
fn shares(said: &[Unit], words: &[(Span, f64)], lengths: &[f64]) -> Vec<Span> {
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

/// The best place near `at` to cut between two words of `range`: where the one before ends, where the one after begins,
/// and its number. A second of pause is worth going two and a half seconds further.
fn cut(words: &[(Span, f64)], range: Range<usize>, at: crate::time::Timestamp) -> Option<(crate::time::Timestamp, crate::time::Timestamp, usize)> {
    let worth = |i: &usize| {
        let (end, start) = (words[i - 1].0.end(), words[*i].0.start());
        2.5 * start.secs().max(end.secs()) - 2.5 * end.secs() - (end.secs() - at.secs()).abs()
    };
    let best = (range.start + 1..range.end).max_by(|a, b| worth(a).total_cmp(&worth(b)))?;
    Some((words[best - 1].0.end(), words[best].0.start(), best))
}
