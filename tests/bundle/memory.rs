//! Memory does not grow with the log: what a command needs at its peak for a log that is a hundred
//! times longer is nearly what it needs for a short one.

use crate::bundle::export;
use crate::log::Log;
use crate::outside::{Scratch, Server, announce, append, note};
use serde_json::{Value, json};
use std::path::Path;
use std::process::Command;

/// Runs a command and prints the most memory that it had, in KiB.
const PEAK: &str = "
import resource, subprocess, sys
subprocess.run(sys.argv[1:], stdout=subprocess.DEVNULL, check=True)
print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)
";

/// More than that is growth. A step of an export, or a page of an audit, is a few MiB; an import
/// has the writer's cache of the database besides, which a short log does not fill.
const ROOM_KIB: [u64; 3] = [10 * 1024, 10 * 1024, 26 * 1024];

fn peak(arguments: &[&str], data: &Path) -> u64 {
    let mut command = Command::new("python3");
    command.args(["-c", PEAK, env!("CARGO_BIN_EXE_allclear")]).args(arguments).arg(data);
    let output = command.output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap().trim().parse().unwrap()
}

/// What each of the commands needs for that log, and how long its bundle is.
fn peaks(data: &Path) -> ([u64; 3], u64) {
    let scratch = Scratch::new();
    let file = scratch.path().join("log.jsonl");
    let (code, said) = export(data, &["--all", "-o", file.to_str().unwrap()]);
    assert_eq!(code, 0, "{said}");
    let exported = peak(&["export", "--all", "--data"], data);
    let verified = peak(&["verify"], &file);
    let imported = peak(&["import", file.to_str().unwrap(), "--data"], &scratch.data());
    ([exported, verified, imported], std::fs::metadata(file).unwrap().len())
}

#[test]
fn a_long_log_needs_no_more_memory_than_a_short_one() {
    let short = Log::new();
    let scratch = Scratch::new();
    let server = Server::on(&scratch.data());
    let admin = server.admin();
    let long = "a long note ".repeat(670);
    let notes: Vec<Value> = (0..32).map(|_| note(&long)).collect();
    for _ in 0..48 {
        append(&admin, &announce(&admin), &json!(notes)).is(201);
    }
    assert!(server.stop().status.success());
    let ((before, small), (after, large)) = (peaks(&short.data()), peaks(&scratch.data()));
    assert!(large > 100 * small && large / 1024 > ROOM_KIB[0], "{small} and {large} bytes");
    for ((before, after), room) in before.into_iter().zip(after).zip(ROOM_KIB) {
        assert!(after < before + room, "{before} KiB, then {after} KiB");
    }
}
