//! Products of matrices in whole numbers of eight bits: a model's weights are rounded once, what is
//! multiplied by them each time.
//!
//! Processors that multiply bytes (AVX-512 VNNI) do so three to four times as fast as they multiply
//! float numbers, and a token of text costs mostly the reading of all weights, of which there are
//! half as many bytes. Rounded are the rows of either side, each by its own scale: the weights
//! around zero, what goes in between its least and its largest value (as CTranslate2 and others do
//! for Whisper). Sums of whole numbers are exact, so that neither threads nor the order of work
//! change a result.
//!
//! This file never knows whose weights they are.

use rayon::prelude::*;
use rten_gemm::{GemmExecutor, GemmInputA, GemmInputB, GemmOptions, PackedBMatrix};
use rten_tensor::NdTensorView;

type Executor = GemmExecutor<u8, i8, i32>;

/// The largest rounded weight. −128 has no opposite.
const MOST: f32 = 127.0;
/// Steps between the least and the largest rounded input.
const STEPS: f32 = 255.0;
/// A thread takes so many rows at once: fewer are not worth waking another one for.
const ROWS: usize = 16;

/// Whether this processor multiplies bytes faster than float numbers, and exactly.
///
/// The kernels for AVX2 alone go by sums of 16 bits, which overflow.
pub(super) fn is_quick() -> bool {
    EXECUTOR.with(|executor| {
        executor.kernel_name() == "x86_64-u8i8i32-avx512" && !executor.may_saturate()
    })
}

thread_local! {
    /// Made once: asking a processor what it can do takes as long as a small product where it is a
    /// virtual one.
    static EXECUTOR: Executor = Executor::new();
}

/// A matrix of weights, rounded.
pub(super) struct Weights {
    packed: PackedBMatrix<i8>,
    /// What a step of each row stands for.
    scales: Vec<f32>,
    /// The sum of each row's rounded numbers: so much too much there is for each step that zero lies
    /// above the least number of what goes in. (The crate has zero points of its own, and from the
    /// ninth row on takes those of the first eight: rten-gemm 0.27.)
    sums: Vec<i32>,
    n_columns: usize,
}

impl Weights {
    /// Of `n_rows` rows of `n_columns` numbers, which `row` writes for each.
    pub(super) fn new(
        n_rows: usize,
        n_columns: usize,
        mut row: impl FnMut(usize, &mut [f32]),
    ) -> Self {
        let mut floats = vec![0.0; n_columns];
        let mut rounded = vec![0_i8; n_rows * n_columns];
        let mut scales = Vec::with_capacity(n_rows);
        let mut sums = Vec::with_capacity(n_rows);
        for (i, rounded) in rounded.chunks_exact_mut(n_columns).enumerate() {
            row(i, &mut floats);
            let largest = floats.iter().fold(0.0_f32, |most, x| most.max(x.abs()));
            let steps = if largest > 0.0 { MOST / largest } else { 0.0 };
            for (rounded, x) in rounded.iter_mut().zip(&floats) {
                // As a number above zero, which is rounded by cutting off.
                *rounded = ((x * steps + 128.5) as u8).wrapping_sub(128) as i8;
            }
            scales.push(largest / MOST);
            sums.push(rounded.iter().map(|&x| i32::from(x)).sum());
        }
        let matrix = NdTensorView::from_data([n_rows, n_columns], &rounded[..]);
        let packed = EXECUTOR.with(|executor| executor.prepack_b(matrix.transposed()));
        Self { packed, scales, sums, n_columns }
    }

    /// The product of each row of `input` with each row of the weights, into a row of `output` for
    /// each row of `input`.
    ///
    /// # Panics
    /// Where the lengths are not those of whole rows.
    pub(super) fn multiply(&self, input: &[f32], output: &mut [f32], room: &mut Room) {
        let n_rows = input.len() / self.n_columns;
        room.fit(n_rows, input.len());
        let rounded = room.rounded.par_chunks_exact_mut(self.n_columns);
        let how = room.zeros.par_iter_mut().zip(&mut room.scales);
        let rows = rounded.zip(how).zip(input.par_chunks_exact(self.n_columns));
        rows.with_min_len(ROWS).for_each(|((rounded, (zero, scale)), row)| {
            (*zero, *scale) = round(row, rounded);
        });

        // The sums take the place of what they become, so that no more memory is touched.
        let sums: &mut [i32] = bytemuck::cast_slice_mut(output);
        let input = NdTensorView::from_data([n_rows, self.n_columns], &room.rounded[..]);
        let (a, b) = (GemmInputA::Unpacked(input), GemmInputB::Packed(&self.packed));
        let product = EXECUTOR.with(|executor| executor.gemm(sums, a, b, GemmOptions::default()));
        if let Err(why) = product {
            panic!("matrices that do not fit: {why}");
        }
        let how = room.zeros.par_iter().zip(&room.scales);
        let rows = sums.par_chunks_exact_mut(self.scales.len()).zip(how);
        rows.with_min_len(ROWS).for_each(|(row, (&zero, scale))| {
            let weights = self.scales.iter().zip(&self.sums);
            for (sum, (weight, too_much)) in row.iter_mut().zip(weights) {
                let exact = *sum - i32::from(zero) * too_much;
                *sum = (exact as f32 * (scale * weight)).to_bits() as i32;
            }
        });
    }
}

/// What a product needs besides, kept for the next one.
#[derive(Default)]
pub(super) struct Room {
    rounded: Vec<u8>,
    zeros: Vec<u8>,
    scales: Vec<f32>,
}

impl Room {
    fn fit(&mut self, n_rows: usize, len: usize) {
        self.rounded.resize(len, 0);
        self.zeros.resize(n_rows, 0);
        self.scales.resize(n_rows, 0.0);
    }
}

/// Rounds a row: what stands for zero, and what a step stands for.
fn round(row: &[f32], rounded: &mut [u8]) -> (u8, f32) {
    let (least, most, has_nan) = range(row);
    let scale = (most - least) / STEPS;
    if has_nan || !scale.is_normal() {
        rounded.fill(0);
        // What is no number makes none.
        return (0, if has_nan || !scale.is_finite() { f32::NAN } else { 0.0 });
    }
    let steps = 1.0 / scale;
    let zero = (-least * steps + 0.5) as u8;
    let shift = f32::from(zero) + 0.5;
    for (rounded, x) in rounded.iter_mut().zip(row) {
        *rounded = (x * steps + shift) as u8;
    }
    (zero, scale)
}

/// The least and the largest number of a row, zero among them, so that it has a number of its own;
/// and whether any is none. In so many strands as a processor follows at once.
fn range(row: &[f32]) -> (f32, f32, bool) {
    const STRANDS: usize = 16;
    let (mut least, mut most, mut n_nan) =
        ([0.0_f32; STRANDS], [0.0_f32; STRANDS], [0_u32; STRANDS]);
    let mut look = |i: usize, x: f32| {
        least[i] = if x < least[i] { x } else { least[i] };
        most[i] = if x > most[i] { x } else { most[i] };
        n_nan[i] += u32::from(x.is_nan());
    };
    let (parts, rest) = row.as_chunks::<STRANDS>();
    for part in parts {
        part.iter().enumerate().for_each(|(i, &x)| look(i, x));
    }
    rest.iter().enumerate().for_each(|(i, &x)| look(i, x));
    (
        least.into_iter().fold(0.0, f32::min),
        most.into_iter().fold(0.0, f32::max),
        n_nan.into_iter().any(|n| n > 0),
    )
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::io::Write as _;

    /// Where it is not, nothing is ever multiplied so.
    pub(in super::super) fn is_quick_here() -> bool {
        is_quick() || skipped("this processor is no quicker with eight-bit numbers")
    }

    /// Says that a test is skipped, and that it is not so. Past what the harness holds back of a test
    /// that passes, since skips are counted.
    pub(in super::super) fn skipped(why: &str) -> bool {
        let thread = std::thread::current();
        let name = thread.name().unwrap_or("a test");
        let _ = writeln!(std::io::stderr(), "\nskipped: {name}: {why}");
        false
    }

    fn product(weights: &[f32], n_columns: usize, input: &[f32]) -> Vec<f32> {
        let n_rows = weights.len() / n_columns;
        let matrix = Weights::new(n_rows, n_columns, |i, row| {
            row.copy_from_slice(&weights[i * n_columns..][..n_columns]);
        });
        let mut output = vec![f32::NAN; input.len() / n_columns * n_rows];
        matrix.multiply(input, &mut output, &mut Room::default());
        output
    }

    #[test]
    fn small_ones() {
        if !is_quick_here() {
            return;
        }
        for (weights, n_columns, input, want) in [
            // What has a step of its own comes out as it is.
            (
                &[1.0, 0.0, 0.0, 1.0][..],
                2,
                &[255.0, 0.0, 0.0, 255.0][..],
                &[255.0, 0.0, 0.0, 255.0][..],
            ),
            (&[127.0, -127.0], 2, &[1.0, 3.0], &[-254.0]),
            // Nothing times anything, and a row of nothing.
            (&[0.0, 0.0], 2, &[1.0, 3.0], &[0.0]),
            (&[1.0, 1.0], 2, &[0.0, 0.0], &[0.0]),
            // What is no number makes none, in its own row.
            (
                &[1.0, 1.0],
                2,
                &[f32::NAN, 1.0, 1.0, f32::NEG_INFINITY, 1.0, 1.0],
                &[f32::NAN, f32::NAN, 2.0],
            ),
        ] {
            let found = product(weights, n_columns, input);
            let is_near = |(a, b): (&f32, &f32)| {
                (a - b).abs() <= b.abs() * 0.01 || (a.is_nan() && b.is_nan())
            };
            let is_near = found.iter().zip(want).all(is_near);
            assert!(found.len() == want.len() && is_near, "{weights:?} × {input:?}: {found:?}");
        }
    }

    proptest! {
        /// As near to the product of the numbers themselves as half a step on either side allows.
        #[test]
        fn as_near_as_the_steps_allow(
            (n_columns, weights, input) in (1_usize..70).prop_flat_map(|n| (
                Just(n),
                (1_usize..40).prop_flat_map(move |rows| prop::collection::vec(-2.0_f32..2.0, rows * n)),
                (1_usize..20).prop_flat_map(move |rows| prop::collection::vec(-30.0_f32..9.0, rows * n)),
            )),
        ) {
            if !is_quick() {
                return Ok(());
            }
            let found = product(&weights, n_columns, &input);
            let n_rows = weights.len() / n_columns;
            for (x, found) in input.chunks_exact(n_columns).zip(found.chunks_exact(n_rows)) {
                for (w, found) in weights.chunks_exact(n_columns).zip(found) {
                    let want: f32 = w.iter().zip(x).map(|(w, x)| w * x).sum();
                    let step = |most: f32, least: f32, n: f32| (most - least) / n;
                    let w_step = step(w.iter().fold(0.0, |m, x| x.abs().max(m)), 0.0, MOST);
                    let x_step = step(
                        x.iter().fold(0.0, |m, x| x.max(m)),
                        x.iter().fold(0.0, |m, x| x.min(m)),
                        STEPS,
                    );
                    let bound: f32 = w.iter().zip(x).map(|(w, x)| {
                        0.51 * (w_step * (x.abs() + x_step) + x_step * (w.abs() + w_step))
                    }).sum();
                    // A zero is off by half a step as well.
                    prop_assert!((found - want).abs() <= 2.0 * bound + 1e-3, "{found} for {want}, ±{bound}");
                }
            }
        }
    }
}
