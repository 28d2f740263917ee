//! A disk that is really full: a small file system that this test makes for itself.

use crate::outside::{Actor, Scratch, Server, allclear, announce, events_of, note, skip};
use serde_json::json;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

/// A command in name spaces of its own, begun there by `first`.
pub fn apart(first: &str, then: &Command) -> Command {
    let mut command = Command::new("unshare");
    command.args(["--user", "--map-root-user", "--mount", "sh", "-c"]);
    command.arg(format!("{first} && exec \"$@\"")).arg("sh").arg(then.get_program());
    command.args(then.get_args());
    for (name, value) in then.get_envs() {
        match value {
            Some(value) => command.env(name, value),
            None => command.env_remove(name),
        };
    }
    command
}

/// Whether that can be done in name spaces of one's own here.
pub fn can_be_apart(first: &str) -> bool {
    let done = apart(first, &Command::new("true")).output();
    done.is_ok_and(|it| it.status.success())
}

/// A server on a small disk of its own, with a ballast on it that can be taken away.
struct Small {
    server: Server,
    ballast: PathBuf,
    _scratch: Scratch,
}

impl Small {
    /// None when that cannot be had here.
    fn start() -> Option<Small> {
        let scratch = Scratch::new();
        let disk = scratch.path().join("disk");
        std::fs::create_dir(&disk).unwrap();
        let mount = format!("mount -t tmpfs -o size=16m tmpfs '{}'", disk.display());
        if !can_be_apart(&mount) {
            skip("a file system of one's own cannot be mounted here");
            return None;
        }
        let mut serve = allclear();
        serve.args(["serve", "--listen", "127.0.0.1:0", "--data"]).arg(disk.join("data"));
        serve.env("ALLCLEAR_NO_REMINDERS", "true");
        let mut server = Server::of(apart(&mount, &serve), &disk);
        let seen = seen_by(server.pid(), &disk);
        server.data = seen.join("data");
        let ballast = seen.join("ballast");
        std::fs::write(&ballast, vec![0; 8 << 20]).unwrap();
        Some(Small { server, ballast, _scratch: scratch })
    }

    /// Appends to a new incident until the disk is full; how many events it has then.
    fn fill(&self, ana: &Actor) -> u64 {
        announce(ana);
        let note = note(&"x".repeat(8_000));
        let mut version = 1;
        let full = loop {
            let answer = ana.post(&events_of("INC-1"), &json!([note, note, note, note]));
            if answer.status != 201 {
                break answer;
            }
            version += 4;
            assert!(version < 4_000, "the disk does not fill");
        };
        full.is_problem(507, "disk_full");
        assert!(full.header("retry-after").is_some());
        version
    }
}

#[test]
fn a_full_disk_loses_nothing_and_appends_go_on_when_it_has_room_again() {
    let Some(small) = Small::start() else { return };
    let ana = small.server.responder("ana");
    let version = small.fill(&ana);
    assert_eq!(ana.get("/v1/incidents/INC-1").is(200)["version"], version);

    std::fs::remove_file(&small.ballast).unwrap();
    let freed = Instant::now();
    while ana.post(&events_of("INC-1"), &note("room")).status != 201 {
        assert!(freed.elapsed() < Duration::from_secs(5), "nothing is taken though there is room");
        std::thread::sleep(Duration::from_millis(50));
    }
    assert_eq!(ana.get("/v1/incidents/INC-1").is(200)["version"], 1 + version);
    let ended = small.server.stop();
    assert!(ended.status.success(), "{}", ended.stderr);
}

#[test]
fn a_stop_on_a_full_disk_is_a_stop_and_says_what_there_was_no_room_for() {
    let Some(small) = Small::start() else { return };
    small.fill(&small.server.responder("ana"));
    // What is left between two batches of notes is taken too.
    let mut rest = std::fs::File::create(small.ballast.with_file_name("rest")).unwrap();
    while rest.write_all(&[0; 4096]).is_ok() {}
    let ended = small.server.stop();
    assert_eq!(ended.status.code(), Some(0), "{}", ended.stderr);
    // The last word itself may just fit, where a batch that did not has made room for itself.
    let said: Vec<&str> =
        ended.stderr.lines().filter(|it| it.contains("it stopped, but")).collect();
    assert!(said.len() == 1 && said[0].contains("because the disk is full"), "{said:?}");
}

/// The folder as that process sees it.
fn seen_by(pid: u32, folder: &Path) -> PathBuf {
    PathBuf::from(format!("/proc/{pid}/root{}", folder.display()))
}
