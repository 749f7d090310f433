//! The same index on a server, for archives that no machine holds: pages as documents, questions
//! for them, and what is answered.
//!
//! The question of tokenizers is answered before it comes up: documents bring our own terms, parted
//! by spaces, and a server's tokenizer that splits at white space takes them as they are. So it
//! needs no dictionary, and a phrase needs there what it needs here. Questions are `bool`, `term`
//! and `terms` queries and aggregations of the kind that Elasticsearch began with, which all servers
//! that are known understand; what they differ in is their [`Dialect`]'s. What is answered is read
//! by [`search`](crate::search), as everywhere. Pure: this file makes and reads texts; `cli` sends
//! them.
//!
//! A server may change no document, and remove some only days later. So every push of a text has a
//! mark of its own that orders it among all pushes of the episode, the newest one counts, and what
//! is to be forgotten is named by its mark.

use super::dialect::Dialect;
use super::page::Page;
use super::pages::Scope;
use super::source::{Layer, Source};
use super::terms::{self, Need};
use crate::calendar;
use crate::episode::EpisodeId;
use crate::reason::Reason;
use crate::search::Query;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use std::collections::{BTreeMap, HashMap};
use std::fmt;

/// The name of the index that is meant where nobody says.
pub const INDEX: &str = "aloud";
/// What a server may be sent at once, in bytes: Quickwit's limit is 10 MiB, packed or not, and that
/// of small managed OpenSearch servers is the same.
pub const MOST_BYTES: usize = 8 << 20;
/// So many pushes of one episode are told apart in an answer, the newest ones.
const MOST_MARKS: usize = 100;

/// Whether an index may have this name with some server: letters, digits, `-`, `_` and `.`, a letter
/// first, 3 to 255 of them.
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

    /// The time of the push, in milliseconds since 1970.
    pub fn time(&self) -> u64 {
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
    /// Appends it as a line of JSON.
    pub fn line(&self, lines: &mut Vec<u8>) {
        // Numbers and texts always have a JSON form.
        lines.extend(serde_json::to_vec(self).unwrap_or_default());
        lines.push(b'\n');
    }

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
    dialect: &dyn Dialect,
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
    let sort = if is_exact { dialect.order() } else { json!(["_score"]) };
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

/// A query for one value of a field.
pub(super) fn term(field: &str, value: &str) -> Value {
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
    /// Whether the server gave up before it had looked at everything.
    pub is_cut: bool,
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
    let is_cut = answer["timed_out"] == true;
    Ok(Pages { pages, n_bad, last, failed: (shards("failed"), shards("total")), is_cut })
}

fn read(source: &Value) -> Option<(Document, Page)> {
    let document = Document::deserialize(source).ok()?;
    let mut packed = STANDARD.decode(&document.page).ok()?;
    packed.extend_from_slice(document.text.as_bytes());
    let (page, rest) = Page::unpack(&packed)?;
    EpisodeId::parse(&document.episode)?;
    rest.is_empty().then_some((document, page))
}

pub(super) fn parsed(body: &[u8]) -> Result<Value, String> {
    serde_json::from_slice(body).map_err(|error| format!("its answer is no JSON: {error}"))
}

/// What became of documents that a server was sent.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Taken {
    /// How many it rejected.
    pub n_rejected: usize,
    /// The episodes of those that it names, and why.
    pub why: Vec<(EpisodeId, String)>,
    /// Why it had no time for others, which are to be sent again.
    pub busy: Option<String>,
}

/// Why a server does not do what it was asked, as its answer has it: `message` of Quickwit's own
/// API, else what the parts of an index say, or the whole of it.
pub fn reason(body: &[u8]) -> Option<String> {
    let answer: Value = serde_json::from_slice(body).ok()?;
    let texts = [
        &answer["message"],
        &answer["error"]["root_cause"][0]["reason"],
        &answer["error"]["reason"],
        &answer["error"]["caused_by"]["reason"],
        &answer["error"],
        &answer["failures"][0]["cause"]["reason"],
    ];
    texts.into_iter().find_map(Value::as_str).filter(|text| !text.is_empty()).map(str::to_owned)
}

/// What is said of an index that was not made by [`Dialect::schema`].
pub(super) fn strange() -> Reason {
    Reason::new("its index was made for another version of `aloud`, or by nobody").hint(
        "make a new one (`aloud library schema`) under another name (the setting `server-index`)",
    )
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
    fn answers_are_read_whole() {
        for (body, want) in [
            (r#"{"message":"no"}"#, Some("no")),
            (r#"{"status":400,"error":{"reason":"no","root_cause":[]}}"#, Some("no")),
            (r#"{"status":400,"error":{"caused_by":{"reason":"no"}}}"#, Some("no")),
            (r#"{"error":"no"}"#, Some("no")),
            (
                r#"{"error":{"root_cause":[{"reason":"no"}],"reason":"all parts failed"}}"#,
                Some("no"),
            ),
            (r#"{"failures":[{"cause":{"reason":"no"},"status":500}]}"#, Some("no")),
            (r#"{"message":""}"#, None),
            ("<html>", None),
        ] {
            assert_eq!(reason(body.as_bytes()).as_deref(), want, "{body}");
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
    }
}
