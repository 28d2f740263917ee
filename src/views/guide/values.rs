//! What is known of an incident for the placeholders of its runbook.

use super::look::Look;
use crate::incident::event::ComponentMove;
use crate::incident::facts::Remedy;
use crate::incident::runbook::{Part, parts};
use crate::incident::text::Line;
use crate::incident::words::{RemedyKind, RemedyState};
use std::collections::BTreeMap;

/// A value for each placeholder that is known.
#[derive(Debug, Clone)]
pub struct Values {
    known: BTreeMap<&'static str, String>,
    flags: Vec<String>,
}

impl Values {
    pub fn of(look: &Look<'_>) -> Values {
        let announced = look.announced;
        let service = look.service();
        let posted = announced.posted.as_ref().map(|it| &it.channel);
        let channel = service.and_then(|it| it.channel.as_ref()).or(posted);
        let downgrade = last(look, RemedyKind::MigrationDowngrade);
        let flags = last(look, RemedyKind::FlagOff).map(|it| &it.intent.flags.0);
        let flags: Vec<String> = flags.into_iter().flatten().map(ToString::to_string).collect();
        let (from, to) = versions(look);
        let only_flag = if let [only] = flags.as_slice() { Some(only.clone()) } else { None };
        let text = |it: Option<&Line>| it.map(ToString::to_string);
        let values = [
            ("service", text(Some(&announced.service))),
            ("from", text(from)),
            ("to", text(to)),
            ("namespace", text(service.and_then(|it| it.namespace.as_ref()))),
            ("url", service.and_then(|it| it.health_url.as_ref()).map(ToString::to_string)),
            ("migration", text(downgrade.and_then(|it| it.intent.to.as_ref()))),
            ("flag", only_flag),
            ("channel", text(channel)),
            ("reason", Some(announced.reason.to_string())),
        ];
        let known = values.into_iter().filter_map(|(name, value)| Some((name, value?)));
        Values { known: known.collect(), flags }
    }

    /// The value of a placeholder, if it is known.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.known.get(name).map(String::as_str)
    }

    /// These values once for each flag, when a command names one of several.
    pub fn for_each_flag(&self, run: &str) -> Vec<Values> {
        let names_a_flag = parts(run).contains(&Part::Placeholder("flag"));
        if !names_a_flag || self.flags.is_empty() {
            return vec![self.clone()];
        }
        let with = |flag: &String| {
            let mut values = self.clone();
            values.known.insert("flag", flag.clone());
            values
        };
        self.flags.iter().map(with).collect()
    }

    /// Words with what is known filled in as it is: they are read, not run.
    pub fn in_words(&self, words: &str) -> String {
        let part = |part: Part<'_>| match part {
            Part::Text(text) => text.to_owned(),
            Part::Placeholder(name) => {
                self.get(name).map_or_else(|| format!("{{{name}}}"), ToOwned::to_owned)
            }
        };
        parts(words).into_iter().map(part).collect()
    }
}

/// The last attempt of a kind that is planned, runs or is finished.
fn last<'a>(look: &Look<'a>, kind: RemedyKind) -> Option<&'a Remedy> {
    let counts = |it: &&Remedy| match it.state {
        RemedyState::Planned | RemedyState::Running | RemedyState::Finished => it.kind == kind,
        RemedyState::New | RemedyState::Failed | RemedyState::Abandoned | RemedyState::Undone => {
            false
        }
    };
    look.attempts().filter(counts).last()
}

/// The version that is gone back from, and the one that is gone back to: by the last rollback,
/// else what runs and what is stable. A version before the running one that nobody has identified
/// as stable is not taken for it.
fn versions<'a>(look: &Look<'a>) -> (Option<&'a Line>, Option<&'a Line>) {
    let facts = look.facts();
    let rollback = last(look, RemedyKind::Rollback);
    let service = &look.announced.service;
    let moved = rollback.and_then(|it| component(&it.intent.components, service));
    let name = moved.map_or(service, |it| &it.name);
    let to = moved.and_then(|it| it.to.as_ref()).or_else(|| facts.stable.get(name));
    let announced = look.announced.running.listed().iter().find(|it| it.name == *name);
    let runs = [
        moved.and_then(|it| it.from.as_ref()),
        facts.running.get(name),
        announced.map(|it| &it.version),
    ];
    (runs.into_iter().flatten().find(|from| Some(*from) != to), to)
}

/// The component that is the service itself, else the only one.
fn component<'a>(moves: &'a [ComponentMove], service: &Line) -> Option<&'a ComponentMove> {
    let only = if let [only] = moves { Some(only) } else { None };
    moves.iter().find(|it| it.name == *service).or(only)
}
