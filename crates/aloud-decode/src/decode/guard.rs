//! No recording, however broken, may end the program.
//!
//! The demuxers and decoders read whatever a stranger put into a file, and they have been seen to
//! panic on some of it. Their calls go through [`guarded`], which turns a panic into an error. Its
//! message is for the hook of the process: one that asks [`is_guarded`] can keep it from people.

use std::cell::Cell;
use std::panic::{self, AssertUnwindSafe};

thread_local! {
    static IS_GUARDED: Cell<bool> = const { Cell::new(false) };
}

/// Runs `work`; `None` if it panicked. What it was working on has to be thrown away then.
pub fn guarded<T>(work: impl FnOnce() -> T) -> Option<T> {
    let was_guarded = IS_GUARDED.replace(true);
    let result = panic::catch_unwind(AssertUnwindSafe(work));
    IS_GUARDED.set(was_guarded);
    result.ok()
}

/// Whether a panic of this thread would be caught here: for a panic hook, which then has nobody to
/// tell.
pub fn is_guarded() -> bool {
    IS_GUARDED.get()
}

#[cfg(test)]
mod tests {
    use super::{guarded, is_guarded};

    #[test]
    fn panics_become_nothing() {
        assert_eq!(guarded(|| 1), Some(1));
        let empty: Vec<u8> = Vec::new();
        assert_eq!(guarded(|| empty[empty.len() + 1]), None);
        assert_eq!(guarded(|| guarded(|| 2)), Some(Some(2)));
        assert_eq!(guarded(|| (guarded(|| 3), is_guarded())), Some((Some(3), true)));
        assert!(!is_guarded());
    }
}
