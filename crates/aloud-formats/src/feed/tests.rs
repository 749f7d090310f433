//! Feeds as they come: whole, odd and damaged.

use super::*;

const BASE: &str = "https://a.net/show/feed.xml";

fn read_text(text: &str) -> (Feed, Vec<String>) {
    read(text.as_bytes(), BASE, None).unwrap_or_else(|error| panic!("{error}: {text}"))
}

/// An RSS feed of these items.
fn rss(items: &str) -> String {
    format!(
        r#"<?xml version="1.0" encoding="UTF-8"?>
<rss version="2.0" xmlns:itunes="http://www.itunes.com/dtds/podcast-1.0.dtd" xmlns:podcast="https://podcastindex.org/namespace/1.0"
 xmlns:content="http://purl.org/rss/1.0/modules/content/" xmlns:media="http://search.yahoo.com/mrss/" xmlns:atom="http://www.w3.org/2005/Atom">
<channel><title>Plain Terms</title><link>https://a.net/show</link><atom:link rel="self" href="https://a.net/self"/><language>en-GB</language>
<image><title>A picture</title><url>x.png</url></image>{items}</channel></rss>"#
    )
}

/// The only entry of a feed of one item.
fn item(inner: &str) -> Entry {
    let (feed, problems) = read_text(&rss(&format!("<item>{inner}</item>")));
    assert_eq!((feed.entries.len(), problems), (1, vec![]), "{inner}");
    feed.entries[0].clone()
}

#[test]
fn a_podcast() {
    let (feed, problems) = read_text(&rss(
        r#"<item><title>The river &amp; the road</title><guid isPermaLink="false">ep-7</guid><pubDate>Sun, 29 Nov 2026 12:00:00 GMT</pubDate>
<link>/show/7</link><enclosure url="sound/7.mp3" type="audio/mpeg" length="123456"/><itunes:duration>9:21</itunes:duration>
<podcast:chapters url="7.chapters.json" type="application/json+chapters"/>
<podcast:transcript url="7.srt" type="application/srt" language="en"/><podcast:transcript url="7.json" type="application/json"/>
<description>Short.</description><content:encoded><![CDATA[<p>The river came over.</p>]]></content:encoded></item>"#,
    ));
    assert_eq!(problems, Vec::<String>::new());
    assert_eq!(
        (feed.title.as_str(), feed.link.as_deref(), feed.language.as_deref()),
        ("Plain Terms", Some("https://a.net/show"), Some("en-GB"))
    );
    let transcript = |url: &str, kind: &str, language: Option<&str>| TranscriptLink {
        url: url.into(),
        kind: Some(kind.into()),
        language: language.map(str::to_owned),
    };
    let want = Entry {
        id: "ep-7".into(),
        title: "The river & the road".into(),
        date: Some(1_795_953_600),
        length: Some(Timestamp::from_millis(561_000)),
        sound: Some(Enclosure {
            url: "https://a.net/show/sound/7.mp3".into(),
            kind: Some("audio/mpeg".into()),
            bytes: Some(123_456),
        }),
        link: Some("https://a.net/show/7".into()),
        chapters: Some("https://a.net/show/7.chapters.json".into()),
        transcripts: vec![
            transcript("https://a.net/show/7.srt", "application/srt", Some("en")),
            transcript("https://a.net/show/7.json", "application/json", None),
        ],
        text: Some("<p>The river came over.</p>".into()),
    };
    assert_eq!(feed.entries, [want]);
}

#[test]
fn an_atom_feed() {
    let (feed, problems) = read_text(
        r#"<feed xmlns="http://www.w3.org/2005/Atom" xml:base="https://b.org/"><title type="html">Plain &lt;b>Terms&lt;/b></title>
<link rel="self" href="feed"/><link href="show"/><author><name>x</name></author>
<entry><id>tag:b.org,2026:7</id><title type="xhtml"><div xmlns="http://www.w3.org/1999/xhtml">The <i>river</i></div></title>
<updated>2026-11-30T00:00:00Z</updated><published>2026-11-29T12:00:00Z</published><source><title>Elsewhere</title><id>y</id></source>
<link rel="alternate" type="application/json" href="7.json"/><link rel="alternate" type="text/html" href="7"/>
<link rel="enclosure" type="audio/ogg" length="9" href="7.ogg"/><summary>Short.</summary>
<content type="xhtml"><div xmlns="http://www.w3.org/1999/xhtml"><p>The <em>river</em> came &amp; went.</p></div></content></entry></feed>"#,
    );
    assert_eq!(problems, Vec::<String>::new());
    assert_eq!(
        (feed.title.as_str(), feed.link.as_deref()),
        ("Plain Terms", Some("https://b.org/show"))
    );
    let entry = &feed.entries[0];
    assert_eq!(
        (entry.id.as_str(), entry.title.as_str(), entry.date),
        ("tag:b.org,2026:7", "The river", Some(1_795_953_600))
    );
    assert_eq!(
        (entry.link.as_deref(), entry.sound.as_ref().map(|sound| sound.url.as_str())),
        (Some("https://b.org/7"), Some("https://b.org/7.ogg"))
    );
    let text = entry.text.as_deref().unwrap();
    assert!(text.starts_with("<div") && text.contains("<em>river</em> came &amp; went"), "{text}");
}

#[test]
fn rss_1_has_its_items_beside_the_channel() {
    let (feed, _) = read_text(
        r#"<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns="http://purl.org/rss/1.0/" xmlns:d="http://purl.org/dc/elements/1.1/">
<channel><title>Old</title></channel><item><title>One</title><link>https://a.net/1</link><d:date>2026-11-29</d:date></item></rdf:RDF>"#,
    );
    assert_eq!(
        (feed.title.as_str(), feed.entries[0].id.as_str(), feed.entries[0].date),
        ("Old", "https://a.net/1", Some(1_795_910_400))
    );
}

#[test]
fn which_recording_is_meant() {
    for (inner, want) in [
        (r#"<enclosure url="a.mp3"/>"#, Some("https://a.net/show/a.mp3")),
        (
            r#"<enclosure url="a.jpg" type="image/jpeg"/><enclosure url="b.mp4" type="video/mp4"/><enclosure url="c.mp3" type="audio/mpeg"/>"#,
            Some("https://a.net/show/c.mp3"),
        ),
        (
            r#"<media:group><media:content url="d.mp3" type="audio/mpeg" duration="60"/></media:group>"#,
            Some("https://a.net/show/d.mp3"),
        ),
        (r#"<media:content url="e.png" medium="image"/>"#, None),
        (
            r#"<media:content url="f.mp3" type="audio/mpeg"/><enclosure url="g.mp3" type="audio/mpeg"/>"#,
            Some("https://a.net/show/g.mp3"),
        ),
        (r#"<enclosure url="ftp://b.org/a.mp3" type="audio/mpeg"/>"#, None),
        (r#"<enclosure url="" type="audio/mpeg"/>"#, None),
        (r#"<enclosure type="audio/mpeg"/>"#, None),
        ("<link>https://a.net/news</link>", None),
    ] {
        let entry = item(&format!("<title>x</title>{inner}"));
        assert_eq!(entry.sound.as_ref().map(|sound| sound.url.as_str()), want, "{inner}");
    }
}

#[test]
fn what_an_entry_is_known_by() {
    for (inner, id, link) in [
        (
            "<title>x</title><guid>https://a.net/7</guid>",
            "https://a.net/7",
            Some("https://a.net/7"),
        ),
        (
            "<title>x</title><guid isPermaLink='false'>https://a.net/7</guid>",
            "https://a.net/7",
            None,
        ),
        ("<title>x</title><guid/><enclosure url='a.mp3'/>", "https://a.net/show/a.mp3", None),
        ("<title>x</title><link>/7</link>", "https://a.net/7", Some("https://a.net/7")),
        ("<title>x</title><pubDate>29 Nov 2026</pubDate>", "x 1795910400", None),
        ("<itunes:title>x</itunes:title><title/>", "x 0", None),
    ] {
        let entry = item(inner);
        assert_eq!(
            (entry.id.as_str(), entry.link.as_deref(), entry.title.as_str()),
            (id, link, "x"),
            "{inner}"
        );
    }
}

#[test]
fn one_identifier_for_several() {
    let of = |guid: &str, sound: &str| {
        format!("<item><title>{sound}</title><guid>{guid}</guid><enclosure url='{sound}'/></item>")
    };
    let (feed, problems) =
        read_text(&rss(
            &[of("g", "a.mp3"), of("g", "b.mp3"), of("h", "c.mp3"), of("h", "c.mp3")].concat()
        ));
    let ids: Vec<&str> = feed.entries.iter().map(|entry| entry.id.as_str()).collect();
    assert_eq!(ids, ["g https://a.net/show/a.mp3", "g https://a.net/show/b.mp3", "h"]);
    assert_eq!(problems, ["1 entries are there twice"]);
}

#[test]
fn damage_costs_only_what_is_damaged() {
    let of = |n: u32| format!("<item><title>{n}</title><enclosure url='{n}.mp3'/></item>\n");
    let whole = rss(&(1..=4).map(of).collect::<String>());
    let titles = |feed: &Feed| {
        feed.entries.iter().map(|entry| entry.title.clone()).collect::<Vec<_>>().join(" ")
    };
    for (from, to, want, says) in [
        ("", "", "1 2 3 4", ""),
        // A comment that never ends, and what is no reference.
        ("<title>2</title>", "<title>2</title><!-- x", "1 2 3 4", "line"),
        ("<title>2</title>", "<title>2</title x", "1 2 3 4", ""),
        ("<title>2</title>", "<title>2 & 3 &no; &#x0;</title>", "1 2 & 3 &no; 3 4", ""),
        ("<title>2</title>", "<title>2<br></title>", "1 2 3 4", ""),
        ("<title>2</title>", "</b></title><title>2</title>", "1 2 3 4", ""),
        ("</item>\n<item><title>3", "<item><title>3", "1 2 3 4", ""),
        ("<item><title>2", "<item><item><title>2", "1 2 3 4", ""),
        ("</channel></rss>", "", "1 2 3 4", "breaks off"),
        ("</item>\n</channel></rss>", "", "1 2 3 4", "breaks off within"),
        (
            "<enclosure url='4.mp3'/></item>\n</channel></rss>",
            "<enclosure url='4.m",
            "1 2 3 4",
            "line",
        ),
    ] {
        assert!(whole.contains(from));
        let (feed, problems) = read_text(&whole.replacen(from, to, 1));
        assert_eq!(titles(&feed), want, "{to}: {problems:?}");
        assert_eq!(problems.is_empty(), says.is_empty(), "{to}: {problems:?}");
        assert!(
            problems.iter().any(|problem| problem.contains(says)) || says.is_empty(),
            "{to}: {problems:?}"
        );
    }
    // Cut anywhere it is read as far as it goes.
    let cuts = (0..whole.len()).filter(|at| whole.is_char_boundary(*at));
    let counts: Vec<usize> = cuts
        .map(|at| {
            read(&whole.as_bytes()[..at], BASE, None).map_or(0, |(feed, _)| feed.entries.len())
        })
        .collect();
    assert!(counts.is_sorted() && counts.last() == Some(&4), "{counts:?}");
}

#[test]
fn what_is_no_feed() {
    let page = "<!DOCTYPE html><html><head><link rel=alternate type='application/rss+xml' title=x href='/feed.xml'>\
                <link rel='stylesheet' href=x><LINK REL=\"alternate\" TYPE=\"application/atom+xml\" HREF=\"https://b.org/atom?a=1&amp;b=2\"/></head>";
    let feeds = vec!["https://a.net/feed.xml".to_owned(), "https://b.org/atom?a=1&b=2".to_owned()];
    for (bytes, want) in [
        (page.as_bytes(), FeedError::Page { feeds }),
        (b"<html><body>No feed</body></html>", FeedError::Page { feeds: vec![] }),
        (b" \n", FeedError::Empty),
        (b"", FeedError::Empty),
        (b"{\"version\": \"https://jsonfeed.org/version/1\"}", FeedError::Other),
        (b"ID3\x04\x00\x00sound\xff\xfb", FeedError::Other),
        (b"<opml><body/></opml>", FeedError::Other),
    ] {
        assert_eq!(read(bytes, BASE, None), Err(want), "{:?}", String::from_utf8_lossy(bytes));
    }
    // Empty, but a feed.
    assert_eq!(read_text(&rss("")).0.entries, []);
}

#[test]
fn feeds_in_other_encodings() {
    let text =
        |name: &str| rss("<item><title>課の終わり、川</title></item>").replace("UTF-8", name);
    let utf16: Vec<u8> = text("UTF-16").encode_utf16().flat_map(u16::to_be_bytes).collect();
    let sjis = encoding_of("shift_jis", &text("Shift_JIS"));
    for (bytes, content_type) in [
        (text("UTF-8").into_bytes(), None),
        ([b"\xef\xbb\xbf", text("UTF-8").as_bytes()].concat(), None),
        ([b"\xfe\xff", utf16.as_slice()].concat(), None),
        (sjis, None),
        (encoding_of("euc-jp", &text("no-such-name")), Some("text/xml; charset=EUC-JP")),
        // The declaration is a lie.
        (text("iso-8859-1").into_bytes(), None),
    ] {
        let (feed, _) = read(&bytes, BASE, content_type).unwrap();
        assert_eq!(feed.entries[0].title, "課の終わり、川", "{content_type:?}");
    }
}

fn encoding_of(name: &str, text: &str) -> Vec<u8> {
    documents_encoding(name).encode(text).0.into_owned()
}

fn documents_encoding(name: &str) -> &'static encoding_rs::Encoding {
    encoding_rs::Encoding::for_label(name.as_bytes()).unwrap()
}

#[test]
fn nothing_harmful_in_texts_that_are_printed() {
    let (feed, _) = read_text(
        &rss("<item><title>a&#27;[2J\u{202e}b\u{9b}</title><guid>g\u{1b}]0;x\u{7}</guid></item>")
            .replace("Plain Terms", "x&#x1b;c\u{2067}"),
    );
    let entry = &feed.entries[0];
    assert_eq!(
        (feed.title.as_str(), entry.title.as_str(), entry.id.as_str()),
        ("xc", "a[2Jb", "g]0;x")
    );
}

#[test]
fn prefixes_are_what_they_are_declared_to_be() {
    let feed = r#"<rss xmlns:p="https://github.com/Podcastindex-org/podcast-namespace/blob/main/docs/1.0.md" xmlns:itunes="https://else.org/"
        xmlns:c="http://purl.org/rss/1.0/modules/content/"><channel><item><title>x</title><p:transcript url="/t.vtt" type="text/vtt"/>
        <itunes:duration>60</itunes:duration><c:encoded>Text</c:encoded><podcast:chapters url="/c.json"/></item></channel></rss>"#;
    let (feed, _) = read_text(feed);
    let entry = &feed.entries[0];
    assert_eq!(
        (entry.transcripts.len(), entry.length, entry.text.as_deref()),
        (1, None, Some("Text"))
    );
    assert_eq!(
        entry.chapters.as_deref(),
        Some("https://a.net/c.json"),
        "what nobody declared is what everybody means by it"
    );
}

#[test]
fn transcripts_by_what_can_be_made_of_them() {
    let mut links: Vec<TranscriptLink> = [
        ("x", Some("text/html")),
        ("x.srt", None),
        ("x", Some("text/plain")),
        ("x", Some("application/x-subrip")),
        ("x.json?a=b", None),
        ("x", Some("text/vtt")),
        ("x.json", Some("text/html")),
    ]
    .map(|(url, kind)| TranscriptLink {
        url: url.into(),
        kind: kind.map(str::to_owned),
        language: None,
    })
    .to_vec();
    links.sort_by_key(TranscriptLink::rank);
    let endings: Vec<&str> = links.iter().map(TranscriptLink::ending).collect();
    assert_eq!(endings, ["json", "vtt", "srt", "srt", "html", "html", "txt"]);
}

#[test]
fn five_thousand_entries_are_read_in_no_time() {
    let of = |n: usize| {
        format!(
            "<item><title>{n}</title><guid>{n}</guid><enclosure url='{n}.mp3'/><content:encoded><![CDATA[{}]]></content:encoded></item>",
            "<p>The river came over.</p>".repeat(100)
        )
    };
    let text = rss(&(0..5000).map(of).collect::<String>());
    let begin = std::time::Instant::now();
    assert_eq!(read_text(&text).0.entries.len(), 5000);
    // Some 13 MB; a tenth of this where nothing else runs.
    assert!(begin.elapsed().as_secs() < 10, "{:?}", begin.elapsed());
    // Depth and damage without end.
    for hostile in [
        "<a>".repeat(1_000_000),
        "<item>".repeat(300_000),
        "<item><title>x</".repeat(100_000),
        "&".repeat(1_000_000),
        "<item <".repeat(100_000),
    ] {
        let _ = read(rss(&hostile).as_bytes(), BASE, None);
    }
    assert!(begin.elapsed().as_secs() < 60, "{:?}", begin.elapsed());
}

#[test]
fn hostile_feeds_cost_no_more_than_their_length() {
    let begin = std::time::Instant::now();
    let base = format!(
        "<a:feed xmlns:a='http://www.w3.org/2005/Atom' xml:base='https://a.net/{}'>",
        "x".repeat(1_000_000)
    );
    for (name, hostile) in [
        ("deep", rss(&["<x>".repeat(300_000), "<item/>".repeat(300_000)].concat())),
        (
            "tags in a title",
            rss(&format!("<item><title>{}</title></item>", "&lt;a".repeat(1_000_000))),
        ),
        ("one end", rss(&format!("<item><title>{}&gt;</title></item>", "&lt; ".repeat(1_000_000)))),
        ("links", [base.as_str(), &"<entry><link href='a'/></entry>".repeat(100_000)].concat()),
        ("a page", format!("<html>{}", "<link ".repeat(3_000_000))),
        ("comments", rss(&"<item><!--".repeat(1_000_000))),
    ] {
        let _ = read(hostile.as_bytes(), BASE, None);
        assert!(begin.elapsed().as_secs() < 40, "{name}: {:?}", begin.elapsed());
    }
    let of = |n: usize| format!("<item><guid>1</guid><enclosure url='{n}.mp3'/></item>");
    assert_eq!(read_text(&rss(&(0..100_000).map(of).collect::<String>())).0.entries.len(), 100_000);
    let of = |n: usize| format!("<outline xmlUrl='https://a.net/{n}'/>");
    let (outlines, _) =
        read_opml(["<opml>", &(0..100_000).map(of).collect::<String>()].concat().as_bytes())
            .unwrap();
    assert_eq!(outlines.len(), 100_000);
    assert!(begin.elapsed().as_secs() < 40, "{:?}", begin.elapsed());
}
