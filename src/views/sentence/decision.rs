//! What to do, and what has to be known for it.

use super::phrase::{Phrase, spaced, versions};
use crate::incident::event::{Measured, ResponseDecided, SchemaChecked, StableVersionIdentified};

pub fn response_decided(it: &ResponseDecided) -> String {
    let situations: Vec<String> = it.situations.iter().map(spaced).collect();
    Phrase::new(format!("Decided: {}", spaced(it.chosen)))
        .part("", it.rationale.as_ref())
        .list("situations: ", &situations)
        .part("measured: ", it.measured.as_ref().map(measured))
        .part("taken for ", it.scenario.as_ref().map(spaced))
        .part("the runbook recommends ", it.recommended.0.map(spaced))
        .part("by row ", it.row.0)
        .posted(it.posted.as_ref())
        .end()
}

/// What was measured, in parts after commas.
pub fn measured(it: &Measured) -> String {
    let says = |holds: Option<bool>, yes: &str, no: &str| {
        holds.map(|holds| if holds { yes } else { no }.to_owned())
    };
    [
        it.error_rate_percent.map(|share| format!("error rate {share}")),
        it.degraded_percent.map(|share| format!("degraded by {share}")),
        says(it.down, "down", "not down"),
        says(it.corruption, "data are being corrupted", "no data corruption"),
        says(it.workaround, "a workaround exists", "no workaround"),
        says(it.flag, "behind a flag", "behind no flag"),
    ]
    .into_iter()
    .flatten()
    .collect::<Vec<_>>()
    .join(", ")
}

pub fn stable_version_identified(it: &StableVersionIdentified) -> String {
    Phrase::new(format!("Known as stable: {}", versions(&it.components)))
        .part("shown by ", it.evidence.as_ref())
        .end()
}

pub fn schema_checked(it: &SchemaChecked) -> String {
    Phrase::new(format!("Schema looked at, migration {}", it.migration))
        .said(it.is_cause, "it is the cause", "it is not the cause")
        .said(
            it.on_current,
            "the old code runs on the current schema",
            "the old code does not run on the current schema",
        )
        .said(
            it.on_target,
            "the old code runs on the schema after a downgrade",
            "the old code does not run on the schema after a downgrade",
        )
        .said(it.destructive, "it dropped data", "it dropped no data")
        .part("shown by ", it.evidence.as_ref())
        .end()
}
