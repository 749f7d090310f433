//! From a recording to its transcript, in order, on one page.
//!
//! Ask the store; else decode, cut at pauses, recognise window by window, and write each finished
//! window down before the next thing happens, so that a run that is killed at any moment loses the
//! windows in hand and nothing else. This room never prints and never parses arguments: it reports
//! [`Event`]s, and asks whether to go on.

mod damage;
mod feed;
mod kept;
mod lost;
mod order;
mod sharpen;
mod spelled;
mod spoken;
mod synth;
mod tie;
mod window;

pub use synth::{SynthError, Voice, join, recall_synth, synth};
pub use tie::{Scan, Tied, frames, tie};

use crate::decode;
use crate::episode::{Episode, file_name};
use crate::store::{About, Journal, Key, Store};
use crate::time::{Span, Timestamp};
use crate::transcribe::honest::Known;
use crate::transcribe::language::{self, Vote};
use crate::transcribe::protocol::{Heads, Hearing, How, Load};
use crate::transcribe::supervise::{Answer, Ask, Patience, StartError, Supervisor, Waits};
use crate::transcript::{AudioRef, Gap, GapReason, ModelRef, Segment, Transcript};
use crate::{export, import, index, refusal, transcribe};
use feed::{Feed, Piece};
use lost::Lost;
use sharpen::Sharpened;
use spoken::Spoken;
use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;
use window::{Text, Then, Window};

/// Raised whenever the same sound and settings would give another transcript than before, so that
/// what older versions kept is made again.
const METHOD: u32 = 4;
/// The journal's entry that holds the language; windows are numbered by their start, far below.
const LANGUAGE_ENTRY: u64 = u64::MAX;
/// This bit in the number of a journal's entry says that its times are rough: it is used only where the window cannot be
/// recognised properly this time either.
const ROUGH_ENTRY: u64 = 1 << 63;
/// A recording that is no longer fits into one window, which is heard with all of its context at once: it costs a second or two,
/// and fitted contexts cost short recordings a word here and there.
const SHORT: Timestamp = Timestamp::from_millis(30_000);
/// So many windows say which language they are in, where the first of them do not agree.
const VOTERS: usize = 5;
/// The language that a window is guessed to be in while nothing is known. A wrong guess costs the time of a second look, nothing else.
const GUESS: &str = "en";
/// Finished spans nearer to each other than this are one: between two windows lies nothing but a breath.
const JOINED_MS: u64 = 2_000;
/// A model that loads for so long is worth a word.
const SLOW_LOAD: Duration = Duration::from_secs(3);
/// And an answer that is waited for so long.
const SLOW_ANSWER: Duration = Duration::from_secs(10);
/// How long to wait for an answer before looking at the clock and the user again.
const TICK: Duration = Duration::from_millis(50);

/// The model to recognise with.
#[derive(Clone, Debug)]
pub struct Recogniser {
    /// Its file.
    pub path: PathBuf,
    /// What transcripts say of it.
    pub model: ModelRef,
    /// What distinguishes its weights from all others, for the store.
    pub identity: String,
    /// Its alignment heads, where known.
    pub heads: Option<Heads>,
    /// The one language it knows, for a model that knows one.
    pub only_language: Option<&'static str>,
}

/// A speech detector to use in place of our own.
#[derive(Clone, Debug)]
pub struct Detector {
    /// The Silero model's file.
    pub path: PathBuf,
    /// What distinguishes it from all others, for the store.
    pub identity: String,
}

/// How to transcribe.
#[derive(Clone, Debug)]
pub struct Settings {
    /// The model.
    pub recogniser: Recogniser,
    /// Silero, when it is installed.
    pub detector: Option<Detector>,
    /// The language spoken; `None` to find out.
    pub language: Option<&'static str>,
    /// Candidates of the beam search, 1 for greedy.
    pub beam: usize,
    /// Names and terms to expect.
    pub prompt: String,
    /// Windows at once, and threads for each. They change nothing but the speed.
    pub jobs: usize,
    /// See `jobs`.
    pub threads: usize,
    /// Whether a GPU may be used.
    pub gpu: bool,
}

/// What happens meanwhile.
#[derive(Clone, Debug)]
pub enum Event<'a> {
    /// The recording was opened.
    Opened {
        /// What it is.
        episode: &'a Episode,
        /// Its length, where the container tells or its size lets one guess.
        length: Option<Timestamp>,
    },
    /// The whole transcript was there already.
    Remembered,
    /// Another process is transcribing the same recording; we wait for it.
    Waiting,
    /// The language was found, and how sure that is (0 to 1).
    Language(&'a str, f32),
    /// What was said next.
    Text(&'a [Segment]),
    /// What is done by now, in order of time and apart.
    Done(&'a [Span]),
    /// Something takes longer than it should.
    Slow {
        /// What is waited for.
        what: &'a str,
        /// For so long by now.
        since: Duration,
        /// It is given up after so long, and tried otherwise.
        until: Duration,
    },
    /// Something the user should know.
    Note(String),
}

/// Why there is no transcript.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The recording cannot be read.
    #[error(transparent)]
    Input(#[from] decode::DecodeError),
    /// The recording could be opened but not read through.
    #[error("cannot read `{}`: {}", .0.display(), .1)]
    Hash(PathBuf, io::Error),
    /// Decoding ended without a word; the log has more.
    #[error("decoding stopped unexpectedly; `--log FILE` keeps what was said about it")]
    Stopped,
    /// The system gives no thread or process for the work; names the limit.
    #[error("{0}")]
    Threads(String),
    /// The recogniser cannot work.
    #[error(transparent)]
    Start(#[from] StartError),
    /// The user said stop.
    #[error("cancelled at {reached}")]
    Cancelled {
        /// Everything before this is kept.
        reached: Timestamp,
    },
}

/// Where somebody listens meanwhile, so that the sound there is recognised first. Clones share the place.
#[derive(Clone, Debug, Default)]
pub struct Ear(Arc<AtomicU64>);

impl Ear {
    /// The listener is at `at` now.
    pub fn move_to(&self, at: Timestamp) {
        self.0.store(at.millis(), Ordering::Relaxed);
    }

    /// Where the listener is.
    pub fn at(&self) -> Timestamp {
        Timestamp::from_millis(self.0.load(Ordering::Relaxed))
    }
}

/// Everything before this is among `done`, the spans that are.
pub fn reached(done: &[Span]) -> Timestamp {
    done.first().filter(|span| span.start() <= Timestamp::from_millis(JOINED_MS)).map_or(Timestamp::ZERO, |span| span.end())
}

/// Where results are kept, how the child is started, and who listens.
pub struct Place<'a> {
    /// The store.
    pub store: &'a Store,
    /// Makes the command that runs [`crate::transcribe::child::serve`].
    pub child: fn() -> Command,
    /// Who speaks what was recognised, to find out when exactly it is said; nobody where recognition's own times are wanted.
    pub voice: Option<Voice<'a>>,
    /// Where somebody listens meanwhile; without one the recording is recognised from its start to its end.
    pub ear: Option<Ear>,
}

/// Transcribes the recording at `path`.
///
/// `watch` hears what happens; `cancelled` is asked often, and once it says yes the work stops
/// within a moment with everything finished so far in the store.
///
/// # Errors
/// See [`Error`]. A recording that is damaged in places is no error.
pub fn transcribe(
    path: &Path,
    settings: &Settings,
    place: &Place,
    watch: &mut dyn FnMut(Event),
    cancelled: &(dyn Fn() -> bool + Sync),
) -> Result<Transcript, Error> {
    let decoder = decode::open(path)?;
    let file = file_name(path);
    let id = decode::episode_id(path).map_err(|e| Error::Hash(path.to_owned(), e))?;
    let episode = Episode { file, id, tags: decoder.tags().clone() };
    if let Some(lies) = index::Place::of(path) {
        lies.keep(place.store, &episode);
    }
    let length = decoder.length().map(|length| length.at);
    watch(Event::Opened { episode: &episode, length });
    let heard = recognise(path, decoder, &episode, settings, place, watch, cancelled)?;
    let (transcript, is_timed) = match place.voice.filter(|_| !has_exact_times(settings)) {
        Some(voice) => sharpened(heard.transcript, (path, &episode), place.store, voice, watch, cancelled)?,
        None => (heard.transcript, false),
    };
    if heard.is_kept || is_timed {
        index::refresh(place.store, cancelled).into_iter().for_each(|note| watch(Event::Note(note)));
    }
    Ok(transcript)
}

/// What was recognised, and whether that is news to the store.
struct Recognised {
    transcript: Transcript,
    is_kept: bool,
}

/// The recogniser's transcript, from the store or from the sound.
fn recognise(
    path: &Path,
    decoder: decode::Decoder,
    episode: &Episode,
    settings: &Settings,
    place: &Place,
    watch: &mut dyn FnMut(Event),
    cancelled: &(dyn Fn() -> bool + Sync),
) -> Result<Recognised, Error> {
    let key = key(episode, settings);
    if let Some(transcript) = told(place.store, &key, episode, watch) {
        return Ok(Recognised { transcript, is_kept: false });
    }
    let lease = place.store.work_on(&key, &mut || watch(Event::Waiting), cancelled);
    let Some(lease) = lease else { return Err(Error::Cancelled { reached: Timestamp::ZERO }) };
    // Whoever held the lease before us may have finished the job.
    if let Some(transcript) = told(place.store, &key, episode, watch) {
        return Ok(Recognised { transcript, is_kept: false });
    }
    let journal = lease.journal(About::new(episode, Some(&settings.recogniser.model.name)));
    let is_short = decoder.length().is_some_and(|length| length.at <= SHORT);
    let feed = Feed::start(decoder, path.to_owned(), place.ear.clone(), settings, place.child)
        .map_err(|e| Error::Threads(refusal::no_thread(&e)))?;
    let mut work = Work::new(settings, place.child, journal);
    work.is_short = is_short;
    work.run(&feed, watch, cancelled)?;
    let transcript = work.transcript(episode, settings);
    if let Some(what) = &work.damage {
        damage::keep(place.store, episode, what);
    }
    if let Some(why) = work.journal.problem() {
        watch(Event::Note(format!("nothing of this is kept for next time: {why}")));
    }
    if let Some(note) = work.lost.describe(&transcript, settings.language) {
        watch(Event::Note(note));
    }
    // What could not be recognised properly is tried again next time.
    let is_kept = !work.has_rough && transcript.gaps.iter().all(|gap| gap.reason != GapReason::Failed);
    if is_kept {
        let _ = work.journal.finish(&to_bytes(&transcript));
    }
    Ok(Recognised { transcript, is_kept })
}

/// Heads that were trained to tell times do so better than any synthesiser.
fn has_exact_times(settings: &Settings) -> bool {
    matches!(settings.recogniser.heads, Some(Heads::Reading(_)))
}

/// `heard` with its words laid over the sound where `voice` speaks its language, and whether that is news to the store.
fn sharpened(
    heard: Transcript,
    (path, episode): (&Path, &Episode),
    store: &Store,
    voice: Voice<'_>,
    watch: &mut dyn FnMut(Event),
    cancelled: &(dyn Fn() -> bool + Sync),
) -> Result<(Transcript, bool), Error> {
    if heard.segments.is_empty() {
        return Ok((heard, false));
    }
    if let Some(known) = sharpen::recall(&heard, episode, store) {
        return Ok((known, false));
    }
    match sharpen::sharpen(&heard, (path, episode), store, voice, cancelled) {
        Sharpened::Laid(transcript, notes) => {
            notes.into_iter().for_each(|note| watch(Event::Note(note)));
            Ok((*transcript, true))
        }
        Sharpened::Not(why) => {
            log::info!("word times are as they were recognised: {why}");
            Ok((heard, false))
        }
        Sharpened::Refused(why) => Err(Error::Threads(why)),
        Sharpened::Cancelled => Err(Error::Cancelled { reached: heard.audio.duration.unwrap_or_default() }),
    }
}

/// The transcript of `episode` made with `settings`, if the store has it.
pub fn recall(episode: &Episode, settings: &Settings, store: &Store) -> Option<Transcript> {
    let heard = remembered(store, &key(episode, settings), episode)?;
    Some(sharpen::recall(&heard, episode, store).unwrap_or(heard))
}

/// What the store remembers, and that it does.
fn told(store: &Store, key: &Key, episode: &Episode, watch: &mut dyn FnMut(Event)) -> Option<Transcript> {
    let transcript = remembered(store, key, episode)?;
    watch(Event::Remembered);
    damage::known(store, episode.id).into_iter().for_each(|what| watch(Event::Note(what)));
    Some(transcript)
}

fn remembered(store: &Store, key: &Key, episode: &Episode) -> Option<Transcript> {
    let mut transcript = read(&store.get(key)?)?;
    // The same sound may lie under another name by now.
    transcript.audio.file.clone_from(&episode.file);
    Some(transcript)
}

fn to_bytes(transcript: &Transcript) -> Vec<u8> {
    let mut bytes = Vec::new();
    // Writing to memory does not fail.
    let _ = export::json::write(transcript, &mut bytes);
    bytes
}

fn read(bytes: &[u8]) -> Option<Transcript> {
    import::read(bytes, None).map(|(transcript, _)| transcript).inspect_err(|e| log::warn!("a kept transcript: {e}")).ok()
}

fn key(episode: &Episode, settings: &Settings) -> Key {
    Key::new("transcript", episode.id)
        .with("method", &METHOD)
        .with("model", &settings.recogniser.identity)
        .with("detector", settings.detector.as_ref().map_or("own", |d| &d.identity))
        .with("language", settings.language.unwrap_or("auto"))
        .with("beam", &settings.beam)
        .with("prompt", &settings.prompt)
        .with("gpu", &settings.gpu)
}

/// A run in progress.
struct Work<'a> {
    settings: &'a Settings,
    supervisor: Supervisor,
    /// Whether the recording fits into one window.
    is_short: bool,
    journal: Journal,
    /// What earlier runs finished, by the window's start.
    kept: BTreeMap<u64, Transcript>,
    /// What earlier runs could only finish with rough times.
    kept_rough: BTreeMap<u64, Transcript>,
    /// Whether anything has rough times.
    has_rough: bool,
    language: Option<Spoken>,
    /// What was thrown away.
    lost: Lost,
    /// What was last told of a long wait.
    told: Option<(String, u64)>,
    /// Windows that wait for the language; the first few are asked.
    voters: Vec<Window>,
    /// What those sound like, by the window's start, so that the order of answers does not matter.
    votes: BTreeMap<u64, Vote>,
    /// What was heard in them, each in the language that it sounds like.
    heard: BTreeMap<u64, Hearing>,
    open: BTreeMap<u64, Window>,
    finished: BTreeMap<u64, Transcript>,
    gaps: Vec<Gap>,
    /// What is wrong with the recording.
    damage: Option<String>,
    /// Windows in the order in which they were handed out that were not reported yet.
    unreported: Vec<Span>,
    /// What is done, in order of time and apart.
    done: Vec<Span>,
    ended: Option<Timestamp>,
}

impl<'a> Work<'a> {
    fn new(settings: &'a Settings, child: fn() -> Command, journal: Journal) -> Self {
        let load = Load {
            model: Some(settings.recogniser.path.clone()),
            detector: None,
            heads: settings.recogniser.heads.clone(),
            jobs: settings.jobs,
            threads: settings.threads,
            gpu: settings.gpu && transcribe::has_gpu(),
            flash: settings.recogniser.heads.is_none(),
        };
        let mut kept: BTreeMap<u64, Transcript> =
            journal.entries().filter(|(id, _)| *id != LANGUAGE_ENTRY).filter_map(|(id, bytes)| Some((id, read(bytes)?))).collect();
        let kept_rough = kept.split_off(&ROUGH_ENTRY).into_iter().map(|(id, text)| (id ^ ROUGH_ENTRY, text)).collect();
        let found = || journal.entries().find(|(id, _)| *id == LANGUAGE_ENTRY).and_then(|(_, bytes)| Spoken::read(bytes));
        let only = settings.recogniser.only_language.map(|code| Spoken { code: code.to_owned(), known: Known::Only });
        let told = settings.language.map(|code| Spoken { code: code.to_owned(), known: Known::Told });
        let language = only.or(told).or_else(found);
        let patience = Patience::for_model(fs::metadata(&settings.recogniser.path).map_or(0, |about| about.len()));
        Self {
            is_short: false,
            settings,
            supervisor: Supervisor::new(child, load, patience),
            journal,
            kept,
            kept_rough,
            has_rough: false,
            language,
            lost: Lost::default(),
            told: None,
            voters: Vec::new(),
            votes: BTreeMap::new(),
            heard: BTreeMap::new(),
            open: BTreeMap::new(),
            finished: BTreeMap::new(),
            gaps: Vec::new(),
            damage: None,
            unreported: Vec::new(),
            done: Vec::new(),
            ended: None,
        }
    }

    fn run(&mut self, feed: &Feed, watch: &mut dyn FnMut(Event), cancelled: &dyn Fn() -> bool) -> Result<(), Error> {
        while self.ended.is_none() || self.supervisor.pending() > 0 {
            if cancelled() {
                return Err(Error::Cancelled { reached: reached(&self.done) });
            }
            if self.ended.is_none() && self.supervisor.pending() <= self.settings.jobs {
                // With nothing to recognise there is nothing else to wait for than sound.
                let patience = if self.supervisor.pending() == 0 { TICK } else { Duration::ZERO };
                if let Some(piece) = feed.next(patience) {
                    self.take(piece, watch)?;
                    self.report(watch);
                    continue;
                }
            }
            let answer = self.supervisor.next(TICK)?;
            while let Some(note) = self.supervisor.note() {
                watch(Event::Note(note));
            }
            match answer {
                Some((id, answer)) => {
                    self.told = None;
                    self.hear(id, answer, watch);
                    self.report(watch);
                }
                None => self.tell_wait(watch),
            }
        }
        Ok(())
    }

    /// Says what is waited for, once a second, when it takes long.
    fn tell_wait(&mut self, watch: &mut dyn FnMut(Event)) {
        let Some((what, since, until)) = self.supervisor.waits().and_then(|waits| self.describe(&waits)) else { return };
        let now = (what, since.as_secs());
        if self.told.as_ref() != Some(&now) {
            watch(Event::Slow { what: &now.0, since, until });
            self.told = Some(now);
        }
    }

    fn describe(&self, waits: &Waits) -> Option<(String, Duration, Duration)> {
        match *waits {
            Waits::Load { since, until } => (since >= SLOW_LOAD).then(|| ("the model is being loaded".to_owned(), since, until)),
            Waits::Answer { id, since, until } => {
                // A machine may be slow at everything; what counts is how far it is from being given up.
                let is_slow = since >= SLOW_ANSWER && since >= until / 4;
                let span = self.open.get(&id).map(Window::span).or_else(|| self.voters.iter().find(|w| w.id() == id).map(Window::span))?;
                is_slow.then(|| (format!("{} to {} takes long", span.start(), span.end()), since, until))
            }
        }
    }

    /// Takes the next thing that decoding brings.
    fn take(&mut self, piece: Piece, watch: &mut dyn FnMut(Event)) -> Result<(), Error> {
        match piece {
            Piece::Gap(gap) => {
                self.is_done(gap.span);
                self.gaps.push(gap);
            }
            Piece::Note(note) => watch(Event::Note(note)),
            Piece::Damage(what) => {
                watch(Event::Note(what.clone()));
                self.damage = Some(what);
            }
            Piece::Window(window) => {
                self.unreported.push(window.span());
                if let Some(done) = self.kept.remove(&window.id()) {
                    self.finished.insert(window.id(), done);
                } else if let Some(spoken) = self.language.clone() {
                    self.recognise(*window, &spoken);
                } else {
                    if self.voters.len() < VOTERS {
                        let how = How { is_guess: true, ..self.how(GUESS) };
                        self.supervisor.submit(window.id(), Ask::Recognise(how), Arc::clone(&window.samples));
                    }
                    self.voters.push(*window);
                }
            }
            Piece::End(length, losses) => {
                self.gaps.extend(losses);
                self.ended = Some(length);
                self.elect(watch);
            }
            Piece::Failed(error) => return Err(error.into()),
            Piece::Stopped => return Err(Error::Stopped),
        }
        Ok(())
    }

    /// How windows are recognised first.
    fn how(&self, language: &str) -> How {
        let (beam, prompt) = (self.settings.beam, self.settings.prompt.clone());
        How { language: language.to_owned(), beam, temperature: 0.0, prompt, is_guess: false, is_whole: self.is_short }
    }

    fn recognise(&mut self, mut window: Window, spoken: &Spoken) {
        let how = window.begin(self.how(&spoken.code), spoken.known);
        self.ask(window, Ask::Recognise(how));
    }

    fn ask(&mut self, window: Window, ask: Ask) {
        let (id, samples) = (window.id(), Arc::clone(&window.samples));
        if self.kept_rough.contains_key(&id) {
            self.supervisor.submit_exact(id, ask, samples);
        } else {
            self.supervisor.submit(id, ask, samples);
        }
        self.open.insert(id, window);
    }

    fn hear(&mut self, id: u64, answer: Answer, watch: &mut dyn FnMut(Event)) {
        if let Some(voter) = self.voters.iter().find(|w| w.id() == id) {
            // Whatever became of it otherwise is tried again once the language is known.
            let found = match answer {
                Answer::Heard(heard) => {
                    let found = heard.languages.clone();
                    self.heard.insert(id, heard);
                    found
                }
                Answer::Rough(heard) => heard.languages,
                _ => Vec::new(),
            };
            self.votes.insert(id, (voter.span().millis() as f64 / 1000.0, found));
            self.elect(watch);
            return;
        }
        let Some(mut window) = self.open.remove(&id) else { return };
        let Some(spoken) = self.language.clone() else { return };
        match answer {
            Answer::Heard(heard) => self.take_heard(window, heard, &spoken),
            Answer::Rough(heard) if heard.language != window.language() => self.recognise(window, &spoken),
            Answer::Rough(heard) => self.keep_rough(&mut window, heard, watch),
            Answer::Lost(why) => self.lose(&window, &why, watch),
            Answer::Speech(_) => {}
        }
    }

    fn take_heard(&mut self, mut window: Window, heard: Hearing, spoken: &Spoken) {
        if heard.language != window.language() {
            // It was heard in the language that it sounds like before that of the recording was known.
            return self.recognise(window, spoken);
        }
        match window.hear(heard, self.settings.recogniser.heads.as_ref()) {
            Then::Ask(ask) => self.ask(window, ask),
            Then::Done(text) => {
                self.journal.append(window.id(), &to_bytes(&text.transcript));
                self.finish(&window, text);
            }
        }
    }

    fn finish(&mut self, window: &Window, text: Text) {
        log::debug!("window at {} ms finished", window.id());
        self.lost.note(window.span(), &text);
        self.finished.insert(window.id(), text.transcript);
    }

    /// Keeps what could only be recognised with rough times apart from what is as it should be.
    fn keep_rough(&mut self, window: &mut Window, heard: Hearing, watch: &mut dyn FnMut(Event)) {
        let text = window.hear_rough(heard);
        self.journal.append(window.id() | ROUGH_ENTRY, &to_bytes(&text.transcript));
        self.tell_rough(window.span(), watch);
        self.finish(window, text);
    }

    fn tell_rough(&mut self, span: Span, watch: &mut dyn FnMut(Event)) {
        self.has_rough = true;
        let (start, end) = (span.start(), span.end());
        watch(Event::Note(format!(
            "{start} to {end}: the recogniser failed until it was left to guess when words are said; their times are rough, and the \
             next run tries again"
        )));
    }

    /// A window that cannot be recognised: what an earlier run made of it, or a gap. The next run tries it again.
    fn lose(&mut self, window: &Window, why: &str, watch: &mut dyn FnMut(Event)) {
        let span = window.span();
        let transcript = if let Some(rough) = self.kept_rough.remove(&window.id()) {
            self.tell_rough(span, watch);
            rough
        } else {
            watch(Event::Note(format!("{} to {} could not be recognised and is left as a gap: {why}", span.start(), span.end())));
            Transcript { gaps: vec![Gap { span, reason: GapReason::Failed }], ..Transcript::default() }
        };
        self.finish(window, Text { transcript, sounds_like: None });
    }

    /// Settles the language once the first voters agree, or all have spoken, and goes on with all that waited for it.
    fn elect(&mut self, watch: &mut dyn FnMut(Event)) {
        if self.voters.is_empty() {
            return;
        }
        // The first ones in order of time, as far as each has answered: who answers first is chance.
        let asked = &self.voters[..VOTERS.min(self.voters.len())];
        let votes: Vec<Vote> = asked.iter().map_while(|window| self.votes.get(&window.id()).cloned()).collect();
        let is_all = votes.len() == VOTERS || (self.ended.is_some() && votes.len() == asked.len());
        let agreed = language::agreed(&votes).or_else(|| is_all.then(|| language::weigh(&votes)).flatten());
        let Some((code, share)) = agreed.or_else(|| is_all.then(|| (GUESS.to_owned(), 0.0))) else { return };
        watch(Event::Language(&code, share));
        let spoken = Spoken { code, known: Known::Heard(share) };
        self.journal.append(LANGUAGE_ENTRY, &spoken.to_bytes());
        self.language = Some(spoken.clone());
        for (at, mut window) in std::mem::take(&mut self.voters).into_iter().enumerate() {
            let id = window.id();
            if let Some(heard) = self.heard.remove(&id) {
                window.begin(self.how(&spoken.code), spoken.known);
                self.take_heard(window, heard, &spoken);
            } else if at < VOTERS && !self.votes.contains_key(&id) {
                // Its answer is on its way.
                window.begin(self.how(&spoken.code), spoken.known);
                self.open.insert(id, window);
            } else {
                self.recognise(window, &spoken);
            }
        }
    }

    /// Reports what is finished as far as nothing that was begun before is missing.
    fn report(&mut self, watch: &mut dyn FnMut(Event)) {
        let ready = self.unreported.iter().take_while(|span| self.finished.contains_key(&span.start().millis())).count();
        for span in self.unreported.drain(..ready).collect::<Vec<_>>() {
            if let Some(done) = self.finished.get(&span.start().millis()) {
                watch(Event::Text(&done.segments));
            }
            self.is_done(span);
        }
        watch(Event::Done(&self.done));
    }

    /// Notes that `span` is done, joined with its neighbours.
    fn is_done(&mut self, span: Span) {
        let from = self.done.partition_point(|done| done.end().plus(JOINED_MS) < span.start());
        let to = self.done.partition_point(|done| done.start() <= span.end().plus(JOINED_MS)).max(from);
        let joined = self.done[from..to].iter().fold(span, |all, one| Span::new(all.start().min(one.start()), all.end().max(one.end())));
        self.done.splice(from..to, [joined]);
    }

    fn transcript(&self, episode: &Episode, settings: &Settings) -> Transcript {
        let mut gaps = self.gaps.clone();
        gaps.extend(self.finished.values().flat_map(|t| t.gaps.iter().cloned()));
        gaps.sort_by_key(|gap| (gap.span, gap.reason as u8));
        Transcript {
            audio: AudioRef { file: episode.file.clone(), id: Some(episode.id), duration: self.ended },
            model: Some(settings.recogniser.model.clone()),
            language: self.language.as_ref().map(|spoken| spoken.code.clone()),
            segments: self.finished.values().flat_map(|t| t.segments.iter().cloned()).collect(),
            gaps,
            speakers: Vec::new(),
        }
    }
}
