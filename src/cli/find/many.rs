//! `aloud find` over many episodes: folders, patterns, everything that was ever heard, or a server.

use super::places::{self, Place};
use crate::cli::args::{FindArgs, InArg, SoundArgs};
use crate::cli::exit::Exit;
use crate::cli::recognise::Recognition;
use crate::cli::report::{Failure, plain};
use crate::cli::server::Server;
use crate::cli::since::since;
use crate::cli::{Context, inputs, output};
use crate::decode;
use crate::episode::{Episode, EpisodeId, file_name};
use crate::index::{self, Answer, Card, Event, Layer, Library, Place as Lies, Request, Scope};
use crate::pipeline;
use crate::reading::Reading;
use crate::search::{self, Passage, Query};
use crate::store::Store;
use std::collections::{HashMap, HashSet};
use std::path::{Path, PathBuf};

/// More names than this are not listed one by one.
const MAX_NAMED: usize = 5;
/// How many places are shown where nobody says.
const LIMIT: usize = 50;
/// So many words are suggested where nothing was found.
const SUGGESTIONS: usize = 3;
/// Of so many named episodes the whole text is searched for what nobody reads.
const MAX_UNREAD: usize = 20;

/// What was found, and what to call it.
pub struct Heard {
    answer: Answer,
    paths: HashMap<EpisodeId, PathBuf>,
    nearest: Vec<String>,
    /// Where it is written and not read, when it was found nowhere.
    unread: Option<String>,
    /// Whether nothing of what was searched was ever recognised.
    is_unheard: bool,
    /// The index has pages, not readings: a player reads for itself.
    reading: Reading,
}

impl Heard {
    /// The places with so much around them.
    pub fn places(&self, context: search::Context) -> Vec<Place<'_>> {
        let place = |found: &index::Found| {
            let audio = self.paths.get(&found.episode).map_or(Path::new(""), PathBuf::as_path);
            let passage = Passage::around(&found.text, &found.hit.words, context);
            Some(Place {
                audio,
                heard: audio,
                which: SoundArgs::default(),
                reading: &self.reading,
                span: found.hit.span?,
                hit: found.hit.clone(),
                passage,
            })
        };
        self.answer.found.iter().filter_map(place).collect()
    }

    /// Whether nothing of what was searched was ever recognised.
    pub fn is_unheard(&self) -> bool {
        self.is_unheard
    }

    /// That there is nothing, and what is least unlike it.
    pub fn nothing(&self, phrase: &str) -> Failure {
        let near: Vec<String> =
            self.nearest.iter().map(|words| format!("“{}”", plain(words))).collect();
        super::absent(phrase, &near, self.unread.as_deref(), self.is_unheard)
    }
}

/// Whether more is meant than the recordings that are named.
pub fn is_wide(args: &FindArgs) -> bool {
    // With a text the folder is one recording in several files.
    let is_one = args.article.is_some() && args.audio.len() == 1;
    let is_several = |path: &PathBuf| !is_one && (path.is_dir() || inputs::is_pattern(path));
    let is_wide =
        args.is_all || args.server.is_some() || args.since.is_some() || args.audio.is_empty();
    is_wide || args.audio.iter().any(is_several)
}

/// Whether something is kept of each recording that is named, a transcript or a text that was tied
/// to it, and nobody asks for another one.
pub fn are_known(args: &FindArgs, context: &Context) -> bool {
    let is_asked = args.article.is_some() || args.transcribe || args.which.is_some();
    if is_asked || args.recognise.model.is_some() || args.recognise.transcript.is_some() {
        return false;
    }
    let Ok(store) = context.store() else { return false };
    let ids: Result<Vec<EpisodeId>, _> =
        args.audio.iter().map(|path| decode::episode_id(path)).collect();
    ids.is_ok_and(|ids| index::are_kept(&ids, &store))
}

/// Looks in many episodes.
///
/// # Errors
/// With exit code 2 for arguments that make no sense, 3 where nothing that is named can be
/// searched, 1 where a server does not answer.
pub fn find(args: &FindArgs, query: &Query, context: &Context) -> Result<Heard, Failure> {
    if args.article.is_some() {
        return Err(Failure::new(Exit::Usage, "`--article` is of one recording").hint(super::ONE));
    }
    if args.which.is_some() {
        return Err(Failure::new(
            Exit::Usage,
            "`--track` and `--channel` are of recordings that are named one by one",
        ));
    }
    let store = context.store()?;
    let limit = match args.limit {
        None => LIMIT,
        Some(0) => usize::MAX / 2,
        Some(limit) => limit as usize,
    };
    let layer = match args.text {
        InArg::Said => Some(Layer::Said),
        InArg::Written => Some(Layer::Written),
        InArg::Both => None,
    };
    let scope =
        Scope { layer, episodes: None, since: args.since.as_deref().map(since).transpose()? };
    let mut request = Request { query, is_exact: args.exact, scope, limit };
    let heard = match &args.server {
        Some(url) => {
            let (answer, names) = Server::new(url, context)?.find(&request)?;
            let paths = names.into_iter().map(|(id, name)| (id, PathBuf::from(name))).collect();
            Heard {
                answer,
                paths,
                nearest: Vec::new(),
                unread: None,
                is_unheard: false,
                reading: Reading::default(),
            }
        }
        None => in_library(args, &mut request, &store, context)?,
    };
    // What a server left out was told already.
    let is_told = args.server.is_some() && heard.answer.found.len() < limit;
    if heard.answer.has_more && !args.json && !is_told {
        context.voice.note(format!(
            "these are the first {}; `--limit N` shows more, `--limit 0` all",
            heard.answer.found.len()
        ));
    }
    Ok(heard)
}

fn in_library(
    args: &FindArgs,
    request: &mut Request,
    store: &Store,
    context: &Context,
) -> Result<Heard, Failure> {
    let mut library = open(store, context);
    let mut named = HashMap::new();
    if !args.audio.is_empty() {
        named = meant(&mut library, store, args, context)?;
        request.scope.episodes = Some(named.keys().copied().collect());
    }
    let is_nowhere = request.scope.episodes.as_ref().is_some_and(HashSet::is_empty);
    let mut answer = if is_nowhere { Answer::default() } else { library.find(request) };
    if args.context != search::Context::default() {
        library.widen(&mut answer);
    }
    for note in &library.notes {
        context.voice.warn(note);
    }
    let nearest = if is_nowhere || !answer.found.is_empty() {
        Vec::new()
    } else {
        library.nearest(request, SUGGESTIONS)
    };
    let mut searched: Vec<(&PathBuf, EpisodeId)> =
        named.iter().map(|(id, path)| (path, *id)).collect();
    searched.sort();
    searched.truncate(if answer.found.is_empty() && request.scope.layer != Some(Layer::Said) {
        MAX_UNREAD
    } else {
        0
    });
    let unread = searched
        .into_iter()
        .filter_map(|(_, id)| pipeline::recall_article(id, store))
        .find_map(|article| {
            let text = search::Text::written(&Reading { article, ..Reading::default() });
            places::unread(&text, request.query)
        });
    let ids: HashSet<EpisodeId> = answer.found.iter().map(|found| found.episode).collect();
    let path = |id| named.get(&id).cloned().or_else(|| Some(path(&library.card(id)?)));
    let paths = ids.into_iter().filter_map(|id| Some((id, path(id)?))).collect();
    let is_heard = |id: &EpisodeId| library.card(*id).is_some_and(|card| card.n_words > 0);
    let is_unheard = answer.found.is_empty() && !named.is_empty() && !named.keys().any(is_heard);
    Ok(Heard { answer, paths, nearest, unread, is_unheard, reading: Reading::default() })
}

/// The library, brought up to date with a word about what takes long.
pub fn open<'a>(store: &'a Store, context: &Context) -> Library<'a> {
    let voice = &context.voice;
    let mut watch = |event: Event| match event {
        Event::Waiting => voice.note("another aloud is building the index; waiting for it"),
        Event::Indexed(n, of) if of > 100 && (n % 100 == 0 || n == of) => {
            voice.note(format!("{n} of {of} episodes are in the index"));
        }
        Event::Indexed(..) => {}
    };
    Library::open(store, &mut watch, &|| context.is_cancelled())
}

/// The episodes that the arguments mean, with their paths as they are named. Recordings that nobody
/// has transcribed are named, or transcribed where that was asked.
fn meant<'a>(
    library: &mut Library<'a>,
    store: &'a Store,
    args: &FindArgs,
    context: &Context,
) -> Result<HashMap<EpisodeId, PathBuf>, Failure> {
    let recordings = inputs::meant(&args.audio);
    if recordings.is_empty() {
        return Err(Failure::new(Exit::Input, "there are no recordings in what was named"));
    }
    if let [only] = &recordings[..] {
        output::input(only)?;
    }
    let mut known = Known::of(library);
    let (mut found, mut unknown) = (HashMap::new(), Vec::new());
    for recording in recordings {
        match known.find(&recording, store) {
            Some(id) => drop(found.entry(id).or_insert(recording)),
            None => unknown.push(recording),
        }
    }
    if !unknown.is_empty() && args.transcribe {
        let recognition = Recognition::new(&args.recognise, None, context)?;
        for recording in &unknown {
            let transcript = recognition.transcript(recording, &mut |_| {})?;
            found.extend(transcript.audio.id.map(|id| (id, recording.clone())));
        }
        *library = open(store, context);
    } else if !unknown.is_empty() {
        let names: Vec<String> = unknown
            .iter()
            .take(MAX_NAMED)
            .map(|path| format!("`{}`", plain(&path.display().to_string())))
            .collect();
        let more = unknown.len().saturating_sub(MAX_NAMED);
        let more = if more > 0 { format!(" and {more} more") } else { String::new() };
        context.voice.warn(format!(
            "not searched, since not transcribed: {}{more}; `--transcribe` does that first",
            names.join(", ")
        ));
    }
    Ok(found)
}

/// Which recordings are known, without reading them again where that can be avoided.
pub struct Known {
    by_path: HashMap<PathBuf, (Lies, EpisodeId)>,
    ids: HashSet<EpisodeId>,
    lengths: HashSet<u64>,
    /// Whether there is an episode of which nobody knows where it lies or how long its file is.
    has_placeless: bool,
}

impl Known {
    /// Those of `library`.
    pub fn of(library: &Library) -> Self {
        let mut known = Self {
            by_path: HashMap::new(),
            ids: HashSet::new(),
            lengths: HashSet::new(),
            has_placeless: false,
        };
        for (id, card) in library.cards() {
            known.ids.insert(id);
            match card.place {
                Some(place) => {
                    known.lengths.insert(place.bytes);
                    known.by_path.insert(place.path.clone(), (place, id));
                }
                None => known.has_placeless = true,
            }
        }
        known
    }

    /// The episode that the file at `path` is, if it is a known one; where it moved, that is
    /// remembered.
    pub fn find(&mut self, path: &Path, store: &Store) -> Option<EpisodeId> {
        let here = Lies::of(path)?;
        if let Some((_, id)) = self.by_path.get(&here.path).filter(|(place, _)| *place == here) {
            return Some(*id);
        }
        if !self.has_placeless && !self.lengths.contains(&here.bytes) {
            return None;
        }
        let id = decode::episode_id(path).ok().filter(|id| self.ids.contains(id))?;
        let file = file_name(path);
        // A copy of a file that is still where it was is no move.
        let is_elsewhere = self.by_path.values().any(|(place, own)| *own == id && place.is_there());
        if !is_elsewhere {
            here.keep(store, &Episode { file, id, tags: <_>::default() });
        }
        self.by_path.insert(here.path.clone(), (here, id));
        Some(id)
    }
}

/// The path of an episode's recording from here, where it is known; else its name.
fn path(card: &Card) -> PathBuf {
    let Some(place) = &card.place else { return PathBuf::from(&card.file) };
    let here = std::env::current_dir().ok();
    let near = here.and_then(|here| place.path.strip_prefix(here).ok().map(Path::to_owned));
    near.unwrap_or_else(|| place.path.clone())
}
