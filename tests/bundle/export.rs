use crate::bundle::{Bundle, INCIDENT, export};
use crate::log::Log;
use crate::outside::{Scratch, Server, allclear, announce, append};
use rusqlite::Connection;
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::os::unix::fs::PermissionsExt;

/// An event as it is stored: position, version, entry, salt in hexadecimal, and data.
type Stored = (u64, u64, String, Option<String>, Option<String>);

fn stored(log: &Log, which: &str) -> Vec<Stored> {
    let file = Connection::open(log.database()).unwrap();
    let sql = format!(
        "SELECT position, version, entry, lower(hex(salt)), data FROM event WHERE {which} ORDER BY position"
    );
    let mut query = file.prepare(&sql).unwrap();
    let row = |row: &rusqlite::Row<'_>| {
        let number = |at| row.get::<_, i64>(at).map(|number| number as u64);
        // SQLite writes the hexadecimal of nothing as an empty text.
        let salt: Option<String> = row.get(3)?;
        let salt = salt.filter(|salt| !salt.is_empty());
        Ok((number(0)?, number(1)?, row.get(2)?, salt, row.get(4)?))
    };
    query.query_map([], row).unwrap().collect::<Result<_, _>>().unwrap()
}

fn carried(event: &Value) -> Stored {
    let text = |member: &str| event[member].as_str().map(ToOwned::to_owned);
    let number = |member: &str| event[member].as_u64().unwrap();
    let entry = text("entry").unwrap();
    (number("position"), number("version"), entry, text("salt"), text("data"))
}

#[test]
fn a_whole_log_is_carried_out_to_the_byte_with_what_is_erased_as_null() {
    let bundle = Bundle::whole();
    let carried: Vec<Stored> = bundle.events().into_iter().map(carried).collect();
    assert_eq!(carried, stored(&bundle.log, "true"));
    let erased = carried.iter().filter(|(_, _, _, salt, data)| salt.is_none() && data.is_none());
    assert_eq!(erased.count(), 1);
    let text = bundle.lines.iter().map(Value::to_string).collect::<String>();
    assert!(!text.contains("hunter2"));
    let tokens = std::fs::read_to_string(bundle.log.data().join("admin-token")).unwrap();
    assert!(!text.contains(tokens.trim()));
}

#[test]
fn an_incident_is_carried_out_with_its_runbook_and_the_names_in_it_and_nothing_else() {
    let bundle = Bundle::incident();
    let (names, events): (Vec<_>, Vec<_>) = bundle
        .events()
        .into_iter()
        .map(|event| (event["incident"] == uuid::Uuid::nil().to_string(), carried(event)))
        .partition(|(is_system, _)| *is_system);
    let events: Vec<Stored> = events.into_iter().map(|(_, event)| event).collect();
    let which = "incident = (SELECT id FROM incident WHERE number = 1)";
    assert_eq!(events, stored(&bundle.log, which));
    let admin = names.iter().map(|(_, (_, _, entry, _, data))| (entry, data.as_ref().unwrap()));
    for (entry, data) in admin.clone() {
        assert!(entry.contains(r#""type":"principal_named""#), "{entry}");
        assert!(data.contains(r#""name":"admin""#), "{data}");
    }
    assert_eq!(admin.count(), 1);
    let runbooks: Vec<&Value> =
        bundle.lines.iter().filter_map(|line| line.get("runbook")).collect();
    assert_eq!(runbooks.len(), 1);
    let pinned = format!(r#""book":{}"#, runbooks[0]["sha256"]);
    assert!(events[0].2.contains(&pinned), "{pinned}");
}

#[test]
fn the_same_log_and_checkpoint_give_the_same_bytes_in_any_zone_and_order_of_asking() {
    let log = Log::new();
    for what in [["--all"], [INCIDENT]] {
        let (code, first) = export(&log.data(), &what);
        assert_eq!(code, 0, "{first}");
        let mut command = allclear();
        command.arg("export").args(what).arg("--data").arg(log.data());
        command.env("TZ", "Pacific/Auckland").env("LC_ALL", "tr_TR.UTF-8");
        let again = command.output().unwrap();
        assert_eq!(first.as_bytes(), again.stdout);
    }
}

#[test]
fn a_file_is_written_whole_and_for_its_owner_alone() {
    let log = Log::new();
    let file = log.place().join("out.jsonl");
    let (code, said) = export(&log.data(), &["--all", "-o", file.to_str().unwrap()]);
    assert_eq!(code, 0, "{said}");
    assert_eq!(std::fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o600);
    assert!(!file.with_extension("jsonl.part").exists());
    let nowhere = log.place().join("not there").join("out.jsonl");
    let (code, said) = export(&log.data(), &["--all", "-o", nowhere.to_str().unwrap()]);
    assert!(code == 1 && said.contains("was not written"), "{said}");
}

#[test]
fn what_no_checkpoint_covers_is_left_out_and_said_so() {
    let scratch = Scratch::new();
    let server = Server::on(&scratch.data());
    let admin = server.admin();
    let (code, said) = export(&server.data, &[INCIDENT]);
    assert!(code == 1 && said.contains("there is no INC-1"), "{said}");
    let incident = announce(&admin);
    let (code, said) = export(&server.data, &[INCIDENT]);
    assert!(code == 1 && said.contains("covers 1 events"), "{said}");
    let (code, said) = export(&server.data, &["--all"]);
    assert!(code == 0 && said.contains("events behind the newest checkpoint"), "{said}");
    // What is erased without a redaction that is proven would look like damage.
    let note = json!({ "type": "note_added", "data": { "text": "a secret" } });
    let noted = append(&admin, &incident, &note).is(201);
    let data = json!({ "version": noted["version"], "reason": "a secret" });
    append(&admin, &incident, &json!({ "type": "redacted", "data": data })).is(201);
    let (code, said) = export(&server.data, &["--all"]);
    assert!(code == 1 && said.contains("not yet what is to be exported"), "{said}");
    assert!(server.stop().status.success());
    assert_eq!(export(&scratch.data(), &["--all"]).0, 0);
}

#[test]
fn members_come_in_the_order_that_the_documents_say() {
    let bundle = Bundle::incident();
    let members: Vec<&str> = bundle
        .lines
        .iter()
        .map(|line| line.as_object().unwrap().keys().next().unwrap().as_str())
        .collect();
    assert_eq!(&members[..4], ["bundle", "readme", "key", "checkpoint"]);
    assert_eq!(members.last(), Some(&"end"));
    let between: BTreeSet<&str> = members[4..members.len() - 1].iter().copied().collect();
    assert_eq!(between, BTreeSet::from(["event", "runbook"]));
    let documented = std::fs::read_to_string("docs/audit-bundle.md").unwrap();
    for line in &bundle.lines {
        for (member, value) in line.as_object().unwrap() {
            let inside = value.as_object().into_iter().flat_map(serde_json::Map::keys);
            for name in inside.chain([member]) {
                assert!(documented.contains(&format!("`{name}`")), "{name} is not documented");
            }
        }
    }
}
