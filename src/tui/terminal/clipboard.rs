//! Copying out of a terminal: into tmux's buffer where tmux stands between, which throws away what
//! programs send by themselves; else by asking the terminal (OSC 52), which answers nothing.

use super::abilities::{Abilities, Clipboard};
use crossterm::clipboard::CopyToClipboard;
use crossterm::execute;
use std::io::{self, Write};
use std::process::{Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

/// tmux answers within some milliseconds; a server that hangs must not hold the screen.
const PATIENCE: Duration = Duration::from_millis(500);

/// Copies `text`, and says what came of it.
pub(super) fn copy(text: &str) -> io::Result<String> {
    let way = Abilities::of_process().clipboard;
    match way {
        // `-w` hands it on to the clipboard of the terminal around tmux; releases before 3.2 do not
        // know it.
        Clipboard::Tmux if loaded(text) => {
            return Ok("copied into tmux's buffer".to_owned());
        }
        Clipboard::None => {
            return Ok("this terminal has no clipboard that programs can copy to".to_owned());
        }
        _ => execute!(io::stdout().lock(), CopyToClipboard::to_clipboard_from(text))?,
    }
    Ok(match way {
        Clipboard::Terminal => "copied".to_owned(),
        _ => "copied, if the terminal lets programs copy".to_owned(),
    })
}

/// Whether tmux took `text`. One that does not answer is asked no second time.
fn loaded(text: &str) -> bool {
    load(&["load-buffer", "-w", "-"], text)
        .is_some_and(|took| took || load(&["load-buffer", "-"], text) == Some(true))
}

/// Whether tmux took `text`; `None` where it is not there, or does not answer.
fn load(arguments: &[&str], text: &str) -> Option<bool> {
    let silent = || Stdio::null();
    let mut tmux = Command::new("tmux")
        .args(arguments)
        .stdin(Stdio::piped())
        .stdout(silent())
        .stderr(silent())
        .spawn()
        .ok()?;
    // A sentence fits into a pipe, so that writing waits for nobody. The pipe is closed behind it.
    let is_written =
        tmux.stdin.take().is_some_and(|mut pipe| pipe.write_all(text.as_bytes()).is_ok());
    let start = Instant::now();
    loop {
        match tmux.try_wait() {
            Ok(Some(status)) => return Some(is_written && status.success()),
            Ok(None) if start.elapsed() < PATIENCE => thread::sleep(Duration::from_millis(2)),
            _ => {
                let _ = tmux.kill().and_then(|()| tmux.wait());
                return None;
            }
        }
    }
}
