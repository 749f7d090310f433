//! One window on its way to text.

use crate::speech::{self, Frame};
use crate::time::{Span, Timestamp};
use crate::transcribe::hallucination::{Attempts, Known, Next, Settled};
use crate::transcribe::protocol::{Heads, Hearing, How};
use crate::transcribe::supervise::Ask;
use crate::transcribe::words;
use crate::transcript::characters::thirds;
use crate::transcript::{Segment, SpokenWord, Transcript, marks};
use std::sync::Arc;

/// A stretch of sound that is recognised at once.
pub struct Window {
    span: Span,
    /// Its sound, 16 kHz mono.
    pub samples: Arc<[f32]>,
    /// What speech detection says of it, one frame for 10 ms from its start.
    frames: Vec<Frame>,
    attempts: Option<Attempts>,
    /// Whether its words' times were told by heads that were trained to.
    has_exact_times: bool,
}

impl Window {
    /// The window over `span`.
    pub fn new(span: Span, samples: Arc<[f32]>, frames: Vec<Frame>) -> Self {
        Self { span, samples, frames, attempts: None, has_exact_times: false }
    }

    /// Its number in the journal: where it starts, in milliseconds.
    pub fn id(&self) -> u64 {
        self.span.start().millis()
    }

    /// Where it lies.
    pub fn span(&self) -> Span {
        self.span
    }

    /// Behind this, in milliseconds from its start, nobody speaks.
    pub fn spoken_ms(&self) -> Option<u32> {
        let last = self.frames.iter().rposition(|frame| frame.speech >= 0.5)?;
        u32::try_from(10 * (last + 1)).ok()
    }

    /// Says that it will first be recognised with `how`, and gives that back.
    pub fn begin(&mut self, how: How, known: Known) -> How {
        self.attempts = Some(Attempts::new(self.span, how.clone(), known));
        how
    }

    /// The language in which it is being recognised; none before [`begin`](Self::begin).
    pub fn language(&self) -> &str {
        self.attempts.as_ref().map_or("", Attempts::language)
    }

    /// Takes what was heard.
    pub fn hear(&mut self, heard: Hearing, heads: Option<&Heads>) -> Then {
        let lines = words::lines(&heard.passes, heads, self.span);
        self.has_exact_times = matches!(heads, Some(Heads::Reading(_)));
        for pass in &heard.passes {
            let n_tokens = pass.tokens.len();
            log::debug!(
                "window at {}: {} to {} ms, {n_tokens} tokens, nobody speaks: {:.2}",
                self.span.start(),
                pass.start,
                pass.end,
                pass.no_speech
            );
        }
        let (frames, start) = (&self.frames, self.span.start());
        log::debug!("window at {start}: sounds like {:?}", heard.languages);
        let Some(attempts) = &mut self.attempts else { return Then::Done(Text::default()) };
        attempts.sounds_like(heard.languages);
        let next = attempts.take(lines, |span| spoken_ms(frames, start, span));
        self.then(next)
    }

    /// Takes what was heard without word warping, after everything else failed: there is no other
    /// attempt, and nobody is told that its times are good.
    pub fn hear_rough(&mut self, heard: Hearing) -> Text {
        let lines = words::lines(&heard.passes, None, self.span);
        self.has_exact_times = false;
        let (frames, start) = (&self.frames, self.span.start());
        let Some(attempts) = &mut self.attempts else { return Text::default() };
        attempts.sounds_like(heard.languages);
        let settled = attempts.end(lines, |span| spoken_ms(frames, start, span));
        let mut text = self.text(settled);
        text.transcript.segments.iter_mut().for_each(|segment| segment.is_doubtful = true);
        text
    }

    fn then(&self, next: Next) -> Then {
        let start = self.span.start();
        match next {
            Next::Again(how) => {
                log::debug!("window at {start} is doubtful and is recognised again with {how:?}");
                Then::Ask(Ask::Recognise(how))
            }
            Next::Done(settled) => Then::Done(self.text(settled)),
        }
    }

    fn text(&self, settled: Settled) -> Text {
        let mut segments = settled.segments;
        let mut spans: Vec<Span> =
            segments.iter().flat_map(|s| s.words.iter().map(|w| w.span)).collect();
        log::debug!("window at {}: told at {}", self.span.start(), told(&segments));
        if self.has_exact_times {
            // Heads that were trained for it are exact but for the very edges of pauses.
            speech::snap(&mut spans, &self.frames, self.span);
        } else {
            speech::own(&mut spans, &sizes(&segments), &self.frames, self.span);
        }
        let mut spans = spans.into_iter();
        for segment in &mut segments {
            for word in &mut segment.words {
                word.span = spans.next().unwrap_or(word.span);
            }
            segment.span = words::outer(&segment.words);
            if marks::are_wide(&settled.language) {
                marks::widen(segment, &settled.language);
            }
        }
        let transcript = Transcript { segments, gaps: settled.gaps, ..Transcript::default() };
        Text { transcript, sounds_like: settled.sounds_like }
    }
}

/// What a window came to.
#[derive(Debug, Default)]
pub struct Text {
    /// Its words and gaps.
    pub transcript: Transcript,
    /// Which language it sounds like, and how likely that is, where there was doubt and it was not
    /// recognised in that one in the end.
    pub sounds_like: Option<(String, f32)>,
}

/// What becomes of a window next.
#[derive(Debug)]
pub enum Then {
    /// Something has to be asked about it.
    Ask(Ask),
    /// This is its text.
    Done(Text),
}

/// Words with their times in milliseconds, for the log.
fn told(segments: &[Segment]) -> String {
    let word = |word: &SpokenWord| {
        format!("{}@{}-{}", word.text, word.span.start().millis(), word.span.end().millis())
    };
    segments.iter().flat_map(|segment| &segment.words).map(word).collect::<Vec<_>>().join(" ")
}

/// How long each word is written, in thirds of a letter.
fn sizes(segments: &[Segment]) -> Vec<u32> {
    segments
        .iter()
        .flat_map(|segment| &segment.words)
        .map(|word| word.text.chars().map(|c| u32::from(thirds(c))).sum())
        .collect()
}

/// For how many milliseconds speech detection heard somebody within `span`.
fn spoken_ms(frames: &[Frame], start: Timestamp, span: Span) -> u64 {
    let frame = |at: Timestamp| (at.millis().saturating_sub(start.millis()) / 10) as usize;
    let from = frame(span.start()).min(frames.len());
    let to = (frame(span.end()) + 1).min(frames.len());
    10 * frames[from..to.max(from)].iter().filter(|frame| frame.speech >= 0.5).count() as u64
}
