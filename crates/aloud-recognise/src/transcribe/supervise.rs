//! The near side of the pipe: starts the child, hands it windows, and outlives it.
//!
//! A child that dies, hangs or talks nonsense costs one window at most. When it fails with several
//! windows in flight nobody knows which of them did it, so each is tried again alone; the one that
//! fails alone is tried once more with safer settings, and then given up.
//!
//! This file never knows what the words mean, nor where the sound comes from.

use super::protocol::{self, How, Load, Pass, Reply, Request};
use std::collections::VecDeque;
use std::io::{BufRead, BufReader};
use std::process::{Child, ChildStdout, Command, ExitStatus, Stdio};
use std::sync::mpsc::{self, Receiver, RecvTimeoutError, Sender};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

/// What is asked about a stretch of sound.
#[derive(Clone, Debug, PartialEq)]
pub enum Ask {
    /// Its words.
    Recognise(How),
    /// Its language.
    Language,
    /// Where in it somebody speaks.
    Speech,
}

/// What came back.
#[derive(Clone, Debug, PartialEq)]
pub enum Answer {
    /// To [`Ask::Recognise`].
    Heard(Vec<Pass>),
    /// To [`Ask::Language`].
    Languages(Vec<(String, f32)>),
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
    Refused(String),
    /// The child could not be started, or ends before it is ready.
    #[error("the recogniser does not start: {0}; `aloud doctor` tells what works here, `--log FILE` keeps what it says")]
    Broken(String),
}

/// How long a request may take before the child counts as hung.
#[derive(Clone, Copy, Debug)]
pub struct Patience {
    /// For loading the model.
    pub load: Duration,
    /// For any request, whatever its length.
    pub least: Duration,
    /// More for each second of sound. Generous: large models on small machines take minutes a window.
    pub per_second: Duration,
}

impl Default for Patience {
    fn default() -> Self {
        Self { load: Duration::from_secs(600), least: Duration::from_secs(120), per_second: Duration::from_secs(60) }
    }
}

struct Task {
    id: u64,
    ask: Ask,
    samples: Arc<[f32]>,
    /// It was in flight when a child failed.
    is_suspect: bool,
    /// How often a child failed with nothing but this in flight.
    failures: u32,
}

/// How much sound it is.
fn seconds(task: &Task) -> f64 {
    task.samples.len() as f64 / 16_000.0
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
    is_safe: bool,
    /// It has not failed: it is only ended because it is no longer needed.
    is_wanted: bool,
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
    /// The normal settings could not even be loaded.
    must_be_safe: bool,
    /// The longest that a second of sound has taken so far.
    slowest: Option<Duration>,
}

/// A child that takes so many times as long as it ever did is hung.
const SLOWER: u32 = 20;

impl Supervisor {
    /// Starts nothing yet. `command` makes the child that speaks [`protocol`] on its standard streams.
    pub fn new(command: impl Fn() -> Command + Send + 'static, load: Load, patience: Patience) -> Self {
        Self {
            command: Box::new(command),
            load,
            patience,
            running: None,
            waiting: VecDeque::new(),
            flying: Vec::new(),
            ready: VecDeque::new(),
            must_be_safe: false,
            slowest: None,
        }
    }

    /// Queues a request; `id` comes back with its answer.
    pub fn submit(&mut self, id: u64, ask: Ask, samples: Arc<[f32]>) {
        self.waiting.push_back(Task { id, ask, samples, is_suspect: false, failures: 0 });
    }

    /// How many requests have no answer yet.
    pub fn pending(&self) -> usize {
        self.waiting.len() + self.flying.len() + self.ready.len()
    }

    /// The next answer, in whichever order they come; `None` when there is none within `wait`.
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
            let nearest = self.flying.iter().map(|f| f.since + self.limit(&f.task)).min().unwrap_or(until);
            let pause = nearest.min(until).saturating_duration_since(Instant::now());
            match running.events.recv_timeout(pause) {
                Ok(Event::Said(reply)) => self.land(reply),
                Ok(Event::Ended(why)) => self.child_failed(&why),
                Err(RecvTimeoutError::Disconnected) => self.child_failed("it closed its pipes"),
                Err(RecvTimeoutError::Timeout) if Instant::now() >= nearest && !self.flying.is_empty() && nearest <= until => {
                    self.child_failed("it gave no answer for too long");
                }
                Err(RecvTimeoutError::Timeout) if Instant::now() >= until => return Ok(None),
                Err(RecvTimeoutError::Timeout) => {}
            }
        }
    }

    fn limit(&self, task: &Task) -> Duration {
        let per_second = self.slowest.map_or(self.patience.per_second, |slowest| (SLOWER * slowest).min(self.patience.per_second));
        self.patience.least + per_second.mul_f64(seconds(task))
    }

    /// Fills the child's hands: one request more than it has threads, so that it never waits for us.
    fn send_what_fits(&mut self) -> Result<(), StartError> {
        while let Some(next) = self.waiting.front() {
            let alone = next.is_suspect || self.flying.iter().any(|f| f.task.is_suspect);
            let room = if alone { 1 } else { self.load.jobs.max(1) + 1 };
            if self.flying.len() >= room {
                return Ok(());
            }
            self.start(self.must_be_safe || next.failures > 0)?;
            let (Some(task), Some(running)) = (self.waiting.pop_front(), &self.running) else { return Ok(()) };
            let request = match &task.ask {
                Ask::Recognise(how) => Request::Recognise { id: task.id, how: how.clone() },
                Ask::Language => Request::Language { id: task.id },
                Ask::Speech => Request::Speech { id: task.id },
            };
            // A child that is gone is noticed by the event of its end.
            let _ = running.outbox.send((request, Arc::clone(&task.samples)));
            self.flying.push(Flight { task, since: Instant::now() });
        }
        Ok(())
    }

    fn land(&mut self, reply: Reply) {
        let (id, answer) = match reply {
            Reply::Heard { id, passes } => (id, Answer::Heard(passes)),
            Reply::Languages { id, found } => (id, Answer::Languages(found)),
            Reply::Speech { id, probabilities } => (id, Answer::Speech(probabilities)),
            Reply::Failed { id, why } => (id, Answer::Lost(why)),
            Reply::Loaded | Reply::LoadFailed(_) => return self.child_failed("it said something out of turn"),
        };
        let Some(at) = self.flying.iter().position(|f| f.task.id == id) else {
            return self.child_failed("it answered what nobody asked");
        };
        let Flight { task, since } = self.flying.swap_remove(at);
        if matches!(task.ask, Ask::Recognise(_)) {
            let pace = since.elapsed().div_f64(seconds(&task).max(1.0));
            self.slowest = self.slowest.max(Some(pace));
        }
        self.ready.push_back((id, answer));
    }

    /// Ends the child and queues again what it was working on.
    fn child_failed(&mut self, why: &str) {
        let ended = self.running.take().map_or_else(|| why.to_owned(), |running| running.end(why));
        log::warn!("the recogniser failed: {ended}");
        let is_alone = self.flying.len() == 1;
        for Flight { mut task, .. } in self.flying.drain(..).rev() {
            task.is_suspect = true;
            task.failures += u32::from(is_alone);
            if task.failures > 1 {
                self.ready.push_back((task.id, Answer::Lost(ended.clone())));
            } else {
                self.waiting.push_front(task);
            }
        }
    }

    /// Sees to it that a child with the wanted settings runs and has loaded its model.
    fn start(&mut self, safe: bool) -> Result<(), StartError> {
        if self.running.as_ref().is_some_and(|r| r.is_safe == safe || !self.flying.is_empty()) {
            return Ok(());
        }
        self.dismiss();
        let first = self.launch(safe);
        let running = match first {
            Err(StartError::Broken(why)) if !safe && self.load.model.is_some() => {
                log::warn!("the recogniser failed to load: {why}; trying without GPU and word warping");
                self.must_be_safe = true;
                self.launch(true)?
            }
            other => other?,
        };
        self.running = Some(running);
        Ok(())
    }

    fn dismiss(&mut self) {
        if let Some(mut running) = self.running.take() {
            running.is_wanted = true;
            running.end("no longer needed");
        }
    }

    fn launch(&self, safe: bool) -> Result<Running, StartError> {
        let mut load = self.load.clone();
        if safe {
            load.gpu = false;
            load.heads = None;
            load.jobs = 1;
        }
        let broken = |e: std::io::Error| StartError::Broken(e.to_string());
        let mut command = (self.command)();
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        // The terminal's Ctrl-C is for us; we end the child when what is done has been kept.
        #[cfg(unix)]
        std::os::unix::process::CommandExt::process_group(&mut command, 0);
        let mut child = command.spawn().map_err(broken)?;
        let (Some(mut stdin), Some(stdout), Some(stderr)) = (child.stdin.take(), child.stdout.take(), child.stderr.take()) else {
            return Err(StartError::Broken("it has no pipes".into()));
        };
        let (outbox, letters) = mpsc::channel::<(Request, Arc<[f32]>)>();
        thread::spawn(move || {
            while let Ok((request, samples)) = letters.recv() {
                if protocol::write(&mut stdin, &request, &samples).is_err() {
                    return;
                }
            }
        });
        let (events_in, events) = mpsc::channel();
        thread::spawn(move || read_replies(stdout, &events_in));
        let last_words = Arc::new(Mutex::new(VecDeque::new()));
        let keep = Arc::clone(&last_words);
        thread::spawn(move || {
            for line in BufReader::new(stderr).split(b'\n').map_while(Result::ok) {
                let line = String::from_utf8_lossy(&line).trim_end().to_owned();
                log::debug!(target: "recogniser", "{line}");
                let mut kept = keep.lock().unwrap_or_else(PoisonError::into_inner);
                kept.push_back(line);
                if kept.len() > 8 {
                    kept.pop_front();
                }
            }
        });
        let _ = outbox.send((Request::Load(load), Arc::from([])));
        let running = Running { child, outbox, events, last_words, is_safe: safe, is_wanted: false };
        match running.events.recv_timeout(self.patience.load) {
            Ok(Event::Said(Reply::Loaded)) => Ok(running),
            Ok(Event::Said(Reply::LoadFailed(why))) => {
                running.end(&why);
                Err(StartError::Refused(why))
            }
            Ok(Event::Said(_)) => Err(StartError::Broken(running.end("it said something out of turn"))),
            Ok(Event::Ended(why)) => Err(StartError::Broken(running.end(&why))),
            Err(_) => Err(StartError::Broken(running.end("it gave no answer for too long"))),
        }
    }
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
        let last = words.iter().rev().find(|line| !line.is_empty()).map(|line| format!(" (it last said: {line})")).unwrap_or_default();
        format!("{why}, {}{last}", status.map_or_else(|| "its end unknown".to_owned(), describe))
    }
}

/// An exit status in words.
fn describe(status: ExitStatus) -> String {
    #[cfg(unix)]
    if let Some(signal) = std::os::unix::process::ExitStatusExt::signal(&status) {
        return match signal {
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
mod tests {
    use super::*;
    use std::io::Write;
    use std::path::Path;

    /// What a child made of shell script says and does.
    struct Script {
        folder: tempfile::TempDir,
        text: String,
    }

    impl Script {
        fn new() -> Self {
            Self { folder: tempfile::tempdir().unwrap(), text: String::new() }
        }

        fn path(&self) -> &Path {
            self.folder.path()
        }

        /// Says `reply`.
        fn say(mut self, reply: &Reply) -> Self {
            let name = format!("{}.frame", self.text.len());
            let mut wire = Vec::new();
            protocol::write(&mut wire, reply, &[]).unwrap();
            std::fs::write(self.path().join(&name), wire).unwrap();
            self.text.push_str(&format!("cat {name}\n"));
            self
        }

        fn run(mut self, line: &str) -> Self {
            self.text.push_str(line);
            self.text.push('\n');
            self
        }

        fn supervisor(&self, jobs: usize) -> Supervisor {
            let (folder, text) = (self.path().to_owned(), self.text.clone());
            let command = move || {
                let mut sh = Command::new("sh");
                sh.arg("-c").arg(&text).current_dir(&folder);
                sh
            };
            let patience =
                Patience { load: Duration::from_millis(500), least: Duration::from_millis(300), per_second: Duration::from_millis(1) };
            Supervisor::new(command, Load { jobs, threads: 1, ..Load::default() }, patience)
        }

        /// How often a child was started: each leaves a line in `starts`.
        fn starts(&self) -> usize {
            std::fs::read_to_string(self.path().join("starts")).map_or(0, |s| s.lines().count())
        }
    }

    fn heard(id: u64) -> Reply {
        Reply::Heard { id, passes: vec![] }
    }

    fn ask() -> Ask {
        Ask::Recognise(How { language: "en".into(), beam: 1, temperature: 0.0, prompt: String::new() })
    }

    fn answers(supervisor: &mut Supervisor, n: u64) -> Vec<(u64, Answer)> {
        for id in 0..n {
            supervisor.submit(id, ask(), vec![0.0; 40_000].into());
        }
        let mut got: Vec<_> = (0..n).map(|_| supervisor.next(Duration::from_secs(20)).unwrap().unwrap()).collect();
        got.sort_by_key(|(id, _)| *id);
        got
    }

    const COUNT: &str = "echo x >> starts";

    #[test]
    fn a_good_child_answers() {
        let script = Script::new().run(COUNT).say(&Reply::Loaded).say(&heard(1)).say(&heard(0)).run("sleep 9");
        let got = answers(&mut script.supervisor(2), 2);
        assert_eq!(got, [(0, Answer::Heard(vec![])), (1, Answer::Heard(vec![]))]);
        assert_eq!(script.starts(), 1);
    }

    #[test]
    fn a_bad_child_costs_one_window() {
        for (name, misdeed) in [
            ("dies", "exit 3"),
            ("is killed", "kill -9 $$"),
            ("hangs", "sleep 9"),
            ("talks nonsense", "echo whisper_init: loading"),
            ("answers what nobody asked", "cat stray"),
            ("closes its output", "exec 1>&-; sleep 9"),
        ] {
            // The first child fails with both windows in hand, two more with the first one alone; a fourth hears the second.
            let guilty = format!("[ $(wc -l < starts) -gt 3 ] || {{ {misdeed}; }}");
            let script = Script::new().run(COUNT).say(&Reply::Loaded).run(&guilty).say(&heard(1)).run("sleep 9");
            let mut stray = std::fs::File::create(script.path().join("stray")).unwrap();
            protocol::write(&mut stray, &heard(99), &[]).unwrap();
            stray.flush().unwrap();
            let got = answers(&mut script.supervisor(1), 2);
            assert!(matches!(&got[0], (0, Answer::Lost(_))), "{name}: {got:?}");
            assert_eq!(got[1], (1, Answer::Heard(vec![])), "{name}");
            assert_eq!(script.starts(), 4, "{name}");
        }
    }

    #[test]
    fn a_window_is_tried_again_with_safer_settings() {
        let script =
            Script::new().run(COUNT).say(&Reply::Loaded).run("[ $(wc -l < starts) -gt 1 ] || exit 1").say(&heard(0)).run("sleep 9");
        assert_eq!(answers(&mut script.supervisor(1), 1)[0].1, Answer::Heard(vec![]));
        assert_eq!(script.starts(), 2);
    }

    #[test]
    fn a_child_that_cannot_start_says_why() {
        let refuses = Script::new().say(&Reply::LoadFailed("no such model".into()));
        let mut supervisor = refuses.supervisor(1);
        supervisor.submit(0, ask(), Arc::from([]));
        assert_eq!(supervisor.next(Duration::from_secs(5)), Err(StartError::Refused("no such model".into())));

        let dies = Script::new().run("echo out of memory >&2; sleep 0.1; exit 1");
        let mut supervisor = dies.supervisor(1);
        supervisor.submit(0, ask(), Arc::from([]));
        let Err(StartError::Broken(why)) = supervisor.next(Duration::from_secs(5)) else { panic!("started") };
        assert!(why.contains("code 1") && why.contains("out of memory"), "{why}");
    }

    #[test]
    fn nothing_asked_nothing_answered() {
        assert_eq!(Script::new().supervisor(1).next(Duration::ZERO), Ok(None));
    }
}
