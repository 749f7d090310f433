//! Scripts with speakers, and subtitles that keep their lines.

use super::*;
use crate::align::{Alignment, Belongs, SentenceTiming, Status, Timing};
use crate::article::Article;
use crate::documents::{self, Hint};
use crate::time::{Span, Timestamp};
use crate::transcript::Transcript;

/// `article` as if each of its words that is read took 300 ms, from `start` on, with a second
/// between sentences.
fn read(article: Article, start: u64) -> Reading {
    let mut at = start;
    let mut alignment = Alignment { coverage: 1.0, belongs: Belongs::Yes, ..Alignment::default() };
    for sentence in &article.sentences {
        let is_read = sentence.skip.is_none();
        let from = at;
        for _ in sentence.words.clone() {
            let span = is_read.then(|| Span::from_millis(at, at + 300));
            at += if is_read { 300 } else { 0 };
            alignment.words.push(Timing { span, confidence: 0.9, spoken: 0..0 });
        }
        let status = if is_read { Status::Spoken } else { Status::Unspoken };
        let span = is_read.then(|| Span::from_millis(from, at));
        alignment.sentences.push(SentenceTiming { status, span, confidence: 0.9 });
        at += if is_read { 1000 } else { 0 };
    }
    let mut transcript = Transcript::default();
    transcript.audio.duration = Some(Timestamp::from_millis(at + 5000));
    Reading { transcript, article, alignment }
}

fn printed(format: Format, reading: &Reading, options: &Options) -> String {
    let mut bytes = Vec::new();
    write(format, reading, options, &mut bytes).expect("a vector takes everything");
    String::from_utf8(bytes).expect("text")
}

const PLAY: &str = "ANNA: Where is he?\nBEN: At home.\nANNA: (sighs) I have looked for him there, and nobody came to the door.";

#[test]
fn labels_are_data_and_no_text() {
    let mut reading = read(crate::article::from_text(PLAY), 0);
    // Two speeches that are too short for a cue each.
    for (index, at) in [(1, 0), (2, 100), (3, 200), (5, 350), (6, 500)] {
        reading.alignment.words[index].span = Some(Span::from_millis(at, at + 100));
    }
    let options = Options::default();
    insta::assert_snapshot!(printed(Format::Srt, &reading, &options), @r"
    1
    00:00:00,000 --> 00:00:01,050
    -Where is he?
    -At home.

    2
    00:00:03,500 --> 00:00:07,100
    I have looked for him there,
    and nobody came to the door.
    ");
    insta::assert_snapshot!(printed(Format::Vtt, &reading, &options), @r"
    WEBVTT

    00:00:00.000 --> 00:00:01.050
    <v ANNA>-Where is he?</v>
    <v BEN>-At home.</v>

    00:00:03.500 --> 00:00:07.100
    <v ANNA>I have looked for him there,
    and nobody came to the door.
    ");
    insta::assert_snapshot!(printed(Format::Podcast, &reading, &options), @r#"
    {
      "version": "1.0.0",
      "segments": [
        {"speaker": "ANNA", "startTime": 0.0, "endTime": 0.3, "body": "Where is he?"},
        {"speaker": "BEN", "startTime": 0.35, "endTime": 0.6, "body": "At home."},
        {"speaker": "ANNA", "startTime": 3.5, "endTime": 7.1, "body": "I have looked for him there, and nobody came to the door."}
      ]
    }
    "#);
    let ttml = printed(Format::Ttml, &reading, &options);
    assert!(
        ttml.contains(r#"xml:id="speaker1"><ttm:name type="full">ANNA<"#)
            && ttml.contains(r#"<span ttm:agent="speaker2">"#),
        "{ttml}"
    );
    let ass = printed(Format::Ass, &reading, &options);
    assert!(ass.contains(",Default,ANNA,0,0,0,,") && !ass.contains("ANNA:"), "{ass}");
}

#[test]
fn a_bracket_that_nobody_read_is_not_shown() {
    let mut reading = read(crate::article::from_text("He left (see page 5) at once."), 0);
    for timing in &mut reading.alignment.words[2..5] {
        timing.span = None;
    }
    assert!(printed(Format::Srt, &reading, &Options::default()).contains("\nHe left at once.\n"));
    // It is shown where one word of it was heard.
    reading.alignment.words[3].span = Some(Span::from_millis(900, 1200));
    assert!(
        printed(Format::Srt, &reading, &Options::default())
            .contains("\nHe left (see page 5) at once.\n")
    );
}

#[test]
fn subtitles_keep_their_lines() {
    let source = "1\n00:00:10,000 --> 00:00:12,000\nIt rained for three days,\nand nobody\n\n2\n00:00:12,000 --> 00:00:13,000\ncame to the door.\n\n\
        3\n00:00:14,000 --> 00:00:15,000\n[thunder]\n\n4\n00:00:20,000 --> 00:00:22,000\n我們選它，\n因為它是我們自己的。\n";
    let article =
        documents::read(source.as_bytes(), &Hint { name: Some("a.srt"), ..Hint::default() })
            .expect("a text");
    let sentences: Vec<&str> =
        (0..article.sentences.len()).map(|index| article.sentence(index)).collect();
    assert_eq!(
        sentences,
        [
            "It rained for three days, and nobody came to the door.",
            "[thunder]",
            "我們選它，因為它是我們自己的。"
        ]
    );
    let reading = read(article, 2000);
    let options = Options { keep_lines: true, ..Options::default() };
    insta::assert_snapshot!(printed(Format::Srt, &reading, &options), @r"
    1
    00:00:02,000 --> 00:00:04,016
    It rained for three days,
    and nobody

    2
    00:00:04,100 --> 00:00:05,300
    came to the door.

    3
    00:00:06,300 --> 00:00:10,200
    我們選它，
    因為它是我們自己的。
    ");
}

#[test]
fn a_kept_cue_stays_until_it_is_said() {
    let source = "1\n00:00:10,000 --> 00:00:12,000\nIt rained for three days.\n\n2\n00:00:12,000 --> 00:00:13,000\nNobody came.\n\n\
        3\n00:00:14,000 --> 00:00:15,000\n[thunder]\n";
    let article =
        documents::read(source.as_bytes(), &Hint { name: Some("a.srt"), ..Hint::default() })
            .expect("a text");
    let options = Options { keep_lines: true, ..Options::default() };
    // How late the last word of the first cue is said, when the second begins, and the end of the
    // first.
    for (last, next, end) in [
        (1_000, 60_000, 1_300),
        (14_000, 60_000, 14_300),
        // A gap that would flicker is closed.
        (14_000, 14_400, 14_316),
        // Not into the next, also where that begins too early.
        (14_000, 9_000, 8_916),
    ] {
        let mut reading = read(article.clone(), 0);
        let words = &mut reading.alignment.words;
        for (index, at) in [(4, last), (5, next), (6, next + 300)] {
            words[index].span = Some(Span::from_millis(at, at + 300));
        }
        reading.transcript.audio.duration = Some(Timestamp::from_millis(70_000));
        let cues = cues(&reading, &options);
        assert_eq!(cues.len(), 2, "{cues:?}");
        assert_eq!(cues[0].span.end().millis(), end, "{last}, {next}");
        let is_long = check::check(&cues, &options.profile)
            .iter()
            .any(|broken| broken.kind == check::Kind::Long);
        assert_eq!(is_long, end > 7_000, "{last}, {next}");
        // What is not spoken is left out, and can be told.
        assert_eq!(unheard(&reading), ["[thunder]"]);
    }
}
