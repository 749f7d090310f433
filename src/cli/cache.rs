//! `aloud cache list|rm`: what is remembered, and forgetting it.
//!
//! Only shows and clears what the store holds; never makes anything. What took long, and what
//! nothing can make again, goes only after a question or with a flag.

use super::args::{CacheArgs, CacheCommand, Goes};
use super::chosen;
use super::confirm::Answer;
use super::exit::Exit;
use super::output;
use super::report::{Clean, Failure};
use super::stages::{TRANSCRIPT, Worth, worth};
use crate::decode;
use crate::episode::EpisodeId;
use crate::feeds::{FEED, TEXTS, kept};
use crate::printable;
use crate::reason::Reason;
use crate::store::{Entry, State, Store, listing_json};
use std::collections::BTreeSet;
use std::io::{self, Write};
use std::path::Path;
use std::time::{Duration, SystemTime};

/// Exit codes, as the whole program uses them.
const DONE: u8 = 0;
const FAILED: u8 = 1;
const WRONG_USAGE: u8 = 2;
const CANCELLED: u8 = 130;

/// Fewer digits of a hash are more likely a slip than a choice.
const MIN_PREFIX: usize = 4;

/// How many digits of a hash the table shows.
const SHOWN_PREFIX: usize = 8;

/// Asks the user a question.
pub type Ask<'a> = &'a mut dyn FnMut(&str) -> io::Result<Answer>;

/// Does what was asked and returns the exit code. Fails only where `stdout`, `stderr` or `ask`
/// does.
pub fn run(
    args: &CacheArgs,
    store: &Store,
    stdout: &mut dyn Write,
    stderr: &mut dyn Write,
    ask: Ask,
) -> io::Result<u8> {
    let (stdout, stderr) = (&mut Clean::new(stdout), &mut Clean::new(stderr));
    match &args.command {
        CacheCommand::List { json: true } => {
            let [dir, cache] = [store.dir(), store.cache_dir()]
                .map(|dir| dir.map(|dir| dir.display().to_string()).unwrap_or_default());
            writeln!(stdout, "{}", printable::json(&listing_json(&dir, &cache, &store.list())))?;
            Ok(DONE)
        }
        CacheCommand::List { json: false } => list(store, stdout, stderr),
        CacheCommand::Rm { episode, goes, .. } => {
            remove(store, episode.as_deref(), *goes, stderr, ask)
        }
    }
}

fn list(store: &Store, stdout: &mut dyn Write, stderr: &mut dyn Write) -> io::Result<u8> {
    let entries = store.list();
    let place = place(store).map(|place| format!(" in {place}")).unwrap_or_default();
    let fetched = kept::all(store);
    if let (false, Some(folder)) = (fetched.is_empty(), kept::folder(store)) {
        let bytes = fetched.iter().map(|(_, bytes)| bytes).sum();
        writeln!(
            stderr,
            "{}, {} in `{}`",
            plural(fetched.len(), "fetched recording"),
            size(bytes),
            folder.display()
        )?;
    }
    if entries.is_empty() {
        writeln!(stderr, "nothing is remembered{place}")?;
        return Ok(DONE);
    }
    stdout.write_all(table(&entries, SystemTime::now()).as_bytes())?;
    let bytes = entries.iter().map(|entry| entry.bytes).sum();
    writeln!(stderr, "{}, {}{place}", counted(entries.iter()), size(bytes))?;
    Ok(DONE)
}

/// A row per entry. The columns that can be long and wide come last, so they need no padding.
fn table(entries: &[Entry], now: SystemTime) -> String {
    let heading = ["EPISODE", "STAGE", "MODEL", "SIZE", "AGE", "FILE"].map(str::to_owned);
    let rows = entries.iter().map(|entry| row(entry, now));
    output::table(
        std::iter::once(heading).chain(rows).collect(),
        &[false, false, false, true, false],
    )
}

fn row(entry: &Entry, now: SystemTime) -> [String; 6] {
    let stage = match entry.state {
        State::Whole => or_dash(&entry.stage),
        state @ (State::Unfinished | State::Damaged) => {
            format!("{} ({})", or_dash(&entry.stage), state.name())
        }
    };
    let title = entry
        .about
        .title
        .as_deref()
        .map(|title| format!(" · {}", printable::line(title)))
        .unwrap_or_default();
    [
        short(&entry.episode),
        stage,
        or_dash(entry.about.model.as_deref().unwrap_or_default()),
        size(entry.bytes),
        age(now.duration_since(entry.modified).unwrap_or_default()),
        or_dash(&entry.about.file) + &title,
    ]
}

/// The folders of `store`; `None` for one without any.
pub fn place(store: &Store) -> Option<String> {
    let (dir, cache) = (store.dir()?, store.cache_dir()?);
    Some(if dir == cache {
        format!("`{}`", dir.display())
    } else {
        format!("`{}` and `{}`", dir.display(), cache.display())
    })
}

fn remove(
    store: &Store,
    episode: Option<&Path>,
    goes: Goes,
    stderr: &mut Clean<'_>,
    ask: Ask,
) -> io::Result<u8> {
    let entries = store.list();
    let meant = match episode.map(|episode| find(episode, &entries)).transpose() {
        Ok(meant) => meant,
        Err(refusal) => {
            stderr.error(&refusal.why, false)?;
            return Ok(refusal.exit as u8);
        }
    };
    // Shows that are followed are no work of this machine: `aloud feed rm` forgets them.
    let is_feed = |entry: &Entry| [FEED, TEXTS].contains(&entry.stage.as_str());
    let is_asked =
        |entry: &Entry| !is_feed(entry) && meant.is_none_or(|meant| meant == entry.episode);
    let is_kept = |entry: &Entry| !goes.listened && worth(&entry.stage) == Worth::Own;
    let is_meant = |entry: &Entry| is_asked(entry) && !is_kept(entry);
    let n_episodes = counted(entries.iter().filter(|entry| is_meant(entry)));
    let n_kept = n_episodes_of(entries.iter().filter(|entry| is_asked(entry) && is_kept(entry)));
    if let (false, Some(cost)) = (goes.yes, cost(entries.iter().filter(|entry| is_meant(entry)))) {
        let code = match ask(&format!("this forgets {cost}. Go on?"))? {
            Answer::Yes => DONE,
            Answer::No => FAILED,
            Answer::Cancelled => CANCELLED,
            Answer::Nobody => {
                let why = format!("nothing was removed, because this would forget {cost}");
                stderr.error(&Reason::new(why).hint("`--yes` does it without asking"), false)?;
                return Ok(WRONG_USAGE);
            }
        };
        if code != DONE {
            writeln!(stderr, "nothing was removed")?;
            return Ok(code);
        }
    }
    let fetched = kept::all(store);
    let removed = store.remove(is_meant);
    kept::clear(store, &fetched);
    if episode.is_none() {
        super::parts::forget(store);
        kept::sweep(store);
        if goes.listened {
            chosen::forget(store)?;
        }
    }
    if n_kept > 0 {
        let episodes = plural(n_kept, "episode");
        writeln!(
            stderr,
            "kept: the places and the bookmarks of {episodes}; `--listened` forgets them too"
        )?;
    }
    if removed.n_entries == 0 && n_kept > 0 && removed.n_busy == 0 && removed.problem.is_none() {
        return Ok(DONE);
    }
    if removed.n_entries == 0 && removed.n_busy == 0 && removed.problem.is_none() {
        writeln!(stderr, "nothing was remembered")?;
        return Ok(DONE);
    }
    if removed.n_busy == 0 && removed.problem.is_none() {
        writeln!(stderr, "freed {}: {n_episodes}", size(removed.bytes))?;
        return Ok(DONE);
    }
    writeln!(stderr, "freed {}: {} of {n_episodes}", size(removed.bytes), removed.n_entries)?;
    if removed.n_busy > 0 {
        writeln!(
            stderr,
            "{} left: another `aloud` is working there; stop it or wait for it",
            removed.n_busy
        )?;
    }
    if let Some(problem) = removed.problem {
        writeln!(stderr, "{problem}")?;
    }
    Ok(FAILED)
}

/// What it costs to lose `entries`; `None` where that is a moment.
fn cost<'a>(entries: impl Iterator<Item = &'a Entry>) -> Option<String> {
    let (own, others): (Vec<&Entry>, Vec<&Entry>) =
        entries.partition(|entry| worth(&entry.stage) == Worth::Own);
    // What is damaged is no use, unless a listener could still read their notes in it.
    let is_dear =
        |entry: &&Entry| worth(&entry.stage) == Worth::Long && entry.state != State::Damaged;
    let (transcripts, rest): (Vec<&Entry>, Vec<&Entry>) =
        others.into_iter().filter(is_dear).partition(|entry| entry.stage == TRANSCRIPT);
    let counts = [
        (transcripts.len(), "transcript"),
        (rest.len(), if transcripts.is_empty() { "result" } else { "other result" }),
    ];
    let counts: Vec<String> =
        counts.into_iter().filter(|(n, _)| *n > 0).map(|(n, name)| plural(n, name)).collect();
    let of = plural(n_episodes_of(transcripts.iter().chain(&rest).copied()), "episode");
    let long = (!counts.is_empty())
        .then(|| format!("{} of {of}, which can take long to make again", counts.join(" and ")));
    let of = plural(n_episodes_of(own.iter().copied()), "episode");
    let own = (!own.is_empty())
        .then(|| format!("the places, bookmarks and notes of {of}, which nothing can make again"));
    let parts: Vec<String> = long.into_iter().chain(own).collect();
    (!parts.is_empty()).then(|| parts.join("; and "))
}

/// The recording that `rm` would take `episode` for, if it is one.
pub fn meant(store: &Store, episode: &Path) -> Option<EpisodeId> {
    find(episode, &store.list()).ok()
}

/// The recording that the user means: a file there is, or the hash or file name of one that is
/// remembered.
fn find(episode: &Path, entries: &[Entry]) -> Result<EpisodeId, Failure> {
    let shown = printable::line(&episode.display().to_string()).into_owned();
    let known: BTreeSet<EpisodeId> = if episode.is_file() {
        let id = decode::episode_id(episode).map_err(|error| {
            Failure::new(Exit::Input, format!("cannot read `{shown}`: {error}"))
        })?;
        entries.iter().map(|entry| entry.episode).filter(|known| *known == id).collect()
    } else {
        let text = episode.to_string_lossy();
        let is_hash = text.len() >= MIN_PREFIX && text.bytes().all(|byte| byte.is_ascii_hexdigit());
        let digits = text.to_ascii_lowercase();
        let is_meant = |entry: &&Entry| {
            entry.about.file == text || is_hash && entry.episode.to_string().starts_with(&digits)
        };
        entries.iter().filter(is_meant).map(|entry| entry.episode).collect()
    };
    match (known.first(), known.len()) {
        (Some(id), 1) => Ok(*id),
        (Some(_), _) => {
            let hashes: Vec<String> = known
                .iter()
                .map(|id| format!("`{}`", &id.to_string()[..2 * SHOWN_PREFIX]))
                .collect();
            let why = format!("`{shown}` may mean {}", hashes.join(" or "));
            Err(Failure::new(Exit::Usage, why).hint("name one of them"))
        }
        (None, _) => {
            let why = format!("nothing is remembered of `{shown}`");
            Err(Failure::new(Exit::Nothing, why).hint("`aloud cache list` shows what is"))
        }
    }
}

/// "3 entries of 2 episodes".
fn counted<'a>(entries: impl Iterator<Item = &'a Entry>) -> String {
    let entries: Vec<&Entry> = entries.collect();
    let n_entries = entries.len();
    let entries_of = super::report::counted(n_entries, "entry", "entries");
    format!("{entries_of} of {}", plural(n_episodes_of(entries.into_iter()), "episode"))
}

fn n_episodes_of<'a>(entries: impl Iterator<Item = &'a Entry>) -> usize {
    entries.map(|entry| entry.episode).collect::<BTreeSet<_>>().len()
}

fn plural(n: usize, name: &str) -> String {
    super::report::counted(n, name, &format!("{name}s"))
}

fn short(id: &EpisodeId) -> String {
    id.to_string()[..SHOWN_PREFIX].to_owned()
}

fn or_dash(text: &str) -> String {
    if text.is_empty() { "–".to_owned() } else { printable::line(text).into_owned() }
}

/// A number of bytes for people, in powers of a thousand.
fn size(bytes: u64) -> String {
    let mut amount = bytes as f64;
    for unit in ["B", "kB", "MB"] {
        if amount < 999.5 {
            return if amount < 9.95 && unit != "B" {
                format!("{amount:.1} {unit}")
            } else {
                format!("{amount:.0} {unit}")
            };
        }
        amount /= 1000.0;
    }
    format!("{amount:.1} GB")
}

/// How long ago, in the largest unit that it fills.
fn age(age: Duration) -> String {
    let seconds = age.as_secs();
    let (n, unit) = match seconds {
        0..60 => return "now".to_owned(),
        60..3600 => (seconds / 60, "minute"),
        3600..86_400 => (seconds / 3600, "hour"),
        _ => (seconds / 86_400, "day"),
    };
    format!("{n} {unit}{}", if n == 1 { "" } else { "s" })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::listened::LISTENED;
    use crate::cli::stages::SEEK_INDEX;
    use crate::store::{About, Key, Outcome};
    use clap::Parser;
    use tempfile::TempDir;

    #[derive(Parser)]
    struct Program {
        #[command(flatten)]
        args: CacheArgs,
    }

    /// A store that knows two recordings, the first one's bytes being `sound`, and an unfinished
    /// job of the first.
    fn sample() -> (TempDir, Store, EpisodeId) {
        let dir = tempfile::tempdir().expect("a folder");
        let store = Store::open(&dir.path().join("cache"));
        let id = EpisodeId(*blake3::hash(b"sound").as_bytes());
        for (id, file, title) in [
            (id, "column.mp3", Some("人工\u{1b}[2J智慧")),
            (EpisodeId([0xab; 32]), "talk.mp3", None),
        ] {
            let about = About {
                file: file.into(),
                title: title.map(str::to_owned),
                model: Some("base".into()),
            };
            let key = Key::new("transcript", id).with("model", "x");
            assert_eq!(store.put(&key, &about, &[b'x'; 2000]), Outcome::Kept);
        }
        let about = About { file: "column.mp3".into(), title: None, model: Some("模型".into()) };
        let lease = store.work_on(
            &Key::new("transcript", id),
            &mut || panic!("nobody else is here"),
            &|| false,
        );
        lease.expect("a lease").journal(about).append(0, b"window");
        (dir, store, id)
    }

    /// The exit code and both streams, where nobody is there to be asked.
    fn aloud_cache(store: &Store, arguments: &[&str]) -> (u8, String, String) {
        answered(store, arguments, &mut |_| Answer::Nobody)
    }

    fn answered(
        store: &Store,
        arguments: &[&str],
        answer: &mut dyn FnMut(&str) -> Answer,
    ) -> (u8, String, String) {
        let program = Program::try_parse_from([&["cache"], arguments].concat())
            .expect("a right command line");
        let (mut stdout, mut stderr) = (Vec::new(), Vec::new());
        let mut ask = |question: &str| Ok(answer(question));
        let code = run(&program.args, store, &mut stdout, &mut stderr, &mut ask)
            .expect("a vector takes anything");
        (code, String::from_utf8(stdout).expect("UTF-8"), String::from_utf8(stderr).expect("UTF-8"))
    }

    #[test]
    fn a_table() {
        let (_dir, store, id) = sample();
        let (code, table, note) = aloud_cache(&store, &["list"]);
        let (column, journal) = (short(&id), store.list()[1].bytes);
        let want = format!(
            "EPISODE   STAGE                    MODEL    SIZE  AGE  FILE\n\
             {column}  transcript               base   2.3 kB  now  column.mp3 · 人工[2J智慧\n\
             {column}  transcript (unfinished)  模型    {journal} B  now  column.mp3\n\
             abababab  transcript               base   2.3 kB  now  talk.mp3\n"
        );
        assert_eq!((code, table), (0, want));
        assert!(note.starts_with("3 entries of 2 episodes, 4.8 kB in `"), "{note}");
    }

    #[test]
    fn for_programs() {
        let (_dir, store, id) = sample();
        let (_, json, note) = aloud_cache(&store, &["list", "--json"]);
        assert!(
            json.contains("\"aloud-cache/1\"")
                && json.contains(&id.to_string())
                && json.contains("\"unfinished\""),
            "{json}"
        );
        assert!(!json.contains('\u{1b}') && note.is_empty());
        let (_, json, _) = aloud_cache(&Store::forgetful(), &["list", "--json"]);
        assert!(json.contains("\"entries\": []"), "{json}");
    }

    #[test]
    fn removing() {
        let (dir, _, id) = sample();
        let sound = dir.path().join("renamed.mp3");
        std::fs::write(&sound, "sound").expect("a file");
        for (argument, code, note, n_left) in [
            ("talk.mp3", 0, "freed 2.3 kB: 1 entry of 1 episode", 2),
            ("ABABab", 0, "freed 2.3 kB: 1 entry of 1 episode", 2),
            ("--all", 0, "freed 4.8 kB: 3 entries of 2 episodes", 0),
            (sound.to_str().expect("UTF-8"), 0, "freed 2.5 kB: 2 entries of 1 episode", 1),
            (&id.to_string(), 0, "freed 2.5 kB: 2 entries of 1 episode", 1),
            ("aba", 5, "error: nothing is remembered of `aba`\n{LIST}", 3),
            ("Cargo.toml", 5, "error: nothing is remembered of `Cargo.toml`\n{LIST}", 3),
            ("\u{1b}[2J", 5, "error: nothing is remembered of `[2J`\n{LIST}", 3),
        ] {
            let (_dir, store, _) = sample();
            let note = note.replace("{LIST}", "hint: `aloud cache list` shows what is");
            let (got, stdout, stderr) = aloud_cache(&store, &["rm", argument, "--yes"]);
            assert_eq!(
                (got, stdout.as_str(), stderr.trim_end(), store.list().len()),
                (code, "", note.as_str(), n_left),
                "{argument}"
            );
        }
        assert!(
            Program::try_parse_from(["cache", "rm"]).is_err()
                && Program::try_parse_from(["cache", "rm", "x", "--all"]).is_err()
        );
    }

    #[test]
    fn what_a_listener_made_is_kept_unless_it_is_meant() {
        let (_dir, store, id) = sample();
        let about = About { file: "column.mp3".into(), ..About::default() };
        assert_eq!(store.put(&Key::new(LISTENED, id), &about, b"{}"), Outcome::Kept);
        let kept =
            "kept: the places and the bookmarks of 1 episode; `--listened` forgets them too\n";
        let (code, _, note) = aloud_cache(&store, &["rm", "--all", "--yes"]);
        assert_eq!(
            (code, note.as_str(), store.list().len()),
            (0, &*format!("{kept}freed 4.8 kB: 3 entries of 2 episodes\n"), 1)
        );
        assert_eq!(aloud_cache(&store, &["rm", "column.mp3"]), (0, String::new(), kept.to_owned()));
        assert!(store.get(&Key::new(LISTENED, id)).is_some());
        let (code, _, note) = aloud_cache(&store, &["rm", "--all", "--listened"]);
        let cost = "the places, bookmarks and notes of 1 episode, which nothing can make again";
        let refusal = format!(
            "error: nothing was removed, because this would forget {cost}\nhint: `--yes` does it without asking\n"
        );
        assert_eq!((code, note, store.size().1), (2, refusal, 1));
        assert_eq!(aloud_cache(&store, &["rm", "--all", "--listened", "--yes"]).0, 0);
        assert_eq!(store.size(), (0, 0));
    }

    #[test]
    fn what_took_long_goes_after_a_question() {
        let (_dir, store, id) = sample();
        assert_eq!(store.put(&Key::new("alignment", id), &About::default(), b"{}"), Outcome::Kept);
        assert_eq!(
            store.put(&Key::new(SEEK_INDEX, EpisodeId([0xab; 32])), &About::default(), b""),
            Outcome::Kept
        );
        let cost =
            "3 transcripts and 1 other result of 2 episodes, which can take long to make again";
        for (answer, code, note, n_left) in [
            (
                Answer::Nobody,
                2,
                format!(
                    "error: nothing was removed, because this would forget {cost}\nhint: `--yes` does it without asking\n"
                ),
                5,
            ),
            (Answer::No, 1, "nothing was removed\n".to_owned(), 5),
            (Answer::Cancelled, 130, "nothing was removed\n".to_owned(), 5),
            (Answer::Yes, 0, "freed 5.2 kB: 5 entries of 2 episodes\n".to_owned(), 0),
        ] {
            let mut asked = Vec::new();
            let (got, _, stderr) = answered(&store, &["rm", "--all"], &mut |question| {
                asked.push(question.to_owned());
                answer
            });
            assert_eq!((got, stderr, store.list().len()), (code, note, n_left), "{answer:?}");
            assert_eq!(asked, [format!("this forgets {cost}. Go on?")]);
        }
        // What is there again in a moment goes at once.
        assert_eq!(store.put(&Key::new(SEEK_INDEX, id), &About::default(), b""), Outcome::Kept);
        assert_eq!((aloud_cache(&store, &["rm", "--all"]).0, store.size()), (0, (0, 0)));
    }

    #[test]
    fn removing_what_is_unclear_or_busy() {
        let (_dir, store, id) = sample();
        let namesake = About { file: "talk.mp3".into(), ..About::default() };
        assert_eq!(
            store.put(&Key::new("transcript", EpisodeId([0xcd; 32])), &namesake, b""),
            Outcome::Kept
        );
        let (code, _, note) = aloud_cache(&store, &["rm", "talk.mp3"]);
        assert_eq!(
            (code, note.as_str()),
            (
                2,
                "error: `talk.mp3` may mean `abababababababab` or `cdcdcdcdcdcdcdcd`\nhint: name one of them\n"
            )
        );

        let lease = store.work_on(&Key::new("transcript", id), &mut || {}, &|| false);
        let (code, _, note) = aloud_cache(&store, &["rm", "--all", "--yes"]);
        assert!(
            code == 1
                && note.starts_with("freed 4.8 kB: 3 of 4 entries of 3 episodes\n1 left: another"),
            "{note}"
        );
        drop(lease);
        assert_eq!((aloud_cache(&store, &["rm", "--all", "--yes"]).0, store.size()), (0, (0, 0)));
        let (code, _, note) = aloud_cache(&store, &["rm", "--all", "--yes"]);
        assert_eq!((code, note.as_str()), (0, "nothing was remembered\n"));
        assert!(aloud_cache(&store, &["list"]).2.starts_with("nothing is remembered in `"));
    }

    #[test]
    fn numbers_for_people() {
        for (bytes, text) in [
            (0, "0 B"),
            (999, "999 B"),
            (1000, "1.0 kB"),
            (9_960, "10 kB"),
            (999_499, "999 kB"),
            (999_600, "1.0 MB"),
            (2_000_000_000, "2.0 GB"),
        ] {
            assert_eq!(size(bytes), text);
        }
        for (seconds, text) in
            [(59, "now"), (60, "1 minute"), (7_199, "1 hour"), (172_800, "2 days")]
        {
            assert_eq!(age(Duration::from_secs(seconds)), text);
        }
    }
}
