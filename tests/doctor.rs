//! `aloud doctor --report`: what a maintainer may see of a recording, and what nobody may.

use crate::util::{Desk, demo_sound, wav};
use serde_json::Value;

/// Words that stand in no report by chance.
const TEXT: &str = "Zanzibar Quokkas\n\nWilhelmina Featherstonehaugh\n\nMarmalade bicycles wobble past Penelope.\n\n\
                    They had been there since it was all of their own, and she is not so sure of it.\n";

/// What the words of `text` are, of letters and digits alone.
fn words(text: &str) -> impl Iterator<Item = String> {
    let parts = text.split(|c: char| !c.is_alphanumeric()).filter(|part| !part.is_empty());
    parts.map(str::to_lowercase).collect::<Vec<_>>().into_iter()
}

#[test]
fn a_report_tells_numbers_and_no_words() {
    let desk = Desk::new();
    let audio = "Gooseberry 榴槤 interview.wav";
    desk.put(audio, wav(&demo_sound(10.0, 24.0)));
    desk.put("Rhubarb notes.txt", TEXT);
    let said = "1\n00:00:01,000 --> 00:00:04,000\nMarmalade bicycles wobble past Penelope.\n\n\
                2\n00:00:04,000 --> 00:00:08,500\nThey had been there since it was all of their own, and she is not so sure of it.\n\n\
                3\n00:00:09,000 --> 00:00:11,000\nCustard thunderstorm.\n";
    desk.put("said.srt", said);
    desk.put("home/.config/aloud/config.toml", "device = \"Wilhelmina's Headset\"\nrate = 1.5\n");
    desk.aloud(&["align", audio, "Rhubarb notes.txt", "--transcript", "said.srt", "--anyway"])
        .code(0);
    let report = || {
        let output = desk
            .command(&["doctor", "--report", audio])
            .envs([
                ("USER", "featherstonehaugh"),
                ("HOSTNAME", "gooseberry"),
                ("TERM", "my secret terminal"),
                ("ALOUD_LOG", "/tmp/penelope.log"),
            ])
            .output()
            .unwrap();
        assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap()
    };
    let text = report();
    // Nothing of what is said, written or named.
    let host = std::fs::read_to_string("/etc/hostname").unwrap_or_default();
    let names = format!(
        "{audio} Rhubarb notes {} featherstonehaugh secret headset penelope {host}",
        desk.path().display()
    );
    let told: Vec<String> = words(&text).collect();
    // The folder of all of them has a name that a report may need too: `tmp` and such.
    let harmless = |word: &str| {
        ["notes", "there", "since", "their"].contains(&word) || (word.is_ascii() && word.len() < 5)
    };
    let private = words(TEXT)
        .chain(words("Marmalade bicycles wobble past Penelope Custard thunderstorm"))
        .chain(words(&names));
    for word in private.filter(|word| !harmless(word)) {
        assert!(!told.contains(&word), "{word} stands in\n{text}");
    }
    assert!(!text.contains(&desk.path().display().to_string()) && !text.contains("榴槤"), "{text}");
    // But what helps.
    let report: Value = serde_json::from_str(&text).unwrap();
    assert_eq!(report["format"], "aloud-report/1");
    assert_eq!(report["program"]["version"], env!("CARGO_PKG_VERSION"));
    assert_eq!(report["terminal"]["term"], "other");
    assert_eq!(report["settings"]["device"]["value"], "set");
    assert_eq!(report["settings"]["rate"]["value"], "1.5");
    let recording = &report["recording"];
    assert!(
        recording["codec"]
            .as_str()
            .is_some_and(|codec| codec.contains("PCM") || codec.contains("Pulse")),
        "{text}"
    );
    for (what, want) in [("rate", 16_000.0), ("channels", 1.0), ("length", 14.0)] {
        assert_eq!(recording[what].as_f64(), Some(want), "{what}");
    }
    let kept = recording["kept"].as_array().unwrap();
    let stage = |name: &str| {
        kept.iter()
            .find(|kept| kept["stage"] == name)
            .unwrap_or_else(|| panic!("no {name} in\n{text}"))
    };
    let alignment = &stage("alignment")["holds"];
    assert!(
        alignment["words"].as_u64().unwrap() >= 9 && alignment["sentences"]["spoken"].is_u64(),
        "{text}"
    );
    assert!(alignment["tied"].as_u64().unwrap() >= 5, "{text}");
    let histogram: u64 =
        alignment["confidence"].as_array().unwrap().iter().map(|n| n.as_u64().unwrap()).sum();
    assert_eq!(histogram, alignment["tied"].as_u64().unwrap());
}

#[test]
fn a_report_without_a_recording_and_of_none() {
    let desk = Desk::new();
    let report: Value =
        serde_json::from_str(&desk.aloud(&["doctor", "--report"]).code(0).out()).unwrap();
    assert!(report["recording"].is_null() && report["models"].is_array(), "{report}");
    desk.aloud(&["doctor", "--report", "none.mp3"]).code(3).says("none.mp3");
    desk.aloud(&["doctor", "--report", "--json"]).code(2);
}
