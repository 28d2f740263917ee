//! The service's own acts as a timeline: who may speak, what was changed of that, and how the
//! service ran. What was erased stands as an act without words.

use super::escape;
use super::somebody::{People, Somebody};
use crate::incident::id::{Position, PrincipalId, Version};
use crate::incident::system::{Act, Against, StoppedBefore};
use crate::incident::text::Line;
use crate::incident::time::Instant;
use crate::incident::{Event, time};
use crate::log::{Logged, Names, Said};
use serde::Serialize;

/// A page of the acts of `SYS`, in their order.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Acts {
    /// `SYS`.
    pub r#ref: &'static str,
    /// One entry for each act.
    pub entries: Vec<ActEntry>,
}

/// One act in the timeline.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ActEntry {
    /// Its place among the acts.
    pub version: Version,
    /// Its place in the log.
    pub position: Position,
    /// Its type.
    pub r#type: String,
    /// When it was recorded, by our clock.
    pub recorded_at: Instant,
    /// Who did it.
    pub by: Somebody,
    /// What was done, in a sentence.
    pub what: String,
}

impl Acts {
    /// The acts as read from the log, people as each act called them.
    pub fn new(acts: &[Logged], names: &Names) -> Acts {
        let entry = |logged: &Logged| {
            let people = People::new(names, logged.entry.pos);
            ActEntry {
                version: logged.entry.ver,
                position: logged.entry.pos,
                r#type: logged.entry.r#type.clone(),
                recorded_at: logged.entry.at.instant(),
                by: people.principal(&logged.entry.by),
                what: what(logged, people),
            }
        };
        Acts { r#ref: "SYS", entries: acts.iter().map(entry).collect() }
    }

    /// As Markdown; users' words are escaped.
    pub fn markdown(&self) -> String {
        let row = |entry: &ActEntry| {
            let (by, what) = (escape::markdown(&entry.by.name), escape::markdown(&entry.what));
            let (version, at) = (entry.version, entry.recorded_at.utc());
            format!("| #{version} | {at} | {by} | {what} |\n")
        };
        let rows: String = self.entries.iter().map(row).collect();
        format!(
            "# The service's own acts\n\n| Act | When | By | What |\n| --- | --- | --- | --- |\n{rows}"
        )
    }

    /// For a terminal; control characters are taken out.
    pub fn text(&self) -> String {
        let line = |entry: &ActEntry| {
            let (by, what) = (escape::terminal(&entry.by.name), escape::terminal(&entry.what));
            format!("{}  #{}  {by}: {what}\n", entry.recorded_at.utc(), entry.version)
        };
        self.entries.iter().map(line).collect()
    }
}

fn what(logged: &Logged, people: People<'_>) -> String {
    let kind = &logged.entry.r#type;
    match &logged.said {
        Said::Act(act) => sentence(act, people),
        Said::Event(Event::Redacted(it)) => {
            format!("The words of #{} were erased: {}", it.version, it.reason)
        }
        Said::Event(_) | Said::Unknown => {
            let data = logged.data.as_ref().map(|data| data.data.as_ref()).unwrap_or_default();
            format!("{kind}, a type of act that this release does not know: {data}")
        }
        Said::Redacted => format!("{kind}, whose words were erased."),
    }
}

fn sentence(act: &Act, people: People<'_>) -> String {
    let called = |id: &Line| people.principal(&PrincipalId(id.to_string())).name;
    match act {
        Act::ServiceStarted(it) => {
            format!("allclear {} started{}.", it.version, before(it.stopped_before))
        }
        Act::ServiceStopped(_) => "The service stopped of its own will.".into(),
        Act::ClockStepped(it) => {
            let against = match it.against {
                Against::Monotonic => "the time that the process had run",
                Against::Log => "the event before",
            };
            format!("The clock stepped by {} against {against}.", time::spoken(it.step_us))
        }
        Act::PrincipalAdded(it) => {
            let role = it.role.map(|role| format!(" with the role {role}")).unwrap_or_default();
            format!("{}, a {}, may speak{role}.", it.principal, it.kind)
        }
        Act::PrincipalChanged(it) => {
            let role = it.role.map(|role| format!("has the role {role} now"));
            let disabled = it.disabled.map(|disabled| match disabled {
                true => "is refused everything now".to_owned(),
                false => "is no longer refused".to_owned(),
            });
            let changes: Vec<String> = role.into_iter().chain(disabled).collect();
            format!("{} {}.", called(&it.principal), changes.join(" and "))
        }
        Act::PrincipalNamed(it) => format!("{} is called {}.", it.principal, it.name),
        Act::TokenMade(it) => {
            let scopes: Vec<String> = it.scopes.iter().map(ToString::to_string).collect();
            let scopes = match scopes.is_empty() {
                true => String::new(),
                false => format!(" with the scopes {}", scopes.join(" ")),
            };
            let (token, whose, until) = (&it.token, called(&it.principal), it.expires.utc());
            format!("Token {token} was made for {whose}{scopes}, until {until}.")
        }
        Act::TokenRevoked(it) => format!("Token {} was revoked.", it.token),
        Act::Exported(it) => match &it.incident {
            Some(incident) => format!("Incident {} was exported.", incident.0),
            None => "The whole log was exported.".into(),
        },
        Act::AccessRefused(it) => {
            let (who, times) = (called(&it.principal), it.count);
            format!(
                "{who} was refused for want of rights, {times} times in a minute: {}.",
                it.action
            )
        }
    }
}

fn before(stopped: Option<StoppedBefore>) -> &'static str {
    match stopped {
        None => " for the first time",
        Some(StoppedBefore::Clean) => " after a clean stop",
        Some(StoppedBefore::Killed) => "; before, it was killed",
        Some(StoppedBefore::StorageError) => "; before, the storage failed",
    }
}
