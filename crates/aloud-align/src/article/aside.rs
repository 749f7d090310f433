//! What would a narrator leave out of the middle of a sentence? Brackets, addresses, telephone
//! numbers, tags, marks of notes, labels of speakers.
//!
//! Hints only, and generous ones: most brackets are read. Each is a run of words that the sound may
//! pass over while the words around it stay where they are; whether it does is the sound's to say.

use super::Article;
use crate::transcript::characters::stands_alone;
use std::ops::Range;

/// Opening marks with their closing ones. Quotation marks are none: what they hold is read.
const BRACKETS: [(char, char); 8] = [
    ('(', ')'),
    ('（', '）'),
    ('[', ']'),
    ('［', '］'),
    ('【', '】'),
    ('〔', '〕'),
    ('{', '}'),
    ('*', '*'),
];
/// A longer bracket is running text, in words.
const LONGEST: usize = 40;
/// A telephone number has so many digits at least: years, sums and dates have fewer.
const DIGITS: usize = 7;
/// A label has so many words, or characters of Chinese and Japanese, at most.
const LABEL: usize = 6;

/// Runs of words that may be passed over, each within one sentence, as indices of the article's
/// words, in the order of their ends. One may lie within another.
pub fn asides(article: &Article) -> Vec<Range<usize>> {
    let mut found = Vec::new();
    let mut blocks = article.blocks.iter().map(|block| block.sentences.start).peekable();
    for (index, sentence) in article.sentences.iter().enumerate() {
        let text = article.sentence(index);
        let mut places: Vec<Range<usize>> = bracketed(text);
        places.extend(addresses(text));
        places.extend(telephones(text));
        places.extend(tags(text));
        places.extend(raised(text));
        while blocks.next_if(|start| *start < index).is_some() {}
        let begins_block = blocks.peek() == Some(&index);
        places.extend(label(text).filter(|_| begins_block));
        places.extend(note_mark(text).filter(|_| !begins_block));
        if begins_block {
            places.extend(super::credit::guesses(text));
        }
        let words = &article.words[sentence.words.clone()];
        for place in places {
            let place = sentence.bytes.start + place.start..sentence.bytes.start + place.end;
            let first = words.partition_point(|word| word.bytes.start < place.start);
            let last = words.partition_point(|word| word.bytes.end <= place.end);
            if first < last && last - first <= LONGEST {
                found.push(sentence.words.start + first..sentence.words.start + last);
            }
        }
    }
    found.sort_by_key(|words| (words.end, words.start));
    found.dedup();
    found
}

/// What stands in brackets, each with its own.
fn bracketed(text: &str) -> Vec<Range<usize>> {
    let mut open: Vec<(usize, char)> = Vec::new();
    let mut found = Vec::new();
    for (at, c) in text.char_indices() {
        if let Some(index) = open.iter().rposition(|(_, closing)| *closing == c) {
            found.push(open[index].0..at + c.len_utf8());
            open.truncate(index);
        } else if let Some((_, closing)) = BRACKETS.iter().find(|(opening, _)| *opening == c) {
            open.push((at, *closing));
        }
    }
    found
}

/// Addresses of pages and mailboxes.
fn addresses(text: &str) -> impl Iterator<Item = Range<usize>> + '_ {
    let is_part = |c: char| c.is_ascii_alphanumeric() || "-._~:/?#@!$&'*+=%".contains(c);
    pieces(text, is_part).filter(|place| {
        let piece = text[place.clone()].trim_end_matches(['.', ':', '!', '?', '\'']);
        let is_host = |host: &str| {
            host.split('.').count() >= 2
                && host.split('.').all(|part| part.len() >= 2 || part.parse::<u8>().is_ok())
        };
        let is_mail =
            piece.split_once('@').is_some_and(|(name, host)| !name.is_empty() && is_host(host));
        let (host, path) = piece.split_once('/').unwrap_or((piece, ""));
        is_mail
            || piece.contains("://")
            || piece.starts_with("www.")
            || (is_host(host) && !path.is_empty() && piece.contains(char::is_alphabetic))
    })
}

/// Telephone numbers: digits with spaces, dashes and brackets between.
fn telephones(text: &str) -> impl Iterator<Item = Range<usize>> + '_ {
    let is_part = |c: char| c.is_ascii_digit() || "+-‑–()/. \u{a0}".contains(c);
    pieces(text, is_part).filter_map(|place| {
        let piece = &text[place.clone()];
        let first = place.start + piece.find(|c: char| c.is_ascii_digit() || c == '+')?;
        let last = place.start + piece.rfind(|c: char| c.is_ascii_digit())? + 1;
        let number = &text[first..last];
        let n_digits = number.bytes().filter(u8::is_ascii_digit).count();
        // "1,000,000" has commas, which are no part; "2020 - 2024" is short.
        let is_parted = number.starts_with(['+', '0'])
            || number.contains(['-', '‑', '/', '('])
            || !number.contains(['.', ' ']);
        (n_digits >= DIGITS + usize::from(number.contains('–')) && is_parted).then_some(first..last)
    })
}

/// What names a subject or a person to a network ("#OpenModels", "@harbour", 「#老港口#」): a mark
/// that begins a word, and letters behind it.
fn tags(text: &str) -> Vec<Range<usize>> {
    let mut found: Vec<Range<usize>> = Vec::new();
    for (at, mark) in text.match_indices(['#', '＃', '@', '＠']) {
        let from = at + mark.len();
        if found.last().is_some_and(|last| last.end == from) {
            continue;
        }
        let rest = &text[from..];
        // A person has Latin letters where the text has others, and there is no space behind them.
        let is_latin = matches!(mark, "@" | "＠") && rest.starts_with(|c: char| c.is_ascii());
        let is_part = |c: char| c == '_' || c.is_alphanumeric() && (c.is_ascii() || !is_latin);
        let n = rest.find(|c| !is_part(c)).unwrap_or(rest.len());
        let n_close = if rest[n..].starts_with(mark) { mark.len() } else { 0 };
        let before = text[..at].chars().next_back();
        let begins = before.is_none_or(|c| !c.is_alphanumeric() || stands_alone(c));
        if begins && rest[..n].contains(char::is_alphabetic) {
            found.push(at..from + n + n_close);
        }
    }
    found
}

/// Numbers that are raised; in scripts with spaces they are a part of the word.
fn raised(text: &str) -> impl Iterator<Item = Range<usize>> + '_ {
    pieces(text, |c| matches!(c, '¹' | '²' | '³' | '⁰' | '⁴'..='⁹'))
}

/// A number right before a sentence of a script without spaces: the mark of a note on the sentence
/// before it.
fn note_mark(text: &str) -> Option<Range<usize>> {
    let n = text.bytes().take_while(u8::is_ascii_digit).count();
    ((1..=3).contains(&n) && text[n..].starts_with(stands_alone)).then_some(0..n)
}

/// Runs of characters that are parts.
fn pieces(text: &str, is_part: impl Fn(char) -> bool) -> impl Iterator<Item = Range<usize>> {
    let mut found: Vec<Range<usize>> = Vec::new();
    for (at, c) in text.char_indices().filter(|(_, c)| is_part(*c)) {
        match found.last_mut().filter(|last| last.end == at) {
            Some(last) => last.end = at + c.len_utf8(),
            None => found.push(at..at + c.len_utf8()),
        }
    }
    found.into_iter()
}

/// A speaker's name before what he says ("JOHN: Hello."), a letter for who asks ("Q. Where?").
fn label(text: &str) -> Option<Range<usize>> {
    let (at, mark) = text
        .char_indices()
        .find(|(_, c)| matches!(c, ':' | '：' | '.' | '。' | ',' | '，' | ';' | '；'))?;
    let name = &text[..at];
    let is_name = match mark {
        ':' | '：' => {
            let parts = name.split_whitespace();
            let is_cased =
                name.chars().any(char::is_lowercase) || name.chars().any(char::is_uppercase);
            let begins = |part: &str| {
                part.chars().find(|c| c.is_alphanumeric()).is_some_and(|c| !c.is_lowercase())
            };
            parts.clone().count() <= LABEL
                && if is_cased {
                    parts.into_iter().all(begins)
                } else {
                    name.chars().count() <= LABEL
                }
        }
        '.' => matches!(name, "Q" | "A"),
        _ => false,
    };
    let is_followed = text[at..].chars().skip(1).any(char::is_alphanumeric);
    // 9:21 is a time.
    let is_time = name.ends_with(|c: char| c.is_ascii_digit());
    (is_name && is_followed && !is_time && name.chars().any(char::is_alphabetic))
        .then_some(0..at + mark.len_utf8())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::article::from_text;

    #[test]
    fn what_may_be_passed_over() {
        for (text, want) in [
            ("He left (see page 5) at once.", &["see page 5"][..]),
            ("It is known [12, 13] that (as [14] says) it is.", &["12, 13", "14", "as [14] says"]),
            ("她說（笑）這很好。", &["笑"]),
            ("JOHN SMITH: Where is it?", &["JOHN SMITH"]),
            ("主持人：歡迎收聽。", &["主持人"]),
            ("Q. Where were you?", &["Q"]),
            (
                "Call +49 (30) 1234-567 or 030/1234567 today.",
                &["30", "+49 (30) 1234-567", "030/1234567"],
            ),
            (
                "Write to desk@example.org or see www.example.org/a?b=1.",
                &["desk@example.org", "www.example.org/a?b=1"],
            ),
            ("He *laughs* and goes.", &["laughs"]),
            ("Seen under #OpenModels by @ann_b, #5 and C# too.", &["#OpenModels", "@ann_b"]),
            ("他在#老港口的冬天#下面，問@harbour呢。", &["#老港口的冬天#", "@harbour"]),
            ("塔上的老鐘²已經停了。1後來沒人記得，有3個人。", &["²", "1"]),
            ("It cost 1,000,000 in 2020 – 2024, from 9:21 on: all of it.", &[]),
            ("The first point: it is ours.", &[]),
            ("She said, and I quote: no.", &[]),
            ("(It was dark.", &[]),
            ("", &[]),
        ] {
            let article = from_text(text);
            let got: Vec<&str> = asides(&article)
                .into_iter()
                .map(|words| {
                    &article.text[article.words[words.start].bytes.start
                        ..article.words[words.end - 1].bytes.end]
                })
                .collect();
            assert_eq!(got, want, "{text}");
        }
    }
}
