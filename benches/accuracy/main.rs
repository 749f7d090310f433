//! How right and how exact the demo episodes come out, against their exact truth.

mod across;
mod column;

fn main() {
    across::report();
}
