//! The whole room: from sound to pieces.

use proptest::prelude::*;

use super::signals::{RATE, chords, drums, hiss, mixed, silence, voice};
use super::{Cutter, Frame, HOP, Piece, Scorer, Settings};
use crate::time::Timestamp;
use crate::transcript::GapReason;

fn scored(sound: &[f32]) -> Vec<Frame> {
    let (mut scorer, mut frames) = (Scorer::new(), Vec::new());
    scorer.push(sound, &mut frames);
    scorer.finish(&mut frames);
    frames
}

fn pieces(sound: &[f32]) -> Vec<Piece> {
    let (mut cutter, mut pieces) = (Cutter::new(Settings::default()), Vec::new());
    cutter.push(&scored(sound), &mut pieces);
    cutter.finish(Timestamp::from_frames(sound.len() as u64, RATE as u32), &mut pieces);
    pieces
}

/// Pieces as a short text: `W` a window, `S` silence, `M` music, each with its start and end in
/// seconds.
fn shown(pieces: &[Piece]) -> String {
    let show = |piece: &Piece| {
        let kind = match piece {
            Piece::Window(_) => 'W',
            Piece::Gap(gap) if gap.reason == GapReason::Music => 'M',
            Piece::Gap(_) => 'S',
        };
        format!("{kind} {:.1}-{:.1}", piece.span().start().secs(), piece.span().end().secs())
    };
    pieces.iter().map(show).collect::<Vec<_>>().join(", ")
}

/// Whether the pieces are of these kinds, with edges within `slack` seconds of these.
fn check(name: &str, sound: &[f32], want: &[(char, f64)], slack: f64) {
    let pieces = pieces(sound);
    let got = shown(&pieces);
    assert_eq!(pieces.len(), want.len(), "{name}: {got}");
    for ((piece, part), &(kind, end)) in pieces.iter().zip(got.split(", ")).zip(want) {
        assert!(
            part.starts_with(kind) && (piece.span().end().secs() - end).abs() <= slack,
            "{name}: {got}"
        );
    }
}

#[test]
fn one_kind_of_sound_is_one_kind_of_piece() {
    let speech = voice(20.0, 1);
    for (name, sound, kind) in [
        ("digital silence", silence(20.0), 'S'),
        ("a constant offset", vec![0.3; 20 * RATE], 'S'),
        ("soft hiss", hiss(20.0, 0.001), 'S'),
        ("loud hiss", hiss(20.0, 0.1), 'M'),
        ("chords", chords(20.0), 'M'),
        ("drums", drums(20.0), 'M'),
        ("a voice", speech.clone(), 'W'),
        ("a soft voice", mixed(&silence(20.0), &speech, 0.01), 'W'),
        (
            "a voice far beyond full scale",
            speech.iter().map(|x| (x * 30.0).clamp(-1.0, 1.0)).collect(),
            'W',
        ),
        ("a voice with an offset", speech.iter().map(|x| x + 0.4).collect(), 'W'),
        ("a voice in noise 10 dB below", mixed(&speech, &hiss(20.0, 0.1), 0.32), 'W'),
        ("a voice over soft chords", mixed(&speech, &chords(20.0), 0.25), 'W'),
        ("a voice over soft drums", mixed(&speech, &drums(20.0), 0.25), 'W'),
    ] {
        check(name, &sound, &[(kind, 20.0)], 0.0);
    }
}

#[test]
fn what_is_not_speech_is_left_out() {
    let parts = |middle: Vec<f32>| [voice(10.0, 1), middle, voice(10.0, 2)].concat();
    for (name, middle, slack, kind) in [
        ("silence", silence(10.0), 0.4, 'S'),
        ("chords", chords(10.0), 1.9, 'M'),
        ("drums", drums(10.0), 1.9, 'M'),
    ] {
        check(name, &parts(middle), &[('W', 10.0), (kind, 20.0), ('W', 30.0)], slack);
    }
    check("a short silence stays", &parts(silence(1.5)), &[('W', 21.5)], 0.0);
    check("a jingle too short to tell stays", &parts(chords(2.0)), &[('W', 22.0)], 0.0);
}

#[test]
fn no_speech_is_lost_beside_a_gap() {
    for middle in [silence(12.0), chords(12.0), drums(12.0)] {
        let sound = [voice(10.0, 3), middle, voice(10.0, 4)].concat();
        for piece in pieces(&sound) {
            let span = piece.span();
            let is_within = span.start().millis() >= 10_000 && span.end().millis() <= 22_000;
            assert!(matches!(piece, Piece::Window(_)) || is_within, "{piece:?} holds speech");
        }
    }
}

#[test]
fn there_is_a_frame_for_each_10_ms_begun() {
    for (samples, frames) in
        [(0, 0), (1, 1), (159, 1), (160, 1), (161, 2), (511, 4), (16_000, 100), (200_001, 1251)]
    {
        let sound = hiss(13.0, 0.1);
        assert_eq!(scored(&sound[..samples]).len(), frames, "of {samples} samples");
        assert_eq!(
            pieces(&sound[..samples]).is_empty(),
            samples < 8,
            "less than a millisecond of {samples} samples"
        );
    }
}

#[test]
fn levels_are_those_of_the_frame() {
    let tone = |i: usize| (i as f32 * 0.3).sin();
    let sound: Vec<f32> =
        (0..RATE).map(|i| if i < RATE / 2 { 0.25 } else { 0.25 + 0.5 * tone(i) }).collect();
    let frames = scored(&sound);
    assert!(frames[..50].iter().all(|frame| frame.energy_db == -120.0));
    assert!(
        frames[50..].iter().all(|frame| (frame.energy_db + 9.0).abs() < 1.0),
        "{:?}",
        &frames[48..54]
    );
}

#[test]
fn broken_numbers_do_no_harm() {
    for bad in [f32::NAN, f32::INFINITY, f32::NEG_INFINITY, f32::MAX, f32::MIN_POSITIVE] {
        let mut sound = voice(12.0, 1);
        sound.iter_mut().skip(5000).step_by(3).take(20_000).for_each(|x| *x = bad);
        for frame in scored(&sound) {
            assert!(
                frame.energy_db.is_finite() && (0.0..=1.0).contains(&frame.speech),
                "{frame:?} with {bad}"
            );
        }
        assert_eq!(pieces(&vec![bad; 3 * RATE]).len(), 1);
    }
}

#[test]
fn a_finished_scorer_starts_again() {
    let sound = voice(7.0, 2);
    let (mut scorer, mut twice) = (Scorer::new(), Vec::new());
    for _ in 0..2 {
        scorer.push(&sound, &mut twice);
        scorer.finish(&mut twice);
    }
    let once = scored(&sound);
    assert_eq!(twice, [once.clone(), once].concat());
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(12))]
    #[test]
    fn blocks_make_no_difference(sizes in prop::collection::vec(1usize..20_000, 1..12), seed in 1u32..50) {
        let sound = [voice(4.0, seed), chords(6.0), hiss(1.0, 0.01)].concat();
        let (mut scorer, mut cutter) = (Scorer::new(), Cutter::new(Settings::default()));
        let (mut frames, mut cut, mut at) = (Vec::new(), Vec::new(), 0);
        for size in sizes.iter().cycle() {
            let to = (at + size).min(sound.len());
            let before = frames.len();
            scorer.push(&sound[at..to], &mut frames);
            cutter.push(&frames[before..], &mut cut);
            // Five seconds of ticks to tell music, one to see around, and the last parts of frames.
            prop_assert!(to <= (frames.len() + 520) * HOP);
            at = to;
            if at == sound.len() {
                break;
            }
        }
        let before = frames.len();
        scorer.finish(&mut frames);
        cutter.push(&frames[before..], &mut cut);
        cutter.finish(Timestamp::from_frames(sound.len() as u64, RATE as u32), &mut cut);
        prop_assert_eq!(&frames, &scored(&sound));
        prop_assert_eq!(cut, pieces(&sound));
    }
}
