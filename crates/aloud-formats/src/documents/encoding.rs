//! Which characters do these bytes mean?
//!
//! A byte order mark decides, then whether the bytes are UTF-8 at all, then what the source
//! declares, then a guess (chardetng, as browsers do). UTF-16 without a mark is known by its look.

use chardetng::{EncodingDetector, Iso2022JpDetection, Utf8Detection};
use encoding_rs::{Encoding, ISO_2022_JP, UTF_8, UTF_16BE, UTF_16LE};

/// Bytes at the beginning that a declaration must stand in (the HTML standard asks for 1024; real
/// pages exceed it).
const DECLARED_WITHIN: usize = 8192;
/// Bytes that a guess looks at.
const GUESS_FROM: usize = 1 << 20;
/// The share of likely characters from which bytes are UTF-16.
const UTF_16_SHARE: f64 = 0.95;

/// Why the characters of a text may be others than were meant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Doubt {
    /// It is no UTF-8 and names no encoding that fits; it was read in this one, by the look of its
    /// letters.
    Guessed(&'static str),
    /// It is UTF-8 with so many places that are damaged.
    Damaged(usize),
}

/// The text of `bytes`. `declared` is the name of an encoding that came with them, from outside
/// ("big5"). What cannot be decoded becomes U+FFFD.
pub(super) fn decode(bytes: &[u8], declared: Option<&str>) -> String {
    let encoding = choose(bytes, declared);
    encoding.decode(bytes).0.into_owned()
}

/// The text of `bytes`, whose encoding they tell themselves.
pub(crate) fn decoded(bytes: &[u8]) -> String {
    decode(bytes, None)
}

/// What is not certain about how `bytes` are decoded.
pub(super) fn doubt(bytes: &[u8], declared: Option<&str>) -> Option<Doubt> {
    let encoding = choose(bytes, declared);
    if bytes.is_ascii()
        || Encoding::for_bom(bytes).is_some()
        || encoding == UTF_16LE
        || encoding == UTF_16BE
    {
        return None;
    }
    if encoding == UTF_8 {
        let n_damaged = bytes.utf8_chunks().filter(|chunk| !chunk.invalid().is_empty()).count();
        return (n_damaged > 0).then_some(Doubt::Damaged(n_damaged));
    }
    (named(bytes, declared) != Some(encoding)).then_some(Doubt::Guessed(encoding.name()))
}

/// The encoding that the source or the text itself names.
fn named(bytes: &[u8], declared: Option<&str>) -> Option<&'static Encoding> {
    declared.and_then(|name| Encoding::for_label(name.trim().as_bytes())).or_else(|| stated(bytes))
}

fn choose(bytes: &[u8], declared: Option<&str>) -> &'static Encoding {
    if let Some((encoding, _)) = Encoding::for_bom(bytes) {
        return encoding;
    }
    if let Some(encoding) = unmarked_utf16(bytes) {
        return encoding;
    }
    if bytes.is_ascii() {
        // The only other encoding that has no byte above 127.
        let is_japanese = bytes.windows(2).any(|pair| pair == b"\x1b$");
        return if is_japanese { ISO_2022_JP } else { UTF_8 };
    }
    if std::str::from_utf8(bytes).is_ok() || is_cut_utf8(bytes) {
        return UTF_8;
    }
    // A page that says UTF-8 or UTF-16 and is neither has been saved by something that left the
    // statement.
    named(bytes, declared)
        .filter(|encoding| ![UTF_8, UTF_16BE, UTF_16LE].contains(encoding))
        .unwrap_or_else(|| guessed(bytes))
}

/// Whether the bytes are UTF-8 but for few that are damaged.
fn is_cut_utf8(bytes: &[u8]) -> bool {
    let (mut n_wrong, mut n_right) = (0, 0);
    for chunk in bytes.utf8_chunks() {
        n_wrong += usize::from(!chunk.invalid().is_empty());
        n_right += chunk.valid().chars().filter(|c| !c.is_ascii()).count();
    }
    n_wrong * 20 < n_right
}

/// The encoding that an HTML or XML file names at its beginning.
fn stated(bytes: &[u8]) -> Option<&'static Encoding> {
    let head = String::from_utf8_lossy(&bytes[..bytes.len().min(DECLARED_WITHIN)]).to_lowercase();
    let named = |key: &str, within: &str| {
        let rest = within
            .split_once(key)?
            .1
            .trim_start()
            .strip_prefix('=')?
            .trim_start()
            .trim_start_matches(['"', '\'']);
        let name: String =
            rest.chars().take_while(|c| c.is_ascii_alphanumeric() || "-_:.".contains(*c)).collect();
        Encoding::for_label(name.as_bytes())
    };
    if head.trim_start().starts_with("<?xml") {
        let declaration = head.split("?>").next().unwrap_or_default();
        return named("encoding", declaration);
    }
    head.split("<meta")
        .skip(1)
        .find_map(|tag| named("charset", tag.split('>').next().unwrap_or_default()))
}

fn guessed(bytes: &[u8]) -> &'static Encoding {
    let mut detector = EncodingDetector::new(Iso2022JpDetection::Deny);
    detector.feed(&bytes[..bytes.len().min(GUESS_FROM)], bytes.len() <= GUESS_FROM);
    detector.guess(None, Utf8Detection::Deny)
}

/// UTF-16 without a byte order mark: it has zeros, as no other encoding of text has and every line
/// break or space in it makes, and nearly everything is a likely character in one byte order and
/// not in the other.
fn unmarked_utf16(bytes: &[u8]) -> Option<&'static Encoding> {
    let sample = &bytes[..bytes.len().min(4096) & !1];
    if sample.len() < 4 || !bytes.len().is_multiple_of(2) || !sample.contains(&0) {
        return None;
    }
    let share = |unit: fn([u8; 2]) -> u16| {
        let n = sample.chunks_exact(2).filter(|pair| is_likely(unit([pair[0], pair[1]]))).count();
        n as f64 / (sample.len() / 2) as f64
    };
    let (little, big) = (share(u16::from_le_bytes), share(u16::from_be_bytes));
    match () {
        () if little >= UTF_16_SHARE && little > big => Some(UTF_16LE),
        () if big >= UTF_16_SHARE && big > little => Some(UTF_16BE),
        () => None,
    }
}

/// Whether a UTF-16 unit is a character that texts are made of. Korean is left out, since half of
/// all other bytes would pass for it; its texts are known by their spaces.
fn is_likely(unit: u16) -> bool {
    matches!(unit,
        0x09 | 0x0A | 0x0D | 0x20..=0x7E | 0xA0..=0x5FF | 0x2010..=0x203A | 0x20AC | 0x3000..=0x30FF | 0x4E00..=0x9FA5 | 0xFF01..=0xFF5E)
}

#[cfg(test)]
mod tests {
    use super::*;
    use encoding_rs::{BIG5, EUC_JP, EUC_KR, GB18030, SHIFT_JIS, WINDOWS_1251, WINDOWS_1252};

    const CHINESE: &str =
        "我奶奶今年82歲，一個人住在海邊的小鎮。那臺老收音機終於壞了，從此不會說話。";
    const SIMPLIFIED: &str =
        "我奶奶今年82岁，一个人住在海边的小镇。那台老收音机终于坏了，从此不会说话。";
    const FRENCH: &str = "La rivière est passée sur la route; à l’école, on a dormi – même les élèves. Où étaient-ils ?";

    fn utf16(text: &str, is_little: bool, has_mark: bool) -> Vec<u8> {
        let mark = if has_mark { "\u{feff}" } else { "" };
        let units: Vec<u16> = mark.encode_utf16().chain(text.encode_utf16()).collect();
        units
            .iter()
            .flat_map(|unit| if is_little { unit.to_le_bytes() } else { unit.to_be_bytes() })
            .collect()
    }

    #[test]
    fn encodings_are_recognised() {
        for (text, encoding) in [
            (CHINESE, UTF_8),
            (CHINESE, BIG5),
            (SIMPLIFIED, GB18030),
            (FRENCH, WINDOWS_1252),
            ("Река вышла на дорогу, и в здании суда погас свет.", WINDOWS_1251),
            ("川が道にあふれて、裁判所の明かりが消えました。カメラは高い。", SHIFT_JIS),
            ("川が道にあふれて、裁判所の明かりが消えました。カメラは高い。", EUC_JP),
            ("강물이 길을 넘쳐 법원의 불이 꺼졌습니다. 오늘은 날씨가 좋습니다.", EUC_KR),
            ("川が道にあふれて。", ISO_2022_JP),
        ] {
            let (bytes, _, has_failed) = encoding.encode(text);
            assert!(!has_failed);
            assert_eq!(decode(&bytes, None), text, "{}", encoding.name());
        }
        for text in [
            CHINESE,
            SIMPLIFIED,
            FRENCH,
            "Plain English.\n",
            "한국어 문장이다. 오늘은 날씨가 좋다.",
        ] {
            for (is_little, has_mark) in
                [(true, true), (false, true), (true, false), (false, false)]
            {
                if has_mark || !text.starts_with('한') {
                    assert_eq!(
                        decode(&utf16(text, is_little, has_mark), None),
                        text,
                        "{is_little} {has_mark}"
                    );
                }
            }
        }
        assert_eq!(decode(b"\xef\xbb\xbfA", None), "A");
        assert_eq!(decode(b"", None), "");
        // Some damage does not make UTF-8 something else.
        assert_eq!(
            decode(&[CHINESE.as_bytes(), b"\xff"].concat(), None),
            format!("{CHINESE}\u{fffd}")
        );
    }

    #[test]
    fn a_guess_is_no_secret() {
        for (bytes, declared, want) in [
            (FRENCH.as_bytes().to_vec(), None, None),
            (
                WINDOWS_1252.encode(FRENCH).0.into_owned(),
                None,
                Some(Doubt::Guessed("windows-1252")),
            ),
            (WINDOWS_1252.encode(FRENCH).0.into_owned(), Some("latin1"), None),
            // Said to be UTF-8, and not so.
            (
                WINDOWS_1252.encode(FRENCH).0.into_owned(),
                Some("utf-8"),
                Some(Doubt::Guessed("windows-1252")),
            ),
            (BIG5.encode(CHINESE).0.into_owned(), None, Some(Doubt::Guessed("Big5"))),
            ([CHINESE.repeat(3).as_bytes(), b"\xff, \xfe"].concat(), None, Some(Doubt::Damaged(2))),
            (b"plain".to_vec(), Some("nonsense"), None),
            (utf16(CHINESE, true, true), None, None),
            (utf16(CHINESE, true, false), None, None),
        ] {
            assert_eq!(
                doubt(&bytes, declared),
                want,
                "{declared:?} {:?}",
                String::from_utf8_lossy(&bytes)
            );
        }
    }

    #[test]
    fn declarations_count_where_the_bytes_allow_it() {
        let page = |head: &str, encoding: &'static Encoding| {
            encoding.encode(&format!("{head}<p>短文。")).0.into_owned()
        };
        for (head, encoding, declared) in [
            ("<meta charset=\"big5\">", BIG5, None),
            ("<META http-equiv=Content-Type content='text/html; charset = gb2312'>", GB18030, None),
            ("<?xml version='1.0' encoding='Shift_JIS'?>", SHIFT_JIS, None),
            ("", BIG5, Some("big5")),
            ("<meta charset=gbk>", BIG5, Some("Big5")),
            ("<meta charset=big5>", UTF_8, Some("big5")),
            ("<meta charset=utf-8>", UTF_8, None),
        ] {
            assert_eq!(
                decode(&page(head, encoding), declared),
                format!("{head}<p>短文。"),
                "{head}"
            );
        }
        let wrong = [b"<meta charset=utf-8>".as_slice(), &BIG5.encode(CHINESE).0].concat();
        assert!(decode(&wrong, None).ends_with(CHINESE));
    }
}
