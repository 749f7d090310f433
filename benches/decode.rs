//! Decoding and resampling the English demo to 16 kHz mono, beside ffmpeg on the same file in the
//! same run.
//!
//! `cargo bench --bench decode [FILE]`. Wall time of whole processes for ffmpeg, of the library in
//! this process for aloud; the best of five, one thread each. The ratio is aloud's time over
//! ffmpeg's (aim: at most 1.0).

#![allow(clippy::print_stdout, clippy::unwrap_used, reason = "figures are what a bench is for")]

use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

const ROUNDS: usize = 5;

fn main() {
    let demo = concat!(env!("CARGO_MANIFEST_DIR"), "/audio/open-models.en.mp3");
    let file =
        std::env::args().skip(1).find(|a| !a.starts_with('-')).unwrap_or_else(|| demo.to_owned());
    let mut n_samples = 0;
    let own = best(|| {
        let mut decoder = aloud::decode::open(file.as_ref()).unwrap();
        n_samples = 0;
        while let Some(block) = decoder.next_block().unwrap() {
            n_samples += block.len();
        }
    });
    let seconds = n_samples as f64 / 16_000.0;
    println!("{file}: {seconds:.1} s of sound");
    println!(
        "aloud   {:>7.3} s  {:>6.0} × realtime",
        own.as_secs_f64(),
        seconds / own.as_secs_f64()
    );
    if Command::new("ffmpeg")
        .arg("-version")
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status()
        .is_err()
    {
        println!("ffmpeg  is not installed; nothing to compare with");
        return;
    }
    let peer = best(|| {
        let status = Command::new("ffmpeg")
            .args([
                "-nostdin",
                "-v",
                "error",
                "-threads",
                "1",
                "-i",
                &file,
                "-ac",
                "1",
                "-ar",
                "16000",
                "-f",
                "f32le",
                "-y",
                "/dev/null",
            ])
            .status();
        assert!(status.unwrap().success());
    });
    println!(
        "ffmpeg  {:>7.3} s  {:>6.0} × realtime",
        peer.as_secs_f64(),
        seconds / peer.as_secs_f64()
    );
    println!("ratio   {:>7.2}", own.as_secs_f64() / peer.as_secs_f64());
}

fn best(mut work: impl FnMut()) -> Duration {
    let once = || {
        let start = Instant::now();
        work();
        start.elapsed()
    };
    std::iter::repeat_with(once).take(ROUNDS).min().unwrap()
}
