//! An OpenSearch server as a library: the same as a Quickwit one, where documents have names of
//! their own, are replaced in place, and are gone when they are deleted.

use crate::server::{Play, Served, finds_the_same, keep_columns, sends_again_what_was_rejected};
use crate::util::opensearch::{Fail, OpenSearch};
use crate::util::shelf;
use serde_json::{Value, json};

impl Served for OpenSearch {
    fn url(&self) -> &str {
        self.url()
    }
    fn reject(&self, file: Option<&str>) {
        self.reject(file);
    }
}

/// A server with an index as `library schema` has it.
fn play() -> Play<OpenSearch> {
    let play = Play::with(OpenSearch::start());
    make(&play, "aloud");
    play
}

fn make(play: &Play<OpenSearch>, name: &str) {
    let variables = [("ALOUD_SERVER_INDEX", name)];
    let schema = play.aloud_with(&variables, &["library", "schema", "--for", "opensearch"]);
    assert_eq!(play.server.put(name, &schema.code(0).out()), 200);
}

#[test]
fn a_server_finds_the_same() {
    let play = play();
    keep_columns(&play);
    play.server.fail("/_bulk", &[Fail::Status(429), Fail::Status(503), Fail::Full, Fail::Gone]);
    play.push().code(0).says("3 episodes were sent, 0 were there already");
    // What came five times is there once.
    assert_eq!((play.server.asked("/_bulk").len(), play.server.count()), (5, play.n_pages()));
    finds_the_same(&play);
}

#[test]
fn what_changed_is_replaced_in_place() {
    let play = play();
    let words = |n: usize| (0..n).map(|word| format!("word{word} ")).collect::<String>();
    play.keep(1, &format!("This was said at first. {}", words(900)));
    play.keep(2, "Somebody else said that.");
    play.server.fail("/_bulk", &[Fail::Status(400)]);
    play.push().code(1).says("it answers 400: not now");
    play.push().code(0).says("2 episodes were sent, 0 were there already");
    assert!(play.server.count() > 4);
    play.push().code(0).says("0 episodes were sent, 2 were there already");
    // What is left of a longer text goes by its mark.
    play.keep(1, "Now it sounds otherwise.");
    play.push().code(0).says("1 episode was sent, 1 were there already");
    assert_eq!((play.server.count(), play.server.pushes().len()), (2, 2));
    play.find("said at first").code(5);
    play.find("word899").code(5);
    play.find("sounds otherwise").code(0);
    // And back.
    play.keep(1, &format!("This was said at first. {}", words(900)));
    play.push().code(0).says("1 episode was sent");
    assert_eq!((play.server.count(), play.server.pushes().len()), (play.n_pages(), 2));
    play.find("word899").code(0);
}

/// What broke off in the middle is of two pushes, of which the newer one counts, until the next
/// push.
#[test]
fn a_push_that_broke_off_in_the_middle_is_made_whole() {
    let play = play();
    let words = (0..900).map(|word| format!("word{word} ")).collect::<String>();
    let text = |name| format!("This is the {name} text. {words} And the {name} text ends.");
    play.keep(1, &text("first"));
    play.push().code(0);
    let n = play.server.count();
    play.keep(1, &text("second"));
    play.server.fail("/_bulk", &[Fail::Half, Fail::Status(400)]);
    play.push().code(1).says("it answers 400: not now");
    assert_eq!((play.server.count(), play.server.pushes().len()), (n, 2));
    play.find("this is the second text").code(0);
    play.find("the first text ends").code(5);
    play.push().code(0).says("1 episode was sent");
    assert_eq!((play.server.count(), play.server.pushes().len()), (play.n_pages(), 1));
    play.find("the second text ends").code(0);
}

#[test]
fn of_two_pushes_the_newer_one_stays() {
    let play = play();
    play.keep(1, "This was said.");
    play.server.fail("/_bulk", &[Fail::Overtaken]);
    play.push().code(1).says("it rejected 1 episode, so `1.mp3`").says("version conflict");
    assert_eq!(play.server.count(), 1);
    play.find("this was said").code(0);
    // It is whole there, whoever sent it.
    play.push().code(0).says("0 episodes were sent, 1 were there already");
}

#[test]
fn what_a_server_has_is_known_without_notes() {
    let play = play();
    play.keep(1, "This was said at first.");
    play.keep(2, "Somebody else said that.");
    play.push().code(0);
    play.lose_notes();
    play.push().code(0).says("0 episodes were sent, 2 were there already");
    play.lose_notes();
    play.keep(1, "Now it sounds otherwise.");
    play.push().code(0).says("1 episode was sent, 1 were there already");
    assert_eq!(play.server.count(), 2);
    // An index made anew has nothing, whatever was noted.
    play.server.clear();
    make(&play, "aloud");
    play.push().code(0).says("2 episodes were sent, 0 were there already");
    // Another one by its name, which is in small letters here.
    make(&play, "aloud-2");
    let push = |index| {
        play.aloud_with(&[("ALOUD_SERVER_INDEX", index)], &["library", "push", play.server.url()])
    };
    push("aloud-2").code(0).says("2 episodes were sent");
    push("Aloud").code(2).says("`Aloud` is no name of an index of opensearch");
    push("aloud-3").code(1).says("no such index [aloud-3]").says("schema --for opensearch");
}

#[test]
fn a_server_is_known_by_what_it_says() {
    let play = play();
    play.keep(1, "This was said.");
    let elastic = |number: &str| json!({ "version": { "number": number, "build_flavor": "default" }, "tagline": "You Know, for Search" });
    for (about, code, says) in [
        (elastic("8.17.0"), 0, "1 episode was sent"),
        (
            elastic("6.8.23"),
            1,
            "it is Elasticsearch 6.8.23, which is too old; 7.0 or newer is needed",
        ),
        (
            json!({ "version": { "distribution": "other", "number": "9.0.0" } }),
            1,
            "it is no Quickwit and no OpenSearch",
        ),
        (json!("welcome"), 1, "it is no Quickwit and no OpenSearch"),
    ] {
        play.server.about(about);
        play.push().code(code).says(says);
        if code > 0 {
            play.find("this was said").code(1).says(says);
        }
    }
    // An index that came by itself has types that were guessed.
    play.server.about(elastic("8.17.0"));
    play.server.clear();
    assert_eq!(
        play.server.put("aloud", r#"{"mappings":{"properties":{"mark":{"type":"text"}}}}"#),
        200
    );
    play.push().code(1).says("its index was made for another version of `aloud`, or by nobody");
}

#[test]
fn rejected_documents_are_no_pushed_episode() {
    sends_again_what_was_rejected(&play(), "failed to parse field [day]");
}

#[test]
fn a_part_of_an_index_is_no_whole_answer() {
    let play = play();
    (1..5).for_each(|n| play.keep(n, "This was said."));
    play.push().code(0);
    let asked = play.server.asked("_search");
    let is_strict = |asked: &String| asked.contains("allow_partial_search_results=false");
    assert!(!asked.is_empty() && asked.iter().all(is_strict), "{asked:?}");
    play.server.lose(Some(true));
    let ran = play.find("this was said").code(0).says("1 of 2 parts of the index did not answer");
    assert_eq!(ran.out().lines().count(), 2, "{}", ran.out());
    play.server.lose(None);
    play.server.cut();
    let ran =
        play.find("this was said").code(0).says("the time that the server has for a question");
    assert_eq!(ran.out().lines().count(), 2, "{}", ran.out());
}

#[test]
fn more_than_one_answer_holds_is_asked_for_behind_the_last() {
    let play = play();
    (0..450).for_each(|n| play.keep(n, &format!("This was said as number {n}.")));
    play.push().code(0).says("450 episodes were sent, 0 were there already");
    assert_eq!(play.find("this was said").code(0).out().lines().count(), 450);
    // Each of them is told to go by its mark, in orders that a server takes.
    (0..450).for_each(|n| play.keep(n, &format!("Now number {n} sounds otherwise.")));
    play.push().code(0).says("450 episodes were sent");
    assert_eq!((play.server.count(), play.find("this was said").code(5).out().len()), (450, 0));
    play.find("number 449 sounds otherwise").code(0);
}

#[test]
fn what_is_removed_is_gone_there_too() {
    let play = play();
    (1..4).for_each(|n| play.keep(n, "This was said."));
    play.push().code(0);
    let rm = |more: &[&str]| play.aloud_with(&[], &[&["library", "rm", "--yes"], more].concat());
    let ran = rm(&["1.mp3"]).code(0).says("forgets it too");
    assert!(!ran.err().contains("in its own time"), "{}", ran.err());
    assert_eq!(play.server.count(), 2);
    // Who comes back stays.
    play.keep(1, "This was said.");
    play.push().code(0).says("1 episode was sent");
    assert_eq!(play.server.count(), 3);
    // A server that does not answer, or does not say what it is, is told the next time.
    for (n, path) in [(1, "/_delete_by_query"), (2, "/api/v1/version")] {
        // Any other server's path may be refused; its own may not.
        play.server.fail(path, &[Fail::Status(400)]);
        if n == 2 {
            play.server.about(json!("welcome"));
        }
        rm(&[&format!("{n}.mp3")]).code(0).says("the next `aloud library push` tells it");
        assert_eq!(play.server.count(), 4 - n);
        play.server
            .about(json!({ "version": { "distribution": "opensearch", "number": "2.19.1" } }));
        play.push().code(0);
        assert_eq!(play.server.count(), 3 - n);
    }
    // Nor does it need notes, or an episode that is here.
    play.lose_notes();
    let id = shelf::id(3).to_string();
    rm(&["--server", play.server.url(), &id]).code(0).says("forgets it too");
    assert_eq!(play.server.count(), 0);
    rm(&["--server", play.server.url(), &id]).code(0).says("has nothing of it");
}

#[test]
fn nobody_is_asked_without_a_token() {
    let play = play();
    play.keep(1, "This was said.");
    play.server.token("authorization: Basic bWU6c2VAY3JldA==");
    play.push().code(1).says("it answers 401").says("the setting `server-header` says who asks");
    let named = play.server.url().replace("://", "://me:se%40cret@");
    let ran = play.aloud_with(&[], &["library", "push", &named]).code(0).says("1 episode was sent");
    assert!(!ran.err().contains("cret"), "{}", ran.err());
}

#[test]
fn the_schema_has_every_field() {
    let play = play();
    play.keep(1, "One.");
    let schema = play.aloud_with(&[], &["library", "schema", "--for", "opensearch"]).code(0).out();
    let schema: Value = serde_json::from_str(&schema).unwrap();
    let line = play.aloud_with(&[], &["library", "export", "--ndjson"]).code(0).out();
    let document: Value = serde_json::from_str(&line).unwrap();
    let names = |value: &Value| value.as_object().unwrap().keys().cloned().collect::<Vec<_>>();
    assert_eq!(names(&document), names(&schema["mappings"]["properties"]));
    play.aloud_with(&[], &["library", "schema", "--for", "solr"]).code(2).says("opensearch");
}
