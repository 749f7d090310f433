//! Memory that nobody needs, given back to the system while whoever has it keeps its place: what is
//! read there next is nought.
//!
//! This file never knows what was in it. Where there is no way (outside Linux), nothing happens.

#![allow(unsafe_code, reason = "the system is told of places, not of values")]

/// Gives back so many bytes, as far as they fill pages of their own.
///
/// # Safety
/// They must be memory of this process that nobody else holds a reference to, and that nobody reads
/// again without having written.
#[cfg(target_os = "linux")]
pub(super) unsafe fn let_go(place: usize, len: usize) {
    let pages = pages(place, len);
    if !pages.is_empty() {
        // SAFETY: whole pages within what is given up. That it fails changes nothing.
        let _ = unsafe {
            rustix::mm::madvise(
                pages.start as *mut std::ffi::c_void,
                pages.len(),
                rustix::mm::Advice::LinuxDontNeed,
            )
        };
    }
}

/// Gives back those pages among so many bytes that hold nothing but noughts, so that nothing is
/// changed by it.
///
/// # Safety
/// They must be memory of this process that was written once, in no file and shared with nobody, and
/// that no other thread uses meanwhile.
#[cfg(target_os = "linux")]
pub(super) unsafe fn let_go_of_noughts(place: usize, len: usize) {
    let page = rustix::param::page_size();
    let is_nought = |start: usize| {
        let words = start as *const u64;
        // SAFETY: a page within what was handed over, and of a whole number of words.
        let words = unsafe { std::slice::from_raw_parts(words, page / size_of::<u64>()) };
        words.iter().fold(0, |all, word| all | word) == 0
    };
    let mut rest = pages(place, len).step_by(page).peekable();
    while let Some(start) = rest.next() {
        if is_nought(start) {
            let mut end = start + page;
            while rest.next_if(|&next| is_nought(next)).is_some() {
                end += page;
            }
            // SAFETY: whoever reads them again finds what was there.
            unsafe { let_go(start, end - start) };
        }
    }
}

/// The whole pages among so many bytes.
#[cfg(target_os = "linux")]
fn pages(place: usize, len: usize) -> std::ops::Range<usize> {
    let page = rustix::param::page_size();
    place.next_multiple_of(page)..(place + len) / page * page
}

#[cfg(not(target_os = "linux"))]
pub(super) unsafe fn let_go(_: usize, _: usize) {}

#[cfg(not(target_os = "linux"))]
pub(super) unsafe fn let_go_of_noughts(_: usize, _: usize) {}

/// Gives back what was allocated, is free by now and lies between what is in use.
#[cfg(all(target_os = "linux", target_env = "gnu"))]
pub(super) fn let_go_of_free() {
    // SAFETY: it may be called at any time, from any thread.
    unsafe { libc::malloc_trim(0) };
}

#[cfg(not(all(target_os = "linux", target_env = "gnu")))]
pub(super) fn let_go_of_free() {}

#[cfg(test)]
#[cfg(target_os = "linux")]
pub(super) mod tests {
    use super::*;
    use std::os::unix::fs::FileExt;

    /// How many of these pages are in memory (`Documentation/admin-guide/mm/pagemap.rst`).
    pub(in super::super) fn in_memory(of: &[u8]) -> usize {
        let map = std::fs::File::open("/proc/self/pagemap").unwrap();
        let page = rustix::param::page_size();
        let places = pages(of.as_ptr() as usize, of.len()).step_by(page);
        let is_there = |place: usize| {
            let mut entry = [0; 8];
            map.read_exact_at(&mut entry, (place / page * 8) as u64).unwrap();
            u64::from_ne_bytes(entry) >> 63 == 1
        };
        places.filter(|&place| is_there(place)).count()
    }

    #[test]
    fn noughts_are_let_go_and_nothing_else() {
        let page = rustix::param::page_size();
        // Written all over, so that every page is there: large enough to be a mapping of its own.
        let mut memory = vec![1_u8; 300 * page + 777];
        memory.fill(0);
        let n_pages = pages(memory.as_ptr() as usize, memory.len()).len() / page;
        let aligned = (memory.as_ptr() as usize).next_multiple_of(page) - memory.as_ptr() as usize;
        // One byte is enough to stay: a page's first, its last, and one of two neighbours.
        for (i, at) in [(3, 0), (5, page - 1), (200, 99), (201, 17)] {
            memory[aligned + i * page + at] = 7;
        }
        // What lies before the first page and behind the last.
        memory[0] = 8;
        *memory.last_mut().unwrap() = 9;
        let before = memory.clone();
        assert_eq!(in_memory(&memory), n_pages);
        // SAFETY: this thread's own.
        unsafe { let_go_of_noughts(memory.as_ptr() as usize, memory.len()) };
        assert_eq!(in_memory(&memory), 4);
        assert!(memory == before);
        // SAFETY: nothing of it is read before it is written.
        unsafe { let_go(memory.as_ptr() as usize, memory.len()) };
        assert_eq!(in_memory(&memory), 0);
        assert!(memory[0] == 8 && memory[aligned + 3 * page] == 0);
        let_go_of_free();
    }
}
