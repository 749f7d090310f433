//! Work over many machines: shares of a folder by Slurm's own daemons, two nodes of which one dies,
//! and the same by GNU parallel.

use crate::util::{Desk, Ran, demo_sound, root, skip, wav};
use std::collections::{BTreeMap, BTreeSet};
use std::ffi::OsString;
use std::fs;
use std::net::TcpListener;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

/// Recordings in the folder.
const RECORDINGS: usize = 24;
/// What they are made by.
const MICRO: [&str; 8] = ["--model", "micro", "-l", "en", "--beam", "1", "-f", "json"];

/// Where daemons lie.
fn path() -> OsString {
    let mut path = std::env::var_os("PATH").unwrap_or_default();
    path.push(":/usr/sbin:/sbin");
    path
}

fn is_there(program: &str) -> bool {
    std::env::split_paths(&path()).any(|folder| folder.join(program).is_file())
}

/// A folder of short recordings, two of one name but for their ending; what one machine makes of
/// it, by name; and how many windows that took.
fn one_machine(desk: &Desk) -> (BTreeMap<String, Vec<u8>>, usize) {
    for n in 0..RECORDINGS {
        let start = n as f64 * 7.0;
        // Windows end at pauses, so that most have two.
        desk.put(&format!("in/{n}.wav"), wav(&demo_sound(start, start + 14.0)));
    }
    fs::create_dir_all(desk.path().join("in/same")).unwrap();
    desk.put("in/same/0.wav", wav(&demo_sound(0.5, 4.5)));
    desk.aloud(
        &[
            &["transcribe", "in", "-o", "one/", "--cache", "one-store", "--log", "one.log"],
            &MICRO[..],
        ]
        .concat(),
    )
    .code(0);
    (made(&desk.path().join("one")), n_windows(&desk.read("one.log")))
}

/// The transcripts in a folder.
fn made(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    let files =
        fs::read_dir(folder).into_iter().flatten().flatten().filter(|file| file.path().is_file());
    files
        .map(|file| {
            (file.file_name().to_string_lossy().into_owned(), fs::read(file.path()).unwrap())
        })
        .collect()
}

fn n_windows(log: &str) -> usize {
    log.lines()
        .filter(|line| {
            line.contains("aloud::pipeline::work: window at ") && line.ends_with(" ms finished")
        })
        .count()
}

/// A program in place of `aloud` that keeps the log of each run.
fn logging(desk: &Desk) -> PathBuf {
    let (aloud, logs) = (env!("CARGO_BIN_EXE_aloud"), desk.path().join("logs"));
    fs::create_dir_all(&logs).unwrap();
    let script =
        format!("#!/bin/sh\nexec env ALOUD_LOG=\"{}/$$\" \"{aloud}\" \"$@\"\n", logs.display());
    let script = desk.put("bin/logged", script);
    fs::set_permissions(&script, PermissionsExt::from_mode(0o755)).unwrap();
    script
}

fn n_windows_of_all(desk: &Desk) -> usize {
    made(&desk.path().join("logs"))
        .values()
        .map(|log| n_windows(&String::from_utf8_lossy(log)))
        .sum()
}

/// A cluster of two nodes with a processor each, on this machine. It ends with the test.
struct Cluster<'a> {
    desk: &'a Desk,
    daemons: Vec<(&'static str, Child)>,
}

impl<'a> Cluster<'a> {
    /// `None` where Slurm's daemons do not come up here.
    fn start(desk: &'a Desk) -> Option<Self> {
        let here = desk.path().join("slurm");
        for folder in ["state", "spool.n1", "spool.n2"] {
            fs::create_dir_all(here.join(folder)).unwrap();
        }
        let text = |program: &str, arguments: &[&str]| {
            let output = Command::new(program).args(arguments).output().unwrap();
            String::from_utf8(output.stdout).unwrap().trim().to_owned()
        };
        let (host, user) = (text("hostname", &["-s"]), text("id", &["-un"]));
        // Nobody takes them before the daemons do, most likely.
        let sockets = [0; 3].map(|_| TcpListener::bind("127.0.0.1:0").unwrap());
        let [control, n1, n2] =
            sockets.each_ref().map(|socket| socket.local_addr().unwrap().port());
        drop(sockets);
        let at = here.display();
        let config = format!(
            "ClusterName=aloud\nSlurmctldHost={host}(127.0.0.1)\nSlurmctldPort={control}\nSlurmUser={user}\nSlurmdUser={user}\n\
             AuthType=auth/munge\nAuthInfo=socket={at}/munge.socket\nCredType=cred/munge\n\
             StateSaveLocation={at}/state\nSlurmdSpoolDir={at}/spool.%n\n\
             SlurmctldPidFile={at}/ctld.pid\nSlurmdPidFile={at}/slurmd.%n.pid\n\
             SlurmctldLogFile={at}/ctld.log\nSlurmdLogFile={at}/slurmd.%n.log\n\
             ProctrackType=proctrack/linuxproc\nTaskPlugin=task/none\nSwitchType=switch/none\nMpiDefault=none\n\
             SelectType=select/cons_tres\nSelectTypeParameters=CR_CPU\nSlurmdParameters=config_overrides\n\
             SlurmdTimeout=6\nKillWait=2\nReturnToService=1\nSchedulerParameters=sched_interval=2,batch_sched_delay=0\n\
             MailProg=/bin/true\nJobAcctGatherType=jobacct_gather/none\nAccountingStorageType=accounting_storage/none\n\
             NodeName=n1 NodeHostname={host} NodeAddr=127.0.0.1 Port={n1} CPUs=1\n\
             NodeName=n2 NodeHostname={host} NodeAddr=127.0.0.1 Port={n2} CPUs=1\n\
             PartitionName=all Nodes=n1,n2 Default=YES MaxTime=INFINITE State=UP\n"
        );
        fs::write(here.join("slurm.conf"), config).unwrap();
        let key = here.join("munge.key");
        fs::write(&key, [7; 1024]).unwrap();
        fs::set_permissions(&key, PermissionsExt::from_mode(0o400)).unwrap();
        let mut cluster = Self { desk, daemons: Vec::new() };
        let file = |name: &str, option: &str| format!("--{option}={at}/munge.{name}");
        let munge = [
            "--foreground".to_owned(),
            "--force".to_owned(),
            file("socket", "socket"),
            file("key", "key-file"),
            file("log", "log-file"),
            file("pid", "pid-file"),
            file("seed", "seed-file"),
        ];
        cluster.daemon("munged", &munge.each_ref().map(String::as_str));
        wait(30, || here.join("munge.socket").exists())?;
        cluster.daemon("slurmctld", &["-D"]);
        cluster.daemon("slurmd", &["-D", "-N", "n1"]);
        cluster.daemon("slurmd", &["-D", "-N", "n2"]);
        wait(60, || cluster.says("sinfo", &["-h", "-N", "-o", "%T"]) == "idle\nidle\n")?;
        Some(cluster)
    }

    fn command(&self, program: &str) -> Command {
        let mut command = Command::new(program);
        command
            .current_dir(self.desk.path())
            .env_clear()
            .envs(self.desk.variables())
            .env("PATH", path());
        command.env("SLURM_CONF", self.desk.path().join("slurm/slurm.conf")).stdin(Stdio::null());
        command
    }

    fn daemon(&mut self, program: &'static str, arguments: &[&str]) {
        let mut command = self.command(program);
        let child =
            command.args(arguments).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
        self.daemons.push((program, child));
    }

    fn says(&self, program: &str, arguments: &[&str]) -> String {
        let output = self.command(program).args(arguments).output().unwrap();
        String::from_utf8_lossy(&output.stdout).into_owned()
    }

    /// Whether there is nothing left to do. What waits only because Slurm lets two minutes go by
    /// begins at once.
    fn is_idle(&self) -> bool {
        let queue = self.says("squeue", &["-h", "-o", "%i %r"]);
        for job in queue.lines().filter_map(|line| line.strip_suffix(" BeginTime")) {
            self.says("scontrol", &["update", &format!("JobId={job}"), "StartTime=now"]);
        }
        queue.is_empty()
    }

    /// Takes a node down as a power cut does: its daemon, and all that it runs.
    fn cut(&mut self, node: &str) {
        let n = 1 + node[1..].parse::<usize>().unwrap();
        let daemon = &mut self.daemons[n].1;
        daemon.kill().unwrap();
        daemon.wait().unwrap();
        kill_node(&self.desk.path().join("slurm/slurm.conf"), node);
    }
}

impl Drop for Cluster<'_> {
    fn drop(&mut self) {
        for (_, daemon) in self.daemons.iter_mut().rev() {
            let _ = daemon.kill();
            let _ = daemon.wait();
        }
        for node in ["n1", "n2"] {
            kill_node(&self.desk.path().join("slurm/slurm.conf"), node);
        }
    }
}

/// Kills what runs on a node of the cluster with this configuration, and who started it there.
fn kill_node(config: &Path, node: &str) {
    let config = format!("SLURM_CONF={}", config.display());
    let node = format!("SLURMD_NODENAME={node}");
    let mut ids = BTreeSet::new();
    for process in fs::read_dir("/proc").unwrap().flatten().map(|entry| entry.path()) {
        let Ok(variables) = fs::read(process.join("environ")) else { continue };
        let has = |line: &str| variables.split(|byte| *byte == 0).any(|own| own == line.as_bytes());
        if !has(&config) || !has(&node) {
            continue;
        }
        ids.extend(process.file_name().and_then(|id| id.to_str()?.parse::<u32>().ok()));
        // Behind the name in brackets: state and parent.
        let stat = fs::read_to_string(process.join("stat")).unwrap_or_default();
        let parent = stat
            .rsplit(')')
            .next()
            .and_then(|rest| rest.split_whitespace().nth(1)?.parse::<u32>().ok());
        let is_step = |id: &u32| {
            fs::read_to_string(format!("/proc/{id}/comm"))
                .is_ok_and(|name| name.starts_with("slurmstepd"))
        };
        ids.extend(parent.filter(is_step));
    }
    let ids: Vec<String> = ids.iter().map(u32::to_string).collect();
    let _ = Command::new("kill").arg("-9").args(&ids).stderr(Stdio::null()).status();
}

/// Waits until it is so; `None` where it is not after so many seconds.
fn wait(seconds: u64, mut is_so: impl FnMut() -> bool) -> Option<()> {
    let begin = Instant::now();
    while begin.elapsed() < Duration::from_secs(seconds) {
        if is_so() {
            return Some(());
        }
        thread::sleep(Duration::from_millis(50));
    }
    None
}

/// What the shares said, by the names of their logs.
fn logs(desk: &Desk) -> BTreeMap<String, String> {
    made(&desk.path().join("out/.log"))
        .into_iter()
        .map(|(name, text)| (name, String::from_utf8_lossy(&text).into_owned()))
        .collect()
}

#[test]
fn a_cluster_makes_each_recording_once_whatever_dies() {
    if ["munged", "slurmctld", "slurmd", "sbatch"].iter().any(|program| !is_there(program)) {
        return skip("there is no Slurm here");
    }
    let desk = Desk::new();
    let (want, n_wanted) = one_machine(&desk);
    let Some(mut cluster) = Cluster::start(&desk) else {
        return skip("Slurm's daemons do not come up here");
    };
    let logged = logging(&desk);
    let submit = |cluster: &Cluster<'_>| {
        let mut command = cluster.command("sh");
        command.arg(root().join("scripts/slurm/submit.sh")).args(["in", "out"]).args(MICRO);
        command.env("SHARES", "8").env("ALOUD", &logged).env("STORE", desk.path().join("store"));
        Ran::of(&["submit.sh"], command.output().unwrap()).code(0)
    };
    submit(&cluster);
    // Once a node works at its second recording, something of its share is in hand, and something
    // is done.
    let works = |node: &str| {
        logs(&desk).values().any(|log| log.contains(&format!(" on {node}, begun again 0 times")))
    };
    wait(60, || works("n1") && works("n2")).expect("both nodes begin");
    wait(60, || !made(&desk.path().join("out")).is_empty()).expect("a first transcript");
    cluster.cut("n2");
    let is_over = wait(400, || cluster.is_idle());
    let said = logs(&desk);
    is_over.unwrap_or_else(|| panic!("{}\n{said:#?}", cluster.says("squeue", &[])));
    assert!(
        said.values().any(|log| log.contains("begun again 1 times")),
        "no share was given to another node: {said:#?}"
    );
    assert_eq!(said.len(), 9, "{said:#?}");
    let summed = said["rest"].lines().last().unwrap_or_default().to_owned();
    assert!(
        summed
            .starts_with(&format!("0 of {} recordings transcribed, {0} there already", want.len())),
        "{summed}"
    );
    let got = made(&desk.path().join("out"));
    assert_eq!(got.keys().collect::<Vec<_>>(), want.keys().collect::<Vec<_>>());
    assert!(got == want, "other results than one machine's");
    // A window that was in hand is done again, and none that was done.
    let n = n_windows_of_all(&desk);
    assert!(n <= n_wanted && n + 2 >= n_wanted, "{n} windows in place of {n_wanted}");
    // The same again does only what is new.
    desk.put("in/new.wav", wav(&demo_sound(60.0, 66.0)));
    submit(&cluster);
    wait(200, || cluster.is_idle()).expect("an end");
    assert_eq!(made(&desk.path().join("out")).len(), want.len() + 1);
    assert!(n_windows_of_all(&desk) <= n + 2);
}

/// The line of the README.
#[test]
fn parallel_makes_each_recording_once() {
    if !is_there("parallel") {
        return skip("there is no GNU parallel here");
    }
    let readme = fs::read_to_string(root().join("README.md")).unwrap();
    let line =
        readme.lines().find(|line| line.starts_with("seq 64 | parallel ")).expect("the line");
    let desk = Desk::new();
    let (want, n_wanted) = one_machine(&desk);
    let line = line
        .replace("seq 64", "seq 8")
        .replace("/64", "/8")
        .replace(" talks ", " in ")
        .replace("--sshloginfile nodes ", "");
    let line = line.replace(" aloud ", &format!(" {} ", logging(&desk).display()))
        + " "
        + &MICRO.join(" ");
    let mut command = Command::new("sh");
    command.current_dir(desk.path()).env_clear().envs(desk.variables()).env("SHELL", "/bin/sh");
    let ran = Ran::of(&[&line], command.args(["-c", &line]).output().unwrap());
    ran.code(0);
    assert!(made(&desk.path().join("out")) == want);
    assert_eq!(n_windows_of_all(&desk), n_wanted);
}
