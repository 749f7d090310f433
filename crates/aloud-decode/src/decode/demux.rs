//! The packets of one recording, whatever the container. The only place that calls a demuxer, and
//! every call is guarded.

use super::error::{Convert, DecodeError, Name};
use super::guard::guarded;
use super::media::Media;
use std::io;
use symphonia::core::errors::Error;
use symphonia::core::formats::probe::Hint;
use symphonia::core::formats::{FormatOptions, FormatReader, SeekMode, SeekTo};
use symphonia::core::io::{MediaSourceStream, MediaSourceStreamOptions};
use symphonia::core::meta::MetadataOptions;
use symphonia::core::packet::Packet;
use symphonia::core::units::Timestamp as Ticks;

/// What comes next.
pub(super) enum Next {
    Packet(Packet),
    /// Something that could not be followed; another try goes on behind it.
    Garbled,
    /// A new stream begins: tracks and decoders have to be looked at anew.
    NewStream,
    /// The proper end.
    End,
    /// The file ends, or cannot be followed any further.
    Cut,
}

/// A demuxer that cannot panic.
pub(super) struct Demux {
    /// `None` after a panic: what it left behind cannot be trusted.
    reader: Option<Box<dyn FormatReader>>,
}

impl Demux {
    /// Finds out what `media` is.
    ///
    /// # Errors
    /// When it is nothing that is known, or broken in its structure.
    pub(super) fn open(media: &Media, name: &Name) -> Result<Self, DecodeError> {
        let stream =
            MediaSourceStream::new(Box::new(media.clone()), MediaSourceStreamOptions::default());
        let opened = guarded(|| {
            let (format, tags) = (FormatOptions::default(), MetadataOptions::default());
            symphonia::default::get_probe().probe(&Hint::new(), stream, format, tags)
        });
        let reason = match opened {
            Some(Ok(reader)) => return Ok(Self { reader: Some(reader) }),
            Some(Err(error)) => error,
            None => Error::DecodeError("the decoder gave up on it"),
        };
        let (name, convert) = (name.clone(), Convert::of(name));
        Err(match reason {
            // The probe's own words for having found nothing; no type tells it.
            Error::Unsupported(text) if text.contains("no suitable format") => {
                DecodeError::NotARecording { name, convert }
            }
            Error::IoError(source) if source.kind() != io::ErrorKind::UnexpectedEof => {
                DecodeError::Open { name, source }
            }
            error => DecodeError::Damaged { name, reason: plain(&error), convert },
        })
    }

    /// The demuxer itself, unless it panicked before. For calls that only look.
    pub(super) fn reader(&mut self) -> Option<&mut (dyn FormatReader + 'static)> {
        self.reader.as_deref_mut()
    }

    /// # Errors
    /// When the disk or the network fails.
    pub(super) fn next(&mut self) -> io::Result<Next> {
        let Some(mut reader) = self.reader.take() else { return Ok(Next::Cut) };
        let Some(next) = guarded(|| reader.next_packet()) else { return Ok(Next::Cut) };
        self.reader = Some(reader);
        Ok(match next {
            Ok(Some(packet)) => Next::Packet(packet),
            Ok(None) => Next::End,
            Err(Error::ResetRequired) => Next::NewStream,
            Err(Error::IoError(error)) if error.kind() == io::ErrorKind::UnexpectedEof => Next::Cut,
            Err(Error::IoError(error)) => return Err(error),
            Err(error) => {
                log::debug!("between packets: {error}");
                Next::Garbled
            }
        })
    }

    /// Goes to a packet at or before `at`; `false` if that is not possible, and then the place is
    /// undefined.
    pub(super) fn seek(&mut self, track_id: u32, at: i64) -> bool {
        let Some(mut reader) = self.reader.take() else { return false };
        let to = SeekTo::Timestamp { ts: Ticks::new(at), track_id };
        let Some(sought) = guarded(|| reader.seek(SeekMode::Accurate, to)) else { return false };
        self.reader = Some(reader);
        match sought {
            Ok(_) => true,
            Err(error) => {
                log::debug!("seeking to {at}: {error}");
                false
            }
        }
    }
}

/// The demuxer's words without its prefixes.
fn plain(error: &Error) -> String {
    match error {
        Error::IoError(_) => "it ends too early".into(),
        Error::DecodeError(text) | Error::Unsupported(text) | Error::LimitError(text) => {
            (*text).into()
        }
        other => other.to_string(),
    }
}
