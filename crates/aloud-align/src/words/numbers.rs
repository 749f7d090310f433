//! How English says a number.
//!
//! Numbers come as their digits; the result is lists of words, the usual reading first.

/// The numbers below twenty.
pub const ONES: [&str; 20] = [
    "zero",
    "one",
    "two",
    "three",
    "four",
    "five",
    "six",
    "seven",
    "eight",
    "nine",
    "ten",
    "eleven",
    "twelve",
    "thirteen",
    "fourteen",
    "fifteen",
    "sixteen",
    "seventeen",
    "eighteen",
    "nineteen",
];
/// The tens by their digit; the first two are in [`ONES`].
pub const TENS: [&str; 10] =
    ["", "", "twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"];
const SCALES: [(u64, &str); 4] = [
    (1_000_000_000_000, "trillion"),
    (1_000_000_000, "billion"),
    (1_000_000, "million"),
    (1000, "thousand"),
];
const ORDINALS: [(&str, &str); 8] = [
    ("one", "first"),
    ("two", "second"),
    ("three", "third"),
    ("five", "fifth"),
    ("eight", "eighth"),
    ("nine", "ninth"),
    ("twelve", "twelfth"),
    ("twenty", "twentieth"),
];

/// The words of one reading.
pub(super) type Reading = Vec<String>;

/// `n` as a count: "one thousand four hundred". Above 10^15 digit by digit would be said; see
/// [`readings`].
pub(super) fn cardinal(n: u64) -> Reading {
    let mut words = Vec::new();
    spell(n, &mut words);
    words.into_iter().map(str::to_owned).collect()
}

fn spell(n: u64, words: &mut Vec<&'static str>) {
    for (scale, name) in SCALES {
        if n >= scale {
            spell(n / scale, words);
            words.push(name);
            if !n.is_multiple_of(scale) {
                spell(n % scale, words);
            }
            return;
        }
    }
    match n as usize {
        n @ 100.. => {
            words.extend([ONES[n / 100], "hundred"]);
            if n % 100 > 0 {
                spell(n as u64 % 100, words);
            }
        }
        n @ 20.. => {
            words.push(TENS[n / 10]);
            if n % 10 > 0 {
                words.push(ONES[n % 10]);
            }
        }
        n => words.push(ONES[n]),
    }
}

/// `n` as a place in a row: "twenty first".
pub(super) fn ordinal(n: u64) -> Reading {
    let mut words = cardinal(n);
    if let Some(last) = words.last_mut() {
        let irregular = ORDINALS
            .iter()
            .find(|(cardinal, _)| cardinal == last)
            .map(|(_, ordinal)| (*ordinal).to_owned());
        *last = irregular.unwrap_or_else(|| match last.strip_suffix('y') {
            Some(stem) => format!("{stem}ieth"),
            None => format!("{last}th"),
        });
    }
    words
}

/// The last word in the plural: "nineteen nineties".
pub(super) fn plural(mut words: Reading) -> Reading {
    if let Some(last) = words.last_mut() {
        *last = match last.strip_suffix('y') {
            Some(stem) => format!("{stem}ies"),
            None if last == "six" => "sixes".to_owned(),
            None => format!("{last}s"),
        };
    }
    words
}

/// Digit by digit, with `zero` for 0.
pub(super) fn digits(digits: &str, zero: &str) -> Reading {
    let name =
        |digit: u32| if digit == 0 { zero.to_owned() } else { ONES[digit as usize].to_owned() };
    digits.chars().filter_map(|c| c.to_digit(10)).map(name).collect()
}

/// Two digits and two: "twenty twenty five", "fourteen hundred", "nineteen oh five".
fn pairs(n: u64) -> Reading {
    let mut words = cardinal(n / 100);
    match n % 100 {
        0 => words.push("hundred".to_owned()),
        rest @ 1..10 => words.extend(["oh".to_owned(), ONES[rest as usize].to_owned()]),
        rest => words.extend(cardinal(rest)),
    }
    words
}

/// All usual ways to say a whole number written as `text` (digits, perhaps grouped by commas).
pub(super) fn readings(text: &str) -> Vec<Reading> {
    let bare: String = text.chars().filter(char::is_ascii_digit).collect();
    let is_grouped = bare.len() != text.len();
    let Some(n) = bare.parse::<u64>().ok().filter(|n| *n < 1_000_000_000_000_000) else {
        return vec![digits(&bare, "zero")];
    };
    let mut found = Vec::new();
    let has_lead = bare.len() > 1 && bare.starts_with('0');
    if has_lead {
        found.extend([digits(&bare, "oh"), digits(&bare, "zero")]);
    }
    let is_year = (1100..2000).contains(&n) || (2010..2100).contains(&n);
    if !is_grouped && is_year {
        found.push(pairs(n));
    }
    found.push(cardinal(n));
    if (1000..10_000).contains(&n) && n / 100 % 10 > 0 {
        found.push(pairs(n));
    }
    let all = cardinal(n);
    if n > 100 && n % 100 > 0 {
        let (last, first) = (cardinal(n % 100), cardinal(n - n % 100));
        found.push([first, vec!["and".to_owned()], last].concat());
    }
    if let ("one", true) = (all[0].as_str(), n >= 100) {
        found.push([&["a".to_owned()], &all[1..]].concat());
    }
    if let Some((scale, name)) = SCALES
        .iter()
        .find(|(scale, _)| n >= *scale && *scale > 1000 && n % (scale / 10) == 0 && n % scale > 0)
    {
        let tenth = (n % scale / (scale / 10)) as usize;
        found.push(
            [
                cardinal(n / scale),
                vec!["point".to_owned(), ONES[tenth].to_owned(), (*name).to_owned()],
            ]
            .concat(),
        );
    }
    if n == 0 {
        found.push(vec!["oh".to_owned()]);
    }
    if (1..32).contains(&n) {
        found.push(ordinal(n));
    }
    if (2..6).contains(&bare.len()) && !is_grouped && !has_lead {
        found.push(digits(&bare, "zero"));
        if bare.contains('0') {
            found.push(digits(&bare, "oh"));
        }
    }
    found
}

/// The value of a whole number as written, without its commas.
pub(super) fn value(text: &str) -> Option<u64> {
    text.chars().filter(char::is_ascii_digit).collect::<String>().parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn english() {
        for (text, want) in [
            ("0", "zero|oh"),
            ("8", "eight|eighth"),
            ("20", "twenty|twentieth|two zero|two oh"),
            ("31", "thirty one|thirty first|three one"),
            ("1,400", "one thousand four hundred|fourteen hundred|a thousand four hundred"),
            ("2005", "two thousand five|two thousand and five|two zero zero five|two oh oh five"),
            (
                "1905",
                "nineteen oh five|one thousand nine hundred five|nineteen oh five|one thousand nine hundred and five|a thousand nine hundred five|one nine zero five|one nine oh five",
            ),
            (
                "24,300,000",
                "twenty four million three hundred thousand|twenty four point three million",
            ),
            ("007", "oh oh seven|zero zero seven|seven|seventh"),
            (
                "99999999999999999999",
                "nine nine nine nine nine nine nine nine nine nine nine nine nine nine nine nine nine nine nine nine",
            ),
        ] {
            let got: Vec<String> = readings(text).iter().map(|words| words.join(" ")).collect();
            assert_eq!(got.join("|"), want, "{text}");
        }
    }

    #[test]
    fn ordinals_and_plurals() {
        for (n, want) in [
            (3, "third"),
            (12, "twelfth"),
            (21, "twenty first"),
            (30, "thirtieth"),
            (100, "one hundredth"),
            (9, "ninth"),
        ] {
            assert_eq!(ordinal(n).join(" "), want);
        }
        assert_eq!(plural(pairs(1990)).join(" "), "nineteen nineties");
        assert_eq!(plural(pairs(1900)).join(" "), "nineteen hundreds");
    }
}
