//! Which numbers does a text name?
//!
//! "$8 trillion", "eight trillion dollars", 8兆美元 and 8萬億 name one number, "Jan. 20, 2025" and
//! 2025年1月20日 the same three. Digits, English and Chinese, with scales, ordinals, months and
//! years as they are said. This file never knows what is counted.

use crate::words::{ONES, TENS};
use std::ops::Range;

/// A number and where it stands.
#[derive(Clone, Debug, PartialEq)]
pub struct Quantity {
    /// Its value; what "percent" or a currency adds is not in it.
    pub value: f64,
    /// Where it is written.
    pub bytes: Range<usize>,
}

/// Numbers worth comparing are equal when they are as good as equal.
pub fn same(a: f64, b: f64) -> bool {
    (a - b).abs() <= 1e-6 * a.abs().max(b.abs())
}

/// Every number in `text`, in order. The article "a" is none; "one" and 一 are 1 wherever they
/// stand.
pub fn quantities(text: &str) -> Vec<Quantity> {
    let tokens = tokens(text);
    let mut found = Vec::new();
    let mut at = 0;
    while at < tokens.len() {
        let (used, value) = read(&tokens[at..]);
        if let Some(value) = value.filter(|value| value.is_finite()) {
            found.push(Quantity {
                value,
                bytes: tokens[at].bytes.start..tokens[at + used - 1].bytes.end,
            });
        }
        at += used;
    }
    found
}

/// A piece of text that may be part of a number.
struct Token {
    kind: Kind,
    bytes: Range<usize>,
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Kind {
    /// Written in digits.
    Digits(f64),
    /// A run of Chinese numerals, with its value.
    Han(f64),
    /// 千 to 兆 after digits.
    HanScale(f64),
    /// "seven", "seventeen", "twentieth"; whether it is an ordinal.
    Small(f64, bool),
    Tens(f64),
    Hundred,
    /// "thousand", "million".
    Scale(f64),
    /// "point" between two numbers.
    Point,
    /// "and", "-": joins parts of a number.
    Join,
    /// "January".
    Month(f64),
    /// Any other word; ends a number.
    Other,
}

/// How many tokens belong to the number that begins here, and its value.
fn read(tokens: &[Token]) -> (usize, Option<f64>) {
    match tokens[0].kind {
        Kind::Digits(value) | Kind::Han(value) => scaled(value, 1, tokens),
        Kind::Small(..) | Kind::Tens(_) => spelled(tokens),
        Kind::Month(value) => (1, Some(value)),
        _ => (1, None),
    }
}

/// `value` times the scales that follow the first `used` tokens ("8 trillion", 2430萬, 8萬億).
fn scaled(mut value: f64, mut used: usize, tokens: &[Token]) -> (usize, Option<f64>) {
    while let Some(Kind::Scale(by) | Kind::HanScale(by)) = tokens.get(used).map(|token| token.kind)
    {
        value *= by;
        used += 1;
    }
    (used, Some(value))
}

/// A number in English words.
fn spelled(tokens: &[Token]) -> (usize, Option<f64>) {
    let (mut used, mut value, mut is_whole) = below_hundred(tokens);
    let kind = |at: usize| tokens.get(at).map(|token| token.kind);
    // "nineteen eighty-six", "twenty twenty-five": a year, said in pairs.
    if is_whole
        && (10.0..100.0).contains(&value)
        && matches!(kind(used), Some(Kind::Tens(_) | Kind::Small(..)))
    {
        let (more, pair, _) = below_hundred(&tokens[used..]);
        if pair >= 10.0 {
            return (used + more, Some(value * 100.0 + pair));
        }
    }
    let mut total = 0.0;
    loop {
        match kind(used) {
            Some(Kind::Hundred) if is_whole => {
                value *= 100.0;
                used += 1;
            }
            Some(Kind::Scale(by)) if is_whole => {
                total += value * by;
                value = 0.0;
                used += 1;
            }
            Some(Kind::Point) if is_whole && value >= 0.0 => {
                let (more, part) = decimals(&tokens[used + 1..]);
                if more == 0 {
                    break;
                }
                value += part;
                used += 1 + more;
                continue;
            }
            _ => break,
        }
        let skip = usize::from(kind(used) == Some(Kind::Join));
        if matches!(kind(used + skip), Some(Kind::Small(..) | Kind::Tens(_))) {
            let (more, part, whole) = below_hundred(&tokens[used + skip..]);
            (value, is_whole) = (value + part, whole);
            used += skip + more;
        }
    }
    (used, Some(total + value))
}

/// "seven", "twenty", "twenty-five", "twentieth": tokens, value, and whether more may follow (no
/// ordinal).
fn below_hundred(tokens: &[Token]) -> (usize, f64, bool) {
    match tokens[0].kind {
        Kind::Small(value, is_ordinal) => (1, value, !is_ordinal),
        Kind::Tens(tens) => {
            let skip = usize::from(
                matches!(tokens.get(1), Some(token) if token.kind == Kind::Join && token.bytes.len() == 1),
            );
            match tokens.get(1 + skip).map(|token| token.kind) {
                Some(Kind::Small(ones, is_ordinal)) if ones < 10.0 && ones > 0.0 => {
                    (2 + skip, tens + ones, !is_ordinal)
                }
                _ => (1, tens, true),
            }
        }
        _ => (1, 0.0, false),
    }
}

/// Digits said one by one after "point".
fn decimals(tokens: &[Token]) -> (usize, f64) {
    let digits = tokens.iter().map_while(|token| match token.kind {
        Kind::Small(digit, false) if digit < 10.0 => Some(digit),
        _ => None,
    });
    let (mut used, mut part, mut unit) = (0, 0.0, 0.1);
    for digit in digits {
        part += digit * unit;
        unit /= 10.0;
        used += 1;
    }
    (used, part)
}

/// Cuts `text` into what may be part of a number and what may not.
fn tokens(text: &str) -> Vec<Token> {
    let mut tokens = Vec::new();
    let mut rest = text.char_indices().peekable();
    while let Some(&(start, c)) = rest.peek() {
        let end_of = |fits: &dyn Fn(char) -> bool| {
            text[start..].find(|c| !fits(c)).map_or(text.len(), |len| start + len)
        };
        let (kind, end) = if c.is_ascii_digit() {
            digits(text, start)
        } else if han_digit(c).is_some() || han_scale(c).is_some() {
            let end = end_of(&|c| han_digit(c).is_some() || han_scale(c).is_some());
            // 百分之 is a percent sign.
            if text[start..].starts_with("百分之") {
                (Kind::Other, start + "百分之".len())
            } else {
                han(
                    &text[start..end],
                    start > 0
                        && matches!(tokens.last(), Some(Token { kind: Kind::Digits(_), bytes }) if bytes.end == start),
                    end,
                )
            }
        } else if c.is_alphabetic() && !crate::transcript::characters::stands_alone(c) {
            let end = end_of(&|c: char| {
                c.is_alphabetic() && !crate::transcript::characters::stands_alone(c)
            });
            (word(&text[start..end]), end)
        } else if matches!(c, '-' | '‑' | '‐') {
            (Kind::Join, start + c.len_utf8())
        } else if c.is_whitespace() || matches!(c, '$' | '€' | '£' | '¥') {
            rest.next();
            continue;
        } else {
            (Kind::Other, start + c.len_utf8())
        };
        tokens.push(Token { kind, bytes: start..end });
        while rest.next_if(|&(at, _)| at < end).is_some() {}
    }
    tokens
}

/// "1,400", "24.3", "2,430", "3rd"; a comma counts before three digits, a point before any.
fn digits(text: &str, start: usize) -> (Kind, usize) {
    let bytes = text.as_bytes();
    let digit = |at: usize| bytes.get(at).is_some_and(u8::is_ascii_digit);
    let mut end = start;
    let mut plain = String::new();
    let mut has_point = false;
    while end < bytes.len() {
        match bytes[end] {
            b'0'..=b'9' => plain.push(bytes[end] as char),
            b',' if !has_point && (1..=3).all(|ahead| digit(end + ahead)) && !digit(end + 4) => {}
            b'.' if !has_point && digit(end + 1) => {
                has_point = true;
                plain.push('.');
            }
            _ => break,
        }
        end += 1;
    }
    let tail = &text[end..];
    if let Some(mark) = ["st", "nd", "rd", "th"].into_iter().find(|mark| tail.starts_with(mark))
        && !tail[mark.len()..].starts_with(char::is_alphabetic)
    {
        end += mark.len();
    }
    (plain.parse().map_or(Kind::Other, Kind::Digits), end)
}

/// A run of Chinese numerals; after digits it is their scale.
fn han(run: &str, is_after_digits: bool, end: usize) -> (Kind, usize) {
    if is_after_digits {
        let by = run.chars().map(|c| han_scale(c).unwrap_or(1.0)).product();
        return (Kind::HanScale(by), end);
    }
    let (mut total, mut section, mut digit, mut n_digits) = (0.0_f64, 0.0, None, 0.0);
    let has_scale = run.chars().any(|c| han_scale(c).is_some());
    for c in run.chars() {
        match (han_digit(c), han_scale(c)) {
            // 二零二四 is said digit by digit.
            (Some(value), _) if !has_scale => n_digits = n_digits * 10.0 + value,
            (Some(value), _) => digit = Some(value),
            (None, Some(by)) if by < 10_000.0 => section += digit.take().unwrap_or(1.0) * by,
            (None, Some(by)) => {
                section += digit.take().unwrap_or(0.0);
                // 萬億: the scales multiply.
                total = if section == 0.0 { total.max(1.0) * by } else { total + section * by };
                section = 0.0;
            }
            (None, None) => {}
        }
    }
    (Kind::Han(total + section + digit.unwrap_or(0.0) + n_digits), end)
}

fn han_digit(c: char) -> Option<f64> {
    Some(match c {
        '〇' | '零' => 0.0,
        '一' => 1.0,
        '二' | '兩' | '两' => 2.0,
        '三' => 3.0,
        '四' => 4.0,
        '五' => 5.0,
        '六' => 6.0,
        '七' => 7.0,
        '八' => 8.0,
        '九' => 9.0,
        _ => return None,
    })
}

/// 兆 is the million of millions, as in Taiwan and Japan.
fn han_scale(c: char) -> Option<f64> {
    Some(match c {
        '十' => 10.0,
        '百' => 100.0,
        '千' => 1_000.0,
        '萬' | '万' => 1e4,
        '億' | '亿' => 1e8,
        '兆' => 1e12,
        _ => return None,
    })
}

const ORDINAL: [&str; 20] = [
    "zeroth",
    "first",
    "second",
    "third",
    "fourth",
    "fifth",
    "sixth",
    "seventh",
    "eighth",
    "ninth",
    "tenth",
    "eleventh",
    "twelfth",
    "thirteenth",
    "fourteenth",
    "fifteenth",
    "sixteenth",
    "seventeenth",
    "eighteenth",
    "nineteenth",
];
const MONTHS: [&str; 12] = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];
const SHORT_MONTHS: [&str; 12] =
    ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sept", "Oct", "Nov", "Dec"];

/// What an English word is to a number. Months have a capital: "may" and "march" are no months.
fn word(word: &str) -> Kind {
    let of = |list: &[&str], word: &str| {
        list.iter().position(|&other| other == word).map(|at| at as f64)
    };
    if let Some(month) = of(&MONTHS, word)
        .or_else(|| of(&SHORT_MONTHS, word))
        .or_else(|| of(&["Sep"], word).map(|_| 8.0))
    {
        return Kind::Month(month + 1.0);
    }
    let word = word.to_lowercase();
    if let Some(value) = of(&ONES, &word) {
        return Kind::Small(value, false);
    }
    if let Some(value) = of(&ORDINAL, &word) {
        return Kind::Small(value, true);
    }
    if let Some(at) = of(&TENS[2..], &word) {
        return Kind::Tens((at + 2.0) * 10.0);
    }
    if let Some(at) = word
        .strip_suffix("ieth")
        .and_then(|stem| TENS[2..].iter().position(|tens| tens.strip_suffix('y') == Some(stem)))
    {
        return Kind::Small((at as f64 + 2.0) * 10.0, true);
    }
    match word.as_str() {
        "hundred" => Kind::Hundred,
        "thousand" => Kind::Scale(1e3),
        "million" => Kind::Scale(1e6),
        "billion" => Kind::Scale(1e9),
        "trillion" => Kind::Scale(1e12),
        "point" => Kind::Point,
        "and" => Kind::Join,
        _ => Kind::Other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_named() {
        for (text, want) in [
            ("", &[][..]),
            ("no number at all, nor a 兩 letter", &[2.0]),
            ("On Jan. 20, 2025, the river", &[1.0, 20.0, 2025.0]),
            ("On January twentieth, twenty twenty-five, the river", &[1.0, 20.0, 2025.0]),
            ("2025年1月20日，河水", &[2025.0, 1.0, 20.0]),
            ("二零二四年九月三號", &[2024.0, 9.0, 3.0]),
            ("$8 trillion", &[8e12]),
            ("eight trillion dollars", &[8e12]),
            ("8兆美元", &[8e12]),
            ("8萬億美元", &[8e12]),
            ("八萬億", &[8e12]),
            ("24.3 million times, and 3", &[24.3e6, 3.0]),
            ("twenty-four point three million times", &[24.3e6]),
            ("2,430萬次", &[24.3e6]),
            ("兩千四百三十萬次", &[24.3e6]),
            ("1,400 people", &[1400.0]),
            ("fourteen hundred people", &[1400.0]),
            ("one thousand four hundred and five", &[1405.0]),
            ("written down since nineteen eighty-six", &[1986.0]),
            ("two thousand and twenty-four", &[2024.0]),
            ("the 3rd of March", &[3.0, 3.0]),
            ("the third of March may march", &[3.0, 3.0]),
            ("40%", &[40.0]),
            ("forty percent", &[40.0]),
            ("百分之四十", &[40.0]),
            ("十二", &[12.0]),
            ("三百零五", &[305.0]),
            ("Gemini 2.5 Pro", &[2.5]),
            ("two, three and five", &[2.0, 3.0, 5.0]),
            ("1,2,3", &[1.0, 2.0, 3.0]),
            ("at 9:21.", &[9.0, 21.0]),
            ("4,000人", &[4000.0]),
            ("twenty", &[20.0]),
            ("the point is", &[]),
            ("three point", &[3.0]),
            ("兆", &[1e12]),
        ] {
            let got: Vec<f64> = quantities(text).iter().map(|quantity| quantity.value).collect();
            assert!(
                got.len() == want.len() && got.iter().zip(want).all(|(&a, &b)| same(a, b)),
                "{text}: {got:?}"
            );
        }
    }

    proptest::proptest! {
        #[test]
        fn numbers_are_in_order_and_on_borders(text in "(.|[0-9]|,|\\.|one |hundred |and |point |twenty|-|一|十|萬|億|兆| ){0,40}") {
            let mut end = 0;
            for quantity in quantities(&text) {
                proptest::prop_assert!(quantity.bytes.start >= end && quantity.value.is_finite());
                proptest::prop_assert!(!text[quantity.bytes.clone()].is_empty());
                end = quantity.bytes.end;
            }
        }
    }
}
