//! `aloud listen`: plays a recording while the text follows.

mod errands;
mod loading;
mod pipe;
mod playback;
mod reader;
mod session;
mod start;
pub(super) mod storage;

pub use session::Found;

use super::args::{ListenArgs, SoundArgs};
use super::exit::Exit;
use super::report::{Failure, Outcome, plain};
use super::shelf::{self, Choice, Meant};
use super::{Context, demo, inputs, manner, parts, queue, read, remote};
use crate::feeds::kept;
use crate::reason::Reason;
use crate::store::Store;
use crate::tui::{Abilities, Wants};
use loading::Loaded;
use session::listen;
use start::is_time;
use std::ffi::OsString;
use std::io::{self, IsTerminal};
use std::path::{Path, PathBuf};

/// Plays until the listener quits; first chooses an episode from the shelf, where none is named.
/// Where standard output is no terminal, prints the text in time with the sound, or the shelf.
pub fn run(args: &ListenArgs, context: &Context) -> Outcome {
    run_with(args, &args.for_another(), context)
}

/// As [`run`], where other episodes that are chosen later are heard as `next` says.
pub fn run_with(args: &ListenArgs, next: &ListenArgs, context: &Context) -> Outcome {
    let mut args = args.clone();
    let meant = match &args.audio {
        Some(audio) if are_several(&args)? => {
            let others = args
                .article
                .take()
                .into_iter()
                .chain(std::mem::take(&mut args.more))
                .map(PathBuf::from);
            queue::hear(
                &std::iter::once(audio.clone()).chain(others).collect::<Vec<_>>(),
                &context.store()?,
            )?;
            Meant::Recording(audio.clone(), SoundArgs::default())
        }
        Some(audio) => shelf::meant(audio, context)?,
        None if args.queue => Meant::Queued(from_queue(&context.store()?)?),
        None => Meant::Shelf(shelf::Opening::default()),
    };
    from(meant, args, next, context)
}

/// Begins with what is `meant`, heard as `args` say, and goes on to what is chosen after it.
fn from(mut meant: Meant, mut args: ListenArgs, next: &ListenArgs, context: &Context) -> Outcome {
    // What was left for the shelf.
    let mut before: Option<(Meant, ListenArgs)> = None;
    let mut is_back = false;
    loop {
        // What was not named by hand and cannot be opened is told on the shelf.
        let is_named = matches!(meant, Meant::Recording(..)) && !is_back;
        let mut now = meant.clone();
        let heard = match meant {
            Meant::Recording(audio, which) => hear(&audio, which, &args, false, context),
            Meant::Demo => return demo::play(next, context),
            Meant::Queued(number) => {
                let store = context.store()?;
                match (
                    queue::turn_to(number, &store).map_err(unread)?,
                    queue::next(&store).map_err(unread)?,
                ) {
                    (Some(entry), _) => {
                        let args = ListenArgs { queued: Some(number), ..args.clone() };
                        hear(&entry.path, entry.which(), &args, true, context)
                    }
                    // Somebody took it away meanwhile.
                    (None, Some(next)) => Ok(Ended::ForQueued(next)),
                    (None, None) if has_screen() => Ok(Ended::ForShelf),
                    (None, None) => Ok(Ended::Left(Exit::Done)),
                }
            }
            Meant::Shelf(opening) if !has_screen() => {
                return shelf::print(&opening.search, context);
            }
            Meant::Shelf(opening) => match shelf::choose(
                opening,
                manner::theme(args.play.theme.clone(), context)?,
                context,
            )? {
                Choice::Recording(audio, which) => {
                    now = Meant::Recording(audio.clone(), which.clone());
                    hear(&audio, which, &args, true, context)
                }
                Choice::Back => match before.take() {
                    Some(left) => {
                        (meant, args) = left;
                        is_back = true;
                        continue;
                    }
                    None => return Ok(Exit::Done),
                },
                Choice::Demo => return demo::play(next, context),
                Choice::None => return Ok(Exit::Done),
            },
        };
        let note = match heard {
            Ok(Ended::Left(exit)) => return Ok(exit),
            Ok(Ended::ForShelf) => {
                // It goes on where it was left.
                before = Some((now, ListenArgs { at: None, from_start: false, ..args }));
                None
            }
            Ok(Ended::ForQueued(number)) => {
                (args, meant) = (next.clone(), Meant::Queued(number));
                continue;
            }
            // Another episode may be better off.
            Err(failure) if !is_named && has_screen() && failure.exit != Exit::Cancelled => {
                Some(failure.why.one_line())
            }
            Err(failure) => return Err(failure),
        };
        args = next.clone();
        meant = Meant::Shelf(shelf::Opening {
            note,
            goes_back: before.is_some(),
            ..shelf::Opening::default()
        });
    }
}

/// Has one recording heard: a file, an address, or a text that is read aloud.
fn hear(
    audio: &Path,
    which: SoundArgs,
    args: &ListenArgs,
    has_chosen: bool,
    context: &Context,
) -> Result<Ended, Failure> {
    let mut args = args.clone();
    let absent = remote::absent(audio, &context.store()?)?;
    let is_plain =
        !args.which.clone().or(which.clone()).is_some() && args.at.as_deref().is_none_or(is_time);
    let audio = match absent.as_ref().filter(|_| is_plain && has_screen()) {
        Some((url, path)) => match loading::listen(url, path, &args, context) {
            Ok(Loaded::Here(path)) => path,
            Ok(Loaded::Heard { path, at, is_paused }) => {
                // To the millisecond, and as it was left.
                args.at = Some(format!("{:.3}", at.secs()));
                args.play.paused = is_paused;
                path
            }
            Ok(Loaded::Left(ended)) => {
                forget_streamed(&args, absent.as_ref(), context)?;
                return Ok(ended);
            }
            Err(failure) => {
                forget_streamed(&args, absent.as_ref(), context)?;
                return Err(failure);
            }
        },
        None => remote::here(audio, context)?,
    };
    let is_text = args.article.is_none() && read::is_text(&audio) && !parts::is_book(&audio);
    // What was fetched was read whole already.
    let known = match &absent {
        Some((url, path)) if !is_text => kept::hash_of(&context.store()?, url, path),
        _ => None,
    };
    let stream = ListenArgs { stream: args.stream, ..ListenArgs::default() };
    let args = match is_text {
        true => read::heard(&args, &audio, has_chosen, context)?,
        false => ListenArgs { audio: Some(audio), ..args.clone() },
    };
    let args = ListenArgs { which: args.which.clone().or(which), ..args };
    let ended = listen(&args, None, known, context);
    forget_streamed(&stream, absent.as_ref(), context)?;
    ended
}

/// Removes the file of a recording that was not here before, where the listener wants to keep none.
fn forget_streamed(
    args: &ListenArgs,
    absent: Option<&(String, PathBuf)>,
    context: &Context,
) -> Result<(), Failure> {
    if let Some((url, path)) = absent.filter(|_| args.stream)
        && !kept::forget(&context.store()?, url)
    {
        context.voice.warn(format!(
            "`{}` stays here: it cannot be removed; `aloud cache rm` tries again",
            path.display()
        ));
    }
    Ok(())
}

/// How listening ended.
enum Ended {
    /// The listener left, or all was heard.
    Left(Exit),
    /// The listener wants another episode.
    ForShelf,
    /// The one of this number in the queue comes next.
    ForQueued(u32),
}

impl Ended {
    /// Where the screen was left for what the listener `wants`.
    fn of(wants: Option<Wants>) -> Self {
        match wants {
            // Only what loads becomes whole.
            None | Some(Wants::Whole) => Self::Left(Exit::Done),
            Some(Wants::Shelf) => Self::ForShelf,
            Some(Wants::Queued(number)) => Self::ForQueued(number),
        }
    }
}

/// Whether what is named are several recordings, to be heard one after the other.
fn are_several(args: &ListenArgs) -> Result<bool, Failure> {
    let is_sound = |name: &OsString| inputs::is_recording(Path::new(name));
    let others: Vec<&OsString> = args.article.iter().chain(&args.more).collect();
    let strange = others.iter().find(|name| !is_sound(name));
    match strange {
        Some(strange) if others.len() > 1 => {
            let name = plain(&strange.to_string_lossy());
            let hint =
                "name one recording and its text, or recordings to be heard one after the other";
            Err(Failure::new(Exit::Usage, format!("`{name}` is no recording")).hint(hint))
        }
        strange => Ok(strange.is_none() && !others.is_empty()),
    }
}

/// The number of what the queue goes on with.
fn from_queue(store: &Store) -> Result<u32, Failure> {
    let number = queue::go_on(store).map_err(unread)?;
    number.ok_or_else(|| {
        Failure::new(Exit::Nothing, "nothing more is in the queue")
            .hint("`aloud queue add AUDIO` puts something into it")
    })
}

fn unread(why: Reason) -> Failure {
    Failure::new(Exit::Failed, why)
}

/// Whether there is a screen to listen at, and somebody who can press keys. A terminal that only
/// goes on line by line (`TERM=dumb`), or has no name, is none.
pub fn has_screen() -> bool {
    io::stdout().is_terminal() && has_keyboard() && Abilities::of_process().has_places
}

/// Whether somebody can press keys: on standard input, or on the terminal behind it when an article
/// comes in there.
fn has_keyboard() -> bool {
    io::stdin().is_terminal() || (cfg!(unix) && std::fs::File::open("/dev/tty").is_ok())
}

/// As [`run`], from a place where a phrase was found.
pub fn from_hit(args: &ListenArgs, found: Found, context: &Context) -> Outcome {
    match listen(args, Some(found), None, context)? {
        Ended::Left(exit) => Ok(exit),
        Ended::ForShelf => run(&args.for_another(), context),
        Ended::ForQueued(number) => {
            from(Meant::Queued(number), args.for_another(), &args.for_another(), context)
        }
    }
}
