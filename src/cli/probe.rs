//! `aloud player-probe` (hidden): plays by a script and writes what the player says is heard, and
//! when, as JSON lines. Tests compare that with a recording of the sound card.

use super::args::ProbeArgs;
use super::exit::Exit;
use super::report::{Failure, Outcome};
use crate::player::{Event, Options, Player};
use crate::time::Timestamp;
use serde_json::{Value, json};
use std::io::{self, Write};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

/// How often the position is written.
const EVERY: Duration = Duration::from_millis(5);

/// A line of the script.
struct Step {
    at: Duration,
    command: String,
    argument: String,
}

/// Plays until the script says `quit`.
pub fn run(args: &ProbeArgs) -> Outcome {
    let steps = parse(&std::fs::read_to_string(&args.script)?)?;
    let start = Instant::now();
    let options =
        Options { device: args.device.clone(), no_audio: args.no_audio, ..Options::default() };
    let mut player = Player::open(&args.audio, options)?;
    let mut out = io::stdout().lock();
    let mut steps = steps.into_iter().peekable();
    loop {
        while let Some(step) = steps.next_if(|step| step.at <= start.elapsed()) {
            tell(&mut out, json!({ "did": format!("{} {}", step.command, step.argument).trim() }))?;
            if step.command == "quit" {
                return Ok(Exit::Done);
            }
            obey(&mut player, &step)?;
        }
        for event in player.events() {
            tell(&mut out, json!({ "event": words(&event) }))?;
        }
        let now = player.position();
        tell(
            &mut out,
            json!({ "position": now.at.millis(), "is_playing": now.is_playing, "is_ended": now.is_ended }),
        )?;
        std::thread::sleep(EVERY);
    }
}

fn parse(script: &str) -> Result<Vec<Step>, Failure> {
    let line = |line: &str| {
        let mut parts = line.split_whitespace();
        let at = parts.next()?.parse().ok().map(Duration::from_millis)?;
        Some(Step {
            at,
            command: parts.next()?.to_owned(),
            argument: parts.next().unwrap_or_default().to_owned(),
        })
    };
    let lines = script.lines().filter(|text| !text.trim().is_empty());
    lines
        .map(|text| {
            line(text).ok_or_else(|| Failure::new(Exit::Usage, format!("`{text}` is no step")))
        })
        .collect()
}

fn obey(player: &mut Player, step: &Step) -> Result<(), Failure> {
    let number = || {
        step.argument
            .parse::<f32>()
            .map_err(|_| Failure::new(Exit::Usage, format!("`{}` is no number", step.argument)))
    };
    match step.command.as_str() {
        "play" => player.play(),
        "pause" => player.pause(),
        "toggle" => player.toggle(),
        "seek" => player.seek(Timestamp::from_secs(f64::from(number()?) / 1000.0)),
        "rate" => player.set_rate(number()?),
        "volume" => player.set_volume(number()?),
        "mute" => player.set_muted(number()? != 0.0),
        "skip-silence" => player.set_skip_silence(number()? != 0.0),
        other => return Err(Failure::new(Exit::Usage, format!("`{other}` is no command"))),
    }
    Ok(())
}

fn words(event: &Event) -> String {
    match event {
        Event::Silent { reason } => format!("silent: {reason}"),
        Event::Sounding { device } => format!("sounding: {device}"),
        Event::Ended => "ended".to_owned(),
        Event::Failed { reason } => format!("failed: {reason}"),
        Event::Indexed(index) => format!("indexed: {} bytes", index.to_bytes().len()),
    }
}

/// Writes one line, with the time on the wall in seconds.
fn tell(out: &mut impl Write, mut what: Value) -> io::Result<()> {
    let wall = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_secs_f64();
    what["wall"] = json!(wall);
    writeln!(out, "{what}")
}
