//! What the figures must reach. A bench that misses an aim names it and fails.

#![allow(clippy::print_stdout, reason = "this is what it is for")]

use std::process::ExitCode;

/// Aims that were asked for so far.
#[derive(Default)]
pub struct Aims {
    n: usize,
    missed: Vec<String>,
}

impl Aims {
    pub fn at_least(&mut self, what: &str, figure: f64, aim: f64) {
        self.holds(&format!("{what}: {figure:.2}, at least {aim}"), figure >= aim);
    }

    pub fn at_most(&mut self, what: &str, figure: f64, aim: f64) {
        self.holds(&format!("{what}: {figure:.2}, at most {aim}"), figure <= aim);
    }

    pub fn holds(&mut self, what: &str, is_met: bool) {
        self.n += 1;
        if !is_met {
            self.missed.push(what.to_owned());
        }
    }

    /// Says what was missed.
    pub fn finish(self) -> ExitCode {
        println!("\n{} of {} aims met", self.n - self.missed.len(), self.n);
        self.missed.iter().for_each(|what| println!("  MISSED {what}"));
        if self.missed.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
    }
}
