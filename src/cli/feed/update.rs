//! Feeds are asked: those that are new, and those that are followed.

use super::{address, counted, meant, shown, shows, unfetched, unkept};
use crate::cli::Context;
use crate::cli::exit::Exit;
use crate::cli::report::{Failure, Outcome};
use crate::cli::since::now;
use crate::cli::threads::{Gone, next, waited};
use crate::feed::FeedError;
use crate::feeds::{self, FetchError, Fresh, Show};
use crate::store::Store;
use crate::web::Proxies;
use std::collections::VecDeque;
use std::sync::mpsc::{Receiver, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};

/// So many servers are asked at once.
const AT_ONCE: usize = 8;

/// Follows the feeds at `urls`.
pub fn add(urls: &[String], store: &Store, context: &Context) -> Outcome {
    let mut worst = Exit::Done;
    for typed in urls {
        if let Err(failure) = add_one(typed, store, context) {
            if urls.len() == 1 || failure.exit == Exit::Cancelled {
                return Err(failure);
            }
            context.voice.error(failure.why);
            worst = failure.exit;
        }
    }
    Ok(worst)
}

fn add_one(typed: &str, store: &Store, context: &Context) -> Result<(), Failure> {
    let Some(url) = address(typed) else {
        return Err(Failure::new(Exit::Usage, format!("`{typed}` is not a web address"))
            .hint("give one that begins with `https://`"));
    };
    let (url, fresh) = match ask(&url, None, context)? {
        // A page that names its feed means that.
        Err(FetchError::NoFeed { error: FeedError::Page { feeds }, .. }) if feeds.len() == 1 => {
            context.voice.note(format!("`{url}` is a page; its feed is `{}`", feeds[0]));
            let (page, url) = (url, feeds.into_iter().next().unwrap_or_default());
            let fresh = ask(&url, Some(page), context)?.map_err(unfetched)?;
            (url, fresh)
        }
        other => (url, other.map_err(unfetched)?),
    };
    let now_at = fresh.moved.clone().unwrap_or_else(|| url.clone());
    let known = shows(store, context);
    let is_it =
        |show: &&Show| [&show.first, &show.url].iter().any(|own| **own == url || **own == now_at);
    let (show, is_known) = match known.iter().find(is_it) {
        Some(show) => (show.clone(), true),
        None => (Show::new(&url, ""), false),
    };
    let (show, n_new) = take(&show, !is_known, fresh, store, context)?;
    if is_known {
        context.voice.note(format!("{} is followed already", shown(&show)));
        return tell(&show, n_new, context);
    }
    let n_sounds = show.items.iter().filter(|item| item.sound.is_some()).count();
    let n = counted(show.items.len(), "entry", "entries");
    context.voice.note(format!(
        "{}: {n}, {n_sounds} with a recording; `aloud feed get` fetches one",
        shown(&show)
    ));
    Ok(())
}

/// What the feed at `url` says, which somebody typed or the page at `from` names.
fn ask(
    url: &str,
    from: Option<String>,
    context: &Context,
) -> Result<Result<Fresh, FetchError>, Failure> {
    let url = url.to_owned();
    let ask = move || feeds::feed(&url, from.as_deref(), None, &Proxies::of_environment());
    Ok(waited("feed", ask, &|| context.is_cancelled())?)
}

/// Asks the feeds of all shows, or of the one that `wanted` means.
pub fn run(wanted: Option<&str>, store: &Store, context: &Context) -> Outcome {
    let all = shows(store, context);
    let asked: Vec<Show> = match wanted {
        Some(wanted) => vec![meant(wanted, &all)?.clone()],
        None => all,
    };
    if asked.is_empty() {
        context.voice.note("no show is followed; `aloud feed add URL` does that");
        return Ok(Exit::Done);
    }
    let n = asked.len();
    let answered = ask_all(&asked, store, context)?;
    match answered.failures.into_iter().next_back() {
        Some(failure) if n == 1 => Err(failure),
        None if n == 1 => Ok(Exit::Done),
        last => {
            context.voice.note(format!(
                "{} of {}",
                counted(answered.n_new, "new entry", "new entries"),
                counted(n, "show", "shows")
            ));
            Ok(last.map_or(Exit::Done, |failure| failure.exit))
        }
    }
}

/// What came of asking several feeds.
pub struct Answered {
    /// How many entries are new.
    pub n_new: usize,
    /// Why any could not be asked. Of several shows each is named, and has been told.
    pub failures: Vec<Failure>,
}

/// Asks the feeds of `asked`, and tells of each what is new.
///
/// # Errors
/// With exit code 130 when cancelled, and 1 where there is no thread to ask; what came so far is
/// kept.
pub fn ask_all(asked: &[Show], store: &Store, context: &Context) -> Result<Answered, Failure> {
    let (n, mut answered) = (asked.len(), Answered { n_new: 0, failures: Vec::new() });
    let answers = beside(asked)?;
    for n_asked in 0..n {
        context.voice.doing(format!("{n_asked} of {n}"));
        let (place, answer) = next(&answers, &|| context.is_cancelled()).map_err(|gone| {
            let is_kept = matches!(gone, Gone::Cancelled);
            let failure = Failure::from(gone);
            if is_kept { failure.hint("what came so far is kept") } else { failure }
        })?;
        let show = &asked[place];
        let done =
            answer.map_err(unfetched).and_then(|fresh| take(show, false, fresh, store, context));
        match done {
            Ok((show, new)) => {
                answered.n_new += new;
                tell(&show, new, context)?;
            }
            Err(failure) if failure.exit == Exit::Cancelled => return Err(failure),
            Err(failure) if n == 1 => answered.failures.push(failure),
            Err(failure) => {
                let failure = Failure::new(failure.exit, failure.why.of(shown(show)));
                context.voice.error(failure.why.clone());
                answered.failures.push(failure);
            }
        }
    }
    Ok(answered)
}

/// An answer, and whose it is by its place.
type Answer = (usize, Result<Fresh, FetchError>);

/// Asks several servers at once. The threads are left to themselves when nobody listens any more.
fn beside(shows: &[Show]) -> Result<Receiver<Answer>, Failure> {
    // Feeds may be long: who has one waits until it is taken.
    let (sender, answers) = sync_channel(AT_ONCE);
    let open: VecDeque<_> =
        shows.iter().map(|show| (show.url.clone(), show.version())).enumerate().collect();
    let (n, open) = (open.len().min(AT_ONCE), Arc::new(Mutex::new(open)));
    for worker in 0..n {
        let (open, sender) = (Arc::clone(&open), sender.clone());
        let thread = std::thread::Builder::new().name("feeds".into()).spawn(move || {
            let proxies = Proxies::of_environment();
            loop {
                let next = open.lock().unwrap_or_else(PoisonError::into_inner).pop_front();
                let Some((place, (url, known))) = next else { return };
                if sender.send((place, feeds::feed(&url, None, known.as_ref(), &proxies))).is_err()
                {
                    return;
                }
            }
        });
        // One is enough, only slower.
        if let (0, Err(error)) = (worker, thread) {
            return Err(Gone::NoThread(error).into());
        }
    }
    Ok(answers)
}

/// Adds what came to what is known of a show, or `begins` it; the show then, and how many entries
/// are new.
fn take(
    show: &Show,
    begins: bool,
    fresh: Fresh,
    store: &Store,
    context: &Context,
) -> Result<(Show, usize), Failure> {
    let moved = fresh.moved.clone().filter(|moved| *moved != show.url);
    let problems: Vec<String> =
        fresh.feed.as_ref().map(|(_, problems)| problems.clone()).unwrap_or_default();
    let taken = feeds::take(store, show, begins, fresh, now(), &|| context.is_cancelled());
    let (after, n_new) = taken.map_err(|why| unkept(why, context))?;
    if let Some(moved) = moved {
        context.voice.note(format!("{} has moved for good, to `{moved}`", shown(&after)));
    }
    for why in problems {
        context.voice.warn(format!("the feed of {} is damaged: {why}", shown(&after)));
    }
    Ok((after, n_new))
}

fn tell(show: &Show, n_new: usize, context: &Context) -> Result<(), Failure> {
    let what = if n_new == 0 {
        "nothing new".to_owned()
    } else {
        counted(n_new, "new entry", "new entries")
    };
    context.voice.note(format!("{}: {what}", shown(show)));
    Ok(())
}
