//! Here is sound; what was said?
//!
//! The recogniser runs in a child process of the same executable, because whisper.cpp can end the
//! process it lives in (assertions, C++ exceptions, GPU drivers) and cannot be interrupted safely.
//! `protocol` is what both sides say to each other, `child` is the far side, `supervise` the near
//! one; `whisper` is the only file that names whisper-rs. What comes back are tokens: `words` makes
//! timed words of them, `hallucination` throws out what nobody said, and `language` settles which
//! language it is.
//!
//! This room never knows files of sound, articles or the store.

pub mod child;
pub mod hallucination;
pub mod language;
pub mod protocol;
pub mod supervise;
pub mod words;

#[cfg(feature = "whisper")]
mod whisper;
#[cfg(feature = "whisper")]
pub use whisper::{
    WhisperEngine as DefaultEngine, check_processor, has_gpu, is_quick_rounded, version,
};

#[cfg(not(feature = "whisper"))]
mod absent;
#[cfg(not(feature = "whisper"))]
pub use absent::{
    AbsentEngine as DefaultEngine, check_processor, has_gpu, is_quick_rounded, version,
};

use crate::reason::Reason;
use protocol::{Hearing, How, Load};

/// A loaded model that any number of threads listen with.
pub trait Engine: Send + Sync + Sized + 'static {
    /// Loads what `load` names.
    ///
    /// # Errors
    /// A sentence for the user: what could not be loaded, and why.
    fn load(load: &Load) -> Result<Self, Reason>;

    /// One thread's own working memory over the shared model.
    ///
    /// # Errors
    /// A sentence that says why there is none, for example too little memory.
    fn state(&self) -> Result<Box<dyn DecoderState>, String>;
}

/// What one thread recognises with.
pub trait DecoderState: Send {
    /// The words in `samples` (16 kHz mono, at most a window long), and which language it sounds
    /// like.
    ///
    /// # Errors
    /// The engine's own reason.
    fn recognise(&mut self, samples: &[f32], how: &How) -> Result<Hearing, String>;

    /// The probability of speech for each [`protocol::SPEECH_HOP`] samples of `samples`.
    ///
    /// # Errors
    /// That no speech detector was loaded, or the engine's own reason.
    fn speech(&mut self, samples: &[f32]) -> Result<Vec<f32>, String>;
}
