//! The same index on a server: Quickwit, which is built on the same index library, for archives that no machine holds.
//!
//! Written for Quickwit 0.9.0 by its documentation: `POST /api/v1/INDEX/ingest` takes newline-delimited JSON in pieces of at most
//! 10 MB, `POST /api/v1/_elastic/INDEX/_search` answers `bool` and `term` queries, and `POST /api/v1/INDEX/delete-tasks` has documents
//! removed that were published before. The question of tokenizers is answered before
//! it comes up: documents bring our own terms, parted by spaces, and the server's tokenizer `whitespace` takes them as they are.
//! So the server needs no dictionary, and a phrase needs there what it needs here. What it answers is read by
//! [`search`](crate::search), as everywhere. Pure: this file makes and reads texts; `cli` sends them.

use super::page::Page;
use super::pages::Scope;
use super::source::{Layer, Source};
use super::terms::{self, Need};
use crate::episode::EpisodeId;
use crate::search::Query;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

/// The index's configuration, as Quickwit reads it.
pub const SCHEMA: &str = include_str!("quickwit.yaml");
/// The name of the index in [`SCHEMA`].
pub const INDEX: &str = "aloud";
/// What a server may be sent at once, in bytes: Quickwit's limit is 10 MB.
pub const MOST_BYTES: usize = 8 << 20;

/// A page as a document: a line of JSON.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Document {
    /// The recording's BLAKE3 hash.
    pub episode: String,
    /// The recording's file name, without its folder.
    pub file: String,
    /// Its title, or its article's.
    pub title: Option<String>,
    /// The language spoken.
    pub language: Option<String>,
    /// `written` or `said`.
    pub layer: Layer,
    /// The episode's day, in seconds since 1970.
    pub day: u64,
    /// Which word of the whole text the page's own words begin with.
    pub word: usize,
    /// The first and the last time in it, in milliseconds from the start of the recording.
    pub start: Option<u64>,
    /// See `start`.
    pub end: Option<u64>,
    /// The text.
    pub text: String,
    /// Tokens and pairs of them, parted by spaces. The server looks them up but does not give them back.
    #[serde(default)]
    pub words: String,
    /// Sounds of words in letters, and pairs of syllables, parted by spaces. Not given back either.
    #[serde(default)]
    pub sounds: String,
    /// The packed page, in Base64.
    pub page: String,
}

/// The documents of an episode.
pub fn documents(episode: EpisodeId, source: &Source) -> impl Iterator<Item = Document> + '_ {
    let pages = source.texts.iter().flat_map(|(layer, text)| text.cut().into_iter().map(move |page| (*layer, page)));
    pages.map(move |(layer, page)| {
        let terms = terms::of_text(&page.to_text());
        let mut packed = Vec::new();
        page.pack(&mut packed);
        let mut spans = page.spans.iter().flatten();
        let first = spans.next();
        let last = spans.next_back().or(first);
        Document {
            episode: episode.to_string(),
            file: source.card.file.clone(),
            title: source.card.title.clone(),
            language: source.card.language.clone(),
            layer,
            day: source.card.day() / 1000,
            word: page.first + page.own.start,
            start: first.map(|span| span.start().millis()),
            end: last.map(|span| span.end().millis()),
            text: page.text.clone(),
            words: terms.words,
            sounds: terms.sounds,
            page: STANDARD.encode(packed),
        }
    })
}

/// The body of a `_search` for pages where the phrase may stand just so, or for pages that have most of its words, from the
/// `from`th on, at most `n`. `None` for a pattern, which no server can look up.
pub fn question(query: &Query, scope: &Scope, is_exact: bool, from: usize, n: usize) -> Option<Value> {
    if query.pattern().is_some() {
        return None;
    }
    let outlines = query.outlines();
    let asks: Vec<Value> = match is_exact {
        true => outlines
            .iter()
            .map(|outline| terms::needs(outline, None).map_or_else(|| json!({ "match_all": {} }), |need| ask(&need)))
            .collect(),
        false => {
            let clues = |outline| terms::clues(outline).into_iter().map(|clue| ask(&clue.need)).collect::<Vec<_>>();
            let most = |clues: Vec<Value>| json!({ "bool": { "should": clues, "minimum_should_match": "60%" } });
            outlines.iter().map(clues).filter(|clues| !clues.is_empty()).map(most).collect()
        }
    };
    let mut filters = Vec::new();
    if let Some(layer) = scope.layer {
        filters.push(term("layer", layer.name()));
    }
    if let Some(episodes) = &scope.episodes {
        filters.push(either(episodes.iter().map(|episode| term("episode", &episode.to_string())).collect()));
    }
    if let Some(since) = scope.since {
        filters.push(json!({ "range": { "day": { "gte": since / 1000 } } }));
    }
    let sort = if is_exact { json!([{ "day": { "order": "desc" } }]) } else { json!(["_score"]) };
    Some(json!({ "query": { "bool": { "must": [either(asks)], "filter": filters } }, "sort": sort, "from": from, "size": n }))
}

fn ask(need: &Need) -> Value {
    match need {
        Need::Word(word) => term("words", word),
        Need::Sound(sound) => term("sounds", sound),
        // Servers have no runs, and are not asked for them.
        Need::Run(_) => json!({ "match_all": {} }),
        Need::Any(needs) => either(needs.iter().map(ask).collect()),
        Need::All(needs) => json!({ "bool": { "must": needs.iter().map(ask).collect::<Vec<_>>() } }),
    }
}

fn term(field: &str, value: &str) -> Value {
    json!({ "term": { field: { "value": value } } })
}

fn either(mut asks: Vec<Value>) -> Value {
    match asks.len() {
        0 => json!({ "match_none": {} }),
        1 => asks.remove(0),
        _ => json!({ "bool": { "should": asks, "minimum_should_match": 1 } }),
    }
}

/// The body of a delete task for everything that is known of an episode. Quickwit applies it to what was published before.
pub fn forgetting(episode: EpisodeId) -> Value {
    json!({ "query": format!("episode:{episode}") })
}

/// The pages of an answer, and how many of its hits were none.
///
/// # Errors
/// What is wrong with the answer, for people.
pub fn answer(body: &[u8]) -> Result<(Vec<(Document, Page)>, usize), String> {
    let answer: Value = serde_json::from_slice(body).map_err(|error| format!("its answer is no JSON: {error}"))?;
    let Some(hits) = answer["hits"]["hits"].as_array() else { return Err("its answer holds no hits".to_owned()) };
    let pages: Vec<(Document, Page)> = hits.iter().filter_map(|hit| read(&hit["_source"])).collect();
    let n_bad = hits.len() - pages.len();
    Ok((pages, n_bad))
}

fn read(source: &Value) -> Option<(Document, Page)> {
    let document = Document::deserialize(source).ok()?;
    let (page, _) = Page::unpack(&STANDARD.decode(&document.page).ok()?)?;
    EpisodeId::parse(&document.episode)?;
    Some((document, page))
}
