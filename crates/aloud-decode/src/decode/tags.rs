//! What a recording's tags say of it, as plain text that is safe to show.
//!
//! Tags are written by strangers: [`clean`] takes out whatever could move a terminal's cursor, change its
//! colours or turn its text around. Knows nothing of sound.

use super::demux::Demux;
use crate::episode::{Chapter, Tags};
use crate::printable;
use crate::time::Timestamp;
use symphonia::core::meta::{ChapterGroup, ChapterGroupItem, MetadataRevision, RawValue, StandardTag, Tag};

/// No title is longer, in characters; what follows is cut off.
const MAX_CHARS: usize = 500;
/// No recording has more chapters; what follows is left out.
const MAX_CHAPTERS: usize = 10_000;

/// How much of an AAC stream is padding, as iTunes notes it (`iTunSMPB`), in frames.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Gapless {
    pub(super) delay: u64,
    pub(super) frames: u64,
}

/// Takes the tags out of a demuxer, so that pictures do not stay in memory, and with them what iTunes notes
/// about padding.
pub(super) fn take(demux: &mut Demux) -> (Tags, Option<Gapless>) {
    let Some(reader) = demux.reader() else { return <_>::default() };
    let mut revisions: Vec<MetadataRevision> = Vec::new();
    while let Some(revision) = reader.metadata().pop() {
        revisions.push(revision);
    }
    revisions.extend(reader.metadata().current().cloned());
    // ID3v1 cuts titles off at 30 characters, so it comes last.
    revisions.sort_by_key(|revision| revision.info.short_name == "id3v1");
    let found = || revisions.iter().flat_map(|revision| &revision.media.tags);
    let text = |pick: fn(&StandardTag) -> Option<&str>| {
        found().filter_map(|tag| tag.std.as_ref().and_then(pick)).map(clean).find(|text| !text.is_empty())
    };
    let tags = Tags {
        title: text(title_of),
        show: text(show_of).or_else(|| text(series_of)),
        artist: text(artist_of).or_else(|| text(album_artist_of)),
        chapters: reader.chapters().map(chapters_of).unwrap_or_default(),
    };
    (tags, found().find(|tag| tag.raw.key.ends_with("iTunSMPB")).and_then(gapless_of))
}

fn title_of(tag: &StandardTag) -> Option<&str> {
    match tag {
        StandardTag::TrackTitle(text) | StandardTag::TvEpisodeTitle(text) | StandardTag::MovieTitle(text) => Some(text),
        _ => None,
    }
}

fn show_of(tag: &StandardTag) -> Option<&str> {
    if let StandardTag::Album(text) = tag { Some(text) } else { None }
}

fn series_of(tag: &StandardTag) -> Option<&str> {
    match tag {
        StandardTag::TvSeriesTitle(text) | StandardTag::CollectionTitle(text) => Some(text),
        _ => None,
    }
}

fn artist_of(tag: &StandardTag) -> Option<&str> {
    if let StandardTag::Artist(text) = tag { Some(text) } else { None }
}

fn album_artist_of(tag: &StandardTag) -> Option<&str> {
    if let StandardTag::AlbumArtist(text) = tag { Some(text) } else { None }
}

/// Eight-digit hexadecimal numbers: one unused, the delay, the padding, then the true length in sixteen.
fn gapless_of(tag: &Tag) -> Option<Gapless> {
    let RawValue::String(text) = &tag.raw.value else { return None };
    let mut numbers = text.split_ascii_whitespace().skip(1).map(|word| u64::from_str_radix(word, 16).ok());
    let (delay, _padding, frames) = (numbers.next()??, numbers.next()??, numbers.next()??);
    (frames > 0).then_some(Gapless { delay, frames })
}

fn chapters_of(group: &ChapterGroup) -> Vec<Chapter> {
    let mut chapters = Vec::new();
    collect(group, 0, &mut chapters);
    sorted(chapters)
}

/// Chapters by their start.
pub(super) fn sorted(mut chapters: Vec<Chapter>) -> Vec<Chapter> {
    chapters.truncate(MAX_CHAPTERS);
    chapters.sort_by_key(|chapter| chapter.start);
    chapters
}

fn collect(group: &ChapterGroup, depth: u8, chapters: &mut Vec<Chapter>) {
    for item in &group.items {
        match item {
            ChapterGroupItem::Chapter(chapter) if chapters.len() < MAX_CHAPTERS => {
                let start = u64::try_from(chapter.start_time.as_millis()).unwrap_or(0);
                chapters.push(Chapter { start: Timestamp::from_millis(start), title: chapter_title(&chapter.tags) });
            }
            ChapterGroupItem::Group(inner) if depth < 16 => collect(inner, depth + 1, chapters),
            _ => {}
        }
    }
}

fn chapter_title(tags: &[Tag]) -> String {
    let standard = tags.iter().find_map(|tag| match tag.std.as_ref()? {
        StandardTag::ChapterTitle(text) | StandardTag::TrackTitle(text) => Some(clean(text)),
        _ => None,
    });
    // AIFF markers have a name and no more.
    let name = || tags.iter().find(|tag| tag.raw.key == "NAME").and_then(raw_text);
    standard.or_else(name).unwrap_or_default()
}

fn raw_text(tag: &Tag) -> Option<String> {
    if let RawValue::String(text) = &tag.raw.value { Some(clean(text)) } else { None }
}

/// `text` on one line, without escape sequences, control characters and marks that turn the direction of
/// writing, and of a sensible length.
pub fn clean(text: &str) -> String {
    let mut out = String::new();
    let mut chars = text.chars().peekable();
    let mut n_chars = 0;
    while let Some(c) = chars.next() {
        let c = match c {
            '\x1b' | '\u{9b}' | '\u{9d}' | '\u{90}' => {
                skip_escape(c, &mut chars);
                continue;
            }
            '\t' | '\n' | '\r' | '\u{2028}' | '\u{2029}' => ' ',
            c if printable::is_harmful(c) || is_invisible(c) => continue,
            c => c,
        };
        if n_chars == MAX_CHARS {
            out.push('…');
            break;
        }
        if c != ' ' || !(out.is_empty() || out.ends_with(' ')) {
            out.push(c);
            n_chars += 1;
        }
    }
    out.truncate(out.trim_end().len());
    out
}

/// What is harmless, but of no use in a title: marks of direction and language tags.
fn is_invisible(c: char) -> bool {
    matches!(c, '\u{200e}' | '\u{200f}' | '\u{61c}' | '\u{e0000}'..='\u{e007f}')
}

/// Skips the rest of an escape sequence (ECMA-48, 5.4 and 5.6), of which `first` was read.
fn skip_escape(first: char, chars: &mut std::iter::Peekable<std::str::Chars<'_>>) {
    let kind = match first {
        '\x1b' => match chars.next_if(|c| ('\x20'..='\x7e').contains(c)) {
            Some(c) => c,
            None => return,
        },
        '\u{9b}' => '[',
        _ => ']',
    };
    match kind {
        // A control sequence: parameters, then one final character.
        '[' => {
            while chars.next_if(|c| ('\x20'..='\x3f').contains(c)).is_some() {}
            chars.next_if(|c| ('\x40'..='\x7e').contains(c));
        }
        // A control string, up to its terminator; without one it is only its opening.
        ']' | 'P' | 'X' | '^' | '_' => {
            let is_end = |c: char| matches!(c, '\x07' | '\x1b' | '\u{9c}');
            if let Some(n) = chars.clone().position(is_end) {
                let end = chars.nth(n);
                if end == Some('\x1b') {
                    chars.next_if_eq(&'\\');
                }
            }
        }
        // Intermediate characters, then one final character.
        '\x20'..='\x2f' => {
            while chars.next_if(|c| ('\x20'..='\x2f').contains(c)).is_some() {}
            chars.next();
        }
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn text_becomes_harmless() {
        for (text, want) in [
            ("An ordinary title", "An ordinary title"),
            ("人工智慧 — № 9:21", "人工智慧 — № 9:21"),
            ("\x1b[31mred\x1b[0m", "red"),
            ("\x1b]0;owned\x07title", "title"),
            ("\x1b]8;;http://x\x1b\\link\x1b]8;;\x1b\\", "link"),
            ("\x1b]no end", "no end"),
            ("\u{9b}2Jcleared", "cleared"),
            ("\x1bPq#0\u{9c}sixel", "sixel"),
            ("\x1b(Bset", "set"),
            ("a\x1b", "a"),
            ("abc\u{202e}gpj.exe", "abcgpj.exe"),
            ("two\r\nlines\tand  spaces ", "two lines and spaces"),
            ("\0\x07\x08nul\u{feff}", "nul"),
            ("", ""),
        ] {
            assert_eq!(clean(text), want, "{text:?}");
        }
        assert_eq!(clean(&"字".repeat(2_000)).chars().count(), MAX_CHARS + 1);
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 256, ..ProptestConfig::default() })]

        #[test]
        fn nothing_dangerous_is_left(text in "(\\PC|\\x1b|\\[|\\]|\u{9b}|\u{202e}|\\n|[0-9;m])*") {
            let text = clean(&text);
            prop_assert!(!text.chars().any(|c| printable::is_harmful(c) || is_invisible(c)));
            prop_assert_eq!(clean(&text), text);
        }
    }

    #[test]
    fn gapless_notes() {
        let tag = |text: &str| Tag::new_from_parts("com.apple.iTunes:iTunSMPB", text, None);
        let note = " 00000000 00000840 000001CA 00000000003F31F6 00000000 00000000";
        assert_eq!(gapless_of(&tag(note)), Some(Gapless { delay: 0x840, frames: 0x3F_31F6 }));
        for bad in ["", "00000000 00000840", " 0 x 0 0", " 0 0 0 0"] {
            assert_eq!(gapless_of(&tag(bad)), None);
        }
    }
}
