//! What servers on the loopback interface that stand for search servers have in common: a request
//! and an answer, and the queries and aggregations that all of them understand.

use flate2::read::MultiGzDecoder;
use serde_json::{Value, json};
use std::collections::{BTreeMap, HashSet};
use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::Arc;

/// What a server reads from and writes to.
pub trait Stream: Read + Write + Send {}

impl<T: Read + Write + Send> Stream for T {}

/// A request.
pub struct Asked {
    /// Method, path and header lines, in small letters.
    pub head: String,
    /// The path and what stands behind it.
    pub path: String,
    /// What was posted, unpacked.
    pub body: Vec<u8>,
    /// How long it was as it came.
    pub n_packed: usize,
}

/// An answer: its status, further header lines, and what it says.
pub struct Answer(pub u16, pub String, pub Value);

/// Serves each connection through `wrap` by `serve`; answers the address, which begins with
/// `scheme`. It ends with the test.
pub fn listen(
    scheme: &str,
    wrap: impl Fn(TcpStream) -> Option<Box<dyn Stream>> + Send + Sync + 'static,
    serve: impl Fn(Box<dyn Stream>) -> io::Result<()> + Send + Sync + 'static,
) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("{scheme}://{}", listener.local_addr().unwrap());
    let ways = Arc::new((wrap, serve));
    std::thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            let ways = ways.clone();
            std::thread::spawn(move || {
                // A client that leaves is a part of the play.
                let _ = (ways.0)(stream).map(|stream| (ways.1)(stream));
            });
        }
    });
    url
}

/// Reads a request.
pub fn read(stream: &mut BufReader<Box<dyn Stream>>) -> io::Result<Asked> {
    let (mut head, mut length) = (String::new(), 0);
    loop {
        let mut line = String::new();
        if stream.read_line(&mut line)? == 0 || line == "\r\n" {
            break;
        }
        let line = line.to_lowercase();
        if let Some(value) = line.strip_prefix("content-length:") {
            length = value.trim().parse().unwrap();
        }
        head += &line;
    }
    let mut body = vec![0; length];
    stream.read_exact(&mut body)?;
    let path = head.split(' ').nth(1).unwrap_or_default().to_owned();
    let n_packed = body.len();
    if head.contains("content-encoding: gzip") {
        let mut whole = Vec::new();
        MultiGzDecoder::new(&body[..]).read_to_end(&mut whole)?;
        body = whole;
    }
    Ok(Asked { head, path, body, n_packed })
}

/// Writes an answer, after which the connection ends.
pub fn write(stream: &mut BufReader<Box<dyn Stream>>, answer: Answer) -> io::Result<()> {
    let Answer(status, lines, answer) = answer;
    let answer = answer.to_string();
    let n = answer.len();
    let head = format!(
        "HTTP/1.1 {status} X\r\nContent-Type: application/json\r\n{lines}Content-Length: {n}\r\nConnection: close\r\n\r\n"
    );
    let stream = stream.get_mut();
    stream.write_all((head + &answer).as_bytes())?;
    stream.flush()
}

/// Aggregations by terms, within each other.
pub fn groups(wanted: &Value, documents: &[&Value]) -> Value {
    let wanted = wanted.as_object().unwrap();
    let group = |wanted: &Value| {
        let (field, size) = (
            wanted["terms"]["field"].as_str().unwrap(),
            wanted["terms"]["size"].as_u64().unwrap() as usize,
        );
        let mut buckets: BTreeMap<&str, Vec<&Value>> = BTreeMap::new();
        for document in documents {
            buckets.entry(document[field].as_str().unwrap()).or_default().push(document);
        }
        let bucket = |(key, documents): (&str, Vec<&Value>)| {
            let mut bucket = json!({ "key": key, "doc_count": documents.len() });
            if let Some(inner) = wanted.get("aggs") {
                groups(inner, &documents)
                    .as_object()
                    .unwrap()
                    .iter()
                    .for_each(|(name, value)| bucket[name] = value.clone());
            }
            bucket
        };
        let mut buckets: Vec<Value> = buckets.into_iter().map(bucket).collect();
        match wanted["terms"]["order"]["_key"] == "desc" {
            true => buckets.reverse(),
            false => buckets.sort_by_key(|bucket| std::cmp::Reverse(bucket["doc_count"].as_u64())),
        }
        buckets.truncate(size);
        json!({ "buckets": buckets, "sum_other_doc_count": 0 })
    };
    Value::Object(wanted.iter().map(|(name, wanted)| (name.clone(), group(wanted))).collect())
}

/// Whether a document is what a query asks for.
pub fn matches(query: &Value, document: &Value) -> bool {
    let (kind, what) = query.as_object().unwrap().iter().next().unwrap();
    let list = |name: &str| what[name].as_array().cloned().unwrap_or_default();
    let field = |what: &Value| {
        what.as_object()
            .unwrap()
            .iter()
            .next()
            .map(|(name, value)| (name.clone(), value.clone()))
            .unwrap()
    };
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
        "terms" => {
            let (name, wanted) = field(what);
            wanted.as_array().unwrap().contains(&document[&name])
        }
        "range" => {
            let (name, bounds) = field(what);
            assert_eq!(name, "day", "a range of what has no times");
            document[&name].as_str().unwrap() >= bounds["gte"].as_str().unwrap()
        }
        "bool" => {
            let all = ["must", "filter"]
                .iter()
                .all(|name| list(name).iter().all(|query| matches(query, document)));
            let should = list("should");
            let n = should.iter().filter(|query| matches(query, document)).count();
            let least = match &what["minimum_should_match"] {
                Value::Number(least) => least.as_u64().unwrap() as usize,
                Value::String(share) => {
                    should.len() * share.trim_end_matches('%').parse::<usize>().unwrap() / 100
                }
                _ => usize::from(!should.is_empty()),
            };
            all && n >= least
        }
        other => panic!("`{other}` is not asked for"),
    }
}
