//! Here is a file; give me its sound.
//!
//! [`Source`] gives the frames of a recording at its own rate, [`Decoder`] the same as one channel
//! at 16 kHz for the recogniser. Both stream: a recording of ten hours takes as much memory as one
//! of a minute. Both jump to the exact sample, and both use whatever of a damaged file can be used
//! and say what was lost. A recording may lie in several files, one after the other, that a
//! playlist names. The only room that names Symphonia; no recording makes it panic, wait or print.

mod aac;
mod choice;
mod clean;
mod codec;
mod cut;
mod decoder;
mod demux;
mod error;
mod frames;
mod guard;
mod index;
mod inspect;
mod joint;
mod known;
mod length;
mod list;
mod media;
mod mp4;
mod mpeg;
mod opus;
mod rerate;
mod single;
mod source;
mod stream;
mod tags;

pub use choice::{Choice, Side, SoundTrack};
pub use clean::clean;
pub use decoder::{Decoder, open};
pub use error::{Convert, DecodeError, Loss, LossKind, Name, describe};
pub use frames::Frames;
pub use guard::{guarded, is_guarded};
pub use index::SeekIndex;
pub use length::Length;
pub use list::{episode_id, is_list};
pub use source::{Part, Source};
