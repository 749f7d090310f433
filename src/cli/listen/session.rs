//! One recording is heard: it is opened with its texts, played, and shown or printed, while a
//! thread finds out what is not known of it yet.

use super::errands::Errands;
use super::pipe::{World, follow};
use super::playback::Sound;
use super::reader::{self, Reader};
use super::start::start;
use super::storage::{self, EpisodeStorage};
use super::{Ended, has_screen};
use crate::align::{Belongs, across};
use crate::article::Article;
use crate::cli::args::{ListenArgs, MethodArg, SoundArgs};
use crate::cli::article::Loaded;
use crate::cli::exit::Exit;
use crate::cli::listened::{self, Listened};
use crate::cli::manner::Manner;
use crate::cli::recognise::{self, Recognition};
use crate::cli::report::{Failure, plain};
use crate::cli::second::Second;
use crate::cli::threads::beside;
use crate::cli::tracks::{self, Chosen};
use crate::cli::{Context, article, method, parts, queue, second, voice};
use crate::decode::{self, SeekIndex};
use crate::episode::{Episode, EpisodeId, Tags, file_name};
use crate::feeds;
use crate::index::Place;
use crate::media::{About, MediaKeys};
use crate::pipeline::{self, Playhead, Tied};
use crate::player::{self, Options, Player};
use crate::reading::Reading;
use crate::search;
use crate::store::Store;
use crate::time::Timestamp;
use crate::tui::{self, Bookmark, Event, Playback, Progress, Setup, Storage};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

/// Files that are still being written when the listener quits are waited for so long.
const LAST_FILES: Duration = Duration::from_secs(5);

/// A place where a phrase was found, to begin at.
pub struct Found {
    /// When it is heard.
    pub at: Timestamp,
    /// The phrase, which is searched for on the screen.
    pub search: (String, search::Options),
    /// What is known of the episode.
    pub reading: Reading,
}

/// Has the recording of `args` heard until the listener leaves it, or to its end. Its hash is `id`,
/// where somebody has read it already.
///
/// # Errors
/// With exit code 2 for what cannot be, 3 for what cannot be read or played, 5 for a place or a
/// text that is not in it, 1 where the terminal or the store fails, 130 when cancelled.
pub fn listen(
    args: &ListenArgs,
    found: Option<Found>,
    id: Option<EpisodeId>,
    context: &Context,
) -> Result<Ended, Failure> {
    // What cannot be is said before anything is read.
    let store = context.store()?;
    let manner = Manner::of(&args.play, &store, context)?;
    let has_screen = has_screen();
    let (opened, source) = Opened::new(args, id, &store, context)?;
    opened.keep_place();
    let (library, dictionary) = (voice::library(context), voice::dictionary(context));
    let method = opened.args.method.wanted(context)?;
    let given = if found.is_none() { opened.given(&source)? } else { None };
    drop(source);
    let is_given = given.is_some();
    let recognition = opened.recognition(method, is_given)?;
    let beginning = opened.beginning(found, given, recognition.as_ref().ok())?;
    let (at, is_known) = (beginning.at, beginning.is_known);
    let index = storage::index(&store, opened.episode.id);
    let show = opened.listened.show.as_deref();
    let options = Options { start: at, index: index.clone(), ..manner.options(show) };
    let has_media_keys = has_screen && manner.has_media_keys;
    let mut setup = opened.setup(beginning, manner);
    let player = Player::open(&opened.audio, options)?;
    let number = opened.queue_up(&mut setup);
    let (sender, inputs) = channel();
    // Whoever only prints has no keys.
    let media = if has_media_keys { opened.media_keys(&setup.title, &sender) } else { None };
    let Opened { args, audio, episode, length, text, other, second, listened, .. } = opened;
    let index = Arc::new(Mutex::new(index));
    let keep_index = |made: &Arc<SeekIndex>| {
        *index.lock().unwrap_or_else(PoisonError::into_inner) = Some(Arc::clone(made));
        storage::keep_index(&store, &episode, made);
    };
    let playhead = Playhead::default();
    playhead.move_to(at);
    let mut sound = Sound { player, keep_index: &keep_index, playhead: playhead.clone(), media };
    let is_over = Arc::new(AtomicBool::new(false));
    let over = || is_over.load(Ordering::Relaxed) || context.is_cancelled();
    let reading = Arc::new(Mutex::new(setup.reading.clone()));
    let second = second.map(Arc::new);
    let reader = Reader {
        audio: &audio,
        episode: &episode,
        article: text,
        other,
        second: second.clone(),
        length,
        sender: sender.clone(),
        reading: Arc::clone(&reading),
        is_over: &over,
        playhead,
        method,
        voice: voice::voice(library.as_deref(), dictionary.as_deref()),
        store: &store,
        synth: Mutex::new(None),
        is_known,
        is_given,
        is_insisted: args.method.anyway,
    };
    let mut storage = EpisodeStorage {
        store: &store,
        episode: &episode,
        audio: &audio,
        chapters: setup.chapters.clone(),
        reading,
        second,
        told: setup.bookmarks.clone(),
        listened,
        index: Arc::clone(&index),
        errands: Errands::default(),
        is_over: Arc::clone(&is_over),
    };
    std::thread::scope(|threads| {
        beside("reader", threads, move || reader.run(recognition))?;
        let ended = if has_screen {
            if !args.play.paused {
                sound.play();
            }
            on_screen(setup, &mut sound, &mut storage, (sender, inputs), context)
        } else {
            // Once nobody else has one either, nobody will know more.
            drop(sender);
            let world = World {
                from: at,
                is_paused: args.play.paused,
                is_insisted: args.method.anyway,
                voice: context.voice.clone(),
                over: &over,
            };
            to_a_pipe(setup.reading, &mut sound, &mut storage, &inputs, (&world, number))
        };
        is_over.store(true, Ordering::Relaxed);
        drop(sound);
        ended
    })
}

/// Shows the screen until it is left.
///
/// # Errors
/// With exit code 1 when the terminal cannot be used.
pub fn shown(
    setup: Setup,
    sound: &mut dyn Playback,
    storage: &mut dyn Storage,
    (sender, inputs): (&Sender<Event>, &Receiver<Event>),
) -> Result<tui::Ended, Failure> {
    let ended = tui::listen(setup, sound, storage, sender, inputs);
    // The sound card's libraries may still have standard error to themselves.
    player::hush::lift();
    ended.map_err(|e| Failure::new(Exit::Failed, format!("the terminal cannot be used: {e}")))
}

/// The same, until what was asked for last is written too.
fn on_screen(
    setup: Setup,
    sound: &mut Sound<'_>,
    storage: &mut EpisodeStorage<'_>,
    (sender, inputs): (Sender<Event>, Receiver<Event>),
    context: &Context,
) -> Result<Ended, Failure> {
    let ended = shown(setup, sound, storage, (&sender, &inputs));
    for told in storage.errands.finish(LAST_FILES, &|| context.is_cancelled()) {
        match told {
            Ok(written) => context.voice.note(written),
            Err(why) => context.voice.warn(why),
        }
    }
    ended.map(|ended| Ended::of(ended.wants))
}

/// Prints the text until all was heard, and leads to what comes next where it has a `number` in the
/// queue.
fn to_a_pipe(
    reading: Reading,
    sound: &mut Sound<'_>,
    storage: &mut EpisodeStorage<'_>,
    inputs: &Receiver<Event>,
    (world, number): (&World<'_>, Option<u32>),
) -> Result<Ended, Failure> {
    let ended = follow(reading, sound, inputs, world);
    let stopped = sound.position();
    if stopped.is_ended {
        storage.measured(stopped.at);
    }
    if let Err(why) = storage.remember(stopped.at) {
        world.voice.warn(why);
    }
    // Whoever read along may have gone before.
    let then =
        number.filter(|_| stopped.is_ended).and_then(|_| queue::next(storage.store).ok().flatten());
    ended
        .map(|exit| then.filter(|_| exit == Exit::Done).map_or(Ended::Left(exit), Ended::ForQueued))
}

/// A recording that was opened, and its texts.
struct Opened<'a> {
    args: ListenArgs,
    store: &'a Store,
    context: &'a Context,
    /// What was named: a recording, a folder, a book.
    name: PathBuf,
    /// What is decoded.
    audio: PathBuf,
    /// Which sound of it.
    which: SoundArgs,
    episode: Episode,
    length: Timestamp,
    /// Whether nobody has counted that.
    is_estimate: bool,
    text: Option<Article>,
    /// It in its other language, where it has two: which is heard, nobody knows yet.
    other: Option<Article>,
    /// Whether that was tied to it before, and nobody named it now.
    is_remembered: bool,
    /// The text in another language.
    second: Option<Second>,
    /// What was known of it when it was opened.
    listened: Listened,
}

/// How it begins.
struct Beginning {
    at: Timestamp,
    reading: Reading,
    /// Whether that is more than a guess.
    is_known: bool,
    search: Option<(String, search::Options)>,
}

impl<'a> Opened<'a> {
    /// What `args` name, and the bytes of the text that they name.
    fn new(
        args: &ListenArgs,
        id: Option<EpisodeId>,
        store: &'a Store,
        context: &'a Context,
    ) -> Result<(Self, Vec<u8>), Failure> {
        let name = args.audio.clone().unwrap_or_default();
        let own = parts::is_book(&name).then(|| name.clone().into_os_string());
        let args = ListenArgs { article: args.article.clone().or(own), ..args.clone() };
        let audio = parts::recording(&name, context)?.path;
        let named = recognise::language(args.recognise.language.clone(), context)?;
        let loaded = args
            .article
            .as_deref()
            .map(|source| article::load(source, args.chapter.as_deref(), named, context))
            .transpose()?;
        let written = loaded.as_ref().map(|text| &text.article);
        let language = tracks::language(written, &args.recognise, context)?;
        let Chosen { path: audio, which } =
            tracks::one(&audio, &args.which, language.as_deref(), context)?;
        let first = args.article.as_deref().zip(loaded.as_ref());
        let second = match args.bilingual.as_deref() {
            Some(source) => Some(second::load(source, first, args.method.anyway, context)?),
            None => loaded.as_ref().and_then(Second::inside),
        };
        let (episode, mut length, is_estimate) = open(&audio, id.filter(|_| audio == name))?;
        let before = listened::listened(store, episode.id);
        // What it was found to be when it was heard is no guess.
        if let Some(found) = before.length.filter(|_| is_estimate) {
            length = Timestamp::from_millis(found);
        }
        let is_named = loaded.is_some();
        let (text, other, source) = match loaded {
            Some(Loaded { article, other, bytes, .. }) => (Some(article), other, bytes),
            None => (None, None, Vec::new()),
        };
        let text = text.or_else(|| remembered(&args, &episode, store, context));
        match (&text, &second) {
            (Some(text), Some(second)) => second.belongs_to(text, context)?,
            (None, Some(_)) => {
                let why = "`--bilingual` shows a text beside the article, and no article is named or was tied to the recording before";
                return Err(Failure::new(Exit::Usage, why));
            }
            (_, None) => {}
        }
        let made_of = args.made_of.as_deref().map(Path::new).filter(|text| text.is_file());
        let listened = Listened {
            show: episode.tags.show.clone(),
            length: Some(length.millis()).filter(|ms| *ms > 0),
            opened: std::path::absolute(made_of.unwrap_or(&name)).ok(),
            track: which.track.clone(),
            channel: which.channel.name().map(str::to_owned),
            ..before
        };
        let is_remembered = text.is_some() && !is_named;
        let opened = Self {
            args,
            store,
            context,
            name,
            audio,
            which,
            episode,
            length,
            is_estimate,
            text,
            other,
            is_remembered,
            second,
            listened,
        };
        Ok((opened, source))
    }

    /// Remembers where it lies. What was made of a folder, a book or a text lies nowhere that
    /// people look.
    fn keep_place(&self) {
        if self.audio == self.name
            && self.args.made_of.is_none()
            && let Some(place) = Place::of(&self.audio)
        {
            place.keep(self.store, &self.episode);
        }
    }

    /// What the book with these bytes says of its own times, where nobody wants others.
    fn given(&self, book: &[u8]) -> Result<Option<Reading>, Failure> {
        let Self { args, audio, context, .. } = self;
        let is_free = parts::is_free(&args.recognise, &args.method);
        let Some(name) = args.article.as_deref().filter(|_| is_free) else { return Ok(None) };
        let tied = parts::given(audio, (name, book), args.chapter.as_deref(), context)?;
        Ok(tied.map(|tied| tied.reading))
    }

    /// What recognises, or why nothing does. A model that is missing is offered here, before the
    /// screen, where nothing else finds times.
    fn recognition(
        &self,
        method: MethodArg,
        are_given: bool,
    ) -> Result<Result<Recognition<'a>, Failure>, Failure> {
        let Self { args, text, context, .. } = self;
        let has_text = text.is_some();
        let unwanted = match method {
            _ if are_given => Some("the book has its own times"),
            MethodArg::Estimate | MethodArg::Synth if has_text => {
                Some("nothing else was asked for")
            }
            MethodArg::Auto
                if has_text
                    && !method::can_recognise(&args.recognise, context)
                    && voice::speaker(context).is_ok() =>
            {
                Some("no model is on this machine")
            }
            _ => None,
        };
        if let Some(why) = unwanted {
            return Ok(Err(Failure::new(Exit::NoModel, why)));
        }
        let text = text.as_ref().map(|text| text.text.as_str());
        match Recognition::new(&args.recognise, text, context) {
            Err(failure) if failure.exit != Exit::NoModel => Err(failure),
            recognition => Ok(recognition),
        }
    }

    /// How it begins: where a phrase was `found`, or where `args` or the last time say.
    fn beginning(
        &self,
        found: Option<Found>,
        given: Option<Reading>,
        recognition: Option<&Recognition<'_>>,
    ) -> Result<Beginning, Failure> {
        let guess = || reader::first(self.text.as_ref(), self.length);
        if let Some(Found { at, search, reading }) = found {
            // A place in the library comes without its reading.
            let is_known = !reading.article.text.is_empty();
            let reading = if is_known { reading } else { guess() };
            return Ok(Beginning { at, reading, is_known, search: Some(search) });
        }
        let is_known = given.is_some();
        let reading = given.unwrap_or_else(guess);
        let best = || {
            let known = if is_known { None } else { self.known(recognition) };
            known.unwrap_or_else(|| reading.clone())
        };
        let begin = |reading: &dyn Fn() -> Reading| {
            start(&self.args, &self.listened, reading, (self.length, self.is_estimate))
        };
        let at = match (begin(&best), &self.other) {
            // A phrase may be of the text's other language.
            (Err(failure), Some(other)) => {
                begin(&|| reader::first(Some(other), self.length)).map_err(|_| failure)?
            }
            (at, _) => at?,
        };
        Ok(Beginning { at, reading, is_known, search: None })
    }

    /// The text in each of its languages.
    fn texts(&self) -> impl Iterator<Item = &Article> {
        [&self.text, &self.other].into_iter().flatten()
    }

    /// The reading, if it was made before.
    fn known(&self, recognition: Option<&Recognition<'_>>) -> Option<Reading> {
        let Self { text, audio, store, context, .. } = self;
        let Some(transcript) =
            recognition.and_then(|recognition| recognition.recall(&self.episode))
        else {
            let recall = |text| pipeline::recall_synth(text, (audio, self.episode.id), store);
            let is_read = |tied: &Tied| tied.belongs() == Belongs::Yes;
            return self
                .texts()
                .filter_map(recall)
                .find(is_read)
                .or_else(|| recall(text.as_ref()?))
                .map(|tied| tied.reading);
        };
        let heard = transcript.language.clone();
        let is_heard =
            |text: &&Article| !across::is_across(text.language.as_deref(), heard.as_deref());
        match self.texts().find(is_heard).or(text.as_ref()) {
            Some(text) => {
                pipeline::tie(text.clone(), transcript, audio, store, &|| context.is_cancelled())
                    .map(|tied| tied.reading)
            }
            None => Some(Reading::of_transcript(transcript)),
        }
    }

    /// The screen that shows it, but for the queue.
    fn setup(&self, beginning: Beginning, manner: Manner) -> Setup {
        let Self { text, second, episode, length, .. } = self;
        // What is known already may be the text in its other language.
        let shown =
            self.texts().find(|own| own.text == beginning.reading.article.text).or(text.as_ref());
        let title = shown.and_then(|text| text.title.clone());
        let own = episode.tags.chapters.clone();
        let look = manner.setup();
        Setup {
            title: title
                .or_else(|| episode.tags.title.clone())
                .unwrap_or_else(|| episode.file.clone()),
            has_article: text.is_some(),
            is_checked: beginning.is_known || self.is_remembered,
            translation: shown
                .zip(second.as_ref())
                .map(|(text, second)| second.beside(text, self.context).texts),
            chapters: if own.is_empty() { feeds::chapters(self.store, episode.id) } else { own },
            length: *length,
            progress: Some(Progress { length: *length, ..Progress::default() }),
            bookmarks: self.listened.bookmarks.iter().map(Bookmark::from).collect(),
            search: beginning.search,
            // What is asked for by name is shown, whatever was looked at last.
            view: if second.is_some() { tui::View::default() } else { look.view },
            reading: beginning.reading,
            ..look
        }
    }

    /// Says that it is heard now, where it stands in the queue, which the screen shows; its number
    /// there.
    fn queue_up(&self, setup: &mut Setup) -> Option<u32> {
        let Self { args, name, which, episode, .. } = self;
        match queue::heard_now(args.queued, (name, which), episode.id, self.store) {
            Ok((number, queue)) => {
                setup.queue = queue;
                number
            }
            Err(why) => {
                self.context.voice.warn(why);
                None
            }
        }
    }

    /// Media keys, which are heard by whoever listens to `sender`.
    fn media_keys(&self, title: &str, sender: &Sender<Event>) -> Option<MediaKeys> {
        let Tags { show, artist, .. } = self.episode.tags.clone();
        let (id, title, length) = (self.episode.id, title.to_owned(), self.length);
        let sender = sender.clone();
        MediaKeys::take(About { id, title, show, artist, length }, move |request| {
            drop(sender.send(Event::Media(request)));
        })
    }
}

/// The text that was tied to the episode before, unless it is not wanted.
fn remembered(
    args: &ListenArgs,
    episode: &Episode,
    store: &Store,
    context: &Context,
) -> Option<Article> {
    let text = pipeline::recall_article(episode.id, store).filter(|_| !args.no_article)?;
    let title =
        text.title.as_deref().map_or_else(String::new, |title| format!(" “{}”", plain(title)));
    if args.made_of.is_some() {
        return Some(text);
    }
    context.voice.note(format!(
        "with its text{title}, which was tied to it before; `--no-article` leaves it away"
    ));
    Some(text)
}

/// What the recording at `audio` is, how long it is, and whether nobody has counted that. Its hash
/// is `id`, where somebody has read it already.
///
/// # Errors
/// With exit code 3 when it cannot be read.
pub fn open(audio: &Path, id: Option<EpisodeId>) -> Result<(Episode, Timestamp, bool), Failure> {
    let decoder = decode::open(audio).map_err(|e| Failure::new(Exit::Input, e))?;
    let id = id.map_or_else(|| decode::episode_id(audio), Ok).map_err(|e| {
        Failure::new(Exit::Input, format!("cannot read `{}`: {e}", audio.display()))
    })?;
    let file = file_name(audio);
    let (length, is_estimate) =
        decoder.length().map_or((Timestamp::ZERO, false), |length| (length.at, length.is_estimate));
    Ok((Episode { file, id, tags: decoder.tags().clone() }, length, is_estimate))
}
