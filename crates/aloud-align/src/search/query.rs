//! What is looked for: a phrase as somebody typed it.

use super::lattice::{self, Lattice, QueryWord};
use super::{Text, trace};
use crate::reason::Hinted;
use crate::transcript::characters::is_spoken;
use crate::transcript::split;
use crate::words::{Numerals, zhuyin};
use regex::{Regex, RegexBuilder};
use std::ops::Range;

/// More characters than this are no phrase any more.
const MAX_LENGTH: usize = 4000;

/// Why a phrase cannot be looked for.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum QueryError {
    /// It holds no letter, digit or sign that is spoken.
    #[error("there is nothing in `{0}` that can be said")]
    Empty(String),
    /// It only says what not to find.
    #[error("`{0}` only says what not to find")]
    OnlyExcluded(String),
    /// It is longer than any phrase.
    #[error("a phrase has {MAX_LENGTH} characters at most; this one has {0}")]
    TooLong(usize),
    /// It is no regular expression.
    #[error("this regular expression cannot be used: {0}")]
    Pattern(String),
}

impl Hinted for QueryError {
    fn hint(&self) -> Option<String> {
        match self {
            Self::Empty(_) => Some("give a word or more".into()),
            Self::OnlyExcluded(_) => Some("give a word to look for as well".into()),
            Self::TooLong(_) | Self::Pattern(_) => None,
        }
    }
}

/// How a phrase is to be taken.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Options {
    /// Only the same words, nothing that is merely alike.
    pub is_exact: bool,
    /// A regular expression over the text (syntax of the crate `regex`), in which case does not
    /// matter.
    pub is_regex: bool,
    /// Quotes and dashes are part of the phrase.
    pub is_literal: bool,
    /// The last word may be unfinished.
    pub is_typing: bool,
}

/// A phrase ready to be found in any text.
pub struct Query {
    phrase: String,
    pattern: Option<Regex>,
    /// What to find, and each thing not to find in the same sentence.
    words: Vec<QueryWord>,
    wanted: Wanted,
    excluded: Vec<Wanted>,
}

/// The lattices of one run of words.
#[derive(Default)]
struct Wanted {
    english: Option<Lattice>,
    chinese: Option<Lattice>,
    pinyin: Option<Lattice>,
}

impl Wanted {
    fn of(words: &[QueryWord], is_typing: bool) -> Self {
        let lattice = |numerals| Some(lattice::words(words, numerals, is_typing));
        Self {
            english: lattice(Numerals::English),
            chinese: lattice(Numerals::Chinese),
            pinyin: lattice::pinyin(words, is_typing),
        }
    }

    fn lattices(&self, numerals: Numerals) -> impl Iterator<Item = &Lattice> {
        let words = if numerals == Numerals::Chinese { &self.chinese } else { &self.english };
        words.iter().chain(&self.pinyin)
    }
}

impl Query {
    /// A phrase with the usual options: see [`Query::new`].
    ///
    /// # Errors
    /// As [`Query::new`].
    pub fn parse(phrase: &str) -> Result<Self, QueryError> {
        Self::new(phrase, Options::default())
    }

    /// Words in their order; `"quoted"` ones (also “so”) have to stand there just so, `-word` or
    /// `-"several words"` not in the same sentence.
    ///
    /// # Errors
    /// Where there is nothing to look for, where it is far too long, or for a bad pattern.
    pub fn new(phrase: &str, options: Options) -> Result<Self, QueryError> {
        let mut query = Self {
            phrase: phrase.to_owned(),
            pattern: None,
            words: Vec::new(),
            wanted: Wanted::default(),
            excluded: Vec::new(),
        };
        let n = phrase.chars().count();
        if n > MAX_LENGTH {
            return Err(QueryError::TooLong(n));
        }
        if options.is_regex {
            query.pattern = Some(pattern(phrase)?);
            return Ok(query);
        }
        let parts = if options.is_literal {
            vec![Part { text: phrase.to_owned(), ..Part::default() }]
        } else {
            parts(&zhuyin::to_pinyin(phrase))
        };
        let (not, wanted): (Vec<Part>, Vec<Part>) =
            parts.into_iter().partition(|part| part.is_excluded);
        let words = wishes(&wanted, options.is_exact);
        let not: Vec<Vec<QueryWord>> = not
            .iter()
            .map(|part| wishes(std::slice::from_ref(part), true))
            .filter(|words| !words.is_empty())
            .collect();
        if words.is_empty() {
            let phrase = phrase.chars().take(40).collect();
            return Err(if not.is_empty() {
                QueryError::Empty(phrase)
            } else {
                QueryError::OnlyExcluded(phrase)
            });
        }
        let is_open = options.is_typing && phrase.ends_with(is_spoken);
        query.wanted = Wanted::of(&words, is_open);
        query.words = words;
        query.excluded = not.iter().map(|words| Wanted::of(words, false)).collect();
        Ok(query)
    }

    /// As it was typed.
    pub fn phrase(&self) -> &str {
        &self.phrase
    }

    /// The pattern, where the phrase is one.
    pub fn pattern(&self) -> Option<&Regex> {
        self.pattern.as_ref()
    }

    pub(super) fn all_nets(&self) -> impl Iterator<Item = &Lattice> {
        let Wanted { english, chinese, pinyin } = &self.wanted;
        english.iter().chain(chinese).chain(pinyin)
    }

    pub(super) fn lattices(&self, numerals: Numerals) -> impl Iterator<Item = &Lattice> {
        self.wanted.lattices(numerals)
    }

    /// Each word of the phrase by itself.
    pub(super) fn words(&self, numerals: Numerals) -> impl Iterator<Item = Lattice> {
        self.words.iter().map(move |word| {
            lattice::words(&[QueryWord { is_strict: false, ..word.clone() }], numerals, false)
        })
    }

    /// Where what is not to be found stands in `text`, in order.
    pub(super) fn excluded(&self, text: &Text) -> Vec<Range<usize>> {
        let lattices = self.excluded.iter().flat_map(|wanted| wanted.lattices(text.numerals()));
        let mut places: Vec<Range<usize>> =
            lattices.flat_map(|lattice| trace::exact(text, lattice)).collect();
        places.sort_unstable_by_key(|place| (place.start, place.end));
        places
    }
}

fn pattern(phrase: &str) -> Result<Regex, QueryError> {
    let built = RegexBuilder::new(phrase).case_insensitive(true).size_limit(1 << 22).build();
    built.map_err(|e| {
        QueryError::Pattern(
            e.to_string()
                .lines()
                .last()
                .unwrap_or_default()
                .trim_start_matches("error: ")
                .to_owned(),
        )
    })
}

/// A part of a phrase.
#[derive(Debug, Default, PartialEq)]
struct Part {
    text: String,
    is_quoted: bool,
    is_excluded: bool,
}

/// The parts of a phrase by its quotes and dashes. A quote that is never closed goes to the end.
fn parts(phrase: &str) -> Vec<Part> {
    let mut parts = vec![Part::default()];
    let mut before = ' ';
    let mut chars = phrase.chars().peekable();
    while let Some(c) = chars.next() {
        let (is_quoted, is_excluded) =
            parts.last().map_or((false, false), |part| (part.is_quoted, part.is_excluded));
        let follows = chars.peek().is_some_and(|next| !next.is_whitespace() && *next != '-');
        if matches!(c, '"' | '“' | '”') {
            let opens_excluded = is_excluded && !is_quoted && before == '-';
            if opens_excluded {
                parts.pop();
            }
            parts.push(Part {
                is_quoted: !is_quoted,
                is_excluded: opens_excluded,
                ..Part::default()
            });
        } else if !is_quoted && matches!(c, '-' | '－' | '−') && before.is_whitespace() && follows
        {
            parts.push(Part { is_excluded: true, ..Part::default() });
        } else {
            if is_excluded && !is_quoted && c.is_whitespace() {
                parts.push(Part::default());
            }
            parts.last_mut().into_iter().for_each(|part| part.text.push(c));
        }
        before = c;
    }
    parts.retain(|part| part.text.contains(is_spoken));
    parts
}

/// The words of some parts.
fn wishes(parts: &[Part], is_exact: bool) -> Vec<QueryWord> {
    let words = |part: &Part| {
        let is_strict = is_exact || part.is_quoted;
        let cores =
            split::words(&part.text).into_iter().map(|range| split::core(&part.text, range));
        cores
            .map(|range| QueryWord { text: part.text[range].to_owned(), is_strict })
            .filter(|wish| wish.text.contains(is_spoken))
            .collect::<Vec<_>>()
    };
    parts.iter().flat_map(words).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_of_phrases() {
        for (phrase, want) in [
            ("open models", "open models"),
            ("the \"open models\" of", "the |=open models| of"),
            ("open -closed models", "open |!closed| models"),
            ("open -\"closed models\" now", "open |!=closed models| now"),
            ("“開放的”模型 -封閉", "=開放的|模型 |!封閉"),
            ("a \"b", "a |=b"),
            ("open-source - code--x", "open-source - code--x"),
            ("-a -b", "!a|!b"),
            ("", ""),
            ("\"\" - \"!\"", ""),
        ] {
            let mark = |part: &Part| {
                format!(
                    "{}{}{}",
                    if part.is_excluded { "!" } else { "" },
                    if part.is_quoted { "=" } else { "" },
                    part.text
                )
            };
            assert_eq!(
                parts(phrase).iter().map(mark).collect::<Vec<_>>().join("|"),
                want,
                "{phrase}"
            );
        }
    }

    #[test]
    fn what_cannot_be_looked_for() {
        let said = |phrase: &str, options| {
            Query::new(phrase, options).err().map(|e| e.to_string()).unwrap_or_default()
        };
        for (phrase, want) in [
            ("", "nothing"),
            ("?!", "nothing"),
            ("😀", "nothing"),
            ("-word", "only says"),
            (&"字".repeat(10_000), "10000"),
            ("a", ""),
            ("%", ""),
        ] {
            let got = said(phrase, Options::default());
            assert!(got.contains(want) && got.is_empty() == want.is_empty(), "{phrase}: {got}");
        }
        let regex = Options { is_regex: true, ..Options::default() };
        assert!(said("(", regex).contains("unclosed"), "{}", said("(", regex));
        assert!(said("a*", regex).is_empty());
        assert!(said("-word", Options { is_literal: true, ..Options::default() }).is_empty());
    }
}
