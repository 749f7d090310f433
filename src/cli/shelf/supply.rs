//! Who brings the shelf what it shows and what it asks for, on threads of its own: what stands on
//! it, new entries of shows, episodes. What these say is heard here, and repeated where the
//! listener sees it.

use super::stock::{self, Found};
use crate::cli::exit::Exit;
use crate::cli::listened::listened;
use crate::cli::report::{Listener, Said, counted, plain};
use crate::cli::since::now;
use crate::cli::threads::{Gone, beside};
use crate::cli::{Context, feed, queue};
use crate::feeds::{self, Show};
use crate::reason::Reason;
use crate::store::Store;
use crate::tui::shelf::{News, Supplier};
use crate::view::{Item, Where};
use crate::web::download::{kept, megabytes};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::Sender;
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};
use std::thread::Scope;

/// Of several feeds that could not be asked so many are told.
const TOLD: usize = 2;

/// What several threads know of the shelf.
pub struct Supply<'a> {
    store: &'a Store,
    context: &'a Context,
    news: Sender<News>,
    known: Mutex<Known>,
    /// Stops what was asked for last.
    work: Mutex<Option<Arc<AtomicBool>>>,
    /// What was said of the episode that came last.
    said: Mutex<Vec<(Said, String)>>,
    is_over: Arc<AtomicBool>,
}

/// What the list is made of.
#[derive(Default)]
struct Known {
    /// What is in hand, shows aside.
    in_hand: Vec<Item>,
    /// Once they were read.
    shows: Option<Vec<Show>>,
}

/// What was said while something was done.
type Heard = Arc<Mutex<Vec<(Said, String)>>>;

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl<'a> Supply<'a> {
    /// For a shelf that reads `news`.
    pub fn new(store: &'a Store, context: &'a Context, news: Sender<News>) -> Self {
        let (known, work, said) = (Mutex::default(), Mutex::default(), Mutex::default());
        Self { store, context, news, known, work, said, is_over: Arc::default() }
    }

    /// Ends all that is still being done.
    pub fn end(&self) {
        self.is_over.store(true, Ordering::Relaxed);
        lock(&self.work).iter().for_each(|work| work.store(true, Ordering::Relaxed));
    }

    /// What was said of the episode that came last.
    pub fn said(self) -> Vec<(Said, String)> {
        self.said.into_inner().unwrap_or_else(PoisonError::into_inner)
    }

    fn tell(&self, news: News) {
        // Whoever has left needs to know no more.
        let _ = self.news.send(news);
    }

    /// Finds out what stands on the shelf, and then asks the feeds where the user wants that.
    pub fn gather(&self, asks_feeds: bool) {
        let cancelled = || self.is_over.load(Ordering::Relaxed) || self.context.is_cancelled();
        let mut tell = |found: Found| match found {
            Found::Items(items) => self.take(items),
            Found::Doing(what) => self.tell(News::Doing(what)),
            Found::Note(note) => self.tell(News::Note(note)),
        };
        stock::gather(self.store, &mut tell, &cancelled);
        if asks_feeds && !cancelled() {
            self.ask_by_itself();
        }
        self.tell(News::Known);
    }

    /// These are in hand, shows aside.
    fn take(&self, items: Vec<Item>) {
        let mut known = lock(&self.known);
        known.in_hand = items;
        let are_read = known.shows.is_some();
        // What was heard last is shown before shows are read, whose records are long.
        if are_read || !known.in_hand.is_empty() {
            self.tell_items(&known);
        }
        drop(known);
        if !are_read {
            self.read_shows();
        }
    }

    /// The feeds are asked that were not asked for a while.
    fn ask_by_itself(&self) {
        let due = match &lock(&self.known).shows {
            Some(shows) => feed::due(shows, self.store, now()),
            None => Vec::new(),
        };
        if due.is_empty() {
            return;
        }
        let news = self.news.clone();
        let listener = move |said: Said, text: String| {
            if said == Said::Doing {
                let _ = news.send(News::Doing(format!("asking feeds: {text}")));
            }
        };
        let context = self.context_of(Arc::new(listener), Arc::clone(&self.is_over));
        let answered = match feed::ask_all(&due, self.store, &context) {
            Ok(answered) => answered,
            Err(failure) if failure.exit == Exit::Cancelled => return,
            Err(failure) => return self.tell(News::Note(failure.why.one_line())),
        };
        self.read_shows();
        if answered.n_new > 0 {
            self.tell(News::Note(counted(answered.n_new, "new entry", "new entries")));
        }
        if !answered.failures.is_empty() {
            let (n, of) = (answered.failures.len(), counted(due.len(), "feed", "feeds"));
            self.tell(News::Note(format!(
                "{n} of {of} could not be asked; Ctrl-R tries again and says why"
            )));
        }
    }

    /// Reads what shows have, of which something may have changed.
    fn read_shows(&self) {
        if self.is_over.load(Ordering::Relaxed) {
            return;
        }
        // Who reads them later knows more: they are told in the order in which they were read.
        let mut known = lock(&self.known);
        let (shows, problems) = feeds::all(self.store);
        known.shows = Some(shows);
        self.tell_items(&known);
        drop(known);
        problems.into_iter().for_each(|why| self.tell(News::Note(why)));
    }

    /// Tells all that is known now, in one list.
    fn tell_items(&self, known: &Known) {
        let items = known.in_hand.clone();
        self.tell(News::Items(match &known.shows {
            Some(shows) => stock::with_shows(items, shows, self.store, now()),
            None => items,
        }));
    }

    /// The world for work that is heard by `listener` and stopped by `cancelled`.
    fn context_of(&self, listener: Listener, cancelled: Arc<AtomicBool>) -> Context {
        let (settings, global) = (self.context.settings.clone(), self.context.global.clone());
        Context {
            voice: self.context.voice.heard_by(listener),
            settings,
            global,
            cancelled,
            store: OnceLock::from(self.store.clone()),
        }
    }

    /// The episode `item`, fetched.
    fn fetched(&self, item: &Item, heard: &Heard, context: &Context) -> News {
        let Some(entry) = &item.entry else { return News::Here(Box::new(item.clone())) };
        let Some(mut show) = feeds::recall(self.store, entry.show) else {
            return News::Over(Some("its show is no longer followed; `aloud feed add` with its address follows it again".to_owned()));
        };
        let got = feed::get(&mut show, &entry.id, false, self.store, context);
        // As it is by now.
        let own = feeds::recall(self.store, entry.show).and_then(|show| {
            let own = show.items.iter().find(|own| own.id == entry.id)?;
            Some((own.id(), show.path(own, self.store)?))
        });
        let (id, path) = own.unwrap_or_default();
        let here = |path: PathBuf| {
            lock(&self.said).clone_from(&lock(heard));
            News::Here(Box::new(Item {
                id: id.unwrap_or(item.id),
                place: Where::File(path),
                entry: None,
                ..item.clone()
            }))
        };
        match got {
            Ok(path) => here(path),
            Err(failure) if failure.exit == Exit::Cancelled => News::Over(Some(stopped(&path))),
            // It sounds all the same.
            Err(failure) if path.is_file() => {
                lock(heard).push((Said::Warning, failure.why.one_line()));
                here(path)
            }
            Err(failure) => News::Over(Some(plain(&failure.why.one_line()))),
        }
    }
}

/// All feeds, asked.
fn updated(supply: &Supply<'_>, heard: &Heard, context: &Context) -> News {
    let shows = feed::shows(supply.store, context);
    if shows.is_empty() {
        return News::Over(Some("no show is followed; `aloud feed add URL` does that".to_owned()));
    }
    let told = match feed::ask_all(&shows, supply.store, context) {
        Ok(answered) if shows.len() == 1 && answered.failures.is_empty() => {
            lock(heard).pop().map(|(_, text)| text).unwrap_or_default()
        }
        Ok(answered) => {
            let told = answered.failures.iter().take(TOLD);
            let mut told: Vec<String> = told.map(|failure| failure.why.one_line()).collect();
            let more = answered.failures.len().saturating_sub(TOLD);
            told.extend((more > 0).then(|| {
                format!("and {} could not be asked", counted(more, "feed more", "feeds more"))
            }));
            let n = format!(
                "{} of {}",
                counted(answered.n_new, "new entry", "new entries"),
                counted(shows.len(), "show", "shows")
            );
            told.extend((shows.len() > answered.failures.len()).then_some(n));
            told.join(" · ")
        }
        Err(failure) => failure.why.one_line(),
    };
    News::Over(Some(plain(&told)))
}

/// What is said where the listener did not want to wait for the recording at `path`.
fn stopped(path: &Path) -> String {
    match kept(path).filter(|bytes| *bytes > 0) {
        _ if path.is_file() => {
            "stopped; the recording is here, and Enter goes on with its text".to_owned()
        }
        Some(bytes) => {
            format!("stopped; {} are kept, and Enter goes on from there", megabytes(bytes))
        }
        None => "stopped; nothing of it had come".to_owned(),
    }
}

/// The supply and where its threads belong.
pub struct Desk<'s, 'e> {
    /// What they know.
    pub supply: &'s Supply<'e>,
    /// They end with these.
    pub threads: &'s Scope<'s, 'e>,
}

impl<'s> Desk<'s, '_> {
    /// Does `work` beside the shelf, in place of what was asked for before.
    fn begin(&self, work: impl FnOnce(&Supply<'_>, &Heard, &Context) -> News + Send + 's) {
        let (supply, stop) = (self.supply, Arc::new(AtomicBool::new(false)));
        if let Some(before) = lock(&supply.work).replace(Arc::clone(&stop)) {
            before.store(true, Ordering::Relaxed);
        }
        let own = Arc::clone(&stop);
        let work = move || {
            let (heard, news, is_stopped) =
                (Heard::default(), supply.news.clone(), Arc::clone(&own));
            let listener = {
                let heard = Arc::clone(&heard);
                Arc::new(move |said: Said, text: String| match said {
                    Said::Doing if !is_stopped.load(Ordering::Relaxed) => {
                        drop(news.send(News::Step(text)));
                    }
                    Said::Doing => {}
                    _ => lock(&heard).push((said, text)),
                })
            };
            let context = supply.context_of(listener, Arc::clone(&own));
            let done = catch_unwind(AssertUnwindSafe(|| work(supply, &heard, &context)));
            let news =
                done.unwrap_or_else(|_| News::Over(Some(Reason::from(Gone::Broken).one_line())));
            supply.read_shows();
            let mut current = lock(&supply.work);
            // Nobody waits any more for what something else has taken the place of.
            if current.as_ref().is_some_and(|current| Arc::ptr_eq(current, &own)) {
                *current = None;
                supply.tell(news);
            }
        };
        if let Err(gone) = beside("shelf-work", self.threads, work) {
            supply.tell(News::Over(Some(Reason::from(gone).one_line())));
        }
    }
}

impl Supplier for Desk<'_, '_> {
    fn queue(&self, item: &Item) -> String {
        let store = self.supply.store;
        let toggled = queue::toggle(item, listened(store, item.id).which(), store);
        toggled.unwrap_or_else(|why| why.one_line())
    }

    fn fetch(&self, item: &Item) {
        let item = item.clone();
        self.begin(move |supply, heard, context| supply.fetched(&item, heard, context));
    }

    fn update(&self) {
        self.begin(updated);
    }

    fn cancel(&self) {
        lock(&self.supply.work).iter().for_each(|work| work.store(true, Ordering::Relaxed));
    }
}
