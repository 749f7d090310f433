//! The player's clock, and whom a sound card's thread tells what goes wrong: what device and
//! watchdog share.

use std::time::Instant;

/// The player's clock: nanoseconds since it was made.
#[derive(Clone, Copy)]
pub(super) struct Clock(Instant);

impl Clock {
    pub(super) fn new() -> Self {
        Self(Instant::now())
    }

    pub(super) fn now_ns(self) -> u64 {
        self.0.elapsed().as_nanos() as u64
    }
}

/// Whom a device tells what goes wrong.
pub(super) trait Trouble: Clone + Send + 'static {
    /// It cannot go on.
    fn lost(&self, why: String);
    /// Something failed, after which it goes on; unless that happens again and again.
    fn stumbled(&self, why: &dyn Fn() -> String);
}
