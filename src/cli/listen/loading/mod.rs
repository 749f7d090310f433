//! A recording that is heard while it loads.
//!
//! What has come so far lies in a file that grows (`web/download`). The player gets it as a
//! recording that breaks off, and again, without a gap, when there is more: neither decoding nor
//! the sound card ever waits for the network. Which recording it is, by the hash of all its bytes,
//! is known when it is whole; then it is listened to as any other, from where it is. What is marked
//! before is kept by the address, and goes over to the recording then.
//!
//! One thread fetches (`fetch`), one makes ready what has come (`prepare`), and the one that draws
//! plays it (`growing`); how long it all is follows from a part (`extent`).

mod extent;
mod fetch;
mod growing;
mod pending;
mod prepare;

use super::errands::Errands;
use super::session::{open, shown};
use super::storage::EpisodeStorage;
use super::{Ended, reader};
use crate::cli::args::ListenArgs;
use crate::cli::exit::Exit;
use crate::cli::listened::{self, LISTENED, Listened, listened};
use crate::cli::manner::Manner;
use crate::cli::report::{Clean, Failure, bytes, plain};
use crate::cli::threads::{Gone, beside};
use crate::cli::transfer::{Progress, failure};
use crate::cli::{Context, queue, remote};
use crate::decode::Source;
use crate::episode::{Episode, file_name};
use crate::feeds::kept::{self, loading_id as id};
use crate::player::{Options, Player, PlayerError};
use crate::store::{About, Key, Outcome, Store};
use crate::time::{Timestamp, moment};
use crate::tui::{self, Bookmark, Event, Notice, Playback, Setup, Wants};
use crate::web::download::{self, DownloadError, Fetched};
use extent::Extent;
use fetch::{Loading, State, Told};
use growing::Growing;
use pending::Pending;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::time::{Duration, Instant};

/// What comes whole within this needs no screen of its own.
const AT_ONCE: Duration = Duration::from_millis(700);
/// So much sound has to be there to begin, and again after it ran out.
const ENOUGH: Timestamp = Timestamp::from_millis(5_000);
/// With fewer bytes nothing can be said of a recording.
const LEAST: u64 = 32_000;
/// A recording that does not open with so many has its index at its end.
const OPENING: u64 = 2_000_000;
/// What the listener is told first.
const HINT: &str = "it is heard while it loads; which recording it is, its text and what was kept of it show when it is whole";

/// What came of it.
pub enum Loaded {
    /// It lies here and was not heard yet.
    Here(PathBuf),
    /// It lies here, and was heard so far.
    Heard { path: PathBuf, at: Timestamp, is_paused: bool },
    /// The listener left.
    Left(Ended),
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
    let (loading, store) = (Loading::default(), context.store()?);
    let (sender, told) = channel();
    let hearing = Hearing {
        url,
        path,
        part: &download::part(path),
        loading: &loading,
        told,
        args,
        store: &store,
        context,
    };
    std::thread::scope(|threads| {
        let loading = &loading;
        beside("load", threads, move || fetch::fetch(url, path, loading, &sender, context))?;
        let loaded = hearing.to_the_end();
        loading.stop();
        loaded
    })
    .inspect_err(|_| {
        // Nothing came that the next time could go on from.
        if !path.is_file() && download::kept(path).is_none() {
            kept::remove(&store, url);
        }
    })
}

/// One recording that is loaded and heard.
struct Hearing<'a> {
    url: &'a str,
    /// Where it will lie.
    path: &'a Path,
    /// Where it lies as long as it is not whole.
    part: &'a Path,
    loading: &'a Loading,
    told: Receiver<Told>,
    args: &'a ListenArgs,
    store: &'a Store,
    context: &'a Context,
}

/// How it begins.
enum Begun {
    /// It came whole before it could be heard.
    Whole(Fetched),
    /// There is enough of it, which had come to be another one so often.
    Open(Extent, u32),
}

impl Hearing<'_> {
    /// Until all of it is here, or the listener leaves.
    fn to_the_end(&self) -> Result<Loaded, Failure> {
        loop {
            match self.begin()? {
                Begun::Whole(fetched) => {
                    self.arrived(fetched)?;
                    return Ok(Loaded::Here(self.path.to_owned()));
                }
                Begun::Open(extent, n_changes) => {
                    if let Some(loaded) = self.heard(extent, n_changes)? {
                        return Ok(loaded);
                    }
                }
            }
        }
    }

    /// Waits until there is enough to begin with, and shows how far it is.
    fn begin(&self) -> Result<Begun, Failure> {
        let (voice, name) = (&self.context.voice, plain(&file_name(self.path)));
        let mut stderr = io::stderr();
        let mut line = Progress::new(&name, Clean::new(&mut stderr), voice.is_terminal);
        let (begin, mut tried, mut is_told) = (Instant::now(), 0, false);
        loop {
            match self.told.recv_timeout(Duration::from_millis(50)) {
                Ok(Told::Step { done, total, speed }) if !voice.is_quiet => {
                    line.step(done, total, speed);
                }
                Ok(Told::Say(text)) if !voice.is_quiet => line.say(&text),
                Ok(Told::Step { .. } | Told::Say(_)) | Err(RecvTimeoutError::Timeout) => {}
                Ok(Told::Over(fetched)) => {
                    line.finish()?;
                    return fetched.map(Begun::Whole).map_err(failure);
                }
                Err(RecvTimeoutError::Disconnected) => return Err(Gone::Broken.into()),
            }
            let come = self.loading.come();
            // Each attempt reads what is there, so that there are few.
            if begin.elapsed() < AT_ONCE
                || come.have < LEAST
                || come.have < tried + tried / 4
                || come.state != State::Coming
            {
                continue;
            }
            tried = come.have;
            match Extent::of(self.part, come.have, come.total) {
                Ok(extent) if extent.loaded(come.have) >= ENOUGH => {
                    line.finish()?;
                    self.loading.note(|come| come.length = extent.length);
                    return Ok(Begun::Open(extent, come.n_changes));
                }
                Err(error) if come.have >= OPENING && !is_told => {
                    log::info!("what has come of it does not open: {error}");
                    line.say("what is needed to open it stands at its end, so that it loads first");
                    is_told = true;
                }
                Ok(_) | Err(_) => {}
            }
        }
    }

    /// Plays what is there, and what comes, until all is there or the listener leaves; `None` where
    /// it became another recording, or cannot be opened where it breaks off just now.
    fn heard(&self, extent: Extent, n_changes: u32) -> Result<Option<Loaded>, Failure> {
        let tags = extent.tags.clone();
        let episode = Episode { file: file_name(self.path), id: id(self.url), tags };
        let before = listened(self.store, episode.id);
        let at = self.start(&before, extent.length);
        let manner = Manner::of(&self.args.play, self.store, self.context)?;
        let Some(player) = self.player(manner.options(episode.tags.show.as_deref()))? else {
            return Ok(None);
        };
        let mut storage = self.storage(&episode, before, extent.length);
        let setup = self.setup(&episode, &storage.0, manner);
        let ((orders, ordered), (answers, answered)) = (channel(), channel());
        let mut sound = Growing::new(player, extent, self.loading, (orders, answered));
        if at > Timestamp::ZERO {
            sound.seek(at);
        }
        if !self.args.play.paused {
            sound.play();
        }
        let (ended, is_paused) = std::thread::scope(|threads| -> Result<_, Failure> {
            let (part, loading) = (self.part, self.loading);
            beside("prepare", threads, move || {
                prepare::prepare(part, &ordered, &answers, loading);
            })?;
            let ended = self.shown(setup, n_changes, &mut sound, &mut storage);
            // It ends with the player that it works for.
            let is_paused = !sound.wish;
            drop(sound);
            Ok((ended?, is_paused))
        })?;
        if ended.wants == Some(Wants::Whole) && self.loading.come().n_changes != n_changes {
            return Ok(None);
        }
        self.left(ended, is_paused).map(Some)
    }

    /// Where to begin, where it is as long as that.
    fn start(&self, before: &Listened, length: Timestamp) -> Timestamp {
        match self.args.at.as_deref().and_then(|at| moment(at, length)) {
            Some(at) => at,
            None if self.args.from_start => Timestamp::ZERO,
            None => Timestamp::from_millis(before.at),
        }
    }

    /// A player of what is here, unless that does not open.
    fn player(&self, options: Options) -> Result<Option<Player>, Failure> {
        match Player::open(self.part, options) {
            Err(PlayerError::Decode(error)) => {
                log::info!("not yet: {error}");
                Ok(None)
            }
            player => Ok(Some(player?)),
        }
    }

    /// Keeps what is marked, by the address.
    fn storage<'e>(
        &'e self,
        episode: &'e Episode,
        before: Listened,
        length: Timestamp,
    ) -> Pending<'e> {
        let listened = Listened {
            show: episode.tags.show.clone(),
            length: Some(length.millis()),
            opened: Some(PathBuf::from(self.url)),
            ..before
        };
        Pending(EpisodeStorage {
            store: self.store,
            episode,
            audio: self.path,
            chapters: episode.tags.chapters.clone(),
            reading: Arc::default(),
            second: None,
            told: listened.bookmarks.iter().map(Bookmark::from).collect(),
            listened,
            index: Arc::default(),
            errands: Errands::default(),
            is_over: Arc::default(),
        })
    }

    /// The screen before anything is heard.
    fn setup(&self, episode: &Episode, storage: &EpisodeStorage<'_>, manner: Manner) -> Setup {
        let come = self.loading.come();
        Setup {
            title: episode.tags.title.clone().unwrap_or_else(|| episode.file.clone()),
            is_checked: true,
            chapters: storage.chapters.clone(),
            length: come.length,
            progress: Some(come.progress()),
            bookmarks: storage.told.clone(),
            reading: reader::first(None, come.length),
            queue: queue::shown(self.store),
            ..manner.setup()
        }
    }

    /// Shows the screen until it is left.
    fn shown(
        &self,
        setup: Setup,
        n_changes: u32,
        sound: &mut Growing<'_>,
        storage: &mut Pending<'_>,
    ) -> Result<tui::Ended, Failure> {
        let (sender, inputs) = channel();
        let _ = sender.send(Event::Notice(Notice::Note(HINT.to_owned())));
        self.loading.set_screen(Some(sender.clone()));
        // It may have come, or become another one, while nobody looked.
        let come = self.loading.come();
        if come.state == State::Whole || come.n_changes != n_changes {
            self.loading.show(Event::Whole);
        }
        let ended = shown(setup, sound, storage, (&sender, &inputs));
        self.loading.set_screen(None);
        ended
    }

    /// What came of it where the screen `ended`.
    fn left(&self, ended: tui::Ended, is_paused: bool) -> Result<Loaded, Failure> {
        let is_whole = ended.wants == Some(Wants::Whole);
        if !is_whole {
            self.loading.stop();
        }
        let over = |told| if let Told::Over(fetched) = told { Some(fetched) } else { None };
        match self.told.iter().find_map(over) {
            Some(Ok(fetched)) => self.arrived(fetched)?,
            Some(Err(error @ DownloadError::Cancelled { .. })) => log::info!("{error}"),
            Some(Err(error)) => self.context.voice.warn(failure(error).why.one_line()),
            None => {}
        }
        if is_whole {
            // How long it is was a guess so far.
            let length = Source::open(self.path).ok().and_then(|source| source.length());
            let at = length.map_or(ended.at, |length| ended.at.min(length.at.minus(1_000)));
            return Ok(Loaded::Heard { path: self.path.to_owned(), at, is_paused });
        }
        if let Some(kept) = download::kept(self.path).filter(|_| !self.args.stream) {
            self.context.voice.note(format!(
                "{} of it are here; the same address goes on from there",
                bytes(kept)
            ));
        }
        Ok(Loaded::Left(Ended::of(ended.wants)))
    }

    /// It came whole: what was marked by its address goes over to it.
    fn arrived(&self, fetched: Fetched) -> Result<(), Failure> {
        let (url, store, context) = (self.url, self.store, self.context);
        remote::arrived(url, self.path, fetched, store, context)?;
        let own = Key::new(LISTENED, id(url));
        let Some(pending) = store.get(&own) else { return Ok(()) };
        let (episode, ..) = open(self.path, kept::hash_of(store, url, self.path))?;
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
        let removed = store.remove(|entry| entry.episode == id(url));
        removed.problem.iter().for_each(|why| context.voice.warn(why));
        Ok(())
    }
}
