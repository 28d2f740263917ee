//! Why it happened, what was learnt, and what will be done.

use super::Source;
use super::document::{SectionName, SectionOut, Statement};
use crate::incident::Event;
use crate::incident::text::Url;
use crate::incident::words::{FollowUpStatus, LessonKind};
use crate::views::sentence::sentence;
use crate::views::somebody::People;

/// The last word on each cause, rejected ones included: that something was ruled out is known too.
pub fn causes(source: &Source<'_>) -> SectionOut {
    let people = People::of(source.story);
    let causes = source.story.incident.facts.causes.values();
    let stated = causes.map(|(mark, it)| {
        Statement::new(sentence(&Event::CauseRecorded(it.clone()), &people), mark.version)
    });
    let mut statements: Vec<Statement> = stated.collect();
    statements.sort_by(|one, other| one.cites.cmp(&other.cites));
    SectionOut::new(SectionName::Causes, statements)
}

/// What went well, what went badly, and where luck helped.
pub fn lessons(source: &Source<'_>) -> [SectionOut; 3] {
    let of = |kind: LessonKind, name| {
        let lessons = source.told.iter().filter_map(|told| match &told.said {
            Some(Event::LessonRecorded(it)) if it.kind == kind => {
                Some(Statement::new(it.text.as_str(), told.recorded.version))
            }
            _ => None,
        });
        SectionOut::new(name, lessons.collect())
    };
    [
        of(LessonKind::WentWell, SectionName::WentWell),
        of(LessonKind::WentBadly, SectionName::WentBadly),
        of(LessonKind::Lucky, SectionName::Lucky),
    ]
}

/// The items of the checklist as last marked.
pub fn checklist(source: &Source<'_>) -> SectionOut {
    let people = People::of(source.story);
    let items = source.story.incident.facts.checklist.values();
    let stated = items.map(|(mark, it)| {
        Statement::new(sentence(&Event::ChecklistMarked(it.clone()), &people), mark.version)
    });
    SectionOut::new(SectionName::Checklist, stated.collect())
}

/// The follow-ups as they stand.
pub fn follow_ups(source: &Source<'_>) -> SectionOut {
    let people = People::of(source.story);
    let stated = source.story.incident.facts.follow_ups.iter().map(|(mark, it)| {
        let mut it = it.clone();
        it.status.get_or_insert(FollowUpStatus::Open);
        let link = it.tracker_url.take();
        let changes = source.told.iter().filter_map(|told| match &told.said {
            Some(Event::FollowUpChanged(change))
                if Some(&change.follow_up) == it.follow_up.as_ref() =>
            {
                Some(told.recorded.version)
            }
            _ => None,
        });
        let changes: Vec<_> = changes.collect();
        let text = sentence(&Event::FollowUpAdded(it), &people);
        Statement::new(text, mark.version).and(changes).linked(link)
    });
    SectionOut::new(SectionName::FollowUps, stated.collect())
}

/// The links to other incidents that stand.
pub fn related(source: &Source<'_>) -> SectionOut {
    let people = People::of(source.story);
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
    let people = People::of(source.story);
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
