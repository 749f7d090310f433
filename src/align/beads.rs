//! Which lines of one text say the same as which of another?
//!
//! Gale and Church ("A program for aligning sentences in bilingual corpora", 1993) tie sentences by
//! length with a best path through beads: one to one, one to two, two to two, or one to none. Here
//! the same path runs over lines that may be less than a sentence (what lies between two pauses),
//! may be left out in runs, and may be known to belong together for other reasons than length. This
//! file knows lengths and likelihoods; it never sees a text or a time.

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
}

/// What besides length speaks for two lines belonging together.
pub(super) trait Evidence {
    /// The logarithm of how much likelier it makes it that line `a` of the first side goes with lines `b` of the second.
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

/// To begin leaving lines out costs this much beside what each costs.
const OPEN: f64 = -2.5;
/// To begin or end leaving out written lines within a paragraph costs as much again.
const INSIDE: f64 = -1.5;
/// How much a bead of fitting lengths is likelier than lengths by chance: the logarithm of the spread of
/// sentence lengths (about 0.6) over that of the rate.
const FIT: f64 = 1.1;
/// Lengths this unlikely (in nats) are no more unlikely when further off: something else is the matter.
const WORST: f64 = 9.0;
/// Lines on either side of the diagonal that are looked at, at least; and the share of the second side.
const LEAST_BAND: usize = 300;
const BAND_SHARE: usize = 8;
/// Cells on either side of the best path in which other paths are weighed for confidence.
const NEAR: usize = 40;
/// Likelihoods of neighbouring clues are not independent: confidence is computed from this share of them.
const TEMPER: f64 = 0.5;

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

/// The columns of each row that are looked at.
struct Band(Vec<Range<usize>>);

impl Band {
    /// Around the line on which both sides have used up the same share of their length.
    fn diagonal(grid: &Grid) -> Self {
        let (total_a, total_b) = (grid.length_a[grid.n_a()], grid.length_b[grid.n_b()]);
        let half = LEAST_BAND.max(grid.n_b() / BAND_SHARE);
        let rows = grid.length_a.iter().map(|&length| {
            let share = if total_a > 0.0 { length / total_a } else { 0.0 };
            let middle = grid.length_b.partition_point(|&b| b < share * total_b);
            middle.saturating_sub(half)..(middle + half + 1).min(grid.n_b() + 1)
        });
        Self::closed(rows.collect(), grid.n_b())
    }

    /// Around a path.
    fn along(beads: &[Bead], grid: &Grid) -> Self {
        let mut rows = vec![usize::MAX..0; grid.n_a() + 1];
        for bead in beads {
            for row in &mut rows[bead.a.start..=bead.a.end] {
                row.start = row.start.min(bead.b.start.saturating_sub(NEAR));
                row.end = row.end.max((bead.b.end + NEAR + 1).min(grid.n_b() + 1));
            }
        }
        Self::closed(rows, grid.n_b())
    }

    /// With both corners, and a way from each row to the next.
    fn closed(mut rows: Vec<Range<usize>>, n_b: usize) -> Self {
        if let Some(first) = rows.first_mut() {
            first.start = 0;
        }
        for i in 1..rows.len() {
            rows[i - 1].end = rows[i - 1].end.max(rows[i].start + 1);
        }
        if let Some(last) = rows.last_mut() {
            last.end = n_b + 1;
        }
        Self(rows)
    }

    fn has(&self, i: usize, j: usize) -> bool {
        self.0[i].contains(&j)
    }
}

/// A value for each cell of a band and each kind of last bead.
struct Table<'a, T> {
    band: &'a Band,
    starts: Vec<usize>,
    values: Vec<[T; 3]>,
}

impl<'a, T: Copy> Table<'a, T> {
    fn new(band: &'a Band, value: T) -> Self {
        let mut size = 0;
        let mut starts = Vec::with_capacity(band.0.len());
        for row in &band.0 {
            starts.push(size);
            size += row.len();
        }
        Self { band, starts, values: vec![[value; 3]; size] }
    }

    fn at(&self, i: usize, j: usize) -> usize {
        self.starts[i] + j - self.band.0[i].start
    }

    fn get(&self, i: usize, j: usize, last: Last) -> T {
        self.values[self.at(i, j)][last as usize]
    }

    fn set(&mut self, i: usize, j: usize, last: Last, value: T) {
        let at = self.at(i, j);
        self.values[at][last as usize] = value;
    }
}

/// Both sides with their sums.
struct Grid<'a> {
    a: &'a [Line],
    b: &'a [Line],
    shape: Shape,
    evidence: &'a dyn Evidence,
    length_a: Vec<f64>,
    length_b: Vec<f64>,
    /// What it costs that the lines up to here are tied and that no sentence ends after any of them.
    inside_a: Vec<f64>,
    inside_b: Vec<f64>,
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
        let common = |lines: &[Line]| (lines.iter().map(|line| line.block).sum::<f64>() / lines.len().max(1) as f64).clamp(0.02, 0.98);
        Self {
            a,
            b,
            shape,
            evidence,
            length_a: sums(a, |line| line.length),
            length_b: sums(b, |line| line.length),
            inside_a: sums(a, |line| line.tied + ln(1.0 - line.end)),
            inside_b: sums(b, |line| line.tied + ln(1.0 - line.end)),
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
                take(&Move { a: 0, b: 1, from, to: Last::OnlyB, score: self.only_b(j, from) });
            }
        }
        for a in 1..=self.shape.most_a.min(i) {
            let wanted = (self.length_a[i] - self.length_a[i - a]) * self.shape.rate;
            for b in 1..=self.shape.most_b.min(j) {
                // Much too long already: more lines only make it longer.
                if b > 1 && a > 1 && self.length_b[j] - self.length_b[j - b + 1] > 3.0 * wanted {
                    break;
                }
                if b > 2 && self.length_b[j] - self.length_b[j - b + 1] > 4.0 * wanted {
                    break;
                }
                if !band.has(i - a, j - b) {
                    continue;
                }
                let score = self.tied(i - a..i, j - b..j);
                for from in LASTS {
                    take(&Move { a, b, from, to: Last::Tied, score: score + self.closing(i - a, j - b, from) });
                }
            }
        }
    }

    /// Line `i - 1` of the first side is left out.
    fn only_a(&self, i: usize, from: Last) -> f64 {
        let line = &self.a[i - 1];
        let inside = if i > 1 && self.a[i - 2].block < 0.5 { INSIDE } else { 0.0 };
        line.alone + if from == Last::OnlyA || line.alone > line.tied { 0.0 } else { OPEN + inside }
    }

    /// Line `j - 1` of the second side is left out.
    fn only_b(&self, j: usize, from: Last) -> f64 {
        self.b[j - 1].alone + if from == Last::OnlyB { 0.0 } else { OPEN }
    }

    /// What it costs to tie lines again after some were left out.
    fn closing(&self, i: usize, j: usize, from: Last) -> f64 {
        match from {
            Last::OnlyB if j > 0 => ln(self.b[j - 1].end),
            Last::OnlyA if i > 0 && self.a[i - 1].block < 0.5 => INSIDE,
            _ => 0.0,
        }
    }

    /// How likely these lines say the same.
    fn tied(&self, a: Range<usize>, b: Range<usize>) -> f64 {
        let (last_a, last_b) = (&self.a[a.end - 1], &self.b[b.end - 1]);
        let inside = self.inside_a[a.end - 1] - self.inside_a[a.start] + self.inside_b[b.end - 1] - self.inside_b[b.start];
        let ends = last_a.tied + ln(last_a.end) + last_b.tied + ln(last_b.end);
        let evidence: f64 = a.clone().map(|line| self.evidence.between(line, b.clone())).sum();
        inside + ends + self.blocks(last_a.block, last_b.block) + self.lengths(a, b) + evidence
    }

    /// How much likelier it is that two edges, each the end of a paragraph with some probability, are the
    /// same edge than that they are any two.
    fn blocks(&self, a: f64, b: f64) -> f64 {
        let [common_a, common_b] = self.blocks;
        // An edge that is common to both; half a doubt that paragraphs are cut the same on both sides.
        let common = (common_a * common_b).sqrt();
        let same = a * b / common + (1.0 - a) * (1.0 - b) / (1.0 - common);
        (0.9 * same + 0.1).ln().clamp(-2.5, 2.0)
    }

    fn lengths(&self, a: Range<usize>, b: Range<usize>) -> f64 {
        let wanted = (self.length_a[a.end] - self.length_a[a.start]) * self.shape.rate;
        let found = self.length_b[b.end] - self.length_b[b.start];
        if wanted <= 0.0 || found <= 0.0 {
            return -WORST;
        }
        let variance = self.shape.spread.powi(2) * (1.0 + self.shape.short * self.shape.rate / wanted);
        let off = (found / wanted).ln();
        FIT - 0.5 * (variance / self.shape.spread.powi(2)).ln() - (off * off / (2.0 * variance)).min(WORST)
    }
}

/// Ties the lines of two sides.
pub(super) fn tie(a: &[Line], b: &[Line], shape: Shape, evidence: &dyn Evidence) -> Path {
    let grid = Grid::new(a, b, shape, evidence);
    let mut path = best(&grid, &Band::diagonal(&grid));
    let near = Band::along(&path.beads, &grid);
    weigh(&grid, &near, &mut path.beads);
    path
}

/// The likeliest path.
fn best(grid: &Grid, band: &Band) -> Path {
    let mut scores = Table::new(band, f64::NEG_INFINITY);
    // Lines of each side, and the kind of the bead before.
    let mut back = Table::new(band, (0u16, 0u16, Last::Tied));
    scores.set(0, 0, Last::Tied, 0.0);
    for (i, row) in band.0.iter().enumerate() {
        for j in row.clone() {
            grid.moves(band, i, j, |step| {
                let score = scores.get(i - step.a, j - step.b, step.from) + step.score;
                if score > scores.get(i, j, step.to) {
                    scores.set(i, j, step.to, score);
                    back.set(i, j, step.to, (step.a as u16, step.b as u16, step.from));
                }
            });
        }
    }
    let (mut i, mut j) = (grid.n_a(), grid.n_b());
    let mut last = LASTS.into_iter().max_by(|&x, &y| scores.get(i, j, x).total_cmp(&scores.get(i, j, y))).unwrap_or(Last::Tied);
    let score = scores.get(i, j, last);
    let mut beads = Vec::new();
    while (i, j) != (0, 0) {
        let (a, b, from) = back.get(i, j, last);
        if (a, b) == (0, 0) {
            break;
        }
        let (from_i, from_j) = (i - usize::from(a), j - usize::from(b));
        beads.push(Bead { a: from_i..i, b: from_j..j, confidence: 0.0 });
        (i, j, last) = (from_i, from_j, from);
    }
    beads.reverse();
    Path { beads, score }
}

fn ln_add(a: f64, b: f64) -> f64 {
    let (high, low) = if a > b { (a, b) } else { (b, a) };
    if low == f64::NEG_INFINITY { high } else { high + (low - high).exp().ln_1p() }
}

/// Sets the confidence of each bead: the share that paths which agree with it have in all paths, where to agree
/// is to tie each of its lines to mostly the same.
fn weigh(grid: &Grid, band: &Band, beads: &mut [Bead]) {
    let (n_a, n_b) = (grid.n_a(), grid.n_b());
    let mut forward = Table::new(band, f64::NEG_INFINITY);
    forward.set(0, 0, Last::Tied, 0.0);
    for (i, row) in band.0.iter().enumerate() {
        for j in row.clone() {
            grid.moves(band, i, j, |step| {
                let score = forward.get(i - step.a, j - step.b, step.from) + TEMPER * step.score;
                forward.set(i, j, step.to, ln_add(forward.get(i, j, step.to), score));
            });
        }
    }
    let all = LASTS.into_iter().fold(f64::NEG_INFINITY, |sum, last| ln_add(sum, forward.get(n_a, n_b, last)));
    let mut backward = Table::new(band, f64::NEG_INFINITY);
    LASTS.into_iter().for_each(|last| backward.set(n_a, n_b, last, 0.0));
    let mut votes = Votes::new(grid, beads);
    for (i, row) in band.0.iter().enumerate().rev() {
        for j in row.clone().rev() {
            grid.moves(band, i, j, |step| {
                let after = backward.get(i, j, step.to) + TEMPER * step.score;
                let (from_i, from_j) = (i - step.a, j - step.b);
                backward.set(from_i, from_j, step.from, ln_add(backward.get(from_i, from_j, step.from), after));
                let share = (forward.get(from_i, from_j, step.from) + after - all).exp();
                votes.count(from_i..i, from_j..j, share);
            });
        }
    }
    votes.give(beads);
}

/// For each line of both sides, the share of paths that agree with the best one about it.
struct Votes<'a> {
    grid: &'a Grid<'a>,
    /// What the best path ties each line to.
    a: Vec<Range<usize>>,
    b: Vec<Range<usize>>,
    for_a: Vec<f64>,
    for_b: Vec<f64>,
}

impl<'a> Votes<'a> {
    fn new(grid: &'a Grid, beads: &[Bead]) -> Self {
        let a = beads.iter().flat_map(|bead| bead.a.clone().map(|_| bead.b.clone())).collect();
        let b = beads.iter().flat_map(|bead| bead.b.clone().map(|_| bead.a.clone())).collect();
        Self { grid, a, b, for_a: vec![0.0; grid.n_a()], for_b: vec![0.0; grid.n_b()] }
    }

    fn count(&mut self, a: Range<usize>, b: Range<usize>, share: f64) {
        if share < 1e-6 {
            return;
        }
        for line in a.clone() {
            if agree(&self.grid.length_b, &self.a[line], &b) {
                self.for_a[line] += share;
            }
        }
        for line in b {
            if agree(&self.grid.length_a, &self.b[line], &a) {
                self.for_b[line] += share;
            }
        }
    }

    fn give(&self, beads: &mut [Bead]) {
        for bead in beads {
            let shares = self.for_a[bead.a.clone()].iter().chain(if bead.a.is_empty() { &self.for_b[bead.b.clone()] } else { &[] });
            let least = shares.fold(1.0, |least: f64, &share| least.min(share));
            bead.confidence = least.clamp(0.0, 1.0) as f32;
        }
    }
}

/// Whether two ranges are more the same than not, measured by the lengths summed up in `sums`.
fn agree(sums: &[f64], x: &Range<usize>, y: &Range<usize>) -> bool {
    if x.is_empty() || y.is_empty() {
        return x.is_empty() == y.is_empty();
    }
    let (from, to) = (x.start.max(y.start), x.end.min(y.end));
    from < to && 2.0 * (sums[to] - sums[from]) > sums[x.end.max(y.end)] - sums[x.start.min(y.start)]
}
