//! The flow of a fetch: lock, room, transfer with resuming and retries, checks, name.

use super::ask::{Answer, Ask, Head};
use super::part::{Part, Tag};
use super::{
    Arrived, DownloadError, Event, Fetched, Hooks, Order, Policy, Verdict, Version, http, megabytes,
};
use crate::reason::Reason;
use std::sync::mpsc::{Receiver, RecvTimeoutError};
use std::time::{Duration, Instant};
use std::{io, path::Path};

/// How often a waiting fetch looks up whether it is cancelled.
const TICK: Duration = Duration::from_millis(100);
/// An attempt that brings as much as this has not failed in vain.
const HEADWAY: u64 = 64 * 1024;
/// Space that must stay on a disk besides the file.
const SPARE: u64 = 16 * 1024 * 1024;

/// Fetches the file of `order`. What has come stays when this fails or is cancelled, and the next
/// call goes on from there; the file gets its name only whole and verified.
///
/// # Errors
/// [`DownloadError`], whose hint says what to do.
pub fn fetch(
    order: &Order<'_>,
    policy: &Policy,
    hooks: &mut Hooks<'_>,
) -> Result<Fetched, DownloadError> {
    let Some(part) = lock(order, hooks)? else { return Ok(Fetched::AlreadyThere) };
    let mut fetch = Fetch { order, policy, hooks, part, attempts: 0, is_spoiled: false };
    match fetch.run() {
        Ok(()) => {
            let version = fetch.part.tag.version.clone();
            fetch.part.finish(&order.path).map(|()| Fetched::Done(version))
        }
        Err(error) => {
            if fetch.is_spoiled {
                fetch.part.discard();
            } else {
                fetch.part.leave();
            }
            Err(error)
        }
    }
}

/// Waits for the lock; `None` when the file is there meanwhile.
fn lock(order: &Order<'_>, hooks: &mut Hooks<'_>) -> Result<Option<Part>, DownloadError> {
    // One that is to be replaced counts as there only when somebody else has replaced it.
    let changed = || order.path.metadata().and_then(|about| about.modified()).ok();
    let replaced = changed().filter(|_| order.replaces);
    let mut has_said = false;
    loop {
        let part = Part::open(&order.path)?;
        if order.path.exists() && (replaced.is_none() || changed() != replaced) {
            if let Some(part) = part {
                part.leave();
            }
            return Ok(None);
        }
        if part.is_some() {
            return Ok(part);
        }
        if !has_said {
            (hooks.on_event)(Event::Waiting);
            has_said = true;
        }
        if (hooks.is_cancelled)() {
            return Err(DownloadError::Cancelled { kept: 0 });
        }
        (hooks.sleep)(TICK * 5);
    }
}

/// Why an attempt brought less than the file.
enum Trouble {
    /// Another one may bring the rest.
    Again { reason: Reason, pause: Option<Duration> },
    /// None will.
    Fatal(DownloadError),
}

impl Trouble {
    fn again(reason: impl Into<Reason>) -> Self {
        Self::Again { reason: reason.into(), pause: None }
    }
}

impl From<DownloadError> for Trouble {
    fn from(error: DownloadError) -> Self {
        Self::Fatal(error)
    }
}

struct Fetch<'a, 'b> {
    order: &'a Order<'a>,
    policy: &'a Policy,
    hooks: &'a mut Hooks<'b>,
    part: Part,
    attempts: u32,
    /// Whether the bytes in the part are of no use to a next attempt.
    is_spoiled: bool,
}

impl Fetch<'_, '_> {
    /// Transfers and checks; wrong bytes are fetched once more from the start.
    fn run(&mut self) -> Result<(), DownloadError> {
        if let Some(bytes) = self.order.bytes {
            self.require_room(bytes)?;
        }
        for last in [false, true] {
            self.transfer()?;
            (self.hooks.on_event)(Event::Checking);
            match self.check() {
                Err(DownloadError::Unfit(_)) if !last => {
                    self.start_over("wrong bytes came")?;
                }
                result => {
                    self.is_spoiled = matches!(result, Err(DownloadError::Unfit(_)));
                    return result;
                }
            }
        }
        Ok(())
    }

    fn require_room(&self, bytes: u64) -> Result<(), DownloadError> {
        let needed = bytes.saturating_sub(self.part.len);
        let folder = self
            .order
            .path
            .parent()
            .filter(|folder| !folder.as_os_str().is_empty())
            .unwrap_or(Path::new("."));
        match (self.policy.free_space)(folder) {
            Ok(free) if free < needed.saturating_add(SPARE) => Err(DownloadError::NoSpace {
                folder: folder.to_owned(),
                needed: needed.saturating_add(SPARE),
                free,
                advice: self.order.advice.folder,
            }),
            Ok(_) => Ok(()),
            Err(error) => {
                log::warn!("cannot tell the free space of `{}`: {error}", folder.display());
                Ok(())
            }
        }
    }

    /// Brings the whole file into the part, in as many attempts as patience allows.
    fn transfer(&mut self) -> Result<(), DownloadError> {
        // Headway is counted from the furthest point ever reached: a server that makes us start
        // over again and again would keep us busy for ever.
        let (mut in_vain, mut furthest) = (0, self.part.len);
        loop {
            self.attempts += 1;
            let (reason, pause) = match self.attempt() {
                Ok(()) => return Ok(()),
                Err(Trouble::Fatal(error)) => return Err(error),
                Err(Trouble::Again { reason, pause }) => (reason, pause),
            };
            if self.part.len >= furthest.saturating_add(HEADWAY) {
                (in_vain, furthest) = (0, self.part.len);
            }
            in_vain += 1;
            if in_vain > self.policy.retries {
                let (url, kept) = (self.order.url.clone(), self.part.len);
                return Err(DownloadError::GaveUp { url, attempts: self.attempts, reason, kept });
            }
            let doubled = self.policy.first_pause.saturating_mul(1 << (in_vain - 1).min(16));
            let pause = pause.unwrap_or(doubled).min(self.policy.longest_pause);
            (self.hooks.on_event)(Event::Retrying { reason: &reason.one_line(), pause });
            self.pause(pause)?;
        }
    }

    fn pause(&self, pause: Duration) -> Result<(), DownloadError> {
        let mut left = pause;
        while !left.is_zero() {
            self.require_wanted()?;
            let step = left.min(TICK);
            (self.hooks.sleep)(step);
            left -= step;
        }
        self.require_wanted()
    }

    fn require_wanted(&self) -> Result<(), DownloadError> {
        if (self.hooks.is_cancelled)() {
            Err(DownloadError::Cancelled { kept: self.part.len })
        } else {
            Ok(())
        }
    }

    /// One connection.
    fn attempt(&mut self) -> Result<(), Trouble> {
        self.require_wanted()?;
        if self.part.len > 0 && self.part.tag.total.or(self.order.bytes) == Some(self.part.len) {
            if !(self.order.replaces && self.order.bytes.is_none()) {
                return Ok(());
            }
            // It was left whole by an earlier run, and a newer one is asked for.
            self.start_over("what is here may be an older version")?;
        }
        if self.part.len > 0 && self.part.tag == Tag::default() && self.order.bytes.is_none() {
            self.start_over("nothing tells which version of the file is here")?;
        }
        let answers = http::start(Ask {
            url: self.order.url.clone(),
            named_by: self.order.named_by.map(str::to_owned),
            from: self.part.len,
            version: self.part.tag.version.strong().map(str::to_owned),
            stall: self.policy.stall,
            proxies: self.policy.proxies.clone(),
        });
        let Answer::Head(head) = self.next(&answers)? else {
            return Err(Trouble::again("the server answers without a head"));
        };
        let total = self.judge(&head)?;
        self.receive(&answers, total)
    }

    /// Waits for the next answer, looking up now and then.
    fn next(&self, answers: &Receiver<Answer>) -> Result<Answer, Trouble> {
        let mut silence = Duration::ZERO;
        loop {
            self.require_wanted()?;
            let tick = TICK.min(self.policy.stall);
            match answers.recv_timeout(tick) {
                Ok(Answer::Failed(reason)) => return Err(Trouble::again(reason)),
                Ok(Answer::Hopeless(reason)) => {
                    return Err(
                        DownloadError::BadUrl { url: self.order.url.clone(), reason }.into()
                    );
                }
                Ok(answer) => return Ok(answer),
                Err(RecvTimeoutError::Disconnected) => {
                    return Err(Trouble::again("the connection broke"));
                }
                Err(RecvTimeoutError::Timeout) => silence += tick,
            }
            if silence >= self.policy.stall {
                return Err(Trouble::again(format!(
                    "nothing came for {} seconds",
                    self.policy.stall.as_secs()
                )));
            }
        }
    }

    /// What the head of an answer means for the bytes that are here; gives the file's length.
    fn judge(&mut self, head: &Head) -> Result<Option<u64>, Trouble> {
        if let (200 | 206, Some(kind)) = (head.status, &head.content_type)
            && let Some(why) = (self.order.refuse)(kind)
        {
            return Err(
                DownloadError::BadUrl { url: self.order.url.clone(), reason: why.into() }.into()
            );
        }
        let total = match head.status {
            200 => {
                // A page of the hotel's network comes in place of anything, and must not cost what
                // is here.
                self.require_length(head.length)?;
                if self.part.len > 0 {
                    self.start_over("the server sends the file from its start")?;
                }
                head.length
            }
            206 => match head.range {
                Some((first, total)) if first == self.part.len => {
                    total.or(head.length.map(|length| first + length))
                }
                _ => {
                    self.start_over("the server continues at another place")?;
                    return Err(Trouble::Again {
                        reason: "it has to come whole".into(),
                        pause: Some(Duration::ZERO),
                    });
                }
            },
            416 if self.part.len > 0 => {
                self.start_over("the server's file is shorter than what is here")?;
                return Err(Trouble::Again {
                    reason: "it has to come whole".into(),
                    pause: Some(Duration::ZERO),
                });
            }
            status @ (408 | 425 | 429 | 500 | 502 | 503 | 504) => {
                return Err(Trouble::Again {
                    reason: format!("the server answers {status}").into(),
                    pause: head.retry_after.map(Duration::from_secs),
                });
            }
            status => {
                return Err(DownloadError::Refused {
                    url: self.order.url.clone(),
                    status,
                    advice: self.order.advice.address,
                }
                .into());
            }
        };
        if self.part.len > 0 && !self.is_continued(head, total) {
            self.start_over("the file has changed on the server")?;
            return Err(Trouble::Again {
                reason: "it has to come whole".into(),
                pause: Some(Duration::ZERO),
            });
        }
        self.require_length(total)?;
        if let (None, Some(total)) = (self.order.bytes, total) {
            self.require_room(total)?;
        }
        // A partial answer may leave out what the first one said; a whole one restarted the tag.
        let old = self.part.tag.clone();
        self.part.remember(Tag {
            version: Version {
                etag: head.version.etag.clone().or(old.version.etag),
                modified: head.version.modified.clone().or(old.version.modified),
            },
            total: total.or(old.total),
            sha256: head.sha256.clone().or(old.sha256),
        });
        Ok(total.or(self.order.bytes))
    }

    /// Whether a partial answer goes on with the version whose first bytes are here. A server need
    /// not know `If-Range`, so that all it says is compared; where it says nothing to compare, it
    /// must at least have been told which version is meant, or what came is judged by the length
    /// that it must have.
    fn is_continued(&self, head: &Head, total: Option<u64>) -> bool {
        let old = &self.part.tag;
        let is_same = |old: Option<&str>, new: Option<&str>| Some(old? == new?);
        let by_length = old.total.zip(total).map(|(old, new)| old == new);
        let told = [
            is_same(old.sha256.as_deref(), head.sha256.as_deref()),
            old.version.is_same(&head.version),
            by_length,
        ];
        let is_named = old.version.strong().is_some() || self.order.bytes.is_some();
        !told.contains(&Some(false)) && (is_named || told.contains(&Some(true)))
    }

    fn start_over(&mut self, reason: &str) -> Result<(), DownloadError> {
        (self.hooks.on_event)(Event::StartingOver { reason });
        self.part.restart()
    }

    /// A length that the server states must be the file's, where that is known, and no more than is
    /// taken.
    fn require_length(&self, stated: Option<u64>) -> Result<(), DownloadError> {
        self.require_end(stated.unwrap_or(0))?;
        match (self.order.bytes, stated) {
            (Some(expected), Some(found)) if expected != found => {
                Err(self.wrong_length(found, expected))
            }
            _ => Ok(()),
        }
    }

    /// So many bytes must not be too many.
    fn require_end(&self, bytes: u64) -> Result<(), DownloadError> {
        match self.order.most.filter(|most| bytes > *most) {
            Some(most) => Err(DownloadError::TooLong { url: self.order.url.clone(), most }),
            None => Ok(()),
        }
    }

    fn wrong_length(&self, found: u64, expected: u64) -> DownloadError {
        DownloadError::WrongLength {
            url: self.order.url.clone(),
            found,
            expected,
            advice: self.order.advice.address,
        }
    }

    /// Takes the pieces until they end.
    fn receive(&mut self, answers: &Receiver<Answer>, total: Option<u64>) -> Result<(), Trouble> {
        let (begin, before) = (Instant::now(), self.part.len);
        let (mut since, mut from) = (begin, before);
        while let Answer::Piece(piece) = self.next(answers)? {
            if let Some(total) = total.filter(|total| self.part.len + piece.len() as u64 > *total) {
                self.is_spoiled = true;
                return Err(self.wrong_length(self.part.len + piece.len() as u64, total).into());
            }
            if let Err(error) = self.require_end(self.part.len + piece.len() as u64) {
                self.is_spoiled = true;
                return Err(error.into());
            }
            self.part.append(&piece)?;
            // A connection that has just begun has no speed yet; a millisecond keeps it finite.
            let speed = (self.part.len - before) as f64 / begin.elapsed().as_secs_f64().max(0.001);
            (self.hooks.on_event)(Event::Progress { done: self.part.len, total, speed });
            let least = self.policy.least;
            if since.elapsed() >= least.time {
                let came = self.part.len - from;
                if came < least.bytes {
                    return Err(Trouble::again(format!(
                        "no more than {} came in {} seconds",
                        megabytes(came),
                        since.elapsed().as_secs()
                    )));
                }
                (since, from) = (Instant::now(), self.part.len);
            }
        }
        match total {
            Some(total) if self.part.len < total => {
                Err(Trouble::again("the connection ended early"))
            }
            _ => Ok(()),
        }
    }

    /// Whether what came is the right file.
    fn check(&mut self) -> Result<(), DownloadError> {
        let arrived = Arrived {
            path: &self.part.path,
            url: &self.order.url,
            sha256: self.part.tag.sha256.as_deref(),
            is_cancelled: self.hooks.is_cancelled,
        };
        (self.order.judge)(&arrived).map_err(|verdict| match verdict {
            Verdict::Unfit(why) => DownloadError::Unfit(why),
            Verdict::Unread(source) if source.kind() == io::ErrorKind::Interrupted => {
                DownloadError::Cancelled { kept: self.part.len }
            }
            Verdict::Unread(source) => DownloadError::Disk { path: self.part.path.clone(), source },
        })
    }
}
