//! What a recording's tags say of it, as plain text that is safe to show.
//!
//! Tags are written by strangers: each text goes through [`clean`]. Knows nothing of sound.

use super::clean::clean;
use super::demux::Demux;
use crate::episode::{Chapter, Tags};
use crate::time::Timestamp;
use symphonia::core::meta::{
    ChapterGroup, ChapterGroupItem, MetadataRevision, RawValue, StandardTag, Tag,
};

/// No recording has more chapters; what follows is left out.
const MAX_CHAPTERS: usize = 10_000;

/// How much of an AAC stream is padding, as iTunes notes it (`iTunSMPB`), in frames.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Gapless {
    pub(super) delay: u64,
    pub(super) frames: u64,
}

/// Takes the tags out of a demuxer, so that pictures do not stay in memory, and with them what
/// iTunes notes about padding.
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
        found()
            .filter_map(|tag| tag.std.as_ref().and_then(pick))
            .map(clean)
            .find(|text| !text.is_empty())
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
        StandardTag::TrackTitle(text)
        | StandardTag::TvEpisodeTitle(text)
        | StandardTag::MovieTitle(text) => Some(text),
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

/// Eight-digit hexadecimal numbers: one unused, the delay, the padding, then the true length in
/// sixteen.
fn gapless_of(tag: &Tag) -> Option<Gapless> {
    let RawValue::String(text) = &tag.raw.value else { return None };
    let mut numbers =
        text.split_ascii_whitespace().skip(1).map(|word| u64::from_str_radix(word, 16).ok());
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
                chapters.push(Chapter {
                    start: Timestamp::from_millis(start),
                    title: chapter_title(&chapter.tags),
                });
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

#[cfg(test)]
mod tests {
    use super::*;

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
