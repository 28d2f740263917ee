//! The summary: everything that is folded of an incident, as one plain document.

use super::somebody::{People, Somebody};
use crate::incident::event::{Alert, CauseRecorded, ChecklistMarked, FollowUpAdded, Intent, Link};
use crate::incident::facts::{Holder, Level, Mark, Reading, Remedy, Window};
use crate::incident::id::{IncidentId, Version};
use crate::incident::runbook::ChecklistItem;
use crate::incident::text::{Line, Name, Phrase, Text};
use crate::incident::time::{Claimed, Instant};
use crate::incident::words::{
    Effect, ImpactLevel, ItemOutcome, Purpose, RemedyKind, RemedyState, Response, Role, State,
};
use crate::incident::{Incident, Runbook};
use schemars::JsonSchema;
use serde::Serialize;
use std::collections::BTreeMap;

/// An incident as it stands.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub struct Summary {
    /// Its identity.
    pub id: IncidentId,
    /// Its short name.
    pub r#ref: String,
    /// How many events it has.
    pub version: Version,
    /// Where it stands.
    pub state: State,
    /// The word that a status page uses for that.
    pub status_page: &'static str,
    /// Its title.
    pub title: String,
    /// What is affected.
    pub service: Line,
    /// Where.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub environment: Option<Phrase>,
    /// What is wrong.
    pub reason: String,
    /// How serious it is taken to be.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub severity: Option<String>,
    /// The scenario that it is taken for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub scenario: Option<String>,
    /// Whether its story was told afterwards.
    pub retrospective: bool,
    /// What is seen.
    pub symptoms: Vec<String>,
    /// Who or what is affected.
    pub affected: Vec<String>,
    /// When it was announced.
    pub announced: MarkOut,
    /// When the checks last passed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub restored: Option<MarkOut>,
    /// When it was last resolved.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub resolved: Option<MarkOut>,
    /// When its last event was recorded.
    pub updated_at: Instant,
    /// Who holds which role.
    pub roles: BTreeMap<Role, Vec<HolderOut>>,
    /// The last decision.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub decision: Option<DecisionOut>,
    /// The running version of each component, as last seen.
    pub running: BTreeMap<Line, Line>,
    /// The identified stable version of each component.
    pub stable: BTreeMap<Line, Line>,
    /// Every attempt.
    pub remedies: Vec<RemedyOut>,
    /// Checks and readings since the last change: the last of each.
    pub checks: BTreeMap<String, CheckOut>,
    /// When the watch began, while it runs.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub watch_began: Option<Claimed>,
    /// The spans of impact.
    pub impact: Vec<WindowOut>,
    /// The last word on each cause.
    pub causes: Vec<CauseRecorded>,
    /// The follow-ups as they stand.
    pub follow_ups: Vec<FollowUpAdded>,
    /// Every item of the runbook's checklist, as last marked.
    pub checklist: Vec<ItemOut>,
    /// The alerts that belong to it.
    pub alerts: Vec<Alert>,
    /// The links that stand.
    pub links: Vec<Link>,
}

/// Where and when something was stated.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub struct MarkOut {
    /// The event.
    pub version: Version,
    /// When it is claimed to have happened.
    pub occurred: Claimed,
}

/// Who holds a role.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub struct HolderOut {
    /// The person.
    #[serde(flatten)]
    pub person: Somebody,
    /// Since when.
    pub since: MarkOut,
}

/// What was decided last.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub struct DecisionOut {
    /// The event.
    pub version: Version,
    /// What was chosen.
    pub chosen: Response,
    /// What the runbook recommended.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub recommended: Option<Response>,
    /// The row that said so.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub row: Option<i64>,
    /// Why.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rationale: Option<String>,
    /// Whether it is a decision to act that stands.
    pub stands: bool,
}

/// One attempt to restore service.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub struct RemedyOut {
    /// Its name.
    pub remedy: String,
    /// Its kind.
    pub kind: RemedyKind,
    /// What it is for.
    pub purpose: Purpose,
    /// Where it stands.
    pub state: RemedyState,
    /// When it began.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub started: Option<MarkOut>,
    /// When it was finished.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub finished: Option<MarkOut>,
    /// What it did to the impact, as last seen.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub effect: Option<Effect>,
    /// What it is to do.
    pub intent: Intent,
}

/// A check or a reading.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub struct CheckOut {
    /// The event.
    pub version: Version,
    /// Whether it satisfies its guard.
    pub good: bool,
}

/// A span of impact.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub struct WindowOut {
    /// Which part is affected; left out for all of it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub scope: Option<Line>,
    /// When it began.
    pub from: Claimed,
    /// When it ended; left out while it lasts.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub till: Option<Claimed>,
    /// How bad it is, or was last.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub level: Option<ImpactLevel>,
}

/// An item of the checklist.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub struct ItemOut {
    /// Its name.
    pub item: Name,
    /// What is to be done, in the words of the runbook.
    pub says: String,
    /// Whether it needs an answer and not a tick.
    pub is_question: bool,
    /// What became of it; open until somebody marks it.
    pub outcome: ItemOutcome,
    /// The answer, or why it does not apply.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub answer: Option<String>,
    /// What shows it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub evidence: Option<String>,
    /// The event that marked it last.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub event: Option<Version>,
}

impl Summary {
    /// The summary of an incident that pins `runbook`; none before its announcement.
    pub fn of(incident: &Incident, runbook: &Runbook, people: &People<'_>) -> Option<Summary> {
        let facts = &incident.facts;
        let (announced, it) = facts.announced.as_ref()?;
        let strings = |phrases: &[Phrase]| phrases.iter().map(ToString::to_string).collect();
        Some(Summary {
            id: incident.id,
            r#ref: incident.number.to_string(),
            version: incident.version(),
            state: incident.state,
            status_page: incident.state.status_page_word(),
            title: title(incident),
            service: it.service.clone(),
            environment: it.environment.clone(),
            reason: it.reason.to_string(),
            severity: facts.severity.as_ref().map(ToString::to_string),
            scenario: facts.scenario.as_ref().map(ToString::to_string),
            retrospective: facts.is_retrospective(),
            symptoms: strings(&it.symptoms),
            affected: strings(&it.affected),
            announced: mark(*announced),
            restored: facts.passes.last().copied().map(mark),
            resolved: facts.resolutions.last().copied().map(mark),
            updated_at: incident.updated_at()?.instant(),
            roles: roles(incident, people),
            decision: decision(incident),
            running: facts.running.clone(),
            stable: facts.stable.clone(),
            remedies: facts.remedies.iter().map(remedy).collect(),
            checks: checks(incident),
            watch_began: facts.watch_began(),
            impact: facts.impact.iter().map(window).collect(),
            causes: facts.causes.values().map(|(_, it)| it.clone()).collect(),
            follow_ups: facts.follow_ups.iter().map(|(_, it)| it.clone()).collect(),
            checklist: runbook.checklist.iter().map(|it| item(incident, it)).collect(),
            alerts: facts.alerts.values().map(|(_, it)| it.clone()).collect(),
            links: facts.links.iter().map(|(_, it)| it.clone()).collect(),
        })
    }
}

/// How long a title made of service and reason may be, in characters.
const TITLE_MAX: usize = 160;

/// An incident's title, or its service and reason in one line.
pub fn title(incident: &Incident) -> String {
    let Some((_, it)) = &incident.facts.announced else { return String::new() };
    match &it.title {
        Some(title) => title.to_string(),
        None => {
            let whole = format!("{}: {}", it.service, it.reason);
            let line = whole.split_whitespace().collect::<Vec<_>>().join(" ");
            line.chars().take(TITLE_MAX).collect()
        }
    }
}

fn mark(mark: Mark) -> MarkOut {
    MarkOut { version: mark.version, occurred: mark.happened }
}

fn roles(incident: &Incident, people: &People<'_>) -> BTreeMap<Role, Vec<HolderOut>> {
    let holder =
        |it: &Holder| HolderOut { person: people.person(&it.person), since: mark(it.since) };
    let held = |(role, holders): (&Role, &Vec<_>)| (*role, holders.iter().map(holder).collect());
    incident.facts.roles.iter().map(held).collect()
}

fn decision(incident: &Incident) -> Option<DecisionOut> {
    let (mark, it) = incident.facts.decisions.last()?;
    Some(DecisionOut {
        version: mark.version,
        chosen: it.chosen,
        recommended: it.recommended.0,
        row: it.row.0,
        rationale: it.rationale.as_ref().map(ToString::to_string),
        stands: incident.facts.decided,
    })
}

fn remedy(it: &Remedy) -> RemedyOut {
    RemedyOut {
        remedy: it.name.to_string(),
        kind: it.kind,
        purpose: it.purpose(),
        state: it.state,
        started: it.started.map(mark),
        finished: it.finished.map(mark),
        effect: it.effect().map(|(_, seen)| seen.effect),
        intent: it.intent.clone(),
    }
}

fn checks(incident: &Incident) -> BTreeMap<String, CheckOut> {
    let last = |(name, readings): (&Name, &Vec<_>)| {
        let last: &Reading = readings.last()?;
        Some((name.to_string(), CheckOut { version: last.mark.version, good: last.good }))
    };
    incident.facts.readings.iter().filter_map(last).collect()
}

fn item(incident: &Incident, it: &ChecklistItem) -> ItemOut {
    let marked = incident.facts.checklist.get(&it.item);
    let words = |of: fn(&ChecklistMarked) -> &Option<Text>| {
        marked.and_then(|(_, marked)| of(marked).as_ref()).map(ToString::to_string)
    };
    ItemOut {
        item: it.item.clone(),
        says: it.says.to_string(),
        is_question: it.is_question(),
        outcome: marked.map_or(ItemOutcome::Open, |(_, marked)| marked.outcome),
        answer: words(|marked| &marked.answer),
        evidence: words(|marked| &marked.evidence),
        event: marked.map(|(mark, _)| mark.version),
    }
}

fn window(it: &Window) -> WindowOut {
    let last: Option<&Level> = it.levels.last();
    WindowOut {
        scope: it.scope.clone(),
        from: it.from,
        till: it.till.map(|(till, _)| till),
        level: last.map(|level| level.level),
    }
}
