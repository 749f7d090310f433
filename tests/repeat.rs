//! What a window becomes depends on its sound, the model and the settings alone: not on what the
//! process heard before, in which company a window is, and on how many processors.

use crate::util::{Desk, demo_sound, root, skip, wav};
use aloud::pipeline::{self, Event, Place, Recogniser, Settings, Voice};
use aloud::store::Store;
use aloud::synth::Speaker;
use aloud::time::Span;
use aloud::transcribe::protocol::{Heads, Hearing, How, Load};
use aloud::transcribe::{DecoderState, DefaultEngine, Engine};
use aloud::transcript::{ModelRef, Segment};
use std::process::Command;
#[cfg(unix)]
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::thread;

fn load(jobs: usize, threads: usize) -> Load {
    Load {
        model: Some(root().join("models/ggml-micro.bin")),
        jobs,
        threads,
        // Several are loaded here.
        may_round: false,
        flash: true,
        ..Load::default()
    }
}

/// Speech under noise, and noise alone: both make a search go wrong.
fn windows() -> Vec<Vec<f32>> {
    let speech = demo_sound(2.0, 8.0);
    // Numerical Recipes' generator, so that a failure can be repeated.
    let mut seed = 2026u32;
    let mut noise = || {
        seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (seed >> 8) as f32 / (1 << 23) as f32 - 1.0
    };
    let noisy = speech.into_iter().map(|sample| 0.3 * sample + 0.05 * noise()).collect();
    let alone = (0..32_000).map(|_| 0.1 * noise()).collect();
    vec![noisy, alone]
}

fn ways() -> Vec<How> {
    // The last one guesses wrongly, and listens once more in the language that the sound is in.
    [
        ("en", 1, 0.0, "", false),
        ("en", 5, 0.0, "", false),
        ("en", 5, 0.4, "Ada Lovelace", true),
        ("zh", 1, 0.0, "", true),
    ]
    .map(|(language, beam, temperature, prompt, is_guess)| {
        let (language, prompt, is_whole) = (language.into(), prompt.into(), temperature > 0.0);
        How {
            language,
            beam,
            temperature,
            prompt,
            is_guess,
            is_whole,
            spoken_ms: is_guess.then_some(1_000),
        }
    })
    .to_vec()
}

#[test]
fn a_window_is_the_same_whatever_came_before() {
    let windows = windows();
    // Noise alone is written about at length, so it is heard in one way only.
    let work: Vec<(usize, How)> = ways()
        .into_iter()
        .map(|how| (0, how))
        .chain(ways().into_iter().take(1).map(|how| (1, how)))
        .collect();
    let hear = |state: &mut Box<dyn DecoderState>, (window, how): &(usize, How)| {
        state.recognise(&windows[*window], how).unwrap()
    };
    // Each by a state that never heard anything.
    let alone = DefaultEngine::load(&load(1, 1)).unwrap();
    let want: Vec<Hearing> =
        work.iter().map(|one| hear(&mut alone.state().unwrap(), one)).collect();
    assert!(
        want.iter().any(|heard| heard.passes.iter().any(|pass| pass.tokens.len() > 4)),
        "something was heard"
    );

    for (jobs, threads) in [(1, 2), (3, 1)] {
        let engine = DefaultEngine::load(&load(jobs, threads)).unwrap();
        thread::scope(|scope| {
            for job in 0..jobs {
                let (mut state, work, want, hear) = (engine.state().unwrap(), &work, &want, &hear);
                scope.spawn(move || {
                    // Each job in an order of its own, in which it guesses the language in between.
                    let (step, n) = ([1, 3, 1][job], work.len());
                    for at in (0..n).map(|i| (i * step + job) % n).chain([0]) {
                        assert_eq!(
                            hear(&mut state, &work[at]),
                            want[at],
                            "{jobs} jobs, {threads} threads, {:?}",
                            work[at]
                        );
                    }
                });
            }
        });
    }
}

#[test]
fn a_transcript_is_the_same_on_any_number_of_processors() {
    // Under noise, so that windows are doubtful and are recognised again by a beam and by chance.
    let mut seed = 7u32;
    let noisy = |sample: f32| {
        seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        0.5 * sample + 0.03 * ((seed >> 8) as f32 / (1 << 23) as f32 - 1.0)
    };
    // Two windows, parted by silence, so that little has to be listened to.
    let speech: Vec<f32> = demo_sound(2.0, 10.0).into_iter().map(noisy).collect();
    let sound: Vec<f32> =
        speech.chunks(4 * 16_000).flat_map(|part| [part, &[0.0; 3 * 16_000]].concat()).collect();
    let sound = wav(&sound);
    let transcribe = |beam: &str, jobs: &str, threads: &str| {
        let desk = Desk::new();
        desk.put("a.wav", &sound);
        let how = ["--beam", beam, "--jobs", jobs, "--threads", threads, "--log", "log"];
        let said = desk
            .aloud(
                &[&["transcribe", "a.wav", "--model", "micro", "--format", "json"][..], &how]
                    .concat(),
            )
            .code(0)
            .out();
        (said, desk.read("log").matches("is recognised again").count())
    };
    for beam in ["1", "5"] {
        let (want, n_again) = transcribe(beam, "1", "1");
        assert!(n_again > 0, "no window was recognised again");
        let (jobs, threads) = if beam == "1" { ("2", "2") } else { ("3", "3") };
        assert!(
            transcribe(beam, jobs, threads).0 == want,
            "beam {beam}, {jobs} jobs, {threads} threads:\n{want}"
        );
    }
}

fn child() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_aloud"));
    command.arg("recogniser-child");
    command
}

fn settings(heads: Option<Heads>) -> Settings {
    let model = ModelRef { name: "micro".into(), sha1: None };
    let path = root().join("models/ggml-micro.bin");
    let recogniser =
        Recogniser { path, model, identity: "micro".into(), heads, only_language: None };
    Settings {
        recogniser,
        detector: None,
        language: Some("en"),
        beam: 1,
        prompt: String::new(),
        only: None,
        jobs: 2,
        threads: 1,
        gpu: false,
        may_round: true,
    }
}

/// The words of a line with their times.
fn said(segment: &Segment) -> Vec<(String, Span)> {
    segment.words.iter().map(|word| (word.text.clone(), word.span)).collect()
}

fn speaker() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_aloud"));
    command.arg("synth-child");
    command
}

#[test]
fn rough_times_are_told_marked_and_made_good() {
    // A layer that the model does not have: nothing can be warped, whatever is tried. Heads that
    // tell starts are believed over any voice, so the voice gets the others.
    check_rough(&Heads::Reading(vec![(99, 0)]), None);
    let voice = Voice { child: speaker, library: None, dictionary: None };
    match Speaker::start(speaker, "en", None) {
        Ok(_) => check_rough(&Heads::Foreseeing(vec![(99, 0)]), Some(voice)),
        Err(_) => skip("espeak-ng is not installed"),
    }
}

/// What comes of heads that are `wrong`, of which nothing is kept, and of none at all afterwards.
fn check_rough(wrong: &Heads, voice: Option<Voice<'_>>) {
    let desk = Desk::new();
    let path = desk.put("a.wav", wav(&demo_sound(2.0, 40.0)));
    let store = Store::open(&desk.path().join("store"));
    let transcribe = |heads: Option<&Heads>| {
        let (mut notes, mut is_remembered) = (Vec::new(), false);
        let mut watch = |event: Event| match event {
            Event::Note(note) => notes.push(note),
            Event::Remembered => is_remembered = true,
            _ => {}
        };
        let place = Place { store: &store, child, voice, playhead: None };
        let transcript =
            pipeline::transcribe(&path, &settings(heads.cloned()), &place, &mut watch, &|| false)
                .unwrap();
        // Probabilities are kept with three decimals, so what is compared is what was said and
        // when.
        let words: Vec<_> = transcript.segments.iter().map(|s| (s.is_doubtful, said(s))).collect();
        let is_told = notes.iter().any(|note| note.contains("times are rough"));
        (words, is_told, is_remembered)
    };
    let n_sharpened = || store.list().iter().filter(|entry| entry.stage == "sharpened").count();
    let (rough, is_told, is_remembered) = transcribe(Some(wrong));
    assert!(
        is_told && !is_remembered && rough.iter().map(|(_, words)| words.len()).sum::<usize>() > 20
    );
    assert!(rough.iter().all(|(is_doubtful, _)| *is_doubtful));
    // The next run tries again, and has what it had.
    let (again, is_told, is_remembered) = transcribe(Some(wrong));
    assert_eq!(again, rough);
    assert!(is_told && !is_remembered);
    assert_eq!(
        n_sharpened(),
        0,
        "what was laid over the sound of rough words is kept as if it were good"
    );
    // Once it can be recognised properly nothing of it is left.
    let (good, is_told, is_remembered) = transcribe(None);
    assert!(!is_told && !is_remembered && good.iter().any(|(is_doubtful, _)| !is_doubtful));
    assert_eq!(transcribe(None), (good, false, true));
    assert_eq!(n_sharpened(), usize::from(voice.is_some()));
}

#[cfg(unix)]
#[test]
fn stopping_works_while_a_model_loads() {
    let desk = Desk::new();
    let path = desk.put("a.wav", wav(&demo_sound(2.0, 10.0)));
    let store = Store::forgetful();
    let hangs = || {
        let mut command = Command::new("sleep");
        command.arg("60");
        command
    };
    let place = Place { store: &store, child: hangs, voice: None, playhead: None };
    let waits = AtomicBool::new(false);
    let mut watch = |event: Event| {
        waits.fetch_or(
            matches!(event, Event::Slow { what, .. } if what.contains("loaded")),
            Relaxed,
        );
    };
    let stopped =
        pipeline::transcribe(&path, &settings(None), &place, &mut watch, &|| waits.load(Relaxed));
    assert!(matches!(stopped, Err(pipeline::Error::Cancelled { .. })), "{stopped:?}");
}
