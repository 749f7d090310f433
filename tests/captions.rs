//! Subtitles of others through the program: new times in their own lines, mending, rules from a
//! file, names of files.

use crate::util::Desk;

/// The Mandarin episode's own subtitles.
fn right(desk: &Desk) -> String {
    let episode = ["subs", "radio.mp3", "radio.txt", "--transcript", "radio.json"];
    desk.aloud(&[&episode[..], &["--unwritten", "drop"]].concat()).code(0).out()
}

/// A film's subtitles that run six seconds late, of the Mandarin episode, in the lines of whoever
/// made them.
fn drifted(desk: &Desk) -> String {
    let srt = right(desk);
    let (cues, _) = aloud::import::cues(srt.as_bytes(), None).unwrap();
    let late = cues.into_iter().map(|(span, lines)| {
        let late = aloud::time::Span::new(span.start().plus(6000), span.end().plus(6000));
        aloud::export::Cue::plain(late, lines)
    });
    let mut bytes = Vec::new();
    aloud::export::srt::write(&late.collect::<Vec<_>>(), &mut bytes).unwrap();
    String::from_utf8(bytes).unwrap()
}

#[test]
fn subtitles_that_drift_get_their_times_back() {
    let desk = Desk::with_episodes();
    let late = drifted(&desk);
    desk.put("late.srt", &late);
    let mended = desk
        .aloud(&[
            "subs",
            "radio.mp3",
            "late.srt",
            "--transcript",
            "radio.json",
            "--keep-lines",
            "--unwritten",
            "drop",
        ])
        .code(0)
        .out();
    let right = right(&desk);
    let read = |text: &str| aloud::import::cues(text.as_bytes(), None).unwrap().0;
    let (mended, right, late) = (read(&mended), read(&right), read(&late));
    let lines = |cues: &[aloud::import::TimedLines]| {
        cues.iter().map(|(_, lines)| lines.clone()).collect::<Vec<_>>()
    };
    assert_eq!(lines(&mended), lines(&late), "every line is its author's");
    let near = mended
        .iter()
        .zip(&right)
        .filter(|(a, b)| a.0.start().millis().abs_diff(b.0.start().millis()) <= 100)
        .count();
    assert!(near * 100 >= right.len() * 98, "{near} of {}", right.len());
    desk.aloud(&["subs", "radio.mp3", "radio.txt", "--transcript", "radio.json", "--keep-lines"])
        .code(2)
        .says("--keep-lines");
}

/// A case's name, the first text and the one below it, the file's format, and what is asked besides.
type Bilingual<'a> = (&'a str, [&'a str; 2], &'a str, &'a [&'a str]);

#[test]
fn of_two_languages_the_spoken_one_gets_its_times() {
    let desk = Desk::with_episodes();
    let heard = ["--transcript", "en.json", "--unwritten", "drop"];
    let cases: [Bilingual<'_>; 4] = [
        ("the spoken one first", ["en.txt", "zh.txt"], "vtt", &[]),
        ("the same as SubRip", ["en.txt", "zh.txt"], "srt", &[]),
        ("the spoken one second", ["zh.txt", "en.txt"], "srt", &[]),
        ("the spoken one second, and named", ["zh.txt", "en.txt"], "vtt", &["-l", "en"]),
    ];
    for (name, [first, second], format, asked) in cases {
        let both = format!("both.{format}");
        let texts = ["subs", "en.mp3", first, "--bilingual", second, "-o", &both, "--force"];
        desk.aloud(&[&texts[..], &heard].concat()).code(0);
        let kept = ["subs", "en.mp3", &both, "--keep-lines", "-f", "srt"];
        let ran = desk
            .aloud(&[&kept[..], &heard, asked].concat())
            .code(0)
            .says(&format!("`{both}` has two languages"));
        let is_turned = first == "zh.txt" && asked.is_empty();
        assert_eq!(ran.err().contains("is spoken: its text is taken"), is_turned, "{name}");
        let read = |text: &str| aloud::import::cues(text.as_bytes(), None).unwrap().0;
        let (before, after) = (read(&desk.read(&both)), read(&ran.out()));
        assert!(
            after.len() * 10 >= before.len() * 9,
            "{name}: {} of {}",
            after.len(),
            before.len()
        );
        let is_chinese = |line: &String| line.contains(['的', '了', '在', '是']);
        assert!(!after.iter().flat_map(|(_, lines)| lines).any(is_chinese), "{name}");
    }
}

#[test]
fn a_page_in_two_languages_is_tied_by_the_spoken_one() {
    let desk = Desk::with_episodes();
    desk.put("both.txt", [desk.read("zh.txt"), desk.read("en.txt")].join("\n\n"));
    let heard = ["--transcript", "en.json"];
    let run = |arguments: &[&str]| desk.aloud(&[arguments, &heard].concat()).code(0);
    let ran = run(&["align", "en.mp3", "both.txt"]).says("English is spoken: its text is taken");
    assert!(ran.out().contains("100 % of the text is read"), "{}", ran.out());
    run(&["find", "telephones failed", "en.mp3", "--article", "both.txt"]);
    let written =
        run(&["subs", "en.mp3", "both.txt", "--bilingual", "./both.txt", "-f", "vtt"]).out();
    let (en, zh) = (written.find("The telephones failed"), written.find("電話也斷了"));
    assert!(en.zip(zh).is_some_and(|(en, zh)| en < zh && zh < en + 100), "{written}");
    let missing = ["subs", "en.mp3", "en.txt", "--bilingual", "en.txt"];
    desk.aloud(&[&missing[..], &heard].concat()).code(2).says("`en.txt` has no second language");
}

#[test]
fn a_lesson_that_reads_both_languages_is_tied_whole() {
    let desk = Desk::with_episodes();
    let lines = [
        ("The river came over the road last night.", "昨天晚上河水漫過了道路。"),
        ("Nobody could reach the people in the school.", "誰也聯絡不上學校裡的人。"),
        ("A small computer kept working in a closet.", "儲藏室裡的一臺小電腦還在運作。"),
        ("It wrote notices in four languages for three days.", "整整三天它用四種語言寫公告。"),
        ("The clerks corrected every one of its mistakes.", "職員們改正了它的每一個錯誤。"),
    ];
    let both: Vec<&str> = lines.iter().flat_map(|(en, zh)| [*en, *zh]).collect();
    desk.put("lesson.txt", both.join("\n\n"));
    let stamp = |at: usize| format!("00:00:{at:02},000");
    let cue = |(at, line): (usize, &&str)| {
        format!("{}\n{} --> {}\n{line}\n\n", at + 1, stamp(4 * at), stamp(4 * at + 3))
    };
    for (name, heard, says) in [
        ("both", both.clone(), "both of its languages are read"),
        ("one", lines.map(|(_, zh)| zh).to_vec(), "Chinese is spoken: its text is taken"),
    ] {
        desk.put("heard.srt", heard.iter().enumerate().map(cue).collect::<String>());
        let ran = desk
            .aloud(&["align", "en.mp3", "lesson.txt", "--transcript", "heard.srt"])
            .code(0)
            .says(says);
        assert!(ran.out().contains("100 % of the text is read"), "{name}: {}", ran.out());
    }
}

#[test]
fn nothing_without_a_cue_is_written() {
    let desk = Desk::with_episodes();
    let foreign = ["subs", "en.mp3", "zh.txt", "--transcript", "en.json", "--unwritten", "drop"];
    desk.aloud(&[&foreign[..], &["-o", "foreign.srt"]].concat()).code(0);
    desk.put("none.json", r#"{"language": "en", "text": "", "segments": []}"#);
    desk.put("empty.srt", "1\n00:00:00,000 --> 00:00:02,000\n<i></i>\n\n");
    for (arguments, why, hint) in [
        (
            &["en.mp3", "foreign.srt", "--transcript", "en.json", "--keep-lines"][..],
            "in another language than is spoken",
            "leave `--keep-lines` out",
        ),
        (
            &["en.mp3", "--transcript", "none.json"],
            "no words were made out in `en.mp3`",
            "aloud transcribe",
        ),
        (&["empty.srt", "--fix"], "no cue of `empty.srt` has a text", "get it again"),
    ] {
        for output in ["new.vtt", "old.vtt"] {
            desk.put("old.vtt", "old");
            let ran = desk
                .aloud(&[&["subs"][..], arguments, &["-o", output, "--force"]].concat())
                .code(5);
            ran.fails(why, hint);
        }
        assert_eq!(desk.read("old.vtt"), "old", "{arguments:?}");
        assert!(!desk.path().join("new.vtt").exists(), "{arguments:?}");
    }
}

#[test]
fn cues_that_nobody_speaks_are_told() {
    let desk = Desk::with_episodes();
    let late = drifted(&desk);
    let (first, rest) = late.split_once("\n\n").unwrap();
    let bell = "900\n00:00:12,000 --> 00:00:13,000\n[門鈴聲]";
    let credit = "901\n00:59:00,000 --> 00:59:03,000\n[字幕翻譯：王小明]\n\n";
    desk.put("late.srt", format!("{first}\n\n{bell}\n\n{rest}{credit}"));
    let kept = ["subs", "radio.mp3", "late.srt", "--transcript", "radio.json", "--keep-lines"];
    let ran = desk.aloud(&kept).code(0);
    assert!(
        ran.err().contains("2 cues are not spoken and were left out, the first: “[門鈴聲]”"),
        "{}",
        ran.err()
    );
    assert!(!ran.out().contains("門鈴聲") && !ran.out().contains("王小明"));
}

#[test]
fn chinese_cues_end_where_words_do() {
    let desk = Desk::with_episodes();
    for (arguments, hans) in [
        (["radio.mp3", "radio.txt", "--transcript", "radio.json"], false),
        (["radio.mp3", "hans.txt", "--transcript", "radio.json"], true),
    ] {
        if hans {
            let simple = aloud::script::Converter::new(aloud::script::Script::Hans)
                .convert(&desk.read("radio.txt"));
            desk.put("hans.txt", simple);
        }
        let out = desk.aloud(&[&["subs", "--check"][..], &arguments].concat());
        assert!(!out.out().contains("parts of a word"), "{}", out.out());
    }
    desk.put("bad.srt", "1\n00:00:00,000 --> 00:00:03,000\n這支手機價格更親\n民，AI\n界都知道。\n");
    let page = desk.aloud(&["subs", "bad.srt", "--check"]).code(1).out();
    assert!(
        page.contains("“親” and “民，”, parts of a word")
            && page.contains("“AI” and “界”, parts of a word"),
        "{page}"
    );
}

#[test]
fn files_are_mended() {
    let desk = Desk::new();
    desk.put(
        "bad.srt",
        "1\n00:00:00,000 --> 00:00:00,300\n<i>Hi.</i>\n\n2\n00:00:02,000 --> 00:00:05,000\nIt is late,\nit is\nvery late.\n\n",
    );
    desk.put("house.toml", "base = \"bbc\"\nlatin-line = 30\n");
    desk.aloud(&["subs", "bad.srt", "--check"]).code(1);
    desk.aloud(&["subs", "bad.srt", "--fix", "-o", "good.srt"]).code(0).says("none does now");
    desk.aloud(&["subs", "good.srt", "--check"]).code(0);
    let again = desk
        .aloud(&["subs", "good.srt", "--fix"])
        .code(0)
        .says("2 cues keep all rules of `netflix`; nothing was changed");
    assert_eq!(again.out(), desk.read("good.srt"));
    assert!(desk.read("good.srt").contains("<i>Hi.</i>"));
    desk.aloud(&["subs", "bad.srt", "--fix", "--profile", "house.toml"]).code(0).says("`house`");
    desk.aloud(&["subs", "bad.srt", "--fix", "--profile", "none.toml"]).code(3).says("none.toml");
    desk.aloud(&["subs", "bad.srt", "--fix", "-o", "good.srt"]).code(2).says("--force");
}

#[test]
fn mending_counts_as_judging_does() {
    let desk = Desk::new();
    for (name, text) in [
        (
            "two.srt",
            "1\n00:00:02,900 --> 00:00:09,900\nThis is one line that is much too long for any of the profiles, and then some\n这是第二条\n\n",
        ),
        (
            "space.vtt",
            "WEBVTT\n\n00:01.000 --> 00:03.000\n \nhello there friend\n\n00:03.500 --> 00:05.000\nbye\n",
        ),
        (
            "bad.srt",
            "1\n00:00:00,000 --> 00:00:00,300\n&lt;Hi&gt;<br>you\n\n2\n00:00:0x --> 00:00:02,000\nlost\n\n",
        ),
    ] {
        desk.put(name, text);
        let places = |name: &str| {
            let out = desk.aloud(&["subs", name, "--check"]).out();
            let last = out.lines().last().unwrap_or_default().to_owned();
            if last.contains(" place") {
                last.split(' ').next().and_then(|n| n.parse().ok()).unwrap_or(0)
            } else {
                0
            }
        };
        let said =
            desk.aloud(&["subs", name, "--fix", "-o", "mended.srt", "--force"]).code(0).err();
        let (before, after): (usize, usize) = (places(name), places("mended.srt"));
        match (before, after) {
            (0, _) => {
                assert!(said.contains("all rules of `netflix`; nothing was changed"), "{said}");
            }
            (n, 0) => assert!(
                said.contains(&format!("{n} place")) && said.contains("none does now"),
                "{n}: {said}"
            ),
            (n, m) => assert!(
                said.contains(&format!("{n} place")) && said.contains(&format!("{m} still do")),
                "{n}, {m}: {said}"
            ),
        }
    }
}

#[test]
fn a_mended_file_is_what_its_name_says() {
    let desk = Desk::new();
    desk.put("ok.srt", "1\n00:00:00,000 --> 00:00:02,000\n<font color=red>Hi</font> <3\n\n");
    desk.aloud(&["subs", "ok.srt", "--fix", "-o", "ok.vtt"])
        .code(0)
        .says("WebVTT has no place for")
        .says("1 cue's tags");
    assert_eq!(desk.read("ok.vtt"), "WEBVTT\n\n00:00:00.000 --> 00:00:02.000\nHi &lt;3\n\n");
    assert!(
        desk.aloud(&["subs", "ok.vtt", "--fix", "-f", "srt"])
            .code(0)
            .out()
            .starts_with("1\n00:00:00,000")
    );
    for arguments in [["-o", "ok.ass"], ["-o", "ok.txt"], ["-f", "lrc"]] {
        desk.aloud(&[&["subs", "ok.srt", "--fix"][..], &arguments].concat())
            .code(2)
            .says("neither");
    }
    desk.put(
        "ok.ass",
        "[Script Info]\n\n[Events]\nFormat: Start, End, Text\nDialogue: 0:00:00.00,0:00:02.00,Hi\n",
    );
    desk.aloud(&["subs", "ok.ass", "--fix"]).code(3).says("neither SRT nor WebVTT");
}

#[test]
fn a_dash_is_standard_output_everywhere() {
    let desk = Desk::with_episodes();
    desk.put("a.srt", "1\n00:00:00,000 --> 00:00:02,000\nHi.\n\n");
    let ties = ["radio.mp3", "radio.txt", "--transcript", "radio.json", "-o", "-"];
    for arguments in [
        [&["subs"][..], &ties].concat(),
        [&["subs", "-f", "vtt"][..], &ties].concat(),
        [&["align"][..], &ties].concat(),
        [&["align", "--json"][..], &ties].concat(),
        ["subs", "a.srt", "--fix", "-o", "-"].to_vec(),
    ] {
        assert!(!desk.aloud(&arguments).code(0).out().is_empty(), "{arguments:?}");
        assert!(!desk.path().join("-").exists(), "{arguments:?}");
    }
}

#[test]
fn what_is_no_recording_and_no_article_is_named() {
    let desk = Desk::with_episodes();
    desk.put("list.m3u8", "");
    desk.put("notzip.epub", "hello");
    desk.put("sound.txt", b"\x9c\x01\x00\xd0\x00\xff\x90\xfa\x01\x02\x03\xff\xf0".repeat(40));
    std::fs::create_dir(desk.path().join("texts")).unwrap();
    for (arguments, code, says) in [
        (&["transcribe", "-"][..], 3, "cannot come from standard input"),
        (&["subs", "-"], 3, "cannot come from standard input"),
        (&["subs", "list.m3u8"], 3, "a playlist without an entry"),
        (&["align", "radio.mp3", "notzip.epub", "--method", "estimate"], 3, "it is no EPUB"),
        (
            &["align", "radio.mp3", "texts", "--method", "estimate"],
            3,
            "is a folder, and an article is a file",
        ),
        (&["transcribe", "radio.mp3", "-l", "klingon"], 2, "give its English name"),
    ] {
        desk.aloud(arguments).code(code).says(says);
    }
    for file in ["radio.mp3", "sound.txt"] {
        let ran = desk.aloud(&["align", "radio.mp3", file, "--method", "estimate"]).code(3);
        assert!(!ran.err().contains("read as"), "{}", ran.err());
    }
}

#[cfg(unix)]
#[test]
fn names_of_files_may_be_any_bytes() {
    use std::os::unix::ffi::OsStrExt;
    let desk = Desk::with_episodes();
    let name = std::ffi::OsStr::from_bytes(b"text \xff.txt");
    std::fs::copy(desk.path().join("radio.txt"), desk.path().join(name)).unwrap();
    for (first, then) in [
        (&["align", "radio.mp3"][..], &["--transcript", "radio.json"][..]),
        (&["subs", "radio.mp3"], &["--transcript", "radio.json"]),
    ] {
        let output = desk.command(first).arg(name).args(then).output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    }
    desk.put("talk.mp3", "This is a text, and no sound at all.\nReally.\n");
    desk.aloud(&["align", "talk.mp3", "radio.txt", "--method", "estimate"])
        .code(3)
        .says("it is text");
}
