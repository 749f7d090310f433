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
mod open;
mod order;
mod read;
mod results;
mod sharpen;
mod spelled;
mod spoken;
mod synth;
mod tie;
mod window;
mod work;
mod written;

pub use open::complete;
pub use read::{ReadError, is_read, keep_read_aloud, read_aloud};
pub use results::{Content, Kept, results};
pub use spelled::{kind, reason};
pub use synth::{SynthError, Voice, join, recall_synth, synth};
pub use tie::{Scan, Tied, frames, tie};
pub use written::recall_article;

use crate::decode;
use crate::episode::{Episode, file_name};
use crate::reason::Hinted;
use crate::store::{About, Key, Store};
use crate::time::{Span, Timestamp};
use crate::transcribe::protocol::Heads;
use crate::transcribe::supervise::StartError;
use crate::transcript::{GapReason, ModelRef, Segment, Transcript};
use crate::{export, import, index, refusal};
use feed::Feed;
use sharpen::Sharpened;
use std::io;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;
use work::Work;

/// Raised whenever the same sound and settings would give another transcript than before, so that
/// what older versions kept is made again.
const METHOD: u32 = 6;
/// Finished spans nearer to each other than this are one: between two windows lies nothing but a
/// breath.
const JOINED_MS: u64 = 2_000;

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
    /// Only windows that reach into one of these, in order and apart, are recognised; all of them
    /// where there is none.
    pub only: Option<Vec<Span>>,
    /// Windows at once, and threads for each. They change nothing but the speed.
    pub jobs: usize,
    /// See `jobs`.
    pub threads: usize,
    /// Whether a GPU may be used.
    pub gpu: bool,
    /// Whether the model's weights may be rounded to eight bits, where that is quicker.
    pub may_round: bool,
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
    Hash(PathBuf, #[source] io::Error),
    /// Decoding ended without a word; the log has more.
    #[error("decoding stopped unexpectedly")]
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

impl Hinted for Error {
    fn hint(&self) -> Option<String> {
        match self {
            Self::Input(error) => error.hint(),
            Self::Stopped => Some("`--log FILE` keeps what was said about it".into()),
            Self::Start(error) => error.hint(),
            Self::Hash(..) | Self::Threads(_) | Self::Cancelled { .. } => None,
        }
    }
}

/// Where somebody listens meanwhile, so that the sound there is recognised first. Clones share the
/// place.
#[derive(Clone, Debug, Default)]
pub struct Playhead(Arc<AtomicU64>);

impl Playhead {
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
    done.first()
        .filter(|span| span.start() <= Timestamp::from_millis(JOINED_MS))
        .map_or(Timestamp::ZERO, |span| span.end())
}

/// Where results are kept, how the child is started, and who listens.
pub struct Place<'a> {
    /// The store.
    pub store: &'a Store,
    /// Makes the command that runs [`crate::transcribe::child::serve`].
    pub child: fn() -> Command,
    /// Who speaks what was recognised, to find out when exactly it is said; nobody where
    /// recognition's own times are wanted.
    pub voice: Option<Voice<'a>>,
    /// Where somebody listens meanwhile; without one the recording is recognised from its start to
    /// its end.
    pub playhead: Option<Playhead>,
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
    let (transcript, is_timed) =
        match place.voice.filter(|_| !has_exact_times(settings) && settings.only.is_none()) {
            Some(voice) => {
                // What is to be tried again is kept nowhere.
                let nowhere = Store::forgetful();
                let store = if heard.is_whole { place.store } else { &nowhere };
                sharpened(heard.transcript, (path, &episode), store, voice, watch, cancelled)?
            }
            None => (heard.transcript, false),
        };
    if (heard.is_kept && settings.only.is_none()) || (is_timed && heard.is_whole) {
        index::refresh(place.store, cancelled)
            .into_iter()
            .for_each(|note| watch(Event::Note(note)));
    }
    Ok(transcript)
}

/// What was recognised, whether that is as it should be, and whether it is news to the store.
struct Recognised {
    transcript: Transcript,
    is_whole: bool,
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
        return Ok(Recognised { transcript, is_whole: true, is_kept: false });
    }
    let lease = place.store.work_long_on(&key, &mut || watch(Event::Waiting), cancelled);
    let Some(lease) = lease else { return Err(Error::Cancelled { reached: Timestamp::ZERO }) };
    // Whoever held the lease before us may have finished the job.
    if let Some(transcript) = told(place.store, &key, episode, watch) {
        return Ok(Recognised { transcript, is_whole: true, is_kept: false });
    }
    let journal = lease.journal(About::new(episode, Some(&settings.recogniser.model.name)));
    let is_short = feed::is_short(&decoder);
    let feed = Feed::start(decoder, path.to_owned(), place.playhead.clone(), settings, place.child)
        .map_err(|e| Error::Threads(refusal::no_thread(&e)))?;
    let mut work = Work::new(settings, place.child, journal, is_short);
    work.run(&feed, watch, cancelled)?;
    let transcript = as_kept(work.transcript(episode, settings));
    if let Some(what) = &work.damage {
        damage::keep(place.store, episode, what);
    }
    if let Some(why) = work.journal.problem() {
        watch(Event::Note(format!("nothing of this is kept for next time: {why}")));
    }
    // Whoever asks for passages knows the language himself.
    let told = settings.language.filter(|_| settings.only.is_none());
    if let Some(note) = work.lost.describe(&transcript, told) {
        watch(Event::Note(note));
    }
    // What could not be recognised properly is tried again next time.
    let is_whole =
        !work.has_rough && transcript.gaps.iter().all(|gap| gap.reason != GapReason::Failed);
    if is_whole {
        let _ = work.journal.finish(&to_bytes(&transcript));
    }
    Ok(Recognised { transcript, is_whole, is_kept: is_whole })
}

/// Heads that were trained to tell times do so better than any synthesiser.
pub fn has_exact_times(settings: &Settings) -> bool {
    matches!(settings.recogniser.heads, Some(Heads::Reading(_)))
}

/// `heard` with its words laid over the sound where `voice` speaks its language, and whether that
/// is news to the store.
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
        Sharpened::Cancelled => {
            Err(Error::Cancelled { reached: heard.audio.duration.unwrap_or_default() })
        }
    }
}

/// The transcript of `episode` made with `settings`, if the store has it.
pub fn recall(episode: &Episode, settings: &Settings, store: &Store) -> Option<Transcript> {
    let heard = remembered(store, &key(episode, settings), episode)?;
    Some(sharpen::recall(&heard, episode, store).unwrap_or(heard))
}

/// What the store remembers, and that it does.
fn told(
    store: &Store,
    key: &Key,
    episode: &Episode,
    watch: &mut dyn FnMut(Event),
) -> Option<Transcript> {
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

/// `transcript` as the store gives it back, with its numbers rounded: what is made of it must not
/// depend on who remembers it.
fn as_kept(transcript: Transcript) -> Transcript {
    read(&to_bytes(&transcript)).unwrap_or(transcript)
}

fn read(bytes: &[u8]) -> Option<Transcript> {
    import::read(bytes, None)
        .map(|(transcript, _)| transcript)
        .inspect_err(|e| log::warn!("a kept transcript: {e}"))
        .ok()
}

fn key(episode: &Episode, settings: &Settings) -> Key {
    let key = match &settings.only {
        None => Key::new("transcript", episode.id),
        // What is no whole transcript is never taken for one.
        Some(only) => {
            let spelled: String = only
                .iter()
                .map(|span| format!("{}-{} ", span.start().millis(), span.end().millis()))
                .collect();
            Key::new("passages", episode.id).with("only", spelled.trim_end())
        }
    };
    // What was recognised before anything was rounded is as good, and stays.
    let key = if settings.may_round { key } else { key.with("compute-type", "float16") };
    key.with("method", &METHOD)
        .with("model", &settings.recogniser.identity)
        .with("detector", settings.detector.as_ref().map_or("own", |d| &d.identity))
        .with("language", settings.language.unwrap_or("auto"))
        .with("beam", &settings.beam)
        .with("prompt", &settings.prompt)
        .with("gpu", &settings.gpu)
}
