//! Everything that was ever heard, brought up to date and searched.

use super::engine::{self, Builder, Engine, Leaf, Trouble};
use super::fingerprint;
use super::pages::{Likely, Lookup, Scope};
use super::source::{self, Card, Layer, Records, Source};
use super::terms;
use crate::episode::EpisodeId;
use crate::search::{self, Body, Hit, Match, Query, Text};
use crate::store::{Key, Stamp, Store};
use crate::time::Span;
use std::collections::{BTreeMap, HashSet};
use std::path::Path;
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;

/// Pages that are read at first; each further time four times as many.
const FIRST_PAGES: usize = 24;
/// How many pages are read for what is only near.
const NEAR_PAGES: usize = 48;
/// So many new episodes are put into the index in passing.
const FEW: usize = 20;
/// How often a waiting process asks whether it is its turn.
const POLL: Duration = Duration::from_millis(100);

/// What is looked for, and where.
pub struct Request<'a> {
    /// The phrase.
    pub query: &'a Query,
    /// Whether only the same words count.
    pub is_exact: bool,
    /// Where.
    pub scope: Scope,
    /// After so many hits no more are looked for.
    pub limit: usize,
}

/// A place where the phrase stands.
#[derive(Clone)]
pub struct Found {
    /// In which episode.
    pub episode: EpisodeId,
    /// In which of its texts.
    pub layer: Layer,
    /// The part of the text that was searched.
    pub text: Rc<Text>,
    /// Where in it.
    pub hit: Hit,
    /// Which word of the whole text the hit begins with.
    pub word: usize,
    /// The episode's day: see [`Card::day`].
    pub day: u64,
}

/// What came of a search.
#[derive(Default)]
pub struct Answer {
    /// The hits, grouped by episode: the best episode first, the newest of equals; in an episode by
    /// time.
    pub found: Vec<Found>,
    /// Whether there may be more than were asked for.
    pub has_more: bool,
}

impl Found {
    /// Whether the same words stand there, or what sounds the same.
    pub fn is_sure(&self) -> bool {
        self.hit.kind != Match::Near
    }
}

impl Answer {
    /// Of hits in any order, at most `limit`.
    pub fn of(mut found: Vec<Found>, has_more: bool, limit: usize) -> Self {
        let mut seen = HashSet::new();
        found.retain(|found| seen.insert((found.episode, found.layer, found.word)));
        arrange(&mut found);
        let has_more = has_more || found.len() > limit;
        found.truncate(limit);
        Self { found, has_more }
    }
}

/// The hits in pages that may hold a phrase.
pub fn read_pages(likely: impl IntoIterator<Item = Likely>, request: &Request) -> Vec<Found> {
    likely.into_iter().flat_map(|likely| read_page(&likely, request, None)).collect()
}

/// The episodes that the store knows.
pub struct Library<'a> {
    store: &'a Store,
    engine: Option<Engine>,
    /// Episodes that the index does not know as they are now: these are read from the store.
    loose: Vec<EpisodeId>,
    stamps: Records,
    /// What the user should know: why the index is not up to date.
    pub notes: Vec<String>,
}

/// What happens while the index is brought up to date.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Event {
    /// Another process is building it, and there is none yet: we wait.
    Waiting,
    /// So many of so many episodes are done.
    Indexed(usize, usize),
}

impl<'a> Library<'a> {
    /// Brings the index of `store` up to date, as far as that is possible, and opens it. What it
    /// could not be told is searched without it.
    ///
    /// Where another process is at it already this one leaves it to that, unless there is nothing
    /// to search in yet. `watch` hears what happens; once `cancelled` says yes what is done is
    /// kept, and the rest stays to be read from the store.
    pub fn open(
        store: &'a Store,
        watch: &mut dyn FnMut(Event),
        cancelled: &dyn Fn() -> bool,
    ) -> Self {
        let mut library = Self::open_index(store, usize::MAX, watch, cancelled);
        library.notes.extend(damaged(store));
        library
    }

    /// What the index has of it, told of no more than `most` episodes that are new: beyond that it
    /// is left to the next one.
    fn open_index(
        store: &'a Store,
        most: usize,
        watch: &mut dyn FnMut(Event),
        cancelled: &dyn Fn() -> bool,
    ) -> Self {
        let mut library = Self {
            store,
            engine: None,
            loose: Vec::new(),
            stamps: Records::new(),
            notes: Vec::new(),
        };
        let Some(dir) = store.cache_dir() else { return library };
        library.engine = Engine::open(dir).ok();
        let modified = store.modified().map(fingerprint::nanos);
        if library
            .engine
            .as_ref()
            .is_some_and(|engine| engine.seen.is_some() && engine.seen == modified)
        {
            return library;
        }
        // Asked before the folder is read: what comes between is seen the next time.
        let seen = engine::seen(store);
        library.stamps = source::by_episode(store);
        if let Err(trouble) = library.update(seen, most, watch, cancelled) {
            library.notes.push(format!(
                "the index is not up to date: {trouble}; what it lacks is searched without it"
            ));
        }
        let known = library.leaves();
        let wanted = prints(&library.stamps);
        library.loose = wanted
            .iter()
            .filter(|(id, print)| known.get(id).is_none_or(|leaf| leaf.print != **print))
            .map(|(id, _)| *id)
            .collect();
        library
    }

    fn leaves(&self) -> BTreeMap<EpisodeId, Leaf> {
        self.engine.as_ref().map(by_episode).unwrap_or_default()
    }

    /// Brings the index up to what the store has, unless another process is at it, or that would be
    /// more than `most` episodes. `seen` is the store's time up to which it knows everything then;
    /// where that is not known, one that has everything is left as it is.
    fn update(
        &mut self,
        seen: Option<u64>,
        most: usize,
        watch: &mut dyn FnMut(Event),
        cancelled: &dyn Fn() -> bool,
    ) -> Result<(), Trouble> {
        let Some(dir) = self.store.cache_dir() else { return Ok(()) };
        let wanted = prints(&self.stamps);
        let is_current = |engine: &Engine| {
            by_episode(engine).into_iter().map(|(id, leaf)| (id, leaf.print)).eq(wanted.clone())
        };
        if seen.is_none() && self.engine.as_ref().is_some_and(is_current)
            || self.engine.is_none() && wanted.is_empty()
        {
            return Ok(());
        }
        let Some(mut builder) = self.begin(dir, watch, cancelled)? else { return Ok(()) };
        let known = builder.before.as_ref().map(by_episode).unwrap_or_default();
        let gone: Vec<EpisodeId> =
            known.keys().filter(|id| !wanted.contains_key(id)).copied().collect();
        let stale: Vec<(&EpisodeId, &String)> = wanted
            .iter()
            .filter(|(id, print)| known.get(id).is_none_or(|leaf| leaf.print != **print))
            .collect();
        if gone.is_empty() && stale.is_empty() {
            self.engine = Some(builder.touch(seen)?);
            return Ok(());
        }
        if gone.len() + stale.len() > most {
            return Ok(());
        }
        for id in gone {
            builder.replace(id, "", None)?;
        }
        let mut is_whole = true;
        for (n, (id, print)) in stale.iter().enumerate() {
            if cancelled() {
                is_whole = false;
                break;
            }
            let source = self.load(**id);
            // What has no text yet is remembered as that.
            builder.replace(**id, print, Some(&source.unwrap_or_default()))?;
            watch(Event::Indexed(n + 1, stale.len()));
        }
        self.engine = Some(builder.finish(seen.filter(|_| is_whole))?);
        Ok(())
    }

    /// The right to write; `None` where another process has it and there is an index to go on with.
    /// Where there is none, that process is waited for.
    fn begin(
        &mut self,
        dir: &Path,
        watch: &mut dyn FnMut(Event),
        cancelled: &dyn Fn() -> bool,
    ) -> Result<Option<Builder>, Trouble> {
        let mut has_said = false;
        loop {
            if let Some(builder) = Builder::begin(dir)? {
                return Ok(Some(builder));
            }
            if self.engine.is_some() || cancelled() {
                return Ok(None);
            }
            if !std::mem::replace(&mut has_said, true) {
                watch(Event::Waiting);
            }
            std::thread::sleep(POLL);
            self.engine = Engine::open(dir).ok();
        }
    }

    /// The texts of an episode from the store.
    fn load(&self, episode: EpisodeId) -> Option<Source> {
        match self.stamps.get(&episode) {
            Some(records) => Source::load(self.store, episode, records),
            // An index that knows everything spares the look at the folder.
            None => {
                Source::load(self.store, episode, source::by_episode(self.store).get(&episode)?)
            }
        }
    }

    /// Every episode that has a text, and what is known of it; by name.
    pub fn cards(&self) -> Vec<(EpisodeId, Card)> {
        let mut cards: Vec<(EpisodeId, Card)> = self
            .leaves()
            .into_iter()
            .filter(|(id, _)| !self.loose.contains(id))
            .map(|(id, leaf)| (id, leaf.card))
            .collect();
        cards.extend(self.loose.iter().filter_map(|id| Some((*id, self.load(*id)?.card))));
        cards.retain(|(_, card)| !card.file.is_empty());
        cards.sort_by(|(a, x), (b, y)| (x.name(), &x.file, a).cmp(&(y.name(), &y.file, b)));
        cards
    }

    /// What is known of one episode.
    pub fn card(&self, episode: EpisodeId) -> Option<Card> {
        if self.loose.contains(&episode) {
            return Some(self.load(episode)?.card);
        }
        Some(self.engine.as_ref()?.leaf(episode)?.card)
    }

    /// Where the phrase stands. Hits that are only near are looked for where there are fewer others
    /// than were asked for.
    pub fn find(&mut self, request: &Request) -> Answer {
        let mut answer = Answer::default();
        for id in self.loose.clone() {
            let Some(source) = self.load(id) else { continue };
            if request.scope.has(id, source.card.day()) {
                answer.found.extend(read_whole(id, &source, request));
            }
        }
        if let Some(engine) = &self.engine {
            match self.look_up(engine, request, &mut answer) {
                Ok(()) => {}
                Err(trouble) => {
                    self.notes
                        .push(format!("the index is damaged and will be built anew: {trouble}"));
                    engine.condemn();
                    self.engine = None;
                    self.stamps = source::by_episode(self.store);
                    self.loose = prints(&self.stamps).into_keys().collect();
                    return self.find(request);
                }
            }
        }
        Answer::of(answer.found, answer.has_more, request.limit)
    }

    fn look_up(
        &self,
        engine: &Engine,
        request: &Request,
        answer: &mut Answer,
    ) -> Result<(), Trouble> {
        let lookup = Lookup::new(engine, &request.scope);
        let is_long = request.query.outlines().iter().any(terms::is_long);
        let loose: HashSet<EpisodeId> = self.loose.iter().copied().collect();
        let mut whole = HashSet::new();
        let (mut from, mut n) = (0, FIRST_PAGES);
        loop {
            let likely = if request.query.pattern().is_some() {
                lookup.every(from, n)?
            } else {
                lookup.exact(request.query, from, n)?
            };
            for address in &likely {
                let likely = lookup.read(*address)?;
                if loose.contains(&likely.episode) || is_long && !whole.insert(likely.episode) {
                    continue;
                }
                match is_long {
                    true => answer.found.extend(self.whole(likely.episode, request)),
                    false => answer
                        .found
                        .extend(read_page(&likely, request, None).filter(Found::is_sure)),
                }
            }
            from += likely.len();
            if likely.len() < n {
                break;
            }
            if answer.found.len() > request.limit {
                answer.has_more = true;
                break;
            }
            n *= 4;
        }
        if request.is_exact
            || request.query.pattern().is_some()
            || answer.found.len() >= request.limit
            || is_long
        {
            return Ok(());
        }
        let body = Arc::new(lookup.body(request.query));
        for address in lookup.near(request.query, NEAR_PAGES)? {
            let likely = lookup.read(address)?;
            if !loose.contains(&likely.episode) {
                answer.found.extend(read_page(&likely, request, Some(&body)));
            }
        }
        Ok(())
    }

    /// Gives each place more of the text around it than a page has, where the store still has it.
    pub fn widen(&self, answer: &mut Answer) {
        let mut last: Option<(EpisodeId, Source)> = None;
        for found in &mut answer.found {
            if last.as_ref().is_none_or(|(id, _)| *id != found.episode) {
                last = self.load(found.episode).map(|source| (found.episode, source));
            }
            let texts = last.iter().flat_map(|(_, source)| &source.texts);
            let Some((_, whole)) = texts.into_iter().find(|(layer, _)| *layer == found.layer)
            else {
                continue;
            };
            let words = found.word..found.word + found.hit.words.len();
            let page = whole.around(&words);
            if words.start >= page.first && words.end <= page.first + page.words.len() {
                found.text = Rc::new(page.to_text());
                found.hit.words = words.start - page.first..words.end - page.first;
            }
        }
    }

    /// The hits in an episode that is read whole.
    fn whole(&self, episode: EpisodeId, request: &Request) -> Vec<Found> {
        self.load(episode).map(|source| read_whole(episode, &source, request)).unwrap_or_default()
    }

    /// What is least unlike the phrase, for somebody who found nothing: at most `n` different
    /// texts.
    pub fn nearest(&self, request: &Request, n: usize) -> Vec<String> {
        let mut near: Vec<(f32, String)> = Vec::new();
        let mut take = |text: &Text| {
            near.extend(
                search::nearest(text, request.query, n)
                    .into_iter()
                    .map(|hit| (hit.score, text.of(&hit.words).to_owned())),
            );
        };
        for id in &self.loose {
            for (_, page) in self.load(*id).map(|source| source.texts).unwrap_or_default() {
                take(&page.to_text());
            }
        }
        if let Some(engine) = &self.engine {
            let lookup = Lookup::new(engine, &request.scope);
            for address in lookup.near(request.query, FIRST_PAGES).unwrap_or_default() {
                if let Ok(likely) = lookup.read(address) {
                    take(&likely.page.to_text());
                }
            }
        }
        near.sort_by(|a, b| b.0.total_cmp(&a.0));
        let mut seen = HashSet::new();
        near.retain(|(_, text)| seen.insert(text.to_lowercase()));
        near.into_iter().take(n).map(|(_, text)| text).collect()
    }
}

/// Tells the index of the few episodes that are new; many are left to the next search, which says
/// that it takes a while. Answers why that could not be done, for a note.
pub fn refresh(store: &Store, cancelled: &dyn Fn() -> bool) -> Option<String> {
    Library::open_index(store, FEW, &mut |_| {}, cancelled).notes.pop()
}

/// What is said of articles whose record was damaged.
fn damaged(store: &Store) -> Option<String> {
    let n = store.damaged(source::text_key).len();
    let (episodes, them) =
        if n == 1 { ("1 episode is", "it") } else { (&*format!("{n} episodes are"), "them") };
    let way_out = format!("tie {them} again with `aloud align AUDIO ARTICLE`");
    (n > 0).then(|| {
        format!(
            "the article of {episodes} damaged, and only what was said is searched there: {way_out}"
        )
    })
}

fn by_episode(engine: &Engine) -> BTreeMap<EpisodeId, Leaf> {
    let leaves = engine.leaves().unwrap_or_default();
    leaves.into_iter().filter_map(|leaf| Some((EpisodeId::parse(&leaf.episode)?, leaf))).collect()
}

/// For each episode a text that changes whenever one of its records does that matters here.
fn prints(records: &Records) -> BTreeMap<EpisodeId, String> {
    records.iter().filter_map(|(id, own)| Some((*id, print(*id, own)?))).collect()
}

fn print(id: EpisodeId, records: &[Stamp]) -> Option<String> {
    // What changes whenever somebody listens says nothing about texts, nor do what a recording is
    // opened with, and feeds.
    let others = ["listened", "seek-index", "article", "chapters", "feed", "feed-texts", "fetched"]
        .map(|stage| Key::new(stage, id));
    let matters = records.iter().filter(|record| !others.iter().any(|key| record.is_of(key)));
    let mut told: Vec<_> = matters
        .map(|record| (&record.stem, fingerprint::nanos(record.modified), record.bytes))
        .collect();
    told.sort_unstable();
    let mut hash = blake3::Hasher::new();
    for (stem, modified, bytes) in &told {
        hash.update(&(stem.len() as u64).to_le_bytes()).update(stem.as_bytes());
        hash.update(&modified.to_le_bytes()).update(&bytes.to_le_bytes());
    }
    (!told.is_empty()).then(|| hash.finalize().to_hex()[..16].to_owned())
}

/// The hits that are a page's own; what only is near has to tell more than chance brings in all of
/// `body`.
fn read_page(
    likely: &Likely,
    request: &Request,
    body: Option<&Arc<Body>>,
) -> impl Iterator<Item = Found> + use<> {
    let text = likely.page.to_text();
    let text = Rc::new(if let Some(body) = body { text.amid(body) } else { text });
    let hits = search::find(&text, request.query);
    let (own, first) = (likely.page.own.clone(), likely.page.first);
    let (episode, layer, day) = (likely.episode, likely.layer, likely.day);
    let is_meant = move |hit: &Hit| own.contains(&hit.words.start) && hit.span.is_some();
    let found = move |hit: Hit| Found {
        episode,
        layer,
        day,
        text: Rc::clone(&text),
        word: first + hit.words.start,
        hit,
    };
    hits.into_iter().filter(is_meant).map(found)
}

fn read_whole(episode: EpisodeId, source: &Source, request: &Request) -> Vec<Found> {
    let day = source.card.day();
    let is_meant = |layer: Layer| request.scope.layer.is_none_or(|wanted| wanted == layer);
    let texts = source.texts.iter().filter(|(layer, _)| is_meant(*layer));
    texts
        .flat_map(|(layer, page)| {
            read_page(&Likely { episode, layer: *layer, day, page: page.clone() }, request, None)
        })
        .collect()
}

/// The same moment is shown once, as it is written where it is; then by episode.
fn arrange(found: &mut Vec<Found>) {
    let mut by_episode: BTreeMap<EpisodeId, Vec<Found>> = BTreeMap::new();
    for found in found.drain(..) {
        by_episode.entry(found.episode).or_default().push(found);
    }
    let mut groups: Vec<Vec<Found>> = by_episode.into_values().map(apart).collect();
    let best = |group: &[Found]| {
        group
            .iter()
            .map(|found| (found.hit.kind, -found.hit.score))
            .min_by(|a, b| a.0.cmp(&b.0).then(a.1.total_cmp(&b.1)))
    };
    groups.sort_by(|a, b| {
        let ((kind, score), (other, others)) =
            (best(a).unwrap_or((Match::Near, 0.0)), best(b).unwrap_or((Match::Near, 0.0)));
        kind.cmp(&other)
            .then(score.total_cmp(&others))
            .then_with(|| b.first().map(|found| found.day).cmp(&a.first().map(|found| found.day)))
    });
    found.extend(groups.into_iter().flatten());
}

fn apart(mut group: Vec<Found>) -> Vec<Found> {
    // The written text and the better hit go before.
    group.sort_by(|a, b| {
        a.layer
            .cmp(&b.layer)
            .then(a.hit.kind.cmp(&b.hit.kind))
            .then(b.hit.score.total_cmp(&a.hit.score))
    });
    let mut kept: Vec<Found> = Vec::new();
    for found in group {
        let overlaps = |other: &Found| match (found.hit.span, other.hit.span) {
            (Some(a), Some(b)) => {
                other.layer != found.layer && a.start() < b.end() && b.start() < a.end()
            }
            _ => false,
        };
        if !kept.iter().any(overlaps) {
            kept.push(found);
        }
    }
    kept.sort_by_key(|found| found.hit.span.map(Span::start));
    kept
}
