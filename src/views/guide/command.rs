//! The commands of a step, filled in for the incident's service.

use super::look::Look;
use super::shell;
use super::values::Values;
use crate::incident::runbook::{Command, Platform, StepName};
use schemars::JsonSchema;
use serde::Serialize;
use std::collections::BTreeMap;

/// A command that people may paste into a shell of their own; it is never run here.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct CommandOut {
    /// The platform that it is for; left out when it serves any.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub platform: Option<Platform>,
    /// What it does.
    pub says: String,
    /// The command, with what is known filled in.
    pub run: String,
    /// The placeholders that are still in it.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub unfilled: Vec<String>,
}

/// The commands of a step: those of the service's platform, of every platform when it is unknown.
pub fn of(step: StepName, look: &Look<'_>, values: &Values) -> Vec<CommandOut> {
    let platform = look.service().and_then(|it| it.platform);
    let fits = |it: &&Command| {
        let is_there = platform.is_none() || it.platform.is_none() || it.platform == platform;
        it.step == step && is_there
    };
    let commands = look.runbook.commands.iter().filter(fits);
    commands.flat_map(|it| filled(it, values)).collect()
}

/// A command, once for each flag when it names one of several.
fn filled(command: &Command, values: &Values) -> Vec<CommandOut> {
    let run = command.run.as_str();
    let of_one = |values: &Values| {
        let filled = shell::fill(run, |name| values.get(name));
        CommandOut {
            platform: command.platform,
            says: command.says.to_string(),
            run: filled.run,
            unfilled: filled.unfilled,
        }
    };
    values.for_each_flag(run).iter().map(of_one).collect()
}

/// The queries that read the watched signals of the service.
pub fn queries(look: &Look<'_>) -> BTreeMap<String, String> {
    let Some(service) = look.service() else { return BTreeMap::new() };
    let watched = look.runbook.signals(Some(&look.announced.service));
    let known = watched.filter_map(|signal| {
        let query = service.queries.of(signal)?;
        Some((signal.to_string(), query.to_string()))
    });
    known.collect()
}
