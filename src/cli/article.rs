//! From the name of a text to an article.

use super::Context;
use super::exit::Exit;
use super::report::{Failure, plain};
use crate::article::Article;
use crate::documents::{self, Hint};
use crate::web;
use std::ffi::OsStr;
use std::sync::mpsc::{RecvTimeoutError, channel};
use std::time::Duration;

/// The article that `source` names: a file, an address, or `-` for standard input.
///
/// # Errors
/// With exit code 3 when it cannot be had or is no text, 130 when the user would not wait for it.
pub fn load(source: impl AsRef<OsStr>, chapter: Option<&str>, context: &Context) -> Result<Article, Failure> {
    let source = source.as_ref();
    let shown = source.to_string_lossy();
    // A pipe may never say anything, and reading it cannot be broken off: the thread is left behind.
    let (sender, loaded) = channel();
    let wanted = source.to_owned();
    std::thread::spawn(move || sender.send(web::load(&wanted)));
    let loaded = loop {
        match loaded.recv_timeout(Duration::from_millis(20)) {
            Ok(loaded) => break loaded.map_err(|e| Failure::new(Exit::Input, e))?,
            Err(RecvTimeoutError::Timeout) if context.is_cancelled() => return Err(Failure::new(Exit::Cancelled, "cancelled")),
            Err(RecvTimeoutError::Timeout) => {}
            Err(RecvTimeoutError::Disconnected) => {
                return Err(Failure::new(Exit::Failed, format!("cannot read the article `{}`; `--log FILE` keeps why", plain(&shown))));
            }
        }
    };
    let hint = Hint { name: loaded.name.as_deref(), content_type: loaded.content_type.as_deref(), chapter };
    let of = if source == "-" { "standard input" } else { &*shown };
    documents::read(&loaded.bytes, &hint).map_err(|e| Failure::new(Exit::Input, format!("cannot use the article `{}`: {e}", plain(of))))
}
