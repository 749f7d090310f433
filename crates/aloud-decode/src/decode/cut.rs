//! A file whose end is missing, or a part in the middle: boxes that lead beyond the end are made to
//! end with it, because the demuxers pass over a box that they take for damaged, and all the sound
//! is in one; and what is no box within a Matroska file is called empty, because after it the
//! demuxer finds no other.
//!
//! Knows boxes by their lengths only. Sources: ISO/IEC 14496-12, section 4.2; RFC 8794 (EBML),
//! sections 4 to 6; RFC 9559 (Matroska), section 5.

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
        Ok(Some(Self {
            id,
            size_at: at + id_len as u64,
            size_len,
            size: (!is_unknown).then_some(size),
        }))
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
    let Some(segment) = Element::read(media, start)?.filter(|segment| segment.id == SEGMENT) else {
        return Ok(());
    };
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

/// Hides the chapters of a Matroska file: the demuxer refuses a file whose chapters have no number,
/// as WebM's have none. Says whether there were any.
///
/// # Errors
/// When reading fails.
pub(super) fn hide_chapters(media: &mut Media) -> io::Result<bool> {
    const CHAPTERS: u64 = 0x1043_A770;
    let Some(start) = Element::read(media, 0)?.and_then(|head| head.end()) else {
        return Ok(false);
    };
    let Some(mut at) = Element::read(media, start)?.map(|segment| segment.body()) else {
        return Ok(false);
    };
    for _ in 0..MAX_BOXES {
        let Some(element) = Element::read(media, at)? else { break };
        if element.id == CHAPTERS {
            media.patch(at, &(NOTHING as u32).to_be_bytes());
            return Ok(true);
        }
        match element.end() {
            Some(end) if end < media.len() => at = end,
            _ => break,
        }
    }
    Ok(false)
}

/// What stands in a segment beside clusters, and what stands in a cluster.
const IN_SEGMENT: [u64; 10] = [
    CLUSTER,
    SEEK_HEAD,
    NOTHING,
    0x1549_A966,
    0x1654_AE6B,
    0x1C53_BB6B,
    0x1941_A469,
    0x1043_A770,
    0x1254_C367,
    VOID,
];
const IN_CLUSTER: [u64; 7] = [0xE7, 0xA7, 0xAB, SIMPLE_BLOCK, BLOCK_GROUP, 0xBF, VOID];
const SIMPLE_BLOCK: u64 = 0xA3;
const BLOCK_GROUP: u64 = 0xA0;
const VOID: u64 = 0xEC;
/// So many elements in a row are real.
const CHAIN: usize = 5;
/// A cluster that is longer, in bytes, is left as it is.
const MOST_CLUSTER: u64 = 64 << 20;

/// A Matroska file with damage in the middle: what is no element is covered by an empty one. Says
/// whether there was any.
///
/// # Errors
/// When reading fails.
pub(super) fn mend_matroska(media: &mut Media) -> io::Result<bool> {
    let Some(start) = Element::read(media, 0)?.and_then(|head| head.end()) else {
        return Ok(false);
    };
    let Some(segment) = Element::read(media, start)?.filter(|segment| segment.id == SEGMENT) else {
        return Ok(false);
    };
    let (mut at, mut is_mended) = (segment.body(), false);
    for _ in 0..MAX_BOXES {
        if at >= media.len() {
            break;
        }
        let Some(element) =
            Element::read(media, at)?.filter(|element| IN_SEGMENT.contains(&element.id))
        else {
            let Some(next) = find_cluster(media, at + 1)? else { break };
            cover(media, at, next);
            (is_mended, at) = (true, next);
            continue;
        };
        // Live streams have no lengths; where one of their clusters ends is not known, so nothing
        // can be amiss there.
        let Some(end) = element.end().map(|end| end.min(media.len())) else { break };
        if element.id == CLUSTER && end.saturating_sub(element.body()) <= MOST_CLUSTER {
            is_mended |= mend_cluster(media, element.body(), end)?;
        }
        at = end;
    }
    Ok(is_mended)
}

/// Covers what is no element between `start` and `end`, up to the next block that others follow.
fn mend_cluster(media: &mut Media, start: u64, end: u64) -> io::Result<bool> {
    let bytes = media.peek(start, end.saturating_sub(start) as usize)?;
    let after = |at: usize| {
        let (id, id_len) = number(&bytes[at..], true)?;
        let (size, size_len) = number(&bytes[at + id_len..], false)?;
        let end = usize::try_from(size).ok()?.checked_add(at + id_len + size_len)?;
        (IN_CLUSTER.contains(&id) && end <= bytes.len()).then_some((id, end))
    };
    let is_followed = |end: usize| end == bytes.len() || after(end).is_some();
    // Noise has a block now and then, but not several in a row.
    let is_chain = |at: usize| {
        let ends = std::iter::successors(Some(at), |at| {
            if *at == bytes.len() { Some(*at) } else { after(*at).map(|(_, end)| end) }
        });
        ends.take(CHAIN + 1).count() > CHAIN
    };
    let is_block = |at: usize| {
        after(at).is_some_and(|(id, _)| id == SIMPLE_BLOCK || id == BLOCK_GROUP) && is_chain(at)
    };
    let (mut at, mut is_mended) = (0, false);
    while at < bytes.len() {
        if let Some((_, end)) = after(at).filter(|(_, end)| is_followed(*end)) {
            at = end;
            continue;
        }
        // The last element before the damage may be whole, or lead into it.
        let next = (at + 1..bytes.len()).find(|at| is_block(*at)).unwrap_or(bytes.len());
        cover(media, start + at as u64, start + next as u64);
        (is_mended, at) = (true, next);
    }
    Ok(is_mended)
}

fn find_cluster(media: &mut Media, mut at: u64) -> io::Result<Option<u64>> {
    const PIECE: usize = 1 << 16;
    loop {
        let bytes = media.peek(at, PIECE)?;
        if let Some(found) =
            bytes.windows(4).position(|four| four == (CLUSTER as u32).to_be_bytes())
        {
            return Ok(Some(at + found as u64));
        }
        if bytes.len() < PIECE {
            return Ok(None);
        }
        at += (PIECE - 3) as u64;
    }
}

/// Puts the head of an empty element at `start` that lasts to `end`. One byte alone has no room for
/// any.
fn cover(media: &mut Media, start: u64, end: u64) {
    let room = end - start;
    let head = match room {
        0 | 1 => return,
        2..=9 => vec![VOID as u8, 0x80 | (room - 2) as u8],
        _ => [&[VOID as u8, 0x01][..], &(room - 9).to_be_bytes()[1..]].concat(),
    };
    media.patch(start, &head);
}

/// An MP4 file that was cut: its last box of sound ends where the file does, and another that is
/// not whole is hidden.
///
/// # Errors
/// When reading fails.
pub(super) fn repair_mp4(media: &mut Media) -> io::Result<()> {
    let mut at = 0u64;
    for _ in 0..MAX_BOXES {
        let head = media.peek(at, 16)?;
        let Some((short, kind)) =
            head.first_chunk::<4>().copied().map(u32::from_be_bytes).zip(head.get(4..8))
        else {
            break;
        };
        let long =
            head.get(8..16).and_then(|bytes| bytes.first_chunk()).copied().map(u64::from_be_bytes);
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
        for (len, want) in [
            (29, whole.clone()),
            (27, unknown(&[10, 24], 27)),
            (18, unknown(&[10, 15], 18)),
            (12, unknown(&[10], 12)),
        ] {
            let mut cut = media(&whole[..len]);
            repair_matroska(&mut cut).unwrap();
            assert_eq!(shown(&mut cut), want, "{len}");
        }
        let mp4 = b"\0\0\0\x0cftypM4A \0\0\0\x10mdatabcdefgh\0\0\0\x08free";
        for (len, want) in [
            (36, &mp4[..]),
            (24, b"\0\0\0\x0cftypM4A \0\0\0\x0cmdatabcd"),
            (32, &mp4[..32]),
            (14, &mp4[..14]),
        ] {
            let mut cut = media(&mp4[..len]);
            repair_mp4(&mut cut).unwrap();
            assert_eq!(shown(&mut cut), want, "{len}");
        }
    }

    #[test]
    fn what_is_no_element_is_covered() {
        // Two blocks of four bytes in each cluster.
        let block = b"\xa3\x84\x81\0\0x";
        let cluster = [&b"\x1f\x43\xb6\x75\x92"[..], block, block, block].concat();
        let whole =
            [&b"\x1a\x45\xdf\xa3\x81\0\x18\x53\x80\x67\xae"[..], &cluster, &cluster].concat();
        let with = |at: usize, bytes: &[u8]| {
            let mut spoilt = whole.clone();
            spoilt[at..at + bytes.len()].copy_from_slice(bytes);
            spoilt
        };
        for (what, spoilt, want) in [
            ("nothing", whole.clone(), None),
            (
                "a block, and the one before",
                with(22, &[0x33; 6]),
                Some(with(16, b"\xec\x01\0\0\0\0\0\0\x03333")),
            ),
            (
                "the last block of the file",
                with(51, &[0x33; 6]),
                Some(with(45, b"\xec\x01\0\0\0\0\0\0\x03333")),
            ),
            ("no damage, but no lengths either", with(15, &[0xff]), None),
            ("a cluster's head", with(34, &[0x33; 5]), Some(with(34, &[0x33; 5]))),
        ] {
            let mut media = media(&spoilt);
            let is_mended = mend_matroska(&mut media).unwrap();
            let got = shown(&mut media);
            assert_eq!(
                is_mended,
                want.as_ref().is_some_and(|want| *want != spoilt),
                "{what}: {got:x?}"
            );
            assert_eq!(got, want.unwrap_or(spoilt), "{what}");
        }
    }

    proptest! {
        #[test]
        fn nonsense_is_survived(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
            for head in [&b"\x1a\x45\xdf\xa3\x81\0\x18\x53\x80\x67"[..], b"\0\0\0\x0cftypM4A "] {
                let bytes = [head, &bytes].concat();
                repair_matroska(&mut media(&bytes)).unwrap();
                repair_mp4(&mut media(&bytes)).unwrap();
                mend_matroska(&mut media(&bytes)).unwrap();
            }
        }
    }
}
