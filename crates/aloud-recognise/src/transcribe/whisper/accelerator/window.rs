//! Memory that a state has while it recognises a window and does not need all the time, given back to
//! the system.

use super::super::memory;
use super::{Tensor, is_weights};
use std::cell::RefCell;
use std::sync::Weak;
use whisper_rs::whisper_rs_sys as sys;

/// What a thread knows of memory in use for the window that it recognises.
#[derive(Default)]
struct Window {
    /// Where its encoder computed, until a decoder begins.
    encoder: Option<Encoder>,
    /// Places of the decoder's memory that were looked at, and how many bytes were to be written.
    thinned_out: Vec<(usize, usize)>,
}

struct Encoder {
    place: usize,
    len: usize,
    /// Gone when its state is.
    is_there: Weak<()>,
}

impl Window {
    /// Whether a place wants a look. A text is begun again where its first token is asked for again;
    /// but where its words' times are to be found it is all there at once.
    fn is_new(&mut self, place: usize, begun: usize) -> bool {
        let known = self.thinned_out.iter_mut().find(|(known, _)| *known == place);
        match known {
            Some((_, most)) if begun < 2 * *most => false,
            Some((_, most)) => {
                *most = begun;
                true
            }
            None => {
                self.thinned_out.push((place, begun));
                true
            }
        }
    }
}

thread_local! {
    static WINDOW: RefCell<Window> = RefCell::default();
}

/// To be called where an encoder computes, with where that is, how many bytes there are, and what is
/// gone when its state is.
pub(super) fn begin_encoding(place: usize, len: usize, is_there: Weak<()>) {
    let encoder = Some(Encoder { place, len, is_there });
    WINDOW.set(Window { encoder, ..Window::default() });
}

/// To be called where a decoder is about to compute. What an encoder computed in is given back: what
/// the decoder hears was made of it, and nobody reads there again.
pub(super) fn begin_decoding() {
    let encoder = WINDOW.with_borrow_mut(|window| window.encoder.take());
    if let Some(Encoder { place, len, is_there }) = encoder
        && is_there.strong_count() > 0
    {
        // SAFETY: it was this thread's encoder, which is done, and whose state is there yet: a state
        // is used and dropped by one thread.
        unsafe { memory::let_go(place, len) };
    }
}

/// Gives back what is nought of a decoder's memory of what it said, of which `view` is to be written:
/// it has room for all beams to their very end, and ggml writes noughts over all of it before a text
/// is begun and before its words' times are found.
///
/// # Safety
/// `view` must be one that ggml made, and its state used by this thread alone.
pub(super) unsafe fn thin_out(view: *const Tensor) {
    /// Less is not worth a look at it.
    const LEAST: usize = 1 << 20;
    // SAFETY: what is seen is there as long as its view.
    unsafe {
        let memory = (*view).view_src;
        let (place, len) = ((*memory).data as usize, sys::ggml_nbytes(memory));
        // What is written to is not seen by head, and a text begins at the beginning.
        let is_begun = (*view).ne[2] == 1 && (*view).view_offs == 0;
        let is_kept = (*memory).op == sys::ggml_op_GGML_OP_NONE && !is_weights(memory);
        if is_begun && is_kept && place != 0 && len >= LEAST {
            let begun = usize::try_from(sys::ggml_nelements(view)).unwrap_or(0)
                * sys::ggml_type_size((*view).type_);
            let is_new = WINDOW.with_borrow_mut(|window| {
                // What a decoder is to hear is written before one begins, all over.
                window.encoder.is_none() && window.is_new(place, begun)
            });
            if is_new {
                memory::let_go_of_noughts(place, len);
            }
        }
    }
}
