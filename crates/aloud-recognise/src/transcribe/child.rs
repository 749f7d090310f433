//! The far side of the pipe: holds the model and answers.
//!
//! It ends when its input ends, without waiting for work in progress: that is how the parent
//! cancels, and how no orphan stays behind when the parent is killed. This file never knows which
//! engine it serves.

use super::protocol::{self, Reply, Request};
use super::{Ear, Engine};
use std::io::{Read, Write};
use std::process::ExitCode;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;

/// whisper.cpp tokenises with a recursive regular expression: a prompt of a few thousand Chinese
/// characters overflows a 2 MiB stack (measured). Prompts are cut to far less; this is the margin.
const STACK: usize = 16 << 20;

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
    let ears = E::load(&load).and_then(|engine| (0..load.jobs.max(1)).map(|_| engine.ear()).collect::<Result<Vec<_>, _>>());
    let ears = match ears {
        Ok(ears) => ears,
        Err(why) => {
            say(&output, &Reply::LoadFailed(why));
            return ExitCode::FAILURE;
        }
    };
    let (queue, work) = channel::<Work>();
    let work = Arc::new(Mutex::new(work));
    for ear in ears {
        let (work, mouth) = (Arc::clone(&work), Arc::clone(&output));
        let spawned = thread::Builder::new().stack_size(STACK).spawn(move || listen(ear, &work, &mouth));
        if let Err(why) = spawned {
            say(&output, &Reply::LoadFailed(format!("no thread for the recogniser: {why}")));
            return ExitCode::FAILURE;
        }
    }
    say(&output, &Reply::Loaded);
    pass_on(&mut input, &queue)
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
fn listen(mut ear: Box<dyn Ear>, work: &Mutex<Receiver<Work>>, output: &Mutex<impl Write>) {
    loop {
        let next = work.lock().unwrap_or_else(PoisonError::into_inner).recv();
        let Ok((request, samples)) = next else { return };
        let reply = match request {
            Request::Load(_) => continue,
            Request::Recognise { id, how } => {
                ear.recognise(&samples, &how).map_or_else(|why| Reply::Failed { id, why }, |passes| Reply::Heard { id, passes })
            }
            Request::Language { id } => {
                ear.languages(&samples).map_or_else(|why| Reply::Failed { id, why }, |found| Reply::Languages { id, found })
            }
            Request::Speech { id } => {
                ear.speech(&samples).map_or_else(|why| Reply::Failed { id, why }, |probabilities| Reply::Speech { id, probabilities })
            }
        };
        say(output, &reply);
    }
}

/// Sends a reply. A parent that no longer listens is noticed at the input's end.
fn say(output: &Mutex<impl Write>, reply: &Reply) {
    let mut output = output.lock().unwrap_or_else(PoisonError::into_inner);
    let _ = protocol::write(&mut *output, reply, &[]);
}
