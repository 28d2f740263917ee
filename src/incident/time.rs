//! The two clocks of a fact (design 2.4): when it was recorded, and when it is claimed to have
//! happened. A claim may be vague; nothing here makes it more exact than it was said.

mod claimed;

pub use claimed::{AHEAD_MAX, Claimed, ImpactEnd, Precision, When};

use super::field::{Fault, Faults, Field, Pointer};
use chrono::{DateTime, Datelike, FixedOffset, SecondsFormat, Timelike, Utc};
use serde_json::{Value, json};
use std::fmt;

/// A moment by our own clock, in microseconds since 1970 UTC, exactly as it was read.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize,
)]
#[serde(transparent)]
pub struct Moment(pub i64);

impl Moment {
    /// The moment as an instant in UTC. What lies beyond the calendar is shown at its edge.
    pub fn instant(self) -> Instant {
        let edge = if self.0 < 0 { DateTime::<Utc>::MIN_UTC } else { DateTime::<Utc>::MAX_UTC };
        Instant(DateTime::from_timestamp_micros(self.0).unwrap_or(edge).fixed_offset())
    }
}

impl fmt::Display for Moment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.instant().fmt(f)
    }
}

/// An instant that somebody claims, with the offset in which it was said; to the microsecond,
/// finer digits are dropped.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Instant(DateTime<FixedOffset>);

impl Instant {
    /// Reads RFC 3339.
    pub fn parse(text: &str) -> Option<Instant> {
        let given = DateTime::parse_from_rfc3339(text).ok()?;
        let whole = given.nanosecond() / 1_000 * 1_000;
        (0..=9999).contains(&given.year()).then_some(())?;
        Some(Instant(given.with_nanosecond(whole)?))
    }

    /// As our own clock would have said it.
    pub fn moment(self) -> Moment {
        Moment(self.0.timestamp_micros())
    }

    /// In its own offset.
    pub fn date_time(self) -> DateTime<FixedOffset> {
        self.0
    }

    /// The same instant in UTC, to the second, for people to read.
    pub fn utc(self) -> String {
        self.0.with_timezone(&Utc).format("%Y-%m-%d %H:%M:%S").to_string()
    }
}

impl PartialOrd for Instant {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Instant {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        self.0.cmp(&other.0)
    }
}

/// `2021-05-29T16:37:00-06:00`; a fraction only when not zero, without trailing zeros.
impl fmt::Display for Instant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let whole = self.0.nanosecond().is_multiple_of(1_000_000_000);
        if whole {
            return f.write_str(&self.0.to_rfc3339_opts(SecondsFormat::Secs, false));
        }
        let text = self.0.to_rfc3339_opts(SecondsFormat::Micros, false);
        let (clock, offset) = text.split_at(text.len() - "+00:00".len());
        write!(f, "{}{offset}", clock.trim_end_matches('0'))
    }
}

impl serde::Serialize for Instant {
    fn serialize<S: serde::Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.collect_str(self)
    }
}

impl<'de> serde::Deserialize<'de> for Instant {
    fn deserialize<D: serde::Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let text = std::borrow::Cow::<'de, str>::deserialize(from)?;
        Instant::parse(&text).ok_or_else(|| serde::de::Error::custom("an RFC 3339 instant"))
    }
}

impl Field for Instant {
    fn read(value: Value, at: &Pointer<'_>, faults: &mut Faults) -> Option<Self> {
        let given = value.as_str().and_then(Instant::parse);
        if given.is_none() {
            faults.add(Fault::new(at, "an instant such as 2026-11-24T03:12:00+01:00 is expected"));
        }
        given
    }

    fn schema() -> Value {
        json!({ "type": "string", "format": "date-time" })
    }
}

/// How long something lasted, for people: `45 s`, `12 min`, `2 h 05 min`, `3 d 04 h`.
pub fn spoken(microseconds: i64) -> String {
    let sign = if microseconds < 0 { "−" } else { "" };
    let seconds = microseconds.unsigned_abs() / 1_000_000;
    let (days, hours, minutes) = (seconds / 86_400, seconds / 3_600 % 24, seconds / 60 % 60);
    match (days, hours, minutes) {
        (0, 0, 0) => format!("{sign}{seconds} s"),
        (0, 0, minutes) if !seconds.is_multiple_of(60) => {
            format!("{sign}{minutes} min {:02} s", seconds % 60)
        }
        (0, 0, minutes) => format!("{sign}{minutes} min"),
        (0, hours, minutes) => format!("{sign}{hours} h {minutes:02} min"),
        (days, hours, _) => format!("{sign}{days} d {hours:02} h"),
    }
}
