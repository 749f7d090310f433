//! Search: how many phrases of a table are found at their time, in perfect and in damaged
//! transcripts, with and without the article; and whether anything answers to phrases that are not
//! there. Beside a plain substring search.

use crate::aims::Aims;
use crate::damage::damage;
use crate::phrases::{Finder, Row, Tally, WITHIN_MS, by_letters, by_reading, by_text, rows};
use crate::truth::{Episode, transcript};
use aloud::align::align;
use aloud::reading::Reading;
use aloud::search::{Options, Query, Text, find};
use aloud::time::Span;
use aloud::transcript::{SpokenWord, split};
use std::collections::BTreeMap;
use std::time::Instant;

/// The share of wrong words; of phrases so many percent have to be found with the transcript alone,
/// and with the article. Two words one of which is another can't be told from two that nobody said:
/// more is not to be had from a transcript that is wrong by 40 %.
const RATES: [(f64, f64, f64); 4] =
    [(0.0, 97.0, 97.0), (0.1, 90.0, 97.0), (0.2, 80.0, 95.0), (0.4, 55.0, 85.0)];
const SEEDS: u64 = 5;

/// One way to search, at each error rate.
type Ways = [Tally; 3];

pub fn report(aims: &mut Aims) {
    println!(
        "\nSearch: phrases found within {WITHIN_MS} ms; absent phrases that were answered; answers elsewhere (sum of {SEEDS} seeds)"
    );
    println!(
        "{:<15} {:>6}  {:<26} {:<26} {:<26}",
        "episode", "errors", "transcript", "transcript and article", "substring"
    );
    for episode in ["open-models.en", "old-radio.zh"].map(Episode::load) {
        let rows = rows(episode.name);
        let mut kinds: BTreeMap<&str, Vec<Ways>> = BTreeMap::new();
        for (rate, alone, with_article) in RATES {
            let mut all = Ways::default();
            let mut each: BTreeMap<&str, Ways> = BTreeMap::new();
            for seed in 0..if rate == 0.0 { 1 } else { SEEDS } {
                try_all(&episode, &rows, rate, seed, &mut |row, way, tally| {
                    all[way].add(&tally);
                    each.entry(row.kind).or_default()[way].add(&tally);
                });
            }
            println!(
                "{:<15} {:>4.0} %  {:<26} {:<26} {:<26}",
                episode.name,
                rate * 100.0,
                all[0].print(),
                all[1].print(),
                all[2].print()
            );
            for (way, least) in [("transcript", alone), ("article", with_article)] {
                let tally = &all[usize::from(way == "article")];
                let what = format!("search, {} at {:.0} %, {way}", episode.name, rate * 100.0);
                aims.at_least(&what, tally.share(), least);
                aims.at_most(&format!("{what}, false answers"), tally.answered as f64, 0.0);
            }
            for (kind, ways) in each {
                kinds.entry(kind).or_default().push(ways);
            }
        }
        println!("  found by kind, in percent, at {:?}:", RATES.map(|(rate, ..)| rate));
        for (kind, rates) in kinds.iter().filter(|(_, rates)| rates[0][0].places > 0) {
            let shares = |way: usize| {
                rates
                    .iter()
                    .map(|ways| format!("{:>4.0}", ways[way].share()))
                    .collect::<Vec<_>>()
                    .join("")
            };
            println!(
                "  {kind:<10} transcript {}   article {}   substring {}",
                shares(0),
                shares(1),
                shares(2)
            );
        }
    }
    speed();
}

/// Looks for each row in a transcript with so many words wrong, in each way.
fn try_all(
    episode: &Episode,
    rows: &[Row],
    rate: f64,
    seed: u64,
    take: &mut dyn FnMut(&Row, usize, Tally),
) {
    let words: Vec<SpokenWord> = episode.transcript.words().cloned().collect();
    let heard =
        transcript(damage(&words, rate, 1000 + seed), episode.transcript.language.as_deref());
    let alignment = align(&episode.article, &heard);
    let text = Text::said(&heard);
    let reading = Reading { transcript: heard, article: episode.article.clone(), alignment };
    let ways: [&Finder<'_>; 3] =
        [&by_text(&text), &by_reading(&reading), &by_letters(&reading.transcript)];
    for row in rows {
        for (way, finder) in ways.into_iter().enumerate() {
            take(row, way, row.tally(&episode.transcript, finder));
        }
    }
}

/// What a query costs in a text of a hundred thousand words.
pub fn speed() {
    println!("\nSearch in 100,000 words: each episode again and again, with other words between");
    for (name, phrases) in [
        (
            "open-models.en",
            [
                "the",
                "open models",
                "walter fynch",
                "a large langauge model",
                "quantum computer",
                "o",
            ],
        ),
        ("old-radio.zh", ["的", "奶奶", "深度求索", "shenduqiusuo", "股票市場", "開放的模形"]),
    ] {
        let words: Vec<SpokenWord> = Episode::load(name).transcript.words().cloned().collect();
        let many: Vec<String> = (0..100_000).map(|i| word(&words, i)).collect();
        let line = split::spell(many.iter().map(String::as_str));
        let ranges: Vec<_> =
            split::words(&line).into_iter().map(|range| split::core(&line, range)).collect();
        let spans: Vec<_> = (0..ranges.len() as u64)
            .map(|at| Some(Span::from_millis(300 * at, 300 * at + 250)))
            .collect();
        let clock = Instant::now();
        let text = Text::new(line.as_str(), ranges, spans, []);
        println!(
            "{name}: {} words prepared in {:.0} ms",
            text.len(),
            clock.elapsed().as_secs_f64() * 1000.0
        );
        for phrase in phrases {
            let clock = Instant::now();
            let query = Query::new(phrase, Options { is_typing: true, ..Options::default() })
                .expect("a phrase");
            let n = find(&text, &query).len();
            println!("  {:>7.2} ms  {n:>6} hits  {phrase}", clock.elapsed().as_secs_f64() * 1000.0);
        }
    }
}

/// The word at `at` of an endless text: the episode's, every third one with letters changed so that
/// there are many words.
fn word(words: &[SpokenWord], at: usize) -> String {
    let text = &words[at % words.len()].text;
    let round = at / words.len();
    if !at.is_multiple_of(3) || round == 0 || !text.is_ascii() {
        return text.clone();
    }
    let change = |(i, c): (usize, char)| {
        if c.is_ascii_lowercase() {
            (b'a' + (c as u8 - b'a' + ((round * 7 + i) % 26) as u8) % 26) as char
        } else {
            c
        }
    };
    text.chars().enumerate().map(change).collect()
}
