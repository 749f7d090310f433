//! When, how long: instants and spans of an episode.
//!
//! Everything outside the decoder and the player counts whole milliseconds from the start of the
//! episode; frames of a given rate stay inside `pcm` and `decode`. This room never knows what
//! happens at a time.

use std::fmt;
use std::time::Duration;

/// An instant: whole milliseconds from the start of the episode.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Timestamp(u64);

impl Timestamp {
    /// The start of the episode.
    pub const ZERO: Timestamp = Timestamp(0);

    /// The instant `ms` milliseconds after the start.
    pub const fn from_millis(ms: u64) -> Self {
        Self(ms)
    }

    /// The nearest whole millisecond to `seconds`; not-a-number and negative values become zero.
    pub fn from_secs(seconds: f64) -> Self {
        // `as` saturates, and maps NaN to zero.
        Self((seconds * 1000.0).round() as u64)
    }

    /// The instant at which sample `frame` of a stream at `rate` Hz sounds, to the nearest
    /// millisecond.
    pub fn from_frames(frame: u64, rate: u32) -> Self {
        let (frame, rate) = (u128::from(frame), u128::from(rate.max(1)));
        Self(((frame * 1000 + rate / 2) / rate) as u64)
    }

    /// Milliseconds from the start.
    pub const fn millis(self) -> u64 {
        self.0
    }

    /// Seconds from the start.
    pub fn secs(self) -> f64 {
        self.0 as f64 / 1000.0
    }

    /// The first sample at `rate` Hz that is not before this instant.
    pub fn to_frames(self, rate: u32) -> u64 {
        (u128::from(self.0) * u128::from(rate)).div_ceil(1000) as u64
    }

    /// This instant moved later by `by`.
    #[must_use]
    pub const fn plus(self, by: u64) -> Self {
        Self(self.0.saturating_add(by))
    }

    /// This instant moved earlier by `by`, at most to the start.
    #[must_use]
    pub const fn minus(self, by: u64) -> Self {
        Self(self.0.saturating_sub(by))
    }
}

/// `m:ss` below an hour, `h:mm:ss` above; whole seconds, rounded down.
/// The instant that a person means in an episode of `length`: `3:20`, `1:02:03.5`, seconds, or a
/// share such as `50%`, also in full-width characters; `None` for anything else. It may lie past
/// the end.
///
/// ```
/// use aloud_units::time::{Timestamp, moment};
///
/// let length = Timestamp::from_millis(560_000);
/// assert_eq!(moment("3:20", length), Some(Timestamp::from_millis(200_000)));
/// assert_eq!(moment("50％", length), Some(Timestamp::from_millis(280_000)));
/// assert_eq!(moment("3:75", length), None);
/// ```
pub fn moment(text: &str, length: Timestamp) -> Option<Timestamp> {
    /// From a full-width character to the plain one.
    const APART: u32 = '０' as u32 - '0' as u32;
    let plain = |c: char| match c {
        '０'..='９' | '：' | '％' | '．' => char::from_u32(c as u32 - APART).unwrap_or(c),
        _ => c,
    };
    let text: String = text.trim().chars().map(plain).collect();
    // Rust's own numbers may be signed, infinite, or have exponents.
    let number = |part: &str| {
        let is_plain = part.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.');
        part.parse::<f64>().ok().filter(|_| is_plain)
    };
    if let Some(share) = text.strip_suffix('%') {
        let share = number(share.trim()).filter(|share| *share <= 100.0)?;
        return Some(Timestamp::from_secs(length.secs() * share / 100.0));
    }
    let parts: Vec<f64> = text.split(':').map(number).collect::<Option<_>>()?;
    let is_clock = parts.len() <= 3 && parts.iter().skip(1).all(|part| *part < 60.0);
    is_clock.then(|| Timestamp::from_secs(parts.iter().fold(0.0, |sum, part| sum * 60.0 + part)))
}

impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let s = self.0 / 1000;
        if s >= 3600 {
            f.pad(&format!("{}:{:02}:{:02}", s / 3600, s / 60 % 60, s % 60))
        } else {
            f.pad(&format!("{}:{:02}", s / 60, s % 60))
        }
    }
}

impl From<Duration> for Timestamp {
    fn from(d: Duration) -> Self {
        Self(d.as_millis() as u64)
    }
}

/// A stretch of an episode, half-open: it starts at `start` and ends just before `end`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Span {
    start: Timestamp,
    end: Timestamp,
}

impl Span {
    /// The stretch between two instants, in whichever order they are given.
    pub fn new(a: Timestamp, b: Timestamp) -> Self {
        Self { start: a.min(b), end: a.max(b) }
    }

    /// The stretch between two numbers of milliseconds.
    pub fn from_millis(a: u64, b: u64) -> Self {
        Self::new(Timestamp(a), Timestamp(b))
    }

    /// Its first instant.
    pub const fn start(self) -> Timestamp {
        self.start
    }

    /// The first instant after it.
    pub const fn end(self) -> Timestamp {
        self.end
    }

    /// It divided by `weights`, whose sum is less than 2^64: one after the other, without gaps.
    pub fn shares(self, weights: &[u64]) -> Vec<Span> {
        let total = weights.iter().sum::<u64>().max(1);
        let edge = |done: u64| {
            let share = u128::from(self.millis()) * u128::from(done) / u128::from(total);
            self.start.plus(share as u64)
        };
        let share = |done: &mut u64, weight: &u64| {
            let from = edge(*done);
            *done += weight;
            Some(Span::new(from, edge(*done)))
        };
        weights.iter().scan(0, share).collect()
    }

    /// Its length in milliseconds.
    pub const fn millis(self) -> u64 {
        self.end.0 - self.start.0
    }

    /// Whether it has no length.
    pub const fn is_empty(self) -> bool {
        self.start.0 == self.end.0
    }

    /// Whether `at` lies in it.
    pub fn contains(self, at: Timestamp) -> bool {
        self.start <= at && at < self.end
    }

    /// The part of it that lies within `outer`; empty, at the nearer edge of `outer`, where they do
    /// not meet.
    #[must_use]
    pub fn clamp_to(self, outer: Span) -> Self {
        Self {
            start: self.start.clamp(outer.start, outer.end),
            end: self.end.clamp(outer.start, outer.end),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moments() {
        let length = Timestamp::from_millis(561_000);
        for (text, want) in [
            ("3:20", Some(200_000)),
            (" 3:20.5 ", Some(200_500)),
            ("1:02:03", Some(3_723_000)),
            ("0:09:21", Some(561_000)),
            ("95", Some(95_000)),
            ("9.5", Some(9_500)),
            ("50%", Some(280_500)),
            ("100 %", Some(561_000)),
            ("３", Some(3_000)),
            ("3：20", Some(200_000)),
            ("５０％", Some(280_500)),
            ("9:22", Some(562_000)),
            ("101%", None),
            ("3:75", None),
            ("9:21 pm", None),
            ("1:2:3:4", None),
            ("1e3", None),
            ("+5", None),
            ("-5", None),
            ("inf", None),
            ("nan", None),
            (":", None),
            ("%", None),
            ("", None),
            ("river", None),
        ] {
            assert_eq!(moment(text, length).map(Timestamp::millis), want, "{text:?}");
        }
    }

    #[test]
    fn printing() {
        for (ms, text) in [
            (0, "0:00"),
            (999, "0:00"),
            (61_000, "1:01"),
            (561_000, "9:21"),
            (3_600_000, "1:00:00"),
            (36_061_000, "10:01:01"),
        ] {
            assert_eq!(Timestamp::from_millis(ms).to_string(), text);
        }
    }

    #[test]
    fn frames() {
        for (rate, frame, ms) in [
            (16_000, 16, 1),
            (44_100, 44_100, 1000),
            (48_000, u64::from(u32::MAX), 89_478_485),
            (8_000, 0, 0),
        ] {
            assert_eq!(Timestamp::from_frames(frame, rate).millis(), ms);
            assert!(
                Timestamp::from_millis(ms).to_frames(rate).abs_diff(frame)
                    < u64::from(rate) / 1000 + 1
            );
        }
    }

    #[test]
    fn odd_seconds() {
        for (s, ms) in
            [(f64::NAN, 0), (-3.0, 0), (0.0004, 0), (0.0005, 1), (f64::INFINITY, u64::MAX)]
        {
            assert_eq!(Timestamp::from_secs(s).millis(), ms);
        }
    }

    #[test]
    fn spans_are_ordered() {
        let outer = Span::from_millis(100, 200);
        for (a, b, want) in [
            (0, 50, (100, 100)),
            (150, 120, (120, 150)),
            (190, 400, (190, 200)),
            (300, 400, (200, 200)),
        ] {
            let got = Span::from_millis(a, b).clamp_to(outer);
            assert_eq!((got.start().millis(), got.end().millis()), want);
        }
    }
}
