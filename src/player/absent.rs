//! The sound of a build without any.

use super::Card;

/// None.
///
/// # Errors
/// Always: this build has no sound.
pub fn cards() -> Result<Vec<Card>, String> {
    Err("this build of aloud has no sound: build it with `--features playback`".to_owned())
}
