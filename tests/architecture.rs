//! The floors of the house: which room may import which, and what no pure room ever names.
//!
//! ```text
//! 6  cli                     arguments, settings, files, terminal; puts everything together
//! 5  web                     HTTP
//! 4  engine                  sequencer, followers
//! 3  ledger  views  mask     the log on a disk · what is told from events · what is a secret
//! 2  log       access        the stored bytes, the walk · who is asking
//! 1  incident                events, machines, fold, guards, runbook
//! ```

#![allow(clippy::unwrap_used, reason = "a test stops at the first surprise")]

use std::fs;
use std::path::{Path, PathBuf};

/// Each room with the rooms that it may import, from the ground up.
const ROOMS: &[(&str, &[&str])] = &[
    ("incident", &[]),
    ("log", &["incident"]),
    ("access", &["incident"]),
    // Small words (ids, moments, states) live on the ground, so the ledger names them there.
    ("ledger", &["incident", "log"]),
    ("views", &["incident", "log"]),
    ("mask", &["access"]),
    ("engine", &["incident", "log", "access", "ledger", "views", "mask"]),
    ("web", &["incident", "log", "access", "views", "engine"]),
    ("cli", &["incident", "log", "access", "ledger", "views", "mask", "engine", "web"]),
];

/// What a room never names, and why.
const NEVER: &[(&[&str], &[&str], &str)] = &[
    (
        &["incident", "log", "views", "access", "mask"],
        &["SystemTime", "Utc::now", "Instant::now", "now_v7", "new_v4", "Local::now"],
        "time and identity arrive as values",
    ),
    (
        &["incident", "log", "views", "access", "mask"],
        &["getrandom", "rand::"],
        "chance arrives as a value",
    ),
    (
        &["incident", "log", "views", "access", "mask"],
        &["std::fs", "std::net", "std::env", "std::process", "std::io", "std::thread"],
        "a pure room touches nothing outside",
    ),
    (
        &["incident", "log", "views", "access", "mask", "ledger"],
        &["tokio", "async fn", ".await"],
        "waiting begins in the engine",
    ),
    (
        &["incident", "log", "views", "access", "mask", "ledger", "engine"],
        &["axum", "hyper", "StatusCode", "http::"],
        "HTTP is the web's",
    ),
    (
        &["incident", "log", "views", "access", "mask", "engine", "web", "cli"],
        &["rusqlite", "SELECT ", "INSERT INTO", "UPDATE ", "PRAGMA"],
        "SQL is the ledger's",
    ),
    (
        &["ledger"],
        &["serde_json", "Logged::read", "Story::walk"],
        "the ledger reads inside no event",
    ),
    (&["ledger"], &["DELETE FROM", "REPLACE INTO"], "the ledger deletes nothing"),
    (&["web"], &["Ledger", "std::env"], "the web has no settings and knows no ledger"),
    (&["engine", "web", "cli"], &["Command::new"], "commands are recorded, never run"),
];

#[test]
fn every_room_imports_only_from_the_floors_below_it() {
    let wrong: Vec<String> = sources()
        .iter()
        .flat_map(|(room, path, text)| imports_not_allowed(room, &path.display().to_string(), text))
        .collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn no_room_names_what_it_must_not_know() {
    let wrong: Vec<String> = sources()
        .iter()
        .flat_map(|(room, path, text)| names_not_allowed(room, &path.display().to_string(), text))
        .collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn every_room_is_in_the_table_and_every_row_is_a_room() {
    let mut rooms: Vec<String> = fs::read_dir("src")
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.is_dir())
        .map(|path| path.file_name().unwrap().to_string_lossy().into_owned())
        .collect();
    rooms.sort();
    let mut rows: Vec<&str> = ROOMS.iter().map(|(room, _)| *room).collect();
    rows.sort_unstable();
    assert_eq!(rooms, rows);
}

#[test]
fn every_room_opens_with_what_it_is_for() {
    for (room, _) in ROOMS {
        let text = fs::read_to_string(format!("src/{room}/mod.rs")).unwrap();
        assert!(text.starts_with(&format!("//! {room}: ")), "src/{room}/mod.rs has no such header");
    }
}

#[test]
fn events_are_changed_in_one_place() {
    let changes = |(_, path, text): (String, PathBuf, String)| {
        let named = code(&text).any(|(_, code)| code.contains("UPDATE event"));
        named.then(|| path.display().to_string())
    };
    let places: Vec<String> = sources().into_iter().filter_map(changes).collect();
    assert_eq!(places, ["src/ledger/sqlite/traces.rs"], "only a redaction changes an event");
}

#[test]
fn every_import_that_is_not_in_the_table_is_found_where_it_is_planted() {
    for (room, allowed) in ROOMS {
        for (other, _) in ROOMS {
            let found = |planted: &str| imports_not_allowed(room, "planted.rs", planted).len();
            let is_wrong = usize::from(other != room && !allowed.contains(other));
            assert_eq!(found(&format!("use crate::{other}::Thing;")), is_wrong, "{room} {other}");
            assert_eq!(found(&format!("let it = crate::{other}::thing();")), is_wrong);
            assert_eq!(found(&format!("use crate::{{{other}::Thing, main}};")), 1);
        }
    }
}

#[test]
fn every_word_of_the_table_is_found_where_it_is_planted_but_not_in_a_comment() {
    for (rooms, words, why) in NEVER {
        for word in *words {
            let planted = format!("// {word} would be wrong here.\nlet it = {word};");
            for (room, _) in ROOMS {
                let told = format!("planted.rs:2: {room} names {word}: {why}");
                let found = names_not_allowed(room, "planted.rs", &planted);
                assert_eq!(found.contains(&told), rooms.contains(room), "{word}: {found:?}");
                assert!(found.iter().all(|it| !it.starts_with("planted.rs:1:")), "{found:?}");
            }
        }
    }
}

/// Every source file of a room, with the room's name.
fn sources() -> Vec<(String, PathBuf, String)> {
    let mut found = Vec::new();
    for (room, _) in ROOMS {
        for path in files_below(&Path::new("src").join(room)) {
            let text = fs::read_to_string(&path).unwrap();
            found.push(((*room).to_owned(), path, text));
        }
    }
    assert!(found.len() > ROOMS.len(), "the sources were not found");
    found
}

fn files_below(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let found = entries.flat_map(|path| match path.is_dir() {
        true => files_below(&path),
        false => vec![path],
    });
    found.filter(|path| path.extension().is_some_and(|it| it == "rs")).collect()
}

/// The lines of code, without comments and without tests that stand beside it.
fn code(text: &str) -> impl Iterator<Item = (usize, &str)> {
    let code = text.split("#[cfg(test)]").next().unwrap_or_default();
    let lines = code.lines().enumerate();
    lines.filter(|(_, line)| !line.trim_start().starts_with("//")).map(|(at, line)| (at + 1, line))
}

fn imports_not_allowed(room: &str, path: &str, text: &str) -> Vec<String> {
    let (_, allowed) =
        ROOMS.iter().find(|(name, _)| *name == room).expect("the room is in the table");
    let known = |other: &&str| ROOMS.iter().any(|(name, _)| name == other);
    let imported = code(text).flat_map(|(line, code)| {
        let others = code.split("crate::").skip(1);
        let names = others.map(|rest| {
            rest.split(|letter: char| !letter.is_alphanumeric() && letter != '_')
                .next()
                .unwrap_or_default()
        });
        // A list in braces would hide what it names.
        let names = names.map(|name| if name.is_empty() { "{…}" } else { name });
        names
            .filter(|name| known(name) || *name == "{…}")
            .map(move |other| (line, other))
            .collect::<Vec<_>>()
    });
    imported
        .filter(|(_, other)| *other != room && !allowed.contains(other))
        .map(|(line, other)| format!("{path}:{line}: {room} imports {other}"))
        .collect()
}

fn names_not_allowed(room: &str, path: &str, text: &str) -> Vec<String> {
    let rules = NEVER.iter().filter(|(rooms, _, _)| rooms.contains(&room));
    let found = rules.flat_map(|(_, words, why)| {
        let named = code(text).flat_map(move |(line, code)| {
            let here = words.iter().filter(move |word| code.contains(**word));
            here.map(move |word| (line, *word))
        });
        named.map(move |(line, word)| format!("{path}:{line}: {room} names {word}: {why}"))
    });
    found.collect()
}
