//! Alignment: how many words have the right time, which passages are found, and whether wrong
//! articles are refused.

use crate::aims::Aims;
use crate::damage::{Random, damage};
use crate::truth::{Episode, article, text, transcript};
use aloud::align::{Alignment, Belongs, Status, align, verdict};
use aloud::article::Article;
use aloud::transcript::{SpokenWord, Transcript};
use std::ops::Range;

/// Each error rate is tried with so many seeds.
const SEEDS: u64 = 5;
/// The share of wrong words; of read words so many percent must start within 0.2 s then, and of
/// sentences within 0.5 s.
const RATES: [(f64, f64, f64); 5] = [
    (0.0, 100.0, 100.0),
    (0.05, 99.8, 99.5),
    (0.1, 99.8, 99.5),
    (0.2, 99.5, 99.0),
    (0.4, 99.0, 98.0),
];
/// So many seconds may be given to text that is not read.
const UNREAD_S: f64 = 2.0;

pub fn report(aims: &mut Aims) {
    println!(
        "Alignment, from true transcripts with so many words made wrong (mean of {SEEDS} seeds)"
    );
    println!(
        "  words: read words that start within so many ms; sentences: that start within 0.5 s;"
    );
    println!(
        "  unread, unwritten: precision/recall; unread s: seconds given to unread text; status: sentences judged right\n"
    );
    println!(
        "{:<15} {:>6} {:>7} {:>7} {:>7} {:>9} {:>11} {:>11} {:>8} {:>7} {:>8}",
        "episode",
        "errors",
        "100 ms",
        "200 ms",
        "500 ms",
        "sentences",
        "unread",
        "unwritten",
        "unread s",
        "status",
        "verdict"
    );
    for episode in ["open-models.en", "old-radio.zh"].map(Episode::load) {
        for (rate, words, sentences) in RATES {
            let seeds = if rate == 0.0 { 1 } else { SEEDS };
            let mut sum = Score::default();
            for seed in 0..seeds {
                let words: Vec<SpokenWord> = episode.transcript.words().cloned().collect();
                let heard = transcript(
                    damage(&words, rate, 1000 + seed),
                    episode.transcript.language.as_deref(),
                );
                sum.add(&episode, &heard);
            }
            let errors = format!("{:.0} %", rate * 100.0);
            sum.print(episode.name, &errors);
            let what = format!("align, {} at {errors}", episode.name);
            aims.at_least(
                &format!("{what}, words within 0.2 s"),
                share(sum.within[1], sum.n_words),
                words,
            );
            aims.at_least(
                &format!("{what}, sentences"),
                share(sum.starts, sum.n_starts),
                sentences,
            );
            aims.at_most(
                &format!("{what}, unread seconds"),
                sum.unread_s / sum.n_alignments as f64,
                UNREAD_S,
            );
            aims.holds(&format!("{what}, belongs"), sum.belongs == sum.n_alignments);
        }
    }
    println!("\nWrong articles");
    wrong(aims);
}

/// Counts of one or several alignments.
#[derive(Default)]
struct Score {
    n_words: usize,
    within: [usize; 3],
    n_starts: usize,
    starts: usize,
    unread: Found,
    unwritten: Found,
    unread_s: f64,
    n_alignments: usize,
    n_sentences: usize,
    status: usize,
    belongs: usize,
}

#[derive(Default)]
struct Found {
    right: usize,
    claimed: usize,
    real: usize,
}

impl Found {
    fn add(&mut self, claimed: bool, real: bool) {
        self.claimed += usize::from(claimed);
        self.real += usize::from(real);
        self.right += usize::from(claimed && real);
    }

    fn shares(&self) -> String {
        let share = |whole: usize| {
            if whole == 0 { 100.0 } else { self.right as f64 * 100.0 / whole as f64 }
        };
        format!("{:.1}/{:.1}", share(self.claimed), share(self.real))
    }
}

impl Score {
    fn add(&mut self, episode: &Episode, heard: &Transcript) {
        let alignment = align(&episode.article, heard);
        self.add_words(episode, heard, &alignment);
        self.add_sentences(episode, &alignment);
        self.add_unwritten(episode, heard, &alignment);
        self.n_alignments += 1;
        self.belongs +=
            usize::from(verdict(&episode.article, heard, &alignment).belongs() == Belongs::Yes);
    }

    fn add_words(&mut self, episode: &Episode, heard: &Transcript, alignment: &Alignment) {
        let is_listing = std::env::var_os("ACCURACY_LIST").is_some();
        for (index, (truth, timing)) in episode.read.iter().zip(&alignment.words).enumerate() {
            let Some(truth) = truth else {
                self.unread_s += timing.span.map_or(0.0, |span| span.millis() as f64 / 1000.0);
                continue;
            };
            self.n_words += 1;
            let off =
                timing.span.map(|span| span.start().millis().abs_diff(truth.start().millis()));
            for (count, limit) in self.within.iter_mut().zip([100, 200, 500]) {
                *count += usize::from(off.is_some_and(|off| off <= limit));
            }
            if is_listing && off.is_none_or(|off| off > 200) {
                list(episode, heard, index, off);
            }
        }
    }

    fn add_sentences(&mut self, episode: &Episode, alignment: &Alignment) {
        for (index, (sentence, timing)) in
            episode.article.sentences.iter().zip(&alignment.sentences).enumerate()
        {
            let is_read = episode.is_read[index];
            self.n_sentences += 1;
            let is_right = timing.status == if is_read { Status::Spoken } else { Status::Unspoken };
            self.status += usize::from(is_right);
            if !is_right && std::env::var_os("ACCURACY_LIST").is_some() {
                let timed: Vec<String> = sentence
                    .words
                    .clone()
                    .filter_map(|word| {
                        Some(format!(
                            "{} {:.2} ({:.2})",
                            episode.article.word(word),
                            alignment.words[word].span?.start().secs(),
                            alignment.words[word].confidence
                        ))
                    })
                    .collect();
                println!("    {:?} {} {timed:?}", timing.status, episode.article.sentence(index));
            }
            self.unread.add(timing.status == Status::Unspoken, !is_read);
            if let Some(truth) = episode.read[sentence.words.clone()].iter().flatten().next() {
                self.n_starts += 1;
                self.starts += usize::from(timing.span.is_some_and(|span| {
                    span.start().millis().abs_diff(truth.start().millis()) <= 500
                }));
            }
        }
    }

    /// By the spoken word: is it in what is said but not written?
    fn add_unwritten(&mut self, episode: &Episode, heard: &Transcript, alignment: &Alignment) {
        for (index, word) in heard.words().enumerate() {
            let middle = aloud::time::Timestamp::from_millis(
                (word.span.start().millis() + word.span.end().millis()) / 2,
            );
            let is_real = episode.unwritten.iter().any(|span| span.contains(middle));
            self.unwritten.add(
                alignment.unwritten.iter().any(|unwritten| unwritten.spoken.contains(&index)),
                is_real,
            );
        }
    }

    fn print(&self, name: &str, rate: &str) {
        let [a, b, c] = self.within.map(|n| share(n, self.n_words));
        println!(
            "{name:<15} {rate:>6} {a:>7.2} {b:>7.2} {c:>7.2} {:>9.2} {:>11} {:>11} {:>8.2} {:>7.2} {:>8}",
            share(self.starts, self.n_starts),
            self.unread.shares(),
            self.unwritten.shares(),
            self.unread_s / self.n_alignments as f64,
            share(self.status, self.n_sentences),
            if self.belongs == self.n_alignments { "belongs" } else { "REFUSED" },
        );
    }
}

fn share(part: usize, whole: usize) -> f64 {
    part as f64 * 100.0 / whole.max(1) as f64
}

/// Tells of a word with a wrong time, and what was heard around it.
fn list(episode: &Episode, heard: &Transcript, index: usize, off: Option<u64>) {
    let words = index.saturating_sub(3)..(index + 4).min(episode.article.words.len());
    let written: Vec<&str> = words.map(|word| episode.article.word(word)).collect();
    let at = episode.read[index].map_or(0.0, |span| span.start().secs());
    let near = heard.words().filter(|word| (word.span.start().secs() - at).abs() < 1.0);
    let said: Vec<String> =
        near.map(|word| format!("{} {:.2}", word.text, word.span.start().secs())).collect();
    println!(
        "    {:?} at {at:.2} off by {off:?} in {written:?}, heard {said:?}",
        episode.article.word(index)
    );
}

/// Prose of the same kind and length that nobody reads in either episode.
const OTHER: &str = include_str!("other.txt");

fn wrong(aims: &mut Aims) {
    let mut check = |name: &str, article: &Article, heard: &Transcript, belongs: bool| {
        aims.holds(&format!("align, {name}"), check(name, article, heard) == belongs);
    };
    let english = Episode::load("open-models.en");
    let chinese = Episode::load("old-radio.zh");
    let other = by_line(OTHER);
    let column = by_line(&text("open-models.zh-Hant.txt"));
    let mut sentences: Vec<&str> =
        (0..english.article.sentences.len()).map(|index| english.article.sentence(index)).collect();
    let mut words: Vec<&str> =
        (0..english.article.words.len()).map(|index| english.article.word(index)).collect();
    shuffle(&mut sentences);
    shuffle(&mut words);
    check("other English prose", &other, &english.transcript, false);
    check("the same words shuffled", &by_line(&words.join(" ")), &english.transcript, false);
    check(
        "the same sentences shuffled",
        &by_line(&sentences.join("\n")),
        &english.transcript,
        false,
    );
    check("the other Chinese column", &column, &chinese.transcript, false);
    check("English over Chinese", &english.article, &chinese.transcript, false);
    let part = |range: Range<usize>| {
        by_line(&range.map(|index| english.article.sentence(index)).collect::<Vec<_>>().join("\n"))
    };
    check("a fifth of the article", &part(40..64), &english.transcript, true);
    let quarter = english.transcript.words().take(400).cloned().collect();
    check("a quarter of the audio", &english.article, &transcript(quarter, Some("en")), true);
    let rough = transcript(
        damage(&english.transcript.words().cloned().collect::<Vec<_>>(), 0.5, 7),
        Some("en"),
    );
    check("half the words wrong", &english.article, &rough, true);
}

/// Whether the article is taken to belong to what was heard.
fn check(name: &str, article: &Article, heard: &Transcript) -> bool {
    let alignment = align(article, heard);
    let verdict = verdict(article, heard, &alignment);
    let mark = if verdict.belongs() == Belongs::Yes { "taken" } else { "refused" };
    println!(
        "  {mark} {name}: coverage {:.3}, longest run {}; {verdict}",
        alignment.coverage, verdict.longest
    );
    verdict.belongs() == Belongs::Yes
}

/// An article with a sentence a line.
fn by_line(text: &str) -> Article {
    let mut at = 0;
    let mut lines = Vec::new();
    for line in text.split_inclusive('\n') {
        if !line.trim().is_empty() {
            lines.push(at..at + line.trim_end().len());
        }
        at += line.len();
    }
    article(text.to_owned(), &lines)
}

fn shuffle<T>(list: &mut [T]) {
    let mut random = Random(42);
    for index in (1..list.len()).rev() {
        list.swap(index, random.below(index + 1));
    }
}
