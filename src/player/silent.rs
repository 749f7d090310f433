//! A device that nobody hears: it takes sound from the ring as fast as time goes.
//!
//! With no sound card the words still light up in time. It is told the time, so a test can run an
//! hour of it in a moment.

use super::callback::Outlet;

/// How far ahead of the time it takes sound, in nanoseconds; as much as a real device's buffer.
const AHEAD_NS: u64 = 30_000_000;
/// When it has not been called for so long, the time between is not made up for.
const TOO_LATE_NS: u64 = 500_000_000;
/// Frames taken at once.
const PORTION: usize = 512;

/// Takes sound by the clock.
pub(super) struct Silent {
    outlet: Outlet,
    /// When its first frame was due, and how many it has taken since.
    begun_ns: u64,
    done: u64,
    scratch: [f32; PORTION],
}

impl Silent {
    pub(super) fn new(outlet: Outlet, now_ns: u64) -> Self {
        Self { outlet, begun_ns: now_ns, done: 0, scratch: [0.0; PORTION] }
    }

    /// Takes what is due at `now_ns`.
    pub(super) fn run_to(&mut self, now_ns: u64) {
        if now_ns > self.time_of(self.done) + TOO_LATE_NS {
            (self.begun_ns, self.done) = (now_ns, 0);
        }
        while self.time_of(self.done) < now_ns + AHEAD_NS {
            let heard_ns = self.time_of(self.done);
            self.outlet.fill(&mut self.scratch, 1, heard_ns);
            self.done += PORTION as u64;
        }
    }

    fn time_of(&self, frame: u64) -> u64 {
        let rate = u128::from(self.outlet.form().rate);
        self.begun_ns + (u128::from(frame) * 1_000_000_000 / rate) as u64
    }
}
