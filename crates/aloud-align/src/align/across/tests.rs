//! Small texts in two languages. The demo columns are tied in `tests/across.rs`.

use super::*;
use crate::align::Belongs;
use crate::article::{Block, BlockKind, Skip, WrittenWord};
use crate::transcript::{Segment, SpokenWord, split};
use proptest::prelude::*;

/// An article with a paragraph for each item; sentences are parted by `|`, and one after `*` is
/// likely to be skipped.
fn article(paragraphs: &[&str]) -> Article {
    let mut article = Article { language: Some("zh".to_owned()), ..Article::default() };
    for paragraph in paragraphs {
        let (start, first) = (article.text.len(), article.sentences.len());
        for sentence in paragraph.split('|') {
            let text = sentence.trim_start_matches('*');
            let (start, first) = (article.text.len(), article.words.len());
            article.text.push_str(text);
            article.words.extend(
                split::words(text)
                    .into_iter()
                    .map(|word| WrittenWord { bytes: start + word.start..start + word.end }),
            );
            let skip = sentence.starts_with('*').then_some(Skip::Title);
            article.sentences.push(Sentence {
                bytes: start..article.text.len(),
                words: first..article.words.len(),
                skip,
            });
        }
        let bytes = start..article.text.len();
        article.blocks.push(Block {
            kind: BlockKind::Paragraph,
            bytes,
            sentences: first..article.sentences.len(),
        });
        article.text.push_str("\n\n");
    }
    article
}

/// Speech of these lines: 65 ms a letter, half a second between lines.
fn said(lines: &[&str]) -> Transcript {
    let mut at = 1000;
    let segment = |line: &&str| {
        let word = |text: &str| {
            let start = at;
            at += 65 * text.len() as u64;
            SpokenWord {
                text: text.to_owned(),
                span: Span::from_millis(start, at),
                probability: None,
            }
        };
        let words: Vec<SpokenWord> = line.split(' ').map(word).collect();
        at += 500;
        Segment { span: hull_of(&words), text: (*line).to_owned(), words, is_doubtful: false }
    };
    Transcript {
        language: Some("en".to_owned()),
        segments: lines.iter().map(segment).collect(),
        ..Transcript::default()
    }
}

fn hull_of(words: &[SpokenWord]) -> Span {
    Span::new(words[0].span.start(), words[words.len() - 1].span.end())
}

const COLUMN: [&str; 3] = [
    "*儲藏室裡的那臺機器",
    "2025年1月20日，河水漫過米爾郡的道路，法院大樓的燈全滅了。|一個小時後，電話也斷了。",
    "我問他幾歲，他說29歲。|第二天晚上，它叫一個名叫華特．芬奇的人去找妹妹，指的卻是另一棟大樓。",
];

const SAID: [&str; 6] = [
    "You are listening to Plain Terms, a weekly column.",
    "On January twentieth, twenty twenty-five, the river came over the road in Mill County, and the lights went out.",
    "The telephones failed an hour later.",
    "I asked him how old he was.",
    "He was twenty-nine.",
    "On the second night it sent a man named Walter Finch to look for his sister in the wrong building.",
];

#[test]
fn sentences_get_their_times_and_words_none() {
    let (article, transcript) = (article(&COLUMN), said(&SAID));
    let got = across(&article, &transcript);
    let span = |from: usize, to: usize| {
        Some(Span::new(transcript.segments[from].span.start(), transcript.segments[to].span.end()))
    };
    let spans: Vec<Option<Span>> = got.sentences.iter().map(|timing| timing.span).collect();
    assert_eq!(spans, [None, span(1, 1), span(2, 2), span(3, 4), span(5, 5)]);
    assert_eq!(
        got.unwritten
            .iter()
            .map(|unwritten| (unwritten.span, unwritten.spoken.clone()))
            .collect::<Vec<_>>(),
        [(transcript.segments[0].span, 0..9)]
    );
    assert_eq!((got.method, got.coverage), (Method::Sentences, 1.0));
    assert!(
        got.words.len() == article.words.len()
            && got.words.iter().all(|timing| timing.span.is_none())
    );
}

#[test]
fn two_written_sentences_share_a_spoken_one() {
    let article = article(&["它擺在一個架子上。|電是從一輛消防車上接來的。"]);
    let transcript = said(&["It sat on a shelf and it drew power from a fire truck."]);
    let got = across(&article, &transcript);
    let spans: Vec<Span> = got.sentences.iter().filter_map(|timing| timing.span).collect();
    assert_eq!(spans.len(), 2);
    assert!(
        spans[0].end() <= spans[1].start() && spans[0].millis() > 700 && spans[1].millis() > 700,
        "{spans:?}"
    );
    assert!(got.sentences.iter().all(|timing| timing.confidence <= 0.7));
}

#[test]
fn texts_in_pairs() {
    let english = article(&[
        "I asked him how old he was.|He was 29.",
        "The river is dry again.|Nobody knows why.",
    ]);
    let chinese = article(&["我問他幾歲，他說29歲。", "河又乾了。|沒有人知道為什麼。"]);
    let got: Vec<_> = pair(&english, &chinese).into_iter().map(|bead| (bead.a, bead.b)).collect();
    assert_eq!(got, [(0..2, 0..1), (2..3, 1..2), (3..4, 2..3)]);
}

#[test]
fn languages() {
    for (written, spoken, want) in [
        (Some("zh"), Some("en"), true),
        (Some("zh-Hant"), Some("yue"), false),
        (Some("cmn"), Some("zh"), false),
        (Some("zh_TW"), Some("ZH"), false),
        (Some("en-GB"), Some("en"), false),
        (Some("nb"), Some("no"), false),
        (Some("ja"), Some("zh"), true),
        (None, Some("en"), false),
        (Some("en"), None, false),
    ] {
        assert_eq!(is_across(written, spoken), want, "{written:?} {spoken:?}");
    }
}

#[test]
fn nothing_at_all() {
    for (article, transcript) in [
        (article(&[]), said(&[])),
        (article(&COLUMN), said(&[])),
        (article(&[]), said(&SAID)),
        (article(&["***"]), said(&SAID)),
    ] {
        let got = across(&article, &transcript);
        assert_eq!(
            (got.sentences.len(), got.words.len()),
            (article.sentences.len(), article.words.len())
        );
        assert!(got.sentences.iter().all(|timing| timing.span.is_none()));
        assert!(fit(&article, &transcript).belongs() != Belongs::Yes);
        assert_eq!(
            pair(&article, &article).iter().map(|bead| bead.a.len()).sum::<usize>(),
            article.sentences.len()
        );
    }
}

proptest! {
    #[test]
    fn in_order_whatever_is_written_and_said(written in prop::collection::vec("[一-龥0-9，。a-z ]{0,20}", 0..8), heard in prop::collection::vec("[a-z0-9.,?]{1,9}( [a-z0-9.,?]{1,9}){0,9}", 0..8)) {
        let article = article(&written.iter().map(String::as_str).collect::<Vec<_>>());
        let transcript = said(&heard.iter().map(String::as_str).collect::<Vec<_>>());
        let got = across(&article, &transcript);
        let mut spans: Vec<Span> = got.sentences.iter().filter_map(|timing| timing.span).collect();
        prop_assert!(spans.windows(2).all(|pair| pair[0].end() <= pair[1].start()), "{spans:?}");
        // Every word begins in a sentence or in what is unwritten, and no span meets another.
        spans.extend(got.unwritten.iter().map(|unwritten| unwritten.span));
        spans.sort();
        prop_assert!(spans.windows(2).all(|pair| pair[0].end() <= pair[1].start()), "{spans:?}");
        for word in transcript.words() {
            prop_assert!(spans.iter().any(|span| span.contains(word.span.start())), "{word:?} {spans:?}");
        }
    }
}
