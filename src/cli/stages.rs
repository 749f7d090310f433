//! What the results of each stage are worth: who may forget them, and where they lie.

use super::listened::{self, LISTENED};
use crate::feeds::FEED;
use crate::store::Rules;

/// The stage of where packets lie in a recording.
pub const SEEK_INDEX: &str = "seek-index";
/// The stage of what was recognised.
pub const TRANSCRIPT: &str = "transcript";

/// What it would cost to lose a result.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Worth {
    /// A moment: it lies in the cache.
    Passing,
    /// Time of this machine, up to hours, or a file that may be gone.
    Long,
    /// What nothing can make again.
    Own,
}

/// What a result of `stage` is worth; one that is not known is taken for dear.
pub fn worth(stage: &str) -> Worth {
    match stage {
        LISTENED | FEED => Worth::Own,
        SEEK_INDEX => Worth::Passing,
        _ => Worth::Long,
    }
}

/// How the user's store treats what the stages make.
pub const RULES: Rules = Rules {
    is_passing: |stage| worth(stage) == Worth::Passing,
    join: |stage, older, newer| if stage == LISTENED { listened::join(older, newer) } else { None },
};
