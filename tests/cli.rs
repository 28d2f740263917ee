//! The binary as people run it.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod outside;

use outside::{Actor, Scratch, Server, allclear, announce, append, note, play, terminate};
use serde_json::{Value, json};
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::{Command, Output};

/// Runs it to its end.
fn run(arguments: &[&str]) -> Output {
    output(allclear().args(arguments))
}

fn output(command: &mut Command) -> Output {
    command.output().unwrap()
}

fn stdout(output: &Output) -> String {
    String::from_utf8(output.stdout.clone()).unwrap()
}

fn stderr(output: &Output) -> String {
    String::from_utf8(output.stderr.clone()).unwrap()
}

/// What it says when it cannot do what was asked: its code, and one line.
fn failed(output: &Output) -> (i32, String) {
    let said = stderr(output);
    assert_eq!(said.trim_end().lines().count(), 1, "one line: {said}");
    assert!(said.starts_with("allclear: "), "{said}");
    assert_eq!(stdout(output), "");
    (output.status.code().unwrap(), said)
}

fn mode(path: &Path) -> u32 {
    std::fs::metadata(path).unwrap().permissions().mode() & 0o777
}

/// The names in a directory, but for those of published checkpoints.
fn directories(path: &Path) -> Vec<String> {
    names(path).into_iter().filter(|name| !name.ends_with("-checkpoints")).collect()
}

fn names(path: &Path) -> Vec<String> {
    let entries = std::fs::read_dir(path).unwrap();
    let mut names: Vec<String> =
        entries.map(|it| it.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

/// The service's own acts, oldest first.
fn acts(admin: &Actor) -> Vec<(String, Value)> {
    let page = admin.get("/v1/events?limit=1000").is(200);
    let events = page["events"].as_array().unwrap().iter();
    let ours = events.filter(|event| event["ref"] == "SYS");
    ours.map(|event| (event["type"].as_str().unwrap().to_owned(), event["data"].clone())).collect()
}

#[test]
fn help_names_every_command_and_every_exit_code() {
    let help = run(&["--help"]);
    assert_eq!(help.status.code(), Some(0));
    for word in [
        "serve",
        "demo",
        "token",
        "timeline",
        "postmortem",
        "replay",
        "events",
        "backup",
        "70",
        "71",
    ] {
        assert!(stdout(&help).contains(word), "{word}");
    }
    for command in ["serve", "demo", "timeline", "postmortem", "replay", "events"] {
        assert_eq!(run(&[command, "--help"]).status.code(), Some(0), "{command}");
    }
    assert_eq!(stdout(&run(&["--version"])), format!("allclear {}\n", env!("CARGO_PKG_VERSION")));
}

#[test]
fn wrong_usage_is_exit_code_2() {
    let wrong: [&[&str]; 9] = [
        &[],
        &["srve"],
        &["serve", "--colour", "red"],
        &["serve", "--listen", "everywhere"],
        &["timeline"],
        &["timeline", "42"],
        &["timeline", "INC-1", "--version", "1", "--at", "2026-01-01T00:00:00Z"],
        &["replay", "INC-1", "--format", "html"],
        &["replay", "INC-1", "--until", "noon"],
    ];
    for arguments in wrong {
        let output = run(arguments);
        assert_eq!(output.status.code(), Some(2), "{arguments:?}");
        assert_eq!(stdout(&output), "");
    }
}

#[test]
fn the_demo_tells_each_of_the_three_incidents_and_leaves_nothing_behind() {
    for incident in ["rollback-without-effect", "config-reverted", "migration-failed"] {
        let scratch = Scratch::new();
        let mut demo = allclear();
        demo.args(["demo", "--incident", incident]).env("TMPDIR", scratch.path());
        let output = output(demo.current_dir(scratch.path()));
        assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
        let told = stdout(&output);
        for part in ["POST /v1/incidents → INC-1", "── Timeline", "── Post-mortem draft", "[#1]"]
        {
            assert!(told.contains(part), "{part} is missing: {told}");
        }
        assert_eq!(names(scratch.path()), [""; 0]);
    }
}

#[test]
fn the_demo_stays_up_when_it_is_to_be_kept_and_leaves_nothing_behind_when_it_ends() {
    let scratch = Scratch::new();
    let mut demo = allclear();
    demo.args(["demo", "--keep"]).env("TMPDIR", scratch.path());
    let mut server = Server::of(demo, scratch.path());
    let nobody = server.nobody();
    assert_eq!(nobody.get("/livez").status, 200);
    let data = scratch.path().join(&names(scratch.path())[0]).join("data");
    let token = std::fs::read_to_string(data.join("admin-token")).unwrap();
    let admin = Actor::new(server.address, token.trim());
    admin.get("/v1/incidents/INC-1").is(200);
    terminate(server.pid());
    assert!(server.ended().status.success());
    assert_eq!(names(scratch.path()), [""; 0]);
}

#[test]
fn a_token_is_made_through_the_running_server_and_is_the_one_line_of_stdout() {
    let server = Server::start();
    let url = format!("http://{}", server.address);
    let mut create = allclear();
    create.args(["token", "create", "--name", "ana", "--server", &url, "--data"]).arg(&server.data);
    let made = output(&mut create);
    assert_eq!(made.status.code(), Some(0), "{}", stderr(&made));
    let secret = stdout(&made);
    assert_eq!(secret.lines().count(), 1);
    assert!(!stderr(&made).contains(secret.trim()));
    let ana = Actor::new(server.address, secret.trim());
    let incident = announce(&ana);

    let mut tool = allclear();
    tool.args(["token", "create", "--name", "ci", "--kind", "tool", "--scope", "append"]);
    tool.args(["--scope", "act_as", "--server", &url]).env("ALLCLEAR_DATA", &server.data);
    let ci = Actor::new(server.address, stdout(&output(&mut tool)).trim());
    append(&ci.with("On-Behalf-Of", "ana"), &incident, &note("built")).is(201);

    let mut again = allclear();
    again.args(["token", "create", "--name", "admin", "--server", &url]);
    again.arg("--data").arg(&server.data);
    let admin = Actor::new(server.address, stdout(&output(&mut again)).trim());
    assert!(acts(&admin).len() > 1);
}

#[test]
fn tokens_are_listed_and_revoked_through_the_running_server_by_their_ids() {
    let server = Server::start();
    let url = format!("http://{}", server.address);
    let made = server.admin().post("/v1/tokens", &json!({ "name": "ana" })).is(201);
    let (id, secret) = (made["token"].as_str().unwrap(), made["secret"].as_str().unwrap());
    let run = |arguments: &[&str], token: Option<&str>| {
        let mut command = allclear();
        command.arg("token").args(arguments).args(["--server", &url, "--data"]).arg(&server.data);
        command.envs(token.map(|token| ("ALLCLEAR_TOKEN", token)));
        output(&mut command)
    };
    let own = stdout(&run(&["create"], Some(secret)));
    let listed = stdout(&run(&["list"], Some(secret)));
    assert_eq!(listed.lines().count(), 2, "one's own: {listed}");
    assert!(listed.lines().all(|line| line.contains("  ana  ") && line.contains("  valid")));
    assert!(!listed.contains(secret) && !listed.contains(own.trim()));
    assert_eq!(stdout(&run(&["list"], None)).lines().count(), 3, "an admin sees all");

    let revoked = run(&["revoke", id], None);
    assert_eq!((revoked.status.code(), stdout(&revoked)), (Some(0), String::new()));
    assert!(stderr(&revoked).contains(id) && stderr(&revoked).contains("ana"));
    let (code, said) = failed(&run(&["list"], Some(secret)));
    assert!(code == 1 && said.contains("401"), "{said}");
    assert!(stdout(&run(&["list"], Some(own.trim()))).contains("  revoked"));
    let (code, said) = failed(&run(&["revoke", own.trim()], None));
    assert!(
        code == 1 && !said.contains("alc_"),
        "a secret given by mistake is not repeated: {said}"
    );
}

#[test]
fn a_token_that_cannot_be_made_is_one_line_and_exit_code_1() {
    let server = Server::start();
    let url = format!("http://{}", server.address);
    let create = |url: &str, token: Option<&str>, data: &Path| {
        let mut create = allclear();
        create.args(["token", "create", "--name", "eve", "--server", url, "--data"]).arg(data);
        create.envs(token.map(|token| ("ALLCLEAR_TOKEN", token)));
        failed(&output(&mut create))
    };
    let (code, said) = create("http://127.0.0.1:1", None, &server.data);
    assert!(code == 1 && said.contains("Is allclear serve running?"), "{said}");
    let (code, said) = create(&url, None, Path::new("/nowhere"));
    assert!(code == 1 && said.contains("ALLCLEAR_TOKEN"), "{said}");
    let (code, said) = create(&url, Some("alc_pat_wrong"), &server.data);
    assert!(code == 1 && said.contains("401") && !said.contains("alc_pat_wrong"), "{said}");
    let (code, said) = create("ftp://example", None, &server.data);
    assert!(code == 1 && said.contains("is no server"), "{said}");
    if cfg!(not(feature = "tls")) {
        let (code, said) = create("https://localhost", None, &server.data);
        assert!(code == 1 && said.contains("was built without TLS"), "{said}");
    }
    let secret = server.admin().post("/v1/tokens", &json!({ "name": "ana" })).is(201);
    let (code, said) = create(&url, secret["secret"].as_str(), &server.data);
    assert!(code == 1 && said.contains("403"), "{said}");
}

/// Each document as the offline command tells it, and its address.
const DOCUMENTS: [(&[&str], &str); 12] = [
    (&["timeline"], "timeline?format=text"),
    (&["timeline", "--format", "markdown"], "timeline?format=markdown"),
    (&["timeline", "--version", "8"], "timeline?format=text&version=8"),
    (&["timeline", "--format", "json"], "timeline?format=json"),
    (&["postmortem"], "postmortem?format=markdown"),
    (&["postmortem", "--format", "json"], "postmortem?format=json"),
    (
        &["timeline", "--format", "html", "--tz", "Asia/Kolkata"],
        "timeline?format=html&tz=Asia/Kolkata",
    ),
    (&["timeline", "--no-noise", "--recorded"], "timeline?format=text&noise=false&order=recorded"),
    (&["postmortem", "--format", "html"], "postmortem?format=html"),
    (&["replay"], "replay?format=text"),
    (&["replay", "--format", "markdown", "--until", "9"], "replay?format=markdown&until=9"),
    (&["replay", "--format", "json", "--version", "7"], "replay?format=json&version=7"),
];

fn offline(command: &[&str], data: &Path) -> String {
    let mut offline = allclear();
    offline.arg(command[0]).arg("INC-1").args(&command[1..]).arg("--data").arg(data);
    let output = output(&mut offline);
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    stdout(&output)
}

#[test]
fn documents_are_the_same_bytes_in_any_zone_and_locale_and_in_a_file() {
    let scratch = Scratch::new();
    let server = Server::on(&scratch.data());
    play(&server.responder("ana"));
    for (command, _) in DOCUMENTS {
        let here = offline(command, &scratch.data());
        for (zone, locale) in [("Pacific/Kiritimati", "ar_EG.UTF-8"), ("America/St_Johns", "C")] {
            let file = scratch.path().join("document");
            let mut there = allclear();
            there.env("TZ", zone).env("LANG", locale).env("LC_ALL", locale);
            there.arg(command[0]).arg("INC-1").args(&command[1..]);
            there.arg("--data").arg(scratch.data()).arg("--output").arg(&file);
            let output = output(&mut there);
            assert!(output.status.success() && output.stdout.is_empty(), "{}", stderr(&output));
            assert_eq!(std::fs::read_to_string(&file).unwrap(), here, "{command:?} in {zone}");
        }
    }
}

#[test]
fn a_file_that_cannot_be_written_and_an_unknown_zone_or_form_are_told() {
    let scratch = Scratch::new();
    let server = Server::on(&scratch.data());
    play(&server.responder("ana"));
    let told = |arguments: &[&str]| {
        let mut command = allclear();
        command.args(["postmortem", "INC-1"]).args(arguments).arg("--data").arg(scratch.data());
        let output = output(&mut command);
        (output.status.code(), stderr(&output))
    };
    let (code, said) = told(&["-o", "/nowhere/at/all.html"]);
    assert!(code == Some(1) && said.contains("/nowhere/at/all.html was not written"), "{said}");
    let (code, said) = told(&["--tz", "Mars/Olympus"]);
    assert!(code == Some(2) && said.contains("IANA"), "{said}");
    let (code, said) = told(&["--format", "text"]);
    assert!(code == Some(2) && said.contains("one of markdown, html, json is expected"), "{said}");
}

#[test]
fn what_is_read_offline_is_what_the_server_tells_while_it_runs_and_after_any_end() {
    let scratch = Scratch::new();
    let server = Server::on(&scratch.data());
    let ana = server.responder("ana");
    let incident = play(&ana);
    let told: Vec<String> = DOCUMENTS
        .iter()
        .map(|(_, view)| ana.get(&format!("/v1/incidents/{incident}/{view}")).text())
        .collect();
    let events = ana.get(&format!("/v1/incidents/{incident}/events")).text();
    let same = |when: &str| {
        for ((command, _), told) in DOCUMENTS.iter().zip(&told) {
            let line = if command.contains(&"json") { format!("{told}\n") } else { told.clone() };
            assert_eq!(offline(command, &scratch.data()), line, "{command:?} {when}");
        }
        let lines = offline(&["events"], &scratch.data());
        let list = lines.trim_end().replace('\n', ",");
        assert_eq!(format!("{{\"events\":[{list}]}}"), events, "{when}");
    };
    same("while it runs");
    assert!(server.stop().status.success());
    same("after a clean stop");
    let server = Server::on(&scratch.data());
    announce(&server.admin());
    server.kill();
    same("after a crash");
    let before = names(&scratch.data());
    same("after a crash, again");
    assert_eq!(names(&scratch.data()), before, "reading leaves nothing behind");
}

#[test]
fn reading_offline_what_is_not_there_is_one_line() {
    let scratch = Scratch::new();
    let server = Server::on(&scratch.data());
    announce(&server.admin());
    let data = scratch.data();
    let read = |arguments: &[&str], data: &Path| {
        failed(&output(allclear().args(arguments).arg("--data").arg(data)))
    };
    let (code, said) = read(&["timeline", "INC-9"], &data);
    assert!(code == 1 && said.contains("INC-9"), "{said}");
    let (code, said) = read(&["events", "INC-1", "--version", "9"], &data);
    assert!(code == 1 && said.contains("had not come that far"), "{said}");
    let (code, said) = read(&["postmortem", "INC-1"], scratch.path());
    assert!(code == 71 && said.contains("has no allclear log"), "{said}");
    assert_eq!(names(scratch.path()), ["data", "data-checkpoints"]);
}

#[test]
fn a_service_that_is_told_to_stop_ends_in_order_and_the_next_start_says_so() {
    let scratch = Scratch::new();
    let server = Server::on(&scratch.data());
    let admin = server.admin();
    announce(&admin);
    let _open = admin.follow("/v1/events/stream", None);
    let started = std::time::Instant::now();
    let ended = server.stop();
    assert_eq!(ended.status.code(), Some(0), "{}", ended.stderr);
    assert!(started.elapsed().as_secs() < 5, "an open stream holds nothing up");
    assert!(!scratch.data().join("allclear.db-wal").exists(), "the log is left clean");

    let server = Server::on(&scratch.data());
    let acts = acts(&server.admin());
    let types: Vec<&str> = acts.iter().map(|(kind, _)| kind.as_str()).collect();
    let ends = ["service_started", "principal_added", "principal_named", "token_made"];
    assert_eq!(types, [&ends[..], &["service_stopped", "service_started"]].concat());
    assert_eq!(acts[0].1, json!({ "version": env!("CARGO_PKG_VERSION") }));
    assert_eq!(acts.last().unwrap().1["stopped_before"], "clean");
}

#[test]
fn a_service_that_was_killed_says_so_at_its_next_start() {
    let scratch = Scratch::new();
    let server = Server::on(&scratch.data());
    announce(&server.admin());
    server.kill();
    let server = Server::on(&scratch.data());
    let acts = acts(&server.admin());
    assert_eq!(acts.last().unwrap().1["stopped_before"], "killed");
    assert_eq!(server.admin().get("/v1/incidents/INC-1").is(200)["version"], 1);
}

#[test]
fn a_signal_right_after_the_address_is_told_still_ends_it_in_order() {
    for _ in 0..5 {
        let server = Server::start();
        assert_eq!(server.stop().status.code(), Some(0));
    }
}

#[test]
fn the_data_directory_and_the_first_token_are_for_their_owner_alone() {
    let server = Server::start();
    assert_eq!(mode(&server.data), 0o700);
    assert_eq!(mode(&server.data.join("admin-token")), 0o600);
    assert_eq!(mode(&server.data.join("allclear.db")), 0o600);
}

#[test]
fn the_first_token_is_told_of_by_its_place_never_by_its_words_and_made_once() {
    let scratch = Scratch::new();
    let server = Server::on(&scratch.data());
    let token = std::fs::read_to_string(scratch.data().join("admin-token")).unwrap();
    let ended = server.stop();
    assert!(ended.stderr.contains("admin-token") && !ended.stderr.contains(token.trim()));
    let server = Server::on(&scratch.data());
    server.admin().get("/v1/incidents").is(200);
    assert!(!server.stop().stderr.contains("admin-token"));
    assert_eq!(std::fs::read_to_string(scratch.data().join("admin-token")).unwrap(), token);
}

fn serve(data: &Path) -> Output {
    let mut serve = allclear();
    serve.args(["serve", "--listen", "127.0.0.1:0", "--data"]).arg(data);
    output(&mut serve)
}

#[test]
fn a_data_directory_that_is_in_use_is_refused_in_one_line_with_exit_code_71() {
    let server = Server::start();
    let position = server.position();
    let (code, said) = failed(&serve(&server.data));
    assert_eq!(code, 71);
    assert!(said.contains("in use by another allclear process"), "{said}");
    assert_eq!(server.position(), position);
    announce(&server.admin());
}

#[test]
fn a_directory_of_somebody_else_is_refused_and_left_as_it_was() {
    let scratch = Scratch::new();
    std::fs::write(scratch.path().join("letters.txt"), "dear").unwrap();
    let (code, said) = failed(&serve(scratch.path()));
    assert!(code == 71 && said.contains("not an allclear data directory"), "{said}");
    assert_eq!(names(scratch.path()), ["letters.txt"]);

    let file = scratch.path().join("letters.txt");
    assert_eq!(failed(&serve(&file)).0, 71);
    assert_eq!(std::fs::read_to_string(&file).unwrap(), "dear");
}

#[test]
fn an_address_that_is_taken_is_one_line_and_exit_code_1_and_the_log_says_nothing_of_it() {
    let scratch = Scratch::new();
    assert!(Server::on(&scratch.data()).stop().status.success());
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    let mut serve = allclear();
    serve.args(["serve", "--listen", &address, "--data"]).arg(scratch.data());
    let (code, said) = failed(&output(&mut serve));
    assert!(code == 1 && said.contains(&address), "{said}");
    let server = Server::on(&scratch.data());
    assert_eq!(acts(&server.admin()).last().unwrap().1["stopped_before"], "clean");
}

#[test]
fn flags_come_before_the_environment_and_that_before_the_file() {
    let scratch = Scratch::new();
    let (by_file, by_environment, by_flag) = (
        scratch.path().join("file"),
        scratch.path().join("environment"),
        scratch.path().join("flag"),
    );
    let config = scratch.path().join("allclear.toml");
    let text = format!("listen = \"127.0.0.1:0\"\ndata = {:?}\n", by_file.to_str().unwrap());
    std::fs::write(&config, text).unwrap();

    let mut serve = allclear();
    serve.args(["serve", "--config"]).arg(&config);
    assert!(Server::of(serve, &by_file).stop().status.success());
    assert_eq!(directories(scratch.path()), ["allclear.toml", "file"]);

    let mut serve = allclear();
    serve.arg("serve").env("ALLCLEAR_CONFIG", &config).env("ALLCLEAR_DATA", &by_environment);
    assert!(Server::of(serve, &by_environment).stop().status.success());
    assert_eq!(directories(scratch.path()), ["allclear.toml", "environment", "file"]);

    let mut serve = allclear();
    serve.arg("serve").env("ALLCLEAR_CONFIG", &config).env("ALLCLEAR_DATA", &by_environment);
    serve.env("ALLCLEAR_LISTEN", "127.0.0.1:1").args(["--listen", "127.0.0.1:0"]);
    serve.arg("--data").arg(&by_flag);
    assert!(Server::of(serve, &by_flag).stop().status.success());
    assert_eq!(directories(scratch.path()), ["allclear.toml", "environment", "file", "flag"]);
}

#[test]
fn a_setting_that_is_not_known_is_refused_and_nothing_is_made() {
    let scratch = Scratch::new();
    let config = scratch.path().join("allclear.toml");
    for text in ["lissten = \"127.0.0.1:0\"\n", "listen = \"nowhere\"\n", "listen = \n"] {
        std::fs::write(&config, text).unwrap();
        let mut serve = allclear();
        serve.args(["serve", "--data"]).arg(scratch.data()).arg("--config").arg(&config);
        let output = output(&mut serve);
        assert_eq!(output.status.code(), Some(1), "{text}");
        assert!(stderr(&output).contains("allclear.toml"), "{}", stderr(&output));
        assert!(!scratch.data().exists());
    }
    let mut serve = allclear();
    serve.args(["serve", "--config", "/nowhere.toml", "--data"]).arg(scratch.data());
    assert_eq!(failed(&output(&mut serve)).0, 1);
}
