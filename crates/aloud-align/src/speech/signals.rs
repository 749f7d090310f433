//! Sounds for the tests, made from numbers: something like a voice, music, noise.
//!
//! Deterministic. Compiled for tests only.

use std::f32::consts::TAU;

pub(super) const RATE: usize = 16_000;

/// A small generator of noise (xorshift), so that every run hears the same.
pub(super) struct Noise(pub u32);

impl Noise {
    /// Evenly spread in -1 to 1.
    pub(super) fn next(&mut self) -> f32 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 17;
        self.0 ^= self.0 << 5;
        self.0 as f32 / u32::MAX as f32 * 2.0 - 1.0
    }
}

/// A resonance: a pair of poles at `hz`, `width` wide.
#[derive(Default)]
struct Formant {
    one: f32,
    two: f32,
}

impl Formant {
    fn next(&mut self, x: f32, hz: f32, width: f32) -> f32 {
        let r = (-std::f32::consts::PI * width / RATE as f32).exp();
        let y =
            x * (1.0 - r) + 2.0 * r * (TAU * hz / RATE as f32).cos() * self.one - r * r * self.two;
        (self.two, self.one) = (self.one, y);
        y
    }
}

/// Speech-like: pulses through moving formants, syllables of changing length with a sibilant before
/// every third, a gliding pitch, and a pause of a third of a second after some syllables. RMS about
/// 0.1.
pub(super) fn voice(seconds: f32, seed: u32) -> Vec<f32> {
    let total = (seconds * RATE as f32) as usize;
    let mut noise = Noise(seed * 2 + 1);
    let mut out = Vec::with_capacity(total + RATE);
    let (mut a, mut b, mut c) = (Formant::default(), Formant::default(), Formant::default());
    let (mut pitch, mut phase) = (120.0f32, 0.0f32);
    let (mut from, mut number) = ([500.0f32, 1500.0], 0);
    while out.len() < total {
        number += 1;
        let to = [525.0 + 225.0 * noise.next(), 1500.0 + 650.0 * noise.next()];
        let glide = 25.0 * noise.next();
        if number % 3 == 0 {
            let hiss = (0.08 + 0.03 * noise.next()) * RATE as f32;
            let mut before = 0.0;
            for i in 0..hiss as usize {
                let x = noise.next();
                out.push(0.06 * (x - before) * (i as f32 / hiss * std::f32::consts::PI).sin());
                before = x;
            }
        }
        let length = (0.17 + 0.06 * noise.next()) * RATE as f32;
        let start = pitch;
        for i in 0..length as usize {
            let t = i as f32 / length;
            pitch = (start + glide * t).clamp(85.0, 170.0);
            phase += pitch / RATE as f32;
            let pulse = if phase >= 1.0 { 1.0 } else { 0.0 };
            phase -= pulse;
            let at = |k: usize| from[k] + (to[k] - from[k]) * t;
            let x = a.next(pulse, at(0), 80.0)
                + b.next(pulse, at(1), 120.0)
                + 0.5 * c.next(pulse, 2600.0, 200.0);
            out.push(8.0 * x * (t * std::f32::consts::PI).sin().powf(0.7));
        }
        from = to;
        if number % 9 == 0 {
            out.extend(std::iter::repeat_n(0.0, RATE / 3));
            pitch = 120.0 + 20.0 * noise.next();
        }
    }
    out.truncate(total);
    leveled(out, 0.1)
}

/// Struck triads, one a second, dying away.
pub(super) fn chords(seconds: f32) -> Vec<f32> {
    let of = |i: usize| {
        let (beat, t) = (i / RATE, (i % RATE) as f32 / RATE as f32);
        let root = 110.0 * 2f32.powf([0, 5, 7, 3][beat % 4] as f32 / 12.0);
        let partial = |step: i32, h: i32| {
            (TAU * root * 2f32.powf(step as f32 / 12.0) * h as f32 * t).sin() / h as f32
        };
        let sum: f32 = [0, 4, 7, 12]
            .iter()
            .flat_map(|&step| (1..6).map(move |h| (step, h)))
            .map(|(s, h)| partial(s, h))
            .sum();
        sum * (t / 0.01).min(1.0) * (-1.5 * t).exp()
    };
    leveled((0..(seconds * RATE as f32) as usize).map(of).collect(), 0.1)
}

/// A drum kit of sorts at 120 beats a minute: bass drum, snare, and a closed cymbal on every half
/// beat.
pub(super) fn drums(seconds: f32) -> Vec<f32> {
    let mut noise = Noise(77);
    let mut before = 0.0;
    let of = |i: usize| {
        let (half, t) = (i / (RATE / 4), (i % (RATE / 4)) as f32 / RATE as f32);
        let x = noise.next();
        let high = x - before;
        before = x;
        let body = match half % 4 {
            0 => {
                2.0 * (TAU * (60.0 * t + 0.6 * (1.0 - (-30.0 * t).exp()))).sin() * (-14.0 * t).exp()
            }
            2 => x * (-18.0 * t).exp(),
            _ => 0.0,
        };
        body + 0.4 * high * (-50.0 * t).exp()
    };
    leveled((0..(seconds * RATE as f32) as usize).map(of).collect(), 0.1)
}

/// White noise of RMS `level`.
pub(super) fn hiss(seconds: f32, level: f32) -> Vec<f32> {
    let mut noise = Noise(5);
    leveled((0..(seconds * RATE as f32) as usize).map(|_| noise.next()).collect(), level)
}

/// Nothing.
pub(super) fn silence(seconds: f32) -> Vec<f32> {
    vec![0.0; (seconds * RATE as f32) as usize]
}

/// Both at once, the second `times` as strong.
pub(super) fn mixed(a: &[f32], b: &[f32], times: f32) -> Vec<f32> {
    a.iter().zip(b.iter().cycle()).map(|(a, b)| a + times * b).collect()
}

fn leveled(mut x: Vec<f32>, rms: f32) -> Vec<f32> {
    let power = x.iter().map(|x| x * x).sum::<f32>() / x.len().max(1) as f32;
    let by = rms / power.sqrt().max(1e-9);
    x.iter_mut().for_each(|x| *x *= by);
    x
}
