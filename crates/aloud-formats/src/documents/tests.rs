//! The room as a whole: whole pages and books, long and strange texts, and any bytes at all.

use super::*;
use crate::article::{Article, Block, BlockKind, Skip, from_text};
use crate::reason::Hinted;
use crate::transcript::characters::{is_spoken, is_unprintable};
use proptest::prelude::*;
use std::ops::Range;

/// The blocks, a line each: kind, what is skipped of it, text.
fn shape(article: &Article) -> Vec<String> {
    let skips = |block: &Block| {
        let skips = article.sentences[block.sentences.clone()]
            .iter()
            .map(|s| s.skip.map_or("-".into(), |skip| format!("{skip:?}")));
        skips.collect::<Vec<_>>().join(",")
    };
    article
        .blocks
        .iter()
        .map(|block| {
            format!("{:?} {} {}", block.kind, skips(block), &article.text[block.bytes.clone()])
        })
        .collect()
}

fn html(page: &str) -> Article {
    read(page.as_bytes(), &Hint::default()).unwrap()
}

/// What holds of every article.
fn check_invariants(article: &Article) {
    let text = &article.text;
    assert!(text.chars().all(|c| !is_unprintable(c) && (c == '\n' || !c.is_control())), "{text:?}");
    let is_apart =
        |ranges: Vec<Range<usize>>| ranges.windows(2).all(|pair| pair[0].end <= pair[1].start);
    let is_whole = |range: &Range<usize>| {
        let piece = &text[range.clone()];
        !piece.is_empty() && piece.trim() == piece && !piece.contains('\n')
    };
    let joined: Vec<&str> = article.blocks.iter().map(|block| &text[block.bytes.clone()]).collect();
    assert_eq!(&joined.join("\n\n"), text);
    assert!(
        article.blocks.iter().all(|b| is_whole(&b.bytes))
            && article.sentences.iter().all(|s| is_whole(&s.bytes))
    );
    assert!(
        article
            .words
            .iter()
            .all(|w| is_whole(&w.bytes) && text[w.bytes.clone()].contains(is_spoken))
    );
    assert!(is_apart(article.sentences.iter().map(|s| s.bytes.clone()).collect()));
    assert!(is_apart(article.words.iter().map(|w| w.bytes.clone()).collect()));
    let (mut n_sentences, mut n_words) = (0, 0);
    for block in &article.blocks {
        assert_eq!(block.sentences.start, n_sentences);
        n_sentences = block.sentences.end;
        for sentence in &article.sentences[block.sentences.clone()] {
            assert!(
                block.bytes.start <= sentence.bytes.start && sentence.bytes.end <= block.bytes.end
            );
            assert_eq!(sentence.words.start, n_words);
            n_words = sentence.words.end;
            let words = &article.words[sentence.words.clone()];
            assert!(words.iter().all(
                |w| sentence.bytes.start <= w.bytes.start && w.bytes.end <= sentence.bytes.end
            ));
        }
        let inside: String = article.sentences[block.sentences.clone()]
            .iter()
            .map(|s| &text[s.bytes.clone()])
            .collect();
        let bare = |text: &str| text.chars().filter(|c| !c.is_whitespace()).collect::<String>();
        assert_eq!(
            bare(&inside),
            bare(&text[block.bytes.clone()]),
            "every character is in a sentence"
        );
    }
    assert_eq!((n_sentences, n_words), (article.sentences.len(), article.words.len()));
    let spoken = |text: &str| text.chars().filter(|c| is_spoken(*c)).count();
    let in_words: usize = (0..article.words.len()).map(|word| spoken(article.word(word))).sum();
    assert_eq!(in_words, spoken(text), "every letter is in a word");
}

const PAGE: &str = r##"<!DOCTYPE html><html lang="en"><head><meta charset="utf-8"><title>The Machine in the Closet - The Paper</title>
<script>var a = "<p>no</p>";</script><style>p { color: red }</style></head><body>
<nav><a href="/">Home</a> <a href="/tech">Technology</a> <a href="/world">World</a></nav>
<header><div class="social-share"><button>Share</button> <a href="#">Tweet</a></div></header>
<article><h1>The Machine in the Closet</h1><p class="byline">By Ruth Calloway</p>
<figure><img src="a.jpg" alt="A picture"><figcaption>The courthouse, before the rain. <span>Tomas Eberle</span></figcaption></figure>
<p>On Jan. 20, 2025, the river came over the road in Mill County, and the lights went out in the
courthouse.<sup id="r1"><a href="#fn1">1</a></sup> The telephones failed an hour later, and nobody outside the county could reach them.</p>
<h2>What&nbsp;open means</h2>
<p>The word &ldquo;open&rdquo; does a <em>lot</em> of work in this business, and some of that work is not honest. So let me be plain, as plain as I can be.</p>
<blockquote><p>We chose it because it was ours, and for no other reason that anybody could name.</p></blockquote>
<ul><li>First, say what is open, and to whom.</li><li>Second, test before you give it away.</li></ul>
<p style="display: none">A hidden line that nobody is meant to read at all.</p>
<p>It was not perfect. On the second night it sent a man named Walter Finch to look for his sister in the wrong building.</p>
<pre><code>let no = "code";</code></pre>
<p>Last month I went back to Mill County, where the road is dry, and the school is a school again. It is in its closet.</p>
</article>
<aside class="related"><h3>Related articles</h3><ul><li><a href="/x">Another story</a></li><li><a href="/y">And another</a></li></ul></aside>
<footer><p>Copyright 2025 The Paper</p><a href="/sub">Subscribe</a></footer></body></html>"##;

#[test]
fn a_web_page_gives_its_article() {
    let article = html(PAGE);
    check_invariants(&article);
    insta::assert_snapshot!(shape(&article).join("\n"), @"
    Title Title The Machine in the Closet
    Caption Caption,Caption The courthouse, before the rain. Tomas Eberle
    Paragraph -,- On Jan. 20, 2025, the river came over the road in Mill County, and the lights went out in the courthouse. The telephones failed an hour later, and nobody outside the county could reach them.
    Heading - What open means
    Paragraph -,- The word “open” does a lot of work in this business, and some of that work is not honest. So let me be plain, as plain as I can be.
    Quote - We chose it because it was ours, and for no other reason that anybody could name.
    Item - First, say what is open, and to whom.
    Item - Second, test before you give it away.
    Paragraph -,- It was not perfect. On the second night it sent a man named Walter Finch to look for his sister in the wrong building.
    Paragraph -,- Last month I went back to Mill County, where the road is dry, and the school is a school again. It is in its closet.
    ");
    assert_eq!(article.language.as_deref(), Some("en"));
}

#[test]
fn a_short_table_is_not_left_out_for_its_heading() {
    let row = "<tr><td>The telephones failed an hour later, and nobody came.</td><td>一個小時後，電話也斷了，沒有人來。</td></tr>";
    let page = format!(
        "<html><body><main><h1>機器</h1><table>{}</table></main></body></html>",
        row.repeat(6)
    );
    assert_eq!(html(&page).text.matches("telephones").count(), 6);
}

#[test]
fn small_and_strange_pages() {
    for (page, want) in [
        ("<html><title>T</title><body><p>One.<p>Two<br>lines</body>", "T|One.|Two|lines"),
        ("<p>只有一段\n文字。<ruby>漢<rt>かん</rt></ruby>", "只有一段文字。漢"),
        ("<html><body><main><h1>Head</h1>Text</main><footer>Foot</footer>", "Head|Text"),
        ("<html><body><table><tr><td>a</td><td>b</td></tr><tr><td>c</td></tr></table>", "a b|c"),
        (
            "<html><body><table><tr><td>What is said stands here.</td><td>這裡寫著說了什麼，一個字也沒有少。</td></tr></table>",
            "What is said stands here.|這裡寫著說了什麼，一個字也沒有少。",
        ),
        ("<html><pre>\nOne line.\n\nAnother.</pre>", "One line.|Another."),
        ("<html><p>A\u{1b}[31mB\u{202e}C&#27;[0m&#x202e;D</p>", "ABCD"),
    ] {
        let article = html(page);
        check_invariants(&article);
        assert_eq!(article.text.replace("\n\n", "|"), want, "{page}");
    }
    let deep = format!("<html>{}text{}", "<div>".repeat(3000), "</div>".repeat(3000));
    assert_eq!(html(&deep).text, "text");
    let nested = format!("<html><p>a {}text{}", "<ins>".repeat(3000), "</ins>".repeat(3000));
    assert_eq!(html(&nested).text, "a text");
}

/// A zip file of stored files, as an EPUB may be.
fn zip(files: &[(&str, &str)]) -> Vec<u8> {
    let crc = |bytes: &[u8]| {
        !bytes.iter().fold(!0u32, |crc, byte| {
            (0..8).fold(crc ^ u32::from(*byte), |c, _| {
                (c >> 1) ^ (0xEDB8_8320 & (c & 1).wrapping_neg())
            })
        })
    };
    let (mut body, mut directory) = (Vec::new(), Vec::new());
    for (name, text) in files {
        let mut common = vec![10, 0, 0, 0, 0, 0, 0, 0, 0, 0];
        common.extend(crc(text.as_bytes()).to_le_bytes());
        common.extend(
            [(text.len() as u32).to_le_bytes(), (text.len() as u32).to_le_bytes()].concat(),
        );
        common.extend([(name.len() as u16).to_le_bytes(), [0, 0]].concat());
        directory.extend(
            [
                b"PK\x01\x02\x0a\0".as_slice(),
                &common,
                &[0; 10],
                &(body.len() as u32).to_le_bytes(),
                name.as_bytes(),
            ]
            .concat(),
        );
        body.extend([b"PK\x03\x04".as_slice(), &common, name.as_bytes(), text.as_bytes()].concat());
    }
    let n = (files.len() as u16).to_le_bytes();
    let (size, at) = ((directory.len() as u32).to_le_bytes(), (body.len() as u32).to_le_bytes());
    [body, directory, [b"PK\x05\x06\0\0\0\0".as_slice(), &n, &n, &size, &at, &[0, 0]].concat()]
        .concat()
}

fn book() -> Vec<u8> {
    let page = |body: &str| {
        format!(
            "<?xml version=\"1.0\"?><html xmlns=\"http://www.w3.org/1999/xhtml\"><head><title/></head><body>{body}</body></html>"
        )
    };
    zip(&[
        ("mimetype", "application/epub+zip"),
        (
            "META-INF/container.xml",
            "<?xml version=\"1.0\"?><container version=\"1.0\" xmlns=\"urn:oasis:names:tc:opendocument:xmlns:container\"><rootfiles><rootfile full-path=\"O/p.opf\" media-type=\"application/oebps-package+xml\"/></rootfiles></container>",
        ),
        (
            "O/p.opf",
            "<?xml version=\"1.0\"?><package xmlns=\"http://www.idpf.org/2007/opf\" version=\"3.0\" unique-identifier=\"i\"><metadata xmlns:dc=\"http://purl.org/dc/elements/1.1/\"><dc:identifier id=\"i\">x</dc:identifier><dc:title>A Small Book</dc:title><dc:language>en</dc:language></metadata><manifest><item id=\"nav\" href=\"nav.xhtml\" media-type=\"application/xhtml+xml\" properties=\"nav\"/><item id=\"a\" href=\"a.xhtml\" media-type=\"application/xhtml+xml\"/><item id=\"b\" href=\"b%20c.xhtml\" media-type=\"application/xhtml+xml\"/><item id=\"m\" href=\"missing.xhtml\" media-type=\"application/xhtml+xml\"/></manifest><spine><itemref idref=\"nav\"/><itemref idref=\"a\"/><itemref idref=\"m\"/><itemref idref=\"b\"/></spine></package>",
        ),
        (
            "O/nav.xhtml",
            &page(
                "<nav epub:type=\"toc\" xmlns:epub=\"http://www.idpf.org/2007/ops\"><ol><li><a href=\"a.xhtml\">The River</a><ol><li><a href=\"a.xhtml#two\">Night</a></li></ol></li><li><a href=\"b%20c.xhtml\">The Closet</a></li></ol></nav>",
            ),
        ),
        (
            "O/a.xhtml",
            &page(
                "<h1>The River</h1><p>It rained<a id=\"n1\" epub:type=\"noteref\" href=\"#f1\">1</a> all day.</p><h2 id=\"two\">Night</h2><p>It rained all night.</p><aside epub:type=\"footnote\" id=\"f1\"><p>In Mill County.</p></aside>",
            ),
        ),
        ("O/b c.xhtml", &page("<h1>The Closet</h1><p>It was small.</p>")),
    ])
}

#[test]
fn a_book_and_its_chapters() {
    let bytes = book();
    let of = |chapter: Option<&str>| {
        read(&bytes, &Hint { chapter, ..Hint::default() }).map(|article| {
            check_invariants(&article);
            shape(&article).join("|")
        })
    };
    assert_eq!(chapters(&bytes).unwrap(), ["The River", "Night", "The Closet"]);
    assert_eq!(
        of(None).unwrap(),
        "Title - A Small Book|Heading - The River|Paragraph - It rained all day.|Heading - Night|Paragraph - It rained all night.|Paragraph Footnote In Mill County.|Heading - The Closet|Paragraph - It was small."
    );
    assert_eq!(
        of(Some("1")).unwrap(),
        "Title - The River|Paragraph - It rained all day.|Heading - Night|Paragraph - It rained all night.|Paragraph Footnote In Mill County."
    );
    assert_eq!(
        of(Some("night")).unwrap(),
        "Title - Night|Paragraph - It rained all night.|Paragraph Footnote In Mill County."
    );
    assert_eq!(of(Some("closet")).unwrap(), of(Some("3")).unwrap());
    for wanted in ["the", "4", "0", "", "Day"] {
        let error = of(Some(wanted)).unwrap_err();
        assert!(error.to_string().contains(&format!("`{wanted}`")), "{error}");
        assert!(error.hint().is_some_and(|hint| hint.contains("2  Night")), "{error}");
    }
    assert!(matches!(
        read(b"PK\x03\x04 META-INF/container.xml", &Hint::default()),
        Err(ArticleError::BadBook { .. })
    ));
    assert!(matches!(
        read(b"PK\x03\x04 word/document.xml", &Hint::default()),
        Err(ArticleError::NotText { .. })
    ));
    assert!(matches!(chapters(b"x"), Err(ArticleError::BadBook { .. })));
    for name in ["notzip.epub", "https://a.net/b.EPUB?x=1"] {
        let hint = Hint { name: Some(name), ..Hint::default() };
        assert_eq!(read(b"hello", &hint), Err(ArticleError::NoEpub), "{name}");
    }
    assert!(matches!(
        read(b"text", &Hint { chapter: Some("1"), ..Hint::default() }),
        Err(ArticleError::NoBook { .. })
    ));
}

/// The small book with other bytes for one of its parts, packed as books are.
fn book_with(part: &str, text: &str) -> Vec<u8> {
    use std::io::{Cursor, Read, Write};
    let mut from = zip::ZipArchive::new(Cursor::new(book())).unwrap();
    let mut to = zip::ZipWriter::new(Cursor::new(Vec::new()));
    let options = zip::write::SimpleFileOptions::default()
        .compression_method(zip::CompressionMethod::Deflated);
    for index in 0..from.len() {
        let mut own = from.by_index(index).unwrap();
        let mut bytes = Vec::new();
        own.read_to_end(&mut bytes).unwrap();
        let name = own.name().unwrap().into_owned();
        to.start_file(&name, options).unwrap();
        to.write_all(if name == part { text.as_bytes() } else { &bytes }).unwrap();
    }
    to.finish().unwrap().into_inner()
}

#[test]
fn books_beyond_all_measure_are_refused_before_a_library_sees_them() {
    let contents = |entries: &str| {
        format!(
            "<html xmlns:epub=\"http://www.idpf.org/2007/ops\"><body><nav epub:type=\"toc\"><ol>{entries}</ol></nav></body></html>"
        )
    };
    let nested = |n: usize| {
        contents(&format!(
            "{}{}",
            "<li><a href=\"a.xhtml\">x</a><ol>".repeat(n),
            "</ol></li>".repeat(n)
        ))
    };
    // Elements that close themselves stay open for the reader of contents, which pops two for one
    // that is in another.
    let popped =
        contents(&format!("{}{}", "<li/>".repeat(20_000), "<li><li></li></li>".repeat(20_000)));
    let many: String = (0..100_000).map(|n| format!(" a{n}=\"\"")).collect();
    for (part, text, says) in [
        ("O/nav.xhtml", nested(200_000), Some("in each other")),
        ("O/nav.xhtml", popped, Some("in each other")),
        (
            "O/nav.xhtml",
            contents(&"<li><a href=\"a.xhtml\">x</a></li>".repeat(300_000)),
            Some("500000 elements"),
        ),
        ("O/p.opf", format!("<package{many}/>"), Some("attributes")),
        ("O/p.opf", " ".repeat(65 << 20), Some("64 MB")),
        ("O/a.xhtml", " ".repeat(65 << 20), Some("64 MB")),
        ("META-INF/container.xml", nested(200_000), Some("in each other")),
        ("O/nav.xhtml", nested(20), None),
        ("O/a.xhtml", "<p>one<p>two<li>three".repeat(200), None),
    ] {
        let bytes = book_with(part, &text);
        assert!(bytes.len() < 1 << 20, "a small file: {}", bytes.len());
        match (read(&bytes, &Hint::default()), says) {
            (Err(error @ ArticleError::BadBook { .. }), Some(says)) => {
                let error = error.to_string();
                assert!(error.contains(says) && error.contains(part), "{says}: {error}");
            }
            (Ok(_), None) => {}
            (other, _) => panic!("{part} {says:?}: {:?}", other.map(|article| article.text.len())),
        }
    }
}

#[test]
fn pages_beyond_all_measure() {
    let many: String = (0..100_000).map(|n| format!(" a{n}=\"<\"")).collect();
    assert_eq!(html(&format!("<html><p{many}>text")).text, "text");
    assert_eq!(
        html(&format!("<html><script>if (a<b c=\"d) {{ }}</script><p{many}>text")).text,
        "text"
    );
    assert_eq!(html(&format!("<html><!-- <a b=\" --><p{many}>text")).text, "text");
    let error =
        read("<html><p>".repeat(300_000).as_bytes(), &Hint::default()).unwrap_err().to_string();
    assert!(error.contains("elements"), "{error}");
    let article = html(&format!("<html><p>a {}", "&amp".repeat(20_000)));
    assert_eq!(article.text.len(), 20_002);
}

#[test]
fn what_asks_for_leave_to_set_cookies_is_not_read() {
    let body = "<p>It rained for three days, and nobody in the whole county knew what to do about all of it.</p>".repeat(4);
    for (banner, is_kept) in [
        (
            "<div id=\"cookie-banner\" class=\"x\"><p>We use cookies. Some are needed.</p><button>Accept</button></div>",
            false,
        ),
        (
            "<section class=\"big CookieConsent\">We use cookies to make this page better for you, and for us.</section>",
            false,
        ),
        (
            "<div id=\"onetrust-consent-sdk\"><div><h2>Your privacy</h2><p>We use cookies.</p></div></div>",
            false,
        ),
        ("<div role=\"dialog\" class=\"cookies\"><p>We use cookies.</p></div>", false),
        (
            "<div class=\"cookie-recipe\"><p>We use cookies in this recipe, and butter.</p></div>",
            true,
        ),
        ("<div class=\"barbecue\"><p>We use cookies on the grill.</p></div>", true),
    ] {
        for page in [
            format!("<html><body>{banner}<article><h1>Rain</h1>{body}</article>"),
            format!("<html><body>{banner}<main>{body}"),
        ] {
            let text = html(&page).text;
            assert!(text.contains("three days"), "{text}");
            // What is kept is left to the search for the article's body.
            assert!(is_kept || !text.contains("cookies"), "{banner}: {text}");
        }
        assert_eq!(
            html(&format!("<html><body><article>{body}{banner}</article>"))
                .text
                .contains("We use cookies"),
            is_kept,
            "{banner}"
        );
    }
    // Where the page does not say what it is, the words do.
    let article =
        html(&format!("<html><body><article><h1>Rain</h1>{body}<p>We use cookies.</p></article>"));
    let skips: Vec<_> = article.sentences.iter().filter_map(|sentence| sentence.skip).collect();
    assert!(skips.contains(&Skip::Boilerplate), "{skips:?}");
}

#[test]
fn formats_are_found() {
    let title = |bytes: &[u8], name, content_type| {
        let article = read(bytes, &Hint { name, content_type, ..Hint::default() }).unwrap();
        (article.blocks[0].kind, article.text)
    };
    let text = "# A\n\nB c.";
    assert_eq!(title(text.as_bytes(), None, None), (BlockKind::Title, "A\n\nB c.".into()));
    assert_eq!(
        title(text.as_bytes(), Some("a.txt"), None),
        (BlockKind::Title, "# A\n\nB c.".into())
    );
    assert_eq!(
        title(text.as_bytes(), Some("https://x.org/a.MD?raw=1"), Some("text/plain; charset=utf-8"))
            .1,
        "A\n\nB c."
    );
    assert_eq!(title(b"<p>x</p>", None, Some("text/html")).1, "x");
    assert_eq!(title(b"a<b and c>d", None, Some("text/html")).1, "a<b and c>d");
    let (big5, ..) = encoding_rs::BIG5.encode("短。");
    assert_eq!(title(&big5, None, Some("text/plain; charset=\"big5\"")).1, "短。");
    for (bytes, says) in [
        (&b"%PDF-1.7"[..], "PDF"),
        (b"\xff\xd8\xff\xe0", "picture"),
        (b"ID3\x04", "sound"),
        (b"", "no text"),
        (b" \n * * *\n", "no text"),
        (b"\x01\x9c\x05~\x00a9\x1bk", "binary"),
    ] {
        let error = read(bytes, &Hint::default()).unwrap_err().to_string();
        assert!(error.contains(says), "{error}");
    }
    assert_eq!(from_text(""), Article::default());
}

#[test]
fn a_repeated_title_is_not_read_twice() {
    let body = "It rained for three days, and nobody in the whole county knew what to do about it.";
    let article = from_text(&format!("The Rain\n\n{body}\n\nThe rain\n\n{body}"));
    let skips: Vec<_> = article.sentences.iter().map(|s| s.skip).collect();
    assert_eq!(skips, [None, None, Some(Skip::Title), None]);
}

#[test]
fn cues_without_marks_are_sentences() {
    let captions = |lines: &[&str], gap: usize| {
        let cue = |(at, line): (usize, &&str)| {
            format!(
                "{}\n00:00:{:02},000 --> 00:00:{:02},000\n{line}\n\n",
                at + 1,
                at * gap,
                at * gap + 2
            )
        };
        lines.iter().enumerate().map(cue).collect::<String>()
    };
    let told = |lines: &[&str], gap| {
        let article = read(captions(lines, gap).as_bytes(), &Hint::default()).unwrap();
        check_invariants(&article);
        let sentences = |block: &Block| {
            let range = block.sentences.clone();
            range.map(|index| article.sentence(index).to_owned()).collect::<Vec<_>>().join("|")
        };
        article.blocks.iter().map(sentences).collect::<Vec<_>>().join("||")
    };
    let plain = ["去年冬天", "他修了四十年的橋", "他說\n你以為撐住它的是鋼筋"];
    let text = read(captions(&plain, 2).as_bytes(), &Hint::default()).unwrap().text;
    assert_eq!(text, "去年冬天 他修了四十年的橋 他說你以為撐住它的是鋼筋");
    assert_eq!(told(&plain, 2), "去年冬天|他修了四十年的橋|他說你以為撐住它的是鋼筋");
    // A short pause is enough for a paragraph.
    assert_eq!(told(&plain, 4), "去年冬天||他修了四十年的橋||他說你以為撐住它的是鋼筋");
    let marked = ["去年冬天，", "他修了四十年的橋。", "「你以為", "撐住它的是鋼筋。」"];
    assert_eq!(told(&marked, 2), "去年冬天，他修了四十年的橋。|「你以為撐住它的是鋼筋。」");
    assert_eq!(
        told(&["and so we went", "down to the river"], 2),
        "and so we went|down to the river"
    );
}

#[test]
fn the_title_is_the_one_on_the_page() {
    let body =
        "<p>It rained for three days, and nobody in the whole county knew what to do about it.</p>"
            .repeat(8);
    for (head, headings, want) in [
        (
            "<title>Plain Terms</title>",
            "<h1>The Machine in the Closet</h1>",
            "The Machine in the Closet",
        ),
        (
            "<title>The Machine in the Closet | Plain Terms</title>",
            "<h1>The Machine in the Closet</h1>",
            "The Machine in the Closet",
        ),
        // The first rank is the site's.
        ("<title>The Rain</title>", "<h1>Plain Terms</h1><h2>The Rain</h2>", "The Rain"),
        (
            "<title>Rain, explained</title><meta property='og:site_name' content='Plain Terms'>",
            "<h1>Plain Terms</h1>",
            "Rain, explained",
        ),
        // Written for searches, not for readers.
        ("<title>Why it rains: all about rain</title>", "<h1>The Rain</h1>", "The Rain"),
        ("<title>明報</title>", "<h1>櫃子裡的機器</h1>", "櫃子裡的機器"),
        ("<title>Two of them</title>", "<h1>The Rain</h1><h1>The Snow</h1>", "Two of them"),
    ] {
        let page = format!(
            "<html><head>{head}</head><body><article>{headings}{body}</article></body></html>"
        );
        assert_eq!(html(&page).title.as_deref(), Some(want), "{head} {headings}");
    }
}

#[test]
fn long_texts_are_no_trouble() {
    // Each of these would take minutes if anything were searched again from every place.
    let paragraph = "On Jan. 20, “the river” came over the road. 一個小時後，電話也斷了：「怎麼辦？」沒有人知道……\n\n";
    let article = from_text(&paragraph.repeat(4000));
    assert_eq!((article.words.len(), article.sentences.len()), (4000 * 27, 4000 * 3));
    for piece in [
        "(", "“", "「a。", "... ", "? ", "A. ", "a.", "[1]", "\u{1b}]", "* ", "> ", "<div>", "&",
        "\u{200d}", "！", "」", "'",
    ] {
        let text = piece.repeat(20_000);
        let _ = read(text.as_bytes(), &Hint { name: Some("a.txt"), ..Hint::default() });
        let _ = read(text.as_bytes(), &Hint { name: Some("a.md"), ..Hint::default() });
        let _ = read(format!("<p>{text}").as_bytes(), &Hint::default());
    }
}

/// Text of all sorts, in several encodings, or bytes of no sort.
fn any_bytes() -> impl Strategy<Value = Vec<u8>> {
    let text = "([a-zA-Z0-9 .,!?'\"“”‘’()\\[\\]<>/#*_|=&;:-]|[中文字，。！？「」『』（）、：．…]|[かなアー]|[한글]|[é✓😀]|\u{1b}\\[31m|\u{202e}|\u{200d}|\r?\n|\n\n|\t|<p>|</p>|<li>|<h1>|<br/>|&#27;|&amp;|https://a\\.b/|By |Photo: |照片：|\\[1\\]|1\\. |\\.\\.\\.){0,120}";
    prop_oneof![
        4 => text.prop_map(String::into_bytes),
        1 => text.prop_map(|text| format!("<html><body>{text}").into_bytes()),
        1 => text.prop_map(|text| text.encode_utf16().flat_map(u16::to_le_bytes).collect()),
        1 => text.prop_map(|text| encoding_rs::GB18030.encode(&text).0.into_owned()),
        1 => proptest::collection::vec(any::<u8>(), 0..200),
        1 => (0..2000usize, any::<u8>()).prop_map(|(at, byte)| {
            let mut book = book();
            let at = at * book.len() / 2000;
            book[at] = byte;
            book
        }),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]
    #[test]
    fn any_bytes_are_accepted(bytes in any_bytes(), name in prop_oneof![Just(None), Just(Some("a.md")), Just(Some("a.html")), Just(Some("a.txt"))]) {
        if let Ok(article) = read(&bytes, &Hint { name, ..Hint::default() }) {
            check_invariants(&article);
        }
    }
}
