//! From bytes to clean text: encodings, line ends, tags, entities, and what no screen should get.
//!
//! This room never knows which format the text is in.

use crate::transcript::characters::is_unprintable;
use chardetng::{EncodingDetector, Iso2022JpDetection, Utf8Detection};
use std::borrow::Cow;

/// Bytes that are not UTF-8 are carried through the parsers as the code points from here on, since
/// a recogniser's JSON may hold half a character in one string and half in the next.
const HIDDEN: u32 = 0x10_FF00;

/// A file's text.
pub(super) struct Decoded<'a> {
    /// Without byte order mark; bytes that are not UTF-8 are hidden in private code points.
    pub(super) text: Cow<'a, str>,
    /// The encoding that was guessed by the look of the letters.
    pub(super) guess: Option<&'static str>,
    /// How many bytes (of UTF-16: units) could not be decoded.
    pub(super) n_damaged: usize,
    /// How many bytes were not ASCII.
    pub(super) n_foreign: usize,
}

/// Decodes UTF-8, or UTF-16 of either order where a byte order mark or the first character shows
/// it.
pub(super) fn decode(bytes: &[u8]) -> Decoded<'_> {
    match bytes {
        [0xEF, 0xBB, 0xBF, rest @ ..] => utf8(rest),
        [0xFF, 0xFE, rest @ ..] => utf16(rest, u16::from_le_bytes),
        [0xFE, 0xFF, rest @ ..] => utf16(rest, u16::from_be_bytes),
        [1..=0x7F, 0, 1..=0x7F, 0, ..] => utf16(bytes, u16::from_le_bytes),
        [0, 1..=0x7F, 0, 1..=0x7F, ..] => utf16(bytes, u16::from_be_bytes),
        _ => utf8(bytes),
    }
}

/// Decodes one of the encodings from before Unicode; `None` where nothing but a guess without sense
/// is left.
pub(super) fn guessed(bytes: &[u8]) -> Option<Decoded<'_>> {
    let mut detector = EncodingDetector::new(Iso2022JpDetection::Deny);
    detector.feed(bytes, true);
    let encoding = detector.guess(None, Utf8Detection::Deny);
    let text = encoding.decode_without_bom_handling_and_without_replacement(bytes)?;
    let is_text = !text.chars().any(|c| c.is_control() && !c.is_whitespace());
    is_text.then(|| Decoded { text, guess: Some(encoding.name()), n_damaged: 0, n_foreign: 0 })
}

fn utf8(bytes: &[u8]) -> Decoded<'_> {
    let n_foreign = bytes.iter().filter(|byte| !byte.is_ascii()).count();
    // Hidden bytes and what could be taken for them begin with this one.
    if let (Ok(text), false) = (str::from_utf8(bytes), bytes.contains(&0xF4)) {
        return Decoded { text: text.into(), guess: None, n_damaged: 0, n_foreign };
    }
    let mut text = String::with_capacity(bytes.len());
    let mut n_damaged = 0;
    for chunk in bytes.utf8_chunks() {
        // Real characters of that range would be taken for hidden bytes; nobody has given them a
        // meaning.
        text.extend(chunk.valid().chars().filter(|&c| hidden_byte(c).is_none()));
        text.extend(
            chunk.invalid().iter().filter_map(|&byte| char::from_u32(HIDDEN + u32::from(byte))),
        );
        n_damaged += chunk.invalid().len();
    }
    Decoded { text: text.into(), guess: None, n_damaged, n_foreign }
}

fn utf16(bytes: &[u8], unit: fn([u8; 2]) -> u16) -> Decoded<'_> {
    let units = bytes.chunks_exact(2).map(|pair| unit([pair[0], pair[1]]));
    let mut n_damaged = bytes.len() % 2;
    let text: String = char::decode_utf16(units)
        .filter_map(|c| {
            n_damaged += usize::from(c.is_err());
            c.ok().filter(|&c| hidden_byte(c).is_none())
        })
        .collect();
    Decoded { text: text.into(), guess: None, n_damaged, n_foreign: bytes.len() }
}

fn hidden_byte(c: char) -> Option<u8> {
    (c as u32)
        .checked_sub(HIDDEN)
        .and_then(|byte| u8::try_from(byte).ok())
        .filter(|byte| *byte >= 0x80)
}

/// The bytes that `text` was decoded from.
pub(super) fn bytes_of(text: &str) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(text.len());
    for c in text.chars() {
        match hidden_byte(c) {
            Some(byte) => bytes.push(byte),
            None => bytes.extend_from_slice(c.encode_utf8(&mut [0; 4]).as_bytes()),
        }
    }
    bytes
}

/// Lines and their numbers from 1, whichever way they end.
pub(super) fn lines(text: &str) -> impl Iterator<Item = (usize, &str)> {
    let mut rest = Some(text);
    let lines = std::iter::from_fn(move || {
        let text = rest?;
        let end = text.find(['\n', '\r']);
        rest = end.map(|end| {
            let after = &text[end..];
            after.strip_prefix("\r\n").unwrap_or(&after[1..])
        });
        Some(&text[..end.unwrap_or(text.len())])
    });
    (1..).zip(lines)
}

/// `text` without terminal escapes, control characters and undecoded bytes. White space stays.
pub(super) fn clean(text: &str) -> String {
    let mut cleaned = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(c) = rest.chars().next() {
        rest = match c {
            '\u{1b}' | '\u{9b}' | '\u{9d}' | '\u{90}' => after_escape(rest),
            _ => &rest[c.len_utf8()..],
        };
        if !is_unprintable(c) && hidden_byte(c).is_none() {
            cleaned.push(c);
        }
    }
    cleaned
}

/// What follows the terminal escape at the front of `text` (ECMA-48, sections 5.4 and 5.6).
fn after_escape(text: &str) -> &str {
    let mut chars = text.chars();
    let is_seven_bit = chars.next() == Some('\u{1b}');
    let after_first = chars.as_str();
    let introducer = if is_seven_bit { chars.next() } else { text.chars().next() };
    match introducer {
        Some('[' | '\u{9b}') => {
            let end = chars.as_str().trim_start_matches(|c| matches!(c, '\u{20}'..='\u{3f}'));
            end.strip_prefix(|c| matches!(c, '\u{40}'..='\u{7e}')).unwrap_or(end)
        }
        Some(']' | 'P' | 'X' | '^' | '_' | '\u{9d}' | '\u{90}') => after_string(chars.as_str()),
        _ => after_first,
    }
}

/// What follows a control string; one that does not end on its line swallows nothing.
fn after_string(text: &str) -> &str {
    let end = text.find(['\n', '\r', '\u{7}', '\u{1b}', '\u{9b}', '\u{9c}', '\u{9d}', '\u{90}']);
    let after = end.map_or("", |end| &text[end..]);
    after
        .strip_prefix("\u{1b}\\")
        .or_else(|| after.strip_prefix(['\u{7}', '\u{9c}']))
        .unwrap_or(text)
}

/// Which angle brackets are markup.
#[derive(Clone, Copy, PartialEq)]
pub(super) enum Tags {
    /// Those of a known name: SubRip never said, and people write "<3".
    Known,
    /// All, as WebVTT defines.
    All,
}

/// A tag longer than this, in bytes, is text with a stray bracket.
const LONGEST_TAG: usize = 256;

/// The names of tags seen in subtitle files.
const NAMES: [&str; 18] = [
    "b", "i", "u", "s", "c", "v", "font", "span", "lang", "ruby", "rt", "em", "strong", "p", "br",
    "tt", "big", "small",
];

/// `text` without tags ("<i>", "<v Ann>") and position codes ("{\an8}"). Tags do not nest, and end
/// on their line but for those of WebVTT.
pub(super) fn untag(text: &str, tags: Tags) -> String {
    let mut bare = String::with_capacity(text.len());
    let mut rest = text;
    // How a base is read is no text, up to the end of the reading or of its line.
    let mut is_reading = false;
    let mut add = |part: &str, is_reading: &mut bool| {
        let from = if *is_reading { part.find('\n').unwrap_or(part.len()) } else { 0 };
        *is_reading &= from == part.len();
        bare.push_str(&part[from..]);
    };
    while let Some(at) = rest.find(['<', '{']) {
        add(&rest[..at], &mut is_reading);
        rest = &rest[at..];
        let len = markup_len(rest, tags);
        if len == 0 {
            add(&rest[..1], &mut is_reading);
        } else if rest.get(..3).is_some_and(|tag| tag.eq_ignore_ascii_case("<br")) {
            add("\n", &mut is_reading);
        } else if rest.starts_with("<rt") {
            is_reading = true;
        } else if rest.starts_with("</rt") || rest.starts_with("</ruby") {
            is_reading = false;
        }
        rest = &rest[len.max(1)..];
    }
    add(rest, &mut is_reading);
    bare
}

/// The length of the markup that `text` begins with; 0 if it is plain text.
pub(super) fn markup_len(text: &str, tags: Tags) -> usize {
    let (is_markup, close) = if let Some(inner) = text.strip_prefix('<') {
        let inner = inner.strip_prefix('/').unwrap_or(inner);
        let name = inner.split(|c: char| !c.is_ascii_alphabetic()).next().unwrap_or("");
        (tags == Tags::All || NAMES.iter().any(|known| known.eq_ignore_ascii_case(name)), b'>')
    } else {
        (text.starts_with("{\\"), b'}')
    };
    let mut bytes = text.bytes().take(if is_markup { LONGEST_TAG } else { 0 });
    let may_break = tags == Tags::All && close == b'>';
    let end = bytes.position(|byte| byte == close || (byte == b'\n' && !may_break));
    end.filter(|&end| text.as_bytes()[end] == close).map_or(0, |end| end + 1)
}

/// The longest character reference: one of HTML's has 33 characters.
const LONGEST_REFERENCE: usize = 33;

/// `text` with its character references decoded: those of HTML by name (WebVTT 1, 6.4), and
/// numbers.
pub(crate) fn unescape(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find('&') {
        plain.push_str(&rest[..at]);
        rest = &rest[at..];
        let end = rest.bytes().take(LONGEST_REFERENCE).position(|byte| byte == b';');
        let found = end.and_then(|end| Some((reference(&rest[1..end])?, end + 1)));
        let (meant, len) = found.unwrap_or((Cow::Borrowed("&"), 1));
        plain.push_str(&meant);
        rest = &rest[len..];
    }
    plain.push_str(rest);
    plain
}

fn reference(name: &str) -> Option<Cow<'static, str>> {
    let Some(number) = name.strip_prefix('#') else {
        return quick_xml::escape::resolve_html5_entity(name).map(Cow::Borrowed);
    };
    let hexadecimal = number.strip_prefix(['x', 'X']);
    let code = hexadecimal
        .map_or_else(|| number.parse(), |digits| u32::from_str_radix(digits, 16))
        .ok()?;
    char::from_u32(code).map(|c| Cow::Owned(c.to_string()))
}

/// A few characters of foreign text, fit for a message.
pub(super) fn excerpt(text: &str) -> String {
    let cleaned = clean(text);
    let mut chars = cleaned.trim().chars();
    let mut short: String = chars
        .by_ref()
        .take(40)
        .map(|c| if c.is_whitespace() || c == '`' { ' ' } else { c })
        .collect();
    if chars.next().is_some() {
        short.push('…');
    }
    short
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn encodings() {
        let utf16 = |text: &str, unit: fn(u16) -> [u8; 2]| {
            text.encode_utf16().flat_map(unit).collect::<Vec<u8>>()
        };
        for bytes in [
            "1 好".as_bytes().to_vec(),
            "\u{feff}1 好".as_bytes().to_vec(),
            utf16("\u{feff}1 好", u16::to_le_bytes),
            utf16("\u{feff}1 好", u16::to_be_bytes),
            utf16("1 好", u16::to_le_bytes),
            utf16("1 好", u16::to_be_bytes),
        ] {
            let decoded = decode(&bytes);
            assert_eq!((&*decoded.text, decoded.n_damaged), ("1 好", 0), "{bytes:?}");
        }
        let half = decode(b"a\xe9\xbeb");
        assert_eq!(
            (half.n_damaged, bytes_of(&half.text), clean(&half.text)),
            (2, b"a\xe9\xbeb".to_vec(), "ab".to_owned())
        );
    }

    #[test]
    fn line_ends() {
        let got: Vec<_> = lines("a\r\nb\rc\n\nd").collect();
        assert_eq!(got, [(1, "a"), (2, "b"), (3, "c"), (4, ""), (5, "d")]);
    }

    #[test]
    fn escapes_leave_nothing() {
        for (text, want) in [
            ("a\u{1b}[31;1mred\u{1b}[0m", "ared"),
            ("\u{1b}]0;title\u{7}x", "x"),
            ("\u{1b}]8;;http://e\u{1b}\\link", "link"),
            ("\u{9b}2Jx\u{9d}0;t\u{9c}y", "xy"),
            ("\u{1b}", ""),
            ("\u{1b}[", ""),
            ("\u{1b}]open\nnext", "open\nnext"),
            ("\u{1b}cx\0\u{8}\u{202e}y", "cxy"),
            ("a\tb\n", "a\tb\n"),
        ] {
            assert_eq!(clean(text), want, "{text:?}");
        }
    }

    #[test]
    fn markup() {
        for (text, tags, want) in [
            ("<i>a</i> <B>b</B>", Tags::Known, "a b"),
            ("{\\an8}top {curly}", Tags::Known, "top {curly}"),
            ("<font color=\"red\">x</font>", Tags::Known, "x"),
            ("I <3 you, a < b > c, <laughs>", Tags::Known, "I <3 you, a < b > c, <laughs>"),
            ("one<br/>two", Tags::Known, "one\ntwo"),
            ("<ruby>漢<rt>かん</rt>字<rt>じ</ruby>を", Tags::All, "漢字を"),
            ("<v.loud Ann>Hi<00:00:01.000> <c.x>there</c>", Tags::All, "Hi there"),
            ("a <open", Tags::All, "a <open"),
            ("<b", Tags::Known, "<b"),
        ] {
            assert_eq!(untag(text, tags), want);
        }
    }

    #[test]
    fn references() {
        for (text, want) in [
            ("a &amp; b &lt;i&gt; &#39;x&#x27;", "a & b <i> 'x'"),
            ("AT&T; & &unknown; &", "AT&T; & &unknown; &"),
            ("&#0;&#xD800;&#99999999;", "\0&#xD800;&#99999999;"),
            ("&amp;lt;", "&lt;"),
            ("&中文;", "&中文;"),
        ] {
            assert_eq!(unescape(text), want);
        }
    }

    #[test]
    fn excerpts() {
        assert_eq!(excerpt(" a\u{1b}[1m`b\n"), "a b");
        assert_eq!(excerpt(&"長".repeat(50)).chars().count(), 41);
    }
}
