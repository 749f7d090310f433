//! The page that plays the recording, in a real browser.

// Helpers of tests, outside of any test function.
#![allow(clippy::unwrap_used)]

use crate::util::{Desk, root, skip, truth};
use aloud::export::{self, Format, Options, Sound};
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
    ["chromium", "chromium-browser", "google-chrome"].into_iter().find(|name| Command::new(name).arg("--version").output().is_ok())
}

/// Opens the page and gives what the visitor saw.
fn visit(browser: &str, page: &Path, profile: &Path) -> serde_json::Value {
    let mut child = Command::new(browser)
        .args(["--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking"])
        .args(["--disable-component-update", "--disable-sync", "--mute-audio", "--autoplay-policy=no-user-gesture-required"])
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
