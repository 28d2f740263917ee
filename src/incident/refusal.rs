//! The machine's no: a stable code, a sentence, and what would be allowed instead.

use super::code::Code;
use super::field::{Fault, Faults};
use super::id::Version;
use super::words::State;

/// Why an event was not recorded.
#[derive(Debug, Clone, PartialEq)]
pub enum Rejection {
    /// A state machine or a guard said no.
    Refused(Refusal),
    /// The event does not fit the incident as it is: every fault with its pointer.
    Invalid(Faults),
    /// Guards are overridden by the commander of the incident or an admin, nobody else.
    NotTheCommander,
    /// Words are erased by admins in person, nobody else.
    NotAnAdmin,
    /// What is to be erased carries facts, and nothing is given that stands for them.
    ReplacementMissing(Fault),
}

impl From<Faults> for Rejection {
    fn from(faults: Faults) -> Rejection {
        Rejection::Invalid(faults)
    }
}

/// What a state machine or its guards hold against an event.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    /// Everything that is not met, in the order of the tables; never empty.
    pub unmet: Vec<Unmet>,
    /// Where the incident stood.
    pub state: State,
    /// The event that it stood at.
    pub version: Version,
}

/// One thing that is not met.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Unmet {
    /// Its stable name.
    pub code: Code,
    /// A sentence: what is not met, and what to do next.
    pub detail: String,
    /// Whether the commander may override it with a reason.
    pub overridable: bool,
}

impl Unmet {
    /// One thing that is not met, in words.
    pub fn new(code: Code, detail: impl Into<String>) -> Unmet {
        Unmet { code, detail: detail.into(), overridable: code.is_overridable() }
    }
}

impl Refusal {
    /// The code of the first thing that is not met: it names the refusal.
    pub fn code(&self) -> Code {
        self.unmet.first().map_or(Code::NotInThisState, |unmet| unmet.code)
    }

    /// What is not met, in words.
    pub fn detail(&self) -> String {
        self.unmet.iter().map(|unmet| unmet.detail.as_str()).collect::<Vec<_>>().join(" ")
    }
}
