//! Files that are written while somebody listens, one after the other, on a thread of their own.

use std::collections::VecDeque;
use std::sync::mpsc::{Receiver, Sender, TryRecvError, channel};
use std::thread;
use std::time::{Duration, Instant};

/// So many may wait; a key that is held asks for thirty in a second.
const MOST_WAITING: usize = 8;

/// What is done behind the screen. It answers what is to be told of it.
type Work = Box<dyn FnOnce() -> Result<String, String> + Send>;
/// Where work is handed to the thread that does it, and where its answers come from.
type Worker = (Sender<Work>, Receiver<Result<String, String>>);

/// Those that are open, and the thread that does them.
#[derive(Default)]
pub struct Errands {
    /// What each that is open is, in order.
    open: VecDeque<String>,
    thread: Option<Worker>,
    /// What there is to tell already.
    told: Vec<Result<String, String>>,
}

impl Errands {
    /// Has `work` done; `what` it is tells it from others.
    ///
    /// # Errors
    /// In words, where the same is being done already, or too much is.
    pub fn send(&mut self, what: &str, work: Work) -> Result<String, String> {
        self.gather();
        if self.open.iter().any(|open| open == what) {
            return Err(format!("{what} is being written already"));
        }
        if self.open.len() >= MOST_WAITING {
            return Err(format!(
                "{MOST_WAITING} files are being written already: wait for one of them"
            ));
        }
        if self.thread.is_none() {
            self.thread = start();
        }
        match &self.thread {
            // A thread that is gone is found out when its answers are asked for.
            Some((sender, _)) => {
                let _ = sender.send(work);
                self.open.push_back(what.to_owned());
                Ok(String::new())
            }
            // The system gives no thread for it.
            None => work(),
        }
    }

    /// What came of those that are done by now.
    pub fn done(&mut self) -> Vec<Result<String, String>> {
        self.gather();
        std::mem::take(&mut self.told)
    }

    /// Waits for those that are open, but not after `patience` or once `is_over`; what came of
    /// them, and of those that are left.
    pub fn finish(
        &mut self,
        patience: Duration,
        is_over: &dyn Fn() -> bool,
    ) -> Vec<Result<String, String>> {
        let begin = Instant::now();
        while !self.open.is_empty() && begin.elapsed() < patience && !is_over() {
            thread::sleep(Duration::from_millis(10));
            self.gather();
        }
        let mut told = self.done();
        told.extend(
            self.open
                .drain(..)
                .map(|what| Err(format!("{what} was not written: the program ended before"))),
        );
        told
    }

    fn gather(&mut self) {
        let Some((_, answers)) = &self.thread else { return };
        loop {
            match answers.try_recv() {
                Ok(told) => {
                    self.open.pop_front();
                    self.told.push(told);
                }
                Err(TryRecvError::Empty) => return,
                Err(TryRecvError::Disconnected) => {
                    // It gave up over the first; those behind were never begun.
                    self.told.extend(self.open.drain(..).map(|what| {
                        Err(format!("{what} was not written; `--log FILE` keeps why"))
                    }));
                    self.thread = None;
                    return;
                }
            }
        }
    }
}

fn start() -> Option<Worker> {
    let (sender, orders) = channel::<Work>();
    let (answers, told) = channel();
    let thread = thread::Builder::new().name("errands".into()).spawn(move || {
        for work in orders {
            if answers.send(work()).is_err() {
                return;
            }
        }
    });
    thread
        .inspect_err(|error| log::warn!("files are written by the thread that draws: {error}"))
        .ok()?;
    Some((sender, told))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::mpsc::channel;

    #[test]
    fn one_after_the_other_and_not_too_many() {
        let mut errands = Errands::default();
        let (go, may_go) = channel::<()>();
        let held = errands
            .send("the first", Box::new(move || Ok(format!("first {}", may_go.recv().is_ok()))));
        assert_eq!(held, Ok(String::new()), "nobody waits for it");
        assert!(
            errands
                .send("the first", Box::new(|| Ok(String::new())))
                .is_err_and(|why| why.contains("already"))
        );
        for n in 1..MOST_WAITING {
            assert!(errands.send(&n.to_string(), Box::new(move || Ok(n.to_string()))).is_ok());
        }
        assert!(
            errands
                .send("one more", Box::new(|| Ok(String::new())))
                .is_err_and(|why| why.contains("8 files"))
        );
        assert_eq!(errands.done(), []);
        assert_eq!(
            errands.finish(Duration::MAX, &|| true).len(),
            MOST_WAITING,
            "who is told to end does not wait"
        );
        let _ = go.send(());
        let mut errands = Errands::default();
        assert!(errands.send("a", Box::new(|| Ok("b".into()))).is_ok());
        assert_eq!(errands.finish(Duration::MAX, &|| false), [Ok("b".to_owned())]);
    }

    #[test]
    fn one_that_gives_up() {
        let mut errands = Errands::default();
        let hook = std::panic::take_hook();
        std::panic::set_hook(Box::new(|_| {}));
        assert!(errands.send("a", Box::new(|| panic!("asked for"))).is_ok());
        let told = errands.finish(Duration::MAX, &|| false);
        std::panic::set_hook(hook);
        assert!(
            told.len() == 1 && told[0].as_ref().is_err_and(|why| why.contains("not written")),
            "{told:?}"
        );
        assert!(errands.send("a", Box::new(|| Ok("done".into()))).is_ok());
        assert_eq!(errands.finish(Duration::MAX, &|| false), [Ok("done".to_owned())]);
    }
}
