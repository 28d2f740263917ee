//! When something is claimed to have happened: an instant as exactly as it was said, a window, or
//! nobody knows; and the two shapes in which an event's data have such a time.

use super::{Instant, Moment};
use crate::incident::field::{Fault, Faults, Field, Members, Pointer};
use crate::incident::words::words;
use chrono::{Duration, Timelike};
use serde::Deserialize as _;
use serde::de::value::MapAccessDeserializer;
use serde::de::{MapAccess, Visitor};
use serde_json::{Value, json};
use std::fmt;

/// How far ahead of our clock a claim may be: clocks differ by that much, stories do not.
pub const AHEAD_MAX: Duration = Duration::minutes(5);

words! {
    /// How exactly an instant is known.
    pub enum Precision {
        /// To the second. The default, and left out.
        Second = "second",
        /// To the minute.
        Minute = "minute",
        /// To the hour.
        Hour = "hour",
        /// To the day.
        Day = "day",
        /// About then; nobody said how nearly.
        Approximate = "approximate",
    }
}

/// When something is claimed to have happened.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Claimed {
    /// At an instant, as exactly as `precision` says.
    At(Instant, Precision),
    /// Not before the first and not after the second; at least one of them is known.
    Within(Option<Instant>, Option<Instant>),
    /// Nobody knows.
    Unknown,
}

impl Claimed {
    /// The earliest instant that fits; none when there is no bound.
    pub fn earliest(self) -> Option<Moment> {
        match self {
            Claimed::At(at, precision) => Some(spread(at, precision).0),
            Claimed::Within(from, _) => from.map(Instant::moment),
            Claimed::Unknown => None,
        }
    }

    /// The latest instant that fits; none when there is no bound.
    pub fn latest(self) -> Option<Moment> {
        match self {
            Claimed::At(at, precision) => Some(spread(at, precision).1),
            Claimed::Within(_, till) => till.map(Instant::moment),
            Claimed::Unknown => None,
        }
    }

    /// The one instant that was named; none for a window or an unknown time.
    pub fn instant(self) -> Option<Instant> {
        match self {
            Claimed::At(at, _) => Some(at),
            Claimed::Within(..) | Claimed::Unknown => None,
        }
    }

    /// Whether every instant that fits is before every one that fits `other`.
    pub fn is_certainly_before(self, other: Claimed) -> bool {
        matches!((self.latest(), other.earliest()), (Some(mine), Some(theirs)) if mine < theirs)
    }

    /// This time where it is not before `other`, which held it up: what of its window is certainly
    /// before the earliest that `other` allows is cut off. An unknown time stays unknown.
    pub fn not_before(self, other: Claimed) -> Claimed {
        let Some(bound) = other.earliest() else { return self };
        match self {
            Claimed::Unknown => Claimed::Unknown,
            _ if self.earliest().is_some_and(|earliest| earliest >= bound) => self,
            _ if self.is_certainly_before(other) => other,
            _ => Claimed::Within(Some(bound.instant()), self.latest().map(Moment::instant)),
        }
    }

    /// Whether no instant that fits lies within [`AHEAD_MAX`] of `now`, or before it.
    pub fn is_ahead_of(self, now: Moment) -> bool {
        let limit = now.0.saturating_add(AHEAD_MAX.num_microseconds().unwrap_or(0));
        self.earliest().is_some_and(|earliest| earliest.0 > limit)
    }
}

/// The first and the last microsecond that an instant of that precision may mean.
fn spread(at: Instant, precision: Precision) -> (Moment, Moment) {
    let clock = at.0.time();
    let second = i64::from(clock.num_seconds_from_midnight());
    let (into, length) = match precision {
        Precision::Second | Precision::Approximate => return (at.moment(), at.moment()),
        Precision::Minute => (second % 60, 60),
        Precision::Hour => (second % 3_600, 3_600),
        Precision::Day => (second, 86_400),
    };
    let first = at.moment().0 - into * 1_000_000 - i64::from(at.0.timestamp_subsec_micros());
    (Moment(first), Moment(first + length * 1_000_000 - 1))
}

/// How a claimed time is written, when it is no word.
#[derive(serde::Serialize, serde::Deserialize)]
struct Written {
    #[serde(skip_serializing_if = "Option::is_none")]
    at: Option<Instant>,
    #[serde(skip_serializing_if = "Option::is_none")]
    precision: Option<Precision>,
    #[serde(skip_serializing_if = "Option::is_none")]
    from: Option<Instant>,
    #[serde(skip_serializing_if = "Option::is_none")]
    till: Option<Instant>,
}

const UNKNOWN: &str = "unknown";

impl serde::Serialize for Claimed {
    fn serialize<S: serde::Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        let (at, precision, from, till) = match *self {
            Claimed::At(at, Precision::Second) => (Some(at), None, None, None),
            Claimed::At(at, precision) => (Some(at), Some(precision), None, None),
            Claimed::Within(from, till) => (None, None, from, till),
            Claimed::Unknown => return to.serialize_str(UNKNOWN),
        };
        Written { at, precision, from, till }.serialize(to)
    }
}

impl<'de> serde::Deserialize<'de> for Claimed {
    /// A word, the bare instant, or the object.
    fn deserialize<D: serde::Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        from.deserialize_any(Reading)
    }
}

struct Reading;

impl<'de> Visitor<'de> for Reading {
    type Value = Claimed;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a claimed time")
    }

    fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<Claimed, E> {
        match text {
            UNKNOWN => Ok(Claimed::Unknown),
            _ => Instant::parse(text)
                .map(|at| Claimed::At(at, Precision::Second))
                .ok_or_else(|| E::custom("an RFC 3339 instant")),
        }
    }

    fn visit_map<A: MapAccess<'de>>(self, members: A) -> Result<Claimed, A::Error> {
        let written = Written::deserialize(MapAccessDeserializer::new(members))?;
        Ok(match written {
            Written { at: Some(at), precision, .. } => {
                Claimed::At(at, precision.unwrap_or(Precision::Second))
            }
            Written { at: None, from, till, .. } => Claimed::Within(from, till),
        })
    }
}

impl Field for Claimed {
    fn read(value: Value, at: &Pointer<'_>, faults: &mut Faults) -> Option<Self> {
        if let Value::String(text) = &value {
            return match text.as_str() {
                "unknown" => Some(Claimed::Unknown),
                _ => Instant::read(value, at, faults).map(|at| Claimed::At(at, Precision::Second)),
            };
        }
        let mut members = Members::open(value, at, faults)?;
        let instant = members.take::<Option<Instant>>("at", faults);
        let precision = members.take::<Option<Precision>>("precision", faults);
        let from = members.take::<Option<Instant>>("from", faults);
        let till = members.take::<Option<Instant>>("till", faults);
        members.close(faults);
        match (instant?, precision?, from?, till?) {
            (Some(at), precision, None, None) => {
                Some(Claimed::At(at, precision.unwrap_or(Precision::Second)))
            }
            (None, None, Some(from), Some(till)) if from > till => {
                faults.add(Fault::new(at, "the window ends before it begins"));
                None
            }
            (None, None, from, till) if from.or(till).is_some() => {
                Some(Claimed::Within(from, till))
            }
            _ => {
                faults.add(Fault::new(
                    at,
                    "either at with an optional precision, or from and till (one may be left out)",
                ));
                None
            }
        }
    }

    fn schema() -> Value {
        json!({ "anyOf": [
            Instant::schema(),
            { "const": "unknown" },
            { "type": "object", "required": ["at"], "additionalProperties": false,
              "properties": { "at": Instant::schema(), "precision": Precision::schema() } },
            { "type": "object", "minProperties": 1, "additionalProperties": false,
              "properties": { "from": Instant::schema(), "till": Instant::schema() } },
        ] })
    }
}

/// A time inside an event's data: written as the bare instant when it is exact.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Deserialize)]
#[serde(transparent)]
pub struct When(pub Claimed);

impl serde::Serialize for When {
    fn serialize<S: serde::Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        match self.0 {
            Claimed::At(at, Precision::Second) => at.serialize(to),
            claimed => claimed.serialize(to),
        }
    }
}

impl Field for When {
    fn read(value: Value, at: &Pointer<'_>, faults: &mut Faults) -> Option<Self> {
        Claimed::read(value, at, faults).map(When)
    }

    fn schema() -> Value {
        Claimed::schema()
    }
}

/// That the impact has ended: with the event itself, or at a time of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ImpactEnd {
    /// When the event happened.
    WithThis,
    /// Then.
    At(When),
}

impl serde::Serialize for ImpactEnd {
    fn serialize<S: serde::Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        match self {
            ImpactEnd::WithThis => to.serialize_bool(true),
            ImpactEnd::At(when) => when.serialize(to),
        }
    }
}

impl<'de> serde::Deserialize<'de> for ImpactEnd {
    fn deserialize<D: serde::Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        #[derive(serde::Deserialize)]
        #[serde(untagged)]
        enum Stored {
            At(When),
            WithThis(serde::de::IgnoredAny),
        }
        Ok(match Stored::deserialize(from)? {
            Stored::At(when) => ImpactEnd::At(when),
            Stored::WithThis(_) => ImpactEnd::WithThis,
        })
    }
}

impl Field for ImpactEnd {
    fn read(value: Value, at: &Pointer<'_>, faults: &mut Faults) -> Option<Self> {
        match value {
            Value::Bool(true) => Some(ImpactEnd::WithThis),
            Value::Bool(false) => {
                faults.add(Fault::new(at, "true or a time is expected; leave it out otherwise"));
                None
            }
            value => When::read(value, at, faults).map(ImpactEnd::At),
        }
    }

    fn schema() -> Value {
        json!({ "anyOf": [{ "const": true }, Claimed::schema()] })
    }
}
