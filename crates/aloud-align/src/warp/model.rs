//! How each kind of sound sounds: a Gaussian over a frame's coefficients and their slopes.
//!
//! Learnt from the synthesiser, moved to the level and spread of the recording, then learnt again
//! from the recording itself as far as there is enough of it. This file never knows which kinds
//! follow each other.

use super::kind::{PARTS, PAUSE};
use super::sound::{N, Point, Recording};
use crate::speech;

/// Sums over points. A square less a square loses most digits where the mean is large: single ones
/// are too few for an hour.
#[derive(Clone, Debug)]
pub(super) struct Stats {
    pub n: f32,
    sum: [f64; N],
    squares: [f64; N],
}

impl Default for Stats {
    fn default() -> Self {
        Self { n: 0.0, sum: [0.0; N], squares: [0.0; N] }
    }
}

impl Stats {
    pub fn add(&mut self, point: &Point) {
        self.n += 1.0;
        for (i, number) in point.iter().map(|number| f64::from(*number)).enumerate() {
            self.sum[i] += number;
            self.squares[i] += number * number;
        }
    }

    pub fn merge(&mut self, other: &Self) {
        self.n += other.n;
        for i in 0..N {
            self.sum[i] += other.sum[i];
            self.squares[i] += other.squares[i];
        }
    }

    /// Of all kinds but pauses together.
    fn of_speech(kinds: &[Self]) -> Self {
        let mut all = Self::default();
        for kind in kinds.iter().skip(PARTS) {
            all.n += kind.n;
            for i in 0..N {
                all.sum[i] += kind.sum[i];
                all.squares[i] += kind.squares[i];
            }
        }
        all
    }

    fn mean(&self) -> Point {
        self.sum.map(|sum| (sum / f64::from(self.n.max(1.0))) as f32)
    }

    fn variance(&self) -> Point {
        let n = f64::from(self.n.max(1.0));
        std::array::from_fn(|i| {
            ((self.squares[i] / n - (self.sum[i] / n).powi(2)) as f32).max(LEAST_VARIANCE)
        })
    }
}

/// No number varies less than this.
const LEAST_VARIANCE: f32 = 1e-3;

/// How loud and how varied a recording is where somebody speaks, and where nobody does.
pub(super) struct Level {
    speech: Stats,
    pause: Stats,
    is_speech: Vec<u32>,
}

/// How far up from the quietest to the loud frames speech begins, and quiet ends.
const SPEECH_FROM: f32 = 0.3;
const QUIET_TO: f32 = 0.2;
/// So many frames of speech, spread over all of it, are asked which stretch of frequencies fits
/// them best.
const ASKED: usize = 4_000;

impl Level {
    /// `frames` are those of [`speech::Scorer`]; a recording without speech has none.
    pub fn of(recording: &Recording, frames: &[speech::Frame]) -> Self {
        let n = recording.len().min(frames.len());
        let mut sorted: Vec<f32> = frames[..n].iter().map(|frame| frame.energy_db).collect();
        sorted.sort_unstable_by(f32::total_cmp);
        let at = |percent: usize| sorted.get(n * percent / 100).copied().unwrap_or_default();
        let (low, high) = (at(5), at(90));
        let mut level =
            Self { speech: Stats::default(), pause: Stats::default(), is_speech: Vec::new() };
        for (at, frame) in frames[..n].iter().enumerate() {
            if frame.speech >= 0.5 && frame.energy_db > low + SPEECH_FROM * (high - low) {
                level.speech.add(&recording.point(at));
                level.is_speech.push(at as u32);
            } else if frame.energy_db <= low + QUIET_TO * (high - low) {
                level.pause.add(&recording.point(at));
            }
        }
        level
    }

    /// How many frames of speech there are, and how many of them lie in a stretch.
    pub fn n_speech(&self) -> usize {
        self.is_speech.len()
    }

    pub fn speech_in(&self, frames: &std::ops::Range<usize>) -> usize {
        let before = |at: usize| self.is_speech.partition_point(|frame| (*frame as usize) < at);
        before(frames.end) - before(frames.start)
    }

    /// Whether there is anything to compare with.
    pub fn has_speech(&self) -> bool {
        self.speech.n >= 20.0
    }
}

#[derive(Clone, Debug)]
struct Gaussian {
    mean: Point,
    variance: Point,
}

/// All kinds, ready to be compared with points.
#[derive(Clone)]
pub(super) struct Model {
    kinds: Vec<Gaussian>,
    /// How common each is; all together are 1.
    weights: Vec<f32>,
    /// Each mean, half the inverse of each variance, and the rest of the logarithm of the density.
    means: Vec<Wide>,
    inverse: Vec<Wide>,
    constant: Vec<f32>,
}

/// Numbers of a point added up side by side, so that the processor can: of one sum each step waits
/// for the one before.
const LANES: usize = 8;
/// A point, filled up with zeros.
type Wide = [[f32; LANES]; N.div_ceil(LANES)];

fn wide(point: &Point) -> Wide {
    let mut wide = Wide::default();
    wide.as_flattened_mut()[..N].copy_from_slice(point);
    wide
}

/// So many frames' worth of what is known already weigh against what was learnt: of where a kind
/// lies, and of how far it varies. One occurrence of a rare sound tells the former; taken for the
/// latter too, the sound would fit its own few frames so well that it stays wherever the first path
/// put it.
const PRIOR: f32 = 20.0;
const PRIOR_OF_VARIANCE: f32 = 60.0;
const FEW: f32 = 10.0;
/// A synthesiser says everything always alike; people vary by this share of all speech besides.
const LOOSER: f32 = 0.3;
/// No kind varies less than this share of all speech.
const TIGHTEST: f32 = 0.05;
/// Of all frames so many are pauses.
const PAUSES: f32 = 0.15;
/// No kind is taken to be better or worse than chance by more than this, in nats a frame: one odd
/// frame must not decide anything.
const MOST: f32 = 5.0;
/// Densities so many nats below the highest do not count beside it.
const FAR: f32 = 20.0;

impl Model {
    fn new(kinds: Vec<Gaussian>, counts: &[f32]) -> Self {
        let all: f32 = counts.iter().skip(PARTS).sum::<f32>().max(1.0);
        let weight = |(kind, count): (usize, &f32)| match kind {
            kind if kind == usize::from(PAUSE) => PAUSES,
            kind if kind < PARTS => 0.0,
            _ => count / all * (1.0 - PAUSES),
        };
        let weights = counts.iter().enumerate().map(weight).collect();
        let means = kinds.iter().map(|kind| wide(&kind.mean)).collect();
        let inverse =
            kinds.iter().map(|kind| wide(&kind.variance.map(|variance| 0.5 / variance))).collect();
        let log = |kind: &Gaussian| {
            -0.5 * kind
                .variance
                .iter()
                .map(|variance| (std::f32::consts::TAU * variance).ln())
                .sum::<f32>()
        };
        Self { constant: kinds.iter().map(log).collect(), weights, means, inverse, kinds }
    }

    /// From the synthesiser's sounds, moved to the level of the recording and given its spread.
    pub fn from_synth(stats: &[Stats], level: &Level) -> Self {
        let synth = Stats::of_speech(stats);
        let (from, to) =
            ((synth.mean(), synth.variance()), (level.speech.mean(), level.speech.variance()));
        let pause = if level.pause.n > 0.0 { &level.pause } else { &level.speech };
        let kind = |(kind, stats): (usize, &Stats)| {
            if kind < PARTS {
                return Gaussian {
                    mean: pause.mean(),
                    variance: loosened(&pause.variance(), &to.1),
                };
            }
            let (mean, variance) = (stats.mean(), stats.variance());
            let shrunk = |here: f32, all: f32| (stats.n * here + FEW * all) / (stats.n + FEW);
            let scale = |i: usize| to.1[i] / from.1[i];
            Gaussian {
                mean: std::array::from_fn(|i| {
                    (shrunk(mean[i], from.0[i]) - from.0[i]) * scale(i).sqrt() + to.0[i]
                }),
                variance: std::array::from_fn(|i| {
                    shrunk(variance[i], from.1[i]) * scale(i) + LOOSER * to.1[i]
                }),
            }
        };
        let counts: Vec<f32> = stats.iter().map(|stats| stats.n).collect();
        Self::new(stats.iter().enumerate().map(kind).collect(), &counts)
    }

    /// The one of `models` that describes the speech of a recording best, all kinds together.
    pub fn best_of(models: Vec<Self>, recording: &Recording, level: &Level) -> Option<Self> {
        let mut sums = vec![0.0; models.len()];
        for at in level.is_speech.iter().step_by(level.n_speech() / ASKED + 1) {
            let point = recording.point(*at as usize);
            let likely: Vec<f32> = models.iter().map(|model| model.likelihood(&point)).collect();
            let top = likely.iter().copied().fold(f32::MIN, f32::max);
            for (sum, likely) in sums.iter_mut().zip(likely) {
                *sum += (likely - top).max(-MOST);
            }
        }
        sums.into_iter().zip(models).max_by(|a, b| a.0.total_cmp(&b.0)).map(|(_, model)| model)
    }

    /// How well all kinds together describe a point, in nats.
    fn likelihood(&self, point: &Point) -> f32 {
        let mut logs = Vec::with_capacity(self.kinds.len());
        self.densities(point, &mut logs);
        self.together(&logs)
    }

    /// The logarithm of the density of all kinds together.
    fn together(&self, logs: &[f32]) -> f32 {
        let top = logs.iter().copied().fold(f32::MIN, f32::max);
        // What is so far behind adds nothing that a number could hold, and most kinds are.
        let near = logs.iter().zip(&self.weights).filter(|(log, _)| **log > top - FAR);
        top + near.map(|(log, weight)| weight * (log - top).exp()).sum::<f32>().ln()
    }

    /// Learnt again from `stats` of the recording's own sounds. What they say too little of stays
    /// as it was, moved as the others moved on the whole (after C. Leggetter and P. Woodland,
    /// "Maximum likelihood linear regression", 1995, and J.-L. Gauvain and C.-H. Lee, "Maximum a
    /// posteriori estimation", 1994).
    pub fn adapted(&self, stats: &[Stats]) -> Self {
        let spread = Stats::of_speech(stats).variance();
        let moves: [Move; N] = std::array::from_fn(|i| self.moved(stats, i));
        let kind = |(kind, (old, stats)): (usize, (&Gaussian, &Stats))| {
            let (mean, variance, n) = (stats.mean(), stats.variance(), stats.n);
            let prior: Point = if kind < PARTS {
                old.mean
            } else {
                std::array::from_fn(|i| moves[i].0 * old.mean[i] + moves[i].1)
            };
            let new: Point =
                std::array::from_fn(|i| (n * mean[i] + PRIOR * prior[i]) / (n + PRIOR));
            let off = |i: usize| (mean[i] - new[i]).powi(2);
            let variance: Point = std::array::from_fn(|i| {
                (n * (variance[i] + off(i)) + PRIOR_OF_VARIANCE * old.variance[i])
                    / (n + PRIOR_OF_VARIANCE)
            });
            Gaussian {
                mean: new,
                variance: std::array::from_fn(|i| variance[i].max(TIGHTEST * spread[i])),
            }
        };
        let counts: Vec<f32> = stats.iter().map(|stats| stats.n + 1.0).collect();
        Self::new(self.kinds.iter().zip(stats).enumerate().map(kind).collect(), &counts)
    }

    /// How the means of number `i` moved: by a factor and then a shift, least squares.
    fn moved(&self, stats: &[Stats], i: usize) -> Move {
        let (mut n, mut x, mut y, mut xx, mut xy) = (0.0f64, 0.0f64, 0.0f64, 0.0f64, 0.0f64);
        for (old, stats) in
            self.kinds.iter().zip(stats).skip(PARTS).filter(|(_, stats)| stats.n > 0.0)
        {
            let (old, new, weight) =
                (f64::from(old.mean[i]), f64::from(stats.mean()[i]), f64::from(stats.n));
            n += weight;
            x += weight * old;
            y += weight * new;
            xx += weight * old * old;
            xy += weight * old * new;
        }
        if n < 1.0 {
            return (1.0, 0.0);
        }
        let (x, y) = (x / n, y / n);
        let factor =
            ((xy / n - x * y) / (xx / n - x * x).max(f64::from(LEAST_VARIANCE))).clamp(0.3, 2.0);
        (factor as f32, (y - factor * x) as f32)
    }

    /// How well each kind fits, in nats better than all of them together do.
    pub fn fits(&self, point: &Point, fits: &mut Vec<f32>) {
        self.densities(point, fits);
        let all = self.together(fits);
        for fit in fits.iter_mut() {
            *fit = (*fit - all).clamp(-MOST, MOST);
        }
    }

    /// The logarithm of each kind's density.
    fn densities(&self, point: &Point, logs: &mut Vec<f32>) {
        let point = wide(point);
        logs.clear();
        for ((mean, inverse), constant) in self.means.iter().zip(&self.inverse).zip(&self.constant)
        {
            let mut sums = [0.0f32; LANES];
            for ((point, mean), inverse) in point.iter().zip(mean).zip(inverse) {
                for lane in 0..LANES {
                    let off = point[lane] - mean[lane];
                    sums[lane] += off * off * inverse[lane];
                }
            }
            logs.push(constant - sums.iter().sum::<f32>());
        }
    }
}

/// A factor and a shift.
type Move = (f32, f32);

fn loosened(variance: &Point, all: &Point) -> Point {
    std::array::from_fn(|i| variance[i].max(TIGHTEST * all[i]))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A kind whose first number lies around `mean`, and a second that differs.
    fn stats(mean: f32, n: usize) -> Stats {
        let mut stats = Stats::default();
        for i in 0..n {
            let mut point = [0.0; N];
            point[0] = mean + if i % 2 == 0 { 1.0 } else { -1.0 };
            point[1] = if i % 4 < 2 { 1.0 } else { -1.0 };
            stats.add(&point);
        }
        stats
    }

    fn kinds(means: [f32; 3]) -> Vec<Stats> {
        let mut kinds = vec![Stats::default(); PARTS];
        kinds.extend(means.map(|mean| stats(mean, 400)));
        kinds
    }

    fn at(first: f32) -> Point {
        let mut point = [0.0; N];
        point[0] = first;
        point
    }

    fn best(model: &Model, point: &Point) -> usize {
        let mut fits = Vec::new();
        model.fits(point, &mut fits);
        (PARTS..fits.len()).max_by(|a, b| fits[*a].total_cmp(&fits[*b])).unwrap() - PARTS
    }

    #[test]
    fn a_small_spread_around_a_large_mean() {
        let mut stats = Stats::default();
        for i in 0..400_000 {
            let spread = if i % 2 == 0 { 0.25 } else { -0.25 };
            stats.add(&[300.0 + spread; N]);
        }
        let (mean, variance) = (stats.mean()[0], stats.variance()[0]);
        assert!(
            (mean - 300.0).abs() < 1e-3 && (variance - 0.0625).abs() < 1e-4,
            "{mean} {variance}"
        );
    }

    #[test]
    fn the_recording_has_its_own_level() {
        // Twice as wide and 100 higher than the synthesiser's.
        let synth = kinds([-10.0, 0.0, 10.0]);
        let mut speech = Stats::default();
        for mean in [-20.0, 0.0, 20.0] {
            for i in 0..200 {
                speech.add(&at(100.0 + mean + if i % 2 == 0 { 2.0 } else { -2.0 }));
            }
        }
        let level = Level { speech, pause: Stats::default(), is_speech: vec![] };
        let model = Model::from_synth(&synth, &level);
        for (number, want) in [(80.0, 0), (100.0, 1), (120.0, 2)] {
            assert_eq!(best(&model, &at(number)), want);
        }
    }

    #[test]
    fn what_is_learnt_moves_what_is_not() {
        let level = Level { speech: stats(0.0, 400), pause: Stats::default(), is_speech: vec![] };
        let old = Model::from_synth(&kinds([-1.0, 0.0, 1.0]), &level);
        let mut heard = kinds([4.0, 5.0, 0.0]);
        heard[PARTS + 2] = Stats::default();
        let new = old.adapted(&heard);
        // The third was not heard, but the others moved up by 5.
        assert!((new.kinds[PARTS].mean[0] - 4.0).abs() < 0.3, "{}", new.kinds[PARTS].mean[0]);
        assert!(new.kinds[PARTS + 2].mean[0] > 5.0, "{}", new.kinds[PARTS + 2].mean[0]);
    }

    #[test]
    fn a_recording_of_nothing() {
        let level = Level::of(&Recording::default(), &[]);
        assert!(!level.has_speech());
        let model = Model::from_synth(&kinds([-1.0, 0.0, 1.0]), &level);
        let mut fits = Vec::new();
        model.adapted(&kinds([0.0; 3])).fits(&at(3.0), &mut fits);
        assert!(fits.iter().all(|fit| fit.is_finite()));
    }
}
