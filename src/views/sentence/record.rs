//! What is written down beside the moves.

use super::phrase::{Phrase, spaced};
use crate::incident::event::{Alert, CauseRecorded, Correction, EvidenceAttached, Link};

pub fn evidence_attached(it: &EvidenceAttached) -> String {
    Phrase::new(format!("Evidence: {}", it.title))
        .part("", it.url.as_ref())
        .part("SHA-256 ", it.sha256.as_ref())
        .part("media type ", it.media_type.as_ref())
        .end()
}

pub fn cause_recorded(it: &CauseRecorded) -> String {
    let name = it.cause.as_ref().map(|name| format!(" {name}")).unwrap_or_default();
    Phrase::new(format!("Cause{name} ({}, {}): {}", it.part, it.standing, it.text))
        .list("see ", &it.refs)
        .end()
}

pub fn alert(before: &str, it: &Alert) -> String {
    let label = |(name, value): (&String, &String)| format!("{name}={value}");
    let labels: Vec<String> = it.labels.0.iter().map(label).collect();
    Phrase::new(format!("{before} {} from {} is {}", it.fingerprint, it.source, it.status))
        .list("labels: ", &labels)
        .part("", it.url.as_ref())
        .end()
}

pub fn link(before: &str, it: &Link) -> String {
    let incident = it.incident.as_ref().map(|incident| format!(" {incident}")).unwrap_or_default();
    let url = it.url.as_ref().map(|url| format!(" {url}")).unwrap_or_default();
    Phrase::new(format!("{before}: {}{incident}{url}", spaced(it.relation))).end()
}

pub fn corrected(it: &Correction) -> String {
    let fields = it.fields.as_ref().map(|fields| serde_json::Value::Object(fields.0.clone()));
    Phrase::new(format!("#{} was wrong: {}", it.version, it.reason))
        .time("it happened ", it.occurred.map(|when| when.0))
        .part("it should read ", fields)
        .said(it.withdrawn, "it never belonged here", "it does belong here")
        .end()
}
