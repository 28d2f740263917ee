//! An event as it was recorded: what folding and telling need of it, and nothing of its storage.

use super::code::Code;
use super::event::{Event, EventType, Replacement};
use super::id::{PrincipalId, TokenId, Version};
use super::text::{Person, Text};
use super::time::{Claimed, Moment};
use super::words::State;

/// Who speaks: the recorder, and whom a tool speaks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Who {
    /// Who recorded it.
    pub by: PrincipalId,
    /// For whom a tool with the scope `act_as` spoke.
    pub on_behalf_of: Option<PrincipalId>,
    /// With which credential; none in events of our own making.
    pub token: Option<TokenId>,
    /// Whether it is an admin, who asks in person: guards are overridden without commanding.
    pub is_admin: bool,
}

impl Who {
    /// The one whose rights count: the person spoken for, else the recorder.
    pub fn judged(&self) -> &PrincipalId {
        self.on_behalf_of.as_ref().unwrap_or(&self.by)
    }

    /// Whether words may be erased: by admins in person, never through a tool (promises 4.3).
    pub fn may_redact(&self) -> bool {
        self.is_admin && self.on_behalf_of.is_none()
    }
}

/// One event of an incident, as recorded.
#[derive(Debug, Clone, PartialEq)]
pub struct Recorded {
    /// Its place in the incident.
    pub version: Version,
    /// When it was recorded, by our clock.
    pub at: Moment,
    /// When it is claimed to have happened; none means when it was recorded.
    pub occurred: Option<Claimed>,
    /// The state after it.
    pub to: State,
    /// Who recorded it.
    pub by: PrincipalId,
    /// For whom.
    pub on_behalf_of: Option<PrincipalId>,
    /// Who did it, when that is not who recorded it.
    pub actor: Option<Person>,
    /// Why guards were overridden, if they were.
    pub override_reason: Option<Text>,
    /// A source's own words for the time.
    pub as_written: Option<Text>,
    /// Guards that were overridden.
    pub over: Vec<Code>,
    /// Guards that were not met but let through.
    pub dev: Vec<Code>,
    /// Its type; none when that is unknown here.
    pub kind: Option<EventType>,
    /// What happened, as replaced where it was redacted; none when it was redacted without
    /// replacement, or is of a type unknown here.
    pub event: Option<Event>,
}

impl Recorded {
    /// When it happened, as far as anybody says: an absent claim means when it was recorded.
    pub fn happened(&self) -> Claimed {
        self.occurred.unwrap_or(Claimed::At(self.at.instant(), super::time::Precision::Second))
    }

    /// This event without its words, or with those that stand for them.
    pub fn redacted(&self, replacement: Option<&Replacement>) -> Recorded {
        let read = |it: &Replacement| {
            let data = serde_json::to_string(&it.data).ok()?;
            Event::stored(self.kind?, &data).ok()
        };
        Recorded {
            by: self.by.clone(),
            on_behalf_of: self.on_behalf_of.clone(),
            over: self.over.clone(),
            dev: self.dev.clone(),
            actor: replacement.and_then(|it| it.actor.clone()),
            override_reason: replacement.and_then(|it| it.reason.clone()),
            as_written: replacement.and_then(|it| it.as_written.clone()),
            event: replacement.and_then(read),
            ..*self
        }
    }
}
