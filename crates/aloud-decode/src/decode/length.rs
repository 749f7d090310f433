//! How long a recording is, as far as that is known before it was read.

use crate::time::Timestamp;

/// How long a recording is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Length {
    /// Where it ends.
    pub at: Timestamp,
    /// Whether that was only worked out from the file's size and a few packets.
    pub is_estimate: bool,
}
