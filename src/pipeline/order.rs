//! Which window is recognised next? The one under the listener's playhead, then what follows it,
//! then the rest.
//!
//! Windows come by in order of time, because decoding goes through the recording; each is taken or
//! passed by, and another pass comes back for those left. So a window's sound is the same whenever
//! it is taken. Pure: it knows spans, not sound.

use crate::time::{Span, Timestamp};

/// What has come by, and what was taken.
#[derive(Clone, Debug, Default)]
pub struct Order {
    seen: Vec<(Span, bool)>,
    /// Whether one pass went through to the end, so that `seen` is all there is.
    is_complete: bool,
}

/// What to do with the window that comes by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Turn {
    /// Recognise it.
    Take,
    /// Go on; it was taken before, or its time is later.
    Pass,
    /// What is wanted lies before it: begin another pass.
    Back,
}

impl Order {
    /// The window over `span` comes by while the listener is at `playhead`.
    pub fn meet(&mut self, span: Span, playhead: Timestamp) -> Turn {
        if self.seen.last().is_none_or(|(last, _)| last.start() < span.start()) {
            self.seen.push((span, false));
        }
        match self.wanted(playhead).map(|index| &mut self.seen[index]) {
            Some((wanted, is_taken)) if wanted.start() == span.start() => {
                *is_taken = true;
                Turn::Take
            }
            Some((wanted, _)) if wanted.start() < span.start() => Turn::Back,
            _ => Turn::Pass,
        }
    }

    /// A pass reached the end of the recording. Whether another one is needed.
    pub fn end_pass(&mut self) -> bool {
        self.is_complete = true;
        self.seen.iter().any(|(_, is_taken)| !is_taken)
    }

    /// Whether a pass went through to the end.
    pub fn is_complete(&self) -> bool {
        self.is_complete
    }

    /// The window to take next; `None` while it may still be ahead of all that was seen.
    fn wanted(&self, playhead: Timestamp) -> Option<usize> {
        let is_left = |(_, is_taken): &(Span, bool)| !is_taken;
        let from = self.seen.partition_point(|(span, _)| span.end() <= playhead);
        let ahead = self.seen[from..].iter().position(is_left).map(|index| from + index);
        if ahead.is_none() && self.is_complete { self.seen.iter().position(is_left) } else { ahead }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// The starts of `windows` in the order in which they are taken; `playhead` is asked once for
    /// each window that comes by.
    fn taken(windows: &[Span], mut playhead: impl FnMut(usize) -> u64) -> Vec<u64> {
        let (mut order, mut taken, mut met) = (Order::default(), Vec::new(), 0);
        for _pass in 0..10_000 {
            let mut is_cut = false;
            for &span in windows {
                let turn = order.meet(span, Timestamp::from_millis(playhead(met)));
                met += 1;
                match turn {
                    Turn::Take => taken.push(span.start().millis()),
                    Turn::Pass => {}
                    Turn::Back => {
                        is_cut = true;
                        break;
                    }
                }
            }
            if !is_cut && !order.end_pass() {
                return taken;
            }
        }
        panic!("no end: {taken:?}");
    }

    fn windows(n: u64) -> Vec<Span> {
        (0..n).map(|i| Span::from_millis(i * 10, i * 10 + 9)).collect()
    }

    #[test]
    fn the_ear_goes_first() {
        // Where the playhead is: first here, and from the window that comes by as the nth on there.
        for (what, first, nth, then, want) in [
            ("nobody listens yet", 0, 0, 0, [0, 10, 20, 30, 40, 50]),
            ("the middle", 25, 0, 25, [20, 30, 40, 50, 0, 10]),
            ("behind the end", 1000, 0, 1000, [0, 10, 20, 30, 40, 50]),
            ("a jump ahead", 0, 2, 40, [0, 10, 40, 50, 20, 30]),
            ("a jump back", 30, 5, 10, [30, 40, 10, 20, 50, 0]),
        ] {
            assert_eq!(
                taken(&windows(6), |met| if met < nth { first } else { then }),
                want,
                "{what}"
            );
        }
    }

    proptest! {
        /// Wherever the listener jumps, every window is taken once.
        #[test]
        fn none_is_lost(n in 0..20u64, jumps in proptest::collection::vec(0..250u64, 1..40)) {
            let mut all = taken(&windows(n), |met| jumps[(met / 3).min(jumps.len() - 1)]);
            all.sort_unstable();
            prop_assert_eq!(all, (0..n).map(|i| i * 10).collect::<Vec<_>>());
        }
    }
}
