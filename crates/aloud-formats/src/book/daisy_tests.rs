//! DAISY books made for tests, in their kinds, and what is read of them.

use super::*;
use crate::documents;
use crate::time::Timestamp;
use proptest::prelude::*;
use std::fmt::Write as _;

type Files = Vec<(String, String)>;

/// Three chapters of a heading and two sentences, each with a sound of its own: the heading takes
/// the first second, each sentence three.
const CHAPTERS: [(&str, &str, &str); 3] = [
    ("One", "The river rose.", "Nobody slept."),
    ("Two", "It fell again.", "We counted the boats."),
    ("Three", "All of them were there.", "So were we."),
];

fn clip(n: usize, from: u32, to: u32, is_three: bool) -> String {
    match is_three {
        true => format!(
            "<audio src=\"s{n}.mp3\" clipBegin=\"0:00:0{from}.000\" clipEnd=\"0:00:0{to}.000\"/>"
        ),
        // The case of names did not count where most were made.
        false => format!(
            "<audio src=\"S{n}.MP3\" clip-begin=\"npt={from}.000s\" clip-end=\"npt={to}.000s\"/>"
        ),
    }
}

/// DAISY 2.02; without its texts the headings alone are known.
fn older(has_text: bool) -> Files {
    let (mut files, mut ncc) = (Files::new(), String::new());
    for (n, (title, one, two)) in CHAPTERS.iter().enumerate() {
        let n = n + 1;
        let _ = write!(
            ncc,
            "<h1 id=\"n{n}\"><a href=\"c{n}.smil#t{n}\">{title}</a></h1>\n<span class=\"page-normal\"><a href=\"c{n}.smil#p\">{n}</a></span>\n"
        );
        let (target, clips) = match has_text {
            true => (format!("c{n}.HTML#h"), clip(n, 0, 1, false)),
            false => (format!("ncc.html#n{n}"), clip(n, 0, 1, false) + &clip(n, 1, 7, false)),
        };
        let mut smil = format!(
            "<?xml version=\"1.0\"?>\n<!DOCTYPE smil PUBLIC \"-//W3C//DTD SMIL 1.0//EN\" \"x.dtd\">\n<smil><body><seq dur=\"7s\">\
             <par endsync=\"last\" id=\"q{n}\"><text src=\"{target}\" id=\"t{n}\"/><seq>{clips}</seq></par>"
        );
        if has_text {
            // A sentence in two clips, as where somebody breathes.
            let _ = write!(
                smil,
                "<par><text src=\"c{n}.html#a\"/><seq>{}{}</seq></par><par><text src=\"c{n}.html#b\"/><seq>{}</seq></par>",
                clip(n, 1, 2, false),
                clip(n, 2, 4, false),
                clip(n, 4, 7, false)
            );
            let page = format!(
                "<?xml version=\"1.0\" encoding=\"iso-8859-1\"?>\n<html xmlns=\"http://www.w3.org/1999/xhtml\"><head><title>x</title></head><body>\
                 <h1 id=\"h\">{title}</h1><p><span class=\"sentence\" id=\"a\">{one}</span> <span class=\"page-normal\" id=\"p\">{n}</span> \
                 <span id=\"b\">{two}</span></p></body></html>"
            );
            files.push((format!("c{n}.html"), page));
        }
        files.push((format!("c{n}.smil"), smil + "</seq></body></smil>"));
        files.push((format!("s{n}.mp3"), "sound".into()));
    }
    let page = format!(
        "<?xml version=\"1.0\"?>\n<!DOCTYPE html PUBLIC \"-//W3C//DTD XHTML 1.0 Transitional//EN\" \"x.dtd\">\n<html xmlns=\"http://www.w3.org/1999/xhtml\">\
         <head><title>A Flood</title><meta name=\"ncc:narrator\" content=\"Ann Bell\"/><meta name=\"dc:language\" content=\"en\"/></head><body>{ncc}</body></html>"
    );
    files.push(("NCC.html".into(), page));
    files
}

/// DAISY 3.
fn newer(has_text: bool) -> Files {
    let (mut files, mut points, mut levels) = (Files::new(), String::new(), String::new());
    let (mut items, mut spine) = (String::new(), String::new());
    for (n, (title, one, two)) in CHAPTERS.iter().enumerate() {
        let n = n + 1;
        let _ = write!(
            points,
            "<navPoint id=\"n{n}\"><navLabel><text>{title}</text></navLabel><content src=\"c{n}.smil#q{n}\"/></navPoint>"
        );
        let _ = write!(
            levels,
            "<level1><pagenum id=\"g{n}\" page=\"normal\">{n}</pagenum><h1 id=\"h{n}\">{title}</h1><p><sent id=\"a{n}\">{one}</sent> \
             <sent id=\"b{n}\"><w>{two}</w></sent><noteref idref=\"#x\">1</noteref></p></level1>"
        );
        let texts = |id: &str| {
            if has_text { format!("<text src=\"flood.xml#{id}{n}\"/>") } else { String::new() }
        };
        let smil = format!(
            "<smil xmlns=\"http://www.w3.org/2001/SMIL20/\"><body><seq><par id=\"q{n}\">{}{}</par><par>{}{}</par><par>{}{}</par></seq></body></smil>",
            texts("h"),
            clip(n, 0, 1, true),
            texts("a"),
            clip(n, 1, 4, true),
            texts("b"),
            clip(n, 4, 7, true)
        );
        let _ =
            write!(items, "<item id=\"m{n}\" href=\"c{n}.smil\" media-type=\"application/smil\"/>");
        let _ = write!(spine, "<itemref idref=\"m{n}\"/>");
        files.push((format!("c{n}.smil"), smil));
        files.push((format!("s{n}.mp3"), "sound".into()));
    }
    files.push(("nav.ncx".into(), format!("<ncx><navMap>{points}</navMap></ncx>")));
    if has_text {
        let text = format!(
            "<?xml version=\"1.0\"?>\n<!DOCTYPE dtbook PUBLIC \"-//NISO//DTD dtbook 2005-3//EN\" \"x.dtd\" [<!ENTITY a \"bomb\"><!ENTITY b \"&a;&a;&a;\">]>\n\
             <dtbook xmlns=\"http://www.daisy.org/z3986/2005/dtbook/\"><head><title>x</title></head><book><bodymatter>{levels}</bodymatter></book></dtbook>"
        );
        files.push(("flood.xml".into(), text));
        items += "<item id=\"text\" href=\"flood.xml\" media-type=\"application/x-dtbook+xml\"/>";
    }
    let package = format!(
        "<package xmlns=\"http://openebook.org/namespaces/oeb-package/1.0/\" unique-identifier=\"u\"><metadata><dc-metadata xmlns:dc=\"http://purl.org/dc/elements/1.1/\">\
         <dc:Format>ANSI/NISO Z39.86-2005</dc:Format><dc:Title>A Flood</dc:Title><dc:Language>en</dc:Language></dc-metadata>\
         <x-metadata><meta name=\"dtb:narrator\" content=\"Ann Bell\"/></x-metadata></metadata>\
         <manifest>{items}<item id=\"ncx\" href=\"nav.ncx\" media-type=\"application/x-dtbncx+xml\"/></manifest><spine>{spine}</spine></package>"
    );
    files.push(("flood.opf".into(), package));
    files
}

fn made(files: &Files) -> Result<Vec<u8>, BookError> {
    let names: Vec<String> = files.iter().map(|(name, _)| name.clone()).collect();
    let entry = daisy_entries(names.iter().map(String::as_str))[0].to_owned();
    of_daisy(&entry, &names, &mut |name| {
        let found = files.iter().find(|(own, _)| own == name).expect("a file that is there");
        Ok(found.1.clone().into_bytes())
    })
}

/// Each sentence that has a time, its sounds 100 s long and one after the other.
fn told(epub: &[u8], chapter: Option<&str>) -> Vec<String> {
    let spoken = read(epub, chapter).unwrap().expect("times");
    let at = |n: usize| Timestamp::from_millis(n as u64 * 100_000);
    let places: Vec<Stretch> =
        (0..spoken.sounds.len()).map(|n| Stretch { start: at(n), end: at(n + 1) }).collect();
    let alignment = spoken.alignment(&places);
    let line = |(index, timing): (usize, &crate::align::SentenceTiming)| {
        let span = timing.span?;
        let text = spoken.article.sentence(index);
        Some(format!("{}-{} {text}", span.start().millis(), span.end().millis()))
    };
    alignment.sentences.iter().enumerate().filter_map(line).collect()
}

#[test]
fn two_forms_of_text_say_the_same() {
    let want = [
        "0-1000 One",
        "1000-4000 The river rose.",
        "4000-7000 Nobody slept.",
        "100000-101000 Two",
        "101000-104000 It fell again.",
        "104000-107000 We counted the boats.",
        "200000-201000 Three",
        "201000-204000 All of them were there.",
        "204000-207000 So were we.",
    ];
    for files in [older(true), newer(true)] {
        let epub = made(&files).unwrap();
        assert_eq!(told(&epub, None), want);
        let spoken = read(&epub, None).unwrap().unwrap();
        assert_eq!(spoken.narrators, ["Ann Bell"]);
        assert_eq!(spoken.sounds, ["s1.mp3", "s2.mp3", "s3.mp3"]);
        assert_eq!(spoken.article.title.as_deref(), Some("A Flood"));
        assert_eq!(documents::chapters(&epub).unwrap(), ["One", "Two", "Three"]);
        // Numbers of pages and marks of notes are not read.
        assert!(!spoken.article.text.contains(['1', '2', '3']), "{}", spoken.article.text);
        assert_eq!(told(&epub, Some("Two"))[1], "1000-4000 It fell again.");
    }
}

#[test]
fn without_a_text_there_are_headings() {
    for files in [older(false), newer(false)] {
        let epub = made(&files).unwrap();
        assert_eq!(told(&epub, None), ["0-1000 One", "100000-101000 Two", "200000-201000 Three"]);
        assert_eq!(documents::chapters(&epub).unwrap(), ["One", "Two", "Three"]);
    }
    // A clip that holds all of a chapter is not how long its heading takes.
    let mut files = older(false);
    for (_, text) in &mut files {
        *text = text.replace("npt=1.000s\"/>", "npt=7.000s\"/>");
    }
    assert_eq!(told(&made(&files).unwrap(), None)[0], "0-1750 One");
}

#[test]
fn what_a_book_begins_with() {
    for (names, want) in [
        (&["a.mp3", "ncc.html", "x.opf"][..], &["ncc.html", "x.opf"][..]),
        (&["x/y/ncc.html", "a/NCC.HTML"], &["a/NCC.HTML", "x/y/ncc.html"]),
        (
            &["a/ncc.html", "speech.opf", "metadata.opf"],
            &["metadata.opf", "speech.opf", "a/ncc.html"],
        ),
        (&["a.mp3", "nccx.html", "opf"], &[]),
        (&[], &[]),
    ] {
        assert_eq!(daisy_entries(names.iter().copied()), want, "{names:?}");
    }
}

#[test]
fn an_archive_holds_a_book() {
    let packed = |files: &Files, prefix: &str| {
        let files: Vec<(String, &str)> =
            files.iter().map(|(name, text)| (format!("{prefix}{name}"), text.as_str())).collect();
        let files: Vec<(&str, &str)> =
            files.iter().map(|(name, text)| (name.as_str(), *text)).collect();
        super::tests::zip(&files)
    };
    for files in [older(true), newer(true)] {
        let bytes = packed(&files, "books/flood 1/");
        let epub = of_daisy_zip(&bytes).unwrap().unwrap();
        let spoken = read(&epub, None).unwrap().unwrap();
        assert_eq!(spoken.sounds[0], "books/flood 1/s1.mp3");
        let mut out = Vec::new();
        sound(&bytes, &spoken.sounds[0], &mut out).unwrap();
        assert_eq!(out, b"sound");
    }
    let other = vec![("a.opf".to_owned(), "<package/>".to_owned())];
    for none in [b"PK\x03\x04".to_vec(), packed(&other, ""), b"x".to_vec()] {
        assert!(!matches!(of_daisy_zip(&none), Ok(Some(_))));
    }
}

#[test]
fn what_is_no_whole_book() {
    let change = |files: Files, name: &str, with: &dyn Fn(&str) -> String| -> Files {
        files
            .into_iter()
            .map(|(own, text)| if own == name { (own, with(&text)) } else { (own, text) })
            .collect()
    };
    // One chapter that is damaged, gone, or leads elsewhere leaves the others.
    for (name, from, to) in [
        ("c2.smil", "</smil>", "</x>"),
        ("c2.html", "</p>", "</q>"),
        ("c2.smil", "S2.MP3", "../../s2.mp3"),
        ("c2.smil", "S2.MP3", "/etc/passwd"),
        ("c2.smil", "S2.MP3", "https://example.org/s2.mp3"),
        ("c2.smil", "c2.", "../c9."),
    ] {
        let files = change(older(true), name, &|text| text.replace(from, to));
        let lines = told(&made(&files).unwrap(), None);
        assert!(lines.iter().any(|line| line.ends_with("Nobody slept.")), "{to}: {lines:?}");
        assert_eq!(lines.len(), if to == "../../s2.mp3" { 9 } else { 6 }, "{to}: {lines:?}");
        let spoken = read(&made(&files).unwrap(), None).unwrap().unwrap();
        assert!(spoken.sounds.iter().all(|sound| files.iter().any(|(name, _)| name == sound)));
    }
    // What is protected says so.
    let locked = |name: &str| {
        let mut files = newer(true);
        files.push((name.to_owned(), String::new()));
        made(&files)
    };
    assert!(matches!(locked("flood.ppf"), Err(BookError::Locked)));
    assert!(matches!(locked("us-nls.AO"), Err(BookError::Locked)));
    let files = change(newer(true), "flood.xml", &|_| "<EncryptedData/>".into());
    assert!(matches!(made(&files), Err(BookError::Locked)));
    // What nobody wrote is refused.
    let deep = "<i>".repeat(5_000) + &"</i>".repeat(5_000);
    for name in ["flood.opf", "nav.ncx"] {
        let files = change(newer(true), name, &|text| {
            text.replace("<metadata>", &deep).replace("<navMap>", &format!("{deep}<navMap>"))
        });
        let why = made(&files).unwrap_err().to_string();
        assert!(why.contains("in each other"), "{why}");
    }
    let long = change(older(true), "NCC.html", &|_| " ".repeat(MOST_TEXT as usize + 1));
    let why = made(&long).unwrap_err().to_string();
    assert!(why.contains("longer than any text"), "{why}");
    // Entities are not made larger, whatever they say of themselves.
    let bomb = change(newer(true), "flood.xml", &|text| {
        text.replace("The river rose.", "The river rose. &b;")
    });
    assert!(!read(&made(&bomb).unwrap(), None).unwrap().unwrap().article.text.contains("bomb"));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]
    #[test]
    fn nonsense_never_panics(
        which in 0usize..40,
        at in 0usize..3000,
        with in "(<|>|/|&|;|#|\"|=| |h1|a|href|smil|par|text|audio|src|c1\\.smil|sent|level1|table|caption|navPoint|ncc\\.html|中|npt=){0,12}",
    ) {
        for mut files in [older(true), newer(true), older(false)] {
            let n = files.len();
            let text = &mut files[which % n].1;
            let mut at = at % (text.len() + 1);
            while !text.is_char_boundary(at) { at -= 1 }
            let end = (at..=text.len()).find(|end| *end >= at + with.len() / 2 && text.is_char_boundary(*end)).unwrap_or(text.len());
            text.replace_range(at..end, &with);
            if let Ok(epub) = made(&files) {
                let sounds = read(&epub, None).ok().flatten().map_or_else(Vec::new, |it| it.sounds);
                let is_there = |sound: &String| files.iter().any(|(name, _)| name == sound);
                prop_assert!(sounds.iter().all(is_there), "{:?}", sounds);
            }
        }
    }
}
