//! What the sound card calls: take frames from the ring, fill the rest with silence.
//!
//! No lock, allocation, wait or print, and nothing that takes longer when there is more to play.
//! Whatever begins or ends here is faded over [`FADE`], so that no pause, jump or hole in the
//! stream clicks.

use super::limit::Limiter;
use super::shared::{Play, Shared};
use rtrb::Consumer;
use std::sync::Arc;
use std::sync::atomic::Ordering;

/// How long a fade takes, in seconds.
pub(super) const FADE: f64 = 0.005;

/// How frames are laid out on their way to a device.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Form {
    /// Frames per second.
    pub(super) rate: u32,
    /// Samples per frame in the ring: 1 or 2.
    pub(super) n_channels: usize,
}

impl Form {
    /// Frames in so many seconds.
    pub(super) fn frames(self, seconds: f64) -> u64 {
        (seconds * f64::from(self.rate)).round() as u64
    }
}

/// The end of the ring at which a device takes frames.
pub(super) struct Outlet {
    ring: Consumer<f32>,
    form: Form,
    shared: Arc<Shared>,
    /// Its number: it plays while [`Shared::epoch`] says so.
    epoch: u64,
    /// The next frame; `None` before its epoch begins.
    at: Option<u64>,
    /// How far open it is, from 0 to `fade` steps of a frame each.
    gate: u64,
    fade: u64,
    /// The volume that was last heard.
    level: f32,
    limiter: Limiter,
    pace: Pace,
}

impl Outlet {
    pub(super) fn new(ring: Consumer<f32>, form: Form, shared: Arc<Shared>, epoch: u64) -> Self {
        let fade = form.frames(FADE).max(1);
        let level = shared.level();
        Self {
            ring,
            form,
            shared,
            epoch,
            at: None,
            gate: 0,
            level,
            fade,
            limiter: Limiter::new(form.rate),
            pace: Pace::default(),
        }
    }

    pub(super) fn form(&self) -> Form {
        self.form
    }

    /// Fills `out`, frames of `channels` samples, the first of which will be heard at `heard_ns`.
    pub(super) fn fill(&mut self, out: &mut [f32], channels: usize, heard_ns: u64) {
        out.fill(0.0);
        self.shared.calls.fetch_add(1, Ordering::Relaxed);
        if self.shared.epoch.load(Ordering::Acquire) != self.epoch || channels == 0 {
            return;
        }
        let at = *self.at.get_or_insert_with(|| self.shared.base.load(Ordering::Acquire));
        let wanted = out.len() / channels;
        let ns_per_frame = 1e9 / f64::from(self.form.rate);
        let heard_ns = self.pace.steady(heard_ns, wanted as f64 * ns_per_frame);
        let (mut at, mut done) = (at, 0);
        while done < wanted {
            at += self.skip(at);
            let run = self.next_run(at, wanted - done);
            let n = run.frames.min(self.ring.slots() / self.form.n_channels);
            if n == 0 {
                // Nothing more to play: what comes next begins softly.
                self.gate = 0;
                break;
            }
            let slice = &mut out[done * channels..(done + n) * channels];
            self.play(slice, channels, n, run.opens);
            let at_ns = heard_ns + (done as f64 * ns_per_frame) as u64;
            self.shared.log_play(Play { at_ns, first: at, count: n as u64, ns_per_frame });
            at += n as u64;
            done += n;
        }
        self.at = Some(at);
        self.shared.is_faded.store(self.gate == 0, Ordering::Relaxed);
        self.shared.taken.store(at, Ordering::Release);
    }

    /// Throws away what is not to be heard any more, once it is silent. Returns how many frames.
    fn skip(&mut self, at: u64) -> u64 {
        let (to, from) = self.shared.jumps();
        let is_paused = !self.shared.wants_play.load(Ordering::Relaxed);
        let is_too_early = at + self.fade < from && !is_paused;
        if self.gate > 0 || at >= to || is_too_early {
            return 0;
        }
        let frames = usize::try_from(to - at)
            .unwrap_or(usize::MAX)
            .min(self.ring.slots() / self.form.n_channels);
        match self.ring.read_chunk(frames * self.form.n_channels) {
            Ok(chunk) => {
                chunk.commit_all();
                frames as u64
            }
            Err(_) => 0,
        }
    }

    /// What to do next, for at most `wanted` frames.
    fn next_run(&self, at: u64, wanted: usize) -> Run {
        let left = self.gate as usize;
        if !self.shared.wants_play.load(Ordering::Relaxed) {
            return Run { frames: left.min(wanted), opens: false };
        }
        let (to, from) = self.shared.jumps();
        if at < to {
            let before_fade = from.saturating_sub(self.fade).saturating_sub(at) as usize;
            // Old sound up to the fade, then the fade; after that only a jump helps.
            return match before_fade.min(wanted) {
                0 => Run { frames: left.min(wanted), opens: false },
                frames => Run { frames, opens: true },
            };
        }
        // The ring runs dry in this call: fade out with its last frames.
        let there = self.ring.slots() / self.form.n_channels;
        if there < wanted {
            return match there.saturating_sub(self.fade as usize) {
                0 => Run { frames: there, opens: false },
                frames => Run { frames, opens: true },
            };
        }
        Run { frames: wanted, opens: true }
    }

    /// Plays `n` frames while the gate opens or closes.
    fn play(&mut self, out: &mut [f32], channels: usize, n: usize, opens: bool) {
        let Ok(chunk) = self.ring.read_chunk(n * self.form.n_channels) else { return };
        let (first, second) = chunk.as_slices();
        let level = self.shared.level();
        let step = 1.0 / self.fade as f32;
        let mut samples = first.iter().chain(second).copied();
        for frame in out.chunks_exact_mut(channels) {
            self.gate =
                if opens { (self.gate + 1).min(self.fade) } else { self.gate.saturating_sub(1) };
            self.level = towards(self.level, level, step);
            let gain = self.gate as f32 * step * self.level;
            let left = sane(samples.next()) * gain;
            let right = if self.form.n_channels == 2 { sane(samples.next()) * gain } else { left };
            let held = self.limiter.gain(left.abs().max(right.abs()));
            spread(frame, left * held, right * held);
        }
        chunk.commit_all();
    }
}

struct Run {
    frames: usize,
    /// Whether the gate opens meanwhile, or closes.
    opens: bool,
}

/// The next sample. What no recording holds, and no arithmetic gets over, is silence.
fn sane(sample: Option<f32>) -> f32 {
    sample.filter(|x| x.abs() <= 1e6).unwrap_or(0.0)
}

fn towards(x: f32, aim: f32, step: f32) -> f32 {
    if x < aim { (x + step).min(aim) } else { (x - step).max(aim) }
}

/// Puts a frame on the channels of a device: the front ones of many, the mean on a single one.
fn spread(frame: &mut [f32], left: f32, right: f32) {
    match frame {
        [only] => *only = (left + right) * 0.5,
        [front_left, front_right, ..] => (*front_left, *front_right) = (left, right),
        [] => {}
    }
}

/// Evens out the times that a device gives: they jitter by milliseconds, sound does not.
#[derive(Default)]
struct Pace {
    /// When the next call's first frame should be heard, in nanoseconds; how many calls went as
    /// expected.
    next_ns: f64,
    settled: u32,
}

impl Pace {
    /// What part of a deviation is believed at once.
    const TRUST: f64 = 0.08;
    /// A deviation of more than this is a hole in the sound or another route to the ear.
    const JUMP_NS: f64 = 40e6;
    /// Devices still fill their buffers during the first calls.
    const START: u32 = 12;

    fn steady(&mut self, heard_ns: u64, lasts_ns: f64) -> u64 {
        let told = heard_ns as f64;
        let off = told - self.next_ns;
        let is_jump = off.abs() > Self::JUMP_NS;
        self.settled = if is_jump { 0 } else { self.settled.saturating_add(1) };
        let now = if self.settled < Self::START { told } else { self.next_ns + off * Self::TRUST };
        self.next_ns = now + lasts_ns;
        now as u64
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rtrb::{Producer, RingBuffer};

    const FORM: Form = Form { rate: 48_000, n_channels: 1 };
    const FADE_FRAMES: usize = 240;

    struct Bench {
        shared: Arc<Shared>,
        ring: Producer<f32>,
        outlet: Outlet,
        pushed: u64,
        now: u64,
    }

    impl Bench {
        fn new(n_channels: usize) -> Self {
            let shared = Arc::new(Shared::new());
            let (ring, consumer) = RingBuffer::new(48_000 * n_channels);
            let outlet = Outlet::new(consumer, Form { n_channels, ..FORM }, Arc::clone(&shared), 0);
            Self { shared, ring, outlet, pushed: 0, now: 1_000_000_000 }
        }

        fn push(&mut self, n: usize, value: impl Fn(u64) -> f32) {
            for _ in 0..n {
                let x = value(self.pushed);
                for _ in 0..self.outlet.form.n_channels {
                    self.ring.push(x).unwrap();
                }
                self.pushed += 1;
            }
        }

        fn fill(&mut self, frames: usize, channels: usize) -> Vec<f32> {
            let mut out = vec![9.0; frames * channels];
            self.outlet.fill(&mut out, channels, self.now);
            self.now += (frames as f64 / 48_000.0 * 1e9) as u64;
            out
        }

        fn play(&self, yes: bool) {
            self.shared.wants_play.store(yes, Ordering::Relaxed);
        }

        fn taken(&self) -> u64 {
            self.shared.taken.load(Ordering::Relaxed)
        }
    }

    /// No two neighbours differ by more than a fade of full scale does.
    #[track_caller]
    fn has_no_click(out: &[f32]) {
        let step = out.windows(2).map(|w| (w[1] - w[0]).abs()).fold(0.0, f32::max);
        assert!(step <= 1.0 / FADE_FRAMES as f32 + 1e-5, "a step of {step}");
    }

    /// Louder than recorded is louder, and never more than full scale, whatever was recorded.
    #[test]
    fn louder_than_recorded() {
        for (recorded, n_channels, want) in [
            (0.1, 1, 0.15),
            (0.6, 2, 0.9),
            (0.9, 1, 1.0),
            (-1.0, 2, -1.0),
            (7.0, 1, 1.0),
            (f32::NAN, 1, 0.0),
            (f32::INFINITY, 2, 0.0),
        ] {
            let mut bench = Bench::new(n_channels);
            bench.shared.set_volume(1.5);
            bench.outlet.level = 1.5;
            bench.push(4_000, |_| recorded);
            bench.play(true);
            let out = bench.fill(2_000, 2);
            assert!(
                out.iter().all(|x| x.abs() <= 1.0),
                "{recorded}: {:?}",
                out.iter().copied().fold(0.0f32, |a, b| a.max(b.abs()))
            );
            let last = out.last().copied().unwrap_or_default();
            assert!((last - want).abs() < 1e-4, "{recorded} is heard as {last}, not as {want}");
        }
        // At the volume of the recording nothing is held back that the recording has.
        let mut bench = Bench::new(1);
        bench.push(4_000, |n| if n % 2 == 0 { 1.0 } else { -0.25 });
        bench.play(true);
        let out = bench.fill(2_000, 1);
        assert_eq!(&out[1_000..1_004], [1.0, -0.25, 1.0, -0.25]);
    }

    #[test]
    fn silence_until_asked_to_play() {
        let mut bench = Bench::new(1);
        bench.push(1_000, |_| 1.0);
        assert!(bench.fill(480, 2).iter().all(|&x| x == 0.0));
        assert_eq!(bench.taken(), 0);
        bench.play(true);
        let out = bench.fill(480, 1);
        has_no_click(&out);
        assert!(out[FADE_FRAMES..].iter().all(|&x| (x - 1.0).abs() < 1e-6));
        assert_eq!(bench.taken(), 480);
    }

    #[test]
    fn a_pause_fades_and_goes_on_where_it_was() {
        let mut bench = Bench::new(1);
        bench.push(4_000, |_| 1.0);
        bench.play(true);
        let mut all = bench.fill(480, 1);
        bench.play(false);
        all.extend(bench.fill(480, 1));
        assert_eq!(bench.taken(), 480 + FADE_FRAMES as u64);
        assert!(bench.shared.is_faded.load(Ordering::Relaxed));
        all.extend(bench.fill(480, 1));
        assert_eq!(bench.taken(), 480 + FADE_FRAMES as u64);
        bench.play(true);
        all.extend(bench.fill(480, 1));
        has_no_click(&all);
        assert!(all[960..1_440].iter().all(|&x| x == 0.0));
        assert!((all[all.len() - 1] - 1.0).abs() < 1e-6);
    }

    #[test]
    fn a_jump_fades_out_skips_and_fades_in() {
        let mut bench = Bench::new(1);
        bench.push(4_000, |_| 1.0);
        bench.push(4_000, |_| -1.0);
        bench.play(true);
        let mut all = bench.fill(480, 1);
        bench.shared.jump(0, 4_000);
        all.extend(bench.fill(960, 1));
        has_no_click(&all);
        assert_eq!(bench.taken(), 4_000 + 960 - FADE_FRAMES as u64);
        assert!((all[all.len() - 1] + 1.0).abs() < 1e-6);
        // Paused, it is at once.
        bench.play(false);
        bench.fill(480, 1);
        bench.push(1_000, |_| 0.5);
        bench.shared.jump(0, 8_000);
        bench.fill(480, 1);
        assert_eq!(bench.taken(), 8_000);
    }

    #[test]
    fn a_jump_waits_for_its_place() {
        let mut bench = Bench::new(1);
        bench.push(8_000, |_| 1.0);
        bench.play(true);
        bench.fill(480, 1);
        bench.shared.jump(1_440, 6_000);
        bench.fill(480, 1);
        assert_eq!(bench.taken(), 960);
        bench.fill(480, 1);
        assert_eq!(bench.taken(), 1_440);
        has_no_click(&bench.fill(480, 1));
        assert_eq!(bench.taken(), 6_480);
    }

    #[test]
    fn a_dry_ring_fades_and_the_next_sound_too() {
        let mut bench = Bench::new(1);
        bench.push(1_200, |_| 1.0);
        bench.play(true);
        let mut all = bench.fill(480, 1);
        all.extend(bench.fill(480, 1));
        all.extend(bench.fill(480, 1));
        all.extend(bench.fill(480, 1));
        assert_eq!(bench.taken(), 1_200);
        bench.push(2_000, |_| 1.0);
        all.extend(bench.fill(480, 1));
        has_no_click(&all);
        assert!((all[all.len() - 1] - 1.0).abs() < 1e-6);
    }

    #[test]
    fn volume_and_mute_glide_while_time_goes_on() {
        let mut bench = Bench::new(1);
        bench.push(8_000, |_| 1.0);
        bench.play(true);
        let mut all = bench.fill(480, 1);
        bench.shared.set_volume(0.25);
        all.extend(bench.fill(480, 1));
        assert!((all[all.len() - 1] - 0.25).abs() < 1e-6);
        bench.shared.is_muted.store(true, Ordering::Relaxed);
        all.extend(bench.fill(480, 1));
        assert_eq!(all[all.len() - 1], 0.0);
        has_no_click(&all);
        assert_eq!(bench.taken(), 1_440);
    }

    #[test]
    fn channels_are_spread() {
        for (n_channels, channels, want) in [
            (1, 1, &[0.5][..]),
            (1, 2, &[0.5; 2]),
            (2, 1, &[0.5]),
            (2, 2, &[0.5; 2]),
            (1, 4, &[0.5, 0.5, 0.0, 0.0]),
        ] {
            let mut bench = Bench::new(n_channels);
            bench.push(2_000, |_| 0.5);
            bench.play(true);
            let out = bench.fill(960, channels);
            let last = &out[out.len() - channels..];
            assert!(
                last.iter().zip(want).all(|(a, b)| (a - b).abs() < 1e-6),
                "{n_channels} to {channels}: {last:?}"
            );
        }
    }

    #[test]
    fn who_has_not_the_turn_is_silent() {
        let mut bench = Bench::new(1);
        bench.push(1_000, |_| 1.0);
        bench.play(true);
        bench.shared.epoch.store(1, Ordering::Relaxed);
        assert!(bench.fill(480, 1).iter().all(|&x| x == 0.0));
        assert_eq!(bench.taken(), 0);
    }

    #[test]
    fn jitter_is_evened_out_and_holes_are_not() {
        let mut pace = Pace::default();
        let call = 10e6;
        let mut worst: f64 = 0.0;
        for n in 0..200u64 {
            let jitter = [0.0, 3e6, -2e6, 1e6][n as usize % 4];
            let told = (1e9 + n as f64 * call + jitter) as u64;
            let even = pace.steady(told, call) as f64;
            if n > 100 {
                worst = worst.max((even - 1e9 - n as f64 * call).abs());
            }
        }
        assert!(worst < 1.2e6, "{worst}");
        let hole = (1e9 + 200.0 * call + 500e6) as u64;
        assert_eq!(pace.steady(hole, call), hole);
    }
}
