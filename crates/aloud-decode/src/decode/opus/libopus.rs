//! Opus through the bundled libopus.

use symphonia::core::codecs::audio::{AudioCodecParameters, AudioDecoder, AudioDecoderOptions};
use symphonia::core::codecs::registry::RegisterableAudioDecoder as _;
use symphonia::core::errors::Result;
use symphonia_adapter_libopus::OpusDecoder;

/// Where the number of samples to drop stands in the header `OpusHead` (RFC 7845, 5.1).
const PRE_SKIP: std::ops::Range<usize> = 10..12;

/// A decoder, or `None` in a build without Opus.
///
/// # Errors
/// When the stream's header asks for what libopus cannot do, as more than two channels.
pub(in crate::decode) fn decoder(
    params: &AudioCodecParameters,
) -> Option<Result<Box<dyn AudioDecoder>>> {
    let mut params = params.clone();
    // Dropping the first samples is the clock's business, which also knows of seeking; the adapter
    // would do it a second time. Streams without this header have none to drop.
    if let Some(pre_skip) = params.extra_data.as_mut().and_then(|head| head.get_mut(PRE_SKIP)) {
        pre_skip.fill(0);
    }
    Some(OpusDecoder::try_registry_new(&params, &AudioDecoderOptions::default()))
}
