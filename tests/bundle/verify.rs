use crate::bundle::{Bundle, export, verify};
use crate::outside::{Server, announce};
use allclear::log::tree::{Frontier, leaf};
use allclear::log::{Checkpoint, SigningSeed};
use serde_json::{Value, json};
use std::fs;

/// Positions in the middle of INC-1.
const EARLIER: u64 = 8;
const LATER: u64 = 9;

/// What somebody did to a bundle, and what verify says of it.
type Change = (&'static str, fn(&mut Bundle), &'static str);

/// Each is found in the bundle of a whole log and in that of one incident.
const CHANGES: &[Change] = &[
    ("a header", |it| replace(it, LATER, "entry", "\"at\":1", "\"at\":2"), "damaged at 9 (entry)"),
    ("data", |it| replace(it, LATER, "data", "{", "{ "), "damaged at 9 (data)"),
    ("a salt", |it| it.event(LATER)["salt"] = json!("00".repeat(32)), "damaged at 9 (data)"),
    ("a salt that is none", |it| it.event(LATER)["salt"] = json!("../x"), "damaged at 9 (data)"),
    ("no salt", |it| it.event(LATER)["salt"] = Value::Null, "damaged at 9 (data)"),
    ("erased without a redaction", erase, "damaged at 9 (redaction)"),
    ("a version", |it| it.event(LATER)["version"] = json!(99), "damaged at 9 (version)"),
    ("two swapped", swap, "damaged at 8 (entry)"),
    ("the runbook", |it| it.lines.iter_mut().for_each(edit_runbook), "(runbook)"),
    ("the root", change_root, "its signature is not one of this log's key"),
];

fn replace(bundle: &mut Bundle, position: u64, member: &str, from: &str, to: &str) {
    let text = bundle.event(position)[member].as_str().unwrap().replacen(from, to, 1);
    assert_ne!(bundle.event(position)[member], json!(text), "nothing was changed");
    bundle.event(position)[member] = json!(text);
}

fn erase(bundle: &mut Bundle) {
    bundle.event(LATER)["salt"] = Value::Null;
    bundle.event(LATER)["data"] = Value::Null;
}

fn swap(bundle: &mut Bundle) {
    for member in ["entry", "salt", "data"] {
        let (earlier, later) =
            (bundle.event(EARLIER)[member].clone(), bundle.event(LATER)[member].clone());
        bundle.event(EARLIER)[member] = later;
        bundle.event(LATER)[member] = earlier;
    }
}

fn edit_runbook(line: &mut Value) {
    if let Some(text) = line["runbook"]["text"].as_str() {
        line["runbook"]["text"] = json!(format!("{text}\n# and more"));
    } else if let Some(line) = line.as_object_mut() {
        line.remove("runbook");
    }
}

fn change_root(bundle: &mut Bundle) {
    let at = bundle.line("checkpoint");
    let old = bundle.lines[at]["checkpoint"].as_str().unwrap().to_owned();
    let root = old.lines().nth(2).unwrap().to_owned();
    let other = if root.starts_with('A') { "B" } else { "A" };
    let new = old.replace(&root, &format!("{other}{}", &root[1..]));
    for line in &mut bundle.lines {
        let text = line.to_string();
        let (old, new) = (json!(old).to_string(), json!(new).to_string());
        *line = serde_json::from_str(&text.replace(old.trim_matches('"'), new.trim_matches('"')))
            .unwrap();
    }
}

#[test]
fn a_bundle_that_nobody_changed_is_clean() {
    for bundle in [Bundle::whole(), Bundle::incident()] {
        let (code, said) = bundle.verify(&[]);
        assert_eq!(code, 0, "{said}");
        assert!(said.contains("only agrees with itself"), "{said}");
        let checkpoint = bundle.log.checkpoint();
        let arguments = ["--key", bundle.key(), "--checkpoint", checkpoint.to_str().unwrap()];
        let (code, said) = bundle.verify(&arguments);
        assert_eq!(code, 0, "{said}");
        assert!(said.contains("2 checkpoints compared"), "{said}");
        assert!(!said.contains("damaged") && !said.contains("note"), "{said}");
    }
}

#[test]
fn a_bundle_and_a_data_directory_are_not_verified_together() {
    let bundle = Bundle::incident();
    let (code, said) = bundle.verify(&["--data", "elsewhere"]);
    assert!(code == 2 && said.contains("cannot be used with"), "{said}");
    // The environment may say where everything else is.
    let mut command = crate::outside::allclear();
    command.arg("verify").arg(bundle.file()).env("ALLCLEAR_DATA", "elsewhere");
    assert_eq!(command.output().unwrap().status.code(), Some(0));
    let mut command = crate::outside::allclear();
    command.arg("verify").env("ALLCLEAR_DATA", bundle.log.data());
    assert_eq!(command.output().unwrap().status.code(), Some(0));
}

#[test]
fn every_change_is_found_where_it_is() {
    for (what, change, expected) in CHANGES {
        for mut bundle in [Bundle::whole(), Bundle::incident()] {
            change(&mut bundle);
            let (code, said) = bundle.verify(&[]);
            assert!(code == 4 && said.contains(expected), "{what}: {code} {said}");
        }
    }
}

#[test]
fn an_event_that_is_taken_away_is_missed() {
    let mut whole = Bundle::whole();
    let at = whole.at(LATER);
    whole.take(at);
    let (code, said) = whole.verify(&[]);
    assert!(code == 4 && said.contains("damaged at 9 (missing)"), "{said}");
    let mut tail = Bundle::whole();
    let last = tail.events().len() as u64;
    let at = tail.at(last);
    tail.take(at);
    let (code, said) = tail.verify(&[]);
    assert!(code == 4 && said.contains(&format!("damaged at {last} (missing)")), "{said}");
    let mut incident = Bundle::incident();
    let at = incident.at(LATER);
    incident.take(at);
    let (code, said) = incident.verify(&[]);
    assert!(code == 4 && said.contains("(version): version"), "{said}");
}

#[test]
fn a_proof_of_another_event_proves_nothing() {
    let mut bundle = Bundle::incident();
    let other = bundle.event(EARLIER)["proof"].clone();
    bundle.event(LATER)["proof"] = other;
    let (code, said) = bundle.verify(&[]);
    assert!(code == 4 && said.contains("damaged at 9 (entry): its proof is no proof"), "{said}");
}

#[test]
fn a_hash_that_is_damaged_is_told_from_an_entry_that_is() {
    let mut bundle = Bundle::whole();
    let other = bundle.event(EARLIER)["hashes"][0].clone();
    bundle.event(LATER)["hashes"][0] = other;
    let (code, said) = bundle.verify(&[]);
    assert!(code == 4 && said.contains("the stored hash is damaged, the entry is well"), "{said}");
}

#[test]
fn a_history_that_is_rewritten_with_all_its_hashes_is_a_fork() {
    let mut bundle = Bundle::whole();
    replace(&mut bundle, LATER, "entry", "\"tok\":\"k_", "\"tok\":\"k_x");
    let mut frontier = Frontier::default();
    for line in bundle.lines.iter_mut().filter(|line| line.get("event").is_some()) {
        let event = &mut line["event"];
        let complete = frontier.push(leaf(event["entry"].as_str().unwrap().as_bytes()));
        event["hashes"] = json!(complete.iter().map(ToString::to_string).collect::<Vec<_>>());
    }
    let (code, said) = bundle.verify(&[]);
    assert!(code == 7 && said.contains("fork at 1"), "{code} {said}");
}

#[test]
fn a_bundle_signed_with_another_key_is_refused_by_the_right_one() {
    let bundle = Bundle::incident();
    let other = SigningSeed::new(&[7; 32]);
    let origin = bundle.lines[0]["bundle"]["origin"].as_str().unwrap().parse().unwrap();
    let key = other.public().verifier_key(&origin);
    let (code, said) = bundle.verify(&["--key", &key]);
    assert!(code == 4 && said.contains("not one of this log's key"), "{said}");
}

#[test]
fn a_later_checkpoint_says_that_a_whole_log_is_behind_and_an_incident_was_then() {
    let (whole, incident) = (Bundle::whole(), Bundle::incident());
    let server = Server::on(&whole.log.data());
    announce(&server.admin());
    assert!(server.stop().status.success());
    let later = whole.log.checkpoint();
    let later = ["--checkpoint", later.to_str().unwrap()];
    let (code, said) = whole.verify(&later);
    assert!(code == 6 && said.contains("the tail is missing"), "{said}");
    let (code, said) = incident.verify(&later);
    assert!(code == 0 && said.contains("only the service can prove"), "{said}");
}

#[test]
fn a_checkpoint_of_another_history_says_fork() {
    for bundle in [Bundle::whole(), Bundle::incident()] {
        let digits = fs::read_to_string(bundle.log.data().join("checkpoint-key")).unwrap();
        let byte = |at: usize| u8::from_str_radix(&digits[2 * at..2 * at + 2], 16).unwrap();
        let seed: Vec<u8> = (0..32).map(byte).collect();
        let seed = SigningSeed::new(&seed.try_into().unwrap());
        let read = Checkpoint::read(&fs::read_to_string(bundle.log.checkpoint()).unwrap()).unwrap();
        let other = bundle.log.place().join("other");
        fs::write(&other, seed.sign(&Checkpoint { root: leaf(b"x"), ..read })).unwrap();
        let (code, said) = bundle.verify(&["--checkpoint", other.to_str().unwrap()]);
        assert!(code == 7 && said.contains("fork at"), "{said}");
    }
}

#[test]
fn the_report_of_a_bundle_is_lines_of_json_too() {
    let mut bundle = Bundle::incident();
    replace(&mut bundle, LATER, "data", "{", "{ ");
    let (code, said) = bundle.verify(&["--json"]);
    assert_eq!(code, 4, "{said}");
    let finding: Value = serde_json::from_str(said.lines().next().unwrap()).unwrap();
    assert_eq!((&finding["position"], &finding["group"]), (&json!(LATER), &json!("data")));
    let file = bundle.file_of(b"{}\n");
    let (code, said) = verify(&file, &["--json"]);
    assert_eq!(code, 5, "{said}");
    let lines: Vec<Value> =
        said.lines().filter_map(|line| serde_json::from_str(line).ok()).collect();
    assert_eq!(lines[0]["kind"], "storage", "{said}");
    assert_eq!(lines[1]["outcome"], "storage_damaged", "{said}");
}

#[test]
fn a_damaged_log_is_carried_out_as_damaged_as_it_is() {
    let bundle = Bundle::whole();
    bundle.log.flip(LATER, "data", 77);
    let (code, text) = export(&bundle.log.data(), &["--all"]);
    assert_eq!(code, 0, "{text}");
    let (code, said) = verify(&bundle.file_of(text.as_bytes()), &[]);
    assert!(code == 4 && said.contains("damaged at 9 (data)"), "{said}");
}
