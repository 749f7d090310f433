//! Captions of many formats and habits, as transcripts.

use super::*;

/// The segments of a transcript: start and end in milliseconds, who speaks, and the text.
fn said(source: &str, spoken: Option<&str>) -> Vec<String> {
    let (transcript, _) = read_spoken(source.as_bytes(), None, spoken).expect("captions");
    let line = |segment: &crate::transcript::Segment| {
        let who = transcript
            .speaker(segment.span.start())
            .map_or_else(String::new, |name| format!("{name}: "));
        format!(
            "{}-{} {who}{}",
            segment.span.start().millis(),
            segment.span.end().millis(),
            segment.text.split_whitespace().collect::<Vec<_>>().join(" ")
        )
    };
    transcript.segments.iter().map(line).collect()
}

#[test]
fn formats() {
    let want = ["1000-2500 Hello there.", "3000-4000 It is late."];
    for source in [
        "[Script Info]\nTitle: x\n\n[V4+ Styles]\nFormat: Name\n\n[Events]\nFormat: Layer, Start, End, Style, Name, MarginL, MarginR, MarginV, Effect, Text\n\
         Comment: 0,0:00:00.00,0:00:01.00,D,,0,0,0,,no\nDialogue: 0,0:00:01.00,0:00:02.50,D,,0,0,0,,{\\i1}Hello{\\i0}\\Nthere.\n\
         Dialogue: 0,0:00:03.00,0:00:04.00,D,,0,0,0,,It is late.\nDialogue: 0,0:00:05.00,0:00:06.00,D,,0,0,0,,{\\p1}m 0 0 l 5 5{\\p0}\n",
        "<?xml version=\"1.0\"?>\n<tt xmlns=\"http://www.w3.org/ns/ttml\" xml:lang=\"en\"><body><div>\n<p begin=\"00:00:01.000\" end=\"2.5s\">Hello<br/>\n  <span>there.</span></p>\n\
         <p begin=\"3000ms\" dur=\"1s\">It is late.</p><p begin=\"5s\" end=\"6s\"/></div></body></tt>",
        "0:00:01.000,0:00:02.500\nHello\nthere.\n\n0:00:03.000,0:00:04.000\nIt is late.\n",
        "{1}{1}10\n{10}{25}{y:i}Hello|there.\n{30}{40}It is late.\n",
        "[ti:x]\n[00:01.00]Hello there.\n[00:02.50]\n[00:03.00]It is late.\n[00:04.00]\n",
        "[offset:+500]\n[00:01.50]<00:01.50>Hello <00:02.00>there.<00:03.00>\n[00:03.50]It is late.\n[00:04.50]\n",
        "1\n00:00:01,000 --> 00:00:02,500\nHello\nthere.\n\n2\n00:00:03,000 --> 00:00:04,000\nIt is late.\n",
    ] {
        assert_eq!(said(source, None), want, "{source}");
        assert!(is_captions(source.as_bytes()), "{source}");
    }
    for source in [
        "A text: with 1:02 and more.\n\nAnother one.",
        "# Markdown\n\n- [1:02] a\n\ntext, and text\n\nmore\n",
        "{\"a\": 1}",
        "<p>page</p>",
    ] {
        assert!(!is_captions(source.as_bytes()), "{source}");
    }
}

#[test]
fn a_refrain_is_sung_each_time() {
    assert_eq!(
        said("[00:01.00][00:05.00]La la\n[00:03.00]We go on\n[00:07.00]\n", None),
        ["1000-3000 La la", "3000-5000 We go on", "5000-7000 La la"]
    );
}

#[test]
fn speakers() {
    let vtt = "WEBVTT\n\n00:00.000 --> 00:02.000\n<v.loud Ann Lee>Where is he?\n\n00:02.000 --> 00:04.000\n<v Ann Lee>- Here?</v>\n<v Bo>- At home.</v>\n";
    assert_eq!(
        said(vtt, None),
        ["0-2000 Ann Lee: Where is he?", "2000-2800 Ann Lee: Here?", "2800-4000 Bo: At home."]
    );
    let srt = "1\n00:00:00,000 --> 00:00:02,000\nANN: Where is he?\n\n2\n00:00:02,000 --> 00:00:03,000\n[door closes]\n\n\
               3\n00:00:03,000 --> 00:00:04,000\nBO: (laughs) At home.\n\n4\n00:00:04,000 --> 00:00:06,000\n- Really?\n- Yes.\n";
    assert_eq!(
        said(srt, None),
        [
            "0-2000 ANN: Where is he?",
            "3000-4000 BO: At home.",
            "4000-5333 - Really?",
            "5333-6000 - Yes."
        ]
    );
    let podcast = r#"{"version": "1.0.0", "segments": [{"speaker": "Ann", "startTime": 0.5, "endTime": 2.5, "body": "Hello and welcome to it."}]}"#;
    assert_eq!(said(podcast, None), ["500-2500 Ann: Hello and welcome to it."]);
    let ttml = "<tt xmlns=\"http://www.w3.org/ns/ttml\"><head><metadata><ttm:agent xml:id=\"a\"><ttm:name>Ann</ttm:name></ttm:agent></metadata></head>\
                <body><div><p begin=\"1s\" end=\"2s\" ttm:agent=\"a\">Hello.</p></div></body></tt>";
    assert_eq!(said(ttml, None), ["1000-2000 Ann: Hello."]);
}

#[test]
fn rolling_captions_are_said_once() {
    // As a video site's automatic captions: each line comes with its words' times, stays, and moves
    // up.
    let timed = "WEBVTT\nKind: captions\nLanguage: en\n\n00:00.000 --> 00:02.000\n \nso<00:00.500><c> it</c><00:01.000><c> begins</c>\n\n\
        00:02.000 --> 00:02.010\nso it begins\n \n\n00:02.010 --> 00:04.000\nso it begins\nand<00:02.500><c> goes</c><00:03.000><c> on</c>\n\n\
        00:04.000 --> 00:04.010\nand goes on\n \n\n00:04.010 --> 00:06.000\nand goes on\nto<00:04.500><c> the</c><00:05.000><c> end</c>\n";
    assert_eq!(
        said(timed, None),
        ["0-2000 so it begins", "2010-4000 and goes on", "4010-6000 to the end"]
    );
    // Without times of words, two lines at a time.
    let plain = "1\n00:00:00,000 --> 00:00:02,000\nso it begins\n\n2\n00:00:02,000 --> 00:00:04,000\nso it begins\nand goes on\n\n\
        3\n00:00:04,000 --> 00:00:06,000\nand goes on\nto the end\n\n4\n00:00:06,000 --> 00:00:08,000\nto the end\nof it all\n";
    assert_eq!(
        said(plain, None),
        [
            "0-2000 so it begins",
            "2000-4000 and goes on",
            "4000-6000 to the end",
            "6000-8000 of it all"
        ]
    );
    // Live captions grow.
    let growing = "1\n00:00:00,000 --> 00:00:01,000\nso\n\n2\n00:00:01,000 --> 00:00:02,000\nso it begins\n\n3\n00:00:02,000 --> 00:00:03,000\n\
        so it begins and\n\n4\n00:00:03,000 --> 00:00:04,000\nso it begins and goes on\n";
    assert_eq!(
        said(growing, None),
        ["0-1000 so", "1000-2000 it begins", "2000-3000 and", "3000-4000 goes on"]
    );
    // A song's line that comes again is sung again.
    let song = "1\n00:00:00,000 --> 00:00:02,000\nWe go on\n\n2\n00:00:02,000 --> 00:00:04,000\nWe go on\n\n3\n00:00:04,000 --> 00:00:06,000\nand on\n";
    assert_eq!(said(song, None).len(), 3);
}

#[test]
fn two_languages() {
    let lines = "1\n00:00:00,000 --> 00:00:02,000\n今天下雨。\nIt rained today.\n\n2\n00:00:02,000 --> 00:00:04,000\n他走了。\nHe left.\n\n3\n00:00:04,000 --> 00:00:05,000\n好。\nGood.\n";
    let cues = "1\n00:00:00,000 --> 00:00:02,000\n今天下雨。\n\n2\n00:00:00,000 --> 00:00:02,000\nIt rained today.\n\n\
        3\n00:00:02,000 --> 00:00:04,000\n他走了。\n\n4\n00:00:02,000 --> 00:00:04,000\nHe left.\n\n\
        5\n00:00:04,000 --> 00:00:05,000\n好。\n\n6\n00:00:04,000 --> 00:00:05,000\nGood.\n";
    for source in [lines, cues] {
        assert_eq!(
            said(source, None),
            ["0-2000 今天下雨。", "2000-4000 他走了。", "4000-5000 好。"]
        );
        assert_eq!(
            said(source, Some("en")),
            ["0-2000 It rained today.", "2000-4000 He left.", "4000-5000 Good."]
        );
        assert_eq!(
            said(source, Some("zh")),
            ["0-2000 今天下雨。", "2000-4000 他走了。", "4000-5000 好。"]
        );
    }
    // A name in Latin letters is no second language.
    let mixed = "1\n00:00:00,000 --> 00:00:02,000\n用 DeepSeek 寫\n\n2\n00:00:02,000 --> 00:00:04,000\nGemini\n\n3\n00:00:04,000 --> 00:00:06,000\n他走了。\n";
    assert_eq!(said(mixed, Some("zh")).len(), 3);
}

/// The cues of a file, each of one or more lines, a second apart.
fn file(is_vtt: bool, cues: &[(usize, &[&str])]) -> String {
    let point = if is_vtt { '.' } else { ',' };
    let cue = |(second, lines): &(usize, &[&str])| {
        let to = second + 1;
        format!("00:00:{second:02}{point}000 --> 00:00:{to:02}{point}000\n{}\n\n", lines.join("\n"))
    };
    let head = if is_vtt { "WEBVTT\n\n" } else { "" };
    head.to_owned() + &cues.iter().map(cue).collect::<String>()
}

#[test]
fn two_languages_as_a_text() {
    const ZH: [&str; 4] = ["今天下雨。", "他走了。", "好。", "我們用 DeepSeek 寫。"];
    const EN: [&str; 4] = ["It rained today.", "He left.", "Good.", "We write with DeepSeek."];
    let in_lines = |a: [&'static str; 4], b: [&'static str; 4]| {
        a.into_iter().zip(b).map(|(a, b)| vec![a, b]).enumerate().collect::<Vec<_>>()
    };
    let in_cues = |a: [&'static str; 4], b: [&'static str; 4]| {
        let pair = |(at, (a, b))| [(at, vec![a]), (at, vec![b])];
        a.into_iter().zip(b).enumerate().flat_map(pair).collect::<Vec<_>>()
    };
    let apart = |a: [&'static str; 4], b: [&'static str; 4]| {
        let all = |text: [&'static str; 4]| text.into_iter().map(|line| vec![line]).enumerate();
        all(a).chain(all(b)).collect::<Vec<_>>()
    };
    // What only one of the languages has, here the first line, does not say which is the first.
    let lone = |a: [&'static str; 4], b: [&'static str; 4]| {
        let mut cues = in_lines(a, b);
        cues.insert(0, (0, vec!["Netflix"]));
        cues
    };
    for is_vtt in [false, true] {
        for (name, cues, first, wanted, want) in [
            ("lines", in_lines(EN, ZH), None, None, EN),
            ("lines", in_lines(ZH, EN), None, None, ZH),
            ("lines", in_lines(EN, ZH), None, Some("zh-TW"), ZH),
            ("lines", in_lines(ZH, EN), None, Some("English"), EN),
            ("cues", in_cues(EN, ZH), None, None, EN),
            ("cues", in_cues(ZH, EN), None, None, ZH),
            ("cues", in_cues(EN, ZH), None, Some("zh"), ZH),
            ("cues", in_cues(ZH, EN), None, Some("en"), EN),
            ("apart", apart(ZH, EN), None, None, ZH),
            ("apart", apart(ZH, EN), None, Some("en"), EN),
            ("lone", lone(ZH, EN), Some("Netflix"), None, ZH),
            // A language that is not there is no choice.
            ("lines", in_lines(ZH, EN), None, Some("ru"), ZH),
        ] {
            let cues: Vec<_> = cues.iter().map(|(at, lines)| (*at, lines.as_slice())).collect();
            let source = file(is_vtt, &cues);
            let found = captions(source.as_bytes(), None, wanted).expect("captions");
            let lines: Vec<Vec<String>> =
                found.captions.into_iter().map(|caption| caption.lines).collect();
            let all: Vec<[&str; 1]> = first.into_iter().chain(want).map(|line| [line]).collect();
            assert_eq!(lines, all, "{name}, {wanted:?}: {source}");
            let other = if want == EN { ZH } else { EN };
            let lines: Vec<&str> =
                found.other.iter().map(|caption| caption.lines[0].as_str()).collect();
            assert!(lines.ends_with(&other), "{name}, {wanted:?}: {lines:?}");
        }
    }
    // The language that the file declares is taken before the first, and is not said of the other.
    let declared = file(true, &[(0, &[ZH[0], EN[0]]), (1, &[ZH[1], EN[1]]), (2, &[ZH[2], EN[2]])])
        .replacen("WEBVTT", "WEBVTT\nLanguage: en", 1);
    for (wanted, want, language) in [(None, EN[0], Some("en")), (Some("zh"), ZH[0], None)] {
        let found = captions(declared.as_bytes(), None, wanted).expect("captions");
        assert_eq!(found.captions[0].lines, [want], "{wanted:?}");
        assert_eq!(found.language.as_deref(), language, "{wanted:?}");
    }
    // Times of words, as `subs --bilingual --words` writes them, are no hindrance.
    let first: &[&str] = &["It <00:00:00.500>rained.", "下雨。"];
    let timed = file(true, &[(0, first), (1, &[EN[1], ZH[1]]), (2, &[EN[2], ZH[2]])]);
    let found = captions(timed.as_bytes(), None, None).expect("captions");
    assert_eq!(found.captions[0].lines, ["It rained."]);
    // One language, with a foreign name, stays as it is.
    let plain = file(false, &[(0, &["用 DeepSeek 寫"]), (1, &["Gemini"]), (2, &["他走了。"])]);
    let found = captions(plain.as_bytes(), None, Some("en")).expect("captions");
    assert_eq!((found.captions.len(), found.other.len()), (3, 0));
}
