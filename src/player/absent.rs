//! The sound of a build without any.

use super::Card;
use super::callback::Outlet;
use super::clock::{Clock, Trouble};

const WHY: &str = "this build of aloud has no sound: build it with `--features playback`";

/// None.
///
/// # Errors
/// Always: this build has no sound.
pub fn cards() -> Result<Vec<Card>, String> {
    Err(WHY.to_owned())
}

/// A stream that never is.
pub(super) struct Opened {
    pub(super) name: String,
}

impl Opened {
    pub(super) fn start(&self) -> Result<(), String> {
        Err(WHY.to_owned())
    }
}

/// # Errors
/// Always: this build has no sound.
pub(super) fn open<T: Trouble>(
    _: Option<&str>,
    _: Clock,
    _: &T,
    _: impl FnMut(u32) -> Result<Outlet, String>,
) -> Result<Opened, String> {
    Err(WHY.to_owned())
}
