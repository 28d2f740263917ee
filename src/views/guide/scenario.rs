//! The scenario that an incident is taken for: its remedies in order, how each stands here, and
//! what must be true before it begins.

use super::look::Look;
use super::step::StepStanding;
use crate::incident::attempt::start_guards;
use crate::incident::facts::Remedy;
use crate::incident::runbook::Scenario;
use crate::incident::text::Text;
use crate::incident::words::{Effect, RemedyKind, RemedyState};
use crate::incident::{Code, Unmet};
use schemars::JsonSchema;
use serde::Serialize;

/// A scenario in this incident.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct ScenarioOut {
    /// Its name.
    pub scenario: String,
    /// Its title.
    pub title: String,
    /// What is seen of it.
    pub symptoms: Vec<String>,
    /// What to do, in the words of the runbook.
    pub says: Vec<String>,
    /// How many minutes recovery is expected to take, from and to.
    pub recovery_minutes: [i64; 2],
    /// What helps, in the order in which it is tried.
    pub remedies: Vec<RemedyOut>,
}

/// A remedy of the scenario in this incident.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
#[schemars(rename = "ScenarioRemedy")]
pub struct RemedyOut {
    /// Its kind.
    pub kind: RemedyKind,
    /// How it stands here.
    pub standing: StepStanding,
    /// The attempts of this kind.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub attempts: Vec<Attempt>,
    /// What must be true before it begins; left out once it has.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub first: Vec<First>,
}

/// One attempt.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct Attempt {
    /// Its name.
    pub remedy: String,
    /// Where it stands.
    pub state: RemedyState,
    /// What it did to the impact, as last seen.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub effect: Option<Effect>,
}

/// Something that must be true first.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct First {
    /// The guard that asks for it.
    pub code: Code,
    /// Whether it is true.
    pub met: bool,
    /// What the guard is about, or what it misses.
    pub detail: String,
}

impl ScenarioOut {
    pub(super) fn of(scenario: &Scenario, look: &Look<'_>) -> ScenarioOut {
        let texts = |texts: &[Text]| texts.iter().map(ToString::to_string).collect();
        ScenarioOut {
            scenario: scenario.name.to_string(),
            title: scenario.title.to_string(),
            symptoms: texts(&scenario.symptoms),
            says: texts(&scenario.says),
            recovery_minutes: scenario.recovery_minutes.0,
            remedies: remedies(scenario, look),
        }
    }
}

fn remedies(scenario: &Scenario, look: &Look<'_>) -> Vec<RemedyOut> {
    let mut out: Vec<RemedyOut> =
        scenario.remedies.iter().map(|kind| remedy(*kind, scenario, look)).collect();
    let is_settled = |it: &&mut RemedyOut| it.standing == StepStanding::Open;
    let runs = out.iter().any(|it| it.standing == StepStanding::Now);
    if let (false, true, Some(next)) =
        (runs, look.incident.state.is_open(), out.iter_mut().find(is_settled))
    {
        next.standing = StepStanding::Next;
    }
    out
}

fn remedy(kind: RemedyKind, scenario: &Scenario, look: &Look<'_>) -> RemedyOut {
    let attempts: Vec<&Remedy> = look.attempts().filter(|it| it.kind == kind).collect();
    let unmet = look.unmet_to_start(kind);
    let has = |state| attempts.iter().any(|it| it.state == state);
    let standing = match (has(RemedyState::Running), has(RemedyState::Finished)) {
        (true, _) => StepStanding::Now,
        (false, true) => StepStanding::Done,
        (false, false) if applies(kind, scenario, look) => StepStanding::Open,
        (false, false) => StepStanding::NotApplicable,
    };
    let is_ahead = look.incident.state.is_open() && standing == StepStanding::Open;
    let guards = if is_ahead { start_guards(kind) } else { &[] };
    RemedyOut {
        kind,
        standing,
        first: guards.iter().map(|code| first(*code, &unmet, scenario, look)).collect(),
        attempts: attempts.into_iter().map(attempt).collect(),
    }
}

/// Of a downgrade and a backup, what was destroyed decides (seed, scenario 2): until somebody has
/// looked, both may be.
fn applies(kind: RemedyKind, scenario: &Scenario, look: &Look<'_>) -> bool {
    let (downgrade, restore) = (RemedyKind::MigrationDowngrade, RemedyKind::BackupRestore);
    let has_both = [downgrade, restore].iter().all(|kind| scenario.remedies.contains(kind));
    let words = look.facts().schema_checks.iter().rev();
    let destroyed = words.map(|(_, check)| check.destructive).find(Option::is_some).flatten();
    match destroyed {
        Some(destroyed) if has_both && kind == downgrade => !destroyed,
        Some(destroyed) if has_both && kind == restore => destroyed,
        Some(_) | None => true,
    }
}

fn first(code: Code, unmet: &[Unmet], scenario: &Scenario, look: &Look<'_>) -> First {
    let missing = unmet.iter().find(|unmet| unmet.code == code);
    if code == Code::CodeFirst && missing.is_none() && is_code_behind(scenario, look) {
        let detail = "The code goes back before the schema: no rollback is finished yet.".into();
        return First { code, met: false, detail };
    }
    First {
        code,
        met: missing.is_none(),
        detail: missing.map_or_else(|| about(code).into(), |unmet| unmet.detail.clone()),
    }
}

/// Whether the scenario has the code roll back first, and that is not done. The guard asks only
/// for rollbacks that somebody has planned; the scenario says that there is to be one.
fn is_code_behind(scenario: &Scenario, look: &Look<'_>) -> bool {
    let place = |kind| scenario.remedies.iter().position(|it| *it == kind);
    let (code, schema) = (place(RemedyKind::Rollback), place(RemedyKind::MigrationDowngrade));
    let is_rolled_back = look
        .attempts()
        .any(|it| it.kind == RemedyKind::Rollback && it.state == RemedyState::Finished);
    code.is_some() && code < schema && !is_rolled_back
}

/// What is true when the guard is met.
const fn about(code: Code) -> &'static str {
    match code {
        Code::TargetUnknown => "There is a version to go back to.",
        Code::TargetIsCurrent => "It is not the version that runs.",
        Code::SchemaUnchecked => "The old code was seen to run on that schema.",
        Code::CauseUnconfirmed => "The migration was seen to be the cause.",
        Code::Destructive => "Nobody has said that the migration destroyed data.",
        Code::CodeFirst => "The code goes back before the schema.",
        _ => code.about(),
    }
}

fn attempt(it: &Remedy) -> Attempt {
    Attempt {
        remedy: it.name.to_string(),
        state: it.state,
        effect: it.effect().map(|(_, seen)| seen.effect),
    }
}
