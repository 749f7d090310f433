//! Why there is no usable model, in words for the person who asked for one.

use super::catalogue::{self, Entry};
use crate::reason::Hinted;
use crate::web::download::megabytes;
use std::io;
use std::path::{Path, PathBuf};

/// What is wrong with a file that should be a model.
#[derive(Debug, thiserror::Error)]
pub enum Fault {
    /// No bytes at all.
    #[error("it is empty")]
    Empty,
    /// Another format.
    #[error("it is {0}")]
    OtherKind(&'static str),
    /// It ends too early.
    #[error("it is cut short: its {bytes} bytes end within the {what}")]
    CutShort {
        /// What was being read.
        what: &'static str,
        /// The file's length.
        bytes: u64,
    },
    /// A number that no Whisper model has.
    #[error("it is damaged or no Whisper model: `{field}` is {value}{}", range(*.least, *.most))]
    Absurd {
        /// Which number.
        field: &'static str,
        /// What stands there.
        value: i32,
        /// The least that is possible.
        least: u32,
        /// The most that is possible.
        most: u32,
    },
    /// A share of a frequency in a band of the mel scale that none can have: whisper.cpp would
    /// compute with it for ever.
    #[error("it is damaged: a mel filter has the value {0:e} where 0 to 1 is possible")]
    Filter(f32),
    /// Numbers that cannot be together.
    #[error("it is damaged: a width of {state} cannot be divided by {value} ({field})")]
    Uneven {
        /// By what the width has to be divisible.
        field: &'static str,
        /// Its value.
        value: u32,
        /// The network's width.
        state: u32,
    },
    /// A form of weights that whisper.cpp does not load.
    #[error("its weights have form {0}, which is not one of whisper.cpp's")]
    UnknownWeights(i32),
    /// A tensor of another network.
    #[error("it is damaged or not a Whisper model: it has a tensor `{name}`")]
    UnknownTensor {
        /// The tensor's name, control characters escaped.
        name: String,
    },
    /// The same tensor again.
    #[error("it is damaged: the tensor `{name}` stands in it twice")]
    Twice {
        /// The tensor's name.
        name: String,
    },
    /// A tensor of another shape.
    #[error(
        "it is damaged: the tensor `{name}` has the shape {found:?} where {expected:?} belongs"
    )]
    Shape {
        /// The tensor's name.
        name: String,
        /// Its shape in the file.
        found: [u32; 3],
        /// Its shape in the network.
        expected: [u32; 3],
    },
    /// A tensor of another form.
    #[error(
        "it is damaged: the tensor `{name}` is stored as number {found} where {expected} belongs"
    )]
    Form {
        /// The tensor's name.
        name: String,
        /// ggml's number of its form in the file.
        found: i32,
        /// The form that whisper.cpp expects.
        expected: &'static str,
    },
    /// Tensors are missing at the end.
    #[error("it is cut short: it has {found} of {expected} tensors")]
    Missing {
        /// Tensors in the file.
        found: usize,
        /// Tensors in the network.
        expected: usize,
    },
    /// Something follows the last tensor.
    #[error("it is damaged: {bytes} bytes follow its end")]
    Trailing {
        /// How many bytes.
        bytes: u64,
    },
    /// A whole file for load tests, without weights.
    #[error("it has no weights (a file for tests), and recognises nothing")]
    NoWeights,
    /// The system could not read it.
    #[error(transparent)]
    Io(#[from] io::Error),
}

fn range(least: u32, most: u32) -> String {
    if least == most {
        format!(" where {least} belongs")
    } else {
        format!(" where {least} to {most} is possible")
    }
}

/// Why there is no usable model.
#[derive(Debug, thiserror::Error)]
pub enum ModelError {
    /// A name that is not in the catalogue and no file.
    #[error("no model is called `{name}`{}", if catalogue::suggest(.name).is_some() { "" } else { ", and no such file exists" })]
    UnknownName {
        /// As it was typed.
        name: String,
    },
    /// A model of the catalogue that is not on this machine.
    #[error("the model `{name}` is not on this machine")]
    NotInstalled {
        /// Its name.
        name: &'static str,
        /// What it costs to fetch.
        bytes: u64,
    },
    /// A file that cannot be read.
    #[error("cannot read the model `{}`: {source}", .path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// A file that cannot be written, moved or removed.
    #[error("cannot {what} `{}`: {source}", .path.display())]
    Unwritable {
        /// What was tried.
        what: &'static str,
        /// The file or folder.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// A file that is not a model, or a damaged one.
    #[error("cannot use the model `{}`: {fault}", .path.display())]
    Unusable {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        #[source]
        fault: Fault,
    },
    /// A whole model, but not the one that its name says.
    #[error("`{}` is not the model that its name says: its SHA-1 is {found}, that of `{name}` is {expected}", .path.display())]
    WrongBytes {
        /// The file.
        path: PathBuf,
        /// The model's name.
        name: &'static str,
        /// The SHA-1 of the file.
        found: String,
        /// The SHA-1 of the model.
        expected: &'static str,
    },
    /// This program was built without its embedded model.
    #[error(
        "this `aloud` was built without the model `micro`, since `models/ggml-micro.bin` was missing"
    )]
    NoMicro,
    /// Its embedded model does not unpack to what was packed.
    #[error("the model `micro` inside this program is damaged")]
    DamagedMicro,
    /// Neither a home folder nor a place named for models.
    #[error("there is no home folder to keep models in")]
    NoHome,
    /// Reading was broken off by the person who asked.
    #[error("cancelled")]
    Cancelled,
}

impl ModelError {
    /// The error for a bad file.
    pub(super) fn unusable(path: &Path, fault: Fault) -> Self {
        Self::Unusable { path: path.to_owned(), fault }
    }

    /// The error for a model that has to be fetched first.
    pub(super) fn not_installed(entry: &Entry) -> Self {
        Self::NotInstalled { name: entry.name, bytes: entry.bytes }
    }
}

impl Hinted for ModelError {
    fn hint(&self) -> Option<String> {
        let again = |name: &str| format!("fetch it again with `aloud models pull {name}`");
        Some(match self {
            Self::UnknownName { name } => catalogue::suggest(name).map_or_else(
                || "`aloud models list` shows them all".into(),
                |entry| format!("did you mean `{}`?", entry.name),
            ),
            Self::NotInstalled { name, bytes } => {
                format!("fetch it with `aloud models pull {name}` ({})", megabytes(*bytes))
            }
            Self::Unusable { path, .. } => by_file_name(path).map_or_else(
                || "`aloud models list` shows models that can be fetched".into(),
                |entry| again(entry.name),
            ),
            Self::WrongBytes { name, .. } => again(name),
            Self::NoMicro => "build it from a full checkout".into(),
            Self::DamagedMicro => "install `aloud` again".into(),
            Self::NoHome => "name one with `ALOUD_MODELS`".into(),
            Self::Unreadable { .. } | Self::Unwritable { .. } | Self::Cancelled => return None,
        })
    }
}

/// The model that can be fetched whose file has this name.
fn by_file_name(path: &Path) -> Option<&'static Entry> {
    let name = path.file_name()?.to_str()?;
    catalogue::CATALOGUE.iter().find(|entry| entry.file_name() == name && !entry.is_embedded())
}
