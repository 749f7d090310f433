//! A Quickwit server as a library: what it is fed, what it finds, what it forgets and when, and how
//! it may fail.

use crate::util::quickwit::{Fail, Quickwit};
use crate::util::shelf::{self, CACHE};
use crate::util::{Desk, Ran, root};
use serde_json::Value;
use std::fs;

/// A server that stands for one.
pub trait Served {
    /// Its address.
    fn url(&self) -> &str;
    /// Rejects documents of this file.
    fn reject(&self, file: Option<&str>);
}

impl Served for Quickwit {
    fn url(&self) -> &str {
        self.url()
    }
    fn reject(&self, file: Option<&str>) {
        self.reject(file);
    }
}

/// A desk with a store on it, and a server without documents.
pub struct Play<S = Quickwit> {
    pub desk: Desk,
    pub store: aloud::store::Store,
    pub server: S,
}

impl Play {
    fn new() -> Self {
        Self::with(Quickwit::start())
    }
}

impl<S: Served> Play<S> {
    pub fn with(server: S) -> Self {
        let desk = Desk::new();
        let store = shelf::store(&desk);
        Self { desk, store, server }
    }

    /// Keeps episode `n`, of the file `n.mp3`.
    pub fn keep(&self, n: u64, text: &str) {
        shelf::keep(&self.store, &shelf::said(&format!("{n}.mp3"), "en", text), shelf::id(n), "x");
    }

    pub fn aloud_with(&self, variables: &[(&str, &str)], arguments: &[&str]) -> Ran {
        let arguments = [&["--cache", CACHE], arguments].concat();
        let output =
            self.desk.command(&arguments).envs(variables.iter().copied()).output().unwrap();
        Ran::of(&arguments, output)
    }

    pub fn push(&self) -> Ran {
        self.aloud_with(&[], &["library", "push", self.server.url()])
    }

    pub fn find(&self, phrase: &str) -> Ran {
        self.aloud_with(
            &[],
            &["find", "--server", self.server.url(), "--exact", "--limit", "0", phrase],
        )
    }

    /// The documents of all episodes, and their number.
    pub fn n_pages(&self) -> usize {
        self.aloud_with(&[], &["library", "export", "--ndjson"]).code(0).out().lines().count()
    }

    /// Forgets what was pushed.
    pub fn lose_notes(&self) {
        let notes: Vec<_> = fs::read_dir(shelf::folder(&self.desk))
            .unwrap()
            .flatten()
            .map(|file| file.path())
            .collect();
        let is_one = |path: &&std::path::PathBuf| {
            path.file_name().unwrap().to_string_lossy().starts_with("pushed-")
        };
        let notes: Vec<_> = notes.iter().filter(is_one).collect();
        assert!(!notes.is_empty(), "nothing was noted");
        notes.iter().for_each(|path| fs::remove_file(path).unwrap());
    }
}

#[test]
fn a_server_finds_the_same() {
    let play = Play::new();
    keep_columns(&play);
    play.server.fail("/ingest", &[Fail::Status(503), Fail::Busy(0)]);
    play.push().code(0).says("3 episodes were sent, 0 were there already");
    assert_eq!(play.server.counts(), (play.n_pages(), 1));
    finds_the_same(&play);
}

/// Keeps both demo episodes, and one that is spoken in Chinese.
pub fn keep_columns<S: Served>(play: &Play<S>) {
    shelf::demos(&play.store);
    shelf::keep(
        &play.store,
        &shelf::said("money.mp3", "zh", "他們花了8萬億美元。\n深度求索的模型很便宜。"),
        shelf::id(1),
        "x",
    );
}

/// That an episode of which the server rejects a document, for the reason `why`, is sent again.
pub fn sends_again_what_was_rejected<S: Served>(play: &Play<S>, why: &str) {
    play.keep(1, "This was said.");
    play.keep(2, "Somebody else said that.");
    play.server.reject(Some("2.mp3"));
    let ran =
        play.push().code(1).says("1 episode was sent, 0 were there already; it rejected 1 episode");
    ran.says(&format!("`2.mp3`: {why}"));
    play.server.reject(None);
    play.push().code(0).says("1 episode was sent, 1 were there already");
    play.find("somebody else").code(0);
}

/// Whether a server that was pushed [`keep_columns`] finds in them what is found here.
pub fn finds_the_same<S: Served>(play: &Play<S>) {
    for phrase in [
        "eight trillion dollars",
        "8 trillion",
        "open models",
        "八万亿美元",
        "shenduqiusuo",
        "便宜",
        "the",
    ] {
        let find = |more: &[&str], code| -> Value {
            let words = ["find", "--json", "--exact", "--limit", "0", phrase];
            let ran = play.aloud_with(&[], &[&words[..], more].concat()).code(code);
            let mut json: Value = serde_json::from_str(&ran.out()).unwrap();
            json["hits"]
                .as_array_mut()
                .unwrap()
                .sort_by_key(|hit| (hit["file"].to_string(), hit["start"].to_string()));
            json
        };
        assert_eq!(find(&["--server", play.server.url()], 0), find(&[], 0), "{phrase}");
    }
    play.find("no such phrase anywhere").code(5);
    // What is near comes by a second question, and days are times to the server.
    for (more, code) in [
        (&["--since", "2020-01-01"][..], 0),
        (&["--since", "2100-01-01"], 5),
        (&["--in", "written"], 5),
    ] {
        let near = "eight trilion dollers";
        play.aloud_with(&[], &[&["find", "--server", play.server.url(), near], more].concat())
            .code(code);
    }
}

#[test]
fn a_push_that_broke_off_goes_on() {
    let play = Play::new();
    shelf::demos(&play.store);
    play.server.fail("/ingest", &[Fail::Status(400)]);
    play.push().code(1).says("it answers 400: not now");
    assert_eq!(play.server.counts(), (0, 0));
    play.push().code(0).says("2 episodes were sent, 0 were there already");
    let n = play.server.counts().0;
    play.push().code(0).says("0 episodes were sent, 2 were there already");
    assert_eq!(play.server.counts(), (n, 1));
    play.keep(1, "One more.");
    play.push().code(0).says("1 episode was sent, 2 were there already");
    assert_eq!(play.server.counts(), (n + 1, 2));
    let at =
        |url: &str| play.aloud_with(&[], &["find", "--server", url, "--quiet", "more"]).code(1);
    at("http://127.0.0.1:9/x/").says("127.0.0.1:9");
    for url in ["me:se@cret@localhost:1", "http://me:se/cret@localhost:1"] {
        let ran = play.aloud_with(&[], &["find", "--server", url, "--quiet", "more"]).code(2);
        assert!(!ran.says("the server `localhost:1`").err().contains("cret"), "{url}");
    }
    let wrong = format!("{}/x", play.server.url());
    at(&wrong).says("library schema");
}

/// A server applies deletes when it comes to it, to whatever is there by then.
#[test]
fn a_late_delete_leaves_the_new_text() {
    let play = Play::new();
    play.keep(1, "This was said at first.");
    play.keep(2, "Somebody else said that.");
    play.push().code(0);
    play.keep(1, "Now it sounds otherwise.");
    play.push().code(0).says("1 episode was sent, 1 were there already");
    // The old text is still there, and is not the episode's any more.
    assert_eq!(play.server.counts().0, 3);
    play.find("said at first").code(5);
    play.find("sounds otherwise").code(0);
    // And back: the text of the first push is a new push.
    play.keep(1, "This was said at first.");
    play.push().code(0).says("1 episode was sent");
    assert_eq!(play.server.delete(), 2);
    assert_eq!(play.server.counts().0, 2);
    play.find("said at first").code(0);
    play.find("somebody else").code(0);
    play.find("sounds otherwise").code(5);
}

/// Without notes the server is asked what it has, and what is old is forgotten all the same.
#[test]
fn what_a_server_has_is_known_without_notes() {
    let play = Play::new();
    play.keep(1, "This was said at first.");
    play.keep(2, "Somebody else said that.");
    play.push().code(0);
    play.lose_notes();
    play.push().code(0).says("0 episodes were sent, 2 were there already");
    assert_eq!(play.server.counts(), (2, 1));
    play.lose_notes();
    play.keep(1, "Now it sounds otherwise.");
    play.push().code(0).says("1 episode was sent, 1 were there already");
    assert_eq!((play.server.delete(), play.server.counts().0), (1, 2));
    // An index made anew has nothing, whatever was noted.
    play.server.index("aloud", true);
    play.push().code(0).says("2 episodes were sent, 0 were there already");
    // Another one by its name.
    play.server.index("aloud-2", true);
    play.push().code(1).says("is the index `aloud` there?");
    let other = [("ALOUD_SERVER_INDEX", "aloud-2")];
    play.aloud_with(&other, &["library", "push", play.server.url()])
        .code(0)
        .says("2 episodes were sent");
    play.aloud_with(
        &other,
        &["find", "--server", play.server.url(), "--exact", "sounds otherwise"],
    )
    .code(0);
    assert!(
        play.aloud_with(&other, &["library", "schema"])
            .code(0)
            .out()
            .contains("\nindex_id: aloud-2\n")
    );
    play.aloud_with(&[("ALOUD_SERVER_INDEX", "a/b")], &["library", "schema"])
        .code(2)
        .says("ALOUD_SERVER_INDEX");
}

#[test]
fn an_old_server_is_named_as_one() {
    let play = Play::new();
    play.keep(1, "eight trillion dollars");
    play.push().code(0);
    play.server.version("v0.8.2");
    let old = "it is Quickwit 0.8.2, which is too old; 0.9 or newer is needed";
    play.push().code(1).says(old);
    let find = play
        .aloud_with(&[], &["find", "--server", play.server.url(), "eight trilion dollers"])
        .code(1);
    assert!(!find.says(old).err().contains("unknown field"));
    // So is an index of before.
    play.server.version("v0.9.1");
    play.server.index("aloud", false);
    play.push().code(1).says("library schema");
}

#[test]
fn rejected_documents_are_no_pushed_episode() {
    sends_again_what_was_rejected(&Play::new(), "the field `day` is missing");
}

#[test]
fn rejected_documents_without_a_name_are_no_pushed_episodes() {
    let play = Play::new();
    play.keep(1, "This was said.");
    for n in [2, 3] {
        let said = shelf::said("2.mp3", "en", "Somebody else said that.");
        shelf::keep(&play.store, &said, shelf::id(n), "x");
    }
    play.server.reject(Some("2.mp3"));
    for n in [0, 1] {
        play.server.name(n);
        let why = format!("it rejected 2 of 3 documents and names only {n} of them");
        play.push().code(1).says(&why);
        // The next push begins anew with all of them.
        play.server.index("aloud", true);
    }
    play.server.reject(None);
    play.push().code(0).says("3 episodes were sent, 0 were there already");
}

#[test]
fn a_part_of_an_index_is_no_whole_answer() {
    let play = Play::new();
    (1..5).for_each(|n| play.keep(n, "This was said."));
    play.push().code(0);
    // Who pushes asks all of it.
    let asked = play.server.asked("_search");
    let is_strict = |asked: &String| asked.contains("allow_partial_search_results=false");
    assert!(!asked.is_empty() && asked.iter().all(is_strict), "{asked:?}");
    play.server.lose(Some(true));
    let ran = play.find("this was said").code(0).says("1 of 2 parts of the index did not answer");
    assert_eq!(ran.out().lines().count(), 2, "{}", ran.out());
    // So does who has it forget.
    let id = shelf::id(9).to_string();
    play.aloud_with(&[], &["library", "rm", "--yes", "--server", play.server.url(), &id])
        .code(1)
        .says("search failed for the following splits");
    play.server.lose(Some(false));
    play.find("this was said").code(1).says("search failed for the following splits");
}

#[test]
fn what_was_found_outlives_a_second_question() {
    let play = Play::new();
    play.keep(1, "This was said.");
    play.push().code(0);
    // Exact pages, whose pushes are the newest, and then what is near.
    play.server.fail("_search", &[Fail::Pass, Fail::Pass, Fail::Status(400)]);
    let ran =
        play.aloud_with(&[], &["find", "--server", play.server.url(), "this was said"]).code(0);
    assert_eq!(ran.out().lines().count(), 1);
    ran.says("not all was searched: ").says("it answers 400: not now");
    play.server.fail("_search", &[Fail::Status(400)]);
    play.aloud_with(&[], &["find", "--server", play.server.url(), "this was said"])
        .code(1)
        .says("it answers 400: not now");
}

/// A server that says when to come back is not asked before, and what it did though nobody knows is
/// not done twice.
#[test]
fn patience() {
    let play = Play::new();
    play.keep(1, "This was said.");
    play.server.fail("/ingest", &[Fail::Busy(2)]);
    play.push().code(0).says("too many requests; trying again for a while");
    assert_eq!((play.server.asked("/ingest").len(), play.server.counts()), (2, (1, 1)));
    play.server.fail("_search", &[Fail::Busy(2)]);
    play.find("this was said").code(0);
    for (n, fail) in [(2, Fail::Late), (3, Fail::Gone)] {
        play.keep(n, "Somebody else said that.");
        // It cannot be found at once either.
        play.server.late(2);
        play.server.fail("/ingest", &[fail]);
        play.push().code(0).says("1 episode was sent");
        assert_eq!(play.server.counts(), (n as usize, n as usize), "{fail:?}");
    }
    assert!(play.server.asked("/ingest").iter().all(|asked| asked.contains("commit=wait_for")));
    // Nobody is kept waiting for an hour.
    play.server.fail("_search", &[Fail::Busy(3600)]);
    play.find("this was said")
        .code(1)
        .says("it answers 429: too many requests; it asks to be left alone for 3600 seconds");
}

#[test]
fn many_episodes_go_several_ways_at_once() {
    let play = Play::new();
    let words = "and so they went on about it for a while and nobody listened ".repeat(4);
    (0..450).for_each(|n| play.keep(n, &format!("This was said as number {n}. {words}")));
    play.server.want_two();
    play.push().code(0).says("450 episodes were sent, 0 were there already");
    assert!(play.server.most_at_once() >= 2);
    assert!(
        play.server.asked("/ingest").iter().all(|asked| asked.contains("content-encoding: gzip"))
    );
    // More than one answer holds, each asked for behind the last one.
    assert_eq!(play.find("this was said").code(0).out().lines().count(), 450);
    assert_eq!(play.server.pushes().len(), 450);
}

/// An episode may be longer than a server takes at once.
#[test]
fn no_body_is_longer_than_a_server_takes() {
    let play = Play::new();
    let line = |n: usize| {
        (0..20).map(|word| format!("word{} ", n * 31 % 977 + word)).collect::<String>()
            + "and so on."
    };
    let text: Vec<String> = (0..12_000).map(line).collect();
    play.keep(1, &text.join("\n"));
    play.keep(2, "This was said.");
    // What became of its second body nobody knows, and it is there.
    play.server.fail("/ingest", &[Fail::Pass, Fail::Late]);
    play.push().code(0).says("2 episodes were sent, 0 were there already");
    let (n_documents, n_bodies) = play.server.counts();
    assert_eq!(n_documents, play.n_pages());
    assert!(n_bodies >= 2, "{n_bodies} bodies");
}

/// Parts of an index hold what came together: what is of one time has to.
#[test]
fn episodes_go_by_their_days() {
    let play = Play::new();
    let days = [(1, 3_000), (2, 1_000), (3, 5_000), (4, 2_000), (5, 4_000)];
    for (n, day) in days {
        play.keep(n, "This was said.");
        let tags = aloud::episode::Tags::default();
        let episode = aloud::episode::Episode { file: format!("{n}.mp3"), id: shelf::id(n), tags };
        let place = aloud::index::Place {
            path: format!("/there/{n}.mp3").into(),
            bytes: 1,
            modified: day * 1_000_000_000,
        };
        place.keep(&play.store, &episode);
    }
    play.push().code(0);
    assert_eq!(play.server.files(), ["2.mp3", "4.mp3", "1.mp3", "5.mp3", "3.mp3"]);
}

#[test]
fn nobody_is_told_a_password() {
    let play = Play::new();
    play.keep(1, "This was said.");
    let named = play.server.url().replace("://", "://me:se%40cret@");
    play.server.token("authorization: Basic bWU6c2VAY3JldA==");
    let push = |url: &str| play.aloud_with(&[], &["library", "push", url]);
    let seen = |ran: Ran| assert!(!ran.err().contains("cret"), "{}", ran.err());
    play.server.fail("/ingest", &[Fail::Status(400)]);
    seen(push(&named).code(1));
    seen(push(&named).code(0).says("1 episode was sent"));
    seen(
        push(play.server.url())
            .code(1)
            .fails("it answers 401: who are you?", "the setting `server-header` says who asks"),
    );
    // The same server by another way in.
    play.server.token("X-Token: se@cret");
    let token = [("ALOUD_SERVER_HEADER", "X-Token: se@cret")];
    let again = play.aloud_with(&token, &["library", "push", play.server.url()]).code(0);
    seen(again.says("0 episodes were sent, 1 were there already"));
    play.aloud_with(&token, &["find", "--server", play.server.url(), "this was said"]).code(0);
    for arguments in [&["config"][..], &["config", "--json"], &["doctor", "--report"]] {
        let ran = play.aloud_with(&token, arguments);
        assert!(!(ran.out() + &ran.err()).contains("cret"), "{arguments:?}");
    }
    let folder = shelf::folder(&play.desk);
    let names = fs::read_dir(&folder)
        .unwrap()
        .flatten()
        .filter(|file| file.file_name().to_string_lossy().starts_with("pushed-"));
    let notes: Vec<String> = names.map(|file| fs::read_to_string(file.path()).unwrap()).collect();
    assert!(notes.len() == 1 && !notes[0].contains("cret"), "{notes:?}");
    let broken = [("ALOUD_SERVER_HEADER", "se@cret")];
    seen(
        play.aloud_with(&broken, &["library", "push", play.server.url()])
            .code(2)
            .says("ALOUD_SERVER_HEADER"),
    );
}

/// Servers have one header between them, which is not for all of them.
#[test]
fn a_header_goes_to_the_named_server_only() {
    let (play, other) = (Play::new(), Quickwit::start());
    (1..3).for_each(|n| play.keep(n, "This was said."));
    play.server.token("X-Token: se@cret");
    let token = [("ALOUD_SERVER_HEADER", "X-Token: se@cret")];
    let push = || play.aloud_with(&token, &["library", "push", play.server.url()]).code(0);
    play.aloud_with(&[], &["library", "push", other.url()]).code(0);
    push();
    let rm = |more: &[&str]| {
        play.aloud_with(&token, &[&["library", "rm", "--yes"], more].concat()).code(0)
    };
    rm(&["--server", play.server.url(), "1.mp3"]);
    assert_eq!((play.server.delete(), other.delete()), (1, 1));
    rm(&["2.mp3"]).says("goes to whom `--server` names; the next `aloud library push` tells it");
    assert_eq!((play.server.delete(), other.delete()), (0, 1));
    push();
    assert_eq!(play.server.delete(), 1);
    assert!(other.asked("").iter().all(|asked| !asked.contains("x-token")));
}

#[test]
fn a_server_of_a_private_authority() {
    let play = Play::with(Quickwit::start_private());
    play.keep(1, "This was said.");
    play.push().code(1).says("the encryption fails");
    let authority = root().join("tests/data/tls/ca.pem").display().to_string();
    let private = [("ALOUD_SERVER_CA", authority.as_str())];
    play.aloud_with(&private, &["library", "push", play.server.url()])
        .code(0)
        .says("1 episode was sent");
    play.aloud_with(&private, &["find", "--server", play.server.url(), "this was said"]).code(0);
    for path in ["nowhere.pem", &root().join("README.md").display().to_string()] {
        play.aloud_with(&[("ALOUD_SERVER_CA", path)], &["library", "push", play.server.url()])
            .code(2)
            .says("ALOUD_SERVER_CA");
    }
}

#[test]
fn what_is_removed_is_forgotten_there_too() {
    let play = Play::new();
    play.keep(1, "This was said.");
    play.keep(2, "Somebody else said that.");
    play.push().code(0);
    let rm = |more: &[&str]| play.aloud_with(&[], &[&["library", "rm", "--yes"], more].concat());
    rm(&["1.mp3"]).code(0).says("forgets it too, in its own time");
    // Who comes back meanwhile stays.
    play.keep(1, "This was said.");
    play.push().code(0).says("1 episode was sent");
    assert_eq!((play.server.delete(), play.server.counts().0), (1, 2));
    play.find("this was said").code(0);
    // A server that does not answer is told the next time.
    play.server.fail("/delete-tasks", &[Fail::Status(400)]);
    rm(&["1.mp3"]).code(0).says("it answers 400: not now; the next `aloud library push` tells it");
    assert_eq!(play.server.delete(), 0);
    play.push().code(0).says("0 episodes were sent, 1 were there already");
    assert_eq!((play.server.delete(), play.server.counts().0), (1, 1));
    // Nor does it need notes, or an episode that is here.
    play.lose_notes();
    rm(&["--server", play.server.url(), &shelf::id(2).to_string()]).code(0).says("forgets it too");
    rm(&["--server", play.server.url(), &shelf::id(2).to_string()]).code(0);
    assert_eq!((play.server.delete() > 0, play.server.counts().0), (true, 0));
    rm(&["--server", play.server.url(), &shelf::id(9).to_string()])
        .code(0)
        .says("has nothing of it");
}

#[cfg(unix)]
#[test]
fn a_server_that_says_nothing_is_left_with_ctrl_c() {
    use std::io::Read;
    use std::process::{Command, Stdio};
    use std::time::{Duration, Instant};
    for words in [&["find", "--server"][..], &["library", "push"]] {
        let desk = Desk::new();
        let silent = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}", silent.local_addr().unwrap());
        let arguments = [words, &[&url], if words[0] == "find" { &["more"] } else { &[] }].concat();
        let mut child = desk.command(&arguments).stderr(Stdio::piped()).spawn().unwrap();
        let (mut stream, _) = silent.accept().unwrap();
        stream.read_exact(&mut [0]).unwrap();
        assert!(
            Command::new("kill")
                .args(["-INT", &child.id().to_string()])
                .status()
                .unwrap()
                .success()
        );
        // Half as long as a server may be silent.
        let begin = Instant::now();
        while child.try_wait().unwrap().is_none() && begin.elapsed() < Duration::from_secs(30) {
            std::thread::sleep(Duration::from_millis(20));
        }
        let is_over = child.try_wait().unwrap().is_some();
        let _ = child.kill();
        let output = child.wait_with_output().unwrap();
        assert!(is_over, "it waits for the server");
        Ran::of(words, output).code(130).says("cancelled");
    }
}

#[test]
fn the_schema_has_every_field() {
    let play = Play::new();
    play.keep(1, "One.");
    let schema = play.aloud_with(&[], &["library", "schema"]).code(0).out();
    let line = play.aloud_with(&[], &["library", "export", "--ndjson"]).code(0).out();
    let document: Value = serde_json::from_str(&line).unwrap();
    let named: Vec<&str> =
        schema.lines().filter_map(|line| line.trim().strip_prefix("- name: ")).collect();
    assert_eq!(document.as_object().unwrap().keys().map(String::as_str).collect::<Vec<_>>(), named);
    // A text stands in a document once.
    assert_eq!(line.matches("One.").count(), 1, "{line}");
    assert!(!line.contains(base64_of("One.").trim_end_matches('=')), "{line}");
}

fn base64_of(text: &str) -> String {
    use base64::Engine;
    base64::engine::general_purpose::STANDARD.encode(text)
}
