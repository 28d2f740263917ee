//! Reading a log: as the service tells it, and as somebody else finds it in the files.

use super::Stored;
use crate::outside::{Scratch, Server};
use serde_json::Value;
use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Child, ChildStdout, Command, Stdio};

/// The events behind a position, as the service tells them.
pub fn told_after(server: &Server, position: usize) -> Vec<Stored> {
    let admin = server.admin();
    let (mut log, mut address) = (Vec::new(), Some(format!("/v1/events?after={position}")));
    while let Some(page) = address {
        let answer = admin.get(&page);
        log.extend(answer.is(200)["events"].as_array().unwrap().iter().map(Stored::read));
        address = answer.next_page();
    }
    log
}

/// Somebody with another SQLite than ours, who reads copies of the files.
pub struct Outsider {
    reader: Child,
    answers: BufReader<ChildStdout>,
    scratch: Scratch,
}

impl Outsider {
    pub fn new() -> Outsider {
        let mut command = Command::new("python3");
        command.arg("tests/load/read.py").stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut reader = command.spawn().expect("python3 is needed to judge the log without us");
        let answers = BufReader::new(reader.stdout.take().unwrap());
        Outsider { reader, answers, scratch: Scratch::new() }
    }

    /// The whole log of a data directory that no process has.
    pub fn read(&mut self, data: &Path) -> Vec<Stored> {
        let copy = self.scratch.data();
        let _ = std::fs::remove_dir_all(&copy);
        std::fs::create_dir(&copy).unwrap();
        for file in ["allclear.db", "allclear.db-wal"] {
            let _ = std::fs::copy(data.join(file), copy.join(file));
        }
        writeln!(self.reader.stdin.as_mut().unwrap(), "{}/allclear.db", copy.display()).unwrap();
        let mut line = String::new();
        self.answers.read_line(&mut line).unwrap();
        let log: Value = serde_json::from_str(&line).expect("the outsider finds the log whole");
        log.as_array().unwrap().iter().map(Stored::read).collect()
    }
}

impl Drop for Outsider {
    fn drop(&mut self) {
        let _ = self.reader.kill();
        let _ = self.reader.wait();
    }
}
