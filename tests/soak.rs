//! Somebody who presses anything: random keys, mouse, pastes, broken sequences and sizes on the
//! real screen, for as long as `ALOUD_SOAK_SECONDS` says (`make soak`). Memory stays where it was,
//! a core is not kept busy by a screen at rest, and Ctrl-C ends it within a second of work,
//! whatever was typed before.

use crate::util::terminal::Terminal;
use crate::util::{Desk, root};
use std::fs;
use std::time::{Duration, Instant};

/// Megabytes that it may come to need beyond those of its first minute's picture.
const MOST_MORE_MB: u64 = 80;
/// The share of a core that it may take while nobody presses anything and nothing plays.
const MOST_AT_REST: f64 = 0.25;

/// So often it is looked whether it rests: what was pressed last may still be going on.
const LOOKS: usize = 5;

/// Ctrl-C ends it before it has worked for so many hundredths of a second. Work is counted, as a
/// clock on the wall tells of what else the machine does.
const ENDS_WITHIN: u64 = 100;
/// Whoever waits for nothing ends at no time.
const ENDS_AT_LAST: Duration = Duration::from_secs(15);

/// A small generator (Numerical Recipes' constants), so that a failure can be repeated.
struct Dice(u32);

impl Dice {
    fn below(&mut self, n: usize) -> usize {
        self.0 = self.0.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (self.0 >> 8) as usize % n
    }

    fn one<'a>(&mut self, of: &[&'a str]) -> &'a str {
        of[self.below(of.len())]
    }

    /// What is pressed next; `q`, `o`, and what else ends it or leaves the player are somebody
    /// else's.
    fn press(&mut self) -> String {
        const KEYS: &[&str] = &[
            " ", "[", "]", "{", "}", ",", ".", "r", "l", "0", "5", "\r", "<", ">", "=", "+", "-",
            "m", "s", "n", "N", "y", "c", "g", "/", "b", "B", "e", "?", "j", "k", "d", "u", "G",
            "f", "v", "t", "x", "(", ")", "C", "M", "\x0f", "\x1b[A", "\x1b[B", "\x1b[C", "\x1b[D",
            "\x1b[5~", "\x1b[6~", "\x1b[H", "\x1b[F", "\x1b", "\t", "\x7f", "\x15", "\x17",
        ];
        const BROKEN: &[&str] = &[
            "\x1b[<",
            "\x1b[<0;1",
            "\x1b[200~",
            "\x1b[200~half",
            "\x1b[M",
            "\x1bO",
            "\x1b[",
            "\x1b[1;",
            "\u{9b}",
            "\x1b]0;x",
        ];
        match self.below(20) {
            0 => format!(
                "\x1b[<{};{};{}M",
                [0, 32, 64, 65, 2][self.below(5)],
                1 + self.below(120),
                1 + self.below(40)
            ),
            1 => format!("\x1b[200~{}\x1b[201~", "the river came 模型 ".repeat(self.below(200))),
            2 => self.one(BROKEN).to_owned(),
            3 => "the clerk's letter".chars().take(self.below(14)).collect(),
            _ => self.one(KEYS).to_owned(),
        }
    }
}

/// Megabytes of memory that the process holds.
fn memory(id: u32) -> u64 {
    let status = fs::read_to_string(format!("/proc/{id}/status")).unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap();
    line.trim().trim_end_matches(" kB").parse::<u64>().unwrap() / 1024
}

/// Clock ticks, a hundred in a second, that the process has used.
fn ticks(id: u32) -> u64 {
    let stat = fs::read_to_string(format!("/proc/{id}/stat")).unwrap();
    let (_, rest) = stat.rsplit_once(')').unwrap();
    rest.split_whitespace().skip(11).take(2).map(|ticks| ticks.parse::<u64>().unwrap()).sum()
}

#[test]
fn anything_is_pressed() {
    let seconds = std::env::var("ALOUD_SOAK_SECONDS")
        .ok()
        .and_then(|seconds| seconds.parse().ok())
        .unwrap_or(5);
    let seed =
        std::env::var("ALOUD_SOAK_SEED").ok().and_then(|seed| seed.parse().ok()).unwrap_or(2026);
    let mut dice = Dice(seed);
    let begin = Instant::now();
    let mut round = 0;
    while round == 0 || begin.elapsed() < Duration::from_secs(seconds) {
        round += 1;
        let desk = Desk::with_episodes();
        let audio = root().join("audio/open-models.en.mp3");
        fs::copy(audio, desk.path().join("a.mp3")).unwrap();
        let arguments =
            ["listen", "a.mp3", "en.txt", "--transcript", "en.json", "--no-audio", "--log", "log"];
        let Some(mut terminal) = Terminal::aloud(&desk, &arguments, (80, 24)) else { return };
        terminal.shows("The Machine in the Closet");
        std::thread::sleep(Duration::from_secs(1));
        let at_first = memory(terminal.id());
        let until = Instant::now() + Duration::from_secs(seconds.min(60));
        while Instant::now() < until {
            assert!(
                !terminal.has_ended(),
                "it ended by itself: seed {seed}, round {round}\n{}",
                desk.read("log")
            );
            for _ in 0..dice.below(30) {
                let keys = dice.press();
                terminal.type_in(&keys);
            }
            if dice.below(6) == 0 {
                terminal.resize(10 + dice.below(150) as u16, 3 + dice.below(50) as u16);
            }
            std::thread::sleep(Duration::from_millis(dice.below(60) as u64));
        }
        let what = |desk: &Desk| format!("seed {seed}, round {round}\n{}", desk.read("log"));
        let now = memory(terminal.id());
        assert!(now <= at_first + MOST_MORE_MB, "{at_first} MB became {now} MB: {}", what(&desk));
        // Whatever is open is left, and what plays is held: then it rests.
        terminal.resize(80, 24);
        std::thread::sleep(Duration::from_millis(1500));
        terminal.type_in("\x1b");
        std::thread::sleep(Duration::from_millis(200));
        terminal.type_in("\x1b");
        std::thread::sleep(Duration::from_millis(200));
        let mut shares: Vec<f64> = Vec::new();
        let is_at_rest = |shares: &[f64]| shares.last().is_some_and(|last| *last <= MOST_AT_REST);
        while shares.len() < LOOKS && !is_at_rest(&shares) {
            let before = ticks(terminal.id());
            std::thread::sleep(Duration::from_secs(2));
            shares.push((ticks(terminal.id()) - before) as f64 / 200.0);
        }
        assert!(is_at_rest(&shares), "{shares:?} of a core at rest: {}", what(&desk));
        let panics = desk
            .read("log")
            .lines()
            .filter(|line| line.contains("gave up"))
            .map(str::to_owned)
            .collect::<Vec<_>>();
        assert!(panics.is_empty(), "{panics:?}: {}", what(&desk));
        // What was typed ahead is passed by whoever wants to end.
        for _ in 0..300 {
            let keys = dice.press();
            terminal.type_in(&keys);
        }
        let (pressed, before) = (Instant::now(), ticks(terminal.id()));
        // In a prompt or a list it leaves that first. Once the screen is left it is a signal, at
        // which the system throws away what nobody has read yet, and with it how the screen is
        // left.
        while !terminal.has_ended() {
            let worked = ticks(terminal.id()).saturating_sub(before);
            assert!(
                worked <= ENDS_WITHIN && pressed.elapsed() < ENDS_AT_LAST,
                "Ctrl-C does not end it: {:?}, of which it worked {worked} hundredths: {}",
                pressed.elapsed(),
                what(&desk)
            );
            if terminal.is_taken().0 {
                terminal.type_in("\x03");
            }
            std::thread::sleep(Duration::from_millis(100));
        }
        assert_eq!(terminal.end(), 0, "{}", what(&desk));
    }
}
