//! Random claims over all types of event, out of small pools of names so that they meet again.

use crate::support::{START, minute};
use allclear::incident::{EventType, is_claimable};
use proptest::prelude::*;
use serde_json::{Value, json};

/// One attempt to append: who, when, and what, out of small pools so that names meet again.
#[derive(Debug, Clone)]
pub struct Attempt {
    pub by: &'static str,
    pub minutes: i64,
    pub claim: Value,
}

/// Takes choices from random bytes.
struct Chance<'a>(std::slice::Iter<'a, u8>);

impl Chance<'_> {
    fn below(&mut self, count: usize) -> usize {
        usize::from(self.0.next().copied().unwrap_or(0)) % count
    }

    fn of<T: Copy>(&mut self, pool: &[T]) -> T {
        pool[self.below(pool.len())]
    }
}

/// Random histories: an announcement, and what is tried after it.
pub fn attempts() -> impl Strategy<Value = Vec<Attempt>> {
    let attempt = any::<[u8; 12]>().prop_map(|bytes| attempt(&mut Chance(bytes.iter())));
    prop::collection::vec(attempt, 1..40).prop_map(|mut attempts| {
        attempts.insert(0, Attempt { by: "ana", minutes: 0, claim: announced(&[0, 7, 1]) });
        attempts
    })
}

fn announced(bytes: &[u8]) -> Value {
    let mut chance = Chance(bytes.iter());
    let mut claim = json!({ "type": "announced", "data": { "service": "web", "reason": "5xx" } });
    if chance.below(4) == 0 {
        claim["data"]["running"] = json!("2");
    }
    if chance.below(8) == 0 {
        claim["data"]["retrospective"] = json!(true);
    }
    claim
}

fn attempt(chance: &mut Chance<'_>) -> Attempt {
    let by = chance.of(&["ana", "ana", "bo", "admin"]);
    let minutes = chance.of(&[0, 0, 1, 3, 16]);
    let claimable: Vec<EventType> =
        EventType::ALL.iter().copied().filter(|kind| is_claimable(*kind)).collect();
    let often = [
        EventType::ResponseDecided,
        EventType::RemedyPlanned,
        EventType::RemedyStarted,
        EventType::RemedyFinished,
        EventType::RemedyFailed,
        EventType::CheckRecorded,
        EventType::ChecksPassed,
        EventType::RoleAssigned,
        EventType::Resolved,
        EventType::Reopened,
        EventType::SchemaChecked,
        EventType::Corrected,
    ];
    let kind = if chance.below(3) == 0 { chance.of(&claimable) } else { chance.of(&often) };
    let mut claim = json!({ "type": kind.word(), "data": data(kind, chance) });
    match chance.below(12) {
        0 => claim["occurred"] = json!("unknown"),
        1 => claim["occurred"] = json!(minute(-20).to_string()),
        2 => claim["occurred"] = json!({ "from": minute(-20).to_string() }),
        3 => claim["override"] = json!({ "reason": "Now." }),
        _ => {}
    }
    Attempt { by, minutes, claim }
}

fn data(kind: EventType, chance: &mut Chance<'_>) -> Value {
    let remedy = chance.of(&["R1", "R2", "R3", "mine"]);
    let version = chance.of(&["1", "2"]);
    let reason = "It was so.";
    match kind {
        EventType::Announced => {
            announced(&[chance.below(4) as u8, chance.below(8) as u8])["data"].clone()
        }
        EventType::Detected => json!({ "source": "customer", "impact": { "level": "full" } }),
        EventType::ImpactChanged => json!({ "level": chance.of(&["none", "full", "unknown"]) }),
        EventType::SeverityChanged => json!({ "to": "SEV2" }),
        EventType::RoleAssigned => {
            json!({ "role": "commander", "to": chance.of(&["ana", "bo"]), "from": chance.of(&["ana", "bo"]) })
        }
        EventType::RoleReleased => {
            json!({ "role": "commander", "from": chance.of(&["ana", "bo"]) })
        }
        EventType::ResponseDecided => {
            let chosen = chance.of(&["rollback", "rollback", "hotfix", "investigate"]);
            json!({ "situations": [chance.of(&["service_down", "intermittent_errors"])], "chosen": chosen })
        }
        EventType::StableVersionIdentified => {
            json!({ "components": [{ "name": "web", "version": version }] })
        }
        EventType::SchemaChecked => json!({ "migration": "m", "is_cause": chance.below(2) == 0,
            "on_current": chance.below(2) == 0, "on_target": chance.below(2) == 0, "destructive": chance.below(4) == 0 }),
        EventType::RemedyPlanned | EventType::RemedyStarted => {
            intent(kind, remedy, version, chance)
        }
        EventType::RemedyFinished => {
            json!({ "remedy": remedy, "observed": [{ "name": "web", "version": version }] })
        }
        EventType::RemedyFailed | EventType::RemedyAbandoned | EventType::RemedyUndone => {
            json!({ "remedy": remedy, "reason": reason })
        }
        EventType::EffectObserved => json!({ "remedy": remedy, "effect": "none" }),
        EventType::CommandRecorded => json!({ "remedy": remedy, "command": "true", "exit_code": 0,
            "started_at": START.to_string(), "duration_ms": 5, "output": "", "output_sha256": "0".repeat(64) }),
        EventType::ChangeObserved => {
            json!({ "what": "A deploy.", "components": [{ "name": "web", "to": version }], "ref": "d1" })
        }
        EventType::VerificationStarted | EventType::ChecksPassed => match chance.below(2) {
            0 => json!({}),
            _ => json!({ "without_remedy_because": reason }),
        },
        EventType::CheckRecorded => {
            let names = ["health", "smoke", "http_5xx_rate", "p99_latency", "db_pool"];
            json!({ "check": chance.of(&names), "ok": chance.below(5) > 0, "value": 1.5 })
        }
        EventType::UpdatePosted => json!({ "purposes": ["other"], "channel": "#incidents" }),
        EventType::Escalated => json!({ "to": "bo", "reason": reason }),
        EventType::Resolved => json!({ "restored": version, "impact_ended": true }),
        EventType::VerificationFailed | EventType::Reopened | EventType::PostmortemWaived => {
            json!({ "reason": reason })
        }
        EventType::Cancelled => match chance.below(2) {
            0 => json!({ "why": "nothing_to_do" }),
            _ => json!({ "why": "merged", "of": "INC-7" }),
        },
        EventType::NoteAdded => json!({ "text": reason }),
        EventType::EvidenceAttached => json!({ "title": "A graph" }),
        EventType::CauseRecorded => {
            json!({ "part": "root", "standing": "suspected", "text": reason })
        }
        EventType::AlertAttached | EventType::AlertDetached => {
            json!({ "source": "am", "fingerprint": version, "status": "firing", "labels": { "b": "1", "a": "2" } })
        }
        EventType::Linked | EventType::Unlinked => {
            json!({ "relation": "related", "incident": "INC-7" })
        }
        EventType::Corrected => correction(chance),
        EventType::Redacted => json!({ "version": 1, "reason": reason }),
        EventType::ChecklistMarked => json!({ "item": "capture_logs", "outcome": "done" }),
        EventType::LessonRecorded => json!({ "kind": "lucky", "text": reason }),
        EventType::FollowUpAdded => json!({ "title": "Alert" }),
        EventType::FollowUpChanged => json!({ "follow_up": "F1", "status": "done" }),
        EventType::SectionWritten => json!({ "section": "summary", "markdown": reason }),
        EventType::PostmortemScheduled => json!({ "at": START.to_string() }),
        EventType::PostmortemPublished => json!({ "sha256": "0".repeat(64) }),
        EventType::ReminderSent => json!({ "slot": "final", "since": 1 }),
    }
}

fn intent(kind: EventType, remedy: &str, version: &str, chance: &mut Chance<'_>) -> Value {
    if kind == EventType::RemedyStarted && chance.below(3) == 0 {
        return json!({ "remedy": remedy });
    }
    let mut intent = match chance.below(4) {
        0 => json!({ "kind": "rollback", "components": [{ "name": "web" }] }),
        1 => json!({ "kind": "rollback", "components": [{ "name": "web", "to": version }] }),
        2 => json!({ "kind": "migration_downgrade", "from": "m", "to": "l" }),
        _ => json!({ "kind": "restart", "what": "web" }),
    };
    match chance.below(6) {
        0 => intent["owner"] = json!("dba"),
        1 => intent["purpose"] = json!("diagnosis"),
        2 => intent["remedy"] = json!(remedy),
        _ => {}
    }
    intent
}

fn correction(chance: &mut Chance<'_>) -> Value {
    let mut correction = json!({ "version": chance.below(12) + 1, "reason": "It was otherwise." });
    match chance.below(4) {
        0 => correction["withdrawn"] = json!(true),
        1 => correction["withdrawn"] = json!(false),
        2 => correction["fields"] = json!({ "components": [{ "name": "web", "to": "1" }] }),
        _ => correction["occurred"] = json!(minute(-5).to_string()),
    }
    correction
}
