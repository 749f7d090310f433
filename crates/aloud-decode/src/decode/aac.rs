//! AAC: what a stream's header says of it, which of two decoders takes it, and the second of them.
//!
//! Symphonia decodes the plain kind (AAC-LC with one or two channels). What it leaves goes to
//! `syom`: HE-AAC, whose upper half is rebuilt from the lower one (spectral band replication, SBR)
//! and its two channels from one (parametric stereo), more channels, and the older profiles. Its
//! sound begins where that of other decoders does: SBR is late by [`DELAY`]. Source: ISO/IEC
//! 14496-3, 1.6 and 4.6.18.

use super::guard::guarded;
use symphonia::core::audio::{
    AsGenericAudioBufferRef as _, Audio as _, AudioBuffer, AudioMut as _, AudioSpec, Channels,
    GenericAudioBufferRef, Position, layouts,
};
use symphonia::core::codecs::CodecInfo;
use symphonia::core::codecs::audio::{
    AudioCodecParameters, AudioDecoder, AudioDecoderOptions, FinalizeResult,
};
use symphonia::core::errors::{Error, Result, decode_error};
use symphonia::core::packet::PacketRef;
use syom::{Channel, DecodeOptions, Layout};

/// Frames that band replication is late by, at the rate that it gives (ISO/IEC 14496-3,
/// 4.6.18.2.5: its two filter banks).
pub(super) const DELAY: u64 = 962;
/// Frames of a packet before its bands are replicated.
pub(super) const PACKET: u64 = 1024;
/// The highest rate of a stream within which bands may hide: above it, replicated ones would not be
/// heard.
const HIGHEST_HIDING: u32 = 24_000;
/// So many packets without bands in them are enough to say that there are none,
const PLAIN: usize = 8;
/// and so many are looked at if they tell nothing: about three seconds.
const LOOK: usize = 64;

const RATES: [u32; 13] = [
    96_000, 88_200, 64_000, 48_000, 44_100, 32_000, 24_000, 22_050, 16_000, 12_000, 11_025, 8000,
    7350,
];
/// Object types.
const LC: u8 = 2;
const SBR: u8 = 5;
const PS: u8 = 29;

const PLAIN_INFO: CodecInfo =
    CodecInfo { short_name: "aac", long_name: "Advanced Audio Coding", profiles: &[] };
const HE_INFO: CodecInfo = CodecInfo {
    short_name: "he-aac",
    long_name: "High-Efficiency Advanced Audio Coding",
    profiles: &[],
};

/// The decoder for a stream with `params`, and the rate that its packets have before bands are
/// replicated, where they are. `has_bands` if its packets were seen to have what its header does
/// not tell.
///
/// # Errors
/// When neither decoder takes it.
pub(super) fn decoder(
    params: &AudioCodecParameters,
    has_bands: bool,
) -> Result<(Box<dyn AudioDecoder>, Option<u32>)> {
    // Trimming is the clock's business.
    let options = AudioDecoderOptions::default().gapless(false);
    let plain = |params| symphonia::default::get_codecs().make_audio_decoder(params, &options);
    let Some(mut config) = Config::of(params) else { return Ok((plain(params)?, None)) };
    if has_bands {
        config = config.with_bands();
    }
    if config.wide.is_none()
        && let Ok(plain) = plain(params)
    {
        return Ok((plain, None));
    }
    if config.wide == Some(config.rate) && config.object == LC {
        // Bands above the half of a rate that stays as it is ("downsampled"): nobody here replicates
        // them, and all below them is there without.
        let mut params = params.clone();
        params.with_extra_data(config.plain().into());
        return Ok((plain(&params)?, None));
    }
    let core = (config.wide == Some(config.rate * 2)).then_some(config.rate);
    Ok((Box::new(Decoder::new(params, config)?), core))
}

/// Whether the packets of a stream with `params` may have bands in them of which its header says
/// nothing, as those of ADTS and of many MP4 files do.
pub(super) fn may_hide_bands(params: &AudioCodecParameters) -> bool {
    Config::of(params).is_some_and(|config| {
        config.object == LC && config.wide.is_none() && config.rate <= HIGHEST_HIDING
    })
}

/// Whether the first packets of such a stream have bands in them.
pub(super) fn hides_bands(
    params: &AudioCodecParameters,
    packets: impl Iterator<Item = Box<[u8]>>,
) -> bool {
    let Some(config) = Config::of(params) else { return false };
    let mut n_plain = 0;
    for packet in packets.take(LOOK) {
        match config.tells_bands(&packet) {
            Some(true) => return true,
            Some(false) => n_plain += 1,
            // Damaged, or the first ones of a part of a stream.
            None => {}
        }
        if n_plain >= PLAIN {
            break;
        }
    }
    false
}

/// What a stream's header says (ISO/IEC 14496-3, 1.6.2.1).
#[derive(Clone, Debug, PartialEq, Eq)]
struct Config {
    object: u8,
    /// The rate before bands are replicated, its index, and the number of the channels' layout.
    rate: u32,
    index: u8,
    layout: u8,
    /// The rate after that, where the header speaks of it.
    wide: Option<u32>,
    bytes: Vec<u8>,
}

impl Config {
    fn of(params: &AudioCodecParameters) -> Option<Self> {
        if let Some(bytes) = params.extra_data.as_deref() {
            return Self::read(bytes);
        }
        // ADTS: each packet's header says as much.
        let rate = params.sample_rate?;
        let index = RATES.iter().position(|&known| known == rate)? as u8;
        let layout = match params.channels.as_ref()?.count() {
            n @ 1..=6 => n as u8,
            8 => 7,
            _ => return None,
        };
        let config = Self { object: LC, rate, index, layout, wide: None, bytes: Vec::new() };
        Some(Self { bytes: config.plain(), ..config })
    }

    /// A header that speaks of no bands.
    fn plain(&self) -> Vec<u8> {
        packed(&[(LC, 5), (self.index, 4), (self.layout, 4), (0, 3)])
    }

    fn read(bytes: &[u8]) -> Option<Self> {
        let mut bits = Bits { bytes, at: 0 };
        let outer = bits.object()?;
        let (index, rate) = bits.rate()?;
        let layout = bits.take(4)? as u8;
        let (mut object, mut wide) = (outer, None);
        if matches!(outer, SBR | PS) {
            wide = Some(bits.rate()?.1);
            object = bits.object()?;
        } else {
            // The mark of an extension behind a plain header, wherever that ends.
            while let Some(eleven) = bits.peek(11) {
                if eleven == 0x2b7 {
                    bits.take(11)?;
                    if bits.object()? == SBR && bits.take(1)? == 1 {
                        wide = Some(bits.rate()?.1);
                    }
                    break;
                }
                bits.take(1)?;
            }
        }
        Some(Self { object, rate, index, layout, wide, bytes: bytes.to_vec() })
    }

    /// The same with the bands told that it does not tell; itself where that cannot be said.
    fn with_bands(self) -> Self {
        // Three rates further up is the double.
        let Some(index) = self.index.checked_sub(3) else { return self };
        let wide = RATES.get(usize::from(index)).copied();
        if wide != Some(self.rate * 2) {
            return self;
        }
        let told = [(SBR, 5), (self.index, 4), (self.layout, 4), (index, 4), (LC, 5), (0, 3)];
        Self { wide, bytes: packed(&told), ..self }
    }

    /// Whether `packet` has bands in it, with all that it takes to decode them; `None` if it cannot
    /// be decoded by itself.
    fn tells_bands(&self, packet: &[u8]) -> Option<bool> {
        let mut rate = None;
        let told = guarded(|| {
            let mut alone = syom::Decoder::from_asc(&self.plain(), DecodeOptions::unbounded())?;
            alone.decode_au(packet, |frame| {
                rate = Some(frame.sample_rate);
                Ok(())
            })
        });
        told?.ok()?;
        rate.map(|rate| rate > self.rate)
    }
}

/// Numbers of so many bits, one behind the other.
fn packed(fields: &[(u8, u32)]) -> Vec<u8> {
    let n_bits: u32 = fields.iter().map(|(_, n)| n).sum();
    let all = fields.iter().fold(0u64, |all, &(field, n)| all << n | u64::from(field));
    let n_bytes = n_bits.div_ceil(8);
    (all << (n_bytes * 8 - n_bits)).to_be_bytes()[8 - n_bytes as usize..].to_vec()
}

struct Bits<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl Bits<'_> {
    fn peek(&self, n: usize) -> Option<u32> {
        (self.at..self.at + n).try_fold(0, |word, at| {
            let byte = self.bytes.get(at / 8)?;
            Some(word << 1 | u32::from(byte >> (7 - at % 8) & 1))
        })
    }

    fn take(&mut self, n: usize) -> Option<u32> {
        let taken = self.peek(n)?;
        self.at += n;
        Some(taken)
    }

    fn object(&mut self) -> Option<u8> {
        match self.take(5)? {
            31 => Some(32 + self.take(6)? as u8),
            object => Some(object as u8),
        }
    }

    /// A rate's index, and the rate.
    fn rate(&mut self) -> Option<(u8, u32)> {
        match self.take(4)? {
            15 => Some((15, self.take(24)?)),
            index => Some((index as u8, *RATES.get(index as usize)?)),
        }
    }
}

/// All kinds of AAC that `syom` knows.
struct Decoder {
    params: AudioCodecParameters,
    config: Config,
    syom: syom::Decoder,
    /// Whether it has heard nothing yet, or lost what it heard.
    is_fresh: bool,
    /// A packet with the header of its bands, without which those that follow it cannot be decoded
    /// after a jump: some encoders write it seldom.
    opening: Option<Box<[u8]>>,
    sound: AudioBuffer<f32>,
}

impl Decoder {
    fn new(params: &AudioCodecParameters, config: Config) -> Result<Self> {
        let rate = config.wide.unwrap_or(config.rate);
        let mut params = params.clone();
        params.with_sample_rate(rate);
        let syom = fresh(&config)?;
        let sound = AudioBuffer::new(AudioSpec::new(rate, layouts::CHANNEL_LAYOUT_MONO), 0);
        Ok(Self { params, config, syom, is_fresh: true, opening: None, sound })
    }

    fn renew(&mut self) -> Result<()> {
        self.is_fresh = true;
        self.syom = fresh(&self.config)?;
        Ok(())
    }

    /// Decodes `packet` into `sound`. Whatever fails leaves no decoder behind that could go on.
    fn feed(&mut self, packet: &[u8]) -> Result<()> {
        if packet.is_empty() {
            return decode_error("aac: an empty packet");
        }
        self.is_fresh = false;
        let (syom, sound) = (&mut self.syom, &mut self.sound);
        let mut n_frames = 0;
        // Three of twelve million spoilt packets made version 0.9.0 panic (a channel without
        // samples).
        let fed = guarded(|| {
            syom.decode_au(packet, |frame| {
                n_frames = frame.samples;
                copy(&frame, sound);
                Ok(())
            })
        });
        match fed {
            Some(Ok(())) if n_frames == 0 => {
                // A packet that has nothing in it takes its time all the same.
                let wide = self.config.wide.is_some_and(|wide| wide > self.config.rate);
                self.sound.clear();
                self.sound.resize_with_silence(PACKET as usize * if wide { 2 } else { 1 });
                Ok(())
            }
            Some(Ok(())) => Ok(()),
            Some(Err(error)) => {
                log::debug!("AAC: {error}");
                decode_error("aac: a damaged packet")
            }
            None => decode_error("aac: a packet that the decoder gave up on"),
        }
    }

    fn decode_packet(&mut self, packet: &[u8]) -> Result<()> {
        if !self.is_fresh {
            return self.feed(packet).or_else(|error| self.renew().and(Err(error)));
        }
        let failed = match self.feed(packet) {
            Ok(()) => {
                if self.config.wide.is_some() && self.config.tells_bands(packet) == Some(true) {
                    self.opening = Some(packet.into());
                }
                return Ok(());
            }
            Err(error) => error,
        };
        self.renew()?;
        let Some(opening) = self.opening.clone() else { return Err(failed) };
        // Twice, so that it does not overlap with the other.
        let fed =
            self.feed(&opening).and_then(|()| self.feed(packet)).and_then(|()| self.feed(packet));
        fed.or_else(|error| self.renew().and(Err(error)))
    }
}

fn fresh(config: &Config) -> Result<syom::Decoder> {
    syom::Decoder::from_asc(&config.bytes, DecodeOptions::unbounded()).map_err(|error| {
        log::debug!("AAC: {error}");
        Error::Unsupported("aac: a kind that no decoder here knows")
    })
}

/// Takes over what was decoded.
fn copy(frame: &syom::Frame<'_>, sound: &mut AudioBuffer<f32>) {
    let spec = AudioSpec::new(frame.sample_rate, channels(frame));
    if *sound.spec() != spec || sound.capacity() < frame.samples {
        *sound = AudioBuffer::new(spec, frame.samples);
    }
    sound.clear();
    sound.render_uninit(Some(frame.samples));
    for (to, from) in sound.iter_planes_mut().zip(frame.planar) {
        to.copy_from_slice(from);
    }
}

/// Where its channels stand: those of the standard's layouts come in the order of their positions.
fn channels(frame: &syom::Frame<'_>) -> Channels {
    let position = |channel| match channel {
        Channel::FrontLeft => Position::FRONT_LEFT,
        Channel::FrontRight => Position::FRONT_RIGHT,
        Channel::FrontCenter => Position::FRONT_CENTER,
        Channel::Lfe => Position::LFE1,
        Channel::BackLeft => Position::REAR_LEFT,
        Channel::BackRight => Position::REAR_RIGHT,
        Channel::BackCenter => Position::REAR_CENTER,
        Channel::SideLeft => Position::SIDE_LEFT,
        Channel::SideRight => Position::SIDE_RIGHT,
        _ => Position::empty(),
    };
    let n = frame.planar.len();
    match n {
        1 => return layouts::CHANNEL_LAYOUT_MONO,
        2 => return layouts::CHANNEL_LAYOUT_STEREO,
        _ => {}
    }
    let positions = frame.meta.labels().fold(Position::empty(), |all, label| all | position(label));
    if matches!(frame.meta.layout, Layout::Mpeg(_)) && positions.bits().count_ones() as usize == n {
        Channels::Positioned(positions)
    } else {
        Channels::Discrete(n as u16)
    }
}

impl AudioDecoder for Decoder {
    fn reset(&mut self) {
        if self.renew().is_err() {
            log::debug!("AAC: the same header was refused");
        }
    }

    fn codec_info(&self) -> &CodecInfo {
        if self.config.wide.is_some() { &HE_INFO } else { &PLAIN_INFO }
    }

    fn codec_params(&self) -> &AudioCodecParameters {
        &self.params
    }

    fn decode_ref(&mut self, packet: &PacketRef<'_>) -> Result<GenericAudioBufferRef<'_>> {
        match self.decode_packet(packet.data) {
            Ok(()) => Ok(self.sound.as_generic_audio_buffer_ref()),
            Err(error) => {
                self.sound.clear();
                Err(error)
            }
        }
    }

    fn finalize(&mut self) -> FinalizeResult {
        FinalizeResult::default()
    }

    fn last_decoded(&self) -> GenericAudioBufferRef<'_> {
        self.sound.as_generic_audio_buffer_ref()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The packets of an ADTS stream.
    fn packets(adts: &[u8]) -> Vec<&[u8]> {
        let mut rest = adts;
        let mut packets = Vec::new();
        while let [_, _, _, a, b, c, ..] = *rest {
            let len = usize::from(a & 3) << 11 | usize::from(b) << 3 | usize::from(c) >> 5;
            let (packet, next) = rest.split_at(len);
            packets.push(&packet[7..]);
            rest = next;
        }
        packets
    }

    fn he_aac() -> (Vec<u8>, Decoder) {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../tests/data/audio/he-aac.aac");
        let config = Config::read(&[0x13, 0x88]).unwrap().with_bands();
        let decoder = Decoder::new(&AudioCodecParameters::new(), config).unwrap();
        (std::fs::read(path).unwrap(), decoder)
    }

    /// What its bands are is written in every tenth packet or so; once one was heard, all others
    /// can be decoded after a jump or behind damage.
    #[test]
    fn any_packet_follows_a_jump_or_damage() {
        let (bytes, mut decoder) = he_aac();
        let packets = packets(&bytes);
        let (_, fresh) = he_aac();
        let n_alone =
            packets.iter().filter(|packet| fresh.config.tells_bands(packet) == Some(true)).count();
        assert!((1..packets.len() / 2).contains(&n_alone), "{n_alone} of {}", packets.len());
        assert!(hides_bands(
            AudioCodecParameters::new().with_extra_data([0x13, 0x88].into()),
            packets[1..].iter().map(|&packet| packet.into()),
        ));
        for &packet in &packets {
            decoder.decode_packet(packet).unwrap();
            assert_eq!((decoder.sound.frames(), decoder.sound.spec().rate()), (2048, 44_100));
        }
        for (i, &packet) in packets.iter().enumerate() {
            decoder.reset();
            decoder.decode_packet(packet).unwrap_or_else(|e| panic!("{i}: {e}"));
            // Damage takes the packet that has it and no other.
            decoder.decode_packet(&packet[..packet.len() / 3]).unwrap_err();
            decoder.decode_packet(packet).unwrap_or_else(|e| panic!("{i}: {e}"));
            decoder.decode_packet(&[]).unwrap_err();
        }
        assert_eq!(decoder.sound.frames(), 2048);
    }

    #[test]
    fn headers() {
        for (bytes, want) in [
            // Object, rate, layout, rate of the replicated bands.
            (&[0x12, 0x10][..], Some((2, 44_100, 2, None))),
            (&[0x13, 0x90], Some((2, 22_050, 2, None))),
            (&[0x2b, 0x92, 0x08, 0x00], Some((2, 22_050, 2, Some(44_100)))),
            (&[0xeb, 0x8a, 0x08, 0x00], Some((2, 22_050, 1, Some(44_100)))),
            (&[0x2a, 0x0a, 0x08, 0x00], Some((2, 44_100, 1, Some(44_100)))),
            (&[0x13, 0x90, 0x56, 0xe5, 0xa0], Some((2, 22_050, 2, Some(44_100)))),
            (&[0x13, 0x88, 0x56, 0xe5, 0xa5, 0x48, 0x80], Some((2, 22_050, 1, Some(44_100)))),
            // The mark, and that there are none.
            (&[0x11, 0x90, 0x56, 0xe5, 0x00], Some((2, 48_000, 2, None))),
            (&[0xf9, 0x46, 0x42], Some((42, 48_000, 2, None))),
            (&[0x17, 0x80, 0x56, 0x22, 0x10], Some((2, 44_100, 2, None))),
            (&[0x13], None),
            (&[0x16, 0x90], None),
            (&[], None),
        ] {
            let read = Config::read(bytes);
            let got = read.map(|config| (config.object, config.rate, config.layout, config.wide));
            assert_eq!(got, want, "{bytes:02x?}");
        }
        let plain = Config::read(&[0x13, 0x90]).unwrap();
        assert_eq!(plain.clone().with_bands().bytes, [0x2b, 0x92, 0x08, 0x00]);
        assert_eq!(Config::read(&[0x12, 0x10]).unwrap().with_bands().wide, Some(88_200));
        for none in [&[0x10, 0x10][..], &[0x17, 0x80, 0x56, 0x22, 0x10]] {
            assert_eq!(Config::read(none).unwrap().with_bands().wide, None, "{none:02x?}");
        }
        assert_eq!(plain.plain(), plain.bytes);
    }
}
