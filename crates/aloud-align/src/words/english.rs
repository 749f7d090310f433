//! What English shortens in writing, and how it is said in full.

/// The other ways to say a small, folded word of letters (it may hold an apostrophe), each as its
/// words divided by spaces.
pub(super) fn expansions(word: &str) -> Vec<String> {
    if word.contains('\'') {
        contraction(word)
    } else {
        abbreviation(word).iter().map(|full| (*full).to_owned()).collect()
    }
}

/// Whether [`expansions`] may have any for a word of small ASCII letters.
pub(super) fn is_plain(word: &str) -> bool {
    abbreviation(word).is_empty()
}

fn contraction(word: &str) -> Vec<String> {
    let whole = |full: &str| vec![full.to_owned()];
    match word {
        "won't" => return whole("will not"),
        "can't" => return whole("can not"),
        "shan't" => return whole("shall not"),
        "ain't" => return vec!["is not".to_owned(), "am not".to_owned()],
        "let's" => return whole("let us"),
        "y'all" => return whole("you all"),
        "o'clock" => return whole("o clock"),
        _ => {}
    }
    let Some((stem, end)) = word.rsplit_once('\'') else { return Vec::new() };
    match end {
        "t" => stem.strip_suffix('n').map_or_else(Vec::new, |stem| vec![format!("{stem} not")]),
        "ll" => vec![format!("{stem} will")],
        "re" => vec![format!("{stem} are")],
        "ve" => vec![format!("{stem} have")],
        "m" => vec![format!("{stem} am")],
        "d" => vec![format!("{stem} would"), format!("{stem} had")],
        // A name's own "'s" is nearly always a genitive, but it may be "is" as well.
        "s" => vec![format!("{stem} is"), format!("{stem} has")],
        _ => Vec::new(),
    }
}

fn abbreviation(word: &str) -> &'static [&'static str] {
    match word {
        "jan" => &["january"],
        "feb" => &["february"],
        "mar" => &["march"],
        "apr" => &["april"],
        "jun" => &["june"],
        "jul" => &["july"],
        "aug" => &["august"],
        "sept" | "sep" => &["september"],
        "oct" => &["october"],
        "nov" => &["november"],
        "dec" => &["december"],
        "mon" => &["monday"],
        "tue" | "tues" => &["tuesday"],
        "wed" => &["wednesday"],
        "thu" | "thur" | "thurs" => &["thursday"],
        "fri" => &["friday"],
        "sat" => &["saturday"],
        "mr" => &["mister"],
        "mister" => &["mr"],
        "mrs" => &["missus", "misses"],
        "ms" => &["miss"],
        "dr" => &["doctor", "drive"],
        "doctor" => &["dr"],
        "prof" => &["professor"],
        "st" => &["saint", "street"],
        "ave" => &["avenue"],
        "blvd" => &["boulevard"],
        "mt" => &["mount"],
        "sen" => &["senator"],
        "rep" => &["representative"],
        "gov" => &["governor"],
        "gen" => &["general"],
        "col" => &["colonel"],
        "capt" => &["captain"],
        "lt" => &["lieutenant"],
        "sgt" => &["sergeant"],
        "rev" => &["reverend"],
        "hon" => &["honorable"],
        "jr" => &["junior"],
        "sr" => &["senior"],
        "inc" => &["incorporated"],
        "corp" => &["corporation"],
        "co" => &["company"],
        "ltd" => &["limited"],
        "dept" => &["department"],
        "no" => &["number"],
        "vol" => &["volume"],
        "fig" => &["figure"],
        "ch" => &["chapter"],
        "vs" => &["versus"],
        "etc" => &["et cetera", "etcetera"],
        "approx" => &["approximately"],
        "eg" => &["for example", "e g"],
        "ie" => &["that is", "i e"],
        "ok" => &["okay", "o k"],
        "cannot" => &["can not"],
        "gonna" => &["going to"],
        "wanna" => &["want to"],
        "gotta" => &["got to", "have to"],
        "cause" => &["because"],
        "til" => &["until"],
        "tv" => &["television", "t v"],
        _ => &[],
    }
}

/// What a unit or a scale glued to a number, or right after it, is called.
pub(super) fn unit(word: &str) -> &'static [&'static str] {
    match word {
        "k" => &["thousand", "k"],
        "m" => &["million", "meters", "metres", "m"],
        "mn" | "mm" => &["million", "millimeters"],
        "b" | "bn" => &["billion"],
        "t" | "tn" => &["trillion", "tons"],
        "km" => &["kilometers", "kilometres", "kilometer", "k m"],
        "cm" => &["centimeters", "centimetres", "centimeter"],
        "kg" => &["kilograms", "kilos", "kilogram"],
        "g" => &["grams", "g"],
        "mg" => &["milligrams"],
        "lb" | "lbs" => &["pounds", "pound"],
        "oz" => &["ounces", "ounce"],
        "ft" => &["feet", "foot"],
        "in" => &["in", "inches"],
        "mi" => &["miles", "mile"],
        "mph" => &["miles per hour", "m p h"],
        "kmh" | "kph" => &["kilometers per hour", "kilometers an hour"],
        "hz" => &["hertz"],
        "khz" => &["kilohertz"],
        "mhz" => &["megahertz"],
        "ghz" => &["gigahertz"],
        "kb" => &["kilobytes"],
        "mb" => &["megabytes"],
        "gb" => &["gigabytes", "gigs"],
        "tb" => &["terabytes"],
        "kw" => &["kilowatts"],
        "mw" => &["megawatts"],
        "gw" => &["gigawatts"],
        "am" => &["a m", "am", "in the morning"],
        "pm" => &["p m", "pm", "in the afternoon"],
        "hr" | "hrs" => &["hours", "hour"],
        "min" | "mins" => &["minutes", "minute"],
        "sec" | "secs" => &["seconds", "second"],
        "x" => &["times", "x"],
        "c" => &["celsius", "c", "degrees celsius"],
        "f" => &["fahrenheit", "f", "degrees fahrenheit"],
        _ => &[],
    }
}

/// Whether a word is a month, after which a number is mostly read as an ordinal.
pub(super) fn is_month(word: &str) -> bool {
    super::MONTHS.contains(&word)
}

/// The value of a Roman numeral from 2 to 39.
pub(super) fn roman(word: &str) -> Option<u64> {
    let tens = word.bytes().take_while(|b| *b == b'X').count();
    let ones = match &word[tens..] {
        "" => 0,
        "I" => 1,
        "II" => 2,
        "III" => 3,
        "IV" => 4,
        "V" => 5,
        "VI" => 6,
        "VII" => 7,
        "VIII" => 8,
        "IX" => 9,
        _ => return None,
    };
    let n = 10 * tens as u64 + ones;
    (tens <= 3 && n > 1 && word.len() > 1).then_some(n)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn in_full() {
        for (word, want) in [
            ("won't", "will not"),
            ("isn't", "is not"),
            ("she'd", "she would|she had"),
            ("it's", "it is|it has"),
            ("we'll", "we will"),
            ("dogs'", ""),
            ("dr", "doctor|drive"),
            ("house", ""),
        ] {
            assert_eq!(expansions(word).join("|"), want, "{word}");
        }
    }

    #[test]
    fn romans() {
        for (word, want) in [
            ("II", Some(2)),
            ("XIV", Some(14)),
            ("XX", Some(20)),
            ("I", None),
            ("V", None),
            ("MIX", None),
            ("", None),
            ("IXX", None),
        ] {
            assert_eq!(roman(word), want, "{word}");
        }
    }
}
