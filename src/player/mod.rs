//! Make it sound; where are we?
//!
//! A [`Player`] plays a recording: pause, seek, speed without change of pitch, volume. It answers
//! with the time that is being heard at this moment, counted in frames that a sound card was given
//! and that have left it, not by a clock on the wall. With no sound card time goes on in silence.
//! Three threads work behind it: one decodes into a ring (`engine`, `feed`), the sound card's own
//! takes from it (`callback`), one keeps the card (`watchdog`). The only room that names cpal. It
//! never knows what is being said.

mod callback;
// Without cards nobody tells of trouble with one.
#[cfg_attr(not(feature = "playback"), allow(dead_code))]
mod clock;
mod engine;
mod feed;
pub mod hush;
// Without cards nobody tells the watchdog of trouble with one.
mod limit;
mod log;
mod pauses;
mod shared;
mod silent;
mod stretch;
#[cfg_attr(not(feature = "playback"), allow(dead_code))]
mod watchdog;

#[cfg(feature = "playback")]
mod device;
#[cfg(not(feature = "playback"))]
#[path = "absent.rs"]
mod device;

#[cfg(test)]
mod tests;

pub use device::cards;
pub use engine::Event;

use crate::decode::{DecodeError, Length, SeekIndex, Source};
use crate::pcm::{MAX_RATE, MIN_RATE};
use crate::reason::Hinted;
use crate::refusal;
use crate::time::Timestamp;
use clock::Clock;
use engine::{Command, Engine};
use feed::Feed;
use shared::{NO_END, Shared};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread;
use std::time::Duration;
use watchdog::{Note, Watchdog};

/// The slowest speed.
pub const MIN_SPEED: f32 = 0.5;
/// The fastest speed.
pub const MAX_SPEED: f32 = 3.0;
/// The greatest volume: what would be more than full scale is held below it.
pub const MAX_VOLUME: f32 = 1.5;
/// How long the end of a player is waited for: a fade, and closing the sound card.
const FAREWELL: Duration = Duration::from_millis(1_000);

/// A device that can play.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Card {
    /// Its name, as `--device` takes it.
    pub name: String,
    /// Its usual form: sample rate in Hz and number of channels; `None` for one that does not open.
    pub form: Option<(u32, u16)>,
    /// Whether sound goes there when nobody says otherwise.
    pub is_default: bool,
}

/// How to play.
#[derive(Clone, Debug)]
pub struct Options {
    /// A sound card's name or a part of it; `None` for the usual one.
    pub device: Option<String>,
    /// Let time go on in silence, without looking for a sound card.
    pub no_audio: bool,
    /// Time of the recording per time heard, from [`MIN_SPEED`] to [`MAX_SPEED`].
    pub rate: f32,
    /// Gain, from 0 to [`MAX_VOLUME`].
    pub volume: f32,
    /// Where to begin.
    pub start: Timestamp,
    /// Make pauses longer than 0.6 s so long.
    pub skip_silence: bool,
    /// What [`Event::Indexed`] told about this recording before. Without it a long MP3 is counted
    /// through once more, and until that is done a jump in it may take a second.
    pub index: Option<Arc<SeekIndex>>,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            device: None,
            no_audio: false,
            rate: 1.0,
            volume: 1.0,
            start: Timestamp::ZERO,
            skip_silence: false,
            index: None,
        }
    }
}

/// Why a recording cannot be played at all.
#[derive(Debug, thiserror::Error)]
pub enum PlayerError {
    /// It cannot be decoded.
    #[error(transparent)]
    Decode(#[from] DecodeError),
    /// Its rate is that of no sound.
    #[error("its sample rate of {0} Hz is outside {MIN_RATE} to {MAX_RATE} Hz")]
    Rate(u32),
    /// The system gives no more threads.
    #[error("{}", refusal::no_thread(.0))]
    Thread(#[source] std::io::Error),
}

impl Hinted for PlayerError {
    fn hint(&self) -> Option<String> {
        match self {
            Self::Decode(error) => error.hint(),
            Self::Rate(_) | Self::Thread(_) => None,
        }
    }
}

/// What is heard at a moment.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Position {
    /// The time of the recording; where it goes while a jump is not heard yet. Never falls but by a
    /// jump.
    pub at: Timestamp,
    /// Whether it moves.
    pub is_playing: bool,
    /// Whether the end has been heard.
    pub is_ended: bool,
    /// Time of the recording per time heard, as asked for.
    pub rate: f32,
    /// Gain from 0 to [`MAX_VOLUME`], as asked for.
    pub volume: f32,
    /// Whether nothing is to be heard whatever the volume.
    pub is_muted: bool,
}

/// A recording that is played, or paused. Dropping it fades out and ends it.
pub struct Player {
    shared: Arc<Shared>,
    clock: Clock,
    feed: Sender<Command>,
    watchdog: Sender<Note>,
    events: Receiver<Event>,
    /// Closed when the watchdog has ended.
    end: Receiver<()>,
    quits: Arc<AtomicBool>,
    length: Option<Length>,
    rate: f32,
    sought: Sought,
}

/// The last seek, and the latest time told since.
#[derive(Default)]
struct Sought {
    number: u64,
    target: Timestamp,
    /// In milliseconds; of no older seek.
    told: AtomicU64,
}

impl Player {
    /// Opens the recording at `path`, paused, and begins to open the sound card. Returns without
    /// waiting for the latter.
    ///
    /// # Errors
    /// When the recording cannot be decoded. Trouble with the sound is no error: see
    /// [`events`](Self::events).
    pub fn open(path: &Path, options: Options) -> Result<Self, PlayerError> {
        let mut source = Source::open(path)?;
        if !(MIN_RATE..=MAX_RATE).contains(&source.rate()) {
            return Err(PlayerError::Rate(source.rate()));
        }
        let wants_index = source.wants_index() && options.index.is_none();
        if let Some(index) = options.index {
            source.set_index(index);
        }
        let (shared, clock, quits) =
            (Arc::new(Shared::new()), Clock::new(), Arc::new(AtomicBool::new(false)));
        shared.set_volume(gain(options.volume));
        let (feed, commands) = channel();
        let (watchdog, notes) = channel();
        let (sender, events) = channel();
        let (is_alive, end) = channel();
        let (length, rate, n_channels) =
            (source.length(), speed(options.rate), feed::lanes_of(&source));
        let source_rate = source.rate();
        let engine = Engine {
            feed: Feed::new(
                source,
                Arc::clone(&shared),
                options.start.secs(),
                f64::from(rate),
                options.skip_silence,
            ),
            shared: Arc::clone(&shared),
            clock,
            inbox: commands,
            events: sender.clone(),
            has_ended: false,
        };
        let keeping = Watchdog {
            shared: Arc::clone(&shared),
            clock,
            n_channels,
            rate: source_rate,
            device: options.device,
            hush: (!options.no_audio).then(hush::hush),
            feed: feed.clone(),
            events: sender.clone(),
            inbox: notes,
            outbox: watchdog.clone(),
            epoch: 0,
        };
        spawn("decode", move || engine.run())?;
        spawn("sound", move || {
            let _is_alive = is_alive;
            keeping.keep();
        })?;
        if wants_index {
            let (path, quits, feed) = (path.to_owned(), Arc::clone(&quits), feed.clone());
            spawn("index", move || engine::count(&path, &quits, &feed, &sender))?;
        }
        let sought = Sought { target: options.start, ..Sought::default() };
        Ok(Self { shared, clock, feed, watchdog, events, end, quits, length, rate, sought })
    }

    /// How long the recording is, where that can be said without decoding all of it.
    pub fn length(&self) -> Option<Length> {
        self.length
    }

    /// Goes on; from the start if the end was heard.
    pub fn play(&mut self) {
        if self.position().is_ended {
            self.seek(Timestamp::ZERO);
        }
        self.shared.wants_play.store(true, Ordering::Relaxed);
    }

    /// Stops here.
    pub fn pause(&self) {
        self.shared.wants_play.store(false, Ordering::Relaxed);
    }

    /// The one or the other.
    pub fn toggle(&mut self) {
        if self.position().is_playing { self.pause() } else { self.play() }
    }

    /// Goes to `to`, or to the end if that comes before. Playing or paused as before.
    pub fn seek(&mut self, to: Timestamp) {
        self.sought =
            Sought { number: self.sought.number + 1, target: to, told: AtomicU64::new(0) };
        self.tell(Command::Seek { seconds: to.secs(), number: self.sought.number });
    }

    /// Goes on with `source`, which has the same recording and may have more of it, without a gap.
    /// One that [wants an index](Source::wants_index) stands best a little before what is heard:
    /// from its start it may take longer to get there than sound lies ready.
    pub fn replace(&self, source: Source) {
        self.tell(Command::Source(Box::new(source)));
    }

    /// Sets the speed, at once and without change of pitch.
    pub fn set_rate(&mut self, rate: f32) {
        self.rate = speed(rate);
        self.tell(Command::Speed(f64::from(self.rate)));
    }

    /// Sets the gain, from 0 to [`MAX_VOLUME`].
    pub fn set_volume(&self, volume: f32) {
        self.shared.set_volume(gain(volume));
    }

    /// Lets nothing be heard while time goes on, or lets it be heard again.
    pub fn set_muted(&self, is_muted: bool) {
        self.shared.is_muted.store(is_muted, Ordering::Relaxed);
    }

    /// Shortens long pauses from here on, or leaves them.
    pub fn set_skip_silence(&self, skips: bool) {
        self.tell(Command::Shorten(skips));
    }

    /// What is heard now. Waits for nobody.
    pub fn position(&self) -> Position {
        let (at, is_ended) = place(&self.shared, &self.sought, self.clock.now_ns());
        Position {
            at,
            is_playing: self.shared.wants_play.load(Ordering::Relaxed) && !is_ended,
            is_ended,
            rate: self.rate,
            volume: self.shared.volume(),
            is_muted: self.shared.is_muted.load(Ordering::Relaxed),
        }
    }

    /// What has happened since it was last asked.
    pub fn events(&self) -> Vec<Event> {
        self.events.try_iter().collect()
    }

    fn tell(&self, command: Command) {
        // The thread listens as long as this lives; one that has panicked has left a message.
        let _ = self.feed.send(command);
    }
}

impl Drop for Player {
    fn drop(&mut self) {
        self.quits.store(true, Ordering::Relaxed);
        let _ = self.watchdog.send(Note::Quit);
        // Never sent to: it closes when the sound has.
        let _ = self.end.recv_timeout(FAREWELL);
        let _ = self.feed.send(Command::Quit);
    }
}

/// The time heard at `now_ns`, and whether that is the end.
fn place(shared: &Shared, sought: &Sought, now_ns: u64) -> (Timestamp, bool) {
    let frame = shared.frame_at(now_ns);
    let Some(segment) = shared.segment_of(frame).filter(|segment| segment.seek == sought.number)
    else {
        return (sought.target, false);
    };
    let end = shared.end.load(Ordering::Acquire);
    let is_ended = end != NO_END && frame >= end as f64;
    // Devices correct their guesses by a little now and then; a listener's place does not go back.
    let at = Timestamp::from_secs(segment.time_of(frame)).millis();
    let told = sought.told.fetch_max(at, Ordering::Relaxed);
    (Timestamp::from_millis(at.max(told)), is_ended)
}

fn speed(rate: f32) -> f32 {
    if rate.is_finite() { rate.clamp(MIN_SPEED, MAX_SPEED) } else { 1.0 }
}

fn gain(volume: f32) -> f32 {
    if volume.is_finite() { volume.clamp(0.0, MAX_VOLUME) } else { 1.0 }
}

fn spawn(name: &str, work: impl FnOnce() + Send + 'static) -> Result<(), PlayerError> {
    thread::Builder::new().name(name.into()).spawn(work).map(|_| ()).map_err(PlayerError::Thread)
}
