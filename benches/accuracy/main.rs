//! How right and how exact the demo episodes come out, against their exact truth. One module a section.

#![allow(clippy::print_stdout, clippy::unwrap_used, reason = "figures are what a bench is for, and nobody waits for it in vain")]

mod across;
mod align;
mod column;
mod damage;
mod estimate;
mod phrases;
mod search;
mod sound;
mod transcribe;
mod truth;

fn main() {
    transcribe::report();
    align::print();
    across::report();
    estimate::report();
    search::report();
}
