//! Every format over small files, and every reader over damaged ones.
use super::*;
use crate::time::Timestamp;
use proptest::prelude::*;

/// One line per segment: times, text, then its words with their times and probabilities.
fn show(transcript: &Transcript) -> String {
    let mut lines = vec![format!(
        "{:?} {:?}",
        transcript.language.as_deref(),
        transcript.audio.duration.map(Timestamp::millis)
    )];
    for segment in &transcript.segments {
        let words: Vec<String> = segment
            .words
            .iter()
            .map(|w| {
                let p = w.probability.map_or_else(String::new, |p| format!("@{p}"));
                format!("{}[{}-{}]{p}", w.text, w.span.start().millis(), w.span.end().millis())
            })
            .collect();
        lines.push(format!(
            "{}-{} {} = {}",
            segment.span.start().millis(),
            segment.span.end().millis(),
            segment.text,
            words.join(" ")
        ));
    }
    lines.join("\n")
}

fn problems(source: &[u8]) -> Vec<String> {
    let (_, problems) = read(source, None).expect("readable");
    problems
        .into_iter()
        .map(|p| p.line.map_or_else(|| p.what.clone(), |line| format!("{line}: {}", p.what)))
        .collect()
}

fn problems_of_cues(source: &[u8]) -> Vec<String> {
    cues(source, None).expect("cues").1.iter().map(Problem::to_string).collect()
}

fn shown(source: &[u8]) -> String {
    show(&read(source, None).expect("readable").0)
}

#[test]
fn whisper_cpp_full() {
    // The third token ends in the middle of a character, the fourth begins there.
    let mut source = br#"{"systeminfo": "x", "model": {"type": "base"}, "params": {"model": "ggml-base.bin", "language": "auto"},
      "result": {"language": "zh"}, "transcription": [
        {"timestamps": {"from": "00:00:00,000", "to": "00:00:02,000"}, "offsets": {"from": 0, "to": 2000}, "text": "...",
         "tokens": [
          {"text": "[_BEG_]", "offsets": {"from": 0, "to": 0}, "id": 50364, "p": 0.9, "t_dtw": -1},
          {"text": " GPT", "offsets": {"from": 100, "to": 400}, "id": 1, "p": 0.9, "t_dtw": -1},
          {"text": "A", "offsets": {"from": 400, "to": 600}, "id": 2, "p": 0.5, "t_dtw": -1},
          {"text": "B", "offsets": {"from": 600, "to": 800}, "id": 3, "p": 0.5, "t_dtw": -1},
          {"text": "[_TT_100]", "offsets": {"from": 2000, "to": 2000}, "id": 50464, "p": 0.1}]},
        {"offsets": {"from": 2000, "to": 3000}, "text": " dated twice",
         "tokens": [
          {"text": " dated", "offsets": {"from": 2000, "to": 2300}, "p": 1, "t_dtw": 210},
          {"text": " twice", "offsets": {"from": 2300, "to": 3000}, "p": 1, "t_dtw": 250}]},
        {"offsets": {"from": 3000, "to": 4000}, "text": " no tokens"}]}"#
        .to_vec();
    let half = "龘".as_bytes();
    for (mark, bytes) in [(b"\"A\"", &half[..2]), (b"\"B\"", &half[2..])] {
        let at = source.windows(3).position(|window| window == mark).expect("mark") + 1;
        source.splice(at..=at, bytes.iter().copied());
    }
    insta::assert_snapshot!(shown(&source), @r#"
    Some("zh") None
    100-800 GPT龘 = GPT[100-400]@0.9 龘[400-800]@0.5
    2100-3000 dated twice = dated[2100-2500]@1 twice[2500-3000]@1
    3000-4000 no tokens = no[3000-3250] tokens[3250-4000]
    "#);
    assert_eq!(problems(&source), Vec::<String>::new());
}

#[test]
fn whisper_cpp_plain() {
    let source = br#"{"result": {"language": "en"}, "transcription": [
        {"timestamps": {"from": "00:00:00,000", "to": "00:00:01,500"}, "offsets": {"from": 0, "to": 1500}, "text": " And so on."},
        {"timestamps": {"from": "00:00:01,500", "to": "00:00:03,000"}, "text": " It goes."}]}"#;
    insta::assert_snapshot!(shown(source), @r#"
    Some("en") None
    0-1500 And so on. = And[0-643] so[643-1071] on.[1071-1500]
    1500-3000 It goes. = It[1500-2000] goes.[2000-3000]
    "#);
}

#[test]
fn openai_verbose() {
    // The API: full language name, words beside the segments and bare.
    let source = br#"{"task": "transcribe", "language": "english", "duration": 4.5, "text": "Well, it rose 2.5%. Yes.",
      "segments": [{"id": 0, "start": 0.0, "end": 3.0, "text": " Well, it rose 2.5%.", "avg_logprob": NaN},
                   {"id": 1, "start": 3.0, "end": 4.5, "text": " Yes."}],
      "words": [{"word": "Well", "start": 0.1, "end": 0.5}, {"word": "it", "start": 0.6, "end": 0.7}, {"word": "rose", "start": 0.7, "end": 1.1},
                {"word": "2.5%", "start": 1.2, "end": 2.8}, {"word": "Yes", "start": 3.2, "end": 3.6}]}"#;
    insta::assert_snapshot!(shown(source), @r#"
    Some("en") Some(4500)
    100-2800 Well, it rose 2.5%. = Well,[100-500] it[600-700] rose[700-1100] 2.5%.[1200-2800]
    3200-3600 Yes. = Yes.[3200-3600]
    "#);
    // The program: words inside, with their spaces and probabilities.
    let source = "{\"language\": \"zh\", \"segments\": [{\"start\": 0, \"end\": 2, \"text\": \"我們用GPT。\", \"words\": [
      {\"word\": \"我們\", \"start\": 0.2, \"end\": 0.6, \"probability\": 0.5}, {\"word\": \"用\", \"start\": 0.6, \"end\": 0.8, \"probability\": 0.75},
      {\"word\": \"GPT。\", \"start\": 0.8, \"end\": 1.6, \"probability\": 1}]}]}";
    insta::assert_snapshot!(shown(source.as_bytes()), @r#"
    Some("zh") None
    200-1600 我們用GPT。 = 我[200-400]@0.5 們[400-600]@0.5 用[600-800]@0.75 GPT。[800-1600]@1
    "#);
    // Words only, and a bare list.
    insta::assert_snapshot!(shown(br#"{"words": [{"word": "So.", "start": 0, "end": 1}, {"word": "On", "start": 1, "end": 2}]}"#), @r"
    None None
    0-1000 So. = So.[0-1000]
    1000-2000 On = On[1000-2000]
    ");
    insta::assert_snapshot!(shown(br#"[{"start": "1.0", "end": "00:00:02", "text": "listed"}]"#), @r"
    None None
    1000-2000 listed = listed[1000-2000]
    ");
}

#[test]
fn whisperx() {
    let source = br#"{"segments": [{"start": 0.5, "end": 3.0, "text": " In 2025 it cost $8.", "words": [
        {"word": "In", "start": 0.5, "end": 0.7, "score": 0.9}, {"word": "2025"}, {"word": "it", "start": 1.5, "end": 1.6, "score": NaN},
        {"word": "cost", "start": 1.6, "end": 2.0, "score": 0.5}, {"word": "$8."}]}], "word_segments": [], "language": "en"}"#;
    insta::assert_snapshot!(shown(source), @r#"
    Some("en") None
    500-3000 In 2025 it cost $8. = In[500-700]@0.9 2025[700-1500] it[1500-1600] cost[1600-2000]@0.5 $8.[2000-3000]
    "#);
}

#[test]
fn podcasting() {
    let source = br#"{"version": "1.0.0", "segments": [
        {"speaker": "Ann", "startTime": 0.5, "endTime": 2.5, "body": "Hello and welcome to it."},
        {"speaker": "Bob", "startTime": 2.5, "endTime": 3.5, "body": "Thanks for having me."}]}"#;
    insta::assert_snapshot!(shown(source), @r"
    None None
    500-2500 Hello and welcome to it. = Hello[500-1026] and[1026-1342] welcome[1342-2079] to[2079-2289] it.[2289-2500]
    2500-3500 Thanks for having me. = Thanks[2500-2853] for[2853-3029] having[3029-3382] me.[3382-3500]
    ");
    let source = br#"{"version": "1.0.0", "segments": [
        {"speaker": "Ann", "startTime": 0.5, "endTime": 0.8, "body": "Hello"}, {"speaker": "Ann", "startTime": 0.8, "endTime": 1.0, "body": "all."},
        {"speaker": "Ann", "startTime": 1.1, "endTime": 1.3, "body": "Is"}, {"speaker": "Bob", "startTime": 1.4, "endTime": 1.6, "body": "Yes"},
        {"speaker": "Bob", "startTime": 3.4, "endTime": 3.6, "body": "later"}]}"#;
    insta::assert_snapshot!(shown(source), @r"
    None None
    500-1000 Hello all. = Hello[500-800] all.[800-1000]
    1100-1300 Is = Is[1100-1300]
    1400-1600 Yes = Yes[1400-1600]
    3400-3600 later = later[3400-3600]
    ");
}

#[test]
fn srt() {
    let source = "\u{feff}1\r\n00:00:01,000 --> 00:00:02,000\r\n<i>Tom</i> &amp; {\\an8}Ann\r\nsay\u{1b}[31m hi\r\n\r\n\
        7\r\n00:00:02.500 --> 00:00:03.500 X1:10\r\n第一行，\r\n第二行\r\n9\r\n00:00:04,000 --> 00:00:05,000\r\nno blank line\r\n\r\n42\r\n\r\n\
        3\r\n00:00:06,000 --> 00:00:07,000\r\n1984";
    insta::assert_snapshot!(shown(source.as_bytes()), @r"
    None None
    1000-2000 Tom & Ann say hi = Tom[1000-1250] &[1250-1333] Ann[1333-1583] say[1583-1833] hi[1833-2000]
    2500-3500 第一行，第二行 = 第[2500-2667] 一[2667-2833] 行，[2833-3000] 第[3000-3167] 二[3167-3333] 行[3333-3500]
    4000-5000 no blank line 42 = no[4000-4118] blank[4118-4412] line[4412-4647] 42[4647-5000]
    6000-7000 1984 = 1984[6000-7000]
    ");
    assert_eq!(problems(source.as_bytes()), Vec::<String>::new());
}

#[test]
fn srt_in_disorder() {
    let source = "stray\n\n1\n00:00:05,000 --> 00:00:06,000\nlast\n\n1\n-00:00:01,000 --> 00:00:03,000\nfirst\n\n\
        2\n00:00:02,000 --> 00:00:02,500\nsecond\n\n3\n0x:00 --> 00:00:09,000\nlost\n\n4\n9999:00:00,000 --> 9999:00:01,000\nabsurd\n\n\
        5\n00:00:08,000 --> oops\nopen end\n\n6\n00:00:09,000 -> 00:00:09,500\narrow";
    insta::assert_snapshot!(shown(source.as_bytes()), @r"
    None None
    0-2000 first = first[0-2000]
    2000-2500 second = second[2000-2500]
    5000-6000 last = last[5000-6000]
    8000-8560 open end = open[8000-8320] end[8320-8560]
    9000-9500 arrow = arrow[9000-9500]
    ");
    insta::assert_snapshot!(problems(source.as_bytes()).join("\n"), @r"
    text above the first line of times was left out
    8: a negative time was taken as the start
    16: the time `0x:00` cannot be read; its text was left out
    20: a time beyond 1,000 hours was not believed
    24: the time `oops` cannot be read; its end was guessed
    28: `->` stands where players want `-->`
    8: it begins before the one above it; all were sorted by time
    8: it overlaps the next one; its time was cut
    ");
}

#[test]
fn vtt() {
    let source = "WEBVTT - title\nLanguage: zh-TW\n\nSTYLE\n::cue { color: red }\n\nNOTE a comment\n00:00:09.000 --> 00:00:10.000\nnot a cue\n\n\
        REGION\nid:r\n\nintro\n00:01.000 --> 00:03.000 align:start position:0%\n<v.loud Ann>So <00:01.500><c>it</c> <00:02.000><c> goes</c>\n\n\
        1:00:00.000 --> 1:00:01.000\n- Is 2 &lt; 3?\n- Yes.\n2\n1:00:01.000 --> 1:00:02.000\nnext";
    insta::assert_snapshot!(shown(source.as_bytes()), @r#"
    Some("zh") None
    1000-3000 So it goes = So[1000-1500] it[1500-2000] goes[2000-3000]
    3600000-3600727 - Is 2 < 3? = - Is[3600000-3600182] 2 <[3600182-3600454] 3?[3600454-3600727]
    3600727-3601000 - Yes. = - Yes.[3600727-3601000]
    3601000-3602000 next = next[3601000-3602000]
    "#);
    assert_eq!(problems(source.as_bytes()), Vec::<String>::new());
    assert_eq!(shown(b"WEBVTT"), "None None");
}

#[test]
fn encodings() {
    let source = "1\n00:00:01,000 --> 00:00:02,000\n你好";
    let want = shown(source.as_bytes());
    let utf16: Vec<u8> =
        format!("\u{feff}{source}").encode_utf16().flat_map(u16::to_be_bytes).collect();
    assert_eq!(shown(&utf16), want);
    assert_eq!(shown(source.replace('\n', "\r").as_bytes()), want);
    let mut damaged = source.as_bytes().to_vec();
    damaged.extend(b"\xff\xe4");
    assert_eq!(shown(&damaged), want);
    assert_eq!(problems(&damaged), ["2 bytes that are not text were left out"]);
    // From before Unicode.
    for (bytes, want, encoding) in [
        (
            &b"\xA7A\xA6n\xA1A\xB3o\xACO\xA4@\xBDg\xAA\xF8\xAA\xBA\xA4\xE5\xB3\xB9\xA1C"[..],
            "你好，這是一篇長的文章。",
            "Big5",
        ),
        (
            b"\xB5\xE7\xBB\xB0\xD2\xBB\xD0\xA1\xCA\xB1\xBA\xF3\xCA\xA7\xC1\xE9",
            "电话一小时后失灵",
            "GBK",
        ),
        (b"Le caf\xE9 est ferm\xE9.", "Le café est fermé.", "windows-1252"),
    ] {
        let head = b"1\n00:00:01,000 --> 00:00:02,000\n";
        let file = [head, bytes].concat();
        assert_eq!(shown(&file), shown(&[head, want.as_bytes()].concat()), "{want}");
        let said = format!("it is no UTF-8 and does not say what it is; it was read as {encoding}");
        assert_eq!(
            (problems(&file), problems_of_cues(&file)),
            (vec![said.clone()], vec![said]),
            "{want}"
        );
    }
}

#[test]
fn own_is_mended() {
    let source = br#"{"format": "aloud-transcript/1", "audio": {"file": "a.mp3"}, "segments": [
        {"start": 5, "end": 6, "text": "later"}, {"start": 0, "end": 2, "text": "a b", "doubtful": true,
         "words": [{"text": "a", "start": 1, "end": 1.5}, {"text": "b", "start": 0.5, "end": 0.7, "probability": 2}]},
        {"end": 9, "text": "lost"}], "gaps": [{"start": 2, "end": 3, "reason": "music"}, {"start": 3, "end": 4, "reason": "lunch"}]}"#;
    let (transcript, _) = read(source, None).expect("readable");
    assert_eq!((transcript.gaps.len(), transcript.segments[0].is_doubtful), (1, true));
    insta::assert_snapshot!(show(&transcript), @r"
    None None
    0-2000 a b = a[0-500] b[500-700]@1
    5000-6000 later = later[5000-6000]
    ");
    insta::assert_snapshot!(problems(source).join("\n"), @r"
    segment 2: its words were out of order or outside it; their times were mended
    segment 3: a part without `start` or `end` was left out
    segments were out of order or overlapped; they were sorted and cut
    a gap without a known reason was left out
    ");
}

#[test]
fn refusals() {
    let noise =
        [&b"1\n00:00:01,000 --> 00:00:02,000\n"[..], &[0x81, 0xFF, 0x01, 0x9D].repeat(9)].concat();
    for (source, want) in [
        (&b""[..], "`x.srt` is empty"),
        (b" \r\n", "`x.srt` is empty"),
        (b"\xff\xfe", "`x.srt` is empty"),
        (b"just a text", "`x.srt` is no transcript with times"),
        (b"RIFF\0\0\0\0WAVE", "`x.srt` is not text"),
        (b"[Music] {or} words", "`x.srt` is no transcript with times"),
        (b"{\"text\": \"no times\"}", "`x.srt` is no transcript with times"),
        (
            b"{\"format\": \"aloud-transcript/2\"}",
            "`x.srt` is `aloud-transcript/2`, but this version reads `aloud-transcript/1`",
        ),
        (b"{\"format\": \"aloud-hits/1\"}", "`x.srt` is no transcript with times"),
        (b"{\"segments\": [", "`x.srt` is damaged JSON (EOF while parsing"),
        (&noise, "`x.srt` is neither UTF-8 nor UTF-16"),
    ] {
        let error = read(source, Some("x.srt")).expect_err("refused").to_string();
        assert!(error.starts_with(want), "{error}");
    }
}

#[test]
fn many_problems_are_counted() {
    let cues: String =
        (0..300).map(|n| format!("{n}\n00:00:01,000 --> 00:00:0x,000\n\n")).collect();
    let problems = problems(cues.as_bytes());
    assert_eq!((problems.len(), problems[100].as_str()), (101, "200 more problems"));
}

#[test]
fn long_files_take_linear_time() {
    // Each of these is quadratic in a careless reader; in a careful one all take a moment.
    let n = 20_000;
    let cue = "1\n00:00:01,000 --> 00:00:02,000\n";
    for body in [
        "<", "<i", "{\\", "&", "\u{1b}]", "\u{9d}", "(", "\"", "- ", "\u{301}", "<00:01", "a\n\n",
        "-->", "中",
    ] {
        for head in [cue.to_owned(), format!("WEBVTT\n\n{cue}")] {
            assert!(read(format!("{head}{}", body.repeat(n)).as_bytes(), None).is_ok());
        }
    }
    assert!(read(cue.repeat(n).as_bytes(), None).is_ok());
    assert!(read(format!("{{\"a\": {}", "[NaN,\"".repeat(n)).as_bytes(), None).is_err());
}

#[test]
fn what_no_format_reads_is_passed_over() {
    // All of it in memory would take gigabytes.
    let junk = format!("[{}0]", "[[],{\"a\":{}}],".repeat(20_000));
    let segment = r#"{"start": 1, "end": 2, "text": "Hi all.""#;
    for (head, segment) in [
        ("", segment),
        (r#""format": "aloud-transcript/1","#, segment),
        ("", r#"{"startTime": 1, "endTime": 2, "body": "Hi all.""#),
    ] {
        let plain = shown(format!(r#"{{{head} "segments": [{segment}}}]}}"#).as_bytes());
        let filled = format!(
            r#"{{{head} "junk": {junk}, "segments": [{segment}, "tokens_of": {junk}}}], "more": {junk}}}"#
        );
        assert_eq!(shown(filled.as_bytes()), plain, "{head}");
    }
}

/// What every transcript that was read must be.
fn assert_sound(transcript: &Transcript) {
    let segments = &transcript.segments;
    assert!(
        segments.windows(2).all(|pair| pair[0].span.end() <= pair[1].span.start()),
        "{segments:?}"
    );
    for segment in segments {
        assert!(
            segment.words.windows(2).all(|pair| pair[0].span.end() <= pair[1].span.start()),
            "{segment:?}"
        );
        assert!(
            segment.words.iter().all(|word| word.span == word.span.clamp_to(segment.span)),
            "{segment:?}"
        );
        assert!(
            segment.words.iter().all(|word| !word.text.is_empty() && word.text.trim() == word.text),
            "{segment:?}"
        );
        assert!(
            !segment.text.chars().any(crate::transcript::characters::is_unprintable),
            "{segment:?}"
        );
    }
    // What is written of it reads back, and writing that changes nothing.
    let written = |transcript: &Transcript| {
        let mut file = Vec::new();
        crate::export::json::write(transcript, &mut file).expect("a vector takes everything");
        file
    };
    let file = written(transcript);
    let (again, problems) = read(&file, None).expect("our own file");
    assert_eq!((written(&again), problems), (file, vec![]));
    let reading = crate::reading::Reading::of_transcript(transcript.clone());
    for format in crate::export::Format::TRANSCRIPTS {
        assert!(
            crate::export::write(format, &reading, &Default::default(), &mut std::io::sink())
                .is_ok()
        );
    }
}

const SEEDS: [&str; 6] = [
    "1\n00:00:01,000 --> 00:00:02,500\n<i>Hi</i> &amp; 你好\n\n2\n00:00:02,000 --> 00:00:03,000\nb\n",
    "WEBVTT\n\nNOTE x\n\n00:01.000 --> 00:02.000\n<v A>one <00:01.500> two\n\n00:03.000 --> 00:04.000\nb",
    "{\"result\":{\"language\":\"en\"},\"transcription\":[{\"offsets\":{\"from\":0,\"to\":900},\"text\":\" hi\",\"tokens\":[{\"text\":\" hi\",\"offsets\":{\"from\":0,\"to\":50},\"p\":0.5,\"t_dtw\":3}]}]}",
    "{\"language\":\"english\",\"duration\":1.5,\"segments\":[{\"start\":0,\"end\":1.5,\"text\":\"a 2 b\",\"words\":[{\"word\":\"a\",\"start\":0,\"end\":0.5,\"score\":0.5},{\"word\":\"2\"},{\"word\":\"b\",\"start\":1,\"end\":1.2}]}]}",
    "{\"version\":\"1.0.0\",\"segments\":[{\"startTime\":0.5,\"endTime\":1,\"body\":\"a\"},{\"startTime\":1,\"endTime\":2,\"body\":\"b.\"},{\"startTime\":2,\"body\":\"c\"}]}",
    "{\"format\":\"aloud-transcript/1\",\"segments\":[{\"start\":0,\"end\":1,\"text\":\"a b\",\"words\":[{\"text\":\"a\",\"start\":0,\"end\":0.5},{\"text\":\"b\",\"start\":0.5,\"end\":1}]}],\"gaps\":[{\"start\":1,\"end\":2,\"reason\":\"music\"}]}",
];

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn any_bytes(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        if let Ok((transcript, _)) = read(&bytes, None) {
            assert_sound(&transcript);
        }
        let _ = cues(&bytes, None);
    }

    #[test]
    fn damaged_files(seed in 0..SEEDS.len(), edits in prop::collection::vec((any::<prop::sample::Index>(), 0usize..6, "[0-9:.,>\\[\\]{}\"<&; \n中\u{1b}-]{0,6}|[0-9]{3,20}"), 1..6), raw in any::<Option<u8>>()) {
        let mut bytes = SEEDS[seed].as_bytes().to_vec();
        for (at, len, with) in edits {
            let at = at.index(bytes.len() + 1);
            let end = (at + len).min(bytes.len());
            bytes.splice(at..end, with.bytes().chain(raw));
        }
        if let Ok((transcript, _)) = read(&bytes, Some("x")) {
            assert_sound(&transcript);
        }
        if let Ok((cues, _)) = cues(&bytes, Some("x")) {
            assert!(cues.iter().flat_map(|(_, lines)| lines).all(|line| !line.is_empty()));
        }
    }
}

#[test]
fn a_file_longer_than_anybody_speaks() {
    let cue = "1\n00:00:01,000 --> 00:00:02,000\nSome words that are said.\n\n";
    let many = cue.repeat(MOST_CUES / cue.len() + 1);
    assert_eq!(
        read(many.as_bytes(), Some("a.srt")),
        Err(ImportError::TooLong { name: "a.srt".into() })
    );
    assert_eq!(
        cues(many.as_bytes(), Some("a.srt")).map(|(cues, _)| cues.len()),
        Err(ImportError::TooLong { name: "a.srt".into() })
    );
    let json = format!("[{}]", "{},".repeat(value::MOST_ITEMS) + "{}");
    assert_eq!(
        read(json.as_bytes(), Some("a.json")),
        Err(ImportError::TooMany { name: "a.json".into() })
    );
    let vtt = format!("WEBVTT\n\n{}", " ".repeat(MOST_CUES));
    assert!(matches!(
        read(vtt.as_bytes(), None),
        Err(ImportError::TooLong { .. } | ImportError::Unknown { .. })
    ));
}
