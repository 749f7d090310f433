//! (being written)
mod discern;
mod floor;
mod score;
mod spectrum;
pub use score::{Frame, Scorer};
