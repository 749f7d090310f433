//! Fetching from servers that drop, stall, lie, ignore ranges and send wrong bytes.

use super::{DownloadError, Event, Fetched, Hooks, Order, Policy, Proxies, fetch, forget, kept};
use crate::models::sample;
use crate::models::tensors::Weights;
use crate::models::verify;
use crate::web::download::beside;
use crate::web::server::{Reply, Server};
use std::cell::{Cell, RefCell};
use std::fs;
use std::path::Path;
use std::time::Duration;

/// A folder, a whole small model and its SHA-1, and what happened.
struct Stage {
    dir: tempfile::TempDir,
    model: Vec<u8>,
    sums: verify::Sums,
    events: RefCell<Vec<String>>,
    slept: Cell<Duration>,
    cancel_at: Cell<u64>,
}

impl Stage {
    fn new() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let model = sample::model(Weights::Q4_0);
        let path = dir.path().join("original");
        fs::write(&path, &model).unwrap();
        let sums = verify::sums(&path, true, &mut |_, _| true).unwrap();
        let (events, slept, cancel_at) = (RefCell::default(), Cell::default(), Cell::new(u64::MAX));
        Self { dir, model, sums, events, slept, cancel_at }
    }

    fn order(&self, server: &Server) -> Order {
        Order {
            url: server.url("ggml-x.bin"),
            path: self.dir.path().join("models/ggml-x.bin"),
            bytes: Some(self.model.len() as u64),
            sha1: Some(self.sums.sha1.clone()),
        }
    }

    fn policy() -> Policy {
        Policy {
            retries: 3,
            first_pause: Duration::from_secs(1),
            longest_pause: Duration::from_secs(60),
            stall: Duration::from_millis(150),
            proxies: Proxies::default(),
            free_space: |_| Ok(u64::MAX),
            ..Policy::of_user()
        }
    }

    fn fetch(&self, order: &Order, policy: &Policy) -> Result<Fetched, DownloadError> {
        let done = Cell::new(0);
        let mut on_event = |event: Event<'_>| match event {
            Event::Progress { done: bytes, total, speed } => {
                assert!(
                    bytes > done.get() || bytes <= 64 * 1024,
                    "progress runs backwards only after starting over"
                );
                assert!(speed.is_finite() && total.is_none_or(|total| bytes <= total));
                done.set(bytes);
            }
            event => self.events.borrow_mut().push(format!("{event:?}")),
        };
        let mut hooks = Hooks {
            on_event: &mut on_event,
            is_cancelled: &|| done.get() >= self.cancel_at.get(),
            sleep: &|pause| self.slept.set(self.slept.get() + pause),
        };
        fetch(order, policy, &mut hooks)
    }

    /// Fetches from a server with these replies; the file must arrive. Gives the requests.
    fn arrives(&self, replies: Vec<Reply>) -> Vec<String> {
        let server = Server::start(replies);
        let order = self.order(&server);
        assert!(matches!(self.fetch(&order, &Self::policy()).unwrap(), Fetched::Done(_)));
        assert_eq!(fs::read(&order.path).unwrap(), self.model);
        assert_eq!(kept(&order.path), None);
        server.asked()
    }

    /// The same, but it must fail; gives the error.
    fn fails(&self, replies: Vec<Reply>) -> DownloadError {
        let server = Server::start(replies);
        let order = self.order(&server);
        let error = self.fetch(&order, &Self::policy()).unwrap_err();
        assert!(!order.path.exists(), "nothing has the model's name");
        error
    }

    fn has_event(&self, text: &str) -> bool {
        self.events.borrow().iter().any(|event| event.contains(text))
    }
}

#[test]
fn an_honest_server() {
    let stage = Stage::new();
    let asked = stage.arrives(vec![Reply::file(&stage.model)]);
    assert_eq!(asked.len(), 1);
    assert!(asked[0].starts_with("get /ggml-x.bin http/1.1"), "{}", asked[0]);
    assert!(
        asked[0].contains("user-agent: aloud/") && asked[0].contains("accept-encoding: identity"),
        "{}",
        asked[0]
    );
    assert!(!asked[0].contains("range"), "{}", asked[0]);
    assert_eq!(stage.events.borrow().as_slice(), ["Checking"]);
    // A second time nothing is asked.
    let server = Server::start(vec![Reply::status(404, "")]);
    assert_eq!(
        stage.fetch(&stage.order(&server), &Stage::policy()).unwrap(),
        Fetched::AlreadyThere
    );
    assert!(server.asked().is_empty());
}

#[test]
fn dropped_connections_are_resumed() {
    let stage = Stage::new();
    let half = Reply { breaks_after: Some(300_000), ..Reply::file(&stage.model) };
    let asked = stage.arrives(vec![half.clone(), half, Reply::file(&stage.model)]);
    assert!(
        asked[1].contains("range: bytes=300000-") && asked[1].contains("if-range: \"v1\""),
        "{}",
        asked[1]
    );
    assert!(asked[2].contains("range: bytes=600000-"), "{}", asked[2]);
    // Each attempt brought something, so each pause is the first one.
    assert_eq!(stage.slept.get(), Duration::from_secs(2));
}

#[test]
fn a_stalled_connection_is_left_and_resumed() {
    let stage = Stage::new();
    let stalled = Reply { breaks_after: Some(200_000), stalls: true, ..Reply::file(&stage.model) };
    let asked = stage.arrives(vec![stalled, Reply::file(&stage.model)]);
    assert!(asked[1].contains("range: bytes=200000-"), "{}", asked[1]);
}

#[test]
fn busy_servers_are_asked_again() {
    let stage = Stage::new();
    let asked = stage.arrives(vec![
        Reply::status(503, "Retry-After: 7"),
        Reply::status(500, ""),
        Reply::status(429, "Retry-After: 100000"),
        Reply::file(&stage.model),
    ]);
    assert_eq!(asked.len(), 4);
    // Seven as asked, two as the second doubling, and a day cut to the longest pause.
    assert_eq!(stage.slept.get(), Duration::from_secs(7 + 2 + 60));
    let error = stage_error_after_retries();
    assert!(error.contains("4 attempts") && error.contains("503"), "{error}");
}

fn stage_error_after_retries() -> String {
    Stage::new().fails(vec![Reply::status(503, "")]).to_string()
}

#[test]
fn refusals_are_final() {
    for (status, says) in [(404, "no such file"), (403, "everybody"), (418, "418")] {
        let stage = Stage::new();
        let error = stage.fails(vec![Reply::status(status, "")]);
        assert!(error.to_string().contains(says), "{error}");
        assert_eq!(stage.slept.get(), Duration::ZERO);
        assert_eq!(
            kept(&stage.dir.path().join("models/ggml-x.bin")),
            None,
            "nothing is left behind"
        );
    }
}

#[test]
fn a_server_without_ranges_starts_over() {
    let stage = Stage::new();
    let first = Reply { breaks_after: Some(300_000), ..Reply::file(&stage.model) };
    stage.arrives(vec![first, Reply { has_ranges: false, ..Reply::file(&stage.model) }]);
    assert!(stage.has_event("from its start"));
}

#[test]
fn a_file_that_changes_meanwhile_starts_over() {
    let stage = Stage::new();
    let old = Reply {
        breaks_after: Some(300_000),
        headers: vec!["ETag: \"old\"".into()],
        ..Reply::file(&vec![7; stage.model.len()])
    };
    stage.arrives(vec![old, Reply::file(&stage.model)]);
    assert!(stage.has_event("from its start"));
}

#[test]
fn lies_about_length() {
    let stage = Stage::new();
    let len = stage.model.len();
    for claims in [len - 1, len + 1, 0] {
        let error = stage.fails(vec![Reply { claims: Some(claims), ..Reply::file(&stage.model) }]);
        assert!(
            matches!(error, DownloadError::WrongLength { found, .. } if found == claims as u64),
            "{error}"
        );
    }
    // Too long without a stated length.
    let longer = [stage.model.as_slice(), &[0; 100_000]].concat();
    let error = stage.fails(vec![Reply { is_chunked: true, ..Reply::file(&longer) }]);
    assert!(matches!(error, DownloadError::WrongLength { .. }), "{error}");
    assert_eq!(kept(&stage.dir.path().join("models/ggml-x.bin")), None);
    // Too short without a stated length: it is asked again, in vain.
    let error = stage.fails(vec![Reply {
        is_chunked: true,
        has_ranges: false,
        ..Reply::file(&stage.model[..1000])
    }]);
    assert!(
        matches!(error, DownloadError::GaveUp { .. }) && error.to_string().contains("ended early"),
        "{error}"
    );
    // In chunks, honestly.
    stage.arrives(vec![Reply { is_chunked: true, ..Reply::file(&stage.model) }]);
}

#[test]
fn lies_about_length_where_it_is_not_known() {
    let stage = Stage::new();
    let server = Server::start(vec![Reply {
        claims: Some(stage.model.len() + 5),
        ..Reply::file(&stage.model)
    }]);
    let order = Order { bytes: None, ..stage.order(&server) };
    let error = stage.fetch(&order, &Stage::policy()).unwrap_err();
    assert!(matches!(error, DownloadError::GaveUp { attempts: 4, .. }), "{error}");
}

#[test]
fn a_hotel_page_costs_nothing_that_is_there() {
    let stage = Stage::new();
    let first = Reply { breaks_after: Some(300_000), ..Reply::file(&stage.model) };
    let page = Reply { has_ranges: false, ..Reply::file(b"<html>Room number, please</html>") };
    let error = stage.fails(vec![first, page]);
    assert!(matches!(error, DownloadError::WrongLength { found: 32, .. }), "{error}");
    assert_eq!(kept(&stage.dir.path().join("models/ggml-x.bin")), Some(300_000));
    let asked = stage.arrives(vec![Reply::file(&stage.model)]);
    assert!(asked[0].contains("range: bytes=300000-"));
}

#[test]
fn wrong_bytes_are_fetched_once_more() {
    let stage = Stage::new();
    let mut wrong = stage.model.clone();
    *wrong.last_mut().unwrap() ^= 1;
    assert_eq!(stage.arrives(vec![Reply::file(&wrong), Reply::file(&stage.model)]).len(), 2);
    assert!(stage.has_event("wrong bytes"));

    let stage = Stage::new();
    let error = stage.fails(vec![Reply::file(&wrong)]);
    assert!(
        matches!(&error, DownloadError::Unfit(reason) if reason.why.contains("their SHA-1 is")),
        "{error}"
    );
    assert_eq!(kept(&stage.dir.path().join("models/ggml-x.bin")), None, "and removed");
}

#[test]
fn without_sha1_the_server_s_sum_and_the_structure_decide() {
    let stage = Stage::new();
    let linked = |sum: &str| Reply {
        headers: vec![format!("X-Linked-Etag: \"{sum}\""), "Location: /elsewhere".into()],
        status: 302,
        ..Reply::file(b"")
    };
    let right = stage.sums.sha256.clone().unwrap();
    let server = Server::start(vec![linked(&right), Reply::file(&stage.model)]);
    let order = Order { sha1: None, bytes: None, ..stage.order(&server) };
    stage.fetch(&order, &Stage::policy()).unwrap();
    assert!(server.asked()[1].starts_with("get /elsewhere"));

    fs::remove_file(&order.path).unwrap();
    let server = Server::start(vec![
        linked(&"0".repeat(64)),
        Reply::file(&stage.model),
        linked(&"0".repeat(64)),
        Reply::file(&stage.model),
    ]);
    let error = stage
        .fetch(&Order { url: server.url("x"), ..order.clone() }, &Stage::policy())
        .unwrap_err();
    assert!(
        matches!(&error, DownloadError::Unfit(reason) if reason.why.contains("their SHA-256 is")),
        "{error}"
    );

    for (body, says) in
        [(&b"<html></html>"[..], "web page"), (&stage.model[..sample::tensors_at()], "no weights")]
    {
        let server = Server::start(vec![Reply::file(body)]);
        let error = stage
            .fetch(&Order { url: server.url("x"), ..order.clone() }, &Stage::policy())
            .unwrap_err();
        assert!(
            matches!(error, DownloadError::Unfit(_)) && error.to_string().contains(says),
            "{error}"
        );
    }
}

#[test]
fn redirects_that_end_nowhere() {
    let stage = Stage::new();
    let error = stage.fails(vec![Reply::status(302, "Location: /again")]);
    assert!(error.to_string().contains("on and on"), "{error}");
    let error = stage.fails(vec![Reply::status(302, "")]);
    assert!(error.to_string().contains("leads nowhere"), "{error}");
}

#[test]
fn cancelling_keeps_what_came_and_the_next_run_continues() {
    let stage = Stage::new();
    stage.cancel_at.set(500_000);
    let stalled = Reply { breaks_after: Some(600_000), stalls: true, ..Reply::file(&stage.model) };
    let error = stage.fails(vec![stalled]);
    let DownloadError::Cancelled { kept } = error else { panic!("{error}") };
    assert!((500_000..=600_000).contains(&kept));
    stage.cancel_at.set(u64::MAX);
    let asked = stage.arrives(vec![Reply::file(&stage.model)]);
    assert!(
        asked[0].contains(&format!("range: bytes={kept}-")) && asked[0].contains("if-range"),
        "{}",
        asked[0]
    );
}

#[test]
fn leftovers_of_other_runs() {
    let stage = Stage::new();
    let path = stage.dir.path().join("models/ggml-x.bin");
    let part = beside(&path, ".part");
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    // Longer than the file: the server has no such range.
    fs::write(&part, vec![0; stage.model.len() + 10]).unwrap();
    stage.arrives(vec![Reply::file(&stage.model)]);
    // Complete but not named.
    fs::rename(&path, &part).unwrap();
    assert!(stage.arrives(vec![Reply::status(404, "")]).is_empty());
    // As long as the file, but wrong.
    fs::remove_file(&path).unwrap();
    fs::write(&part, vec![0; stage.model.len()]).unwrap();
    assert_eq!(stage.arrives(vec![Reply::file(&stage.model)]).len(), 1);
    fs::write(&part, "x").unwrap();
    forget(&path).unwrap();
    forget(&path).unwrap();
    assert_eq!(kept(&path), None);
}

#[test]
fn two_pulls_do_not_collide() {
    let stage = Stage::new();
    let server = Server::start(vec![Reply::file(&stage.model)]);
    let order = stage.order(&server);
    fs::create_dir_all(order.path.parent().unwrap()).unwrap();
    let other = fs::File::create(beside(&order.path, ".lock")).unwrap();
    other.lock().unwrap();
    let events = RefCell::new(Vec::new());
    let mut hooks = Hooks {
        on_event: &mut |event| events.borrow_mut().push(format!("{event:?}")),
        is_cancelled: &|| false,
        // While this one waits, the other one finishes.
        sleep: &|_| fs::write(&order.path, "fetched by the other").unwrap(),
    };
    assert_eq!(fetch(&order, &Stage::policy(), &mut hooks).unwrap(), Fetched::AlreadyThere);
    assert_eq!(events.borrow().as_slice(), ["Waiting"]);
    assert!(server.asked().is_empty());
    assert!(forget(&order.path).is_err(), "nothing is taken from under it");
    // Cancelled while waiting.
    fs::remove_file(&order.path).unwrap();
    let mut hooks = Hooks { on_event: &mut |_| {}, is_cancelled: &|| true, sleep: &|_| {} };
    assert!(matches!(
        fetch(&order, &Stage::policy(), &mut hooks),
        Err(DownloadError::Cancelled { kept: 0 })
    ));
    // The other one gave up: its lock is free, and this one fetches.
    drop(other);
    assert!(matches!(stage.fetch(&order, &Stage::policy()).unwrap(), Fetched::Done(_)));
}

#[test]
fn a_full_disk_is_told_before_anything_is_asked() {
    let stage = Stage::new();
    let server = Server::start(vec![Reply::file(&stage.model)]);
    let policy = Policy { free_space: |_| Ok(1_000_000), ..Stage::policy() };
    let error = stage.fetch(&stage.order(&server), &policy).unwrap_err();
    assert!(error.to_string().contains("has room for 1.0 MB, and 18 MB are needed"), "{error}");
    assert!(server.asked().is_empty());
    // Where the length is not known, before the first byte.
    let error = stage.fetch(&Order { bytes: None, ..stage.order(&server) }, &policy).unwrap_err();
    assert!(matches!(error, DownloadError::NoSpace { .. }), "{error}");
    let blocked = Order { path: stage.dir.path().join("original/x.bin"), ..stage.order(&server) };
    assert!(matches!(stage.fetch(&blocked, &policy), Err(DownloadError::Disk { .. })));
}

#[test]
fn proxies_are_gone_through() {
    let stage = Stage::new();
    let proxy = Server::start(vec![Reply::file(&stage.model)]);
    let order = Order { url: "http://models.invalid/ggml-x.bin".into(), ..stage.order(&proxy) };
    let proxies = Proxies { http: Some(proxy.url("")), ..Proxies::default() };
    stage.fetch(&order, &Policy { proxies, ..Stage::policy() }).unwrap();
    assert!(proxy.asked()[0].contains("models.invalid"), "{}", proxy.asked()[0]);
    fs::remove_file(&order.path).unwrap();
    let proxies = Proxies { all: Some("gopher://me:secret@old.net".into()), ..Proxies::default() };
    let error =
        stage.fetch(&order, &Policy { proxies, ..Stage::policy() }).unwrap_err().to_string();
    assert!(error.contains("old.net") && !error.contains("secret"), "{error}");
}

#[test]
fn addresses_that_lead_nowhere() {
    let stage = Stage::new();
    let path = stage.dir.path().join("x.bin");
    let closed = {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        format!("http://{}/x", listener.local_addr().unwrap())
    };
    for (url, is_final) in
        [("ftp://x/y", true), ("not an address", true), ("", true), (closed.as_str(), false)]
    {
        let order = Order { url: url.into(), path: path.clone(), bytes: None, sha1: None };
        let error = stage.fetch(&order, &Stage::policy()).unwrap_err();
        assert_eq!(matches!(error, DownloadError::BadUrl { .. }), is_final, "{url}: {error}");
    }
    assert!(!Path::new(&path).exists());
}
