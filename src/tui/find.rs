//! Where is a phrase written? Case is folded and white space is one space; nothing cleverer.

use crate::reading::Reading;
use crate::time::Span;
use std::ops::Range;

/// A place where the phrase stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hit {
    /// When it is spoken; `None` where it is not.
    pub span: Option<Span>,
    /// The words of the article that it touches.
    pub words: Range<usize>,
}

/// Every place of `phrase` in the article, in its order. Linear in the text.
pub fn find(reading: &Reading, phrase: &str) -> Vec<Hit> {
    let (needle, _) = fold(phrase);
    let needle = needle.trim();
    if needle.is_empty() {
        return Vec::new();
    }
    let (text, origins) = fold(&reading.article.text);
    let words = &reading.article.words;
    let touched = |at: usize| {
        let (start, last) = (origins[at], origins[at + needle.len() - 1]);
        let from = words.partition_point(|word| word.bytes.end <= start);
        let to = words.partition_point(|word| word.bytes.start <= last);
        from..to
    };
    let found = text.match_indices(needle).map(|(at, _)| touched(at)).filter(|words| !words.is_empty());
    found.map(|words| Hit { span: span(reading, &words), words }).collect()
}

/// When `words` are spoken, from the first that is to the last.
fn span(reading: &Reading, words: &Range<usize>) -> Option<Span> {
    let timings = reading.alignment.words.get(words.clone())?;
    let mut spans = timings.iter().filter_map(|timing| timing.span);
    let first = spans.next()?;
    Some(Span::new(first.start(), spans.next_back().unwrap_or(first).end()))
}

/// `text` in lower case with single spaces, and for each of its bytes the byte of `text` that it came from.
fn fold(text: &str) -> (String, Vec<usize>) {
    let (mut folded, mut origins) = (String::with_capacity(text.len()), Vec::with_capacity(text.len()));
    for (at, c) in text.char_indices() {
        if c.is_whitespace() {
            if !folded.ends_with(' ') {
                folded.push(' ');
            }
        } else {
            folded.extend(c.to_lowercase());
        }
        origins.resize(folded.len(), at);
    }
    (folded, origins)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::view::sample;

    #[test]
    fn phrases() {
        let (english, chinese) = (sample::english(), sample::chinese());
        let cases: [(&Reading, &str, &[&str]); 9] = [
            (&english, "a MODEL  you", &["A model you", "A model you"]),
            (&english, "1,400 people", &["1,400 people"]),
            (&english, "“open”", &["open"]),
            (&english, "ruth", &["Ruth"]),
            (&english, "nowhere", &[]),
            (&english, " ", &[]),
            (&english, ".", &[]),
            (&chinese, "開放", &["開放"]),
            (&chinese, "deepseek", &["DeepSeek"]),
        ];
        for (reading, phrase, want) in cases {
            let hits = find(reading, phrase);
            let text = |hit: &Hit| {
                let words = &reading.article.words[hit.words.clone()];
                &reading.article.text[words[0].bytes.start..words[words.len() - 1].bytes.end]
            };
            assert_eq!(hits.iter().map(text).collect::<Vec<_>>(), want, "{phrase}");
            assert_eq!(hits.iter().all(|hit| hit.span.is_some()), phrase != "ruth");
        }
    }
}
