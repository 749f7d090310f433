//! From the name of a text to an article, and from an article and a recording to a reading.

use super::Context;
use super::args::RecogniseArgs;
use super::exit::Exit;
use super::recognise::Recognition;
use super::report::{Failure, plain};
use crate::align::Method;
use crate::article::{self, Article, Hint};
use crate::pipeline;
use crate::reading::Reading;
use crate::transcript::Segment;
use crate::web;
use std::path::Path;
use std::sync::mpsc::{RecvTimeoutError, channel};
use std::time::Duration;

/// The article that `source` names: a file, an address, or `-` for standard input.
///
/// # Errors
/// With exit code 3 when it cannot be had or is no text, 130 when the user would not wait for it.
pub fn load(source: &str, chapter: Option<&str>, context: &Context) -> Result<Article, Failure> {
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
                return Err(Failure::new(Exit::Failed, format!("cannot read the article `{}`; `--log FILE` keeps why", plain(source))));
            }
        }
    };
    let hint = Hint { name: loaded.name.as_deref(), content_type: loaded.content_type.as_deref(), chapter };
    let of = if source == "-" { "standard input" } else { source };
    article::read(&loaded.bytes, &hint).map_err(|e| Failure::new(Exit::Input, format!("cannot use the article `{}`: {e}", plain(of))))
}

/// Transcribes `audio` and ties `article` to it.
///
/// # Errors
/// With exit code 5 when they do not belong together and `force` is not given; else as [`Recognition::transcript`].
pub fn reading(audio: &Path, article: Article, recognise: &RecogniseArgs, force: bool, context: &Context) -> Result<Reading, Failure> {
    let recognition = Recognition::new(recognise, Some(&article.text), context)?;
    let transcript = recognition.transcript(audio, &mut |_: &[Segment]| {})?;
    let tied = pipeline::tie(article, transcript, audio, recognition.store(), &|| context.is_cancelled());
    let Some(tied) = tied else { return Err(Failure::new(Exit::Cancelled, "cancelled; what was recognised is kept")) };
    for note in &tied.notes {
        context.voice.warn(note);
    }
    if !tied.belongs {
        let name = audio.file_name().unwrap_or(audio.as_os_str()).to_string_lossy().into_owned();
        if !force {
            let why = format!("the article does not belong to `{}`: {}; `--force` ties them all the same", plain(&name), tied.reason);
            return Err(Failure::new(Exit::Nothing, why));
        }
        context.voice.warn(format!("the article does not seem to belong to `{}`: {}", plain(&name), tied.reason));
    }
    if tied.reading.alignment.method == Method::Sentences {
        context.voice.note("the narration is in another language than the article: tied sentence by sentence");
    }
    Ok(tied.reading)
}
