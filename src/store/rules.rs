//! How a store of two folders treats what the stages make: who knows the stages says so.

/// Makes one payload of a stage's older and newer one, so that nothing of either is lost; `None`
/// where the newer is enough.
pub type Join = fn(stage: &str, older: &[u8], newer: &[u8]) -> Option<Vec<u8>>;

/// How a store of two folders treats what the stages make; who knows the stages says so.
#[derive(Clone, Copy, Debug)]
pub struct Rules {
    /// Whether what a stage makes can be made again in a moment: then it lies in the cache.
    pub is_passing: fn(&str) -> bool,
    /// What becomes of two payloads under one key.
    pub join: Join,
}
