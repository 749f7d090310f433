//! What is known of shows, as feeds change.

use super::*;
use crate::feed::{Enclosure, Entry, Feed};

fn entry(id: &str, sound: &str) -> Entry {
    let sound = (!sound.is_empty())
        .then(|| Enclosure { url: format!("https://a.net/{sound}"), ..Enclosure::default() });
    Entry {
        id: id.into(),
        title: format!("Title {id}"),
        sound,
        text: Some(format!("text {id}")),
        ..Entry::default()
    }
}

/// Follows a show.
fn begun(store: &Store, show: &Show) -> Show {
    edit(store, show, true, &|| false, |_| Ok(())).unwrap().0
}

fn feed(entries: &[Entry]) -> Feed {
    Feed { title: "Plain Terms".into(), entries: entries.to_vec(), ..Feed::default() }
}

fn ids(show: &Show) -> Vec<(String, u32, bool)> {
    show.items.iter().map(|item| (item.id.clone(), item.came, item.is_gone)).collect()
}

fn of(all: &[(&str, u32, bool)]) -> Vec<(String, u32, bool)> {
    all.iter().map(|(id, came, is_gone)| ((*id).to_owned(), *came, *is_gone)).collect()
}

#[test]
fn nothing_that_is_known_is_lost() {
    let mut show = Show::new("https://a.net/feed", "");
    assert_eq!(show.title, "https://a.net/feed");
    let merged = merge(&mut show, feed(&[entry("2", "2.mp3"), entry("1", "1.mp3")]), true);
    assert_eq!(
        (merged.n_new, merged.texts["1"].as_str(), show.title.as_str()),
        (2, "text 1", "Plain Terms")
    );
    show.items[1].file = Some("one.mp3".into());
    assert!(show.items.iter().all(|item| !show.is_new(item, 0)), "nothing is new at first");
    // Nothing new: what was new stays so.
    assert_eq!(merge(&mut show, feed(&[entry("2", "2.mp3"), entry("1", "1.mp3")]), true).n_new, 0);
    // A new one; the oldest is gone from the feed.
    assert_eq!(merge(&mut show, feed(&[entry("3", "3.mp3"), entry("2", "2.mp3")]), true).n_new, 1);
    assert_eq!(ids(&show), of(&[("3", 2, false), ("2", 1, false), ("1", 1, true)]));
    assert_eq!(show.items[2].file.as_deref(), Some("one.mp3"));
    assert!(show.is_new(&show.items[0], 0) && !show.is_new(&show.items[1], 0));
    // A damaged feed says nothing about what it does not have, and takes nothing away.
    let bare = Entry { id: "2".into(), ..Entry::default() };
    assert_eq!(merge(&mut show, Feed { entries: vec![bare], ..Feed::default() }, false).n_new, 0);
    assert_eq!(ids(&show), of(&[("2", 1, false), ("3", 2, false), ("1", 1, true)]));
    assert_eq!((show.title.as_str(), show.items[0].title.as_str()), ("Plain Terms", "Title 2"));
    assert_eq!(show.items[0].sound.as_deref(), Some("https://a.net/2.mp3"));
    // It comes back.
    assert_eq!(merge(&mut show, feed(&[entry("1", "1.mp3")]), true).n_new, 0);
    assert_eq!(
        (show.items[0].id.as_str(), show.items[0].is_gone, show.items[0].file.as_deref()),
        ("1", false, Some("one.mp3"))
    );
}

#[test]
fn an_entry_keeps_its_file_under_another_identifier() {
    let mut show = Show::new("https://a.net/feed", "");
    merge(&mut show, feed(&[entry("g", "1.mp3")]), true);
    show.items[0].file = Some("one.mp3".into());
    // The identifier comes to stand for two recordings, and is another one for the first.
    let twice = [entry("g https://a.net/2.mp3", "2.mp3"), entry("g https://a.net/1.mp3", "1.mp3")];
    assert_eq!(merge(&mut show, feed(&twice), true).n_new, 1);
    assert_eq!(show.items.len(), 2);
    assert_eq!(
        (show.items[0].file.as_deref(), show.items[1].file.as_deref()),
        (None, Some("one.mp3"))
    );
    // Another recording under the same identifier is the same entry.
    assert_eq!(
        merge(&mut show, feed(&[entry("g https://a.net/1.mp3", "1-again.mp3")]), true).n_new,
        0
    );
    // Two entries with one recording do not both take what is known of it.
    let mut show = Show::new("https://a.net/feed", "");
    merge(&mut show, feed(&[entry("a", "1.mp3")]), true);
    assert_eq!(merge(&mut show, feed(&[entry("b", "1.mp3"), entry("c", "1.mp3")]), true).n_new, 1);
    assert_eq!(show.items.len(), 2);
}

/// Where feeds are asked often, what nobody has seen stays new when the next entry comes.
#[test]
fn what_is_new_stays_so_for_a_week() {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::open(folder.path());
    let mut show = begun(&store, &Show::new("https://a.net/feed", ""));
    let entries = ["3", "2", "1"].map(|id| entry(id, &format!("{id}.mp3")));
    let day = |n: u64| n * 86_400;
    for (from, at) in [(2, 0), (1, 1), (1, 2), (0, 3)] {
        let fresh = Fresh {
            feed: Some((feed(&entries[from..]), Vec::new())),
            version: Version::default(),
            moved: None,
        };
        show = take(&store, &show, false, fresh, day(at), &|| false).unwrap().0;
    }
    for (at, want) in [
        (day(3), [true, true, false]),
        (day(8) - 1, [true, true, false]),
        (day(8), [true, false, false]),
        (day(99), [true, false, false]),
    ] {
        assert_eq!(
            ["3", "2", "1"]
                .map(|id| show.is_new(show.items.iter().find(|item| item.id == id).unwrap(), at)),
            want,
            "{at}"
        );
    }
}

#[test]
fn five_thousand_entries_are_merged_in_no_time() {
    let entries: Vec<Entry> =
        (0..5000).map(|n| entry(&n.to_string(), &format!("{n}.mp3"))).collect();
    let mut show = Show::new("https://a.net/feed", "");
    let begin = std::time::Instant::now();
    for from in 0..5 {
        merge(&mut show, feed(&entries[from..]), true);
    }
    assert!(show.items.len() == 5000 && begin.elapsed().as_secs() < 5, "{:?}", begin.elapsed());
}

#[test]
fn shows_are_kept_and_found() {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::open(folder.path());
    let keep = |url: &str, title: &str| begun(&store, &Show::new(url, title));
    let (terms, other) = (
        keep("https://a.net/feed", "Plain Terms"),
        keep("https://b.org/feed", "plain terms, twice"),
    );
    assert_eq!(
        (terms.folder.as_str(), other.folder.as_str()),
        ("Plain Terms", "plain terms, twice")
    );
    assert_eq!(
        keep("https://c.org/feed", "Plain terms").folder.len(),
        "Plain terms".len() + 9,
        "its own folder"
    );
    let (shows, problems) = all(&store);
    assert_eq!((shows.len(), problems.len()), (3, 0));
    let found = |wanted: &str| match find(wanted, &shows) {
        Sought::One(show) => show.first.clone(),
        Sought::Many(shows) => format!("{}", shows.len()),
        Sought::None => String::new(),
    };
    for (wanted, want) in [
        ("PLAIN TERMS, TWICE", "https://b.org/feed"),
        ("twice", "https://b.org/feed"),
        ("plain", "3"),
        ("plain terms", "2"),
        ("https://b.org/feed", "https://b.org/feed"),
        ("c.org", "https://c.org/feed"),
        ("3", "https://b.org/feed"),
        ("4", ""),
        ("", ""),
        ("nothing", ""),
    ] {
        assert_eq!(found(wanted), want, "{wanted}");
    }
    // What somebody else has changed meanwhile stays.
    change(&store, &terms, &|| false, |show| show.n_updates = 7).unwrap();
    assert_eq!(
        change(&store, &terms, &|| false, |show| show.asked = Some(1)).unwrap().n_updates,
        7
    );
    keep_texts(&store, &terms, BTreeMap::from([("1".to_owned(), "<p>x".to_owned())])).unwrap();
    keep_texts(&store, &terms, BTreeMap::from([("2".to_owned(), "<p>y".to_owned())])).unwrap();
    assert_eq!(texts(&store, &terms).len(), 2);
    forget(&store, &terms, &|| false).unwrap();
    assert_eq!((all(&store).0.len(), texts(&store, &terms).len()), (2, 0));
    // Whoever was at work on it meanwhile does not bring it back.
    let late = Fresh {
        feed: Some((feed(&[entry("1", "1.mp3")]), Vec::new())),
        version: Version::default(),
        moved: None,
    };
    for late in [
        change(&store, &terms, &|| false, |_| {}).map(drop),
        take(&store, &terms, false, late, 1, &|| false).map(drop),
    ] {
        assert!(late.is_err_and(|why| why.why == "“Plain Terms” is no longer followed"));
    }
    assert_eq!((all(&store).0.len(), texts(&store, &terms).len()), (2, 0));
    // A damaged record is told, and costs no other.
    let record = |show: &Show| {
        std::fs::read_dir(folder.path()).unwrap().flatten().map(|file| file.path()).find(|path| {
            path.file_name().unwrap().to_string_lossy().starts_with(&show.id().to_string())
                && path.extension().is_some_and(|e| e == "record")
        })
    };
    std::fs::write(record(&other).unwrap(), "nonsense").unwrap();
    let (shows, problems) = all(&store);
    assert_eq!((shows.len(), problems.len()), (1, 1));
    // A store that remembers nothing says so.
    let forgetful = edit(&Store::forgetful(), &terms, true, &|| false, |_| Ok(()));
    assert!(forgetful.is_err_and(|why| why.hint.is_some_and(|hint| hint.contains("--cache"))));
}

#[test]
fn texts_are_kept_before_the_version_that_they_came_with() {
    let fresh = |etag: &str| Fresh {
        feed: Some((feed(&[entry("1", "1.mp3")]), Vec::new())),
        version: Version { etag: Some(etag.into()), modified: None },
        moved: None,
    };
    let folder = tempfile::tempdir().unwrap();
    let store = Store::open(folder.path());
    let show = begun(&store, &Show::new("https://a.net/feed", ""));
    // Where they cannot be kept, the version is not known, and the feed comes again.
    let failed = edit(&store, &show, false, &|| false, |show| {
        show.etag = Some("a".into());
        Err::<(), _>("no room".into())
    });
    assert_eq!((failed.unwrap_err().why.as_str(), all(&store).0[0].version()), ("no room", None));
    let (took, n_new) = take(&store, &show, false, fresh("a"), 1, &|| false).unwrap();
    assert_eq!((n_new, took.etag.as_deref(), texts(&store, &show).len()), (1, Some("a"), 1));
}

#[cfg(feature = "download")]
#[test]
fn a_public_page_names_no_private_feed() {
    let asked = super::feed(
        "http://127.0.0.1:9/feed",
        Some("https://93.184.216.34/"),
        None,
        &crate::web::Proxies::default(),
    );
    assert!(matches!(asked, Err(FetchError::Inside { .. })), "{asked:?}");
}

#[test]
fn many_are_followed_at_once_each_in_its_own_folder() {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::open(folder.path());
    begun(&store, &Show::new("https://a.net/0", "Same"));
    let many = |n: usize| {
        (0..n).map(|n| Show::new(&format!("https://a.net/{n}"), "Same")).collect::<Vec<_>>()
    };
    assert_eq!(follow(&store, many(50), &|| false).unwrap(), (49, vec![]));
    assert_eq!(follow(&store, many(50), &|| false).unwrap(), (0, vec![]));
    // And by several processes.
    std::thread::scope(|scope| {
        for n in 0..4 {
            let store = Store::open(folder.path());
            scope
                .spawn(move || begun(&store, &Show::new(&format!("https://b.org/{n}"), "At once")));
        }
    });
    let folders: HashSet<String> = all(&store).0.into_iter().map(|show| show.folder).collect();
    assert_eq!(folders.len(), 54);
}

#[test]
fn a_length_that_was_measured_stays() {
    let mut show = Show::new("https://a.net/feed", "");
    let claimed =
        |ms: u64| Entry { length: Some(Timestamp::from_millis(ms)), ..entry("1", "1.mp3") };
    for (claim, hash, want) in
        [(5_000, None, 5_000), (6_000, None, 6_000), (7_000, Some("x".to_owned()), 6_000)]
    {
        show.items.iter_mut().for_each(|item| item.hash.clone_from(&hash));
        merge(&mut show, feed(&[claimed(claim)]), true);
        assert_eq!(show.items[0].length, Some(want));
    }
}

#[test]
fn only_what_was_fetched_of_a_show_is_removed() {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::open(folder.path());
    let item = Item { id: "1".into(), file: Some("one.mp3".into()), ..Item::default() };
    let show = begun(
        &store,
        &Show { items: vec![item], ..Show::new("https://a.net/feed", "Plain Terms") },
    );
    let own = show.folder(&store).unwrap();
    fs::create_dir_all(&own).unwrap();
    // The second was fetched before the show was forgotten once.
    let fetched = [
        "one.mp3",
        ".one.mp3.lock",
        ".one.mp3.part",
        "one.transcript.vtt",
        "two.mp3",
        ".two.mp3.lock",
    ];
    fetched.iter().chain(&["one.srt"]).for_each(|name| fs::write(own.join(name), "x").unwrap());
    remove_files(&store, &show).unwrap();
    let left: Vec<_> = fs::read_dir(&own).unwrap().flatten().map(|file| file.file_name()).collect();
    assert_eq!(left, ["one.srt"]);
    fs::remove_file(own.join("one.srt")).unwrap();
    remove_files(&store, &show).unwrap();
    assert!(!own.exists());
}

#[test]
fn a_file_s_name_stays_and_is_nobody_else_s() {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::open(folder.path());
    let mut show = Show::new("https://a.net/feed", "Plain Terms");
    let same =
        |id: &str, sound: &str| Entry { title: "Same".into(), date: Some(0), ..entry(id, sound) };
    merge(&mut show, feed(&[same("1", "1.mp3"), same("2", "2.ogg"), same("3", "3.mp3")]), true);
    let show = begun(&store, &show);
    let name = |id: &str| {
        let show = reserve(&store, &show, id, &|| false).unwrap();
        show.items.iter().find(|item| item.id == id).unwrap().file.clone().unwrap()
    };
    assert_eq!(
        (name("1"), name("1")),
        ("1970-01-01 Same.mp3".to_owned(), "1970-01-01 Same.mp3".to_owned())
    );
    assert_eq!(
        name("2"),
        "1970-01-01 Same (2).ogg",
        "what lies beside them is told apart by the name without its ending"
    );
    let path = show.folder(&store).unwrap().join("1970-01-01 Same (3).mp3");
    std::fs::create_dir_all(path.parent().unwrap()).unwrap();
    std::fs::write(&path, "somebody's own").unwrap();
    assert_eq!(name("3"), "1970-01-01 Same (4).mp3");
    assert!(path.starts_with(folder.path().join("shows/Plain Terms")));
}

#[test]
fn transcripts_in_the_language_spoken_come_first() {
    let link =
        |url: &str, language: Option<&str>| (url.to_owned(), None, language.map(str::to_owned));
    let item = Item {
        transcripts: vec![
            link("a.json", Some("de")),
            link("b.srt", Some("en-US")),
            link("c.vtt", None),
        ],
        ..Item::default()
    };
    let urls = |language: Option<&str>| {
        item.transcripts(language).into_iter().map(|link| link.url).collect::<Vec<_>>().join(" ")
    };
    assert_eq!(
        (urls(Some("en")), urls(None)),
        ("c.vtt b.srt a.json".to_owned(), "a.json c.vtt b.srt".to_owned())
    );
}

#[test]
fn what_was_fetched_is_called_as_its_entry() {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::open(folder.path());
    let mut show = Show::new("https://a.net/feed", "");
    merge(&mut show, feed(&[entry("2", "2.mp3"), entry("1", "1.mp3")]), true);
    let id = EpisodeId([7; 32]);
    show.folder = "Plain Terms".into();
    show.items[0].file = Some("two.mp3".into());
    show.items[0].hash = Some(id.to_string());
    let show = begun(&store, &show);
    let path = show.path(&show.items[0], &store).unwrap();
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    let want = Titles { entry: "Title 2".into(), show: "Plain Terms".into() };
    assert_eq!(titles(&store), HashMap::from([(id, want.clone())]));
    let by_file = TitlesByFile::new(&store);
    assert_eq!(by_file.of(folder.path()), None);
    assert!(by_file.titles.get().is_none(), "a file that lies elsewhere asks for no record");
    for (name, want) in [("two.mp3", Some(want.clone())), ("one.mp3", None)] {
        let path = path.with_file_name(name);
        fs::write(&path, "sound").unwrap();
        assert_eq!(by_file.of(&path), want, "{name}");
    }
    // The records were read once.
    let other = "Other".to_owned();
    change(&store, &show, &|| false, |show| show.title.clone_from(&other)).unwrap();
    assert_eq!(by_file.of(&path), Some(want.clone()));
    assert_eq!(TitlesByFile::new(&store).of(&path), Some(Titles { show: other, ..want }));
}

#[test]
fn chapters_are_kept_by_recording() {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::open(folder.path());
    let episode = Episode { file: "a.mp3".into(), id: EpisodeId([7; 32]), tags: <_>::default() };
    let all = vec![Chapter { start: Timestamp::from_millis(5), title: "One".into() }];
    keep_chapters(&store, &episode, &all).unwrap();
    assert_eq!((chapters(&store, episode.id), chapters(&store, EpisodeId([8; 32]))), (all, vec![]));
}
