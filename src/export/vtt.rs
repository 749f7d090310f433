//! WebVTT subtitles (W3C).

use super::cue;
use crate::time::Timestamp;
use crate::transcript::Transcript;
use std::io::{self, Write};

/// Writes the cues of `transcript`.
pub fn write(transcript: &Transcript, out: &mut dyn Write) -> io::Result<()> {
    writeln!(out, "WEBVTT")?;
    for cue in cue::cues(transcript) {
        writeln!(out, "\n{} --> {}", stamp(cue.span.start()), stamp(cue.span.end()))?;
        for line in &cue.lines {
            writeln!(out, "{}", escape(line))?;
        }
    }
    Ok(())
}

/// `line` with references for what is markup. With `>` among it, no line can hold the arrow of a line of
/// times; `{\` begins a position code in files that were SubRip once, so readers drop it here too.
fn escape(line: &str) -> String {
    line.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace("{\\", "&#123;\\")
}

/// Always with hours: some players insist on them.
fn stamp(at: Timestamp) -> String {
    let ms = at.millis();
    format!("{:02}:{:02}:{:02}.{:03}", ms / 3_600_000, ms / 60_000 % 60, ms / 1000 % 60, ms % 1000)
}
