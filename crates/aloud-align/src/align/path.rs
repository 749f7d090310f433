//! The best way to lay one run of words over another.
//!
//! Global alignment with affine gaps (Gotoh 1982), where two tokens may also stand for one ("deep
//! seek"). Exact where the band spans everything. This file never knows times.

use super::texts::Texts;
use crate::words::{Token, TokenId};

/// A place where both texts meet.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Link {
    pub written: usize,
    pub n_written: usize,
    pub spoken: usize,
    pub n_spoken: usize,
    /// 1 for the same word; below [`STRONG`] it is only the other word at this place.
    pub similarity: f32,
}

/// From this similarity on two tokens are taken for the same word.
pub(super) const STRONG: f32 = 0.55;

/// What a match of the rarest words is worth.
const MATCH: f32 = 2.0;
/// What one word for another costs where they are not alike at all.
const CHANGE: f32 = 0.5;
/// What the first token of a stretch that only one text has costs, and each further one. A run of
/// up to five changed words is cheaper than leaving five out on either side; a longer one is not.
const OPEN: f32 = 1.0;
const EXTEND: f32 = 0.1;
const NEVER: f32 = -1e30;

const DIAGONAL: u8 = 0;
const TWO_WRITTEN: u8 = 1;
const TWO_SPOKEN: u8 = 2;
const UP: u8 = 3;
const LEFT: u8 = 4;
const WAY: u8 = 7;
const UP_GOES_ON: u8 = 8;
const LEFT_GOES_ON: u8 = 16;

/// Buffers that are used again for every stretch.
#[derive(Default)]
pub(super) struct Paths {
    rows: [Vec<f32>; 3],
    up: Vec<f32>,
    trace: Vec<u8>,
    starts: Vec<(usize, usize)>,
}

/// A stretch of both texts.
struct Stretches<'a> {
    texts: &'a Texts,
    written: &'a [Token],
    spoken: &'a [Token],
    joined_written: Vec<Option<TokenId>>,
    joined_spoken: Vec<Option<TokenId>>,
}

impl Stretches<'_> {
    /// What it is worth to take these two for each other, and how alike they are.
    fn pair(&self, i: usize, j: usize) -> (f32, f32) {
        let (a, b) = (self.written[i].id, self.spoken[j].id);
        if a == b {
            return (MATCH * self.texts.weight(a), 1.0);
        }
        let similarity = self.texts.lexicon.similarity(a, b);
        if similarity < STRONG - 0.05 {
            return (CHANGE * (similarity - 1.0), similarity);
        }
        let weight = (self.texts.weight(a) + self.texts.weight(b)) / 2.0;
        (0.85 * MATCH * weight * (similarity - 0.4) / 0.6, similarity)
    }
}

impl Paths {
    /// The links of the best path through the two runs, numbered from `origin` on, within
    /// `half_width` tokens of the diagonal (`usize::MAX`: anywhere).
    pub fn best(
        &mut self,
        texts: &Texts,
        written: &[Token],
        spoken: &[Token],
        origin: (usize, usize),
        half_width: usize,
    ) -> Vec<Link> {
        let joined = |tokens: &[Token]| {
            let pairs = tokens.windows(2);
            pairs.map(|pair| texts.lexicon.joined(pair[0].id, pair[1].id)).collect::<Vec<_>>()
        };
        let stretches = Stretches {
            texts,
            written,
            spoken,
            joined_written: joined(written),
            joined_spoken: joined(spoken),
        };
        self.fill(&stretches, half_width);
        self.trace_back(&stretches, origin)
    }

    /// The cells that the last path was looked for in.
    #[cfg(test)]
    pub fn n_cells(&self) -> usize {
        self.trace.len()
    }

    fn fill(&mut self, stretches: &Stretches, half_width: usize) {
        let (n, m) = (stretches.written.len(), stretches.spoken.len());
        for row in self.rows.iter_mut().chain([&mut self.up]) {
            row.clear();
            row.resize(m + 1, NEVER);
        }
        self.trace.clear();
        self.starts.clear();
        for i in 0..=n {
            let centre = i * m / n.max(1);
            let reach = half_width.saturating_add(m / n.max(1) + 1);
            let (from, until) = if half_width == usize::MAX {
                (0, m)
            } else {
                (centre.saturating_sub(reach), (centre + reach).min(m))
            };
            self.starts.push((self.trace.len(), from));
            self.rows.rotate_right(1);
            self.fill_row(stretches, i, from, until);
        }
    }

    fn fill_row(&mut self, stretches: &Stretches, i: usize, from: usize, until: usize) {
        let [row, above, above2] = &mut self.rows;
        // What an older row left there must not be found by the next.
        row[from.saturating_sub(2)..from].fill(NEVER);
        let mut left = NEVER;
        for j in from..=until {
            let (mut best, mut way) =
                if i == 0 && j == 0 { (0.0, DIAGONAL) } else { (NEVER, DIAGONAL) };
            let mut consider = |value: f32, by: u8| {
                if value > best {
                    (best, way) = (value, by);
                }
            };
            if i > 0 && j > 0 {
                consider(above[j - 1] + stretches.pair(i - 1, j - 1).0, DIAGONAL);
                if i > 1 && stretches.joined_written[i - 2] == Some(stretches.spoken[j - 1].id) {
                    consider(above2[j - 1] + MATCH, TWO_WRITTEN);
                }
                if j > 1 && stretches.joined_spoken[j - 2] == Some(stretches.written[i - 1].id) {
                    consider(above[j - 2] + MATCH, TWO_SPOKEN);
                }
            }
            let mut flags = 0;
            if i > 0 {
                let (open, extend) = (above[j] - OPEN, self.up[j] - EXTEND);
                flags |= if extend > open { UP_GOES_ON } else { 0 };
                self.up[j] = open.max(extend);
                consider(self.up[j], UP);
            }
            if j > from {
                let (open, extend) = (row[j - 1] - OPEN, left - EXTEND);
                flags |= if extend > open { LEFT_GOES_ON } else { 0 };
                left = open.max(extend);
                consider(left, LEFT);
            }
            row[j] = best;
            self.trace.push(way | flags);
        }
    }

    fn trace_back(
        &self,
        stretches: &Stretches,
        (first_written, first_spoken): (usize, usize),
    ) -> Vec<Link> {
        let (mut i, mut j) = (stretches.written.len(), stretches.spoken.len());
        let mut links = Vec::new();
        let mut forced = None;
        while i > 0 || j > 0 {
            let (start, from) = self.starts[i];
            let cell = self.trace[start + j - from];
            let way = forced.take().unwrap_or(cell & WAY);
            let (n_written, n_spoken) = match way {
                DIAGONAL => (1, 1),
                TWO_WRITTEN => (2, 1),
                TWO_SPOKEN => (1, 2),
                UP => {
                    forced = (cell & UP_GOES_ON != 0).then_some(UP);
                    (1, 0)
                }
                _ => {
                    forced = (cell & LEFT_GOES_ON != 0).then_some(LEFT);
                    (0, 1)
                }
            };
            (i, j) = (i - n_written, j - n_spoken);
            if n_written > 0 && n_spoken > 0 {
                let similarity = if way == DIAGONAL { stretches.pair(i, j).1 } else { 1.0 };
                links.push(Link {
                    written: first_written + i,
                    n_written,
                    spoken: first_spoken + j,
                    n_spoken,
                    similarity,
                });
            }
        }
        links.reverse();
        links
    }
}
