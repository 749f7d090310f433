//! (being written)

pub mod cache;
