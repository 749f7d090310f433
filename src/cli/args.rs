//! Arguments as typed. What they mean together is decided by each subcommand.

mod align;
mod cache;
mod config;
mod feed;
mod notes;
mod play;
mod queue;
mod read;
mod sound;

pub use align::{AlignArgs, EMBED, FragmentsArg};
pub use cache::{CacheArgs, CacheCommand, Goes};
pub use config::{ConfigArgs, ConfigCommand};
pub use feed::{FeedArgs, FeedCommand};
pub use notes::NotesArgs;
pub use play::PlayArgs;
pub use queue::{QueueArgs, QueueCommand};
pub use read::ReadArgs;
pub use sound::{ChannelArg, SoundArgs};

use super::models::ModelsArgs;
use crate::index::dialect;
use crate::search::Context;
use clap::{Args as ClapArgs, Parser, Subcommand, ValueEnum};
use std::ffi::OsString;
use std::path::PathBuf;

/// Listen to spoken audio with its written text.
#[derive(Debug, Parser)]
#[command(name = "aloud", version = version(), about, max_term_width = 100, propagate_version = true)]
#[command(
    after_help = "Exit codes: 0 done, 1 failed, 2 wrong usage, 3 an input cannot be read, 4 no usable model, \
                        5 nothing found, 130 cancelled."
)]
pub struct Args {
    /// What to do; without it, the shelf: go on listening.
    #[command(subcommand)]
    pub command: Option<Command>,
    /// For all of them.
    #[command(flatten)]
    pub global: Global,
}

/// The package's version and the commit it was built from.
fn version() -> &'static str {
    match option_env!("ALOUD_COMMIT") {
        Some(_) => concat!(env!("CARGO_PKG_VERSION"), " (", env!("ALOUD_COMMIT"), ")"),
        None => env!("CARGO_PKG_VERSION"),
    }
}

/// A number from `least` to `most`.
fn counts(least: i64, most: i64) -> clap::builder::RangedI64ValueParser<usize> {
    clap::builder::RangedI64ValueParser::new().range(least..=most)
}

/// A time that a cue may have something to do with.
fn seconds(text: &str) -> Result<f64, String> {
    let value: f64 = text.parse().map_err(|_| "it is no number".to_owned())?;
    if (0.0..=60.0).contains(&value) {
        Ok(value)
    } else {
        Err("it is not between 0 and 60 seconds".to_owned())
    }
}

/// Options of every subcommand.
#[derive(Clone, Debug, ClapArgs)]
#[command(next_help_heading = "Everywhere")]
pub struct Global {
    /// Say nothing but errors and warnings, and show no progress
    #[arg(long, short, global = true)]
    pub quiet: bool,
    /// Append what goes on inside to FILE, the recogniser's own messages included [variable:
    /// ALOUD_LOG]
    #[arg(long, global = true, value_name = "FILE")]
    pub log: Option<PathBuf>,
    /// Keep everything in DIR: finished work, places, bookmarks [variable: ALOUD_CACHE; default:
    /// the user's data and cache folders]
    #[arg(long, global = true, value_name = "DIR")]
    pub cache: Option<PathBuf>,
}

/// The subcommands.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Play a recording while the text follows; without one, choose from the shelf
    Listen(Box<ListenArgs>),
    /// Write down what was said, with times
    Transcribe(TranscribeArgs),
    /// Say when each word of an article is spoken, what was left out and what was added
    Align(AlignArgs),
    /// Write subtitles whose words are the article's, or what was said where there is no article
    Subs(SubsArgs),
    /// Say where a phrase is spoken, play it, or cut it out
    Find(Box<FindArgs>),
    /// Show what the program does on its built-in episode, with no download
    Demo(DemoArgs),
    /// Have a text read aloud by espeak-ng, with its words lit
    Read(ReadArgs),
    /// Show what is heard next, and change it
    Queue(QueueArgs),
    /// Follow podcasts and other shows: RSS, Atom, OPML; fetch episodes with their text
    Feed(FeedArgs),
    /// List the episodes that are known, and carry them to another machine or to a server
    Library(LibraryArgs),
    /// List, fetch, verify or remove Whisper models
    Models(ModelsArgs),
    /// List or remove finished work
    Cache(CacheArgs),
    /// Print every note and bookmark of every episode, as Markdown
    Notes(NotesArgs),
    /// List the settings with their values, or edit them
    Config(ConfigArgs),
    /// Say what works on this machine, and what to do about the rest
    Doctor(DoctorArgs),
    /// Print a completion script for a shell
    Completions {
        /// Which shell
        shell: clap_complete::Shell,
    },
    /// Print the manual page, or that of a subcommand
    Man {
        /// The subcommand
        command: Option<String>,
        /// Write the pages of all commands into this folder instead
        #[arg(long, value_name = "DIR", conflicts_with = "command")]
        dir: Option<PathBuf>,
    },
    /// The recogniser's own process.
    #[command(hide = true, name = "recogniser-child")]
    RecogniserChild,
    /// The synthesiser's own process.
    #[command(hide = true, name = "synth-child")]
    SynthChild,
    /// Plays by a script and tells what is heard when.
    #[command(hide = true, name = "player-probe")]
    PlayerProbe(ProbeArgs),
    /// Looks for sound cards in a process of its own.
    #[command(hide = true, name = "sound-probe")]
    SoundProbe,
    /// Shows the reading screen with a clock instead of sound.
    #[command(hide = true, name = "screen-probe")]
    ScreenProbe(ScreenProbeArgs),
}

/// How speech is recognised.
#[derive(Clone, Debug, Default, ClapArgs)]
#[command(next_help_heading = "Recognition")]
pub struct RecogniseArgs {
    /// A model's name (see `aloud models list`) or its file [variable: ALOUD_MODEL; default: base]
    #[arg(long, short, value_name = "NAME|PATH")]
    pub model: Option<String>,
    /// The language spoken, as a code such as `en` or `zh`; found out when not given [variable:
    /// ALOUD_LANGUAGE]
    #[arg(long, short, value_name = "CODE")]
    pub language: Option<String>,
    /// Chinese in traditional or simplified characters, or as the model mixes them; otherwise as
    /// the article, the locale, or most of the transcript [variable: ALOUD_SCRIPT]
    #[arg(long, value_name = "hant|hans|as-is")]
    pub script: Option<String>,
    /// Names and terms to expect, or @FILE with them
    #[arg(long, value_name = "TEXT|@FILE")]
    pub prompt: Option<String>,
    /// Candidates that the search keeps; 1 is quickest [variable: ALOUD_BEAM; default: 5]
    #[arg(long, value_name = "1-8", value_parser = counts(1, 8))]
    pub beam: Option<usize>,
    /// Windows recognised at once [variable: ALOUD_JOBS; default: by the machine]
    #[arg(long, value_name = "N", value_parser = counts(1, 64))]
    pub jobs: Option<usize>,
    /// Threads for all of them together [variable: ALOUD_THREADS; default: by the machine]
    #[arg(long, value_name = "N", value_parser = counts(1, 256))]
    pub threads: Option<usize>,
    /// Numbers to recognise with: rounded to eight bits where the processor is quicker so, or never
    /// [variable: ALOUD_COMPUTE_TYPE; default: auto]
    #[arg(long, value_name = "TYPE", value_enum)]
    pub compute_type: Option<ComputeType>,
    /// Use the processor only, also where there is a GPU
    #[arg(long)]
    pub no_gpu: bool,
    /// Use a transcript made elsewhere: whisper.cpp, OpenAI, WhisperX or Podcasting 2.0 JSON, SRT,
    /// VTT
    #[arg(long, value_name = "FILE", conflicts_with_all = ["model", "prompt", "beam"])]
    pub transcript: Option<PathBuf>,
}

/// How text is tied to sound.
#[derive(Clone, Debug, Default, ClapArgs)]
#[command(next_help_heading = "Alignment")]
pub struct MethodArgs {
    /// How the text is tied to the sound [variable: ALOUD_METHOD; default: auto]
    #[arg(long, value_enum, value_name = "HOW")]
    pub method: Option<MethodArg>,
    /// Tie a text to audio that it does not seem to belong to
    #[arg(long)]
    pub anyway: bool,
}

impl MethodArgs {
    /// The same for who gave `--force`, which once meant this too, and is still taken for it until
    /// the next version.
    #[must_use]
    pub fn or_forced(&self, force: bool) -> Self {
        Self { anyway: self.anyway || force, ..self.clone() }
    }
}

/// The numbers that a model's weights are multiplied in.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum ComputeType {
    /// Rounded to eight bits where the processor is quicker so
    #[default]
    Auto,
    /// As they are in the model's file
    Float16,
}

/// A way to tie text to sound.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum MethodArg {
    /// The best there is on this machine
    Auto,
    /// Recognise the speech, and compare words
    Whisper,
    /// Speak the text with espeak-ng, and find its sounds: no model, seconds instead of minutes
    Synth,
    /// Lay the text over the speech by its length alone
    Estimate,
}

/// `aloud transcribe`.
#[derive(Clone, Debug, ClapArgs)]
pub struct TranscribeArgs {
    /// Recordings, or folders with recordings
    #[arg(required = true, value_name = "AUDIO")]
    pub audio: Vec<PathBuf>,
    /// Write to FILE instead of standard output; a folder for several recordings
    #[arg(long, short, value_name = "FILE|DIR")]
    pub output: Option<PathBuf>,
    /// What to write [default: by the name given with -o, else txt]
    #[arg(long, short, value_enum)]
    pub format: Option<FormatArg>,
    /// Write over an existing file
    #[arg(long)]
    pub force: bool,
    /// Do the Nth of so many shares of the recordings: each machine one, over the same list
    #[arg(long, value_name = "N/OF", value_parser = super::inputs::Shard::parse)]
    pub shard: Option<super::inputs::Shard>,
    /// Which sound of the recordings.
    #[command(flatten)]
    pub which: SoundArgs,
    /// How.
    #[command(flatten)]
    pub recognise: RecogniseArgs,
}

/// `aloud library`.
#[derive(Clone, Debug, ClapArgs)]
pub struct LibraryArgs {
    /// What to do; without it, list
    #[command(subcommand)]
    pub command: Option<LibraryCommand>,
    /// List as JSON
    #[arg(long)]
    pub json: bool,
}

/// What can be done with the library.
#[derive(Clone, Debug, Subcommand)]
pub enum LibraryCommand {
    /// List the episodes that are known
    #[command(visible_alias = "ls")]
    List {
        /// Print JSON
        #[arg(long)]
        json: bool,
    },
    /// Forget an episode: its transcripts, texts, and where it lies
    Rm {
        /// The recording, or its file name or the first digits of its hash as `list` shows them
        #[arg(value_name = "EPISODE")]
        episode: PathBuf,
        /// A server that is to forget it too, besides those that it was pushed to from here
        #[arg(long, value_name = "URL")]
        server: Option<String>,
        /// What goes besides, and whether it is asked.
        #[command(flatten)]
        goes: Goes,
    },
    /// Find recordings that were moved or renamed, by their hash
    Relink {
        /// Where to look
        #[arg(required = true, value_name = "FOLDER")]
        folders: Vec<PathBuf>,
    },
    /// Write everything as JSON lines, for `import` on another machine
    Export {
        /// Write to FILE instead of standard output
        #[arg(long, short, value_name = "FILE")]
        output: Option<PathBuf>,
        /// Write the documents of a server's index instead (see `schema`)
        #[arg(long)]
        ndjson: bool,
        /// Write over an existing file
        #[arg(long)]
        force: bool,
    },
    /// Take in what `export` wrote; what is there already stays as it is
    Import {
        /// Its files; - is standard input
        #[arg(required = true, value_name = "FILE")]
        files: Vec<PathBuf>,
    },
    /// Print the configuration of an index on a server
    Schema {
        /// Of which kind it is; `opensearch` is Elasticsearch too
        #[arg(long = "for", value_name = "SERVER", value_parser = dialect::ALL.map(|dialect| dialect.name()), default_value = dialect::ALL[0].name())]
        server: String,
    },
    /// Feed a Quickwit or OpenSearch server what it does not have yet
    Push {
        /// Its address
        #[arg(value_name = "URL")]
        url: String,
    },
}

/// `aloud listen`.
#[derive(Clone, Debug, Default, ClapArgs)]
pub struct ListenArgs {
    /// The recording or its http(s) address; a folder or pattern ("book/*.mp3") for one in several
    /// files, an EPUB that has its sound in it, or a part of the title of an episode on the shelf
    /// [default: choose from the shelf]
    #[arg(value_name = "AUDIO")]
    pub audio: Option<PathBuf>,
    /// The article: a text, Markdown, HTML or EPUB file, an http(s) address, or - for standard
    /// input
    #[arg(value_name = "ARTICLE")]
    pub article: Option<OsString>,
    /// Further recordings, to be heard after the first ones: `aloud listen A.mp3 B.mp3 C.mp3`
    #[arg(value_name = "AUDIO")]
    pub more: Vec<OsString>,
    /// Go on with the queue (`aloud queue`)
    #[arg(long, conflicts_with_all = ["audio", "article"])]
    pub queue: bool,
    /// Without the text that was tied to the recording before
    #[arg(long, conflicts_with = "article")]
    pub no_article: bool,
    /// The chapter of a book, by its number or title
    #[arg(long, value_name = "N|TITLE", requires = "article")]
    pub chapter: Option<String>,
    /// The article in a second language, beside or below the first
    #[arg(long, value_name = "ARTICLE", conflicts_with = "no_article")]
    pub bilingual: Option<OsString>,
    /// Begin at a time (3:20), a share (40%), or where a phrase is written
    #[arg(long, value_name = "TIME|PHRASE", conflicts_with = "from_start")]
    pub at: Option<String>,
    /// Begin at the start, not where listening stopped last time
    #[arg(long)]
    pub from_start: bool,
    /// Keep no file of a recording that is named by its address
    #[arg(long)]
    pub stream: bool,
    /// How it is played.
    #[command(flatten)]
    pub play: PlayArgs,
    /// The text that the recording was made of by reading it aloud.
    #[arg(skip)]
    pub made_of: Option<OsString>,
    /// Which of the queue it is.
    #[arg(skip)]
    pub queued: Option<u32>,
    /// Which sound of the recording.
    #[command(flatten)]
    pub which: SoundArgs,
    /// How the text is tied to the sound.
    #[command(flatten)]
    pub method: MethodArgs,
    /// How speech is recognised.
    #[command(flatten)]
    pub recognise: RecogniseArgs,
}

impl ListenArgs {
    /// What of it is about the listener and the machine, so that it holds for another episode too.
    #[must_use]
    pub fn for_another(&self) -> Self {
        let RecogniseArgs { model, beam, jobs, threads, compute_type, no_gpu, .. } =
            self.recognise.clone();
        Self {
            play: self.play.clone(),
            method: MethodArgs { method: self.method.method, ..MethodArgs::default() },
            recognise: RecogniseArgs {
                model,
                beam,
                jobs,
                threads,
                compute_type,
                no_gpu,
                ..RecogniseArgs::default()
            },
            ..Self::default()
        }
    }
}

/// `aloud subs`.
#[derive(Clone, Debug, ClapArgs)]
pub struct SubsArgs {
    /// The recording (a folder, a pattern or a book as for `align`); with --check also an SRT or
    /// WebVTT file
    #[arg(value_name = "AUDIO")]
    pub audio: PathBuf,
    /// The article: a text, Markdown, HTML or EPUB file, an http(s) address, or - for standard
    /// input
    #[arg(value_name = "ARTICLE")]
    pub article: Option<OsString>,
    /// The chapter of a book, by its number or title
    #[arg(long, value_name = "N|TITLE", requires = "article")]
    pub chapter: Option<String>,
    /// Write to FILE instead of standard output
    #[arg(long, short, value_name = "FILE")]
    pub output: Option<PathBuf>,
    /// What to write: srt, vtt, lrc, ass, ttml, json, txt or html [default: by the name given with
    /// -o, else srt]
    #[arg(long, short, value_name = "FORMAT")]
    pub format: Option<String>,
    /// Give each word its time, in formats where that is a choice (vtt, json)
    #[arg(long)]
    pub words: bool,
    /// What is said but not written
    #[arg(long, value_enum, default_value_t = UnwrittenArg::Keep)]
    pub unwritten: UnwrittenArg,
    /// A text in a second language, shown below the article, or below what was said where none is
    /// given
    #[arg(long, value_name = "ARTICLE")]
    pub bilingual: Option<OsString>,
    /// Where ARTICLE is a file of subtitles or lyrics: keep its own cues and lines, and give them
    /// new times
    #[arg(long, requires = "article", conflicts_with = "bilingual")]
    pub keep_lines: bool,
    /// Write nothing: list the places that break the rules, of these subtitles or of a file of
    /// subtitles
    #[arg(long, conflicts_with_all = ["output", "format"])]
    pub check: bool,
    /// With --check: list them as JSON
    #[arg(long, requires = "check")]
    pub json: bool,
    /// Mend an SRT or WebVTT file by the rules, without touching its words: times, gaps, overlaps,
    /// lines; written to -o
    #[arg(long, conflicts_with_all = ["check", "article"])]
    pub fix: bool,
    /// Put the recording into the HTML page instead of naming its file
    #[arg(long)]
    pub embed: bool,
    /// A title, in formats that have one [default: the article's]
    #[arg(long, value_name = "TEXT")]
    pub title: Option<String>,
    /// Write over an existing file
    #[arg(long)]
    pub force: bool,
    /// The rules for cues.
    #[command(flatten)]
    pub profile: ProfileArgs,
    /// Which sound of the recording.
    #[command(flatten)]
    pub which: SoundArgs,
    /// How the text is tied to the sound.
    #[command(flatten)]
    pub method: MethodArgs,
    /// How speech is recognised.
    #[command(flatten)]
    pub recognise: RecogniseArgs,
}

/// `aloud find`.
#[derive(Clone, Debug, Default, ClapArgs)]
#[command(
    after_help = "A phrase finds the same words however they are written (8 trillion, eight trillion; \
                        8萬億, 八万亿), Chinese also by pinyin (shenduqiusuo), and what is nearly the same, marked ~. \
                        \"Quoted\" words have to be there exactly, -word not in the same sentence; a phrase that begins \
                        with a dash goes behind --."
)]
pub struct FindArgs {
    /// What was said
    #[arg(value_name = "PHRASE")]
    pub phrase: String,
    /// Recordings, folders with recordings, or patterns such as `*.mp3` [default: everything that
    /// was ever transcribed]
    #[arg(value_name = "AUDIO|DIR|GLOB")]
    pub audio: Vec<PathBuf>,
    /// Everything that was ever transcribed
    #[arg(long = "all", conflicts_with = "audio")]
    pub is_all: bool,
    /// Only recordings since a day (2026-11-26, UTC), or not older than 12h, 7d, 2w
    #[arg(long, value_name = "DAY|AGE")]
    pub since: Option<String>,
    /// Ask a Quickwit or OpenSearch server that `aloud library push` feeds
    #[arg(long, value_name = "URL", conflicts_with_all = ["audio", "is_all", "regex", "play", "play_all", "clip"])]
    pub server: Option<String>,
    /// Search this text too: a file, an http(s) address, or - for standard input; of one
    /// recording, which may be a folder or a pattern, whose files then follow each other
    #[arg(long, value_name = "ARTICLE", requires = "audio")]
    pub article: Option<OsString>,
    /// The chapter of a book, by its number or title
    #[arg(long, value_name = "N|TITLE", requires = "article")]
    pub chapter: Option<String>,
    /// Which text to search: what was written and is read, what was said, or one where the other is
    /// not
    #[arg(long = "in", value_enum, default_value_t = InArg::Both, value_name = "TEXT")]
    pub text: InArg,
    /// Only the same words, nothing that is nearly the same
    #[arg(long)]
    pub exact: bool,
    /// PHRASE is a regular expression over the text; case does not matter
    #[arg(long, conflicts_with = "exact")]
    pub regex: bool,
    /// So many places at most, the best; 0 for all [default: all in named recordings, 50 in many]
    #[arg(long, value_name = "N")]
    pub limit: Option<u32>,
    /// Show so much around: sentences (2), or seconds (10s)
    #[arg(long, value_name = "N|SECONDSs", value_parser = context, default_value = "0")]
    pub context: Context,
    /// Answer as JSON
    #[arg(long)]
    pub json: bool,
    /// Open the player at the first place; n and N go to the others
    #[arg(long, conflicts_with_all = ["json", "play_all", "clip"])]
    pub play: bool,
    /// Play the places one after another
    #[arg(long, conflicts_with_all = ["json", "clip"])]
    pub play_all: bool,
    /// Write the places as sound, cut at pauses: FILE, or FILE-1, FILE-2 ... where there are
    /// several (.wav or .flac)
    #[arg(long, value_name = "FILE", conflicts_with = "json")]
    pub clip: Option<PathBuf>,
    /// Transcribe recordings that were not yet
    #[arg(long)]
    pub transcribe: bool,
    /// Write over existing files
    #[arg(long)]
    pub force: bool,
    /// A sound card's name or a part of it (`aloud doctor` lists them)
    #[arg(long, value_name = "NAME")]
    pub device: Option<String>,
    /// Let time go on without sound
    #[arg(long)]
    pub no_audio: bool,
    /// Which sound of the recordings.
    #[command(flatten)]
    pub which: SoundArgs,
    /// How the text is tied to the sound.
    #[command(flatten)]
    pub method: MethodArgs,
    /// How speech is recognised.
    #[command(flatten)]
    pub recognise: RecogniseArgs,
}

/// Which of an episode's texts is searched.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum InArg {
    /// What was said
    Said,
    /// What was written, where it is read
    Written,
    /// What was written where it is read, else what was said
    #[default]
    Both,
}

/// A number of sentences, or of seconds with an `s`.
fn context(text: &str) -> Result<Context, String> {
    let wrong = || "it is no number of sentences, nor of seconds as in 10s".to_owned();
    match text.strip_suffix('s') {
        Some(seconds) => {
            let seconds: f64 = seconds.trim().parse().map_err(|_| wrong())?;
            if (0.0..=86_400.0).contains(&seconds) {
                Ok(Context::Millis((seconds * 1000.0).round() as u64))
            } else {
                Err(wrong())
            }
        }
        None => text.parse().map(Context::Sentences).map_err(|_| wrong()),
    }
}

/// What is done with what is said but not written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum UnwrittenArg {
    /// Shown as it was heard
    Keep,
    /// Left out
    Drop,
    /// Shown in brackets
    Brackets,
}

/// The rules for cues.
#[derive(Clone, Debug, Default, ClapArgs)]
#[command(next_help_heading = "Cues")]
pub struct ProfileArgs {
    /// The rules to begin with: netflix, bbc, podcast, karaoke, or a TOML file of rules (keys are
    /// the options below, and base)
    #[arg(long, value_name = "NAME|FILE", default_value = "netflix")]
    pub profile: String,
    /// Characters in a line of Latin script
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(10..=200))]
    pub latin_line: Option<u32>,
    /// Characters in a line of Chinese, Japanese or Korean
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(4..=100))]
    pub wide_line: Option<u32>,
    /// Lines of a cue
    #[arg(long, value_name = "1-3", value_parser = clap::value_parser!(u8).range(1..=3))]
    pub max_lines: Option<u8>,
    /// Characters a second, Latin script
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=100))]
    pub latin_speed: Option<u32>,
    /// Characters a second, Chinese, Japanese and Korean
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=100))]
    pub wide_speed: Option<u32>,
    /// The shortest time a cue is shown
    #[arg(long, value_name = "SECONDS", value_parser = seconds)]
    pub shortest: Option<f64>,
    /// The longest time a cue is shown
    #[arg(long, value_name = "SECONDS", value_parser = seconds)]
    pub longest: Option<f64>,
    /// The shortest gap between cues
    #[arg(long, value_name = "SECONDS", value_parser = seconds)]
    pub gap: Option<f64>,
    /// Gaps shorter than this are closed
    #[arg(long, value_name = "SECONDS", value_parser = seconds)]
    pub close: Option<f64>,
}

/// A format of transcripts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum FormatArg {
    /// Everything that is known, for programs
    Json,
    /// The text in paragraphs
    Txt,
    /// SubRip subtitles
    Srt,
    /// WebVTT subtitles
    Vtt,
}

/// `aloud demo`.
#[derive(Clone, Debug, Default, ClapArgs)]
pub struct DemoArgs {
    /// Leave the subtitles here, and do not play [default: aloud-demo.srt where there is no
    /// terminal to play in]
    #[arg(long, short, value_name = "FILE")]
    pub output: Option<PathBuf>,
}

/// `aloud doctor`.
#[derive(Clone, Debug, ClapArgs)]
pub struct DoctorArgs {
    /// Answer as JSON
    #[arg(long)]
    pub json: bool,
    /// Print what helps to find out why words are wrong, as JSON without any text, title, name or
    /// path; with AUDIO also what is known of that recording, in numbers
    #[arg(long, value_name = "AUDIO", num_args = 0..=1, conflicts_with = "json")]
    pub report: Option<Option<PathBuf>>,
}

/// `aloud player-probe`.
#[derive(Clone, Debug, ClapArgs)]
pub struct ProbeArgs {
    /// Lines of a time in milliseconds, a command and its argument; the last one is `quit`
    pub script: PathBuf,
    /// The recording
    pub audio: PathBuf,
    /// A sound card
    #[arg(long)]
    pub device: Option<String>,
    /// No sound card
    #[arg(long)]
    pub no_audio: bool,
}

/// `aloud screen-probe`.
#[derive(Clone, Debug, ClapArgs)]
pub struct ScreenProbeArgs {
    /// A transcript, or an `aloud-truth/1` file beside its article
    #[arg(value_name = "FILE")]
    pub file: PathBuf,
    /// A theme's name
    #[arg(long)]
    pub theme: Option<String>,
    /// Begin here, in seconds
    #[arg(long, default_value_t = 0.0)]
    pub at: f64,
    /// As if it were being recognised meanwhile
    #[arg(long)]
    pub unfinished: bool,
    /// Panic after so many seconds
    #[arg(long)]
    pub panic_after: Option<f64>,
}
