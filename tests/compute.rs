//! Recognition in rounded numbers (`--compute-type`), by a model that people use: the built-in one is
//! too small to be rounded.

use crate::util::{Desk, demo_sound, real_model, skip, wav};
use serde_json::Value;

/// A desk with half a minute of talk, and the model; `None` where there is none.
fn desk() -> Option<(Desk, String)> {
    let model = real_model()?;
    let desk = Desk::new();
    desk.put("a.wav", wav(&demo_sound(2.0, 26.0)));
    Some((desk, model))
}

/// What is heard, as JSON.
fn hear(desk: &Desk, model: &str, how: &[&str]) -> String {
    let all = ["transcribe", "a.wav", "-l", "en", "--format", "json", "--no-gpu", "--model", model];
    desk.aloud(&[&all[..], how].concat()).code(0).out()
}

fn words(json: &str) -> Vec<String> {
    let transcript: Value = serde_json::from_str(json).unwrap();
    let segments = transcript["segments"].as_array().unwrap();
    let text = |segment: &Value| segment["text"].as_str().unwrap_or_default().to_lowercase();
    segments
        .iter()
        .flat_map(|s| text(s).split_whitespace().map(str::to_owned).collect::<Vec<_>>())
        .collect()
}

#[test]
fn rounded_weights_hear_what_whole_ones_hear() {
    let Some((desk, model)) = desk() else { return };
    let is_quick = desk.aloud(&["doctor", "--json"]).out().contains("eight-bit numbers");
    if !is_quick {
        return skip("this processor is no quicker with eight-bit numbers");
    }
    let anew = |setting| hear(&desk, &model, &["--force", "--compute-type", setting]);
    let [rounded, whole] = [anew("auto"), anew("float16")];
    assert!(rounded != whole, "nothing was rounded");
    // Either is kept as what it is; the setting is a flag, a variable or a line of the file.
    assert!(hear(&desk, &model, &[]) == rounded);
    desk.put("home/.config/aloud/config.toml", b"compute-type = \"float16\"");
    assert!(hear(&desk, &model, &[]) == whole);
    let [rounded, whole] = [words(&rounded), words(&whole)];
    let n_differ = strsim::generic_levenshtein(&rounded, &whole);
    assert!(whole.len() > 60 && n_differ * 20 <= whole.len(), "{rounded:?}\n{whole:?}");
}

#[test]
fn rounded_weights_hear_the_same_on_any_number_of_processors() {
    let Some((desk, model)) = desk() else { return };
    let want = hear(&desk, &model, &["--force", "--jobs", "1", "--threads", "1"]);
    for (jobs, threads) in [("1", "3"), ("2", "2")] {
        let got = hear(&desk, &model, &["--force", "--jobs", jobs, "--threads", threads]);
        assert!(got == want, "{jobs} jobs, {threads} threads:\n{got}\n{want}");
    }
}
