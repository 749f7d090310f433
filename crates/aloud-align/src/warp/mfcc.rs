//! Sound as mel-frequency cepstral coefficients, a frame every 10 ms.
//!
//! The same vowel has similar numbers, whoever says it, more so when the frequencies of one voice
//! are stretched to those of another. This file never knows words or voices.

use realfft::num_complex::Complex;
use realfft::{RealFftPlanner, RealToComplex};
use std::collections::VecDeque;
use std::sync::Arc;

/// Coefficients of a frame, the first being its loudness.
pub(super) const COEFFICIENTS: usize = 13;
/// Milliseconds from frame to frame.
pub(super) const STEP_MS: u64 = 10;
/// Milliseconds of sound that a frame sees, centred on its own step.
const WINDOW_MS: u32 = 25;
/// Bands of the mel scale, and the first and last frequency in them, in Hz: what narrow MP3 and
/// espeak-ng both have.
const BANDS: usize = 26;
const LOWEST_HZ: f32 = 80.0;
const HIGHEST_HZ: f32 = 6800.0;
/// A sample counts less so much of the one before: speech falls by 6 dB an octave.
const EMPHASIS: f32 = 0.97;
/// The mean square of Hamming's window.
const WINDOW_POWER: f32 = 0.397;
/// Power below this is as good as none.
const NOTHING: f32 = 1e-6;

/// A frame.
pub(super) type Frame = [f32; COEFFICIENTS];
/// For a bin, the band below it and the share that goes to the band above that one; nothing outside
/// the bands.
type Share = Option<(usize, f32)>;

/// One stretch of the frequencies.
struct Mel {
    shares: Vec<Share>,
    /// For each of the ways that have this stretch: its number, and the power of its noise in each
    /// band.
    noises: Vec<(usize, [f32; BANDS])>,
}

/// Turns sound into frames as it comes. Frame `i` is centred `10 i + 5` ms from the start.
///
/// S. Davis and P. Mermelstein, "Comparison of parametric representations for monosyllabic word
/// recognition", 1980: the logarithms of the power in triangular bands of the mel scale,
/// decorrelated by a cosine transform.
pub(super) struct Mfcc {
    plan: Arc<dyn RealToComplex<f32>>,
    window: Vec<f32>,
    mels: Vec<Mel>,
    cosines: Vec<[f32; BANDS]>,
    /// Sound not yet out of every window, and how many samples were before it.
    sound: VecDeque<f32>,
    first: u64,
    /// Silence before the sound, so that the first window is centred on the first step.
    lead: u64,
    n_frames: u64,
    rate: u64,
    last: f32,
    input: Vec<f32>,
    bins: Vec<Complex<f32>>,
    scratch: Vec<Complex<f32>>,
}

impl Mfcc {
    /// For sound of `rate` samples a second, at least 8,000. Each of `ways` makes frames of its
    /// own: as if all frequencies were multiplied by the first number (E. Eide and H. Gish, "A
    /// parametric approach to vocal tract length normalization", 1996), so that above 1 the speaker
    /// becomes smaller; and with white noise of the second as its power (after M. Gales and S.
    /// Young, "Robust continuous speech recognition using parallel model combination", 1996).
    pub fn new(rate: u32, ways: &[(f32, f32)]) -> Self {
        let n = (rate * WINDOW_MS / 1000) as usize;
        let size = n.next_power_of_two();
        let plan = RealFftPlanner::new().plan_fft_forward(size);
        let turn = |i: usize| std::f32::consts::TAU * (i as f32 + 0.5) / n as f32;
        let cosine = |k: usize, band: usize| {
            (std::f32::consts::PI * k as f32 * (band as f32 + 0.5) / BANDS as f32).cos()
        };
        let scale = (2.0 / BANDS as f32).sqrt();
        let hz = |bin: usize| bin as f32 * rate as f32 / size as f32;
        let lead = (n as u64 / 2).saturating_sub(u64::from(rate) * STEP_MS / 2000);
        Self {
            // R. Hamming's window.
            window: (0..n).map(|i| 0.54 - 0.46 * turn(i).cos()).collect(),
            mels: mels(size, ways, hz),
            cosines: (0..COEFFICIENTS)
                .map(|k| std::array::from_fn(|band| scale * cosine(k, band)))
                .collect(),
            sound: std::iter::repeat_n(0.0, lead as usize).collect(),
            first: 0,
            lead,
            n_frames: 0,
            rate: u64::from(rate),
            last: 0.0,
            input: vec![0.0; size],
            bins: vec![Complex::default(); size / 2 + 1],
            scratch: vec![Complex::default(); plan.get_scratch_len()],
            plan,
        }
    }

    /// Takes the next samples, -1 to 1, and appends the frames that are whole by them, to a list
    /// for each warp.
    pub fn push(&mut self, samples: impl IntoIterator<Item = f32>, out: &mut [Vec<Frame>]) {
        for sample in samples {
            let sample = if sample.is_finite() { sample } else { 0.0 };
            self.sound.push_back(sample - EMPHASIS * self.last);
            self.last = sample;
            if self.sound.len() >= self.next() + self.window.len() {
                self.measure(out);
            }
        }
    }

    /// Ends the sound: the last frames see silence behind it. Together they are one for each step
    /// begun.
    pub fn finish(&mut self, out: &mut [Vec<Frame>]) {
        let end = (self.first + self.sound.len() as u64).saturating_sub(self.lead);
        while self.n_frames * self.rate * STEP_MS / 1000 < end {
            let wanted = self.next() + self.window.len();
            self.sound.resize(wanted.max(self.sound.len()), 0.0);
            self.measure(out);
        }
    }

    /// Where in `sound` the next window begins.
    fn next(&self) -> usize {
        (self.n_frames * self.rate * STEP_MS / 1000 - self.first) as usize
    }

    fn measure(&mut self, out: &mut [Vec<Frame>]) {
        let at = self.next();
        self.sound.drain(..at);
        self.first += at as u64;
        self.n_frames += 1;
        self.input.fill(0.0);
        for ((to, sample), weight) in self.input.iter_mut().zip(&self.sound).zip(&self.window) {
            *to = sample * weight;
        }
        // The lengths are the plan's own, so it cannot fail.
        let _ = self.plan.process_with_scratch(&mut self.input, &mut self.bins, &mut self.scratch);
        let powers: Vec<f32> =
            self.bins.iter().map(|bin| bin.norm_sqr() / self.window.len() as f32).collect();
        for mel in &self.mels {
            let mut bands = [0.0f32; BANDS + 2];
            for (power, share) in powers.iter().zip(&mel.shares) {
                if let Some((band, share)) = *share {
                    bands[band] += power * (1.0 - share);
                    bands[band + 1] += power * share;
                }
            }
            for (way, noise) in &mel.noises {
                out[*way].push(self.cepstrum(&bands, noise));
            }
        }
    }

    fn cepstrum(&self, bands: &[f32; BANDS + 2], noise: &[f32; BANDS]) -> Frame {
        let logs: [f32; BANDS] = std::array::from_fn(|band| (bands[band + 1] + noise[band]).ln());
        std::array::from_fn(|k| {
            self.cosines[k].iter().zip(&logs).map(|(cosine, log)| cosine * log).sum()
        })
    }
}

/// The stretches of some ways, each once.
fn mels(size: usize, ways: &[(f32, f32)], hz: impl Fn(usize) -> f32) -> Vec<Mel> {
    let mut mels: Vec<(f32, Mel)> = Vec::new();
    for (way, (warp, noise)) in ways.iter().enumerate() {
        let at = mels.iter().position(|(known, _)| known == warp).unwrap_or_else(|| {
            let shares = (0..=size / 2).map(|bin| mel_share(warp * hz(bin))).collect();
            mels.push((*warp, Mel { shares, noises: Vec::new() }));
            mels.len() - 1
        });
        let (_, mel) = &mut mels[at];
        let bands = noise_bands(size, &mel.shares, *noise);
        mel.noises.push((way, bands));
    }
    mels.into_iter().map(|(_, mel)| mel).collect()
}

/// The power in each band of noise that has `noise` in each sample.
fn noise_bands(size: usize, shares: &[Share], noise: f32) -> [f32; BANDS] {
    let mut bands = [NOTHING; BANDS];
    for (bin, (band, share)) in
        shares.iter().enumerate().filter_map(|(bin, share)| Some((bin, (*share)?)))
    {
        let turn = std::f32::consts::TAU * bin as f32 / size as f32;
        // What the window and the emphasis leave of it.
        let power =
            noise * WINDOW_POWER * (1.0 + EMPHASIS * EMPHASIS - 2.0 * EMPHASIS * turn.cos());
        for (band, share) in [(band, 1.0 - share), (band + 1, share)] {
            if let Some(sum) = band.checked_sub(1).and_then(|band| bands.get_mut(band)) {
                *sum += power * share;
            }
        }
    }
    bands
}

/// Between which two triangles of the mel scale (O'Shaughnessy's formula) a frequency lies, and how
/// near to the upper.
fn mel_share(hz: f32) -> Share {
    let mel = |hz: f32| 1127.0 * (1.0 + hz / 700.0).ln();
    let place =
        (mel(hz) - mel(LOWEST_HZ)) / (mel(HIGHEST_HZ) - mel(LOWEST_HZ)) * (BANDS + 1) as f32;
    (0.0..(BANDS + 1) as f32).contains(&place).then(|| (place as usize, place.fract()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn frames(rate: u32, warp: f32, samples: &[f32], piece: usize) -> Vec<Frame> {
        let (mut mfcc, mut out) = (Mfcc::new(rate, &[(warp, 0.0)]), [Vec::new()]);
        for piece in samples.chunks(piece) {
            mfcc.push(piece.iter().copied(), &mut out);
        }
        mfcc.finish(&mut out);
        let [out] = out;
        out
    }

    /// Pulses at 120 Hz through a resonance, as a vowel is.
    fn vowel(rate: u32, hz: f32, seconds: f32) -> Vec<f32> {
        let n = (rate as f32 * seconds) as usize;
        let (radius, turn) =
            (0.98f32.powf(16_000.0 / rate as f32), std::f32::consts::TAU * hz / rate as f32);
        let (mut a, mut b) = (0.0, 0.0);
        let pulse = |i: usize| if i.is_multiple_of(rate as usize / 120) { 0.1 } else { 0.0 };
        let ring = |i| {
            let next = pulse(i) + 2.0 * radius * turn.cos() * a - radius * radius * b;
            (a, b) = (next, a);
            next
        };
        (0..n).map(ring).collect()
    }

    fn distance(a: &Frame, b: &Frame) -> f32 {
        a.iter().zip(b).skip(1).map(|(a, b)| (a - b).powi(2)).sum::<f32>().sqrt()
    }

    #[test]
    fn a_frame_for_each_step_begun() {
        for (n, want) in [(0, 0), (1, 1), (160, 1), (161, 2), (16_000, 100)] {
            assert_eq!(frames(16_000, 1.0, &vec![0.1; n], 1000).len(), want, "{n}");
        }
        assert_eq!(frames(22_050, 1.0, &vec![0.1; 22_050], 1000).len(), 100);
    }

    #[test]
    fn pieces_make_no_difference() {
        let sound = vowel(16_000, 700.0, 0.3);
        assert_eq!(frames(16_000, 1.0, &sound, 16_000), frames(16_000, 1.0, &sound, 7));
    }

    #[test]
    fn vowels_differ_and_rates_do_not() {
        let of = |rate, hz, warp| frames(rate, warp, &vowel(rate, hz, 0.5), 999)[25];
        let (low, high) = (of(16_000, 500.0, 1.0), of(16_000, 1500.0, 1.0));
        assert!(distance(&low, &of(22_050, 500.0, 1.0)) < 0.3 * distance(&low, &high));
        // A warp of 1.2 lifts 1250 Hz to 1500 Hz.
        assert!(
            distance(&high, &of(16_000, 1250.0, 1.2))
                < 0.5 * distance(&high, &of(16_000, 1250.0, 1.0))
        );
    }

    #[test]
    fn nonsense_is_silence() {
        let sound = [f32::NAN, f32::INFINITY, 0.0, 1.0].repeat(400);
        assert!(frames(16_000, 1.0, &sound, 100).iter().flatten().all(|number| number.is_finite()));
    }
}
