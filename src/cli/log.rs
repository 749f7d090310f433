//! The log file: all that the program, its libraries and its recogniser say besides results.

use crate::printable;
use log::{LevelFilter, Log, Metadata, Record};
use std::fs::{File, OpenOptions};
use std::io::{self, Write};
use std::path::Path;
use std::sync::{Mutex, PoisonError};
use std::time::Instant;

struct ToFile {
    file: Mutex<File>,
    start: Instant,
}

impl Log for ToFile {
    fn enabled(&self, _: &Metadata) -> bool {
        true
    }

    fn log(&self, record: &Record) {
        let mut file = self.file.lock().unwrap_or_else(PoisonError::into_inner);
        let seconds = self.start.elapsed().as_secs_f64();
        // A full disk must not stop the work that is being logged.
        let _ = writeln!(
            file,
            "{seconds:9.3} {:5} {}: {}",
            record.level(),
            record.target(),
            printable::line(&record.args().to_string())
        );
    }

    fn flush(&self) {}
}

/// Appends everything from now on to `path`.
///
/// # Errors
/// When the file cannot be opened for writing.
pub fn to_file(path: &Path) -> io::Result<()> {
    let file = OpenOptions::new().create(true).append(true).open(path)?;
    let logger = ToFile { file: Mutex::new(file), start: Instant::now() };
    // Only the first logger of a process counts; the program sets one.
    if log::set_boxed_logger(Box::new(logger)).is_ok() {
        log::set_max_level(LevelFilter::Debug);
    }
    Ok(())
}
