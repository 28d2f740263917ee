//! What people wrote for the sections themselves: the last words for each stand, and are marked
//! when what is generated beside them has changed since.

use super::document::{SectionName, SectionOut, Written};
use super::{Source, generated};
use crate::incident::id::Version;
use crate::incident::words::Section;
use crate::incident::{Event, EventType};
use crate::views::told::upto;
use std::collections::{BTreeMap, BTreeSet};

/// Adds the human words to the sections they were written for.
pub fn add(source: &Source<'_>, sections: &mut [SectionOut]) {
    let last: Vec<(Section, Written)> =
        Section::ALL.iter().filter_map(|it| Some((*it, last(source, *it)?))).collect();
    let mut past = BTreeMap::new();
    for (_, written) in &last {
        past.entry(written.cites[0]).or_insert_with_key(|version| upto(source.story, *version));
    }
    for (section, mut written) in last {
        let version = written.cites[0];
        let then = Source::new(&past[&version], &source.manner, source.people);
        let stood = sections.iter().filter(|it| places(section).contains(&it.name));
        let stale: BTreeSet<Version> = stood
            .flat_map(|now| changes(source, &generated(&then, now.name), now, version))
            .collect();
        written.stale.extend(stale);
        let (first, others) = places(section).split_first().expect("words have a place");
        let (first, others) = (*first, if written.replaces { others } else { &[] });
        for place in sections.iter_mut() {
            if place.name == first {
                place.written.push(written.clone());
            } else if others.contains(&place.name) {
                place.replaced_under = Some(first);
            }
        }
    }
}

/// Where the words for each section stand, first, and what else they speak of.
const fn places(section: Section) -> &'static [SectionName] {
    match section {
        Section::Summary => &[SectionName::Summary],
        Section::Impact => &[SectionName::Impact],
        Section::Detection => &[SectionName::Detection],
        Section::Decision => &[SectionName::Decisions],
        Section::Response => &[SectionName::Remedies],
        Section::RootCause => &[SectionName::Causes],
        Section::Lessons => &[SectionName::WentWell, SectionName::WentBadly, SectionName::Lucky],
        Section::FollowUps => &[SectionName::FollowUps],
        Section::Notes => &[SectionName::Evidence],
    }
}

fn last(source: &Source<'_>, section: Section) -> Option<Written> {
    source.told.iter().rev().find_map(|told| match &told.said {
        Some(Event::SectionWritten(it)) if it.section == section => Some(Written {
            markdown: it.markdown.to_string(),
            by: source.people.principal(&told.recorded.by),
            replaces: it.replaces == Some(true),
            stale: Vec::new(),
            cites: told.cites(),
        }),
        _ => None,
    })
}

/// The events by which a section became another than it was at `version`; none when it did not.
fn changes(
    source: &Source<'_>,
    then: &SectionOut,
    now: &SectionOut,
    version: Version,
) -> BTreeSet<Version> {
    let cited: BTreeSet<Version> = then.cites().chain(now.cites()).flatten().copied().collect();
    let erased = erased(source, now.name, &cited);
    let mut by: BTreeSet<Version> = erased.filter(|it| *it > version).collect();
    if then.statements != now.statements || then.table != now.table {
        // What was cited then and is withdrawn now has its correction in neither.
        let amended = then.cites().flatten().filter_map(|it| source.story.incident.amendment(*it));
        by.extend(amended.flat_map(|it| it.by.iter().copied()));
        by.extend(cited);
    }
    by.retain(|it| *it > version);
    by
}

/// The redactions of what a section tells, or told: the past is told without erased words too, so
/// that nothing else shows the change.
fn erased<'a>(
    source: &'a Source<'_>,
    section: SectionName,
    cited: &'a BTreeSet<Version>,
) -> impl Iterator<Item = Version> + 'a {
    source.told.iter().filter_map(move |told| {
        let is_told = cited.contains(&told.recorded.version)
            || told.recorded.kind.is_some_and(|kind| told_by(kind).contains(&section));
        Some(told.redaction?.version).filter(|_| is_told)
    })
}

/// Where the words of an event stood that are erased without a replacement (design 5.3), so that
/// no section cites it any more.
fn told_by(kind: EventType) -> &'static [SectionName] {
    match kind {
        EventType::NoteAdded | EventType::EvidenceAttached => &[SectionName::Evidence],
        EventType::CommandRecorded => &[SectionName::Remedies],
        EventType::LessonRecorded => {
            &[SectionName::WentWell, SectionName::WentBadly, SectionName::Lucky]
        }
        // What it corrected is not known any more: it may have been told anywhere.
        EventType::Corrected => SectionName::ALL,
        _ => &[],
    }
}
