//! DAISY books with their own times, as a folder, by what they begin with, and as an archive.

use crate::util::book::starts;
use crate::util::{Desk, book, wav};
use std::fmt::Write as _;

/// Headings and sentences of three chapters, each in a sound of seven seconds: one for the heading,
/// three for each sentence.
const CHAPTERS: [(&str, &str, &str); 3] = [
    ("One", "The river rose.", "Nobody slept."),
    ("Two", "It fell again.", "We counted the boats."),
    ("Three", "All of them were there.", "So were we."),
];

/// What a book is made of: DAISY 2.02 with pages or with headings alone, or DAISY 3.
#[derive(Clone, Copy, PartialEq)]
enum Form {
    Pages,
    Headings,
    Book,
}

/// The files of such a book but for its sounds.
fn texts(form: Form) -> Vec<(String, String)> {
    let mut files = Vec::new();
    let (mut headings, mut text, mut items, mut spine) =
        (String::new(), String::new(), String::new(), String::new());
    for (n, (title, one, two)) in CHAPTERS.iter().enumerate() {
        let n = n + 1;
        let page = match form {
            Form::Pages => format!("c{n}.html"),
            Form::Headings => "ncc.html".to_owned(),
            Form::Book => "flood.xml".to_owned(),
        };
        let pars: String = [("h", 0, 1), ("a", 1, 4), ("b", 4, 7)]
            .iter()
            .filter(|(id, ..)| form != Form::Headings || *id == "h")
            .map(|(id, from, to)| {
                let clip = match form {
                    Form::Book => format!("clipBegin=\"{from}s\" clipEnd=\"{to}s\""),
                    _ => format!("clip-begin=\"npt={from}.0s\" clip-end=\"npt={to}.0s\""),
                };
                format!(
                    "<par id=\"q{id}\"><text src=\"{page}#{id}{n}\"/><audio src=\"sound/S{n}.wav\" {clip}/></par>"
                )
            })
            .collect();
        files.push((format!("c{n}.smil"), format!("<smil><body><seq>{pars}</seq></body></smil>")));
        let (s, h) = if form == Form::Book { ("sent", "level1") } else { ("span", "div") };
        let chapter = format!(
            "<{h}><h1 id=\"h{n}\">{title}</h1><p><{s} id=\"a{n}\">{one}</{s}> <{s} id=\"b{n}\">{two}</{s}></p></{h}>"
        );
        if form == Form::Pages {
            let page = format!("<html><head><title>x</title></head><body>{chapter}</body></html>");
            files.push((format!("c{n}.html"), page));
        }
        text += &chapter;
        let _ = match form {
            Form::Book => write!(
                headings,
                "<navPoint><navLabel><text>{title}</text></navLabel><content src=\"c{n}.smil#qh\"/></navPoint>"
            ),
            _ => write!(headings, "<h1 id=\"h{n}\"><a href=\"c{n}.smil#qh\">{title}</a></h1>"),
        };
        let _ =
            write!(items, "<item id=\"m{n}\" href=\"c{n}.smil\" media-type=\"application/smil\"/>");
        let _ = write!(spine, "<itemref idref=\"m{n}\"/>");
    }
    if form != Form::Book {
        files.push((
            "ncc.html".to_owned(),
            format!(
                "<html><head><title>A Flood</title><meta name=\"ncc:narrator\" content=\"Ann Bell\"/></head><body>{headings}</body></html>"
            ),
        ));
        return files;
    }
    files.push(("nav.ncx".to_owned(), format!("<ncx><navMap>{headings}</navMap></ncx>")));
    files.push((
        "flood.xml".to_owned(),
        format!("<dtbook><book><bodymatter>{text}</bodymatter></book></dtbook>"),
    ));
    files.push((
        "flood.opf".to_owned(),
        format!(
            "<package><metadata><dc-metadata><dc:Format>ANSI/NISO Z39.86-2005</dc:Format><dc:Title>A Flood</dc:Title></dc-metadata></metadata>\
             <manifest>{items}<item id=\"n\" href=\"nav.ncx\" media-type=\"application/x-dtbncx+xml\"/></manifest><spine>{spine}</spine></package>"
        ),
    ));
    files
}

/// Lays the book into the folder `name`; no two of its sounds are alike.
fn lay(desk: &Desk, name: &str, form: Form) {
    for (file, text) in texts(form) {
        desk.put(&format!("{name}/{file}"), text);
    }
    for n in 1..=3 {
        desk.put(&format!("{name}/sound/s{n}.wav"), wav(&vec![0.1 * n as f32; 7 * 16_000]));
    }
}

#[test]
fn a_book_in_any_form_opens_with_its_times() {
    let desk = Desk::new();
    lay(&desk, "pages", Form::Pages);
    lay(&desk, "book", Form::Book);
    lay(&desk, "headings", Form::Headings);
    let all: Vec<(String, f64)> = CHAPTERS
        .iter()
        .enumerate()
        .flat_map(|(n, (title, one, two))| {
            let at = 7.0 * n as f64;
            [(title, at), (one, at + 1.0), (two, at + 4.0)]
        })
        .map(|(text, at)| ((*text).to_owned(), at))
        .collect();
    let headings: Vec<(String, f64)> = all.iter().step_by(3).cloned().collect();
    for (name, want) in [
        ("pages", &all),
        ("pages/ncc.html", &all),
        ("book", &all),
        ("book/flood.opf", &all),
        ("headings", &headings),
    ] {
        let told =
            desk.aloud(&["align", name, "--json"]).code(0).says("times are those of the book");
        assert_eq!(starts(&told.out()), *want, "{name}");
    }
    // Nothing is written over the book's own sounds.
    desk.aloud(&["align", "book", "-o", "book/sound/s2.wav", "--force"]).code(2);
    desk.aloud(&["subs", "book", "-o", "book.srt"]).code(0).says("times are those of the book");
    assert!(desk.read("book.srt").contains("We counted the boats."));
    let one = desk.aloud(&["align", "pages", "--chapter", "Two", "--json"]).code(0);
    assert_eq!(starts(&one.out()).len(), 3);
    let heard = desk
        .aloud(&["listen", "pages/ncc.html", "--no-audio", "--at", "0:17", "--rate", "3"])
        .code(0)
        .says("read by Ann Bell");
    assert!(heard.out().contains("So were we."), "{}", heard.out());
}

#[test]
fn an_archive_opens_as_its_folder_does() {
    let desk = Desk::new();
    let mut files = texts(Form::Pages);
    // What is stored as it is, is any bytes; these are text to the maker of archives.
    files.push(("sound/s1.wav".to_owned(), "no sound".to_owned()));
    let named: Vec<(String, &str)> =
        files.iter().map(|(name, text)| (format!("flood/{name}"), text.as_str())).collect();
    let named: Vec<(&str, &str)> =
        named.iter().map(|(name, text)| (name.as_str(), *text)).collect();
    desk.put("flood.zip", book::zip(&named));
    // Its sound is found and laid beside other work, and is none.
    desk.aloud(&["align", "flood.zip"]).code(3).says("001.wav");
    desk.put("other.zip", book::zip(&[("a.txt", "x")]));
    desk.aloud(&["align", "other.zip"]).code(3).says("no DAISY book");
}

#[test]
fn what_is_no_open_book_says_why() {
    let desk = Desk::new();
    lay(&desk, "book", Form::Book);
    desk.put("book/flood.ppf", "");
    desk.aloud(&["listen", "book"]).code(3).says("protected (PDTB)");
    lay(&desk, "pages", Form::Pages);
    desk.aloud(&["align", "pages", "-o", "x.epub"]).code(2).says("only an EPUB is written again");
    desk.put("pages/ncc.html", "<html><h1>");
    desk.aloud(&["align", "pages"]).code(3).says("ncc.html");
}
