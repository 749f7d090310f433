//! Subtitles of others through the program: new times in their own lines, mending, rules from a file, names of files.

use crate::util::Desk;

/// A film's subtitles that run six seconds late, of the Mandarin episode, in the lines of whoever made them.
fn drifted(desk: &Desk) -> String {
    let srt = desk.aloud(&["subs", "radio.mp3", "radio.txt", "--transcript", "radio.json", "--unwritten", "drop"]).code(0).out();
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
    let mended =
        desk.aloud(&["subs", "radio.mp3", "late.srt", "--transcript", "radio.json", "--keep-lines", "--unwritten", "drop"]).code(0).out();
    let right = desk.aloud(&["subs", "radio.mp3", "radio.txt", "--transcript", "radio.json", "--unwritten", "drop"]).code(0).out();
    let read = |text: &str| aloud::import::cues(text.as_bytes(), None).unwrap().0;
    let (mended, right, late) = (read(&mended), read(&right), read(&late));
    let lines = |cues: &[aloud::import::TimedLines]| cues.iter().map(|(_, lines)| lines.clone()).collect::<Vec<_>>();
    assert_eq!(lines(&mended), lines(&late), "every line is its author's");
    let near = mended.iter().zip(&right).filter(|(a, b)| a.0.start().millis().abs_diff(b.0.start().millis()) <= 100).count();
    assert!(near * 100 >= right.len() * 98, "{near} of {}", right.len());
    desk.aloud(&["subs", "radio.mp3", "radio.txt", "--transcript", "radio.json", "--keep-lines"]).code(2).says("--keep-lines");
}

#[test]
fn chinese_cues_end_where_words_do() {
    let desk = Desk::with_episodes();
    for (arguments, hans) in
        [(["radio.mp3", "radio.txt", "--transcript", "radio.json"], false), (["radio.mp3", "hans.txt", "--transcript", "radio.json"], true)]
    {
        if hans {
            let simple = aloud::script::Converter::new(aloud::script::Script::Hans).convert(&desk.read("radio.txt"));
            desk.put("hans.txt", simple);
        }
        let out = desk.aloud(&[&["subs", "--check"][..], &arguments].concat());
        assert!(!out.out().contains("parts of a word"), "{}", out.out());
    }
    desk.put("bad.srt", "1\n00:00:00,000 --> 00:00:03,000\n這支手機價格更親\n民，AI\n界都知道。\n");
    let page = desk.aloud(&["subs", "bad.srt", "--check"]).code(1).out();
    assert!(page.contains("“親” and “民，”, parts of a word") && page.contains("“AI” and “界”, parts of a word"), "{page}");
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
    desk.aloud(&["subs", "bad.srt", "--fix", "-o", "good.srt"]).code(0).says("0 do now");
    desk.aloud(&["subs", "good.srt", "--check"]).code(0);
    assert!(desk.read("good.srt").contains("<i>Hi.</i>"));
    desk.aloud(&["subs", "bad.srt", "--fix", "--profile", "house.toml"]).code(0).says("`house`");
    desk.aloud(&["subs", "bad.srt", "--fix", "--profile", "none.toml"]).code(3).says("none.toml");
    desk.aloud(&["subs", "bad.srt", "--fix", "-o", "good.srt"]).code(2).says("--force");
}

#[cfg(unix)]
#[test]
fn names_of_files_may_be_any_bytes() {
    use std::os::unix::ffi::OsStrExt;
    let desk = Desk::with_episodes();
    let name = std::ffi::OsStr::from_bytes(b"text \xff.txt");
    std::fs::copy(desk.path().join("radio.txt"), desk.path().join(name)).unwrap();
    for (first, then) in
        [(&["align", "radio.mp3"][..], &["--transcript", "radio.json"][..]), (&["subs", "radio.mp3"], &["--transcript", "radio.json"])]
    {
        let output = desk.command(first).arg(name).args(then).output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    }
    desk.put("talk.mp3", "This is a text, and no sound at all.\nReally.\n");
    desk.aloud(&["align", "talk.mp3", "radio.txt", "--method", "estimate"]).code(3).says("it is text");
}
