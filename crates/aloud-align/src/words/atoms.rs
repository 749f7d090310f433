//! What a written word is made of (letters, digits, signs), and all the ways to say it.
//!
//! "$8 trillion", "9:21", "GPT-4", "U.S.", "2010–2015". A reading is a list of spoken words;
//! Chinese ones come as runs of characters. This file decides the order of readings, the usual one
//! first; which of them is meant the other text decides.

use super::numbers::{self, Reading};
use super::{chinese, english, fold};
use crate::transcript::characters::stands_alone;

/// More readings than this of one word are not looked at.
const MAX_READINGS: usize = 24;

/// The readings of one word, or of several whose order changes in speech.
pub(super) struct Read {
    /// How many words were taken.
    pub n_words: usize,
    /// Each reading's spoken words, with the place among the taken words that they come from, in
    /// order.
    pub readings: Vec<Vec<(usize, String)>>,
}

/// A piece of a written word.
#[derive(Clone, Debug, PartialEq)]
enum Atom {
    /// Small letters, perhaps with an apostrophe inside; and whether they were capitals.
    Letters(String, bool),
    /// The letters of dotted initials.
    Initials(String),
    /// The digits of a whole number with their grouping, and those behind the point.
    Number(String, Option<String>),
    /// Characters that are words of their own.
    Alone(String),
    /// A sign with a name, or punctuation inside a word.
    Sign(char),
}
use Atom::{Alone, Initials, Letters, Number, Sign};

/// What stands around a word.
struct Context<'a> {
    before: String,
    after: &'a str,
    is_chinese: bool,
    /// Whether numbers may be said in English.
    is_english: bool,
}

/// Reads the word at `at` of `words`, all without punctuation around them, and those after it if
/// they belong together.
pub(super) fn read(words: &[&str], at: usize, is_chinese: bool) -> Read {
    let atoms = split(words[at]);
    let before = at.checked_sub(1).map_or("", |before| words[before]);
    let after = words.get(at + 1).copied().unwrap_or_default();
    let is_latin = |word: &str| word.bytes().any(|b| b.is_ascii_alphabetic());
    let is_english = !is_chinese || [before, words[at], after].into_iter().any(is_latin);
    let context = Context { before: fold::fold(before), after, is_chinese, is_english };
    let scaled = || scaled(&atoms, &words[at + 1..], &context);
    if let Some(read) = money(&atoms, &words[at + 1..], &context).or_else(scaled) {
        return read;
    }
    let readings = product(&parts(&atoms, &context));
    Read {
        n_words: 1,
        readings: readings
            .into_iter()
            .map(|reading| reading.into_iter().map(|text| (0, text)).collect())
            .collect(),
    }
}

fn split(word: &str) -> Vec<Atom> {
    let chars: Vec<char> = word.chars().map(plain_digit).collect();
    let mut atoms = Vec::new();
    let mut at = 0;
    while at < chars.len() {
        let rest = &chars[at..];
        let (atom, n) = if rest[0].is_ascii_digit() {
            number(rest)
        } else if stands_alone(rest[0]) {
            let n = rest.iter().take_while(|c| stands_alone(**c)).count();
            (Alone(rest[..n].iter().collect()), n)
        } else if rest[0].is_alphanumeric() {
            letters(rest)
        } else {
            let mut folded = String::new();
            fold::push(rest[0], &mut folded);
            (folded.chars().next().map_or(Sign(rest[0]), Sign), 1)
        };
        atoms.push(atom);
        at += n;
    }
    atoms
}

/// Full-width digits and signs as ASCII has them.
fn plain_digit(c: char) -> char {
    match c {
        '０'..='９' | '．' | '，' | '：' | '％' | '＄' => {
            char::from_u32(c as u32 - 0xFEE0).unwrap_or(c)
        }
        '٬' => ',',
        '٫' => '.',
        _ => c,
    }
}

fn number(rest: &[char]) -> (Atom, usize) {
    let run = |from: usize| {
        rest[from.min(rest.len())..].iter().take_while(|c| c.is_ascii_digit()).count()
    };
    let mut end = run(0);
    while rest.get(end) == Some(&',') && run(end + 1) == 3 {
        end += 4;
    }
    let whole = rest[..end].iter().collect();
    let n_fraction = run(end + 1);
    let has_point = rest.get(end) == Some(&'.') && n_fraction > 0
        || rest.get(end) == Some(&',') && (1..3).contains(&n_fraction);
    if has_point {
        let fraction = rest[end + 1..end + 1 + n_fraction].iter().collect();
        (Number(whole, Some(fraction)), end + 1 + n_fraction)
    } else {
        (Number(whole, None), end)
    }
}

fn letters(rest: &[char]) -> (Atom, usize) {
    let is_letter = |c: &char| c.is_alphanumeric() && !c.is_ascii_digit() && !stands_alone(*c);
    let at = |index: usize| rest.get(index).filter(|c| is_letter(c));
    let n_initials = (0..)
        .step_by(2)
        .take_while(|i| at(*i).is_some() && rest.get(i + 1) == Some(&'.') && at(i + 1).is_none())
        .count();
    let has_last = at(2 * n_initials).is_some() && at(2 * n_initials + 1).is_none();
    if n_initials + usize::from(has_last) > 1 {
        let end = (2 * n_initials + usize::from(has_last)).min(rest.len());
        let text: String = rest[..end].iter().filter(|c| **c != '.').collect();
        return (Initials(fold::fold(&text)), end);
    }
    let is_mark = |c: &char| !c.is_alphanumeric() && !c.is_ascii() && !"–—‐‑−·・…“”".contains(*c);
    let mut end = 0;
    while end < rest.len() {
        let joins =
            matches!(rest[end], '\'' | '’' | '＇' | 'ʼ') && end > 0 && at(end + 1).is_some()
                || is_mark(&rest[end]) && end > 0;
        if !(is_letter(&rest[end]) || joins) {
            break;
        }
        end += 1;
    }
    let is_capital = rest[..end].iter().all(|c| c.is_uppercase());
    (Letters(fold::fold(&rest[..end].iter().collect::<String>()), is_capital), end)
}

/// The ways to say each part, in order.
fn parts(atoms: &[Atom], context: &Context) -> Vec<Vec<Reading>> {
    let mut parts = Vec::new();
    let mut at = 0;
    while at < atoms.len() {
        let before = at.checked_sub(1).map(|before| &atoms[before]);
        let (part, n) = match &atoms[at..] {
            [Number(h, None), Sign(':'), Number(m, None), Sign(':'), Number(s, None), ..] => {
                (time(h, m, Some(s), context), 5)
            }
            [Number(h, None), Sign(':'), Number(m, None), ..] if m.len() == 2 => {
                (time(h, m, None, context), 3)
            }
            [Number(whole, fraction), Sign('%'), ..] => {
                (percent(whole, fraction.as_deref(), context), 2)
            }
            [Number(whole, None), Letters(end, _), ..]
                if matches!(end.as_str(), "st" | "nd" | "rd" | "th") =>
            {
                (rank(whole), 2)
            }
            [Number(whole, None), Letters(end, _), ..] if end == "s" => {
                (numbers::readings(whole).into_iter().map(numbers::plural).collect(), 2)
            }
            [Number(whole, None), Sign('\''), Letters(end, _), ..] if end == "s" => {
                (numbers::readings(whole).into_iter().map(numbers::plural).collect(), 3)
            }
            [Number(a, None), Sign('/' | '⁄'), Number(b, None), ..] => {
                (fraction(a, b, context), 3)
            }
            [Number(whole, fraction), ..] => (count(whole, fraction.as_deref(), context), 1),
            [Letters(text, is_capital), ..] => {
                let is_after_number = matches!(before, Some(Number(..)))
                    || before.is_none() && context.before.ends_with(|c: char| c.is_ascii_digit());
                (word(text, *is_capital, is_after_number), 1)
            }
            [Initials(text), ..] => (initials(text), 1),
            [Alone(text), ..] => (alone(text, &context.before), 1),
            [Sign(sign), rest @ ..] => (name(*sign, before, rest.first(), context), 1),
            [] => break,
        };
        parts.push(part);
        at += n;
    }
    parts
}

/// All combinations, the first of each part first.
fn product(parts: &[Vec<Reading>]) -> Vec<Reading> {
    let mut readings: Vec<Reading> = vec![Vec::new()];
    for part in parts.iter().filter(|part| !part.is_empty()) {
        let part = if readings.len() * part.len() > MAX_READINGS {
            &part[..(MAX_READINGS / readings.len()).max(1)]
        } else {
            part
        };
        if let [only] = part {
            // In place: a word may have a quarter of a million parts.
            readings.iter_mut().for_each(|reading| reading.extend_from_slice(only));
            continue;
        }
        readings = readings
            .iter()
            .flat_map(|reading| part.iter().map(move |next| [reading.as_slice(), next].concat()))
            .collect();
    }
    readings.retain(|reading| !reading.is_empty());
    readings
}

fn phrase(text: &str) -> Reading {
    text.split(' ').filter(|word| !word.is_empty()).map(str::to_owned).collect()
}

fn phrases(texts: &[&str]) -> Vec<Reading> {
    texts.iter().map(|text| phrase(text)).collect()
}

fn join(a: Vec<Reading>, b: &[Reading]) -> Vec<Reading> {
    product(&[a, b.to_vec()])
}

/// A plain number. After a month in English mostly a day; before 年 a year.
fn count(whole: &str, fraction: Option<&str>, context: &Context) -> Vec<Reading> {
    let mut found = Vec::new();
    if context.is_chinese {
        let is_year = context.after.starts_with('年') && whole.len() == 4 && fraction.is_none();
        let chinese = chinese::readings(whole, is_year);
        found.extend(match fraction {
            Some(digits) => vec![vec![format!("{}点{}", chinese[0], chinese::digits(digits))]],
            None => chinese.into_iter().map(|text| vec![text]).collect::<Vec<_>>(),
        });
    }
    if context.is_english {
        let mut english = numbers::readings(whole);
        if let Some(digits) = fraction {
            english = join(
                join(english[..1].to_vec(), &phrases(&["point"])),
                &[numbers::digits(digits, "zero"), numbers::digits(digits, "oh")],
            );
        } else if let Some(day) = numbers::value(whole)
            .filter(|n| (1..32).contains(n) && english::is_month(&context.before))
        {
            english.insert(0, numbers::ordinal(day));
        }
        found.extend(english);
    }
    found
}

/// A number with a point and its scale, "1.5億", as it stands and as the whole number that it is
/// (一億五千萬).
fn scaled(atoms: &[Atom], followers: &[&str], context: &Context) -> Option<Read> {
    let [Number(whole, Some(fraction))] = atoms else { return None };
    let scales: Vec<&str> =
        followers.iter().copied().take(2).take_while(|word| is_scale(word, true)).collect();
    if !context.is_chinese || scales.is_empty() {
        return None;
    }
    let mut readings = Vec::new();
    for amount in count(whole, Some(fraction), context) {
        for scales in scale_readings(&scales) {
            let amount = amount.iter().map(|word| (0, word.clone()));
            readings.push(amount.chain(scales).collect::<Vec<_>>());
        }
    }
    for text in whole_number(whole, fraction, &scales).map(chinese::cardinals).unwrap_or_default() {
        // Each written word has a part of it, so that each has a time.
        let place = |(at, c): (usize, char)| (at.min(scales.len()), c.to_string());
        let reading: Vec<(usize, String)> = text.chars().enumerate().map(place).collect();
        if reading.len() > scales.len() {
            readings.push(reading);
        }
    }
    Some(Read { n_words: 1 + scales.len(), readings })
}

/// What "1.5" and its scales come to, where that is a whole number.
fn whole_number(whole: &str, fraction: &str, scales: &[&str]) -> Option<u64> {
    let scale = |word: &&str| match *word {
        "十" => 10,
        "百" => 100,
        "千" => 1000,
        "萬" | "万" => 10_000,
        "億" | "亿" => 100_000_000,
        _ => 1_000_000_000_000,
    };
    let factor = scales.iter().map(scale).try_fold(1, u64::checked_mul)?;
    let parts = 10u64.checked_pow(fraction.len().try_into().ok()?)?;
    let n = numbers::value(&format!("{whole}{fraction}"))?.checked_mul(factor)?;
    (n.is_multiple_of(parts) && n / parts < 10_000_000_000_000_000).then_some(n / parts)
}

/// The scales behind a number, each with its place: 兆 is said 萬億 as well.
fn scale_readings(scales: &[&str]) -> Vec<Vec<(usize, String)>> {
    let named = |trillion: &str| {
        let name = |(at, word): (usize, &&str)| (at + 1, fold::fold(word).replace('兆', trillion));
        scales.iter().enumerate().map(name).collect()
    };
    let mut found = vec![named("兆")];
    if scales.contains(&"兆") {
        found.push(named("万亿"));
    }
    found
}

/// Characters. Behind a number 兆 and 萬億 are the same.
fn alone(text: &str, before: &str) -> Vec<Reading> {
    let mut found = vec![vec![text.to_owned()]];
    if text == "兆" && before.ends_with(chinese::ends_number) {
        found.push(vec!["万亿".to_owned()]);
    }
    found
}

fn percent(whole: &str, fraction: Option<&str>, context: &Context) -> Vec<Reading> {
    let mut found = Vec::new();
    if context.is_chinese {
        let point =
            fraction.map_or_else(String::new, |digits| format!("点{}", chinese::digits(digits)));
        found.extend(
            chinese::readings(whole, false).iter().map(|text| vec![format!("百分之{text}{point}")]),
        );
    }
    let english = Context { is_chinese: false, is_english: true, before: String::new(), after: "" };
    let mut amount = count(whole, fraction, &english);
    amount.truncate(6);
    found.extend(join(amount, &phrases(&["percent", "per cent"])));
    found
}

fn rank(whole: &str) -> Vec<Reading> {
    numbers::value(whole).filter(|n| *n < 1_000_000).map_or_else(
        || numbers::readings(whole),
        |n| vec![numbers::ordinal(n), numbers::cardinal(n)],
    )
}

/// A time of day, or a length.
fn time(h: &str, m: &str, s: Option<&str>, context: &Context) -> Vec<Reading> {
    let mut found = Vec::new();
    let one = |text: &str| chinese::readings(text.trim_start_matches('0'), false)[0].clone();
    let [hours, minutes, seconds] = [h, m, s.unwrap_or_default()].map(|text| {
        if text.trim_start_matches('0').is_empty() { "零".to_owned() } else { one(text) }
    });
    if context.is_chinese {
        match s {
            Some(_) => found.extend([
                format!("{hours}点{minutes}分{seconds}秒"),
                format!("{hours}小时{minutes}分{seconds}秒"),
            ]),
            None => {
                let whole = if m == "00" {
                    format!("{hours}点")
                } else {
                    format!("{hours}点{minutes}分")
                };
                found.extend([
                    whole,
                    format!("{hours}分{minutes}秒"),
                    format!("{hours}点{minutes}"),
                    format!("{hours}点半"),
                    format!("{hours}时{minutes}分"),
                ]);
            }
        }
    }
    let mut found: Vec<Reading> = found.into_iter().map(|text| vec![text]).collect();
    let english = |text: &str| numbers::value(text).map(numbers::cardinal).unwrap_or_default();
    let minutes = match m {
        "00" => phrases(&["o clock", "", "hundred"]),
        _ if m.starts_with('0') => vec![numbers::digits(m, "oh"), english(m)],
        _ => vec![english(m)],
    };
    let clock = join(vec![english(h)], &minutes);
    let (h, m, s) = (english(h), english(m), s.map(english));
    let long = match &s {
        Some(s) => {
            [&h[..], &phrase("hours"), &m, &phrase("minutes"), s, &phrase("seconds")].concat()
        }
        None => [&h[..], &phrase("minutes"), &m, &phrase("seconds")].concat(),
    };
    if let Some(s) = s {
        found.push([h, m, s].concat());
    } else {
        found.extend(clock);
    }
    found.push(long);
    found
}

fn fraction(a: &str, b: &str, context: &Context) -> Vec<Reading> {
    let (Some(n), Some(d)) = (numbers::value(a), numbers::value(b)) else {
        return product(&[numbers::readings(a), numbers::readings(b)]);
    };
    let mut found = Vec::new();
    if context.is_chinese {
        found.push(vec![format!("{}分之{}", chinese::cardinal(d), chinese::cardinal(n))]);
    }
    let part = match (d, n) {
        (2, 1) => Some(phrase("half")),
        (4, 1) => Some(phrase("quarter")),
        (4, _) => Some(phrase("quarters")),
        (3..100, 1) => Some(numbers::ordinal(d)),
        (3..100, _) => Some(numbers::plural(numbers::ordinal(d))),
        _ => None,
    };
    found.extend(part.map(|part| [numbers::cardinal(n), part].concat()));
    let plain =
        [numbers::readings(a), phrases(&["", "slash", "over", "out of"]), numbers::readings(b)]
            .map(|mut part| {
                part.truncate(4);
                part
            });
    found.extend(product(&plain));
    found
}

/// A word of letters.
fn word(text: &str, is_capital: bool, is_after_number: bool) -> Vec<Reading> {
    let mut found = Vec::new();
    if is_after_number {
        found.extend(phrases(english::unit(text)));
    }
    found.push(vec![text.replace('\'', "")]);
    let spelled = || text.chars().map(String::from).collect();
    if is_capital && (2..=5).contains(&text.len()) {
        found.extend(long_name(text));
        found.push(spelled());
        if let Some(n) = english::roman(&text.to_uppercase()) {
            found.extend([
                numbers::cardinal(n),
                numbers::ordinal(n),
                [phrase("the"), numbers::ordinal(n)].concat(),
            ]);
        }
    }
    found.extend(english::expansions(text).iter().map(|full| phrase(full)));
    found
}

fn initials(text: &str) -> Vec<Reading> {
    let mut found = vec![text.chars().map(String::from).collect(), vec![text.to_owned()]];
    found.extend(long_name(text));
    found.extend(english::unit(text).iter().chain(english_initials(text)).map(|full| phrase(full)));
    found
}

fn english_initials(text: &str) -> &'static [&'static str] {
    match text {
        "eg" => &["for example"],
        "ie" => &["that is"],
        _ => &[],
    }
}

fn long_name(text: &str) -> Option<Reading> {
    Some(phrase(match text {
        "us" => "united states",
        "usa" => "united states of america",
        "uk" => "united kingdom",
        "eu" => "european union",
        "un" => "united nations",
        _ => return None,
    }))
}

/// The names of a sign between `before` and `after`.
fn name(
    sign: char,
    before: Option<&Atom>,
    after: Option<&Atom>,
    context: &Context,
) -> Vec<Reading> {
    let is_number = |atom: Option<&Atom>| matches!(atom, Some(Number(..)));
    let english: &[&str] = match sign {
        '%' => &["percent"],
        '&' => &["and"],
        '+' => &["plus", "", "and"],
        '=' => &["equals", "is"],
        '@' => &["at"],
        '#' => &["number", "hashtag", "sharp", ""],
        '°' => &["degrees", "degree"],
        '×' => &["times", "by"],
        '.' if is_number(before) && is_number(after) => &["point", ""],
        '.' => &["dot", "", "point"],
        '/' => &["", "slash", "per", "or"],
        '-' | '—' | '~' if is_number(before) && is_number(after) => &["to", "", "minus"],
        '-' if before.is_none() && is_number(after) => &["minus", "negative", ""],
        '$' => &["dollars", "dollar"],
        '€' => &["euros", "euro"],
        '£' => &["pounds", "pound"],
        '¥' => &["yen", "yuan"],
        '¢' => &["cents", "cent"],
        '½' => &["and a half", "half", "one half"],
        _ => &[],
    };
    let chinese: &[&str] = match sign {
        _ if !context.is_chinese => &[],
        '&' => &["和"],
        '+' => &["加"],
        '=' => &["等于"],
        '°' => &["度"],
        '-' | '~' if is_number(before) && is_number(after) => &["到", "至"],
        '-' if before.is_none() && is_number(after) => &["负"],
        _ => coin(sign).map_or(&[], |coin| coin.chinese),
    };
    phrases(&[chinese, english].concat())
}

/// What money is called.
struct Coin {
    english: &'static [&'static str],
    cents: &'static str,
    chinese: &'static [&'static str],
}

fn coin(sign: char) -> Option<Coin> {
    let (english, cents, chinese): (&'static [&'static str], _, &'static [&'static str]) =
        match sign {
            '$' => (&["dollars", "dollar", ""], "cents", &["美元", "元", "块", ""]),
            '€' => (&["euros", "euro", ""], "cents", &["欧元", ""]),
            '£' => (&["pounds", "pound", ""], "pence", &["英镑", ""]),
            '¥' => (&["yen", "yuan", ""], "sen", &["元", "日元", "块", ""]),
            '₩' => (&["won", ""], "jeon", &["韩元", ""]),
            '₹' => (&["rupees", "rupee", ""], "paise", &["卢比", ""]),
            _ => return None,
        };
    Some(Coin { english, cents, chinese })
}

/// An amount of money: its sign stands first but is said last, after the scale that may follow ("$8
/// trillion").
fn money(atoms: &[Atom], followers: &[&str], context: &Context) -> Option<Read> {
    let country = usize::from(
        matches!(atoms, [Letters(text, _), ..] if matches!(text.as_str(), "us" | "nt" | "hk" | "a" | "c" | "au" | "ca")),
    );
    let [Sign(sign), Number(whole, fraction), rest @ ..] = &atoms[country..] else { return None };
    let coin = coin(*sign)?;
    let glued = glued_scale(rest)?;
    let n_scales =
        followers.iter().take(4).take_while(|word| is_scale(word, context.is_chinese)).count();
    let scales = scale_readings(&followers[..n_scales]);
    let mut readings = Vec::new();
    let mut add = |amounts: Vec<Reading>, names: &[&str]| {
        for amount in join(amounts.into_iter().take(3).collect(), &glued) {
            for name in names {
                for scales in &scales {
                    let amount = amount.iter().map(|word| (0, word.clone()));
                    let name = phrase(name).into_iter().map(|word| (n_scales, word));
                    readings.push(amount.chain(scales.iter().cloned()).chain(name).collect());
                }
            }
        }
    };
    let only = |is_chinese| Context {
        before: String::new(),
        after: "",
        is_chinese,
        is_english: !is_chinese,
    };
    if context.is_chinese {
        add(count(whole, fraction.as_deref(), &only(true)), coin.chinese);
    }
    if context.is_english {
        let cents = fraction.as_deref().filter(|digits| digits.len() == 2);
        if let Some(cents) = cents.filter(|_| n_scales == 0 && rest.is_empty()) {
            add(with_cents(whole, cents, &coin), &[""]);
        }
        add(count(whole, fraction.as_deref(), &only(false)), coin.english);
    }
    Some(Read { n_words: 1 + n_scales, readings })
}

/// The scale that is written onto an amount ("$8bn", "$8-million"): nothing where there is none,
/// `None` for what is no scale.
fn glued_scale(rest: &[Atom]) -> Option<Vec<Reading>> {
    match rest {
        [] => Some(vec![Vec::new()]),
        [Letters(scale, _)] | [Sign('-'), Letters(scale, _)] => {
            let names = english::unit(scale);
            Some(if names.is_empty() { phrases(&[scale]) } else { phrases(&names[..1]) })
        }
        _ => None,
    }
}

/// An amount with its cents in English: "three dollars fifty", "three dollars and fifty cents",
/// and both without the dollars.
fn with_cents(whole: &str, cents: &str, coin: &Coin) -> Vec<Reading> {
    let Some(cents) = numbers::value(cents) else { return Vec::new() };
    let (whole, cents) = (numbers::readings(whole), numbers::cardinal(cents));
    let ends = [coin.english[0], ""].into_iter().flat_map(|name| {
        let plain = [phrase(name), cents.clone()].concat();
        let long = [&phrase(name)[..], &phrase("and"), &cents, &phrase(coin.cents)].concat();
        [plain, long]
    });
    join(whole.into_iter().take(1).collect(), &ends.collect::<Vec<_>>())
}

fn is_scale(word: &str, is_chinese: bool) -> bool {
    if is_chinese {
        matches!(word, "十" | "百" | "千" | "萬" | "万" | "億" | "亿" | "兆")
    } else {
        matches!(word, "hundred" | "thousand" | "million" | "billion" | "trillion")
    }
}
