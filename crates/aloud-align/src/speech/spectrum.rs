//! What one 10 ms frame sounds like: loudness, band levels, voicing, sharp tones.
//!
//! Stateless mathematics on one stretch of samples. This file never knows what came before or
//! what is speech; `music` and `floor` watch these numbers over time.

use std::sync::Arc;

use realfft::num_complex::Complex;
use realfft::{ComplexToReal, RealFftPlanner, RealToComplex};

/// Samples per frame: 10 ms at 16 kHz.
pub const HOP: usize = 160;
/// Samples that one frame's spectrum sees, centred on the frame: 32 ms.
pub(super) const SPAN: usize = 512;
/// Mel bands of a frame.
pub(super) const BANDS: usize = 24;
/// Level in dB given to nothing at all.
pub(super) const NOTHING_DB: f32 = -120.0;

const RATE: f32 = 16_000.0;
const BINS: usize = SPAN / 2 + 1;
const BIN_HZ: f32 = RATE / SPAN as f32;
/// First bin in which tones are looked for (312 Hz); 118 bins up to 4 kHz follow.
const LOWEST_TONE: usize = 10;
const TONE_BINS: usize = 118;
/// Fundamental periods looked for: 400 Hz down to 70 Hz.
const SHORTEST: usize = 40;
const LONGEST: usize = 228;

/// One frame in numbers.
#[derive(Clone, Copy, Debug)]
pub(super) struct Shape {
    /// RMS of the frame's own 160 samples in dBFS.
    pub energy_db: f32,
    /// Power in each mel band in dB, low to high.
    pub bands: [f32; BANDS],
    /// How periodic it is: the normalised autocorrelation at its best period, 0 to 1.
    pub voicing: f32,
    /// That period in samples, interpolated.
    pub period: f32,
    /// One bit per bin from [`LOWEST_TONE`] up: whether a sharp peak stands there.
    pub tones: u128,
}

/// The plans, tables and buffers for turning samples into a [`Shape`].
pub(super) struct Spectrum {
    forward: Arc<dyn RealToComplex<f32>>,
    inverse: Arc<dyn ComplexToReal<f32>>,
    window: Vec<f32>,
    /// Autocorrelation of the window itself, by which that of the sound is divided (Boersma 1993).
    window_lags: Vec<f32>,
    /// Per bin: the band below it, and the share that goes to the band above that one.
    mel: Vec<(usize, f32)>,
    samples: Vec<f32>,
    bins: Vec<Complex<f32>>,
    power: Vec<f32>,
    lags: Vec<f32>,
    scratch: Vec<Complex<f32>>,
}

impl Spectrum {
    pub(super) fn new() -> Self {
        let mut planner = RealFftPlanner::new();
        let forward = planner.plan_fft_forward(SPAN);
        let inverse = planner.plan_fft_inverse(SPAN);
        let scratch =
            vec![Complex::default(); forward.get_scratch_len().max(inverse.get_scratch_len())];
        let window: Vec<f32> = (0..SPAN)
            .map(|n| 0.5 - 0.5 * (std::f32::consts::TAU * (n as f32 + 0.5) / SPAN as f32).cos())
            .collect();
        let lag = |by: usize| window.iter().zip(&window[by..]).map(|(a, b)| a * b).sum::<f32>();
        let whole = lag(0);
        let window_lags = (0..=LONGEST + 1).map(|by| lag(by) / whole).collect();
        Self {
            window_lags,
            mel: (0..BINS).map(mel_share).collect(),
            samples: vec![0.0; SPAN],
            bins: vec![Complex::default(); BINS],
            power: vec![0.0; BINS],
            lags: vec![0.0; SPAN],
            forward,
            inverse,
            window,
            scratch,
        }
    }

    /// Measures the frame in the middle of `sound`, which is [`SPAN`] samples long.
    pub(super) fn measure(&mut self, sound: &[f32]) -> Shape {
        let own = &sound[(SPAN - HOP) / 2..(SPAN + HOP) / 2];
        let energy_db = decibels(own.iter().map(|x| x * x).sum::<f32>() / HOP as f32);
        for ((to, x), w) in self.samples.iter_mut().zip(sound).zip(&self.window) {
            *to = x * w;
        }
        // The lengths are fixed by the plans, so these cannot fail; a failure would leave the last
        // frame's numbers.
        let _ =
            self.forward.process_with_scratch(&mut self.samples, &mut self.bins, &mut self.scratch);
        let scale = 1.0 / (SPAN as f32 * SPAN as f32 * 0.1875);
        for (to, bin) in self.power.iter_mut().zip(&self.bins) {
            *to = bin.norm_sqr() * scale;
        }
        let (voicing, period) = self.voicing();
        Shape { energy_db, bands: self.bands(), voicing, period, tones: self.tones() }
    }

    fn bands(&self) -> [f32; BANDS] {
        let mut sums = [0.0; BANDS + 2];
        for (power, &(band, share)) in self.power.iter().zip(&self.mel) {
            sums[band] += power * (1.0 - share);
            sums[band + 1] += power * share;
        }
        // The outermost two sums hold what is below and above the bands.
        std::array::from_fn(|b| decibels(sums[b + 1]))
    }

    /// Peaks that stand 8 dB out of their surroundings.
    fn tones(&self) -> u128 {
        let p = &self.power;
        let mut tones = 0;
        for k in LOWEST_TONE..LOWEST_TONE + TONE_BINS {
            if p[k] > p[k - 1] && p[k] > p[k + 1] && p[k] > 1e-10 {
                let around = (p[k - 4] * p[k + 4]).sqrt() * (p[k - 3] * p[k + 3]).sqrt();
                if p[k] * p[k] > 36.0 * around {
                    tones |= 1 << (k - LOWEST_TONE);
                }
            }
        }
        tones
    }

    /// The best period and how strongly the frame repeats with it: the autocorrelation of the
    /// windowed sound over that of the window (P. Boersma, "Accurate short-term analysis of the
    /// fundamental frequency", 1993), of the sound below 1.5 kHz.
    fn voicing(&mut self) -> (f32, f32) {
        let top = (1500.0 / BIN_HZ) as usize;
        for (k, (to, power)) in self.bins.iter_mut().zip(&self.power).enumerate() {
            *to = Complex::new(if (2..top).contains(&k) { *power } else { 0.0 }, 0.0);
        }
        let _ =
            self.inverse.process_with_scratch(&mut self.bins, &mut self.lags, &mut self.scratch);
        let whole = self.lags[0];
        if whole.is_nan() || whole <= 1e-12 {
            return (0.0, SHORTEST as f32);
        }
        let at = |lag: usize| self.lags[lag] / (whole * self.window_lags[lag]);
        let mut best = (0.0, SHORTEST);
        let (mut before, mut here) = (at(SHORTEST - 1), at(SHORTEST));
        for lag in SHORTEST..=LONGEST {
            let after = at(lag + 1);
            // Long periods must win clearly: multiples of the true one are as good.
            if here > best.0 * 1.05 && here >= before && here >= after {
                best = (here, lag);
            }
            (before, here) = (here, after);
        }
        let (value, lag) = best;
        if value <= 0.0 {
            return (0.0, SHORTEST as f32);
        }
        let (a, b, c) = (at(lag - 1), at(lag), at(lag + 1));
        let bend = a - 2.0 * b + c;
        let shift = if bend < 0.0 { (0.5 * (a - c) / bend).clamp(-0.5, 0.5) } else { 0.0 };
        (value.min(1.0), lag as f32 + shift)
    }
}

/// Power to decibels, with [`NOTHING_DB`] as the floor.
pub(super) fn decibels(power: f32) -> f32 {
    if power > 1e-12 { 10.0 * power.log10() } else { NOTHING_DB }
}

/// Between which two triangles of the mel scale (O'Shaughnessy's formula) a bin lies, and how near
/// to the upper.
fn mel_share(bin: usize) -> (usize, f32) {
    let mel = |hz: f32| 1127.0 * (1.0 + hz / 700.0).ln();
    let (low, high) = (mel(100.0), mel(7200.0));
    let place = (mel(bin as f32 * BIN_HZ) - low) / (high - low) * (BANDS + 1) as f32;
    let place = place.clamp(0.0, BANDS as f32 + 0.999);
    (place as usize, place.fract())
}
