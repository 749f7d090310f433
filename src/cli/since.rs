//! Now, and from when on: a day, or how long ago.

use super::exit::Exit;
use super::report::Failure;
use crate::calendar;
use std::time::{SystemTime, UNIX_EPOCH};

/// Seconds since 1970.
pub fn now() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |now| now.as_secs())
}

/// A day, or so long ago, in milliseconds since 1970.
///
/// # Errors
/// With exit code 2 for what is neither.
pub fn since(text: &str) -> Result<u64, Failure> {
    const DAY_MS: u64 = 86_400_000;
    let wrong = || {
        Failure::new(Exit::Usage, format!("`--since {text}` is no time"))
            .hint("give a day (2026-11-26), or how long ago (12h, 7d, 2w)")
    };
    let ago = |n: u64, unit: u64| (now() * 1000).saturating_sub(n.saturating_mul(unit));
    if let Some((digits, unit)) =
        text.char_indices().next_back().map(|(at, unit)| (&text[..at], unit))
        && let Ok(n) = digits.parse::<u64>()
        && let Some((_, unit)) = [('h', DAY_MS / 24), ('d', DAY_MS), ('w', 7 * DAY_MS)]
            .into_iter()
            .find(|(name, _)| *name == unit)
    {
        return Ok(ago(n, unit));
    }
    let mut parts = text.splitn(3, '-').map(str::parse::<i64>);
    let (Some(Ok(year)), Some(Ok(month)), Some(Ok(day))) =
        (parts.next(), parts.next(), parts.next())
    else {
        return Err(wrong());
    };
    let number = calendar::number(year, month, day)
        .and_then(|number| u64::try_from(number).ok())
        .ok_or_else(wrong)?;
    Ok(number * DAY_MS)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_that_are_meant() {
        assert_eq!(since("2026-11-26").map_err(|failure| failure.why), Ok(20_783 * 86_400_000));
        for text in
            ["", "d", "7", "x7d", "7y", "2026-13-01", "2026-02-31", "2026-11", "1969-12-31", "七d"]
        {
            assert_eq!(since(text).map_err(|failure| failure.exit), Err(Exit::Usage), "{text}");
        }
        let (week, day) =
            (since("1w").map_err(|f| f.why).unwrap(), since("7d").map_err(|f| f.why).unwrap());
        assert!(week.abs_diff(day) < 60_000 && week > 0);
    }
}
