//! The header of an MPEG audio frame (ISO/IEC 11172-3, 2.4.1.3 and 13818-3), as far as a packet's
//! length and its likeness to others depend on it.

/// The longest frame, in bytes: 320 kbit/s at 32 kHz, with a byte of padding.
pub(super) const MAX_FRAME: u64 = 1441;

/// Whether these four bytes mark the frame that tells a stream's length.
pub(super) fn marks_length(four: &[u8]) -> bool {
    matches!(four, b"Xing" | b"Info" | b"VBRI")
}

/// Whether a tag begins here that stands behind the sound, where nothing else follows.
pub(super) fn is_closing_tag(bytes: &[u8]) -> bool {
    [&b"TAG"[..], b"APETAGEX", b"LYRICSBEGIN"].iter().any(|tag| bytes.starts_with(tag))
}

/// What one header says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Header {
    /// Version, layer and sample rate: what never changes within a stream.
    kind: (u8, u8, u8),
    pub(super) is_mono: bool,
}

impl Header {
    /// How far into a frame the mark of a stream's length stands at most, in bytes: a header, side
    /// information, and some.
    pub(super) const KNOWN_WITHIN: usize = 64;

    /// Reads the header at the start of `packet`; `None` where there is none.
    pub(super) fn read(packet: &[u8]) -> Option<Self> {
        let [0xff, b, c, d, ..] = *packet else { return None };
        let (version, layer, rate) = (b >> 3 & 3, b >> 1 & 3, c >> 2 & 3);
        let is_valid = b & 0xe0 == 0xe0 && version != 1 && layer != 0 && rate != 3;
        is_valid.then_some(Self { kind: (version, layer, rate), is_mono: d >> 6 == 3 })
    }

    /// Whether both can be of one stream. Junk between frames is often mistaken for a frame, seldom
    /// for one of the same kind.
    pub(super) fn is_like(self, other: Self) -> bool {
        self.kind == other.kind
    }

    /// Frames of sound per packet.
    pub(super) fn frames(self) -> u64 {
        match self.kind {
            (_, 3, _) => 384,
            (_, 2, _) | (3, 1, _) => 1152,
            _ => 576,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Header;

    #[test]
    fn headers() {
        for (bytes, frames) in [
            (&[0xff, 0xfb, 0x90, 0x64][..], Some(1152)), // MPEG-1 layer III
            (&[0xff, 0xf3, 0x40, 0xc0], Some(576)),      // MPEG-2 layer III
            (&[0xff, 0xe3, 0x40, 0xc0], Some(576)),      // MPEG-2.5 layer III
            (&[0xff, 0xf5, 0x40, 0xc0], Some(1152)),     // MPEG-2 layer II
            (&[0xff, 0xff, 0x40, 0xc0], Some(384)),      // MPEG-1 layer I
            (&[0xff, 0xf9, 0x40, 0xc0], None),           // ADTS
            (&[0xff, 0xfb, 0x9c, 0x64], None),           // no such rate
            (&[0xff, 0xfb, 0x90], None),
        ] {
            assert_eq!(Header::read(bytes).map(Header::frames), frames, "{bytes:02x?}");
        }
    }
}
