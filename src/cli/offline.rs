//! `allclear timeline`, `postmortem`, `events`: read from a data directory, beside a running server
//! or without one. Nothing in it is changed.

use super::args::{FormatArg, ReadArgs};
use super::{Failed, print};
use crate::engine::{Told, Until, read_rows, read_story};
use crate::incident::id::{IncidentId, Version};
use crate::ledger::{Reader, SqliteLedger};
use crate::log::{Names, Story};
use crate::views::{EventOut, Order, Postmortem, Timeline};
use std::sync::Arc;

/// Tells the timeline.
pub fn timeline(args: ReadArgs) -> Result<(), Failed> {
    let timeline = Timeline::new(&story(&args)?, Order::Occurred);
    print(&match args.format.unwrap_or(FormatArg::Text) {
        FormatArg::Text => timeline.text(),
        FormatArg::Markdown => timeline.markdown(),
        FormatArg::Json => line(&timeline)?,
    })
}

/// Drafts the post-mortem.
pub fn postmortem(args: ReadArgs) -> Result<(), Failed> {
    let postmortem = Postmortem::new(&story(&args)?);
    print(&match args.format.unwrap_or(FormatArg::Markdown) {
        FormatArg::Text | FormatArg::Markdown => postmortem.markdown(),
        FormatArg::Json => line(&postmortem)?,
    })
}

/// Lists the events as JSON, one a line.
pub fn events(args: ReadArgs) -> Result<(), Failed> {
    let story = story(&args)?;
    for event in EventOut::all(&story) {
        print(&line(&event)?)?;
    }
    Ok(())
}

fn story(args: &ReadArgs) -> Result<Story, Failed> {
    let mut reader = SqliteLedger::open_offline(&args.data)?;
    let until = match (args.version, args.at) {
        (Some(version), _) => Until::Version(Version(version)),
        (None, Some(at)) => Until::Moment(at.moment()),
        (None, None) => Until::Now,
    };
    let names = Arc::new(names(&mut reader)?);
    match read_story(&mut reader, args.incident, until, names).map_err(Failed::undone)? {
        Told::Story(story) => Ok(*story),
        Told::NoIncident => Err(Failed::undone(format!("there is no {}", args.incident))),
        Told::NotYet => Err(Failed::undone(format!("{} had not come that far", args.incident))),
    }
}

fn names(reader: &mut dyn Reader) -> Result<Names, Failed> {
    let rows = read_rows(reader, IncidentId::SYSTEM, Version(i64::MAX as u64));
    Names::read(&rows.map_err(Failed::undone)?).map_err(Failed::undone)
}

fn line(document: &impl serde::Serialize) -> Result<String, Failed> {
    serde_json::to_string(document).map(|json| json + "\n").map_err(Failed::undone)
}
