//! The clock of promised communications (seed, "Communication Protocol During Rollback").

use crate::incident::field::{Fault, Faults, Field, Pointer, record};
use crate::incident::text::{Name, Text};
use crate::incident::words::{UpdatePurpose, words};
use serde_json::{Value, json};

record! {
    /// One promised communication.
    pub struct ObligationRule {
        /// Its name.
        slot: Name,
        /// Minutes after T, or the end of the next business day.
        due: Due,
        /// The purpose of a post that pays it; left out for the post-mortem's date.
        purpose: Option<UpdatePurpose>,
        /// What is promised, in the words of the runbook.
        says: Text,
    }
}

words! {
    /// A due date that the calendar decides.
    pub enum DueDay {
        /// The end of the next business day after T's day, in the runbook's zone.
        NextBusinessDay = "next_business_day",
    }
}

/// When a communication falls due.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(untagged)]
pub enum Due {
    /// So many minutes after T.
    Minutes(i64),
    /// When the calendar says.
    Day(DueDay),
}

/// The longest promise in minutes: a day.
const MINUTES_MAX: i64 = 24 * 60;

impl Field for Due {
    fn read(value: Value, at: &Pointer<'_>, faults: &mut Faults) -> Option<Self> {
        let minutes = value.as_i64().filter(|minutes| (0..=MINUTES_MAX).contains(minutes));
        let day = || value.as_str().and_then(DueDay::parse).map(Due::Day);
        let due = minutes.map(Due::Minutes).or_else(day);
        if due.is_none() {
            let detail =
                format!("minutes from 0 to {MINUTES_MAX}, or next_business_day, are expected");
            faults.add(Fault::new(at, detail));
        }
        due
    }

    fn schema() -> Value {
        json!({ "anyOf": [
            { "type": "integer", "minimum": 0, "maximum": MINUTES_MAX }, DueDay::schema(),
        ] })
    }
}
