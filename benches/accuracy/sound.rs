//! Where somebody speaks in the demo episodes.

use aloud::speech::{Frame, Scorer};
use std::path::Path;

/// The frames of a file in `audio/`.
pub fn frames(name: &str) -> Vec<Frame> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("audio").join(name);
    let mut decoder =
        aloud::decode::open(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    let (mut scorer, mut frames) = (Scorer::new(), Vec::new());
    while let Some(block) =
        decoder.next_block().unwrap_or_else(|error| panic!("{}: {error}", path.display()))
    {
        scorer.push(block, &mut frames);
    }
    scorer.finish(&mut frames);
    frames
}
