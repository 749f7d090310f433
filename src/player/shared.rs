//! What the threads of a player have in common: atomics only.
//!
//! *Frames* here are those of the ring between the decoding thread and the sound card, counted
//! through the player's whole life. Two logs say what becomes of them: [`Shared::plays`], written
//! by the callback, when each is heard; [`Shared::map`], written by the decoding thread, which time
//! of the recording it is. Together they answer where the listener is.

use super::log::Log;
use std::sync::atomic::{AtomicBool, AtomicU32, AtomicU64, Ordering};

/// No frame is the last one yet.
pub(super) const NO_END: u64 = u64::MAX;

/// A run of frames that are heard one after the other.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Play {
    /// When the first is heard, in nanoseconds of the player's clock.
    pub(super) at_ns: u64,
    pub(super) first: u64,
    pub(super) count: u64,
    pub(super) ns_per_frame: f64,
}

/// From a frame on, time of the recording runs evenly.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Segment {
    pub(super) first: u64,
    /// The time of the recording at `first`, in seconds.
    pub(super) seconds: f64,
    /// How much of the recording one frame is, in seconds.
    pub(super) seconds_per_frame: f64,
    /// The number of the seek that led here.
    pub(super) seek: u64,
}

impl Segment {
    pub(super) fn time_of(&self, frame: f64) -> f64 {
        self.seconds + (frame - self.first as f64) * self.seconds_per_frame
    }
}

/// Everything that is shared.
pub(super) struct Shared {
    /// Whether the listener wants sound to go on.
    pub(super) wants_play: AtomicBool,
    volume: AtomicU32,
    pub(super) is_muted: AtomicBool,
    /// The callback that may play: others keep silent.
    pub(super) epoch: AtomicU64,
    /// The first frame of that callback's ring.
    pub(super) base: AtomicU64,
    /// Frames before this one are not to be heard any more …
    jump_to: AtomicU64,
    /// … once this one is reached.
    jump_from: AtomicU64,
    /// The frame after the last one of the recording.
    pub(super) end: AtomicU64,
    /// The next frame the callback takes.
    pub(super) taken: AtomicU64,
    /// How often the callback was called.
    pub(super) calls: AtomicU64,
    /// Whether the callback has faded out and nothing is on its way to the ear but silence.
    pub(super) is_faded: AtomicBool,
    plays: Log<256>,
    map: Log<128>,
}

impl Shared {
    pub(super) fn new() -> Self {
        Self {
            wants_play: AtomicBool::new(false),
            volume: AtomicU32::new(1.0f32.to_bits()),
            is_muted: AtomicBool::new(false),
            epoch: AtomicU64::new(0),
            base: AtomicU64::new(0),
            jump_to: AtomicU64::new(0),
            jump_from: AtomicU64::new(0),
            end: AtomicU64::new(NO_END),
            taken: AtomicU64::new(0),
            calls: AtomicU64::new(0),
            is_faded: AtomicBool::new(true),
            plays: Log::new(),
            map: Log::new(),
        }
    }

    /// Gain from 0 to `MAX_VOLUME`, as set.
    pub(super) fn volume(&self) -> f32 {
        f32::from_bits(self.volume.load(Ordering::Relaxed))
    }

    pub(super) fn set_volume(&self, volume: f32) {
        self.volume.store(volume.to_bits(), Ordering::Relaxed);
    }

    /// The gain that is to be heard.
    pub(super) fn level(&self) -> f32 {
        if self.is_muted.load(Ordering::Relaxed) { 0.0 } else { self.volume() }
    }

    /// Lets the callback go on with frame `to` as soon as it has come to `from`.
    pub(super) fn jump(&self, from: u64, to: u64) {
        self.jump_from.store(from, Ordering::Relaxed);
        self.jump_to.store(to, Ordering::Release);
    }

    /// Where to jump, and from where.
    pub(super) fn jumps(&self) -> (u64, u64) {
        let to = self.jump_to.load(Ordering::Acquire);
        (to, self.jump_from.load(Ordering::Relaxed))
    }

    pub(super) fn log_play(&self, play: Play) {
        self.plays.push([play.at_ns, play.first, play.count, play.ns_per_frame.to_bits()]);
    }

    pub(super) fn log_segment(&self, segment: Segment) {
        self.map.push([
            segment.first,
            segment.seconds.to_bits(),
            segment.seconds_per_frame.to_bits(),
            segment.seek,
        ]);
    }

    /// The frame that is heard at `now_ns`, with its fraction.
    pub(super) fn frame_at(&self, now_ns: u64) -> f64 {
        // Before the log is read: what is taken meanwhile is not heard yet.
        let taken = self.taken.load(Ordering::Acquire);
        let mut is_latest = true;
        let mut oldest = None;
        for [at_ns, first, count, per_frame] in self.plays.latest_first() {
            oldest = Some(first);
            if at_ns > now_ns {
                is_latest = false;
                continue;
            }
            let frame = first as f64 + (now_ns - at_ns) as f64 / f64::from_bits(per_frame);
            let end = first + count;
            return match frame < end as f64 {
                true => frame,
                // All that was played has been heard, or what follows is only about to be.
                false if is_latest => taken.max(end) as f64,
                false => end as f64,
            };
        }
        oldest.unwrap_or(taken) as f64
    }

    /// When the last frame that was given to a device has been heard.
    pub(super) fn last_heard_ns(&self) -> u64 {
        let last = self.plays.latest_first().next();
        last.map_or(0, |[at_ns, _, count, per_frame]| {
            at_ns + (count as f64 * f64::from_bits(per_frame)) as u64
        })
    }

    /// The stretch of the map in which `frame` lies; `None` before there is any.
    pub(super) fn segment_of(&self, frame: f64) -> Option<Segment> {
        let mut found = None;
        for [first, seconds, per_frame, seek] in self.map.latest_first() {
            let (seconds, seconds_per_frame) = (f64::from_bits(seconds), f64::from_bits(per_frame));
            found = Some(Segment { first, seconds, seconds_per_frame, seek });
            if first as f64 <= frame {
                break;
            }
        }
        found
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// 48 frames a millisecond.
    const NS: f64 = 1e9 / 48_000.0;

    fn play(at_ms: u64, first: u64, count: u64) -> Play {
        Play { at_ns: at_ms * 1_000_000, first, count, ns_per_frame: NS }
    }

    #[test]
    fn what_is_heard_when() {
        let shared = Shared::new();
        assert_eq!(shared.frame_at(5), 0.0);
        shared.log_play(play(100, 0, 480));
        shared.log_play(play(110, 480, 480));
        // A pause, then on from there, then a jump to frame 5000.
        shared.log_play(play(200, 960, 480));
        shared.log_play(play(210, 5_000, 480));
        shared.taken.store(5_480, Ordering::Relaxed);
        for (ms, frame) in [
            (0, 0.0),
            (100, 0.0),
            (105, 240.0),
            (115, 720.0),
            (150, 960.0),
            (199, 960.0),
            (205, 1_200.0),
            (210, 5_000.0),
            (215, 5_240.0),
            (220, 5_480.0),
            (900, 5_480.0),
        ] {
            assert!(
                (shared.frame_at(ms * 1_000_000) - frame).abs() < 0.01,
                "{ms} ms: {}",
                shared.frame_at(ms * 1_000_000)
            );
        }
        // Frames that were skipped and never played count as heard once the rest has been.
        shared.taken.store(9_000, Ordering::Relaxed);
        assert_eq!(shared.frame_at(900_000_000), 9_000.0);
    }

    proptest! {
        /// Whatever rates and seeks follow each other: time runs on evenly within a segment, and
        /// each frame has exactly the time that its segment gives it.
        #[test]
        fn the_map_is_exact(steps in prop::collection::vec((1u64..50_000, 0.0f64..36_000.0, 0.5f64..3.0), 1..40)) {
            let shared = Shared::new();
            let mut segments = Vec::new();
            let mut first = 0;
            for (i, &(frames, seconds, rate)) in steps.iter().enumerate() {
                let segment = Segment { first, seconds, seconds_per_frame: rate / 48_000.0, seek: i as u64 };
                shared.log_segment(segment);
                segments.push((segment, frames));
                first += frames;
            }
            for (segment, frames) in segments {
                let mut before = f64::MIN;
                for k in 0..4 {
                    let frame = segment.first as f64 + k as f64 * (frames - 1) as f64 / 4.0;
                    let found = shared.segment_of(frame).unwrap();
                    prop_assert_eq!(found, segment);
                    let time = found.time_of(frame);
                    prop_assert!(time >= before);
                    before = time;
                    // And back: the frame at which that time is heard.
                    let back = (time - segment.seconds) / segment.seconds_per_frame + segment.first as f64;
                    prop_assert!((back - frame).abs() < 1e-3);
                }
            }
        }
    }
}
