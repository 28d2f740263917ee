//! How it begins and how bad it is: announcement, detection, impact, severity, roles.

use super::communication::Posted;
use crate::incident::field::{Faults, Field, List, Pointer, record};
use crate::incident::text::{Line, Name, Percent, Person, Phrase, Text};
use crate::incident::time::When;
use crate::incident::words::{DetectionSource, ImpactKind, ImpactLevel, Role};
use serde_json::{Value, json};

record! {
    /// The incident is called out.
    pub struct Announced {
        /// What is affected, by the name people use for it.
        service: Line,
        /// What is wrong, in a sentence.
        reason: Text,
        /// A title for lists; else service and reason stand for it.
        title: Option<Phrase>,
        /// Where: production, staging, a region.
        environment: Option<Phrase>,
        /// The versions that run now: one string for the service, or a list of components.
        running: Versions,
        /// The versions before them; provisional until identified as stable.
        previous: Versions,
        /// The scenario of the runbook that it looks like.
        scenario: Option<Name>,
        /// What is seen, in short phrases.
        symptoms: List<Phrase>,
        /// How serious it is taken to be: a word of the runbook.
        severity: Option<Name>,
        /// Who or what is affected.
        affected: List<Phrase>,
        /// How much is affected, and since when.
        impact: Option<ImpactSince>,
        /// Which tool or person it came from.
        source: Option<Phrase>,
        /// That it was also posted where people read.
        posted: Option<Posted>,
        /// That this is told afterwards: its story has happened already (design 2.3).
        retrospective: Option<bool>,
    }
}

record! {
    /// A component with a version.
    pub struct ComponentVersion {
        /// The component.
        name: Line,
        /// Its version.
        version: Line,
    }
}

/// Versions of components, or one version that is the service's own.
#[derive(Debug, Clone, PartialEq, serde::Serialize)]
#[serde(untagged)]
pub enum Versions {
    /// A client gave one string; it is stored as a component named after the service.
    OfService(Line),
    /// As stored.
    Listed(List<ComponentVersion>),
}

impl Versions {
    /// Gives a bare version its component, the service.
    pub fn name_service(&mut self, service: &Line) {
        if let Versions::OfService(version) = self {
            let component = ComponentVersion { name: service.clone(), version: version.clone() };
            *self = Versions::Listed(List(vec![component]));
        }
    }

    /// The components; none of a bare version that was not given its name yet.
    pub fn listed(&self) -> &[ComponentVersion] {
        match self {
            Versions::OfService(_) => &[],
            Versions::Listed(list) => list,
        }
    }
}

impl<'de> serde::Deserialize<'de> for Versions {
    fn deserialize<D: serde::Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        List::deserialize(from).map(Versions::Listed)
    }
}

impl Field for Versions {
    fn read(value: Value, at: &Pointer<'_>, faults: &mut Faults) -> Option<Self> {
        match value {
            Value::String(_) => Line::read(value, at, faults).map(Versions::OfService),
            value => List::read(value, at, faults).map(Versions::Listed),
        }
    }

    fn schema() -> Value {
        json!({ "anyOf": [Line::schema(), List::<ComponentVersion>::schema()] })
    }

    fn when_absent() -> Option<Self> {
        Some(Versions::Listed(List::default()))
    }

    fn is_absent(&self) -> bool {
        matches!(self, Versions::Listed(list) if list.is_absent())
    }
}

record! {
    /// How much is affected, and since when.
    pub struct ImpactSince {
        /// How much.
        level: ImpactLevel,
        /// Since when; else since the event itself.
        since: Option<When>,
    }
}

record! {
    /// Somebody or something noticed.
    pub struct Detected {
        /// Where the sign came from.
        source: DetectionSource,
        /// What the sign was.
        signal: Option<Text>,
        /// How much is affected, and since when.
        impact: Option<ImpactSince>,
    }
}

record! {
    /// How bad it is, from now on.
    pub struct ImpactChanged {
        /// How much is affected; `none` ends the window of this scope.
        level: ImpactLevel,
        /// What it is about.
        kind: Option<ImpactKind>,
        /// The share of users or requests.
        percent: Option<Percent>,
        /// Which part: windows are kept for each scope.
        scope: Option<Line>,
        /// What was lost for good.
        lost: Option<Lost>,
        /// In words.
        note: Option<Text>,
    }
}

record! {
    /// Data that were lost.
    pub struct Lost {
        /// The first moment whose data are gone.
        from: Option<When>,
        /// The last such moment.
        to: Option<When>,
        /// What is gone.
        what: Text,
    }
}

record! {
    /// How serious it is taken to be.
    pub struct SeverityChanged {
        /// A word of the runbook, SEV1 to SEV4 by default.
        to: Name,
        /// Why.
        reason: Option<Text>,
    }
}

record! {
    /// Somebody takes or is given a role.
    pub struct RoleAssigned {
        /// Which role.
        role: Role,
        /// Who has it now.
        to: Person,
        /// Who had it; must be named when somebody did.
        from: Option<Person>,
        /// What the next one must know.
        handover: Option<Text>,
    }
}

record! {
    /// Somebody lays a role down.
    pub struct RoleReleased {
        /// Which role.
        role: Role,
        /// Who had it.
        from: Person,
        /// What the next one must know.
        handover: Option<Text>,
    }
}
