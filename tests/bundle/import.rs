use crate::bundle::{Bundle, import};
use crate::log::{Log, said};
use crate::outside::{Actor, Server, allclear};
use rusqlite::Connection;
use rusqlite::types::Value as Cell;
use std::fs;
use std::path::Path;

/// Everything in a table, or in some of its columns.
fn rows(data: &Path, what: &str) -> Vec<Vec<Cell>> {
    let file = Connection::open(data.join("allclear.db")).unwrap();
    let mut query = file.prepare(&format!("SELECT {what} ORDER BY 1, 2")).unwrap();
    let columns = query.column_count();
    let row = |row: &rusqlite::Row<'_>| (0..columns).map(|at| row.get(at)).collect();
    query.query_map([], row).unwrap().collect::<Result<_, _>>().unwrap()
}

fn verified(data: &Path, arguments: &[&str]) -> (i32, String) {
    said(&allclear().args(["verify", "--data"]).arg(data).args(arguments).output().unwrap())
}

#[test]
fn an_imported_log_is_the_same_log() {
    let bundle = Bundle::whole();
    let (code, said) = import(&bundle.file(), &bundle.target());
    assert_eq!(code, 0, "{said}");
    let tables = [
        "position, incident, version, entry, salt, data FROM event",
        "place, hash FROM tree",
        "* FROM incident",
        "sha256, text FROM runbook",
        "id, kind, name, role, disabled FROM principal",
        "origin, position, incidents FROM log",
    ];
    for table in tables {
        let (here, there) = (rows(&bundle.log.data(), table), rows(&bundle.target(), table));
        assert!(!here.is_empty() && here == there, "{table}: {here:?} {there:?}");
    }
    for table in ["id, id FROM token", "key, key FROM receipt", "size, text FROM checkpoint"] {
        assert_eq!(rows(&bundle.target(), table), Vec::<Vec<Cell>>::new(), "{table}");
    }
    assert_eq!(bundle.beside(), ["data"]);
    let (code, said) = verified(&bundle.target(), &[]);
    assert_eq!(code, 0, "{said}");
    let checkpoint = bundle.log.checkpoint();
    let kept = ["--key", bundle.key(), "--checkpoint", checkpoint.to_str().unwrap()];
    let (code, said) = verified(&bundle.target(), &kept);
    assert!(code == 0 && said.contains("1 checkpoints compared"), "{said}");
}

/// What everybody is told of an incident.
fn told(who: &Actor) -> Vec<String> {
    let views = ["/events", "/timeline?format=text", "/postmortem", "/figures", "/conformance"];
    views.iter().map(|view| who.get(&format!("/v1/incidents/INC-2{view}")).text()).collect()
}

#[test]
fn an_imported_log_is_served_in_the_next_generation_by_a_new_key_and_admin() {
    let bundle = Bundle::whole();
    assert_eq!(import(&bundle.file(), &bundle.target()).0, 0);
    let original = Server::on(&bundle.log.data());
    let before = told(&original.admin());
    let server = Server::on(&bundle.target());
    let admin = server.admin();
    assert_eq!(told(&admin), before);
    let old = Actor::new(server.address, original_token(&bundle.log).trim());
    old.get("/v1/incidents").is_problem(401, "unauthorized");
    let key = admin.get("/v1/log/key").text();
    let origin = bundle.lines[0]["bundle"]["origin"].as_str().unwrap();
    assert!(key.starts_with(&format!("{origin}/g2+")), "{key}");
    assert!(admin.get("/v1/log/checkpoint").text().starts_with(&format!("{origin}/g2\n")));
    admin.post("/v1/incidents", &serde_json::json!({ "service": "x", "reason": "y" })).is(201);
    assert!(server.stop().status.success());
    let (code, said) = verified(&bundle.target(), &[]);
    assert_eq!(code, 0, "{said}");
    let again = Bundle::of(Log::copy_of(bundle.target().parent().unwrap()), &["--all"]);
    assert_eq!(again.verify(&[]).0, 0);
    let carried = bundle.events().len();
    assert_eq!(&again.events()[..carried], bundle.events(), "the same events, hashes and all");
}

fn original_token(log: &Log) -> String {
    fs::read_to_string(log.data().join("admin-token")).unwrap()
}

#[test]
fn the_old_key_goes_on_when_it_is_put_there_first() {
    let bundle = Bundle::whole();
    assert_eq!(import(&bundle.file(), &bundle.target()).0, 0);
    fs::copy(bundle.log.data().join("checkpoint-key"), bundle.target().join("checkpoint-key"))
        .unwrap();
    let server = Server::on(&bundle.target());
    let key = server.admin().get("/v1/log/key").text();
    let material = |key: &str| key.trim().splitn(3, '+').nth(2).unwrap().to_owned();
    assert_eq!(material(&key), material(bundle.key()));
}

#[test]
fn a_directory_that_is_in_use_is_left_as_it_is() {
    let bundle = Bundle::whole();
    fs::create_dir(bundle.target()).unwrap();
    fs::write(bundle.target().join("mine"), "x").unwrap();
    let (code, said) = import(&bundle.file(), &bundle.target());
    assert!(code == 1 && said.contains("is not empty"), "{said}");
    let names: Vec<_> = fs::read_dir(bundle.target()).unwrap().collect();
    assert_eq!(names.len(), 1);
    let before = fs::read(bundle.log.database()).unwrap();
    let (code, said) = import(&bundle.file(), &bundle.log.data());
    assert!(code == 1 && said.contains("is not empty"), "{said}");
    assert_eq!(fs::read(bundle.log.database()).unwrap(), before);
    fs::remove_file(bundle.target().join("mine")).unwrap();
    let (code, said) = import(&bundle.file(), &bundle.target());
    assert_eq!(code, 0, "an empty one is as good as none: {said}");
}

#[test]
fn what_is_left_of_a_killed_import_is_not_touched() {
    let bundle = Bundle::whole();
    let left = bundle.target().with_file_name("data.importing");
    fs::create_dir(&left).unwrap();
    let (code, said) = import(&bundle.file(), &bundle.target());
    assert!(code == 1 && said.contains("remove it first"), "{said}");
    assert!(left.exists() && !bundle.target().exists());
}

#[test]
fn a_bundle_of_one_incident_is_no_log() {
    let bundle = Bundle::incident();
    let (code, said) = import(&bundle.file(), &bundle.target());
    assert!(code == 1 && said.contains("the bundle of one incident"), "{said}");
    assert_eq!(bundle.beside(), [""; 0]);
}

#[test]
fn a_bundle_that_does_not_verify_is_not_imported() {
    let mut bundle = Bundle::whole();
    let data = bundle.event(9)["data"].as_str().unwrap().replacen('{', "{ ", 1);
    bundle.event(9)["data"] = data.into();
    let (code, said) = import(&bundle.file(), &bundle.target());
    assert!(code == 4 && said.contains("damaged at 9 (data)"), "{said}");
    assert_eq!(bundle.beside(), [""; 0]);
}

#[test]
fn a_directory_that_cannot_be_made_leaves_nothing() {
    let bundle = Bundle::whole();
    let nowhere = bundle.target().join("not").join("there");
    fs::write(bundle.target(), "a file").unwrap();
    let (code, said) = import(&bundle.file(), &nowhere);
    assert_eq!(code, 1, "{said}");
    assert_eq!(bundle.beside(), ["data"]);
    let (code, said) = import(&bundle.file(), &bundle.target());
    assert!(code == 1 && said.contains("cannot be used"), "{said}");
}
