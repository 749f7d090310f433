//! A Matroska file with everything that it can say of itself (RFC 9559): title, tags and chapters,
//! over plain samples.

/// An element: its number, the length of what is in it, and that.
fn element(id: &[u8], inside: &[u8]) -> Vec<u8> {
    let length = (1u64 << 56 | inside.len() as u64).to_be_bytes();
    [id, &length, inside].concat()
}

fn all(id: &[u8], inside: &[Vec<u8>]) -> Vec<u8> {
    element(id, &inside.concat())
}

fn number(id: &[u8], value: u64) -> Vec<u8> {
    element(id, &value.to_be_bytes())
}

/// A recording of `samples` at 16 kHz whose title, artist, comment and two chapters are called
/// `name`.
pub fn named(name: &str, samples: &[f32]) -> Vec<u8> {
    const RATE: usize = 16_000;
    let text = |id: &[u8], text: &str| element(id, text.as_bytes());
    let ebml = all(
        b"\x1a\x45\xdf\xa3",
        &[text(b"\x42\x82", "matroska"), number(b"\x42\x87", 4), number(b"\x42\x85", 2)],
    );
    let info = [
        number(b"\x2a\xd7\xb1", 1_000_000),
        text(b"\x7b\xa9", name),
        text(b"\x4d\x80", name),
        text(b"\x57\x41", name),
    ];
    let audio = all(
        b"\xe1",
        &[
            element(b"\xb5", &(RATE as f64).to_be_bytes()),
            number(b"\x9f", 1),
            number(b"\x62\x64", 16),
        ],
    );
    let kind = [
        number(b"\xd7", 1),
        number(b"\x73\xc5", 1),
        number(b"\x83", 2),
        text(b"\x53\x6e", name),
        text(b"\x86", "A_PCM/INT/LIT"),
    ];
    let track = all(b"\xae", &[kind.concat(), audio]);
    let chapter = |n: u64| {
        let shown = all(b"\x80", &[text(b"\x85", name), text(b"\x43\x7c", "eng")]);
        all(
            b"\xb6",
            &[
                number(b"\x73\xc4", n),
                number(b"\x91", (n - 1) * 10_000_000_000),
                number(b"\x92", n * 10_000_000_000),
                shown,
            ],
        )
    };
    let edition = all(b"\x45\xb9", &[number(b"\x45\xbc", 1), chapter(1), chapter(2)]);
    let tag = |key: &str| all(b"\x67\xc8", &[text(b"\x45\xa3", key), text(b"\x44\x87", name)]);
    let tags = |target: u64| {
        all(
            b"\x73\x73",
            &[
                all(b"\x63\xc0", &[number(b"\x68\xca", target)]),
                tag("TITLE"),
                tag("ARTIST"),
                tag("COMMENT"),
                tag(name),
            ],
        )
    };
    let cluster = |(second, samples): (usize, &[f32])| {
        let sound = samples.iter().flat_map(|sample| ((sample * 32_767.0) as i16).to_le_bytes());
        // The track's number, no time beside the cluster's, a key frame.
        let block: Vec<u8> = [0x81, 0, 0, 0x80].into_iter().chain(sound).collect();
        all(b"\x1f\x43\xb6\x75", &[number(b"\xe7", second as u64 * 1000), element(b"\xa3", &block)])
    };
    let head = [
        all(b"\x15\x49\xa9\x66", &info),
        all(b"\x16\x54\xae\x6b", &[track]),
        all(b"\x10\x43\xa7\x70", &[edition]),
        all(b"\x12\x54\xc3\x67", &[tags(50), tags(30)]),
    ];
    let clusters: Vec<Vec<u8>> = samples.chunks(RATE).enumerate().map(cluster).collect();
    [ebml, all(b"\x18\x53\x80\x67", &[head.concat(), clusters.concat()])].concat()
}
