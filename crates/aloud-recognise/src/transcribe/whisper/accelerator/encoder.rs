//! An encoder's attention, found among ggml's operations. It takes three of them: products of queries
//! and keys, their softmax, and its product with the values. The first is where queries and keys are
//! still in memory; it and the second are never computed by themselves.

use super::attention::Shape;
use super::{Own, Tensor, length, window, with_threads};
use std::sync::Arc;
use whisper_rs::whisper_rs_sys as sys;

/// Whether it is the products of an encoder's queries with its keys, which alone are cast for it and
/// seen by head.
///
/// # Safety
/// `op` must be a product that ggml made.
pub(super) unsafe fn is_scores(op: *const Tensor) -> bool {
    // SAFETY: a product has two sides; what is seen in another way has a source.
    unsafe {
        let [keys, queries] = [(*op).src[0], (*op).src[1]];
        let is_permuted = |tensor: *const Tensor| (*tensor).op == sys::ggml_op_GGML_OP_PERMUTE;
        is_permuted(keys)
            && is_permuted(queries)
            && (*(*keys).src[0]).op == sys::ggml_op_GGML_OP_CPY
            && (*keys).type_ == sys::ggml_type_GGML_TYPE_F16
            && (*queries).type_ == sys::ggml_type_GGML_TYPE_F32
            && (*keys).ne == (*queries).ne
    }
}

/// Whether it is the softmax of such products.
///
/// # Safety
/// `op` must be one that ggml made.
pub(super) unsafe fn is_softmax(op: *const Tensor) -> bool {
    // SAFETY: a softmax has a source, a product two.
    unsafe {
        (*op).op == sys::ggml_op_GGML_OP_SOFT_MAX
            && (*op).src[1].is_null()
            && (*(*op).src[0]).op == sys::ggml_op_GGML_OP_MUL_MAT
            && is_scores((*op).src[0])
    }
}

/// Takes what the products of an encoder's queries with its keys are made of. They are not computed
/// yet, nor is their softmax.
///
/// # Safety
/// `op` must be one that `is_scores` took, with its memory.
pub(super) unsafe fn ask(op: *mut Tensor, own: &mut Own) {
    // SAFETY: a head's numbers for a position lie side by side, and there are so many of each.
    unsafe {
        let [keys, queries] = [(*op).src[0], (*op).src[1]];
        let [n_columns, n_positions, n_heads, _] = (*keys).ne.map(length);
        let shape = Shape { n_heads, n_positions, n_columns };
        let place =
            |tensor: *const Tensor| ((*tensor).data as usize, (*tensor).nb[2], (*tensor).nb[1]);
        let ((keys, key_head, key_row), (queries, query_head, query_row)) =
            (place(keys), place(queries));
        let Own { n_threads, attention, .. } = own;
        with_threads(*n_threads, || {
            attention.ask(
                shape,
                |head, i, row| {
                    let from = (queries + head * query_head + i * query_row) as *const f32;
                    from.copy_to_nonoverlapping(row.as_mut_ptr(), n_columns);
                },
                |head, i, row| {
                    let from = (keys + head * key_head + i * key_row) as *const sys::ggml_fp16_t;
                    sys::ggml_fp16_to_fp32_row(from, row.as_mut_ptr(), n_columns as i64);
                },
            );
        });
    }
}

/// The attention that was asked for, from its values.
///
/// # Safety
/// `op` must be the product of values with what `is_softmax` took, with its memory.
pub(super) unsafe fn answer(op: *mut Tensor, own: &mut Own) {
    // SAFETY: as above.
    unsafe {
        let [values, softmax] = [(*op).src[0], (*op).src[1]];
        let scale = f32::from_bits((*softmax).op_params[0] as u32);
        let (place, head_len, row_len) =
            ((*values).data as usize, (*values).nb[2], (*values).nb[1]);
        let n_positions = (*values).ne[0];
        let n = length(sys::ggml_nelements(op));
        let output = std::slice::from_raw_parts_mut((*op).data.cast::<f32>(), n);
        let [n_heads, n_columns, n_rows] = [2, 1, 0].map(|i| length((*values).ne[i]));
        let shape = Shape { n_heads, n_positions: n_rows, n_columns };
        let half = sys::ggml_type_GGML_TYPE_F16;
        assert!(
            (*values).type_ == half && own.attention.is_asked(shape, n),
            "attention of another"
        );
        let buffer = (*op).buffer;
        let base = sys::ggml_backend_buffer_get_base(buffer) as usize;
        let size = sys::ggml_backend_buffer_get_size(buffer);
        let Own { n_threads, attention, is_there, .. } = own;
        window::begin_encoding(base, size, Arc::downgrade(is_there));
        with_threads(*n_threads, || {
            attention.answer(
                scale,
                |head, i, row| {
                    let from = (place + head * head_len + i * row_len) as *const sys::ggml_fp16_t;
                    sys::ggml_fp16_to_fp32_row(from, row.as_mut_ptr(), n_positions);
                },
                output,
            );
        });
    }
}
