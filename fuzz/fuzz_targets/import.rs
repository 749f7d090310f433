//! Any bytes as a transcript: reading never panics, what is read is in order and clean, and what is
//! written of it reads back the same.

#![no_main]

use aloud::export::{self, Format};
use aloud::import;
use aloud::transcript::letters::is_unprintable;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let Ok((transcript, _)) = import::read(bytes, Some("fuzz")) else { return };
    assert!(transcript.segments.windows(2).all(|pair| pair[0].span.end() <= pair[1].span.start()));
    for segment in &transcript.segments {
        assert!(!segment.text.chars().any(is_unprintable));
        assert!(segment.words.windows(2).all(|pair| pair[0].span.end() <= pair[1].span.start()));
        assert!(segment.words.iter().all(|word| word.span == word.span.clamp_to(segment.span)));
    }
    for format in Format::ALL {
        let mut file = Vec::new();
        export::write(format, &transcript, &mut file).expect("a vector takes everything");
        if format == Format::Json {
            let (again, problems) = import::read(&file, None).expect("our own file");
            assert!(problems.is_empty(), "{problems:?}");
            let mut twice = Vec::new();
            export::write(format, &again, &mut twice).expect("a vector takes everything");
            assert_eq!(file, twice);
        }
    }
});
