//! Transcripts of made-up words, as frequent as real ones, and the same for every run; a store of
//! them, and the program over it.

use aloud::episode::EpisodeId;
use aloud::export;
use aloud::store::{About, Key, Store};
use aloud::time::{Span, Timestamp};
use aloud::transcript::{AudioRef, Segment, SpokenWord, Transcript};
use std::path::Path;
use std::process::{Command, Output, Stdio};

/// Words of an hour.
pub const HOUR: usize = 10_000;
/// Words of an episode.
pub const EPISODE: usize = 5_000;

/// Marsaglia's xorshift.
pub struct Dice(pub u64);

impl Dice {
    pub fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0
    }

    /// A rank below `n`, as seldom as Zipf's law has it.
    pub fn rank(&mut self, n: usize) -> usize {
        let share = (self.next() >> 11) as f64 / (1u64 << 53) as f64;
        (n as f64).powf(share) as usize - 1
    }
}

/// The English word of a rank: frequent ones are short.
pub fn word(rank: usize) -> String {
    const ONSETS: [&str; 16] =
        ["b", "d", "f", "g", "k", "l", "m", "n", "p", "r", "s", "t", "v", "st", "tr", "sh"];
    const RHYMES: [&str; 12] = ["a", "an", "e", "en", "i", "il", "o", "or", "u", "um", "ea", "ack"];
    let (mut word, mut rest) = (String::new(), rank + 16);
    while rest > 0 {
        word += ONSETS[rest % 16];
        rest /= 16;
        word += RHYMES[rest % 12];
        rest /= 12;
    }
    word
}

/// The Chinese character of a rank.
pub fn character(rank: usize) -> char {
    // Scattered over the block, so that frequent ones are not neighbours.
    char::from_u32(0x4E00 + (rank as u32 * 7919) % 20_902).unwrap_or('的')
}

/// An episode, a third of which are Chinese.
pub fn transcript(dice: &mut Dice, is_chinese: bool, file: String) -> Transcript {
    let (mut segments, mut at, mut n) = (Vec::new(), 0u64, 0);
    while n < EPISODE {
        let (mut words, mut text, start) = (Vec::new(), String::new(), at);
        let n_words = 8 + (dice.next() % 14) as usize;
        for index in 0..n_words {
            let mut word = if is_chinese {
                character(dice.rank(3_500)).to_string()
            } else {
                word(dice.rank(80_000))
            };
            if index + 1 == n_words {
                word.push(if is_chinese { '。' } else { '.' });
            }
            if !is_chinese && index > 0 {
                text.push(' ');
            }
            text += &word;
            words.push(SpokenWord {
                text: word,
                span: Span::from_millis(at, at + 300),
                probability: Some(0.9),
            });
            at += 340;
        }
        n += n_words;
        segments.push(Segment {
            span: Span::from_millis(start, at - 40),
            text,
            words,
            is_doubtful: false,
        });
        at += 400;
    }
    let audio = AudioRef { file, id: None, duration: Some(Timestamp::from_millis(at)) };
    let language = Some(if is_chinese { "zh" } else { "en" }.to_owned());
    Transcript { audio, language, segments, ..Transcript::default() }
}

/// Puts so many hours of episodes into the store of `cache`; `each` sees every one, and its number.
pub fn fill(hours: usize, cache: &Path, mut each: impl FnMut(usize, &Transcript)) {
    let store = Store::open(cache);
    let mut dice = Dice(0x9E37_79B9_7F4A_7C15);
    for episode in 0..hours * HOUR / EPISODE {
        let mut transcript =
            transcript(&mut dice, episode % 3 == 2, format!("episode-{episode}.mp3"));
        let id = EpisodeId(*blake3::hash(&episode.to_le_bytes()).as_bytes());
        transcript.audio.id = Some(id);
        each(episode, &transcript);
        let mut bytes = Vec::new();
        export::json::write(&transcript, &mut bytes).expect("memory");
        let about = About { file: transcript.audio.file.clone(), title: None, model: None };
        let _ = store.put(&Key::new("transcript", id).with("model", "generated"), &about, &bytes);
    }
}

/// What the program prints, and its peak of memory in megabytes where GNU time is there to tell it.
pub fn program(cache: &Path, arguments: &[&str]) -> (Output, u64) {
    let time = Path::new("/usr/bin/time");
    let program = env!("CARGO_BIN_EXE_aloud");
    let mut command = if time.exists() { Command::new(time) } else { Command::new(program) };
    if time.exists() {
        command.args(["-f", "peak %M", program]);
    }
    let output = command
        .arg("--cache")
        .arg(cache)
        .args(arguments)
        .stdin(Stdio::null())
        .output()
        .expect("the program");
    let said = String::from_utf8_lossy(&output.stderr);
    let peak = said.lines().find_map(|line| line.strip_prefix("peak ")?.parse::<u64>().ok());
    (output, peak.unwrap_or(0) / 1000)
}
