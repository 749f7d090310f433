//! Books for tests: made page by page, and judged by epubcheck where it is installed.

use super::skip;
use std::path::Path;
use std::process::Command;

/// A ZIP file of these files, stored as they are.
pub fn zip(files: &[(&str, &str)]) -> Vec<u8> {
    let (mut bytes, mut directory) = (Vec::new(), Vec::new());
    for (name, text) in files {
        let (at, n) = (bytes.len() as u32, text.len() as u32);
        let common = [
            &[0u8; 8][..],
            &crc(text.as_bytes()).to_le_bytes(),
            &n.to_le_bytes(),
            &n.to_le_bytes(),
        ]
        .concat();
        let length = (name.len() as u16).to_le_bytes();
        bytes.extend(
            [b"PK\x03\x04\x0a\0", &common[..], &length, &[0; 2], name.as_bytes(), text.as_bytes()]
                .concat(),
        );
        directory.extend(
            [
                b"PK\x01\x02\x0a\0\x0a\0",
                &common[..],
                &length,
                &[0; 12],
                &at.to_le_bytes(),
                name.as_bytes(),
            ]
            .concat(),
        );
    }
    let (at, n) = (bytes.len() as u32, (files.len() as u16).to_le_bytes());
    bytes.extend(&directory);
    bytes.extend(
        [
            b"PK\x05\x06\0\0\0\0",
            &n[..],
            &n,
            &(directory.len() as u32).to_le_bytes(),
            &at.to_le_bytes(),
            &[0; 2],
        ]
        .concat(),
    );
    bytes
}

/// CRC-32 as ZIP has it.
fn crc(bytes: &[u8]) -> u32 {
    let step = |crc: u32, byte: &u8| {
        (0..8).fold(crc ^ u32::from(*byte), |crc, _| {
            if crc & 1 == 1 { crc >> 1 ^ 0xEDB8_8320 } else { crc >> 1 }
        })
    };
    !bytes.iter().fold(u32::MAX, step)
}

/// A book whose pages have these names, headings and paragraphs, as XHTML; of EPUB 3, or of EPUB 2.
pub fn book(title: &str, pages: &[(&str, &str, Vec<String>)], is_three: bool) -> Vec<u8> {
    const CONTAINER: &str = "<?xml version=\"1.0\"?><container version=\"1.0\" xmlns=\"urn:oasis:names:tc:opendocument:xmlns:container\"><rootfiles><rootfile full-path=\"OEBPS/content.opf\" media-type=\"application/oebps-package+xml\"/></rootfiles></container>";
    let begin = if is_three {
        "<!DOCTYPE html>\n<html xmlns=\"http://www.w3.org/1999/xhtml\" xmlns:epub=\"http://www.idpf.org/2007/ops\" lang=\"en\" xml:lang=\"en\">\n<head>"
    } else {
        "<!DOCTYPE html PUBLIC \"-//W3C//DTD XHTML 1.1//EN\" \"http://www.w3.org/TR/xhtml11/DTD/xhtml11.dtd\">\n<html xmlns=\"http://www.w3.org/1999/xhtml\" xml:lang=\"en\">\n<head><meta http-equiv=\"Content-Type\" content=\"application/xhtml+xml; charset=utf-8\"/>"
    };
    let mut files: Vec<(String, String)> = Vec::new();
    let (mut items, mut spine, mut nav, mut ncx) =
        (String::new(), String::new(), String::new(), String::new());
    for (n, (name, heading, paragraphs)) in pages.iter().enumerate() {
        let body: String = paragraphs.iter().map(|paragraph| format!("{paragraph}\n")).collect();
        let page = format!(
            "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n{begin}<title>{heading}</title></head>\n<body>\n<div><h1>{heading}</h1>\n{body}</div>\n</body>\n</html>\n"
        );
        files.push((format!("OEBPS/text/{name}.xhtml"), page));
        items += &format!(
            "<item id=\"p{n}\" href=\"text/{name}.xhtml\" media-type=\"application/xhtml+xml\"/>\n    "
        );
        spine += &format!("<itemref idref=\"p{n}\"/>");
        nav += &format!("<li><a href=\"text/{name}.xhtml\">{heading}</a></li>");
        ncx += &format!(
            "<navPoint id=\"n{n}\" playOrder=\"{}\"><navLabel><text>{heading}</text></navLabel><content src=\"text/{name}.xhtml\"/></navPoint>",
            n + 1
        );
    }
    const ID: &str = "urn:uuid:12345678-1234-4234-8234-123456789012";
    let (version, metadata, toc) = if is_three {
        files.push(("OEBPS/nav.xhtml".into(), format!("<?xml version=\"1.0\"?>\n<!DOCTYPE html>\n<html xmlns=\"http://www.w3.org/1999/xhtml\" xmlns:epub=\"http://www.idpf.org/2007/ops\"><head><title>Contents</title></head><body><nav epub:type=\"toc\"><ol>{nav}</ol></nav></body></html>")));
        items += "<item id=\"nav\" href=\"nav.xhtml\" media-type=\"application/xhtml+xml\" properties=\"nav\"/>";
        (
            "3.0",
            format!(
                "<dc:identifier id=\"id\">{ID}</dc:identifier><meta property=\"dcterms:modified\">2020-01-01T00:00:00Z</meta>"
            ),
            "",
        )
    } else {
        files.push(("OEBPS/toc.ncx".into(), format!("<?xml version=\"1.0\"?>\n<!DOCTYPE ncx PUBLIC \"-//NISO//DTD ncx 2005-1//EN\" \"http://www.daisy.org/z3986/2005/ncx-2005-1.dtd\">\n<ncx xmlns=\"http://www.daisy.org/z3986/2005/ncx/\" version=\"2005-1\"><head><meta name=\"dtb:uid\" content=\"{ID}\"/></head><docTitle><text>x</text></docTitle><navMap>{ncx}</navMap></ncx>")));
        items += "<item id=\"ncx\" href=\"toc.ncx\" media-type=\"application/x-dtbncx+xml\"/>";
        (
            "2.0",
            format!(
                "<dc:identifier id=\"id\" opf:scheme=\"UUID\">{ID}</dc:identifier><dc:creator opf:role=\"aut\" opf:file-as=\"Calloway, Ruth\">Ruth Calloway</dc:creator><dc:date opf:event=\"publication\">2019</dc:date><dc:date opf:event=\"modification\">2020</dc:date>"
            ),
            " toc=\"ncx\"",
        )
    };
    let package = format!(
        "<?xml version=\"1.0\"?>\n<package xmlns=\"http://www.idpf.org/2007/opf\" version=\"{version}\" unique-identifier=\"id\">\n  <metadata xmlns:dc=\"http://purl.org/dc/elements/1.1/\" xmlns:opf=\"http://www.idpf.org/2007/opf\">{metadata}<dc:title>{title}</dc:title><dc:language>en</dc:language></metadata>\n  <manifest>\n    {items}\n  </manifest>\n  <spine{toc}>{spine}</spine>\n</package>\n"
    );
    let mut all = vec![
        ("mimetype", "application/epub+zip"),
        ("META-INF/container.xml", CONTAINER),
        ("OEBPS/content.opf", package.as_str()),
    ];
    all.extend(files.iter().map(|(name, text)| (name.as_str(), text.as_str())));
    zip(&all)
}

/// Demands that epubcheck finds nothing wrong with the book at `path`; skips where it is not
/// installed.
#[track_caller]
pub fn check(path: &Path) {
    let found = std::env::split_paths(&std::env::var_os("PATH").unwrap_or_default())
        .map(|folder| folder.join("epubcheck"))
        .find(|p| p.is_file());
    let Some(program) = found else {
        return skip("epubcheck is not installed, which judges books");
    };
    // Debian's is the archive itself, which not every system starts.
    let is_archive = std::fs::read(&program).is_ok_and(|bytes| bytes.starts_with(b"PK"));
    let output = if is_archive {
        Command::new("java").arg("-jar").arg(program).arg(path).output()
    } else {
        Command::new(program).arg(path).output()
    };
    let Ok(output) = output else { return skip("epubcheck cannot be started here") };
    let said = format!(
        "{}{}",
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr)
    );
    assert!(output.status.success() && !said.contains("WARNING("), "{}: {said}", path.display());
}

/// Start times in seconds of the sentences in an alignment's JSON that have one, by their texts.
pub fn starts(json: &str) -> Vec<(String, f64)> {
    let all: serde_json::Value = serde_json::from_str(json).unwrap();
    let timed = |sentence: &serde_json::Value| {
        Some((sentence["text"].as_str()?.to_owned(), sentence["start"].as_f64()?))
    };
    all["sentences"].as_array().unwrap().iter().filter_map(timed).collect()
}
