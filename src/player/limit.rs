//! Holds what is louder than full scale below it, so that louder than recorded is not distorted.
//!
//! Nothing changes while all is within full scale. A peak beyond it lowers everything at once, and
//! the gain comes back slowly, so that a wave keeps its form where clipping would cut it off. Runs
//! in the sound card's own thread: no wait, no allocation.

/// How long the gain takes to come back by most of the way, in seconds.
const RELEASE: f32 = 0.2;

/// Remembers how much is held back.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Limiter {
    /// The gain of the last frame, 0 to 1.
    held: f32,
    /// The share of what is missing to 1 that comes back with each frame.
    back: f32,
}

impl Limiter {
    /// For so many frames a second.
    pub(super) fn new(rate: u32) -> Self {
        Self { held: 1.0, back: 1.0 - (-1.0 / (RELEASE * rate.max(1) as f32)).exp() }
    }

    /// The gain for a frame whose loudest sample is `peak`: with it that is at most 1.
    pub(super) fn gain(&mut self, peak: f32) -> f32 {
        let most = if peak > 1.0 { 1.0 / peak } else { 1.0 };
        self.held = (self.held + (1.0 - self.held) * self.back).min(most);
        // A gain so near to 1 is not heard, and would never end.
        if self.held > 0.999 && most == 1.0 {
            self.held = 1.0;
        }
        // Rounding may lead beyond 1 by the last digit.
        match peak * self.held {
            product if product <= 1.0 => self.held,
            _ => self.held * (1.0 - 2.0 * f32::EPSILON),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn through(wave: impl Fn(usize) -> f32, n: usize) -> Vec<f32> {
        let mut limiter = Limiter::new(48_000);
        (0..n).map(|i| wave(i) * limiter.gain(wave(i).abs())).collect()
    }

    fn sine(amplitude: f32) -> impl Fn(usize) -> f32 {
        move |i| amplitude * (i as f32 * 0.02).sin()
    }

    #[test]
    fn nothing_is_beyond_full_scale() {
        for amplitude in [0.5, 1.0, 1.01, 1.5, 3.0, 1e6] {
            let out = through(sine(amplitude), 20_000);
            assert!(out.iter().all(|x| x.abs() <= 1.0), "{amplitude}");
        }
    }

    #[test]
    fn what_is_within_stays_as_it_is() {
        let wave = sine(0.999);
        assert_eq!(through(sine(0.999), 1_000), (0..1_000).map(wave).collect::<Vec<_>>());
    }

    /// A limited wave is the wave, but softer: cut off, its tops would be flat.
    #[test]
    fn the_form_is_kept() {
        let out = through(sine(1.5), 48_000);
        let settled = &out[24_000..];
        let flat = settled.iter().filter(|x| x.abs() > 0.999).count() as f32 / settled.len() as f32;
        let peak = settled.iter().fold(0.0f32, |a, b| a.max(b.abs()));
        // Clipped at 1 a sine of 1.5 would be flat for more than half of the time.
        assert!(flat < 0.1 && peak > 0.95, "flat for {flat}, up to {peak}");
    }

    #[test]
    fn the_gain_comes_back() {
        let mut limiter = Limiter::new(48_000);
        limiter.gain(2.0);
        assert!(limiter.gain(0.1) < 0.51);
        let after: Vec<f32> = (0..48_000 * 3).map(|_| limiter.gain(0.1)).collect();
        assert!(after.windows(2).all(|w| w[0] <= w[1]) && after.last() == Some(&1.0));
    }
}
