//! What every document promises, whatever was recorded: each claim has its event, each number and
//! time comes from one, no words of a user become markup, and the markup itself is sound.

#![allow(clippy::unwrap_used, reason = "a test stops at the first surprise")]

#[allow(dead_code, reason = "who attempts it makes no difference here")]
#[path = "../history/mod.rs"]
mod history;
#[path = "../markup/mod.rs"]
mod markup;
#[path = "../support/mod.rs"]
mod support;
#[path = "../telling/mod.rs"]
mod telling;

mod citations;
mod same;
mod sound;
mod walk;
mod wording;

use allclear::incident::runbook::{Runbook, Zone, built_in};
use allclear::incident::words::Section;
use allclear::views::{Figures, Manner, Postmortem, Timeline};
use serde_json::json;
use telling::Telling;

/// Whatever of a random history the machines accept.
fn random(attempts: &[history::Attempt]) -> Telling {
    let mut telling = Telling::new("2026-11-24T03:00:00Z");
    for attempt in attempts {
        telling.now.0 += attempt.minutes * 60_000_000;
        let _ = telling.try_tell(attempt.claim.clone());
    }
    telling
}

/// Judged by the runbook, and told by a second clock.
fn in_zone(runbook: &Runbook) -> Manner<'_> {
    let zone = Some(Zone("Asia/Kolkata".parse().unwrap()));
    Manner { runbook: Some(runbook), zone, ..Manner::default() }
}

/// Every document of a story, with the name of its form.
fn documents(telling: &Telling) -> Vec<(&'static str, String)> {
    let (story, runbook) = (telling.story(), built_in());
    let manner = in_zone(&runbook);
    let timeline = Timeline::in_manner(&story, &manner);
    let postmortem = Postmortem::in_manner(&story, &manner);
    let figures = Figures::new(&story);
    vec![
        ("json", serde_json::to_string(&timeline).unwrap()),
        ("json", serde_json::to_string(&postmortem).unwrap()),
        ("json", serde_json::to_string(&figures).unwrap()),
        ("markdown", timeline.markdown()),
        ("markdown", postmortem.markdown()),
        ("markdown", figures.markdown()),
        ("html", timeline.html()),
        ("html", postmortem.html()),
        ("text", timeline.text()),
        ("text", figures.text()),
    ]
}

fn of_form<'a>(documents: &'a [(&'static str, String)], form: &str) -> Vec<&'a str> {
    documents.iter().filter(|(it, _)| *it == form).map(|(_, text)| text.as_str()).collect()
}

/// A story in which every text that a user may give is `words`: of every type of event that says
/// something, and beside it.
fn hostile(words: &str) -> Telling {
    let line: String = words.split_whitespace().collect::<Vec<_>>().join(" ");
    let line: String = line.chars().filter(|it| !it.is_control()).take(120).collect();
    let phrase: String = line.chars().take(60).collect();
    let mut telling = Telling::new("2026-11-24T12:00:00Z");
    telling.tell(json!({ "type": "announced", "as_written": words, "actor": line, "data": {
        "service": line, "reason": words, "title": line, "running": phrase, "symptoms": [line],
        "environment": line, "affected": [line], "severity": "SEV1", "source": line,
        "impact": { "level": "full" }, "posted": { "channel": phrase } } }));
    let mut told = vec![
        ("role_assigned", json!({ "role": "commander", "to": line })),
        (
            "role_assigned",
            json!({ "role": "commander", "to": "u_ana", "from": line, "handover": words }),
        ),
        ("impact_changed", json!({ "level": "partial", "note": words, "scope": line })),
        ("note_added", json!({ "text": words, "pinned": true })),
        (
            "change_observed",
            json!({ "what": words, "ref": line,
            "components": [{ "name": line, "to": phrase }] }),
        ),
        (
            "response_decided",
            json!({ "situations": ["service_down"], "chosen": "hotfix",
            "rationale": words }),
        ),
        (
            "stable_version_identified",
            json!({ "evidence": words,
            "components": [{ "name": line, "version": phrase }] }),
        ),
        (
            "schema_checked",
            json!({ "migration": line, "is_cause": false, "on_current": true,
            "on_target": true, "destructive": false, "evidence": words }),
        ),
        ("remedy_planned", json!({ "kind": "restart", "what": words, "owner": line })),
        ("remedy_abandoned", json!({ "remedy": "R1", "reason": words })),
        (
            "command_recorded",
            json!({ "command": words, "exit_code": 1, "output": words,
            "started_at": "2026-11-24T12:00:00Z", "duration_ms": 5, "output_sha256": "0".repeat(64) }),
        ),
        ("check_recorded", json!({ "check": "smoke", "not_applicable": words, "source": line })),
        ("checklist_marked", json!({ "item": "capture_logs", "outcome": "done", "answer": words })),
        ("lesson_recorded", json!({ "kind": "lucky", "text": words })),
        ("cause_recorded", json!({ "part": "root", "standing": "confirmed", "text": words })),
        ("follow_up_added", json!({ "title": line, "owner": line })),
        ("escalated", json!({ "to": line, "reason": words })),
        ("evidence_attached", json!({ "title": line, "media_type": "text/plain" })),
        (
            "alert_attached",
            json!({ "source": line, "fingerprint": line, "status": "firing",
            "labels": { "a": words } }),
        ),
        ("linked", json!({ "relation": "related", "incident": "INC-7" })),
        ("update_posted", json!({ "purposes": ["progress"], "channel": phrase, "text": words })),
        ("corrected", json!({ "version": 5, "reason": words, "fields": { "text": words } })),
    ];
    for section in Section::ALL {
        told.push(("section_written", json!({ "section": section, "markdown": words })));
    }
    for (kind, data) in told {
        telling.now.0 += 60_000_000;
        telling.tell(json!({ "type": kind, "data": data }));
    }
    telling.tell(json!({ "type": "resolved", "data": { "summary": words },
        "override": { "reason": words } }));
    telling
}
