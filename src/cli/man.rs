//! `aloud man`: the manual pages, made from the arguments' own words.

use super::args::Args;
use super::exit::Exit;
use super::output;
use super::report::{Failure, Outcome};
use clap::CommandFactory;
use std::path::Path;

/// Prints the page of the program or of `command`, or writes all of them into `dir`.
pub fn run(command: Option<&str>, dir: Option<&Path>) -> Outcome {
    let mut program = Args::command().disable_help_subcommand(true);
    program.build();
    if let Some(dir) = dir {
        let failed = |e| {
            Failure::new(
                Exit::Failed,
                format!("cannot write manual pages into `{}`: {e}", dir.display()),
            )
        };
        std::fs::create_dir_all(dir)
            .and_then(|()| clap_mangen::generate_to(program, dir))
            .map_err(failed)?;
        return Ok(Exit::Done);
    }
    let page = match command {
        None => program,
        Some(name) => {
            let found = program
                .get_subcommands()
                .find(|one| one.get_name() == name && !one.is_hide_set())
                .cloned();
            let missing = || {
                Failure::new(Exit::Usage, format!("there is no command `{name}`"))
                    .hint("`aloud --help` lists them")
            };
            found.ok_or_else(missing)?
        }
    };
    let mut text = Vec::new();
    clap_mangen::Man::new(page).render(&mut text)?;
    output::to_stdout(&text)
}
