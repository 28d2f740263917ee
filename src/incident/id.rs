//! What things are called: incidents, places in the log, people and credentials.

use super::field::{Fault, Faults, Field, Pointer};
use serde_json::{Value, json};
use std::fmt;
use uuid::Uuid;

/// An incident's identity: a UUIDv7; the nil UUID is `SYS`, the service's own.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize,
)]
#[serde(transparent)]
pub struct IncidentId(pub Uuid);

impl IncidentId {
    /// The reserved incident of the service's own acts (design 4.1).
    pub const SYSTEM: IncidentId = IncidentId(Uuid::nil());

    /// Whether these are the service's own acts rather than an incident.
    pub fn is_system(self) -> bool {
        self == IncidentId::SYSTEM
    }
}

impl fmt::Display for IncidentId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// The dense number in an incident's short name, `INC-42`.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize,
)]
#[serde(transparent)]
pub struct Number(pub u64);

impl fmt::Display for Number {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "INC-{}", self.0)
    }
}

/// An incident as people and paths name it: `INC-42`, or its UUID.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum IncidentRef {
    /// By its short name.
    Number(Number),
    /// By its identity.
    Id(IncidentId),
}

impl std::str::FromStr for IncidentRef {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        const EXPECTED: &str = "an incident such as INC-42 or its UUID is expected";
        let number = text.strip_prefix("INC-").or_else(|| text.strip_prefix("inc-"));
        let plain = |digits: &&str| digits.bytes().all(|byte| byte.is_ascii_digit());
        match number.filter(plain) {
            Some(digits) => match digits.parse() {
                Ok(number) if number > 0 => Ok(IncidentRef::Number(Number(number))),
                _ => Err(EXPECTED),
            },
            None if text.len() != 36 => Err(EXPECTED),
            None => match Uuid::parse_str(text) {
                Ok(id) if !id.is_nil() => Ok(IncidentRef::Id(IncidentId(id))),
                _ => Err(EXPECTED),
            },
        }
    }
}

impl fmt::Display for IncidentRef {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            IncidentRef::Number(number) => number.fmt(f),
            IncidentRef::Id(id) => id.fmt(f),
        }
    }
}

impl serde::Serialize for IncidentRef {
    fn serialize<S: serde::Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.collect_str(self)
    }
}

impl<'de> serde::Deserialize<'de> for IncidentRef {
    fn deserialize<D: serde::Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let text = std::borrow::Cow::<'de, str>::deserialize(from)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

impl Field for IncidentRef {
    fn read(value: Value, at: &Pointer<'_>, faults: &mut Faults) -> Option<Self> {
        let given = value.as_str().unwrap_or_default().parse();
        given.map_err(|wrong| faults.add(Fault::new(at, wrong))).ok()
    }

    fn schema() -> Value {
        json!({ "type": "string", "examples": ["INC-42"] })
    }
}

/// An event's place in the log: 1, 2, 3 … over all incidents.
#[derive(
    Debug,
    Clone,
    Copy,
    Default,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    serde::Serialize,
    serde::Deserialize,
)]
#[serde(transparent)]
pub struct Position(pub u64);

impl Position {
    /// The place after this one.
    pub fn next(self) -> Position {
        Position(self.0 + 1)
    }
}

impl fmt::Display for Position {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// An event's place in its incident: 1, 2, 3 …
#[derive(
    Debug,
    Clone,
    Copy,
    Default,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    serde::Serialize,
    serde::Deserialize,
)]
#[serde(transparent)]
pub struct Version(pub u64);

impl Version {
    /// The place after this one.
    pub fn next(self) -> Version {
        Version(self.0 + 1)
    }
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl Field for Version {
    fn read(value: Value, at: &Pointer<'_>, faults: &mut Faults) -> Option<Self> {
        let given = value.as_u64().filter(|version| (1..1 << 53).contains(version));
        if given.is_none() {
            faults.add(Fault::new(at, "the version of an event, from 1, is expected"));
        }
        given.map(Version)
    }

    fn schema() -> Value {
        json!({ "type": "integer", "minimum": 1 })
    }
}

/// Declares an opaque id: a random word behind a prefix that tells its kind.
macro_rules! ids {
    ($($(#[doc = $doc:literal])+ $name:ident;)+) => {$(
        $(#[doc = $doc])+
        #[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[derive(serde::Serialize, serde::Deserialize)]
        #[serde(transparent)]
        pub struct $name(pub String);

        impl $name {
            /// The id as stored.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }
    )+};
}

ids! {
    /// Who records or speaks: `u_…` a person, `t_…` a tool, `s_…` the service itself.
    PrincipalId;
    /// With which credential: `k_…`.
    TokenId;
}

impl PrincipalId {
    /// The service itself, in events of its own making.
    pub fn service() -> PrincipalId {
        PrincipalId("s_allclear".into())
    }

    /// Whether the service itself acts.
    pub fn is_service(&self) -> bool {
        self.0.starts_with("s_")
    }
}
