//! What people wrote for the sections themselves: the last words for each stand, and are marked
//! when what is generated beside them has changed since.

use super::document::{SectionName, SectionOut, Written};
use super::{Source, generated};
use crate::incident::Event;
use crate::incident::id::Version;
use crate::incident::words::Section;
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
        for place in places(section) {
            let Some(now) = sections.iter().find(|it| it.name == *place) else { continue };
            written.stale.extend(changes(source, &generated(&then, *place), now, version));
        }
        written.stale.sort();
        written.stale.dedup();
        let place = sections.iter_mut().find(|it| it.name == places(section)[0]);
        place.into_iter().for_each(|it| it.written.push(written.clone()));
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
            cites: vec![told.recorded.version],
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
) -> Vec<Version> {
    if then.statements == now.statements && then.table == now.table {
        return Vec::new();
    }
    let mut cited: BTreeSet<Version> = then.cites().chain(now.cites()).flatten().copied().collect();
    // What was cited then and is withdrawn now has its correction in neither.
    let amended = then.cites().flatten().filter_map(|it| source.story.incident.amendment(*it));
    cited.extend(amended.flat_map(|it| it.by.iter().copied()));
    let later: Vec<Version> = cited.into_iter().filter(|it| *it > version).collect();
    // What changed by an event that nothing cites (its words were erased) is changed all the same.
    if later.is_empty() { vec![source.story.last().entry.ver] } else { later }
}
