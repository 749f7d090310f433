//! libespeak-ng, found and loaded while the program runs.
//!
//! The library is under the GPL and no part of this program: nothing links to it, and it is loaded
//! only in a child process that ends with its work. The program `espeak-ng` itself would need no
//! `unsafe`, but it tells no times. This file never knows what is spoken, or why.

#![allow(unsafe_code, reason = "a C library's functions can be called in no other way")]

use super::voices::{self, Listed};
use super::{Phone, Utterance};
use crate::reason::Reason;
use libloading::{Library, Symbol};
use std::ffi::{CStr, CString, c_char, c_int, c_short, c_uint, c_void};

/// The library on Linux, macOS (Homebrew on either kind of machine) and Windows.
const NAMES: [&str; 5] = [
    "libespeak-ng.so.1",
    "libespeak-ng.1.dylib",
    "/opt/homebrew/lib/libespeak-ng.1.dylib",
    "/usr/local/lib/libespeak-ng.1.dylib",
    "libespeak-ng.dll",
];
const ABSENT: &str = "espeak-ng is not installed";
const INSTALL: &str = "`apt install espeak-ng`, or `brew install espeak-ng`, installs it";

/// `AUDIO_OUTPUT_SYNCHRONOUS`: speech goes to the callback, and `espeak_Synth` returns when all of
/// it has.
const SYNCHRONOUS: c_int = 2;
/// `espeakINITIALIZE_PHONEME_EVENTS` and `espeakINITIALIZE_DONT_EXIT`.
const WITH_PHONEMES: c_int = 0x1;
const DONT_EXIT: c_int = 0x8000;
/// `POS_CHARACTER`, and `espeakCHARS_UTF8`.
const BY_CHARACTER: c_int = 1;
const UTF8: c_uint = 1;
/// `espeakRATE`: words a minute.
const RATE: c_int = 1;
/// Kinds of events (`espeak_EVENT_TYPE`).
const END_OF_EVENTS: c_int = 0;
const WORD: c_int = 1;
const PHONEME: c_int = 7;

/// `espeak_EVENT` of `speak_lib.h`, the same since espeak 1.46.
#[repr(C)]
struct Event {
    kind: c_int,
    unique_identifier: c_uint,
    /// The place in the text, in characters, counted from 1.
    text_position: c_int,
    length: c_int,
    audio_position: c_int,
    /// When, in samples from the start of the text.
    sample: c_int,
    user_data: *mut c_void,
    /// A union, of which we need only the name of a phoneme: up to eight bytes.
    name: [c_char; 8],
}

/// The beginning of `espeak_VOICE`: what a file of a voice says about it.
#[repr(C)]
struct VoiceInfo {
    name: *const c_char,
    /// For each language a byte of priority (5 is usual, less is better) and its name with a zero;
    /// then a zero.
    languages: *const c_char,
    /// The file below `espeak-ng-data/voices` or `lang`.
    identifier: *const c_char,
}

type Callback = unsafe extern "C" fn(*mut c_short, c_int, *mut Event) -> c_int;
type Initialize = unsafe extern "C" fn(c_int, c_int, *const c_char, c_int) -> c_int;
type SetCallback = unsafe extern "C" fn(Option<Callback>);
type SetVoice = unsafe extern "C" fn(*const c_char) -> c_int;
type ListVoices = unsafe extern "C" fn(*mut VoiceInfo) -> *mut *const VoiceInfo;
type SetParameter = unsafe extern "C" fn(c_int, c_int, c_int) -> c_int;
type Synth = unsafe extern "C" fn(
    *const c_void,
    usize,
    c_uint,
    c_int,
    c_uint,
    c_uint,
    *mut c_uint,
    *mut c_void,
) -> c_int;
type Info = unsafe extern "C" fn(*mut *const c_char) -> *const c_char;

/// The library, ready to speak. There is one in a process at most: it keeps its state in globals.
pub struct Espeak {
    library: &'static Library,
    rate: u32,
}

impl Espeak {
    /// Loads and starts the library: `file`, or where it usually is.
    ///
    /// # Errors
    /// Why not, as a sentence without its full stop: it is not there, or it has no data.
    pub fn load(file: Option<&str>) -> Result<Self, Reason> {
        let library = match file {
            Some(file) => {
                open(file).map_err(|error| format!("`{file}` is no libespeak-ng: {error}"))?
            }
            None => NAMES
                .iter()
                .find_map(|name| open(name).ok())
                .ok_or_else(|| Reason::new(ABSENT).hint(INSTALL))?,
        };
        let initialize: Symbol<'_, Initialize> = symbol(library, c"espeak_Initialize")?;
        // SAFETY: the signature is that of `speak_lib.h`; a null path means the usual place of its
        // data.
        let rate =
            unsafe { initialize(SYNCHRONOUS, 0, std::ptr::null(), WITH_PHONEMES | DONT_EXIT) };
        let rate = u32::try_from(rate)
            .ok()
            .filter(|rate| *rate > 0)
            .ok_or("libespeak-ng does not find its data (espeak-ng-data)")?;
        let set_callback: Symbol<'_, SetCallback> = symbol(library, c"espeak_SetSynthCallback")?;
        // SAFETY: `heard` is a function and lives as long as the program.
        unsafe { set_callback(Some(heard)) };
        Ok(Self { library, rate })
    }

    /// The library's version.
    pub fn version(&self) -> String {
        let Ok(info) = symbol::<Info>(self.library, c"espeak_Info") else { return String::new() };
        // SAFETY: it writes one pointer and returns a static string that ends with a zero.
        let text = unsafe {
            let mut path = std::ptr::null();
            let version = info(&raw mut path);
            if version.is_null() { return String::new() } else { CStr::from_ptr(version) }
        };
        text.to_string_lossy().split_whitespace().next().unwrap_or_default().to_owned()
    }

    /// Chooses who speaks a language or one of its varieties, and how fast, in words a minute.
    ///
    /// # Errors
    /// That there is no such voice.
    pub fn choose(&self, language: &str, words_a_minute: i32) -> Result<(), String> {
        let no_voice = || format!("espeak-ng has no voice for `{language}`");
        let listed = self.voices()?;
        let voice = voices::best(&listed, language).ok_or_else(no_voice)?;
        let name = CString::new(voice.file.as_str()).map_err(|_| no_voice())?;
        let set_voice: Symbol<'_, SetVoice> = symbol(self.library, c"espeak_SetVoiceByName")?;
        // SAFETY: `name` ends with a zero and is copied.
        if unsafe { set_voice(name.as_ptr()) } != 0 {
            return Err(no_voice());
        }
        let set_parameter: Symbol<'_, SetParameter> = symbol(self.library, c"espeak_SetParameter")?;
        // SAFETY: plain numbers; a rate out of range is clamped.
        unsafe { set_parameter(RATE, words_a_minute, 0) };
        Ok(())
    }

    /// Who could speak: the library's own voices, without those of MBROLA and without variants.
    fn voices(&self) -> Result<Vec<Listed>, String> {
        let list: Symbol<'_, ListVoices> = symbol(self.library, c"espeak_ListVoices")?;
        let mut listed = Vec::new();
        // SAFETY: without a voice to be like, all are listed; the list and what it points to are
        // the library's own, stay until the next call, and end with a null pointer.
        unsafe {
            let mut next = list(std::ptr::null_mut());
            while let Some(voice) = next.as_ref().and_then(|voice| voice.as_ref()) {
                let file = text(voice.identifier);
                for (priority, language) in languages(voice.languages) {
                    listed.push(Listed { language, priority, file: file.clone() });
                }
                next = next.add(1);
            }
        }
        Ok(listed)
    }

    /// Speaks `text`.
    ///
    /// # Errors
    /// That the library refuses.
    pub fn speak(&self, text: &str) -> Result<Utterance, String> {
        // A zero would end the text before its length.
        let bytes: Vec<u8> = text.bytes().filter(|byte| *byte != 0).chain([0]).collect();
        let mut made = Utterance { rate: self.rate, ..Utterance::default() };
        let synth: Symbol<'_, Synth> = symbol(self.library, c"espeak_Synth")?;
        // SAFETY: `bytes` is as long as is said and ends with a zero. `made` outlives the call,
        // which hands it to `heard` and returns only after the last time: the library was started
        // as synchronous.
        let status = unsafe {
            let user_data = (&raw mut made).cast();
            synth(
                bytes.as_ptr().cast(),
                bytes.len(),
                0,
                BY_CHARACTER,
                0,
                UTF8,
                std::ptr::null_mut(),
                user_data,
            )
        };
        if status == 0 {
            Ok(made)
        } else {
            Err(format!("espeak-ng refuses to speak (status {status})"))
        }
    }
}

/// A string of the library's; empty where there is none.
///
/// # Safety
/// `string` is null or ends with a zero.
unsafe fn text(string: *const c_char) -> String {
    // SAFETY: as promised.
    if string.is_null() {
        String::new()
    } else {
        unsafe { CStr::from_ptr(string) }.to_string_lossy().into_owned()
    }
}

/// The languages of a voice with their priorities.
///
/// # Safety
/// `at` is null or a list as [`VoiceInfo::languages`].
unsafe fn languages(mut at: *const c_char) -> Vec<(u8, String)> {
    let mut found = Vec::new();
    // SAFETY: a byte of priority that is not zero has a name behind it that ends with a zero, and
    // behind that the next.
    unsafe {
        while !at.is_null() && *at != 0 {
            let [priority] = (*at).to_ne_bytes();
            let name = CStr::from_ptr(at.add(1));
            found.push((priority, name.to_string_lossy().into_owned()));
            at = at.add(name.to_bytes_with_nul().len() + 1);
        }
    }
    found
}

/// Never unloaded: initialising starts a thread in the library, which may not even have begun when
/// there is no such voice.
fn open(file: &str) -> Result<&'static Library, libloading::Error> {
    // SAFETY: loading runs the library's initialisers; those of libespeak-ng and of what it stands
    // on set up their own variables only.
    unsafe { Library::new(file) }.map(|library| &*Box::leak(Box::new(library)))
}

/// A function of the library.
fn symbol<'a, F>(library: &'a Library, name: &CStr) -> Result<Symbol<'a, F>, String> {
    // SAFETY: every caller asks with the signature that `speak_lib.h` gives that name.
    unsafe { library.get(name.to_bytes_with_nul()) }
        .map_err(|error| format!("libespeak-ng is of a strange kind: {error}"))
}

/// Called by the library with each piece of sound and what happens in it. 0 asks it to go on.
///
/// # Safety
/// As `t_espeak_callback`: `events` ends with an event of kind 0, each with the user data given to
/// `espeak_Synth`.
unsafe extern "C" fn heard(samples: *mut c_short, n: c_int, events: *mut Event) -> c_int {
    if events.is_null() {
        return 0;
    }
    // SAFETY: there is always at least the event that ends the list; its user data is that of the
    // text, an `Utterance` that `speak` keeps until after the last call; nobody else refers to it
    // meanwhile.
    let Some(made) = (unsafe { (*events).user_data.cast::<Utterance>().as_mut() }) else {
        return 0;
    };
    if let (false, Ok(n)) = (samples.is_null(), usize::try_from(n)) {
        // SAFETY: `samples` holds `n` samples.
        let piece = unsafe { std::slice::from_raw_parts(samples, n) };
        made.samples.extend_from_slice(piece);
    }
    for at in 0.. {
        // SAFETY: up to and including the first event of kind 0 the list is whole.
        let event = unsafe { &*events.add(at) };
        let sample = u32::try_from(event.sample).unwrap_or(0);
        match event.kind {
            END_OF_EVENTS => break,
            WORD => made.words.push((u32::try_from(event.text_position - 1).unwrap_or(0), sample)),
            PHONEME => made.phones.push(Phone { name: name(&event.name), sample }),
            _ => {}
        }
    }
    0
}

fn name(bytes: &[c_char; 8]) -> String {
    let bytes: Vec<u8> =
        bytes.iter().map(|c| c.to_ne_bytes()[0]).take_while(|byte| *byte != 0).collect();
    String::from_utf8_lossy(&bytes).into_owned()
}
