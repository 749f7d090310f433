//! The parts of an MP4 header (ISO/IEC 14496-12) that the demuxer does not hand out: edit lists,
//! which say how much of the first packet is heard, the code of each sound track, and Nero's
//! chapter list.
//!
//! A second, small look at the same bytes. Anything odd in them is passed over: the demuxer judges
//! whether the file is sound.

use super::clean;
use super::media::Media;
use super::tags;
use crate::episode::Chapter;
use crate::time::Timestamp;
use std::io;

/// A header above this size is not looked at; one of an audiobook of a hundred hours takes about 60
/// MB.
const MAX_MOOV: u64 = 128 << 20;
/// Boxes looked at between the file's start and its header.
const MAX_TOP_BOXES: usize = 100_000;

/// What the header says.
#[derive(Debug, Default)]
pub(super) struct Header {
    /// Whether there is one: a recording that breaks off may have had it behind its sound.
    pub(super) is_there: bool,
    pub(super) tracks: Vec<Track>,
    pub(super) chapters: Vec<Chapter>,
    /// Whether a picture's clock runs beside the sound.
    pub(super) has_video: bool,
}

/// One track.
#[derive(Clone, Debug, Default)]
pub(super) struct Track {
    pub(super) id: u32,
    pub(super) is_sound: bool,
    /// The code of its sample format, as `mp4a`.
    pub(super) code: [u8; 4],
    /// The code that encryption hides.
    pub(super) hidden: Option<[u8; 4]>,
    pub(super) edit: Option<Edit>,
    /// Its language in three letters (ISO 639-2/T).
    pub(super) language: Option<String>,
    scale: u32,
    is_video: bool,
}

/// Which part of a track is heard, in seconds of its own clock.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct Edit {
    /// How long nothing is heard before it starts.
    pub(super) wait: f64,
    /// Where in the track it starts.
    pub(super) from: f64,
    /// How long it lasts, where there is one part only and its length is given.
    pub(super) length: Option<f64>,
}

/// Reads the header of an MP4 file.
///
/// # Errors
/// When reading fails; damage is no error.
pub(super) fn read_header(media: &mut Media) -> io::Result<Header> {
    let mut header = Header::default();
    if let Some((at, size)) = find_moov(media)? {
        header.is_there = true;
        if size <= MAX_MOOV {
            read_moov(&media.peek(at, size as usize)?, &mut header);
        }
    }
    Ok(header)
}

/// Where its body begins, and how long that is.
fn find_moov(media: &mut Media) -> io::Result<Option<(u64, u64)>> {
    let mut at = 0;
    for _ in 0..MAX_TOP_BOXES {
        let head = media.peek(at, 16)?;
        let Some((kind, body, len)) = box_head(&head, media.len().saturating_sub(at)) else {
            break;
        };
        if kind == *b"moov" {
            return Ok(Some((at + body, len - body)));
        }
        at += len;
    }
    Ok(None)
}

/// The kind of the box that begins with `head`, the length of its head and its whole length, which
/// is at most `left`.
fn box_head(head: &[u8], left: u64) -> Option<([u8; 4], u64, u64)> {
    let kind = *head.get(4..)?.first_chunk()?;
    let (body, len) = match be32(head, 0)? {
        0 => (8, left),
        1 => (16, be64(head, 8)?),
        len => (8, u64::from(len)),
    };
    (len >= body && body <= left).then_some((kind, body, len.min(left)))
}

fn be32(bytes: &[u8], at: usize) -> Option<u32> {
    bytes.get(at..)?.first_chunk().copied().map(u32::from_be_bytes)
}

fn be64(bytes: &[u8], at: usize) -> Option<u64> {
    bytes.get(at..)?.first_chunk().copied().map(u64::from_be_bytes)
}

/// The boxes in `bytes`.
fn boxes(bytes: &[u8]) -> impl Iterator<Item = ([u8; 4], &[u8])> {
    let mut rest = bytes;
    std::iter::from_fn(move || {
        let (kind, body, len) = box_head(rest, rest.len() as u64)?;
        let (this, next) = rest.split_at_checked(len as usize)?;
        rest = next;
        Some((kind, this.get(body as usize..)?))
    })
}

fn find<'a>(bytes: &'a [u8], path: &[&[u8; 4]]) -> Option<&'a [u8]> {
    path.iter().try_fold(bytes, |bytes, kind| {
        boxes(bytes).find(|(found, _)| found == *kind).map(|(_, body)| body)
    })
}

fn read_moov(moov: &[u8], header: &mut Header) {
    let movie_scale = find(moov, &[b"mvhd"]).and_then(media_scale).unwrap_or(1000);
    header.tracks = boxes(moov)
        .filter(|(kind, _)| kind == b"trak")
        .take(1000)
        .filter_map(|(_, trak)| read_track(trak, movie_scale))
        .collect();
    header.has_video = header.tracks.iter().any(|track| track.is_video);
    header.chapters = find(moov, &[b"udta", b"chpl"]).and_then(read_chapters).unwrap_or_default();
}

/// The ticks per second in a movie or media header; both begin alike.
fn media_scale(body: &[u8]) -> Option<u32> {
    let at = if body.first()? == &1 { 20 } else { 12 };
    be32(body, at).filter(|&scale| scale > 0)
}

fn read_track(trak: &[u8], movie_scale: u32) -> Option<Track> {
    let tkhd = find(trak, &[b"tkhd"])?;
    let id = be32(tkhd, if tkhd.first()? == &1 { 20 } else { 12 })?;
    let handler =
        find(trak, &[b"mdia", b"hdlr"]).and_then(|body| body.get(8..12)).unwrap_or_default();
    let mut track = Track {
        id,
        is_sound: handler == b"soun",
        is_video: handler == b"vide",
        ..Track::default()
    };
    track.language = find(trak, &[b"mdia", b"mdhd"]).and_then(language);
    track.scale = find(trak, &[b"mdia", b"mdhd"]).and_then(media_scale).unwrap_or(movie_scale);
    if let Some((code, entry)) = find(trak, &[b"mdia", b"minf", b"stbl", b"stsd"])
        .and_then(|body| boxes(body.get(8..)?).next())
    {
        track.code = code;
        // A sound entry has 28 bytes before its boxes; the version may add more, and then none is
        // found.
        track.hidden = entry
            .get(28..)
            .and_then(|inner| find(inner, &[b"sinf", b"frma"]))
            .and_then(|body| body.first_chunk().copied());
    }
    track.edit =
        find(trak, &[b"edts", b"elst"]).and_then(|body| read_edits(body, movie_scale, track.scale));
    Some(track)
}

/// What a media header says: three letters of five bits each (ISO/IEC 14496-12, 8.4.2.3).
fn language(mdhd: &[u8]) -> Option<String> {
    let at = if mdhd.first()? == &1 { 32 } else { 20 };
    let packed = u16::from_be_bytes(*mdhd.get(at..)?.first_chunk()?);
    let letter = |shift: u16| (packed >> shift & 31) as u8 + 0x60;
    let letters = [letter(10), letter(5), letter(0)];
    letters.iter().all(u8::is_ascii_lowercase).then(|| letters.map(char::from).iter().collect())
}

fn read_edits(body: &[u8], movie_scale: u32, media_scale: u32) -> Option<Edit> {
    let is_long = body.first()? == &1;
    let entry_len = if is_long { 20 } else { 12 };
    let mut edit = Edit::default();
    let mut n_parts = 0;
    let count = be32(body, 4)?.min(1000) as usize;
    for entry in body.get(8..)?.chunks_exact(entry_len).take(count) {
        let (length, from) = if is_long {
            (be64(entry, 0)?, be64(entry, 8)?.cast_signed())
        } else {
            (u64::from(be32(entry, 0)?), i64::from(be32(entry, 4)?.cast_signed()))
        };
        let length = length as f64 / f64::from(movie_scale);
        match u64::try_from(from) {
            Err(_) if n_parts == 0 => edit.wait += length,
            Err(_) => {}
            Ok(from) => {
                n_parts += 1;
                if n_parts == 1 {
                    edit.from = from as f64 / f64::from(media_scale);
                    // Zero means "all of it" in files that are written while they are sent.
                    edit.length = (length > 0.0).then_some(length);
                } else {
                    edit.length = None;
                }
            }
        }
    }
    (n_parts > 0).then_some(edit)
}

/// Nero's list: the start in units of 100 ns, the length of the title in bytes, the title.
fn read_chapters(body: &[u8]) -> Option<Vec<Chapter>> {
    let mut rest = body.get(if body.first()? == &1 { 8 } else { 4 }..)?;
    let count = *rest.split_off_first()?;
    let mut chapters = Vec::new();
    for _ in 0..count {
        let (start, len) = (be64(rest, 0)?, usize::from(*rest.get(8)?));
        let title = clean::clean(&String::from_utf8_lossy(rest.get(9..9 + len)?));
        chapters.push(Chapter { start: Timestamp::from_millis(start / 10_000), title });
        rest = &rest[9 + len..];
    }
    Some(tags::sorted(chapters))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn elst(version: u8, entries: &[(u64, i64)]) -> Vec<u8> {
        let mut body = vec![version, 0, 0, 0];
        body.extend((entries.len() as u32).to_be_bytes());
        for &(length, from) in entries {
            if version == 1 {
                body.extend(length.to_be_bytes());
                body.extend(from.to_be_bytes());
            } else {
                body.extend((length as u32).to_be_bytes());
                body.extend((from as i32).to_be_bytes());
            }
            body.extend([0, 1, 0, 0]);
        }
        body
    }

    #[test]
    fn edits() {
        let edit = |wait, from, length| Some(Edit { wait, from, length });
        for version in [0, 1] {
            for (entries, want) in [
                (&[(1494, 1024)][..], edit(0.0, 0.064, Some(1.494))),
                (&[(500, -1), (1000, 0)], edit(0.5, 0.0, Some(1.0))),
                (&[(0, 1024)], edit(0.0, 0.064, None)),
                (&[(100, 0), (100, 16_000)], edit(0.0, 0.0, None)),
                (&[(500, -1)], None),
                (&[], None),
            ] {
                assert_eq!(read_edits(&elst(version, entries), 1000, 16_000), want);
            }
        }
        assert_eq!(read_edits(&[0, 0, 0, 0, 0xff, 0xff, 0xff, 0xff, 1, 2], 1000, 1000), None);
    }

    #[test]
    fn odd_boxes() {
        for bytes in
            [&b""[..], b"\0\0\0\x07moov", b"\0\0\0\x01moov\0\0\0\0\0\0\0\x01", b"\0\0\0\x08mo"]
        {
            assert_eq!(boxes(bytes).count(), 0, "{bytes:?}");
        }
        assert_eq!(
            boxes(b"\0\0\0\x08aaaa\0\0\0\0bbbbccc").map(|(_, body)| body.len()).collect::<Vec<_>>(),
            [0, 3]
        );
    }
}
