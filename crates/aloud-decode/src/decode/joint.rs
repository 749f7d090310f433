//! Where a stream of another kind follows in the same file: MPEG audio that was put together from
//! several recordings of different rates, by `cat` or by whoever inserts advertisements.
//!
//! Knows frames by their headers only.

use super::media::Media;
use super::mpeg::{self, Header, MAX_FRAME};
use std::io;

/// So many frames in a row, all of one other kind, are a stream: 0.3 to 1.2 s of sound. Junk is
/// taken for a frame or two, and then for frames of several kinds.
const IN_A_ROW: u32 = 16;
/// How much is looked through at once.
const BITE: usize = 1 << 20;

/// Watches for a stream of another kind.
#[derive(Default)]
pub(super) struct Joint {
    /// Of the frames of another kind that came last: their kind, how many, and the first of them.
    kind: Option<Header>,
    n: u32,
    first: Vec<u8>,
}

impl Joint {
    /// Takes the next packet of a stream of `own` kind; whether another stream has begun.
    pub(super) fn sees(&mut self, packet: &[u8], own: Header) -> bool {
        let Some(header) = Header::read(packet) else { return false };
        if header.is_like(own) {
            (self.kind, self.n) = (None, 0);
        } else if self.kind.is_some_and(|kind| kind.is_like(header)) {
            self.n += 1;
        } else {
            (self.kind, self.n) = (Some(header), 1);
            self.first.clear();
            self.first.extend_from_slice(packet);
        }
        self.n >= IN_A_ROW
    }

    /// The first byte of the stream that [`sees`](Self::sees) told of, in `media`.
    ///
    /// # Errors
    /// When the disk or the network fails.
    pub(super) fn first_byte(&self, media: &mut Media) -> io::Result<Option<u64>> {
        let Some(at) = find(media, &self.first)? else { return Ok(None) };
        // In front of it may stand a frame that tells the stream's length and padding, which the
        // demuxer keeps to itself where it does not begin with it.
        let from = at.saturating_sub(MAX_FRAME);
        let before = media.peek(from, (at - from) as usize)?;
        let is_own = |bytes: &[u8]| {
            Header::read(bytes).is_some_and(|header| self.kind.is_some_and(|k| k.is_like(header)))
        };
        let told = before.windows(4).rposition(mpeg::marks_length);
        let head = told.and_then(|told| {
            (told.saturating_sub(Header::KNOWN_WITHIN)..told).rev().find(|&n| is_own(&before[n..]))
        });
        Ok(Some(head.map_or(at, |n| from + n as u64)))
    }
}

/// Where `packet` first stands in `media`.
fn find(media: &mut Media, packet: &[u8]) -> io::Result<Option<u64>> {
    if packet.is_empty() {
        return Ok(None);
    }
    for from in (0..media.len()).step_by(BITE) {
        let bytes = media.peek(from, BITE + packet.len())?;
        if let Some(found) = bytes.windows(packet.len()).position(|window| window == packet) {
            return Ok(Some(from + found as u64));
        }
    }
    Ok(None)
}

#[cfg(test)]
mod tests {
    use super::*;

    const OWN: [u8; 5] = [0xff, 0xfb, 0x90, 0x64, 0];
    const OTHER: [u8; 5] = [0xff, 0xf3, 0x40, 0xc0, 0];
    const THIRD: [u8; 5] = [0xff, 0xe3, 0x40, 0xc0, 0];

    #[test]
    fn a_stream_is_told_from_junk() {
        let own = Header::read(&OWN).unwrap();
        for (what, packets, want) in [
            ("its own frames", vec![OWN; 100], None),
            ("another stream", [vec![OWN; 3], vec![OTHER; 20]].concat(), Some(18)),
            ("one frame too few", [vec![OTHER; 15], vec![OWN; 3]].concat(), None),
            ("frames by turns", [OWN, OTHER].repeat(50), None),
            ("junk of two kinds", [OTHER, THIRD].repeat(50), None),
            ("no frames at all", vec![[0; 5]; 50], None),
            ("junk, then a stream", [vec![THIRD; 9], vec![OTHER; 16]].concat(), Some(24)),
        ] {
            let mut joint = Joint::default();
            let found = packets.iter().position(|packet| joint.sees(packet, own));
            assert_eq!(found, want, "{what}");
        }
    }

    #[test]
    fn the_frame_that_tells_the_length_belongs_to_it() {
        let frame = |n: u8| [&OTHER[..4], &[n; 140]].concat();
        let told = [&OTHER[..4], &[0; 17], b"Info", &[0; 119]].concat();
        let own = [&OWN[..4], &[7; 400]].concat().repeat(9_000);
        for (what, between, want) in [
            ("at once", vec![], 0),
            ("a tag", b"ID3junk".to_vec(), 7),
            ("a length", told.clone(), 0),
            ("a tag and a length", [&b"ID3junk"[..], &told].concat(), 7),
            ("a length of the stream before", [&OWN[..4], b"Info", &[0; 400]].concat(), 408),
        ] {
            let frames: Vec<Vec<u8>> = (1..=16).map(frame).collect();
            let bytes = [own.clone(), between, frames.concat()].concat();
            let mut media = Media::new(io::Cursor::new(bytes)).unwrap();
            let mut joint = Joint::default();
            frames.iter().for_each(|frame| _ = joint.sees(frame, Header::read(&OWN).unwrap()));
            let found = joint.first_byte(&mut media).unwrap();
            assert_eq!(found, Some((own.len() + want) as u64), "{what}");
        }
    }
}
