//! Which cells of the grid of two texts are looked at, and a value for each.
//!
//! Translations and narrations keep their order, so the path lies near the diagonal, or near where
//! it was found before. That keeps time and memory within bounds; this file never knows what the
//! values mean.

use super::{Bead, Grid, Last};
use std::ops::Range;

/// Lines of the second side on either side of the diagonal that are looked at, at least and at
/// most; and their share.
const LEAST_BAND: usize = 300;
const MOST_BAND: usize = 800;
const BAND_SHARE: usize = 8;

/// The columns of each row that are looked at.
pub(super) struct Band(pub(super) Vec<Range<usize>>);

impl Band {
    /// Around the line on which both sides have used up the same share of their length.
    pub(super) fn diagonal(grid: &Grid) -> Self {
        let (total_a, total_b) = (grid.length_a[grid.n_a()], grid.length_b[grid.n_b()]);
        let half = (grid.n_b() / BAND_SHARE).clamp(LEAST_BAND, MOST_BAND);
        let rows = grid.length_a.iter().map(|&length| {
            let share = if total_a > 0.0 { length / total_a } else { 0.0 };
            let middle = grid.length_b.partition_point(|&b| b < share * total_b);
            middle.saturating_sub(half)..(middle + half + 1).min(grid.n_b() + 1)
        });
        Self::closed(rows.collect(), grid.n_b())
    }

    /// So many lines around a path.
    pub(super) fn along(beads: &[Bead], grid: &Grid, near: usize) -> Self {
        let mut rows = vec![Range { start: usize::MAX, end: 0 }; grid.n_a() + 1];
        for bead in beads {
            for row in &mut rows[bead.a.start..=bead.a.end] {
                row.start = row.start.min(bead.b.start.saturating_sub(near));
                row.end = row.end.max((bead.b.end + near + 1).min(grid.n_b() + 1));
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

    pub(super) fn has(&self, i: usize, j: usize) -> bool {
        self.0[i].contains(&j)
    }
}

/// A value for each cell of a band and each kind of last bead.
pub(super) struct Table<'a, T> {
    band: &'a Band,
    starts: Vec<usize>,
    values: Vec<[T; 3]>,
}

impl<'a, T: Copy> Table<'a, T> {
    pub(super) fn new(band: &'a Band, value: T) -> Self {
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

    pub(super) fn get(&self, i: usize, j: usize, last: Last) -> T {
        self.values[self.at(i, j)][last as usize]
    }

    pub(super) fn set(&mut self, i: usize, j: usize, last: Last, value: T) {
        let at = self.at(i, j);
        self.values[at][last as usize] = value;
    }
}
