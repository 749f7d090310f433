//! A job that is killed goes on where it stopped, and comes to the same end.

use crate::util::{Desk, Ran, demo_sound, wav};
#[cfg(target_os = "linux")]
use crate::util::{children, skip};
use std::fs;
use std::process::{Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

const TRANSCRIBE: [&str; 9] =
    ["transcribe", "a.wav", "--model", "micro", "-l", "en", "--format", "json", "--beam"];

/// A small generator (Numerical Recipes' constants), so that a failure can be repeated.
struct Dice(u32);

impl Dice {
    fn below(&mut self, n: u64) -> u64 {
        self.0 = self.0.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        u64::from(self.0 >> 8) % n
    }
}

/// Kills `command` at a moment of its own, within so many hundredths of a second (or whenever) and
/// at the latest once a window was finished in this run. It must not have ended.
#[track_caller]
fn kill(desk: &Desk, mut command: Command, log: &str, within: u64, dice: &mut Dice) {
    let child = command.args(["--log", log]).stdout(Stdio::null()).stderr(Stdio::null()).spawn();
    let mut child = child.unwrap();
    let most = if within == u64::MAX { 30_000 } else { 1 + dice.below(within) };
    for _ in 0..most {
        if n_finished(desk, log) > 0 {
            break;
        }
        thread::sleep(Duration::from_millis(10));
    }
    thread::sleep(Duration::from_millis(dice.below(20)));
    assert!(child.try_wait().unwrap().is_none(), "{log}: it ended before it could be killed");
    child.kill().unwrap();
    let ended = child.wait().unwrap();
    #[cfg(unix)]
    assert_eq!(
        std::os::unix::process::ExitStatusExt::signal(&ended),
        Some(9),
        "{log}: not killed: {ended}"
    );
    assert!(!ended.success(), "{log}: it ended by itself");
}

/// How many windows a run finished, by its log.
fn n_finished(desk: &Desk, log: &str) -> usize {
    fs::read_to_string(desk.path().join(log)).map_or(0, |log| log.matches("ms finished").count())
}

#[test]
fn twenty_kills_change_nothing() {
    let sound = wav(&demo_sound(0.0, 300.0));
    let calm = Desk::new();
    calm.put("a.wav", &sound);
    let want = calm.aloud(&[&TRANSCRIBE[..], &["1"]].concat()).code(0).out();
    assert!(want.contains("\"words\""), "{want}");

    let mut dice = Dice(2026);
    // One that is finished cannot be killed any more, so there are several: each dies five times.
    for desk in [Desk::new(), Desk::new(), Desk::new(), Desk::new()] {
        desk.put("a.wav", &sound);
        for round in 0..5 {
            let jobs = if round % 2 == 0 { "1" } else { "2" };
            let command = desk.command(&[&TRANSCRIBE[..], &["1", "--jobs", jobs]].concat());
            // Some windows are left for the next round.
            kill(&desk, command, &format!("log{round}"), 100, &mut dice);
        }
        let got = desk.aloud(&[&TRANSCRIBE[..], &["1"]].concat()).code(0).out();
        assert!(
            got == want,
            "after five kills the transcript differs:\n{got}\n--- undisturbed ---\n{want}"
        );
    }
}

/// What a recording of a good minute with the whole article is tied with.
const TIED: [&str; 9] =
    ["a.wav", "en.txt", "--model", "micro", "-l", "en", "--beam", "1", "--anyway"];

fn tied_desk() -> Desk {
    let desk = Desk::with_episodes();
    desk.put("a.wav", wav(&demo_sound(0.0, 70.0)));
    desk
}

#[test]
fn kills_while_text_is_tied_change_nothing() {
    let mut dice = Dice(2027);
    for line in [
        &["align", "--json", "-o", "out.json", "--force"][..],
        &["subs", "-o", "out.srt", "--force"],
    ] {
        let line: Vec<&str> = [line, &TIED[..]].concat();
        let out = line.iter().find(|word| word.starts_with("out.")).unwrap();
        let calm = tied_desk();
        calm.aloud(&line).code(0);
        let want = calm.read(out);
        let desk = tied_desk();
        desk.put(out, "mine");
        let check = |what: &str| {
            let now = desk.read(out);
            assert!(now == "mine" || now == want, "{what}: {line:?} left half a file:\n{now}");
        };
        // While it is recognised.
        for round in 0..3 {
            kill(&desk, desk.command(&line), &format!("log{round}"), 100, &mut dice);
            check("while it was recognised");
        }
        // While it is tied, at moments all over the time that this takes.
        desk.aloud(&[&TRANSCRIBE[..], &["1"]].concat()).code(0);
        let known = tied_desk();
        known.aloud(&[&TRANSCRIBE[..], &["1"]].concat()).code(0);
        let begin = Instant::now();
        known.aloud(&line).code(0);
        let takes = begin.elapsed();
        assert_eq!(known.read(out), want);
        let mut n_killed = 0;
        for round in 0..8u32 {
            let mut child =
                desk.command(&line).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
            thread::sleep(takes * round / 8);
            child.kill().unwrap();
            n_killed += usize::from(!child.wait().unwrap().success());
            check("while it was tied");
        }
        assert!(n_killed >= 3, "only {n_killed} of 8 were killed");
        desk.aloud(&line).code(0);
        assert!(
            desk.read(out) == want,
            "{line:?}: after kills it is\n{}\n--- undisturbed ---\n{want}",
            desk.read(out)
        );
        let left: Vec<_> =
            fs::read_dir(desk.path()).unwrap().flatten().map(|file| file.file_name()).collect();
        assert!(!left.iter().any(|name| name.to_string_lossy().ends_with(".record")), "{left:?}");
    }
}

#[test]
fn kills_while_somebody_listens_lose_nothing() {
    let calm = tied_desk();
    let want = calm.aloud(&[&TRANSCRIBE[..], &["1", "--log", "calm"]].concat()).code(0).out();
    let desk = tied_desk();
    let mut dice = Dice(2028);
    for round in 0..3 {
        let line = [
            "listen",
            "a.wav",
            "en.txt",
            "--no-audio",
            "--model",
            "micro",
            "-l",
            "en",
            "--beam",
            "1",
        ];
        // The first one early, the others when something is there to be lost.
        kill(
            &desk,
            desk.command(&line),
            &format!("log{round}"),
            if round == 0 { 100 } else { u64::MAX },
            &mut dice,
        );
    }
    let got = desk.aloud(&[&TRANSCRIBE[..], &["1", "--log", "last"]].concat()).code(0).out();
    assert!(
        got == want,
        "after three kills the transcript differs:\n{got}\n--- undisturbed ---\n{want}"
    );
    let n_before: usize = (0..3).map(|round| n_finished(&desk, &format!("log{round}"))).sum();
    let (n_last, n_all) = (n_finished(&desk, "last"), n_finished(&calm, "calm"));
    // The last window of a run may be finished and not yet written down.
    assert!(
        n_before > 0 && n_last + n_before <= n_all + 3 && n_last < n_all,
        "{n_before} windows before, {n_last} of {n_all} after"
    );
}

/// A bookmark is there as soon as the screen says so, and so is the place where somebody listened,
/// a while later.
#[cfg(unix)]
#[test]
fn a_kill_keeps_bookmarks() {
    use crate::util::terminal::Terminal;
    let desk = Desk::with_episodes();
    for round in 0..3 {
        let line = [
            "listen",
            "en.mp3",
            "en.txt",
            "--transcript",
            "en.json",
            "--no-audio",
            "--at",
            &format!("1:{round}0"),
        ];
        let Some(mut terminal) = Terminal::aloud(&desk, &line, (90, 24)) else { return };
        terminal.shows("The Machine in the Closet");
        terminal.type_in("b");
        terminal.shows("note");
        terminal.type_in(&format!("number {round}\r"));
        terminal.shows("bookmark");
        thread::sleep(Duration::from_millis(300));
        assert!(
            Command::new("kill")
                .args(["-9", &terminal.id().to_string()])
                .status()
                .unwrap()
                .success()
        );
        while !terminal.has_ended() {
            thread::sleep(Duration::from_millis(10));
        }
        let data = aloud::store::Store::open(&desk.path().join("home/.local/share/aloud/episodes"));
        let id = crate::util::truth::transcript("open-models.en").audio.id.unwrap();
        let kept = data.get(&aloud::store::Key::new("listened", id)).unwrap_or_default();
        let kept = String::from_utf8(kept).unwrap();
        assert!(
            (0..=round).all(|n| kept.contains(&format!("number {n}"))),
            "round {round}: {kept}"
        );
    }
}

/// The library that fakes a process's clock, where Debian puts it.
#[cfg(target_os = "linux")]
fn faketime() -> Option<std::path::PathBuf> {
    let folders = fs::read_dir("/usr/lib").ok()?.flatten().map(|entry| entry.path());
    folders
        .into_iter()
        .map(|folder| folder.join("faketime/libfaketimeMT.so.1"))
        .find(|path| path.exists())
}

#[cfg(target_os = "linux")]
#[test]
fn a_clock_that_jumps_changes_nothing() {
    let Some(library) = faketime() else { return skip("there is no libfaketime here") };
    let desk = tied_desk();
    let set = |jump: &str| {
        desk.put("clock.part", jump);
        fs::rename(desk.path().join("clock.part"), desk.path().join("clock")).unwrap();
    };
    let command = |arguments: &[&str]| {
        let mut command = desk.command(arguments);
        // The clock of the wall jumps; the one that only counts goes on, as it does on a real
        // machine.
        command
            .env("LD_PRELOAD", &library)
            .env("FAKETIME_TIMESTAMP_FILE", desk.path().join("clock"))
            .env("FAKETIME_NO_CACHE", "1");
        command
            .env("FAKETIME_DONT_FAKE_MONOTONIC", "1")
            .env("DONT_FAKE_MONOTONIC", "1")
            .env("NO_FAKE_STAT", "1");
        command.stdout(Stdio::piped()).stderr(Stdio::piped());
        command
    };
    set("-3000d");
    let said = command(&["library", "--json"]).output().unwrap();
    if !said.status.success() {
        return skip(&format!(
            "libfaketime does not work here: {}",
            String::from_utf8_lossy(&said.stderr)
        ));
    }
    let jumps = ["+0d", "+400d", "-400d", "+1h", "-20000d", "+30000d"];
    let run = |arguments: &[&str]| {
        let mut child = command(arguments).spawn().unwrap();
        let (mut out, mut n) = (child.stdout.take().unwrap(), 0);
        let reading =
            thread::spawn(move || std::io::Read::read_to_end(&mut out, &mut Vec::new()).map(drop));
        while child.try_wait().unwrap().is_none() {
            set(jumps[n % jumps.len()]);
            n += 1;
            thread::sleep(Duration::from_millis(70));
        }
        reading.join().unwrap().unwrap();
        let output = child.wait_with_output().unwrap();
        assert!(
            output.status.success(),
            "{arguments:?}: {}",
            String::from_utf8_lossy(&output.stderr)
        );
        n
    };
    let calm = tied_desk();
    for line in [&["align", "--json", "-o", "out.json"][..], &["subs", "-o", "out.srt"]] {
        let line: Vec<&str> = [line, &TIED[..]].concat();
        let out = line.iter().find(|word| word.starts_with("out.")).unwrap();
        calm.aloud(&line).code(0);
        let n_jumps = run(&line);
        assert!(n_jumps > 3 || out.ends_with("srt"), "it was too quick for the clock to jump");
        assert_eq!(desk.read(out), calm.read(out), "{line:?}");
    }
    // Nothing is taken for too old or too new.
    for jump in ["-3000d", "+3000d", "+0d"] {
        set(jump);
        let output = command(&[
            "transcribe",
            "a.wav",
            "--model",
            "micro",
            "-l",
            "en",
            "--beam",
            "1",
            "--log",
            "known",
        ])
        .output()
        .unwrap();
        assert!(
            output.status.success() && n_finished(&desk, "known") == 0,
            "{jump}: {}",
            String::from_utf8_lossy(&output.stderr)
        );
        let output = command(&["find", "--exact", "the", "--json"]).output().unwrap();
        assert!(output.status.success(), "{jump}: {}", String::from_utf8_lossy(&output.stderr));
    }
}

#[cfg(unix)]
#[test]
fn ctrl_c_keeps_what_is_done() {
    let desk = Desk::new();
    desk.put("a.wav", wav(&demo_sound(0.0, 100.0)));
    let child = desk
        .command(&[&TRANSCRIBE[..], &["1", "--jobs", "1", "--log", "log"]].concat())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    // Once the journal has a window, something is there to be kept.
    let has_journal = || {
        fs::read_to_string(desk.path().join("log"))
            .is_ok_and(|log| log.contains("window") && log.contains("finished"))
    };
    for _ in 0..6000 {
        if has_journal() {
            break;
        }
        thread::sleep(Duration::from_millis(50));
    }
    assert!(has_journal(), "no window was ever finished: there is nothing to keep");
    assert!(
        Command::new("kill").args(["-INT", &child.id().to_string()]).status().unwrap().success()
    );
    let output = child.wait_with_output().unwrap();
    let err = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(130), "{err}");
    assert!(err.contains("what is done is kept"), "{err}");
    desk.aloud(&["cache", "list"]).code(0);
    let listed = desk.aloud(&["cache", "list"]).out();
    assert!(listed.contains("unfinished"), "{listed}");
    desk.aloud(&[&TRANSCRIBE[..], &["1"]].concat()).code(0);
}

#[cfg(target_os = "linux")]
#[test]
fn a_killed_recogniser_costs_nothing_but_time() {
    let desk = Desk::new();
    desk.put("a.wav", wav(&demo_sound(0.0, 60.0)));
    let want = desk.aloud(&[&TRANSCRIBE[..], &["1", "--cache", "other"]].concat()).code(0).out();
    let child = desk
        .command(&[&TRANSCRIBE[..], &["1", "--jobs", "1"]].concat())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let is_killed = (0..12_000).any(|_| {
        thread::sleep(Duration::from_millis(5));
        let pid = children(child.id()).into_iter().next();
        pid.is_some_and(|pid| {
            Command::new("kill").args(["-9", &pid.to_string()]).status().unwrap().success()
        })
    });
    assert!(is_killed, "there was no recogniser to kill");
    let output = child.wait_with_output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let got = String::from_utf8_lossy(&output.stdout);
    // The window in hand is done again, with more care and the same result.
    assert_eq!(got, want);
}

#[test]
fn two_at_once_share_the_work() {
    let desk = Desk::new();
    desk.put("a.wav", wav(&demo_sound(0.0, 60.0)));
    let run = || {
        desk.command(&[&TRANSCRIBE[..], &["1"]].concat())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap()
    };
    let (first, second) = (run(), run());
    let (first, second) = (first.wait_with_output().unwrap(), second.wait_with_output().unwrap());
    assert!(first.status.success() && second.status.success());
    assert_eq!(first.stdout, second.stdout);
    let said = format!(
        "{}{}",
        String::from_utf8_lossy(&first.stderr),
        String::from_utf8_lossy(&second.stderr)
    );
    assert!(said.contains("another aloud is transcribing `a.wav`"), "{said}");
}

/// As over a network: locks reach no other machine, but a file that is told to live does.
#[test]
fn a_machine_waits_for_another_one() {
    let desk = Desk::new();
    desk.put("a.wav", wav(&demo_sound(0.0, 20.0)));
    let run = |cache: &str| desk.command(&[&TRANSCRIBE[..], &["1", "--cache", cache]].concat());
    // What this machine leaves behind when it is killed names the job.
    let mut killed = run("cache").stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
    let claims = || {
        fs::read_dir(desk.path().join("cache"))
            .into_iter()
            .flatten()
            .flatten()
            .map(|file| file.path())
    };
    let claim = (0..6000).find_map(|_| {
        thread::sleep(Duration::from_millis(5));
        claims().find(|path| path.extension().is_some_and(|ending| ending == "claim"))
    });
    let _ = killed.kill();
    killed.wait().unwrap();
    let claim = claim.expect("a claim");
    fs::write(&claim, "aloud-claim/1 another 1 0\n").unwrap();
    let mut waits = run("cache").stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let mut said = String::new();
    std::io::BufRead::read_line(
        &mut std::io::BufReader::new(waits.stderr.as_mut().unwrap()),
        &mut said,
    )
    .unwrap();
    assert!(said.contains("another aloud is transcribing `a.wav`; waiting for it"), "{said}");
    assert!(waits.try_wait().unwrap().is_none());
    fs::remove_file(&claim).unwrap();
    let output = waits.wait_with_output().unwrap();
    assert!(output.status.success());
    assert_eq!(
        String::from_utf8_lossy(&output.stdout),
        Ran::of(&["other"], run("other").output().unwrap()).code(0).out()
    );
    assert!(claims().all(|path| path.extension().is_none_or(|ending| ending != "claim")));
    // A claim of the dead of this very machine costs no time.
    desk.aloud(&["--cache", "cache", "cache", "rm", "--all", "--yes"]).code(0);
    let machine = fs::read_to_string("/proc/sys/kernel/random/boot_id").unwrap_or_default();
    fs::write(&claim, format!("aloud-claim/1 {} 1 0\n", machine.trim())).unwrap();
    if !machine.is_empty() {
        let ran = Ran::of(&["again"], run("cache").output().unwrap()).code(0);
        assert!(!ran.err().contains("waiting"), "{}", ran.err());
    }
}
