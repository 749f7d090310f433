//! Nothing that a sound library writes to standard error reaches the screen.
//!
//! libasound, its plug-ins and JACK's client print to file descriptor 2 itself, from any thread and
//! at any time. A handler for their messages cannot be set without `unsafe`, and would miss most of
//! them. So while a player may use a sound card, the descriptor leads into a pipe, and what comes
//! out of the pipe goes to the log. Whoever tells of a panic lifts this first, so that it is seen.

#[cfg(unix)]
pub use unix::lift;
#[cfg(unix)]
pub(super) use unix::{Hush, hush};

#[cfg(not(unix))]
pub use other::lift;
#[cfg(not(unix))]
pub(super) use other::{Hush, hush};

#[cfg(unix)]
mod unix {
    use std::io::{self, BufRead, BufReader, PipeReader};
    use std::os::fd::{AsFd, OwnedFd};
    use std::sync::{Arc, Mutex, PoisonError, Weak};
    use std::thread;

    /// The one that is in force, if any, and the real standard error.
    static HUSH: Mutex<(Weak<Hush>, Option<OwnedFd>)> = Mutex::new((Weak::new(), None));

    /// Holds standard error back until the last one is dropped.
    pub struct Hush(());

    /// Leads standard error into the log. `None` if the system does not allow it; sound works all
    /// the same.
    pub(in super::super) fn hush() -> Option<Arc<Hush>> {
        let mut state = HUSH.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(hush) = state.0.upgrade() {
            return Some(hush);
        }
        // The last holder may have let go a moment ago and not have given it back yet.
        if state.1.is_none() {
            match begin() {
                Ok(real) => state.1 = Some(real),
                Err(error) => {
                    log::warn!("standard error cannot be held back: {error}");
                    return None;
                }
            }
        }
        let hush = Arc::new(Hush(()));
        state.0 = Arc::downgrade(&hush);
        Some(hush)
    }

    fn begin() -> io::Result<OwnedFd> {
        let real = io::stderr().as_fd().try_clone_to_owned()?;
        let (reader, writer) = io::pipe()?;
        thread::Builder::new().name("hush".into()).spawn(move || read(reader))?;
        rustix::stdio::dup2_stderr(&writer)?;
        Ok(real)
    }

    /// Ends when nobody can write any more.
    fn read(reader: PipeReader) {
        for line in BufReader::new(reader).split(b'\n').map_while(Result::ok) {
            log::info!("{}", String::from_utf8_lossy(&line).trim_end());
        }
    }

    /// Gives standard error back at once, whoever still wants it held back.
    pub fn lift() {
        // A panic may come while this is locked; it must not wait for itself.
        let Ok(mut state) = HUSH.try_lock() else { return };
        if let Some(real) = state.1.take()
            && let Err(error) = rustix::stdio::dup2_stderr(&real)
        {
            log::warn!("standard error cannot be given back: {error}");
        }
    }

    impl Drop for Hush {
        fn drop(&mut self) {
            let mut state = HUSH.lock().unwrap_or_else(PoisonError::into_inner);
            // Another one may have begun since this one's last holder let go.
            if state.0.strong_count() > 0 {
                return;
            }
            if let Some(real) = state.1.take()
                && let Err(error) = rustix::stdio::dup2_stderr(&real)
            {
                log::warn!("standard error cannot be given back: {error}");
            }
        }
    }
}

#[cfg(not(unix))]
mod other {
    use std::sync::Arc;

    /// Nothing: sound systems here do not print.
    pub struct Hush(());

    pub(in super::super) fn hush() -> Option<Arc<Hush>> {
        None
    }

    /// Does nothing.
    pub fn lift() {}
}
