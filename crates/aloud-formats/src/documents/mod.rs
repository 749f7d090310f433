//! What does a document say? Bytes of any text format and encoding to an article.
//!
//! [`read`] finds the format; one file for each ends in a draft of cleaned blocks, of which
//! `article` makes sentences and words. This room never opens a file or an address, and never knows
//! what was said.

mod captions;
mod encoding;
mod epub;
mod html;
mod limits;
mod markdown;
mod read;
#[cfg(test)]
mod tests;

pub use encoding::Doubt;
pub(crate) use encoding::decoded;
pub(crate) use epub::BookPage;
pub(crate) use html::SILENT;
pub(crate) use limits::{check_book, check_xml};
pub use read::{ArticleError, Document, Hint, chapters, doubt, is_book, read, read_both};
pub(crate) use read::{book_pages, text};
