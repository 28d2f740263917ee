//! What to do: the decision, and what has to be known for it.

use super::communication::Posted;
use super::impact::ComponentVersion;
use crate::incident::field::{Given, List, Ours, record};
use crate::incident::text::{Name, Percent, Text};
use crate::incident::words::Response;

record! {
    /// What to do was decided, and on what grounds.
    pub struct ResponseDecided {
        /// The situations of the decision table that hold; empty when nobody is sure.
        situations: Given<List<Name>>,
        /// What was measured.
        measured: Option<Measured>,
        /// The scenario of the runbook that it is taken for; the last one named stands.
        scenario: Option<Name>,
        /// What was chosen.
        chosen: Response,
        /// Why; needed when it is not what the runbook recommends.
        rationale: Option<Text>,
        /// That it was also posted where people read.
        posted: Option<Posted>,
        /// What the runbook recommends for these grounds.
        recommended: Ours<Response>,
        /// The row of its table that says so, from 1; left out when none matched.
        row: Ours<i64>,
    }
}

record! {
    /// What was measured when the response was decided.
    pub struct Measured {
        /// The share of requests that fail.
        error_rate_percent: Option<Percent>,
        /// By how much performance is degraded.
        degraded_percent: Option<Percent>,
        /// Whether the service is down.
        down: Option<bool>,
        /// Whether data are being corrupted.
        corruption: Option<bool>,
        /// Whether there is a workaround.
        workaround: Option<bool>,
        /// Whether the feature stands behind a flag.
        flag: Option<bool>,
    }
}

record! {
    /// The versions to go back to are known.
    pub struct StableVersionIdentified {
        /// Each component with its stable version.
        components: Given<List<ComponentVersion>>,
        /// How it is known.
        evidence: Option<Text>,
    }
}

record! {
    /// Somebody looked whether code and schema go together (seed, step 4).
    pub struct SchemaChecked {
        /// The revision that was looked at.
        migration: crate::incident::text::Line,
        /// Whether it is the cause of the incident.
        is_cause: Option<bool>,
        /// Whether the old code runs on the schema as it is now.
        on_current: Option<bool>,
        /// Whether the old code runs on the schema that a downgrade leads to.
        on_target: Option<bool>,
        /// Whether the migration dropped a column or a table.
        destructive: Option<bool>,
        /// How it is known.
        evidence: Option<Text>,
    }
}
