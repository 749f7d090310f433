//! The thread that fetches a recording, and what others see of it meanwhile.

use crate::cli::Context;
use crate::cli::report::plain;
use crate::cli::transfer::in_short;
use crate::feeds::sound;
use crate::reason::Reason;
use crate::time::Timestamp;
use crate::tui::{Event, Notice, Progress};
use crate::web::download::{self, DownloadError, Fetched, Hooks, Policy};
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::Sender;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// How often it is told how much has come.
const TOLD: Duration = Duration::from_millis(100);

/// What is told to whoever waits for it without a screen.
pub enum Told {
    Step {
        done: u64,
        total: Option<u64>,
        speed: f64,
    },
    Say(String),
    /// Also where there is a screen; nothing comes after it.
    Over(Result<Fetched, DownloadError>),
}

/// Whether more of it comes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum State {
    #[default]
    Coming,
    /// All of it is here.
    Whole,
    /// No more of it comes.
    Broken,
}

/// How far it is.
#[derive(Clone, Copy, Default)]
pub struct Come {
    /// Bytes that are here.
    pub have: u64,
    /// All of them, where somebody knows.
    pub total: Option<u64>,
    pub state: State,
    /// How often it came to be another recording, which begins anew.
    pub n_changes: u32,
    /// How long all of it is, as well as can be said.
    pub length: Timestamp,
}

impl Come {
    /// As the screen shows it.
    pub fn progress(&self) -> Progress {
        let share = self.total.map_or(0.0, |total| (self.have as f64 / total as f64).min(0.999));
        Progress::loaded(Timestamp::from_secs(self.length.secs() * share), self.length)
    }
}

/// What the threads know of one loading.
#[derive(Default)]
pub struct Loading {
    come: Mutex<Come>,
    /// Where events go while there is a screen.
    screen: Mutex<Option<Sender<Event>>>,
    stops: AtomicBool,
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Loading {
    /// How far it is now.
    pub fn come(&self) -> Come {
        *lock(&self.come)
    }

    /// Changes what is known of that.
    pub fn note(&self, change: impl FnOnce(&mut Come)) {
        change(&mut lock(&self.come));
    }

    /// Lets events go to `screen` from now on, or nowhere.
    pub fn set_screen(&self, screen: Option<Sender<Event>>) {
        *lock(&self.screen) = screen;
    }

    /// Tells the screen; whether there is one.
    pub fn show(&self, event: Event) -> bool {
        lock(&self.screen).as_ref().is_some_and(|screen| screen.send(event).is_ok())
    }

    /// Ends the fetching; what has come stays.
    pub fn stop(&self) {
        self.stops.store(true, Ordering::Relaxed);
    }
}

/// Fetches the recording at `url` to `path`, and tells how far it is: the screen, or `told` while
/// there is none.
pub fn fetch(url: &str, path: &Path, loading: &Loading, told: &Sender<Told>, context: &Context) {
    // Nobody listens any more where the listener has left.
    let tell = |what| drop(told.send(what));
    let (mut drawn, mut is_troubled) = (None::<Instant>, false);
    let mut on_event = |event: download::Event<'_>| match event {
        download::Event::Progress { done, total, speed } => {
            loading.note(|come| {
                (come.have, come.total) = (done, total.filter(|total| *total > 0));
            });
            if std::mem::take(&mut is_troubled) {
                loading.show(Event::Notice(Notice::Clear));
            }
            if drawn.is_none_or(|at| at.elapsed() >= TOLD) {
                drawn = Some(Instant::now());
                if !loading.show(Event::Progress(loading.come().progress())) {
                    tell(Told::Step { done, total, speed });
                }
            }
        }
        download::Event::StartingOver { .. } => {
            loading.note(|come| (come.have, come.n_changes) = (0, come.n_changes + 1));
            loading.show(Event::Whole);
            tell(Told::Say(in_short(&event)));
        }
        download::Event::Retrying { .. } => {
            is_troubled = loading.show(Event::Notice(Notice::Trouble(in_short(&event))));
            if !is_troubled {
                tell(Told::Say(in_short(&event)));
            }
        }
        download::Event::Waiting => tell(Told::Say(in_short(&event))),
        download::Event::Checking => {}
    };
    let cancelled = || context.is_cancelled() || loading.stops.load(Ordering::Relaxed);
    let mut hooks =
        Hooks { on_event: &mut on_event, is_cancelled: &cancelled, sleep: &std::thread::sleep };
    let fetched = sound(url, url, path, true, &Policy::of_user(), &mut hooks);
    let (state, event) = match &fetched {
        Ok(_) => (State::Whole, Event::Whole),
        Err(error) => {
            let why = Reason::from(error).of("no more of it comes").one_line();
            (State::Broken, Event::Notice(Notice::Trouble(plain(&why))))
        }
    };
    loading.note(|come| come.state = state);
    tell(Told::Over(fetched));
    loading.show(event);
}
