//! A server on the loopback interface that speaks as much of OpenSearch 2's API as is used, as its
//! source and documentation have it: an index is what was put, and what is asked of a field is what
//! its mapping has of it; a document of a bulk has a name, a version, and an answer of its own; it
//! is found only once the index was refreshed; deletes by a query take what can be found, and
//! leave what was changed meanwhile; a lost part and too much at once are both 503 or 429, with no
//! word on when to come back. It also fails as told.

use super::standin::{Answer, Asked, Stream, groups, listen, matches, read, write};
use serde_json::{Value, json};
use std::cmp::Ordering;
use std::collections::{BTreeMap, HashSet};
use std::io::{self, BufReader, Read, Write};
use std::net::TcpStream;
use std::sync::{Arc, Mutex};

/// What a small managed server takes at once (`http.max_content_length`), unpacked.
const MOST_BYTES: usize = 10 << 20;
/// `index.max_result_window`.
const MOST_HITS: u64 = 10_000;
/// `indices.query.bool.max_clause_count`.
const MOST_CLAUSES: usize = 1024;
/// The longest term of the index library, in bytes.
const LONGEST_TERM: usize = 32_766;

/// A failure instead of an answer.
#[derive(Clone, Copy, Debug)]
pub enum Fail {
    /// Not at all.
    Pass,
    /// With this status.
    Status(u16),
    /// Every second document of a bulk is not taken, since a queue is full.
    Full,
    /// The connection is closed after what was asked was done.
    Gone,
    /// The same after the first half of a bulk was done.
    Half,
    /// Another push of the same documents comes first, a thousand milliseconds newer.
    Overtaken,
}

/// A document under its name.
#[derive(Clone)]
struct Kept {
    version: u64,
    /// As it was sent; `None` where it was deleted.
    document: Option<Value>,
}

/// What the server keeps.
struct State {
    /// By its name: settings and mappings as they were put.
    indexes: BTreeMap<String, Value>,
    n_made: usize,
    /// By their index and name.
    documents: BTreeMap<(String, String), Kept>,
    /// As they were when the index was refreshed: what can be found.
    found: BTreeMap<(String, String), Kept>,
    failures: Vec<(&'static str, Fail)>,
    asked: Vec<String>,
    about: Value,
    token: Option<String>,
    /// A file whose documents are rejected.
    rejected: Option<String>,
    /// Parts of the index that give no answer, and whether others do.
    broken: Option<bool>,
    /// Whether the time for a search is up before all was looked at.
    is_cut: bool,
}

/// A running server. It ends with the test.
pub struct OpenSearch {
    url: String,
    state: Arc<Mutex<State>>,
}

impl OpenSearch {
    /// One without an index.
    pub fn start() -> Self {
        let about = json!({
            "name": "node-1",
            "cluster_name": "opensearch",
            "version": { "distribution": "opensearch", "number": "2.19.1", "lucene_version": "9.12.1" },
            "tagline": "The OpenSearch Project: https://opensearch.org/",
        });
        let state = Arc::new(Mutex::new(State {
            indexes: BTreeMap::new(),
            n_made: 0,
            documents: BTreeMap::new(),
            found: BTreeMap::new(),
            failures: Vec::new(),
            asked: Vec::new(),
            about,
            token: None,
            rejected: None,
            broken: None,
            is_cut: false,
        }));
        let own = state.clone();
        let url =
            listen("http", |stream| Some(Box::new(stream)), move |stream| serve(stream, &own));
        Self { url, state }
    }

    /// Its address.
    pub fn url(&self) -> &str {
        &self.url
    }

    fn state<T>(&self, work: impl FnOnce(&mut State) -> T) -> T {
        work(&mut self.state.lock().unwrap())
    }

    /// Makes an index of this name, new and empty, as `curl -XPUT` does; answers the status.
    pub fn put(&self, name: &str, body: &str) -> u16 {
        let mut stream = TcpStream::connect(self.url.trim_start_matches("http://")).unwrap();
        let n = body.len();
        let head = format!(
            "PUT /{name} HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: {n}\r\n\r\n"
        );
        stream.write_all((head + body).as_bytes()).unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        answer.split(' ').nth(1).unwrap().parse().unwrap()
    }

    /// Drops all indexes.
    pub fn clear(&self) {
        self.state(|state| {
            state.indexes.clear();
            state.documents.clear();
            state.found.clear();
        });
    }

    /// The number of documents of each push, whether or not they can be found yet.
    pub fn pushes(&self) -> BTreeMap<String, usize> {
        self.state(|state| {
            let mut pushes = BTreeMap::new();
            for document in state.documents.values().filter_map(|kept| kept.document.as_ref()) {
                *pushes.entry(document["mark"].as_str().unwrap().to_owned()).or_default() += 1;
            }
            pushes
        })
    }

    /// The number of documents.
    pub fn count(&self) -> usize {
        self.pushes().values().sum()
    }

    /// The requests whose path has `part` in it.
    pub fn asked(&self, part: &str) -> Vec<String> {
        self.state(|state| {
            let has = |asked: &&String| asked.lines().next().unwrap().contains(part);
            state.asked.iter().filter(has).cloned().collect()
        })
    }

    /// Fails the next requests whose path has `part` in it so.
    pub fn fail(&self, part: &'static str, fails: &[Fail]) {
        self.state(|state| state.failures.extend(fails.iter().map(|fail| (part, *fail))));
    }

    /// Says that it is something else.
    pub fn about(&self, about: Value) {
        self.state(|state| state.about = about);
    }

    /// Answers nobody without this header line.
    pub fn token(&self, line: &str) {
        self.state(|state| state.token = Some(line.to_lowercase()));
    }

    /// Rejects documents of this file.
    pub fn reject(&self, file: Option<&str>) {
        self.state(|state| state.rejected = file.map(str::to_owned));
    }

    /// Loses a part of the index; where nothing `is_left`, all of it.
    pub fn lose(&self, is_left: Option<bool>) {
        self.state(|state| state.broken = is_left);
    }

    /// Has no time to look at everything.
    pub fn cut(&self) {
        self.state(|state| state.is_cut = true);
    }
}

fn serve(stream: Box<dyn Stream>, shared: &Mutex<State>) -> io::Result<()> {
    let mut stream = BufReader::new(stream);
    let asked = read(&mut stream)?;
    let mut state = shared.lock().unwrap();
    state.asked.push(asked.head.clone());
    let is_known =
        state.token.as_ref().is_none_or(|line| asked.head.lines().any(|own| own == line));
    let place = state.failures.iter().position(|(part, _)| asked.path.contains(part));
    let failure = place.map_or(Fail::Pass, |place| state.failures.remove(place).1);
    let answer = match failure {
        _ if !is_known => Answer(401, String::new(), json!("Unauthorized")),
        _ if asked.body.len() > MOST_BYTES => Answer(413, String::new(), json!("")),
        _ if !asked.body.is_empty() && !asked.head.contains("content-type: application/") => {
            Answer(
                406,
                String::new(),
                json!({ "error": "Content-Type header [] is not supported" }),
            )
        }
        Fail::Status(429) => error(
            429,
            "rejected_execution_exception",
            "rejected execution of coordinating operation",
        ),
        Fail::Status(status) => error(status, "exception", "not now"),
        Fail::Gone | Fail::Half => {
            answer(&asked, &mut state, failure);
            return Ok(());
        }
        fail => answer(&asked, &mut state, fail),
    };
    drop(state);
    write(&mut stream, answer)
}

fn error(status: u16, kind: &str, reason: &str) -> Answer {
    let cause = json!({ "type": kind, "reason": reason });
    Answer(
        status,
        String::new(),
        json!({ "error": { "root_cause": [cause], "type": kind, "reason": reason }, "status": status }),
    )
}

/// An error of a search of which no part answered.
fn lost(reason: &str) -> Answer {
    let error = json!({ "root_cause": [], "type": "search_phase_execution_exception", "reason": reason, "phase": "query" });
    Answer(503, String::new(), json!({ "error": error, "status": 503 }))
}

fn answer(asked: &Asked, state: &mut State, fail: Fail) -> Answer {
    let (path, query) = asked.path.split_once('?').unwrap_or((&asked.path, ""));
    let method = asked.head.split(' ').next().unwrap();
    let parts: Vec<&str> = path.split('/').filter(|part| !part.is_empty()).collect();
    match (method, &parts[..]) {
        ("get", []) => Answer(200, String::new(), state.about.clone()),
        ("put", [name]) => make(name, &asked.body, state),
        (_, [name, ..])
            if parts.len() < 3
                && !state.indexes.contains_key(*name)
                && !path.ends_with("_bulk") =>
        {
            error(404, "index_not_found_exception", &format!("no such index [{name}]"))
        }
        ("get", [name]) => Answer(200, String::new(), json!({ *name: state.indexes[*name] })),
        ("post", [name, "_bulk"]) => bulk(name, query, &asked.body, state, fail),
        ("post", [name, "_search"]) => {
            search(name, query, &serde_json::from_slice(&asked.body).unwrap(), state)
        }
        ("post", [name, "_delete_by_query"]) => {
            delete(name, query, &serde_json::from_slice(&asked.body).unwrap(), state)
        }
        _ => {
            let why =
                format!("no handler found for uri [{path}] and method [{}]", method.to_uppercase());
            Answer(400, String::new(), json!({ "error": why }))
        }
    }
}

fn make(name: &str, body: &[u8], state: &mut State) -> Answer {
    if name.contains(|c: char| c.is_ascii_uppercase()) {
        return error(400, "invalid_index_name_exception", "Invalid index name, must be lowercase");
    }
    if state.indexes.contains_key(name) {
        return error(400, "resource_already_exists_exception", "index already exists");
    }
    let body: Value = serde_json::from_slice(body).unwrap();
    state.n_made += 1;
    let uuid = format!("{:022}", state.n_made);
    // Settings are given back beside the index's own.
    let settings = json!({ "index": { "uuid": uuid, "analysis": body["settings"]["analysis"] } });
    state.indexes.insert(
        name.to_owned(),
        json!({ "aliases": {}, "mappings": body["mappings"], "settings": settings }),
    );
    Answer(200, String::new(), json!({ "acknowledged": true, "index": name }))
}

fn bulk(name: &str, query: &str, body: &[u8], state: &mut State, fail: Fail) -> Answer {
    if body.last() != Some(&b'\n') {
        return error(
            400,
            "illegal_argument_exception",
            "The bulk request must be terminated by a newline [\\n]",
        );
    }
    // An index that nobody made comes with its first document.
    if !state.indexes.contains_key(name) {
        make(name, br#"{"mappings":{"properties":{"mark":{"type":"text"}}}}"#, state);
    }
    let index = state.indexes[name].clone();
    let lines: Vec<&[u8]> =
        body.split(|byte| *byte == b'\n').filter(|line| !line.is_empty()).collect();
    let n = if matches!(fail, Fail::Half) { lines.len() / 4 * 2 } else { lines.len() };
    let mut lines = lines[..n].iter();
    let (mut items, mut has_errors) = (Vec::new(), false);
    while let Some(order) = lines.next() {
        let order: Value = serde_json::from_slice(order).unwrap();
        let document: Value = serde_json::from_slice(lines.next().unwrap()).unwrap();
        let order = &order["index"];
        let id = order["_id"].as_str().unwrap();
        assert!(id.len() <= 512 && order["version_type"] == "external_gte", "{order}");
        let version = order["version"].as_u64().unwrap();
        let place = (name.to_owned(), id.to_owned());
        if matches!(fail, Fail::Overtaken) {
            let mut newer = document.clone();
            let mark = newer["mark"].as_str().unwrap().split_at(13);
            let time: u64 = mark.0.parse::<u64>().unwrap() + 1000;
            newer["mark"] = format!("{time:013}{}", mark.1).into();
            state
                .documents
                .insert(place.clone(), Kept { version: version + 1000, document: Some(newer) });
        }
        let there = state.documents.get(&place).map(|kept| kept.version);
        let failed = |status: u16, kind: &str, reason: String| json!({ "index": { "_index": name, "_id": id, "status": status, "error": { "type": kind, "reason": reason } } });
        let is_time =
            document["day"].as_str().is_some_and(|day| day.len() == 20 && day.ends_with('Z'));
        let is_rejected = state.rejected.as_deref().is_some_and(|file| document["file"] == file);
        let item = match there {
            _ if matches!(fail, Fail::Full) && items.len() % 2 == 1 => failed(
                429,
                "rejected_execution_exception",
                "rejected execution of primary operation".to_owned(),
            ),
            _ if !is_time || is_rejected => failed(
                400,
                "mapper_parsing_exception",
                format!("failed to parse field [day] of type [date] in document with id '{id}'"),
            ),
            _ if fields(&index, &document).is_none() => failed(
                400,
                "illegal_argument_exception",
                "Document contains at least one immense term".to_owned(),
            ),
            Some(there) if there > version => failed(
                409,
                "version_conflict_engine_exception",
                format!(
                    "[{id}]: version conflict, current version [{there}] is higher than the one provided [{version}]"
                ),
            ),
            there => {
                state.documents.insert(place.clone(), Kept { version, document: Some(document) });
                let (result, status) =
                    if there.is_some() { ("updated", 200) } else { ("created", 201) };
                json!({ "index": { "_index": name, "_id": id, "_version": version, "result": result, "status": status } })
            }
        };
        has_errors |= !item["index"]["error"].is_null();
        items.push(item);
    }
    if query.contains("refresh=") {
        state.found = state.documents.clone();
    }
    Answer(200, String::new(), json!({ "took": 30, "errors": has_errors, "items": items }))
}

/// What of a document can be looked up, by its index's mapping; `None` where a term is too long.
fn fields(index: &Value, document: &Value) -> Option<Value> {
    let analysis = &index["settings"]["index"]["analysis"];
    let mut fields = serde_json::Map::new();
    for (name, kind) in index["mappings"]["properties"].as_object().unwrap() {
        let value = &document[name];
        if kind["index"] == false || value.is_null() {
            continue;
        }
        let value = match kind["analyzer"].as_str() {
            None => value.clone(),
            Some(analyzer) => {
                let tokenizer = analysis["analyzer"][analyzer]["tokenizer"].as_str().unwrap();
                let tokenizer = &analysis["tokenizer"][tokenizer];
                assert_eq!(tokenizer["type"], "whitespace");
                let most = tokenizer["max_token_length"].as_u64().unwrap_or(255) as usize;
                let mut terms: Vec<String> = Vec::new();
                for word in value.as_str().unwrap().split_whitespace() {
                    let units: Vec<u16> = word.encode_utf16().collect();
                    terms.extend(units.chunks(most).map(String::from_utf16_lossy));
                }
                if terms.iter().any(|term| term.len() > LONGEST_TERM) {
                    return None;
                }
                terms.join(" ").into()
            }
        };
        fields.insert(name.clone(), value);
    }
    Some(fields.into())
}

/// How many clauses a query has at its ends.
fn n_clauses(query: &Value) -> usize {
    let Some(clauses) = query["bool"].as_object() else { return 1 };
    clauses.values().filter_map(Value::as_array).flatten().map(n_clauses).sum()
}

fn too_many() -> Answer {
    error(400, "too_many_clauses", "maxClauseCount is set to 1024")
}

/// What can be found and is asked for: its name, what can be looked up, and what was sent.
fn meant(name: &str, query: &Value, state: &State) -> Vec<(String, Value, Value)> {
    let index = &state.indexes[name];
    let own = state.found.iter().filter(|((own, _), _)| own == name);
    let all = own.filter_map(|((_, id), kept)| {
        let document = kept.document.clone()?;
        Some((id.clone(), fields(index, &document)?, document))
    });
    all.filter(|(_, fields, _)| matches(query, fields)).collect()
}

fn delete(name: &str, query: &str, request: &Value, state: &mut State) -> Answer {
    if n_clauses(&request["query"]) > MOST_CLAUSES {
        return too_many();
    }
    let (mut n_deleted, mut n_conflicts) = (0, 0);
    for (id, ..) in meant(name, &request["query"], state) {
        let place = (name.to_owned(), id);
        let version = state.found[&place].version;
        let now = state.documents.get_mut(&place).unwrap();
        if now.version == version {
            *now = Kept { version: version + 1, document: None };
            n_deleted += 1;
        } else {
            n_conflicts += 1;
        }
    }
    if n_conflicts > 0 && !query.contains("conflicts=proceed") {
        return error(409, "version_conflict_engine_exception", "version conflict");
    }
    if query.contains("refresh=true") {
        state.found = state.documents.clone();
    }
    Answer(
        200,
        String::new(),
        json!({ "took": 1, "timed_out": false, "total": n_deleted + n_conflicts, "deleted": n_deleted, "version_conflicts": n_conflicts, "failures": [] }),
    )
}

fn search(name: &str, query: &str, request: &Value, state: &mut State) -> Answer {
    let number = |name: &str, or: u64| request[name].as_u64().unwrap_or(or);
    if number("from", 0) + number("size", 10) > MOST_HITS {
        return error(400, "illegal_argument_exception", "Result window is too large");
    }
    if n_clauses(&request["query"]) > MOST_CLAUSES {
        return too_many();
    }
    match state.broken {
        Some(false) => return lost("all shards failed"),
        Some(true) if query.contains("allow_partial_search_results=false") => {
            return lost(
                "Search rejected due to missing shards [[aloud][1]]. Consider using `allow_partial_search_results` setting to bypass this error.",
            );
        }
        _ => {}
    }
    let index = state.indexes[name].clone();
    let mut hits = meant(name, &request["query"], state);
    if state.broken.is_some() || state.is_cut {
        hits = hits.into_iter().step_by(2).collect();
    }
    // Columns, which only some fields have.
    let mut columns = Vec::new();
    for sort in request["sort"].as_array().into_iter().flatten().filter(|sort| sort.is_object()) {
        let (field, order) = sort.as_object().unwrap().iter().next().unwrap();
        let kind = &index["mappings"]["properties"][field];
        if kind["type"] == "text" || kind["doc_values"] == false || kind.is_null() {
            return error(400, "illegal_argument_exception", "Can't load fielddata");
        }
        assert_eq!(order["order"], "desc");
        columns.push((field.clone(), kind["type"] == "date"));
    }
    let place = |document: &Value| -> Vec<Value> {
        let value = |(field, is_date): &(String, bool)| match is_date {
            // Milliseconds since 1970, or what orders as they do.
            true => document[field]
                .as_str()
                .unwrap()
                .replace(['-', 'T', ':', 'Z'], "")
                .parse::<u64>()
                .unwrap()
                .into(),
            false => document[field].clone(),
        };
        columns.iter().map(value).collect()
    };
    let compare = |a: &[Value], b: &[Value]| -> Ordering {
        let pairs = a.iter().zip(b).map(|(a, b)| match (a.as_u64(), b.as_u64()) {
            (Some(a), Some(b)) => b.cmp(&a),
            _ => b.as_str().cmp(&a.as_str()),
        });
        pairs.fold(Ordering::Equal, Ordering::then)
    };
    hits.sort_by(|(_, _, a), (_, _, b)| compare(&place(a), &place(b)));
    let places: HashSet<String> =
        hits.iter().map(|(.., own)| json!(place(own)).to_string()).collect();
    assert!(columns.is_empty() || places.len() == hits.len(), "two pages have one place");
    let n_all = hits.len();
    let documents: Vec<Value> = hits.iter().map(|(.., document)| document.clone()).collect();
    if let Some(after) = request["search_after"].as_array() {
        if after.len() != columns.len() {
            return error(
                400,
                "illegal_argument_exception",
                "search_after has another number of values than sort",
            );
        }
        hits.retain(|(.., document)| compare(after, &place(document)) == Ordering::Less);
    }
    let left_out: Vec<&str> = index["mappings"]["_source"]["excludes"]
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(Value::as_str)
        .collect();
    let shown = hits.iter().take(number("size", 10) as usize).map(|(id, _, document)| {
        let mut source = document.as_object().unwrap().clone();
        source.retain(|name, _| !left_out.contains(&name.as_str()));
        let mut hit = json!({ "_index": name, "_id": id, "_score": 1.5, "_source": source });
        if !columns.is_empty() {
            (hit["_score"], hit["sort"]) = (Value::Null, place(document).into());
        }
        hit
    });
    let shown: Vec<Value> = shown.collect();
    let n_failed = usize::from(state.broken.is_some());
    let mut answer = json!({
        "took": 1,
        "timed_out": state.is_cut,
        "_shards": { "total": 2, "successful": 2 - n_failed, "skipped": 0, "failed": n_failed },
        "hits": { "total": { "value": n_all, "relation": "eq" }, "hits": shown },
    });
    if !request["aggs"].is_null() {
        answer["aggregations"] = groups(&request["aggs"], &documents.iter().collect::<Vec<_>>());
    }
    Answer(200, String::new(), answer)
}
