//! The demo columns with their exact truth, and transcripts damaged at will.

use aloud::article::{Article, Block, BlockKind, Sentence, Skip, WrittenWord};
use aloud::time::{Span, Timestamp};
use aloud::transcript::characters::{ends_clause, is_closing, is_spoken};
use aloud::transcript::{Segment, SpokenWord, Transcript, split};
use serde_json::Value;
use std::ops::Range;
use std::path::Path;

/// The text of a file in `transcripts/`.
pub fn text(name: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("transcripts").join(name);
    std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

fn json(name: &str) -> Value {
    serde_json::from_str(&text(name)).expect("json")
}

fn millis(seconds: &Value) -> Option<u64> {
    seconds.as_f64().map(|seconds| (seconds * 1000.0).round() as u64)
}

fn span(value: &Value) -> Option<Span> {
    Some(Span::from_millis(millis(&value["start"])?, millis(&value["end"])?))
}

fn list(value: &Value) -> &[Value] {
    value.as_array().map_or(&[], Vec::as_slice)
}

/// What is true of a column's narration.
pub struct Truth {
    /// The bytes of each sentence of the article, and when it is read.
    pub sentences: Vec<(Range<usize>, Option<Span>)>,
    /// What is said but not written.
    pub unwritten: Vec<Span>,
}

pub fn truth(name: &str) -> Truth {
    let json = json(name);
    let bytes = |value: &Value| {
        value["bytes"][0].as_u64().expect("byte") as usize
            ..value["bytes"][1].as_u64().expect("byte") as usize
    };
    Truth {
        sentences: list(&json["sentences"])
            .iter()
            .map(|sentence| (bytes(sentence), span(sentence)))
            .collect(),
        unwritten: list(&json["unwritten"]).iter().filter_map(span).collect(),
    }
}

/// Sentences of the English column and of the Chinese one that say the same.
pub fn pairs() -> Vec<(Vec<usize>, Vec<usize>)> {
    let numbers =
        |value: &Value| list(value).iter().filter_map(Value::as_u64).map(|n| n as usize).collect();
    list(&json("open-models.pairs.json")["pairs"])
        .iter()
        .map(|pair| (numbers(&pair["en"]), numbers(&pair["zh"])))
        .collect()
}

/// A perfect transcript.
pub fn transcript(name: &str) -> Transcript {
    let json = json(name);
    let word = |word: &Value| SpokenWord {
        text: word["text"].as_str().unwrap_or_default().to_owned(),
        span: span(word).unwrap_or_default(),
        probability: Some(1.0),
    };
    let segment = |segment: &Value| Segment {
        span: span(segment).unwrap_or_default(),
        text: segment["text"].as_str().unwrap_or_default().to_owned(),
        words: list(&segment["words"]).iter().map(word).collect(),
        is_doubtful: false,
    };
    let segments = list(&json["segments"]).iter().map(segment).collect();
    Transcript {
        language: json["language"].as_str().map(str::to_owned),
        segments,
        ..Transcript::default()
    }
}

/// The sentences of Chinese text as ranges: to 。！？ with closing quotes, or to the end of the
/// block.
pub fn chinese_sentences(text: &str) -> Vec<Range<usize>> {
    let mut found = Vec::new();
    for block in blocks(text) {
        let mut start = block.start;
        let mut chars = text[block.clone()].char_indices().peekable();
        while let Some((at, c)) = chars.next() {
            let after = chars.peek().map(|&(_, next)| next);
            let is_end = "。！？".contains(c) || (after.is_none() && at > 0);
            let mut end = block.start + at + c.len_utf8();
            if !is_end {
                continue;
            }
            while let Some((at, mark)) = chars.next_if(|&(_, next)| "」』）。！？".contains(next))
            {
                end = block.start + at + mark.len_utf8();
            }
            // A quotation that is followed by who said it goes on.
            let goes_on = text[..end].ends_with('」')
                && chars.peek().is_some_and(|&(_, next)| is_closing(next));
            if !goes_on && end > start {
                found.push(start..end);
                start = end;
            }
        }
        if start < block.end {
            found.push(start..block.end);
        }
    }
    found
}

/// The blocks of a text, parted by empty lines.
fn blocks(text: &str) -> Vec<Range<usize>> {
    let mut start = 0;
    let mut found = Vec::new();
    for block in text.split("\n\n") {
        let trimmed = block.trim_end();
        found.push(start..start + trimmed.len());
        start += block.len() + 2;
    }
    found.retain(|block| !block.is_empty());
    found
}

/// An article of `text` with these sentences. What a narrator would skip is guessed by the simplest
/// of rules.
pub fn article(text: &str, language: &str, sentences: &[Range<usize>]) -> Article {
    let mut article = Article {
        text: text.to_owned(),
        language: Some(language.to_owned()),
        ..Article::default()
    };
    for block in blocks(text) {
        let first = article.sentences.len();
        for bytes in sentences.iter().filter(|bytes| block.contains(&bytes.start)) {
            let start = article.words.len();
            for word in split::words(&text[bytes.clone()]) {
                let (from, to) = (bytes.start + word.start, bytes.start + word.end);
                let bare = text[from..to].trim_matches(|c: char| !is_spoken(c));
                if !bare.is_empty() {
                    let from = from + text[from..to].find(bare).unwrap_or(0);
                    article.words.push(WrittenWord { bytes: from..from + bare.len() });
                }
            }
            article.sentences.push(Sentence {
                bytes: bytes.clone(),
                words: start..article.words.len(),
                skip: skip(&text[bytes.clone()], first),
            });
        }
        let kind = if first == 0 { BlockKind::Title } else { BlockKind::Paragraph };
        article.blocks.push(Block {
            kind,
            bytes: block,
            sentences: first..article.sentences.len(),
        });
    }
    article
}

fn skip(sentence: &str, n_before: usize) -> Option<Skip> {
    let starts = |marks: &[&str]| marks.iter().any(|mark| sentence.starts_with(mark));
    if n_before == 0 {
        Some(Skip::Title)
    } else if starts(&["By ", "作者", "文／"]) {
        Some(Skip::Byline)
    } else if starts(&["Illustration", "插圖"]) {
        Some(Skip::Credit)
    } else if starts(&["Photo", "照片"]) {
        Some(Skip::Caption)
    } else if sentence.len() < 6 && sentence.contains(':') {
        Some(Skip::Duration)
    } else if starts(&["Share", "分享"]) {
        Some(Skip::Boilerplate)
    } else if starts(&["編按"]) {
        Some(Skip::Note)
    } else {
        None
    }
}

/// Numbers that only look random; the same for the same seed (SplitMix64).
pub struct Dice(pub u64);

impl Dice {
    pub fn below(&mut self, n: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        ((z ^ (z >> 31)) % n.max(1) as u64) as usize
    }
}

/// A transcript with so many errors in a hundred words: of five, three are other words, one is
/// missing, one too many.
pub fn damaged(transcript: &Transcript, percent: usize, seed: u64) -> Transcript {
    let mut dice = Dice(seed);
    let vocabulary: Vec<String> = transcript.words().map(|word| word.text.clone()).collect();
    let mut damaged = transcript.clone();
    for segment in &mut damaged.segments {
        let mut words = Vec::new();
        for mut word in std::mem::take(&mut segment.words) {
            if dice.below(100) >= percent {
                words.push(word);
                continue;
            }
            match dice.below(5) {
                0 => {}
                1 => {
                    let middle = word.span.start().plus(word.span.millis() / 2);
                    words.push(SpokenWord {
                        span: Span::new(word.span.start(), middle),
                        ..word.clone()
                    });
                    words.push(SpokenWord {
                        text: vocabulary[dice.below(vocabulary.len())].clone(),
                        span: Span::new(middle, word.span.end()),
                        ..word
                    });
                }
                _ => {
                    word.text.clone_from(&vocabulary[dice.below(vocabulary.len())]);
                    words.push(word);
                }
            }
        }
        segment.words = words;
        segment.text = split::spell(segment.words.iter().map(|word| word.text.as_str()));
    }
    damaged.segments.retain(|segment| !segment.words.is_empty());
    damaged
}

/// As a small model writes it: one line after the other, no capitals, no marks.
pub fn bare(transcript: &Transcript) -> Transcript {
    let words: Vec<SpokenWord> = transcript
        .words()
        .filter_map(|word| {
            let text = word.text.trim_matches(|c: char| !is_spoken(c)).to_lowercase();
            (!text.is_empty()).then(|| SpokenWord { text, ..word.clone() })
        })
        .collect();
    let segment = |words: &[SpokenWord]| Segment {
        span: Span::new(words[0].span.start(), words[words.len() - 1].span.end()),
        text: split::spell(words.iter().map(|word| word.text.as_str())),
        words: words.to_vec(),
        is_doubtful: false,
    };
    Transcript { segments: words.chunks(9).map(segment).collect(), ..transcript.clone() }
}

/// A narration of `article` that nobody spoke: every sentence that is not to be skipped, at a pace
/// of 0.2 s a character or 0.35 s a word that varies by this many percent from sentence to
/// sentence, with pauses that vary by half. With when each sentence is spoken.
pub fn narrated(
    article: &Article,
    vary_percent: usize,
    seed: u64,
) -> (Transcript, Vec<Option<Span>>) {
    let mut dice = Dice(seed);
    let mut vary = |around: f64, percent: usize| {
        around * (1.0 + (dice.below(2 * percent + 1) as f64 - percent as f64) / 100.0)
    };
    let (mut segments, mut spans, mut at) = (Vec::new(), Vec::new(), 0.5);
    for (i, sentence) in article.sentences.iter().enumerate() {
        if sentence.skip.is_some() {
            spans.push(None);
            continue;
        }
        let pace = vary(1.0, vary_percent);
        let mut words = Vec::new();
        for word in split::words(article.sentence(i)) {
            let text = article.sentence(i)[word].to_owned();
            let length = text
                .chars()
                .filter(|c| is_spoken(*c))
                .map(|c| if c.is_ascii() { 0.065 } else { 0.2 })
                .sum::<f64>()
                * pace;
            let span = Span::new(Timestamp::from_secs(at), Timestamp::from_secs(at + length));
            at += length + if text.ends_with(ends_clause) { vary(0.25, 50) } else { 0.0 };
            words.push(SpokenWord { text, span, probability: Some(1.0) });
        }
        let whole = Span::new(words[0].span.start(), words[words.len() - 1].span.end());
        let ends_block = article.blocks.iter().any(|block| block.sentences.end == i + 1);
        at = whole.end().secs() + vary(if ends_block { 0.9 } else { 0.45 }, 50);
        segments.push(Segment {
            span: whole,
            text: article.sentence(i).to_owned(),
            words,
            is_doubtful: false,
        });
        spans.push(Some(whole));
    }
    (Transcript { language: article.language.clone(), segments, ..Transcript::default() }, spans)
}

/// Where somebody speaks in it: words that follow each other within 100 ms are one stretch.
pub fn stretches(transcript: &Transcript) -> Vec<Span> {
    let mut found: Vec<Span> = Vec::new();
    for word in transcript.words() {
        match found.last_mut() {
            Some(last) if word.span.start() < last.end().plus(100) => {
                *last = Span::new(last.start(), word.span.end());
            }
            _ => found.push(word.span),
        }
    }
    found
}
