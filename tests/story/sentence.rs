//! The sentences in which events are told, and the claims that they stand for.
//!
//! A sentence may begin with who speaks (else ana does) and ends with any of the additions of
//! [`addition`]. `event <type> {json}` tells what no sentence here can.

use super::words::Words;
use allclear::incident::EventType;
use allclear::incident::words::RemedyKind;
use serde_json::{Map, Value, json};

/// Who speaks, and what is claimed.
pub fn claims(words: &mut Words) -> Result<(String, Vec<Value>), String> {
    let speaker = words.speaker().unwrap_or_else(|| "ana".into());
    let mut claims = head(words, &speaker)?;
    while !words.is_empty() {
        let from = words.peek().unwrap_or_default().to_owned();
        let addition = addition(words, claims[0].kind)?;
        let Some((place, value)) = addition else { return Err(format!("what is {from}?")) };
        for claim in &mut claims {
            claim.add(place, value.clone());
        }
    }
    Ok((speaker, claims.into_iter().map(Claim::into_json).collect()))
}

struct Claim {
    kind: EventType,
    envelope: Map<String, Value>,
    data: Value,
}

/// Where an addition goes: beside the data, or into them.
#[derive(Clone, Copy)]
enum Place {
    Beside(&'static str),
    Inside(&'static str),
    Listed(&'static str),
    Merged,
}

impl Claim {
    fn new(kind: EventType, data: Value) -> Claim {
        Claim { kind, envelope: Map::new(), data }
    }

    fn add(&mut self, place: Place, value: Value) {
        match place {
            Place::Beside(key) => drop(self.envelope.insert(key.into(), value)),
            Place::Inside(key) => self.data[key] = value,
            Place::Listed(key) => match self.data[key].as_array_mut() {
                Some(list) => list.push(value),
                None => self.data[key] = json!([value]),
            },
            Place::Merged => {
                for (key, value) in value.as_object().into_iter().flatten() {
                    self.data[key] = value.clone();
                }
            }
        }
    }

    fn into_json(self) -> Value {
        let mut claim = self.envelope;
        claim.insert("type".into(), self.kind.word().into());
        claim.insert("data".into(), self.data);
        Value::Object(claim)
    }
}

fn head(words: &mut Words, speaker: &str) -> Result<Vec<Claim>, String> {
    use EventType::*;
    let one = |kind, data| Ok(vec![Claim::new(kind, data)]);
    if words.have("announced") {
        return one(Announced, json!({ "service": words.take()?, "reason": words.take()? }));
    }
    if words.have("detected by") {
        return one(Detected, json!({ "source": words.take()? }));
    }
    if words.have("impact is") {
        return one(ImpactChanged, json!({ "level": words.take()? }));
    }
    if words.have("severity is") {
        return one(SeverityChanged, json!({ "to": words.take()? }));
    }
    if words.have("takes command") {
        return one(RoleAssigned, json!({ "role": "commander", "to": speaker }));
    }
    if words.have("makes") {
        return one(RoleAssigned, json!({ "to": words.take()?, "role": words.take()? }));
    }
    if words.have("lays down command") {
        return one(RoleReleased, json!({ "role": "commander", "from": speaker }));
    }
    if words.have("decided") {
        return one(ResponseDecided, json!({ "situations": [], "chosen": words.take()? }));
    }
    if words.have("identified") {
        let component = json!({ "name": words.take()?, "version": words.take()? });
        let stable = words.have("as stable");
        stable.then_some(()).ok_or("identified … as stable")?;
        return one(StableVersionIdentified, json!({ "components": [component] }));
    }
    if words.have("saw that migration") {
        return one(SchemaChecked, schema_checked(words)?);
    }
    if words.have("verification started") {
        return one(VerificationStarted, json!({}));
    }
    if words.have("verification failed") {
        return one(VerificationFailed, json!({ "reason": "It is not well." }));
    }
    if words.have("checks passed") {
        return one(ChecksPassed, json!({}));
    }
    if words.have("update posted for") {
        return one(UpdatePosted, json!({ "purposes": words.list()?, "channel": "#incidents" }));
    }
    if words.have("escalated to") {
        return one(Escalated, json!({ "to": words.take()?, "reason": "It takes more." }));
    }
    if words.have("resolves") || words.have("resolved") {
        return one(Resolved, json!({}));
    }
    if words.have("reopens") || words.have("reopened") {
        return one(Reopened, json!({ "reason": "It is back." }));
    }
    if words.have("cancels as") || words.have("cancelled as") {
        return one(Cancelled, json!({ "why": words.take()? }));
    }
    if words.have("notes") {
        return one(NoteAdded, json!({ "text": words.take()? }));
    }
    if words.have("suspects") {
        let text = words.take()?;
        return one(
            CauseRecorded,
            json!({ "part": "root", "standing": "suspected", "text": text }),
        );
    }
    if words.have("adds the follow-up") {
        return one(FollowUpAdded, json!({ "title": words.take()? }));
    }
    if words.have("schedules the post-mortem at") {
        return one(PostmortemScheduled, json!({ "at": words.instant()? }));
    }
    if words.have("publishes the post-mortem") {
        return one(PostmortemPublished, json!({ "sha256": "0".repeat(64) }));
    }
    if words.have("withdraws event") {
        return one(
            Corrected,
            json!({ "version": number(words)?, "withdrawn": true, "reason": "Wrong." }),
        );
    }
    if words.have("corrects event") {
        return one(Corrected, json!({ "version": number(words)?, "reason": "It was otherwise." }));
    }
    if words.have("event") {
        let kind = words.take()?;
        let kind = EventType::parse(&kind).ok_or_else(|| format!("{kind} is no event"))?;
        return one(kind, words.json()?);
    }
    if words.have("effect of") {
        let remedy = words.take()?;
        words.have("is").then_some(()).ok_or("effect of … is …")?;
        return one(EffectObserved, json!({ "remedy": remedy, "effect": words.take()? }));
    }
    if words.have("change of") {
        let name = words.take()?;
        words.have("to").then_some(()).ok_or("change of … to … observed")?;
        let component = json!({ "name": name, "to": words.take()? });
        words.have("observed").then_some(()).ok_or("change of … to … observed")?;
        return one(ChangeObserved, json!({ "what": "A deploy.", "components": [component] }));
    }
    subject(words)
}

/// Sentences that begin with what they are about: a kind of remedy, a remedy, or checks.
fn subject(words: &mut Words) -> Result<Vec<Claim>, String> {
    let first = match words.have("all signals") {
        true => ["http_5xx_rate", "p99_latency", "db_pool"].map(String::from).to_vec(),
        false => words.list()?,
    };
    if let Some(kind) = RemedyKind::parse(&first[0]) {
        return intent(words, kind).map(|claim| vec![claim]);
    }
    let reading = [
        ("good", json!({ "ok": true })),
        ("bad", json!({ "ok": false })),
        ("not applicable", json!({ "not_applicable": "It has none." })),
    ];
    if let Some((_, result)) = reading.into_iter().find(|(phrase, _)| words.have(phrase)) {
        let check = |name: &String| {
            let mut claim = Claim::new(EventType::CheckRecorded, json!({ "check": name }));
            claim.add(Place::Merged, result.clone());
            claim
        };
        return Ok(first.iter().map(check).collect());
    }
    let remedy = &first[0];
    let step = [
        ("started", EventType::RemedyStarted, json!({ "remedy": remedy })),
        ("finished", EventType::RemedyFinished, json!({ "remedy": remedy })),
        ("failed", EventType::RemedyFailed, json!({ "remedy": remedy, "reason": "It failed." })),
        (
            "abandoned",
            EventType::RemedyAbandoned,
            json!({ "remedy": remedy, "reason": "Given up." }),
        ),
        ("undone", EventType::RemedyUndone, json!({ "remedy": remedy, "reason": "Put back." })),
    ];
    match step.into_iter().find(|(phrase, _, _)| words.have(phrase)) {
        Some((_, kind, data)) => Ok(vec![Claim::new(kind, data)]),
        None => Err(format!("no sentence begins with {}", first.join(" and "))),
    }
}

/// `rollback of checkout and search to 2.4.0 started`, `migration_downgrade from 8f2 to 7a1
/// planned`, `backup_restore of nightly started`, `flag_off of new-checkout started`, …
fn intent(words: &mut Words, kind: RemedyKind) -> Result<Claim, String> {
    let things = if words.have("of") { words.list()? } else { Vec::new() };
    let from = if words.have("from") { Some(words.take()?) } else { None };
    let to = if words.have("to") { Some(words.take()?) } else { None };
    let ends = |from: &Option<String>, to: &Option<String>| {
        let mut ends = json!({});
        from.iter().for_each(|from| ends["from"] = json!(from));
        to.iter().for_each(|to| ends["to"] = json!(to));
        ends
    };
    let moved = |name: &String| {
        let mut component = ends(&from, &to);
        component["name"] = json!(name);
        component
    };
    let components = || json!(things.iter().map(moved).collect::<Vec<_>>());
    let mut data = match kind {
        RemedyKind::Rollback => json!({ "components": components() }),
        RemedyKind::Hotfix | RemedyKind::Redeploy => {
            json!({ "what": "A build.", "components": components() })
        }
        RemedyKind::MigrationDowngrade => ends(&from, &to),
        RemedyKind::BackupRestore => json!({ "backup": things.join(", ") }),
        RemedyKind::FlagOff => json!({ "flags": things }),
        RemedyKind::ConfigRevert
        | RemedyKind::ConfigChange
        | RemedyKind::Scale
        | RemedyKind::Restart
        | RemedyKind::Other => {
            let mut data = ends(&from, &to);
            data["what"] = json!(things.join(", "));
            data
        }
    };
    data["kind"] = json!(kind.word());
    match words.take()?.as_str() {
        "planned" => Ok(Claim::new(EventType::RemedyPlanned, data)),
        "started" => Ok(Claim::new(EventType::RemedyStarted, data)),
        other => Err(format!("a remedy is planned or started, not {other}")),
    }
}

fn schema_checked(words: &mut Words) -> Result<Value, String> {
    let mut data = json!({ "migration": words.take()? });
    let phrases = [
        ("is the cause", "is_cause", true),
        ("is not the cause", "is_cause", false),
        ("lets the old code run", "on_current", true),
        ("breaks the old code", "on_current", false),
        ("reverted lets the old code run", "on_target", true),
        ("reverted breaks the old code", "on_target", false),
        ("is destructive", "destructive", true),
        ("is not destructive", "destructive", false),
    ];
    while let Some((_, key, value)) = phrases.iter().find(|(phrase, _, _)| words.have(phrase)) {
        data[*key] = json!(value);
    }
    Ok(data)
}

/// What may be added at the end of a sentence.
fn addition(words: &mut Words, kind: EventType) -> Result<Option<(Place, Value)>, String> {
    use Place::*;
    let reason = match kind {
        EventType::ResponseDecided => "rationale",
        EventType::VerificationStarted | EventType::ChecksPassed => "without_remedy_because",
        _ => "reason",
    };
    let found = |place, value| Ok(Some((place, value)));
    match words.take()?.as_str() {
        "happened" => found(Beside("occurred"), words.claimed()?),
        "overriding" => found(Beside("override"), json!({ "reason": words.take()? })),
        "posted" => found(Inside("posted"), json!({ "channel": "#incidents" })),
        "because" => found(Inside(reason), json!(words.take()?)),
        "running" => found(Inside("running"), json!(words.take()?)),
        "restored" => found(Inside("restored"), json!(words.take()?)),
        "since" => found(Inside("impact"), json!({ "level": "full", "since": words.instant()? })),
        "taken" if words.have("for") => found(Inside("scenario"), json!(words.take()?)),
        "told" if words.have("afterwards") => found(Inside("retrospective"), json!(true)),
        "impact" if words.have("ended at") => {
            found(Inside("impact_ended"), json!(words.instant()?))
        }
        "impact" if words.have("ended") => found(Inside("impact_ended"), json!(true)),
        "for" if kind == EventType::ResponseDecided => {
            found(Inside("situations"), json!(words.list()?))
        }
        "from" => found(Inside("from"), json!(words.take()?)),
        "to" if kind == EventType::RemedyStarted => found(Inside("to"), json!(words.take()?)),
        "of" => found(Inside("of"), json!(words.take()?)),
        "named" if kind == EventType::CauseRecorded => found(Inside("cause"), json!(words.take()?)),
        "named" if kind == EventType::FollowUpAdded => {
            found(Inside("follow_up"), json!(words.take()?))
        }
        "named" => found(Inside("remedy"), json!(words.take()?)),
        "as" if words.have("a diagnosis") => found(Inside("purpose"), json!("diagnosis")),
        "as" if words.have("a precaution") => found(Inside("purpose"), json!("precaution")),
        "by" => found(Inside("owner"), json!(words.take()?)),
        "in" if kind == EventType::ImpactChanged => found(Inside("scope"), json!(words.take()?)),
        "in" => found(Inside("scope"), json!(words.list()?)),
        "seen" => found(Listed("observed"), observed(words)?),
        "read" => found(Inside("to"), words.claimed()?),
        "took" if words.have("place") => found(Inside("occurred"), words.claimed()?),
        "with" => found(Merged, words.json()?),
        _ => Ok(None),
    }
}

/// `seen checkout in 2.4.0`, `seen revision 7a1`, `seen new-checkout off`, each `at eu`.
fn observed(words: &mut Words) -> Result<Value, String> {
    let name = words.take()?;
    let mut seen = match words.take()?.as_str() {
        "in" => json!({ "name": name, "version": words.take()? }),
        "off" => json!({ "flag": name, "on": false }),
        "on" => json!({ "flag": name, "on": true }),
        revision if name == "revision" => json!({ "revision": revision }),
        other => return Err(format!("seen {name} {other}?")),
    };
    if words.have("at") {
        seen["scope"] = json!(words.list()?);
    }
    Ok(seen)
}

fn number(words: &mut Words) -> Result<u64, String> {
    let word = words.take()?;
    word.parse().map_err(|_| format!("{word} is no number"))
}
