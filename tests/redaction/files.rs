//! That nothing erased is left in any file, when it is acknowledged and for ever after.

use crate::exports;
use crate::marked::{
    KINDS, Marker, Random, Search, claim, event, found_below, may_go, redaction, replacement,
};
use crate::outside::{Actor, Scratch, Server, allclear, announce, append};
use rusqlite::{Connection, OpenFlags};
use serde_json::{Value, json};
use std::path::Path;

const MARKERS: usize = 200;

/// Where a marker stands.
struct Marked {
    incident: String,
    version: u64,
    marker: Marker,
}

#[test]
fn of_two_hundred_markers_none_is_in_any_file_when_it_is_acknowledged_or_ever_after() {
    let scratch = Scratch::new();
    let server = Server::on(&scratch.data());
    let (ana, admin) = (server.responder("ana"), server.admin());
    server.responder("bo");
    let mut random = Random(0x5eed_2026_1124);
    let mut marked = write(&ana, &mut random);
    for one in &marked {
        assert_ne!(one.marker.found_below(&server.data), [""; 0], "it is there before");
    }
    let backups = Scratch::new();
    backup(&server.data, backups.path());
    for one in &marked {
        assert_ne!(one.marker.found_below(backups.path()), [""; 0], "a backup made before has it");
    }
    let mut erased = Vec::new();
    while !marked.is_empty() {
        let one = marked.swap_remove(random.below(marked.len()));
        let before = event(&admin, &one.incident, one.version);
        let is_bare = may_go(&before) && random.below(2) == 0;
        let by = (!is_bare).then(|| replacement(&before, &one.marker));
        // What is corrected by words to be erased has no replacement of its own for them.
        let by =
            by.filter(|by| before["type"] != "corrected" || by["data"].get("fields").is_none());
        append(&admin, &one.incident, &redaction(&before, by)).is(201);
        assert_eq!(one.marker.found_below(&server.data), [""; 0], "{before}");
        let after = event(&admin, &one.incident, one.version);
        assert_eq!((&after["data"], &after["redacted"]), (&Value::Null, &json!(true)));
        erased.push(one);
    }
    none_left(&erased, &server.data, "all are erased");
    let backups = Scratch::new();
    backup(&server.data, backups.path());
    none_left(&erased, backups.path(), "a backup made after it");
    told_nowhere(&admin, &erased);
    assert!(server.stop().status.success());
    none_left(&erased, &scratch.data(), "stopped");
    let markers: Vec<&Marker> = erased.iter().map(|one| &one.marker).collect();
    let search = Search::of(&markers);
    for bundle in exports::offline(&scratch.data(), &erased[0].incident) {
        assert!(!exports::finds(&search, &bundle), "carried out");
    }
    backup(&scratch.data(), backups.path());
    none_left(&erased, backups.path(), "a backup of what was stopped");
    fingerprints_are_gone(&scratch.data(), &erased);
    let server = Server::on(&scratch.data());
    told_nowhere(&admin.at(server.address), &erased);
    none_left(&erased, &scratch.data(), "started again");
}

/// Makes a backup there, beside the ones that are.
fn backup(data: &Path, place: &Path) {
    let count = std::fs::read_dir(place).unwrap().count();
    let file = place.join(format!("backup-{count}.db"));
    let mut command = allclear();
    let output = command.arg("backup").arg(file).arg("--data").arg(data).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}

/// Two hundred marked events in ten incidents: alone and in batches, most with a key.
fn write(ana: &Actor, random: &mut Random) -> Vec<Marked> {
    let mut marked = Vec::new();
    let incidents: Vec<String> = (0..10)
        .map(|_| {
            let marker = random.marker();
            let told = json!({ "service": "checkout", "reason": marker.0, "title": format!("It is {}", marker.0),
                "symptoms": ["5xx", marker.0], "commander": "ana" });
            let incident = ana.post("/v1/incidents", &told).is(201)["ref"].as_str().unwrap().to_owned();
            marked.push(Marked { incident: incident.clone(), version: 1, marker });
            incident
        })
        .collect();
    let mut kind = 0;
    while marked.len() < MARKERS {
        let incident = &incidents[random.below(incidents.len())];
        let markers: Vec<Marker> = (0..random.below(3) + 1).map(|_| random.marker()).collect();
        let claims: Vec<Value> = markers
            .iter()
            .map(|marker| {
                kind += 1;
                claim(kind % KINDS, marker, random.below(4) * random.below(300))
            })
            .collect();
        let keyed = ana.key(&format!("k-{}", random.next()));
        let who = if random.below(4) == 0 { ana } else { &keyed };
        let answer = append(who, incident, &json!(claims)).is(201);
        let events = answer["events"].as_array().unwrap();
        for (event, marker) in events.iter().zip(markers) {
            let version = event["version"].as_u64().unwrap();
            marked.push(Marked { incident: incident.clone(), version, marker });
        }
    }
    marked
}

fn none_left(erased: &[Marked], data: &Path, when: &str) {
    let markers: Vec<&Marker> = erased.iter().map(|one| &one.marker).collect();
    assert_eq!(found_below(data, &markers), [""; 0], "{when}");
}

/// Every view of every incident, now and at every tenth version.
fn told_nowhere(who: &Actor, erased: &[Marked]) {
    let mut told = vec![who.get("/v1/events").text(), who.get("/v1/incidents").text()];
    let mut incidents: Vec<&String> = erased.iter().map(|one| &one.incident).collect();
    incidents.sort();
    incidents.dedup();
    told.extend(exports::served(who, incidents[0]));
    for incident in incidents {
        let at = |rest: &str| who.get(&format!("/v1/incidents/{incident}{rest}"));
        let head = at("").is(200)["version"].as_u64().unwrap();
        told.push(at("/events").text());
        for version in (1..=head).step_by(10).chain([head]) {
            for view in ["", "/timeline", "/figures", "/conformance", "/postmortem", "/replay"] {
                told.push(at(&format!("{view}?version={version}")).text());
            }
        }
    }
    let markers: Vec<&Marker> = erased.iter().map(|one| &one.marker).collect();
    let search = Search::of(&markers);
    for text in told {
        assert!(!exports::finds(&search, &text), "{text}");
    }
}

/// The fingerprint of a request would tell its words to whoever tries them one by one.
fn fingerprints_are_gone(data: &Path, erased: &[Marked]) {
    let copy = data.with_file_name("copy.db");
    std::fs::copy(data.join("allclear.db"), &copy).unwrap();
    let database = Connection::open_with_flags(&copy, OpenFlags::SQLITE_OPEN_READ_ONLY).unwrap();
    let count = |sql: &str| database.query_row(sql, [], |row| row.get::<_, i64>(0)).unwrap();
    assert!(count("SELECT COUNT(*) FROM receipt") > 50);
    assert_eq!(count("SELECT COUNT(*) FROM receipt WHERE fingerprint IS NOT NULL"), 0);
    assert_eq!(count("SELECT COUNT(*) FROM event WHERE data IS NULL"), erased.len() as i64);
    std::fs::remove_file(copy).unwrap();
}

/// Puts a marker into a gap of the file, as SQLite leaves copies there when it moves rows about.
fn leave_in_a_gap(data: &Path, marker: &Marker) {
    let file = data.join("allclear.db");
    let mut bytes = std::fs::read(&file).unwrap();
    let gap = bytes.windows(400).rposition(|window| window == [0; 400]).unwrap() + 100;
    bytes[gap..gap + marker.0.len()].copy_from_slice(marker.0.as_bytes());
    std::fs::write(file, bytes).unwrap();
}

#[test]
fn a_copy_of_what_stood_on_the_board_goes_with_the_event_that_put_it_there() {
    let scratch = Scratch::new();
    let mut random = Random(11);
    let mut server = Server::on(&scratch.data());
    let incident = announce(&server.admin());
    let markers = [random.marker(), random.marker()];
    let title = json!({ "type": "corrected", "data": { "version": 1, "reason": "a better one",
        "fields": { "title": markers[1].0 } } });
    append(&server.admin(), &incident, &title).is(201);
    let by = json!({ "data": { "service": "checkout", "reason": "[redacted]" } });
    for (version, by, marker) in [(1, Some(by), &markers[0]), (2, None, &markers[1])] {
        assert!(server.stop().status.success());
        leave_in_a_gap(&scratch.data(), marker);
        server = Server::on(&scratch.data());
        let claim = redaction(&json!({ "version": version }), by);
        append(&server.admin(), &incident, &claim).is(201);
        assert_eq!(marker.found_below(&scratch.data()), [""; 0], "#{version}");
    }
}

#[test]
fn a_reader_in_the_way_delays_the_redaction_and_nobody_else() {
    let scratch = Scratch::new();
    let server = Server::on(&scratch.data());
    let (ana, admin) = (server.responder("ana"), server.admin());
    let incident = announce(&ana);
    let marker = Random(9).marker();
    let version =
        append(&ana, &incident, &claim(0, &marker, 0)).is(201)["version"].as_u64().unwrap();
    let reader = Reader::holding(&scratch.data());
    let asked = {
        let (admin, incident, event) =
            (admin.key("k"), incident.clone(), event(&admin, &incident, version));
        std::thread::spawn(move || append(&admin, &incident, &redaction(&event, None)))
    };
    let mut slowest = std::time::Duration::ZERO;
    while !asked.is_finished() {
        let started = std::time::Instant::now();
        append(&ana, &incident, &claim(0, &Random(10).marker(), 0)).is(201);
        slowest = slowest.max(started.elapsed());
    }
    asked.join().unwrap().is_problem(503, "outcome_unknown");
    assert!(slowest.as_millis() < 1_000, "an append took {slowest:?}");
    assert_eq!(event(&admin, &incident, version)["data"], Value::Null, "no reader of ours has it");
    let again = redaction(&json!({ "version": version }), None);
    drop(reader);
    append(&admin.key("k"), &incident, &again).is(201);
    assert_eq!(marker.found_below(&server.data), [""; 0]);
}

/// Somebody who reads in the file, from outside of the service.
struct Reader(std::process::Child);

impl Reader {
    /// Its process is another one: a lock of this one would be dropped with the first file closed.
    fn holding(data: &Path) -> Reader {
        use std::io::{BufRead, BufReader};
        let script = "import sqlite3, sys\n\
            it = sqlite3.connect(sys.argv[1], isolation_level=None)\n\
            it.execute('BEGIN')\n\
            it.execute('SELECT COUNT(*) FROM event').fetchall()\n\
            print('reading', flush=True)\n\
            sys.stdin.read()\n";
        let mut child = std::process::Command::new("python3")
            .args(["-c", script])
            .arg(data.join("allclear.db"))
            .stdin(std::process::Stdio::piped())
            .stdout(std::process::Stdio::piped())
            .spawn()
            .unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        assert_eq!(line, "reading\n");
        Reader(child)
    }
}

impl Drop for Reader {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}
