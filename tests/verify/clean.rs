//! No false alarm, whatever became of the server.

use crate::log::{Log, copy, tell};
use crate::outside::{Scratch, Server};
use allclear::engine::audit::{Kind, Outcome};

#[test]
fn a_closed_log_is_clean_and_covered_to_its_last_event() {
    let log = Log::new();
    let (findings, summary) = log.audit();
    assert!(findings.iter().all(|it| it.detail.contains("without a key")), "{findings:?}");
    assert_eq!(summary.outcome(), Outcome::Clean);
    assert_eq!((summary.events, summary.covered), (log.events(), log.events()));
    assert_eq!(summary.incidents, 3);
    let (code, said) = log.verify(&["--checkpoint", log.checkpoint().to_str().unwrap()]);
    assert_eq!(code, 0, "{said}");
    assert!(said.contains(&summary.root), "{said}");
    assert!(std::fs::read_to_string(log.checkpoint()).unwrap().contains(&summary.root));
}

#[test]
fn a_running_a_killed_and_a_copied_log_are_clean() {
    let scratch = Scratch::new();
    let server = Server::on(&scratch.data());
    tell(&server);
    let verified = |place: &std::path::Path| {
        let log = Log::copy_of(place);
        let (findings, summary) = log.audit();
        assert!(findings.iter().all(|finding| finding.kind == Kind::Note), "{findings:?}");
        assert_eq!(summary.events, log.events());
        assert_eq!(log.verify(&[]).0, 0);
    };
    let mut running = crate::outside::allclear();
    running.args(["verify", "--data"]).arg(scratch.data());
    let (code, said) = crate::log::said(&running.output().unwrap());
    assert_eq!(code, 0, "{said}");
    server.kill();
    verified(scratch.path());
    // As a backup would have it: the database and its write-ahead log.
    let copied = Scratch::new();
    copy(scratch.path(), copied.path());
    std::fs::remove_file(copied.data().join("allclear.db-shm")).unwrap();
    verified(copied.path());
    let server = Server::on(&scratch.data());
    verified(scratch.path());
    assert!(server.stop().status.success());
    verified(scratch.path());
}

#[test]
fn verifying_changes_nothing_in_the_directory() {
    let log = Log::new();
    let before = std::fs::read(log.database()).unwrap();
    let names = || std::fs::read_dir(log.data()).unwrap().count();
    let count = names();
    assert_eq!(log.verify(&[]).0, 0);
    assert_eq!(std::fs::read(log.database()).unwrap(), before);
    assert_eq!(names(), count);
}

#[test]
fn the_report_is_lines_of_json_when_that_is_asked_for() {
    let log = Log::new();
    log.flip(3, "data", 77);
    let (code, said) = log.verify(&["--json"]);
    assert_eq!(code, 4, "{said}");
    let lines: Vec<&str> = said.lines().filter(|line| line.starts_with('{')).collect();
    let [finding, summary] = lines.as_slice() else { panic!("{said}") };
    let finding: serde_json::Value = serde_json::from_str(finding).unwrap();
    assert_eq!((&finding["position"], &finding["group"]), (&3.into(), &"data".into()));
    let summary: serde_json::Value = serde_json::from_str(summary).unwrap();
    assert_eq!(summary["outcome"], "events_damaged");
    assert_eq!(summary["summary"]["damaged"], 1);
}

#[test]
fn what_is_no_log_is_said_so() {
    let scratch = Scratch::new();
    let mut command = crate::outside::allclear();
    command.args(["verify", "--data"]).arg(scratch.path());
    let (code, said) = crate::log::said(&command.output().unwrap());
    assert!(code == 71 && said.contains("has no allclear log"), "{said}");
}
