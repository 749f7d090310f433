//! The alignment as a whole.
