//! WebVTT subtitles (W3C).

use super::cue::{Cue, Line};
use super::stamp::clock;
use crate::time::Timestamp;
use std::io::{self, Write};

/// Writes `cues`, with a time before each word if `words` is set.
pub fn write(cues: &[Cue], words: bool, out: &mut dyn Write) -> io::Result<()> {
    writeln!(out, "WEBVTT")?;
    for cue in cues {
        writeln!(out, "\n{} --> {}", clock(cue.span.start(), '.'), clock(cue.span.end(), '.'))?;
        // A time inside a cue must be later than its start and than the one before it.
        let mut last = cue.span.start();
        let only = cue.speaker();
        for (index, line) in cue.lines.iter().enumerate() {
            let text =
                if words { timed(line, &mut last, cue.span.end()) } else { escape(&line.text) };
            match (only, line.speaker.as_deref()) {
                // A voice that says all of a cue needs no end.
                (Some(name), _) if index == 0 => writeln!(out, "{}{text}", voice(name))?,
                (None, Some(name)) => writeln!(out, "{}{text}</v>", voice(name))?,
                _ => writeln!(out, "{text}")?,
            }
        }
        for line in &cue.second {
            writeln!(out, "{}", escape(line))?;
        }
    }
    Ok(())
}

/// The tag that begins what `name` says.
fn voice(name: &str) -> String {
    format!("<v {}>", escape(&name.split_whitespace().collect::<Vec<_>>().join(" ")))
}

/// `line` with a time before each word that begins after `last` and before `end`.
fn timed(line: &Line, last: &mut Timestamp, end: Timestamp) -> String {
    let mut text = String::new();
    let mut from = 0;
    for word in &line.words {
        text.push_str(&escape(&line.text[from..word.bytes.start]));
        from = word.bytes.start;
        let start = word.span.start();
        if *last < start && start < end {
            text.push_str(&format!("<{}>", clock(start, '.')));
            *last = start;
        }
    }
    text + &escape(&line.text[from..])
}

/// `line` with references for what is markup. With `>` among it, no line can hold the arrow of a
/// line of times; `{\` begins a position code in files that were SubRip once, so readers drop it
/// here too.
fn escape(line: &str) -> String {
    line.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace("{\\", "&#123;\\")
}
