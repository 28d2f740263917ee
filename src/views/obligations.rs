//! Promised communications as they come out: each with what became of it, and whose it was.

use super::figures::Minutes;
use super::somebody::{People, Somebody};
use crate::incident::id::Version;
use crate::incident::text::Name;
use crate::incident::time::{Instant, Moment, spoken};
use crate::incident::{Incident, Obligation, Runbook, Standing};
use schemars::JsonSchema;
use serde::Serialize;

/// One promised communication.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct ObligationOut {
    /// Its slot in the runbook.
    pub slot: Name,
    /// What is promised, in the words of the runbook.
    pub says: String,
    /// When it falls due.
    pub due: Instant,
    /// What became of it.
    pub standing: Standing,
    /// The event that it counts from: the announcement, or a reopening.
    pub since: Version,
    /// Who owes it: who commanded when it fell due, or commands now. Left out for nobody.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub owed_by: Option<Somebody>,
    /// The event that paid it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub paid_by: Option<Version>,
    /// How long after it was due it was paid; left out when in time.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub late: Option<Late>,
    /// Whether what paid it in time was recorded only afterwards.
    pub recorded_late: bool,
}

/// How late something was.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct Late {
    /// In minutes.
    pub minutes: Minutes,
    /// For people.
    pub spoken: String,
}

impl ObligationOut {
    /// Every promised communication of an incident, as it stands at `now`.
    pub fn all(
        incident: &Incident,
        runbook: &Runbook,
        now: Moment,
        people: &People<'_>,
    ) -> Vec<ObligationOut> {
        let owed = incident.obligations(runbook, now).into_iter();
        owed.map(|it| ObligationOut::new(it, people)).collect()
    }

    fn new(it: Obligation, people: &People<'_>) -> ObligationOut {
        let late = |late: i64| Late { minutes: Minutes(late), spoken: spoken(late) };
        ObligationOut {
            slot: it.slot,
            says: it.says,
            due: it.due.instant(),
            standing: it.standing,
            since: it.since,
            owed_by: it.owed_by.map(|person| people.person(&person)),
            paid_by: it.paid_by,
            late: it.late_us.map(late),
            recorded_late: it.is_recorded_late,
        }
    }
}
