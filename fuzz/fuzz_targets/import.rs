//! Any bytes as a transcript: reading never panics, what is read is in order and clean, and what is
//! written of it reads back the same.

#![no_main]

use aloud::export::{self, Format, Options};
use aloud::import;
use aloud::reading::Reading;
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
    let reading = Reading::of_transcript(transcript);
    for format in Format::TRANSCRIPTS {
        let mut file = Vec::new();
        export::write(format, &reading, &Options::default(), &mut file).expect("a vector takes everything");
        if format == Format::Transcript {
            let (again, problems) = import::read(&file, None).expect("our own file");
            assert!(problems.is_empty(), "{problems:?}");
            let mut twice = Vec::new();
            export::json::write(&again, &mut twice).expect("a vector takes everything");
            assert_eq!(file, twice);
        }
    }
});
