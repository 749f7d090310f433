//! How right and how exact the demo episodes come out, against their exact truth.

mod across;
mod column;
mod estimate;
mod sound;

fn main() {
    across::report();
    estimate::report();
}
