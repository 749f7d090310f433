//! A short memory of what happened, written by one thread and read by any, without waiting on
//! either side.
//!
//! Each slot carries the number of its entry before and after its words; a reader that meets an
//! entry being written over sees two different numbers and goes without it.

use std::sync::atomic::{AtomicU64, Ordering, fence};

/// The words of one entry; what they mean is for the two ends to agree on.
pub(super) type Entry = [u64; 4];

struct Slot {
    /// One more than the entry's number; 0 for none yet or one being written.
    number: AtomicU64,
    words: [AtomicU64; 4],
}

/// The last `N` entries.
pub(super) struct Log<const N: usize> {
    slots: [Slot; N],
    count: AtomicU64,
}

impl<const N: usize> Log<N> {
    pub(super) fn new() -> Self {
        let slot = |_| Slot {
            number: AtomicU64::new(0),
            words: std::array::from_fn(|_| AtomicU64::new(0)),
        };
        Self { slots: std::array::from_fn(slot), count: AtomicU64::new(0) }
    }

    /// Adds an entry. One thread at a time may do so; two would mix their words, and nothing worse.
    pub(super) fn push(&self, entry: Entry) {
        let n = self.count.load(Ordering::Relaxed);
        let slot = &self.slots[(n % N as u64) as usize];
        slot.number.store(0, Ordering::Relaxed);
        fence(Ordering::Release);
        for (word, value) in slot.words.iter().zip(entry) {
            word.store(value, Ordering::Relaxed);
        }
        slot.number.store(n + 1, Ordering::Release);
        self.count.store(n + 1, Ordering::Release);
    }

    /// The entries that are still remembered, the latest first.
    pub(super) fn latest_first(&self) -> impl Iterator<Item = Entry> {
        let count = self.count.load(Ordering::Acquire);
        (count.saturating_sub(N as u64)..count).rev().map_while(|n| self.read(n))
    }

    fn read(&self, n: u64) -> Option<Entry> {
        let slot = &self.slots[(n % N as u64) as usize];
        let before = slot.number.load(Ordering::Acquire);
        let entry = std::array::from_fn(|i| slot.words[i].load(Ordering::Relaxed));
        fence(Ordering::Acquire);
        (before == n + 1 && slot.number.load(Ordering::Relaxed) == before).then_some(entry)
    }
}

#[cfg(test)]
mod tests {
    use super::Log;
    use std::sync::atomic::{AtomicBool, Ordering};

    #[test]
    fn the_latest_come_first_and_the_oldest_are_forgotten() {
        let log = Log::<4>::new();
        assert_eq!(log.latest_first().count(), 0);
        for n in 0..10u64 {
            log.push([n; 4]);
            let seen: Vec<u64> = log.latest_first().map(|entry| entry[0]).collect();
            let want: Vec<u64> = (n.saturating_sub(3)..=n).rev().collect();
            assert_eq!(seen, want);
        }
    }

    #[test]
    fn no_entry_is_seen_half_written() {
        let (log, is_over) = (Log::<2>::new(), AtomicBool::new(false));
        std::thread::scope(|scope| {
            scope.spawn(|| {
                for n in 0..100_000u64 {
                    log.push([n, n + 1, n + 2, n + 3]);
                }
                is_over.store(true, Ordering::Relaxed);
            });
            while !is_over.load(Ordering::Relaxed) {
                for [a, b, c, d] in log.latest_first() {
                    assert!(b == a + 1 && c == a + 2 && d == a + 3);
                }
            }
        });
    }
}
