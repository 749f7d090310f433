//! A question on the terminal, before something goes that is missed.

use super::report::Clean;
use super::threads::{Gone, waited};
use crate::tui;
use std::io::{self, IsTerminal, Write};

/// What came of a question.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Answer {
    /// Go on.
    Yes,
    /// Leave it.
    No,
    /// Ctrl-C instead of an answer.
    Cancelled,
    /// Nobody is there to be asked.
    Nobody,
}

/// Asks `question` where somebody is at the terminal. An empty line means `usual`; anything else
/// but yes is no, as is the end of input.
///
/// # Errors
/// Those of the terminal, and where no thread can be started.
pub fn ask(question: &str, usual: Answer, is_cancelled: &dyn Fn() -> bool) -> io::Result<Answer> {
    let (stdin, mut stderr) = (io::stdin(), io::stderr());
    // Once a screen was up its reader has the keys.
    if !stdin.is_terminal() || !stderr.is_terminal() || tui::has_keys() {
        return Ok(Answer::Nobody);
    }
    let choice = if usual == Answer::Yes { "[Y/n]" } else { "[y/N]" };
    write!(Clean::new(&mut stderr), "{question} {choice} ")?;
    stderr.flush()?;
    // Reading cannot be ended by Ctrl-C, which is only noted; the thread ends with the process.
    let read = move || {
        let mut line = String::new();
        stdin.read_line(&mut line).map(|_| line)
    };
    match waited("answer", read, is_cancelled) {
        Ok(line) => Ok(answer(&line?, usual)),
        Err(Gone::Broken) => Ok(Answer::No),
        Err(Gone::NoThread(error)) => Err(error),
        Err(Gone::Cancelled) => {
            writeln!(stderr)?;
            Ok(Answer::Cancelled)
        }
    }
}

fn answer(line: &str, usual: Answer) -> Answer {
    match line.trim().to_lowercase().as_str() {
        "y" | "yes" => Answer::Yes,
        "" if !line.is_empty() => usual,
        _ => Answer::No,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_yes_is_yes() {
        for usual in [Answer::Yes, Answer::No] {
            assert!(
                ["y\n", "Yes\r\n", " YES "]
                    .into_iter()
                    .all(|line| answer(line, usual) == Answer::Yes)
            );
            assert!(
                ["", "n\n", "yep\n", "yes, but\n"]
                    .into_iter()
                    .all(|line| answer(line, usual) == Answer::No)
            );
            assert_eq!(answer("\n", usual), usual);
        }
    }
}
