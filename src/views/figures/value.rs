//! What a figure may be: a length, a range of lengths, or unknown with the reason.

use crate::incident::time::spoken;
use serde::ser::SerializeMap;
use serde::{Serialize, Serializer};

/// How long something took. As JSON: `"minutes": 4`, `"minutes": {"from": 44, "to": 59}`, or
/// `"minutes": null` and `"unknown"` with the reason; beside it `"spoken"`, the same for people.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Value {
    /// Between these two lengths, in microseconds; they are equal unless a window is involved.
    Known {
        /// The shortest that fits.
        min_us: i64,
        /// The longest that fits.
        max_us: i64,
    },
    /// Nobody knows.
    Unknown {
        /// Why not.
        reason: String,
    },
}

/// Microseconds written as minutes: as a whole number where they are whole.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Minutes(pub i64);

impl Serialize for Minutes {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        const MINUTE: i64 = 60_000_000;
        match self.0 % MINUTE {
            0 => to.serialize_i64(self.0 / MINUTE),
            _ => to.serialize_f64(self.0 as f64 / MINUTE as f64),
        }
    }
}

#[derive(Serialize)]
struct Range {
    from: Minutes,
    to: Minutes,
}

impl Value {
    /// The value for people: `4 min`, `44 min to 59 min`, `unknown`.
    pub fn spoken(&self) -> String {
        match self {
            Value::Known { min_us, max_us } if min_us == max_us => spoken(*min_us),
            Value::Known { min_us, max_us } => {
                format!("{} to {}", spoken(*min_us), spoken(*max_us))
            }
            Value::Unknown { .. } => "unknown".into(),
        }
    }

    /// A remark when an end is, or may be, before its start.
    pub fn remark(&self) -> Option<String> {
        match self {
            Value::Known { max_us, .. } if *max_us < 0 => {
                Some("negative: the end is claimed to be before the start".into())
            }
            Value::Known { min_us, .. } if *min_us < 0 => {
                Some("may be negative: the end may be before the start".into())
            }
            Value::Known { .. } | Value::Unknown { .. } => None,
        }
    }
}

impl Serialize for Value {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        let mut map = to.serialize_map(None)?;
        match self {
            Value::Known { min_us, max_us } if min_us == max_us => {
                map.serialize_entry("minutes", &Minutes(*min_us))?;
            }
            Value::Known { min_us, max_us } => {
                let range = Range { from: Minutes(*min_us), to: Minutes(*max_us) };
                map.serialize_entry("minutes", &range)?;
            }
            Value::Unknown { reason } => {
                map.serialize_entry("minutes", &None::<Minutes>)?;
                map.serialize_entry("unknown", reason)?;
            }
        }
        map.serialize_entry("spoken", &self.spoken())?;
        map.end()
    }
}
