//! How the program ends: its exit codes, which scripts rely on.

use std::process::ExitCode;

/// Why the program ended. The numbers are promised in the manual page.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Exit {
    /// All was done.
    Done = 0,
    /// Something failed.
    Failed = 1,
    /// The command line makes no sense.
    Usage = 2,
    /// An input cannot be read.
    Input = 3,
    /// There is no usable model.
    NoModel = 4,
    /// Nothing was found, or the text does not belong to the audio, or whether it does cannot be
    /// told.
    Nothing = 5,
    /// Cancelled; what was done is kept.
    Cancelled = 130,
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        ExitCode::from(exit as u8)
    }
}

#[cfg(test)]
mod tests {
    use super::Exit;

    #[test]
    fn the_promised_numbers() {
        let all = [
            Exit::Done,
            Exit::Failed,
            Exit::Usage,
            Exit::Input,
            Exit::NoModel,
            Exit::Nothing,
            Exit::Cancelled,
        ];
        assert_eq!(all.map(|e| e as u8), [0, 1, 2, 3, 4, 5, 130]);
    }
}
