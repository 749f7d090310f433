//! The recogniser's tokens become words.
//!
//! A token is a few bytes with a time: part of a character, part of a word, or several words. Bytes
//! are joined before they are decoded, so no character is ever cut. This room never knows which
//! recogniser wrote the tokens, nor what its special tokens mean.

use super::characters::{is_spoken, is_unprintable, is_unspaced, stands_alone, thirds};
use super::{Segment, SpokenWord, split, tidy};
use crate::time::{Span, Timestamp};
use std::ops::Range;

/// A piece of recognised text, as byte-pair encoders cut it.
#[derive(Clone, Debug, PartialEq)]
pub struct Token {
    /// Its bytes; white space at the front begins a new word. They need not be whole characters.
    pub bytes: Vec<u8>,
    /// When it is said; may overlap its neighbours.
    pub span: Span,
    /// How sure the recogniser was, 0 to 1; `None` where nobody said.
    pub probability: Option<f32>,
}

/// The words of `tokens`; see [`segment`].
pub fn words(tokens: &[Token]) -> Vec<SpokenWord> {
    segment(tokens).map_or_else(Vec::new, |segment| segment.words)
}

/// One segment of all `tokens`; `None` where they hold nothing to print. Linear.
///
/// - Bytes that never become valid UTF-8, and characters no screen should get, are dropped.
/// - White space becomes one space. Between characters that are written without spaces it stays
///   where the source sets off phrases, and goes where it stands between (nearly) all of them, or
///   ends a line.
/// - A token's span is shared by its characters in proportion to [`thirds`]; a token of nothing but
///   punctuation, by its marks.
/// - A word lasts from the start of its first character to the end of its last, without the
///   punctuation around it, which recognisers date into the pause. Its probability is the geometric
///   mean over the tokens it was made of: like the product a measure of the whole word, but without
///   its bias against long ones.
/// - Words are in order, apart, and inside the tokens' times ([`tidy`]).
pub fn segment(tokens: &[Token]) -> Option<Segment> {
    let glyphs = one_space(decode(tokens));
    let text: String = glyphs.iter().map(|glyph| glyph.c).collect();
    let times = Times::of(tokens, &glyphs);
    let mut words = Vec::new();
    let mut from = 0;
    let mut at = 0;
    for range in split::words(&text) {
        while at < range.start {
            at += glyphs[from].c.len_utf8();
            from += 1;
        }
        let mut until = from;
        while at < range.end {
            at += glyphs[until].c.len_utf8();
            until += 1;
        }
        words.push(times.word(text[range].replace('\n', " "), from..until));
        from = until;
    }
    tidy::words(&mut words, hull(tokens)?);
    let span = Span::new(words.first()?.span.start(), words.last()?.span.end());
    Some(Segment { span, text: text.replace('\n', " "), words, is_doubtful: false })
}

/// A segment of text of which only its own time is known: words share `span` by their length.
pub fn share(text: &str, span: Span) -> Option<Segment> {
    segment(&[Token { bytes: text.as_bytes().to_vec(), span, probability: None }])
}

/// From the first instant of any token to the last.
fn hull(tokens: &[Token]) -> Option<Span> {
    let start = tokens.iter().map(|token| token.span.start()).min()?;
    let end = tokens.iter().map(|token| token.span.end()).max()?;
    Some(Span::new(start, end))
}

/// A decoded character and the tokens its bytes come from.
struct Glyph {
    c: char,
    /// Place and length in the joined bytes.
    bytes: Range<usize>,
    /// The token of its first byte, and of its last.
    tokens: (usize, usize),
}

/// All printable characters of `tokens`; white space is a space, or a newline where a line ends.
fn decode(tokens: &[Token]) -> Vec<Glyph> {
    let bytes: Vec<u8> = tokens.iter().flat_map(|token| token.bytes.iter().copied()).collect();
    let ends = ends(tokens);
    let mut glyphs = Vec::with_capacity(bytes.len());
    let (mut at, mut token) = (0, 0);
    for chunk in bytes.utf8_chunks() {
        for c in chunk.valid().chars() {
            let range = at..at + c.len_utf8();
            at = range.end;
            while ends[token] <= range.start {
                token += 1;
            }
            let first = token;
            while ends[token] < range.end {
                token += 1;
            }
            let c = match c {
                '\n' | '\r' | '\u{2028}' | '\u{2029}' | '\u{85}' => '\n',
                c if c.is_whitespace() || c == '\u{200b}' => ' ',
                c => c,
            };
            if !is_unprintable(c) {
                glyphs.push(Glyph { c, bytes: range, tokens: (first, token) });
            }
        }
        at += chunk.invalid().len();
    }
    glyphs
}

/// Leaves one white space of each run, none at the ends, and none where the script has none.
fn one_space(glyphs: Vec<Glyph>) -> Vec<Glyph> {
    let mut spaced: Vec<Glyph> = Vec::with_capacity(glyphs.len());
    for glyph in glyphs {
        match spaced.last_mut() {
            None if glyph.c.is_whitespace() => {}
            Some(last) if last.c.is_whitespace() && glyph.c.is_whitespace() => {
                if glyph.c == '\n' {
                    last.c = '\n';
                }
            }
            _ => spaced.push(glyph),
        }
    }
    if spaced.last().is_some_and(|glyph| glyph.c.is_whitespace()) {
        spaced.pop();
    }
    let is_spelled_out = is_spelled_out(&spaced);
    let drop: Vec<bool> = (0..spaced.len())
        .map(|index| {
            let neighbour = |index: usize| spaced.get(index).map(|glyph| glyph.c);
            let (before, after) = (index.checked_sub(1).and_then(neighbour), neighbour(index + 1));
            let unspaced = |c: Option<char>| c.is_some_and(is_unspaced);
            match spaced[index].c {
                '\n' => unspaced(before) || unspaced(after),
                ' ' => is_spelled_out && unspaced(before) && unspaced(after),
                _ => false,
            }
        })
        .collect();
    let mut drop = drop.into_iter();
    spaced.retain(|_| !drop.next().unwrap_or(false));
    spaced
}

/// Whether most neighbours that need no space have one, as in "今 天 天 氣".
fn is_spelled_out(glyphs: &[Glyph]) -> bool {
    let alone = |index: usize| glyphs.get(index).is_some_and(|glyph| stands_alone(glyph.c));
    let (mut tight, mut loose) = (0, 0);
    for (index, glyph) in glyphs.iter().enumerate() {
        if glyph.c == ' ' && index > 0 && alone(index - 1) && alone(index + 1) {
            loose += 1;
        } else if alone(index) && alone(index + 1) {
            tight += 1;
        }
    }
    // A pair or two of phrases ("你好 世界") is no evidence.
    loose > 2 && loose > tight
}

/// When each character is said, and how sure the recogniser was of each token.
struct Times<'a> {
    tokens: &'a [Token],
    glyphs: &'a [Glyph],
    spans: Vec<Span>,
}

impl<'a> Times<'a> {
    /// Shares each token's span among its characters.
    fn of(tokens: &'a [Token], glyphs: &'a [Glyph]) -> Self {
        let weights = Weights::of(tokens, glyphs);
        let mut sums = vec![0.0; tokens.len()];
        for glyph in glyphs {
            weights.add(glyph, &mut sums);
        }
        let mut done = vec![0.0; tokens.len()];
        let spans = glyphs.iter().map(|glyph| {
            let (first, last) = glyph.tokens;
            let start = within(tokens[first].span, done[first], sums[first]);
            weights.add(glyph, &mut done);
            Span::new(start, within(tokens[last].span, done[last], sums[last]))
        });
        Self { tokens, glyphs, spans: spans.collect() }
    }

    /// The word that `text` and the glyphs of `range` make.
    fn word(&self, text: String, range: Range<usize>) -> SpokenWord {
        let any_spoken = self.glyphs[range.clone()].iter().any(|glyph| is_spoken(glyph.c));
        let counts = |index: &usize| !any_spoken || is_spoken(self.glyphs[*index].c);
        let heard: Vec<usize> = range.filter(counts).collect();
        let start = heard.iter().map(|&index| self.spans[index].start()).min().unwrap_or_default();
        let end = heard.iter().map(|&index| self.spans[index].end()).max().unwrap_or_default();
        SpokenWord { text, span: Span::new(start, end), probability: self.probability(&heard) }
    }

    /// The geometric mean of the known probabilities of the tokens that `heard` come from.
    fn probability(&self, heard: &[usize]) -> Option<f32> {
        let (mut logs, mut n, mut next) = (0.0, 0, 0);
        for &index in heard {
            let (first, last) = self.glyphs[index].tokens;
            for token in first.max(next)..=last {
                if let Some(p) = self.tokens[token].probability {
                    logs += if p.is_nan() {
                        f64::NEG_INFINITY
                    } else {
                        f64::from(p.clamp(0.0, 1.0)).ln()
                    };
                    n += 1;
                }
                next = token + 1;
            }
        }
        (n > 0).then(|| (logs / f64::from(n)).exp() as f32)
    }
}

/// How much of a token's time each of its characters takes.
struct Weights {
    /// Where each token ends in the joined bytes.
    ends: Vec<usize>,
    /// Whether a token holds anything that is said; if not, its punctuation has its time.
    is_heard: Vec<bool>,
}

impl Weights {
    fn of(tokens: &[Token], glyphs: &[Glyph]) -> Self {
        let mut is_heard = vec![false; tokens.len()];
        for glyph in glyphs.iter().filter(|glyph| is_spoken(glyph.c)) {
            is_heard[glyph.tokens.0..=glyph.tokens.1].fill(true);
        }
        Self { ends: ends(tokens), is_heard }
    }

    /// Adds the weight of `glyph` to the sum of each token it has bytes in, in proportion to them.
    fn add(&self, glyph: &Glyph, sums: &mut [f64]) {
        let (first, last) = glyph.tokens;
        let mut from = glyph.bytes.start;
        for (token, sum) in sums.iter_mut().enumerate().take(last + 1).skip(first) {
            let until = self.ends[token].min(glyph.bytes.end);
            *sum += self.weight(glyph.c, token) * (until - from) as f64 / glyph.bytes.len() as f64;
            from = until;
        }
    }

    fn weight(&self, c: char, token: usize) -> f64 {
        match thirds(c) {
            0 => f64::from(!c.is_whitespace() && !self.is_heard[token]),
            n => f64::from(n),
        }
    }
}

/// Where each token ends when the bytes of all are joined.
fn ends(tokens: &[Token]) -> Vec<usize> {
    let lengths = tokens.iter().map(|token| token.bytes.len());
    lengths
        .scan(0, |end, len| {
            *end += len;
            Some(*end)
        })
        .collect()
}

/// The instant at `done` of `sum` parts of `span`; its start where there are no parts.
fn within(span: Span, done: f64, sum: f64) -> Timestamp {
    let share = if sum > 0.0 { (done / sum).clamp(0.0, 1.0) } else { 0.0 };
    span.start().plus((span.millis() as f64 * share).round() as u64).min(span.end())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn token(bytes: &[u8], start: u64, end: u64, probability: f32) -> Token {
        Token {
            bytes: bytes.to_vec(),
            span: Span::from_millis(start, end),
            probability: Some(probability),
        }
    }

    fn check(tokens: &[(&[u8], u64, u64)], text: &str, want: &[(&str, u64, u64)]) {
        let tokens: Vec<Token> =
            tokens.iter().map(|&(bytes, start, end)| token(bytes, start, end, 0.5)).collect();
        let got = segment(&tokens).expect("text");
        let words: Vec<_> = got
            .words
            .iter()
            .map(|w| (w.text.as_str(), w.span.start().millis(), w.span.end().millis()))
            .collect();
        assert_eq!((got.text.as_str(), words.as_slice()), (text, want));
    }

    #[test]
    fn tokens_become_words() {
        check(
            &[
                (b" Jan", 0, 100),
                (b"uary", 100, 200),
                (b" ", 200, 250),
                (b"24", 250, 300),
                (b".", 300, 310),
                (b"3", 310, 400),
                (b",", 400, 900),
            ],
            "January 24.3,",
            &[("January", 0, 200), ("24.3,", 250, 400)],
        );
        check(
            &[(b" don", 0, 10), (b"'t", 10, 20), (b" GPT", 20, 40), (b"-", 40, 45), (b"4", 45, 60)],
            "don't GPT-4",
            &[("don't", 0, 20), ("GPT-4", 20, 60)],
        );
        check(
            &[
                ("我們".as_bytes(), 0, 200),
                ("用".as_bytes(), 200, 300),
                (b"AI", 300, 500),
                ("。".as_bytes(), 500, 900),
            ],
            "我們用AI。",
            &[("我", 0, 100), ("們", 100, 200), ("用", 200, 300), ("AI。", 300, 500)],
        );
    }

    #[test]
    fn characters_are_never_cut() {
        let bytes = "龘好".as_bytes();
        check(
            &[(&bytes[..2], 0, 100), (&bytes[2..3], 100, 200), (&bytes[3..], 200, 300)],
            "龘好",
            &[("龘", 0, 200), ("好", 200, 300)],
        );
        // A token that ends one character and begins the next: its time goes by the bytes.
        check(
            &[(&bytes[..2], 0, 100), (&bytes[2..4], 100, 200), (&bytes[4..], 200, 300)],
            "龘好",
            &[("龘", 0, 150), ("好", 150, 300)],
        );
        // Bytes that lead nowhere.
        check(
            &[(b"\xe9\xbe", 0, 100), (b" ok", 100, 200), (b"\xff\xfe", 200, 300)],
            "ok",
            &[("ok", 100, 200)],
        );
        assert_eq!(segment(&[token(b"\xe9", 0, 10, 1.0), token(b" \x1b", 10, 20, 1.0)]), None);
        assert_eq!(segment(&[]), None);
    }

    #[test]
    fn spaces() {
        for (source, want) in [
            (" Hello \t world ", "Hello world"),
            ("今天 天氣很好", "今天 天氣很好"),
            ("今 天 天 氣 很 好", "今天天氣很好"),
            ("用 GPT-4 寫", "用 GPT-4 寫"),
            ("用GPT-4寫", "用GPT-4寫"),
            ("第一行，\n第二行", "第一行，第二行"),
            ("line one\nline two", "line one line two"),
            ("我用\nGPT", "我用GPT"),
            ("\u{feff}a\u{202e}b\u{1b}[31m", "ab[31m"),
        ] {
            let segment = share(source, Span::from_millis(0, 1000)).expect("text");
            assert_eq!(segment.text, want, "{source:?}");
        }
    }

    #[test]
    fn probability_is_a_geometric_mean() {
        let got = words(&[
            token(b" ab", 0, 10, 0.9),
            token(b"cd", 10, 20, 0.4),
            token(b".", 20, 30, 0.01),
            token(b" x", 30, 40, f32::NAN),
        ]);
        assert!((got[0].probability.expect("known") - 0.6).abs() < 1e-6);
        assert_eq!(got[1].probability, Some(0.0));
        assert_eq!(
            share("a b", Span::from_millis(0, 100)).expect("text").words[0].probability,
            None
        );
    }

    #[test]
    fn a_cue_is_shared_by_length() {
        let segment = share("一二 abc", Span::from_millis(1000, 1900)).expect("text");
        let starts: Vec<u64> =
            segment.words.iter().map(|word| word.span.start().millis()).collect();
        assert_eq!(starts, [1000, 1300, 1600]);
        assert_eq!(segment.span, Span::from_millis(1000, 1900));
    }

    fn tokens() -> impl Strategy<Value = Vec<Token>> {
        let text = prop_oneof![
            "[ a-z0-9中文字かア한,.，。「」\"'’$%🙂\u{301}-]{0,4}".prop_map(String::into_bytes),
            prop::collection::vec(any::<u8>(), 0..4),
        ];
        let token = (text, 0u64..5000, 0u64..400, prop::option::of(0f32..=1.0)).prop_map(
            |(bytes, at, len, probability)| Token {
                bytes,
                span: Span::from_millis(at, at + len),
                probability,
            },
        );
        prop::collection::vec(token, 0..20)
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(300))]
        #[test]
        fn nothing_is_lost_and_times_are_in_order(tokens in tokens()) {
            let bytes: Vec<u8> = tokens.iter().flat_map(|token| token.bytes.clone()).collect();
            let visible = |text: &str| text.chars().filter(|&c| !c.is_whitespace() && c != '\u{200b}' && !is_unprintable(c)).collect::<String>();
            let source: String = bytes.utf8_chunks().map(|chunk| visible(chunk.valid())).collect();
            let words = words(&tokens);
            prop_assert_eq!(words.iter().map(|word| visible(&word.text)).collect::<String>(), source);
            prop_assert!(words.iter().all(|word| !word.text.is_empty() && word.text.trim() == word.text));
            if let (Some(hull), Some(segment)) = (hull(&tokens), segment(&tokens)) {
                prop_assert!(words.iter().all(|word| hull.start() <= word.span.start() && word.span.end() <= hull.end()));
                prop_assert!(words.windows(2).all(|pair| pair[0].span.end() <= pair[1].span.start()));
                prop_assert!(split::locate(&segment.text, words.iter().map(|word| word.text.as_str())).is_some());
            }
        }
    }
}
