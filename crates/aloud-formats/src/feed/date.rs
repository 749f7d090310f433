//! When was it published? Dates as feeds write them, rightly (RFC 822, RFC 3339) or not.

use crate::calendar;

/// Months by the first three letters of their names.
const MONTHS: [&str; 12] =
    ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];

/// Names of zones and how many minutes they are ahead of Greenwich.
const ZONES: [(&str, i64); 18] = [
    ("z", 0),
    ("ut", 0),
    ("utc", 0),
    ("gmt", 0),
    ("est", -300),
    ("edt", -240),
    ("cst", -360),
    ("cdt", -300),
    ("mst", -420),
    ("mdt", -360),
    ("pst", -480),
    ("pdt", -420),
    ("bst", 60),
    ("cet", 60),
    ("cest", 120),
    ("msk", 180),
    ("jst", 540),
    ("aest", 600),
];

const DAY: i64 = 86_400;
/// The second day of 1900, and the last but one of 9999.
const EARLIEST: i64 = -2_208_902_400;
const LATEST: i64 = 253_402_128_000;

/// The seconds since 1970 that `text` means; `None` where nobody can tell. Without a zone it is
/// Greenwich's.
pub fn seconds(text: &str) -> Option<i64> {
    let text = text.trim().to_lowercase();
    if text.len() > 100 {
        return None;
    }
    // With its zone it may be a day before or behind the years that are taken.
    by_numbers(&text)
        .or_else(|| by_names(&text))
        .filter(|seconds| (EARLIEST..=LATEST).contains(seconds))
}

/// The day of a moment, as `2026-11-29`.
pub fn day(seconds: i64) -> String {
    let (year, month, day) = calendar::date(seconds.div_euclid(DAY));
    format!("{year:04}-{month:02}-{day:02}")
}

/// `2026-11-29T08:15:00+02:00` and its shorter forms.
fn by_numbers(text: &str) -> Option<i64> {
    let (date, rest) =
        text.split_once(|c: char| c == 't' || c.is_whitespace()).unwrap_or((text, ""));
    let parts: Vec<&str> = date.split(['-', '/', '.']).collect();
    let [year, month, day] = parts.as_slice() else { return None };
    if year.len() != 4 {
        return None;
    }
    let day = calendar::number(number(year)?, number(month)?, number(day)?)?;
    let rest = rest.trim();
    let at = rest.find(|c: char| !c.is_ascii_digit() && !":.,".contains(c)).unwrap_or(rest.len());
    let (clock, zone) = rest.split_at(at);
    let clock = if clock.is_empty() { 0 } else { time(clock)? };
    Some(day * DAY + clock - self::zone(zone.trim()).unwrap_or(0) * 60)
}

/// `Sun, 29 Nov 2026 08:15:00 +0200` and whatever comes near: parts in any order, long names,
/// halves of the day.
fn by_names(text: &str) -> Option<i64> {
    let (mut day, mut month, mut year, mut clock, mut zone, mut shift) =
        (None, None, None, None, None, None);
    for word in text.split(|c: char| c.is_whitespace() || c == ',').filter(|word| !word.is_empty())
    {
        let plain = word.trim_matches(['(', ')', '.']);
        if let Some(at) = MONTHS
            .iter()
            .position(|name| plain.starts_with(name) && plain.chars().all(char::is_alphabetic))
        {
            month = month.or(Some(at as i64 + 1));
        } else if plain.contains(':') {
            clock = clock.or(time(plain));
        } else if let Some(n) = number(plain.trim_end_matches(|c: char| c.is_alphabetic()))
            .filter(|_| !plain.starts_with(['+', '-']))
        {
            let is_day = day.is_none() && n <= 31 && plain.len() <= 4;
            if is_day {
                day = Some(n);
            } else if year.is_none() {
                year = match plain.len() {
                    2 => Some(if n < 70 { 2000 + n } else { 1900 + n }),
                    4 => Some(n),
                    _ => None,
                };
            }
        } else if matches!(plain, "am" | "pm") {
            shift = Some(plain == "pm");
        } else if let (None, Some(minutes)) = (zone, self::zone(plain)) {
            zone = Some(minutes);
        }
    }
    let clock = match (clock.unwrap_or(0), shift) {
        (clock, Some(true)) if clock < 12 * 3600 => clock + 12 * 3600,
        (clock, Some(false)) if clock >= 12 * 3600 => clock - 12 * 3600,
        (clock, _) => clock,
    };
    Some(calendar::number(year?, month?, day?)? * DAY + clock - zone.unwrap_or(0) * 60)
}

fn number(text: &str) -> Option<i64> {
    let is_one =
        !text.is_empty() && text.len() <= 9 && text.bytes().all(|byte| byte.is_ascii_digit());
    text.parse().ok().filter(|_| is_one)
}

/// Seconds of the day.
fn time(text: &str) -> Option<i64> {
    let mut parts = text.split(':');
    let (hours, minutes) = (number(parts.next()?)?, number(parts.next()?)?);
    let seconds = parts.next().map_or(Some(0), |text| number(text.split(['.', ',']).next()?))?;
    // A leap second is the next one.
    (hours <= 24 && minutes < 60 && seconds <= 60).then_some(hours * 3600 + minutes * 60 + seconds)
}

/// Minutes ahead of Greenwich.
fn zone(text: &str) -> Option<i64> {
    if let Some((_, minutes)) = ZONES.iter().find(|(name, _)| *name == text) {
        return Some(*minutes);
    }
    let text = text.strip_prefix("gmt").or_else(|| text.strip_prefix("utc")).unwrap_or(text);
    let (sign, digits) = text
        .strip_prefix('+')
        .map(|rest| (1, rest))
        .or_else(|| text.strip_prefix('-').map(|rest| (-1, rest)))?;
    let digits = digits.replace(':', "");
    let (hours, minutes) = match digits.len() {
        1 | 2 => (number(&digits)?, 0),
        4 => (number(digits.get(..2)?)?, number(digits.get(2..)?)?),
        _ => return None,
    };
    (hours <= 15 && minutes < 60).then_some(sign * (hours * 60 + minutes))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates() {
        const NOON: i64 = 1_795_953_600;
        for (text, want) in [
            ("Sun, 29 Nov 2026 12:00:00 GMT", Some(NOON)),
            ("Sun, 29 Nov 2026 14:00:00 +0200", Some(NOON)),
            ("29 Nov 26 07:00 EST", Some(NOON)),
            ("Sunday, November 29, 2026 12:00 PM", Some(NOON)),
            ("Sun, 29 November 2026 12:00:00 +00:00 (UTC)", Some(NOON)),
            ("Wrongday, 29th nov. 2026, 12:00:00 Z", Some(NOON)),
            ("Sun Nov 29 12:00:00 UTC 2026", Some(NOON)),
            ("2026-11-29T12:00:00Z", Some(NOON)),
            ("2026-11-29T20:00:00.123+08:00", Some(NOON)),
            ("2026-11-29 12:00", Some(NOON)),
            ("2026-11-29\u{3000}12:00\u{a0}GMT", Some(NOON)),
            ("29\u{2003}Nov\u{3000}2026\u{85}12:00\u{a0}GMT", Some(NOON)),
            ("2026-11-29課12:00", None),
            ("２０２６-11-29", None),
            ("29 Nov 2026 12:00 +課課", Some(NOON)),
            ("2026/11/29 12:00:00 GMT", Some(NOON)),
            ("2026-11-29", Some(NOON - 12 * 3600)),
            ("Sun, 29 Nov 2026 12:00:00 -9999", Some(NOON)),
            ("Sun, 29 Nov 2026 12:00 am", Some(NOON - 12 * 3600)),
            ("1 Jan 1970 00:00:00 GMT", Some(0)),
            ("29 Feb 2024", Some(1_709_164_800)),
            ("30 Feb 2024", None),
            ("2026-13-01", None),
            ("99999999999999", None),
            ("yesterday", None),
            ("29/11/2026", None),
            ("", None),
        ] {
            assert_eq!(seconds(text), want, "{text}");
        }
    }

    #[test]
    fn days_of_moments() {
        for (moment, want) in [
            (0, "1970-01-01"),
            (-1, "1969-12-31"),
            (1_709_164_800, "2024-02-29"),
            (1_795_953_600, "2026-11-29"),
        ] {
            assert_eq!(day(moment), want);
        }
    }
}
