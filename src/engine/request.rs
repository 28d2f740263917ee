//! What the sequencer is asked, and what it answers.

use super::refusals::Refusal;
use crate::access::Action;
use crate::incident::field::Faults;
use crate::incident::id::{IncidentId, IncidentRef, PrincipalId, TokenId, Version};
use crate::incident::scope::Scope;
use crate::incident::system::{PrincipalKind, PrincipalRole, StoppedBefore};
use crate::incident::time::Moment;
use crate::incident::{Claim, Incident, Rejection, Runbook, Who};
use crate::log::{Logged, Seal};
use std::sync::Arc;

/// The most events that one request may append.
pub const EVENTS_MAX: usize = 32;

/// One request to the log.
#[derive(Debug)]
pub struct Request {
    /// Who asks.
    pub who: Who,
    /// The client's key for it: the same key again is the same request.
    pub key: Option<Key>,
    /// What is asked.
    pub ask: Ask,
}

/// An idempotency key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Key {
    /// The key as the client chose it.
    pub key: String,
    /// HMAC of the whole request under the log's receipt key.
    pub fingerprint: [u8; 32],
}

/// What is asked.
#[derive(Debug)]
pub enum Ask {
    /// A new incident: the first claim announces it.
    Announce(Vec<Claim>),
    /// Events of an incident.
    Append {
        /// Which.
        incident: IncidentRef,
        /// The version that it must stand at, our own events aside.
        if_match: Option<Version>,
        /// The events, all or none.
        claims: Vec<Claim>,
    },
    /// That the commander of an incident is told what has fallen due.
    Remind(IncidentId),
    /// That a name of `SYS` is erased: the one event of a client's that it takes.
    EraseName(Box<Claim>),
    /// A credential.
    MakeToken(NewToken),
    /// That a credential is taken back.
    RevokeToken(TokenId),
    /// That a principal may do something else from now on.
    ChangePrincipal(PrincipalChange),
    /// That refusals for want of rights are recorded.
    Refused(Vec<Refusal>),
    /// That an incident, or the whole log, is carried out.
    Exported(Option<IncidentId>),
    /// That the service begins to answer.
    Started {
        /// How it ended before.
        before: Option<StoppedBefore>,
    },
    /// That the service ends of its own will.
    Stopped,
    /// That a step of the proof is kept.
    Seal(Seal),
    /// That the process stops, because the log no longer agrees with itself, in words.
    Broken(String),
}

/// A credential that is to be made, and its principal when that is new.
#[derive(Debug, Clone)]
pub struct NewToken {
    /// The principal's name.
    pub name: String,
    /// What the principal is.
    pub kind: PrincipalKind,
    /// What a person may do: as it is, and responder for a new one, when nothing is said.
    pub role: Option<PrincipalRole>,
    /// What a tool may do.
    pub scopes: Vec<Scope>,
    /// When it ends.
    pub expires: Moment,
    /// SHA-256 of its secret.
    pub secret_sha256: [u8; 32],
}

/// What is to change of a principal; what is left out stays.
#[derive(Debug, Clone)]
pub struct PrincipalChange {
    /// Which.
    pub principal: PrincipalId,
    /// What a person may do.
    pub role: Option<PrincipalRole>,
    /// Whether everything of it is refused.
    pub disabled: Option<bool>,
}

/// What became of a request that was answered on its merits.
pub type Answer = Result<Done, TurnedAway>;

/// It was done, and is durable.
#[derive(Debug, Clone)]
pub enum Done {
    /// Events were recorded.
    Recorded {
        /// The incident after them.
        incident: Arc<Incident>,
        /// The runbook that it pins.
        runbook: Arc<Runbook>,
        /// The events.
        events: Vec<Logged>,
    },
    /// They had been recorded before, under the same key.
    AlreadyRecorded {
        /// The incident.
        incident: IncidentId,
        /// The first of them.
        first: Version,
        /// The last of them.
        last: Version,
    },
    /// A name was erased.
    NameErased(Box<Logged>),
    /// A credential was made.
    TokenMade {
        /// Its id.
        token: String,
        /// Whose it is.
        principal: PrincipalId,
    },
    /// The service's own act is on record.
    Noted,
}

impl Done {
    /// Whether it erases words, or may tell of a request that did.
    pub fn may_erase(&self) -> bool {
        match self {
            Done::Recorded { events, .. } => events.iter().any(Logged::is_redaction),
            Done::NameErased(_) | Done::AlreadyRecorded { .. } => true,
            Done::TokenMade { .. } | Done::Noted => false,
        }
    }
}

/// It was turned away, and nothing was stored.
#[derive(Debug, Clone)]
pub enum TurnedAway {
    /// There is no such incident.
    NotFound,
    /// Something was appended since the version that the client saw.
    Stale {
        /// The version that it stands at.
        current: Version,
    },
    /// The key was used for another request.
    KeyReused,
    /// The runbook that the incident pins cannot be read by this release.
    RunbookUnreadable,
    /// An event was not accepted.
    Rejected {
        /// Which of the request's events, from 0.
        index: usize,
        /// Why; pointers begin with that index.
        rejection: Rejection,
        /// The incident as the event found it, for saying what is allowed instead.
        incident: Arc<Incident>,
        /// The runbook that it pins.
        runbook: Arc<Runbook>,
        /// The moment at which it was judged.
        at: Moment,
    },
    /// Words are erased by admins in person only.
    NotAnAdmin,
    /// There is no such principal, or no such credential.
    NobodyKnown,
    /// Nobody would be left who may administer.
    LastAdmin,
    /// The request does not fit what is known; pointers begin with the event's index.
    Invalid(Faults),
}

impl TurnedAway {
    /// The action for which rights were wanting, if that is why.
    pub fn refused(&self) -> Option<Action> {
        match self {
            TurnedAway::NotAnAdmin
            | TurnedAway::Rejected { rejection: Rejection::NotAnAdmin, .. } => Some(Action::Redact),
            TurnedAway::Rejected { rejection: Rejection::NotTheCommander, .. } => {
                Some(Action::Override)
            }
            TurnedAway::Rejected { .. }
            | TurnedAway::NotFound
            | TurnedAway::Stale { .. }
            | TurnedAway::KeyReused
            | TurnedAway::RunbookUnreadable
            | TurnedAway::NobodyKnown
            | TurnedAway::LastAdmin
            | TurnedAway::Invalid(_) => None,
        }
    }
}

/// It was not answered on its merits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Failure {
    /// Too many wait already: nothing was stored.
    #[error("too many requests wait: try again in a moment")]
    QueueFull,
    /// The disk is full: nothing was stored.
    #[error("the disk is full: nothing was stored; reading still works")]
    DiskFull,
    /// The database was busy: nothing was stored.
    #[error("the database is busy: nothing was stored; try again in a moment")]
    Busy,
    /// The storage failed: whether anything was stored is unknown.
    #[error("whether this was stored is unknown: repeat it with the same Idempotency-Key")]
    Unknown,
    /// The service is stopping: nothing was stored.
    #[error("the service is stopping: nothing was stored; try again in a moment")]
    Stopping,
}

/// The log could not be read just now. The cause is for the operator, never for a client.
#[derive(Debug, thiserror::Error)]
#[error("the log could not be read: {0}")]
pub struct ReadFailed(#[from] crate::ledger::LedgerError);
