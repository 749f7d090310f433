//! Media keys, on a real session bus.

use crate::util::terminal::Terminal;
use crate::util::{Desk, skip};
use std::fs;
use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::thread;
use std::time::{Duration, Instant};

const PLAYER: &str = "org.mpris.MediaPlayer2.Player";
const NAME: &str = "org.mpris.MediaPlayer2.aloud";
/// What is waited for comes within this time, or never.
const PATIENCE: Duration = Duration::from_secs(60);

/// A bus of its own for one test.
struct Bus {
    daemon: Child,
    address: String,
}

impl Drop for Bus {
    fn drop(&mut self) {
        let _ = self.daemon.kill().and_then(|()| self.daemon.wait());
    }
}

impl Bus {
    /// One on `desk`; `None`, said on standard error, where there is none to be had.
    fn start(desk: &Desk) -> Option<Self> {
        let address = format!("unix:path={}", desk.path().join("bus").display());
        let mut command = Command::new("dbus-daemon");
        command.args([
            "--session",
            "--nofork",
            "--nopidfile",
            "--print-address=1",
            &format!("--address={address}"),
        ]);
        let Ok(mut daemon) =
            command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::null()).spawn()
        else {
            skip("there is no dbus-daemon here");
            return None;
        };
        let mut line = String::new();
        BufReader::new(daemon.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let bus = Self { daemon, address };
        assert!(line.starts_with("unix:path="), "the bus says {line:?}");
        if Command::new("dbus-send").arg("--version").output().is_err() {
            skip("there is no dbus-send here");
            return None;
        }
        Some(bus)
    }

    /// What `method` of the player called `name` answers; `None` for an error.
    fn call(&self, name: &str, method: &str, arguments: &[&str]) -> Option<String> {
        let output = Command::new("dbus-send")
            .args([
                &format!("--bus={}", self.address),
                "--print-reply=literal",
                &format!("--dest={name}"),
                "/org/mpris/MediaPlayer2",
                method,
            ])
            .args(arguments)
            .output()
            .unwrap();
        output.status.success().then(|| {
            String::from_utf8_lossy(&output.stdout).split_whitespace().collect::<Vec<_>>().join(" ")
        })
    }

    fn get(&self, name: &str, property: &str) -> Option<String> {
        let arguments = [&format!("string:{PLAYER}"), &format!("string:{property}")];
        self.call(name, "org.freedesktop.DBus.Properties.Get", &arguments.map(String::as_str))
    }

    fn set(&self, property: &str, value: &str) {
        let arguments = [
            &format!("string:{PLAYER}"),
            &format!("string:{property}"),
            &format!("variant:{value}"),
        ];
        self.call(NAME, "org.freedesktop.DBus.Properties.Set", &arguments.map(String::as_str))
            .unwrap();
    }

    fn press(&self, method: &str, arguments: &[&str]) {
        self.call(NAME, &format!("{PLAYER}.{method}"), arguments)
            .unwrap_or_else(|| panic!("{method} {arguments:?}"));
    }

    /// The position in seconds.
    fn seconds(&self) -> f64 {
        let position = self.get(NAME, "Position").unwrap();
        position.rsplit(' ').next().unwrap().parse::<f64>().unwrap() / 1e6
    }

    /// Waits until `property` is as `wanted`.
    #[track_caller]
    fn until(&self, property: &str, wanted: impl Fn(&str) -> bool) {
        let start = Instant::now();
        loop {
            let now = self.get(NAME, property).unwrap_or_default();
            if wanted(&now) {
                return;
            }
            assert!(start.elapsed() < PATIENCE, "{property} stays {now:?}");
            thread::sleep(Duration::from_millis(30));
        }
    }

    /// The lines that tell of signals of the player, as they come.
    fn signals(&self) -> (Child, Receiver<String>) {
        let rule = "type='signal',path='/org/mpris/MediaPlayer2'";
        let mut monitor = Command::new("dbus-monitor")
            .args(["--address", &self.address, rule])
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let (send, lines) = channel();
        let output = BufReader::new(monitor.stdout.take().unwrap());
        thread::spawn(move || {
            output.lines().map_while(Result::ok).try_for_each(|line| send.send(line))
        });
        (monitor, lines)
    }
}

/// Waits for a line that holds `text`.
#[track_caller]
fn hear(lines: &Receiver<String>, text: &str) {
    let start = Instant::now();
    while let Some(left) = PATIENCE.checked_sub(start.elapsed()) {
        if lines.recv_timeout(left).is_ok_and(|line| line.contains(text)) {
            return;
        }
    }
    panic!("nothing tells {text}");
}

/// The program with the whole English demo, paused, on `bus`, once the bus has it or the screen
/// stands.
fn listen(desk: &Desk, bus: &Bus, extra: &[&str]) -> Option<Terminal> {
    let address = format!("DBUS_SESSION_BUS_ADDRESS={}", bus.address);
    let program = [
        &address,
        env!("CARGO_BIN_EXE_aloud"),
        "listen",
        "en.mp3",
        "en.txt",
        "--transcript",
        "en.json",
        "--no-audio",
        "--paused",
    ];
    let terminal = Terminal::run(desk, "env", &[&program[..], extra].concat(), (80, 24))?;
    terminal.shows("The Machine in the Closet");
    terminal.until("the times", |terminal| terminal.find("~").is_none());
    Some(terminal)
}

#[test]
fn a_desktop_drives_the_player() {
    let desk = Desk::with_episodes();
    let Some(bus) = Bus::start(&desk) else { return };
    let Some(mut terminal) = listen(&desk, &bus, &[]) else { return };
    bus.until("PlaybackStatus", |status| status.ends_with("Paused"));
    let (mut monitor, signals) = bus.signals();
    hear(&signals, "NameAcquired");
    // What plays.
    let metadata = bus.get(NAME, "Metadata").unwrap();
    for part in ["The Machine in the Closet", "mpris:length variant int64 ", "xesam:album"] {
        assert!(metadata.contains(part), "{part} in {metadata}");
    }
    let track = metadata
        .split("/aloud/")
        .nth(1)
        .and_then(|rest| rest.split(' ').next())
        .unwrap()
        .to_owned();
    // Keys: each of them does the same as a key of the keyboard.
    assert!(bus.seconds() < 0.01);
    bus.press("PlayPause", &[]);
    bus.until("PlaybackStatus", |status| status.ends_with("Playing"));
    hear(&signals, "Playing");
    bus.until("Position", |position| !position.ends_with(" 0"));
    bus.press("PlayPause", &[]);
    bus.until("PlaybackStatus", |status| status.ends_with("Paused"));
    // The engine's own word of where it was held comes a moment after ours; then it stands.
    let held = || {
        let at = bus.seconds();
        thread::sleep(Duration::from_millis(300));
        (at, bus.seconds())
    };
    let (at, later) = Some(held()).filter(|(at, later)| at == later).unwrap_or_else(held);
    assert_eq!(later, at, "a held clock stands");
    for (method, status) in [
        ("Play", "Playing"),
        ("Play", "Playing"),
        ("Pause", "Paused"),
        ("Pause", "Paused"),
        ("Play", "Playing"),
        ("Stop", "Paused"),
    ] {
        bus.press(method, &[]);
        bus.until("PlaybackStatus", |now| now.ends_with(status));
    }
    // Jumps.
    let to =
        |secs: u64| move |position: &str| position.ends_with(&format!(" {}", secs * 1_000_000));
    let track = format!("objpath:/aloud/{track}");
    bus.press("SetPosition", &[&track, "int64:83000000"]);
    bus.until("Position", to(83));
    hear(&signals, "member=Seeked");
    hear(&signals, "int64 83000000");
    terminal.shows("1:23");
    bus.press("Seek", &["int64:-3000000"]);
    bus.until("Position", to(80));
    bus.press("SetPosition", &["objpath:/aloud/another", "int64:1000000"]);
    bus.press("SetPosition", &[&track, "int64:-1"]);
    bus.press("SetPosition", &[&track, "int64:9000000000"]);
    bus.press("Seek", &["int64:1000000"]);
    bus.until("Position", to(81));
    bus.press("Next", &[]);
    bus.until("Position", |position| !to(81)(position));
    let next = bus.seconds();
    assert!(next > 81.0, "{next}");
    bus.press("Previous", &[]);
    bus.until("Position", |_| bus.seconds() < next);
    bus.press("Seek", &["int64:-9000000000"]);
    bus.until("Position", to(0));
    // Rate and volume, within what there is.
    bus.set("Rate", "double:1.5");
    terminal.shows("1.5×");
    hear(&signals, "double 1.5");
    bus.set("Rate", "double:99");
    terminal.shows("3.0×");
    bus.set("Volume", "double:0.5");
    terminal.shows("50 %");
    bus.set("Volume", "double:-1");
    bus.until("Volume", |volume| volume.ends_with(" 0"));
    // A line that is being typed goes on meanwhile.
    terminal.type_in("/court");
    terminal.shows("search: court");
    bus.press("PlayPause", &[]);
    bus.until("PlaybackStatus", |status| status.ends_with("Playing"));
    terminal.type_in("house");
    terminal.shows("search: courthouse");
    terminal.type_in("\x1b");
    // Another player stands beside it; one without media keys does not.
    let other = Desk::with_episodes();
    let Some(mut second) = listen(&other, &bus, &[]) else { return };
    let name = format!("{NAME}.instance{}", second.id());
    second.until("its name", |_| {
        bus.get(&name, "PlaybackStatus").is_some_and(|status| status.ends_with("Paused"))
    });
    bus.call(&name, "org.mpris.MediaPlayer2.Quit", &[]).unwrap();
    assert_eq!(second.end(), 0);
    bus.press("PlayPause", &[]);
    bus.call(NAME, "org.mpris.MediaPlayer2.Quit", &[]).unwrap();
    assert_eq!(terminal.end(), 0);
    monitor.kill().and_then(|()| monitor.wait().map(drop)).unwrap();
    fs::create_dir_all(desk.path().join("home/.config/aloud")).unwrap();
    for off in [true, false] {
        if !off {
            fs::write(desk.path().join("home/.config/aloud/config.toml"), "media-keys = false\n")
                .unwrap();
        }
        let Some(mut terminal) = listen(
            &desk,
            &bus,
            if off { &["--from-start", "--no-media-keys"] } else { &["--from-start"] },
        ) else {
            return;
        };
        terminal.type_in(" ");
        terminal
            .until("playing", |terminal| terminal.find("0:01").or(terminal.find("0:02")).is_some());
        assert_eq!(bus.get(NAME, "PlaybackStatus"), None);
        terminal.type_in("q");
        assert_eq!(terminal.end(), 0);
    }
}

#[test]
fn the_player_outlives_its_bus() {
    let desk = Desk::with_episodes();
    let Some(bus) = Bus::start(&desk) else { return };
    let Some(mut terminal) = listen(&desk, &bus, &[]) else { return };
    bus.until("PlaybackStatus", |status| status.ends_with("Paused"));
    drop(bus);
    terminal.type_in(")");
    terminal.type_in(" ");
    terminal.shows("1:3");
    terminal.type_in("q");
    assert_eq!(terminal.end(), 0);
}

#[test]
fn doctor_says_whether_media_keys_come() {
    let desk = Desk::new();
    let none = desk.aloud(&["doctor"]).out();
    assert!(none.contains("media keys  no session bus"), "{none}");
    let Some(bus) = Bus::start(&desk) else { return };
    let output =
        desk.command(&["doctor"]).env("DBUS_SESSION_BUS_ADDRESS", &bus.address).output().unwrap();
    let page = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(page.contains("ok      media keys  by MPRIS, on the session bus"), "{page}");
}
