//! No recording makes the decoder or the tag reader panic, hang, or give anything but finite samples; a jump
//! back gives what was there before.
#![no_main]

use aloud::decode::{Decoder, describe};
use aloud::time::Timestamp;
use libfuzzer_sys::fuzz_target;
use std::io::Cursor;

/// Sound enough; a few bytes can promise hours of silence.
const MOST: usize = 16_000 * 60;

fuzz_target!(|bytes: &[u8]| {
    let Ok(mut decoder) = Decoder::from_reader(Cursor::new(bytes.to_vec()), "fuzz") else { return };
    assert!(decoder.tags().title.as_deref().unwrap_or_default().chars().all(|c| !c.is_control()));
    let mut n = 0;
    while let Ok(Some(block)) = decoder.next_block() {
        assert!(block.iter().all(|sample| sample.is_finite()));
        n += block.len();
        if n > MOST {
            break;
        }
    }
    let _ = describe(decoder.losses());
    if decoder.seek(Timestamp::from_millis(n as u64 / 32)).is_ok() {
        let _ = decoder.next_block();
    }
});
