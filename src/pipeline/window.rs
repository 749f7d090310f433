//! One window on its way to text.

use crate::speech::{self, Frame};
use crate::time::{Span, Timestamp};
use crate::transcribe::honest::{Attempts, Next};
use crate::transcribe::protocol::{Heads, How, Pass};
use crate::transcribe::words;
use crate::transcript::letters::thirds;
use crate::transcript::{Segment, SpokenWord, Transcript};
use std::sync::Arc;

/// A stretch of sound that is recognised at once.
pub struct Window {
    span: Span,
    /// Its sound, 16 kHz mono.
    pub samples: Arc<[f32]>,
    /// What speech detection says of it, one frame for 10 ms from its start.
    frames: Vec<Frame>,
    attempts: Option<Attempts>,
}

impl Window {
    /// The window over `span`.
    pub fn new(span: Span, samples: Arc<[f32]>, frames: Vec<Frame>) -> Self {
        Self { span, samples, frames, attempts: None }
    }

    /// Its number in the journal: where it starts, in milliseconds.
    pub fn id(&self) -> u64 {
        self.span.start().millis()
    }

    /// Where it lies.
    pub fn span(&self) -> Span {
        self.span
    }

    /// Says that it will first be recognised with `how`, and gives that back.
    pub fn begin(&mut self, how: How) -> How {
        self.attempts = Some(Attempts::new(self.span, how.clone()));
        how
    }

    /// Takes what was heard: its text, or how to try again.
    ///
    /// # Errors
    /// The settings of the next attempt.
    pub fn settle(&mut self, passes: &[Pass], heads: Option<&Heads>) -> Result<Transcript, How> {
        let lines = words::lines(passes, heads, self.span);
        for pass in passes {
            let n_tokens = pass.tokens.len();
            log::debug!(
                "window at {}: {} to {} ms, {n_tokens} tokens, nobody speaks: {:.2}",
                self.span.start(),
                pass.start,
                pass.end,
                pass.no_speech
            );
        }
        let frames = &self.frames;
        let start = self.span.start();
        let Some(attempts) = &mut self.attempts else { return Ok(Transcript::default()) };
        match attempts.take(lines, |span| spoken_ms(frames, start, span)) {
            Next::Again(how) => {
                log::debug!("window at {start} is doubtful after {} passes and is recognised again with {how:?}", passes.len());
                Err(how)
            }
            Next::Done(settled) => {
                let mut segments = settled.segments;
                let mut spans: Vec<Span> = segments.iter().flat_map(|s| s.words.iter().map(|w| w.span)).collect();
                log::debug!("window at {start}: told at {}", told(&segments));
                match heads {
                    // Heads that were trained for it are exact but for the very edges of pauses.
                    Some(Heads::Reading(_)) => speech::snap(&mut spans, frames, self.span),
                    _ => speech::own(&mut spans, &sizes(&segments), frames, self.span),
                }
                let mut spans = spans.into_iter();
                for segment in &mut segments {
                    for word in &mut segment.words {
                        word.span = spans.next().unwrap_or(word.span);
                    }
                    segment.span = words::outer(&segment.words);
                }
                Ok(Transcript { segments, gaps: settled.gaps, ..Transcript::default() })
            }
        }
    }
}

/// Words with their times in milliseconds, for the log.
fn told(segments: &[Segment]) -> String {
    let word = |word: &SpokenWord| format!("{}@{}-{}", word.text, word.span.start().millis(), word.span.end().millis());
    segments.iter().flat_map(|segment| &segment.words).map(word).collect::<Vec<_>>().join(" ")
}

/// How long each word is written, in thirds of a letter.
fn sizes(segments: &[Segment]) -> Vec<u32> {
    segments.iter().flat_map(|segment| &segment.words).map(|word| word.text.chars().map(|c| u32::from(thirds(c))).sum()).collect()
}

/// For how many milliseconds speech detection heard somebody within `span`.
fn spoken_ms(frames: &[Frame], start: Timestamp, span: Span) -> u64 {
    let frame = |at: Timestamp| (at.millis().saturating_sub(start.millis()) / 10) as usize;
    let from = frame(span.start()).min(frames.len());
    let to = (frame(span.end()) + 1).min(frames.len());
    10 * frames[from..to.max(from)].iter().filter(|frame| frame.speech >= 0.5).count() as u64
}
