//! Claimed times in words, never more exact than they were said.

use crate::incident::time::{Claimed, Instant, Precision};
use chrono_tz::Tz;

/// A claimed time in UTC: `2025-10-21 21:45 UTC`, `about …`, `between … and …`, `at an unknown time`.
pub fn utc(claimed: Claimed) -> String {
    in_zone(claimed, Tz::UTC)
}

/// The same by the clocks of another zone, with the name that they have there at that moment.
pub fn in_zone(claimed: Claimed, zone: Tz) -> String {
    match claimed {
        Claimed::At(at, precision) => instant(at, precision, zone),
        Claimed::Within(Some(from), Some(till)) => between(from, till, zone),
        Claimed::Within(Some(from), None) => format!("not before {}", exact(from, zone)),
        Claimed::Within(None, Some(till)) => format!("not after {}", exact(till, zone)),
        Claimed::Within(None, None) | Claimed::Unknown => "at an unknown time".into(),
    }
}

/// An instant to the second by the clocks of a zone.
pub fn exact(at: Instant, zone: Tz) -> String {
    clock(at, zone, "%Y-%m-%d %H:%M:%S %Z")
}

fn between(from: Instant, till: Instant, zone: Tz) -> String {
    let (from_name, till_name) = (clock(from, zone, "%Z"), clock(till, zone, "%Z"));
    let from = match from_name == till_name {
        true => clock(from, zone, "%Y-%m-%d %H:%M:%S"),
        false => exact(from, zone),
    };
    format!("between {from} and {}", exact(till, zone))
}

fn instant(at: Instant, precision: Precision, zone: Tz) -> String {
    let minute = || clock(at, zone, "%Y-%m-%d %H:%M %Z");
    match precision {
        Precision::Second => exact(at, zone),
        Precision::Minute => minute(),
        Precision::Hour => format!("{} (to the hour)", minute()),
        Precision::Day => day(at),
        Precision::Approximate => format!("about {}", exact(at, zone)),
    }
}

/// A day is the day of whoever said it: by another clock it would be another one.
fn day(at: Instant) -> String {
    let own = at.date_time();
    match own.offset().local_minus_utc() {
        0 => format!("{} (to the day)", own.format("%Y-%m-%d")),
        _ => format!("{} (to the day, at UTC{})", own.format("%Y-%m-%d"), own.format("%:z")),
    }
}

fn clock(at: Instant, zone: Tz, format: &str) -> String {
    at.date_time().with_timezone(&zone).format(format).to_string()
}
