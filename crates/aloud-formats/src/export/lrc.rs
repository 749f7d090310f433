//! Enhanced LRC: lyrics in which every word has its time (the A2 extension).
//!
//! One line for a cue, its words each behind a time, and a last time where it ends. A silence is an
//! empty line. The format has no escapes.

use super::cue::Cue;
use super::stamp::{hundredths, second_line};
use crate::time::Timestamp;
use crate::transcript::split;
use std::io::{self, Write};

/// A silence this long, in milliseconds, takes the line before it off the screen.
const SILENCE_MS: u64 = 1000;

/// Writes `cues`. A second language follows as a line with the same time, as players that show two
/// do.
pub fn write(cues: &[Cue], title: &str, out: &mut dyn Write) -> io::Result<()> {
    if !title.trim().is_empty() {
        writeln!(out, "[ti:{}]", one_line(title).replace(']', ")"))?;
    }
    for (index, cue) in cues.iter().enumerate() {
        writeln!(out, "[{}]{}", stamp(cue.span.start()), words(cue))?;
        let second = second_line(cue);
        if !second.is_empty() {
            writeln!(out, "[{}]{}", stamp(cue.span.start()), plain(&second))?;
        }
        let next = cues.get(index + 1).map(|next| next.span.start());
        if next.is_none_or(|next| next.millis() >= cue.span.end().millis() + SILENCE_MS) {
            writeln!(out, "[{}]", stamp(cue.span.end()))?;
        }
    }
    Ok(())
}

/// The words of a cue, each behind its time, and the time at which the last one ends.
fn words(cue: &Cue) -> String {
    let mut text = String::new();
    let mut before = String::new();
    for line in &cue.lines {
        if split::needs_space(&before, &line.text) {
            text.push(' ');
        }
        before.clone_from(&line.text);
        let mut from = 0;
        for word in &line.words {
            text.push_str(&line.text[from..word.bytes.start]);
            text.push_str(&format!("<{}>", stamp(word.span.start())));
            text.push_str(&plain(&line.text[word.bytes.clone()]));
            from = word.bytes.end;
        }
        text.push_str(&plain(&line.text[from..]));
    }
    let end = cue.lines.iter().flat_map(|line| &line.words).next_back().map(|word| word.span.end());
    text + &end.map_or_else(String::new, |end| format!("<{}>", stamp(end)))
}

/// `text` in which nothing reads as a time: brackets before a digit become their wide forms.
fn plain(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    for (at, c) in text.char_indices() {
        let begins_time = text[at + c.len_utf8()..].starts_with(|c: char| c.is_ascii_digit());
        plain.push(match c {
            '[' if begins_time => '［',
            '<' if begins_time => '＜',
            c => c,
        });
    }
    plain
}

fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Minutes, which go on past 59, seconds and hundredths.
fn stamp(at: Timestamp) -> String {
    let t = hundredths(at);
    format!("{:02}:{:02}.{:02}", t / 6000, t / 100 % 60, t % 100)
}
