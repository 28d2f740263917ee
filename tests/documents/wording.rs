//! The wording of the views is about things and what was done, never about what somebody ought to
//! have done.

use crate::support::in_tree;
use crate::telling::{STORIES, real};
use crate::{documents, hostile};
use std::path::Path;

const BLAME: [&str; 10] = [
    "failed to",
    "should have",
    "could have",
    "human error",
    "mistake",
    "fault of",
    "negligen",
    "careless",
    "forgot",
    "to blame",
];

fn blames(text: &str) -> Option<&'static str> {
    let text = text.to_lowercase();
    BLAME.into_iter().find(|word| text.contains(word))
}

/// Every line of the views that is no comment: whatever a view can say stands in one of them.
fn templates(folder: &Path) -> Vec<String> {
    let mut lines = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            lines.extend(templates(&path));
        } else {
            let text = std::fs::read_to_string(&path).unwrap();
            let is_said = |line: &&str| !line.trim_start().starts_with("//");
            lines.extend(text.lines().filter(is_said).map(ToOwned::to_owned));
        }
    }
    lines
}

#[test]
fn no_template_blames_anybody() {
    let templates = templates(&in_tree("src/views"));
    for said in ["\"did not take\"", "There will be no post-mortem", "Where luck helped"] {
        assert!(templates.iter().any(|line| line.contains(said)), "{said} is in a template");
    }
    for line in &templates {
        assert_eq!(blames(line), None, "{line}");
    }
    assert_eq!(blames("The deploy Failed To finish."), Some("failed to"));
}

#[test]
fn no_document_blames_anybody() {
    for telling in STORIES.map(real).iter().chain([&hostile("w")]) {
        for (form, text) in documents(telling) {
            assert_eq!(blames(&text), None, "the {form}");
        }
    }
}
