//! Any rate to any other, as a stream. The only file that names rubato.
//!
//! rubato's FFT resampler works on blocks whose two sides are whole numbers of samples, so there is
//! no drift, and delays the sound by half a block, which is taken off here. Input is gathered into
//! such blocks first; hence the output is the same to the bit however the input is cut up.

use super::SAMPLE_RATE;
use crate::reason::Hinted;
use rubato::audioadapter_buffers::direct::InterleavedSlice;
use rubato::{Fft, FixedSync, Resampler as _};

/// The lowest source rate that is accepted, in Hz.
pub const MIN_RATE: u32 = 1_000;
/// The highest source rate that is accepted, in Hz; above it a block would cost megabytes.
pub const MAX_RATE: u32 = 768_000;

/// The shortest block, in samples of the slower of the two rates. The longer it is, the narrower
/// the band below half that rate which the filter takes away: with 1024 less than 0.1 dB is lost up
/// to 95 % of it.
const BLOCK: u64 = 1024;

/// A source rate that no recording of speech has.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a sample rate of {0} Hz is outside {MIN_RATE} to {MAX_RATE} Hz")]
pub struct RateError(pub u32);

impl Hinted for RateError {}

/// Changes the rate of one channel.
///
/// The whole output is `round(input × target / source)` samples long, and a sound stands in it at
/// the time at which it stood in the input.
pub struct Resampler {
    /// `None` where the source already has the right rate.
    engine: Option<Engine>,
    source_rate: u32,
    target_rate: u32,
}

struct Engine {
    fft: Fft<f32>,
    input: Vec<f32>,
    block_in: usize,
    block_out: usize,
    /// Output samples that are still to be dropped: the delay, or what comes before the place
    /// sought.
    skip: u64,
    /// Frames of the source before the first one pushed, and since.
    start: u64,
    taken: u64,
    given: u64,
}

impl Resampler {
    /// For a source at `source_rate` Hz, from its start, to [`SAMPLE_RATE`].
    ///
    /// # Errors
    /// When the rate is outside [`MIN_RATE`] to [`MAX_RATE`].
    pub fn new(source_rate: u32) -> Result<Self, RateError> {
        Self::between(source_rate, SAMPLE_RATE)
    }

    /// For a source at `source_rate` Hz, from its start, to `target_rate` Hz.
    ///
    /// # Errors
    /// When a rate is outside [`MIN_RATE`] to [`MAX_RATE`].
    pub fn between(source_rate: u32, target_rate: u32) -> Result<Self, RateError> {
        if let Some(bad) = [source_rate, target_rate]
            .into_iter()
            .find(|rate| !(MIN_RATE..=MAX_RATE).contains(rate))
        {
            return Err(RateError(bad));
        }
        if source_rate == target_rate {
            return Ok(Self { engine: None, source_rate, target_rate });
        }
        let wanted = (BLOCK * u64::from(source_rate))
            .div_ceil(u64::from(source_rate.min(target_rate))) as usize;
        let fft = Fft::new_custom(
            source_rate as usize,
            target_rate as usize,
            wanted,
            1,
            1,
            rubato::WindowFunction::BlackmanHarris2,
            FixedSync::Both,
        )
        .map_err(|_| RateError(source_rate))?;
        let (block_in, block_out) = (fft.input_frames_next(), fft.output_frames_next());
        let skip = fft.output_delay() as u64;
        let engine = Engine {
            fft,
            input: Vec::with_capacity(block_in),
            block_in,
            block_out,
            skip,
            start: 0,
            taken: 0,
            given: 0,
        };
        Ok(Self { engine: Some(engine), source_rate, target_rate })
    }

    /// Forgets what was pushed and makes ready to answer from output sample `at` on. Returns the
    /// frame of the source from which the caller has to push; it is so early that every following
    /// output sample is, to the bit, the one of a run from the start.
    pub fn restart_at(&mut self, at: u64) -> u64 {
        let Some(engine) = &mut self.engine else { return at };
        engine.fft.reset();
        engine.input.clear();
        let delay = engine.fft.output_delay() as u64;
        // A block of output is made of its own block of input and the one before; one more to
        // spare.
        let block = ((at + delay) / engine.block_out as u64).saturating_sub(2);
        engine.start = block * engine.block_in as u64;
        engine.skip = at + delay - block * engine.block_out as u64;
        engine.taken = 0;
        engine.given = at;
        engine.start
    }

    /// Takes more of the source and appends to `out` what is ready of the result.
    pub fn push(&mut self, samples: &[f32], out: &mut Vec<f32>) {
        match &mut self.engine {
            None => out.extend_from_slice(samples),
            Some(engine) => engine.push(samples, out),
        }
    }

    /// Says that the source has ended and appends the rest of the result. The next use begins with
    /// [`restart_at`](Self::restart_at).
    pub fn finish(&mut self, out: &mut Vec<f32>) {
        let Some(engine) = &mut self.engine else { return };
        let (source, target) = (u128::from(self.source_rate), u128::from(self.target_rate));
        let ends = (u128::from(engine.start + engine.taken) * target + source / 2) / source;
        let before = out.len();
        let missing = (ends as u64).saturating_sub(engine.given) as usize;
        // Silence pushes out what the delay still holds; a block always gives at least one sample.
        let silence = vec![0.0; engine.block_in];
        while out.len() - before < missing {
            engine.push(&silence, out);
        }
        out.truncate(before + missing);
    }
}

impl Engine {
    fn push(&mut self, mut samples: &[f32], out: &mut Vec<f32>) {
        self.taken += samples.len() as u64;
        if !self.input.is_empty() {
            let (head, rest) =
                samples.split_at(samples.len().min(self.block_in - self.input.len()));
            self.input.extend_from_slice(head);
            samples = rest;
            if self.input.len() < self.block_in {
                return;
            }
            let block = std::mem::take(&mut self.input);
            self.process(&block, out);
            self.input = block;
            self.input.clear();
        }
        let blocks = samples.chunks_exact(self.block_in);
        let rest = blocks.remainder();
        for block in blocks {
            self.process(block, out);
        }
        self.input.extend_from_slice(rest);
    }

    fn process(&mut self, block: &[f32], out: &mut Vec<f32>) {
        let start = out.len();
        out.resize(start + self.block_out, 0.0);
        if let (Ok(input), Ok(mut output)) = (
            InterleavedSlice::new(block, 1, self.block_in),
            InterleavedSlice::new_mut(&mut out[start..], 1, self.block_out),
        ) {
            // It fails on blocks of another size than it asked for, and on nothing else.
            let done = self.fft.process_into_buffer(&input, &mut output, None);
            debug_assert!(done.is_ok(), "{done:?}");
        }
        let drop = self.skip.min(self.block_out as u64) as usize;
        self.skip -= drop as u64;
        out.drain(start..start + drop);
        self.given += (self.block_out - drop) as u64;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::f64::consts::TAU;

    const RATES: [u32; 11] =
        [8_000, 11_025, 16_000, 22_050, 24_000, 32_000, 44_100, 48_000, 96_000, 192_000, 44_101];

    fn resample(rate: u32, input: &[f32], cut: usize) -> Vec<f32> {
        resample_to(SAMPLE_RATE, rate, input, cut)
    }

    fn resample_to(target: u32, rate: u32, input: &[f32], cut: usize) -> Vec<f32> {
        let mut resampler = Resampler::between(rate, target).unwrap();
        let mut out = Vec::new();
        input.chunks(cut).for_each(|part| resampler.push(part, &mut out));
        resampler.finish(&mut out);
        out
    }

    #[test]
    fn an_impulse_stays_where_it_was() {
        for rate in RATES {
            for at in [0.0, 0.001, 0.25, 0.4999] {
                let mut input = vec![0.0; rate as usize / 2];
                let place = ((at * f64::from(rate)) as usize).min(input.len() - 1);
                input[place] = 1.0;
                let out = resample(rate, &input, 1000);
                let peak =
                    (0..out.len()).max_by(|&a, &b| out[a].abs().total_cmp(&out[b].abs())).unwrap();
                let off = peak as f64 / f64::from(SAMPLE_RATE) - place as f64 / f64::from(rate);
                assert!(off.abs() < 0.001, "{rate} Hz at {at}: {off} s off");
            }
        }
    }

    #[test]
    fn lengths_are_exact() {
        for rate in RATES {
            for len in [0, 1, 2, 3, 441, 999, 5_000, rate as usize, rate as usize + 1] {
                let out = resample(rate, &vec![0.5; len], 4096);
                let want = (len as f64 * 16_000.0 / f64::from(rate)).round() as usize;
                assert!(
                    out.len().abs_diff(want) <= 1,
                    "{rate} Hz, {len}: {} instead of {want}",
                    out.len()
                );
            }
        }
    }

    /// Tones in the band of speech come through at their loudness, tones that 16 kHz cannot carry
    /// do not.
    #[test]
    fn speech_passes_and_aliases_do_not() {
        for rate in RATES {
            for (tone, passes) in [
                (100.0, true),
                (1_000.0, true),
                (3_800.0, true),
                (7_500.0, true),
                (8_600.0, false),
                (15_000.0, false),
            ] {
                if tone > f64::from(rate) * 0.475 {
                    continue;
                }
                let input: Vec<f32> = (0..rate)
                    .map(|i| (TAU * tone * f64::from(i) / f64::from(rate)).sin() as f32)
                    .collect();
                let out = resample(rate, &input, 700);
                let middle = &out[4_000..12_000];
                let level = (middle.iter().map(|x| f64::from(x * x)).sum::<f64>()
                    / middle.len() as f64
                    * 2.0)
                    .sqrt();
                let db = 20.0 * level.log10();
                assert!(
                    if passes { db.abs() < 0.1 } else { db < -80.0 },
                    "{tone} Hz at {rate} Hz: {db:.2} dB"
                );
            }
        }
    }

    /// What a sound card wants: lengths, places and loudness hold for any target.
    #[test]
    fn other_targets() {
        for (rate, target) in [
            (44_100, 48_000),
            (16_000, 44_100),
            (48_000, 44_100),
            (24_000, 96_000),
            (22_050, 8_000),
            (48_000, 48_000),
        ] {
            let input: Vec<f32> = (0..rate)
                .map(|i| (TAU * 440.0 * f64::from(i) / f64::from(rate)).sin() as f32)
                .collect();
            let out = resample_to(target, rate, &input, 1_111);
            assert!(out.len().abs_diff(target as usize) <= 1, "{rate} to {target}: {}", out.len());
            let off = (target as usize / 4..target as usize / 2)
                .map(|i| {
                    (f64::from(out[i]) - (TAU * 440.0 * i as f64 / f64::from(target)).sin()).abs()
                })
                .fold(0.0, f64::max);
            let one_sample = TAU * 440.0 / f64::from(target.min(rate));
            assert!(off < one_sample, "{rate} to {target}: {off}");
        }
    }

    #[test]
    fn rates_out_of_reach_are_refused() {
        for rate in [0, 1, 999, 768_001, u32::MAX] {
            assert_eq!(Resampler::new(rate).err(), Some(RateError(rate)));
            assert_eq!(Resampler::between(48_000, rate).err(), Some(RateError(rate)));
        }
    }

    fn noise(len: usize) -> Vec<f32> {
        let mut seed = 1u32;
        let next = || {
            seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            seed as f32 / u32::MAX as f32 - 0.5
        };
        std::iter::repeat_with(next).take(len).collect()
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 24, ..ProptestConfig::default() })]

        #[test]
        fn cutting_the_input_up_changes_nothing(rate in prop::sample::select(&RATES[..]), cut in 1usize..9_000, len in 0usize..30_000) {
            let input = noise(len);
            prop_assert_eq!(resample(rate, &input, cut), resample(rate, &input, usize::MAX));
        }

        #[test]
        fn starting_late_changes_nothing(rate in prop::sample::select(&RATES[..]), at in 0.0f64..1.0) {
            let input = noise(60_000);
            let whole = resample(rate, &input, 5_000);
            let at = (at * whole.len() as f64) as u64;
            let mut resampler = Resampler::new(rate).unwrap();
            let mut out = Vec::new();
            resampler.push(&input[..20_000], &mut out);
            out.clear();
            let from = resampler.restart_at(at);
            resampler.push(&input[(from as usize).min(input.len())..], &mut out);
            resampler.finish(&mut out);
            prop_assert_eq!(out, &whole[at as usize..]);
        }
    }
}
