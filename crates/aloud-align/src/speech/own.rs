//! Which sound is each word's own?
//!
//! Attention tells well where one token ends and the next begins while somebody speaks, but not on
//! which side of a pause a boundary lies, nor where the first word after a silence begins. So words
//! share out the sounds between pauses: a dynamic programme over the boundaries weighs how far each
//! is moved against how long each word's own sound then is. This file never knows what the words
//! are, only how long they are written.

use super::cut::FRAME_MS;
use super::edges::{Pause, Quiet};
use super::score::Frame;
use crate::time::Span;

/// Moving a boundary by so many milliseconds costs as much as a word e times too long.
const MOVE_MS: f32 = 150.0;
/// The same where nothing but the recogniser's own timestamps tells of it: before the first word,
/// and behind the last.
const OUTER_MS: f32 = 1_000.0;
/// A boundary is moved no further than this, in milliseconds.
const REACH_MS: u64 = 3_000;
/// How much the logarithm of a word's length varies around what its letters make expected.
const SPREAD: f32 = 0.6;
/// Inside sound a boundary is moved by so many milliseconds at most, in such steps: where a word
/// had nearly nothing.
const SHIFT_MS: u64 = 800;
const STEP_MS: u64 = 50;
/// A word shorter than this is as good as none, in milliseconds.
const LEAST_MS: f32 = 30.0;
/// A pause inside a word: that it is there, and each millisecond of it.
const INNER: f32 = 1.0;
const INNER_MS: f32 = 200.0;
/// Sound that is left to no word: each millisecond of what is loud, and at most; somebody may speak
/// whom nobody wrote down.
const UNOWNED_MS: f32 = 100.0;
const UNOWNED_MOST: f32 = 3.0;
/// A word that begins in a pause.
const IN_PAUSE: f32 = 4.0;
/// A sound may be left to no word between so many pauses in a row.
const PASSED_OVER: usize = 2;
/// What the smallest measure of writing takes where the words themselves do not tell, in
/// milliseconds: a letter, or a third of a character that is a syllable.
const USUAL_MS: f32 = 70.0;

/// Gives each of `words` its own sound, as far as pauses tell it apart: edges beside a pause move
/// to where the sound begins or ends, on the side of the pause where that makes words of a likely
/// length.
///
/// `sizes` say how long each word is written, in letters, a syllable's character being three;
/// `frames` are those from the start of `window` on, in which the words lie in order. They stay in
/// order, apart, inside, and none becomes empty that was not.
pub fn own(words: &mut [Span], sizes: &[u32], frames: &[Frame], window: Span) {
    let quiet = Quiet::of(frames).or_by_speech(frames);
    if words.is_empty() || quiet.pauses.is_empty() || sizes.len() != words.len() {
        return;
    }
    let sound = Sound::new(frames, &quiet, window);
    let ways: Vec<Vec<Boundary>> = (0..=words.len()).map(|at| sound.ways(words, at)).collect();
    let expected = sound.expected(words, sizes);
    let Some(best) = best(&sound, &ways, &expected) else { return };
    for (word, pair) in words.iter_mut().zip(best.windows(2)) {
        *word = Span::from_millis(pair[0].next, pair[1].last);
    }
}

/// Silence at a word's start that may be its own, in milliseconds: the lips close for a p, and an f
/// is hardly heard.
const SILENT_MS: u64 = 100;
/// Pauses of a whole recording are told by the levels of so many frames together: speakers and
/// rooms change.
const CHUNK: usize = 3_000;

/// Where nobody speaks in a recording, of which `frames` are all: in order and apart.
pub fn pauses(frames: &[Frame]) -> Vec<Span> {
    let chunks = frames.chunks(CHUNK).enumerate();
    chunks
        .flat_map(|(chunk, frames)| {
            let time = move |frame: usize| (chunk * CHUNK + frame) as u64 * FRAME_MS;
            Quiet::of(frames)
                .or_by_speech(frames)
                .pauses
                .into_iter()
                .map(move |pause| Span::from_millis(time(pause.start), time(pause.end)))
        })
        .collect()
}

/// Takes what is silent off the beginnings and ends of `words`, which know already which sounds are
/// theirs; `pauses` are the recording's. No word becomes empty or moves past another.
pub fn trim(words: &mut [Span], pauses: &[Span]) {
    let at = |ms: u64| {
        pauses[..pauses.partition_point(|pause| pause.start().millis() <= ms)]
            .last()
            .filter(|pause| ms < pause.end().millis())
    };
    for word in words {
        let (mut start, mut end) = (word.start().millis(), word.end().millis());
        if let Some(pause) = at(start)
            .filter(|pause| pause.end().millis() > start + SILENT_MS && pause.end().millis() < end)
        {
            start = pause.end().millis();
        }
        if let Some(pause) = at(end).filter(|pause| pause.start().millis() > start) {
            end = pause.start().millis();
        }
        *word = Span::from_millis(start, end);
    }
}

/// Where a boundary may lie: the word before it ends at `last`, the one behind it begins at `next`.
#[derive(Clone, Copy, Debug)]
struct Boundary {
    last: u64,
    next: u64,
    cost: f32,
}

/// The window's sound, with sums that make every stretch of it quick to judge. Times are
/// milliseconds of the recording.
struct Sound {
    window: Span,
    pauses: Vec<Span>,
    /// For each frame and the end: milliseconds of sound before it, and the same weighed by how
    /// loud it is.
    heard: Vec<f32>,
    loud: Vec<f32>,
}

impl Sound {
    fn new(frames: &[Frame], quiet: &Quiet, window: Span) -> Self {
        let origin = window.start().millis();
        let time = |frame: usize| (origin + frame as u64 * FRAME_MS).min(window.end().millis());
        let pauses = quiet
            .pauses
            .iter()
            .map(|pause| Span::from_millis(time(pause.start), time(pause.end)))
            .collect();
        let mut is_pause = vec![false; frames.len()];
        for Pause { start, end } in &quiet.pauses {
            is_pause[*start..*end].fill(true);
        }
        let (mut heard, mut loud) = (vec![0.0], vec![0.0]);
        let (mut all, mut all_loud) = (0.0, 0.0);
        for (frame, is_pause) in frames.iter().zip(is_pause) {
            if !is_pause {
                all += FRAME_MS as f32;
                all_loud += FRAME_MS as f32 * quiet.loudness(frame);
            }
            heard.push(all);
            loud.push(all_loud);
        }
        Self { window, pauses, heard, loud }
    }

    /// A sum between two times.
    fn sum(&self, sums: &[f32], from: u64, to: u64) -> f32 {
        let at = |ms: u64| {
            let ms = ms.saturating_sub(self.window.start().millis());
            let frame = ((ms / FRAME_MS) as usize).min(sums.len() - 1);
            let next = (frame + 1).min(sums.len() - 1);
            sums[frame] + (sums[next] - sums[frame]) * (ms % FRAME_MS) as f32 / FRAME_MS as f32
        };
        (at(to) - at(from)).max(0.0)
    }

    /// How the boundary before the word at `at` may lie, or behind the last.
    fn ways(&self, words: &[Span], at: usize) -> Vec<Boundary> {
        let (before, behind) = (
            at.checked_sub(1).map(|last| words[last].end()),
            words.get(at).map(|word| word.start()),
        );
        let from = before.or(behind).map_or(0, aloud_units::time::Timestamp::millis);
        let to = behind.map_or(from, aloud_units::time::Timestamp::millis).max(from);
        let scale = if before.is_some() && behind.is_some() { MOVE_MS } else { OUTER_MS };
        let is_quiet = |ms: u64| {
            self.pauses
                .iter()
                .any(|pause| pause.start().millis() <= ms && ms < pause.end().millis())
        };
        let unowned = |last: u64, next: u64| {
            let since = if before.is_some() { last } else { self.window.start().millis() };
            let until = if behind.is_some() { next } else { self.window.end().millis() };
            (self.sum(&self.loud, since, until) / UNOWNED_MS).min(UNOWNED_MOST)
        };
        let silent = if behind.is_some() && is_quiet(to) { IN_PAUSE } else { 0.0 };
        let mut ways = vec![Boundary { last: from, next: to, cost: silent + unowned(from, to) }];
        if before.is_some() && behind.is_some() {
            for shift in (STEP_MS..=SHIFT_MS).step_by(STEP_MS as usize) {
                let earlier =
                    from.checked_sub(shift).filter(|at| *at >= self.window.start().millis());
                let later = Some(to + shift).filter(|at| *at <= self.window.end().millis());
                let heard = [earlier, later].into_iter().flatten().filter(|at| !is_quiet(*at));
                ways.extend(heard.map(|at| Boundary {
                    last: at,
                    next: at,
                    cost: shift as f32 / scale,
                }));
            }
        }
        let near = |span: &Span| {
            span.end().millis() + REACH_MS >= from && span.start().millis() <= to + REACH_MS
        };
        for (first, left) in self.pauses.iter().enumerate().filter(|(_, pause)| near(pause)) {
            for right in self.pauses[first..].iter().take(PASSED_OVER).filter(|pause| near(pause)) {
                let (last, next) = (left.start().millis(), right.end().millis());
                let off = last.saturating_sub(to).max(from.saturating_sub(next));
                ways.push(Boundary { last, next, cost: off as f32 / scale + unowned(last, next) });
            }
        }
        ways
    }

    /// How long each word is likely to sound, by its size and the pace here, in milliseconds.
    fn expected(&self, words: &[Span], sizes: &[u32]) -> Vec<f32> {
        let pace = |(word, size): (&Span, &u32)| {
            self.sum(&self.heard, word.start().millis(), word.end().millis())
                / (*size).max(1) as f32
        };
        let mut paces: Vec<f32> = words.iter().zip(sizes).map(pace).collect();
        paces.sort_unstable_by(f32::total_cmp);
        let usual = paces[paces.len() / 2].clamp(USUAL_MS / 3.0, USUAL_MS * 3.0);
        // A few words are no measure.
        let n = words.len() as f32;
        let pace = (usual * n + USUAL_MS * 3.0) / (n + 3.0);
        sizes.iter().map(|size| pace * (*size).max(1) as f32).collect()
    }

    /// What a word from `from` to `to` costs that should sound for `expected`; `None` where it
    /// cannot be.
    fn word(&self, from: u64, to: u64, expected: f32) -> Option<f32> {
        if to <= from {
            return None;
        }
        let length = (self.sum(&self.heard, from, to) + LEAST_MS) / (expected + LEAST_MS);
        let inner = |pause: &&Span| pause.start().millis() >= from && pause.end().millis() <= to;
        let inside: f32 = self
            .pauses
            .iter()
            .filter(inner)
            .map(|pause| INNER + pause.millis() as f32 / INNER_MS)
            .sum();
        Some(length.ln().abs() / SPREAD + inside)
    }
}

/// The cheapest choice of a way for each boundary.
fn best(sound: &Sound, ways: &[Vec<Boundary>], expected: &[f32]) -> Option<Vec<Boundary>> {
    let mut costs: Vec<Vec<(f32, usize)>> = vec![ways[0].iter().map(|way| (way.cost, 0)).collect()];
    for (at, expected) in expected.iter().enumerate() {
        let column = ways[at + 1].iter().map(|way| {
            let all = ways[at].iter().zip(&costs[at]).enumerate();
            let reached = all.filter_map(|(from, (before, (cost, _)))| {
                let word = sound.word(before.next, way.last, *expected)?;
                Some((cost + word + way.cost, from)).filter(|(cost, _)| cost.is_finite())
            });
            reached.min_by(|a, b| a.0.total_cmp(&b.0)).unwrap_or((f32::INFINITY, 0))
        });
        let column = column.collect();
        costs.push(column);
    }
    let last = costs.last()?.iter().enumerate().min_by(|a, b| a.1.0.total_cmp(&b.1.0))?;
    let mut at = Some(last.0).filter(|_| last.1.0.is_finite())?;
    let mut found = Vec::with_capacity(ways.len());
    for (ways, costs) in ways.iter().zip(&costs).rev() {
        found.push(ways[at]);
        at = costs[at].1;
    }
    found.reverse();
    Some(found)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const ORIGIN: u64 = 7_000;

    /// Frames in which it sounds from each start to its end, in milliseconds of the window.
    fn frames(sounds: &[(u64, u64)], length: u64) -> Vec<Frame> {
        let is_sound = |ms: u64| sounds.iter().any(|(from, to)| (*from..*to).contains(&ms));
        let frame = |at: u64| match is_sound(at * FRAME_MS) {
            true => Frame { energy_db: -22.0 + (at % 5) as f32, speech: 1.0 },
            false => Frame { energy_db: -70.0 + (at % 3) as f32, speech: 0.0 },
        };
        (0..length / FRAME_MS).map(frame).collect()
    }

    fn given(
        words: &[(u64, u64)],
        sizes: &[u32],
        sounds: &[(u64, u64)],
        length: u64,
    ) -> Vec<(u64, u64)> {
        let mut spans: Vec<Span> =
            words.iter().map(|(from, to)| Span::from_millis(ORIGIN + from, ORIGIN + to)).collect();
        own(&mut spans, sizes, &frames(sounds, length), Span::from_millis(ORIGIN, ORIGIN + length));
        spans
            .iter()
            .map(|span| (span.start().millis() - ORIGIN, span.end().millis() - ORIGIN))
            .collect()
    }

    #[test]
    fn words_have_the_sound_on_their_side_of_a_pause() {
        let sounds = [(600, 1300), (2500, 3300)];
        let sizes = [4, 5, 4, 5];
        let want = [(600, 900), (900, 1300), (2500, 2900), (2900, 3300)];
        for (name, words) in [
            ("ends as attention tells them", [(0, 900), (900, 1300), (1300, 2900), (2900, 3300)]),
            ("an end within the pause", [(0, 900), (900, 1800), (1800, 2900), (2900, 4000)]),
            ("an end behind the pause", [(0, 900), (900, 2560), (2560, 2900), (2900, 3300)]),
            ("an end before the pause", [(0, 900), (900, 1220), (1220, 2900), (2900, 3250)]),
        ] {
            assert_eq!(given(&words, &sizes, &sounds, 4000), want, "{name}");
        }
    }

    #[test]
    fn length_decides_whose_a_sound_is() {
        // The end of the first is told where that of the second is, which is left with nothing.
        let got = given(
            &[(140, 1200), (1200, 1210), (1210, 2600)],
            &[3, 3, 4],
            &[(300, 740), (960, 1200), (2380, 2700)],
            3000,
        );
        assert_eq!(got, [(300, 740), (960, 1200), (2380, 2700)]);
    }

    #[test]
    fn silence_is_taken_off() {
        let frames = frames(&[(600, 1300), (2500, 3300)], 4000);
        for (name, before, after) in [
            ("silence on both sides", (300, 1500), (600, 1300)),
            ("what may be a closure", (520, 900), (520, 900)),
            ("over a pause", (1000, 2700), (1000, 2700)),
            ("nothing but silence", (1400, 2400), (1400, 2400)),
            ("another's sound only begins there", (1250, 1900), (1250, 1300)),
        ] {
            let mut words = [Span::from_millis(before.0, before.1)];
            trim(&mut words, &pauses(&frames));
            assert_eq!(words, [Span::from_millis(after.0, after.1)], "{name}");
        }
    }

    #[test]
    fn where_pauses_tell_nothing_nothing_moves() {
        let words = [(0, 300), (300, 900)];
        assert_eq!(given(&words, &[3, 6], &[(0, 1000)], 1000), words);
        assert_eq!(given(&words, &[3, 6], &[], 1000), words);
        assert_eq!(given(&[], &[], &[(100, 900)], 1000), []);
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(128))]
        /// Words of 2 to 9 letters, 60 to 80 ms each, with a pause before some; their ends are told
        /// up to 100 ms too early or late, those before a pause anywhere in it.
        #[test]
        fn no_word_begins_in_silence_or_late_in_its_sound(
            said in prop::collection::vec((2u64..10, 60u64..80, prop::option::weighted(0.3, 25u64..200), -10i64..=10, 0u64..100), 1..30)
        ) {
            let (mut at, mut told) = (200, 0);
            let (mut words, mut sounds, mut truth, mut sizes) = (Vec::new(), Vec::<(u64, u64)>::new(), Vec::new(), Vec::new());
            for (i, &(n_letters, each, pause, off, share)) in said.iter().enumerate() {
                let begin = at;
                at += n_letters * each / 10 * 10;
                match sounds.last_mut() {
                    Some(last) if last.1 == begin => last.1 = at,
                    _ => sounds.push((begin, at)),
                }
                let pause = if i + 1 == said.len() { 300 } else { pause.unwrap_or(0) * 10 };
                let end = (at + pause * share / 100).saturating_add_signed(off * 10).max(told + 10);
                words.push((told, end));
                truth.push((begin, at));
                sizes.push(n_letters as u32);
                told = end;
                at += pause;
            }
            let length = at.max(told) + 200;
            let got = given(&words, &sizes, &sounds, length);
            prop_assert!(got.windows(2).all(|pair| pair[0].1 <= pair[1].0), "{got:?}");
            prop_assert!(got.iter().all(|(from, to)| from < to && *to <= length), "{got:?}");
            for (from, _) in &got {
                prop_assert!(sounds.iter().any(|(a, b)| a <= from && from < b), "{from} of {got:?} is silent: {sounds:?}");
            }
            for (first, _) in &sounds {
                let after = got.iter().map(|(from, _)| *from).find(|from| from >= first);
                let owner = truth.iter().position(|(from, _)| from == first).map(|at| got[at].0);
                prop_assert!(after.is_some_and(|after| after <= first + 200), "{first}: {got:?} for {truth:?}, told {words:?}, {owner:?}");
            }
        }
    }
}
