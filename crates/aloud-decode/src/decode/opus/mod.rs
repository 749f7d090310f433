//! Opus, where it was built in: two files with the same functions, of which the feature `opus`
//! picks one. Nothing else depends on that feature.

#[cfg(not(feature = "opus"))]
mod absent;
#[cfg(feature = "opus")]
mod libopus;

#[cfg(not(feature = "opus"))]
pub(super) use absent::decoder;
#[cfg(feature = "opus")]
pub(super) use libopus::decoder;
