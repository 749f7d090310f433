//! Children made of shell script, that die, hang and talk nonsense.

use super::*;
use std::io::Write;
use std::path::Path;

fn failed(why: &str) -> Reply {
    Reply::LoadFailed { why: why.into(), hint: None }
}

/// What a child made of shell script says and does.
struct Script {
    folder: tempfile::TempDir,
    text: String,
}

impl Script {
    fn new() -> Self {
        Self { folder: tempfile::tempdir().unwrap(), text: String::new() }
    }

    fn path(&self) -> &Path {
        self.folder.path()
    }

    /// Says `reply`.
    fn say(mut self, reply: &Reply) -> Self {
        let name = format!("{}.frame", self.text.len());
        let mut wire = Vec::new();
        protocol::write(&mut wire, reply, &[]).unwrap();
        std::fs::write(self.path().join(&name), wire).unwrap();
        self.text.push_str(&format!("cat {name}\n"));
        self
    }

    fn run(mut self, line: &str) -> Self {
        self.text.push_str(line);
        self.text.push('\n');
        self
    }

    fn supervisor(&self, jobs: usize) -> Supervisor {
        self.supervisor_of(Load { jobs, ..Load::default() })
    }

    fn supervisor_of(&self, load: Load) -> Supervisor {
        let (folder, text) = (self.path().to_owned(), self.text.clone());
        let command = move || {
            let mut sh = Command::new("sh");
            sh.arg("-c").arg(&text).current_dir(&folder);
            sh
        };
        let patience = Patience {
            load: Duration::from_millis(500),
            first: Duration::from_millis(300),
            least: Duration::from_millis(300),
        };
        Supervisor::new(command, Load { threads: 1, ..load }, patience)
    }

    /// How often a child was started: each leaves a line in `starts`.
    fn starts(&self) -> usize {
        std::fs::read_to_string(self.path().join("starts")).map_or(0, |s| s.lines().count())
    }
}

fn heard(id: u64) -> Reply {
    Reply::Heard { id, heard: Hearing::default() }
}

fn ask() -> Ask {
    Ask::Recognise(How {
        language: "en".into(),
        beam: 1,
        temperature: 0.0,
        prompt: String::new(),
        is_guess: false,
        is_whole: false,
        spoken_ms: None,
    })
}

fn answers(supervisor: &mut Supervisor, n: u64) -> Vec<(u64, Answer)> {
    for id in 0..n {
        supervisor.submit(id, ask(), vec![0.0; 40_000].into());
    }
    let mut got: Vec<_> =
        (0..n).map(|_| supervisor.next(Duration::from_secs(20)).unwrap().unwrap()).collect();
    got.sort_by_key(|(id, _)| *id);
    got
}

const COUNT: &str = "echo x >> starts";

#[test]
fn a_good_child_answers() {
    let script =
        Script::new().run(COUNT).say(&Reply::Loaded).say(&heard(1)).say(&heard(0)).run("sleep 9");
    let got = answers(&mut script.supervisor(2), 2);
    assert_eq!(
        got,
        [(0, Answer::Heard(Hearing::default())), (1, Answer::Heard(Hearing::default()))]
    );
    assert_eq!(script.starts(), 1);
}

#[test]
fn a_bad_child_costs_one_window() {
    for (name, misdeed) in [
        ("dies", "exit 3"),
        ("is killed", "kill -9 $$"),
        ("hangs", "sleep 9"),
        ("talks nonsense", "echo whisper_init: loading"),
        ("answers what nobody asked", "cat stray"),
        ("closes its output", "exec 1>&-; sleep 9"),
    ] {
        // The first child fails with both windows in hand, two more with the first one alone (what
        // hangs is not tried a third time); the next hears the second.
        let n_bad = if name == "hangs" { 2 } else { 3 };
        let guilty = format!("[ $(wc -l < starts) -gt {n_bad} ] || {{ {misdeed}; }}");
        let script =
            Script::new().run(COUNT).say(&Reply::Loaded).run(&guilty).say(&heard(1)).run("sleep 9");
        let mut stray = std::fs::File::create(script.path().join("stray")).unwrap();
        protocol::write(&mut stray, &heard(99), &[]).unwrap();
        stray.flush().unwrap();
        let got = answers(&mut script.supervisor(1), 2);
        assert!(matches!(&got[0], (0, Answer::Lost(_))), "{name}: {got:?}");
        assert_eq!(got[1], (1, Answer::Heard(Hearing::default())), "{name}");
        assert_eq!(script.starts(), n_bad + 1, "{name}");
    }
}

/// With a GPU, several windows at once, and word warping.
fn rich() -> Load {
    let heads = Some(protocol::Heads::Preset("base".into()));
    Load { model: Some("model".into()), heads, jobs: 2, gpu: true, ..Load::default() }
}

#[test]
fn what_fails_alone_is_tried_with_more_care() {
    let lost = |got: &Answer| matches!(got, Answer::Lost(_));
    for (n_good, load, want, is_exact) in [
        (0, rich(), Answer::Heard(Hearing::default()), false),
        (1, rich(), Answer::Heard(Hearing::default()), false),
        (2, rich(), Answer::Rough(Hearing::default()), false),
        (2, rich(), Answer::Lost(String::new()), true),
        (3, rich(), Answer::Lost(String::new()), false),
        // Nothing can be given up: once more, then never.
        (1, Load { jobs: 1, ..Load::default() }, Answer::Heard(Hearing::default()), false),
        (2, Load { jobs: 1, ..Load::default() }, Answer::Lost(String::new()), false),
    ] {
        for misdeed in ["exit 1", "FAIL"] {
            // The nth child answers; those before it die, or say that they failed.
            let mut script = Script::new().run(COUNT).say(&Reply::Loaded);
            let fails =
                Script::new().say(&Reply::Failed { id: 0, why: "too little memory".into() });
            std::fs::copy(fails.path().join("0.frame"), script.path().join("fails")).unwrap();
            let bad = if misdeed == "FAIL" { "cat fails; sleep 9" } else { misdeed };
            script = script
                .run(&format!("[ $(wc -l < starts) -gt {n_good} ] || {{ {bad}; }}"))
                .say(&heard(0))
                .run("sleep 9");
            // Without anything to change a child that only says that it failed stays, and is asked
            // again.
            let stays = misdeed == "FAIL" && load.model.is_none();
            if stays {
                continue;
            }
            let mut supervisor = script.supervisor_of(load.clone());
            if is_exact {
                supervisor.submit_exact(0, ask(), vec![0.0; 40_000].into());
            } else {
                supervisor.submit(0, ask(), vec![0.0; 40_000].into());
            }
            let (_, got) = supervisor.next(Duration::from_secs(20)).unwrap().unwrap();
            assert!(
                got == want || lost(&got) && lost(&want),
                "{n_good} {misdeed}: {got:?} for {want:?}"
            );
        }
    }
}

#[test]
fn a_request_that_failed_has_a_second_try() {
    let fails = Reply::Failed { id: 0, why: "too little memory".into() };
    let script =
        Script::new().run(COUNT).say(&Reply::Loaded).say(&fails).say(&heard(0)).run("sleep 9");
    assert_eq!(answers(&mut script.supervisor(1), 1)[0].1, Answer::Heard(Hearing::default()));
    assert_eq!(script.starts(), 1);
}

#[test]
fn what_a_gpu_cannot_load_the_processor_can() {
    // One that dies may have been killed, and is started again as it was.
    for (refusal, n_bad) in [("cat refusal", 1), ("exit 1", 2), ("sleep 9", 1)] {
        let refuse = format!("[ $(wc -l < starts) -gt {n_bad} ] || {{ {refusal}; exit 1; }}");
        let script =
            Script::new().run(COUNT).run(&refuse).say(&Reply::Loaded).say(&heard(0)).run("sleep 9");
        let refusal = Script::new().say(&failed("no memory"));
        std::fs::copy(refusal.path().join("0.frame"), script.path().join("refusal")).unwrap();
        let mut supervisor = script.supervisor_of(rich());
        assert_eq!(answers(&mut supervisor, 1)[0].1, Answer::Heard(Hearing::default()));
        assert_eq!(script.starts(), n_bad + 1);
        assert!(
            supervisor.note().is_some_and(|note| note.contains("GPU cannot be used"))
                && supervisor.note().is_none()
        );
    }
}

#[test]
fn loading_does_not_keep_the_caller() {
    let script = Script::new().run("sleep 0.2").say(&Reply::Loaded).say(&heard(0)).run("sleep 9");
    let mut supervisor = script.supervisor(1);
    supervisor.submit(0, ask(), Arc::from([]));
    assert_eq!(supervisor.next(Duration::from_millis(1)), Ok(None));
    assert!(matches!(supervisor.waits(), Some(Waits::Load { .. })));
    assert!(supervisor.next(Duration::from_secs(20)).unwrap().is_some());
    assert_eq!(supervisor.waits(), None);
}

#[test]
fn a_model_that_never_answers_is_given_up() {
    let script = Script::new().run(COUNT).say(&Reply::Loaded).run("sleep 9");
    let mut supervisor = script.supervisor(1);
    for id in 0..9 {
        supervisor.submit(id, ask(), Arc::from([]));
    }
    assert!(matches!(supervisor.next(Duration::from_secs(20)), Ok(Some((_, Answer::Lost(_))))));
    let Err(error @ StartError::Hangs(_)) = supervisor.next(Duration::from_secs(20)) else {
        panic!("it goes on")
    };
    assert!(error.hint().is_some_and(|hint| hint.contains("models verify")), "{error}");
}

#[test]
fn each_device_has_its_own_pace() {
    // The first child, on a GPU, answers at once and dies; the processor then takes longer than a
    // GPU may.
    let script = Script::new().run(COUNT).say(&Reply::Loaded);
    let script = script.run("[ $(wc -l < starts) -gt 1 ] || { cat first; exit 1; }");
    let script = script.run("sleep 0.6").say(&heard(1)).run("sleep 9");
    let first = Script::new().say(&heard(0));
    std::fs::copy(first.path().join("0.frame"), script.path().join("first")).unwrap();
    let mut supervisor = script.supervisor_of(rich());
    supervisor.patience = Patience {
        load: Duration::from_secs(20),
        first: Duration::from_secs(20),
        least: Duration::from_millis(100),
    };
    let got = answers(&mut supervisor, 2);
    assert_eq!(got[1], (1, Answer::Heard(Hearing::default())));
    let [processor, gpu] = supervisor.slowest;
    assert!(gpu.is_some() && processor > gpu);
}

#[test]
fn a_larger_model_is_given_more_time() {
    let [small, large] = [5 << 20, 3 << 30].map(Patience::for_model);
    assert!(
        small.first < Duration::from_secs(130)
            && small.load < large.load
            && small.first < large.first
    );
    assert_eq!(Patience::for_model(u64::MAX).least, small.least);
}

#[test]
fn a_window_is_tried_again_with_safer_settings() {
    let script = Script::new()
        .run(COUNT)
        .say(&Reply::Loaded)
        .run("[ $(wc -l < starts) -gt 1 ] || exit 1")
        .say(&heard(0))
        .run("sleep 9");
    assert_eq!(answers(&mut script.supervisor(1), 1)[0].1, Answer::Heard(Hearing::default()));
    assert_eq!(script.starts(), 2);
}

#[test]
fn a_child_that_cannot_start_says_why() {
    let refuses = Script::new().say(&failed("no such model"));
    let mut supervisor = refuses.supervisor(1);
    supervisor.submit(0, ask(), Arc::from([]));
    assert_eq!(
        supervisor.next(Duration::from_secs(5)),
        Err(StartError::Refused("no such model".into()))
    );

    // Also where less was tried meanwhile: the first reason counts.
    let refuses = Script::new()
        .run(COUNT)
        .run("[ $(wc -l < starts) -eq 1 ] || cat other")
        .say(&failed("no such model"));
    let other = Script::new().say(&failed("no heads"));
    std::fs::copy(other.path().join("0.frame"), refuses.path().join("other")).unwrap();
    let mut supervisor = refuses.supervisor_of(rich());
    supervisor.submit(0, ask(), Arc::from([]));
    assert_eq!(
        supervisor.next(Duration::from_secs(5)),
        Err(StartError::Refused("no such model".into()))
    );
    assert_eq!(refuses.starts(), 3);

    let dies = Script::new().run("echo out of memory >&2; sleep 0.1; exit 1");
    let mut supervisor = dies.supervisor(1);
    supervisor.submit(0, ask(), Arc::from([]));
    let Err(StartError::Broken(why)) = supervisor.next(Duration::from_secs(5)) else {
        panic!("started")
    };
    assert!(why.contains("code 1") && why.contains("out of memory"), "{why}");
}

#[test]
fn nothing_asked_nothing_answered() {
    assert_eq!(Script::new().supervisor(1).next(Duration::ZERO), Ok(None));
}
