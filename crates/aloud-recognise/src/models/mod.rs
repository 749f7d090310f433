//! Which weights, where are they, and are they whole?
//!
//! [`catalogue`] knows the models that exist; [`place`] finds one on this machine; [`header`]
//! refuses a file that would crash whisper.cpp; [`verify`] compares checksums; [`download`]
//! fetches;
//! [`micro`] unpacks the small model that this program carries. This room never knows what a model
//! is used for, and never loads one.

pub mod catalogue;
pub mod download;
mod error;
pub mod header;
pub mod micro;
pub mod place;
#[cfg(any(test, feature = "testing"))]
#[allow(clippy::unwrap_used, clippy::print_stdout, reason = "only tests use it")]
pub mod sample;
pub mod tensors;
pub mod verify;

pub use crate::web::download::megabytes;
pub use catalogue::{AlignmentHeads, Entry, Languages};
pub use error::{Fault, ModelError};
pub use header::ModelInfo;
pub use place::{Located, Places, locate};
