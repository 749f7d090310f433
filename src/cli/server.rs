//! A Quickwit server as a library: it is asked, and fed.

use super::Context;
use super::exit::Exit;
use super::report::{Failure, counted, plain};
use super::transfer::waited;
use crate::episode::EpisodeId;
use crate::index::{self, Answer, Likely, Wish, quickwit};
use crate::store::Store;
use crate::web::{self, Proxies, Request};
use std::collections::{HashMap, HashSet};
use std::fs;
use std::io::{Read, Write};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// Silence after which a connection is given up.
const STALL: Duration = Duration::from_secs(30);
/// The longest answer that is read, in bytes: [`PAGES`] take some hundred kilobytes, and what is in an answer takes twenty times its
/// length in memory.
const MOST_ANSWER: u64 = 16 << 20;

/// How long a server is given.
#[derive(Clone, Copy)]
struct Patience {
    /// How often something is tried that may work the next time.
    tries: u32,
    /// The time for one of them, to the last byte of the answer.
    whole: Duration,
}

/// Of somebody who waits for an answer.
const PERSON: Patience = Patience { tries: 2, whole: Duration::from_secs(60) };
/// Of a long job, which sends megabytes.
const JOB: Patience = Patience { tries: 6, whole: Duration::from_secs(300) };
/// The wait after the first failure; it doubles with each.
const PAUSE: Duration = Duration::from_millis(500);
/// Pages asked for at once; fewer answers than that are all there are.
const PAGES: usize = 200;
/// After so many pages no more are asked for: Elasticsearch's own limit on what `from` may skip.
const MOST_PAGES: usize = 10_000;

/// A server and the way to it.
pub struct Server<'a> {
    base: String,
    proxies: Proxies,
    context: &'a Context,
}

impl<'a> Server<'a> {
    /// The server at `url`, with or without a path before `/api/v1`.
    pub fn new(url: &str, context: &'a Context) -> Self {
        Self { base: url.trim_end_matches('/').to_owned(), proxies: Proxies::of_environment(), context }
    }

    /// Looks for a phrase as the library does; answers also what to call each episode.
    ///
    /// # Errors
    /// With exit code 1 where the server gives no answer, 2 for a pattern.
    pub fn find(&self, wish: &Wish) -> Result<(Answer, HashMap<EpisodeId, String>), Failure> {
        let (mut names, mut found, mut from, mut has_more) = (HashMap::new(), Vec::new(), 0, false);
        loop {
            let (likely, n) = self.pages(wish, true, from, &mut names)?;
            found.extend(index::read_pages(likely, wish).into_iter().filter(index::Found::is_sure));
            from += n;
            if n < PAGES {
                break;
            }
            if found.len() > wish.limit || from >= MOST_PAGES {
                has_more = true;
                break;
            }
        }
        if found.len() < wish.limit && !wish.is_exact {
            let (likely, _) = self.pages(wish, false, 0, &mut names)?;
            found.extend(index::read_pages(likely, wish));
        }
        Ok((Answer::of(found, has_more, wish.limit), names))
    }

    fn pages(
        &self,
        wish: &Wish,
        is_exact: bool,
        from: usize,
        names: &mut HashMap<EpisodeId, String>,
    ) -> Result<(Vec<Likely>, usize), Failure> {
        let question = quickwit::question(wish.query, &wish.scope, is_exact, from, PAGES);
        let question = question.ok_or_else(|| Failure::new(Exit::Usage, "a server cannot look for a pattern; give a phrase"))?;
        let body = self.post(&format!("_elastic/{}/_search", quickwit::INDEX), question.to_string().as_bytes(), PERSON)?;
        let (pages, n_bad) =
            quickwit::answer(&body).map_err(|why| Failure::new(Exit::Failed, format!("`{}`: {why}", plain(&self.base))))?;
        if n_bad > 0 {
            self.context.voice.warn(format!(
                "{} not written by this `aloud` and left out",
                counted(n_bad, "document of the server was", "documents of the server were")
            ));
        }
        let n = pages.len() + n_bad;
        let mut seen = HashSet::new();
        let likely = pages.into_iter().filter_map(|(document, page)| {
            let episode = EpisodeId::parse(&document.episode)?;
            names.insert(episode, document.file);
            // What was fed twice is there twice.
            let is_new = seen.insert((episode, document.layer, document.word));
            is_new.then_some(Likely { episode, layer: document.layer, day: document.day * 1000, page })
        });
        Ok((likely.collect(), n))
    }

    /// Feeds the server whole lines of JSON. What fails is tried again for a while.
    ///
    /// # Errors
    /// With exit code 1 where the server does not take them.
    pub fn ingest(&self, lines: &[u8]) -> Result<(), Failure> {
        self.post(&format!("{}/ingest?commit=auto", quickwit::INDEX), lines, JOB).map(drop)
    }

    /// Has the server forget what it was fed of an episode before now. It does so in its own time.
    ///
    /// # Errors
    /// With exit code 1 where the server does not take the order.
    pub fn forget(&self, episode: EpisodeId) -> Result<(), Failure> {
        let order = quickwit::forgetting(episode).to_string();
        self.post(&format!("{}/delete-tasks", quickwit::INDEX), order.as_bytes(), JOB).map(drop)
    }

    /// The body of a good answer.
    fn post(&self, path: &str, body: &[u8], patience: Patience) -> Result<Vec<u8>, Failure> {
        let url = format!("{}/api/v1/{path}", self.base);
        let body: Arc<[u8]> = body.into();
        let mut wait = PAUSE;
        let mut n_tries = 1;
        loop {
            let (to, body, proxies) = (url.clone(), Arc::clone(&body), self.proxies.clone());
            // Left to itself where the user would not wait: it ends by its own deadline.
            let answer = waited(move || post_once(&to, &body, &proxies, patience.whole), self.context);
            let why = match answer.map_err(|failure| if failure.exit == Exit::Cancelled { cancelled() } else { failure })? {
                Ok(answer) => return Ok(answer),
                Err(Refusal::Final(why)) => return Err(self.failure(&why)),
                Err(Refusal::Passing(why)) if n_tries == patience.tries => return Err(self.failure(&format!("{why}, {n_tries} times"))),
                Err(Refusal::Passing(why)) => why,
            };
            log::debug!("`{url}`: {why}; trying again in {wait:?}");
            if n_tries == 1 && patience.tries > PERSON.tries {
                self.context.voice.note(format!("the server `{}`: {why}; trying again for a while", plain(&self.base)));
            }
            self.wait(wait)?;
            (wait, n_tries) = (2 * wait, n_tries + 1);
        }
    }

    /// Waits, but not for somebody who has lost patience.
    fn wait(&self, time: Duration) -> Result<(), Failure> {
        let begin = Instant::now();
        while begin.elapsed() < time {
            if self.context.is_cancelled() {
                return Err(cancelled());
            }
            std::thread::sleep(Duration::from_millis(20));
        }
        Ok(())
    }

    fn failure(&self, why: &str) -> Failure {
        Failure::new(Exit::Failed, format!("the server `{}`: {}", plain(&self.base), plain(why)))
    }
}

fn cancelled() -> Failure {
    Failure::new(Exit::Cancelled, "cancelled; what was sent is kept, and the same command goes on from there")
}

/// The body of a good answer, if it is there within `whole`.
fn post_once(url: &str, body: &[u8], proxies: &Proxies, whole: Duration) -> Result<Vec<u8>, Refusal> {
    let begin = Instant::now();
    let late = |why: String| if begin.elapsed() < whole { why } else { format!("no answer was there after {} seconds", whole.as_secs()) };
    let headers = vec![("Content-Type", "application/json".to_owned())];
    let request = Request { url, headers, named_by: None, stall: STALL, whole: Some(whole), proxies };
    let response = web::post(&request, body).map_err(|failure| match failure {
        web::Failure::Failed(why) => Refusal::Passing(late(why)),
        web::Failure::Hopeless(why) => Refusal::Final(why),
        web::Failure::NotBuilt => Refusal::Final("this `aloud` was built without the net (the feature `download`)".to_owned()),
    })?;
    let (status, mut answer) = (response.status, Vec::new());
    let read = response.body.take(MOST_ANSWER + 1).read_to_end(&mut answer);
    read.map_err(|error| Refusal::Passing(late(format!("the connection broke: {error}"))))?;
    if answer.len() as u64 > MOST_ANSWER {
        return Err(Refusal::Final(format!("its answer is longer than {} MiB; is it a Quickwit server?", MOST_ANSWER >> 20)));
    }
    match status {
        200..=299 => Ok(answer),
        // Too many requests, and what a server says that starts, stops or is behind a busy gateway.
        408 | 429 | 500 | 502..=504 => Err(Refusal::Passing(said(status, &answer))),
        404 => Err(Refusal::Final(format!("{}; is the index there? `aloud library schema` prints how to make it", said(status, &answer)))),
        _ => Err(Refusal::Final(said(status, &answer))),
    }
}

/// Why a server does not do what it was asked.
enum Refusal {
    /// The next time it may.
    Passing(String),
    /// It never will.
    Final(String),
}

/// The status, and the message that Quickwit puts into its answer.
fn said(status: u16, answer: &[u8]) -> String {
    let message = serde_json::from_slice::<serde_json::Value>(answer).ok();
    let message = message.as_ref().and_then(|value| value["message"].as_str()).map(|text| text.chars().take(200).collect::<String>());
    message.map_or_else(|| format!("it answers {status}"), |text| format!("it answers {status}: {text}"))
}

/// What a server was fed already: a line for each episode, appended once the server has taken it.
pub struct Marks {
    path: Option<PathBuf>,
    known: HashMap<String, String>,
}

impl Marks {
    /// Those of the server at `url`, kept in the cache: without them it is asked to take everything once more.
    pub fn of(url: &str, store: &Store) -> Self {
        let name = format!("pushed-{}", &blake3::hash(url.trim_end_matches('/').as_bytes()).to_hex()[..16]);
        let path = store.cache_dir().map(|dir| dir.join(name));
        let text = path.as_ref().and_then(|path| fs::read_to_string(path).ok()).unwrap_or_default();
        let line = |line: &str| line.split_once(' ').map(|(episode, mark)| (episode.to_owned(), mark.to_owned()));
        Self { path, known: text.lines().filter_map(line).collect() }
    }

    /// Whether the server has the episode in this state.
    pub fn has(&self, episode: EpisodeId, mark: &str) -> bool {
        self.known.get(&episode.to_string()).is_some_and(|known| known == mark)
    }

    /// Whether it has the episode in an earlier state.
    pub fn has_other(&self, episode: EpisodeId, mark: &str) -> bool {
        self.known.get(&episode.to_string()).is_some_and(|known| known != mark)
    }

    /// Notes that it has. What cannot be noted is sent once more the next time.
    pub fn add(&self, episode: EpisodeId, mark: &str) {
        if let Some(path) = &self.path {
            let file = fs::File::options().append(true).create(true).open(path);
            let _ = file.and_then(|mut file| file.write_all(format!("{episode} {mark}\n").as_bytes()));
        }
    }
}
