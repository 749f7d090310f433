//! Text to read and to find one's place by: each cue on a line behind its time.

use super::cue::Cue;
use super::stamp::{one_line, second_line};
use std::io::{self, Write};

/// Writes `cues`; an empty line stands before each paragraph, and a second language below the
/// first.
pub fn write(cues: &[Cue], out: &mut dyn Write) -> io::Result<()> {
    let width = cues.last().map_or(0, |cue| cue.span.start().to_string().len());
    for (index, cue) in cues.iter().enumerate() {
        if index > 0 && cue.begins_block {
            writeln!(out)?;
        }
        writeln!(out, "[{:>width$}] {}", cue.span.start(), one_line(cue))?;
        let second = second_line(cue);
        if !second.is_empty() {
            writeln!(out, "{:indent$}{second}", "", indent = width + 3)?;
        }
    }
    Ok(())
}
