//! How right and how exact the demo episodes come out, against their exact truth. One module a section.

mod align;
mod damage;
mod truth;

fn main() {
    align::print();
}
