//! What a perfect aligner would give for the demo episodes: a reading made from the truth files.

// Helpers of tests, outside of any test function.
#![allow(clippy::unwrap_used)]

use super::root;
use aloud::align::{Alignment, Method, SentenceTiming, Status, Timing, Unwritten};
use aloud::article::{Article, Block, BlockKind, Sentence, WrittenWord};
use aloud::import;
use aloud::reading::Reading;
use aloud::time::{Span, Timestamp};
use aloud::transcript::characters::is_spoken;
use aloud::transcript::{Transcript, split};
use serde_json::Value;
use std::fs;
use std::ops::Range;

/// The demo episodes by the stem of their truth and transcript, with their articles.
pub const EPISODES: [(&str, &str); 2] =
    [("open-models.en", "open-models.en.txt"), ("old-radio.zh", "old-radio.zh-Hant.txt")];

/// The perfect transcript of an episode.
pub fn transcript(stem: &str) -> Transcript {
    let bytes = fs::read(root().join(format!("transcripts/{stem}.transcript.json"))).unwrap();
    import::read(&bytes, None).unwrap().0
}

/// The reading of an episode with its article, as the truth says.
pub fn reading(stem: &str) -> Reading {
    let truth: Value = serde_json::from_slice(
        &fs::read(root().join(format!("transcripts/{stem}.truth.json"))).unwrap(),
    )
    .unwrap();
    let text =
        fs::read_to_string(root().join("transcripts").join(truth["article"].as_str().unwrap()))
            .unwrap();
    let transcript = transcript(stem);
    let mut article =
        Article { language: truth["language"].as_str().map(str::to_owned), ..Article::default() };
    let mut alignment = Alignment { method: Method::Words, coverage: 1.0, ..Alignment::default() };
    let spoken: Vec<(Span, Option<Range<usize>>)> =
        list(&truth["words"]).iter().map(|word| (span(word), bytes(word))).collect();
    for sentence in list(&truth["sentences"]) {
        add_sentence(sentence, &text, &spoken, &mut article, &mut alignment);
    }
    article.blocks = blocks(&text, &article.sentences);
    article.text = text;
    for stretch in list(&truth["unwritten"]) {
        let span = span(stretch);
        let inside = |at: Timestamp| span.contains(at);
        let first = transcript.words().position(|word| inside(word.span.start())).unwrap();
        let n = transcript.words().filter(|word| inside(word.span.start())).count();
        let text = stretch["text"].as_str().unwrap().to_owned();
        alignment.unwritten.push(Unwritten { span, text, spoken: first..first + n });
    }
    Reading { transcript, article, alignment }
}

fn list(value: &Value) -> &[Value] {
    value.as_array().unwrap()
}

fn span(value: &Value) -> Span {
    Span::new(
        Timestamp::from_secs(value["start"].as_f64().unwrap()),
        Timestamp::from_secs(value["end"].as_f64().unwrap()),
    )
}

fn bytes(value: &Value) -> Option<Range<usize>> {
    let bytes = value["bytes"].as_array()?;
    Some(bytes[0].as_u64().unwrap() as usize..bytes[1].as_u64().unwrap() as usize)
}

fn add_sentence(
    sentence: &Value,
    text: &str,
    spoken: &[(Span, Option<Range<usize>>)],
    article: &mut Article,
    alignment: &mut Alignment,
) {
    let place = bytes(sentence).unwrap();
    let first = article.words.len();
    for word in split::words(&text[place.clone()]) {
        let core = core(text, place.start + word.start..place.start + word.end);
        let reads = |index: &usize| {
            spoken[*index]
                .1
                .as_ref()
                .is_some_and(|bytes| bytes.start < core.end && core.start < bytes.end)
        };
        // "$8 trillion" is said as "eight trillion dollars": the first of the runs that read a word
        // counts.
        let start = (0..spoken.len()).find(reads);
        let run = start
            .map_or(0..0, |start| start..start + (start..spoken.len()).take_while(reads).count());
        let span = (!run.is_empty())
            .then(|| Span::new(spoken[run.start].0.start(), spoken[run.end - 1].0.end()));
        article.words.push(WrittenWord { bytes: core });
        alignment.words.push(Timing { span, confidence: 1.0, spoken: run });
    }
    let is_spoken = sentence["status"] == "spoken";
    article.sentences.push(Sentence {
        bytes: place,
        words: first..article.words.len(),
        skip: None,
    });
    let status = if is_spoken { Status::Spoken } else { Status::Unspoken };
    alignment.sentences.push(SentenceTiming {
        status,
        span: is_spoken.then(|| span(sentence)),
        confidence: 1.0,
    });
}

fn core(text: &str, range: Range<usize>) -> Range<usize> {
    let word = &text[range.clone()];
    let start = range.start + (word.len() - word.trim_start_matches(|c| !is_spoken(c)).len());
    start..(range.start + word.trim_end_matches(|c| !is_spoken(c)).len()).max(start)
}

/// Paragraphs, parted by empty lines.
fn blocks(text: &str, sentences: &[Sentence]) -> Vec<Block> {
    let mut blocks: Vec<Block> = Vec::new();
    for (index, sentence) in sentences.iter().enumerate() {
        match blocks.last_mut() {
            Some(block) if !text[block.bytes.end..sentence.bytes.start].contains("\n\n") => {
                block.bytes.end = sentence.bytes.end;
                block.sentences.end = index + 1;
            }
            _ => blocks.push(Block {
                kind: BlockKind::Paragraph,
                bytes: sentence.bytes.clone(),
                sentences: index..index + 1,
            }),
        }
    }
    blocks
}
