//! The demo episodes' articles and exact truth, read from `transcripts/`.

use aloud::article::{Article, Block, BlockKind, Sentence, WrittenWord};
use aloud::time::{Span, Timestamp};
use aloud::transcript::characters::is_spoken;
use aloud::transcript::{AudioRef, Segment, SpokenWord, Transcript, split};
use serde_json::Value;
use std::ops::Range;
use std::path::PathBuf;

/// One demo episode.
pub struct Episode {
    pub name: &'static str,
    pub article: Article,
    /// What was said, without a fault.
    pub transcript: Transcript,
    /// When each word of the article is read; `None` where it is not.
    pub read: Vec<Option<Span>>,
    /// Whether each sentence of the article is read.
    pub is_read: Vec<bool>,
    /// What is said but not written.
    pub unwritten: Vec<Span>,
}

pub fn path(name: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("transcripts").join(name)
}

pub fn text(name: &str) -> String {
    std::fs::read_to_string(path(name))
        .unwrap_or_else(|error| panic!("{}: {error}", path(name).display()))
}

impl Episode {
    pub fn load(name: &'static str) -> Self {
        let truth: Value =
            serde_json::from_str(&text(&format!("{name}.truth.json"))).expect("valid JSON");
        let written = text(truth["article"].as_str().expect("a file"));
        let sentences: Vec<Range<usize>> = list(&truth["sentences"])
            .iter()
            .map(|sentence| bytes(&sentence["bytes"]).expect("bytes"))
            .collect();
        let article = article(written, &sentences);
        let words: Vec<(Span, Option<Range<usize>>)> =
            list(&truth["words"]).iter().map(|word| (span(word), bytes(&word["bytes"]))).collect();
        let read = article.words.iter().map(|word| {
            let spans = words.iter().filter(|(_, bytes)| {
                bytes.as_ref().is_some_and(|bytes| {
                    bytes.start < word.bytes.end && word.bytes.start < bytes.end
                })
            });
            spans
                .map(|(span, _)| *span)
                .reduce(|a, b| Span::new(a.start().min(b.start()), a.end().max(b.end())))
        });
        let read = read.collect();
        let is_read = list(&truth["sentences"])
            .iter()
            .map(|sentence| sentence["status"] == "spoken")
            .collect();
        let unwritten = list(&truth["unwritten"]).iter().map(span).collect();
        let spoken = list(&truth["words"]).iter().map(|word| SpokenWord {
            text: word["text"].as_str().expect("text").to_owned(),
            span: span(word),
            probability: Some(1.0),
        });
        let transcript = transcript(spoken.collect(), truth["language"].as_str());
        Self { name, article, transcript, read, is_read, unwritten }
    }
}

/// A transcript of one segment.
pub fn transcript(words: Vec<SpokenWord>, language: Option<&str>) -> Transcript {
    let end = words.last().map_or(Timestamp::ZERO, |word| word.span.end());
    let text = split::spell(words.iter().map(|word| word.text.as_str()));
    let segments =
        vec![Segment { span: Span::new(Timestamp::ZERO, end), text, words, is_doubtful: false }];
    Transcript {
        audio: AudioRef::default(),
        language: language.map(str::to_owned),
        segments,
        ..Transcript::default()
    }
}

/// An article of the given sentences; a block for each.
pub fn article(text: String, sentences: &[Range<usize>]) -> Article {
    let mut article = Article { text, ..Article::default() };
    for bytes in sentences {
        let first = article.words.len();
        let sentence = &article.text[bytes.clone()];
        for range in split::words(sentence) {
            let word = &sentence[range.clone()];
            let lead = word.len() - word.trim_start_matches(|c| !is_spoken(c)).len();
            let core = word.trim_matches(|c| !is_spoken(c));
            if !core.is_empty() {
                let start = bytes.start + range.start + lead;
                article.words.push(WrittenWord { bytes: start..start + core.len() });
            }
        }
        let index = article.sentences.len();
        article.sentences.push(Sentence {
            bytes: bytes.clone(),
            words: first..article.words.len(),
            skip: None,
        });
        article.blocks.push(Block {
            kind: BlockKind::Paragraph,
            bytes: bytes.clone(),
            sentences: index..index + 1,
        });
    }
    article
}

fn list(value: &Value) -> &[Value] {
    value.as_array().expect("a list")
}

fn span(value: &Value) -> Span {
    let at = |key: &str| Timestamp::from_secs(value[key].as_f64().expect("a number"));
    Span::new(at("start"), at("end"))
}

fn bytes(value: &Value) -> Option<Range<usize>> {
    let [start, end] = value.as_array()?.as_slice() else { return None };
    Some(start.as_u64()? as usize..end.as_u64()? as usize)
}
