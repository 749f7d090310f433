//! Where in the file is a place of the recording? For streams that do not tell it themselves.
//!
//! Packets of MPEG audio and ADTS carry no time: to find one they have to be counted from the
//! start, and in ten hours there are more than a million. A [`SeekIndex`] is made by counting once;
//! with it a jump begins at the nearest mark. Marks stand only where one packet follows another
//! without junk between, so a demuxer that begins there reads on as one that came from the start.

use super::media::Media;
use super::mpeg::{self, Header};
use std::io;

/// Packets between two marks: about 1.5 s of sound.
const EVERY: u32 = 64;
/// Bytes in front of what the demuxer calls a packet's data: an ADTS header has 7 or 9, MPEG's
/// counts as data.
const HEADER: usize = 9;
/// Junk between two packets longer than this is the end of the index.
const MAX_JUNK: u64 = 32 << 20;
/// How much is looked through, and how much is read at once.
const BITE: usize = 1 << 16;
const WINDOW: usize = 1 << 18;
/// The first bytes of the serialised form, with its version.
const MAGIC: &[u8; 4] = b"ALX2";

/// Places of a recording and where in its file they lie; rising in both.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SeekIndex {
    /// Bytes of sound, to tell whether it belongs to a file.
    len: u64,
    /// Frames per second: of HE-AAC they were once counted at half of it.
    rate: u32,
    marks: Vec<Mark>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Mark {
    /// The frame with which the packet begins, counted from the first that is heard.
    pub(super) place: i64,
    /// Its first byte.
    pub(super) byte: u64,
}

impl SeekIndex {
    pub(super) fn fits(&self, media: &Media, rate: u32) -> bool {
        (self.len, self.rate) == (media.len(), rate)
    }

    /// The last mark at or before `place`.
    pub(super) fn before(&self, place: i64) -> Option<Mark> {
        self.marks[..self.marks.partition_point(|mark| mark.place <= place)].last().copied()
    }

    /// As bytes that [`from_bytes`](Self::from_bytes) reads: about 5 for each second and a half of
    /// sound.
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut bytes = MAGIC.to_vec();
        put(&mut bytes, self.len);
        put(&mut bytes, u64::from(self.rate));
        put(&mut bytes, self.marks.len() as u64);
        let (mut place, mut byte) = (0i64, 0u64);
        for mark in &self.marks {
            // Places begin a little below zero, where the padding is; differences are never
            // negative.
            put(&mut bytes, zigzag(mark.place - place));
            put(&mut bytes, mark.byte - byte);
            (place, byte) = (mark.place, mark.byte);
        }
        bytes
    }

    /// What [`to_bytes`](Self::to_bytes) wrote; `None` for anything else.
    pub fn from_bytes(bytes: &[u8]) -> Option<Self> {
        let mut rest = bytes.strip_prefix(MAGIC)?;
        let len = take(&mut rest)?;
        let rate = u32::try_from(take(&mut rest)?).ok()?;
        let count = take(&mut rest)?;
        let (mut place, mut byte) = (0i64, 0u64);
        let mut marks = Vec::new();
        for i in 0..count {
            let step = unzigzag(take(&mut rest)?);
            place = place.checked_add(step)?;
            byte = byte.checked_add(take(&mut rest)?)?;
            if i > 0 && step <= 0 || byte >= len {
                return None;
            }
            marks.push(Mark { place, byte });
        }
        rest.is_empty().then_some(Self { len, rate, marks })
    }
}

/// Finds the bytes of packets that a demuxer gives in order, and keeps some of them.
pub(super) struct Marker {
    media: Media,
    index: SeekIndex,
    /// Bytes of the file from a place on, read in large bites.
    window: Vec<u8>,
    window_at: u64,
    /// Where the next packet should begin; `None` once the track was lost.
    at: Option<u64>,
    /// The last packet that could become a mark.
    waiting: Option<Mark>,
    since: u32,
}

impl Marker {
    pub(super) fn new(media: &Media) -> Self {
        let index = SeekIndex { len: media.len(), rate: 0, marks: Vec::new() };
        Self {
            media: media.clone(),
            index,
            window: Vec::new(),
            window_at: 0,
            at: Some(0),
            waiting: None,
            since: EVERY,
        }
    }

    /// Takes the next packet, which begins with the frame `place` (`None` if it is not of the
    /// stream), and says how many bytes were passed over to reach it that neither are a tag nor
    /// anything else that belongs there.
    pub(super) fn see(&mut self, data: &[u8], place: Option<i64>) -> io::Result<u64> {
        let Some(at) = self.at else { return Ok(0) };
        let found = self.find(at, data)?;
        self.at = found.map(|(first, _)| first + data.len() as u64);
        let passed = match found {
            Some((first, false)) if !is_known(self.bytes(at, Header::KNOWN_WITHIN)?) => first - at,
            _ => 0,
        };
        let is_close = found.is_some_and(|(_, is_close)| is_close);
        // A mark is kept once the packet behind it follows close too: a demuxer that opens there
        // looks at both.
        if let Some(mark) = self.waiting.take().filter(|_| is_close && place.is_some()) {
            self.index.marks.push(mark);
            self.since = 0;
        }
        self.since += 1;
        if self.since >= EVERY && is_close {
            self.waiting = place.map(|place| Mark { place, byte: at });
        }
        Ok(passed)
    }

    /// The index, of a stream with `rate` frames per second.
    pub(super) fn finish(self, rate: u32) -> SeekIndex {
        SeekIndex { rate, ..self.index }
    }

    /// The place of `data` at or behind `at`, and whether nothing but its header lies before it.
    fn find(&mut self, at: u64, data: &[u8]) -> io::Result<Option<(u64, bool)>> {
        let near = self.bytes(at, data.len() + HEADER)?;
        // An ADTS header is part of no packet's data; anything else in front is junk.
        let is_adts = near.len() > 1 && near[0] == 0xff && near[1] & 0xf6 == 0xf0;
        let headers = if is_adts { [0, 7, HEADER] } else { [0; 3] };
        if let Some(skip) = headers
            .into_iter()
            .find(|&skip| near.get(skip..).is_some_and(|bytes| bytes.starts_with(data)))
        {
            return Ok(Some((at + skip as u64, true)));
        }
        // Tags, pictures and junk may lie between.
        let end = self.media.len().min(at.saturating_add(MAX_JUNK));
        for from in (at..end).step_by(BITE) {
            let bytes = self.bytes(from, BITE + data.len())?;
            if let Some(found) = bytes.windows(data.len().max(1)).position(|window| window == data)
            {
                return Ok(Some((from + found as u64, false)));
            }
        }
        Ok(None)
    }

    /// Up to `n` bytes from `at` on; fewer at the end.
    fn bytes(&mut self, at: u64, n: usize) -> io::Result<&[u8]> {
        let is_inside =
            at >= self.window_at && at + n as u64 <= self.window_at + self.window.len() as u64;
        if !is_inside {
            self.window = self.media.peek(at, n.max(WINDOW))?;
            self.window_at = at;
        }
        let rest = &self.window[(at - self.window_at) as usize..];
        Ok(&rest[..n.min(rest.len())])
    }
}

/// Whether tags begin here, or the frame that tells the length of a stream put behind another: no
/// sound, and none lost.
fn is_known(bytes: &[u8]) -> bool {
    let is_tag = bytes.starts_with(b"ID3") || mpeg::is_closing_tag(bytes);
    is_tag || (bytes.starts_with(&[0xff]) && bytes.windows(4).any(mpeg::marks_length))
}

/// Seven bits a byte, the lowest first.
fn put(bytes: &mut Vec<u8>, mut n: u64) {
    while n >= 0x80 {
        bytes.push(n as u8 | 0x80);
        n >>= 7;
    }
    bytes.push(n as u8);
}

fn take(bytes: &mut &[u8]) -> Option<u64> {
    let mut n = 0u64;
    for shift in (0..64).step_by(7) {
        let (&byte, rest) = bytes.split_first()?;
        *bytes = rest;
        n |= u64::from(byte & 0x7f).checked_shl(shift)?;
        if byte < 0x80 {
            return Some(n);
        }
    }
    None
}

fn zigzag(n: i64) -> u64 {
    (n << 1 ^ n >> 63).cast_unsigned()
}

fn unzigzag(n: u64) -> i64 {
    (n >> 1).cast_signed() ^ -(n & 1).cast_signed()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::decode::choice::Choice;
    use crate::decode::single::Single;
    use proptest::prelude::*;
    use std::path::Path;
    use std::sync::Arc;

    fn sample(name: &str) -> std::path::PathBuf {
        Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/data/audio").join(name)
    }

    fn frames_from(source: &mut Single, place: u64, n: usize) -> Vec<f32> {
        source.seek(place).unwrap();
        let mut out = Vec::new();
        while out.len() < n {
            let Some(frames) = source.next_frames().unwrap() else { break };
            out.extend(frames.samples.chunks_exact(frames.channels).map(|frame| frame[0]));
        }
        out.truncate(n);
        out
    }

    /// With an index every jump lands on the same samples as without, also where junk lies between
    /// packets.
    #[test]
    fn jumps_land_where_they_did() {
        let dir = tempfile::tempdir().unwrap();
        let one = std::fs::read(sample("mp3-vbr.mp3")).unwrap();
        let with_xing = std::fs::read(sample("mp3-vbr-xing.mp3")).unwrap();
        let aac = std::fs::read(sample("aac.aac")).unwrap();
        let he_aac = std::fs::read(sample("he-aac.aac")).unwrap();
        for (name, parts) in [
            ("long.mp3", vec![&one; 12]),
            ("tagged.mp3", vec![&with_xing; 9]),
            ("long.aac", vec![&aac; 12]),
            ("longer.aac", vec![&he_aac; 20]),
        ] {
            for junk in [0usize, 700] {
                let path = dir.path().join(format!("{junk}-{name}"));
                let bytes: Vec<u8> = parts
                    .iter()
                    .flat_map(|part| part.iter().copied().chain(std::iter::repeat_n(0x55, junk)))
                    .collect();
                std::fs::write(&path, bytes).unwrap();
                let index = SeekIndex::build(&path, &|| true).unwrap().unwrap();
                assert!(index.marks.len() > 5, "{name}: {} marks", index.marks.len());
                let mut plain = Single::open(&path, Choice::default(), 0).unwrap();
                let mut quick = Single::open(&path, Choice::default(), 0).unwrap();
                quick.set_index(Arc::new(index));
                let rate = u64::from(plain.rate());
                for place in [
                    0,
                    1,
                    rate / 3,
                    rate * 2,
                    rate * 7,
                    rate * 7 + 1,
                    rate * 4,
                    rate * 11 + 12_345,
                    rate * 15,
                ] {
                    let (want, got) = (
                        frames_from(&mut plain, place, 3_000),
                        frames_from(&mut quick, place, 3_000),
                    );
                    assert_eq!(
                        want.len(),
                        got.len(),
                        "{name} with {junk} bytes of junk, at {place}"
                    );
                    // AAC fills up with noise of its own, which depends on what was decoded before.
                    let energy = |x: f32, y: f32| f64::from((x - y) * (x - y));
                    let off: f64 = want.iter().zip(&got).map(|(&a, &b)| energy(a, b)).sum();
                    let all: f64 = want.iter().map(|&a| energy(a, 0.0)).sum();
                    let allowed = if name.ends_with(".aac") { all * 0.02 } else { 0.0 };
                    assert!(
                        off <= allowed,
                        "{name} with {junk} bytes of junk, at {place}: {off} of {all}"
                    );
                }
            }
        }
    }

    #[test]
    fn other_containers_need_none() {
        for name in ["wav-16.wav", "aac.m4a", "source.flac", "vorbis.ogg", "aac.mkv"] {
            assert_eq!(SeekIndex::build(&sample(name), &|| true).unwrap(), None, "{name}");
        }
        assert_eq!(
            SeekIndex::build(&sample("mp3-cbr.mp3"), &|| true)
                .unwrap()
                .map(|index| index.marks.is_empty()),
            Some(false)
        );
    }

    #[test]
    fn an_index_of_another_file_is_not_used() {
        let index = SeekIndex::build(&sample("mp3-cbr.mp3"), &|| true).unwrap().unwrap();
        let mut source = Single::open(&sample("mp3-vbr.mp3"), Choice::default(), 0).unwrap();
        source.set_index(Arc::new(index));
        let mut plain = Single::open(&sample("mp3-vbr.mp3"), Choice::default(), 0).unwrap();
        assert_eq!(frames_from(&mut source, 30_000, 2_000), frames_from(&mut plain, 30_000, 2_000));
    }

    proptest! {
        #[test]
        fn bytes_and_back(steps in prop::collection::vec((1i64..100_000, 0u64..100_000), 0..50), first in -3_000i64..0) {
            let mut marks: Vec<Mark> = Vec::new();
            for (place, byte) in steps {
                let last = marks.last().copied().unwrap_or(Mark { place: first - place, byte: 0 });
                marks.push(Mark { place: last.place + place, byte: last.byte + byte });
            }
            let len = marks.last().map_or(0, |mark| mark.byte) + 1;
            let index = SeekIndex { len, rate: 44_100, marks };
            let bytes = index.to_bytes();
            prop_assert_eq!(SeekIndex::from_bytes(&bytes), Some(index));
            for cut in 0..bytes.len() {
                prop_assert_eq!(SeekIndex::from_bytes(&bytes[..cut]), None);
            }
        }

        #[test]
        fn strange_bytes_are_refused(mut bytes in prop::collection::vec(any::<u8>(), 0..200)) {
            bytes.splice(0..0, *MAGIC);
            if let Some(index) = SeekIndex::from_bytes(&bytes) {
                prop_assert!(index.marks.is_sorted_by(|a, b| a.place < b.place && a.byte <= b.byte));
            }
        }
    }
}
