//! What makes two jobs the same job.
//!
//! A key names a stage, a recording, and everything else that the result depends on (model,
//! settings). Equal keys have equal results; keys that differ in anything have different hashes.
//! This room's part never knows what the stages do or what they keep.

use crate::episode::EpisodeId;
use std::collections::BTreeMap;

/// Names a result by everything it was made from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Key {
    pub(super) stage: String,
    pub(super) episode: EpisodeId,
    pub(super) parts: BTreeMap<String, String>,
}

impl Key {
    /// The key of what `stage` makes of `episode`, so far with no model and no settings.
    pub fn new(stage: &str, episode: EpisodeId) -> Self {
        Self { stage: stage.to_owned(), episode, parts: BTreeMap::new() }
    }

    /// This key for results that also depend on `value`. The order of calls does not matter; a name
    /// that is given twice has its last value.
    #[must_use]
    pub fn with(mut self, name: &str, value: &(impl ToString + ?Sized)) -> Self {
        self.parts.insert(name.to_owned(), value.to_string());
        self
    }

    /// The recording it is about.
    pub fn episode(&self) -> EpisodeId {
        self.episode
    }

    /// What was made.
    pub fn stage(&self) -> &str {
        &self.stage
    }

    /// What it was made from besides the recording, by name.
    pub fn parts(&self) -> impl Iterator<Item = (&str, &str)> {
        self.parts.iter().map(|(name, value)| (name.as_str(), value.as_str()))
    }

    /// The BLAKE3 hash of the whole key.
    pub fn hash(&self) -> [u8; 32] {
        *blake3::hash(&self.canonical()).as_bytes()
    }

    /// The name its files begin with: the recording's hash, so that a folder can be read without
    /// opening files, and enough of the key's own.
    pub(super) fn stem(&self) -> String {
        let own = blake3::Hash::from_bytes(self.hash()).to_hex();
        format!("{}-{}", self.episode, &own[..32])
    }

    /// Every text goes with its length, so no two keys are spelled alike. The leading name makes
    /// the keys of another format of records differ too: two versions of the program share a folder
    /// without setting each other's records aside.
    fn canonical(&self) -> Vec<u8> {
        let mut spelled = b"aloud-key/1\n".to_vec();
        spelled.extend(self.episode.0);
        let parts = self.parts.iter().flat_map(|(name, value)| [name, value]);
        for text in std::iter::once(&self.stage).chain(parts) {
            spelled.extend((text.len() as u64).to_le_bytes());
            spelled.extend(text.as_bytes());
        }
        spelled
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// A key from few letters, so that two of them often nearly collide.
    fn any_key() -> impl Strategy<Value = Key> {
        let parts = proptest::collection::btree_map("[ab\\x00]{0,2}", "[ab\\x00]{0,3}", 0..3);
        ("[ab]{0,2}", 0u8..2, parts).prop_map(|(stage, byte, parts)| Key {
            stage,
            episode: EpisodeId([byte; 32]),
            parts,
        })
    }

    proptest! {
        #[test]
        fn no_two_keys_are_spelled_alike(a in any_key(), b in any_key()) {
            prop_assert_eq!(a == b, a.canonical() == b.canonical());
            prop_assert_eq!(a == b, a.stem() == b.stem());
        }
    }

    #[test]
    fn order_does_not_matter() {
        let key = || Key::new("transcript", EpisodeId([7; 32]));
        assert_eq!(
            key().with("model", "x").with("beam", &5).hash(),
            key().with("beam", &4).with("model", "x").with("beam", &5).hash()
        );
        for other in [
            key(),
            key().with("model", "x5"),
            key().with("beam", &5).with("modelx", ""),
            key().with("", "model"),
        ] {
            assert_ne!(other.hash(), key().with("model", "x").with("beam", &5).hash());
        }
    }
}
