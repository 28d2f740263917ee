//! `allclear timeline`, `postmortem`, `replay`, `events`: read from a data directory, beside a running server
//! or without one. Nothing in it is changed.

use super::args::{DocumentArgs, PostmortemArgs, ReadArgs, ReplayArgs, TimelineArgs};
use super::forms::Form;
use super::{Failed, print};
use crate::engine::{Told, Until, read_rows, read_story};
use crate::incident::id::{IncidentId, Version};
use crate::incident::{Incident, Runbook, runbook};
use crate::ledger::{Reader, SqliteLedger};
use crate::log::{Names, Story};
use crate::views::replay::Stop;
use crate::views::{EventOut, Manner, Order, Postmortem, Replay, Timeline};
use std::path::Path;
use std::sync::Arc;

/// Tells the timeline.
pub fn timeline(args: TimelineArgs) -> Result<(), Failed> {
    let document = &args.document;
    let read = told(&document.read)?;
    let manner = Manner {
        order: if args.recorded { Order::Recorded } else { Order::Occurred },
        noise: !args.no_noise,
        ..manner(document, &read)
    };
    let timeline = Timeline::in_manner(&read.story, &manner);
    write(
        document.output.as_deref(),
        &match args.format {
            Form::Text => timeline.text(),
            Form::Markdown => timeline.markdown(),
            Form::Html => timeline.html(),
            Form::Json => line(&timeline)?,
        },
    )
}

/// Drafts the post-mortem.
pub fn postmortem(args: PostmortemArgs) -> Result<(), Failed> {
    let document = &args.document;
    let read = told(&document.read)?;
    let postmortem = Postmortem::in_manner(&read.story, &manner(document, &read));
    write(
        document.output.as_deref(),
        &match args.format {
            Form::Markdown | Form::Text => postmortem.markdown(),
            Form::Html => postmortem.html(),
            Form::Json => line(&postmortem)?,
        },
    )
}

/// Replays it event by event.
pub fn replay(args: ReplayArgs) -> Result<(), Failed> {
    let Read { story, book } = told(&args.read)?;
    let runbook = book.ok_or_else(|| {
        Failed::undone("this release cannot read the runbook that the incident pins")
    })?;
    let replay = Replay::new(&story, &runbook, args.until.unwrap_or(Stop::End))
        .ok_or_else(|| not_yet(&args.read))?;
    write(
        args.output.as_deref(),
        &match args.format {
            Form::Markdown => replay.markdown(),
            Form::Json => line(&replay)?,
            Form::Text | Form::Html => replay.text(),
        },
    )
}

fn manner<'a>(args: &DocumentArgs, read: &'a Read) -> Manner<'a> {
    Manner {
        zone: args.tz,
        judged_at: args.judged_at.map(|at| at.moment()),
        runbook: read.book.as_deref(),
        ..Manner::default()
    }
}

fn write(output: Option<&Path>, document: &str) -> Result<(), Failed> {
    match output {
        None => print(document),
        Some(file) => std::fs::write(file, document)
            .map_err(|why| Failed::undone(format!("{} was not written: {why}", file.display()))),
    }
}

/// Lists the events as JSON, one a line.
pub fn events(args: ReadArgs) -> Result<(), Failed> {
    let Read { story, .. } = told(&args)?;
    for event in EventOut::all(&story) {
        print(&line(&event)?)?;
    }
    Ok(())
}

/// An incident as it is read from a data directory.
struct Read {
    story: Story,
    /// The runbook that it pins, as far as this release can read it.
    book: Option<Arc<Runbook>>,
}

fn told(args: &ReadArgs) -> Result<Read, Failed> {
    let mut reader = SqliteLedger::open_offline(&args.data)?;
    let until = match (args.version, args.at) {
        (Some(version), _) => Until::Version(Version(version)),
        (None, Some(at)) => Until::Moment(at.moment()),
        (None, None) => Until::Now,
    };
    let names = Arc::new(names(&mut reader)?);
    match read_story(&mut reader, args.incident, until, names).map_err(Failed::undone)? {
        Told::Story(story) => {
            let book = runbook(&mut reader, &story.incident)?;
            Ok(Read { story: *story, book })
        }
        Told::NoIncident => Err(Failed::undone(format!("there is no {}", args.incident))),
        Told::NotYet => Err(not_yet(args)),
    }
}

fn not_yet(args: &ReadArgs) -> Failed {
    Failed::undone(format!("{} had not come that far", args.incident))
}

fn runbook(reader: &mut dyn Reader, incident: &Incident) -> Result<Option<Arc<Runbook>>, Failed> {
    let Some(book) = &incident.book else { return Ok(None) };
    let text = reader.runbook(book).map_err(Failed::undone)?;
    Ok(text.and_then(|text| runbook::read(&text).ok()).map(Arc::new))
}

fn names(reader: &mut dyn Reader) -> Result<Names, Failed> {
    let rows = read_rows(reader, IncidentId::SYSTEM, Version(i64::MAX as u64));
    Names::read(&rows.map_err(Failed::undone)?).map_err(Failed::undone)
}

fn line(document: &impl serde::Serialize) -> Result<String, Failed> {
    serde_json::to_string(document).map(|json| json + "\n").map_err(Failed::undone)
}
