//! The store on a bad day: damage, no folder, a full disk, two processes, a killed one.

use super::*;
use crate::episode::EpisodeId;
use std::io::{BufRead, BufReader, Write};
use std::process::{Child, Command, Stdio};
use tempfile::TempDir;

/// Set in the environment of a test that is run again as a second process: its part and its folder.
const PART: &str = "ALOUD_STORE_TEST_PART";
const FOLDER: &str = "ALOUD_STORE_TEST_FOLDER";

fn store() -> (TempDir, Store) {
    let dir = tempfile::tempdir().expect("a folder");
    let store = Store::open(dir.path());
    assert_eq!(store.problem(), None);
    (dir, store)
}

fn key() -> Key {
    Key::new("transcript", EpisodeId([7; 32])).with("model", "abc")
}

fn about() -> About {
    About { file: "column.mp3".into(), title: None, model: Some("base".into()) }
}

/// The journal of [`key`], for which nobody has to wait.
fn journal(store: &Store) -> Journal {
    store
        .work_on(&key(), &mut || panic!("somebody holds the lease"), &|| false)
        .expect("a lease")
        .journal(about())
}

fn windows(journal: &Journal) -> Vec<(u64, Vec<u8>)> {
    journal.entries().map(|(window, payload)| (window, payload.to_vec())).collect()
}

#[test]
fn what_is_put_is_got() {
    let (dir, store) = store();
    assert_eq!(store.get(&key()), None);
    for payload in [&b"first"[..], b"", b"second"] {
        assert_eq!(store.put(&key(), &about(), payload), Outcome::Kept);
        assert_eq!(Store::open(dir.path()).get(&key()).as_deref(), Some(payload));
    }
    assert_eq!(store.get(&key().with("beam", &5)), None);
    let entries = store.list();
    assert_eq!(
        (entries.len(), entries[0].state, &entries[0].about, entries[0].stage.as_str()),
        (1, State::Whole, &about(), "transcript")
    );
    assert_eq!(store.size(), (entries[0].bytes, 1));
}

#[test]
fn a_damaged_record_is_set_aside() {
    let (dir, store) = store();
    let path = files::path(dir.path(), &key(), files::RECORD);
    for n in 1..=5 {
        assert_eq!(store.put(&key(), &about(), b"payload"), Outcome::Kept);
        let mut record = fs::read(&path).expect("the record");
        record.truncate(record.len() - n);
        fs::write(&path, record).expect("a damaged record");
        assert_eq!(store.get(&key()), None);
        assert!(!path.exists());
        assert_eq!(store.list().len(), n.min(3), "only so many are kept");
    }
    fs::create_dir(&path).expect("a folder in the way");
    assert_eq!((store.get(&key()), store.put(&key(), &about(), b"payload")), (None, Outcome::Kept));
    assert_eq!(store.get(&key()).as_deref(), Some(&b"payload"[..]));
}

#[test]
fn a_folder_that_cannot_be_used() {
    let dir = tempfile::tempdir().expect("a folder");
    let file = dir.path().join("file");
    fs::write(&file, "mine").expect("a file");
    let unusable = [
        Store::open(&file),
        Store::open(&file.join("below")),
        Store::open(Path::new("")),
        Store::open(Path::new("\0")),
    ];
    for store in unusable {
        assert!(
            store.problem().is_some_and(|problem| problem
                .why
                .starts_with("nothing will be kept: cannot write in `")),
            "{store:?}"
        );
        check_remembers_nothing(&store);
    }
    let store = Store::forgetful();
    assert_eq!(store.problem(), None);
    check_remembers_nothing(&store);
    assert_eq!(fs::read(file).expect("the file"), b"mine");
}

fn check_remembers_nothing(store: &Store) {
    assert_eq!((store.put(&key(), &about(), b"x"), store.get(&key())), (Outcome::Forgotten, None));
    let mut journal = journal(store);
    journal.append(1, b"x");
    assert_eq!((journal.problem(), windows(&journal)), (None, Vec::new()));
    assert_eq!(journal.finish(b"x"), Outcome::Forgotten);
    assert_eq!(
        (store.list().len(), store.size(), store.remove(|_| true)),
        (0, (0, 0), Removed::default())
    );
}

#[test]
fn a_read_only_folder_is_still_read() {
    let (_dir, store) = store();
    let other = key().with("beam", &5);
    assert_eq!(store.put(&other, &about(), b"kept"), Outcome::Kept);
    journal(&store).append(1, b"x");
    // Permissions do not bind the superuser, under whom tests may run.
    let read_only = Store { problem: Some("read-only".into()), ..store.clone() };
    assert_eq!(read_only.get(&other).as_deref(), Some(&b"kept"[..]));
    let mut journal = journal(&read_only);
    journal.append(2, b"y");
    assert_eq!((windows(&journal), journal.problem()), (vec![(1, b"x".to_vec())], None));
    assert_eq!((journal.finish(b"z"), store.get(&key())), (Outcome::Forgotten, None));
}

#[test]
fn a_job_goes_on() {
    let (dir, store) = store();
    for n in 0..4u64 {
        let mut journal = journal(&store);
        assert_eq!(windows(&journal), (0..n).map(|n| (n, b"line\n".to_vec())).collect::<Vec<_>>());
        journal.append(n, b"line\n");
        journal.append(n, b"again");
        assert_eq!((journal.problem(), store.list()[0].state), (None, State::Unfinished));
        // A torn line, as a kill or a full disk leaves it.
        let path = files::path(dir.path(), &key(), files::JOURNAL);
        fs::OpenOptions::new()
            .append(true)
            .open(path)
            .and_then(|mut file| file.write_all(b"0123 9 torn"))
            .expect("a torn line");
    }
    assert_eq!(journal(&store).finish(b"done"), Outcome::Kept);
    assert_eq!(store.get(&key()).as_deref(), Some(&b"done"[..]));
    assert_eq!(
        fs::read_dir(dir.path()).map(Iterator::count).ok(),
        Some(1),
        "neither journal nor lock is left, only the record"
    );
}

#[test]
fn a_death_between_the_last_steps_leaves_nothing() {
    let (_dir, store) = store();
    journal(&store).append(1, b"x");
    assert_eq!(store.put(&key(), &about(), b"done"), Outcome::Kept);
    assert_eq!((store.list().len(), store.get(&key()).is_some(), store.list().len()), (2, true, 1));
}

#[test]
fn waiting_can_be_cancelled() {
    let (dir, store) = store();
    let other = Store::open(dir.path());
    let mut lease = store.work_on(&key(), &mut || {}, &|| false);
    let mut n_waits = 0;
    assert!(other.work_on(&key(), &mut || n_waits += 1, &|| true).is_none());
    assert!(
        other.work_on(&key().with("beam", &5), &mut || n_waits += 1, &|| false).is_some(),
        "another job is free"
    );
    assert_eq!(n_waits, 0);
    let lease = other.work_on(&key(), &mut || (n_waits, lease) = (n_waits + 1, None), &|| false);
    assert_eq!((n_waits, lease.is_some()), (1, true));
}

/// Where locks reach no other machine, the file that was locked here is the one that the worker
/// there has locked.
#[test]
fn who_waits_leaves_the_lock_of_another_machine() {
    let (dir, store) = store();
    let [lock, claimed] =
        [files::LOCK, files::CLAIM].map(|ending| files::path(dir.path(), &key(), ending));
    fs::write(&lock, "").expect("a lock of another machine");
    let claim = Watch::new(PACE, "there").take(&claimed, true).expect("a folder");
    let mut n_waits = 0;
    assert!(store.work_long_on(&key(), &mut || n_waits += 1, &|| true).is_none());
    assert_eq!((n_waits, lock.exists(), claim.is_some()), (0, true, true));
    // Nor does clearing remove it.
    store.remove(|_| true);
    assert!(lock.exists());
    drop(claim);
    drop(store.work_long_on(&key(), &mut || panic!("nobody is at it"), &|| false));
    assert_eq!(lock.exists(), cfg!(not(unix)));
}

#[test]
fn without_locks_work_goes_on() {
    let (dir, store) = store();
    fs::create_dir(files::path(dir.path(), &key(), files::LOCK))
        .expect("a folder where the lock should be");
    assert_eq!(
        (journal(&store).finish(b"done"), store.get(&key()).is_some()),
        (Outcome::Kept, true)
    );
}

#[test]
fn a_folder_that_vanishes_is_made_again() {
    let (dir, store) = store();
    fs::remove_dir_all(dir.path()).expect("an emptied cache");
    let mut journal = journal(&store);
    journal.append(1, b"x");
    fs::remove_dir_all(dir.path()).expect("an emptied cache");
    journal.append(2, b"x");
    assert_eq!((journal.finish(b"done"), store.get(&key()).is_some()), (Outcome::Kept, true));
}

#[test]
fn two_who_want_the_same_share_it() {
    let (dir, _) = store();
    let n_made = std::sync::atomic::AtomicUsize::new(0);
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                let store = Store::open(dir.path());
                let lease = store.work_on(&key(), &mut || {}, &|| false).expect("a lease");
                if store.get(&key()).is_none() {
                    n_made.fetch_add(1, std::sync::atomic::Ordering::SeqCst);
                    assert_eq!(lease.journal(about()).finish(b"shared"), Outcome::Kept);
                }
                assert_eq!(store.get(&key()).as_deref(), Some(&b"shared"[..]));
            });
        }
    });
    assert_eq!(n_made.into_inner(), 1);
}

#[test]
fn removing_leaves_what_is_not_ours() {
    let (dir, store) = store();
    let other = Key::new("transcript", EpisodeId([8; 32]));
    journal(&store).append(1, b"x");
    assert_eq!(
        (store.put(&key(), &about(), b"x"), store.put(&other, &about(), b"x")),
        (Outcome::Kept, Outcome::Kept)
    );
    let (new, old) = (dir.path().join("aloud-new.part"), dir.path().join("aloud-old.part"));
    for path in
        [&dir.path().join("thesis.txt"), &new, &old, &files::path(dir.path(), &other, files::LOCK)]
    {
        fs::write(path, "x").expect("a file");
    }
    let two_days_ago = std::time::SystemTime::now() - Duration::from_secs(2 * 24 * 60 * 60);
    fs::File::options()
        .write(true)
        .open(&old)
        .and_then(|file| file.set_modified(two_days_ago))
        .expect("an old file");

    let lease = store.work_on(&key(), &mut || {}, &|| false);
    let removed = store.remove(|entry| entry.episode == key().episode());
    assert_eq!((removed.n_entries, removed.n_busy, removed.problem), (1, 1, None));
    drop(lease);
    let removed = store.remove(|entry| entry.episode == key().episode());
    assert_eq!((removed.n_entries, removed.n_busy, store.list().len()), (1, 0, 1));
    let mut left: Vec<_> = fs::read_dir(dir.path())
        .expect("the folder")
        .flatten()
        .map(|file| file.file_name())
        .collect();
    left.sort();
    let record = files::path(dir.path(), &other, files::RECORD);
    assert_eq!(
        left,
        [record.file_name().expect("a name"), "aloud-new.part".as_ref(), "thesis.txt".as_ref()]
    );
}

/// The window that the second process writes: long, so that a kill may well hit the middle of it.
fn payload(window: u64) -> Vec<u8> {
    format!("window {window}\n").repeat(2000).into_bytes()
}

/// Runs `second_process` of this very test program as another process that plays `part`.
fn start(part: &str, dir: &Path, mut command: Command) -> Child {
    command.args(["--exact", "store::tests::second_process", "--nocapture", "--test-threads=1"]);
    command.env(PART, part).env(FOLDER, dir).stdout(Stdio::null()).stderr(Stdio::piped());
    command.spawn().expect("a second process")
}

fn this_program() -> std::path::PathBuf {
    std::env::current_exe().expect("the path of the tests")
}

/// Does nothing unless it was started by another test.
#[test]
fn second_process() {
    let (Ok(part), Some(dir)) = (std::env::var(PART), std::env::var_os(FOLDER)) else { return };
    let store = Store::open(Path::new(&dir));
    match part.as_str() {
        "work until killed" => {
            let mut journal = journal(&store);
            // Fails, and ends the process, once nobody reads what it says.
            for window in journal.entries().count() as u64.. {
                journal.append(window, &payload(window));
                writeln!(std::io::stderr(), "{window}").expect("somebody listens");
            }
        }
        "fill the disk" => {
            assert!(matches!(store.put(&key(), &about(), &[b'x'; 1 << 20]), Outcome::Failed(_)));
            assert_eq!((store.get(&key()), store.list().len()), (None, 0));
            let mut journal = journal(&store);
            for window in 0..100 {
                journal.append(window, &[b'x'; 1000]);
            }
            assert!(
                journal
                    .problem()
                    .is_some_and(|problem| problem.starts_with("finished windows are not kept"))
            );
            assert!(matches!(journal.finish(&[b'x'; 1 << 20]), Outcome::Failed(_)));
            writeln!(std::io::stderr(), "survived").expect("somebody listens");
        }
        "claim on a full disk" => {
            let path = files::path(Path::new(&dir), &key(), files::CLAIM);
            assert!(Watch::new(PACE, "here").take(&path, true).is_err());
            assert!(!path.exists(), "who claimed nothing is waited for");
            writeln!(std::io::stderr(), "survived").expect("somebody listens");
        }
        other => panic!("no part {other}"),
    }
}

#[test]
fn a_killed_process_frees_its_work() {
    let (dir, store) = store();
    let mut n_kept = 0;
    for n_windows in 1..6 {
        let mut child = start("work until killed", dir.path(), Command::new(this_program()));
        let said = BufReader::new(child.stderr.take().expect("its words"))
            .lines()
            .take(n_windows)
            .map_while(Result::ok);
        assert_eq!(said.count(), n_windows, "it works");

        let mut n_waits = 0;
        let mut kill = || {
            n_waits += 1;
            child.kill().and_then(|()| child.wait()).expect("the end of the process");
        };
        let lease = store.work_on(&key(), &mut kill, &|| false).expect("the lease of the dead");
        assert_eq!(n_waits, 1);
        let found = windows(&lease.journal(about()));
        assert!(found.len() >= n_kept + n_windows, "what it said was kept");
        assert_eq!(found, (0..found.len() as u64).map(|n| (n, payload(n))).collect::<Vec<_>>());
        n_kept = found.len();
    }
}

/// A limit on the size of files stands for a full disk: writing stops in the middle with an error.
#[cfg(unix)]
#[test]
fn a_full_disk_ends_nothing() {
    let (dir, store) = store();
    for (part, n_blocks) in [("claim on a full disk", 0), ("fill the disk", 16)] {
        let script = format!("trap '' XFSZ; ulimit -f {n_blocks}; exec \"$0\" \"$@\"");
        let mut shell = Command::new("sh");
        shell.args(["-c", &script]).arg(this_program());
        let output = start(part, dir.path(), shell).wait_with_output().expect("its end");
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success() && said.contains("survived"), "{part}: {said}");
    }
    let found = windows(&journal(&store));
    assert!(
        (1..100).contains(&found.len())
            && found.iter().all(|(_, payload)| payload == &[b'x'; 1000])
    );
    assert_eq!(
        (store.put(&key(), &about(), b"x"), store.list().len()),
        (Outcome::Kept, 2),
        "no half-written file is left"
    );
}
