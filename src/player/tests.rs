//! The player without a device, by a clock made by hand: what it says is heard against what it
//! handed over.

use super::callback::{Form, Outlet};
use super::feed::{Feed, RING};
use super::shared::Shared;
use super::silent::Silent;
use super::{Sought, place};
use crate::decode::Source;
use crate::time::Timestamp;
use proptest::prelude::*;
use rtrb::RingBuffer;
use std::io::Cursor;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

const RATE: u32 = 16_000;
/// What the device says its latency is, in nanoseconds.
const LATENCY: u64 = 35_000_000;
const CALL_MS: u64 = 10;

/// A recording of floats at [`RATE`].
fn source(samples: &[f32]) -> Source {
    let n = samples.len() as u32 * 4;
    let mut bytes = b"RIFF".to_vec();
    bytes.extend((36 + n).to_le_bytes());
    bytes.extend(b"WAVEfmt \x10\0\0\0\x03\0\x01\0");
    bytes.extend(RATE.to_le_bytes());
    bytes.extend((RATE * 4).to_le_bytes());
    bytes.extend(b"\x04\0\x20\0data");
    bytes.extend(n.to_le_bytes());
    bytes.extend(samples.iter().flat_map(|x| x.to_le_bytes()));
    Source::from_reader(Cursor::new(bytes), "test.wav").unwrap()
}

/// A recording whose samples tell their own time: 0.1 at the start, 0.9 at the end; silent in
/// `pauses`, in seconds.
fn slope(seconds: f64, pauses: &[(f64, f64)]) -> Vec<f32> {
    let n = (seconds * f64::from(RATE)) as usize;
    let time = |i: usize| i as f64 / f64::from(RATE);
    let is_silent = |t: f64| pauses.iter().any(|&(from, to)| (from..to).contains(&t));
    (0..n)
        .map(|i| if is_silent(time(i)) { 0.0 } else { (0.1 + 0.8 * time(i) / seconds) as f32 })
        .collect()
}

/// A player with a device that is called by hand.
struct Rig {
    seconds: f64,
    shared: Arc<Shared>,
    feed: Feed,
    outlet: Outlet,
    sought: Sought,
    now_ns: u64,
    epoch: u64,
    rate: f64,
    /// All that was handed over.
    heard: Vec<f32>,
    /// Milliseconds since the listener did something.
    calm_ms: u64,
}

impl Rig {
    fn new(samples: &[f32], shortens: bool) -> Self {
        let shared = Arc::new(Shared::new());
        let feed = Feed::new(source(samples), Arc::clone(&shared), 0.0, 1.0, shortens);
        let (_, consumer) = RingBuffer::new(1);
        let outlet =
            Outlet::new(consumer, Form { rate: RATE, n_channels: 1 }, Arc::clone(&shared), 0);
        let seconds = samples.len() as f64 / f64::from(RATE);
        let (sought, now_ns) = (Sought::default(), 1_000_000_000);
        let mut rig = Self {
            seconds,
            shared,
            feed,
            outlet,
            sought,
            now_ns,
            epoch: 0,
            rate: 1.0,
            heard: Vec::new(),
            calm_ms: 0,
        };
        rig.attach(RATE);
        rig
    }

    fn attach(&mut self, rate: u32) {
        self.epoch += 1;
        let form = Form { rate, n_channels: 1 };
        let (producer, consumer) = RingBuffer::new(form.frames(RING) as usize);
        self.outlet = Outlet::new(consumer, form, Arc::clone(&self.shared), self.epoch);
        self.feed.attach(producer, form, self.epoch, self.now_ns).unwrap();
        self.calm_ms = 0;
    }

    fn play(&mut self, yes: bool) {
        self.shared.wants_play.store(yes, Ordering::Relaxed);
        self.calm_ms = 0;
    }

    fn speed(&mut self, rate: f64) {
        self.rate = rate;
        self.feed.set_speed(rate).unwrap();
        self.calm_ms = 0;
    }

    fn seek(&mut self, ms: u64) {
        self.sought = Sought {
            number: self.sought.number + 1,
            target: Timestamp::from_millis(ms),
            told: AtomicU64::new(0),
        };
        self.feed.seek(ms as f64 / 1000.0, self.sought.number).unwrap();
        self.calm_ms = 0;
    }

    fn take(&mut self, deed: Deed) {
        match deed {
            Deed::Play(yes) => self.play(yes),
            Deed::Speed(rate) => self.speed(rate),
            Deed::Seek(ms) => self.seek(ms),
            Deed::Attach(rate) => self.attach(rate),
        }
    }

    fn at(&self) -> u64 {
        place(&self.shared, &self.sought, self.now_ns).0.millis()
    }

    fn is_ended(&self) -> bool {
        place(&self.shared, &self.sought, self.now_ns).1
    }

    /// Lets the device call once; the sound it got is heard after its latency.
    fn call(&mut self) -> Vec<f32> {
        while self.feed.has_work() {
            self.feed.work().unwrap();
        }
        let mut out = vec![0.0; self.outlet.form().frames(CALL_MS as f64 / 1000.0) as usize];
        self.outlet.fill(&mut out, 1, self.now_ns + LATENCY);
        self.now_ns += CALL_MS * 1_000_000;
        self.calm_ms += CALL_MS;
        self.heard.extend_from_slice(&out);
        out
    }

    /// Lets time go on; with a [`slope`], what is said to be heard is what the samples say.
    fn run(&mut self, ms: u64) {
        for _ in 0..ms / CALL_MS {
            let out = self.call();
            let middle = out[out.len() / 2];
            // Where sound begins or ends, the samples tell no time.
            let is_even = out.windows(2).all(|w| (w[1] - w[0]).abs() < 0.001);
            if self.calm_ms < 60 || middle < 0.09 || !is_even {
                continue;
            }
            let told = f64::from(middle - 0.1) / 0.8 * self.seconds * 1000.0;
            let then = self.now_ns - CALL_MS * 500_000 + LATENCY;
            let said = place(&self.shared, &Sought { told: AtomicU64::new(0), ..self.sought }, then)
                .0
                .millis() as f64;
            let slack = if self.rate == 1.0 { 1.5 } else { 28.0 };
            let is_faded = said > self.seconds * 1000.0 - 20.0;
            assert!(
                is_faded || (said - told).abs() < slack,
                "{said} ms is said, {told:.1} ms is heard at speed {}",
                self.rate
            );
        }
    }
}

#[test]
fn what_is_said_is_what_is_heard() {
    let mut rig = Rig::new(&slope(40.0, &[]), false);
    rig.run(100);
    assert_eq!(rig.at(), 0);
    rig.play(true);
    rig.run(1_000);
    assert!(rig.at().abs_diff(1_000 - 35) <= 15, "{}", rig.at());
    for rate in [2.0, 0.5, 3.0, 1.0, 1.25, 0.75, 1.5] {
        let before = rig.at();
        rig.speed(rate);
        rig.run(1_000);
        let went = (rig.at() - before) as f64;
        // What was under way goes on at the speed before: the latency and the margin.
        assert!((went - rate * 1_000.0).abs() < 180.0, "{went} ms at {rate}");
    }
    rig.play(false);
    rig.run(200);
    let stopped = rig.at();
    rig.run(500);
    assert_eq!(rig.at(), stopped);
    rig.seek(33_333);
    assert_eq!(rig.at(), 33_333);
    rig.run(300);
    assert_eq!(rig.at(), 33_333);
    rig.play(true);
    rig.run(400);
    rig.speed(1.0);
    rig.run(500);
    // Another device at another rate.
    let before = rig.at();
    rig.attach(48_000);
    assert!(rig.at().abs_diff(before) <= 2, "{} after {before}", rig.at());
    rig.run(500);
    assert!(rig.at().abs_diff(before + 465) <= 15, "{} after {before}", rig.at());
}

/// A change that comes before the last one is heard takes its place at once: what is under way is
/// not played out first, to be heard again.
#[test]
fn changes_in_a_hurry() {
    let far = 20_000;
    for (what, deeds) in [
        ("two speeds", vec![Deed::Speed(0.75), Deed::Speed(0.5)]),
        ("many speeds", [0.75, 1.0, 1.25, 1.5, 2.0, 1.5].map(Deed::Speed).to_vec()),
        ("a jump and a speed", vec![Deed::Seek(far), Deed::Speed(0.5)]),
        ("a pause and a speed", vec![Deed::Play(false), Deed::Speed(2.0), Deed::Play(true)]),
    ] {
        let mut rig = Rig::new(&slope(30.0, &[]), false);
        rig.play(true);
        rig.run(500);
        let before = if matches!(deeds[0], Deed::Seek(_)) { far } else { rig.at() };
        for deed in deeds {
            rig.take(deed);
            rig.run(CALL_MS);
        }
        rig.run(100);
        let (rate, at) = (rig.rate, rig.at());
        assert!(at >= before && at < before + 250, "{what}: {at} after {before}");
        rig.run(500);
        let went = (rig.at() - at) as f64;
        assert!((went - 500.0 * rate).abs() < 15.0, "{what}: {went} ms at {rate}");
    }
}

#[test]
fn a_jump_lands_at_once_on_the_sample() {
    let mut rig = Rig::new(&slope(30.0, &[]), false);
    rig.play(true);
    rig.run(500);
    for ms in [20_000, 3_210, 3_211, 29_000, 0, 12_345] {
        rig.seek(ms);
        rig.heard.clear();
        rig.run(30);
        // The old sound fades for 5 ms, the new one comes in for 5 ms.
        let after = (rig.heard[rig.heard.len() / 2] - 0.1) / 0.8 * 30_000.0;
        let want = ms as f32 + 15.0 - 5.0;
        assert!((after - want).abs() < 1.0, "{after} ms instead of {want}");
    }
    // Several at once: the last one counts.
    for ms in [1_000, 25_000, 7_000, 9_000] {
        rig.seek(ms);
    }
    rig.run(200);
    assert!(rig.at().abs_diff(9_000 + 200 - 35) < 15, "{}", rig.at());
}

#[test]
fn the_end_is_the_end() {
    for rate in [1.0, 3.0, 0.5] {
        let mut rig = Rig::new(&slope(2.0, &[]), false);
        rig.speed(rate);
        rig.play(true);
        rig.run((1_900.0 / rate) as u64);
        assert!(!rig.is_ended());
        rig.run(400);
        assert!(rig.is_ended());
        assert!(rig.at().abs_diff(2_000) <= 1, "{}", rig.at());
        let tail = &rig.heard[rig.heard.len() - 100..];
        assert!(tail.iter().all(|&x| x == 0.0));
        rig.seek(500);
        rig.run(300);
        assert!(!rig.is_ended());
        rig.seek(99_000);
        rig.run(100);
        assert!(rig.is_ended());
        assert_eq!(rig.at(), 2_000);
    }
}

/// A recording that grows: more of it takes the place of what is there, with no gap and at the same
/// time; also behind an end that was none.
#[test]
fn what_grows_goes_on() {
    let whole = slope(20.0, &[]);
    let here = |seconds: f64| source(&whole[..(seconds * f64::from(RATE)) as usize]);
    let mut rig = Rig::new(&whole, false);
    let more = |rig: &mut Rig, seconds| {
        rig.feed.replace(here(seconds)).unwrap();
        rig.calm_ms = 0;
    };
    more(&mut rig, 3.0);
    rig.play(true);
    for seconds in [4.0, 5.0, 6.0] {
        rig.run(900);
        let before = rig.at();
        rig.heard.clear();
        more(&mut rig, seconds);
        assert!(rig.at().abs_diff(before) <= 2, "{} after {before}", rig.at());
        rig.run(100);
        assert!(rig.at().abs_diff(before + 100) <= 15, "{} after {before}", rig.at());
        // One sound fades into the other.
        let low = rig.heard.iter().filter(|x| **x < 0.09).count() as u32;
        assert!(low < RATE / 80, "{low} samples are missing");
    }
    rig.run(4_000);
    assert!(rig.is_ended() && rig.at().abs_diff(6_000) <= 1, "{}", rig.at());
    more(&mut rig, 20.0);
    rig.seek(6_000);
    rig.run(500);
    assert!(!rig.is_ended() && rig.at().abs_diff(6_465) <= 15, "{}", rig.at());
    // What is of another form is not taken.
    let tone = source(&[0.5; 100]);
    let other = Source::from_reader(
        Cursor::new(include_bytes!("../../audio/old-radio.zh.mp3").to_vec()),
        "radio.mp3",
    )
    .unwrap();
    assert_ne!((tone.rate(), tone.channels()), (other.rate(), other.channels()));
    rig.feed.replace(other).unwrap();
    rig.run(500);
    assert!(rig.at().abs_diff(6_965) <= 15, "{}", rig.at());
}

#[test]
fn shortened_pauses_stay_on_the_map() {
    let mut rig = Rig::new(&slope(20.0, &[(2.0, 5.0), (6.0, 6.4), (8.0, 15.0)]), true);
    rig.play(true);
    rig.run(3_000);
    rig.speed(2.0);
    rig.run(1_000);
    rig.speed(1.0);
    rig.run(7_000);
    // 20 s less 2.4 s and 6.4 s of pauses, less what the second at double speed was quicker.
    assert!(rig.is_ended());
}

#[test]
fn nothing_clicks() {
    let tone: Vec<f32> = (0..RATE * 20)
        .map(|i| 0.5 * (std::f32::consts::TAU * 200.0 * (i % 80) as f32 / RATE as f32).sin())
        .collect();
    let mut rig = Rig::new(&tone, false);
    rig.play(true);
    for (i, rate) in [1.0, 2.0, 0.5, 3.0, 1.0, 1.5].into_iter().enumerate() {
        rig.speed(rate);
        rig.call();
        rig.call();
        rig.seek(i as u64 * 2_717);
        (0..20).for_each(|_| drop(rig.call()));
        rig.play(false);
        (0..3).for_each(|_| drop(rig.call()));
        rig.play(true);
        (0..7).for_each(|_| drop(rig.call()));
    }
    rig.seek(19_800);
    (0..60).for_each(|_| drop(rig.call()));
    let own = tone.windows(2).map(|w| (w[1] - w[0]).abs()).fold(0.0, f32::max);
    let worst = rig.heard.windows(2).map(|w| (w[1] - w[0]).abs()).fold(0.0, f32::max);
    assert!(worst < own * 1.15 + 0.5 / 80.0, "{worst} against {own}");
}

#[test]
fn silence_keeps_time() {
    let shared = Arc::new(Shared::new());
    let mut feed = Feed::new(source(&slope(60.0, &[])), Arc::clone(&shared), 10.0, 1.5, false);
    let form = Form { rate: RATE, n_channels: 1 };
    let (producer, consumer) = RingBuffer::new(form.frames(RING) as usize);
    feed.attach(producer, form, 1, 0).unwrap();
    let mut silent = Silent::new(Outlet::new(consumer, form, Arc::clone(&shared), 1), 0);
    shared.wants_play.store(true, Ordering::Relaxed);
    let at = |now_ms: u64| place(&shared, &Sought::default(), now_ms * 1_000_000).0.millis();
    for ms in (0..=20_000u64).step_by(7) {
        while feed.has_work() {
            feed.work().unwrap();
        }
        silent.run_to(ms * 1_000_000);
        if ms > 100 {
            let want = 10_000 + ms * 3 / 2;
            assert!(at(ms).abs_diff(want) <= 2, "{} instead of {want}", at(ms));
        }
    }
    // The machine slept: the listener heard nothing of it.
    let before = at(20_000);
    silent.run_to(500_000_000_000);
    silent.run_to(500_010_000_000);
    assert!(at(500_005).abs_diff(before) < 120, "{} after {before}", at(500_005));
}

#[derive(Clone, Copy, Debug)]
enum Deed {
    Play(bool),
    Speed(f64),
    Seek(u64),
    Attach(u32),
}

fn deed() -> impl Strategy<Value = Deed> {
    prop_oneof![
        any::<bool>().prop_map(Deed::Play),
        prop::sample::select(vec![0.5, 0.75, 1.0, 1.25, 1.5, 2.0, 3.0]).prop_map(Deed::Speed),
        (0u64..30_000).prop_map(Deed::Seek),
        prop::sample::select(vec![16_000u32, 44_100, 48_000]).prop_map(Deed::Attach),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 16, ..ProptestConfig::default() })]

    /// Whatever the listener does, and however fast: the place said is the place heard, and it goes
    /// back only by a jump.
    #[test]
    fn any_deeds(deeds in prop::collection::vec((deed(), 1u64..30), 1..12)) {
        let mut rig = Rig::new(&slope(30.0, &[]), false);
        rig.play(true);
        rig.run(100);
        for (deed, calls) in deeds {
            rig.take(deed);
            let mut before = rig.at();
            for _ in 0..calls {
                rig.run(CALL_MS);
                prop_assert!(rig.at() >= before, "{} after {before}", rig.at());
                before = rig.at();
            }
        }
    }
}
