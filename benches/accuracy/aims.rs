//! What the figures must reach. A bench that misses an aim names it and fails.

#![allow(clippy::print_stdout, reason = "this is what it is for")]

use std::fmt::Write as _;
use std::process::ExitCode;

/// A file that takes every figure with its aim, for `scripts/sensitivity.py`.
const FIGURES: &str = "ACCURACY_FIGURES";

/// Aims that were asked for so far.
#[derive(Default)]
pub struct Aims {
    n: usize,
    missed: Vec<String>,
    /// What, figure, aim, and whether it is met; parted by tabs.
    table: String,
}

impl Aims {
    pub fn at_least(&mut self, what: &str, figure: f64, aim: f64) {
        self.figure(what, figure, &format!("at least {aim}"), figure >= aim);
    }

    pub fn at_most(&mut self, what: &str, figure: f64, aim: f64) {
        self.figure(what, figure, &format!("at most {aim}"), figure <= aim);
    }

    fn figure(&mut self, what: &str, figure: f64, aim: &str, is_met: bool) {
        let _ = writeln!(self.table, "{what}\t{figure:.4}\t{aim}\t{is_met}");
        self.holds(&format!("{what}: {figure:.2}, {aim}"), is_met);
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
        if let Some(path) = std::env::var_os(FIGURES)
            && let Err(why) = std::fs::write(&path, &self.table)
        {
            println!("cannot write {}: {why}", path.display());
            return ExitCode::FAILURE;
        }
        if self.missed.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
    }
}
