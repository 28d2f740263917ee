//! That the document was published, and what was recorded since.

use super::Source;
use super::document::{Published, SectionName, SectionOut, Statement};
use crate::incident::Event;
use crate::incident::event::PostmortemPublished;
use crate::incident::id::Version;
use crate::views::sentence::sentence;
use crate::views::told::Told;
use crate::views::when::utc;

/// The last publication, if there is one.
pub fn published(source: &Source<'_>) -> Option<Published> {
    let (told, it) = last(source)?;
    let since = since_then(source, told.recorded.version).map(|told| told.recorded.version);
    Some(Published {
        event: told.recorded.version,
        sha256: it.sha256.to_string(),
        url: it.url.clone(),
        recorded_at: told.recorded.at.instant(),
        by: source.people.principal(&told.recorded.by),
        since: since.collect(),
    })
}

/// Each event recorded since the last publication: that is how the facts differ from those that
/// were published. Empty while there is no publication, or nothing since.
pub fn since(source: &Source<'_>) -> SectionOut {
    let mut statements = Vec::new();
    if let Some((told, it)) = last(source) {
        let version = told.recorded.version;
        let text = format!("Published {} as SHA-256 {}.", utc(told.happened), it.sha256);
        statements.push(Statement::new(text, version).linked(it.url.clone()));
        statements.extend(since_then(source, version).map(|told| stated(source, told)));
    }
    SectionOut::new(SectionName::SincePublished, statements)
}

fn stated(source: &Source<'_>, told: &Told<'_>) -> Statement {
    let what = match &told.said {
        Some(event) => sentence(event, &source.people),
        None => format!("{}, withdrawn or erased since.", told.logged.entry.r#type),
    };
    let recorded = told.recorded.at.instant().utc();
    Statement::new(format!("Recorded {recorded} UTC: {what}"), told.recorded.version)
}

fn last<'a>(source: &'a Source<'_>) -> Option<(&'a Told<'a>, &'a PostmortemPublished)> {
    source.told.iter().rev().find_map(|told| match &told.said {
        Some(Event::PostmortemPublished(it)) => Some((told, it)),
        _ => None,
    })
}

fn since_then<'a>(source: &'a Source<'_>, version: Version) -> impl Iterator<Item = &'a Told<'a>> {
    source.told.iter().filter(move |told| told.recorded.version > version)
}
