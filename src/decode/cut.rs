//! A file whose end is missing: boxes in its head that lead beyond it are made to end with it, because the demuxers pass over
//! a box that they take for damaged, and all the sound is in one.
//!
//! Knows boxes by their lengths only. Sources: ISO/IEC 14496-12, section 4.2; RFC 8794 (EBML), sections 4 to 6; RFC 9559
//! (Matroska), section 5.

use super::media::Media;
use std::io;

/// Boxes that are looked at; a recording of a hundred hours has about so many.
const MAX_BOXES: usize = 200_000;

const SEGMENT: u64 = 0x1853_8067;
const CLUSTER: u64 = 0x1F43_B675;
/// Where other elements stand; some of them beyond the end.
const SEEK_HEAD: u64 = 0x114D_9B74;
/// Nobody's.
const NOTHING: u64 = 0x114D_9B7F;
/// Heads of boxes are at most so long.
const HEAD: usize = 12;

/// Whether these are the first bytes of a Matroska or WebM file.
pub(super) fn is_matroska(head: &[u8]) -> bool {
    head.starts_with(b"\x1a\x45\xdf\xa3")
}

/// An element's head.
struct Element {
    id: u64,
    /// Where its length stands, in how many bytes, and what it is; `None` where it is not known.
    size_at: u64,
    size_len: usize,
    size: Option<u64>,
}

impl Element {
    fn read(media: &mut Media, at: u64) -> io::Result<Option<Self>> {
        let head = media.peek(at, HEAD)?;
        let Some((id, id_len)) = number(&head, true) else { return Ok(None) };
        let Some((size, size_len)) = number(&head[id_len..], false) else { return Ok(None) };
        let is_unknown = size == (1u64 << (7 * size_len)) - 1;
        Ok(Some(Self { id, size_at: at + id_len as u64, size_len, size: (!is_unknown).then_some(size) }))
    }

    fn body(&self) -> u64 {
        self.size_at + self.size_len as u64
    }

    fn end(&self) -> Option<u64> {
        self.body().checked_add(self.size?)
    }

    /// Lets it last until something else begins.
    fn forget_size(&self, media: &mut Media) {
        let mut bytes = vec![0xff; self.size_len];
        bytes[0] >>= self.size_len - 1;
        media.patch(self.size_at, &bytes);
    }
}

/// A number that tells its own length, and that length in bytes. An id keeps the bit that tells it.
fn number(bytes: &[u8], is_id: bool) -> Option<(u64, usize)> {
    let first = *bytes.first()?;
    let len = first.leading_zeros() as usize + 1;
    let most = if is_id { 4 } else { 8 };
    let bytes = bytes.get(..len).filter(|_| len <= most)?;
    let number = bytes.iter().fold(0, |number, byte| number << 8 | u64::from(*byte));
    Some((if is_id { number } else { number & !(1 << (7 * len)) }, len))
}

/// A Matroska file that was cut: neither the whole nor its last cluster has a length.
///
/// # Errors
/// When reading fails.
pub(super) fn repair_matroska(media: &mut Media) -> io::Result<()> {
    let Some(start) = Element::read(media, 0)?.and_then(|head| head.end()) else { return Ok(()) };
    let Some(segment) = Element::read(media, start)?.filter(|segment| segment.id == SEGMENT) else { return Ok(()) };
    if segment.end().is_some_and(|end| end <= media.len()) {
        return Ok(());
    }
    segment.forget_size(media);
    let mut at = segment.body();
    for _ in 0..MAX_BOXES {
        let Some(element) = Element::read(media, at)? else { break };
        if element.id == SEEK_HEAD {
            media.patch(at, &(NOTHING as u32).to_be_bytes());
        }
        match element.end() {
            Some(end) if end <= media.len() => at = end,
            Some(_) if element.id == CLUSTER => {
                element.forget_size(media);
                break;
            }
            Some(_) => {
                media.truncate(at);
                break;
            }
            None => break,
        }
    }
    Ok(())
}

/// An MP4 file that was cut: its last box of sound ends where the file does, and another that is not whole is hidden.
///
/// # Errors
/// When reading fails.
pub(super) fn repair_mp4(media: &mut Media) -> io::Result<()> {
    let mut at = 0u64;
    for _ in 0..MAX_BOXES {
        let head = media.peek(at, 16)?;
        let Some((short, kind)) = head.first_chunk::<4>().copied().map(u32::from_be_bytes).zip(head.get(4..8)) else { break };
        let long = head.get(8..16).and_then(|bytes| bytes.first_chunk()).copied().map(u64::from_be_bytes);
        let left = media.len() - at;
        let Some(len) = (match short {
            0 => None,
            1 => long,
            short => Some(u64::from(short)),
        }) else {
            break;
        };
        if len > left {
            match kind {
                b"mdat" if short == 1 => media.patch(at + 8, &left.to_be_bytes()),
                b"mdat" => media.patch(at, &(left as u32).to_be_bytes()),
                _ => media.truncate(at),
            }
            break;
        }
        if len < 8 {
            break;
        }
        at += len;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn media(bytes: &[u8]) -> Media {
        Media::new(io::Cursor::new(bytes.to_vec())).unwrap()
    }

    fn shown(media: &mut Media) -> Vec<u8> {
        let len = media.len() as usize;
        media.peek(0, len).unwrap()
    }

    /// An EBML head, then a segment of `size` with two clusters of four bytes.
    fn matroska(size: u8) -> Vec<u8> {
        let cluster = b"\x1f\x43\xb6\x75\x84abcd";
        [&b"\x1a\x45\xdf\xa3\x81\0\x18\x53\x80\x67"[..], &[0x80 | size], cluster, cluster].concat()
    }

    #[test]
    fn lengths_that_lead_beyond_the_end() {
        let whole = matroska(18);
        // Where the lengths of the segment and of both clusters stand.
        let unknown = |places: &[usize], len: usize| {
            let mut bytes = whole[..len].to_vec();
            places.iter().for_each(|at| bytes[*at] = 0xff);
            bytes
        };
        for (len, want) in [(29, whole.clone()), (27, unknown(&[10, 24], 27)), (18, unknown(&[10, 15], 18)), (12, unknown(&[10], 12))] {
            let mut cut = media(&whole[..len]);
            repair_matroska(&mut cut).unwrap();
            assert_eq!(shown(&mut cut), want, "{len}");
        }
        let mp4 = b"\0\0\0\x0cftypM4A \0\0\0\x10mdatabcdefgh\0\0\0\x08free";
        for (len, want) in [(36, &mp4[..]), (24, b"\0\0\0\x0cftypM4A \0\0\0\x0cmdatabcd"), (32, &mp4[..32]), (14, &mp4[..14])] {
            let mut cut = media(&mp4[..len]);
            repair_mp4(&mut cut).unwrap();
            assert_eq!(shown(&mut cut), want, "{len}");
        }
    }

    proptest! {
        #[test]
        fn nonsense_is_survived(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
            for head in [&b"\x1a\x45\xdf\xa3\x81\0\x18\x53\x80\x67"[..], b"\0\0\0\x0cftypM4A "] {
                let bytes = [head, &bytes].concat();
                repair_matroska(&mut media(&bytes)).unwrap();
                repair_mp4(&mut media(&bytes)).unwrap();
            }
        }
    }
}
