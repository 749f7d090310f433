//! Whole books, written and looked into.

use super::*;
use crate::align::{Alignment, Belongs, SentenceTiming, Status, Timing, Unwritten};
use crate::documents;
use crate::reading::Reading;
use crate::time::{Span, Timestamp};
use proptest::prelude::*;
use std::io::{Cursor, Read, Write};

/// A zip file of these files.
pub(super) fn zip(files: &[(&str, &str)]) -> Vec<u8> {
    let mut zip = ::zip::ZipWriter::new(Cursor::new(Vec::new()));
    for (name, text) in files {
        zip.start_file(*name, ::zip::write::SimpleFileOptions::default()).unwrap();
        zip.write_all(text.as_bytes()).unwrap();
    }
    zip.finish().unwrap().into_inner()
}

const CONTAINER: &str = "<container version=\"1.0\" xmlns=\"urn:oasis:names:tc:opendocument:xmlns:container\"><rootfiles><rootfile full-path=\"OEBPS/a.opf\" media-type=\"application/oebps-package+xml\"/></rootfiles></container>";

/// A book of EPUB 3 with these pages.
fn book(pages: &[&str]) -> Vec<u8> {
    let items: String =
        (0..pages.len()).map(|n| format!("<item id=\"p{n}\" href=\"t/p{n}.xhtml\" media-type=\"application/xhtml+xml\"/>\n    ")).collect();
    let refs: String = (0..pages.len()).map(|n| format!("<itemref idref=\"p{n}\"/>")).collect();
    let package = format!(
        "<?xml version=\"1.0\"?>\n<package xmlns=\"http://www.idpf.org/2007/opf\" version=\"3.0\" unique-identifier=\"id\">\n  <metadata xmlns:dc=\"http://purl.org/dc/elements/1.1/\">\n    <dc:identifier id=\"id\">x</dc:identifier><dc:title>A Book</dc:title><dc:language>en</dc:language>\n    <meta property=\"dcterms:modified\">2001-01-01T00:00:00Z</meta>\n  </metadata>\n  <manifest>\n    {items}<item id=\"nav\" href=\"nav.xhtml\" media-type=\"application/xhtml+xml\" properties=\"nav\"/>\n  </manifest>\n  <spine>{refs}</spine>\n</package>\n"
    );
    let pages: Vec<(String, String)> = pages
        .iter()
        .enumerate()
        .map(|(n, body)| {
            let page = format!("<?xml version=\"1.0\"?>\n<!DOCTYPE html>\n<html xmlns=\"http://www.w3.org/1999/xhtml\" xmlns:epub=\"http://www.idpf.org/2007/ops\"><head><title>P</title></head><body>{body}</body></html>");
            (format!("OEBPS/t/p{n}.xhtml"), page)
        })
        .collect();
    let nav = "<html xmlns=\"http://www.w3.org/1999/xhtml\" xmlns:epub=\"http://www.idpf.org/2007/ops\"><head><title>N</title></head><body><nav epub:type=\"toc\"><ol><li><a href=\"t/p0.xhtml\">One</a></li></ol></nav></body></html>";
    let mut files = vec![
        ("mimetype", "application/epub+zip"),
        ("META-INF/container.xml", CONTAINER),
        ("OEBPS/a.opf", package.as_str()),
    ];
    files.extend(pages.iter().map(|(name, text)| (name.as_str(), text.as_str())));
    files.push(("OEBPS/nav.xhtml", nav));
    zip(&files)
}

/// Every word takes a second, and every sentence is read but those that begin with "Not".
fn reading(book: &[u8]) -> Reading {
    let article = documents::read(book, &documents::Hint::default()).unwrap();
    let mut alignment = Alignment { belongs: Belongs::Yes, ..Alignment::default() };
    let mut at = 1;
    for (index, sentence) in article.sentences.iter().enumerate() {
        let is_read = !article.sentence(index).starts_with("Not");
        let first = at;
        for _ in sentence.words.clone() {
            let span = is_read.then(|| Span::from_millis(at * 1000, at * 1000 + 900));
            alignment.words.push(Timing { span, confidence: 1.0, spoken: 0..0 });
            at += u64::from(is_read);
        }
        let span =
            (is_read && at > first).then(|| Span::from_millis(first * 1000, at * 1000 - 100));
        let status = if span.is_some() { Status::Spoken } else { Status::Unspoken };
        alignment.sentences.push(SentenceTiming { status, span, confidence: 1.0 });
    }
    Reading { article, alignment, ..Reading::default() }
}

fn options(kind: Fragments) -> Options {
    Options {
        fragments: kind,
        end: Timestamp::from_millis(1_000_000),
        modified: "2026-01-31T12:00:00Z".into(),
        ..Options::default()
    }
}

fn sound(start: u64) -> Sound<'static> {
    Sound {
        start: Timestamp::from_millis(start),
        kind: "audio/mpeg",
        place: SoundPlace::Embedded(Box::new(&b"sound"[..]), 5),
    }
}

fn written(book: &[u8], kind: Fragments) -> (Vec<u8>, Written) {
    let mut out = Cursor::new(Vec::new());
    let written = write(book, &reading(book), vec![sound(0)], &options(kind), &mut out).unwrap();
    (out.into_inner(), written)
}

fn file(book: &[u8], name: &str) -> String {
    let mut zip = ::zip::ZipArchive::new(Cursor::new(book)).unwrap();
    let mut text = String::new();
    zip.by_name(name).unwrap_or_else(|e| panic!("{name}: {e}")).read_to_string(&mut text).unwrap();
    text
}

fn body(page: &str) -> &str {
    &page[page.find("<body>").unwrap() + 6..page.find("</body>").unwrap()]
}

#[test]
fn names_are_put_around_what_is_read_and_nothing_else_changes() {
    for (page, want) in [
        (
            "<p class='x'>One two.\n  Three &#8212; four&nbsp;five.</p>",
            "<p class='x'>[One two.]\n  [Three &#8212; four&nbsp;five.]</p>",
        ),
        (
            "<h1>The <i>River</i></h1><p>Not read. It is.</p>",
            "<h1>[The <i>River</i>]</h1><p>Not read. [It is.]</p>",
        ),
        (
            "<p>He said <i>yes. Then no</i> more.</p>",
            "<p>[He said] <i>[yes.] [Then no]</i> [more.]</p>",
        ),
        (
            "<p>It rained<a epub:type=\"noteref\" href=\"#f\">1</a> all day.</p><aside epub:type=\"footnote\" id=\"f\"><p>Not here.</p></aside>",
            "<p>[It rained<a epub:type=\"noteref\" href=\"#f\">1</a> all day.]</p><aside epub:type=\"footnote\" id=\"f\"><p>Not here.</p></aside>",
        ),
        (
            "<p><span>W</span>hen we came. <img src='x'/></p>",
            "<p>[<span>W</span>hen we came.] <img src='x'/></p>",
        ),
        (
            "<!-- a --><p>One.</p><?x y?><p> Two </p>",
            "<!-- a --><p>[One.]</p><?x y?><p> [Two] </p>",
        ),
    ] {
        let source = book(&[page]);
        let (new, _) = written(&source, Fragments::Sentence);
        let page = file(&new, "OEBPS/t/p0.xhtml");
        let mut shown = body(&page).replace("</span>", "]");
        while let Some(at) = shown.find("<span id=\"aloud-") {
            let end = at + shown[at..].find('>').unwrap();
            shown.replace_range(at..=end, "[");
        }
        // Spans of the book itself.
        assert_eq!(shown, want.replace("</span>", "]"));
        let head = "<head><title>P</title><link rel=\"stylesheet\" type=\"text/css\" href=\"../aloud/active.css\"/></head>";
        assert!(page.contains(head), "{page}");
    }
}

#[test]
fn an_overlay_for_each_page() {
    let source = book(&["<p>One two. Three.</p>", "<p>Not read.</p>", "<p>Four five.</p>"]);
    let (new, told) = written(&source, Fragments::Sentence);
    assert_eq!((told.n_fragments, told.n_pages), (3, 2), "{told:?}");
    assert_eq!(file(&new, "mimetype"), "application/epub+zip");
    assert_eq!(file(&new, "OEBPS/aloud/sound-1.mp3"), "sound");
    insta::assert_snapshot!(file(&new, "OEBPS/aloud/1.smil"), @r##"
    <?xml version="1.0" encoding="UTF-8"?>
    <smil xmlns="http://www.w3.org/ns/SMIL" version="3.0">
      <body>
        <par id="par1">
          <text src="../t/p0.xhtml#aloud-s2"/>
          <audio src="sound-1.mp3" clipBegin="0:00:02.800" clipEnd="0:00:04.950"/>
        </par>
        <par id="par2">
          <text src="../t/p0.xhtml#aloud-s3"/>
          <audio src="sound-1.mp3" clipBegin="0:00:04.950" clipEnd="0:00:05.950"/>
        </par>
      </body>
    </smil>
    "##);
    insta::assert_snapshot!(file(&new, "OEBPS/a.opf"), @r##"
    <?xml version="1.0"?>
    <package xmlns="http://www.idpf.org/2007/opf" version="3.0" unique-identifier="id">
      <metadata xmlns:dc="http://purl.org/dc/elements/1.1/">
        <dc:identifier id="id">x</dc:identifier><dc:title>A Book</dc:title><dc:language>en</dc:language>
        <meta property="dcterms:modified">2026-01-31T12:00:00Z</meta>
        <meta property="media:active-class">-epub-media-overlay-active</meta>
        <meta refines="#aloud-overlay-1" property="media:duration">0:00:03.150</meta>
        <meta refines="#aloud-overlay-2" property="media:duration">0:00:02.250</meta>
        <meta property="media:duration">0:00:05.400</meta>
      </metadata>
      <manifest>
        <item media-overlay="aloud-overlay-1" id="p0" href="t/p0.xhtml" media-type="application/xhtml+xml"/>
        <item id="p1" href="t/p1.xhtml" media-type="application/xhtml+xml"/>
        <item media-overlay="aloud-overlay-2" id="p2" href="t/p2.xhtml" media-type="application/xhtml+xml"/>
        <item id="nav" href="nav.xhtml" media-type="application/xhtml+xml" properties="nav"/>
        <item id="aloud-style" href="aloud/active.css" media-type="text/css"/>
        <item id="aloud-sound-1" href="aloud/sound-1.mp3" media-type="audio/mpeg"/>
        <item id="aloud-overlay-1" href="aloud/1.smil" media-type="application/smil+xml"/>
        <item id="aloud-overlay-2" href="aloud/2.smil" media-type="application/smil+xml"/>
      </manifest>
      <spine><itemref idref="p0"/><itemref idref="p1"/><itemref idref="p2"/></spine>
    </package>
    "##);
    assert_eq!(file(&new, "OEBPS/t/p1.xhtml"), file(&source, "OEBPS/t/p1.xhtml"));
}

#[test]
fn a_book_that_was_written_is_written_again() {
    let source = book(&["<p>One <b>two. Three</b>.</p>"]);
    let (once, _) = written(&source, Fragments::Sentence);
    let (twice, _) = written(&once, Fragments::Sentence);
    for (before, after) in [
        ("OEBPS/t/p0.xhtml", "OEBPS/t/p0.xhtml"),
        ("OEBPS/aloud/1.smil", "OEBPS/aloud1/1.smil"),
        ("OEBPS/aloud/active.css", "OEBPS/aloud/active.css"),
    ] {
        assert_eq!(file(&once, before), file(&twice, after));
    }
    let names: Vec<String> = ::zip::ZipArchive::new(Cursor::new(&twice))
        .unwrap()
        .file_names()
        .flatten()
        .map(std::borrow::Cow::into_owned)
        .collect();
    assert!(!names.contains(&"OEBPS/aloud/sound-1.mp3".to_owned()), "{names:?}");
    let package = file(&twice, "OEBPS/a.opf");
    assert_eq!(package.matches("media:duration").count(), 2, "{package}");
    assert_eq!(file(&twice, "OEBPS/a.opf").matches("aloud1-overlay-1\"").count(), 3);
}

#[test]
fn word_by_word_and_part_by_part() {
    let source = book(&["<p>“One,” <i>t</i>wo. Not read.</p>"]);
    let mut out = Cursor::new(Vec::new());
    let sounds = vec![sound(0), sound(2_950)];
    let told =
        write(&source, &reading(&source), sounds, &options(Fragments::Word), &mut out).unwrap();
    let new = out.into_inner();
    assert_eq!(told.n_fragments, 2);
    insta::assert_snapshot!(body(&file(&new, "OEBPS/t/p0.xhtml")), @r#"<p>“<span id="aloud-w3">One</span>,” <span id="aloud-w4"><i>t</i>wo</span>. Not read.</p>"#);
    insta::assert_snapshot!(file(&new, "OEBPS/aloud/1.smil"), @r##"
    <?xml version="1.0" encoding="UTF-8"?>
    <smil xmlns="http://www.w3.org/ns/SMIL" version="3.0">
      <body>
        <par id="par1">
          <text src="../t/p0.xhtml#aloud-w3"/>
          <audio src="sound-2.mp3" clipBegin="0:00:00.000" clipEnd="0:00:01.000"/>
        </par>
        <par id="par2">
          <text src="../t/p0.xhtml#aloud-w4"/>
          <audio src="sound-2.mp3" clipBegin="0:00:01.000" clipEnd="0:00:02.250"/>
        </par>
      </body>
    </smil>
    "##);
}

#[test]
fn what_cannot_be_is_told() {
    let source = book(&["<p>One two.</p>", "<p>Broken <br> page.</p>"]);
    let (_, told) = written(&source, Fragments::Sentence);
    assert_eq!(
        told.broken.iter().map(|(path, _)| path.as_str()).collect::<Vec<_>>(),
        ["OEBPS/t/p1.xhtml"]
    );
    assert_eq!(told.without_place.len(), 2);
    let other = reading(&book(&["<p>Other.</p>"]));
    let result = write(
        &source,
        &other,
        vec![sound(0)],
        &options(Fragments::Sentence),
        Cursor::new(Vec::new()),
    );
    assert!(matches!(result, Err(BookError::OtherText)));
    let mut unread = reading(&source);
    unread.alignment.words.iter_mut().for_each(|word| word.span = None);
    let result =
        write(&source, &unread, vec![sound(0)], &options(Fragments::Word), Cursor::new(Vec::new()));
    assert!(matches!(result, Err(BookError::NoWords)));
    unread.alignment.sentences.iter_mut().for_each(|sentence| sentence.span = None);
    unread.alignment.unwritten.push(Unwritten {
        span: Span::from_millis(0, 10),
        text: String::new(),
        spoken: 0..0,
    });
    let result = write(
        &source,
        &unread,
        vec![sound(0)],
        &options(Fragments::Sentence),
        Cursor::new(Vec::new()),
    );
    assert!(matches!(result, Err(BookError::Nothing)));
    assert!(
        write(b"no book", &unread, Vec::new(), &options(Fragments::Word), Cursor::new(Vec::new()))
            .is_err()
    );
}

#[test]
fn an_older_book_becomes_one_of_today() {
    let page = "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n<!DOCTYPE html PUBLIC \"-//W3C//DTD XHTML 1.1//EN\" \"http://www.w3.org/TR/xhtml11/DTD/xhtml11.dtd\">\n<html xmlns=\"http://www.w3.org/1999/xhtml\"><head><title>x</title></head><body><p align=\"center\">One&nbsp;two.</p></body></html>";
    let package = "<package xmlns=\"http://www.idpf.org/2007/opf\" version=\"2.0\" unique-identifier=\"id\"><metadata xmlns:dc=\"http://purl.org/dc/elements/1.1/\" xmlns:opf=\"http://www.idpf.org/2007/opf\"><dc:identifier id=\"id\" opf:scheme=\"UUID\">x</dc:identifier><dc:title>A Book</dc:title><dc:creator opf:role=\"aut\" opf:file-as=\"B, A\">A B</dc:creator><dc:contributor opf:role=\"nrt\">C D</dc:contributor><dc:language>en</dc:language><dc:date opf:event=\"creation\">2000</dc:date><dc:date opf:event=\"publication\">2001</dc:date><dc:rights/></metadata><manifest><item id=\"ncx\" href=\"toc.ncx\" media-type=\"application/x-dtbncx+xml\"/><item id=\"a\" href=\"a.xhtml\" media-type=\"application/xhtml+xml\"/></manifest><spine toc=\"ncx\"><itemref idref=\"a\"/></spine></package>";
    let ncx = "<ncx xmlns=\"http://www.daisy.org/z3986/2005/ncx/\" version=\"2005-1\"><navMap><navPoint id=\"n\" playOrder=\"1\"><navLabel><text>One</text></navLabel><content src=\"a.xhtml\"/></navPoint></navMap></ncx>";
    let source = zip(&[
        ("mimetype", "application/epub+zip"),
        ("META-INF/container.xml", CONTAINER),
        ("OEBPS/a.opf", package),
        ("OEBPS/toc.ncx", ncx),
        ("OEBPS/a.xhtml", page),
    ]);
    let (new, told) = written(&source, Fragments::Sentence);
    assert!(told.is_upgraded);
    insta::assert_snapshot!(file(&new, "OEBPS/a.xhtml"), @r##"
    <?xml version="1.0" encoding="utf-8"?>
    <!DOCTYPE html>
    <html xmlns="http://www.w3.org/1999/xhtml"><head><title>x</title><link rel="stylesheet" type="text/css" href="aloud/active.css"/></head><body><p style="text-align: center"><span id="aloud-s2">One&#160;two.</span></p></body></html>
    "##);
    insta::assert_snapshot!(file(&new, "OEBPS/a.opf"), @r##"
    <package xmlns="http://www.idpf.org/2007/opf" version="3.0" unique-identifier="id"><metadata xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:opf="http://www.idpf.org/2007/opf"><dc:identifier id="id">x</dc:identifier><dc:title>A Book</dc:title><dc:creator id="aloud-creator-2">A B</dc:creator><dc:contributor id="aloud-contributor-3">C D</dc:contributor><dc:language>en</dc:language><dc:date>2001</dc:date><meta refines="#aloud-creator-2" property="role" scheme="marc:relators">aut</meta>
        <meta refines="#aloud-creator-2" property="file-as">B, A</meta>
        <meta refines="#aloud-contributor-3" property="role" scheme="marc:relators">nrt</meta>
          <meta property="media:active-class">-epub-media-overlay-active</meta>
        <meta refines="#aloud-overlay-1" property="media:duration">0:00:02.400</meta>
        <meta property="media:duration">0:00:02.400</meta>
        <meta property="media:narrator">C D</meta>
        <meta property="dcterms:modified">2026-01-31T12:00:00Z</meta>
      </metadata><manifest><item id="ncx" href="toc.ncx" media-type="application/x-dtbncx+xml"/><item media-overlay="aloud-overlay-1" id="a" href="a.xhtml" media-type="application/xhtml+xml"/>  <item id="aloud-style" href="aloud/active.css" media-type="text/css"/>
        <item id="aloud-sound-1" href="aloud/sound-1.mp3" media-type="audio/mpeg"/>
        <item id="aloud-overlay-1" href="aloud/1.smil" media-type="application/smil+xml"/>
        <item id="aloud-nav" href="aloud-nav.xhtml" media-type="application/xhtml+xml" properties="nav"/>
      </manifest><spine toc="ncx"><itemref idref="a"/></spine></package>
    "##);
    assert!(file(&new, "OEBPS/aloud-nav.xhtml").contains("<li><a href=\"a.xhtml\">One</a></li>"));
}

#[test]
fn what_was_written_is_read() {
    let source = book(&["<p>One <b>two. Three</b> four.</p>", "<p>Not read. Five six.</p>"]);
    for (kind, mean) in [(Fragments::Sentence, 0.5), (Fragments::Word, 1.0)] {
        let mut out = Cursor::new(Vec::new());
        // "Five six" is in the second sound.
        write(&source, &reading(&source), vec![sound(0), sound(6_950)], &options(kind), &mut out)
            .unwrap();
        let new = out.into_inner();
        let spoken = read(&new, None).unwrap().unwrap();
        assert_eq!(spoken.sounds, ["OEBPS/aloud/sound-1.mp3", "OEBPS/aloud/sound-2.mp3"]);
        let stretch = |start, end| Stretch {
            start: Timestamp::from_millis(start),
            end: Timestamp::from_millis(end),
        };
        let found = spoken.alignment(&[stretch(0, 6_950), stretch(6_950, 20_000)]);
        let want = reading(&source).alignment;
        assert_eq!(
            found.sentences.iter().map(|s| s.status).collect::<Vec<_>>()[1..],
            want.sentences.iter().map(|s| s.status).collect::<Vec<_>>()[1..]
        );
        for (index, (found, want)) in found.words.iter().zip(&want.words).enumerate().skip(2) {
            let off = found
                .span
                .map(|span| span.start().millis())
                .zip(want.span.map(|span| span.start().millis()));
            assert_eq!(found.span.is_some(), want.span.is_some(), "{index}");
            assert!(
                off.is_none_or(|(found, want)| found.abs_diff(want) <= 300),
                "{index}: {off:?}"
            );
            assert!(found.span.is_none() || found.confidence >= mean);
        }
        let mut bytes = Vec::new();
        super::sound(&new, &spoken.sounds[1], &mut bytes).unwrap();
        assert_eq!(bytes, b"sound");
    }
    assert!(read(&source, None).unwrap().is_none());
    assert!(read(b"x", None).is_err());
}

/// A page of which two readers see different things must not cost the square of its length.
#[test]
fn a_page_that_is_two_costs_no_more_than_both() {
    let odd: String = (0..5_000).map(|n| format!("w{n} ")).collect();
    let source = book(&[&format!(
        "<x:nav xmlns:x=\"y\">{odd}</x:nav><p>{}</p>",
        "other words ".repeat(5_000)
    )]);
    let (_, told) = written(&source, Fragments::Word);
    assert!(told.n_pages == 1);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(60))]
    #[test]
    fn without_the_names_it_is_the_old_book(parts in prop::collection::vec(
        prop::sample::select(vec![
            "One ", "two. ", "Three ", "four! ", "&#8212;", "&amp; ", "<i>", "</i>", "<b class='x'>", "</b>", "<p>", "</p>", "<br/>", "<!-- x -->",
            "<div>", "</div>", "\n  ", "漢字。", "<![CDATA[a < b. c ]]>", "<a epub:type='noteref' href='#x'>1</a>", "“Yes,” ", "<sup>2</sup>",
        ]), 1..40)) {
        // Every element that is open is closed in turn.
        let (mut page, mut open) = (String::new(), Vec::new());
        for part in parts {
            match part {
                end if end.starts_with("</") => {
                    if let Some(name) = open.pop() {
                        page += &format!("</{name}>");
                    }
                }
                start if start.starts_with('<') && !start.ends_with("/>") && !start.starts_with("<!") && !start.contains("</") => {
                    open.push(start[1..].split([' ', '>']).next().unwrap_or_default());
                    page += start;
                }
                text => page += text,
            }
        }
        for name in open.into_iter().rev() {
            page += &format!("</{name}>");
        }
        let source = book(&[&format!("<p>Begin.</p>{page}")]);
        for kind in [Fragments::Sentence, Fragments::Word] {
            let (new, told) = written(&source, kind);
            prop_assert!(told.broken.is_empty());
            let mut text = file(&new, "OEBPS/t/p0.xhtml").replace("</span>", "");
            prop_assert!(xml::Document::parse(&file(&new, "OEBPS/t/p0.xhtml")).is_ok());
            while let Some(at) = text.find("<span id=\"aloud-") {
                let end = at + text[at..].find('>').unwrap();
                text.replace_range(at..=end, "");
            }
            let text = text.replace("<link rel=\"stylesheet\" type=\"text/css\" href=\"../aloud/active.css\"/>", "");
            prop_assert_eq!(text, file(&source, "OEBPS/t/p0.xhtml"));
        }
    }

    #[test]
    fn nonsense_never_panics(text in "(<|>|/|&|;|#|x|nav|par|ncx|navMap|navPoint|'|\"|=| |smil|text|audio|src|a.x#b|\\[|!|-|中){0,60}") {
        let _ = xml::Document::parse(&text);
        let _ = smil::parse(&text, "a/");
        let _ = nav::entries(&text, &|_| true);
        let _ = package::Package::parse(&text, "a/b");
    }
}
