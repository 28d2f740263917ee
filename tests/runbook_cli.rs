//! A runbook of one's own, as people bring it: checked on the command line, refused as a whole,
//! served, and kept by the incidents that have pinned it.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod outside;

use allclear::incident::runbook::BUILT_IN_TEXT;
use allclear::incident::time::Instant;
use allclear::log::sha256_hex;
use outside::{Actor, Scratch, Server, allclear, append, minutes_ago};
use serde_json::{Value, json};
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::time::Duration;

/// A runbook with three mistakes: a response, a slot that stands twice, a zone.
fn broken() -> String {
    BUILT_IN_TEXT
        .replacen("response = \"hotfix\"", "response = \"pray\"", 1)
        .replacen("slot = \"progress\"", "slot = \"assessment\"", 1)
        .replacen("zone = \"UTC\"", "zone = \"Middle/Earth\"", 1)
}

/// A runbook with other slots, another check, one signal, and a watch of thirty minutes.
fn own() -> String {
    let (before, rest) = BUILT_IN_TEXT.split_once("[verification]").unwrap();
    let (_, after) = rest.split_once("[[scenarios]]").unwrap();
    let between = r#"[verification]
checks = ["canary"]
signals = ["queue_depth"]
watch_minutes = 30

[[obligations]]
slot = "first_word"
due = 7
purpose = "announcement"
says = "Say that you are at it"

"#;
    format!("{before}{between}[[scenarios]]{after}")
}

fn written(scratch: &Scratch, name: &str, text: &str) -> PathBuf {
    let file = scratch.path().join(name);
    std::fs::write(&file, text).unwrap();
    file
}

fn run(args: &[&str]) -> Output {
    allclear().args(args).output().unwrap()
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
}

fn serve_with(file: &Path, data: &Path) -> Server {
    let mut command = allclear();
    command.args(["serve", "--listen", "127.0.0.1:0", "--no-reminders", "--data"]).arg(data);
    command.arg("--runbook").arg(file);
    Server::of(command, data)
}

#[test]
fn a_whole_runbook_is_told_with_its_hash() {
    let scratch = Scratch::new();
    let file = written(&scratch, "own.toml", &own());
    let output = run(&["runbook", "check", file.to_str().unwrap()]);
    let sha256 = sha256_hex(own().as_bytes());
    let expected = format!("{}: a whole runbook, SHA-256 {sha256}\n", file.display());
    assert_eq!(text(&output.stdout), expected);
    assert_eq!((output.status.code(), text(&output.stderr).as_str()), (Some(0), ""));
}

#[test]
fn every_mistake_is_told_on_stdout_as_file_line_and_column() {
    let scratch = Scratch::new();
    let file = written(&scratch, "broken.toml", &broken());
    let output = run(&["runbook", "check", file.to_str().unwrap()]);
    assert_eq!(output.status.code(), Some(1));
    let told = text(&output.stdout);
    let lines: Vec<&str> = told.lines().collect();
    assert_eq!(lines.len(), 3, "{told}");
    for (line, (mistake, word)) in
        lines.iter().zip([("pray", "response"), ("slot", "twice"), ("Middle", "zone")])
    {
        let rest = line.strip_prefix(&format!("{}:", file.display())).unwrap();
        let (number, rest) = rest.split_once(':').unwrap();
        let (column, detail) = rest.split_once(": ").unwrap();
        let number: usize = number.parse().unwrap();
        assert!(column.parse::<usize>().unwrap() > 0);
        assert!(broken().lines().nth(number - 1).unwrap().contains(mistake), "{line}");
        assert!(detail.contains(word), "{line}");
    }
    assert!(text(&output.stderr).contains("3 mistakes"), "{}", text(&output.stderr));
}

#[test]
fn a_file_that_is_not_there_or_too_long_is_told_so() {
    let scratch = Scratch::new();
    let missing = scratch.path().join("missing.toml");
    let output = run(&["runbook", "check", missing.to_str().unwrap()]);
    assert_eq!(output.status.code(), Some(1));
    assert!(text(&output.stderr).contains("missing.toml"));
    let long = format!("{BUILT_IN_TEXT}\n#{}", "x".repeat(1024 * 1024));
    let file = written(&scratch, "long.toml", &long);
    let output = run(&["runbook", "check", file.to_str().unwrap()]);
    assert_eq!(output.status.code(), Some(1));
    assert!(text(&output.stdout).contains("at most 1048576 are kept"));
}

#[test]
fn the_built_in_runbook_is_shown_and_is_whole() {
    let output = run(&["runbook", "show"]);
    assert_eq!(text(&output.stdout), BUILT_IN_TEXT);
    let scratch = Scratch::new();
    let file = written(&scratch, "shown.toml", &text(&output.stdout));
    assert_eq!(run(&["runbook", "check", file.to_str().unwrap()]).status.code(), Some(0));
}

#[test]
fn nothing_comes_up_and_nothing_is_made_on_half_a_runbook() {
    let scratch = Scratch::new();
    let file = written(&scratch, "broken.toml", &broken());
    let config = written(&scratch, "allclear.toml", &format!("runbook = {file:?}\n"));
    let data = scratch.data();
    let serve = || {
        let mut command = allclear();
        command.args(["serve", "--listen", "127.0.0.1:0", "--data"]).arg(&data);
        command
    };
    let mut ways = [serve(), serve(), serve()];
    ways[0].arg("--runbook").arg(&file);
    ways[1].env("ALLCLEAR_RUNBOOK", &file);
    ways[2].arg("--config").arg(&config);
    for command in &mut ways {
        let said = refused(command);
        let told = said.lines().filter(|line| line.contains("broken.toml:")).count();
        assert_eq!(told, 3, "{said}");
        assert!(!data.exists(), "the data directory was made");
    }
}

/// What a server says that ends by itself with exit code 1; one that comes up is ended.
fn refused(command: &mut Command) -> String {
    let mut child = command.stderr(Stdio::piped()).spawn().unwrap();
    let started = std::time::Instant::now();
    while child.try_wait().unwrap().is_none() {
        if started.elapsed() > Duration::from_secs(20) {
            child.kill().unwrap();
            panic!("it came up: {}", text(&child.wait_with_output().unwrap().stderr));
        }
        std::thread::sleep(Duration::from_millis(5));
    }
    let output = child.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(1));
    text(&output.stderr)
}

/// Announced so many minutes ago, with a restart finished and these checks passed since.
fn restored(ana: &Actor, began: i64, checks: &[&str]) -> String {
    let event = |minutes: i64, kind: &str, data: Value| json!({ "type": kind, "occurred": minutes_ago(minutes), "data": data });
    let incident = json!({ "service": "checkout", "reason": "5xx", "occurred": minutes_ago(began),
        "scenario": "configuration_error", "commander": "ana", "events": [
            event(began - 1, "response_decided", json!({ "situations": ["service_down"], "chosen": "restart" })),
            event(began - 2, "remedy_started", json!({ "kind": "restart", "what": "checkout" })),
            event(began - 3, "remedy_finished", json!({ "remedy": "R1" })),
        ] });
    let incident = ana.post("/v1/incidents", &incident).is(201)["ref"].as_str().unwrap().to_owned();
    let passed = checks
        .iter()
        .map(|check| event(began - 4, "check_recorded", json!({ "check": check, "ok": true })));
    let passed = passed.chain([event(began - 4, "checks_passed", json!({}))]);
    append(ana, &incident, &Value::Array(passed.collect())).is(201);
    incident
}

fn resolve(ana: &Actor, incident: &str) -> outside::Answer {
    append(ana, incident, &json!({ "type": "resolved" }))
}

fn read(ana: &Actor, incident: &str, signals: &[&str]) {
    let reading = |signal: &&str| json!({ "type": "check_recorded", "data": { "check": signal, "ok": true } });
    append(ana, incident, &Value::Array(signals.iter().map(reading).collect())).is(201);
}

#[test]
fn a_runbook_of_ones_own_changes_checks_signals_watch_and_slots_without_code() {
    let scratch = Scratch::new();
    let file = written(&scratch, "own.toml", &own());
    let server = serve_with(&file, &scratch.data());
    let ana = server.responder("ana");
    assert_eq!(text(&ana.get("/v1/runbook").body), own());
    let incident = restored(&ana, 24, &["canary"]);
    let problem = resolve(&ana, &incident).is_problem(409, "watch_too_short");
    let detail = problem["detail"].as_str().unwrap();
    assert!(detail.contains("30 min") && detail.contains("queue_depth"), "{detail}");
    let longer = restored(&ana, 36, &["canary"]);
    read(&ana, &longer, &["queue_depth"]);
    resolve(&ana, &longer).is(201);
    let board = ana.get("/v1/incidents").is(200);
    let row = &board["incidents"].as_array().unwrap()[1];
    let moment = |name: &str| Instant::parse(row[name].as_str().unwrap()).unwrap().moment();
    let since = Instant::parse(minutes_ago(24).as_str().unwrap()).unwrap().moment();
    let due_after = (moment("due_at").0 - since.0) as f64 / 60_000_000.0;
    assert!((6.0..=7.0).contains(&due_after), "the slot falls due after 7 min, not {due_after}");
}

#[test]
fn an_incident_comes_with_its_guide_filled_in_by_the_catalogue_as_of_any_version() {
    let scratch = Scratch::new();
    let catalogue = "[services.checkout]\nplatform = \"kubernetes\"\nnamespace = \"shop\"\n";
    let file = written(&scratch, "own.toml", &format!("{}\n{catalogue}", own()));
    let server = serve_with(&file, &scratch.data());
    let ana = server.responder("ana");
    let announced =
        ana.post("/v1/incidents", &json!({ "service": "checkout", "reason": "5xx" })).is(201);
    assert_eq!(announced["guide"]["now"], "announce");
    let restored = restored(&ana, 24, &["canary"]);
    let guide =
        |query: &str| ana.get(&format!("/v1/incidents/{restored}{query}")).is(200)["guide"].clone();
    let now = guide("");
    assert_eq!(now["now"], "verify");
    assert_eq!(now["scenario"]["remedies"][1]["standing"], "done", "{now}");
    let identify = &now["steps"][1];
    let run = "kubectl rollout history deployment/checkout -n shop";
    assert_eq!(identify["commands"][0]["run"], run);
    assert_eq!(guide("?version=1")["now"], "announce");
    assert_eq!(guide("?version=4")["now"], "rollback");
}

#[test]
fn an_incident_keeps_the_runbook_it_was_announced_under_after_a_restart_with_another() {
    let scratch = Scratch::new();
    let data = scratch.data();
    let server = Server::on(&data);
    let ana = server.responder("ana");
    let before = restored(&ana, 24, &["health", "smoke"]);
    server.stop();
    let file = written(&scratch, "own.toml", &own());
    let server = serve_with(&file, &data);
    let ana = ana.at(server.address);
    let after = restored(&ana, 24, &["canary"]);
    read(&ana, &before, &["http_5xx_rate", "p99_latency", "db_pool"]);
    read(&ana, &after, &["queue_depth"]);
    resolve(&ana, &before).is(201);
    resolve(&ana, &after).is_problem(409, "watch_too_short");
    let old = sha256_hex(BUILT_IN_TEXT.as_bytes());
    assert_eq!(text(&ana.get(&format!("/v1/runbook?sha256={old}")).body), BUILT_IN_TEXT);
    assert_eq!(text(&ana.get("/v1/runbook").body), own());
    server.stop();
    let data = data.to_str().unwrap();
    for known in [BUILT_IN_TEXT.to_owned(), own()] {
        let sha256 = sha256_hex(known.as_bytes());
        let output = run(&["runbook", "show", "--data", data, "--sha256", &sha256]);
        assert_eq!(text(&output.stdout), known);
    }
    let output = run(&["runbook", "show", "--data", data, "--sha256", &"0".repeat(64)]);
    assert_eq!(output.status.code(), Some(1));
    assert!(text(&output.stderr).contains("was ever pinned"));
}
