//! The same index on a server: Quickwit, which is built on the same index library, for archives
//! that no machine holds.
//!
//! Written for Quickwit 0.9 by its source: `POST /api/v1/INDEX/ingest` takes newline-delimited JSON
//! in pieces of at most 10 MiB, `POST /api/v1/_elastic/INDEX/_search` answers `bool`, `term` and
//! `terms` queries and aggregations, and `POST /api/v1/INDEX/delete-tasks` has documents removed
//! that match a query. The question of tokenizers is answered before it comes up: documents bring
//! our own terms, parted by spaces, and the server's tokenizer `whitespace` takes them as they are.
//! So the server needs no dictionary, and a phrase needs there what it needs here. What it answers
//! is read by [`search`](crate::search), as everywhere. Pure: this file makes and reads texts;
//! `cli` sends them.
//!
//! A server changes no document, and removes some only days later: a delete waits until splits
//! merge no more, and then takes whatever matches it, also what was merged into them meanwhile. So
//! every push of a text has a mark of its own that orders it among all pushes of the episode, the
//! newest one counts, and what is to be forgotten is named by its mark.

use super::page::Page;
use super::pages::Scope;
use super::source::{Layer, Source};
use super::terms::{self, Need};
use crate::calendar;
use crate::episode::EpisodeId;
use crate::search::Query;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use std::collections::{BTreeMap, HashMap, HashSet};
use std::fmt;

/// The configuration of the index named [`INDEX`], as Quickwit reads it.
const SCHEMA: &str = include_str!("quickwit.yaml");
/// The name of the index in `quickwit.yaml`, and of the one that is meant where nobody says.
pub const INDEX: &str = "aloud";
/// What a server may be sent at once, in bytes: Quickwit's limit is 10 MiB, packed or not.
pub const MOST_BYTES: usize = 8 << 20;
/// The oldest Quickwit that knows all that it is asked for here (`minimum_should_match`): major and
/// minor.
pub const OLDEST: (u64, u64) = (0, 9);
/// So many pushes of one episode are told apart in an answer, the newest ones.
const MOST_MARKS: usize = 100;

/// The index's configuration under another name.
pub fn schema(index: &str) -> String {
    SCHEMA.replace(&format!("\nindex_id: {INDEX}\n"), &format!("\nindex_id: {index}\n"))
}

/// Whether an index may have this name: as Quickwit has it, letters, digits, `-`, `_` and `.`, a
/// letter first, 3 to 255 of them.
pub fn is_name(index: &str) -> bool {
    let is_one = |c: char| c.is_ascii_alphanumeric() || "-_.".contains(c);
    (3..=255).contains(&index.len())
        && index.starts_with(|c: char| c.is_ascii_alphabetic())
        && index.chars().all(is_one)
}

/// One push of one text of an episode: the time of the push, then the text's hash. They are ordered
/// by time, and of equals by hash.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Mark(String);

impl Mark {
    /// Digits of the time, in milliseconds since 1970: enough until 2286.
    const TIME: usize = 13;
    /// Digits of the hash: see [`state`].
    const STATE: usize = 32;

    /// Of a text in the state `state`, pushed at `now` (milliseconds since 1970): newer than all
    /// `others` of its episode, whatever clock they were made by.
    pub fn new(state: &str, now: u64, others: impl IntoIterator<Item = Self>) -> Self {
        let last = others.into_iter().map(|other| other.time() + 1).max().unwrap_or(0);
        Self(format!("{:0width$}{state}", now.max(last), width = Self::TIME))
    }

    /// As it is written; `None` for anything else.
    pub fn parse(text: &str) -> Option<Self> {
        let (time, state) = text.split_at_checked(Self::TIME)?;
        let is_hash =
            state.len() == Self::STATE && state.bytes().all(|byte| byte.is_ascii_hexdigit());
        (is_hash && time.bytes().all(|byte| byte.is_ascii_digit())).then(|| Self(text.to_owned()))
    }

    fn time(&self) -> u64 {
        self.0[..Self::TIME].parse().unwrap_or(0)
    }

    /// The text's hash.
    pub fn state(&self) -> &str {
        &self.0[Self::TIME..]
    }
}

impl fmt::Display for Mark {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl From<Mark> for String {
    fn from(mark: Mark) -> Self {
        mark.0
    }
}

impl TryFrom<String> for Mark {
    type Error = &'static str;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        Self::parse(&text).ok_or("no mark")
    }
}

/// A page as a document: a line of JSON.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Document {
    /// The recording's BLAKE3 hash.
    pub episode: String,
    /// Of which push it is.
    pub mark: Mark,
    /// The recording's file name, without its folder.
    pub file: String,
    /// Its title, or its article's.
    pub title: Option<String>,
    /// The language spoken.
    pub language: Option<String>,
    /// `written` or `said`.
    pub layer: Layer,
    /// The episode's day, to the second, as RFC 3339 has it.
    pub day: String,
    /// Which word of the whole text the page's own words begin with.
    pub word: usize,
    /// The first and the last time in it, in milliseconds from the start of the recording.
    pub start: Option<u64>,
    /// See `start`.
    pub end: Option<u64>,
    /// The text.
    pub text: String,
    /// Tokens and pairs of them, parted by spaces. The server looks them up but does not give them
    /// back.
    #[serde(default)]
    pub words: String,
    /// Sounds of words in letters, and pairs of syllables, parted by spaces. Not given back either.
    #[serde(default)]
    pub sounds: String,
    /// The packed page without its text, in Base64.
    pub page: String,
}

impl Document {
    /// The episode's day, in milliseconds since 1970; 0 for what is none.
    pub fn day(&self) -> u64 {
        millis(&self.day).unwrap_or(0)
    }
}

/// Tells what is pushed of an episode from what would be pushed of any other state of it: 32
/// hexadecimal digits.
pub fn state(source: &Source) -> String {
    let card = &source.card;
    // Terms are made as for the index here, so that they are as old as its format.
    let head = json!([
        super::fingerprint::FORMAT,
        card.file,
        card.title,
        card.language,
        rfc3339(card.day())
    ]);
    let mut bytes = head.to_string().into_bytes();
    for (layer, text) in &source.texts {
        bytes.extend_from_slice(layer.name().as_bytes());
        text.pack(&mut bytes);
    }
    let mut digits = blake3::hash(&bytes).to_hex().to_string();
    digits.truncate(Mark::STATE);
    digits
}

/// How many documents an episode has.
pub fn count(source: &Source) -> usize {
    source.texts.iter().map(|(_, text)| text.cut().len()).sum()
}

/// The documents of an episode, pushed as `mark`.
pub fn documents(
    episode: EpisodeId,
    source: &Source,
    mark: &Mark,
) -> impl Iterator<Item = Document> {
    let pages = source
        .texts
        .iter()
        .flat_map(|(layer, text)| text.cut().into_iter().map(move |page| (*layer, page)));
    pages.map(move |(layer, page)| {
        let terms = terms::of_text(&page.to_text());
        let mut packed = Vec::new();
        page.pack(&mut packed);
        // A page ends with its text.
        packed.truncate(packed.len() - page.text.len());
        let mut spans = page.spans.iter().flatten();
        let first = spans.next();
        let last = spans.next_back().or(first);
        Document {
            episode: episode.to_string(),
            mark: mark.clone(),
            file: source.card.file.clone(),
            title: source.card.title.clone(),
            language: source.card.language.clone(),
            layer,
            day: rfc3339(source.card.day()),
            word: page.first + page.own.start,
            start: first.map(|span| span.start().millis()),
            end: last.map(|span| span.end().millis()),
            text: page.text,
            words: terms.words,
            sounds: terms.sounds,
            page: STANDARD.encode(packed),
        }
    })
}

/// A time in milliseconds since 1970, to the second.
fn rfc3339(millis: u64) -> String {
    let secs = millis / 1000;
    // Servers keep nanoseconds in 64 bits, which end in 2262.
    let secs = secs.min(9_000_000_000);
    let (year, month, day) = calendar::date((secs / 86_400) as i64);
    format!(
        "{year:04}-{month:02}-{day:02}T{:02}:{:02}:{:02}Z",
        secs / 3600 % 24,
        secs / 60 % 60,
        secs % 60
    )
}

/// The other way round.
fn millis(text: &str) -> Option<u64> {
    let digits =
        |range: std::ops::Range<usize>| text.get(range)?.parse::<u32>().ok().map(i64::from);
    let day = calendar::number(digits(0..4)?, digits(5..7)?, digits(8..10)?)?;
    let secs = day * 86_400 + digits(11..13)? * 3600 + digits(14..16)? * 60 + digits(17..19)?;
    u64::try_from(secs).ok().map(|secs| secs * 1000)
}

/// The body of a `_search` for pages where the phrase may stand just so, or for pages that have
/// most of its words: at most `n`, behind the page whose place in the order is `after` (empty for
/// the first). `None` for a pattern, which no server can look up.
pub fn question(
    query: &Query,
    scope: &Scope,
    is_exact: bool,
    after: &[Value],
    n: usize,
) -> Option<Value> {
    if query.pattern().is_some() {
        return None;
    }
    let outlines = query.outlines();
    let asks: Vec<Value> = match is_exact {
        true => outlines
            .iter()
            .map(|outline| {
                terms::needs(outline, None)
                    .map_or_else(|| json!({ "match_all": {} }), |need| ask(&need))
            })
            .collect(),
        false => {
            let clues = |outline| {
                terms::clues(outline).into_iter().map(|clue| ask(&clue.need)).collect::<Vec<_>>()
            };
            let most = |clues: Vec<Value>| json!({ "bool": { "should": clues, "minimum_should_match": "40%" } });
            outlines.iter().map(clues).filter(|clues| !clues.is_empty()).map(most).collect()
        }
    };
    let mut filters = Vec::new();
    if let Some(layer) = scope.layer {
        filters.push(term("layer", layer.name()));
    }
    if let Some(episodes) = &scope.episodes {
        filters.push(of_episodes(episodes));
    }
    if let Some(since) = scope.since {
        filters.push(json!({ "range": { "day": { "gte": rfc3339(since) } } }));
    }
    // Where it lies in the index parts what is of one day, so that a page has one place in the
    // order.
    let sort = if is_exact {
        json!([{ "day": { "order": "desc" } }, { "_shard_doc": { "order": "desc" } }])
    } else {
        json!(["_score"])
    };
    let mut question = json!({ "query": { "bool": { "must": [either(asks)], "filter": filters } }, "sort": sort, "size": n });
    if !after.is_empty() {
        question["search_after"] = after.into();
    }
    Some(question)
}

fn ask(need: &Need) -> Value {
    match need {
        Need::Word(word) => term("words", word),
        Need::Sound(sound) => term("sounds", sound),
        // Servers have no runs, and are not asked for them.
        Need::Run(_) => json!({ "match_all": {} }),
        Need::Any(needs) => either(needs.iter().map(ask).collect()),
        Need::All(needs) => {
            json!({ "bool": { "must": needs.iter().map(ask).collect::<Vec<_>>() } })
        }
    }
}

fn term(field: &str, value: &str) -> Value {
    json!({ "term": { field: { "value": value } } })
}

fn of_episodes<'a>(episodes: impl IntoIterator<Item = &'a EpisodeId>) -> Value {
    json!({ "terms": { "episode": episodes.into_iter().map(ToString::to_string).collect::<Vec<_>>() } })
}

fn either(mut asks: Vec<Value>) -> Value {
    match asks.len() {
        0 => json!({ "match_none": {} }),
        1 => asks.remove(0),
        _ => json!({ "bool": { "should": asks, "minimum_should_match": 1 } }),
    }
}

/// The body of a delete task for pushes of episodes. Nothing that was pushed otherwise matches it,
/// whenever the server comes to it.
pub fn forgetting<'a>(pushes: impl IntoIterator<Item = &'a (EpisodeId, Mark)>) -> Value {
    let clauses: Vec<String> = pushes
        .into_iter()
        .map(|(episode, mark)| format!("(episode:{episode} AND mark:{mark})"))
        .collect();
    json!({ "query": clauses.join(" OR ") })
}

/// The pushes that `GET /api/v1/INDEX/delete-tasks` names, whose documents are gone or will be.
pub fn doomed(body: &[u8]) -> HashSet<Mark> {
    let text = String::from_utf8_lossy(body);
    let words = text.split(|c: char| !c.is_ascii_alphanumeric());
    words.filter_map(Mark::parse).collect()
}

/// The body of a `_search` for how many documents there are of each push of some episodes.
pub fn marks_question(episodes: &[EpisodeId]) -> Value {
    let marks =
        json!({ "terms": { "field": "mark", "size": MOST_MARKS, "order": { "_key": "desc" } } });
    let groups = json!({ "episodes": { "terms": { "field": "episode", "size": episodes.len() }, "aggs": { "marks": marks } } });
    json!({ "query": of_episodes(episodes), "size": 0, "aggs": groups })
}

/// How many documents there are of each push.
pub type Marks = HashMap<EpisodeId, BTreeMap<Mark, usize>>;

/// The answer to [`marks_question`].
///
/// # Errors
/// What is wrong with it, for people.
pub fn marks_answer(body: &[u8]) -> Result<Marks, String> {
    let answer = parsed(body)?;
    let buckets = |value: &Value| value["buckets"].as_array().cloned();
    // An index without a document has no such field yet, and no groups.
    let episodes = buckets(&answer["aggregations"]["episodes"]).unwrap_or_default();
    let own = |episode: &Value| {
        let marks = buckets(&episode["marks"]).unwrap_or_default();
        let count = |mark: &Value| {
            Some((Mark::parse(mark["key"].as_str()?)?, mark["doc_count"].as_u64()? as usize))
        };
        Some((
            EpisodeId::parse(episode["key"].as_str()?)?,
            marks.iter().filter_map(count).collect(),
        ))
    };
    if answer["hits"].is_null() {
        return Err("its answer holds no hits".to_owned());
    }
    Ok(episodes.iter().filter_map(own).collect())
}

/// What a `_search` for pages gave.
#[derive(Debug, Default)]
pub struct Pages {
    /// The pages, in order.
    pub pages: Vec<(Document, Page)>,
    /// How many hits were none.
    pub n_bad: usize,
    /// The last one's place in the order.
    pub last: Vec<Value>,
    /// How many parts of the index did not answer, and of how many.
    pub failed: (u64, u64),
}

/// The pages of an answer.
///
/// # Errors
/// What is wrong with the answer, for people.
pub fn answer(body: &[u8]) -> Result<Pages, String> {
    let answer = parsed(body)?;
    let Some(hits) = answer["hits"]["hits"].as_array() else {
        return Err("its answer holds no hits".to_owned());
    };
    let pages: Vec<(Document, Page)> =
        hits.iter().filter_map(|hit| read(&hit["_source"])).collect();
    let n_bad = hits.len() - pages.len();
    let last = hits.last().and_then(|hit| hit["sort"].as_array()).cloned().unwrap_or_default();
    let shards = |name: &str| answer["_shards"][name].as_u64().unwrap_or(0);
    Ok(Pages { pages, n_bad, last, failed: (shards("failed"), shards("total")) })
}

fn read(source: &Value) -> Option<(Document, Page)> {
    let document = Document::deserialize(source).ok()?;
    let mut packed = STANDARD.decode(&document.page).ok()?;
    packed.extend_from_slice(document.text.as_bytes());
    let (page, rest) = Page::unpack(&packed)?;
    EpisodeId::parse(&document.episode)?;
    rest.is_empty().then_some((document, page))
}

fn parsed(body: &[u8]) -> Result<Value, String> {
    serde_json::from_slice(body).map_err(|error| format!("its answer is no JSON: {error}"))
}

/// What became of documents that a server was sent.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Taken {
    /// How many it rejected.
    pub n_rejected: usize,
    /// The episodes of those that it names, and why.
    pub why: Vec<(EpisodeId, String)>,
}

/// The answer to an ingest of `n` documents.
///
/// # Errors
/// What is wrong with it, for people.
pub fn taken(body: &[u8], n: usize) -> Result<Taken, String> {
    let answer = parsed(body)?;
    let count = |name: &str| answer[name].as_u64().map(|n| n as usize);
    let n_seen = count("num_docs_for_processing").ok_or("its answer does not say what it took")?;
    // A node that still has the first ingest API counts nothing else.
    let n_taken = count("num_ingested_docs").unwrap_or(n_seen);
    let n_rejected = count("num_rejected_docs").unwrap_or(0).max(n.saturating_sub(n_taken));
    let failures = answer["parse_failures"].as_array().cloned().unwrap_or_default();
    let named = |failure: &Value| {
        let document: Value = serde_json::from_str(failure["document"].as_str()?).ok()?;
        let why = failure["message"]
            .as_str()
            .or(failure["reason"].as_str())
            .unwrap_or("it does not say why");
        Some((EpisodeId::parse(document["episode"].as_str()?)?, why.to_owned()))
    };
    Ok(Taken { n_rejected, why: failures.iter().filter_map(named).collect() })
}

/// Why a server does not do what it was asked, as its answer has it: `message` of its own API,
/// `error.reason` of the one it imitates.
pub fn reason(body: &[u8]) -> Option<String> {
    let answer: Value = serde_json::from_slice(body).ok()?;
    let texts = [
        &answer["message"],
        &answer["error"]["reason"],
        &answer["error"]["caused_by"]["reason"],
        &answer["error"],
    ];
    texts.into_iter().find_map(Value::as_str).filter(|text| !text.is_empty()).map(str::to_owned)
}

/// The version that `GET /api/v1/version` gives, where it is older than [`OLDEST`]. Nightly builds
/// are not judged.
pub fn too_old(body: &[u8]) -> Option<String> {
    let answer: Value = serde_json::from_slice(body).ok()?;
    let build = &answer["build"];
    let version =
        build["version"].as_str().or(build["cargo_pkg_version"].as_str())?.trim_start_matches('v');
    let mut numbers = version.split('.').map(str::parse::<u64>);
    let (Some(Ok(major)), Some(Ok(minor))) = (numbers.next(), numbers.next()) else { return None };
    ((major, minor) < OLDEST && !version.contains("nightly")).then(|| version.to_owned())
}

/// What tells an index from another one of its name, as `GET /api/v1/indexes/INDEX` gives it.
///
/// # Errors
/// That the answer is none, or that the index was not made by [`schema`], for people.
pub fn index(body: &[u8]) -> Result<String, String> {
    let answer = parsed(body)?;
    let fields = answer["index_config"]["doc_mapping"]["field_mappings"]
        .as_array()
        .ok_or("its answer holds no index")?;
    let has = |name: &str, kind: &str| {
        fields.iter().any(|field| field["name"] == name && field["type"] == kind)
    };
    if !has("mark", "text") || !has("day", "datetime") {
        return Err("its index was made for another version of `aloud`; make a new one (`aloud library schema`) under another name \
                    (the setting `server-index`)"
            .to_owned());
    }
    answer["index_uid"]
        .as_str()
        .map(str::to_owned)
        .ok_or_else(|| "its answer does not name the index".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mark_is_newer_than_all_others_whatever_the_clock() {
        let state = ["a", "b", "c"].map(|letter| letter.repeat(32));
        let first = Mark::new(&state[0], 1_700_000_000_000, []);
        let second = Mark::new(&state[1], 1_600_000_000_000, [first.clone()]);
        let third = Mark::new(&state[0], 1_800_000_000_000, [second.clone(), first.clone()]);
        assert!(first < second && second < third, "{first} {second} {third}");
        assert_eq!(
            (second.to_string().as_str(), second.state()),
            (format!("1700000000001{}", state[1]).as_str(), state[1].as_str())
        );
        for text in [
            "",
            "1",
            &state[2],
            &format!("1700000000001{}", "g".repeat(32)),
            &format!("170000000000x{}", state[0]),
        ] {
            assert_eq!(Mark::parse(text), None, "{text}");
        }
        assert_eq!(Mark::parse(&third.to_string()), Some(third));
    }

    #[test]
    fn days_there_and_back() {
        for (millis, want) in [
            (0, "1970-01-01T00:00:00Z"),
            (951_868_799_999, "2000-02-29T23:59:59Z"),
            (1_795_737_600_000, "2026-11-27T00:00:00Z"),
            (u64::MAX, "2255-03-14T16:00:00Z"),
        ] {
            assert_eq!(rfc3339(millis), want, "{millis}");
            assert_eq!(rfc3339(super::millis(want).unwrap()), want);
        }
        assert_eq!(super::millis("yesterday"), None);
    }

    #[test]
    fn what_is_forgotten_is_named_by_its_mark() {
        let (id, mark) = (EpisodeId([7; 32]), Mark::new(&"a".repeat(32), 5, []));
        let order = forgetting(&[(id, mark.clone()), (id, mark.clone())]);
        let one = format!("(episode:{id} AND mark:{mark})");
        assert_eq!(order["query"].as_str(), Some(format!("{one} OR {one}").as_str()));
        // As a server lists it: in JSON within JSON.
        let ast = json!({ "type": "term", "field": "mark", "value": mark.to_string() }).to_string();
        let tasks = json!([{ "create_timestamp": 0, "opstamp": 1, "delete_query": { "index_uid": "aloud:01", "query_ast": ast } }]);
        assert_eq!(doomed(tasks.to_string().as_bytes()), HashSet::from([mark]));
    }

    #[test]
    fn answers_are_read_whole() {
        for (body, want) in [
            (r#"{"message":"no"}"#, Some("no")),
            (r#"{"status":400,"error":{"reason":"no","root_cause":[]}}"#, Some("no")),
            (r#"{"status":400,"error":{"caused_by":{"reason":"no"}}}"#, Some("no")),
            (r#"{"error":"no"}"#, Some("no")),
            (r#"{"message":""}"#, None),
            ("<html>", None),
        ] {
            assert_eq!(reason(body.as_bytes()).as_deref(), want, "{body}");
        }
        for (body, n, want) in [
            (
                r#"{"num_docs_for_processing":2,"num_ingested_docs":2,"num_rejected_docs":0}"#,
                2,
                Some(0),
            ),
            (
                r#"{"num_docs_for_processing":2,"num_ingested_docs":1,"num_rejected_docs":1}"#,
                2,
                Some(1),
            ),
            (r#"{"num_docs_for_processing":2}"#, 2, Some(0)),
            (r#"{"num_docs_for_processing":1}"#, 2, Some(1)),
            (r#"{"took":1}"#, 2, None),
            ("", 2, None),
        ] {
            assert_eq!(
                taken(body.as_bytes(), n).ok().map(|taken| taken.n_rejected),
                want,
                "{body}"
            );
        }
        let id = EpisodeId([7; 32]);
        let failure = json!({ "document": json!({ "episode": id.to_string() }).to_string(), "message": "no day", "reason": "invalid_schema" });
        let body = json!({ "num_docs_for_processing": 1, "num_ingested_docs": 0, "num_rejected_docs": 1, "parse_failures": [failure] });
        assert_eq!(taken(body.to_string().as_bytes(), 1).unwrap().why, [(id, "no day".to_owned())]);
    }

    #[test]
    fn versions() {
        for (build, want) in [
            (json!({ "version": "v0.8.2", "cargo_pkg_version": "0.8.2" }), Some("0.8.2")),
            (json!({ "cargo_pkg_version": "0.7.1" }), Some("0.7.1")),
            (json!({ "version": "0.8.2-nightly" }), None),
            (json!({ "version": "v0.9.0" }), None),
            (json!({ "version": "1.0.0" }), None),
            (json!({ "version": "edge" }), None),
            (json!({}), None),
        ] {
            assert_eq!(
                too_old(json!({ "build": build }).to_string().as_bytes()).as_deref(),
                want,
                "{build}"
            );
        }
    }

    #[test]
    fn names_of_indexes() {
        for (name, want) in [
            ("aloud", true),
            ("aloud-2", true),
            ("A.b_c", true),
            ("ab", false),
            ("2ab", false),
            ("a/b", false),
            ("a b c", false),
        ] {
            assert_eq!(is_name(name), want, "{name}");
        }
        assert!(
            schema("aloud-2").contains("\nindex_id: aloud-2\n")
                && !schema("aloud-2").contains("\nindex_id: aloud\n")
        );
    }
}
