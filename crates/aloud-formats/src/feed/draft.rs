//! An entry while its tags are read, and what is done to the texts in them.

use super::{Enclosure, Entry, TranscriptLink, date};
use crate::address::resolve;
use crate::printable;
use crate::time::Timestamp;
use quick_xml::Reader;
use quick_xml::events::BytesStart;

/// A longer title is a text that went astray; in characters.
const LONGEST_TITLE: usize = 500;
/// A longer text is kept by its page; in bytes.
const LONGEST_TEXT: usize = 2 << 20;
/// More of them are none that anybody made.
const MOST_LINKS: usize = 100;

/// A reader that goes on over what browsers and podcast programs go on over.
pub(super) fn reader(source: &str) -> Reader<&[u8]> {
    let mut reader = Reader::from_str(source);
    let config = reader.config_mut();
    config.check_end_names = false;
    config.allow_unmatched_ends = true;
    config.allow_dangling_amp = true;
    reader
}

/// The attribute `name` of a tag, in any case, its references resolved.
pub(super) fn attribute(tag: &BytesStart<'_>, name: &str) -> Option<String> {
    let mut attributes = tag.attributes();
    let found = attributes.with_checks(false).filter_map(Result::ok);
    let mut found = found.filter(|attribute| attribute.key.as_ref().eq_ignore_ascii_case(name));
    found.next().map(|attribute| unescaped(&attribute.value))
}

/// The characters that `name`, between `&` and `;`, stands for; `None` for one that nobody knows.
pub(super) fn reference(name: &str) -> Option<String> {
    if let Some(number) = name.strip_prefix('#') {
        let hex = number.strip_prefix(['x', 'X']).map(|digits| u32::from_str_radix(digits, 16));
        let code = hex.unwrap_or_else(|| number.parse()).ok()?;
        return char::from_u32(code).map(String::from);
    }
    quick_xml::escape::resolve_html5_entity(name).map(str::to_owned)
}

/// `text` with its references resolved; what is none stays.
pub(super) fn unescaped(text: &str) -> String {
    /// Longer than every name there is.
    const LONGEST: usize = 40;
    let mut plain = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find('&') {
        plain.push_str(&rest[..at]);
        rest = &rest[at..];
        let end = rest.bytes().take(LONGEST).position(|byte| byte == b';');
        match end.and_then(|end| Some((reference(&rest[1..end])?, end + 1))) {
            Some((found, end)) => {
                plain.push_str(&found);
                rest = &rest[end..];
            }
            None => {
                plain.push('&');
                rest = &rest[1..];
            }
        }
    }
    plain + rest
}

/// A title as it may be printed: one line, without tags and what a terminal would obey. Titles are
/// often escaped twice.
pub(super) fn clean(text: &str) -> String {
    let text = unescaped(text);
    let mut plain = String::with_capacity(text.len());
    let mut rest = text.as_str();
    // Looked for from each tag on, and no more once there is none: who opens tags without end costs
    // no more than others.
    let mut may_end = true;
    while let Some(at) = rest.find('<') {
        plain.push_str(&rest[..at]);
        rest = &rest[at..];
        let is_tag =
            may_end && rest[1..].starts_with(|c: char| c.is_ascii_alphabetic() || c == '/');
        let end = if is_tag { rest.find('>') } else { None };
        may_end = end.is_some() || !is_tag && may_end;
        match end {
            Some(end) => rest = &rest[end + 1..],
            None => {
                plain.push('<');
                rest = &rest[1..];
            }
        }
    }
    plain.push_str(rest);
    tidy(&plain)
}

/// `text` on one line, as it may be printed.
pub(super) fn tidy(text: &str) -> String {
    let line = printable::line(text);
    let line = line.split_whitespace().collect::<Vec<_>>().join(" ");
    line.chars().take(LONGEST_TITLE).collect::<String>().trim_end().to_owned()
}

/// Text as it stands, or nothing where there is none or too much.
pub(super) fn worded(text: &str) -> Option<String> {
    let text = text.trim();
    (!text.is_empty() && text.len() <= LONGEST_TEXT).then(|| text.to_owned())
}

/// Hours, minutes and seconds as podcasts write them: `3723`, `62:03`, `1:02:03`.
pub(super) fn length(text: &str) -> Option<Timestamp> {
    let mut seconds = 0.0;
    for (n, part) in text.trim().split(':').enumerate() {
        let is_number =
            !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.');
        let value: f64 = part.parse().ok().filter(|_| is_number && n < 3)?;
        seconds = seconds * 60.0 + value;
    }
    // A week is no episode.
    (seconds > 0.0 && seconds < 7.0 * 86_400.0).then(|| Timestamp::from_secs(seconds))
}

/// What an entry's tags have said so far.
#[derive(Debug, Default)]
pub(super) struct Draft {
    pub(super) id: Option<String>,
    pub(super) title: Option<String>,
    /// By how much it counts.
    pub(super) dates: [Option<i64>; 3],
    pub(super) length: Option<Timestamp>,
    sounds: Vec<(u8, Enclosure)>,
    /// By how much it counts.
    pub(super) links: [Option<String>; 3],
    pub(super) chapters: Option<String>,
    pub(super) transcripts: Vec<TranscriptLink>,
    /// The whole text, and what tells of it.
    pub(super) texts: [Option<String>; 2],
}

impl Draft {
    pub(super) fn is_empty(&self) -> bool {
        self.id.is_none()
            && self.title.is_none()
            && self.sounds.is_empty()
            && self.links.iter().all(Option::is_none)
    }

    /// A date that counts as much as `rank` says.
    pub(super) fn date(&mut self, rank: usize, text: &str) {
        if let (Some(slot), Some(seconds)) = (self.dates.get_mut(rank), date::seconds(text)) {
            slot.get_or_insert(seconds);
        }
    }

    /// The longer of what there is and `text`.
    pub(super) fn text(&mut self, slot: usize, text: &str) {
        if let (Some(slot), Some(text)) = (self.texts.get_mut(slot), worded(text))
            && slot.as_ref().is_none_or(|known| known.len() < text.len())
        {
            *slot = Some(text);
        }
    }

    /// A recording of the entry; `is_main` where it is its enclosure.
    pub(super) fn sound(
        &mut self,
        base: &str,
        url: &str,
        kind: Option<String>,
        bytes: Option<String>,
        is_main: bool,
    ) {
        let Some(url) = resolve(base, url).filter(|_| self.sounds.len() < MOST_LINKS) else {
            return;
        };
        let kind = kind.map(|kind| kind.trim().to_lowercase()).filter(|kind| !kind.is_empty());
        let rank = match kind.as_deref().map(|kind| kind.split('/').next().unwrap_or_default()) {
            Some("audio") => 0,
            Some("video") => 2,
            Some("image" | "text") => return,
            _ => 1,
        };
        let bytes = bytes.and_then(|text| text.trim().parse().ok()).filter(|bytes| *bytes > 0);
        self.sounds.push((2 * rank + u8::from(!is_main), Enclosure { url, kind, bytes }));
    }

    pub(super) fn transcript(
        &mut self,
        base: &str,
        url: &str,
        kind: Option<String>,
        language: Option<String>,
    ) {
        let tidy = |text: String| {
            Some(printable::line(text.trim()).to_lowercase()).filter(|text| !text.is_empty())
        };
        if let Some(url) = resolve(base, url).filter(|_| self.transcripts.len() < MOST_LINKS) {
            self.transcripts.push(TranscriptLink {
                url,
                kind: kind.and_then(tidy),
                language: language.and_then(tidy),
            });
        }
    }

    /// The entry; `None` where there is nothing in it.
    pub(super) fn finish(mut self) -> Option<Entry> {
        let title = self.title.take().unwrap_or_default();
        // The first of the best.
        let sound = self.sounds.into_iter().min_by_key(|(rank, _)| *rank).map(|(_, sound)| sound);
        let link = self.links.into_iter().flatten().next();
        let [whole, about] = self.texts;
        let text = whole.or(about);
        if title.is_empty() && sound.is_none() && link.is_none() && text.is_none() {
            return None;
        }
        let date = self.dates.into_iter().flatten().next();
        let own = self
            .id
            .filter(|id| !id.is_empty())
            .or_else(|| sound.as_ref().map(|sound| sound.url.clone()))
            .or_else(|| link.clone());
        let id = own.unwrap_or_else(|| format!("{title} {}", date.unwrap_or_default()));
        Some(Entry {
            id,
            title,
            date,
            length: self.length,
            sound,
            link,
            chapters: self.chapters,
            transcripts: self.transcripts,
            text,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn titles() {
        for (text, want) in [
            ("Plain", "Plain"),
            ("  Tides\n and   rivers ", "Tides and rivers"),
            ("Q&amp;amp;A", "Q&amp;A"),
            ("Q&amp;A, AT&T &nosuch; 5 < 6 &", "Q&A, AT&T &nosuch; 5 < 6 &"),
            ("It&#8217;s &lt;b>bold&lt;/b> &#x8ab2;", "It’s bold 課"),
            ("a\u{202e}b\u{1b}[2Jc\u{9b}d", "ab[2Jcd"),
            ("&#27;[2J&#x202e;x", "[2Jx"),
            ("&#0;&#xd800;&#99999999999;x", "&#xd800;&#99999999999;x"),
            ("<p", "<p"),
        ] {
            assert_eq!(clean(text), want, "{text}");
        }
        assert_eq!(clean(&"課".repeat(1000)).chars().count(), LONGEST_TITLE);
    }

    #[test]
    fn lengths() {
        for (text, want) in [
            ("3723", Some(3_723_000)),
            ("62:03", Some(3_723_000)),
            (" 1:02:03 ", Some(3_723_000)),
            ("00:09:21.5", Some(561_500)),
            ("0", None),
            ("", None),
            ("1:2:3:4", None),
            ("45 min", None),
            ("-5", None),
            ("99999999999", None),
            ("1e3", None),
        ] {
            assert_eq!(length(text).map(Timestamp::millis), want, "{text}");
        }
    }
}
