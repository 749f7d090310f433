//! Subtitles of the demo episodes.

use crate::util::truth;
use aloud::export::check::check;
use aloud::export::{self, Cue, Format, Options, Profile};
use aloud::reading::Reading;

fn readings() -> Vec<(String, Reading)> {
    let mut found = Vec::new();
    for (stem, _) in truth::EPISODES {
        found.push((format!("{stem} article"), truth::reading(stem)));
        found.push((format!("{stem} transcript"), Reading::of_transcript(truth::transcript(stem))));
    }
    found
}

#[test]
fn look() {
    for (name, reading) in readings() {
        for profile in Profile::ALL {
            let options = Options { profile: profile.clone(), ..Options::default() };
            let cues = export::cues(&reading, &options);
            let found = check(&cues, &profile);
            println!("== {name} {}: {} cues, {} violations", profile.name, cues.len(), found.len());
            for v in &found {
                println!("   {v}");
            }
            if std::env::var("LOOK").is_ok_and(|look| look == profile.name) {
                let mut out = Vec::new();
                export::write(Format::Srt, &reading, &options, &mut out).unwrap();
                println!("{}", String::from_utf8(out).unwrap());
            }
        }
    }
}
