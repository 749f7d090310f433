//! How long alignment takes, and how much memory, beside Python's `difflib.SequenceMatcher` on the
//! same words.
//!
//! Texts of three lengths in a made-up language whose words are as frequent as real ones, one in
//! ten of them damaged; two that have nothing to do with each other; and one sentence over and
//! over.

#![allow(clippy::print_stdout, reason = "figures are what a bench is for")]

use aloud::align::align;
use aloud::article::{Article, Sentence, WrittenWord};
use aloud::time::Span;
use aloud::transcript::{Segment, SpokenWord, Transcript};
use std::io::Write;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

/// difflib's own time on two lists of words, one a line, divided by an empty line; junk heuristics
/// off and on.
const DIFFLIB: &str = "
import difflib, sys, time
a, b = (part.split('\\n') for part in sys.stdin.read().split('\\n\\n'))
start = time.perf_counter()
n = sum(block.size for block in difflib.SequenceMatcher(None, a, b, autojunk=sys.argv[1] == 'junk').get_matching_blocks())
print(f'{time.perf_counter() - start:.3f} s, {n} words matched')
";

const CASES: [(usize, &str); 5] = [
    (1_500, "same"),
    (10_000, "same"),
    (100_000, "same"),
    (100_000, "unrelated"),
    (100_000, "one sentence over and over"),
];

/// Each case runs in a process of its own, so that its peak of memory is its own.
fn main() {
    let case =
        std::env::args().find_map(|argument| argument.strip_prefix("case=").map(str::to_owned));
    if let Some((n, what)) = case.and_then(|case| CASES.get(case.parse::<usize>().ok()?).copied()) {
        return run(n, what);
    }
    let program = std::env::current_exe().expect("this program");
    for (index, case) in CASES.iter().enumerate() {
        let status = Command::new(&program).arg(format!("case={index}")).status().expect("runs");
        assert!(status.success(), "{case:?} failed");
    }
}

fn run(n: usize, what: &str) {
    let written = words(n, 1, what);
    let spoken = if what == "unrelated" { words(n, 2, what) } else { damage(&written) };
    let (article, transcript) = (article(&written), transcript(&spoken));
    let before = peak_kb();
    let start = Instant::now();
    let alignment = align(&article, &transcript);
    let (time, most) = (start.elapsed(), peak_kb().saturating_sub(before));
    println!("{n} words, {what}");
    println!(
        "  aloud    {:.3} s, {:.1} MB more, {:.1} % covered",
        time.as_secs_f64(),
        most as f64 / 1000.0,
        alignment.coverage * 100.0
    );
    for (junk, what) in
        [("junk", "as it comes"), ("exact", "autojunk off")].into_iter().filter(|_| what == "same")
    {
        match difflib(&written, &spoken, junk) {
            Some(answer) => println!("  difflib  {answer} ({what})"),
            None => println!("  difflib  no answer from python3 within 60 s ({what})"),
        }
    }
}

/// The most memory that this process ever had, where Linux tells; else 0.
fn peak_kb() -> usize {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    line.and_then(|line| line.split_whitespace().next()?.parse().ok()).unwrap_or(0)
}

fn difflib(a: &[String], b: &[String], junk: &str) -> Option<String> {
    let mut child = Command::new("python3")
        .args(["-c", DIFFLIB, junk])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .ok()?;
    child
        .stdin
        .take()?
        .write_all(format!("{}\n\n{}", a.join("\n"), b.join("\n")).as_bytes())
        .ok()?;
    let start = Instant::now();
    while child.try_wait().ok()?.is_none() {
        if start.elapsed() > Duration::from_secs(60) {
            child.kill().ok()?;
            return None;
        }
        std::thread::sleep(Duration::from_millis(20));
    }
    String::from_utf8(child.wait_with_output().ok()?.stdout)
        .ok()
        .map(|text| text.trim().to_owned())
        .filter(|text| !text.is_empty())
}

/// A linear congruential generator is random enough here (constants of Knuth's MMIX).
fn random(state: &mut u64) -> u64 {
    *state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
    *state >> 33
}

/// Words whose frequencies fall off as those of real ones do (Zipf).
fn words(n: usize, seed: u64, what: &str) -> Vec<String> {
    let mut state = seed;
    let mut word = || {
        let rank = 8000f64.powf((random(&mut state) % 10_000) as f64 / 10_000.0) as u64;
        let mut code = rank.wrapping_mul(2_654_435_761) % 1_000_003;
        let mut text = String::new();
        for _ in 0..1 + (rank as f64).ln() as usize / 3 {
            text.push(b"bdfgklmnprstvw"[(code % 14) as usize] as char);
            text.push(b"aeiou"[(code / 14 % 5) as usize] as char);
            code = code / 70 + 17 * rank;
        }
        text
    };
    if what.starts_with("one") {
        let sentence: Vec<String> = (0..12).map(|_| word()).collect();
        return sentence.into_iter().cycle().take(n).collect();
    }
    (0..n).map(|_| word()).collect()
}

/// One word in ten changed, left out, or doubled.
fn damage(words: &[String]) -> Vec<String> {
    let mut state = 3;
    let mut heard = Vec::with_capacity(words.len());
    for word in words {
        match random(&mut state) % 30 {
            0 => heard.push(format!("{word}x")),
            1 => {}
            2 => heard.extend([word.clone(), word.clone()]),
            _ => heard.push(word.clone()),
        }
    }
    heard
}

fn article(words: &[String]) -> Article {
    let mut article = Article::default();
    for sentence in words.chunks(15) {
        let (start, first) = (article.text.len(), article.words.len());
        for word in sentence {
            let at = article.text.len();
            article.text.push_str(word);
            article.words.push(WrittenWord { bytes: at..at + word.len() });
            article.text.push(' ');
        }
        article.text.truncate(article.text.len() - 1);
        article.sentences.push(Sentence {
            bytes: start..article.text.len(),
            words: first..article.words.len(),
            skip: None,
        });
        article.text.push_str(". ");
    }
    article
}

fn transcript(words: &[String]) -> Transcript {
    let mut at = 0;
    let words: Vec<SpokenWord> = words
        .iter()
        .map(|text| {
            let start = at;
            at += 50 + 60 * text.len() as u64;
            SpokenWord { text: text.clone(), span: Span::from_millis(start, at), probability: None }
        })
        .collect();
    let segments = vec![Segment {
        span: Span::from_millis(0, at),
        text: words.iter().map(|word| word.text.as_str()).collect::<Vec<_>>().join(" "),
        words,
        is_doubtful: false,
    }];
    Transcript { segments, ..Transcript::default() }
}
