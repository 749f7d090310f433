//! Feeding a server: several loads at once, each some hundred episodes, each of which counts once
//! all of it can be found there.

use super::client::{Body, Client, Hooks, JOB, ONCE, Trouble, sleep};
use super::notes::Notes;
use super::{Context, Server, marks};
use crate::cli::exit::Exit;
use crate::cli::report::{Failure, Outcome, counted, plain};
use crate::cli::threads::{Gone, next};
use crate::episode::EpisodeId;
use crate::index::Source;
use crate::index::dialect::Dialect;
use crate::index::wire::{self, Mark, Marks};
use crate::reason::Reason;
use crate::store::Store;
use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, Sender, SyncSender, TrySendError, channel, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// Loads on their way at once: while a server makes one findable, which takes it ten seconds, it
/// takes others.
const WAYS: usize = 4;
/// A load has no more episodes than this.
const MOST_EPISODES: usize = 200;
/// A load with so many words has no more episodes: some five megabytes.
const MANY_WORDS: usize = 200_000;
/// The waits between looks whether what was sent can be found: together longer than a server takes
/// to make it findable.
const LOOKS: [u64; 7] = [1, 2, 5, 10, 20, 30, 60];
/// A load is begun anew so often, where nobody knows what became of it.
const MOST_BEGINNINGS: usize = 4;
/// After so many episodes it is said how far it is.
const STEP: usize = 1000;

/// An episode to be sent.
struct Parcel {
    episode: EpisodeId,
    source: Source,
    state: String,
    /// Its pushes that this machine knows of.
    known: Vec<Mark>,
}

/// What became of an episode.
struct Delivered {
    episode: EpisodeId,
    /// The push that is there now.
    mark: Mark,
    /// Why a part of it is not, where it was rejected.
    rejected: Option<String>,
    /// What to call it.
    file: String,
    /// Older pushes, which are to go.
    old: Vec<Mark>,
    /// Whether it was there already, from elsewhere.
    was_there: bool,
}

/// What a thread that sends has to say.
enum News {
    Delivered(Vec<Delivered>),
    Told(String),
    Failed(Trouble),
}

/// Feeds a server what it does not have yet. What it took is noted, so that a push that broke off
/// goes on.
///
/// # Errors
/// With exit code 1 where the server does not take something, 2 where a setting is none.
pub fn push(store: &Store, url: &str, context: &Context) -> Outcome {
    let server = Server::new(url, context)?;
    let uid = server.identity()?;
    let mut notes = Notes::of(server.client.base(), &server.index, &uid, store);
    // Where nobody knows what is to go, nothing that is there is taken for what stays.
    let doomed = match server.dialect.pending(&server.index).map(|path| server.get(&path)) {
        None => Some(HashSet::new()),
        Some(Ok(body)) => Some(server.dialect.doomed(&body)),
        Some(Err(Trouble::Cancelled)) => return Err(server.failure(Trouble::Cancelled)),
        Some(Err(trouble)) => {
            log::info!("what the server is to forget is not known: {trouble:?}");
            None
        }
    };
    let mut work = Work::start(&server, doomed)?;
    let (mut load, mut n_words) = (Vec::new(), 0);
    let done = (|| {
        for (episode, source) in Source::all(store) {
            work.look(&mut notes, context)?;
            let state = wire::state(&source);
            if notes.has(episode, &state) {
                work.n_known += 1;
                continue;
            }
            n_words += source.texts.iter().map(|(_, text)| text.words.len()).sum::<usize>();
            load.push(Parcel { episode, source, state, known: notes.marks(episode) });
            if load.len() >= MOST_EPISODES || n_words >= MANY_WORDS {
                n_words = 0;
                work.send(std::mem::take(&mut load), &mut notes, context)?;
            }
        }
        if !load.is_empty() {
            work.send(load, &mut notes, context)?;
        }
        work.finish(&mut notes, context)
    })();
    work.is_over.store(true, Ordering::Relaxed);
    done.map_err(|trouble| server.failure(trouble))?;
    let owed = notes.owed();
    server.forget(&owed)?;
    notes.told(&owed);
    let (n_sent, n_known) = (work.n_sent, work.n_known);
    let sent = format!(
        "{} sent, {n_known} were there already",
        counted(n_sent, "episode was", "episodes were")
    );
    if let Some((file, why)) = work.refused.first() {
        let n = counted(work.refused.len(), "episode", "episodes");
        let why = format!("{sent}; it rejected {n}, so `{}`: {why}", plain(file));
        return Err(server.wrong(why));
    }
    context.voice.note(sent);
    Ok(Exit::Done)
}

/// The threads that send.
struct Work {
    loads: Option<SyncSender<Vec<Parcel>>>,
    news: Receiver<News>,
    is_over: Arc<AtomicBool>,
    n_sent: usize,
    n_known: usize,
    /// What was rejected, and why.
    refused: Vec<(String, String)>,
}

impl Work {
    fn start(server: &Server<'_>, doomed: Option<HashSet<Mark>>) -> Result<Self, Failure> {
        let (loads, waiting) = sync_channel::<Vec<Parcel>>(1);
        let (tell, news) = channel();
        let (waiting, is_over) = (Arc::new(Mutex::new(waiting)), Arc::new(AtomicBool::new(false)));
        let way = Way {
            client: server.client.clone(),
            index: server.index.clone(),
            dialect: server.dialect,
            doomed: doomed.map(Arc::new),
            news: tell,
            is_over: is_over.clone(),
        };
        for _ in 0..WAYS {
            let way = way.clone();
            let waiting = waiting.clone();
            let thread =
                std::thread::Builder::new().name("push".into()).spawn(move || way.run(&waiting));
            thread.map_err(Gone::NoThread)?;
        }
        Ok(Self { loads: Some(loads), news, is_over, n_sent: 0, n_known: 0, refused: Vec::new() })
    }

    /// Hands a load on, as soon as somebody has time for it.
    fn send(
        &mut self,
        mut load: Vec<Parcel>,
        notes: &mut Notes,
        context: &Context,
    ) -> Result<(), Trouble> {
        loop {
            self.look(notes, context)?;
            let Some(loads) = &self.loads else { return Ok(()) };
            match loads.try_send(load) {
                Ok(()) => return Ok(()),
                Err(TrySendError::Full(back)) => load = back,
                Err(TrySendError::Disconnected(_)) => return Err(Gone::Broken.into()),
            }
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    /// Waits for everything that is on its way.
    fn finish(&mut self, notes: &mut Notes, context: &Context) -> Result<(), Trouble> {
        self.loads = None;
        loop {
            match next(&self.news, &|| context.is_cancelled()) {
                Ok(news) => self.hear(news, notes, context)?,
                // All of them have done their work.
                Err(Gone::Broken) => return Ok(()),
                Err(gone) => return Err(gone.into()),
            }
        }
    }

    /// Takes in what there is to hear by now.
    fn look(&mut self, notes: &mut Notes, context: &Context) -> Result<(), Trouble> {
        while let Ok(news) = self.news.try_recv() {
            self.hear(news, notes, context)?;
        }
        if context.is_cancelled() { Err(Trouble::Cancelled) } else { Ok(()) }
    }

    fn hear(&mut self, news: News, notes: &mut Notes, context: &Context) -> Result<(), Trouble> {
        match news {
            News::Failed(trouble) => return Err(trouble),
            News::Told(text) => context.voice.note(text),
            News::Delivered(episodes) => {
                let before = self.n_sent;
                for delivered in episodes {
                    match delivered.rejected {
                        None => {
                            notes.add(delivered.episode, &delivered.mark, &delivered.old);
                            *(if delivered.was_there {
                                &mut self.n_known
                            } else {
                                &mut self.n_sent
                            }) += 1;
                        }
                        // A part of a text stands in the way of the whole older one.
                        Some(why) => {
                            notes.owe(delivered.episode, &delivered.mark);
                            self.refused.push((delivered.file, why));
                        }
                    }
                }
                if self.n_sent / STEP > before / STEP {
                    context.voice.note(format!("{} episodes were sent so far", self.n_sent));
                }
            }
        }
        Ok(())
    }
}

/// One way to the server.
#[derive(Clone)]
struct Way {
    client: Client,
    index: String,
    dialect: &'static dyn Dialect,
    /// Pushes that the server was told to forget, by whomever; `None` where it does not say.
    doomed: Option<Arc<HashSet<Mark>>>,
    news: Sender<News>,
    is_over: Arc<AtomicBool>,
}

impl Way {
    fn run(&self, waiting: &Mutex<Receiver<Vec<Parcel>>>) {
        loop {
            let next = waiting.lock().unwrap_or_else(PoisonError::into_inner).recv();
            let Ok(load) = next else { return };
            let news = match self.deliver(load) {
                Ok(episodes) => News::Delivered(episodes),
                Err(trouble) => News::Failed(trouble),
            };
            // Whoever hears it is gone where the push is over.
            if self.news.send(news).is_err() {
                return;
            }
        }
    }

    /// Brings a load there. Where nobody knows what became of it, and it cannot be found in time,
    /// it is sent anew as a push of its own.
    fn deliver(&self, load: Vec<Parcel>) -> Result<Vec<Delivered>, Trouble> {
        let (mut left, mut done, mut tried) =
            (load, Vec::new(), HashMap::<EpisodeId, Vec<Mark>>::new());
        let mut last = Reason::new("");
        for _ in 0..MOST_BEGINNINGS {
            let ids: Vec<EpisodeId> = left.iter().map(|parcel| parcel.episode).collect();
            let there = self.marks(&ids)?;
            let mut sending = Vec::new();
            for parcel in left {
                let own = there.get(&parcel.episode);
                let mut others: Vec<Mark> = own
                    .into_iter()
                    .flat_map(BTreeMap::keys)
                    .chain(&parcel.known)
                    .cloned()
                    .collect();
                others.extend(tried.get(&parcel.episode).into_iter().flatten().cloned());
                others.sort();
                others.dedup();
                let newest = others.last().filter(|mark| mark.state() == parcel.state).cloned();
                let is_doomed =
                    |mark: &Mark| self.doomed.as_ref().is_none_or(|doomed| doomed.contains(mark));
                let is_whole = |mark: &Mark| {
                    own.and_then(|own| own.get(mark))
                        .is_some_and(|n| *n >= wire::count(&parcel.source))
                };
                if let Some(mark) = newest.filter(|mark| !is_doomed(mark) && is_whole(mark)) {
                    others.retain(|other| *other != mark);
                    done.push(Delivered::of(&parcel, mark, others, true));
                } else {
                    let mark = Mark::new(&parcel.state, now(), others.iter().cloned());
                    tried.entry(parcel.episode).or_default().push(mark.clone());
                    sending.push((parcel, mark, others));
                }
            }
            match self.feed(&sending)? {
                Fed::All(mut rejected) => {
                    done.extend(sending.into_iter().map(|(parcel, mark, old)| Delivered {
                        rejected: rejected.remove(&parcel.episode),
                        ..Delivered::of(&parcel, mark, old, false)
                    }));
                    return Ok(done);
                }
                Fed::Nobody(why) => {
                    last = why;
                    left = sending.into_iter().map(|(parcel, ..)| parcel).collect();
                }
            }
        }
        Err(Trouble::Unsure(0, last))
    }

    /// Sends documents in bodies within the server's limit, and sees that they are there.
    fn feed(&self, sending: &[(Parcel, Mark, Vec<Mark>)]) -> Result<Fed, Trouble> {
        let (mut lines, mut n_lines) = (Vec::new(), 0);
        // How many documents of each push were sent.
        let mut sent: HashMap<EpisodeId, (&Mark, usize)> = HashMap::new();
        let mut rejected = HashMap::new();
        for (parcel, mark, _) in sending {
            for document in wire::documents(parcel.episode, &parcel.source, mark) {
                let mut own = Vec::new();
                self.dialect.line(&document, &mut own);
                if lines.len() + own.len() > wire::MOST_BYTES && n_lines > 0 {
                    if let Some(why) = self.body(&lines, n_lines, &sent, &mut rejected)? {
                        return Ok(Fed::Nobody(why));
                    }
                    (lines, n_lines) = (Vec::new(), 0);
                }
                lines.extend(own);
                n_lines += 1;
                sent.entry(parcel.episode).or_insert((mark, 0)).1 += 1;
            }
        }
        if n_lines > 0
            && let Some(why) = self.body(&lines, n_lines, &sent, &mut rejected)?
        {
            return Ok(Fed::Nobody(why));
        }
        Ok(Fed::All(rejected))
    }

    /// Sends one body; answers why nobody knows whether it is there.
    fn body(
        &self,
        lines: &[u8],
        n: usize,
        sent: &HashMap<EpisodeId, (&Mark, usize)>,
        rejected: &mut HashMap<EpisodeId, String>,
    ) -> Result<Option<Reason>, Trouble> {
        let path = self.dialect.feed(&self.index);
        let is_repeatable = self.dialect.is_repeatable();
        let patience = if is_repeatable { JOB } else { ONCE };
        let busy = |answer: &[u8]| self.dialect.taken(answer, n).ok().and_then(|taken| taken.busy);
        let body = Body::of_lines(lines);
        match self
            .hooked(|hooks| self.client.ask_judged(&path, Some(&body), patience, hooks, &busy))
        {
            Ok(answer) => {
                let taken = self
                    .dialect
                    .taken(&answer, n)
                    .map_err(|why| Trouble::Refused(0, why.into()))?;
                // Any episode may be one of those that it does not name.
                let n_named = taken.why.len();
                if taken.n_rejected > n_named {
                    let why = format!(
                        "it rejected {} of {n} documents and names only {n_named} of them",
                        taken.n_rejected
                    );
                    return Err(Trouble::Refused(0, why.into()));
                }
                rejected.extend(taken.why);
                Ok(None)
            }
            Err(Trouble::Unsure(_, why)) if !is_repeatable => {
                let ids: Vec<EpisodeId> = sent.keys().copied().collect();
                for seconds in LOOKS {
                    self.hooked(|hooks| sleep(Duration::from_secs(seconds), hooks))?;
                    let there = self.marks(&ids)?;
                    let count = |episode: &EpisodeId, mark: &Mark| {
                        there.get(episode).and_then(|own| own.get(mark)).copied().unwrap_or(0)
                    };
                    if sent.iter().all(|(episode, (mark, n))| {
                        rejected.contains_key(episode) || count(episode, mark) >= *n
                    }) {
                        return Ok(None);
                    }
                }
                Ok(Some(why))
            }
            Err(trouble) => Err(trouble),
        }
    }

    fn marks(&self, episodes: &[EpisodeId]) -> Result<Marks, Trouble> {
        let path = self.dialect.search(&self.index, false);
        self.hooked(|hooks| marks(&self.client, &path, episodes, JOB, hooks))
    }

    fn hooked<T>(&self, work: impl FnOnce(&Hooks<'_>) -> T) -> T {
        let is_over = || self.is_over.load(Ordering::Relaxed);
        // Nobody is told where nobody hears.
        let tell = |text: String| drop(self.news.send(News::Told(text)));
        work(&Hooks { is_over: &is_over, tell: &tell })
    }
}

/// What became of documents.
enum Fed {
    /// All can be found but those of some episodes, which were rejected, and why.
    All(HashMap<EpisodeId, String>),
    /// Nobody knows, and why.
    Nobody(Reason),
}

impl Delivered {
    fn of(parcel: &Parcel, mark: Mark, old: Vec<Mark>, was_there: bool) -> Self {
        Self {
            episode: parcel.episode,
            mark,
            rejected: None,
            file: parcel.source.card.file.clone(),
            old,
            was_there,
        }
    }
}

/// Milliseconds since 1970.
pub fn now() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |time| time.as_millis() as u64)
}
