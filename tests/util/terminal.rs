//! A real pseudo-terminal with an emulator behind it, so that tests see the screen as a person
//! does.

use super::Desk;
use portable_pty::{Child, CommandBuilder, MasterPty, PtySize, native_pty_system};
use std::io::{Read, Write};
use std::panic::{self, AssertUnwindSafe};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

/// What is waited for comes within this time, or never: machines may be busy.
const PATIENCE: Duration = Duration::from_secs(60);

/// A terminal in which one program runs.
pub struct Terminal {
    pty: Box<dyn MasterPty + Send>,
    child: Box<dyn Child + Send + Sync>,
    keys: Box<dyn Write + Send>,
    screen: Arc<Mutex<vt100::Parser>>,
    /// Everything that was written to it.
    written: Arc<Mutex<Vec<u8>>>,
}

impl Terminal {
    /// Runs `program` with `arguments` on `desk`, in a terminal of so many columns and rows;
    /// `None`, said on standard error, where this machine has no pseudo-terminals.
    pub fn run(
        desk: &Desk,
        program: &str,
        arguments: &[&str],
        (cols, rows): (u16, u16),
    ) -> Option<Self> {
        let size = PtySize { rows, cols, pixel_width: 0, pixel_height: 0 };
        let Ok(pair) = native_pty_system().openpty(size) else {
            super::skip("there are no pseudo-terminals here");
            return None;
        };
        let mut command = CommandBuilder::new(program);
        command.args(arguments);
        command.cwd(desk.path());
        command.env_clear();
        for (name, value) in desk.variables() {
            command.env(name, value);
        }
        command.env("TERM", "xterm-256color");
        let child = pair.slave.spawn_command(command).unwrap();
        let screen = Arc::new(Mutex::new(vt100::Parser::new(rows, cols, 0)));
        let written = Arc::new(Mutex::new(Vec::new()));
        let (mut output, shown, log) =
            (pair.master.try_clone_reader().unwrap(), Arc::clone(&screen), Arc::clone(&written));
        thread::spawn(move || {
            let mut bytes = [0; 4096];
            while let Ok(n @ 1..) = output.read(&mut bytes) {
                log.lock().unwrap_or_else(PoisonError::into_inner).extend_from_slice(&bytes[..n]);
                let mut screen = shown.lock().unwrap_or_else(PoisonError::into_inner);
                emulate(&mut screen, |screen| screen.process(&bytes[..n]));
            }
        });
        Some(Self {
            keys: pair.master.take_writer().unwrap(),
            pty: pair.master,
            child,
            screen,
            written,
        })
    }

    /// `aloud` with `arguments`.
    pub fn aloud(desk: &Desk, arguments: &[&str], size: (u16, u16)) -> Option<Self> {
        Self::run(desk, env!("CARGO_BIN_EXE_aloud"), arguments, size)
    }

    fn screen(&self) -> MutexGuard<'_, vt100::Parser> {
        self.screen.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Everything that was written to it so far.
    pub fn written(&self) -> Vec<u8> {
        self.written.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Types `keys`.
    pub fn type_in(&mut self, keys: &str) {
        // A program that has ended meanwhile reads nothing more.
        let _ = self.keys.write_all(keys.as_bytes()).and_then(|()| self.keys.flush());
    }

    /// Presses and releases the left button on the cell at column `x` of row `y`, counted from 0.
    pub fn click(&mut self, x: usize, y: usize) {
        self.type_in(&format!("\x1b[<0;{};{}M\x1b[<0;{};{}m", x + 1, y + 1, x + 1, y + 1));
    }

    /// Makes the window another size.
    pub fn resize(&mut self, cols: u16, rows: u16) {
        emulate(&mut self.screen(), |screen| screen.screen_mut().set_size(rows, cols));
        self.pty.resize(PtySize { rows, cols, pixel_width: 0, pixel_height: 0 }).unwrap();
    }

    /// The rows as they are shown.
    pub fn rows(&self) -> Vec<String> {
        let parser = self.screen();
        let (_, cols) = parser.screen().size();
        parser.screen().rows(0, cols).collect()
    }

    /// Where `text` stands: column and row.
    pub fn find(&self, text: &str) -> Option<(usize, usize)> {
        let rows = self.rows();
        rows.iter()
            .enumerate()
            .find_map(|(y, row)| row.find(text).map(|at| (row[..at].chars().count(), y)))
    }

    /// Where `text` stands once the screen has come to rest.
    #[track_caller]
    pub fn steady(&self, text: &str) -> (usize, usize) {
        let mut at = None;
        self.until(text, |terminal| {
            thread::sleep(Duration::from_millis(300));
            let before = std::mem::replace(&mut at, terminal.find(text));
            at.is_some() && at == before
        });
        at.unwrap()
    }

    /// Whether the program has a screen of its own, takes the mouse, and hides the cursor.
    pub fn is_taken(&self) -> (bool, bool, bool) {
        let parser = self.screen();
        let screen = parser.screen();
        (
            screen.alternate_screen(),
            screen.mouse_protocol_mode() != vt100::MouseProtocolMode::None,
            screen.hide_cursor(),
        )
    }

    /// Waits until the screen is as `wanted`.
    #[track_caller]
    pub fn until(&self, what: &str, mut wanted: impl FnMut(&Self) -> bool) {
        let start = Instant::now();
        while !wanted(self) {
            assert!(start.elapsed() < PATIENCE, "{what} did not come:\n{}", self.rows().join("\n"));
            thread::sleep(Duration::from_millis(20));
        }
    }

    /// Waits until `text` is shown.
    #[track_caller]
    pub fn shows(&self, text: &str) {
        self.until(text, |terminal| terminal.find(text).is_some());
    }

    /// The program's process.
    pub fn id(&self) -> u32 {
        self.child.process_id().unwrap()
    }

    /// Whether the program has ended.
    pub fn has_ended(&mut self) -> bool {
        self.child.try_wait().unwrap().is_some()
    }

    /// Waits for the end, demands that the terminal is whole again, and gives the exit code.
    #[track_caller]
    pub fn end(&mut self) -> u32 {
        let start = Instant::now();
        let code = loop {
            match self.child.try_wait().unwrap() {
                Some(status) => break status.exit_code(),
                None if start.elapsed() > PATIENCE => panic!("no end:\n{}", self.rows().join("\n")),
                None => thread::sleep(Duration::from_millis(20)),
            }
        };
        self.until("the terminal as it was", |terminal| {
            terminal.is_taken() == (false, false, false)
        });
        code
    }
}

/// Lets the emulator do something. It does not get over every change of size with wide characters
/// at the edge, and begins anew then.
fn emulate(screen: &mut vt100::Parser, what: impl FnOnce(&mut vt100::Parser)) {
    let ((rows, cols), is_alternate) = (screen.screen().size(), screen.screen().alternate_screen());
    if panic::catch_unwind(AssertUnwindSafe(|| what(screen))).is_err() {
        *screen = vt100::Parser::new(rows, cols, 0);
        // The program has not left its screen by that.
        if is_alternate {
            screen.process(b"\x1b[?1049h");
        }
    }
}

impl Drop for Terminal {
    fn drop(&mut self) {
        let _ = self.child.kill();
    }
}
