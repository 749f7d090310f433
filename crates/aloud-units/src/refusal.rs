//! What is said where the system refuses a thread or a process: the limit that was reached, whoever
//! reached it.

use std::fmt::Display;
use std::io;

/// Words for `error`, which starting a thread or a process came to.
///
/// ```
/// let words = aloud_units::refusal::no_thread(&"resource temporarily unavailable");
/// assert!(words.contains("`ulimit -u`") && words.ends_with("resource temporarily unavailable"));
/// ```
pub fn no_thread(error: &dyn Display) -> String {
    format!(
        "no more threads or processes can be started; the limit is the user's (`ulimit -u`), the container's (`pids.max`), or that of \
         memory (`ulimit -v`): {error}"
    )
}

/// Whether `error`, which starting a process came to, says that there may be no more of them:
/// `EAGAIN` or `ENOMEM` (fork(2)).
pub fn is_refusal(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::WouldBlock | io::ErrorKind::OutOfMemory)
}
