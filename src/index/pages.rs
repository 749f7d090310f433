//! Which pages may hold a phrase? Questions to the index.

use super::engine::{Engine, Trouble, caught, layer_number};
use super::page::Page;
use super::source::Layer;
use super::terms::{self, Clue, Need};
use crate::episode::EpisodeId;
use crate::search::{Body, Outline, Query};
use std::cell::RefCell;
use std::collections::{HashMap, HashSet};
use std::ops::Bound;
use tantivy::collector::TopDocs;
use tantivy::query::{
    BooleanQuery, ConstScoreQuery, EmptyQuery, FuzzyTermQuery, Occur, Query as Ask, RangeQuery,
    TermQuery, TermSetQuery,
};
use tantivy::schema::IndexRecordOption;
use tantivy::{DocAddress, Order, Term};

/// Words that stand in a larger share of all pages than one in this many say nothing beside rarer
/// ones.
const COMMON: f64 = 3.0;
/// More words that are spelled like one of the phrase are not looked at.
const MAX_ALIKE: usize = 40;
/// How many tokens a page adds, about: those of its own words.
const TOKENS: usize = 250;
/// A page that has less of what a phrase tells is no likely one.
const LEAST_SHARE: f32 = 0.3;

/// Where to look.
#[derive(Clone, Debug, Default)]
pub struct Scope {
    /// In which texts; `None` for all.
    pub layer: Option<Layer>,
    /// In which episodes; `None` for all.
    pub episodes: Option<HashSet<EpisodeId>>,
    /// Only in episodes of this day or later, in milliseconds since 1970.
    pub since: Option<u64>,
}

impl Scope {
    /// Whether an episode of that day is meant at all.
    pub fn has(&self, episode: EpisodeId, day: u64) -> bool {
        self.episodes.as_ref().is_none_or(|meant| meant.contains(&episode))
            && self.since.is_none_or(|since| day >= since)
    }
}

/// A page that may hold a phrase.
#[derive(Clone, Debug)]
pub struct Likely {
    /// Of which episode.
    pub episode: EpisodeId,
    /// Of which of its texts.
    pub layer: Layer,
    /// The episode's day, in milliseconds since 1970.
    pub day: u64,
    /// The page.
    pub page: Page,
}

/// Looks pages up.
pub(super) struct Lookup<'a> {
    engine: &'a Engine,
    scope: &'a Scope,
    known: RefCell<HashMap<Term, u64>>,
}

impl<'a> Lookup<'a> {
    pub fn new(engine: &'a Engine, scope: &'a Scope) -> Self {
        Self { engine, scope, known: RefCell::default() }
    }

    /// Pages where the phrase may stand just so, newest first, from the `from`th on, at most `n`.
    pub fn exact(&self, query: &Query, from: usize, n: usize) -> Result<Vec<DocAddress>, Trouble> {
        caught(|| {
            let has = |need: &Need| self.frequency(need) > 0;
            let outlines = query.outlines();
            let needs: Vec<Box<dyn Ask>> = outlines
                .iter()
                .map(|outline| {
                    terms::needs(outline, Some(&has)).map_or_else(anything, |need| self.ask(&need))
                })
                .collect();
            self.newest(Box::new(BooleanQuery::union(needs)), from, n)
        })
    }

    /// Every page in scope, newest first, from the `from`th on, at most `n`.
    pub fn every(&self, from: usize, n: usize) -> Result<Vec<DocAddress>, Trouble> {
        caught(|| self.newest(anything(), from, n))
    }

    fn newest(&self, ask: Box<dyn Ask>, from: usize, n: usize) -> tantivy::Result<Vec<DocAddress>> {
        let collector =
            TopDocs::with_limit(n).and_offset(from).order_by_fast_field::<u64>("day", Order::Desc);
        let found = self.engine.searcher.search(&self.scoped(ask), &collector)?;
        Ok(found.into_iter().map(|(_, address)| address).collect())
    }

    /// Pages that have most of what the phrase tells, the likeliest first, at most `n`.
    pub fn near(&self, query: &Query, n: usize) -> Result<Vec<DocAddress>, Trouble> {
        caught(|| {
            let mut found = Vec::new();
            for outline in query.outlines() {
                let (ask, total) = self.likely(&outline)?;
                let collector = TopDocs::with_limit(n).order_by_score();
                let scored = self.engine.searcher.search(&self.scoped(ask), &collector)?;
                found.extend(scored.into_iter().filter(|(score, _)| *score >= LEAST_SHARE * total));
            }
            found.sort_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(&b.1)));
            let mut seen = HashSet::new();
            found.retain(|(_, address)| seen.insert(*address));
            Ok(found.into_iter().map(|(_, address)| address).take(n).collect())
        })
    }

    /// What speaks for a phrase, each clue with what it tells in nats; and what all of them tell
    /// together.
    fn likely(&self, outline: &Outline) -> tantivy::Result<(Box<dyn Ask>, f32)> {
        let n_pages = self.engine.searcher.num_docs().max(1) as f64;
        let clues: Vec<(Clue, u64)> = terms::clues(outline)
            .into_iter()
            .map(|clue| (clue.clone(), self.frequency(&clue.need)))
            .collect();
        let is_common = |n: u64| n as f64 * COMMON > n_pages;
        let has_rare = clues.iter().any(|(_, n)| !is_common(*n));
        let (mut asks, mut total) = (Vec::new(), 0.0);
        for (clue, n) in clues.into_iter().filter(|(_, n)| !has_rare || !is_common(*n)) {
            let nats = (n_pages / n.max(1) as f64).ln().max(0.1) as f32;
            total += nats;
            let mut ask = self.ask(&clue.need);
            if clue.is_loose && !is_common(n) {
                let alike = self.alike(&clue.need)?;
                ask = Box::new(BooleanQuery::union(alike.into_iter().chain([ask]).collect()));
            }
            let told: Box<dyn Ask> = Box::new(ConstScoreQuery::new(ask, nats));
            asks.push(told);
        }
        Ok((Box::new(BooleanQuery::union(asks)), total))
    }

    /// Words that sound a little otherwise than one does.
    fn alike(&self, need: &Need) -> tantivy::Result<Vec<Box<dyn Ask>>> {
        let Some(term) = self.term(need) else { return Ok(Vec::new()) };
        let n_letters = term.serialized_value_bytes().len();
        let distance = match n_letters {
            0..4 => return Ok(Vec::new()),
            4..8 => 1,
            _ => 2,
        };
        let fuzzy = FuzzyTermQuery::new(term.clone(), distance, true);
        let mut found = HashMap::new();
        for segment in self.engine.searcher.segment_readers() {
            let index = segment.inverted_index(term.field())?;
            let mut stream = index.terms().search(fuzzy.automaton()?).into_stream()?;
            while stream.advance() {
                *found.entry(String::from_utf8_lossy(stream.key()).into_owned()).or_insert(0) +=
                    stream.value().doc_freq;
            }
        }
        let mut found: Vec<(String, u32)> = found.into_iter().collect();
        found.sort_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
        found.truncate(MAX_ALIKE);
        Ok(found.into_iter().map(|(text, _)| self.ask(&Need::Sound(text))).collect())
    }

    /// How common the words of a phrase are in all pages. A word counts once for each page that has
    /// it.
    pub fn body(&self, query: &Query) -> Body {
        let steps = query.outlines().into_iter().flat_map(|outline| outline.steps);
        let count =
            |text: String| (self.frequency(&Need::Word(terms::of_token(&text))) as u32, text);
        let counts = steps.map(|step| count(step.text)).map(|(n, text)| (text, n)).collect();
        Body { n_tokens: self.engine.searcher.num_docs() as usize * TOKENS, counts }
    }

    /// How many pages a term stands in.
    fn frequency(&self, need: &Need) -> u64 {
        let Some(term) = self.term(need) else { return 1 };
        if let Some(n) = self.known.borrow().get(&term) {
            return *n;
        }
        // What cannot be read counts as there: then the search itself meets the trouble.
        let n = self.engine.searcher.doc_freq(&term).unwrap_or(1);
        self.known.borrow_mut().insert(term, n);
        n
    }

    fn term(&self, need: &Need) -> Option<Term> {
        match need {
            Need::Word(text) => Some(Term::from_field_text(self.engine.fields.words, text)),
            Need::Sound(text) => Some(Term::from_field_text(self.engine.fields.sounds, text)),
            Need::Run(text) => Some(Term::from_field_text(self.engine.fields.runs, text)),
            Need::Any(_) | Need::All(_) => None,
        }
    }

    fn ask(&self, need: &Need) -> Box<dyn Ask> {
        let all = |needs: &[Need]| needs.iter().map(|need| self.ask(need)).collect::<Vec<_>>();
        match need {
            Need::Any(needs) if needs.is_empty() => Box::new(EmptyQuery),
            Need::Any(needs) => Box::new(BooleanQuery::union(all(needs))),
            Need::All(needs) => Box::new(BooleanQuery::intersection(all(needs))),
            Need::Word(_) | Need::Sound(_) | Need::Run(_) => {
                self.term(need).map_or_else(anything, |term| {
                    Box::new(TermQuery::new(term, IndexRecordOption::Basic))
                })
            }
        }
    }

    /// `ask`, but only of pages in scope.
    fn scoped(&self, ask: Box<dyn Ask>) -> BooleanQuery {
        let fields = self.engine.fields;
        let mut asks = vec![(Occur::Must, ask)];
        let layers: Vec<u64> = self.scope.layer.map_or_else(
            || vec![layer_number(Layer::Written), layer_number(Layer::Said)],
            |layer| vec![layer_number(layer)],
        );
        // The card has no words, but matches whatever asks for anything.
        let is_layer = TermSetQuery::new(
            layers.into_iter().map(|layer| Term::from_field_u64(fields.layer, layer)),
        );
        asks.push((Occur::Must, Box::new(ConstScoreQuery::new(Box::new(is_layer), 0.0))));
        if let Some(episodes) = &self.scope.episodes {
            let is_meant = TermSetQuery::new(
                episodes
                    .iter()
                    .map(|episode| Term::from_field_text(fields.episode, &episode.to_string())),
            );
            asks.push((Occur::Must, Box::new(ConstScoreQuery::new(Box::new(is_meant), 0.0))));
        }
        if let Some(since) = self.scope.since {
            let is_late = RangeQuery::new(
                Bound::Included(Term::from_field_u64(fields.day, since)),
                Bound::Unbounded,
            );
            asks.push((Occur::Must, Box::new(ConstScoreQuery::new(Box::new(is_late), 0.0))));
        }
        BooleanQuery::new(asks)
    }

    /// Reads a page; `None` where it is not what was written.
    pub fn read(&self, address: DocAddress) -> Result<Likely, Trouble> {
        let bytes = caught(|| self.engine.content(address))?;
        let (episode, packed) = bytes.split_at_checked(32).ok_or(Trouble::Unusable)?;
        let episode = EpisodeId(episode.try_into().map_err(|_| Trouble::Unusable)?);
        let (page, _) = Page::unpack(packed).ok_or(Trouble::Unusable)?;
        let fast = self.engine.searcher.segment_reader(address.segment_ord).fast_fields();
        let value = |name| {
            caught(|| Ok(fast.u64(name)?.first(address.doc_id))).map(Option::unwrap_or_default)
        };
        let layer = if value("layer")? == layer_number(Layer::Written) {
            Layer::Written
        } else {
            Layer::Said
        };
        Ok(Likely { episode, layer, day: value("day")?, page })
    }
}

fn anything() -> Box<dyn Ask> {
    Box::new(tantivy::query::AllQuery)
}
