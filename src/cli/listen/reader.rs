//! Behind the screen: first an estimate, within seconds what synthesised speech finds, and what is
//! recognised window by window; at last everything together.

use crate::align::{self, Alignment, Belongs, Method, across, estimate, provisional};
use crate::article::Article;
use crate::cli::args::MethodArg;
use crate::cli::recognise::Recognition;
use crate::cli::report::Failure;
use crate::cli::second::Second;
use crate::episode::Episode;
use crate::pipeline::{self, Playhead, Voice};
use crate::reading::Reading;
use crate::reason::Reason;
use crate::refusal;
use crate::speech::Frame;
use crate::store::Store;
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
    /// It in its other language, where it has two.
    pub other: Option<Article>,
    /// What stands beside it on the screen.
    pub second: Option<Arc<Second>>,
    pub length: Timestamp,
    pub sender: Sender<Event>,
    /// The best reading so far, for whoever exports it.
    pub reading: Arc<Mutex<Reading>>,
    pub is_over: &'a (dyn Fn() -> bool + Sync),
    /// Where the listener is.
    pub playhead: Playhead,
    /// How times are to be found.
    pub method: MethodArg,
    /// Who speaks the text, and where that is kept.
    pub voice: Voice<'a>,
    pub store: &'a Store,
    /// What synthesised speech has found, once it has.
    pub synth: Mutex<Option<Reading>>,
    /// Whether the screen began with more than a guess, which no guess is to replace.
    pub is_known: bool,
    /// Whether the text came with its times, so that there is nothing to find out but how the sound
    /// looks.
    pub is_given: bool,
    /// Whether text and sound go together whatever is found out.
    pub is_insisted: bool,
}

/// Why synthesised speech gives no times.
enum Mute {
    /// The article's sounds are not the recording's.
    Misfit(String),
    /// Nobody speaks.
    Failed(String),
}

impl Reader<'_> {
    /// Works until everything is known or the screen is over. What goes wrong is told on the
    /// screen.
    pub fn run(&self, recognition: Result<Recognition<'_>, Failure>) {
        if self.is_given {
            self.stop_listening_ahead();
            self.scan();
            return;
        }
        std::thread::scope(|threads| {
            let synth = self
                .article
                .as_ref()
                .filter(|_| matches!(self.method, MethodArg::Auto | MethodArg::Synth));
            let synth = synth.map(|article| {
                let thread = std::thread::Builder::new().name("synth".into());
                thread
                    .spawn_scoped(threads, || self.synthesise(article))
                    .map_err(|e| Mute::Failed(refusal::no_thread(&e)))
            });
            let trouble = self.find_out(recognition);
            if trouble.is_some() {
                self.stop_listening_ahead();
            }
            // Without any model the last word is the synthesiser's.
            let Some(why) = trouble else { return };
            let mute = synth.map(|synth| synth.and_then(|synth| synth.join().unwrap_or(Ok(()))));
            match mute {
                _ if (self.is_over)() => {}
                Some(Ok(())) => {}
                Some(Err(Mute::Misfit(reason))) => {
                    self.tell(Notice::Misfit(reason));
                }
                Some(Err(Mute::Failed(also))) => {
                    self.tell(Notice::Note(format!("times are estimated: {why}; {also}")));
                }
                None => self.tell(Notice::Note(format!("times are estimated: {why}"))),
            }
        });
    }

    /// By estimate and recognition; returns why nothing could be recognised.
    fn find_out(&self, recognition: Result<Recognition<'_>, Failure>) -> Option<String> {
        let remembered =
            recognition.as_ref().ok().and_then(|recognition| recognition.recall(self.episode));
        if let (Some(transcript), Ok(recognition)) = (remembered, &recognition) {
            self.finish(transcript.clone(), recognition);
            self.scan();
            // Its words may still be where they were recognised: whoever came before had no
            // synthesiser, or was stopped.
            match recognition.follow(self.audio, None, &mut |_| {}, self.is_over) {
                Ok(sharpened) if sharpened != transcript => self.finish(sharpened, recognition),
                Ok(_) => {}
                Err(failure) => {
                    log::info!("word times stay as they were recognised: {}", failure.why);
                }
            }
            return None;
        }
        let frames = self.scan()?;
        let guess = self
            .article
            .as_ref()
            .map(|article| estimate::estimate(article, &estimate::stretches(&frames)));
        if let (Some(article), Some(alignment), false) = (&self.article, &guess, self.is_known) {
            let guessed = Reading {
                transcript: Transcript::default(),
                article: article.clone(),
                alignment: alignment.clone(),
            };
            // What is spoken may have been found in the text's other language already.
            self.show_next(|shown| match self.is_spoken(article) {
                Some(false) => shown.clone(),
                _ => guessed,
            });
        }
        match recognition {
            Ok(recognition) => self.recognise(&recognition, guess.as_ref()),
            Err(failure) => Some(failure.why.one_line()),
        }
    }

    /// Speaks the article and finds its sounds, of two languages in either: who insists on the text
    /// insists on the one that is heard.
    fn synthesise(&self, article: &Article) -> Result<(), Mute> {
        let Some(other) = &self.other else { return self.spoken(article, self.is_insisted) };
        match self.spoken(article, false) {
            Err(first) => match self.spoken(other, false) {
                Err(_) if self.is_insisted => self.spoken(article, true),
                Err(_) => Err(first),
                Ok(()) => Ok(()),
            },
            Ok(()) => Ok(()),
        }
    }

    /// Whether `article` is what synthesised speech has found, once it has found anything.
    fn is_spoken(&self, article: &Article) -> Option<bool> {
        let synth = self.synth.lock().unwrap_or_else(PoisonError::into_inner);
        synth.as_ref().map(|found| found.article.text == article.text)
    }

    /// Speaks `article` and finds its sounds. An article that does not belong is left to the
    /// recogniser, who knows better, unless it `is_insisted` on.
    fn spoken(&self, article: &Article, is_insisted: bool) -> Result<(), Mute> {
        match pipeline::synth(
            article,
            (self.audio, self.episode.id),
            self.store,
            self.voice,
            &mut |_| {},
            self.is_over,
        ) {
            Ok(tied) if tied.belongs() == Belongs::Yes || is_insisted => {
                let belongs = if tied.belongs() == Belongs::Yes {
                    Notice::Belongs
                } else {
                    Notice::Misfit(doubt(&tied))
                };
                let found = tied.reading;
                *self.synth.lock().unwrap_or_else(PoisonError::into_inner) = Some(found.clone());
                self.tell(belongs);
                // A guess at the text in its other language is worth nothing now.
                self.show_next(|shown| match shown.alignment.method {
                    Method::Estimate if shown.article.text != found.article.text => found,
                    _ => shown.clone(),
                });
                Ok(())
            }
            Ok(tied) => Err(Mute::Misfit(doubt(&tied))),
            Err(error) => Err(Mute::Failed(Reason::from(error).one_line())),
        }
    }

    /// What is known by estimate or recognition, with what synthesised speech adds. The
    /// synthesiser's time stays where both agree, so that what follows the sound already does not
    /// move while more is recognised.
    fn joined(&self, known: &Reading) -> Option<Alignment> {
        let synth = self.synth.lock().unwrap_or_else(PoisonError::into_inner);
        let Reading { article, alignment: synth, .. } =
            synth.as_ref().filter(|synth| synth.article.text == known.article.text)?;
        match known.alignment.method {
            Method::Estimate => Some(synth.clone()),
            Method::Words => Some(align::together(article, &known.alignment, synth)),
            Method::Sentences | Method::Synth | Method::Together | Method::Given => None,
        }
    }

    /// Listens through the recording once: how loud it is, and where somebody speaks.
    fn scan(&self) -> Option<Vec<Frame>> {
        let frames = match pipeline::frames(self.audio, self.is_over) {
            Ok(scan) => {
                let pipeline::Scan { frames, damage } = scan?;
                if let Some(damage) = damage {
                    self.tell(Notice::Note(damage));
                }
                frames
            }
            Err(error) => {
                self.tell(Notice::Trouble(Reason::from(error).one_line()));
                return None;
            }
        };
        let _ = self.sender.send(Event::Energy(energy(&frames)));
        let _ = self.sender.send(Event::Length(Timestamp::from_millis(frames.len() as u64 * 10)));
        Some(frames)
    }

    fn recognise(
        &self,
        recognition: &Recognition<'_>,
        guess: Option<&Alignment>,
    ) -> Option<String> {
        let mut known = Transcript::default();
        let (mut shown, start) = (Instant::now(), Instant::now());
        let mut origin = None;
        let mut waits_for = String::new();
        let mut watch = |event: pipeline::Event| match event {
            pipeline::Event::Language(code, _) => known.language = Some(code.to_owned()),
            pipeline::Event::Text(segments) => insert(&mut known.segments, segments),
            pipeline::Event::Note(note) => self.tell(Notice::Note(note)),
            pipeline::Event::Slow { what, .. } => {
                if waits_for != what {
                    what.clone_into(&mut waits_for);
                    self.tell(Notice::Note(waits_for.clone()));
                }
            }
            pipeline::Event::Done(done) => {
                let recognised = Progress {
                    recognised: done.to_vec(),
                    length: self.length,
                    ..Progress::default()
                };
                let seconds = recognised.share() * self.length.secs();
                let origin = *origin.get_or_insert(seconds);
                let speed = ((seconds - origin) / start.elapsed().as_secs_f64().max(0.1)) as f32;
                let _ = self.sender.send(Event::Progress(Progress { speed, ..recognised }));
                if shown.elapsed() >= EVERY && !known.segments.is_empty() {
                    self.show(self.so_far(&known, guess, done));
                    shown = Instant::now();
                }
            }
            pipeline::Event::Opened { .. }
            | pipeline::Event::Remembered
            | pipeline::Event::Waiting => {}
        };
        match recognition.follow(self.audio, Some(self.playhead.clone()), &mut watch, self.is_over)
        {
            Ok(transcript) => self.finish(transcript, recognition),
            Err(_) if (self.is_over)() => {}
            Err(failure) => return Some(failure.why.one_line()),
        }
        None
    }

    /// The text, of two languages in the one that is heard.
    fn text(&self, heard: &Transcript) -> Option<&Article> {
        let first = self.article.as_ref()?;
        let Some(other) = &self.other else { return Some(first) };
        let is_other = self
            .is_spoken(other)
            .unwrap_or_else(|| is_across(first, heard) && !is_across(other, heard));
        Some(if is_other { other } else { first })
    }

    /// What is known before all is.
    fn so_far(&self, known: &Transcript, guess: Option<&Alignment>, done: &[Span]) -> Reading {
        let Some(article) = self.text(known) else { return Reading::of_transcript(known.clone()) };
        // It is of the text that stands first.
        let is_guessed = self.article.as_ref().is_some_and(|first| first.text == article.text);
        let guess = guess.filter(|_| is_guessed);
        let mut alignment = match guess {
            // Sentences are tied across languages only when all of them are there.
            Some(guess) if is_across(article, known) => guess.clone(),
            _ => align::align(article, known),
        };
        let has_synth = self.synth.lock().unwrap_or_else(PoisonError::into_inner).is_some();
        if let Some(guess) = guess.filter(|_| alignment.method == Method::Words && !has_synth) {
            provisional::complete(&mut alignment, guess, article, done, self.length);
        }
        Reading { transcript: known.clone(), article: article.clone(), alignment }
    }

    fn finish(&self, transcript: Transcript, recognition: &Recognition<'_>) {
        match self.text(&transcript) {
            None => self.show(Reading::of_transcript(transcript)),
            Some(article) => {
                let Some(tied) = pipeline::tie(
                    article.clone(),
                    transcript,
                    self.audio,
                    recognition.store(),
                    self.is_over,
                ) else {
                    return;
                };
                let is_spoken = tied.belongs() == Belongs::Yes
                    || self.is_insisted
                    || self.synth.lock().unwrap_or_else(PoisonError::into_inner).is_some();
                if is_spoken {
                    // Who insists is told all the same.
                    let is_doubtful = self.is_insisted && tied.belongs() != Belongs::Yes;
                    self.tell(if is_doubtful {
                        Notice::Misfit(doubt(&tied))
                    } else {
                        Notice::Belongs
                    });
                    self.show(tied.reading);
                } else {
                    self.tell(Notice::Trouble(format!("this is what is said; {}", doubt(&tied))));
                    self.show(Reading::of_transcript(tied.reading.transcript));
                }
            }
        }
        self.stop_listening_ahead();
    }

    /// Nothing more will be recognised.
    fn stop_listening_ahead(&self) {
        let recognised = vec![Span::new(Timestamp::ZERO, self.length)];
        let _ = self.sender.send(Event::Progress(Progress {
            recognised,
            length: self.length,
            ..Progress::default()
        }));
    }

    fn show(&self, reading: Reading) {
        self.show_next(|_| reading);
    }

    /// Shows what `better` makes of what is shown, joined with what synthesised speech has found.
    /// One at a time: nothing older may come to lie over something newer.
    fn show_next(&self, better: impl FnOnce(&Reading) -> Reading) {
        let mut shown = self.reading.lock().unwrap_or_else(PoisonError::into_inner);
        let mut reading = better(&shown);
        if let Some(alignment) = self.joined(&reading) {
            reading.alignment = alignment;
        }
        let is_other = reading.article.text != shown.article.text;
        let beside = self.second.as_ref().filter(|_| is_other && self.is_written(&reading.article));
        let beside = beside.map(|second| second.paired(&reading.article).0.texts);
        shown.clone_from(&reading);
        let _ = self.sender.send(Event::Reading(Box::new(reading)));
        if let Some(beside) = beside {
            let _ = self.sender.send(Event::Translation(beside));
        }
    }

    /// Whether it is the text, in either language, and not what was said instead of it.
    fn is_written(&self, article: &Article) -> bool {
        [&self.article, &self.other].into_iter().flatten().any(|own| own.text == article.text)
    }

    fn tell(&self, notice: Notice) {
        let _ = self.sender.send(Event::Notice(notice));
    }
}

/// What is said of an article that is not surely read.
fn doubt(tied: &pipeline::Tied) -> String {
    match tied.belongs() {
        // Sounds say nothing about a text in another language.
        Belongs::No if tied.reading.alignment.method == Method::Synth => format!(
            "the article does not belong to it, unless it is a translation, which only a model can tell: {}",
            tied.reason
        ),
        Belongs::No => format!("the article does not belong to it: {}", tied.reason),
        Belongs::Yes | Belongs::Unknown => {
            format!("whether the article belongs to it cannot be told: {}", tied.reason)
        }
    }
}

fn is_across(article: &Article, transcript: &Transcript) -> bool {
    across::is_across(article.language.as_deref(), transcript.language.as_deref())
}

/// Puts the segments of one window where they belong among those of the others.
fn insert(known: &mut Vec<Segment>, segments: &[Segment]) {
    let Some(first) = segments.first() else { return };
    let at = known.partition_point(|segment| segment.span.start() <= first.span.start());
    known.splice(at..at, segments.iter().cloned());
}

/// What the screen begins with: the text spread over the recording by its length alone.
pub fn first(article: Option<&Article>, length: Timestamp) -> Reading {
    let Some(article) = article else {
        return Reading::of_transcript(Transcript {
            segments: Vec::<Segment>::new(),
            ..Transcript::default()
        });
    };
    let alignment = estimate::spread(article, Span::new(Timestamp::ZERO, length));
    Reading { transcript: Transcript::default(), article: article.clone(), alignment }
}

/// The loudest 10 ms of each of [`CELLS`] equal parts, 0 to 255.
fn energy(frames: &[Frame]) -> Vec<u8> {
    let level = |db: f32| ((db - QUIET_DB) / (LOUD_DB - QUIET_DB) * 255.0) as u8;
    let cell = |i: usize| {
        let part = &frames
            [frames.len() * i / CELLS..(frames.len() * (i + 1)).div_ceil(CELLS).min(frames.len())];
        level(part.iter().map(|frame| frame.energy_db).fold(QUIET_DB, f32::max))
    };
    if frames.is_empty() { Vec::new() } else { (0..CELLS).map(cell).collect() }
}
