//! How it begins and how bad it is.

use super::phrase::{Phrase, spaced, versions};
use crate::incident::event::{
    Announced, Detected, ImpactChanged, ImpactSince, Lost, RoleAssigned, RoleReleased,
    SeverityChanged,
};
use crate::incident::text::Line;
use crate::incident::words::{DetectionSource, ImpactLevel};
use crate::views::somebody::People;
use crate::views::when::utc;

pub fn announced(it: &Announced) -> String {
    let named = |components: &[_]| (!components.is_empty()).then(|| versions(components));
    Phrase::new(format!("Incident announced for {}: {}", it.service, it.reason))
        .part("title: ", it.title.as_ref())
        .part("environment: ", it.environment.as_ref())
        .part("running: ", named(it.running.listed()))
        .part("before that: ", named(it.previous.listed()))
        .part("taken for ", it.scenario.as_ref().map(spaced))
        .list("seen: ", &it.symptoms)
        .part("severity ", it.severity.as_ref())
        .list("affected: ", &it.affected)
        .part("", it.impact.as_ref().map(impact_since))
        .part("from ", it.source.as_ref())
        .posted(it.posted.as_ref())
        .said(it.retrospective, "told afterwards", "told as it happened")
        .end()
}

pub fn detected(it: &Detected) -> String {
    let noticed = match it.source {
        DetectionSource::Monitoring => "Noticed by monitoring",
        DetectionSource::Customer => "Noticed by a customer",
        DetectionSource::Staff => "Noticed by staff",
        DetectionSource::Other => "Noticed otherwise",
    };
    let signal = it.signal.as_ref().map(|signal| format!(": {signal}")).unwrap_or_default();
    Phrase::new(format!("{noticed}{signal}")).part("", it.impact.as_ref().map(impact_since)).end()
}

pub fn impact_changed(it: &ImpactChanged) -> String {
    Phrase::new(format!("{}{}", level(it.level), of_scope(it.scope.as_ref())))
        .part("kind: ", it.kind)
        .part("share: ", it.percent)
        .part("", it.lost.as_ref().map(lost))
        .part("", it.note.as_ref())
        .end()
}

pub fn severity_changed(it: &SeverityChanged) -> String {
    Phrase::new(format!("Severity is now {}", it.to)).part("", it.reason.as_ref()).end()
}

pub fn role_assigned(it: &RoleAssigned, people: &People<'_>) -> String {
    Phrase::new(format!("{} is now {}", people.name(&it.to), it.role))
        .part("taking over from ", it.from.as_ref().map(|from| people.name(from)))
        .part("handover: ", it.handover.as_ref())
        .end()
}

pub fn role_released(it: &RoleReleased, people: &People<'_>) -> String {
    Phrase::new(format!("{} is no longer {}", people.name(&it.from), it.role))
        .part("handover: ", it.handover.as_ref())
        .end()
}

pub fn impact_since(it: &ImpactSince) -> String {
    let since = it.since.map(|since| format!(" since {}", utc(since.0))).unwrap_or_default();
    format!("impact: {}{since}", it.level)
}

pub fn lost(it: &Lost) -> String {
    let time = |before: &str, at: Option<crate::incident::time::When>| {
        at.map(|at| format!(", {before} {}", utc(at.0))).unwrap_or_default()
    };
    format!("lost: {}{}{}", it.what, time("from", it.from), time("to", it.to))
}

fn level(level: ImpactLevel) -> &'static str {
    match level {
        ImpactLevel::None => "Impact has ended",
        ImpactLevel::Partial => "Impact is partial",
        ImpactLevel::Full => "Impact is full",
        ImpactLevel::Unknown => "There is impact, its extent unknown",
    }
}

fn of_scope(scope: Option<&Line>) -> String {
    scope.map(|scope| format!(" in {scope}")).unwrap_or_default()
}
