//! Are these two words the same?
//!
//! The one room that decides it, for alignment and for search alike: case, marks, contractions, numbers
//! in digits and in words, traditional and simplified characters, and what merely sounds alike. It
//! never knows times, nor in which text a word stands.
