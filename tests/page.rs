//! The page that plays the recording, in a real browser.

// Helpers of tests, outside of any test function.
#![allow(clippy::unwrap_used)]

use crate::util::{Desk, root, skip, truth};
use aloud::episode::Chapter;
use aloud::export::{self, Format, Options, Sound};
use aloud::time::Timestamp;
use std::fs;
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

/// What a visitor does, and what he sees. Appended to the page; the answers go to the console.
const VISIT: &str = r#"<script>
(async () => {
  const seen = {};
  const audio = document.querySelector('audio');
  const once = event => new Promise(done => audio.addEventListener(event, done, { once: true }));
  const until = async test => { while (!test()) await new Promise(done => setTimeout(done, 20)); };
  const press = key => document.body.dispatchEvent(new KeyboardEvent('keydown', { key, bubbles: true, cancelable: true }));
  const words = [...document.querySelectorAll('.w')];
  const lit = () => document.querySelector('.w.lit');
  try {
    if (audio.readyState < 1) await once('loadedmetadata');
    seen.duration = Math.round(audio.duration);
    seen.words = words.length;
    const word = words[40];
    word.click();
    seen.lit = lit() === word && word.closest('.s').classList.contains('near');
    await until(() => !audio.paused && lit() !== word && lit());
    seen.follows = words.indexOf(lit()) > 40;
    press(' ');
    seen.paused = audio.paused;
    const before = audio.currentTime;
    press('ArrowRight');
    seen.right = Math.round(audio.currentTime - before);
    press('ArrowLeft');
    seen.left = Math.round((audio.currentTime - before) * 10);
    press('ArrowDown');
    const sentence = lit().closest('.s');
    seen.down = sentence.querySelector('.w') === lit();
    press('ArrowDown');
    press('ArrowUp');
    seen.up = lit().closest('.s') === sentence;
    words.at(-1).click();
    await until(() => scrollY > 0);
    seen.scrolled = true;
    dispatchEvent(new WheelEvent('wheel'));
    seen.follow = document.getElementById('follow').getAttribute('aria-pressed');
    document.getElementById('theme').click();
    seen.theme = document.documentElement.dataset.theme;
    seen.title = document.title;
    seen.injected = window.injected ?? null;
  } catch (error) {
    seen.error = String(error);
  }
  console.log('SEEN ' + JSON.stringify(seen) + ' END');
})();
</script>
</body>"#;

fn browser() -> Option<&'static str> {
    ["chromium", "chromium-browser", "google-chrome"]
        .into_iter()
        .find(|name| Command::new(name).arg("--version").output().is_ok())
}

/// Opens the page and gives what the visitor saw.
fn visit(browser: &str, page: &Path, profile: &Path) -> serde_json::Value {
    let mut child = Command::new(browser)
        .args([
            "--headless",
            "--no-sandbox",
            "--disable-gpu",
            "--disable-quic",
            "--no-first-run",
            "--disable-background-networking",
        ])
        .args([
            "--disable-component-update",
            "--disable-sync",
            "--mute-audio",
            "--autoplay-policy=no-user-gesture-required",
        ])
        .args(["--enable-logging=stderr", "--window-size=800,600", "--disable-dev-shm-usage"])
        .arg(format!("--user-data-dir={}", profile.display()))
        .arg(page)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let (send, receive) = mpsc::channel();
    let lines = BufReader::new(child.stderr.take().unwrap()).lines();
    let reader = thread::spawn(move || {
        for line in lines.map_while(Result::ok) {
            if let Some((_, seen)) = line.split_once("SEEN ") {
                let _ = send.send(seen.split(" END").next().unwrap_or("").to_owned());
            }
        }
    });
    let seen = receive.recv_timeout(Duration::from_secs(100));
    child.kill().unwrap();
    child.wait().unwrap();
    reader.join().unwrap();
    serde_json::from_str(&seen.expect("the page answers")).unwrap()
}

/// What stands for a browser around the page's script, and what the visitor does there; see its
/// head.
const ROOM: &str = include_str!("data/page-room.js");

/// What is seen of the page at each step, where its address ends with `hash`.
fn walk(page: &Path, room: &Path, hash: &str, steps: &[&str]) -> Vec<String> {
    let output = Command::new("node").arg(room).arg(page).arg(hash).args(steps).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap().lines().map(str::to_owned).collect()
}

/// When the words of each sentence begin, in seconds, and what it says, as the page has them.
fn sentences(html: &str) -> Vec<(Vec<f64>, String)> {
    let sentence = |part: &str| {
        let words = part.split("data-start=\"").skip(1);
        let starts = words
            .clone()
            .map(|word| word.split('"').next().unwrap().parse::<f64>().unwrap() / 1000.0);
        let texts = words.map(|word| word.split('>').nth(1).unwrap().split('<').next().unwrap());
        (starts.collect(), texts.collect())
    };
    html.split("<span class=\"s\">").skip(1).map(sentence).collect()
}

#[test]
fn the_pages_script_without_a_browser() {
    if !Command::new("node").arg("--version").output().is_ok_and(|output| output.status.success()) {
        skip("there is no node here");
        return;
    }
    let desk = Desk::new();
    let chapter = |secs: u64, title: &str| Chapter {
        start: Timestamp::from_millis(secs * 1000),
        title: title.to_owned(),
    };
    let chapters = vec![chapter(0, "One"), chapter(40, "<b>Two</b>"), chapter(90, "")];
    let options =
        Options { sound: Sound::File("a.mp3".to_owned()), chapters, ..Options::default() };
    let mut page = Vec::new();
    export::write(Format::Html, &truth::reading("old-radio.zh"), &options, &mut page).unwrap();
    let html = String::from_utf8(page.clone()).unwrap();
    let (page, room) = (desk.put("page.html", page), desk.put("room.js", ROOM));
    let sentences = sentences(&html);
    let (sentence, word) = sentences
        .iter()
        .flat_map(|(starts, _)| starts.iter().map(|at| (starts[0], *at)))
        .nth(40)
        .unwrap();
    let copied =
        sentences.iter().flat_map(|(starts, _)| starts.iter().map(|_| starts[0])).nth(100).unwrap();
    let clicked =
        [format!("{word} 1× #t={sentence} playing"), format!("{word} 1× #t={copied} playing")];
    let with = |phrase: &str| {
        sentences
            .iter()
            .filter(|(_, text)| text.contains(phrase))
            .map(|(starts, _)| starts[0])
            .collect::<Vec<_>>()
    };
    let hits = with("收音機");
    assert!(hits.len() > 2, "{hits:?}");
    let at = |hit: f64| format!("{hit} 1× #t={hit}");
    let found = [
        at(hits[0]),
        at(hits[1]),
        at(hits[0]),
        format!("{} Not in this text: no such words", at(hits[0])),
    ];
    for (hash, steps, want) in [
        // Where a link leads; what is no moment leads nowhere.
        ("", vec![""], vec!["0 1× -"]),
        ("#t=83", vec![""], vec!["83 1× #t=83"]),
        ("#t=1:23", vec![""], vec!["83 1× #t=1:23"]),
        ("#t=0:01:23.5", vec![""], vec!["83.5 1× #t=0:01:23.5"]),
        ("#t=npt:83,90", vec![""], vec!["83 1× #t=npt:83,90"]),
        ("#t=9:99", vec![""], vec!["0 1× #t=9:99"]),
        ("#t=-5", vec![""], vec!["0 1× #t=-5"]),
        ("#said", vec![""], vec!["0 1× #said"]),
        ("#t=999999", vec![""], vec!["130 1× #t=999999"]),
        // Another link on the same page.
        ("#t=5", vec!["go #t=1:00"], vec!["60 1× #t=1:00"]),
        // A click plays the word, and the address is the sentence's; so it is where one is copied.
        ("", vec!["click 40", "copy 100"], clicked.iter().map(String::as_str).collect()),
        (
            "",
            vec!["press -", "press >", "press +", "press =", "click slower", "click rate"],
            vec!["0 0.9× -", "0 1× -", "0 1.1× -", "0 1× -", "0 0.9× -", "0 1× -"],
        ),
        (
            "#t=10",
            vec!["press )", "press )", "press )", "press (", "press ("],
            vec!["40 1× #t=10", "90 1× #t=10", "90 1× #t=10", "40 1× #t=10", "0 1× #t=10"],
        ),
        (
            "",
            vec!["press ArrowRight", "press ArrowLeft", "press End", "press  "],
            vec!["5 1× -", "0 1× -", "0 1× -", "0 1× - playing"],
        ),
        (
            "",
            vec!["find 收音機", "find 收音機", "back 收音機", "find no such words"],
            found.iter().map(String::as_str).collect(),
        ),
    ] {
        assert_eq!(walk(&page, &room, hash, &steps), want, "{hash} {steps:?}");
    }
}

#[test]
fn the_page_plays_in_a_browser() {
    let Some(browser) = browser() else {
        skip("there is no Chromium here");
        return;
    };
    let desk = Desk::new();
    let sound = fs::read(root().join("audio/old-radio.zh.mp3")).unwrap();
    desk.put("sounds/日 \"a\"#1.mp3", &sound);
    let reading = truth::reading("old-radio.zh");
    let title = "<script>window.injected = 1</script>&amp;";
    for (name, sound) in [
        ("beside", Sound::File("sounds/日 \"a\"#1.mp3".to_owned())),
        ("inside", Sound::Embedded { file: "a.mp3".to_owned(), bytes: sound.clone() }),
    ] {
        let options = Options { sound, title: Some(title.to_owned()), ..Options::default() };
        let mut page = Vec::new();
        export::write(Format::Html, &reading, &options, &mut page).unwrap();
        let page = String::from_utf8(page).unwrap().replace("</body>", VISIT);
        let path = desk.put(&format!("{name}.html"), page);
        let seen = visit(browser, &path, &desk.path().join(format!("profile-{name}")));
        let wanted = serde_json::json!({
            "duration": 130, "words": 448, "lit": true, "follows": true, "paused": true, "right": 5, "left": 0, "down": true, "up": true,
            "scrolled": true, "follow": "false", "theme": "dark", "title": title, "injected": null,
        });
        assert_eq!(seen, wanted, "{name}");
    }
}
