//! Which days are business days, in which zone, and when the next one ends.

use crate::incident::field::{Fault, Faults, Field, Given, List, Pointer, record};
use crate::incident::text::Day;
use crate::incident::time::Moment;
use crate::incident::words::words;
use chrono::{DateTime, Datelike, NaiveDate, NaiveTime, TimeZone};
use chrono_tz::Tz;
use serde_json::{Value, json};

record! {
    /// Which days are business days, and where.
    pub struct Calendar {
        /// The zone whose days count, by its name in the IANA database.
        zone: Zone,
        /// The days of the week on which people work.
        working_days: Given<List<Weekday>>,
        /// The days on which they do not all the same.
        holidays: List<Day>,
    }
}

words! {
    /// A day of the week.
    pub enum Weekday {
        /// Monday.
        Monday = "monday",
        /// Tuesday.
        Tuesday = "tuesday",
        /// Wednesday.
        Wednesday = "wednesday",
        /// Thursday.
        Thursday = "thursday",
        /// Friday.
        Friday = "friday",
        /// Saturday.
        Saturday = "saturday",
        /// Sunday.
        Sunday = "sunday",
    }
}

/// A time zone of the IANA database, such as `Europe/London`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Zone(pub Tz);

impl serde::Serialize for Zone {
    fn serialize<S: serde::Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.serialize_str(self.0.name())
    }
}

impl<'de> serde::Deserialize<'de> for Zone {
    fn deserialize<D: serde::Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let name = String::deserialize(from)?;
        name.parse().map(Zone).map_err(serde::de::Error::custom)
    }
}

impl Field for Zone {
    fn read(value: Value, at: &Pointer<'_>, faults: &mut Faults) -> Option<Self> {
        let zone = value.as_str().and_then(|name| name.parse().ok()).map(Zone);
        if zone.is_none() {
            faults.add(Fault::new(
                at,
                "a zone of the IANA database, such as Europe/London, is expected",
            ));
        }
        zone
    }

    fn schema() -> Value {
        json!({ "type": "string", "examples": ["Europe/London"] })
    }
}

/// How far ahead a business day is looked for; a calendar without one is refused when it is read.
const DAYS_MAX: usize = 366;

impl Calendar {
    /// The end of the next business day after the day of `moment`: the last microsecond of it.
    pub fn next_business_day_end(&self, moment: Moment) -> Moment {
        let today = moment.instant().date_time().with_timezone(&self.zone.0).date_naive();
        let later = today.iter_days().skip(1).take(DAYS_MAX);
        let day = later.into_iter().find(|day| self.is_business_day(*day)).unwrap_or(today);
        self.end_of(day)
    }

    /// Whether people work on that day.
    pub fn is_business_day(&self, day: NaiveDate) -> bool {
        let weekday = Weekday::ALL[day.weekday().num_days_from_monday() as usize];
        let is_holiday = |it: &Day| it.as_str() == day.to_string();
        self.working_days.contains(&weekday) && !self.holidays.iter().any(is_holiday)
    }

    /// The microsecond before the next day begins. Where the clocks are changed at midnight, the
    /// next day begins with the first instant that it has.
    fn end_of(&self, day: NaiveDate) -> Moment {
        let Some(next) = day.succ_opt() else { return Moment(i64::MAX) };
        let midnight = next.and_time(NaiveTime::MIN);
        let begins = (0..=4 * 12).find_map(|step| {
            let local = midnight + chrono::Duration::minutes(step * 5);
            self.zone.0.from_local_datetime(&local).earliest()
        });
        let begins = begins.map_or(midnight.and_utc().timestamp_micros(), |it: DateTime<Tz>| {
            it.timestamp_micros()
        });
        Moment(begins - 1)
    }
}
