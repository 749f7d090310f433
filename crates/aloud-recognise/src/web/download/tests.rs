//! Files whose hash nobody knows: what of them goes on, what begins again, and what a file that is
//! there outlives.

use super::super::server::{Reply, Server};
use super::*;

const ADVICE: Advice = Advice { folder: "another folder", address: "the address" };

fn policy() -> Policy {
    Policy {
        retries: 2,
        proxies: Proxies::default(),
        free_space: |_| Ok(u64::MAX),
        ..Policy::of_user()
    }
}

/// Fetches from a server with these replies to `path`; what came of it, and the requests.
fn fetched(
    path: &Path,
    replaces: bool,
    replies: Vec<Reply>,
) -> (Result<Fetched, DownloadError>, Vec<String>) {
    fetched_by(path, replaces, replies, &policy())
}

fn fetched_by(
    path: &Path,
    replaces: bool,
    replies: Vec<Reply>,
    policy: &Policy,
) -> (Result<Fetched, DownloadError>, Vec<String>) {
    let server = Server::start(replies);
    let judge = |arrived: &Arrived<'_>| match fs::read(arrived.path) {
        Ok(bytes) if bytes.starts_with(b"<html") => Err(Verdict::Unfit("a web page".into())),
        Ok(_) => Ok(()),
        Err(error) => Err(Verdict::Unread(error)),
    };
    let (url, path, refuse) = (server.url("a.mp3"), path.to_owned(), |_: &str| None);
    let order = Order {
        url,
        named_by: None,
        path,
        replaces,
        bytes: None,
        most: None,
        advice: ADVICE,
        refuse,
        judge: &judge,
    };
    let mut hooks = Hooks { on_event: &mut |_| {}, is_cancelled: &|| false, sleep: &|_| {} };
    let fetched = fetch(&order, policy, &mut hooks);
    (fetched, server.asked())
}

#[test]
fn two_versions_are_never_one_file() {
    let (old, new) = (vec![b'a'; 200_000], vec![b'b'; 200_000]);
    let reply = |body: &[u8], headers: &[&str]| Reply {
        headers: headers.iter().map(|&line| line.into()).collect(),
        ..Reply::file(body)
    };
    let cut = |reply: Reply| Reply { breaks_after: Some(100_000), ..reply };
    let longer = [new.as_slice(), b"b"].concat();
    // What the old version said of itself, the new one, its headers, whether the server knows
    // `If-Range`, and whether the first bytes are of any use.
    for (was, body, is, knows, goes_on) in [
        (&["ETag: \"1\""][..], &old, &["ETag: \"1\""][..], true, true),
        (&["ETag: \"1\""], &new, &["ETag: \"2\""], true, false),
        (&["ETag: \"1\""], &new, &["ETag: \"2\""], false, false),
        (&["ETag: W/\"1\""], &old, &["ETag: W/\"1\""], false, true),
        (&["ETag: W/\"1\""], &new, &["ETag: W/\"2\""], false, false),
        (&["Last-Modified: then"], &old, &["Last-Modified: then"], true, true),
        (&["Last-Modified: then"], &new, &["Last-Modified: now"], false, false),
        (&["ETag: \"1\"", "Last-Modified: then"], &new, &["Last-Modified: now"], false, false),
        (&[], &longer, &[], false, false),
        (&[], &old, &[], false, true),
    ] {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.mp3");
        let second = Reply { ignores_if_range: !knows, ..reply(body, is) };
        let (done, asked) = fetched(&path, false, vec![cut(reply(&old, was)), second]);
        assert!(matches!(done, Ok(Fetched::Done(_))), "{was:?} {is:?}: {done:?}");
        assert!(fs::read(&path).unwrap() == *body, "{was:?} {is:?}");
        assert_eq!(asked.len(), if goes_on || knows { 2 } else { 3 }, "{was:?} {is:?}");
    }
    // A length that nobody stated, and no version: nothing can tell, so it comes whole.
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.mp3");
    let chunked = Reply { breaks_after: Some(100_000), is_chunked: true, ..reply(&old, &[]) };
    let (done, asked) = fetched(&path, false, vec![chunked, reply(&new, &[])]);
    assert!(matches!(done, Ok(Fetched::Done(_))) && fs::read(&path).unwrap() == new, "{done:?}");
    assert!(!asked[1].contains("range:"), "{}", asked[1]);
}

#[test]
fn what_is_replaced_stays_until_the_new_one_is_whole() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.mp3");
    for (reply, is_done, want) in [
        (Reply::status(404, ""), false, "old"),
        (Reply { breaks_after: Some(2), has_ranges: false, ..Reply::file(b"newer") }, false, "old"),
        (Reply::file(b"<html>log in"), false, "old"),
        (Reply::file(b"new"), true, "new"),
    ] {
        fs::write(&path, "old").unwrap();
        forget(&path).unwrap();
        let (done, _) = fetched(&path, true, vec![reply]);
        assert_eq!(matches!(done, Ok(Fetched::Done(_))), is_done, "{done:?}");
        assert_eq!(fs::read_to_string(&path).unwrap(), want);
    }
    let (done, asked) = fetched(&path, false, vec![Reply::file(b"x")]);
    assert!(matches!(done, Ok(Fetched::AlreadyThere)) && asked.is_empty());
}

#[test]
fn a_server_that_sends_a_byte_now_and_then_is_left() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.mp3");
    let dripping = Reply { drips_body: true, ..Reply::file(&[b'a'; 60]) };
    let slow = |time, retries| Policy { least: Pace { bytes: 1000, time }, retries, ..policy() };
    // What came is kept, and another attempt goes on there.
    let (done, asked) = fetched_by(
        &path,
        false,
        vec![dripping.clone(), Reply::file(&[b'a'; 60])],
        &slow(Duration::from_millis(200), 1),
    );
    assert!(
        matches!(done, Ok(Fetched::Done(_))) && fs::read(&path).unwrap() == [b'a'; 60],
        "{done:?}"
    );
    assert!(asked.len() == 2 && asked[1].contains("range: bytes="), "{asked:?}");
    fs::remove_file(&path).unwrap();
    let (done, asked) =
        fetched_by(&path, false, vec![dripping.clone()], &slow(Duration::from_millis(200), 1));
    let error = done.unwrap_err();
    let said = error.to_string();
    assert!(said.ends_with("after 2 attempts: no more than 0.0 kB came in 0 seconds"), "{said}");
    assert!(error.hint().is_some_and(|hint| hint.contains("are kept")), "{error:?}");
    assert_eq!(asked.len(), 2);
    let (done, _) = fetched_by(&path, false, vec![dripping], &slow(Duration::from_secs(60), 0));
    assert!(
        matches!(done, Ok(Fetched::Done(_))),
        "who is slow for less than that time is waited for: {done:?}"
    );
}

#[test]
fn what_a_public_address_names_is_not_fetched_from_this_machine() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.mp3");
    let server = Server::start(vec![Reply::file(b"secret")]);
    for (named_by, is_fetched) in [
        (Some("http://93.184.216.34/feed"), false),
        (Some("http://127.0.0.1:1/feed"), true),
        (None, true),
    ] {
        let (url, path, refuse) = (server.url("a.mp3"), path.clone(), |_: &str| None);
        let order = Order {
            url,
            named_by,
            path,
            replaces: true,
            bytes: None,
            most: None,
            advice: ADVICE,
            refuse,
            judge: &|_| Ok(()),
        };
        let mut hooks = Hooks { on_event: &mut |_| {}, is_cancelled: &|| false, sleep: &|_| {} };
        let done = fetch(&order, &policy(), &mut hooks);
        assert_eq!(done.is_ok(), is_fetched, "{named_by:?}: {done:?}");
        assert_eq!(server.asked().is_empty(), !is_fetched, "{named_by:?}");
    }
}

#[test]
fn versions_are_compared_by_what_both_say() {
    let version = |etag: &str, modified: &str| {
        let own = |text: &str| (!text.is_empty()).then(|| text.to_owned());
        Version { etag: own(etag), modified: own(modified) }
    };
    for ((etag, modified), (now_etag, now_modified), want) in [
        (("\"a\"", ""), ("\"a\"", "x"), Some(true)),
        (("\"a\"", ""), ("\"b\"", ""), Some(false)),
        (("W/\"a\"", ""), ("\"a\"", ""), Some(true)),
        (("W/\"a\"", ""), ("W/\"b\"", ""), Some(false)),
        (("\"a\"", "x"), ("", "x"), Some(true)),
        (("", "x"), ("\"a\"", "y"), Some(false)),
        (("\"a\"", ""), ("", "x"), None),
        (("", ""), ("", ""), None),
    ] {
        assert_eq!(
            version(etag, modified).is_same(&version(now_etag, now_modified)),
            want,
            "{etag} {modified} {now_etag} {now_modified}"
        );
    }
    assert_eq!(
        (version("W/\"a\"", "x").strong(), version("W/\"a\"", "").strong()),
        (Some("x"), None)
    );
}
