//! A first look at a recording's bytes: kinds that nobody here can read are refused by name, and
//! false sizes that would lead the demuxers astray are put right.
//!
//! Knows containers by their first bytes only. Sources: the RIFF/WAVE and AIFF specifications, EBU
//! Tech 3306 (RF64), id3.org, and the lists of file signatures that `file(1)` keeps.

use super::cut;
use super::error::{Convert, DecodeError, Name};
use super::media::Media;
use super::mpeg;
use std::io;

/// What was found out.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Inspection {
    /// Whether it is an MP4 file, or a Matroska one.
    pub(super) is_mp4: bool,
    pub(super) is_matroska: bool,
    /// Whether an MPEG audio stream begins with a frame that tells its length (Xing, Info or VBRI).
    pub(super) has_mpeg_length: bool,
    /// How many bytes of sound that frame tells of, or stand in front of `next`, and how many are
    /// there.
    pub(super) bytes: Option<(u64, u64)>,
    /// Where another recording begins behind this one, of a WAV file.
    pub(super) next: Option<u64>,
    /// Whether packets of AAC have bands in them of which no header tells.
    pub(super) has_bands: bool,
    /// Bytes of sound that a WAV or AIFF header promises, and that are there, where these differ.
    pub(super) promise: Option<(u64, u64)>,
}

/// Looks, and repairs what it can.
///
/// # Errors
/// When the container is one that cannot be read; when reading fails.
pub(super) fn inspect(media: &mut Media, name: &Name) -> Result<Inspection, DecodeError> {
    let cannot_read = |source| DecodeError::Open { name: name.clone(), source };
    let head = media.peek(0, 512).map_err(cannot_read)?;
    if let Some(refusal) = refuse(&head, name) {
        return Err(refusal);
    }
    let mut found = Inspection {
        is_mp4: head.get(4..8) == Some(b"ftyp"),
        is_matroska: cut::is_matroska(&head),
        ..Inspection::default()
    };
    let all = media.len();
    let result = match (head.get(..4), head.get(8..12)) {
        (Some(b"RIFF" | b"RF64" | b"BW64"), Some(b"WAVE")) => repair_wave(media, &head),
        (Some(b"FORM"), Some(b"AIFF" | b"AIFC")) => repair_aiff(media),
        _ if found.is_matroska => cut::repair_matroska(media).map(|()| None),
        _ if found.is_mp4 => cut::repair_mp4(media).map(|()| None),
        _ if head.starts_with(b"ID3") => skip_false_tag(media, &head).map(|()| None),
        _ => Ok(None),
    };
    found.promise = result.map_err(cannot_read)?;
    if head.starts_with(b"RIFF") && media.len() < all {
        // Samples of an odd length are followed by a byte of padding.
        let next = media.len() + media.len() % 2;
        let follows = media.behind(next, 12).map_err(cannot_read)?;
        if follows.starts_with(b"RIFF") && follows.ends_with(b"WAVE") {
            found.next = Some(next);
            found.bytes = Some((next, all));
        }
    }
    if let Some(bytes) = mpeg_length(media).map_err(cannot_read)? {
        found.has_mpeg_length = true;
        found.bytes = bytes;
    }
    Ok(found)
}

/// Containers with sound that ffmpeg reads and we do not: where the mark stands, the mark, the
/// name.
const CONTAINERS: &[(usize, &[u8], &str)] = &[
    (0, b"\x30\x26\xb2\x75\x8e\x66\xcf\x11", "a Windows Media file (WMA/ASF)"),
    (8, b"AVI ", "an AVI film"),
    (0, b"FLV\x01", "a Flash video"),
    (0, b".RMF", "a RealMedia file"),
    (0, b".ra\xfd", "a RealAudio file"),
    (0, b"#!AMR", "an AMR recording"),
    (0, b"MAC ", "Monkey's Audio (APE)"),
    (0, b"wvpk", "a WavPack file"),
    (0, b"MPCK", "a Musepack file"),
    (0, b"MP+", "a Musepack file"),
    (0, b"TTA1", "a True Audio (TTA) file"),
    (0, b"DSD ", "a DSD file"),
    (0, b"FRM8", "a DSD file"),
    (0, b"\x0b\x77", "an AC-3 (Dolby Digital) stream"),
    (0, b"\x7f\xfe\x80\x01", "a DTS stream"),
    (0, b".snd", "an AU file"),
    (0, b"Creative Voice File", "a Creative Voice file"),
    (0, b"\0\0\x01\xba", "an MPEG programme stream"),
    (0, b"riff\x2e\x91\xcf\x11", "a Sony Wave64 file"),
    (0, b"OFR ", "an OptimFROG file"),
    (0, b"ajkg", "a Shorten file"),
];

/// Files that are no sound at all but may be named by mistake.
const OTHERS: &[(usize, &[u8], &str)] = &[
    (0, b"%PDF", "a PDF document"),
    (0, b"PK\x03\x04", "a ZIP archive, an EPUB book or an office document"),
    (0, b"\x1f\x8b", "a gzip archive"),
    (0, b"7z\xbc\xaf\x27\x1c", "a 7-Zip archive"),
    (0, b"Rar!", "a RAR archive"),
    (0, b"\xff\xd8\xff", "a JPEG picture"),
    (0, b"\x89PNG", "a PNG picture"),
    (0, b"GIF8", "a GIF picture"),
    (8, b"WEBP", "a WebP picture"),
    (0, b"\x7fELF", "a program"),
    (0, b"MThd", "a MIDI file, which holds notes but no sound"),
    (0, b"SQLite format 3", "a database"),
    (0, b"lmgg", "a Whisper model"),
];

fn refuse(head: &[u8], name: &Name) -> Option<DecodeError> {
    let find = |list: &[(usize, &[u8], &'static str)]| {
        list.iter()
            .find(|(at, mark, _)| head.get(*at..).is_some_and(|rest| rest.starts_with(mark)))
            .map(|&(_, _, what)| what)
    };
    let (name, convert) = (name.clone(), Convert::of(name));
    // Audible's books say so after four bytes of length.
    if head.get(4..8) == Some(b"\x57\x90\x75\x36") || head.get(8..12) == Some(b"aax ") {
        return Some(DecodeError::Protected { name, scheme: "Audible".into() });
    }
    // A transport stream has a mark every 188 bytes.
    if head.len() > 376 && [0, 188, 376].iter().all(|&at| head[at] == 0x47) {
        return Some(DecodeError::Container {
            name,
            container: "an MPEG transport stream",
            convert,
        });
    }
    if let Some(container) = find(CONTAINERS) {
        return Some(DecodeError::Container { name, container, convert });
    }
    let what = find(OTHERS).or_else(|| is_text(head).then_some("text"))?;
    Some(DecodeError::SomethingElse { name, what })
}

/// Whether the bytes are text as people write it: no recording begins with so many printable
/// characters.
fn is_text(head: &[u8]) -> bool {
    // The mark of a container and its sizes take 12 bytes at most; a cut character at the end is
    // none.
    let valid = match std::str::from_utf8(head) {
        Ok(text) => text,
        Err(error) if error.error_len().is_none() => {
            std::str::from_utf8(&head[..error.valid_up_to()]).unwrap_or_default()
        }
        Err(_) => return false,
    };
    valid.len() >= 16
        && !valid.chars().any(|c| {
            c.is_control() && !matches!(c, '\t' | '\n' | '\r' | '\x0c' | '\x1b' | '\u{feff}')
        })
}

/// The length of an ID3v2 tag with its head; `None` for anything else.
fn id3_len(head: &[u8]) -> Option<u64> {
    let [b'I', b'D', b'3', major, minor, flags, size @ ..] = *head.first_chunk::<10>()? else {
        return None;
    };
    let size = size.iter().fold(0, |size, byte| size << 7 | u64::from(byte & 0x7f));
    let footer = if flags & 0x10 != 0 { 10 } else { 0 };
    (major < 0xff && minor < 0xff).then_some(10 + size + footer)
}

/// A tag that claims to be longer than the file would swallow all of its sound.
fn skip_false_tag(media: &mut Media, head: &[u8]) -> io::Result<()> {
    // Each byte of the size has seven bits; with the eighth set somebody wrote an ordinary number.
    let is_odd = head.get(6..10).is_some_and(|size| size.iter().any(|byte| byte & 0x80 != 0));
    if is_odd || id3_len(head).is_some_and(|len| len >= media.len()) {
        media.skip(10);
    }
    Ok(())
}

/// Of MPEG audio whose first frame tells its length: how many bytes that speaks of, where it does,
/// and how many there are.
///
/// Source: the layouts of Xing's and Fraunhofer's headers, as LAME and FFmpeg write and read them.
fn mpeg_length(media: &mut Media) -> io::Result<Option<Option<(u64, u64)>>> {
    let mut at = 0;
    for _ in 0..8 {
        match id3_len(&media.peek(at, 10)?) {
            Some(len) => at += len,
            None => break,
        }
    }
    // Some padding may come before the first frame.
    let bytes = media.peek(at, 4096)?;
    let Some(sync) = bytes.windows(2).position(|pair| pair[0] == 0xff && pair[1] & 0xe0 == 0xe0)
    else {
        return Ok(None);
    };
    let frame = &bytes[sync..bytes.len().min(sync + 200)];
    let Some(mark) = frame.windows(4).position(mpeg::marks_length) else { return Ok(None) };
    let number = |n: usize| {
        let bytes = frame.get(mark + n..)?.first_chunk()?;
        Some(u32::from_be_bytes(*bytes))
    };
    let told = if frame[mark..].starts_with(b"VBRI") {
        number(10)
    } else {
        // Two flags tell whether the number of frames and that of bytes follow.
        number(4)
            .filter(|flags| flags & 2 != 0)
            .and_then(|flags| number(if flags & 1 == 0 { 8 } else { 12 }))
    };
    let begin = at + sync as u64;
    let there = media.len() - begin.min(media.len());
    let Some(told) = told.map(u64::from).filter(|&told| told > 0) else { return Ok(Some(None)) };
    // Pictures and lyrics behind the sound are none.
    let behind = media.peek(begin + told, 16)?;
    Ok(Some((!mpeg::is_closing_tag(&behind)).then_some((told, there))))
}

/// Sizes that stand for "I do not know yet" in files that were written to a pipe.
fn is_unknown(size: u64) -> bool {
    size == 0 || size >= u64::from(u32::MAX) - 4096
}

/// Finds the chunk of samples and sets its size to what is there. Returns the promised and the real
/// size where the file is shorter than it says.
fn repair_wave(media: &mut Media, head: &[u8]) -> io::Result<Option<(u64, u64)>> {
    // The demuxer knows the classic mark only; with this size of the whole it asks no more about
    // it.
    media.patch(0, b"RIFF\xff\xff\xff\xff");
    let is_large = !head.starts_with(b"RIFF");
    let mut large_size = None;
    let mut at = 12;
    for _ in 0..1000 {
        let chunk = media.peek(at, 8)?;
        let (Some(kind), Some(size)) =
            (chunk.get(..4), chunk.get(4..8).and_then(|b| b.first_chunk()))
        else {
            break;
        };
        let size = u64::from(u32::from_le_bytes(*size));
        if kind == b"ds64" && is_large {
            large_size = media.peek(at + 16, 8)?.first_chunk().copied().map(u64::from_le_bytes);
        }
        if kind == b"data" {
            let size = if is_large && is_unknown(size) { large_size.unwrap_or(size) } else { size };
            return repair_data(media, at, size, false);
        }
        at += 8 + size + size % 2;
    }
    Ok(None)
}

fn repair_aiff(media: &mut Media) -> io::Result<Option<(u64, u64)>> {
    let whole = u32::try_from(media.len().saturating_sub(8)).unwrap_or(u32::MAX);
    media.patch(4, &whole.to_be_bytes());
    let mut at = 12;
    for _ in 0..1000 {
        let chunk = media.peek(at, 8)?;
        let (Some(kind), Some(size)) =
            (chunk.get(..4), chunk.get(4..8).and_then(|b| b.first_chunk()))
        else {
            break;
        };
        let size = u64::from(u32::from_be_bytes(*size));
        if kind == b"SSND" {
            return repair_data(media, at, size, true);
        }
        at += 8 + size + size % 2;
    }
    Ok(None)
}

/// Repairs the size of the samples, whose chunk begins at `at`. `size` is what its head says.
fn repair_data(
    media: &mut Media,
    at: u64,
    size: u64,
    is_big_endian: bool,
) -> io::Result<Option<(u64, u64)>> {
    let start = at + 8;
    let there = media.len().saturating_sub(start);
    let real = if is_unknown(size)
        || size > there
        || !is_followed(media, start + size + size % 2, is_big_endian)?
    {
        there
    } else {
        size
    };
    // Four bytes hold no more; the end of what is shown says it just as well.
    media.truncate(start + real);
    let shown = u32::try_from(real).unwrap_or(u32::MAX);
    media.patch(at + 4, &if is_big_endian { shown.to_be_bytes() } else { shown.to_le_bytes() });
    Ok((!is_unknown(size) && size > there).then_some((size, there)))
}

/// Whether what stands at `at` can follow the samples: nothing, too little to matter, or another
/// chunk.
fn is_followed(media: &mut Media, at: u64, is_big_endian: bool) -> io::Result<bool> {
    let left = media.len().saturating_sub(at);
    if left < 8 {
        return Ok(true);
    }
    let head = media.peek(at, 8)?;
    let (Some(kind), Some(&size)) =
        (head.get(..4), head.get(4..).and_then(|bytes| bytes.first_chunk()))
    else {
        return Ok(true);
    };
    let size = if is_big_endian { u32::from_be_bytes(size) } else { u32::from_le_bytes(size) };
    let is_name = kind.iter().all(|byte| matches!(byte, b' '..=b'~'));
    let is_padding = head.iter().all(|&byte| byte == 0) && left < 65_536;
    Ok(is_padding || is_name && u64::from(size) <= left || kind == b"TAG ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::reason::Reason;

    fn media(bytes: &[u8]) -> Media {
        Media::new(io::Cursor::new(bytes.to_vec())).unwrap()
    }

    /// A WAV file with a 16-byte format chunk, `size` in its header and `n` bytes of sound, then
    /// `tail`.
    fn wave(size: u32, n: usize, tail: &[u8]) -> Vec<u8> {
        let mut bytes =
            b"RIFF\x24\0\0\0WAVEfmt \x10\0\0\0\x01\0\x01\0\x40\x1f\0\0\x80\x3e\0\0\x02\0\x10\0data"
                .to_vec();
        bytes.extend(size.to_le_bytes());
        bytes.extend(std::iter::repeat_n(0x81, n));
        bytes.extend(tail);
        bytes
    }

    #[test]
    fn sizes_of_samples() {
        let chunk = b"LIST\x04\0\0\0INFO";
        for (size, n, tail, want, promise) in [
            (100, 100, &b""[..], 100, None),
            (100, 100, chunk, 100, None),
            (0, 100, b"", 100, None),
            (u32::MAX, 100, b"", 100, None),
            (500, 100, b"", 100, Some((500, 100))),
            (20, 100, b"", 100, None),
            (98, 98, b"\0\0", 98, None),
        ] {
            let mut media = media(&wave(size, n, tail));
            let found = inspect(&mut media, &Name::new("x")).unwrap();
            let shown = u32::from_le_bytes(media.peek(40, 4).unwrap().try_into().unwrap());
            assert_eq!((shown, found.promise), (want, promise), "{size} {n} {tail:?}");
        }
    }

    #[test]
    fn refusals_name_what_it_is() {
        for (bytes, want, hint) in [
            (
                &b"\x30\x26\xb2\x75\x8e\x66\xcf\x11\xa6\xd9"[..],
                "`x y` is a Windows Media file (WMA/ASF), which aloud cannot read",
                "convert it: ffmpeg -i 'x y' -af aresample=async=1:first_pts=0 -ac 1 -ar 16000 'x y.flac'",
            ),
            (
                b"%PDF-1.7\n%\xe2\xe3",
                "`x y` is no recording: it is a PDF document",
                "name the file that holds the sound",
            ),
            (
                "這是一段文字,不是錄音。".as_bytes(),
                "`x y` is no recording: it is text",
                "name the file that holds the sound",
            ),
            (
                b"\0\0\x57\x90\x57\x90\x75\x36\0\0",
                "`x y` is protected against copying (Audible) and cannot be decoded",
                "get it without protection",
            ),
        ] {
            let error = inspect(&mut media(bytes), &Name::new("x y")).unwrap_err();
            assert_eq!(Reason::from(error), Reason::new(want).hint(hint));
        }
    }

    #[test]
    fn tags_too_long_are_skipped() {
        for (head, skipped) in [
            (b"ID3\x04\0\0\0\0\0\x05", 0),
            (b"ID3\x04\0\0\x7f\x7f\x7f\x7f", 10),
            (b"ID3\x03\0\0\xb2\xd0\x5e\0", 10),
        ] {
            let bytes = [&head[..], &[0xfe; 30]].concat();
            let mut media = media(&bytes);
            inspect(&mut media, &Name::new("x")).unwrap();
            assert_eq!(media.len(), 40 - skipped);
        }
    }
}
