//! What plays and how, between two times that it is told, and what of a change is worth a signal.

use crate::episode::EpisodeId;
use crate::time::Timestamp;
use std::time::{Duration, Instant};

/// A place that is this far, in milliseconds, from where time alone would have led was jumped to.
const JUMP_MS: u64 = 500;

/// What plays.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct About {
    /// Which recording it is.
    pub id: EpisodeId,
    /// The episode's name.
    pub title: String,
    /// The show's.
    pub show: Option<String>,
    /// Who speaks or made it.
    pub artist: Option<String>,
    /// How long it is; zero where that is not known.
    pub length: Timestamp,
}

/// How it plays.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Now {
    /// What is heard.
    pub at: Timestamp,
    /// Whether it goes on by itself.
    pub is_playing: bool,
    /// Whether its end was reached.
    pub is_ended: bool,
    /// How fast, 1 being as recorded.
    pub rate: f32,
    /// How loud, 1 being as recorded and 0 where it is muted.
    pub volume: f32,
}

/// What of a change has to be told.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Changes {
    pub(super) status: bool,
    pub(super) rate: bool,
    pub(super) volume: bool,
    pub(super) jumped: bool,
}

impl Changes {
    pub(super) fn is_any(self) -> bool {
        self != Self::default()
    }
}

/// How it played when that was told last.
#[derive(Clone, Copy, Debug)]
pub(super) struct Playing {
    pub(super) now: Now,
    told: Instant,
    length: Timestamp,
}

impl Playing {
    /// Of a recording so long; zero where that is not known.
    pub(super) fn new(length: Timestamp, told: Instant) -> Self {
        Self { now: Now { rate: 1.0, volume: 1.0, ..Now::default() }, told, length }
    }

    /// The word that MPRIS has for it.
    pub(super) fn status(&self) -> &'static str {
        match self.now {
            Now { is_ended: true, .. } => "Stopped",
            Now { is_playing: true, .. } => "Playing",
            _ => "Paused",
        }
    }

    /// What is heard at `moment`, if nothing happened since.
    pub(super) fn position(&self, moment: Instant) -> Timestamp {
        let passed = if self.now.is_playing {
            moment.saturating_duration_since(self.told)
        } else {
            Duration::ZERO
        };
        let at =
            self.now.at.plus((passed.as_secs_f64() * f64::from(self.now.rate) * 1000.0) as u64);
        if self.length > Timestamp::ZERO { at.min(self.length.max(self.now.at)) } else { at }
    }

    /// Takes in how it plays at `moment`, and says what is new.
    pub(super) fn tell(&mut self, now: Now, moment: Instant) -> Changes {
        let (expected, status) = (self.position(moment), self.status());
        let before = std::mem::replace(&mut self.now, now);
        self.told = moment;
        Changes {
            status: self.status() != status,
            rate: now.rate.to_bits() != before.rate.to_bits(),
            volume: now.volume.to_bits() != before.volume.to_bits(),
            jumped: now.at.millis().abs_diff(expected.millis()) >= JUMP_MS,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn now(at_ms: u64, is_playing: bool, rate: f32) -> Now {
        Now { at: Timestamp::from_millis(at_ms), is_playing, rate, volume: 1.0, is_ended: false }
    }

    /// What is told, so many milliseconds later, of `after` where `before` was told first.
    fn told(before: Now, ms: u64, after: Now) -> String {
        let start = Instant::now();
        let mut playing = Playing::new(Timestamp::from_millis(60_000), start);
        playing.tell(before, start);
        let changes = playing.tell(after, start + Duration::from_millis(ms));
        let named = [
            (changes.status, playing.status()),
            (changes.rate, "rate"),
            (changes.volume, "volume"),
            (changes.jumped, "jumped"),
        ];
        assert_eq!(changes.is_any(), named.iter().any(|(is, _)| *is));
        named.iter().filter(|(is, _)| *is).map(|(_, name)| *name).collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn only_what_is_new_is_told() {
        for (before, ms, after, want) in [
            (now(0, false, 1.0), 5_000, now(0, false, 1.0), ""),
            (now(0, true, 1.0), 5_000, now(5_000, true, 1.0), ""),
            (now(0, true, 2.0), 5_000, now(10_020, true, 2.0), ""),
            // A card corrects itself by a little.
            (now(0, true, 1.0), 5_000, now(4_600, true, 1.0), ""),
            (now(0, true, 1.0), 5_000, now(4_400, true, 1.0), "jumped"),
            (now(0, false, 1.0), 10, now(0, true, 1.0), "Playing"),
            (now(0, true, 1.0), 900, now(900, false, 1.0), "Paused"),
            (now(0, true, 1.0), 900, now(900, true, 1.5), "rate"),
            (now(0, true, 1.0), 900, Now { volume: 0.0, ..now(900, true, 1.0) }, "volume"),
            (now(30_000, false, 1.0), 10, now(0, true, 1.0), "Playing jumped"),
            (
                now(59_000, true, 1.0),
                4_000,
                Now { is_ended: true, ..now(60_000, false, 1.0) },
                "Stopped",
            ),
        ] {
            assert_eq!(told(before, ms, after), want, "{before:?} {after:?}");
        }
    }

    #[test]
    fn time_goes_on_between_two_tellings() {
        for (length, now, ms, want) in [
            (60_000, now(1_000, true, 1.5), 2_000, 4_000),
            (60_000, now(1_000, false, 1.5), 2_000, 1_000),
            (60_000, now(59_000, true, 1.0), 2_000, 60_000),
            (0, now(59_000, true, 1.0), 2_000, 61_000),
            // What is longer than it says.
            (60_000, now(61_000, true, 1.0), 2_000, 61_000),
        ] {
            let start = Instant::now();
            let mut playing = Playing::new(Timestamp::from_millis(length), start);
            playing.tell(now, start);
            assert_eq!(
                playing.position(start + Duration::from_millis(ms)).millis(),
                want,
                "{now:?}"
            );
        }
    }
}
