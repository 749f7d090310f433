//! A recording that is heard while it loads.
//!
//! What has come so far lies in a file that grows (`web/download`). The player gets it as a
//! recording that breaks off, and again, without a gap, when there is more: neither decoding nor
//! the sound card ever waits for the network. Which recording it is, by the hash of all its bytes,
//! is known when it is whole; then it is listened to as any other, from where it is. What is marked
//! before is kept by the address, and goes over to the recording then.

use super::errands::Errands;
use super::storage::EpisodeStorage;
use super::{Ended, open, place, reader};
use crate::cli::args::ListenArgs;
use crate::cli::exit::Exit;
use crate::cli::listened::{self, LISTENED, Listened, listened};
use crate::cli::manner::Manner;
use crate::cli::report::{Clean, Failure, bytes, plain};
use crate::cli::transfer::{Progress as Line, failure};
use crate::cli::{Context, queue, remote};
use crate::decode::Source;
use crate::episode::{Episode, Tags, file_name};
use crate::export::Format;
use crate::feeds::kept::{self, loading_id as id};
use crate::feeds::sound;
use crate::player::{self, Options, Player, PlayerError};
use crate::refusal;
use crate::store::{About, Key, Outcome};
use crate::time::{Span, Timestamp};
use crate::tui::{
    self, Bookmark, Change, Choices, Event, Notice, Playback, Position, Progress, Queued, Setup,
    Storage, Wants,
};
use crate::web::download::{self, DownloadError, Fetched, Hooks, Policy};
use std::fs::File;
use std::io::{self, Cursor, Read};
use std::path::{Path, PathBuf};
use std::sync::atomic::Ordering::{Acquire, Relaxed, Release};
use std::sync::atomic::{AtomicBool, AtomicU64};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// What comes whole within this needs no screen of its own.
const AT_ONCE: Duration = Duration::from_millis(700);
/// So much sound has to be there to begin, and again after it ran out.
const ENOUGH: Timestamp = Timestamp::from_millis(5_000);
/// With fewer bytes nothing can be said of a recording.
const LEAST: u64 = 32_000;
/// A recording that does not open with so many has its index at its end.
const OPENING: u64 = 2_000_000;
/// More is handed to the player when it has less than this before it.
const AHEAD: Timestamp = Timestamp::from_millis(20_000);
/// What is handed over is made ready from so much before what is heard: decoders have to hear up to
/// a second before a place.
const BEFORE: Timestamp = Timestamp::from_millis(2_000);
/// From so many bytes at the beginning it is measured how long a byte sounds. Pictures in tags are
/// seldom longer.
const SAMPLE: u64 = 1 << 20;
/// A guess of the length is told anew when it is so much another one.
const NEAR: Timestamp = Timestamp::from_millis(1_000);
/// How often the screen is told how much has come.
const TOLD: Duration = Duration::from_millis(100);

/// What came of it.
pub enum Loaded {
    /// It lies here and was not heard yet.
    Here(PathBuf),
    /// It lies here, and was heard so far.
    Heard { path: PathBuf, at: Timestamp, is_paused: bool },
    /// The listener left.
    Left(Ended),
}

/// What the one who loads it tells.
enum Told {
    Step { done: u64, total: Option<u64>, speed: f64 },
    Say(String),
    Over(Result<Fetched, DownloadError>),
}

/// What both sides know.
#[derive(Default)]
struct Shared {
    /// Bytes that are here.
    have: AtomicU64,
    /// All of them; 0 where nobody knows.
    total: AtomicU64,
    is_whole: AtomicBool,
    /// Whether no more will come.
    is_over: AtomicBool,
    /// Whether it came to be another recording, which begins anew.
    has_changed: AtomicBool,
    /// Stops the loading.
    stops: AtomicBool,
    /// How long it is, in milliseconds.
    length: AtomicU64,
    /// Where events go while there is a screen.
    screen: Mutex<Option<Sender<Event>>>,
}

impl Shared {
    fn screen(&self) -> MutexGuard<'_, Option<Sender<Event>>> {
        self.screen.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Tells the screen, if there is one.
    fn show(&self, event: impl FnOnce() -> Event) -> bool {
        let screen = self.screen();
        screen.as_ref().is_some_and(|screen| screen.send(event()).is_ok())
    }

    fn total(&self) -> Option<u64> {
        Some(self.total.load(Relaxed)).filter(|total| *total > 0)
    }

    fn progress(&self) -> Progress {
        let length = Timestamp::from_millis(self.length.load(Relaxed));
        let share = self
            .total()
            .map_or(0.0, |total| (self.have.load(Relaxed) as f64 / total as f64).min(0.999));
        Progress::loaded(Timestamp::from_secs(length.secs() * share), length)
    }
}

/// Loads `url` to `path` and plays it meanwhile, as `args` say, as soon as that makes sense.
///
/// # Errors
/// With exit code 3 when it cannot be had or played, 1 when it cannot be kept, 130 when cancelled;
/// what has come stays for the next time.
pub fn listen(
    url: &str,
    path: &Path,
    args: &ListenArgs,
    context: &Context,
) -> Result<Loaded, Failure> {
    let shared = Shared::default();
    let (sender, told) = channel();
    std::thread::scope(|threads| {
        let shared = &shared;
        let loads = move || load(url, path, shared, &sender, context);
        let thread = std::thread::Builder::new().name("load".into()).spawn_scoped(threads, loads);
        thread.map_err(|e| Failure::new(Exit::Failed, refusal::no_thread(&e)))?;
        let loaded = loop {
            match begin(path, shared, &told, context) {
                Ok(Begun::Whole(fetched)) => {
                    break arrived(url, path, fetched, context)
                        .map(|()| Loaded::Here(path.to_owned()));
                }
                Ok(Begun::Open(opened)) => {
                    match heard(url, path, opened, (shared, &told), args, context) {
                        Ok(Some(loaded)) => break Ok(loaded),
                        Ok(None) => shared.has_changed.store(false, Relaxed),
                        Err(failure) => break Err(failure),
                    }
                }
                Err(failure) => break Err(failure),
            }
        };
        shared.stops.store(true, Relaxed);
        loaded
    })
    .inspect_err(|_| {
        // Nothing came that the next time could go on from.
        if !path.is_file() && download::kept(path).is_none() {
            context.store().ok().map(|store| kept::remove(&store, url));
        }
    })
}

/// Fetches it, and tells how far it is.
fn load(url: &str, path: &Path, shared: &Shared, told: &Sender<Told>, context: &Context) {
    let tell = |what| drop(told.send(what));
    let (mut drawn, mut is_troubled) = (None::<Instant>, false);
    let mut on_event = |event: download::Event<'_>| match event {
        download::Event::Progress { done, total, speed } => {
            shared.total.store(total.unwrap_or(0), Relaxed);
            shared.have.store(done, Relaxed);
            if std::mem::take(&mut is_troubled) {
                shared.show(|| Event::Notice(Notice::Clear));
            }
            if drawn.is_none_or(|at| at.elapsed() >= TOLD) {
                drawn = Some(Instant::now());
                if !shared.show(|| Event::Progress(shared.progress())) {
                    tell(Told::Step { done, total, speed });
                }
            }
        }
        download::Event::StartingOver { reason } => {
            shared.have.store(0, Relaxed);
            if shared.screen().is_some() {
                shared.has_changed.store(true, Relaxed);
                shared.show(|| Event::Whole);
            }
            tell(Told::Say(format!("{reason}; starting over")));
        }
        download::Event::Retrying { reason, pause } => {
            let text = format!("{reason}; trying again in {} s", pause.as_secs());
            is_troubled = shared.show(|| Event::Notice(Notice::Trouble(text.clone())));
            if !is_troubled {
                tell(Told::Say(text));
            }
        }
        download::Event::Waiting => {
            tell(Told::Say("another `aloud` is fetching it; waiting".to_owned()));
        }
        download::Event::Checking => {}
    };
    let (cancelled, sleep) =
        (|| context.is_cancelled() || shared.stops.load(Relaxed), std::thread::sleep);
    let mut hooks = Hooks { on_event: &mut on_event, is_cancelled: &cancelled, sleep: &sleep };
    let fetched = sound(url, url, path, true, &Policy::of_user(), &mut hooks);
    shared.is_whole.store(fetched.is_ok(), Relaxed);
    // Whoever sees that it is over sees whether it is whole.
    shared.is_over.store(true, Release);
    let event = match &fetched {
        Ok(_) => Event::Whole,
        Err(error) => Event::Notice(Notice::Trouble(format!(
            "no more of it comes: {}",
            plain(&error.to_string())
        ))),
    };
    tell(Told::Over(fetched));
    shared.show(|| event);
}

/// How it begins.
enum Begun {
    /// It came whole before it could be heard.
    Whole(Fetched),
    /// There is enough.
    Open(Opened),
}

/// Waits until there is enough to begin with, and shows how far it is.
fn begin(
    path: &Path,
    shared: &Shared,
    told: &Receiver<Told>,
    context: &Context,
) -> Result<Begun, Failure> {
    let (name, mut stderr, part) = (plain(&file_name(path)), io::stderr(), download::part(path));
    let mut line = Line::new(&name, Clean::new(&mut stderr), context.voice.is_terminal);
    let (begin, mut tried, mut is_told) = (Instant::now(), 0, false);
    loop {
        match told.recv_timeout(Duration::from_millis(50)) {
            Ok(Told::Step { done, total, speed }) if !context.voice.is_quiet => {
                line.step(done, total, speed);
            }
            Ok(Told::Say(text)) if !context.voice.is_quiet => line.say(&text),
            Ok(Told::Step { .. } | Told::Say(_)) | Err(RecvTimeoutError::Timeout) => {}
            Ok(Told::Over(fetched)) => {
                line.finish()?;
                return fetched.map(Begun::Whole).map_err(failure);
            }
            Err(RecvTimeoutError::Disconnected) => {
                return Err(Failure::new(
                    Exit::Failed,
                    "a part of the program failed; `--log FILE` keeps why",
                ));
            }
        }
        let have = shared.have.load(Relaxed);
        // Each attempt reads what is there, so that there are few.
        if begin.elapsed() < AT_ONCE
            || have < LEAST
            || have < tried + tried / 4
            || shared.is_over.load(Relaxed)
        {
            continue;
        }
        tried = have;
        match Opened::of(&part, have, shared.total()) {
            Ok(opened) if opened.loaded(have) >= ENOUGH => {
                line.finish()?;
                shared.length.store(opened.length.millis(), Relaxed);
                return Ok(Begun::Open(opened));
            }
            Err(error) if have >= OPENING && !is_told => {
                log::info!("what has come of it does not open: {error}");
                line.say("what is needed to open it stands at its end, so that it loads first");
                is_told = true;
            }
            Ok(_) | Err(_) => {}
        }
    }
}

/// What is known of a recording of which a part is here.
struct Opened {
    tags: Tags,
    /// Of all of it, as well as can be said.
    length: Timestamp,
    /// Whether it does not say so itself. Where nobody knows how many bytes it has, its length is
    /// that of what is there.
    is_guess: bool,
    /// So many bytes at the beginning sound for so many seconds.
    sample: (u64, f64),
    /// How many seconds a byte sounds behind them.
    pace: f64,
}

impl Opened {
    /// Of the file at `part`, which has `have` bytes of `total`.
    fn of(part: &Path, have: u64, total: Option<u64>) -> Result<Self, String> {
        let why = |error: &dyn std::fmt::Display| error.to_string();
        let source = Source::open(part).map_err(|e| why(&e))?;
        let mut head = Vec::new();
        File::open(part)
            .and_then(|file| file.take((have / 2).min(SAMPLE)).read_to_end(&mut head))
            .map_err(|e| why(&e))?;
        let n = head.len() as u64;
        let mut sample =
            Source::from_reader(Cursor::new(head), "the beginning").map_err(|e| why(&e))?;
        let lengths = sample
            .length()
            .zip(source.length())
            .map(|(less, more)| (less.at.secs(), more.at.secs()));
        let (mut n_frames, rate) = (0, f64::from(sample.rate()));
        while let Some(frames) = sample.next_frames().map_err(|e| why(&e))? {
            n_frames += frames.samples.len() / frames.channels.max(1);
        }
        let sounds = n_frames as f64 / rate;
        let rest = |of: u64| of.saturating_sub(n).max(1) as f64;
        // A header tells of all of it, so that half of it says the same; else it is told how long
        // that is which is there.
        let even = sounds / n.max(1) as f64;
        let (pace, told) = match lengths {
            Some((less, more)) if (more - less).abs() <= more * 0.02 => {
                (total.map_or(even, |total| (more - sounds) / rest(total)), Some(more))
            }
            Some((less, more)) if more > less => ((more - less) / rest(have), None),
            _ => (even, None),
        };
        let pace = pace.max(0.0);
        let length = told.unwrap_or_else(|| sounds + pace * rest(total.unwrap_or(have)));
        Ok(Self {
            tags: source.tags().clone(),
            length: Timestamp::from_secs(length),
            is_guess: told.is_none(),
            sample: (n, sounds),
            pace,
        })
    }

    /// How far so many bytes reach.
    fn loaded(&self, bytes: u64) -> Timestamp {
        let (n, sounds) = self.sample;
        let at = Timestamp::from_secs((sounds + self.pace * (bytes as f64 - n as f64)).max(0.0));
        // It may well be longer than was guessed.
        if self.is_guess { at } else { at.min(self.length) }
    }

    /// Takes in that so many bytes reach to `at`.
    fn reaches(&mut self, bytes: u64, at: Timestamp) {
        let (n, sounds) = self.sample;
        if bytes > n && at.secs() > sounds {
            self.pace = (at.secs() - sounds) / (bytes - n) as f64;
        }
        // What it says may be meant of another one.
        self.is_guess |= at > self.length.plus(NEAR.millis());
    }
}

/// It came whole: what was marked by its address goes over to it.
fn arrived(url: &str, path: &Path, fetched: Fetched, context: &Context) -> Result<(), Failure> {
    let store = context.store()?;
    remote::arrived(url, path, fetched, &store, context)?;
    let own = Key::new(LISTENED, id(url));
    let Some(pending) = store.get(&own) else { return Ok(()) };
    let (episode, ..) = open(path)?;
    let key = Key::new(LISTENED, episode.id);
    let _lease = store.work_on(&key, &mut || {}, &|| context.is_cancelled());
    let joined = match store.get(&key) {
        Some(known) => listened::join(&known, &pending),
        None => Some(pending),
    };
    let Some(joined) = joined else { return Ok(()) };
    match store.put(&key, &About::new(&episode, None), &joined) {
        Outcome::Failed(why) => return Err(Failure::new(Exit::Failed, why)),
        Outcome::Kept | Outcome::Forgotten => {}
    }
    store
        .remove(|entry| entry.episode == id(url))
        .problem
        .iter()
        .for_each(|why| context.voice.warn(why));
    Ok(())
}

/// Plays what is there, and what comes, until all is there or the listener leaves; `None` where it
/// became another recording, or cannot be opened where it breaks off just now.
fn heard(
    url: &str,
    path: &Path,
    opened: Opened,
    (shared, told): (&Shared, &Receiver<Told>),
    args: &ListenArgs,
    context: &Context,
) -> Result<Option<Loaded>, Failure> {
    let (store, part) = (context.store()?, download::part(path));
    let manner = Manner::of(&args.play, &store, context)?;
    let episode = Episode { file: file_name(path), id: id(url), tags: opened.tags.clone() };
    let before = listened(&store, episode.id);
    let length = opened.length;
    let at = match args.at.as_deref().and_then(|at| place(at, length)) {
        Some(at) => at,
        None if args.from_start => Timestamp::ZERO,
        None => Timestamp::from_millis(before.at),
    };
    let show = opened.tags.show.clone();
    let own = Listened {
        show: show.clone(),
        length: Some(length.millis()),
        opened: Some(PathBuf::from(url)),
        ..before
    };
    let player = match Player::open(
        &part,
        Options {
            device: manner.device.clone(),
            no_audio: args.play.no_audio,
            rate: manner.rate(show.as_deref()),
            volume: manner.volume,
            skip_silence: manner.skips_silence,
            ..Options::default()
        },
    ) {
        Err(PlayerError::Decode(error)) => {
            log::info!("not yet: {error}");
            return Ok(None);
        }
        player => player?,
    };
    let bookmarks: Vec<Bookmark> = own.bookmarks.iter().map(Bookmark::from).collect();
    let title = opened.tags.title.clone().unwrap_or_else(|| episode.file.clone());
    let chapters = opened.tags.chapters.clone();
    let have = shared.have.load(Relaxed);
    let mut sound = Growing {
        player,
        part: &part,
        opened,
        shared,
        got: have,
        wish: false,
        wanted: None,
        told: None,
    };
    if at > Timestamp::ZERO {
        sound.seek(at);
    }
    let mut storage = Pending(EpisodeStorage {
        store: &store,
        episode: &episode,
        audio: path,
        chapters: chapters.clone(),
        reading: Arc::default(),
        listened: own,
        told: bookmarks.clone(),
        index: Arc::default(),
        errands: Errands::default(),
        is_over: Arc::default(),
    });
    let setup = Setup {
        title,
        has_article: false,
        is_checked: true,
        translation: None,
        chapters,
        length,
        progress: Some(shared.progress()),
        bookmarks,
        search: None,
        theme: manner.theme,
        view: manner.view,
        column: manner.column,
        skips_silence: manner.skips_silence,
        keys: manner.keys,
        reading: reader::first(None, length),
        queue: queue::shown(&store),
    };
    let (sender, inputs) = channel();
    let hint = "it is heard while it loads; which recording it is, its text and what was kept of it show when it is whole";
    let _ = sender.send(Event::Notice(Notice::Note(hint.to_owned())));
    *shared.screen() = Some(sender.clone());
    // It may have come while nobody looked.
    if shared.is_whole.load(Relaxed) {
        shared.show(|| Event::Whole);
    }
    if !args.play.paused {
        sound.play();
    }
    let ended = tui::listen(setup, &mut sound, &mut storage, &sender, &inputs);
    *shared.screen() = None;
    player::hush::lift();
    let is_paused = !sound.wish;
    drop(sound);
    let ended = ended
        .map_err(|e| Failure::new(Exit::Failed, format!("the terminal cannot be used: {e}")))?;
    if ended.wants == Some(Wants::Whole) && shared.has_changed.load(Relaxed) {
        return Ok(None);
    }
    let is_whole = ended.wants == Some(Wants::Whole);
    shared.stops.store(!is_whole, Relaxed);
    match told
        .iter()
        .find_map(|told| if let Told::Over(fetched) = told { Some(fetched) } else { None })
    {
        Some(Ok(fetched)) => arrived(url, path, fetched, context)?,
        Some(Err(error @ DownloadError::Cancelled { .. })) => log::info!("{error}"),
        Some(Err(error)) => context.voice.warn(failure(error).why),
        None => {}
    }
    if is_whole {
        // How long it is was a guess so far.
        let end = Source::open(path)
            .ok()
            .and_then(|source| source.length())
            .map(|length| length.at.minus(1_000));
        let at = end.map_or(ended.at, |end| ended.at.min(end));
        return Ok(Some(Loaded::Heard { path: path.to_owned(), at, is_paused }));
    }
    if let Some(kept) = download::kept(path).filter(|_| !args.stream) {
        context
            .voice
            .note(format!("{} of it are here; the same address goes on from there", bytes(kept)));
    }
    Ok(Some(Loaded::Left(match ended.wants {
        Some(Wants::Shelf) => Ended::ForShelf,
        Some(Wants::Queued(number)) => Ended::ForQueued(number),
        None | Some(Wants::Whole) => Ended::Left(Exit::Done),
    })))
}

/// A player of what is here of a recording, which gets more of it when that has come.
struct Growing<'a> {
    player: Player,
    part: &'a Path,
    opened: Opened,
    shared: &'a Shared,
    /// Bytes that the player has.
    got: u64,
    /// Whether the listener wants it to play.
    wish: bool,
    /// Where he wants to be, while that has not come.
    wanted: Option<Timestamp>,
    /// The place of which the listener was told that it is waited for.
    told: Option<Timestamp>,
}

impl Growing<'_> {
    /// Gives the player all that is here; whether that could be done. Where sound is to go on
    /// without a gap, `heard` is what is heard now.
    fn take_more(&mut self, heard: Option<Timestamp>) -> bool {
        let have = self.shared.have.load(Relaxed);
        // A file that has got its name meanwhile ends this screen in a moment.
        let Ok(mut source) = Source::open(self.part) else { return false };
        let reached = source.length().filter(|length| {
            self.opened.is_guess && !length.is_estimate && length.at >= self.player.position().at
        });
        if let Some(reached) = reached {
            self.opened.reaches(have, reached.at);
        }
        if let Some(heard) = heard.filter(|_| source.wants_index()) {
            // It counts all packets before a place, which takes longer after hours than sound lies
            // ready: they are counted here, and only the last few again when it is to sound.
            let from = heard.minus(BEFORE.millis()).secs() * f64::from(source.rate());
            // It has to have decoded there: of a packet that only waits it would lose count. What
            // fails here fails again where it is told.
            let _ = source.seek(from as u64).and_then(|()| source.next_frames().map(drop));
        }
        self.player.replace(source);
        self.got = have;
        true
    }

    /// Goes on at `to`, which has come.
    fn go_on(&mut self, to: Timestamp) {
        self.wanted = None;
        self.player.seek(to);
        if self.wish {
            self.player.play();
        }
    }

    /// Goes on at `to`, or shortly before the end of what is here if that comes before: no more of
    /// it comes.
    fn give_up(&mut self, to: Timestamp) -> Option<Notice> {
        // That no more of it comes stays to be read.
        self.told = None;
        let end = self.opened.loaded(self.got);
        if to <= end {
            self.go_on(to);
            return None;
        }
        self.go_on(end.minus(ENOUGH.millis()));
        Some(Notice::Answer(format!("{to} was not loaded, and no more of it comes")))
    }

    /// Learns from what has come, and from what is heard, how long it is.
    fn learn(&mut self, have: u64, heard: Timestamp) {
        // What is heard is here.
        if heard > self.opened.loaded(self.got) {
            self.opened.reaches(self.got, heard);
        }
        if !self.opened.is_guess {
            return;
        }
        let all = self.shared.total().unwrap_or(have).max(self.got);
        self.opened.length = self.opened.loaded(all);
        let length = self.opened.length;
        if length.millis().abs_diff(self.shared.length.load(Relaxed)) >= NEAR.millis() {
            self.shared.length.store(length.millis(), Relaxed);
            self.shared.show(|| Event::Length(length));
        }
    }

    /// Looks whether there is more to play, or less than is wanted.
    fn look(&mut self) -> Option<Notice> {
        let is_all = self.shared.is_over.load(Acquire);
        let is_whole = self.shared.is_whole.load(Relaxed);
        let (have, now) = (self.shared.have.load(Relaxed), self.player.position());
        self.learn(have, now.at);
        let (here, got) = (self.opened.loaded(have), self.opened.loaded(self.got));
        let stuck = self.wanted.or(now.is_ended.then_some(now.at));
        if let Some(at) = stuck {
            // Where it ran out is the end of what the player has, whatever was thought of that.
            let enough = self.wanted.unwrap_or(got).plus(ENOUGH.millis());
            let has_more = have > self.got && (here >= enough || is_all) && self.take_more(None);
            if let Some(to) = self.wanted.filter(|_| is_all && !is_whole) {
                return self.give_up(to);
            }
            if has_more {
                self.go_on(at);
            } else if !is_all && self.told.replace(at) != Some(at) {
                return Some(Notice::Trouble(match self.wanted {
                    Some(to) => format!("{to} is not loaded yet; it goes on there when it is"),
                    None => "waiting for more of the recording".to_owned(),
                }));
            }
            return None;
        }
        if self.told.take().is_some() {
            return Some(Notice::Clear);
        }
        let is_low = got < now.at.plus(AHEAD.millis());
        if is_low && here > got.plus(ENOUGH.millis()) {
            self.take_more(Some(now.at));
        }
        None
    }
}

impl Playback for Growing<'_> {
    fn play(&mut self) {
        self.wish = true;
        if self.wanted.is_none() && !self.player.position().is_ended {
            self.player.play();
        }
    }
    fn pause(&mut self) {
        // Who leaves because it is whole wants it as it was.
        if !self.shared.is_whole.load(Relaxed) {
            self.wish = false;
        }
        self.player.pause();
    }
    fn seek(&mut self, to: Timestamp) {
        let to = to.min(self.opened.length);
        // A byte is not as long as the other: a little more than is needed has to be there.
        let needed = to.plus(1_000);
        let is_here = needed <= self.opened.loaded(self.got)
            || needed <= self.opened.loaded(self.shared.have.load(Relaxed)) && self.take_more(None);
        if is_here {
            self.go_on(to);
        } else {
            self.player.pause();
            self.wanted = Some(to);
        }
    }
    fn set_rate(&mut self, rate: f32) {
        self.player.set_rate(rate);
    }
    fn set_volume(&mut self, volume: f32) {
        self.player.set_volume(volume);
    }
    fn set_muted(&mut self, is_muted: bool) {
        self.player.set_muted(is_muted);
    }
    fn set_skip_silence(&mut self, skips: bool) {
        self.player.set_skip_silence(skips);
    }
    fn position(&self) -> Position {
        let now = self.player.position();
        let is_ended = now.is_ended
            && self.wanted.is_none()
            && self.shared.is_over.load(Relaxed)
            && !self.shared.is_whole.load(Relaxed);
        Position {
            at: self.wanted.unwrap_or(now.at),
            is_playing: self.wish && !is_ended,
            is_ended,
            rate: now.rate,
            volume: now.volume,
            is_muted: now.is_muted,
        }
    }
    fn events(&mut self) -> Vec<Notice> {
        let told = self.player.events().into_iter().filter_map(|event| match event {
            player::Event::Silent { reason } => {
                Some(Notice::Trouble(format!("no sound: {reason}")))
            }
            player::Event::Sounding { .. } => Some(Notice::Clear),
            // Where it breaks off more comes in a moment.
            player::Event::Failed { reason } => {
                self.shared.is_over.load(Relaxed).then_some(Notice::Trouble(reason))
            }
            // An index of a part is of no use later, and its end is not the end.
            player::Event::Ended | player::Event::Indexed(_) => None,
        });
        let mut told: Vec<Notice> = told.collect();
        told.extend(self.look());
        told
    }
}

/// Keeps what is marked by the address; what needs all of the recording has to wait.
struct Pending<'a>(EpisodeStorage<'a>);

fn not_yet<T>() -> Result<T, String> {
    Err("this can be written when the recording is loaded whole".to_owned())
}

impl Storage for Pending<'_> {
    fn bookmarks(&mut self, bookmarks: &[Bookmark]) -> Result<String, String> {
        self.0.bookmarks(bookmarks)
    }
    fn remember(&mut self, at: Timestamp) -> Result<String, String> {
        self.0.remember(at)
    }
    fn choose(&mut self, choices: &Choices) -> Result<String, String> {
        self.0.choose(choices)
    }
    fn arrange(&mut self, change: Change) -> Result<Vec<Queued>, String> {
        self.0.arrange(change)
    }
    fn queue(&mut self) -> Vec<Queued> {
        self.0.queue()
    }
    fn clip(&mut self, _: Span) -> Result<String, String> {
        not_yet()
    }
    fn export(&mut self, _: Format) -> Result<String, String> {
        not_yet()
    }
    fn markdown(&mut self, _: &str) -> Result<String, String> {
        not_yet()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// An ID3 tag of so many bytes, as a picture makes it.
    fn tag(n: usize) -> Vec<u8> {
        let size = [n >> 21, n >> 14 & 127, n >> 7 & 127, n & 127].map(|part| part as u8);
        [b"ID3\x04\0\0".as_slice(), &size, &vec![0; n]].concat()
    }

    #[test]
    fn how_long_all_is_and_how_far_a_part_reaches() {
        let folder = tempfile::tempdir().unwrap();
        let mp3 = include_bytes!("../../../audio/old-radio.zh.mp3");
        let n_tag = mp3[6..10].iter().fold(0, |n, byte| n << 7 | usize::from(*byte)) + 10;
        let plain = &mp3[n_tag..];
        let seconds = 130.0;
        let n = 8_000 * 130;
        let mut wav =
            b"RIFF\0\0\0\0WAVEfmt \x10\0\0\0\x01\0\x01\0\x40\x1f\0\0\x80\x3e\0\0\x02\0\x10\0data"
                .to_vec();
        wav.extend((n as u32 * 2).to_le_bytes());
        wav.extend((0..n).flat_map(|i| ((i % 99) as i16 * 100).to_le_bytes()));
        for (name, file) in [
            ("as it is", mp3.to_vec()),
            // Without the frame that says how long all of it is.
            ("without a header", plain[100..].to_vec()),
            ("a picture", [tag(300_000), plain.to_vec()].concat()),
            ("a picture and no header", [tag(300_000), plain[100..].to_vec()].concat()),
            ("wave", wav),
        ] {
            for share in [0.15, 0.3, 0.6, 0.95] {
                let have = (file.len() as f64 * share) as usize;
                let path = folder.path().join(".x.part");
                std::fs::write(&path, &file[..have]).unwrap();
                // What is only the tag so far does not open.
                let Ok(opened) = Opened::of(&path, have as u64, Some(file.len() as u64)) else {
                    assert!(name.contains("picture") && have < 620_000, "{name} {share}");
                    continue;
                };
                let what = format!(
                    "{name}: {} and {} at {share}",
                    opened.length,
                    opened.loaded(have as u64)
                );
                assert!((opened.length.secs() - seconds).abs() < 7.0, "{what}");
                let tags = if name.contains("picture") { 300_010 } else { 0 };
                let truth =
                    seconds * (have.saturating_sub(tags)) as f64 / (file.len() - tags) as f64;
                assert!((opened.loaded(have as u64).secs() - truth).abs() < 6.0, "{what}");
                assert!(
                    opened.loaded(0).secs() < 5.0
                        && (opened.is_guess || opened.loaded(u64::MAX) == opened.length),
                    "{what}"
                );
                // Where nobody knows how many bytes it has, it is as long as what is there, unless
                // it says more.
                let mut bare = Opened::of(&path, have as u64, None).unwrap();
                let (length, more) = (bare.length, bare.loaded(2 * have as u64));
                let what = format!("{name}: {length} and {more} at {share}, of nobody knows what");
                if bare.is_guess {
                    assert!((length.secs() - truth).abs() < 7.0 && more > length, "{what}");
                } else {
                    assert!((length.secs() - seconds).abs() < 7.0 && more <= length, "{what}");
                }
                // What is heard is there.
                let heard = length.plus(20_000);
                bare.reaches(have as u64, heard);
                assert!(bare.is_guess, "{what}");
                assert!(bare.loaded(have as u64).millis().abs_diff(heard.millis()) < 2, "{what}");
                assert!(bare.loaded(2 * have as u64) > heard, "{what}");
            }
        }
        std::fs::write(folder.path().join(".x.part"), "<html>").unwrap();
        assert!(Opened::of(&folder.path().join(".x.part"), 6, None).is_err());
    }
}
