//! A server on the loopback interface that speaks as much of Quickwit's API as is documented and used: ingest, delete tasks, and
//! `_search` with `bool`, `term`, `range`, `match_all` and `match_none`. It also fails as told.

use serde_json::{Value, json};
use std::collections::{BTreeMap, HashSet};
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};

/// What the server keeps.
#[derive(Default)]
struct State {
    documents: Vec<Value>,
    /// Statuses to answer before anything is done.
    failures: Vec<u16>,
    n_ingests: usize,
}

/// A running server. It ends with the test.
pub struct Quickwit {
    url: String,
    state: Arc<Mutex<State>>,
}

impl Quickwit {
    /// One without documents, that first answers with `failures`.
    pub fn start(failures: &[u16]) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let state = Arc::new(Mutex::new(State { failures: failures.to_vec(), ..State::default() }));
        let own = state.clone();
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                // A client that leaves is a part of the play.
                let _ = serve(&stream, &own);
            }
        });
        Self { url, state }
    }

    /// Its address.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// The number of documents, and of successful ingests.
    pub fn counts(&self) -> (usize, usize) {
        let state = self.state.lock().unwrap();
        (state.documents.len(), state.n_ingests)
    }

    /// Fails the next requests so.
    pub fn fail(&self, statuses: &[u16]) {
        self.state.lock().unwrap().failures = statuses.to_vec();
    }
}

fn serve(stream: &TcpStream, state: &Mutex<State>) -> std::io::Result<()> {
    let mut lines = BufReader::new(stream);
    let (mut head, mut length) = (String::new(), 0);
    loop {
        let mut line = String::new();
        if lines.read_line(&mut line)? == 0 || line == "\r\n" {
            break;
        }
        if let Some(value) = line.to_lowercase().strip_prefix("content-length:") {
            length = value.trim().parse().unwrap();
        }
        head += &line;
    }
    let mut body = vec![0; length];
    lines.read_exact(&mut body)?;
    let (status, answer) = answer(head.split(' ').nth(1).unwrap_or_default(), &body, &mut state.lock().unwrap());
    let answer = answer.to_string();
    write!(
        &*stream,
        "HTTP/1.1 {status} X\r\nContent-Type: application/json\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{answer}",
        answer.len()
    )
}

fn answer(path: &str, body: &[u8], state: &mut State) -> (u16, Value) {
    if !state.failures.is_empty() {
        return (state.failures.remove(0), json!({ "message": "not now" }));
    }
    match path {
        "/api/v1/aloud/ingest?commit=auto" => {
            assert!(body.len() <= 10_000_000, "more than the documented limit");
            let documents: Vec<Value> = body
                .split(|byte| *byte == b'\n')
                .filter(|line| !line.is_empty())
                .map(|line| serde_json::from_slice(line).unwrap())
                .collect();
            let n = documents.len();
            state.documents.extend(documents);
            state.n_ingests += 1;
            (200, json!({ "num_docs_for_processing": n }))
        }
        "/api/v1/aloud/delete-tasks" => {
            let order: Value = serde_json::from_slice(body).unwrap();
            let episode = order["query"].as_str().unwrap().strip_prefix("episode:").unwrap();
            state.documents.retain(|document| document["episode"] != episode);
            (200, json!({ "create_timestamp": 0, "opstamp": 1, "delete_query": order }))
        }
        "/api/v1/_elastic/aloud/_search" => search(&serde_json::from_slice(body).unwrap(), &state.documents),
        _ => (404, json!({ "message": "Route not found" })),
    }
}

fn search(request: &Value, documents: &[Value]) -> (u16, Value) {
    let number = |name: &str, or: u64| request[name].as_u64().unwrap_or(or) as usize;
    let mut hits: Vec<&Value> = documents.iter().filter(|document| matches(&request["query"], document)).collect();
    if request["sort"][0]["day"]["order"] == "desc" {
        hits.sort_by_key(|document| std::cmp::Reverse(document["day"].as_u64()));
    }
    let shown = hits.iter().skip(number("from", 0)).take(number("size", 10));
    // As the schema has it, terms are looked up but not given back.
    let stored = |document: &Value| {
        let mut fields: BTreeMap<String, Value> = serde_json::from_value(document.clone()).unwrap();
        fields.retain(|name, value| !matches!(name.as_str(), "words" | "sounds") && !value.is_null());
        json!({ "_source": fields })
    };
    let shown: Vec<Value> = shown.map(|document| stored(document)).collect();
    (200, json!({ "took": 1, "hits": { "total": { "value": hits.len(), "relation": "eq" }, "hits": shown } }))
}

fn matches(query: &Value, document: &Value) -> bool {
    let (kind, what) = query.as_object().unwrap().iter().next().unwrap();
    let list = |name: &str| what[name].as_array().cloned().unwrap_or_default();
    let field = |what: &Value| what.as_object().unwrap().iter().next().map(|(name, value)| (name.clone(), value.clone())).unwrap();
    match kind.as_str() {
        "match_all" => true,
        "match_none" => false,
        "term" => {
            let (name, wanted) = field(what);
            let wanted = wanted["value"].as_str().unwrap();
            let value = document[&name].as_str().unwrap_or_default();
            match name.as_str() {
                "words" | "sounds" => value.split(' ').collect::<HashSet<_>>().contains(wanted),
                _ => value == wanted,
            }
        }
        "range" => {
            let (name, bounds) = field(what);
            document[&name].as_u64() >= bounds["gte"].as_u64()
        }
        "bool" => {
            let all = ["must", "filter"].iter().all(|name| list(name).iter().all(|query| matches(query, document)));
            let should = list("should");
            let n = should.iter().filter(|query| matches(query, document)).count();
            let least = match &what["minimum_should_match"] {
                Value::Number(least) => least.as_u64().unwrap() as usize,
                Value::String(share) => should.len() * share.trim_end_matches('%').parse::<usize>().unwrap() / 100,
                _ => usize::from(!should.is_empty()),
            };
            all && n >= least
        }
        other => panic!("`{other}` is not asked for"),
    }
}
