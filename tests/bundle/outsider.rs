//! The bundle against an independent check: RFC 6962, RFC 9162 and HMAC written once more in
//! another language, from the documents alone (`check.py`). None of our code judges itself.

use crate::bundle::Bundle;
use serde_json::json;
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
