//! Where a recording begins to be heard: at a time, at a share of it, at words of its text, or
//! where it was left.

use crate::cli::args::ListenArgs;
use crate::cli::exit::Exit;
use crate::cli::listened::Listened;
use crate::cli::report::{Failure, plain};
use crate::reading::Reading;
use crate::search::{self, Query};
use crate::time::Timestamp;
use crate::view::is_heard;

/// An estimated length is off by no more than one part in so many.
const ESTIMATE_OFF: u64 = 4;

/// Where to begin. `length` is the recording's, and whether it is an estimate.
pub fn start(
    args: &ListenArgs,
    listened: &Listened,
    reading: &dyn Fn() -> Reading,
    (length, is_estimate): (Timestamp, bool),
) -> Result<Timestamp, Failure> {
    let Some(wished) = args.at.as_deref() else {
        let is_over =
            length > Timestamp::ZERO && is_heard(Timestamp::from_millis(listened.at), length);
        let at = if args.from_start || is_over { 0 } else { listened.at };
        return Ok(Timestamp::from_millis(at));
    };
    if let Some(at) = place(wished, length) {
        // Where nobody counted the sound it may go on for longer than its first part promises.
        let end = if is_estimate { length.plus(length.millis() / ESTIMATE_OFF) } else { length };
        let is_behind = length > Timestamp::ZERO && at >= end;
        let behind = || {
            Failure::new(
                Exit::Nothing,
                format!("`--at {}` is behind the end, which is at {length}", plain(wished)),
            )
        };
        return if is_behind { Err(behind()) } else { Ok(at) };
    }
    let missing = || {
        Failure::new(
            Exit::Nothing,
            format!("`{}` is no time, no share, and not in the text", plain(wished)),
        )
    };
    let query = Query::parse(wished).map_err(|_| missing())?;
    let hits = search::find(&search::Text::heard(&reading()), &query);
    let best = hits.into_iter().filter_map(|hit| Some((hit.kind, hit.span?.start()))).min();
    best.map(|(_, at)| at).ok_or_else(missing)
}

/// Whether a place to begin at can be told from the length alone.
pub fn is_time(at: &str) -> bool {
    place(at, Timestamp::from_millis(1000)).is_some()
}

/// A time such as `3:20`, `1:02:03` or `95`, or a share of the whole such as `40%`.
pub fn place(text: &str, length: Timestamp) -> Option<Timestamp> {
    if let Some(share) = text.strip_suffix('%') {
        let share: f64 = share.trim().parse().ok().filter(|share| (0.0..=100.0).contains(share))?;
        return Some(Timestamp::from_secs(length.secs() * share / 100.0));
    }
    let parts: Vec<&str> = text.split(':').collect();
    let is_plain =
        |part: &&str| !part.is_empty() && part.chars().all(|c| c.is_ascii_digit() || c == '.');
    if parts.len() > 3 || !parts.iter().all(is_plain) {
        return None;
    }
    let seconds = parts
        .iter()
        .try_fold(0.0, |sum: f64, part| Some(sum * 60.0 + part.parse::<f64>().ok()?))?;
    Some(Timestamp::from_secs(seconds))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places() {
        let length = Timestamp::from_millis(561_000);
        for (text, want) in [
            ("3:20", Some(200_000)),
            ("1:02:03", Some(3_723_000)),
            ("95", Some(95_000)),
            ("9.5", Some(9_500)),
            ("50%", Some(280_500)),
            ("101%", None),
            ("9:21 pm", None),
            ("1:2:3:4", None),
            (":", None),
            ("river", None),
        ] {
            assert_eq!(place(text, length).map(Timestamp::millis), want, "{text}");
        }
    }
}
