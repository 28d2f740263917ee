//! A disk that is really full: a small file system that this test makes for itself.

use crate::outside::{Scratch, Server, allclear, announce, events_of, skip};
use serde_json::json;
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

#[test]
fn a_full_disk_loses_nothing_and_appends_go_on_when_it_has_room_again() {
    let scratch = Scratch::new();
    let disk = scratch.path().join("disk");
    std::fs::create_dir(&disk).unwrap();
    let mount = format!("mount -t tmpfs -o size=16m tmpfs '{}'", disk.display());
    if !can_be_apart(&mount) {
        return skip("a file system of one's own cannot be mounted here");
    }
    let mut serve = allclear();
    serve.args(["serve", "--listen", "127.0.0.1:0", "--data"]).arg(disk.join("data"));
    serve.env("ALLCLEAR_NO_REMINDERS", "true");
    let mut server = Server::of(apart(&mount, &serve), &disk);
    let seen = seen_by(server.pid(), &disk);
    server.data = seen.join("data");
    let ballast = seen.join("ballast");
    std::fs::write(&ballast, vec![0; 8 << 20]).unwrap();
    let ana = server.responder("ana");
    announce(&ana);
    let note = json!({ "type": "note_added", "data": { "text": "x".repeat(8_000) } });
    let mut stored = 0;
    let full = loop {
        let answer = ana.post(&events_of("INC-1"), &json!([note, note, note, note]));
        if answer.status != 201 {
            break answer;
        }
        stored += 4;
        assert!(stored < 4_000, "the disk does not fill");
    };
    full.is_problem(507, "disk_full");
    assert!(full.header("retry-after").is_some());
    assert_eq!(ana.get("/v1/incidents/INC-1").is(200)["version"], 1 + stored);

    std::fs::remove_file(&ballast).unwrap();
    let freed = Instant::now();
    while ana.post(&events_of("INC-1"), &note).status != 201 {
        assert!(freed.elapsed() < Duration::from_secs(5), "nothing is taken though there is room");
        std::thread::sleep(Duration::from_millis(50));
    }
    assert_eq!(ana.get("/v1/incidents/INC-1").is(200)["version"], 2 + stored);
    let ended = server.stop();
    assert!(ended.status.success(), "{}", ended.stderr);
}

/// The folder as that process sees it.
fn seen_by(pid: u32, folder: &Path) -> PathBuf {
    PathBuf::from(format!("/proc/{pid}/root{}", folder.display()))
}
