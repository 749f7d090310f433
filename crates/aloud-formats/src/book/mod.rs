//! A book that reads itself aloud: EPUB 3 with Media Overlays, written from an EPUB and what was
//! tied to it, and read.
//!
//! [`write()`] gives a book back as it is, but for names around what is read, an overlay for each
//! page with the times, and the sound; [`read`] is what such a book says itself, and [`of_daisy`]
//! makes one of a DAISY book. This room never knows how times were found, and opens no files.

mod clips;
mod daisy;
mod nav;
mod once;
mod package;
mod page;
mod read;
mod smil;
mod upgrade;
mod wrap;
mod write;
mod xml;

#[cfg(test)]
mod daisy_tests;
#[cfg(test)]
mod tests;

use crate::reason::Hinted;

pub use daisy::{MOST_TEXT, daisy_entries, is_daisy_package, of_daisy, of_daisy_zip};
pub use read::{Spoken, Stretch, read, sound};
pub use write::{Fragments, Options, Sound, SoundPlace, Written, write};

/// Why there is no such book.
#[derive(Debug, thiserror::Error)]
pub enum BookError {
    /// What should be a book is none, or is damaged.
    #[error("the book cannot be used: {0}")]
    Broken(String),
    /// It is encrypted, as libraries for the blind protect their books.
    #[error(
        "the book is protected (PDTB): its text and its sound are encrypted for players of one library"
    )]
    Locked,
    /// The text that was tied is not the book's.
    #[error("the text is not the book's")]
    OtherText,
    /// Nothing of the book has a time.
    #[error("nothing of the book is read in the recording")]
    Nothing,
    /// Words have no times.
    #[error("only sentences have times here, so that there is no overlay word by word")]
    NoWords,
    /// The new book cannot be written.
    #[error("cannot write the book: {0}")]
    Write(String),
}

impl Hinted for BookError {
    fn hint(&self) -> Option<String> {
        match self {
            Self::Locked => Some("ask the library for one that is not".into()),
            Self::NoWords => Some("leave `--fragments` out".into()),
            Self::Broken(_) | Self::OtherText | Self::Nothing | Self::Write(_) => None,
        }
    }
}
