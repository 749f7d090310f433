//! Codecs: which decoder a track needs, what it is called where there is none, how far it has to
//! warm up after a jump, and how many samples its encoders put in front.

use super::error::{Convert, DecodeError, Name};
use super::{aac, mp4, opus};
use symphonia::core::codecs::CodecParameters;
use symphonia::core::codecs::audio::well_known::*;
use symphonia::core::codecs::audio::{
    AudioCodecId, AudioCodecParameters, AudioDecoder, AudioDecoderOptions, CODEC_ID_NULL_AUDIO,
};
use symphonia::core::formats::Track;

/// A decoder for one track.
pub(super) struct Codec {
    pub(super) decoder: Box<dyn AudioDecoder>,
    pub(super) name: &'static str,
    pub(super) params: AudioCodecParameters,
    /// The rate of HE-AAC before its bands are replicated: half of the one that is heard.
    core: Option<u32>,
}

impl Codec {
    /// The decoder for `track`, of which an MP4 header may say more. `has_bands` if its packets were
    /// seen to be of HE-AAC where its header says nothing of it.
    ///
    /// # Errors
    /// When there is none; the error names the codec.
    pub(super) fn new(
        track: &Track,
        header: Option<&mp4::Track>,
        has_bands: bool,
        name: &Name,
    ) -> Result<Self, DecodeError> {
        if let Some(hidden) = header.and_then(locked) {
            return Err(DecodeError::Protected { name: name.clone(), scheme: hidden });
        }
        let unknown = |codec: String| DecodeError::Codec {
            name: name.clone(),
            codec,
            convert: Convert::of(name),
        };
        let Some(CodecParameters::Audio(params)) = &track.codec_params else {
            return Err(unknown(header.map_or_else(
                || "of a kind unknown to it".into(),
                |track| name_of_code(track.code),
            )));
        };
        let refused = |error: &symphonia::core::errors::Error| {
            log::info!("no decoder for `{name}`: {error}");
            unknown(describe(params, header))
        };
        let made = match params.codec {
            CODEC_ID_OPUS => opus::decoder(params).ok_or_else(|| DecodeError::Feature {
                name: name.clone(),
                codec: "Opus",
                feature: "opus",
                convert: Convert::of(name),
            })?,
            CODEC_ID_AAC => {
                return match aac::decoder(params, has_bands) {
                    Ok((decoder, core)) => Ok(Self::of(decoder, params, core)),
                    Err(error) => Err(refused(&error)),
                };
            }
            _ => {
                // Trimming is the clock's business: it alone knows whether a header's promises are
                // kept.
                let options = AudioDecoderOptions::default().gapless(false);
                symphonia::default::get_codecs().make_audio_decoder(params, &options)
            }
        };
        Ok(Self::of(made.map_err(|error| refused(&error))?, params, None))
    }

    fn of(
        decoder: Box<dyn AudioDecoder>,
        params: &AudioCodecParameters,
        core: Option<u32>,
    ) -> Self {
        let name = decoder.codec_info().long_name;
        Self { decoder, name, params: params.clone(), core }
    }

    /// Whether its packets have to be looked at to know what it is.
    pub(super) fn may_hide_bands(&self) -> bool {
        self.id() == CODEC_ID_AAC && self.core.is_none() && aac::may_hide_bands(&self.params)
    }

    /// Whether HE-AAC is heard at twice the rate of its packets.
    pub(super) fn is_doubled(&self) -> bool {
        self.core.is_some()
    }

    /// Frames of a packet that does not tell it.
    pub(super) fn packet(&self) -> u64 {
        if self.is_doubled() { 2 * aac::PACKET } else { aac::PACKET }
    }

    pub(super) fn id(&self) -> AudioCodecId {
        self.params.codec
    }

    pub(super) fn is_vorbis(&self) -> bool {
        self.id() == CODEC_ID_VORBIS
    }

    /// Frames that have to be decoded and dropped before a place for the sound there to be right:
    /// the codec's overlap and, for MP3, the bits that a packet borrows from those before it
    /// (ISO/IEC 11172-3, 2.4.2.7: at most 511 bytes, which at the lowest bit rates is most of a
    /// second).
    pub(super) fn warm_up(&self, rate: u32) -> u64 {
        let rate = u64::from(rate);
        match self.id() {
            CODEC_ID_MP1 | CODEC_ID_MP2 | CODEC_ID_MP3 => rate,
            // Bands are told by their difference to the packet before, for half a second or so.
            CODEC_ID_AAC if self.is_doubled() => rate,
            CODEC_ID_AAC => 4 * 1024,
            CODEC_ID_VORBIS => 2 * 8192,
            // RFC 7845, 4.6 asks for 80 ms.
            CODEC_ID_OPUS => rate / 10,
            _ => 0,
        }
    }

    /// Frames in front of the sound where no header says how many. Transform codecs cannot do
    /// without: the first AAC packet only primes the overlap with the second; an MPEG audio stream
    /// is late by its filter bank, and in layer III by the 576 samples that the common encoders
    /// add.
    pub(super) fn priming(&self, is_mp4: bool) -> u64 {
        match self.id() {
            CODEC_ID_AAC if self.is_doubled() => self.packet() + aac::DELAY,
            CODEC_ID_AAC => self.packet(),
            CODEC_ID_MP1 | CODEC_ID_MP2 => 481,
            CODEC_ID_MP3 => 529 + 576,
            CODEC_ID_OPUS => {
                let field = self
                    .params
                    .extra_data
                    .as_ref()
                    .and_then(|head| head.get(10..)?.first_chunk().copied());
                // The same header, in the byte order of its container; it counts at 48 kHz,
                // whatever the rate.
                let skip = u64::from(
                    field.map_or(0, if is_mp4 { u16::from_be_bytes } else { u16::from_le_bytes }),
                );
                skip * u64::from(self.params.sample_rate.unwrap_or(48_000)) / 48_000
            }
            _ => 0,
        }
    }

    /// The number of frames of which every packet's start is a multiple, for codecs with packets of
    /// more than one length. Vorbis: a quarter of its shorter block (Vorbis I, 4.2.2 and 4.3.8).
    pub(super) fn grid(&self) -> Option<u64> {
        let exponents = self.params.extra_data.as_ref()?.get(28).filter(|_| self.is_vorbis())?;
        Some((1u64 << (exponents & 0x0f)) / 4)
    }
}

/// The scheme that locks a track, if one does.
fn locked(track: &mp4::Track) -> Option<String> {
    let is_locked = matches!(&track.code, b"drms" | b"enca" | b"drmi" | b"aavd");
    is_locked.then(|| match track.hidden {
        Some(code) => format!("{} over {}", text_of(track.code), text_of(code)),
        None => text_of(track.code),
    })
}

fn text_of(code: [u8; 4]) -> String {
    super::clean::clean(
        &code
            .map(|byte| if byte.is_ascii_graphic() { char::from(byte) } else { ' ' })
            .iter()
            .collect::<String>(),
    )
}

fn name_of_code(code: [u8; 4]) -> String {
    let name = match &code {
        b"ac-3" => "AC-3 (Dolby Digital)",
        b"ec-3" => "E-AC-3 (Dolby Digital Plus)",
        b"ac-4" => "AC-4",
        b"dtsc" | b"dtse" | b"dtsh" | b"dtsl" | b"dtsx" => "DTS",
        b"samr" => "AMR narrow band",
        b"sawb" => "AMR wide band",
        b"mha1" | b"mhm1" => "MPEG-H",
        b"QDM2" | b"QDMC" => "QDesign Music",
        b"ima4" => "IMA ADPCM",
        b"agsm" => "GSM",
        b"ulaw" | b"alaw" => "G.711",
        b"mlpa" => "TrueHD",
        [0, 0, 0, 0] => "of a kind unknown to it",
        _ => return format!("`{}`, of a kind unknown to it", text_of(code)),
    };
    name.into()
}

/// The name of a codec that has no decoder here, or not for this kind of it.
fn describe(params: &AudioCodecParameters, header: Option<&mp4::Track>) -> String {
    let n_channels = params.channels.as_ref().map_or(0, symphonia::core::audio::Channels::count);
    match params.codec {
        CODEC_ID_AAC => describe_aac(params.extra_data.as_deref(), n_channels),
        CODEC_ID_OPUS => format!("Opus with {n_channels} channels"),
        CODEC_ID_NULL_AUDIO => name_of_code(header.map_or([0; 4], |track| track.code)),
        id => NAMES
            .iter()
            .find(|(known, _)| *known == id)
            .map_or_else(|| format!("codec {id}"), |(_, name)| (*name).into()),
    }
}

/// The first bits of an AAC stream's header are its object type (ISO/IEC 14496-3, 1.6.2.1).
fn describe_aac(header: Option<&[u8]>, n_channels: usize) -> String {
    let object = match header {
        Some([a, b, ..]) if a >> 3 == 31 => 32 + ((a & 7) << 3 | b >> 5),
        Some([a, ..]) => a >> 3,
        _ => 0,
    };
    let name = match object {
        1 => "AAC Main",
        3 => "AAC SSR",
        4 => "AAC LTP",
        5 => "HE-AAC",
        6 | 20 => "AAC scalable",
        23 => "AAC-LD",
        29 => "HE-AAC v2",
        36 => "MPEG-4 ALS",
        39 => "AAC-ELD",
        42 => "xHE-AAC (USAC)",
        // A plain header can be followed by the mark of the band replication that makes it HE-AAC.
        2 if header.is_some_and(has_sbr_mark) => "HE-AAC",
        2 if n_channels > 2 => return format!("AAC with {n_channels} channels"),
        _ => "AAC of an unusual kind",
    };
    name.into()
}

/// Eleven bits, 0x2b7, at any place.
fn has_sbr_mark(header: &[u8]) -> bool {
    let bits = |at: usize| {
        (0..11).fold(0u16, |word, i| {
            word << 1 | u16::from(header[(at + i) / 8] >> (7 - (at + i) % 8) & 1)
        })
    };
    (0..(header.len() * 8).saturating_sub(10)).any(|at| bits(at) == 0x2b7)
}

const NAMES: &[(AudioCodecId, &str)] = &[
    (CODEC_ID_AC3, "AC-3 (Dolby Digital)"),
    (CODEC_ID_EAC3, "E-AC-3 (Dolby Digital Plus)"),
    (CODEC_ID_AC4, "AC-4"),
    (CODEC_ID_DCA, "DTS"),
    (CODEC_ID_TRUEHD, "TrueHD"),
    (CODEC_ID_WMA, "Windows Media Audio"),
    (CODEC_ID_SPEEX, "Speex"),
    (CODEC_ID_MUSEPACK, "Musepack"),
    (CODEC_ID_WAVPACK, "WavPack"),
    (CODEC_ID_MONKEYS_AUDIO, "Monkey's Audio"),
    (CODEC_ID_TTA, "True Audio"),
    (CODEC_ID_ATRAC1, "ATRAC"),
    (CODEC_ID_ATRAC3, "ATRAC3"),
    (CODEC_ID_ATRAC3PLUS, "ATRAC3plus"),
    (CODEC_ID_ATRAC9, "ATRAC9"),
    (CODEC_ID_RA10, "RealAudio 14.4"),
    (CODEC_ID_RA20, "RealAudio 28.8"),
    (CODEC_ID_SIPR, "RealAudio Sipro"),
    (CODEC_ID_COOK, "RealAudio Cook"),
    (CODEC_ID_RALF, "RealAudio Lossless"),
    (CODEC_ID_ADPCM_G722, "G.722"),
    (CODEC_ID_ADPCM_G726, "G.726"),
    (CODEC_ID_ADPCM_G726LE, "G.726"),
    (CODEC_ID_ADPCM_MS, "Microsoft ADPCM of an unusual kind"),
    (CODEC_ID_ADPCM_IMA_WAV, "IMA ADPCM of an unusual kind"),
    (CODEC_ID_ADPCM_IMA_QT, "IMA ADPCM of an unusual kind"),
    (CODEC_ID_VORBIS, "Vorbis of an unusual kind"),
    (CODEC_ID_FLAC, "FLAC of an unusual kind"),
    (CODEC_ID_ALAC, "ALAC of an unusual kind"),
    (CODEC_ID_MP1, "MPEG audio layer I of an unusual kind"),
    (CODEC_ID_MP2, "MPEG audio layer II of an unusual kind"),
    (CODEC_ID_MP3, "MP3 of an unusual kind"),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kinds_of_aac() {
        for (header, n_channels, want) in [
            (Some(&[0x2b, 0x92, 0x08, 0x00][..]), 2, "HE-AAC"),
            (Some(&[0xeb, 0x8a, 0x08, 0x00]), 1, "HE-AAC v2"),
            (Some(&[0xf9, 0x46]), 2, "xHE-AAC (USAC)"),
            (Some(&[0x13, 0x10, 0x56, 0xe5, 0x98]), 2, "HE-AAC"),
            (Some(&[0x11, 0xb0]), 6, "AAC with 6 channels"),
            (Some(&[0x09, 0x90]), 2, "AAC Main"),
            (None, 2, "AAC of an unusual kind"),
            (Some(&[]), 2, "AAC of an unusual kind"),
        ] {
            assert_eq!(describe_aac(header, n_channels), want, "{header:02x?}");
        }
    }
}
