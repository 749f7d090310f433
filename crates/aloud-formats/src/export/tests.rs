//! One small transcript and one small reading in every format, and every format read back.

use super::check::check;
use super::*;
use crate::align::{
    Alignment, Belongs, Method, SentenceTiming, Status, Timing, Unwritten as Stretch,
};
use crate::article::{Article, Block, BlockKind, Sentence, WrittenWord};
use crate::import;
use crate::reason::Reason;
use crate::time::{Span, Timestamp};
use crate::transcript::characters::is_spoken;
use crate::transcript::{
    AudioRef, Gap, GapReason, ModelRef, Segment, SpokenWord, Transcript, join, split,
};
use proptest::prelude::*;

fn printed(format: Format, reading: &Reading, options: &Options) -> String {
    let mut bytes = Vec::new();
    write(format, reading, options, &mut bytes).expect("a vector takes everything");
    String::from_utf8(bytes).expect("text")
}

fn written(format: Format, transcript: &Transcript) -> String {
    printed(format, &Reading::of_transcript(transcript.clone()), &Options::default())
}

fn said(text: &str, start: u64, end: u64) -> Segment {
    join::share(text, Span::from_millis(start, end)).expect("text")
}

/// A sentence of English, one of Traditional Chinese with a name in it, and a doubtful word after
/// music.
fn small() -> Transcript {
    let mut english = said("January was “quiet” & <b>short</b>.", 320, 3100);
    english.words[0].probability = Some(0.97);
    let mut doubtful = said("喂？", 131_500, 131_900);
    doubtful.is_doubtful = true;
    Transcript {
        audio: AudioRef {
            file: "日 \"a\".mp3".to_owned(),
            id: None,
            duration: Some(Timestamp::from_millis(561_040)),
        },
        model: Some(ModelRef { name: "base".to_owned(), sha1: Some("4657".to_owned()) }),
        language: Some("zh".to_owned()),
        segments: vec![
            english,
            said("我們今天要談的是 OpenAI 的新模型，它在二月公開，價格是 $8。", 3500, 9000),
            doubtful,
        ],
        gaps: vec![Gap { span: Span::from_millis(9000, 131_500), reason: GapReason::Music }],
        speakers: Vec::new(),
    }
}

#[test]
fn as_json() {
    let mut transcript = small();
    transcript.segments.remove(1);
    insta::assert_snapshot!(written(Format::Transcript, &transcript), @r#"
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
    insta::assert_snapshot!(written(Format::Transcript, &Transcript::default()), @r#"
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
    00:00:00,320 --> 00:00:03,416
    January was “quiet” & &lt;b>short&lt;/b>.

    2
    00:00:03,500 --> 00:00:06,580
    我們今天要談的
    是 OpenAI 的新模型，

    3
    00:00:06,664 --> 00:00:09,000
    它在二月公開，價格是 $8。

    4
    00:02:11,500 --> 00:02:12,334
    喂？
    ");
}

#[test]
fn as_vtt() {
    insta::assert_snapshot!(written(Format::Vtt, &small()), @r"
    WEBVTT

    00:00:00.320 --> 00:00:03.416
    January was “quiet” &amp; &lt;b&gt;short&lt;/b&gt;.

    00:00:03.500 --> 00:00:06.580
    我們今天要談的
    是 OpenAI 的新模型，

    00:00:06.664 --> 00:00:09.000
    它在二月公開，價格是 $8。

    00:02:11.500 --> 00:02:12.334
    喂？
    ");
}

#[test]
fn as_txt() {
    insta::assert_snapshot!(written(Format::Text, &small()), @r"
    January was “quiet” & <b>short</b>. 我們今天要談的是 OpenAI 的新模型，它在二月公開，價格是 $8。

    喂？
    ");
    assert_eq!(written(Format::Text, &Transcript::default()), "");
}

#[test]
fn paragraphs_end_with_sentences() {
    // Texts with the pause before each in milliseconds, gaps by their place and reason; paragraphs
    // are parted by a bar.
    for (texts, gap, want) in [
        (
            &[("One.", 0), ("Two", 400), ("more.", 2000), ("Three.", 2000)][..],
            None,
            "One. Two more. | Three.",
        ),
        (
            &[("He said \u{201c}no.\u{201d}", 0), ("Then", 2000)],
            None,
            "He said \u{201c}no.\u{201d} | Then",
        ),
        (&[("One", 0), ("two.", 6000)], None, "One | two."),
        (&[("One", 0), ("two.", 500)], Some(GapReason::Silence), "One two."),
        (&[("One.", 0), ("Two.", 500)], Some(GapReason::Music), "One. | Two."),
        (&[("One", 0), ("two.", 500)], Some(GapReason::Unclear), "One | two."),
        (&[("我們今天", 0), ("要談的。", 2000), ("好！", 2000)], None, "我們今天要談的。 | 好！"),
        // Without marks there is nothing else to go by.
        (&[("one", 0), ("two", 2000)], None, "one | two"),
    ] {
        let (mut segments, mut at) = (Vec::new(), 0);
        for (text, pause) in texts {
            segments.push(said(text, at + pause, at + pause + 1000));
            at += pause + 1000;
        }
        let gaps = gap
            .map(|reason| Gap { span: Span::from_millis(1000, 1200), reason })
            .into_iter()
            .collect();
        let got = written(Format::Text, &Transcript { segments, gaps, ..Transcript::default() });
        assert_eq!(got.trim_end().replace("\n\n", " | "), want);
    }
}

#[test]
fn neither_a_pause_nor_a_segment_ends_what_goes_on() {
    use breaks::Break;
    // Two segments with a pause between them, the last word of the first, and how good an end it
    // is.
    for (first, second, last, want) in [
        ("我早上9.", "半出門。", "9.", Break::Held(hold::Hold::Number)),
        ("Le vent de la mer et de la terre dit que", "la nuit vient.", "que", Break::Clinging),
        ("El viento de la noche y el", "mar que viene.", "el", Break::Clinging),
        ("Le vent de la mer et de la terre", "est fort.", "terre", Break::Pause),
        // An English preposition may be the last word.
        ("This is what we looked at", "the other day.", "at", Break::Pause),
    ] {
        let segments = vec![said(first, 0, 3000), said(second, 3700, 5000)];
        let reading = Reading::of_transcript(Transcript { segments, ..Transcript::default() });
        let passages = passage::passages(&reading, Unwritten::Keep);
        let mut pieces = passages.iter().flat_map(|passage| &passage.pieces);
        let end = pieces.rfind(|piece| piece.text == last).map(|piece| piece.end);
        assert_eq!(end, Some(want), "{first}");
    }
}

#[test]
fn names() {
    for among in [&Format::TRANSCRIPTS[..], &Format::SUBTITLES[..]] {
        for &format in among {
            assert_eq!(Format::named(&format.name().to_uppercase(), among), Ok(format));
            assert_eq!(
                Format::of_path(Path::new("a.b").with_extension(format.name()).as_path(), among),
                Some(format)
            );
        }
    }
    assert_eq!(Format::of_path(Path::new("srt"), &Format::SUBTITLES), None);
    let error = Format::named("lrc", &Format::TRANSCRIPTS).expect_err("unknown");
    assert_eq!(
        Reason::from(error),
        Reason::new("`lrc` is no format here").hint("use json, txt, srt, vtt")
    );
    assert_eq!(
        Reason::from("tv".parse::<Profile>().expect_err("unknown")),
        Reason::new("`tv` is no subtitle profile").hint("use netflix, bbc, podcast or karaoke")
    );
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
        let transcript = Transcript {
            segments: vec![said(text, 1000, 3000), said("next", 6000, 7000)],
            ..Transcript::default()
        };
        let want: Vec<&str> =
            transcript.segments.iter().map(|segment| segment.text.as_str()).collect();
        for (format, words) in [
            (Format::Srt, false),
            (Format::Vtt, false),
            (Format::Vtt, true),
            (Format::Podcast, false),
        ] {
            let options = Options { words, ..Options::default() };
            let file = printed(format, &Reading::of_transcript(transcript.clone()), &options);
            let (read, problems) = import::read(file.as_bytes(), None).expect("readable");
            let got: Vec<&str> =
                read.segments.iter().map(|segment| segment.text.as_str()).collect();
            assert_eq!((got, problems), (want.clone(), vec![]), "{file}");
        }
    }
}

fn transcripts() -> impl Strategy<Value = Transcript> {
    let piece = prop_oneof![
        4 => "[a-z]{1,9}",
        3 => "[中文字今天好]{1,6}",
        1 => prop::sample::select(vec!["-->", "<b>", "</b>", "{\\an8}", "&", "&amp;", "🙂", "שלום", "，", "。", ".", ",", "「好」", "42", "\"q\"", "(x)", "…", "한국", "カメラ", "-", "NOTE"]).prop_map(str::to_owned),
    ];
    let text =
        prop::collection::vec((piece, prop::bool::weighted(0.7)), 0..30).prop_map(|pieces| {
            pieces
                .into_iter()
                .map(|(piece, space)| if space { piece + " " } else { piece })
                .collect::<String>()
        });
    let segment = (text, 0u64..4000, 0u64..20_000, any::<bool>(), prop::option::of(0u32..=1000));
    prop::collection::vec(segment, 0..6).prop_map(|parts| {
        let mut at = 0;
        let segments = parts.into_iter().map(|(text, pause, length, is_doubtful, p)| {
            let span = Span::from_millis(at + pause, at + pause + length);
            at = span.end().millis();
            let mut segment =
                join::share(&text, span).unwrap_or_else(|| Segment { span, ..Segment::default() });
            segment.is_doubtful = is_doubtful;
            for word in &mut segment.words {
                word.probability = p.map(|p| p as f32 / 1000.0);
            }
            segment
        });
        Transcript {
            segments: segments.collect(),
            language: Some("zh".to_owned()),
            ..Transcript::default()
        }
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
        let file = written(Format::Transcript, &transcript);
        let (read, problems) = import::read(file.as_bytes(), None).expect("readable");
        prop_assert_eq!(&read, &transcript);
        prop_assert_eq!(problems, vec![]);
    }

    #[test]
    fn subtitles_read_back_the_same(transcript in transcripts()) {
        let reading = Reading::of_transcript(transcript);
        let cues = cues(&reading, &Options::default());
        for (format, words) in [(Format::Srt, false), (Format::Vtt, false), (Format::Vtt, true), (Format::Podcast, false)] {
            if cues.is_empty() {
                continue;
            }
            let file = printed(format, &reading, &Options { words, ..Options::default() });
            let (read, problems) = import::read(file.as_bytes(), None).expect("readable");
            prop_assert_eq!(problems, vec![], "{}", file);
            let shown = bare(cues.iter().flat_map(Cue::texts));
            prop_assert_eq!(bare(read.segments.iter().map(|segment| segment.text.as_str())), shown);
            // Readers gather short bodies of that format into sentences.
            if format != Format::Podcast && !words {
                let spans: Vec<Span> = cues.iter().map(|cue| cue.span).collect();
                prop_assert_eq!(read.segments.iter().map(|segment| segment.span).collect::<Vec<_>>(), spans);
            }
        }
    }

    #[test]
    fn every_format_takes_every_reading(reading in readings(), words in any::<bool>()) {
        let second = reading.article.sentences.iter().map(|_| Some("第二種語言 & <b>".to_owned())).collect();
        let options = Options { words, second, title: Some("<&\"]".to_owned()), ..Options::default() };
        for format in Format::SUBTITLES.into_iter().chain([Format::Alignment]) {
            let file = printed(format, &reading, &options);
            match format {
                Format::Alignment | Format::Podcast => prop_assert!(serde_json::from_str::<serde_json::Value>(&file).is_ok(), "{}", file),
                Format::Ttml => prop_assert!(roxmltree::Document::parse(&file).is_ok(), "{}", file),
                _ => {}
            }
        }
    }

    #[test]
    fn cues_hold_everything_and_keep_their_order(reading in readings(), profile in prop::sample::select(Profile::ALL.to_vec()), how in 0usize..3) {
        let unwritten = [Unwritten::Keep, Unwritten::Drop, Unwritten::Brackets][how];
        let options = Options { profile, unwritten, ..Options::default() };
        let cues = cues(&reading, &options);
        let shown = bare(cues.iter().flat_map(Cue::texts));
        let wanted = passage::passages(&reading, unwritten);
        prop_assert_eq!(&shown, &bare(wanted.iter().map(passage::Passage::text).collect::<Vec<_>>().iter().map(String::as_str)));
        if unwritten == Unwritten::Drop {
            prop_assert_eq!(&shown, &bare(spoken_texts(&reading).iter().map(String::as_str)));
        }
        prop_assert!(cues.iter().flat_map(Cue::texts).all(|line| !line.is_empty() && line.trim() == line));
        prop_assert!(cues.iter().all(|cue| (1..=options.profile.longest_ms).contains(&cue.span.millis())));
        prop_assert!(cues.windows(2).all(|pair| pair[0].span.end() <= pair[1].span.start()));
        for line in cues.iter().flat_map(|cue| &cue.lines) {
            prop_assert!(line.words.windows(2).all(|pair| pair[0].bytes.end <= pair[1].bytes.start && pair[0].span.end() <= pair[1].span.start()));
            prop_assert!(line.words.iter().all(|word| line.text.get(word.bytes.clone()).is_some_and(|word| !word.is_empty())));
        }
        prop_assert!(cues.iter().all(|cue| cue.lines.len() <= options.profile.lines));
        // What does not fit a line is a single word.
        for violation in check(&cues, &options.profile).iter().filter(|violation| violation.kind == check::Kind::Line) {
            prop_assert_eq!(cues[violation.cue - 1].lines[0].words.len(), 1, "{}", violation);
        }
    }

    #[test]
    fn a_second_language_is_neither_lost_nor_doubled(reading in readings(), texts in prop::collection::vec(prop::option::of("[a-z好 ，]{0,60}"), 0..8)) {
        let options = Options { second: texts.clone(), ..Options::default() };
        let cues = cues(&reading, &options);
        let shown = bare(cues.iter().flat_map(|cue| cue.second.iter().map(String::as_str)));
        let is_shown = |(index, _): &(usize, &Option<String>)| !spoken_text(&reading, *index).is_empty();
        let wanted: Vec<&str> = texts.iter().enumerate().filter(is_shown).filter_map(|(_, text)| text.as_deref()).collect();
        // A text that is too long for its cues is the one case in which some of it has no line.
        if check(&cues, &options.profile).iter().all(|violation| violation.kind != check::Kind::Line) {
            prop_assert_eq!(shown, bare(wanted));
        }
    }
}

/// What the narrator read of a sentence, by the plainest rule.
fn spoken_text(reading: &Reading, sentence: usize) -> String {
    let (article, alignment) = (&reading.article, &reading.alignment);
    let Some(found) = article.sentences.get(sentence) else { return String::new() };
    let timing = &alignment.sentences[sentence];
    let read: Vec<usize> =
        found.words.clone().filter(|word| alignment.words[*word].span.is_some()).collect();
    match timing.status {
        Status::Unspoken => String::new(),
        _ if read.is_empty() && timing.span.is_none() => String::new(),
        Status::Partly if !read.is_empty() => {
            let text = article.sentence(sentence);
            let reads = |range: &std::ops::Range<usize>| {
                let at = range.start + found.bytes.start..range.end + found.bytes.start;
                read.iter().any(|word| {
                    article.words[*word].bytes.start < at.end
                        && at.start < article.words[*word].bytes.end
                })
            };
            split::words(text).into_iter().filter(reads).map(|range| &text[range]).collect()
        }
        _ => article.sentence(sentence).to_owned(),
    }
}

fn spoken_texts(reading: &Reading) -> Vec<String> {
    (0..reading.article.sentences.len()).map(|sentence| spoken_text(reading, sentence)).collect()
}

/// A sentence with its status, start and end.
type Written<'a> = (&'a str, Status, u64, u64);

/// An article made of `blocks` of sentences, each with its status and time; words after a bar are
/// not read.
fn reading_of(blocks: &[(BlockKind, &[Written<'_>])]) -> Reading {
    let mut article = Article { language: Some("en".to_owned()), ..Article::default() };
    let mut alignment = Alignment { coverage: 0.9, belongs: Belongs::Yes, ..Alignment::default() };
    for (kind, sentences) in blocks {
        if !article.text.is_empty() {
            article.text.push_str("\n\n");
        }
        let (start, first) = (article.text.len(), article.sentences.len());
        for (text, status, from, until) in *sentences {
            if article.text.len() > start && split::needs_space(&article.text, text) {
                article.text.push(' ');
            }
            add_sentence(
                &mut article,
                &mut alignment,
                text,
                *status,
                Span::from_millis(*from, *until),
            );
        }
        article.blocks.push(Block {
            kind: *kind,
            bytes: start..article.text.len(),
            sentences: first..article.sentences.len(),
        });
    }
    Reading { transcript: Transcript::default(), article, alignment }
}

fn add_sentence(
    article: &mut Article,
    alignment: &mut Alignment,
    text: &str,
    status: Status,
    span: Span,
) {
    let (read, rest) = text.split_once('|').unwrap_or((text, ""));
    let (text, at, first) = (format!("{read}{rest}"), article.text.len(), article.words.len());
    let shared = join::share(read, span).unwrap_or_default();
    let mut times = shared.words.iter().map(|word| word.span);
    for word in split::words(&text) {
        let span =
            if status != Status::Unspoken && word.start < read.len() { times.next() } else { None };
        let core = text[word.clone()].trim_start_matches(|c| !is_spoken(c));
        let start = at + word.end - core.len();
        let end = start + core.trim_end_matches(|c| !is_spoken(c)).len();
        if start < end {
            article.words.push(WrittenWord { bytes: start..end });
            alignment.words.push(Timing { span, confidence: 0.9, spoken: 0..0 });
        }
    }
    article.text.push_str(&text);
    article.sentences.push(Sentence {
        bytes: at..article.text.len(),
        words: first..article.words.len(),
        skip: None,
    });
    alignment.sentences.push(SentenceTiming {
        status,
        span: (status != Status::Unspoken).then_some(span),
        confidence: 0.9,
    });
}

/// A heading, a paragraph with a sentence that is not read and one that is read in part, and a word
/// of the speaker's own.
fn column() -> Reading {
    use Status::{Partly, Spoken, Unspoken};
    let mut reading = reading_of(&[
        (BlockKind::Heading, &[("What “open” means", Spoken, 1200, 2400)]),
        (
            BlockKind::Paragraph,
            &[
                ("Gemini 2.5 Pro <b>is</b> {\\an8} rented.", Spoken, 3000, 5400),
                ("Photo: the courthouse.", Unspoken, 0, 0),
                ("You can keep a model, said Helen Marsh,| who smiled.", Partly, 6000, 9000),
            ],
        ),
        (
            BlockKind::Paragraph,
            &[("公司把權重 --> 送出來，要花8萬億美元。", Spoken, 12_000, 16_000)],
        ),
    ]);
    let words = ["Hello", "there."].into_iter().zip([100, 400]);
    let words = words.map(|(text, at)| SpokenWord {
        text: text.to_owned(),
        span: Span::from_millis(at, at + 300),
        probability: None,
    });
    let said = Segment {
        span: Span::from_millis(100, 700),
        text: "Hello there.".to_owned(),
        words: words.collect(),
        is_doubtful: false,
    };
    reading.transcript = Transcript {
        audio: AudioRef {
            file: "a b.mp3".to_owned(),
            id: None,
            duration: Some(Timestamp::from_millis(20_000)),
        },
        language: Some("en".to_owned()),
        segments: vec![said],
        ..Transcript::default()
    };
    reading.alignment.unwritten = vec![Stretch {
        span: Span::from_millis(100, 700),
        text: "Hello there.".to_owned(),
        spoken: 0..2,
    }];
    reading
}

/// Any article: sentences of all statuses, with and without times of their own, and stretches
/// between them.
fn readings() -> impl Strategy<Value = Reading> {
    let piece = prop_oneof![
        4 => "[a-z]{1,9}",
        2 => "[A-Z][a-z]{1,6}",
        3 => "[中文字今天好的了約翰]{1,6}",
        1 => prop::sample::select(vec!["-->", "<b>", "{\\an8}", "&amp;", "🙂", "👨‍👩‍👧", "שלום", "，", "。", ".", "「好」", "24.3 million", "8萬億美元", "\"q\"", "…", "한국", "—", "Mr."]).prop_map(str::to_owned),
    ];
    let text =
        prop::collection::vec((piece, prop::bool::weighted(0.7)), 0..30).prop_map(|pieces| {
            pieces
                .into_iter()
                .map(|(piece, space)| if space { piece + " " } else { piece })
                .collect::<String>()
                .trim()
                .to_owned()
        });
    let status = prop::sample::select(vec![
        Status::Spoken,
        Status::Spoken,
        Status::Partly,
        Status::Unspoken,
    ]);
    let sentence = (
        text,
        status,
        0u64..2000,
        0u64..15_000,
        prop::option::of(0u32..10),
        any::<bool>(),
        prop::bool::weighted(0.2),
    );
    prop::collection::vec(sentence, 0..8).prop_map(|parts| {
        let mut at = 0;
        let mut article = Article::default();
        let mut alignment = Alignment::default();
        for (text, status, pause, length, gap, is_block, is_said) in parts {
            let span = Span::from_millis(at + pause, at + pause + length);
            at = span.end().millis();
            if is_said {
                alignment.unwritten.push(Stretch {
                    span,
                    text: text.replace('|', ""),
                    spoken: 0..0,
                });
                continue;
            }
            let start = article.text.len() + 2 * usize::from(!article.text.is_empty());
            if !article.text.is_empty() {
                article.text.push_str(if is_block { "\n\n" } else { "  " });
            }
            let first = alignment.words.len();
            add_sentence(&mut article, &mut alignment, &text, status, span);
            let holes = gap.map_or(0, |gap| gap + 2) as usize;
            for (index, timing) in alignment.words[first..].iter_mut().enumerate() {
                if holes > 0 && index % holes == 0 {
                    timing.span = None;
                }
            }
            let sentence = article.sentences.len();
            match article.blocks.last_mut() {
                Some(block) if !is_block => {
                    (block.bytes.end, block.sentences.end) = (article.text.len(), sentence);
                }
                _ => article.blocks.push(Block {
                    kind: BlockKind::Paragraph,
                    bytes: start..article.text.len(),
                    sentences: sentence - 1..sentence,
                }),
            }
        }
        Reading { transcript: Transcript::default(), article, alignment }
    })
}

#[test]
fn nothing_makes_json_invalid() {
    let word = SpokenWord {
        text: "\"\\\u{1}".to_owned(),
        span: Span::from_millis(0, u64::MAX),
        probability: Some(f32::NAN),
    };
    let segment = Segment {
        span: word.span,
        text: "\u{2028}\n".to_owned(),
        words: vec![word],
        is_doubtful: false,
    };
    let file = written(
        Format::Transcript,
        &Transcript { segments: vec![segment], ..Transcript::default() },
    );
    assert!(serde_json::from_str::<serde_json::Value>(&file).is_ok(), "{file}");
}

#[test]
fn in_every_format() {
    let (reading, plain) = (column(), Options::default());
    let options = Options {
        words: true,
        title: Some("A & B".to_owned()),
        unwritten: Unwritten::Brackets,
        ..Options::default()
    };
    insta::assert_snapshot!(printed(Format::Srt, &reading, &options), @r"
    1
    00:00:00,100 --> 00:00:01,116
    [Hello there.]

    2
    00:00:01,200 --> 00:00:02,400
    What “open” means

    3
    00:00:03,000 --> 00:00:05,400
    Gemini 2.5 Pro &lt;b>is&lt;/b> &#123;\an8} rented.

    4
    00:00:06,000 --> 00:00:09,000
    You can keep a model, said Helen Marsh,

    5
    00:00:12,000 --> 00:00:16,000
    公司把權重 --&gt; 送出來，
    要花8萬億美元。
    ");
    insta::assert_snapshot!(printed(Format::Vtt, &reading, &options), @r"
    WEBVTT

    00:00:00.100 --> 00:00:01.116
    [Hello <00:00:00.400>there.]

    00:00:01.200 --> 00:00:02.400
    What <00:00:01.569>“open” <00:00:01.938>means

    00:00:03.000 --> 00:00:05.400
    Gemini <00:00:03.480>2.5 <00:00:03.960>Pro <00:00:04.200>&lt;b&gt;is&lt;/b&gt; <00:00:04.520>&#123;\an8} <00:00:04.920>rented.

    00:00:06.000 --> 00:00:09.000
    You <00:00:06.300>can <00:00:06.600>keep <00:00:07.000>a <00:00:07.100>model, <00:00:07.600>said <00:00:08.000>Helen <00:00:08.500>Marsh,

    00:00:12.000 --> 00:00:16.000
    公<00:00:12.267>司<00:00:12.533>把<00:00:12.800>權<00:00:13.067>重 --&gt; <00:00:13.333>送<00:00:13.600>出<00:00:13.867>來，
    <00:00:14.133>要<00:00:14.400>花<00:00:14.667>8<00:00:14.933>萬<00:00:15.200>億<00:00:15.467>美<00:00:15.733>元。
    ");
    insta::assert_snapshot!(printed(Format::Lrc, &reading, &plain), @r"
    [ti:a b.mp3]
    [00:00.10]<00:00.10>Hello <00:00.40>there.<00:00.70>
    [00:01.20]<00:01.20>What <00:01.57>“open” <00:01.94>means<00:02.40>
    [00:03.00]<00:03.00>Gemini <00:03.48>2.5 <00:03.96>Pro <00:04.20><b>is</b> <00:04.52>{\an8} <00:04.92>rented.<00:05.40>
    [00:06.00]<00:06.00>You <00:06.30>can <00:06.60>keep <00:07.00>a <00:07.10>model, <00:07.60>said <00:08.00>Helen <00:08.50>Marsh,<00:09.00>
    [00:09.00]
    [00:12.00]<00:12.00>公<00:12.27>司<00:12.53>把<00:12.80>權<00:13.07>重 --> <00:13.33>送<00:13.60>出<00:13.87>來，<00:14.13>要<00:14.40>花<00:14.67>8<00:14.93>萬<00:15.20>億<00:15.47>美<00:15.73>元。<00:16.00>
    [00:16.00]
    ");
    insta::assert_snapshot!(printed(Format::Ass, &reading, &options).replace('\u{2060}', "(joiner)").split("[Events]").nth(1).unwrap(), @r"
    Format: Layer, Start, End, Style, Name, MarginL, MarginR, MarginV, Effect, Text
    Dialogue: 0,0:00:00.10,0:00:01.12,Default,,0,0,0,,{\k30}[Hello {\k72}there.]
    Dialogue: 0,0:00:01.20,0:00:02.40,Default,,0,0,0,,{\k37}What {\k37}“open” {\k46}means
    Dialogue: 0,0:00:03.00,0:00:05.40,Default,,0,0,0,,{\k48}Gemini {\k48}2.5 {\k24}Pro {\k32}<b>is</b> {\k40}\{\(joiner)an8\} {\k48}rented.
    Dialogue: 0,0:00:06.00,0:00:09.00,Default,,0,0,0,,{\k30}You {\k30}can {\k40}keep {\k10}a {\k50}model, {\k40}said {\k50}Helen {\k50}Marsh,
    Dialogue: 0,0:00:12.00,0:00:16.00,Default,,0,0,0,,{\k27}公{\k26}司{\k27}把{\k27}權{\k26}重 --> {\k27}送{\k27}出{\k26}來，\N{\k27}要{\k27}花{\k26}8{\k27}萬{\k27}億{\k26}美{\k27}元。
    ");
    insta::assert_snapshot!(printed(Format::Ttml, &reading, &options), @r#"
    <?xml version="1.0" encoding="UTF-8"?>
    <tt xmlns="http://www.w3.org/ns/ttml" xmlns:ttp="http://www.w3.org/ns/ttml#parameter" xmlns:tts="http://www.w3.org/ns/ttml#styling" xmlns:ttm="http://www.w3.org/ns/ttml#metadata" xml:lang="en" ttp:timeBase="media">
      <head>
        <metadata><ttm:title>A &amp; B</ttm:title></metadata>
        <styling><style xml:id="text" tts:color="white" tts:textAlign="center"/></styling>
        <layout><region xml:id="below" tts:origin="10% 10%" tts:extent="80% 80%" tts:displayAlign="after"/></layout>
      </head>
      <body style="text" region="below">
        <div>
          <p begin="00:00:00.100" end="00:00:01.116">[Hello there.]</p>
          <p begin="00:00:01.200" end="00:00:02.400">What “open” means</p>
          <p begin="00:00:03.000" end="00:00:05.400">Gemini 2.5 Pro &lt;b&gt;is&lt;/b&gt; {\an8} rented.</p>
          <p begin="00:00:06.000" end="00:00:09.000">You can keep a model, said Helen Marsh,</p>
          <p begin="00:00:12.000" end="00:00:16.000">公司把權重 --&gt; 送出來，<br/>要花8萬億美元。</p>
        </div>
      </body>
    </tt>
    "#);
    insta::assert_snapshot!(printed(Format::Podcast, &reading, &plain), @r#"
    {
      "version": "1.0.0",
      "segments": [
        {"startTime": 0.1, "endTime": 1.116, "body": "Hello there."},
        {"startTime": 1.2, "endTime": 2.4, "body": "What “open” means"},
        {"startTime": 3.0, "endTime": 5.4, "body": "Gemini 2.5 Pro <b>is</b> {\\an8} rented."},
        {"startTime": 6.0, "endTime": 9.0, "body": "You can keep a model, said Helen Marsh,"},
        {"startTime": 12.0, "endTime": 16.0, "body": "公司把權重 --> 送出來，要花8萬億美元。"}
      ]
    }
    "#);
    insta::assert_snapshot!(printed(Format::Times, &reading, &plain), @r"
    [0:00] Hello there.

    [0:01] What “open” means

    [0:03] Gemini 2.5 Pro <b>is</b> {\an8} rented.
    [0:06] You can keep a model, said Helen Marsh,

    [0:12] 公司把權重 --> 送出來，要花8萬億美元。
    ");
    let page = printed(
        Format::Html,
        &reading,
        &Options { sound: Sound::File("a b.mp3".to_owned()), ..options },
    );
    let body = page.split("<main>").nth(1).and_then(|rest| rest.split("<script>").next());
    insta::assert_snapshot!(body.unwrap(), @r##"
    <h1 dir="auto">A &amp; B</h1>
    <p class="unwritten" dir="auto"><span class="s"><span class="w" data-start="100" data-end="400">[Hello</span> <span class="w" data-start="400" data-end="700">there.]</span></span></p>
    <h2 dir="auto"><span class="s"><span class="w" data-start="1200" data-end="1569">What</span> <span class="w" data-start="1569" data-end="1938">“open”</span> <span class="w" data-start="1938" data-end="2400">means</span></span></h2>
    <p dir="auto"><span class="s"><span class="w" data-start="3000" data-end="3480">Gemini</span> <span class="w" data-start="3480" data-end="3960">2.5</span> <span class="w" data-start="3960" data-end="4200">Pro</span> <span class="w" data-start="4200" data-end="4520">&lt;b&gt;is&lt;/b&gt;</span> <span class="w" data-start="4520" data-end="4920">{\an8}</span> <span class="w" data-start="4920" data-end="5400">rented.</span></span> <span class="s"><span class="w" data-start="6000" data-end="6300">You</span> <span class="w" data-start="6300" data-end="6600">can</span> <span class="w" data-start="6600" data-end="7000">keep</span> <span class="w" data-start="7000" data-end="7100">a</span> <span class="w" data-start="7100" data-end="7600">model,</span> <span class="w" data-start="7600" data-end="8000">said</span> <span class="w" data-start="8000" data-end="8500">Helen</span> <span class="w" data-start="8500" data-end="9000">Marsh,</span></span></p>
    <p dir="auto"><span class="s"><span class="w" data-start="12000" data-end="12267">公</span><span class="w" data-start="12267" data-end="12533">司</span><span class="w" data-start="12533" data-end="12800">把</span><span class="w" data-start="12800" data-end="13067">權</span><span class="w" data-start="13067" data-end="13333">重 --&gt;</span> <span class="w" data-start="13333" data-end="13600">送</span><span class="w" data-start="13600" data-end="13867">出</span><span class="w" data-start="13867" data-end="14133">來，</span><span class="w" data-start="14133" data-end="14400">要</span><span class="w" data-start="14400" data-end="14667">花</span><span class="w" data-start="14667" data-end="14933">8</span><span class="w" data-start="14933" data-end="15200">萬</span><span class="w" data-start="15200" data-end="15467">億</span><span class="w" data-start="15467" data-end="15733">美</span><span class="w" data-start="15733" data-end="16000">元。</span></span></p>
    </main>
    <footer>
    <audio controls preload="auto" data-name="a b.mp3" src="./a%20b.mp3"></audio>
    <span class="rate"><button id="slower" type="button" aria-label="Slower" title="-">−</button>
    <button id="rate" type="button" aria-label="As fast as recorded" title="=">1×</button>
    <button id="faster" type="button" aria-label="Faster" title="+">+</button></span>
    <input id="find" type="search" aria-label="Find" placeholder="/ find">
    <button id="follow" type="button" aria-pressed="true" title="f">Follow</button>
    <details id="keys"><summary aria-label="Keys">?</summary>
    <p>space plays or pauses · ← → 5 s · ↑ ↓ sentence · ( ) chapter · - = + rate · / find, Enter the next · f follow ·
    the address names the sentence that was clicked or copied</p></details>
    <button id="theme" type="button" aria-label="Dark or light">◐</button>
    <div id="said" role="status"></div>
    </footer>
    "##);
}

#[test]
fn as_alignment() {
    let mut reading = reading_of(&[(
        BlockKind::Paragraph,
        &[("Short.", Status::Spoken, 0, 500), ("Credit", Status::Unspoken, 0, 0)],
    )]);
    reading.alignment.unwritten = vec![Stretch {
        span: Span::from_millis(500, 900),
        text: "Hi \"you\".".to_owned(),
        spoken: 0..0,
    }];
    insta::assert_snapshot!(printed(Format::Alignment, &reading, &Options::default()), @r#"
    {
      "format": "aloud-alignment/1",
      "audio": {},
      "language": {"written": "en"},
      "belongs": "yes",
      "coverage": 0.9,
      "method": "whisper",
      "sentences": [
        {"text": "Short.", "bytes": [0, 6], "status": "spoken", "start": 0.0, "end": 0.5, "confidence": 0.9, "words": [
          {"text": "Short", "bytes": [0, 5], "start": 0.0, "end": 0.5, "confidence": 0.9}
        ]},
        {"text": "Credit", "bytes": [7, 13], "status": "unspoken"}
      ],
      "unwritten": [
        {"start": 0.5, "end": 0.9, "text": "Hi \"you\"."}
      ]
    }
    "#);
    reading.alignment.method = Method::Sentences;
    reading.alignment.words[0].span = None;
    let file = printed(Format::Alignment, &reading, &Options::default());
    assert!(file.contains(r#"{"text": "Short", "bytes": [0, 5]}"#), "{file}");
}

#[test]
fn two_languages() {
    use Status::Spoken;
    let reading = reading_of(&[(
        BlockKind::Paragraph,
        &[
            (
                "The river came over the road in Mill County, and the lights went out in the courthouse.",
                Spoken,
                0,
                6000,
            ),
            ("Nobody slept.", Spoken, 6300, 7500),
        ],
    )]);
    let second = vec![Some("河水漫過米爾郡的道路，法院大樓的燈全滅了。".to_owned()), None];
    let options = Options { second, second_language: Some("zh".to_owned()), ..Options::default() };
    assert_eq!(check(&cues(&reading, &options), &options.profile), []);
    insta::assert_snapshot!(printed(Format::Srt, &reading, &options), @r"
    1
    00:00:00,000 --> 00:00:00,959
    The river came
    河水漫過

    2
    00:00:01,043 --> 00:00:02,959
    over the road in Mill County,
    米爾郡的道路，

    3
    00:00:03,043 --> 00:00:06,216
    and the lights went out in the courthouse.
    法院大樓的燈全滅了。

    4
    00:00:06,300 --> 00:00:07,500
    Nobody slept.
    ");
    insta::assert_snapshot!(printed(Format::Lrc, &reading, &options), @r"
    [00:00.00]<00:00.00>The <00:00.26>river <00:00.70>came<00:00.96>
    [00:00.00]河水漫過
    [00:01.04]<00:01.04>over <00:01.39>the <00:01.65>road <00:02.00>in <00:02.17>Mill <00:02.52>County,<00:02.96>
    [00:01.04]米爾郡的道路，
    [00:03.04]<00:03.04>and <00:03.30>the <00:03.57>lights <00:04.09>went <00:04.44>out <00:04.70>in <00:04.87>the <00:05.13>courthouse.<00:06.00>
    [00:03.04]法院大樓的燈全滅了。
    [00:06.30]<00:06.30>Nobody <00:06.96>slept.<00:07.50>
    [00:07.50]
    ");
}

/// The cues of a reading, each as its lines in both languages.
fn shown(reading: &Reading, options: &Options) -> Vec<String> {
    let line = |cue: &Cue| {
        let first: Vec<&str> = cue.lines.iter().map(|line| line.text.as_str()).collect();
        if cue.second.is_empty() {
            first.join("/")
        } else {
            format!("{} = {}", first.join("/"), cue.second.join("/"))
        }
    };
    cues(reading, options).iter().map(line).collect()
}

/// A sentence with its start and end, its text in the second language, and whether it shares the
/// one before it.
type Paired<'a> = (&'a str, u64, u64, Option<&'a str>, bool);

/// Blocks of such sentences, and the cues that they make.
type Pairs<'a> = (&'a [(BlockKind, &'a [Paired<'a>])], &'a [&'a str]);

#[test]
fn a_cue_shows_one_pair() {
    use BlockKind::{Heading, Paragraph};
    let cases: [Pairs<'_>; 7] = [
        // A heading stands apart, however close.
        (
            &[
                (Heading, &[("What doors mean", 0, 1000, Some("門是什麼意思"), false)]),
                (
                    Paragraph,
                    &[(
                        "A door can do a lot of work here.",
                        1050,
                        3200,
                        Some("在這裡，一扇門能做很多事。"),
                        false,
                    )],
                ),
            ],
            &[
                "What doors mean = 門是什麼意思",
                "A door can do a lot of work here. = 在這裡，一扇門能做很多事。",
            ],
        ),
        // The end of one sentence and the beginning of the next would both fit, and have no time
        // apart.
        (
            &[(
                Paragraph,
                &[
                    (
                        "There is more to it, of course.",
                        0,
                        1300,
                        Some("當然，事情不只這樣。"),
                        false,
                    ),
                    (
                        "Most of the doors in this town come without the keys.",
                        1350,
                        4200,
                        Some("這座小鎮的門，大多沒有附鑰匙。"),
                        false,
                    ),
                ],
            )],
            &[
                "There is more to it, of course. = 當然，事情不只這樣。",
                "Most of the doors = 這座小鎮的門，",
                "in this town come without the keys. = 大多沒有附鑰匙。",
            ],
        ),
        // Two sentences of one text share it, where they stand in one cue and where they do not.
        (
            &[(
                Paragraph,
                &[
                    ("The door was free.", 0, 1500, Some("門不用錢，鑰匙卻要錢。"), false),
                    ("The key was not.", 2200, 3600, None, true),
                ],
            )],
            &["The door was free. = 門不用錢，", "The key was not. = 鑰匙卻要錢。"],
        ),
        // What nobody has translated has nothing below it.
        (
            &[(
                Paragraph,
                &[
                    ("The door was free.", 0, 1500, Some("門不用錢。"), false),
                    ("The key was not.", 1600, 3000, None, false),
                ],
            )],
            &["The door was free. = 門不用錢。", "The key was not."],
        ),
        // What is gone before anybody looks stands with its neighbour.
        (
            &[(
                Paragraph,
                &[
                    ("No.", 0, 250, Some("不。"), false),
                    (
                        "The key was in the other door.",
                        300,
                        3000,
                        Some("鑰匙插在另一扇門上。"),
                        false,
                    ),
                ],
            )],
            &["No. The key was in the other door. = 不。鑰匙插在另一扇門上。"],
        ),
        // Words stay whole, and what is due is shown when it is due.
        (
            &[(
                Paragraph,
                &[(
                    "Northfield kept its letters, all of them, in a closet behind the second door on the left.",
                    0,
                    6000,
                    Some("諾斯菲爾德把所有的信件都收在左邊第二扇門後面的櫃子裡。"),
                    false,
                )],
            )],
            &[
                "Northfield kept its letters, = 諾斯菲爾德把所有的",
                "all of them, in a closet = 信件都收在左邊",
                "behind the second door on the left. = 第二扇門後面的櫃子裡。",
            ],
        ),
        // The other way round.
        (
            &[(
                Paragraph,
                &[
                    (
                        "當然，門有好有壞。",
                        0,
                        4000,
                        Some("There are good doors and bad ones, of course."),
                        false,
                    ),
                    (
                        "這座小鎮的門，大多沒有附鑰匙。",
                        4050,
                        8000,
                        Some("Most of the doors in this town come without the keys."),
                        false,
                    ),
                ],
            )],
            &[
                "當然， = There are good doors",
                "門有好有壞。 = and bad ones, of course.",
                "這座小鎮的門， = Most of the doors",
                "大多沒有附鑰匙。 = in this town come without the keys.",
            ],
        ),
    ];
    for (blocks, want) in cases {
        let written: Vec<(BlockKind, Vec<Written<'_>>)> = blocks
            .iter()
            .map(|(kind, sentences)| {
                (
                    *kind,
                    sentences
                        .iter()
                        .map(|&(text, from, to, ..)| (text, Status::Spoken, from, to))
                        .collect(),
                )
            })
            .collect();
        let written: Vec<(BlockKind, &[Written<'_>])> =
            written.iter().map(|(kind, sentences)| (*kind, sentences.as_slice())).collect();
        let all = || blocks.iter().flat_map(|(_, sentences)| *sentences);
        let second = all().map(|(.., text, _)| text.map(str::to_owned)).collect();
        let options = Options {
            second,
            shared: all().map(|(.., shared)| *shared).collect(),
            ..Options::default()
        };
        assert_eq!(shown(&reading_of(&written), &options), want);
    }
}

#[test]
fn an_aside_stays_with_the_pair_it_falls_into() {
    let mut reading = reading_of(&[(
        BlockKind::Paragraph,
        &[("She opened the door and left the key in it.", Status::Spoken, 0, 4000)],
    )]);
    let at = reading.alignment.words[4].span.expect("a time").start();
    let aside = Span::new(at, at.plus(100));
    reading.alignment.words[4].span =
        Some(Span::new(at.plus(100), reading.alignment.words[4].span.expect("a time").end()));
    reading.alignment.unwritten =
        vec![Stretch { span: aside, text: "um".to_owned(), spoken: 0..0 }];
    let options = Options {
        second: vec![Some("她打開門，把鑰匙留在上面。".to_owned())],
        ..Options::default()
    };
    assert_eq!(
        shown(&reading, &options),
        ["She opened the door = 她打開門，", "um and left the key in it. = 把鑰匙留在上面。"]
    );
}

#[test]
fn where_nothing_is_slow_enough_sentences_stay_whole() {
    use Status::Spoken;
    let quick: &[(BlockKind, &[Written<'_>])] = &[
        (
            BlockKind::Paragraph,
            &[("Good morning.", Spoken, 0, 500), ("My name is Ida Brook.", Spoken, 550, 1400)],
        ),
        (
            BlockKind::Paragraph,
            &[
                (
                    "I have kept the keys of this house for a good part of my life, but now nobody locks anything any more.",
                    Spoken,
                    2000,
                    5900,
                ),
                ("These days I count the doors that are left open.", Spoken, 5950, 7700),
            ],
        ),
        (
            BlockKind::Paragraph,
            &[(
                "Besides, I mend the locks that children have filled with sand.",
                Spoken,
                8300,
                10_600,
            )],
        ),
    ];
    for (profile, want) in [
        (
            Profile::NETFLIX,
            &[
                "Good morning. My name is Ida Brook.",
                "I have kept the keys of this house/for a good part of my life,",
                "but now nobody locks anything any more.",
                "These days I count the doors/that are left open.",
                "Besides, I mend the locks/that children have filled with sand.",
            ][..],
        ),
        (
            Profile::PODCAST,
            &[
                "Good morning. My name is Ida Brook.",
                "I have kept the keys of this house for a good part of my life,",
                "but now nobody locks anything any more.",
                "These days I count the doors that are left open.",
                "Besides, I mend the locks that children have filled with sand.",
            ],
        ),
    ] {
        let options = Options { profile: profile.clone(), ..Options::default() };
        assert_eq!(shown(&reading_of(quick), &options), want, "{}", profile.name);
        // With time enough nothing is left to choose.
        let slow = Profile { latin_speed: 40, ..profile };
        assert_eq!(
            check(
                &cues(&reading_of(quick), &Options { profile: slow.clone(), ..Options::default() }),
                &slow
            ),
            []
        );
    }
}

#[test]
fn what_is_read_is_what_is_shown() {
    use Status::{Partly, Spoken, Unspoken};
    for (sentences, want) in [
        (&[("Not read.", Unspoken, 0, 0), ("Read.", Spoken, 0, 900)][..], "Read."),
        (
            &[("“Read so far,” he said,| and no farther.", Partly, 0, 3000)],
            "“Read so far,” he said,",
        ),
        (&[("讀到這裡，|就停了。", Partly, 0, 3000)], "讀到這裡，"),
        (&[("* * *", Unspoken, 0, 0), ("So.", Spoken, 0, 900)], "So."),
    ] {
        let reading = reading_of(&[(BlockKind::Paragraph, sentences)]);
        let cues = cues(&reading, &Options::default());
        assert_eq!(cues.iter().flat_map(Cue::texts).collect::<Vec<_>>().join("/"), want);
    }
}

#[test]
fn what_a_recording_that_breaks_off_has_no_room_for_is_not_shown() {
    let sentence = ("She found the mistake| and fixed it.", Status::Spoken, 0, 3000);
    for (sentence, length, want) in [
        (sentence, Some(3050), "She found the mistake"),
        (("她發現了錯誤，|就改正了。", Status::Spoken, 0, 3000), Some(3050), "她發現了錯誤，"),
        // The recogniser has missed the rest, or nobody knows how long it is.
        (sentence, Some(4500), "She found the mistake and fixed it."),
        (sentence, None, "She found the mistake and fixed it."),
        (
            ("She found the| mistake.", Status::Spoken, 0, 3000),
            Some(3050),
            "She found the mistake.",
        ),
    ] {
        let mut reading = reading_of(&[(BlockKind::Paragraph, &[sentence])]);
        reading.transcript.audio.duration = length.map(Timestamp::from_millis);
        let cues = cues(&reading, &Options::default());
        assert_eq!(
            cues.iter().flat_map(Cue::texts).collect::<Vec<_>>().join(" "),
            want,
            "{length:?}"
        );
    }
}

#[test]
fn an_aside_divides_the_sentence_it_falls_into() {
    let mut reading = reading_of(&[(
        BlockKind::Paragraph,
        &[("One two three four five six.", Status::Spoken, 0, 3000)],
    )]);
    let start = reading.alignment.words[3].span.expect("a time").start();
    reading.alignment.words[2].span = Some(Span::from_millis(1000, 1200));
    reading.alignment.unwritten = vec![Stretch {
        span: Span::new(Timestamp::from_millis(1250), start),
        text: "ahem".to_owned(),
        spoken: 0..0,
    }];
    let passages = passage::passages(&reading, Unwritten::Brackets);
    assert_eq!(
        passages.iter().map(passage::Passage::text).collect::<Vec<_>>(),
        ["One two three", "[ahem]", "four five six."]
    );
}

#[test]
fn sentences_without_times_for_words_are_shared_by_length() {
    let mut reading =
        reading_of(&[(BlockKind::Paragraph, &[("我們走吧。", Status::Spoken, 1000, 3000)])]);
    reading.alignment.method = Method::Sentences;
    for timing in &mut reading.alignment.words {
        timing.span = None;
    }
    let cues = cues(&reading, &Options::default());
    let words: Vec<(u64, u64)> = cues[0].lines[0]
        .words
        .iter()
        .map(|word| (word.span.start().millis(), word.span.end().millis()))
        .collect();
    assert_eq!(words, [(1000, 1500), (1500, 2000), (2000, 2500), (2500, 3000)]);
}

#[test]
fn quick_speech_borrows_time_before_it_breaks_a_rule() {
    let profile = Profile::NETFLIX;
    for (segments, n_cues) in [
        // A quick word stays on into the silence after it.
        (vec![said("No.", 1000, 1150), said("It was a slow answer.", 4000, 6500)], 2),
        // With no silence there, it shares a cue with its neighbour.
        (vec![said("Never.", 1000, 1300), said("It was a slow answer.", 1320, 4000)], 1),
        (vec![said("好。", 1000, 1200), said("我們慢慢地走過那條街。", 1210, 4200)], 1),
        // Twice as fast as anybody reads: it takes the silence that follows.
        (
            vec![
                said("This sentence has about forty characters.", 1000, 2000),
                said("So it is.", 5000, 6000),
            ],
            2,
        ),
    ] {
        let cues = cues(
            &Reading::of_transcript(Transcript { segments, ..Transcript::default() }),
            &Options::default(),
        );
        assert_eq!((cues.len(), check(&cues, &profile)), (n_cues, vec![]), "{cues:?}");
    }
    // What cannot be met is listed.
    let segments = vec![
        said("This sentence has about forty characters.", 1000, 2000),
        said("And so has this one, which follows at once.", 2000, 3000),
    ];
    let cues = cues(
        &Reading::of_transcript(Transcript { segments, ..Transcript::default() }),
        &Options::default(),
    );
    assert!(
        check(&cues, &profile).iter().all(|violation| violation.kind == check::Kind::Fast)
            && !check(&cues, &profile).is_empty()
    );
}
