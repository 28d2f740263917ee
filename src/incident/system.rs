//! The service's own acts: the events of the reserved incident `SYS` (design 4.1). They stand in
//! the same log under the same proof, and are never folded.

use super::field::{Faults, Field, List, Pointer, record};
use super::id::IncidentId;
use super::scope::Scope;
use super::text::Line;
use super::time::Instant;
use super::words::words;

words! {
    /// How the service ended before it was started.
    pub enum StoppedBefore {
        /// It said goodbye.
        Clean = "clean",
        /// It was killed, or the machine went away.
        Killed = "killed",
        /// The storage failed.
        StorageError = "storage_error",
    }
}

words! {
    /// Against what a step of the clock was seen.
    pub enum Against {
        /// The monotonic clock of the process.
        Monotonic = "monotonic",
        /// The event before.
        Log = "log",
    }
}

words! {
    /// What speaks.
    pub enum PrincipalKind {
        /// A person.
        Person = "person",
        /// A tool.
        Tool = "tool",
    }
}

words! {
    /// What a person may do, beside what an incident gives (promises 4.3).
    pub enum PrincipalRole {
        /// Reads.
        Viewer = "viewer",
        /// Records.
        Responder = "responder",
        /// Reads everything, the service's own acts included.
        Auditor = "auditor",
        /// May do everything, shown as such.
        Admin = "admin",
    }
}

/// Declares the acts: the words of their types, and the act that has one payload of each.
macro_rules! acts {
    ($($(#[doc = $doc:literal])+ $name:ident = $word:literal,)+) => {
        words! {
            /// The types of the service's own acts.
            pub enum ActType { $($(#[doc = $doc])+ $name = $word,)+ }
        }

        /// One act of the service with its payload.
        #[derive(Debug, Clone, PartialEq, serde::Serialize)]
        #[serde(untagged)]
        pub enum Act { $($(#[doc = $doc])+ $name($name),)+ }

        impl Act {
            /// Its type.
            pub fn kind(&self) -> ActType {
                match self { $(Act::$name(_) => ActType::$name,)+ }
            }

            /// Reads `data` as it was stored.
            pub fn stored(kind: ActType, data: &str) -> serde_json::Result<Act> {
                match kind { $(ActType::$name => serde_json::from_str(data).map(Act::$name),)+ }
            }

            /// The JSON Schema of the data of this type.
            pub fn schema(kind: ActType) -> serde_json::Value {
                match kind { $(ActType::$name => $name::schema(),)+ }
            }

            /// Reads `data` as a request would give it; for checking schemas against types.
            pub fn read(
                kind: ActType,
                data: serde_json::Value,
                at: &Pointer<'_>,
                faults: &mut Faults,
            ) -> Option<Act> {
                match kind { $(ActType::$name => $name::read(data, at, faults).map(Act::$name),)+ }
            }
        }
    };
}

acts! {
    /// The service began to answer.
    ServiceStarted = "service_started",
    /// It ended of its own will.
    ServiceStopped = "service_stopped",
    /// The clock jumped.
    ClockStepped = "clock_stepped",
    /// Somebody or something may speak.
    PrincipalAdded = "principal_added",
    /// What it may do changed.
    PrincipalChanged = "principal_changed",
    /// It has a name, or another one.
    PrincipalNamed = "principal_named",
    /// A credential was made.
    TokenMade = "token_made",
    /// A credential was taken back.
    TokenRevoked = "token_revoked",
    /// Something was carried out of here.
    Exported = "exported",
    /// Somebody tried what they may not.
    AccessRefused = "access_refused",
}

record! {
    /// The service began to answer.
    pub struct ServiceStarted {
        /// Which release.
        version: Line,
        /// How it ended before; absent at the first start.
        stopped_before: Option<StoppedBefore>,
    }
}

record! {
    /// The service ended of its own will.
    pub struct ServiceStopped {}
}

record! {
    /// The clock jumped by more than two seconds.
    pub struct ClockStepped {
        /// By how much, in microseconds; negative when it went back.
        step_us: i64,
        /// Against what it was seen.
        against: Against,
    }
}

record! {
    /// Somebody or something may speak.
    pub struct PrincipalAdded {
        /// Its id.
        principal: Line,
        /// What it is.
        kind: PrincipalKind,
        /// What a person may do.
        role: Option<PrincipalRole>,
    }
}

record! {
    /// What a principal may do changed.
    pub struct PrincipalChanged {
        /// Its id.
        principal: Line,
        /// What it may do now.
        role: Option<PrincipalRole>,
        /// Whether everything of it is refused.
        disabled: Option<bool>,
    }
}

record! {
    /// A principal has a name, or another one.
    pub struct PrincipalNamed {
        /// Its id.
        principal: Line,
        /// The name.
        name: Line,
    }
}

record! {
    /// A credential was made.
    pub struct TokenMade {
        /// Its id.
        token: Line,
        /// Whose it is.
        principal: Line,
        /// What it may do, for a tool.
        scopes: crate::incident::field::Given<List<Scope>>,
        /// When it ends.
        expires: Instant,
    }
}

record! {
    /// A credential was taken back.
    pub struct TokenRevoked {
        /// Its id.
        token: Line,
    }
}

record! {
    /// Something was carried out of here.
    pub struct Exported {
        /// Which incident; none means the whole log.
        incident: Option<IncidentIdField>,
    }
}

record! {
    /// Somebody tried what they may not; one event a principal and minute.
    pub struct AccessRefused {
        /// Who.
        principal: Line,
        /// What they tried.
        action: Line,
        /// How often in that minute.
        count: i64,
    }
}

/// An incident's identity as a field.
#[derive(Debug, Clone, PartialEq, serde::Serialize, serde::Deserialize)]
#[serde(transparent)]
pub struct IncidentIdField(pub IncidentId);

impl Field for IncidentIdField {
    fn read(value: serde_json::Value, at: &Pointer<'_>, faults: &mut Faults) -> Option<Self> {
        match serde_json::from_value(value) {
            Ok(id) => Some(IncidentIdField(id)),
            Err(_) => {
                faults.add(super::field::Fault::new(at, "a UUID is expected"));
                None
            }
        }
    }

    fn schema() -> serde_json::Value {
        serde_json::json!({ "type": "string", "format": "uuid" })
    }
}
