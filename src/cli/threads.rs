//! Threads beside the one that asks for them. Who asks a server or reads a pipe may never get an
//! answer: such a thread is waited for while anybody wants that, and then left to itself.

use super::exit::Exit;
use super::report::Failure;
use crate::reason::Hinted;
use crate::refusal;
use std::io;
use std::sync::mpsc::{Receiver, RecvTimeoutError, sync_channel};
use std::thread::{Builder, Scope};
use std::time::Duration;

/// How often it is asked whether anybody still waits.
const LOOK: Duration = Duration::from_millis(20);

/// Why nothing came.
#[derive(Debug, thiserror::Error)]
pub enum Gone {
    /// Nobody waits any longer.
    #[error("cancelled")]
    Cancelled,
    /// Whoever was waited for has panicked.
    #[error("a part of the program failed")]
    Broken,
    /// The system gives no more threads.
    #[error("{}", refusal::no_thread(.0))]
    NoThread(#[source] io::Error),
}

impl Hinted for Gone {
    fn hint(&self) -> Option<String> {
        matches!(self, Self::Broken).then(|| "`--log FILE` keeps why".to_owned())
    }
}

impl From<Gone> for Failure {
    fn from(gone: Gone) -> Self {
        let exit = if matches!(gone, Gone::Cancelled) { Exit::Cancelled } else { Exit::Failed };
        Self::new(exit, gone)
    }
}

/// Does `work` on a thread of this `name`, which ends before its scope does.
///
/// # Errors
/// [`Gone::NoThread`].
pub fn beside<'s>(
    name: &str,
    threads: &'s Scope<'s, '_>,
    work: impl FnOnce() + Send + 's,
) -> Result<(), Gone> {
    let thread = Builder::new().name(name.to_owned()).spawn_scoped(threads, work);
    thread.map(drop).map_err(Gone::NoThread)
}

/// What `work` gives, done on a thread of this `name`, unless it `is_over` before.
///
/// # Errors
/// [`Gone`].
pub fn waited<T: Send + 'static>(
    name: &str,
    work: impl FnOnce() -> T + Send + 'static,
    is_over: &dyn Fn() -> bool,
) -> Result<T, Gone> {
    let (sender, receiver) = sync_channel(1);
    let thread = Builder::new().name(name.to_owned()).spawn(move || {
        // Nobody waits any longer after cancelling.
        let _ = sender.send(work());
    });
    thread.map_err(Gone::NoThread)?;
    next(&receiver, is_over)
}

/// What comes next from other threads, unless it `is_over` before.
///
/// # Errors
/// [`Gone`]; [`Gone::Broken`] where nobody is left to send anything.
pub fn next<T>(receiver: &Receiver<T>, is_over: &dyn Fn() -> bool) -> Result<T, Gone> {
    loop {
        match receiver.recv_timeout(LOOK) {
            Ok(sent) => return Ok(sent),
            Err(RecvTimeoutError::Disconnected) => return Err(Gone::Broken),
            Err(RecvTimeoutError::Timeout) if is_over() => return Err(Gone::Cancelled),
            Err(RecvTimeoutError::Timeout) => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::mpsc::channel;

    #[test]
    fn what_came_is_taken_and_nobody_waits_in_vain() {
        assert_eq!(waited("a", || 7, &|| false).unwrap(), 7);
        let (sender, receiver) = channel::<()>();
        assert!(matches!(next(&receiver, &|| true), Err(Gone::Cancelled)));
        sender.send(()).unwrap();
        assert!(next(&receiver, &|| true).is_ok(), "what is there is taken");
        drop(sender);
        assert!(matches!(next(&receiver, &|| false), Err(Gone::Broken)));
    }
}
