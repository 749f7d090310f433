//! Decoding and cutting on a thread of their own, ahead of the recogniser but never far: what waits
//! to be recognised is bounded, so memory does not grow with the recording. While somebody listens,
//! the sound under the playhead goes first: what lies before it is passed by, and another pass over
//! the recording comes back for it.

use super::order::{Order, Turn};
use super::window::Window;
use super::{Playhead, Settings};
use crate::decode::{self, DecodeError, Decoder, Loss, LossKind, describe};
use crate::pcm::SAMPLE_RATE;
use crate::reason::Reason;
use crate::speech::{self, Cutter, Frame, HOP, Scorer};
use crate::time::{Span, Timestamp};
use crate::transcribe::protocol::{Load, SPEECH_HOP};
use crate::transcribe::supervise::{Answer, Ask, Patience, Supervisor};
use crate::transcript::{Gap, GapReason};
use std::collections::VecDeque;
use std::io;
use std::path::PathBuf;
use std::process::Command;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, sync_channel};
use std::thread;
use std::time::Duration;

/// A recording that is no longer fits into what a model hears at once, and is heard with all of its
/// context: it costs a second or two, and fitted contexts cost short recordings a word here and
/// there.
const SHORT: Timestamp = Timestamp::from_millis(30_000);
/// The first window of a recording that has several is no longer than this, in milliseconds:
/// whoever waits for words reads the first of them about two seconds sooner.
const FIRST_MS: u64 = 10_000;
/// Sound handed to Silero at once, in samples: a multiple of its step.
const DETECT_AT_ONCE: usize = SPEECH_HOP * 960;
/// Sound before that which it hears again, because it starts each time knowing nothing.
const DETECT_AGAIN: usize = SPEECH_HOP * 64;

/// What decoding brings, in order of time.
pub enum Piece {
    /// Recognise this.
    Window(Box<Window>),
    /// Nothing is said here.
    Gap(Gap),
    /// What is said here is not asked for.
    Passed(Span),
    /// The user should know this.
    Note(String),
    /// So much of the recording is damaged, and where.
    Damage(String),
    /// That was all: the recording's length, and where it is damaged.
    End(Timestamp, Vec<Gap>),
    /// It cannot be read.
    Failed(DecodeError),
    /// Decoding ended without saying why.
    Stopped,
}

/// Whether a recording is heard with all of the model's context.
pub(super) fn is_short(decoder: &Decoder) -> bool {
    decoder.length().is_some_and(|length| length.at <= SHORT)
}

/// The receiving end.
pub struct Feed {
    pieces: Receiver<Piece>,
}

impl Feed {
    /// Starts decoding the recording at `path`, opened as `decoder`. The thread ends when the feed
    /// is dropped, at the latest after the piece in hand.
    ///
    /// # Errors
    /// When the system gives no thread for it.
    pub fn start(
        decoder: Decoder,
        path: PathBuf,
        playhead: Option<Playhead>,
        settings: &Settings,
        child: fn() -> Command,
    ) -> io::Result<Self> {
        let is_short = is_short(&decoder);
        let longest = speech::Settings::default();
        let cutting = if is_short {
            longest
        } else {
            speech::Settings { first_window_ms: FIRST_MS, ..longest }
        };
        // For a listener nothing waits that may be out of date when its turn comes.
        let (out, pieces) = sync_channel(if playhead.is_some() { 0 } else { settings.jobs.max(1) });
        let detector = settings.detector.as_ref().map(|detector| {
            let load = Load {
                detector: Some(detector.path.clone()),
                jobs: 1,
                threads: 1,
                ..Load::default()
            };
            Supervisor::new(child, load, Patience::for_model(0))
        });
        let passes = Passes {
            out,
            path,
            playhead,
            cutting,
            only: settings.only.clone(),
            order: Order::default(),
            known_to: None,
        };
        thread::Builder::new()
            .name("decode".into())
            .spawn(move || passes.run(decoder, detector))?;
        Ok(Self { pieces })
    }

    /// The next piece, if one comes within `wait`.
    pub fn next(&self, wait: Duration) -> Option<Piece> {
        match self.pieces.recv_timeout(wait) {
            Ok(piece) => Some(piece),
            Err(RecvTimeoutError::Timeout) => None,
            // The thread always sends an end; if it is gone without one, it panicked.
            Err(RecvTimeoutError::Disconnected) => Some(Piece::Stopped),
        }
    }
}

/// Why a pass ends before the recording does.
enum Stop {
    /// Whoever listened has gone; there is nobody to decode for.
    Gone,
    /// What is wanted now lies before this place.
    Back,
}

/// Goes over the recording until every window was handed over.
struct Passes {
    out: SyncSender<Piece>,
    path: PathBuf,
    playhead: Option<Playhead>,
    cutting: speech::Settings,
    /// See [`Settings::only`].
    only: Option<Vec<Span>>,
    order: Order,
    /// Gaps before this were told by an earlier pass.
    known_to: Option<Timestamp>,
}

impl Passes {
    fn run(mut self, decoder: Decoder, detector: Option<Supervisor>) {
        let (mut silero, mut next, mut end) = (detector.map(Silero::new), Ok(decoder), None);
        loop {
            let mut cutting = Cutting::new(&mut self, silero.take().map(Silero::afresh));
            let ended = match next {
                Ok(mut decoder) => cutting.decode(&mut decoder),
                Err(error) => Ok(Piece::Failed(error)),
            };
            silero = cutting.silero.take();
            match ended {
                Err(Stop::Gone) => return,
                Err(Stop::Back) => {}
                Ok(piece) => {
                    let is_whole = matches!(piece, Piece::End(..));
                    // Damage is told by the first pass that saw all of it.
                    let end = end.get_or_insert(piece);
                    if !is_whole || !self.order.end_pass() {
                        let end = std::mem::replace(end, Piece::Stopped);
                        let _ = self.out.send(end);
                        return;
                    }
                }
            }
            next = decode::open(&self.path);
        }
    }

    /// Whether what is said within `span` is asked for.
    fn is_wanted(&self, span: Span) -> bool {
        let Some(only) = &self.only else { return true };
        let next = only.partition_point(|wanted| wanted.end() <= span.start());
        only.get(next).is_some_and(|wanted| wanted.start() < span.end())
    }

    fn send(&self, piece: Piece) -> Result<(), Stop> {
        self.out.send(piece).map_err(|_| Stop::Gone)
    }

    /// A gap was found; an earlier pass may have told it already.
    fn tell(&mut self, gap: Gap) -> Result<(), Stop> {
        if self.known_to.is_some_and(|known| gap.span.end() <= known) {
            return Ok(());
        }
        self.known_to = Some(gap.span.end());
        self.send(Piece::Gap(gap))
    }
}

/// One pass.
struct Cutting<'a> {
    passes: &'a mut Passes,
    scorer: Scorer,
    silero: Option<Silero>,
    cutter: Cutter,
    /// Sound and frames that no piece has taken yet; both begin at frame `first`.
    samples: VecDeque<f32>,
    frames: VecDeque<Frame>,
    first: u64,
    n_samples: u64,
}

impl<'a> Cutting<'a> {
    fn new(passes: &'a mut Passes, silero: Option<Silero>) -> Self {
        let cutting = passes.cutting;
        Self {
            passes,
            scorer: Scorer::new(),
            silero,
            cutter: Cutter::new(cutting),
            samples: VecDeque::new(),
            frames: VecDeque::new(),
            first: 0,
            n_samples: 0,
        }
    }

    fn decode(&mut self, decoder: &mut Decoder) -> Result<Piece, Stop> {
        let mut scored = Vec::new();
        loop {
            match decoder.next_block() {
                Ok(Some(block)) => {
                    self.samples.extend(block);
                    self.n_samples += block.len() as u64;
                    self.scorer.push(block, &mut scored);
                    if let Some(silero) = &mut self.silero {
                        silero.push(block);
                    }
                    self.cut(&mut scored, false)?;
                }
                Ok(None) => break,
                Err(error) => return Ok(Piece::Failed(error)),
            }
        }
        self.scorer.finish(&mut scored);
        self.cut(&mut scored, true)?;
        let losses = decoder.losses();
        if let Some(what) = describe(losses).filter(|_| !self.passes.order.is_complete()) {
            self.passes.send(Piece::Damage(what))?;
        }
        Ok(Piece::End(self.length(), losses.iter().filter_map(gap_of).collect()))
    }

    /// Hands scored frames to the cutter, and what it cuts to the listener.
    fn cut(&mut self, scored: &mut Vec<Frame>, is_end: bool) -> Result<(), Stop> {
        if let Some(silero) = &mut self.silero {
            let failed = silero.rescore(scored, is_end);
            if let Some(why) = failed {
                self.silero = None;
                self.passes.send(Piece::Note(format!(
                    "the speech detector is not used from here on: {why}"
                )))?;
            }
        }
        self.frames.extend(scored.iter().copied());
        let mut cuts = Vec::new();
        self.cutter.push(scored, &mut cuts);
        scored.clear();
        if is_end {
            self.cutter.finish(self.length(), &mut cuts);
        }
        for cut in cuts {
            match cut {
                speech::Piece::Gap(gap) => self.passes.tell(gap)?,
                speech::Piece::Window(span) => self.hand_over(span)?,
            }
        }
        self.forget_before(self.cutter.oldest_needed());
        Ok(())
    }

    fn hand_over(&mut self, span: Span) -> Result<(), Stop> {
        let playhead = self.passes.playhead.as_ref().map_or(Timestamp::ZERO, Playhead::at);
        match self.passes.order.meet(span, playhead) {
            Turn::Take => {}
            Turn::Pass => return Ok(()),
            Turn::Back => return Err(Stop::Back),
        }
        self.forget_before(span.start());
        if !self.passes.is_wanted(span) {
            return self.passes.send(Piece::Passed(span));
        }
        let n_samples = (span.end().to_frames(SAMPLE_RATE) as usize)
            .saturating_sub(self.first as usize * HOP)
            .min(self.samples.len());
        let n_frames = n_samples.div_ceil(HOP).min(self.frames.len());
        let samples: Arc<[f32]> = self.samples.iter().take(n_samples).copied().collect();
        let frames = self.frames.iter().take(n_frames).copied().collect();
        self.passes.send(Piece::Window(Box::new(Window::new(span, samples, frames))))
    }

    /// Drops sound and frames that no later piece needs.
    fn forget_before(&mut self, at: Timestamp) {
        let frame = at.to_frames(SAMPLE_RATE) / HOP as u64;
        let n = (frame.saturating_sub(self.first) as usize).min(self.frames.len());
        self.frames.drain(..n);
        self.samples.drain(..(n * HOP).min(self.samples.len()));
        self.first += n as u64;
    }

    /// How much sound there was so far.
    fn length(&self) -> Timestamp {
        Timestamp::from_frames(self.n_samples, SAMPLE_RATE)
    }
}

/// A damaged stretch as a transcript lists it; `None` for what has no length or left most of the
/// sound whole.
fn gap_of(loss: &Loss) -> Option<Gap> {
    (loss.kind == LossKind::Damaged && !loss.span.is_empty())
        .then_some(Gap { span: loss.span, reason: GapReason::Damaged })
}

/// Silero in a child process, which knows better than our own detector where somebody speaks.
struct Silero {
    supervisor: Supervisor,
    /// Sound that still has to be heard, after [`DETECT_AGAIN`] samples that were heard before.
    pending: Vec<f32>,
    n_again: usize,
    /// Frames of our own detector whose speech has to be replaced.
    held: VecDeque<Frame>,
}

impl Silero {
    fn new(supervisor: Supervisor) -> Self {
        Self { supervisor, pending: Vec::new(), n_again: 0, held: VecDeque::new() }
    }

    /// The same detector for another pass.
    fn afresh(self) -> Self {
        Self::new(self.supervisor)
    }

    fn push(&mut self, block: &[f32]) {
        self.pending.extend_from_slice(block);
    }

    /// Takes our own scores out of `frames` and puts those in that Silero has judged by now. On a
    /// failure it puts the rest back as they were and says why.
    fn rescore(&mut self, frames: &mut Vec<Frame>, is_end: bool) -> Option<String> {
        self.held.extend(frames.drain(..));
        // Our own frames come later than the sound does; both have to be there, or the two would
        // drift apart.
        let is_whole = |silero: &Self| {
            silero.pending.len() - silero.n_again >= DETECT_AT_ONCE
                && silero.held.len() >= DETECT_AT_ONCE / HOP
        };
        while is_whole(self) || (is_end && self.pending.len() > self.n_again) {
            let n = self.pending.len().min(self.n_again + DETECT_AT_ONCE);
            let samples: Arc<[f32]> = self.pending[..n].into();
            let probabilities = match self.ask(samples) {
                Ok(probabilities) => probabilities,
                Err(why) => {
                    frames.extend(self.held.drain(..));
                    return Some(why);
                }
            };
            let fresh = probabilities.get(self.n_again / SPEECH_HOP..).unwrap_or_default();
            let n_frames = if is_end && n == self.pending.len() {
                self.held.len()
            } else {
                DETECT_AT_ONCE / HOP
            };
            for (i, mut frame) in self.held.drain(..n_frames.min(self.held.len())).enumerate() {
                if let Some(p) =
                    fresh.get(((i * HOP + HOP / 2) / SPEECH_HOP).min(fresh.len().saturating_sub(1)))
                {
                    frame.speech = *p;
                }
                frames.push(frame);
            }
            let keep = n.saturating_sub(DETECT_AGAIN) / SPEECH_HOP * SPEECH_HOP;
            self.n_again = n - keep;
            self.pending.drain(..keep);
        }
        None
    }

    fn ask(&mut self, samples: Arc<[f32]>) -> Result<Vec<f32>, String> {
        self.supervisor.submit(0, Ask::Speech, samples);
        loop {
            match self.supervisor.next(Duration::from_secs(1)) {
                Ok(Some((_, Answer::Speech(probabilities)))) => return Ok(probabilities),
                Ok(Some((_, Answer::Lost(why)))) => return Err(why),
                Ok(_) => {}
                Err(e) => return Err(Reason::from(e).one_line()),
            }
        }
    }
}
