//! How right and how exact the demo episodes come out, against their exact truth. One module a section; names after `--`
//! choose among them (`cargo bench --bench accuracy -- synth`).

#![allow(clippy::print_stdout, clippy::unwrap_used, reason = "figures are what a bench is for, and nobody waits for it in vain")]

mod across;
mod align;
mod column;
mod damage;
mod estimate;
mod phrases;
mod search;
mod sound;
mod synth;
mod transcribe;
mod truth;

/// Sections by the names they are asked for; all of them where none is named.
const SECTIONS: [(&str, fn()); 6] = [
    ("transcribe", transcribe::report),
    ("align", align::print),
    ("across", across::report),
    ("estimate", estimate::report),
    ("synth", synth::report),
    ("search", search::report),
];

fn main() {
    // Cargo itself passes options.
    let named: Vec<String> = std::env::args().skip(1).filter(|argument| !argument.starts_with('-')).collect();
    for (name, report) in SECTIONS {
        if named.is_empty() || named.iter().any(|wanted| wanted == name) {
            report();
        }
    }
}
