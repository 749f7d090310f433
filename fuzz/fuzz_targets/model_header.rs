//! Any bytes as a model file: an answer, never a panic, never much memory.

#![no_main]

use libfuzzer_sys::fuzz_target;
use std::io::Cursor;

fuzz_target!(|bytes: &[u8]| {
    if let Ok(info) = aloud::models::header::check_reader(Cursor::new(bytes)) {
        assert_eq!(info.bytes, bytes.len() as u64);
    }
});
