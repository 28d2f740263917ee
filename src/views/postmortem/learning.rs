//! Why it happened, what was learnt, and what will be done.

use super::Source;
use super::document::{SectionName, SectionOut, Statement, Table, TableRow};
use crate::incident::Event;
use crate::incident::event::ChecklistMarked;
use crate::incident::facts::Mark;
use crate::incident::id::Version;
use crate::incident::runbook::ChecklistItem;
use crate::incident::text::Name;
use crate::incident::text::Url;
use crate::incident::words::{FollowUpStatus, LessonKind};
use crate::views::sentence::{sentence, spaced};
use std::collections::BTreeMap;

/// The last word on each cause, rejected ones included: that something was ruled out is known too.
pub fn causes(source: &Source<'_>) -> SectionOut {
    let people = source.people;
    let causes = source.story.incident.facts.causes.values();
    let stated = causes.map(|(mark, it)| {
        Statement::new(sentence(&Event::CauseRecorded(it.clone()), &people), mark.version)
    });
    let mut statements: Vec<Statement> = stated.collect();
    statements.sort_by(|one, other| one.cites.cmp(&other.cites));
    SectionOut::new(SectionName::Causes, statements)
}

/// What went well, what went badly, or where luck helped.
pub fn lessons(source: &Source<'_>, name: SectionName) -> SectionOut {
    let is_told_there = |kind: LessonKind| match kind {
        LessonKind::WentWell => name == SectionName::WentWell,
        LessonKind::WentBadly => name == SectionName::WentBadly,
        LessonKind::Lucky => name == SectionName::Lucky,
    };
    let lessons = source.told.iter().filter_map(|told| match &told.said {
        Some(Event::LessonRecorded(it)) if is_told_there(it.kind) => {
            Some(Statement::new(it.text.as_str(), told.recorded.version))
        }
        _ => None,
    });
    SectionOut::new(name, lessons.collect())
}

/// The items of the checklist as last marked, in the words and the order of the runbook; what
/// nobody marked is asked at the end.
pub fn checklist(source: &Source<'_>) -> SectionOut {
    let marked = &source.story.incident.facts.checklist;
    let items = source.manner.runbook.map(|runbook| runbook.checklist.0.as_slice());
    let known: &[ChecklistItem] = items.unwrap_or_default();
    let row = |(mark, it): &(Mark, ChecklistMarked), says: String| TableRow {
        cells: vec![
            says,
            spaced(it.outcome),
            it.answer.as_ref().map(ToString::to_string).unwrap_or_default(),
            it.evidence.as_ref().map(ToString::to_string).unwrap_or_default(),
        ],
        cites: vec![mark.version],
    };
    let is_known = |name: &Name| known.iter().any(|item| item.item == *name);
    let of_runbook = known
        .iter()
        .filter_map(|item| marked.get(&item.item).map(|marked| row(marked, item.says.to_string())));
    let others = marked.iter().filter(|(name, _)| !is_known(name));
    let rows = of_runbook.chain(others.map(|(name, marked)| row(marked, spaced(name)))).collect();
    let head = vec!["Item", "Outcome", "Answer", "Evidence"];
    SectionOut::new(SectionName::Checklist, Vec::new()).with_table(Table { head, rows })
}

/// The follow-ups as they stand.
pub fn follow_ups(source: &Source<'_>) -> SectionOut {
    let people = source.people;
    let mut changes: BTreeMap<&Name, Vec<Version>> = BTreeMap::new();
    for told in &source.told {
        if let Some(Event::FollowUpChanged(it)) = &told.said {
            changes.entry(&it.follow_up).or_default().push(told.recorded.version);
        }
    }
    let stated = source.story.incident.facts.follow_ups.iter().map(|(mark, it)| {
        let changes = it.follow_up.as_ref().and_then(|name| changes.get(name));
        let changes = changes.into_iter().flatten().copied();
        let mut it = it.clone();
        it.status.get_or_insert(FollowUpStatus::Open);
        let link = it.tracker_url.take();
        let text = sentence(&Event::FollowUpAdded(it), &people);
        Statement::new(text, mark.version).and(changes).linked(link)
    });
    SectionOut::new(SectionName::FollowUps, stated.collect())
}

/// The links to other incidents that stand.
pub fn related(source: &Source<'_>) -> SectionOut {
    let people = source.people;
    let stated = source.story.incident.facts.links.iter().map(|(mark, link)| {
        let mut plain = link.clone();
        let url: Option<Url> = plain.url.take();
        let text = sentence(&Event::Linked(crate::incident::event::Linked(plain)), &people);
        Statement::new(text, mark.version).linked(url)
    });
    SectionOut::new(SectionName::Related, stated.collect())
}

/// Notes and what was attached.
pub fn evidence(source: &Source<'_>) -> SectionOut {
    let people = source.people;
    let stated = source.told.iter().filter_map(|told| {
        let version = told.recorded.version;
        match &told.said {
            Some(event @ Event::NoteAdded(_)) => {
                Some(Statement::new(sentence(event, &people), version))
            }
            Some(Event::EvidenceAttached(it)) => {
                let mut plain = it.clone();
                let url = plain.url.take();
                let text = sentence(&Event::EvidenceAttached(plain), &people);
                Some(Statement::new(text, version).linked(url))
            }
            _ => None,
        }
    });
    SectionOut::new(SectionName::Evidence, stated.collect())
}
