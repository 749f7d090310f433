//! Everything that is checked from outside, in one binary.
