//! How far recognition is, as the screen shows it.

use crate::time::{Span, Timestamp};

/// How far recognition is.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Progress {
    /// What was recognised, in order of time and apart.
    pub recognised: Vec<Span>,
    /// How long the recording is.
    pub length: Timestamp,
    /// How many seconds of sound are recognised in a second; 0 where unknown.
    pub speed: f32,
    /// Whether it is not recognised yet, but loaded.
    pub is_loading: bool,
}

impl Progress {
    /// Everything before `reached` was recognised.
    pub fn up_to(reached: Timestamp, length: Timestamp, speed: f32) -> Self {
        Self {
            recognised: vec![Span::new(Timestamp::ZERO, reached)],
            length,
            speed,
            is_loading: false,
        }
    }

    /// Everything before `reached` was loaded.
    pub fn loaded(reached: Timestamp, length: Timestamp) -> Self {
        Self { is_loading: true, ..Self::up_to(reached, length, 0.0) }
    }

    /// The share recognised, 0 to 1.
    pub fn share(&self) -> f64 {
        let done: u64 = self.recognised.iter().map(|span| span.millis()).sum();
        (done as f64 / self.length.millis().max(1) as f64).min(1.0)
    }

    /// Whether `at` was recognised.
    pub fn covers(&self, at: Timestamp) -> bool {
        self.recognised.iter().any(|span| span.contains(at))
    }
}
