//! Which lines of one text say the same as which of another?
//!
//! Gale and Church ("A program for aligning sentences in bilingual corpora", 1993) tie sentences by
//! length with a best path through beads: one to one, one to two, two to two, or one to none. Here
//! the same path runs over lines that may be less than a sentence (what lies between two pauses),
//! may be left out in runs, and may be known to belong together for other reasons than length. This
//! file knows lengths and likelihoods; it never sees a text or a time.

mod band;
mod weigh;

pub(super) use weigh::weigh;

use band::{Band, Table};
use std::ops::Range;

/// A line of one side: a sentence, or a piece of one.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Line {
    /// How long it is, in whatever unit its side is measured.
    pub length: f64,
    /// How likely a sentence ends after it, 0 to 1.
    pub end: f64,
    /// How likely a paragraph ends after it, 0 to 1.
    pub block: f64,
    /// The natural logarithm of the probability that nothing on the other side belongs to it.
    pub alone: f64,
    /// The same of the opposite.
    pub tied: f64,
}

/// What the path is to look like.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Shape {
    /// The most lines of the first side in one bead.
    pub most_a: usize,
    /// The most lines of the second side in one bead.
    pub most_b: usize,
    /// The length of the second side that goes with one unit of length of the first.
    pub rate: f64,
    /// The standard deviation of the logarithm of that rate from bead to bead, for a long one,
    pub spread: f64,
    /// and the length on the first side at which the variance has doubled.
    pub short: f64,
    /// Beads whose lengths differ by more than this factor are not looked at, but of single lines.
    pub most_off: f64,
    /// What it costs, in nats, to begin or to end leaving out lines of the first side within a
    /// paragraph.
    pub inside: f64,
}

/// What besides length speaks for two lines belonging together.
pub(super) trait Evidence {
    /// The logarithm of how much likelier it makes it that line `a` of the first side goes with
    /// lines `b` of the second.
    fn between(&self, a: usize, b: Range<usize>) -> f64;
}

/// Nothing but length is known.
pub(super) struct Nothing;

impl Evidence for Nothing {
    fn between(&self, _: usize, _: Range<usize>) -> f64 {
        0.0
    }
}

/// Lines of both sides that say the same.
#[derive(Clone, Debug, PartialEq)]
pub struct Bead {
    /// Those of the first side; empty where only the second says it.
    pub a: Range<usize>,
    /// Those of the second side; empty where only the first says it.
    pub b: Range<usize>,
    /// How sure that is, 0 to 1.
    pub confidence: f32,
}

/// The best path.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Path {
    /// Its beads in order; together they hold every line of both sides once.
    pub beads: Vec<Bead>,
    /// Its logarithmic likelihood, up to a constant for given lines.
    pub score: f64,
}

/// To begin leaving out lines of the first side costs this much beside what each costs.
const OPEN_A: f64 = -2.5;
/// The same of the second side: before everything (introductions are common), after a paragraph,
/// within one.
const OPEN_B: [f64; 3] = [-1.5, -4.0, -6.0];
/// Once lines are left out the next one costs no more than this.
const AGAIN: f64 = -1.2;
/// How much a bead of fitting lengths is likelier than lengths by chance: the logarithm of the
/// spread of sentence lengths (about 0.6) over that of the rate.
const FIT: f64 = 1.1;
/// Lengths this unlikely (in nats) are no more unlikely when further off: something else is the
/// matter.
const WORST: f64 = 12.0;
/// Lines of the second side on either side of a path near which it is found again.
const AROUND: usize = 120;
/// What the last bead of a path was.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Last {
    Tied,
    OnlyA,
    OnlyB,
}

const LASTS: [Last; 3] = [Last::Tied, Last::OnlyA, Last::OnlyB];

/// One way to come to a cell: so many lines of each side further, after a bead of kind `from`.
struct Move {
    a: usize,
    b: usize,
    from: Last,
    to: Last,
    score: f64,
}

/// Both sides with their sums.
struct Grid<'a> {
    a: &'a [Line],
    b: &'a [Line],
    shape: Shape,
    evidence: &'a dyn Evidence,
    length_a: Vec<f64>,
    length_b: Vec<f64>,
    /// What it costs that the lines up to here are tied and that no sentence ends after any of
    /// them.
    inside_a: Vec<f64>,
    inside_b: Vec<f64>,
    /// What it costs that a sentence ends after each line.
    end_a: Vec<f64>,
    end_b: Vec<f64>,
    /// How common ends of paragraphs are on each side.
    blocks: [f64; 2],
}

/// Probabilities are never quite 0 or 1.
fn ln(p: f64) -> f64 {
    p.clamp(1e-4, 1.0).ln()
}

fn sums(lines: &[Line], of: impl Fn(&Line) -> f64) -> Vec<f64> {
    let mut sum = 0.0;
    std::iter::once(0.0)
        .chain(lines.iter().map(|line| {
            sum += of(line);
            sum
        }))
        .collect()
}

impl<'a> Grid<'a> {
    fn new(a: &'a [Line], b: &'a [Line], shape: Shape, evidence: &'a dyn Evidence) -> Self {
        let common = |lines: &[Line]| {
            (lines.iter().map(|line| line.block).sum::<f64>() / lines.len().max(1) as f64)
                .clamp(0.02, 0.98)
        };
        Self {
            a,
            b,
            shape,
            evidence,
            length_a: sums(a, |line| line.length),
            length_b: sums(b, |line| line.length),
            inside_a: sums(a, |line| line.tied + ln(1.0 - line.end)),
            inside_b: sums(b, |line| line.tied + ln(1.0 - line.end)),
            end_a: a.iter().map(|line| ln(line.end)).collect(),
            end_b: b.iter().map(|line| ln(line.end)).collect(),
            blocks: [common(a), common(b)],
        }
    }

    fn n_a(&self) -> usize {
        self.a.len()
    }

    fn n_b(&self) -> usize {
        self.b.len()
    }

    /// Every way to come to cell (`i`, `j`) from inside `band`.
    fn moves(&self, band: &Band, i: usize, j: usize, mut take: impl FnMut(&Move)) {
        if i > 0 && band.has(i - 1, j) {
            for from in LASTS {
                take(&Move { a: 1, b: 0, from, to: Last::OnlyA, score: self.only_a(i, from) });
            }
        }
        if j > 0 && band.has(i, j - 1) {
            for from in LASTS {
                take(&Move { a: 0, b: 1, from, to: Last::OnlyB, score: self.only_b(i, j, from) });
            }
        }
        if i == 0 || j == 0 {
            return;
        }
        let edge = self.edge(i, j);
        for a in 1..=self.shape.most_a.min(i) {
            let fit = self.fit(i - a..i);
            let inside_a = self.inside_a[i - 1] - self.inside_a[i - a];
            for b in 1..=self.shape.most_b.min(j) {
                let found = self.length_b[j] - self.length_b[j - b];
                if (a, b) != (1, 1) && found > self.shape.most_off * fit.wanted {
                    break;
                }
                if ((a, b) != (1, 1) && self.shape.most_off * found < fit.wanted)
                    || !band.has(i - a, j - b)
                {
                    continue;
                }
                let inside_b = self.inside_b[j - 1] - self.inside_b[j - b];
                let evidence: f64 =
                    (i - a..i).map(|line| self.evidence.between(line, j - b..j)).sum();
                let score = edge + inside_a + inside_b + fit.of(found) + evidence;
                for from in LASTS {
                    take(&Move {
                        a,
                        b,
                        from,
                        to: Last::Tied,
                        score: score + self.closing(i - a, j - b, from),
                    });
                }
            }
        }
    }

    /// Line `i - 1` of the first side is left out.
    fn only_a(&self, i: usize, from: Last) -> f64 {
        let line = &self.a[i - 1];
        let inside = if i > 1 && self.a[i - 2].block < 0.5 { self.shape.inside } else { 0.0 };
        match from {
            Last::OnlyA => line.alone.max(AGAIN),
            _ if line.alone > line.tied => line.alone,
            _ => line.alone + OPEN_A + inside,
        }
    }

    /// Line `j - 1` of the second side is left out when `i` lines of the first have gone before.
    fn only_b(&self, i: usize, j: usize, from: Last) -> f64 {
        let [before, after, within] = OPEN_B;
        let open = match i.checked_sub(1).map(|last| self.a[last].block) {
            _ if from == Last::OnlyB => 0.0,
            None => before,
            Some(block) if block > 0.5 => after,
            Some(_) => within,
        };
        self.b[j - 1].alone + open
    }

    /// What it costs to tie lines again after some were left out.
    fn closing(&self, i: usize, j: usize, from: Last) -> f64 {
        match from {
            Last::OnlyB if j > 0 => self.end_b[j - 1],
            Last::OnlyA if i > 0 && self.a[i - 1].block < 0.5 => self.shape.inside,
            _ => 0.0,
        }
    }

    /// How likely a bead ends at cell (`i`, `j`).
    fn edge(&self, i: usize, j: usize) -> f64 {
        let (a, b) = (&self.a[i - 1], &self.b[j - 1]);
        a.tied + self.end_a[i - 1] + b.tied + self.end_b[j - 1] + self.blocks(a.block, b.block)
    }

    /// How much likelier it is that two edges, each the end of a paragraph with some probability,
    /// are the same edge than that they are any two.
    fn blocks(&self, a: f64, b: f64) -> f64 {
        let [common_a, common_b] = self.blocks;
        // An edge that is common to both; half a doubt that paragraphs are cut the same on both
        // sides.
        let common = (common_a * common_b).sqrt();
        let same = a * b / common + (1.0 - a) * (1.0 - b) / (1.0 - common);
        (0.9 * same + 0.1).ln().clamp(-2.5, 2.0)
    }

    /// What lengths are likely for lines `a`.
    fn fit(&self, a: Range<usize>) -> Fit {
        let wanted = (self.length_a[a.end] - self.length_a[a.start]) * self.shape.rate;
        // How much wider short lines scatter.
        let wider = 1.0 + self.shape.short * self.shape.rate / wanted.max(1e-9);
        Fit { wanted, variance: self.shape.spread.powi(2) * wider, best: FIT - 0.5 * wider.ln() }
    }
}

/// Which lengths of the second side are likely for given lines of the first.
struct Fit {
    wanted: f64,
    variance: f64,
    /// How much likelier the wanted length makes it that the lines are tied.
    best: f64,
}

impl Fit {
    /// How much likelier this length does.
    fn of(&self, found: f64) -> f64 {
        if self.wanted <= 0.0 || found <= 0.0 {
            return -WORST;
        }
        let off = (found / self.wanted).ln();
        self.best - (off * off / (2.0 * self.variance)).min(WORST)
    }
}

/// Ties the lines of two sides; near the path `before` where there is one. Confidence is left at
/// zero; see [`weigh`].
pub(in crate::align) fn tie(
    a: &[Line],
    b: &[Line],
    shape: Shape,
    evidence: &dyn Evidence,
    before: Option<&Path>,
) -> Path {
    let grid = Grid::new(a, b, shape, evidence);
    let band = before
        .map_or_else(|| Band::diagonal(&grid), |path| Band::along(&path.beads, &grid, AROUND));
    best(&grid, &band)
}

/// How a cell was come to: lines of each side, and the kind of the bead before.
#[derive(Clone, Copy)]
struct Step {
    a: u8,
    b: u8,
    from: Last,
}

/// The likeliest path.
fn best(grid: &Grid, band: &Band) -> Path {
    let mut back = Table::new(band, Step { a: 0, b: 0, from: Last::Tied });
    // Scores of the rows that can still be come from; the others are dropped.
    let mut rows: Vec<Vec<[f64; 3]>> = Vec::with_capacity(band.0.len());
    for (i, row) in band.0.iter().enumerate() {
        rows.push(vec![[f64::NEG_INFINITY; 3]; row.len()]);
        if i == 0 {
            rows[0][0][Last::Tied as usize] = 0.0;
        }
        for j in row.clone() {
            grid.moves(band, i, j, |step| {
                let from = i - step.a;
                let score =
                    rows[from][j - step.b - band.0[from].start][step.from as usize] + step.score;
                let here = &mut rows[i][j - row.start][step.to as usize];
                if score > *here {
                    *here = score;
                    back.set(
                        i,
                        j,
                        step.to,
                        Step { a: step.a as u8, b: step.b as u8, from: step.from },
                    );
                }
            });
        }
        if let Some(done) = i.checked_sub(grid.shape.most_a) {
            rows[done] = Vec::new();
        }
    }
    let scores = rows.last().and_then(|row| row.last()).copied().unwrap_or([0.0; 3]);
    let last = LASTS
        .into_iter()
        .max_by(|&x, &y| scores[x as usize].total_cmp(&scores[y as usize]))
        .unwrap_or(Last::Tied);
    Path { beads: trace(grid, &back, last), score: scores[last as usize] }
}

/// The beads of the path that ends with one of kind `last`.
fn trace(grid: &Grid, back: &Table<Step>, mut last: Last) -> Vec<Bead> {
    let (mut i, mut j) = (grid.n_a(), grid.n_b());
    let mut beads = Vec::new();
    while (i, j) != (0, 0) {
        let step = back.get(i, j, last);
        let (from_i, from_j) = (i - usize::from(step.a), j - usize::from(step.b));
        debug_assert!((from_i, from_j) != (i, j), "a band without a way through");
        if (from_i, from_j) == (i, j) {
            break;
        }
        beads.push(Bead { a: from_i..i, b: from_j..j, confidence: 0.0 });
        (i, j, last) = (from_i, from_j, step.from);
    }
    beads.reverse();
    beads
}

/// The length of the second side that goes with one of the first, over all that is tied; `None`
/// where nothing is.
pub(super) fn rate(a: &[Line], b: &[Line], path: &Path) -> Option<f64> {
    let length = |lines: &[Line]| lines.iter().map(|line| line.length).sum::<f64>();
    let (mut of_a, mut of_b) = (0.0, 0.0);
    for bead in path.beads.iter().filter(|bead| !bead.a.is_empty() && !bead.b.is_empty()) {
        of_a += length(&a[bead.a.clone()]);
        of_b += length(&b[bead.b.clone()]);
    }
    (of_a > 0.0 && of_b > 0.0).then(|| of_b / of_a)
}

/// The same over all that is probably tied, before it is known.
pub(super) fn likely_rate(a: &[Line], b: &[Line]) -> Option<f64> {
    let length = |lines: &[Line]| {
        lines.iter().filter(|line| line.alone < line.tied).map(|line| line.length).sum::<f64>()
    };
    let (of_a, of_b) = (length(a), b.iter().map(|line| line.length).sum::<f64>());
    (of_a > 0.0 && of_b > 0.0).then(|| of_b / of_a)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// A sentence of this length, at the end of a paragraph if negative.
    fn line(length: f64) -> Line {
        let block = if length < 0.0 { 0.97 } else { 0.03 };
        Line { length: length.abs(), end: 0.93, block, alone: -4.0, tied: 0.0 }
    }

    const SHAPE: Shape = Shape {
        most_a: 3,
        most_b: 3,
        rate: 1.0,
        spread: 0.2,
        short: 2.0,
        most_off: 3.0,
        inside: -1.5,
    };

    fn lines(lengths: &[f64]) -> Vec<Line> {
        lengths.iter().map(|&length| line(length)).collect()
    }

    fn beads(a: &[f64], b: &[f64]) -> Vec<Bead> {
        let (a, b) = (lines(a), lines(b));
        let mut path = tie(&a, &b, SHAPE, &Nothing, None);
        weigh(&a, &b, SHAPE, &Nothing, &mut path);
        path.beads
    }

    #[test]
    fn lengths_tell() {
        for (name, a, b, want) in [
            ("one to one", &[10.0, 20.0, 15.0][..], &[11.0, 19.0, 14.0][..], "0:0 1:1 2:2"),
            ("one to two", &[10.0, 40.0, 15.0], &[10.0, 22.0, 19.0, 15.0], "0:0 1:1,2 2:3"),
            ("two to one", &[10.0, 20.0, 21.0, 15.0], &[10.0, 40.0, 15.0], "0:0 1,2:1 3:2"),
            (
                "one is left out",
                &[10.0, -30.0, 60.0, -12.0, 25.0],
                &[10.0, -30.0, 25.0],
                "0:0 1:1 2: 3: 4:2",
            ),
            (
                "some are put in",
                &[10.0, -30.0, 25.0],
                &[10.0, -30.0, 60.0, -61.0, 25.0],
                "0:0 1:1 :2 :3 2:4",
            ),
            ("nothing on one side", &[], &[10.0, 10.0], ":0 :1"),
            ("nothing on the other", &[10.0], &[], "0:"),
            ("nothing at all", &[], &[], ""),
        ] {
            let list = |range: &Range<usize>| {
                range.clone().map(|i| i.to_string()).collect::<Vec<_>>().join(",")
            };
            let got: Vec<String> = beads(a, b)
                .iter()
                .map(|bead| format!("{}:{}", list(&bead.a), list(&bead.b)))
                .collect();
            assert_eq!(got.join(" "), want, "{name}");
        }
    }

    #[test]
    fn what_is_open_is_not_sure() {
        // Which of three equal sentences is left out cannot be told.
        let open = beads(&[20.0, 20.0, 20.0], &[20.0, 20.0]);
        let clear = beads(&[20.0, 60.0, 10.0], &[20.0, 60.0, 10.0]);
        let least = |beads: &[Bead]| beads.iter().map(|bead| bead.confidence).fold(1.0, f32::min);
        assert!(least(&open) < 0.6 && least(&clear) > 0.8, "{open:?} {clear:?}");
    }

    #[test]
    fn the_rate_is_that_of_what_is_tied() {
        let (a, b) = (lines(&[10.0, 20.0]), lines(&[30.0, 60.0]));
        let path = Path { beads: vec![Bead { a: 1..2, b: 1..2, confidence: 1.0 }], score: 0.0 };
        assert_eq!(
            (rate(&a, &b, &path), rate(&a, &b, &Path::default()), likely_rate(&a, &b)),
            (Some(3.0), None, Some(3.0))
        );
    }

    proptest! {
        #[test]
        fn every_line_is_in_one_bead(a in prop::collection::vec(-50.0..50.0, 0..12), b in prop::collection::vec(-50.0..50.0, 0..12)) {
            let beads = beads(&a, &b);
            let (mut i, mut j) = (0, 0);
            for bead in &beads {
                prop_assert_eq!((bead.a.start, bead.b.start), (i, j));
                prop_assert!((0.0..=1.0).contains(&bead.confidence) && !(bead.a.is_empty() && bead.b.is_empty()));
                (i, j) = (bead.a.end, bead.b.end);
            }
            prop_assert_eq!((i, j), (a.len(), b.len()));
        }
    }
}
