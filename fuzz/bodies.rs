//! What each fuzz target does with its bytes. The suite runs the same bodies over samples and their
//! mutations (`tests/fuzzed.rs`), which also keeps them compiled.

use aloud::address;
use aloud::align::{Alignment, SentenceTiming, Status, Timing};
use aloud::book::{self, Sound, SoundPlace};
use aloud::decode::{Decoder, SeekIndex, Source, describe};
use aloud::documents::{self, Hint};
use aloud::episode::EpisodeId;
use aloud::export::{self, Format, Options, Profile, check, fix};
use aloud::feed;
use aloud::import;
use aloud::index::{Page, dialect, wire as served};
use aloud::printable::is_harmful;
use aloud::reading::Reading;
use aloud::search::{self, Query};
use aloud::store::{About, Key, Store};
use aloud::time::{Span, Timestamp};
use aloud::transcribe::protocol::{self, How, Reply, Request};
use aloud::transcript::characters::{is_spoken, is_unprintable};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use std::collections::BTreeMap;
use std::fs;
use std::io::Cursor;
use std::path::PathBuf;
use std::sync::{Arc, OnceLock};

/// A target: its name and what it does.
pub type Target = (&'static str, fn(&[u8]));

/// All of them.
pub const ALL: [Target; 15] = [
    ("article", article),
    ("book", read_along),
    ("daisy", daisy),
    ("decode", decode),
    ("epub", epub),
    ("feed", feed),
    ("import", transcript),
    ("journal", journal),
    ("model_header", model_header),
    ("page", page),
    ("protocol", wire),
    ("record", record),
    ("seek_index", seek_index),
    ("server", server),
    ("subtitles", subtitles),
];

/// Any bytes as an article: reading never panics, and what is read is clean, in order and whole.
/// The first byte chooses what is said of the others.
pub fn article(bytes: &[u8]) {
    let Some((choice, bytes)) = bytes.split_first() else { return };
    let hint = match choice % 6 {
        0 => Hint::default(),
        1 => Hint { name: Some("a.md"), ..Hint::default() },
        2 => Hint { name: Some("a.html"), ..Hint::default() },
        3 => Hint {
            name: Some("a.txt"),
            content_type: Some("text/plain; charset=gb18030"),
            ..Hint::default()
        },
        4 => Hint { content_type: Some("text/html; charset=big5"), ..Hint::default() },
        _ => Hint { chapter: Some("1"), ..Hint::default() },
    };
    is_whole(bytes, &hint);
}

fn is_whole(bytes: &[u8], hint: &Hint) {
    let Ok(article) = documents::read(bytes, hint) else { return };
    assert!(article.text.chars().all(|c| c == '\n' || !(c.is_control() || is_unprintable(c))));
    let mut end = 0;
    for word in &article.words {
        assert!(end <= word.bytes.start && word.bytes.start < word.bytes.end);
        assert!(article.text[word.bytes.clone()].contains(is_spoken));
        end = word.bytes.end;
    }
    let (mut end, mut n_sentences, mut n_words) = (0, 0, 0);
    for block in &article.blocks {
        assert!(end <= block.bytes.start && block.sentences.start == n_sentences);
        for sentence in &article.sentences[block.sentences.clone()] {
            assert!(
                block.bytes.start <= sentence.bytes.start && sentence.bytes.end <= block.bytes.end
            );
            assert_eq!(sentence.words.start, n_words);
            n_words = sentence.words.end;
        }
        n_sentences = block.sentences.end;
        end = block.bytes.end;
    }
    assert_eq!((n_sentences, n_words), (article.sentences.len(), article.words.len()));
}

/// The parts of a small book, by name.
const BOOK: [(&str, &[u8]); 4] = [
    (
        "META-INF/container.xml",
        br#"<container version="1.0" xmlns="urn:oasis:names:tc:opendocument:xmlns:container"><rootfiles><rootfile full-path="content.opf" media-type="application/oebps-package+xml"/></rootfiles></container>"#,
    ),
    (
        "content.opf",
        br#"<package xmlns="http://www.idpf.org/2007/opf" version="3.0" unique-identifier="id"><metadata xmlns:dc="http://purl.org/dc/elements/1.1/"><dc:identifier id="id">x</dc:identifier><dc:title>Tides</dc:title><dc:language>en</dc:language></metadata><manifest><item id="n" href="nav.xhtml" media-type="application/xhtml+xml" properties="nav"/><item id="a" href="a.xhtml" media-type="application/xhtml+xml"/></manifest><spine><itemref idref="a"/></spine></package>"#,
    ),
    (
        "nav.xhtml",
        br##"<html xmlns="http://www.w3.org/1999/xhtml" xmlns:epub="http://www.idpf.org/2007/ops"><body><nav epub:type="toc"><ol><li><a href="a.xhtml">One</a><ol><li><a href="a.xhtml#b">Two</a></li></ol></li></ol></nav></body></html>"##,
    ),
    (
        "a.xhtml",
        br#"<html xmlns="http://www.w3.org/1999/xhtml"><body><h1>One</h1><p>The river came over.</p><h2 id="b">Two</h2><p>It left again.</p></body></html>"#,
    ),
];

/// Any bytes as a book, and as one of the parts of a book that is otherwise in order: the first
/// byte chooses which.
pub fn epub(bytes: &[u8]) {
    let Some((choice, book)) = chosen(bytes) else { return };
    let hint =
        Hint { name: Some("a.epub"), chapter: (choice % 2 == 1).then_some("1"), ..Hint::default() };
    is_whole(&book, &hint);
    if let Ok(titles) = documents::chapters(&book) {
        assert!(
            titles.iter().all(|title| !title.chars().any(|c| c.is_control() || is_unprintable(c))),
            "{titles:?}"
        );
    }
}

/// A book of which one file, chosen by the first byte, is the rest; or the rest by itself.
fn chosen(bytes: &[u8]) -> Option<(u8, Vec<u8>)> {
    let (choice, rest) = bytes.split_first()?;
    let book = match usize::from(choice / 2) % (BOOK.len() + 1) {
        n if n < BOOK.len() => zip(BOOK
            .iter()
            .enumerate()
            .map(|(i, (name, part))| (*name, if i == n { rest } else { *part }))),
        _ => rest.to_vec(),
    };
    Some((*choice, book))
}

/// A book's own times are read, and it is written again with times for every word; what was written
/// can be read.
pub fn read_along(bytes: &[u8]) {
    let Some((_, epub)) = chosen(bytes) else { return };
    let _ = book::read(&epub, None);
    let Ok(article) = documents::read(&epub, &Hint::default()) else { return };
    // Every word takes a second.
    let span = |from: usize, to: usize| Span::from_millis(from as u64 * 1000, to as u64 * 1000);
    let words = (0..article.words.len())
        .map(|n| Timing { span: Some(span(n, n + 1)), confidence: 1.0, spoken: 0..0 })
        .collect();
    let sentence =
        |words: &std::ops::Range<usize>| (!words.is_empty()).then(|| span(words.start, words.end));
    let timing =
        |span: Option<Span>| SentenceTiming { status: Status::Spoken, span, confidence: 1.0 };
    let sentences = article.sentences.iter().map(|own| timing(sentence(&own.words))).collect();
    let reading = Reading {
        alignment: Alignment { words, sentences, ..Alignment::default() },
        article,
        ..Reading::default()
    };
    let sound = Sound {
        start: Timestamp::ZERO,
        kind: "audio/mpeg",
        place: SoundPlace::Embedded(Box::new(&b"sound"[..]), 5),
    };
    let mut out = std::io::Cursor::new(Vec::new());
    if book::write(&epub, &reading, vec![sound], &book::Options::default(), &mut out).is_ok() {
        book::read(&out.into_inner(), None).expect("a book that was written");
    }
}

/// The parts of two small DAISY books by name, one for each version.
const DAISY: [&[(&str, &[u8])]; 2] = [
    &[
        ("ncc.html", br#"<html><head><title>Tides</title><meta name="dc:language" content="en"/></head><body><h1 id="a"><a href="a.smil#p">One</a></h1><h2><a href="a.smil#q">Two</a></h2></body></html>"#),
        ("a.smil", br#"<smil><body><seq><par id="p"><text src="a.html#h"/><seq><audio src="a.mp3" clip-begin="npt=0s" clip-end="npt=1.5s"/><audio src="A.MP3" clip-begin="npt=1.5s" clip-end="npt=2s"/></seq></par><par id="q"><text src="a.html#s"/><audio src="a.mp3" clip-begin="npt=2s"/></par></seq></body></smil>"#),
        ("a.html", br#"<html><head><title>x</title></head><body><h1 id="h">One</h1><p><span id="s">The river came over.</span> <span class="page-normal">2</span></p></body></html>"#),
        ("a.mp3", b"sound"),
    ],
    &[
        ("b.opf", br#"<package><metadata><dc-metadata><dc:Format>ANSI/NISO Z39.86-2005</dc:Format><dc:Title>Tides</dc:Title></dc-metadata></metadata><manifest><item id="s" href="b.smil" media-type="application/smil"/><item id="n" href="b.ncx" media-type="application/x-dtbncx+xml"/></manifest><spine><itemref idref="s"/></spine></package>"#),
        ("b.ncx", br#"<ncx><navMap><navPoint><navLabel><text>One</text></navLabel><content src="b.smil#p"/><navPoint><navLabel><text>Two</text></navLabel><content src="b.smil"/></navPoint></navPoint></navMap></ncx>"#),
        ("b.smil", br#"<smil><body><par id="p"><text src="b.xml#h"/><audio src="b.mp3" clipBegin="0:00:00" clipEnd="0:00:02.5"/></par><par><text src="b.xml#s"/><audio src="b.mp3" clipBegin="2.5s" clipEnd="4s"/></par></body></smil>"#),
        ("b.xml", br#"<dtbook><head><title>x</title></head><book><bodymatter><level1><h1 id="h">One</h1><pagenum>2</pagenum><p><sent id="s">The river came over.</sent></p><list><li><br/>x</li></list></level1></bodymatter></book></dtbook>"#),
        ("b.mp3", b"sound"),
    ],
];

/// A DAISY book of which one file, chosen by the first byte, is the rest, and the rest as an
/// archive: what is made of it can be read, and names no sounds but its own.
pub fn daisy(bytes: &[u8]) {
    let Some((choice, rest)) = bytes.split_first() else { return };
    let parts = DAISY[usize::from(choice % 2)];
    let n = usize::from(choice / 2) % parts.len();
    let names: Vec<String> = parts.iter().map(|(name, _)| (*name).to_owned()).collect();
    let read = &mut |name: &str| {
        let at = names.iter().position(|own| own == name).expect("a file of the book");
        Ok(if at == n { rest.to_vec() } else { parts[at].1.to_vec() })
    };
    if let Ok(epub) = book::of_daisy(&names[0], &names, read)
        && let Ok(Some(spoken)) = book::read(&epub, None)
    {
        assert!(spoken.sounds.iter().all(|sound| names.contains(sound)), "{:?}", spoken.sounds);
    }
    let _ = book::of_daisy_zip(rest);
}

/// The two books as samples, and one of them as an archive.
pub fn daisy_samples() -> Vec<Vec<u8>> {
    let of_part =
        |version: usize, n: usize| [&[(version + 2 * n) as u8][..], DAISY[version][n].1].concat();
    let parts = (0..2).flat_map(|version| (0..4).map(move |n| of_part(version, n)));
    parts.chain([[&[0][..], &zip(DAISY[0].iter().copied())].concat()]).collect()
}

/// The book, for samples.
pub fn book() -> Vec<u8> {
    zip(BOOK.into_iter())
}

/// A ZIP archive of files that are not packed.
fn zip<'a>(files: impl Iterator<Item = (&'a str, &'a [u8])>) -> Vec<u8> {
    let (mut archive, mut directory, mut n) = (Vec::new(), Vec::new(), 0u16);
    for (name, bytes) in [("mimetype", &b"application/epub+zip"[..])].into_iter().chain(files) {
        let len = (bytes.len() as u32).to_le_bytes();
        // Version, flags, method, time and date; checksum and lengths; lengths of the name and of
        // what else there is.
        let head = [
            &[20, 0, 0, 0, 0, 0, 0, 0, 0x21, 0][..],
            &crc32(bytes).to_le_bytes(),
            &len,
            &len,
            &(name.len() as u16).to_le_bytes(),
            &[0, 0],
        ];
        let (head, at) = (head.concat(), archive.len() as u32);
        archive.extend([b"PK\x03\x04", head.as_slice(), name.as_bytes(), bytes].concat());
        directory.extend(
            [b"PK\x01\x02\x14\0", head.as_slice(), &[0; 10], &at.to_le_bytes(), name.as_bytes()]
                .concat(),
        );
        n += 1;
    }
    let (at, n) = (archive.len() as u32, n.to_le_bytes());
    archive.extend(
        [
            &directory,
            &b"PK\x05\x06\0\0\0\0"[..],
            &n,
            &n,
            &(directory.len() as u32).to_le_bytes(),
            &at.to_le_bytes(),
            &[0, 0],
        ]
        .concat(),
    );
    archive
}

fn crc32(bytes: &[u8]) -> u32 {
    let step = |crc: u32, _| if crc & 1 == 1 { (crc >> 1) ^ 0xEDB8_8320 } else { crc >> 1 };
    !bytes.iter().fold(!0u32, |crc, byte| (0..8).fold(crc ^ u32::from(*byte), step))
}

/// No recording makes the decoder or the tag reader panic, hang, or give anything but finite
/// samples; a jump back gives what was there before.
pub fn decode(bytes: &[u8]) {
    /// Sound enough; a few bytes can promise hours of silence.
    const MOST: usize = 16_000 * 60;
    let Ok(mut decoder) = Decoder::from_reader(Cursor::new(bytes.to_vec()), "fuzz") else { return };
    assert!(decoder.tags().title.as_deref().unwrap_or_default().chars().all(|c| !c.is_control()));
    let mut n = 0;
    while let Ok(Some(block)) = decoder.next_block() {
        assert!(block.iter().all(|sample| sample.is_finite()));
        n += block.len();
        if n > MOST {
            break;
        }
    }
    let _ = describe(decoder.losses());
    if decoder.seek(Timestamp::from_millis(n as u64 / 32)).is_ok() {
        let _ = decoder.next_block();
    }
}

/// Any bytes as a transcript: reading never panics, what is read is in order and clean, and what is
/// written of it reads back the same.
pub fn transcript(bytes: &[u8]) {
    let Ok((transcript, _)) = import::read(bytes, Some("fuzz")) else { return };
    assert!(transcript.segments.windows(2).all(|pair| pair[0].span.end() <= pair[1].span.start()));
    for segment in &transcript.segments {
        assert!(!segment.text.chars().any(is_unprintable));
        assert!(segment.words.windows(2).all(|pair| pair[0].span.end() <= pair[1].span.start()));
        assert!(segment.words.iter().all(|word| word.span == word.span.clamp_to(segment.span)));
    }
    let reading = Reading::of_transcript(transcript);
    for format in Format::TRANSCRIPTS {
        let mut file = Vec::new();
        export::write(format, &reading, &Options::default(), &mut file)
            .expect("a vector takes everything");
        if format == Format::Transcript {
            let (again, problems) = import::read(&file, None).expect("our own file");
            assert!(problems.is_empty(), "{problems:?}");
            let mut twice = Vec::new();
            export::json::write(&again, &mut twice).expect("a vector takes everything");
            assert_eq!(file, twice);
        }
    }
}

/// Any bytes as a feed, a list of feeds, chapters or a date: what is read is clean, each entry
/// once, and addresses are whole.
pub fn feed(bytes: &[u8]) {
    let base = "https://a.net/show/feed.xml";
    let is_clean = |text: &str| !text.chars().any(is_harmful);
    let is_address =
        |url: &String| url.starts_with("http") && url.bytes().all(|byte| byte.is_ascii_graphic());
    if let Ok((feed, problems)) = feed::read(bytes, base, None) {
        assert!(is_clean(&feed.title) && problems.len() < 20);
        let ids: std::collections::BTreeSet<&String> =
            feed.entries.iter().map(|entry| &entry.id).collect();
        assert_eq!(ids.len(), feed.entries.len());
        for entry in &feed.entries {
            assert!(is_clean(&entry.title) && is_clean(&entry.id), "{entry:?}");
            let sound = entry.sound.iter().map(|sound| &sound.url);
            let transcripts = entry.transcripts.iter().map(|transcript| &transcript.url);
            let all = sound.chain(transcripts).chain(&entry.link).chain(&entry.chapters);
            assert!(all.into_iter().all(is_address), "{entry:?}");
            assert!(entry.date.is_none_or(|date| feed::day(date).len() == 10), "{entry:?}");
        }
    }
    if let Some((outlines, _)) = feed::read_opml(bytes) {
        assert_eq!(feed::read_opml(feed::write_opml(&outlines).as_bytes()), Some((outlines, 0)));
    }
    if let Some(chapters) = feed::chapters(bytes) {
        assert!(
            chapters.is_sorted_by_key(|chapter| chapter.start)
                && chapters.iter().all(|chapter| is_clean(&chapter.title))
        );
    }
    let text = String::from_utf8_lossy(bytes);
    if let Some(seconds) = feed::seconds(&text) {
        assert_eq!(feed::seconds(&feed::day(seconds)), Some(seconds.div_euclid(86_400) * 86_400));
    }
    assert!(address::resolve(base, &text).iter().all(is_address));
}

/// Any bytes as an SRT or WebVTT file: judging and mending it never panics, keeps every letter, and
/// what is written reads again. The first byte chooses the name.
pub fn subtitles(bytes: &[u8]) {
    let Some((choice, bytes)) = bytes.split_first() else { return };
    let name = Some(if choice % 2 == 0 { "a.srt" } else { "a.vtt" });
    let profile = Profile::default();
    let _ = import::captions(bytes, name, None);
    if let Ok((cues, _)) = check::read(bytes, name) {
        let _ = check::check(&cues, &profile);
    }
    let Ok(mut document) = import::document(bytes, name) else { return };
    let letters = |document: &import::Document| {
        let mut count = BTreeMap::new();
        let lines = document.cues.iter().flat_map(|cue| &cue.lines);
        lines
            .flat_map(|line| {
                import::marked(line, document.is_vtt).plain.chars().collect::<Vec<_>>()
            })
            .filter(|c| c.is_alphanumeric())
            .for_each(|c| *count.entry(c).or_insert(0) += 1);
        count
    };
    let before = letters(&document);
    // A tag or an override of SubStation's without an end takes in whatever comes to stand behind
    // it.
    let is_closed =
        |line: &String| line.rfind('<') <= line.rfind('>') && line.rfind("{\\") <= line.rfind('}');
    let are_closed = document.cues.iter().flat_map(|cue| &cue.lines).all(is_closed);
    let _ = fix::fix(&mut document, &profile);
    assert!(!are_closed || letters(&document) == before, "{:?} was {before:?}", letters(&document));
    let _ = check::check(&fix::cues(&document), &profile);
    let text = fix::print(&document);
    // SubRip has no way to write times that are words.
    let has_arrow = |line: &String| !document.is_vtt && line.contains("->");
    if !document.cues.is_empty() && !document.cues.iter().flat_map(|cue| &cue.lines).any(has_arrow)
    {
        let again = import::document(text.as_bytes(), name).expect("our own file");
        assert_eq!(again.cues.len(), document.cues.len(), "{text}");
    }
}

/// Any bytes as a model file: an answer, never a panic, never much memory.
pub fn model_header(bytes: &[u8]) {
    if let Ok(info) = aloud::models::header::check_reader(Cursor::new(bytes)) {
        assert_eq!(info.bytes, bytes.len() as u64);
    }
}

/// Any bytes as what the recogniser and its keeper say to each other: an error at worst, and what
/// is read can be said again.
pub fn wire(bytes: &[u8]) {
    let mut input = bytes;
    while let Ok(Some((message, samples))) = protocol::read::<Reply>(&mut input) {
        let mut again = Vec::new();
        protocol::write(&mut again, &message, &samples).expect("a vector takes everything");
        assert!(protocol::read::<Reply>(&mut again.as_slice()).is_ok_and(|read| read.is_some()));
    }
    let mut input = bytes;
    while let Ok(Some(_)) = protocol::read::<Request>(&mut input) {}
}

/// Any bytes as a packed page: what is read is whole and can be searched, and is packed as it was
/// read.
pub fn page(bytes: &[u8]) {
    static QUERY: OnceLock<Query> = OnceLock::new();
    let query = QUERY.get_or_init(|| Query::parse("the river").expect("a phrase"));
    let mut rest = bytes;
    while let Some((page, left)) = Page::unpack(rest) {
        assert!(left.len() < rest.len());
        rest = left;
        let mut packed = Vec::new();
        page.pack(&mut packed);
        assert!(
            Page::unpack(&packed).is_some_and(|(again, left)| again == page && left.is_empty())
        );
        let text = page.to_text();
        for hit in search::find(&text, query) {
            assert!(hit.words.end <= page.words.len());
        }
        assert!(page.cut().iter().map(|part| part.own.len()).sum::<usize>() <= page.words.len());
        let _ = page.around(&page.own);
    }
}

/// A page for samples.
pub fn sample_page() -> Page {
    let text = "The river came over. 模型 it left.";
    let words = [0..3, 4..9, 10..14, 15..19, 21..24, 24..27, 28..30, 31..35];
    let spans = words
        .iter()
        .enumerate()
        .map(|(n, _)| (n != 4).then(|| Span::from_millis(n as u64 * 300, n as u64 * 300 + 200)))
        .collect();
    Page {
        text: text.to_owned(),
        words: words.to_vec(),
        spans,
        sentences: vec![0..20, 21..36],
        own: 1..7,
        first: 40,
    }
}

/// Messages for samples.
pub fn messages() -> Vec<Vec<u8>> {
    let how = How {
        language: "zh".into(),
        beam: 5,
        temperature: 0.0,
        prompt: "深度求索".into(),
        is_guess: false,
        is_whole: true,
        spoken_ms: Some(8_000),
    };
    let mut wires = [Vec::new(), Vec::new()];
    protocol::write(&mut wires[0], &Request::Recognise { id: 7, how }, &[0.5; 3])
        .expect("a vector takes everything");
    protocol::write(&mut wires[1], &Reply::Loaded, &[]).expect("a vector takes everything");
    wires.to_vec()
}

/// Any bytes as what a server answers, of whichever kind, and as a page within an answer.
pub fn server(bytes: &[u8]) {
    for dialect in dialect::ALL {
        let _ = (dialect.known(bytes), dialect.identity(bytes), dialect.taken(bytes, 1));
        let _ = dialect.doomed(bytes);
    }
    let _ = (served::answer(bytes), served::marks_answer(bytes), served::reason(bytes));
    let (episode, mark) = ("07".repeat(32), format!("{:013}{}", 7, "07".repeat(16)));
    // A page's text stands beside it.
    let (page, text) = bytes.split_at(bytes.len() / 2);
    // What needs no escape in JSON.
    let text: String = String::from_utf8_lossy(text)
        .chars()
        .filter(|c| c.is_alphanumeric() || *c == ' ')
        .collect();
    let page = STANDARD.encode(page);
    let answer = format!(
        r#"{{"hits":{{"hits":[{{"_source":{{"episode":"{episode}","mark":"{mark}","file":"a","title":null,"language":null,"layer":"said","day":"","word":0,"start":null,"end":null,"text":"{text}","page":"{page}"}}}}]}}}}"#
    );
    let found = served::answer(answer.as_bytes()).expect("an answer");
    assert_eq!(found.pages.len() + found.n_bad, 1);
    for (document, page) in found.pages {
        let _ = (document.day(), page.to_text());
    }
}

/// A recording that wants a seek index.
const RECORDING: &[u8] = include_bytes!("../tests/data/audio/mp3-cbr.mp3");

/// The seek index of [`RECORDING`], for samples.
pub fn true_index() -> Vec<u8> {
    let file = tempfile::NamedTempFile::new().expect("a file");
    fs::write(file.path(), RECORDING).expect("a recording");
    SeekIndex::build(file.path(), &|| true).expect("a recording").expect("an index").to_bytes()
}

/// Any bytes as a seek index: what is read is written as it was read. And as the marks of one that
/// belongs to a recording: at worst a jump goes wrong.
pub fn seek_index(bytes: &[u8]) {
    static HEAD: OnceLock<Vec<u8>> = OnceLock::new();
    if let Some(index) = SeekIndex::from_bytes(bytes) {
        assert_eq!(SeekIndex::from_bytes(&index.to_bytes()), Some(index));
    }
    let head = HEAD.get_or_init(|| {
        let index = true_index();
        // The length of the sound: bytes with their highest bit, and one without.
        let end = index.iter().skip(4).position(|byte| *byte < 0x80).expect("a length");
        index[..4 + end + 1].to_vec()
    });
    let Some(index) = SeekIndex::from_bytes(&[head, bytes].concat()) else { return };
    let mut source = Source::from_reader(Cursor::new(RECORDING), "fuzz").expect("a recording");
    source.set_index(Arc::new(index));
    for frame in [0, 40_000, 1_000, u64::MAX >> 1] {
        if source.seek(frame).is_ok() {
            let _ = source.next_frames();
        }
    }
}

/// A store with one record and one journal in it, which become what the bytes say.
struct Shelf {
    dir: tempfile::TempDir,
    store: Store,
    record: PathBuf,
    journal: PathBuf,
    /// The journal as it was written.
    lines: Vec<u8>,
}

fn key() -> Key {
    Key::new("transcript", EpisodeId([7; 32])).with("model", "abc")
}

fn windows() -> BTreeMap<u64, Vec<u8>> {
    (0..6)
        .map(|n| {
            (n * 28_000, format!("window\n{n} \\ {}", "模型 ".repeat(n as usize)).into_bytes())
        })
        .collect()
}

impl Shelf {
    fn new() -> Self {
        // In memory where that can be: nothing has to outlast this.
        let dir =
            tempfile::tempdir_in("/dev/shm").or_else(|_| tempfile::tempdir()).expect("a folder");
        let store = Store::open(dir.path());
        let mut journal = store
            .work_on(&key(), &mut || {}, &|| false)
            .expect("a lease")
            .journal(About::default());
        for (window, payload) in windows() {
            journal.append(window, &payload);
        }
        let file = |ending: &str| {
            let files =
                fs::read_dir(dir.path()).expect("the folder").flatten().map(|file| file.path());
            files
                .into_iter()
                .find(|path| path.extension().is_some_and(|e| e == ending))
                .expect("our file")
        };
        let path = file("journal");
        let lines = fs::read(&path).expect("the journal");
        let _ = journal.finish(b"payload");
        Self { record: file("record"), journal: path, lines, store, dir }
    }

    fn clear(&self) {
        for file in fs::read_dir(self.dir.path()).into_iter().flatten().flatten() {
            let _ = fs::remove_file(file.path());
        }
    }
}

thread_local! {
    static SHELF: Shelf = Shelf::new();
}

/// A journal as the samples of the suite begin with.
pub fn lines() -> Vec<u8> {
    SHELF.with(|shelf| shelf.lines.clone())
}

/// Any bytes as a record, and as what a record's checksum is made of: shown and read without a
/// panic, and what is trusted is what was written.
pub fn record(bytes: &[u8]) {
    SHELF.with(|shelf| {
        let sealed =
            [format!("aloud-record/1 {}\n", blake3::hash(bytes).to_hex()).as_bytes(), bytes]
                .concat();
        for file in [bytes, &sealed] {
            shelf.clear();
            fs::write(&shelf.record, file).expect("a record");
            assert_eq!(shelf.store.list().len(), 1);
            for stamp in shelf.store.stamps() {
                let _ = shelf.store.read(&stamp);
            }
            if let Some(payload) = shelf.store.get(&key()) {
                assert!(bytes.ends_with(&payload));
            }
        }
    });
}

/// Any bytes as a journal, and over a part of one: no window is read that was not written, and the
/// job goes on. The first two bytes say where the rest goes.
pub fn journal(bytes: &[u8]) {
    let Some((at, rest)) = bytes.split_first_chunk::<2>() else { return };
    SHELF.with(|shelf| {
        let mut torn = shelf.lines.clone();
        let at = usize::from(u16::from_le_bytes(*at)) % torn.len();
        let end = (at + rest.len()).min(torn.len());
        torn.splice(at..end, rest.iter().copied());
        let written = windows();
        for file in [bytes, &torn] {
            shelf.clear();
            fs::write(&shelf.journal, file).expect("a journal");
            assert_eq!(shelf.store.list().len(), 1);
            for n_more in 0..2 {
                let mut journal = shelf
                    .store
                    .work_on(&key(), &mut || {}, &|| false)
                    .expect("a lease")
                    .journal(About::default());
                let found: BTreeMap<u64, Vec<u8>> =
                    journal.entries().map(|(window, payload)| (window, payload.to_vec())).collect();
                // A fuzzer that watches comparisons sees the digits that a line should have, and
                // forges them.
                let is_written = |(window, payload): (&u64, &Vec<u8>)| {
                    cfg!(fuzzing)
                        || written.get(window).is_some_and(|known| known == payload)
                        || *window == 1
                };
                assert!(found.iter().all(is_written), "{found:?}");
                assert!(n_more == 0 || found.contains_key(&1), "what was appended is there");
                journal.append(1, b"more");
            }
        }
    });
}
