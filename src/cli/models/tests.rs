//! `aloud models` in fresh folders, against a server on the loopback interface.

use super::*;
use crate::models::download::Proxies;
use crate::models::sample;
use crate::models::tensors::Weights;
use crate::web::server::{Reply, Server};
use clap::Parser;
use std::time::Duration;

#[derive(Parser)]
struct Line {
    #[command(flatten)]
    args: ModelsArgs,
}

/// What a command line gave.
struct Ran {
    code: u8,
    out: String,
    err: String,
}

struct Stage {
    dir: tempfile::TempDir,
    places: Places,
}

impl Stage {
    fn new() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let places = Places {
            folders: vec![dir.path().join("own"), dir.path().join("data")],
            cache: dir.path().join("cache"),
        };
        places.folders.iter().for_each(|folder| fs::create_dir_all(folder).unwrap());
        Self { dir, places }
    }

    fn console(
        &self,
        is_cancelled: bool,
        act: impl FnOnce(&mut Console<'_>) -> io::Result<u8>,
    ) -> Ran {
        let (mut out, mut err) = (Vec::new(), Vec::new());
        let is_cancelled = || is_cancelled;
        let mut console = Console::new(&mut out, &mut err, false, &is_cancelled);
        let code = act(&mut console).unwrap();
        Ran { code, out: String::from_utf8(out).unwrap(), err: String::from_utf8(err).unwrap() }
    }

    fn policy() -> Policy {
        let (first_pause, longest_pause) = (Duration::ZERO, Duration::ZERO);
        let stall = Duration::from_secs(5);
        let proxies = Proxies::default();
        Policy {
            retries: 1,
            first_pause,
            longest_pause,
            stall,
            proxies,
            free_space: |_| Ok(u64::MAX),
            ..Policy::of_user()
        }
    }

    fn run(&self, line: &[&str]) -> Ran {
        let args = Line::try_parse_from([&["models"], line].concat()).unwrap().args;
        self.console(false, |console| run_in(&self.places, &Self::policy(), &args, console))
    }

    fn write(&self, name: &str, bytes: &[u8]) -> PathBuf {
        let path = self.dir.path().join(name);
        fs::write(&path, bytes).unwrap();
        path
    }
}

/// A model of the catalogue's kind that a test can serve: small, with its true size and sum.
fn small_entry(model: &[u8], stage: &Stage) -> Entry {
    let sums = verify::sums(&stage.write("original", model), false, &mut |_, _| true).unwrap();
    Entry {
        name: "test",
        class: catalogue::Class::Tiny,
        bytes: model.len() as u64,
        sha1: sums.sha1.leak(),
    }
}

#[test]
fn the_list_shows_what_is_here() {
    let stage = Stage::new();
    stage.write("own/ggml-tiny.bin", b"short");
    stage.write("own/.ggml-small.bin.part", &vec![0; 48_760_197]);
    fs::File::create(stage.dir.path().join("data/ggml-base.bin"))
        .unwrap()
        .set_len(147_951_465)
        .unwrap();
    let ran = stage.run(&["list"]);
    let row = |name: &str| {
        ran.out.lines().find(|line| line.split(' ').next() == Some(name)).unwrap().to_owned()
    };
    let memory = |name: &str| {
        let bytes = catalogue::find(name).unwrap().memory_mb(1) * 1_000_000;
        format!("~{}", super::megabytes(bytes))
    };
    let has_micro = if micro::is_embedded() { "built in" } else { "left out" };
    assert_eq!(
        row("micro"),
        format!(
            "micro                  17 MB  {}  English   {has_micro}   only for `demo`",
            memory("micro")
        )
    );
    assert_eq!(
        row("tiny"),
        format!("tiny                   78 MB  {}  99        other file", memory("tiny"))
    );
    assert_eq!(
        row("base"),
        format!(
            "base                  148 MB  {}  99        yes        the default",
            memory("base")
        )
    );
    assert_eq!(
        row("small"),
        format!("small                 488 MB  {}  99        10 %", memory("small"))
    );
    assert_eq!(
        row("large-v3-turbo"),
        format!(
            "large-v3-turbo        1.6 GB  {}  100       -          does not translate",
            memory("large-v3-turbo")
        )
    );
    assert!(ran.out.contains("it does not understand people"));
    assert!(ran.out.contains("Models are kept in") && ran.out.contains("/own"), "{}", ran.out);
    assert!(
        ran.out.lines().take_while(|line| !line.starts_with('`')).all(|line| line.len() < 80),
        "{}",
        ran.out
    );
    assert_eq!((ran.code, ran.err.as_str()), (0, ""));
}

#[test]
fn the_list_for_programs() {
    let stage = Stage::new();
    let path = stage.write("own/ggml-tiny.bin", b"short");
    let list: Value = serde_json::from_str(&stage.run(&["list", "--json"]).out).unwrap();
    let models = list["models"].as_array().unwrap();
    assert_eq!(models.len(), CATALOGUE.len());
    assert_eq!(
        (&models[0]["name"], &models[0]["for_demo_only"], &models[0]["url"]),
        (&json!("micro"), &json!(true), &Value::Null)
    );
    assert_eq!(models[1]["path"], json!(path));
    assert_eq!(models[1]["sha1"], "bd577a113a864445d4c299885e0cb97d4ba92b5f");
}

#[test]
fn slips_are_told_before_anything_happens() {
    let stage = Stage::new();
    let path = stage.write("own/ggml-tiny.bin", b"short");
    for line in [&["rm", "tiny", "bse"][..], &["pull", "tiny", "bse"], &["verify", "bse"]] {
        let ran = stage.run(line);
        assert_eq!(ran.code, 2);
        assert!(ran.err.contains("did you mean `base`"), "{}", ran.err);
    }
    assert!(path.exists());
}

#[test]
fn pull_verify_rm() {
    let stage = Stage::new();
    let model = sample::model(Weights::Q4_0);
    let entry = small_entry(&model, &stage);
    let server = Server::start(vec![Reply::file(&model)]);
    let url = server.url("mirror");
    let pull_it = |stage: &Stage| {
        stage.console(false, |console| pull(&stage.places, &Stage::policy(), &url, &entry, console))
    };

    let ran = pull_it(&stage);
    assert_eq!((ran.code, ran.out.as_str()), (0, ""));
    assert!(
        ran.err.contains("fetching `test`, 1.0 MB, into") && ran.err.contains("test: 100 % of"),
        "{}",
        ran.err
    );
    assert!(ran.err.contains("`test` is verified and ready"), "{}", ran.err);
    assert!(server.asked()[0].starts_with("get /mirror/ggml-test.bin "));
    let path = stage.places.home().join("ggml-test.bin");
    assert_eq!(fs::read(&path).unwrap(), model);

    assert!(pull_it(&stage).err.contains("here already"));
    let ran = stage.console(false, |console| verify_entry(&stage, &entry, console));
    assert_eq!((ran.code, ran.err.as_str()), (0, ""));
    assert!(ran.out.contains("`test` is whole"), "{}", ran.out);

    // Damaged: told, set aside, fetched again.
    fs::write(&path, &model[1..]).unwrap();
    assert_eq!(stage.console(false, |console| verify_entry(&stage, &entry, console)).code, 1);
    let ran = pull_it(&stage);
    assert!(ran.code == 0 && ran.err.contains("set aside as"), "{}", ran.err);
    assert_eq!(fs::read(&path).unwrap(), model);

    let ran = stage.console(false, |console| remove(&stage.places, &entry, console));
    assert!(ran.code == 0 && ran.err.contains("removed") && !path.exists(), "{}", ran.err);
    let ran = stage.console(false, |console| remove(&stage.places, &entry, console));
    assert!(ran.code == 1 && ran.err.contains("is not here"), "{}", ran.err);
}

fn verify_entry(stage: &Stage, entry: &Entry, console: &mut Console<'_>) -> io::Result<u8> {
    super::verify(&stage.places, entry, console)
}

#[test]
fn failures_have_their_codes() {
    let stage = Stage::new();
    let server = Server::start(vec![Reply::status(404, "")]);
    let ran = stage.run(&["pull", "tiny", "base", "--from", &server.url("")]);
    assert_eq!(ran.code, 1);
    assert_eq!(
        ran.err.matches("no such file").count(),
        2,
        "a failure does not end the others: {}",
        ran.err
    );

    let model = sample::model(Weights::Q4_0);
    let entry = small_entry(&model, &stage);
    let ran = stage.console(true, |console| {
        pull(&stage.places, &Stage::policy(), &server.url(""), &entry, console)
    });
    assert!(ran.code == 130 && ran.err.ends_with("cancelled\n"), "{}", ran.err);

    stage.write("own/ggml-tiny.bin", &model);
    let ran = stage.run(&["verify"]);
    assert!(ran.code == 1 && ran.err.contains("not the model that its name says"), "{}", ran.err);
    let ran = stage.run(&["verify", "base"]);
    assert!(ran.code == 1 && ran.err.contains("aloud models pull base"), "{}", ran.err);
}

#[test]
fn nothing_here_and_nothing_to_do() {
    let stage = Stage::new();
    let ran = stage.run(&["verify"]);
    assert!(ran.code == 0 && ran.err.contains("no models are here"), "{}", ran.err);
    for line in [["pull", "micro"], ["rm", "micro"]] {
        let ran = stage.run(&line);
        assert!(ran.code == 0 && ran.err.contains("a part of this program"), "{}", ran.err);
    }
    if micro::is_embedded() {
        assert!(stage.run(&["verify", "micro"]).out.contains("`micro` is whole"));
        assert!(micro::path_in(&stage.places.cache).exists());
        stage.run(&["rm", "micro"]);
        assert!(!micro::path_in(&stage.places.cache).exists());
    }
}

#[test]
fn a_folder_that_takes_nothing() {
    let stage = Stage::new();
    let file = stage.write("file", b"");
    let places = Places { folders: vec![file.join("models")], ..stage.places.clone() };
    let entry = catalogue::find("tiny").unwrap();
    let ran = stage.console(false, |console| {
        pull(&places, &Stage::policy(), "http://127.0.0.1:9", entry, console)
    });
    assert!(ran.code == 1 && ran.err.contains("cannot write"), "{}", ran.err);
}

#[test]
fn nothing_named_is_the_default() {
    let ran = Stage::new().run(&["pull", "--from", "http://127.0.0.1:9"]);
    assert!(ran.code != 0 && ran.err.contains("base"), "{}", ran.err);
}
