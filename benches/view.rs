//! The reading screen with a long text: a frame, a new layout, a tick.

use aloud::align::{Alignment, SentenceTiming, Status, Timing};
use aloud::article::{Article, Block, BlockKind, Sentence, WrittenWord};
use aloud::reading::Reading;
use aloud::time::{Span, Timestamp};
use aloud::tui::{App, Event, Position, Setup, update};
use aloud::view::{Page, Texts};
use divan::{Bencher, black_box};
use ratatui_core::buffer::Buffer;
use ratatui_core::layout::Rect;
use std::time::Duration;

fn main() {
    divan::main();
}

const WORDS: usize = 100_000;
const LANGUAGES: [&str; 2] = ["en", "zh"];

/// 100,000 words in sentences of 20 and paragraphs of 5 sentences; of Chinese each character is a
/// word.
fn long(language: &str) -> Reading {
    let (words, space, stop): (&[&str], &str, &str) = match language {
        "zh" => (&["模", "型", "權", "重", "開", "放", "的", "語", "言", "是"], "", "。"),
        _ => (
            &[
                "model",
                "weights",
                "open",
                "of",
                "the",
                "language",
                "which",
                "permission",
                "a",
                "county",
            ],
            " ",
            ".",
        ),
    };
    let (mut article, mut alignment) = (Article::default(), Alignment::default());
    for n in 0..WORDS {
        if n % 100 == 0 {
            article.text += if n == 0 { "" } else { "\n\n" };
            let (at, sentence) = (article.text.len(), article.sentences.len());
            article.blocks.push(Block {
                kind: BlockKind::Paragraph,
                bytes: at..at,
                sentences: sentence..sentence,
            });
        } else {
            article.text += space;
        }
        let at = article.text.len();
        if n % 20 == 0 {
            article.sentences.push(Sentence { bytes: at..at, words: n..n, skip: None });
            let span = Span::from_millis(n as u64 * 300, (n as u64 + 20) * 300);
            alignment.sentences.push(SentenceTiming {
                status: Status::Spoken,
                span: Some(span),
                confidence: 0.9,
            });
        }
        article.text += words[(n * 7 + n / 10) % 10];
        article.words.push(WrittenWord { bytes: at..article.text.len() });
        article.text += if n % 20 == 19 { stop } else { "" };
        let span = Span::from_millis(n as u64 * 300, (n as u64 + 1) * 300);
        alignment.words.push(Timing {
            span: Some(span),
            confidence: (n % 9) as f32 / 9.0,
            spoken: n..n + 1,
        });
        let end = article.text.len();
        if let (Some(sentence), Some(block)) =
            (article.sentences.last_mut(), article.blocks.last_mut())
        {
            (sentence.bytes.end, sentence.words.end) = (end, n + 1);
            (block.bytes.end, block.sentences.end) = (end, article.sentences.len());
        }
    }
    Reading { article, alignment, ..Reading::default() }
}

fn app(language: &str) -> App {
    let length = Timestamp::from_millis(WORDS as u64 * 300);
    let mut app = App::new(
        Setup { reading: long(language), has_article: true, length, ..Setup::default() },
        (200, 60),
    );
    for _ in 0..100 {
        tick(&mut app, WORDS as u64 * 150);
    }
    app
}

fn tick(app: &mut App, ms: u64) {
    let position =
        Position { at: Timestamp::from_millis(ms), is_playing: true, ..Position::default() };
    update(app, Event::Tick { position, now: Duration::ZERO });
}

#[divan::bench(args = LANGUAGES)]
fn frame(bencher: Bencher<'_, '_>, language: &str) {
    let app = app(language);
    let mut buffer = Buffer::empty(Rect::new(0, 0, 200, 60));
    bencher.bench_local(|| black_box(&app).draw(&mut buffer));
}

#[divan::bench(args = LANGUAGES)]
fn layout(bencher: Bencher<'_, '_>, language: &str) {
    let reading = long(language);
    bencher.bench_local(|| Page::new(Texts { reading: black_box(&reading), beside: None }, 63));
}

#[divan::bench(args = LANGUAGES)]
fn resize(bencher: Bencher<'_, '_>, language: &str) {
    let mut app = app(language);
    let mut width = 60;
    bencher.bench_local(|| {
        width = if width == 60 { 70 } else { 60 };
        update(&mut app, Event::Resize(width, 60))
    });
}

#[divan::bench]
fn ticks(bencher: Bencher<'_, '_>) {
    let mut app = app("en");
    let mut ms = 0;
    bencher.bench_local(|| {
        ms = (ms + 33) % (WORDS as u64 * 300);
        tick(&mut app, ms);
    });
}
