//! Everything in hand for one episode: what was said, what was written, and how they belong
//! together.
//!
//! Where there is no article the transcript becomes one, so that nothing downstream branches. This
//! room never knows how a reading is shown or written.

mod contents;

use crate::align::{Alignment, Belongs, Method, SentenceTiming, Status, Timing};
use crate::article::{Article, Block, BlockKind, Sentence, Turn, WrittenWord};
use crate::time::Span;
use crate::transcript::characters::is_unprintable;
use crate::transcript::{Segment, Transcript, join, paragraphs, split};
use std::ops::Range;

/// One episode, ready to be read along, written as subtitles, or searched.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Reading {
    /// What was said.
    pub transcript: Transcript,
    /// What was written.
    pub article: Article,
    /// When each written word is spoken.
    pub alignment: Alignment,
}

impl Reading {
    /// With the same answer to whether they belong together, and nothing more.
    pub fn without_times(&self) -> Self {
        let unspoken = SentenceTiming { status: Status::Unspoken, span: None, confidence: 0.0 };
        let alignment = Alignment {
            method: self.alignment.method,
            belongs: self.alignment.belongs,
            words: vec![Timing::default(); self.article.words.len()],
            sentences: vec![unspoken; self.article.sentences.len()],
            ..Alignment::default()
        };
        Self { transcript: self.transcript.clone(), article: self.article.clone(), alignment }
    }

    /// With the transcript's own text as the article: a sentence a segment, paragraphs as
    /// [`paragraphs::beginnings`] has them.
    pub fn of_transcript(transcript: Transcript) -> Self {
        let mut article = Article { language: transcript.language.clone(), ..Article::default() };
        let mut alignment = Alignment {
            method: Method::Words,
            coverage: 1.0,
            belongs: Belongs::Yes,
            ..Alignment::default()
        };
        let mut n_spoken = 0;
        for (segment, begins) in transcript.segments.iter().zip(paragraphs::beginnings(&transcript))
        {
            let spoken = n_spoken..n_spoken + segment.words.len();
            n_spoken = spoken.end;
            let Some((text, timed, has_own_times)) = timed_text(segment) else { continue };
            append(&mut article, &text, begins);
            let start = article.text.len() - text.len();
            let first = article.words.len();
            for (index, (range, span, confidence)) in timed.into_iter().enumerate() {
                let bytes = split::core(&text, range);
                article.words.push(WrittenWord { bytes: start + bytes.start..start + bytes.end });
                let heard = if has_own_times {
                    spoken.start + index..spoken.start + index + 1
                } else {
                    0..0
                };
                alignment.words.push(Timing { span: Some(span), confidence, spoken: heard });
            }
            let words = first..article.words.len();
            let mean = alignment.words[words.clone()].iter().map(|t| t.confidence).sum::<f32>()
                / words.len() as f32;
            let sentence = article.sentences.len();
            if let Some(name) = transcript.speaker(segment.span.start()) {
                match article
                    .speakers
                    .last_mut()
                    .filter(|last| last.sentences.end == sentence && last.name == name)
                {
                    Some(last) => last.sentences.end += 1,
                    None => article
                        .speakers
                        .push(Turn { sentences: sentence..sentence + 1, name: name.to_owned() }),
                }
            }
            article.sentences.push(Sentence {
                bytes: start..article.text.len(),
                words,
                skip: None,
            });
            alignment.sentences.push(SentenceTiming {
                status: Status::Spoken,
                span: Some(segment.span),
                confidence: mean,
            });
            if let Some(block) = article.blocks.last_mut() {
                block.bytes.end = article.text.len();
                block.sentences.end = article.sentences.len();
            }
        }
        Self { transcript, article, alignment }
    }
}

/// Where a word stands in a text, when it is said, and how sure that is.
type TimedRange = (Range<usize>, Span, f32);

/// A segment's text on one line, and its words in it. Where the words do not tell the text, which
/// somebody may have corrected, the text is believed and its words share the segment's time; the
/// last part of the answer says whether the times are the words' own.
fn timed_text(segment: &Segment) -> Option<(String, Vec<TimedRange>, bool)> {
    let text = plain(&segment.text);
    let words: Vec<String> = segment.words.iter().map(|word| plain(&word.text)).collect();
    if let Some(ranges) =
        split::locate(&text, words.iter().map(String::as_str)).filter(|ranges| !ranges.is_empty())
    {
        let timed = ranges
            .into_iter()
            .zip(&segment.words)
            .map(|(range, word)| (range, word.span, word.probability.unwrap_or(1.0)));
        return Some((text, timed.collect(), true));
    }
    let shared = join::share(&text, segment.span)?;
    let ranges = split::locate(&shared.text, shared.words.iter().map(|word| word.text.as_str()))?;
    let timed = ranges
        .into_iter()
        .zip(&shared.words)
        .map(|(range, word)| (range, word.span, 0.0))
        .collect();
    Some((shared.text, timed, false))
}

/// Text on one line, fit to print.
fn plain(text: &str) -> String {
    let printable: String = text.chars().filter(|c| !is_unprintable(*c)).collect();
    printable.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Adds `text` to the last paragraph or as a new one.
fn append(article: &mut Article, text: &str, begins: bool) {
    // What nothing can be made of may have begun one.
    let is_paragraph = begins || article.blocks.is_empty();
    if is_paragraph && !article.text.is_empty() {
        article.text.push_str("\n\n");
    } else if split::needs_space(&article.text, text) {
        article.text.push(' ');
    }
    if is_paragraph {
        let at = article.text.len();
        let sentence = article.sentences.len();
        article.blocks.push(Block {
            kind: BlockKind::Paragraph,
            bytes: at..at,
            sentences: sentence..sentence,
        });
    }
    article.text.push_str(text);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_transcript_becomes_an_article() {
        let said = |text: &str, start, end| {
            join::share(text, Span::from_millis(start, end)).expect("text")
        };
        let segments = vec![
            said("Hello, “world”.", 0, 900),
            said("你好。", 1000, 1500),
            said("$8 more!", 4000, 5000),
        ];
        let reading = Reading::of_transcript(Transcript { segments, ..Transcript::default() });
        let article = &reading.article;
        assert_eq!(article.text, "Hello, “world”.你好。\n\n$8 more!");
        let words: Vec<&str> = (0..article.words.len()).map(|i| article.word(i)).collect();
        assert_eq!(words, ["Hello", "world", "你", "好", "$8", "more"]);
        let sentences: Vec<&str> =
            (0..article.sentences.len()).map(|i| article.sentence(i)).collect();
        assert_eq!(sentences, ["Hello, “world”.", "你好。", "$8 more!"]);
        assert_eq!(
            article.blocks.iter().map(|b| b.sentences.clone()).collect::<Vec<_>>(),
            [0..2, 2..3]
        );
        assert_eq!(
            article.blocks[1].bytes,
            article.text.find('$').expect("there")..article.text.len()
        );
        assert_eq!(reading.alignment.words.len(), 6);
        assert_eq!(reading.alignment.words[5].spoken, 5..6);
    }

    #[test]
    fn a_text_that_its_words_do_not_tell_is_believed() {
        let mut segment = join::share("one two", Span::from_millis(0, 2000)).expect("text");
        segment.text = "something\u{1b} else".to_owned();
        let reading =
            Reading::of_transcript(Transcript { segments: vec![segment], ..Transcript::default() });
        assert_eq!(reading.article.text, "something else");
        assert_eq!(
            reading.alignment.words.iter().map(|timing| timing.spoken.clone()).collect::<Vec<_>>(),
            [0..0, 0..0]
        );
        assert_eq!(reading.alignment.words[1].span.map(|span| span.end().millis()), Some(2000));
    }
}
