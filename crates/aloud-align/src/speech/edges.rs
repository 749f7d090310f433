//! Where exactly does a word begin and end, if there is a pause beside it?
//!
//! The recogniser's times are good to some hundredths of a second inside speech, but beside a pause
//! the sound itself shows the edge. Words in running speech are left alone. This file never knows
//! what the words are.

use super::cut::FRAME_MS;
use super::score::Frame;
use crate::time::Span;

/// How far a word's start may be moved, in milliseconds.
const START_REACH_MS: u64 = 60;
/// How far its end. Recognisers end words early, and syllables die away slowly.
const END_REACH_MS: u64 = 120;
/// A pause shorter than this, in frames, could be the stop of a consonant: 150 ms.
const PAUSE: usize = 15;
/// From so far above the background on, in dB, a frame is sound.
const SOUND_DB: f32 = 12.0;
/// So few frames of sound inside a pause, as a click makes, do not end it.
const CLICK: usize = 2;
/// The background is the level that this share of the frames stays below.
const BACKGROUND_PERCENT: usize = 10;
/// Somebody speaks with less than this probability: silence.
const SILENT: f32 = 0.2;
/// Between the background and the loud frames there must be so much, in dB, for edges to mean
/// anything.
const CONTRAST_DB: f32 = 24.0;

/// A pause in frames: `start` is where the sound before it ends, `end` where the sound after it
/// begins.
#[derive(Clone, Copy, Debug)]
pub(super) struct Pause {
    pub start: usize,
    pub end: usize,
}

/// Moves the edges of `words` that lie beside a pause to where the sound begins or ends: starts by
/// at most 60 ms, ends by at most 120 ms.
///
/// `frames` are those from the start of `window` on; `words` are in order. A word never becomes
/// empty by this, never leaves the window, and never reaches into its neighbour if it did not
/// before.
pub fn snap(words: &mut [Span], frames: &[Frame], window: Span) {
    let Quiet { pauses, .. } = Quiet::of(frames);
    let mut earliest = window.start().millis();
    for i in 0..words.len() {
        let latest = words.get(i + 1).map_or(window.end(), |next| next.start()).millis();
        words[i] = snap_word(words[i], earliest..latest, &pauses, window);
        earliest = words[i].end().millis();
    }
}

/// The word with its edges moved, within `limits` where it was within them before.
fn snap_word(word: Span, limits: std::ops::Range<u64>, pauses: &[Pause], window: Span) -> Span {
    let origin = window.start().millis();
    let (start, end) = (word.start().millis(), word.end().millis());
    let time_of = |frame: usize| origin + frame as u64 * FRAME_MS;
    let onset = near(pauses.iter().map(|pause| time_of(pause.end)), start, START_REACH_MS);
    let offset = near(pauses.iter().map(|pause| time_of(pause.start)), end, END_REACH_MS);
    let new_start = onset.filter(|&ms| ms >= limits.start.min(start) && ms < end).unwrap_or(start);
    let new_end = offset.filter(|&ms| ms <= limits.end.max(end) && ms > new_start).unwrap_or(end);
    Span::from_millis(new_start, new_end)
}

/// The edge nearest to `ms`, if one is within `reach`.
fn near(edges: impl Iterator<Item = u64>, ms: u64, reach: u64) -> Option<u64> {
    edges.min_by_key(|edge| edge.abs_diff(ms)).filter(|edge| edge.abs_diff(ms) <= reach)
}

/// Where nothing is heard in a stretch of sound.
pub(super) struct Quiet {
    /// In order of time, those at the beginning and the end among them; none where there is no
    /// telling.
    pub pauses: Vec<Pause>,
    /// From this level on a frame is sound, and this is a loud one, in dB.
    sound: f32,
    high: f32,
}

impl Quiet {
    /// By the level alone, where there is a clear one between sound and silence.
    pub fn of(frames: &[Frame]) -> Self {
        let mut sorted: Vec<f32> = frames.iter().map(|frame| frame.energy_db).collect();
        sorted.sort_unstable_by(f32::total_cmp);
        let at =
            |percent: usize| sorted.get(sorted.len() * percent / 100).copied().unwrap_or_default();
        let (background, high) = (at(BACKGROUND_PERCENT), at(95));
        // What lies 50 dB under the loud frames is as good as silent: digital silence is no
        // measure.
        let sound = background.max(high - 50.0) + SOUND_DB;
        let is_clear = high - background >= CONTRAST_DB;
        let pauses =
            if is_clear { pauses(frames, |frame| frame.energy_db < sound) } else { Vec::new() };
        Self { pauses, sound, high }
    }

    /// By speech detection where the level does not tell: in noise, or where somebody hardly ever
    /// pauses.
    pub fn or_by_speech(self, frames: &[Frame]) -> Self {
        if !self.pauses.is_empty() {
            return self;
        }
        Self {
            pauses: pauses(frames, |frame| frame.speech < SILENT),
            sound: self.high - CONTRAST_DB,
            high: self.high,
        }
    }

    /// How loud a frame is, from 0 for what is hardly heard to 1 for a loud one.
    pub fn loudness(&self, frame: &Frame) -> f32 {
        ((frame.energy_db - self.sound) / (self.high - self.sound).max(1.0)).clamp(0.0, 1.0)
    }
}

/// Runs of frames that are silent but for clicks, long enough to be pauses.
fn pauses(frames: &[Frame], is_silent: impl Fn(&Frame) -> bool) -> Vec<Pause> {
    let mut pauses: Vec<Pause> = Vec::new();
    for (i, _) in frames.iter().enumerate().filter(|(_, frame)| is_silent(frame)) {
        match pauses.last_mut() {
            Some(last) if i - last.end <= CLICK && last.end > last.start => last.end = i + 1,
            _ => pauses.push(Pause { start: i, end: i + 1 }),
        }
    }
    pauses.retain(|pause| pause.end - pause.start >= PAUSE);
    pauses
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const WINDOW: u64 = 5_000;

    /// A second of frames: sound from 0.30 to 0.60 and from 0.90 to 1.00 s, but for a click at 0.75
    /// s.
    fn frames(floor_db: f32) -> Vec<Frame> {
        (0..100)
            .map(|i| match i {
                30..60 | 75 | 90.. => Frame { energy_db: -20.0, speech: 1.0 },
                _ => Frame { energy_db: floor_db + (i % 3) as f32, speech: 0.0 },
            })
            .collect()
    }

    #[test]
    fn only_edges_beside_a_pause_move() {
        for (name, floor, before, after) in [
            ("a start in silence, an end too early", -70.0, (260, 500), (300, 600)),
            ("a start after the onset, an end in silence", -70.0, (350, 700), (300, 600)),
            ("far from any pause", -70.0, (400, 450), (400, 450)),
            ("too far away in silence", -70.0, (100, 200), (100, 200)),
            ("the click is no edge", -70.0, (740, 760), (740, 760)),
            ("the last sound has no end", -70.0, (870, 1000), (900, 1000)),
            ("digital silence", -120.0, (350, 650), (300, 600)),
            ("noise nearly as loud", -35.0, (260, 500), (260, 500)),
        ] {
            let shift = |(a, b)| Span::from_millis(WINDOW + a, WINDOW + b);
            let mut words = [shift(before)];
            snap(&mut words, &frames(floor), shift((0, 1000)));
            let want: (u64, u64) = after;
            assert_eq!(words, [shift(want)], "{name}");
        }
    }

    #[test]
    fn neighbours_stay_apart() {
        let mut words = [
            Span::from_millis(310, 560),
            Span::from_millis(570, 620),
            Span::from_millis(860, 1000),
        ];
        snap(&mut words, &frames(-70.0), Span::from_millis(0, 1000));
        assert_eq!(
            words,
            [
                Span::from_millis(300, 560),
                Span::from_millis(570, 600),
                Span::from_millis(900, 1000)
            ]
        );
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]
        #[test]
        fn order_is_kept(levels in prop::collection::vec(-90f32..0.0, 0..300), cuts in prop::collection::vec(0u64..3000, 2..24)) {
            let frames: Vec<Frame> = levels.iter().flat_map(|&energy_db| [Frame { energy_db, speech: 0.0 }; 7]).collect();
            let mut cuts = cuts;
            cuts.sort_unstable();
            let before: Vec<Span> = cuts.chunks_exact(2).map(|c| Span::from_millis(c[0], c[1])).collect();
            let mut words = before.clone();
            snap(&mut words, &frames, Span::from_millis(0, 3000));
            for pair in words.windows(2) {
                prop_assert!(pair[0].end() <= pair[1].start());
            }
            for (new, old) in words.iter().zip(&before) {
                prop_assert!(new.start().millis().abs_diff(old.start().millis()) <= 60);
                prop_assert!(new.end().millis().abs_diff(old.end().millis()) <= 120);
                prop_assert!(old.is_empty() || !new.is_empty());
            }
        }
    }
}
