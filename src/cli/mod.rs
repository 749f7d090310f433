//! What was asked? The command line: arguments as typed, then one file for each subcommand that
//! joins the rooms and words the result.

mod align;
mod args;
mod article;
mod book;
pub mod cache;
mod chosen;
mod clip;
mod config;
mod confirm;
mod daisy;
mod demo;
mod doctor;
mod exchange;
mod exit;
mod feed;
mod find;
mod inputs;
mod library;
mod listen;
mod listened;
mod log;
mod man;
mod manner;
mod method;
pub mod models;
mod notes;
mod output;
mod own;
mod panics;
mod parts;
mod probe;
mod progress;
mod queue;
mod read;
mod recognise;
mod remote;
mod report;
mod rules;
mod screen_probe;
mod second;
mod server;
mod settings;
mod shelf;
mod since;
mod stages;
mod subs;
mod threads;
mod tracks;
mod transcribe;
mod transfer;
mod voice;

use crate::store::Store;
use args::{Args, Command};
use clap::{CommandFactory, Parser};
use exit::Exit;
use report::{Failure, Voice};
use settings::{Settings, Source};
use std::ffi::OsString;
use std::io::{self, Write};
use std::process::ExitCode;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, OnceLock};

/// What every subcommand gets.
struct Context {
    voice: Voice,
    settings: Settings,
    global: args::Global,
    cancelled: Arc<AtomicBool>,
    /// Opened when it is first asked for: opening looks for what earlier versions left.
    store: OnceLock<Store>,
}

impl Context {
    /// The folder that the user named for everything.
    fn named_store(&self) -> Result<Option<String>, Failure> {
        let flag = self.global.cache.as_ref().map(|path| path.to_string_lossy().into_owned());
        // An empty variable is as good as none.
        Ok(self.settings.get::<String>("cache", flag)?.filter(|dir| !dir.is_empty()))
    }

    /// The store where the user wants it.
    fn store(&self) -> Result<Store, Failure> {
        let named = self.named_store()?;
        let open = || {
            named.map_or_else(
                || Store::open_default(&stages::RULES),
                |dir| Store::open(dir.as_ref()),
            )
        };
        Ok(self.store.get_or_init(open).clone())
    }

    fn is_cancelled(&self) -> bool {
        self.cancelled.load(Ordering::Relaxed)
    }
}

/// Runs the program: `arguments` as the system gives them, the name of the program first.
pub fn run(arguments: impl IntoIterator<Item = OsString>) -> ExitCode {
    panics::watch();
    outlive_file_limit();
    let args = match Args::try_parse_from(arguments) {
        Ok(args) => args,
        Err(error) => {
            // Help and version are data; clap knows which stream is whose. What was typed is not
            // printed as it is.
            if error.use_stderr()
                && error
                    .to_string()
                    .contains(|c: char| c != '\n' && crate::printable::is_harmful(c))
            {
                let _ = write!(io::stderr(), "{}", report::plain(&error.to_string()));
            } else {
                let _ = error.print();
            }
            return if error.use_stderr() { Exit::Usage.into() } else { Exit::Done.into() };
        }
    };
    if let Some(Command::RecogniserChild) = args.command {
        return crate::transcribe::child::serve::<crate::transcribe::DefaultEngine>(
            io::stdin().lock(),
            io::stdout(),
        );
    }
    if let Some(Command::SynthChild) = args.command {
        return crate::synth::child::serve(io::stdin().lock(), io::stdout());
    }
    let voice = Voice::new(args.global.quiet);
    match start(args, &voice) {
        Ok(code) => code,
        Err(failure) if failure.exit == Exit::Done => Exit::Done.into(),
        Err(failure) => {
            voice.error(failure.why);
            failure.exit.into()
        }
    }
}

fn start(args: Args, voice: &Voice) -> Result<ExitCode, Failure> {
    // Whoever asks what is wrong wants to hear it among the rest.
    let asks_what_is_wrong = matches!(args.command, Some(Command::Doctor(_) | Command::Config(_)));
    let settings = match Settings::load() {
        Err(failure) if asks_what_is_wrong => Settings::unread(failure.why),
        loaded => loaded?,
    };
    if let Some((path, source)) = settings
        .pick::<String>("log", args.global.log.as_ref().map(|p| p.to_string_lossy().into_owned()))?
    {
        let opened = log::to_file(path.as_ref());
        if source == Source::Flag || !asks_what_is_wrong {
            opened.map_err(|e| {
                Failure::new(Exit::Failed, format!("cannot write the log `{path}`: {e}"))
            })?;
        }
    }
    let context = Context {
        voice: voice.clone(),
        settings,
        global: args.global,
        cancelled: watch_for_cancel(),
        store: OnceLock::new(),
    };
    if !asks_what_is_wrong {
        context.settings.unknown().iter().for_each(|what| voice.warn(what));
    }
    let Some(command) = args.command else {
        return listen::run(&args::ListenArgs::default(), &context).map(ExitCode::from);
    };
    let done = match command {
        Command::Transcribe(mut args) => {
            args.audio = remote::all(&args.audio, &context)?;
            transcribe::run(&args, &context)
        }
        Command::Listen(args) => listen::run(&args, &context),
        Command::Align(mut args) => {
            args.audio = remote::here(&args.audio, &context)?;
            align::run(&args, &context)
        }
        Command::Subs(mut args) => {
            args.audio = remote::here(&args.audio, &context)?;
            subs::run(&args, &context)
        }
        Command::Find(mut args) => {
            args.audio = remote::all(&args.audio, &context)?;
            find::run(&args, &context)
        }
        Command::Demo(args) => demo::run(&args, &context),
        Command::Read(args) => read::run(&args, &context),
        Command::Queue(args) => queue::run(&args, &context),
        Command::Feed(args) => feed::run(&args, &context),
        Command::Library(args) => library::run(&args, &context),
        Command::Models(args) => {
            let (is_terminal, is_cancelled) = (voice.is_terminal, || context.is_cancelled());
            let (mut out, mut err) = (io::stdout().lock(), io::stderr().lock());
            let mut console = models::Console::new(&mut out, &mut err, is_terminal, &is_cancelled);
            return Ok(models::run(&args, &mut console).map(ExitCode::from)?);
        }
        Command::Cache(args) => {
            let store = context.store()?;
            let mut ask = |question: &str| {
                confirm::ask(question, confirm::Answer::No, &|| context.is_cancelled())
            };
            return Ok(cache::run(
                &args,
                &store,
                &mut io::stdout().lock(),
                &mut io::stderr().lock(),
                &mut ask,
            )
            .map(ExitCode::from)?);
        }
        Command::Notes(args) => notes::run(&args, &context),
        Command::Config(args) => config::run(&args, &context),
        Command::Doctor(args) => doctor::run(&args, &context),
        Command::Completions { shell } => {
            let mut script = Vec::new();
            clap_complete::generate(shell, &mut Args::command(), "aloud", &mut script);
            output::to_stdout(&script)
        }
        Command::Man { command, dir } => man::run(command.as_deref(), dir.as_deref()),
        Command::PlayerProbe(args) => probe::run(&args),
        Command::SoundProbe => doctor::probe_sound(),
        Command::ScreenProbe(args) => screen_probe::run(&args),
        Command::RecogniserChild | Command::SynthChild => Ok(Exit::Done),
    };
    done.map(ExitCode::from)
}

/// A file that grows beyond its limit (`ulimit -f`) is an error of the write, as a full disk is,
/// not the end of the program.
fn outlive_file_limit() {
    #[cfg(unix)]
    if let Err(e) =
        signal_hook::flag::register(signal_hook::consts::SIGXFSZ, Arc::new(AtomicBool::new(false)))
    {
        ::log::warn!("no handler for SIGXFSZ: {e}");
    }
}

/// The first Ctrl-C (or SIGTERM, SIGHUP) asks the work to stop; the second ends the program at
/// once.
fn watch_for_cancel() -> Arc<AtomicBool> {
    let cancelled = Arc::new(AtomicBool::new(false));
    let flag = Arc::clone(&cancelled);
    let handler = move || {
        if flag.swap(true, Ordering::Relaxed) {
            crate::tui::restore();
            let _ = io::stderr().write_all(b"\r\x1b[K");
            std::process::exit(Exit::Cancelled as i32);
        }
    };
    // Without a handler Ctrl-C still ends the program, and the journal still has what was finished.
    if let Err(e) = ctrlc::set_handler(handler) {
        ::log::warn!("no handler for Ctrl-C: {e}");
    }
    cancelled
}
