//! A redaction with a replacement changes nothing that the machines, the guards, the obligations
//! and the figures look at, in any history, at any point of it.

use crate::book::{Book, replaced};
use crate::history::{Attempt, attempts};
use crate::support::{minute, strings};
use allclear::incident::id::Version;
use allclear::incident::{Code, EventType, Incident, runbook};
use allclear::log::Story;
use allclear::views::Figures;
use proptest::prelude::*;
use serde_json::Value;

/// A history as it was recorded.
fn told(attempts: &[Attempt]) -> Book {
    let mut book = Book::new();
    for attempt in attempts {
        book.now.0 += attempt.minutes * 60_000_000;
        let _ = book.try_tell(attempt.by, &attempt.claim);
    }
    book
}

/// Some words of some event that may be replaced, and what stands in their place.
fn choice(book: &Book, seed: usize) -> Option<(u64, Value)> {
    let places: Vec<(u64, Value)> = (1..=book.rows.len() as u64)
        .filter(|version| book.rows[*version as usize - 1].data.is_some())
        .flat_map(|version| {
            let line = book.line(version);
            strings(&line)
                .into_iter()
                .map(move |at| (version, replaced(&line, &at)))
                .collect::<Vec<_>>()
        })
        .filter(|(version, by)| book.clone().redact(*version, Some(by)).is_ok())
        .collect();
    (!places.is_empty()).then(|| places[seed % places.len()].clone())
}

/// What the machines and guards say of every type of event.
fn verdicts(incident: &Incident, at: i64) -> Vec<(EventType, Vec<Code>)> {
    let next = incident.next(minute(at), &runbook::built_in());
    let codes = |no: allclear::incident::Refusal| no.unmet.iter().map(|it| it.code).collect();
    next.into_iter().map(|it| (it.kind, it.refusal.map(codes).unwrap_or_default())).collect()
}

fn figures(story: &Story) -> Value {
    serde_json::to_value(Figures::new(story)).unwrap()["figures"].clone()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 128, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn state_guards_obligations_and_figures_are_as_before(attempts in attempts(), seed: usize) {
        let mut book = told(&attempts);
        let Some((version, by)) = choice(&book, seed) else { return Ok(()) };
        let before = book.clone();
        book.redact(version, Some(&by)).unwrap();
        let (was, is) = (&before.incident, &book.incident);
        prop_assert_eq!(was.state, is.state);
        for at in [0, 31, 600, 6_000] {
            prop_assert_eq!(verdicts(was, at), verdicts(is, at));
            let obligations = |it: &Incident| it.obligations(&runbook::built_in(), minute(at));
            prop_assert_eq!(obligations(was), obligations(is));
        }
        prop_assert_eq!(figures(&before.story()), figures(&book.story()));
    }

    #[test]
    fn it_holds_for_every_past_version_and_a_reader_finds_what_the_writer_has(attempts in attempts(), seed: usize) {
        let mut book = told(&attempts);
        let Some((version, by)) = choice(&book, seed) else { return Ok(()) };
        let before = book.clone();
        book.redact(version, Some(&by)).unwrap();
        prop_assert_eq!(&book.story().incident, &book.incident);
        for count in version..=before.rows.len() as u64 {
            let (was, is) = (before.story_until(count as usize), book.story_until(count as usize));
            let told = is.incident.event(Version(version)).unwrap();
            prop_assert_eq!(told, book.incident.event(Version(version)).unwrap());
            prop_assert_eq!(is.redactions.of(Version(version)).unwrap().version, book.incident.version());
            prop_assert_eq!(was.incident.state, is.incident.state);
            prop_assert_eq!(verdicts(&was.incident, 31), verdicts(&is.incident, 31));
            prop_assert_eq!(figures(&was), figures(&is));
        }
    }

    #[test]
    fn one_without_a_replacement_is_the_same_to_the_writer_and_the_reader(attempts in attempts(), seed: usize) {
        let mut book = told(&attempts);
        for step in 0..4 {
            let versions = (1..=book.rows.len() as u64).collect::<Vec<_>>();
            let _ = book.redact(versions[(seed / 7_usize.pow(step)) % versions.len()], None);
        }
        prop_assert_eq!(&book.story().incident, &book.incident);
    }
}
