//! Claimed times in words, in UTC, never more exact than they were said.

use crate::incident::time::{Claimed, Instant, Precision};

/// A claimed time in UTC: `2025-10-21 21:45 UTC`, `about …`, `between … and …`, `at an unknown time`.
pub fn utc(claimed: Claimed) -> String {
    match claimed {
        Claimed::At(at, precision) => instant(at, precision),
        Claimed::Within(Some(from), Some(till)) => {
            format!("between {} and {} UTC", from.utc(), till.utc())
        }
        Claimed::Within(Some(from), None) => format!("not before {} UTC", from.utc()),
        Claimed::Within(None, Some(till)) => format!("not after {} UTC", till.utc()),
        Claimed::Within(None, None) | Claimed::Unknown => "at an unknown time".into(),
    }
}

fn instant(at: Instant, precision: Precision) -> String {
    let exact = at.utc();
    let minute = exact.get(..16).unwrap_or(&exact);
    match precision {
        Precision::Second => format!("{exact} UTC"),
        Precision::Minute => format!("{minute} UTC"),
        Precision::Hour => format!("{minute} UTC (to the hour)"),
        Precision::Day => day(at),
        Precision::Approximate => format!("about {exact} UTC"),
    }
}

/// A day is the day of whoever said it: in UTC it would be another one.
fn day(at: Instant) -> String {
    let own = at.date_time();
    match own.offset().local_minus_utc() {
        0 => format!("{} (to the day)", own.format("%Y-%m-%d")),
        _ => format!("{} (to the day, at UTC{})", own.format("%Y-%m-%d"), own.format("%:z")),
    }
}
