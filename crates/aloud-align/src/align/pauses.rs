//! How long is a pause in this recording?
//!
//! A hurried speaker ends paragraphs with pauses that another leaves after a comma. What counts is
//! how a pause compares with the others; this file never knows what is said around them.

/// The logarithm of the odds of a probability, which is never quite 0 or 1.
pub(super) fn odds(p: f64) -> f64 {
    let p = p.clamp(0.02, 0.98);
    (p / (1.0 - p)).ln()
}

/// And back.
pub(super) fn probability(odds: f64) -> f64 {
    1.0 / (1.0 + (-odds).exp())
}

/// How long pauses are between sentences and between paragraphs in one recording: as many are the
/// longest as there are sentences and paragraphs.
#[derive(Clone, Copy, Debug)]
pub(super) struct Pauses {
    sentence: f64,
    block: f64,
}

/// How much a pause speaks for an end, in log odds, for each e times longer than usual; and at
/// most.
const SLOPE: f64 = 4.0;
const MOST: f64 = 4.0;

impl Pauses {
    /// From all pauses, in milliseconds.
    pub(super) fn of(
        pauses: impl Iterator<Item = f64>,
        n_sentences: usize,
        n_blocks: usize,
    ) -> Self {
        let mut sorted: Vec<f64> = pauses.filter(|&pause| pause > 0.0).collect();
        sorted.sort_by(|a, b| b.total_cmp(a));
        let nth = |n: usize| {
            sorted.get(n.min(sorted.len().saturating_sub(1))).copied().unwrap_or(f64::INFINITY)
        };
        // Half way from the last that should end something to the first that should not.
        let between = |n: usize| (nth(n.saturating_sub(1)) * nth(n)).sqrt();
        Self { sentence: between(n_sentences), block: between(n_blocks) }
    }

    /// How much this pause speaks for the end of a sentence, in log odds.
    pub(super) fn sentence(&self, pause: f64) -> f64 {
        if !self.sentence.is_finite() {
            return 0.0;
        }
        (SLOPE * (pause.max(1.0) / self.sentence).ln()).clamp(-MOST, MOST)
    }

    /// How likely a paragraph ends at this pause.
    pub(super) fn block(&self, pause: f64) -> f64 {
        // Where all pauses are alike they say nothing about paragraphs.
        if !self.block.is_finite() || self.block < 1.2 * self.sentence {
            return 0.3;
        }
        probability((SLOPE * (pause.max(1.0) / self.block).ln()).clamp(-MOST, MOST))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_are_judged_by_the_others() {
        let hurried = [100.0, 90.0, 250.0, 110.0, 240.0, 500.0, 105.0, 260.0];
        for scale in [1.0, 3.0] {
            let pauses = Pauses::of(hurried.iter().map(|pause| pause * scale), 3, 1);
            assert!(pauses.sentence(250.0 * scale) > pauses.sentence(150.0 * scale));
            assert!(
                pauses.sentence(100.0 * scale) < -2.0 && pauses.sentence(500.0 * scale) > 2.0,
                "{pauses:?}"
            );
            assert!(pauses.block(500.0 * scale) > 0.5 && pauses.block(100.0 * scale) < 0.1);
        }
    }

    #[test]
    fn without_pauses_nothing_is_known() {
        let none = Pauses::of(std::iter::empty(), 3, 1);
        assert_eq!((none.sentence(0.0), none.block(700.0)), (0.0, 0.3));
    }
}
