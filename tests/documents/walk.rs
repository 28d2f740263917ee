//! What events say, as a reader with nothing but the stored texts would know it: numbers, times,
//! and the lengths between two times. Nothing here is taken from a view.

use allclear::incident::id::Version;
use allclear::incident::runbook::{BUILT_IN_TEXT, Runbook};
use allclear::incident::time::{Instant, Moment, spoken};
use allclear::incident::{Obligation, Standing};
use allclear::log::{Logged, Story};
use allclear::views::postmortem::SectionName;
use chrono_tz::Tz;
use regex::Regex;
use serde_json::Value;
use std::collections::BTreeSet;
use std::sync::LazyLock;

/// The zone that the drafts are told in beside UTC.
const ZONE: Tz = chrono_tz::Asia::Kolkata;

/// A time, a length, or a number in a text.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Token {
    Time(String),
    Length(String),
    Number(String),
}

static TOKEN: LazyLock<Regex> = LazyLock::new(|| {
    let time = r"(?<time>\d{4}-\d\d-\d\d(?: \d\d:\d\d(?::\d\d)?)?(?: UTC| IST|))";
    let length = r"(?<length>(?:\d+ (?:d|h|min|s)\b ?)+)";
    Regex::new(&format!(r"{time}|{length}|(?<number>\d+)")).unwrap()
});

/// Every time, length and number that stands in `text`, each as a whole.
pub fn tokens(text: &str) -> Vec<Token> {
    let token = |found: regex::Captures<'_>| {
        let part = |name| found.name(name).map(|it| it.as_str().trim().to_owned());
        let time = part("time").map(|it| Token::Time(it.trim_end_matches(" UTC").to_owned()));
        time.or_else(|| part("length").map(Token::Length))
            .or_else(|| part("number").map(|it| Token::Number(bare(&it))))
            .unwrap()
    };
    // The name of the hash is no number.
    TOKEN.captures_iter(&text.replace("SHA-256", "SHA")).map(token).collect()
}

fn bare(digits: &str) -> String {
    digits.trim_start_matches('0').to_owned()
}

fn numbers(text: &str) -> impl Iterator<Item = String> {
    text.split(|it: char| !it.is_ascii_digit()).filter(|it| !it.is_empty()).map(bare)
}

/// A story with the runbook that it was judged by.
pub struct Source<'a> {
    story: &'a Story,
    runbook: &'a Runbook,
    promised: Vec<Obligation>,
}

/// What some events say together.
#[derive(Default)]
pub struct Known {
    moments: BTreeSet<Moment>,
    times: BTreeSet<String>,
    lengths: BTreeSet<String>,
    numbers: BTreeSet<String>,
}

impl<'a> Source<'a> {
    pub fn of(story: &'a Story, runbook: &'a Runbook) -> Source<'a> {
        let promised = story.incident.obligations(runbook, story.last().entry.at);
        Source { story, runbook, promised }
    }

    /// What the events `cites` say, and what the rules of that section add to them.
    pub fn known(&self, section: SectionName, cites: &[Version]) -> Known {
        let mut known = Known::default();
        known.numbers.extend(numbers(&self.story.incident.number.to_string()));
        for version in cites {
            known.learn(&self.story.events[version.0 as usize - 1]);
        }
        let moments = Vec::from_iter(known.moments.iter().copied());
        known.measure(&moments, &moments);
        match section {
            // T counts from the announcement, whatever else is cited.
            SectionName::Timeline => known.measure(&[self.announced()], &moments),
            SectionName::Verification => known.length(self.runbook.watch().num_microseconds()),
            // The address of the proof.
            SectionName::Integrity => known.numbers.extend(numbers("/v1/log/proof")),
            _ => {}
        }
        if [SectionName::Timeline, SectionName::Communications, SectionName::Departures]
            .contains(&section)
        {
            self.promised.iter().for_each(|it| known.promise(it, cites));
        }
        if [SectionName::Checklist, SectionName::Departures, SectionName::Questions]
            .contains(&section)
        {
            known.numbers.extend(numbers(BUILT_IN_TEXT));
        }
        known
    }

    fn announced(&self) -> Moment {
        let facts = &self.story.incident.facts;
        let (mark, _) = facts.announced.as_ref().unwrap();
        mark.happened.instant().map_or(mark.at, Instant::moment)
    }
}

impl Known {
    /// Whether what the token says is known.
    pub fn say(&self, token: &Token) -> bool {
        match token {
            Token::Time(time) => self.times.contains(time),
            Token::Length(length) => self.lengths.contains(length),
            Token::Number(number) => number.is_empty() || self.numbers.contains(number),
        }
    }

    fn learn(&mut self, logged: &Logged) {
        let entry = &logged.entry;
        self.numbers.extend(numbers(&format!("{} {}", entry.ver.0, entry.pos.0)));
        self.moment(entry.at);
        let happened = logged.recorded().unwrap().happened();
        let ends =
            [happened.earliest(), happened.latest(), happened.instant().map(Instant::moment)];
        ends.into_iter().flatten().for_each(|it| self.moment(it));
        let Some(data) = &logged.data else { return };
        self.learn_value(&serde_json::from_str(&data.data).unwrap());
        let beside = [&data.reason, &data.as_written].into_iter().flatten();
        beside.for_each(|it| self.learn_value(&Value::String(it.to_string())));
        data.actor.iter().for_each(|it| self.learn_value(&Value::String(it.to_string())));
    }

    fn learn_value(&mut self, value: &Value) {
        match value {
            Value::String(text) => {
                if let Some(at) = Instant::parse(text) {
                    self.moment(at.moment());
                }
                self.numbers.extend(numbers(text));
                for token in tokens(text) {
                    match token {
                        Token::Time(time) => drop(self.times.insert(time)),
                        Token::Length(length) => drop(self.lengths.insert(length)),
                        Token::Number(_) => {}
                    }
                }
            }
            Value::Number(number) => self.numbers.extend(numbers(&number.to_string())),
            Value::Array(values) => values.iter().for_each(|it| self.learn_value(it)),
            Value::Object(members) => {
                let took = members.get("duration_ms").and_then(Value::as_i64);
                took.into_iter().for_each(|it| self.length(Some(it * 1_000)));
                members.values().for_each(|it| self.learn_value(it));
            }
            Value::Null | Value::Bool(_) => {}
        }
    }

    /// A moment to the second, the minute and the day, by both clocks.
    fn moment(&mut self, at: Moment) {
        let time = at.instant().date_time();
        for (zone, name) in [(Tz::UTC, ""), (ZONE, " IST")] {
            let local = time.with_timezone(&zone);
            for (format, name) in
                [("%Y-%m-%d %H:%M:%S", name), ("%Y-%m-%d %H:%M", name), ("%Y-%m-%d", "")]
            {
                self.times.insert(format!("{}{name}", local.format(format)));
            }
        }
        self.moments.insert(at);
    }

    /// The lengths from each of some moments to each of others.
    fn measure(&mut self, from: &[Moment], till: &[Moment]) {
        for from in from {
            till.iter().for_each(|till| self.length(Some(till.0 - from.0)));
        }
    }

    fn length(&mut self, microseconds: Option<i64>) {
        self.lengths.insert(spoken(microseconds.unwrap()).trim_start_matches('−').to_owned());
    }

    /// A promise of the runbook that some cited event begins: when it was due, and how late.
    fn promise(&mut self, promise: &Obligation, cites: &[Version]) {
        if cites.contains(&promise.since) && promise.standing != Standing::NotTrackable {
            self.moment(promise.due);
            self.numbers.extend(numbers(&promise.says));
            promise.late_us.into_iter().for_each(|late| self.length(Some(late)));
        }
    }
}
