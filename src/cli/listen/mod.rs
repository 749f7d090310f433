//! `aloud listen`: plays a recording while the text follows.

mod errands;
mod loading;
mod playback;
mod reader;
pub(super) mod storage;

use super::args::{ListenArgs, MethodArg, SoundArgs};
use super::exit::Exit;
use super::listened::{self, Listened};
use super::manner::{self, Manner};
use super::recognise::Recognition;
use super::report::{Failure, Outcome, Voice, plain};
use super::shelf::{self, Choice, Meant};
use super::tracks::{self, Chosen};
use super::{
    Context, article, demo, inputs, method, output, parts, queue, read, remote, second, voice,
};
use crate::align::Status;
use crate::article::Article;
use crate::decode::{self, SeekIndex};
use crate::episode::{Episode, Tags, file_name};
use crate::feeds;
use crate::feeds::kept;
use crate::index::Place;
use crate::media::{About, MediaKeys};
use crate::pipeline::{self, Playhead};
use crate::player::{Options, Player};
use crate::reading::Reading;
use crate::refusal;
use crate::search::{self, Query};
use crate::store::Store;
use crate::time::{Span, Timestamp};
use crate::tui::{
    self, Abilities, Bookmark, Event, Notice, Playback, Progress, Setup, Storage, Wants,
};
use crate::view::is_heard;
use errands::Errands;
use loading::Loaded;
use playback::Sound;
use reader::Reader;
use std::collections::HashSet;
use std::ffi::OsString;
use std::io::{self, IsTerminal};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};
use storage::EpisodeStorage;

/// Files that are still being written when the listener quits are waited for so long.
const LAST_FILES: Duration = Duration::from_secs(5);

/// Plays until the listener quits; first chooses an episode from the shelf, where none is named.
/// Where standard output is no terminal, prints the text in time with the sound, or the shelf.
pub fn run(args: &ListenArgs, context: &Context) -> Outcome {
    run_with(args, &args.for_another(), context)
}

/// As [`run`], where other episodes that are chosen later are heard as `next` says.
pub fn run_with(args: &ListenArgs, next: &ListenArgs, context: &Context) -> Outcome {
    let mut args = args.clone();
    let meant = match &args.audio {
        Some(audio) if are_several(&args)? => {
            let others = args
                .article
                .take()
                .into_iter()
                .chain(std::mem::take(&mut args.more))
                .map(PathBuf::from);
            queue::hear(
                &std::iter::once(audio.clone()).chain(others).collect::<Vec<_>>(),
                &context.store()?,
            )?;
            Meant::Recording(audio.clone(), SoundArgs::default())
        }
        Some(audio) => shelf::meant(audio, context)?,
        None if args.queue => Meant::Queued(from_queue(&context.store()?)?),
        None => Meant::Shelf(shelf::Opening::default()),
    };
    from(meant, args, next, context)
}

/// Begins with what is `meant`, heard as `args` say, and goes on to what is chosen after it.
fn from(mut meant: Meant, mut args: ListenArgs, next: &ListenArgs, context: &Context) -> Outcome {
    // What was left for the shelf.
    let mut before: Option<(Meant, ListenArgs)> = None;
    let mut is_back = false;
    loop {
        // What was not named by hand and cannot be opened is told on the shelf.
        let is_named = matches!(meant, Meant::Recording(..)) && !is_back;
        let mut now = meant.clone();
        let heard = match meant {
            Meant::Recording(audio, which) => hear(&audio, which, &args, false, context),
            Meant::Demo => return demo::play(next, context),
            Meant::Queued(number) => {
                let store = context.store()?;
                match (
                    queue::turn_to(number, &store).map_err(unread)?,
                    queue::next(&store).map_err(unread)?,
                ) {
                    (Some(entry), _) => {
                        let args = ListenArgs { queued: Some(number), ..args.clone() };
                        hear(&entry.path, entry.which(), &args, true, context)
                    }
                    // Somebody took it away meanwhile.
                    (None, Some(next)) => Ok(Ended::ForQueued(next)),
                    (None, None) if has_screen() => Ok(Ended::ForShelf),
                    (None, None) => Ok(Ended::Left(Exit::Done)),
                }
            }
            Meant::Shelf(opening) if !has_screen() => {
                return shelf::print(&opening.search, context);
            }
            Meant::Shelf(opening) => match shelf::choose(
                opening,
                manner::theme(args.play.theme.clone(), context)?,
                context,
            )? {
                Choice::Recording(audio, which) => {
                    now = Meant::Recording(audio.clone(), which.clone());
                    hear(&audio, which, &args, true, context)
                }
                Choice::Back => match before.take() {
                    Some(left) => {
                        (meant, args) = left;
                        is_back = true;
                        continue;
                    }
                    None => return Ok(Exit::Done),
                },
                Choice::Demo => return demo::play(next, context),
                Choice::None => return Ok(Exit::Done),
            },
        };
        let note = match heard {
            Ok(Ended::Left(exit)) => return Ok(exit),
            Ok(Ended::ForShelf) => {
                // It goes on where it was left.
                before = Some((now, ListenArgs { at: None, from_start: false, ..args }));
                None
            }
            Ok(Ended::ForQueued(number)) => {
                (args, meant) = (next.clone(), Meant::Queued(number));
                continue;
            }
            // Another episode may be better off.
            Err(failure) if !is_named && has_screen() && failure.exit != Exit::Cancelled => {
                Some(failure.why)
            }
            Err(failure) => return Err(failure),
        };
        args = next.clone();
        meant = Meant::Shelf(shelf::Opening {
            note,
            goes_back: before.is_some(),
            ..shelf::Opening::default()
        });
    }
}

/// Has one recording heard: a file, an address, or a text that is read aloud.
fn hear(
    audio: &Path,
    which: SoundArgs,
    args: &ListenArgs,
    has_chosen: bool,
    context: &Context,
) -> Result<Ended, Failure> {
    let mut args = args.clone();
    let absent = remote::absent(audio, &context.store()?)?;
    let is_plain =
        !args.which.clone().or(which.clone()).is_some() && args.at.as_deref().is_none_or(is_time);
    let audio = match absent.as_ref().filter(|_| is_plain && has_screen()) {
        Some((url, path)) => match loading::listen(url, path, &args, context) {
            Ok(Loaded::Here(path)) => path,
            Ok(Loaded::Heard { path, at, is_paused }) => {
                // To the millisecond, and as it was left.
                args.at = Some(format!("{:.3}", at.secs()));
                args.play.paused = is_paused;
                path
            }
            Ok(Loaded::Left(ended)) => {
                forget_streamed(&args, absent.as_ref(), context)?;
                return Ok(ended);
            }
            Err(failure) => {
                forget_streamed(&args, absent.as_ref(), context)?;
                return Err(failure);
            }
        },
        None => remote::here(audio, context)?,
    };
    let stream = ListenArgs { stream: args.stream, ..ListenArgs::default() };
    let args = match args.article.is_none() && !parts::is_book(&audio) && read::is_text(&audio) {
        true => read::heard(&args, &audio, has_chosen, context)?,
        false => ListenArgs { audio: Some(audio), ..args.clone() },
    };
    let ended = listen(&ListenArgs { which: args.which.clone().or(which), ..args }, None, context);
    forget_streamed(&stream, absent.as_ref(), context)?;
    ended
}

/// Whether a place to begin at can be told from the length alone.
fn is_time(at: &str) -> bool {
    place(at, Timestamp::from_millis(1000)).is_some()
}

/// Removes the file of a recording that was not here before, where the listener wants to keep none.
fn forget_streamed(
    args: &ListenArgs,
    absent: Option<&(String, PathBuf)>,
    context: &Context,
) -> Result<(), Failure> {
    if let Some((url, path)) = absent.filter(|_| args.stream)
        && !kept::forget(&context.store()?, url)
    {
        context.voice.warn(format!(
            "`{}` stays here: it cannot be removed; `aloud cache rm` tries again",
            path.display()
        ));
    }
    Ok(())
}

/// How listening ended.
enum Ended {
    /// The listener left, or all was heard.
    Left(Exit),
    /// The listener wants another episode.
    ForShelf,
    /// The one of this number in the queue comes next.
    ForQueued(u32),
}

/// Whether what is named are several recordings, to be heard one after the other.
fn are_several(args: &ListenArgs) -> Result<bool, Failure> {
    let is_sound = |name: &OsString| inputs::is_recording(Path::new(name));
    let others: Vec<&OsString> = args.article.iter().chain(&args.more).collect();
    let strange = others.iter().find(|name| !is_sound(name));
    match strange {
        Some(strange) if others.len() > 1 => {
            let name = plain(&strange.to_string_lossy());
            let why = format!(
                "`{name}` is no recording; name one recording and its text, or recordings to be heard one after the other"
            );
            Err(Failure::new(Exit::Usage, why))
        }
        strange => Ok(strange.is_none() && !others.is_empty()),
    }
}

/// The number of what the queue goes on with.
fn from_queue(store: &Store) -> Result<u32, Failure> {
    let number = queue::go_on(store).map_err(unread)?;
    number.ok_or_else(|| {
        Failure::new(
            Exit::Nothing,
            "nothing more is in the queue; `aloud queue add AUDIO` puts something into it",
        )
    })
}

fn unread(why: String) -> Failure {
    Failure::new(Exit::Failed, why)
}

/// Whether there is a screen to listen at, and somebody who can press keys. A terminal that only
/// goes on line by line (`TERM=dumb`) is none.
pub fn has_screen() -> bool {
    io::stdout().is_terminal() && has_keyboard() && Abilities::of_process().has_places
}

/// A place where a phrase was found, to begin at.
pub struct Found {
    /// When it is heard.
    pub at: Timestamp,
    /// The phrase, which is searched for on the screen.
    pub search: (String, search::Options),
    /// What is known of the episode.
    pub reading: Reading,
}

/// As [`run`], from a place where a phrase was found.
pub fn from_hit(args: &ListenArgs, found: Found, context: &Context) -> Outcome {
    match listen(args, Some(found), context)? {
        Ended::Left(exit) => Ok(exit),
        Ended::ForShelf => run(&args.for_another(), context),
        Ended::ForQueued(number) => {
            from(Meant::Queued(number), args.for_another(), &args.for_another(), context)
        }
    }
}

fn listen(args: &ListenArgs, found: Option<Found>, context: &Context) -> Result<Ended, Failure> {
    // What cannot be is said before anything is read.
    let store = context.store()?;
    let manner = Manner::of(&args.play, &store, context)?;
    let opened = args.audio.as_deref().unwrap_or(Path::new(""));
    let own = parts::is_book(opened).then(|| opened.to_owned().into_os_string());
    let args = &ListenArgs { article: args.article.clone().or(own), ..args.clone() };
    let audio = parts::recording(opened, context)?.path;
    let has_screen = has_screen();
    let loaded = args
        .article
        .as_deref()
        .map(|source| article::load_whole(source, args.chapter.as_deref(), context))
        .transpose()?;
    let (text, source) =
        loaded.map_or_else(|| (None, Vec::new()), |(text, source)| (Some(text), source));
    let language = tracks::language(text.as_ref(), &args.recognise, context)?;
    let Chosen { path: audio, which } =
        tracks::one(&audio, &args.which, language.as_deref(), context)?;
    let second = args
        .bilingual
        .as_deref()
        .map(|source| second::load(source, args.method.anyway, context))
        .transpose()?;
    let (episode, length, is_estimate) = open(&audio)?;
    let is_named = text.is_some();
    let text = text.or_else(|| remembered(args, &episode, &store, context));
    let is_remembered = text.is_some() && !is_named;
    if second.is_some() && text.is_none() {
        let why = "`--bilingual` shows a text beside the article, and no article is named or was tied to the recording before";
        return Err(Failure::new(Exit::Usage, why));
    }
    if let Some((text, second)) = text.as_ref().zip(second.as_ref()) {
        second.belongs_to(text, context)?;
    }
    let listened = Listened {
        show: episode.tags.show.clone(),
        length: Some(length.millis()).filter(|ms| *ms > 0),
        opened: std::path::absolute(
            args.made_of.as_deref().map(Path::new).filter(|text| text.is_file()).unwrap_or(opened),
        )
        .ok(),
        track: which.track.clone(),
        channel: which.channel.name().map(str::to_owned),
        ..listened::listened(&store, episode.id)
    };
    // What was made of a folder, a book or a text lies nowhere that people look.
    if let Some(place) = Place::of(&audio).filter(|_| audio == opened && args.made_of.is_none()) {
        place.keep(&store, &episode);
    }
    let (library, dictionary) = (voice::library(context), voice::dictionary(context));
    let method = args.method.wanted(context)?;
    let is_free = parts::is_free(&args.recognise, &args.method);
    let book = args.article.as_deref().filter(|_| is_free && found.is_none());
    let given = book
        .map(|name| parts::given(&audio, (name, &source), args.chapter.as_deref(), context))
        .transpose()?
        .flatten();
    drop(source);
    let given = given.map(|tied| tied.reading);
    let recognition = match given {
        Some(_) => Err(Failure::new(Exit::NoModel, "the book has its own times")),
        None => recognition(args, method, text.as_ref(), context),
    };
    if let Err(failure) = &recognition
        && failure.exit != Exit::NoModel
    {
        return Err(Failure::new(failure.exit, &failure.why));
    }
    let known = || {
        given.clone().or_else(|| {
            known(text.as_ref(), recognition.as_ref().ok(), &episode, &audio, &store, context)
        })
    };
    // A place in the library comes without its reading.
    let has_reading = |found: &Found| !found.reading.article.text.is_empty();
    let is_known = found.as_ref().is_some_and(has_reading) || given.is_some();
    let (first, start, search) = match found {
        Some(found) => {
            let first = if is_known { found.reading } else { reader::first(text.as_ref(), length) };
            (first, found.at, Some(found.search))
        }
        None => {
            let first = given.clone().unwrap_or_else(|| reader::first(text.as_ref(), length));
            let start = start(
                args,
                &listened,
                &|| known().unwrap_or_else(|| first.clone()),
                (length, is_estimate),
            )?;
            (first, start, None)
        }
    };
    let index = storage::index(&store, episode.id);
    let rate = manner.rate(listened.show.as_deref());
    let options = Options {
        device: manner.device,
        no_audio: args.play.no_audio,
        rate,
        volume: manner.volume,
        start,
        skip_silence: manner.skips_silence,
        index: index.clone(),
    };
    let translation =
        text.as_ref().zip(second.as_ref()).map(|(text, second)| second.beside(text, context).texts);
    let player = Player::open(&audio, options)?;
    let index = Arc::new(Mutex::new(index));
    let keep_index = |made: &Arc<SeekIndex>| {
        *index.lock().unwrap_or_else(PoisonError::into_inner) = Some(Arc::clone(made));
        storage::keep_index(&store, &episode, made);
    };
    let playhead = Playhead::default();
    playhead.move_to(start);
    let title = text
        .as_ref()
        .and_then(|text| text.title.clone())
        .or_else(|| episode.tags.title.clone())
        .unwrap_or_else(|| episode.file.clone());
    let queue = queue::heard_now(args.queued, (opened, &which), episode.id, &store);
    let (number, queue) = queue.unwrap_or_else(|why| {
        context.voice.warn(why);
        Default::default()
    });
    let (sender, inputs) = channel();
    // Whoever only prints has no keys.
    let media = (has_screen && manner.has_media_keys).then(|| {
        let Tags { show, artist, .. } = episode.tags.clone();
        let (about, sender) =
            (About { id: episode.id, title: title.clone(), show, artist, length }, sender.clone());
        MediaKeys::take(about, move |request| drop(sender.send(Event::Media(request))))
    });
    let mut sound = Sound {
        player,
        keep_index: &keep_index,
        playhead: playhead.clone(),
        media: media.flatten(),
    };
    let told: Vec<Bookmark> = listened.bookmarks.iter().map(Bookmark::from).collect();
    let own = episode.tags.chapters.clone();
    let chapters = if own.is_empty() { feeds::chapters(&store, episode.id) } else { own };
    let setup = Setup {
        title,
        has_article: text.is_some(),
        is_checked: is_known || is_remembered,
        translation,
        chapters: chapters.clone(),
        length,
        progress: Some(Progress { length, ..Progress::default() }),
        bookmarks: told.clone(),
        search,
        theme: manner.theme,
        // What is asked for by name is shown, whatever was looked at last.
        view: if second.is_some() { tui::View::default() } else { manner.view },
        column: manner.column,
        skips_silence: manner.skips_silence,
        keys: manner.keys,
        reading: first,
        queue,
    };
    let is_over = Arc::new(AtomicBool::new(false));
    let over = || is_over.load(Ordering::Relaxed) || context.is_cancelled();
    let reading = Arc::new(Mutex::new(setup.reading.clone()));
    let reader = Reader {
        audio: &audio,
        episode: &episode,
        article: text,
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
        is_given: given.is_some(),
        is_insisted: args.method.anyway,
    };
    let mut storage = EpisodeStorage {
        store: &store,
        episode: &episode,
        audio: &audio,
        chapters,
        reading,
        told,
        listened,
        index: Arc::clone(&index),
        errands: Errands::default(),
        is_over: Arc::clone(&is_over),
    };
    std::thread::scope(|threads| {
        let reading = std::thread::Builder::new()
            .name("reader".into())
            .spawn_scoped(threads, move || reader.run(recognition));
        reading.map_err(|e| Failure::new(Exit::Failed, refusal::no_thread(&e)))?;
        let ended = if has_screen {
            if !args.play.paused {
                sound.play();
            }
            let ended = tui::listen(setup, &mut sound, &mut storage, &sender, &inputs);
            let ended = ended.map(|ended| match ended.wants {
                // Only what loads becomes whole.
                None | Some(Wants::Whole) => Ended::Left(Exit::Done),
                Some(Wants::Shelf) => Ended::ForShelf,
                Some(Wants::Queued(number)) => Ended::ForQueued(number),
            });
            let ended = ended.map_err(|e| {
                Failure::new(Exit::Failed, format!("the terminal cannot be used: {e}"))
            });
            // What was asked for last may still be on its way.
            // The sound card's libraries may still have standard error to themselves.
            crate::player::hush::lift();
            for told in storage.errands.finish(LAST_FILES, &|| context.is_cancelled()) {
                match told {
                    Ok(written) => context.voice.note(written),
                    Err(why) => context.voice.warn(why),
                }
            }
            ended
        } else {
            drop(sender);
            let (is_insisted, voice) = (args.method.anyway, context.voice.clone());
            let world =
                World { from: start, is_paused: args.play.paused, is_insisted, voice, over: &over };
            let ended = follow(setup.reading, &mut sound, &inputs, &world);
            if let Err(why) = storage.remember(sound.position().at) {
                context.voice.warn(why);
            }
            // Whoever hears an episode of the queue hears all that comes after it.
            let then = number.and_then(|_| queue::next(&store).ok().flatten());
            ended.map(|exit| {
                then.filter(|_| exit == Exit::Done).map_or(Ended::Left(exit), Ended::ForQueued)
            })
        };
        is_over.store(true, Ordering::Relaxed);
        drop(sound);
        ended
    })
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

/// What recognises, or why nothing does. A model that is missing is offered here, before the
/// screen, where nothing else finds times.
fn recognition<'a>(
    args: &ListenArgs,
    method: MethodArg,
    text: Option<&Article>,
    context: &'a Context,
) -> Result<Recognition<'a>, Failure> {
    let unwanted = |why: &str| Err(Failure::new(Exit::NoModel, why));
    match method {
        MethodArg::Estimate | MethodArg::Synth if text.is_some() => {
            unwanted("nothing else was asked for")
        }
        MethodArg::Auto
            if text.is_some()
                && !method::can_recognise(&args.recognise, context)
                && voice::speaker(context).is_ok() =>
        {
            unwanted("no model is on this machine")
        }
        _ => Recognition::new(&args.recognise, text.map(|text| text.text.as_str()), context),
    }
}

/// Whether somebody can press keys: on standard input, or on the terminal behind it when an article
/// comes in there.
fn has_keyboard() -> bool {
    io::stdin().is_terminal() || (cfg!(unix) && std::fs::File::open("/dev/tty").is_ok())
}

fn open(audio: &Path) -> Result<(Episode, Timestamp, bool), Failure> {
    let failed = |e: &dyn std::fmt::Display| Failure::new(Exit::Input, e);
    let decoder = decode::open(audio).map_err(|e| failed(&e))?;
    let id = decode::episode_id(audio)
        .map_err(|e| failed(&format!("cannot read `{}`: {e}", audio.display())))?;
    let file = file_name(audio);
    let (length, is_estimate) =
        decoder.length().map_or((Timestamp::ZERO, false), |length| (length.at, length.is_estimate));
    Ok((Episode { file, id, tags: decoder.tags().clone() }, length, is_estimate))
}

/// An estimated length is off by no more than one part in so many.
const ESTIMATE_OFF: u64 = 4;

/// Where to begin. `length` is the recording's, and whether it is an estimate.
fn start(
    args: &ListenArgs,
    listened: &Listened,
    reading: &dyn Fn() -> Reading,
    (length, is_estimate): (Timestamp, bool),
) -> Result<Timestamp, Failure> {
    let Some(wished) = args.at.as_deref() else {
        let is_over =
            length > Timestamp::ZERO && is_heard(Timestamp::from_millis(listened.at), length);
        let at = if args.from_start || is_over { 0 } else { listened.at };
        return Ok(Timestamp::from_millis(at));
    };
    if let Some(at) = place(wished, length) {
        // Where nobody counted the sound it may go on for longer than its first part promises.
        let end = if is_estimate { length.plus(length.millis() / ESTIMATE_OFF) } else { length };
        let is_behind = length > Timestamp::ZERO && at >= end;
        let behind = || {
            Failure::new(
                Exit::Nothing,
                format!("`--at {}` is behind the end, which is at {length}", plain(wished)),
            )
        };
        return if is_behind { Err(behind()) } else { Ok(at) };
    }
    let missing = || {
        Failure::new(
            Exit::Nothing,
            format!("`{}` is no time, no share, and not in the text", plain(wished)),
        )
    };
    let query = Query::parse(wished).map_err(|_| missing())?;
    let hits = search::find(&search::Text::heard(&reading()), &query);
    let best = hits.into_iter().filter_map(|hit| Some((hit.kind, hit.span?.start()))).min();
    best.map(|(_, at)| at).ok_or_else(missing)
}

/// The reading, if it was made before.
fn known(
    text: Option<&Article>,
    recognition: Option<&Recognition<'_>>,
    episode: &Episode,
    audio: &Path,
    store: &Store,
    context: &Context,
) -> Option<Reading> {
    let Some(transcript) = recognition.and_then(|recognition| recognition.recall(episode)) else {
        return pipeline::recall_synth(text?, audio, store).map(|tied| tied.reading);
    };
    match text {
        Some(text) => {
            pipeline::tie(text.clone(), transcript, audio, store, &|| context.is_cancelled())
                .map(|tied| tied.reading)
        }
        None => Some(Reading::of_transcript(transcript)),
    }
}

/// A time such as `3:20`, `1:02:03` or `95`, or a share of the whole such as `40%`.
fn place(text: &str, length: Timestamp) -> Option<Timestamp> {
    if let Some(share) = text.strip_suffix('%') {
        let share: f64 = share.trim().parse().ok().filter(|share| (0.0..=100.0).contains(share))?;
        return Some(Timestamp::from_secs(length.secs() * share / 100.0));
    }
    let parts: Vec<&str> = text.split(':').collect();
    let is_plain =
        |part: &&str| !part.is_empty() && part.chars().all(|c| c.is_ascii_digit() || c == '.');
    if parts.len() > 3 || !parts.iter().all(is_plain) {
        return None;
    }
    let seconds = parts
        .iter()
        .try_fold(0.0, |sum: f64, part| Some(sum * 60.0 + part.parse::<f64>().ok()?))?;
    Some(Timestamp::from_secs(seconds))
}

/// How long a pipe waits for better times than the first guess before it begins.
const WORTH_WAITING: Duration = Duration::from_secs(3);

/// Prints each sentence when it is spoken, for pipes and for those who cannot use a screen.
fn follow(
    mut reading: Reading,
    sound: &mut Sound<'_>,
    inputs: &Receiver<Event>,
    world: &World<'_>,
) -> Outcome {
    let mut begun = world.is_paused.then_some(());
    let start = Instant::now();
    let mut printed = HashSet::new();
    while !(world.over)() {
        match inputs.recv_timeout(Duration::from_millis(40)) {
            Ok(Event::Reading(better)) => {
                reading = *better;
                if begun.is_none() {
                    sound.play();
                    begun = Some(());
                }
            }
            // Whoever reads a pipe cannot see that the words beside the sound are of something
            // else.
            Ok(Event::Notice(Notice::Misfit(why))) if !world.is_insisted => {
                let way = "`--anyway` lets them go together, `--no-article` plays without a text";
                return Err(Failure::new(Exit::Nothing, format!("{why}; {way}")));
            }
            Ok(Event::Notice(
                Notice::Note(text) | Notice::Trouble(text) | Notice::Misfit(text),
            )) => world.voice.note(text),
            Ok(_) | Err(RecvTimeoutError::Timeout) => {}
            // Nobody will know more, but the sound goes on.
            Err(RecvTimeoutError::Disconnected) => std::thread::sleep(Duration::from_millis(40)),
        }
        if begun.is_none() && start.elapsed() >= WORTH_WAITING {
            sound.play();
            begun = Some(());
        }
        for notice in sound.events() {
            if let Notice::Note(text) | Notice::Trouble(text) | Notice::Misfit(text) = notice {
                world.voice.note(text);
            }
        }
        let now = sound.position();
        if begun.is_none() {
            continue;
        }
        for (_, line) in
            due(&reading, world.from, now.at).into_iter().filter(|(id, _)| printed.insert(*id))
        {
            if output::say(&line).is_err() {
                return Ok(Exit::Done);
            }
        }
        if now.is_ended {
            return Ok(Exit::Done);
        }
    }
    Ok(Exit::Cancelled)
}

/// What a pipe has to know besides the text and the sound.
struct World<'a> {
    from: Timestamp,
    is_paused: bool,
    is_insisted: bool,
    voice: Voice,
    over: &'a dyn Fn() -> bool,
}

/// A sentence by its number, or something unwritten by its start.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Line {
    Written(usize),
    Unwritten(Timestamp),
}

/// What is spoken after `from` and has begun by `to`, as lines in order of time; what is not
/// written after a plus sign.
fn due(reading: &Reading, from: Timestamp, to: Timestamp) -> Vec<(Line, String)> {
    let has_begun = |span: Span| span.end() > from && span.start() <= to;
    let line = |at: Timestamp, mark: &str, text: &str| {
        format!(
            "{at:>7}  {mark}{}\n",
            plain(&text.split_whitespace().collect::<Vec<_>>().join(" "))
        )
    };
    let written = reading.alignment.sentences.iter().enumerate().filter_map(|(index, timing)| {
        let span =
            timing.span.filter(|span| timing.status != Status::Unspoken && has_begun(*span))?;
        Some((
            span.start(),
            Line::Written(index),
            line(span.start(), "", reading.article.sentence(index)),
        ))
    });
    let unwritten =
        reading.alignment.unwritten.iter().filter(|u| !u.text.is_empty() && has_begun(u.span));
    let unwritten = unwritten.map(|u| {
        (u.span.start(), Line::Unwritten(u.span.start()), line(u.span.start(), "+ ", &u.text))
    });
    let mut lines: Vec<(Timestamp, Line, String)> = written.chain(unwritten).collect();
    lines.sort_by_key(|(at, _, _)| *at);
    lines.into_iter().map(|(_, id, line)| (id, line)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places() {
        let length = Timestamp::from_millis(561_000);
        for (text, want) in [
            ("3:20", Some(200_000)),
            ("1:02:03", Some(3_723_000)),
            ("95", Some(95_000)),
            ("9.5", Some(9_500)),
            ("50%", Some(280_500)),
            ("101%", None),
            ("9:21 pm", None),
            ("1:2:3:4", None),
            (":", None),
            ("river", None),
        ] {
            assert_eq!(place(text, length).map(Timestamp::millis), want, "{text}");
        }
    }
}
