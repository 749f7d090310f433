//! The recogniser of a build that has none: it says so.

use super::protocol::{Hearing, How, Load};
use super::{DecoderState, Engine};
use crate::reason::Reason;

/// An engine that never loads.
pub struct AbsentEngine;

const WHY: &str = "this build of aloud has no recogniser";
const HINT: &str =
    "build it with `--features whisper`, or give a transcript with `--transcript FILE`";

/// What stands in place of whisper.cpp's version.
pub fn version() -> &'static str {
    "absent"
}

/// Whether this build can use a GPU.
pub fn has_gpu() -> bool {
    false
}

/// Whether this processor can run the recogniser: there is none that could ask too much.
///
/// # Errors
/// Never.
pub fn check_processor() -> Result<(), Reason> {
    Ok(())
}

/// Whether the processor is quicker with weights that are rounded to eight bits.
pub fn is_quick_rounded() -> bool {
    false
}

impl Engine for AbsentEngine {
    fn load(_: &Load) -> Result<Self, Reason> {
        Err(Reason::new(WHY).hint(HINT))
    }

    fn state(&self) -> Result<Box<dyn DecoderState>, String> {
        Ok(Box::new(Deaf))
    }
}

struct Deaf;

impl DecoderState for Deaf {
    fn recognise(&mut self, _: &[f32], _: &How) -> Result<Hearing, String> {
        Err(WHY.to_owned())
    }

    fn speech(&mut self, _: &[f32]) -> Result<Vec<f32>, String> {
        Err(WHY.to_owned())
    }
}
