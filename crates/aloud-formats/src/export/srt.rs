//! SubRip subtitles.
//!
//! The format has no escapes of its own; players read some HTML. So only what would be taken for
//! markup or for a line of times is written as a character reference, and all else as it is.

use super::cue::Cue;
use super::stamp::clock;
use std::io::{self, Write};

/// Writes `cues`.
pub fn write(cues: &[Cue], out: &mut dyn Write) -> io::Result<()> {
    for (number, cue) in (1..).zip(cues) {
        writeln!(
            out,
            "{number}\n{} --> {}",
            clock(cue.span.start(), ','),
            clock(cue.span.end(), ',')
        )?;
        for line in cue.texts() {
            writeln!(out, "{}", escape(line))?;
        }
        writeln!(out)?;
    }
    Ok(())
}

/// `line` with references for `<` where a tag could begin, `{` where a position code could, `&`
/// where a reference could, and the arrow of a line of times.
fn escape(line: &str) -> String {
    let mut escaped = String::with_capacity(line.len());
    for (at, c) in line.char_indices() {
        let after = &line[at + c.len_utf8()..];
        match c {
            '<' if after.starts_with(|c: char| c.is_ascii_alphabetic() || c == '/') => {
                escaped.push_str("&lt;");
            }
            '{' if after.starts_with('\\') => escaped.push_str("&#123;"),
            '&' if is_reference(after) => escaped.push_str("&amp;"),
            '>' if line[..at].ends_with("--") => escaped.push_str("&gt;"),
            c => escaped.push(c),
        }
    }
    escaped
}

/// Whether an ampersand followed by `after` could be read as a reference.
fn is_reference(after: &str) -> bool {
    let name = after.trim_start_matches(|c: char| c.is_ascii_alphanumeric() || c == '#');
    name.len() < after.len() && name.starts_with(';')
}
