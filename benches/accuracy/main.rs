//! How right and how exact the demo episodes come out, against their exact truth. One module a section.

#![allow(clippy::print_stdout, reason = "figures are what a bench is for")]

mod align;
mod damage;
mod truth;

fn main() {
    align::print();
}
