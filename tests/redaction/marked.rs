//! Events with random words in them, and looking for those words in files.

use crate::book::{ERASED, MAY_GO};
use crate::outside::{Actor, events_of};
use serde_json::{Value, json};
use std::collections::HashMap;
use std::path::{Path, PathBuf};

/// Words that stand nowhere else: letters that need no escape in any form but the escaped one.
pub struct Marker(pub String);

/// Random numbers, the same in every run (xorshift).
pub struct Random(pub u64);

impl Random {
    pub fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0
    }

    pub fn below(&mut self, count: usize) -> usize {
        (self.next() >> 11) as usize % count
    }

    pub fn marker(&mut self) -> Marker {
        const LETTERS: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
        let letters = (0..24).map(|_| char::from(LETTERS[self.below(LETTERS.len())]));
        Marker(letters.collect())
    }
}

impl Marker {
    /// The forms in which it could have been written down. Each half of it is looked for, because
    /// a long row goes on in another page.
    fn forms(&self) -> Vec<Vec<u8>> {
        let (first, second) = self.0.as_bytes().split_at(self.0.len() / 2);
        [first, second].into_iter().flat_map(forms_of).collect()
    }

    /// The files below `folder` that have it, in whichever form.
    pub fn found_below(&self, folder: &Path) -> Vec<String> {
        found_below(folder, &[self])
    }
}

/// The files below `folder` that have any of the markers, in whichever form.
pub fn found_below(folder: &Path, markers: &[&Marker]) -> Vec<String> {
    let search = Search::of(markers);
    let files = files_below(folder).into_iter();
    let found = files.filter(|path| std::fs::read(path).is_ok_and(|bytes| search.finds(&bytes)));
    found.map(|path| path.display().to_string()).collect()
}

/// Many forms looked for in one go.
pub struct Search {
    by_start: HashMap<[u8; START], Vec<Vec<u8>>>,
    /// Whether a form begins with these two bytes.
    has_start: Vec<bool>,
}

impl Search {
    pub fn of(markers: &[&Marker]) -> Search {
        let mut search = Search { by_start: HashMap::new(), has_start: vec![false; 1 << 16] };
        for form in markers.iter().flat_map(|marker| marker.forms()) {
            search.has_start[two(&form)] = true;
            search.by_start.entry(form[..START].try_into().unwrap()).or_default().push(form);
        }
        search
    }

    pub fn finds(&self, bytes: &[u8]) -> bool {
        (0..bytes.len().saturating_sub(START)).any(|at| {
            let rest = &bytes[at..];
            self.has_start[two(rest)]
                && self
                    .by_start
                    .get(&rest[..START])
                    .is_some_and(|forms| forms.iter().any(|form| rest.starts_with(form)))
        })
    }
}

fn two(bytes: &[u8]) -> usize {
    usize::from(bytes[0]) << 8 | usize::from(bytes[1])
}

/// How many bytes of a form are looked up at once.
const START: usize = 6;

fn files_below(folder: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    entries.flat_map(|path| if path.is_dir() { files_below(&path) } else { vec![path] }).collect()
}

fn forms_of(bytes: &[u8]) -> Vec<Vec<u8>> {
    let hex: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
    let escaped: String = bytes.iter().map(|byte| format!("\\u{byte:04x}")).collect();
    let mut forms = vec![
        bytes.to_vec(),
        hex.to_uppercase().into_bytes(),
        hex.into_bytes(),
        escaped.into_bytes(),
    ];
    // In base64 it looks otherwise at each of three places; its first and last letters there
    // depend on what stands beside it.
    for shift in 0..3 {
        let encoded = base64(&[&b"..."[..shift], bytes].concat());
        forms.push(encoded.as_bytes()[4..encoded.len() - 4].to_vec());
    }
    forms
}

fn base64(bytes: &[u8]) -> String {
    const LETTERS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let group = |three: &[u8]| {
        let number = three.iter().fold(0_u32, |number, byte| number << 8 | u32::from(*byte));
        let number = number << (8 * (3 - three.len()));
        [18, 12, 6, 0].map(|shift| char::from(LETTERS[(number >> shift) as usize & 63]))
    };
    bytes.chunks(3).flat_map(group).collect()
}

#[test]
fn a_marker_is_found_in_every_form() {
    let marker = Marker("aVerySecretMarkerOf042XY".into());
    let place = crate::outside::Scratch::new();
    let hex: String = marker.0.bytes().map(|byte| format!("{byte:02x}")).collect();
    let forms = [
        format!("x{}y", marker.0),
        hex.to_uppercase(),
        base64(format!("ab{}cd", marker.0).as_bytes()),
        base64(format!("{}cde", marker.0).as_bytes()),
        marker.0.bytes().map(|byte| format!("\\u{byte:04x}")).collect(),
    ];
    for form in forms {
        std::fs::write(place.path().join("file"), &form).unwrap();
        assert_eq!(marker.found_below(place.path()).len(), 1, "{form}");
    }
    std::fs::write(place.path().join("file"), "aVerySecretNarkerOf043XY").unwrap();
    assert_eq!(marker.found_below(place.path()), [""; 0]);
}

/// How many kinds of marked event there are.
pub const KINDS: usize = 30;

/// A claim of that kind with the marker in it; padding lets rows be of every size.
pub fn claim(kind: usize, marker: &Marker, padding: usize) -> Value {
    let words = format!("{}{}", marker.0, " and more".repeat(padding));
    let line = format!("see {}", marker.0);
    let link = format!("https://example.org/?key={}", marker.0);
    let (kind, data) = match kind {
        0 => ("note_added", json!({ "text": words, "pinned": true })),
        1 => ("detected", json!({ "source": "staff", "signal": words })),
        2 => ("impact_changed", json!({ "level": "partial", "percent": 12.5, "note": words })),
        3 => ("severity_changed", json!({ "to": "SEV2", "reason": words })),
        4 => ("role_assigned", json!({ "role": "responder", "to": "bo", "handover": words })),
        5 => (
            "response_decided",
            json!({ "situations": ["service_down"], "chosen": "rollback", "rationale": words }),
        ),
        6 => (
            "stable_version_identified",
            json!({ "components": [{ "name": "checkout", "version": "2" }], "evidence": words }),
        ),
        7 => ("schema_checked", json!({ "migration": "m1", "evidence": words })),
        8 => (
            "remedy_planned",
            json!({ "kind": "config_revert", "what": "the pool", "from": line, "to": "9" }),
        ),
        9 => ("remedy_planned", json!({ "kind": "backup_restore", "backup": line })),
        10 => (
            "command_recorded",
            json!({ "command": words, "exit_code": 0, "started_at": "2026-01-01T00:00:00Z",
            "duration_ms": 5, "output": "", "output_sha256": "0".repeat(64) }),
        ),
        11 => (
            "change_observed",
            json!({ "what": words, "components": [{ "name": "db", "to": "7" }], "ref": "d1" }),
        ),
        12 => ("check_recorded", json!({ "check": "own", "not_applicable": words })),
        13 => (
            "check_recorded",
            json!({ "check": "p99_latency", "ok": true, "value": 1.5, "source": line }),
        ),
        14 => ("update_posted", json!({ "purposes": ["other"], "channel": line })),
        15 => (
            "update_posted",
            json!({ "purposes": ["progress"], "channel": "#a", "text": words, "url": link }),
        ),
        16 => ("escalated", json!({ "to": line, "reason": "help" })),
        17 => ("evidence_attached", json!({ "title": "a graph", "url": link })),
        18 => (
            "cause_recorded",
            json!({ "part": "root", "standing": "suspected", "text": "the pool", "refs": [line] }),
        ),
        19 => (
            "alert_attached",
            json!({ "source": "am", "fingerprint": "f", "status": "firing", "labels": { "a": words } }),
        ),
        20 => ("linked", json!({ "relation": "related", "url": link })),
        21 => (
            "corrected",
            json!({ "version": 1, "reason": "found out", "fields": { "environment": line } }),
        ),
        22 => ("corrected", json!({ "version": 1, "reason": words, "occurred": "unknown" })),
        23 => (
            "checklist_marked",
            json!({ "item": "capture_logs", "outcome": "done", "evidence": words }),
        ),
        24 => ("lesson_recorded", json!({ "kind": "lucky", "text": words })),
        25 => ("follow_up_added", json!({ "title": line, "owner": "ana" })),
        26 => ("section_written", json!({ "section": "summary", "markdown": words })),
        27 => ("postmortem_waived", json!({ "reason": words })),
        28 => {
            return json!({ "type": "note_added", "actor": line, "as_written": words, "data": { "text": "x" } });
        }
        _ => {
            return json!({ "type": "note_added", "override": { "reason": words }, "data": { "text": "x" } });
        }
    };
    json!({ "type": kind, "data": data })
}

/// What stands for an event as it came out: all that is stored of it, without the marker.
pub fn replacement(event: &Value, marker: &Marker) -> Value {
    let mut line = json!({ "data": event["data"] });
    let person =
        |it: &Value| it.get("id").filter(|id| id.is_string()).unwrap_or(&it["name"]).clone();
    let parts = [
        ("actor", event.get("actor").map(person)),
        ("reason", event.get("override_reason").cloned()),
        ("as_written", event.get("as_written").cloned()),
    ];
    for (name, value) in parts {
        if let Some(value) = value {
            line[name] = value;
        }
    }
    serde_json::from_str(&line.to_string().replace(&marker.0, ERASED)).unwrap()
}

/// Whether an event of that type may lose all its words.
pub fn may_go(event: &Value) -> bool {
    MAY_GO.contains(&event["type"].as_str().unwrap())
}

/// The request that erases an event.
pub fn redaction(event: &Value, by: Option<Value>) -> Value {
    crate::book::redaction(event["version"].as_u64().unwrap(), by.as_ref())
}

/// An event of an incident as it comes out now.
pub fn event(who: &Actor, incident: &str, version: u64) -> Value {
    let page = who.get(&format!("{}?after={}&limit=1", events_of(incident), version - 1)).is(200);
    page["events"][0].clone()
}
