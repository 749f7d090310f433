//! The near side of the pipe: starts the child, hands it sentences, and outlives it.

use super::{Answer, Ask, Utterance, voice};
use crate::reason::{Hinted, Reason};
use crate::refusal;
use crate::transcribe::protocol::{read, write};
use std::io::{self, BufReader};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::thread;
use std::time::Duration;

/// No sentence takes longer; one that does has hung the library.
const PATIENCE: Duration = Duration::from_secs(20);
/// A longer text is cut: no sentence is, and no answer may be longer than the pipe's messages.
const LONGEST: usize = 2_000;

/// Why there is no synthesised speech.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Trouble {
    /// espeak-ng is not there, or has no such voice.
    #[error("{0}")]
    Refused(Reason),
    /// It does not start, or fails again and again.
    #[error("espeak-ng does not work: {0}")]
    Broken(String),
    /// The system gives no thread or process for it; names the limit.
    #[error("{0}")]
    Threads(String),
}

impl Hinted for Trouble {
    fn hint(&self) -> Option<String> {
        match self {
            Self::Refused(reason) => reason.hint.clone(),
            Self::Broken(_) | Self::Threads(_) => None,
        }
    }
}

/// A child process that speaks.
pub struct Speaker {
    command: fn() -> Command,
    load: Ask,
    running: Running,
    version: String,
    n_failed: usize,
}

struct Running {
    child: Child,
    asks: ChildStdin,
    answers: Receiver<io::Result<(Answer, Vec<f32>)>>,
}

/// So many sentences may bring the child down before it is given up.
const FAILURES: usize = 5;

impl Speaker {
    /// Starts the child that `command` makes, to speak `language` (an ISO 639-1 code). `library` is
    /// the library's file where it is not in its usual place.
    ///
    /// # Errors
    /// See [`Trouble`].
    pub fn start(
        command: fn() -> Command,
        language: &str,
        library: Option<&str>,
    ) -> Result<Self, Trouble> {
        let load =
            Ask::Load { voice: voice(language).to_owned(), library: library.map(str::to_owned) };
        let (running, version) = start(command, &load)?;
        Ok(Self { command, load, running, version, n_failed: 0 })
    }

    /// The library's version.
    pub fn version(&self) -> &str {
        &self.version
    }

    /// Speaks `text`; `None` where that brings the child down, which is then started anew.
    ///
    /// # Errors
    /// When it cannot be, or has failed too often.
    pub fn speak(&mut self, text: &str) -> Result<Option<Utterance>, Trouble> {
        let text: String = text.chars().take(LONGEST).collect();
        match self.running.ask(&Ask::Speak { text }) {
            Ok((Answer::Spoken { rate, words, phones }, samples)) => {
                let samples = samples.iter().map(|sample| (sample * 32768.0) as i16).collect();
                Ok(Some(Utterance { rate, samples, words, phones }))
            }
            Ok((Answer::Refused { why, .. }, _)) => {
                log::warn!("espeak-ng: {why}");
                Ok(None)
            }
            Ok((Answer::Loaded { .. }, _)) => self.again("it said something out of turn"),
            Err(why) => self.again(&why),
        }
    }

    fn again(&mut self, why: &str) -> Result<Option<Utterance>, Trouble> {
        log::warn!("espeak-ng failed: {why}");
        self.n_failed += 1;
        if self.n_failed > FAILURES {
            return Err(Trouble::Broken(why.to_owned()));
        }
        self.running = start(self.command, &self.load)?.0;
        Ok(None)
    }
}

fn start(command: fn() -> Command, load: &Ask) -> Result<(Running, String), Trouble> {
    let broken = |why: &dyn std::fmt::Display| Trouble::Broken(why.to_string());
    let mut command = command();
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null());
    // The terminal's Ctrl-C is for us.
    #[cfg(unix)]
    std::os::unix::process::CommandExt::process_group(&mut command, 0);
    let refused = |e: &io::Error| Trouble::Threads(refusal::no_thread(e));
    let mut child = command
        .spawn()
        .map_err(|e| if refusal::is_refusal(&e) { refused(&e) } else { broken(&e) })?;
    let (Some(asks), Some(stdout)) = (child.stdin.take(), child.stdout.take()) else {
        return Err(broken(&"it has no pipes"));
    };
    let (sender, answers) = channel();
    let listening = thread::Builder::new().name("speaker".into()).spawn(move || {
        let mut input = BufReader::new(stdout);
        loop {
            let end = || io::Error::new(io::ErrorKind::UnexpectedEof, "it ended");
            let answer = read::<Answer>(&mut input).and_then(|answer| answer.ok_or_else(end));
            let is_last = answer.is_err();
            if sender.send(answer).is_err() || is_last {
                return;
            }
        }
    });
    let mut running = Running { child, asks, answers };
    // From here on the child is ended with what it belongs to.
    listening.map_err(|e| refused(&e))?;
    match running.ask(load) {
        Ok((Answer::Loaded { version }, _)) => Ok((running, version)),
        Ok((Answer::Refused { why, hint }, _)) => Err(Trouble::Refused(Reason { why, hint })),
        Ok((Answer::Spoken { .. }, _)) => Err(broken(&"it said something out of turn")),
        Err(why) => Err(broken(&why)),
    }
}

impl Running {
    fn ask(&mut self, ask: &Ask) -> Result<(Answer, Vec<f32>), String> {
        write(&mut self.asks, ask, &[]).map_err(|e| e.to_string())?;
        match self.answers.recv_timeout(PATIENCE) {
            Ok(answer) => answer.map_err(|e| e.to_string()),
            Err(RecvTimeoutError::Timeout) => Err("it gave no answer for too long".to_owned()),
            Err(RecvTimeoutError::Disconnected) => Err("it ended".to_owned()),
        }
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
