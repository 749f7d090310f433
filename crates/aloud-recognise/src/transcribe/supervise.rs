//! The near side of the pipe: starts the child, hands it windows, and outlives it.
//!
//! A child that dies, hangs or talks nonsense costs one window at most. When it fails with several
//! windows in flight nobody knows which of them did it, so each is tried again alone; the one that
//! fails alone is tried with more care (on the processor, one at a time), then without word
//! warping, which its answer says, and then given up.
//!
//! This file never knows what the words mean, nor where the sound comes from.

use super::protocol::{self, Hearing, How, Load, Reply, Request};
use crate::reason::{Hinted, Reason};
use crate::refusal;
use std::collections::VecDeque;
use std::io::{BufRead, BufReader};
use std::process::{Child, ChildStderr, ChildStdin, ChildStdout, Command, ExitStatus, Stdio};
use std::sync::mpsc::{self, Receiver, RecvTimeoutError, Sender};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

/// What is asked about a stretch of sound.
#[derive(Clone, Debug, PartialEq)]
pub enum Ask {
    /// Its words.
    Recognise(How),
    /// Where in it somebody speaks.
    Speech,
}

/// What came back.
#[derive(Clone, Debug, PartialEq)]
pub enum Answer {
    /// To [`Ask::Recognise`].
    Heard(Hearing),
    /// To [`Ask::Recognise`], after everything else failed: without word warping, so that times are
    /// rough.
    Rough(Hearing),
    /// To [`Ask::Speech`].
    Speech(Vec<f32>),
    /// To any of them: it failed for good, and why.
    Lost(String),
}

/// Nothing can be recognised at all.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum StartError {
    /// The child says why.
    #[error("{0}")]
    Refused(Reason),
    /// The child could not be started, or ends before it is ready.
    #[error("the recogniser does not start: {0}")]
    Broken(String),
    /// The child falls silent again and again.
    #[error("the recogniser does not work: {0}")]
    Hangs(String),
    /// The system gives no thread or process for it; names the limit.
    #[error("{0}")]
    Threads(String),
}

impl Hinted for StartError {
    fn hint(&self) -> Option<String> {
        let help =
            "`aloud doctor` tells what works here, `--log FILE` keeps what it says".to_owned();
        match self {
            Self::Refused(reason) => reason.hint.clone(),
            Self::Broken(_) => Some(help),
            Self::Hangs(_) => Some(format!(
                "a model that is damaged may do that, `aloud models verify` tells; {help}"
            )),
            Self::Threads(_) => None,
        }
    }
}

/// How long something may take before the child counts as hung.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Patience {
    /// For loading the model.
    pub load: Duration,
    /// For a window of thirty seconds while nothing was measured on this machine; shorter ones get
    /// no less.
    pub first: Duration,
    /// For any request once one was measured, besides [`SLOWER`] times what its sound should take.
    pub least: Duration,
}

impl Patience {
    /// For a model whose file has so many `bytes`; 0 where only speech is detected.
    ///
    /// A window costs Whisper `base` (148 MB) some 100 billion multiplications at worst (the
    /// encoder, and five candidates of the longest text), `large-v3` (3 GB) some 2,000. With a
    /// second for each megabyte a machine keeps up that does less than a billion of them in a
    /// second, where a slow core does five; weights in small numbers are the same work in a third
    /// of the bytes. Two minutes besides are for machines that do ten other things: threads of
    /// whisper.cpp wait for each other by spinning, and a window of the smallest model took 50 s
    /// beside eleven others. A file is read at 5 MB a second from a slow network folder, and a GPU
    /// may compile its programs for a minute.
    pub fn for_model(bytes: u64) -> Self {
        let megabytes = u32::try_from(bytes >> 20).unwrap_or(u32::MAX);
        Self {
            load: Duration::from_secs(90)
                .saturating_add(Duration::from_millis(200).saturating_mul(megabytes)),
            first: Duration::from_secs(120)
                .saturating_add(Duration::from_secs(1).saturating_mul(megabytes)),
            least: Duration::from_secs(20),
        }
    }
}

/// What a child works with. Each gives up more than the one before to come to an answer at all.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Footing {
    /// What was asked for.
    Full,
    /// One window at a time on the processor: slower, but the same words and times.
    Careful,
    /// Also without word warping and without rounded weights: nearly the same words, their times are
    /// rough.
    Bare,
}

struct Task {
    id: u64,
    ask: Ask,
    samples: Arc<[f32]>,
    /// It was in flight when a child failed.
    is_suspect: bool,
    /// How often it failed with nothing else in flight.
    failures: u32,
    /// A child gave no answer to it for too long.
    has_hung: bool,
    /// It is better lost than recognised with rough times.
    only_exact: bool,
}

/// How much sound it is, in windows of 30 s: Whisper looks at no less.
fn windows(task: &Task) -> f64 {
    (task.samples.len() as f64 / (30.0 * 16_000.0)).max(1.0)
}

struct Flight {
    task: Task,
    since: Instant,
}

enum Event {
    Said(Reply),
    Ended(String),
}

/// A running child with its threads.
struct Running {
    child: Child,
    outbox: Sender<(Request, Arc<[f32]>)>,
    events: Receiver<Event>,
    last_words: Arc<Mutex<VecDeque<String>>>,
    footing: Footing,
    since: Instant,
    has_loaded: bool,
    /// It has not failed: it is only ended because it is no longer needed.
    is_wanted: bool,
}

/// What the supervisor waits for, when it takes long.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Waits {
    /// The child loads its model.
    Load {
        /// So long by now.
        since: Duration,
        /// After so long it is given up.
        until: Duration,
    },
    /// The request that has been with the child for longest.
    Answer {
        /// Whose.
        id: u64,
        /// So long by now.
        since: Duration,
        /// After so long it is given up.
        until: Duration,
    },
}

/// Recognises windows by a child process, whatever happens to it.
pub struct Supervisor {
    command: Box<dyn Fn() -> Command + Send>,
    load: Load,
    patience: Patience,
    running: Option<Running>,
    waiting: VecDeque<Task>,
    flying: Vec<Flight>,
    ready: VecDeque<(u64, Answer)>,
    notes: VecDeque<String>,
    /// Nothing above this works here.
    floor: Footing,
    /// Requests in a row that were given up because no child answered them.
    n_hung: u32,
    /// Why the model was refused first.
    refusal: Option<Reason>,
    /// How often in a row a child died before it had loaded its model.
    failed_loads: u32,
    /// Requests in a row that were only answered on a lower footing.
    n_lower: u32,
    /// The longest that a window has taken so far, by whether a GPU worked.
    slowest: [Option<Duration>; 2],
}

/// A child that takes so many times as long as it ever did is hung.
pub const SLOWER: u32 = 20;
/// After so many requests in a row that failed on one footing it is given up: a driver that crashes
/// once may be bad luck.
const BAD_LUCK: u32 = 2;

impl Supervisor {
    /// Starts nothing yet. `command` makes the child that speaks [`protocol`] on its standard
    /// streams.
    pub fn new(
        command: impl Fn() -> Command + Send + 'static,
        load: Load,
        patience: Patience,
    ) -> Self {
        Self {
            command: Box::new(command),
            load,
            patience,
            running: None,
            waiting: VecDeque::new(),
            flying: Vec::new(),
            ready: VecDeque::new(),
            notes: VecDeque::new(),
            floor: Footing::Full,
            n_hung: 0,
            refusal: None,
            failed_loads: 0,
            n_lower: 0,
            slowest: [None; 2],
        }
    }

    /// Queues a request; `id` comes back with its answer.
    pub fn submit(&mut self, id: u64, ask: Ask, samples: Arc<[f32]>) {
        self.queue(id, ask, samples, false);
    }

    /// As [`submit`](Self::submit), where rough times are worth nothing: instead of
    /// [`Answer::Rough`] comes [`Answer::Lost`].
    pub fn submit_exact(&mut self, id: u64, ask: Ask, samples: Arc<[f32]>) {
        self.queue(id, ask, samples, true);
    }

    fn queue(&mut self, id: u64, ask: Ask, samples: Arc<[f32]>, only_exact: bool) {
        self.waiting.push_back(Task {
            id,
            ask,
            samples,
            is_suspect: false,
            failures: 0,
            has_hung: false,
            only_exact,
        });
    }

    /// How many requests have no answer yet.
    pub fn pending(&self) -> usize {
        self.waiting.len() + self.flying.len() + self.ready.len()
    }

    /// What the user should know of the machine, once each.
    pub fn note(&mut self) -> Option<String> {
        self.notes.pop_front()
    }

    /// What is waited for at the moment, if anything is.
    pub fn waits(&self) -> Option<Waits> {
        let running = self.running.as_ref()?;
        if !running.has_loaded {
            return Some(Waits::Load { since: running.since.elapsed(), until: self.patience.load });
        }
        let oldest = self.flying.iter().min_by_key(|flight| flight.since)?;
        Some(Waits::Answer {
            id: oldest.task.id,
            since: oldest.since.elapsed(),
            until: self.limit(&oldest.task),
        })
    }

    /// The next answer, in whichever order they come; `None` when there is none within `wait`.
    /// Never blocks for longer, also while a child loads, so that the caller can ask whether to go
    /// on.
    ///
    /// # Errors
    /// When no child can be brought to the point of working.
    pub fn next(&mut self, wait: Duration) -> Result<Option<(u64, Answer)>, StartError> {
        let until = Instant::now() + wait;
        loop {
            if let Some(answer) = self.ready.pop_front() {
                return Ok(Some(answer));
            }
            if self.waiting.is_empty() && self.flying.is_empty() {
                return Ok(None);
            }
            self.send_what_fits()?;
            let Some(running) = &self.running else { continue };
            let is_loading = !running.has_loaded;
            let nearest = if is_loading {
                running.since + self.patience.load
            } else {
                self.flying.iter().map(|f| f.since + self.limit(&f.task)).min().unwrap_or(until)
            };
            let event = running
                .events
                .recv_timeout(nearest.min(until).saturating_duration_since(Instant::now()));
            let now = Instant::now();
            match event {
                Ok(Event::Said(reply)) if is_loading => self.loaded(reply)?,
                Ok(Event::Said(reply)) => self.land(reply),
                Ok(Event::Ended(why)) => self.child_failed(&why, false)?,
                Err(RecvTimeoutError::Disconnected) => {
                    self.child_failed("it closed its pipes", false)?;
                }
                Err(RecvTimeoutError::Timeout)
                    if now >= nearest && (is_loading || !self.flying.is_empty()) =>
                {
                    self.child_failed("it gave no answer for too long", true)?;
                }
                Err(RecvTimeoutError::Timeout) if now >= until => return Ok(None),
                Err(RecvTimeoutError::Timeout) => {}
            }
        }
    }

    /// How long a request may take: by what was measured on the device that works at it, or by the
    /// model's size.
    fn limit(&self, task: &Task) -> Duration {
        match self.slowest[usize::from(self.is_on_gpu())] {
            Some(slowest) => self.patience.least + SLOWER * slowest.mul_f64(windows(task)),
            None => self.patience.first.mul_f64(windows(task)),
        }
    }

    fn is_on_gpu(&self) -> bool {
        self.load.gpu
            && self.running.as_ref().is_some_and(|running| running.footing == Footing::Full)
    }

    /// The footing on which to try what failed so often alone, if there is one.
    fn footing(&self, failures: u32) -> Option<Footing> {
        let least = match failures {
            1 if self.has(Footing::Careful) => Footing::Careful,
            // Where nothing can be done with more care it is done once more: it may have been bad
            // luck.
            0 | 1 => Footing::Full,
            2 if self.has(Footing::Bare) => Footing::Bare,
            _ => return None,
        };
        Some(least.max(self.floor))
    }

    /// Whether a footing is another than those above it.
    fn has(&self, footing: Footing) -> bool {
        match footing {
            Footing::Full => true,
            Footing::Careful => self.load.model.is_some() && (self.load.gpu || self.load.jobs > 1),
            Footing::Bare => self.load.model.is_some() && self.load.heads.is_some(),
        }
    }

    /// Fills the child's hands: one request more than it has threads, so that it never waits for
    /// us.
    fn send_what_fits(&mut self) -> Result<(), StartError> {
        while let Some(next) = self.waiting.front() {
            let alone = next.is_suspect || self.flying.iter().any(|f| f.task.is_suspect);
            let room = if alone { 1 } else { self.load.jobs.max(1) + 1 };
            if self.flying.len() >= room {
                return Ok(());
            }
            let footing = self
                .footing(next.failures)
                .filter(|footing| !(*footing == Footing::Bare && next.only_exact));
            let Some(footing) = footing else {
                let Some(task) = self.waiting.pop_front() else { return Ok(()) };
                self.ready
                    .push_back((task.id, Answer::Lost("it fails here with word warping".into())));
                return Ok(());
            };
            self.start(footing)?;
            if !self.running.as_ref().is_some_and(|running| running.has_loaded) {
                return Ok(());
            }
            let (Some(task), Some(running)) = (self.waiting.pop_front(), &self.running) else {
                return Ok(());
            };
            let request = match &task.ask {
                Ask::Recognise(how) => Request::Recognise { id: task.id, how: how.clone() },
                Ask::Speech => Request::Speech { id: task.id },
            };
            // A child that is gone is noticed by the event of its end.
            let _ = running.outbox.send((request, Arc::clone(&task.samples)));
            self.flying.push(Flight { task, since: Instant::now() });
        }
        Ok(())
    }

    /// Takes the first thing that a child says.
    fn loaded(&mut self, reply: Reply) -> Result<(), StartError> {
        let Some(running) = &mut self.running else { return Ok(()) };
        match reply {
            Reply::Loaded => {
                running.has_loaded = true;
                self.failed_loads = 0;
                Ok(())
            }
            Reply::LoadFailed { why, hint } => {
                let footing = running.footing;
                if let Some(running) = self.running.take() {
                    running.end(&why);
                }
                // What a GPU refuses a processor may do, and wrong heads are refused too. A file
                // that cannot be read is found out once more, and the first reason is the one that
                // counts.
                let lower = [Footing::Careful, Footing::Bare].into_iter().find(|lower| {
                    let differs = *lower == Footing::Bare || self.load.gpu;
                    *lower > footing && differs && self.has(*lower)
                });
                if let Some(lower) = lower {
                    self.lower(lower, &why);
                    self.refusal.get_or_insert(Reason { why, hint });
                    return Ok(());
                }
                Err(StartError::Refused(self.refusal.take().unwrap_or(Reason { why, hint })))
            }
            _ => self.child_failed("it said something out of turn", false),
        }
    }

    /// Gives up what is above `footing`, and says so.
    fn lower(&mut self, footing: Footing, why: &str) {
        self.floor = footing;
        self.notes.push_back(match footing {
            Footing::Bare => {
                format!("the recogniser works without word warping, times are rough: {why}")
            }
            _ if self.load.gpu => {
                format!("the GPU cannot be used, the processor does its work: {why}")
            }
            _ => format!("one window is recognised at a time: {why}"),
        });
    }

    fn land(&mut self, reply: Reply) {
        let (id, answer) = match reply {
            Reply::Heard { id, heard } => (id, Ok(Answer::Heard(heard))),
            Reply::Speech { id, probabilities } => (id, Ok(Answer::Speech(probabilities))),
            Reply::Failed { id, why } => (id, Err(why)),
            Reply::Loaded | Reply::LoadFailed { .. } => {
                self.abandon("it said something out of turn", false);
                return;
            }
        };
        let Some(at) = self.flying.iter().position(|f| f.task.id == id) else {
            self.abandon("it answered what nobody asked", false);
            return;
        };
        let Flight { mut task, since } = self.flying.swap_remove(at);
        let answer = match answer {
            Ok(answer) => answer,
            Err(why) => {
                log::warn!("the recogniser failed at a request: {why}");
                task.failures += 1;
                return self.again(task, &why);
            }
        };
        let pace = since.elapsed().div_f64(windows(&task));
        let slowest = &mut self.slowest[usize::from(self.is_on_gpu())];
        *slowest = (*slowest).max(Some(pace));
        self.n_hung = 0;
        let footing = self.running.as_ref().map_or(Footing::Full, |running| running.footing);
        self.n_lower = if footing > self.floor { self.n_lower + 1 } else { 0 };
        if footing == Footing::Careful && self.floor < footing && self.n_lower >= BAD_LUCK {
            self.lower(footing, "it failed at several windows that were then recognised so");
        }
        let answer = match answer {
            Answer::Heard(heard) if footing == Footing::Bare => Answer::Rough(heard),
            other => other,
        };
        self.ready.push_back((id, answer));
    }

    /// Queues a request that failed once more, or gives it up.
    fn again(&mut self, mut task: Task, why: &str) {
        task.is_suspect = true;
        if self.footing(task.failures).is_some() {
            self.waiting.push_front(task);
        } else {
            self.n_hung += u32::from(task.has_hung);
            self.ready.push_back((task.id, Answer::Lost(why.to_owned())));
        }
    }

    /// Ends the child and queues again what it was working on.
    fn abandon(&mut self, why: &str, is_hung: bool) -> String {
        let ended = self.running.take().map_or_else(|| why.to_owned(), |running| running.end(why));
        log::warn!("the recogniser failed: {ended}");
        let is_alone = self.flying.len() == 1;
        for Flight { mut task, .. } in std::mem::take(&mut self.flying).into_iter().rev() {
            // What hangs once hangs again: waiting as long for the same another time is no use.
            task.failures += u32::from(is_alone) * if is_hung { 2 } else { 1 };
            task.has_hung |= is_alone && is_hung;
            self.again(task, &ended);
        }
        ended
    }

    /// The child died, hangs, or talks nonsense.
    fn child_failed(&mut self, why: &str, is_hung: bool) -> Result<(), StartError> {
        let loading = self
            .running
            .as_ref()
            .filter(|running| !running.has_loaded)
            .map(|running| running.footing);
        let ended = self.abandon(why, is_hung);
        if self.n_hung >= BAD_LUCK {
            return Err(StartError::Hangs(ended));
        }
        let Some(footing) = loading else { return Ok(()) };
        self.failed_loads += 1;
        if self.failed_loads == 1 && !is_hung {
            // Somebody may have killed it.
            return Ok(());
        }
        self.failed_loads = 0;
        let lower = [Footing::Careful, Footing::Bare]
            .into_iter()
            .find(|lower| *lower > footing && self.has(*lower));
        let Some(lower) = lower else { return Err(StartError::Broken(ended)) };
        self.lower(lower, &ended);
        Ok(())
    }

    /// Sees to it that a child on the wanted footing runs; whether it has loaded its model shows
    /// later.
    fn start(&mut self, footing: Footing) -> Result<(), StartError> {
        if self.running.as_ref().is_some_and(|r| r.footing == footing || !self.flying.is_empty()) {
            return Ok(());
        }
        self.dismiss();
        self.running = Some(self.launch(footing)?);
        Ok(())
    }

    fn dismiss(&mut self) {
        if let Some(mut running) = self.running.take() {
            running.is_wanted = true;
            running.end("no longer needed");
        }
    }

    fn launch(&self, footing: Footing) -> Result<Running, StartError> {
        let mut load = self.load.clone();
        if footing >= Footing::Careful {
            // Rounded are weights that no GPU had.
            load.may_round &= !load.gpu;
            load.gpu = false;
            load.jobs = 1;
        }
        if footing == Footing::Bare {
            load.heads = None;
            load.may_round = false;
        }
        let broken = |e: std::io::Error| match refusal::is_refusal(&e) {
            true => StartError::Threads(refusal::no_thread(&e)),
            false => StartError::Broken(e.to_string()),
        };
        let mut command = (self.command)();
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        // The terminal's Ctrl-C is for us; we end the child when what is done has been kept.
        #[cfg(unix)]
        std::os::unix::process::CommandExt::process_group(&mut command, 0);
        let mut child = command.spawn().map_err(broken)?;
        let pipes = (child.stdin.take(), child.stdout.take(), child.stderr.take());
        let last_words = Arc::new(Mutex::new(VecDeque::new()));
        let threads = attend(pipes, &last_words);
        let (outbox, events) = threads.inspect_err(|_| {
            let _ = child.kill();
            let _ = child.wait();
        })?;
        let _ = outbox.send((Request::Load(load), Arc::from([])));
        Ok(Running {
            child,
            outbox,
            events,
            last_words,
            footing,
            since: Instant::now(),
            has_loaded: false,
            is_wanted: false,
        })
    }
}

type Pipes = (Option<ChildStdin>, Option<ChildStdout>, Option<ChildStderr>);
type Posts = (Sender<(Request, Arc<[f32]>)>, Receiver<Event>);

/// Starts the threads that write to a child, read its answers, and keep the last lines it says
/// beside them.
fn attend(pipes: Pipes, last_words: &Arc<Mutex<VecDeque<String>>>) -> Result<Posts, StartError> {
    let (Some(mut stdin), Some(stdout), Some(stderr)) = pipes else {
        return Err(StartError::Broken("it has no pipes".into()));
    };
    let thread = |work: Box<dyn FnOnce() + Send>| {
        let spawned = thread::Builder::new().spawn(work);
        spawned.map(drop).map_err(|e| StartError::Threads(refusal::no_thread(&e)))
    };
    let (outbox, letters) = mpsc::channel::<(Request, Arc<[f32]>)>();
    thread(Box::new(move || {
        while let Ok((request, samples)) = letters.recv() {
            if protocol::write(&mut stdin, &request, &samples).is_err() {
                return;
            }
        }
    }))?;
    let (events_in, events) = mpsc::channel();
    thread(Box::new(move || read_replies(stdout, &events_in)))?;
    let keep = Arc::clone(last_words);
    thread(Box::new(move || {
        for line in BufReader::new(stderr).split(b'\n').map_while(Result::ok) {
            let line = String::from_utf8_lossy(&line).trim_end().to_owned();
            log::debug!(target: "recogniser", "{line}");
            let mut kept = keep.lock().unwrap_or_else(PoisonError::into_inner);
            kept.push_back(line);
            if kept.len() > 8 {
                kept.pop_front();
            }
        }
    }))?;
    Ok((outbox, events))
}

impl Drop for Supervisor {
    fn drop(&mut self) {
        self.dismiss();
    }
}

impl Running {
    /// Ends the child and says what became of it.
    fn end(mut self, why: &str) -> String {
        // A child that failed by itself closes its pipes a moment before it is gone, and its own
        // status tells more than our signal.
        let mut status = self.child.try_wait().ok().flatten();
        for _ in 0..20 {
            if status.is_some() || self.is_wanted {
                break;
            }
            thread::sleep(Duration::from_millis(5));
            status = self.child.try_wait().ok().flatten();
        }
        let _ = self.child.kill();
        let status = status.or_else(|| self.child.wait().ok());
        let words = self.last_words.lock().unwrap_or_else(PoisonError::into_inner);
        let last = words
            .iter()
            .rev()
            .find(|line| !line.is_empty())
            .map(|line| format!(" (it last said: {line})"))
            .unwrap_or_default();
        format!("{why}, {}{last}", status.map_or_else(|| "its end unknown".to_owned(), describe))
    }
}

/// An exit status in words.
fn describe(status: ExitStatus) -> String {
    #[cfg(unix)]
    if let Some(signal) = std::os::unix::process::ExitStatusExt::signal(&status) {
        return match signal {
            4 => "this processor lacks an instruction that this build makes use of (signal 4); one that is built here goes without"
                .to_owned(),
            6 => "aborted (signal 6)".to_owned(),
            9 => "killed (signal 9; if nobody did, the memory ran out)".to_owned(),
            11 => "crashed (signal 11)".to_owned(),
            other => format!("ended by signal {other}"),
        };
    }
    status.code().map_or_else(|| "ended".to_owned(), |code| format!("ended with code {code}"))
}

fn read_replies(stdout: ChildStdout, events: &Sender<Event>) {
    let mut input = BufReader::new(stdout);
    loop {
        let event = match protocol::read::<Reply>(&mut input) {
            Ok(Some((reply, _))) => Event::Said(reply),
            Ok(None) => Event::Ended("it closed its output".into()),
            Err(e) => Event::Ended(e.to_string()),
        };
        let is_last = matches!(event, Event::Ended(_));
        if events.send(event).is_err() || is_last {
            return;
        }
    }
}

#[cfg(test)]
#[cfg(unix)]
mod tests;
