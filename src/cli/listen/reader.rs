//! Behind the screen: first an estimate, then what is recognised window by window, at last everything.

use crate::align::{self, Method, across, estimate, provisional};
use crate::article::Article;
use crate::cli::recognise::Recognition;
use crate::cli::report::Failure;
use crate::decode;
use crate::episode::Episode;
use crate::pipeline;
use crate::reading::Reading;
use crate::speech::{Frame, Scorer};
use crate::time::{Span, Timestamp};
use crate::transcript::{Segment, Transcript};
use crate::tui::{Event, Notice, Progress};
use std::path::Path;
use std::sync::mpsc::Sender;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

/// Cells of loudness along the whole recording; no screen is wider.
const CELLS: usize = 1000;
/// Text is tied anew at most so often while it is being recognised.
const EVERY: Duration = Duration::from_secs(2);
/// The levels that are drawn empty and full, in dB relative to full scale.
const QUIET_DB: f32 = -60.0;
const LOUD_DB: f32 = -10.0;

/// Everything that finds out more about one episode.
pub struct Reader<'a> {
    pub audio: &'a Path,
    pub episode: &'a Episode,
    /// The text, where one was written.
    pub article: Option<Article>,
    pub length: Timestamp,
    pub sender: Sender<Event>,
    /// The best reading so far, for whoever exports it.
    pub reading: Arc<Mutex<Reading>>,
    pub is_over: &'a (dyn Fn() -> bool + Sync),
    /// Whether the screen began with more than a guess, which no guess is to replace.
    pub is_known: bool,
}

impl Reader<'_> {
    /// Works until everything is known or the screen is over. What goes wrong is told on the screen.
    pub fn run(&self, recognition: Result<Recognition<'_>, Failure>) {
        let remembered = recognition.as_ref().ok().and_then(|recognition| recognition.recall(self.episode));
        if let (Some(transcript), Ok(recognition)) = (remembered, &recognition) {
            self.finish(transcript, recognition);
            self.scan();
            return;
        }
        let Some(frames) = self.scan() else { return };
        let guess = self.article.as_ref().map(|article| estimate::estimate(article, &estimate::stretches(&frames)));
        if let (Some(article), Some(alignment), false) = (&self.article, &guess, self.is_known) {
            self.show(Reading { transcript: Transcript::default(), article: article.clone(), alignment: alignment.clone() });
        }
        match recognition {
            Ok(recognition) => self.recognise(&recognition, guess.as_ref()),
            Err(failure) => self.tell(Notice::Note(format!("times are estimated: {}", failure.why))),
        }
    }

    /// Listens through the recording once: how loud it is, and where somebody speaks.
    fn scan(&self) -> Option<Vec<Frame>> {
        let mut decoder = decode::open(self.audio).ok()?;
        let (mut scorer, mut frames) = (Scorer::new(), Vec::new());
        while let Ok(Some(block)) = decoder.next_block() {
            scorer.push(block, &mut frames);
            if (self.is_over)() {
                return None;
            }
        }
        scorer.finish(&mut frames);
        let _ = self.sender.send(Event::Energy(energy(&frames)));
        let _ = self.sender.send(Event::Length(Timestamp::from_millis(frames.len() as u64 * 10)));
        Some(frames)
    }

    fn recognise(&self, recognition: &Recognition<'_>, guess: Option<&align::Alignment>) {
        let mut known = Transcript::default();
        let (mut shown, start) = (Instant::now(), Instant::now());
        let mut origin = None;
        let mut watch = |event: pipeline::Event| match event {
            pipeline::Event::Language(code, _) => known.language = Some(code.to_owned()),
            pipeline::Event::Text(segments) => known.segments.extend_from_slice(segments),
            pipeline::Event::Note(note) => self.tell(Notice::Note(note)),
            pipeline::Event::Reached(at) => {
                let origin = *origin.get_or_insert(at);
                let speed = (at.secs() - origin.secs()) / start.elapsed().as_secs_f64().max(0.1);
                let _ = self.sender.send(Event::Progress(Progress::up_to(at, self.length, speed as f32)));
                if shown.elapsed() >= EVERY && !known.segments.is_empty() {
                    self.show(self.so_far(&known, guess, at));
                    shown = Instant::now();
                }
            }
            pipeline::Event::Opened { .. } | pipeline::Event::Remembered | pipeline::Event::Waiting => {}
        };
        match recognition.follow(self.audio, &mut watch, self.is_over) {
            Ok(transcript) => self.finish(transcript, recognition),
            Err(_) if (self.is_over)() => {}
            Err(failure) => self.tell(Notice::Note(format!("times are estimated: {}", failure.why))),
        }
    }

    /// What is known before all is.
    fn so_far(&self, known: &Transcript, guess: Option<&align::Alignment>, reached: Timestamp) -> Reading {
        let Some(article) = &self.article else { return Reading::of_transcript(known.clone()) };
        let mut alignment = match guess {
            // Sentences are tied across languages only when all of them are there.
            Some(guess) if is_across(article, known) => guess.clone(),
            _ => align::align(article, known),
        };
        if let Some(guess) = guess.filter(|_| alignment.method == Method::Words) {
            provisional::complete(&mut alignment, guess, article, reached, self.length);
        }
        Reading { transcript: known.clone(), article: article.clone(), alignment }
    }

    fn finish(&self, transcript: Transcript, recognition: &Recognition<'_>) {
        let done = vec![Span::new(Timestamp::ZERO, self.length)];
        match &self.article {
            None => self.show(Reading::of_transcript(transcript)),
            Some(article) => {
                let Some(tied) = pipeline::tie(article.clone(), transcript, self.audio, recognition.store(), self.is_over) else { return };
                if !tied.belongs {
                    let why = format!("the article does not seem to belong to this recording: {}; `v` shows what is said", tied.reason);
                    self.tell(Notice::Trouble(why));
                }
                self.show(tied.reading);
            }
        }
        let _ = self.sender.send(Event::Progress(Progress { recognised: done, length: self.length, speed: 0.0 }));
    }

    fn show(&self, reading: Reading) {
        self.reading.lock().unwrap_or_else(PoisonError::into_inner).clone_from(&reading);
        let _ = self.sender.send(Event::Reading(Box::new(reading)));
    }

    fn tell(&self, notice: Notice) {
        let _ = self.sender.send(Event::Notice(notice));
    }
}

fn is_across(article: &Article, transcript: &Transcript) -> bool {
    across::is_across(article.language.as_deref(), transcript.language.as_deref())
}

/// What the screen begins with: the text spread over the recording by its length alone.
pub fn first(article: Option<&Article>, length: Timestamp) -> Reading {
    let Some(article) = article else {
        return Reading::of_transcript(Transcript { segments: Vec::<Segment>::new(), ..Transcript::default() });
    };
    let alignment = estimate::spread(article, Span::new(Timestamp::ZERO, length));
    Reading { transcript: Transcript::default(), article: article.clone(), alignment }
}

/// The loudest 10 ms of each of [`CELLS`] equal parts, 0 to 255.
fn energy(frames: &[Frame]) -> Vec<u8> {
    let level = |db: f32| ((db - QUIET_DB) / (LOUD_DB - QUIET_DB) * 255.0) as u8;
    let cell = |i: usize| {
        let part = &frames[frames.len() * i / CELLS..(frames.len() * (i + 1)).div_ceil(CELLS).min(frames.len())];
        level(part.iter().map(|frame| frame.energy_db).fold(QUIET_DB, f32::max))
    };
    if frames.is_empty() { Vec::new() } else { (0..CELLS).map(cell).collect() }
}
