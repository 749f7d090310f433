//! Attention of all positions of a window to all others, a block of positions at a time: how much
//! each attends to each is never in memory as a whole, which for half a minute of sound and eight
//! heads would be 72 MB and a walk through all of it for each step of the arithmetic.
//!
//! This file never knows whose attention it is.

use rayon::prelude::*;
use rten_gemm::{GemmExecutor, GemmInputA, GemmInputB, GemmOptions, PackedBMatrix};
use rten_simd::SimdOp as _;
use rten_tensor::NdTensorView;
use rten_vecmath::Softmax;

/// So many positions are asked about at once: their weights (288 KB for 1,500 positions) stay in a
/// processor's second cache. A multiple of the six rows that the kernels take.
const BLOCK: usize = 48;

thread_local! {
    /// Made once, as for rounded products.
    static EXECUTOR: GemmExecutor = GemmExecutor::new();
}

/// Whether this processor has a kernel of its own for it.
pub(super) fn is_quick() -> bool {
    let kernels = ["x86_64-f32-avx512", "x86_64-f32-fma"];
    EXECUTOR.with(|executor| kernels.contains(&executor.kernel_name()))
}

/// How many heads there are, how many positions each looks at, and how many numbers a head has for
/// a position.
#[derive(Clone, Copy, Default, PartialEq, Eq, Debug)]
pub(super) struct Shape {
    pub(super) n_heads: usize,
    pub(super) n_positions: usize,
    pub(super) n_columns: usize,
}

/// What is asked, and what it is compared with: taken before it is known what is answered, since
/// ggml may lay the answer over them.
#[derive(Default)]
pub(super) struct Attention {
    shape: Shape,
    /// By head, then by position.
    queries: Vec<f32>,
    keys: Vec<PackedBMatrix<f32>>,
}

impl Attention {
    /// Takes the queries and keys, which `query` and `key` write for a head and a position.
    pub(super) fn ask(
        &mut self,
        shape: Shape,
        query: impl Fn(usize, usize, &mut [f32]) + Sync,
        key: impl Fn(usize, usize, &mut [f32]) + Sync,
    ) {
        let Shape { n_heads, n_positions, n_columns } = shape;
        self.shape = shape;
        self.queries.resize(n_heads * n_positions * n_columns, 0.0);
        let rows = self.queries.par_chunks_exact_mut(n_columns).enumerate();
        rows.with_min_len(BLOCK).for_each(|(i, row)| query(i / n_positions, i % n_positions, row));
        let pack = |head| {
            let keys = rows_of(n_positions, n_columns, |i, row| key(head, i, row));
            let keys = NdTensorView::from_data([n_positions, n_columns], &keys[..]);
            EXECUTOR.with(|executor| executor.prepack_b(keys.transposed()))
        };
        self.keys.clear();
        self.keys.par_extend((0..n_heads).into_par_iter().map(pack));
    }

    /// Whether attention of this shape is asked for, and answers are so many numbers.
    pub(super) fn is_asked(&self, shape: Shape, n: usize) -> bool {
        let Shape { n_heads, n_positions, n_columns } = shape;
        self.shape == shape && self.keys.len() == n_heads && n == n_heads * n_positions * n_columns
    }

    /// The values weighed by the softmax of `scale` times each query's products with all keys, by
    /// head and position, into `output`. `value` writes a column of a head's values: a number for
    /// each position. What was asked is forgotten.
    ///
    /// # Panics
    /// Where nothing was asked, or `output` is not of that shape.
    pub(super) fn answer(
        &mut self,
        scale: f32,
        value: impl Fn(usize, usize, &mut [f32]) + Sync,
        output: &mut [f32],
    ) {
        assert!(self.is_asked(self.shape, output.len()), "an answer to nothing that was asked");
        let Shape { n_positions, n_columns, .. } = self.shape;
        let of_head = n_positions * n_columns;
        let heads =
            output.par_chunks_exact_mut(of_head).zip(self.queries.par_chunks_exact(of_head));
        heads.zip(&self.keys).enumerate().for_each(|(head, ((output, queries), keys))| {
            let values = rows_of(n_columns, n_positions, |i, row| value(head, i, row));
            let values = NdTensorView::from_data([n_columns, n_positions], &values[..]);
            let values = EXECUTOR.with(|executor| executor.prepack_b(values.transposed()));
            let blocks = output.par_chunks_mut(BLOCK * n_columns);
            let blocks = blocks.zip(queries.par_chunks(BLOCK * n_columns));
            blocks.for_each_init(Vec::new, |weights, (output, queries)| {
                weights.resize(queries.len() / n_columns * n_positions, 0.0);
                multiply(queries, keys, scale, weights);
                for row in weights.chunks_exact_mut(n_positions) {
                    Softmax::new_mut(row).dispatch();
                }
                multiply(weights, &values, 1.0, output);
            });
        });
        self.keys.clear();
    }
}

/// So many rows of so many numbers, which `row` writes for each.
fn rows_of(n_rows: usize, n_columns: usize, row: impl Fn(usize, &mut [f32])) -> Vec<f32> {
    let mut rows = vec![0.0; n_rows * n_columns];
    rows.chunks_exact_mut(n_columns).enumerate().for_each(|(i, numbers)| row(i, numbers));
    rows
}

/// `scale` times the product of the rows `a` with `b`.
fn multiply(a: &[f32], b: &PackedBMatrix<f32>, scale: f32, output: &mut [f32]) {
    let a = NdTensorView::from_data([a.len() / b.rows(), b.rows()], a);
    let (a, b) = (GemmInputA::Unpacked(a), GemmInputB::Packed(b));
    let options = GemmOptions { alpha: scale, ..GemmOptions::default() };
    if let Err(why) = EXECUTOR.with(|executor| executor.gemm(output, a, b, options)) {
        panic!("matrices that do not fit: {why}");
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::super::int8::tests::skipped;
    use super::*;

    /// Where it is not, nothing is ever attended to so.
    pub(in super::super) fn is_quick_here() -> bool {
        is_quick() || skipped("this processor has no kernel for attention")
    }

    /// Numbers between −2 and 2, the same for the same place.
    fn number(kind: usize, head: usize, i: usize, j: usize) -> f32 {
        let seed = (kind + 31 * head + 1009 * i + 7919 * j) as u32;
        let seed = seed.wrapping_mul(2_654_435_761) ^ 0x9e37_79b9;
        (seed.wrapping_mul(seed | 1) >> 8) as f32 / (1 << 22) as f32 - 2.0
    }

    /// As the formula has it, in double precision.
    fn by_the_formula(shape: Shape, scale: f32) -> Vec<f32> {
        let Shape { n_heads, n_positions, n_columns } = shape;
        let mut output = Vec::new();
        for head in 0..n_heads {
            for i in 0..n_positions {
                let score = |j| {
                    let products = (0..n_columns).map(|k| {
                        f64::from(number(0, head, i, k)) * f64::from(number(1, head, j, k))
                    });
                    (products.sum::<f64>() * f64::from(scale)).exp()
                };
                let weights: Vec<f64> = (0..n_positions).map(score).collect();
                let sum: f64 = weights.iter().sum();
                output.extend((0..n_columns).map(|k| {
                    let values = (0..n_positions).map(|j| f64::from(number(2, head, j, k)));
                    (weights.iter().zip(values).map(|(w, v)| w * v).sum::<f64>() / sum) as f32
                }));
            }
        }
        output
    }

    #[test]
    fn as_the_formula_has_it_whatever_the_threads() {
        let mut attention = Attention::default();
        for (n_heads, n_positions, n_columns) in
            [(1, 1, 1), (2, 7, 5), (3, BLOCK, 64), (2, BLOCK + 1, 64), (1, 5 * BLOCK + 13, 32)]
        {
            let shape = Shape { n_heads, n_positions, n_columns };
            let row = |kind, head, i, row: &mut [f32]| {
                row.iter_mut().enumerate().for_each(|(k, x)| *x = number(kind, head, i, k));
            };
            let mut attend = |n_threads| {
                let mut output = vec![f32::NAN; n_heads * n_positions * n_columns];
                let threads = rayon::ThreadPoolBuilder::new().num_threads(n_threads).build();
                threads.unwrap().install(|| {
                    attention.ask(
                        shape,
                        |head, i, q| row(0, head, i, q),
                        |head, i, k| row(1, head, i, k),
                    );
                    let value = |head, k, column: &mut [f32]| {
                        column.iter_mut().enumerate().for_each(|(j, x)| *x = number(2, head, j, k));
                    };
                    attention.answer(0.125, value, &mut output);
                });
                output
            };
            let found = attend(1);
            let want = by_the_formula(shape, 0.125);
            let off = found.iter().zip(&want).map(|(a, b)| (a - b).abs()).fold(0.0, f32::max);
            assert!(off < 1e-5, "{shape:?}: off by {off}");
            assert!(found == attend(3), "{shape:?}: with three threads");
        }
    }
}
