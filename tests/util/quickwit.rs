//! A server on the loopback interface that speaks as much of Quickwit 0.9's API as is used, as its
//! source has it: what is ingested is found only later unless somebody waits for it, deletes are
//! applied only later and then to all that matches, whenever it came; a document that does not fit
//! the schema is rejected by itself; errors have one shape in its own API and another one in the
//! one it imitates; too much at once is refused. It also fails as told.

use super::standin::{Answer, Asked, Stream, groups, listen, matches, read, write};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::io::{self, BufReader};
use std::net::TcpStream;
use std::sync::{Arc, Condvar, Mutex};
use std::time::{Duration, Instant};

/// What a body of an ingest may hold, as it comes and unpacked.
const MOST_INGESTED: usize = 10 << 20;
/// What a body of a search may.
const MOST_ASKED: usize = 1 << 20;
/// What `from` and `size` may be.
const MOST_HITS: u64 = 10_000;

/// A failure instead of an answer.
#[derive(Clone, Copy, Debug)]
pub enum Fail {
    /// Not at all.
    Pass,
    /// With this status.
    Status(u16),
    /// With 429, and again until so many seconds are over.
    Busy(u64),
    /// With 408 after what was asked was done: the time for waiting was up.
    Late,
    /// The connection is closed after what was asked was done.
    Gone,
}

/// A document, and after how many searches it can be found.
struct Kept {
    document: Value,
    wait: usize,
}

/// What the server keeps.
struct State {
    documents: Vec<Kept>,
    /// Delete queries that wait: an episode and a mark each, or an episode alone.
    deletes: Vec<Vec<(String, Option<String>)>>,
    /// All delete tasks that there ever were.
    tasks: Vec<Value>,
    /// Before anything is done, by what the path has in it.
    failures: Vec<(&'static str, Fail)>,
    busy_until: Option<Instant>,
    n_ingests: usize,
    n_now: usize,
    n_most: usize,
    wants_two: bool,
    /// Method, path and header lines of every request, in small letters.
    asked: Vec<String>,
    version: &'static str,
    index: String,
    uid: usize,
    has_marks: bool,
    /// A header line, in small letters, without which nobody is answered.
    token: Option<String>,
    /// A file whose documents are rejected.
    rejected: Option<String>,
    /// No more rejected documents than this are named.
    most_named: usize,
    /// Parts of the index that give no answer, and whether others do.
    broken: Option<bool>,
    /// After how many searches that which nobody waited for can be found.
    wait: usize,
}

/// A running server. It ends with the test.
pub struct Quickwit {
    url: String,
    state: Arc<(Mutex<State>, Condvar)>,
}

impl Quickwit {
    /// One without documents.
    pub fn start() -> Self {
        Self::over("http", |stream| Some(Box::new(stream)))
    }

    /// One that shows a certificate for 127.0.0.1, signed by `tests/data/tls/ca.pem`, and speaks
    /// TLS.
    #[cfg(feature = "download")]
    pub fn start_private() -> Self {
        use aloud::web::rustls;
        use rustls::pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer};
        let read =
            |name: &str| std::fs::read(super::root().join("tests/data/tls").join(name)).unwrap();
        let key = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(read("server.key.der")));
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let config = rustls::ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .unwrap();
        let config = Arc::new(
            config
                .with_no_client_auth()
                .with_single_cert(vec![CertificateDer::from(read("server.der"))], key)
                .unwrap(),
        );
        Self::over("https", move |stream| {
            let connection = rustls::ServerConnection::new(config.clone()).unwrap();
            Some(Box::new(rustls::StreamOwned::new(connection, stream)))
        })
    }

    /// One that is spoken to through `wrap`, at an address that begins with `scheme`.
    pub fn over(
        scheme: &str,
        wrap: impl Fn(TcpStream) -> Option<Box<dyn Stream>> + Send + Sync + 'static,
    ) -> Self {
        let state = State {
            documents: Vec::new(),
            deletes: Vec::new(),
            tasks: Vec::new(),
            failures: Vec::new(),
            busy_until: None,
            n_ingests: 0,
            n_now: 0,
            n_most: 0,
            wants_two: false,
            asked: Vec::new(),
            version: "v0.9.0",
            index: "aloud".to_owned(),
            uid: 1,
            has_marks: true,
            token: None,
            rejected: None,
            most_named: usize::MAX,
            broken: None,
            wait: 0,
        };
        let state = Arc::new((Mutex::new(state), Condvar::new()));
        let own = state.clone();
        let url = listen(scheme, wrap, move |stream| serve(stream, &own));
        Self { url, state }
    }

    /// Its address.
    pub fn url(&self) -> &str {
        &self.url
    }

    fn state<T>(&self, work: impl FnOnce(&mut State) -> T) -> T {
        work(&mut self.state.0.lock().unwrap())
    }

    /// The number of documents, and of successful ingests.
    pub fn counts(&self) -> (usize, usize) {
        self.state(|state| (state.documents.len(), state.n_ingests))
    }

    /// The number of documents of each push.
    pub fn pushes(&self) -> BTreeMap<String, usize> {
        self.state(|state| {
            let mut pushes = BTreeMap::new();
            for kept in &state.documents {
                *pushes.entry(kept.document["mark"].as_str().unwrap().to_owned()).or_default() += 1;
            }
            pushes
        })
    }

    /// The files of all documents, in the order in which they came.
    pub fn files(&self) -> Vec<String> {
        self.state(|state| {
            state
                .documents
                .iter()
                .map(|kept| kept.document["file"].as_str().unwrap().to_owned())
                .collect()
        })
    }

    /// The requests whose path has `part` in it.
    pub fn asked(&self, part: &str) -> Vec<String> {
        self.state(|state| {
            state
                .asked
                .iter()
                .filter(|asked| asked.lines().next().unwrap().contains(part))
                .cloned()
                .collect()
        })
    }

    /// Fails the next requests whose path has `part` in it so.
    pub fn fail(&self, part: &'static str, fails: &[Fail]) {
        self.state(|state| state.failures.extend(fails.iter().map(|fail| (part, *fail))));
    }

    /// Applies the deletes that wait, to everything that is there by now.
    pub fn delete(&self) -> usize {
        self.state(|state| {
            let deletes: Vec<_> = state.deletes.drain(..).flatten().collect();
            let is_gone = |document: &Value| {
                let is_meant = |(episode, mark): &(String, Option<String>)| {
                    document["episode"] == **episode
                        && mark.as_ref().is_none_or(|mark| document["mark"] == **mark)
                };
                deletes.iter().any(is_meant)
            };
            state.documents.retain(|kept| !is_gone(&kept.document));
            deletes.len()
        })
    }

    /// Says that it is another version.
    pub fn version(&self, version: &'static str) {
        self.state(|state| state.version = version);
    }

    /// Has an index of another name, new and empty; `has_marks` where it is one of now.
    pub fn index(&self, name: &str, has_marks: bool) {
        self.state(|state| {
            state.documents.clear();
            state.tasks.clear();
            (state.index, state.has_marks) = (name.to_owned(), has_marks);
            state.uid += 1;
        });
    }

    /// Answers nobody without this header line.
    pub fn token(&self, line: &str) {
        self.state(|state| state.token = Some(line.to_lowercase()));
    }

    /// Rejects documents of this file.
    pub fn reject(&self, file: Option<&str>) {
        self.state(|state| state.rejected = file.map(str::to_owned));
    }

    /// Names no more rejected documents than this.
    pub fn name(&self, most: usize) {
        self.state(|state| state.most_named = most);
    }

    /// Loses a part of the index; where nothing `is_left`, all of it.
    pub fn lose(&self, is_left: Option<bool>) {
        self.state(|state| state.broken = is_left);
    }

    /// Has what nobody waits for be found only after so many searches.
    pub fn late(&self, n_searches: usize) {
        self.state(|state| state.wait = n_searches);
    }

    /// Answers an ingest only once two are on their way, where a second one comes in ten seconds.
    pub fn want_two(&self) {
        self.state(|state| state.wants_two = true);
    }

    /// How many ingests were on their way at once.
    pub fn most_at_once(&self) -> usize {
        self.state(|state| state.n_most)
    }
}

fn serve(stream: Box<dyn Stream>, shared: &(Mutex<State>, Condvar)) -> io::Result<()> {
    let mut stream = BufReader::new(stream);
    let Asked { head, path, body, n_packed } = read(&mut stream)?;
    let is_ingest = path.contains("/ingest");
    let mut state = shared.0.lock().unwrap();
    state.asked.push(head.clone());
    if is_ingest {
        state.n_now += 1;
        state.n_most = state.n_most.max(state.n_now);
        shared.1.notify_all();
        if state.wants_two {
            state = shared
                .1
                .wait_timeout_while(state, Duration::from_secs(10), |state| state.n_most < 2)
                .unwrap()
                .0;
        }
    }
    let most = if is_ingest { MOST_INGESTED } else { MOST_ASKED };
    let place = state.failures.iter().position(|(part, _)| path.contains(part));
    let failure = place.map(|place| state.failures.remove(place).1);
    let is_known = state.token.as_ref().is_none_or(|line| head.lines().any(|own| own == line));
    let is_busy = state.busy_until.is_some_and(|until| Instant::now() < until);
    let answer = match failure {
        _ if !is_known => own_error(401, "who are you?"),
        _ if is_busy => {
            Answer(429, "Retry-After: 1\r\n".to_owned(), json!({ "message": "too many requests" }))
        }
        Some(Fail::Status(status)) if path.contains("_elastic") => elastic_error(status, "not now"),
        Some(Fail::Status(status)) => own_error(status, "not now"),
        Some(Fail::Busy(seconds)) => {
            state.busy_until = Some(Instant::now() + Duration::from_secs(seconds));
            Answer(
                429,
                format!("Retry-After: {seconds}\r\n"),
                json!({ "message": "too many requests" }),
            )
        }
        _ if n_packed.max(body.len()) > most => own_error(413, "The request payload is too large"),
        Some(Fail::Late) => {
            let wait = state.wait;
            answer(&path.replace("wait_for", "auto"), &body, &mut state, wait);
            own_error(408, "request timed out: ingest request timed out after 35000 millis")
        }
        Some(Fail::Gone) => {
            let wait = state.wait;
            answer(&path.replace("wait_for", "auto"), &body, &mut state, wait);
            state.n_now -= usize::from(is_ingest);
            return Ok(());
        }
        None | Some(Fail::Pass) => {
            let wait = if path.contains("commit=wait_for") { 0 } else { state.wait };
            answer(&path, &body, &mut state, wait)
        }
    };
    state.n_now -= usize::from(is_ingest);
    drop(state);
    write(&mut stream, answer)
}

/// An error of its own API.
fn own_error(status: u16, message: &str) -> Answer {
    Answer(status, String::new(), json!({ "message": message }))
}

/// An error of the API that it imitates.
fn elastic_error(status: u16, reason: &str) -> Answer {
    Answer(
        status,
        String::new(),
        json!({ "status": status, "error": { "reason": reason, "root_cause": [] } }),
    )
}

fn answer(path: &str, body: &[u8], state: &mut State, wait: usize) -> Answer {
    let (path, query) = path.split_once('?').unwrap_or((path, ""));
    let index = state.index.clone();
    let Some(path) = path.strip_prefix("/api/v1/") else {
        return own_error(404, "Route not found");
    };
    if path == "version" {
        return Answer(
            200,
            String::new(),
            json!({ "build": { "version": state.version, "cargo_pkg_version": "0.0.0" }, "runtime": {} }),
        );
    }
    if path == format!("indexes/{index}") {
        let mut fields = vec![json!({ "name": "episode", "type": "text" })];
        if state.has_marks {
            fields.extend([
                json!({ "name": "mark", "type": "text" }),
                json!({ "name": "day", "type": "datetime" }),
            ]);
        }
        let config = json!({ "version": "0.9", "index_id": index, "doc_mapping": { "field_mappings": fields } });
        let uid = format!("{index}:{:026}", state.uid);
        return Answer(
            200,
            String::new(),
            json!({ "version": "0.9", "index_uid": uid, "index_config": config }),
        );
    }
    if path == format!("{index}/ingest") {
        return ingest(query, body, state, wait);
    }
    if path == format!("{index}/delete-tasks") && body.is_empty() {
        return Answer(200, String::new(), state.tasks.clone().into());
    }
    if path == format!("{index}/delete-tasks") {
        let order: Value = serde_json::from_slice(body).unwrap();
        let clause = |clause: &str| {
            let clause = clause.trim_matches(['(', ')']);
            let mut parts = clause.split(" AND ");
            let episode = parts.next()?.strip_prefix("episode:")?.to_owned();
            Some((
                episode,
                parts.next().and_then(|part| part.strip_prefix("mark:")).map(str::to_owned),
            ))
        };
        let clauses: Option<Vec<_>> =
            order["query"].as_str().unwrap().split(" OR ").map(clause).collect();
        let Some(clauses) = clauses else { return own_error(400, "invalid delete query") };
        state.deletes.push(clauses);
        // It keeps the query as a tree, in JSON.
        let query = json!({ "type": "user_input", "user_text": order["query"] }).to_string();
        let task = json!({ "create_timestamp": 0, "opstamp": state.tasks.len() + 1, "delete_query": { "query_ast": query } });
        state.tasks.push(task.clone());
        return Answer(200, String::new(), task);
    }
    if path == format!("_elastic/{index}/_search") {
        return search(query, &serde_json::from_slice(body).unwrap(), state);
    }
    match path.starts_with("_elastic/") {
        true => elastic_error(404, "could not find indexes matching the IDs `[\"aloud\"]`"),
        false => own_error(404, "Route not found"),
    }
}

fn ingest(query: &str, body: &[u8], state: &mut State, wait: usize) -> Answer {
    let lines: Vec<&[u8]> =
        body.split(|byte| *byte == b'\n').filter(|line| !line.is_empty()).collect();
    let (mut failures, mut n_taken) = (Vec::new(), 0);
    for line in &lines {
        let document: Value = serde_json::from_slice(line).unwrap();
        // As the schema has it: a timestamp field must be there, and be one.
        let is_time =
            document["day"].as_str().is_some_and(|day| day.len() == 20 && day.ends_with('Z'));
        let is_rejected =
            !is_time || state.rejected.as_deref().is_some_and(|file| document["file"] == file);
        if is_rejected {
            let text = String::from_utf8_lossy(line);
            failures.push(json!({ "message": "the field `day` is missing", "document": text, "reason": "invalid_schema" }));
        } else {
            n_taken += 1;
            state.documents.push(Kept { document, wait });
        }
    }
    state.n_ingests += 1;
    let mut answer = json!({ "num_docs_for_processing": lines.len(), "num_ingested_docs": n_taken, "num_rejected_docs": failures.len() });
    if query.contains("detailed_response=true") {
        failures.truncate(state.most_named);
        answer["parse_failures"] = failures.into();
    }
    Answer(200, String::new(), answer)
}

fn search(query: &str, request: &Value, state: &mut State) -> Answer {
    // Queries of before know nothing of `minimum_should_match`.
    if state.version.starts_with("v0.8") && request.to_string().contains("minimum_should_match") {
        return elastic_error(
            400,
            "unknown field `minimum_should_match`, expected one of `must`, `must_not`, `should`, `filter`, `boost`",
        );
    }
    let number = |name: &str, or: u64| request[name].as_u64().unwrap_or(or);
    if number("from", 0) > MOST_HITS || number("size", 10) > MOST_HITS {
        return elastic_error(400, "Invalid argument: max value for max_hits is 10_000");
    }
    let is_partial = !query.contains("allow_partial_search_results=false");
    let broken = state.broken;
    if broken.is_some_and(|is_left| !is_left || !is_partial) {
        return elastic_error(
            500,
            "internal error: `search failed for the following splits: 01ABC. For instance, split 01ABC failed`",
        );
    }
    let visible: Vec<&Value> =
        state.documents.iter().filter(|kept| kept.wait == 0).map(|kept| &kept.document).collect();
    let mut hits: Vec<(usize, &Value)> = visible
        .into_iter()
        .enumerate()
        .filter(|(_, document)| matches(&request["query"], document))
        .collect();
    if broken.is_some() {
        hits.retain(|(place, _)| place % 2 == 0);
    }
    let address = |place: usize| format!("01ABC:0:{place:08}");
    let sort = request["sort"].as_array().cloned().unwrap_or_default();
    let is_by_day = sort.first().is_some_and(|first| first["day"]["order"] == "desc");
    if is_by_day {
        hits.sort_by_key(|(place, document)| {
            std::cmp::Reverse((document["day"].as_str().unwrap().to_owned(), *place))
        });
    }
    let after = request["search_after"].as_array().cloned().unwrap_or_default();
    if !after.is_empty() {
        if after.len() != sort.len() {
            return elastic_error(400, "sort and search_after are of different length");
        }
        let place =
            hits.iter().position(|(place, _)| address(*place) == after[1].as_str().unwrap());
        hits.drain(..=place.unwrap());
    }
    let n_all = hits.len();
    let shown = hits.iter().skip(number("from", 0) as usize).take(number("size", 10) as usize);
    // As the schema has it, terms are looked up but not given back.
    let stored = |(place, document): &(usize, &Value)| {
        let mut fields: BTreeMap<String, Value> =
            serde_json::from_value((*document).clone()).unwrap();
        fields
            .retain(|name, value| !matches!(name.as_str(), "words" | "sounds") && !value.is_null());
        let sort =
            if is_by_day { json!([1_700_000_000_000u64, address(*place)]) } else { json!([1.5]) };
        json!({ "_source": fields, "sort": sort })
    };
    let shown: Vec<Value> = shown.map(stored).collect();
    let mut answer = json!({ "took": 1, "timed_out": false, "hits": { "total": { "value": n_all, "relation": "eq" }, "hits": shown } });
    let n_failed = usize::from(broken.is_some());
    answer["_shards"] =
        json!({ "total": 2, "successful": 2 - n_failed, "skipped": 0, "failed": n_failed });
    if !request["aggs"].is_null() {
        let documents: Vec<&Value> = hits.iter().map(|(_, document)| *document).collect();
        answer["aggregations"] = groups(&request["aggs"], &documents);
    }
    for kept in &mut state.documents {
        kept.wait = kept.wait.saturating_sub(1);
    }
    Answer(200, String::new(), answer)
}
