//! Where in everything that was ever heard is this phrase? An index over all transcripts and tied
//! articles.
//!
//! The only room that names tantivy. The index lies beside the store and is made from it alone: it
//! may be lost or damaged at any time, and is then made again. What it says is never believed: it
//! names pages where a phrase may be, and [`search`](crate::search) reads them. Episodes that it
//! does not know yet are read whole instead, so that nothing is missed while another process
//! writes, on a full disk, or in a folder that cannot be written.

pub mod dialect;
mod engine;
mod fingerprint;
mod library;
mod opensearch;
mod page;
mod pages;
mod place;
mod quickwit;
mod source;
pub mod terms;
#[cfg(test)]
mod tests;
pub mod wire;

pub use library::{Answer, Event, Found, Library, Request, read_pages, refresh};
pub use page::Page;
pub use pages::{Likely, Scope};
pub use place::Place;
pub use source::{Card, Layer, Source, are_kept, keep};
