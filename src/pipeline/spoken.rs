//! The language of a recording as its journal keeps it: with the evidence, so that a run that was
//! killed weighs a window's own language against the same.

use crate::transcribe::hallucination::Known;
use serde::{Deserialize, Serialize};

/// Which language is spoken, and how that is known.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Spoken {
    /// Whisper's code.
    pub(super) code: String,
    pub(super) known: Known,
}

#[derive(Serialize, Deserialize)]
struct Entry {
    language: String,
    /// The share of the windows' votes, 0 to 1.
    share: f32,
}

impl Spoken {
    /// As bytes for the journal.
    pub(super) fn to_bytes(&self) -> Vec<u8> {
        let share = if let Known::Heard(share) = self.known { share } else { 1.0 };
        // Texts and finite numbers always have a JSON form.
        serde_json::to_vec(&Entry { language: self.code.clone(), share }).unwrap_or_default()
    }

    /// What several windows agreed on in an earlier run; `None` where `bytes` are damaged.
    pub(super) fn read(bytes: &[u8]) -> Option<Self> {
        let Entry { language, share } = serde_json::from_slice(bytes).ok()?;
        Some(Self { code: language, known: Known::Heard(share) })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_written_is_read_back_to_the_bit() {
        for share in [0.0, 0.1 + 0.2, 0.999_999_94, 1.0 / 3.0] {
            let spoken = Spoken { code: "yue".into(), known: Known::Heard(share) };
            assert_eq!(Spoken::read(&spoken.to_bytes()), Some(spoken));
        }
        assert_eq!(Spoken::read(b"{}"), None);
    }
}
