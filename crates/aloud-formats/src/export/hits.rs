//! `aloud-hits/1`: where a phrase was found.

use super::json::{list, secs, string};
use crate::search::{Hit, Passage};
use crate::time::Span;
use std::io::{self, Write};

/// A hit as it is told.
#[derive(Clone, Debug, PartialEq)]
pub struct Told<'a> {
    /// The recording's path as it was named.
    pub file: &'a str,
    /// When it is heard.
    pub span: Span,
    /// How well it fits.
    pub hit: &'a Hit,
    /// What stands around it. Marks are written as ranges of bytes of the text in UTF-8.
    pub passage: &'a Passage,
}

/// Writes the hits of `phrase`, in the order given; times in seconds to the millisecond, scores
/// with three decimals.
pub fn write(phrase: &str, hits: &[Told<'_>], out: &mut dyn Write) -> io::Result<()> {
    write!(out, "{{\n  \"format\": \"aloud-hits/1\",\n  \"phrase\": {}", string(phrase))?;
    list(out, "hits", hits, &|out, told| {
        let (start, end) = (secs(told.span.start()), secs(told.span.end()));
        let marks = told
            .passage
            .marks
            .iter()
            .map(|mark| format!("[{}, {}]", mark.start, mark.end))
            .collect::<Vec<_>>()
            .join(", ");
        write!(out, "{{\"file\": {}, \"start\": {start}, \"end\": {end}, ", string(told.file))?;
        let score = (f64::from(told.hit.score) * 1000.0).round() / 1000.0;
        write!(out, "\"match\": \"{}\", \"score\": {score:?}, ", told.hit.kind.name())?;
        write!(out, "\"text\": {}, \"marks\": [{marks}]}}", string(&told.passage.text))
    })?;
    out.write_all(b"\n}\n")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::search::Match;

    #[test]
    fn as_promised() {
        let span = Span::from_millis(422_755, 423_310);
        let hit = Hit { words: 3..5, span: Some(span), kind: Match::Near, score: 0.66666 };
        let passage = Passage {
            text: "the \"sentence\" around".into(),
            marks: std::iter::once(4..14).collect(),
        };
        let mut bytes = Vec::new();
        write(
            "a “phrase”",
            &[Told { file: "a.mp3", span, hit: &hit, passage: &passage }],
            &mut bytes,
        )
        .expect("memory");
        insta::assert_snapshot!(String::from_utf8_lossy(&bytes), @r#"
        {
          "format": "aloud-hits/1",
          "phrase": "a “phrase”",
          "hits": [
            {"file": "a.mp3", "start": 422.755, "end": 423.31, "match": "near", "score": 0.667, "text": "the \"sentence\" around", "marks": [[4, 14]]}
          ]
        }
        "#);
        let mut none = Vec::new();
        write("x", &[], &mut none).expect("memory");
        assert!(String::from_utf8_lossy(&none).contains("\"hits\": []"));
    }
}
