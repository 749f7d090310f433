//! How right and how exact the demo episodes come out, against their exact truth. One module a
//! section; names after `--` choose among them (`cargo bench --bench accuracy -- synth`). Fails
//! where a figure misses its aim; times and memory are shown and have none, since machines differ.

#![allow(
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "figures are what a bench is for, and nobody waits for it in vain"
)]

mod across;
mod aims;
mod align;
mod column;
mod damage;
mod estimate;
mod people;
mod phrases;
mod search;
mod sound;
mod synth;
mod transcribe;
mod truth;

use aims::Aims;
use std::process::ExitCode;

/// Prints figures, and holds them against their aims.
type Report = fn(&mut Aims);

/// Sections by the names they are asked for; all of them where none is named.
const SECTIONS: [(&str, Report); 7] = [
    ("transcribe", transcribe::report),
    ("align", align::report),
    ("across", across::report),
    ("estimate", estimate::report),
    ("synth", synth::report),
    ("people", people::report),
    ("search", search::report),
];

fn main() -> ExitCode {
    // Cargo itself passes options.
    let named: Vec<String> =
        std::env::args().skip(1).filter(|argument| !argument.starts_with('-')).collect();
    let mut aims = Aims::default();
    for (name, report) in SECTIONS {
        if named.is_empty() || named.iter().any(|wanted| wanted == name) {
            report(&mut aims);
        }
    }
    aims.finish()
}
