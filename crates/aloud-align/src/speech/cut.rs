//! What is sent to the recogniser: windows that hold all speech, and gaps between them.
//!
//! A stream of frames becomes a stream of pieces that follow each other without a hole. This file
//! never knows who found the speech: our own `score`, or Silero through [`from_probabilities`].

use std::collections::VecDeque;

use super::pause::best_cut;
use super::score::Frame;
use super::spectrum::HOP;
use crate::time::{Span, Timestamp};
use crate::transcript::{Gap, GapReason};

/// Milliseconds per frame.
pub(super) const FRAME_MS: u64 = 10;
/// Speech frames no further apart than this belong together: 500 ms.
const TOGETHER: u64 = 50;
/// Fewer speech frames than this together are a click, not speech: 100 ms.
const LEAST_SPEECH: u64 = 10;
/// How far under the level of the speech heard so far, in dB, a sound is still something; and from
/// which level on it is before any speech was heard.
const BELOW_SPEECH_DB: f32 = 20.0;
const SOMETHING_DB: f32 = -50.0;

/// How to cut. All times in milliseconds, used to the nearest 10 below.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Settings {
    /// No window is longer. Whisper hears 30 s at a time.
    pub max_window_ms: u64,
    /// Nor is the first one longer than this: whoever waits for words has some soon.
    pub first_window_ms: u64,
    /// No window is shorter where there is sound enough around it: whisper.cpp trips over very
    /// short ones.
    pub min_window_ms: u64,
    /// A window that has to be cut is cut in its last so many milliseconds if there is a pause.
    pub reach_ms: u64,
    /// Silence this long is not sent.
    pub silence_ms: u64,
    /// Music, or other sound in which nobody speaks, this long is not sent.
    pub music_ms: u64,
    /// How much of what is not sent is left before and after speech.
    pub padding_ms: u64,
    /// From which [`Frame::speech`] on a frame is speech.
    pub threshold: f32,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            max_window_ms: 28_000,
            first_window_ms: 28_000,
            min_window_ms: 1_000,
            reach_ms: 8_000,
            silence_ms: 2_000,
            music_ms: 4_000,
            padding_ms: 300,
            threshold: 0.5,
        }
    }
}

/// One piece of a recording.
#[derive(Clone, Debug, PartialEq)]
pub enum Piece {
    /// To be recognised.
    Window(Span),
    /// Not to be recognised; its reason is [`GapReason::Silence`] or [`GapReason::Music`].
    Gap(Gap),
}

impl Piece {
    /// Where it is.
    pub fn span(&self) -> Span {
        match self {
            Self::Window(span) => *span,
            Self::Gap(gap) => gap.span,
        }
    }
}

/// Speech frames that belong together.
#[derive(Clone, Copy)]
struct Island {
    start: u64,
    last: u64,
    frames: u64,
}

/// A window that has begun.
struct Open {
    start: u64,
    /// Why there is a gap before it, if there is.
    gap: GapReason,
}

/// Cuts a stream of frames into pieces.
///
/// Pieces come in order, each starts where the one before ended, the first at the start of the
/// recording. Memory does not grow with length.
pub struct Cutter {
    settings: Settings,
    /// Frames taken so far.
    taken: u64,
    /// The latest frames, as many as a window may still need.
    recent: VecDeque<Frame>,
    /// Where the last piece ended.
    settled: u64,
    /// Whether there was no window yet.
    is_first: bool,
    /// Where the first window began, while the second is open that goes on from it.
    split: Option<u64>,
    open: Option<Open>,
    island: Option<Island>,
    /// The frame after the last speech.
    quiet_from: u64,
    /// How many frames since then were something, if not speech.
    loud: u64,
    /// The usual level of speech.
    speech_db: Option<f32>,
}

impl Cutter {
    /// A cutter at the start of a recording.
    pub fn new(settings: Settings) -> Self {
        Self {
            settings,
            taken: 0,
            recent: VecDeque::new(),
            settled: 0,
            is_first: true,
            split: None,
            open: None,
            island: None,
            quiet_from: 0,
            loud: 0,
            speech_db: None,
        }
    }

    /// The sound before this is in no piece that is still to come, so it may be forgotten.
    pub fn oldest_needed(&self) -> Timestamp {
        Timestamp::from_millis(self.settled.max(self.taken - self.recent.len() as u64) * FRAME_MS)
    }

    /// Takes the next frames and appends to `out` the pieces that are settled by them.
    pub fn push(&mut self, frames: &[Frame], out: &mut Vec<Piece>) {
        for &frame in frames {
            self.take(frame, out);
        }
    }

    /// Ends the recording at `end`, which lies in the last frame: appends the pieces that are left.
    /// The cutter is then as good as new.
    pub fn finish(&mut self, end: Timestamp, out: &mut Vec<Piece>) {
        let first = out.len();
        if let Some(open) = self.open.take() {
            let quiet = self.taken - self.quiet_from;
            let to = if self.is_gap(quiet) { self.quiet_from + self.padding() } else { self.taken };
            self.close(&open, to.min(self.taken), out);
        }
        let reason = self.reason();
        self.piece(self.taken, Some(reason), out);
        // Until now nothing went beyond the frame before the last, so the last piece is among
        // these.
        if let Some(last) = out[first..].last_mut() {
            let (Piece::Window(span) | Piece::Gap(Gap { span, .. })) = last;
            *span = Span::new(span.start(), end.clamp(span.start(), span.end()));
            if span.is_empty() {
                out.pop();
            }
        }
        *self = Self::new(self.settings);
    }

    fn take(&mut self, frame: Frame, out: &mut Vec<Piece>) {
        let now = self.taken;
        self.taken += 1;
        self.recent.push_back(frame);
        if frame.speech >= self.settings.threshold {
            self.hear(now, frame);
        } else {
            self.loud += u64::from(self.is_something(frame));
        }
        if self.open.is_some() {
            self.end_window(out);
        } else {
            let kept = frames(self.settings.music_ms.max(self.settings.silence_ms))
                + TOGETHER * LEAST_SPEECH;
            while self.recent.len() as u64 > kept {
                self.recent.pop_front();
            }
        }
    }

    /// Speech in frame `now`.
    fn hear(&mut self, now: u64, frame: Frame) {
        let island = match self.island {
            Some(island) if now - island.last <= TOGETHER => {
                Island { last: now, frames: island.frames + 1, ..island }
            }
            _ => Island { start: now, last: now, frames: 1 },
        };
        self.island = Some(island);
        let usual = self.speech_db.get_or_insert(frame.energy_db);
        // Follows over about a second, upwards faster, since the weak frames of words are no
        // measure.
        let pace = if frame.energy_db > *usual { 0.05 } else { 0.01 };
        *usual += pace * (frame.energy_db - *usual);
        if island.frames < LEAST_SPEECH {
            return;
        }
        if self.open.is_none() {
            let quiet = island.start.saturating_sub(self.quiet_from);
            let start = if self.is_gap(quiet) {
                island.start.saturating_sub(self.padding())
            } else {
                self.settled
            };
            self.open = Some(Open { start: start.max(self.settled), gap: self.reason() });
        }
        self.quiet_from = now + 1;
        self.loud = 0;
    }

    /// Closes the open window if nobody has spoken for long, else cuts it if it is full.
    fn end_window(&mut self, out: &mut Vec<Piece>) {
        let Some(open) = self.open.take() else { return };
        if self.is_gap(self.taken - self.quiet_from) {
            let to = self.quiet_from + self.padding();
            self.close(&open, to.min(self.taken - 1), out);
            return;
        }
        self.open = Some(open);
        self.cut_full(out);
    }

    /// Cuts the open window while it is full.
    fn cut_full(&mut self, out: &mut Vec<Piece>) {
        while let Some(open) = self.open.take() {
            let longest = self.settings.max_window_ms;
            let longest = match self.split {
                _ if self.is_first => longest.min(self.settings.first_window_ms),
                // All later windows are cut where they would be if the first one were whole.
                Some(start) => longest.saturating_sub((open.start - start) * FRAME_MS),
                None => longest,
            };
            let max = frames(longest).max(2);
            if self.taken - open.start < max {
                self.open = Some(open);
                return;
            }
            let first = self.taken - self.recent.len() as u64;
            let skipped = open.start.saturating_sub(first) as usize;
            let window = &self.recent.make_contiguous()[skipped..];
            let window = &window[..window.len().min(max as usize)];
            let reach = self.settings.reach_ms.min(longest / 2);
            let cut = best_cut(window, frames(reach) as usize) as u64;
            // The newest frame stays for the last piece.
            let at = (open.start.max(first) + cut)
                .clamp(open.start + 1, (open.start + max).min(self.taken - 1));
            self.split =
                (self.is_first && longest < self.settings.max_window_ms).then_some(open.start);
            self.piece(open.start, Some(open.gap), out);
            self.piece(at, None, out);
            self.recent.drain(..at.saturating_sub(first) as usize);
            if self.quiet_from > at {
                self.open = Some(Open { start: at, gap: open.gap });
            } else {
                self.split = None;
            }
        }
    }

    /// Emits the window and the gap before it. `to` is where it ends, if it is not too short then.
    fn close(&mut self, open: &Open, to: u64, out: &mut Vec<Piece>) {
        self.split = None;
        let min = frames(self.settings.min_window_ms.min(self.settings.max_window_ms));
        let to = to.max((open.start + min).min(self.taken - 1));
        // At the end of the recording it can only grow to the front.
        let start = open.start.min(to.saturating_sub(min)).max(self.settled);
        self.piece(start, Some(open.gap), out);
        self.piece(to, None, out);
    }

    /// Emits the piece from where the last one ended to `to`, if that has a length.
    fn piece(&mut self, to: u64, gap: Option<GapReason>, out: &mut Vec<Piece>) {
        if to > self.settled {
            let span = Span::from_millis(self.settled * FRAME_MS, to * FRAME_MS);
            self.is_first &= gap.is_some();
            out.push(gap.map_or(Piece::Window(span), |reason| Piece::Gap(Gap { span, reason })));
            self.settled = to;
        }
    }

    /// Whether so many frames without speech, ending now, need not be sent.
    fn is_gap(&self, quiet: u64) -> bool {
        let least = if self.reason() == GapReason::Music {
            self.settings.music_ms
        } else {
            self.settings.silence_ms
        };
        quiet >= frames(least).max(1)
    }

    /// Why nobody has spoken since the last speech: whether something was heard most of the time.
    fn reason(&self) -> GapReason {
        let quiet = self.taken.saturating_sub(self.quiet_from);
        if self.loud * 2 > quiet { GapReason::Music } else { GapReason::Silence }
    }

    fn is_something(&self, frame: Frame) -> bool {
        let least = self.speech_db.map_or(SOMETHING_DB, |usual| usual - BELOW_SPEECH_DB);
        frame.energy_db > least
    }

    fn padding(&self) -> u64 {
        frames(self.settings.padding_ms)
    }
}

/// Whole frames in so many milliseconds.
const fn frames(ms: u64) -> u64 {
    ms / FRAME_MS
}

/// Frames from another detector's probabilities: `probabilities[k]` is that of speech in the
/// samples from `k * hop_samples` on (512 of Silero's at 16 kHz); `energies_db` is the level of
/// each 10 ms, of which there will be as many frames. What is missing or no number counts as no
/// speech.
pub fn from_probabilities(
    probabilities: &[f32],
    hop_samples: usize,
    energies_db: &[f32],
) -> Vec<Frame> {
    let at = |i: usize| {
        let middle = i * HOP + HOP / 2;
        probabilities
            .get(middle / hop_samples.max(1))
            .copied()
            .filter(|p| !p.is_nan())
            .unwrap_or_default()
    };
    energies_db
        .iter()
        .enumerate()
        .map(|(i, &energy_db)| Frame { energy_db, speech: at(i).clamp(0.0, 1.0) })
        .collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const SPEECH: Frame = Frame { energy_db: -20.0, speech: 0.9 };
    const MUSIC: Frame = Frame { energy_db: -20.0, speech: 0.1 };
    const QUIET: Frame = Frame { energy_db: -70.0, speech: 0.1 };

    fn cut(frames: &[Frame]) -> Vec<Piece> {
        let (mut cutter, mut pieces) = (Cutter::new(Settings::default()), Vec::new());
        cutter.push(frames, &mut pieces);
        cutter.finish(Timestamp::from_millis(frames.len() as u64 * FRAME_MS), &mut pieces);
        pieces
    }

    /// Frames of runs of so many.
    fn runs(runs: &[(Frame, usize)]) -> Vec<Frame> {
        runs.iter().flat_map(|&(frame, n)| std::iter::repeat_n(frame, n)).collect()
    }

    /// Pieces as letter and end in frames.
    fn shown(pieces: &[Piece]) -> Vec<(char, u64)> {
        let kind = |piece: &Piece| match piece {
            Piece::Window(_) => 'W',
            Piece::Gap(gap) if gap.reason == GapReason::Music => 'M',
            Piece::Gap(_) => 'S',
        };
        pieces.iter().map(|piece| (kind(piece), piece.span().end().millis() / FRAME_MS)).collect()
    }

    #[test]
    fn rules() {
        let (s, m, q) = (SPEECH, MUSIC, QUIET);
        for (name, frames, want) in [
            ("nothing", vec![], vec![]),
            ("silence", vec![(q, 500)], vec![('S', 500)]),
            ("music", vec![(m, 500)], vec![('M', 500)]),
            ("a little silence", vec![(q, 20)], vec![('S', 20)]),
            ("speech", vec![(s, 500)], vec![('W', 500)]),
            ("a short silence within", vec![(s, 200), (q, 190), (s, 200)], vec![('W', 590)]),
            (
                "a long silence within",
                vec![(s, 200), (q, 300), (s, 200)],
                vec![('W', 230), ('S', 470), ('W', 700)],
            ),
            ("music for three seconds", vec![(s, 200), (m, 300), (s, 200)], vec![('W', 700)]),
            (
                "music for five seconds",
                vec![(s, 200), (m, 500), (s, 200)],
                vec![('W', 230), ('M', 670), ('W', 900)],
            ),
            (
                "silence around",
                vec![(q, 300), (s, 200), (q, 300)],
                vec![('S', 270), ('W', 530), ('S', 800)],
            ),
            ("a little silence around", vec![(q, 100), (s, 200), (q, 100)], vec![('W', 400)]),
            (
                "a short word",
                vec![(q, 300), (s, 15), (q, 300)],
                vec![('S', 270), ('W', 370), ('S', 615)],
            ),
            ("a short word at the end", vec![(q, 300), (s, 15)], vec![('S', 215), ('W', 315)]),
            ("a click", vec![(q, 300), (s, 9), (q, 300)], vec![('S', 609)]),
            (
                "a click beside speech",
                vec![(s, 200), (q, 40), (s, 5), (q, 400)],
                vec![('W', 275), ('S', 645)],
            ),
            (
                "a pause to cut in",
                vec![(s, 2200), (q, 40), (s, 900)],
                vec![('W', 2220), ('W', 3140)],
            ),
            (
                "the longer pause",
                vec![(s, 2200), (q, 40), (s, 300), (q, 20), (s, 900)],
                vec![('W', 2220), ('W', 3460)],
            ),
            (
                "speech up to a full window",
                vec![(s, 2780), (q, 500)],
                vec![('W', 2790), ('S', 3280)],
            ),
        ] {
            assert_eq!(shown(&cut(&runs(&frames))), want, "{name}");
        }
    }

    #[test]
    fn windows_of_endless_speech_are_long() {
        // Words of 0.4 s with 0.1 s between, and a longer pause every 4 s.
        let phrase: Vec<Frame> = (0..8)
            .flat_map(|_| runs(&[(SPEECH, 40), (QUIET, 10)]))
            .chain(runs(&[(QUIET, 20)]))
            .collect();
        let frames = phrase.repeat(40);
        let pieces = cut(&frames);
        for (i, piece) in pieces.iter().enumerate() {
            let end = (piece.span().end().millis() / FRAME_MS) as usize;
            let is_last = i + 1 == pieces.len();
            assert!(is_last || (20_000..=28_000).contains(&piece.span().millis()), "{piece:?}");
            assert!(
                is_last || phrase[end % phrase.len()] == QUIET && end % phrase.len() > 390,
                "cut inside a word at {end}"
            );
        }
    }

    #[test]
    fn pieces_come_as_soon_as_they_are_settled() {
        let mut cutter = Cutter::new(Settings::default());
        let mut pieces = Vec::new();
        cutter.push(&runs(&[(QUIET, 500), (SPEECH, 300), (QUIET, 199)]), &mut pieces);
        assert!(pieces.is_empty());
        cutter.push(&[QUIET], &mut pieces);
        assert_eq!(shown(&pieces), [('S', 470), ('W', 830)]);
    }

    #[test]
    fn the_last_piece_ends_with_the_sound() {
        for (frames, end) in
            [(runs(&[(SPEECH, 100)]), 996), (runs(&[(SPEECH, 100), (QUIET, 300)]), 3991)]
        {
            let (mut cutter, mut pieces) = (Cutter::new(Settings::default()), Vec::new());
            cutter.push(&frames, &mut pieces);
            cutter.finish(Timestamp::from_millis(end), &mut pieces);
            assert_eq!(pieces.last().map(|piece| piece.span().end().millis()), Some(end));
        }
    }

    #[test]
    fn the_first_window_is_short() {
        let speech = [(SPEECH, 450), (QUIET, 20)].repeat(20);
        let ends = |settings| {
            let (mut cutter, mut pieces) = (Cutter::new(settings), Vec::new());
            cutter.push(&runs(&speech), &mut pieces);
            pieces.iter().map(|piece| piece.span().end().millis()).collect::<Vec<u64>>()
        };
        // Each in the middle of the last pause that it may reach; the others as if the first were
        // whole.
        assert_eq!(ends(Settings::default()), [23_400, 46_900, 70_400]);
        assert_eq!(
            ends(Settings { first_window_ms: 10_000, ..Settings::default() }),
            [9_300, 23_400, 46_900, 70_400]
        );
        // What begins behind a pause after it has the usual length.
        let parted = [(SPEECH, 1_005), (QUIET, 150)]
            .into_iter()
            .chain([(SPEECH, 2_790), (QUIET, 5_000)])
            .collect::<Vec<_>>();
        let (mut cutter, mut pieces) =
            (Cutter::new(Settings { first_window_ms: 10_000, ..Settings::default() }), Vec::new());
        cutter.push(&runs(&parted), &mut pieces);
        let lengths = pieces
            .iter()
            .filter(|piece| matches!(piece, Piece::Window(_)))
            .map(|piece| piece.span().millis());
        assert!(
            lengths.clone().all(|ms| ms >= 1_000) && lengths.clone().count() <= 4,
            "{:?}",
            lengths.collect::<Vec<_>>()
        );
    }

    #[test]
    fn probabilities_are_spread_over_frames() {
        let energies = [-30.0; 8];
        let speech = |p: &[f32]| {
            from_probabilities(p, 512, &energies)
                .iter()
                .map(|frame| frame.speech)
                .collect::<Vec<_>>()
        };
        assert_eq!(speech(&[0.25, 0.75]), [0.25, 0.25, 0.25, 0.75, 0.75, 0.75, 0.0, 0.0]);
        assert_eq!(speech(&[f32::NAN, 7.0, -1.0]), [0.0, 0.0, 0.0, 1.0, 1.0, 1.0, 0.0, 0.0]);
        assert_eq!(from_probabilities(&[0.5], 0, &energies).len(), 8);
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(200))]
        #[test]
        fn pieces_tile_and_hold_all_speech(
            parts in prop::collection::vec((prop::sample::select(vec![SPEECH, MUSIC, QUIET]), 1usize..700), 0..40),
            max in 300u64..30_000,
            first in 300u64..30_000,
            padding in 0u64..3_000,
        ) {
            let frames = runs(&parts);
            let settings = Settings { max_window_ms: max, first_window_ms: first, padding_ms: padding, ..Settings::default() };
            let (mut cutter, mut pieces) = (Cutter::new(settings), Vec::new());
            for block in frames.chunks(97) {
                cutter.push(block, &mut pieces);
            }
            cutter.finish(Timestamp::from_millis(frames.len() as u64 * FRAME_MS), &mut pieces);
            let mut at = 0;
            for piece in &pieces {
                prop_assert_eq!(piece.span().start().millis(), at);
                prop_assert!(!piece.span().is_empty());
                at = piece.span().end().millis();
                let range = (piece.span().start().millis() / 10) as usize..(at / 10) as usize;
                match piece {
                    Piece::Window(span) => prop_assert!(span.millis() <= max),
                    Piece::Gap(_) => {
                        // Only clicks, each by itself: no run of speech of a tenth of a second.
                        let longest = frames[range].split(|frame| frame.speech < 0.5).map(<[Frame]>::len).max();
                        prop_assert!(longest < Some(10), "{piece:?}");
                    }
                }
            }
            prop_assert_eq!(at, frames.len() as u64 * FRAME_MS);
        }
    }
}
