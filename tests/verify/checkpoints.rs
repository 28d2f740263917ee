//! Checkpoints: what they tell of a log, and the service that will not contradict them.

use crate::log::{Log, copy, said};
use crate::outside::{Scratch, Server, allclear, announce};
use allclear::log::tree::{self, Frontier};
use rusqlite::Connection;
use serde_json::json;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::Stdio;
use std::time::{Duration, Instant};

fn verify(log: &Log, checkpoint: &Path) -> (i32, String) {
    log.verify(&["--checkpoint", checkpoint.to_str().unwrap()])
}

/// Rewrites history as somebody would who has the file and knows how it is made: the entry, its
/// hash, and every hash above it. Only what is outside still knows.
fn rewrite(log: &Log, position: u64) {
    log.sql(&format!(
        "UPDATE event SET entry = REPLACE(entry, '\"by\":\"u_', '\"by\":\"u_x') WHERE position = {position};
         DELETE FROM checkpoint; DELETE FROM tree;"
    ));
    let file = Connection::open(log.database()).unwrap();
    let mut query = file.prepare("SELECT entry FROM event ORDER BY position").unwrap();
    let entries: Vec<String> =
        query.query_map([], |row| row.get(0)).unwrap().collect::<Result<_, _>>().unwrap();
    drop(query);
    let mut frontier = Frontier::default();
    let hashes = entries.iter().flat_map(|entry| frontier.push(tree::leaf(entry.as_bytes())));
    for (place, hash) in (0_i64..).zip(hashes.collect::<Vec<_>>()) {
        let sql = "INSERT INTO tree (place, hash) VALUES (?1, ?2)";
        file.execute(sql, rusqlite::params![place, hash.0]).unwrap();
    }
    file.close().unwrap();
}

#[test]
fn a_history_that_was_rewritten_whole_is_found_only_by_a_checkpoint() {
    let log = Log::new();
    // One of the admin's events that no board row tells the recorder of.
    let position = log.number("SELECT MAX(position) FROM event WHERE entry LIKE '%\"by\":\"u_%'");
    rewrite(&log, position);
    let (code, said) = log.verify(&[]);
    assert_eq!(code, 0, "{said}");
    let (code, said) = verify(&log, &log.checkpoint());
    assert_eq!(code, 7, "{said}");
    assert!(said.contains("fork"), "{said}");
}

#[test]
fn a_fork_is_narrowed_down_by_an_earlier_checkpoint_that_still_agrees() {
    let log = Log::new();
    let earlier = log.place().join("data-checkpoints").join("1");
    let position = log.number("SELECT MAX(position) FROM event WHERE entry LIKE '%\"by\":\"u_%'");
    rewrite(&log, position);
    let (code, said) = log.verify(&[
        "--checkpoint",
        earlier.to_str().unwrap(),
        "--checkpoint",
        log.checkpoint().to_str().unwrap(),
    ]);
    assert_eq!(code, 7, "{said}");
    assert!(said.contains("forked behind position 1"), "{said}");
}

#[test]
fn a_tail_that_was_cut_with_care_is_clean_alone_and_behind_with_a_checkpoint() {
    let log = Log::new();
    let last = log.events();
    let hashes = tree::hashes_of(last - 1);
    // The last event is the service's own: no board row tells of it.
    log.sql(&format!(
        "DELETE FROM event WHERE position = {last}; UPDATE log SET position = {last} - 1;
         DELETE FROM tree WHERE place >= {hashes}; DELETE FROM checkpoint WHERE size >= {last}"
    ));
    let (code, said) = log.verify(&[]);
    assert_eq!(code, 0, "{said}");
    let (code, said) = verify(&log, &log.checkpoint());
    assert_eq!(code, 6, "{said}");
    assert!(said.contains(&format!("at {last}")), "{said}");
}

#[test]
fn a_checkpoint_that_does_not_count_is_refused() {
    let log = Log::new();
    let good = fs::read_to_string(log.checkpoint()).unwrap();
    let file = log.place().join("given");
    let refused = |text: &str, why: &str| {
        fs::write(&file, text).unwrap();
        let (code, said) = verify(&log, &file);
        assert!(code == 1 && said.contains(why), "{why}: {said}");
    };
    let size = log.events();
    refused(&good.replace(&format!("\n{size}\n"), "\n2\n"), "signature");
    refused(&good[..good.len() / 2], "no signed checkpoint");
    refused("", "no signed checkpoint");
    let other = Scratch::new();
    let server = Server::on(&other.data());
    assert!(server.stop().status.success());
    let others = other.path().join("data-checkpoints");
    refused(&fs::read_to_string(others.join("checkpoint")).unwrap(), "not this log");
    let key = fs::read_to_string(others.join("key")).unwrap();
    let checkpoint = log.checkpoint();
    let with_key = log.verify(&["--key", key.trim(), "--checkpoint", checkpoint.to_str().unwrap()]);
    assert!(with_key.0 == 1 && with_key.1.contains("signature"), "{with_key:?}");
    let key = log.place().join("data-checkpoints").join("key");
    for older in ["1", "checkpoint"] {
        let older = log.place().join("data-checkpoints").join(older);
        let arguments = ["--key", key.to_str().unwrap(), "--checkpoint", older.to_str().unwrap()];
        assert_eq!(log.verify(&arguments).0, 0);
    }
}

#[test]
fn a_stored_checkpoint_that_was_changed_is_told() {
    for sql in [
        "UPDATE checkpoint SET text = REPLACE(text, 'allclear/log', 'allclear/fog')",
        "UPDATE checkpoint SET text = SUBSTR(text, 1, LENGTH(text) - 9) || 'AAAAAAAA' || CHAR(10)",
    ] {
        let log = Log::new();
        log.sql(sql);
        let (code, said) = log.verify(&[]);
        assert!(code == 4 && said.contains("(checkpoint)"), "{sql}: {said}");
    }
}

/// How long a start that must be refused may take.
const PATIENCE: Duration = Duration::from_secs(10);

/// A start that must be refused: its exit code and what it said.
fn serve(data: &Path) -> (i32, String) {
    let mut command = allclear();
    command.args(["serve", "--listen", "127.0.0.1:0", "--data"]).arg(data);
    command.stdout(Stdio::null()).stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    let started = Instant::now();
    while child.try_wait().unwrap().is_none() {
        if started.elapsed() > PATIENCE {
            child.kill().unwrap();
        }
        std::thread::sleep(Duration::from_millis(5));
    }
    let ended = child.wait_with_output().unwrap();
    let text = String::from_utf8(ended.stderr).unwrap();
    (ended.status.code().unwrap_or_else(|| panic!("it was not refused: {text}")), text)
}

#[test]
fn an_older_copy_is_refused_at_the_start_and_accepted_as_a_new_generation() {
    let scratch = Scratch::new();
    let older = Scratch::new();
    assert!(Server::on(&scratch.data()).stop().status.success());
    copy(&scratch.data(), &older.data());
    let server = Server::on(&scratch.data());
    announce(&server.admin());
    assert!(server.stop().status.success());
    let newest = scratch.path().join("data-checkpoints").join("checkpoint");
    let given_up = fs::read_to_string(&newest).unwrap();
    fs::remove_dir_all(scratch.data()).unwrap();
    copy(&older.data(), &scratch.data());

    let (code, said) = serve(&scratch.data());
    assert!(code == 71 && said.contains("restore --accept-rollback"), "{said}");
    let restore = |arguments: &[&str]| {
        let mut command = allclear();
        command.arg("restore").args(arguments).arg("--data").arg(scratch.data());
        crate::log::said(&command.output().unwrap())
    };
    assert_eq!(restore(&[]).0, 2, "nothing is accepted by accident");
    let (code, said) = restore(&["--accept-rollback"]);
    assert!(code == 0 && said.contains("generation 2"), "{said}");
    assert_eq!(fs::read_to_string(&newest).unwrap(), given_up, "nothing published is changed");

    let server = Server::on(&scratch.data());
    announce(&server.admin());
    assert!(server.stop().status.success());
    let now = fs::read_to_string(&newest).unwrap();
    assert!(now.lines().next().unwrap().ends_with("/g2"), "{now}");
    let kept = scratch.path().join("data-checkpoints");
    let size = given_up.lines().nth(1).unwrap();
    assert_eq!(fs::read_to_string(kept.join(size)).unwrap(), given_up, "the old one is kept");
    let log = Log::copy_of(scratch.path());
    let (code, said) = verify(&log, &log.checkpoint());
    assert!(code == 0 && said.contains("generation 2 began here"), "{said}");
    // Whoever kept the old one sees that what it covered is gone.
    let (code, said) = verify(&log, &log.place().join("data-checkpoints").join(size));
    assert!(code == 7 || code == 6, "{said}");
    let (code, said) = restore(&["--accept-rollback"]);
    assert!(code == 1 && said.contains("nothing to accept"), "{said}");
}

#[test]
fn a_log_whose_key_is_lost_begins_a_generation_with_a_new_one() {
    key_lost(&Log::new());
    let log = Log::new();
    fs::remove_dir_all(log.place().join("data-checkpoints")).unwrap();
    key_lost(&log);
}

fn key_lost(log: &Log) {
    let newest = fs::read_to_string(log.checkpoint()).ok();
    fs::remove_file(log.data().join("checkpoint-key")).unwrap();
    let (code, said) = serve(&log.data());
    assert!(code == 71 && said.contains("is missing"), "{said}");
    let mut restore = allclear();
    restore.args(["restore", "--accept-rollback", "--data"]).arg(log.data());
    let (code, said) = crate::log::said(&restore.output().unwrap());
    assert!(code == 0 && said.contains("generation 2"), "{said}");
    for _ in 0..2 {
        let server = Server::on(&log.data());
        announce(&server.admin());
        assert!(server.stop().status.success());
    }
    assert_ne!(fs::read_to_string(log.checkpoint()).ok(), newest);
    let (code, said) = log.verify(&[]);
    assert_eq!(code, 0, "{said}");
    assert!(said.contains("of an earlier generation, and signed with another key"), "{said}");
}

#[test]
fn another_history_is_refused_at_the_start() {
    let log = Log::new();
    let position = log.number("SELECT MAX(position) FROM event WHERE entry LIKE '%\"by\":\"u_%'");
    rewrite(&log, position);
    let (code, said) = serve(&log.data());
    assert!(code == 71 && said.contains("is not the one that was published"), "{said}");
}

#[test]
fn a_published_checkpoint_that_does_not_count_is_refused_at_the_start() {
    for text in ["", "nonsense\n"] {
        let log = Log::new();
        fs::write(log.checkpoint(), text).unwrap();
        let (code, said) = serve(&log.data());
        assert!(code == 71 && said.contains("cannot be compared"), "{said}");
    }
    let log = Log::new();
    fs::remove_dir_all(log.place().join("data-checkpoints")).unwrap();
    assert!(Server::on(&log.data()).stop().status.success());
    assert!(log.checkpoint().exists());
}

#[test]
fn the_key_is_for_its_owner_alone_and_must_be_the_one_that_signed() {
    let log = Log::new();
    let key = log.data().join("checkpoint-key");
    let mode = |mode| fs::set_permissions(&key, fs::Permissions::from_mode(mode)).unwrap();
    assert_eq!(fs::metadata(&key).unwrap().permissions().mode() & 0o777, 0o600);
    for open in [0o640, 0o604, 0o666] {
        mode(open);
        let (code, said) = serve(&log.data());
        assert!(code == 71 && said.contains("can be read by others"), "{said}");
    }
    mode(0o600);
    let good = fs::read_to_string(&key).unwrap();
    let refused = |text: &str, why: &str| {
        fs::write(&key, text).unwrap();
        let (code, said) = serve(&log.data());
        assert!(code == 71 && said.contains(why), "{why}: {said}");
    };
    refused("", "64 hexadecimal digits");
    refused(&good.trim()[1..], "64 hexadecimal digits");
    refused(&"ab".repeat(32), "not the key that signed");
    fs::remove_file(&key).unwrap();
    let (code, said) = serve(&log.data());
    assert!(code == 71 && said.contains("is missing"), "{said}");
    assert!(!key.exists(), "no other key is made in its place");
    fs::write(&key, good).unwrap();
    mode(0o600);
    assert!(Server::on(&log.data()).stop().status.success());
}

#[test]
fn checkpoints_are_never_published_into_the_data_directory() {
    let scratch = Scratch::new();
    let mut command = allclear();
    command.args(["serve", "--data"]).arg(scratch.data());
    command.arg("--checkpoints").arg(scratch.data().join("checkpoints"));
    let (code, said) = said(&command.output().unwrap());
    assert!(code == 1 && said.contains("choose --checkpoints outside"), "{said}");
}

#[test]
fn everything_is_sealed_when_the_server_has_stopped() {
    let scratch = Scratch::new();
    let server = Server::on(&scratch.data());
    let admin = server.admin();
    let incident = announce(&admin);
    for part in 0..40 {
        let note = json!({ "type": "note_added", "data": { "text": format!("note {part}") } });
        admin.post(&format!("/v1/incidents/{incident}/events"), &note).is(201);
    }
    assert!(server.stop().status.success());
    let log = Log::copy_of(scratch.path());
    let (_, summary) = log.audit();
    assert_eq!(summary.covered, summary.events);
    let newest = fs::read_to_string(log.checkpoint()).unwrap();
    assert_eq!(newest.lines().nth(1).unwrap(), summary.events.to_string());
    assert_eq!(newest.lines().nth(2).unwrap(), summary.root);
}
