//! A Quickwit server with many hours: what is sent, how fast, what of it an index keeps, and how
//! long a part of it takes for a query.
//!
//! The server is the one of the tests, so that its own pace is none. The index is tantivy's, on
//! which Quickwit is built, with the fields of `aloud library schema` as one split.
//! `ALOUD_BENCH_HOURS` says how many hours are generated (10 without it).

#![allow(clippy::print_stdout, reason = "figures are what a bench is for")]
#![allow(clippy::unwrap_used, reason = "the server of the tests does")]

#[allow(dead_code, reason = "shared with the bench of the library")]
mod generated;
#[allow(dead_code, reason = "shared with the tests")]
#[path = "../tests/util/quickwit.rs"]
mod quickwit;
#[allow(dead_code, reason = "shared with the tests")]
#[path = "../tests/util/standin.rs"]
mod standin;

use generated::{HOUR, character, fill, program, word};
use quickwit::Quickwit;
use serde_json::Value;
use std::path::Path;
use std::time::Instant;
use tantivy::collector::{Count, TopDocs};
use tantivy::query::{BooleanQuery, Occur, Query, TermQuery};
use tantivy::schema::{
    FAST, Field, INDEXED, IndexRecordOption, STORED, STRING, Schema, TextFieldIndexing, TextOptions,
};
use tantivy::{Index, TantivyDocument, Term};

/// Each query is timed so often; the quickest counts.
const RUNS: usize = 5;

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn main() {
    let hours: usize =
        std::env::var("ALOUD_BENCH_HOURS").ok().and_then(|hours| hours.parse().ok()).unwrap_or(10);
    let folder = tempfile::tempdir().expect("a folder");
    let cache = folder.path().join("cache");
    fill(hours, &cache, |_, _| {});
    let mb = |bytes: usize| bytes as f64 / 1e6;

    let (lines, _) = aloud(&cache, &["library", "export", "--ndjson"]);
    let documents: Vec<Value> =
        lines.lines().map(|line| serde_json::from_str(line).expect("a document")).collect();
    let n = documents.len();
    println!(
        "{hours} hours, {} words: {n} documents, {:.1} MB, {} bytes each",
        hours * HOUR,
        mb(lines.len()),
        lines.len() / n
    );
    drop(lines);

    let server = Quickwit::start();
    for (what, again) in
        [("push", false), ("the same again", true), ("the same without notes", true)]
    {
        if what.ends_with("notes") {
            let files = std::fs::read_dir(&cache).expect("a folder").flatten();
            files
                .filter(|file| file.file_name().to_string_lossy().starts_with("pushed-"))
                .for_each(|file| {
                    let _ = std::fs::remove_file(file.path());
                });
        }
        let (n_before, begin) = (server.asked("").len(), Instant::now());
        let (_, memory) = aloud(&cache, &["library", "push", server.url()]);
        let seconds = begin.elapsed().as_secs_f64();
        let length = |head: &String| {
            head.lines().find_map(|line| {
                line.strip_prefix("content-length: ")?.trim().parse::<usize>().ok()
            })
        };
        let sent: usize = server.asked("/ingest").iter().filter_map(length).sum();
        let n_asked = server.asked("").len() - n_before;
        print!("{what}: {seconds:.1} s, {n_asked} requests, peak {memory} MB");
        if again {
            println!();
        } else {
            println!(", {:.1} MB packed, {:.0} documents a second", mb(sent), n as f64 / seconds);
        }
    }
    assert_eq!(server.counts().0, n, "what was there was sent again");
    drop(server);

    let begin = Instant::now();
    let index = Split::of(&documents, &folder.path().join("split"));
    println!(
        "one split: {:.1} s, {:.1} MB: {}",
        begin.elapsed().as_secs_f64(),
        mb(index.parts.iter().map(|(_, n)| n).sum()),
        index.told()
    );
    let terms = |ranks: &[usize]| {
        let words: Vec<String> = ranks.iter().map(|rank| word(*rank)).collect();
        match &words[..] {
            [one] => vec![one.clone()],
            more => more.windows(2).map(|pair| pair.join("_")).collect(),
        }
    };
    let chinese: String = [0, 3].iter().map(|rank| character(*rank)).collect();
    for (what, terms) in [
        ("rare word", terms(&[70_123])),
        ("rare phrase", terms(&[3, 2_345])),
        ("common word", terms(&[0])),
        ("common phrase", terms(&[2, 0, 1])),
        ("two common characters", vec![chinese]),
        ("absent", vec!["zwyx_qwvutz".to_owned()]),
    ] {
        let (ms, n) = index.ask(&terms);
        println!("{what} ({}): {n} documents in {ms:.2} ms", terms.join(" "));
    }
}

/// The documents as one split of a server would have them.
struct Split {
    index: Index,
    words: Field,
    day: &'static str,
    /// Kinds of files, and their bytes.
    parts: Vec<(String, usize)>,
}

impl Split {
    fn of(documents: &[Value], folder: &Path) -> Self {
        std::fs::create_dir(folder).expect("a folder");
        let mut schema = Schema::builder();
        let terms = TextFieldIndexing::default()
            .set_tokenizer("whitespace")
            .set_index_option(IndexRecordOption::Basic)
            .set_fieldnorms(true);
        let terms = TextOptions::default().set_indexing_options(terms);
        let [words, sounds] =
            ["words", "sounds"].map(|name| schema.add_text_field(name, terms.clone()));
        let raw =
            ["episode", "mark"].map(|name| schema.add_text_field(name, STRING | STORED | FAST));
        let names =
            ["file", "language", "layer"].map(|name| schema.add_text_field(name, STRING | STORED));
        let stored = ["text", "page", "title"]
            .map(|name| schema.add_text_field(name, TextOptions::default().set_stored()));
        let day = schema.add_u64_field("day", INDEXED | STORED | FAST);
        let index = Index::create_in_dir(folder, schema.build()).expect("an index");
        index
            .tokenizers()
            .register("whitespace", tantivy::tokenizer::WhitespaceTokenizer::default());
        // One thread, one segment: what a split is.
        let mut writer = index.writer_with_num_threads(1, 2_000_000_000).expect("a writer");
        let fields = [words, sounds].into_iter().chain(raw).chain(names).chain(stored);
        let named: Vec<Field> = fields.collect();
        for (n, document) in documents.iter().enumerate() {
            let mut own = TantivyDocument::default();
            for (field, name) in named.iter().zip([
                "words", "sounds", "episode", "mark", "file", "language", "layer", "text", "page",
                "title",
            ]) {
                if let Some(text) = document[name].as_str() {
                    own.add_text(*field, text);
                }
            }
            own.add_u64(day, 1_700_000_000 + n as u64);
            writer.add_document(own).expect("a document");
        }
        writer.commit().expect("a commit");
        writer.wait_merging_threads().expect("an end");
        let mut parts = std::collections::BTreeMap::new();
        for file in std::fs::read_dir(folder).expect("a folder").flatten() {
            let kind = file
                .path()
                .extension()
                .map(|kind| kind.to_string_lossy().into_owned())
                .unwrap_or_default();
            *parts.entry(kind).or_insert(0) +=
                file.metadata().map_or(0, |about| about.len() as usize);
        }
        Self { index, words, day: "day", parts: parts.into_iter().collect() }
    }

    fn told(&self) -> String {
        let part = |(kind, bytes): &(String, usize)| format!("{kind} {:.1}", *bytes as f64 / 1e6);
        self.parts
            .iter()
            .filter(|(_, bytes)| *bytes > 50_000)
            .map(part)
            .collect::<Vec<_>>()
            .join(", ")
    }

    /// The newest documents that have all terms: milliseconds, and how many have.
    fn ask(&self, terms: &[String]) -> (f64, usize) {
        let searcher = self.index.reader().expect("a reader").searcher();
        let term = |text: &String| -> (Occur, Box<dyn Query>) {
            (
                Occur::Must,
                Box::new(TermQuery::new(
                    Term::from_field_text(self.words, text),
                    IndexRecordOption::Basic,
                )),
            )
        };
        let query = BooleanQuery::new(terms.iter().map(term).collect());
        let (mut best, mut n) = (f64::INFINITY, 0);
        for _ in 0..RUNS {
            let begin = Instant::now();
            let newest =
                TopDocs::with_limit(200).order_by_fast_field::<u64>(self.day, tantivy::Order::Desc);
            let (_, count) = searcher.search(&query, &(newest, Count)).expect("an answer");
            best = best.min(begin.elapsed().as_secs_f64() * 1000.0);
            n = count;
        }
        (best, n)
    }
}

/// What the program prints, and its peak of memory in megabytes.
fn aloud(cache: &Path, arguments: &[&str]) -> (String, u64) {
    let (output, peak) = program(cache, arguments);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    (String::from_utf8_lossy(&output.stdout).into_owned(), peak)
}
