//! Search: how many phrases of a table are found at their time, in perfect and in damaged transcripts, with and without the
//! article; and whether anything answers to phrases that are not there. Beside a plain substring search.

use crate::damage::damage;
use crate::truth::{Episode, transcript};
use aloud::align::align;
use aloud::reading::Reading;
use aloud::search::{Query, Text, find, spoken};
use aloud::time::Timestamp;
use aloud::transcript::{SpokenWord, Transcript};
use std::collections::BTreeMap;

const TABLE: &str = include_str!("../../tests/data/phrases.tsv");
const RATES: [f64; 4] = [0.0, 0.1, 0.2, 0.4];
const SEEDS: u64 = 5;
/// A hit within this many milliseconds of a place is there.
const WITHIN_MS: u64 = 300;

/// One phrase of the table.
pub struct Row {
    episode: &'static str,
    pub kind: &'static str,
    pub phrase: &'static str,
    said: &'static str,
}

pub fn rows(episode: &str) -> Vec<Row> {
    let lines = TABLE.lines().filter(|line| !line.starts_with('#'));
    let fields = lines.map(|line| line.split('\t').chain([""]).collect::<Vec<_>>());
    let rows = fields.map(|fields| Row { episode: fields[0], kind: fields[1], phrase: fields[2], said: fields[3] });
    rows.filter(|row| row.episode == episode).collect()
}

impl Row {
    /// When the phrase begins, each time that it is said.
    pub fn times(&self, truth: &Transcript) -> Vec<Timestamp> {
        let words: Vec<&SpokenWord> = truth.words().collect();
        let said: Vec<&str> = self.said.split(' ').filter(|word| !word.is_empty()).collect();
        let plain = |text: &str| text.replace('’', "'").to_lowercase();
        let is_there = |run: &&[&SpokenWord]| run.iter().zip(&said).all(|(word, said)| plain(&word.text) == *said);
        words.windows(said.len().max(1)).filter(|_| !said.is_empty()).filter(is_there).map(|run| run[0].span.start()).collect()
    }
}

/// Where something finds a phrase.
pub type Finder<'a> = dyn Fn(&str) -> Vec<Timestamp> + 'a;

/// What came of some rows.
#[derive(Clone, Copy, Default)]
pub struct Tally {
    pub places: usize,
    pub found: usize,
    /// Phrases that are not said, and those of them that something answers to.
    pub absent: usize,
    pub answered: usize,
    /// Answers elsewhere to phrases that are said.
    pub wrong: usize,
}

impl Tally {
    pub fn add(&mut self, row: &Row, truth: &Transcript, finder: &Finder<'_>) {
        let (times, hits) = (row.times(truth), finder(row.phrase));
        let is_near = |a: &Timestamp, b: &Timestamp| a.millis().abs_diff(b.millis()) <= WITHIN_MS;
        let n_found = times.iter().filter(|time| hits.iter().any(|hit| is_near(hit, time))).count();
        let n_wrong = hits.iter().filter(|hit| !times.iter().any(|time| is_near(hit, time))).count();
        if times.is_empty() {
            self.absent += 1;
            self.answered += usize::from(!hits.is_empty());
        } else {
            self.places += times.len();
            self.found += n_found;
            self.wrong += n_wrong;
        }
    }

    pub fn share(&self) -> f64 {
        self.found as f64 * 100.0 / self.places.max(1) as f64
    }

    fn print(&self) -> String {
        format!("{:>6.1} %  {:>3}/{:<4} {:>5}", self.share(), self.answered, self.absent, self.wrong)
    }
}

/// By our search in what was said.
fn by_text(text: &Text) -> impl Fn(&str) -> Vec<Timestamp> {
    |phrase| {
        let hits = Query::parse(phrase).map(|query| find(text, &query)).unwrap_or_default();
        hits.into_iter().filter_map(|hit| hit.span).map(|span| span.start()).collect()
    }
}

/// By our search in what was written and, besides, said.
fn by_reading(reading: &Reading) -> impl Fn(&str) -> Vec<Timestamp> {
    let (written, said) = (Text::heard(reading), Text::said(&reading.transcript));
    move |phrase| {
        let Ok(query) = Query::parse(phrase) else { return Vec::new() };
        let hits = spoken(reading, find(&written, &query), find(&said, &query));
        hits.into_iter().filter_map(|(_, hit)| hit.span).map(|span| span.start()).collect()
    }
}

/// By letters and digits alone, in small letters: what a plain search would do.
fn by_letters(heard: &Transcript) -> impl Fn(&str) -> Vec<Timestamp> {
    let plain = |text: &str| text.to_lowercase().chars().filter(|c| c.is_alphanumeric()).collect::<String>();
    let (mut text, mut starts) = (String::new(), Vec::new());
    for word in heard.words() {
        text.push_str(&plain(&word.text));
        starts.resize(text.len(), word.span.start());
    }
    move |phrase| text.match_indices(&plain(phrase)).map(|(at, _)| starts[at]).collect()
}

pub fn report() {
    println!("\nSearch: phrases found within {WITHIN_MS} ms; absent phrases that were answered; answers elsewhere (mean of {SEEDS} seeds)");
    println!("{:<15} {:>6}  {:<27} {:<27} {:<27}", "episode", "errors", "transcript", "transcript and article", "substring");
    for episode in ["open-models.en", "old-radio.zh"].map(Episode::load) {
        let rows = rows(episode.name);
        let mut kinds: BTreeMap<&str, Vec<[Tally; 3]>> = BTreeMap::new();
        for rate in RATES {
            let mut all = [Tally::default(); 3];
            let mut each: BTreeMap<&str, [Tally; 3]> = BTreeMap::new();
            for seed in 0..if rate == 0.0 { 1 } else { SEEDS } {
                let words: Vec<SpokenWord> = episode.transcript.words().cloned().collect();
                let heard = transcript(damage(&words, rate, 1000 + seed), episode.transcript.language.as_deref());
                let alignment = align(&episode.article, &heard);
                let text = Text::said(&heard);
                let reading = Reading { transcript: heard, article: episode.article.clone(), alignment };
                let finders: [&Finder<'_>; 3] = [&by_text(&text), &by_reading(&reading), &by_letters(&reading.transcript)];
                for row in &rows {
                    for (index, finder) in finders.into_iter().enumerate() {
                        all[index].add(row, &episode.transcript, finder);
                        each.entry(row.kind).or_default()[index].add(row, &episode.transcript, finder);
                    }
                }
            }
            println!("{:<15} {:>4.0} %  {:<27} {:<27} {:<27}", episode.name, rate * 100.0, all[0].print(), all[1].print(), all[2].print());
            for (kind, tallies) in each {
                kinds.entry(kind).or_default().push(tallies);
            }
        }
        println!("  found by kind, at {RATES:?}:");
        for (kind, rates) in kinds.iter().filter(|(_, rates)| rates[0][0].places > 0) {
            let shares = |index: usize| rates.iter().map(|t| format!("{:>4.0}", t[index].share())).collect::<Vec<_>>().join(" ");
            println!("  {kind:<10} transcript {}   article {}   substring {}", shares(0), shares(1), shares(2));
        }
    }
}
