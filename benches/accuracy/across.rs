//! Sentences tied across languages, against the pairs that the demo column is known to have.

#![allow(clippy::print_stdout, reason = "this is what it is for")]

use crate::aims::Aims;
use crate::column::{
    article, bare, chinese_sentences, damaged, narrated, pairs, text, transcript, truth,
};
use aloud::align::across::{Fit, across, fit, pair};
use aloud::align::{Alignment, Belongs, Status};
use aloud::article::Article;
use aloud::time::Span;
use aloud::transcript::Transcript;
use std::collections::BTreeSet;
use std::time::Instant;

/// The English column.
pub fn english() -> Article {
    let sentences: Vec<_> =
        truth("open-models.en.truth.json").sentences.into_iter().map(|(bytes, _)| bytes).collect();
    article(&text("open-models.en.txt"), "en", &sentences)
}

/// Its Chinese translation.
pub fn chinese() -> Article {
    let text = text("open-models.zh-Hant.txt");
    article(&text, "zh", &chinese_sentences(&text))
}

/// The narration with this share of words wrong.
pub fn narration(percent: usize) -> Transcript {
    damaged(&transcript("open-models.en.transcript.json"), percent, 7)
}

/// How many sentences of the English column are tied to a Chinese narration that pairs.json says
/// they go with, which is made up, at a pace that varies by this many percent, with this share of
/// characters wrong.
pub fn tied_to_chinese(vary: usize, percent: usize) -> (usize, usize) {
    let (english, chinese) = (english(), chinese());
    let (said, spans) = narrated(&chinese, vary, 3);
    let alignment = across(&english, &damaged(&said, percent, 7));
    let mut right = 0;
    let swapped = pairs().into_iter().map(|(en, zh)| (zh, en));
    for (line, zh) in counterparts(english.sentences.len(), swapped).iter().enumerate() {
        let spans: Vec<Span> = zh.iter().filter_map(|&line| spans[line]).collect();
        let want = spans
            .first()
            .zip(spans.last())
            .map(|(first, last)| Span::new(first.start(), last.end()));
        right += usize::from(match (want, alignment.sentences[line].span) {
            (Some(want), Some(got)) => got.clamp_to(want).millis() * 2 > got.millis(),
            (want, got) => want.is_none() && got.is_none(),
        });
    }
    (right, english.sentences.len())
}

/// How many sentences of the Chinese column are tied to the English ones they translate, and no
/// others.
pub fn tied_in_text() -> (usize, usize) {
    let beads = pair(&english(), &chinese());
    let found: Vec<BTreeSet<usize>> = counterparts(
        chinese().sentences.len(),
        beads.into_iter().map(|bead| (bead.a.collect(), bead.b.collect())),
    );
    let right = right(chinese().sentences.len());
    (found.iter().zip(&right).filter(|(found, right)| found == right).count(), right.len())
}

fn right(n: usize) -> Vec<BTreeSet<usize>> {
    counterparts(n, pairs().into_iter())
}

/// For each sentence of the second side, those of the first in its pair.
fn counterparts(
    n: usize,
    pairs: impl Iterator<Item = (Vec<usize>, Vec<usize>)>,
) -> Vec<BTreeSet<usize>> {
    let mut found = vec![BTreeSet::new(); n];
    for (a, b) in pairs {
        b.iter().for_each(|&line| found[line].extend(a.iter().copied()));
    }
    found
}

/// How right the times of an alignment of the Chinese column to the English narration are.
pub struct Measured {
    pub right: usize,
    pub all: usize,
    /// Errors of starts of sentences that translate one sentence, in seconds, sorted.
    pub starts: Vec<f64>,
    /// Seconds of introduction and advertisement that were given to sentences, and of sentences
    /// called unwritten.
    pub wrong_s: f64,
    pub lost_s: f64,
    pub mistakes: Vec<String>,
}

/// A sentence is right when it is rightly unspoken, or when its time is within that of the
/// sentences it translates, by more than half of either; where several share one sentence, by half
/// of its own.
pub fn measure(alignment: &Alignment, article: &Article) -> Measured {
    let truth = truth("open-models.en.truth.json");
    let mut shared = vec![1.0; article.sentences.len()];
    for (en, zh) in pairs() {
        zh.iter().for_each(|&line| shared[line] = zh.len() as f64 / en.len().max(1) as f64);
    }
    let mut measured = Measured {
        right: 0,
        all: article.sentences.len(),
        starts: Vec::new(),
        wrong_s: 0.0,
        lost_s: 0.0,
        mistakes: Vec::new(),
    };
    for (line, en) in right(article.sentences.len()).iter().enumerate() {
        let spans: Vec<Span> = en.iter().filter_map(|&line| truth.sentences[line].1).collect();
        let want = spans
            .first()
            .zip(spans.last())
            .map(|(first, last)| Span::new(first.start(), last.end()));
        let got = &alignment.sentences[line];
        let is_right = match (want, got.span) {
            (None, None) => got.status == Status::Unspoken,
            (Some(want), Some(got)) => {
                let both = got.clamp_to(want).millis() as f64;
                both > 0.5 * got.millis() as f64
                    && both > 0.5 * want.millis() as f64 / shared[line].max(1.0)
            }
            _ => false,
        };
        if let (Some(want), Some(got), 1) = (want, got.span, en.len())
            && shared[line] == 1.0
        {
            measured.starts.push((want.start().secs() - got.start().secs()).abs());
        }
        measured.right += usize::from(is_right);
        if !is_right {
            measured.mistakes.push(format!(
                "{line} {:?} for {want:?}, {:.2}: {}",
                got.span,
                got.confidence,
                article.sentence(line)
            ));
        }
    }
    measured.starts.sort_by(f64::total_cmp);
    for got in alignment.sentences.iter().filter_map(|sentence| sentence.span) {
        measured.wrong_s += truth
            .unwritten
            .iter()
            .map(|&unwritten| unwritten.clamp_to(got).millis() as f64 / 1000.0)
            .sum::<f64>();
    }
    for unwritten in &alignment.unwritten {
        let said = truth.sentences.iter().filter_map(|(_, span)| *span);
        measured.lost_s +=
            said.map(|said| said.clamp_to(unwritten.span).millis() as f64 / 1000.0).sum::<f64>();
    }
    measured
}

/// The value below which this share of sorted `values` lies.
pub fn quantile(values: &[f64], share: f64) -> f64 {
    values
        .get(((values.len() as f64 * share) as usize).min(values.len().saturating_sub(1)))
        .copied()
        .unwrap_or(f64::NAN)
}

/// Articles that do or do not belong to a narration, and how they fit.
pub fn fits() -> Vec<(&'static str, bool, Fit)> {
    let (chinese, said) = (chinese(), narration(0));
    let part = |text: &str, keep: &dyn Fn(usize) -> bool| {
        let blocks: Vec<&str> = text
            .split("\n\n")
            .enumerate()
            .filter(|(i, _)| keep(*i))
            .map(|(_, block)| block)
            .collect();
        let text = blocks.join("\n\n");
        article(&text, "zh", &chinese_sentences(&text))
    };
    let radio = text("old-radio.zh-Hant.txt");
    let mut backwards: Vec<&str> = chinese.text.split("\n\n").collect();
    backwards.reverse();
    let backwards = backwards.join("\n\n");
    let half =
        Transcript { segments: said.segments[..said.segments.len() / 2].to_vec(), ..said.clone() };
    vec![
        ("the column", true, fit(&chinese, &said)),
        ("the column, 40 % errors", true, fit(&chinese, &bare(&narration(40)))),
        ("an excerpt", true, fit(&part(&chinese.text, &|i| (10..20).contains(&i)), &said)),
        ("a short excerpt", true, fit(&part(&chinese.text, &|i| (20..23).contains(&i)), &said)),
        ("half the narration", true, fit(&chinese, &half)),
        ("another column", false, fit(&article(&radio, "zh", &chinese_sentences(&radio)), &said)),
        (
            "the column backwards",
            false,
            fit(&article(&backwards, "zh", &chinese_sentences(&backwards)), &said),
        ),
        ("the other half", false, fit(&part(&chinese.text, &|i| i > 30), &half)),
    ]
}

/// So large a share of sentences has to be right.
const LEAST_RIGHT: f64 = 0.97;
/// And where the pace is as uneven as that of nobody who reads aloud, and a fifth of the words is
/// wrong besides.
const LEAST_UNEVEN: f64 = 0.93;

/// Prints what share of sentences is tied to the right one.
pub fn report(aims: &mut Aims) {
    let (right, all) = tied_in_text();
    println!("across  text to text: {right}/{all} sentences tied to the right ones");
    aims.at_least("across, text to text", right as f64 / all as f64, LEAST_RIGHT);
    let article = chinese();
    for (name, transcript) in [
        ("perfect transcript", narration(0)),
        ("20 % word errors", narration(20)),
        ("no marks", bare(&narration(0))),
        ("no marks, 20 % errors", bare(&narration(20))),
    ] {
        let begun = Instant::now();
        let alignment = across(&article, &transcript);
        let took = begun.elapsed();
        let got = measure(&alignment, &article);
        println!(
            "across  {name}: {}/{} sentences right, starts within {:.2} s (median) and {:.2} s (90 %), {:.1} s of unwritten speech given to text, {:.1} s the other way, {} ms",
            got.right,
            got.all,
            quantile(&got.starts, 0.5),
            quantile(&got.starts, 0.9),
            got.wrong_s,
            got.lost_s,
            took.as_millis()
        );
        aims.at_least(&format!("across, {name}"), got.right as f64 / got.all as f64, LEAST_RIGHT);
        if std::env::var_os("VERBOSE").is_some() {
            got.mistakes.iter().for_each(|mistake| println!("        {mistake}"));
        }
    }
    for (vary, percent) in [(10, 0), (20, 20)] {
        let (right, all) = tied_to_chinese(vary, percent);
        println!(
            "across  English text, made-up Chinese speech at a pace varied by {vary} %, {percent} % wrong: {right}/{all} sentences right"
        );
        let least = if percent > 0 { LEAST_UNEVEN } else { LEAST_RIGHT };
        aims.at_least(
            &format!("across, pace varied by {vary} %, {percent} % wrong"),
            right as f64 / all as f64,
            least,
        );
    }
    for (name, belongs, fit) in fits() {
        let verdict =
            if (fit.belongs() == Belongs::Yes) == belongs { "rightly" } else { "WRONGLY" };
        aims.holds(&format!("across, {name}"), (fit.belongs() == Belongs::Yes) == belongs);
        println!(
            "across  {name}: {verdict} {}: {fit}",
            if fit.belongs() == Belongs::Yes { "taken" } else { "refused" }
        );
    }
}
