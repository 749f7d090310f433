//! Quickwit, which is built on the same index library as the index here.
//!
//! Written for Quickwit 0.9 by its source: `POST /api/v1/INDEX/ingest` takes newline-delimited JSON
//! in pieces of at most 10 MiB, `POST /api/v1/_elastic/INDEX/_search` answers `bool`, `term` and
//! `terms` queries and aggregations, and `POST /api/v1/INDEX/delete-tasks` has documents removed
//! that match a query. Its tokenizer `whitespace` takes our terms as they are. Pure.
//!
//! It changes no document, and removes some only days later: a delete waits until splits merge no
//! more, and then takes whatever matches it, also what was merged into them meanwhile.

use super::dialect::{Dialect, too_old};
use super::wire::{Document, INDEX, Mark, Taken, parsed, strange};
use crate::episode::EpisodeId;
use crate::reason::Reason;
use serde_json::{Value, json};
use std::collections::HashSet;

/// The configuration of the index named [`INDEX`], as Quickwit reads it.
const SCHEMA: &str = include_str!("quickwit.yaml");
/// The oldest Quickwit that knows all that it is asked for here (`minimum_should_match`): major and
/// minor.
const OLDEST: (u64, u64) = (0, 9);

/// A Quickwit server.
#[derive(Clone, Copy, Debug)]
pub struct Quickwit;

impl Dialect for Quickwit {
    fn name(&self) -> &'static str {
        "quickwit"
    }

    fn about(&self) -> &'static str {
        "api/v1/version"
    }

    fn known(&self, body: &[u8]) -> Option<Result<(), String>> {
        let answer = parsed(body).ok()?;
        let build = answer["build"].as_object()?;
        let version = |name: &str| build.get(name).and_then(Value::as_str);
        // Nightly builds are not judged.
        let judged = version("version")
            .or_else(|| version("cargo_pkg_version"))
            .filter(|version| !version.contains("nightly"));
        Some(judged.and_then(|version| too_old("Quickwit", version, OLDEST)).map_or(Ok(()), Err))
    }

    fn schema(&self, index: &str) -> String {
        SCHEMA.replace(&format!("\nindex_id: {INDEX}\n"), &format!("\nindex_id: {index}\n"))
    }

    fn described(&self, index: &str) -> String {
        format!("api/v1/indexes/{index}")
    }

    fn identity(&self, body: &[u8]) -> Result<String, Reason> {
        let answer = parsed(body)?;
        let fields = answer["index_config"]["doc_mapping"]["field_mappings"]
            .as_array()
            .ok_or("its answer holds no index")?;
        let has = |name: &str, kind: &str| {
            fields.iter().any(|field| field["name"] == name && field["type"] == kind)
        };
        if !has("mark", "text") || !has("day", "datetime") {
            return Err(strange());
        }
        answer["index_uid"]
            .as_str()
            .map(str::to_owned)
            .ok_or_else(|| "its answer does not name the index".into())
    }

    fn feed(&self, index: &str) -> String {
        format!("api/v1/{index}/ingest?commit=wait_for&detailed_response=true")
    }

    /// What is sent again is there twice.
    fn is_repeatable(&self) -> bool {
        false
    }

    fn line(&self, document: &Document, lines: &mut Vec<u8>) {
        document.line(lines);
    }

    fn taken(&self, body: &[u8], n: usize) -> Result<Taken, String> {
        let answer = parsed(body)?;
        let count = |name: &str| answer[name].as_u64().map(|n| n as usize);
        let n_seen =
            count("num_docs_for_processing").ok_or("its answer does not say what it took")?;
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
        Ok(Taken { n_rejected, why: failures.iter().filter_map(named).collect(), busy: None })
    }

    fn search(&self, index: &str, is_partial: bool) -> String {
        format!("api/v1/_elastic/{index}/_search?allow_partial_search_results={is_partial}")
    }

    fn tells_loss_apart(&self) -> bool {
        true
    }

    /// Where it lies in the index parts what is of one day.
    fn order(&self) -> Value {
        json!([{ "day": { "order": "desc" } }, { "_shard_doc": { "order": "desc" } }])
    }

    fn forgets(&self, index: &str) -> String {
        format!("api/v1/{index}/delete-tasks")
    }

    fn forgetting(&self, pushes: &[(EpisodeId, Mark)]) -> Value {
        let clauses: Vec<String> = pushes
            .iter()
            .map(|(episode, mark)| format!("(episode:{episode} AND mark:{mark})"))
            .collect();
        json!({ "query": clauses.join(" OR ") })
    }

    fn pending(&self, index: &str) -> Option<String> {
        Some(self.forgets(index))
    }

    fn doomed(&self, body: &[u8]) -> HashSet<Mark> {
        let text = String::from_utf8_lossy(body);
        let words = text.split(|c: char| !c.is_ascii_alphanumeric());
        words.filter_map(Mark::parse).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_forgotten_is_named_by_its_mark() {
        let (id, mark) = (EpisodeId([7; 32]), Mark::new(&"a".repeat(32), 5, []));
        let order = Quickwit.forgetting(&[(id, mark.clone()), (id, mark.clone())]);
        let one = format!("(episode:{id} AND mark:{mark})");
        assert_eq!(order["query"].as_str(), Some(format!("{one} OR {one}").as_str()));
        // As a server lists it: in JSON within JSON.
        let ast = json!({ "type": "term", "field": "mark", "value": mark.to_string() }).to_string();
        let tasks = json!([{ "create_timestamp": 0, "opstamp": 1, "delete_query": { "index_uid": "aloud:01", "query_ast": ast } }]);
        assert_eq!(Quickwit.doomed(tasks.to_string().as_bytes()), HashSet::from([mark]));
    }

    #[test]
    fn what_was_taken() {
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
                Quickwit.taken(body.as_bytes(), n).ok().map(|taken| taken.n_rejected),
                want,
                "{body}"
            );
        }
        let id = EpisodeId([7; 32]);
        let failure = json!({ "document": json!({ "episode": id.to_string() }).to_string(), "message": "no day", "reason": "invalid_schema" });
        let body = json!({ "num_docs_for_processing": 1, "num_ingested_docs": 0, "num_rejected_docs": 1, "parse_failures": [failure] });
        assert_eq!(
            Quickwit.taken(body.to_string().as_bytes(), 1).unwrap().why,
            [(id, "no day".to_owned())]
        );
    }

    #[test]
    fn versions() {
        let old = |version: &str| {
            Some(Err(format!("it is Quickwit {version}, which is too old; 0.9 or newer is needed")))
        };
        for (answer, want) in [
            (json!({ "build": { "version": "v0.8.2", "cargo_pkg_version": "0" } }), old("0.8.2")),
            (json!({ "build": { "cargo_pkg_version": "0.7.1" } }), old("0.7.1")),
            (json!({ "build": { "version": "0.8.2-nightly" } }), Some(Ok(()))),
            (json!({ "build": { "version": "v0.9.0" } }), Some(Ok(()))),
            (json!({ "build": { "version": "1.0.0" } }), Some(Ok(()))),
            (json!({ "build": { "version": "edge" } }), Some(Ok(()))),
            (json!({ "build": {} }), Some(Ok(()))),
            (json!({ "version": { "number": "2.19.0" } }), None),
            (json!(7), None),
        ] {
            assert_eq!(Quickwit.known(answer.to_string().as_bytes()), want, "{answer}");
        }
    }

    #[test]
    fn the_index_has_the_name_that_is_asked_for() {
        let schema = Quickwit.schema("aloud-2");
        assert!(schema.contains("\nindex_id: aloud-2\n") && !schema.contains("index_id: aloud\n"));
    }
}
