//! A model's weights, found among ggml's operations, and the products with them.

use super::super::int8::Weights;
use super::super::memory;
use super::{Own, Tensor, is_weights, length, with_threads};
use std::collections::HashMap;
use std::sync::{Arc, OnceLock, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};
use whisper_rs::whisper_rs_sys as sys;

/// Matrices with shorter sides are left to ggml: models below `base` are quick, and have little to
/// lose.
const SHORTEST: i64 = 512;

/// `WHISPER_MAX_DECODERS`. From a graph with more tokens than that whisper.cpp reads the words'
/// scores after the last one alone (`whisper_batch_prep_legacy`), though it asks for all of them:
/// 200 KB for each.
pub(super) const MOST_BEAMS: usize = 8;

/// Remembers which weights are used for something else than our products.
///
/// # Safety
/// `op` must be one that ggml made.
pub(super) unsafe fn remember_others(op: *const Tensor) {
    // SAFETY: what it works on is there as long as it is.
    let sources = unsafe { (*op).src }.into_iter().filter(|source| !source.is_null());
    // SAFETY: as above.
    for source in sources.filter(|&source| unsafe { is_weights(source) }) {
        // SAFETY: as above.
        let (place, looks_up) =
            unsafe { ((*source).data as usize, (*op).op == sys::ggml_op_GGML_OP_GET_ROWS) };
        // Asked about at every token.
        if Known::read().used_otherwise.get(&place).is_none_or(|known| looks_up && !known) {
            Known::write().used_otherwise.insert(place, looks_up);
        }
    }
}

/// # Safety
/// `op` must be a product that ggml made.
pub(super) unsafe fn is_product(op: *const Tensor) -> bool {
    // SAFETY: a product has two sides.
    unsafe {
        let [weights, input] = [(*op).src[0], (*op).src[1]];
        let is_plain = |tensor: *const Tensor| {
            sys::ggml_is_contiguous(tensor) && (*tensor).ne[2] == 1 && (*tensor).ne[3] == 1
        };
        (*weights).op == sys::ggml_op_GGML_OP_NONE
            && (*weights).type_ == sys::ggml_type_GGML_TYPE_F16
            && (*input).type_ == sys::ggml_type_GGML_TYPE_F32
            && (*op).type_ == sys::ggml_type_GGML_TYPE_F32
            && is_weights(weights)
            && is_plain(weights)
            && is_plain(input)
            && is_plain(op)
            && (*weights).ne[0].min((*weights).ne[1]) >= SHORTEST
    }
}

/// # Safety
/// `op` must be a product that `is_product` took, with its memory.
pub(super) unsafe fn multiply(op: *mut Tensor, own: &mut Own) {
    // SAFETY: contiguous and of 32 bits, so there are so many numbers behind either pointer; ggml
    // gives what comes out a place apart from what goes in.
    let (weights, input, output) = unsafe {
        let [weights, input] = [(*op).src[0], (*op).src[1]];
        let [n_columns, n_rows, ..] = (*input).ne.map(length);
        let n_words = length((*op).ne[0]);
        // The last of as many as are asked for.
        let n_asked = if n_rows > MOST_BEAMS && is_of_words(weights) { 1 } else { n_rows };
        let input = (*input).data.cast::<f32>().add((n_rows - n_asked) * n_columns);
        let output = (*op).data.cast::<f32>().add((n_rows - n_asked) * n_words);
        (
            rounded(weights),
            std::slice::from_raw_parts(input, n_asked * n_columns),
            std::slice::from_raw_parts_mut(output, n_asked * n_words),
        )
    };
    let room = &mut own.room;
    with_threads(own.n_threads, || weights.multiply(input, output, room));
}

/// What is known of the model's weights, by their place in memory.
#[derive(Default)]
struct Known {
    rounded: HashMap<usize, Arc<OnceLock<Weights>>>,
    /// Those that are used for something else than our products, too; and whether that is to look
    /// rows of them up.
    used_otherwise: HashMap<usize, bool>,
}

impl Known {
    fn lock() -> &'static RwLock<Self> {
        static KNOWN: OnceLock<RwLock<Known>> = OnceLock::new();
        KNOWN.get_or_init(RwLock::default)
    }

    fn read() -> RwLockReadGuard<'static, Self> {
        Self::lock().read().unwrap_or_else(PoisonError::into_inner)
    }

    fn write() -> RwLockWriteGuard<'static, Self> {
        Self::lock().write().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Whether they are the words' own, which are looked up as well.
///
/// # Safety
/// They must be a tensor that ggml made.
unsafe fn is_of_words(weights: *const Tensor) -> bool {
    // SAFETY: as said above.
    let place = unsafe { (*weights).data } as usize;
    Known::read().used_otherwise.get(&place) == Some(&true)
}

/// The rounded form of `weights`, made when it is first asked for.
///
/// # Safety
/// They must be contiguous, of half precision, and stay as they are.
unsafe fn rounded(weights: *const Tensor) -> RoundedWeights {
    // SAFETY: as said above.
    let (place, sides) =
        unsafe { ((*weights).data as usize, [(*weights).ne[0], (*weights).ne[1]]) };
    let find = |known: &Known| known.rounded.get(&place).cloned();
    let found = find(&Known::read());
    let entry = found.unwrap_or_else(|| {
        let mut known = Known::write();
        Arc::clone(known.rounded.entry(place).or_default())
    });
    entry.get_or_init(|| {
        let [n_columns, n_rows] = sides.map(length);
        let rounded = Weights::new(n_rows, n_columns, |i, row| {
            // SAFETY: row `i` of the weights has so many numbers.
            unsafe {
                let halves = (place as *const sys::ggml_fp16_t).add(i * n_columns);
                sys::ggml_fp16_to_fp32_row(halves, row.as_mut_ptr(), sides[0]);
            }
        });
        let known = Known::read();
        if !known.used_otherwise.contains_key(&place) {
            // SAFETY: every state asks about its whole graphs when it is made, so whoever else
            // reads these weights would be known by now.
            unsafe { memory::let_go(place, n_rows * n_columns * size_of::<sys::ggml_fp16_t>()) };
        }
        rounded
    });
    RoundedWeights(entry)
}

/// Weights that are there.
struct RoundedWeights(Arc<OnceLock<Weights>>);

impl std::ops::Deref for RoundedWeights {
    type Target = Weights;

    fn deref(&self) -> &Weights {
        self.0.get().expect("made before it was handed out")
    }
}
