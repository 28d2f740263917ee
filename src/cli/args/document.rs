//! The arguments of what tells one incident, read from a data directory.

use super::instant;
use crate::cli::forms::{self, Form};
use crate::incident::id::IncidentRef;
use crate::incident::runbook::Zone;
use crate::incident::time::Instant;
use crate::views::replay::Stop;
use std::path::PathBuf;

/// Arguments of what reads one incident from a data directory.
#[derive(Debug, clap::Args)]
pub struct ReadArgs {
    /// The incident, INC-42 or its UUID
    pub incident: IncidentRef,
    /// The data directory
    #[arg(long, env = "ALLCLEAR_DATA", default_value = "./allclear-data", value_name = "DIR")]
    pub data: PathBuf,
    /// As it stood at that version
    #[arg(long, conflicts_with = "at")]
    pub version: Option<u64>,
    /// As it stood at that instant (RFC 3339)
    #[arg(long, value_parser = instant)]
    pub at: Option<Instant>,
}

/// Arguments of what tells a document.
#[derive(Debug, clap::Args)]
pub struct DocumentArgs {
    /// Which incident, and as it stood when.
    #[command(flatten)]
    pub read: ReadArgs,
    /// Write it to that file instead of stdout
    #[arg(long, short, value_name = "FILE")]
    pub output: Option<PathBuf>,
    /// A time zone whose clock is shown beside UTC, such as Europe/London
    #[arg(long, value_parser = zone, value_name = "ZONE")]
    pub tz: Option<Zone>,
    /// Judge what was promised at that instant instead of the last event's (RFC 3339)
    #[arg(long, value_parser = instant)]
    pub judged_at: Option<Instant>,
}

/// Arguments of `postmortem`.
#[derive(Debug, clap::Args)]
pub struct PostmortemArgs {
    /// The document.
    #[command(flatten)]
    pub document: DocumentArgs,
    /// The form: markdown, html or json
    #[arg(long, value_parser = forms::of_postmortem, default_value = "markdown")]
    pub format: Form,
}

/// Arguments of `timeline`.
#[derive(Debug, clap::Args)]
pub struct TimelineArgs {
    /// The document.
    #[command(flatten)]
    pub document: DocumentArgs,
    /// The form: text, markdown, html or json
    #[arg(long, value_parser = forms::of_timeline, default_value = "text")]
    pub format: Form,
    /// In the order in which things were recorded, not in that in which they happened
    #[arg(long)]
    pub recorded: bool,
    /// Leave out the service's own events
    #[arg(long)]
    pub no_noise: bool,
}

/// Arguments of `replay`.
#[derive(Debug, clap::Args)]
pub struct ReplayArgs {
    /// Which incident, and as it stood when.
    #[command(flatten)]
    pub read: ReadArgs,
    /// Stop behind that version, or behind the last event recorded by that instant (RFC 3339); what
    /// later events correct is still named, which --version and --at leave out
    #[arg(long, value_parser = stop, value_name = "VERSION|INSTANT")]
    pub until: Option<Stop>,
    /// The form: text, markdown or json
    #[arg(long, value_parser = forms::of_replay, default_value = "text")]
    pub format: Form,
    /// Write it to that file instead of stdout
    #[arg(long, short, value_name = "FILE")]
    pub output: Option<PathBuf>,
}

fn stop(text: &str) -> Result<Stop, String> {
    Stop::parse(text).ok_or_else(|| {
        "a version such as 7, or an instant such as 2026-11-24T03:12:00Z is expected".into()
    })
}

fn zone(name: &str) -> Result<Zone, String> {
    let zone = name.parse().map(Zone);
    zone.map_err(|_| "a zone of the IANA database, such as Europe/London, is expected".into())
}
