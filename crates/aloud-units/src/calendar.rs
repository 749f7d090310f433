//! Days of the Gregorian calendar, counted from 1970-01-01.
//!
//! Years begin in March, so that the leap day is the last one (Howard Hinnant, chrono-Compatible
//! Low-Level Date Algorithms).

/// From 0000-03-01 to 1970-01-01.
const SHIFT: i64 = 719_468;

/// A day's number; `None` for a day that no calendar has, and outside the years 1900 to 9999.
pub fn number(year: i64, month: i64, day: i64) -> Option<i64> {
    let is_leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    let longest = match month {
        2 if is_leap => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        1..=12 => 31,
        _ => return None,
    };
    if !(1900..=9999).contains(&year) || !(1..=longest).contains(&day) {
        return None;
    }
    let shifted = if month <= 2 { year - 1 } else { year };
    let (era, of_era) = (shifted.div_euclid(400), shifted.rem_euclid(400));
    let of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    Some(era * 146_097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - SHIFT)
}

/// Year, month and day of the day with this number.
pub fn date(number: i64) -> (i64, i64, i64) {
    let days = number.saturating_add(SHIFT);
    let (era, of_era) = (days.div_euclid(146_097), days.rem_euclid(146_097));
    let year = (of_era - of_era / 1460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year + year / 4 - year / 100);
    let month = (5 * of_year + 2) / 153;
    let day = of_year - (153 * month + 2) / 5 + 1;
    let month = if month < 10 { month + 3 } else { month - 9 };
    (year + era * 400 + i64::from(month <= 2), month, day)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days() {
        for (day, want) in [
            ((1970, 1, 1), Some(0)),
            ((1970, 3, 1), Some(59)),
            ((2000, 2, 29), Some(11_016)),
            ((2000, 3, 1), Some(11_017)),
            ((2026, 11, 26), Some(20_783)),
            ((2100, 2, 29), None),
            ((2026, 13, 1), None),
            ((2026, 0, 1), None),
            ((2026, 1, 0), None),
            ((1899, 12, 31), None),
            ((10_000, 1, 1), None),
        ] {
            let (year, month, date) = day;
            assert_eq!(number(year, month, date), want, "{day:?}");
        }
        assert_eq!(date(-1), (1969, 12, 31));
        assert!(date(i64::MAX).0 > 0 && date(i64::MIN).0 < 0);
        // Every day of two centuries is the one after the last.
        let mut last = number(1900, 1, 1).unwrap() - 1;
        for year in 1900..2100 {
            for month in 1..=12 {
                for day in 1..=31 {
                    let Some(now) = number(year, month, day) else { continue };
                    assert_eq!((now, date(now)), (last + 1, (year, month, day)));
                    last = now;
                }
            }
        }
    }
}
