//! OpenSearch, and Elasticsearch, which it comes from and still speaks as.
//!
//! Written for OpenSearch 2 by its source and documentation: `POST /INDEX/_bulk` takes a line that
//! says what to do before each document and answers for each by itself, `POST /INDEX/_search` is
//! asked as everywhere, and `POST /INDEX/_delete_by_query` has documents removed before it answers.
//! No tokenizer of its own takes our terms as they are, since all cut what is longer than 255
//! characters; the schema has one that cuts where the index library would reject a term
//! (32,766 bytes, at most three for each UTF-16 unit). Pure.
//!
//! A document has a name here: its episode, layer and first word. So what is pushed again replaces
//! what it stands for, and what is sent twice is there once. Its version is the time of its push:
//! whichever of two pushes comes last, the newer one stays, page by page. What breaks off in the
//! middle leaves pages of two pushes, of which the newer ones alone count, as everywhere; the next
//! push sends them all, and then has the older ones removed by their mark. One that was replaced
//! while it is being removed is another version, and stays.

use super::dialect::{Dialect, too_old};
use super::wire::{self, Document, INDEX, Mark, Taken, parsed, strange, term};
use crate::episode::EpisodeId;
use crate::reason::Reason;
use serde_json::{Value, json};
use std::collections::{BTreeMap, HashSet};

/// The body of `PUT /INDEX` for the index named [`INDEX`].
const SCHEMA: &str = include_str!("opensearch.json");
/// The oldest of each that is spoken to: one that has no more types beside its indexes.
const OLDEST: [(&str, (u64, u64)); 2] = [("OpenSearch", (1, 0)), ("Elasticsearch", (7, 0))];
/// By what Elasticsearch is known: it says of its distribution nothing.
const TAGLINE: &str = "You Know, for Search";

/// An OpenSearch or Elasticsearch server.
#[derive(Clone, Copy, Debug)]
pub struct OpenSearch;

impl Dialect for OpenSearch {
    fn name(&self) -> &'static str {
        "opensearch"
    }

    fn about(&self) -> &'static str {
        ""
    }

    fn known(&self, body: &[u8]) -> Option<Result<(), String>> {
        let answer = parsed(body).ok()?;
        let version = &answer["version"];
        let (name, oldest) = match version["distribution"].as_str() {
            Some("opensearch") => OLDEST[0],
            None if answer["tagline"] == TAGLINE => OLDEST[1],
            _ => return None,
        };
        let why = version["number"].as_str().and_then(|number| too_old(name, number, oldest));
        Some(why.map_or(Ok(()), Err))
    }

    /// In small letters.
    fn is_name(&self, index: &str) -> bool {
        wire::is_name(index) && !index.contains(|c: char| c.is_ascii_uppercase())
    }

    fn schema(&self, index: &str) -> String {
        SCHEMA.replace(&format!(":9200/{INDEX}\""), &format!(":9200/{index}\""))
    }

    fn described(&self, index: &str) -> String {
        index.to_owned()
    }

    /// An index that nobody made comes with the first document, with types that are guessed.
    fn identity(&self, body: &[u8]) -> Result<String, Reason> {
        let answer = parsed(body)?;
        let all = answer.as_object().ok_or("its answer holds no index")?;
        // Another name of an index is answered with the index's own.
        let [index] = &all.values().collect::<Vec<_>>()[..] else {
            return Err(format!("its answer holds {} indexes, not one", all.len()).into());
        };
        let fields = &index["mappings"]["properties"];
        let is_ours = fields["mark"]["type"] == "keyword"
            && fields["day"]["type"] == "date"
            && fields["words"]["analyzer"] == "terms";
        if !is_ours {
            return Err(strange());
        }
        let uid = index["settings"]["index"]["uuid"].as_str();
        uid.map(str::to_owned).ok_or_else(|| "its answer does not name the index".into())
    }

    fn feed(&self, index: &str) -> String {
        format!("{index}/_bulk?refresh=wait_for")
    }

    fn is_repeatable(&self) -> bool {
        true
    }

    fn line(&self, document: &Document, lines: &mut Vec<u8>) {
        let name = format!("{}-{}-{}", document.episode, document.layer.name(), document.word);
        let version = document.mark.time();
        let order =
            json!({ "index": { "_id": name, "version": version, "version_type": "external_gte" } });
        lines.extend(order.to_string().into_bytes());
        lines.push(b'\n');
        document.line(lines);
    }

    fn taken(&self, body: &[u8], n: usize) -> Result<Taken, String> {
        let answer = parsed(body)?;
        let items = answer["items"].as_array().ok_or("its answer does not say what it took")?;
        if items.len() != n {
            return Err(format!("its answer tells of {} of {n} documents", items.len()));
        }
        let mut taken = Taken::default();
        for item in items {
            let item = &item["index"];
            let why =
                || item["error"]["reason"].as_str().unwrap_or("it does not say why").to_owned();
            match item["status"].as_u64() {
                Some(200..=299) => {}
                // A full queue, and a part of the index that has no home.
                Some(429 | 503) => taken.busy = Some(why()),
                _ => {
                    taken.n_rejected += 1;
                    let name = item["_id"].as_str().and_then(|name| name.split('-').next());
                    taken.why.extend(name.and_then(EpisodeId::parse).map(|id| (id, why())));
                }
            }
        }
        Ok(taken)
    }

    fn search(&self, index: &str, is_partial: bool) -> String {
        format!("{index}/_search?allow_partial_search_results={is_partial}")
    }

    /// It answers 503 either way.
    fn tells_loss_apart(&self) -> bool {
        false
    }

    /// What names a page beside its day.
    fn order(&self) -> Value {
        let down = |field: &str| json!({ field: { "order": "desc" } });
        ["day", "episode", "layer", "word"].map(down).to_vec().into()
    }

    /// What was replaced meanwhile is no failure.
    fn forgets(&self, index: &str) -> String {
        format!("{index}/_delete_by_query?conflicts=proceed&refresh=true")
    }

    fn forgetting(&self, pushes: &[(EpisodeId, Mark)]) -> Value {
        // A server takes no more than 1,024 terms: at most two for each push.
        let mut marks = BTreeMap::<String, Vec<String>>::new();
        for (episode, mark) in pushes {
            marks.entry(episode.to_string()).or_default().push(mark.to_string());
        }
        let clause = |(episode, marks): (String, Vec<String>)| json!({ "bool": { "filter": [term("episode", &episode), { "terms": { "mark": marks } }] } });
        let clauses: Vec<Value> = marks.into_iter().map(clause).collect();
        json!({ "query": { "bool": { "should": clauses, "minimum_should_match": 1 } } })
    }

    fn pending(&self, _: &str) -> Option<String> {
        None
    }

    fn doomed(&self, _: &[u8]) -> HashSet<Mark> {
        HashSet::new()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_it_is() {
        let of = |distribution: Option<&str>, number: &str, tagline: &str| {
            let body = json!({ "version": { "distribution": distribution, "number": number }, "tagline": tagline });
            OpenSearch.known(body.to_string().as_bytes())
        };
        let old = |why: &str| Some(Err(format!("it is {why} or newer is needed")));
        for (distribution, number, tagline, want) in [
            (Some("opensearch"), "2.19.1", "The OpenSearch Project", Some(Ok(()))),
            (Some("opensearch"), "3.0.0-SNAPSHOT", "", Some(Ok(()))),
            // What it says for old clients.
            (Some("opensearch"), "7.10.2", "", Some(Ok(()))),
            (Some("opensearch"), "edge", "", Some(Ok(()))),
            (None, "8.17.0", TAGLINE, Some(Ok(()))),
            (None, "6.8.23", TAGLINE, old("Elasticsearch 6.8.23, which is too old; 7.0")),
            (None, "2.1.0", "Something else", None),
            // Quickwit says this where it imitates Elasticsearch.
            (Some("quickwit"), "7.17.0", TAGLINE, None),
        ] {
            assert_eq!(of(distribution, number, tagline), want, "{distribution:?} {number}");
        }
        for body in ["", "[]", "<html>", "{}"] {
            assert_eq!(OpenSearch.known(body.as_bytes()), None, "{body}");
        }
    }

    #[test]
    fn an_index_is_ours_or_none() {
        let schema: Value = serde_json::from_str(&OpenSearch.schema("aloud-2")).unwrap();
        let make = schema["mappings"]["_meta"]["make"].as_str().unwrap();
        assert!(make.ends_with(":9200/aloud-2"), "{make}");
        let of = |mappings: &Value| json!({ "mappings": mappings, "settings": { "index": { "uuid": "u" } } });
        let guessed =
            json!({ "properties": { "mark": { "type": "text" }, "day": { "type": "date" } } });
        let ours = of(&schema["mappings"]);
        for (body, want) in [
            (json!({ "aloud-000001": ours }), Ok("u".to_owned())),
            (json!({ "aloud": of(&guessed) }), Err(strange())),
            (json!({ "aloud": {} }), Err(strange())),
            (json!({ "a": ours, "b": ours }), Err("its answer holds 2 indexes, not one".into())),
            (json!({}), Err("its answer holds 0 indexes, not one".into())),
            (json!([]), Err("its answer holds no index".into())),
        ] {
            assert_eq!(OpenSearch.identity(body.to_string().as_bytes()), want, "{body}");
        }
        assert!(OpenSearch.is_name("aloud-2") && !OpenSearch.is_name("Aloud"));
    }

    #[test]
    fn what_was_taken() {
        let id = EpisodeId([7; 32]);
        let item = |status: u64, why: Option<&str>| {
            let error = why.map(|why| json!({ "type": "x", "reason": why }));
            json!({ "index": { "_id": format!("{id}-said-220"), "status": status, "error": error } })
        };
        let (none, of) = (Taken::default, |why: &str| vec![(id, why.to_owned())]);
        for (items, want) in [
            (vec![item(201, None), item(200, None)], none()),
            (
                vec![item(201, None), item(400, Some("no day"))],
                Taken { n_rejected: 1, why: of("no day"), busy: None },
            ),
            // A newer push is there.
            (
                vec![item(409, Some("conflict")), item(200, None)],
                Taken { n_rejected: 1, why: of("conflict"), busy: None },
            ),
            (
                vec![item(429, Some("full")), item(200, None)],
                Taken { busy: Some("full".to_owned()), ..none() },
            ),
            (
                vec![json!({ "index": { "_id": "x", "status": 400 } }), json!({})],
                Taken { n_rejected: 2, ..none() },
            ),
        ] {
            let body = json!({ "took": 1, "errors": true, "items": items }).to_string();
            assert_eq!(OpenSearch.taken(body.as_bytes(), 2), Ok(want), "{body}");
            assert!(OpenSearch.taken(body.as_bytes(), 3).is_err(), "{body}");
        }
        assert!(OpenSearch.taken(br#"{"took":1}"#, 0).is_err());
    }

    #[test]
    fn what_is_forgotten_is_named_by_its_mark() {
        let (one, two) = (EpisodeId([1; 32]), EpisodeId([2; 32]));
        let [a, b] = [5, 6].map(|time| Mark::new(&"a".repeat(32), time, []));
        let order = OpenSearch.forgetting(&[(one, a.clone()), (two, a.clone()), (one, b.clone())]);
        let clause = |id: EpisodeId, marks: &[&Mark]| {
            let marks: Vec<String> = marks.iter().map(ToString::to_string).collect();
            json!({ "bool": { "filter": [{ "term": { "episode": { "value": id.to_string() } } }, { "terms": { "mark": marks } }] } })
        };
        let clauses = [clause(one, &[&a, &b]), clause(two, &[&a])];
        assert_eq!(order["query"]["bool"]["should"], json!(clauses));
    }
}
