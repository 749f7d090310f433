//! Pages of small readings.

use super::*;
use crate::align::{Alignment, SentenceTiming, Timing, Unwritten};
use crate::article::{Article, Block, BlockKind, Sentence, WrittenWord};
use crate::transcript::{AudioRef, Segment, SpokenWord, Transcript, split};

/// A sentence of an article: its text, when it is read and how sure that is, and why it may be
/// skipped.
type Told = (&'static str, Option<(u64, u64, f32)>, Option<Skip>);

/// A reading of `sentences`, of which `heard` was recognised from the first second on, a word every
/// half second.
fn reading(method: Method, sentences: &[Told], heard: &str) -> Reading {
    let mut article = Article { language: Some("zh".to_owned()), ..Article::default() };
    let mut alignment = Alignment { method, coverage: 0.957, ..Alignment::default() };
    for &(text, read, skip) in sentences {
        if !article.text.is_empty() {
            article.text.push(' ');
        }
        let start = article.text.len();
        article.text.push_str(text);
        let first = article.words.len();
        let words = split::words(text);
        article.words.extend(words.iter().map(|word| {
            let core = text[word.clone()].trim_end_matches([',', '.', '。']);
            WrittenWord { bytes: start + word.start..start + word.start + core.len() }
        }));
        article.sentences.push(Sentence {
            bytes: start..article.text.len(),
            words: first..article.words.len(),
            skip,
        });
        alignment.words.resize(article.words.len(), Timing::default());
        let span = read.map(|(from, to, _)| Span::from_millis(from, to));
        let status = if read.is_some() { Status::Spoken } else { Status::Unspoken };
        alignment.sentences.push(SentenceTiming {
            status,
            span,
            confidence: read.map_or(1.0, |(_, _, confidence)| confidence),
        });
    }
    article.blocks.push(Block {
        kind: BlockKind::Paragraph,
        bytes: 0..article.text.len(),
        sentences: 0..sentences.len(),
    });
    let words: Vec<SpokenWord> = heard
        .split(' ')
        .enumerate()
        .map(|(i, text)| SpokenWord {
            text: text.to_owned(),
            span: Span::from_millis(1000 + 500 * i as u64, 1500 + 500 * i as u64),
            probability: None,
        })
        .collect();
    let segment = Segment {
        span: Span::from_millis(1000, 99_000),
        text: heard.to_owned(),
        words,
        is_doubtful: false,
    };
    let audio = AudioRef {
        file: "column.mp3".to_owned(),
        id: None,
        duration: Some(Timestamp::from_millis(130_000)),
    };
    Reading {
        transcript: Transcript {
            audio,
            language: Some("en".to_owned()),
            segments: vec![segment],
            ..Transcript::default()
        },
        article,
        alignment,
    }
}

fn across() -> Reading {
    let mut reading = reading(
        Method::Sentences,
        &[
            ("儲藏室裡的那臺機器", None, Some(Skip::Title)),
            ("作者：露絲．卡洛韋", None, Some(Skip::Byline)),
            ("2025年1月20日，河水漫過米爾郡的道路。", Some((11_000, 40_000, 0.99)), None),
            ("電話也斷了。", Some((40_500, 50_000, 0.55)), None),
            (
                "誰也聯絡不上他們，一通電話也打不出去，一封信也寄不到，連鄰居家的狗叫聲都聽不見了，整個郡都靜了下來。",
                Some((50_500, 80_000, 0.31)),
                None,
            ),
            ("（有讀者來信詢問。）", None, None),
            ("它放在另一間儲藏室裡。", None, None),
            ("多少錢？", Some((100_000, 128_000, 0.93)), None),
        ],
        "You are listening to Plain Terms",
    );
    reading.alignment.unwritten = vec![Unwritten {
        span: Span::from_millis(600, 10_400),
        text:
            "You are listening to Plain Terms, a weekly column about technology and the rest of us."
                .to_owned(),
        spoken: 0..6,
    }];
    reading
}

#[test]
fn sentence_by_sentence() {
    insta::assert_snapshot!(report(&across(), 80, false), @r"
    儲藏室裡的那臺機器 作者：露絲．卡洛韋 2025年1月20日，河水漫過米爾郡的道路…  2:10
    column.mp3

    95 % of the text is read, titles and credits aside: 4 of 6 sentences
    Sentence by sentence: English is spoken and Chinese written, so whole sentences
    are tied, and words have no times of their own.

    0:00 ······████████████████▓▓▓▓▓▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒           ███████████████  2:10
    █ sure  ▓ fair  ▒ unsure  · not written

    Written, not read  4 sentences
           start  title, byline  儲藏室裡的那臺機器 作者：露絲．卡洛韋
      after 1:20  2 sentences  （有讀者來信詢問。） 它放在另一間儲藏室裡。

    Said, not written  1 passage, 0:09
       0:00–0:10  You are listening to Plain Terms, a weekly column about technolog…

    Least sure
       0:40–1:20  31 %  電話也斷了。 誰也聯絡不上他們，一通電話也打不出去，一封信也…
    ");
}

#[test]
fn word_by_word_with_numbers_that_differ() {
    let mut reading = reading(
        Method::Words,
        &[
            ("By evening 1,400 people were there.", Some((1000, 5000, 0.9)), None),
            ("He was 29, she 40%.", Some((5000, 9000, 0.85)), None),
        ],
        "by evening fifteen hundred people were there he was twenty nine she forty percent",
    );
    // Written word by word: which of the heard ones it was matched with.
    let matched = [0..1, 1..2, 2..3, 4..5, 5..6, 6..7, 7..8, 8..9, 9..11, 11..12, 12..14];
    for (timing, spoken) in reading.alignment.words.iter_mut().zip(matched) {
        timing.spoken = spoken;
    }
    insta::assert_snapshot!(report(&reading, 60, false), @r"
    By evening 1,400 people were there. He was 29, she 40…  2:10
    column.mp3

    95 % of the text is read, titles and credits aside: 2 of 2
    sentences
    Word by word: each written word was compared with what was
    heard.

    0:00 ████                                               2:10
    █ sure  ▓ fair  ▒ unsure  · not written

    Numbers that differ
            0:02  the text says 1,400, heard: fifteen hundred
    ");
    assert_eq!(differences(&reading).len(), 1);
}

#[test]
fn a_first_guess() {
    let reading = reading(Method::Estimate, &[("Only this.", Some((1000, 3000, 0.4)), None)], "x");
    insta::assert_snapshot!(report(&reading, 60, false), @r"
    Only this.                                              2:10
    column.mp3

    95 % of the text has a place: 1 of 1 sentence
    By length alone: nothing was recognised yet, and times are a
    first guess.

    0:00 ▒                                                  2:10
    █ sure  ▓ fair  ▒ unsure  · not written
    ");
}

#[test]
fn no_line_is_wider_than_asked_and_colours_change_no_letter() {
    let plain = |text: &str| {
        let mut out = String::new();
        let mut rest = text;
        while let Some((before, after)) = rest.split_once("\x1b[") {
            out.push_str(before);
            rest = after.split_once('m').map_or("", |(_, rest)| rest);
        }
        out + rest
    };
    for reading in [across(), Reading::default()] {
        for columns in [0, 44, 57, 80, 200] {
            let page = report(&reading, columns, false);
            assert!(
                page.lines().all(|line| width(line) <= columns.clamp(44, 100)),
                "{columns}:\n{page}"
            );
            assert_eq!(plain(&report(&reading, columns, true)), page);
        }
    }
}

#[test]
fn pictures_of_anything() {
    for reading in [across(), Reading::default()] {
        let svg = String::from_utf8(plot::plot(&reading, plot::Picture::Svg).expect("svg"))
            .expect("utf-8");
        assert!(svg.starts_with("<svg ") && svg.ends_with("</svg>\n"));
        let png = plot::plot(&reading, plot::Picture::Png).expect("png");
        assert!(png.starts_with(b"\x89PNG\r\n\x1a\n") && png.len() < 200_000, "{}", png.len());
    }
    let svg =
        String::from_utf8(plot::plot(&across(), plot::Picture::Svg).expect("svg")).expect("utf-8");
    // Two bands of text that is not read for four sentences, one of speech, four ways.
    assert_eq!(svg.matches("#f5e6c8").count(), 4 + 1);
    assert_eq!(svg.matches("#d6e4f5").count(), 1 + 1);
    assert!(svg.contains("儲藏室裡的那臺機器") && svg.contains("95 %"));
}
