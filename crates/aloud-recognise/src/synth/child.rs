//! The far side of the pipe: holds the library and speaks.
//!
//! It ends when its input ends, so that no orphan stays behind.

use super::espeak::Espeak;
use super::{Answer, Ask};
use crate::reason::Reason;
use crate::transcribe::protocol::{read, write};
use std::io::{Read, Write};
use std::process::ExitCode;

/// Words a minute: slow enough for every sound to be there.
const PACE: i32 = 160;

/// Serves one parent until its messages end. The first must be `Ask::Load`.
pub fn serve(mut input: impl Read, mut output: impl Write) -> ExitCode {
    let Ok(Some((Ask::Load { voice, library }, _))) = read::<Ask>(&mut input) else {
        return ExitCode::FAILURE;
    };
    let espeak = Espeak::load(library.as_deref())
        .and_then(|espeak| Ok(espeak.choose(&voice, PACE).map(|()| espeak)?));
    let espeak = match espeak {
        Ok(espeak) => espeak,
        Err(Reason { why, hint }) => {
            let _ = write(&mut output, &Answer::Refused { why, hint }, &[]);
            return ExitCode::FAILURE;
        }
    };
    if write(&mut output, &Answer::Loaded { version: espeak.version() }, &[]).is_err() {
        return ExitCode::FAILURE;
    }
    loop {
        let text = match read::<Ask>(&mut input) {
            Ok(Some((Ask::Speak { text }, _))) => text,
            Ok(None) => return ExitCode::SUCCESS,
            Ok(Some(_)) | Err(_) => return ExitCode::FAILURE,
        };
        let sent = match espeak.speak(&text) {
            Ok(said) => {
                let samples: Vec<f32> =
                    said.samples.iter().map(|&sample| f32::from(sample) / 32768.0).collect();
                write(
                    &mut output,
                    &Answer::Spoken { rate: said.rate, words: said.words, phones: said.phones },
                    &samples,
                )
            }
            Err(why) => write(&mut output, &Answer::Refused { why, hint: None }, &[]),
        };
        if sent.is_err() {
            return ExitCode::FAILURE;
        }
    }
}
