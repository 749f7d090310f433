//! What is written here is read again by `import`.

use crate::import::read;

#[test]
fn what_we_write_reads_back() {
    let source = "1\n00:00:01,000 --> 00:00:02,500\nHello there.\n\n2\n00:00:03,000 --> 00:00:04,000\nIt is late.\n";
    let (transcript, _) = read(source.as_bytes(), None).expect("captions");
    let reading = crate::reading::Reading::of_transcript(transcript);
    for format in super::Format::SUBTITLES {
        if format == super::Format::Html {
            continue;
        }
        for words in [false, true] {
            let mut file = Vec::new();
            let options = super::Options { words, ..super::Options::default() };
            super::write(format, &reading, &options, &mut file).expect("a vector takes everything");
            let (again, _) = read(&file, None)
                .unwrap_or_else(|e| panic!("{format:?}: {e}\n{}", String::from_utf8_lossy(&file)));
            let text: Vec<&str> =
                again.segments.iter().map(|segment| segment.text.as_str()).collect();
            assert_eq!(
                crate::transcript::split::spell(text.iter().copied()),
                "Hello there. It is late.",
                "{format:?}"
            );
        }
    }
}
