//! Faster or slower at the same pitch: waveform similarity overlap-add (Verhelst and Roelands,
//! ICASSP 1993).
//!
//! The sound is cut into pieces that overlap by half; they are laid down again nearer together or
//! further apart, each moved by a few milliseconds to where its waveform goes on best from the
//! piece before. Piece number k is centred on output frame k × hop and on the source frame k × hop
//! × rate: so the middle of what is heard is never further from the straight line between both than
//! the search reaches, and the error does not grow. A stretch has one rate for life; another rate
//! is another stretch.
//!
//! The search looks at one channel at some 8 kHz first and then at the few places around the best
//! one at the full rate. That is a fiftieth of the work of comparing every place at the full rate,
//! for the same choice.

/// Half the length of a piece, in seconds. A piece has to hold two periods of the lowest voice.
const HOP: f64 = 0.015;
/// How far a piece may move either way, in seconds: twice this covers one period of a voice at 42
/// Hz.
const REACH: f64 = 0.012;
/// The rate at which the first search is done, in Hz.
const COARSE: u32 = 8_000;
/// What a place at the end of the reach loses against one in the middle, in correlation: where all
/// places are as good (silence, noise, a steady tone) the nearest one is taken.
const PULL: f32 = 0.02;

/// Stretches a stream of interleaved frames.
pub(super) struct Stretch {
    n_channels: usize,
    /// Source frames per output frame.
    rate: f64,
    hop: usize,
    reach: usize,
    /// Source frames that make one coarse one.
    factor: usize,
    /// The rising half of the window; the falling half is what is missing to one.
    window: Vec<f32>,
    /// Frames from `base` on: interleaved, as one channel, and that at the coarse rate.
    input: Vec<f32>,
    mono: Vec<f32>,
    coarse: Vec<f32>,
    /// A multiple of `factor`.
    base: usize,
    /// The number of the next piece, and where the last one was centred.
    piece: u64,
    centre: usize,
    taken: u64,
    given: u64,
}

impl Stretch {
    /// For frames of `n_channels` samples at `sample_rate` Hz; `rate` is source time per heard
    /// time. At 1 what comes out is what went in, to the bit.
    pub(super) fn new(sample_rate: u32, n_channels: usize, rate: f64) -> Self {
        let frames = |seconds: f64| ((seconds * f64::from(sample_rate)).round() as usize).max(2);
        let hop = frames(HOP);
        let rise = |i: usize| {
            (std::f64::consts::PI * (i as f64 + 0.5) / (2 * hop) as f64).sin().powi(2) as f32
        };
        Self {
            n_channels,
            rate,
            hop,
            reach: frames(REACH),
            factor: (sample_rate / COARSE).max(1) as usize,
            window: (0..hop).map(rise).collect(),
            input: Vec::new(),
            mono: Vec::new(),
            coarse: Vec::new(),
            base: 0,
            piece: 1,
            centre: 0,
            taken: 0,
            given: 0,
        }
    }

    /// Takes whole frames and appends to `out` what is ready.
    pub(super) fn push(&mut self, frames: &[f32], out: &mut Vec<f32>) {
        self.taken += (frames.len() / self.n_channels) as u64;
        self.feed(frames, out);
    }

    /// Appends the rest; all that came out is then `round(taken / rate)` frames long.
    pub(super) fn finish(&mut self, out: &mut Vec<f32>) {
        if self.is_plain() {
            return;
        }
        let before = out.len();
        let missing = self.length().saturating_sub(self.given) as usize;
        let silence = vec![0.0; self.hop * self.n_channels];
        while (out.len() - before) / self.n_channels < missing {
            self.feed(&silence, out);
        }
        out.truncate(before + missing * self.n_channels);
    }

    /// How many frames all that was taken comes to.
    pub(super) fn length(&self) -> u64 {
        if self.is_plain() { self.taken } else { (self.taken as f64 / self.rate).round() as u64 }
    }

    fn is_plain(&self) -> bool {
        self.rate == 1.0
    }

    fn feed(&mut self, frames: &[f32], out: &mut Vec<f32>) {
        if self.is_plain() {
            out.extend_from_slice(frames);
            return;
        }
        self.input.extend_from_slice(frames);
        let weight = 1.0 / self.n_channels as f32;
        self.mono.extend(
            frames.chunks_exact(self.n_channels).map(|frame| frame.iter().sum::<f32>() * weight),
        );
        let whole = self.mono.len() / self.factor;
        let fresh = self.mono[self.coarse.len() * self.factor..whole * self.factor]
            .chunks_exact(self.factor);
        self.coarse.extend(fresh.map(|group| group.iter().sum::<f32>()));
        while self.step(out) {}
        self.forget();
    }

    /// Lays down one more piece, which finishes one hop of output; `false` if more input is needed.
    fn step(&mut self, out: &mut Vec<f32>) -> bool {
        let ideal = (self.piece as f64 * self.hop as f64 * self.rate).round() as usize;
        // The first pieces cannot begin before the sound does.
        let first = ideal.saturating_sub(self.reach).max(self.hop);
        let last = (ideal + self.reach).max(first);
        let needs = last.max(self.centre + self.hop).max(last + self.factor) + self.hop;
        if self.base + self.mono.len() < needs {
            return false;
        }
        let centre = self.best(ideal, first, last);
        let (old, new) = (
            (self.centre - self.base) * self.n_channels,
            (centre - self.hop - self.base) * self.n_channels,
        );
        let n = self.hop * self.n_channels;
        let (old, new) = (&self.input[old..old + n], &self.input[new..new + n]);
        let pairs = old
            .chunks_exact(self.n_channels)
            .zip(new.chunks_exact(self.n_channels))
            .zip(&self.window);
        out.extend(pairs.flat_map(|((old, new), rise)| {
            old.iter().zip(new).map(move |(old, new)| old + (new - old) * rise)
        }));
        self.given += self.hop as u64;
        self.centre = centre;
        self.piece += 1;
        true
    }

    /// The centre between `first` and `last` from which a piece goes on best from the last one.
    fn best(&self, ideal: usize, first: usize, last: usize) -> usize {
        let far = self.reach as f32;
        let pull = |centre: usize| PULL * (centre.abs_diff(ideal) as f32 / far).powi(2);
        let score = |samples: &[f32], target: &[f32], begin: usize, centre: usize| {
            likeness(target, &samples[begin..begin + target.len()]) - pull(centre)
        };
        let (hop, factor) = (self.hop / self.factor, self.factor);
        let begin = (self.centre - self.base) / factor;
        let target = &self.coarse[begin..begin + hop];
        let rough = (first.div_ceil(factor)..=last / factor)
            .filter_map(|centre| Some((centre, (centre - self.base / factor).checked_sub(hop)?)))
            .map(|(centre, begin)| {
                (centre * factor, score(&self.coarse, target, begin, centre * factor))
            })
            .max_by(|a, b| a.1.total_cmp(&b.1))
            .map_or(ideal.clamp(first, last), |(centre, _)| centre);
        let begin = self.centre - self.base;
        let target = &self.mono[begin..begin + self.hop];
        (rough.saturating_sub(factor).max(first)..=(rough + factor).min(last))
            .map(|centre| {
                (centre, score(&self.mono, target, centre - self.hop - self.base, centre))
            })
            .max_by(|a, b| a.1.total_cmp(&b.1))
            .map_or(rough, |(centre, _)| centre)
    }

    /// Drops input that no later piece can want.
    fn forget(&mut self) {
        let next = (self.piece as f64 * self.hop as f64 * self.rate).round() as usize;
        let wanted = next.saturating_sub(self.reach + self.hop + self.factor).min(self.centre);
        let base = wanted / self.factor * self.factor;
        // In large bites, so that little is moved.
        if base < self.base + 4 * (self.hop + self.reach) {
            return;
        }
        let n = (base - self.base).min(self.mono.len());
        self.input.drain(..n * self.n_channels);
        self.mono.drain(..n);
        self.coarse.drain(..n / self.factor);
        self.base += n;
    }
}

/// The correlation of two equally long pieces, from −1 to 1; 0 where there is silence.
fn likeness(a: &[f32], b: &[f32]) -> f32 {
    let (mut product, mut energy_a, mut energy_b) = ([0.0f32; 8], [0.0f32; 8], [0.0f32; 8]);
    let (a_groups, a_rest) = a.as_chunks::<8>();
    let (b_groups, b_rest) = b.as_chunks::<8>();
    // Sums in eight lanes: one sum alone would have to be added up in order, one sample at a time.
    for (x, y) in a_groups.iter().zip(b_groups) {
        for i in 0..8 {
            product[i] += x[i] * y[i];
            energy_a[i] += x[i] * x[i];
            energy_b[i] += y[i] * y[i];
        }
    }
    for (i, (x, y)) in a_rest.iter().zip(b_rest).enumerate() {
        product[i] += x * y;
        energy_a[i] += x * x;
        energy_b[i] += y * y;
    }
    let energy = energy_a.iter().sum::<f32>() * energy_b.iter().sum::<f32>();
    product.iter().sum::<f32>() / (energy.sqrt() + 1e-9)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::f64::consts::TAU;

    const RATES: [f64; 7] = [0.5, 0.75, 1.0, 1.25, 1.5, 2.0, 3.0];

    fn stretch(
        sample_rate: u32,
        n_channels: usize,
        rate: f64,
        input: &[f32],
        cut: usize,
    ) -> Vec<f32> {
        let mut stretch = Stretch::new(sample_rate, n_channels, rate);
        let mut out = Vec::new();
        input.chunks(cut * n_channels).for_each(|part| stretch.push(part, &mut out));
        stretch.finish(&mut out);
        assert_eq!(out.len() as u64, stretch.length() * n_channels as u64);
        out
    }

    fn tone(hz: f64, sample_rate: u32, seconds: f64) -> Vec<f32> {
        let n = (seconds * f64::from(sample_rate)) as usize;
        (0..n)
            .map(|i| (0.5 * (TAU * hz * i as f64 / f64::from(sample_rate)).sin()) as f32)
            .collect()
    }

    /// Energy of `x` at `hz` (Goertzel), as a share of all of it.
    fn share_at(x: &[f32], hz: f64, sample_rate: u32) -> f64 {
        let w = TAU * hz / f64::from(sample_rate);
        let (re, im) = x.iter().enumerate().fold((0.0, 0.0), |(re, im), (i, &s)| {
            let (sin, cos) = (w * i as f64).sin_cos();
            (re + f64::from(s) * cos, im + f64::from(s) * sin)
        });
        let all: f64 = x.iter().map(|&s| f64::from(s * s)).sum();
        2.0 * (re * re + im * im) / (x.len() as f64 * all.max(1e-12))
    }

    #[test]
    fn pitch_and_length_hold_at_every_rate() {
        for sample_rate in [16_000, 44_100, 48_000] {
            for rate in RATES {
                for hz in [82.0, 130.0, 440.0, 1_000.0, 2_900.0] {
                    let input = tone(hz, sample_rate, 2.0);
                    let out = stretch(sample_rate, 1, rate, &input, 1_000);
                    let want = input.len() as f64 / rate;
                    assert!(
                        (out.len() as f64 - want).abs() <= 1.0,
                        "{rate}: {} instead of {want} frames",
                        out.len()
                    );
                    let middle = &out[out.len() / 8..out.len() * 7 / 8];
                    let crossings =
                        middle.windows(2).filter(|w| w[0] < 0.0 && w[1] >= 0.0).count() as f64;
                    let heard = crossings * f64::from(sample_rate) / middle.len() as f64;
                    let slack = f64::from(sample_rate) / middle.len() as f64;
                    assert!(
                        (heard - hz).abs() < hz * 0.01 + slack,
                        "{hz} Hz at {rate}, {sample_rate} Hz: {heard}"
                    );
                    // In short pieces and at the pitch heard: one that is off by a little turns the
                    // phase over a long piece.
                    let pieces: Vec<f64> = middle
                        .chunks_exact(sample_rate as usize / 10)
                        .map(|piece| share_at(piece, heard, sample_rate))
                        .collect();
                    let purity = pieces.iter().sum::<f64>() / pieces.len() as f64;
                    assert!(purity > 0.95, "{hz} Hz at {rate}, {sample_rate} Hz: {purity}");
                }
            }
        }
    }

    #[test]
    fn a_click_is_heard_where_the_line_says() {
        for rate in RATES {
            let at = 24_000;
            let mut input = vec![0.0; 48_000];
            input[at..at + 480].copy_from_slice(&tone(1_000.0, 48_000, 0.01)[..480]);
            let out = stretch(48_000, 1, rate, &input, 333);
            let loud: Vec<usize> = (0..out.len()).filter(|&i| out[i].abs() > 0.05).collect();
            let heard = (loud[0] + loud[loud.len() - 1]) as f64 / 2.0 / 48_000.0;
            let want = (at as f64 + 240.0) / rate / 48_000.0;
            assert!((heard - want).abs() < HOP + REACH, "{rate}: {heard} instead of {want}");
        }
    }

    #[test]
    fn no_click_is_added() {
        for rate in RATES {
            let input: Vec<f32> = tone(150.0, 48_000, 1.0)
                .iter()
                .zip(tone(371.0, 48_000, 1.0))
                .map(|(a, b)| a + b * 0.5)
                .collect();
            let jump = |x: &[f32]| x.windows(2).map(|w| (w[1] - w[0]).abs()).fold(0.0, f32::max);
            let out = stretch(48_000, 1, rate, &input, 480);
            let body = &out[..out.len() - 2_000];
            assert!(
                jump(body) < jump(&input) * 1.1,
                "{rate}: {} against {}",
                jump(body),
                jump(&input)
            );
        }
    }

    #[test]
    fn speed_one_changes_nothing() {
        let input = tone(333.0, 16_000, 0.3);
        assert_eq!(stretch(16_000, 1, 1.0, &input, 77), input);
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 24, ..ProptestConfig::default() })]

        #[test]
        fn cutting_the_input_up_changes_nothing(
            rate in 0.5f64..3.0, n_channels in 1usize..3, cut in 1usize..3_000, len in 0usize..12_000, seed: u32,
        ) {
            let mut state = seed;
            let input: Vec<f32> = std::iter::repeat_with(|| {
                state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                state as f32 / u32::MAX as f32 - 0.5
            }).take(len * n_channels).collect();
            prop_assert_eq!(stretch(22_050, n_channels, rate, &input, cut), stretch(22_050, n_channels, rate, &input, len.max(1)));
        }
    }
}
