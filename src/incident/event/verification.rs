//! Whether it is well again: checks, the watch, and the end.

use super::communication::Posted;
use super::impact::{ImpactSince, Versions};
use crate::incident::field::{Fault, Faults, Field, Pointer, Reword, record};
use crate::incident::id::IncidentRef;
use crate::incident::text::{Name, Number, Phrase, Text};
use crate::incident::time::{ImpactEnd, When};
use crate::incident::words::CancelReason;
use serde_json::{Value, json};

record! {
    /// Checking begins. May be left out: [`ChecksPassed`] implies it.
    pub struct VerificationStarted {
        /// Why there is something to verify though nothing was remedied.
        without_remedy_because: Option<Text>,
    }
}

record! {
    /// One check, or one reading of a watched signal, as it is given.
    pub struct CheckClaim {
        /// `health`, `smoke`, a signal such as `http_5xx_rate`, or a name of one's own.
        check: Name,
        /// Whether it was good.
        ok: Option<bool>,
        /// Why it does not apply here; instead of `ok`.
        not_applicable: Option<Text>,
        /// What was measured.
        value: Option<Number>,
        /// What it is held against.
        threshold: Option<Number>,
        /// Where it was measured.
        source: Option<Phrase>,
        /// From when it was looked at.
        from: Option<When>,
        /// Until when.
        to: Option<When>,
    }
}

/// One check, or one reading of a watched signal: exactly one of `ok` and `not_applicable`.
#[derive(Debug, Clone, PartialEq, serde::Serialize, serde::Deserialize)]
#[serde(transparent)]
pub struct CheckRecorded(pub CheckClaim);

impl CheckRecorded {
    /// Whether it satisfies the guard that asks for it.
    pub fn is_good(&self) -> bool {
        self.0.ok.unwrap_or(self.0.not_applicable.is_some())
    }
}

impl Field for CheckRecorded {
    fn read(value: Value, at: &Pointer<'_>, faults: &mut Faults) -> Option<Self> {
        let claim = CheckClaim::read(value, at, faults)?;
        if claim.ok.is_some() == claim.not_applicable.is_some() {
            faults.add(Fault::new(at, "exactly one of ok and not_applicable is expected"));
            return None;
        }
        Some(CheckRecorded(claim))
    }

    fn schema() -> Value {
        let mut schema = CheckClaim::schema();
        if let Some(schema) = schema.as_object_mut() {
            schema.insert(
                "oneOf".into(),
                json!([{ "required": ["ok"] }, { "required": ["not_applicable"] }]),
            );
        }
        schema
    }

    fn reword(&mut self, to: &mut Reword<'_>) {
        self.0.reword(to);
    }
}

record! {
    /// Health and smoke passed: service is restored and the watch begins.
    pub struct ChecksPassed {
        /// In words.
        note: Option<Text>,
        /// Why there is something to verify though nothing was remedied.
        without_remedy_because: Option<Text>,
        /// That the impact has ended: `true` for with this event, or when.
        impact_ended: Option<ImpactEnd>,
        /// That it was also posted where people read.
        posted: Option<Posted>,
    }
}

record! {
    /// It is not well after all.
    pub struct VerificationFailed {
        /// What is wrong.
        reason: Text,
    }
}

record! {
    /// Watched to the end.
    pub struct Resolved {
        /// What happened, in a paragraph.
        summary: Option<Text>,
        /// The versions that run now: one string for the service, or a list of components.
        restored: Versions,
        /// What is left of it.
        residual: Option<Text>,
        /// That the impact has ended: `true` for with this event, or when.
        impact_ended: Option<ImpactEnd>,
        /// That it was also posted where people read.
        posted: Option<Posted>,
    }
}

record! {
    /// It is back.
    pub struct Reopened {
        /// Why.
        reason: Text,
        /// How much is affected, and since when.
        impact: Option<ImpactSince>,
        /// That it was also posted where people read.
        posted: Option<Posted>,
    }
}

/// It was none, or it is told in another incident.
#[derive(Debug, Clone, PartialEq, serde::Serialize, serde::Deserialize)]
#[serde(transparent)]
pub struct Cancelled(pub Cancellation);

record! {
    /// Why an incident ends without having been resolved.
    pub struct Cancellation {
        /// Why.
        why: CancelReason,
        /// The incident that tells it instead; needed for `duplicate` and `merged`.
        of: Option<IncidentRef>,
    }
}

impl std::ops::Deref for Cancelled {
    type Target = Cancellation;

    fn deref(&self) -> &Cancellation {
        &self.0
    }
}

impl std::ops::DerefMut for Cancelled {
    fn deref_mut(&mut self) -> &mut Cancellation {
        &mut self.0
    }
}

impl Field for Cancelled {
    fn read(value: Value, at: &Pointer<'_>, faults: &mut Faults) -> Option<Self> {
        let cancelled = Cancellation::read(value, at, faults)?;
        let elsewhere = matches!(cancelled.why, CancelReason::Duplicate | CancelReason::Merged);
        if elsewhere && cancelled.of.is_none() {
            let of = Pointer::Key(at, "of");
            faults.add(Fault::new(
                &of,
                format!("is missing: which incident is it {}?", cancelled.why),
            ));
        }
        Some(Cancelled(cancelled))
    }

    fn schema() -> Value {
        Cancellation::schema()
    }

    fn reword(&mut self, to: &mut Reword<'_>) {
        self.0.reword(to);
    }
}
