//! The bundle against an independent check: RFC 6962, RFC 9162 and HMAC written once more in
//! another language, from the documents alone (`check.py`). None of our code judges itself.

use crate::bundle::Bundle;
use crate::outside::Scratch;
use allclear::log::BUNDLE_README;
use serde_json::{Value, json};
use std::path::Path;
use std::process::Command;

fn check(file: &Path) -> (bool, String) {
    let output = Command::new("python3").arg("tests/bundle/check.py").arg(file).output().unwrap();
    let said = [output.stdout, output.stderr].concat();
    (output.status.success(), String::from_utf8(said).unwrap())
}

#[test]
fn an_outsider_comes_to_the_same_root_and_the_same_commitments() {
    for bundle in [Bundle::whole(), Bundle::incident()] {
        let (is_good, said) = check(&bundle.file());
        let proven = format!("{} events proven, 1 erased", bundle.events().len());
        assert!(is_good && said.contains(&proven), "{said}");
    }
}

#[test]
fn an_outsider_refuses_what_is_forged() {
    for mut bundle in [Bundle::whole(), Bundle::incident()] {
        let position = bundle.events().last().unwrap()["position"].as_u64().unwrap();
        let event = bundle.event(position).clone();
        let entry = event["entry"].as_str().unwrap();
        bundle.event(position)["entry"] = json!(entry.replacen("\"at\":1", "\"at\":2", 1));
        assert_ne!(bundle.event(position)["entry"], event["entry"]);
        let (is_good, said) = check(&bundle.file());
        assert!(!is_good && said.contains("is not in the tree"), "{said}");
        *bundle.event(position) = event;
        let data = bundle.event(position)["data"].as_str().unwrap().replace("{\"", "{ \"");
        bundle.event(position)["data"] = json!(data);
        let (is_good, said) = check(&bundle.file());
        assert!(!is_good && said.contains("data are others"), "{said}");
    }
}

/// The commands of the README that is in every bundle, for that event and runbook.
fn commands(file: &Path, position: u64, runbook: &str) -> String {
    let commands = BUNDLE_README.lines().filter_map(|line| line.strip_prefix("     "));
    let commands = commands.map(|line| {
        line.replace("< B", &format!("< '{}'", file.display()))
            .replace("== P)", &format!("== {position})"))
            .replace("\"S\"", &format!("\"{runbook}\""))
    });
    commands.collect::<Vec<_>>().join("\n")
}

#[test]
fn the_commands_of_the_readme_come_to_what_it_says() {
    let mut bundle = Bundle::whole();
    let event = bundle.event(9).clone();
    let runbook = bundle.lines[bundle.line("runbook")]["runbook"]["sha256"].clone();
    let script = commands(&bundle.file(), 9, runbook.as_str().unwrap());
    assert_eq!(script.lines().count(), 8, "{script}");
    let scratch = Scratch::new();
    let place = scratch.path();
    let output = Command::new("bash").args(["-euc", &script]).current_dir(place).output().unwrap();
    let said = String::from_utf8([output.stdout, output.stderr].concat()).unwrap();
    assert!(output.status.success(), "{said}");
    let lines: Vec<&str> = said.lines().collect();
    let [leaf, commitment, pinned] = lines.as_slice() else { panic!("{said}") };
    assert_eq!(*leaf, event["hashes"][0]);
    let entry: Value = serde_json::from_str(event["entry"].as_str().unwrap()).unwrap();
    assert!(commitment.ends_with(entry["data"].as_str().unwrap()), "{said}");
    assert!(pinned.starts_with(runbook.as_str().unwrap()), "{said}");
    let read = |name: &str| std::fs::read_to_string(place.join(name)).unwrap();
    assert_eq!(read("checkpoint"), std::fs::read_to_string(bundle.log.checkpoint()).unwrap());
    assert_eq!(read("key").trim(), bundle.key());
    assert_eq!(read("entry"), event["entry"]);
    assert_eq!(read("data"), event["data"]);
}
