//! Where is somebody speaking, and where may the sound be cut?
//!
//! [`Scorer`] turns sound into a [`Frame`] every 10 ms, [`Cutter`] turns frames into windows for
//! the recogniser and gaps that it never hears. [`own`] gives each recognised word its own sound,
//! [`trim`] takes silence off words, and [`snap`] moves their edges to where the sound begins and
//! ends. Pure streams of numbers: this room never knows files, models or words' texts.

mod cut;
mod edges;
mod floor;
mod music;
mod own;
mod pause;
mod score;
mod spectrum;

pub use cut::{Cutter, Piece, Settings, from_probabilities};
pub use edges::snap;
pub use own::{own, pauses, trim};
pub use pause::best_cut;
pub use score::{Frame, Scorer};
pub use spectrum::HOP;

#[cfg(test)]
mod signals;
#[cfg(test)]
mod tests;
