//! Where a recording begins to be heard: at a time, at a share of it, at words of its text, or
//! where it was left.

use crate::cli::args::ListenArgs;
use crate::cli::exit::Exit;
use crate::cli::listened::Listened;
use crate::cli::report::{Failure, plain};
use crate::reading::Reading;
use crate::search::{self, Query};
use crate::time::{Timestamp, moment};
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
    if let Some(at) = moment(wished, length) {
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
    moment(at, Timestamp::ZERO).is_some()
}
