//! The attempts to restore service, and what others changed meanwhile (design 2.2).

use super::impact::Lost;
use crate::incident::field::{Fault, Faults, Field, List, Pointer, Reword, record};
use crate::incident::text::{Line, Name, Percent, Phrase, Sha256, Tail, Text};
use crate::incident::time::{Instant, When};
use crate::incident::words::{Effect, Purpose, RemedyKind};
use serde_json::{Value, json};

record! {
    /// A component that a remedy moves from one version to another.
    pub struct ComponentMove {
        /// The component.
        name: Line,
        /// The version it comes from.
        from: Option<Line>,
        /// The version it goes to; a rollback without one goes to the identified stable version.
        to: Option<Line>,
    }
}

record! {
    /// What a remedy is to do. Which members a kind takes is said by [`Intent::members`].
    pub struct Intent {
        /// The client's name for it; else `R1`, `R2` … is given.
        remedy: Option<Name>,
        /// Its kind; left out when a planned one is started.
        kind: Option<RemedyKind>,
        /// What it is for; to restore service when left out.
        purpose: Option<Purpose>,
        /// The team that does it, when that is not ours.
        owner: Option<Line>,
        /// The hosts or regions it touches.
        scope: List<Line>,
        /// What it is done to, or with.
        what: Option<Text>,
        /// The components with their versions.
        components: List<ComponentMove>,
        /// What it comes from: a revision, a value.
        from: Option<Phrase>,
        /// What it goes to.
        to: Option<Phrase>,
        /// The backup that is restored.
        backup: Option<Phrase>,
        /// When that backup was taken.
        taken_at: Option<When>,
        /// What the restore loses.
        lost: Option<Lost>,
        /// The feature flags that are switched off.
        flags: List<Line>,
    }
}

impl Intent {
    /// An intent of that kind which says no more than that.
    pub const fn of(kind: RemedyKind) -> Intent {
        Intent {
            remedy: None,
            kind: Some(kind),
            purpose: None,
            owner: None,
            scope: List(Vec::new()),
            what: None,
            components: List(Vec::new()),
            from: None,
            to: None,
            backup: None,
            taken_at: None,
            lost: None,
            flags: List(Vec::new()),
        }
    }

    /// The members that a kind must and may name, beside the common ones.
    pub const fn members(kind: RemedyKind) -> (&'static [&'static str], &'static [&'static str]) {
        match kind {
            RemedyKind::Rollback => (&["components"], &[]),
            RemedyKind::MigrationDowngrade => (&["from", "to"], &[]),
            RemedyKind::BackupRestore => (&["backup"], &["taken_at", "lost"]),
            RemedyKind::FlagOff => (&["flags"], &[]),
            RemedyKind::Hotfix | RemedyKind::Redeploy => (&["what", "components"], &[]),
            RemedyKind::ConfigRevert
            | RemedyKind::ConfigChange
            | RemedyKind::Scale
            | RemedyKind::Restart
            | RemedyKind::Other => (&["what"], &["from", "to"]),
        }
    }

    /// Which of the members that depend on the kind are given.
    pub fn given(&self) -> Vec<&'static str> {
        [
            ("what", self.what.is_some()),
            ("components", !self.components.is_empty()),
            ("from", self.from.is_some()),
            ("to", self.to.is_some()),
            ("backup", self.backup.is_some()),
            ("taken_at", self.taken_at.is_some()),
            ("lost", self.lost.is_some()),
            ("flags", !self.flags.is_empty()),
        ]
        .into_iter()
        .filter_map(|(name, given)| given.then_some(name))
        .collect()
    }

    /// What is missing or too much for its kind, once the kind is known.
    pub fn check(&self, kind: RemedyKind, at: &Pointer<'_>, faults: &mut Faults) {
        let (must, may) = Intent::members(kind);
        let given = self.given();
        for name in must.iter().filter(|name| !given.contains(name)) {
            let detail = format!("is missing: a {kind} must name it");
            faults.add(Fault::new(&Pointer::Key(at, name), detail));
        }
        for name in given.iter().filter(|name| !must.contains(name) && !may.contains(name)) {
            let detail = format!("does not belong to a {kind}");
            faults.add(Fault::new(&Pointer::Key(at, name), detail));
        }
        if matches!(kind, RemedyKind::Hotfix | RemedyKind::Redeploy) {
            self.check_versions(kind, &Pointer::Key(at, "components"), faults);
        }
    }

    /// What is put out has a version; only a rollback may leave it to the identified stable one.
    fn check_versions(&self, kind: RemedyKind, at: &Pointer<'_>, faults: &mut Faults) {
        let unversioned =
            self.components.iter().enumerate().filter(|(_, component)| component.to.is_none());
        for (index, _) in unversioned {
            let detail = format!("is missing: a {kind} must name the version it brings");
            faults.add(Fault::new(&Pointer::Key(&Pointer::Index(at, index), "to"), detail));
        }
    }

    /// This intent with what `change` says otherwise.
    pub fn changed_by(&self, change: &Intent) -> Intent {
        let list = |mine: &List<Line>, other: &List<Line>| {
            if other.is_empty() { mine.clone() } else { other.clone() }
        };
        Intent {
            remedy: self.remedy.clone(),
            kind: self.kind,
            purpose: change.purpose.or(self.purpose),
            owner: change.owner.clone().or_else(|| self.owner.clone()),
            scope: list(&self.scope, &change.scope),
            what: change.what.clone().or_else(|| self.what.clone()),
            components: match change.components.is_empty() {
                true => self.components.clone(),
                false => change.components.clone(),
            },
            from: change.from.clone().or_else(|| self.from.clone()),
            to: change.to.clone().or_else(|| self.to.clone()),
            backup: change.backup.clone().or_else(|| self.backup.clone()),
            taken_at: change.taken_at.or(self.taken_at),
            lost: change.lost.clone().or_else(|| self.lost.clone()),
            flags: list(&self.flags, &change.flags),
        }
    }
}

/// Declares an event whose payload is an [`Intent`].
macro_rules! intents {
    ($($(#[doc = $doc:literal])+ $name:ident, $kind_needed:literal;)+) => {$(
        $(#[doc = $doc])+
        #[derive(Debug, Clone, PartialEq, serde::Serialize, serde::Deserialize)]
        #[serde(transparent)]
        pub struct $name(pub Intent);

        impl Field for $name {
            fn read(value: Value, at: &Pointer<'_>, faults: &mut Faults) -> Option<Self> {
                let intent = Intent::read(value, at, faults)?;
                match intent.kind {
                    Some(kind) => intent.check(kind, at, faults),
                    None if $kind_needed || intent.remedy.is_none() => {
                        let kind = Pointer::Key(at, "kind");
                        faults.add(Fault::new(&kind, "is missing"));
                    }
                    None => {}
                }
                Some($name(intent))
            }

            fn schema() -> Value {
                let mut schema = Intent::schema();
                schema["description"] = [$($doc),+].map(str::trim).join(" ").into();
                if $kind_needed {
                    schema["required"] = json!(["kind"]);
                } else {
                    schema["anyOf"] = json!([{ "required": ["kind"] }, { "required": ["remedy"] }]);
                }
                schema
            }

            fn reword(&mut self, to: &mut Reword<'_>) {
                self.0.reword(to);
            }
        }
    )+};
}

intents! {
    /// A remedy is intended.
    RemedyPlanned, true;
    /// A remedy is under way: a planned one by its name, or a new one with its kind.
    RemedyStarted, false;
}

record! {
    /// A remedy is done.
    pub struct RemedyFinished {
        /// Which one.
        remedy: Name,
        /// What is there now, as somebody saw it.
        observed: List<Observed>,
    }
}

/// What somebody saw after a remedy: a component's version, a revision, or a flag.
#[derive(Debug, Clone, PartialEq, serde::Serialize, serde::Deserialize)]
#[serde(untagged)]
pub enum Observed {
    /// A component runs in a version.
    Component(ObservedVersion),
    /// The database stands at a revision.
    Revision(ObservedRevision),
    /// A flag is on or off.
    Flag(ObservedFlag),
}

record! {
    /// A component that runs in a version.
    pub struct ObservedVersion {
        /// The component.
        name: Line,
        /// The version seen.
        version: Line,
        /// Where it was seen.
        scope: List<Line>,
    }
}

record! {
    /// The revision at which the database stands.
    pub struct ObservedRevision {
        /// The revision seen.
        revision: Line,
        /// Where it was seen.
        scope: List<Line>,
    }
}

record! {
    /// A flag as it stands.
    pub struct ObservedFlag {
        /// The flag.
        flag: Line,
        /// Whether it is on.
        on: bool,
        /// Where it was seen.
        scope: List<Line>,
    }
}

impl Field for Observed {
    fn read(value: Value, at: &Pointer<'_>, faults: &mut Faults) -> Option<Self> {
        if value.get("revision").is_some() {
            return ObservedRevision::read(value, at, faults).map(Observed::Revision);
        }
        if value.get("flag").is_some() {
            return ObservedFlag::read(value, at, faults).map(Observed::Flag);
        }
        ObservedVersion::read(value, at, faults).map(Observed::Component)
    }

    fn schema() -> Value {
        serde_json::json!({ "anyOf": [
            ObservedVersion::schema(), ObservedRevision::schema(), ObservedFlag::schema(),
        ] })
    }
}

/// Declares an event that ends a remedy with a reason.
macro_rules! endings {
    ($($(#[doc = $doc:literal])+ $name:ident;)+) => {$(
        record! {
            $(#[doc = $doc])+
            pub struct $name {
                /// Which one.
                remedy: Name,
                /// Why.
                reason: Text,
            }
        }
    )+};
}

endings! {
    /// A remedy did not take.
    RemedyFailed;
    /// A remedy was given up.
    RemedyAbandoned;
    /// A remedy was put back.
    RemedyUndone;
}

record! {
    /// What a remedy did to the impact; observed later, and more than once.
    pub struct EffectObserved {
        /// Which one.
        remedy: Name,
        /// What it did.
        effect: Effect,
        /// How much of the impact it took away.
        percent: Option<Percent>,
        /// Where.
        scope: Option<Line>,
        /// In words.
        note: Option<Text>,
    }
}

record! {
    /// A command that somebody ran: recorded here, never run here.
    pub struct CommandRecorded {
        /// The remedy that it was part of.
        remedy: Option<Name>,
        /// The step of the runbook that it was part of.
        step: Option<Phrase>,
        /// The command as it was typed.
        command: Text,
        /// What it exited with.
        exit_code: i64,
        /// When it was started.
        started_at: Instant,
        /// How long it took, in milliseconds.
        duration_ms: i64,
        /// The end of what it printed.
        output: Tail,
        /// The SHA-256 of all that it printed.
        output_sha256: Sha256,
        /// Where it ran.
        host: Option<Phrase>,
    }
}

record! {
    /// A change that others made: a deploy, a fix.
    pub struct ChangeObserved {
        /// What was changed.
        what: Text,
        /// The components that changed, with the versions that run now.
        components: List<ComponentMove>,
        /// Where it can be looked up.
        r#ref: Option<Phrase>,
    }
}
