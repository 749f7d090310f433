//! Kinds of sound, numbered: each sound of the text has one for each of its parts, and the first
//! ones are what is no sound.

/// Parts of a sound that are told apart: its beginning, middle and end.
pub(super) const PARTS: usize = 3;
/// The kind of a pause.
pub(super) const PAUSE: u16 = 0;

/// Which part of a sound the `at`th of its `n` pieces is in; a single piece is its middle.
pub(super) fn part(at: usize, n: usize) -> usize {
    match n {
        1 => 1,
        2 => 2 * at,
        _ => at * PARTS / n.max(1),
    }
}
