//! `allclear backup`: beside a server that appends, after one that was stopped or killed; what it
//! writes is whole, says so, and a server starts on it.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod outside;

use outside::{Actor, Scratch, Server, allclear, announce, append, note, play};
use rusqlite::Connection;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

/// How many clients append while backups are made.
const CLIENTS: usize = 4;

fn said(command: &mut Command) -> (i32, String) {
    let output = command.output().unwrap();
    let text = [output.stdout, output.stderr].concat();
    (output.status.code().unwrap(), String::from_utf8(text).unwrap())
}

fn backup(data: &Path, file: &Path) -> (i32, String) {
    said(allclear().arg("backup").arg(file).arg("--data").arg(data))
}

fn verify(data: &Path) -> (i32, String) {
    said(allclear().args(["verify", "--data"]).arg(data))
}

fn names(place: &Path) -> Vec<String> {
    let names = fs::read_dir(place).unwrap().map(|it| it.unwrap().file_name());
    let mut names: Vec<String> = names.map(|it| it.into_string().unwrap()).collect();
    names.sort();
    names
}

/// The last position in a file.
fn head(file: &Path) -> u64 {
    let file = Connection::open(file).unwrap();
    let sql = "SELECT position FROM log ORDER BY position";
    file.query_row(sql, [], |row| row.get::<_, i64>(0)).unwrap() as u64
}

/// A data directory that has a backup in it, and nothing else but perhaps the key.
fn put_back(file: &Path, place: &Scratch, key: Option<&Path>) -> PathBuf {
    let data = place.data();
    fs::create_dir(&data).unwrap();
    fs::copy(file, data.join("allclear.db")).unwrap();
    if let Some(from) = key {
        fs::copy(from.join("checkpoint-key"), data.join("checkpoint-key")).unwrap();
    }
    data
}

/// A server on a backup, that knows what the lost one had published.
fn serve(data: &Path, published: &Path) -> Server {
    let mut command = allclear();
    command.args(["serve", "--no-reminders", "--listen", "127.0.0.1:0", "--data"]).arg(data);
    Server::of(
        {
            command.arg("--checkpoints").arg(published);
            command
        },
        data,
    )
}

fn restore(data: &Path, published: &Path) -> (i32, String) {
    let mut command = allclear();
    command.args(["restore", "--accept-rollback", "--data"]).arg(data);
    said(command.arg("--checkpoints").arg(published))
}

/// Four clients append until they are told to stop; counts what was acknowledged.
fn appending(ana: &Actor, incident: &str, meanwhile: impl FnOnce(&AtomicU64)) {
    let (is_over, acknowledged) = (AtomicBool::new(false), AtomicU64::new(0));
    std::thread::scope(|scope| {
        for _ in 0..CLIENTS {
            let ana = ana.clone();
            let (is_over, acknowledged) = (&is_over, &acknowledged);
            scope.spawn(move || {
                while !is_over.load(Ordering::Relaxed) {
                    let answer = append(&ana, incident, &note("still looking")).is(201);
                    let position = answer["events"][0]["position"].as_u64().unwrap();
                    acknowledged.fetch_max(position, Ordering::Relaxed);
                }
            });
        }
        meanwhile(&acknowledged);
        is_over.store(true, Ordering::Relaxed);
    });
}

#[test]
fn a_backup_beside_a_server_that_appends_is_one_clean_moment_and_a_server_starts_on_it() {
    let scratch = Scratch::new();
    let server = Server::on(&scratch.data());
    let ana = server.responder("ana");
    let incident = play(&ana);
    let mut files = Vec::new();
    appending(&ana, &incident, |acknowledged| {
        for number in 0..5 {
            std::thread::sleep(std::time::Duration::from_millis(100));
            let before = acknowledged.load(Ordering::Relaxed);
            let file = scratch.path().join(format!("backup-{number}.db"));
            let (code, said) = backup(&server.data, &file);
            assert_eq!(code, 0, "{said}");
            assert!(said.contains("is whole, and verified"), "{said}");
            assert!(said.contains("checkpoint-key"), "{said}");
            assert!(head(&file) >= before, "what was acknowledged before is in it");
            assert_eq!(fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o600);
            files.push(file);
        }
        assert!(acknowledged.load(Ordering::Relaxed) > head(&files[4]), "appends went on");
    });
    assert!(!names(scratch.path()).iter().any(|name| name.contains("backup-0.db.")), "no rest");
    assert!(head(&files[0]) < head(&files[4]));
    assert!(server.stop().status.success());
    assert_eq!(verify(&scratch.data()).0, 0);

    let (place, published) = (Scratch::new(), scratch.path().join("data-checkpoints"));
    let data = put_back(&files[2], &place, Some(&scratch.data()));
    let mut refused = allclear();
    refused.args(["serve", "--listen", "127.0.0.1:0", "--data"]).arg(&data);
    let (code, said) = said(refused.arg("--checkpoints").arg(&published));
    assert!(code == 71 && said.contains("restore --accept-rollback"), "{said}");
    let (code, said) = restore(&data, &published);
    assert_eq!(code, 0, "{said}");
    let server = serve(&data, &published);
    let ana = ana.at(server.address);
    let events = ana.get(&format!("/v1/incidents/{incident}/events?limit=1000")).is(200);
    assert!(events["events"].as_array().unwrap().len() > 14);
    append(&ana, &incident, &note("we are back")).is(201);
    assert!(server.stop().status.success());
    assert_eq!(verify(&data).0, 0);
}

#[test]
fn a_backup_of_all_that_was_published_needs_no_restore_with_its_key_and_one_without() {
    let scratch = Scratch::new();
    let server = Server::on(&scratch.data());
    let ana = server.responder("ana");
    let incident = announce(&ana);
    assert!(server.stop().status.success());
    let (file, published) = (scratch.path().join("b.db"), scratch.path().join("data-checkpoints"));
    assert_eq!(backup(&scratch.data(), &file).0, 0);
    let place = Scratch::new();
    let server = serve(&put_back(&file, &place, Some(&scratch.data())), &published);
    append(&ana.at(server.address), &incident, &note("on a backup")).is(201);
    server.kill();

    let (place, copied) = (Scratch::new(), Scratch::new());
    fs::create_dir(copied.path().join("published")).unwrap();
    for name in names(&published) {
        fs::copy(published.join(&name), copied.path().join("published").join(&name)).unwrap();
    }
    let (published, data) = (copied.path().join("published"), put_back(&file, &place, None));
    let (code, said) = restore(&data, &published);
    assert_eq!(code, 0, "the key is lost, and with it the generation: {said}");
    let server = serve(&data, &published);
    append(&ana.at(server.address), &incident, &note("without the key")).is(201);
    assert!(server.stop().status.success());
    let (code, said) = verify(&data);
    assert!(code == 0 && said.contains("signed with another key"), "{said}");
    assert!(serve(&data, &published).stop().status.success(), "and once more");
}

#[test]
fn a_stopped_and_a_killed_log_are_backed_up_and_left_as_they_were() {
    let scratch = Scratch::new();
    let server = Server::on(&scratch.data());
    announce(&server.admin());
    let position = server.position();
    server.kill();
    let before = names(&scratch.data());
    let (code, said) = backup(&scratch.data(), &scratch.path().join("killed.db"));
    assert_eq!(code, 0, "{said}");
    assert_eq!(head(&scratch.path().join("killed.db")), position);
    assert_eq!(names(&scratch.data()), before);
    assert!(Server::on(&scratch.data()).stop().status.success());
    let database = fs::read(scratch.data().join("allclear.db")).unwrap();
    assert_eq!(backup(&scratch.data(), &scratch.path().join("stopped.db")).0, 0);
    assert_eq!(fs::read(scratch.data().join("allclear.db")).unwrap(), database);
    // A backup is a log like any other for whatever reads without a server.
    let mut timeline = allclear();
    timeline.args(["timeline", "INC-1", "--data"]).arg(scratch.path().join("stopped.db"));
    let (code, said) = self::said(&mut timeline);
    assert!(code == 0 && said.contains("Timeline of INC-1"), "{said}");
}

#[test]
fn a_backup_overwrites_nothing_and_says_why_there_is_none() {
    let scratch = Scratch::new();
    assert!(Server::on(&scratch.data()).stop().status.success());
    let file = scratch.path().join("mine");
    fs::write(&file, "mine").unwrap();
    let (code, said) = backup(&scratch.data(), &file);
    assert!(code == 1 && said.contains("is there already"), "{said}");
    assert_eq!(fs::read_to_string(&file).unwrap(), "mine");
    fs::write(scratch.path().join("new.part"), "mine too").unwrap();
    let (code, said) = backup(&scratch.data(), &scratch.path().join("new"));
    assert!(code == 1 && said.contains("new.part is there already"), "{said}");
    assert!(!scratch.path().join("new").exists(), "the name is free again");
    let (code, said) = backup(&scratch.data(), &scratch.data().join("b.db"));
    assert!(code == 1 && said.contains("in the data directory itself"), "{said}");
    let (code, said) = backup(&scratch.data(), &scratch.path().join("nowhere/b.db"));
    assert!(code == 1 && said.contains("was not written"), "{said}");
    let (code, said) = backup(&scratch.path().join("nowhere"), &scratch.path().join("b.db"));
    assert!(code == 71 && said.contains("has no allclear log"), "{said}");
    assert!(!scratch.path().join("b.db").exists());
}

#[test]
fn a_backup_that_is_killed_leaves_its_part_and_never_a_file_that_is_not_whole() {
    let scratch = Scratch::new();
    let server = Server::on(&scratch.data());
    play(&server.responder("ana"));
    assert!(server.stop().status.success());
    let (file, part) = (scratch.path().join("b.db"), scratch.path().join("b.db.part"));
    let mut caught = 0;
    for round in 0..40 {
        let mut command = allclear();
        command.arg("backup").arg(&file).arg("--data").arg(scratch.data());
        let mut child = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
        while !part.exists() && !file.exists() {
            assert!(child.try_wait().unwrap().is_none(), "it ended without either");
        }
        std::thread::sleep(std::time::Duration::from_micros(300 * round));
        child.kill().unwrap();
        child.wait().unwrap();
        if file.exists() {
            assert_eq!(verify(&file).0, 0, "what has the name is whole");
            fs::remove_file(&file).unwrap();
        } else {
            caught += 1;
            let (code, said) = backup(&scratch.data(), &file);
            assert!(code == 1 && said.contains("b.db.part is there already"), "{said}");
            assert!(said.contains("was killed"), "{said}");
        }
        let _ = fs::remove_file(&part);
    }
    assert!(caught > 0, "none was killed while it wrote");
    assert_eq!(backup(&scratch.data(), &file).0, 0);
    assert!(!part.exists());
}

#[test]
fn a_backup_for_which_there_is_no_room_leaves_nothing_behind() {
    let scratch = Scratch::new();
    let server = Server::on(&scratch.data());
    play(&server.responder("ana"));
    let file = scratch.path().join("b.db");
    // No file of this process may grow beyond 48 KiB; the server reads and writes as before.
    let limited = "ulimit -f 48; trap '' XFSZ; exec \"$0\" \"$@\"";
    let mut command = Command::new("bash");
    command.args(["-c", limited, env!("CARGO_BIN_EXE_allclear"), "backup"]);
    let (code, said) = said(command.arg(&file).arg("--data").arg(&server.data));
    assert!(code == 1 && said.contains("b.db was not written"), "{code}: {said}");
    assert_eq!(names(scratch.path()), ["data", "data-checkpoints"]);
    assert_eq!(backup(&server.data, &file).0, 0, "there is room again");
}

#[test]
fn a_damaged_log_is_backed_up_as_it_is_and_the_code_says_so() {
    let scratch = Scratch::new();
    let server = Server::on(&scratch.data());
    play(&server.responder("ana"));
    assert!(server.stop().status.success());
    let database = Connection::open(scratch.data().join("allclear.db")).unwrap();
    let changed = "DROP TRIGGER event_is_final; UPDATE event SET data = '{}' WHERE position = 9";
    database.execute_batch(changed).unwrap();
    database.close().unwrap();
    let file = scratch.path().join("b.db");
    let (code, said) = backup(&scratch.data(), &file);
    let (expected, _) = verify(&scratch.data());
    assert!(code == expected && (code == 4 || code == 5), "{code}: {said}");
    assert!(said.contains("is written and kept") && said.contains("9"), "{said}");
    assert_eq!(verify(&file).0, expected);

    let whole = fs::read(scratch.data().join("allclear.db")).unwrap();
    for from in [100, whole.len() / 2, whole.len() - 20_000] {
        let mut bytes = whole.clone();
        bytes[from..].fill(0xa5);
        fs::write(scratch.data().join("allclear.db"), bytes).unwrap();
        let (code, said) = backup(&scratch.data(), &scratch.path().join("c.db"));
        assert!(code == 5 && said.contains("keep a copy"), "{code} from {from}: {said}");
    }
    assert_eq!(names(scratch.path()), ["b.db", "data", "data-checkpoints"]);
}
