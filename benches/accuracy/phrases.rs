//! A table of phrases over the demo episodes, with the places where each is said, and ways to look
//! for them.

use aloud::reading::Reading;
use aloud::search::{Query, Text, find, spoken};
use aloud::time::{Span, Timestamp};
use aloud::transcript::{SpokenWord, Transcript};

const TABLE: &str = include_str!("../../tests/data/phrases.tsv");
/// A hit within this many milliseconds of a place is there.
pub const WITHIN_MS: u64 = 300;

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
    let rows = fields.map(|fields| Row {
        episode: fields[0],
        kind: fields[1],
        phrase: fields[2],
        said: fields[3],
    });
    rows.filter(|row| row.episode == episode).collect()
}

impl Row {
    /// When the phrase begins, each time that it is said.
    pub fn times(&self, truth: &Transcript) -> Vec<Timestamp> {
        let words: Vec<&SpokenWord> = truth.words().collect();
        let said: Vec<&str> = self.said.split(' ').filter(|word| !word.is_empty()).collect();
        let plain = |text: &str| text.replace('’', "'").to_lowercase();
        let is_there = |run: &&[&SpokenWord]| {
            run.iter().zip(&said).all(|(word, said)| plain(&word.text) == *said)
        };
        words
            .windows(said.len().max(1))
            .filter(|_| !said.is_empty())
            .filter(is_there)
            .map(|run| run[0].span.start())
            .collect()
    }
}

impl Row {
    /// What comes of looking for it, where the truth is known.
    pub fn tally(&self, truth: &Transcript, finder: &Finder<'_>) -> Tally {
        let (times, hits) = (self.times(truth), finder(self.phrase));
        let is_near = |a: &Timestamp, b: &Timestamp| a.millis().abs_diff(b.millis()) <= WITHIN_MS;
        if times.is_empty() {
            return Tally {
                absent: 1,
                answered: usize::from(!hits.is_empty()),
                ..Tally::default()
            };
        }
        let found = times.iter().filter(|time| hits.iter().any(|hit| is_near(hit, time))).count();
        let wrong = hits.iter().filter(|hit| !times.iter().any(|time| is_near(hit, time))).count();
        Tally { places: times.len(), found, wrong, ..Tally::default() }
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
    pub fn add(&mut self, other: &Self) {
        self.places += other.places;
        self.found += other.found;
        self.absent += other.absent;
        self.answered += other.answered;
        self.wrong += other.wrong;
    }

    pub fn share(&self) -> f64 {
        self.found as f64 * 100.0 / self.places.max(1) as f64
    }

    pub fn print(&self) -> String {
        format!(
            "{:>6.1} %  {:>3}/{:<4} {:>5}",
            self.share(),
            self.answered,
            self.absent,
            self.wrong
        )
    }
}

/// By our search in what was said.
pub fn by_text(text: &Text) -> impl Fn(&str) -> Vec<Timestamp> {
    |phrase| {
        let hits = Query::parse(phrase).map(|query| find(text, &query)).unwrap_or_default();
        hits.into_iter().filter_map(|hit| hit.span).map(Span::start).collect()
    }
}

/// By our search in what was written and, besides, said.
pub fn by_reading(reading: &Reading) -> impl Fn(&str) -> Vec<Timestamp> {
    let (written, said) = (Text::heard(reading), Text::said(&reading.transcript));
    move |phrase| {
        let Ok(query) = Query::parse(phrase) else { return Vec::new() };
        let hits = spoken(reading, find(&written, &query), find(&said, &query));
        hits.into_iter().filter_map(|(_, hit)| hit.span).map(Span::start).collect()
    }
}

/// By letters and digits alone, in small letters: what a plain search would do.
pub fn by_letters(heard: &Transcript) -> impl Fn(&str) -> Vec<Timestamp> {
    let plain = |text: &str| {
        text.to_lowercase().chars().filter(|c| c.is_alphanumeric()).collect::<String>()
    };
    let (mut text, mut starts) = (String::new(), Vec::new());
    for word in heard.words() {
        text.push_str(&plain(&word.text));
        starts.resize(text.len(), word.span.start());
    }
    move |phrase| text.match_indices(&plain(phrase)).map(|(at, _)| starts[at]).collect()
}
