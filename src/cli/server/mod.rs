//! A search server as a library: it is asked, fed, and told what to forget.

mod client;
mod notes;
mod push;

pub use client::authorities;
pub use push::{now, push};

use super::Context;
use super::exit::Exit;
use super::report::{Failure, counted, plain};
use super::settings::{SERVER_INDEX, Settings};
use crate::episode::EpisodeId;
use crate::index::dialect::{self, Dialect};
use crate::index::wire::{self, Mark, Marks, Pages};
use crate::index::{self, Answer, Likely, Request};
use crate::reason::Reason;
use crate::store::Store;
use client::{Body, Client, Hooks, JOB, PERSON, Patience, Trouble};
use notes::Notes;
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

/// Pages asked for at once; fewer answers than that are all there are.
const PAGES: usize = 200;
/// A delete task names no more pushes than this.
const MOST_FORGOTTEN: usize = 500;

/// A server, and the index there that is meant.
#[derive(Clone)]
pub struct Server<'a> {
    client: Client,
    index: String,
    /// What kind of server it is.
    dialect: &'static dyn Dialect,
    /// Whether the user named it, so that it may learn who asks.
    is_named: bool,
    context: &'a Context,
}

/// What a search has learnt on its way.
#[derive(Default)]
struct Learnt {
    /// What to call each episode.
    names: HashMap<EpisodeId, String>,
    /// Its newest push; `None` where the server knows none.
    newest: HashMap<EpisodeId, Option<Mark>>,
    /// Whether parts of the index did not answer.
    is_partial: bool,
}

/// The pages of one question.
struct Part {
    likely: Vec<Likely>,
    /// With those that were left out.
    n: usize,
    last: Vec<Value>,
}

/// The index that is meant: that of the settings, or else the usual one.
///
/// # Errors
/// With exit code 2 for what no index can be called.
pub fn index_name(settings: &Settings) -> Result<String, Failure> {
    let Some((name, source)) = settings.pick::<String>(SERVER_INDEX, None)? else {
        return Ok(wire::INDEX.to_owned());
    };
    let wrong =
        "which no index can be called: 3 to 255 letters, digits, `-`, `_` and `.`, a letter first";
    let place = settings.place(SERVER_INDEX, source);
    if wire::is_name(&name) {
        Ok(name)
    } else {
        Err(Failure::new(Exit::Usage, format!("{place} is `{}`, {wrong}", plain(&name))))
    }
}

/// Whether a server of this kind takes `index` for the name of an index.
///
/// # Errors
/// With exit code 2 where it does not.
pub fn can_name(index: &str, dialect: &dyn Dialect) -> Result<(), Failure> {
    let why =
        || format!("`{index}` is no name of an index of {}: no capital letters", dialect.name());
    dialect.is_name(index).then_some(()).ok_or_else(|| Failure::new(Exit::Usage, why()))
}

impl<'a> Server<'a> {
    /// The server at `url`, with or without a path before its own ones.
    ///
    /// # Errors
    /// With exit code 1 where it gives no answer, is too old, or is none that is known; 2 where a
    /// setting of servers is none, or `url` is no address.
    pub fn new(url: &str, context: &'a Context) -> Result<Self, Failure> {
        Self::unmet(url, context)?.met()
    }

    /// As [`Self::new`], before it has said what it is.
    fn unmet(url: &str, context: &'a Context) -> Result<Self, Failure> {
        let server = Self {
            client: Client::new(url, &context.settings)?,
            index: index_name(&context.settings)?,
            dialect: dialect::ALL[0],
            is_named: true,
            context,
        };
        if server.client.tells_openly() {
            context.voice.note(format!(
                "`{}` hides from nobody on the way who asks; `https://` does",
                plain(server.client.base())
            ));
        }
        Ok(server)
    }

    /// Has it say what it is.
    fn met(self) -> Result<Self, Failure> {
        let mut refusals = Vec::new();
        for dialect in dialect::ALL {
            match self.get(dialect.about()) {
                Ok(body) => {
                    let Some(known) = dialect.known(&body) else { continue };
                    known.map_err(|why| self.wrong(why))?;
                    can_name(&self.index, dialect)?;
                    return Ok(Self { dialect, ..self });
                }
                // Another server's path.
                Err(Trouble::Refused(status, why)) if status > 0 => refusals.push((status, why)),
                Err(trouble) => return Err(self.failure(trouble)),
            }
        }
        // Who wants to know first who asks may be any of them.
        let place = refusals.iter().position(|(status, _)| matches!(status, 401 | 403));
        if let Some(place) = place {
            let (status, why) = refusals.remove(place);
            return Err(self.failure(Trouble::Refused(status, why)));
        }
        let why = "it is no Quickwit and no OpenSearch";
        let why = refusals.pop().map_or_else(|| why.into(), |(_, last)| last.of(why));
        Err(self.wrong(why.hint("`aloud library schema` prints how to make an index of either")))
    }

    /// Looks for a phrase as the library does; answers also what to call each episode. What was
    /// found stays found where a later question fails; a warning says so.
    ///
    /// # Errors
    /// With exit code 1 where the server gives no answer, 2 for a pattern.
    pub fn find(&self, request: &Request) -> Result<(Answer, HashMap<EpisodeId, String>), Failure> {
        let (mut learnt, mut found, mut after) = (Learnt::default(), Vec::new(), Vec::new());
        let mut has_more = false;
        loop {
            let part = match self.part(request, true, &after, &mut learnt) {
                Ok(part) => part,
                Err(failure) => {
                    self.keep(&found, failure)?;
                    has_more = true;
                    break;
                }
            };
            found.extend(
                index::read_pages(part.likely, request).into_iter().filter(index::Found::is_sure),
            );
            if part.n < PAGES || part.last.is_empty() {
                break;
            }
            if found.len() > request.limit {
                has_more = true;
                break;
            }
            after = part.last;
        }
        if found.len() < request.limit && !request.is_exact && !has_more {
            match self.part(request, false, &[], &mut learnt) {
                Ok(part) => found.extend(index::read_pages(part.likely, request)),
                Err(failure) => {
                    self.keep(&found, failure)?;
                    has_more = true;
                }
            }
        }
        Ok((Answer::of(found, has_more || learnt.is_partial, request.limit), learnt.names))
    }

    /// Goes on with what was found before `failure`, if that was anything.
    fn keep(&self, found: &[index::Found], failure: Failure) -> Result<(), Failure> {
        if found.is_empty() || failure.exit != Exit::Failed {
            return Err(failure);
        }
        self.context.voice.warn(format!("not all was searched: {}", failure.why.one_line()));
        Ok(())
    }

    fn part(
        &self,
        request: &Request,
        is_exact: bool,
        after: &[Value],
        learnt: &mut Learnt,
    ) -> Result<Part, Failure> {
        let question =
            wire::question(request.query, &request.scope, is_exact, after, PAGES, self.dialect);
        let question = question.ok_or_else(|| {
            Failure::new(Exit::Usage, "a server cannot look for a pattern").hint("give a phrase")
        })?;
        let found = wire::answer(&self.search(&question)?).map_err(|why| self.wrong(why))?;
        let n = found.pages.len() + found.n_bad;
        self.note_loss(&found, learnt);
        if found.n_bad > 0 {
            self.context.voice.warn(format!(
                "{} not written by this `aloud` and left out",
                counted(found.n_bad, "document of the server was", "documents of the server were")
            ));
        }
        let mut new: Vec<EpisodeId> = found
            .pages
            .iter()
            .filter_map(|(document, _)| EpisodeId::parse(&document.episode))
            .collect();
        new.retain(|episode| !learnt.newest.contains_key(episode));
        new.sort();
        new.dedup();
        if !new.is_empty() {
            let answer = self.search(&wire::marks_question(&new))?;
            // Pages of an older push may be shown then.
            self.note_loss(&wire::answer(&answer).unwrap_or_default(), learnt);
            let marks = wire::marks_answer(&answer).map_err(|why| self.wrong(why))?;
            let newest = |episode: &EpisodeId| {
                marks.get(episode).and_then(|marks| marks.keys().next_back().cloned())
            };
            learnt.newest.extend(new.iter().map(|episode| (*episode, newest(episode))));
        }
        let mut seen = HashSet::new();
        let likely = found.pages.into_iter().filter_map(|(document, page)| {
            let episode = EpisodeId::parse(&document.episode)?;
            // What was pushed before the newest push waits to be forgotten.
            let is_old = learnt
                .newest
                .get(&episode)
                .and_then(Option::as_ref)
                .is_some_and(|newest| document.mark < *newest);
            // What was fed twice is there twice.
            let is_meant = !is_old && seen.insert((episode, document.layer, document.word));
            let day = document.day();
            is_meant.then(|| learnt.names.insert(episode, document.file));
            is_meant.then_some(Likely { episode, layer: document.layer, day, page })
        });
        Ok(Part { likely: likely.collect(), n, last: found.last })
    }

    /// The answer to a question of somebody who looks for something. That of a part of the index is
    /// better than none, where all of it gives none; but not silently, see [`Self::note_loss`].
    fn search(&self, question: &Value) -> Result<Vec<u8>, Failure> {
        let body = Body::of_question(question);
        let ask = |is_partial: bool| {
            self.ask(&self.dialect.search(&self.index, is_partial), &body, PERSON)
        };
        let answer = match self.dialect.tells_loss_apart() {
            true => match ask(false) {
                Err(Trouble::Unsure(500, why)) => ask(true).map_err(|_| Trouble::Unsure(500, why)),
                answer => answer,
            },
            // Who waits for an answer does not wait for a part that is lost.
            false => ask(true),
        };
        answer.map_err(|trouble| self.failure(trouble))
    }

    /// Says, once, where not all of the index was looked at: how many parts of it did not answer,
    /// and of how many.
    fn note_loss(&self, found: &Pages, learnt: &mut Learnt) {
        let (n_failed, n_all) = found.failed;
        if n_failed == 0 && !found.is_cut {
            return;
        }
        if !learnt.is_partial {
            let what = match n_failed {
                0 => "the time that the server has for a question was up; what it had not looked at is missing here".to_owned(),
                _ => format!("{n_failed} of {n_all} parts of the index did not answer; what is in them is missing here"),
            };
            self.context.voice.warn(what);
        }
        learnt.is_partial = true;
    }

    /// How many documents the server has of each push of some episodes, at most some hundreds; of
    /// the whole index, so that nothing stays there by mistake.
    fn marks(&self, episodes: &[EpisodeId], patience: Patience) -> Result<Marks, Trouble> {
        let is_over = || self.context.is_cancelled();
        marks(
            &self.client,
            &self.dialect.search(&self.index, false),
            episodes,
            patience,
            &Hooks { is_over: &is_over, tell: &|_| {} },
        )
    }

    /// What tells the index from another one of its name.
    ///
    /// # Errors
    /// With exit code 1 where there is no answer, or the index is none of ours.
    pub fn identity(&self) -> Result<String, Failure> {
        let body = self
            .get(&self.dialect.described(&self.index))
            .map_err(|trouble| self.failure(trouble))?;
        self.dialect.identity(&body).map_err(|why| self.wrong(why))
    }

    /// Has the server forget pushes. It may do so in its own time, up to days later, and nothing
    /// else is lost then.
    ///
    /// # Errors
    /// With exit code 1 where the server does not take the order.
    pub fn forget(&self, pushes: &[(EpisodeId, Mark)]) -> Result<(), Failure> {
        for some in pushes.chunks(MOST_FORGOTTEN) {
            let order = Body::of_question(&self.dialect.forgetting(some));
            self.ask(&self.dialect.forgets(&self.index), &order, JOB)
                .map_err(|trouble| self.failure(trouble))?;
        }
        Ok(())
    }

    /// Has it forget everything that it has of an episode now, and every push in `known`; answers
    /// these pushes.
    ///
    /// # Errors
    /// With exit code 1 where it gives no answer.
    fn forget_all(
        &self,
        episode: EpisodeId,
        known: Vec<(EpisodeId, Mark)>,
    ) -> Result<Vec<(EpisodeId, Mark)>, Failure> {
        let found = self.marks(&[episode], PERSON).map_err(|trouble| self.failure(trouble))?;
        let found = found.into_values().flat_map(BTreeMap::into_keys).map(|mark| (episode, mark));
        let pushes: BTreeSet<(EpisodeId, Mark)> = found.chain(known).collect();
        let pushes: Vec<(EpisodeId, Mark)> = pushes.into_iter().collect();
        self.forget(&pushes).map(|()| pushes)
    }

    fn ask(&self, path: &str, body: &Body, patience: Patience) -> Result<Vec<u8>, Trouble> {
        let is_over = || self.context.is_cancelled();
        let voice = &self.context.voice;
        self.client.ask(
            path,
            Some(body),
            patience,
            &Hooks { is_over: &is_over, tell: &|text| voice.note(text) },
        )
    }

    fn get(&self, path: &str) -> Result<Vec<u8>, Trouble> {
        let is_over = || self.context.is_cancelled();
        self.client.ask(path, None, PERSON, &Hooks { is_over: &is_over, tell: &|_| {} })
    }

    /// Why there is no answer, for people.
    fn failure(&self, trouble: Trouble) -> Failure {
        let why = match trouble {
            Trouble::Cancelled => {
                return Failure::new(Exit::Cancelled, "cancelled")
                    .hint("what was sent is kept, and the same command goes on from there");
            }
            Trouble::Refused(404, why) => why.hint(format!(
                "is the index `{}` there? `aloud library schema --for {}` prints how to make it",
                self.index,
                self.dialect.name()
            )),
            Trouble::Refused(401 | 403, why) if !self.is_named => {
                why.hint("the setting `server-header` goes to whom `--server` names")
            }
            Trouble::Refused(401 | 403, why) => {
                why.hint("the setting `server-header` says who asks")
            }
            Trouble::Unsure(_, why) | Trouble::Refused(_, why) => why,
        };
        self.wrong(why)
    }

    /// Whether it has forgotten already when it is told to.
    fn when_told(&self) -> &'static str {
        if self.dialect.pending(&self.index).is_some() { ", in its own time" } else { "" }
    }

    fn wrong(&self, why: impl Into<Reason>) -> Failure {
        let Reason { why, hint } = why.into();
        let thing = format!("the server `{}`", plain(self.client.base()));
        Failure::new(Exit::Failed, Reason { why: plain(&why), hint }.of(thing))
    }
}

/// Has every server that was fed an episode from here forget it, and the one at `url`. What cannot
/// be told now is told by the next push. Who asks is told to the one at `url` alone: the setting
/// has one header, which others are perhaps not to know.
///
/// # Errors
/// With exit code 1 where the one at `url` does not take the order, 2 where a setting is none.
pub fn forget(
    store: &Store,
    episode: EpisodeId,
    url: Option<&str>,
    context: &Context,
) -> Result<(), Failure> {
    let named = url.map(|url| Server::unmet(url, context)).transpose()?;
    let is_named = |notes: &Notes| {
        named
            .as_ref()
            .is_some_and(|server| server.client.base() == notes.base && server.index == notes.index)
    };
    let mut has_told = false;
    for mut notes in Notes::all(store) {
        if notes.marks(episode).is_empty() && !is_named(&notes) {
            continue;
        }
        notes.drop_all(episode);
        let server = match &named {
            Some(server) if is_named(&notes) => server.clone(),
            _ => Server {
                client: Client::unnamed(&notes.base, &context.settings)?,
                index: notes.index.clone(),
                dialect: dialect::ALL[0],
                is_named: false,
                context,
            },
        };
        let owed = notes.owed().into_iter().filter(|(own, _)| *own == episode).collect();
        let told = server
            .met()
            .and_then(|server| Ok((server.forget_all(episode, owed)?, server.when_told())));
        match told {
            Ok((told, when)) => {
                notes.told(&told);
                let base = plain(&notes.base);
                context.voice.note(format!("the server `{base}` forgets it too{when}"));
            }
            Err(failure) if is_named(&notes) || failure.exit == Exit::Cancelled => {
                return Err(failure);
            }
            Err(failure) => context.voice.warn(format!(
                "{}; the next `aloud library push` tells it",
                failure.why.one_line()
            )),
        }
        has_told |= is_named(&notes);
    }
    if let Some(server) = named.filter(|_| !has_told) {
        let server = server.met()?;
        let told = server.forget_all(episode, Vec::new())?;
        let what = match told.is_empty() {
            true => "has nothing of it".to_owned(),
            false => format!("forgets it too{}", server.when_told()),
        };
        context.voice.note(format!("the server `{}` {what}", plain(server.client.base())));
    }
    Ok(())
}

/// As [`Server::marks`], for whoever has no [`Context`], by the path where all of the index is
/// asked.
fn marks(
    client: &Client,
    path: &str,
    episodes: &[EpisodeId],
    patience: Patience,
    hooks: &Hooks<'_>,
) -> Result<Marks, Trouble> {
    let question = Body::of_question(&wire::marks_question(episodes));
    let answer = client.ask(path, Some(&question), patience, hooks)?;
    wire::marks_answer(&answer).map_err(|why| Trouble::Refused(0, why.into()))
}
