//! Any bytes as a book: reading its times and writing it again never panics, and what was written is read.

#![no_main]

use aloud::align::{Alignment, SentenceTiming, Status, Timing};
use aloud::book::{self, Options, Sound, SoundPlace};
use aloud::documents::{self, Hint};
use aloud::reading::Reading;
use aloud::time::{Span, Timestamp};
use libfuzzer_sys::fuzz_target;
use std::io::Cursor;

fuzz_target!(|bytes: &[u8]| {
    let _ = book::read(bytes, None);
    let Ok(article) = documents::read(bytes, &Hint::default()) else { return };
    // Every word takes a second.
    let span = |from: usize, to: usize| Span::from_millis(from as u64 * 1000, to as u64 * 1000);
    let words = (0..article.words.len()).map(|n| Timing { span: Some(span(n, n + 1)), confidence: 1.0, spoken: 0..0 }).collect();
    let sentence = |words: &std::ops::Range<usize>| (!words.is_empty()).then(|| span(words.start, words.end));
    let timing = |span: Option<Span>| SentenceTiming { status: Status::Spoken, span, confidence: 1.0 };
    let sentences = article.sentences.iter().map(|own| timing(sentence(&own.words))).collect();
    let reading = Reading { alignment: Alignment { words, sentences, ..Alignment::default() }, article, ..Reading::default() };
    let sound = Sound { start: Timestamp::ZERO, kind: "audio/mpeg", place: SoundPlace::Embedded(Box::new(&b"sound"[..]), 5) };
    let mut out = Cursor::new(Vec::new());
    if book::write(bytes, &reading, vec![sound], &Options::default(), &mut out).is_ok() {
        book::read(&out.into_inner(), None).expect("a book that was written");
    }
});
