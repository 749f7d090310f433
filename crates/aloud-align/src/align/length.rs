//! How long does a text take to say, before anybody has said it?
//!
//! Measured in syllables: characters of Chinese, syllables of Latin scripts, numbers as they are
//! said. Counting letters alone puts "2025" and "$8" at next to nothing. This file never knows who
//! speaks, or how fast.

use crate::transcript::characters::{is_spoken, stands_alone};

/// About how many syllables it takes to say `text`. 0 where nothing in it is said.
///
/// Of words in Latin scripts it is the mean of the groups of vowels and a third of the letters, and
/// a quarter for each word. On the English demo episode the time of a sentence differs from it by
/// 10 % (standard deviation), from letters alone by 11 %; on the Mandarin one, by 5 %.
pub fn syllables(text: &str) -> f64 {
    let is_chinese = text.chars().any(stands_alone);
    let mut sum = 0.0;
    let mut rest = text;
    while let Some(c) = rest.chars().next() {
        let run = |fits: fn(char) -> bool| rest.find(|c| !fits(c)).unwrap_or(rest.len());
        let used = if c.is_ascii_digit() {
            let used = rest
                .find(|c: char| !c.is_ascii_digit() && !matches!(c, ',' | '.'))
                .unwrap_or(rest.len());
            sum += number(&rest[..used], is_chinese);
            used
        } else if is_letter(c) {
            let used = run(is_letter);
            sum += word(&rest[..used]);
            used
        } else {
            sum += if stands_alone(c) { 1.0 } else { sign(c) };
            c.len_utf8()
        };
        rest = &rest[used..];
    }
    sum
}

/// A letter of a script that is written in words; an apostrophe does not part them.
fn is_letter(c: char) -> bool {
    (c.is_alphabetic() && !stands_alone(c)) || matches!(c, '’' | '\'')
}

fn word(word: &str) -> f64 {
    let letters: Vec<char> =
        word.chars().filter(|c| c.is_alphabetic()).flat_map(char::to_lowercase).collect();
    if letters.is_empty() {
        return 0.0;
    }
    let is_vowel = |c: char| "aeiouyàáâãäåæèéêëìíîïòóôõöøùúûüýāēīōūœ".contains(c);
    let mut groups = (0..letters.len())
        .filter(|&i| is_vowel(letters[i]) && (i == 0 || !is_vowel(letters[i - 1])))
        .count();
    // The silent e of "home"; not that of "table".
    if groups > 1 && letters.ends_with(&['e']) && !letters.ends_with(&['l', 'e']) {
        groups -= 1;
    }
    // "Jan", "Dr" and "BBC" are longer than they look, other scripts have no vowels we know.
    let n = letters.len() as f64;
    (groups.max(1) as f64 + n / 3.0) / 2.0 + 0.25
}

/// A number with its separators: each digit with the word for its place, years in pairs.
fn number(written: &str, is_chinese: bool) -> f64 {
    let (whole, part) =
        written.trim_end_matches([',', '.']).split_once('.').unwrap_or((written, ""));
    let digits: Vec<char> = whole.chars().filter(char::is_ascii_digit).collect();
    let zeros = digits.iter().filter(|&&digit| digit == '0').count();
    let said = (digits.len() - zeros) as f64;
    let decimals = part.chars().filter(char::is_ascii_digit).count() as f64;
    let point = if decimals > 0.0 { 1.0 + decimals } else { 0.0 };
    let is_year = digits.len() == 4 && !whole.contains(',') && part.is_empty();
    let whole = match (is_chinese, digits.len()) {
        (_, 0) => 0.0,
        (true, 4) if is_year => 4.0,
        // 一千四百: a character for the digit, one for its place.
        (true, n) => (2.0 * said - if zeros == 0 || n == 1 { 1.0 } else { 0.0 }).max(1.0),
        (false, 4) if is_year => 4.5,
        (false, n) => said * if n > 2 { 2.2 } else { 1.4 } + if n > 3 { 1.0 } else { 0.0 },
    };
    whole + point
}

/// Signs that have a name.
fn sign(c: char) -> f64 {
    match c {
        '%' | '％' | '$' | '€' | '£' | '¥' => 2.0,
        c if is_spoken(c) => 1.0,
        _ => 0.0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn about_as_many_as_are_said() {
        for (text, low, high) in [
            ("", 0.0, 0.0),
            ("* * *", 0.0, 0.0),
            ("我的家人在哪裡？", 7.0, 7.0),
            ("2024年9月", 7.0, 7.0),
            ("1,400人", 5.0, 6.0),
            ("40%", 3.0, 4.5),
            ("On Jan. 20, 2025", 8.0, 12.0),
            ("eight trillion dollars", 5.0, 8.0),
            ("$8 trillion", 5.0, 8.0),
            ("I have a question about tax law", 8.0, 11.0),
            ("DeepSeek公開的", 5.0, 6.5),
        ] {
            let got = syllables(text);
            assert!((low..=high).contains(&got), "{text}: {got}");
        }
    }
}
