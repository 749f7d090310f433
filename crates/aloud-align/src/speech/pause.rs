//! Where in a stretch of sound is the best place to cut?
//!
//! A pause between sentences is long and deep, one between words short, the stop of a "p" or "t"
//! shorter still. This file never knows why a cut is needed.

use super::score::Frame;

/// A run of quiet frames at least this long, in frames, is a pause: 60 ms.
const PAUSE: usize = 6;
/// From this length on it is surely one between words: 200 ms. Stops inside words stay below 150
/// ms.
const CLEAR_PAUSE: usize = 20;
/// How far up from the quietest to the loud frames a frame still counts as quiet.
const QUIET_SHARE: f32 = 0.3;
/// Less than this between quiet and loud, in dB, is no difference to go by.
const LEAST_RANGE_DB: f32 = 3.0;
/// What a frame counts that is not quiet, but in which nobody seems to speak.
const UNSPOKEN: f32 = 0.5;

/// A run of quiet frames.
struct Pause {
    start: usize,
    end: usize,
    /// Its length in frames, each weighed by how quiet it is.
    area: f32,
}

impl Pause {
    fn middle(&self) -> usize {
        usize::midpoint(self.start, self.end)
    }

    fn len(&self) -> usize {
        self.end - self.start
    }
}

/// The frame before which to cut `frames`: the middle of the best pause in the last `reach` frames,
/// or, if there is no clear one, of the best in the later half; without any, the quietest frame
/// within reach.
pub fn best_cut(frames: &[Frame], reach: usize) -> usize {
    let late = frames.len().saturating_sub(reach);
    let half = late.min(frames.len() / 2);
    let pauses = pauses(frames);
    let best = |from: usize, least: usize| {
        let fit = pauses.iter().filter(|pause| pause.middle() > from && pause.len() >= least);
        // Of equals the later: windows should be long.
        fit.max_by(|a, b| a.area.total_cmp(&b.area)).map(Pause::middle)
    };
    best(late, CLEAR_PAUSE).or_else(|| best(half, PAUSE)).unwrap_or_else(|| quietest(frames, late))
}

/// All pauses, in order.
fn pauses(frames: &[Frame]) -> Vec<Pause> {
    let mut sorted: Vec<f32> = frames.iter().map(|frame| frame.energy_db).collect();
    sorted.sort_unstable_by(f32::total_cmp);
    let at = |share: usize| sorted.get(sorted.len() * share / 100).copied().unwrap_or_default();
    let (low, high) = (at(5), at(90));
    let quiet = low + QUIET_SHARE * (high - low);
    let mut found: Vec<Pause> = Vec::new();
    for (i, frame) in frames.iter().enumerate() {
        let mut weight = if frame.speech < 0.5 { UNSPOKEN } else { 0.0 };
        if high - low >= LEAST_RANGE_DB && frame.energy_db < quiet {
            weight = ((quiet - frame.energy_db) / (quiet - low)).clamp(UNSPOKEN, 1.0);
        }
        if weight == 0.0 {
            continue;
        }
        match found.last_mut() {
            Some(last) if last.end == i => {
                last.end = i + 1;
                last.area += weight;
            }
            _ => found.push(Pause { start: i, end: i + 1, area: weight }),
        }
    }
    found.retain(|pause| pause.len() >= PAUSE);
    found
}

/// The quietest frame after `from`, with its neighbours.
fn quietest(frames: &[Frame], from: usize) -> usize {
    let around = |i: usize| {
        let near = &frames[i.saturating_sub(2)..(i + 3).min(frames.len())];
        near.iter().map(|frame| frame.energy_db).sum::<f32>() / near.len() as f32
    };
    (from + 1..frames.len())
        .min_by(|&a, &b| around(a).total_cmp(&around(b)))
        .unwrap_or(frames.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Frames from a picture: `#` loud, `-` half loud, `.` quiet, `~` loud but unspoken; each 20
    /// ms.
    fn frames(picture: &str) -> Vec<Frame> {
        let frame = |c| match c {
            '#' => Frame { energy_db: -20.0, speech: 1.0 },
            '-' => Frame { energy_db: -35.0, speech: 1.0 },
            '~' => Frame { energy_db: -20.0, speech: 0.1 },
            _ => Frame { energy_db: -60.0, speech: 0.0 },
        };
        picture.chars().flat_map(|c| [frame(c); 2]).collect()
    }

    #[test]
    fn the_better_pause_wins() {
        for (name, picture, reach, want) in [
            ("the only one", "##########..........##########", 60, 15),
            ("the longer", "#####......................###...............###", 96, 16),
            (
                "a clear one within reach before a longer one out of reach",
                "##..............................##............###########",
                50,
                40,
            ),
            (
                "a clear one out of reach before a stop within reach",
                "#######################............##########....###",
                24,
                29,
            ),
            (
                "a stop where nothing else is",
                "#########################......#############",
                40,
                28,
            ),
            ("nobody speaks over music", "##########~~~~~~~~~~~~##########", 60, 16),
            ("the quietest place of going sound", "###################--##########", 40, 20),
            ("of equals the later", "###............##............##", 62, 23),
        ] {
            let got = best_cut(&frames(picture), reach);
            assert!(
                got.abs_diff(want * 2) <= 2,
                "{name}: cut at {} of {picture}",
                got as f32 / 2.0
            );
        }
    }

    #[test]
    fn level_sound_is_cut_within_reach() {
        let level = vec![Frame { energy_db: -20.0, speech: 1.0 }; 1000];
        assert!((801..=1000).contains(&best_cut(&level, 200)));
    }
}
