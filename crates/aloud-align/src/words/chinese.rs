//! How Chinese says a number.
//!
//! Simplified characters throughout; 两 is written 二, since [`super::Lexicon`] takes them for the
//! same.

const DIGITS: [&str; 10] = ["零", "一", "二", "三", "四", "五", "六", "七", "八", "九"];
/// Chinese counts in groups of four digits.
const GROUPS: [(u64, &str); 3] = [(1_000_000_000_000, "兆"), (100_000_000, "亿"), (10_000, "万")];

/// Digit by digit: 二零二四.
pub(super) fn digits(text: &str) -> String {
    text.chars().filter_map(|c| c.to_digit(10)).map(|digit| DIGITS[digit as usize]).collect()
}

/// `n` as a count: 一千四百.
pub(super) fn cardinal(n: u64) -> String {
    if n == 0 {
        return DIGITS[0].to_owned();
    }
    counted(n, &GROUPS)
}

/// `n` as a count in each way: 二兆 and 二万亿 are the same number.
pub(super) fn cardinals(n: u64) -> Vec<String> {
    let mut found = vec![cardinal(n)];
    if n >= GROUPS[0].0 {
        found.push(counted(n, &GROUPS[1..]));
    }
    found
}

/// Whether a number may end with `c`, so that 兆 behind it is a number too and no omen.
pub(super) fn ends_number(c: char) -> bool {
    c.is_numeric() || "零一二三四五六七八九十百千两兩幾几數数多半".contains(c)
}

fn counted(n: u64, groups: &[(u64, &str)]) -> String {
    let mut text = String::new();
    spell(n, groups, &mut text);
    // Ten to nineteen drop their first digit at the beginning.
    match text.strip_prefix("一十") {
        Some(rest) => format!("十{rest}"),
        None => text,
    }
}

fn spell(n: u64, groups: &[(u64, &str)], text: &mut String) {
    for &(scale, name) in groups {
        if n >= scale {
            spell(n / scale, groups, text);
            text.push_str(name);
            let rest = n % scale;
            if rest > 0 && rest < scale / 10 {
                text.push_str(DIGITS[0]);
            }
            if rest > 0 {
                spell(rest, groups, text);
            }
            return;
        }
    }
    let mut is_zero_due = false;
    for (scale, name) in [(1000, "千"), (100, "百"), (10, "十"), (1, "")] {
        let digit = (n / scale % 10) as usize;
        if digit > 0 {
            if is_zero_due {
                text.push_str(DIGITS[0]);
            }
            text.push_str(DIGITS[digit]);
            text.push_str(name);
        }
        is_zero_due = digit == 0 && n >= scale && !n.is_multiple_of(scale);
    }
}

/// All usual ways to say a whole number written as `text` (digits, perhaps grouped by commas),
/// digit by digit first where `is_year`.
pub(super) fn readings(text: &str, is_year: bool) -> Vec<String> {
    let by_digit = digits(text);
    let Some(n) = super::numbers::value(text).filter(|n| *n < 10_000_000_000_000_000) else {
        return vec![by_digit];
    };
    let n_digits = by_digit.chars().count();
    let has_lead = n_digits > 1 && text.starts_with('0');
    let count = cardinal(n);
    let mut found = if is_year || has_lead {
        vec![by_digit.clone(), count.clone()]
    } else {
        vec![count.clone(), by_digit.clone()]
    };
    if let Some(rest) = count.strip_prefix('十') {
        found.push(format!("一十{rest}"));
    }
    if n_digits == 3 && by_digit.starts_with('一') || by_digit.contains('一') && n_digits < 6 {
        // Telephone style.
        found.push(by_digit.replace('一', "幺"));
    }
    found.extend(cardinals(n).into_iter().skip(1));
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts() {
        for (n, want) in [
            (0, "零"),
            (8, "八"),
            (10, "十"),
            (12, "十二"),
            (40, "四十"),
            (102, "一百零二"),
            (110, "一百一十"),
            (1400, "一千四百"),
            (1004, "一千零四"),
            (2430, "二千四百三十"),
            (10_000, "一万"),
            (10_500, "一万零五百"),
            (24_300_000, "二千四百三十万"),
            (8_000_000_000_000, "八兆"),
            (100_000_001, "一亿零一"),
        ] {
            assert_eq!(cardinal(n), want, "{n}");
        }
    }

    #[test]
    fn ways() {
        assert_eq!(readings("2024", true)[0], "二零二四");
        assert_eq!(readings("1,400", false)[..2], ["一千四百", "一四零零"]);
        assert_eq!(readings("007", false)[0], "零零七");
        assert_eq!(cardinals(8_000_000_000_000), ["八兆", "八万亿"]);
        assert_eq!(cardinals(8_500_000_000_000), ["八兆五千亿", "八万五千亿"]);
        assert_eq!(cardinals(40), ["四十"]);
    }
}
