//! The far side of the pipe: holds the model and answers.
//!
//! It ends when its input ends, without waiting for work in progress: that is how the parent
//! cancels, and how no orphan stays behind when the parent is killed. It also ends when one of its
//! threads panics, so that the parent notices at once. This file never knows which engine it
//! serves.

use super::protocol::{self, Reply, Request};
use super::{DecoderState, Engine};
use crate::reason::Reason;
use crate::refusal;
use std::io::{Read, Write};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::process::ExitCode;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;

/// whisper.cpp tokenises with a recursive regular expression: a prompt of a few thousand Chinese
/// characters overflows a 2 MiB stack (measured). Prompts are cut to far less; this is the margin.
const STACK: usize = 16 << 20;

/// Exit code after a panic, as Rust's own.
const PANICKED: i32 = 101;

type Work = (Request, Vec<f32>);

/// Serves one parent until its messages end.
///
/// The first message must be [`Request::Load`]; a parent that says something else first, or
/// something unreadable at any time, is not ours and gets exit code 1.
pub fn serve<E: Engine>(mut input: impl Read, output: impl Write + Send + 'static) -> ExitCode {
    let output = Arc::new(Mutex::new(output));
    let Ok(Some((Request::Load(load), _))) = protocol::read::<Request>(&mut input) else {
        return ExitCode::FAILURE;
    };
    let states = match E::load(&load).and_then(|engine| Ok(states(&engine, load.jobs)?)) {
        Ok(states) => states,
        Err(why) => {
            say(&output, &failed(why));
            return ExitCode::FAILURE;
        }
    };
    let (queue, work) = channel::<Work>();
    let work = Arc::new(Mutex::new(work));
    let mut n_listening = 0;
    for state in states {
        let (work, answers) = (Arc::clone(&work), Arc::clone(&output));
        let listening = move || {
            // Whoever asked would wait for the rest of this thread's answers.
            if catch_unwind(AssertUnwindSafe(|| listen(state, &work, &answers))).is_err() {
                std::process::exit(PANICKED);
            }
        };
        match thread::Builder::new().stack_size(STACK).spawn(listening) {
            Ok(_) => n_listening += 1,
            Err(why) if n_listening == 0 => {
                say(&output, &failed(refusal::no_thread(&why)));
                return ExitCode::FAILURE;
            }
            Err(why) => {
                log_line(&format!("only {n_listening} windows at once: {why}"));
                break;
            }
        }
    }
    say(&output, &Reply::Loaded);
    pass_on(&mut input, &queue)
}

/// Says that nothing can be recognised.
fn failed(reason: impl Into<Reason>) -> Reply {
    let Reason { why, hint } = reason.into();
    Reply::LoadFailed { why, hint }
}

/// As many states as are wanted, or as there is memory for, at least one.
fn states<E: Engine>(engine: &E, wanted: usize) -> Result<Vec<Box<dyn DecoderState>>, String> {
    let mut states = vec![engine.state()?];
    while states.len() < wanted {
        match engine.state() {
            Ok(state) => states.push(state),
            Err(why) => {
                log_line(&format!("only {} windows at once: {why}", states.len()));
                break;
            }
        }
    }
    Ok(states)
}

/// Says something that the parent keeps in its log.
fn log_line(text: &str) {
    let _ = writeln!(std::io::stderr(), "{text}");
}

/// Hands requests to the listening threads until there are no more.
fn pass_on(input: &mut impl Read, queue: &Sender<Work>) -> ExitCode {
    loop {
        match protocol::read::<Request>(input) {
            Ok(Some(work)) => {
                if queue.send(work).is_err() {
                    return ExitCode::FAILURE;
                }
            }
            Ok(None) => return ExitCode::SUCCESS,
            Err(_) => return ExitCode::FAILURE,
        }
    }
}

/// One thread: takes a request, answers it, and so on.
fn listen(
    mut state: Box<dyn DecoderState>,
    work: &Mutex<Receiver<Work>>,
    output: &Mutex<impl Write>,
) {
    loop {
        let next = work.lock().unwrap_or_else(PoisonError::into_inner).recv();
        let Ok((request, samples)) = next else { return };
        let reply = match request {
            Request::Load(_) => continue,
            Request::Recognise { id, how } => state
                .recognise(&samples, &how)
                .map_or_else(|why| Reply::Failed { id, why }, |heard| Reply::Heard { id, heard }),
            Request::Speech { id } => state.speech(&samples).map_or_else(
                |why| Reply::Failed { id, why },
                |probabilities| Reply::Speech { id, probabilities },
            ),
        };
        say(output, &reply);
    }
}

/// Sends a reply. A parent that no longer listens is noticed at the input's end.
fn say(output: &Mutex<impl Write>, reply: &Reply) {
    let mut output = output.lock().unwrap_or_else(PoisonError::into_inner);
    let _ = protocol::write(&mut *output, reply, &[]);
}

#[cfg(test)]
mod tests {
    use super::super::protocol::{Hearing, How, Load};
    use super::*;
    use std::process::{Command, Stdio};

    /// An engine with memory for two, whose second window makes it panic.
    struct Fragile(Arc<Mutex<usize>>);

    impl Engine for Fragile {
        fn load(_: &Load) -> Result<Self, Reason> {
            Ok(Self(Arc::default()))
        }

        fn state(&self) -> Result<Box<dyn DecoderState>, String> {
            let mut n_states = self.0.lock().unwrap();
            *n_states += 1;
            if *n_states > 2 { Err("too little memory".into()) } else { Ok(Box::new(FragileState)) }
        }
    }

    struct FragileState;

    impl DecoderState for FragileState {
        fn recognise(&mut self, samples: &[f32], _: &How) -> Result<Hearing, String> {
            assert!(!samples.is_empty(), "a window without sound");
            Ok(Hearing::default())
        }

        fn speech(&mut self, _: &[f32]) -> Result<Vec<f32>, String> {
            Ok(vec![])
        }
    }

    const CHILD: &str = "ALOUD_TEST_FRAGILE_CHILD";

    /// Not a test of its own: what the next one starts this binary for.
    #[test]
    fn fragile_child() {
        if std::env::var_os(CHILD).is_some() {
            // The harness prints to standard output; answers go to standard error, which it leaves
            // alone.
            serve::<Fragile>(std::io::stdin(), std::io::stderr());
        }
    }

    #[test]
    fn a_panic_ends_the_child() {
        let module = module_path!().split_once("::").map_or("", |(_, path)| path);
        let mut command = Command::new(std::env::current_exe().unwrap());
        command
            .args([&format!("{module}::fragile_child"), "--exact", "--nocapture"])
            .env(CHILD, "1");
        let mut child = command
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut input = child.stdin.take().unwrap();
        let how = How {
            language: "en".into(),
            beam: 1,
            temperature: 0.0,
            prompt: String::new(),
            is_guess: false,
            is_whole: false,
            spoken_ms: None,
        };
        let recognise = |id| Request::Recognise { id, how: how.clone() };
        protocol::write(&mut input, &Request::Load(Load { jobs: 2, ..Load::default() }), &[])
            .unwrap();
        protocol::write(&mut input, &recognise(0), &[0.0]).unwrap();
        protocol::write(&mut input, &recognise(1), &[]).unwrap();
        // Its input stays open: nothing but the panic ends it.
        let mut answers = child.stderr.take().unwrap();
        assert_eq!(protocol::read::<Reply>(&mut answers).unwrap().unwrap().0, Reply::Loaded);
        assert_eq!(child.wait().unwrap().code(), Some(PANICKED));
        drop(input);
    }

    #[test]
    fn as_many_ears_as_there_is_memory_for() {
        for (wanted, want) in [(1, 1), (2, 2), (5, 2)] {
            assert_eq!(
                states(&Fragile::load(&Load::default()).unwrap(), wanted).unwrap().len(),
                want
            );
        }
        let none = Fragile(Arc::new(Mutex::new(2)));
        assert_eq!(states(&none, 1).err().as_deref(), Some("too little memory"));
    }
}
