//! How sure is a path?
//!
//! Sums over all paths (forward and backward, as for hidden Markov models) tell what share of them
//! agrees with the best one about a line. This file never knows how the best one was found.

use super::band::{Band, Table};
use super::{Bead, Evidence, Grid, LASTS, Last, Line, Path, Shape};
use std::ops::Range;

/// Lines of the second side on either side of the path in which its rivals are looked for.
const NEAR: usize = 40;
/// Likelihoods of neighbouring clues are not independent: confidence is computed from this share of
/// them.
const TEMPER: f64 = 0.5;

fn ln_add(a: f64, b: f64) -> f64 {
    let (high, low) = if a > b { (a, b) } else { (b, a) };
    if low == f64::NEG_INFINITY { high } else { high + (low - high).exp().ln_1p() }
}

/// Sets the confidence of each bead of a path: the share that paths which agree with it have in all
/// paths, where to agree is to tie each of its lines to mostly the same.
pub(in crate::align) fn weigh(
    a: &[Line],
    b: &[Line],
    shape: Shape,
    evidence: &dyn Evidence,
    path: &mut Path,
) {
    let grid = &Grid::new(a, b, shape, evidence);
    let band = &Band::along(&path.beads, grid, NEAR);
    let beads = &mut path.beads;
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
    let all = LASTS
        .into_iter()
        .fold(f64::NEG_INFINITY, |sum, last| ln_add(sum, forward.get(n_a, n_b, last)));
    let mut backward = Table::new(band, f64::NEG_INFINITY);
    LASTS.into_iter().for_each(|last| backward.set(n_a, n_b, last, 0.0));
    let mut votes = Votes::new(grid, beads);
    for (i, row) in band.0.iter().enumerate().rev() {
        for j in row.clone().rev() {
            grid.moves(band, i, j, |step| {
                let after = backward.get(i, j, step.to) + TEMPER * step.score;
                let (from_i, from_j) = (i - step.a, j - step.b);
                backward.set(
                    from_i,
                    from_j,
                    step.from,
                    ln_add(backward.get(from_i, from_j, step.from), after),
                );
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
            let shares = self.for_a[bead.a.clone()].iter().chain(if bead.a.is_empty() {
                &self.for_b[bead.b.clone()]
            } else {
                &[]
            });
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
