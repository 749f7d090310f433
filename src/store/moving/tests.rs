//! Moving on a bad day: both places have something, another file system, a kill in the middle,
//! nowhere to write.

use crate::episode::EpisodeId;
use crate::store::{About, Key, Outcome, Rules, State, Store, files, record};
use std::collections::BTreeMap;
use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, SystemTime};
use tempfile::TempDir;

/// Set in the environment of the second process: the folder it moves in.
const FOLDER: &str = "ALOUD_MOVING_TEST_FOLDER";
/// So many files take a while.
const MANY: u64 = 600;

const RULES: Rules = Rules { is_passing: |stage| stage == "passing", join };

fn join(stage: &str, older: &[u8], newer: &[u8]) -> Option<Vec<u8>> {
    (stage == "own").then(|| [older, b"+", newer].concat())
}

/// A folder with the three places in it.
struct Bench {
    dir: TempDir,
    data: PathBuf,
}

impl Bench {
    fn new() -> Self {
        let dir = tempfile::tempdir().expect("a folder");
        Self { data: dir.path().join("data"), dir }
    }

    fn cache(&self) -> PathBuf {
        self.dir.path().join("cache")
    }

    fn open(&self) -> Store {
        Store::open_two(&self.data, &self.cache(), &RULES)
    }

    /// The folder of earlier versions, and the two of this one.
    fn homes(&self) -> [PathBuf; 3] {
        [self.cache(), self.data.join("episodes"), self.cache().join("episodes")]
    }

    /// Puts a record, written so many seconds ago.
    fn put(&self, dir: &Path, key: &Key, payload: &[u8], age: u64) -> PathBuf {
        self.put_bytes(dir, key, &record::encode(key, &About::default(), payload), age)
    }

    fn put_bytes(&self, dir: &Path, key: &Key, bytes: &[u8], age: u64) -> PathBuf {
        fs::create_dir_all(dir).expect("a folder");
        let path = files::path(dir, key, files::RECORD);
        fs::write(&path, bytes).expect("a record");
        let at = SystemTime::now() - Duration::from_secs(age);
        File::options()
            .write(true)
            .open(&path)
            .and_then(|file| file.set_modified(at))
            .expect("a time");
        path
    }

    /// How many entries of ours each folder has.
    fn counts(&self) -> [usize; 3] {
        self.homes().map(|dir| {
            files::ours(&dir)
                .iter()
                .filter(|(_, kind, _)| !matches!(kind, files::Kind::Temporary))
                .count()
        })
    }
}

fn key(stage: &str) -> Key {
    Key::new(stage, EpisodeId([7; 32])).with("model", "abc")
}

#[test]
fn everything_goes_where_it_belongs() {
    let bench = Bench::new();
    let [old, data, passing] = bench.homes();
    let before = bench.put(&old, &key("transcript"), b"words", 5000);
    let modified = fs::metadata(&before).and_then(|about| about.modified()).expect("a time");
    bench.put(&old, &key("passing"), b"index", 1);
    bench.put(&old, &key("own"), b"place", 1);
    let aside = PathBuf::from(format!("{}.damaged-1", before.display()));
    fs::write(&aside, "damaged").expect("a file");
    fs::write(old.join("thesis.txt"), "mine").expect("a file");
    fs::create_dir(old.join("index")).expect("a folder");
    let mut journal = Store::open(&old)
        .work_on(&key("more"), &mut || {}, &|| false)
        .expect("a lease")
        .journal(About::default());
    journal.append(3, b"window");
    drop(journal);

    for _ in 0..2 {
        let store = bench.open();
        assert_eq!(store.problem(), None);
        assert_eq!((bench.counts(), store.list().len(), store.stamps().len()), ([0, 4, 1], 5, 3));
        assert_eq!(store.get(&key("transcript")).as_deref(), Some(&b"words"[..]));
        assert_eq!(store.get(&key("passing")).as_deref(), Some(&b"index"[..]));
        let journal = store
            .work_on(&key("more"), &mut || {}, &|| false)
            .expect("a lease")
            .journal(About::default());
        assert_eq!(journal.entries().collect::<Vec<_>>(), [(3, &b"window"[..])]);
    }
    let after = fs::metadata(data.join(before.file_name().expect("a name")))
        .and_then(|about| about.modified());
    assert_eq!(after.expect("a time"), modified, "an index knows records by their times");
    assert!(
        data.join(aside.file_name().expect("a name")).exists()
            && old.join("thesis.txt").exists()
            && old.join("index").exists()
    );
    assert_eq!(
        (bench.open().dir(), bench.open().cache_dir()),
        (Some(data.as_path()), Some(old.as_path()))
    );

    // The cache may be emptied by anybody.
    fs::remove_dir_all(&old).expect("an emptied cache");
    let store = bench.open();
    assert_eq!(
        (store.get(&key("own")).as_deref(), store.get(&key("passing"))),
        (Some(&b"place"[..]), None)
    );
    assert_eq!(store.put(&key("passing"), &About::default(), b"again"), Outcome::Kept);
    assert_eq!((bench.counts(), files::ours(&passing).len()), ([0, 4, 1], 1));
}

#[test]
fn where_both_have_one_nothing_is_lost() {
    let encoded =
        |stage: &str, payload: &[u8]| record::encode(&key(stage), &About::default(), payload);
    let torn = |stage: &str| encoded(stage, b"torn away")[..60].to_vec();
    for (stage, here, there, want, n_aside) in [
        // Each as bytes and age.
        ("text", (encoded("text", b"a"), 10), (encoded("text", b"a"), 90), "a", 0),
        ("text", (encoded("text", b"old"), 90), (encoded("text", b"new"), 10), "new", 0),
        ("text", (encoded("text", b"new"), 10), (encoded("text", b"old"), 90), "new", 0),
        ("own", (encoded("own", b"old"), 90), (encoded("own", b"new"), 10), "old+new", 0),
        ("own", (encoded("own", b"new"), 10), (encoded("own", b"old"), 90), "old+new", 0),
        ("own", (torn("own"), 10), (encoded("own", b"whole"), 90), "whole", 1),
        ("own", (encoded("own", b"whole"), 90), (torn("own"), 10), "whole", 1),
    ] {
        let bench = Bench::new();
        let [old, data, _] = bench.homes();
        bench.put_bytes(&old, &key(stage), &here.0, here.1);
        bench.put_bytes(&data, &key(stage), &there.0, there.1);
        for _ in 0..2 {
            let store = bench.open();
            let got =
                store.get(&key(stage)).map(|payload| String::from_utf8(payload).expect("UTF-8"));
            assert_eq!(got.as_deref(), Some(want), "{here:?} {there:?}");
            assert_eq!(bench.counts(), [0, 1 + n_aside, 0], "{here:?} {there:?}");
        }
    }
}

#[test]
fn a_folder_in_the_way_is_set_aside() {
    let bench = Bench::new();
    let [old, data, _] = bench.homes();
    bench.put(&old, &key("text"), b"words", 1);
    fs::create_dir_all(files::path(&data, &key("text"), files::RECORD)).expect("a folder");
    assert_eq!(bench.open().get(&key("text")).as_deref(), Some(&b"words"[..]));
    assert_eq!(bench.counts(), [0, 2, 0]);
}

#[test]
fn windows_of_both_journals_count() {
    let bench = Bench::new();
    let [old, data, _] = bench.homes();
    let append = |dir: &Path, windows: &[u64]| {
        let mut journal = Store::open(dir)
            .work_on(&key("more"), &mut || {}, &|| false)
            .expect("a lease")
            .journal(About::default());
        windows.iter().for_each(|window| journal.append(*window, format!("{window}\n").as_bytes()));
        journal
    };
    let has = |store: &Store, want: &[u64]| {
        let journal = store
            .work_on(&key("more"), &mut || panic!("somebody is at it"), &|| false)
            .expect("a lease")
            .journal(About::default());
        assert_eq!(journal.entries().map(|(window, _)| window).collect::<Vec<_>>(), want);
    };
    drop(append(&data, &[1, 2]));
    let busy = append(&old, &[2, 3]);
    let store = bench.open();
    assert_eq!(bench.counts(), [2, 1, 0], "an earlier version works there, with its lock");
    has(&store, &[1, 2, 3]);
    drop(busy);
    let busy = append(&data, &[]);
    let _ = bench.open();
    assert_eq!(bench.counts(), [1, 2, 0], "somebody works on the other one");
    drop(busy);
    has(&bench.open(), &[1, 2, 3]);
    assert_eq!(bench.counts(), [0, 1, 0]);
}

#[test]
fn one_folder_by_two_names_stays() {
    let bench = Bench::new();
    let [old, data, _] = bench.homes();
    bench.put(&old, &key("own"), b"place", 1);
    fs::create_dir_all(&bench.data).expect("a folder");
    #[cfg(unix)]
    std::os::unix::fs::symlink(&old, &data).expect("a link");
    #[cfg(not(unix))]
    return drop(data);
    for _ in 0..2 {
        assert_eq!(bench.open().get(&key("own")).as_deref(), Some(&b"place"[..]));
        assert_eq!(fs::read_link(&data).expect("the link"), old);
    }
}

#[test]
fn where_the_data_folder_cannot_be_written_the_cache_is_used_until_it_can() {
    let bench = Bench::new();
    let [old, data, _] = bench.homes();
    bench.put(&old, &key("own"), b"place", 1);
    fs::write(&bench.data, "a file where the folder should be").expect("a file");
    let store = bench.open();
    assert_eq!((store.problem(), store.dir()), (None, Some(old.as_path())));
    assert_eq!(store.get(&key("own")).as_deref(), Some(&b"place"[..]));
    assert_eq!(store.put(&key("transcript"), &About::default(), b"words"), Outcome::Kept);
    fs::remove_file(&bench.data).expect("no file");
    let store = bench.open();
    assert_eq!(
        (store.dir(), bench.counts(), store.get(&key("transcript")).is_some()),
        (Some(data.as_path()), [0, 2, 0], true)
    );

    // What lies in a data folder that became read-only is still read.
    let (lasting, cache) = (bench.data.join("episodes"), bench.cache());
    fs::rename(&lasting, bench.data.join("kept")).expect("another name");
    fs::write(&lasting, "a file").expect("a file");
    fs::remove_dir_all(&cache).expect("no cache");
    fs::write(&cache, "a file").expect("a file");
    let store = bench.open();
    assert!(
        store
            .problem()
            .is_some_and(|why| why.why.starts_with("nothing will be kept: cannot write in `")
                && why.hint.as_ref().is_some_and(|hint| hint.contains("--cache DIR")))
    );
    assert_eq!(store.put(&key("text"), &About::default(), b"x"), Outcome::Forgotten);
}

#[test]
fn another_file_system_gets_a_copy() {
    let Ok(elsewhere) = tempfile::tempdir_in("/dev/shm") else { return };
    let bench = Bench { data: elsewhere.path().join("data"), ..Bench::new() };
    let [old, data, _] = bench.homes();
    let path = bench.put(&old, &key("own"), b"place", 5000);
    let modified = fs::metadata(&path).and_then(|about| about.modified()).expect("a time");
    // As a kill in the middle of copying leaves it.
    fs::create_dir_all(&data).expect("a folder");
    fs::write(data.join("aloud-half.part"), "half").expect("a file");
    assert_eq!(bench.open().get(&key("own")).as_deref(), Some(&b"place"[..]));
    let moved = fs::metadata(files::path(&data, &key("own"), files::RECORD))
        .and_then(|about| about.modified())
        .expect("a time");
    assert_eq!((bench.counts(), moved), ([0, 1, 0], modified));
    // Copied, and killed before the first was removed.
    bench.put(&old, &key("own"), b"place", 5000);
    assert_eq!(bench.open().get(&key("own")).as_deref(), Some(&b"place"[..]));
    assert_eq!(bench.counts(), [0, 1, 0]);
}

#[cfg(unix)]
#[test]
fn what_is_no_file_is_left_alone() {
    let bench = Bench::new();
    let [old, ..] = bench.homes();
    fs::create_dir_all(&old).expect("a folder");
    // Opening it would wait for ever.
    let pipe = files::path(&old, &key("own"), files::RECORD);
    assert!(Command::new("mkfifo").arg(&pipe).status().expect("mkfifo").success());
    assert_eq!((bench.open().stamps().len(), pipe.exists()), (0, true));
}

/// Does nothing unless it was started by another test.
#[test]
fn second_process() {
    let Some(dir) = std::env::var_os(FOLDER) else { return };
    let dir = Path::new(&dir);
    drop(Store::open_two(&dir.join("data"), &dir.join("cache"), &RULES));
}

#[test]
fn a_kill_in_the_middle_loses_nothing() {
    let bench = Bench::new();
    let [old, ..] = bench.homes();
    let keys = |n: u64| {
        Key::new(
            if n.is_multiple_of(3) { "own" } else { "transcript" },
            EpisodeId(*blake3::hash(&n.to_le_bytes()).as_bytes()),
        )
    };
    let want: BTreeMap<u64, Vec<u8>> =
        (0..MANY).map(|n| (n, format!("payload {n}").into_bytes())).collect();
    let put_all = || {
        for (n, payload) in &want {
            bench.put(&old, &keys(*n), payload, 1000);
        }
    };
    put_all();
    let mut n_midway = 0;
    for round in 0..40 {
        if n_midway >= 4 {
            break;
        }
        // On a busy machine a process may be through before anybody looks.
        if bench.counts()[0] == 0 {
            put_all();
        }
        // The harness knows tests without their crate's name.
        let name = format!(
            "{}::second_process",
            module_path!().split_once("::").map_or("", |(_, path)| path)
        );
        let mut child = Command::new(std::env::current_exe().expect("the path of the tests"));
        child
            .args(["--exact", &name, "--test-threads=1"])
            .env(FOLDER, bench.dir.path())
            .stdout(Stdio::null())
            .stderr(Stdio::null());
        let mut child = child.spawn().expect("a second process");
        // At a moment of its own: once so many files are there, or so many are gone.
        let [n_old, n_new, _] = bench.counts();
        let more = (n_new + 140 + 7 * round).min(MANY as usize);
        let is_time =
            |[here, there, _]: [usize; 3]| (there > n_new && there >= more) || here + 120 < n_old;
        while !is_time(bench.counts()) && child.try_wait().expect("its state").is_none() {}
        child.kill().expect("a kill");
        let was_killed = !child.wait().expect("its end").success();
        n_midway += usize::from(was_killed && bench.counts() != [0, MANY as usize, 0]);
    }
    assert!(n_midway >= 2, "only {n_midway} kills hit the middle");
    let store = bench.open();
    assert_eq!(bench.counts(), [0, MANY as usize, 0]);
    assert!(store.list().iter().all(|entry| entry.state == State::Whole));
    let got: BTreeMap<u64, Vec<u8>> =
        (0..MANY).filter_map(|n| Some((n, store.get(&keys(n))?))).collect();
    assert_eq!(got, want);
}
