//! A real log to tamper with, made once, and the hands that do it.

use crate::outside::{Scratch, Server, allclear, append, tell_real};
use allclear::engine::audit::{Auditor, Finding, Given, Group, Kind, Outcome, Summary};
use allclear::ledger::SqliteAudit;
use rusqlite::Connection;
use serde_json::json;
use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Output;
use std::sync::OnceLock;

/// Tells the incidents to a server, with a secret in the first that is erased again.
pub fn tell(server: &Server) {
    let admin = server.admin();
    tell_real(&admin);
    let note = json!({ "type": "note_added", "data": { "text": "the key is hunter2" } });
    let noted = append(&admin, "INC-1", &note).is(201);
    let version = &noted["events"][0]["version"];
    let redacted = json!({ "version": version, "reason": "a secret" });
    append(&admin, "INC-1", &json!({ "type": "redacted", "data": redacted })).is(201);
}

/// A data directory with its checkpoints beside it, as a server left them.
pub struct Log {
    scratch: Scratch,
}

impl Log {
    /// A copy of the one log that all tests share: closed, sealed to its last event.
    pub fn new() -> Log {
        static FIRST: OnceLock<Scratch> = OnceLock::new();
        let first = FIRST.get_or_init(|| {
            let scratch = Scratch::new();
            let server = Server::on(&scratch.data());
            tell(&server);
            assert!(server.stop().status.success());
            scratch
        });
        Log::copy_of(first.path())
    }

    /// A copy of a data directory called `data`, and of the checkpoints beside it.
    pub fn copy_of(place: &Path) -> Log {
        let scratch = Scratch::new();
        copy(place, scratch.path());
        Log { scratch }
    }

    pub fn data(&self) -> PathBuf {
        self.scratch.data()
    }

    pub fn place(&self) -> &Path {
        self.scratch.path()
    }

    pub fn database(&self) -> PathBuf {
        self.data().join("allclear.db")
    }

    pub fn checkpoint(&self) -> PathBuf {
        self.place().join("data-checkpoints").join("checkpoint")
    }

    /// Another hand on the file, with nothing that our own connections forbid themselves; it
    /// leaves no trace in the tables' text.
    pub fn sql(&self, sql: &str) -> &Log {
        let file = Connection::open(self.database()).unwrap();
        let mut query = file
            .prepare("SELECT name, sql FROM sqlite_schema WHERE type = 'trigger' ORDER BY name")
            .unwrap();
        let row = |row: &rusqlite::Row<'_>| Ok((row.get(0)?, row.get(1)?));
        let triggers: Vec<(String, String)> =
            query.query_map([], row).unwrap().collect::<Result<_, _>>().unwrap();
        drop(query);
        file.pragma_update(None, "ignore_check_constraints", true).unwrap();
        for (name, _) in &triggers {
            file.execute_batch(&format!("DROP TRIGGER {name}")).unwrap();
        }
        file.execute_batch(sql).unwrap_or_else(|error| panic!("{sql}: {error}"));
        for (_, text) in &triggers {
            file.execute_batch(text).unwrap();
        }
        file.close().unwrap();
        self
    }

    /// The same on the list of tables itself, which SQLite keeps to itself otherwise.
    pub fn schema(&self, sql: &str) -> &Log {
        let file = Connection::open(self.database()).unwrap();
        file.pragma_update(None, "writable_schema", true).unwrap();
        file.execute_batch(sql).unwrap();
        file.close().unwrap();
        self
    }

    pub fn number(&self, sql: &str) -> u64 {
        let file = Connection::open(self.database()).unwrap();
        let number: i64 = file.query_row(sql, [], |row| row.get(0)).unwrap();
        number as u64
    }

    pub fn events(&self) -> u64 {
        self.number("SELECT COUNT(*) FROM event")
    }

    /// Changes one bit of the text or the blob of an event.
    pub fn flip(&self, position: u64, column: &str, bit: usize) -> &Log {
        let file = Connection::open(self.database()).unwrap();
        let sql = format!("SELECT CAST({column} AS BLOB) FROM event WHERE position = {position}");
        let mut bytes: Vec<u8> = file.query_row(&sql, [], |row| row.get(0)).unwrap();
        let bit = bit % (bytes.len() * 8);
        bytes[bit / 8] ^= 1 << (bit % 8);
        drop(file);
        let hex: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
        let value = if column == "salt" { "BLOB" } else { "TEXT" };
        self.sql(&format!(
            "UPDATE event SET {column} = CAST(x'{hex}' AS {value}) WHERE position = {position}"
        ))
    }

    /// Changes bytes of the file itself.
    pub fn bytes(&self, change: impl FnOnce(&mut Vec<u8>)) -> &Log {
        let mut bytes = fs::read(self.database()).unwrap();
        change(&mut bytes);
        fs::write(self.database(), bytes).unwrap();
        self
    }

    /// Audits it here.
    pub fn audit(&self) -> (Vec<Finding>, Summary) {
        self.audit_with(Vec::new())
    }

    pub fn audit_with(&self, given: Vec<Given>) -> (Vec<Finding>, Summary) {
        let mut audit = match SqliteAudit::open(&self.data()) {
            Ok(audit) => audit,
            Err(error) => {
                let summary = Summary { storage: 1, ..Summary::default() };
                return (vec![Finding::storage(error.to_string())], summary);
            }
        };
        let mut findings = Vec::new();
        let auditor = Auditor {
            audit: &mut audit,
            key: None,
            given,
            found: &mut |finding| findings.push(finding.clone()),
            walked: &mut |_| {},
        };
        let summary = auditor.run();
        (findings, summary)
    }

    /// What is damaged: positions with their groups, each once.
    pub fn damage(&self) -> BTreeSet<(u64, Group)> {
        let (findings, _) = self.audit();
        damage_of(&findings)
    }

    /// The program itself: its exit code and what it printed.
    pub fn verify(&self, arguments: &[&str]) -> (i32, String) {
        let mut command = allclear();
        command.args(["verify", "--data"]).arg(self.data()).args(arguments);
        said(&command.output().unwrap())
    }

    pub fn outcome(&self) -> Outcome {
        self.audit().1.outcome()
    }
}

pub fn said(output: &Output) -> (i32, String) {
    let text = [output.stdout.as_slice(), output.stderr.as_slice()].concat();
    (output.status.code().unwrap(), String::from_utf8(text).unwrap())
}

/// Every damaged position of findings, ranges spelled out.
pub fn damage_of(findings: &[Finding]) -> BTreeSet<(u64, Group)> {
    let damaged = findings.iter().filter(|finding| finding.kind == Kind::Event);
    damaged
        .flat_map(|finding| {
            let first = finding.position.unwrap_or(0);
            (first..=finding.through.unwrap_or(first)).map(|position| (position, finding.group))
        })
        .collect()
}

/// Copies a directory with all that is in it, but for locks of others.
pub fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let to = to.join(entry.file_name());
        if entry.path().is_dir() {
            copy(&entry.path(), &to);
        } else {
            fs::copy(entry.path(), to).unwrap();
        }
    }
}
