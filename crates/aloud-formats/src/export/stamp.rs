//! Times and joined lines as subtitle files write them.

use super::cue::Cue;
use crate::time::Timestamp;
use crate::transcript::split;

/// `hh:mm:ss` and milliseconds after `point`; hours have as many digits as it takes, at least two.
pub(super) fn clock(at: Timestamp, point: char) -> String {
    let ms = at.millis();
    format!(
        "{:02}:{:02}:{:02}{point}{:03}",
        ms / 3_600_000,
        ms / 60_000 % 60,
        ms / 1000 % 60,
        ms % 1000
    )
}

/// Hundredths of a second, to the nearest.
pub(super) fn hundredths(at: Timestamp) -> u64 {
    at.millis().saturating_add(5) / 10
}

/// The first language of a cue on one line.
pub(super) fn one_line(cue: &Cue) -> String {
    split::spell(cue.lines.iter().map(|line| line.text.as_str()))
}

/// The second language of a cue on one line; empty where there is none.
pub(super) fn second_line(cue: &Cue) -> String {
    split::spell(cue.second.iter().map(String::as_str))
}
