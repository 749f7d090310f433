//! What, besides length, do two lines in different languages have in common?
//!
//! Numbers, however they are written; words that stand in both (names in Latin letters, product
//! names, cognates, Han pairs that Chinese and Japanese share); names that sound alike; question
//! marks and quotes; and, once a first path is found, words that keep turning up together in it
//! (competitive linking after Melamed, "Models of translational equivalence among words", 2000).
//! This file never knows lengths or order.

use super::sound;
use crate::align::beads::{Bead, Evidence};
use crate::align::quantities::quantities;
use crate::transcript::characters::stands_alone;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::ops::Range;

/// Something in a line that may stand in its counterpart, or have one there.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
enum Clue {
    /// A number in thousandths.
    Number(i64),
    /// A mark that is kept in translation.
    Mark(char),
    /// The stem of a word in letters.
    Word(String),
    /// A Han character or kana, or two in a row.
    Han(char, Option<char>),
}

impl Clue {
    /// How likely it stands on the other side too when the lines are tied; `None` where only what
    /// was learnt tells.
    fn is_kept(&self) -> Option<f64> {
        match self {
            Clue::Number(_) | Clue::Word(_) | Clue::Han(_, Some(_)) => Some(0.8),
            Clue::Mark(_) => Some(0.5),
            Clue::Han(_, None) => None,
        }
    }

    /// Whether the other language may have a word for it.
    fn is_translated(&self) -> bool {
        matches!(self, Clue::Word(_) | Clue::Han(..))
    }
}

/// All lines of one side.
pub(super) struct Clues {
    n_lines: usize,
    /// In which lines each stands, in order.
    lines_of: BTreeMap<Clue, Vec<usize>>,
    of_line: Vec<BTreeSet<Clue>>,
    /// Words that look like names, and whether they surely are.
    names: BTreeMap<String, bool>,
    /// Runs of Chinese that may transcribe names.
    transcriptions: HashMap<Vec<sound::Syllable>, Vec<usize>>,
}

impl Clues {
    pub(super) fn of<'a>(lines: impl Iterator<Item = &'a str>) -> Self {
        let texts: Vec<&str> = lines.collect();
        let of_line: Vec<BTreeSet<Clue>> = texts.iter().map(|text| clues(text)).collect();
        let mut lines_of: BTreeMap<Clue, Vec<usize>> = BTreeMap::new();
        let mut transcriptions: HashMap<_, Vec<usize>> = HashMap::new();
        for (i, set) in of_line.iter().enumerate() {
            for clue in set {
                lines_of.entry(clue.clone()).or_default().push(i);
            }
            for run in sound::transcriptions(texts[i]) {
                transcriptions.entry(run).or_default().push(i);
            }
        }
        Self { n_lines: texts.len(), lines_of, of_line, names: names(&texts), transcriptions }
    }

    /// Their share of all lines.
    fn share(&self, lines: &[usize]) -> f64 {
        lines.len() as f64 / self.n_lines.max(1) as f64
    }
}

/// What stands in `text`.
fn clues(text: &str) -> BTreeSet<Clue> {
    let mut found: BTreeSet<Clue> = quantities(text)
        .iter()
        .map(|number| Clue::Number((number.value * 1000.0).round() as i64))
        .collect();
    found.extend(text.chars().filter_map(mark).map(Clue::Mark));
    found.extend(words(text).filter_map(|(_, word)| stem(word)).map(Clue::Word));
    let mut before = None;
    for c in text.chars() {
        let han = stands_alone(c).then_some(c);
        if let Some(c) = han {
            found.insert(Clue::Han(c, None));
            found.extend(before.map(|before| Clue::Han(before, Some(c))));
        }
        before = han;
    }
    found
}

fn mark(c: char) -> Option<char> {
    match c {
        '?' | '？' => Some('?'),
        '!' | '！' => Some('!'),
        '“' | '「' | '『' | '«' | '„' => Some('“'),
        '(' | '（' => Some('('),
        '%' | '％' => Some('%'),
        _ => None,
    }
}

/// Runs of letters, with where they begin.
fn words(text: &str) -> impl Iterator<Item = (usize, &str)> {
    let is_part = |c: char| c.is_alphabetic() && !stands_alone(c);
    let mut end = 0;
    std::iter::from_fn(move || {
        let start = end + text[end..].find(is_part)?;
        end = text[start..].find(|c| !is_part(c)).map_or(text.len(), |len| start + len);
        Some((start, &text[start..end]))
    })
}

/// What a word has in common with its inflected forms and cognates: its beginning.
fn stem(word: &str) -> Option<String> {
    let lower: Vec<char> = word.chars().flat_map(char::to_lowercase).collect();
    let end = match lower.as_slice() {
        [stem @ .., 'i', 'n', 'g'] | [stem @ .., 'i', 'e', 's'] | [stem @ .., 'e', 'd' | 's']
            if stem.len() >= 4 =>
        {
            stem.len()
        }
        [stem @ .., 's'] if stem.len() >= 3 => stem.len(),
        all => all.len(),
    };
    (end >= 2).then(|| lower[..end.min(7)].iter().collect())
}

/// Words with a capital that never stand without one; sure where one stands inside a sentence.
/// Where nothing has capitals, all longer words.
fn names(texts: &[&str]) -> BTreeMap<String, bool> {
    let mut lower = BTreeSet::new();
    let mut upper: BTreeMap<String, bool> = BTreeMap::new();
    for text in texts {
        let mut is_first = true;
        for (at, word) in words(text) {
            // After an abbreviation's dot a capital means little; after a comma or a letter, a
            // name.
            let is_inside =
                !is_first && !text[..at].trim_end().ends_with(['.', '?', '!', ':', '“', '"']);
            is_first = false;
            if word.starts_with(char::is_uppercase) {
                *upper.entry(word.to_lowercase()).or_default() |= is_inside;
            } else {
                lower.insert(word.to_lowercase());
            }
        }
    }
    if upper.is_empty() {
        return lower
            .into_iter()
            .filter(|word| word.chars().count() >= 6)
            .map(|word| (word, false))
            .collect();
    }
    upper.retain(|word, _| !lower.contains(word) && word.chars().count() >= 3);
    upper
}

/// Lines of both sides that have something in common.
struct Link {
    a: Vec<usize>,
    b: Vec<usize>,
    weight: f64,
}

/// Everything that speaks for pairs of lines.
#[derive(Default)]
pub(super) struct Links {
    /// For each line of the first side, lines of the second with what speaks for them, in order.
    rows: Vec<Vec<(usize, f64)>>,
}

/// Nothing is surer than this.
const MOST: f64 = 7.0;
/// What is common to so many pairs of lines says nothing.
const LEAST_WEIGHT: f64 = 0.3;
/// From here on a name is taken to be heard in a transcription.
const ALIKE: f64 = 0.74;
/// What was learnt from a path that may be wrong is believed by so much.
const LEARNT: f64 = 0.6;

impl Links {
    /// What the texts alone tell.
    pub(super) fn of(a: &Clues, b: &Clues) -> Self {
        let mut links = kept(a, b);
        links.extend(sounding(a, b, false));
        links.extend(sounding(b, a, true));
        Self::from(a, &links)
    }

    /// The same with words that go together in `beads`.
    pub(super) fn learning(a: &Clues, b: &Clues, beads: &[Bead]) -> Self {
        let mut links = kept(a, b);
        links.extend(sounding(a, b, false));
        links.extend(sounding(b, a, true));
        links.extend(learnt(a, b, beads));
        Self::from(a, &links)
    }

    fn from(a: &Clues, links: &[Link]) -> Self {
        let mut rows = vec![BTreeMap::new(); a.n_lines];
        for link in links.iter().filter(|link| link.weight >= LEAST_WEIGHT) {
            for &i in &link.a {
                for &j in &link.b {
                    *rows[i].entry(j).or_insert(0.0) += link.weight;
                }
            }
        }
        Self {
            rows: rows
                .into_iter()
                .map(|row: BTreeMap<usize, f64>| row.into_iter().collect())
                .collect(),
        }
    }
}

impl Evidence for Links {
    fn between(&self, a: usize, b: Range<usize>) -> f64 {
        let row = &self.rows[a];
        let from = row.partition_point(|&(line, _)| line < b.start);
        row[from..]
            .iter()
            .take_while(|&&(line, _)| line < b.end)
            .map(|&(_, weight)| weight)
            .sum::<f64>()
            .min(MOST)
    }
}

/// The logarithm of how much likelier two lines share something that so large a share of lines has
/// when they are tied than by chance.
fn weight(share: f64, kept: f64) -> f64 {
    (kept / share.max(1e-6) + (1.0 - kept)).ln()
}

/// What is the same on both sides.
fn kept(a: &Clues, b: &Clues) -> Vec<Link> {
    let both =
        a.lines_of.iter().filter_map(|(clue, in_a)| Some((clue, in_a, b.lines_of.get(clue)?)));
    both.filter_map(|(clue, in_a, in_b)| {
        let weight = weight(a.share(in_a).max(b.share(in_b)), clue.is_kept()?);
        Some(Link { a: in_a.clone(), b: in_b.clone(), weight })
    })
    .collect()
}

/// Names of one side that are heard in transcriptions of the other; the sides of the links are
/// swapped when `is_swapped`.
fn sounding(latin: &Clues, chinese: &Clues, is_swapped: bool) -> Vec<Link> {
    let mut links = Vec::new();
    for (name, &is_sure) in &latin.names {
        let (Some(classes), Some(stem)) = (sound::of_name(name), stem(name)) else { continue };
        let Some(in_latin) = latin.lines_of.get(&Clue::Word(stem)) else { continue };
        let alike = chinese
            .transcriptions
            .iter()
            .filter(|(run, _)| sound::likeness(&classes, run) >= ALIKE);
        let in_chinese: BTreeSet<usize> =
            alike.flat_map(|(_, lines)| lines.iter().copied()).collect();
        if in_chinese.is_empty() {
            continue;
        }
        let in_chinese: Vec<usize> = in_chinese.into_iter().collect();
        let weight = weight(
            latin.share(in_latin).max(chinese.share(&in_chinese)),
            if is_sure { 0.5 } else { 0.15 },
        );
        let (a, b) = if is_swapped {
            (in_chinese, in_latin.clone())
        } else {
            (in_latin.clone(), in_chinese)
        };
        links.push(Link { a, b, weight });
    }
    links
}

/// Words that keep turning up in beads together, each with its best counterpart.
fn learnt(a: &Clues, b: &Clues, beads: &[Bead]) -> Vec<Link> {
    let tied: Vec<&Bead> =
        beads.iter().filter(|bead| !bead.a.is_empty() && !bead.b.is_empty()).collect();
    let sides = [
        Counted::of(a, tied.iter().map(|bead| bead.a.clone())),
        Counted::of(b, tied.iter().map(|bead| bead.b.clone())),
    ];
    let mut together: HashMap<(u32, u32), u32> = HashMap::new();
    for (in_a, in_b) in sides[0].in_beads.iter().zip(&sides[1].in_beads) {
        for &x in in_a {
            for &y in in_b {
                *together.entry((x, y)).or_default() += 1;
            }
        }
    }
    let n = tied.len() as f64;
    let mut pairs: Vec<(f64, f64, u32, u32)> = Vec::new();
    for ((x, y), both) in together {
        let (of_x, of_y, both) =
            (sides[0].counts[x as usize], sides[1].counts[y as usize], f64::from(both));
        let overlap = 2.0 * both / (of_x + of_y);
        if both < 2.0 || overlap < 0.4 {
            continue;
        }
        // One of the times is the very pair of lines that asks.
        let likelier = n * (both - 1.0) / (of_x * of_y);
        if likelier > 1.5 {
            pairs.push((
                (both - 1.0) * likelier.ln() * overlap,
                LEARNT * likelier.ln() * overlap,
                x,
                y,
            ));
        }
    }
    pairs.sort_by(|p, q| q.0.total_cmp(&p.0).then((p.2, p.3).cmp(&(q.2, q.3))));
    let (mut used_a, mut used_b) = (BTreeSet::new(), BTreeSet::new());
    let mut links = Vec::new();
    for (_, weight, x, y) in pairs {
        if used_a.contains(&x) || used_b.contains(&y) {
            continue;
        }
        used_a.insert(x);
        used_b.insert(y);
        let (clue_a, clue_b) = (sides[0].clues[x as usize], sides[1].clues[y as usize]);
        links.push(Link { a: a.lines_of[clue_a].clone(), b: b.lines_of[clue_b].clone(), weight });
    }
    links
}

/// The translatable clues of one side by number, and in how many beads each stands.
struct Counted<'a> {
    clues: Vec<&'a Clue>,
    counts: Vec<f64>,
    in_beads: Vec<BTreeSet<u32>>,
}

impl<'a> Counted<'a> {
    fn of(side: &'a Clues, beads: impl Iterator<Item = Range<usize>>) -> Self {
        // What stands in one line only cannot turn up twice.
        let clues: Vec<&Clue> = side
            .lines_of
            .iter()
            .filter(|(clue, lines)| clue.is_translated() && lines.len() > 1)
            .map(|(clue, _)| clue)
            .collect();
        let numbers: HashMap<&Clue, u32> =
            clues.iter().enumerate().map(|(i, &clue)| (clue, i as u32)).collect();
        let mut counts = vec![0.0; clues.len()];
        let in_beads: Vec<BTreeSet<u32>> = beads
            .map(|lines| {
                side.of_line[lines]
                    .iter()
                    .flatten()
                    .filter_map(|clue| numbers.get(clue).copied())
                    .collect()
            })
            .collect();
        for bead in &in_beads {
            bead.iter().for_each(|&clue| counts[clue as usize] += 1.0);
        }
        Self { clues, counts, in_beads }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_speaks_for_a_pair_of_lines() {
        let filler = |n: usize, text: &'static str| std::iter::repeat_n(text, n);
        for (a, b, is_more) in [
            ("It was $8 trillion.", "要花掉8兆美元。", true),
            ("It was seven trillion.", "要花掉8兆美元。", false),
            ("Then we met Walter Finch there.", "名叫華特．芬奇的人。", true),
            ("Then we met Paul Denning there.", "名叫華特．芬奇的人。", false),
            ("Models from DeepSeek came.", "深度求索(DeepSeek)的模型。", true),
            ("Where is she?", "她在哪裡？", true),
            ("Where is she.", "她在哪裡？", false),
            ("", "", false),
        ] {
            let lines_a: Vec<&str> = filler(9, "Nothing to tell here.").chain([a]).collect();
            let lines_b: Vec<&str> = filler(9, "這裡沒有什麼可說的。").chain([b]).collect();
            let links = Links::of(&Clues::of(lines_a.into_iter()), &Clues::of(lines_b.into_iter()));
            assert_eq!(
                links.between(9, 9..10) > 0.3,
                is_more,
                "{a} {b}: {}",
                links.between(9, 9..10)
            );
            assert_eq!(links.between(0, 9..10), 0.0, "{a} {b}");
        }
    }

    #[test]
    fn what_recurs_together_is_learnt() {
        let a = [
            "The river rose.",
            "A dog slept.",
            "One river more.",
            "No cat.",
            "That river again.",
            "He sang.",
            "Snow.",
            "Who?",
            "Go.",
        ];
        let b = [
            "河水漲了。",
            "狗睡了。",
            "又一條河水。",
            "沒有貓。",
            "是那河水。",
            "他唱歌。",
            "雪。",
            "誰？",
            "走。",
        ];
        let (a, b) = (Clues::of(a.into_iter()), Clues::of(b.into_iter()));
        let beads: Vec<Bead> =
            (0..9).map(|i| Bead { a: i..i + 1, b: i..i + 1, confidence: 1.0 }).collect();
        assert_eq!(Links::of(&a, &b).between(0, 4..5), 0.0);
        let links = Links::learning(&a, &b, &beads);
        assert!(links.between(0, 4..5) > 0.0);
        assert_eq!(links.between(0, 1..2), 0.0);
    }

    #[test]
    fn stems() {
        for (word, want) in [
            ("Models", Some("model")),
            ("stories", Some("stor")),
            ("rented", Some("rent")),
            ("renting", Some("rent")),
            ("is", Some("is")),
            ("a", None),
            ("international", Some("interna")),
        ] {
            assert_eq!(stem(word).as_deref(), want, "{word}");
        }
    }
}
