//! How fast is the text read, compared with the synthesiser? Here slower, there faster: from where
//! a path put its sounds.

use super::mfcc::STEP_MS;
use super::path::What;
use super::place::Path;
use super::text::Text;

/// The pace at a phone is that of so many on either side of it, some five seconds of speech.
const AROUND: usize = 40;
/// What the whole text says about the pace at each place weighs as much as so many milliseconds of
/// the synthesiser's speech.
const PRIOR_MS: f32 = 1000.0;
/// Nobody reads faster or slower than this: espeak-ng speaks some 160 words a minute, people
/// between 60 and 250, in a pass_state 350.
const FASTEST: f32 = 0.4;
const SLOWEST: f32 = 4.0;

/// How many times as long as the synthesiser's each phone of a text is.
pub(super) struct Pace {
    paces: Vec<f32>,
}

impl Pace {
    /// The synthesiser's own.
    pub fn even() -> Self {
        Self { paces: Vec::new() }
    }

    /// As it is along a path.
    pub fn of(text: &Text, path: &Path) -> Self {
        // Sums up to each phone, of those on the path: how long they are here, and how long the
        // synthesiser's.
        let mut lengths = vec![(0.0f32, 0.0f32); text.phones.len()];
        for (what, frames) in path.stretches() {
            if let What::Phone(phone) = what
                && let Some(length) = lengths.get_mut(phone as usize)
            {
                *length = (
                    frames.len() as f32 * STEP_MS as f32,
                    f32::from(text.phones[phone as usize].ms),
                );
            }
        }
        let all = lengths.iter().fold((0.0, 0.0), |sum: (f64, f64), (here, synth)| {
            (sum.0 + f64::from(*here), sum.1 + f64::from(*synth))
        });
        if all.1 <= 0.0 {
            return Self::even();
        }
        let usual = (all.0 / all.1) as f32;
        let pace = |phone: usize| {
            let near =
                &lengths[phone.saturating_sub(AROUND)..(phone + AROUND + 1).min(lengths.len())];
            let (here, synth) =
                near.iter().fold((0.0, 0.0), |sum, (here, synth)| (sum.0 + here, sum.1 + synth));
            ((here + PRIOR_MS * usual) / (synth + PRIOR_MS)).clamp(FASTEST, SLOWEST)
        };
        Self { paces: (0..lengths.len()).map(pace).collect() }
    }

    /// At a phone of the text.
    pub fn at(&self, phone: usize) -> f32 {
        self.paces.get(phone).copied().unwrap_or(1.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::warp::chain::Chain;
    use crate::warp::path::Step;
    use crate::warp::text::Phone;

    #[test]
    fn here_slower_and_there_faster() {
        let mut text = Text::default();
        let n = 600;
        text.phones = (0..n).map(|word| Phone { kind: 3, word, ms: 80 }).collect();
        // The first half takes twice as long as the synthesiser, the second half as long; the last
        // fifty are not read.
        let mut at = 0;
        let mut steps = vec![Step { what: What::Pause(0), at: 0 }];
        for phone in 0..n - 50 {
            steps.push(Step { what: What::Phone(phone), at });
            at += if phone < n / 2 { 16 } else { 4 };
        }
        steps.push(Step { what: What::Pause(n), at });
        let pace = Pace::of(
            &text,
            &Path::new(steps, 1, at as usize + 500, &Chain { firsts: vec![0], ..Chain::default() }),
        );
        for (phone, want) in [(100, 1.9), (450, 0.6), (599, 1.3)] {
            assert!((pace.at(phone) - want).abs() < 0.15 * want, "{phone}: {}", pace.at(phone));
        }
        assert_eq!(
            (
                Pace::even().at(7),
                Pace::of(&text, &Path::new(Vec::new(), 1, 0, &Chain::default())).at(7)
            ),
            (1.0, 1.0)
        );
    }
}
