//! Make it sound: which sound cards are there.
//!
//! The only room that names cpal. It never knows what is being said.

#[cfg(feature = "playback")]
mod cards;
#[cfg(feature = "playback")]
pub use cards::cards;

#[cfg(not(feature = "playback"))]
mod absent;
#[cfg(not(feature = "playback"))]
pub use absent::cards;

/// A device that can play.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Card {
    /// Its name, as `--device` takes it.
    pub name: String,
    /// Its usual form: sample rate in Hz and number of channels; `None` for one that does not open.
    pub form: Option<(u32, u16)>,
    /// Whether sound goes there when nobody says otherwise.
    pub is_default: bool,
}

mod pauses;
mod stretch;
