//! Books that are read along: written from a recording in several files, judged by epubcheck, and
//! read again.

use crate::util::book::starts;
use crate::util::{Desk, book, root};
use std::fs;

/// The demo's column as a book: a foreword that nobody reads, three chapters with footnotes, and
/// italics across sentences.
fn column(is_three: bool) -> Vec<u8> {
    let text = fs::read_to_string(root().join("transcripts/open-models.en.txt")).unwrap();
    let paragraphs: Vec<String> =
        text.trim().split("\n\n").map(|text| text.replace('&', "&amp;")).collect();
    let (title, body) = paragraphs.split_first().unwrap();
    let third = body.len().div_ceil(3);
    let mut pages = vec![(
        "foreword",
        "Foreword",
        vec![
            "<p>This was written long after the column, and nobody reads it aloud.</p>".to_owned(),
        ],
    )];
    for (n, part) in body.chunks(third).enumerate() {
        let mut lines: Vec<String> = part.iter().map(|text| format!("<p>{text}</p>")).collect();
        let long = lines.iter().position(|line| line.matches(". ").count() > 2).unwrap();
        // The end of one sentence and the beginning of the next.
        let at = lines[long].find(". ").unwrap();
        let (from, to) = (
            lines[long][..at].rfind(' ').unwrap() + 1,
            at + 2 + lines[long][at + 2..].find(' ').unwrap(),
        );
        lines[long].insert_str(to, "</i>");
        lines[long].insert_str(from, "<i>");
        let end = lines[long].len() - "</p>".len();
        let (mark, note) = if is_three {
            (
                "<a epub:type=\"noteref\" href=\"#note\">1</a>",
                "<aside epub:type=\"footnote\" id=\"note\"><p>A note that no narrator reads.</p></aside>",
            )
        } else {
            (
                "<sup><a href=\"#note\">1</a></sup>&nbsp;",
                "<div id=\"note\"><p><big>A note that no narrator reads.</big></p></div>",
            )
        };
        lines[long].insert_str(end, mark);
        lines.push(note.to_owned());
        let heading = if n == 0 { title.as_str() } else { ["", "Two", "Three"][n] };
        pages.push((["one", "two", "three"][n], heading, lines));
    }
    book::book(title, &pages, is_three)
}

/// The demo's recording in three files, whose names are in order for people only.
fn parts(desk: &Desk) {
    let bytes = fs::read(root().join("audio/open-models.en.mp3")).unwrap();
    let (a, b) = (bytes.len() / 3, bytes.len() * 2 / 3);
    for (name, part) in
        [("part 1.mp3", &bytes[..a]), ("part 2.mp3", &bytes[a..b]), ("part 10.mp3", &bytes[b..])]
    {
        desk.put(&format!("sound/{name}"), part);
    }
}

#[test]
fn a_book_in_several_files_is_read_along_and_read_again() {
    let desk = Desk::with_episodes();
    parts(&desk);
    desk.put("column.epub", column(true));
    let made = desk
        .aloud(&[
            "align",
            "sound/*.mp3",
            "column.epub",
            "--transcript",
            "en.json",
            "--json",
            "-o",
            "out.epub",
        ])
        .code(0);
    let made = made
        .says("3 files")
        .says("part 1.mp3 to part 10.mp3")
        .says("3 pages light up")
        .says("do not light up");
    book::check(&desk.path().join("out.epub"));
    let whole = starts(&made.out());
    let back =
        desk.aloud(&["align", "out.epub", "--json"]).code(0).says("times are those of the book");
    assert!(back.out().contains("\"method\": \"given\""), "{}", back.out());
    let again = starts(&back.out());
    let texts =
        |starts: &[(String, f64)]| starts.iter().map(|(text, _)| text.clone()).collect::<Vec<_>>();
    assert_eq!(texts(&whole), texts(&again));
    for ((text, want), (_, found)) in whole.iter().zip(&again) {
        assert!((want - found).abs() < 0.35, "{text}: {found} for {want}");
    }
    desk.aloud(&["subs", "out.epub", "-o", "out.srt"]).code(0).says("times are those of the book");
    let of_folder = ["sound", "--article", "column.epub", "--transcript", "en.json"];
    let of_pattern = [&["sound/*.mp3"], &of_folder[1..]].concat();
    for (of, phrase, want) in [
        (&of_folder[..], "a fire truck", "sound/part 1.mp3:00:37."),
        (&of_pattern, "Somebody may need it", "sound/part 10.mp3:03:0"),
        (&["out.epub"], "Somebody may need it", "out.epub:09:1"),
    ] {
        let found = desk.aloud(&[&["find", phrase], of].concat()).code(0).out();
        assert!(found.contains(want) && found.lines().count() == 1, "{of:?}: {found}");
    }
    // Wherever cues and lines are cut.
    let srt = desk.read("out.srt");
    let is_text = |line: &&str| !line.contains("-->") && line.parse::<usize>().is_err();
    let said: Vec<&str> = srt.lines().filter(is_text).flat_map(str::split_whitespace).collect();
    assert!(said.join(" ").contains("telephone line to California"), "{srt}");
    // The same files beside the book are known for its sound, others are not.
    desk.aloud(&["align", "sound", "out.epub"]).code(0).says("times are those of the book");
    desk.aloud(&["align", "en.mp3", "out.epub"]).code(4).says("times for another sound");
    desk.aloud(&["cache", "rm", "--all", "--yes"]).code(0);
}

#[test]
fn files_go_in_the_order_that_is_heard() {
    let Some(desk) = crate::synth::desk() else { return };
    let bytes = fs::read(root().join("audio/open-models.en.mp3")).unwrap();
    // Three minutes of it, and their names the other way round.
    let n = bytes.len() / 6;
    desk.put("wrong/1.mp3", &bytes[n..2 * n]);
    desk.put("wrong/2.mp3", &bytes[..n]);
    desk.put("column.epub", column(true));
    let made = desk
        .aloud(&["align", "wrong", "column.epub", "--method", "synth", "--json", "-o", "out.epub"])
        .code(0);
    let made = made.says("another order than their names, by what is said: 2.mp3, 1.mp3");
    let starts = starts(&made.out());
    assert!(starts.windows(2).all(|pair| pair[0].1 < pair[1].1) && starts.len() > 25, "{starts:?}");
    let back = desk.aloud(&["align", "out.epub", "--json"]).code(0);
    assert_eq!(self::starts(&back.out()).len(), starts.len());
}

#[test]
fn an_older_book_is_read_along_word_by_word() {
    let desk = Desk::with_episodes();
    desk.put("column.epub", column(false));
    let words = [
        "align",
        "en.mp3",
        "column.epub",
        "--transcript",
        "en.json",
        "-o",
        "out.epub",
        "--fragments",
        "word",
    ];
    desk.aloud(&words).code(0).says("made EPUB 3 of EPUB 2");
    book::check(&desk.path().join("out.epub"));
    desk.aloud(&words).code(2).says("--force");
    let address = [
        "align",
        "en.mp3",
        "column.epub",
        "--transcript",
        "en.json",
        "-o",
        "far.epub",
        "--audio",
        "https://example.org/en.mp3",
    ];
    desk.aloud(&address).code(0);
    desk.aloud(&["listen", "far.epub"]).code(3).says("https://example.org/en.mp3");
    desk.aloud(&["subs", "en.mp3", "far.epub", "-o", "x.vtt"])
        .code(0)
        .says("times are those of the book");
    let told = desk
        .aloud(&["listen", "out.epub", "--no-audio", "--at", "9:15", "--rate", "3"])
        .code(0)
        .says("times are those of the book");
    assert!(told.out().contains("Somebody may need it."), "{}", told.out());
}

#[test]
fn what_makes_no_book_says_why() {
    let desk = Desk::with_episodes();
    desk.put("column.epub", column(true));
    desk.put("a.wav", crate::util::wav(&[0.1; 16_000]));
    for (arguments, code, why) in [
        (&["en.mp3", "en.txt", "-o", "x.epub"][..], 2, "only an EPUB is written again"),
        (&["a.wav", "column.epub", "-o", "x.epub"], 2, "-q:a 4"),
        (&["en.mp3", "column.epub", "-o", "x.epub", "--audio", "beside"], 2, "http(s) address"),
        (&["en.mp3", "column.epub", "--fragments", "word"], 2, ".epub"),
        (&["en.mp3"], 2, "name the article"),
        (&["none/*.mp3", "column.epub"], 3, "there is no recording"),
        (&["column.epub"], 3, "a book without a sound"),
    ] {
        let all: Vec<&str> = ["align"].iter().chain(arguments).copied().collect();
        desk.aloud(&all).code(code).says(why);
    }
    desk.aloud(&["subs", "en.mp3", "column.epub", "-o", "x.epub"]).code(2).says("aloud align");
    assert!(!desk.path().join("x.epub").exists());
}
