//! Starts that are refused: exit code 71, one line that says why, and nothing changed.

use crate::full::{apart, can_be_apart};
use crate::outside::{Scratch, Server, allclear, announce, skip};
use std::process::{Command, Output};

fn serve(scratch: &Scratch) -> Command {
    let mut serve = allclear();
    serve.args(["serve", "--listen", "127.0.0.1:0", "--data"]).arg(scratch.data());
    serve
}

fn assert_refused(output: &Output, why: &str) {
    let said = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(71), "{said}");
    assert!(said.contains(why), "{said}");
}

#[test]
fn a_data_directory_that_may_not_be_written_is_refused() {
    let scratch = Scratch::new();
    assert!(Server::on(&scratch.data()).stop().status.success());
    let data = scratch.data().display().to_string();
    let mount = format!("mount --bind '{data}' '{data}' && mount -o remount,bind,ro '{data}'");
    if !can_be_apart(&mount) {
        return skip("a folder cannot be mounted read-only here");
    }
    assert_refused(&apart(&mount, &serve(&scratch)).output().unwrap(), "cannot be written");
    assert!(Server::on(&scratch.data()).stop().status.success());
}

#[test]
fn a_database_of_a_later_release_is_refused_and_left_as_it_is() {
    let scratch = Scratch::new();
    assert!(Server::on(&scratch.data()).stop().status.success());
    let file = scratch.data().join("allclear.db");
    let database = rusqlite::Connection::open(&file).unwrap();
    database.pragma_update(None, "user_version", 99).unwrap();
    database.close().unwrap();
    let before = std::fs::read(&file).unwrap();
    assert_refused(&serve(&scratch).output().unwrap(), "99");
    assert_eq!(std::fs::read(&file).unwrap(), before);
}

#[test]
fn a_start_that_cannot_make_durable_what_it_found_is_refused() {
    let scratch = Scratch::new();
    let server = Server::on(&scratch.data());
    announce(&server.admin());
    server.kill();
    let serve = serve(&scratch);
    let mut strace = Command::new("strace");
    strace.args(["-f", "-o", "/dev/null", "--trace=fsync,fdatasync"]);
    strace.arg("--inject=fsync,fdatasync:error=EIO").arg(serve.get_program());
    strace.args(serve.get_args());
    match strace.output() {
        Ok(output) if !String::from_utf8_lossy(&output.stderr).contains("ptrace") => {
            assert_refused(&output, "data");
        }
        Ok(_) | Err(_) => return skip("strace is not here, or may not trace"),
    }
    let server = Server::on(&scratch.data());
    assert_eq!(server.admin().get("/v1/incidents/INC-1").is(200)["version"], 1);
}
