//! A bundle in hand, and the hands that change it.

use crate::log::{Log, said};
use crate::outside::{Scratch, allclear};
use serde_json::{Value, json};
use std::fs;
use std::path::{Path, PathBuf};

/// The incident of which one event is erased.
pub const INCIDENT: &str = "INC-1";

/// A log, and a bundle of it as lines of JSON.
pub struct Bundle {
    pub log: Log,
    pub lines: Vec<Value>,
    scratch: Scratch,
}

impl Bundle {
    /// The bundle of the whole log.
    pub fn whole() -> Bundle {
        Bundle::of(Log::new(), &["--all"])
    }

    /// The bundle of one incident.
    pub fn incident() -> Bundle {
        Bundle::of(Log::new(), &[INCIDENT])
    }

    pub fn of(log: Log, what: &[&str]) -> Bundle {
        let (code, text) = export(&log.data(), what);
        assert_eq!(code, 0, "{text}");
        let lines = text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
        Bundle { log, lines, scratch: Scratch::new() }
    }

    /// The bundle as a file.
    pub fn file(&self) -> PathBuf {
        let lines: String = self.lines.iter().map(|line| format!("{line}\n")).collect();
        self.file_of(lines.as_bytes())
    }

    /// These bytes where the bundle would be.
    pub fn file_of(&self, bytes: &[u8]) -> PathBuf {
        let file = self.scratch.path().join("bundle.jsonl");
        fs::write(&file, bytes).unwrap();
        file
    }

    /// A data directory that is not there yet.
    pub fn target(&self) -> PathBuf {
        self.scratch.data()
    }

    /// What lies beside the bundle.
    pub fn beside(&self) -> Vec<String> {
        let entries = fs::read_dir(self.scratch.path()).unwrap();
        let names = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap());
        names.filter(|name| name != "bundle.jsonl").collect()
    }

    /// Where in the lines the event at that position stands.
    pub fn at(&self, position: u64) -> usize {
        let is_it = |line: &Value| line["event"]["position"] == position;
        self.lines.iter().position(is_it).unwrap()
    }

    /// The event at that position.
    pub fn event(&mut self, position: u64) -> &mut Value {
        let at = self.at(position);
        &mut self.lines[at]["event"]
    }

    /// Every event.
    pub fn events(&self) -> Vec<&Value> {
        self.lines.iter().filter_map(|line| line.get("event")).collect()
    }

    /// Takes a line away, and counts the events again.
    pub fn take(&mut self, at: usize) {
        self.lines.remove(at);
        self.recount();
    }

    pub fn recount(&mut self) {
        let events = self.events().len();
        *self.lines.last_mut().unwrap() = json!({ "end": { "events": events } });
    }

    /// The line with that member.
    pub fn line(&self, member: &str) -> usize {
        self.lines.iter().position(|line| line.get(member).is_some()).unwrap()
    }

    /// The program on the file as it is now: its exit code and what it said.
    pub fn verify(&self, arguments: &[&str]) -> (i32, String) {
        verify(&self.file(), arguments)
    }

    pub fn key(&self) -> &str {
        self.lines[self.line("key")]["key"].as_str().unwrap()
    }
}

pub fn export(data: &Path, what: &[&str]) -> (i32, String) {
    let mut command = allclear();
    let output = command.arg("export").args(what).arg("--data").arg(data).output().unwrap();
    said(&output)
}

pub fn verify(file: &Path, arguments: &[&str]) -> (i32, String) {
    said(&allclear().arg("verify").arg(file).args(arguments).output().unwrap())
}

pub fn import(file: &Path, data: &Path) -> (i32, String) {
    said(&allclear().arg("import").arg(file).arg("--data").arg(data).output().unwrap())
}
