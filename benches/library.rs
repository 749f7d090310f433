//! A library of many hours: how long the index takes, how large it is, and how soon a phrase is
//! found from the start of the process; beside ripgrep over subtitles of the same library and
//! SQLite's FTS5 with trigrams, with what each of them misses.
//!
//! `ALOUD_BENCH_HOURS` says how many hours are generated (10 without it; 1000 are ten million
//! words), a third of them Chinese. The words are made up, as frequent as real ones, and the same
//! for every run.

#![allow(clippy::print_stdout, reason = "figures are what a bench is for")]

#[allow(dead_code, reason = "shared with the bench of servers")]
mod generated;

use aloud::transcript::{SpokenWord, Transcript};
use generated::{HOUR, character, fill, program, word};
use std::fmt::Write;
use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Instant;

/// Each search is timed so often; the quickest counts.
const RUNS: usize = 5;

/// Makes a table of cues, or looks a phrase up in one: its time and the number of rows.
const SQLITE: &str = "
import glob, os, re, sqlite3, sys, time
db, folder = sys.argv[2], sys.argv[3]
start = time.perf_counter()
con = sqlite3.connect(db)
if sys.argv[1] == 'make':
    con.execute(\"CREATE VIRTUAL TABLE cues USING fts5(file UNINDEXED, text, tokenize='trigram')\")
    for path in glob.glob(os.path.join(folder, '*.srt')):
        cues = [block.split('\\n', 2)[2].strip() for block in open(path, encoding='utf-8').read().strip().split('\\n\\n')]
        con.executemany('INSERT INTO cues VALUES (?, ?)', [(path, cue) for cue in cues])
    con.commit()
    print(f'{time.perf_counter() - start:.1f} s, {os.path.getsize(db) / 1e6:.0f} MB')
else:
    rows = con.execute('SELECT text FROM cues WHERE cues MATCH ?', ('\"' + folder.replace('\"', '') + '\"',)).fetchall()
    print(sum(text.lower().count(folder.lower()) for (text,) in rows))
";

/// Cues of at most nine words, as subtitles have them.
fn srt(transcript: &Transcript, is_chinese: bool) -> String {
    let mut text = String::new();
    let words: Vec<&SpokenWord> = transcript.words().collect();
    for (n, cue) in words.chunks(9).enumerate() {
        let (first, last) = (cue[0].span.start().millis(), cue[cue.len() - 1].span.end().millis());
        let clock = |ms: u64| {
            format!(
                "{:02}:{:02}:{:02},{:03}",
                ms / 3_600_000,
                ms / 60_000 % 60,
                ms / 1000 % 60,
                ms % 1000
            )
        };
        let line: Vec<&str> = cue.iter().map(|word| word.text.as_str()).collect();
        let _ = write!(
            text,
            "{}\n{} --> {}\n{}\n\n",
            n + 1,
            clock(first),
            clock(last),
            line.join(if is_chinese { "" } else { " " })
        );
    }
    text
}

/// A phrase and how often it is said.
struct Phrase {
    what: &'static str,
    text: String,
    n: usize,
}

fn main() {
    let hours: usize =
        std::env::var("ALOUD_BENCH_HOURS").ok().and_then(|hours| hours.parse().ok()).unwrap_or(10);
    let folder = tempfile::tempdir().expect("a folder");
    let (cache, subtitles) = (folder.path().join("cache"), folder.path().join("srt"));
    fs::create_dir(&subtitles).expect("a folder");
    let mut phrases = phrases();
    make(hours, &cache, &subtitles, &mut phrases);

    let begin = Instant::now();
    let (_, memory) = aloud(&cache, &["find", "--exact", "--json", "no such thing"]);
    let size: u64 = fs::read_dir(cache.join("index-1")).map_or(0, |files| {
        files.flatten().filter_map(|file| file.metadata().ok()).map(|about| about.len()).sum()
    });
    let seconds = begin.elapsed().as_secs_f64();
    println!(
        "{hours} hours, {} words: index in {seconds:.1} s, {:.0} MB, peak {memory} MB",
        hours * HOUR,
        size as f64 / 1e6
    );
    // The store's folder has to be older than its last change before the index trusts it.
    std::thread::sleep(std::time::Duration::from_secs(3));
    let _ = aloud(&cache, &["find", "--exact", "--json", "no such thing"]);

    let db = folder.path().join("cues.db");
    println!(
        "SQLite FTS5 trigram: {}",
        python(&["make", &db.to_string_lossy(), &subtitles.to_string_lossy()]).trim()
    );
    println!(
        "{:34} {:>8} | {:>9} {:>7} {:>6} | {:>9} {:>7} | {:>9} {:>7}",
        "phrase", "said", "aloud", "missed", "MB", "rg -i", "missed", "FTS5", "missed"
    );
    let has_rg = Command::new("rg").arg("--version").output().is_ok();
    if !has_rg {
        println!("absent: rg is not on this machine");
    }
    for phrase in &phrases {
        let missed = |found: usize| phrase.n.saturating_sub(found);
        let (out, _) = aloud(&cache, &["find", "--exact", "--json", "--limit", "0", &phrase.text]);
        let own = out.matches("\"score\": 1.0").count();
        let (own_ms, (_, memory)) = quickest(|| aloud(&cache, &["find", &phrase.text]));
        let rg = || {
            run(Command::new("rg")
                .args(["-i", "-F", "-o", "--no-filename", &phrase.text])
                .arg(&subtitles))
            .lines()
            .count()
        };
        let rg = has_rg.then(|| quickest(rg));
        let told = |ms: f64, n: usize| (format!("{ms:.0} ms"), missed(n).to_string());
        let (rg_ms, rg_missed) =
            rg.map_or_else(|| ("absent".to_owned(), "-".to_owned()), |(ms, n)| told(ms, n));
        let (sql_ms, sql) = quickest(|| {
            python(&["find", &db.to_string_lossy(), &phrase.text]).trim().parse().unwrap_or(0)
        });
        println!(
            "{:34} {:>8} | {own_ms:>6.0} ms {:>7} {memory:>6} | {rg_ms:>9} {rg_missed:>7} | {sql_ms:>6.0} ms {:>7}",
            format!("{} ({})", phrase.what, phrase.text),
            phrase.n,
            missed(own),
            missed(sql)
        );
    }
}

fn phrases() -> Vec<Phrase> {
    let english =
        |ranks: &[usize]| ranks.iter().map(|rank| word(*rank)).collect::<Vec<_>>().join(" ");
    let chinese = |ranks: &[usize]| ranks.iter().map(|rank| character(*rank)).collect::<String>();
    let phrase = |what, text| Phrase { what, text, n: 0 };
    vec![
        phrase("rare word", english(&[70_123])),
        phrase("rare phrase", english(&[3, 2_345])),
        phrase("common word", english(&[0])),
        phrase("common phrase", english(&[0, 1])),
        phrase("three common words", english(&[2, 0, 1])),
        phrase("two characters", chinese(&[40, 60])),
        phrase("two common characters", chinese(&[0, 1])),
        phrase("four characters", chinese(&[0, 3, 1, 5])),
        phrase("absent", "zwyx qwvutz".to_owned()),
        phrase("absent in Chinese", chinese(&[3_600, 3_700])),
    ]
}

fn make(hours: usize, cache: &Path, subtitles: &Path, phrases: &mut [Phrase]) {
    fill(hours, cache, |episode, transcript| {
        let words: Vec<&str> =
            transcript.words().map(|word| word.text.trim_end_matches(['.', '。'])).collect();
        for phrase in phrases.iter_mut() {
            let wanted: Vec<String> = match phrase.text.is_ascii() {
                true => phrase.text.split(' ').map(str::to_owned).collect(),
                false => phrase.text.chars().map(String::from).collect(),
            };
            phrase.n += words
                .windows(wanted.len())
                .filter(|run| run.iter().zip(&wanted).all(|(a, b)| a == b))
                .count();
        }
        fs::write(
            subtitles.join(format!("episode-{episode}.srt")),
            srt(transcript, episode % 3 == 2),
        )
        .expect("a file");
    });
}

/// The shortest of several runs in milliseconds, and what the last answered.
fn quickest<T>(mut work: impl FnMut() -> T) -> (f64, T) {
    let mut best = f64::INFINITY;
    let mut answer = None;
    for _ in 0..RUNS {
        let begin = Instant::now();
        answer = Some(work());
        best = best.min(begin.elapsed().as_secs_f64() * 1000.0);
    }
    (best, answer.expect("at least one run"))
}

/// What the program prints, and its peak of memory in megabytes.
fn aloud(cache: &Path, arguments: &[&str]) -> (String, u64) {
    let (output, peak) = program(cache, arguments);
    (String::from_utf8_lossy(&output.stdout).into_owned(), peak)
}

fn python(arguments: &[&str]) -> String {
    run(Command::new("python3").args(["-c", SQLITE]).args(arguments))
}

fn run(command: &mut Command) -> String {
    command
        .stderr(Stdio::null())
        .output()
        .map(|output| String::from_utf8_lossy(&output.stdout).into_owned())
        .unwrap_or_default()
}
