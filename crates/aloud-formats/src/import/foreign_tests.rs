//! Captions as others write them: what a list of cases says that each of them holds.

use super::cues;

/// The bytes that are written with escapes as in Rust.
fn unescaped(text: &str) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut rest = text;
    while let Some(at) = rest.find('\\') {
        bytes.extend_from_slice(&rest.as_bytes()[..at]);
        let escape = &rest[at + 1..];
        let (found, len) = match escape.as_bytes()[0] {
            b'n' => (vec![b'\n'], 1),
            b'r' => (vec![b'\r'], 1),
            b't' => (vec![b'\t'], 1),
            b'0' => (vec![0], 1),
            b'\\' => (vec![b'\\'], 1),
            b'x' => (vec![u8::from_str_radix(&escape[1..3], 16).unwrap()], 3),
            b'u' => {
                let end = escape.find('}').unwrap();
                let c = char::from_u32(u32::from_str_radix(&escape[2..end], 16).unwrap()).unwrap();
                (c.to_string().into_bytes(), end + 1)
            }
            other => panic!("no escape: {other}"),
        };
        bytes.extend(found);
        rest = &escape[len..];
    }
    bytes.extend_from_slice(rest.as_bytes());
    bytes
}

fn found(source: &str) -> String {
    let cues = cues(&unescaped(source), None).map_or_else(|_| Vec::new(), |(cues, _)| cues);
    let line = |(span, lines): &(crate::time::Span, Vec<String>)| {
        let (start, end) = (span.start().millis(), span.end().millis());
        format!("{start}-{end} {}", lines.join("⏎")).trim_end_matches(' ').to_owned()
    };
    cues.iter().map(line).collect::<Vec<_>>().join(" ~ ")
}

/// What is not mastered is known by name, so that nothing gets worse unseen and nothing better
/// untold.
#[test]
fn captions_of_others() {
    let (mut n, mut n_right, mut unlike) = (0, 0, Vec::new());
    for line in include_str!("foreign.txt").lines().filter(|line| !line.starts_with('#')) {
        let (line, is_hard) = line.strip_prefix('!').map_or((line, false), |line| (line, true));
        let (case, want) = line.split_once(" => ").expect("a case");
        let source = case.splitn(3, " | ").nth(2).expect("a file");
        let got = found(source);
        n += 1;
        n_right += usize::from(got == want);
        if (got == want) == is_hard {
            unlike.push(format!("{line}\n    {got}"));
        }
    }
    assert!(unlike.is_empty(), "{n_right} of {n}; not as the list says:\n{}", unlike.join("\n"));
    assert_eq!((n_right, n), (143, 144));
}
