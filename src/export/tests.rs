//! One small transcript in every format, and every format read back.

use super::*;
use crate::import;
use crate::time::{Span, Timestamp};
use crate::transcript::{AudioRef, Gap, GapReason, ModelRef, Segment, SpokenWord, join};
use proptest::prelude::*;

fn written(format: Format, transcript: &Transcript) -> String {
    let mut bytes = Vec::new();
    write(format, transcript, &mut bytes).expect("a vector takes everything");
    String::from_utf8(bytes).expect("text")
}

fn said(text: &str, start: u64, end: u64) -> Segment {
    join::share(text, Span::from_millis(start, end)).expect("text")
}

/// A sentence of English, one of Traditional Chinese with a name in it, and a doubtful word after music.
fn small() -> Transcript {
    let mut english = said("January was “quiet” & <b>short</b>.", 320, 3100);
    english.words[0].probability = Some(0.97);
    let mut doubtful = said("喂？", 131_500, 131_900);
    doubtful.is_doubtful = true;
    Transcript {
        audio: AudioRef { file: "日 \"a\".mp3".to_owned(), id: None, duration: Some(Timestamp::from_millis(561_040)) },
        model: Some(ModelRef { name: "base".to_owned(), sha1: Some("4657".to_owned()) }),
        language: Some("zh".to_owned()),
        segments: vec![english, said("我們今天要談的是 OpenAI 的新模型，它在二月公開，價格是 $8。", 3500, 9000), doubtful],
        gaps: vec![Gap { span: Span::from_millis(9000, 131_500), reason: GapReason::Music }],
    }
}

#[test]
fn as_json() {
    let mut transcript = small();
    transcript.segments.remove(1);
    insta::assert_snapshot!(written(Format::Json, &transcript), @r#"
    {
      "format": "aloud-transcript/1",
      "audio": {"file": "日 \"a\".mp3", "duration": 561.04},
      "model": {"name": "base", "sha1": "4657"},
      "language": "zh",
      "segments": [
        {"start": 0.32, "end": 3.1, "text": "January was “quiet” & <b>short</b>.", "words": [
          {"text": "January", "start": 0.32, "end": 1.166, "probability": 0.97},
          {"text": "was", "start": 1.166, "end": 1.529},
          {"text": "“quiet”", "start": 1.529, "end": 2.133},
          {"text": "&", "start": 2.133, "end": 2.254},
          {"text": "<b>short</b>.", "start": 2.254, "end": 3.1}
        ]},
        {"start": 131.5, "end": 131.9, "text": "喂？", "doubtful": true, "words": [
          {"text": "喂？", "start": 131.5, "end": 131.9}
        ]}
      ],
      "gaps": [
        {"start": 9.0, "end": 131.5, "reason": "music"}
      ]
    }
    "#);
    insta::assert_snapshot!(written(Format::Json, &Transcript::default()), @r#"
    {
      "format": "aloud-transcript/1",
      "audio": {},
      "segments": [],
      "gaps": []
    }
    "#);
}

#[test]
fn as_srt() {
    insta::assert_snapshot!(written(Format::Srt, &small()), @r"
    1
    00:00:00,320 --> 00:00:03,100
    January was “quiet” & &lt;b>short&lt;/b>.

    2
    00:00:03,500 --> 00:00:09,000
    我們今天要談的是 OpenAI 的新模
    型，它在二月公開，價格是 $8。

    3
    00:02:11,500 --> 00:02:12,334
    喂？
    ");
}

#[test]
fn as_vtt() {
    insta::assert_snapshot!(written(Format::Vtt, &small()), @r"
    WEBVTT

    00:00:00.320 --> 00:00:03.100
    January was “quiet” &amp; &lt;b&gt;short&lt;/b&gt;.

    00:00:03.500 --> 00:00:09.000
    我們今天要談的是 OpenAI 的新模
    型，它在二月公開，價格是 $8。

    00:02:11.500 --> 00:02:12.334
    喂？
    ");
}

#[test]
fn as_txt() {
    insta::assert_snapshot!(written(Format::Txt, &small()), @r"
    January was “quiet” & <b>short</b>. 我們今天要談的是 OpenAI 的新模型，它在二月公開，價格是 $8。

    喂？
    ");
    assert_eq!(written(Format::Txt, &Transcript::default()), "");
}

#[test]
fn names() {
    for format in Format::ALL {
        assert_eq!(format.name().to_uppercase().parse(), Ok(format));
        assert_eq!(Format::of_path(Path::new("a.b").with_extension(format.name()).as_path()), Some(format));
    }
    assert_eq!(Format::of_path(Path::new("srt")), None);
    assert_eq!("lrc".parse::<Format>().expect_err("unknown").to_string(), "`lrc` is no transcript format; use json, txt, srt or vtt");
}

#[test]
fn hard_texts_survive_subtitles() {
    for text in [
        "A --> B",
        "00:01 --> 00:02",
        "1",
        "<b>bold</b> <i",
        "{\\an8}top",
        "AT&T &amp; &lt; &",
        "&#123;x}",
        "-- > -->",
        "NOTE x",
        "WEBVTT",
        "שלום, עולם",
        "\u{200f}مرحبا",
        "👩‍👩‍👧 ok",
        "- Hi. - Yes.",
        "<00:00:01.000>",
        "a\u{301}",
        "STYLE",
    ] {
        let transcript = Transcript { segments: vec![said(text, 1000, 3000), said("next", 3000, 4000)], ..Transcript::default() };
        for format in [Format::Srt, Format::Vtt] {
            let file = written(format, &transcript);
            let (read, problems) = import::read(file.as_bytes(), None).expect("readable");
            assert_eq!((&read.segments, problems), (&transcript.segments, vec![]), "{file}");
        }
    }
}

fn transcripts() -> impl Strategy<Value = Transcript> {
    let piece = prop_oneof![
        4 => "[a-z]{1,9}",
        3 => "[中文字今天好]{1,6}",
        1 => prop::sample::select(vec!["-->", "<b>", "</b>", "{\\an8}", "&", "&amp;", "🙂", "שלום", "，", "。", ".", ",", "「好」", "42", "\"q\"", "(x)", "…", "한국", "カメラ", "-", "NOTE"]).prop_map(str::to_owned),
    ];
    let text = prop::collection::vec((piece, prop::bool::weighted(0.7)), 0..30)
        .prop_map(|pieces| pieces.into_iter().map(|(piece, space)| if space { piece + " " } else { piece }).collect::<String>());
    let segment = (text, 0u64..4000, 0u64..20_000, any::<bool>(), prop::option::of(0u32..=1000));
    prop::collection::vec(segment, 0..6).prop_map(|parts| {
        let mut at = 0;
        let segments = parts.into_iter().map(|(text, pause, length, is_doubtful, p)| {
            let span = Span::from_millis(at + pause, at + pause + length);
            at = span.end().millis();
            let mut segment = join::share(&text, span).unwrap_or_else(|| Segment { span, ..Segment::default() });
            segment.is_doubtful = is_doubtful;
            for word in &mut segment.words {
                word.probability = p.map(|p| p as f32 / 1000.0);
            }
            segment
        });
        Transcript { segments: segments.collect(), language: Some("zh".to_owned()), ..Transcript::default() }
    })
}

/// Text without white space, where reading joins lines by rules of its own.
fn bare<'a>(parts: impl IntoIterator<Item = &'a str>) -> String {
    parts.into_iter().flat_map(str::chars).filter(|c| !c.is_whitespace()).collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(150))]

    #[test]
    fn json_reads_back_the_same(transcript in transcripts()) {
        let file = written(Format::Json, &transcript);
        let (read, problems) = import::read(file.as_bytes(), None).expect("readable");
        prop_assert_eq!(&read, &transcript);
        prop_assert_eq!(problems, vec![]);
    }

    #[test]
    fn subtitles_read_back_the_same(transcript in transcripts()) {
        let cues = cue::cues(&transcript);
        for format in [Format::Srt, Format::Vtt] {
            if cues.is_empty() {
                continue;
            }
            let file = written(format, &transcript);
            let (read, problems) = import::read(file.as_bytes(), None).expect("readable");
            prop_assert_eq!(problems, vec![], "{}", file);
            prop_assert_eq!(read.segments.iter().map(|s| s.span).collect::<Vec<_>>(), cues.iter().map(|cue| cue.span).collect::<Vec<_>>());
            for (segment, cue) in read.segments.iter().zip(&cues) {
                prop_assert_eq!(bare([segment.text.as_str()]), bare(cue.lines.iter().map(String::as_str)));
            }
        }
    }

    #[test]
    fn cues_hold_everything_and_keep_their_limits(transcript in transcripts()) {
        let cues = cue::cues(&transcript);
        let lines = cues.iter().flat_map(|cue| &cue.lines);
        prop_assert_eq!(bare(lines.clone().map(String::as_str)), bare(transcript.segments.iter().map(|s| s.text.as_str())));
        prop_assert!(lines.clone().all(|line| !line.is_empty() && line.trim() == line));
        prop_assert!(cues.windows(2).all(|pair| pair[0].span.end() <= pair[1].span.start()));
        for cue in &cues {
            prop_assert!((1..=2).contains(&cue.lines.len()) && (1..=7000).contains(&cue.span.millis()));
            for line in &cue.lines {
                let (wide, narrow) = line.chars().fold((0, 0), |(wide, narrow), c| match unicode_width::UnicodeWidthChar::width(c) {
                    Some(2) => (wide + 1, narrow),
                    Some(1) => (wide, narrow + 1),
                    _ => (wide, narrow),
                });
                let words = crate::transcript::split::words(line).len();
                prop_assert!(wide * 21 + narrow * 8 <= 336 || words == 1, "{}", line);
            }
        }
    }
}

#[test]
fn nothing_makes_json_invalid() {
    let word = SpokenWord { text: "\"\\\u{1}".to_owned(), span: Span::from_millis(0, u64::MAX), probability: Some(f32::NAN) };
    let segment = Segment { span: word.span, text: "\u{2028}\n".to_owned(), words: vec![word], is_doubtful: false };
    let file = written(Format::Json, &Transcript { segments: vec![segment], ..Transcript::default() });
    assert!(serde_json::from_str::<serde_json::Value>(&file).is_ok(), "{file}");
}
