//! The scenarios and the checklist of the runbook.

use crate::incident::field::{Fault, Faults, Field, Given, List, Pointer, record};
use crate::incident::text::{Line, Name, Text};
use crate::incident::words::RemedyKind;
use serde_json::{Value, json};

record! {
    /// A kind of incident that is known: what it looks like, what helps, how long that takes.
    pub struct Scenario {
        /// Its name.
        name: Name,
        /// Its title in the runbook.
        title: Line,
        /// What is seen.
        symptoms: Given<List<Text>>,
        /// Words that give it away when somebody describes what is seen.
        signs: List<Line>,
        /// What helps, in the order in which it is tried.
        remedies: Given<List<RemedyKind>>,
        /// What to do, in the words of the runbook, in order.
        says: List<Text>,
        /// How long recovery is expected to take.
        recovery_minutes: Minutes,
    }
}

/// A span of minutes, both ends included: `[2, 5]`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(transparent)]
pub struct Minutes(pub [i64; 2]);

impl Field for Minutes {
    fn read(value: Value, at: &Pointer<'_>, faults: &mut Faults) -> Option<Self> {
        let ends = value.as_array().map(Vec::as_slice).unwrap_or_default();
        let ends: Vec<i64> = ends.iter().filter_map(Value::as_i64).collect();
        match ends[..] {
            [from, to] if from > to => {
                faults.add(Fault::new(at, "the window ends before it begins"));
                None
            }
            [from, to] if from >= 0 => Some(Minutes([from, to])),
            _ => {
                faults.add(Fault::new(
                    at,
                    "two whole numbers of minutes are expected, such as [2, 5]",
                ));
                None
            }
        }
    }

    fn schema() -> Value {
        json!({ "type": "array", "items": { "type": "integer", "minimum": 0 },
            "minItems": 2, "maxItems": 2 })
    }
}

record! {
    /// An item of the post-rollback checklist.
    pub struct ChecklistItem {
        /// Its name.
        item: Name,
        /// What is to be done, in the words of the runbook.
        says: Text,
        /// Whether it is a question, which needs an answer and not a tick.
        question: Option<bool>,
    }
}

impl ChecklistItem {
    /// Whether it needs an answer and not a tick.
    pub fn is_question(&self) -> bool {
        self.question == Some(true)
    }
}

impl Scenario {
    /// Its signs that stand in what somebody describes, each where a word begins: a room is no
    /// sign of `oom`, tables are one of `table`.
    pub fn signs_in(&self, described: &str) -> Vec<&Line> {
        let described = described.to_lowercase();
        let is_there = |sign: &&Line| begins_a_word(&described, &sign.as_str().to_lowercase());
        self.signs.iter().filter(is_there).collect()
    }
}

fn begins_a_word(text: &str, sign: &str) -> bool {
    text.match_indices(sign).any(|(at, _)| !text[..at].ends_with(char::is_alphanumeric))
}
