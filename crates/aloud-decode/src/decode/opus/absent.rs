//! Opus in a build without it.

use symphonia::core::codecs::audio::{AudioCodecParameters, AudioDecoder};
use symphonia::core::errors::Result;

/// A decoder, or `None` in a build without Opus.
pub(in crate::decode) fn decoder(
    _: &AudioCodecParameters,
) -> Option<Result<Box<dyn AudioDecoder>>> {
    None
}
