//! The recogniser's own figures: word errors and word starts of the English demo, recognised by the
//! very small model through the program itself.

use crate::aims::Aims;
use std::path::Path;
use std::process::Command;
use std::time::Instant;

/// A word without case and marks, and its start in seconds.
type Word = (String, f64);

/// In percent, for this model.
const MOST_ERRORS: f64 = 20.0;
const LEAST_WITHIN: f64 = 94.0;

/// Prints the figures.
pub fn report(aims: &mut Aims) {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let cache = tempfile::tempdir().unwrap();
    println!("transcribe: audio/open-models.en.mp3 by `micro`");
    for beam in ["1", "5"] {
        let start = Instant::now();
        let output = Command::new(env!("CARGO_BIN_EXE_aloud"))
            .args([
                "transcribe",
                "audio/open-models.en.mp3",
                "--model",
                "micro",
                "-l",
                "en",
                "--format",
                "json",
                "--beam",
                beam,
                "--cache",
            ])
            .arg(cache.path())
            .current_dir(root)
            .output()
            .unwrap();
        if !output.status.success() {
            println!("  not possible here: {}", String::from_utf8_lossy(&output.stderr).trim());
            return;
        }
        let took = start.elapsed().as_secs_f64();
        let (transcript, _) = aloud::import::read(&output.stdout, None).unwrap();
        let heard: Vec<Word> = transcript
            .words()
            .map(|w| (fold(&w.text), w.span.start().secs()))
            .filter(|w| !w.0.is_empty())
            .collect();
        let truth = truth(&root.join("transcripts/open-models.en.truth.json"));
        let (errors, pairs) = compare(&truth, &heard);
        let mut offs: Vec<f64> =
            pairs.iter().map(|&(t, h)| (truth[t].1 - heard[h].1).abs()).collect();
        offs.sort_by(f64::total_cmp);
        let within = |limit: f64| {
            100.0 * offs.iter().filter(|o| **o <= limit).count() as f64 / offs.len().max(1) as f64
        };
        println!(
            "  beam {beam}: {:.1} % word errors, {} of {} words right; their starts: median {:.0} ms off, {:.1} % within 0.1 s, \
             {:.1} % within 0.2 s; {took:.1} s",
            100.0 * errors as f64 / truth.len() as f64,
            pairs.len(),
            truth.len(),
            1000.0 * offs.get(offs.len() / 2).copied().unwrap_or(f64::NAN),
            within(0.1),
            within(0.2),
        );
        aims.at_most(
            &format!("transcribe, beam {beam}, percent of words wrong"),
            100.0 * errors as f64 / truth.len() as f64,
            MOST_ERRORS,
        );
        aims.at_least(
            &format!("transcribe, beam {beam}, starts within 0.1 s"),
            within(0.1),
            LEAST_WITHIN,
        );
    }
}

fn truth(path: &Path) -> Vec<Word> {
    let json: serde_json::Value =
        serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();
    json["words"]
        .as_array()
        .unwrap()
        .iter()
        .map(|w| (fold(w["text"].as_str().unwrap()), w["start"].as_f64().unwrap()))
        .collect()
}

fn fold(word: &str) -> String {
    word.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}

/// The edit distance in words, and the pairs that an edit path of that length leaves as they are.
fn compare(truth: &[Word], heard: &[Word]) -> (u32, Vec<(usize, usize)>) {
    let (n, m) = (truth.len(), heard.len());
    let mut cost = vec![vec![0u32; m + 1]; n + 1];
    for (i, j) in (0..=n).flat_map(|i| (0..=m).map(move |j| (i, j))) {
        cost[i][j] = match (i, j) {
            (0, j) => j as u32,
            (i, 0) => i as u32,
            (i, j) => {
                let same = u32::from(truth[i - 1].0 != heard[j - 1].0);
                (cost[i - 1][j - 1] + same).min(cost[i - 1][j] + 1).min(cost[i][j - 1] + 1)
            }
        };
    }
    let (mut i, mut j, mut pairs) = (n, m, Vec::new());
    while i > 0 && j > 0 {
        let is_same = truth[i - 1].0 == heard[j - 1].0;
        if cost[i][j] == cost[i - 1][j - 1] + u32::from(!is_same) {
            (i, j) = (i - 1, j - 1);
            if is_same {
                pairs.push((i, j));
            }
        } else if cost[i][j] == cost[i - 1][j] + 1 {
            i -= 1;
        } else {
            j -= 1;
        }
    }
    (cost[n][m], pairs)
}
