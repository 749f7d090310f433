//! Shows that are followed: feeds from a server on the loopback interface, and episodes that come
//! from there.

use crate::util::site::{Site, item, without_tags};
use crate::util::{Desk, Ran, root, skip};
use aloud::web::server::Reply;
use serde_json::Value;
use std::fs;
use std::process::Stdio;
use std::time::{Duration, Instant};

/// What `aloud feed list` says for programs.
fn listed(desk: &Desk, show: &[&str]) -> Value {
    serde_json::from_str(&desk.aloud(&[&["feed", "list", "--json"], show].concat()).code(0).out())
        .unwrap()
}

/// The state and the title of each entry of the only show.
fn states(desk: &Desk) -> Vec<String> {
    let list = listed(desk, &["1"]);
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    list["entries"]
        .as_array()
        .unwrap()
        .iter()
        .map(|entry| format!("{} {}", text(&entry["title"]), text(&entry["state"])))
        .collect()
}

#[test]
fn a_show_is_followed() {
    let (desk, site) = (Desk::new(), Site::new());
    site.feed(
        &[item(2, "Two", ""), item(1, "One", ""), "<item><title>News</title></item>".into()]
            .concat(),
        "a",
    );
    let url = site.url("feed.xml");
    desk.aloud(&["feed", "list"]).code(0).says("no show is followed");
    desk.aloud(&["feed", "add", &url]).code(0).says("“Plain Terms”: 3 entries, 2 with a recording");
    assert_eq!(states(&desk), ["Two known", "One known", "News no recording"]);
    desk.aloud(&["feed", "add", &url]).code(0).says("is followed already");
    // Nothing new is not even sent.
    desk.aloud(&["feed", "update"]).code(0).says("“Plain Terms”: nothing new");
    assert!(site.server.asked().last().unwrap().contains("if-none-match: \"a\""));
    // One is new, one is gone from the feed and known all the same.
    site.feed(&[item(3, "Three", ""), item(2, "Two, again", "")].concat(), "b");
    desk.aloud(&["feed", "update", "plain"]).code(0).says("“Plain Terms”: 1 new entry");
    assert_eq!(states(&desk), ["Three new", "Two, again known", "One known", "News no recording"]);
    desk.aloud(&["feed", "update"]).code(0).says("nothing new");
    assert_eq!(states(&desk)[0], "Three new");
    let list = listed(&desk, &[]);
    let show = &list["shows"][0];
    assert_eq!(
        (&show["entries"], &show["new"], &show["in_hand"]),
        (&4.into(), &1.into(), &0.into())
    );
    let table = desk.aloud(&["feed", "list", "terms"]).code(0);
    assert!(
        table.out().contains("1  2026-11-03")
            && table.out().contains("new")
            && table.out().contains("Three"),
        "{}",
        table.out()
    );
    assert_eq!(desk.aloud(&["feed", "list", "--new", "1"]).code(0).out().lines().count(), 1);
    // To another program and back.
    desk.aloud(&["feed", "export", "-o", "mine.opml"]).code(0);
    assert!(desk.read("mine.opml").contains(&url));
    desk.aloud(&["feed", "export", "-o", "mine.opml"]).code(2).says("--force");
    desk.aloud(&["feed", "rm", "plain"]).code(0).says("no longer followed");
    desk.aloud(&["feed", "list"]).code(0).says("no show is followed");
    desk.aloud(&["feed", "import", "mine.opml"]).code(0).says("1 show is new");
    desk.aloud(&["feed", "import", "mine.opml"])
        .code(0)
        .says("0 shows are new, 1 followed already");
    desk.aloud(&["feed", "list", "1"]).code(0).says("no entries yet");
    desk.aloud(&["feed", "update"]).code(0).says("2 new entries");
    assert_eq!(site.n_asked("3.mp3"), 0, "no episode comes without being asked for");
}

#[test]
fn what_cannot_be_followed_is_named() {
    let (desk, site) = (Desk::new(), Site::new());
    let page = |head: &str| {
        vec![Reply::file(
            format!("<!DOCTYPE html><html><head>{head}</head><body>x</body></html>").as_bytes(),
        )]
    };
    site.put("plain", page(""));
    site.put("page", page("<link rel='alternate' type='application/rss+xml' href='/feed.xml'>"));
    site.put("sound", vec![Reply::file(b"ID3\x04\x00\xff\xfbnoise")]);
    site.put("endless", vec![Reply { is_endless: true, ..Reply::file(&[b'x'; 1 << 16]) }]);
    site.put("gone", vec![Reply::status(410, "")]);
    site.put("empty", vec![Reply::file(b"")]);
    site.put("circle", vec![Reply::status(302, "Location: /circle")]);
    site.put("private", vec![Reply::status(302, "Location: file:///etc/passwd")]);
    for (path, code, says) in [
        ("plain", 3, "it is a web page, not a feed"),
        ("sound", 3, "neither RSS nor Atom"),
        ("endless", 3, "more than is taken"),
        ("gone", 3, "gone for good"),
        ("none", 3, "404"),
        ("empty", 3, "nothing in it"),
        ("circle", 3, "on and on"),
        ("private", 3, "cannot fetch"),
    ] {
        desk.aloud(&["feed", "add", &site.url(path)]).code(code).says(says);
    }
    desk.aloud(&["feed", "add", "file:///etc/passwd"]).code(2).says("not a web address");
    desk.aloud(&["feed", "list", "x"]).code(5).says("no show is followed");
    desk.aloud(&["feed", "get", "x"]).code(5);
    desk.aloud(&["feed", "import", "none.opml"]).code(3).says("none.opml");
    desk.put("no.opml", "<html>");
    desk.aloud(&["feed", "import", "no.opml"]).code(3).says("it is no OPML file");
    assert_eq!(listed(&desk, &[])["shows"].as_array().unwrap().len(), 0);
    // A page that names its feed means that.
    site.feed(&item(1, "One", ""), "a");
    desk.aloud(&["feed", "add", &site.url("page")])
        .code(0)
        .says("is a page; its feed is")
        .says("“Plain Terms”: 1 entry");
    desk.aloud(&["feed", "get", "plain", "9"]).code(5).says("has no entry `9`");
}

#[test]
fn a_feed_that_moves_or_breaks_loses_nothing() {
    let (desk, site) = (Desk::new(), Site::new());
    site.feed(&[item(2, "Two", ""), item(1, "One", "")].concat(), "a");
    desk.aloud(&["feed", "add", &site.url("feed.xml")]).code(0);
    // Broken off in the middle: what came counts, the rest stays, and the next time it is asked for
    // whole.
    let cut = b"<rss><channel><title>Plain Terms</title><item><title>Three</title><guid>3</guid><enclosure url='3.mp3'/></item><item><ti";
    site.put("feed.xml", vec![Reply { headers: vec!["ETag: \"b\"".into()], ..Reply::file(cut) }]);
    desk.aloud(&["feed", "update"]).code(0).says("is damaged").says("1 new entry");
    assert_eq!(states(&desk), ["Two known", "One known", "Three new"]);
    desk.aloud(&["feed", "update"]).code(0).says("is damaged");
    assert!(!site.server.asked().last().unwrap().contains("if-none-match"));
    // No answer: the others are asked all the same, and everything is known still.
    site.put("feed.xml", vec![Reply { breaks_after: Some(20), ..Reply::file(cut) }]);
    desk.aloud(&["feed", "update"]).code(3).says("connection");
    assert_eq!(states(&desk).len(), 3);
    // Gone elsewhere for good: the next time it is asked there.
    site.feed(&[item(3, "Three", ""), item(2, "Two", "")].concat(), "c");
    let there = site.files.lock().unwrap()["feed.xml"].clone();
    site.put("there.xml", there);
    site.put("feed.xml", vec![Reply::status(301, "Location: /there.xml")]);
    desk.aloud(&["feed", "update"]).code(0).says("has moved for good").says("there.xml");
    let n = site.n_asked("feed.xml");
    desk.aloud(&["feed", "update"]).code(0).says("nothing new");
    assert_eq!(site.n_asked("feed.xml"), n);
    desk.aloud(&["feed", "add", &site.url("there.xml")]).code(0).says("is followed already");
}

#[test]
fn an_episode_comes_and_is_resumed() {
    let (desk, site) = (Desk::new(), Site::new());
    // Without its tags, which have chapters of their own.
    let sound = without_tags(&fs::read(root().join("audio/old-radio.zh.mp3")).unwrap());
    let chapters = r#"{"version": "1.2.0", "chapters": [{"startTime": 0, "title": "開始"}, {"startTime": 60, "title": "二"}]}"#;
    let rest = "<podcast:chapters url='1.json' type='application/json+chapters'/>";
    site.feed(
        &[item(1, "The old/radio\u{202e}", rest), item(2, "Page", ""), item(3, "Empty", "")]
            .concat(),
        "a",
    );
    site.put("1.json", vec![Reply::file(chapters.as_bytes())]);
    desk.aloud(&["feed", "add", &site.url("feed.xml")]).code(0);
    let get = |what: &str| desk.aloud(&["feed", "get", "plain", what, "--sound-only"]);
    // A page in place of the sound, by its type and by its bytes.
    let page = b"<!doctype html><html>Please log in</html>";
    site.put(
        "2.mp3",
        vec![Reply { headers: vec!["Content-Type: text/html".into()], ..Reply::file(page) }],
    );
    get("page").code(3).says("a web page (text/html) in place of the recording");
    site.put("2.mp3", vec![Reply::file(page)]);
    get("page").code(3).says("is a web page, not a recording");
    site.put("3.mp3", vec![Reply::file(b"")]);
    get("empty").code(3).says("is an empty file");
    get("none").code(5);
    get("e").code(2).says("may mean");
    // Cut twice in the middle, and stopped; then the rest alone comes.
    let third = sound.len() / 3;
    let cut = Reply { breaks_after: Some(third), ..Reply::file(&sound) };
    let stalled = Reply { breaks_after: Some(third), stalls: true, ..Reply::file(&sound) };
    site.put("1.mp3", vec![cut, stalled]);
    let mut child = desk
        .command(&["feed", "get", "plain", "radio", "--sound-only"])
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let begin = Instant::now();
    while site.n_asked("1.mp3") < 2 && begin.elapsed() < Duration::from_secs(60) {
        std::thread::sleep(Duration::from_millis(50));
    }
    // Until it has what comes.
    std::thread::sleep(Duration::from_millis(500));
    interrupt(child.id());
    let status = child.wait().unwrap();
    #[cfg(unix)]
    assert_eq!(status.code(), Some(130));
    site.put("1.mp3", vec![Reply::file(&sound)]);
    let ran = get("radio").code(0);
    let last =
        site.server.asked().into_iter().rfind(|request| request.starts_with("get /1.mp3")).unwrap();
    assert!(
        last.contains(&format!("range: bytes={}-", 2 * third)) && last.contains("if-range"),
        "{last}"
    );
    let path = ran.out().trim_end().to_owned();
    assert!(path.ends_with("aloud/shows/Plain Terms/2026-11-01 The old radio.mp3"), "{path}");
    assert_eq!(fs::read(&path).unwrap(), sound);
    // It is here: nothing is asked for again.
    let n = site.n_asked("1.mp3");
    get("radio").code(0);
    assert_eq!(site.n_asked("1.mp3"), n);
    assert_eq!(states(&desk)[2], "The old/radio in hand");
    // The same name on the disk, another in the feed.
    desk.aloud(&["feed", "get", "plain", "radio"]).code(0).says("2 chapters");
    desk.aloud(&["feed", "rm", "plain"]).code(0).says("1 recording stays in");
    assert!(fs::metadata(&path).is_ok());
    desk.aloud(&["feed", "add", &site.url("feed.xml")]).code(0);
    desk.aloud(&["feed", "rm", "plain", "--files"]).code(0);
    assert!(fs::metadata(&path).is_err());
}

#[cfg(unix)]
fn interrupt(id: u32) {
    std::process::Command::new("kill").args(["-INT", &id.to_string()]).status().unwrap();
}

#[cfg(not(unix))]
fn interrupt(_: u32) {}

/// Whether the program can speak on this machine.
fn can_speak(desk: &Desk) -> bool {
    let doctor: Value =
        serde_json::from_str(&desk.aloud(&["doctor", "--json"]).out()).unwrap_or_default();
    let can = doctor.to_string().contains("text is tied to sound within seconds");
    if !can {
        skip("espeak-ng is not installed");
    }
    can
}

/// Runs `aloud feed get plain ITEM`.
fn get(desk: &Desk, item: &str) -> Ran {
    desk.aloud(&["feed", "get", "plain", item]).code(0)
}

#[test]
fn an_episode_comes_with_its_text() {
    let (desk, site) = (Desk::new(), Site::new());
    if !can_speak(&desk) {
        return;
    }
    let file = |name: &str| fs::read(root().join(name)).unwrap();
    let article = String::from_utf8(file("transcripts/old-radio.zh-Hant.txt")).unwrap();
    let html: String = article.split("\n\n").map(|block| format!("<p>{block}</p>")).collect();
    let sound = file("audio/old-radio.zh.mp3");
    // Another recording each time: a byte behind the sound changes nothing of it.
    (1..=4u8).for_each(|n| {
        site.put(&format!("{n}.mp3"), vec![Reply::file(&[sound.as_slice(), &[n]].concat())]);
    });
    let page = |body: &str| Reply {
        headers: vec!["Content-Type: text/html; charset=utf-8".into()],
        ..Reply::file(
            format!(
                "<!DOCTYPE html><html><body><nav>Home</nav><article>{body}</article></body></html>"
            )
            .as_bytes(),
        )
    };
    site.put("page", vec![page(&html)]);
    site.put(
        "wrong",
        vec![page(
            &"<p>他們昨天去了山上的湖邊釣魚，天氣很好，一條魚也沒有釣到，只好吃帶去的麵包。</p>"
                .repeat(40),
        )],
    );
    site.put("radio.json", vec![Reply::file(&file("transcripts/old-radio.zh.transcript.json"))]);
    let encoded = format!("<content:encoded><![CDATA[{html}]]></content:encoded>");
    let notes = "<description>&lt;p&gt;這一集談一臺收音機。&lt;/p&gt;</description>";
    let feed = [
        item(1, "Encoded", &encoded),
        item(2, "Linked", &format!("<link>/page</link>{notes}")),
        item(3, "Notes", notes),
        item(
            4,
            "Heard",
            &format!(
                "<link>/wrong</link>{notes}<podcast:transcript url='radio.json' type='application/json'/>"
            ),
        ),
    ];
    site.feed(&feed.concat().replace("<language>en", "<language>zh-TW"), "a");
    desk.aloud(&["feed", "add", &site.url("feed.xml")]).code(0);
    get(&desk, "encoded").says("with its text: its notes in the feed");
    get(&desk, "linked")
        .says("its notes in the feed, ")
        .says("are not what is said")
        .says("with its text: its page");
    get(&desk, "notes").says("are not what is said").says("without a text");
    let heard = get(&desk, "heard")
        .says("its page is not what is said")
        .says("its transcript is in")
        .says("with its text: its transcript");
    // From now on it opens with its text, and its words are found.
    let path = heard.out().trim_end().to_owned();
    assert!(fs::metadata(path.replace(".mp3", ".transcript.json")).is_ok());
    desk.aloud(&["listen", &path, "--no-audio", "--at", "99%", "--method", "synth"])
        .code(0)
        .says("with its text");
    let found = desk.aloud(&["find", "收音機", "--all"]).code(0);
    assert!(
        found.out().contains("2026-11-01") && found.out().contains("2026-11-04"),
        "{}",
        found.out()
    );
    // Asked again it is known.
    let n = site.server.asked().len();
    get(&desk, "encoded");
    assert_eq!(site.server.asked().len(), n);
}

#[test]
fn a_feed_of_five_thousand_is_quick() {
    let (desk, site) = (Desk::new(), Site::new());
    let many = |from: usize| {
        let of = |n: usize| {
            format!(
                "<item><title>Number {n}</title><guid>{n}</guid><enclosure url='{n}.mp3' type='audio/mpeg'/><description>{n}</description></item>"
            )
        };
        (from..from + 5000).map(of).collect::<String>()
    };
    site.feed(&many(0), "a");
    let begin = Instant::now();
    desk.aloud(&["feed", "add", &site.url("feed.xml")]).code(0).says("5000 entries");
    site.feed(&many(10), "b");
    desk.aloud(&["feed", "update"]).code(0).says("10 new entries");
    assert_eq!(states(&desk).len(), 5010);
    assert_eq!(desk.aloud(&["feed", "list", "1"]).code(0).out().lines().count(), 5010);
    // A second where nothing else runs.
    assert!(begin.elapsed() < Duration::from_secs(20), "{:?}", begin.elapsed());
}

#[test]
fn the_cache_leaves_feeds_alone() {
    let (desk, site) = (Desk::new(), Site::new());
    site.feed(&item(1, "One", ""), "a");
    desk.aloud(&["feed", "add", &site.url("feed.xml")]).code(0);
    desk.aloud(&["cache", "rm", "--all", "--yes", "--listened"]).code(0);
    assert_eq!(states(&desk), ["One known"]);
    assert!(desk.aloud(&["library", "list", "--json"]).out().contains("\"episodes\": []"));
}

#[test]
fn a_recording_at_an_address_is_fetched_once() {
    let (desk, site) = (Desk::new(), Site::new());
    let sound = fs::read(root().join("audio/old-radio.zh.mp3")).unwrap();
    let version = |version: &str, bytes: &[u8]| Reply {
        headers: vec![format!("ETag: \"{version}\"")],
        ..Reply::file(bytes)
    };
    // It breaks off once, and comes all the same.
    let broken = Reply { breaks_after: Some(sound.len() / 2), ..version("a", &sound) };
    site.put("radio.mp3?a=b*c", vec![broken, version("a", &sound)]);
    let url = site.url("radio.mp3?a=b*c");
    let play =
        || desk.aloud(&["listen", &url, "--no-audio", "--at", "99%", "--method", "estimate"]);
    play().code(0).says("radio.mp3: ");
    let n = site.server.asked().len();
    // The same is not fetched again, only asked for.
    let again = play().code(0);
    assert!(!again.err().contains("radio.mp3: "), "{}", again.err());
    assert_eq!(site.server.asked().len(), n + 1);
    desk.aloud(&["cache", "list"]).code(0).says("1 fetched recording");
    // Changed.
    site.put("radio.mp3?a=b*c", vec![version("b", &[sound.as_slice(), b"x"].concat())]);
    play().code(0).says("has changed since").says("100 %");
    // Changed, and what comes is of no use: what is here will do.
    let page = Reply {
        headers: vec!["ETag: \"c\"".into(), "Content-Type: text/html".into()],
        ..Reply::file(b"<html>log in")
    };
    site.put("radio.mp3?a=b*c", vec![page]);
    play().code(0).says("has changed since").says("a web page").says("that is here from before");
    // A weak tag tells versions apart, too.
    site.put(
        "radio.mp3?a=b*c",
        vec![Reply { headers: vec!["ETag: W/\"e\"".into()], ..Reply::file(&sound) }],
    );
    play().code(0).says("has changed since").says("100 %");
    let again = play().code(0);
    assert!(!again.err().contains("has changed since"), "{}", again.err());
    // No answer: what is here will do.
    site.put("radio.mp3?a=b*c", vec![Reply::status(503, "")]);
    play().code(0).says("it is here from before");
    // Other commands take an address too; each says what is no recording.
    site.put(
        "page",
        vec![Reply { headers: vec!["Content-Type: text/html".into()], ..Reply::file(b"<html>x") }],
    );
    for command in ["listen", "transcribe", "subs"] {
        desk.aloud(&[command, &site.url("page")]).code(3).says("a web page (text/html)");
        desk.aloud(&[command, &site.url("none.mp3")]).code(3).says("404");
    }
    // What a playlist from elsewhere names is not opened here.
    let list = format!("#EXTM3U\n{}\n", root().join("audio/old-radio.zh.mp3").display());
    site.put("list.m3u8", vec![Reply::file(list.as_bytes())]);
    site.put("list.mp3", vec![Reply::file(list.as_bytes())]);
    desk.aloud(&["listen", &site.url("list.m3u8"), "--no-audio"])
        .code(2)
        .says("is the address of a playlist");
    desk.aloud(&["listen", &site.url("list.mp3"), "--no-audio"])
        .code(3)
        .says("is a playlist, not a recording");
    assert_eq!(site.n_asked("list.m3u8"), 0);
    desk.put("radio.txt", fs::read(root().join("transcripts/old-radio.zh-Hant.txt")).unwrap());
    desk.aloud(&["align", &url, "radio.txt", "--method", "estimate"])
        .code(0)
        .says("here from before");
    // Forgotten with its file.
    desk.aloud(&["cache", "rm", &url, "--yes"]).code(0);
    assert!(!desk.aloud(&["cache", "list"]).err().contains("fetched recording"));
    let left = fs::read_dir(desk.path().join("home/.local/share/aloud/fetched")).unwrap().count();
    assert_eq!(left, 0);
}

#[test]
fn what_was_heard_makes_room_for_others() {
    let (desk, site) = (Desk::new(), Site::new());
    let sound = fs::read(root().join("audio/old-radio.zh.mp3")).unwrap();
    site.put("one.mp3", vec![Reply::file(&sound)]);
    site.put("two.mp3", vec![Reply::file(&[sound.as_slice(), b"y"].concat())]);
    let fetched = |name: &str| {
        let folders =
            fs::read_dir(desk.path().join("home/.local/share/aloud/fetched")).unwrap().flatten();
        folders.filter(|folder| folder.path().join(name).is_file()).count()
    };
    let (one, two) = (site.url("one.mp3"), site.url("two.mp3"));
    let play = |url: &str| {
        desk.aloud(&["listen", url, "--no-audio", "--at", "99%", "--method", "estimate"]).code(0)
    };
    play(&one);
    desk.put("home/.config/aloud/config.toml", "fetched = \"1 kB\"\n");
    // What came just before in the same command stays, however little may be kept.
    desk.aloud(&["find", "x", &one, &two]);
    assert_eq!((fetched("one.mp3"), fetched("two.mp3")), (1, 1));
    play(&two).says("removed `http");
    assert_eq!((fetched("one.mp3"), fetched("two.mp3")), (0, 1));
}
